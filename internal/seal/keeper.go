package seal

import (
	"bytes"
	"cmp"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Source gives all keys that the nodes share. A keeper asks it when it meets the id of a key that it does not hold, which
// another node has made meanwhile.
type Source func() ([]DataKey, []SealKey, error)

// askEvery bounds how often unknown ids, which may be forged, reach the source.
const askEvery = 5 * time.Second

// Keeper seals and opens values, hashes for look-up and puts the system's seal. It is safe for concurrent use.
type Keeper struct {
	kek  *KEK
	ring atomic.Pointer[ring]

	asking sync.Mutex
	asked  time.Time
	source Source
}

// ring is the set of open keys; it never changes once made.
type ring struct {
	field, blob uuid.UUID // that seal now
	ciphers     map[uuid.UUID]dataCipher
	lookups     []lookupKey // newest first
	former      []lookupKey // retired
	seals       map[string]sealKey
	newestSeal  string
}

type dataCipher struct {
	purpose string
	number  byte // of the algorithm
	aead    cipher.AEAD
}

type lookupKey struct {
	key     [keySize]byte
	created time.Time
}

// NewKeeper opens the data keys. There must be at least one that is not retired for each purpose; the youngest seals.
// [Keeper.Sign] needs seal keys as well, which [Keeper.Load] brings.
func NewKeeper(kek *KEK, keys []DataKey) (*Keeper, error) {
	k := &Keeper{kek: kek}
	if err := k.Load(keys, nil); err != nil {
		return nil, err
	}
	return k, nil
}

// Load replaces the open keys, all or none.
func (k *Keeper) Load(keys []DataKey, seals []SealKey) error {
	r := &ring{ciphers: map[uuid.UUID]dataCipher{}, seals: map[string]sealKey{}}
	keys = slices.SortedFunc(slices.Values(keys), func(a, b DataKey) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), bytes.Compare(a.ID[:], b.ID[:]))
	})
	for _, d := range keys {
		raw, err := d.unwrap(k.kek)
		if err != nil {
			return fmt.Errorf("open the data keys: %w", err)
		}
		switch {
		case d.Purpose == PurposeLookup && d.Algorithm == AlgorithmHMACSHA256:
			if d.Retired {
				r.former = append(r.former, lookupKey{raw, d.CreatedAt})
			} else {
				r.lookups = slices.Insert(r.lookups, 0, lookupKey{raw, d.CreatedAt})
			}
			continue
		case (d.Purpose == PurposeField || d.Purpose == PurposeBlob) && cipherNumber(d.Algorithm) != 0:
			r.ciphers[d.ID] = dataCipher{d.Purpose, cipherNumber(d.Algorithm), newAEAD(d.Algorithm, raw)}
		default:
			return fmt.Errorf("open the data keys: data key %s: unknown algorithm %q for %q", d.ID, d.Algorithm, d.Purpose)
		}
		if d.Retired {
			continue
		}
		if d.Purpose == PurposeField {
			r.field = d.ID
		} else {
			r.blob = d.ID
		}
	}
	if r.field == uuid.Nil || r.blob == uuid.Nil || len(r.lookups) == 0 {
		return errors.New("open the data keys: each purpose (field, blob, lookup) needs one that is not retired")
	}
	if err := r.addSeals(seals); err != nil {
		return err
	}
	k.ring.Store(r)
	return nil
}

// Follow makes the keeper ask source for keys that it does not know. Called before the keeper is shared.
func (k *Keeper) Follow(source Source) { k.source = source }

// Refresh loads the shared keys, so that this node seals with the youngest soon after another has made them.
func (k *Keeper) Refresh() error {
	if k.source == nil {
		return nil
	}
	k.asking.Lock()
	defer k.asking.Unlock()
	keys, seals, err := k.source()
	if err != nil {
		return fmt.Errorf("read the shared keys: %w", err)
	}
	return k.Load(keys, seals)
}

// ask loads the shared keys once more, unless it did so a moment ago; has says whether the key has come.
func (k *Keeper) ask(has func(*ring) bool) bool {
	if k.source == nil {
		return false
	}
	k.asking.Lock()
	defer k.asking.Unlock()
	if has(k.ring.Load()) { // somebody else asked meanwhile
		return true
	}
	if !k.asked.IsZero() && time.Since(k.asked) < askEvery {
		return false
	}
	k.asked = time.Now()
	keys, seals, err := k.source()
	if err != nil || k.Load(keys, seals) != nil {
		return false
	}
	return has(k.ring.Load())
}

// String shows no key.
func (k *Keeper) String() string { return "Keeper of " + k.kek.String() }

// GoString is String.
func (k *Keeper) GoString() string { return k.String() }

// Format is String for every verb.
func (k *Keeper) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, k.String()) }

// LogValue is String.
func (k *Keeper) LogValue() slog.Value { return slog.StringValue(k.String()) }
