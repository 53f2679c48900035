package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// What can be rotated.
const (
	KEK    = "kek"    // the key in the key file, which wraps the others
	Data   = "data"   // the keys that seal fields and files
	Lookup = "lookup" // the key of look-up hashes
	Seal   = "seal"   // the key of the system's seal
)

// Options of a Rotator. Store, Keeper and KeyFile are needed.
type Options struct {
	Store   *store.Store
	Keeper  *seal.Keeper
	KeyFile string
	identity.Algorithms
	// Batch is how many values one transaction seals anew, 0 means 50; files are taken one by one. Pause is between two batches.
	Batch int
	Pause time.Duration
	// KnownAfter is by when every node knows a new key; 0 means identity.KeysKnownAfter.
	KnownAfter time.Duration
	// Say takes sentences about the progress; nil takes none.
	Say func(format string, args ...any)
}

// Rotator rotates keys.
type Rotator struct{ Options }

// New makes a rotator.
func New(o Options) (*Rotator, error) {
	if o.Store == nil || o.Keeper == nil || o.KeyFile == "" {
		return nil, errors.New("keys: a store, a keeper and a key file are needed")
	}
	if o.Batch <= 0 {
		o.Batch = 50
	}
	if o.KnownAfter <= 0 {
		o.KnownAfter = identity.KeysKnownAfter
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	return &Rotator{o}, nil
}

// Rotate rotates one sort of key, or finishes a rotation of it that was broken off.
func (r *Rotator) Rotate(ctx context.Context, what string) error {
	how, known := map[string]func(context.Context, bool) (int64, error){KEK: r.kek, Data: r.data, Lookup: r.lookup, Seal: r.seal}[what]
	if !known {
		return fmt.Errorf("there is no key %q to rotate: it is kek, data, lookup or seal", what)
	}
	q := r.Store.Q()
	open, err := q.OpenRotation(ctx, db.OpenRotationParams{ID: uuid.Must(uuid.NewV7()), What: what})
	if err != nil {
		return fmt.Errorf("rotate the %s key: %w", what, err)
	}
	if !open.Fresh {
		r.Say("a rotation that was broken off is taken up again")
	}
	changed, err := how(ctx, open.Fresh)
	if err != nil {
		_ = q.CountResealed(context.WithoutCancel(ctx), db.CountResealedParams{ID: open.ID, Resealed: changed})
		return fmt.Errorf("rotate the %s key: %w", what, err)
	}
	if err := q.CloseRotation(ctx, db.CloseRotationParams{ID: open.ID, Resealed: changed}); err != nil {
		return fmt.Errorf("rotate the %s key: %w", what, err)
	}
	now, err := q.DatabaseNow(ctx)
	if err == nil {
		err = q.AppendAudit(ctx, db.AppendAuditParams{ID: uuid.Must(uuid.NewV7()), At: now, Role: "OPERATOR", Action: "rotateKeys", ObjectType: "keys", Detail: what})
	}
	if err != nil {
		return fmt.Errorf("note the rotation: %w", err)
	}
	return nil
}

// kek puts a new key into the key file, unless one that is there already is not in use yet, and wraps every data key with it.
func (r *Rotator) kek(ctx context.Context, _ bool) (int64, error) {
	kek, err := seal.LoadOrCreateKEK(r.KeyFile)
	if err != nil {
		return 0, err
	}
	wrapped, err := r.wrappedBy(ctx)
	if err != nil {
		return 0, err
	}
	if len(wrapped) == 1 && wrapped[0] == kek.ID() {
		if kek, err = seal.AddKEK(r.KeyFile); err != nil {
			return 0, err
		}
		r.Say("a new key-encryption key %s stands first in %s; back the file up", kek.ID(), r.KeyFile)
	}
	if err := identity.RewrapKeys(ctx, r.Store, kek, kek); err != nil {
		return 0, err
	}
	r.Say("all data keys are wrapped with %s", kek.ID())
	return 0, nil
}

// wrappedBy lists the ids of the key-encryption keys that wrap data keys.
func (r *Rotator) wrappedBy(ctx context.Context) ([]string, error) {
	rows, err := r.Store.Q().ListDataKeys(ctx)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, d := range rows {
		if !slices.Contains(list, d.KekID) {
			list = append(list, d.KekID)
		}
	}
	return list, nil
}

// Prepare puts a new key-encryption key into the key file and changes nothing else: with several machines the file is then copied to
// each before the rotation.
func (r *Rotator) Prepare() (id string, err error) {
	kek, err := seal.AddKEK(r.KeyFile)
	if err != nil {
		return "", err
	}
	return kek.ID(), nil
}

// Forget takes former key-encryption keys out of the key file, once nothing is wrapped with them.
func (r *Rotator) Forget(ctx context.Context) (int, error) {
	kek, err := seal.LoadOrCreateKEK(r.KeyFile)
	if err != nil {
		return 0, err
	}
	wrapped, err := r.wrappedBy(ctx)
	if err != nil {
		return 0, fmt.Errorf("which key wraps: %w", err)
	}
	if len(wrapped) != 1 || wrapped[0] != kek.ID() {
		return 0, errors.New("data keys are still wrapped with a former key: rotate the key-encryption key first")
	}
	return seal.ForgetKEKs(r.KeyFile)
}

// data makes new keys for fields and files and seals every value anew with them.
func (r *Rotator) data(ctx context.Context, fresh bool) (int64, error) {
	columns, err := r.Store.SealedColumns(ctx)
	if err != nil {
		return 0, err
	}
	if fresh {
		kek, err := seal.LoadOrCreateKEK(r.KeyFile)
		if err != nil {
			return 0, err
		}
		for _, purpose := range []string{seal.PurposeField, seal.PurposeBlob} {
			if err := identity.RotateDataKey(ctx, r.Store, kek, r.Keeper, purpose, r.Cipher); err != nil {
				return 0, err
			}
		}
		r.Say("new data keys seal from now on")
	}
	if err := r.Keeper.Refresh(); err != nil {
		return 0, err
	}
	if err := wait(ctx, r.KnownAfter); err != nil { // until no node seals with the former keys
		return 0, err
	}
	var total int64
	for pass := 1; ; pass++ {
		changed, err := r.pass(ctx, columns)
		total += changed
		if err != nil {
			return total, err
		}
		left, err := r.left(ctx, columns)
		if err != nil {
			return total, err
		}
		r.Say("pass %d: %d values were sealed anew, %d are left", pass, changed, left)
		if left == 0 {
			return total, nil
		}
		if err := wait(ctx, max(r.Pause, 50*time.Millisecond)); err != nil {
			return total, err
		}
	}
}

// pass goes through every column once. A value that cannot be opened stops it at the end, after everything else was done.
func (r *Rotator) pass(ctx context.Context, columns []store.SealedColumn) (total int64, err error) {
	var broken []error
	for _, c := range columns {
		limit := r.Batch
		if c.Table == "blobs" {
			limit = 1
		}
		for after := ""; ; {
			step, err := r.Store.Reseal(ctx, c, r.Keeper.Sealing(c.Table), after, limit, func(key string, value []byte) ([]byte, error) {
				id, err := uuid.Parse(key)
				if err != nil {
					return nil, err
				}
				return r.Keeper.Reseal(c.Table, c.Column, id, value)
			})
			total += int64(step.Changed)
			if err != nil {
				return total, err
			}
			if step.Broken != nil {
				broken = append(broken, step.Broken)
			}
			if step.Last == "" {
				break
			}
			after = step.Last
			if err := wait(ctx, r.Pause); err != nil {
				return total, err
			}
		}
	}
	return total, errors.Join(broken...)
}

// left counts the values that another key than the present one has sealed.
func (r *Rotator) left(ctx context.Context, columns []store.SealedColumn) (int64, error) {
	var left int64
	for _, c := range columns {
		by, err := r.Store.SealedBy(ctx, c)
		if err != nil {
			return 0, err
		}
		for key, n := range by {
			if key != r.Keeper.Sealing(c.Table) {
				left += n
			}
		}
	}
	return left, nil
}

// seal makes a new key of the system's seal.
func (r *Rotator) seal(ctx context.Context, _ bool) (int64, error) {
	return 0, identity.RotateSealKey(ctx, r.Store, r.Keeper, r.Seal)
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
