package visits

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// missedAfter is how long after the expected end of the visit and the way back somebody is missed: the project's own choice.
const missedAfter = time.Hour

// BookVisit joins a booked appointment at home with the visit. Errors: 422 visit_appointment where it is not of this resident and
// institution, not at home or not booked; 409 visit_appointment_used, and visit_time_come where the time of an earlier booking has come.
func (s *Service) BookVisit(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.VisitBooking) (contract.Visit, error) {
	if err := require(a, append(goers(), planners()...)...); err != nil {
		return contract.Visit{}, err
	}
	err := s.onVisit(ctx, a, cmd, "bookVisit", id, in, func(c *change) error {
		ap, err := c.q.VisitAppointment(ctx, in.AppointmentId)
		if store.IsNone(err) || err == nil && ap.ResidentID != c.v.ResidentID {
			return problem.NotFound()
		}
		if err != nil {
			return fmt.Errorf("appointment: %w", err)
		}
		if ap.OrganisationID != c.v.OrganisationID || ap.Place != "HOME" || ap.Status != "BOOKED" {
			return problem.New(http.StatusUnprocessableEntity, "visit_appointment", nil)
		}
		if err := c.timeToCome(); err != nil {
			return err
		}
		if c.v.AppointmentID != nil && *c.v.AppointmentID != ap.ID {
			if err := c.release(ctx, *c.v.AppointmentID); err != nil {
				return err
			}
		}
		return c.book(ctx, ap)
	})
	if store.Violates(err, "home_visits_appointment") {
		err = problem.New(http.StatusConflict, "visit_appointment_used", nil)
	}
	return s.reload(ctx, a, id, err)
}

func (c *change) book(ctx context.Context, ap db.VisitAppointmentRow) error {
	if c.v.AppointmentID == nil || *c.v.AppointmentID != ap.ID {
		c.v.BookedAt = &c.now // an appointment that was moved stays the same booking
	}
	c.v.AppointmentID, c.v.LeadID, c.v.StartsAt, c.v.EndsAt, c.v.SecondID = &ap.ID, &ap.LeadID, &ap.StartsAt, &ap.EndsAt, nil
	if ap.SecondID != uuid.Nil {
		c.v.SecondID = &ap.SecondID
	}
	before, err := c.q.VisitsBefore(ctx, db.VisitsBeforeParams{ResidentID: c.v.ResidentID, ID: c.v.ID})
	if err != nil {
		return fmt.Errorf("earlier visits: %w", err)
	}
	r, err := c.q.ResidentForVisit(ctx, c.v.ResidentID)
	if err != nil {
		return fmt.Errorf("resident: %w", err)
	}
	alone := false
	home, err := c.q.HomeOf(ctx, c.v.ResidentID)
	switch {
	case err == nil:
		alone = home.Alone
	case !store.IsNone(err):
		return fmt.Errorf("home: %w", err)
	}
	c.v.TwoWhy = consult.TwoNeeded(ap.StartsAt, before == 0 && alone, r.ConditionCodes, c.v.Two)
	if c.v.TwoWhy == nil {
		c.v.TwoWhy = []string{}
	}
	return c.step(ctx, consult.VisitBook, "", map[string]any{"appointmentId": ap.ID, "leadId": ap.LeadID, "startsAt": ap.StartsAt.UTC()})
}

// timeToCome refuses to take a booked visit whose time has come off the books, where it would be missed by nobody (I-21): it is ended with a reason.
func (c *change) timeToCome() error {
	if c.v.State == string(consult.VisitBooked) && c.v.StartsAt != nil && !c.now.Before(*c.v.StartsAt) {
		return c.conflict("visit_time_come", nil)
	}
	return nil
}

// release cancels the appointment that the visit has no use for any more, so that its time is free again and nobody is reminded of it.
func (c *change) release(ctx context.Context, appointment uuid.UUID) error {
	told, after, err := c.s.appointments.Release(ctx, c.q, c.by, c.role, appointment)
	if err != nil {
		return err
	}
	c.also, c.after = append(c.also, told...), append(c.after, after)
	return nil
}

// unbook takes the appointment off the visit.
func (c *change) unbook() {
	c.v.AppointmentID, c.v.BookedAt, c.v.LeadID, c.v.SecondID, c.v.StartsAt, c.v.EndsAt = nil, nil, nil, nil, nil, nil
}

