package api_test

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// surroundingRows are the rows of the matrix for what surrounds a consultation.
func surroundingRows() map[string]row {
	return map[string]row{
		"SendConsentCode":    {object: consultation, body: same(contract.ConsentCodeRequest{SignerKind: "SELF"})},
		"WithdrawConsent":    {object: consent, body: same(contract.ConsentWithdrawal{By: "SELF"})},
		"AddDocument":        {object: consultation, query: "?kind=DOCUMENT&category=LAB", body: func(*site, place) any { return photo() }},
		"GetCareFile":        {object: resident},
		"GetCaseCareFile":    {object: consultation},
		"AddMedication":      {object: resident, body: func(*site, place) any { return medicine("氨氯地平片") }},
		"ChangeMedication":   {object: func(p place) uuid.UUID { return p.medication }, body: same(contract.MedicationChange{Act: "STOP", Reason: new("医嘱停药")})},
		"ListPrescriptions":  {},
		"GetPrescription":    {object: func(p place) uuid.UUID { return p.prescription }},
		"ReviewPrescription": {object: func(p place) uuid.UUID { return p.prescription }, body: same(contract.PrescriptionDecision{Decision: "APPROVE"})},
		"AddAllergy":         {object: resident, body: same(contract.AllergyInput{Kind: "FOOD", Substance: "海鲜", Severity: "MILD"})},
		"EndAllergy":         {object: func(p place) uuid.UUID { return p.allergy }, body: same(contract.ReasonText{Reason: "误记"})},
		"CreateReferral":     {object: func(p place) uuid.UUID { return p.signed.Id }, body: same(contract.ReferralInput{Direction: "UP", Reason: "需要住院"})},
		"ListReferrals":      {},
		"ListReferralPlaces": {query: "?consultationId={signed}"},
		"StepReferral":       {object: func(p place) uuid.UUID { return p.referral }, body: same(contract.ReferralStepInput{Action: "DECLINED_BY_PATIENT"})},
		"RateConsultation":   {object: signed, body: same(contract.RatingInput{Rater: "RESIDENT", Score: 5})},
		"CreateRatingLink":   {object: signed, body: same(contract.EmptyRequest{})},
		"ExchangeRatingLink": {body: same(contract.RatingToken{Token: strings.Repeat("a", 43)})},
		"RateByLink":         {body: same(contract.LinkRating{Ticket: strings.Repeat("a", 43), Score: 5})},
		"ListComplaints":     {},
		"CreateComplaint":    {body: same(contract.ComplaintInput{Complainant: "FAMILY", Category: "WAITING", Content: "等了很久"})},
		"CloseComplaint":     {object: func(p place) uuid.UUID { return p.complaint }, body: same(contract.ComplaintClosing{Resolution: "已解释并致歉", Finding: "FOUNDED"})},
		"GetWorkdays":        {query: "?year=2026"},
		"SetWorkdays":        {body: func(*site, place) any { return workdays() }},
		"ListAdverseEvents":  {},
		"ReportAdverseEvent": {body: same(contract.AdverseEventInput{Type: "FALL", Grade: "III", OccurredAt: caretest.Start(), Description: "床边滑倒"})},
		"ReviewAdverseEvent": {object: func(p place) uuid.UUID { return p.adverse }, body: same(contract.ReasonText{Reason: "加装扶手"})},
		"ListSuspicions":     {},
		"NoteSuspicion": {body: func(_ *site, p place) any {
			return contract.SuspicionInput{ResidentId: p.resident, Signs: []string{"FEVER_COUGH"}}
		}},
		"ResolveSuspicion":   {object: func(p place) uuid.UUID { return p.suspicion }, body: same(contract.SuspicionResolution{State: "REPORTED", Receipt: new("R-1")})},
		"ListQualityReviews": {},
		"SampleReports":      {body: func(*site, place) any { return aSample() }},
		"MarkReport":         {object: func(p place) uuid.UUID { return p.review }, body: same(contract.QualityMarks{Scores: map[string]int{}})},
		"AddAssessment":      {object: resident, body: func(*site, place) any { return assessment() }},
	}
}

