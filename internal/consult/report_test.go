package consult

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func complete() Report {
	return Report{
		ConsultationID: "0192f0c1-0000-7000-8000-000000000001", Version: 1, Service: RemoteConsult,
		Examined:   []string{"HISTORY", "INSPECTION"},
		Assessment: "血压偏高，无胸痛 <b> & \"quoted\"",
		Diagnoses:  []Diagnosis{{Code: "I10", Text: "原发性高血压", Certainty: "CONFIRMED"}},
		Advice:     []AdviceItem{{ID: "1", Kind: AdviceNonDrug, Text: "低盐饮食"}},
		Outcome:    "ADJUST",
		FollowUp:   Date{2026, 10, 27},
		Limits:     "未能听诊心肺",
		AuthorID:   "0192f0c1-0000-7000-8000-000000000002",
		StartedAt:  monday, EndedAt: monday.Add(9 * time.Minute), EffectiveSeconds: 500, SignedAt: monday.Add(15 * time.Minute),
	}
}

func TestGaps(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Report)
		want   string
	}{
		{"complete", func(*Report) {}, ""},
		{"empty", func(r *Report) { *r = Report{} }, "EXAMINATION ASSESSMENT DIAGNOSIS ADVICE OUTCOME LIMITS"},
		{"nothing examined", func(r *Report) { r.Examined, r.Examination = nil, " " }, "EXAMINATION"},
		{"examined, in words", func(r *Report) { r.Examined, r.Examination = nil, "左踝肿胀" }, ""},
		{"invented way of examining", func(r *Report) { r.Examined = []string{"HISTORY", "X", "Y"} }, "EXAMINATION_CODE"},
		{"unsuitable, nobody was examined", func(r *Report) { r.Examined, r.Outcome = nil, "UNSUITABLE" }, ""},
		{"blank", func(r *Report) { r.Assessment, r.Limits = " \n\u3000", "\t" }, "ASSESSMENT LIMITS"},
		{"no diagnosis reached", func(r *Report) { r.Diagnoses, r.Outcome = nil, "NO_DIAGNOSIS" }, ""},
		{"diagnosis outside the list, in words", func(r *Report) { r.Diagnoses[0].Code = "" }, ""},
		{"invented code", func(r *Report) { r.Diagnoses[0].Code = "X99" }, "DIAGNOSIS_CODE"},
		{"bare diagnosis", func(r *Report) { r.Diagnoses = append(r.Diagnoses, Diagnosis{}) }, "DIAGNOSIS_TEXT:1 DIAGNOSIS_CERTAINTY:1"},
		{"bare advice", func(r *Report) { r.Advice = append(r.Advice, AdviceItem{}) }, "ADVICE_KIND:1 ADVICE_TEXT:1"},
		{"how a drug is taken", func(r *Report) {
			r.Advice[0] = AdviceItem{Kind: AdviceDrug, Text: "氨氯地平", AdviceDetail: AdviceDetail{Dose: "5 mg", Route: "ORAL", Frequency: "QD", Days: 28}}
		}, ""},
		{"how often care is given", func(r *Report) { r.Advice[0].Frequency, r.Advice[0].Days = "BID", 365 }, ""},
		{"invented frequency", func(r *Report) { r.Advice[0].Frequency = "X" }, "ADVICE_HOW:0"},
		{"invented route", func(r *Report) { r.Advice[0].Kind, r.Advice[0].Route = AdviceDrug, "X" }, "ADVICE_HOW:0"},
		{"a dose of care", func(r *Report) { r.Advice[0].Dose = "5 mg" }, "ADVICE_HOW:0"},
		{"a route of care", func(r *Report) { r.Advice[0].Route = "ORAL" }, "ADVICE_HOW:0"},
		{"for ever", func(r *Report) { r.Advice[0].Days = 366 }, "ADVICE_HOW:0"},
		{"for less than a day", func(r *Report) { r.Advice[0].Days = -1 }, "ADVICE_HOW:0"},
		{"no advice", func(r *Report) { r.Advice = nil }, "ADVICE"},
		{"nothing changes", func(r *Report) { r.Advice, r.Outcome, r.FollowUp = nil, "CONTINUE", Date{} }, ""},
		{"unknown outcome", func(r *Report) { r.Outcome = "CURED" }, "OUTCOME"},
		{"no follow-up", func(r *Report) { r.FollowUp = Date{} }, "FOLLOW_UP"},
		{"goes to the hospital", func(r *Report) {
			r.FollowUp, r.Outcome, r.Referral = Date{}, "REFER_UP", &ReferralAdvice{Destination: "INPATIENT", Within: "TODAY"}
		}, ""},
		{"goes somewhere", func(r *Report) { r.FollowUp, r.Outcome = Date{}, "REFER_UP" }, "REFERRAL"},
		{"is to be seen in person", func(r *Report) { r.FollowUp, r.Outcome = Date{}, "FACE_TO_FACE" }, "REFERRAL"},
		{"goes nowhere at no time", func(r *Report) { r.Referral = &ReferralAdvice{} }, "REFERRAL REFERRAL_URGENCY"},
		{"goes one day", func(r *Report) { r.Referral = &ReferralAdvice{Destination: "OUTPATIENT", Within: "SOON"} }, "REFERRAL_URGENCY"},
		{"turned over to 120", func(r *Report) { r.FollowUp, r.Outcome = Date{}, "EMERGENCY" }, ""},
		{"follow-up today", func(r *Report) { r.FollowUp = Date{2026, 10, 20} }, ""},
		{"follow-up yesterday", func(r *Report) { r.FollowUp = Date{2026, 10, 19} }, "FOLLOW_UP_PAST"},
		{"correction without a reason", func(r *Report) { r.Version = 2 }, "CORRECTION_REASON"},
		{"correction", func(r *Report) { r.Version, r.CorrectionReason = 2, "wrong side" }, ""},
		{"guidance with a diagnosis and a drug", func(r *Report) {
			r.Service = RehabCareGuide
			r.Advice[0].Kind = AdviceDrug
		}, "DIAGNOSIS_IN_GUIDANCE:0 ADVICE_DRUG_IN_GUIDANCE:0"},
		{"guidance", func(r *Report) { r.Service, r.Diagnoses, r.Outcome = RehabCareGuide, nil, "NURSING_PLAN" }, ""},
	}
	today := Date{2026, 10, 20}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := complete()
			tt.change(&r)
			var got []string
			for _, g := range Gaps(nil, r, today) {
				s := g.Code
				if g.Index >= 0 && strings.Contains(tt.want, ":") {
					s += ":" + string(rune('0'+g.Index))
				}
				got = append(got, s)
				if _, ok := Lookup(VocabReportGap, g.Code); !ok {
					t.Errorf("%s has no words", g.Code)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
			code := CodeReportGaps
			if tt.want == "" {
				code = ""
			}
			wantCode(t, CheckReport(nil, r, today), code)
		})
	}
}

