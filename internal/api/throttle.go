package api

import (
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// throttle bounds sign-in tries per address: 60 at once, then one a second. A hospital stands behind one address, so
// this only stops machines; the lock-out of the account stops people.
type throttle struct {
	mu      sync.Mutex
	now     func() time.Time
	entries map[string]*throttled
}

type throttled struct {
	limiter *rate.Limiter
	seen    time.Time
}

const (
	throttleBurst = 60
	throttleKeep  = 10 * time.Minute
	throttleMost  = 10_000
)

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, entries: map[string]*throttled{}}
}

func (t *throttle) allow(r *http.Request) error {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if len(t.entries) >= throttleMost {
		for k, e := range t.entries {
			if now.Sub(e.seen) > throttleKeep {
				delete(t.entries, k)
			}
		}
	}
	e := t.entries[host]
	if e == nil {
		e = &throttled{limiter: rate.NewLimiter(rate.Every(time.Second), throttleBurst)}
		t.entries[host] = e
	}
	e.seen = now
	res := e.limiter.ReserveN(now, 1)
	if d := res.DelayFrom(now); d > 0 {
		res.CancelAt(now)
		wait := int(d/time.Second) + 1
		p := problem.New(http.StatusTooManyRequests, "too_many_requests", problem.Args{"seconds": strconv.Itoa(wait)})
		p.RetryAfterSeconds = wait
		return p
	}
	return nil
}
