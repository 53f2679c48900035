package app

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/config"
	"github.com/lianzhen-health/lianzhen/internal/goals"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/telemetry"
)

// verifiers are what other packages keep and prove themselves.
func verifiers(st *store.Store, keep *seal.Keeper) []audit.Verifier {
	return []audit.Verifier{goals.NewVerifier(st, keep)}
}

// Verify is the command `verify`: it proves the chains, the signed documents, the files and what other packages keep, and fails when
// something does not hold. It may run beside a server, and changes nothing but for the checkpoint that it is asked to export.
func Verify(ctx context.Context, c Console, args []string) error {
	var checkpoint, export string
	var asJSON bool
	cfg, err := settingsAnd(c, "verify", args, func(fs *flag.FlagSet) {
		fs.StringVar(&checkpoint, "checkpoint", "", "a checkpoint that was exported earlier: finds a tail that was cut off since")
		fs.StringVar(&export, "export-checkpoint", "", "make a checkpoint, write it to this file and end; - is standard output")
		fs.BoolVar(&asJSON, "json", false, "print one JSON object and nothing else")
	})
	if err != nil {
		return err
	}
	return beside(ctx, c, cfg, func(ctx context.Context, st *store.Store, keep *seal.Keeper) error {
		if export != "" {
			return exportCheckpoint(ctx, c, cfg, st, keep, export)
		}
		o := audit.Options{Verifiers: verifiers(st, keep)}
		if checkpoint != "" {
			text, err := os.ReadFile(checkpoint)
			if err != nil {
				return fmt.Errorf("read the checkpoint: %w", err)
			}
			given, err := audit.ReadCheckpoint(text)
			if err != nil {
				return fmt.Errorf("%s: %w", checkpoint, err)
			}
			o.Checkpoint = &given
		}
		result, err := audit.Verify(ctx, st, keep, o)
		if err != nil {
			return err
		}
		if asJSON {
			e := json.NewEncoder(c.Out)
			e.SetEscapeHTML(false)
			err = e.Encode(result)
		} else {
			err = printResult(c.Out, result)
		}
		if err == nil && !result.OK {
			err = fmt.Errorf("%d faults: the record is not what it was", result.Found)
		}
		return err
	})
}

// beside runs f with the migrated database and the keys of the settings, whether or not a server uses them.
func beside(ctx context.Context, c Console, cfg *config.Config, f func(context.Context, *store.Store, *seal.Keeper) error) (err error) {
	log, err := telemetry.NewLogger(c.Err, cfg.LogLevel, cfg.LogFormat)
	if err != nil {
		return err
	}
	d, err := openBeside(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownGrace)
		defer cancel()
		err = errors.Join(err, d.close(stop))
	}()
	st, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	keep, err := openKeeper(ctx, st, cfg)
	if err != nil {
		return err
	}
	return f(ctx, st, keep)
}

// exportCheckpoint chains what waits and writes a checkpoint of it.
func exportCheckpoint(ctx context.Context, c Console, cfg *config.Config, st *store.Store, keep *seal.Keeper, path string) error {
	name, _, err := names(cfg)
	if err != nil {
		return err
	}
	chain, err := audit.NewSequencer(st, keep, chainName(cfg, name), nil, nil)
	if err != nil {
		return err
	}
	if _, err := chain.Run(ctx); err != nil {
		return err
	}
	made, _, err := audit.MakeCheckpoint(ctx, st, keep)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		return fmt.Errorf("write the checkpoint: %w", err)
	}
	text = append(text, '\n')
	if path == "-" {
		_, err = c.Out.Write(text)
		return err
	}
	if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // meant to be given away
		return fmt.Errorf("write the checkpoint: %w", err)
	}
	h, err := made.Heads()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Out, "checkpoint of %s with %d chains in %s (%s, key %s)\n", h.At.Format(time.RFC3339), len(h.Chains), path, made.Algorithm, made.KID)
	return err
}

// printResult says in words what was found.
func printResult(w io.Writer, r audit.Result) error {
	var err error
	say := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format, args...)
		}
	}
	say("verified at %s\n", r.At.Format("2006-01-02 15:04:05Z"))
	for _, c := range r.Chains {
		name := c.Name
		if c.Organisation == uuid.Nil {
			name = "(the installation itself)"
		}
		say("  chain of %s on node %s: %d entries\n", name, c.Node, c.Entries)
	}
	nouns := map[string]string{"event": "events", "report": "signed reports", "adoption": "signed adoptions", "attachment": "attachments", "blob": "stored files, by hash",
		"consent": "consents", "withdrawal": "withdrawals of consents", "access": "accesses", "seal": "seals of signed documents", "file": "files, opened", "manifest": "manifests of purges"}
	for _, k := range slices.Sorted(maps.Keys(r.Checked)) {
		noun := nouns[k]
		if noun == "" {
			noun = k
		}
		say("  %8d %s\n", r.Checked[k], noun)
	}
	say("  %8d checkpoints\n", r.Checkpoints)
	if r.Waiting > 0 {
		say("  %8d rows are not chained yet; a running server does that within a second\n", r.Waiting)
	}
	if r.OK {
		say("everything holds\n")
		return err
	}
	for i, f := range r.Faults {
		say("FAULT %d (%s): %s\n", i+1, f.Code, f.What)
	}
	if more := r.Found - len(r.Faults); more > 0 {
		say("and %d more\n", more)
	}
	return err
}
