package identity

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Purposes of signing keys.
const (
	purposeAccess  = "access"
	purposeRefresh = "refresh"
	purposeMedia   = "media"
	purposeSeal    = "seal"
)

// KeysKnownAfter is by when every node that runs and reaches the database seals with new keys.
const KeysKnownAfter = 10 * time.Second

// sourceTimeout bounds a keeper's look for keys that it does not know.
const sourceTimeout = 5 * time.Second

// Algorithms are those of new keys; what older keys sealed and signed stays as it is. Empty is the default: AES-256-GCM, Ed25519.
type Algorithms struct {
	Cipher string // seal.AlgorithmAES256GCM or seal.AlgorithmSM4GCM
	Seal   string // seal.AlgorithmEd25519 or seal.AlgorithmSM2
}

func (a Algorithms) orDefault() Algorithms {
	return Algorithms{cmp.Or(a.Cipher, seal.AlgorithmAES256GCM), cmp.Or(a.Seal, seal.AlgorithmEd25519)}
}

// OpenKeeper is OpenKeeperWith the default algorithms.
func OpenKeeper(ctx context.Context, st *store.Store, kek *seal.KEK) (*seal.Keeper, error) {
	return OpenKeeperWith(ctx, st, kek, Algorithms{})
}

// OpenKeeperWith gives the keeper with the keys of this database and makes those that are missing, under a lock, so that
// several nodes may start at once and share them. With another KEK than the one that wrapped them it fails with
// seal.ErrWrongKEK and changes nothing.
func OpenKeeperWith(ctx context.Context, st *store.Store, kek *seal.KEK, use Algorithms) (*seal.Keeper, error) {
	use = use.orDefault()
	var k *seal.Keeper
	err := st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockKeys(ctx); err != nil {
			return err
		}
		data, err := dataKeys(ctx, q)
		if err != nil {
			return err
		}
		for _, purpose := range []string{seal.PurposeField, seal.PurposeBlob, seal.PurposeLookup} {
			if hasSealing(data, purpose) {
				continue
			}
			d, err := addDataKey(ctx, q, kek, purpose, use.Cipher)
			if err != nil {
				return err
			}
			data = append(data, d)
		}
		if k, err = seal.NewKeeper(kek, data); err != nil {
			return err
		}
		have, err := q.ListSigningKeys(ctx, time.Now())
		if err != nil {
			return err
		}
		signs := map[string]bool{}
		for _, row := range have {
			signs[row.Purpose] = signs[row.Purpose] || row.NotAfter == nil
		}
		for _, purpose := range []string{purposeAccess, purposeRefresh, purposeMedia, purposeSeal} {
			if signs[purpose] {
				continue
			}
			if _, err := addSigningKey(ctx, q, k, purpose, use.Seal, time.Now()); err != nil {
				return err
			}
		}
		seals, err := sealKeys(ctx, q)
		if err != nil {
			return err
		}
		return k.Load(data, seals)
	})
	if err != nil {
		return nil, fmt.Errorf("open the keys: %w", err)
	}
	k.Follow(func() ([]seal.DataKey, []seal.SealKey, error) {
		ctx, cancel := context.WithTimeout(context.Background(), sourceTimeout)
		defer cancel()
		return sharedKeys(ctx, st.Q())
	})
	return k, nil
}

// RotateDataKey makes a new data key of a cipher for a purpose (seal.PurposeField or seal.PurposeBlob), which seals from now on;
// the older ones still open. Other nodes seal with it as soon as they refresh their keeper.
func RotateDataKey(ctx context.Context, st *store.Store, kek *seal.KEK, k *seal.Keeper, purpose, cipher string) error {
	if purpose == seal.PurposeLookup {
		return fmt.Errorf("rotate the %s key: its hashes would not be found any more", purpose)
	}
	return changeKeys(ctx, st, k, "rotate the "+purpose+" key", func(q *db.Queries) error {
		d, err := addDataKey(ctx, q, kek, purpose, Algorithms{Cipher: cipher}.orDefault().Cipher)
		if err != nil {
			return err
		}
		return q.RetireDataKeys(ctx, db.RetireDataKeysParams{At: d.CreatedAt, Purpose: purpose, Keep: d.ID})
	})
}

// AddLookupKey makes a look-up key under which new values are stored after a delay, by which every node must know it, beside the one
// before, under which they are found as well until RetireLookupKeys. Where there are two already, it does nothing.
func AddLookupKey(ctx context.Context, st *store.Store, kek *seal.KEK, k *seal.Keeper, delay time.Duration) error {
	return changeKeys(ctx, st, k, "add a look-up key", func(q *db.Queries) error {
		data, err := dataKeys(ctx, q)
		if err != nil {
			return err
		}
		live := 0
		for _, d := range data {
			if d.Purpose == seal.PurposeLookup && !d.Retired {
				live++
			}
		}
		if live > 1 {
			return nil
		}
		_, err = addDataKeyAt(ctx, q, kek, seal.PurposeLookup, "", time.Now().Add(delay))
		return err
	})
}

