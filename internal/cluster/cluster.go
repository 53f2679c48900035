package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The project's own choice of times.
const (
	// beatEvery is how often a node gives a sign of life.
	beatEvery = time.Second
	// deadAfter is how long a silent node lives. Half of it is enough when its connection to the database is gone, too.
	deadAfter = 4 * time.Second
	// pruneEvery is how often what is of no use any more is deleted.
	pruneEvery = 10 * time.Minute
	// statementTime bounds one statement; a database that does not answer is like one that is away.
	statementTime = 2 * time.Second
	// moveTime bounds one call of Orphaned.
	moveTime = 10 * time.Second
)

// Config says who a node is. Store and Name are needed.
type Config struct {
	Store *store.Store
	// Name is the node's own; no other node may live under it.
	Name string
	// Orphaned is told of calls whose node's life is over; it frees the lease (query FreeLease) in the transaction that draws the
	// consequences. It may be called for the same call again and by several nodes at once.
	Orphaned func(ctx context.Context, call uuid.UUID) error
	// Died is called when this node was taken for dead: what it carries is nobody's or another's by now. The next life begins
	// when it returns.
	Died    func()
	Logger  *slog.Logger
	Metrics prometheus.Registerer
	// Alone: no other process can use the database, so whoever lived before is dead.
	Alone bool
	// Beat and DeadAfter replace 1 s and 4 s, Clock the database's clock: for tests.
	Beat, DeadAfter time.Duration
	Clock           func() time.Time
}

// Node is one life of a node.
type Node struct {
	Name     string
	Term     int64
	Draining bool
}

// Cluster is this node among the others.
type Cluster struct {
	Config
	metrics *metrics

	mu       sync.Mutex
	self     Node
	nodes    []Node              // who lives, as of the last sign of life
	held     map[uuid.UUID]int64 // leases of this life, by call
	handlers map[string]Handler
	pending  map[uuid.UUID]*pending
	reborn   chan struct{} // closed when the next life begins
	ended    bool

	// of the beating goroutine
	last, steady time.Time      // the newest sign of life, and the first of those that came regularly since
	connected    map[int64]bool // lives whose connection was seen to stand, by term
	suspects     bool           // somebody's sign of life is late
	work         sync.WaitGroup
}

// ErrNameInUse says that another node lives under the name.
var ErrNameInUse = errors.New("another node of this name is running, or was until a moment ago")

// Start begins a life. When a node of the name was there a moment ago it waits until that one may be taken for dead.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	if cfg.Beat == 0 {
		cfg.Beat = beatEvery
	}
	if cfg.DeadAfter == 0 {
		cfg.DeadAfter = deadAfter
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Orphaned == nil {
		cfg.Orphaned = func(context.Context, uuid.UUID) error { return nil }
	}
	if cfg.Died == nil {
		cfg.Died = func() {}
	}
	if cfg.Alone {
		if _, err := cfg.Store.Q().BuryNodes(ctx, db.BuryNodesParams{Gone: []int64{}}); err != nil {
			return nil, fmt.Errorf("bury what was before: %w", err)
		}
	}
	c := &Cluster{Config: cfg, held: map[uuid.UUID]int64{}, handlers: map[string]Handler{}, pending: map[uuid.UUID]*pending{}}
	for end := time.Now().Add(cfg.DeadAfter + 2*cfg.Beat); ; {
		err := c.begin(ctx)
		if err == nil {
			break
		}
		if !errors.Is(err, ErrNameInUse) || time.Now().After(end) {
			return nil, fmt.Errorf("node %s: %w", cfg.Name, err)
		}
		if !pause(ctx, cfg.Beat) {
			return nil, ctx.Err()
		}
	}
	c.metrics = newMetrics(cfg.Metrics, c)
	return c, nil
}

