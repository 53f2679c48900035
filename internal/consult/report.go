package consult

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Certainty is how sure a diagnosis is: CONFIRMED, PROBABLE, SUSPECTED.
type Certainty string

// Diagnosis is an impression. Code is ICD-10 or empty for one that the list lacks.
type Diagnosis struct {
	Code      string    `json:"code"`
	Text      string    `json:"text"`
	Certainty Certainty `json:"certainty"`
}

// AdviceKind sorts advice: DRUG, NON_DRUG, NURSING, REHAB, TEST.
type AdviceKind string

// The kinds of advice.
const (
	AdviceDrug    AdviceKind = "DRUG"
	AdviceNonDrug AdviceKind = "NON_DRUG"
	AdviceNursing AdviceKind = "NURSING"
	AdviceRehab   AdviceKind = "REHAB"
	AdviceTest    AdviceKind = "TEST"
)

// AdviceItem is one thing the invited doctor advises (建议). It is no order until the attending doctor adopts it.
type AdviceItem struct {
	ID   string     `json:"id"`
	Kind AdviceKind `json:"kind"`
	Text string     `json:"text"` // of a drug its name
	AdviceDetail
}

// AdviceDetail says how an item is to be carried out; each part may be empty. A dose and a route are of drugs only.
type AdviceDetail struct {
	Dose      string `json:"dose,omitempty"`      // with its unit, as one says it: 5 mg, 半片
	Route     string `json:"route,omitempty"`     // code of VocabMedRoute
	Frequency string `json:"frequency,omitempty"` // code of VocabMedFrequency
	Days      int    `json:"days,omitempty"`      // for how long; 0: until it is changed
}

// Said is the item without its id: what is read aloud, so that two items that say the same compare equal.
func (a AdviceItem) Said() AdviceItem {
	a.ID = ""
	return a
}

// ReferralAdvice is what the opinion says of another place to go to (转诊建议), and how urgent that is.
type ReferralAdvice struct {
	Destination string `json:"destination"`    // code of VocabDestination
	Within      string `json:"within"`         // code of VocabGoWithin
	Note        string `json:"note,omitempty"` // which institution and department, and why
}

// Report is what the invited doctor signs: the opinion (诊疗意见报告).
type Report struct {
	ConsultationID string      `json:"consultation_id"`
	Version        int         `json:"version"` // 1 for the first; a correction is a new version
	Service        ServiceType `json:"service"`
	// Examined says what was examined over the distance, as codes of VocabRemoteExam, and Examination what was found.
	Examined    []string        `json:"examined,omitempty"`
	Examination string          `json:"examination,omitempty"`
	Assessment  string          `json:"assessment"`
	Diagnoses   []Diagnosis     `json:"diagnoses"`
	Advice      []AdviceItem    `json:"advice"`
	Outcome     Outcome         `json:"outcome"`
	Referral    *ReferralAdvice `json:"referral,omitempty"`
	FollowUp    Date            `json:"follow_up"` // zero: none needed, where the outcome allows it
	// Limits says what could not be examined over video.
	Limits           string    `json:"limits"`
	AuthorID         string    `json:"author_id"`
	StartedAt        time.Time `json:"started_at"`
	EndedAt          time.Time `json:"ended_at"`
	EffectiveSeconds int64     `json:"effective_seconds"`
	SignedAt         time.Time `json:"signed_at"`
	// CorrectionReason says why there is another version.
	CorrectionReason string `json:"correction_reason,omitempty"`
}

// Gap is something that is missing before a report can be signed. Index points into diagnoses or advice, -1 otherwise.
type Gap struct {
	Code  string `json:"code"` // in the vocabulary "report_gap"
	Index int    `json:"index"`
}

// The gaps.
const (
	GapExamination        = "EXAMINATION"
	GapExaminationCode    = "EXAMINATION_CODE"
	GapAssessment         = "ASSESSMENT"
	GapDiagnosis          = "DIAGNOSIS"
	GapDiagnosisCode      = "DIAGNOSIS_CODE"
	GapDiagnosisText      = "DIAGNOSIS_TEXT"
	GapDiagnosisCertainty = "DIAGNOSIS_CERTAINTY"
	GapDiagnosisGuidance  = "DIAGNOSIS_IN_GUIDANCE"
	GapAdvice             = "ADVICE"
	GapAdviceKind         = "ADVICE_KIND"
	GapAdviceText         = "ADVICE_TEXT"
	GapAdviceDrug         = "ADVICE_DRUG_IN_GUIDANCE"
	GapAdviceHow          = "ADVICE_HOW"
	GapOutcome            = "OUTCOME"
	GapReferral           = "REFERRAL"
	GapReferralUrgency    = "REFERRAL_URGENCY"
	GapFollowUp           = "FOLLOW_UP"
	GapFollowUpPast       = "FOLLOW_UP_PAST"
	GapLimits             = "LIMITS"
	GapCorrectionReason   = "CORRECTION_REASON"
)

