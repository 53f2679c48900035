package identity

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const (
	// readEvery is how long a node may sign with a key that another node has superseded.
	readEvery = time.Minute
	// askEvery bounds how often unknown key ids, which may be forged, reach the database.
	askEvery = 5 * time.Second
	// keyMargin is by how much a superseded key verifies longer than what it signed may live: readEvery and the
	// differences of the nodes' clocks.
	keyMargin = 10 * time.Minute

	refreshSecretSize = 32
	algorithmHMAC     = seal.AlgorithmHMACSHA256
	algorithmEdDSA    = seal.AlgorithmEd25519
)

var errNoKey = errors.New("no key of that id")

// tokenKey signs tokens of one purpose: Ed25519, for refresh an HMAC secret.
type tokenKey struct {
	kid      uuid.UUID
	purpose  string
	notAfter *time.Time
	private  ed25519.PrivateKey
	public   ed25519.PublicKey
	secret   []byte
}

// keyring holds the token keys that all nodes share, read from the database again when an unknown key id appears.
type keyring struct {
	st  *store.Store
	k   *seal.Keeper
	now func() time.Time

	set     atomic.Pointer[keySet]
	reading sync.Mutex
	asked   time.Time // guarded by reading
}

// keySet never changes once made.
type keySet struct {
	byID   map[uuid.UUID]tokenKey
	newest map[string]tokenKey
	read   time.Time
}

// find gives the key of a purpose that may verify now, or errNoKey.
func (r *keyring) find(ctx context.Context, purpose string, kid uuid.UUID) (tokenKey, error) {
	key, ok := r.set.Load().byID[kid]
	if !ok {
		if err := r.ask(ctx, kid); err != nil {
			return tokenKey{}, err
		}
		key, ok = r.set.Load().byID[kid]
	}
	if !ok || key.purpose != purpose || key.notAfter != nil && !r.now().Before(*key.notAfter) {
		return tokenKey{}, errNoKey
	}
	return key, nil
}

// newest gives the key that signs for a purpose.
func (r *keyring) newest(ctx context.Context, purpose string) (tokenKey, error) {
	if stale := func() bool { return r.now().Sub(r.set.Load().read) >= readEvery }; stale() {
		r.reading.Lock()
		var err error
		if stale() {
			err = r.readNow(ctx)
		}
		r.reading.Unlock()
		if err != nil {
			return tokenKey{}, err
		}
	}
	key, ok := r.set.Load().newest[purpose]
	if !ok {
		return tokenKey{}, fmt.Errorf("no key signs for %s: %w", purpose, errNoKey)
	}
	return key, nil
}

// ask reads the keys for the sake of an unknown id, unless that was done a moment ago.
func (r *keyring) ask(ctx context.Context, kid uuid.UUID) error {
	r.reading.Lock()
	defer r.reading.Unlock()
	if _, ok := r.set.Load().byID[kid]; ok { // somebody else asked meanwhile
		return nil
	}
	now := r.now()
	if !r.asked.IsZero() && now.Sub(r.asked) < askEvery {
		return nil
	}
	r.asked = now
	return r.readNow(ctx)
}

// readNow needs the lock. It goes on when the caller gives up, since others wait for its result.
func (r *keyring) readNow(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sourceTimeout)
	defer cancel()
	now := r.now()
	rows, err := r.st.Q().ListSigningKeys(ctx, now)
	if err != nil {
		return fmt.Errorf("read the signing keys: %w", err)
	}
	set := &keySet{byID: map[uuid.UUID]tokenKey{}, newest: map[string]tokenKey{}, read: now}
	for _, row := range rows {
		if row.Purpose == purposeSeal {
			continue
		}
		key, err := openTokenKey(r.k, row)
		if err != nil {
			return err
		}
		set.byID[key.kid] = key
		if key.notAfter == nil {
			set.newest[key.purpose] = key // rows come oldest first
		}
	}
	r.set.Store(set)
	return nil
}

