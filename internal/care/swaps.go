package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Swaps of duty. What always holds: only a shift that has not begun changes hands; nobody is on duty twice at a time
// afterwards; the one who takes it holds the shift's role in its organisation and department; the request and its answer are
// two entries of the access log, each under the name of who gave it; shifts are locked before accounts, both in the order of
// their ids.

// The states of a swap.
const (
	swapOpen      = "OPEN"
	swapAccepted  = "ACCEPTED"
	swapDeclined  = "DECLINED"
	swapWithdrawn = "WITHDRAWN"
)

// mostSwapsOfShift bounds how often somebody asks for a swap of one shift: each request calls the colleagues.
const mostSwapsOfShift = 10

// workers are the roles that stand in the roster.
func workers() []string { return []string{RoleNurse, RoleAttending, RoleConsultant, RoleDispatcher} }

// ListShiftColleagues gives those whom the holder of a shift may ask to take it.
func (s *Service) ListShiftColleagues(ctx context.Context, a identity.Actor, id uuid.UUID) ([]contract.ShiftColleague, error) {
	if err := require(a, workers()...); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	shift, err := q.DutyShiftByID(ctx, id)
	if err := one(err, "the shift"); err != nil {
		return nil, err
	}
	if shift.UserID != a.UserID {
		return nil, problem.NotFound()
	}
	rows, err := q.ShiftColleagues(ctx, db.ShiftColleaguesParams{EndsAt: shift.EndsAt, StartsAt: shift.StartsAt, OrganisationID: shift.OrganisationID,
		Role: shift.Role, DepartmentID: shift.DepartmentID, Now: now, ExceptID: a.UserID})
	if err != nil {
		return nil, fmt.Errorf("list colleagues: %w", err)
	}
	out := make([]contract.ShiftColleague, len(rows))
	for i, r := range rows {
		out[i] = contract.ShiftColleague{Id: r.ID, Name: r.DisplayName, Free: r.Free}
	}
	return out, nil
}

// ListDutySwaps gives the swaps of shifts that touch the period: to an administrator those of the own organisations, to
// everybody else those that they asked for, were asked for, answered or could take.
func (s *Service) ListDutySwaps(ctx context.Context, a identity.Actor, in contract.ListDutySwapsParams) ([]contract.DutySwap, error) {
	if err := require(a, append(workers(), RoleInstAdmin)...); err != nil {
		return nil, err
	}
	if err := checkRosterPeriod(in.From, in.To); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.DutySwaps(ctx, db.DutySwapsParams{UserID: a.UserID, Organisations: a.Organisations(append(workers(), RoleInstAdmin)...),
		Before: in.To, After: in.From})
	if err != nil {
		return nil, fmt.Errorf("list swaps: %w", err)
	}
	out := []contract.DutySwap{}
	for _, r := range rows {
		if seesSwap(a, r) || a.In(r.OrganisationID, RoleInstAdmin) {
			out = append(out, s.swapView(a, r, now))
		}
	}
	return out, nil
}

// seesSwap says that the swap concerns the actor.
func seesSwap(a identity.Actor, r db.DutySwapsRow) bool {
	if r.RequestedBy == a.UserID || r.ToUserID != nil && *r.ToUserID == a.UserID || r.AnsweredBy != nil && *r.AnsweredBy == a.UserID {
		return true
	}
	return r.ToUserID == nil && mayTake(a, r.OrganisationID, r.DepartmentID, r.Role)
}

// mayTake says that the actor holds the role of a shift where it is served.
func mayTake(a identity.Actor, org uuid.UUID, department *uuid.UUID, role string) bool {
	return slices.ContainsFunc(a.Memberships, func(m identity.Membership) bool {
		return m.OrganisationID == org && m.Role == role && (department == nil || m.DepartmentID != nil && *m.DepartmentID == *department)
	})
}

