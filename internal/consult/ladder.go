package consult

import (
	"cmp"
	"slices"
	"time"
)

// LadderStep is how widely an unanswered request is asked. A request only ever climbs.
type LadderStep int

// The steps.
const (
	StepDepartment LadderStep = iota // the department that was asked for
	StepRelated                      // departments of the hospital that stand in for it
	StepHospital                     // every other department of the hospital that may answer: the hospital on call
	StepPartners                     // other hospitals, by agreement and licence
	StepDispatcher                   // a person looks after it
)

// share is the part of the target, in percent, that has passed when a step is taken.
func (s LadderStep) share() time.Duration {
	switch s {
	case StepRelated:
		return 30
	case StepHospital:
		return 60
	case StepPartners:
		return 90
	case StepDispatcher:
		return 100
	}
	return 0
}

// Due is when the step is taken for a request that waits since an instant under a target.
func (s LadderStep) Due(since time.Time, target time.Duration) time.Time {
	// In milliseconds, so that a target of weeks does not overflow.
	return since.Add(target / time.Millisecond * s.share() / 100 * time.Millisecond)
}

// Next is the step after this one; false for the last.
func (s LadderStep) Next() (LadderStep, bool) { return min(s+1, StepDispatcher), s < StepDispatcher }

// How long things ring; this project's choice.
const (
	// RingTime is how long one doctor is rung before the next one is.
	RingTime = 20 * time.Second
	// PageTime is how long everybody is rung for a CRITICAL request before everybody is rung again.
	PageTime = time.Minute
	// shortestRing is what a doctor needs to reach for the screen.
	shortestRing = 5 * time.Second
)

// RingFor is how long a doctor is rung. The usual doctor is asked first and alone, which costs a request no more than a tenth
// of its target, but for the least that a ring lasts.
func RingFor(u Urgency, usual bool, target time.Duration) time.Duration {
	switch {
	case u == Critical:
		return PageTime
	case usual:
		return max(min(RingTime, target/10), shortestRing)
	}
	return RingTime
}

// RoundPause is how long a request rests after everybody was rung once: a twentieth of its target, between a minute and
// half an hour. Who becomes free meanwhile is rung at once.
func RoundPause(target time.Duration) time.Duration {
	return min(max(target/20, time.Minute), 30*time.Minute)
}

// Candidate is a doctor who may answer, is present and free.
type Candidate struct {
	ID      string
	Usual   bool      // the resident's usual doctor
	Speaks  bool      // the resident's language
	OnDuty  bool      // on the hospital's roster now
	Ringing int       // other requests that ring this doctor now
	Idle    time.Time // when the last consultation ended; zero: none of late
}

// RingOrder sorts the candidates as they are rung: the usual doctor, who is not rung for something else, who speaks the
// resident's language, who is on duty, who is idle longest, and by id. It is a total order for different ids.
func RingOrder(list []Candidate) {
	first := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return -1
		}
		return 1
	}
	slices.SortFunc(list, func(a, b Candidate) int {
		return cmp.Or(first(a.Usual, b.Usual), cmp.Compare(a.Ringing, b.Ringing), first(a.Speaks, b.Speaks), first(a.OnDuty, b.OnDuty),
			a.Idle.Compare(b.Idle), cmp.Compare(a.ID, b.ID))
	})
}

// Related tells whether a department of a hospital stands in for another before the whole hospital is asked: its parent, a
// sub-department of its own, one under the same parent, and general practice, which stands in for everything but the
// departments that never do.
func Related(have, wanted string) bool {
	const general = "02"
	if have == wanted || len(have) < 2 || len(wanted) < 2 {
		return false
	}
	return have[:2] == wanted[:2] || have == general || wanted == general && have[:2] == internal
}

// internal is the department of internal medicine, to which general practice is nearest.
const internal = "03"
