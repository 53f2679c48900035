package identity

import (
	"context"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestMain(m *testing.M) {
	testdb.Main(m, testdb.Migrate(os.DirFS("../store/migrations"), func(ctx context.Context, dsn string) error {
		_, err := store.Migrate(ctx, dsn)
		return err
	}))
}

// cheap is a hash cost that leaves the time to the tests.
var cheap = HashCost{MemoryKiB: 64, Passes: 1, Lanes: 1}

// site is the public address that keys are bound to.
var site = &url.URL{Scheme: "https", Host: "lianzhen.test:8443"}

const password = "Correct-Horse-7"

// clock is time in the tests' hands.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a database with its keys and one node.
type world struct {
	*Service
	t     *testing.T
	kek   *seal.KEK
	clock *clock
}

func newWorld(t *testing.T) *world {
	t.Helper()
	st, err := store.Open(t.Context(), testdb.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	w := &world{t: t, kek: seal.NewKEK(), clock: &clock{at: time.Now().Truncate(time.Second)}}
	w.Service = w.node(st)
	return w
}

// node is one more node on the same database and clock.
func (w *world) node(st *store.Store) *Service {
	w.t.Helper()
	k, err := OpenKeeper(w.t.Context(), st, w.kek)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := New(st, k, Config{AccessTTL: 10 * time.Minute, RefreshTTL: 7 * 24 * time.Hour, Now: w.clock.now, HashCost: cheap, Public: site})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.st.Pool.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) text(sql string, args ...any) string {
	w.t.Helper()
	var s string
	if err := w.st.Pool.QueryRow(w.t.Context(), sql, args...).Scan(&s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// user makes an account with the tests' password.
func (w *world) user(name string) uuid.UUID {
	w.t.Helper()
	hash, err := w.HashPassword(w.t.Context(), password)
	if err != nil {
		w.t.Fatal(err)
	}
	id := uuid.Must(uuid.NewV7())
	w.exec("insert into users (id, username, display_name, password_hash, must_change_password) values ($1, $2, '李护士', $3, false)", id, name, hash)
	return id
}

func (w *world) login(name string) Grant {
	w.t.Helper()
	g, err := w.Login(w.t.Context(), name, password, "test")
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

// logged gives the actions and results of the access log, oldest first.
func (w *world) logged() string {
	w.t.Helper()
	return w.text("select coalesce(string_agg(action || ':' || result, ' ' order by id), '') from access_log")
}

// told gives the sign-ins whose sockets were told of their end.
func (w *world) told() string {
	w.t.Helper()
	return w.text(`select coalesce(string_agg(s, ' ' order by created_at, seq), '') from outbox,
		jsonb_array_elements_text(payload -> 'to' -> 'authSessions') s where topic = 'session.revoked'`)
}

// wants checks an error's code.
func wants(t *testing.T, err error, code string) *problem.Problem {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", code)
	}
	p := problem.Of(err)
	if p.Code != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	for _, known := range append([]string{p.Code}, fieldCodes(p)...) {
		if !problem.Known(known) {
			t.Errorf("%s has no sentence", known)
		}
	}
	if strings.Contains(err.Error(), password) {
		t.Errorf("the error shows the password: %v", err)
	}
	return p
}

func fieldCodes(p *problem.Problem) []string {
	var codes []string
	for _, f := range p.Fields {
		codes = append(codes, f.Code)
	}
	return codes
}
