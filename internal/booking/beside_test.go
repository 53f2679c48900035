package booking_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// TestPlannedConsultationsAndAppointmentsKnowOneAnother: what a doctor planned takes the time of both, and a plan across an appointment is refused.
func TestPlannedConsultationsAndAppointmentsKnowOneAnother(t *testing.T) {
	c := openClinic(t)
	asked := c.Claim(c.Wang, c.Offered(c.Nurse, c.Resident))
	booked := c.mustBook(c.Nurse, c.wish(c.Wang, c.Second, at(1, 10, 0)))
	plan := func(start time.Time) error {
		_, err := c.Care.ScheduleConsultation(t.Context(), c.Wang, uuid.New(), asked.Id, contract.ScheduleRequest{Epoch: asked.Epoch, From: start, To: start.Add(20 * time.Minute)})
		return err
	}
	if err := plan(at(1, 10, 35)); problem.Of(err).Code != "slot_taken" { // while the appointment is written up
		t.Errorf("across an appointment: %v", err)
	}
	if err := plan(at(1, 11, 0)); err != nil {
		t.Fatal(err)
	}
	c.refused(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 11, 0)), "slot_taken")
	c.refused(c.Nurse, c.wish(c.Zhao, c.Resident, at(1, 11, 0)), "resident_taken")
	caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), booked.Id, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}))
	c.mustBook(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 10, 0)))
}

// TestWhoBooksForWhom: a consultant for residents whom he has seen; leave closes what was free and says whom it meets.
func TestWhoBooksForWhom(t *testing.T) {
	c := openClinic(t)
	c.refused(c.Wang, c.wish(c.Wang, c.Resident, at(1, 9, 0)), "not_found")
	c.Claim(c.Wang, c.Offered(c.Nurse, c.Resident))
	made := c.mustBook(c.Wang, c.wish(c.Zhao, c.Resident, at(1, 9, 0)))
	if got := caretest.Must[contract.Appointment](c.World)(c.book.GetAppointment(t.Context(), c.Wang, made.Id)); got.ResidentName != "张**" {
		t.Errorf("who booked it with somebody else sees %s", got.ResidentName)
	}
	if _, err := c.book.GetAppointment(t.Context(), c.Gao, made.Id); problem.Of(err).Code != "not_found" {
		t.Errorf("a colleague: %v", err)
	}
	in := c.wish(c.Wang, c.Second, at(1, 15, 0))
	in.OutsideHours = new(true)
	if p := c.refused(c.Nurse, in, "invalid_request"); p.Fields[0].Code != "outside_hours_role" {
		t.Errorf("%+v", p)
	}
	leave := caretest.Must[contract.AffectedAppointments](c.World)(c.book.AddAvailabilityException(t.Context(), c.Zhao, uuid.New(), contract.AvailabilityExceptionInput{Effect: "CLOSED",
		Reason: "LEAVE", StartsAt: at(1, 0, 0), EndsAt: at(2, 0, 0)}))
	if len(leave.Affected) != 1 || leave.Affected[0].Id != made.Id {
		t.Errorf("%+v", leave)
	}
	c.refused(c.Nurse, c.wish(c.Zhao, c.Second, at(1, 10, 0)), "slot_not_offered")
	if err := c.book.RemoveAvailabilityException(t.Context(), c.Wang, leave.Id); problem.Of(err).Code != "not_found" {
		t.Errorf("somebody else's leave: %v", err)
	}
}