// RequestDutySwap asks a colleague, or everybody in the same role and department, to take a shift of the caller that has not
// begun; in exchange for one of the colleague's, when it is named.
func (s *Service) RequestDutySwap(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.DutySwapInput) (contract.DutySwap, error) {
	if err := require(a, workers()...); err != nil {
		return contract.DutySwap{}, err
	}
	var f form
	note := f.text("note", value(in.Note), 0, 200)
	if in.ExchangeShiftId != nil && in.ToUserId == nil {
		f.add("toUserId", "required")
	}
	if in.ToUserId != nil && *in.ToUserId == a.UserID {
		f.add("toUserId", "wrong_value")
	}
	if err := f.err(); err != nil {
		return contract.DutySwap{}, err
	}
	id, _, err := s.create(ctx, a, cmd, "requestDutySwap", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		return s.requestSwap(ctx, q, a, id, in, note, now)
	})
	if err != nil {
		return contract.DutySwap{}, err
	}
	return s.swap(ctx, s.st.Q(), a, id)
}

func (s *Service) requestSwap(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, in contract.DutySwapInput, note string, now time.Time) error {
	mine, theirs, err := s.swapShifts(ctx, q, &in.ShiftId, in.ExchangeShiftId)
	if err != nil {
		return err
	}
	var f form
	if mine == nil || mine.UserID != a.UserID {
		return problem.NotFound()
	}
	if !mine.StartsAt.After(now) {
		return problem.New(http.StatusConflict, "swap_shift_begun", nil)
	}
	before, err := q.CountDutySwapsOf(ctx, db.CountDutySwapsOfParams{RequestedBy: a.UserID, OrganisationID: mine.OrganisationID, StartsAt: mine.StartsAt})
	if err != nil {
		return fmt.Errorf("count swaps: %w", err)
	}
	if before >= mostSwapsOfShift {
		return problem.New(http.StatusUnprocessableEntity, "too_many", problem.Args{"max": strconv.Itoa(mostSwapsOfShift)})
	}
	p := db.AddDutySwapParams{ID: id, OrganisationID: mine.OrganisationID, DepartmentID: mine.DepartmentID, Role: mine.Role, ShiftID: &mine.ID,
		StartsAt: mine.StartsAt, EndsAt: mine.EndsAt, RequestedBy: a.UserID, Now: now, ToUserID: in.ToUserId, NoteEnc: s.keep.SealText("duty_swaps", "note_enc", id, note)}
	if in.ExchangeShiftId != nil {
		if theirs == nil || theirs.UserID != *in.ToUserId || theirs.OrganisationID != mine.OrganisationID || theirs.Role != mine.Role ||
			!sameDepartment(theirs.DepartmentID, mine.DepartmentID) || !theirs.StartsAt.After(now) {
			f.add("exchangeShiftId", "wrong_value")
		} else {
			p.ExchangeShiftID, p.ExchangeStartsAt, p.ExchangeEndsAt = &theirs.ID, &theirs.StartsAt, &theirs.EndsAt
		}
	}
	colleagues, err := q.ShiftColleagues(ctx, db.ShiftColleaguesParams{EndsAt: mine.EndsAt, StartsAt: mine.StartsAt, OrganisationID: mine.OrganisationID,
		Role: mine.Role, DepartmentID: mine.DepartmentID, Now: now, ExceptID: a.UserID})
	if err != nil {
		return fmt.Errorf("list colleagues: %w", err)
	}
	asked := []uuid.UUID{}
	for _, c := range colleagues {
		if in.ToUserId == nil && c.Free || in.ToUserId != nil && c.ID == *in.ToUserId {
			asked = append(asked, c.ID)
		}
	}
	if in.ToUserId != nil && len(asked) == 0 {
		f.add("toUserId", "not_in_role_here")
	}
	if err := f.err(); err != nil {
		return err
	}
	if in.ToUserId != nil {
		if err := s.swapFits(ctx, q, a.UserID, *in.ToUserId, mine, theirs); err != nil {
			return err
		}
	}
	if _, err := q.ExpireDutySwaps(ctx, now); err != nil {
		return fmt.Errorf("expire swaps: %w", err)
	}
	if err := q.AddDutySwap(ctx, p); err != nil {
		if store.Violates(err, "duty_swaps_open") || store.Violates(err, "duty_swaps_open_exchange") {
			return problem.New(http.StatusConflict, "swap_open_already", nil)
		}
		return fmt.Errorf("ask for a swap: %w", err)
	}
	if err := notify.Enqueue(ctx, q, notify.Fact{Event: notify.SwapRequest, Users: asked, Subject: id, At: now}); err != nil {
		return err
	}
	if err := s.audit(ctx, q, a, now, mine.Role, "requestDutySwap", "duty_swap", &id, "shift "+mine.ID.String()); err != nil {
		return err
	}
	return s.tellRoster(ctx, q, mine.OrganisationID, append(asked, a.UserID))
}

