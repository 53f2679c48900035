package booking

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// BookAppointment books a slot, or keeps it for HoldFor. Errors: 404 for a kind or resident that is not the caller's to see; 403
// booking_role; 422 booking_no_agreement, resident_left, outside_hours_role, travel_role; 409 slot_taken, resident_taken, second_taken, slot_not_offered
// with alternatives, too_many_holds.
func (s *Service) BookAppointment(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.AppointmentInput) (contract.Appointment, error) {
	if err := require(a, everybody()...); err != nil {
		return contract.Appointment{}, err
	}
	var w wanted
	id, err := s.command(ctx, a, cmd, "bookAppointment", in, func(q *db.Queries) (uuid.UUID, error) {
		id, t, wish, err := s.take(ctx, q, a, in)
		w = wish
		if err != nil {
			return id, err
		}
		return id, t.write(ctx, q)
	})
	if err != nil {
		return contract.Appointment{}, s.refusedWith(ctx, err, w)
	}
	return s.view(ctx, a, id)
}

// Take books in the caller's transaction, as BookAppointment does. The envelopes are for the caller's outbox rows; refused adds the alternatives to a refusal
// once the transaction is over.
func (s *Service) Take(ctx context.Context, q *db.Queries, a identity.Actor, in contract.AppointmentInput) (id uuid.UUID, told []store.Envelope,
	refused func(context.Context, error) error, err error) {
	id, t, w, err := s.take(ctx, q, a, in)
	refused = func(ctx context.Context, err error) error { return s.refusedWith(ctx, err, w) }
	if err != nil {
		return id, nil, refused, err
	}
	return id, t.list, refused, nil
}

// take takes the locks, looks and writes; what is told is left to the caller.
func (s *Service) take(ctx context.Context, q *db.Queries, a identity.Actor, in contract.AppointmentInput) (uuid.UUID, *told, wanted, error) {
	id, t := newID(), &told{}
	now, err := s.clock(ctx, q)
	if err != nil {
		return id, t, wanted{}, err
	}
	w, resident, err := s.wish(ctx, q, a, in, now)
	if err != nil {
		return id, t, w, err
	}
	if err := w.lock(ctx, q); err != nil {
		return id, t, w, err
	}
	if value(in.Hold) {
		if err := q.LockHolder(ctx, a.UserID); err != nil {
			return id, t, w, fmt.Errorf("lock: %w", err)
		}
	}
	if now, err = s.clock(ctx, q); err != nil { // under the locks
		return id, t, w, err
	}
	g, err := s.grant(ctx, q, w, id, now, t)
	if err != nil {
		return id, t, w, err
	}
	row := db.InsertAppointmentParams{ID: id, OrganisationID: w.kind.OrganisationID, ResidentOrgID: resident.OrganisationID, KindID: w.kind.ID, ResidentID: w.resident,
		Status: booked, Place: w.kind.Place, Reason: string(value(in.Reason)), NoteEnc: s.keep.SealText("appointments", "note_enc", id, strings.TrimSpace(value(in.Note))),
		ConsultationID: in.ConsultationId, BookedBy: a.UserID, Now: now}
	action := actBook
	if value(in.Hold) {
		action, row.Status = actHold, held
		if row.HoldExpiresAt, err = s.holdUntil(ctx, q, a, now); err != nil {
			return id, t, w, err
		}
	}
	if err := g.insert(ctx, q, w, row); err != nil {
		return id, t, w, err
	}
	c, err := q.AppointmentByID(ctx, id)
	if err != nil {
		return id, t, w, fmt.Errorf("book: %w", err)
	}
	role := bookingRole(a, resident.OrganisationID, w.kind.OrganisationID)
	if err := event(ctx, q, c, action, "", row.Status, c.Revision, &a.UserID, role, now, map[string]any{"from": g.visit.From, "outsideHours": w.outsideHours}); err != nil {
		return id, t, w, err
	}
	t.about(c, w.staff(), row.Status, c.Revision, action)
	return id, t, w, nil
}

// bookingRole is the role in which somebody books: of the resident's side first, then of who offers it; else the hospital doctor of a consultation.
func bookingRole(a identity.Actor, residents, offering uuid.UUID) string {
	if role := roleIn(a, residents, home()); role != "" {
		return role
	}
	if role := roleIn(a, offering, append(practitioners(), planners()...)); role != "" || !a.Has(roleConsultant) {
		return role
	}
	return roleConsultant
}

