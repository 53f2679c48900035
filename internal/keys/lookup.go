package keys

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// hashed is a column of look-up hashes and what it is the hash of.
type hashed struct {
	store.HashedColumn
	kind       string // as seal.Keeper.Lookup takes it
	normalised func(plain, with string) string
}

// lookups is the table of look-up columns; package care writes them by the same rules.
func lookups() []hashed {
	same := func(plain, _ string) string { return plain }
	return []hashed{
		{store.HashedColumn{Table: "residents", Column: "identity_number_hmac", Sealed: "identity_number_enc", With: "id_type"}, "identity_number",
			func(plain, with string) string { return with + ":" + plain }},
		{store.HashedColumn{Table: "residents", Column: "phone_hmac", Sealed: "phone_enc"}, "phone", same},
		{store.HashedColumn{Table: "push_subscriptions", Column: "endpoint_hmac", Sealed: "endpoint_enc"}, "push_endpoint", same},
	}
}

// passing lists columns of hashes that are not made again: of codes that are worth nothing after some minutes, and of codes that only
// their owner knows, which are compared under every key that ever was (seal.Keeper.LookupsEver).
func passing() []string {
	return []string{"attending_pins.code_hmac", "consent_codes.code_hmac", "recovery_codes.code_hmac"}
}

// checkLookups refuses a database with look-up columns that the table does not know: their values would be found no more.
func (r *Rotator) checkLookups(ctx context.Context) error {
	known := map[string]bool{}
	for _, h := range lookups() {
		known[h.Table+"."+h.Column] = true
	}
	for _, p := range passing() {
		known[p] = true
	}
	there, err := r.Store.HashedColumns(ctx)
	if err != nil {
		return err
	}
	for _, c := range there {
		if !known[c.Table+"."+c.Column] {
			return fmt.Errorf("nobody knows how to make %s.%s again", c.Table, c.Column)
		}
	}
	return nil
}

// lookup makes a new look-up key and every hash anew with it, and retires the former key.
func (r *Rotator) lookup(ctx context.Context, _ bool) (int64, error) {
	if err := r.checkLookups(ctx); err != nil {
		return 0, err
	}
	kek, err := seal.LoadOrCreateKEK(r.KeyFile)
	if err != nil {
		return 0, err
	}
	if err := identity.AddLookupKey(ctx, r.Store, kek, r.Keeper, r.KnownAfter); err != nil {
		return 0, err
	}
	r.Say("a new look-up key is known from now on, and used in %s", r.KnownAfter)
	if err := wait(ctx, 2*r.KnownAfter); err != nil { // until every node stores under the new key
		return 0, err
	}
	var total int64
	for pass := 1; ; pass++ {
		changed, left, err := r.rehash(ctx)
		total += changed
		if err != nil {
			return total, err
		}
		r.Say("pass %d: %d hashes were made anew, %d are left", pass, changed, left)
		if left == 0 {
			break
		}
	}
	return total, identity.RetireLookupKeys(ctx, r.Store, r.Keeper)
}

// rehash goes through every column once. Left counts what somebody worked on.
func (r *Rotator) rehash(ctx context.Context) (changed, left int64, err error) {
	for _, h := range lookups() {
		for after := uuid.Nil; ; {
			rows, err := r.Store.HashedValues(ctx, h.HashedColumn, after, r.Batch)
			if err != nil {
				return changed, left, err
			}
			for _, row := range rows {
				if after, err = uuid.Parse(row.Key); err != nil {
					return changed, left, err
				}
				plain, err := r.Keeper.OpenText(h.Table, h.Sealed, after, row.Sealed)
				if err != nil {
					return changed, left, fmt.Errorf("%s.%s of %s: %w", h.Table, h.Sealed, row.Key, err)
				}
				next := r.Keeper.Lookup(h.kind, h.normalised(plain, row.With))
				if bytes.Equal(next, row.Hash) {
					continue
				}
				done, err := r.Store.Rehash(ctx, h.HashedColumn, row.Key, row.Hash, next)
				switch {
				case store.IsDuplicate(err) && h.Table == "push_subscriptions": // entered again meanwhile
					if err := r.Store.Q().DropPushTwin(ctx, after); err != nil {
						return changed, left, err
					}
				case err != nil:
					return changed, left, err
				case done:
					changed++
				default:
					left++
				}
			}
			if len(rows) < r.Batch {
				break
			}
			if err := wait(ctx, r.Pause); err != nil {
				return changed, left, err
			}
		}
	}
	return changed, left, nil
}
