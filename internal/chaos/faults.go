package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
	"github.com/lianzhen-health/lianzhen/internal/chaos/wire"
)

// Fault is one thing that goes wrong, again and again for the length of its round.
type Fault struct {
	Name  string
	Title string
	Holds string // what must hold beside what always must
	// Hold is the time between injecting and healing, Rest the one after it.
	Hold, Rest time.Duration
	// Inject breaks something; what it gives heals it again.
	Inject func(ctx context.Context, r *round) (heal func(ctx context.Context) error, err error)
	// Mischief is the share of commands, per cent, that are sent twice, repeated or replayed.
	Mischief int
	// Sentinel asks for a Sentinel set instead of a single Redis.
	Sentinel bool
	// Needs says why it cannot run here, or nothing.
	Needs func(s *Site) string
	// Stops says that while it holds, and until everything is served again, no timer can act.
	Stops bool
	// Unavailable says that answers of 500 and above must be 503 with a time to try again.
	Unavailable bool
}

// Faults are those of the design's table, in its order.
func Faults() []Fault {
	return []Fault{
		{Name: "F1", Title: "kill -9 a node", Holds: "clients resume on other nodes; nothing acknowledged is lost", Hold: 1500 * time.Millisecond, Rest: 2500 * time.Millisecond, Inject: killNode},
		{Name: "F2", Title: "FLUSHALL", Holds: "the queue's order and everybody's place stay; the index is rebuilt", Hold: 4 * time.Second, Rest: time.Second, Inject: flush},
		{Name: "F3", Title: "Redis stopped, then killed", Holds: "dispatch goes on from SQL", Hold: 6 * time.Second, Rest: 3 * time.Second, Inject: stopRedis},
		{Name: "F4", Title: "PostgreSQL stopped at once", Holds: "no false acknowledgement; errors are 503 with Retry-After", Hold: 2 * time.Second, Rest: 5 * time.Second, Inject: stopPostgres, Stops: true, Unavailable: true},
		{Name: "F5", Title: "Sentinel failover", Holds: "lost Redis writes cost nothing", Hold: 6 * time.Second, Rest: 6 * time.Second, Inject: failover, Sentinel: true},
		{Name: "F6", Title: "a node cut from Redis, one way or both", Holds: "the node goes on from SQL and gives up leading", Hold: 6 * time.Second, Rest: 3 * time.Second, Inject: partRedis},
		{Name: "F7", Title: "bad radio: 300±100 ms, 5 % loss, 64 kbit/s", Holds: "no holes; commands end", Hold: 15 * time.Second, Rest: 2 * time.Second, Inject: badRadio},
		{Name: "F8", Title: "devices vanish without FIN", Holds: "presence ends; the request goes to others; what was missed is told on return", Hold: 42 * time.Second, Rest: 2 * time.Second, Inject: vanish},
		{Name: "F9", Title: "slow readers", Holds: "they are cut off within a minute, nobody else is slower, memory stays bounded", Hold: 36 * time.Second, Rest: 2 * time.Second, Inject: slowReaders},
		{Name: "F10", Title: "a node stopped for 15 s (SIGSTOP)", Holds: "it does nothing after its leases ended", Hold: 15 * time.Second, Rest: 5 * time.Second, Inject: pauseNode, Stops: false},
		{Name: "F11", Title: "clock of a node 5 min off", Holds: "deadlines follow the database's clock alone", Hold: 12 * time.Second, Rest: 3 * time.Second, Inject: skewNode, Needs: needsSkewed},
		{Name: "F12", Title: "duplicated, repeated, replayed, malformed", Holds: "no second effect; malformed frames end their own socket only", Hold: 2 * time.Second, Rest: 500 * time.Millisecond, Inject: malform, Mischief: 60},
		{Name: "F13", Title: "rolling restart (SIGTERM in turn)", Holds: "nothing lost; sockets resume", Hold: time.Second, Rest: 3 * time.Second, Inject: rolling},
		{Name: "F14", Title: "connections exhausted, rows and streams locked", Holds: "commands wait or are refused with 503; nothing is half done", Hold: 4 * time.Second, Rest: 3 * time.Second, Inject: exhaust, Stops: true, Unavailable: true},
		{Name: "F15", Title: "disk full below PostgreSQL", Holds: "closed, not wrong: no false acknowledgement", Hold: 3 * time.Second, Rest: 6 * time.Second, Inject: fillDisk, Needs: needsDisk, Stops: true, Unavailable: true},
	}
}

