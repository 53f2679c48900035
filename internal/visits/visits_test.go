package visits_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"
	"github.com/pquerna/otp/totp"

	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/internal/visits"
)

// contracts holds with whom the world's residents have a contract.
type contracts struct{ held map[uuid.UUID]bool }

func (c *contracts) ContractOn(_ context.Context, _ *db.Queries, resident uuid.UUID, _ consult.Date) (consult.Licence, bool, error) {
	return consult.Licence{Held: c.held[resident], From: consult.Date{Year: 2020, Month: 1, Day: 1}}, false, nil
}

// site is a world with a community health centre that visits the residents of Home.
type site struct {
	*caretest.World
	v             *visits.Service
	book          *booking.Service
	contracts     *contracts
	clinic        uuid.UUID
	doctor, other identity.Actor // family doctors of the clinic
	desk          identity.Actor
	kind          uuid.UUID // an appointment kind at home
}

func newSite(t *testing.T) *site {
	w := caretest.New(t)
	s := &site{World: w, contracts: &contracts{held: map[uuid.UUID]bool{}}}
	s.clinic = w.Organisation("MEDICAL", "B100", "海东路社区卫生服务中心")
	w.Licence(s.clinic, "MEDICAL_PRACTICE", "02")
	w.Agreement(w.Home, s.clinic, []string{"HOME_VISIT", "HOME_BED_ROUND"}, "02")
	s.doctor = w.User("family1", "其木格", "FAMILY_DOCTOR", s.clinic)
	w.Professional(s.doctor, "PHYSICIAN", s.clinic, 8)
	s.other = w.User("family2", "巴图", "FAMILY_DOCTOR", s.clinic)
	s.desk = w.User("clinicdesk", "调度", "DISPATCHER", s.clinic)
	s.kind = uuid.Must(uuid.NewV7())
	w.Exec(`INSERT INTO appointment_kinds (id, organisation_id, name, place, minutes, step_minutes, horizon_days, booked_by, created_at)
		VALUES ($1, $2, '上门巡诊', 'HOME', 40, 10, 60, '{FAMILY_DOCTOR}', $3)`, s.kind, s.clinic, w.Clock.Now())
	var err error
	if s.book, err = booking.New(booking.Deps{Store: w.Store, Keeper: w.Keeper, Now: w.Clock.Now}); err != nil {
		t.Fatal(err)
	}
	s.v, err = visits.New(visits.Deps{Store: w.Store, Keeper: w.Keeper, Identity: w.Identity, Care: w.Care, Contracts: s.contracts, Appointments: s.book, Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	w.Care.UseVisits(s.v)
	w.Care.UseContracts(s.contracts)
	w.Identify(w.Resident)
	return s
}

func id() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func day(t time.Time) openapi_types.Date { return openapi_types.Date{Time: consult.DateOf(t).Time()} }

func ptr[T any](v T) *T { return &v }

func (s *site) request(by identity.Actor, resident uuid.UUID) contract.Visit {
	s.T.Helper()
	return must(s.T)(s.v.RequestVisit(s.T.Context(), by, id(), contract.VisitRequest{ResidentId: resident, Kind: contract.HOMEVISIT, Source: contract.VisitRequestSourceNURSE,
		Reason: "血压波动，请上门看看", WantedFrom: day(s.Clock.Now()), WantedTo: day(s.Clock.Now().AddDate(0, 0, 7))}))
}

func must(t testing.TB) func(v contract.Visit, err error) contract.Visit {
	return func(v contract.Visit, err error) contract.Visit {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func refused(t *testing.T, err error, status int, code string) {
	t.Helper()
	if p := problem.Of(err); err == nil || p.Status != status || p.Code != code {
		t.Fatalf("%v, want %d %s", err, status, code)
	}
}

// appointment is one that was booked with the doctor.
func (s *site) appointment(resident uuid.UUID, start time.Time, lead identity.Actor, second *identity.Actor) uuid.UUID {
	ap := id()
	s.Exec(`INSERT INTO appointments (id, organisation_id, resident_org_id, kind_id, resident_id, status, place, starts_at, ends_at, session, seat, capacity, free_until, booked_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 'BOOKED', 'HOME', $6, $7, $1, 1, 1, $6, $8, $9, $9)`, ap, s.clinic, s.Home, s.kind, resident, start, start.Add(40*time.Minute), lead.UserID, s.Clock.Now())
	for i, p := range []*identity.Actor{&lead, second} {
		if p != nil {
			s.Exec(`INSERT INTO appointment_staff (appointment_id, user_id, part, blocked_from, blocked_to, session, live) VALUES ($1, $2, $3, $4, $5, $1, true)`,
				ap, p.UserID, []string{"LEAD", "SECOND"}[i], start.Add(-20*time.Minute), start.Add(time.Hour))
		}
	}
	return ap
}

// booked is a visit that is assessed and booked for an hour from now.
func (s *site) booked(resident uuid.UUID) contract.Visit {
	s.T.Helper()
	s.contracts.held[resident] = true
	v := s.request(s.Nurse, resident)
	v = must(s.T)(s.v.AssessVisit(s.T.Context(), s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"AGED", "CHRONIC"}}))
	return must(s.T)(s.v.BookVisit(s.T.Context(), s.doctor, id(), v.Id, contract.VisitBooking{AppointmentId: s.appointment(resident, s.Clock.Now().Add(time.Hour), s.doctor, nil)}))
}

func (s *site) step(by identity.Actor, v uuid.UUID, in contract.VisitStep) (contract.Visit, error) {
	return s.v.StepVisit(s.T.Context(), by, id(), v, in)
}

func record() contract.VisitRecordContent {
	value := float32(152)
	return contract.VisitRecordContent{Findings: ptr("血压偏高，无头晕"), Done: ptr("调整服药时间"), Outcome: ptr("ADJUST"),
		Vitals:    &[]contract.VisitVital{{Code: "SBP", Value: &value}, {Code: "DBP", Value: ptr(float32(88))}},
		Diagnoses: &[]contract.Diagnosis{{Code: ptr("I10"), Text: "原发性高血压"}}, Advice: &[]contract.AdviceInput{{Kind: "NURSING", Text: "早晚各测血压一次"}}}
}

// done is a visit that was made and recorded, and of which the record is signed.
func (s *site) done(resident uuid.UUID, signature bool) contract.Visit {
	s.T.Helper()
	ctx := s.T.Context()
	v := s.booked(resident)
	s.Clock.Pass(50 * time.Minute)
	must(s.T)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionDEPART, InsuranceNo: ptr("PA-1")}))
	s.Clock.Pass(15 * time.Minute)
	must(s.T)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE, Place: &contract.GeoPoint{Lon: 111.75, Lat: 40.84, Metres: ptr(12)}}))
	s.Clock.Pass(30 * time.Minute)
	if signature {
		must(s.T)(s.v.SignForVisit(ctx, s.doctor, id(), v.Id, contract.VisitSignature{Kind: "RESIDENT", Name: "王秀英", Png: caretest.Signature()}))
	}
	v = must(s.T)(s.v.SaveVisitRecord(ctx, s.doctor, id(), v.Id, contract.VisitRecordInput{Content: record()}))
	v = must(s.T)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE}))
	s.Clock.Pass(10 * time.Minute)
	return must(s.T)(s.v.SignVisit(ctx, s.doctor, id(), v.Id, contract.SignVisitRequest{Revision: v.RecordRevision, Password: caretest.Password}))
}

