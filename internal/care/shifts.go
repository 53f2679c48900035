package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Bounds of the duty roster.
const (
	longestShift  = 48 * time.Hour
	longestRoster = 100 * 24 * time.Hour // what one list shows
	farthestCopy  = 366 * 24 * time.Hour // between a week and its copy
)

// ListDutyShifts gives the shifts of the caller's organisations that touch the period.
func (s *Service) ListDutyShifts(ctx context.Context, a identity.Actor, in contract.ListDutyShiftsParams) ([]contract.DutyShift, error) {
	if err := require(a, append(workers(), RoleInstAdmin)...); err != nil {
		return nil, err
	}
	if err := checkRosterPeriod(in.From, in.To); err != nil {
		return nil, err
	}
	q := s.st.Q()
	rows, err := q.DutyShiftsBetween(ctx, db.DutyShiftsBetweenParams{Before: in.To, After: in.From,
		Organisations: a.Organisations(append(workers(), RoleInstAdmin)...)})
	if err != nil {
		return nil, fmt.Errorf("list duty shifts: %w", err)
	}
	out := make([]contract.DutyShift, len(rows))
	for i, r := range rows {
		out[i] = shiftView(r)
	}
	return out, withSwaps(ctx, q, out)
}

func checkRosterPeriod(from, to time.Time) error {
	var f form
	switch length := to.Sub(from); {
	case length <= 0:
		f.add("to", "period_order")
	case length > longestRoster:
		f.add("to", "period_too_long", "days", "100")
	}
	return f.err()
}

// withSwaps adds to shifts the open request for a swap and who had them before the last one.
func withSwaps(ctx context.Context, q *db.Queries, shifts []contract.DutyShift) error {
	ids := make([]uuid.UUID, len(shifts))
	place := make(map[uuid.UUID]int, len(shifts))
	for i, v := range shifts {
		ids[i], place[v.Id] = v.Id, i
	}
	rows, err := q.SwapsOnShifts(ctx, ids)
	if err != nil {
		return fmt.Errorf("swaps of the shifts: %w", err)
	}
	for _, r := range rows {
		v := &shifts[place[r.ShiftID]]
		v.OpenSwapId, v.SwappedFrom = r.OpenSwapID, some(r.SwappedFrom)
	}
	return nil
}

// onDutyByRoster says who of the departments is on duty now, and until when.
func (s *Service) onDutyByRoster(ctx context.Context, q *db.Queries, departments []uuid.UUID, now time.Time) (map[uuid.UUID]time.Time, error) {
	rows, err := q.OnDutyNow(ctx, db.OnDutyNowParams{Departments: departments, Now: now})
	if err != nil {
		return nil, fmt.Errorf("who is on duty: %w", err)
	}
	out := make(map[uuid.UUID]time.Time, len(rows))
	for _, r := range rows {
		out[r.UserID] = r.Until
	}
	return out, nil
}

// CreateDutyShift puts somebody of the caller's organisation on duty. Nobody is on duty twice at a time (shift_overlap).
func (s *Service) CreateDutyShift(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.DutyShiftInput) (contract.DutyShift, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.DutyShift{}, err
	}
	id, _, err := s.create(ctx, a, cmd, "createDutyShift", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		var f form
		role := string(in.Role)
		if !slices.Contains(workers(), role) {
			f.add("role", "wrong_value")
		}
		switch length := in.EndsAt.Sub(in.StartsAt); {
		case length <= 0:
			f.add("endsAt", "period_order")
		case length > longestShift:
			f.add("endsAt", "shift_too_long", "hours", "48")
		case !in.EndsAt.After(now):
			f.add("endsAt", "shift_past")
		}
		// The lock makes the check for overlaps hold until the shift is entered.
		user, err := q.LockAccount(ctx, in.UserId)
		if err != nil && !store.IsNone(err) {
			return fmt.Errorf("load the account: %w", err)
		}
		org, fits := uuid.Nil, false
		if err == nil && user.DisabledAt == nil {
			if org, fits, err = s.worksFor(ctx, q, a, in, now); err != nil {
				return err
			}
		}
		if !fits {
			f.add("userId", "not_in_role_here")
		}
		if err := f.err(); err != nil {
			return err
		}
		overlaps, err := q.DutyShiftOverlaps(ctx, db.DutyShiftOverlapsParams{UserID: in.UserId, StartsAt: in.StartsAt, EndsAt: in.EndsAt})
		if err != nil {
			return fmt.Errorf("look for overlaps: %w", err)
		}
		if overlaps {
			return taken("startsAt", "shift_overlap")
		}
		if err := q.InsertDutyShift(ctx, db.InsertDutyShiftParams{ID: id, OrganisationID: org, DepartmentID: in.DepartmentId, UserID: in.UserId,
			Role: role, StartsAt: in.StartsAt, EndsAt: in.EndsAt}); err != nil {
			return fmt.Errorf("enter the shift: %w", err)
		}
		return s.audit(ctx, q, a, now, RoleInstAdmin, "createDutyShift", "duty_shift", &id, "")
	})
	if err != nil {
		return contract.DutyShift{}, err
	}
	row, err := s.st.Q().DutyShiftByID(ctx, id)
	if err := one(err, "the shift"); err != nil {
		return contract.DutyShift{}, err
	}
	return shiftView(db.DutyShiftsBetweenRow(row)), nil
}