// A report without the parts that came later has the bytes that it always had.
func TestCanonicalReportOfBefore(t *testing.T) {
	r := complete()
	r.Examined = nil
	got, err := CanonicalReport(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []string{"examined", "examination", "referral", "dose", "route", "frequency", "days"} {
		if bytes.Contains(got, []byte(`"`+later+`"`)) {
			t.Errorf("%s in %s", later, got)
		}
	}
}

func TestAdoptedDiagnoses(t *testing.T) {
	for name, c := range map[string]struct {
		diagnoses []Diagnosis
		code      string
	}{
		"none":              {nil, ""},
		"of the list":       {[]Diagnosis{{Code: "I10", Text: "原发性高血压", Certainty: "SUSPECTED"}}, ""},
		"in words":          {[]Diagnosis{{Text: "乏力待查", Certainty: "PROBABLE"}}, ""},
		"without words":     {[]Diagnosis{{Code: "I10", Text: " ", Certainty: "CONFIRMED"}}, CodeAdoptionDiagnosis},
		"without certainty": {[]Diagnosis{{Code: "I10", Text: "原发性高血压"}}, CodeAdoptionDiagnosis},
		"invented":          {[]Diagnosis{{Code: "X99", Text: "?", Certainty: "CONFIRMED"}}, CodeAdoptionDiagnosis},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, CheckAdoptedDiagnoses(nil, c.diagnoses), c.code) })
	}
}

func TestCanonicalReport(t *testing.T) {
	got, err := CanonicalReport(complete())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"advice":[{"id":"1","kind":"NON_DRUG","text":"低盐饮食"}],"assessment":"血压偏高，无胸痛 <b> & \"quoted\"",` +
		`"author_id":"0192f0c1-0000-7000-8000-000000000002","consultation_id":"0192f0c1-0000-7000-8000-000000000001",` +
		`"diagnoses":[{"certainty":"CONFIRMED","code":"I10","text":"原发性高血压"}],"effective_seconds":500,` +
		`"ended_at":"2026-10-19T08:09:00Z","examined":["HISTORY","INSPECTION"],"follow_up":"2026-10-27","limits":"未能听诊心肺","outcome":"ADJUST",` +
		`"service":"REMOTE_CONSULT","signed_at":"2026-10-19T08:15:00Z","started_at":"2026-10-19T08:00:00Z","version":1}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The digest does not depend on the zone in which a time is written, on parts of a millisecond or on how a missing list is
