package panel

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// sight is how somebody stands to one contract.
type sight struct {
	team     bool // a member in force of its team
	clinical bool // reads names: the team, or the bedside of the resident's institution
}

// standingOf is a contract as far as time matters.
func standingOf(c db.FdContract) consult.ContractStanding {
	out := consult.ContractStanding{Stored: consult.ContractState(c.State), Starts: consult.DateFromTime(c.StartsOn), Ends: consult.DateFromTime(c.EndsOn)}
	if c.State == string(consult.ContractTerminated) {
		out.TerminatedOn = consult.DateFromTime(c.EndedOn)
	}
	return out
}

func contractRoles() []string { return []string{roleDoctor, roleNurse, roleAttending, roleAdmin} }

// contracts reads what somebody sees of contracts.
func (s *Service) contracts(ctx context.Context, q *db.Queries, a identity.Actor, id, resident *uuid.UUID, today consult.Date) ([]contract.FdContract, []db.ContractsRow, []sight, error) {
	teams, err := teamsOf(ctx, q, a)
	if err != nil {
		return nil, nil, nil, err
	}
	rows, err := q.Contracts(ctx, db.ContractsParams{Day: today.Time(), Teams: teams, Organisations: a.Organisations(roleAdmin),
		Homes: a.Organisations(roleNurse, roleAttending, roleAdmin), ID: id, ResidentID: resident})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("contracts: %w", err)
	}
	out, sights := make([]contract.FdContract, len(rows)), make([]sight, len(rows))
	for i, r := range rows {
		v := sight{team: slices.Contains(teams, r.FdContract.TeamID)}
		v.clinical = v.team || a.In(r.HomeID, roleNurse, roleAttending)
		sights[i] = v
		if out[i], err = s.contractView(r, v, today); err != nil {
			return nil, nil, nil, err
		}
	}
	return out, rows, sights, nil
}

func (s *Service) contractView(r db.ContractsRow, v sight, today consult.Date) (contract.FdContract, error) {
	c := r.FdContract
	name, err := s.openText("residents", "name_enc", c.ResidentID, r.NameEnc)
	if err != nil {
		return contract.FdContract{}, err
	}
	standing := standingOf(c)
	out := contract.FdContract{Id: c.ID, Number: c.Number, ResidentId: c.ResidentID, ResidentName: name, Sex: contract.Sex(r.Sex), Age: consult.AgeAt(consult.DateFromTime(r.BirthDate), today),
		Home: r.Home, Bed: r.Bed, TeamId: c.TeamID, Team: r.Team, Organisation: r.Organisation, Leader: r.Leader, State: string(standing.On(today)), Packages: c.Packages, Items: c.Items,
		StartsOn: day(standing.Starts), EndsOn: day(standing.Ends), Groups: r.Groups, RenewsId: c.RenewsID, RenewedById: some(r.RenewedBy), SignedHow: c.SignedHow, SignerKind: c.SignerKind,
		Relation: some(c.Relation), SystemNumber: some(c.SystemNumber), SignedOn: dayPtr(dated(c.SignedOn)), SignedAt: utc(c.SignedAt), SignedBy: some(r.SignedByName),
		HasFile: c.AttachmentID != nil, FileType: some(r.FileType), TerminatedCode: some(c.TerminatedCode), TerminatedOn: dayPtr(standing.TerminatedOn), TerminatedBy: some(r.TerminatedByName),
		Actions: []string{}, Revision: int(c.Revision), CreatedAt: c.CreatedAt.UTC()}
	if standing.InForce(today) {
		left := int(standing.Ends.Time().Sub(today.Time()).Hours() / 24)
		out.DaysLeft = &left
	}
	if v.team {
		for _, act := range consult.ContractActions(standing, today) {
			if act != consult.ContractRenew || out.RenewedById == nil {
				out.Actions = append(out.Actions, string(act))
			}
		}
	}
	if !v.clinical {
		out.ResidentName = consult.MaskName(name)
		return out, nil
	}
	capacity := contract.Capacity(r.ResidentCapacity)
	out.Capacity = &capacity
	for _, f := range []struct {
		column string
		sealed []byte
		to     **string
	}{{"signer_name_enc", c.SignerNameEnc, &out.SignerName}, {"terminated_note_enc", c.TerminatedNoteEnc, &out.TerminatedNote}} {
		text, err := s.openText("fd_contracts", f.column, c.ID, f.sealed)
		if err != nil {
			return out, err
		}
		*f.to = some(text)
	}
	return out, nil
}

