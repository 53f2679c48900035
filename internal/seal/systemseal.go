package seal

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/google/uuid"
)

// SealKey is a key of the system's seal as the database holds it; the private half is a sealed value.
type SealKey struct {
	KID        uuid.UUID
	Algorithm  string // AlgorithmEd25519 or AlgorithmSM2
	PrivateEnc []byte
	Public     []byte // Ed25519: 32 bytes; SM2: an uncompressed point
	CreatedAt  time.Time
}

type sealKey struct {
	algorithm string
	sign      func(message []byte) []byte
	verify    func(message, sig []byte) bool
	public    []byte
	created   time.Time
}

// openSealKey makes a key of its private half: 32 bytes for either algorithm.
func openSealKey(algorithm string, private []byte) (sealKey, error) {
	if len(private) != keySize {
		return sealKey{}, ErrDamaged
	}
	switch algorithm {
	case AlgorithmEd25519:
		key := ed25519.NewKeyFromSeed(private)
		public := key.Public().(ed25519.PublicKey)
		return sealKey{algorithm: algorithm, public: public, sign: func(m []byte) []byte { return ed25519.Sign(key, m) },
			verify: func(m, sig []byte) bool { return ed25519.Verify(public, m, sig) }}, nil
	case AlgorithmSM2:
		key, err := sm2.NewPrivateKey(private)
		if err != nil {
			return sealKey{}, ErrDamaged
		}
		public, err := point(key)
		if err != nil {
			return sealKey{}, err
		}
		return sealKey{algorithm: algorithm, public: public,
			sign: func(m []byte) []byte {
				sig, err := key.SignWithSM2(rand.Reader, nil, m)
				if err != nil {
					panic(err) // only for a source of randomness that fails
				}
				return sig
			},
			verify: func(m, sig []byte) bool { return sm2.VerifyASN1WithSM2(&key.PublicKey, nil, m, sig) }}, nil
	}
	return sealKey{}, fmt.Errorf("unknown algorithm %q", algorithm)
}

// point is the public half of an SM2 key, uncompressed.
func point(key *sm2.PrivateKey) ([]byte, error) {
	public, err := key.ECDH()
	if err != nil {
		return nil, fmt.Errorf("SM2 key: %w", err)
	}
	return public.PublicKey().Bytes(), nil
}

// ErrBadSeal says that a seal does not fit the digest, or that its key is not ours.
var ErrBadSeal = errors.New("system seal does not fit")

// The place of a signing key's private half in the database.
const (
	signingTable  = "signing_keys"
	signingColumn = "private_enc"
)

// NewSealKey draws a key of the system's seal.
func (k *Keeper) NewSealKey(algorithm string, now time.Time) (SealKey, error) {
	var private []byte
	switch algorithm {
	case AlgorithmEd25519:
		private = make([]byte, ed25519.SeedSize)
		_, _ = rand.Read(private)
	case AlgorithmSM2:
		key, err := sm2.GenerateKey(rand.Reader)
		if err != nil {
			return SealKey{}, fmt.Errorf("draw a seal key: %w", err)
		}
		secret, err := key.ECDH()
		if err != nil {
			return SealKey{}, fmt.Errorf("draw a seal key: %w", err)
		}
		private = secret.Bytes()
	}
	opened, err := openSealKey(algorithm, private)
	if err != nil {
		return SealKey{}, fmt.Errorf("draw a seal key: %w", err)
	}
	kid := uuid.Must(uuid.NewV7())
	return SealKey{KID: kid, Algorithm: algorithm, Public: opened.public, CreatedAt: now,
		PrivateEnc: k.Seal(signingTable, signingColumn, kid, private)}, nil
}

func (r *ring) addSeals(keys []SealKey) error {
	for _, s := range keys {
		private, err := r.open(signingTable, signingColumn, s.KID, s.PrivateEnc)
		if err != nil {
			return fmt.Errorf("open seal key %s: %w", s.KID, err)
		}
		key, err := openSealKey(s.Algorithm, private)
		if err == nil && !bytes.Equal(key.public, s.Public) {
			err = ErrDamaged
		}
		if err != nil {
			return fmt.Errorf("open seal key %s: %w", s.KID, err)
		}
		key.created = s.CreatedAt
		kid := s.KID.String()
		r.seals[kid] = key
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
	return s.sign(labelled(digest)), r.newestSeal
}

// VerifySeal checks a seal; ErrBadSeal when it does not fit.
func (k *Keeper) VerifySeal(kid string, digest, sig []byte) error {
	s, ok := k.sealKey(kid)
	if !ok || !s.verify(labelled(digest), sig) {
		return ErrBadSeal
	}
	return nil
}

func (k *Keeper) sealKey(kid string) (sealKey, bool) {
	has := func(r *ring) bool { _, ok := r.seals[kid]; return ok }
	if !has(k.ring.Load()) && !k.ask(has) {
		return sealKey{}, false
	}
	s, ok := k.ring.Load().seals[kid]
	return s, ok
}

// SealAlgorithm is that of a seal key, "" when the key is not ours.
func (k *Keeper) SealAlgorithm(kid string) string {
	s, _ := k.sealKey(kid)
	return s.algorithm
}

// SealPublic is the public half of a seal key, nil when the key is not ours.
func (k *Keeper) SealPublic(kid string) []byte {
	s, _ := k.sealKey(kid)
	return s.public
}

func labelled(digest []byte) []byte { return append([]byte("lianzhen/system-seal/1\x00"), digest...) }
