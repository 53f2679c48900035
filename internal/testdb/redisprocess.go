package testdb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisWait bounds how long a Redis, a cluster or a Sentinel set may take to be ready.
const redisWait = 30 * time.Second

// RedisProcess is a Redis (or a Sentinel) of one test alone, on a loopback port, that the test may stop, freeze and start again.
type RedisProcess struct {
	Addr string // host:port
	t    testing.TB
	dir  string
	args []string
	cmd  *exec.Cmd
}

// NewRedisProcess starts a Redis for this test with further arguments of redis-server. It is ended with the test.
func NewRedisProcess(t testing.TB, args ...string) *RedisProcess {
	t.Helper()
	p := newProcess(t, args)
	p.Start()
	return p
}

func newProcess(t testing.TB, args []string) *RedisProcess {
	port := freePort(t)
	p := &RedisProcess{t: t, Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), dir: t.TempDir()}
	p.args = append([]string{"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", p.dir, "--save", "", "--appendonly", "no"}, args...)
	t.Cleanup(p.Kill)
	return p
}

// freePort is a port that was free a moment ago.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal("testdb:", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// URL is the server's address for go-redis.
func (p *RedisProcess) URL() string { return "redis://" + p.Addr }

// Start starts the server, also after Kill, and waits until it answers. It comes back empty.
func (p *RedisProcess) Start() {
	p.t.Helper()
	log, err := os.OpenFile(filepath.Join(p.dir, "redis.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal("testdb:", err)
	}
	defer log.Close()
	p.cmd = exec.Command("redis-server", p.args...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal("testdb: start redis-server:", err)
	}
	p.until("the server answers", func(ctx context.Context, c *redis.Client) error { return c.Ping(ctx).Err() })
}

// Kill ends the server at once. It may be called twice.
func (p *RedisProcess) Kill() {
	if p.cmd == nil || p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// Freeze stops the server without closing its connections, as a machine that hangs.
func (p *RedisProcess) Freeze() { p.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (p *RedisProcess) Thaw() { p.signal(syscall.SIGCONT) }

func (p *RedisProcess) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal("testdb:", err)
	}
}

// until asks the server again and again until it gives no error.
func (p *RedisProcess) until(what string, ask func(context.Context, *redis.Client) error) {
	p.t.Helper()
	c := redis.NewClient(&redis.Options{Addr: p.Addr, MaxRetries: -1, DialerRetries: 1})
	defer c.Close()
	deadline := time.Now().Add(redisWait)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err := ask(ctx, c)
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(filepath.Join(p.dir, "redis.log"))
			p.t.Fatalf("testdb: until %s: %v\n%s", what, err, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// RedisCluster is a cluster of three masters.
type RedisCluster struct{ Nodes []*RedisProcess }

// NewRedisCluster starts a cluster of three for this test.
func NewRedisCluster(t testing.TB) *RedisCluster {
	t.Helper()
	c := &RedisCluster{}
	for i := range 3 {
		bus := strconv.Itoa(freePort(t))
		p := NewRedisProcess(t, "--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "2000")
		from, to := i*16384/3, (i+1)*16384/3-1
		p.until("it has its slots", func(ctx context.Context, r *redis.Client) error {
			if err := r.Do(ctx, "cluster", "addslotsrange", from, to).Err(); err != nil && !strings.Contains(err.Error(), "already busy") {
				return err
			}
			if i == 0 {
				return nil
			}
			host, port, _ := strings.Cut(c.Nodes[0].Addr, ":")
			return r.Do(ctx, "cluster", "meet", host, port, c.bus(0)).Err()
		})
		c.Nodes = append(c.Nodes, p)
	}
	for _, p := range c.Nodes {
		p.until("the cluster is whole", func(ctx context.Context, r *redis.Client) error {
			info, err := r.ClusterInfo(ctx).Result()
			if err != nil {
				return err
			}
			if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_known_nodes:3") || !strings.Contains(info, "cluster_size:3") {
				return errors.New(info)
			}
			return nil
		})
	}
	return c
}

// bus is the cluster bus port that a node was started with.
func (c *RedisCluster) bus(i int) string {
	args := c.Nodes[i].args
	for n, a := range args {
		if a == "--cluster-port" {
			return args[n+1]
		}
	}
	return ""
}

// URL is the cluster's address as the setting redis-url has it.
func (c *RedisCluster) URL() string {
	return fmt.Sprintf("redis://%s?addr=%s&addr=%s", c.Nodes[0].Addr, c.Nodes[1].Addr, c.Nodes[2].Addr)
}

// RedisSentinel is a master with one replica, watched by three Sentinels that replace it within seconds.
type RedisSentinel struct {
	Master, Replica *RedisProcess
	Sentinels       []*RedisProcess
}

// sentinelName is what the Sentinels call the set.
const sentinelName = "lianzhen"

// NewRedisSentinel starts a Sentinel set for this test.
func NewRedisSentinel(t testing.TB) *RedisSentinel {
	t.Helper()
	s := &RedisSentinel{Master: NewRedisProcess(t)}
	host, port, _ := strings.Cut(s.Master.Addr, ":")
	s.Replica = NewRedisProcess(t, "--replicaof", host+" "+port, "--repl-diskless-sync-delay", "0")
	s.Replica.until("the replica follows", func(ctx context.Context, r *redis.Client) error {
		info, err := r.Info(ctx, "replication").Result()
		if err == nil && !strings.Contains(info, "master_link_status:up") {
			err = errors.New(info)
		}
		return err
	})
	for range 3 {
		p := newProcess(t, nil)
		conf := filepath.Join(p.dir, "sentinel.conf")
		text := fmt.Sprintf("bind 127.0.0.1\nport %s\ndir %s\nsentinel monitor %s %s %s 2\nsentinel down-after-milliseconds %s 1000\nsentinel failover-timeout %s 5000\n",
			strings.TrimPrefix(p.Addr, "127.0.0.1:"), p.dir, sentinelName, host, port, sentinelName, sentinelName)
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal("testdb:", err)
		}
		p.args = []string{conf, "--sentinel"}
		p.Start()
		s.Sentinels = append(s.Sentinels, p)
	}
	for _, p := range s.Sentinels {
		p.until("the Sentinels know each other and the replica", func(ctx context.Context, r *redis.Client) error {
			info, err := r.Info(ctx, "sentinel").Result()
			if err == nil && !strings.Contains(info, "slaves=1,sentinels=3") {
				err = errors.New(info)
			}
			return err
		})
	}
	return s
}

// URL is the set's address as the setting redis-url has it.
func (s *RedisSentinel) URL() string {
	return fmt.Sprintf("redis://%s?master_name=%s&addr=%s&addr=%s", s.Sentinels[0].Addr, sentinelName, s.Sentinels[1].Addr, s.Sentinels[2].Addr)
}
