package consult

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func estimateOf(s Simulation, seed uint64) (Estimate, bool) {
	return EstimateWait(s, rand.New(rand.NewPCG(seed, 0)))
}

func TestEstimateOfSimpleCases(t *testing.T) {
	if _, ok := estimateOf(Simulation{}, 1); ok {
		t.Error("an estimate without a doctor")
	}
	if e, ok := estimateOf(Simulation{Serving: []time.Duration{-1}}, 1); !ok || e.From != 0 || e.To != time.Minute {
		t.Errorf("a free doctor: %+v", e)
	}
	// One doctor who has just begun: the default is a log-normal around ten minutes.
	e, _ := estimateOf(Simulation{Serving: []time.Duration{0}}, 1)
	if e.From < 8*time.Minute || e.From > 12*time.Minute || e.To < 15*time.Minute || e.To > 24*time.Minute {
		t.Errorf("a doctor who has begun: %+v", e)
	}
	// The department's own durations count as soon as there are enough of them.
	past := make([]time.Duration, enoughPast)
	for i := range past {
		past[i] = 30 * time.Minute
	}
	if e, _ := estimateOf(Simulation{Serving: []time.Duration{10 * time.Minute}, Past: past}, 1); e.From != 20*time.Minute || e.To != 21*time.Minute {
		t.Errorf("consultations of half an hour, ten minutes in: %+v", e)
	}
	// One that outlasts them all ends at any moment.
	if e, _ := estimateOf(Simulation{Serving: []time.Duration{time.Hour}, Past: past}, 1); e.To > 11*time.Minute {
		t.Errorf("outlasted: %+v", e)
	}
	if e, _ := estimateOf(Simulation{Serving: []time.Duration{0}, Ahead: 1_000}, 1); e.To > longestEstimate {
		t.Errorf("a thousand ahead: %+v", e)
	}
}

// The same seed gives the same range; more requests ahead never wait less, and more doctors never make it longer, beyond what
// the draws scatter.
func TestEstimateIsMonotone(t *testing.T) {
	const scatter = 6 * time.Minute
	rapid.Check(t, func(t *rapid.T) {
		s := Simulation{Ahead: rapid.IntRange(0, 8).Draw(t, "ahead")}
		for range rapid.IntRange(1, 5).Draw(t, "doctors") {
			s.Serving = append(s.Serving, time.Duration(rapid.IntRange(-1, 20).Draw(t, "serving"))*time.Minute)
		}
		seed := rapid.Uint64().Draw(t, "seed")
		e, ok := estimateOf(s, seed)
		again, _ := estimateOf(s, seed)
		if !ok || e != again || e.From < 0 || e.To < e.From+time.Minute || e.From%time.Minute != 0 || e.To%time.Minute != 0 {
			t.Fatalf("%+v, again %+v", e, again)
		}
		longer := s
		longer.Ahead += 3
		if l, _ := estimateOf(longer, seed); l.From < e.From-scatter {
			t.Fatalf("three more ahead: %+v, before %+v", l, e)
		}
		more := s
		more.Serving = append([]time.Duration{-1}, s.Serving...)
		if m, _ := estimateOf(more, seed); m.From > e.From+scatter {
			t.Fatalf("one more doctor: %+v, before %+v", m, e)
		}
	})
}

// The range is true in a world of the same kind: about half wait less than From, about nine of ten less than To.
func TestEstimateIsCalibrated(t *testing.T) {
	source := rand.New(rand.NewPCG(7, 7))
	s := Simulation{Serving: []time.Duration{2 * time.Minute, 6 * time.Minute}, Ahead: 3}
	e, _ := estimateOf(s, 3)
	below, within, worlds := 0, 0, 2000
	for range worlds {
		free := []time.Duration{}
		for _, elapsed := range s.Serving {
			free = append(free, remaining(nil, elapsed, source))
		}
		for range s.Ahead {
			slices.Sort(free)
			free[0] += answering + service(nil, source)
		}
		wait := slices.Min(free) + answering
		if wait <= e.From {
			below++
		}
		if wait <= e.To {
			within++
		}
	}
	if share := float64(below) / float64(worlds); share < 0.3 || share > 0.6 { // From is rounded down to a minute
		t.Errorf("%.2f wait less than %v", share, e.From)
	}
	if share := float64(within) / float64(worlds); share < 0.84 || share > 0.98 {
		t.Errorf("%.2f wait less than %v", share, e.To)
	}
}

func BenchmarkEstimateWait(b *testing.B) {
	s := Simulation{Serving: []time.Duration{-1, 0, time.Minute, 5 * time.Minute}, Ahead: 10}
	for b.Loop() {
		estimateOf(s, 1)
	}
}

// One replay tells every place of a queue: none waits less than the one before it, the last is told what it is told alone, and
// nothing is told beyond.
func TestForecastWaits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Simulation{Ahead: rapid.IntRange(0, 60).Draw(t, "ahead")}
		for range rapid.IntRange(1, 12).Draw(t, "doctors") {
			s.Serving = append(s.Serving, time.Duration(rapid.IntRange(-1, 1800).Draw(t, "serving"))*time.Second)
		}
		seed := rapid.Uint64().Draw(t, "seed")
		f := ForecastWaits(s, rand.New(rand.NewPCG(seed, 0)))
		var before Estimate
		for place := 0; place <= s.Ahead; place++ {
			e, ok := f.At(place)
			if !ok || e.From < before.From || e.To < before.To {
				t.Fatalf("place %d: %v, before it %v", place, e, before)
			}
			before = e
		}
		if alone, ok := estimateOf(s, seed); !ok || alone != before {
			t.Fatalf("the last is told %v, alone %v", before, alone)
		}
		if _, ok := f.At(s.Ahead + 1); ok {
			t.Fatal("a place beyond the replay is told something")
		}
	})
}

// The time that is put in takes the place of the first, and the first is always the smallest.
func TestSoonest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Int64Range(0, 50), 1, 20).Draw(t, "times")
		h := make(soonest, len(all))
		for i, n := range all {
			h[i] = time.Duration(n)
		}
		slices.Sort(h)
		want := slices.Clone([]time.Duration(h))
		for range 30 {
			next := time.Duration(rapid.Int64Range(0, 100).Draw(t, "next"))
			want[0] = next
			slices.Sort(want)
			if h.put(next); h[0] != want[0] {
				t.Fatalf("the first is %v, the smallest %v", h[0], want[0])
			}
		}
	})
}
