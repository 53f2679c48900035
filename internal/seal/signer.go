package seal

import (
	"context"

	"github.com/google/uuid"
)

// Signer signs the digest of a document in the name of a person. The built-in one is the system's own seal; a certificate
// authority's signer takes its place where one is plugged in. What was signed names its signer, so that older documents
// are still verified by the one who signed them.
type Signer interface {
	// Kind is the signer's name in the records, SYSTEM for the system's seal.
	Kind() string
	// Reliable says that its signatures are reliable electronic signatures in the sense of 电子签名法 13. Of others every print
	// says that they are not.
	Reliable() bool
	// SignFor signs a SHA-256 digest for a person.
	SignFor(ctx context.Context, person uuid.UUID, digest []byte) (signature []byte, keyID string, err error)
	// Verify checks a signature; ErrBadSeal when it does not fit.
	Verify(person uuid.UUID, keyID string, digest, signature []byte) error
}

// SystemSigner is the name of the system's own seal in records.
const SystemSigner = "SYSTEM"

// Signer is the system's seal as a signer: evidence that this system held the document, whoever it was signed for.
func (k *Keeper) Signer() Signer { return systemSigner{k} }

type systemSigner struct{ k *Keeper }

func (systemSigner) Kind() string   { return SystemSigner }
func (systemSigner) Reliable() bool { return false }

func (s systemSigner) SignFor(_ context.Context, _ uuid.UUID, digest []byte) ([]byte, string, error) {
	sig, kid := s.k.Sign(digest)
	return sig, kid, nil
}

func (s systemSigner) Verify(_ uuid.UUID, keyID string, digest, signature []byte) error {
	return s.k.VerifySeal(keyID, digest, signature)
}
