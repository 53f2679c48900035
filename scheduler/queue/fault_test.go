package queue_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
	"github.com/lianzhen-health/lianzhen/scheduler/queue"
)

func redisZ(score float64, id uuid.UUID) redis.Z { return redis.Z{Score: score, Member: id.String()} }

// fill offers a queue of n over all urgencies and departments.
func (w *world) fill(n int) []request {
	w.t.Helper()
	var all []request
	for i := range n {
		urgency := consult.Urgency(consult.Urgencies()[i%4].Code)
		all = append(all, request{id: newID(), urgency: urgency, since: monday().Add(-time.Duration(i*37) * time.Second),
			asked: []uuid.UUID{w.departments[i%len(w.departments)]}})
	}
	w.offer(w.t, all...)
	return all
}

// answers says that a node's index gives the order that the database gives.
func (w *world) answers(x *queue.Index) bool {
	got, ok := x.Heads(w.t.Context(), w.departments, monday(), most)
	return ok && slices.Equal(got, w.bySQL(w.t, w.departments, monday(), most))
}

// Redis is flushed while fifty wait: the index is silent, never wrong, and says the same as before within seconds.
func TestFlushInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.RedisURL(t))
	all := w.fill(50)
	run(t, w.index)
	eventually(t, "the index answers", func() bool { return w.answers(w.index) })
	want := inOrder(all, w.departments, monday())
	for range 3 {
		must(t, w.redis.FlushAll(t.Context()).Err())
		flushed := time.Now()
		eventually(t, "the index answers again", func() bool {
			got, ok := w.index.Heads(t.Context(), w.departments, monday(), most)
			if ok && !slices.Equal(got, want) {
				t.Fatal("somebody's place has changed")
			}
			return ok
		})
		t.Log("silent for", time.Since(flushed))
	}
}

// Redis hangs: questions are answered with "cannot say" at once, and the index comes back with what happened meanwhile.
func TestRedisHangsInTheMiddle(t *testing.T) {
	t.Parallel()
	server := testdb.NewRedisProcess(t)
	w := newWorld(t, server.URL())
	all := w.fill(30)
	run(t, w.index)
	eventually(t, "the index answers", func() bool { return w.answers(w.index) })
	server.Freeze()
	var slowest time.Duration
	for range 200 {
		began := time.Now()
		if _, ok := w.index.Ahead(t.Context(), w.departments, all[0].waiting(), monday()); ok {
			t.Fatal("a frozen Redis answered")
		}
		slowest = max(slowest, time.Since(began))
	}
	t.Log("the slowest of 200 questions took", slowest)
	w.exec(t, `UPDATE consultations SET state = 'CANCELLED' WHERE id = $1`, all[3].id)
	w.tell(t, all[3].id)
	server.Thaw()
	eventually(t, "the index answers again", func() bool { return w.answers(w.index) })
	server.Kill()
	eventually(t, "it is known that Redis is away", func() bool { return !w.answers(w.index) })
	w.exec(t, `UPDATE consultations SET state = 'CANCELLED' WHERE id = $1`, all[4].id)
	w.tell(t, all[4].id)
	server.Start()
	eventually(t, "the index answers out of a new Redis", func() bool { return w.answers(w.index) })
}

// The leader's session ends: another node takes over with a generation of its own, and follows.
func TestAnotherNodeTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.RedisURL(t))
	all := w.fill(20)
	other := w.node(t, w.redis)
	stop := run(t, w.index)
	eventually(t, "the first node answers", func() bool { return w.answers(w.index) })
	run(t, other)
	eventually(t, "the second node answers, too", func() bool { return w.answers(other) })
	first, err := w.redis.Get(t.Context(), "lz:queue:generation").Int64()
	must(t, err)
	stop()
	eventually(t, "there is a later generation", func() bool {
		n, _ := w.redis.Get(t.Context(), "lz:queue:generation").Int64()
		return n > first
	})
	w.exec(t, `UPDATE consultations SET state = 'CANCELLED' WHERE id = $1`, all[3].id)
	w.tell(t, all[3].id)
	eventually(t, "the second node follows", func() bool { return w.answers(other) })
}

// A leader that was paused while another took over writes where nobody reads.
func TestPausedLeaderChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.RedisURL(t))
	all := w.fill(5)
	paused, fresh := queue.Step(t, w.index), queue.Step(t, w.node(t, w.redis))
	must(t, paused.Rebuild(t.Context()))
	must(t, fresh.Rebuild(t.Context()))
	paused.Look(t.Context())
	w.exec(t, `UPDATE consultations SET state = 'CANCELLED' WHERE id = $1`, all[0].id)
	w.tell(t, all[0].id)
	if err := paused.Follow(t.Context()); err == nil {
		t.Error("the paused leader goes on writing")
	}
	if err := paused.Beat(t.Context()); err == nil {
		t.Error("the paused leader goes on renewing")
	}
	must(t, fresh.Follow(t.Context()))
	w.agree(t, all[1:], w.departments, monday(), 10)
}

// Targets that an administrator changes order the queue from the next beat on.
func TestChangedTargets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.RedisURL(t))
	w.fill(20)
	run(t, w.index)
	eventually(t, "the index answers", func() bool { return w.answers(w.index) })
	w.exec(t, `UPDATE urgency_targets SET accept_seconds = 60 WHERE urgency = 'ROUTINE'`)
	eventually(t, "the index has the new order", func() bool { return w.answers(w.index) })
}

// Keys of two hospitals are in different slots of a cluster; scripts, pipelines and widened requests work across them.
func TestCluster(t *testing.T) {
	t.Parallel()
	cluster := testdb.NewRedisCluster(t)
	w := newWorld(t, cluster.URL())
	all := w.fill(30)
	wide := request{id: newID(), urgency: consult.Emergent, since: monday().Add(-7 * time.Minute), asked: []uuid.UUID{w.departments[0], w.departments[4]}}
	w.offer(t, wide)
	all = append(all, wide)
	run(t, w.index)
	eventually(t, "the index answers", func() bool { return w.answers(w.index) })
	w.agree(t, all, w.departments, monday(), most)
	w.exec(t, `UPDATE consultations SET state = 'CANCELLED' WHERE id = $1`, all[3].id)
	w.tell(t, all[3].id)
	eventually(t, "the index follows", func() bool { return w.answers(w.index) })
	// One node of three loses everything: the parts of the index that it held are silent until they are written anew.
	for _, n := range cluster.Nodes {
		one := connect(t, n.URL())
		must(t, one.FlushAll(t.Context()).Err())
		eventually(t, "the index answers after a flush of "+n.Addr, func() bool { return w.answers(w.index) })
	}
}

// The master of a Sentinel set dies: the order comes from SQL until the index stands on the new master.
func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	set := testdb.NewRedisSentinel(t)
	w := newWorld(t, set.URL())
	all := w.fill(20)
	run(t, w.index)
	eventually(t, "the index answers", func() bool { return w.answers(w.index) })
	set.Master.Kill()
	w.exec(t, `UPDATE consultations SET state = 'CANCELLED' WHERE id = $1`, all[3].id)
	w.tell(t, all[3].id)
	eventually(t, "the order comes from SQL", func() bool {
		_, ok := w.index.Heads(t.Context(), w.departments, monday(), 1)
		return !ok
	})
	lost := time.Now()
	eventually(t, "the index answers from the new master", func() bool { return w.answers(w.index) })
	t.Log("from SQL for", time.Since(lost))
}
