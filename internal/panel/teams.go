package panel

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// teamsOf are the active teams for which somebody acts: a member in force who is a family doctor or a nurse of the institution.
func teamsOf(ctx context.Context, q *db.Queries, a identity.Actor) ([]uuid.UUID, error) {
	teams, err := q.FdTeamsOfUser(ctx, db.FdTeamsOfUserParams{UserID: a.UserID, Works: a.Organisations(roleDoctor, roleNurse)})
	if err != nil {
		return nil, fmt.Errorf("teams of somebody: %w", err)
	}
	return teams, nil
}

// teamRole is the role in which somebody acts for a team of an institution.
func teamRole(a identity.Actor, org uuid.UUID) string {
	if a.In(org, roleDoctor) {
		return roleDoctor
	}
	return roleNurse
}

// ListTeams gives the teams of the caller, and to an administrator those of the institution.
func (s *Service) ListTeams(ctx context.Context, a identity.Actor) ([]contract.FdTeam, error) {
	if err := require(a, roleDoctor, roleNurse, roleAdmin); err != nil {
		return nil, err
	}
	return s.teams(ctx, s.st.Q(), a, nil)
}

func (s *Service) teams(ctx context.Context, q *db.Queries, a identity.Actor, id *uuid.UUID) ([]contract.FdTeam, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.FdTeams(ctx, db.FdTeamsParams{Day: consult.DateOf(now).Time(), UserID: a.UserID, ID: id, Administered: a.Organisations(roleAdmin), Works: a.Organisations(roleDoctor, roleNurse)})
	if err != nil {
		return nil, fmt.Errorf("teams: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.FdTeam.ID
	}
	members, err := q.FdTeamMembers(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("members: %w", err)
	}
	out := make([]contract.FdTeam, len(rows))
	for i, r := range rows {
		t := r.FdTeam
		out[i] = contract.FdTeam{Id: t.ID, OrganisationId: t.OrganisationID, Organisation: r.Organisation, Name: t.Name, Phone: t.Phone, Active: t.Active, Residents: int(r.Residents),
			Mine: r.Mine, Revision: int(t.Revision), Members: []contract.FdTeamMember{}}
		for _, m := range members {
			if m.TeamID == t.ID {
				out[i].Members = append(out[i].Members, contract.FdTeamMember{UserId: m.UserID, Part: contract.FdTeamMemberPart(m.Part), Name: some(m.DisplayName)})
			}
		}
	}
	return out, nil
}

func (s *Service) team(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.FdTeam, error) {
	list, err := s.teams(ctx, s.st.Q(), a, &id)
	if err != nil {
		return contract.FdTeam{}, err
	}
	if len(list) != 1 {
		return contract.FdTeam{}, problem.NotFound()
	}
	return list[0], nil
}

// CreateTeam opens a team of a medical institution.
func (s *Service) CreateTeam(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.FdTeamInput) (contract.FdTeam, error) {
	if err := require(a, roleAdmin); err != nil {
		return contract.FdTeam{}, err
	}
	org, err := ownMedical(a, in.OrganisationId)
	if err != nil {
		return contract.FdTeam{}, err
	}
	id, err := s.command(ctx, a, cmd, "createTeam", in, func(ch *change) (uuid.UUID, error) {
		id := newID()
		team, err := ch.checkTeam(ctx, org, in.Name, in.Phone, in.Members)
		if err != nil {
			return id, err
		}
		if err := ch.q.AddFdTeam(ctx, db.AddFdTeamParams{ID: id, OrganisationID: org, Name: team.name, Phone: team.phone, CreatedBy: a.UserID, Now: ch.now}); err != nil {
			return id, teamConflict(err)
		}
		if err := ch.putMembers(ctx, id, team); err != nil {
			return id, err
		}
		if err := ch.tell(ctx, id, uuid.Nil, nil, "team"); err != nil {
			return id, err
		}
		return id, audit(ctx, ch.q, a, roleAdmin, "createTeam", "fdTeam", id)
	})
	if err != nil {
		return contract.FdTeam{}, err
	}
	return s.team(ctx, a, id)
}

// UpdateTeam replaces name, telephone and members. A team that is closed keeps its contracts until they end.
func (s *Service) UpdateTeam(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.FdTeamUpdate) (contract.FdTeam, error) {
	if err := require(a, roleAdmin); err != nil {
		return contract.FdTeam{}, err
	}
	err := s.in(ctx, a, func(ch *change) error {
		ch.key = id
		row, err := ch.q.LockFdTeam(ctx, id)
		if err := one(err, "the team"); err != nil {
			return err
		}
		if !a.In(row.OrganisationID, roleAdmin) {
			return problem.NotFound()
		}
		team, err := ch.checkTeam(ctx, row.OrganisationID, in.Name, in.Phone, in.Members)
		if err != nil {
			return err
		}
		n, err := ch.q.ChangeFdTeam(ctx, db.ChangeFdTeamParams{ID: id, Name: team.name, Phone: team.phone, Active: in.Active, Now: ch.now, Revision: revision32(in.Revision)})
		if err != nil {
			return teamConflict(err)
		}
		if err := stale(n, nil, "change the team"); err != nil {
			return err
		}
		if err := ch.tell(ctx, id, uuid.Nil, nil, "team"); err != nil { // those who leave hear of it too
			return err
		}
		if err := ch.putMembers(ctx, id, team); err != nil {
			return err
		}
		if err := ch.tell(ctx, id, uuid.Nil, nil, "team"); err != nil {
			return err
		}
		return audit(ctx, ch.q, a, roleAdmin, "updateTeam", "fdTeam", id)
	})
	if err != nil {
		return contract.FdTeam{}, err
	}
	return s.team(ctx, a, id)
}

type checkedTeam struct {
	name, phone string
	users       []uuid.UUID
	parts       []string
}

// checkTeam wants one leader, everybody once, and everybody working in the institution.
func (ch *change) checkTeam(ctx context.Context, org uuid.UUID, name string, phone *string, members []contract.FdTeamMember) (checkedTeam, error) {
	var f form
	t := checkedTeam{name: f.text("name", name, 2, 60)}
	if p := value(phone); p != "" {
		parsed, err := consult.ParsePhone(p)
		f.refuse("phone", err)
		t.phone = parsed.Normal()
	}
	leaders := 0
	for i, m := range members {
		at := "members/" + strconv.Itoa(i)
		f.code(at+"/part", consult.VocabMemberPart, string(m.Part))
		if slices.Contains(t.users, m.UserId) {
			f.add(at+"/userId", "chosen_twice", nil)
		}
		if m.Part == "LEADER" {
			leaders++
		}
		t.users, t.parts = append(t.users, m.UserId), append(t.parts, string(m.Part))
	}
	if leaders != 1 {
		f.add("members", "team_leader", nil)
	}
	here, err := ch.q.FdColleagues(ctx, db.FdColleaguesParams{OrganisationID: org, Users: t.users, Now: ch.now})
	if err != nil {
		return t, fmt.Errorf("members: %w", err)
	}
	for i, u := range t.users {
		if !slices.Contains(here, u) {
			f.add("members/"+strconv.Itoa(i)+"/userId", "team_colleague", nil)
		}
	}
	return t, f.err()
}

func (ch *change) putMembers(ctx context.Context, id uuid.UUID, t checkedTeam) error {
	if err := ch.q.EndFdMembers(ctx, db.EndFdMembersParams{TeamID: id, Users: t.users, Parts: t.parts, Now: &ch.now}); err != nil {
		return fmt.Errorf("members: %w", err)
	}
	if err := ch.q.AddFdMembers(ctx, db.AddFdMembersParams{TeamID: id, Users: t.users, Parts: t.parts, Now: ch.now}); err != nil {
		return fmt.Errorf("members: %w", err)
	}
	return nil
}

func teamConflict(err error) error {
	if store.Violates(err, "fd_teams_organisation_id_name_key") {
		p := problem.New(409, "team_name_taken", nil)
		p.Fields = []problem.Field{{Path: "name", Code: "team_name_taken"}}
		return p
	}
	return fmt.Errorf("write the team: %w", err)
}

// ownMedical is the medical institution that somebody administers: the named one, or the only one.
func ownMedical(a identity.Actor, named *uuid.UUID) (uuid.UUID, error) {
	var own []uuid.UUID
	for _, m := range a.Memberships {
		if m.Role == roleAdmin && m.OrganisationKind == "MEDICAL" && !slices.Contains(own, m.OrganisationID) {
			own = append(own, m.OrganisationID)
		}
	}
	switch {
	case named != nil && slices.Contains(own, *named):
		return *named, nil
	case named != nil:
		return uuid.Nil, problem.NotFound()
	case len(own) == 1:
		return own[0], nil
	case len(own) == 0:
		return uuid.Nil, problem.New(422, "team_medical_only", nil)
	}
	return uuid.Nil, problem.Invalid(problem.Field{Path: "organisationId", Code: "required"})
}
