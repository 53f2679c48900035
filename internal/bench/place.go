package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/config"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/embedded"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/scheduler/presence"
	"github.com/lianzhen-health/lianzhen/scheduler/queue"
)

// place is where a run takes place: a folder with its own databases, and the use-cases on them.
type place struct {
	dir      string
	dsn      string
	redisURL string
	keyFile  string

	st       *store.Store
	redis    redis.UniversalClient
	keeper   *seal.Keeper
	accounts *identity.Service
	presence *presence.Presence
	index    *queue.Index
	care     *care.Service

	statements *statements // of this process
	processes  []int       // this one, PostgreSQL's and Redis's

	closer []func(context.Context) error
}

// openPlace starts databases in a new temporary folder, which goes with them, or in a folder that stays. They are durable: what is
// measured is what a hospital would have. PostgreSQL gets more arguments.
func openPlace(ctx context.Context, keep string, postgres ...string) (_ *place, err error) {
	p := &place{dir: keep}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if keep == "" {
		if p.dir, err = os.MkdirTemp("", "lianzhen-bench-"); err != nil {
			return nil, fmt.Errorf("make a folder: %w", err)
		}
		p.closer = append(p.closer, func(context.Context) error { return os.RemoveAll(p.dir) })
	}
	pg, err := embedded.StartPostgres(ctx, embedded.Options{Dir: filepath.Join(p.dir, "postgres"), ExtraArgs: postgres})
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	p.closer = append(p.closer, pg.Stop)
	rd, err := embedded.StartRedis(ctx, embedded.Options{Dir: filepath.Join(p.dir, "redis")})
	if err != nil {
		return nil, fmt.Errorf("start Redis: %w", err)
	}
	p.closer = append(p.closer, rd.Stop)
	p.processes = []int{os.Getpid(), pg.PID(), rd.PID()}
	p.dsn, p.redisURL, p.keyFile = pg.DSN("lianzhen"), rd.URL(), filepath.Join(p.dir, "keys")

	if _, err = store.Migrate(ctx, p.dsn); err != nil {
		return nil, err
	}
	if p.st, err = store.Open(ctx, p.dsn); err != nil {
		return nil, err
	}
	p.closer = append(p.closer, func(context.Context) error { p.st.Close(); return nil })
	if p.statements, err = p.trace(ctx); err != nil {
		return nil, err
	}
	mark := db.SetMetaParams{Key: "demo", Value: consult.DateOf(time.Now()).String()}
	if err = p.st.Q().SetMeta(ctx, mark); err != nil {
		return nil, fmt.Errorf("mark the database as a demo: %w", err)
	}
	return p, p.open(ctx)
}

// open puts the use-cases on the databases.
func (p *place) open(ctx context.Context) error {
	o, err := config.RedisOptions(p.redisURL)
	if err != nil {
		return err
	}
	p.redis = redis.NewUniversalClient(o)
	p.closer = append(p.closer, func(context.Context) error { return p.redis.Close() })
	kek, err := seal.LoadOrCreateKEK(p.keyFile)
	if err != nil {
		return err
	}
	if p.keeper, err = identity.OpenKeeper(ctx, p.st, kek); err != nil {
		return err
	}
	// Passwords are not what is measured; tokens outlast the run.
	p.accounts, err = identity.New(p.st, p.keeper, identity.Config{AccessTTL: time.Hour, HashCost: identity.HashCost{MemoryKiB: 64, Passes: 1, Lanes: 1}})
	if err != nil {
		return err
	}
	if p.presence, err = presence.New(presence.Options{Redis: p.redis, Node: "bench"}); err != nil {
		return err
	}
	if p.index, err = queue.New(queue.Options{Redis: p.redis, Store: p.st}); err != nil {
		return err
	}
	p.care, err = care.New(care.Deps{Store: p.st, Keeper: p.keeper, Identity: p.accounts, Presence: p.presence, Order: p.index})
	return err
}

// exec runs SQL.
func (p *place) exec(ctx context.Context, sql string, args ...any) error {
	if _, err := p.st.Pool.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("%.60s…: %w", sql, err)
	}
	return nil
}

// number gives the one number that SQL answers with.
func (p *place) number(ctx context.Context, sql string, args ...any) (n int64, err error) {
	if err = p.st.Pool.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("%.60s…: %w", sql, err)
	}
	return n, nil
}

const closeTime = 30 * time.Second

// close stops what was started, last first, and removes the folder.
func (p *place) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	var errs []error
	for i := len(p.closer) - 1; i >= 0; i-- {
		errs = append(errs, p.closer[i](ctx))
	}
	p.closer = nil
	return errors.Join(errs...)
}