// RetireLookupKeys leaves only the youngest look-up key. Every hash must have been made again with it.
func RetireLookupKeys(ctx context.Context, st *store.Store, k *seal.Keeper) error {
	return changeKeys(ctx, st, k, "retire the former look-up key", func(q *db.Queries) error {
		data, err := dataKeys(ctx, q)
		if err != nil {
			return err
		}
		var youngest seal.DataKey
		for _, d := range data { // oldest first
			if d.Purpose == seal.PurposeLookup && !d.Retired {
				youngest = d
			}
		}
		return q.RetireDataKeys(ctx, db.RetireDataKeysParams{At: time.Now(), Purpose: seal.PurposeLookup, Keep: youngest.ID})
	})
}

// RotateSealKey makes a new key of the system's seal. What older ones sealed verifies for ever.
func RotateSealKey(ctx context.Context, st *store.Store, k *seal.Keeper, algorithm string) error {
	return changeKeys(ctx, st, k, "rotate the seal key", func(q *db.Queries) error {
		now, err := q.DatabaseNow(ctx)
		if err != nil {
			return err
		}
		have, err := sealKeys(ctx, q)
		if err != nil {
			return err
		}
		for _, s := range have { // the youngest must be the youngest by its date too
			if !now.After(s.CreatedAt) {
				now = s.CreatedAt.Add(time.Millisecond)
			}
		}
		_, err = addSigningKey(ctx, q, k, purposeSeal, Algorithms{Seal: algorithm}.orDefault().Seal, now)
		return err
	})
}

// changeKeys changes the shared keys under their lock and loads them anew.
func changeKeys(ctx context.Context, st *store.Store, k *seal.Keeper, what string, change func(q *db.Queries) error) error {
	err := st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockKeys(ctx); err != nil {
			return err
		}
		return change(q)
	})
	if err == nil {
		err = reload(ctx, st, k)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// RewrapKeys wraps all data keys by another KEK, in one transaction. Nodes that run keep working with the keys that they
// have open; from then on a start needs the new key file.
func RewrapKeys(ctx context.Context, st *store.Store, from, to *seal.KEK) error {
	err := st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockKeys(ctx); err != nil {
			return err
		}
		data, err := dataKeys(ctx, q)
		if err != nil {
			return err
		}
		for _, d := range data {
			if d, err = d.Rewrap(from, to); err != nil {
				return err
			}
			if err := q.RewrapDataKey(ctx, db.RewrapDataKeyParams{KekID: d.KEKID, Wrapped: d.Wrapped, ID: d.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rewrap the data keys: %w", err)
	}
	return nil
}

func reload(ctx context.Context, st *store.Store, k *seal.Keeper) error {
	data, seals, err := sharedKeys(ctx, st.Q())
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	return k.Load(data, seals)
}

func sharedKeys(ctx context.Context, q *db.Queries) ([]seal.DataKey, []seal.SealKey, error) {
	data, err := dataKeys(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	seals, err := sealKeys(ctx, q)
	return data, seals, err
}

func dataKeys(ctx context.Context, q *db.Queries) ([]seal.DataKey, error) {
	rows, err := q.ListDataKeys(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]seal.DataKey, len(rows))
	for i, r := range rows {
		list[i] = seal.DataKey{
			ID: r.ID, Purpose: r.Purpose, Algorithm: r.Algorithm, KEKID: r.KekID, Wrapped: r.Wrapped,
			CreatedAt: r.CreatedAt, Retired: r.RetiredAt != nil,
		}
	}
	return list, nil
}

func hasSealing(keys []seal.DataKey, purpose string) bool {
	for _, d := range keys {
		if d.Purpose == purpose && !d.Retired {
			return true
		}
	}
	return false
}

func addDataKey(ctx context.Context, q *db.Queries, kek *seal.KEK, purpose, algorithm string) (seal.DataKey, error) {
	return addDataKeyAt(ctx, q, kek, purpose, algorithm, time.Now())
}

func addDataKeyAt(ctx context.Context, q *db.Queries, kek *seal.KEK, purpose, algorithm string, at time.Time) (seal.DataKey, error) {
	d, err := seal.NewDataKey(kek, purpose, algorithm, at)
	if err != nil {
		return d, err
	}
	return d, q.InsertDataKey(ctx, db.InsertDataKeyParams{
		ID: d.ID, Purpose: d.Purpose, Algorithm: d.Algorithm, KekID: d.KEKID, Wrapped: d.Wrapped, CreatedAt: d.CreatedAt,
	})
}

func sealKeys(ctx context.Context, q *db.Queries) ([]seal.SealKey, error) {
	rows, err := q.ListSigningKeys(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	list := []seal.SealKey{}
	for _, r := range rows {
		if r.Purpose != purposeSeal {
			continue
		}
		kid, err := uuid.Parse(r.Kid)
		if err != nil {
			return nil, fmt.Errorf("seal key with a foreign id: %w", err)
		}
		list = append(list, seal.SealKey{KID: kid, Algorithm: r.Algorithm, PrivateEnc: r.PrivateEnc, Public: r.Public, CreatedAt: r.CreatedAt})
	}
	return list, nil
}
