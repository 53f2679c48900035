package queue

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

//go:embed heads.lua
var headsScript string

//go:embed ahead.lua
var aheadScript string

//go:embed place.lua
var placeScript string

//go:embed point.lua
var pointScript string

//go:embed sums.lua
var sumsScript string

// The times of this package.
const (
	Patience       = 100 * time.Millisecond // of one question
	LiveFor        = 5 * time.Second        // of a generation that nobody keeps
	beatEvery      = 500 * time.Millisecond // the leader renews
	keptFor        = 10 * time.Minute       // of keys that a dead leader left
	pointedFor     = time.Minute
	reconcileEvery = 30 * time.Second
	lookEvery      = 250 * time.Millisecond // for the pointer, and for Redis when it is away
	campaignEvery  = time.Second
	followGap      = 20 * time.Millisecond // between two looks at the outbox: commits come in bursts
	writeTime      = 5 * time.Second       // of one step of the leader
)

// Options are what the index stands on. Logger and Metrics may be left out.
type Options struct {
	Redis   redis.UniversalClient
	Store   *store.Store
	Logger  *slog.Logger
	Metrics prometheus.Registerer
	// Patience is how long a question waits for Redis before SQL is asked; 0 means [Patience].
	Patience time.Duration
}

// Index is one node's view of the index, and its candidate for the one that keeps it. It is care's Order.
type Index struct {
	redis redis.UniversalClient
	st    *store.Store
	log   *slog.Logger
	metrics
	patience time.Duration

	heads, ahead, place, point, sums *redis.Script

	generation atomic.Int64 // to read; 0: none
	away       atomic.Bool  // Redis did not answer; nobody asks until look finds it again
	hospitals  atomic.Pointer[map[uuid.UUID]uuid.UUID]
	unknown    chan struct{} // somebody asked for a department without a hospital
}

type metrics struct {
	drift    prometheus.Gauge
	leads    prometheus.Gauge
	entries  prometheus.Gauge
	rebuilds prometheus.Counter
	asked    *prometheus.CounterVec
}

// New makes a node's index. It answers as soon as Run runs here and a leader runs anywhere.
func New(o Options) (*Index, error) {
	if o.Redis == nil || o.Store == nil {
		return nil, errors.New("queue index: Redis and a store are needed")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Patience <= 0 {
		o.Patience = Patience
	}
	x := &Index{redis: o.Redis, st: o.Store, log: o.Logger, patience: o.Patience, unknown: make(chan struct{}, 1),
		heads: redis.NewScript(headsScript), ahead: redis.NewScript(aheadScript), place: redis.NewScript(placeScript),
		point: redis.NewScript(pointScript), sums: redis.NewScript(sumsScript),
		metrics: metrics{
			drift: prometheus.NewGauge(prometheus.GaugeOpts{Name: "lianzhen_queue_index_drift",
				Help: "Entries of the queue's index that differed from the database at the last comparison, and were repaired; on the node that keeps it."}),
			leads: prometheus.NewGauge(prometheus.GaugeOpts{Name: "lianzhen_queue_index_leader",
				Help: "1 on the node that keeps the queue's index."}),
			entries: prometheus.NewGauge(prometheus.GaugeOpts{Name: "lianzhen_queue_index_requests",
				Help: "Requests in the queue's index; on the node that keeps it."}),
			rebuilds: prometheus.NewCounter(prometheus.CounterOpts{Name: "lianzhen_queue_index_rebuilds_total",
				Help: "Times that this node wrote the queue's index anew from the database."}),
			asked: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lianzhen_queue_index_questions_total",
				Help: "Questions about the order of the queue, by who had to answer: index or sql."}, []string{"answered_by"}),
		},
	}
	x.hospitals.Store(&map[uuid.UUID]uuid.UUID{})
	if o.Metrics != nil {
		for _, c := range []prometheus.Collector{x.drift, x.leads, x.entries, x.rebuilds, x.asked} {
			if err := o.Metrics.Register(c); err != nil {
				return nil, err
			}
		}
	}
	return x, nil
}

