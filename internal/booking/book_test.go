package booking_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// clinic is a world whose hospital can be booked: Wang and Zhao on every working day from 9 to 12, for visits of 30 minutes with 10 minutes of
// writing up.
type clinic struct {
	*caretest.World
	book *booking.Service
	kind contract.AppointmentKind
}

func openClinic(t *testing.T, change ...func(*contract.AppointmentKindInput)) *clinic {
	t.Helper()
	w := caretest.New(t)
	s, err := booking.New(booking.Deps{Store: w.Store, Keeper: w.Keeper, Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	c := &clinic{World: w, book: s}
	c.kind = c.offer(change...)
	for _, doctor := range []identity.Actor{w.Wang, w.Zhao} {
		c.hours(doctor, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", 9*60, 12*60)
	}
	return c
}

func roles() []contract.Role {
	return []contract.Role{"NURSE", "ATTENDING", "CONSULTANT", "DISPATCHER", "INST_ADMIN"}
}

// offer makes a kind at the hospital.
func (c *clinic) offer(change ...func(*contract.AppointmentKindInput)) contract.AppointmentKind {
	c.T.Helper()
	in := contract.AppointmentKindInput{Name: "视频复诊", Place: contract.AppointmentPlaceONLINE, Minutes: 30, AfterMinutes: new(10), HorizonDays: 60, BookedBy: roles(),
		NoticeMinutes: new(60), FreeCancelMinutes: new(120)}
	for _, f := range change {
		f(&in)
	}
	return caretest.Must[contract.AppointmentKind](c.World)(c.book.CreateAppointmentKind(c.T.Context(), c.HospitalAdmin, uuid.New(), in))
}

func (c *clinic) hours(who identity.Actor, rule string, from, to int) contract.AvailabilityRule {
	c.T.Helper()
	return caretest.Must[contract.AvailabilityRule](c.World)(c.book.AddAvailabilityRule(c.T.Context(), who, uuid.New(), contract.AvailabilityRuleInput{Recurrence: rule,
		StartsOn: openapi_types.Date{Time: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}, FromMinute: from, ToMinute: to}))
}

// at is an instant by the clock in Asia/Shanghai, in days after the world begins (Tuesday 2026-03-10).
func at(days, hour, minute int) time.Time {
	return time.Date(2026, 3, 10+days, hour-8, minute, 0, 0, time.UTC)
}

func (c *clinic) wish(doctor identity.Actor, resident uuid.UUID, start time.Time) contract.AppointmentInput {
	return contract.AppointmentInput{KindId: c.kind.Id, PractitionerId: doctor.UserID, ResidentId: resident, StartsAt: start}
}

func (c *clinic) mustBook(a identity.Actor, in contract.AppointmentInput) contract.Appointment {
	c.T.Helper()
	return caretest.Must[contract.Appointment](c.World)(c.book.BookAppointment(c.T.Context(), a, uuid.New(), in))
}

// refused books what cannot be had and gives the refusal.
func (c *clinic) refused(a identity.Actor, in contract.AppointmentInput, code string) *problem.Problem {
	c.T.Helper()
	_, err := c.book.BookAppointment(c.T.Context(), a, uuid.New(), in)
	p := problem.Of(err)
	if err == nil || p.Code != code {
		c.T.Fatalf("%v, want %s", err, code)
	}
	return p
}

func (c *clinic) starts(doctor identity.Actor, from, to time.Time) []string {
	c.T.Helper()
	page := caretest.Must[contract.SlotPage](c.World)(c.book.FindSlots(c.T.Context(), c.Nurse, contract.FindSlotsParams{KindId: c.kind.Id, From: from, To: to, PractitionerId: &doctor.UserID}))
	out := []string{}
	for _, s := range page.Slots {
		out = append(out, s.StartsAt.In(time.FixedZone("", 8*3600)).Format("02 15:04"))
	}
	return out
}

func TestBookingTakesTheDoctorAndTheResident(t *testing.T) {
	c := openClinic(t)
	if got, want := c.starts(c.Wang, at(1, 0, 0), at(2, 0, 0)), []string{"11 09:00", "11 09:30", "11 10:00", "11 10:30", "11 11:00", "11 11:30"}; !slices.Equal(got, want) {
		t.Fatalf("free: %v", got)
	}
	got := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 10, 0)))
	if got.Status != "BOOKED" || got.Revision != 1 || !got.EndsAt.Equal(at(1, 10, 30)) || len(got.Staff) != 1 || !got.Staff[0].BlockedTo.Equal(at(1, 10, 40)) || got.ResidentName != "张秀英" {
		t.Fatalf("%+v", got)
	}
	// Ten minutes of writing up lie before what follows, and ten after what came before.
	if got, want := c.starts(c.Wang, at(1, 0, 0), at(2, 0, 0)), []string{"11 09:00", "11 11:00", "11 11:30"}; !slices.Equal(got, want) {
		t.Errorf("free: %v", got)
	}
	p := c.refused(c.Nurse, c.wish(c.Wang, c.Second, at(1, 10, 0)), "slot_taken")
	if len(p.Alternatives) != 3 {
		t.Fatalf("alternatives: %+v", p.Alternatives)
	}
	for _, alternative := range p.Alternatives {
		if alternative.PractitionerId != c.Wang.UserID {
			t.Errorf("the same doctor has time: %+v", alternative)
		}
	}
	c.mustBook(c.Nurse, c.wish(c.Wang, c.Second, p.Alternatives[0].StartsAt)) // what is offered can be had
	c.refused(c.Nurse, c.wish(c.Zhao, c.Resident, at(1, 10, 0)), "resident_taken")
	c.mustBook(c.Nurse, c.wish(c.Zhao, c.Resident, at(1, 10, 30))) // writing up is the doctor's time, not the resident's
	c.refused(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 14, 0)), "slot_not_offered")
	c.refused(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 9, 10)), "slot_not_offered")
	c.refused(c.Nurse, c.wish(c.Wang, c.Dement, at(90, 9, 0)), "slot_not_offered")
	c.refused(c.Nurse, c.wish(c.Wang, c.StrangersResident, at(2, 9, 0)), "not_found")
	c.refused(c.StrangerNurse, c.wish(c.Wang, c.StrangersResident, at(2, 9, 0)), "not_found")
}

