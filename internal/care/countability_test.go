package care_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// videoCounts is the ruling that an attending doctor by video counts.
func videoCounts(t *testing.T, w *caretest.World) {
	t.Helper()
	must(w.Care.SetRuleSetting(t.Context(), w.Sys, contract.RuleSettingInput{Name: "attending_by_video", Value: 1, Reason: "卫健委复函"}))(t)
}

// accompanied is a consultation of four minutes with the attending doctor in the call, up to the signed report.
func accompanied(t *testing.T, w *caretest.World, resident uuid.UUID) contract.Consultation {
	t.Helper()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Join(w.Attending, c)
	talk.Talk(4 * time.Minute)
	return w.Sign(w.Wang, must(w.Care.GetConsultation(t.Context(), w.Wang, c.Id))(t), w.Content())
}

func answer(t *testing.T, w *caretest.World, a identity.Actor, id uuid.UUID) contract.CountabilityAnswer {
	t.Helper()
	v := must(w.Care.GetCountability(t.Context(), a, id))(t)
	if v.Answer == nil {
		t.Fatal("no answer")
	}
	return *v.Answer
}

func rules(a contract.CountabilityAnswer) string { return strings.Join(a.Rules, " ") }

func option(t *testing.T, o contract.ServiceOptions, service string) contract.ServiceOption {
	t.Helper()
	for _, s := range o.Services {
		if s.Service == service {
			return s
		}
	}
	t.Fatalf("no word about %s", service)
	return contract.ServiceOption{}
}

// A consultation that counts, from its start to its adoption: what is missing is said while it can be mended, and each answer is kept.
func TestAConsultationThatCounts(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	w.Identify(w.Resident)
	videoCounts(t, w)

	c := accompanied(t, w, w.Resident)
	a := answer(t, w, w.Wang, c.Id)
	is(t, "after the report", rules(a), "NC12")
	is(t, "mended by", *a.Failed[0].Mend, "ADOPT_REPORT")
	is(t, "in words", a.Failed[0].Message, "邀请方还没有确认是否采纳")
	w.Adopt(w.Attending, must(w.Care.GetConsultation(t.Context(), w.Attending, c.Id))(t))
	v := must(w.Care.GetCountability(t.Context(), w.HomeAdmin, c.Id))(t)
	is(t, "counts", v.Answer.Countable, true)
	is(t, "goal", *v.Answer.Goal, "G1")
	is(t, "county", *v.Answer.County, "150102")
	is(t, "institution", *v.Answer.Institution, "阳光颐养院")
	is(t, "provider", *v.Answer.Provider, "青城医院")
	is(t, "period", v.Answer.PeriodDay.Format(time.DateOnly), "2026-03-10")
	if len(v.History) != 2 || !v.History[0].Current || v.History[1].Current || rules(v.History[1]) != "NC12" {
		t.Errorf("history: %+v", v.History)
	}
	var stages []string
	for _, g := range v.Gates {
		stages = append(stages, string(g.Stage)+":"+string(g.Possible))
	}
	is(t, "gates", strings.Join(slices.Compact(stages), " "), "SUBMIT:YES ACCEPT:YES START:YES CLOSE:YES")
	if _, err := w.Store.Pool.Exec(t.Context(), `UPDATE countability_evaluations SET bitmap = 1, countable = false WHERE consultation_id = $1 AND current`, c.Id); err == nil {
		t.Error("an answer was changed")
	}

	log := must(w.Care.ListConsultations(t.Context(), w.HomeAdmin, contract.ListConsultationsParams{Countable: new(contract.ListConsultationsParamsCountable("YES"))}))(t)
	if log.Total != 1 || log.Rows[0].Id != c.Id || !*log.Rows[0].Countable {
		t.Errorf("log: %+v", log)
	}
}

