package cluster

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

// clock is the time of a test, the same for all its nodes.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a database with nodes on it that do nothing by themselves.
type world struct {
	st    *store.Store
	clock *clock
}

func newWorld(t *testing.T) *world {
	return &world{st: &store.Store{Pool: testdb.New(t)}, clock: &clock{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}}
}

// node is a node that keeps count of its deaths.
type node struct {
	*Cluster
	deaths int
}

// start begins a life on the test's clock. What is orphaned is freed, and no more.
func (w *world) start(t interface{ Fatal(...any) }, name string) *node {
	n := &node{}
	var err error
	n.Cluster, err = Start(context.Background(), Config{Store: w.st, Name: name, Clock: w.clock.Now, Died: func() { n.deaths++ },
		Orphaned: func(ctx context.Context, call uuid.UUID) error {
			_, err := w.st.Q().FreeLease(ctx, db.FreeLeaseParams{CallID: call})
			return err
		}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *node) mustBeat(t interface{ Fatal(...any) }) {
	if err := n.beat(context.Background()); err != nil {
		t.Fatal("beat of ", n.Name, ": ", err)
	}
}

func (w *world) holds(t interface{ Fatal(...any) }, call uuid.UUID, f token) bool {
	ok, err := w.st.Q().HoldsLease(context.Background(), db.HoldsLeaseParams{CallID: call, NodeTerm: f.node, Term: f.lease})
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// token fences what is recorded.
type token struct{ node, lease int64 }

func (n *node) take(t interface{ Fatal(...any) }, call uuid.UUID) Lease {
	l, err := n.Take(context.Background(), call)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A node is paused: another takes its call over, and when it comes back it has nothing and can record nothing.
func TestAPausedNodeLosesItsCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.start(t, "a"), w.start(t, "b")
	call := uuid.New()
	first := a.take(t, call)
	if !first.Mine || first.Term != 1 {
		t.Fatalf("%+v", first)
	}
	if again := a.take(t, call); !again.Mine || again.Term != 1 {
		t.Fatalf("its own again: %+v", again)
	}
	if l := b.take(t, call); l.Mine || !l.Alive || l.Node.Name != "a" {
		t.Fatalf("another's: %+v", l)
	}
	for range 5 {
		if l := b.take(t, call); l.Mine {
			t.Fatal("taken from a node that is not dead")
		}
		w.clock.pass(time.Second)
		b.mustBeat(t)
	}
	second := b.take(t, call)
	if !second.Mine || second.Term <= first.Term {
		t.Fatalf("after the death: %+v", second)
	}
	before := token{a.Self().Term, first.Term}
	if w.holds(t, call, before) || !w.holds(t, call, token{second.Node.Term, second.Term}) {
		t.Fatal("the fence does not hold")
	}
	a.mustBeat(t)
	if a.deaths != 1 || a.Self().Term == before.node || len(a.Leases()) != 0 {
		t.Fatalf("%d deaths, life %d, leases %v", a.deaths, a.Self().Term, a.Leases())
	}
	if l := a.take(t, call); l.Mine || l.Node.Name != "b" {
		t.Fatalf("%+v", l)
	}
	if names := b.others(t); !slices.Equal(names, []string{"a"}) {
		t.Fatalf("b sees %v", names)
	}
}

// others are the names of the other nodes after a sign of life.
func (n *node) others(t *testing.T) (names []string) {
	n.mustBeat(t)
	for _, o := range n.Others() {
		names = append(names, o.Name)
	}
	return names
}

// The database is away for everybody: when it is back, nobody takes anybody for dead.
func TestASilenceOfTheDatabaseKillsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nodes := []*node{w.start(t, "a"), w.start(t, "b"), w.start(t, "c")}
	call := uuid.New()
	nodes[0].take(t, call)
	round := func(list []*node) {
		for _, n := range list {
			n.mustBeat(t)
		}
	}
	for range 6 {
		round(nodes)
		w.clock.pass(time.Second)
	}
	w.clock.pass(time.Minute)
	for range 3 { // the one with the call is the last to come back
		round(nodes[1:])
		w.clock.pass(time.Second)
	}
	round(nodes)
	for _, n := range nodes {
		if n.deaths != 0 {
			t.Errorf("%s died", n.Name)
		}
	}
	if l := nodes[0].take(t, call); !l.Mine || l.Term != 1 {
		t.Fatalf("%+v", l)
	}
}

// A process that was killed has lost its connection to the database, too, and is buried after half the silence of one that is
// paused or slow, whose connection stands.
func TestAKilledNodeIsBuriedSoonerThanASlowOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	watcher := w.start(t, "watcher")
	killed, slow := w.start(t, "killed"), w.start(t, "slow")
	conn := map[*node]*pgx.Conn{}
	for _, n := range []*node{killed, slow} {
		c, err := n.connect(t.Context(), n.Self().Term)
		if err != nil {
			t.Fatal(err)
		}
		defer disconnect(t.Context(), c)
		conn[n] = c
	}
	for range 6 {
		for _, n := range []*node{watcher, killed, slow} {
			n.mustBeat(t)
		}
		w.clock.pass(time.Second)
	}
	if watcher.suspects {
		t.Fatal("somebody is suspected")
	}
	disconnect(t.Context(), conn[killed])
	for { // the database notices in its own time
		rows, err := w.st.Q().LivingNodes(t.Context(), db.LivingNodesParams{LateAfter: 1})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(rows, func(r db.LivingNodesRow) bool { return r.Name == "killed" && r.Connected }) {
			break
		}
	}
	lives := func(want ...string) {
		t.Helper()
		if got := watcher.others(t); !slices.Equal(got, want) {
			t.Fatalf("%v live", got)
		}
	}
	w.clock.pass(900 * time.Millisecond)
	lives("killed", "slow")
	if !watcher.suspects {
		t.Fatal("nobody looks sooner for a sign of life that is late")
	}
	w.clock.pass(200 * time.Millisecond)
	lives("slow")
	w.clock.pass(1800 * time.Millisecond)
	lives("slow")
	w.clock.pass(200 * time.Millisecond)
	lives()
}

// A node that merely lost its connection lives on, and so does one that was never seen with any.
func TestALostConnectionAloneBuriesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	watcher, cut, never := w.start(t, "watcher"), w.start(t, "cut"), w.start(t, "never")
	conn, err := cut.connect(t.Context(), cut.Self().Term)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if i == 5 {
			disconnect(t.Context(), conn)
		}
		for _, n := range []*node{cut, never, watcher} {
			n.mustBeat(t)
		}
		w.clock.pass(1900 * time.Millisecond)
		watcher.mustBeat(t)
	}
	w.clock.pass(1900 * time.Millisecond)
	if got := watcher.others(t); !slices.Equal(got, []string{"never"}) || cut.deaths+never.deaths != 0 {
		t.Fatalf("%v live", got)
	}
}