// StepVisit takes one step of the way. ARRIVE and LEAVE are the check-in and the check-out: the device's time, the server's, and
// where there is one the position with its accuracy.
func (s *Service) StepVisit(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.VisitStep) (contract.Visit, error) {
	if err := require(a, append(goers(), planners()...)...); err != nil {
		return contract.Visit{}, err
	}
	act, words := consult.VisitAction(in.Action), value(in.Words)
	if in.Code != nil {
		if consult.CheckCode(consult.VocabVisitEnd, *in.Code) != nil {
			return contract.Visit{}, invalid("code", "wrong_value")
		}
		if words == "" && *in.Code != "OTHER" {
			words = *in.Code // the code says it
		}
	}
	err := s.onVisit(ctx, a, cmd, "stepVisit", id, in, func(c *change) error {
		from := consult.VisitState(c.v.State)
		if act == consult.VisitBack {
			return c.isBack(ctx, in)
		}
		// Before its time is looked at: a step that somebody else has taken meanwhile is refused for that.
		if _, err := c.may(act, words); err != nil && problem.Of(err).Status == http.StatusConflict {
			return err
		}
		data := map[string]any{}
		var released *uuid.UUID
		if in.Code != nil {
			data["code"] = *in.Code
		}
		switch act {
		case consult.VisitDepart, consult.VisitArrive, consult.VisitLeave, consult.VisitFail:
			if err := c.onTheWay(ctx, act, in, data); err != nil {
				return err
			}
		case consult.VisitDecline, consult.VisitCancel:
			released = c.v.AppointmentID
			c.v.EndCode, c.v.EndNoteEnc = value(in.Code), s.sealText("home_visits", "end_note_enc", id, value(in.Words))
		case consult.VisitUnbook:
			if err := c.timeToCome(); err != nil {
				return err
			}
			released = c.v.AppointmentID
			c.unbook()
		}
		if err := c.step(ctx, act, words, data); err != nil {
			return err
		}
		if released != nil {
			if err := c.release(ctx, *released); err != nil {
				return err
			}
		}
		switch to := consult.VisitState(c.v.State); {
		case consult.VisitOnTheRoad(from) && !consult.VisitOnTheRoad(to):
			return c.wayBack(ctx)
		case from == consult.VisitBooked && consult.VisitOnTheRoad(to):
			return c.backFromOthers(ctx, a.UserID)
		}
		return nil
	})
	return s.reload(ctx, a, id, err)
}

func (c *change) onTheWay(ctx context.Context, act consult.VisitAction, in contract.VisitStep, data map[string]any) error {
	at, err := c.device(in.At, c.v.DepartedAt, c.v.ArrivedAt)
	if err != nil {
		return err
	}
	if asked := notBefore(c.v); asked != nil && at.Before(*asked) {
		return invalid("at", "visit_time_before_booking")
	}
	if in.Place != nil {
		data["metres"] = value(in.Place.Metres)
	}
	switch act {
	case consult.VisitDepart:
		c.v.DepartedAt = &at
		c.expect(at)
		if in.InsuranceNo != nil {
			c.v.InsuranceNo = *in.InsuranceNo
		}
	case consult.VisitArrive:
		c.v.ArrivedAt, c.v.ArrivedHeardAt = &at, &c.now
		c.v.ArrivalEnc, c.v.ArrivalMetres = c.s.sealPlace("home_visits", "arrival_enc", c.v.ID, in.Place)
		c.expect(at)
		if in.InsuranceNo != nil {
			c.v.InsuranceNo = *in.InsuranceNo
		}
		verdict, err := c.s.judge(ctx, c.q, c.v, c.now, consult.StageStart)
		if err != nil {
			return err
		}
		for _, r := range verdict.Reasons {
			if r.Effect == consult.EffectBlocks && r.Hard {
				return r.Refusal()
			}
		}
	case consult.VisitLeave:
		if c.at != nil && c.v.ArrivedAt != nil && !at.After(*c.v.ArrivedAt) {
			return invalid("at", "visit_time_order")
		}
		if err := c.s.care.LeftHome(ctx, c.q, c.by, c.v.ID, c.v.OrganisationID, at); err != nil {
			return err
		}
		c.v.LeftAt, c.v.LeftHeardAt = &at, &c.now
		c.v.DepartureEnc, c.v.DepartureMetres = c.s.sealPlace("home_visits", "departure_enc", c.v.ID, in.Place)
	case consult.VisitFail:
		c.v.EndCode, c.v.EndNoteEnc = value(in.Code), c.s.sealText("home_visits", "end_note_enc", c.v.ID, value(in.Words))
		if in.Code == nil {
			return invalid("code", "required")
		}
		if c.v.State == string(consult.VisitArrived) {
			return c.s.care.LeftHome(ctx, c.q, c.by, c.v.ID, c.v.OrganisationID, at)
		}
	}
	return nil
}

// expect sets when who set out is missed: after the end of the appointment, or as long after the step as the visit takes.
func (c *change) expect(at time.Time) {
	until := at.Add(time.Duration(c.v.Minutes) * time.Minute)
	if c.v.EndsAt != nil && c.v.EndsAt.After(until) {
		until = *c.v.EndsAt
	}
	until = until.Add(missedAfter)
	c.v.ExpectedBackAt, c.v.BackAt = &until, nil
}

// watched: the visit is over, but nobody has said that who made it is back.
func watched(v db.HomeVisit) bool {
	return v.ExpectedBackAt != nil && v.BackAt == nil && !consult.VisitOnTheRoad(consult.VisitState(v.State))
}

