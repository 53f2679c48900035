package consult

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func spans(minutes ...int) []Interval {
	var out []Interval
	for i := 0; i+1 < len(minutes); i += 2 {
		out = append(out, Interval{monday.Add(time.Duration(minutes[i]) * time.Minute), monday.Add(time.Duration(minutes[i+1]) * time.Minute)})
	}
	return out
}

func TestEffectiveSeconds(t *testing.T) {
	tests := []struct {
		name             string
		doctor, resident []Interval
		want             int64
	}{
		{"nobody", nil, nil, 0},
		{"one alone", spans(0, 10), nil, 0},
		{"both", spans(0, 10), spans(0, 10), 600},
		{"overlap", spans(0, 10), spans(4, 14), 360},
		{"one after the other", spans(0, 10), spans(10, 20), 0},
		{"a reconnect", spans(0, 3, 5, 10), spans(0, 10), 480},
		{"two tablets at once count once", spans(0, 10), spans(0, 6, 4, 10), 600},
		{"out of order", spans(5, 10, 0, 3), spans(0, 10), 480},
		{"backwards and empty", spans(10, 0, 5, 5), spans(0, 10), 0},
		{"both with gaps", spans(0, 2, 4, 6, 8, 10), spans(1, 5, 9, 12), 180},
	}
	for _, tt := range tests {
		if got := EffectiveSeconds(tt.doctor, tt.resident); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
	half := []Interval{{monday, monday.Add(1999 * time.Millisecond)}}
	if got := EffectiveSeconds(half, half); got != 1 {
		t.Errorf("parts of a second: got %d", got)
	}
}

func TestClocks(t *testing.T) {
	if SessionReplay != 2*time.Minute || SeatReserved != 3*time.Minute || Resumable != 15*time.Minute {
		t.Error("the three clocks")
	}
}

// Against a model that looks at every second by itself.
func TestIntervalsAgainstSeconds(t *testing.T) {
	const length = 60
	gen := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Interval {
		return Interval{
			monday.Add(time.Duration(rapid.IntRange(0, length).Draw(t, "from")) * time.Second),
			monday.Add(time.Duration(rapid.IntRange(0, length).Draw(t, "to")) * time.Second),
		}
	}), 0, 8)
	covers := func(in []Interval, at time.Time) bool {
		for _, i := range in {
			if !at.Before(i.From) && at.Before(i.To) {
				return true
			}
		}
		return false
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		var either, both int64
		for s := range length {
			at := monday.Add(time.Duration(s) * time.Second)
			inA, inB := covers(a, at), covers(b, at)
			if inA || inB {
				either++
			}
			if inA && inB {
				both++
			}
			if got := covers(Union(a), at); got != inA {
				t.Fatalf("union differs at %d s", s)
			}
		}
		if got := EffectiveSeconds(a, b); got != both {
			t.Fatalf("effective %d, want %d", got, both)
		}
		if EffectiveSeconds(b, a) != both {
			t.Fatal("not symmetric")
		}
		if got := int64(Total(append(append([]Interval{}, a...), b...)) / time.Second); got != either {
			t.Fatalf("together %d, want %d", got, either)
		}
		u := Union(a)
		for i := range u {
			if !u[i].To.After(u[i].From) || i > 0 && !u[i].From.After(u[i-1].To) {
				t.Fatalf("not disjoint: %v", u)
			}
		}
	})
}
