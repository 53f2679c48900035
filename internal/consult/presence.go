package consult

import (
	"slices"
	"time"
)

// The three clocks of a broken connection.
const (
	// SessionReplay is how long a signaling session can be resumed without a gap.
	SessionReplay = 120 * time.Second
	// SeatReserved is how long a participant's place in the call is kept; then the consultation is ABORTED_TECH.
	SeatReserved = 3 * time.Minute
	// Resumable is how long an aborted consultation can be resumed; then it is REPORT_PENDING.
	Resumable = 15 * time.Minute
)

// Interval is a stretch of time, From included, To excluded. One whose To is not after From is empty.
type Interval struct {
	From time.Time
	To   time.Time
}

// Length is the interval's duration, never negative.
func (i Interval) Length() time.Duration { return max(i.To.Sub(i.From), 0) }

// Union merges intervals that overlap or touch and drops empty ones; the result is sorted and disjoint.
func Union(in []Interval) []Interval {
	sorted := slices.DeleteFunc(slices.Clone(in), func(i Interval) bool { return !i.To.After(i.From) })
	slices.SortFunc(sorted, func(a, b Interval) int { return a.From.Compare(b.From) })
	var out []Interval
	for _, i := range sorted {
		if n := len(out); n > 0 && !i.From.After(out[n-1].To) {
			if i.To.After(out[n-1].To) {
				out[n-1].To = i.To
			}
			continue
		}
		out = append(out, i)
	}
	return out
}

// Intersect returns the times that lie in both sets.
func Intersect(a, b []Interval) []Interval {
	a, b = Union(a), Union(b)
	var out []Interval
	for i, j := 0, 0; i < len(a) && j < len(b); {
		from, to := a[i].From, a[i].To
		if b[j].From.After(from) {
			from = b[j].From
		}
		if b[j].To.Before(to) {
			to = b[j].To
		}
		if to.After(from) {
			out = append(out, Interval{from, to})
		}
		if a[i].To.Before(b[j].To) {
			i++
		} else {
			j++
		}
	}
	return out
}

// Total is the time covered by the intervals, overlaps counted once.
func Total(in []Interval) time.Duration {
	var sum time.Duration
	for _, i := range Union(in) {
		sum += i.Length()
	}
	return sum
}

// EffectiveSeconds is the time in whole seconds in which the doctor's side and the resident's side were both carried by the
// relay. Several people or several connections of one side count once.
func EffectiveSeconds(doctorSide, residentSide []Interval) int64 {
	return int64(Total(Intersect(doctorSide, residentSide)) / time.Second)
}
