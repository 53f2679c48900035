package queue

import (
	"context"
	"testing"
)

// Stepped is a leader that a test moves by hand.
type Stepped struct{ l *leader }

// Step makes x's node a leader that does nothing by itself. It does not ask for the lock.
func Step(t testing.TB, x *Index) *Stepped {
	t.Helper()
	l, err := x.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	s := &Stepped{l}
	s.Look(t.Context())
	return s
}

// Rebuild writes a new generation.
func (s *Stepped) Rebuild(ctx context.Context) error { return s.l.rebuild(ctx) }

// Follow writes what changed.
func (s *Stepped) Follow(ctx context.Context) error { return s.l.follow(ctx) }

// Beat renews the generation.
func (s *Stepped) Beat(ctx context.Context) error { return s.l.beat(ctx) }

// Look is what each node does every 250 ms, and reads the departments.
func (s *Stepped) Look(ctx context.Context) {
	s.l.findGeneration(ctx)
	_ = s.l.readHospitals(ctx)
}

// Reconcile compares and repairs; it gives what differed in Redis and behind the database.
func (s *Stepped) Reconcile(ctx context.Context) (inRedis, behind int, err error) {
	if inRedis, err = s.l.compareRedis(ctx); err != nil {
		return
	}
	behind, err = s.l.compareDatabase(ctx)
	return
}
