package api_test

import (
	"maps"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// family is what a family-doctor team has with the residents of one side: a contract in force, one to be signed, a plan, a recall.
type family struct {
	doctor, admin                       identity.Actor // of the team; of its institution
	team, contract, draft, plan, recall uuid.UUID
	call, patient                       uuid.UUID
}

// panelRows are the rows of the matrix for family doctors.
func panelRows() map[string]row {
	const doctor = "FAMILY_DOCTOR"
	items := func(more map[string]any) map[string]any {
		in := map[string]any{"packages": []string{"BASIC"}, "items": []string{"EHR"}, "startsOn": "2026-03-10", "endsOn": "2027-03-09"}
		maps.Copy(in, more)
		return in
	}
	members := func(p place) []map[string]any {
		return []map[string]any{{"userId": p.family.doctor.UserID, "part": "LEADER"}}
	}
	return map[string]row{
		"ListTeams":  {},
		"CreateTeam": {by: "CENTRE", body: func(_ *site, p place) any { return map[string]any{"name": "第二团队", "members": members(p)} }},
		"UpdateTeam": {by: "CENTRE", object: func(p place) uuid.UUID { return p.family.team }, body: func(_ *site, p place) any {
			return map[string]any{"name": "第一团队", "active": true, "revision": 1, "members": members(p)}
		}},
		"ListCandidates": {of: doctor, query: "?teamId={team}"},
		"ListContracts":  {},
		"CreateContract": {of: doctor, body: func(_ *site, p place) any {
			return items(map[string]any{"residentId": p.resident, "teamId": p.family.team})
		}},
		"GetContract":     {object: func(p place) uuid.UUID { return p.family.contract }},
		"UpdateContract":  {of: doctor, object: func(p place) uuid.UUID { return p.family.draft }, body: same(items(map[string]any{"revision": 1}))},
		"GetContractText": {object: func(p place) uuid.UUID { return p.family.draft }},
		"GetContractFile": {object: func(p place) uuid.UUID { return p.family.contract }},
		"AddContractFile": {of: doctor, object: func(p place) uuid.UUID { return p.family.draft }, body: func(*site, place) any { return photo() }},
		"SignContract": {of: doctor, object: func(p place) uuid.UUID { return p.family.draft }, body: same(contract.FdContractSigning{How: "ELECTRONIC", SignerKind: "SELF",
			SystemNumber: new("X-1"), TextVersion: "2026-01", TextHash: "00", Revision: 1})},
		"RenewContract":     {of: doctor, object: func(p place) uuid.UUID { return p.family.contract }, body: same(contract.EmptyRequest{})},
		"EndContract":       {of: doctor, object: func(p place) uuid.UUID { return p.family.contract }, body: same(contract.FdContractEnd{Revision: 1, Code: new("MOVED")})},
		"GetCoverage":       {},
		"GetPanel":          {},
		"ListPlanIntervals": {},
		"SetPlanInterval":   {by: "CENTRE", body: same(contract.PlanIntervalInput{Plan: "HYPERTENSION", Days: 60})},
		"GetFamilyCare":     {object: func(p place) uuid.UUID { return p.family.patient }},
		"SetRiskMark":       {object: func(p place) uuid.UUID { return p.family.patient }, body: same(contract.RiskMarkInput{Code: "SPECIAL_DIFFICULTY", Present: true})},
		"AddCarePlan":       {of: doctor, object: func(p place) uuid.UUID { return p.family.patient }, body: same(map[string]any{"plan": "DIABETES", "beginsOn": "2026-03-10"})},
		"UpdateCarePlan":    {of: doctor, object: func(p place) uuid.UUID { return p.family.plan }, body: same(contract.CarePlanUpdate{Revision: 1, Days: new(30), Reason: "血压未达标"})},
		"NoteContact":       {of: doctor, object: func(p place) uuid.UUID { return p.family.plan }, body: same(map[string]any{"kind": "PHONE", "heldOn": "2026-03-10"})},
		"ListRecalls":       {},
		"CreateRecall": {of: doctor, body: func(_ *site, p place) any {
			return map[string]any{"teamId": p.family.team, "name": "高血压随访", "dueOn": "2026-03-20", "residents": []map[string]any{{"residentId": p.family.patient}}}
		}},
		"GetRecall":        {of: doctor, object: func(p place) uuid.UUID { return p.family.recall }},
		"NoteCall":         {of: doctor, object: func(p place) uuid.UUID { return p.family.call }, body: same(contract.RecallResult{Result: "REACHED", Revision: 1})},
		"ListCoverageRows": {query: "?kind=Q&day=2026-03-10"},
	}
}

// families makes a team and what it has with the residents of a care institution.
func (s *site) families(p *place, nurse identity.Actor) {
	s.t.Helper()
	centre := s.Organisation("MEDICAL", "B100", "社区卫生服务中心"+nurse.Username)
	f := family{team: uuid.New(), contract: uuid.New(), draft: uuid.New(), plan: uuid.New(), recall: uuid.New(), call: uuid.New()}
	f.doctor, f.admin = s.User("fd."+nurse.Username, "苏医生", "FAMILY_DOCTOR", centre), s.User("fda."+nurse.Username, "中心管理员", "INST_ADMIN", centre)
	s.Agreement(p.organisation, centre, []string{"HOME_VISIT"}, "02")
	f.patient = s.ResidentOf(p.organisation, "签约老人", "401-1", "FULL")
	other := s.ResidentOf(p.organisation, "待签老人", "401-2", "FULL")
	now := caretest.Start()
	s.Exec(`INSERT INTO fd_teams (id, organisation_id, name, created_by, created_at, updated_at) VALUES ($1, $2, '第一团队', $3, $4, $4)`, f.team, centre, f.admin.UserID, now)
	s.Exec(`INSERT INTO fd_team_members (id, team_id, user_id, part, since) VALUES ($1, $2, $3, 'LEADER', $4)`, uuid.New(), f.team, f.doctor.UserID, now)
	s.Exec(`INSERT INTO fd_contracts (id, number, resident_id, team_id, organisation_id, state, packages, items, starts_on, ends_on, ended_on, signed_how, signer_kind, signer_name_enc, attachment_id, text_version, text_hash, text_enc,
			signed_on, signed_at, signed_by, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 'SIGNED', '{BASIC}', '{EHR}', '2026-01-01', '2026-04-30', '2026-05-01', 'DRAWN', 'SELF', $6, $7, '2026-01', '\x00', $8, '2026-01-01', $9, $10, $10, $9, $9)`,
		f.contract, "JY-"+f.contract.String(), f.patient, f.team, centre, s.Keeper.SealText("fd_contracts", "signer_name_enc", f.contract, "签约老人"), p.attachment,
		s.Keeper.SealText("fd_contracts", "text_enc", f.contract, "协议"), now, f.doctor.UserID)
	s.Exec(`INSERT INTO fd_contracts (id, number, resident_id, team_id, organisation_id, state, packages, items, starts_on, ends_on, ended_on, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 'DRAFT', '{BASIC}', '{EHR}', '2026-03-10', '2027-03-09', '2027-03-10', $6, $7, $7)`, f.draft, "JY-"+f.draft.String(), other, f.team, centre, f.doctor.UserID, now)
	s.Exec(`INSERT INTO care_plans (id, resident_id, team_id, plan, begins_on, created_by, created_at, updated_at) VALUES ($1, $2, $3, 'HYPERTENSION', '2026-01-05', $4, $5, $5)`,
		f.plan, f.patient, f.team, f.doctor.UserID, now)
	s.Exec(`INSERT INTO recalls (id, team_id, name, due_on, created_by, created_at) VALUES ($1, $2, '随访', '2026-03-20', $3, $4)`, f.recall, f.team, f.doctor.UserID, now)
	s.Exec(`INSERT INTO recall_calls (id, recall_id, resident_id) VALUES ($1, $2, $3)`, f.call, f.recall, f.patient)
	p.family = f
}