// consents gives the resident's consent in a consultation that is then cancelled; it stands for other services.
func (s *site) consents(resident uuid.UUID) {
	s.T.Helper()
	c := s.Draft(s.Nurse, resident)
	s.Consent(s.Nurse, c.Id)
}

// From the request to a countable consultation in the same log, with its readings, its report and its chain of events.
func TestAVisitBecomesACountableRecord(t *testing.T) {
	s := newSite(t)
	s.consents(s.Resident)
	v := s.done(s.Resident, true)
	if v.State != "DONE" || v.ConsultationId == nil {
		t.Fatalf("state %s", v.State)
	}
	var state, mode, service string
	var countable bool
	err := s.Store.Pool.QueryRow(t.Context(), `SELECT c.state, c.mode, c.service_type, e.countable FROM consultations c JOIN countability_evaluations e ON e.consultation_id = c.id AND e.current
		WHERE c.id = $1`, *v.ConsultationId).Scan(&state, &mode, &service, &countable)
	if err != nil {
		t.Fatal(err)
	}
	if state != "REPORTED" || mode != "VISIT" || service != "HOME_VISIT" {
		t.Errorf("%s %s %s", state, mode, service)
	}
	if !countable {
		rows, _ := s.Store.Pool.Query(t.Context(), `SELECT f.rule FROM countability_failures f JOIN countability_evaluations e ON e.id = f.evaluation_id WHERE e.consultation_id = $1 AND e.current`, *v.ConsultationId)
		for rows.Next() {
			var rule string
			_ = rows.Scan(&rule)
			t.Errorf("does not count: %s", rule)
		}
	}
	if n := s.Count(`SELECT count(*) FROM vitals WHERE consultation_id = $1`, *v.ConsultationId); n != 2 {
		t.Errorf("%d readings", n)
	}
	if n := s.Count(`SELECT count(*) FROM reports WHERE consultation_id = $1 AND author_id = $2`, *v.ConsultationId, s.doctor.UserID); n != 1 {
		t.Errorf("%d reports", n)
	}
	if n := s.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type IN ('VISIT_ARRIVED', 'VISIT_LEFT', 'SIGN_REPORT')`, *v.ConsultationId); n != 3 {
		t.Errorf("%d events", n)
	}
}

// Without a signature it does not count yet (NC22); added in time it does, too late it is refused.
func TestTheSignatureMayFollow(t *testing.T) {
	s := newSite(t)
	s.consents(s.Resident)
	v := s.done(s.Resident, false)
	failing := func() int {
		return s.Count(`SELECT count(*) FROM countability_failures f JOIN countability_evaluations e ON e.id = f.evaluation_id WHERE e.consultation_id = $1 AND e.current AND f.rule = 'NC22'`, *v.ConsultationId)
	}
	if failing() != 1 {
		t.Fatal("a visit that nobody signed for counts")
	}
	in := contract.VisitSignature{Kind: "FAMILY", Name: "王丽", Png: caretest.Signature()}
	s.Clock.Pass(6 * 24 * time.Hour)
	must(t)(s.v.SignForVisit(t.Context(), s.doctor, id(), v.Id, in))
	if failing() != 0 {
		t.Error("the signature does not help")
	}
	_, err := s.v.SignForVisit(t.Context(), s.doctor, id(), v.Id, in)
	refused(t, err, http.StatusConflict, "already_signed")
	late := s.done(s.Second, false)
	s.Clock.Pass(8 * 24 * time.Hour)
	_, err = s.v.SignForVisit(t.Context(), s.doctor, id(), late.Id, in)
	refused(t, err, http.StatusConflict, "visit_proof_late")
}

// A visit needs a contract or an exception in words, and a reason why the resident is visited (G-HV-01, 02).
func TestGatesOfTheAssessment(t *testing.T) {
	s := newSite(t)
	v := s.request(s.Nurse, s.Resident)
	_, err := s.v.AssessVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"AGED"}})
	if p := problem.Of(err); err == nil || p.Status != 422 {
		t.Fatalf("without a contract: %v", err)
	}
	if got := must(t)(s.v.GetVisit(t.Context(), s.doctor, v.Id)); got.State != "REQUESTED" {
		t.Fatalf("a refused assessment moved it to %s", got.State)
	}
	_, err = s.v.AssessVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"RICH"}})
	refused(t, err, 422, "invalid_request")
	_, err = s.v.AssessVisit(t.Context(), s.Nurse, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"AGED"}})
	refused(t, err, 403, "forbidden")
	got := must(t)(s.v.AssessVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"AGED"}, Exception: ptr("签约手续办理中，病情需要")}))
	if got.State != "ASSESSED" || value(got.Exception) == "" {
		t.Errorf("%s %v", got.State, got.Exception)
	}
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// One of a kind is on its way at a time, and the answer names it. The same command twice is one visit.
func TestOneVisitAtATime(t *testing.T) {
	s := newSite(t)
	in := contract.VisitRequest{ResidentId: s.Resident, Kind: contract.HOMEVISIT, Source: contract.VisitRequestSourceNURSE, Reason: "复查", WantedFrom: day(s.Clock.Now()), WantedTo: day(s.Clock.Now())}
	cmd := id()
	first := must(t)(s.v.RequestVisit(t.Context(), s.Nurse, cmd, in))
	if again := must(t)(s.v.RequestVisit(t.Context(), s.Nurse, cmd, in)); again.Id != first.Id {
		t.Error("a repetition made another visit")
	}
	_, err := s.v.RequestVisit(t.Context(), s.Nurse, id(), in)
	refused(t, err, 409, "visit_open")
	if got := problem.Of(err).Args["id"]; got != first.Id.String() {
		t.Errorf("names %s", got)
	}
	for name, bad := range map[string]func(r *contract.VisitRequest){
		"past": func(r *contract.VisitRequest) {
			r.WantedFrom, r.WantedTo = day(s.Clock.Now().AddDate(0, 0, -3)), day(s.Clock.Now().AddDate(0, 0, -1))
		},
		"order":  func(r *contract.VisitRequest) { r.WantedTo = day(s.Clock.Now().AddDate(0, 0, -1)) },
		"far":    func(r *contract.VisitRequest) { r.WantedTo = day(s.Clock.Now().AddDate(2, 0, 0)) },
		"bed":    func(r *contract.VisitRequest) { r.Kind = contract.HOMEBEDROUND },
		"reason": func(r *contract.VisitRequest) { r.Reason = "  " },
	} {
		r := in
		r.ResidentId = s.Second
		bad(&r)
		if _, err := s.v.RequestVisit(t.Context(), s.Nurse, id(), r); problem.Of(err).Status != 422 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Strangers see nothing; who plans sees masked names and no words; only who goes takes the steps of the way.
func TestWhoSeesAndMay(t *testing.T) {
	s := newSite(t)
	v := s.booked(s.Resident)
	for name, a := range map[string]identity.Actor{"another home": s.StrangerNurse, "a hospital doctor": s.Wang} {
		if _, err := s.v.GetVisit(t.Context(), a, v.Id); problem.Of(err).Status != 404 {
			t.Errorf("%s: %v", name, err)
		}
	}
	seen := must(t)(s.v.GetVisit(t.Context(), s.desk, v.Id))
	if seen.Reason != nil || seen.Address != nil || seen.ResidentName == must(t)(s.v.GetVisit(t.Context(), s.doctor, v.Id)).ResidentName {
		t.Errorf("the desk sees %q, %v", seen.ResidentName, seen.Reason)
	}
	for _, a := range []identity.Actor{s.other, s.Nurse, s.desk} {
		_, err := s.step(a, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE})
		refused(t, err, 422, "visit_side")
	}
	_, err := s.step(s.Nurse, v.Id, contract.VisitStep{Action: contract.VisitStepActionCANCEL})
	refused(t, err, 422, "reason_required")
	if got := must(t)(s.step(s.Nurse, v.Id, contract.VisitStep{Action: contract.VisitStepActionCANCEL, Code: ptr("IN_HOSPITAL")})); got.State != "CANCELLED" || value(got.EndCode) != "IN_HOSPITAL" {
		t.Errorf("%s %v", got.State, got.EndCode)
	}
	page, err := s.v.ListVisits(t.Context(), s.doctor, contract.ListVisitsParams{States: &[]string{"CANCELLED"}})
	if err != nil || len(page.Visits) != 1 {
		t.Errorf("%d visits, %v", len(page.Visits), err)
	}
}

// What a device did without signal is taken over with its own times; times that cannot be are refused.
func TestTimesOfADeviceThatWasAway(t *testing.T) {
	s := newSite(t)
	v := s.booked(s.Resident)
	arrived := s.Clock.Now().Add(time.Hour)
	s.Clock.Pass(5 * time.Hour)
	got := must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE, At: &arrived}))
	if !got.ArrivedAt.Equal(arrived) || !got.ArrivedHeardAt.Equal(s.Clock.Now()) {
		t.Errorf("arrived %v, heard %v", got.ArrivedAt, got.ArrivedHeardAt)
	}
	for code, at := range map[string]time.Time{"visit_time_order": arrived.Add(-time.Minute), "visit_time": s.Clock.Now().Add(time.Hour)} {
		_, err := s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE, At: &at})
		if p := problem.Of(err); err == nil || len(p.Fields) != 1 || p.Fields[0].Code != code {
			t.Errorf("%v: %v", at, err)
		}
	}
	left := arrived.Add(40 * time.Minute)
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE, At: &left}))
}

// Two devices: the record of the one that comes second is not lost and does not overwrite.
func TestTwoDevicesWriteOneRecord(t *testing.T) {
	s := newSite(t)
	v := s.booked(s.Resident)
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE}))
	must(t)(s.v.SaveVisitRecord(t.Context(), s.doctor, id(), v.Id, contract.VisitRecordInput{Content: record()}))
	_, err := s.v.SaveVisitRecord(t.Context(), s.doctor, id(), v.Id, contract.VisitRecordInput{Content: contract.VisitRecordContent{Findings: ptr("另一台设备")}})
	refused(t, err, 409, "revision_stale")
	if r := problem.Of(err).Current; r == nil || value(r.Revision) != 1 {
		t.Errorf("current %+v", r)
	}
	if theirs := problem.Of(err).Visit; theirs == nil || theirs.RecordRevision != 1 || value(theirs.Record.Findings) != "血压偏高，无头晕" {
		t.Errorf("the refusal does not show what the server has: %+v", theirs)
	}
	if got := must(t)(s.v.GetVisit(t.Context(), s.doctor, v.Id)); value(got.Record.Findings) != "血压偏高，无头晕" {
		t.Error("it was overwritten")
	}
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE}))
	_, err = s.v.SignVisit(t.Context(), s.doctor, id(), v.Id, contract.SignVisitRequest{Revision: 1, Password: "wrong-password"})
	if problem.Of(err).Status == 200 || err == nil {
		t.Error("signed without the password")
	}
	must(t)(s.v.SaveVisitRecord(t.Context(), s.doctor, id(), v.Id, contract.VisitRecordInput{Revision: 1, Content: contract.VisitRecordContent{Findings: ptr("x")}}))
	_, err = s.v.SignVisit(t.Context(), s.doctor, id(), v.Id, contract.SignVisitRequest{Revision: 1, Password: caretest.Password})
	refused(t, err, 409, "revision_stale")
	_, err = s.v.SignVisit(t.Context(), s.doctor, id(), v.Id, contract.SignVisitRequest{Revision: 2, Password: caretest.Password})
	refused(t, err, 422, "visit_incomplete")
}

// The signature asks for the second factor as every other does: of who has one, and of whom the institution demands one.
func TestTheSecondFactorAtTheSignature(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	v := s.booked(s.Resident)
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE}))
	must(t)(s.v.SaveVisitRecord(ctx, s.doctor, id(), v.Id, contract.VisitRecordInput{Content: record()}))
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE}))
	sign := func(cmd uuid.UUID, revision int, proof *contract.FactorProof) (contract.Visit, error) {
		return s.v.SignVisit(ctx, s.doctor, cmd, v.Id, contract.SignVisitRequest{Revision: revision, Password: caretest.Password, Proof: proof})
	}
	admin := s.User("clinicadmin", "管理员", "INST_ADMIN", s.clinic)
	if _, err := s.Care.SetFactorRules(ctx, admin, s.clinic, contract.FactorRules{Rules: []contract.FactorRule{{Role: "FAMILY_DOCTOR", AtActs: true}}}); err != nil {
		t.Fatal(err)
	}
	_, err := sign(id(), 1, nil)
	refused(t, err, 422, "second_factor_not_enrolled")

	secret, _, err := s.Identity.BeginTOTP(ctx, s.doctor, contract.FactorChange{Password: caretest.Password})
	if err != nil {
		t.Fatal(err)
	}
	shown := func() string {
		code, err := totp.GenerateCode(secret, s.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	codes, err := s.Identity.ConfirmTOTP(ctx, s.doctor, shown())
	if err != nil {
		t.Fatal(err)
	}
	_, err = sign(id(), 1, nil)
	refused(t, err, 422, "second_factor_required")
	_, err = sign(id(), 1, &contract.FactorProof{Method: "TOTP", Code: "000000"})
	if p := problem.Of(err); len(p.Fields) != 1 || p.Fields[0].Code != "wrong_code" {
		t.Fatalf("a wrong code: %v", err)
	}
	recovery := &contract.FactorProof{Method: "RECOVERY", Code: codes[0]}
	_, err = sign(id(), 0, recovery)
	refused(t, err, 409, "revision_stale")
	cmd := id()
	for range 2 { // the code was not used up by the refusal; a repetition is the same answer
		if got := must(t)(sign(cmd, 1, recovery)); got.State != "DONE" {
			t.Errorf("%s", got.State)
		}
	}
	if n := s.Count(`SELECT count(*) FROM reports r JOIN home_visits v USING (consultation_id) WHERE v.id = $1 AND r.factor = 'RECOVERY' AND r.factor_at IS NOT NULL`, v.Id); n != 1 {
		t.Error("the report does not say by what it was confirmed")
	}
}

// The visit follows its appointment: moved with it, and to be booked again when it is cancelled.
func TestTheVisitFollowsItsAppointment(t *testing.T) {
	s := newSite(t)
	v := s.booked(s.Resident)
	s.Exec(`UPDATE appointments SET starts_at = starts_at + interval '2 hours', ends_at = ends_at + interval '2 hours' WHERE id = $1`, *v.AppointmentId)
	if n, err := s.v.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if got := must(t)(s.v.GetVisit(t.Context(), s.doctor, v.Id)); !got.StartsAt.Equal(v.StartsAt.Add(2 * time.Hour)) {
		t.Errorf("starts at %v", got.StartsAt)
	}
	s.Exec(`UPDATE appointments SET status = 'CANCELLED', ended_at = $2 WHERE id = $1`, *v.AppointmentId, s.Clock.Now())
	if n, err := s.v.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if got := must(t)(s.v.GetVisit(t.Context(), s.doctor, v.Id)); got.State != "ASSESSED" || got.AppointmentId != nil {
		t.Errorf("%s %v", got.State, got.AppointmentId)
	}
	_, err := s.v.BookVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitBooking{AppointmentId: *v.AppointmentId})
	refused(t, err, 422, "visit_appointment")
	_, err = s.v.BookVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitBooking{AppointmentId: s.appointment(s.Second, s.Clock.Now().Add(3*time.Hour), s.doctor, nil)})
	refused(t, err, 404, "not_found")
}

// Who calls for help and who does not come back raises an alarm, once, that stands until somebody closed it in words.
func TestAlarms(t *testing.T) {
	s := newSite(t)
	v := s.booked(s.Resident)
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionDEPART}))
	if _, err := s.v.RaiseVisitAlarm(t.Context(), s.other, id(), v.Id, contract.VisitAlarmInput{}); problem.Of(err).Status != 403 {
		t.Errorf("somebody else: %v", err)
	}
	for range 2 {
		if _, err := s.v.RaiseVisitAlarm(t.Context(), s.doctor, id(), v.Id, contract.VisitAlarmInput{Place: &contract.GeoPoint{Lon: 111, Lat: 40}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Count(`SELECT count(*) FROM notifications WHERE event = 'VISIT_ALARM' AND users @> ARRAY[$1::uuid]`, s.desk.UserID); n != 1 {
		t.Errorf("the desk is told %d times", n)
	}
	s.Clock.Pass(4 * time.Hour)
	for range 2 {
		if _, err := s.v.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	alarms, err := s.v.ListVisitAlarms(t.Context(), s.desk)
	if err != nil || len(alarms) != 2 || alarms[0].Place == nil {
		t.Fatalf("%+v, %v", alarms, err)
	}
	if _, err := s.v.StepVisitAlarm(t.Context(), s.desk, id(), alarms[0].Id, contract.VisitAlarmStep{Action: contract.VisitAlarmStepActionTAKE}); err != nil {
		t.Fatal(err)
	}
	_, err = s.v.StepVisitAlarm(t.Context(), s.desk, id(), alarms[0].Id, contract.VisitAlarmStep{Action: contract.VisitAlarmStepActionTAKE})
	refused(t, err, 409, "alarm_taken")
	_, err = s.v.StepVisitAlarm(t.Context(), s.desk, id(), alarms[0].Id, contract.VisitAlarmStep{Action: contract.VisitAlarmStepActionCLOSE})
	refused(t, err, 422, "invalid_request")
	if _, err = s.v.StepVisitAlarm(t.Context(), s.desk, id(), alarms[0].Id, contract.VisitAlarmStep{Action: contract.VisitAlarmStepActionCLOSE, Words: ptr("已联系，平安")}); err != nil {
		t.Fatal(err)
	}
	// Back: nobody is missed any more.
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionNOTDONE, Code: ptr("NOBODY_HOME")}))
	if alarms, err = s.v.ListVisitAlarms(t.Context(), s.desk); err != nil || len(alarms) != 0 {
		t.Errorf("%+v, %v", alarms, err)
	}
}

// A home bed: applied for, assessed, opened with a signature, its rounds due and overdue, extended, closed.
func TestAHomeBed(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	s.contracts.held[s.Resident] = true
	bed, err := s.v.ApplyForHomeBed(ctx, s.Nurse, id(), contract.HomeBedApplication{ResidentId: s.Resident, DiagnosisCode: "I69.3", Reason: "脑梗死后遗症，长期卧床"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.v.ApplyForHomeBed(ctx, s.doctor, id(), contract.HomeBedApplication{ResidentId: s.Resident, DiagnosisCode: "I10", Reason: "x"})
	refused(t, err, 409, "bed_open")
	step := func(in contract.HomeBedStep) (contract.HomeBed, error) {
		in.Revision = bed.Revision
		b, err := s.v.StepHomeBed(ctx, s.doctor, id(), bed.Id, in)
		if err == nil {
			bed = b
		}
		return b, err
	}
	_, err = s.v.StepHomeBed(ctx, s.Attending, id(), bed.Id, contract.HomeBedStep{Action: "ASSESS", Revision: 1})
	refused(t, err, 403, "forbidden")
	if _, err = step(contract.HomeBedStep{Action: "ASSESS", Words: ptr("卧床，需定期换药"), Plan: ptr("每周查床一次")}); err != nil {
		t.Fatal(err)
	}
	_, err = step(contract.HomeBedStep{Action: "OPEN"})
	refused(t, err, 422, "invalid_request")
	if _, err = step(contract.HomeBedStep{Action: "OPEN", Signature: &contract.VisitSignature{Kind: "FAMILY", Name: "王丽", Png: caretest.Signature()}}); err != nil {
		t.Fatal(err)
	}
	opened := consult.DateOf(s.Clock.Now())
	if got := consult.DateFromTime(bed.UntilOn.Time); got != consult.BedUntil(opened, 3) {
		t.Errorf("until %v", got)
	}
	s.Clock.Pass(8 * 24 * time.Hour)
	if bed, err = s.v.GetHomeBed(ctx, s.doctor, bed.Id); err != nil || !bed.Overdue {
		t.Errorf("a round is overdue: %v %v", bed.Overdue, err)
	}
	round, err := s.v.RequestVisit(ctx, s.doctor, id(), contract.VisitRequest{ResidentId: s.Resident, Kind: contract.HOMEBEDROUND, Source: contract.VisitRequestSourceBED, HomeBedId: &bed.Id, Reason: "查床",
		WantedFrom: day(s.Clock.Now()), WantedTo: day(s.Clock.Now())})
	if err != nil {
		t.Fatal(err)
	}
	must(t)(s.v.AssessVisit(ctx, s.doctor, id(), round.Id, contract.VisitAssessment{Eligibility: []string{"DISABLED"}}))
	must(t)(s.v.BookVisit(ctx, s.doctor, id(), round.Id, contract.VisitBooking{AppointmentId: s.appointment(s.Resident, s.Clock.Now().Add(time.Hour), s.doctor, nil)}))
	must(t)(s.step(s.doctor, round.Id, contract.VisitStep{Action: contract.VisitStepActionARRIVE}))
	must(t)(s.step(s.doctor, round.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE}))
	if bed, err = s.v.GetHomeBed(ctx, s.doctor, bed.Id); err != nil || bed.Overdue || bed.LastRoundOn == nil {
		t.Errorf("after the round: %v %v %v", bed.Overdue, bed.LastRoundOn, err)
	}
	before := consult.DateFromTime(bed.UntilOn.Time)
	if _, err = step(contract.HomeBedStep{Action: "EXTEND", Words: ptr("仍需换药")}); err != nil {
		t.Fatal(err)
	}
	if got := consult.DateFromTime(bed.UntilOn.Time); got != consult.BedUntil(before.AddDays(1), 3) || bed.Extensions != 1 {
		t.Errorf("extended until %v", got)
	}
	stale := contract.HomeBedStep{Action: "CLOSE", Code: ptr("RECOVERED"), Words: ptr("好转"), Revision: 1}
	_, err = s.v.StepHomeBed(ctx, s.doctor, id(), bed.Id, stale)
	refused(t, err, 409, "revision_stale")
	if _, err = step(contract.HomeBedStep{Action: "CLOSE", Code: ptr("RECOVERED"), Words: ptr("好转，改门诊随访")}); err != nil || bed.State != "CLOSED" {
		t.Errorf("%s %v", bed.State, err)
	}
}

// The day's order: booked visits keep their times, what waits is offered where it fits, and each says why. Nobody without a place is lost.
func TestTheRouteOfADay(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	admin := s.User("clinicadmin", "主任", "INST_ADMIN", s.clinic)
	if _, err := s.v.SaveOrganisationPlace(ctx, admin, s.clinic, contract.OrganisationPlace{Place: &contract.GeoPoint{Lon: 111.70, Lat: 40.82}}); err != nil {
		t.Fatal(err)
	}
	for r, p := range map[uuid.UUID]contract.GeoPoint{s.Resident: {Lon: 111.75, Lat: 40.84}, s.Second: {Lon: 111.78, Lat: 40.85}} {
		if _, err := s.v.SaveResidentHome(ctx, s.doctor, r, contract.ResidentHomeInput{Address: "新城区海东路1号", Place: &p}); err != nil {
			t.Fatal(err)
		}
	}
	booked := s.booked(s.Resident)
	s.contracts.held[s.Second], s.contracts.held[s.Dement] = true, true
	var waiting []contract.Visit
	for _, r := range []uuid.UUID{s.Second, s.Dement} {
		v := s.request(s.Nurse, r)
		waiting = append(waiting, must(t)(s.v.AssessVisit(ctx, s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"AGED"}})))
	}
	route, err := s.v.PlanVisitRoute(ctx, s.doctor, id(), contract.VisitRouteRequest{Day: day(s.Clock.Now())})
	if err != nil {
		t.Fatal(err)
	}
	if len(route.Stops) != 2 || !slices.Contains(route.Unplaced, waiting[1].Id) {
		t.Fatalf("%d stops, unplaced %v", len(route.Stops), route.Unplaced)
	}
	for _, stop := range route.Stops {
		if stop.VisitId == booked.Id && (!stop.Booked || stop.Begin.Before(*booked.StartsAt)) || len(stop.Reasons) == 0 || stop.Reasons[0].Message == "" {
			t.Errorf("%+v", stop)
		}
	}
	again, err := s.v.GetVisitRoute(ctx, s.desk, contract.GetVisitRouteParams{Day: day(s.Clock.Now()), UserId: &s.doctor.UserID})
	if err != nil || len(again.Stops) != 2 || again.TravelSeconds != route.TravelSeconds {
		t.Errorf("%+v, %v", again, err)
	}
	_, err = s.v.GetVisitRoute(ctx, s.StrangerNurse, contract.GetVisitRouteParams{Day: day(s.Clock.Now()), UserId: &s.doctor.UserID})
	refused(t, err, 404, "not_found")
}

// What a visit has no use for any more is cancelled with it: its time is free, nobody is reminded of it; and an appointment is not moved from under somebody who is on the road.
func TestAnAppointmentGoesWithItsVisit(t *testing.T) {
	s := newSite(t)
	status := func(id uuid.UUID) (out string) {
		t.Helper()
		if err := s.Store.Pool.QueryRow(t.Context(), `SELECT status || ' ' || cancel_reason FROM appointments WHERE id = $1`, id).Scan(&out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	v := s.booked(s.Resident)
	first := *v.AppointmentId
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionUNBOOK}))
	if got := status(first); got != "CANCELLED VISIT_ENDED" {
		t.Errorf("unbooked: %s", got)
	}
	if n := s.Count(`SELECT count(*) FROM appointment_events WHERE appointment_id = $1 AND type = 'cancel' AND actor_id = $2`, first, s.doctor.UserID); n != 1 {
		t.Errorf("%d events", n)
	}
	second := s.appointment(s.Resident, s.Clock.Now().Add(2*time.Hour), s.doctor, nil)
	must(t)(s.v.BookVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitBooking{AppointmentId: second}))
	third := s.appointment(s.Resident, s.Clock.Now().Add(4*time.Hour), s.other, nil)
	must(t)(s.v.BookVisit(t.Context(), s.doctor, id(), v.Id, contract.VisitBooking{AppointmentId: third}))
	if got := status(second); got != "CANCELLED VISIT_ENDED" {
		t.Errorf("booked anew: %s", got)
	}
	must(t)(s.step(s.Attending, v.Id, contract.VisitStep{Action: contract.VisitStepActionCANCEL, Words: ptr("家属接走")}))
	if got := status(third); got != "CANCELLED VISIT_ENDED" {
		t.Errorf("cancelled: %s", got)
	}

	v = s.booked(s.Second)
	must(t)(s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionDEPART}))
	_, err := s.book.RescheduleAppointment(t.Context(), s.doctor, id(), *v.AppointmentId, contract.RescheduleInput{Revision: 1, StartsAt: s.Clock.Now().Add(24 * time.Hour)})
	refused(t, err, http.StatusConflict, "appointment_under_way")
}
