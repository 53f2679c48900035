package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/chaos"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run gives 0 when everything held, 1 when something did not, 2 when the suite could not run.
func run(ctx context.Context, args []string) int {
	o := chaos.Options{Out: os.Stdout}
	var only string
	f := flag.NewFlagSet("chaos", flag.ContinueOnError)
	f.StringVar(&o.Binary, "binary", "bin/lianzhen", "the server")
	f.StringVar(&o.Skewed, "skewed", "", "the server built with a clock that can be set wrong, for F11")
	f.Uint64Var(&o.Seed, "seed", uint64(time.Now().UnixNano()%1_000_000), "of everything random; printed")
	f.DurationVar(&o.Duration, "duration", 60*time.Second, "of each round")
	f.StringVar(&only, "only", "", "names of faults, separated by commas")
	f.BoolVar(&o.Short, "short", false, "the rounds of make test, about two minutes")
	f.IntVar(&o.Nurses, "nurses", 8, "virtual nurses")
	f.IntVar(&o.Doctors, "doctors", 6, "virtual doctors")
	f.StringVar(&o.Dir, "history", "", "folder for the histories as JSON lines")
	if err := f.Parse(args); err != nil {
		return 2
	}
	if only != "" {
		o.Only = strings.Split(only, ",")
	}
	code, apart := chaos.Apart()
	if apart {
		return code
	}
	err := chaos.Run(ctx, o)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, chaos.ErrViolated):
		return 1
	}
	fmt.Fprintln(os.Stderr, "chaos:", err)
	return 2
}
