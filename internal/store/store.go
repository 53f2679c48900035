package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is a pool of connections to one database.
type Store struct {
	Pool *pgxpool.Pool

	waker waker
	codes codeTables
}

// idleInTransaction ends, in milliseconds, the transactions of a process that says nothing more: one that is paused or cut off
// would keep its row locks, and with them everybody from its consultations, for as long as that lasts. No transaction
// of this program waits for anything but the database.
const idleInTransaction = "5000"

// Open connects to the database of dsn. Instants are read as UTC.
func Open(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["application_name"] = "lianzhen"
	cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = idleInTransaction
	// No statement of this program runs long enough to be worth compiling; PostgreSQL would by its guess of the cost.
	cfg.ConnConfig.RuntimeParams["jit"] = "off"
	if cfg.MaxConns < 16 {
		cfg.MaxConns = 16
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return &Store{Pool: pool}, nil
}

// Close gives all connections back.
func (s *Store) Close() {
	s.waker.close()
	s.Pool.Close()
}

// Migrate brings the database of dsn to this program's version, under an advisory lock, so that several nodes may start
// at once. It reports the version it reached.
func Migrate(ctx context.Context, dsn string) (int64, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return 0, fmt.Errorf("database address: %w", err)
	}
	conn := stdlib.OpenDB(*cfg)
	defer func() { _ = conn.Close() }()
	return migrate(ctx, conn)
}

func migrate(ctx context.Context, conn *sql.DB) (int64, error) {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return 0, err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, conn, sub, goose.WithSessionLocker(locker))
	if err != nil {
		return 0, err
	}
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	if err := shipCodes(ctx, conn); err != nil {
		return 0, fmt.Errorf("enter the code tables: %w", err)
	}
	return p.GetDBVersion(ctx)
}

// Q gives the queries outside of a transaction.
func (s *Store) Q() *db.Queries { return db.New(s.Pool) }

// Tx runs f in a transaction (read committed) and commits when f returns nil. Serialisation failures and deadlocks are
// tried again, at most three times, so f must have no effect outside of the transaction. Readers of the outbox are woken
// after the commit.
func (s *Store) Tx(ctx context.Context, f func(q *db.Queries) error) error {
	for try := 1; ; try++ {
		var t appending
		err := pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
			t.Tx = tx
			return f(db.New(&t))
		})
		if err == nil && t.appended {
			s.waker.wake(s.Pool)
		}
		var pe *pgconn.PgError
		if try < 3 && errors.As(err, &pe) && (pe.Code == "40001" || pe.Code == "40P01") {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Duration(try) * 5 * time.Millisecond):
				continue
			}
		}
		return err
	}
}

// IsNone says that a query for one row found none.
func IsNone(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// One turns the error of a query for one row into what leaves a use-case: no row is 404, anything else a failure to load what.
func One(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case IsNone(err):
		return problem.NotFound()
	}
	return fmt.Errorf("load %s: %w", what, err)
}

// Now gives the instant at which a use-case happens, UTC in microseconds: the database's, unless a test gave a clock.
func Now(ctx context.Context, q *db.Queries, clock func() time.Time) (time.Time, error) {
	if clock != nil {
		return clock().UTC().Truncate(time.Microsecond), nil
	}
	t, err := q.DatabaseNow(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("clock: %w", err)
	}
	return t.UTC(), nil
}

// Violates says that err is a violation of the named constraint or unique index.
func Violates(err error, constraint string) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.ConstraintName == constraint
}
