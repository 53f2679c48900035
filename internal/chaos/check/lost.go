package check

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// living lists the states in which somebody still has something to do before or in a call; waiting for the report and
// everything after it count as served.
func living() []string {
	return []string{"SUBMITTED", "TRIAGED", "OFFERED", "ACCEPTED", "SCHEDULED", "WAITING", "IN_PROGRESS", "ABORTED_TECH"}
}

// Lost is I1: what a client was told to be done is in the record, and each request that was submitted is either at its end or
// where a doctor sees it.
func Lost(history []Event, f Facts) Verdict {
	v := Verdict{Invariant: "I1"}
	submitted := map[uuid.UUID]bool{}
	for _, e := range history {
		if e.Kind != KindAct || e.Outcome != OK {
			continue
		}
		v.Checked++
		c, there := f.Cases[e.Case]
		if !there {
			v.add(e.Case, e.Who, fmt.Sprintf("%s was acknowledged and the consultation is not in the database", e.Op))
			continue
		}
		if e.Op == OpSubmit {
			submitted[e.Case] = true
		}
		if what := missing(e, c, f.Steps[e.Case]); what != "" {
			v.add(e.Case, e.Who, fmt.Sprintf("%s was acknowledged and %s", e.Op, what))
		}
	}
	for id := range submitted {
		c := f.Cases[id]
		switch {
		case c.State == "DRAFT":
			v.add(id, "", "was submitted and is a draft")
		case c.State == "OFFERED" && c.Asked == 0:
			v.add(id, "", "waits where no department sees it")
		case slices.Contains([]string{"SUBMITTED", "TRIAGED"}, c.State):
			v.add(id, "", "was submitted and never reached the queue: "+c.State)
		}
	}
	return v
}

// missing says what an acknowledged act did not leave behind.
func missing(e Event, c Case, steps []Step) string {
	has := func(match func(Step) bool) bool { return slices.ContainsFunc(steps, match) }
	switch e.Op {
	case OpSubmit:
		if !has(func(s Step) bool { return s.To == "OFFERED" }) {
			return "the record was never offered"
		}
	case OpCancel:
		if !has(func(s Step) bool { return s.To == "CANCELLED" || s.To == "VOIDED" }) {
			return "the record was never cancelled"
		}
	case OpClaim:
		if !has(func(s Step) bool {
			doctor, given := s.granted()
			return given && doctor == e.User && s.Epoch == e.Epoch+1
		}) {
			return fmt.Sprintf("the record has no claim of this doctor with epoch %d", e.Epoch+1)
		}
	case OpAssign:
		if !has(func(s Step) bool {
			doctor, given := s.granted()
			return given && doctor == e.Target && s.Epoch == e.Epoch+1
		}) {
			return fmt.Sprintf("the record gives it to nobody of that name with epoch %d", e.Epoch+1)
		}
	case OpRelease:
		if !has(func(s Step) bool { return s.Type == "RELEASE" && s.Actor == e.User && s.Epoch == e.Epoch+1 }) {
			return fmt.Sprintf("the record has no release of this doctor with epoch %d", e.Epoch+1)
		}
	case OpDone:
		if !has(func(s Step) bool { return s.To == "TO_EMERGENCY" }) {
			return "the record was never handed over"
		}
	}
	return ""
}

// Stuck counts those that are not at their end: for the report.
func Stuck(f Facts) int {
	n := 0
	for _, c := range f.Cases {
		if slices.Contains(living(), c.State) {
			n++
		}
	}
	return n
}
