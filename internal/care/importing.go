package care

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Master data that a workbook brings. Every row is entered as one that somebody types, all in one transaction; while one is wrong, and in
// a dry run, nothing stays. So a dry run judges by the same rules, and finds what two rows of a file cannot both be.

// importNote is called in the transaction when every row was entered.
type importNote = func(ctx context.Context, q *db.Queries, now time.Time) error

// errNotKept takes back what was entered.
var errNotKept = errors.New("care: the rows of an import are taken back")

// importRows enters n rows. wrong names, by the number of a row from 0, what is wrong with it; none: all were entered, or would be.
func (s *Service) importRows(ctx context.Context, a identity.Actor, cmd uuid.UUID, dry bool, operation string, request any, n int, note importNote,
	enter func(q *db.Queries, i int, now time.Time) error) (wrong map[int]*problem.Problem, err error) {
	_, _, err = s.create(ctx, a, cmd, operation, request, func(q *db.Queries, _ uuid.UUID, now time.Time) error {
		wrong = map[int]*problem.Problem{}
		for i := range n {
			err := enter(q, i, now)
			if err == nil {
				continue
			}
			p := problem.Of(err)
			if p.Status >= 500 || p.Code == "forbidden" {
				return err
			}
			wrong[i] = p
		}
		if dry || len(wrong) > 0 || n == 0 {
			return errNotKept
		}
		return note(ctx, q, now)
	})
	if errors.Is(err, errNotKept) {
		err = nil
	}
	return wrong, err
}

// ImportResidents enters residents of one institution, as CreateResident does.
func (s *Service) ImportResidents(ctx context.Context, a identity.Actor, cmd uuid.UUID, dry bool, rows []contract.ResidentInput, note importNote) (map[int]*problem.Problem, error) {
	if err := require(a, RoleNurse, RoleInstAdmin); err != nil {
		return nil, err
	}
	return s.importRows(ctx, a, cmd, dry, "importResidents", rows, len(rows), note, func(q *db.Queries, i int, now time.Time) error {
		return s.enterResident(ctx, q, a, newID(), rows[i], now)
	})
}

// ImportAgreements enters agreements, as CreateAgreement does.
func (s *Service) ImportAgreements(ctx context.Context, a identity.Actor, cmd uuid.UUID, dry bool, rows []contract.AgreementInput, note importNote) (map[int]*problem.Problem, error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return nil, err
	}
	return s.importRows(ctx, a, cmd, dry, "importAgreements", rows, len(rows), note, func(q *db.Queries, i int, now time.Time) error {
		// A number that is there would end the transaction.
		known, err := q.AgreementNumberKnown(ctx, rows[i].Number)
		if err != nil {
			return fmt.Errorf("number of an agreement: %w", err)
		}
		if known {
			return taken("number", "agreement_number_taken")
		}
		return s.enterAgreement(ctx, q, a, newID(), rows[i], now)
	})
}

// ImportUsers opens accounts, as CreateUser does. A user name of somebody who does not belong to the institution alone invites that person, as
// AddMembership does; invited names them, also in a dry run. The temporary passwords, in the order of the rows and "" for who is invited, are
// given once; none in a dry run and when a command is repeated.
func (s *Service) ImportUsers(ctx context.Context, a identity.Actor, cmd uuid.UUID, dry bool, rows []contract.UserInput, note importNote) (wrong map[int]*problem.Problem, passwords, invited []string, err error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin); err != nil {
		return nil, nil, nil, err
	}
	drawn, hashes, entered := make([]string, len(rows)), make([]string, len(rows)), false
	enter := func(q *db.Queries, i int, now time.Time) error {
		if entered = true; i == 0 { // a transaction that is tried again begins anew
			invited = nil
		}
		// A name that is there would end the transaction.
		_, err := q.UserByUsername(ctx, rows[i].Username)
		switch {
		case store.IsNone(err):
			return s.enterUser(ctx, q, a, newID(), rows[i], hashes[i], now)
		case err != nil:
			return fmt.Errorf("name of an account: %w", err)
		}
		if err := s.inviteRow(ctx, q, a, rows[i], now); err != nil {
			return err
		}
		invited = append(invited, rows[i].Username)
		return nil
	}
	// Passwords take their time: they are drawn for rows that are right, and before the transaction.
	wrong, err = s.importRows(ctx, a, cmd, true, "importUsers", rows, len(rows), note, enter)
	if err != nil || dry || len(wrong) > 0 || !entered {
		return wrong, nil, invited, err
	}
	asked := invited
	for i := range rows {
		if slices.Contains(asked, rows[i].Username) {
			continue
		}
		if drawn[i], hashes[i], err = s.id.NewPassword(ctx); err != nil {
			return nil, nil, nil, fmt.Errorf("draw a password: %w", err)
		}
	}
	entered, invited = false, nil
	wrong, err = s.importRows(ctx, a, cmd, false, "importUsers", rows, len(rows), note, enter)
	if err != nil || len(wrong) > 0 || !entered {
		return wrong, nil, nil, err
	}
	return wrong, drawn, invited, nil
}

// inviteRow invites whose user name a row bears; username_taken where the person works here alone, since a row is somebody new.
func (s *Service) inviteRow(ctx context.Context, q *db.Queries, a identity.Actor, row contract.UserInput, now time.Time) error {
	if !a.Has(RoleSysAdmin) && !a.In(row.OrganisationId, RoleInstAdmin) {
		return problem.NotFound()
	}
	p, err := findPerson(ctx, q, row.Username, now)
	if err != nil {
		return err
	}
	if p.id == a.UserID || p.belongsOnlyTo(row.OrganisationId) {
		return taken("username", "username_taken")
	}
	in := contract.MembershipInput{Username: row.Username, OrganisationId: row.OrganisationId, DepartmentId: row.DepartmentId, Role: row.Role, Licence: row.Licence}
	if err := s.roleFits(ctx, q, a, in, now); err != nil {
		return err
	}
	return s.invite(ctx, q, a, newID(), p, in, now)
}
