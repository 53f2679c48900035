package care_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func TestReportDraftAndSigning(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	draft := must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch}))(t)
	is(t, "revision", draft.Revision, 1)
	for _, g := range draft.Gaps {
		if g.Message == "" || g.Message == problem.Sentence("zh-CN", "internal", nil) {
			t.Errorf("gap %s has no sentence", g.Code)
		}
	}
	_, err := w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Revision: 0})
	is(t, "present revision", *refused(t, err, "revision_stale").Current.Revision, 1)
	draft = must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Revision: 1, Content: w.Content()}))(t)
	is(t, "gaps", len(draft.Gaps), 0)
	if must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t).ReportDraft != nil {
		t.Error("the nurse reads the draft")
	}
	sign := contract.SignReportRequest{Epoch: c.Epoch, Revision: 2, Password: caretest.Password}
	_, err = w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, sign) // there was no call yet
	refused(t, err, "transition_not_allowed")
	w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)

	wrong := sign
	wrong.Password = "wrong"
	_, err = w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, wrong)
	refused(t, err, "wrong_password")
	stale := sign
	stale.Revision = 1
	_, err = w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, stale)
	is(t, "present revision", *refused(t, err, "revision_stale").Current.Revision, 2)
	is(t, "state", must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t).State, "IN_PROGRESS")

	cmd := uuid.New()
	for range 2 {
		signed := must(w.Care.SignReport(ctx, w.Wang, cmd, c.Id, sign))(t)
		is(t, "versions", len(signed.Reports), 1)
		is(t, "seal", signed.Reports[0].SealNote, "系统存证签章，非《电子签名法》第十三条可靠电子签名")
	}
	var content []byte
	if err := w.Store.Pool.QueryRow(ctx, `SELECT content_enc FROM reports WHERE consultation_id = $1`, c.Id).Scan(&content); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(content), "氨氯地平") {
		t.Error("the report is not sealed")
	}
	is(t, "drafts left", w.Count(`SELECT count(*) FROM report_drafts`), 0)
	if _, err := w.Store.Pool.Exec(ctx, `UPDATE reports SET version = 2`); err == nil {
		t.Error("a signed version was changed")
	}
}

// 医师法 24: who was not in the call does not sign its report.
func TestNobodySignsWithoutHavingBeenThere(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)
	w.Exec(`DELETE FROM media_intervals WHERE participant_id IN (SELECT id FROM participants WHERE user_id = $1) AND kind = 'media'`, w.Wang.UserID)
	must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Content: w.Content()}))(t)
	_, err := w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, contract.SignReportRequest{Epoch: c.Epoch, Revision: 1, Password: caretest.Password})
	refused(t, err, "report_without_presence")
}

func TestAdoptionDecidesEveryItem(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(time.Minute)
	content := w.Content()
	content.FollowUpOn = nil
	outcome := "CONTINUE"
	content.Outcome = &outcome
	c = w.Sign(w.Wang, c, content)
	for name, try := range map[string]struct {
		edit        func(in *contract.AdoptionInput)
		field, code string
	}{
		"one missing":        {func(in *contract.AdoptionInput) { in.Items = in.Items[:1] }, "items", "adoption_item_missing"},
		"foreign item":       {func(in *contract.AdoptionInput) { in.Items[0].AdviceId = uuid.New() }, "items", "adoption_item_missing"},
		"partly, no reason":  {func(in *contract.AdoptionInput) { in.Items[1].Decision = "PARTLY" }, "items/1/reason", "adoption_reason"},
		"refused, no reason": {func(in *contract.AdoptionInput) { in.Items[0].Decision = "REJECTED"; in.Items[0].Reason = text(" ") }, "items/0/reason", "adoption_reason"},
	} {
		in := caretest.AdoptAll(c)
		try.edit(&in)
		_, err := w.Care.AdoptReport(ctx, w.Attending, uuid.New(), c.Id, in)
		p := problem.Of(err)
		if err == nil || len(p.Fields) == 0 || p.Fields[0].Path != try.field || p.Fields[0].Code != try.code {
			t.Errorf("%s: %v %+v", name, err, p.Fields)
		}
	}
	in := caretest.AdoptAll(c)
	in.Password = "wrong"
	_, err := w.Care.AdoptReport(ctx, w.Attending, uuid.New(), c.Id, in)
	refused(t, err, "wrong_password")
	in = caretest.AdoptAll(c)
	in.ReportId = uuid.New()
	_, err = w.Care.AdoptReport(ctx, w.Attending, uuid.New(), c.Id, in)
	refused(t, err, "report_changed")
	_, err = w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), c.Advice[0].Id, contract.NoteRequest{})
	refused(t, err, "advice_not_executable")

	in = caretest.AdoptAll(c)
	in.Items[0].Decision, in.Items[0].Reason = "REJECTED", text("与现用药冲突")
	in.Items[1].Decision, in.Items[1].Reason = "PARTLY", text("每日一次即可")
	c = must(w.Care.AdoptReport(ctx, w.Attending, uuid.New(), c.Id, in))(t)
	is(t, "state", c.State, "FOLLOW_UP")
	is(t, "refused item", c.Advice[0].Executable, false)
	is(t, "reason", *c.Advice[0].DecisionReason, "与现用药冲突")
	_, err = w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), c.Advice[0].Id, contract.NoteRequest{})
	refused(t, err, "advice_not_executable")
	c = must(w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), c.Advice[1].Id, contract.NoteRequest{}))(t)
	is(t, "state", c.State, "ARCHIVED") // nothing else is open
	_, err = w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), c.Advice[1].Id, contract.NoteRequest{})
	refused(t, err, "already_done")
}

