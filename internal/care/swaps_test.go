package care_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// roster is a world in whose department 02 three doctors share the shifts: Wang, Zhao and Junior.
type roster struct {
	*caretest.World
	t *testing.T
}

func newRoster(t *testing.T) *roster { return &roster{caretest.New(t), t} }

// day gives an instant of a day after the world's start, in local hours.
func (r *roster) day(days, hour int) time.Time {
	return caretest.Start().AddDate(0, 0, days).Add(time.Duration(hour-9) * time.Hour) // the world starts at nine
}

func (r *roster) shift(who identity.Actor, from, to time.Time) contract.DutyShift {
	r.t.Helper()
	department := r.Departments["02"]
	return must(r.Care.CreateDutyShift(r.t.Context(), r.HospitalAdmin, uuid.New(), contract.DutyShiftInput{UserId: who.UserID, Role: "CONSULTANT",
		DepartmentId: &department, StartsAt: from, EndsAt: to}))(r.t)
}

func (r *roster) ask(who identity.Actor, in contract.DutySwapInput) contract.DutySwap {
	r.t.Helper()
	return must(r.Care.RequestDutySwap(r.t.Context(), who, uuid.New(), in))(r.t)
}

// holder says who has a shift.
func (r *roster) holder(shift uuid.UUID) string {
	r.t.Helper()
	for _, v := range must(r.Care.ListDutyShifts(r.t.Context(), r.HospitalAdmin, contract.ListDutyShiftsParams{From: r.day(-1, 0), To: r.day(60, 0)}))(r.t) {
		if v.Id == shift {
			return v.UserName
		}
	}
	return ""
}

func TestAShiftIsGivenToANamedColleague(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	ctx := t.Context()
	s := r.shift(r.Wang, r.day(1, 8), r.day(1, 18))
	colleagues := must(r.Care.ListShiftColleagues(ctx, r.Wang, s.Id))(t)
	is(t, "colleagues of the department", len(colleagues), 2)
	_, err := r.Care.ListShiftColleagues(ctx, r.Zhao, s.Id)
	refused(t, err, "not_found")
	_, err = r.Care.RequestDutySwap(ctx, r.Zhao, uuid.New(), contract.DutySwapInput{ShiftId: s.Id})
	refused(t, err, "not_found") // not her shift
	_, err = r.Care.RequestDutySwap(ctx, r.Wang, uuid.New(), contract.DutySwapInput{ShiftId: s.Id, ToUserId: &r.Gao.UserID})
	refused(t, err, "invalid_request") // another department

	cmd, note := uuid.New(), "家里有事"
	in := contract.DutySwapInput{ShiftId: s.Id, ToUserId: &r.Zhao.UserID, Note: &note}
	w := must(r.Care.RequestDutySwap(ctx, r.Wang, cmd, in))(t)
	is(t, "repeated", must(r.Care.RequestDutySwap(ctx, r.Wang, cmd, in))(t).Id, w.Id)
	_, err = r.Care.RequestDutySwap(ctx, r.Wang, uuid.New(), in)
	refused(t, err, "swap_open_already")
	is(t, "mine", w.Mine && w.CanWithdraw && !w.CanAccept, true)
	for name, who := range map[string]identity.Actor{"somebody else of the department": r.Junior, "another department": r.Gao, "another hospital": r.StrangerDoctor} {
		if _, err := r.Care.AcceptDutySwap(ctx, who, uuid.New(), w.Id); err == nil {
			t.Errorf("accepted by %s", name)
		} else {
			refused(t, err, "not_found")
		}
	}
	seen := must(r.Care.ListDutySwaps(ctx, r.Zhao, contract.ListDutySwapsParams{From: r.day(0, 0), To: r.day(7, 0)}))(t)
	is(t, "asked", len(seen), 1)
	is(t, "may accept", seen[0].CanAccept && seen[0].CanDecline && !seen[0].CanWithdraw, true)
	is(t, "the note", *seen[0].Note, note)
	admin := must(r.Care.ListDutySwaps(ctx, r.HospitalAdmin, contract.ListDutySwapsParams{From: r.day(0, 0), To: r.day(7, 0)}))(t)
	is(t, "the administrator sees it", len(admin), 1)
	if admin[0].Note != nil || admin[0].CanAccept {
		t.Errorf("the administrator gets %+v", admin[0])
	}
	_, err = r.Care.WithdrawDutySwap(ctx, r.Zhao, uuid.New(), w.Id)
	refused(t, err, "swap_not_yours")

	cmd = uuid.New()
	done := must(r.Care.AcceptDutySwap(ctx, r.Zhao, cmd, w.Id))(t)
	is(t, "accepted", done.State, "ACCEPTED")
	is(t, "repeated", must(r.Care.AcceptDutySwap(ctx, r.Zhao, cmd, w.Id))(t).State, "ACCEPTED")
	is(t, "holder", r.holder(s.Id), "赵医生")
	_, err = r.Care.WithdrawDutySwap(ctx, r.Wang, uuid.New(), w.Id)
	refused(t, err, "swap_closed")
	// Both signs stand in the log.
	for action, who := range map[string]identity.Actor{"requestDutySwap": r.Wang, "acceptDutySwap": r.Zhao} {
		is(t, action, r.Count(`SELECT count(*) FROM access_log WHERE action = $1 AND user_id = $2 AND object_id = $3`, action, who.UserID, w.Id), 1)
	}
	is(t, "told", r.Count(`SELECT count(*) FROM notifications WHERE subject_id = $1`, w.Id), 2)
	for _, v := range must(r.Care.ListDutyShifts(ctx, r.Zhao, contract.ListDutyShiftsParams{From: r.day(0, 0), To: r.day(7, 0)}))(t) {
		if v.Id == s.Id && (v.SwappedFrom == nil || *v.SwappedFrom != "王医生" || v.OpenSwapId != nil) {
			t.Errorf("the roster says %+v", v)
		}
	}
}

