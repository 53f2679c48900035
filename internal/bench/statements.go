package bench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// statements counts what is asked of PostgreSQL and how long the answers take. It implements pgx.QueryTracer.
type statements struct {
	mu  sync.Mutex
	all map[string]*statement
}

type statement struct {
	count int
	took  time.Duration
}

type tracedKey struct{}

type traced struct {
	sql   string
	began time.Time
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, tracedKey{}, traced{d.SQL, time.Now()})
}

func (s *statements) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	t, ok := ctx.Value(tracedKey{}).(traced)
	if !ok {
		return
	}
	took := time.Since(t.began)
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.all[t.sql]
	if one == nil {
		one = &statement{}
		s.all[t.sql] = one
	}
	one.count++
	one.took += took
}

// count is how many there were.
func (s *statements) count() (n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.all {
		n += int64(one.count)
	}
	return n
}

// forget begins anew.
func (s *statements) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = map[string]*statement{}
}

// write prints what took most, for each of n requests.
func (s *statements) write(file string, n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	type row struct {
		sql string
		*statement
	}
	var rows []row
	count, took := 0, time.Duration(0)
	for sql, one := range s.all {
		rows = append(rows, row{sql, one})
		count, took = count+one.count, took+one.took
	}
	slices.SortFunc(rows, func(a, b row) int { return int(b.took - a.took) })
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	t := tabwriter.NewWriter(f, 0, 0, 2, ' ', 0)
	each := func(count int, took time.Duration, what string) {
		fmt.Fprintf(t, "%.2f\t%.3f ms\t%.3f ms\t%s\n", float64(count)/float64(n), took.Seconds()*1000/float64(n), took.Seconds()*1000/float64(max(count, 1)), what)
	}
	fmt.Fprintln(t, "times a request\ttime a request\ttime each\tstatement")
	each(count, took, "all")
	for _, r := range rows {
		name, _, _ := strings.Cut(r.sql, "\n")
		if !strings.HasPrefix(name, "-- name:") {
			name = r.sql
		}
		each(r.count, r.took, strings.TrimPrefix(strings.Join(strings.Fields(name), " "), "-- name: "))
	}
	return t.Flush()
}

// trace replaces the pool by one that counts.
func (p *place) trace(ctx context.Context) (*statements, error) {
	s := &statements{}
	s.forget()
	cfg := p.st.Pool.Config()
	cfg.ConnConfig.Tracer = s
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	p.st.Close()
	p.st = &store.Store{Pool: pool}
	return s, nil
}
