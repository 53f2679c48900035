package solomon_test

import (
	"testing"

	"github.com/lianzhen-health/lianzhen/scheduler/route"
	"github.com/lianzhen-health/lianzhen/scheduler/route/solomon"
)

// The small instances are solved to their proven optimum; the solver is the same for a given seed, so this is no matter of luck.
func TestSmallInstancesAreSolvedToTheOptimum(t *testing.T) {
	for _, i := range solomon.Instances() {
		if i.Customers > 25 {
			continue
		}
		p, err := i.Problem()
		if err != nil {
			t.Fatal(err)
		}
		plan := route.Solve(t.Context(), p, route.Options{Seed: 1, Rounds: 2000})
		if len(plan.Left) > 0 {
			t.Errorf("%s: %d customers are left out", i.Name, len(plan.Left))
		}
		var sum int64
		for _, d := range plan.Days {
			sum += d.Travel
		}
		if sum != i.Best {
			t.Errorf("%s.%d: %d, and the best known is %d", i.Name, i.Customers, sum, i.Best)
		}
	}
}
