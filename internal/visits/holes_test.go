package visits_test

import (
	"slices"
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// field is refused with a code on one field.
func field(t *testing.T, err error, path, code string) {
	t.Helper()
	if p := problem.Of(err); err == nil || p.Status != 422 || len(p.Fields) != 1 || p.Fields[0].Path != path || p.Fields[0].Code != code {
		t.Errorf("%+v, want %s %s", err, path, code)
	}
}

func (s *site) failing(c contract.Visit, rule string) int {
	return s.Count(`SELECT count(*) FROM countability_failures f JOIN countability_evaluations e ON e.id = f.evaluation_id WHERE e.consultation_id = $1 AND e.current AND f.rule = $2`, *c.ConsultationId, rule)
}

// Nobody arrives before the visit was assessed and booked, nobody leaves before they came; a row that says so does not count (NC16).
func TestAVisitIsNotBackdated(t *testing.T) {
	s := newSite(t)
	s.Clock.Pass(3 * time.Hour)
	v := s.booked(s.Resident)
	for name, at := range map[string]time.Time{"yesterday": s.Clock.Now().Add(-24 * time.Hour), "a second before it was booked": s.Clock.Now().Add(-time.Second)} {
		_, err := s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE, At: &at})
		if t.Log(name); err == nil {
			t.Fatal("taken over")
		}
		field(t, err, "at", "visit_time_before_booking")
	}
	booked := s.Clock.Now()
	s.Clock.Pass(time.Hour)
	s.Exec(`UPDATE appointments SET starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour' WHERE id = $1`, *v.AppointmentId)
	if n, err := s.v.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	// The device was away while the appointment was moved; it is the same booking.
	arrived := booked.Add(time.Minute)
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE, At: &arrived}))
	_, err := s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE, At: &arrived})
	field(t, err, "at", "visit_time_order")

	s.Clock.Pass(5 * time.Hour)
	s.consents(s.Second)
	done := s.done(s.Second, false)
	if s.failing(done, "NC16") != 0 {
		t.Fatal("an honest visit fails NC16")
	}
	s.Exec(`UPDATE home_visits SET assessed_at = arrived_at + interval '1 minute' WHERE id = $1`, done.Id)
	must(t)(s.v.SignForVisit(t.Context(), s.doctor, id(), done.Id, contract.VisitSignature{Kind: "FAMILY", Name: "王丽", Png: caretest.Signature()}))
	if s.failing(done, "NC16") != 1 {
		t.Error("a visit that began before it was assessed counts")
	}
}

// The resident or the family signs that somebody came, nobody who came or cares; after a carer's signature theirs may still follow.
func TestWhoSignsForAVisit(t *testing.T) {
	s := newSite(t)
	s.consents(s.Resident)
	v := s.done(s.Resident, false)
	for _, name := range []string{s.doctor.Name, " " + s.doctor.Name + " "} {
		_, err := s.v.SignForVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitSignature{Kind: "FAMILY", Name: name, Png: caretest.Signature()})
		field(t, err, "name", "consent_staff_cannot_sign")
	}
	must(t)(s.v.SignForVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitSignature{Kind: "CARER", Name: "张护工", Png: caretest.Signature()}))
	if s.failing(v, "NC22") != 1 {
		t.Error("a carer's signature proves the visit")
	}
	must(t)(s.v.SignForVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitSignature{Kind: "FAMILY", Name: "王丽", Png: caretest.Signature()}))
	if s.failing(v, "NC22") != 0 {
		t.Error("the family's signature does not help")
	}
}

// An appointment that is given to somebody else at the same time takes the visit along.
func TestTheVisitFollowsWhoGoes(t *testing.T) {
	s := newSite(t)
	v := s.booked(s.Resident)
	sweep := func(want int) contract.Visit {
		t.Helper()
		if n, err := s.v.Sweep(t.Context()); n != want || err != nil {
			t.Fatal(n, err)
		}
		return must(t)(s.v.GetVisit(t.Context(), s.desk, v.Id))
	}
	s.Exec(`UPDATE appointment_staff SET user_id = $2 WHERE appointment_id = $1 AND part = 'LEAD'`, *v.AppointmentId, s.other.UserID)
	if got := sweep(1); *got.LeadId != s.other.UserID {
		t.Errorf("led by %v", got.LeadId)
	}
	s.Exec(`INSERT INTO appointment_staff (appointment_id, user_id, part, blocked_from, blocked_to, session, live) SELECT appointment_id, $2, 'SECOND', blocked_from, blocked_to, session, live
		FROM appointment_staff WHERE appointment_id = $1 AND part = 'LEAD'`, *v.AppointmentId, s.doctor.UserID)
	if got := sweep(1); got.Second == nil || *got.Second != s.doctor.Name {
		t.Errorf("second %v", got.Second)
	}
	sweep(0)
}

// A visit whose time has come is not taken off the books, by nobody and by no cancelled appointment: it was missed (I-21).
func TestAMissedVisitStaysDue(t *testing.T) {
	s := newSite(t)
	v := s.booked(s.Resident)
	s.Clock.Pass(2 * time.Hour)
	_, err := s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionUNBOOK})
	refused(t, err, 409, "visit_time_come")
	_, err = s.v.BookVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitBooking{AppointmentId: s.appointment(s.Resident, s.Clock.Now().Add(5*time.Hour), s.doctor, nil)})
	refused(t, err, 409, "visit_time_come")
	s.Exec(`UPDATE appointments SET status = 'NO_SHOW', ended_at = $2 WHERE id = $1`, *v.AppointmentId, s.Clock.Now())
	if n, err := s.v.Sweep(t.Context()); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	got := must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionNOTDONE, Code: ptr("STAFF"), Words: ptr("车坏了")}))
	if got.State != "NOT_DONE" || got.StartsAt == nil || !got.StartsAt.Equal(*v.StartsAt) {
		t.Errorf("%s %v", got.State, got.StartsAt)
	}
	early := s.booked(s.Second)
	if got := must(t)(s.step(s.doctor, early.Id, contract.VisitStep{Action: contract.VisitStepActionUNBOOK})); got.State != "ASSESSED" {
		t.Errorf("before its time: %s", got.State)
	}
}

