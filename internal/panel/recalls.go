package panel

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ListRecalls gives the recalls of the caller's teams, newest first.
func (s *Service) ListRecalls(ctx context.Context, a identity.Actor) ([]contract.Recall, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return nil, err
	}
	return s.recalls(ctx, s.st.Q(), a, nil)
}

func (s *Service) recalls(ctx context.Context, q *db.Queries, a identity.Actor, id *uuid.UUID) ([]contract.Recall, error) {
	teams, err := teamsOf(ctx, q, a)
	if err != nil {
		return nil, err
	}
	rows, err := q.Recalls(ctx, db.RecallsParams{Teams: teams, ID: id})
	if err != nil {
		return nil, fmt.Errorf("recalls: %w", err)
	}
	out := make([]contract.Recall, len(rows))
	for i, r := range rows {
		l := r.Recall
		out[i] = contract.Recall{Id: l.ID, TeamId: l.TeamID, Team: r.Team, Name: l.Name, DueOn: day(consult.DateFromTime(l.DueOn)), CreatedBy: r.ByName, CreatedAt: l.CreatedAt.UTC(), ClosedAt: utc(l.ClosedAt),
			Total: int(r.Total), Todo: int(r.Todo), Reached: int(r.Reached), NotReached: int(r.NotReached), Booked: int(r.Booked), Declined: int(r.Declined)}
	}
	return out, nil
}

// CreateRecall makes a list of calls to residents of a team's panel.
func (s *Service) CreateRecall(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.RecallInput) (contract.Recall, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.Recall{}, err
	}
	id, err := s.command(ctx, a, cmd, "createRecall", in, func(ch *change) (uuid.UUID, error) {
		team, err := s.ownTeam(ctx, ch.q, a, in.TeamId)
		if err != nil {
			return uuid.Nil, err
		}
		panel, err := s.panelOf(ctx, ch.q, a, ch.today)
		if err != nil {
			return uuid.Nil, err
		}
		var f form
		name := f.text("name", in.Name, 2, 60)
		due := dateOf(in.DueOn)
		if due.Before(ch.today) || due.After(ch.today.AddYears(1)) {
			f.add("dueOn", "wrong_value", nil)
		}
		seen := map[uuid.UUID]bool{}
		for i, r := range in.Residents {
			at := fmt.Sprintf("residents/%d", i)
			j := slices.IndexFunc(panel, func(p contract.PanelResident) bool { return p.ResidentId == r.ResidentId && p.TeamId == in.TeamId })
			switch {
			case j < 0:
				f.add(at+"/residentId", "wrong_value", nil)
				continue
			case seen[r.ResidentId]:
				f.add(at+"/residentId", "chosen_twice", nil)
			}
			seen[r.ResidentId] = true
			for _, plan := range value(r.PlanIds) {
				if !slices.ContainsFunc(panel[j].Plans, func(p contract.CarePlan) bool { return p.Id == plan }) {
					f.add(at+"/planIds", "wrong_value", nil)
				}
			}
		}
		if err := f.err(); err != nil {
			return uuid.Nil, err
		}
		id := newID()
		if err := ch.q.AddRecall(ctx, db.AddRecallParams{ID: id, TeamID: in.TeamId, Name: name, DueOn: due.Time(), CreatedBy: a.UserID, Now: ch.now}); err != nil {
			return id, fmt.Errorf("recall: %w", err)
		}
		for _, r := range in.Residents {
			plans := value(r.PlanIds)
			if plans == nil {
				plans = []uuid.UUID{}
			}
			if err := ch.q.AddRecallCall(ctx, db.AddRecallCallParams{ID: newID(), RecallID: id, ResidentID: r.ResidentId, PlanIds: plans}); err != nil {
				return id, fmt.Errorf("recall: %w", err)
			}
		}
		if err := audit(ctx, ch.q, a, teamRole(a, team.OrganisationID), "createRecall", "fdTeam", team.ID); err != nil {
			return id, err
		}
		return id, ch.tell(ctx, in.TeamId, uuid.Nil, nil, "recall")
	})
	if err != nil {
		return contract.Recall{}, err
	}
	return s.GetRecall(ctx, a, id)
}

