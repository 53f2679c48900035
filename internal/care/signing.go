package care

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/seal"
)

// signed is a document as it was signed.
type signed struct {
	canonical []byte
	digest    []byte
	signature []byte
	keyID     string
	signer    string
}

// signDocument brings a document into its canonical form and has it signed in the person's name.
func (s *Service) signDocument(ctx context.Context, person uuid.UUID, document any) (signed, error) {
	canonical, err := consult.CanonicalJSON(document)
	if err != nil {
		return signed{}, fmt.Errorf("sign: %w", err)
	}
	return s.signCanonical(ctx, person, canonical)
}

func (s *Service) signCanonical(ctx context.Context, person uuid.UUID, canonical []byte) (signed, error) {
	digest := sha256.Sum256(canonical)
	signature, keyID, err := s.signer.SignFor(ctx, person, digest[:])
	if err != nil {
		return signed{}, fmt.Errorf("sign: %w", err)
	}
	return signed{canonical: canonical, digest: digest[:], signature: signature, keyID: keyID, signer: s.signer.Kind()}, nil
}

// verifySigned checks a signature by the signer who made it.
func (s *Service) verifySigned(signer string, person uuid.UUID, keyID string, digest, signature []byte) error {
	if signer == s.signer.Kind() {
		return s.signer.Verify(person, keyID, digest, signature)
	}
	if signer == seal.SystemSigner {
		return s.keep.VerifySeal(keyID, digest, signature)
	}
	return fmt.Errorf("signed by %s, which is not plugged in: %w", signer, seal.ErrBadSeal)
}

// sealNote stands under every signature that is no reliable electronic signature; nothing stands under one that is.
func (s *Service) sealNote(a identity.Actor, signer string) string {
	if signer == s.signer.Kind() && s.signer.Reliable() {
		return ""
	}
	return problem.Sentence(a.Locale, "seal_note", nil)
}

// factorUsed is the second factor that was asked for an act; the zero value when none was.
type factorUsed struct {
	method string
	at     *time.Time
}
