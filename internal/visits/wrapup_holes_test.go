package visits_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// A consultation opens to its doctor the times of the resident's family doctors at home and of nobody else, whichever way they are booked or moved, and
// only until it is signed.
func TestAConsultationOpensTheFamilyDoctorsAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	c := s.onLine(s.Resident)
	slots := caretest.Must[contract.SlotPage](s.World)(s.free(s.Wang, c.Id, s.Resident)).Slots
	at, later := slots[0].StartsAt, slots[len(slots)-1].StartsAt
	direct := func(with identity.Actor) error {
		_, err := s.book.BookAppointment(ctx, s.Wang, id(), contract.AppointmentInput{KindId: s.kind, PractitionerId: with.UserID, ResidentId: s.Resident, StartsAt: at, ConsultationId: &c.Id})
		return err
	}
	if p := problem.Of(direct(s.other)); p.Status != 422 {
		t.Errorf("a doctor of the centre who is not the resident's: %v", p)
	}
	booked, err := s.v.BookHomeVisit(ctx, s.Wang, id(), c.Id, contract.HomeVisitBooking{KindId: s.kind, PractitionerId: s.doctor.UserID, StartsAt: at, Reason: "复测血压"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.book.RescheduleAppointment(ctx, s.Wang, id(), booked, contract.RescheduleInput{Revision: 1, StartsAt: later, PractitionerId: &s.other.UserID})
	if p := problem.Of(err); err == nil || p.Status != 422 {
		t.Errorf("moved to a doctor who is not the resident's: %v", err)
	}

	s.Exec(`UPDATE consultations SET state = 'ARCHIVED' WHERE id = $1`, c.Id)
	_, err = s.book.RescheduleAppointment(ctx, s.Wang, id(), booked, contract.RescheduleInput{Revision: 1, StartsAt: later})
	if p := problem.Of(err); err == nil || p.Status != 403 {
		t.Errorf("moved after the consultation: %v", err)
	}
	_, err = s.book.CancelAppointment(ctx, s.Wang, id(), booked, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"})
	if p := problem.Of(err); err == nil || p.Status != 403 {
		t.Errorf("cancelled after the consultation: %v", err)
	}
	seen := caretest.Must[contract.Appointment](s.World)(s.book.GetAppointment(ctx, s.Wang, booked))
	if len(seen.May) != 0 {
		t.Errorf("after the consultation its doctor may %v", seen.May)
	}
	must(t)(s.step(s.doctor, s.only(s.doctor).Id, contract.VisitStep{Action: contract.VisitStepActionDECLINE, Words: ptr("已住院")}))
	_, err = s.v.BookHomeVisit(ctx, s.Wang, id(), c.Id, contract.HomeVisitBooking{KindId: s.kind, PractitionerId: s.doctor.UserID, StartsAt: later, Reason: "再约"})
	if p := problem.Of(err); err == nil || p.Status != 404 {
		t.Errorf("booked after the consultation: %v", err)
	}
	if n := s.Count(`SELECT count(*) FROM home_visits`); n != 1 {
		t.Errorf("%d visits", n)
	}
}

// Many at once, and one command many times, take one time for one visit.
func TestManyBookOneVisitInTheWrapUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.onLine(s.Resident)
	slots := caretest.Must[contract.SlotPage](s.World)(s.free(s.Wang, c.Id, s.Resident)).Slots
	cmd := id()
	type answer struct {
		id  uuid.UUID
		err error
	}
	out := make(chan answer, 12)
	var wg sync.WaitGroup
	for i := range 12 {
		by, key := s.Wang, cmd
		if i%2 == 1 {
			by, key = s.Nurse, id()
		}
		wg.Go(func() {
			got, err := s.v.BookHomeVisit(t.Context(), by, key, c.Id, contract.HomeVisitBooking{KindId: s.kind, PractitionerId: s.doctor.UserID, StartsAt: slots[0].StartsAt, Reason: "复测血压"})
			out <- answer{got, err}
		})
	}
	wg.Wait()
	close(out)
	won := map[uuid.UUID]bool{}
	for a := range out {
		if a.err == nil {
			won[a.id] = true
		} else if p := problem.Of(a.err); p.Status != 409 {
			t.Errorf("refused with %v", a.err)
		}
	}
	if visits, taken := s.Count(`SELECT count(*) FROM home_visits`), s.Count(`SELECT count(*) FROM appointments WHERE status = 'BOOKED'`); len(won) != 1 || visits != 1 || taken != 1 {
		t.Errorf("%d answers, %d visits, %d appointments", len(won), visits, taken)
	}
	_, err := s.v.BookHomeVisit(t.Context(), s.Wang, cmd, c.Id, contract.HomeVisitBooking{KindId: s.kind, PractitionerId: s.doctor.UserID, StartsAt: slots[1].StartsAt, Reason: "复测血压"})
	if p := problem.Of(err); err == nil || p.Code != "command_reused" && p.Code != "visit_open" {
		t.Errorf("the key for something else: %v", err)
	}
	for _, at := range []time.Time{{}, time.Date(9999, 12, 31, 23, 59, 0, 0, time.UTC), slots[0].StartsAt.Add(time.Nanosecond)} {
		_, err := s.v.BookHomeVisit(t.Context(), s.Wang, id(), c.Id, contract.HomeVisitBooking{KindId: s.kind, PractitionerId: s.doctor.UserID, StartsAt: at, Reason: "x"})
		if p := problem.Of(err); err == nil || p.Status >= 500 {
			t.Errorf("at %v: %v", at, err)
		}
	}
}
