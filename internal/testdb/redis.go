package testdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/embedded"
)

// redisPool leases whole servers, not numbered databases of one: channels of publish and subscribe, scripts and clients
// are common to all databases of a server. A server starts in some 20 ms and is used again.
type redisPool struct {
	mu   sync.Mutex
	all  []*embedded.Redis
	free []*embedded.Redis
}

func (p *redisPool) lease(ctx context.Context) (*embedded.Redis, error) {
	p.mu.Lock()
	if n := len(p.free); n > 0 {
		r := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return r, nil
	}
	p.mu.Unlock()
	r, err := embedded.StartRedis(ctx, embedded.Options{Fast: true})
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, r)
	return r, nil
}

// giveBack cuts off whoever is connected and empties the server. One that does not answer, because the test ended it, is
// not used again.
func (p *redisPool) giveBack(ctx context.Context, r *embedded.Redis) {
	o, err := redis.ParseURL(r.URL())
	if err != nil {
		return
	}
	c := redis.NewClient(o)
	defer c.Close()
	for _, command := range [][]any{
		{"client", "kill", "type", "normal"}, {"client", "kill", "type", "pubsub"}, {"flushall"}, {"script", "flush"}, {"config", "resetstat"},
	} {
		if err := c.Do(ctx, command...).Err(); err != nil {
			return
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, r)
}

func (p *redisPool) stop(ctx context.Context) error {
	p.mu.Lock()
	all := slices.Clone(p.all)
	p.free, p.all = nil, nil
	p.mu.Unlock()
	var errs []error
	for _, r := range all {
		errs = append(errs, r.Stop(ctx))
	}
	return errors.Join(errs...)
}

// RedisURL leases an empty Redis to this test and gives its URL. No other test uses it until this one has ended.
func RedisURL(t testing.TB) string {
	t.Helper()
	pool := current(t).redis
	r, err := pool.lease(t.Context())
	if err != nil {
		t.Fatal("testdb: start Redis:", err)
	}
	t.Cleanup(func() { pool.giveBack(context.Background(), r) })
	return r.URL()
}

// Redis leases an empty Redis to this test and gives a client of it, closed when the test ends.
func Redis(t testing.TB) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(RedisURL(t))
	if err != nil {
		t.Fatal("testdb:", err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() {
		if err := c.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
			t.Error("testdb:", fmt.Errorf("close the Redis client: %w", err))
		}
	})
	return c
}
