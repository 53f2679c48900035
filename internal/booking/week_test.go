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

func (c *clinic) code(err error, want string) {
	c.T.Helper()
	if p := problem.Of(err); err == nil || p.Code != want {
		c.T.Errorf("%v, want %s", err, want)
	}
}

// What is moved does not stand in its own way; whoever does not see it learns nothing of it.
func TestAnAppointmentThatMovesIsFreeForItself(t *testing.T) {
	c := openClinic(t)
	a := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 10, 0)))
	in := contract.FindSlotsParams{KindId: c.kind.Id, From: at(1, 0, 0), To: at(2, 0, 0), PractitionerId: &c.Wang.UserID, ResidentId: &c.Resident, MovingId: &a.Id}
	page := caretest.Must[contract.SlotPage](c.World)(c.book.FindSlots(t.Context(), c.Nurse, in))
	var free []int
	for _, s := range page.Slots {
		free = append(free, int(s.StartsAt.Sub(at(1, 0, 0))/time.Minute))
	}
	if want := []int{540, 570, 600, 630, 660, 690}; !slices.Equal(free, want) {
		t.Errorf("free: %v", free)
	}
	_, err := c.book.FindSlots(t.Context(), c.StrangerDoctor, in)
	c.code(err, "not_found")
	in.KindId = c.offer(func(k *contract.AppointmentKindInput) { k.Name = "别的" }).Id
	_, err = c.book.FindSlots(t.Context(), c.Nurse, in)
	c.code(err, "invalid_request")

	// Across another's time it stays where it is; what is offered instead is not where it is.
	other := c.mustBook(c.Nurse, c.wish(c.Wang, c.Second, at(1, 11, 0)))
	_, err = c.book.RescheduleAppointment(t.Context(), c.Nurse, uuid.New(), a.Id, contract.RescheduleInput{Revision: 1, StartsAt: other.StartsAt})
	c.code(err, "slot_taken")
	p := problem.Of(err)
	if len(p.Alternatives) != 3 || slices.ContainsFunc(p.Alternatives, func(s contract.BookableSlot) bool { return s.StartsAt.Equal(a.StartsAt) }) {
		t.Errorf("alternatives: %+v", p.Alternatives)
	}
}

func TestWhatIsToBeReady(t *testing.T) {
	c := openClinic(t)
	a := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 10, 0)))
	c.mustBook(c.Nurse, c.wish(c.Wang, c.Second, at(2, 9, 0)))
	day := contract.ListPreparationsParams{Day: openapi_types.Date{Time: time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)}}
	list := func() []contract.Preparation {
		t.Helper()
		return caretest.Must[[]contract.Preparation](c.World)(c.book.ListPreparations(t.Context(), c.Attending, day))
	}
	got := list()
	if len(got) != 1 || got[0].AppointmentId != a.Id || got[0].ResidentName != "张秀英" || !slices.ContainsFunc(got[0].Items, func(i contract.PreparationItem) bool { return i.Item == "CONSENT" && !i.Done }) {
		t.Fatalf("%+v", got)
	}
	ready := func(tick contract.PreparationTick) (contract.Preparation, error) {
		return c.book.TickPreparation(t.Context(), c.Nurse, uuid.New(), a.Id, tick)
	}
	caretest.Must[contract.Preparation](c.World)(ready(contract.PreparationTick{Item: "ROOM", Done: true}))
	caretest.Must[contract.Preparation](c.World)(ready(contract.PreparationTick{Item: "ROOM", Done: true})) // a colleague was quicker: nothing happens
	room := func() contract.PreparationItem {
		items := list()[0].Items
		return items[slices.IndexFunc(items, func(i contract.PreparationItem) bool { return i.Item == "ROOM" })]
	}
	if i := room(); !i.Done || i.By == nil || *i.By != c.Nurse.Name {
		t.Errorf("%+v", i)
	}
	if n := c.Count(`SELECT count(*) FROM appointment_events WHERE appointment_id = $1 AND type = 'prepare'`, a.Id); n != 1 {
		t.Errorf("%d events", n)
	}
	caretest.Must[contract.Preparation](c.World)(ready(contract.PreparationTick{Item: "ROOM", Done: false}))
	if i := room(); i.Done {
		t.Errorf("%+v", i)
	}
	_, err := ready(contract.PreparationTick{Item: "FASTING", Done: true}) // nothing that a video needs
	c.code(err, "invalid_request")
	_, err = c.book.TickPreparation(t.Context(), c.StrangerNurse, uuid.New(), a.Id, contract.PreparationTick{Item: "ROOM", Done: true})
	c.code(err, "not_found")
	_, err = c.book.TickPreparation(t.Context(), c.Wang, uuid.New(), a.Id, contract.PreparationTick{Item: "ROOM", Done: true})
	c.code(err, "forbidden")
	if other := caretest.Must[[]contract.Preparation](c.World)(c.book.ListPreparations(t.Context(), c.StrangerNurse, day)); len(other) != 0 {
		t.Errorf("of other houses: %+v", other)
	}
}