// ListContracts gives the contracts that the caller sees, those to be signed first, then those that end first.
func (s *Service) ListContracts(ctx context.Context, a identity.Actor, in contract.ListContractsParams) ([]contract.FdContract, error) {
	if err := require(a, contractRoles()...); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	list, _, _, err := s.contracts(ctx, q, a, nil, in.ResidentId, consult.DateOf(now))
	if err != nil {
		return nil, err
	}
	if in.State != nil {
		list = slices.DeleteFunc(list, func(c contract.FdContract) bool { return c.State != *in.State })
	}
	return list, nil
}

// GetContract gives one with what happened to it; the read is logged.
func (s *Service) GetContract(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.FdContract, error) {
	if err := require(a, contractRoles()...); err != nil {
		return contract.FdContract{}, err
	}
	var out contract.FdContract
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		list, rows, sights, err := s.contracts(ctx, q, a, &id, nil, consult.DateOf(now))
		if err != nil {
			return err
		}
		if len(list) != 1 {
			return problem.NotFound()
		}
		out = list[0]
		if out.State == string(consult.ContractDraft) && sights[0].clinical {
			guardians, err := s.guardians(ctx, q, []uuid.UUID{out.ResidentId})
			if err != nil {
				return err
			}
			known := append([]contract.Guardian{}, guardians[out.ResidentId]...)
			out.Guardians = &known
		}
		events, err := q.ContractEvents(ctx, id)
		if err != nil {
			return fmt.Errorf("events of the contract: %w", err)
		}
		told := make([]contract.FdContractEvent, len(events))
		for i, e := range events {
			told[i] = contract.FdContractEvent{Type: e.Type, State: e.ToState, By: e.ByName, At: e.At.UTC()}
			var data map[string]any
			if err := json.Unmarshal(e.Data, &data); err != nil {
				return fmt.Errorf("event of the contract: %w", err)
			}
			if len(data) > 0 {
				told[i].Data = &data
			}
		}
		out.Events = &told
		role := roleAdmin
		switch {
		case sights[0].team:
			role = teamRole(a, rows[0].FdContract.OrganisationID)
		case a.In(rows[0].HomeID, roleAttending):
			role = roleAttending
		case sights[0].clinical:
			role = roleNurse
		}
		return audit(ctx, q, a, role, "getContract", "resident", out.ResidentId)
	})
	return out, err
}

func (s *Service) guardians(ctx context.Context, q *db.Queries, residents []uuid.UUID) (map[uuid.UUID][]contract.Guardian, error) {
	rows, err := q.GuardiansOfMany(ctx, residents)
	if err != nil {
		return nil, fmt.Errorf("guardians: %w", err)
	}
	out := map[uuid.UUID][]contract.Guardian{}
	for _, g := range rows {
		name, err := s.openText("guardians", "name_enc", g.ID, g.NameEnc)
		if err != nil {
			return nil, err
		}
		phone, err := s.openText("guardians", "phone_enc", g.ID, g.PhoneEnc)
		if err != nil {
			return nil, err
		}
		legal := g.IsGuardian
		out[g.ResidentID] = append(out[g.ResidentID], contract.Guardian{Name: name, Relation: g.Relation, Phone: some(phone), IsGuardian: &legal})
	}
	return out, nil
}

// ListCandidates gives the residents with whom a team may conclude a contract, with the one that they have; the read is logged.
func (s *Service) ListCandidates(ctx context.Context, a identity.Actor, in contract.ListCandidatesParams) ([]contract.FdCandidate, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return nil, err
	}
	out := []contract.FdCandidate{}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		out = out[:0]
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		today := consult.DateOf(now)
		team, err := s.ownTeam(ctx, q, a, in.TeamId)
		if err != nil {
			return err
		}
		rows, err := q.FdCandidates(ctx, db.FdCandidatesParams{Day: today.Time(), Medical: team.OrganisationID})
		if err != nil {
			return fmt.Errorf("candidates: %w", err)
		}
		for _, r := range rows {
			name, err := s.openText("residents", "name_enc", r.ID, r.NameEnc)
			if err != nil {
				return err
			}
			c := contract.FdCandidate{ResidentId: r.ID, Name: name, Sex: contract.Sex(r.Sex), Age: consult.AgeAt(consult.DateFromTime(r.BirthDate), today), Home: r.Home, Bed: r.Bed,
				Capacity: contract.Capacity(r.Capacity), Groups: r.Groups}
			if r.ContractID != uuid.Nil {
				standing := consult.ContractStanding{Stored: consult.ContractState(r.ContractState), Starts: consult.DateFromTime(r.StartsOn), Ends: consult.DateFromTime(r.EndsOn), TerminatedOn: consult.DateFromTime(r.EndedOn)}
				c.ContractId, c.ContractState, c.ContractTeam, c.ContractEndsOn = some(r.ContractID), some(string(standing.On(today))), some(r.ContractTeam), dayPtr(standing.Ends)
			}
			out = append(out, c)
		}
		return audit(ctx, q, a, teamRole(a, team.OrganisationID), "listCandidates", "fdTeam", team.ID)
	})
	return out, err
}

