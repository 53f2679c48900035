package chaos

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// sentinelSet is a Redis with a replica and three Sentinels, on loopback ports.
type sentinelSet struct {
	redis     []*daemon // the first one begins as master
	sentinels []*daemon
}

const masterName = "lianzhen"

// daemon is a child that is ended by its number.
type daemon struct {
	cmd     *exec.Cmd
	ended   chan struct{}
	address string
}

func (d *daemon) signal(sig syscall.Signal) {
	select {
	case <-d.ended:
	default:
		_ = d.cmd.Process.Signal(sig)
	}
}

func (d *daemon) end() {
	d.signal(syscall.SIGCONT)
	d.signal(syscall.SIGTERM)
	select {
	case <-d.ended:
	case <-time.After(5 * time.Second):
		d.signal(syscall.SIGKILL)
		<-d.ended
	}
}

func startSentinels(ctx context.Context, dir string) (_ *sentinelSet, err error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &sentinelSet{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	run := func(name, conf string, args ...string) (*daemon, error) {
		address, err := freeAddress(false)
		if err != nil {
			return nil, err
		}
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, name+".conf")
		text := "port " + port + "\nbind 127.0.0.1\ndaemonize no\nsave \"\"\nprotected-mode no\ndir " + dir + "\nlogfile " + filepath.Join(dir, name+".log") + "\n" + conf
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
		cmd := exec.Command(program, append([]string{file}, args...)...)
		ended, err := startProcess(cmd)
		if err != nil {
			return nil, err
		}
		d := &daemon{cmd: cmd, ended: ended, address: address}
		return d, answering(ctx, d)
	}
	for i, name := range []string{"one", "two"} {
		conf := "appendonly no\nrepl-diskless-sync-delay 0\n"
		if i > 0 {
			host, port, _ := net.SplitHostPort(s.redis[0].address)
			conf += "replicaof " + host + " " + port + "\n"
		}
		d, err := run(name, conf)
		if d != nil {
			s.redis = append(s.redis, d)
		}
		if err != nil {
			return nil, err
		}
	}
	host, port, _ := net.SplitHostPort(s.redis[0].address)
	for i := range 3 {
		conf := fmt.Sprintf("sentinel monitor %[1]s %[2]s %[3]s 2\nsentinel down-after-milliseconds %[1]s 2000\nsentinel failover-timeout %[1]s 6000\nsentinel parallel-syncs %[1]s 1\n",
			masterName, host, port)
		d, err := run(fmt.Sprintf("sentinel%d", i+1), conf, "--sentinel")
		if d != nil {
			s.sentinels = append(s.sentinels, d)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, s.known(ctx)
}

// answering waits for the PONG.
func answering(ctx context.Context, d *daemon) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	c := redis.NewClient(&redis.Options{Addr: d.address, MaxRetries: -1})
	defer c.Close()
	for {
		err := c.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		if !pause(ctx, 30*time.Millisecond) {
			return fmt.Errorf("redis at %s does not answer: %w", d.address, err)
		}
	}
}

// known waits until every Sentinel knows the other two and the replica, without which there is no failover.
func (s *sentinelSet) known(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	for {
		all := true
		for _, d := range s.sentinels {
			c := redis.NewSentinelClient(&redis.Options{Addr: d.address})
			m, err := c.Master(ctx, masterName).Result()
			_ = c.Close()
			all = all && err == nil && m["num-slaves"] == "1" && m["num-other-sentinels"] == "2"
		}
		if all {
			return nil
		}
		if !pause(ctx, 200*time.Millisecond) {
			return fmt.Errorf("the Sentinels did not find each other: %w", ctx.Err())
		}
	}
}

// master is who the Sentinels say it is.
func (s *sentinelSet) master(ctx context.Context) (*daemon, error) {
	for _, d := range s.sentinels {
		c := redis.NewSentinelClient(&redis.Options{Addr: d.address})
		at, err := c.GetMasterAddrByName(ctx, masterName).Result()
		_ = c.Close()
		if err != nil {
			continue
		}
		for _, r := range s.redis {
			if r.address == strings.Join(at, ":") {
				return r, nil
			}
		}
	}
	return nil, fmt.Errorf("no Sentinel names a master")
}

func (s *sentinelSet) url() string {
	return fmt.Sprintf("redis://%s/0?master_name=%s&addr=%s&addr=%s", s.sentinels[0].address, masterName, s.sentinels[1].address, s.sentinels[2].address)
}

func (s *sentinelSet) close() {
	for _, d := range append(append([]*daemon{}, s.sentinels...), s.redis...) {
		d.end()
	}
}
