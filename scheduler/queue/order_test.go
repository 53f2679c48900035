package queue_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
	"github.com/lianzhen-health/lianzhen/scheduler/queue"
)

// monday is when the random queues are looked at, more or less.
func monday() time.Time { return time.Date(2026, 3, 9, 1, 0, 0, 0, time.UTC) }

// someRequest draws a request; few distinct instants, so that ties are common, and some absurd ones.
func someRequest(departments []uuid.UUID) *rapid.Generator[request] {
	return rapid.Custom(func(t *rapid.T) request {
		r := request{id: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
			urgency: consult.Urgency(rapid.SampledFrom(consult.Urgencies()).Draw(t, "urgency").Code),
			asked:   rapid.SliceOfNDistinct(rapid.SampledFrom(departments), 1, 3, rapid.ID).Draw(t, "asked")}
		r.since = monday().Add(-rapid.OneOf(
			rapid.Map(rapid.IntRange(-2, 12), func(n int) time.Duration { return time.Duration(n) * 5 * time.Minute }),
			rapid.Map(rapid.Int64Range(-1e6, 1e7), func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }),
			rapid.Map(rapid.Int64Range(0, 40*24*3600), func(n int64) time.Duration { return time.Duration(n) * time.Second }),
		).Draw(t, "waited"))
		if r.urgency == consult.Scheduled && rapid.Bool().Draw(t, "has a slot") {
			due := r.since.Add(rapid.SampledFrom([]time.Duration{-time.Minute, 0, 500 * time.Millisecond, 90 * time.Second, 10 * time.Minute, 2 * time.Hour, 50 * 24 * time.Hour}).Draw(t, "slot"))
			r.due = &due
		}
		return r
	})
}

func someInstant() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.OneOf(rapid.SampledFrom([]time.Duration{0, 5 * time.Minute, 45 * 24 * time.Hour, -time.Hour}),
		rapid.Map(rapid.Int64Range(-1e9, 1e10), func(n int64) time.Duration { return time.Duration(n) * time.Microsecond })),
		func(d time.Duration) time.Time { return monday().Add(d) })
}

// agree checks that the index, SQL and a sort by consult.Less give one order and one place for each.
func (w *world) agree(t fatal, all []request, departments []uuid.UUID, now time.Time, n int) {
	t.Helper()
	want := inOrder(all, departments, now)
	first := want[:min(n, len(want))]
	if got := w.bySQL(t, departments, now, n); !slices.Equal(got, first) {
		t.Fatalf("SQL says\n%v\nconsult.Less says\n%v", got, first)
	}
	got, ok := w.index.Heads(context.Background(), departments, now, n)
	if !ok || !slices.Equal(got, first) {
		t.Fatalf("the index says %v\n%v\nconsult.Less says\n%v", ok, got, first)
	}
	for _, r := range all {
		// Where it stands, or would stand if the departments were asked.
		place := 0
		for _, other := range all {
			if slices.Contains(want, other.id) && consult.Less(other.waiting(), r.waiting(), now) {
				place++
			}
		}
		if n := w.aheadBySQL(t, departments, r, now); n != place {
			t.Fatalf("%+v: SQL says %d are before it, consult.Less says %d", r, n, place)
		}
		if n, ok := w.index.Ahead(context.Background(), departments, r.waiting(), now); !ok || n != place {
			t.Fatalf("%+v: the index says %d, %v are before it, consult.Less says %d", r, n, ok, place)
		}
	}
}

// One order: random queues of two hospitals at random instants.
func TestIndexSQLAndGoGiveOneOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.RedisURL(t))
	leader := queue.Step(t, w.index)
	rapid.Check(t, func(t *rapid.T) {
		w.empty(t)
		all := rapid.SliceOfNDistinct(someRequest(w.departments), 0, 14, func(r request) uuid.UUID { return r.id }).Draw(t, "queue")
		w.offer(t, all...)
		must(t, leader.Rebuild(context.Background()))
		for range 2 {
			departments := rapid.SliceOfNDistinct(rapid.SampledFrom(w.departments), 1, len(w.departments), rapid.ID).Draw(t, "departments")
			w.agree(t, all, departments, someInstant().Draw(t, "now"), rapid.IntRange(1, 16).Draw(t, "n"))
		}
	})
}

