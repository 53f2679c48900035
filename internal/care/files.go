package care

import (
	"context"
	"io"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// ReadSignature judges a drawn signature, a PNG with ink on it, and encodes it anew. Errors: 422 on signaturePng.
func (s *Service) ReadSignature(ctx context.Context, png []byte) (store.File, error) {
	p, err := s.inPlace(ctx, png, decodeSignature)
	if err != nil {
		return store.File{}, err
	}
	return fileOf(p, document{scanState: "OFF"}), nil
}

// ReadScan reads, judges and scans the scan of a paper: PDF, JPEG, PNG or WebP. Errors are those of AddDocument.
func (s *Service) ReadScan(ctx context.Context, body io.Reader) (store.File, error) {
	d, err := s.readDocument(ctx, "DOCUMENT", body)
	if err != nil {
		return store.File{}, err
	}
	return fileOf(d.picture, d), nil
}

func fileOf(p picture, d document) store.File {
	return store.File{ContentType: p.contentType, Content: p.content, SHA256: p.sha256, Width: p.width, Height: p.height, ScanState: d.scanState, ScannedAt: d.scannedAt}
}
