package goals

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const (
	rectifications = "rectifications"
	foundBySelf    = "SELF"
)

func (s *Service) rectificationView(r db.RectificationsOfRow, now time.Time) (contract.Rectification, error) {
	open := func(column string, sealed []byte) (string, error) {
		if sealed == nil {
			return "", nil
		}
		text, err := s.keep.OpenText(rectifications, column, r.ID, sealed)
		if err != nil {
			return "", fmt.Errorf("rectification %s: %w", r.ID, err)
		}
		return text, nil
	}
	v := contract.Rectification{Id: r.ID, Number: r.Number, OrganisationId: r.OrganisationID, Organisation: r.Organisation, FoundByLevel: contract.RectificationFoundByLevel(r.FoundByLevel),
		FoundOn: openapi_types.Date{Time: r.FoundOn}, Item: r.Item, Category: r.Category, Severity: contract.RectificationSeverity(r.Severity), DueOn: openapi_types.Date{Time: r.DueOn}, Progress: int(r.Progress),
		State: contract.RectificationState(r.State), Revision: int(r.Revision), VerifiedBy: some(r.VerifiedName),
		Overdue: (r.State == "OPEN" || r.State == "WORKING") && consult.DateFromTime(r.DueOn).Before(consult.DateOf(now))}
	for _, f := range []struct {
		column string
		sealed []byte
		set    func(string)
	}{{"finding_enc", r.FindingEnc, func(t string) { v.Finding = t }}, {"owner_enc", r.OwnerEnc, func(t string) { v.Owner = t }}, {"measure_enc", r.MeasureEnc, func(t string) { v.Measure = some(t) }},
		{"evidence_enc", r.EvidenceEnc, func(t string) { v.Evidence = some(t) }}, {"verdict_enc", r.VerdictEnc, func(t string) { v.Verdict = some(t) }}} {
		text, err := open(f.column, f.sealed)
		if err != nil {
			return v, err
		}
		f.set(text)
	}
	if r.DoneOn != nil {
		v.DoneOn = &openapi_types.Date{Time: *r.DoneOn}
	}
	if r.VerifiedOn != nil {
		v.VerifiedOn = &openapi_types.Date{Time: *r.VerifiedOn}
	}
	return v, nil
}