func TestDraining(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.start(t, "a"), w.start(t, "b")
	mine, late := uuid.New(), uuid.New()
	a.take(t, mine)
	if err := a.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l := a.take(t, late); l.Mine {
		t.Fatal("a draining node got a new call")
	}
	if l := a.take(t, mine); !l.Mine {
		t.Fatal("a draining node lost what it had not given up")
	}
	if l := b.take(t, mine); l.Mine || !l.Node.Draining || !l.Alive {
		t.Fatalf("%+v", l)
	}
	if names := b.others(t); len(names) != 0 {
		t.Fatalf("a draining node is offered: %v", names)
	}
	if n, err := w.st.Q().FreeLease(t.Context(), db.FreeLeaseParams{CallID: mine, By: a.Self().Term}); err != nil || n != 1 {
		t.Fatalf("given up %d: %v", n, err)
	}
	a.Gone(mine)
	if l := b.take(t, mine); !l.Mine || l.Term != 3 {
		t.Fatalf("%+v", l)
	}
	if err := a.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.mustBeat(t); len(b.Nodes()) != 1 {
		t.Fatalf("%v", b.Nodes())
	}
	a.mustBeat(t)
	if a.deaths != 0 {
		t.Fatal("a node that left was born again")
	}
	w.start(t, "a") // at once, since the name is free
}

func TestANameIsUsedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start(t, "a")
	_, err := Start(t.Context(), Config{Store: w.st, Name: "a", Clock: w.clock.Now, Beat: time.Millisecond, DeadAfter: 20 * time.Millisecond})
	if !errors.Is(err, ErrNameInUse) {
		t.Fatal(err)
	}
	w.clock.pass(time.Minute) // a crash, long ago
	w.start(t, "a")
}