// ownTeam is a team for which somebody acts; any other is 404.
func (s *Service) ownTeam(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.FdTeam, error) {
	teams, err := teamsOf(ctx, q, a)
	if err != nil {
		return db.FdTeam{}, err
	}
	if !slices.Contains(teams, id) {
		return db.FdTeam{}, problem.NotFound()
	}
	team, err := q.FdTeamAlone(ctx, id)
	return team, one(err, "the team")
}

// record writes an event of a contract.
func (ch *change) record(ctx context.Context, c db.FdContract, kind string, to consult.ContractState, role string, data map[string]any) error {
	if data == nil {
		data = map[string]any{}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event: %w", err)
	}
	if err := ch.q.AddContractEvent(ctx, db.AddContractEventParams{ID: newID(), ContractID: c.ID, Type: kind, FromState: c.State, ToState: string(to), ActorID: some(ch.a.UserID),
		ActorRole: role, Data: raw, Now: ch.now}); err != nil {
		return fmt.Errorf("event of the contract: %w", err)
	}
	return nil
}

// CreateContract draws up a contract with a resident whom the team may look after. One contract of a team with a resident is to be
// signed at a time. Errors: 404, 409 fd_draft_exists, 422.
func (s *Service) CreateContract(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.FdContractInput) (contract.FdContract, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.FdContract{}, err
	}
	id, err := s.command(ctx, a, cmd, "createContract", in, func(ch *change) (uuid.UUID, error) {
		team, err := s.ownTeam(ctx, ch.q, a, in.TeamId)
		if err != nil {
			return uuid.Nil, err
		}
		r, err := ch.q.FdResident(ctx, db.FdResidentParams{ID: in.ResidentId, Medical: team.OrganisationID, Day: ch.today.Time()})
		if err := one(err, "the resident"); err != nil {
			return uuid.Nil, err
		}
		if !r.Served {
			return uuid.Nil, problem.NotFound()
		}
		if r.Resident.LeftOn != nil {
			return uuid.Nil, conflict("resident_left", nil)
		}
		starts, ends := dateOf(in.StartsOn), dateOf(in.EndsOn)
		if err := checkDraft(in.Packages, in.Items, starts, ends, ch.today); err != nil {
			return uuid.Nil, err
		}
		return ch.draft(ctx, team, in.ResidentId, r.Resident.OrganisationID, nil, in.Packages, in.Items, starts, ends)
	})
	if err != nil {
		return contract.FdContract{}, err
	}
	return s.GetContract(ctx, a, id)
}

func checkDraft(packages, items []string, starts, ends, today consult.Date) error {
	var f form
	chosen := make([]consult.Package, len(packages))
	for i, p := range packages {
		chosen[i] = consult.Package(p)
	}
	f.refuse("packages", consult.CheckPackages(chosen, items), func(code string) string {
		if code == consult.CodeContractItems || code == consult.CodeUnknownCode {
			return "items"
		}
		return ""
	})
	f.refuse("endsOn", consult.CheckTerm(starts, ends, today), func(code string) string {
		if code == consult.CodeContractStart {
			return "startsOn"
		}
		return ""
	})
	return f.err()
}

