package check

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// OrderTolerance is how far apart in time two requests' keys may be read: the queue is sorted at an instant that is told to
// the millisecond, and two requests that change places within it are in order either way.
const OrderTolerance = 5 * time.Millisecond

// Order is I6: every queue that a doctor was shown is in the order of consult.Less at the time that it names, and while two
// requests wait neither is put back: the instant from which a request counts as waiting never changes.
func Order(history []Event) Verdict {
	v := Verdict{Invariant: "I6"}
	since := map[uuid.UUID]time.Time{}
	for _, e := range history {
		if e.Kind != KindQueue {
			continue
		}
		for _, p := range e.Waiting {
			if before, known := since[p.Case]; known && !before.Equal(p.Since) {
				v.add(p.Case, e.Who, fmt.Sprintf("waits since %s and before since %s: it lost its place", p.Since.Format(time.RFC3339Nano), before.Format(time.RFC3339Nano)))
			}
			since[p.Case] = p.Since
		}
		for i := 1; i < len(e.Waiting); i++ {
			a, b := e.Waiting[i-1], e.Waiting[i]
			v.Checked++
			if before(b, a, e.At.Add(-OrderTolerance)) && before(b, a, e.At.Add(OrderTolerance)) {
				v.add(b.Case, e.Who, fmt.Sprintf("stands behind %s (%s since %s) and is to be served before it (%s since %s)",
					a.Case, a.Urgency, a.Since.Format(time.TimeOnly), b.Urgency, b.Since.Format(time.TimeOnly)))
			}
		}
	}
	return v
}

func before(a, b Place, now time.Time) bool {
	return consult.Less(waiting(a), waiting(b), now)
}

func waiting(p Place) consult.Waiting {
	return consult.Waiting{ID: p.Case.String(), Urgency: consult.Urgency(p.Urgency), Since: p.Since, Target: p.Target}
}
