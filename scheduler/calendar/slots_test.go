package calendar_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/scheduler/calendar"
)

func rule(t testing.TB, text string, from, to int) calendar.Rule {
	t.Helper()
	r, err := calendar.ParseRecurrence(text)
	if err != nil {
		t.Fatal(err)
	}
	return calendar.Rule{Zone: consult.Shanghai(), Recurrence: r, Start: consult.Date{Year: 2025, Month: 12, Day: 1}, From: from, To: to, Working: true}
}

func local(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2026, month, day, hour, minute, 0, 0, consult.Shanghai())
}

// arrangement is that of 2026: 1 to 3 January off and Sunday the 4th worked; 15 to 23 February off, Saturdays the 14th and 28th worked; Sunday 20
// September worked, 1 to 7 October off, Saturday the 10th worked.
func arrangement() consult.Workdays {
	w := consult.Workdays{Off: map[consult.Date]bool{}, Years: map[int]bool{2026: true}}
	off := func(month time.Month, from, to int) {
		for d := from; d <= to; d++ {
			w.Off[consult.Date{Year: 2026, Month: month, Day: d}] = true
		}
	}
	off(1, 1, 3)
	off(2, 15, 23)
	off(10, 1, 7)
	for _, d := range []consult.Date{{Year: 2026, Month: 1, Day: 4}, {Year: 2026, Month: 2, Day: 14}, {Year: 2026, Month: 2, Day: 28}, {Year: 2026, Month: 9, Day: 20}, {Year: 2026, Month: 10, Day: 10}} {
		w.Off[d] = false
	}
	return w
}

func days(spans []calendar.Span) (out []string) {
	for _, s := range spans {
		out = append(out, s.From.In(consult.Shanghai()).Format("01-02 15:04"))
	}
	return out
}

func TestHoursFollowTheStatutoryCalendar(t *testing.T) {
	for _, c := range []struct {
		why, rule string
		working   bool
		from, to  time.Time
		want      []string
	}{
		{"New Year: off on Thursday and Friday, and Sunday is worked like the Monday after", "FREQ=WEEKLY;BYDAY=MO,FR", true, time.Date(2025, 12, 29, 0, 0, 0, 0, consult.Shanghai()), local(1, 10, 0, 0),
			[]string{"12-29 08:00", "01-04 08:00", "01-05 08:00", "01-09 08:00"}},
		{"Saturday is worked like the Friday before; a Tuesday has nothing made up", "FREQ=WEEKLY;BYDAY=FR", true, local(2, 13, 0, 0), local(3, 1, 0, 0), []string{"02-13 08:00", "02-14 08:00", "02-27 08:00", "02-28 08:00"}},
		{"", "FREQ=WEEKLY;BYDAY=TU", true, local(2, 10, 0, 0), local(3, 1, 0, 0), []string{"02-10 08:00", "02-24 08:00"}},
		{"who does not follow it works as the rule says", "FREQ=WEEKLY;BYDAY=TH", false, local(9, 30, 0, 0), local(10, 11, 0, 0), []string{"10-01 08:00", "10-08 08:00"}},
		{"a weekend that nobody declared is the rule's own", "FREQ=WEEKLY;BYDAY=SA", true, local(9, 25, 0, 0), local(10, 18, 0, 0), []string{"09-26 08:00", "10-10 08:00", "10-17 08:00"}},
	} {
		r := rule(t, c.rule, 8*60, 12*60)
		r.Working = c.working
		if got := days(calendar.Hours([]calendar.Rule{r}, nil, "", c.from, c.to, arrangement())); !slices.Equal(got, c.want) {
			t.Errorf("%s (%s): %v, want %v", c.why, c.rule, got, c.want)
		}
	}
}

