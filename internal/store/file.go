package store

import (
	"crypto/sha256"
	"time"
)

// File is an uploaded file that was judged by its content, and encoded anew where it is a picture: what may be stored as an
// attachment.
type File struct {
	ContentType   string
	Content       []byte
	SHA256        [sha256.Size]byte
	Width, Height int    // pixels; 0: no picture
	ScanState     string // OFF: nobody was asked about it; CLEAN
	ScannedAt     *time.Time
}
