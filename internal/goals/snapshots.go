package goals

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Returns: draft, lock, sign off, file. A correction is the next version.

// ListGoalSnapshots gives what was drafted, locked and filed of an organisation, newest first.
func (s *Service) ListGoalSnapshots(ctx context.Context, a identity.Actor, in contract.ListGoalSnapshotsParams) ([]contract.GoalSnapshot, error) {
	q := s.st.Q()
	sc, err := s.look(ctx, q, a, in.OrganisationId)
	if err != nil {
		return nil, err
	}
	return s.snapshots(ctx, q, sc.Id, nil)
}

func (s *Service) snapshots(ctx context.Context, q *db.Queries, organisation uuid.UUID, id *uuid.UUID) ([]contract.GoalSnapshot, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.SnapshotsOf(ctx, db.SnapshotsOfParams{OrganisationID: organisation, ID: id})
	if err != nil {
		return nil, fmt.Errorf("snapshots: %w", err)
	}
	out := make([]contract.GoalSnapshot, 0, len(rows))
	for _, r := range rows {
		p, _ := PeriodOf(Kind(r.Kind), consult.DateFromTime(r.StartsOn))
		v := contract.GoalSnapshot{Id: r.ID, OrganisationId: r.OrganisationID, Organisation: r.Organisation, Kind: contract.GoalKind(r.Kind), First: day(p.First), Label: p.String(), Version: int(r.Version),
			State: contract.GoalSnapshotState(r.State), Ruleset: r.Ruleset, Definitions: r.Definitions, Figures: []contract.SnapshotFigure{}, Differences: []contract.SnapshotDifference{}, RowCount: int(r.RowCount),
			CreatedBy: r.CreatedName, CreatedAt: r.CreatedAt, LockedAt: r.LockedAt, SignedAt: r.SignedAt, FiledAt: r.FiledAt, Over: p.Over(now), Reason: some(r.Reason), Receipt: some(r.Receipt),
			LockedBy: some(r.LockedName), SignedBy: some(r.SignedName), FiledBy: some(r.FiledName), Digest: some(hex.EncodeToString(r.Digest)), SealKey: some(r.SealKid)}
		if err := json.Unmarshal(r.Figures, &v.Figures); err != nil {
			return nil, fmt.Errorf("figures of snapshot %s: %w", r.ID, err)
		}
		if err := json.Unmarshal(r.Differences, &v.Differences); err != nil {
			return nil, fmt.Errorf("differences of snapshot %s: %w", r.ID, err)
		}
		out = append(out, v)
	}
	return out, nil
}

func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// GetGoalSnapshot gives one; the figures of a draft are those of now.
func (s *Service) GetGoalSnapshot(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.GoalSnapshot, error) {
	var out contract.GoalSnapshot
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		sc, err := s.snapshotScope(ctx, q, a, id)
		if err != nil {
			return err
		}
		out, err = s.snapshot(ctx, q, sc, id)
		return err
	})
	return out, err
}

func (s *Service) snapshot(ctx context.Context, q *db.Queries, sc scope, id uuid.UUID) (contract.GoalSnapshot, error) {
	list, err := s.snapshots(ctx, q, sc.Id, &id)
	if err != nil {
		return contract.GoalSnapshot{}, err
	}
	if len(list) != 1 {
		return contract.GoalSnapshot{}, problem.NotFound()
	}
	v := list[0]
	if v.State == "DRAFT" {
		p, _ := PeriodOf(Kind(v.Kind), consult.DateFromTime(v.First.Time))
		if v.Figures, v.Definitions, err = s.freezable(ctx, q, sc, p); err != nil {
			return v, err
		}
	}
	return v, nil
}

