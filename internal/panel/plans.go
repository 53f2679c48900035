package panel

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ListPlanIntervals gives every plan with its interval in the caller's institution and where it comes from.
func (s *Service) ListPlanIntervals(ctx context.Context, a identity.Actor) ([]contract.PlanInterval, error) {
	if err := require(a, roleDoctor, roleNurse, roleAdmin); err != nil {
		return nil, err
	}
	return s.planIntervals(ctx, s.st.Q(), a)
}

func (s *Service) planIntervals(ctx context.Context, q *db.Queries, a identity.Actor) ([]contract.PlanInterval, error) {
	set, err := q.PlanIntervals(ctx, a.Organisations(roleDoctor, roleNurse, roleAdmin))
	if err != nil {
		return nil, fmt.Errorf("intervals: %w", err)
	}
	_, errOwn := ownMedical(a, nil)
	out := []contract.PlanInterval{}
	for _, k := range consult.PlanKinds() {
		v := contract.PlanInterval{Plan: k.Code, Zh: k.ZH, En: k.EN, Days: k.Days, Documented: k.Days, Least: k.Least, Most: k.Most, Source: k.Source, Mark: string(k.Mark),
			Unconfirmed: k.Mark.Unconfirmed(), MayChange: errOwn == nil}
		for _, i := range set {
			if i.Plan == k.Code {
				v.Days, v.Revision = int(i.Days), int(i.Revision)
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// SetPlanInterval sets an interval for all residents of an institution's teams who have none of their own.
func (s *Service) SetPlanInterval(ctx context.Context, a identity.Actor, in contract.PlanIntervalInput) ([]contract.PlanInterval, error) {
	if err := require(a, roleAdmin); err != nil {
		return nil, err
	}
	org, err := ownMedical(a, in.OrganisationId)
	if err != nil {
		return nil, err
	}
	kind, ok := consult.PlanKindByCode(in.Plan)
	var f form
	if !ok {
		f.add("plan", "wrong_value", nil)
	} else {
		f.refuse("days", kind.CheckInterval(in.Days))
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	var out []contract.PlanInterval
	err = s.in(ctx, a, func(ch *change) error {
		n, err := ch.q.PutPlanInterval(ctx, db.PutPlanIntervalParams{OrganisationID: org, Plan: in.Plan, Days: int32(in.Days), UserID: a.UserID, Now: ch.now, Revision: revision32(in.Revision)})
		if err := stale(n, err, "set the interval"); err != nil {
			return err
		}
		if err := audit(ctx, ch.q, a, roleAdmin, "setPlanInterval", "organisation", org); err != nil {
			return err
		}
		out, err = s.planIntervals(ctx, ch.q, a)
		return err
	})
	return out, err
}

// AddCarePlan begins a plan for a resident with a contract in force. One of a kind is active at a time.
func (s *Service) AddCarePlan(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.CarePlanInput) (contract.FamilyCare, error) {
	request := struct {
		ID   uuid.UUID
		Body contract.CarePlanInput
	}{id, in}
	return s.onResident(ctx, a, cmd, id, "addCarePlan", request, func(ch *change, of patient) error {
		if of.inForce == uuid.Nil {
			return conflict("fd_no_contract", nil)
		}
		kind, ok := consult.PlanKindByCode(in.Plan)
		var f form
		if !ok {
			f.add("plan", "wrong_value", nil)
			return f.err()
		}
		begins := dateOf(in.BeginsOn)
		if begins.Before(ch.today.AddDays(-consult.ContactLateDays)) || begins.After(ch.today.AddDays(kind.Most)) {
			f.add("beginsOn", "wrong_value", nil)
		}
		reason := f.text("reason", value(in.Reason), 0, 300)
		p := db.AddCarePlanParams{ID: newID(), ResidentID: id, TeamID: of.team, Plan: in.Plan, BeginsOn: begins.Time(), CreatedBy: a.UserID, Now: ch.now}
		if in.Days != nil {
			f.refuse("days", kind.CheckInterval(*in.Days))
			if reason == "" {
				f.add("reason", "required", nil)
			}
			p.Days, p.ReasonEnc = new(int32(*in.Days)), s.sealText("care_plans", "reason_enc", p.ID, reason)
		}
		if err := f.err(); err != nil {
			return err
		}
		err := ch.q.AddCarePlan(ctx, p)
		if store.Violates(err, "care_plans_one") {
			return conflict("plan_exists", nil)
		}
		if err != nil {
			return fmt.Errorf("begin the plan: %w", err)
		}
		return ch.tell(ctx, of.team, of.home, &id, "plan")
	})
}

// onPlan loads a plan for a change by the team that follows its resident.
func (s *Service) onPlan(ctx context.Context, ch *change, id uuid.UUID) (db.CarePlan, patient, error) {
	p, err := ch.q.LockCarePlan(ctx, id)
	if err := one(err, "the plan"); err != nil {
		return p, patient{}, err
	}
	of, err := s.patient(ctx, ch.q, ch.a, p.ResidentID, ch.today)
	switch {
	case err != nil:
		return p, of, err
	case of.team == uuid.Nil:
		return p, of, problem.Forbidden()
	case p.State != "ACTIVE":
		return p, of, conflict("plan_closed", nil)
	}
	ch.key = id
	return p, of, nil
}

// UpdateCarePlan sets another interval for a resident or closes the plan, each with a reason.
func (s *Service) UpdateCarePlan(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.CarePlanUpdate) (contract.FamilyCare, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.FamilyCare{}, err
	}
	var resident uuid.UUID
	err := s.in(ctx, a, func(ch *change) error {
		p, of, err := s.onPlan(ctx, ch, id)
		if err != nil {
			return err
		}
		resident = p.ResidentID
		var f form
		reason := f.text("reason", in.Reason, 1, 300)
		kind, _ := consult.PlanKindByCode(p.Plan)
		if in.Days != nil {
			f.refuse("days", kind.CheckInterval(*in.Days))
		} else if !value(in.Close) {
			f.add("days", "required", nil)
		}
		if err := f.err(); err != nil {
			return err
		}
		var n int64
		if value(in.Close) {
			n, err = ch.q.CloseCarePlan(ctx, db.CloseCarePlanParams{ID: id, Revision: revision32(in.Revision), ClosedOn: stored(ch.today), ReasonEnc: s.sealText("care_plans", "closed_reason_enc", id, reason), Now: ch.now})
		} else {
			n, err = ch.q.ChangeCarePlan(ctx, db.ChangeCarePlanParams{ID: id, Revision: revision32(in.Revision), Days: new(int32(*in.Days)), ReasonEnc: s.sealText("care_plans", "reason_enc", id, reason), Now: ch.now})
		}
		if err := stale(n, err, "change the plan"); err != nil {
			return err
		}
		if err := audit(ctx, ch.q, a, of.role, "updateCarePlan", "resident", resident); err != nil {
			return err
		}
		return ch.tell(ctx, of.team, of.home, &resident, "plan")
	})
	if err != nil {
		return contract.FamilyCare{}, err
	}
	return s.GetFamilyCare(ctx, a, resident)
}

// NoteContact notes that the resident was seen or called for a plan.
func (s *Service) NoteContact(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.PlanContactInput) (contract.FamilyCare, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.FamilyCare{}, err
	}
	request := struct {
		ID   uuid.UUID
		Body contract.PlanContactInput
	}{id, in}
	resident, err := s.command(ctx, a, cmd, "noteContact", request, func(ch *change) (uuid.UUID, error) {
		p, of, err := s.onPlan(ctx, ch, id)
		if err != nil {
			return id, err
		}
		kind, _ := consult.PlanKindByCode(p.Plan)
		c := consult.PlanContact{On: dateOf(in.HeldOn)}
		if in.NextOn != nil {
			c.Next = dateOf(*in.NextOn)
		}
		var f form
		f.code("kind", consult.VocabContactKind, string(in.Kind))
		f.refuse("heldOn", kind.CheckContact(c, ch.today), func(code string) string {
			if code == consult.CodeContactNext {
				return "nextOn"
			}
			return ""
		})
		note := f.text("note", value(in.Note), 0, 500)
		if err := f.err(); err != nil {
			return id, err
		}
		row := newID()
		if err := ch.q.AddPlanContact(ctx, db.AddPlanContactParams{ID: row, PlanID: id, Kind: string(in.Kind), HeldOn: c.On.Time(), NextOn: stored(c.Next),
			NoteEnc: s.sealText("plan_contacts", "note_enc", row, note), NotedBy: a.UserID, Now: ch.now}); err != nil {
			return id, fmt.Errorf("note the contact: %w", err)
		}
		if err := audit(ctx, ch.q, a, of.role, "noteContact", "resident", p.ResidentID); err != nil {
			return id, err
		}
		return p.ResidentID, ch.tell(ctx, of.team, of.home, &p.ResidentID, "plan")
	})
	if err != nil {
		return contract.FamilyCare{}, err
	}
	return s.GetFamilyCare(ctx, a, resident)
}

// SetRiskMark sets a group by hand, or ends it. The bedside may do so too: it has the papers.
func (s *Service) SetRiskMark(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.RiskMarkInput) (contract.FamilyCare, error) {
	if err := require(a, roleDoctor, roleNurse, roleAttending); err != nil {
		return contract.FamilyCare{}, err
	}
	request := struct {
		ID   uuid.UUID
		Body contract.RiskMarkInput
	}{id, in}
	_, err := s.command(ctx, a, cmd, "setRiskMark", request, func(ch *change) (uuid.UUID, error) {
		of, err := s.patient(ctx, ch.q, a, id, ch.today)
		if err != nil {
			return id, err
		}
		if _, err := ch.q.LockResidentForPanel(ctx, id); err != nil {
			return id, fmt.Errorf("lock the resident: %w", err)
		}
		var f form
		evidence := f.text("evidence", value(in.Evidence), 0, 200)
		if in.Present && in.Code == "HANDICAPPED" && evidence == "" {
			f.add("evidence", "required", nil)
		}
		if err := f.err(); err != nil {
			return id, err
		}
		n, err := ch.q.EndRiskMark(ctx, db.EndRiskMarkParams{ResidentID: id, Code: string(in.Code), EndedOn: stored(ch.today), EndedBy: &a.UserID})
		if err != nil {
			return id, fmt.Errorf("end the mark: %w", err)
		}
		if !in.Present && n == 0 {
			return id, conflict("already_done", nil)
		}
		if in.Present {
			row := newID()
			if err := ch.q.AddRiskMark(ctx, db.AddRiskMarkParams{ID: row, ResidentID: id, Code: string(in.Code), EvidenceEnc: s.sealText("risk_marks", "evidence_enc", row, evidence),
				SetOn: ch.today.Time(), SetBy: a.UserID, Now: ch.now}); err != nil {
				return id, fmt.Errorf("set the mark: %w", err)
			}
		}
		if err := audit(ctx, ch.q, a, of.role, "setRiskMark", "resident", id); err != nil {
			return id, err
		}
		return id, ch.tell(ctx, of.team, of.home, &id, "group")
	})
	if err != nil {
		return contract.FamilyCare{}, err
	}
	return s.GetFamilyCare(ctx, a, id)
}

// patient is how somebody stands to a resident here.
type patient struct {
	row     db.ResidentForPanelRow
	home    uuid.UUID
	team    uuid.UUID // of the caller's, which follows the resident; zero: the bedside
	inForce uuid.UUID // the contract in force, with whatever team
	role    string
}

// patient loads a resident for the team that follows or the bedside; anybody else gets 404.
func (s *Service) patient(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, today consult.Date) (patient, error) {
	row, err := q.ResidentForPanel(ctx, id)
	if err := one(err, "the resident"); err != nil {
		return patient{}, err
	}
	out := patient{row: row, home: row.Resident.OrganisationID}
	teams, err := teamsOf(ctx, q, a)
	if err != nil {
		return out, err
	}
	c, err := q.ContractInForce(ctx, db.ContractInForceParams{ResidentID: id, Day: today.Time()})
	switch {
	case err == nil:
		out.inForce = c.ID
		if slices.Contains(teams, c.TeamID) {
			out.team, out.role = c.TeamID, teamRole(a, c.OrganisationID)
		}
	case !store.IsNone(err):
		return out, fmt.Errorf("contract in force: %w", err)
	default:
		// Nobody's today: the team whose contract ended lately, or which has drawn one up, still sees the resident.
		last, err := q.TeamStillFollowing(ctx, db.TeamStillFollowingParams{ResidentID: id, Teams: teams, Since: today.AddDays(-keptAfter).Time()})
		if err == nil {
			out.team, out.role = last.TeamID, teamRole(a, last.OrganisationID)
		} else if !store.IsNone(err) {
			return out, fmt.Errorf("team: %w", err)
		}
	}
	if out.team == uuid.Nil {
		switch {
		case a.In(out.home, roleAttending):
			out.role = roleAttending
		case a.In(out.home, roleNurse):
			out.role = roleNurse
		default:
			return out, problem.NotFound()
		}
	}
	return out, nil
}

// onResident carries out a command of the team on a resident.
func (s *Service) onResident(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, operation string, request any, do func(ch *change, of patient) error) (contract.FamilyCare, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.FamilyCare{}, err
	}
	_, err := s.command(ctx, a, cmd, operation, request, func(ch *change) (uuid.UUID, error) {
		of, err := s.patient(ctx, ch.q, a, id, ch.today)
		if err != nil {
			return id, err
		}
		if of.team == uuid.Nil {
			return id, problem.Forbidden()
		}
		if _, err := ch.q.LockResidentForPanel(ctx, id); err != nil {
			return id, fmt.Errorf("lock the resident: %w", err)
		}
		if err := do(ch, of); err != nil {
			return id, err
		}
		return id, audit(ctx, ch.q, a, of.role, operation, "resident", id)
	})
	if err != nil {
		return contract.FamilyCare{}, err
	}
	return s.GetFamilyCare(ctx, a, id)
}

// contactsShown is how many contacts the page of a resident lists.
const contactsShown = 30

// GetFamilyCare gives what a family doctor does for a resident; the read is logged.
func (s *Service) GetFamilyCare(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.FamilyCare, error) {
	if err := require(a, roleDoctor, roleNurse, roleAttending); err != nil {
		return contract.FamilyCare{}, err
	}
	var out contract.FamilyCare
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		today := consult.DateOf(now)
		of, err := s.patient(ctx, q, a, id, today)
		if err != nil {
			return err
		}
		if out, err = s.familyCare(ctx, q, a, of, today); err != nil {
			return err
		}
		return audit(ctx, q, a, of.role, "getFamilyCare", "resident", id)
	})
	return out, err
}