// What nobody accompanied does not count, and the log finds it by its reason.
func TestAConsultationThatDoesNotCount(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(2 * time.Minute)
	c = w.Sign(w.Wang, must(w.Care.GetConsultation(t.Context(), w.Wang, c.Id))(t), w.Content())
	w.Adopt(w.Attending, must(w.Care.GetConsultation(t.Context(), w.Attending, c.Id))(t))
	a := answer(t, w, w.Nurse, c.Id)
	is(t, "fails", rules(a), "NC07 NC10 NC13")
	is(t, "in words", a.Failed[2].Message, "有效时长120秒，不足180秒")
	for _, f := range a.Failed {
		if f.Fixable || f.Mend != nil {
			t.Errorf("%s can be mended by %v", f.Rule, f.Mend)
		}
	}
	find := func(rule string) int {
		return must(w.Care.ListConsultations(t.Context(), w.HomeAdmin, contract.ListConsultationsParams{CountRule: &[]string{rule}}))(t).Total
	}
	is(t, "found by its reason", find("NC13"), 1)
	is(t, "not by another", find("NC14"), 0)
	w.Offered(w.Nurse, w.Second)
	for _, a := range []identity.Actor{w.HomeAdmin, w.HospitalAdmin} {
		for countable, n := range map[contract.ListConsultationsParamsCountable]int{"YES": 0, "NO": 1, "OPEN": 1} {
			page := must(w.Care.ListConsultations(t.Context(), a, contract.ListConsultationsParams{Countable: &countable}))(t)
			if page.Total != n || len(page.Rows) != n {
				t.Errorf("%s finds %d, want %d, of what counts: %s", a.Username, page.Total, n, countable)
			}
		}
	}
	refused(t, func() error {
		_, err := w.Care.ListConsultations(t.Context(), w.HomeAdmin, contract.ListConsultationsParams{CountRule: &[]string{"NC25"}})
		return err
	}(), "invalid_request")
}

// A request that the gates refuse is told why before the call, keeps the answer, and goes on once it is mended.
func TestRefusedBeforeTheCallAndMended(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	w.Exec(`UPDATE agreements SET terminated_at = $2 WHERE inviting_org_id = $1`, w.Home, w.Clock.Now())
	c := w.Draft(w.Nurse, w.Resident)
	o := must(w.Care.GetServices(t.Context(), w.Nurse, c.Id, contract.GetServicesParams{}))(t)
	is(t, "nothing is chosen", o.Chosen == nil, true)
	remote := option(t, o, "REMOTE_CONSULT")
	is(t, "possible", string(remote.Possible), "NO")
	r := remote.Reasons[0]
	if r.Rule != "G-RM-06" || r.Code != consult.CodeServiceNoAgreement || *r.Mend != "ASK_ADMIN_AGREEMENT" || *r.MendLabel != "请管理员处理协议" {
		t.Errorf("%+v", r)
	}
	w.Consent(w.Nurse, c.Id)
	_, err := w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE"})
	refused(t, err, consult.CodeServiceNoAgreement)
	is(t, "kept", w.Count(`SELECT count(*) FROM gate_evaluations WHERE consultation_id = $1 AND stage = 'SUBMIT' AND possible = 'NO'`, c.Id), 1)

	w.Agreement(w.Home, w.Hospital, []string{"REMOTE_CONSULT"}, "02")
	o = must(w.Care.GetServices(t.Context(), w.Nurse, c.Id, contract.GetServicesParams{}))(t)
	is(t, "chosen", *o.Chosen, "REMOTE_CONSULT")
	is(t, "where", *option(t, o, "REMOTE_CONSULT").Hospital, "青城医院")
	is(t, "guidance is not agreed", string(option(t, o, "REHAB_CARE_GUIDE").Possible), "NO")
	is(t, "state", w.Submit(w.Nurse, c.Id, "ROUTINE").State, "OFFERED")

	refused(t, func() error {
		_, err := w.Care.GetServices(t.Context(), w.StrangerNurse, c.Id, contract.GetServicesParams{})
		return err
	}(), "not_found")
}

// A nurse alone asks for guidance by name; where only that is possible the rules choose it.
func TestAServiceIsAskedForByName(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	guide := "REHAB_CARE_GUIDE"
	c := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, c.Id)
	got := must(w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE", ServiceType: &guide}))(t)
	is(t, "service", got.ServiceType, guide)
	revisit := "ONLINE_REVISIT"
	d := w.Draft(w.Nurse, w.Second)
	w.Consent(w.Nurse, d.Id)
	_, err := w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), d.Id, contract.SubmitRequest{Urgency: "ROUTINE", ServiceType: &revisit})
	refused(t, err, consult.CodeGateNoInternet)
}

