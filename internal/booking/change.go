package booking

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The states of an appointment (FHIR's: pending, booked, arrived, fulfilled, cancelled, noshow; a hold that ran out is none of them).
const (
	held      = string(contract.AppointmentStatusHELD)
	booked    = string(contract.AppointmentStatusBOOKED)
	arrived   = string(contract.AppointmentStatusARRIVED)
	fulfilled = string(contract.AppointmentStatusFULFILLED)
	cancelled = string(contract.AppointmentStatusCANCELLED)
	noShow    = string(contract.AppointmentStatusNOSHOW)
	lapsed    = string(contract.AppointmentStatusLAPSED)
)

// The actions on an appointment. They are the names of its events as well.
const (
	actHold       = "hold"
	actBook       = "book"
	actConfirm    = "confirm"
	actReschedule = "reschedule"
	actCancel     = "cancel"
	actArrive     = "arrive"
	actFulfil     = "fulfil"
	actNoShow     = "no_show"
	actLapse      = "lapse"
)

// transition is one row of the state machine.
type transition struct {
	action   string
	from     []string
	to       string         // "": stays as it is
	only     bool           // by the offering side only
	early    *time.Duration // how long before the start it may be said at the earliest; nil: any time
	contract contract.AppointmentMay
}

func ahead(d time.Duration) *time.Duration { return &d }

// transitions is the life of an appointment after it was made.
func transitions() []transition {
	return []transition{
		{actConfirm, []string{held}, booked, false, nil, contract.AppointmentMayCONFIRM},
		{actReschedule, []string{held, booked}, "", false, nil, contract.AppointmentMayRESCHEDULE},
		{actCancel, []string{held, booked, arrived}, cancelled, false, nil, contract.AppointmentMayCANCEL},
		{actArrive, []string{booked}, arrived, false, ahead(2 * time.Hour), contract.AppointmentMayARRIVE},
		{actFulfil, []string{booked, arrived}, fulfilled, true, ahead(2 * time.Hour), contract.AppointmentMayFULFIL},
		{actNoShow, []string{booked}, noShow, true, ahead(0), contract.AppointmentMayNOSHOW},
		{actLapse, []string{held}, lapsed, true, nil, ""},
	}
}

func transitionOf(action string) transition {
	list := transitions()
	return list[slices.IndexFunc(list, func(t transition) bool { return t.action == action })]
}

// may says whether somebody with this sight may do it to the appointment now.
func (t transition) may(v sight, c db.Appointment, now time.Time) bool {
	return t.contract != "" && v.any() && (!t.only || v.offers()) && slices.Contains(t.from, statusAt(c, now)) && !t.tooEarly(c, now)
}

func (t transition) tooEarly(c db.Appointment, now time.Time) bool {
	return t.early != nil && now.Before(c.StartsAt.Add(-*t.early))
}

// statusAt is the status as it stands: a hold that is over has lapsed, whether somebody wrote so or not.
func statusAt(c db.Appointment, now time.Time) string {
	if c.Status == held && c.HoldExpiresAt != nil && !c.HoldExpiresAt.After(now) {
		return lapsed
	}
	return c.Status
}

// change is one transaction on one appointment whose people and row are locked.
type change struct {
	s     *Service
	q     *db.Queries
	c     db.Appointment
	staff []db.StaffOfRow
	sight sight
	talk  talk // the consultation by which alone the actor has it
	a     identity.Actor
	as    string // the role in which somebody acts who does not see it as staff or side do: a family, who goes on a visit
	now   time.Time
	told  *told
	freed []freed // times that were given back
}

// actor is whom the event names; nil where nobody with an account acts.
func (ch *change) actor() *uuid.UUID {
	if ch.a.UserID == uuid.Nil {
		return nil
	}
	return &ch.a.UserID
}

func (ch *change) role() string {
	if ch.as != "" {
		return ch.as
	}
	return ch.sight.role(ch.a, ch.c)
}

// underWay refuses to take an appointment from somebody who is on the road to it: they keep what they are expected back from.
func (ch *change) underWay(ctx context.Context) error {
	out, err := ch.q.VisitUnderWay(ctx, ch.c.ID)
	if err != nil {
		return fmt.Errorf("visit of the appointment: %w", err)
	}
	if out {
		return problem.New(http.StatusConflict, "appointment_under_way", nil)
	}
	return nil
}

// told gathers what the transaction tells others, for its last statement.
type told struct {
	key  uuid.UUID
	list []store.Envelope
}

// appointmentChanged is the data of the event that sockets get; see signaling/PROTOCOL.md.
type appointmentChanged struct {
	AppointmentID uuid.UUID `json:"appointmentId"`
	Status        string    `json:"status"`
	Revision      int32     `json:"revision"`
	Change        string    `json:"change"`
}

func (t *told) about(c db.Appointment, staff []uuid.UUID, status string, revision int32, action string) {
	users := slices.Clone(staff)
	if !slices.Contains(users, c.BookedBy) {
		users = append(users, c.BookedBy)
	}
	t.key = c.ID
	t.list = append(t.list, store.Envelope{Event: "appointment.changed", To: store.Audience{Users: users, Organisations: []uuid.UUID{c.ResidentOrgID}},
		Data: appointmentChanged{AppointmentID: c.ID, Status: status, Revision: revision, Change: action}})
}

func (t *told) write(ctx context.Context, q *db.Queries) error {
	return store.Append(ctx, q, t.key, t.list...)
}

// event writes what happened to one appointment.
func event(ctx context.Context, q *db.Queries, c db.Appointment, action, from, to string, revision int32, actor *uuid.UUID, role string, now time.Time, data map[string]any) error {
	if data == nil {
		data = map[string]any{}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event %s: %w", action, err)
	}
	if err := q.AppendAppointmentEvent(ctx, db.AppendAppointmentEventParams{ID: newID(), AppointmentID: c.ID, Type: action, FromStatus: from, ToStatus: to,
		Revision: revision, ActorID: actor, ActorRole: role, At: now, Data: raw}); err != nil {
		return fmt.Errorf("event %s: %w", action, err)
	}
	return nil
}

// step carries out one action that changes the status: the table decides, the compare-and-set makes it so, one event says it.
func (ch *change) step(ctx context.Context, action string, p db.SetAppointmentStatusParams, data map[string]any) error {
	t := transitionOf(action)
	if !slices.Contains(t.from, statusAt(ch.c, ch.now)) {
		return ch.refused()
	}
	if t.tooEarly(ch.c, ch.now) {
		return problem.New(http.StatusConflict, "appointment_not_yet", problem.Args{"minutes": strconv.Itoa(int(*t.early / time.Minute))})
	}
	if action == actCancel || action == actNoShow {
		if err := ch.underWay(ctx); err != nil {
			return err
		}
	}
	p.ID, p.FromStatus, p.ToStatus, p.Revision, p.Now, p.Raise = ch.c.ID, ch.c.Status, t.to, ch.c.Revision, ch.now, 1
	n, err := ch.q.SetAppointmentStatus(ctx, p)
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	if n != 1 {
		return ch.refused()
	}
	if err := event(ctx, ch.q, ch.c, action, ch.c.Status, t.to, ch.c.Revision+1, ch.actor(), ch.role(), ch.now, data); err != nil {
		return err
	}
	if ch.c.Status == held {
		if err := ch.offerEnded(ctx, t.to); err != nil {
			return err
		}
	}
	ch.told.about(ch.c, userIDs(ch.staff), t.to, ch.c.Revision+1, action)
	ch.c.Status, ch.c.Revision = t.to, ch.c.Revision+1
	if t.to == cancelled {
		ch.freed = append(ch.freed, freed{ch.c.KindID, lead(ch.staff)})
	}
	return nil
}

// offerEnded says in the waiting list what became of a hold that was an offer.
func (ch *change) offerEnded(ctx context.Context, to string) error {
	var err error
	if to == booked {
		err = ch.q.WaitingTakenUp(ctx, &ch.c.ID)
	} else {
		err = ch.q.WaitingAgain(ctx, db.WaitingAgainParams{AppointmentID: &ch.c.ID, Now: ch.now})
	}
	if err != nil {
		return fmt.Errorf("waiting list: %w", err)
	}
	return nil
}

// refused says that the appointment is not in a state for this.
func (ch *change) refused() error {
	if statusAt(ch.c, ch.now) == lapsed {
		return problem.New(http.StatusConflict, "hold_lapsed", nil)
	}
	return problem.New(http.StatusConflict, "appointment_state", nil)
}

func userIDs(staff []db.StaffOfRow) []uuid.UUID {
	out := make([]uuid.UUID, len(staff))
	for i, r := range staff {
		out[i] = r.UserID
	}
	return out
}

// on carries out one command on one appointment: look, lock the people and then the row, authorise, do, tell. More names people beside its
// own whose time is taken.
func (s *Service) on(ctx context.Context, a identity.Actor, cmd uuid.UUID, operation string, id uuid.UUID, request any, revision *int, more []uuid.UUID,
	do func(ch *change) error) error {
	if err := require(a, everybody()...); err != nil {
		return err
	}
	keyed := struct {
		ID   uuid.UUID
		Body any
	}{id, request}
	// Who is not to see it gets 404, also for a command that somebody else carried out.
	if _, _, err := s.seen(ctx, s.st.Q(), a, id); err != nil {
		return err
	}
	var given []freed
	_, err := s.command(ctx, a, cmd, operation, keyed, func(q *db.Queries) (uuid.UUID, error) {
		given = nil
		c, staff, err := s.seen(ctx, q, a, id)
		if err != nil {
			return id, err
		}
		if err := q.LockBooking(ctx, db.LockBookingParams{Doctors: append(userIDs(staff), more...), Residents: []uuid.UUID{c.ResidentID}}); err != nil {
			return id, fmt.Errorf("lock: %w", err)
		}
		if c, err = q.LockAppointment(ctx, id); err != nil {
			return id, fmt.Errorf("lock: %w", err)
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return id, err
		}
		if revision != nil && int32(*revision) != c.Revision {
			return id, problem.New(http.StatusConflict, "revision_stale", nil)
		}
		ch := &change{s: s, q: q, c: c, staff: staff, sight: see(a, c, staff), a: a, now: now, told: &told{}}
		if ch.sight.through() {
			if ch.talk, err = led(ctx, q, a, c.ConsultationID); err != nil {
				return id, err
			}
			if !ch.talk.on { // it is over: they see what they booked
				return id, problem.Forbidden()
			}
		}
		if err := do(ch); err != nil {
			return id, err
		}
		given = ch.freed
		return id, ch.told.write(ctx, q)
	})
	if err == nil {
		s.offerFreed(ctx, given)
	}
	return err
}

// seen loads an appointment that the actor sees.
func (s *Service) seen(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.Appointment, []db.StaffOfRow, error) {
	c, err := q.AppointmentByID(ctx, id)
	if err := one(err, "the appointment"); err != nil {
		return c, nil, err
	}
	staff, err := q.StaffOf(ctx, []uuid.UUID{id})
	if err != nil {
		return c, nil, fmt.Errorf("staff: %w", err)
	}
	if !see(a, c, staff).any() {
		return c, nil, problem.NotFound()
	}
	return c, staff, nil
}