// wish checks what somebody wants to book, as far as it does not depend on what is taken.
func (s *Service) wish(ctx context.Context, q *db.Queries, a identity.Actor, in contract.AppointmentInput, now time.Time) (wanted, db.ResidentOrganisationRow, error) {
	w := wanted{lead: in.PractitionerId, second: in.SecondId, resident: in.ResidentId, start: in.StartsAt.UTC(), before: in.TravelBeforeMinutes, after: in.TravelAfterMinutes,
		outsideHours: value(in.OutsideHours), except: []uuid.UUID{}}
	talk, err := led(ctx, q, a, in.ConsultationId)
	if err != nil {
		return w, db.ResidentOrganisationRow{}, err
	}
	k, err := kindFor(ctx, q, a, in.KindId, now)
	through := err != nil && len(talk.houses) > 0 && problem.Of(err).Status == http.StatusNotFound
	if through {
		k, err = kindFor(ctx, q, a, in.KindId, now, talk.houses...)
	}
	if err != nil {
		return w, db.ResidentOrganisationRow{}, err
	}
	w.kind = k.AppointmentKind
	resident, err := residentFor(ctx, q, a, in.ResidentId, now)
	if err != nil {
		return w, resident, err
	}
	if through {
		if err := talk.opens(ctx, q, w, now); err != nil {
			return w, resident, err
		}
	}
	switch {
	case w.kind.RetiredAt != nil:
		return w, resident, problem.New(http.StatusConflict, "kind_retired", nil)
	case !a.Has(w.kind.BookedBy...):
		return w, resident, problem.New(http.StatusForbidden, "booking_role", nil)
	case resident.LeftOn != nil:
		return w, resident, problem.New(http.StatusUnprocessableEntity, "resident_left", nil)
	case w.outsideHours && !w.ordains(a):
		return w, resident, invalid("outsideHours", "outside_hours_role")
	case !w.usualTravel(w.before) && !w.ordains(a):
		return w, resident, invalid("travelBeforeMinutes", "travel_role")
	case !w.usualTravel(w.after) && !w.ordains(a):
		return w, resident, invalid("travelAfterMinutes", "travel_role")
	case in.SecondId != nil && *in.SecondId == in.PractitionerId:
		return w, resident, invalid("secondId", "chosen_twice")
	case in.SecondId != nil && w.kind.Capacity > 1:
		return w, resident, invalid("secondId", "wrong_value")
	case w.start.Second() != 0 || w.start.Nanosecond() != 0:
		return w, resident, invalid("startsAt", "wrong_value")
	}
	bound, err := q.Bound(ctx, db.BoundParams{ResidentOrg: resident.OrganisationID, Organisation: w.kind.OrganisationID, Today: today(now)})
	if err != nil {
		return w, resident, fmt.Errorf("agreement: %w", err)
	}
	if !bound {
		return w, resident, problem.New(http.StatusUnprocessableEntity, "booking_no_agreement", nil)
	}
	if in.ConsultationId != nil {
		of, err := q.ConsultationResident(ctx, *in.ConsultationId)
		if err := one(err, "the consultation"); err != nil {
			return w, resident, err
		}
		if of != in.ResidentId {
			return w, resident, invalid("consultationId", "wrong_value")
		}
	}
	return w, resident, nil
}

// ordains says that somebody decides on the practitioner's time: the practitioner, and who plans for the organisation.
func (w wanted) ordains(a identity.Actor) bool {
	return w.lead == a.UserID || a.In(w.kind.OrganisationID, planners()...)
}

// usualTravel says that everybody who books may ask for this travel: what the kind has, or somewhat more.
func (w wanted) usualTravel(minutes *int) bool {
	usual := int(w.kind.TravelMinutes)
	return minutes == nil || *minutes >= usual && *minutes <= usual+moreTravel
}

// holdUntil is when a hold of somebody ends; who keeps too many slots keeps no more. The holder is locked.
func (s *Service) holdUntil(ctx context.Context, q *db.Queries, a identity.Actor, now time.Time) (*time.Time, error) {
	n, err := q.LiveHoldsOf(ctx, db.LiveHoldsOfParams{UserID: a.UserID, Now: now})
	if err != nil {
		return nil, fmt.Errorf("holds: %w", err)
	}
	if n >= maxHolds {
		return nil, problem.New(http.StatusConflict, "too_many_holds", problem.Args{"max": strconv.Itoa(maxHolds)})
	}
	until := now.Add(HoldFor)
	return &until, nil
}