// A program that has its database to itself does not wait for the death of what it was before.
func TestAloneNobodyElseLives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.start(t, "before")
	call := uuid.New()
	before.take(t, call)
	w.clock.pass(time.Millisecond)
	c, err := Start(t.Context(), Config{Store: w.st, Name: "now", Alone: true, Clock: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := c.Take(t.Context(), call); err != nil || l.Mine || l.Alive {
		t.Fatalf("%+v %v", l, err)
	}
	if before.mustBeat(t); before.deaths != 1 {
		t.Fatal("the one before lives on")
	}
}

// Whatever happens in whatever order: at most one life can record for a call, the terms of a lease only rise, and no node dies
// that gave its signs of life in time.
func TestLeases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		for _, table := range []string{"nodes", "call_leases"} {
			if _, err := w.st.Pool.Exec(context.Background(), "DELETE FROM "+table); err != nil {
				t.Fatal(err)
			}
		}
		calls := []uuid.UUID{uuid.New(), uuid.New()}
		var nodes []*node
		seen := map[*node]time.Time{}
		for i := range 3 {
			n := w.start(t, "n"+strconv.Itoa(i))
			nodes = append(nodes, n)
			seen[n] = w.clock.Now()
		}
		given := map[uuid.UUID][]token{}
		pick := func() *node { return rapid.SampledFrom(nodes).Draw(t, "node") }
		t.Repeat(map[string]func(*rapid.T){
			"pass": func(t *rapid.T) {
				w.clock.pass(time.Duration(rapid.IntRange(100, 2500).Draw(t, "ms")) * time.Millisecond)
			},
			"beat": func(t *rapid.T) {
				n := pick()
				deaths := n.deaths
				n.mustBeat(t)
				if n.deaths > deaths && w.clock.Now().Sub(seen[n]) < n.DeadAfter {
					t.Fatalf("%s died %v after its last sign of life", n.Name, w.clock.Now().Sub(seen[n]))
				}
				seen[n] = w.clock.Now()
			},
			"everybody": func(t *rapid.T) {
				for range 5 {
					w.clock.pass(time.Second)
					for _, n := range nodes[1:] {
						n.mustBeat(t)
						seen[n] = w.clock.Now()
					}
				}
			},
			"take": func(t *rapid.T) {
				call := rapid.SampledFrom(calls).Draw(t, "call")
				l := pick().take(t, call)
				if !l.Mine {
					return
				}
				f := token{l.Node.Term, l.Term}
				if before := given[call]; len(before) > 0 {
					if last := before[len(before)-1]; f != last && f.lease <= last.lease {
						t.Fatalf("%+v after %+v", f, last)
					}
				}
				if !slices.Contains(given[call], f) {
					given[call] = append(given[call], f)
				}
			},
			"give up": func(t *rapid.T) {
				n, call := pick(), rapid.SampledFrom(calls).Draw(t, "call")
				if _, err := w.st.Q().FreeLease(context.Background(), db.FreeLeaseParams{CallID: call, By: n.Self().Term}); err != nil {
					t.Fatal(err)
				}
				n.Gone(call)
			},
			"": func(t *rapid.T) {
				for _, call := range calls {
					for i, f := range given[call] {
						if w.holds(t, call, f) && i < len(given[call])-1 {
							t.Fatalf("%+v records after %+v", f, given[call][i+1:])
						}
					}
				}
			},
		})
		// Nothing stays with the dead: those who live get every call in the end.
		for range 8 {
			w.clock.pass(time.Second)
			nodes[1].mustBeat(t)
		}
		for _, call := range calls {
			if l := nodes[1].take(t, call); !l.Mine {
				t.Fatalf("call %s stays with %+v", call, l)
			}
		}
	})
}

// running starts a node that lives by itself, fast, on the database's clock.
func (w *world) running(t *testing.T, name string, prepare func(*Cluster)) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), Config{Store: w.st, Name: name, Beat: 50 * time.Millisecond, DeadAfter: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if prepare != nil {
		prepare(c)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return c
}

func TestRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stuck := make(chan struct{})
	a := w.running(t, "a", nil)
	b := w.running(t, "b", func(c *Cluster) {
		c.Handle("upper", func(_ context.Context, body []byte) []byte { return bytes.ToUpper(body) })
		c.Handle("stuck", func(ctx context.Context, _ []byte) []byte {
			<-ctx.Done()
			close(stuck)
			return nil
		})
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var work sync.WaitGroup
	for i := range 50 {
		work.Go(func() {
			got, err := a.Request(ctx, b.Self(), "upper", []byte("offer "+strconv.Itoa(i)))
			if want := "OFFER " + strconv.Itoa(i); err != nil || string(got) != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		})
	}
	work.Wait()
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := a.Request(short, b.Self(), "stuck", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	<-stuck // the other side gives up as well
	if _, err := a.Request(context.Background(), b.Self(), "upper", nil); err == nil {
		t.Fatal("a request without a deadline")
	}
}

// Whoever waits for a node that dies is told so, and does not wait for the deadline.
func TestRequestToANodeThatDies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.running(t, "a", nil)
	dead, err := Start(t.Context(), Config{Store: w.st, Name: "dead", Beat: 50 * time.Millisecond, DeadAfter: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := a.Request(ctx, dead.Self(), "upper", nil); !errors.Is(err, ErrGone) {
		t.Fatal(err)
	}
}

// A node comes back from the dead and answers under its new term.
func TestRequestsReachTheNextLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.running(t, "a", nil)
	b := w.running(t, "b", func(c *Cluster) {
		c.Handle("ping", func(context.Context, []byte) []byte { return []byte("pong") })
	})
	old := b.Self()
	if _, err := w.st.Pool.Exec(t.Context(), "UPDATE nodes SET lost = true WHERE term = $1", old.Term); err != nil {
		t.Fatal(err)
	}
	end := time.After(time.Minute)
	for {
		if now := b.Self(); now.Term != old.Term {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if got, err := a.Request(ctx, now, "ping", nil); err != nil || string(got) != "pong" {
				t.Fatalf("%q, %v", got, err)
			}
			return
		}
		select {
		case <-end:
			t.Fatal("no new life")
		case <-time.After(5 * time.Millisecond):
		}
	}
}
