package timers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Tick is something to do again and again.
type Tick struct {
	// Name is the label of the metrics, in lower_snake_case.
	Name string
	// Every is the time between the starts of two runs; a run that takes longer delays the next.
	Every time.Duration
	// Limit ends a run's context; 0 means 30 s.
	Limit time.Duration
	Run   func(ctx context.Context) error
}

const (
	defaultLimit = 30 * time.Second
	remindEvery  = time.Minute
)

// Timers runs ticks.
type Timers struct {
	log         *slog.Logger
	ticks       []Tick
	runs        *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	lastSuccess *prometheus.GaugeVec
}

// New prepares the ticks. The logger and the registerer may be nil.
func New(log *slog.Logger, r prometheus.Registerer, ticks ...Tick) (*Timers, error) {
	names := map[string]bool{}
	for i, t := range ticks {
		switch {
		case t.Name == "" || names[t.Name]:
			return nil, fmt.Errorf("timers: name %q is empty or taken", t.Name)
		case t.Every <= 0 || t.Limit < 0 || t.Run == nil:
			return nil, fmt.Errorf("timers: %s needs an interval above zero and something to do", t.Name)
		case t.Limit == 0:
			ticks[i].Limit = defaultLimit
		}
		names[t.Name] = true
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	x := &Timers{log: log, ticks: ticks,
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianzhen_timer_runs_total", Help: "Runs of timers by result: ok, error or panic.",
		}, []string{"timer", "result"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lianzhen_timer_seconds", Help: "Seconds that a run of a timer took.",
			Buckets: []float64{.001, .005, .01, .05, .1, .5, 1, 5, 10, 30},
		}, []string{"timer"}),
		lastSuccess: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "lianzhen_timer_last_success_timestamp_seconds", Help: "When a timer last ended without an error.",
		}, []string{"timer"}),
	}
	if r == nil {
		return x, nil
	}
	return x, errors.Join(r.Register(x.runs), r.Register(x.seconds), r.Register(x.lastSuccess))
}

// Run runs the ticks until ctx ends, and returns nil when all have returned. The first run of each comes after a random
// part of its interval, so that nodes that start together do not sweep together.
func (x *Timers) Run(ctx context.Context) error {
	var work sync.WaitGroup
	for _, t := range x.ticks {
		work.Go(func() { x.repeat(ctx, t) })
	}
	work.Wait()
	return nil
}

func (x *Timers) repeat(ctx context.Context, t Tick) {
	first := time.NewTimer(rand.N(t.Every))
	defer first.Stop()
	select {
	case <-ctx.Done():
		return
	case <-first.C:
	}
	every := time.NewTicker(t.Every)
	defer every.Stop()
	var since, said time.Time // failing since, last said so
	for {
		err := x.once(ctx, t)
		now := time.Now()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && !since.IsZero():
			x.log.InfoContext(ctx, "timers: works again", "timer", t.Name, "failed_for", now.Sub(since).String())
			since = time.Time{}
		case err != nil && (since.IsZero() || now.Sub(said) >= remindEvery):
			x.log.ErrorContext(ctx, "timers: failed", "timer", t.Name, "error", err)
			said = now
			if since.IsZero() {
				since = now
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// errPanicked is the error of a run that panicked.
var errPanicked = errors.New("panicked")

// once runs a tick once.
func (x *Timers) once(ctx context.Context, t Tick) (err error) {
	limited, cancel := context.WithTimeout(ctx, t.Limit)
	defer cancel()
	from := time.Now()
	defer func() {
		result := "ok"
		if r := recover(); r != nil {
			err, result = fmt.Errorf("%w: %v\n%s", errPanicked, r, debug.Stack()), "panic"
		} else if err != nil {
			result = "error"
		}
		if ctx.Err() != nil && err != nil && !errors.Is(err, errPanicked) {
			return // the program is stopping
		}
		x.runs.WithLabelValues(t.Name, result).Inc()
		x.seconds.WithLabelValues(t.Name).Observe(time.Since(from).Seconds())
		if err == nil {
			x.lastSuccess.WithLabelValues(t.Name).SetToCurrentTime()
		}
	}()
	return t.Run(limited)
}
