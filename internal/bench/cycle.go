package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// work is what a phase did, by our count and by PostgreSQL's.
type work struct {
	requests                  int64
	seconds                   float64
	inserts, updates, deletes int64         // of rows, in user tables
	statements                int64         // of this process
	cpu                       time.Duration // of this process, PostgreSQL and Redis
}

func (w work) rate() float64 { return float64(w.requests) / w.seconds }

// each gives a count for one request.
func (w work) each(n int64) float64 { return float64(n) / float64(max(w.requests, 1)) }

// cpuEach is the processor time of one request in milliseconds.
func (w work) cpuEach() float64 { return w.each(int64(w.cpu)) / float64(time.Millisecond) }

// counted runs f and adds what PostgreSQL did meanwhile.
func (p *place) counted(ctx context.Context, f func(context.Context) (int64, time.Duration, error)) (work, error) {
	before, err := p.counters(ctx)
	if err != nil {
		return work{}, err
	}
	cpu := cpuOf(p.processes...)
	p.statements.forget()
	n, took, err := f(ctx)
	if err != nil {
		return work{}, err
	}
	asked := p.statements.count()
	after, err := p.counters(ctx)
	if err != nil {
		return work{}, err
	}
	return work{requests: n, seconds: took.Seconds(), inserts: after[0] - before[0], updates: after[1] - before[1], deletes: after[2] - before[2],
		statements: asked, cpu: cpuOf(p.processes...) - cpu}, nil
}

// counters reads how many rows were ever changed. Sessions report their counts late unless they are told to; their prepared statements
// are left to them, as a server that has run for a while has them.
func (p *place) counters(ctx context.Context) (now [3]int64, err error) {
	for last := [3]int64{-1}; now != last; {
		last = now
		for _, conn := range p.st.Pool.AcquireAllIdle(ctx) {
			_, err := conn.Exec(ctx, `SELECT pg_stat_force_next_flush()`)
			conn.Release()
			if err != nil {
				return now, fmt.Errorf("counters: %w", err)
			}
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return now, err
		}
		err := p.st.Pool.QueryRow(ctx, `SELECT sum(n_tup_ins)::bigint, sum(n_tup_upd)::bigint, sum(n_tup_del)::bigint FROM pg_stat_user_tables`).Scan(&now[0], &now[1], &now[2])
		if err != nil {
			return now, fmt.Errorf("counters: %w", err)
		}
	}
	return now, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// cycles takes requests through submit (which offers and rings), claim, release and cancel with the real use-cases, workers at
// a time, until none is left or the time is over. A worker has a doctor of its own.
func (w *world) cycles(ctx context.Context, list []draft, workers int, limit time.Duration) (done int64, took time.Duration, err error) {
	var next, finished atomic.Int64
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for i := range workers {
		g.Go(func() error {
			for time.Since(began) < limit {
				n := next.Add(1) - 1
				if n >= int64(len(list)) {
					return nil
				}
				if err := w.cycle(ctx, list[n], w.doctors[i]); err != nil {
					return err
				}
				finished.Add(1)
			}
			return nil
		})
	}
	err = g.Wait()
	return finished.Load(), time.Since(began), err
}

func (w *world) cycle(ctx context.Context, d draft, doctor person) error {
	c, err := w.p.care.SubmitConsultation(ctx, d.nurse.actor, newID(), d.id, contract.SubmitRequest{Urgency: "ROUTINE"})
	if err != nil {
		return fmt.Errorf("submit: %w", err)
	}
	c, err = w.p.care.ClaimConsultation(ctx, doctor.actor, newID(), d.id, contract.EpochRequest{Epoch: c.Epoch})
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	_, err = w.p.care.ReleaseConsultation(ctx, doctor.actor, newID(), d.id, contract.EpochReasonRequest{Epoch: c.Epoch, Reason: care.ReleaseReasons()[0].Code})
	if err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return w.cancel(ctx, d)
}

// cancel takes a request out of the queue for good.
func (w *world) cancel(ctx context.Context, d draft) error {
	if _, err := w.p.care.CancelConsultation(ctx, d.nurse.actor, newID(), d.id, contract.ReasonRequest{Reason: care.CancelReasons()[0].Code}); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return nil
}

// wrongs counts what must not be: grants of one epoch to more than one doctor, doctors with more than one consultation, and of
// the requests that were acknowledged those that neither wait nor have ended as they should.
func (p *place) wrongs(ctx context.Context, acknowledged []draft, end string) (duplicates, lost int64, err error) {
	duplicates, err = p.number(ctx, `SELECT (SELECT count(*) FROM (SELECT 1 FROM consultation_events WHERE type = 'CLAIM' GROUP BY consultation_id, epoch HAVING count(*) > 1) x)
		+ (SELECT count(*) FROM (SELECT 1 FROM consultations WHERE state IN ('ACCEPTED', 'WAITING', 'IN_PROGRESS') GROUP BY doctor_id HAVING count(*) > 1) y)`)
	if err != nil {
		return 0, 0, err
	}
	ids := make([]uuid.UUID, len(acknowledged))
	for i, d := range acknowledged {
		ids[i] = d.id
	}
	lost, err = p.number(ctx, `SELECT count(*) FROM unnest($1::uuid[]) AS x (id) LEFT JOIN consultations c ON c.id = x.id WHERE c.state IS DISTINCT FROM $2`, ids, end)
	return duplicates, lost, err
}
