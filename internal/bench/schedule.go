package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// ScheduleOptions say how much is measured.
type ScheduleOptions struct {
	Rounds   int // of each instance of the route solver
	Doctors  int // who can be booked
	Bookings int // that are there already
	Searches int // of each kind
	Wanted   int // times that several want at once
	Commit   string
	Progress io.Writer
}

// ScheduleDefaults are sizes that a laptop does in a minute.
func ScheduleDefaults() ScheduleOptions {
	return ScheduleOptions{Rounds: 20_000, Doctors: 200, Bookings: 50_000, Searches: 100, Wanted: 1000}
}

// Schedule measures planning: free times and bookings among everybody's calendars of a month, and routes, on published instances beside the best
// that is known.
func Schedule(ctx context.Context, o ScheduleOptions) (_ *Report, err error) {
	p, err := openPlace(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	r := &Report{Name: "schedule", Commit: o.Commit, Machine: machine(ctx, p.st.Pool, p.redis), Params: map[string]any{"rounds": o.Rounds}}
	say := func(what string) {
		if o.Progress != nil {
			fmt.Fprintln(o.Progress, what)
		}
	}
	say("calendars: slots and bookings")
	if err := r.calendars(ctx, p, o); err != nil {
		return nil, err
	}
	say("routes: the included instances")
	return r, r.routes(ctx, o.Rounds)
}
