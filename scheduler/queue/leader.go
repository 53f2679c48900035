package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// errLost: the generation is not in Redis as it was written. It is written anew.
var errLost = errors.New("queue index: the generation was lost")

// campaign tries to be the leader again and again, and leads while it is. It ends with ctx.
func (x *Index) campaign(ctx context.Context) {
	for ctx.Err() == nil {
		err := x.stand(ctx)
		x.leads.Set(0)
		x.drift.Set(0)
		x.entries.Set(0)
		if err != nil && ctx.Err() == nil {
			x.log.WarnContext(ctx, "queue index: not a candidate for now", "error", err)
		}
		pause(ctx, campaignEvery)
	}
}

// stand opens a session of its own, waits for the lock and leads.
func (x *Index) stand(ctx context.Context) error {
	l, err := x.open(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	for {
		mine, err := l.q.LeadQueueIndex(ctx)
		if err != nil {
			return fmt.Errorf("ask for the lock: %w", err)
		}
		if mine {
			break
		}
		if !pause(ctx, campaignEvery) {
			return nil
		}
	}
	x.leads.Set(1)
	if _, err := l.conn.Exec(ctx, "LISTEN outbox"); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return l.lead(ctx)
}

// open makes a candidate. Everything that a leader asks of PostgreSQL goes through its one session: when that ends, so does
// the term.
func (x *Index) open(ctx context.Context) (*leader, error) {
	cfg := x.st.Pool.Config().ConnConfig.Copy()
	l := &leader{Index: x}
	cfg.OnNotification = func(*pgconn.PgConn, *pgconn.Notification) { l.woken = true }
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	l.conn, l.q = conn, db.New(conn)
	return l, nil
}

func (l *leader) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.conn.Close(ctx)
}

// leader keeps the index during one term. It belongs to one goroutine.
type leader struct {
	*Index
	conn  *pgx.Conn
	q     *db.Queries
	woken bool

	written // what Redis holds; term 0: nothing that can be relied on
}

// written is what the leader wrote into a generation.
type written struct {
	term      int64
	positions map[int16]int64           // of the outbox: everything up to here is in it
	standing  map[uuid.UUID]standing    // by consultation
	targets   map[string]int64          // by urgency
	parts     map[uuid.UUID][]uuid.UUID // departments by hospital
}

// lead follows the outbox until the session or ctx ends. Redis may come and go meanwhile.
func (l *leader) lead(ctx context.Context) error {
	var beat, compared time.Time
	for ctx.Err() == nil {
		var err error
		switch {
		case l.term == 0:
			if err = l.rebuild(ctx); err == nil {
				beat, compared = time.Now(), time.Now()
			}
		default:
			err = l.follow(ctx)
			if err == nil && time.Since(beat) >= beatEvery {
				beat, err = time.Now(), l.beat(ctx)
			}
			if err == nil && time.Since(compared) >= reconcileEvery {
				compared, err = time.Now(), l.reconcile(ctx)
			}
		}
		switch {
		case err == nil:
		case l.conn.IsClosed():
			return fmt.Errorf("the session ended: %w", err)
		case errors.Is(err, errLost):
			l.log.WarnContext(ctx, "queue index: written anew", "reason", err)
			l.written = written{}
			continue
		default:
			if ctx.Err() == nil {
				l.log.WarnContext(ctx, "queue index: not kept for now", "error", err)
			}
			l.written = written{}
			l.entries.Set(0)
			pause(ctx, lookEvery)
		}
		// Commits come in bursts, and one look serves all of them.
		pause(ctx, followGap)
		l.rest(ctx, beatEvery-followGap)
	}
	return nil
}

// rest waits until the outbox has something new, or for the next beat.
func (l *leader) rest(ctx context.Context, most time.Duration) {
	if !l.woken {
		within, cancel := context.WithTimeout(ctx, most)
		_ = l.conn.PgConn().WaitForNotification(within) // a broken session shows at the next question
		cancel()
	}
	l.woken = false
}

