package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/emmansun/gmsm/sm4"
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
	AlgorithmSM4GCM     = "SM4-GCM" // GB/T 32907 in the mode of GB/T 36624
	AlgorithmHMACSHA256 = "HMAC-SHA-256"
	AlgorithmEd25519    = "Ed25519"
	AlgorithmSM2        = "SM2" // GB/T 32918 with SM3 and the default identity
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

// NewDataKey draws a data key for a purpose. Algorithm is the cipher of a key that seals, AlgorithmAES256GCM or AlgorithmSM4GCM;
// look-up keys have one of their own.
func NewDataKey(kek *KEK, purpose, algorithm string, now time.Time) (DataKey, error) {
	d := DataKey{ID: uuid.Must(uuid.NewV7()), Purpose: purpose, Algorithm: algorithm, CreatedAt: now}
	switch {
	case purpose == PurposeLookup:
		d.Algorithm = AlgorithmHMACSHA256
	case purpose != PurposeField && purpose != PurposeBlob:
		return DataKey{}, fmt.Errorf("seal: no purpose %q for a data key", purpose)
	case cipherNumber(algorithm) == 0:
		return DataKey{}, fmt.Errorf("seal: no cipher %q", algorithm)
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
	aead := kek.wrapper(d.Algorithm)
	nonce := make([]byte, nonceSize, nonceSize+keySize+tagSize)
	_, _ = rand.Read(nonce)
	d.Wrapped = aead.Seal(nonce, nonce, key[:], d.binding())
	return d
}

func (d DataKey) unwrap(kek *KEK) (key [keySize]byte, err error) {
	with, ok := kek.find(d.KEKID)
	if !ok {
		return key, fmt.Errorf("data key %s: %w: it needs KEK %s, the key file holds %s", d.ID, ErrWrongKEK, d.KEKID, kek.id)
	}
	if len(d.Wrapped) != nonceSize+keySize+tagSize {
		return key, fmt.Errorf("data key %s: damaged", d.ID)
	}
	plain, err := with.wrapper(d.Algorithm).Open(nil, d.Wrapped[:nonceSize], d.Wrapped[nonceSize:], d.binding())
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

// cipherNumber is an algorithm's number within a sealed value, 0 when it is no cipher.
func cipherNumber(algorithm string) byte {
	switch algorithm {
	case AlgorithmAES256GCM:
		return algAES256
	case AlgorithmSM4GCM:
		return algSM4
	}
	return 0
}

// newAEAD makes the cipher of a data key. SM4 takes the first 16 of its bytes.
func newAEAD(algorithm string, key [keySize]byte) cipher.AEAD {
	var block cipher.Block
	var err error
	if algorithm == AlgorithmSM4GCM {
		block, err = sm4.NewCipher(key[:sm4.BlockSize])
	} else {
		block, err = aes.NewCipher(key[:])
	}
	if err != nil {
		panic(err) // only for another length of key
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // only for another block size
	}
	return aead
}