func killNode(_ context.Context, r *round) (func(context.Context) error, error) {
	n := r.site.victim()
	r.fault("kill -9", n.name)
	n.end(syscall.SIGKILL)
	return func(ctx context.Context) error { return n.start(ctx) }, nil
}

func flush(ctx context.Context, r *round) (func(context.Context) error, error) {
	c, err := r.site.redisClient(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	r.fault("flushall", "redis")
	return nothing, c.FlushAll(ctx).Err()
}

func nothing(context.Context) error { return nil }

// stopRedis stops it in one bout and kills it in the next.
func stopRedis(_ context.Context, r *round) (func(context.Context) error, error) {
	if r.bouts%2 == 0 {
		pid := r.site.redis.PID()
		r.fault("sigstop", "redis")
		return func(context.Context) error { return syscall.Kill(pid, syscall.SIGCONT) }, syscall.Kill(pid, syscall.SIGSTOP)
	}
	r.fault("kill -9", "redis")
	r.site.killRedis()
	return func(ctx context.Context) error { return r.site.restartRedis(ctx) }, nil
}

func stopPostgres(_ context.Context, r *round) (func(context.Context) error, error) {
	r.fault("immediate stop", "postgres")
	r.site.killPostgres()
	return func(ctx context.Context) error { return r.site.restartPostgres(ctx) }, nil
}

// failover stops the master for long enough that the Sentinels choose the other one; when it goes on it learns that it is a
// replica, and what it had taken in the meantime is gone.
func failover(ctx context.Context, r *round) (func(context.Context) error, error) {
	m, err := r.site.sentinel.master(ctx)
	if err != nil {
		return nil, err
	}
	r.fault("sigstop", "master "+m.address)
	m.signal(syscall.SIGSTOP)
	return func(ctx context.Context) error {
		wait, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		for {
			if now, err := r.site.sentinel.master(wait); err == nil && now != m {
				r.fault("new master", now.address)
				break
			}
			if !pause(wait, 200*time.Millisecond) {
				m.signal(syscall.SIGCONT)
				return errors.New("the Sentinels chose no new master")
			}
		}
		m.signal(syscall.SIGCONT)
		return nil
	}, nil
}

// partRedis cuts one node off, in turn both ways, only the answers, only the questions.
func partRedis(_ context.Context, r *round) (func(context.Context) error, error) {
	n := r.site.victim()
	how := []wire.Conditions{wire.Dead(), {Down: wire.Way{Dead: true}}, {Up: wire.Way{Dead: true}}}[r.bouts%3]
	r.fault([]string{"both ways", "no answers", "no questions"}[r.bouts%3], n.name+" to redis")
	n.redis.Set(how)
	return func(context.Context) error { n.redis.Set(wire.Conditions{}); return nil }, nil
}

func badRadio(_ context.Context, r *round) (func(context.Context) error, error) {
	way := wire.Way{Delay: 300 * time.Millisecond, Jitter: 100 * time.Millisecond, Loss: 0.05, Rate: 8000 * len(r.ward.people()) / nodeCount}
	r.fault("bad radio", "all clients")
	for _, n := range r.site.nodes {
		n.clients.Set(wire.Conditions{Up: way, Down: way})
	}
	return func(context.Context) error {
		for _, n := range r.site.nodes {
			n.clients.Set(wire.Conditions{})
		}
		return nil
	}, nil
}

// vanishing are the people whose devices vanish: a third of all.
func (w *ward) vanishing() (gone []*person) {
	for i, p := range w.people() {
		if i%3 == 0 {
			gone = append(gone, p)
		}
	}
	return gone
}

// vanish makes a third of the people deaf; their connections stay open and nobody is told.
func vanish(_ context.Context, r *round) (func(context.Context) error, error) {
	gone := r.ward.vanishing()
	for _, p := range gone {
		r.fault("vanish", p.name)
		p.socket.vanish(true)
	}
	from := time.Now()
	return func(context.Context) error {
		for _, p := range gone {
			r.absent(check.Absence{Doctor: p.id, From: from, Till: time.Now()})
			p.socket.vanish(false)
		}
		return nil
	}, nil
}

// slowReaders opens sockets beside the people's that ask much and read nothing. Each must be cut off by the server. They are of doctors whose devices
// do not vanish in the same round: until it is cut off, a slow reader is a device that is there, and its doctor may be rung.
func slowReaders(ctx context.Context, r *round) (func(context.Context) error, error) {
	const readers = 6
	gone := r.ward.vanishing()
	stay := slices.DeleteFunc(slices.Clone(r.ward.doctors), func(p *person) bool { return slices.Contains(gone, p) })
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	for i := range readers {
		p := stay[i%len(stay)]
		r.fault("stop reading", p.name)
		r.mu.Lock()
		r.asked++
		r.mu.Unlock()
		work.Go(func() {
			if cut, err := slowReader(ctx, p, r.site.nodes[i%nodeCount]); err == nil {
				r.slow(cut)
			}
		})
	}
	return func(context.Context) error {
		defer cancel()
		done := make(chan struct{})
		go func() { work.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(slowBound):
			cancel()
			<-done
		}
		return nil
	}, nil
}

func pauseNode(_ context.Context, r *round) (func(context.Context) error, error) {
	n := r.site.victim()
	r.fault("sigstop", n.name)
	n.signal(syscall.SIGSTOP)
	return func(context.Context) error { n.signal(syscall.SIGCONT); return nil }, nil
}

func needsSkewed(s *Site) string {
	if s.skewed == "" {
		return "there is no server built with a clock that can be set wrong (-skewed FILE; see deploy/FAULTS.md)"
	}
	return ""
}

// skewNode replaces a node by one whose clock is five minutes ahead, in the next bout behind.
func skewNode(ctx context.Context, r *round) (func(context.Context) error, error) {
	n := r.site.victim()
	step := "300"
	if r.bouts%2 == 1 {
		step = "-300"
	}
	r.fault("clock "+step+" s", n.name)
	n.end(syscall.SIGTERM)
	n.binary, n.env = r.site.skewed, []string{clockStep + "=" + step}
	heal := func(ctx context.Context) error {
		n.end(syscall.SIGTERM)
		n.binary, n.env = r.site.binary, nil
		return n.start(ctx)
	}
	return heal, n.start(ctx)
}

// rolling restarts every node, each once the one before serves again.
func rolling(ctx context.Context, r *round) (func(context.Context) error, error) {
	for _, n := range r.site.nodes {
		r.fault("sigterm", n.name)
		n.end(syscall.SIGTERM)
		if err := n.start(ctx); err != nil {
			return nothing, err
		}
	}
	return nothing, nil
}

// exhaust takes all connections that PostgreSQL has left, locks half of what waits, and one outbox stream.
func exhaust(ctx context.Context, r *round) (func(context.Context) error, error) {
	r.fault("exhaust and lock", "postgres")
	var taken []*pgx.Conn
	release := func(ctx context.Context) error {
		for _, c := range taken {
			_ = c.Close(ctx)
		}
		return nil
	}
	for len(taken) < 250 {
		c, err := pgx.Connect(ctx, r.site.databaseURL())
		if err != nil {
			break // no more
		}
		taken = append(taken, c)
	}
	if len(taken) < 2 {
		return release, fmt.Errorf("PostgreSQL gave %d connections", len(taken))
	}
	for i, lock := range []string{"SELECT id FROM consultations WHERE state = 'OFFERED' AND get_byte(uuid_send(id), 15) % 2 = 0 FOR UPDATE", "SELECT shard FROM outbox_shards WHERE shard = 3 FOR UPDATE"} {
		if _, err := taken[i].Exec(ctx, "BEGIN"); err != nil {
			return release, err
		}
		if _, err := taken[i].Exec(ctx, "SET lock_timeout = '2s'"); err != nil {
			return release, err
		}
		_, _ = taken[i].Exec(ctx, lock) // who does not get it in time does without
	}
	return release, nil
}

func needsDisk(s *Site) string {
	if s.disk == nil {
		return "a small file system of its own needs the right to mount (root) and a mount namespace"
	}
	return ""
}

// fillDisk takes all room on PostgreSQL's file system. A PostgreSQL that cannot write its log ends itself; it is started again
// once there is room.
func fillDisk(_ context.Context, r *round) (func(context.Context) error, error) {
	r.fault("fill", "disk of postgres")
	err := r.site.disk.fill()
	return func(ctx context.Context) error {
		r.fault("free", "disk of postgres")
		if err := r.site.disk.free(); err != nil {
			return err
		}
		return r.site.revivePostgres(ctx)
	}, err
}