// draft writes a contract that is to be signed.
func (ch *change) draft(ctx context.Context, team db.FdTeam, resident, home uuid.UUID, renews *uuid.UUID, packages, items []string, starts, ends consult.Date) (uuid.UUID, error) {
	n, err := ch.q.NextContractNumber(ctx, ch.today.Time())
	if err != nil {
		return uuid.Nil, fmt.Errorf("number: %w", err)
	}
	c := db.FdContract{ID: newID(), Number: fmt.Sprintf("JY%04d%02d%02d-%04d", ch.today.Year, int(ch.today.Month), ch.today.Day, n)}
	err = ch.q.AddContract(ctx, db.AddContractParams{ID: c.ID, Number: c.Number, ResidentID: resident, TeamID: team.ID, OrganisationID: team.OrganisationID, Packages: unique(packages), Items: unique(items),
		StartsOn: starts.Time(), EndsOn: ends.Time(), RenewsID: renews, CreatedBy: ch.a.UserID, Now: ch.now})
	if store.Violates(err, "fd_contracts_one_draft") {
		return uuid.Nil, conflict("fd_draft_exists", nil)
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("draw up the contract: %w", err)
	}
	kind := "drawn_up"
	if renews != nil {
		kind = "renewal_drawn_up"
	}
	role := teamRole(ch.a, team.OrganisationID)
	if err := ch.record(ctx, c, kind, consult.ContractDraft, role, nil); err != nil {
		return c.ID, err
	}
	if err := audit(ctx, ch.q, ch.a, role, "createContract", "resident", resident); err != nil {
		return c.ID, err
	}
	return c.ID, ch.tell(ctx, team.ID, home, &resident, "contract")
}

func unique(list []string) []string {
	out := []string{}
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// lock loads a contract for a change by its team. Who sees it otherwise is refused, anybody else gets 404.
func (ch *change) lock(ctx context.Context, id uuid.UUID) (c db.FdContract, r db.ResidentForPanelRow, role string, err error) {
	c, err = ch.q.LockContract(ctx, id)
	if err := one(err, "the contract"); err != nil {
		return c, r, "", err
	}
	ch.key = id
	if r, err = ch.q.ResidentForPanel(ctx, c.ResidentID); err != nil {
		return c, r, "", fmt.Errorf("resident: %w", err)
	}
	teams, err := teamsOf(ctx, ch.q, ch.a)
	if err != nil {
		return c, r, "", err
	}
	if !slices.Contains(teams, c.TeamID) {
		if ch.a.In(r.Resident.OrganisationID, roleNurse, roleAttending) {
			return c, r, "", problem.Forbidden()
		}
		return c, r, "", problem.NotFound()
	}
	return c, r, teamRole(ch.a, c.OrganisationID), nil
}

// step asks whether an action is possible now, at the revision that the person saw.
func (ch *change) step(c db.FdContract, act consult.ContractAction, revision int) (consult.ContractState, error) {
	to, err := consult.ContractStep(standingOf(c), act, ch.today)
	for _, r := range consult.Refusals(err) {
		return to, problem.New(http.StatusConflict, r.Code, r.Args)
	}
	if c.Revision != revision32(revision) {
		return to, conflict("revision_stale", nil)
	}
	return to, nil
}

// UpdateContract changes a contract that is not signed yet.
func (s *Service) UpdateContract(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.FdContractUpdate) (contract.FdContract, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.FdContract{}, err
	}
	err := s.in(ctx, a, func(ch *change) error {
		c, r, role, err := ch.lock(ctx, id)
		if err != nil {
			return err
		}
		if _, err := ch.step(c, consult.ContractEdit, in.Revision); err != nil {
			return err
		}
		starts, ends := dateOf(in.StartsOn), dateOf(in.EndsOn)
		if err := checkDraft(in.Packages, in.Items, starts, ends, ch.today); err != nil {
			return err
		}
		n, err := ch.q.ChangeContract(ctx, db.ChangeContractParams{ID: id, Revision: c.Revision, Packages: unique(in.Packages), Items: unique(in.Items), StartsOn: starts.Time(), EndsOn: ends.Time(), Now: ch.now})
		if err := stale(n, err, "change the contract"); err != nil {
			return err
		}
		if err := ch.record(ctx, c, "changed", consult.ContractDraft, role, map[string]any{"startsOn": starts.String(), "endsOn": ends.String()}); err != nil {
			return err
		}
		return ch.tell(ctx, c.TeamID, r.Resident.OrganisationID, &c.ResidentID, "contract")
	})
	if err != nil {
		return contract.FdContract{}, err
	}
	return s.GetContract(ctx, a, id)
}

// sameTerm is the end of a contract that begins on another day and lasts as long: whole years stay whole years.
func sameTerm(starts, ends, from consult.Date) consult.Date {
	for n := 1; n <= consult.ContractYears; n++ {
		if starts.AddYears(n) == ends.AddDays(1) {
			return from.AddYears(n).AddDays(-1)
		}
	}
	return from.AddDays(int(ends.Time().Sub(starts.Time()) / (24 * time.Hour)))
}
