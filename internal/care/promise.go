package care

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
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
// request, where the doctors see it too, and the range beside what then really happens. There is neither for CRITICAL, while
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
	switch told := c.PromiseBy; {
	case told != nil && told.After(now):
		out.PromiseBy = utc(told)
	case v.care():
		// A consultation that is going on takes a doctor as one that waits does.
		by, ok := consult.Promise(now, own, out.Ahead+busy, out.Available, meanService)
		if !ok {
			break
		}
		set, err := q.TellPromise(ctx, db.TellPromiseParams{ID: c.ID, PromiseBy: &by, Now: &now})
		switch {
		case err == nil:
			out.PromiseBy = utc(set)
		case !store.IsNone(err):
			return fmt.Errorf("promise: %w", err)
		}
	}
	shown, err := q.ShownEstimate(ctx, db.ShownEstimateParams{ConsultationID: c.ID, Since: now.Add(-estimateLife), Ahead: int32(out.Ahead), Available: int32(out.Available)})
	switch {
	case err == nil:
		out.Estimate = &contract.WaitEstimate{FromSeconds: int(shown.FromSeconds), ToSeconds: int(shown.ToSeconds)}
		return nil
	case !store.IsNone(err):
		return fmt.Errorf("estimate: %w", err)
	}
	e, ok, err := s.estimate(ctx, q, doctors, departments, out.Ahead, seedOf(c.ID, now), now)
	if err != nil || !ok {
		return err
	}
	out.Estimate = &e
	if !v.care() {
		return nil
	}
	if err := q.AddEstimate(ctx, db.AddEstimateParams{ID: newID(), ConsultationID: c.ID, ShownAt: now, Urgency: c.Urgency, Ahead: int32(out.Ahead),
		Available: int32(out.Available), FromSeconds: int32(e.FromSeconds), ToSeconds: int32(e.ToSeconds)}); err != nil {
		return fmt.Errorf("estimate: %w", err)
	}
	return nil
}

// estimate simulates how long a request with so many before it waits for the doctors who are present.
func (s *Service) estimate(ctx context.Context, q *db.Queries, doctors []doctorNow, departments []uuid.UUID, ahead int, seed uint64, now time.Time) (contract.WaitEstimate, bool, error) {
	past, err := q.ServiceTimes(ctx, db.ServiceTimesParams{Departments: departments, Since: now.Add(-serviceMemory)})
	if err != nil {
		return contract.WaitEstimate{}, false, fmt.Errorf("past consultations: %w", err)
	}
	e, ok := consult.EstimateWait(simulationOf(doctors, past, ahead, now), rand.New(rand.NewPCG(seed, 0)))
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

// seedOf makes the draws of one request in one minute the same on every node.
func seedOf(id uuid.UUID, now time.Time) uint64 {
	return binary.BigEndian.Uint64(id[8:]) ^ uint64(now.Unix()/60)
}
