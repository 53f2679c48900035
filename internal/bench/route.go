package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/lianzhen-health/lianzhen/scheduler/route"
	"github.com/lianzhen-health/lianzhen/scheduler/route/solomon"
)

// routes enters, for each published instance that is included, the length of the road beside the best that is known, and the time
// that planning took. A plan that leaves somebody out is an error.
func (r *Report) routes(ctx context.Context, rounds int) error {
	for _, i := range solomon.Instances() {
		p, err := i.Problem()
		if err != nil {
			return err
		}
		began := time.Now()
		plan := route.Solve(ctx, p, route.Options{Seed: 1, Rounds: rounds})
		took := time.Since(began)
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(plan.Left) > 0 {
			return fmt.Errorf("%s.%d: %d customers are left out", i.Name, i.Customers, len(plan.Left))
		}
		var road int64
		for _, d := range plan.Days {
			road += d.Travel
		}
		name := fmt.Sprintf("route %s.%d", i.Name, i.Customers)
		r.against(name+" road", "tenths", float64(road), float64(i.Best), Lower)
		r.add(name+" time", "ms", float64(took)/float64(time.Millisecond), Lower)
	}
	return nil
}
