package panel

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const (
	// keptAfter is how many days after the end of a contract a resident still stands in the panel, to be renewed.
	keptAfter = 90
	// lookBack is how far back consultations and visits are looked for: longer than any interval.
	lookBack = 800
)

// contact is one contact of a plan, wherever it is kept.
type contact struct {
	consult.PlanContact
	kind, by, note string
	consultation   *uuid.UUID
}

// followed are the plans of some residents with their contacts, newest first.
type followed struct {
	plans     []db.CarePlansOfRow
	contacts  map[uuid.UUID][]contact // by plan
	intervals map[uuid.UUID]map[string]int
}

// follow reads plans and contacts.
func (s *Service) follow(ctx context.Context, q *db.Queries, residents []uuid.UUID, closed bool, today consult.Date) (followed, error) {
	out := followed{contacts: map[uuid.UUID][]contact{}, intervals: map[uuid.UUID]map[string]int{}}
	var err error
	if out.plans, err = q.CarePlansOf(ctx, db.CarePlansOfParams{Residents: residents, Closed: closed}); err != nil {
		return out, fmt.Errorf("plans: %w", err)
	}
	if len(out.plans) == 0 {
		return out, nil
	}
	var ids, teams []uuid.UUID
	for _, p := range out.plans {
		ids = append(ids, p.ID)
		if !slices.Contains(teams, p.TeamID) {
			teams = append(teams, p.TeamID)
		}
	}
	intervals, err := q.IntervalsOfTeams(ctx, teams)
	if err != nil {
		return out, fmt.Errorf("intervals: %w", err)
	}
	for _, i := range intervals {
		if out.intervals[i.TeamID] == nil {
			out.intervals[i.TeamID] = map[string]int{}
		}
		out.intervals[i.TeamID][i.Plan] = int(i.Days)
	}
	noted, err := q.NotedContacts(ctx, ids)
	if err != nil {
		return out, fmt.Errorf("contacts: %w", err)
	}
	for _, c := range noted {
		note, err := s.openText("plan_contacts", "note_enc", c.ID, c.NoteEnc)
		if err != nil {
			return out, err
		}
		out.contacts[c.PlanID] = append(out.contacts[c.PlanID], contact{PlanContact: consult.PlanContact{On: consult.DateFromTime(c.HeldOn), Next: dated(c.NextOn)}, kind: c.Kind, by: c.ByName, note: note})
	}
	if err := out.elsewhere(ctx, q, residents, today); err != nil {
		return out, err
	}
	for id, list := range out.contacts {
		slices.SortStableFunc(list, func(x, y contact) int {
			if x.On == y.On {
				return 0
			}
			if x.On.After(y.On) {
				return -1
			}
			return 1
		})
		out.contacts[id] = list
	}
	return out, nil
}

// elsewhere adds the contacts that consultations and visits are.
func (f *followed) elsewhere(ctx context.Context, q *db.Queries, residents []uuid.UUID, today consult.Date) error {
	since := today.AddDays(-lookBack)
	held, err := q.ConsultationContacts(ctx, db.ConsultationContactsParams{Residents: residents, Since: new(since.Start())})
	if err != nil {
		return fmt.Errorf("consultations: %w", err)
	}
	visits, err := q.VisitContacts(ctx, db.VisitContactsParams{Residents: residents, Since: new(since.Start())})
	if err != nil {
		return fmt.Errorf("visits: %w", err)
	}
	for _, p := range f.plans {
		kind, _ := consult.PlanKindByCode(p.Plan)
		for _, c := range held {
			if c.ResidentID == p.ResidentID && kind.Served(consult.ServiceType(c.ServiceType), c.ProblemKey) {
				f.contacts[p.ID] = append(f.contacts[p.ID], contact{PlanContact: consult.PlanContact{On: consult.DateFromTime(c.HeldOn)}, kind: contactKind(c.ServiceType), by: c.ByName, consultation: &c.ID})
			}
		}
		for _, v := range visits {
			if v.ResidentID != p.ResidentID || !slices.Contains(v.Plans, p.Plan) {
				continue
			}
			// The record of a visit is a consultation too: told once, with the next day that was set at the bedside.
			f.contacts[p.ID] = slices.DeleteFunc(f.contacts[p.ID], func(c contact) bool {
				return c.consultation != nil && v.ConsultationID != nil && *c.consultation == *v.ConsultationID
			})
			f.contacts[p.ID] = append(f.contacts[p.ID], contact{PlanContact: consult.PlanContact{On: consult.DateFromTime(v.HeldOn), Next: dated(v.NextOn)}, kind: "VISIT", by: v.ByName, consultation: v.ConsultationID})
		}
	}
	return nil
}

// contactKind is how a consultation of a service is named among contacts.
func contactKind(service string) string {
	switch consult.ServiceType(service) {
	case consult.HomeVisit, consult.HomeBedRound, consult.NetNursing:
		return "VISIT"
	}
	return "CONSULTATION"
}

