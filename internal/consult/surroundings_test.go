package consult

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestConsentByOtherMethods(t *testing.T) {
	for _, tt := range []struct {
		name    string
		method  ConsentMethod
		change  func(*Consent)
		refused string
	}{
		{"code not repeated", MethodSMS, func(*Consent) {}, CodeConsentCode},
		{"code repeated", MethodSMS, func(c *Consent) { c.CodeConfirmed = true }, ""},
		{"paper without its scan", MethodPaper, func(*Consent) {}, CodeConsentEvidence},
		{"paper with its scan", MethodPaper, func(c *Consent) { c.Evidence = true }, ""},
		{"voice without a second witness", MethodVoiceVideo, func(c *Consent) { c.Witnessed, c.Evidence = true, true }, CodeConsentSecondWitness},
		{"voice without the recording", MethodVoiceVideo, func(c *Consent) { c.Witnessed, c.SecondWitness = true, true }, CodeConsentEvidence},
		{"voice with both", MethodVoiceVideo, func(c *Consent) { c.Witnessed, c.SecondWitness, c.Evidence = true, true, true }, ""},
	} {
		c := signed()
		c.Method = tt.method
		tt.change(&c)
		t.Run(tt.name, func(t *testing.T) { wantCode(t, CheckConsent(c, Routine, monday), tt.refused) })
	}
}

func TestWhoMayWithdraw(t *testing.T) {
	guardian := func(r Relation) Consent { return Consent{Signer: SignerGuardian, Relation: r} }
	for _, tt := range []struct {
		name    string
		w       Withdrawal
		refused string
	}{
		{"the resident", Withdrawal{Given: Consent{Signer: SignerSelf}, Capacity: CapacityFull, By: SignerSelf}, ""},
		{"the resident, what a relative signed", Withdrawal{Given: Consent{Signer: SignerRelative}, Capacity: CapacityFull, By: SignerSelf}, ""},
		{"the resident without capacity", Withdrawal{Given: guardian(RelationSpouse), Capacity: CapacityNone, By: SignerSelf}, CodeConsentCapacity},
		{"the guardian who signed", Withdrawal{Given: guardian(RelationChild), Capacity: CapacityNone, By: SignerGuardian, Relation: RelationChild}, ""},
		{"a closer guardian", Withdrawal{Given: guardian(RelationChild), Capacity: CapacityLimited, By: SignerGuardian, Relation: RelationSpouse}, ""},
		{"a guardian further away", Withdrawal{Given: guardian(RelationSpouse), Capacity: CapacityNone, By: SignerGuardian, Relation: RelationChild}, CodeConsentWithdrawalRank},
		{"a guardian of what the resident signed before", Withdrawal{Given: Consent{Signer: SignerSelf}, Capacity: CapacityNone, By: SignerGuardian, Relation: RelationSibling}, ""},
		{"a guardian of somebody capable", Withdrawal{Given: Consent{Signer: SignerSelf}, Capacity: CapacityFull, By: SignerGuardian, Relation: RelationSpouse}, CodeConsentGuardianless},
		{"a guardian without a relation", Withdrawal{Given: guardian(RelationSpouse), Capacity: CapacityNone, By: SignerGuardian}, CodeConsentRelation},
		{"a relative who did not sign", Withdrawal{Given: Consent{Signer: SignerSelf}, Capacity: CapacityFull, By: SignerRelative, Relation: RelationChild}, CodeConsentCapacity},
		{"a relative in place of the resident", Withdrawal{Given: Consent{Signer: SignerRelative, Relation: RelationChild}, Capacity: CapacityFull, By: SignerRelative, Relation: RelationChild}, ""},
		{"staff", Withdrawal{Given: guardian(RelationSpouse), Capacity: CapacityNone, By: SignerGuardian, Relation: RelationSpouse, ByStaff: true}, CodeConsentStaff},
		{"an emergency approval", Withdrawal{Given: Consent{Signer: SignerEmergency}, Capacity: CapacityFull, By: SignerSelf}, CodeConsentNoWithdrawal},
		{"nobody", Withdrawal{Given: Consent{Signer: SignerSelf}, Capacity: CapacityFull}, CodeUnknownCode},
	} {
		t.Run(tt.name, func(t *testing.T) { wantCode(t, CheckWithdrawal(tt.w), tt.refused) })
	}
}

