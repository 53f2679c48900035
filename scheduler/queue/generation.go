package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// rebuild writes a new generation from the database, points readers to it and lets the one before lapse.
func (l *leader) rebuild(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*writeTime)
	defer cancel()
	if err := l.redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ask redis: %w", err) // before PostgreSQL is asked for everything
	}
	w, err := l.snapshot(ctx)
	if err != nil {
		return err
	}
	if err := l.write(ctx, w); err != nil {
		return fmt.Errorf("write generation %d: %w", w.term, err)
	}
	answer, err := l.point.Run(ctx, l.redis, []string{pointer}, w.term, pointedFor.Milliseconds()).Slice()
	if err != nil || len(answer) != 2 {
		return fmt.Errorf("point to generation %d: %w", w.term, err)
	}
	if ours, _ := answer[0].(int64); ours != 1 {
		return fmt.Errorf("generation %d is behind %v", w.term, answer[1])
	}
	l.written = w
	l.generation.Store(w.term)
	l.rebuilds.Inc()
	l.entries.Set(float64(len(w.standing)))
	l.log.InfoContext(ctx, "queue index: written", "generation", w.term, "requests", len(w.standing), "hospitals", len(w.parts))
	if was, _ := answer[1].(string); was != "" {
		l.retire(ctx, was)
	}
	return nil
}

// snapshot reads the positions first and then everything that waits, so that nothing can fall between the two.
func (l *leader) snapshot(ctx context.Context) (w written, err error) {
	failed := func(what string, err error) (written, error) { return written{}, fmt.Errorf("read %s: %w", what, err) }
	if w.term, err = l.q.QueueTerm(ctx); err != nil {
		return failed("the term", err)
	}
	heads, err := l.q.OutboxHeads(ctx)
	if err != nil {
		return failed("the outbox", err)
	}
	w.positions = make(map[int16]int64, len(heads))
	for _, h := range heads {
		w.positions[h.Shard] = h.Last
	}
	if w.targets, err = l.readTargets(ctx); err != nil {
		return failed("the targets", err)
	}
	if w.parts, err = l.readParts(ctx); err != nil {
		return failed("the hospitals", err)
	}
	rows, err := l.q.QueueStanding(ctx)
	if err != nil {
		return failed("what waits", err)
	}
	w.standing = standings(rows)
	return w, nil
}

func (l *leader) readTargets(ctx context.Context) (map[string]int64, error) {
	rows, err := l.q.QueueTargets(ctx)
	if err != nil {
		return nil, err
	}
	targets := make(map[string]int64, len(rows))
	for _, r := range rows {
		targets[r.Urgency] = capped(int64(*r.AcceptSeconds))
	}
	return targets, nil
}

// readParts lists the departments of each hospital.
func (l *leader) readParts(ctx context.Context) (map[uuid.UUID][]uuid.UUID, error) {
	rows, err := l.q.QueueHospitals(ctx)
	if err != nil {
		return nil, err
	}
	parts := map[uuid.UUID][]uuid.UUID{}
	for _, r := range rows {
		parts[r.OrganisationID] = append(parts[r.OrganisationID], r.ID)
	}
	return parts, nil
}

// writeAtOnce bounds one pipeline.
const writeAtOnce = 2000

// write puts a generation into Redis, complete, and live last.
func (l *leader) write(ctx context.Context, w written) error {
	pipe := l.redis.Pipeline()
	flush := func(least int) error {
		if pipe.Len() < least {
			return nil
		}
		_, err := pipe.Exec(ctx)
		return err
	}
	keys := map[string]bool{}
	for id, s := range w.standing {
		for _, at := range s.places {
			p := partOf(w.term, at.hospital)
			pipe.ZAdd(ctx, p.set(at.lane), redis.Z{Score: float64(s.sinceMS), Member: id.String()})
			keys[p.set(at.lane)] = true
			if s.own != 0 {
				pipe.HSet(ctx, p.own(), id.String(), s.own)
				keys[p.own()] = true
			}
			if s.wide() {
				pipe.SAdd(ctx, p.wide(), id.String())
				keys[p.wide()] = true
			}
		}
		if err := flush(writeAtOnce); err != nil {
			return err
		}
	}
	for hospital := range w.parts {
		p := partOf(w.term, hospital)
		for urgency, seconds := range w.targets {
			pipe.HSet(ctx, p.targets(), urgency, seconds)
		}
		keys[p.targets()] = true
	}
	for key := range keys {
		pipe.PExpire(ctx, key, keptFor)
		if err := flush(writeAtOnce); err != nil {
			return err
		}
	}
	if err := flush(1); err != nil {
		return err
	}
	for hospital := range w.parts {
		pipe.Set(ctx, partOf(w.term, hospital).live(), 1, LiveFor)
	}
	return flush(1)
}