// ConfirmAppointment makes a hold a booking. Errors: 409 hold_lapsed with alternatives, appointment_state.
func (s *Service) ConfirmAppointment(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.Appointment, error) {
	var w wanted
	err := s.on(ctx, a, cmd, "confirmAppointment", id, nil, nil, nil, func(ch *change) error {
		k, err := ch.q.KindByID(ctx, ch.c.KindID)
		if err != nil {
			return fmt.Errorf("kind: %w", err)
		}
		w = wanted{kind: k, lead: lead(ch.staff), resident: ch.c.ResidentID, start: ch.c.StartsAt, except: []uuid.UUID{}}
		return ch.step(ctx, actConfirm, db.SetAppointmentStatusParams{}, nil)
	})
	if err != nil {
		return contract.Appointment{}, s.refusedWith(ctx, err, w)
	}
	return s.view(ctx, a, id)
}

func lead(staff []db.StaffOfRow) uuid.UUID {
	for _, r := range staff {
		if r.Part == "LEAD" {
			return r.UserID
		}
	}
	return uuid.Nil
}

func second(staff []db.StaffOfRow) *uuid.UUID {
	for _, r := range staff {
		if r.Part == "SECOND" {
			return &r.UserID
		}
	}
	return nil
}

// RescheduleAppointment moves an appointment, of a series with the later ones or all when the scope says so. The revision of each rises. Errors
// as BookAppointment, 409 revision_stale, appointment_state, appointment_under_way, and 422 series_day_fixed.
func (s *Service) RescheduleAppointment(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.RescheduleInput) (contract.Appointment, error) {
	more, err := s.staffOfSeries(ctx, id, in.Scope)
	if err != nil {
		return contract.Appointment{}, err
	}
	if in.PractitionerId != nil {
		more = append(more, *in.PractitionerId)
	}
	var w wanted
	err = s.on(ctx, a, cmd, "rescheduleAppointment", id, in, &in.Revision, more, func(ch *change) error {
		if several(ch.c, in.Scope) {
			return ch.moveSeries(ctx, in, &w)
		}
		var err error
		if w, err = ch.moved(ctx, in); err != nil {
			return err
		}
		return ch.move(ctx, w, ch.c.SeriesID, ch.c.SeriesDay, ch.c.SeriesID != nil)
	})
	if err != nil {
		return contract.Appointment{}, s.refusedWith(ctx, err, w)
	}
	return s.view(ctx, a, id)
}

// moved is the time that an appointment is to have instead.
func (ch *change) moved(ctx context.Context, in contract.RescheduleInput) (wanted, error) {
	k, err := ch.q.KindByID(ctx, ch.c.KindID)
	if err != nil {
		return wanted{}, fmt.Errorf("kind: %w", err)
	}
	w := wanted{kind: k, lead: lead(ch.staff), second: second(ch.staff), resident: ch.c.ResidentID, start: in.StartsAt.UTC(), outsideHours: value(in.OutsideHours),
		except: []uuid.UUID{ch.c.ID}, current: ch.c.StartsAt}
	if in.PractitionerId != nil {
		w.lead = *in.PractitionerId
	}
	for _, r := range ch.staff {
		if r.Part == "LEAD" { // travel stays as it was found at booking
			before, after := int(r.TravelBefore), int(r.TravelAfter)
			w.before, w.after = &before, &after
		}
	}
	if ch.talk.on {
		if err := ch.talk.opens(ctx, ch.q, w, ch.now); err != nil {
			return w, err
		}
	}
	switch {
	case w.outsideHours && w.lead != ch.a.UserID && ch.sight.plans == "":
		return w, invalid("outsideHours", "outside_hours_role")
	case w.second != nil && *w.second == w.lead:
		return w, invalid("practitionerId", "chosen_twice")
	case w.start.Second() != 0 || w.start.Nanosecond() != 0:
		return w, invalid("startsAt", "wrong_value")
	}
	return w, nil
}