// What was offered, what became of it, and why nobody came.
func TestAppointmentFigures(t *testing.T) {
	c := openClinic(t)
	absent := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 9, 0)))
	done := c.mustBook(c.Nurse, c.wish(c.Wang, c.Second, at(1, 10, 0)))
	late := c.mustBook(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 11, 0)))
	c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(2, 9, 0)))
	c.Clock.Pass(at(1, 10, 31).Sub(c.Clock.Now()))
	mark := func(a contract.Appointment, in contract.AppointmentOutcome) error {
		in.Revision = a.Revision
		_, err := c.book.RecordAppointmentOutcome(t.Context(), c.Wang, uuid.New(), a.Id, in)
		return err
	}
	other := contract.AppointmentAbsenceOTHER
	c.code(mark(absent, contract.AppointmentOutcome{Outcome: "NO_SHOW", Absence: &other}), "invalid_request") // in words, then
	forgotten := contract.AppointmentAbsenceFORGOTTEN
	c.code(mark(absent, contract.AppointmentOutcome{Outcome: "FULFILLED", Absence: &forgotten}), "invalid_request")
	if err := mark(absent, contract.AppointmentOutcome{Outcome: "NO_SHOW", Absence: &forgotten}); err != nil {
		t.Fatal(err)
	}
	if err := mark(done, contract.AppointmentOutcome{Outcome: "FULFILLED"}); err != nil {
		t.Fatal(err)
	}
	caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), late.Id, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}))
	in := contract.GetAppointmentFiguresParams{From: openapi_types.Date{Time: time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)}, To: openapi_types.Date{Time: time.Date(2026, 3, 22, 0, 0, 0, 0, time.UTC)}}
	got := caretest.Must[contract.AppointmentFigures](c.World)(c.book.GetAppointmentFigures(t.Context(), c.HospitalAdmin, in))
	if len(got.Counts) != 1 {
		t.Fatalf("%+v", got.Counts)
	}
	if n := got.Counts[0]; n.Upcoming != 1 || n.Open != 0 || n.Done != 1 || n.NoShow != 1 || n.Cancelled != 0 || n.CancelledLate != 1 || n.Week.String() != "2026-03-09" {
		t.Errorf("%+v", n)
	}
	if len(got.Absences) != 1 || got.Absences[0].N != 1 || *got.Absences[0].Absence != forgotten {
		t.Errorf("%+v", got.Absences)
	}
	// Five mornings of three hours; three times half an hour with ten minutes of writing up. What was cancelled takes nothing.
	week := got.Hours[slices.IndexFunc(got.Hours, func(h contract.OfferedHours) bool {
		return h.PractitionerId == c.Wang.UserID && h.Week.String() == "2026-03-09"
	})]
	if week.OfferedMinutes != 15*60 || week.TakenMinutes != 3*40 {
		t.Errorf("%+v", week)
	}
	if len(got.Hours) != 4 { // two people, two weeks
		t.Errorf("%d rows of hours", len(got.Hours))
	}
	none := caretest.Must[contract.AppointmentFigures](c.World)(c.book.GetAppointmentFigures(t.Context(), c.HomeAdmin, in))
	if len(none.Counts) != 0 {
		t.Errorf("of other organisations: %+v", none.Counts)
	}
}

// Several residents get a time each, one after the other; who practises shares the way between two of the same house.
func TestProposalsForSeveral(t *testing.T) {
	c := openClinic(t, func(k *contract.AppointmentKindInput) {
		k.Place, k.TravelMinutes, k.AfterMinutes, k.StepMinutes = contract.AppointmentPlaceHOME, new(20), nil, new(10)
	})
	c.mustBook(c.Nurse, c.wish(c.Zhao, c.Dement, at(1, 9, 40))) // busy elsewhere just then
	in := contract.ProposeAppointmentsParams{KindId: c.kind.Id, PractitionerId: c.Wang.UserID, ResidentIds: []uuid.UUID{c.Resident, c.Second, c.Dement}, From: at(1, 0, 0), To: at(2, 0, 0)}
	starts := func(list []contract.AppointmentProposal) (out []int) {
		for _, p := range list {
			if p.Slot == nil {
				out = append(out, 0)
				continue
			}
			out = append(out, int(p.Slot.StartsAt.Sub(at(1, 0, 0))/time.Minute))
		}
		return out
	}
	// The nurse of the house does not decide on his road: half an hour, and twenty minutes twice in between.
	list := caretest.Must[[]contract.AppointmentProposal](c.World)(c.book.ProposeAppointments(t.Context(), c.Nurse, in))
	if got := starts(list); !slices.Equal(got, []int{540, 610, 680}) {
		t.Errorf("the nurse: %v", got)
	}
	// Who plans knows the residents by what they have there.
	c.mustBook(c.Nurse, c.wish(c.Zhao, c.Resident, at(2, 9, 0)))
	c.mustBook(c.Nurse, c.wish(c.Zhao, c.Second, at(2, 10, 30)))
	list = caretest.Must[[]contract.AppointmentProposal](c.World)(c.book.ProposeAppointments(t.Context(), c.Desk, in))
	if got := starts(list); !slices.Equal(got, []int{540, 570, 610}) {
		t.Fatalf("who plans: %v", got)
	}
	// What was proposed can be had as it was proposed.
	for _, p := range list {
		a := c.mustBook(c.Desk, contract.AppointmentInput{KindId: c.kind.Id, PractitionerId: c.Wang.UserID, ResidentId: p.ResidentId, StartsAt: p.Slot.StartsAt,
			TravelBeforeMinutes: p.TravelBeforeMinutes, TravelAfterMinutes: p.TravelAfterMinutes})
		if a.Status != "BOOKED" {
			t.Errorf("%+v", a)
		}
	}
	// A period in which nothing is free says so, for each.
	in.From, in.To = at(4, 0, 0), at(5, 0, 0) // a Saturday
	list = caretest.Must[[]contract.AppointmentProposal](c.World)(c.book.ProposeAppointments(t.Context(), c.Nurse, in))
	for _, p := range list {
		if p.Slot != nil || p.Code == nil || *p.Code != "nothing_free" {
			t.Errorf("%+v", p)
		}
	}
	in.ResidentIds = append(in.ResidentIds, c.StrangersResident)
	_, err := c.book.ProposeAppointments(t.Context(), c.Nurse, in)
	c.code(err, "not_found")
}