// Gaps lists what blocks signing on a day, in the order of the form. A consultation needs a diagnosis unless the outcome is
// one without (NO_DIAGNOSIS, UNSUITABLE, DIED_BEFORE); guidance without an attending doctor must not hold a diagnosis or
// advice on drugs. Advice is needed unless nothing is to be done; a follow-up date unless the resident goes elsewhere, and then
// where to and by when. What was examined is said unless nobody was seen.
func Gaps(codes *Codes, r Report, today Date) []Gap {
	var gaps []Gap
	add := func(code string, index int) { gaps = append(gaps, Gap{code, index}) }
	guidance := r.Service == RehabCareGuide || r.Service == HealthAdvice

	if len(r.Examined) == 0 && isBlank(r.Examination) && !outcomeWithoutExamination(r.Outcome) {
		add(GapExamination, -1)
	}
	for _, code := range r.Examined {
		if _, ok := Lookup(VocabRemoteExam, code); !ok {
			add(GapExaminationCode, -1)
			break
		}
	}
	if isBlank(r.Assessment) {
		add(GapAssessment, -1)
	}
	if len(r.Diagnoses) == 0 && !guidance && !outcomeWithoutDiagnosis(r.Outcome) {
		add(GapDiagnosis, -1)
	}
	for i, d := range r.Diagnoses {
		if guidance {
			add(GapDiagnosisGuidance, i)
		}
		if d.Code != "" {
			if !codes.Current(VocabCondition, d.Code) {
				add(GapDiagnosisCode, i)
			}
		}
		if isBlank(d.Text) {
			add(GapDiagnosisText, i)
		}
		if _, ok := Lookup(VocabCertainty, string(d.Certainty)); !ok {
			add(GapDiagnosisCertainty, i)
		}
	}
	if len(r.Advice) == 0 && !outcomeWithoutAdvice(r.Outcome) {
		add(GapAdvice, -1)
	}
	for i, a := range r.Advice {
		if _, ok := Lookup(VocabAdviceKind, string(a.Kind)); !ok {
			add(GapAdviceKind, i)
		}
		if isBlank(a.Text) {
			add(GapAdviceText, i)
		}
		if guidance && a.Kind == AdviceDrug {
			add(GapAdviceDrug, i)
		}
		if a.check(a.Kind) != nil {
			add(GapAdviceHow, i)
		}
	}
	if !r.Outcome.Valid() {
		add(GapOutcome, -1)
	}
	switch {
	case r.Referral == nil:
		if needsReferral(r.Outcome) {
			add(GapReferral, -1)
		}
	default:
		if _, ok := Lookup(VocabDestination, r.Referral.Destination); !ok {
			add(GapReferral, -1)
		}
		if _, ok := Lookup(VocabGoWithin, r.Referral.Within); !ok {
			add(GapReferralUrgency, -1)
		}
	}
	switch {
	case r.FollowUp.IsZero():
		if needsFollowUp(r.Outcome) {
			add(GapFollowUp, -1)
		}
	case r.FollowUp.Before(today):
		add(GapFollowUpPast, -1)
	}
	if isBlank(r.Limits) {
		add(GapLimits, -1)
	}
	if r.Version > 1 && isBlank(r.CorrectionReason) {
		add(GapCorrectionReason, -1)
	}
	return gaps
}

// CheckReport refuses to sign an incomplete report (report_incomplete with the number of gaps).
func CheckReport(codes *Codes, r Report, today Date) error {
	if gaps := Gaps(codes, r, today); len(gaps) > 0 {
		return refuse(CodeReportGaps, "count", strconv.Itoa(len(gaps)))
	}
	return nil
}

func outcomeWithoutDiagnosis(o Outcome) bool {
	return slices.Contains([]Outcome{"NO_DIAGNOSIS", "UNSUITABLE", "DIED_BEFORE"}, o)
}

func outcomeWithoutExamination(o Outcome) bool {
	return slices.Contains([]Outcome{"UNSUITABLE", "DIED_BEFORE", "EMERGENCY"}, o)
}

// needsReferral: the resident is sent on, so that the nurse must know where to and by when. Who was turned over to the emergency
// service is on the way already.
func needsReferral(o Outcome) bool { return o == "REFER_UP" || o == "FACE_TO_FACE" }

// MaxAdviceDays is for how long an item can be advised; what lasts longer is seen again before.
const MaxAdviceDays = 365

// CheckAdviceHow refuses an item whose way of carrying out cannot be (advice_how, unknown_code).
func CheckAdviceHow(a AdviceItem) error { return a.check(a.Kind) }

// check refuses a route or frequency that its list lacks, a number of days beyond reason, and a dose or a route of what is no drug.
func (d AdviceDetail) check(kind AdviceKind) error {
	if d.Route != "" {
		if err := CheckCode(VocabMedRoute, d.Route); err != nil {
			return err
		}
	}
	if d.Frequency != "" {
		if err := CheckCode(VocabMedFrequency, d.Frequency); err != nil {
			return err
		}
	}
	if d.Days < 0 || d.Days > MaxAdviceDays || kind != AdviceDrug && (d.Dose != "" || d.Route != "") {
		return refuse(CodeAdviceHow)
	}
	return nil
}