func sameDepartment(a, b *uuid.UUID) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// swapShifts locks the shifts of a swap; one that is not there any more is nil.
func (s *Service) swapShifts(ctx context.Context, q *db.Queries, first, second *uuid.UUID) (mine, theirs *db.DutyShift, err error) {
	ids := []uuid.UUID{}
	for _, id := range []*uuid.UUID{first, second} {
		if id != nil {
			ids = append(ids, *id)
		}
	}
	rows, err := q.LockDutyShifts(ctx, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("lock the shifts: %w", err)
	}
	for i, r := range rows {
		if first != nil && r.ID == *first {
			mine = &rows[i]
		}
		if second != nil && r.ID == *second {
			theirs = &rows[i]
		}
	}
	return mine, theirs, nil
}

// swapFits refuses a swap after which somebody would be on duty twice. Locking the accounts makes the answer hold until the
// transaction ends.
func (s *Service) swapFits(ctx context.Context, q *db.Queries, giver, taker uuid.UUID, mine, theirs *db.DutyShift) error {
	accounts, err := q.LockAccounts(ctx, []uuid.UUID{giver, taker})
	if err != nil {
		return fmt.Errorf("lock the accounts: %w", err)
	}
	for _, account := range accounts {
		if account.DisabledAt != nil {
			return taken("toUserId", "not_in_role_here")
		}
	}
	given := []uuid.UUID{mine.ID}
	if theirs != nil {
		given = append(given, theirs.ID)
	}
	overlaps, err := q.OverlapsBesides(ctx, db.OverlapsBesidesParams{UserID: taker, StartsAt: mine.StartsAt, EndsAt: mine.EndsAt, Besides: given})
	if err != nil {
		return fmt.Errorf("look for overlaps: %w", err)
	}
	if !overlaps && theirs != nil {
		overlaps, err = q.OverlapsBesides(ctx, db.OverlapsBesidesParams{UserID: giver, StartsAt: theirs.StartsAt, EndsAt: theirs.EndsAt, Besides: given})
		if err != nil {
			return fmt.Errorf("look for overlaps: %w", err)
		}
	}
	if overlaps {
		return problem.New(http.StatusConflict, "swap_overlap", nil)
	}
	return nil
}

// AcceptDutySwap takes the shift: the first to accept wins, and both names stand in the log.
func (s *Service) AcceptDutySwap(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.DutySwap, error) {
	return s.onSwap(ctx, a, cmd, "acceptDutySwap", id, func(q *db.Queries, w db.DutySwap, now time.Time) error {
		if w.RequestedBy == a.UserID || !mayTake(a, w.OrganisationID, w.DepartmentID, w.Role) {
			return problem.New(http.StatusConflict, "swap_not_yours", nil)
		}
		mine, theirs, err := s.swapShifts(ctx, q, w.ShiftID, w.ExchangeShiftID)
		if err != nil {
			return err
		}
		exchange := w.ExchangeStartsAt != nil
		if mine == nil || mine.UserID != w.RequestedBy || exchange && (theirs == nil || theirs.UserID != a.UserID) {
			return problem.New(http.StatusConflict, "swap_roster_changed", nil)
		}
		if !mine.StartsAt.After(now) || exchange && !theirs.StartsAt.After(now) {
			return problem.New(http.StatusConflict, "swap_shift_begun", nil)
		}
		if err := s.swapFits(ctx, q, w.RequestedBy, a.UserID, mine, theirs); err != nil {
			return err
		}
		held, err := q.MembershipsHeld(ctx, db.MembershipsHeldParams{Users: []uuid.UUID{w.RequestedBy}, Now: now})
		if err != nil {
			return fmt.Errorf("load memberships: %w", err)
		}
		if exchange && !slices.ContainsFunc(held, func(m db.MembershipsHeldRow) bool {
			return m.OrganisationID == w.OrganisationID && m.Role == w.Role && (w.DepartmentID == nil || sameDepartment(m.DepartmentID, w.DepartmentID))
		}) {
			return problem.New(http.StatusConflict, "swap_roster_changed", nil) // who asked has left meanwhile and cannot take the other shift
		}
		if err := q.GiveDutyShift(ctx, db.GiveDutyShiftParams{ID: mine.ID, UserID: a.UserID}); err != nil {
			return fmt.Errorf("give the shift: %w", err)
		}
		if exchange {
			if err := q.GiveDutyShift(ctx, db.GiveDutyShiftParams{ID: theirs.ID, UserID: w.RequestedBy}); err != nil {
				return fmt.Errorf("give the other shift: %w", err)
			}
		}
		return s.answerSwap(ctx, q, a, w, swapAccepted, now)
	})
}

