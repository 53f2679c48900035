package seal

import (
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// SealKey is a key of the system's seal as the database holds it; the private half is a sealed value.
type SealKey struct {
	KID        uuid.UUID
	PrivateEnc []byte
	Public     []byte
	CreatedAt  time.Time
}

type sealKey struct {
	private ed25519.PrivateKey
	public  ed25519.PublicKey
	created time.Time
}

// ErrBadSeal says that a seal does not fit the digest, or that its key is not ours.
var ErrBadSeal = errors.New("system seal does not fit")

// The place of a signing key's private half in the database.
const (
	signingTable  = "signing_keys"
	signingColumn = "private_enc"
)

// NewSealKey draws a key of the system's seal.
func (k *Keeper) NewSealKey(now time.Time) (SealKey, error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return SealKey{}, fmt.Errorf("draw a seal key: %w", err)
	}
	kid := uuid.Must(uuid.NewV7())
	return SealKey{
		KID: kid, Public: public, CreatedAt: now,
		PrivateEnc: k.Seal(signingTable, signingColumn, kid, private.Seed()),
	}, nil
}

func (r *ring) addSeals(keys []SealKey) error {
	for _, s := range keys {
		seed, err := r.open(signingTable, signingColumn, s.KID, s.PrivateEnc)
		if err != nil {
			return fmt.Errorf("open seal key %s: %w", s.KID, err)
		}
		if len(seed) != ed25519.SeedSize {
			return fmt.Errorf("open seal key %s: %w", s.KID, ErrDamaged)
		}
		private := ed25519.NewKeyFromSeed(seed)
		public := private.Public().(ed25519.PublicKey)
		if !public.Equal(ed25519.PublicKey(s.Public)) {
			return fmt.Errorf("open seal key %s: %w", s.KID, ErrDamaged)
		}
		kid := s.KID.String()
		r.seals[kid] = sealKey{private, public, s.CreatedAt}
		if newest, ok := r.seals[r.newestSeal]; !ok || cmp.Or(s.CreatedAt.Compare(newest.created), cmp.Compare(kid, r.newestSeal)) > 0 {
			r.newestSeal = kid
		}
	}
	return nil
}

// Sign puts the system's seal on a digest with the youngest key. It is evidence that this system held the record, not an
// electronic signature of a person. The keeper must have been loaded with a seal key.
func (k *Keeper) Sign(digest []byte) (sig []byte, kid string) {
	r := k.ring.Load()
	s, ok := r.seals[r.newestSeal]
	if !ok {
		panic("seal: Sign before Load brought a seal key")
	}
	return ed25519.Sign(s.private, labelled(digest)), r.newestSeal
}

// VerifySeal checks a seal; ErrBadSeal when it does not fit.
func (k *Keeper) VerifySeal(kid string, digest, sig []byte) error {
	has := func(r *ring) bool { _, ok := r.seals[kid]; return ok }
	if !has(k.ring.Load()) && !k.ask(has) {
		return ErrBadSeal
	}
	if !ed25519.Verify(k.ring.Load().seals[kid].public, labelled(digest), sig) {
		return ErrBadSeal
	}
	return nil
}

func labelled(digest []byte) []byte { return append([]byte("lianzhen/system-seal/1\x00"), digest...) }