// surroundings makes a medicine, an allergy and what else stands around a resident.
func (s *site) surroundings(p *place, nurse identity.Actor) {
	s.t.Helper()
	p.consent, p.medication, p.allergy = uuid.New(), uuid.New(), uuid.New()
	now := s.Clock.Now()
	if err := s.Store.Pool.QueryRow(s.t.Context(), `SELECT id FROM consents WHERE resident_id = $1 ORDER BY signed_at DESC LIMIT 1`, p.resident).Scan(&p.consent); err != nil {
		s.t.Fatal(err)
	}
	s.Exec(`INSERT INTO medications (id, resident_id, source, name_enc, dose_enc, frequency, started_on, created_by, created_at, updated_at)
		VALUES ($1, $2, 'BROUGHT', $3, $4, 'QD', '2026-03-01', $5, $6, $6)`, p.medication, p.resident, s.Keeper.SealText("medications", "name_enc", p.medication, "二甲双胍"),
		s.Keeper.SealText("medications", "dose_enc", p.medication, "0.5 g"), nurse.UserID, now)
	p.prescription = uuid.New()
	s.Exec(`INSERT INTO medications (id, resident_id, source, name_enc, dose_enc, frequency, started_on, rx_number, rx_institution, rx_state, rx_asked_id, created_by, created_at, updated_at)
		VALUES ($1, $2, 'OTHER_HOSPITAL', $3, $4, 'QD', '2026-03-01', 'CF-1', '青城医院', 'ASKED', $5, $6, $7, $7)`, p.prescription, p.resident, s.Keeper.SealText("medications", "name_enc", p.prescription, "氨氯地平片"),
		s.Keeper.SealText("medications", "dose_enc", p.prescription, "5 mg"), p.organisation, nurse.UserID, now)
	s.Exec(`INSERT INTO allergies (id, resident_id, kind, substance_enc, severity, created_by, created_at) VALUES ($1, $2, 'DRUG', $3, 'SEVERE', $4, $5)`,
		p.allergy, p.resident, s.Keeper.SealText("allergies", "substance_enc", p.allergy, "磺胺"), nurse.UserID, now)
	p.referral, p.complaint, p.adverse, p.suspicion, p.review = uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	s.Exec(`INSERT INTO quality_reviews (id, organisation_id, consultation_id, report_id, seed, sampled_by, sampled_at, sheet)
		SELECT $1, $2, consultation_id, id, 1, $3, $4, '1' FROM reports WHERE consultation_id = $5`, p.review, p.organisation, nurse.UserID, now, p.signed.Id)
	s.Exec(`INSERT INTO referrals (id, consultation_id, resident_id, direction, from_org_id, to_org_id, urgency, reason_enc, created_by, created_at, close_due_on, updated_at)
		SELECT $1, id, resident_id, 'UP', inviting_org_id, invited_org_id, 'ROUTINE', $3, $4, $5, '2026-03-20', $5 FROM consultations WHERE id = $2`, p.referral, p.signed.Id,
		s.Keeper.SealText("referrals", "reason_enc", p.referral, "检查"), nurse.UserID, now)
	s.Exec(`INSERT INTO complaints (id, organisation_id, complainant, category, content_enc, received_at, received_by, due_on, calendar_known)
		VALUES ($1, $2, 'FAMILY', 'FEES', $3, $4, $5, '2026-03-17', true)`, p.complaint, p.organisation, s.Keeper.SealText("complaints", "content_enc", p.complaint, "收费"), now, nurse.UserID)
	s.Exec(`INSERT INTO adverse_events (id, organisation_id, type, grade, occurred_at, reported_at, reported_by, description_enc)
		VALUES ($1, $2, 'FALL', 'III', $3, $3, $4, $5)`, p.adverse, p.organisation, now, nurse.UserID, s.Keeper.SealText("adverse_events", "description_enc", p.adverse, "滑倒"))
	s.Exec(`INSERT INTO notifiable_suspicions (id, organisation_id, resident_id, signs, class, suspected_at, due_at, noted_by)
		VALUES ($1, $2, $3, '{FEVER_COUGH}', 'WITHIN_24H', $4, $4, $5)`, p.suspicion, p.organisation, p.resident, now, nurse.UserID)
}

func workdays() contract.WorkdayInput {
	in := contract.WorkdayInput{Year: 2027, Days: []contract.Workday{{Name: "元旦", IsOffDay: true}}}
	in.Days[0].Date.Time = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	return in
}

func aSample() contract.ReportSampleInput {
	in := contract.ReportSampleInput{Count: 1}
	in.From.Time, in.To.Time = caretest.Start().AddDate(0, 0, -1), caretest.Start().AddDate(0, 0, 1)
	return in
}

func medicine(name string) contract.MedicationInput {
	in := contract.MedicationInput{Source: "OWN", Name: name, Dose: "5 mg", Frequency: "QD", Route: "ORAL"}
	in.StartedOn.Time = caretest.Start().AddDate(0, 0, -3)
	return in
}

func assessment() contract.AssessmentInput {
	in := contract.AssessmentInput{Scale: "BARTHEL", Score: new(75)}
	in.AssessedOn.Time = caretest.Start().AddDate(0, 0, -3)
	return in
}
