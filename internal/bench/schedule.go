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
	Commit   string
	Progress io.Writer
}

// ScheduleDefaults are sizes that a laptop does in a minute.
func ScheduleDefaults() ScheduleOptions { return ScheduleOptions{Rounds: 20_000} }

// Schedule measures planning: routes, on published instances beside the best that is known.
func Schedule(ctx context.Context, o ScheduleOptions) (_ *Report, err error) {
	p, err := openPlace(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	r := &Report{Name: "schedule", Commit: o.Commit, Machine: machine(ctx, p.st.Pool, p.redis), Params: map[string]any{"rounds": o.Rounds}}
	if o.Progress != nil {
		fmt.Fprintln(o.Progress, "routes: the included instances")
	}
	return r, r.routes(ctx, o.Rounds)
}
