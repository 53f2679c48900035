package care_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func ask(w *caretest.World, c contract.Consultation, urgency contract.Urgency) (contract.Consultation, error) {
	written := contract.SubmitRequestModeWRITTEN
	return w.Care.SubmitConsultation(w.T.Context(), w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: urgency, Mode: &written})
}

func draftFor(w *caretest.World, resident uuid.UUID) contract.Consultation {
	c := w.Draft(w.Nurse, resident)
	return w.Consent(w.Nurse, c.Id)
}

// A written question from the nurse: no ring, no call, a promised time, an answer on the doctor's form, and it counts by its own
// rule of evidence.
func TestWrittenQuestionOfTheNurse(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := draftFor(w, w.Resident)
	options := must(w.Care.GetServices(ctx, w.Nurse, c.Id, contract.GetServicesParams{}))(t)
	if options.Written == nil || !options.Written.Possible || options.Written.AnswerSeconds != 24*3600 {
		t.Fatalf("%+v", options.Written)
	}
	critical := contract.Urgency("CRITICAL")
	if urgent := must(w.Care.GetServices(ctx, w.Nurse, c.Id, contract.GetServicesParams{Urgency: &critical}))(t).Written; urgent.Possible || *urgent.Code != "written_too_urgent" {
		t.Errorf("%+v", urgent)
	}
	for _, urgency := range []contract.Urgency{"CRITICAL", "EMERGENT"} {
		_, err := ask(w, c, urgency)
		if path, code := fieldOf(t, err); path != "mode" || code != "written_too_urgent" {
			t.Errorf("%s: %s %s", urgency, path, code)
		}
	}
	asked := must(ask(w, c, "ROUTINE"))(t)
	is(t, "mode", asked.Mode, contract.ModeWRITTEN)
	is(t, "rings", w.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1`, c.Id), 0)
	is(t, "promised", asked.ReportDueAt.Equal(w.Clock.Now().Add(24*time.Hour)), true)
	queue := must(w.Care.GetQueue(ctx, w.Wang))(t)
	is(t, "in the doctor's list", queue.Waiting[0].Mode, contract.ModeWRITTEN)
	is(t, "by when", queue.Waiting[0].ReportDueAt.Equal(*asked.ReportDueAt), true)
	taken := w.Claim(w.Wang, asked)
	_, err := w.Care.GetTicket(ctx, w.Wang, c.Id, contract.TicketRequest{Epoch: &taken.Epoch})
	refused(t, err, "call_not_possible")
	must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t) // opened by the doctor: part of the evidence
	content := w.Content()
	content.Assessment = text(strings.Repeat("血压控制不佳，", 10))
	done := w.Adopt(w.Attending, w.Sign(w.Wang, taken, content))
	is(t, "state", done.State, "FOLLOW_UP")
	answer := must(w.Care.GetCountability(ctx, w.HomeAdmin, c.Id))(t)
	if slices.Contains(answer.Answer.Rules, "NC13") || slices.Contains(answer.Answer.Rules, "NC16") || slices.Contains(answer.Answer.Rules, "NC07") {
		t.Errorf("a written question fails %v", answer.Answer.Rules)
	}
}

// What was asked in writing and becomes urgent is called after all, also when a doctor had taken it to write.
func TestWrittenQuestionThatBecomesUrgent(t *testing.T) {
	t.Parallel()
	for _, taken := range []bool{false, true} {
		w := caretest.New(t)
		ctx := t.Context()
		c := must(ask(w, draftFor(w, w.Resident), "ROUTINE"))(t)
		if taken {
			c = w.Claim(w.Wang, c)
		}
		urgent := contract.Urgency("CRITICAL")
		got := must(w.Care.UpdateRequest(ctx, w.Nurse, c.Id, contract.RequestUpdate{Revision: c.RequestRevision, Reasons: c.Reasons, RedFlags: c.RedFlags, Urgency: &urgent}))(t)
		is(t, "mode", got.Mode, contract.ModeONLINE)
		is(t, "state", got.State, "OFFERED")
		is(t, "rings", w.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1 AND result = 'PENDING'`, c.Id) > 0, true)
		if event(got, "TO_CALL") == nil {
			t.Error("the record does not say that it is called")
		}
	}
}

