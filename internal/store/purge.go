package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ErrPurging says that another process purges.
var ErrPurging = errors.New("another process purges already")

// purgeLock is the key of the lock of who purges.
const purgeLock = 4823117560021951

// verifyLock is the key of the lock of who verifies.
const verifyLock = 4823117560021952

// Purging runs f while nobody else purges; the lock ends with the connection.
func (s *Store) Purging(ctx context.Context, f func() error) error {
	alone, err := s.alone(ctx, purgeLock, f)
	if err == nil && !alone {
		return ErrPurging
	}
	return err
}

// Verifying runs f unless somebody verifies already.
func (s *Store) Verifying(ctx context.Context, f func() error) error {
	_, err := s.alone(ctx, verifyLock, f)
	return err
}

// alone runs f under a lock of a connection; false says that somebody else has it.
func (s *Store) alone(ctx context.Context, lock int64, f func() error) (bool, error) {
	conn, err := s.Pool.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("take a lock: %w", err)
	}
	defer conn.Release()
	var got bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, lock).Scan(&got); err != nil {
		return false, fmt.Errorf("take a lock: %w", err)
	}
	if !got {
		return false, nil
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, lock) }()
	return true, f()
}

// PurgeTx is Tx for a purge: append-only tables let go of rows in it.
func (s *Store) PurgeTx(ctx context.Context, f func(tx pgx.Tx, q *db.Queries) error) error {
	return pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL lianzhen.purge = 'on'"); err != nil {
			return fmt.Errorf("allow the purge: %w", err)
		}
		return f(tx, db.New(tx))
	})
}

// Aged is a table whose rows are kept for a time of their own, counted from a column.
type Aged struct{ Table, Column string }

// held are rows that belong to what is sealed, by the columns that the table has.
func held(ctx context.Context, q Querier, table string) (string, error) {
	columns, err := collect[string1](ctx, q, `SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1`, table)
	if err != nil {
		return "", err
	}
	sql := "false"
	for _, c := range columns {
		switch c.Value {
		case "consultation_id":
			sql += ` OR EXISTS (SELECT 1 FROM consultations c WHERE c.id = t.consultation_id AND c.state = 'SEALED')`
		case "resident_id":
			sql += ` OR EXISTS (SELECT 1 FROM consultations c WHERE c.resident_id = t.resident_id AND c.state = 'SEALED')`
		}
	}
	return sql, nil
}

type string1 struct{ Value string }

// CountAged counts the rows of a table that are older than an instant, and those of them that are held.
func (s *Store) CountAged(ctx context.Context, a Aged, before time.Time) (over, heldBack int64, err error) {
	keep, err := held(ctx, s.Pool, a.Table)
	if err == nil {
		err = s.Pool.QueryRow(ctx, fmt.Sprintf(`SELECT count(*) FILTER (WHERE NOT (%[1]s)), count(*) FILTER (WHERE %[1]s) FROM %[2]s t WHERE t.%[3]s < $1`,
			keep, quote(a.Table), quote(a.Column)), before).Scan(&over, &heldBack)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("rows of %s: %w", a.Table, err)
	}
	return over, heldBack, nil
}

// DeleteAged deletes up to limit rows of a table that are older than an instant and not held, and gives their ids.
func DeleteAged(ctx context.Context, tx pgx.Tx, a Aged, before time.Time, limit int) ([]string, error) {
	keep, err := held(ctx, tx, a.Table)
	if err != nil {
		return nil, fmt.Errorf("rows of %s: %w", a.Table, err)
	}
	rows, err := collect[string1](ctx, tx, fmt.Sprintf(`DELETE FROM %[2]s WHERE id IN (SELECT t.id FROM %[2]s t WHERE t.%[3]s < $1 AND NOT (%[1]s) ORDER BY t.%[3]s LIMIT $2 FOR UPDATE SKIP LOCKED)
		RETURNING id::text`, keep, quote(a.Table), quote(a.Column)), before, limit)
	if err != nil {
		return nil, fmt.Errorf("purge %s: %w", a.Table, err)
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.Value
	}
	return ids, nil
}
