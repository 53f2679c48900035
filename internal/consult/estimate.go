package consult

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Estimate is how long a request will probably wait: half of all such requests wait less than From, nine of ten less than
// To. Both are whole minutes, From rounded down and To up.
type Estimate struct{ From, To time.Duration }

// Simulation is what the estimate looks at.
type Simulation struct {
	// Serving is one element for each present doctor: how long the consultation in hand has lasted, negative when free.
	Serving []time.Duration
	// Ahead counts the requests that are served before this one.
	Ahead int
	// Past are durations of the departments' consultations; with fewer than enoughPast the default distribution is used.
	Past []time.Duration
}

// Numbers of the simulation; this project's choice.
const (
	estimateDraws = 200
	enoughPast    = 20
	// The default is a log-normal distribution with this median: half of all consultations take less.
	medianService = 10 * time.Minute
	spreadService = 0.5 // of the logarithm
	// longestEstimate is the longest that is shown; beyond it nobody can tell.
	longestEstimate = 12 * time.Hour
	// answering is what a free doctor needs to answer, half a ring.
	answering = RingTime / 2
)

// EstimateWait replays the order over the times at which the present doctors become free, in 200 draws. ok=false without a
// present doctor. Draws come from the source, so that the same seed gives the same range. CRITICAL gets no estimate; the
// caller does not ask.
func EstimateWait(s Simulation, source *rand.Rand) (e Estimate, ok bool) {
	return ForecastWaits(s, source).At(s.Ahead)
}

// Forecast is what the estimate is for each place of one queue. The zero value tells nothing.
type Forecast struct{ places []Estimate }

// At is the estimate for a request with so many before it; ok=false when the forecast does not reach so far.
func (f Forecast) At(ahead int) (e Estimate, ok bool) {
	if ahead < 0 || ahead >= len(f.places) {
		return Estimate{}, false
	}
	return f.places[ahead], true
}

// ForecastWaits is EstimateWait for every place up to that of the simulation: one replay passes through all of them.
func ForecastWaits(s Simulation, source *rand.Rand) Forecast {
	if len(s.Serving) == 0 || s.Ahead < 0 {
		return Forecast{}
	}
	past := s.Past
	if len(past) < enoughPast {
		past = nil
	} else {
		past = slices.Sorted(slices.Values(past))
	}
	waits := make([]time.Duration, (s.Ahead+1)*estimateDraws) // by place, then by draw
	free := make(soonest, len(s.Serving))
	for draw := range estimateDraws {
		for d, elapsed := range s.Serving {
			free[d] = 0
			if elapsed >= 0 {
				free[d] = remaining(past, elapsed, source)
			}
		}
		slices.Sort(free)
		for place := range s.Ahead {
			waits[place*estimateDraws+draw] = free[0] + answering
			free.put(min(free[0]+answering+service(past, source), longestEstimate))
		}
		waits[s.Ahead*estimateDraws+draw] = free[0] + answering
	}
	f := Forecast{places: make([]Estimate, s.Ahead+1)}
	for place := range f.places {
		f.places[place] = rangeOf(waits[place*estimateDraws : (place+1)*estimateDraws])
	}
	return f
}

// rangeOf sorts the draws.
func rangeOf(waits []time.Duration) (e Estimate) {
	slices.Sort(waits)
	half, nine := waits[estimateDraws/2], waits[estimateDraws*9/10]
	e.From = min(half, longestEstimate-time.Minute).Truncate(time.Minute)
	e.To = min(max(nine, half), longestEstimate)
	if whole := e.To.Truncate(time.Minute); whole < e.To {
		e.To = whole + time.Minute
	}
	e.To = max(e.To, e.From+time.Minute)
	return e
}

// soonest is a heap of the times at which doctors become free, the first at its head; a sorted slice is one.
type soonest []time.Duration

// put takes the head away and puts another time in.
func (h soonest) put(t time.Duration) {
	at := 0
	for {
		next := 2*at + 1
		if next >= len(h) {
			break
		}
		if next+1 < len(h) && h[next+1] < h[next] {
			next++
		}
		if t <= h[next] {
			break
		}
		h[at], at = h[next], next
	}
	h[at] = t
}

// service draws how long a consultation takes.
func service(sorted []time.Duration, source *rand.Rand) time.Duration {
	if len(sorted) > 0 {
		return sorted[source.IntN(len(sorted))]
	}
	return time.Duration(float64(medianService) * math.Exp(spreadService*source.NormFloat64()))
}

// remaining draws how much longer a consultation takes that has lasted for a while: a duration among those that were longer,
// less what has passed. One that outlasted them all ends at any moment.
func remaining(sorted []time.Duration, elapsed time.Duration, source *rand.Rand) time.Duration {
	if len(sorted) > 0 {
		longer, _ := slices.BinarySearch(sorted, elapsed+1)
		if longer == len(sorted) {
			return time.Duration(source.Int64N(int64(medianService)))
		}
		return sorted[longer+source.IntN(len(sorted)-longer)] - elapsed
	}
	for range 16 {
		if d := service(nil, source); d > elapsed {
			return d - elapsed
		}
	}
	return time.Duration(source.Int64N(int64(medianService)))
}