func TestMatchAllergies(t *testing.T) {
	for _, tt := range []struct {
		medicine, allergy string
		want              AllergyGrade
	}{
		{"青霉素V钾片", "青霉素", AllergySame},
		{"阿莫西林胶囊", "青霉素过敏", AllergyClass},
		{"阿莫西林胶囊", "青霉素类", AllergyClass},
		{"头孢克肟分散片", "青霉素", AllergyCross},
		{"注射用哌拉西林", "头孢", AllergyCross},
		{"Amoxicillin 500 mg", "Penicillin", AllergyClass},
		{"复方新诺明片", "对磺胺过敏", AllergyClass},
		{"阿司匹林肠溶片", "布洛芬", AllergyClass},
		{"左氧氟沙星", "环丙沙星", AllergyClass},
		{"苯磺酸氨氯地平片", "青霉素", ""},
		{"二甲双胍", "海鲜", ""},
		{"阿莫西林", "", ""},
	} {
		got := AllergyGrade("")
		if m := MatchAllergies(tt.medicine, []string{tt.allergy}); len(m) > 0 {
			got = m[0].Grade
		}
		if got != tt.want {
			t.Errorf("%s with %q: %q, want %q", tt.medicine, tt.allergy, got, tt.want)
		}
	}
	if got := SplitAllergies("青霉素、海鲜；无; 否认药物过敏史，花粉"); !slices.Equal(got, []string{"青霉素", "海鲜", "花粉"}) {
		t.Errorf("%q", got)
	}
	if got := SplitAllergies("无"); got != nil {
		t.Errorf("%q", got)
	}
}

func TestCheckPrescription(t *testing.T) {
	whole := PrescriptionRef{Number: "RX1", Institution: "青城医院", Pharmacist: "赵药师", ReviewedAt: monday}
	with := func(change func(*PrescriptionRef)) PrescriptionRef { p := whole; change(&p); return p }
	for name, tt := range map[string]struct {
		p       PrescriptionRef
		refused string
	}{
		"none":                   {PrescriptionRef{}, ""},
		"whole":                  {whole, ""},
		"four weeks":             {with(func(p *PrescriptionRef) { p.SupplyWeeks = 4 }), ""},
		"five weeks":             {with(func(p *PrescriptionRef) { p.SupplyWeeks = 5 }), CodeSupplyAssessment},
		"twelve weeks, assessed": {with(func(p *PrescriptionRef) { p.SupplyWeeks, p.Assessed = 12, true }), ""},
		"thirteen weeks":         {with(func(p *PrescriptionRef) { p.SupplyWeeks, p.Assessed = 13, true }), CodeSupplyTooLong},
		"not reviewed":           {with(func(p *PrescriptionRef) { p.ReviewedAt = time.Time{} }), CodeRxReview},
		"reviewed tomorrow":      {with(func(p *PrescriptionRef) { p.ReviewedAt = monday.AddDate(0, 0, 1) }), CodeRxReview},
		"a pharmacist is asked":  {with(func(p *PrescriptionRef) { p.Pharmacist, p.ReviewedAt, p.Asked = "", time.Time{}, true }), ""},
		"asked without a number": {PrescriptionRef{Institution: "青城医院", Asked: true}, CodeRxReview},
		"no pharmacist":          {with(func(p *PrescriptionRef) { p.Pharmacist = " " }), CodeRxReview},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, CheckPrescription(tt.p, monday), tt.refused) })
	}
}

