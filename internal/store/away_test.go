package store_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestWhatCountsAsAway(t *testing.T) {
	_, refused := pgx.Connect(t.Context(), "postgres://lianzhen@127.0.0.1:1/lianzhen?sslmode=disable")
	conn := connect(t, testdb.DSN(t))
	_, wrong := conn.Exec(t.Context(), "SELECT 1 / 0")
	_, late := conn.Exec(t.Context(), "SET statement_timeout = '1ms'; SELECT pg_sleep(60)")
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, closed := conn.Exec(t.Context(), "SELECT 1")
	for _, c := range []struct {
		name string
		err  error
		away bool
	}{
		{"nobody listens", refused, true}, {"the connection was closed", closed, true}, {"a statement took too long", late, true},
		{"the server was stopped", fmt.Errorf("claim: %w", &pgconn.PgError{Code: "57P01"}), true}, {"disk full", &pgconn.PgError{Code: "53100"}, true},
		{"too many connections", &pgconn.PgError{Code: "53300"}, true}, {"cut off", fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true},
		{"a wrong statement", wrong, false}, {"a constraint", &pgconn.PgError{Code: "23505"}, false}, {"no row", pgx.ErrNoRows, false},
		{"something else", errors.New("else"), false},
	} {
		if c.err == nil {
			t.Errorf("%s: there is no error to judge", c.name)
		} else if store.IsAway(c.err) != c.away {
			t.Errorf("%s: away is %v for %v", c.name, !c.away, c.err)
		}
	}
}