func TestAnExchange(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	ctx := t.Context()
	mine, hers := r.shift(r.Wang, r.day(1, 8), r.day(1, 18)), r.shift(r.Zhao, r.day(1, 12), r.day(1, 22)) // they overlap, and change places
	w := r.ask(r.Wang, contract.DutySwapInput{ShiftId: mine.Id, ToUserId: &r.Zhao.UserID, ExchangeShiftId: &hers.Id})
	must(r.Care.AcceptDutySwap(ctx, r.Zhao, uuid.New(), w.Id))(t)
	is(t, "his", r.holder(mine.Id), "赵医生")
	is(t, "hers", r.holder(hers.Id), "王医生")
	_, err := r.Care.RequestDutySwap(ctx, r.Zhao, uuid.New(), contract.DutySwapInput{ShiftId: mine.Id, ToUserId: &r.Junior.UserID, ExchangeShiftId: &hers.Id})
	refused(t, err, "invalid_request") // not Junior's shift

	// Who asked and works in another department by now cannot take a shift of this one.
	hers = r.shift(r.Zhao, r.day(2, 12), r.day(2, 22))
	w = r.ask(r.Wang, contract.DutySwapInput{ShiftId: r.shift(r.Wang, r.day(3, 8), r.day(3, 18)).Id, ToUserId: &r.Zhao.UserID, ExchangeShiftId: &hers.Id})
	r.Exec(`UPDATE memberships SET department_id = $2 WHERE user_id = $1`, r.Wang.UserID, r.Departments["0310"])
	_, err = r.Care.AcceptDutySwap(ctx, r.Zhao, uuid.New(), w.Id)
	refused(t, err, "swap_roster_changed")
}

func TestNobodyIsOnDutyTwiceAfterASwap(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	ctx := t.Context()
	s := r.shift(r.Wang, r.day(1, 8), r.day(1, 18))
	other := r.shift(r.Zhao, r.day(1, 17), r.day(2, 2))
	_, err := r.Care.RequestDutySwap(ctx, r.Wang, uuid.New(), contract.DutySwapInput{ShiftId: s.Id, ToUserId: &r.Zhao.UserID})
	refused(t, err, "swap_overlap")
	// Everybody is asked; who is on duty at that time cannot take it.
	w := r.ask(r.Wang, contract.DutySwapInput{ShiftId: s.Id})
	_, err = r.Care.AcceptDutySwap(ctx, r.Zhao, uuid.New(), w.Id)
	refused(t, err, "swap_overlap")
	is(t, "holder", r.holder(s.Id), "王医生")
	if err := r.Care.DeleteDutyShift(ctx, r.HospitalAdmin, other.Id); err != nil {
		t.Fatal(err)
	}
	must(r.Care.AcceptDutySwap(ctx, r.Zhao, uuid.New(), w.Id))(t)
	is(t, "holder", r.holder(s.Id), "赵医生")
}

