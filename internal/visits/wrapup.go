package visits

import (
	"context"
	"fmt"
	"net/http"
	"slices"
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

// reserved is the event of a visit that has a time and is still to be assessed.
const reserved = "RESERVE"

// BookHomeVisit takes, in the wrap-up of a consultation, a time of the resident's family doctor and asks for the visit with it, and gives the appointment.
// Whoever is on the line decides on the time alone: that the resident is visited at home is the family doctor's judgement (G-HV-02, 07), which books the visit.
// One that was asked for before gets the time; assessed already, it is booked. Errors: 404 for a consultation that is not the caller's; 422
// gate_no_family_contract (G-HV-01: an exception is assessed first), practitionerId not_family_doctor, visit_appointment for what is not offered at home;
// 409 visit_open for a visit that has a time, and those of booking with alternatives.
func (s *Service) BookHomeVisit(ctx context.Context, a identity.Actor, cmd, consultation uuid.UUID, in contract.HomeVisitBooking) (uuid.UUID, error) {
	if err := require(a, roleNurse, roleAttending, roleConsultant, roleFamily); err != nil {
		return uuid.Nil, err
	}
	keyed := struct {
		ID   uuid.UUID
		Body any
	}{consultation, in}
	refused := func(_ context.Context, err error) error { return err }
	var resident uuid.UUID
	id, err := s.command(ctx, a, cmd, "bookHomeVisit", keyed, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		of, err := q.ConsultationResident(ctx, consultation)
		if err := one(err, "the consultation"); err != nil {
			return uuid.Nil, err
		}
		resident = of
		who, role, err := s.whoAsks(ctx, q, a, contract.VisitRequest{ResidentId: of, ConsultationId: &consultation}, now)
		if err != nil {
			return uuid.Nil, err
		}
		if err := s.theirDoctor(ctx, q, of, in, now); err != nil {
			return uuid.Nil, err
		}
		c, err := s.toReserve(ctx, q, a, consultation, who, role, in, now)
		if err != nil {
			return uuid.Nil, err
		}
		reason := contract.AppointmentReasonFOLLOWUP
		id, told, dress, err := s.appointments.Take(ctx, q, a, contract.AppointmentInput{KindId: in.KindId, PractitionerId: in.PractitionerId, ResidentId: of, StartsAt: in.StartsAt,
			Reason: &reason, Note: &in.Reason, ConsultationId: &consultation})
		refused = dress
		if err != nil {
			return uuid.Nil, err
		}
		ap, err := q.VisitAppointment(ctx, id)
		if err != nil {
			return uuid.Nil, fmt.Errorf("appointment: %w", err)
		}
		if ap.Place != string(contract.AppointmentPlaceHOME) || ap.OrganisationID != c.v.OrganisationID {
			return uuid.Nil, problem.New(http.StatusUnprocessableEntity, "visit_appointment", nil)
		}
		c.also = told
		if c.v.State == string(consult.VisitAssessed) {
			c.sight.team = roleFamily // it was judged: who is on the line books for the team
			err = c.book(ctx, ap)
		} else {
			err = c.reserve(ctx, ap)
		}
		if err != nil {
			return uuid.Nil, err
		}
		return id, c.commit(ctx)
	})
	if err = s.oneOpen(ctx, err, resident, string(contract.HOMEVISIT)); err != nil {
		return uuid.Nil, refused(ctx, err)
	}
	return id, nil
}