func TestTheConstraintsHoldWhoeverWrites(t *testing.T) {
	c := openClinic(t)
	first := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 10, 0)))
	other := c.mustBook(c.Nurse, c.wish(c.Zhao, c.Second, at(1, 10, 0)))
	for what, sql := range map[string]string{
		"appointment_staff_once":     `UPDATE appointment_staff SET user_id = (SELECT user_id FROM appointment_staff WHERE appointment_id = $2) WHERE appointment_id = $1`,
		"appointments_resident_once": `UPDATE appointments SET resident_id = (SELECT resident_id FROM appointments WHERE id = $2) WHERE id = $1`,
	} {
		_, err := c.Store.Pool.Exec(t.Context(), sql, first.Id, other.Id)
		if err == nil {
			t.Errorf("%s let it through", what)
		}
	}
}

func TestAHoldKeepsItsTimeAndNoLonger(t *testing.T) {
	c := openClinic(t)
	in := c.wish(c.Wang, c.Resident, at(1, 9, 0))
	in.Hold = new(true)
	kept := c.mustBook(c.Nurse, in)
	if kept.Status != "HELD" || !kept.HoldExpiresAt.Equal(c.Clock.Now().Add(booking.HoldFor)) {
		t.Fatalf("%+v", kept)
	}
	c.refused(c.Attending, c.wish(c.Wang, c.Second, at(1, 9, 0)), "slot_taken")
	c.Clock.Pass(booking.HoldFor)
	taken := c.mustBook(c.Attending, c.wish(c.Wang, c.Second, at(1, 9, 0))) // no sweep has run
	_, err := c.book.ConfirmAppointment(t.Context(), c.Nurse, uuid.New(), kept.Id)
	if p := problem.Of(err); p.Code != "hold_lapsed" || len(p.Alternatives) != 3 {
		t.Errorf("confirming what has lapsed: %v", err)
	}
	if n := c.Count(`SELECT count(*) FROM appointment_events WHERE appointment_id = $1 AND type = 'lapse'`, kept.Id); n != 1 {
		t.Errorf("%d lapses are written", n)
	}
	if got := caretest.Must[contract.Appointment](c.World)(c.book.GetAppointment(t.Context(), c.Nurse, taken.Id)); got.Status != "BOOKED" {
		t.Errorf("%+v", got)
	}

	in.StartsAt = at(2, 9, 0)
	again := c.mustBook(c.Nurse, in)
	c.Clock.Pass(booking.HoldFor - time.Second)
	cmd := uuid.New()
	for range 2 { // a repetition is the same answer
		got := caretest.Must[contract.Appointment](c.World)(c.book.ConfirmAppointment(t.Context(), c.Nurse, cmd, again.Id))
		if got.Status != "BOOKED" || got.Revision != 2 {
			t.Errorf("%+v", got)
		}
	}
}

