package remind

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// at is an instant in March 2026 by the clock in Asia/Shanghai.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, 3, day, hour-8, minute, 0, 0, time.UTC)
}

func TestWhatIsDue(t *testing.T) {
	all := []string{threeDays, oneDay, twoHours}
	long := at(1, 9, 0)
	for _, c := range []struct {
		name              string
		start, since, now time.Time
		on, known         []string
		want              string // what is told, what is left out, when to look again
	}{
		{"long before", at(13, 14, 30), long, at(9, 9, 0), all, nil, " [] 10 14:30"},
		{"three days before", at(13, 14, 30), long, at(10, 14, 30), all, nil, "D3 [] 12 14:30"},
		{"said already", at(13, 14, 30), long, at(10, 15, 0), all, []string{"D3"}, " [] 12 14:30"},
		{"a day before", at(13, 14, 30), long, at(12, 14, 30), all, []string{"D3"}, "D1 [] 13 12:30"},
		{"two hours before", at(13, 14, 30), long, at(13, 12, 30), all, []string{"D3", "D1"}, "H2 [] far"},
		{"begun", at(13, 14, 30), long, at(13, 14, 30), all, []string{"D3", "D1"}, " [] far"},
		{"booked two days before: no reminder of three days", at(13, 14, 30), at(11, 10, 0), at(11, 10, 0), all, nil, " [D3 LATE] 12 14:30"},
		{"booked an hour before: none at all, and no burst", at(13, 14, 30), at(13, 13, 30), at(13, 13, 30), all, nil, " [D3 LATE D1 LATE H2 LATE] far"},
		{"booked three hours before: the last one", at(13, 14, 30), at(13, 11, 30), at(13, 12, 30), all, []string{"D3", "D1"}, "H2 [] far"},
		{"nodes were down for two days: one, not two", at(13, 14, 30), long, at(13, 12, 45), all, nil, "H2 [D3 OVERTAKEN D1 OVERTAKEN] far"},
		{"switched off", at(13, 14, 30), long, at(12, 14, 30), []string{"D3", "H2"}, []string{"D3"}, " [D1 OFF] 13 12:30"},
		{"nobody at night", at(14, 14, 30), long, at(11, 22, 0), all, nil, " [] 12 08:00"},
		{"what falls into the night comes in the morning", at(13, 9, 30), long, at(13, 8, 0), all, []string{"D3", "D1"}, "H2 [] far"},
		{"and where that is too late the evening before", at(13, 8, 30), long, at(12, 20, 0), all, []string{"D3", "D1"}, "H2 [] far"},
		{"a visit at half past ten: two hours before is half past eight", at(13, 10, 30), long, at(13, 8, 29), all, []string{"D3", "D1"}, " [] 13 08:30"},
		{"a visit at nine: its two hours are at the end of the night", at(13, 9, 0), long, at(12, 20, 30), all, []string{"D3", "D1"}, " [] 13 08:00"},
	} {
		d := decide(c.start, c.since, c.now, c.on, c.known, usual().quiet)
		var left []string
		for _, s := range d.skip {
			left = append(left, s.kind+" "+s.why)
		}
		look := d.look.In(at(1, 0, 0).Location()).Add(8 * time.Hour).Format("2 15:04")
		if d.look.Year() > 2026 {
			look = "far"
		}
		if got := fmt.Sprintf("%s [%s] %s", d.tell, strings.Join(left, " "), look); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// However often it is looked, each reminder of an appointment is told once, none at night, none after the start, and two never at the same time.
func TestEveryMinuteOfFourDays(t *testing.T) {
	for _, start := range []time.Time{at(13, 14, 30), at(13, 7, 30), at(13, 8, 0), at(13, 23, 0), at(13, 0, 10)} {
		var known []string
		var last time.Time
		for now := at(9, 0, 0); now.Before(at(14, 0, 0)); now = now.Add(time.Minute) {
			d := decide(start, at(1, 9, 0), now, []string{threeDays, oneDay, twoHours}, known, usual().quiet)
			for _, s := range d.skip {
				known = append(known, s.kind)
			}
			if d.tell == "" {
				continue
			}
			known = append(known, d.tell)
			if _, _, night := usual().quiet.around(now); night || !now.Before(start) || now.Sub(last) < 9*time.Hour {
				t.Errorf("%s of %s at %s", d.tell, start, now)
			}
			last = now
			if !d.look.After(now) {
				t.Errorf("looked for again at once: %s", d.look)
			}
		}
		if got := slices.Compact(slices.Sorted(slices.Values(known))); len(got) != 3 || len(known) != 3 {
			t.Errorf("%s: %v", start, known)
		}
	}
}
