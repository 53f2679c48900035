package bench

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// pattern is how a baseline chooses the job that it works on next.
type pattern string

const (
	// skipLocked is River's: the best of what is available and not locked, taken and marked in one statement (its JobGetAvailable).
	skipLocked pattern = "SKIP LOCKED"
	// forUpdate is the plain one: lock the best row, wait when another has it, then mark it.
	forUpdate pattern = "FOR UPDATE"
)

// load is what a baseline does for one request beside its job row, spread over four steps, each a transaction: insert, take, give back,
// finish. The changes are as many as the use-cases make; the reads, after each transaction, are those that the use-cases make beside.
type load struct{ inserts, updates, reads int }

// loadLike makes the load that a phase of ours had. A job row is inserted once and updated three times by the pattern itself.
func loadLike(w work) load {
	round := func(f float64) int { return int(f + 0.5) }
	return load{inserts: max(round(w.each(w.inserts))-1, 0), updates: max(round(w.each(w.updates)+w.each(w.deletes))-3, 0)}
}

// reading adds as many reads as bring a request of the pattern to the given number of statements.
func (l load) reading(statements float64) load {
	const own = 4*2 + 5 // begin and commit of each step, the job's own
	l.reads = max(int(statements+0.5)-own-l.inserts-l.updates, 0)
	return l
}

// share gives step i of four its part of n.
func share(n, i int) int { return n*(i+1)/4 - n*i/4 }

// The tables of the baselines. bench_job has the columns and the index of river_job that the pattern uses; bench_row stands for
// the event, outbox, offer and command rows that the use-cases write, bench_state for those that they update.
const benchTables = `
DROP TABLE IF EXISTS bench_job, bench_row, bench_state;
CREATE TABLE bench_job (
  id bigserial PRIMARY KEY, state text NOT NULL DEFAULT 'available', attempt smallint NOT NULL DEFAULT 0, max_attempts smallint NOT NULL DEFAULT 25,
  attempted_at timestamptz, created_at timestamptz NOT NULL DEFAULT now(), finalized_at timestamptz, scheduled_at timestamptz NOT NULL DEFAULT now(),
  priority smallint NOT NULL DEFAULT 1, args jsonb NOT NULL DEFAULT '{}', attempted_by text[], errors jsonb[], kind text NOT NULL, metadata jsonb NOT NULL DEFAULT '{}',
  queue text NOT NULL DEFAULT 'default', tags varchar(255)[] NOT NULL DEFAULT '{}'
);
CREATE INDEX bench_job_kind ON bench_job (kind);
CREATE INDEX bench_job_prioritized ON bench_job (state, queue, priority, scheduled_at, id);
CREATE INDEX bench_job_state_finalized ON bench_job (state, finalized_at) WHERE finalized_at IS NOT NULL;
CREATE INDEX bench_job_args ON bench_job USING gin (args);
CREATE TABLE bench_row (id uuid PRIMARY KEY, job bigint NOT NULL, seq integer NOT NULL, type text NOT NULL, at timestamptz NOT NULL DEFAULT now(), data jsonb NOT NULL, UNIQUE (job, seq));
CREATE TABLE bench_state (job bigint PRIMARY KEY, revision integer NOT NULL DEFAULT 0, at timestamptz NOT NULL DEFAULT now());
`

const (
	jobInsert = `INSERT INTO bench_job (kind, args, state) VALUES ('consultation', $1, 'available') RETURNING id`

	jobTakeSkipLocked = `WITH locked AS (
  SELECT id FROM bench_job WHERE state = 'available' AND queue = 'default' AND priority >= 0 AND scheduled_at <= now()
  ORDER BY priority, scheduled_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
UPDATE bench_job j SET state = 'running', attempt = j.attempt + 1, attempted_at = now(), attempted_by = array_append(j.attempted_by, $1::text)
FROM locked WHERE j.id = locked.id RETURNING j.id`

	jobLock = `SELECT id FROM bench_job WHERE state = 'available' AND queue = 'default' AND priority >= 0 AND scheduled_at <= now()
ORDER BY priority, scheduled_at, id LIMIT 1 FOR UPDATE`
	jobMark = `UPDATE bench_job SET state = 'running', attempt = attempt + 1, attempted_at = now(), attempted_by = array_append(attempted_by, $1::text) WHERE id = $2`

	// Given back as River snoozes a job, but at once; then finished as River completes one.
	jobGiveBack = `UPDATE bench_job SET state = 'retryable', scheduled_at = now() WHERE id = $1 AND state = 'running'`
	jobFinish   = `UPDATE bench_job SET state = 'completed', finalized_at = now() WHERE id = $1 AND state = 'retryable'`

	rowInsert   = `INSERT INTO bench_row (id, job, seq, type, data) VALUES ($1, $2, $3, 'STEP', $4)`
	rowRead     = `SELECT * FROM bench_row WHERE job = $1 ORDER BY seq LIMIT 10`
	stateInsert = `INSERT INTO bench_state (job) VALUES ($1)`
	stateUpdate = `UPDATE bench_state SET revision = revision + 1, at = now() WHERE job = $1`
)

