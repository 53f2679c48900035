package store_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

// What a view reads twice is the same; a transaction sees what it wrote itself, and anew what it reads under a lock.
func TestRemembered(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	st := &store.Store{Pool: pool}
	if _, err := store.Migrate(t.Context(), pool.Config().ConnString()); err != nil {
		t.Fatal(err)
	}
	id := uuid.New()
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO organisations (id, kind, type_code, name, region_code) VALUES ($1, 'CARE', 'x', 'first', '150000')`, id)
	check := func(q *db.Queries, want string) {
		t.Helper()
		o, err := q.CaseOrganisation(t.Context(), id)
		if err != nil || o.ID != id || o.Name != want || o.CreditCode != nil {
			t.Errorf("%+v, %v; want %s", o, err, want)
		}
	}
	look := st.Look()
	for range 2 {
		if _, err := look.CaseOrganisation(t.Context(), uuid.New()); !store.IsNone(err) {
			t.Errorf("an unknown one: %v", err)
		}
	}
	check(look, "first")
	err := st.Tx(t.Context(), func(q *db.Queries) error {
		check(q, "first")
		exec(`UPDATE organisations SET name = 'second' WHERE id = $1`, id)
		check(q, "first")
		if _, err := q.LockConsultation(t.Context(), id); !store.IsNone(err) {
			t.Error(err)
		}
		check(q, "second")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	check(look, "first")
	check(st.Look(), "second")
}