// ListRectifications gives the ledger of findings of a scope, open ones first.
func (s *Service) ListRectifications(ctx context.Context, a identity.Actor, in contract.ListRectificationsParams) ([]contract.Rectification, error) {
	q := s.st.Q()
	sc, err := s.look(ctx, q, a, in.OrganisationId)
	if err != nil {
		return nil, err
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.RectificationsOf(ctx, sc.ids())
	if err != nil {
		return nil, fmt.Errorf("rectifications: %w", err)
	}
	out := []contract.Rectification{}
	for _, r := range rows {
		v, err := s.rectificationView(r, now)
		if err != nil {
			return nil, err
		}
		v.Verifiable, v.Editable = mayVerify(r, a, sc), mayEdit(r, a)
		out = append(out, v)
	}
	return out, nil
}

// mayVerify: what is done is confirmed from above when it was found from above, otherwise by the institution as well, and never by
// who says that it is done.
func mayVerify(r db.RectificationsOfRow, a identity.Actor, sc scope) bool {
	return r.State == "DONE" && (sc.authority || r.FoundByLevel == foundBySelf) && r.FinishedBy != a.UserID
}

// mayEdit: the institution says how far it is, until that is confirmed.
func mayEdit(r db.RectificationsOfRow, a identity.Actor) bool {
	return r.State != "VERIFIED" && a.In(r.OrganisationID, roleAdmin)
}

// step notes one in the course of a finding.
func (s *Service) step(ctx context.Context, q *db.Queries, a identity.Actor, of uuid.UUID, kind string, progress int16, dueOn, now time.Time, note *string) error {
	id := newID()
	if err := q.AddRectificationStep(ctx, db.AddRectificationStepParams{ID: id, RectificationID: of, Kind: kind, Progress: progress, DueOn: dueOn, NoteEnc: s.seal("rectification_steps", "note_enc", id, note),
		DoneBy: a.UserID, Now: now}); err != nil {
		return fmt.Errorf("step of a rectification: %w", err)
	}
	return nil
}

// CreateRectification enters a finding: of the institution itself, or of an authority in what reports to it.
func (s *Service) CreateRectification(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.RectificationInput) (contract.Rectification, error) {
	id, err := s.command(ctx, a, cmd, "createRectification", in, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		sc, err := s.look(ctx, q, a, in.OrganisationId)
		if err != nil {
			return uuid.Nil, err
		}
		if sc.Level != levelInstitution {
			return uuid.Nil, problem.Invalid(problem.Field{Path: "organisationId", Code: "wrong_value"})
		}
		level := foundBySelf
		if sc.authority {
			level = strings.TrimPrefix(sc.role(a), "REG_")
		}
		today := consult.DateOf(now)
		if consult.DateFromTime(in.DueOn.Time).Before(today) {
			return uuid.Nil, problem.Invalid(problem.Field{Path: "dueOn", Code: "in_past"})
		}
		n, err := q.NextRectification(ctx)
		if err != nil {
			return uuid.Nil, fmt.Errorf("number of a rectification: %w", err)
		}
		id := newID()
		err = q.AddRectification(ctx, db.AddRectificationParams{ID: id, Number: fmt.Sprintf("ZG%d-%04d", today.Year, n), OrganisationID: sc.Id, FoundByLevel: level, FoundOn: today.Time(), Item: in.Item,
			Category: string(in.Category), Severity: string(in.Severity), FindingEnc: s.seal(rectifications, "finding_enc", id, &in.Finding), MeasureEnc: s.seal(rectifications, "measure_enc", id, in.Measure),
			OwnerEnc: s.seal(rectifications, "owner_enc", id, &in.Owner), DueOn: in.DueOn.Time, CreatedBy: a.UserID, Now: now})
		switch {
		case store.Violates(err, "rectifications_item_fkey"):
			return uuid.Nil, problem.Invalid(problem.Field{Path: "item", Code: "wrong_value"})
		case err != nil:
			return uuid.Nil, fmt.Errorf("enter a rectification: %w", err)
		}
		if err := s.step(ctx, q, a, id, "ENTERED", 0, in.DueOn.Time, now, nil); err != nil {
			return uuid.Nil, err
		}
		return id, audit(ctx, q, a, sc.role(a), "RECTIFICATION_ENTERED", "rectification", id)
	})
	if err != nil {
		return contract.Rectification{}, err
	}
	return s.rectification(ctx, a, id)
}

// GetRectification gives one with its course.
func (s *Service) GetRectification(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Rectification, error) {
	if err := require(a, append(authorities(), roleAdmin)...); err != nil {
		return contract.Rectification{}, err
	}
	return s.rectification(ctx, a, id)
}

// rectification is one as the caller sees it; a foreign one is 404.
func (s *Service) rectification(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Rectification, error) {
	var out contract.Rectification
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		row, sc, now, err := s.seeRectification(ctx, q, a, id)
		if err != nil {
			return err
		}
		if out, err = s.rectificationView(row, now); err != nil {
			return err
		}
		out.Verifiable, out.Editable = mayVerify(row, a, sc), mayEdit(row, a)
		rows, err := q.RectificationSteps(ctx, id)
		if err != nil {
			return fmt.Errorf("course of a rectification: %w", err)
		}
		steps := make([]contract.RectificationStep, 0, len(rows))
		for _, r := range rows {
			v := contract.RectificationStep{Kind: contract.RectificationStepKind(r.Kind), Progress: int(r.Progress), DueOn: openapi_types.Date{Time: r.DueOn}, By: r.DoneName, At: r.DoneAt}
			if r.NoteEnc != nil {
				note, err := s.keep.OpenText("rectification_steps", "note_enc", r.ID, r.NoteEnc)
				if err != nil {
					return fmt.Errorf("course of a rectification: %w", err)
				}
				v.Note = some(note)
			}
			steps = append(steps, v)
		}
		out.Steps = &steps
		return nil
	})
	return out, err
}

func (s *Service) seeRectification(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.RectificationsOfRow, scope, time.Time, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return db.RectificationsOfRow{}, scope{}, now, err
	}
	row, err := q.RectificationByID(ctx, id)
	if store.IsNone(err) {
		return db.RectificationsOfRow{}, scope{}, now, problem.NotFound()
	}
	if err != nil {
		return db.RectificationsOfRow{}, scope{}, now, fmt.Errorf("rectification: %w", err)
	}
	sc, err := s.look(ctx, q, a, &row.OrganisationID)
	return db.RectificationsOfRow(row), sc, now, err
}