// worksFor finds the caller's organisation in which the person holds the role, for a named department in that department.
func (s *Service) worksFor(ctx context.Context, q *db.Queries, a identity.Actor, in contract.DutyShiftInput, now time.Time) (uuid.UUID, bool, error) {
	held, err := q.MembershipsHeld(ctx, db.MembershipsHeldParams{Users: []uuid.UUID{in.UserId}, Now: now})
	if err != nil {
		return uuid.Nil, false, fmt.Errorf("load memberships: %w", err)
	}
	for _, m := range held {
		if m.Role != string(in.Role) || !a.In(m.OrganisationID, RoleInstAdmin) {
			continue
		}
		if in.DepartmentId == nil || m.DepartmentID != nil && *m.DepartmentID == *in.DepartmentId {
			return m.OrganisationID, true, nil
		}
	}
	return uuid.Nil, false, nil
}

// DeleteDutyShift takes a shift out of the roster. One that is over stays: it says who was responsible.
func (s *Service) DeleteDutyShift(ctx context.Context, a identity.Actor, id uuid.UUID) error {
	if err := require(a, RoleInstAdmin); err != nil {
		return err
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		row, err := q.DutyShiftByID(ctx, id)
		if err := one(err, "the shift"); err != nil {
			return err
		}
		if !a.In(row.OrganisationID, RoleInstAdmin) {
			return problem.NotFound()
		}
		if !row.EndsAt.After(now) {
			return problem.New(http.StatusConflict, "shift_past", nil)
		}
		if err := q.DeleteDutyShift(ctx, id); err != nil {
			return fmt.Errorf("delete the shift: %w", err)
		}
		return s.audit(ctx, q, a, now, RoleInstAdmin, "deleteDutyShift", "duty_shift", &id, "")
	})
}

func shiftView(r db.DutyShiftsBetweenRow) contract.DutyShift {
	return contract.DutyShift{Id: r.ID, UserId: r.UserID, UserName: r.UserName, Role: contract.Role(r.Role), DepartmentId: r.DepartmentID,
		DepartmentName: some(r.DepartmentName), StartsAt: r.StartsAt, EndsAt: r.EndsAt}
}

