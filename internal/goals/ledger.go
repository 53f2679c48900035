package goals

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

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

// cell is one organisation's month on one side.
type cell struct {
	organisation uuid.UUID
	side         string
	month        time.Time
}

// writeLedger replaces the rows of consultations and counts anew the cells that they leave and enter.
func writeLedger(ctx context.Context, q *db.Queries, ids []uuid.UUID) error {
	if err := q.LedgerMonths(ctx, ids); err != nil {
		return fmt.Errorf("months: %w", err)
	}
	touched := map[cell]bool{}
	touch := func(inviting uuid.UUID, invited *uuid.UUID, month time.Time) {
		touched[cell{inviting, sideInviting, month}] = true
		if invited != nil {
			touched[cell{*invited, sideInvited, month}] = true
		}
	}
	gone, err := q.ForgetLedger(ctx, ids)
	if err != nil {
		return fmt.Errorf("old rows: %w", err)
	}
	for _, g := range gone {
		touch(g.InvitingOrgID, g.InvitedOrgID, g.Month)
	}
	made, err := q.WriteLedger(ctx, ids)
	if err != nil {
		return fmt.Errorf("new rows: %w", err)
	}
	for _, m := range made {
		touch(m.InvitingOrgID, m.InvitedOrgID, m.Month)
	}
	cells := make([]cell, 0, len(touched))
	for c := range touched {
		cells = append(cells, c)
	}
	return tally(ctx, q, cells)
}

// tally counts cells anew, and the quarters and years around them.
func tally(ctx context.Context, q *db.Queries, cells []cell) error {
	if len(cells) == 0 {
		return nil
	}
	var p db.ForgetTalliesParams
	for _, c := range cells {
		p.Organisations, p.Sides, p.Months = append(p.Organisations, c.organisation), append(p.Sides, c.side), append(p.Months, c.month)
	}
	if err := q.ForgetTallies(ctx, p); err != nil {
		return fmt.Errorf("old tallies: %w", err)
	}
	if err := q.WriteMonthTallies(ctx, db.WriteMonthTalliesParams(p)); err != nil {
		return fmt.Errorf("tallies of months: %w", err)
	}
	if err := q.WriteLongTallies(ctx, db.WriteLongTalliesParams(p)); err != nil {
		return fmt.Errorf("tallies of quarters and years: %w", err)
	}
	return nil
}

// rebuildBatch is how many consultations one statement of a rebuild projects.
const rebuildBatch = 20_000

// RebuildLedger throws the ledger away and writes it anew, in one transaction, so that readers see the old one until it is done.
// What changes meanwhile waits in the queue.
func (s *Service) RebuildLedger(ctx context.Context, progress func(rows int64)) error {
	return s.st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LedgerLock(ctx); err != nil {
			return err
		}
		if err := q.ClearLedger(ctx); err != nil {
			return fmt.Errorf("clear the ledger: %w", err)
		}
		return fillLedger(ctx, q, progress)
	})
}

// fillLedger fills an empty ledger and its tallies.
func fillLedger(ctx context.Context, q *db.Queries, progress func(rows int64)) error {
	span, err := q.LedgerPeriod(ctx)
	if err != nil {
		return fmt.Errorf("period of the ledger: %w", err)
	}
	if err := q.MakeLedgerMonths(ctx, db.MakeLedgerMonthsParams{Since: span.First, Until: span.Last}); err != nil {
		return fmt.Errorf("months: %w", err)
	}
	var total int64
	for after := uuid.Nil; ; {
		ids, err := q.ConsultationsAfter(ctx, db.ConsultationsAfterParams{After: after, Batch: rebuildBatch})
		if err != nil {
			return fmt.Errorf("consultations: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		until := ids[len(ids)-1]
		n, err := q.FillLedger(ctx, db.FillLedgerParams{After: after, Until: until})
		if err != nil {
			return fmt.Errorf("rows of the ledger: %w", err)
		}
		after = until
		if total += n; progress != nil {
			progress(total)
		}
	}
	return tallyAll(ctx, q)
}

// tallyAll counts everything that the ledger holds, month by month, then the quarters and years once.
func tallyAll(ctx context.Context, q *db.Queries) error {
	months, err := q.LedgerMonthsHeld(ctx)
	if err != nil {
		return fmt.Errorf("months of the ledger: %w", err)
	}
	all := map[cell]bool{} // one month of each quarter stands for it
	for _, month := range months {
		found, err := q.LedgerCells(ctx, db.LedgerCellsParams{Since: month, Before: month.AddDate(0, 1, 0)})
		if err != nil {
			return fmt.Errorf("cells of the ledger: %w", err)
		}
		var p db.WriteMonthTalliesParams
		for _, c := range found {
			p.Organisations, p.Sides, p.Months = append(p.Organisations, c.OrganisationID), append(p.Sides, c.Side), append(p.Months, month)
			quarter := time.Date(month.Year(), month.Month()-(month.Month()-1)%3, 1, 0, 0, 0, 0, time.UTC)
			all[cell{c.OrganisationID, c.Side, quarter}] = true
		}
		if err := q.WriteMonthTallies(ctx, p); err != nil {
			return fmt.Errorf("tallies of %s: %w", month.Format("2006-01"), err)
		}
	}
	var p db.WriteLongTalliesParams
	for c := range all {
		p.Organisations, p.Sides, p.Months = append(p.Organisations, c.organisation), append(p.Sides, c.side), append(p.Months, c.month)
	}
	if len(all) == 0 {
		return nil
	}
	if err := q.WriteLongTallies(ctx, p); err != nil {
		return fmt.Errorf("tallies of quarters and years: %w", err)
	}
	return nil
}

// mostDiffering consultations are named when the ledger is checked.
const mostDiffering = 100

// CheckLedger names consultations whose row of the ledger is not what the operational rows say now. What waits in the queue is
// taken in first.
func (s *Service) CheckLedger(ctx context.Context) ([]uuid.UUID, error) {
	if _, err := s.Follow(ctx); err != nil {
		return nil, err
	}
	ids, err := s.st.Q().LedgerDiffers(ctx, mostDiffering)
	if err != nil {
		return nil, fmt.Errorf("check the ledger: %w", err)
	}
	return ids, nil
}