// An extension lengthens the bed's period for its rounds, and the end of the period ends it (G-HV-03).
func TestAnExtendedBedIsVisited(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	s.contracts.held[s.Resident] = true
	bed, err := s.v.ApplyForHomeBed(ctx, s.Nurse, id(), contract.HomeBedApplication{ResidentId: s.Resident, DiagnosisCode: "I69.3", Reason: "长期卧床"})
	for _, in := range []contract.HomeBedStep{{Action: "ASSESS", Words: ptr("需定期换药"), Plan: ptr("每周查床一次")},
		{Action: "OPEN", Signature: &contract.VisitSignature{Kind: "FAMILY", Name: "王丽", Png: caretest.Signature()}}} {
		if err != nil {
			t.Fatal(err)
		}
		in.Revision = bed.Revision
		bed, err = s.v.StepHomeBed(ctx, s.doctor, id(), bed.Id, in)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Clock.Pass(100 * 24 * time.Hour) // three months are over
	assess := func(v contract.Visit) (contract.Visit, error) {
		return s.v.AssessVisit(ctx, s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"DISABLED"}})
	}
	round := must(t)(s.v.RequestVisit(ctx, s.doctor, id(), contract.VisitRequest{ResidentId: s.Resident, Kind: contract.HOMEBEDROUND, Source: contract.VisitRequestSourceBED, HomeBedId: &bed.Id,
		Reason: "查床", WantedFrom: day(s.Clock.Now()), WantedTo: day(s.Clock.Now())}))
	if _, err := assess(round); !slices.ContainsFunc(consult.Refusals(err), func(r *consult.Refusal) bool { return r.Code == consult.CodeGateNoHomeBed }) {
		t.Fatalf("after the period: %v", err)
	}
	if bed, err = s.v.StepHomeBed(ctx, s.doctor, id(), bed.Id, contract.HomeBedStep{Action: "EXTEND", Words: ptr("仍需换药"), Revision: bed.Revision}); err != nil {
		t.Fatal(err)
	}
	if got := must(t)(assess(round)); got.State != "ASSESSED" {
		t.Errorf("%s", got.State)
	}
}

// Plans are those there are, and the next day follows the visit within what its plans allow, when it is saved and when it is signed.
func TestPlansAndTheNextDay(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	plan := consult.PlanKinds()[0]
	in := contract.VisitRequest{ResidentId: s.Resident, Kind: contract.HOMEVISIT, Source: contract.VisitRequestSourcePLAN, Reason: "随访", Plans: &[]string{"NO_SUCH_PLAN"},
		WantedFrom: day(s.Clock.Now()), WantedTo: day(s.Clock.Now())}
	_, err := s.v.RequestVisit(ctx, s.Nurse, id(), in)
	field(t, err, "plans", "wrong_value")
	in.Plans = &[]string{plan.Code}
	v := must(t)(s.v.RequestVisit(ctx, s.Nurse, id(), in))
	s.contracts.held[s.Resident] = true
	must(t)(s.v.AssessVisit(ctx, s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"AGED"}}))
	must(t)(s.v.BookVisit(ctx, s.doctor, id(), v.Id, contract.VisitBooking{AppointmentId: s.appointment(s.Resident, s.Clock.Now().Add(time.Hour), s.doctor, nil)}))
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE}))
	save := func(days int) (contract.Visit, error) {
		content := record()
		content.NextOn = ptr(day(s.Clock.Now().AddDate(0, 0, days)))
		return s.v.SaveVisitRecord(ctx, s.doctor, id(), v.Id, contract.VisitRecordInput{Content: content, Revision: v.RecordRevision})
	}
	for _, days := range []int{-1, 0, plan.Most + 1} {
		_, err := save(days)
		field(t, err, "content/nextOn", "contact_next")
	}
	v = must(t)(save(plan.Most))
	s.Clock.Pass(time.Minute)
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE}))
	s.Exec(`UPDATE home_visits SET arrived_at = arrived_at - interval '1 day' WHERE id = $1`, v.Id) // what was saved no longer fits
	_, err = s.v.SignVisit(ctx, s.doctor, id(), v.Id, contract.SignVisitRequest{Revision: v.RecordRevision, Password: caretest.Password})
	field(t, err, "content/nextOn", "contact_next")
}

// Who asks need not know which of several institutions goes: it is the one whose family doctors look after the resident.
func TestOfSeveralTheFamilyDoctorsGo(t *testing.T) {
	s := newSite(t)
	another := s.Organisation("MEDICAL", "B100", "安康社区卫生服务站")
	s.Licence(another, "MEDICAL_PRACTICE", "02")
	s.Agreement(s.Home, another, []string{"HOME_VISIT"}, "02")
	if v := s.request(s.Nurse, s.Resident); v.OrganisationId != s.clinic {
		t.Errorf("%s is asked, not the family doctors", v.OrganisationId)
	}
}
