package app

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

// installation is some nodes on one database, one Redis and one key, each a process of its own.
type installation struct {
	t     testing.TB
	pool  *pgxpool.Pool
	env   []string
	dir   string
	nodes []*process
}

// process is a running node.
type process struct {
	name string
	url  string
	cmd  *exec.Cmd
	done chan struct{}

	mu   sync.Mutex
	gone bool
}

func (p *process) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.gone
}

// end sends a signal; from now on pages connect elsewhere, as behind a balancer.
func (p *process) end(s syscall.Signal) {
	p.mu.Lock()
	p.gone = true
	p.mu.Unlock()
	_ = p.cmd.Process.Signal(s)
}

// install starts nodes with the demo data.
func install(t testing.TB, names ...string) *installation {
	t.Helper()
	dsn := testdb.DSN(t)
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	in := &installation{t: t, pool: pool, dir: t.TempDir()}
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "LIANZHEN_") && !strings.HasPrefix(kv, "DATABASE_URL=") && !strings.HasPrefix(kv, "REDIS_URL=") {
			in.env = append(in.env, kv)
		}
	}
	in.env = append(in.env, serveEnv+"=1", "DATABASE_URL="+dsn, "REDIS_URL="+testdb.RedisURL(t), "LIANZHEN_DEMO=true",
		"LIANZHEN_ENCRYPTION_KEY_FILE="+filepath.Join(in.dir, "keys"), "LIANZHEN_LOG_FORMAT=text", "LIANZHEN_SHUTDOWN_GRACE=60s")
	var work sync.WaitGroup
	in.nodes = make([]*process, len(names))
	for i, name := range names { // at once: the first to come migrates and fills the database
		work.Go(func() { in.nodes[i] = in.start(name) })
	}
	work.Wait()
	for _, n := range in.nodes {
		if n == nil {
			t.FailNow()
		}
	}
	return in
}

// start starts a node and waits until it is ready.
func (in *installation) start(name string) *process {
	in.t.Helper()
	program, err := os.Executable()
	if err != nil {
		in.t.Error(err)
		return nil
	}
	logs, err := os.Create(filepath.Join(in.dir, name+".log"))
	if err != nil {
		in.t.Error(err)
		return nil
	}
	p := &process{name: name, done: make(chan struct{}),
		cmd: exec.Command(program, "-node", name, "-listen", "127.0.0.1:0", "-media-udp", "127.0.0.1:0", "-data-dir", filepath.Join(in.dir, name))}
	p.cmd.Env, p.cmd.Stderr = in.env, logs
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		in.t.Error(err)
		return nil
	}
	in.t.Cleanup(func() {
		p.end(syscall.SIGKILL)
		<-p.done
		_ = logs.Close()
		if in.t.Failed() {
			if text, err := os.ReadFile(logs.Name()); err == nil {
				in.t.Logf("log of %s:\n%s", name, text[max(0, len(text)-8000):])
			}
		}
	})
	lines := bufio.NewScanner(out)
	for p.url == "" && lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); strings.HasPrefix(line, "http://") {
			p.url = line
		}
	}
	go func() {
		defer close(p.done)
		_, _ = io.Copy(io.Discard, out)
		_ = p.cmd.Wait()
	}()
	if p.url == "" {
		in.t.Errorf("%s printed no address", name)
		return nil
	}
	if !soon(in.t, func() bool { return p.status("/readyz") == http.StatusOK }) {
		in.t.Errorf("%s is never ready", name)
		return nil
	}
	return p
}

// status is the HTTP status of a page, 0 when the node does not answer.
func (p *process) status(path string) int {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return 0
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// text is the body of a page.
func (p *process) text(t testing.TB, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// soon waits for a condition that another process brings about.
func soon(t testing.TB, is func() bool) bool {
	t.Helper()
	end := time.NewTimer(2 * time.Minute)
	defer end.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-end.C:
			return false
		case <-look.C:
		}
	}
	return true
}

// eventually fails the test when a condition never comes true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	if !soon(t, is) {
		t.Fatal("never: ", what)
	}
}

// value reads one value from the database.
func value[T any](in *installation, sql string, args ...any) (v T) {
	in.t.Helper()
	if err := in.pool.QueryRow(in.t.Context(), sql, args...).Scan(&v); err != nil {
		in.t.Fatalf("%s: %v", sql, err)
	}
	return v
}
