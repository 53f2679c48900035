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
	if len(s.Serving) == 0 {
		return Estimate{}, false
	}
	past := s.Past
	if len(past) < enoughPast {
		past = nil
	} else {
		past = slices.Sorted(slices.Values(past))
	}
	waits := make([]time.Duration, estimateDraws)
	free := make([]time.Duration, len(s.Serving))
	for i := range waits {
		for d, elapsed := range s.Serving {
			free[d] = 0
			if elapsed >= 0 {
				free[d] = remaining(past, elapsed, source)
			}
		}
		for range s.Ahead {
			next := earliest(free)
			free[next] += answering + service(past, source)
			if free[next] > longestEstimate {
				free[next] = longestEstimate
			}
		}
		waits[i] = free[earliest(free)] + answering
	}
	slices.Sort(waits)
	half, nine := waits[estimateDraws/2], waits[estimateDraws*9/10]
	e.From = min(half, longestEstimate-time.Minute).Truncate(time.Minute)
	e.To = min(max(nine, half), longestEstimate)
	if whole := e.To.Truncate(time.Minute); whole < e.To {
		e.To = whole + time.Minute
	}
	e.To = max(e.To, e.From+time.Minute)
	return e, true
}

func earliest(free []time.Duration) int {
	best := 0
	for i, f := range free {
		if f < free[best] {
			best = i
		}
	}
	return best
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
