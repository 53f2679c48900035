package presence_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/embedded"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
	"github.com/lianzhen-health/lianzhen/scheduler/presence"
)

func TestMain(m *testing.M) { testdb.Main(m) }

var _ care.Presence = (*presence.Presence)(nil)

// clock is moved by hand. It is the nodes'; Redis has its own.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Now()} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func node(t *testing.T, name string, r redis.UniversalClient, c *clock) *presence.Presence {
	t.Helper()
	p, err := presence.New(presence.Options{Redis: r, Node: name, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func of(t *testing.T, p *presence.Presence, user uuid.UUID) care.PresenceState {
	t.Helper()
	m, err := p.Of(t.Context(), []uuid.UUID{user})
	if err != nil {
		t.Fatal(err)
	}
	return m[user]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestNodesAgree(t *testing.T) {
	r, c, doctor := testdb.Redis(t), newClock(), uuid.New()
	a, b := node(t, "a", r, c), node(t, "b", r, c)
	if got := of(t, b, doctor); got.State != care.PresenceOff || got.Connected {
		t.Fatalf("unknown doctor: %+v", got)
	}
	must(t, a.Set(t.Context(), doctor, care.PresenceAvailable, time.Time{}))
	if got := of(t, b, doctor); !got.Available() {
		t.Fatalf("after the other node's Set: %+v", got)
	}
	back := c.now().Add(15 * time.Minute).Truncate(time.Second)
	c.advance(time.Second)
	must(t, b.Set(t.Context(), doctor, care.PresenceBackSoon, back))
	got := of(t, a, doctor)
	if got.State != care.PresenceBackSoon || got.BackAt == nil || !got.BackAt.Equal(back) {
		t.Fatalf("newer statement: %+v", got)
	}
	// The older statement that node a still remembers must not come back with its sign of life.
	must(t, a.Touch(t.Context(), []uuid.UUID{doctor}))
	if got := of(t, b, doctor); got.State != care.PresenceBackSoon {
		t.Fatalf("after a sign of life of the node with the older statement: %+v", got)
	}
}

func TestDropIsPerNode(t *testing.T) {
	r, c, doctor := testdb.Redis(t), newClock(), uuid.New()
	a, b := node(t, "a", r, c), node(t, "b", r, c)
	users := []uuid.UUID{doctor}
	must(t, a.Set(t.Context(), doctor, care.PresenceAvailable, time.Time{}))
	must(t, b.Touch(t.Context(), users))
	must(t, a.Drop(t.Context(), users))
	if got := of(t, a, doctor); !got.Available() {
		t.Fatalf("with a socket on the other node: %+v", got)
	}
	must(t, b.Drop(t.Context(), users))
	if got := of(t, a, doctor); got.Connected || got.State != care.PresenceAvailable {
		t.Fatalf("without any socket: %+v", got)
	}
}

func TestConnectionLapsesAndIsCleared(t *testing.T) {
	r, c, doctor := testdb.Redis(t), newClock(), uuid.New()
	a, b := node(t, "a", r, c), node(t, "b", r, c)
	must(t, a.Set(t.Context(), doctor, care.PresenceAvailable, time.Time{}))
	key := "lz:presence:{" + doctor.String() + "}"
	// The node died 46 s ago by the clock of Redis.
	seconds, err := r.Time(t.Context()).Result()
	must(t, err)
	must(t, r.HSet(t.Context(), key, "n:a", seconds.Add(-presence.ConnectedFor-time.Second).UnixMilli()).Err())
	if got := of(t, b, doctor); got.Connected {
		t.Fatalf("after the node's death: %+v", got)
	}
	must(t, b.Touch(t.Context(), []uuid.UUID{doctor}))
	if there, err := r.HExists(t.Context(), key, "n:a").Result(); err != nil || there {
		t.Fatalf("the dead node is still in the hash: %v %v", there, err)
	}
	if ttl := r.PTTL(t.Context(), key).Val(); ttl <= presence.ConnectedFor || ttl > presence.RememberedFor {
		t.Fatalf("the key lives for %v", ttl)
	}
}

func TestFlushIsRepaired(t *testing.T) {
	r, c, doctor := testdb.Redis(t), newClock(), uuid.New()
	a, b := node(t, "a", r, c), node(t, "b", r, c)
	must(t, a.Set(t.Context(), doctor, care.PresenceAvailable, time.Time{}))
	must(t, r.FlushAll(t.Context()).Err())
	if got := of(t, b, doctor); got.State != care.PresenceOff {
		t.Fatalf("a node that heard nothing: %+v", got)
	}
	if got := of(t, a, doctor); !got.Available() {
		t.Fatalf("the node that heard it: %+v", got)
	}
	must(t, a.Touch(t.Context(), []uuid.UUID{doctor}))
	if got := of(t, b, doctor); !got.Available() {
		t.Fatalf("after a sign of life: %+v", got)
	}
}

// The server goes away and comes back empty on the same socket path is more than embedded offers, so the client is pointed
// to nothing first.
func TestWithoutRedis(t *testing.T) {
	c, doctor, other := newClock(), uuid.New(), uuid.New()
	gone, err := embedded.StartRedis(t.Context(), embedded.Options{Fast: true})
	must(t, err)
	options, err := redis.ParseURL(gone.URL())
	must(t, err)
	client := redis.NewClient(options)
	defer client.Close()
	reg := prometheus.NewRegistry()
	p, err := presence.New(presence.Options{Redis: client, Node: "a", Now: c.now, Metrics: reg})
	must(t, err)
	b := node(t, "b", client, c)
	must(t, b.Set(t.Context(), other, care.PresenceAvailable, time.Time{}))
	if got := of(t, p, other); !got.Available() {
		t.Fatalf("before: %+v", got)
	}
	must(t, gone.Stop(t.Context()))

	must(t, p.Set(t.Context(), doctor, care.PresenceAvailable, time.Time{}))
	if got := of(t, p, doctor); !got.Available() {
		t.Fatalf("said here without Redis: %+v", got)
	}
	if got := of(t, p, other); !got.Available() {
		t.Fatalf("read before Redis went: %+v", got)
	}
	if n := testutil.ToFloat64(gaugeOf(t, reg, "lianzhen_presence_degraded")); n != 1 {
		t.Fatalf("degraded = %v", n)
	}
	c.advance(presence.ConnectedFor)
	if got := of(t, p, other); got.Connected {
		t.Fatalf("memory of a connection must lapse too: %+v", got)
	}
	must(t, p.Drop(t.Context(), []uuid.UUID{doctor}))
	if got := of(t, p, doctor); got.Connected || got.State != care.PresenceAvailable {
		t.Fatalf("after Drop without Redis: %+v", got)
	}
	c.advance(presence.RememberedFor)
	must(t, p.Touch(t.Context(), []uuid.UUID{other}))
	if got := of(t, p, doctor); got.State != care.PresenceOff {
		t.Fatalf("forgotten after half an hour: %+v", got)
	}
}

func TestSaidWithoutRedisIsToldLater(t *testing.T) {
	c, doctor := newClock(), uuid.New()
	live := testdb.Redis(t)
	flaky := redis.NewClient(live.Options())
	must(t, flaky.Close()) // every command fails
	a := node(t, "a", &switched{UniversalClient: flaky, live: live, clock: c, from: c.now().Add(time.Minute)}, c)
	b := node(t, "b", live, c)
	must(t, b.Set(t.Context(), doctor, care.PresenceOff, time.Time{}))
	c.advance(time.Second)
	must(t, a.Set(t.Context(), doctor, care.PresenceAvailable, time.Time{}))
	if got := of(t, b, doctor); got.State != care.PresenceOff {
		t.Fatalf("not told yet: %+v", got)
	}
	c.advance(time.Minute)
	must(t, a.Touch(t.Context(), []uuid.UUID{doctor}))
	if got := of(t, b, doctor); !got.Available() {
		t.Fatalf("after Redis came back: %+v", got)
	}
}

// switched is a Redis that works from an instant on.
type switched struct {
	redis.UniversalClient
	live  redis.UniversalClient
	clock *clock
	from  time.Time
}

func (s *switched) Pipeline() redis.Pipeliner {
	if s.clock.now().Before(s.from) {
		return s.UniversalClient.Pipeline()
	}
	return s.live.Pipeline()
}

func gaugeOf(t *testing.T, reg *prometheus.Registry, name string) prometheus.Gauge {
	t.Helper()
	families, err := reg.Gather()
	must(t, err)
	for _, f := range families {
		if f.GetName() == name {
			g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: "-"})
			g.Set(f.GetMetric()[0].GetGauge().GetValue())
			return g
		}
	}
	t.Fatal("no metric ", name)
	return nil
}