// The gates are asked again at the start: what has ended meanwhile keeps the session from starting.
func TestNoStartPastTheGates(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	is(t, "state", c.State, "WAITING")
	w.Exec(`UPDATE agreements SET terminated_at = $2 WHERE inviting_org_id = $1`, w.Home, w.Clock.Now())
	_, err := w.Care.GetTicket(t.Context(), w.Nurse, c.Id, contract.TicketRequest{})
	refused(t, err, consult.CodeServiceNoAgreement)
	is(t, "kept", w.Count(`SELECT count(*) FROM gate_evaluations WHERE consultation_id = $1 AND stage = 'START' AND possible = 'NO'`, c.Id), 1)
	o := must(w.Care.GetServices(t.Context(), w.Nurse, c.Id, contract.GetServicesParams{}))(t)
	is(t, "mended by", *option(t, o, "REMOTE_CONSULT").Reasons[0].Mend, "ASK_ADMIN_AGREEMENT")
	w.Agreement(w.Home, w.Hospital, []string{"REMOTE_CONSULT"}, "02")
	w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)
	is(t, "state", must(w.Care.GetConsultation(t.Context(), w.Nurse, c.Id))(t).State, "IN_PROGRESS")
}

// An emergency without consent or agreement starts at once, says what it passed, and counts only with approval and consent afterwards.
func TestAnEmergencyIsApprovedAfterwards(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	w.Identify(w.Resident)
	videoCounts(t, w)
	c := w.Submit(w.Nurse, w.Draft(w.Nurse, w.Resident).Id, "CRITICAL")
	c = w.Claim(w.Wang, c)
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Join(w.Attending, c)
	talk.Talk(4 * time.Minute)
	w.Sign(w.Wang, must(w.Care.GetConsultation(t.Context(), w.Wang, c.Id))(t), w.Content())
	w.Adopt(w.Attending, must(w.Care.GetConsultation(t.Context(), w.Attending, c.Id))(t))
	is(t, "without anything", rules(answer(t, w, w.Attending, c.Id)), "NC03")
	is(t, "override", w.Count(`SELECT count(*) FROM gate_evaluations WHERE consultation_id = $1 AND stage = 'START' AND override`, c.Id), 1)

	emergency := w.ConsentInput(w.Attending)
	emergency.SignerKind, emergency.SignaturePng, emergency.Reason = "INSTITUTION_EMERGENCY", nil, new("家属联系不上")
	must(w.Care.GiveConsent(t.Context(), w.Attending, uuid.New(), c.Id, emergency))(t)
	a := answer(t, w, w.Attending, c.Id)
	is(t, "the consent has to follow", rules(a), "NC03")
	if !a.Failed[0].Fixable || *a.Failed[0].Mend != "APPROVE_EMERGENCY" {
		t.Errorf("%+v", a.Failed[0])
	}
	w.Consent(w.Nurse, c.Id)
	is(t, "with approval and consent", rules(answer(t, w, w.Attending, c.Id)), "")
}

// The second of the same thing within a day does not count until quality control says why it may.
func TestDuplicatesAndApprovals(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	w.Identify(w.Resident)
	videoCounts(t, w)
	finish := func() uuid.UUID {
		c := accompanied(t, w, w.Resident)
		w.Adopt(w.Attending, must(w.Care.GetConsultation(t.Context(), w.Attending, c.Id))(t))
		return c.Id
	}
	first := finish()
	w.Clock.Pass(time.Hour)
	second := finish()
	is(t, "the first counts", rules(answer(t, w, w.HomeAdmin, first)), "")
	a := answer(t, w, w.HomeAdmin, second)
	is(t, "the second does not", rules(a), "NC14")
	is(t, "in words", a.Failed[0].Message, "24小时内同一老人同一科室同一诊断已有一次（LZ20260310-0001）")

	approve := func(who identity.Actor, id uuid.UUID, code string) (contract.CountabilityView, error) {
		return w.Care.ApproveCountability(t.Context(), who, uuid.New(), id, contract.CountabilityApprovalInput{Code: contract.CountabilityApprovalInputCode(code), Reason: "病情再次变化"})
	}
	_, err := approve(w.HomeAdmin, first, "NC14")
	refused(t, err, "not_to_be_approved")
	_, err = approve(w.HospitalAdmin, second, "NC14")
	refused(t, err, "forbidden")
	_, err = approve(w.User("qc.hospital", "受邀质控", "QC", w.Hospital), second, "NC14")
	refused(t, err, "forbidden")
	// Quality control of the inviting side finds it in the log, reads the record without free text, and decides.
	qc := w.User("qc.home", "孙主任", "QC", w.Home)
	is(t, "in the log", must(w.Care.ListConsultations(t.Context(), qc, contract.ListConsultationsParams{}))(t).Total > 0, true)
	is(t, "reads it", must(w.Care.GetConsultation(t.Context(), qc, second))(t).Id, second)
	is(t, "may decide", must(w.Care.GetCountability(t.Context(), qc, second))(t).MayApprove, true)
	v := must(approve(qc, second, "NC14"))(t)
	is(t, "counts", v.Answer.Countable, true)
	is(t, "why", *v.Approvals[0].Reason, "病情再次变化")
	is(t, "by", v.Approvals[0].By, "孙主任")
	_, err = approve(w.HomeAdmin, second, "NC14")
	refused(t, err, "not_to_be_approved")
	is(t, "sealed", w.Count(`SELECT count(*) FROM countability_approvals WHERE position('病情'::bytea IN reason_enc) > 0`), 0)
	seen := must(w.Care.GetCountability(t.Context(), w.Wang, second))(t)
	is(t, "the hospital does not read the reason", seen.Approvals[0].Reason == nil, true)

	w.Clock.Pass(25 * time.Hour)
	third := finish()
	is(t, "a day later", rules(answer(t, w, w.HomeAdmin, third)), "")
}

