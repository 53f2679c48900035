package app

import (
	"context"
	"fmt"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/demo"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/telemetry"
)

// Migrate is the command `migrate`.
func Migrate(ctx context.Context, c Console, args []string) error {
	return withDatabase(ctx, c, "migrate", args, func(ctx context.Context, d *databases) error {
		version, err := store.Migrate(ctx, d.dsn)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Out, "the database is at version %d\n", version)
		return err
	})
}

// withDatabase runs f on the database of the settings, private or not.
func withDatabase(ctx context.Context, c Console, command string, args []string, f func(context.Context, *databases) error) (err error) {
	cfg, err := settings(c, command, args)
	if err != nil {
		return err
	}
	log, err := telemetry.NewLogger(c.Err, cfg.LogLevel, cfg.LogFormat)
	if err != nil {
		return err
	}
	d, err := openDatabases(ctx, cfg, log, false)
	if err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownGrace)
		defer cancel()
		if closed := d.close(stop); err == nil {
			err = closed
		}
	}()
	return f(ctx, d)
}

// Seed is the command `seed`: demo data into a new database. It refuses one that has real accounts.
func Seed(ctx context.Context, c Console, args []string) error {
	return withDatabase(ctx, c, "seed", args, func(ctx context.Context, d *databases) error {
		st, err := d.open(ctx)
		if err != nil {
			return err
		}
		defer st.Close()
		keeper, err := openKeeper(ctx, st, d.cfg)
		if err != nil {
			return err
		}
		people, err := demo.Seed(ctx, st, keeper, time.Now())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Out, "the demo is in the database: %d accounts\n", len(people))
		return err
	})
}