// CopyDutyWeek copies the shifts that begin in the seven days from one day to those from another, in local time, so that a
// shift at eight stays at eight. What cannot be is left out and named with its reason; the rest is entered.
func (s *Service) CopyDutyWeek(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.CopyWeekRequest) (contract.CopiedWeek, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.CopiedWeek{}, err
	}
	from, to := dateOf(in.From), dateOf(in.To)
	var f form
	switch moved := to.Start().Sub(from.Start()).Abs(); {
	case moved == 0:
		f.add("to", "wrong_value")
	case moved > farthestCopy:
		f.add("to", "period_too_long", "days", "366")
	}
	if err := f.err(); err != nil {
		return contract.CopiedWeek{}, err
	}
	out := contract.CopiedWeek{Created: []contract.DutyShift{}, Skipped: []contract.SkippedShift{}}
	_, repeated, err := s.create(ctx, a, cmd, "copyDutyWeek", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		out = contract.CopiedWeek{Created: []contract.DutyShift{}, Skipped: []contract.SkippedShift{}}
		rows, err := q.ShiftsOfWeek(ctx, db.ShiftsOfWeekParams{Organisations: a.Organisations(RoleInstAdmin), Since: from.Start(), Before: from.AddDays(7).Start()})
		if err != nil {
			return fmt.Errorf("the week's shifts: %w", err)
		}
		people := []uuid.UUID{}
		for _, r := range rows {
			people = append(people, r.UserID)
		}
		if _, err := q.LockAccounts(ctx, people); err != nil {
			return fmt.Errorf("lock the accounts: %w", err)
		}
		moved := to.Start().Sub(from.Start())
		made := []uuid.UUID{}
		for _, r := range rows {
			startsAt, endsAt := r.StartsAt.Add(moved), r.EndsAt.Add(moved)
			refusal, err := s.copyRefusal(ctx, q, a, r, startsAt, endsAt, now)
			if err != nil {
				return err
			}
			if refusal != "" {
				out.Skipped = append(out.Skipped, contract.SkippedShift{UserName: r.UserName, StartsAt: startsAt, EndsAt: endsAt, Code: refusal,
					Message: problem.Sentence(a.Locale, refusal, nil)})
				continue
			}
			shift := newID()
			if err := q.InsertDutyShift(ctx, db.InsertDutyShiftParams{ID: shift, OrganisationID: r.OrganisationID, DepartmentID: r.DepartmentID, UserID: r.UserID,
				Role: r.Role, StartsAt: startsAt, EndsAt: endsAt}); err != nil {
				return fmt.Errorf("enter the shift: %w", err)
			}
			made = append(made, shift)
		}
		entered, err := q.DutyShiftsNamed(ctx, made)
		if err != nil {
			return fmt.Errorf("read the shifts: %w", err)
		}
		for _, r := range entered {
			out.Created = append(out.Created, shiftView(db.DutyShiftsBetweenRow(r)))
		}
		return s.audit(ctx, q, a, now, RoleInstAdmin, "copyDutyWeek", "duty_shift", &id, fmt.Sprintf("%d entered %d left out", len(made), len(out.Skipped)))
	})
	if err != nil {
		return contract.CopiedWeek{}, err
	}
	if repeated { // what was entered stands in the roster
		rows, err := s.st.Q().ShiftsOfWeek(ctx, db.ShiftsOfWeekParams{Organisations: a.Organisations(RoleInstAdmin), Since: to.Start(), Before: to.AddDays(7).Start()})
		if err != nil {
			return contract.CopiedWeek{}, fmt.Errorf("the week's shifts: %w", err)
		}
		for _, r := range rows {
			out.Created = append(out.Created, contract.DutyShift{Id: r.ID, UserId: r.UserID, UserName: r.UserName, Role: contract.Role(r.Role), DepartmentId: r.DepartmentID,
				DepartmentName: some(r.DepartmentName), StartsAt: r.StartsAt, EndsAt: r.EndsAt})
		}
	}
	return out, nil
}

// copyRefusal says why a shift cannot be copied, or nothing.
func (s *Service) copyRefusal(ctx context.Context, q *db.Queries, a identity.Actor, r db.ShiftsOfWeekRow, startsAt, endsAt, now time.Time) (string, error) {
	if !endsAt.After(now) {
		return "shift_past", nil
	}
	_, fits, err := s.worksFor(ctx, q, a, contract.DutyShiftInput{UserId: r.UserID, Role: contract.Role(r.Role), DepartmentId: r.DepartmentID}, now)
	if err != nil {
		return "", err
	}
	if !fits || r.DisabledAt != nil {
		return "not_in_role_here", nil
	}
	overlaps, err := q.DutyShiftOverlaps(ctx, db.DutyShiftOverlapsParams{UserID: r.UserID, StartsAt: startsAt, EndsAt: endsAt})
	if err != nil {
		return "", fmt.Errorf("look for overlaps: %w", err)
	}
	if overlaps {
		return "shift_overlap", nil
	}
	return "", nil
}