// The index follows: after any changes it says what the database says, also when Redis is flushed between them.
func TestIndexFollows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.RedisURL(t))
	leader := queue.Step(t, w.index)
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		w.empty(t)
		must(t, leader.Rebuild(ctx))
		all := map[uuid.UUID]request{}
		some := func() request {
			ids := make([]uuid.UUID, 0, len(all))
			for id := range all {
				ids = append(ids, id)
			}
			slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
			return all[rapid.SampledFrom(ids).Draw(t, "which")]
		}
		check := func(t *rapid.T) {
			must(t, leader.Follow(ctx))
			list := make([]request, 0, len(all))
			for _, r := range all {
				list = append(list, r)
			}
			w.agree(t, list, w.departments[:rapid.IntRange(1, len(w.departments)).Draw(t, "departments")], someInstant().Draw(t, "now"), 20)
			inRedis, behind, err := leader.Reconcile(ctx)
			if err != nil || inRedis+behind != 0 {
				t.Fatalf("drift %d %d %v", inRedis, behind, err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"offer": func(t *rapid.T) {
				r := someRequest(w.departments).Draw(t, "request")
				if _, there := all[r.id]; there || len(all) >= 12 {
					return
				}
				w.offer(t, r)
				all[r.id] = r
				w.tell(t, r.id)
			},
			"take": func(t *rapid.T) {
				if len(all) == 0 {
					return
				}
				r := some()
				w.exec(t, `UPDATE consultations SET state = 'CANCELLED' WHERE id = $1`, r.id)
				delete(all, r.id)
				w.tell(t, r.id, r.id) // told twice: applied once
			},
			"widen": func(t *rapid.T) {
				if len(all) == 0 {
					return
				}
				r := some()
				d := rapid.SampledFrom(w.departments).Draw(t, "department")
				if slices.Contains(r.asked, d) {
					return
				}
				w.exec(t, `INSERT INTO audience (consultation_id, department_id, since) VALUES ($1, $2, '2000-01-01')`, r.id, d)
				r.asked = append(slices.Clone(r.asked), d)
				all[r.id] = r
				w.tell(t, r.id)
			},
			"triage": func(t *rapid.T) {
				if len(all) == 0 {
					return
				}
				r := some()
				r.urgency = consult.Urgency(rapid.SampledFrom(consult.Urgencies()).Draw(t, "urgency").Code)
				w.exec(t, `UPDATE consultations SET urgency = $2 WHERE id = $1`, r.id, r.urgency)
				all[r.id] = r
				w.tell(t, r.id)
			},
			"flush": func(t *rapid.T) {
				must(t, w.redis.FlushAll(ctx).Err())
				if _, ok := w.index.Heads(ctx, w.departments, monday(), 1); ok {
					t.Fatal("the index answers out of an empty Redis")
				}
				if err := leader.Beat(ctx); err == nil {
					t.Fatal("the leader does not notice that Redis is empty")
				}
				must(t, leader.Rebuild(ctx))
			},
			"check": check,
		})
		check(t)
	})
}

// What somebody else did to the keys, and what the outbox did not speak of, is found and repaired.
func TestReconcileRepairs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.RedisURL(t))
	leader := queue.Step(t, w.index)
	ctx := t.Context()
	due := monday().Add(time.Hour)
	var all []request
	for i := range 10 {
		r := request{id: newID(), urgency: consult.Urgent, since: monday().Add(-time.Duration(i) * time.Minute), asked: w.departments[i%3 : i%3+2]}
		if i == 9 {
			r.urgency, r.due = consult.Scheduled, &due
		}
		all = append(all, r)
	}
	w.offer(t, all...)
	must(t, leader.Rebuild(ctx))
	keys, err := w.redis.Keys(ctx, "lz:queue:{*}:*:z:*:URGENT").Result()
	must(t, err)
	must(t, w.redis.ZPopMin(ctx, keys[0], 1).Err())
	must(t, w.redis.ZAdd(ctx, keys[1], redisZ(5, newID())).Err())
	own, err := w.redis.Keys(ctx, "lz:queue:{*}:*:own").Result()
	must(t, err)
	must(t, w.redis.HSet(ctx, own[0], all[9].id.String(), 1).Err())
	wide, err := w.redis.Keys(ctx, "lz:queue:{"+w.hospitals[0].String()+"}:*:wide").Result()
	must(t, err)
	must(t, w.redis.SRem(ctx, wide[0], all[0].id.String()).Err())
	// A department's time to see it is over; nobody says so.
	w.exec(t, `UPDATE audience SET until = '2001-01-01' WHERE consultation_id = $1 AND department_id = $2`, all[1].id, all[1].asked[1])
	all[1].asked = all[1].asked[:1]
	inRedis, behind, err := leader.Reconcile(ctx)
	if err != nil || inRedis != 4 || behind != 1 {
		t.Errorf("found %d in Redis and %d behind the database, %v", inRedis, behind, err)
	}
	w.agree(t, all, w.departments, monday(), 20)
	if inRedis, behind, err = leader.Reconcile(ctx); err != nil || inRedis+behind != 0 {
		t.Errorf("not repaired: %d %d %v", inRedis, behind, err)
	}
}
