package care_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// The whole story of a consultation: each act of each person, the state it leads to, and one event for each transition.
func TestStoryFromDraftToArchive(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()

	c := w.Draft(w.Nurse, w.Resident)
	is(t, "state", c.State, "DRAFT")
	is(t, "serial", c.Serial, "LZ20260310-0001")
	is(t, "service", c.ServiceType, "REMOTE_CONSULT")
	is(t, "completeness", c.Completeness, 2)
	is(t, "consent needed", c.ConsentNeeded, true)
	if !slices.Contains(c.MissingVitals, "SBP") {
		t.Errorf("missing vitals: %v", c.MissingVitals)
	}

	c = must(w.Care.AddVitals(ctx, w.Nurse, uuid.New(), c.Id, contract.VitalsInput{Readings: []contract.VitalInput{
		{Code: "TEMP", Value: number(36.8)}, {Code: "SBP", Value: number(165)}, {Code: "DBP", Value: number(92)}, {Code: "SPO2", Qualifier: qualifier("UNMEASURABLE")}}}))(t)
	if got := vital(c, "TEMP"); got.Value == nil || *got.Value != 36.8 || got.Flag != "" {
		t.Errorf("temperature: %+v", got)
	}
	is(t, "pressure flag", vital(c, "SBP").Flag, "HIGH")
	is(t, "raised by two abnormal readings and one that could not be taken", c.Urgency, "URGENT")

	c = w.Consent(w.Nurse, c.Id)
	is(t, "completeness", c.Completeness, 4)
	is(t, "consent", c.Consent.Valid, true)
	is(t, "signer", *c.Consent.SignerName, "张秀英")

	c = w.Submit(w.Nurse, c.Id, "URGENT")
	is(t, "state", c.State, "OFFERED")
	is(t, "department", c.Department.Code, "02")
	is(t, "hospital", c.InvitedOrg.Name, "青城医院")
	is(t, "submitter", c.Submitter.Id, w.Attending.UserID)
	is(t, "position", c.Waiting.Position, 1)
	is(t, "eligible", c.Waiting.Eligible, 2) // Wang and Zhao; Junior lacks years
	if c.Waiting.PromiseBy == nil || c.Waiting.DoctorName == nil {
		t.Errorf("waiting: %+v", c.Waiting)
	}

	seen := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t)
	is(t, "masked before the claim", seen.Resident.Name, "张**")
	is(t, "complaint before the claim", *seen.Complaint, "今天说不舒服")
	c = w.Claim(w.Wang, c)
	is(t, "state", c.State, "WAITING")
	is(t, "epoch", c.Epoch, int64(1))
	is(t, "name after the claim", c.Resident.Name, "张秀英")
	is(t, "allergies", *c.Resident.Allergies, "青霉素")

	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(4 * time.Minute)
	c = must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	is(t, "state", c.State, "IN_PROGRESS")
	is(t, "effective seconds", c.EffectiveSeconds, 240)
	is(t, "participants", len(c.Participants), 2)

	sent := must(w.Care.SendMessage(ctx, w.Wang, uuid.New(), c.Id, contract.MessageInput{Id: uuid.New(), Body: "请把镜头对准脚踝"}))(t)
	is(t, "side", sent.SenderSide, "MEDICAL")
	heard := must(w.Care.ListMessages(ctx, w.Nurse, c.Id))(t)
	is(t, "message", heard[0].Body, "请把镜头对准脚踝")

	// The form can still be completed after the call was placed.
	c = must(w.Care.AddVitals(ctx, w.Nurse, uuid.New(), c.Id, contract.VitalsInput{Readings: []contract.VitalInput{{Code: "PULSE", Value: number(88)}}}))(t)
	is(t, "state", c.State, "IN_PROGRESS")

	c = w.Sign(w.Wang, must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t), w.Content())
	is(t, "state", c.State, "REPORTED")
	is(t, "version", c.Reports[0].Version, 1)
	is(t, "diagnosis", (*c.Reports[0].Content.Diagnoses)[0].Text, "原发性高血压")
	if c.CallId != nil {
		t.Error("signing left the call open")
	}
	c = must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	for _, item := range c.Advice {
		if item.Executable {
			t.Error("advice can be carried out before it was adopted")
		}
	}
	c = w.Adopt(w.Attending, c)
	is(t, "state", c.State, "FOLLOW_UP")
	is(t, "adoption", c.Adoption.FinalPlan, "按会诊意见执行")
	for _, item := range c.Advice {
		if !item.Executable {
			t.Error("adopted advice cannot be carried out")
		}
		note := "已执行"
		c = must(w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), item.Id, contract.NoteRequest{Note: &note}))(t)
	}
	is(t, "state", c.State, "FOLLOW_UP")
	followUp := must(w.Care.CompleteFollowUp(ctx, w.Nurse, uuid.New(), (*c.FollowUps)[0].Id, contract.NoteRequest{}))(t)
	is(t, "follow-up", followUp.State, "DONE")
	c = must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	is(t, "state", c.State, "ARCHIVED")
	// What is left of it is around the record: where the resident goes, what she thought of it, and reading.
	is(t, "actions", strings.Join(c.Actions, " "), "createReferral rateConsultation createRatingLink listMessages")

	transitions := []string{}
	for i, e := range c.Timeline {
		is(t, "event number", e.Seq, i+1)
		if e.ToState != nil {
			transitions = append(transitions, e.Type)
		}
		if !problem.Known("event_" + lower(e.Type)) {
			t.Errorf("event %s has no sentence", e.Type)
		}
	}
	want := []string{"SUBMIT", "TRIAGE", "OFFER", "CLAIM", "READY", "START", "FINISH", "SIGN_REPORT", "ADOPT", "OPEN_FOLLOW_UP", "ARCHIVE"}
	if !slices.Equal(transitions, want) {
		t.Errorf("transitions\n%v, want\n%v", transitions, want)
	}

	// The administrator finds the record with its evidence and without its words.
	seen = must(w.Care.GetConsultation(ctx, w.HomeAdmin, c.Id))(t)
	is(t, "masked", seen.Resident.Name, "张**")
	is(t, "effective seconds", seen.EffectiveSeconds, 240)
	is(t, "outcome", *seen.Reports[0].Content.Outcome, "ADJUST")
	if seen.Complaint != nil || seen.Reports[0].Content.Assessment != nil || seen.Advice[0].Text != "" || seen.Resident.Allergies != nil || seen.Adoption.FinalPlan != "" {
		t.Error("the administrator reads free text")
	}
	_, err := w.Care.ListMessages(ctx, w.HomeAdmin, c.Id)
	refused(t, err, "forbidden")
	if n := w.Count(`SELECT count(*) FROM access_log WHERE object_id = $1 AND user_id = $2`, c.Id, w.HomeAdmin.UserID); n != 1 {
		t.Errorf("%d accesses of the administrator are on record", n)
	}
}

