package api_test

import (
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

func roundRows() map[string]row {
	round := func(p place) uuid.UUID { return p.round }
	at := func(s *site) time.Time { return s.Clock.Now().AddDate(0, 0, 3) }
	residents := func(p place) []contract.RoundResident {
		return []contract.RoundResident{{ResidentId: p.resident}}
	}
	return map[string]row{
		"ListRounds":      {query: "?from=2026-03-10&to=2026-03-12"},
		"GetRoundOptions": {},
		"CreateRound": {body: func(s *site, p place) any {
			return contract.RoundInput{OrganisationId: p.organisation, DoctorId: s.Wang.UserID, DepartmentId: s.Departments["02"], StartsAt: at(s), Minutes: 30, Residents: residents(p)}
		}},
		"GetRound": {object: round},
		"UpdateRound": {object: round, body: func(s *site, p place) any {
			return contract.RoundUpdate{Revision: 1, DoctorId: s.Wang.UserID, DepartmentId: s.Departments["02"], StartsAt: at(s), Minutes: 30, Residents: residents(p)}
		}},
		"StepRound": {object: round, body: same(contract.RoundStep{Action: "NEXT"})},
	}
}

// rounds plans a round of the doctor for one resident.
func (s *site) rounds(p *place, nurse, doctor identity.Actor) {
	s.t.Helper()
	p.round = uuid.New()
	now, m := s.Clock.Now(), doctor.Memberships[0]
	resident := s.ResidentOf(p.organisation, "查房老人", "403-1", "FULL")
	s.Exec(`INSERT INTO rounds (id, organisation_id, hospital_id, department_id, doctor_id, starts_at, ends_at, state, created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'PLANNED', $8, $9, $9)`,
		p.round, p.organisation, m.OrganisationID, m.DepartmentID, doctor.UserID, now, now.Add(time.Hour), nurse.UserID, now)
	s.Exec(`INSERT INTO round_entries (id, round_id, position, resident_id, consultation_id) VALUES ($1, $2, 0, $3, $4)`, uuid.New(), p.round, resident, s.Draft(nurse, resident).Id)
}