func TestReferralSteps(t *testing.T) {
	sends, receives := ReferralSide{Sends: true}, ReferralSide{Receives: true}
	for _, tt := range []struct {
		from    ReferralState
		act     ReferralAction
		side    ReferralSide
		words   string
		to      ReferralState
		refused string
	}{
		{ReferralRequested, ReferralAccept, receives, "", ReferralAccepted, ""},
		{ReferralRequested, ReferralAccept, sends, "", "", CodeReferralSide},
		{ReferralRequested, ReferralRefuse, receives, "", "", CodeReasonRequired},
		{ReferralRequested, ReferralRefuse, receives, "无床", ReferralRefused, ""},
		{ReferralRequested, ReferralDeclined, sends, "", ReferralRefused, ""},
		{ReferralAccepted, ReferralArrive, receives, "", ReferralArrived, ""},
		{ReferralAccepted, ReferralClose, receives, "好转", "", CodeReferralStep},
		{ReferralArrived, ReferralClose, receives, "", "", CodeReasonRequired},
		{ReferralArrived, ReferralClose, receives, "好转", ReferralClosed, ""},
		{ReferralArrived, ReferralReturn, receives, "", "", CodeReferralSide},
		{ReferralClosed, ReferralReturn, sends, "", ReferralReturned, ""},
		{ReferralReturned, ReferralReturn, sends, "", "", CodeReferralStep},
		{ReferralRefused, ReferralAccept, receives, "", "", CodeReferralStep},
	} {
		got, err := ReferralStep(tt.from, tt.act, tt.side, tt.words)
		wantCode(t, err, tt.refused)
		if err == nil && got != tt.to {
			t.Errorf("%s from %s: %s", tt.act, tt.from, got)
		}
	}
	// What is offered as an action is what the step takes, whoever asks.
	rapid.Check(t, func(t *rapid.T) {
		side := ReferralSide{rapid.Bool().Draw(t, "sends"), rapid.Bool().Draw(t, "receives")}
		from := rapid.SampledFrom([]ReferralState{ReferralRequested, ReferralAccepted, ReferralRefused, ReferralArrived, ReferralClosed, ReferralReturned}).Draw(t, "from")
		offered := ReferralActions(from, side, true)
		for _, term := range Terms(VocabReferralAction) {
			act := ReferralAction(term.Code)
			if _, err := ReferralStep(from, act, side, "words"); (err == nil) != slices.Contains(offered, act) {
				t.Fatalf("%s from %s as %+v: %v, offered %v", act, from, side, err, offered)
			}
		}
	})
}

func TestComplaintDue(t *testing.T) {
	// The first of October 2026 begins seven days off; 20 September and 10 October are worked.
	w := Workdays{Years: map[int]bool{2026: true}, Off: map[Date]bool{{2026, 9, 20}: false, {2026, 10, 10}: false}}
	for day := 1; day <= 7; day++ {
		w.Off[Date{2026, 10, day}] = true
	}
	for _, tt := range []struct {
		received string
		several  bool
		due      Date
		known    bool
	}{
		{"2026-03-09T09:00:00+08:00", false, Date{2026, 3, 16}, true},
		{"2026-09-18T23:30:00+08:00", false, Date{2026, 9, 24}, true},  // Friday: the Sunday after it is worked
		{"2026-09-30T10:00:00+08:00", false, Date{2026, 10, 13}, true}, // the Saturday of the 10th is worked
		{"2026-09-28T10:00:00+08:00", true, Date{2026, 10, 16}, true},
		{"2026-12-30T10:00:00+08:00", false, Date{2027, 1, 6}, false}, // nobody has said yet what 2027 is like
	} {
		at, err := time.Parse(time.RFC3339, tt.received)
		if err != nil {
			t.Fatal(err)
		}
		if due, known := w.ComplaintDue(at, tt.several); due != tt.due || known != tt.known {
			t.Errorf("%s: %s %v, want %s %v", tt.received, due, known, tt.due, tt.known)
		}
	}
}

