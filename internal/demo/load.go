package demo

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// ErrNotMarked says that a load was asked for in a database that is no demo.
var ErrNotMarked = errors.New("the database is not marked as a demo: nothing is loaded into it")

// The most and the fewest consultations of a loaded year.
const (
	leastLoaded = 1
	mostLoaded  = 20_000_000
)

// Step is one table, or one index, that a load has finished.
type Step struct {
	Name string
	Rows int64 // of a table
	Took time.Duration
}

// String says it in a line: how long it took, and rows a second.
func (s Step) String() string {
	line := fmt.Sprintf("%8.1f s  %s", s.Took.Seconds(), s.Name)
	if s.Rows > 0 {
		line += fmt.Sprintf(": %d rows, %.0f rows/s", s.Rows, float64(s.Rows)/max(s.Took.Seconds(), 0.001))
	}
	return line
}

// Load fills a demo with a year of n consultations by COPY, in one transaction. It writes once: a second load of the same size changes
// nothing and is refused by the keys. Triggers and foreign keys are left out where the database role may do so; indexes that no
// constraint needs are dropped before it and built after it, in a fraction of the time that every single row would take. The ledger is to
// be rebuilt after it.
func Load(ctx context.Context, st *store.Store, keeper *seal.Keeper, now time.Time, n int, progress func(Step)) error {
	marked, err := Marked(ctx, st)
	if err != nil {
		return err
	}
	if !marked {
		return ErrNotMarked
	}
	if n < leastLoaded || n > mostLoaded {
		return fmt.Errorf("%d consultations: give 1 to 20,000,000", n)
	}
	if progress == nil {
		progress = func(Step) {}
	}
	tables := newYear(keeper, now, n).tables()
	conn, err := pgx.ConnectConfig(ctx, st.Pool.Config().ConnConfig.Copy())
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return load(ctx, tx, tables, progress) }); err != nil {
		return err
	}
	began := time.Now()
	for _, t := range tables { // what is planned next needs to know how much there is
		if _, err := conn.Exec(ctx, "ANALYZE "+pgx.Identifier{t.name}.Sanitize()); err != nil {
			return fmt.Errorf("analyze %s: %w", t.name, err)
		}
	}
	progress(Step{Name: "statistics", Took: time.Since(began)})
	return nil
}

func load(ctx context.Context, tx pgx.Tx, tables []loadTable, progress func(Step)) error {
	if _, err := tx.Exec(ctx, `SAVEPOINT role`); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
		if _, err := tx.Exec(ctx, `ROLLBACK TO role`); err != nil {
			return err
		}
	}
	build, err := dropIndexes(ctx, tx, tables)
	if err != nil {
		return err
	}
	for _, t := range tables {
		began := time.Now()
		rows, err := copyTable(ctx, tx, t)
		if err != nil {
			return fmt.Errorf("load %s: %w", t.name, err)
		}
		progress(Step{Name: t.name, Rows: rows, Took: time.Since(began)})
	}
	if _, err := tx.Exec(ctx, `SET LOCAL maintenance_work_mem = '512MB'`); err != nil {
		return err
	}
	for _, index := range build {
		began := time.Now()
		if _, err := tx.Exec(ctx, index.definition); err != nil {
			return fmt.Errorf("build %s: %w", index.name, err)
		}
		progress(Step{Name: index.name, Took: time.Since(began)})
	}
	return nil
}

type droppedIndex struct{ name, definition string }

// dropIndexes drops what no constraint needs, and says how each is built again.
func dropIndexes(ctx context.Context, tx pgx.Tx, tables []loadTable) ([]droppedIndex, error) {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.name
	}
	rows, err := tx.Query(ctx, `SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
		WHERE t.relname = ANY ($1) AND t.relnamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint x WHERE x.conindid = i.indexrelid) ORDER BY t.relname, c.relname`, names)
	if err != nil {
		return nil, fmt.Errorf("indexes: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d droppedIndex, err error) {
		return d, row.Scan(&d.name, &d.definition)
	})
	if err != nil {
		return nil, fmt.Errorf("indexes: %w", err)
	}
	for _, d := range found {
		if _, err := tx.Exec(ctx, "DROP INDEX "+pgx.Identifier{d.name}.Sanitize()); err != nil {
			return nil, fmt.Errorf("drop %s: %w", d.name, err)
		}
	}
	return found, nil
}

// loadTable is a table, and how what is in it follows from numbers from 0: each gives any number of rows.
type loadTable struct {
	name    string
	columns []string
	n       int
	rows    func(i int, add func(row ...any))
}

// loadBatch is how many numbers one goroutine turns into rows at a time.
const loadBatch = 2048

// copyTable writes a table while all processors make its next rows: sealing and signing take longer than writing.
func copyTable(ctx context.Context, tx pgx.Tx, t loadTable) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ready := make(chan chan [][]any, runtime.GOMAXPROCS(0)) // in order; its size bounds what is made ahead
	go func() {
		defer close(ready)
		for first := 0; first < t.n; first += loadBatch {
			made := make(chan [][]any, 1)
			select {
			case ready <- made:
			case <-ctx.Done():
				return
			}
			go func() { made <- t.batch(first, min(first+loadBatch, t.n)) }()
		}
	}()
	return tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, &loadSource{ready: ready})
}

func (t loadTable) batch(first, before int) [][]any {
	rows := make([][]any, 0, before-first)
	for i := first; i < before; i++ {
		t.rows(i, func(row ...any) { rows = append(rows, row) })
	}
	return rows
}

// loadSource gives the rows of a table to COPY in their order.
type loadSource struct {
	ready <-chan chan [][]any
	now   [][]any
	at    int
}

// Next implements pgx.CopyFromSource.
func (s *loadSource) Next() bool {
	s.at++
	for s.at >= len(s.now) {
		made, more := <-s.ready
		if !more {
			return false
		}
		s.now, s.at = <-made, 0
	}
	return true
}

// Values implements pgx.CopyFromSource.
func (s *loadSource) Values() ([]any, error) { return s.now[s.at], nil }

// Err implements pgx.CopyFromSource.
func (s *loadSource) Err() error { return nil }
