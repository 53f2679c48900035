package booking

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// talk is a consultation in whose wrap-up something is booked. The zero value is none.
type talk struct {
	on       bool
	resident uuid.UUID
	houses   []uuid.UUID // with whose agreements the doctor books: the house where the resident lives
}

// led gives the consultation that the actor has as its doctor and has not signed yet: until then the doctor books for the resident what the resident's
// house could book. Without one there is none, and the actor books what they may anyway.
func led(ctx context.Context, q *db.Queries, a identity.Actor, id *uuid.UUID) (talk, error) {
	t, _, err := talkOf(ctx, q, a, id)
	return t, err
}

// inWrapUp is led for who asks: the consultation of somebody else is 404. The resident's side sees what it may book anyway.
func inWrapUp(ctx context.Context, q *db.Queries, a identity.Actor, id *uuid.UUID) (talk, error) {
	t, sees, err := talkOf(ctx, q, a, id)
	if err == nil && !sees {
		err = problem.NotFound()
	}
	return t, err
}

func talkOf(ctx context.Context, q *db.Queries, a identity.Actor, id *uuid.UUID) (t talk, sees bool, err error) {
	if id == nil {
		return t, true, nil
	}
	c, err := q.ConsultationToBookIn(ctx, *id)
	if store.IsNone(err) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("consultation: %w", err)
	}
	if a.In(c.House, home()...) {
		return talk{on: true, resident: c.ResidentID}, true, nil
	}
	if c.DoctorID == nil || *c.DoctorID != a.UserID || c.InvitedOrgID == nil || !a.In(*c.InvitedOrgID, roleConsultant, roleFamily) {
		return t, false, nil
	}
	return talk{on: true, resident: c.ResidentID, houses: []uuid.UUID{c.House}}, true, nil
}

// talkOf is the consultation of a search: the named one, or the one in which the appointment that is moved was booked.
func (s *Service) talkOf(ctx context.Context, q *db.Queries, a identity.Actor, in contract.FindSlotsParams) (talk, error) {
	if in.ConsultationId == nil && in.MovingId != nil {
		c, _, err := s.seen(ctx, q, a, *in.MovingId)
		if err != nil {
			return talk{}, err
		}
		return led(ctx, q, a, c.ConsultationID)
	}
	t, err := inWrapUp(ctx, q, a, in.ConsultationId)
	if err == nil && t.on && (in.ResidentId == nil || *in.ResidentId != t.resident) {
		err = invalid("residentId", "wrong_value")
	}
	return t, err
}

// opens says whether a consultation lets its doctor take a time: at home one of the resident's family doctors on that day, elsewhere any.
func (t talk) opens(ctx context.Context, q *db.Queries, w wanted, now time.Time) error {
	if w.kind.Place != string(contract.AppointmentPlaceHOME) {
		return nil
	}
	team, err := q.FamilyDoctorsOf(ctx, db.FamilyDoctorsOfParams{ResidentID: t.resident, Today: consult.DateOf(w.start).Time(), Now: now})
	switch {
	case err != nil:
		return fmt.Errorf("family doctors: %w", err)
	case len(team) == 0:
		return problem.New(http.StatusUnprocessableEntity, consult.CodeGateNoContract, nil)
	case !slices.Contains(team, w.lead):
		return invalid("practitionerId", "not_family_doctor")
	}
	return nil
}

// familyDoctors keeps of some people the resident's family doctors. Without a contract in force nobody goes (G-HV-01): what is left is to ask for a visit,
// which the team then judges.
func (t talk) familyDoctors(ctx context.Context, q *db.Queries, people []db.PractitionersRow, now time.Time) ([]db.PractitionersRow, error) {
	team, err := q.FamilyDoctorsOf(ctx, db.FamilyDoctorsOfParams{ResidentID: t.resident, Today: today(now), Now: now})
	if err != nil {
		return nil, fmt.Errorf("family doctors: %w", err)
	}
	if len(team) == 0 {
		return nil, problem.New(http.StatusUnprocessableEntity, consult.CodeGateNoContract, nil)
	}
	return slices.DeleteFunc(people, func(p db.PractitionersRow) bool { return !slices.Contains(team, p.ID) }), nil
}
