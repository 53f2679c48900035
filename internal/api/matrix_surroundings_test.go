package api_test

import (
	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// surroundingRows are the rows of the matrix for what surrounds a consultation.
func surroundingRows() map[string]row {
	return map[string]row{
		"SendConsentCode":  {object: consultation, body: same(contract.ConsentCodeRequest{SignerKind: "SELF"})},
		"WithdrawConsent":  {object: consent, body: same(contract.ConsentWithdrawal{By: "SELF"})},
		"AddDocument":      {object: consultation, query: "?kind=DOCUMENT&category=LAB", body: func(*site, place) any { return photo() }},
		"GetCareFile":      {object: resident},
		"GetCaseCareFile":  {object: consultation},
		"AddMedication":    {object: resident, body: func(*site, place) any { return medicine("氨氯地平片") }},
		"ChangeMedication": {object: func(p place) uuid.UUID { return p.medication }, body: same(contract.MedicationChange{Act: "STOP", Reason: new("医嘱停药")})},
		"AddAllergy":       {object: resident, body: same(contract.AllergyInput{Kind: "FOOD", Substance: "海鲜", Severity: "MILD"})},
		"EndAllergy":       {object: func(p place) uuid.UUID { return p.allergy }, body: same(contract.ReasonText{Reason: "误记"})},
		"AddAssessment":    {object: resident, body: func(*site, place) any { return assessment() }},
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
	s.Exec(`INSERT INTO allergies (id, resident_id, kind, substance_enc, severity, created_by, created_at) VALUES ($1, $2, 'DRUG', $3, 'SEVERE', $4, $5)`,
		p.allergy, p.resident, s.Keeper.SealText("allergies", "substance_enc", p.allergy, "磺胺"), nurse.UserID, now)
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