// retire makes readers of an earlier generation look for the new one. Its other keys lapse by themselves.
func (l *leader) retire(ctx context.Context, was string) {
	var old int64
	if _, err := fmt.Sscan(was, &old); err != nil || old == l.term {
		return
	}
	pipe := l.redis.Pipeline()
	for hospital := range l.parts {
		pipe.Unlink(ctx, partOf(old, hospital).live())
	}
	if _, err := pipe.Exec(ctx); err != nil {
		l.log.WarnContext(ctx, "queue index: an earlier generation lapses later", "generation", old, "error", err)
	}
}

// beat renews the generation, and by asking for the targets shows that the session is alive.
func (l *leader) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	targets, err := l.readTargets(ctx)
	if err != nil {
		return fmt.Errorf("read the targets: %w", err)
	}
	if !maps.Equal(targets, l.targets) {
		return fmt.Errorf("%w: the targets have changed", errLost)
	}
	pipe := l.redis.Pipeline()
	renewed := make([]*redis.BoolCmd, 0, len(l.parts)+1)
	for hospital := range l.parts {
		renewed = append(renewed, pipe.PExpire(ctx, partOf(l.term, hospital).live(), LiveFor))
	}
	renewed = append(renewed, pipe.PExpire(ctx, pointer, pointedFor))
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	for _, r := range renewed {
		if !r.Val() {
			return fmt.Errorf("%w: it was not there to be renewed", errLost)
		}
	}
	at, err := l.redis.Get(ctx, pointer).Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("read the pointer: %w", err)
	}
	if at != l.term {
		return fmt.Errorf("%w: readers are pointed to %d", errLost, at)
	}
	return nil
}

// reconcile compares Redis with what was written, and that with the database, and repairs both.
func (l *leader) reconcile(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*writeTime)
	defer cancel()
	inRedis, err := l.compareRedis(ctx)
	if err != nil {
		return err
	}
	behind, err := l.compareDatabase(ctx)
	if err != nil {
		return err
	}
	l.drift.Set(float64(inRedis + behind))
	if inRedis+behind > 0 {
		l.log.WarnContext(ctx, "queue index: repaired", "differed_in_redis", inRedis, "behind_the_database", behind)
	}
	return l.keep(ctx)
}

// compareDatabase finds requests whose place is not what was written although the outbox said nothing of it, for example
// because a department's time to see it is over.
func (l *leader) compareDatabase(ctx context.Context) (drift int, err error) {
	heads, err := l.q.OutboxHeads(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the outbox: %w", err)
	}
	for _, h := range heads {
		if h.Last < l.positions[h.Shard] {
			return 0, fmt.Errorf("%w: the database is an older one than before", errLost)
		}
	}
	parts, err := l.readParts(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the hospitals: %w", err)
	}
	for hospital := range parts {
		if _, known := l.parts[hospital]; !known {
			return 0, fmt.Errorf("%w: hospital %s is new", errLost, hospital)
		}
	}
	l.parts = parts
	if err := l.follow(ctx); err != nil {
		return 0, err
	}
	rows, err := l.q.QueueStanding(ctx)
	if err != nil {
		return 0, fmt.Errorf("read what waits: %w", err)
	}
	truth := standings(rows)
	// What has changed while it was read is in the outbox by now.
	moved, err := l.news(ctx)
	if err != nil {
		return 0, err
	}
	changing := map[uuid.UUID]bool{}
	for _, id := range moved {
		changing[id] = true
	}
	if err := l.apply(ctx, moved); err != nil {
		return 0, err
	}
	var differ []uuid.UUID
	for id, s := range truth {
		if !changing[id] && !s.equal(l.standing[id]) {
			differ = append(differ, id)
		}
	}
	for id := range l.standing {
		if _, there := truth[id]; !there && !changing[id] {
			differ = append(differ, id)
		}
	}
	return len(differ), l.apply(ctx, differ)
}

// keep gives the keys of this generation another while, as a dead leader's have not.
func (l *leader) keep(ctx context.Context) error {
	pipe := l.redis.Pipeline()
	for hospital, departments := range l.parts {
		p := partOf(l.term, hospital)
		for _, key := range append([]string{p.targets(), p.own(), p.wide()}, l.sets(p, departments)...) {
			pipe.PExpire(ctx, key, keptFor)
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("keep: %w", err)
	}
	return nil
}

func (l *leader) sets(p part, departments []uuid.UUID) []string {
	var keys []string
	for _, at := range lanes(departments) {
		keys = append(keys, p.set(at))
	}
	return keys
}
