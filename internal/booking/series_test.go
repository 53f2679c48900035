package booking_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func (c *clinic) weekly(count string) contract.AppointmentSeriesInput {
	return contract.AppointmentSeriesInput{KindId: c.kind.Id, PractitionerId: c.Wang.UserID, ResidentId: c.Resident, Recurrence: "FREQ=WEEKLY;BYDAY=WE;COUNT=" + count,
		StartsOn: openapi_types.Date{Time: time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)}, StartMinute: 9 * 60}
}

func (c *clinic) seriesOf(id uuid.UUID) (out []string) {
	c.T.Helper()
	got := caretest.Must[contract.AppointmentSeries](c.World)(c.book.GetAppointmentSeries(c.T.Context(), c.Nurse, id))
	for _, m := range got.Appointments {
		out = append(out, m.StartsAt.In(time.FixedZone("", 8*3600)).Format("01-02 15:04 ")+string(m.Status))
	}
	return out
}

func TestASeriesIsBookedWholeOrNotAtAll(t *testing.T) {
	c := openClinic(t)
	c.mustBook(c.Nurse, c.wish(c.Wang, c.Second, at(8, 9, 0))) // the second Wednesday
	_, err := c.book.BookAppointmentSeries(t.Context(), c.Nurse, uuid.New(), c.weekly("4"))
	if p := problem.Of(err); p.Code != "slot_taken" || len(p.Alternatives) != 3 || c.Count(`SELECT count(*) FROM appointments`) != 1 {
		t.Fatalf("%v", err)
	}
	in := c.weekly("4")
	in.SkipTaken = new(true)
	got := caretest.Must[contract.AppointmentSeries](c.World)(c.book.BookAppointmentSeries(t.Context(), c.Nurse, uuid.New(), in))
	if len(got.Appointments) != 3 || len(got.Skipped) != 1 || got.Skipped[0].Code != "slot_taken" || got.Skipped[0].Date.Format("01-02") != "03-18" {
		t.Errorf("%+v", got)
	}
	in = c.weekly("4")
	in.ResidentId, in.Recurrence = c.Dement, "FREQ=HOURLY"
	if _, err := c.book.BookAppointmentSeries(t.Context(), c.Nurse, uuid.New(), in); problem.Of(err).Code != "invalid_request" {
		t.Errorf("%v", err)
	}
}

func TestOneFollowingAndAllOfASeries(t *testing.T) {
	c := openClinic(t)
	made := caretest.Must[contract.AppointmentSeries](c.World)(c.book.BookAppointmentSeries(t.Context(), c.Nurse, uuid.New(), c.weekly("6")))
	move := func(i, rev int, start time.Time, scope contract.AppointmentScope) contract.Appointment {
		t.Helper()
		return caretest.Must[contract.Appointment](c.World)(c.book.RescheduleAppointment(t.Context(), c.Nurse, uuid.New(), made.Appointments[i].Id,
			contract.RescheduleInput{Revision: rev, StartsAt: start, Scope: &scope}))
	}
	if got := move(1, 1, at(9, 10, 0), "THIS"); !got.Detached { // the second, to Thursday
		t.Errorf("%+v", got)
	}
	// From the third on by a day and half an hour: each to where the next would not be in its way.
	later := move(2, 1, at(16, 9, 30), "FOLLOWING")
	if *later.SeriesId == made.Id || later.Detached {
		t.Errorf("%+v", later)
	}
	if got, want := c.seriesOf(made.Id), []string{"03-11 09:00 BOOKED", "03-19 10:00 BOOKED"}; !slices.Equal(got, want) {
		t.Errorf("the earlier part: %v", got)
	}
	if got, want := c.seriesOf(*later.SeriesId), []string{"03-26 09:30 BOOKED", "04-02 09:30 BOOKED", "04-09 09:30 BOOKED", "04-16 09:30 BOOKED"}; !slices.Equal(got, want) {
		t.Errorf("the later part: %v", got)
	}
	rules := map[uuid.UUID]string{made.Id: "FREQ=WEEKLY;UNTIL=20260324;BYDAY=WE", *later.SeriesId: "FREQ=WEEKLY;UNTIL=20260416;BYDAY=TH"}
	for id, want := range rules {
		if got := caretest.Must[contract.AppointmentSeries](c.World)(c.book.GetAppointmentSeries(t.Context(), c.Nurse, id)); got.Recurrence != want {
			t.Errorf("rule %s, want %s", got.Recurrence, want)
		}
	}
	// All by a week: each goes where the next one is.
	again := move(3, 2, at(30, 9, 30), "ALL")
	if got, want := c.seriesOf(*again.SeriesId), []string{"04-02 09:30 BOOKED", "04-09 09:30 BOOKED", "04-16 09:30 BOOKED", "04-23 09:30 BOOKED"}; !slices.Equal(got, want) {
		t.Errorf("all: %v", got)
	}
	// One of them cannot be had: none moves.
	c.mustBook(c.Nurse, c.wish(c.Wang, c.Second, at(44, 10, 30)))
	following := contract.AppointmentScopeFOLLOWING
	_, err := c.book.RescheduleAppointment(t.Context(), c.Nurse, uuid.New(), made.Appointments[4].Id, contract.RescheduleInput{Revision: 3, StartsAt: at(37, 10, 0), Scope: &following})
	if p := problem.Of(err); p.Code != "slot_taken" || len(p.Alternatives) == 0 {
		t.Errorf("%v", err)
	}
	caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), made.Appointments[4].Id,
		contract.CancelAppointmentInput{Revision: 3, Reason: "ADMITTED", Scope: &following}))
	if got, want := c.seriesOf(*again.SeriesId), []string{"04-02 09:30 BOOKED", "04-09 09:30 BOOKED", "04-16 09:30 CANCELLED", "04-23 09:30 CANCELLED"}; !slices.Equal(got, want) {
		t.Errorf("after the end: %v", got)
	}
}

