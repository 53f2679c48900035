package visits_test

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// centre is a site with a visit of the family doctor and a nurse of the health centre, and others of the centre who stay there.
type centre struct {
	*site
	nurse, colleague, admin, elsewhere identity.Actor // elsewhere is a family doctor of another centre
	visit                              contract.Visit
}

// newCentre is a centre whose people stand in the resident's home.
func newCentre(t *testing.T) *centre {
	s := newSite(t)
	c := &centre{site: s, nurse: s.User("clinicnurse", "白护士", "NURSE", s.clinic), colleague: s.User("clinicdoctor", "陈医生", "ATTENDING", s.clinic),
		admin: s.User("clinicadmin", "主任", "INST_ADMIN", s.clinic)}
	s.Professional(c.colleague, "PHYSICIAN", s.clinic, 8)
	other := s.Organisation("MEDICAL", "B100", "另一社区卫生服务中心")
	c.elsewhere = s.User("family3", "韩医生", "FAMILY_DOCTOR", other)
	s.contracts.held[s.Resident] = true
	v := s.request(s.Nurse, s.Resident)
	v = must(t)(s.v.AssessVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"AGED", "CHRONIC"}}))
	c.visit = must(t)(s.v.BookVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitBooking{AppointmentId: s.appointment(s.Resident, s.Clock.Now().Add(time.Hour), s.doctor, &c.nurse)}))
	return c
}

func (c *centre) arrive() {
	c.T.Helper()
	c.Clock.Pass(50 * time.Minute)
	must(c.T)(c.step(c.doctor, c.visit.Id, contract.VisitStep{Action: contract.VisitStepActionDEPART, InsuranceNo: ptr("PA-1")}))
	c.Clock.Pass(15 * time.Minute)
	must(c.T)(c.step(c.doctor, c.visit.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE, Place: &contract.GeoPoint{Lon: 111.75, Lat: 40.84, Metres: ptr(12)}}))
}

func (c *centre) leave() {
	c.T.Helper()
	must(c.T)(c.step(c.doctor, c.visit.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE}))
}

func (c *centre) call(by identity.Actor, draft, resident uuid.UUID) (contract.Consultation, error) {
	return c.Care.CreateConsultation(c.T.Context(), by, id(), contract.ConsultationInput{Id: draft, ResidentId: resident, Reasons: []string{"OTHER"}, RedFlags: []string{},
		Complaint: ptr("血压波动"), VisitId: &c.visit.Id})
}

