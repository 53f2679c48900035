package visits_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// From a home a specialist is called by who stands there and works for the institution that looks after the resident, in its name: the
// consultation names the visit and the visit the consultation. Nobody else of it does, at no other time, for no other resident, and what is
// refused leaves nothing.
func TestASpecialistIsCalledFromTheHome(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	colleague := s.User("nurse9", "赵护士", "NURSE", s.Home)
	s.contracts.held[s.Resident] = true
	v := s.request(s.Nurse, s.Resident)
	v = must(t)(s.v.AssessVisit(ctx, s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"AGED", "CHRONIC"}}))
	v = must(t)(s.v.BookVisit(ctx, s.doctor, id(), v.Id, contract.VisitBooking{AppointmentId: s.appointment(s.Resident, s.Clock.Now().Add(time.Hour), s.doctor, &s.Nurse)}))
	call := func(a identity.Actor, draft, resident, visit uuid.UUID) (contract.Consultation, error) {
		return s.Care.CreateConsultation(ctx, a, id(), contract.ConsultationInput{Id: draft, ResidentId: resident, Reasons: []string{"OTHER"}, RedFlags: []string{}, VisitId: &visit})
	}
	before := s.Count(`SELECT count(*) FROM consultations`)

	_, err := call(s.Nurse, id(), s.Resident, v.Id)
	refused(t, err, 409, "visit_not_there") // nobody has arrived
	s.Clock.Pass(50 * time.Minute)
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionDEPART, InsuranceNo: ptr("PA-1")}))
	s.Clock.Pass(15 * time.Minute)
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE, Place: &contract.GeoPoint{Lon: 111.75, Lat: 40.84, Metres: ptr(12)}}))

	for name, c := range map[string]struct {
		by              identity.Actor
		resident, visit uuid.UUID
	}{
		"a colleague who is not there": {colleague, s.Resident, v.Id},
		"another resident":             {s.Nurse, s.Second, v.Id},
		"a visit that is not":          {s.Nurse, s.Resident, id()},
	} {
		_, err := call(c.by, id(), c.resident, c.visit)
		if p := problem.Of(err); err == nil || p.Status != 422 || len(p.Fields) != 1 || p.Fields[0].Path != "visitId" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = call(s.StrangerNurse, id(), s.Resident, v.Id)
	refused(t, err, 404, "not_found")
	if n := s.Count(`SELECT count(*) FROM consultations`); n != before {
		t.Fatalf("refusals left %d consultations", n-before)
	}

	draft := id()
	for range 2 { // a repetition is the same one
		c, err := call(s.Nurse, draft, s.Resident, v.Id)
		if err != nil {
			t.Fatal(err)
		}
		if value(c.VisitId) != v.Id {
			t.Errorf("the consultation names %v", c.VisitId)
		}
	}
	for name, a := range map[string]identity.Actor{"who called": s.Nurse, "who leads": s.doctor} {
		calls := value(must(t)(s.v.GetVisit(ctx, a, v.Id)).Calls)
		if len(calls) != 1 || calls[0].ConsultationId != draft || calls[0].State != contract.StateDRAFT || calls[0].Serial == "" {
			t.Errorf("%s sees %+v", name, calls)
		}
	}

	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE}))
	_, err = call(s.Nurse, id(), s.Resident, v.Id)
	refused(t, err, 409, "visit_not_there")
}
