// Lianzhen 联诊: from a care-home bedside to a hospital doctor by video, with a record that can be audited.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/lianzhen-health/lianzhen/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// commands is what the program can do. Each gets the arguments after its name.
var commands = []struct {
	name, help string
	run        func(ctx context.Context, c app.Console, args []string) error
}{
	{"serve", "run the server", app.Serve},
	{"migrate", "bring the database to this program's version", app.Migrate},
	{"seed", "fill a new database with demo data and mark it as a demo; seed load -consultations N adds a year of them", app.Seed},
	{"verify", "prove that nothing of the record was changed: verify [-checkpoint FILE] [-json]", app.Verify},
	{"keys", "show and rotate the keys while servers run: keys list, keys rotate -what kek|data|lookup|seal", app.Keys},
	{"purge", "delete what is over its retention time: purge [-dry-run]", app.Purge},
	{"ledger", "ledger rebuild or check: what counts, derived from the consultations", app.Ledger},
	{"export", "write a sheet: export E8 USER 2026-Q1 FILE", app.Export},
	{"bench", "measure on databases of its own: bench dispatch|records|schedule [-json]", app.Bench},
	{"version", "print the version", app.PrintVersion},
}

func run(ctx context.Context, args []string) int {
	console := app.Console{Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv}
	if len(args) > 0 {
		for _, c := range commands {
			if c.name == args[0] {
				return app.Exit(console, c.name, c.run(ctx, console, args[1:]))
			}
		}
	}
	fmt.Fprintln(os.Stderr, "usage: lianzhen COMMAND [settings]   (lianzhen COMMAND -help lists the settings)")
	for _, c := range commands {
		fmt.Fprintf(os.Stderr, "  %-9s %s\n", c.name, c.help)
	}
	return 2
}
