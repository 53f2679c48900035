package care

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const (
	// meanService is what one consultation takes, for the promise; this project's estimate.
	meanService = 15 * time.Minute
	// estimateLife is how long a range is shown again while nothing changed.
	estimateLife = 5 * time.Minute
	// serviceMemory is how far back the durations of consultations are looked at.
	serviceMemory = 90 * 24 * time.Hour
)

// tellTimes fills in the promise and the range. Only the bedside is told, so only its look writes them down: the promise on the
// request and the range beside what then really happens, where the doctors see both too. There is neither for CRITICAL, while
// nobody is present, or for a written question.
func (s *Service) tellTimes(ctx context.Context, q *db.Queries, c db.Consultation, v sight, own consult.Waiting, doctors []doctorNow, departments []uuid.UUID, now time.Time, out *contract.Waiting) error {
	if written(c) || own.Urgency == consult.Critical || out.Available == 0 {
		return nil
	}
	busy := 0
	for _, d := range doctors {
		if d.here() && d.busy {
			busy++
		}
	}
	tell := db.TellTimesParams{ConsultationID: c.ID, Now: now, ID: newID(), Urgency: c.Urgency, Ahead: int32(out.Ahead), Available: int32(out.Available)}
	switch told := c.PromiseBy; {
	case told != nil && told.After(now):
		out.PromiseBy = utc(told)
	case v.care():
		// A consultation that is going on takes a doctor as one that waits does.
		if by, ok := consult.Promise(now, own, out.Ahead+busy, out.Available, meanService); ok {
			tell.PromiseBy = &by
		}
	}
	shown, err := q.ShownEstimate(ctx, db.ShownEstimateParams{ConsultationID: c.ID, Since: now.Add(-estimateLife), Ahead: int32(out.Ahead), Available: int32(out.Available)})
	switch {
	case err == nil:
		out.Estimate = &contract.WaitEstimate{FromSeconds: int(shown.FromSeconds), ToSeconds: int(shown.ToSeconds)}
	case !store.IsNone(err):
		return fmt.Errorf("estimate: %w", err)
	case v.care():
		e, ok, err := s.estimate(ctx, q, doctors, departments, out.Ahead, now)
		if err != nil {
			return err
		}
		if ok {
			out.Estimate = &e
			tell.FromSeconds, tell.ToSeconds = int32(e.FromSeconds), int32(e.ToSeconds)
		}
	}
	if tell.PromiseBy == nil && tell.ToSeconds == 0 {
		return nil
	}
	promised, err := q.TellTimes(ctx, tell)
	if err != nil {
		return fmt.Errorf("what the bedside is told: %w", err)
	}
	if promised {
		out.PromiseBy = utc(tell.PromiseBy)
		return nil
	}
	if tell.PromiseBy == nil {
		return nil
	}
	// Two looks at once, as of a page that has just sent the request: the second says what the first has told, and not that it is late.
	told, err := q.PromiseTold(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("what the bedside was told: %w", err)
	}
	if told != nil && told.After(now) {
		out.PromiseBy = utc(told)
	}
	return nil
}

// estimate says how long a request with so many before it waits for the doctors who are present.
func (s *Service) estimate(ctx context.Context, q *db.Queries, doctors []doctorNow, departments []uuid.UUID, ahead int, now time.Time) (contract.WaitEstimate, bool, error) {
	key := forecastKey(doctors, departments)
	e, ok := s.forecasts.at(key, ahead, now)
	if !ok {
		past, err := q.ServiceTimes(ctx, db.ServiceTimesParams{Departments: departments, Since: now.Add(-serviceMemory)})
		if err != nil {
			return contract.WaitEstimate{}, false, fmt.Errorf("past consultations: %w", err)
		}
		f := consult.ForecastWaits(simulationOf(doctors, past, ahead+placesMore, now), rand.New(rand.NewPCG(seedOf(departments, now), 0)))
		s.forecasts.keep(key, f, now)
		e, ok = f.At(ahead)
	}
	return contract.WaitEstimate{FromSeconds: int(e.From / time.Second), ToSeconds: int(e.To / time.Second)}, ok, nil
}

func simulationOf(doctors []doctorNow, past []int64, ahead int, now time.Time) consult.Simulation {
	sim := consult.Simulation{Ahead: ahead}
	for _, d := range doctors {
		switch {
		case !d.here():
		case d.busy && d.busySince != nil:
			sim.Serving = append(sim.Serving, max(now.Sub(*d.busySince), 0))
		default:
			sim.Serving = append(sim.Serving, -1)
		}
	}
	for _, seconds := range past {
		sim.Past = append(sim.Past, time.Duration(seconds)*time.Second)
	}
	slices.Sort(sim.Serving)
	return sim
}

// seedOf makes the draws of the same departments in one minute the same on every node.
func seedOf(departments []uuid.UUID, now time.Time) uint64 {
	seed := uint64(now.Unix() / 60)
	for _, d := range departments {
		seed ^= binary.BigEndian.Uint64(d[8:])
	}
	return seed
}

const (
	// forecastLife is how long one simulation serves the looks of a queue: nobody sees the difference, and many look at once when
	// it changes.
	forecastLife = time.Second
	// placesMore is how many places behind the one that is asked for are simulated with it.
	placesMore = 32
	// forecastsKept bounds the memory.
	forecastsKept = 256
)

// forecasts remembers the simulations of the last second on this node, since each is of a whole queue. Other nodes draw the same
// from the same numbers. The zero value works.
type forecasts struct {
	mu sync.Mutex
	of map[string]forecast
}

type forecast struct {
	at time.Time
	f  consult.Forecast
}

// forecastKey tells queues apart, and the same queue when doctors came or went, or the last free one was taken.
func forecastKey(doctors []doctorNow, departments []uuid.UUID) string {
	here := 0
	for _, d := range doctors {
		if d.here() {
			here++
		}
	}
	return fmt.Sprint(here, slices.ContainsFunc(doctors, doctorNow.free), departments)
}

func (m *forecasts) at(key string, ahead int, now time.Time) (consult.Estimate, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.of[key]
	if !ok || now.Sub(known.at).Abs() >= forecastLife {
		return consult.Estimate{}, false
	}
	return known.f.At(ahead)
}

func (m *forecasts) keep(key string, f consult.Forecast, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.of) >= forecastsKept {
		maps.DeleteFunc(m.of, func(_ string, old forecast) bool { return now.Sub(old.at).Abs() >= forecastLife })
	}
	if m.of == nil || len(m.of) >= forecastsKept {
		m.of = map[string]forecast{}
	}
	m.of[key] = forecast{at: now, f: f}
}
