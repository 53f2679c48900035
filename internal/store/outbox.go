package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Audience names who is told of an event. The sets add up.
type Audience struct {
	Users         []uuid.UUID `json:"users,omitempty"`
	Departments   []uuid.UUID `json:"departments,omitempty"`   // doctors with a membership there
	Organisations []uuid.UUID `json:"organisations,omitempty"` // nurses and attendings of a care institution
	AuthSessions  []uuid.UUID `json:"authSessions,omitempty"`
}

// Envelope is one event on its way to sockets. Data holds ids, codes and numbers, never names of residents or free text.
type Envelope struct {
	Event string   `json:"event"`
	To    Audience `json:"to"`
	Data  any      `json:"data"`
}

// Shards is the number of outbox shards that migration 1 makes.
const Shards = 8

// Append writes events to the outbox shard of key, in order. It locks the shard until the transaction ends, therefore it
// is the last statement of a transaction. [Store.Tx] wakes the readers once it is committed.
func Append(ctx context.Context, q *db.Queries, key uuid.UUID, events ...Envelope) error {
	if len(events) == 0 {
		return nil
	}
	p := db.AppendOutboxParams{Shard: int16(key[15]) % Shards, Key: key}
	for _, e := range events {
		payload, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		p.Topics, p.Payloads = append(p.Topics, e.Event), append(p.Payloads, string(payload))
	}
	if err := q.AppendOutbox(ctx, p); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// appending is a transaction that knows whether it appended to the outbox.
type appending struct {
	pgx.Tx
	appended bool
}

// Exec implements db.DBTX.
func (t *appending) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	t.appended = t.appended || strings.HasPrefix(sql, "-- name: AppendOutbox ")
	return t.Tx.Exec(ctx, sql, args...)
}

// The times of a wake-up.
const (
	wakeGap  = 4 * time.Millisecond // between two wake-ups of this node: one serves all that was committed before it
	wakeTime = 2 * time.Second
)

// waker tells the readers of the outbox that there is something new, at once the first time and then at most every wakeGap.
// It costs nobody's commit: a notification within a transaction makes all such transactions commit one by one. What is
// lost when this node dies between the commit and the wake-up is found by polling. The zero value works.
type waker struct {
	mu      sync.Mutex
	running bool
	again   bool
	closed  bool
	work    sync.WaitGroup
}

func (w *waker) wake(pool *pgxpool.Pool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
	case w.running:
		w.again = true
	default:
		w.running = true
		w.work.Go(func() { w.run(pool) })
	}
}

// run ends as soon as nothing has been committed for wakeGap.
func (w *waker) run(pool *pgxpool.Pool) {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), wakeTime)
		_ = db.New(pool).WakeOutbox(ctx) // readers poll as well
		cancel()
		time.Sleep(wakeGap)
		w.mu.Lock()
		if !w.again || w.closed {
			w.running = false
			w.mu.Unlock()
			return
		}
		w.again = false
		w.mu.Unlock()
	}
}

// close waits for a wake-up that is on its way.
func (w *waker) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.work.Wait()
}
