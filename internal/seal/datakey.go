package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Purposes of data keys.
const (
	PurposeField  = "field"  // seals columns
	PurposeBlob   = "blob"   // seals the table blobs
	PurposeLookup = "lookup" // hashes for exact look-up
)

// Algorithms, as they stand in the database.
const (
	AlgorithmAES256GCM  = "AES-256-GCM"
	AlgorithmHMACSHA256 = "HMAC-SHA-256"
	AlgorithmEd25519    = "Ed25519"
)

// DataKey is a data key as the database holds it: wrapped by the KEK of id KEKID.
type DataKey struct {
	ID        uuid.UUID
	Purpose   string
	Algorithm string
	KEKID     string
	Wrapped   []byte
	CreatedAt time.Time
	Retired   bool // opens, but seals no more
}

// ErrWrongKEK says that a data key was wrapped by another key-encryption key than the one at hand.
var ErrWrongKEK = errors.New("wrapped by another key-encryption key")

// NewDataKey draws a data key for a purpose.
func NewDataKey(kek *KEK, purpose string, now time.Time) (DataKey, error) {
	d := DataKey{ID: uuid.Must(uuid.NewV7()), Purpose: purpose, CreatedAt: now}
	switch purpose {
	case PurposeField, PurposeBlob:
		d.Algorithm = AlgorithmAES256GCM
	case PurposeLookup:
		d.Algorithm = AlgorithmHMACSHA256
	default:
		return DataKey{}, fmt.Errorf("seal: no purpose %q for a data key", purpose)
	}
	var key [keySize]byte
	_, _ = rand.Read(key[:])
	return d.wrap(kek, key), nil
}

// Rewrap gives the same data key wrapped by another KEK. Values that it sealed stay as they are.
func (d DataKey) Rewrap(from, to *KEK) (DataKey, error) {
	key, err := d.unwrap(from)
	if err != nil {
		return DataKey{}, err
	}
	return d.wrap(to, key), nil
}

func (d DataKey) wrap(kek *KEK, key [keySize]byte) DataKey {
	d.KEKID = kek.id
	aead := gcm(kek.key())
	nonce := make([]byte, nonceSize, nonceSize+keySize+tagSize)
	_, _ = rand.Read(nonce)
	d.Wrapped = aead.Seal(nonce, nonce, key[:], d.binding())
	return d
}

func (d DataKey) unwrap(kek *KEK) (key [keySize]byte, err error) {
	if d.KEKID != kek.id {
		return key, fmt.Errorf("data key %s: %w: it needs KEK %s, the key file holds %s", d.ID, ErrWrongKEK, d.KEKID, kek.id)
	}
	if len(d.Wrapped) != nonceSize+keySize+tagSize {
		return key, fmt.Errorf("data key %s: damaged", d.ID)
	}
	plain, err := gcm(kek.key()).Open(nil, d.Wrapped[:nonceSize], d.Wrapped[nonceSize:], d.binding())
	if err != nil {
		return key, fmt.Errorf("data key %s: damaged", d.ID)
	}
	return [keySize]byte(plain), nil
}

// binding ties a wrapped key to its row: it cannot stand in for a key of another purpose.
func (d DataKey) binding() []byte {
	b := appendText([]byte("lianzhen/data-key/1\x00"), d.Purpose, d.Algorithm, d.KEKID)
	return append(b, d.ID[:]...)
}

func gcm(key [keySize]byte) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // only for another length of key
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // only for another block size
	}
	return aead
}
