package testdb

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/embedded"
)

// EnvPostgres names a superuser's connection URL of a running test cluster.
const EnvPostgres = "LIANZHEN_TEST_PG"

// servers is what a test binary has running. The testing package passes nothing from TestMain to a test, so the one
// pointer below is this package's only variable; [Main] sets it before the first test and clears it after the last.
type servers struct {
	cluster *cluster
	redis   *redisPool
}

var running atomic.Pointer[servers]

// Option changes what [Main] prepares.
type Option func(*settings)

type settings struct {
	schema  fs.FS
	migrate func(ctx context.Context, dsn string) error
}

// Migrate makes each test's database a copy of one that migrate has filled. The schema's files decide which template
// fits: packages that pass the same files share one.
func Migrate(schema fs.FS, migrate func(ctx context.Context, dsn string) error) Option {
	return func(s *settings) { s.schema, s.migrate = schema, migrate }
}

// Main runs a package's tests with servers at hand, ends the servers and exits.
func Main(m *testing.M, options ...Option) {
	os.Exit(run(m, options))
}

func run(m *testing.M, options []Option) (code int) {
	var set settings
	for _, option := range options {
		option(&set)
	}
	ctx := context.Background()
	dsn := os.Getenv(EnvPostgres)
	if dsn == "" {
		pg, err := embedded.StartPostgres(ctx, embedded.Options{Fast: true})
		if err != nil {
			fmt.Fprintln(os.Stderr, "testdb:", err)
			return 1
		}
		defer func() {
			if err := pg.Stop(ctx); err != nil {
				fmt.Fprintln(os.Stderr, "testdb:", err)
				code = max(code, 1)
			}
		}()
		dsn = pg.DSN("postgres")
	}
	c, err := openCluster(ctx, dsn, set)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testdb:", err)
		return 1
	}
	defer c.close()
	s := &servers{cluster: c, redis: &redisPool{}}
	defer func() {
		if err := s.redis.stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "testdb:", err)
			code = max(code, 1)
		}
	}()
	running.Store(s)
	defer running.Store(nil)
	return m.Run()
}

func current(t testing.TB) *servers {
	t.Helper()
	s := running.Load()
	if s == nil {
		t.Fatal("testdb: this package's TestMain does not call testdb.Main")
	}
	return s
}