// planView is a plan as it stands today.
func (s *Service) planView(f followed, p db.CarePlansOfRow, today consult.Date) (contract.CarePlan, error) {
	kind, _ := consult.PlanKindByCode(p.Plan)
	days := kind.Days
	if n, ok := f.intervals[p.TeamID][p.Plan]; ok {
		days = n
	}
	if p.Days != nil {
		days = int(*p.Days)
	}
	out := contract.CarePlan{Id: p.ID, Plan: p.Plan, Days: days, Own: p.Days != nil, BeginsOn: day(consult.DateFromTime(p.BeginsOn)), State: contract.CarePlanState(p.State),
		ClosedOn: dayPtr(dated(p.ClosedOn)), Revision: int(p.Revision)}
	for _, t := range []struct {
		column string
		sealed []byte
		to     **string
	}{{"reason_enc", p.ReasonEnc, &out.Reason}, {"closed_reason_enc", p.ClosedReasonEnc, &out.ClosedReason}} {
		text, err := s.openText("care_plans", t.column, p.ID, t.sealed)
		if err != nil {
			return out, err
		}
		*t.to = some(text)
	}
	var last consult.PlanContact
	if list := f.contacts[p.ID]; len(list) > 0 {
		last = list[0].PlanContact
		out.LastOn, out.LastKind, out.LastConsultationId = dayPtr(last.On), some(list[0].kind), list[0].consultation
	}
	next := consult.NextDue(consult.DateFromTime(p.BeginsOn), days, last)
	out.NextOn, out.Due = day(next), contract.CarePlanDue(consult.Due(next, days, today))
	out.Late = int(today.Time().Sub(next.Time()) / (24 * time.Hour))
	return out, nil
}

// PlansDue implements care.Plans: of these residents those whose plans are due or overdue on a day, with the plans.
func (s *Service) PlansDue(ctx context.Context, q *db.Queries, residents []uuid.UUID, on consult.Date) (map[uuid.UUID][]string, error) {
	f, err := s.follow(ctx, q, residents, false, on)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID][]string{}
	for _, p := range f.plans {
		v, err := s.planView(f, p, on)
		if err != nil {
			return nil, err
		}
		if due := consult.PlanDue(v.Due); due == consult.PlanOverdue || due == consult.PlanSoon {
			out[p.ResidentID] = append(out[p.ResidentID], p.Plan)
		}
	}
	return out, nil
}

// GetPanel gives the residents of the caller's teams, who is longest overdue first.
func (s *Service) GetPanel(ctx context.Context, a identity.Actor) (contract.Panel, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.Panel{}, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.Panel{}, err
	}
	out := contract.Panel{Residents: []contract.PanelResident{}, ServerTime: now}
	teams, err := s.teams(ctx, q, a, nil)
	if err != nil {
		return out, err
	}
	out.Teams = slices.DeleteFunc(teams, func(t contract.FdTeam) bool { return !t.Mine })
	out.Residents, err = s.panelOf(ctx, q, a, consult.DateOf(now))
	return out, err
}

func (s *Service) panelOf(ctx context.Context, q *db.Queries, a identity.Actor, today consult.Date) ([]contract.PanelResident, error) {
	teams, err := teamsOf(ctx, q, a)
	if err != nil {
		return nil, err
	}
	rows, err := q.PanelResidents(ctx, db.PanelResidentsParams{Day: today.Time(), Teams: teams, Kept: keptAfter})
	if err != nil {
		return nil, fmt.Errorf("panel: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	f, err := s.follow(ctx, q, ids, false, today)
	if err != nil {
		return nil, err
	}
	out := make([]contract.PanelResident, len(rows))
	for i, r := range rows {
		name, err := s.openText("residents", "name_enc", r.ID, r.NameEnc)
		if err != nil {
			return nil, err
		}
		standing := consult.ContractStanding{Stored: consult.ContractState(r.State), Starts: consult.DateFromTime(r.StartsOn), Ends: consult.DateFromTime(r.EndsOn), TerminatedOn: consult.DateFromTime(r.EndedOn)}
		v := contract.PanelResident{ResidentId: r.ID, Name: name, Sex: contract.Sex(r.Sex), Age: consult.AgeAt(consult.DateFromTime(r.BirthDate), today), Home: r.Home, Bed: r.Bed, Groups: r.Groups,
			TeamId: r.TeamID, ContractId: r.ContractID, ContractState: string(standing.On(today)), ContractEndsOn: day(standing.Ends), Plans: []contract.CarePlan{}}
		for _, p := range f.plans {
			if p.ResidentID != r.ID {
				continue
			}
			plan, err := s.planView(f, p, today)
			if err != nil {
				return nil, err
			}
			v.Plans = append(v.Plans, plan)
		}
		slices.SortStableFunc(v.Plans, pressing)
		if len(v.Plans) > 0 {
			due, next := contract.PanelResidentDue(v.Plans[0].Due), v.Plans[0].NextOn
			v.Due, v.NextOn = &due, &next
		}
		out[i] = v
	}
	slices.SortStableFunc(out, func(x, y contract.PanelResident) int {
		if len(x.Plans) == 0 || len(y.Plans) == 0 { // those without a plan last
			return cmp.Or(cmp.Compare(len(y.Plans), len(x.Plans)), cmp.Compare(x.Home, y.Home), cmp.Compare(x.Bed, y.Bed))
		}
		return cmp.Or(pressing(x.Plans[0], y.Plans[0]), cmp.Compare(x.Home, y.Home), cmp.Compare(x.Bed, y.Bed))
	})
	return out, nil
}

// pressing orders plans: what is overdue before what is due soon before the rest, each the longest due first. A pressure injury that is
// due in two days is not yet due; blood pressure that is due in two days is.
func pressing(x, y contract.CarePlan) int {
	rank := func(p contract.CarePlan) int {
		return slices.Index([]contract.CarePlanDue{"OVERDUE", "DUE", "LATER"}, p.Due)
	}
	return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(y.Late, x.Late))
}
