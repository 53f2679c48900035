package embedded_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/embedded"
)

func startRedis(t *testing.T, o embedded.Options) *embedded.Redis {
	t.Helper()
	r, err := embedded.StartRedis(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Stop(context.Background()); err != nil && !t.Failed() {
			t.Error("stop:", err)
		}
	})
	return r
}

func redisClient(t *testing.T, r *embedded.Redis) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRedisKeepsDataOverStopAndKill(t *testing.T) {
	for name, dir := range map[string]string{
		"short": filepath.Join(openTempDir(t), "r"),
		"long":  filepath.Join(openTempDir(t), "with space 和汉字", strings.Repeat("d", 150)),
	} {
		t.Run(name, func(t *testing.T) {
			r := startRedis(t, embedded.Options{Dir: dir})
			if err := redisClient(t, r).Set(t.Context(), "k", "值", 0).Err(); err != nil {
				t.Fatal(err)
			}
			if err := r.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}

			r = startRedis(t, embedded.Options{Dir: dir})
			if err := redisClient(t, r).Incr(t.Context(), "n").Err(); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Kill(r.PID(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			if err, ok := <-r.Done(); !ok || err == nil {
				t.Fatal("the end of a killed server is not reported")
			}
			_ = r.Stop(t.Context())

			r = startRedis(t, embedded.Options{Dir: dir})
			c := redisClient(t, r)
			if k, n := c.Get(t.Context(), "k").Val(), c.Get(t.Context(), "n").Val(); k != "值" || n != "1" {
				t.Fatalf("kept k=%q n=%q", k, n)
			}
		})
	}
}

func TestRedisSecondStartIsRefused(t *testing.T) {
	dir := openTempDir(t)
	startRedis(t, embedded.Options{Dir: dir})
	_, err := embedded.StartRedis(t.Context(), embedded.Options{Dir: dir})
	var inUse *embedded.InUseError
	if !errors.As(err, &inUse) || inUse.PID != os.Getpid() {
		t.Fatalf("got %v, want an InUseError with our number", err)
	}
}

func TestRedisMissing(t *testing.T) {
	t.Setenv("REDIS_BIN", filepath.Join(t.TempDir(), "redis-server"))
	_, err := embedded.StartRedis(t.Context(), embedded.Options{Dir: t.TempDir()})
	var missing *embedded.MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "apt-get install redis-server") {
		t.Fatalf("got %v", err)
	}
}

// Somebody else's folder under the name that a long path leads to could hold a socket of his own.
func TestForeignSocketFolderIsRefused(t *testing.T) {
	dir := filepath.Join(openTempDir(t), strings.Repeat("d", 150))
	r := startRedis(t, embedded.Options{Dir: dir})
	o, err := redis.ParseURL(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	sockets := filepath.Dir(o.Addr)
	if err := r.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(sockets, 0o700); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(sockets)
	if err := os.Chmod(sockets, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := embedded.StartRedis(t.Context(), embedded.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "not a private folder") {
		t.Fatalf("got %v", err)
	}
}
