package goals

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// What a locked return keeps: figures and rows of one instant, under a digest and the system's seal; and the proof that they are still those.

// freezable are the figures of a period as a snapshot keeps them, and the definitions' label.
func (s *Service) freezable(ctx context.Context, q *db.Queries, sc scope, p Period) ([]contract.SnapshotFigure, string, error) {
	defs, err := s.loadDefinitions(ctx, q, p.Last())
	if err != nil {
		return nil, "", err
	}
	f, err := s.count(ctx, q, sc, p, sideInviting)
	if err != nil {
		return nil, "", err
	}
	out := []contract.SnapshotFigure{}
	for _, i := range defs.indicators(sc, f, nil, nil) {
		v := contract.SnapshotFigure{Code: i.Code, Version: i.Version, State: string(i.State), Numerator: i.Numerator, Denominator: i.Denominator, Value: i.Value}
		if i.Imported != nil {
			var files []string
			for _, n := range *i.Imported {
				files = append(files, n.File)
			}
			v.Imported = some(strings.Join(files, ", "))
		}
		out = append(out, v)
	}
	return out, defs.label(), nil
}

// LockGoalSnapshot closes a period: an institution's months are closed for the rules of countability, then rows and figures are frozen,
// hashed and sealed. An authority's return freezes what its institutions have; it closes none of their months.
func (s *Service) LockGoalSnapshot(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.GoalSnapshot, error) {
	if err := s.closeMonths(ctx, a, id); err != nil {
		return contract.GoalSnapshot{}, err
	}
	if _, err := s.Follow(ctx); err != nil { // what happened until now is in
		return contract.GoalSnapshot{}, err
	}
	return s.moveSnapshot(ctx, a, cmd, id, "lockGoalSnapshot", nil, func(q *db.Queries, sc scope, row db.Snapshot, now time.Time) error {
		p, _ := PeriodOf(Kind(row.Kind), consult.DateFromTime(row.StartsOn))
		if !p.Over(now) {
			return refuse("period_not_over", problem.Args{"period": p.String()})
		}
		if row.State != "DRAFT" {
			return problem.New(http.StatusConflict, "snapshot_state", nil)
		}
		if err := q.LedgerLock(ctx); err != nil { // figures and rows of one instant
			return err
		}
		figures, definitions, err := s.freezable(ctx, q, sc, p)
		if err != nil {
			return err
		}
		if err := freezeRows(ctx, q, s, sc, p, id); err != nil {
			return err
		}
		rulesets, err := q.SnapshotRulesets(ctx, db.SnapshotRulesetsParams{Members: sc.ids(), Since: p.First.Time(), Before: p.Before().Time()})
		if err != nil {
			return fmt.Errorf("rulesets: %w", err)
		}
		freeze := db.FreezeSnapshotParams{ID: id, Ruleset: strings.Join(rulesets, ", "), Definitions: definitions, LockedBy: a.UserID, Now: now}
		if freeze.Figures, err = json.Marshal(figures); err != nil {
			return err
		}
		row.Ruleset, row.Definitions = freeze.Ruleset, definitions
		digest, rows, err := snapshotDigest(ctx, q, row, figures)
		if err != nil {
			return err
		}
		freeze.Digest, freeze.RowCount = digest, int32(rows)
		freeze.Seal, freeze.SealKid = s.keep.Sign(digest)
		differences, err := s.differences(ctx, q, row, figures)
		if err != nil {
			return err
		}
		if freeze.Differences, err = json.Marshal(differences); err != nil {
			return err
		}
		n, err := q.FreezeSnapshot(ctx, freeze)
		if err == nil && n != 1 {
			err = problem.New(http.StatusConflict, "snapshot_state", nil)
		}
		return err
	}, "LOCK_RETURN")
}

// closeMonths closes the months of an institution's draft that may be locked. Whether it may is looked at again under the lock; a month
// that was closed for a lock that then failed goes on by the rules of that moment.
func (s *Service) closeMonths(ctx context.Context, a identity.Actor, id uuid.UUID) error {
	if s.months == nil {
		return errors.New("goals: nobody closes months")
	}
	q := s.st.Q()
	sc, err := s.snapshotScope(ctx, q, a, id)
	if err != nil {
		return err
	}
	if err := ownScope(sc); err != nil {
		return err
	}
	if sc.Level != levelInstitution {
		return nil
	}
	list, err := s.snapshots(ctx, q, sc.Id, &id)
	if err != nil || len(list) != 1 || list[0].State != "DRAFT" || !list[0].Over {
		return err
	}
	p, _ := PeriodOf(Kind(list[0].Kind), consult.DateFromTime(list[0].First.Time))
	for month := (Period{Month, p.First}); month.First.Before(p.Before()); month = month.Next() {
		if err := s.months.CloseMonth(ctx, a.UserID, sc.Id, month.First); err != nil {
			return err
		}
	}
	return nil
}

