package api_test

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
)

// reminded are a link of the family of the place's resident, and a family that asked to be called.
type reminded struct{ familyLink, callBack uuid.UUID }

func reminderRows() map[string]row {
	token := strings.Repeat("a", 43)
	rule := contract.ReminderRule{Leads: []contract.ReminderLead{"D1"}, Audiences: []contract.ReminderAudience{"FAMILY"}}
	today := day(2026, 3, 10)
	return map[string]row{
		"OpenFamilyPage":      {body: same(contract.FamilyToken{Token: token})},
		"AnswerFamilyPage":    {body: same(contract.FamilyAnswer{Token: token, Answer: "CONFIRMED", Revision: 1})},
		"RequestFamilyVisit":  {body: same(contract.FamilyVisitRequest{Token: token, Reason: "复查", WantedFrom: today, WantedTo: today})},
		"ListFamilyLinks":     {object: func(p place) uuid.UUID { return p.family.patient }},
		"CreateFamilyLink":    {object: func(p place) uuid.UUID { return p.family.patient }, body: func(_ *site, p place) any { return contract.FamilyLinkInput{Days: 30, OrganisationId: &p.centre} }},
		"RevokeFamilyLink":    {object: func(p place) uuid.UUID { return p.familyLink }},
		"ListReminderLetters": {query: "?from=2026-03-10&to=2026-03-20"},
		"MarkLettersPrinted": {not: "FAMILY_DOCTOR", body: func(_ *site, p place) any {
			return contract.PrintedLetters{Appointments: []uuid.UUID{p.appointment}}
		}},
		"ListCallBacks":       {},
		"CloseCallBack":       {not: "FAMILY_DOCTOR", object: func(p place) uuid.UUID { return p.callBack }},
		"GetReminderSettings": {},
		"SaveReminderSettings": {of: "DISPATCHER", body: func(s *site, p place) any {
			return contract.ReminderSettingsInput{OrganisationId: s.offering(p), Rule: rule, Kinds: []contract.ReminderKindInput{}}
		}},
	}
}

// offering is the organisation that offers the appointments of a place.
func (s *site) offering(p place) (org uuid.UUID) {
	s.t.Helper()
	if err := s.Store.Pool.QueryRow(s.t.Context(), `SELECT organisation_id FROM appointment_kinds WHERE id = $1`, p.kind).Scan(&org); err != nil {
		s.t.Fatal(err)
	}
	return org
}

// reminders makes the link and the answer. It stands on bookings and homeVisits.
func (s *site) reminders(p *place, nurse identity.Actor) {
	s.t.Helper()
	p.reminded = reminded{familyLink: uuid.New(), callBack: uuid.New()}
	now := s.Clock.Now()
	s.Exec(`INSERT INTO family_links (id, resident_id, resident_org_id, organisation_id, token_hash, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.familyLink, p.family.patient, p.organisation, p.centre, notify.TokenHash(p.familyLink.String()), nurse.UserID, now, now.Add(30*24*time.Hour))
	s.Exec(`INSERT INTO appointment_answers (id, appointment_id, revision, side, answer, at) SELECT $1, id, revision, 'FAMILY', 'CALL_BACK', $3 FROM appointments WHERE id = $2`,
		p.callBack, p.appointment, now)
}