func TestOnlyFutureShiftsAreSwapped(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	ctx := t.Context()
	now := r.shift(r.Wang, r.day(0, 8), r.day(0, 18)) // has begun
	_, err := r.Care.RequestDutySwap(ctx, r.Wang, uuid.New(), contract.DutySwapInput{ShiftId: now.Id})
	refused(t, err, "swap_shift_begun")
	later := r.shift(r.Wang, r.day(1, 8), r.day(1, 18))
	w := r.ask(r.Wang, contract.DutySwapInput{ShiftId: later.Id})
	r.Clock.Pass(23 * time.Hour)
	_, err = r.Care.AcceptDutySwap(ctx, r.Zhao, uuid.New(), w.Id)
	refused(t, err, "swap_shift_begun")
	seen := must(r.Care.ListDutySwaps(ctx, r.Zhao, contract.ListDutySwapsParams{From: r.day(0, 0), To: r.day(7, 0)}))(t)
	is(t, "as it is", seen[0].State, "EXPIRED")
	is(t, "closed", must(r.Care.ExpireDutySwaps(ctx))(t), 1)
}

func TestAnOpenRequestIsDeclinedByOneAndTakenByAnother(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	ctx := t.Context()
	s := r.shift(r.Wang, r.day(1, 8), r.day(1, 18))
	w := r.ask(r.Wang, contract.DutySwapInput{ShiftId: s.Id})
	declined := must(r.Care.DeclineDutySwap(ctx, r.Zhao, uuid.New(), w.Id))(t)
	is(t, "open for the others", declined.State, "OPEN")
	is(t, "she may think again", declined.CanAccept && !declined.CanDecline, true)
	must(r.Care.WithdrawDutySwap(ctx, r.Wang, uuid.New(), w.Id))(t)
	_, err := r.Care.AcceptDutySwap(ctx, r.Zhao, uuid.New(), w.Id)
	refused(t, err, "swap_closed")

	w = r.ask(r.Wang, contract.DutySwapInput{ShiftId: s.Id, ToUserId: &r.Zhao.UserID})
	is(t, "declined", must(r.Care.DeclineDutySwap(ctx, r.Zhao, uuid.New(), w.Id))(t).State, "DECLINED")
	w = r.ask(r.Wang, contract.DutySwapInput{ShiftId: s.Id})

	// Both take it at once: one has it.
	type answer struct {
		who string
		err error
	}
	answers := make(chan answer, 2)
	var together sync.WaitGroup
	for _, who := range []identity.Actor{r.Zhao, r.Junior} {
		together.Go(func() {
			_, err := r.Care.AcceptDutySwap(ctx, who, uuid.New(), w.Id)
			answers <- answer{who.Name, err}
		})
	}
	together.Wait()
	close(answers)
	winner := ""
	for a := range answers {
		if a.err == nil {
			if winner != "" {
				t.Error("two have it")
			}
			winner = a.who
		} else {
			refused(t, a.err, "swap_closed")
		}
	}
	is(t, "holder", r.holder(s.Id), winner)
}

// Asking and withdrawing again and again would call the colleagues each time and fill everybody's list.
func TestASwapIsNotAskedForWithoutEnd(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	ctx := t.Context()
	s, next := r.shift(r.Wang, r.day(1, 8), r.day(1, 18)), r.shift(r.Wang, r.day(2, 8), r.day(2, 18))
	for range 10 {
		must(r.Care.WithdrawDutySwap(ctx, r.Wang, uuid.New(), r.ask(r.Wang, contract.DutySwapInput{ShiftId: s.Id}).Id))(t)
	}
	_, err := r.Care.RequestDutySwap(ctx, r.Wang, uuid.New(), contract.DutySwapInput{ShiftId: s.Id})
	refused(t, err, "too_many")
	r.ask(r.Wang, contract.DutySwapInput{ShiftId: next.Id})
}