// A changed rule changes open months when somebody asks for it, and lists what it changes; closed months keep theirs.
func TestReevaluation(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	w.Identify(w.Resident)
	videoCounts(t, w)
	c := accompanied(t, w, w.Resident)
	w.Adopt(w.Attending, must(w.Care.GetConsultation(ctx, w.Attending, c.Id))(t))
	set := func(value int64, revision int) {
		must(w.Care.SetRuleSetting(ctx, w.Sys, contract.RuleSettingInput{Name: "min_seconds", Value: value, Revision: revision, Reason: "质控会议纪要"}))(t)
	}
	again := func(apply bool) contract.Reevaluation {
		return must(w.Care.ReevaluateCountability(ctx, w.HomeAdmin, contract.ReevaluationInput{Month: "2026-03", Apply: &apply}))(t)
	}
	is(t, "nothing differs", len(again(false).Differences), 0)
	set(300, 0)
	got := again(false)
	if got.Judged != 1 || len(got.Differences) != 1 || !got.Differences[0].Before || got.Differences[0].After || !slices.Equal(got.Differences[0].RulesAfter, []string{"NC13"}) {
		t.Errorf("%+v", got)
	}
	is(t, "nothing was stored", answer(t, w, w.HomeAdmin, c.Id).Countable, true)
	is(t, "differences", len(again(true).Differences), 1)
	a := answer(t, w, w.HomeAdmin, c.Id)
	is(t, "stored", rules(a), "NC13")
	is(t, "cause", a.Cause, "REEVALUATION")
	months := must(w.Care.ListCountMonths(ctx, w.HomeAdmin))(t)
	if len(months.Runs) != 1 || months.Runs[0].Cause != "ASKED" || months.Runs[0].By != "孙主任" || len(months.Runs[0].Differences) != 1 || months.Months[0].ByOthers != 0 {
		t.Errorf("what it changed: %+v", months)
	}
	is(t, "audited, also looking", w.Count(`SELECT count(*) FROM access_log WHERE action = 'reevaluateCountability'`), 3)
	set(180, 1)
	is(t, "the month is judged by other rules", must(w.Care.ListCountMonths(ctx, w.HomeAdmin))(t).Months[0].ByOthers, 1)
	again(true)
	is(t, "counts again", answer(t, w, w.HomeAdmin, c.Id).Countable, true)

	month := consult.Date{Year: 2026, Month: 3, Day: 10}
	if err := w.Store.Tx(ctx, func(q *db.Queries) error { return w.Care.ClosePeriod(ctx, q, w.Home, month, w.Clock.Now()) }); err != nil {
		t.Fatal(err)
	}
	set(300, 2)
	closed := again(true)
	is(t, "closed", closed.Closed, true)
	for _, item := range must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t).Advice { // a later change of the record
		must(w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), item.Id, contract.NoteRequest{}))(t)
	}
	is(t, "by the rules of the closing", answer(t, w, w.HomeAdmin, c.Id).Countable, true)
}

