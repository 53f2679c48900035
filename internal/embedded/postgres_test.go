package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/embedded"
)

func startPostgres(t *testing.T, o embedded.Options) *embedded.Postgres {
	t.Helper()
	o.ExtraArgs = append(o.ExtraArgs, "-c", "fsync=off") // what is tested is processes and files, not the disk
	pg, err := embedded.StartPostgres(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Stop(context.Background()); err != nil && !t.Failed() {
			t.Error("stop:", err)
		}
	})
	return pg
}

func stopPostgres(t *testing.T, pg *embedded.Postgres) {
	t.Helper()
	if err := pg.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func exec1(t *testing.T, dsn, sql string) {
	t.Helper()
	conn := connect(t, dsn)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func wantRows(t *testing.T, pg *embedded.Postgres, want int) {
	t.Helper()
	conn := connect(t, pg.DSN("lianzhen"))
	defer conn.Close(context.Background())
	var got int
	if err := conn.QueryRow(t.Context(), "select count(*) from kept").Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("%d rows were kept, want %d", got, want)
	}
}

// eventually polls a real condition; the pace is only how often it is looked at.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("never came true:", what)
		}
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestPostgresKeepsDataInEachUserMode(t *testing.T) {
	for _, mode := range embedded.UserModes() {
		t.Run(mode, func(t *testing.T) {
			dir := openTempDir(t)
			o := embedded.AsUser(embedded.Options{Dir: dir}, mode)
			pg := startPostgres(t, o)
			exec1(t, pg.DSN("lianzhen"), "create table kept (name text)")
			exec1(t, pg.DSN("lianzhen"), "insert into kept values ('张三')")
			stopPostgres(t, pg)
			stopPostgres(t, pg) // twice is allowed
			if err, ok := <-pg.Done(); ok {
				t.Fatal("a stop that was asked for is reported as an end:", err)
			}
			pg = startPostgres(t, o)
			wantRows(t, pg, 1)
		})
	}
}

// openTempDir is a folder that another user can walk to; Go's own temporary folders may be closed to him.
func openTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "lianzhen-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "pg")
}

// A cluster that one way of getting a user has made is found and used by all the others.
func TestPostgresChangesUserMode(t *testing.T) {
	for name, parent := range map[string]os.FileMode{"open": 0o755, "closed": 0o700} {
		t.Run(name, func(t *testing.T) {
			dir := openTempDir(t)
			if err := os.Chmod(filepath.Dir(dir), parent); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(embedded.FarHome(dir)) })
			modes := embedded.UserModes()
			for i, mode := range append(modes, modes[0]) {
				pg := startPostgres(t, embedded.AsUser(embedded.Options{Dir: dir}, mode))
				exec1(t, pg.DSN("lianzhen"), "create table if not exists kept (n int)")
				exec1(t, pg.DSN("lianzhen"), "insert into kept values (1)")
				wantRows(t, pg, i+1)
				stopPostgres(t, pg)
			}
		})
	}
}

func TestPostgresUnderALongPath(t *testing.T) {
	dir := filepath.Join(openTempDir(t), strings.Repeat("很长的路径", 8), strings.Repeat("d", 60))
	if len(dir) < 150 {
		t.Fatalf("the path has only %d bytes", len(dir))
	}
	t.Cleanup(func() { _ = os.RemoveAll(embedded.FarHome(dir)) })
	for _, mode := range embedded.UserModes() {
		pg := startPostgres(t, embedded.AsUser(embedded.Options{Dir: dir}, mode))
		exec1(t, pg.DSN("lianzhen"), "select 1")
		stopPostgres(t, pg)
	}
}

func TestPostgresSecondStartIsRefused(t *testing.T) {
	dir := openTempDir(t)
	pg := startPostgres(t, embedded.Options{Dir: dir})
	_, err := embedded.StartPostgres(t.Context(), embedded.Options{Dir: dir})
	var inUse *embedded.InUseError
	if !errors.As(err, &inUse) || inUse.PID != os.Getpid() {
		t.Fatalf("got %v, want an InUseError with our number", err)
	}
	exec1(t, pg.DSN("lianzhen"), "select 1") // the first is unharmed
	dsn, err := embedded.RunningPostgres(dir, "lianzhen")
	if err != nil || dsn != pg.DSN("lianzhen") {
		t.Errorf("it runs at %q, %v; want %q", dsn, err, pg.DSN("lianzhen"))
	}
	stopPostgres(t, pg)
	if dsn, err := embedded.RunningPostgres(dir, "lianzhen"); err == nil {
		t.Errorf("none runs any more, got %q", dsn)
	}
}