// theirDoctor: a contract is in force on the day of the visit, and who goes is a doctor of its team.
func (s *Service) theirDoctor(ctx context.Context, q *db.Queries, resident uuid.UUID, in contract.HomeVisitBooking, now time.Time) error {
	day := consult.DateOf(in.StartsAt)
	held, _, err := s.contracts.ContractOn(ctx, q, resident, day)
	if err != nil {
		return fmt.Errorf("contract with a family doctor: %w", err)
	}
	if !held.ValidOn(day) {
		return problem.New(http.StatusUnprocessableEntity, consult.CodeGateNoContract, nil)
	}
	team, err := q.FamilyDoctorsOf(ctx, db.FamilyDoctorsOfParams{ResidentID: resident, Today: day.Time(), Now: now})
	if err != nil {
		return fmt.Errorf("family doctors: %w", err)
	}
	if !slices.Contains(team, in.PractitionerId) {
		return invalid("practitionerId", "not_family_doctor")
	}
	return nil
}

// toReserve gives the visit that gets the time: the one that was asked for before, or a new one. Its row is locked before anything of booking is.
func (s *Service) toReserve(ctx context.Context, q *db.Queries, a identity.Actor, consultation uuid.UUID, who db.ResidentForVisitRow, role string, in contract.HomeVisitBooking,
	now time.Time) (*change, error) {
	kind, err := q.KindByID(ctx, in.KindId)
	if err := one(err, "the kind"); err != nil {
		return nil, err
	}
	open, err := q.OpenVisitOf(ctx, db.OpenVisitOfParams{ResidentID: who.ID, Kind: string(contract.HOMEVISIT)})
	if store.IsNone(err) {
		day := openapi_types.Date{Time: consult.DateOf(in.StartsAt).Time()}
		minutes := int(kind.Minutes)
		return s.request(ctx, q, a, who, role, contract.VisitRequest{ResidentId: who.ID, Kind: contract.HOMEVISIT, Source: contract.VisitRequestSourceWRAPUP, ConsultationId: &consultation,
			OrganisationId: &kind.OrganisationID, Reason: in.Reason, WantedFrom: day, WantedTo: day, Minutes: &minutes}, now)
	}
	if err != nil {
		return nil, fmt.Errorf("visit on its way: %w", err)
	}
	v, err := q.LockVisit(ctx, open)
	if err != nil {
		return nil, fmt.Errorf("visit on its way: %w", err)
	}
	waits := v.State == string(consult.VisitRequested) || v.State == string(consult.VisitAssessed)
	if !waits || v.AppointmentID != nil || v.OrganisationID != kind.OrganisationID {
		return nil, problem.New(http.StatusConflict, "visit_open", problem.Args{"id": open.String()})
	}
	return &change{s: s, q: q, v: v, was: v.State, now: now, by: a, actor: &a.UserID, role: role}, nil
}

// reserve gives a visit that is still to be assessed its time.
func (c *change) reserve(ctx context.Context, ap db.VisitAppointmentRow) error {
	if c.v.AppointmentID == nil || *c.v.AppointmentID != ap.ID {
		c.v.BookedAt = &c.now
	}
	c.v.AppointmentID, c.v.LeadID, c.v.StartsAt, c.v.EndsAt, c.v.SecondID = &ap.ID, &ap.LeadID, &ap.StartsAt, &ap.EndsAt, nil
	if ap.SecondID != uuid.Nil {
		c.v.SecondID = &ap.SecondID
	}
	return c.event(ctx, reserved, c.v.State, c.v.State, map[string]any{"appointmentId": ap.ID, "leadId": ap.LeadID, "startsAt": ap.StartsAt.UTC()})
}

// bookReserved books a visit that has just been assessed for the time that was taken for it; one whose time is over, or was called off, is to be booked.
func (c *change) bookReserved(ctx context.Context) error {
	if c.v.AppointmentID == nil {
		return nil
	}
	ap, err := c.q.VisitAppointment(ctx, *c.v.AppointmentID)
	if err != nil {
		return fmt.Errorf("appointment: %w", err)
	}
	stands := ap.Status == "BOOKED" || ap.Status == "ARRIVED"
	if stands && ap.EndsAt.After(c.now) {
		return c.book(ctx, ap)
	}
	c.unbook()
	if stands {
		return c.release(ctx, ap.ID)
	}
	return nil
}