func (s *Service) familyCare(ctx context.Context, q *db.Queries, a identity.Actor, of patient, today consult.Date) (contract.FamilyCare, error) {
	r := of.row.Resident
	name, err := s.openText("residents", "name_enc", r.ID, r.NameEnc)
	if err != nil {
		return contract.FamilyCare{}, err
	}
	out := contract.FamilyCare{ResidentId: r.ID, Name: name, Sex: contract.Sex(r.Sex), Age: consult.AgeAt(consult.DateFromTime(r.BirthDate), today), Home: of.row.Home, Bed: r.Bed,
		Conditions: []contract.Term{}, Groups: []contract.RiskGroupView{}, Plans: []contract.CarePlan{}, Suggested: []string{}, Contacts: []contract.PlanContactView{}, Team: of.team != uuid.Nil,
		ContractInForce: of.inForce != uuid.Nil, MayMark: r.LeftOn == nil}
	for _, code := range r.ConditionCodes {
		if c, ok := s.st.Codes().Condition(code); ok {
			out.Conditions = append(out.Conditions, contract.Term{Code: c.Code, Zh: c.ZH, En: c.Label(consult.EN)})
		}
	}
	if out.Contracts, _, _, err = s.contracts(ctx, q, a, nil, &r.ID, today); err != nil {
		return out, err
	}
	facts, err := s.groupsOf(ctx, q, r, today, &out)
	if err != nil {
		return out, err
	}
	f, err := s.follow(ctx, q, []uuid.UUID{r.ID}, true, today)
	if err != nil {
		return out, err
	}
	active := map[string]bool{}
	for _, p := range f.plans {
		v, err := s.planView(f, p, today)
		if err != nil {
			return out, err
		}
		active[p.Plan] = active[p.Plan] || p.State == "ACTIVE"
		out.Plans = append(out.Plans, v)
		for _, c := range f.contacts[p.ID] {
			out.Contacts = append(out.Contacts, contract.PlanContactView{PlanId: p.ID, Plan: p.Plan, Kind: c.kind, HeldOn: day(c.On), NextOn: dayPtr(c.Next), Note: some(c.note), By: some(c.by), ConsultationId: c.consultation})
		}
	}
	slices.SortStableFunc(out.Contacts, func(x, y contract.PlanContactView) int { return y.HeldOn.Compare(x.HeldOn.Time) })
	out.Contacts = out.Contacts[:min(len(out.Contacts), contactsShown)]
	for _, k := range consult.Suggested(facts, today) {
		if !active[k.Code] {
			out.Suggested = append(out.Suggested, k.Code)
		}
	}
	return out, nil
}