// snapshotScope is the scope of a snapshot's organisation; a foreign one is 404.
func (s *Service) snapshotScope(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (scope, error) {
	if err := require(a, append(authorities(), roleAdmin)...); err != nil {
		return scope{}, err
	}
	organisation, err := q.SnapshotOrganisation(ctx, id)
	if store.IsNone(err) {
		return scope{}, problem.NotFound()
	}
	if err != nil {
		return scope{}, fmt.Errorf("organisation of a snapshot: %w", err)
	}
	return s.look(ctx, q, a, &organisation)
}

// ownScope is a scope in which the caller acts for the organisation, and not only looks at it from above.
func ownScope(sc scope) error {
	if !sc.Own {
		return problem.Forbidden()
	}
	return nil
}

// CreateGoalSnapshot drafts a period's return, or takes up the draft that there is. After a locked one it is a correction.
func (s *Service) CreateGoalSnapshot(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.GoalSnapshotInput) (contract.GoalSnapshot, error) {
	var sc scope
	p, err := periodIn(in.Kind, in.Day)
	if err != nil {
		return contract.GoalSnapshot{}, err
	}
	id, err := s.command(ctx, a, cmd, "createGoalSnapshot", in, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		var err error
		if sc, err = s.look(ctx, q, a, in.OrganisationId); err != nil {
			return uuid.Nil, err
		}
		if err := ownScope(sc); err != nil {
			return uuid.Nil, err
		}
		newest, err := q.NewestSnapshot(ctx, db.NewestSnapshotParams{OrganisationID: sc.Id, Kind: string(p.Kind), StartsOn: p.First.Time()})
		version, reason := int32(1), ""
		switch {
		case store.IsNone(err):
		case err != nil:
			return uuid.Nil, fmt.Errorf("newest snapshot: %w", err)
		case newest.State == "DRAFT":
			return newest.ID, nil
		default:
			if reason = strings.TrimSpace(text(in.Reason)); reason == "" {
				return uuid.Nil, refuse("correction_reason", nil)
			}
			version = newest.Version + 1
		}
		id := newID()
		n, err := q.AddSnapshot(ctx, db.AddSnapshotParams{ID: id, OrganisationID: sc.Id, Kind: string(p.Kind), StartsOn: p.First.Time(), Version: version, Reason: reason, CreatedBy: a.UserID, Now: now})
		if err != nil {
			return uuid.Nil, fmt.Errorf("draft a snapshot: %w", err)
		}
		if n == 0 { // two began at the same moment: they share one draft
			drafted, err := q.SnapshotVersion(ctx, db.SnapshotVersionParams{OrganisationID: sc.Id, Kind: string(p.Kind), StartsOn: p.First.Time(), Version: version})
			if err != nil {
				return uuid.Nil, fmt.Errorf("draft a snapshot: %w", err)
			}
			return drafted.ID, nil
		}
		return id, audit(ctx, q, a, sc.role(a), "DRAFT_RETURN", "snapshot", id)
	})
	if err != nil {
		return contract.GoalSnapshot{}, err
	}
	return s.GetGoalSnapshot(ctx, a, id)
}

// SignGoalSnapshot signs off what was locked; the person who answers for it does so, and the access log has it.
func (s *Service) SignGoalSnapshot(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.GoalSnapshot, error) {
	return s.moveSnapshot(ctx, a, cmd, id, "signGoalSnapshot", nil, func(q *db.Queries, _ scope, _ db.Snapshot, now time.Time) error {
		n, err := q.SignSnapshot(ctx, db.SignSnapshotParams{ID: id, SignedBy: a.UserID, Now: now})
		if err == nil && n != 1 {
			err = problem.New(http.StatusConflict, "snapshot_state", nil)
		}
		return err
	}, "SIGN_RETURN")
}

// FileGoalSnapshot enters the receipt of whoever it was filed with.
func (s *Service) FileGoalSnapshot(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ReceiptInput) (contract.GoalSnapshot, error) {
	return s.moveSnapshot(ctx, a, cmd, id, "fileGoalSnapshot", in, func(q *db.Queries, _ scope, _ db.Snapshot, now time.Time) error {
		n, err := q.FileSnapshot(ctx, db.FileSnapshotParams{ID: id, Receipt: strings.TrimSpace(in.Receipt), FiledBy: a.UserID, Now: now})
		if err == nil && n != 1 {
			err = problem.New(http.StatusConflict, "snapshot_state", nil)
		}
		return err
	}, "FILE_RETURN")
}

func (s *Service) moveSnapshot(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, operation string, in any,
	do func(q *db.Queries, sc scope, row db.Snapshot, now time.Time) error, action string) (contract.GoalSnapshot, error) {
	request := struct {
		ID   uuid.UUID
		Body any
	}{id, in}
	_, err := s.command(ctx, a, cmd, operation, request, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		sc, err := s.snapshotScope(ctx, q, a, id)
		if err != nil {
			return id, err
		}
		if err := ownScope(sc); err != nil {
			return id, err
		}
		row, err := q.LockSnapshotRow(ctx, id)
		if err != nil {
			return id, fmt.Errorf("lock the snapshot: %w", err)
		}
		if err := do(q, sc, row, now); err != nil {
			return id, err
		}
		return id, audit(ctx, q, a, sc.role(a), action, "snapshot", id)
	})
	if err != nil {
		return contract.GoalSnapshot{}, err
	}
	return s.GetGoalSnapshot(ctx, a, id)
}
