package booking_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
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
	other := c.mustBook(c.Nurse, c.wish(c.Zhao, c.Resident, at(1, 11, 0)))
	if err := plan(at(1, 11, 15)); problem.Of(err).Code != "resident_taken" {
		t.Errorf("while the resident is with somebody else: %v", err)
	}
	caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), other.Id, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}))
	if err := plan(at(1, 11, 0)); err != nil {
		t.Fatal(err)
	}
	reason := string(consult.Terms(consult.VocabRescheduleReason)[0].Code)
	caretest.Must[contract.Consultation](c.World)(c.Care.ScheduleConsultation(t.Context(), c.Wang, uuid.New(), asked.Id, contract.ScheduleRequest{Epoch: asked.Epoch, From: at(1, 11, 5),
		To: at(1, 11, 25), Reason: &reason})) // what it had itself is not in its way
	c.refused(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 11, 0)), "slot_taken")
	c.refused(c.Nurse, c.wish(c.Zhao, c.Resident, at(1, 11, 0)), "resident_taken")
	caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), booked.Id, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}))
	c.mustBook(c.Nurse, c.wish(c.Wang, c.Dement, at(1, 10, 0)))
}

// TestWhoTakesOverHasTheTime: what is planned is not taken over by a colleague who has something else then.
func TestWhoTakesOverHasTheTime(t *testing.T) {
	c := openClinic(t)
	ctx := t.Context()
	planned := func(doctor identity.Actor, asked contract.Consultation, start time.Time, reason *string) contract.Consultation {
		t.Helper()
		return caretest.Must[contract.Consultation](c.World)(c.Care.ScheduleConsultation(ctx, doctor, uuid.New(), asked.Id, contract.ScheduleRequest{Epoch: asked.Epoch,
			From: start, To: start.Add(20 * time.Minute), Reason: reason}))
	}
	wangs := planned(c.Wang, c.Claim(c.Wang, c.Offered(c.Nurse, c.Resident)), at(1, 11, 0), nil)
	wangs = caretest.Must[contract.Consultation](c.World)(c.Care.OfferHandOver(ctx, c.Wang, uuid.New(), wangs.Id, contract.HandOverRequest{Epoch: wangs.Epoch, DoctorId: c.Zhao.UserID, Reason: "SHIFT_END"}))
	accept := func() error {
		_, err := c.Care.AnswerHandOver(ctx, c.Zhao, uuid.New(), wangs.Id, contract.HandOverAnswer{Epoch: wangs.Epoch, Answer: "ACCEPT"})
		return err
	}
	booked := c.mustBook(c.Nurse, c.wish(c.Zhao, c.Dement, at(1, 11, 0)))
	if err := accept(); problem.Of(err).Code != "slot_taken" {
		t.Errorf("across an appointment: %v", err)
	}
	caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(ctx, c.Nurse, uuid.New(), booked.Id, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}))
	zhaos := planned(c.Zhao, c.Claim(c.Zhao, c.Offered(c.Nurse, c.Second)), at(1, 11, 10), nil)
	if err := accept(); problem.Of(err).Code != "slot_taken" {
		t.Errorf("across a plan: %v", err)
	}
	reason := string(consult.Terms(consult.VocabRescheduleReason)[0].Code)
	planned(c.Zhao, zhaos, at(1, 14, 0), &reason)
	if err := accept(); err != nil {
		t.Errorf("with the time free: %v", err)
	}
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
