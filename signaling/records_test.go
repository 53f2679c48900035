package signaling

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestMain(m *testing.M) {
	testdb.Main(m, testdb.Migrate(os.DirFS("../internal/store/migrations"), func(ctx context.Context, dsn string) error {
		_, err := store.Migrate(ctx, dsn)
		return err
	}))
}

// onPostgres is a hub whose outbox and records are in a real database.
func onPostgres(t *testing.T) (*world, *store.Store) {
	t.Helper()
	pool := testdb.New(t)
	st := &store.Store{Pool: pool}
	records := NewRecords(st, "node-a")
	return onTCP(t, func(d *Deps) {
		d.Outbox, d.Sessions, d.Announce = records, records, records
		d.Logger = slog.New(slog.DiscardHandler) // the database is taken away below
	}), st
}

// registered puts a person's account and sign-in into the database.
func registered(t *testing.T, pool *pgxpool.Pool, p person) {
	t.Helper()
	exec(t, pool, `INSERT INTO users (id, username, display_name, password_hash) VALUES ($1, $2, '王医生', '-')`, p.actor.UserID, p.actor.UserID.String())
	exec(t, pool, `INSERT INTO auth_sessions (id, user_id, expires_at) VALUES ($1, $2, now() + interval '1 day')`, p.actor.SessionID, p.actor.UserID)
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(sql, err)
	}
}

func value[T any](t *testing.T, pool *pgxpool.Pool, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := pool.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		t.Fatal(sql, err)
	}
	return v
}

