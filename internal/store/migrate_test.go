package store_test

import (
	"compress/gzip"
	"context"
	"io"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// release1 is the first release's database with its demo data, as pg_dump wrote it. Each release adds such a file; none is
// ever changed.
const release1 = "testdata/release-1.sql.gz"

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func load(t *testing.T, dsn, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	sql, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	// A connection of its own: the dump changes the search path.
	if _, err := connect(t, dsn).PgConn().Exec(t.Context(), string(sql)).ReadAll(); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// list runs a query for one column of text.
func list(t *testing.T, conn *pgx.Conn, query string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// shape describes tables, columns, constraints, indexes and triggers.
func shape(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	return list(t, conn, `
SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'goose_db_version'
UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 'goose_db_version'::regclass
UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'goose_db_version'
UNION ALL SELECT 'trigger ' || tgrelid::regclass || ' ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1`)
}

func counts(t *testing.T, conn *pgx.Conn) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	for _, table := range list(t, conn, `SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'goose_db_version'`) {
		var n int64
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+pgx.Identifier{table}.Sanitize()).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[table] = n
	}
	return out
}

func migrate(t *testing.T, dsn string) int64 {
	t.Helper()
	v, err := store.Migrate(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// migrateTo brings a database to an earlier version.
func migrateTo(t *testing.T, dsn string, version int64) {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn := stdlib.OpenDB(*cfg)
	defer func() { _ = conn.Close() }()
	p, err := goose.NewProvider(goose.DialectPostgres, conn, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// TestMigrations: an empty database and one of an earlier release reach the same schema, the earlier one keeps every row, and
// a second run changes nothing. It also shows when a migration that was released is edited.
func TestMigrations(t *testing.T) {
	fresh, old := testdb.DSN(t), testdb.DSN(t)
	newest := migrate(t, fresh)
	if again := migrate(t, fresh); again != newest {
		t.Errorf("a second run went from version %d to %d", newest, again)
	}
	load(t, old, release1)
	before := counts(t, connect(t, old))
	if before["consultations"] == 0 || before["reports"] == 0 || before["media_intervals"] == 0 {
		t.Fatalf("the earlier release's data are not there: %v", before)
	}
	// What was judged before answers stood beside consultations.
	migrateTo(t, old, 24)
	if _, err := connect(t, old).Exec(t.Context(), `INSERT INTO countability_evaluations (id, consultation_id, ruleset, settings, evaluated_at, cause, bitmap, countable, institution_id, county, current)
		SELECT gen_random_uuid(), c.id, '2026-01', '{}', now(), 'REEVALUATION', v.bitmap, v.bitmap = 0, c.inviting_org_id, '150102', v.current
		FROM consultations c CROSS JOIN (VALUES (1, false), (72, true)) v(bitmap, current) WHERE c.reported_at IS NOT NULL`); err != nil {
		t.Fatal(err)
	}
	if v := migrate(t, old); v != newest {
		t.Errorf("the earlier release reached version %d, an empty database %d", v, newest)
	}
	upgraded := connect(t, old)
	after := counts(t, upgraded)
	for _, table := range slices.Sorted(maps.Keys(before)) {
		if after[table] != before[table] {
			t.Errorf("%s had %d rows and has %d", table, before[table], after[table])
		}
	}
	if got := list(t, upgraded, `SELECT DISTINCT concat(reported_at IS NOT NULL, ' ', failed_rules) FROM consultations ORDER BY 1`); !slices.Equal(got, []string{"f ", "t 72"}) {
		t.Errorf("answers beside consultations: %q", got)
	}
	want, got := shape(t, connect(t, fresh)), shape(t, upgraded)
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("missing after the upgrade: %s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("only after the upgrade: %s", line)
		}
	}
}
