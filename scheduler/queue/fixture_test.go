package queue_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/config"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
	"github.com/lianzhen-health/lianzhen/scheduler/queue"
)

func TestMain(m *testing.M) {
	testdb.Main(m, testdb.Migrate(os.DirFS("../../internal/store/migrations"), func(ctx context.Context, dsn string) error {
		_, err := store.Migrate(ctx, dsn)
		return err
	}))
}

// fatal is what a test and a property's run have in common.
type fatal interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// world is a database with two hospitals of three departments each and residents for a queue, with one index on it.
type world struct {
	t           *testing.T
	st          *store.Store
	redis       redis.UniversalClient
	index       *queue.Index
	care        uuid.UUID
	nurse       uuid.UUID
	hospitals   []uuid.UUID
	departments []uuid.UUID
	residents   []uuid.UUID
}

// most is how many requests a world's queue may hold.
const most = 60

func newWorld(t *testing.T, redisURL string) *world {
	t.Helper()
	st, err := store.Open(t.Context(), testdb.DSN(t))
	must(t, err)
	t.Cleanup(st.Close)
	w := &world{t: t, st: st, redis: connect(t, redisURL), care: newID(), nurse: newID()}
	w.exec(t, `INSERT INTO users (id, username, display_name, password_hash) VALUES ($1, 'nurse', 'nurse', '')`, w.nurse)
	w.exec(t, `INSERT INTO organisations (id, kind, type_code, name, region_code) VALUES ($1, 'CARE', 'INTEGRATED', '阳光颐养院', '150102')`, w.care)
	for h := range 2 {
		hospital := newID()
		w.hospitals = append(w.hospitals, hospital)
		w.exec(t, `INSERT INTO organisations (id, kind, type_code, name, region_code) VALUES ($1, 'MEDICAL', 'A100', $2, '150102')`, hospital, fmt.Sprint("医院", h))
		for d := range 3 {
			department := newID()
			w.departments = append(w.departments, department)
			w.exec(t, `INSERT INTO departments (id, organisation_id, code, name) VALUES ($1, $2, $3, 'x')`, department, hospital, fmt.Sprintf("%02d", d))
		}
	}
	for range most {
		resident := newID()
		w.residents = append(w.residents, resident)
		w.exec(t, `INSERT INTO residents (id, organisation_id, name_enc, sex, birth_date, admitted_on) VALUES ($1, $2, '', '2', '1940-05-01', '2020-01-01')`, resident, w.care)
	}
	w.index = w.node(t, w.redis)
	return w
}

func connect(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	o, err := config.RedisOptions(url)
	must(t, err)
	c := redis.NewUniversalClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// node is one more node on the same database.
func (w *world) node(t *testing.T, r redis.UniversalClient) *queue.Index {
	t.Helper()
	x, err := queue.New(queue.Options{Redis: r, Store: w.st, Patience: 2 * time.Second}) // on a busy machine, too, the index answers
	must(t, err)
	return x
}

// run lets a node run until the test ends or stop is called.
func run(t *testing.T, x *queue.Index) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = x.Run(ctx)
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func must(t fatal, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) exec(t fatal, sql string, args ...any) {
	t.Helper()
	if _, err := w.st.Pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// request is one that waits.
type request struct {
	id      uuid.UUID
	urgency consult.Urgency
	since   time.Time
	due     *time.Time
	asked   []uuid.UUID
}

// waiting is what the order looks at, with the default targets that a new database has.
func (r request) waiting() consult.Waiting {
	w := consult.Waiting{ID: r.id.String(), Urgency: r.urgency, Since: r.since, Target: consult.AcceptTarget(r.urgency, r.since, r.since)}
	switch {
	case r.urgency != consult.Scheduled:
	case r.due != nil:
		w.Target = r.due.Sub(r.since)
	default:
		w.Target = consult.AcceptTarget(consult.Routine, r.since, r.since)
	}
	return w
}

// offer enters requests as if they had been offered, without a word in the outbox.
func (w *world) offer(t fatal, requests ...request) {
	t.Helper()
	for _, r := range requests {
		w.exec(t, `INSERT INTO consultations (id, serial, resident_id, inviting_org_id, state, urgency, urgency_proposed, service_type, created_by, offered_at, accept_due_at)
			SELECT $1::text::uuid, $1::text, r.id, $2, 'OFFERED', $3, $3, 'REMOTE_CONSULT', $4, $5, $6 FROM residents r
			WHERE NOT EXISTS (SELECT 1 FROM consultations c WHERE c.resident_id = r.id AND c.state = 'OFFERED') LIMIT 1`,
			r.id.String(), w.care, r.urgency, w.nurse, r.since, r.due)
		w.exec(t, `INSERT INTO audience (consultation_id, department_id, since) SELECT $1, unnest($2::uuid[]), '2000-01-01'`, r.id, r.asked)
	}
}

// tell says in the outbox that consultations changed.
func (w *world) tell(t fatal, ids ...uuid.UUID) {
	t.Helper()
	for _, id := range ids {
		must(t, w.st.Tx(context.Background(), func(q *db.Queries) error {
			return store.Append(context.Background(), q, id, store.Envelope{Event: "queue.changed", Data: struct{}{}})
		}))
	}
}

// empty takes everything out of the queue.
func (w *world) empty(t fatal) {
	t.Helper()
	w.exec(t, `DELETE FROM audience`)
	w.exec(t, `DELETE FROM consultations`)
}

// inOrder is the answer that everybody has to give: by consult.Less, those that one of the departments is asked.
func inOrder(all []request, departments []uuid.UUID, now time.Time) []uuid.UUID {
	var mine []request
	for _, r := range all {
		if slices.ContainsFunc(r.asked, func(d uuid.UUID) bool { return slices.Contains(departments, d) }) {
			mine = append(mine, r)
		}
	}
	slices.SortFunc(mine, func(a, b request) int {
		switch {
		case consult.Less(a.waiting(), b.waiting(), now):
			return -1
		case consult.Less(b.waiting(), a.waiting(), now):
			return 1
		}
		return 0
	})
	ids := make([]uuid.UUID, len(mine))
	for i, r := range mine {
		ids[i] = r.id
	}
	return ids
}

// bySQL asks the database for the same.
func (w *world) bySQL(t fatal, departments []uuid.UUID, now time.Time, n int) []uuid.UUID {
	t.Helper()
	ids, err := w.st.Q().QueueHeads(context.Background(), db.QueueHeadsParams{Departments: departments, Now: now, Most: int32(n)})
	must(t, err)
	return ids
}

// aheadBySQL asks the database for a place.
func (w *world) aheadBySQL(t fatal, departments []uuid.UUID, r request, now time.Time) int {
	t.Helper()
	k := r.waiting().Key(now)
	n, err := w.st.Q().QueueAhead(context.Background(), db.QueueAheadParams{Departments: departments, Now: now, Critical: k.Critical,
		WaitedMs: k.WaitedMS, TargetS: k.TargetS, SinceMs: k.SinceMS, ID: r.id})
	must(t, err)
	return int(n)
}

// eventually polls until it is so.
func eventually(t fatal, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("not so after 30 s: ", what)
		}
	}
}