// follow writes what changed since the last look.
func (l *leader) follow(ctx context.Context) error {
	touched, err := l.news(ctx)
	if err != nil || len(touched) == 0 {
		return err
	}
	return l.apply(ctx, touched)
}

// newsAtOnce bounds one look at the outbox.
const newsAtOnce = 2000

// news reads the outbox to its present end and names the consultations that it speaks of.
func (l *leader) news(ctx context.Context) ([]uuid.UUID, error) {
	var touched []uuid.UUID
	seen := map[uuid.UUID]bool{}
	for {
		p := db.QueueNewsParams{Most: newsAtOnce}
		for shard, seq := range l.positions {
			p.Shards, p.Positions = append(p.Shards, shard), append(p.Positions, seq)
		}
		within, cancel := context.WithTimeout(ctx, writeTime)
		rows, err := l.q.QueueNews(within, p)
		cancel()
		if err != nil {
			return nil, fmt.Errorf("read the outbox: %w", err)
		}
		for _, r := range rows {
			if r.Seq != l.positions[r.Shard]+1 {
				return nil, fmt.Errorf("%w: the outbox has a hole before %d of shard %d", errLost, r.Seq, r.Shard)
			}
			l.positions[r.Shard] = r.Seq
			if (r.Topic == "queue.changed" || r.Topic == "consultation.changed") && !seen[r.Key] {
				seen[r.Key] = true
				touched = append(touched, r.Key)
			}
		}
		if len(rows) < newsAtOnce {
			return touched, nil
		}
	}
}

// apply asks the database where the consultations stand now and writes that.
func (l *leader) apply(ctx context.Context, ids []uuid.UUID) error {
	within, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	rows, err := l.q.QueueStandingOf(within, ids)
	if err != nil {
		return fmt.Errorf("read what changed: %w", err)
	}
	list := make([]db.QueueStandingRow, len(rows))
	for i, r := range rows {
		list[i] = db.QueueStandingRow(r)
	}
	now := standings(list)
	for _, id := range ids {
		if err := l.put(within, id, now[id]); err != nil {
			return err
		}
	}
	l.entries.Set(float64(len(l.standing)))
	return nil
}

// put writes where one consultation stands; the zero standing is nowhere.
func (l *leader) put(ctx context.Context, id uuid.UUID, now standing) error {
	was := l.standing[id]
	if was.equal(now) {
		return nil
	}
	for _, hospital := range (standing{places: append(append([]place{}, now.places...), was.places...)}).hospitals() {
		p := partOf(l.term, hospital)
		if _, known := l.parts[hospital]; !known {
			return fmt.Errorf("%w: hospital %s is new", errLost, hospital)
		}
		keys := []string{p.live(), p.own(), p.wide()}
		stands := now.in(hospital)
		for _, at := range stands {
			keys = append(keys, p.set(at))
		}
		for _, at := range was.in(hospital) {
			if !contains(stands, at) {
				keys = append(keys, p.set(at))
			}
		}
		own, wide := "", 0
		if now.own != 0 {
			own = fmt.Sprint(now.own)
		}
		if now.wide() {
			wide = 1
		}
		live, err := l.place.Run(ctx, l.redis, keys, id.String(), now.sinceMS, own, wide, len(stands), keptFor.Milliseconds()).Int()
		if err != nil {
			return fmt.Errorf("write to Redis: %w", err)
		}
		if live == 0 {
			return fmt.Errorf("%w: hospital %s is not live", errLost, hospital)
		}
	}
	if len(now.places) == 0 {
		delete(l.standing, id)
	} else {
		l.standing[id] = now
	}
	return nil
}

func contains(all []lane, one lane) bool {
	for _, l := range all {
		if l == one {
			return true
		}
	}
	return false
}

// pause waits and says whether there is still something to do.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