// begin begins a life.
func (c *Cluster) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, statementTime)
	defer cancel()
	term, err := c.Store.Q().StartNode(ctx, db.StartNodeParams{Name: c.Name, Now: c.clock(), DeadAfter: c.DeadAfter.Seconds()})
	if store.IsNone(err) {
		return ErrNameInUse
	}
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	draining := c.self.Draining
	c.self = Node{Name: c.Name, Term: term, Draining: draining}
	c.nodes = []Node{c.self}
	c.held = map[uuid.UUID]int64{}
	if c.reborn != nil {
		close(c.reborn)
	}
	c.reborn = make(chan struct{})
	c.last, c.steady = time.Time{}, time.Time{}
	return nil
}

// clock is nil where the database's own counts.
func (c *Cluster) clock() *time.Time {
	if c.Clock == nil {
		return nil
	}
	now := c.Clock()
	return &now
}

// Self is this node's life.
func (c *Cluster) Self() Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.self
}

// Nodes are those that live, this one included, as of the last sign of life.
func (c *Cluster) Nodes() []Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.nodes)
}

// Others are the other nodes that live and take calls.
func (c *Cluster) Others() []Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.nodes), func(n Node) bool { return n.Term == c.self.Term || n.Draining })
}

// Run gives signs of life, buries the silent, carries messages and deletes what is old, until ctx ends. It waits for the
// requests that this node is answering.
func (c *Cluster) Run(ctx context.Context) error {
	var loops sync.WaitGroup
	loops.Go(func() { c.listen(ctx) })
	loops.Go(func() {
		tick := time.NewTicker(pruneEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				c.prune(ctx)
			}
		}
	})
	tick := time.NewTicker(c.Beat)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := c.beat(ctx); err != nil && ctx.Err() == nil {
			c.Logger.WarnContext(ctx, "cluster: a round was not complete", "error", err)
		}
		var sooner <-chan time.Time
		if c.suspects {
			sooner = time.After(c.Beat / 4)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-sooner:
		}
	}
	loops.Wait()
	c.work.Wait()
	return nil
}

// beat gives one sign of life and does what follows from those of the others.
func (c *Cluster) beat(ctx context.Context) error {
	c.mu.Lock()
	self, ended := c.self, c.ended
	c.mu.Unlock()
	if ended {
		return nil
	}
	at, err := c.sign(ctx, self)
	if store.IsNone(err) {
		c.Logger.WarnContext(ctx, "cluster: this node was taken for dead and begins anew", "term", self.Term)
		c.mu.Lock()
		c.held = map[uuid.UUID]int64{}
		c.mu.Unlock()
		c.Died()
		if err := c.begin(ctx); err != nil {
			return err
		}
		c.metrics.terms.Inc()
		self = c.Self()
		if at, err = c.sign(ctx, self); err != nil {
			return err
		}
		if self.Draining {
			if err := c.Drain(ctx); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	if c.last.IsZero() || at.Sub(c.last) > max(2*c.Beat, c.DeadAfter/2) {
		c.steady = at
	}
	c.last = at
	if err := c.look(ctx, at); err != nil {
		return err
	}
	return c.rescue(ctx)
}

// sign is the sign of life; no row means that this life is over.
func (c *Cluster) sign(ctx context.Context, self Node) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, statementTime)
	defer cancel()
	return c.Store.Q().BeatNode(ctx, db.BeatNodeParams{Now: c.clock(), Term: self.Term})
}

