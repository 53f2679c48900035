package chaos

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/chaos/wire"
	"github.com/lianzhen-health/lianzhen/internal/embedded"
)

// Site is what a fault acts on: three nodes, a PostgreSQL and a Redis (or a Sentinel set), all real processes of its own in a
// temporary folder, with lines between them.
type Site struct {
	dir    string
	binary string
	skewed string // a server whose clock can be set wrong, or nothing
	http   *http.Client
	log    *slog.Logger
	nodes  []*node

	dbMu     sync.Mutex
	postgres *embedded.Postgres
	redis    *embedded.Redis
	sentinel *sentinelSet // instead of redis
	disk     *disk        // the small file system below PostgreSQL, when there is one

	randMu sync.Mutex
	rand   *rand.Rand
}

const nodeCount = 3

// openSite starts everything. Memory is the place for the files where there is room: the suite kills processes, never the machine.
func openSite(ctx context.Context, o Options, withSentinel bool) (_ *Site, err error) {
	base := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		base = "/dev/shm"
	}
	dir, err := os.MkdirTemp(base, "lianzhen-chaos-")
	if err != nil {
		return nil, fmt.Errorf("a folder for the servers: %w", err)
	}
	s := &Site{dir: dir, binary: o.Binary, skewed: o.Skewed, log: slog.New(slog.DiscardHandler), rand: rand.New(rand.NewPCG(o.Seed, 77)),
		http: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
	defer func() {
		if err != nil {
			s.close(context.WithoutCancel(ctx))
		}
	}()
	if s.disk, err = mountDisk(filepath.Join(dir, "disk")); err != nil {
		s.disk = nil // a fault that needs it says so
	}
	if s.postgres, err = s.startPostgres(ctx); err != nil {
		return nil, err
	}
	if withSentinel {
		s.sentinel, err = startSentinels(ctx, filepath.Join(dir, "sentinel"))
	} else {
		s.redis, err = embedded.StartRedis(ctx, embedded.Options{Dir: filepath.Join(dir, "redis"), Logger: s.log})
	}
	if err != nil {
		return nil, err
	}
	for i := range nodeCount {
		n := &node{name: fmt.Sprintf("n%d", i+1), site: s, binary: o.Binary}
		for _, at := range []*string{&n.listen, &n.media} {
			if *at, err = freeAddress(at == &n.media); err != nil {
				return nil, err
			}
		}
		seed := o.Seed + uint64(i)*10
		if n.clients, err = wire.New(seed, func() (string, string) { return "tcp", n.listen }); err != nil {
			return nil, err
		}
		s.nodes = append(s.nodes, n)
		if n.postgres, err = wire.New(seed+1, func() (string, string) { return "unix", s.postgresSocket() }); err != nil {
			return nil, err
		}
		if n.redis, err = wire.New(seed+2, func() (string, string) { return s.redisAddress() }); err != nil {
			return nil, err
		}
	}
	for _, n := range s.nodes { // one after the other: the first one makes the demo
		if err := n.start(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// startPostgres keeps every durability setting: what a killed server had acknowledged must be there again.
func (s *Site) startPostgres(ctx context.Context) (*embedded.Postgres, error) {
	dir := filepath.Join(s.dir, "postgres")
	// Shared memory as files among its data: that of a killed server goes with the folder.
	args := []string{"-c", "dynamic_shared_memory_type=mmap"}
	if s.disk != nil {
		dir = filepath.Join(s.disk.dir, "postgres")
		args = append(args, "-c", "max_wal_size=128MB", "-c", "min_wal_size=32MB")
	}
	return embedded.StartPostgres(ctx, embedded.Options{Dir: dir, Logger: s.log, ExtraArgs: args})
}

// freeAddress finds a loopback port that nothing uses.
func freeAddress(udp bool) (string, error) {
	if udp {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		defer c.Close()
		return c.LocalAddr().String(), nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// databaseURL leads to PostgreSQL without any line.
func (s *Site) databaseURL() string {
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	return s.postgres.DSN("lianzhen")
}

func (s *Site) postgresSocket() string {
	u, err := url.Parse(s.databaseURL())
	if err != nil {
		return ""
	}
	return filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432")
}

func (s *Site) databaseThrough(l *wire.Line) string {
	return "postgres://lianzhen@" + l.Address() + "/lianzhen?sslmode=disable"
}

func (s *Site) redisThrough(l *wire.Line) string {
	if s.sentinel != nil {
		return s.sentinel.url()
	}
	return "redis://" + l.Address() + "/0"
}

func (s *Site) redisAddress() (network, address string) {
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	if s.redis == nil {
		return "tcp", "127.0.0.1:1"
	}
	u, err := url.Parse(s.redis.URL())
	if err != nil {
		return "tcp", "127.0.0.1:1"
	}
	return "unix", u.Path
}

// redisClient leads to Redis, or to the master of the Sentinels' choice, without any line. The caller closes it.
func (s *Site) redisClient(ctx context.Context) (*redis.Client, error) {
	if s.sentinel == nil {
		network, address := s.redisAddress()
		return redis.NewClient(&redis.Options{Network: network, Addr: address}), nil
	}
	m, err := s.sentinel.master(ctx)
	if err != nil {
		return nil, err
	}
	return redis.NewClient(&redis.Options{Addr: m.address}), nil
}

// pick gives the node that a person tries next: any of them; a page whose node is gone finds out by trying.
func (s *Site) pick(p *person) *node { return s.nodes[p.number(len(s.nodes))] }

// victim draws a node.
func (s *Site) victim() *node {
	s.randMu.Lock()
	defer s.randMu.Unlock()
	return s.nodes[s.rand.IntN(len(s.nodes))]
}

// killPostgres ends it at once, as `pg_ctl stop -m immediate` does: sessions are cut off and nothing is written out.
func (s *Site) killPostgres() {
	s.dbMu.Lock()
	pg := s.postgres
	s.dbMu.Unlock()
	_ = syscall.Kill(pg.PID(), syscall.SIGQUIT)
	<-pg.Done()
}

// restartPostgres starts it again on the same files; recovery is PostgreSQL's own.
func (s *Site) restartPostgres(ctx context.Context) error {
	s.dbMu.Lock()
	old := s.postgres
	s.dbMu.Unlock()
	_ = old.Stop(ctx)
	pg, err := s.startPostgres(ctx)
	if err != nil {
		return err
	}
	s.dbMu.Lock()
	s.postgres = pg
	s.dbMu.Unlock()
	return nil
}

// revivePostgres starts PostgreSQL again when it has ended by itself.
func (s *Site) revivePostgres(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.databaseURL())
	if err == nil {
		return conn.Close(ctx)
	}
	select {
	case <-s.postgres.Done():
		return s.restartPostgres(ctx)
	case <-time.After(20 * time.Second): // it recovers by itself
	}
	if conn, err = pgx.Connect(ctx, s.databaseURL()); err != nil {
		return s.restartPostgres(ctx)
	}
	return conn.Close(ctx)
}

// killRedis ends Redis with SIGKILL; restartRedis starts it again with what its file holds.
func (s *Site) killRedis() {
	_ = syscall.Kill(s.redis.PID(), syscall.SIGKILL)
	<-s.redis.Done()
}

func (s *Site) restartRedis(ctx context.Context) error {
	_ = s.redis.Stop(ctx)
	r, err := embedded.StartRedis(ctx, embedded.Options{Dir: filepath.Join(s.dir, "redis"), Logger: s.log})
	if err != nil {
		return err
	}
	s.dbMu.Lock()
	s.redis = r
	s.dbMu.Unlock()
	return nil
}

// whole makes sure that everything runs again and every line is good; what had to be started again is told.
func (s *Site) whole(ctx context.Context) (told []string, err error) {
	for _, n := range s.nodes {
		for _, l := range []*wire.Line{n.clients, n.postgres, n.redis} {
			l.Set(wire.Conditions{})
		}
		n.signal(syscall.SIGCONT)
		told = append(told, n.deaths()...)
	}
	for _, n := range s.nodes {
		if n.running() {
			err = errors.Join(err, n.ready(ctx, startWait))
			continue
		}
		err = errors.Join(err, n.start(ctx))
	}
	return told, err
}

// close ends what was started, each by its number, and removes the folder.
func (s *Site) close(ctx context.Context) {
	var work sync.WaitGroup
	for _, n := range s.nodes {
		work.Go(func() { n.end(syscall.SIGTERM) })
	}
	work.Wait()
	for _, n := range s.nodes {
		for _, l := range []*wire.Line{n.clients, n.postgres, n.redis} {
			if l != nil {
				l.Close()
			}
		}
	}
	if s.redis != nil {
		_ = s.redis.Stop(ctx)
	}
	if s.sentinel != nil {
		s.sentinel.close()
	}
	if s.postgres != nil {
		_ = s.postgres.Stop(ctx)
	}
	if s.disk != nil {
		s.disk.close()
	}
	_ = os.RemoveAll(s.dir)
}
