package care_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// structured is an opinion with every field of the form.
func structured(w *caretest.World) contract.ReportContent {
	content := w.Content()
	examined, suspected := []string{"HISTORY", "GUIDED", "VITALS"}, contract.DiagnosisCertainty("SUSPECTED")
	content.Examined, content.Examination = &examined, text("双下肢轻度凹陷性水肿")
	content.Diagnoses = &[]contract.Diagnosis{{Code: text("I50.9"), Text: "心力衰竭", Certainty: &suspected}}
	content.Advice = &[]contract.AdviceInput{
		{Kind: "DRUG", Text: "呋塞米", Dose: text("20 mg"), Route: text("ORAL"), Frequency: text("QD"), Days: new(3)},
		{Kind: "NURSING", Text: "测体重并记录", Frequency: text("QD")},
		{Kind: "TEST", Text: "查电解质"},
	}
	content.Outcome = text("FACE_TO_FACE")
	content.Referral = &contract.ReferralAdvice{Destination: text("OUTPATIENT"), Within: text("THREE_DAYS"), Note: text("市医院心内科")}
	return content
}

// Every field of the opinion is signed as it was written and read by both sides; an administrator reads codes only.
func TestOpinionWithEveryField(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)
	content := structured(w)
	lacking := content
	lacking.Referral, lacking.Examined, lacking.Examination = nil, nil, nil
	draft := must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Content: lacking}))(t)
	var fields []string
	for _, g := range draft.Gaps {
		fields = append(fields, g.Field)
	}
	if !slices.Equal(fields, []string{"examined", "referral/destination"}) {
		t.Errorf("gaps %v", fields)
	}
	saved := must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Revision: 1, Content: content}))(t)
	must(w.Care.SignReport(ctx, w.Wang, uuid.New(), c.Id, contract.SignReportRequest{Epoch: c.Epoch, Revision: saved.Revision, Password: caretest.Password}))(t)
	read := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	wrote, _ := json.Marshal(content)
	got, _ := json.Marshal(read.Reports[0].Content)
	is(t, "signed as it was written", string(got), string(wrote))
	item := read.Advice[0]
	if *item.Dose != "20 mg" || *item.Route != "ORAL" || *item.Frequency != "QD" || *item.Days != 3 || item.Text != "呋塞米" {
		t.Errorf("%+v", item)
	}
	is(t, "doses in the open", w.Count(`SELECT count(*) FROM advice_items WHERE position('20 mg'::bytea IN detail_enc) > 0`), 0)
	if admin := must(w.Care.GetConsultation(ctx, w.HomeAdmin, c.Id))(t); admin.Reports[0].Content.Examination != nil || admin.Reports[0].Content.Referral != nil || admin.Advice[0].Dose != nil {
		t.Errorf("an administrator reads %+v", admin.Reports[0].Content)
	}
}