func TestOutboxOfPostgres(t *testing.T) {
	w, st := onPostgres(t)
	p := w.person(roleNurse)
	registered(t, st.Pool, p)
	to := store.Audience{Users: []uuid.UUID{p.actor.UserID}}
	c := w.join(p)
	// Events of one key keep their order whatever else goes on.
	keys := make([]uuid.UUID, store.Shards)
	for i := range keys {
		keys[i] = uuid.New()
		keys[i][15] = byte(i)
	}
	const each = 40
	done := make(chan error, len(keys))
	for i, key := range keys {
		go func() {
			for n := range each {
				err := st.Tx(t.Context(), func(q *db.Queries) error {
					return store.Append(t.Context(), q, key, mark(i*each+n, to))
				})
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	last := map[int]int{}
	for range len(keys) * each {
		n := c.marked()
		if want := last[n/each]; n%each != want {
			t.Fatalf("event %d of key %d came as number %d", n%each, n/each, want)
		}
		last[n/each]++
	}
	for range keys {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	w.join(p).leave()
	c.accepted("token.renew", map[string]any{"token": p.token}, nil) // nothing came twice
}

// The listening connection is ended by the server, as a restart does it; so are all others. Nothing is lost and nothing
// comes twice.
func TestListeningIsTakenUpAgain(t *testing.T) {
	w, st := onPostgres(t)
	p := w.person(roleNurse)
	registered(t, st.Pool, p)
	to := store.Audience{Users: []uuid.UUID{p.actor.UserID}}
	c := w.join(p)
	const restart = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND EXISTS (
			SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' AND query = 'LISTEN outbox')`
	for round := range 2 {
		eventually(t, "somebody listens and is thrown out", func() bool {
			var ended int
			return st.Pool.QueryRow(t.Context(), restart).Scan(&ended) == nil && ended > 0
		})
		for n := range 3 {
			err := fmt.Errorf("not tried")
			for try := 0; err != nil && try < 20; try++ { // connections of the pool that were ended are found out by use
				err = st.Tx(t.Context(), func(q *db.Queries) error { return store.Append(t.Context(), q, uuid.Nil, mark(round*3+n, to)) })
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for n := range 3 {
			if got := c.marked(); got != round*3+n {
				t.Fatalf("%d came instead of %d", got, round*3+n)
			}
		}
	}
}

func TestSessionsOnRecord(t *testing.T) {
	w, st := onPostgres(t)
	p := w.person(roleNurse)
	registered(t, st.Pool, p)
	c := w.dial()
	c.send(map[string]any{"type": "hello", "token": p.token})
	session := c.next().Session
	if n := value[int](t, st.Pool, `SELECT count(*) FROM signaling_sessions WHERE id = $1 AND auth_session_id = $2 AND user_id = $3
		AND node = 'node-a' AND closed_at IS NULL`, session, p.actor.SessionID, p.actor.UserID); n != 1 {
		t.Fatalf("%d rows", n)
	}
	c.sendText("nonsense")
	c.closed(closeBadFrame)
	eventually(t, "the end is on record", func() bool {
		return value[int](t, st.Pool, `SELECT count(*) FROM signaling_sessions WHERE id = $1 AND close_code = 3502 AND closed_at IS NOT NULL`, session) == 1
	})

	// A node that died left sessions open; they are ended by the others, at the time at which they were last seen.
	for node, minutes := range map[string]int{"dead": 10, "alive": 1, "node-a": 10} {
		exec(t, st.Pool, `INSERT INTO signaling_sessions (id, auth_session_id, user_id, node, last_seen_at)
			VALUES (gen_random_uuid(), $1, $2, $3, now() - make_interval(mins => $4))`, p.actor.SessionID, p.actor.UserID, node, minutes)
	}
	if err := NewRecords(st, "node-a").Seen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := value[string](t, st.Pool, `SELECT string_agg(node, ',' ORDER BY node) FROM signaling_sessions WHERE closed_at IS NULL`); got != "alive,node-a" {
		t.Fatalf("open: %s", got)
	}
	if !value[bool](t, st.Pool, `SELECT closed_at = last_seen_at AND close_code = 1006 FROM signaling_sessions WHERE node = 'dead'`) {
		t.Fatal("the dead node's session ended at another time")
	}
}

// A doctor's presence is told to the doctor's sockets and to the institutions with an agreement in force, to nobody else.
func TestPresenceIsAnnounced(t *testing.T) {
	w, st := onPostgres(t)
	doctor := w.person(roleConsultant)
	registered(t, st.Pool, doctor)
	hospital := doctor.actor.Memberships[0].OrganisationID
	homes := map[string]uuid.UUID{"in force": uuid.New(), "ended": uuid.New(), "terminated": uuid.New(), "other hospital": uuid.New()}
	organisation(t, st.Pool, hospital)
	elsewhere := uuid.New()
	organisation(t, st.Pool, elsewhere)
	nurses := map[string]*client{}
	for name, home := range homes {
		organisation(t, st.Pool, home)
		invited, to, terminated := hospital, "2999-01-01", "NULL"
		switch name {
		case "ended":
			to = "2020-01-01"
		case "terminated":
			terminated = "now()"
		case "other hospital":
			invited = elsewhere
		}
		exec(t, st.Pool, `INSERT INTO agreements (id, number, inviting_org_id, invited_org_id, service_types, department_codes, valid_from, valid_to,
			clause_purpose, clause_conditions, clause_content, clause_process, clause_rights, clause_liability, terminated_at)
			VALUES (gen_random_uuid(), gen_random_uuid()::text, $1, $2, '{}', '{}', '2019-01-01', $3::text::date, '-', '-', '-', '-', '-', '-', `+terminated+`)`, home, invited, to)
		n := w.person(roleNurse)
		n.actor.Memberships[0].OrganisationID = home
		n = w.signIn(n.actor)
		registered(t, st.Pool, n)
		nurses[name] = w.join(n)
	}
	exec(t, st.Pool, `INSERT INTO memberships (id, user_id, organisation_id, role) VALUES (gen_random_uuid(), $1, $2, 'CONSULTANT')`, doctor.actor.UserID, hospital)

	c, second := w.join(doctor), w.join(doctor)
	c.give(uuid.New(), "presence.set", map[string]any{"state": "BACK_SOON", "minutes": 20})
	for range 2 { // the result and the event, in either order
		if f := c.next(); f.Type == "result" && !f.OK {
			t.Fatalf("%+v", f.Error)
		}
	}
	var now presenceNow
	if err := json.Unmarshal(second.event("presence.changed").Data, &now); err != nil {
		t.Fatal(err)
	}
	if d := time.Until(*now.BackAt); now.State != stateBackSoon || d < 19*time.Minute || d > 20*time.Minute {
		t.Fatalf("%+v", now)
	}
	nurses["in force"].event("duty.changed")
	for name, n := range nurses {
		if name != "in force" {
			n.refused("forbidden", "presence.get", nil) // the next frame is its result
		}
	}
}

func organisation(t *testing.T, pool *pgxpool.Pool, id uuid.UUID) {
	t.Helper()
	exec(t, pool, `INSERT INTO organisations (id, kind, type_code, name, region_code) VALUES ($1, 'CARE', '-', '机构', '150102')`, id)
}
