package booking

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/scheduler/calendar"
)

// wanted is a time of some people that is to be taken.
type wanted struct {
	kind         db.AppointmentKind
	lead         uuid.UUID
	second       *uuid.UUID
	resident     uuid.UUID
	start        time.Time
	before       *int // travel in minutes; nil: the kind's
	after        *int
	outsideHours bool
	except       []uuid.UUID // appointments that give their time for it
	current      time.Time   // of an appointment that is moved, where it is; no alternative
}

func (w wanted) staff() []uuid.UUID {
	if w.second != nil {
		return []uuid.UUID{w.lead, *w.second}
	}
	return []uuid.UUID{w.lead}
}

func (w wanted) calendarKind() calendar.Kind {
	k := kindOf(w.kind, w.before, w.after)
	k.OutsideHours = w.outsideHours
	return k
}

// granted is a time that nothing is in the way of, with the seat.
type granted struct {
	visit, blocked calendar.Span
	session        uuid.UUID
	seat, capacity int32
	freeUntil      time.Time
}

// lock takes the locks of everybody whose time it is.
func (w wanted) lock(ctx context.Context, q *db.Queries) error {
	if err := q.LockBooking(ctx, db.LockBookingParams{Doctors: w.staff(), Residents: []uuid.UUID{w.resident}}); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// grant looks, under the locks, whether the time can be had for an appointment; holds across it that are over lapse. Errors, all 409:
// slot_not_offered (outside of hours, notice or horizon), slot_taken, resident_taken, second_taken.
func (s *Service) grant(ctx context.Context, q *db.Queries, w wanted, id uuid.UUID, now time.Time, t *told) (granted, error) {
	kind := w.calendarKind()
	g := granted{visit: kind.Visit(w.start), blocked: kind.Blocked(w.start), session: id, seat: 1, capacity: w.kind.Capacity,
		freeUntil: w.start.Add(-time.Duration(w.kind.FreeCancelMinutes) * time.Minute)}
	if err := s.lapse(ctx, q, w, g, now, t); err != nil {
		return g, err
	}
	people := make([]db.PractitionersRow, 0, 2)
	for _, u := range w.staff() {
		rows, err := q.Practitioners(ctx, db.PractitionersParams{OrganisationID: w.kind.OrganisationID, Roles: practitioners(), Now: now, UserID: &u})
		if err != nil {
			return g, fmt.Errorf("practitioners: %w", err)
		}
		if len(rows) != 1 {
			return g, invalid("practitionerId", "not_in_role_here")
		}
		people = append(people, rows[0])
	}
	known, err := s.people(ctx, q, w.kind, people, g.visit.From, g.visit.To, now, w.except)
	if err != nil {
		return g, err
	}
	days, err := readWorkdays(ctx, q, g.visit.From, g.visit.To)
	if err != nil {
		return g, err
	}
	elsewhere, err := residentElsewhere(ctx, q, w.resident, g.visit.From, g.visit.To, now, w.except)
	if err != nil {
		return g, err
	}
	lead := known[0]
	slot, ok := lead.At(kind, w.start, now, nil, days.Workdays)
	if !ok {
		lead.Busy = nil
		if _, offered := lead.At(kind, w.start, now, nil, days.Workdays); !offered {
			return g, problem.New(http.StatusConflict, "slot_not_offered", nil)
		}
		return g, problem.New(http.StatusConflict, "slot_taken", nil)
	}
	if slices.ContainsFunc(elsewhere, g.visit.Overlaps) {
		return g, problem.New(http.StatusConflict, "resident_taken", nil)
	}
	if w.second != nil {
		kind.OutsideHours, kind.Capacity = true, 1
		if _, ok := known[1].At(kind, w.start, now, nil, days.Workdays); !ok {
			return g, problem.New(http.StatusConflict, "second_taken", nil)
		}
	}
	if slot.Session != uuid.Nil {
		return g.join(ctx, q, w)
	}
	return g, nil
}

// join finds the seat in a session that has begun to fill.
func (g granted) join(ctx context.Context, q *db.Queries, w wanted) (granted, error) {
	seats, err := q.SessionSeats(ctx, db.SessionSeatsParams{UserID: w.lead, KindID: w.kind.ID, StartsAt: g.visit.From, EndsAt: g.visit.To})
	if err != nil {
		return g, fmt.Errorf("seats: %w", err)
	}
	for _, s := range seats { // in order; the first gap is the seat
		g.session, g.capacity = s.Session, s.Capacity
		if s.Seat == g.seat {
			g.seat++
		}
	}
	if g.seat > g.capacity {
		return g, problem.New(http.StatusConflict, "slot_taken", nil)
	}
	return g, nil
}

// lapse writes that holds across the wanted time are over.
func (s *Service) lapse(ctx context.Context, q *db.Queries, w wanted, g granted, now time.Time, t *told) error {
	rows, err := q.LapseHolds(ctx, db.LapseHoldsParams{Now: now, ResidentID: w.resident, VisitFrom: g.visit.From, VisitTo: g.visit.To, Doctors: w.staff(),
		BlockedFrom: g.blocked.From, BlockedTo: g.blocked.To})
	if err != nil {
		return fmt.Errorf("lapse holds: %w", err)
	}
	for _, id := range rows {
		if _, err := lapsedEvent(ctx, q, id, now, t); err != nil {
			return err
		}
	}
	return nil
}

// lapsedEvent tells that a hold is over, and gives what it freed.
func lapsedEvent(ctx context.Context, q *db.Queries, id uuid.UUID, now time.Time, t *told) (freed, error) {
	c, err := q.AppointmentByID(ctx, id)
	if err != nil {
		return freed{}, fmt.Errorf("lapse: %w", err)
	}
	staff, err := q.StaffOf(ctx, []uuid.UUID{id})
	if err != nil {
		return freed{}, fmt.Errorf("lapse: %w", err)
	}
	if err := q.WaitingAgain(ctx, db.WaitingAgainParams{AppointmentID: &id, Now: now}); err != nil {
		return freed{}, fmt.Errorf("lapse: %w", err)
	}
	if err := event(ctx, q, c, actLapse, held, lapsed, c.Revision, nil, roleSystem, now, nil); err != nil {
		return freed{}, err
	}
	t.about(c, userIDs(staff), lapsed, c.Revision, actLapse)
	return freed{c.KindID, lead(staff)}, nil
}

// taken turns a violation of the constraints into the refusal that it is. Package booking looks first, under locks, so this is only seen
// when somebody writes past it.
func taken(err error) error {
	switch {
	case store.Violates(err, "appointment_staff_once"), store.Violates(err, "appointments_seat"):
		return problem.New(http.StatusConflict, "slot_taken", nil).Because(err)
	case store.Violates(err, "appointments_resident_once"):
		return problem.New(http.StatusConflict, "resident_taken", nil).Because(err)
	}
	return err
}

// insert writes a new appointment into the granted time.
func (g granted) insert(ctx context.Context, q *db.Queries, w wanted, row db.InsertAppointmentParams) error {
	row.StartsAt, row.EndsAt, row.Session, row.Seat, row.Capacity, row.FreeUntil = g.visit.From, g.visit.To, g.session, g.seat, g.capacity, g.freeUntil
	if err := q.InsertAppointment(ctx, row); err != nil {
		return taken(fmt.Errorf("book: %w", err))
	}
	kind := w.calendarKind()
	for i, u := range w.staff() {
		part := "LEAD"
		if i > 0 {
			part = "SECOND"
		}
		if err := q.InsertAppointmentStaff(ctx, db.InsertAppointmentStaffParams{AppointmentID: row.ID, UserID: u, Part: part, BlockedFrom: g.blocked.From,
			BlockedTo: g.blocked.To, TravelBefore: int32(kind.TravelBefore), TravelAfter: int32(kind.TravelAfter), Session: g.session}); err != nil {
			return taken(fmt.Errorf("book: %w", err))
		}
	}
	return nil
}
