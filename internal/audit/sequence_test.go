package audit_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/audit"
)

// stub is a verifier of another package.
type stub struct{}

func (stub) Name() string { return "stubs" }
func (stub) Verify(_ context.Context, report func(audit.Fault)) (int64, error) {
	report(audit.Fault{Code: audit.FaultSnapshot, What: "a stub does not hold"})
	return 3, nil
}

// Several nodes, two of one name, chain at once while rows are written, and some of them are broken off in the middle: every row is
// chained exactly once, without a gap.
func TestEveryRowIsChainedOnce(t *testing.T) {
	r := newRecord(t)
	writing, done := context.WithCancel(t.Context())
	var writers, chainers sync.WaitGroup
	for i := range 3 {
		writers.Go(func() {
			for j := range 300 {
				if _, err := r.Store.Pool.Exec(t.Context(), `INSERT INTO access_log (id, user_id, role, action, object_type, object_id) VALUES ($1, $2, 'NURSE', $3, 'resident', $4)`,
					uuid.New(), r.Nurse.UserID, fmt.Sprintf("read-%d-%d", i, j), r.Resident); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i, node := range []string{"one", "one", "two", "dying"} {
		s := r.sequencer(node)
		chainers.Go(func() {
			for writing.Err() == nil {
				ctx, cancel := context.WithCancel(t.Context())
				if i == 3 {
					go cancel() // at any moment
				}
				if _, err := s.Run(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	writers.Wait()
	done()
	chainers.Wait()
	r.chain()
	got := r.verify(audit.Options{})
	if !got.OK || got.Waiting != 0 {
		t.Fatalf("%d faults, %d waiting: %+v", got.Found, got.Waiting, got.Faults)
	}
	rows := r.Count("SELECT count(*) FROM access_log")
	if entries := r.Count("SELECT count(*) FROM chain_entries WHERE kind = 'access'"); entries != rows || rows < 900 {
		t.Errorf("%d entries for %d rows", entries, rows)
	}
	if n := r.Count("SELECT count(*) FROM (SELECT object FROM chain_entries WHERE kind = 'access' GROUP BY object HAVING count(*) > 1) x"); n != 0 {
		t.Errorf("%d rows were chained twice", n)
	}
}

// A checkpoint is made only where something was added.
func TestCheckpoints(t *testing.T) {
	r := newRecord(t)
	r.chain()
	first, made, err := audit.MakeCheckpoint(t.Context(), r.Store, r.Keeper)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	again, made, err := audit.MakeCheckpoint(t.Context(), r.Store, r.Keeper)
	if err != nil || made || again.Signature != first.Signature {
		t.Errorf("nothing new: %v, %v", made, err)
	}
	r.Exec(`INSERT INTO access_log (id, action, object_type) VALUES ($1, 'x', 'y')`, uuid.New())
	r.chain()
	next, made, err := audit.MakeCheckpoint(t.Context(), r.Store, r.Keeper)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	if h, err := next.Heads(); err != nil || h.Previous == "" || len(h.Chains) < 2 {
		t.Errorf("%+v, %v", h, err)
	}
	if got := r.verify(audit.Options{Checkpoint: &first}); !got.OK || got.Checkpoints != 3 {
		t.Errorf("an older checkpoint: %+v", got)
	}
}
