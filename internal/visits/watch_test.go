package visits_test

import (
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// overdue is how many alarms stand for people who did not come back, once the clock was asked.
func (s *site) overdue() []contract.VisitAlarm {
	s.T.Helper()
	if _, err := s.v.Sweep(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
	alarms, err := s.v.ListVisitAlarms(s.T.Context(), s.desk)
	if err != nil {
		s.T.Fatal(err)
	}
	return alarms
}

// An appointment is not cancelled under somebody who is on the road, and however it ends they stay watched.
func TestWhoIsOutKeepsTheAppointment(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	b, err := booking.New(booking.Deps{Store: s.Store, Keeper: s.Keeper, Now: s.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	v := s.booked(s.Resident)
	s.Clock.Pass(70 * time.Minute)
	for _, act := range []contract.VisitStepAction{contract.VisitStepActionDEPART, contract.VisitStepActionARRIVE} {
		must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: act}))
		_, err = b.CancelAppointment(ctx, s.doctor, id(), *v.AppointmentId, contract.CancelAppointmentInput{Reason: "WEATHER", Revision: 1, Note: ptr("路滑")})
		refused(t, err, 409, "appointment_under_way")
		_, err = b.RecordAppointmentOutcome(ctx, s.doctor, id(), *v.AppointmentId, contract.AppointmentOutcome{Outcome: contract.AppointmentOutcomeOutcomeNOSHOW, Revision: 1})
		refused(t, err, 409, "appointment_under_way")
	}
	s.Clock.Pass(55 * time.Minute)
	other := s.booked(s.Second)
	must(t)(s.step(s.doctor, other.Id, contract.VisitStep{Action: contract.VisitStepActionDEPART}))
	s.Exec(`UPDATE appointments SET status = 'CANCELLED', ended_at = $2 WHERE id = $1`, *other.AppointmentId, s.Clock.Now())
	if n, err := s.v.Sweep(ctx); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	got := must(t)(s.v.GetVisit(ctx, s.doctor, other.Id))
	if got.State != "EN_ROUTE" || got.ExpectedBackAt == nil {
		t.Fatalf("%s, expected %v", got.State, got.ExpectedBackAt)
	}
	if _, err := s.v.RaiseVisitAlarm(ctx, s.doctor, id(), other.Id, contract.VisitAlarmInput{}); err != nil {
		t.Error(err)
	}
	s.Clock.Pass(6 * time.Hour)
	if n := len(s.overdue()); n != 3 {
		t.Errorf("%d alarms, want a call for help and two who are missed", n)
	}
}

// Who has left a home is missed until they say that they are back, or set out for the next one.
func TestTheWayBackIsWatched(t *testing.T) {
	s := newSite(t)
	v := s.done(s.Resident, true)
	if n := len(s.overdue()); n != 0 {
		t.Fatalf("%d alarms on the way back", n)
	}
	_, err := s.step(s.other, v.Id, contract.VisitStep{Action: contract.VisitStepActionBACK})
	refused(t, err, 403, "forbidden")
	s.Clock.Pass(2 * time.Hour)
	if got := s.overdue(); len(got) != 1 || got[0].Kind != "OVERDUE" {
		t.Fatalf("%+v", got)
	}
	got := must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionBACK}))
	if got.State != "DONE" || got.ExpectedBackAt != nil || len(s.overdue()) != 0 {
		t.Errorf("%s %v", got.State, got.ExpectedBackAt)
	}
	_, err = s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionBACK})
	refused(t, err, 409, "visit_step")

	s.Clock.Pass(3 * time.Hour)
	failed := s.booked(s.Second)
	must(t)(s.step(s.doctor, failed.Id, contract.VisitStep{Action: contract.VisitStepActionDEPART}))
	must(t)(s.step(s.doctor, failed.Id, contract.VisitStep{Action: contract.VisitStepActionNOTDONE, Code: ptr("NOBODY_HOME")}))
	s.Clock.Pass(3 * time.Hour)
	missed := s.overdue()
	if len(missed) != 1 {
		t.Fatalf("%+v", missed)
	}
	next := s.booked(s.Dement)
	must(t)(s.step(s.doctor, next.Id, contract.VisitStep{Action: contract.VisitStepActionDEPART}))
	if n := len(s.overdue()); n != 0 {
		t.Errorf("%d alarms after the next departure", n)
	}
	// The desk has reached who is out: they are not missed again at once, but later.
	s.Clock.Pass(4 * time.Hour)
	if missed = s.overdue(); len(missed) != 1 {
		t.Fatalf("%+v", missed)
	}
	if _, err := s.v.StepVisitAlarm(t.Context(), s.desk, id(), missed[0].Id, contract.VisitAlarmStep{Action: contract.VisitAlarmStepActionCLOSE, Words: ptr("已联系")}); err != nil {
		t.Fatal(err)
	}
	if n := len(s.overdue()); n != 0 {
		t.Errorf("%d alarms after the desk has reached them", n)
	}
	s.Clock.Pass(2 * time.Hour)
	if n := len(s.overdue()); n != 1 {
		t.Errorf("%d alarms", n)
	}
}