// move takes the new time and gives the old one back, in one step. What is moved alone is detached from its series.
func (ch *change) move(ctx context.Context, w wanted, series *uuid.UUID, day *time.Time, detached bool) error {
	if t := transitionOf(actReschedule); !t.may(ch.sight, ch.c, ch.now) {
		return ch.refused()
	}
	if err := ch.underWay(ctx); err != nil {
		return err
	}
	g, err := ch.s.grant(ctx, ch.q, w, ch.c.ID, ch.now, ch.told)
	if err != nil {
		return err
	}
	if err := ch.q.ReleaseAppointmentStaff(ctx, ch.c.ID); err != nil {
		return fmt.Errorf("move: %w", err)
	}
	if err := ch.q.MoveAppointment(ctx, db.MoveAppointmentParams{ID: ch.c.ID, StartsAt: g.visit.From, EndsAt: g.visit.To, Session: g.session, Seat: g.seat, Capacity: g.capacity,
		FreeUntil: g.freeUntil, Detached: detached, SeriesID: series, SeriesDay: day, Now: ch.now}); err != nil {
		return taken(fmt.Errorf("move: %w", err))
	}
	kind := w.calendarKind()
	for i, u := range w.staff() {
		part := []string{"LEAD", "SECOND"}[i]
		if err := ch.q.InsertAppointmentStaff(ctx, db.InsertAppointmentStaffParams{AppointmentID: ch.c.ID, UserID: u, Part: part, BlockedFrom: g.blocked.From, BlockedTo: g.blocked.To,
			TravelBefore: int32(kind.TravelBefore), TravelAfter: int32(kind.TravelAfter), Session: g.session}); err != nil {
			return taken(fmt.Errorf("move: %w", err))
		}
	}
	data := map[string]any{"from": ch.c.StartsAt, "to": g.visit.From, "outsideHours": w.outsideHours}
	if err := event(ctx, ch.q, ch.c, actReschedule, ch.c.Status, ch.c.Status, ch.c.Revision+1, &ch.a.UserID, ch.sight.role(ch.a, ch.c), ch.now, data); err != nil {
		return err
	}
	people := append(userIDs(ch.staff), w.staff()...)
	ch.told.about(ch.c, people, ch.c.Status, ch.c.Revision+1, actReschedule)
	ch.c.Revision++
	ch.freed = append(ch.freed, freed{ch.c.KindID, lead(ch.staff)})
	return nil
}

// CancelAppointment cancels with a reason, or gives a hold back; of a series also the later ones or all that are to come. After the deadline
// of its kind it is marked late; nothing is charged here.
func (s *Service) CancelAppointment(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.CancelAppointmentInput) (contract.Appointment, error) {
	if in.Reason == contract.AppointmentCancelReasonOTHER && strings.TrimSpace(value(in.Note)) == "" {
		return contract.Appointment{}, invalid("note", "required")
	}
	more, err := s.staffOfSeries(ctx, id, in.Scope)
	if err != nil {
		return contract.Appointment{}, err
	}
	err = s.on(ctx, a, cmd, "cancelAppointment", id, in, &in.Revision, more, func(ch *change) error {
		if several(ch.c, in.Scope) {
			return ch.cancelSeries(ctx, in)
		}
		return ch.cancel(ctx, in)
	})
	if err != nil {
		return contract.Appointment{}, err
	}
	return s.view(ctx, a, id)
}

func (ch *change) cancel(ctx context.Context, in contract.CancelAppointmentInput) error {
	late := ch.c.Status != held && ch.now.After(ch.c.FreeUntil)
	return ch.step(ctx, actCancel, db.SetAppointmentStatusParams{CancelReason: string(in.Reason), CancelledLate: &late,
		CancelNoteEnc: ch.s.keep.SealText("appointments", "cancel_note_enc", ch.c.ID, strings.TrimSpace(value(in.Note)))},
		map[string]any{"reason": in.Reason, "late": late})
}

// RecordAppointmentOutcome says that the resident is there, that it took place, or that nobody came. Errors: 409 appointment_state,
// appointment_not_yet, revision_stale; 403 for what only the offering side says.
func (s *Service) RecordAppointmentOutcome(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.AppointmentOutcome) (contract.Appointment, error) {
	if in.Outcome == contract.AppointmentOutcomeOutcomeNOSHOW && value(in.Absence) == contract.AppointmentAbsenceOTHER && strings.TrimSpace(value(in.Note)) == "" {
		return contract.Appointment{}, invalid("note", "required")
	}
	if in.Outcome != contract.AppointmentOutcomeOutcomeNOSHOW && in.Absence != nil {
		return contract.Appointment{}, invalid("absence", "wrong_value")
	}
	action := map[contract.AppointmentOutcomeOutcome]string{contract.AppointmentOutcomeOutcomeARRIVED: actArrive, contract.AppointmentOutcomeOutcomeFULFILLED: actFulfil,
		contract.AppointmentOutcomeOutcomeNOSHOW: actNoShow}[in.Outcome]
	err := s.on(ctx, a, cmd, "recordAppointmentOutcome", id, in, &in.Revision, nil, func(ch *change) error {
		if t := transitionOf(action); t.only && !ch.sight.offers() {
			return problem.Forbidden()
		}
		p, data := db.SetAppointmentStatusParams{}, map[string]any{}
		if action == actNoShow && in.Absence != nil {
			p.Absence, data["absence"] = string(*in.Absence), *in.Absence
		}
		if action == actNoShow {
			p.CancelNoteEnc = s.keep.SealText("appointments", "cancel_note_enc", id, strings.TrimSpace(value(in.Note)))
		}
		return ch.step(ctx, action, p, data)
	})
	if err != nil {
		return contract.Appointment{}, err
	}
	return s.view(ctx, a, id)
}
