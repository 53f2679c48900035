package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5"
)

const (
	postgresUser   = "lianzhen"
	postgresSocket = ".s.PGSQL.5432"
	postgresStop   = syscall.SIGINT // fast shutdown: sessions end, a checkpoint is written
)

// Postgres is a running private PostgreSQL.
type Postgres struct {
	child   *child
	home    string // where the cluster is, see ordinary.homeFor
	sockets string
	log     *slog.Logger
	clean   func()
}

// StartPostgres starts the cluster in o.Dir, making it first when there is none, and returns when it answers and the
// database exists. The context bounds the start only; [Postgres.Stop] ends the server. Errors: [MissingError],
// [InUseError], or what the server's log said last.
func StartPostgres(ctx context.Context, o Options) (*Postgres, error) {
	who, err := chooseUser(o.user)
	if err != nil {
		return nil, err
	}
	dir, unlock, err := o.place("pg")
	if err != nil {
		return nil, err
	}
	p, err := startPostgres(ctx, o, who, dir)
	if err != nil {
		if o.Fast {
			_ = os.RemoveAll(dir)
		}
		unlock()
		return nil, err
	}
	p.clean = sync.OnceFunc(func() {
		if o.Fast {
			_ = os.RemoveAll(p.home)
			_ = os.RemoveAll(dir)
		}
		if !strings.HasPrefix(p.sockets, dir) {
			_ = os.Remove(p.sockets)
		}
		unlock()
	})
	return p, nil
}

func startPostgres(ctx context.Context, o Options, who ordinary, dir string) (*Postgres, error) {
	log := o.logger()
	home, err := who.homeFor(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(home, "data")
	near := dir
	if who.mode == userDrop {
		near = home // the only place that he is sure to enter
	}
	sockets, err := socketDir(near, postgresSocket+".lock", who)
	if err != nil {
		return nil, err
	}
	if n := endLeftOvers(data, postgresStop, "postgres"); n > 0 {
		log.Warn("ended processes of an earlier PostgreSQL", "processes", n, "folder", data)
	}
	// Nothing of ours runs now, so these can only be stale. Their number may belong to another process of this user by
	// now, and then PostgreSQL would refuse to start.
	_ = os.Remove(filepath.Join(data, "postmaster.pid"))
	_ = os.Remove(filepath.Join(sockets, postgresSocket+".lock"))

	programs, err := findPostgres(clusterMajor(data))
	if err != nil {
		return nil, err
	}
	if err := initCluster(ctx, programs, who, data, log); err != nil {
		return nil, err
	}
	logPath := filepath.Join(dir, "postgres.log")
	logFile, err := openLog(logPath)
	if err != nil {
		return nil, err
	}
	defer logFile.Close()
	cmd := command(who, filepath.Join(programs.dir, "postgres"), append(postgresArgs(data, sockets, o.Fast), o.ExtraArgs...)...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	c, err := startChild("PostgreSQL", cmd, postgresStop)
	if err != nil {
		return nil, err
	}
	p := &Postgres{child: c, home: home, sockets: sockets, log: log}
	name := o.Database
	if name == "" {
		name = "lianzhen"
	}
	if err := c.ready(ctx, func(ctx context.Context) error { return p.ensureDatabase(ctx, name) }); err != nil {
		_ = c.stop(context.WithoutCancel(ctx), postgresStop, syscall.SIGQUIT)
		return nil, fmt.Errorf("%w; the end of %s:\n%s", err, logPath, lastLines(logPath, 8))
	}
	log.Info("PostgreSQL started", "version", programs.major, "folder", data, "user", string(who.mode), "pid", cmd.Process.Pid)
	return p, nil
}

// clusterMajor is the major version that made the cluster, 0 when there is none.
func clusterMajor(data string) int {
	text, _ := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	major, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return major
}

func initCluster(ctx context.Context, programs postgresPrograms, who ordinary, data string, log *slog.Logger) error {
	if clusterMajor(data) > 0 {
		return nil
	}
	making := data + ".new"
	if err := os.RemoveAll(making); err != nil {
		return fmt.Errorf("remove an unfinished cluster: %w", err)
	}
	log.Info("making a PostgreSQL cluster", "version", programs.major, "folder", data)
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	cmd := command(who, filepath.Join(programs.dir, "initdb"), "-D", making, "-U", postgresUser, "--encoding=UTF8", "--locale=C.UTF-8",
		"--auth=trust", "--no-instructions")
	if said, err := outputOf(ctx, cmd); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, said)
	}
	if err := os.Rename(making, data); err != nil {
		return fmt.Errorf("put the new cluster in place: %w", err)
	}
	return nil
}

// outputOf runs a short program to its end, or to the end of the context.
func outputOf(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	c, err := startChild(filepath.Base(cmd.Path), cmd, syscall.SIGTERM)
	if err != nil {
		return "", err
	}
	select {
	case <-c.ended:
		return out.String(), c.err
	case <-ctx.Done():
		_ = c.stop(ctx, syscall.SIGTERM, syscall.SIGKILL)
		return out.String(), ctx.Err()
	}
}

// command runs a program as the ordinary user, in a folder that he can enter, with an environment that says nothing.
func command(who ordinary, path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.SysProcAttr, cmd.Dir = who.attr(), "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	return cmd
}

func postgresArgs(data, sockets string, fast bool) []string {
	settings := []string{
		"listen_addresses=", "unix_socket_permissions=0700", "max_connections=200", "shared_buffers=128MB",
		"timezone=UTC", "log_timezone=UTC", "log_min_messages=warning",
		// Statements may carry what residents told us; the log must not.
		"log_min_error_statement=panic", "log_parameter_max_length_on_error=0",
	}
	if fast {
		settings = append(settings, "max_connections=500", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"wal_level=minimal", "max_wal_senders=0", "checkpoint_timeout=1h", "max_wal_size=4GB", "autovacuum=off")
	}
	args := []string{"-D", data, "-k", sockets}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	return args
}

// ensureDatabase makes the database when it is not there. Only ever one caller at a time: the folder is locked.
func (p *Postgres) ensureDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, p.DSN("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	return err
}

// DSN is the connection URL of a database in the cluster, for pgx and database/sql.
func (p *Postgres) DSN(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(postgresUser), Path: "/" + database, RawQuery: url.Values{"host": {p.sockets}}.Encode()}
	return u.String()
}

// PID is the postmaster's process number.
func (p *Postgres) PID() int { return p.child.cmd.Process.Pid }

// Done gives one error when the server ends without having been told to, and is closed when it has ended.
func (p *Postgres) Done() <-chan error { return p.child.done }

// Stop shuts the cluster down: sessions are ended, what was committed is kept. It may be called twice. An error means that
// the server had to be ended by force, which the next start repairs.
func (p *Postgres) Stop(ctx context.Context) error {
	err := p.child.stop(ctx, postgresStop, syscall.SIGQUIT)
	p.clean()
	p.log.Info("PostgreSQL stopped", "clean", err == nil)
	return err
}