// represented, and it notices every change of content.
func TestDigest(t *testing.T) {
	base, err := Digest(complete())
	if err != nil || len(base) != 64 {
		t.Fatalf("%q, %v", base, err)
	}
	same := complete()
	same.SignedAt = same.SignedAt.In(Shanghai()).Add(999 * time.Microsecond)
	same.StartedAt = same.StartedAt.In(time.FixedZone("", -3600))
	if got, _ := Digest(same); got != base {
		t.Error("the zone changes the digest")
	}
	none, empty := complete(), complete()
	none.Advice, empty.Advice = nil, []AdviceItem{}
	a, _ := Digest(none)
	b, _ := Digest(empty)
	if a != b || a == base {
		t.Error("an absent list and an empty one")
	}
	for name, change := range map[string]func(*Report){
		"assessment": func(r *Report) { r.Assessment += " " },
		"advice":     func(r *Report) { r.Advice[0].Text = "低糖饮食" },
		"certainty":  func(r *Report) { r.Diagnoses[0].Certainty = "SUSPECTED" },
		"follow-up":  func(r *Report) { r.FollowUp = Date{} },
		"signed":     func(r *Report) { r.SignedAt = r.SignedAt.Add(time.Millisecond) },
		"version":    func(r *Report) { r.Version++ },
		"author":     func(r *Report) { r.AuthorID = "" },
	} {
		r := complete()
		change(&r)
		if got, err := Digest(r); err != nil || got == base {
			t.Errorf("%s: the digest stayed (%v)", name, err)
		}
	}
}

func TestCanonicalJSON(t *testing.T) {
	for _, tt := range []struct {
		in   any
		want string
	}{
		{map[string]any{"b": 1, "a": []any{true, nil, "<&>"}}, `{"a":[true,null,"<&>"],"b":1}`},
		{json.RawMessage(`{"z":1.50, "a":{"d":12345678901234567890,"c":"é"}}`), `{"a":{"c":"é","d":12345678901234567890},"z":1.50}`},
		{nil, `null`},
	} {
		got, err := CanonicalJSON(tt.in)
		if err != nil || string(got) != tt.want {
			t.Errorf("got %s, %v, want %s", got, err, tt.want)
		}
	}
	if _, err := CanonicalJSON(func() {}); err == nil {
		t.Error("a function has a canonical form")
	}
}

// Canonical JSON of canonical JSON is itself, and a report read back from it has the same digest.
func TestCanonicalFormIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := complete()
		r.Assessment = rapid.String().Draw(t, "assessment")
		r.Limits = rapid.StringOf(rapid.RuneFrom([]rune("<>&\u2028\u2029\"\\/é汉\x00\x1f"))).Draw(t, "limits")
		r.EffectiveSeconds = rapid.Int64().Draw(t, "seconds")
		r.SignedAt = monday.Add(time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "signed")))
		first, err := CanonicalReport(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := CanonicalJSON(json.RawMessage(first))
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("%s\n%s\n%v", first, again, err)
		}
		var back Report
		if err := json.Unmarshal(first, &back); err != nil {
			t.Fatal(err)
		}
		a, _ := Digest(r)
		if b, err := Digest(back); err != nil || a != b {
			t.Fatalf("%s, then %s, %v", a, b, err)
		}
	})
}

func TestCheckAdoption(t *testing.T) {
	advice := []AdviceItem{{ID: "1"}, {ID: "2"}}
	tests := []struct {
		name  string
		items []AdoptionItem
		want  string
	}{
		{"all adopted", []AdoptionItem{{"2", Adopted, ""}, {"1", Adopted, ""}}, ""},
		{"with reasons", []AdoptionItem{{"1", Partly, "half the dose"}, {"2", Rejected, "allergy"}}, ""},
		{"without a reason", []AdoptionItem{{"1", Partly, ""}, {"2", Rejected, " "}}, CodeAdoptionReason + "," + CodeAdoptionReason},
		{"no decision", []AdoptionItem{{"1", "", ""}, {"2", "MAYBE", "?"}}, CodeAdoptionDecision + "," + CodeAdoptionDecision},
		{"one left out", []AdoptionItem{{"1", Adopted, ""}}, CodeAdoptionUnassessed},
		{"foreign item", []AdoptionItem{{"1", Adopted, ""}, {"2", Adopted, ""}, {"3", Adopted, ""}}, CodeAdoptionItems},
		{"decided twice", []AdoptionItem{{"1", Adopted, ""}, {"1", Adopted, ""}, {"2", Adopted, ""}}, CodeAdoptionItems},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantCode(t, CheckAdoption(advice, tt.items), tt.want)
		})
	}
	wantCode(t, CheckAdoption(nil, nil), "")
	for d, task := range map[AdoptionDecision]bool{Adopted: true, Partly: true, Rejected: false} {
		if got := (AdoptionItem{Decision: d}).NurseTask(); got != task {
			t.Errorf("%s: %v", d, got)
		}
	}
}
