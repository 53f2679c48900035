package presence

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/care"
)

//go:embed say.lua
var sayScript string

//go:embed look.lua
var lookScript string

// The times of this package.
const (
	ConnectedFor  = 45 * time.Second // after a sign of life; a node gives one every 15 s
	RememberedFor = 30 * time.Minute // a state, after the last sign of life
	redisTime     = 500 * time.Millisecond
	restTime      = 2 * time.Second // Redis is left alone after it failed
)

// Options are what presence stands on. Logger, Metrics and Now may be left out.
type Options struct {
	Redis redis.UniversalClient
	// Node has a name that no other living node has.
	Node    string
	Logger  *slog.Logger
	Metrics prometheus.Registerer
	Now     func() time.Time
}

// Presence is one node's view. It is care's Presence, and signaling's.
type Presence struct {
	redis    redis.UniversalClient
	node     string
	log      *slog.Logger
	now      func() time.Time
	failures prometheus.Counter
	degraded prometheus.Gauge

	mu    sync.Mutex
	known map[uuid.UUID]*memory
	rest  time.Time // Redis is not asked before
	away  bool
}

// memory is what this node knows of a user without Redis.
type memory struct {
	state     string // as said here or as last read
	until     time.Time
	said      time.Time
	here      bool // said here: repeated with each sign of life
	touched   time.Time
	connected time.Time // when Redis last said that a node has a socket
}

// New makes a node's presence.
func New(o Options) (*Presence, error) {
	if o.Redis == nil || o.Node == "" {
		return nil, errors.New("presence: Redis and the node's name are needed")
	}
	p := &Presence{redis: o.Redis, node: o.Node, log: o.Logger, now: o.Now, known: map[uuid.UUID]*memory{},
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lianzhen_presence_redis_failures_total", Help: "Times that presence could not use Redis.",
		}),
		degraded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "lianzhen_presence_degraded", Help: "1 while presence is answered from this node's memory because Redis is away.",
		}),
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.now == nil {
		p.now = time.Now
	}
	if o.Metrics != nil {
		if err := errors.Join(o.Metrics.Register(p.failures), o.Metrics.Register(p.degraded)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func key(user uuid.UUID) string { return "lz:presence:{" + user.String() + "}" }

// Set notes what a user said; until is zero except for BACK_SOON. The user is connected here. Without Redis it is noted on
// this node and told when Redis is back; the error is always nil.
func (p *Presence) Set(ctx context.Context, user uuid.UUID, state string, until time.Time) error {
	p.mu.Lock()
	m := p.of(user)
	// Redis keeps milliseconds; so does the memory, that the two can be compared.
	m.state, m.until, m.said, m.here = state, until.Truncate(time.Millisecond), p.now().Truncate(time.Millisecond), true
	p.mu.Unlock()
	return p.Touch(ctx, []uuid.UUID{user})
}

// Touch says that these users have a socket on this node. It holds for ConnectedFor.
func (p *Presence) Touch(ctx context.Context, users []uuid.UUID) error {
	now := p.now()
	p.mu.Lock()
	statements := make([]memory, len(users))
	for i, user := range users {
		m := p.of(user)
		m.touched = now
		if m.here {
			statements[i] = *m
		}
	}
	p.forget(now)
	p.mu.Unlock()
	p.ask(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		for i, user := range users {
			say(ctx, pipe, user, p.node, statements[i])
		}
	})
	return nil
}

// say queues a statement, if there is one, and a sign of life of the node, unless it is empty.
func say(ctx context.Context, pipe redis.Pipeliner, user uuid.UUID, node string, m memory) {
	// EVAL and not EVALSHA: a pipeline cannot fall back when the server has forgotten the script.
	pipe.Eval(ctx, sayScript, []string{key(user)}, node, m.state, millis(m.until), millis(m.said),
		ConnectedFor.Milliseconds(), RememberedFor.Milliseconds())
}

// Drop says that these users have no socket on this node any more. What they said stays for RememberedFor.
func (p *Presence) Drop(ctx context.Context, users []uuid.UUID) error {
	p.mu.Lock()
	for _, user := range users {
		if m := p.known[user]; m != nil {
			m.touched, m.connected = time.Time{}, time.Time{}
		}
	}
	p.mu.Unlock()
	p.ask(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		for _, user := range users {
			pipe.HDel(ctx, key(user), "n:"+p.node)
		}
	})
	return nil
}

// Get gives what a user said, OFF when nothing is known.
func (p *Presence) Get(ctx context.Context, user uuid.UUID) (state string, until time.Time, err error) {
	found, err := p.Of(ctx, []uuid.UUID{user})
	if err != nil {
		return care.PresenceOff, time.Time{}, err
	}
	s := found[user]
	if s.BackAt != nil {
		until = *s.BackAt
	}
	return s.State, until, nil
}