// DeclineDutySwap says no: to a request to one it is the end, one to everybody stays open for the others.
func (s *Service) DeclineDutySwap(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.DutySwap, error) {
	return s.onSwap(ctx, a, cmd, "declineDutySwap", id, func(q *db.Queries, w db.DutySwap, now time.Time) error {
		if w.RequestedBy == a.UserID {
			return problem.New(http.StatusConflict, "swap_not_yours", nil)
		}
		if w.ToUserID != nil {
			return s.answerSwap(ctx, q, a, w, swapDeclined, now)
		}
		if err := q.AddSwapDecline(ctx, db.AddSwapDeclineParams{SwapID: w.ID, UserID: a.UserID, Now: now}); err != nil {
			return fmt.Errorf("decline: %w", err)
		}
		return s.audit(ctx, q, a, now, w.Role, "declineDutySwap", "duty_swap", &w.ID, "")
	})
}

// WithdrawDutySwap takes an open request of the caller back.
func (s *Service) WithdrawDutySwap(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.DutySwap, error) {
	return s.onSwap(ctx, a, cmd, "withdrawDutySwap", id, func(q *db.Queries, w db.DutySwap, now time.Time) error {
		if w.RequestedBy != a.UserID {
			return problem.New(http.StatusConflict, "swap_not_yours", nil)
		}
		return s.answerSwap(ctx, q, a, w, swapWithdrawn, now)
	})
}

// onSwap carries out one command on one open swap that concerns the caller.
func (s *Service) onSwap(ctx context.Context, a identity.Actor, cmd uuid.UUID, operation string, id uuid.UUID, do func(q *db.Queries, w db.DutySwap, now time.Time) error) (contract.DutySwap, error) {
	if err := require(a, workers()...); err != nil {
		return contract.DutySwap{}, err
	}
	var out contract.DutySwap
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		w, err := q.LockDutySwap(ctx, id)
		if err := one(err, "the swap"); err != nil {
			return err
		}
		if _, err := s.swap(ctx, q, a, id); err != nil {
			return err // nobody's business
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		done, _, err := s.once(ctx, q, a, cmd, operation, id)
		if err != nil {
			return err
		}
		if !done {
			switch {
			case w.State == swapOpen && (!w.StartsAt.After(now) || w.ExchangeStartsAt != nil && !w.ExchangeStartsAt.After(now)):
				return problem.New(http.StatusConflict, "swap_shift_begun", nil)
			case w.State != swapOpen:
				return problem.New(http.StatusConflict, "swap_closed", nil)
			}
			if err := do(q, w, now); err != nil {
				return err
			}
			if err := s.answered(ctx, q, a, cmd, operation, id, id); err != nil {
				return err
			}
		}
		if out, err = s.swap(ctx, q, a, id); err != nil || done {
			return err
		}
		told := []uuid.UUID{w.RequestedBy, a.UserID}
		if w.ToUserID != nil {
			told = append(told, *w.ToUserID)
		}
		return s.tellRoster(ctx, q, w.OrganisationID, told)
	})
	return out, err
}

