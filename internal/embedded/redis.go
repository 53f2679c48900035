package embedded

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

const (
	redisSocket = "redis.sock"
	redisStop   = syscall.SIGTERM
)

// redisNames are what the server's process may be called.
var redisNames = []string{"redis-server", "valkey-server"}

// Redis is a running private Redis.
type Redis struct {
	child  *child
	socket string
	log    *slog.Logger
	clean  func()
}

// StartRedis starts a Redis whose append-only file is in o.Dir (written out every second, so a power cut costs at most
// that second) and returns when it answers. The context bounds the start only. Errors: [MissingError], [InUseError], or
// what the server's log said last.
func StartRedis(ctx context.Context, o Options) (*Redis, error) {
	program, err := findRedis()
	if err != nil {
		return nil, err
	}
	dir, unlock, err := o.place("redis")
	if err != nil {
		return nil, err
	}
	r, err := startRedis(ctx, o, program, dir)
	if err != nil {
		if o.Fast {
			_ = os.RemoveAll(dir)
		}
		unlock()
		return nil, err
	}
	r.clean = sync.OnceFunc(func() {
		if o.Fast {
			_ = os.RemoveAll(dir)
		}
		if sockets := filepath.Dir(r.socket); !strings.HasPrefix(sockets, dir) {
			_ = os.Remove(sockets)
		}
		unlock()
	})
	return r, nil
}

func startRedis(ctx context.Context, o Options, program, dir string) (*Redis, error) {
	log := o.logger()
	who, err := chooseUser(userSelf)
	if err != nil {
		return nil, err
	}
	sockets, err := socketDir(dir, redisSocket, who)
	if err != nil {
		return nil, err
	}
	if n := endLeftOvers(dir, redisStop, redisNames...); n > 0 {
		log.Warn("ended an earlier Redis", "processes", n, "folder", dir)
	}
	logPath := filepath.Join(dir, "redis.log")
	logFile, err := openLog(logPath)
	if err != nil {
		return nil, err
	}
	defer logFile.Close()
	socket := filepath.Join(sockets, redisSocket)
	cmd := command(who, program, append(redisArgs(dir, socket, o.Fast), o.ExtraArgs...)...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	c, err := startChild("Redis", cmd, redisStop)
	if err != nil {
		return nil, err
	}
	if err := c.ready(ctx, func(ctx context.Context) error { return ping(ctx, socket) }); err != nil {
		_ = c.stop(context.WithoutCancel(ctx), redisStop, syscall.SIGKILL)
		return nil, fmt.Errorf("%w; the end of %s:\n%s", err, logPath, lastLines(logPath, 8))
	}
	log.Info("Redis started", "folder", dir, "pid", cmd.Process.Pid)
	return &Redis{child: c, socket: socket, log: log}, nil
}

func redisArgs(dir, socket string, fast bool) []string {
	appendOnly := "yes"
	if fast {
		appendOnly = "no"
	}
	return []string{"--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", dir, "--daemonize", "no",
		"--appendonly", appendOnly, "--appendfsync", "everysec", "--save", ""}
}

// ping asks for a PONG; while the append-only file is being read the answer is an error.
func ping(ctx context.Context, socket string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end)
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "+PONG") {
		return fmt.Errorf("redis says %s", strings.TrimSpace(line))
	}
	return nil
}

// URL is the server's address for go-redis.
func (r *Redis) URL() string { return (&url.URL{Scheme: "unix", Path: r.socket}).String() }

// PID is the server's process number.
func (r *Redis) PID() int { return r.child.cmd.Process.Pid }

// Done gives one error when the server ends without having been told to, and is closed when it has ended.
func (r *Redis) Done() <-chan error { return r.child.done }

// Stop ends the server after it has written out its file. It may be called twice.
func (r *Redis) Stop(ctx context.Context) error {
	err := r.child.stop(ctx, redisStop, syscall.SIGKILL)
	r.clean()
	r.log.Info("Redis stopped", "clean", err == nil)
	return err
}
