package check

import (
	"fmt"
	"slices"
	"time"
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