func TestRulesAndTheirSettings(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	set := func(in contract.RuleSettingInput) (contract.RulesPage, error) {
		return w.Care.SetRuleSetting(ctx, w.Sys, in)
	}
	_, err := set(contract.RuleSettingInput{Name: "min_seconds", Value: 3601, Reason: "批复"})
	refused(t, err, "invalid_request")
	_, err = set(contract.RuleSettingInput{Name: "on.G-RM-06", Value: 0, Reason: "批复"})
	refused(t, err, "invalid_request")
	_, err = set(contract.RuleSettingInput{Name: "min_seconds", Value: 120, Jurisdiction: "110101", Reason: "批复"})
	refused(t, err, "invalid_request")
	_, err = set(contract.RuleSettingInput{Name: "min_seconds", Value: 120, Reason: " "})
	refused(t, err, "invalid_request")

	setting := func(p contract.RulesPage, name string) contract.RuleSetting {
		for _, r := range p.Rules {
			for _, s := range r.Settings {
				if s.Name == name {
					return s
				}
			}
		}
		t.Fatalf("no setting %s", name)
		return contract.RuleSetting{}
	}
	page := must(set(contract.RuleSettingInput{Name: "min_seconds", Value: 120, Jurisdiction: "150100", Reason: "呼和浩特市批复"}))(t)
	is(t, "in the city", setting(page, "min_seconds").Value, int64(120))
	county := must(w.Care.ListRules(ctx, w.County, contract.ListRulesParams{Jurisdiction: new("150102")}))(t)
	if s := setting(county, "min_seconds"); s.Value != 120 || !s.Inherited || s.Revision != 0 {
		t.Errorf("in a district of the city: %+v", s)
	}
	everywhere := must(w.Care.ListRules(ctx, w.HomeAdmin, contract.ListRulesParams{}))(t)
	is(t, "elsewhere", setting(everywhere, "min_seconds").Value, int64(180))
	is(t, "may not change", everywhere.MayChange, false)
	_, err = set(contract.RuleSettingInput{Name: "min_seconds", Value: 100, Jurisdiction: "150100", Revision: 0, Reason: "又改"})
	refused(t, err, "revision_stale")
	page = must(set(contract.RuleSettingInput{Name: "min_seconds", Value: 100, Jurisdiction: "150100", Revision: 1, Reason: "又改"}))(t)
	if c := page.Changes[0]; c.OldValue != 120 || c.NewValue != 100 || c.Reason != "又改" || c.By != "系统管理员" {
		t.Errorf("%+v", c)
	}
	is(t, "audited", w.Count(`SELECT count(*) FROM access_log WHERE action = 'setRuleSetting' AND result = '150100 min_seconds 120>100'`), 1)
	for _, r := range page.Rules {
		if r.Unconfirmed != (r.Mark != "STATUTE") || r.Source == "" || r.Text == "" {
			t.Errorf("%+v", r)
		}
	}
}

// Consultations from before the rules were kept are judged by the sweep.
func TestWhatWasOverBeforeIsJudged(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Draft(w.Nurse, w.Resident)
	must(w.Care.CancelConsultation(t.Context(), w.Nurse, uuid.New(), c.Id, contract.ReasonRequest{Reason: "BETTER"}))(t)
	is(t, "fails", rules(answer(t, w, w.HomeAdmin, c.Id)), "NC02")
	w.Exec(`ALTER TABLE countability_failures DISABLE TRIGGER ALL; ALTER TABLE countability_evaluations DISABLE TRIGGER ALL;
		DELETE FROM countability_failures; DELETE FROM countability_evaluations; UPDATE consultations SET judged = false;
		ALTER TABLE countability_failures ENABLE TRIGGER ALL; ALTER TABLE countability_evaluations ENABLE TRIGGER ALL`)
	must(w.Care.Sweep(t.Context()))(t)
	is(t, "fails", rules(answer(t, w, w.HomeAdmin, c.Id)), "NC02")
	is(t, "judged", w.Count(`SELECT count(*) FROM consultations WHERE NOT judged AND state = 'CANCELLED'`), 0)
}

