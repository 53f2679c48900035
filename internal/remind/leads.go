package remind

import (
	"slices"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// The kinds of reminders: how long before the start, and what is told of a change afterwards.
const (
	threeDays = "D3"
	oneDay    = "D1"
	twoHours  = "H2"
	moved     = "MOVED"
	called    = "CANCELLED"
	letter    = "LETTER"
)

// lead is how long before its start somebody is reminded of an appointment.
type lead struct {
	code   string
	before time.Duration
}

// leads are the three reminders, the earliest first: with them fewer people miss an appointment (RR 0.77 for SMS, Cochrane CD007458); the distances are this
// project's choice.
func leads() []lead {
	return []lead{{threeDays, 72 * time.Hour}, {oneDay, 24 * time.Hour}, {twoHours, 2 * time.Hour}}
}

// Of the hours in which nobody is reminded, and what a reminder is still good for: this project's choice.
const (
	quietFrom, quietTo = 21 * 60, 8 * 60 // minutes of the day in Asia/Shanghai
	least              = time.Hour       // a reminder that comes later before the start is no use, and comes the evening before instead
	evening            = time.Hour       // so long before the quiet hours begin
)

// quiet are hours in minutes of the day in Asia/Shanghai, over midnight when from is later than to. Without ends there are none.
type quiet struct{ from, to *int16 }

// around gives when the quiet hours that an instant lies in began and end; false: it lies in none.
func (q quiet) around(t time.Time) (begin, end time.Time, in bool) {
	if q.from == nil || q.to == nil || *q.from == *q.to {
		return t, t, false
	}
	local := t.In(consult.Shanghai())
	for _, day := range []int{-1, 0} {
		begin = time.Date(local.Year(), local.Month(), local.Day()+day, 0, int(*q.from), 0, 0, local.Location())
		end = time.Date(local.Year(), local.Month(), local.Day()+day, 0, int(*q.to), 0, 0, local.Location())
		if *q.from > *q.to {
			end = time.Date(local.Year(), local.Month(), local.Day()+day+1, 0, int(*q.to), 0, 0, local.Location())
		}
		if !t.Before(begin) && t.Before(end) {
			return begin.UTC(), end.UTC(), true
		}
	}
	return t, t, false
}

// moment is when a reminder is due: as long before the start as its lead says; out of the quiet hours at their end, or, when that is too late to be of
// use, an hour before they begin.
func (q quiet) moment(start time.Time, before time.Duration) time.Time {
	at := start.Add(-before)
	begin, end, in := q.around(at)
	switch {
	case !in:
		return at
	case !end.After(start.Add(-least)):
		return end
	}
	return begin.Add(-evening)
}

// skipped is a reminder that is left out: LATE, the appointment was made when its time was over; OFF, it is switched off; OVERTAKEN, a later one is due as well.
type skipped struct{ kind, why string }

// decision is what is to be told now, what is left out, and when to look again.
type decision struct {
	tell string // "" for nothing
	skip []skipped
	look time.Time
}

// decide says which reminder of an appointment is due. Since is when it got its present time: whoever has just made it is not reminded of what they did,
// so an appointment that is made an hour before its start has no reminder, and never three at once. Known are the kinds that were told or left out.
func decide(start, since, now time.Time, on, known []string, q quiet) decision {
	d := decision{look: start.AddDate(10, 0, 0)}
	if !now.Before(start) {
		return d
	}
	if _, end, in := q.around(now); in {
		d.look = end
		return d
	}
	var due []lead
	for _, l := range leads() {
		switch at := q.moment(start, l.before); {
		case slices.Contains(known, l.code):
		case at.After(now):
			if at.Before(d.look) {
				d.look = at
			}
		default:
			due = append(due, l)
		}
	}
	for i, l := range due {
		switch {
		case since.After(q.moment(start, l.before)):
			d.skip = append(d.skip, skipped{l.code, "LATE"})
		case !slices.Contains(on, l.code):
			d.skip = append(d.skip, skipped{l.code, "OFF"})
		case i < len(due)-1:
			d.skip = append(d.skip, skipped{l.code, "OVERTAKEN"})
		default:
			d.tell = l.code
		}
	}
	return d
}