func outcomeWithoutAdvice(o Outcome) bool {
	return slices.Contains([]Outcome{"CONTINUE", "UNSUITABLE", "DIED_BEFORE", "EMERGENCY"}, o)
}

// needsFollowUp: the resident stays in care here and something was started, changed or is to be watched.
func needsFollowUp(o Outcome) bool {
	return slices.Contains([]Outcome{"ADJUST", "TEST_ADVISED", "NEW_RX", "NURSING_PLAN", "REHAB_PLAN", "PALLIATIVE", "OBSERVE", "NO_DIAGNOSIS"}, o)
}

// CanonicalReport is the form of a report over which it is signed: JSON with the keys of every object in byte order, no
// insignificant space, no HTML escaping, times in UTC to the millisecond, absent lists as []. The same report gives the
// same bytes on every node.
func CanonicalReport(r Report) ([]byte, error) {
	r.StartedAt, r.EndedAt, r.SignedAt = canonicalTime(r.StartedAt), canonicalTime(r.EndedAt), canonicalTime(r.SignedAt)
	if r.Diagnoses == nil {
		r.Diagnoses = []Diagnosis{}
	}
	if r.Advice == nil {
		r.Advice = []AdviceItem{}
	}
	return CanonicalJSON(r)
}

func canonicalTime(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Digest is the SHA-256 of the canonical form, hex.
func Digest(r Report) (string, error) {
	b, err := CanonicalReport(r)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// CanonicalJSON encodes any value with sorted keys, no insignificant space and no HTML escaping. Numbers keep the form that
// encoding/json gives them.
func CanonicalJSON(v any) ([]byte, error) {
	b, err := encodePlain(v)
	if err != nil {
		return nil, err
	}
	// Decoding into maps and encoding again sorts the keys; UseNumber keeps every digit.
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	return encodePlain(tree)
}

func encodePlain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// AdoptionDecision is what the attending doctor does with one item of advice.
type AdoptionDecision string

// The decisions.
const (
	Adopted  AdoptionDecision = "ADOPTED"
	Partly   AdoptionDecision = "PARTLY"
	Rejected AdoptionDecision = "REJECTED"
)

// AdoptionItem is the decision on one item. PARTLY and REJECTED need a reason.
type AdoptionItem struct {
	AdviceID string           `json:"advice_id"`
	Decision AdoptionDecision `json:"decision"`
	Reason   string           `json:"reason"`
}

// CheckAdoptionItem refuses an unknown decision (adoption_decision) and a missing reason (adoption_reason).
func CheckAdoptionItem(i AdoptionItem) error {
	switch i.Decision {
	case Adopted:
		return nil
	case Partly, Rejected:
		if isBlank(i.Reason) {
			return refuse(CodeAdoptionReason)
		}
		return nil
	}
	return refuse(CodeAdoptionDecision)
}

// CheckAdoption judges a whole adoption record: every item of advice decided exactly once, no foreign item. The error joins
// every refusal, see Refusals.
func CheckAdoption(advice []AdviceItem, items []AdoptionItem) error {
	var errs []error
	decided := make(map[string]int, len(items))
	for _, i := range items {
		decided[i.AdviceID]++
		if err := CheckAdoptionItem(i); err != nil {
			errs = append(errs, err)
		}
	}
	missing := 0
	for _, a := range advice {
		if decided[a.ID] == 0 {
			missing++
		}
		if decided[a.ID] == 1 {
			delete(decided, a.ID)
		}
	}
	if missing > 0 {
		errs = append(errs, refuse(CodeAdoptionUnassessed, "count", strconv.Itoa(missing)))
	}
	if len(decided) > 0 {
		errs = append(errs, refuse(CodeAdoptionItems))
	}
	return errors.Join(errs...)
}

// CheckAdoptedDiagnoses refuses a final diagnosis (最终诊断) of the inviting side without words, with a code that the list lacks or
// without its certainty (adoption_diagnosis). None at all is allowed: then the diagnoses of the opinion stand.
func CheckAdoptedDiagnoses(codes *Codes, diagnoses []Diagnosis) error {
	for _, d := range diagnoses {
		if d.Code != "" {
			if _, ok := codes.Condition(d.Code); !ok { // one that was retired since the opinion was signed may stand
				return refuse(CodeAdoptionDiagnosis)
			}
		}
		if _, ok := Lookup(VocabCertainty, string(d.Certainty)); !ok || isBlank(d.Text) {
			return refuse(CodeAdoptionDiagnosis)
		}
	}
	return nil
}

// NurseTask tells whether the item becomes the nurse's task.
func (i AdoptionItem) NurseTask() bool { return i.Decision == Adopted || i.Decision == Partly }