// wayBack begins the way back: who has left was heard of, and is missed as long after that.
func (c *change) wayBack(ctx context.Context) error {
	at := c.now
	if c.at != nil {
		at = *c.at
	}
	if until := at.Add(missedAfter); c.v.ExpectedBackAt == nil || until.After(*c.v.ExpectedBackAt) {
		c.v.ExpectedBackAt = &until
	}
	return c.heard(ctx)
}

// isBack is the step BACK. Errors: 403 where somebody else says so, 409 visit_step where nobody is expected.
func (c *change) isBack(ctx context.Context, in contract.VisitStep) error {
	if !c.sight.goes {
		return problem.Forbidden()
	}
	if !watched(c.v) {
		return c.conflict(consult.CodeVisitStep, problem.Args{"visit_state": c.v.State, "visit_action": string(consult.VisitBack)})
	}
	if _, err := c.device(in.At, c.v.DepartedAt, c.v.ArrivedAt, c.v.LeftAt); err != nil {
		return err
	}
	return c.back(ctx)
}

// backFromOthers: who sets out for the next visit is not missed from the last.
func (c *change) backFromOthers(ctx context.Context, who uuid.UUID) error {
	ids, err := c.q.WatchedVisitsOf(ctx, db.WatchedVisitsOfParams{But: c.v.ID, UserID: who})
	if err != nil {
		return fmt.Errorf("earlier visits: %w", err)
	}
	for _, id := range ids {
		v, err := c.q.LockVisit(ctx, id)
		if err != nil {
			return fmt.Errorf("earlier visit: %w", err)
		}
		if !watched(v) {
			continue
		}
		o := &change{s: c.s, q: c.q, v: v, was: v.State, sight: c.sight, now: c.now, actor: c.actor, role: c.role}
		if err := o.back(ctx); err != nil {
			return err
		}
		if err := o.save(ctx); err != nil {
			return err
		}
		c.also = append(c.also, o.envelope("visit.changed"))
	}
	return nil
}

// back ends the missing of somebody.
func (c *change) back(ctx context.Context) error {
	c.v.BackAt = &c.now
	if err := c.event(ctx, string(consult.VisitBack), "", "", nil); err != nil {
		return err
	}
	return c.heard(ctx)
}

// heard closes the alarm that somebody is missed.
func (c *change) heard(ctx context.Context) error {
	if err := c.q.CloseAlarmsOf(ctx, db.CloseAlarmsOfParams{UserID: c.actor, Now: &c.now, VisitID: c.v.ID}); err != nil {
		return fmt.Errorf("alarms: %w", err)
	}
	return nil
}

// Sweep follows appointments that were moved or cancelled, and raises an alarm for who is not back in time. Any node may call it; it
// answers how much it did.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	did := 0
	gone, err := s.st.Q().VisitsToUnbook(ctx)
	if err != nil {
		return did, fmt.Errorf("visits without an appointment: %w", err)
	}
	for _, id := range gone {
		ok, err := s.bySystem(ctx, id, func(c *change) (bool, error) {
			why := map[string]any{"reason": "APPOINTMENT_ENDED"}
			if c.v.AppointmentID == nil {
				return false, nil
			}
			switch c.v.State {
			case string(consult.VisitRequested):
				c.unbook()
				return true, c.event(ctx, string(consult.VisitUnbook), c.v.State, c.v.State, why)
			case string(consult.VisitBooked):
				c.unbook()
				c.sight = sight{team: roleSystem}
				return true, c.step(ctx, consult.VisitUnbook, "", why)
			}
			return false, nil
		})
		if err != nil {
			return did, err
		}
		did += ok
	}
	moved, err := s.st.Q().VisitsToMove(ctx)
	if err != nil {
		return did, fmt.Errorf("visits that were put off: %w", err)
	}
	for _, id := range moved {
		ok, err := s.bySystem(ctx, id, func(c *change) (bool, error) {
			if c.v.State != string(consult.VisitBooked) && c.v.State != string(consult.VisitRequested) || c.v.AppointmentID == nil {
				return false, nil
			}
			ap, err := c.q.VisitAppointment(ctx, *c.v.AppointmentID)
			if err != nil {
				return false, fmt.Errorf("appointment: %w", err)
			}
			if c.v.State == string(consult.VisitRequested) {
				return true, c.reserve(ctx, ap)
			}
			c.sight = sight{team: roleSystem}
			return true, c.book(ctx, ap)
		})
		if err != nil {
			return did, err
		}
		did += ok
	}
	n, err := s.missed(ctx)
	return did + n, err
}

// bySystem is onVisit for the clock.
func (s *Service) bySystem(ctx context.Context, id uuid.UUID, do func(c *change) (bool, error)) (int, error) {
	did := 0
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		v, err := q.LockVisit(ctx, id)
		if err != nil {
			return fmt.Errorf("lock the visit: %w", err)
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		c := &change{s: s, q: q, v: v, was: v.State, now: now, role: roleSystem}
		ok, err := do(c)
		if err != nil || !ok {
			return err
		}
		did = 1
		return c.commit(ctx)
	})
	return did, err
}