// look learns who lives and buries the silent: those whose connection was there and is gone after half the time, since a process
// that is merely slow keeps its connection.
func (c *Cluster) look(ctx context.Context, at time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, statementTime)
	defer cancel()
	q := c.Store.Q()
	rows, err := q.LivingNodes(ctx, db.LivingNodesParams{Now: c.clock(), LateAfter: 1.5 * c.Beat.Seconds()})
	if err != nil {
		return fmt.Errorf("who lives: %w", err)
	}
	self := c.Self().Term
	was, gone, late := c.connected, []int64{}, false
	c.connected = map[int64]bool{}
	for _, r := range rows {
		c.connected[r.Term] = r.Connected || was[r.Term]
		if c.connected[r.Term] && !r.Connected {
			gone = append(gone, r.Term)
		}
		late = late || r.Late && r.Term != self
	}
	c.suspects = late && at.Sub(c.steady) >= c.DeadAfter
	if c.suspects {
		buried, err := q.BuryNodes(ctx, db.BuryNodesParams{Self: self, Now: c.clock(), Gone: gone, GoneAfter: (c.DeadAfter / 2).Seconds(),
			DeadAfter: c.DeadAfter.Seconds()})
		if err != nil {
			return fmt.Errorf("bury: %w", err)
		}
		for _, b := range buried {
			c.Logger.WarnContext(ctx, "cluster: a node is dead", "name", b.Name, "term", b.Term)
			c.metrics.buried.Inc()
			rows = slices.DeleteFunc(rows, func(r db.LivingNodesRow) bool { return r.Term == b.Term })
		}
	}
	nodes := make([]Node, len(rows))
	for i, r := range rows {
		nodes[i] = Node{Name: r.Name, Term: r.Term, Draining: r.Draining}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes = nodes
	for _, p := range c.pending {
		if !slices.ContainsFunc(nodes, func(n Node) bool { return n.Term == p.to }) {
			p.gone()
		}
	}
	return nil
}

// rescue hands over the calls of lives that are over. Each failure is told, and tried again with the next sign of life.
func (c *Cluster) rescue(ctx context.Context) error {
	look, cancel := context.WithTimeout(ctx, statementTime)
	calls, err := c.Store.Q().OrphanedCalls(look)
	cancel()
	if err != nil {
		return fmt.Errorf("calls without a node: %w", err)
	}
	if len(calls) == 0 {
		return nil
	}
	// Signs of life go on meanwhile, and one slow call does not keep the others.
	seats := make(chan struct{}, 4)
	var work sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, call := range calls {
			seats <- struct{}{}
			work.Go(func() {
				defer func() { <-seats }()
				one, cancel := context.WithTimeout(ctx, moveTime)
				defer cancel()
				if err := c.Orphaned(one, call); err != nil {
					mu.Lock()
					errs = append(errs, fmt.Errorf("call %s: %w", call, err))
					mu.Unlock()
				}
			})
		}
		work.Wait()
	}()
	tick := time.NewTicker(c.Beat)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return errors.Join(errs...)
		case <-tick.C:
			at, err := c.sign(ctx, c.Self())
			if err == nil {
				c.last = at
			}
		}
	}
}

// Drain says that this node takes no calls any more and gives up those it has, one by one, as its user frees them.
func (c *Cluster) Drain(ctx context.Context) error {
	c.mu.Lock()
	c.self.Draining = true
	term := c.self.Term
	c.mu.Unlock()
	if _, err := c.Store.Q().DrainNode(ctx, term); err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	return nil
}

// Leave ends this life at once, so that nobody has to wait for it to be taken for dead. It may be called again.
func (c *Cluster) Leave(ctx context.Context) error {
	c.mu.Lock()
	term := c.self.Term
	c.ended = true
	c.mu.Unlock()
	c.metrics.unregister()
	if err := c.Store.Q().EndNode(ctx, term); err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	return nil
}

// prune deletes what is of no use any more.
func (c *Cluster) prune(ctx context.Context) {
	q := c.Store.Q()
	before := c.Leases()
	err := errors.Join(q.PruneLeases(ctx), q.PruneNodeMessages(ctx), q.PruneNodes(ctx))
	if err == nil {
		err = c.refresh(ctx, before)
	}
	if err != nil && ctx.Err() == nil {
		c.Logger.WarnContext(ctx, "cluster: not pruned", "error", err)
	}
}

// pause waits and says whether ctx lasted.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
