package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/config"
	"github.com/lianzhen-health/lianzhen/internal/embedded"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// databases are the PostgreSQL and, where asked for, the Redis of the settings, or private ones.
type databases struct {
	cfg    *config.Config
	dsn    string
	redis  redis.UniversalClient // nil when not asked for
	lost   <-chan error          // a private server ended by itself
	closer []func(context.Context) error
}

// openDatabases starts what is private and connects to what is not.
func openDatabases(ctx context.Context, cfg *config.Config, log *slog.Logger, withRedis bool) (_ *databases, err error) {
	d := &databases{cfg: cfg, dsn: cfg.DatabaseURL.Reveal()}
	lost := make(chan error, 2)
	d.lost = lost
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close(context.WithoutCancel(ctx)))
		}
	}()
	if d.dsn == "" {
		pg, err := embedded.StartPostgres(ctx, embedded.Options{Dir: filepath.Join(cfg.DataDir, "postgres"), Logger: log})
		if err != nil {
			return nil, fmt.Errorf("private PostgreSQL: %w", err)
		}
		d.closer = append(d.closer, pg.Stop)
		d.dsn = pg.DSN("lianzhen")
		go watch(lost, pg.Done())
	}
	if !withRedis {
		return d, nil
	}
	address := cfg.RedisURL.Reveal()
	if address == "" {
		rd, err := embedded.StartRedis(ctx, embedded.Options{Dir: filepath.Join(cfg.DataDir, "redis"), Logger: log})
		if err != nil {
			return nil, fmt.Errorf("private Redis: %w", err)
		}
		d.closer = append(d.closer, rd.Stop)
		address = rd.URL()
		go watch(lost, rd.Done())
	}
	opts, err := config.RedisOptions(address)
	if err != nil {
		return nil, fmt.Errorf("redis-url: %w", err)
	}
	d.redis = redis.NewUniversalClient(opts)
	d.closer = append(d.closer, func(context.Context) error { return d.redis.Close() })
	return d, nil
}

// openBeside is openDatabases without Redis for commands that work beside a running server: a private PostgreSQL that another process
// runs is used where it is.
func openBeside(ctx context.Context, cfg *config.Config, log *slog.Logger) (*databases, error) {
	d, err := openDatabases(ctx, cfg, log, false)
	if _, running := errors.AsType[*embedded.InUseError](err); !running {
		return d, err
	}
	dsn, found := embedded.RunningPostgres(filepath.Join(cfg.DataDir, "postgres"), "lianzhen")
	if found != nil {
		return nil, errors.Join(err, found)
	}
	return &databases{cfg: cfg, dsn: dsn}, nil
}

// watch passes on that a private server ended by itself; its error names it.
func watch(lost chan<- error, done <-chan error) {
	if err, ok := <-done; ok {
		select {
		case lost <- err:
		default:
		}
	}
}

// open connects to the migrated database.
func (d *databases) open(ctx context.Context) (*store.Store, error) {
	if _, err := store.Migrate(ctx, d.dsn); err != nil {
		return nil, err
	}
	return store.Open(ctx, d.dsn)
}

// close stops what was started, last first.
func (d *databases) close(ctx context.Context) error {
	var errs []error
	for i := len(d.closer) - 1; i >= 0; i-- {
		errs = append(errs, d.closer[i](ctx))
	}
	d.closer = nil
	return errors.Join(errs...)
}