// After kill -9 of the postmaster a busy session lives on and holds the shared memory; and the number in the pid file
// may belong to another process of the same user. Neither may keep a new start from working.
func TestPostgresStartsAfterKill(t *testing.T) {
	for _, mode := range embedded.UserModes() {
		t.Run(mode, func(t *testing.T) {
			dir := openTempDir(t)
			o := embedded.AsUser(embedded.Options{Dir: dir}, mode)
			pg := startPostgres(t, o)
			exec1(t, pg.DSN("lianzhen"), "create table kept (n int)")
			exec1(t, pg.DSN("lianzhen"), "insert into kept values (1)")
			busy := connect(t, pg.DSN("lianzhen"))
			defer busy.Close(context.Background())
			go func() {
				_, _ = busy.Exec(context.Background(), "select count(*) from generate_series(1, 1000000000000)")
			}()
			watch := connect(t, pg.DSN("lianzhen"))
			eventually(t, "the session is busy", func() bool {
				var n int
				err := watch.QueryRow(t.Context(), "select count(*) from pg_stat_activity where state = 'active' and query like '%generate_series(1, 1000%' and pid <> pg_backend_pid()").Scan(&n)
				return err == nil && n > 0
			})
			_ = watch.Close(context.Background())

			if err := syscall.Kill(pg.PID(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			if err, ok := <-pg.Done(); !ok || err == nil {
				t.Fatal("the end of a killed server is not reported")
			}
			stopPostgres(t, pg) // gives the folder back, as a program that ends does
			pids, err := filepath.Glob(filepath.Join(dir, "cluster/data/postmaster.pid"))
			if err != nil || len(pids) != 1 {
				t.Fatalf("no stale pid file to meet: %v %v", pids, err)
			}
			text, err := os.ReadFile(pids[0])
			if err != nil {
				t.Fatal(err)
			}
			_, rest, _ := strings.Cut(string(text), "\n")
			if err := os.WriteFile(pids[0], []byte(strconv.Itoa(os.Getppid())+"\n"+rest), 0o600); err != nil {
				t.Fatal(err)
			}

			pg = startPostgres(t, o)
			wantRows(t, pg, 1)
		})
	}
}

// A killed owner takes its servers along, and they stop cleanly.
func TestServersStopWhenTheirOwnerIsKilled(t *testing.T) {
	dir := openTempDir(t)
	owner := exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), ownerEnv+"="+dir)
	owner.Stderr = os.Stderr
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var postmaster, redis int
	if _, err := fmt.Sscan(line, &postmaster, &redis); err != nil {
		t.Fatal(err)
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()

	// At once, while the old servers may still be stopping.
	pg := startPostgres(t, embedded.Options{Dir: dir + "/pg"})
	startRedis(t, embedded.Options{Dir: dir + "/redis"})
	exec1(t, pg.DSN("lianzhen"), "select 1")
	eventually(t, "the old servers are gone", func() bool { return !alive(postmaster) && !alive(redis) })
	text, err := os.ReadFile(filepath.Join(dir, "pg", "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "not properly shut down") {
		t.Fatalf("the old server was not stopped cleanly:\n%s", text)
	}
}

func TestPostgresMissing(t *testing.T) {
	t.Setenv("PG_BIN", t.TempDir())
	_, err := embedded.StartPostgres(t.Context(), embedded.Options{Dir: t.TempDir()})
	var missing *embedded.MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Fatalf("got %v", err)
	}
}

func TestPostgresOfAnotherVersion(t *testing.T) {
	dir := openTempDir(t)
	stopPostgres(t, startPostgres(t, embedded.Options{Dir: dir}))
	if err := os.WriteFile(filepath.Join(dir, "cluster/data/PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := embedded.StartPostgres(t.Context(), embedded.Options{Dir: dir})
	var missing *embedded.MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "postgresql-9") {
		t.Fatalf("got %v", err)
	}
}

func TestFastServersLeaveNothing(t *testing.T) {
	base := t.TempDir()
	pg := startPostgres(t, embedded.Options{Dir: base, Fast: true})
	exec1(t, pg.DSN("lianzhen"), "select 1")
	conn := connect(t, pg.DSN("lianzhen"))
	var data string
	if err := conn.QueryRow(t.Context(), "show data_directory").Scan(&data); err != nil {
		t.Fatal(err)
	}
	stopPostgres(t, pg)
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Fatal("the data are still there:", data)
	}
}

func TestSweepRemovesOnlyWhatNobodyHolds(t *testing.T) {
	base := t.TempDir()
	folder := func(name string) string { return filepath.Join(base, embedded.FastPrefix+name) }
	held, left, young, starting := folder("redis-held"), folder("pg-left"), folder("pg-young"), folder("pg-starting")
	redis := startRedis(t, embedded.Options{Dir: held})
	for _, dir := range []string{left, young, starting} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{left, young} {
		if err := os.WriteFile(filepath.Join(dir, "lock"), []byte("1"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	for _, dir := range []string{held, left} {
		if err := os.Chtimes(filepath.Join(dir, "lock"), yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
	}
	embedded.Sweep(base)
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Error("a left folder is still there")
	}
	for _, dir := range []string{held, young, starting} {
		if _, err := os.Stat(dir); err != nil {
			t.Error("a folder is gone that may have an owner:", err)
		}
	}
	if !alive(redis.PID()) {
		t.Error("a held server was ended")
	}
}