// In the call the doctor asks, the nurse reads back and ticks, and the doctor sees it; what is signed as it was read keeps the tick,
// what was changed does not.
func TestReadBackInTheCall(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	items := *structured(w).Advice
	ask := func(items ...contract.AdviceInput) (contract.Consultation, error) {
		return w.Care.AskReadBack(ctx, w.Wang, uuid.New(), c.Id, contract.ReadBackRequest{Epoch: c.Epoch, Items: items})
	}
	_, err := ask(items...)
	refused(t, err, "read_back_not_now") // nobody is on the line yet
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)
	_, err = ask(contract.AdviceInput{Kind: "NURSING", Text: "翻身", Frequency: text("SOMETIMES")})
	if path, code := fieldOf(t, err); path != "items/0/frequency" || code != "unknown_code" {
		t.Errorf("%s %s", path, code)
	}
	must(ask(items...))(t)
	nurse := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	is(t, "asked", len(*nurse.ReadBacks), 3)
	is(t, "the nurse may tick", slices.Contains(nurse.Actions, "confirmReadBack"), true)
	drug := (*nurse.ReadBacks)[0]
	is(t, "what she reads", *drug.Dose, "20 mg")
	_, err = w.Care.ConfirmReadBack(ctx, w.StrangerNurse, uuid.New(), drug.Id)
	refused(t, err, "not_found")
	for _, r := range *nurse.ReadBacks {
		must(w.Care.ConfirmReadBack(ctx, w.Nurse, uuid.New(), r.Id))(t)
	}
	_, err = w.Care.ConfirmReadBack(ctx, w.Nurse, uuid.New(), drug.Id)
	refused(t, err, "already_done")

	// The doctor changes the dose: that item is asked anew, the others keep their ticks, in the new order.
	items[0].Dose = text("40 mg")
	doctor := must(ask(items[1], items[0]))(t)
	var ticks []bool
	for _, r := range *doctor.ReadBacks {
		if r.Kind != "DRUG" || *r.Dose == "40 mg" {
			ticks = append(ticks, r.ReadBackBy != nil && *r.ReadBackBy == w.Nurse.Name)
		}
	}
	if !slices.Contains(ticks, false) || !slices.Contains(ticks, true) {
		t.Errorf("ticks %v", ticks)
	}
	content := structured(w)
	(*content.Advice)[0].Dose = text("40 mg")
	signed := w.Sign(w.Wang, c, content)
	for _, a := range signed.Advice {
		is(t, a.Kind+" read", a.ReadBackAt != nil, a.Kind != "DRUG")
	}
	if e := event(must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t), "READ_BACK"); e == nil || *e.Actor != w.Nurse.Name {
		t.Errorf("the record says %+v", e)
	}

	// After the adoption the nurse reads what she did not read in the call.
	_, err = w.Care.ReadBackAdvice(ctx, w.Nurse, uuid.New(), signed.Advice[0].Id)
	refused(t, err, "advice_not_executable")
	diagnosis := contract.Diagnosis{Code: text("I50.9"), Text: "慢性心力衰竭"}
	in := caretest.AdoptAll(signed)
	in.FinalDiagnoses = &[]contract.Diagnosis{{Code: text("X99"), Text: "?"}}
	_, err = w.Care.AdoptReport(ctx, w.Attending, uuid.New(), c.Id, in)
	if path, code := fieldOf(t, err); path != "finalDiagnoses" || code != "adoption_diagnosis" {
		t.Errorf("%s %s", path, code)
	}
	in.FinalDiagnoses = &[]contract.Diagnosis{diagnosis}
	adopted := must(w.Care.AdoptReport(ctx, w.Attending, uuid.New(), c.Id, in))(t)
	is(t, "final diagnosis", adopted.Adoption.FinalDiagnoses[0].Text, "慢性心力衰竭")
	is(t, "decision", adopted.Adoption.Decision, "ADOPTED")
	cmd := uuid.New()
	for range 2 {
		done := must(w.Care.ReadBackAdvice(ctx, w.Nurse, cmd, signed.Advice[0].Id))(t)
		is(t, "reader", *done.Advice[0].ReadBackBy, w.Nurse.Name)
	}
	_, err = w.Care.ReadBackAdvice(ctx, w.Nurse, uuid.New(), signed.Advice[0].Id)
	refused(t, err, "already_done")
	list := must(w.Care.GetWorklist(ctx, w.Nurse))(t)
	is(t, "tasks read", len(slices.DeleteFunc(list.Tasks, func(task contract.AdviceTask) bool { return task.Advice.ReadBackAt != nil })), 0)
	if seen := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t); seen.Advice[0].ReadBackAt == nil {
		t.Error("the doctor does not see the tick")
	}

	// A correction that leaves an item as it was leaves it read.
	(*content.Advice)[2].Text = "查电解质和肌酐"
	corrected := must(amend(w, c, content, "补充检查"))(t)
	for _, a := range corrected.Advice {
		if a.Version == 2 {
			is(t, a.Kind+" still read", a.ReadBackAt != nil, a.Kind != "TEST")
		}
	}
}

// An opinion without advice is decided on as a whole, with a reason when it is not taken over.
func TestAdoptionWithoutAdvice(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)
	content := w.Content()
	content.Advice, content.Outcome = nil, text("CONTINUE")
	signed := w.Sign(w.Wang, c, content)
	in := caretest.AdoptAll(signed)
	rejected := contract.AdoptionInputDecision("REJECTED")
	in.Decision = &rejected
	_, err := w.Care.AdoptReport(ctx, w.Attending, uuid.New(), c.Id, in)
	if path, code := fieldOf(t, err); path != "reason" || code != "adoption_reason" {
		t.Errorf("%s %s", path, code)
	}
	in.Reason = text("家属已决定住院")
	got := must(w.Care.AdoptReport(ctx, w.Attending, uuid.New(), c.Id, in))(t)
	is(t, "decision", got.Adoption.Decision, "REJECTED")
	is(t, "reason", *got.Adoption.Reason, "家属已决定住院")
	is(t, "diagnosis of the opinion", got.Adoption.FinalDiagnoses[0].Text, "原发性高血压")
}
