package notify

import (
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

func TestQuietHours(t *testing.T) {
	at := func(clock string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", "2026-03-10 "+clock, consult.Shanghai())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	minutes := func(clock string) *int16 { v := int16(at(clock).Hour()*60 + at(clock).Minute()); return &v }
	for _, c := range []struct{ from, to, now, want string }{
		{"22:00", "07:00", "21:59", "21:59"},
		{"22:00", "07:00", "22:00", "07:00+1"},
		{"22:00", "07:00", "23:59", "07:00+1"},
		{"22:00", "07:00", "00:00", "07:00"},
		{"22:00", "07:00", "06:59", "07:00"},
		{"22:00", "07:00", "07:00", "07:00"},
		{"12:00", "14:00", "11:59", "11:59"},
		{"12:00", "14:00", "12:30", "14:00"},
		{"12:00", "14:00", "14:00", "14:00"},
		{"00:00", "06:00", "00:00", "06:00"},
		{"18:00", "00:00", "20:00", "00:00+1"},
		{"08:00", "08:00", "08:00", "08:00"}, // none at all
	} {
		want := at(c.want[:5])
		if len(c.want) > 5 {
			want = want.AddDate(0, 0, 1)
		}
		if got := (quietHours{minutes(c.from), minutes(c.to)}).after(at(c.now)); !got.Equal(want) {
			t.Errorf("quiet from %s to %s, at %s: %s, want %s", c.from, c.to, c.now, got.In(consult.Shanghai()), want)
		}
	}
	if now := at("03:00"); !(quietHours{}).after(now).Equal(now) {
		t.Error("nobody asked for quiet")
	}
}

func TestPausesGrowToABound(t *testing.T) {
	for _, u := range []consult.Urgency{consult.Critical, consult.Routine} {
		longest := longestRetry
		if u == consult.Critical {
			longest = urgentLongest
		}
		for attempt := int32(1); attempt < 40; attempt++ {
			d := retryAfter(u, attempt)
			least := min(firstRetry<<min(attempt-1, 12), longest)
			if d < least || d > least+least/4+1 {
				t.Errorf("%s attempt %d: %v, want %v and up to a quarter more", u, attempt, d, least)
			}
		}
	}
	last := time.Duration(0)
	for round := range int32(10) {
		d := repeatAfter(consult.Critical, round)
		if d < last || d > 8*time.Minute {
			t.Errorf("round %d after %v", round, d)
		}
		last = d
	}
}

func TestRetryAfterHeader(t *testing.T) {
	now := time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "nonsense": 0, "-5": 0, "30": 30 * time.Second, "999999999": longestPause,
		"Tue, 10 Mar 2026 01:02:00 GMT": 2 * time.Minute, "Tue, 10 Mar 2026 00:00:00 GMT": 0, "Thu, 10 Mar 2061 00:00:00 GMT": longestPause,
	} {
		if got := retryAfterOf(header, now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", header, got, want)
		}
	}
}