// done lets somebody do what must not fail.
func ok[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// In the name of the centre a specialist is called by those two who stand in the home, for whom they visit and while they are there.
func TestWhoCallsInTheNameOfTheCentre(t *testing.T) {
	c := newCentre(t)
	before := c.Count(`SELECT count(*) FROM consultations`)
	_, err := c.call(c.doctor, id(), c.Resident)
	refused(t, err, 409, "visit_not_there")
	c.arrive()
	for name, x := range map[string]struct {
		by       identity.Actor
		resident uuid.UUID
	}{
		"a family doctor who stayed at the centre": {c.other, c.Resident},
		"an attending doctor who stayed there":     {c.colleague, c.Resident},
		"a family doctor of another centre":        {c.elsewhere, c.Resident},
		"the doctor for another resident":          {c.doctor, c.Second},
	} {
		_, err := c.call(x.by, id(), x.resident)
		if p := problem.Of(err); err == nil || p.Status != 404 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := c.Count(`SELECT count(*) FROM consultations`); n != before {
		t.Fatalf("refusals left %d consultations", n-before)
	}
	for _, by := range []identity.Actor{c.doctor, c.nurse} {
		made := ok[contract.Consultation](t)(c.call(by, id(), c.Resident))
		if made.InvitingOrg.Id != c.clinic || value(made.VisitId) != c.visit.Id {
			t.Errorf("%s asks in the name of %s from %v", by.Name, made.InvitingOrg.Name, made.VisitId)
		}
	}
	// The ambulance is sent to where the resident is, and who is at home has no bed there.
	if _, err := c.v.SaveResidentHome(t.Context(), c.doctor, c.Resident, contract.ResidentHomeInput{Address: "海拉尔东街12号2单元302"}); err != nil {
		t.Fatal(err)
	}
	made := ok[contract.Consultation](t)(c.call(c.doctor, id(), c.Resident))
	if r := made.Resident; value(r.HomeAddress) != "海拉尔东街12号2单元302" || r.Bed != "" {
		t.Errorf("at home the resident is at %q, bed %q", value(r.HomeAddress), r.Bed)
	}
	c.leave()
	_, err = c.call(c.doctor, id(), c.Resident)
	refused(t, err, 409, "visit_not_there")
}

// Without an agreement of the centre nothing is possible, and what mends it is named; a consent that was given to the house does not cover it.
func TestWhatTheCentreLacks(t *testing.T) {
	c := newCentre(t)
	ctx := t.Context()
	home := c.Draft(c.Nurse, c.Resident)
	c.Consent(c.Nurse, home.Id)
	c.arrive()
	draft := ok[contract.Consultation](t)(c.call(c.doctor, id(), c.Resident))
	_, err := c.Care.SubmitConsultation(ctx, c.doctor, id(), draft.Id, contract.SubmitRequest{Urgency: "ROUTINE"})
	refused(t, err, 422, "consent_required")
	c.Consent(c.doctor, draft.Id)
	_, err = c.Care.SubmitConsultation(ctx, c.doctor, id(), draft.Id, contract.SubmitRequest{Urgency: "ROUTINE"})
	if p := problem.Of(err); err == nil || p.Code != "service_no_agreement" {
		t.Errorf("without an agreement: %v", err)
	}
	services := ok[contract.ServiceOptions](t)(c.Care.GetServices(ctx, c.doctor, draft.Id, contract.GetServicesParams{}))
	mends := map[string]string{}
	for _, s := range services.Services {
		for _, r := range s.Reasons {
			if s.Service == "REMOTE_CONSULT" {
				mends[r.Code] = value(r.Mend)
			}
		}
	}
	if _, apart := mends["gate_attending_not_in_room"]; apart || mends["service_no_agreement"] != "ASK_ADMIN_AGREEMENT" {
		t.Errorf("what lacks and mends: %v", mends)
	}
	c.Agreement(c.clinic, c.Hospital, []string{"REMOTE_CONSULT"}, "02")
	out := c.Submit(c.doctor, draft.Id, "ROUTINE")
	if out.Submitter == nil || out.Submitter.Id != c.doctor.UserID || out.ServiceType != "REMOTE_CONSULT" {
		t.Errorf("asked as %s of %v", out.ServiceType, out.Submitter)
	}
}

// A consultation that was called in the centre's name is led by its doctor who visits to an opinion that he adopts, and counts for the centre. Who
// stayed at the centre never sees it, the house where the resident lives reads it, and nobody but those who visit acts.
func TestACallFromTheHomeCountsForTheCentre(t *testing.T) {
	c := newCentre(t)
	ctx := t.Context()
	c.Agreement(c.clinic, c.Hospital, []string{"REMOTE_CONSULT"}, "02")
	c.arrive()
	draft := ok[contract.Consultation](t)(c.call(c.doctor, id(), c.Resident))
	ok[contract.Consultation](t)(c.Care.AddVitals(ctx, c.nurse, id(), draft.Id, contract.VitalsInput{Readings: []contract.VitalInput{{Code: "SPO2", Value: ptr(float32(96))}}}))
	photo := ok[contract.Attachment](t)(c.Care.AddPhoto(ctx, c.doctor, id(), draft.Id, bytes.NewReader(picture(t))))
	c.Consent(c.doctor, draft.Id)

	sees := func(when string, want map[string]bool) {
		t.Helper()
		for name, a := range map[string]identity.Actor{"the doctor": c.doctor, "the nurse": c.nurse, "the centre's attending": c.colleague, "the centre's other": c.other,
			"the centre's administrator": c.admin, "the house's nurse": c.Nurse, "the house's attending": c.Attending, "another house": c.StrangerNurse} {
			_, err := c.Care.GetConsultation(ctx, a, draft.Id)
			if (err == nil) != want[name] || err != nil && problem.Of(err).Status != 404 {
				t.Errorf("%s, %s: %v", when, name, err)
			}
			list, err := c.Care.ListConsultations(ctx, a, contract.ListConsultationsParams{})
			if err != nil {
				t.Fatal(err)
			}
			listed := slices.ContainsFunc(list.Rows, func(r contract.LogRow) bool { return r.Id == draft.Id })
			if listed != want[name] {
				t.Errorf("%s, %s: listed %v", when, name, listed)
			}
		}
	}
	sees("before it is asked for", map[string]bool{"the doctor": true, "the nurse": true, "the centre's administrator": true})
	asked := c.Submit(c.nurse, draft.Id, "ROUTINE")
	if asked.Submitter == nil || asked.Submitter.Id != c.doctor.UserID {
		t.Errorf("the nurse's request is answered for by %v", asked.Submitter)
	}
	sees("asked for", map[string]bool{"the doctor": true, "the nurse": true, "the centre's administrator": true, "the house's nurse": true, "the house's attending": true})

	_, err := c.Care.CancelConsultation(ctx, c.Nurse, id(), draft.Id, contract.ReasonRequest{Reason: "BETTER"})
	refused(t, err, 403, "forbidden") // the house reads
	for name, a := range map[string]identity.Actor{"a colleague": c.colleague, "another family doctor": c.other} {
		if _, _, err := c.Care.GetAttachment(ctx, a, photo.Id); err == nil || problem.Of(err).Status != 404 {
			t.Errorf("%s looks at the picture: %v", name, err)
		}
		_, err := c.Care.GetTicket(ctx, a, draft.Id, contract.TicketRequest{})
		refused(t, err, 404, "not_found")
	}

	held := c.Claim(c.Wang, asked)
	talk := c.Connect(c.doctor, c.Wang, held)
	talk.Talk(4 * time.Minute)
	ins := ok[contract.CheckIns](t)(c.Care.ListCheckIns(ctx, c.doctor, draft.Id))
	if len(ins.CheckIns) != 1 || ins.CheckIns[0].Method != "VISIT" || ins.CheckIns[0].UserId != c.doctor.UserID || ins.CheckIns[0].PresentSeconds < 230 {
		t.Errorf("who is there: %+v", ins.CheckIns)
	}
	c.leave()
	if ins = ok[contract.CheckIns](t)(c.Care.ListCheckIns(ctx, c.doctor, draft.Id)); ins.CheckIns[0].Until == nil {
		t.Error("who has left the home is still there")
	}
	signed := c.Sign(c.Wang, held, c.Content())

	adopts := func(a identity.Actor) bool {
		list := ok[contract.Worklist](t)(c.Care.GetWorklist(ctx, a))
		return slices.ContainsFunc(list.ToAdopt, func(r contract.LogRow) bool { return r.Id == draft.Id })
	}
	if !adopts(c.doctor) || adopts(c.colleague) || adopts(c.Attending) || adopts(c.other) {
		t.Error("the opinion waits for somebody else than the doctor who visited")
	}
	for name, x := range map[string]struct {
		by     identity.Actor
		status int
	}{"a colleague": {c.colleague, 404}, "another family doctor": {c.other, 404}, "the nurse who was there": {c.nurse, 403}, "the house": {c.Attending, 403}} {
		if _, err := c.Care.AdoptReport(ctx, x.by, id(), draft.Id, caretest.AdoptAll(signed)); err == nil || problem.Of(err).Status != x.status {
			t.Errorf("%s adopts: %v", name, err)
		}
	}
	adopted := c.Adopt(c.doctor, signed)
	if adopted.Adoption == nil || adopted.Adoption.Attending.Id != c.doctor.UserID {
		t.Errorf("adopted by %+v", adopted.Adoption)
	}
	counts := ok[contract.CountabilityView](t)(c.Care.GetCountability(ctx, c.doctor, draft.Id))
	if counts.Answer == nil || !counts.Answer.Countable {
		t.Errorf("whether it counts: %+v", counts.Answer)
	}
	if n := c.Count(`SELECT count(*) FROM countability_evaluations WHERE consultation_id = $1 AND current AND institution_id = $2 AND provider_id = $3`, draft.Id, c.clinic, c.Hospital); n != 1 {
		t.Error("it does not count for the centre")
	}
	if n := c.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND actor_id = $2 AND actor_role = 'FAMILY_DOCTOR'`, draft.Id, c.doctor.UserID); n == 0 {
		t.Error("the events do not say in which role the doctor acted")
	}
	for name, a := range map[string]identity.Actor{"who visited": c.doctor, "the house": c.Nurse} {
		calls := value(must(t)(c.v.GetVisit(ctx, a, c.visit.Id)).Calls)
		if len(calls) != 1 || calls[0].ConsultationId != draft.Id {
			t.Errorf("%s finds at the visit: %+v", name, calls)
		}
	}
	found := func(a identity.Actor) int {
		return len(ok[contract.LogFound](t)(c.Care.SearchConsultations(ctx, a, contract.LogSearch{Text: "血压波动", From: day(caretest.Start().AddDate(0, 0, -1)), To: day(c.Clock.Now().AddDate(0, 0, 1))})).Rows)
	}
	if found(c.doctor) != 1 || found(c.Nurse) != 1 || found(c.colleague) != 0 || found(c.other) != 0 {
		t.Errorf("found by who visited %d, the house %d, colleagues %d and %d", found(c.doctor), found(c.Nurse), found(c.colleague), found(c.other))
	}

	// Whoever does not work there any more sees nothing of it.
	c.Exec(`UPDATE memberships SET valid_to = $2 WHERE user_id = $1`, c.nurse.UserID, c.Clock.Now().Add(-time.Minute))
	former := c.nurse
	former.Memberships = nil
	if _, err := c.Care.GetConsultation(ctx, former, draft.Id); err == nil {
		t.Error("who left the centre still reads it")
	}
}

func picture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 64, 48))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