// answerSwap closes a swap, enters the answer into the log and tells who asked.
func (s *Service) answerSwap(ctx context.Context, q *db.Queries, a identity.Actor, w db.DutySwap, state string, now time.Time) error {
	p := db.AnswerDutySwapParams{ID: w.ID, State: state, Now: &now}
	action := "withdrawDutySwap"
	if state != swapWithdrawn {
		p.AnsweredBy = &a.UserID
		action = "declineDutySwap"
		if state == swapAccepted {
			action = "acceptDutySwap"
		}
		if err := notify.Enqueue(ctx, q, notify.Fact{Event: notify.SwapAnswer, Users: []uuid.UUID{w.RequestedBy}, Subject: w.ID, At: now}); err != nil {
			return err
		}
	}
	if err := q.AnswerDutySwap(ctx, p); err != nil {
		return fmt.Errorf("answer the swap: %w", err)
	}
	detail := "asked by " + w.RequestedBy.String()
	if w.ShiftID != nil {
		detail += " shift " + w.ShiftID.String()
	}
	return s.audit(ctx, q, a, now, w.Role, action, "duty_swap", &w.ID, detail)
}

// tellRoster tells the pages that show the roster. It is the last statement of the transaction.
func (s *Service) tellRoster(ctx context.Context, q *db.Queries, org uuid.UUID, people []uuid.UUID) error {
	return store.Append(ctx, q, org, store.Envelope{Event: "duty.changed", To: store.Audience{Organisations: []uuid.UUID{org}, Users: people}, Data: struct{}{}})
}

// swap gives one swap to somebody whom it concerns.
func (s *Service) swap(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (contract.DutySwap, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.DutySwap{}, err
	}
	rows, err := q.DutySwaps(ctx, db.DutySwapsParams{UserID: a.UserID, Organisations: a.Organisations(workers()...), ID: &id})
	if err != nil {
		return contract.DutySwap{}, fmt.Errorf("read the swap: %w", err)
	}
	if len(rows) != 1 || !seesSwap(a, rows[0]) {
		return contract.DutySwap{}, problem.NotFound()
	}
	return s.swapView(a, rows[0], now), nil
}

func (s *Service) swapView(a identity.Actor, r db.DutySwapsRow, now time.Time) contract.DutySwap {
	out := contract.DutySwap{Id: r.ID, State: contract.SwapState(r.State), RequestedBy: r.RequestedBy, RequestedByName: r.RequestedByName,
		RequestedAt: r.RequestedAt, ToUserId: r.ToUserID, ToUserName: some(r.ToUserName), AnsweredBy: r.AnsweredBy, AnsweredByName: some(r.AnsweredByName),
		AnsweredAt: r.AnsweredAt, Mine: r.RequestedBy == a.UserID,
		Shift: contract.SwapShift{Id: idOr(r.ShiftID), Role: contract.Role(r.Role), DepartmentId: r.DepartmentID, DepartmentName: some(r.DepartmentName), StartsAt: r.StartsAt, EndsAt: r.EndsAt}}
	if r.ExchangeStartsAt != nil && r.ExchangeEndsAt != nil {
		out.Exchange = &contract.SwapShift{Id: idOr(r.ExchangeShiftID), Role: contract.Role(r.Role), DepartmentId: r.DepartmentID,
			DepartmentName: some(r.DepartmentName), StartsAt: *r.ExchangeStartsAt, EndsAt: *r.ExchangeEndsAt}
	}
	begun := !r.StartsAt.After(now) || r.ExchangeStartsAt != nil && !r.ExchangeStartsAt.After(now)
	if r.State == swapOpen && begun {
		out.State = contract.SwapState("EXPIRED") // as the next turn of the clock will write it
	}
	if r.State == swapOpen && !begun {
		asked := !out.Mine && (r.ToUserID == nil || *r.ToUserID == a.UserID) && mayTake(a, r.OrganisationID, r.DepartmentID, r.Role)
		out.CanAccept, out.CanDecline, out.CanWithdraw = asked, asked && !r.DeclinedByMe, out.Mine
	}
	// What is said between two colleagues is not for an administrator.
	if seesSwap(a, r) {
		if note, err := s.keep.OpenText("duty_swaps", "note_enc", r.ID, r.NoteEnc); err == nil {
			out.Note = some(note)
		}
	}
	return out
}

func idOr(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

// ExpireDutySwaps closes requests whose shift has begun or was taken out of the roster.
func (s *Service) ExpireDutySwaps(ctx context.Context) (int64, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return 0, err
	}
	n, err := q.ExpireDutySwaps(ctx, now)
	if err != nil {
		return 0, fmt.Errorf("expire swaps: %w", err)
	}
	return n, nil
}
