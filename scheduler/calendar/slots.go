package calendar

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// Duty is what the duty roster means for a kind.
type Duty string

// On duty nobody is booked; or exactly then; or the roster does not matter.
const (
	DutyBlocks  Duty = "BLOCKS"
	DutyOffers  Duty = "OFFERS"
	DutyIgnored Duty = "IGNORED"
)

// Kind is what is booked. Times are minutes.
type Kind struct {
	ID                          uuid.UUID
	Place                       string
	Length, Step                int
	Before, After               int // to prepare, to write up
	TravelBefore, TravelAfter   int
	Notice                      int // earliest start after now
	HorizonDays                 int // latest start after today, in the zone
	Capacity                    int // seats of one session
	Duty                        Duty
	Zone                        *time.Location
	OutsideHours, WithoutNotice bool // by somebody who may: hours, roster and notice do not matter
}

// Visit is the range of the visit itself.
func (k Kind) Visit(start time.Time) Span { return Span{start, start.Add(minutes(k.Length))} }

// Blocked is the range that the visit takes from who sees the resident.
func (k Kind) Blocked(start time.Time) Span {
	return Span{start.Add(-minutes(k.Before + k.TravelBefore)), start.Add(minutes(k.Length + k.After + k.TravelAfter))}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// Busy is a time that is taken. A session of a kind with several seats can be shared; anything else has no session.
type Busy struct {
	Span
	Session         uuid.UUID
	Kind            uuid.UUID
	Start           time.Time
	Taken, Capacity int
}

// Person is what is known of somebody who can be booked. Busy need not be in order.
type Person struct {
	Rules      []Rule
	Exceptions []Exception
	Duty       []Span
	Busy       []Busy
}

// Slot is a start that can be booked.
type Slot struct {
	Span
	Seats   int       // left
	Session uuid.UUID // to join, when one has begun to fill; otherwise nil
}

// Free lists the slots of a kind that begin in [from, to), in order. Elsewhere are ranges at which the resident has something else.
func Free(p Person, k Kind, from, to, now time.Time, elsewhere []Span, w consult.Workdays) []Slot {
	from, to = k.bounds(from, to, now)
	if !from.Before(to) {
		return nil
	}
	busy := slices.Clone(p.Busy)
	slices.SortFunc(busy, func(a, b Busy) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	var longest time.Duration
	for _, b := range busy {
		longest = max(longest, b.To.Sub(b.From))
	}
	grid, closed := p.grid(k, from, to, w)
	var out []Slot
	for _, window := range grid {
		for start := window.From; !start.Add(minutes(k.Length)).After(window.To); start = start.Add(minutes(k.Step)) {
			if start.Before(from) || !start.Before(to) {
				continue
			}
			visit := k.Visit(start)
			if slices.ContainsFunc(closed, visit.Overlaps) || slices.ContainsFunc(elsewhere, visit.Overlaps) {
				continue
			}
			if slot, ok := k.at(start, busy, longest); ok {
				out = append(out, slot)
			}
		}
	}
	slices.SortFunc(out, func(a, b Slot) int { return a.From.Compare(b.From) })
	return slices.CompactFunc(out, func(a, b Slot) bool { return a.From.Equal(b.From) })
}

// At says whether one start can be booked, by the same rules as Free.
func (p Person) At(k Kind, start, now time.Time, elsewhere []Span, w consult.Workdays) (Slot, bool) {
	if k.OutsideHours {
		visit := k.Visit(start)
		if start.Before(now) || slices.ContainsFunc(elsewhere, visit.Overlaps) {
			return Slot{}, false
		}
		var longest time.Duration
		busy := slices.Clone(p.Busy)
		slices.SortFunc(busy, func(a, b Busy) int { return a.From.Compare(b.From) })
		for _, b := range busy {
			longest = max(longest, b.To.Sub(b.From))
		}
		return k.at(start, busy, longest)
	}
	for _, s := range Free(p, k, start, start.Add(time.Minute), now, elsewhere, w) {
		if s.From.Equal(start) {
			return s, true
		}
	}
	return Slot{}, false
}

// bounds cuts a range to what notice and horizon allow.
func (k Kind) bounds(from, to, now time.Time) (time.Time, time.Time) {
	earliest := now
	if !k.WithoutNotice {
		earliest = now.Add(minutes(k.Notice))
	}
	if from.Before(earliest) {
		from = earliest
	}
	zone := k.Zone
	if zone == nil {
		zone = consult.Shanghai()
	}
	if last := At(dayIn(now, zone).AddDays(k.HorizonDays+1), 0, zone); to.After(last) {
		to = last
	}
	return from, to
}

// grid gives the windows whose beginnings the starts are counted from, and the ranges in which nothing may lie.
func (p Person) grid(k Kind, from, to time.Time, w consult.Workdays) (grid, closed []Span) {
	// A visit that begins before `to` may end after it.
	rules, after := p.Rules, to.Add(minutes(k.Length))
	if k.Duty == DutyOffers {
		rules = nil
	}
	grid, closed = windows(rules, p.Exceptions, k.Place, from, after, w)
	switch k.Duty {
	case DutyOffers:
		for _, s := range p.Duty {
			if s.Overlaps(Span{from, after}) {
				grid = append(grid, s)
			}
		}
	case DutyBlocks:
		closed = append(closed, p.Duty...)
	case DutyIgnored:
	}
	return grid, closed
}

// at says whether nothing that is taken lies across a start; busy is in order and no range of it is longer than `longest`.
func (k Kind) at(start time.Time, busy []Busy, longest time.Duration) (Slot, bool) {
	slot := Slot{Span: k.Visit(start), Seats: max(k.Capacity, 1)}
	blocked := k.Blocked(start)
	i, _ := slices.BinarySearchFunc(busy, blocked.From.Add(-longest), func(b Busy, t time.Time) int { return b.From.Compare(t) })
	for ; i < len(busy) && busy[i].From.Before(blocked.To); i++ {
		b := busy[i]
		switch {
		case !b.Overlaps(blocked):
		case b.Capacity > 1 && b.Kind == k.ID && b.Start.Equal(start) && b.Taken < b.Capacity:
			slot.Session, slot.Seats = b.Session, b.Capacity-b.Taken
		default:
			return Slot{}, false
		}
	}
	return slot, true
}

// Nearest picks the n slots whose starts are nearest to an instant, the earlier of two equally near ones, and gives them in order.
func Nearest(slots []Slot, wanted time.Time, n int) []Slot {
	list := slices.Clone(slots)
	slices.SortStableFunc(list, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.From.Sub(wanted).Abs(), b.From.Sub(wanted).Abs()), a.From.Compare(b.From))
	})
	list = list[:min(n, len(list))]
	slices.SortFunc(list, func(a, b Slot) int { return a.From.Compare(b.From) })
	return list
}
