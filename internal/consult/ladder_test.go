package consult

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestLadderDue(t *testing.T) {
	since := time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC)
	for step, want := range map[LadderStep]time.Duration{StepDepartment: 0, StepRelated: 3 * time.Minute, StepHospital: 6 * time.Minute,
		StepPartners: 9 * time.Minute, StepDispatcher: 10 * time.Minute} {
		if got := step.Due(since, 10*time.Minute); !got.Equal(since.Add(want)) {
			t.Errorf("step %d at %v, want %v", step, got.Sub(since), want)
		}
	}
	if got := StepRelated.Due(since, time.Second); !got.Equal(since.Add(300 * time.Millisecond)) {
		t.Errorf("a second's target: %v", got.Sub(since))
	}
	if _, ok := StepDispatcher.Next(); ok {
		t.Error("a step after the dispatcher")
	}
	rapid.Check(t, func(t *rapid.T) {
		target := time.Duration(rapid.Int64Range(int64(time.Second), int64(90*24*time.Hour)).Draw(t, "target"))
		last := since
		for step, ok := StepDepartment, true; ok; {
			due := step.Due(since, target)
			if due.Before(last) || due.After(since.Add(target)) {
				t.Fatalf("step %d at %v of %v", step, due.Sub(since), target)
			}
			last = due
			step, ok = step.Next()
		}
	})
}

func TestHowLongItRings(t *testing.T) {
	for _, tt := range []struct {
		urgency Urgency
		usual   bool
		target  time.Duration
		want    time.Duration
	}{
		{Routine, false, 24 * time.Hour, 20 * time.Second},
		{Routine, true, 24 * time.Hour, 20 * time.Second},
		{Emergent, true, 100 * time.Second, 10 * time.Second}, // a tenth of the target
		{Emergent, true, 10 * time.Second, 5 * time.Second},   // but time to reach for the screen
		{Critical, true, 3 * time.Minute, time.Minute},
	} {
		if got := RingFor(tt.urgency, tt.usual, tt.target); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
	for target, want := range map[time.Duration]time.Duration{time.Minute: time.Minute, time.Hour: 3 * time.Minute, 24 * time.Hour: 30 * time.Minute} {
		if got := RoundPause(target); got != want {
			t.Errorf("pause of %v: %v", target, got)
		}
	}
}

// The order does not depend on the order in which the doctors were read, and each rule counts only where those before it tie.
func TestRingOrder(t *testing.T) {
	now := time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "doctors")
		list := make([]Candidate, n)
		for i := range list {
			list[i] = Candidate{ID: string(rune('a' + i)), Usual: rapid.Bool().Draw(t, "usual"), Speaks: rapid.Bool().Draw(t, "speaks"),
				OnDuty: rapid.Bool().Draw(t, "duty"), Ringing: rapid.IntRange(0, 2).Draw(t, "ringing"),
				Idle: now.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, "idle")) * time.Hour)}
		}
		want := slices.Clone(list)
		RingOrder(want)
		got := rapid.Permutation(list).Draw(t, "read")
		RingOrder(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		for i := 1; i < n; i++ {
			a, b := want[i-1], want[i]
			switch {
			case a.Usual != b.Usual:
				if b.Usual {
					t.Fatal("the usual doctor waits")
				}
			case a.Ringing != b.Ringing:
				if a.Ringing > b.Ringing {
					t.Fatal("who is rung already comes first")
				}
			case a.Speaks != b.Speaks:
				if b.Speaks {
					t.Fatal("language does not count")
				}
			case a.OnDuty != b.OnDuty:
				if b.OnDuty {
					t.Fatal("the roster does not count")
				}
			case a.Idle.After(b.Idle):
				t.Fatal("not the longest idle")
			}
		}
	})
}

func TestRelated(t *testing.T) {
	for _, tt := range []struct {
		have, wanted string
		want         bool
	}{
		{"0304", "0310", true}, {"03", "0304", true}, {"0304", "03", true}, {"02", "0304", true}, {"0304", "02", true}, {"02", "04", true},
		{"02", "02", false}, {"20", "02", false}, {"21", "02", false}, {"04", "02", false}, {"04", "0304", false}, {"", "02", false},
	} {
		if got := Related(tt.have, tt.wanted); got != tt.want {
			t.Errorf("%s for %s: %v", tt.have, tt.wanted, got)
		}
	}
}