// The gates of the start stand before the answer of a written question: without a consent it is not signed.
func TestWrittenQuestionWithoutConsent(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, must(ask(w, draftFor(w, w.Resident), "ROUTINE"))(t))
	w.Exec(`UPDATE consents SET withdrawn_at = $1`, w.Clock.Now())
	draft := must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Content: w.Content()}))(t)
	_, err := w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, contract.SignReportRequest{Epoch: c.Epoch, Revision: draft.Revision, Password: caretest.Password})
	refused(t, err, "gate_consent_missing")
	is(t, "state", must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t).State, "ACCEPTED")
}

// The form of application is there without anybody having written it, can be written until the request is made, and then stays.
func TestApplication(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := draftFor(w, w.Resident)
	proposed := must(w.Care.GetApplication(ctx, w.Nurse, c.Id))(t)
	if proposed.Revision != 0 || !proposed.Editable || len(proposed.Purposes) == 0 || proposed.Summary == nil || !*proposed.SummaryProposed {
		t.Fatalf("%+v", proposed)
	}
	save := func(in contract.ApplicationInput) (contract.Application, error) {
		return w.Care.SaveApplication(ctx, w.Nurse, c.Id, in)
	}
	for path, in := range map[string]contract.ApplicationInput{
		"purposes/0":  {Purposes: []string{"MONEY"}},
		"purposes/1":  {Purposes: []string{"TREATMENT", "TREATMENT"}},
		"wantedTitle": {Purposes: []string{"TREATMENT"}, WantedTitle: text("255")},
		"windowTo":    {Purposes: []string{"TREATMENT"}, WindowFrom: new(w.Clock.Now())},
		"windowFrom":  {Purposes: []string{"TREATMENT"}, WindowFrom: new(w.Clock.Now().Add(-2 * time.Hour)), WindowTo: new(w.Clock.Now().Add(-time.Hour))},
	} {
		_, err := save(in)
		if got, _ := fieldOf(t, err); got != path {
			t.Errorf("%s: %v", path, err)
		}
	}
	from := w.Clock.Now().Add(24 * time.Hour)
	in := contract.ApplicationInput{Purposes: []string{"MEDICATION", "REFERRAL"}, PurposeNote: text("是否停用利尿剂"), WantedTitle: text("232"),
		WindowFrom: &from, WindowTo: new(from.Add(time.Hour))}
	saved := must(save(in))(t)
	is(t, "revision", saved.Revision, 1)
	is(t, "purpose", *saved.PurposeNote, "是否停用利尿剂")
	_, err := save(in)
	refused(t, err, "revision_stale")
	is(t, "purposes in the open, words not", w.Count(`SELECT count(*) FROM applications WHERE 'MEDICATION' = ANY (purposes) AND position('利尿剂'::bytea IN purpose_note_enc) = 0`), 1)

	w.Submit(w.Nurse, c.Id, "ROUTINE")
	in.Revision = 2
	_, err = save(in)
	refused(t, err, "no_longer_editable")
	sent := must(w.Care.GetApplication(ctx, w.Wang, c.Id))(t)
	if sent.Editable || sent.AgreementNumber == nil || *sent.Summary == "" || sent.Window == nil || sent.TitleServes != nil {
		t.Errorf("%+v", sent)
	}
	before := *sent.Summary
	taken := w.Claim(w.Wang, must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t))
	w.Exec(`UPDATE professional_licences SET title_code = '234' WHERE user_id = $1`, w.Wang.UserID)
	answered := must(w.Care.GetApplication(ctx, w.Nurse, taken.Id))(t)
	is(t, "the title that was wanted", *answered.TitleServes, false)
	is(t, "the summary stays", *answered.Summary, before)
	if admin := must(w.Care.GetApplication(ctx, w.HomeAdmin, c.Id))(t); admin.Summary != nil || admin.PurposeNote != nil || len(admin.Purposes) != 2 {
		t.Errorf("an administrator reads %+v", admin)
	}
	_, err = w.Care.GetApplication(ctx, w.StrangerNurse, c.Id)
	refused(t, err, "not_found")

	// A request for which nobody wrote a form has the one that was proposed.
	plain := w.Offered(w.Nurse, w.Second)
	if form := must(w.Care.GetApplication(ctx, w.Wang, plain.Id))(t); form.Revision != 1 || len(form.Purposes) == 0 || *form.WrittenBy != w.Nurse.Name {
		t.Errorf("%+v", form)
	}
}
