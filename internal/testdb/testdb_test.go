package testdb_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestMain(m *testing.M) {
	schema := fstest.MapFS{"1.sql": {Data: []byte("create table thing (name text primary key)")}}
	testdb.Main(m, testdb.Migrate(schema, func(ctx context.Context, dsn string) error {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, string(schema["1.sql"].Data))
		return err
	}))
}

// Each test writes the same key: a shared database would refuse the second.
func TestDatabasesAreApart(t *testing.T) {
	for range 6 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			pool := testdb.New(t)
			if _, err := pool.Exec(t.Context(), "insert into thing values ('张三')"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestDatabaseIsDropped(t *testing.T) {
	var name string
	t.Run("use", func(t *testing.T) {
		if err := testdb.New(t).QueryRow(t.Context(), "select current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	var there bool
	if err := testdb.New(t).QueryRow(t.Context(), "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		t.Fatal("the database outlived its test")
	}
}

func TestRedisIsApartAndEmpty(t *testing.T) {
	for range 3 { // one after the other: the same server again
		t.Run("", func(t *testing.T) {
			for range 2 { // beside one another: two servers
				t.Run("", func(t *testing.T) {
					t.Parallel()
					c := testdb.Redis(t)
					if n := c.Incr(t.Context(), "n").Val(); n != 1 {
						t.Errorf("n = %d: the server was not empty", n)
					}
				})
			}
		})
	}
}

func TestClusterCommandPassesTheClusterAndTheExitCode(t *testing.T) {
	bin := t.TempDir() + "/testcluster"
	if out, err := exec.Command("go", "build", "-o", bin, "./cmd/testcluster").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(bin, "sh", "-c", "echo dsn=$"+testdb.EnvPostgres+"; exit 7")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != 7 || !strings.HasPrefix(string(out), "dsn=postgres://") {
		t.Fatalf("%v, said %q", err, out)
	}
}

func TestRewindBringsTheDatabaseBack(t *testing.T) {
	pool := testdb.New(t)
	names := func() (all string) {
		if err := pool.QueryRow(t.Context(), "select coalesce(string_agg(name, ',' order by name), '') from thing").Scan(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	write := func(sql string) {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	write("insert into thing values ('before')")
	back := testdb.Rewind(t, pool)
	for _, sql := range []string{"insert into thing values ('after')", "delete from thing", "drop table thing"} {
		write(sql)
		if back(); names() != "before" {
			t.Fatalf("after %q and back: %s", sql, names())
		}
	}
}