func TestASwapOfAShiftThatWasTakenAway(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	ctx := t.Context()
	s := r.shift(r.Wang, r.day(1, 8), r.day(1, 18))
	w := r.ask(r.Wang, contract.DutySwapInput{ShiftId: s.Id})
	if err := r.Care.DeleteDutyShift(ctx, r.HospitalAdmin, s.Id); err != nil {
		t.Fatal(err)
	}
	_, err := r.Care.AcceptDutySwap(ctx, r.Zhao, uuid.New(), w.Id)
	refused(t, err, "swap_roster_changed")
}

func TestCopyAWeek(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	ctx := t.Context()
	r.shift(r.Wang, r.day(0, 8), r.day(0, 18))
	r.shift(r.Zhao, r.day(3, 20), r.day(4, 8)) // over midnight
	r.shift(r.Junior, r.day(6, 8), r.day(6, 18))
	r.shift(r.Wang, r.day(8, 8), r.day(8, 18)) // not of this week
	r.shift(r.Junior, r.day(13, 12), r.day(13, 20))
	r.Exec(`UPDATE memberships SET valid_to = $2 WHERE user_id = $1`, r.Zhao.UserID, r.Clock.Now())
	day := func(days int) openapi_types.Date {
		return openapi_types.Date{Time: caretest.Start().AddDate(0, 0, days)}
	}
	cmd, in := uuid.New(), contract.CopyWeekRequest{From: day(0), To: day(7)}
	got := must(r.Care.CopyDutyWeek(ctx, r.HospitalAdmin, cmd, in))(t)
	is(t, "copied", len(got.Created), 1)
	is(t, "whose", got.Created[0].UserName, "王医生")
	is(t, "when", got.Created[0].StartsAt.Equal(r.day(7, 8)) && got.Created[0].EndsAt.Equal(r.day(7, 18)), true)
	why := map[string]string{}
	for _, s := range got.Skipped {
		why[s.UserName] = s.Code
	}
	is(t, "left out", len(got.Skipped), 2)
	is(t, "who has left", why["赵医生"], "not_in_role_here")
	is(t, "who is on duty then", why[r.Junior.Name], "shift_overlap")
	before := r.Count(`SELECT count(*) FROM duty_shifts`)
	must(r.Care.CopyDutyWeek(ctx, r.HospitalAdmin, cmd, in))(t)
	is(t, "copied once", r.Count(`SELECT count(*) FROM duty_shifts`), before)
	past := must(r.Care.CopyDutyWeek(ctx, r.HospitalAdmin, uuid.New(), contract.CopyWeekRequest{From: day(0), To: day(-14)}))(t)
	is(t, "nothing is copied into the past", len(past.Created), 0)
	_, err := r.Care.CopyDutyWeek(ctx, r.HospitalAdmin, uuid.New(), contract.CopyWeekRequest{From: day(0), To: day(0)})
	refused(t, err, "invalid_request")
	for _, far := range []int{367, -367, 7900 * 365} { // the last would be more than a time.Duration holds
		_, err = r.Care.CopyDutyWeek(ctx, r.HospitalAdmin, uuid.New(), contract.CopyWeekRequest{From: day(0), To: day(far)})
		refused(t, err, "invalid_request")
	}
	_, err = r.Care.CopyDutyWeek(ctx, r.Wang, uuid.New(), in)
	refused(t, err, "forbidden")
}

func TestDutySaysWhoIsOnDuty(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	until := r.day(0, 18)
	r.shift(r.Wang, r.day(0, 8), until)
	found := false
	for _, d := range must(r.Care.GetDuty(t.Context(), r.Nurse))(t).Departments {
		for i, doctor := range d.Doctors {
			if doctor.OnDutyUntil == nil {
				continue
			}
			found = true
			if d.Code != "02" || i != 0 || doctor.Person.Id != r.Wang.UserID || !doctor.OnDutyUntil.Equal(until) {
				t.Errorf("on duty in %s at place %d: %+v", d.Code, i, doctor)
			}
		}
	}
	is(t, "found", found, true)
}