// payload is about what an outbox row carries.
const payload = `{"to": {"users": ["0191e7a0-0000-7000-8000-000000000001"], "departments": ["0191e7a0-0000-7000-8000-000000000002"]}, "data": {"epoch": 1, "state": "OFFERED", "section": "state", "consultationId": "0191e7a0-0000-7000-8000-000000000003"}, "event": "consultation.changed"}`

// prepare makes the baselines' tables anew, with jobs that wait.
func (p *place) prepare(ctx context.Context, waiting int) error {
	if err := p.exec(ctx, benchTables); err != nil {
		return err
	}
	if err := p.exec(ctx, `WITH j AS (INSERT INTO bench_job (kind, args) SELECT 'consultation', $2::jsonb FROM generate_series(1, $1) RETURNING id)
		INSERT INTO bench_state (job) SELECT id FROM j`, waiting, payload); err != nil {
		return err
	}
	return p.exec(ctx, `ANALYZE bench_job, bench_state`)
}

// baseline runs one pattern and says how many requests were done. Each worker inserts a job, takes the best one, which may be another's,
// gives it back and finishes it, in four transactions.
func (p *place) baseline(ctx context.Context, how pattern, with load, workers int, limit time.Duration) (done int64, took time.Duration, err error) {
	var finished atomic.Int64
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for i := range workers {
		g.Go(func() error {
			for time.Since(began) < limit {
				if err := p.job(ctx, how, with, fmt.Sprint("worker-", i)); err != nil {
					return fmt.Errorf("%s: %w", how, err)
				}
				finished.Add(1)
			}
			return nil
		})
	}
	err = g.Wait()
	return finished.Load(), time.Since(began), err
}

// job is one request of a baseline.
func (p *place) job(ctx context.Context, how pattern, with load, worker string) error {
	step := func(i int, f func(tx pgx.Tx) (int64, error)) (id int64, err error) {
		defer func() {
			for range share(with.reads, i) {
				if err == nil {
					_, err = p.st.Pool.Exec(ctx, rowRead, id)
				}
			}
		}()
		err = pgx.BeginFunc(ctx, p.st.Pool, func(tx pgx.Tx) error {
			if id, err = f(tx); err != nil {
				return err
			}
			return with.change(ctx, tx, id, i)
		})
		return id, err
	}
	_, err := step(0, func(tx pgx.Tx) (id int64, err error) {
		if err = tx.QueryRow(ctx, jobInsert, payload).Scan(&id); err == nil && with.inserts > 0 {
			_, err = tx.Exec(ctx, stateInsert, id)
		}
		return id, err
	})
	if err != nil {
		return err
	}
	var id int64
	for again := true; again; {
		id, err = step(1, func(tx pgx.Tx) (id int64, err error) { return id, how.take(ctx, tx, worker, &id) })
		// The row that was waited for has been taken meanwhile: PostgreSQL looks at it anew and finds none.
		again = errors.Is(err, pgx.ErrNoRows)
	}
	if err != nil {
		return err
	}
	for i, sql := range []string{jobGiveBack, jobFinish} {
		if _, err := step(2+i, func(tx pgx.Tx) (int64, error) {
			tag, err := tx.Exec(ctx, sql, id)
			if err == nil && tag.RowsAffected() != 1 {
				err = errors.New("a job was taken twice")
			}
			return id, err
		}); err != nil {
			return err
		}
	}
	return nil
}

func (how pattern) take(ctx context.Context, tx pgx.Tx, worker string, id *int64) error {
	if how == skipLocked {
		return tx.QueryRow(ctx, jobTakeSkipLocked, worker).Scan(id)
	}
	if err := tx.QueryRow(ctx, jobLock).Scan(id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, jobMark, worker, *id)
	return err
}

// change makes the part of one step. The state row counts as one of the inserts.
func (l load) change(ctx context.Context, tx pgx.Tx, job int64, step int) error {
	inserts := share(l.inserts, step)
	if step == 0 && inserts > 0 {
		inserts--
	}
	for n := range inserts {
		if _, err := tx.Exec(ctx, rowInsert, uuid.Must(uuid.NewV7()), job, step*1000+n, payload); err != nil {
			return err
		}
	}
	for range share(l.updates, step) {
		if _, err := tx.Exec(ctx, stateUpdate, job); err != nil {
			return err
		}
	}
	return nil
}
