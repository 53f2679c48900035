package config_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/config"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func client(t *testing.T, raw string) redis.UniversalClient {
	t.Helper()
	o, err := config.RedisOptions(raw)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewUniversalClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func set(t *testing.T, c redis.UniversalClient, key, value string) {
	t.Helper()
	if err := c.Set(t.Context(), key, value, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if got := c.Get(t.Context(), key).Val(); got != value {
		t.Fatalf("%s is %q", key, got)
	}
}

// A server that hangs costs a caller its own deadline, not the client's.
func TestRedisKeepsTheCallersDeadline(t *testing.T) {
	t.Parallel()
	server := testdb.NewRedisProcess(t)
	c := client(t, server.URL())
	set(t, c, "a", "1")
	server.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := c.Get(ctx, "a").Err(); err == nil {
		t.Fatal("a frozen server answered")
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v", took)
	}
	server.Thaw()
	set(t, c, "a", "2")
}

// Keys of every slot are found whichever nodes the setting names.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	cluster := testdb.NewRedisCluster(t)
	for _, raw := range []string{cluster.URL(), cluster.Nodes[1].URL() + "?cluster=true"} {
		c := client(t, raw)
		for _, key := range []string{"{a}", "{b}", "{c}", "{d}", "{e}", "{f}"} {
			set(t, c, key, raw)
		}
	}
}

// The master dies, and the setting names the new one.
func TestRedisSentinel(t *testing.T) {
	t.Parallel()
	sentinel := testdb.NewRedisSentinel(t)
	c := client(t, sentinel.URL())
	set(t, c, "a", "1")
	sentinel.Master.Kill()
	err := errors.New("not asked")
	for deadline := time.Now().Add(30 * time.Second); err != nil && time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err = c.Set(ctx, "a", "2", 0).Err()
		cancel()
	}
	if err != nil {
		t.Fatal("no new master: ", err)
	}
}

func TestRedisURLsThatContradictThemselves(t *testing.T) {
	for _, raw := range []string{"redis://a?cluster=maybe", "redis://a?cluster=true&master_name=m"} {
		if _, err := config.RedisOptions(raw); err == nil {
			t.Errorf("%s was taken", raw)
		}
	}
}
