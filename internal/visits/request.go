package visits

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// wantedWithin is how far ahead a visit can be asked for.
const wantedWithin = 366

// RequestVisit asks for a visit: from the wrap-up of a consultation, by a nurse, from a care plan, for the family, or as the round of a
// home bed. Errors: 409 visit_open with the id of the one that is on its way, 422 visit_not_served, bed_not_open, resident_left.
func (s *Service) RequestVisit(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.VisitRequest) (contract.Visit, error) {
	if err := require(a, roleNurse, roleAttending, roleConsultant, roleFamily); err != nil {
		return contract.Visit{}, err
	}
	id, err := s.command(ctx, a, cmd, "requestVisit", in, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		resident, role, err := s.whoAsks(ctx, q, a, in, now)
		if err != nil {
			return uuid.Nil, err
		}
		c, err := s.request(ctx, q, a, resident, role, in, now)
		if err != nil {
			return uuid.Nil, err
		}
		return c.v.ID, store.Append(ctx, q, c.v.ID, c.envelope("visit.changed"))
	})
	return s.reload(ctx, a, id, s.oneOpen(ctx, err, in.ResidentId, string(in.Kind)))
}

// oneOpen names the visit that is on its way already, where that is why another was refused.
func (s *Service) oneOpen(ctx context.Context, err error, resident uuid.UUID, kind string) error {
	if !store.Violates(err, "home_visits_one_open") {
		return err
	}
	open, lookErr := s.st.Q().OpenVisitOf(ctx, db.OpenVisitOfParams{ResidentID: resident, Kind: kind})
	if lookErr != nil {
		return err
	}
	return problem.New(http.StatusConflict, "visit_open", problem.Args{"id": open.String()}).Because(err)
}

// request writes a visit that was asked for, with its event; telling is left to the caller.
func (s *Service) request(ctx context.Context, q *db.Queries, a identity.Actor, resident db.ResidentForVisitRow, role string, in contract.VisitRequest, now time.Time) (*change, error) {
	today := consult.DateOf(now)
	from, to := consult.DateFromTime(in.WantedFrom.Time), consult.DateFromTime(in.WantedTo.Time)
	switch {
	case slices.ContainsFunc(value(in.Plans), func(code string) bool { _, known := consult.PlanKindByCode(code); return !known }):
		return nil, invalid("plans", "wrong_value")
	case strings.TrimSpace(in.Reason) == "":
		return nil, invalid("reason", "required")
	case to.Before(from):
		return nil, invalid("wantedTo", "period_order")
	case to.Before(today):
		return nil, invalid("wantedTo", "date_past")
	case today.AddDays(wantedWithin).Before(to):
		return nil, invalid("wantedTo", "date_too_far")
	case resident.LeftOn != nil && !consult.DateFromTime(*resident.LeftOn).After(today):
		return nil, problem.New(http.StatusUnprocessableEntity, "resident_left", nil)
	}
	org, err := s.visitorsOf(ctx, q, a, resident.ID, resident.OrganisationID, in.OrganisationId, now)
	if err != nil {
		return nil, err
	}
	row := db.AddVisitParams{ID: newID(), Kind: string(in.Kind), ResidentID: resident.ID, ResidentOrgID: resident.OrganisationID, OrganisationID: org, Source: string(in.Source),
		SourceConsultationID: in.ConsultationId, HomeBedID: in.HomeBedId, Plans: value(in.Plans), WantedFrom: from.Time(), WantedTo: to.Time(), Minutes: 30,
		Priority: int16(value(in.Priority)), CreatedBy: a.UserID, Now: now}
	if row.Plans == nil {
		row.Plans = []string{}
	}
	if in.Minutes != nil {
		row.Minutes = int16(*in.Minutes)
	}
	if err := s.checkBedOf(ctx, q, in, &row); err != nil {
		return nil, err
	}
	row.ReasonEnc = s.sealText("home_visits", "reason_enc", row.ID, in.Reason)
	if row.Number, err = number(ctx, q, "SM", now); err != nil {
		return nil, err
	}
	if err := q.AddVisit(ctx, row); err != nil {
		return nil, fmt.Errorf("ask for a visit: %w", err)
	}
	if err := addEvent(ctx, q, db.AddHomeEventParams{ObjectID: row.ID, Type: "REQUEST", ToState: string(consult.VisitRequested), ActorID: &a.UserID, ActorRole: role, Now: now},
		map[string]any{"kind": row.Kind, "source": row.Source}); err != nil {
		return nil, err
	}
	v, err := q.LockVisit(ctx, row.ID)
	if err != nil {
		return nil, fmt.Errorf("ask for a visit: %w", err)
	}
	return &change{s: s, q: q, v: v, was: v.State, now: now, by: a, actor: &a.UserID, role: role}, nil
}

