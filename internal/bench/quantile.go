package bench

import (
	"math"
	"slices"
	"sync"
	"time"
)

// times collects durations from several goroutines.
type times struct {
	mu  sync.Mutex
	all []time.Duration
}

func (t *times) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, d)
}

// quantile is the smallest value that is not below the share q of all, in milliseconds; NaN of nothing is given as 0.
func (t *times) quantile(q float64) float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) == 0 {
		return 0
	}
	slices.Sort(t.all)
	i := int(math.Ceil(q*float64(len(t.all)))) - 1
	return float64(t.all[max(i, 0)]) / float64(time.Millisecond)
}
