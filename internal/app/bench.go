package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lianzhen-health/lianzhen/internal/bench"
)

// benchServer is the argument with which a benchmark starts its server: this program in another process.
const benchServer = "dispatch-server"

// Bench is the command `bench NAME [-json]`: it measures on databases of its own and prints what it found.
func Bench(ctx context.Context, c Console, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "dispatch":
			return benchDispatch(ctx, c, args[1:])
		case "records":
			return benchRecords(ctx, c, args[1:])
		case "schedule":
			return benchSchedule(ctx, c, args[1:])
		case benchServer:
			quiet := Console{Out: io.Discard, Err: c.Err, Getenv: c.Getenv}
			return bench.Child(ctx, os.Stdin, c.Out, func(ctx context.Context) error { return Serve(ctx, quiet, args[1:]) })
		}
	}
	return fmt.Errorf("which benchmark? lianzhen bench dispatch|records|schedule [-json] (-help lists its parameters)")
}

func benchDispatch(ctx context.Context, c Console, args []string) error {
	o := bench.Defaults()
	flags := flag.NewFlagSet("bench dispatch", flag.ContinueOnError)
	flags.SetOutput(c.Err)
	asJSON := flags.Bool("json", false, "print one JSON object and nothing else")
	flags.IntVar(&o.Sockets, "sockets", o.Sockets, "open sockets, doctors' included")
	flags.IntVar(&o.Doctors, "doctors", o.Doctors, "doctors who are there")
	flags.IntVar(&o.Waiting, "waiting", o.Waiting, "requests that wait all the time")
	flags.IntVar(&o.Workers, "workers", o.Workers, "requests at a time in the throughput phases")
	flags.DurationVar(&o.Duration, "duration", o.Duration, "of each throughput phase")
	flags.IntVar(&o.Warm, "warm", o.Warm, "requests before the first throughput phase, not measured")
	flags.IntVar(&o.Samples, "samples", o.Samples, "requests of which the latencies are taken")
	flags.IntVar(&o.Hands, "hands", o.Hands, "of those, how many at a time")
	flags.IntVar(&o.Missed, "missed", o.Missed, "requests that come and go while every socket is away")
	flags.StringVar(&o.Profiles, "profiles", "", "folder for processor profiles")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return errDone // it has printed the help
		}
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("what is %q?", flags.Arg(0))
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	o.Commit, o.Server = Version(), []string{program, "bench", benchServer}
	if o.Profiles != "" {
		if o.Profiles, err = filepath.Abs(o.Profiles); err != nil {
			return err
		}
		if err := os.MkdirAll(o.Profiles, 0o755); err != nil {
			return err
		}
	}
	if !*asJSON {
		o.Progress = c.Err
	}
	report, err := bench.Dispatch(ctx, o)
	if report == nil {
		return err
	}
	write := report.WriteTable
	if *asJSON {
		write = report.WriteJSON
	}
	if printed := write(c.Out); err == nil {
		err = printed
	}
	return err
}

func benchRecords(ctx context.Context, c Console, args []string) error {
	o := bench.RecordsDefaults()
	flags := flag.NewFlagSet("bench records", flag.ContinueOnError)
	flags.SetOutput(c.Err)
	asJSON := flags.Bool("json", false, "print one JSON object and nothing else")
	flags.IntVar(&o.Consultations, "consultations", o.Consultations, "of the year that is loaded")
	flags.IntVar(&o.Samples, "samples", o.Samples, "of each kind of look")
	flags.IntVar(&o.ExportRows, "export-rows", o.ExportRows, "of the exported sheet")
	flags.StringVar(&o.Dir, "dir", "", "empty folder in which the loaded year stays, so that another run need not load it again")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return errDone // it has printed the help
		}
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("what is %q?", flags.Arg(0))
	}
	o.Commit = Version()
	if !*asJSON {
		o.Progress = c.Err
	}
	report, err := bench.Records(ctx, o)
	if report == nil {
		return err
	}
	write := report.WriteTable
	if *asJSON {
		write = report.WriteJSON
	}
	if printed := write(c.Out); err == nil {
		err = printed
	}
	return err
}

func benchSchedule(ctx context.Context, c Console, args []string) error {
	o := bench.ScheduleDefaults()
	flags := flag.NewFlagSet("bench schedule", flag.ContinueOnError)
	flags.SetOutput(c.Err)
	asJSON := flags.Bool("json", false, "print one JSON object and nothing else")
	flags.IntVar(&o.Rounds, "rounds", o.Rounds, "of the route solver on each instance")
	flags.IntVar(&o.Doctors, "doctors", o.Doctors, "who can be booked")
	flags.IntVar(&o.Bookings, "bookings", o.Bookings, "that are there already")
	flags.IntVar(&o.Searches, "searches", o.Searches, "of each kind")
	flags.IntVar(&o.Wanted, "wanted", o.Wanted, "times that four people want at once")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return errDone // it has printed the help
		}
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("what is %q?", flags.Arg(0))
	}
	o.Commit = Version()
	if !*asJSON {
		o.Progress = c.Err
	}
	report, err := bench.Schedule(ctx, o)
	if report == nil {
		return err
	}
	write := report.WriteTable
	if *asJSON {
		write = report.WriteJSON
	}
	if printed := write(c.Out); err == nil {
		err = printed
	}
	return err
}