// GetRecall gives whom to call, who is to be called first, with telephones; the read is logged.
func (s *Service) GetRecall(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Recall, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.Recall{}, err
	}
	var out contract.Recall
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		list, err := s.recalls(ctx, q, a, &id)
		if err != nil {
			return err
		}
		if len(list) != 1 {
			return problem.NotFound()
		}
		out = list[0]
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		calls, err := s.calls(ctx, q, id, consult.DateOf(now))
		if err != nil {
			return err
		}
		out.Calls = &calls
		team, err := q.FdTeamAlone(ctx, out.TeamId)
		if err != nil {
			return fmt.Errorf("team: %w", err)
		}
		return audit(ctx, q, a, teamRole(a, team.OrganisationID), "getRecall", "recall", id)
	})
	return out, err
}

func (s *Service) calls(ctx context.Context, q *db.Queries, recall uuid.UUID, today consult.Date) ([]contract.RecallCall, error) {
	rows, err := q.RecallCalls(ctx, recall)
	if err != nil {
		return nil, fmt.Errorf("calls: %w", err)
	}
	residents := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		residents[i] = r.RecallCall.ResidentID
	}
	guardians, err := s.guardians(ctx, q, residents)
	if err != nil {
		return nil, err
	}
	f, err := s.follow(ctx, q, residents, true, today)
	if err != nil {
		return nil, err
	}
	out := make([]contract.RecallCall, len(rows))
	for i, r := range rows {
		c := r.RecallCall
		v := contract.RecallCall{Id: c.ID, ResidentId: c.ResidentID, Home: r.Home, HomePhone: some(r.HomePhone), Bed: r.Bed, Plans: []string{}, Contacts: append([]contract.Guardian{}, guardians[c.ResidentID]...),
			Result: c.Result, Attempts: int(c.Attempts), CalledBy: some(r.ByName), CalledAt: utc(c.CalledAt), Revision: int(c.Revision)}
		if v.Name, err = s.openText("residents", "name_enc", c.ResidentID, r.NameEnc); err != nil {
			return nil, err
		}
		phone, err := s.openText("residents", "phone_enc", c.ResidentID, r.PhoneEnc)
		if err != nil {
			return nil, err
		}
		note, err := s.openText("recall_calls", "note_enc", c.ID, c.NoteEnc)
		if err != nil {
			return nil, err
		}
		v.Phone, v.Note = some(phone), some(note)
		for _, p := range f.plans {
			if !slices.Contains(c.PlanIds, p.ID) {
				continue
			}
			plan, err := s.planView(f, p, today)
			if err != nil {
				return nil, err
			}
			v.Plans = append(v.Plans, p.Plan)
			if v.DueOn == nil || plan.NextOn.Before(v.DueOn.Time) {
				v.DueOn = &plan.NextOn
			}
		}
		out[i] = v
	}
	return out, nil
}

// NoteCall notes what came of a call. Who was not reached stays on the list.
func (s *Service) NoteCall(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.RecallResult) (contract.Recall, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.Recall{}, err
	}
	request := struct {
		ID   uuid.UUID
		Body contract.RecallResult
	}{id, in}
	recall, err := s.command(ctx, a, cmd, "noteCall", request, func(ch *change) (uuid.UUID, error) {
		row, err := ch.q.LockRecallCall(ctx, id)
		if err := one(err, "the call"); err != nil {
			return id, err
		}
		if _, err := s.ownTeam(ctx, ch.q, a, row.TeamID); err != nil {
			return id, err
		}
		var f form
		f.code("result", consult.VocabRecallResult, string(in.Result))
		note := f.text("note", value(in.Note), 0, 300)
		if err := f.err(); err != nil {
			return id, err
		}
		n, err := ch.q.NoteRecallCall(ctx, db.NoteRecallCallParams{ID: id, Revision: revision32(in.Revision), Result: string(in.Result), NoteEnc: s.sealText("recall_calls", "note_enc", id, note), CalledBy: &a.UserID, Now: &ch.now})
		if err := stale(n, err, "note the call"); err != nil {
			return id, err
		}
		if err := ch.q.CloseRecall(ctx, db.CloseRecallParams{ID: row.RecallID, Now: ch.now}); err != nil {
			return id, fmt.Errorf("close the recall: %w", err)
		}
		return row.RecallID, ch.tell(ctx, row.TeamID, uuid.Nil, &row.ResidentID, "recall")
	})
	if err != nil {
		return contract.Recall{}, err
	}
	return s.GetRecall(ctx, a, recall)
}