func TestTravelIsFrozenAtBooking(t *testing.T) {
	c := openClinic(t, func(in *contract.AppointmentKindInput) {
		in.Name, in.Place, in.TravelMinutes = "上门随访", contract.AppointmentPlaceHOME, new(30)
	})
	c.Claim(c.Wang, c.Offered(c.Nurse, c.Resident)) // whom he may book for from now on
	in := c.wish(c.Wang, c.Resident, at(1, 10, 0))
	in.TravelBeforeMinutes, in.TravelAfterMinutes = new(45), new(15)
	got := c.mustBook(c.Wang, in)
	if s := got.Staff[0]; !s.BlockedFrom.Equal(at(1, 9, 15)) || !s.BlockedTo.Equal(at(1, 10, 55)) {
		t.Fatalf("%+v", s)
	}
	// 11:00 needs thirty minutes on the way from 10:30, at which the way back is not yet over.
	c.refused(c.Nurse, c.wish(c.Wang, c.Second, at(1, 11, 0)), "slot_taken")
	near := c.wish(c.Wang, c.Resident, at(1, 11, 0))
	near.TravelBeforeMinutes = new(5)
	c.mustBook(c.Wang, near)
	moved := caretest.Must[contract.Appointment](c.World)(c.book.RescheduleAppointment(t.Context(), c.Nurse, uuid.New(), got.Id, contract.RescheduleInput{Revision: 1, StartsAt: at(2, 10, 0)}))
	if s := moved.Staff[0]; !s.BlockedFrom.Equal(at(2, 9, 15)) || s.TravelBefore != 45 {
		t.Errorf("the way is the same on another day: %+v", s)
	}
}

// TestTravelOfSomebodyElse: who only books neither takes the way from somebody nor fills somebody's day with it.
func TestTravelOfSomebodyElse(t *testing.T) {
	c := openClinic(t, func(in *contract.AppointmentKindInput) {
		in.Name, in.Place, in.TravelMinutes = "上门随访", contract.AppointmentPlaceHOME, new(30)
	})
	for minutes, may := range map[int]bool{0: false, 29: false, 30: true, 90: true, 91: false, 240: false} {
		in := c.wish(c.Wang, c.Resident, at(1, 10, 30))
		for field, set := range map[string]**int{"travelBeforeMinutes": &in.TravelBeforeMinutes, "travelAfterMinutes": &in.TravelAfterMinutes} {
			*set = &minutes
			if may {
				got := c.mustBook(c.Nurse, in)
				caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), got.Id, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}))
			} else if p := c.refused(c.Nurse, in, "invalid_request"); p.Fields[0].Code != "travel_role" || p.Fields[0].Path != field {
				t.Errorf("%d minutes: %+v", minutes, p.Fields)
			}
			*set = nil
		}
	}
}

