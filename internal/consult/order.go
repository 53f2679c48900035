package consult

import "time"

// Waiting is a request in the queue.
type Waiting struct {
	ID      string
	Urgency Urgency
	// Since is when it was offered for the first time; a request that comes back to the queue keeps it.
	Since time.Time
	// Target is the time it may wait. For SCHEDULED it runs from Since to the slot, see AcceptTarget.
	Target time.Duration
}

// AcceptTarget is the default time a request may wait: the urgency's own, and for SCHEDULED the time until its slot.
func AcceptTarget(u Urgency, since, slot time.Time) time.Duration {
	if u == Scheduled {
		return max(slot.Sub(since), time.Second)
	}
	info, ok := u.Info()
	if !ok {
		info, _ = Routine.Info()
	}
	return info.AcceptTarget
}

// MaxOrderedWait caps both waited and target in the order. In milliseconds times seconds the products then stay below 2^53,
// so that integers here, bigint in SQL and the doubles of Lua agree exactly.
const MaxOrderedWait = 30 * 24 * time.Hour

// OrderKey is what the order looks at, in the units that SQL and Lua use as well.
type OrderKey struct {
	Critical bool
	WaitedMS int64 // 0 … MaxOrderedWait
	TargetS  int64 // 1 … MaxOrderedWait
	SinceMS  int64 // Unix milliseconds
	ID       string
}

// Key computes the order key at an instant.
func (w Waiting) Key(now time.Time) OrderKey {
	since := w.Since.UnixMilli()
	return OrderKey{
		Critical: w.Urgency == Critical,
		WaitedMS: min(max(now.UnixMilli()-since, 0), MaxOrderedWait.Milliseconds()),
		TargetS:  min(max(int64(w.Target/time.Second), 1), int64(MaxOrderedWait/time.Second)),
		SinceMS:  since,
		ID:       w.ID,
	}
}

// Less tells whether a is served before b: CRITICAL first, then the larger waited/target, compared by cross-multiplication
// of integers, then the earlier offer, then the smaller id. It is a strict total order at every instant.
func Less(a, b Waiting, now time.Time) bool { return a.Key(now).Less(b.Key(now)) }

// Less compares two keys taken at the same instant.
func (a OrderKey) Less(b OrderKey) bool {
	if a.Critical != b.Critical {
		return a.Critical
	}
	if x, y := a.WaitedMS*b.TargetS, b.WaitedMS*a.TargetS; x != y {
		return x > y
	}
	if a.SinceMS != b.SinceMS {
		return a.SinceMS < b.SinceMS
	}
	return a.ID < b.ID
}

// AnswerAllowance is the time a present doctor is given to answer, and the least that is promised.
const AnswerAllowance = 3 * time.Minute

// Promise says by when the request will be answered: the rounds of consultations that the present doctors must finish for
// the requests ahead, plus AnswerAllowance, rounded up to a whole minute, never later than the target's deadline. There is
// no promise for CRITICAL (it rings at once), none without an available doctor, and none once the deadline has passed.
// ahead counts requests before this one, available the eligible doctors who are present, meanService is what one
// consultation takes.
func Promise(now time.Time, w Waiting, ahead, available int, meanService time.Duration) (by time.Time, ok bool) {
	if w.Urgency == Critical || available <= 0 {
		return time.Time{}, false
	}
	deadline := w.Since.Add(w.Target)
	if !deadline.After(now) {
		return time.Time{}, false
	}
	// Rounds beyond the time left end at the deadline anyway; the bound keeps the product from overflowing.
	left := deadline.Sub(now)
	rounds := time.Duration(max(ahead, 0) / available)
	meanService = max(meanService, 0)
	if meanService > 0 && rounds > left/meanService {
		return deadline, true
	}
	by = now.Add(rounds*meanService + AnswerAllowance)
	if whole := by.Truncate(time.Minute); whole.Before(by) {
		by = whole.Add(time.Minute)
	}
	if by.After(deadline) {
		by = deadline
	}
	return by, true
}