func TestWallClock(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why  string
		zone *time.Location
		day  consult.Date
		min  int
		want string
	}{
		{"no change", consult.Shanghai(), consult.Date{Year: 2026, Month: 3, Day: 29}, 150, "2026-03-28T18:30:00Z"},
		{"the clock skips it: read with the offset before", berlin, consult.Date{Year: 2026, Month: 3, Day: 29}, 150, "2026-03-29T01:30:00Z"},
		{"it occurs twice: the first", berlin, consult.Date{Year: 2026, Month: 10, Day: 25}, 150, "2026-10-25T00:30:00Z"},
		{"after the change", berlin, consult.Date{Year: 2026, Month: 10, Day: 25}, 9 * 60, "2026-10-25T08:00:00Z"},
		{"midnight at the end of a day", berlin, consult.Date{Year: 2026, Month: 12, Day: 31}, 1440, "2026-12-31T23:00:00Z"},
	} {
		if got := calendar.At(c.day, c.min, c.zone).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func starts(slots []calendar.Slot) (out []string) {
	for _, s := range slots {
		out = append(out, s.From.In(consult.Shanghai()).Format("15:04"))
	}
	return out
}

func TestFree(t *testing.T) {
	group, mine := uuid.New(), uuid.New()
	now := local(3, 9, 12, 0) // a Monday
	span := func(h1, m1, h2, m2 int) calendar.Span {
		return calendar.Span{From: local(3, 11, h1, m1), To: local(3, 11, h2, m2)}
	}
	base := calendar.Kind{ID: mine, Place: "CLINIC", Length: 30, Step: 30, HorizonDays: 30, Capacity: 1, Duty: calendar.DutyBlocks}
	with := func(f func(*calendar.Kind)) calendar.Kind { k := base; f(&k); return k }
	hours := []calendar.Rule{rule(t, "FREQ=WEEKLY;BYDAY=WE", 9*60, 11*60)}
	for _, c := range []struct {
		why       string
		person    calendar.Person
		kind      calendar.Kind
		elsewhere []calendar.Span
		want      []string
	}{
		{"hours alone", calendar.Person{Rules: hours}, base, nil, []string{"09:00", "09:30", "10:00", "10:30"}},
		{"a step of its own", calendar.Person{Rules: hours}, with(func(k *calendar.Kind) { k.Length, k.Step = 60, 30 }), nil, []string{"09:00", "09:30", "10:00"}},
		{"touching is no overlap", calendar.Person{Rules: hours, Busy: []calendar.Busy{{Span: span(9, 30, 10, 0)}}}, base, nil, []string{"09:00", "10:00", "10:30"}},
		{"buffers of both sides", calendar.Person{Rules: hours, Busy: []calendar.Busy{{Span: span(9, 30, 10, 0)}}}, with(func(k *calendar.Kind) { k.Before, k.After = 5, 5 }), nil, []string{"10:30"}},
		{"travel blocks like buffers", calendar.Person{Rules: hours, Busy: []calendar.Busy{{Span: span(8, 0, 9, 0)}}}, with(func(k *calendar.Kind) { k.TravelBefore = 40 }), nil, []string{"10:00", "10:30"}},
		{"a long one that began before", calendar.Person{Rules: hours, Busy: []calendar.Busy{{Span: span(7, 0, 10, 0)}, {Span: span(7, 30, 8, 0)}}}, base, nil, []string{"10:00", "10:30"}},
		{"leave wins over added hours", calendar.Person{Rules: hours, Exceptions: []calendar.Exception{{Span: span(10, 0, 12, 0)}, {Span: span(9, 30, 11, 30), Closed: true}}}, base, nil, []string{"09:00", "11:30"}},
		{"hours for another place", calendar.Person{Rules: []calendar.Rule{func() calendar.Rule { r := hours[0]; r.Places = []string{"HOME"}; return r }()}}, base, nil, nil},
		{"on duty nobody is booked", calendar.Person{Rules: hours, Duty: []calendar.Span{span(8, 0, 10, 0)}}, base, nil, []string{"10:00", "10:30"}},
		{"exactly on duty", calendar.Person{Rules: hours, Duty: []calendar.Span{span(14, 10, 15, 10)}}, with(func(k *calendar.Kind) { k.Duty = calendar.DutyOffers }), nil, []string{"14:10", "14:40"}},
		{"the roster does not matter", calendar.Person{Rules: hours, Duty: []calendar.Span{span(8, 0, 18, 0)}}, with(func(k *calendar.Kind) { k.Duty = calendar.DutyIgnored }), nil, []string{"09:00", "09:30", "10:00", "10:30"}},
		{"notice", calendar.Person{Rules: hours}, with(func(k *calendar.Kind) { k.Notice = 46 * 60 }), nil, []string{"10:00", "10:30"}},
		{"horizon", calendar.Person{Rules: hours}, with(func(k *calendar.Kind) { k.HorizonDays = 1 }), nil, nil},
		{"the resident is elsewhere", calendar.Person{Rules: hours}, with(func(k *calendar.Kind) { k.After = 60 }), []calendar.Span{span(9, 10, 9, 40)}, []string{"10:00", "10:30"}},
		{"a group that is not full is shared", calendar.Person{Rules: hours, Busy: []calendar.Busy{{Span: span(9, 30, 10, 0), Session: group, Kind: mine, Start: local(3, 11, 9, 30), Taken: 2, Capacity: 3}}},
			with(func(k *calendar.Kind) { k.Capacity = 3 }), nil, []string{"09:00", "09:30", "10:00", "10:30"}},
		{"a full one is not", calendar.Person{Rules: hours, Busy: []calendar.Busy{{Span: span(9, 30, 10, 0), Session: group, Kind: mine, Start: local(3, 11, 9, 30), Taken: 3, Capacity: 3}}},
			with(func(k *calendar.Kind) { k.Capacity = 3 }), nil, []string{"09:00", "10:00", "10:30"}},
		{"nor one of another kind", calendar.Person{Rules: hours, Busy: []calendar.Busy{{Span: span(9, 30, 10, 0), Session: group, Kind: group, Start: local(3, 11, 9, 30), Taken: 1, Capacity: 3}}},
			with(func(k *calendar.Kind) { k.Capacity = 3 }), nil, []string{"09:00", "10:00", "10:30"}},
		{"rules that overlap give each start once", calendar.Person{Rules: append(hours, hours[0])}, base, nil, []string{"09:00", "09:30", "10:00", "10:30"}},
	} {
		got := calendar.Free(c.person, c.kind, local(3, 11, 0, 0), local(3, 12, 0, 0), now, c.elsewhere, arrangement())
		if !slices.Equal(starts(got), c.want) {
			t.Errorf("%s: %v, want %v", c.why, starts(got), c.want)
		}
		for _, s := range got {
			if at, ok := c.person.At(c.kind, s.From, now, c.elsewhere, arrangement()); !ok || at != s {
				t.Errorf("%s: %s is free and cannot be booked", c.why, s.From)
			}
		}
	}
}

// TestNothingFreeIsTaken: whatever is taken and wherever the hours lie, no slot overlaps what is taken, leave, or the end of the hours, and none that
// could be had on the grid is missing.
func TestNothingFreeIsTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := calendar.Kind{ID: uuid.New(), Length: rapid.IntRange(5, 90).Draw(t, "length"), Step: rapid.SampledFrom([]int{5, 10, 15, 20, 30}).Draw(t, "step"), HorizonDays: 30, Capacity: 1,
			Before: rapid.IntRange(0, 30).Draw(t, "before"), After: rapid.IntRange(0, 30).Draw(t, "after"), Duty: calendar.DutyBlocks}
		day := local(3, 11, 0, 0)
		spans := func(name string) (out []calendar.Span) {
			for i := range rapid.IntRange(0, 8).Draw(t, name) {
				from := rapid.IntRange(0, 1300).Draw(t, fmt.Sprint(name, "from", i))
				out = append(out, calendar.Span{From: day.Add(time.Duration(from) * time.Minute), To: day.Add(time.Duration(from+rapid.IntRange(1, 200).Draw(t, fmt.Sprint(name, "long", i))) * time.Minute)})
			}
			return out
		}
		var p calendar.Person
		open := calendar.Span{From: day.Add(8 * time.Hour), To: day.Add(18 * time.Hour)}
		p.Exceptions = append(p.Exceptions, calendar.Exception{Span: open})
		leave, elsewhere := spans("leave"), spans("elsewhere")
		for _, s := range leave {
			p.Exceptions = append(p.Exceptions, calendar.Exception{Span: s, Closed: true})
		}
		p.Duty = spans("duty")
		for _, s := range spans("busy") {
			p.Busy = append(p.Busy, calendar.Busy{Span: s, Session: uuid.New(), Kind: k.ID, Start: s.From, Taken: 1, Capacity: 1})
		}
		now := day.Add(-time.Hour)
		free := map[time.Time]bool{}
		for _, s := range calendar.Free(p, k, day, day.AddDate(0, 0, 1), now, elsewhere, consult.Workdays{}) {
			free[s.From] = true
		}
		for start := open.From; start.Before(open.To); start = start.Add(time.Duration(k.Step) * time.Minute) {
			visit, blocked := k.Visit(start), k.Blocked(start)
			can := open.Holds(visit) && !slices.ContainsFunc(leave, visit.Overlaps) && !slices.ContainsFunc(p.Duty, visit.Overlaps) && !slices.ContainsFunc(elsewhere, visit.Overlaps) &&
				!slices.ContainsFunc(p.Busy, func(b calendar.Busy) bool { return b.Overlaps(blocked) })
			if can != free[start] {
				t.Fatalf("%s: free %v, want %v", start, free[start], can)
			}
			delete(free, start)
		}
		if len(free) != 0 {
			t.Fatalf("off the grid: %v", free)
		}
	})
}