func openTokenKey(k *seal.Keeper, row db.SigningKey) (tokenKey, error) {
	kid, err := uuid.Parse(row.Kid)
	if err != nil {
		return tokenKey{}, errors.New("signing key with a foreign id")
	}
	raw, err := k.Open("signing_keys", "private_enc", kid, row.PrivateEnc)
	if err != nil {
		return tokenKey{}, fmt.Errorf("signing key %s: %w", kid, err)
	}
	key := tokenKey{kid: kid, purpose: row.Purpose, notAfter: row.NotAfter}
	switch {
	case row.Purpose == purposeRefresh && row.Algorithm == algorithmHMAC && len(raw) == refreshSecretSize:
		key.secret = raw
	case row.Purpose != purposeRefresh && row.Algorithm == algorithmEdDSA && len(raw) == ed25519.SeedSize:
		key.private = ed25519.NewKeyFromSeed(raw)
		key.public = key.private.Public().(ed25519.PublicKey)
		if !bytes.Equal(key.public, row.Public) {
			return tokenKey{}, fmt.Errorf("signing key %s: its halves do not fit", kid)
		}
	default:
		return tokenKey{}, fmt.Errorf("signing key %s: unknown algorithm %q for %q", kid, row.Algorithm, row.Purpose)
	}
	return key, nil
}

// addSigningKey makes a key of a purpose, for the system's seal of the named algorithm; the caller holds the lock on keys.
func addSigningKey(ctx context.Context, q *db.Queries, k *seal.Keeper, purpose, sealAlgorithm string, now time.Time) (uuid.UUID, error) {
	row := db.InsertSigningKeyParams{Purpose: purpose, Algorithm: algorithmEdDSA, CreatedAt: now}
	var kid uuid.UUID
	switch purpose {
	case purposeSeal:
		s, err := k.NewSealKey(sealAlgorithm, now)
		if err != nil {
			return kid, err
		}
		kid, row.Algorithm, row.PrivateEnc, row.Public = s.KID, s.Algorithm, s.PrivateEnc, s.Public
	case purposeRefresh:
		kid = uuid.Must(uuid.NewV7())
		secret := make([]byte, refreshSecretSize)
		_, _ = rand.Read(secret)
		row.Algorithm, row.Public = algorithmHMAC, []byte{}
		row.PrivateEnc = k.Seal("signing_keys", "private_enc", kid, secret)
	default:
		kid = uuid.Must(uuid.NewV7())
		public, private, err := ed25519.GenerateKey(nil)
		if err != nil {
			return kid, fmt.Errorf("draw a signing key: %w", err)
		}
		row.Public = public
		row.PrivateEnc = k.Seal("signing_keys", "private_enc", kid, private.Seed())
	}
	row.Kid = kid.String()
	return kid, q.InsertSigningKey(ctx, row)
}

// RotateKeys makes a new key for each purpose. Nobody is signed out: older keys verify until nothing that they signed
// can be alive, those of the system's seal for ever. Other nodes learn of the new keys within a minute, or when they
// meet the first token that one has signed.
func (s *Service) RotateKeys(ctx context.Context) error {
	now := s.now()
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockKeys(ctx); err != nil {
			return err
		}
		rows, err := q.ListSigningKeys(ctx, now)
		if err != nil {
			return err
		}
		created := now
		if len(rows) > 0 { // the youngest must be the youngest by its date too, whatever this node's clock says
			last := slices.MaxFunc(rows, func(a, b db.SigningKey) int { return cmp.Compare(a.CreatedAt.UnixNano(), b.CreatedAt.UnixNano()) })
			if !created.After(last.CreatedAt) {
				created = last.CreatedAt.Add(time.Millisecond)
			}
		}
		sealAlgorithm := seal.AlgorithmEd25519
		for _, row := range rows { // the newest decides
			if row.Purpose == purposeSeal {
				sealAlgorithm = row.Algorithm
			}
		}
		lives := map[string]time.Duration{purposeAccess: s.accessTTL, purposeRefresh: SignInLimit, purposeMedia: TicketTTL}
		for _, purpose := range []string{purposeAccess, purposeRefresh, purposeMedia, purposeSeal} {
			kid, err := addSigningKey(ctx, q, s.k, purpose, sealAlgorithm, created)
			if err != nil {
				return err
			}
			life, ends := lives[purpose]
			if !ends {
				continue
			}
			if err := q.SupersedeSigningKeys(ctx, db.SupersedeSigningKeysParams{
				NotAfter: now.Add(life + keyMargin), Purpose: purpose, Keep: kid.String(),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rotate the signing keys: %w", err)
	}
	if err := reload(ctx, s.st, s.k); err != nil {
		return err
	}
	s.keys.reading.Lock()
	defer s.keys.reading.Unlock()
	return s.keys.readNow(ctx)
}
