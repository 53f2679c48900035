package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/demo"
	"github.com/lianzhen-health/lianzhen/internal/goals"
	"github.com/lianzhen-health/lianzhen/internal/identity"
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
	if len(args) > 0 && args[0] == "load" {
		return seedLoad(ctx, c, args[1:])
	}
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

// seedLoad is the command `seed load -consultations N`: a year of made-up consultations into a database that is marked as a demo.
func seedLoad(ctx context.Context, c Console, args []string) error {
	n, rest, err := leading(args, "-consultations")
	if err != nil {
		return err
	}
	return withDatabase(ctx, c, "seed load", rest, func(ctx context.Context, d *databases) error {
		st, err := d.open(ctx)
		if err != nil {
			return err
		}
		defer st.Close()
		keeper, err := openKeeper(ctx, st, d.cfg)
		if err != nil {
			return err
		}
		counted, err := goals.New(goals.Deps{Store: st, Keeper: keeper})
		if err != nil {
			return err
		}
		begin := time.Now()
		if err := demo.Load(ctx, st, keeper, time.Now(), n, func(s demo.Step) { fmt.Fprintln(c.Err, s) }); err != nil {
			return err
		}
		rebuilt := time.Now()
		if err := counted.RebuildLedger(ctx, nil); err != nil {
			return err
		}
		fmt.Fprintln(c.Err, demo.Step{Name: "ledger", Rows: int64(n), Took: time.Since(rebuilt)})
		_, err = fmt.Fprintf(c.Out, "%d consultations are in the database and in the ledger, in %.0f s\n", n, time.Since(begin).Seconds())
		return err
	})
}

// leading takes a flag with a number from the beginning of arguments whose rest are settings.
func leading(args []string, name string) (n int, rest []string, err error) {
	if len(args) < 2 || args[0] != name && args[0] != "-"+name {
		return 0, nil, fmt.Errorf("give %s N first", name)
	}
	if n, err = strconv.Atoi(args[1]); err != nil {
		return 0, nil, fmt.Errorf("%s %q is no number", name, args[1])
	}
	return n, args[2:], nil
}

// Ledger is the command `ledger rebuild|check`: the derived ledger is written anew, or compared with the operational rows.
func Ledger(ctx context.Context, c Console, args []string) error {
	if len(args) == 0 || args[0] != "rebuild" && args[0] != "check" {
		return errors.New("ledger rebuild or ledger check?")
	}
	return withDatabase(ctx, c, "ledger", args[1:], func(ctx context.Context, d *databases) error {
		st, err := d.open(ctx)
		if err != nil {
			return err
		}
		defer st.Close()
		keeper, err := openKeeper(ctx, st, d.cfg)
		if err != nil {
			return err
		}
		counted, err := goals.New(goals.Deps{Store: st, Keeper: keeper})
		if err != nil {
			return err
		}
		if args[0] == "rebuild" {
			if err := counted.RebuildLedger(ctx, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.Out, "the ledger is written anew")
			return err
		}
		found, err := counted.CheckLedger(ctx)
		if err != nil {
			return err
		}
		for _, id := range append(found.Consultations, found.Answers...) {
			fmt.Fprintln(c.Out, id)
		}
		if !found.Right() {
			return fmt.Errorf("%d consultations and %d tallies differ from the ledger, and %d consultations keep another answer than their evaluation's; `ledger rebuild` writes them anew",
				len(found.Consultations), found.Tallies, len(found.Answers))
		}
		_, err = fmt.Fprintln(c.Out, "the ledger says what the operational rows say")
		return err
	})
}

// Export is the command `export SHEET USER PERIOD FILE`: a sheet of the user's first organisation, as the page would give it.
func Export(ctx context.Context, c Console, args []string) error {
	if len(args) < 4 {
		return errors.New("export SHEET USER PERIOD FILE, for example: export E8 admin.sun 2026-Q1 e8.xlsx")
	}
	period, ok := goals.ParsePeriod(args[2])
	if !ok {
		return fmt.Errorf("%q is no period: 2026, 2026-Q1 or 2026-03", args[2])
	}
	return withDatabase(ctx, c, "export", args[4:], func(ctx context.Context, d *databases) error {
		st, err := d.open(ctx)
		if err != nil {
			return err
		}
		defer st.Close()
		keeper, err := openKeeper(ctx, st, d.cfg)
		if err != nil {
			return err
		}
		accounts, err := identity.New(st, keeper, identity.Config{})
		if err != nil {
			return err
		}
		consultations, err := care.New(care.Deps{Store: st, Keeper: keeper, Identity: accounts})
		if err != nil {
			return err
		}
		counted, err := goals.New(goals.Deps{Store: st, Keeper: keeper, Consultations: consultations, Actors: accounts})
		if err != nil {
			return err
		}
		if _, err := counted.Follow(ctx); err != nil {
			return err
		}
		written, err := counted.ExportTo(ctx, args[0], args[1], period, args[3])
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Out, "%s: %s, %d rows, SHA-256 of the rows %s\n", args[3], written.Name, written.Rows, written.Digest)
		return err
	})
}