// Heads implements care.Order.
func (x *Index) Heads(ctx context.Context, departments []uuid.UUID, now time.Time, n int) ([]uuid.UUID, bool) {
	var all []consult.OrderKey
	ok := n > 0 && x.ask(ctx, departments, func(ctx context.Context, p part, of []lane) error {
		keys, args := []string{p.live(), p.targets(), p.own()}, []any{now.UnixMilli(), n}
		for _, l := range of {
			keys, args = append(keys, p.set(l)), append(args, l.urgency)
		}
		list, err := x.heads.Run(ctx, x.redis, keys, args...).StringSlice()
		if err != nil {
			return err
		}
		for ; len(list) >= 4; list = list[4:] {
			since, e1 := strconv.ParseInt(list[1], 10, 64)
			target, e2 := strconv.ParseInt(list[2], 10, 64)
			if err := errors.Join(e1, e2); err != nil {
				return err
			}
			w := consult.Waiting{ID: list[0], Since: time.UnixMilli(since), Target: time.Duration(target) * time.Second}
			if list[3] == "1" {
				w.Urgency = consult.Critical
			}
			all = append(all, w.Key(now))
		}
		return nil
	})
	if !ok {
		return nil, false
	}
	slices.SortFunc(all, func(a, b consult.OrderKey) int {
		switch {
		case a.Less(b):
			return -1
		case b.Less(a):
			return 1
		}
		return 0
	})
	// A request that partners are asked as well stands in both hospitals.
	all = slices.CompactFunc(all, func(a, b consult.OrderKey) bool { return a.ID == b.ID })
	ids := make([]uuid.UUID, 0, min(n, len(all)))
	for _, k := range all[:min(n, len(all))] {
		id, err := uuid.Parse(k.ID)
		if err != nil {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

// Ahead implements care.Order.
func (x *Index) Ahead(ctx context.Context, departments []uuid.UUID, of consult.Waiting, now time.Time) (int, bool) {
	key := of.Key(now)
	critical := 0
	if key.Critical {
		critical = 1
	}
	n, wide := 0, map[string]bool{}
	ok := x.ask(ctx, departments, func(ctx context.Context, p part, in []lane) error {
		keys := []string{p.live(), p.targets(), p.own(), p.wide()}
		args := []any{now.UnixMilli(), critical, key.WaitedMS, key.TargetS, key.SinceMS, key.ID}
		for _, l := range in {
			keys, args = append(keys, p.set(l)), append(args, l.urgency)
		}
		list, err := x.ahead.Run(ctx, x.redis, keys, args...).Slice()
		if err != nil {
			return err
		}
		for i, v := range list {
			switch v := v.(type) {
			case int64:
				n += int(v)
			case string:
				wide[v] = true
			default:
				return errors.New("queue index: answer " + strconv.Itoa(i) + " of ahead.lua is not understood")
			}
		}
		return nil
	})
	return n + len(wide), ok
}

// ask puts one question to each hospital of the departments. It is false when one of them has no answer now.
func (x *Index) ask(ctx context.Context, departments []uuid.UUID, question func(context.Context, part, []lane) error) (ok bool) {
	defer func() {
		if ok {
			x.asked.WithLabelValues("index").Inc()
		} else {
			x.asked.WithLabelValues("sql").Inc()
		}
	}()
	generation := x.generation.Load()
	if generation == 0 || x.away.Load() {
		return false
	}
	groups, known := byHospital(departments, *x.hospitals.Load())
	if !known {
		select {
		case x.unknown <- struct{}{}:
		default:
		}
		return false
	}
	within, cancel := context.WithTimeout(ctx, x.patience)
	defer cancel()
	for hospital, of := range groups {
		err := question(within, partOf(generation, hospital), lanes(of))
		switch {
		case errors.Is(err, redis.Nil): // not live: flushed, or nobody keeps it, or there is a newer one
			return false
		case err != nil:
			if ctx.Err() == nil && x.away.CompareAndSwap(false, true) {
				x.log.WarnContext(ctx, "queue index: Redis is away, the order comes from SQL", "error", err)
			}
			return false
		}
	}
	return true
}

// Run looks for the generation to read, and keeps the index when it is this node's turn. It ends with ctx.
func (x *Index) Run(ctx context.Context) error {
	led := make(chan struct{})
	go func() {
		defer close(led)
		x.campaign(ctx)
	}()
	x.look(ctx)
	<-led
	return nil
}

// look keeps the reader's side fresh: the pointer, whether Redis is there, and which hospital a department belongs to.
func (x *Index) look(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var read time.Time
	for {
		x.findGeneration(ctx)
		if time.Since(read) >= reconcileEvery && x.readHospitals(ctx) == nil {
			read = time.Now()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-x.unknown:
			// At most once in a while: a department that does not exist may be asked for again and again.
			if time.Since(read) >= lookEvery {
				read = time.Time{}
			}
		}
	}
}

func (x *Index) findGeneration(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, writeTime/5)
	defer cancel()
	n, err := x.redis.Get(within, pointer).Int64()
	switch {
	case errors.Is(err, redis.Nil):
		x.generation.Store(0)
	case err != nil:
		if ctx.Err() == nil && x.away.CompareAndSwap(false, true) {
			x.log.WarnContext(ctx, "queue index: Redis is away, the order comes from SQL", "error", err)
		}
		return
	default:
		x.generation.Store(n)
	}
	if x.away.CompareAndSwap(true, false) {
		x.log.InfoContext(ctx, "queue index: Redis is back")
	}
}

func (x *Index) readHospitals(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	rows, err := x.st.Q().QueueHospitals(within)
	if err != nil {
		return err
	}
	hospitals := make(map[uuid.UUID]uuid.UUID, len(rows))
	for _, r := range rows {
		hospitals[r.ID] = r.OrganisationID
	}
	x.hospitals.Store(&hospitals)
	return nil
}
