package consult

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	for in, ok := range map[string]bool{
		"2026-10-20": true, "1952-02-29": true, "0001-01-01": true, "1951-02-29": false, "2026-13-01": false, "2026-00-10": false,
		"2026-1-2": false, "2026/10/20": false, "": false, "0000-01-01": false, "+026-10-20": false, "2026-10-2x": false, "2026-10-200": false,
	} {
		got, err := ParseDate(in)
		if ok != (err == nil) || ok && got.String() != in {
			t.Errorf("%q: %v, %v", in, got, err)
		}
		if !ok {
			wantCode(t, err, CodeDateFormat)
		}
	}
}

func TestAgeAt(t *testing.T) {
	tests := []struct {
		birth, on string
		age       int
	}{
		{"1945-03-15", "2026-03-14", 80}, {"1945-03-15", "2026-03-15", 81}, {"1945-03-15", "2026-10-20", 81},
		{"1952-02-29", "2026-02-28", 73}, {"1952-02-29", "2026-03-01", 74}, {"1952-02-29", "2024-02-29", 72},
		{"2026-10-20", "2026-10-20", 0}, {"2026-10-20", "2026-10-19", -1},
	}
	for _, tt := range tests {
		birth, _ := ParseDate(tt.birth)
		on, _ := ParseDate(tt.on)
		if got := AgeAt(birth, on); got != tt.age {
			t.Errorf("%s on %s: got %d, want %d", tt.birth, tt.on, got, tt.age)
		}
	}
	// 16:30 UTC is past midnight in Asia/Shanghai.
	if got := AgeAtInstant(Date{1945, 3, 15}, time.Date(2026, 3, 14, 16, 30, 0, 0, time.UTC)); got != 81 {
		t.Errorf("got %d", got)
	}
	if got := AgeAtInstant(Date{1945, 3, 15}, time.Date(2026, 3, 14, 15, 30, 0, 0, time.UTC)); got != 80 {
		t.Errorf("got %d", got)
	}
}

func TestDate(t *testing.T) {
	d := Date{2026, 10, 20}
	if got := d.Start(); !got.Equal(time.Date(2026, 10, 19, 16, 0, 0, 0, time.UTC)) || DateOf(got) != d || DateOf(got.Add(-1)) == d {
		t.Errorf("starts %v", got)
	}
	if got := (Date{2024, 2, 29}).AddYears(1); got != (Date{2025, 3, 1}) {
		t.Errorf("got %v", got)
	}
	b, err := json.Marshal(map[string]Date{"a": d, "b": {}})
	if err != nil || string(b) != `{"a":"2026-10-20","b":""}` {
		t.Errorf("got %s, %v", b, err)
	}
	var back map[string]Date
	if err := json.Unmarshal(b, &back); err != nil || back["a"] != d || !back["b"].IsZero() {
		t.Errorf("got %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"a":"2026-02-30"}`), &back); err == nil {
		t.Error("a day that does not exist")
	}
	for _, tt := range []struct {
		day, from, to Date
		want          bool
	}{
		{d, d, d, true}, {d, d, Date{}, true}, {d, Date{}, Date{}, true}, {d, Date{2026, 10, 21}, Date{}, false}, {d, Date{}, Date{2026, 10, 19}, false},
	} {
		if got := tt.day.Within(tt.from, tt.to); got != tt.want {
			t.Errorf("%v within %v to %v: %v", tt.day, tt.from, tt.to, got)
		}
	}
}

// Age rises by one in a year and never falls from one day to the next; a date survives its text and its instant.
func TestAgeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		birth := Date{1930, 1, 1}.AddDays(rapid.IntRange(0, 30000).Draw(t, "birth"))
		on := birth.AddDays(rapid.IntRange(0, 45000).Draw(t, "on"))
		age, tomorrow := AgeAt(birth, on), AgeAt(birth, on.AddDays(1))
		if age < 0 || tomorrow < age || tomorrow > age+1 {
			t.Fatalf("%v: %d, then %d", on, age, tomorrow)
		}
		if got := AgeAt(birth, birth.AddYears(age)); got != age {
			t.Fatalf("birthday %d gives %d", age, got)
		}
		if on.Before(birth.AddYears(age)) || !on.Before(birth.AddYears(age+1)) {
			t.Fatalf("%v on %v is not %d", birth, on, age)
		}
		if back, err := ParseDate(on.String()); err != nil || back != on {
			t.Fatalf("%v → %v", on, back)
		}
		if DateFromTime(on.Time()) != on || DateOf(on.Start()) != on {
			t.Fatalf("%v does not survive its instant", on)
		}
	})
}
