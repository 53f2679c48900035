package app

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/retention"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// Purge is the command `purge`: it deletes what is over its retention time, or with -dry-run says what it would delete.
func Purge(ctx context.Context, c Console, args []string) error {
	var o retention.Options
	var asJSON bool
	cfg, err := settingsAnd(c, "purge", args, func(fs *flag.FlagSet) {
		fs.BoolVar(&o.DryRun, "dry-run", false, "say what would be deleted, and delete nothing")
		fs.BoolVar(&asJSON, "json", false, "print one JSON object and nothing else")
		fs.IntVar(&o.Most, "most", 0, "end after so many residents' records; 0 is without end")
		fs.DurationVar(&o.Pause, "pause", 10*time.Millisecond, "between two transactions")
	})
	if err != nil {
		return err
	}
	return beside(ctx, c, cfg, func(ctx context.Context, st *store.Store, keep *seal.Keeper) error {
		result, err := retention.Purge(ctx, st, keep, o)
		if err != nil {
			return err
		}
		if asJSON {
			err = json.NewEncoder(c.Out).Encode(result)
		} else {
			err = printPurge(c.Out, result)
		}
		if err == nil && len(result.Broken) > 0 {
			err = fmt.Errorf("%d records could not be deleted and stay as they were", len(result.Broken))
		}
		return err
	})
}

func printPurge(w io.Writer, r retention.Result) error {
	verb := "deleted"
	if r.DryRun {
		verb = "would be deleted"
	}
	var err error
	say := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format, args...)
		}
	}
	for _, i := range r.Items {
		noun := "rows of " + i.What
		if i.What == "record" {
			noun = "residents' records"
		}
		say("class %s, older than %s: %d %s %s, %d held back by what is sealed\n", i.Class, i.Cutoff.Format(time.DateOnly), i.Count, noun, verb, i.Held)
		if i.What == "record" {
			for _, table := range slices.Sorted(maps.Keys(i.Rows)) {
				say("  %8d %s\n", i.Rows[table], table)
			}
		}
	}
	for _, b := range r.Broken {
		say("NOT DELETED: %s\n", b)
	}
	return err
}
