package api

import (
	"maps"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// throttle bounds tries to sign in, or to open pages of families, per address: 60 at once, then one a second. A hospital stands behind one address, so
// this only stops machines; the lock-out of the account stops people. An IPv6 network counts as one address, and when more
// addresses come than it keeps, the newcomers share one limit.
type throttle struct {
	mu      sync.Mutex
	now     func() time.Time
	entries map[netip.Prefix]*throttled
	swept   time.Time
	shared  *rate.Limiter
}

type throttled struct {
	limiter *rate.Limiter
	seen    time.Time
}

const (
	throttleBurst = 60
	throttleKeep  = 2 * time.Minute // by then a limiter is full again
	throttleMost  = 10_000
)

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, entries: map[netip.Prefix]*throttled{}, shared: newLimiter()}
}

func newLimiter() *rate.Limiter { return rate.NewLimiter(rate.Every(time.Second), throttleBurst) }

// network is whom an address stands for.
func network(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr, bits := at.Addr().Unmap(), 64
	if addr.Is4() {
		bits = 32
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

func (t *throttle) allow(r *http.Request) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	res := t.limiter(network(r.RemoteAddr), now).ReserveN(now, 1)
	if d := res.DelayFrom(now); d > 0 {
		res.CancelAt(now)
		wait := int(d/time.Second) + 1
		p := problem.New(http.StatusTooManyRequests, "too_many_requests", problem.Args{"seconds": strconv.Itoa(wait)})
		p.RetryAfterSeconds = wait
		return p
	}
	return nil
}

func (t *throttle) limiter(from netip.Prefix, now time.Time) *rate.Limiter {
	if e := t.entries[from]; e != nil {
		e.seen = now
		return e.limiter
	}
	if len(t.entries) >= throttleMost && now.Sub(t.swept) >= time.Second {
		t.swept = now
		maps.DeleteFunc(t.entries, func(_ netip.Prefix, e *throttled) bool { return now.Sub(e.seen) > throttleKeep })
	}
	if len(t.entries) >= throttleMost {
		return t.shared
	}
	e := &throttled{limiter: newLimiter(), seen: now}
	t.entries[from] = e
	return e.limiter
}
