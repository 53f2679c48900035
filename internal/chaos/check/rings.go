package check

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Stall is a time in which the servers could not act, or were late by themselves.
type Stall struct{ From, Till time.Time }

// ringGrace is what I5 allows beyond the expiry.
const ringGrace = 2 * time.Second

// Rings is I5: a ring that nobody answers ends within two seconds of its expiry, plus the time in which nothing could act,
// plus how late the machine itself was.
func Rings(f Facts, stalls []Stall, late time.Duration) Verdict {
	v := Verdict{Invariant: "I5"}
	stalls = merged(stalls)
	for _, o := range f.Offers {
		ended := o.Resolved
		if o.Result == "PENDING" {
			ended = f.Now
		} else if o.Result != "LAPSED" {
			continue
		}
		if o.Result == "PENDING" && !o.Expires.Before(ended) {
			continue
		}
		v.Checked++
		allowed := ringGrace + late
		due := o.Expires.Add(allowed)
		for _, s := range stalls { // in order: each moves the due time on by what of it lies before
			if s.Till.After(o.Expires) && s.From.Before(due) {
				due = due.Add(s.Till.Sub(latest(s.From, o.Expires)))
			}
		}
		if ended.After(due) {
			v.add(o.Case, "", fmt.Sprintf("the ring of %s under epoch %d expired at %s and ended %s later (%s), allowed were %s",
				o.Doctor, o.Epoch, o.Expires.Format(time.TimeOnly), ended.Sub(o.Expires).Round(time.Millisecond), o.Result, due.Sub(o.Expires).Round(time.Millisecond)))
		}
	}
	return v
}

// Absence is a time in which a doctor's device had vanished without a word.
type Absence struct {
	Doctor     uuid.UUID
	From, Till time.Time
}

// noticed is within how long a device that vanished is known to be away: a ping every 20 s, 10 s for its pong, 2 s to act.
const noticed = 32 * time.Second

// Absent is what F8 asks for: once it is known that a device has vanished nobody rings it.
func Absent(f Facts, away []Absence, late time.Duration) []Violation {
	var v Verdict
	for _, a := range away {
		for _, o := range f.Offers {
			if o.Doctor == a.Doctor && o.Offered.After(a.From.Add(noticed+late)) && o.Offered.Before(a.Till) {
				v.add(o.Case, "", fmt.Sprintf("rang %s, whose device had vanished %s before", o.Doctor, o.Offered.Sub(a.From).Round(time.Second)))
			}
		}
	}
	return v.Violations
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func merged(stalls []Stall) []Stall {
	list := slices.Clone(stalls)
	slices.SortFunc(list, func(a, b Stall) int { return a.From.Compare(b.From) })
	var out []Stall
	for _, s := range list {
		if n := len(out); n > 0 && !s.From.After(out[n-1].Till) {
			out[n-1].Till = latest(out[n-1].Till, s.Till)
			continue
		}
		out = append(out, s)
	}
	return out
}