// whoAsks: somebody of the resident's or the visiting institution; in a wrap-up also the hospital doctor of the consultation.
func (s *Service) whoAsks(ctx context.Context, q *db.Queries, a identity.Actor, in contract.VisitRequest, now time.Time) (db.ResidentForVisitRow, string, error) {
	if in.ConsultationId != nil {
		c, err := q.GetConsultation(ctx, *in.ConsultationId)
		if err := one(err, "the consultation"); err != nil {
			return db.ResidentForVisitRow{}, "", err
		}
		mine := c.DoctorID != nil && *c.DoctorID == a.UserID && a.Has(roleConsultant, roleFamily)
		inviter := roleIn(a, c.InvitingOrgID, roleAttending, roleNurse, roleFamily)
		if c.Visitors != nil { // who stayed at the centre does not see it
			inviter = care.VisitingRole(a, c)
		}
		if c.ResidentID != in.ResidentId || !mine && inviter == "" {
			return db.ResidentForVisitRow{}, "", problem.NotFound()
		}
		r, err := q.ResidentForVisit(ctx, in.ResidentId)
		if err != nil {
			return r, "", fmt.Errorf("resident: %w", err)
		}
		if mine && a.Has(roleConsultant) {
			return r, roleConsultant, nil
		}
		return r, inviter, nil
	}
	r, err := s.residentFor(ctx, q, a, in.ResidentId, now)
	if err != nil {
		return r, "", err
	}
	if role := roleIn(a, r.OrganisationID, roleAttending, roleNurse, roleFamily); role != "" {
		return r, role, nil
	}
	return r, roleFamily, nil
}

// checkBedOf: a round belongs to an open bed of the resident, and goes by whom keeps it.
func (s *Service) checkBedOf(ctx context.Context, q *db.Queries, in contract.VisitRequest, row *db.AddVisitParams) error {
	if (in.Kind == contract.HOMEBEDROUND) != (in.HomeBedId != nil) {
		return invalid("homeBedId", "required")
	}
	if in.HomeBedId == nil {
		return nil
	}
	bed, err := q.BedByID(ctx, *in.HomeBedId)
	if err := one(err, "the bed"); err != nil {
		return err
	}
	if bed.ResidentID != in.ResidentId {
		return problem.NotFound()
	}
	if bed.State != string(consult.BedOpen) {
		return problem.New(http.StatusUnprocessableEntity, "bed_not_open", nil)
	}
	row.OrganisationID = bed.OrganisationID
	return nil
}

// openPlans are the resident's plans under way that a visit of this kind may serve.
func openPlans(ctx context.Context, q *db.Queries, v db.HomeVisit) ([]string, error) {
	rows, err := q.CarePlansOf(ctx, db.CarePlansOfParams{Residents: []uuid.UUID{v.ResidentID}})
	if err != nil {
		return nil, fmt.Errorf("plans of the resident: %w", err)
	}
	codes := []string{}
	for _, p := range rows {
		kind, known := consult.PlanKindByCode(p.Plan)
		if known && slices.Contains(kind.Services, consult.ServiceType(v.Kind)) {
			codes = append(codes, p.Plan)
		}
	}
	return codes, nil
}

// AssessVisit is a doctor's judgement that the resident is visited; with a time that was taken in a wrap-up the visit is booked by it. Eligibility needs a reason of the list (G-HV-02), and without a contract in
// force an exception with its words (G-HV-01). Errors: the refusals of the gates that are due now.
func (s *Service) AssessVisit(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.VisitAssessment) (contract.Visit, error) {
	if err := require(a, doctors()...); err != nil {
		return contract.Visit{}, err
	}
	if err := checkCodes("eligibility", consult.VocabVisitEligibility, in.Eligibility); err != nil {
		return contract.Visit{}, err
	}
	err := s.onVisit(ctx, a, cmd, "assessVisit", id, in, func(c *change) error {
		if !slices.Contains(doctors(), c.sight.team) {
			return problem.Forbidden()
		}
		if in.Plans != nil {
			open, err := openPlans(ctx, c.q, c.v)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(*in.Plans, func(code string) bool { return !slices.Contains(open, code) }) {
				return invalid("plans", "wrong_value")
			}
			c.v.Plans = *in.Plans
		}
		c.v.Eligibility = in.Eligibility
		c.v.ExceptionEnc = s.sealText("home_visits", "exception_enc", id, value(in.Exception))
		c.v.AssessmentEnc = s.sealText("home_visits", "assessment_enc", id, value(in.Note))
		c.v.AssessedBy, c.v.AssessedAt, c.v.Two = &a.UserID, &c.now, value(in.Two)
		if in.Minutes != nil {
			c.v.Minutes = int16(*in.Minutes)
		}
		if in.Priority != nil {
			c.v.Priority = int16(*in.Priority)
		}
		if err := c.step(ctx, consult.VisitAssess, "", map[string]any{"eligibility": in.Eligibility, "exception": value(in.Exception) != "", "two": c.v.Two}); err != nil {
			return err
		}
		verdict, err := s.judge(ctx, c.q, c.v, c.now, consult.StageSubmit)
		if err != nil {
			return err
		}
		if err := verdict.Err(consult.StageSubmit); err != nil {
			return err
		}
		return c.bookReserved(ctx)
	})
	return s.reload(ctx, a, id, err)
}