// freezeRows copies what a snapshot stands on: an institution's consultations, an authority's organisations with their figures.
func freezeRows(ctx context.Context, q *db.Queries, s *Service, sc scope, p Period, id uuid.UUID) error {
	if sc.Level == levelInstitution {
		_, err := q.FreezeLedgerRows(ctx, db.FreezeLedgerRowsParams{SnapshotID: id, OrganisationID: sc.Id, Since: p.First.Time(), Before: p.Before().Time()})
		if err != nil {
			return fmt.Errorf("freeze the rows: %w", err)
		}
		return nil
	}
	rows, err := areaRows(ctx, q, s, sc, p)
	if err != nil {
		return err
	}
	for i, r := range rows {
		if err := q.AddSnapshotRow(ctx, db.AddSnapshotRowParams{SnapshotID: id, Position: int32(i + 1), Key: r.key, Content: r.content}); err != nil {
			return fmt.Errorf("freeze the figures of %s: %w", r.key, err)
		}
	}
	return nil
}

type areaRow struct {
	key     string
	content []byte
}

// areaRows are the measures of what is below an authority.
func areaRows(ctx context.Context, q *db.Queries, s *Service, sc scope, p Period) ([]areaRow, error) {
	f, err := s.count(ctx, q, sc, p, sideInviting)
	if err != nil {
		return nil, err
	}
	var out []areaRow
	for _, c := range childrenOf(sc, f) {
		m := f.children[c.Scope.Id]
		if m == nil {
			m = measures{}
		}
		raw, err := json.Marshal(struct {
			ID       uuid.UUID `json:"id"`
			Name     string    `json:"name"`
			Measures measures  `json:"measures"`
		}{c.Scope.Id, c.Scope.Name, m})
		if err != nil {
			return nil, err
		}
		out = append(out, areaRow{c.Scope.Id.String(), raw})
	}
	return out, nil
}

// snapshotDigest hashes what a snapshot says: of what, under which rules and definitions, its figures, and its rows as the database
// gives them back.
func snapshotDigest(ctx context.Context, q *db.Queries, row db.Snapshot, figures []contract.SnapshotFigure) (digest []byte, rows int, err error) {
	sum := sha256.New()
	put := func(h hash.Hash, parts ...string) {
		for _, p := range parts {
			_, _ = io.WriteString(h, fmt.Sprintf("%d:", len(p)))
			_, _ = io.WriteString(h, p)
		}
	}
	raw, err := json.Marshal(figures)
	if err != nil {
		return nil, 0, err
	}
	put(sum, "lianzhen/return/1", row.OrganisationID.String(), row.Kind, row.StartsOn.Format(time.DateOnly), fmt.Sprint(row.Version), row.Ruleset, row.Definitions, string(raw))
	for after := int32(0); ; {
		page, err := q.SnapshotRows(ctx, db.SnapshotRowsParams{SnapshotID: row.ID, After: after, Batch: exportBatch})
		if err != nil {
			return nil, 0, fmt.Errorf("rows of a snapshot: %w", err)
		}
		for _, r := range page {
			put(sum, fmt.Sprint(r.Position), r.Key, r.Content)
			rows++
			after = r.Position
		}
		if len(page) < exportBatch {
			return sum.Sum(nil), rows, nil
		}
	}
}

// VerifyGoalSnapshot works the digest out again and checks the seal, and says what the ledger has otherwise by now.
func (s *Service) VerifyGoalSnapshot(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.SnapshotVerification, error) {
	out := contract.SnapshotVerification{Changes: []contract.SnapshotDifference{}}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		sc, err := s.snapshotScope(ctx, q, a, id)
		if err != nil {
			return err
		}
		row, err := q.LockSnapshotRow(ctx, id)
		if err != nil {
			return fmt.Errorf("load the snapshot: %w", err)
		}
		if row.State == "DRAFT" {
			return problem.New(http.StatusConflict, "snapshot_state", nil)
		}
		if out.CheckedAt, err = s.clock(ctx, q); err != nil {
			return err
		}
		var figures []contract.SnapshotFigure
		if err := json.Unmarshal(row.Figures, &figures); err != nil {
			return fmt.Errorf("figures of a snapshot: %w", err)
		}
		digest, rows, err := snapshotDigest(ctx, q, row, figures)
		if err != nil {
			return err
		}
		out.Digest, out.RowCount, out.Intact = hex.EncodeToString(digest), rows, slices.Equal(digest, row.Digest) && rows == int(row.RowCount)
		out.Sealed = s.keep.VerifySeal(row.SealKid, row.Digest, row.Seal) == nil
		p, _ := PeriodOf(Kind(row.Kind), consult.DateFromTime(row.StartsOn))
		now, _, err := s.freezable(ctx, q, sc, p)
		if err != nil {
			return err
		}
		out.Changes = append(out.Changes, figureDifferences(figures, now)...)
		if sc.Level == levelInstitution {
			changed, err := q.LedgerRowChanges(ctx, db.LedgerRowChangesParams{Earlier: id, OrganisationID: sc.Id, Since: p.First.Time(), Before: p.Before().Time()})
			if err != nil {
				return fmt.Errorf("changed rows: %w", err)
			}
			for _, r := range changed {
				out.Changes = append(out.Changes, contract.SnapshotDifference{Kind: "ROW", Key: r.Key, Before: brief(r.Before), After: brief(r.After)})
			}
		}
		return audit(ctx, q, a, sc.role(a), "VERIFY_RETURN", "snapshot", id)
	})
	return out, err
}