func TestEmergencySheet(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	log := func(id uuid.UUID, step contract.EmergencyStepRequestStep, measure *string) contract.Consultation {
		t.Helper()
		return must(w.Care.LogEmergencyStep(ctx, w.Nurse, uuid.New(), id, contract.EmergencyStepRequest{Step: step, Measure: measure}))(t)
	}
	// Nobody had it: the request is closed and the queue told.
	c := w.Offered(w.Nurse, w.Resident)
	log(c.Id, "CALLED_120", nil)
	c = log(c.Id, "MEASURE", text("侧卧，清理口腔"))
	last := c.Timeline[len(c.Timeline)-1]
	is(t, "measure", (*last.Data)["measure"], any("侧卧，清理口腔"))
	is(t, "plain text in the event", w.Count(`SELECT count(*) FROM consultation_events WHERE data::text LIKE '%侧卧%'`), 0)
	if seen := must(w.Care.GetConsultation(ctx, w.HomeAdmin, c.Id))(t); (*seen.Timeline[len(seen.Timeline)-1].Data)["measure"] != nil {
		t.Error("the administrator reads the measure")
	}
	_, err := w.Care.LogEmergencyStep(ctx, w.Nurse, uuid.New(), c.Id, contract.EmergencyStepRequest{Step: "MEASURE"})
	refused(t, err, "invalid_request")
	c = log(c.Id, "TO_EMERGENCY", nil)
	is(t, "state", c.State, "TO_EMERGENCY")
	is(t, "reason", *c.EndCode, "TO_EMERGENCY")
	is(t, "rings", w.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1 AND result = 'PENDING'`, c.Id), 0)
	log(c.Id, "AMBULANCE_ARRIVED", nil) // times may follow

	// A doctor had it: the report is pending, and can be signed without a call.
	c = w.Claim(w.Wang, w.Offered(w.Nurse, w.Second))
	c = log(c.Id, "TO_EMERGENCY", nil)
	is(t, "state", c.State, "REPORT_PENDING")
	content := w.Content()
	c = w.Sign(w.Wang, c, content)
	is(t, "state", c.State, "REPORTED")
}

// Events and outbox rows carry codes, ids and numbers; names of residents and free text stay sealed.
func TestNothingPersonalLeavesTheSeal(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c, _ := finished(t, w)
	note := "家属王建国13800001234"
	must(w.Care.CompleteAdvice(t.Context(), w.Nurse, uuid.New(), c.Advice[0].Id, contract.NoteRequest{Note: &note}))(t)
	rows, err := w.Store.Pool.Query(t.Context(), `SELECT payload::text FROM outbox UNION ALL SELECT data::text FROM consultation_events
		UNION ALL SELECT to_jsonb(c)::text FROM consultations c UNION ALL SELECT to_jsonb(a)::text FROM advice_items a UNION ALL SELECT to_jsonb(x)::text FROM adoptions x`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		n++
		for _, secret := range []string{"张秀英", "今天说不舒服", "氨氯地平", "青霉素", "王建国", "血压控制不佳"} {
			if strings.Contains(row, secret) {
				t.Errorf("%s stands in %s", secret, row)
			}
		}
		if !json.Valid([]byte(row)) {
			t.Errorf("no JSON: %s", row)
		}
	}
	if n < 30 {
		t.Errorf("only %d rows were looked at", n)
	}
}
