package check

import (
	"fmt"

	"github.com/google/uuid"
)

// Chain is I8: the events of a record are numbered from one without a gap and each transition begins where the one before ended; the
// streams of the outbox have no gap; the hash chain holds and speaks for every row.
func Chain(f Facts) Verdict {
	v := Verdict{Invariant: "I8"}
	for id, steps := range f.Steps {
		state := ""
		for i, s := range steps {
			v.Checked++
			if s.Seq != i+1 {
				v.add(id, "", fmt.Sprintf("event %d stands where %d is due", s.Seq, i+1))
				break
			}
			if s.To == "" {
				continue
			}
			if state != "" && s.From != state {
				v.add(id, "", fmt.Sprintf("event %d (%s) begins in %s, the one before ended in %s", s.Seq, s.Type, s.From, state))
			}
			state = s.To
		}
		if c, there := f.Cases[id]; there && state != "" && c.State != state {
			v.add(id, "", fmt.Sprintf("is %s, and its last event ended in %s", c.State, state))
		}
	}
	if p := f.Proof; p != nil {
		v.Checked += int(p.Entries)
		for _, fault := range p.Faults {
			v.add(uuid.Nil, "", fault)
		}
		if p.Waiting > 0 {
			v.add(uuid.Nil, "", fmt.Sprintf("%d rows were not chained in time", p.Waiting))
		}
	}
	last := map[int]int64{}
	for _, p := range f.Outbox {
		v.Checked++
		if before, known := last[p.Stream]; known && p.Seq != before+1 {
			v.add(p.Case, "", fmt.Sprintf("stream %d goes from %d to %d", p.Stream, before, p.Seq))
		}
		last[p.Stream] = p.Seq
	}
	return v
}