// Where a primary-care institution practises inside a care home, it is the one that invites, by its licence and its agreement.
func TestAPracticeSiteInvites(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	w.Identify(w.PureResident)
	clinic := w.Organisation("MEDICAL", "C220", "苏木卫生院")
	w.Licence(clinic, "MEDICAL_PRACTICE", "02")
	village := w.User("dr.bai", "白医生", "ATTENDING", w.PureHome)
	w.Professional(village, "ASSISTANT_PHYSICIAN", clinic, 4)
	w.Shift(village, w.PureHome)
	c := w.Draft(w.PureNurse, w.PureResident)
	get := func() contract.ServiceOption {
		return option(t, must(w.Care.GetServices(t.Context(), w.PureNurse, c.Id, contract.GetServicesParams{}))(t), "REMOTE_CONSULT")
	}
	is(t, "a care home cannot invite", string(get().Possible), "NO")
	w.Exec(`INSERT INTO practice_sites (care_org_id, medical_org_id, valid_from) VALUES ($1, $2, $3)`, w.PureHome, clinic, caretest.Start().AddDate(0, -1, 0))
	w.Agreement(clinic, w.Hospital, []string{"REMOTE_CONSULT"}, "02")
	is(t, "the clinic can, once the consent is signed", string(get().Possible), "IF")
	w.Consent(w.PureNurse, c.Id)
	is(t, "service", w.Submit(w.PureNurse, c.Id, "ROUTINE").ServiceType, "REMOTE_CONSULT")
}

// What the attending doctor's check-in covers of the tablet's media counts; a doctor who was there for half of it is enough.
func TestCheckInIsWhatCounts(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	w.Identify(w.Resident)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(2 * time.Minute)
	w.Exec(`INSERT INTO attending_checkins (id, consultation_id, user_id, method, since, taken_by) VALUES ($1, $2, $3, 'PIN', $4, $5)`,
		uuid.New(), c.Id, w.Attending.UserID, w.Clock.Now(), w.Nurse.UserID)
	talk.Talk(time.Minute)
	seen := must(w.Care.GetServices(t.Context(), w.Nurse, c.Id, contract.GetServicesParams{}))(t)
	if o := option(t, seen, "REMOTE_CONSULT"); !o.Counts {
		t.Errorf("in the room: %+v", o.Reasons)
	}
	talk.Talk(time.Minute)
	w.Sign(w.Wang, must(w.Care.GetConsultation(t.Context(), w.Wang, c.Id))(t), w.Content())
	w.Adopt(w.Attending, must(w.Care.GetConsultation(t.Context(), w.Attending, c.Id))(t))
	is(t, "half of four minutes", rules(answer(t, w, w.Nurse, c.Id)), "")

	// Whatever counted: what is upheld against it never does, and a report that was altered fails the chain.
	v := must(w.Care.ApproveCountability(t.Context(), w.HomeAdmin, uuid.New(), c.Id, contract.CountabilityApprovalInput{Code: "NC20", Reason: "查实未实际开展"}))(t)
	is(t, "upheld", rules(*v.Answer), "NC20")
	w.Exec(`ALTER TABLE reports DISABLE TRIGGER ALL; UPDATE reports SET digest = sha256('x'); ALTER TABLE reports ENABLE TRIGGER ALL; UPDATE consultations SET judged = false`)
	must(w.Care.Sweep(t.Context()))(t)
	if got := answer(t, w, w.HomeAdmin, c.Id).Rules; !slices.Contains(got, "NC18") {
		t.Errorf("an altered report: %v", got)
	}
}

// What was given under an agreement counts, also when it is judged again after the agreement was ended at once.
func TestWhatEndedLaterHeldThen(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	counted(t, w)
	day := consult.DateOf(w.Clock.Now())
	w.Clock.Pass(2 * time.Hour)
	w.Exec(`UPDATE agreements SET terminated_at = $1`, w.Clock.Now())
	differ, judged, err := w.Care.ReevaluatePeriod(t.Context(), w.Home, day, false)
	if err != nil || judged != 1 || len(differ) != 0 {
		t.Errorf("judged %d, %+v, %v", judged, differ, err)
	}
	w.Exec(`UPDATE agreements SET terminated_at = $1`, w.Clock.Now().AddDate(0, 0, -1))
	if differ, _, err = w.Care.ReevaluatePeriod(t.Context(), w.Home, day, false); err != nil || len(differ) != 1 {
		t.Errorf("ended before: %+v, %v", differ, err)
	}
}