// TestHoldsAreCounted: five at a time, however they are asked for; what the waiting list offers is none of them.
func TestHoldsAreCounted(t *testing.T) {
	c := openClinic(t)
	hold := func(doctor identity.Actor, resident uuid.UUID, start time.Time) contract.AppointmentInput {
		in := c.wish(doctor, resident, start)
		in.Hold = new(true)
		return in
	}
	for hour := range 3 {
		c.mustBook(c.Nurse, hold(c.Wang, c.Resident, at(1, 9+hour, 0)))
	}
	offered := c.mustBook(c.Nurse, hold(c.Wang, c.Resident, at(2, 9, 0)))
	c.Exec(`INSERT INTO waiting_list (id, kind_id, resident_id, resident_org_id, earliest, latest, from_minute, to_minute, urgent, status, appointment_id, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 1440, false, 'OFFERED', $7, $8, $5)`, uuid.New(), c.kind.Id, c.Resident, c.Home, c.Clock.Now(), at(3, 0, 0), offered.Id, c.Nurse.UserID)
	c.mustBook(c.Nurse, hold(c.Wang, c.Resident, at(2, 10, 0)))

	// Two more at once, with other people: both have counted before either is written, unless one waits for the other.
	tx, err := c.Store.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), `LOCK TABLE appointment_staff IN SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	answers := make(chan error, 2)
	for _, in := range []contract.AppointmentInput{hold(c.Wang, c.Resident, at(2, 11, 0)), hold(c.Zhao, c.Second, at(2, 11, 0))} {
		go func() {
			_, err := c.book.BookAppointment(t.Context(), c.Nurse, uuid.New(), in)
			answers <- err
		}()
	}
	for waiting := 0; waiting < 2; { // outside the transaction, in which the server would show the same sessions again and again
		if err := c.Store.Pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	made := 0
	for range 2 {
		if err := <-answers; err == nil {
			made++
		} else if problem.Of(err).Code != "too_many_holds" {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d of two were kept beside four", made)
	}
}

func TestAGroupHasItsSeats(t *testing.T) {
	c := openClinic(t, func(in *contract.AppointmentKindInput) {
		in.Name, in.Place, in.Capacity = "高血压课堂", contract.AppointmentPlaceCLINIC, new(2)
	})
	first := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 9, 0)))
	second := c.mustBook(c.Nurse, c.wish(c.Wang, c.Second, at(1, 9, 0)))
	c.refused(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 9, 0)), "slot_taken")
	c.refused(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 9, 30)), "slot_taken") // the doctor is with the group until 9:40
	cancel := contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}
	caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), first.Id, cancel))
	third := c.mustBook(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 9, 0)))
	if n := c.Count(`SELECT count(DISTINCT session) FROM appointments WHERE id IN ($1, $2) AND seat IN (1, 2)`, second.Id, third.Id); n != 1 {
		t.Errorf("the seat that was given back is not the one that was taken")
	}
}

func TestMovingAndCancelling(t *testing.T) {
	c := openClinic(t)
	made := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 9, 0)))
	// To a time across its own.
	caretest.Must[contract.AppointmentKind](c.World)(c.book.UpdateAppointmentKind(t.Context(), c.HospitalAdmin, c.kind.Id, contract.AppointmentKindUpdate{Revision: 1,
		Kind: contract.AppointmentKindInput{Name: "视频复诊", Place: "ONLINE", Minutes: 30, StepMinutes: new(10), AfterMinutes: new(10), HorizonDays: 60, BookedBy: roles(), NoticeMinutes: new(60),
			FreeCancelMinutes: new(120)}}))
	moved := caretest.Must[contract.Appointment](c.World)(c.book.RescheduleAppointment(t.Context(), c.Nurse, uuid.New(), made.Id, contract.RescheduleInput{Revision: 1, StartsAt: at(1, 9, 10)}))
	if moved.Revision != 2 || !moved.StartsAt.Equal(at(1, 9, 10)) || moved.Id != made.Id {
		t.Fatalf("%+v", moved)
	}
	_, err := c.book.RescheduleAppointment(t.Context(), c.Attending, uuid.New(), made.Id, contract.RescheduleInput{Revision: 1, StartsAt: at(1, 11, 0)})
	if problem.Of(err).Code != "revision_stale" {
		t.Errorf("an earlier revision: %v", err)
	}
	// To somebody else; the first doctor is free again.
	moved = caretest.Must[contract.Appointment](c.World)(c.book.RescheduleAppointment(t.Context(), c.Nurse, uuid.New(), made.Id,
		contract.RescheduleInput{Revision: 2, StartsAt: at(1, 9, 10), PractitionerId: &c.Zhao.UserID}))
	if moved.Revision != 3 || moved.Staff[0].UserId != c.Zhao.UserID {
		t.Fatalf("%+v", moved)
	}
	c.mustBook(c.Nurse, c.wish(c.Wang, c.Second, at(1, 9, 10)))
	if _, err := c.book.GetAppointment(t.Context(), c.Wang, made.Id); problem.Of(err).Code != "not_found" {
		t.Errorf("who no longer has it sees it: %v", err)
	}

	late := c.mustBook(c.Nurse, c.wish(c.Zhao, c.Dement, at(0, 10, 30)))
	for _, test := range []struct {
		id   uuid.UUID
		rev  int
		late bool
	}{{moved.Id, 3, false}, {late.Id, 1, true}} {
		got := caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), test.id,
			contract.CancelAppointmentInput{Revision: test.rev, Reason: "OTHER", Note: new("家属接走")}))
		if got.Status != "CANCELLED" || *got.CancelledLate != test.late || *got.CancelNote != "家属接走" || got.Revision != test.rev+1 {
			t.Errorf("%+v", got)
		}
	}
	c.mustBook(c.Nurse, c.wish(c.Zhao, c.Dement, at(0, 10, 30)))
}

func TestNobodyCame(t *testing.T) {
	c := openClinic(t)
	made := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 9, 0)))
	say := func(a identity.Actor, outcome contract.AppointmentOutcomeOutcome) error {
		_, err := c.book.RecordAppointmentOutcome(t.Context(), a, uuid.New(), made.Id, contract.AppointmentOutcome{Revision: 1, Outcome: outcome})
		return err
	}
	if err := say(c.Wang, "NO_SHOW"); problem.Of(err).Code != "appointment_not_yet" {
		t.Errorf("before it begins: %v", err)
	}
	c.Clock.Pass(at(1, 9, 0).Sub(c.Clock.Now()))
	if err := say(c.Nurse, "NO_SHOW"); problem.Of(err).Code != "forbidden" {
		t.Errorf("by the resident's side: %v", err)
	}
	if err := say(c.Wang, "NO_SHOW"); err != nil {
		t.Error(err)
	}
	if got := caretest.Must[contract.Appointment](c.World)(c.book.GetAppointment(t.Context(), c.Desk, made.Id)); got.Status != "NO_SHOW" || got.ResidentName != "张**" || len(*got.Events) != 2 {
		t.Errorf("%+v", got)
	}
}

// TestACommandThatIsSentTwiceAtOnceIsOne: whoever sends a booking or a move again while the first is being carried out gets its answer, and is not told
// that the time is taken by that very booking.
func TestACommandThatIsSentTwiceAtOnceIsOne(t *testing.T) {
	c := openClinic(t)
	const clients = 8
	atOnce := func(what string, send func() (contract.Appointment, error)) contract.Appointment {
		t.Helper()
		answers, refusals := make([]contract.Appointment, clients), make([]error, clients)
		var group sync.WaitGroup
		for i := range clients {
			group.Go(func() { answers[i], refusals[i] = send() })
		}
		group.Wait()
		for i, err := range refusals {
			if err != nil || answers[i].Id != answers[0].Id || answers[i].Revision != answers[0].Revision {
				t.Errorf("%s: %v, %v", what, answers[i].Id, err)
			}
		}
		return answers[0]
	}
	cmd := uuid.New()
	booked := atOnce("booked", func() (contract.Appointment, error) {
		return c.book.BookAppointment(t.Context(), c.Nurse, cmd, c.wish(c.Wang, c.Resident, at(1, 10, 0)))
	})
	move := uuid.New()
	moved := atOnce("moved", func() (contract.Appointment, error) {
		return c.book.RescheduleAppointment(t.Context(), c.Nurse, move, booked.Id, contract.RescheduleInput{Revision: booked.Revision, StartsAt: at(1, 11, 0)})
	})
	if n := c.Count(`SELECT count(*) FROM appointments`); n != 1 || moved.Revision != booked.Revision+1 {
		t.Errorf("%d appointments, revision %d", n, moved.Revision)
	}
	// The exact order: refused by what the same command had made a moment before.
	twin := store.Command{User: c.Nurse.UserID, ID: uuid.New(), Operation: "x", Request: 1}
	made := uuid.New()
	got, err := twin.Once(t.Context(), c.Store.Tx, func(*db.Queries) (uuid.UUID, error) {
		if _, err := twin.Once(t.Context(), c.Store.Tx, func(*db.Queries) (uuid.UUID, error) { return made, nil }); err != nil {
			t.Error(err)
		}
		return uuid.Nil, problem.New(409, "slot_taken", nil)
	})
	if err != nil || got != made {
		t.Errorf("%v, %v", got, err)
	}
	other := twin
	other.ID = uuid.New()
	if _, err := other.Once(t.Context(), c.Store.Tx, func(*db.Queries) (uuid.UUID, error) { return uuid.Nil, problem.New(409, "slot_taken", nil) }); problem.Of(err).Code != "slot_taken" {
		t.Errorf("a refusal of its own: %v", err)
	}
}