func TestAFreedSlotIsOfferedToWhoWaits(t *testing.T) {
	c := openClinic(t)
	var made []contract.Appointment
	for i := range 6 { // the whole Wednesday of Wang
		if i%3 != 0 {
			continue
		}
		made = append(made, c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 9+i/2, i%2*30))))
	}
	c.Exec(`DELETE FROM availability_rules WHERE user_id = $1`, c.Wang.UserID) // what is booked is all there was
	c.Exec(`INSERT INTO availability_exceptions (id, user_id, organisation_id, effect, reason, starts_at, ends_at, created_by, created_at)
		VALUES ($1, $2, $3, 'OPEN', 'EXTRA', $4, $5, $2, now())`, uuid.New(), c.Wang.UserID, c.Hospital, made[0].StartsAt, made[0].EndsAt)
	join := func(resident uuid.UUID, urgent bool) contract.WaitingEntry {
		t.Helper()
		return caretest.Must[contract.WaitingEntry](c.World)(c.book.JoinWaitingList(t.Context(), c.Nurse, uuid.New(), contract.WaitingInput{KindId: c.kind.Id, PractitionerId: &c.Wang.UserID,
			ResidentId: resident, Earliest: at(0, 9, 0), Latest: at(3, 0, 0), Urgent: &urgent}))
	}
	first := join(c.Second, false)
	second := join(c.Dement, true)
	if first.Status != "WAITING" || second.Status != "WAITING" {
		t.Fatalf("%+v %+v", first, second)
	}
	caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), made[0].Id, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}))
	status := func() map[uuid.UUID]contract.WaitingEntry {
		t.Helper()
		out := map[uuid.UUID]contract.WaitingEntry{}
		for _, e := range caretest.Must[[]contract.WaitingEntry](c.World)(c.book.ListWaiting(t.Context(), c.Nurse, contract.ListWaitingParams{Ended: new(true)})) {
			out[e.Id] = e
		}
		return out
	}
	got := status()
	if got[second.Id].Status != "OFFERED" || got[first.Id].Status != "WAITING" || !got[second.Id].OfferedStart.Equal(made[0].StartsAt) {
		t.Fatalf("the urgent one is first: %+v", got)
	}
	// Nobody takes it up: it goes to the other, who confirms.
	c.Clock.Pass(got[second.Id].OfferExpiresAt.Sub(c.Clock.Now()))
	if _, err := c.book.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	got = status()
	if got[second.Id].Status != "WAITING" || got[second.Id].Declined != 1 || got[first.Id].Status != "OFFERED" {
		t.Fatalf("after the offer is over: %+v", got)
	}
	taken := caretest.Must[contract.Appointment](c.World)(c.book.ConfirmAppointment(t.Context(), c.Nurse, uuid.New(), *got[first.Id].AppointmentId))
	if taken.Status != "BOOKED" || *taken.Reason != "WAITING_LIST" || status()[first.Id].Status != "BOOKED" {
		t.Errorf("%+v", taken)
	}
	gone := caretest.Must[contract.WaitingEntry](c.World)(c.book.LeaveWaitingList(t.Context(), c.Nurse, uuid.New(), second.Id))
	if gone.Status != "LEFT" {
		t.Errorf("%+v", gone)
	}
	if _, err := c.book.LeaveWaitingList(t.Context(), c.StrangerNurse, uuid.New(), second.Id); problem.Of(err).Code != "not_found" {
		t.Errorf("%v", err)
	}
}
