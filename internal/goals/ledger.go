package goals

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The sides of the tallies.
const (
	sideInviting = "INVITING"
	sideInvited  = "INVITED"
)

// followBatch is how many changes one transaction of the follower takes in.
const followBatch = 2000

// Follow takes in what changed since the last time, and reports how many consultations it wrote. It may run on any node; when
// another one is at it, there is nothing to do.
func (s *Service) Follow(ctx context.Context) (int, error) {
	for total := 0; ; {
		n, err := s.follow(ctx)
		if err != nil {
			return total, fmt.Errorf("follow the ledger: %w", err)
		}
		if total += n; n == 0 {
			return total, nil
		}
	}
}

func (s *Service) follow(ctx context.Context) (int, error) {
	var ids []uuid.UUID
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		ids = nil
		mine, err := q.TryLedgerLock(ctx)
		if err != nil || !mine {
			return err
		}
		if ids, err = q.TakeLedgerDue(ctx, followBatch); err != nil || len(ids) == 0 {
			return err
		}
		return writeLedger(ctx, q, ids)
	})
	return len(ids), err
}

// writeLedger replaces the rows of consultations, and moves the tallies by what that changed.
func writeLedger(ctx context.Context, q *db.Queries, ids []uuid.UUID) error {
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"months", func() error { return q.LedgerMonths(ctx, ids) }},
		{"old rows", func() error { return q.ForgetLedger(ctx, ids) }},
		{"new rows", func() error { return q.WriteLedger(ctx, ids) }},
		{"tallies", func() error { return q.MoveTallies(ctx) }},
		{"tallies of residents", func() error { return q.MoveResidents(ctx) }},
		{"empty tallies", func() error { return q.ForgetEmptyTallies(ctx) }},
		{"what moved", func() error { return q.ForgetLedgerMoves(ctx) }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// rebuildBatch is how many consultations one statement of a rebuild projects: so many that reading what is joined to them once for each
// is little.
const rebuildBatch = 1_000_000

// RebuildLedger throws the ledger away and writes it anew, in one transaction, so that readers see the old one until it is done.
// What changes meanwhile waits in the queue. The answer that each consultation keeps beside itself is mended with it.
func (s *Service) RebuildLedger(ctx context.Context, progress func(rows int64)) error {
	return s.st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LedgerLock(ctx); err != nil {
			return err
		}
		if err := q.ClearLedger(ctx); err != nil {
			return fmt.Errorf("clear the ledger: %w", err)
		}
		if err := q.MendAnswers(ctx); err != nil {
			return fmt.Errorf("answers of consultations: %w", err)
		}
		if err := q.ForgetAnswers(ctx); err != nil {
			return fmt.Errorf("answers of consultations: %w", err)
		}
		return fillLedger(ctx, q, progress)
	})
}

// fillLedger fills an empty ledger and its tallies.
func fillLedger(ctx context.Context, q *db.Queries, progress func(rows int64)) error {
	if err := q.RoomToCount(ctx); err != nil {
		return err
	}
	span, err := q.LedgerPeriod(ctx)
	if err != nil {
		return fmt.Errorf("period of the ledger: %w", err)
	}
	if err := q.MakeLedgerMonths(ctx, db.MakeLedgerMonthsParams{Since: span.First, Until: span.Last}); err != nil {
		return fmt.Errorf("months: %w", err)
	}
	var total int64
	for after := uuid.Nil; ; {
		until, err := q.ConsultationsUntil(ctx, db.ConsultationsUntilParams{After: after, Batch: rebuildBatch})
		if store.IsNone(err) {
			break
		}
		if err != nil {
			return fmt.Errorf("consultations: %w", err)
		}
		n, err := q.FillLedger(ctx, db.FillLedgerParams{After: after, Until: until})
		if err != nil {
			return fmt.Errorf("rows of the ledger: %w", err)
		}
		after = until
		if total += n; progress != nil {
			progress(total)
		}
	}
	if err := q.AnalyzeLedger(ctx); err != nil {
		return fmt.Errorf("statistics of the ledger: %w", err)
	}
	if err := q.FillTallies(ctx); err != nil {
		return fmt.Errorf("tallies: %w", err)
	}
	return nil
}

// mostDiffering consultations are named when the ledger is checked.
const mostDiffering = 100

// LedgerCheck is what a check of the ledger found.
type LedgerCheck struct {
	Consultations []uuid.UUID // whose row is not what the operational rows say
	Tallies       int64       // that are not what a direct count of the ledger gives
	Answers       []uuid.UUID // consultations that keep another answer than that of their current evaluation
}

// Right says that nothing differs.
func (c LedgerCheck) Right() bool {
	return len(c.Consultations) == 0 && c.Tallies == 0 && len(c.Answers) == 0
}

// CheckLedger compares the ledger with the operational rows, its tallies with the ledger, and what consultations keep of their evaluations
// with these. What waits in the queue is taken in first.
func (s *Service) CheckLedger(ctx context.Context) (LedgerCheck, error) {
	var found LedgerCheck
	if _, err := s.Follow(ctx); err != nil {
		return found, err
	}
	err := s.st.Tx(ctx, func(q *db.Queries) (err error) {
		if err := q.RoomToCount(ctx); err != nil {
			return err
		}
		if found.Consultations, err = q.LedgerDiffers(ctx, mostDiffering); err != nil {
			return fmt.Errorf("check the ledger: %w", err)
		}
		if found.Tallies, err = q.TalliesDiffer(ctx); err != nil {
			return fmt.Errorf("check the tallies: %w", err)
		}
		if found.Answers, err = q.AnswersDiffer(ctx, mostDiffering); err != nil {
			return fmt.Errorf("check the answers: %w", err)
		}
		return nil
	})
	return found, err
}