func TestScreen(t *testing.T) {
	for _, tt := range []struct {
		signs   []string
		want    Suspicion
		refused string
	}{
		{[]string{"FEVER_COUGH"}, Within24Hours, ""},
		{[]string{"FEVER_COUGH", "OUTBREAK"}, Within2Hours, ""},
		{nil, "", CodeSignsNeeded},
		{[]string{"COLD"}, "", CodeUnknownCode},
	} {
		got, err := Screen(tt.signs)
		wantCode(t, err, tt.refused)
		if got != tt.want {
			t.Errorf("%v: %s", tt.signs, got)
		}
	}
	if Within2Hours.Within() != 2*time.Hour || Within24Hours.Within() != 24*time.Hour {
		t.Error("the clocks")
	}
	for _, s := range InfectionSigns() {
		if s.Class != Within2Hours && s.Class != Within24Hours {
			t.Errorf("%+v", s)
		}
	}
}

func TestAssess(t *testing.T) {
	n := func(i int) *int { return &i }
	for _, tt := range []struct {
		scale   string
		score   *int
		chosen  string
		want    string
		refused string
	}{
		{"BARTHEL", n(100), "", "INDEPENDENT", ""},
		{"BARTHEL", n(99), "", "MILD", ""},
		{"BARTHEL", n(60), "", "MODERATE", ""},
		{"BARTHEL", n(40), "", "SEVERE", ""},
		{"BARTHEL", n(101), "", "", CodeScoreRange},
		{"BARTHEL", nil, "", "", CodeScoreMissing},
		{"BRADEN", n(12), "", "HIGH", ""},
		{"BRADEN", n(13), "", "MEDIUM", ""},
		{"BRADEN", n(18), "", "LOW", ""},
		{"BRADEN", n(19), "", "NONE", ""},
		{"BRADEN", n(5), "", "", CodeScoreRange},
		{"MORSE", n(24), "", "NONE", ""},
		{"MORSE", n(25), "", "LOW", ""},
		{"MORSE", n(45), "", "HIGH", ""},
		{"FALL", nil, "HIGH", "HIGH", ""},
		{"FALL", nil, "SOME", "", CodeUnknownCode},
		{"LUCK", nil, "HIGH", "", CodeUnknownCode},
	} {
		got, err := Assess(tt.scale, tt.score, tt.chosen)
		wantCode(t, err, tt.refused)
		if got != tt.want {
			t.Errorf("%s %v: %s", tt.scale, tt.score, got)
		}
	}
	day := Date{2025, 3, 10}
	if AssessmentOld(day, Date{2026, 3, 10}) || !AssessmentOld(day, Date{2026, 3, 11}) {
		t.Error("a year to the day is not old")
	}
}

func TestMark(t *testing.T) {
	full := map[string]int{}
	sum := 0
	for _, item := range QualityItems() {
		full[item.Code] = item.Points
		sum += item.Points
	}
	if sum != 100 {
		t.Fatalf("the sheet has %d points", sum)
	}
	if total, passed, err := Mark(full); total != 100 || !passed || err != nil {
		t.Error(total, passed, err)
	}
	full["ASSESSMENT"] = -1
	_, _, err := Mark(full)
	wantCode(t, err, CodeScoreRange)
	full["ASSESSMENT"] = 0
	if total, passed, err := Mark(full); total != 80 || !passed || err != nil {
		t.Error(total, passed, err)
	}
	full["TIMELINESS"] = 4
	if _, passed, _ := Mark(full); passed {
		t.Error("79 points passed")
	}
	delete(full, "TIMELINESS")
	_, _, err = Mark(full)
	wantCode(t, err, CodeSheetIncomplete)
	full["TIMELINESS"], full["CHARM"] = 5, 1
	_, _, err = Mark(full)
	wantCode(t, err, CodeUnknownCode)
}