// A home without a licence and without an attending doctor gets nursing guidance: no adoption, advice is carried out at once.
func TestNursingGuidanceNeedsNoAdoption(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Offered(w.PureNurse, w.PureResident)
	is(t, "service", c.ServiceType, "REHAB_CARE_GUIDE")
	if c.Submitter != nil {
		t.Error("somebody is responsible submitter")
	}
	c = w.Claim(w.Wang, c)
	w.Connect(w.PureNurse, w.Wang, c).Talk(time.Minute)

	draft := must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Content: w.Content()}))(t)
	gaps := []string{}
	for _, g := range draft.Gaps {
		gaps = append(gaps, g.Field+" "+g.Code)
	}
	if want := []string{"diagnoses/0 gap_diagnosis_in_guidance", "advice/0/kind gap_advice_drug_in_guidance"}; !slices.Equal(gaps, want) {
		t.Errorf("gaps %v, want %v", gaps, want)
	}
	_, err := w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, contract.SignReportRequest{Epoch: c.Epoch, Revision: 1, Password: caretest.Password})
	if p := refused(t, err, "report_incomplete"); len(p.Fields) != 2 {
		t.Errorf("fields: %+v", p.Fields)
	}
	content := w.Content()
	outcome := "NURSING_PLAN"
	content.Diagnoses, content.Outcome = nil, &outcome
	content.Advice = &[]contract.AdviceInput{{Kind: "NURSING", Text: "每两小时翻身"}}
	draft = must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Revision: 1, Content: content}))(t)
	c = must(w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, contract.SignReportRequest{Epoch: c.Epoch, Revision: draft.Revision, Password: caretest.Password}))(t)
	is(t, "state", c.State, "FOLLOW_UP")
	c = must(w.Care.CompleteAdvice(ctx, w.PureNurse, uuid.New(), c.Advice[0].Id, contract.NoteRequest{}))(t)
	must(w.Care.CompleteFollowUp(ctx, w.PureNurse, uuid.New(), (*c.FollowUps)[0].Id, contract.NoteRequest{}))(t)
	is(t, "state", must(w.Care.GetConsultation(ctx, w.PureNurse, c.Id))(t).State, "ARCHIVED")
}

// What a doctor advises in a CRITICAL consultation is carried out first and adopted after.
func TestCriticalIsNeverBlocked(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	w.Exec(`UPDATE agreements SET valid_to = $2, valid_from = $2 WHERE inviting_org_id = $1`, w.Home, caretest.Start().AddDate(-1, 0, 0))
	w.Exec(`DELETE FROM duty_shifts`)
	c := w.Draft(w.Nurse, w.Resident)
	_, err := w.Care.SubmitConsultation(ctx, w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE"})
	refused(t, err, "consent_required")
	w.Consent(w.Nurse, c.Id)
	_, err = w.Care.SubmitConsultation(ctx, w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE"})
	refused(t, err, "service_agreement_not_in_force")

	c = w.Draft(w.Nurse, w.Second) // without a consent, without an agreement in force, without an attending doctor
	c = w.Submit(w.Nurse, c.Id, "CRITICAL")
	is(t, "state", c.State, "OFFERED")
	if c.Waiting.PromiseBy != nil {
		t.Error("a time was promised for a CRITICAL request")
	}
	override := event(c, "EMERGENCY_OVERRIDE")
	if override == nil {
		t.Fatal("the override is not on record")
	}
	c = w.Claim(w.Wang, c)
	is(t, "state", c.State, "WAITING")
	w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)
	content := w.Content()
	content.Diagnoses, content.Advice = nil, &[]contract.AdviceInput{{Kind: "NURSING", Text: "平卧、吸氧"}}
	c = w.Sign(w.Wang, c, content)
	c = must(w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), c.Advice[0].Id, contract.NoteRequest{}))(t)
	if c.Advice[0].ExecutedAt == nil {
		t.Error("the advice was not carried out")
	}
}