// UpdateRectification notes measure, owner, progress and evidence; 100 % is done. What the institution found itself it may put off.
func (s *Service) UpdateRectification(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.RectificationUpdate) (contract.Rectification, error) {
	if err := require(a, roleAdmin); err != nil {
		return contract.Rectification{}, err
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		row, sc, now, err := s.seeRectification(ctx, q, a, id)
		if err != nil {
			return err
		}
		if err := ownScope(sc); err != nil {
			return err
		}
		p := db.UpdateRectificationParams{ID: id, Revision: int32(in.Revision), Progress: int16(in.Progress), State: "WORKING", MeasureEnc: row.MeasureEnc, OwnerEnc: row.OwnerEnc, EvidenceEnc: row.EvidenceEnc, DueOn: row.DueOn}
		if in.Measure != nil {
			p.MeasureEnc = s.seal(rectifications, "measure_enc", id, in.Measure)
		}
		if in.Owner != nil && strings.TrimSpace(*in.Owner) != "" {
			p.OwnerEnc = s.seal(rectifications, "owner_enc", id, in.Owner)
		}
		if in.Evidence != nil {
			p.EvidenceEnc = s.seal(rectifications, "evidence_enc", id, in.Evidence)
		}
		if in.DueOn != nil && !in.DueOn.Equal(row.DueOn) {
			if row.FoundByLevel != foundBySelf {
				return refuse("rectification_due_fixed", nil)
			}
			if consult.DateFromTime(in.DueOn.Time).Before(consult.DateOf(now)) {
				return problem.Invalid(problem.Field{Path: "dueOn", Code: "in_past"})
			}
			p.DueOn = in.DueOn.Time
		}
		kind, note := "CHANGED", (*string)(nil)
		switch {
		case in.Progress == 0:
			p.State = "OPEN"
		case in.Progress == 100:
			if p.EvidenceEnc == nil {
				return problem.Invalid(problem.Field{Path: "evidence", Code: "required"})
			}
			today := consult.DateOf(now).Time()
			p.State, p.DoneOn = "DONE", &today
			kind, note = "DONE", in.Evidence
		}
		n, err := q.UpdateRectification(ctx, p)
		if err != nil {
			return fmt.Errorf("change a rectification: %w", err)
		}
		if n != 1 {
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		if err := s.step(ctx, q, a, id, kind, p.Progress, p.DueOn, now, note); err != nil {
			return err
		}
		return audit(ctx, q, a, roleAdmin, "RECTIFICATION_CHANGED", "rectification", id)
	})
	if err != nil {
		return contract.Rectification{}, err
	}
	return s.rectification(ctx, a, id)
}

// VerifyRectification confirms what is done, or sends it back to work.
func (s *Service) VerifyRectification(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.RectificationVerdict) (contract.Rectification, error) {
	request := struct {
		ID   uuid.UUID
		Body any
	}{id, in}
	_, err := s.command(ctx, a, cmd, "verifyRectification", request, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		row, sc, _, err := s.seeRectification(ctx, q, a, id)
		if err != nil {
			return id, err
		}
		if row.State != "DONE" {
			return id, problem.New(http.StatusConflict, "rectification_not_done", nil)
		}
		if !mayVerify(row, a, sc) {
			if row.FinishedBy == a.UserID {
				return id, refuse("rectification_own", nil)
			}
			return id, refuse("rectification_verifier", nil)
		}
		kind := "RETURNED"
		p := db.VerifyRectificationParams{ID: id, State: "WORKING", Progress: 90, VerdictEnc: s.seal(rectifications, "verdict_enc", id, &in.Verdict)}
		if in.Accepted {
			today := consult.DateOf(now).Time()
			p.State, p.Progress, p.DoneOn, p.VerifiedBy, p.VerifiedOn = "VERIFIED", 100, row.DoneOn, &a.UserID, &today
			kind = "VERIFIED"
		}
		n, err := q.VerifyRectification(ctx, p)
		if err != nil {
			return id, fmt.Errorf("verify a rectification: %w", err)
		}
		if n != 1 {
			return id, problem.New(http.StatusConflict, "rectification_not_done", nil)
		}
		if err := s.step(ctx, q, a, id, kind, p.Progress, row.DueOn, now, &in.Verdict); err != nil {
			return id, err
		}
		return id, audit(ctx, q, a, sc.role(a), "RECTIFICATION_VERIFIED", "rectification", id)
	})
	if err != nil {
		return contract.Rectification{}, err
	}
	return s.rectification(ctx, a, id)
}
