package panel

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// RenewContract draws up the contract that follows one that ends: the same packages for the same time.
func (s *Service) RenewContract(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.FdContract, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.FdContract{}, err
	}
	made, err := s.command(ctx, a, cmd, "renewContract", id, func(ch *change) (uuid.UUID, error) {
		c, r, _, err := ch.lock(ctx, id)
		if err != nil {
			return id, err
		}
		if _, err := ch.step(c, consult.ContractRenew, int(c.Revision)); err != nil {
			return id, err
		}
		if r.Resident.LeftOn != nil {
			return id, conflict("resident_left", nil)
		}
		team, err := s.ownTeam(ctx, ch.q, a, c.TeamID)
		if err != nil {
			return id, err
		}
		was := standingOf(c)
		from := was.Ends.AddDays(1)
		if from.Before(ch.today) {
			from = ch.today
		}
		return ch.draft(ctx, team, c.ResidentID, r.Resident.OrganisationID, &id, c.Packages, c.Items, from, sameTerm(was.Starts, was.Ends, from))
	})
	if err != nil {
		return contract.FdContract{}, err
	}
	return s.GetContract(ctx, a, made)
}

// EndContract terminates a signed contract from today on, with the reason, or throws a draft away.
func (s *Service) EndContract(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.FdContractEnd) (contract.FdContract, error) {
	if err := require(a, roleDoctor, roleNurse); err != nil {
		return contract.FdContract{}, err
	}
	request := struct {
		ID   uuid.UUID
		Body contract.FdContractEnd
	}{id, in}
	_, err := s.command(ctx, a, cmd, "endContract", request, func(ch *change) (uuid.UUID, error) {
		c, r, role, err := ch.lock(ctx, id)
		if err != nil {
			return id, err
		}
		act, kind := consult.ContractTerminate, "terminated"
		if c.State == string(consult.ContractDraft) {
			act, kind = consult.ContractVoid, "voided"
		}
		to, err := ch.step(c, act, in.Revision)
		if err != nil {
			return id, err
		}
		var f form
		note := f.text("note", value(in.Note), 0, 300)
		data := map[string]any{}
		if act == consult.ContractTerminate {
			f.code("code", consult.VocabTermination, value(in.Code))
			if value(in.Code) == "OTHER" && note == "" {
				f.add("note", "required", nil)
			}
			data["code"] = value(in.Code)
		}
		if err := f.err(); err != nil {
			return id, err
		}
		var n int64
		if act == consult.ContractVoid {
			n, err = ch.q.VoidContract(ctx, db.VoidContractParams{ID: id, Revision: c.Revision, Now: ch.now})
		} else {
			n, err = ch.q.TerminateContract(ctx, db.TerminateContractParams{ID: id, Revision: c.Revision, EndedOn: ch.today.Time(), Code: value(in.Code),
				NoteEnc: s.sealText("fd_contracts", "terminated_note_enc", id, note), Now: &ch.now, UserID: &a.UserID})
		}
		if err := stale(n, err, "end the contract"); err != nil {
			return id, err
		}
		if err := ch.record(ctx, c, kind, to, role, data); err != nil {
			return id, err
		}
		if err := audit(ctx, ch.q, a, role, "endContract", "resident", c.ResidentID); err != nil {
			return id, err
		}
		return id, ch.tell(ctx, c.TeamID, r.Resident.OrganisationID, &c.ResidentID, "contract")
	})
	if err != nil {
		return contract.FdContract{}, err
	}
	return s.GetContract(ctx, a, id)
}

// TellEndings tells teams of contracts that end within 90, 60 and 30 days, each distance once. Several nodes may do so at once. It gives
// how many contracts teams were told of.
func (s *Service) TellEndings(ctx context.Context) (int64, error) {
	var told int64
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return 0, err
	}
	today := consult.DateOf(now)
	rows, err := q.ContractsEnding(ctx, today.Time())
	if err != nil {
		return 0, fmt.Errorf("contracts that end: %w", err)
	}
	for _, r := range rows {
		standing := consult.ContractStanding{Stored: consult.ContractSigned, Starts: consult.DateFromTime(r.StartsOn), Ends: consult.DateFromTime(r.EndsOn)}
		due := standing.AlertDue(today, int(r.Told))
		if due == 0 {
			continue
		}
		err := s.in(ctx, identity.Actor{}, func(ch *change) error {
			ch.key = r.ID
			n, err := ch.q.ToldOfContract(ctx, db.ToldOfContractParams{ID: r.ID, Told: int16(due), Before: r.Told})
			if err != nil || n != 1 { // another node was quicker
				return err
			}
			users, err := ch.q.FdTeamUsers(ctx, r.TeamID)
			if err != nil {
				return fmt.Errorf("whom to tell: %w", err)
			}
			if err := ch.record(ctx, db.FdContract{ID: r.ID, State: string(consult.ContractSigned)}, "ending", consult.ContractSigned, roleSystem, map[string]any{"days": due}); err != nil {
				return err
			}
			told++
			return notify.Enqueue(ctx, ch.q, notify.Fact{Event: notify.ContractEnding, Key: string(notify.ContractEnding) + ":" + r.ID.String() + ":" + strconv.Itoa(due), Users: users,
				Subject: r.ID, At: ch.now})
		})
		if err != nil {
			return told, fmt.Errorf("tell of a contract that ends: %w", err)
		}
	}
	return told, nil
}