// Of gives the state of each of the users. Without Redis it is what this node knows; the error is always nil.
func (p *Presence) Of(ctx context.Context, users []uuid.UUID) (map[uuid.UUID]care.PresenceState, error) {
	if len(users) == 0 {
		return map[uuid.UUID]care.PresenceState{}, nil
	}
	looks := make([]*redis.Cmd, len(users))
	ok := p.ask(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		for i, user := range users {
			looks[i] = pipe.Eval(ctx, lookScript, []string{key(user)}, ConnectedFor.Milliseconds())
		}
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	states := make(map[uuid.UUID]care.PresenceState, len(users))
	for i, user := range users {
		if ok {
			p.learn(user, looks[i])
		}
		states[user] = p.remembered(user)
	}
	return states, nil
}

// learn takes over what Redis knows unless this node knows something newer. p.mu is held.
func (p *Presence) learn(user uuid.UUID, look *redis.Cmd) {
	seen, err := parse(look)
	m := p.known[user]
	if err != nil || (m == nil && seen == (sight{})) {
		return
	}
	m = p.of(user)
	m.connected = time.Time{}
	if seen.connected {
		m.connected = p.now()
	} else if !m.touched.IsZero() && p.now().Sub(m.touched) >= ConnectedFor {
		m.touched = time.Time{}
	}
	switch {
	case seen.said.IsZero() && m.here && p.now().Sub(m.touched) < ConnectedFor:
		// Redis was flushed; the next sign of life tells it again.
	case seen.said.Before(m.said) && m.here:
		// Said here while Redis was away.
	default:
		if !seen.said.Equal(m.said) {
			m.here = false
		}
		m.state, m.until, m.said = seen.state, seen.until, seen.said
	}
}

// remembered is the state of a user as this node knows it. p.mu is held.
func (p *Presence) remembered(user uuid.UUID) care.PresenceState {
	m := p.known[user]
	if m == nil || m.state == "" {
		s := care.PresenceState{State: care.PresenceOff}
		s.Connected = m != nil && p.connected(m)
		return s
	}
	s := care.PresenceState{State: m.state, Connected: p.connected(m)}
	if m.state == care.PresenceBackSoon && !m.until.IsZero() {
		until := m.until.UTC()
		s.BackAt = &until
	}
	return s
}

func (p *Presence) connected(m *memory) bool {
	now := p.now()
	return now.Sub(m.touched) < ConnectedFor || now.Sub(m.connected) < ConnectedFor
}

// of gives the memory of a user. p.mu is held.
func (p *Presence) of(user uuid.UUID) *memory {
	m := p.known[user]
	if m == nil {
		m = &memory{}
		p.known[user] = m
	}
	return m
}

// forget drops users of whom nothing was heard for RememberedFor. p.mu is held.
func (p *Presence) forget(now time.Time) {
	maps.DeleteFunc(p.known, func(_ uuid.UUID, m *memory) bool {
		last := slices.MaxFunc([]time.Time{m.said, m.touched, m.connected}, time.Time.Compare)
		return now.Sub(last) >= RememberedFor
	})
}

// ask sends a batch of commands and says whether all were answered. After a failure Redis is left alone for a moment, so
// that a claim never waits for it twice.
func (p *Presence) ask(ctx context.Context, fill func(context.Context, redis.Pipeliner)) bool {
	p.mu.Lock()
	resting := p.now().Before(p.rest)
	p.mu.Unlock()
	if resting || ctx.Err() != nil {
		return false
	}
	limited, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	pipe := p.redis.Pipeline()
	fill(limited, pipe)
	_, err := pipe.Exec(limited)
	if ctx.Err() != nil { // the caller gave up, which says nothing of Redis
		return err == nil
	}
	p.note(err)
	return err == nil
}

// note keeps count of Redis' health.
func (p *Presence) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.away
	p.away = err != nil
	if err == nil {
		p.degraded.Set(0)
		if was {
			p.log.Info("presence: Redis is back")
		}
		return
	}
	p.failures.Inc()
	p.degraded.Set(1)
	p.rest = p.now().Add(restTime)
	if !was {
		p.log.Warn("presence: Redis is away, using this node's memory", "error", err)
	}
}

// sight is what look.lua returns.
type sight struct {
	state       string
	until, said time.Time
	connected   bool
}

func parse(c *redis.Cmd) (sight, error) {
	list, err := c.Slice()
	if err != nil {
		return sight{}, err
	}
	if len(list) != 4 {
		return sight{}, fmt.Errorf("presence: %d values instead of 4", len(list))
	}
	state, ok := list[0].(string)
	var n [3]int64
	for i := range n {
		v, isNumber := list[i+1].(int64)
		n[i], ok = v, ok && isNumber
	}
	if !ok {
		return sight{}, errors.New("presence: values of another type")
	}
	return sight{state: state, until: instant(n[0]), said: instant(n[1]), connected: n[2] == 1}, nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
