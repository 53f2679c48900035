package calendar

import (
	"cmp"
	"slices"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// Span is a half-open range of instants.
type Span struct{ From, To time.Time }

// Overlaps says whether two ranges have an instant in common.
func (s Span) Overlaps(o Span) bool { return s.From.Before(o.To) && o.From.Before(s.To) }

// Holds says whether o lies within s.
func (s Span) Holds(o Span) bool { return !o.From.Before(s.From) && !o.To.After(s.To) }

// Rule is hours that recur, until End and not for a COUNT: From and To are minutes since midnight, by the wall clock of the zone; To may be 1440.
type Rule struct {
	Zone       *time.Location
	Recurrence Recurrence
	Start, End consult.Date // End is the last day; zero: none
	From, To   int
	Working    bool     // follows the statutory calendar
	Places     []string // empty: any
}

// Exception is hours that are added or taken away.
type Exception struct {
	Span
	Closed bool
	Places []string // empty: any
}

// At is the instant of a wall-clock minute of a day in a zone.
func At(day consult.Date, minute int, zone *time.Location) time.Time {
	wall := time.Date(day.Year, day.Month, day.Day, 0, minute, 0, 0, time.UTC)
	read := func(near time.Time) (time.Time, bool) {
		_, offset := near.In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		_, is := t.Zone()
		return t, is == offset
	}
	before, ok := read(wall.Add(-26 * time.Hour))
	if ok {
		return before
	}
	if after, ok := read(wall.Add(26 * time.Hour)); ok {
		return after
	}
	return before
}

// dayIn is the day of an instant in a zone.
func dayIn(t time.Time, zone *time.Location) consult.Date {
	y, m, d := t.In(zone).Date()
	return consult.Date{Year: y, Month: m, Day: d}
}

// holdsOn says whether the rule names a day, with the statutory calendar.
func (r Rule) holdsOn(day consult.Date, w consult.Workdays) bool {
	if day.Before(r.Start) || !r.End.IsZero() && day.After(r.End) {
		return false
	}
	if !r.Working {
		return r.Recurrence.Occurs(r.Start, day)
	}
	off, declared := w.Off[day]
	switch {
	case declared && off:
		return false
	case declared: // a make-up working day
		like := day.AddDays(-1)
		if day.Time().Weekday() == time.Sunday {
			like = day.AddDays(1)
		}
		if r.Recurrence.Occurs(r.Start, like) {
			return true
		}
	}
	return r.Recurrence.Occurs(r.Start, day)
}

func fits(places []string, place string) bool {
	return len(places) == 0 || place == "" || slices.Contains(places, place)
}

// Hours lists the hours of somebody in [from, to) for a place ("" for any), as the rules and exceptions give them: the windows that are
// open, in which closed ranges are already left out. They may overlap where rules do.
func Hours(rules []Rule, exceptions []Exception, place string, from, to time.Time, w consult.Workdays) []Span {
	open, closed := windows(rules, exceptions, place, from, to, w)
	var out []Span
	for _, s := range open {
		out = append(out, without(s, closed)...)
	}
	return union(out)
}

// windows gives open windows as they were entered (their beginnings are the grid of slots) and what is closed.
func windows(rules []Rule, exceptions []Exception, place string, from, to time.Time, w consult.Workdays) (open, closed []Span) {
	for _, r := range rules {
		if !fits(r.Places, place) {
			continue
		}
		for d := dayIn(from, r.Zone); !d.After(dayIn(to, r.Zone)); d = d.AddDays(1) {
			if !r.holdsOn(d, w) {
				continue
			}
			if s := (Span{At(d, r.From, r.Zone), At(d, r.To, r.Zone)}); s.To.After(s.From) && s.Overlaps(Span{from, to}) {
				open = append(open, s)
			}
		}
	}
	for _, e := range exceptions {
		switch {
		case !fits(e.Places, place) || !e.Overlaps(Span{from, to}):
		case e.Closed:
			closed = append(closed, e.Span)
		default:
			open = append(open, e.Span)
		}
	}
	return open, union(closed)
}

// union merges ranges that overlap or touch.
func union(list []Span) []Span {
	if len(list) < 2 {
		return list
	}
	slices.SortFunc(list, func(a, b Span) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	out := list[:1]
	for _, s := range list[1:] {
		last := &out[len(out)-1]
		if s.From.After(last.To) {
			out = append(out, s)
		} else if s.To.After(last.To) {
			last.To = s.To
		}
	}
	return out
}

// without gives what is left of s outside of ranges that are in order and do not overlap.
func without(s Span, closed []Span) []Span {
	var out []Span
	for _, c := range closed {
		if !c.Overlaps(s) {
			continue
		}
		if c.From.After(s.From) {
			out = append(out, Span{s.From, c.From})
		}
		s.From = c.To
		if !s.From.Before(s.To) {
			return out
		}
	}
	return append(out, s)
}
