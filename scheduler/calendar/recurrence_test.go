package calendar_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/scheduler/calendar"
)

// recurrences is read by the web application's tests as well, which ask an independent expansion for the same days.
const recurrences = "testdata/recurrences.json"

type recurrence struct {
	Why, Rule       string
	Start, From, To consult.Date
	Days            []consult.Date
}

func TestRecurrences(t *testing.T) {
	raw, err := os.ReadFile(recurrences)
	if err != nil {
		t.Fatal(err)
	}
	var cases []recurrence
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 15 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		r, err := calendar.ParseRecurrence(c.Rule)
		if err != nil {
			t.Errorf("%s: %v", c.Why, err)
			continue
		}
		if got := r.Days(c.Start, c.From, c.To, calendar.MaxCount); !slices.Equal(got, c.Days) {
			t.Errorf("%s: %s gives %v, want %v", c.Why, c.Rule, got, c.Days)
		}
		if again, err := calendar.ParseRecurrence(r.String()); err != nil || again.String() != r.String() {
			t.Errorf("%s: %s is written as %s: %v", c.Why, c.Rule, r.String(), err)
		}
	}
}

func TestWhatIsNoRuleIsRefused(t *testing.T) {
	for _, rule := range []string{"", "FREQ", "FREQ=HOURLY", "FREQ=SECONDLY;COUNT=1", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=501", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=100",
		"FREQ=DAILY;COUNT=2;UNTIL=20260101", "FREQ=DAILY;UNTIL=20260230", "FREQ=DAILY;UNTIL=20260101T000000Z", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=6MO",
		"FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=WEEKLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYSETPOS=1", "FREQ=DAILY;BYHOUR=9", "FREQ=DAILY;FREQ=DAILY", "FREQ=YEARLY;BYDAY=MO",
		"FREQ=YEARLY;BYMONTH=13", "FREQ=DAILY;X-A=1", "FREQ=DAILY;COUNT=99999999999999999999", "FREQ=WEEKLY;BYDAY="} {
		if _, err := calendar.ParseRecurrence(rule); !errors.Is(err, calendar.ErrRecurrence) {
			t.Errorf("%q: %v", rule, err)
		}
	}
}

// TestADayThatAYearLacks is left out of it (RFC 5545, 3.3.10: invalid dates are ignored), also when only the start names it.
func TestADayThatAYearLacks(t *testing.T) {
	r, err := calendar.ParseRecurrence("FREQ=YEARLY")
	if err != nil {
		t.Fatal(err)
	}
	leap := consult.Date{Year: 2024, Month: 2, Day: 29}
	if got := r.Days(leap, leap, consult.Date{Year: 2031, Month: 12, Day: 31}, 10); !slices.Equal(got, []consult.Date{leap, {Year: 2028, Month: 2, Day: 29}}) {
		t.Errorf("%v", got)
	}
}

func TestAnExpansionEnds(t *testing.T) {
	r, err := calendar.ParseRecurrence("FREQ=YEARLY;INTERVAL=99;COUNT=500")
	if err != nil {
		t.Fatal(err)
	}
	start := consult.Date{Year: 2026, Month: 1, Day: 1}
	if got := r.Days(start, start, consult.Date{Year: 9999, Month: 1, Day: 1}, calendar.MaxCount); len(got) != 1 {
		t.Errorf("%v", got)
	}
}
