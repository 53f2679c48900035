package care

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Order suggests the order of what waits, as consult.Less has it. It may be a moment behind the truth, therefore whatever it
// names is checked under the row lock before anything is granted. ok=false means that it cannot say now, at once and without
// waiting; the same question then goes to the database.
type Order interface {
	// Heads names the first n of what waits in the departments, next first.
	Heads(ctx context.Context, departments []uuid.UUID, now time.Time, n int) (ids []uuid.UUID, ok bool)
	// Ahead counts those in the departments that are served before a request; the request itself need not be known.
	Ahead(ctx context.Context, departments []uuid.UUID, of consult.Waiting, now time.Time) (n int, ok bool)
}

// heads names the first n of what waits in the departments, from the index or else from the database.
func (s *Service) heads(ctx context.Context, q *db.Queries, departments []uuid.UUID, now time.Time, n int) ([]uuid.UUID, error) {
	if len(departments) == 0 || n <= 0 {
		return nil, nil
	}
	if s.order != nil {
		if ids, ok := s.order.Heads(ctx, departments, now, n); ok {
			return ids, nil
		}
	}
	ids, err := q.QueueHeads(ctx, db.QueueHeadsParams{Departments: departments, Now: now, Most: int32(n)})
	if err != nil {
		return nil, fmt.Errorf("head of the queue: %w", err)
	}
	return ids, nil
}

// ahead counts those in the departments that are served before a request, from the index or else from the database.
func (s *Service) ahead(ctx context.Context, q *db.Queries, departments []uuid.UUID, of consult.Waiting, now time.Time) (int, error) {
	if len(departments) == 0 {
		return 0, nil
	}
	if s.order != nil {
		if n, ok := s.order.Ahead(ctx, departments, of, now); ok {
			return n, nil
		}
	}
	id, err := uuid.Parse(of.ID)
	if err != nil {
		return 0, fmt.Errorf("place in the queue: %w", err)
	}
	key := of.Key(now)
	n, err := q.QueueAhead(ctx, db.QueueAheadParams{Departments: departments, Now: now, Critical: key.Critical,
		WaitedMs: key.WaitedMS, TargetS: key.TargetS, SinceMs: key.SinceMS, ID: id})
	if err != nil {
		return 0, fmt.Errorf("place in the queue: %w", err)
	}
	return int(n), nil
}
