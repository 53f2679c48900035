package chaos

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// chainedWithin is by when the servers must have chained a row, with whatever a bad machine makes of a second.
const chainedWithin = 30 * time.Second

// proof verifies the hash chain as the command does, once the servers have chained what was written.
func (s *Site) proof(ctx context.Context) (*check.Proof, error) {
	st, err := store.Open(ctx, s.databaseURL())
	if err != nil {
		return nil, err
	}
	defer st.Close()
	kek, err := seal.LoadOrCreateKEK(filepath.Join(s.dir, "keys"))
	if err != nil {
		return nil, err
	}
	keep, err := identity.OpenKeeper(ctx, st, kek)
	if err != nil {
		return nil, err
	}
	out := &check.Proof{}
	for {
		waiting, err := st.Q().PendingFigures(ctx)
		if err != nil {
			return nil, fmt.Errorf("what waits for the chain: %w", err)
		}
		if waiting.Waiting == 0 {
			break
		}
		if waiting.OldestSeconds > chainedWithin.Seconds() {
			out.Waiting = waiting.Waiting
			break
		}
		if !pause(ctx, 100*time.Millisecond) {
			return nil, ctx.Err()
		}
	}
	result, err := audit.Verify(ctx, st, keep, audit.Options{})
	if err != nil {
		return nil, err
	}
	for _, c := range result.Chains {
		out.Entries += c.Entries
	}
	for _, f := range result.Faults {
		out.Faults = append(out.Faults, f.What)
	}
	return out, nil
}
