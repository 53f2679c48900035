package sfu

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/lianzhen-health/lianzhen/media/sfu/testclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait for something that must happen; it is generous because of the race detector.
const patience = 20 * time.Second

// tickets are "room/participant/epoch", valid for a minute of the test's clock.
type tickets struct{ now func() time.Time }

func (v tickets) VerifyTicket(_ context.Context, ticket string) (Grant, error) {
	parts := strings.Split(ticket, "/")
	if len(parts) < 3 {
		return Grant{}, errors.New("forged")
	}
	epoch, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return Grant{}, err
	}
	grant := Grant{Room: parts[0], Participant: parts[1], Epoch: epoch, Expires: v.now().Add(time.Minute)}
	if len(parts) > 3 {
		grant.Expires = v.now()
	}
	return grant, nil
}

// clock is a wall clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// record is what an observer has seen. It lets tests wait for a condition.
type record struct {
	mu        sync.Mutex
	changed   chan struct{}
	events    []string // "joined room/participant", "left room/participant reason"
	slots     map[subscriber][]Slot
	lists     map[subscriber]int // how many slot lists were handed over
	intervals map[uuid.UUID]Interval
	order     []uuid.UUID
	handed    int // how many interval states were handed over
}

func newRecord() *record {
	return &record{
		changed: make(chan struct{}), slots: map[subscriber][]Slot{}, lists: map[subscriber]int{},
		intervals: map[uuid.UUID]Interval{},
	}
}

func (r *record) note(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *record) Joined(room, participant string, _ uuid.UUID) {
	r.note(func() { r.events = append(r.events, "joined "+room+"/"+participant) })
}

func (r *record) Left(room, participant string, _ uuid.UUID, reason string) {
	r.note(func() { r.events = append(r.events, "left "+room+"/"+participant+" "+reason) })
}

func (r *record) Slots(room, participant string, slots []Slot) {
	r.note(func() {
		r.slots[subscriber{room, participant}] = slots
		r.lists[subscriber{room, participant}]++
	})
}

func (r *record) Presence(intervals []Interval) {
	r.note(func() {
		for _, interval := range intervals {
			if _, known := r.intervals[interval.ID]; !known {
				r.order = append(r.order, interval.ID)
			}
			r.intervals[interval.ID] = interval
			r.handed++
		}
	})
}

// until waits for a condition on the record; cond is called with the lock held.
func (r *record) until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		r.mu.Lock()
		ok, changed := cond(), r.changed
		events := slices.Clone(r.events)
		r.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline.C:
			t.Fatalf("waiting for %s; events so far: %q", what, events)
		}
	}
}

func (r *record) untilEvent(t *testing.T, event string) {
	t.Helper()
	r.until(t, event, func() bool { return slices.Contains(r.events, event) })
}

// of lists the intervals of a participant and kind in the order in which they opened.
func (r *record) of(participant, kind string) (found []Interval) {
	for _, id := range r.order {
		if i := r.intervals[id]; i.Participant == participant && i.Kind == kind {
			found = append(found, i)
		}
	}
	return found
}

// carrying finds the mid on which a subscriber receives somebody.
func (r *record) carrying(room, subscribed, kind, participant string) string {
	for _, s := range r.slots[subscriber{room, subscribed}] {
		if s.Kind == kind && s.Participant == participant {
			return s.Mid
		}
	}
	return ""
}

func (r *record) untilCarrying(t *testing.T, room, subscribed, kind, participant string) (mid string) {
	t.Helper()
	r.until(t, fmt.Sprintf("%s receives %s of %s", subscribed, kind, participant), func() bool {
		mid = r.carrying(room, subscribed, kind, participant)
		return mid != ""
	})
	return mid
}

// stage is a relay with its observer and the clients of a test.
type stage struct {
	t     *testing.T
	relay *Relay
	seen  *record
	clock *clock // nil when the relay runs on the real clock
}

func quickTiming() timing {
	t := defaultTiming()
	t.tick = 20 * time.Millisecond
	return t
}

func newStage(t *testing.T, cfg Config, timing timing, c *clock) *stage {
	t.Helper()
	s := &stage{t: t, seen: newRecord(), clock: c}
	if cfg.UDPAddr == "" {
		cfg.UDPAddr = "127.0.0.1:0"
	}
	now := time.Now
	if c != nil {
		now = c.Now
	}
	cfg.Now = now
	relay, err := newRelay(cfg, tickets{now}, s.seen, timing)
	if err != nil {
		t.Fatal(err)
	}
	s.relay = relay
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := relay.Close(ctx); err != nil {
			t.Error(err)
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1) // who is still there
		}
	})
	return s
}

// member is a client in a room.
type member struct {
	*testclient.Client
	s      *stage
	joined Joined
}

func ctxFor(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func newClient(t *testing.T, o testclient.Options) *testclient.Client {
	t.Helper()
	client, err := testclient.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func offerOf(t *testing.T, c *testclient.Client) string {
	t.Helper()
	text, err := c.Offer(ctxFor(t))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// join puts a participant into a room and waits until both sides are up.
func (s *stage) join(room, participant string, epoch int64, options ...testclient.Options) *member {
	s.t.Helper()
	o := testclient.Options{}
	if len(options) > 0 {
		o = options[0]
	}
	o.Tag = participant
	m := &member{Client: newClient(s.t, o), s: s}
	var err error
	m.joined, err = s.relay.Join(ctxFor(s.t), fmt.Sprintf("%s/%s/%d", room, participant, epoch), offerOf(s.t, m.Client))
	if err != nil {
		s.t.Fatal(err)
	}
	joined := func() (n int) {
		for _, e := range s.seen.events {
			if e == "joined "+room+"/"+participant {
				n++
			}
		}
		return n
	}
	s.seen.mu.Lock()
	before := joined()
	s.seen.mu.Unlock()
	if err := m.Answer(m.joined.Answer); err != nil {
		s.t.Fatal(err)
	}
	s.seen.until(s.t, participant+" joins", func() bool { return joined() > before })
	select {
	case <-m.Connected():
	case <-time.After(patience):
		s.t.Fatalf("%s is not connected", participant)
	}
	return m
}

// send starts sending until the test ends.
func (m *member) send(lines ...int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	m.s.t.Cleanup(cancel)
	m.Send(ctx, lines...)
	return cancel
}

// hear waits for a packet with somebody's tag on an m-line.
func (m *member) hear(mid, tag string) {
	m.s.t.Helper()
	ctx := ctxFor(m.s.t)
	for {
		packet, err := m.Next(ctx, mid)
		if err != nil {
			m.s.t.Fatalf("expecting %s: %v", tag, err)
		}
		if got, _ := testclient.Tag(packet); got == tag {
			return
		}
	}
}

// eventually polls a condition that no observer call announces.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline, poll := time.NewTimer(patience), time.NewTicker(5*time.Millisecond)
	defer deadline.Stop()
	defer poll.Stop()
	for !cond() {
		select {
		case <-poll.C:
		case <-deadline.C:
			t.Fatalf("waiting for %s", what)
		}
	}
}