// groupsOf lists the groups with where each comes from.
func (s *Service) groupsOf(ctx context.Context, q *db.Queries, r db.Resident, today consult.Date, out *contract.FamilyCare) (consult.RiskFacts, error) {
	facts := consult.RiskFacts{Birth: consult.DateFromTime(r.BirthDate), Conditions: r.ConditionCodes}
	if r.AbilityLevel != nil {
		facts.Ability = new(int(*r.AbilityLevel))
	}
	recorded := facts.Groups(today)
	marks, err := q.RiskMarksOf(ctx, r.ID)
	if err != nil {
		return facts, fmt.Errorf("marks: %w", err)
	}
	for _, m := range marks {
		facts.Marks = append(facts.Marks, consult.RiskGroup(m.Code))
	}
	for _, g := range facts.Groups(today) {
		v := contract.RiskGroupView{Code: string(g), Recorded: slices.Contains(recorded, g)}
		for _, m := range marks {
			if m.Code != string(g) {
				continue
			}
			evidence, err := s.openText("risk_marks", "evidence_enc", m.ID, m.EvidenceEnc)
			if err != nil {
				return facts, err
			}
			v.Marked, v.Evidence, v.SetOn, v.SetBy = new(true), some(strings.TrimSpace(evidence)), dayPtr(consult.DateFromTime(m.SetOn)), some(m.ByName)
		}
		out.Groups = append(out.Groups, v)
	}
	return facts, nil
}
