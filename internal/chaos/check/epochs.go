package check

import (
	"fmt"

	"github.com/google/uuid"
)

// Epochs is I3: in the record the epoch of a request rises by one exactly when the grant changes hands and never falls, and
// no client saw it fall.
func Epochs(history []Event, f Facts) Verdict {
	v := Verdict{Invariant: "I3"}
	for id, steps := range f.Steps {
		var epoch int64
		for _, s := range steps {
			v.Checked++
			_, given := s.granted()
			rises := given || s.Type == "RELEASE" || s.Type == "HAND_OVER"
			switch {
			case s.Epoch < epoch:
				v.add(id, "", fmt.Sprintf("event %d (%s) has epoch %d after %d", s.Seq, s.Type, s.Epoch, epoch))
			case rises && s.Epoch != epoch+1:
				v.add(id, "", fmt.Sprintf("event %d (%s) changed the grant and the epoch went from %d to %d", s.Seq, s.Type, epoch, s.Epoch))
			}
			epoch = max(epoch, s.Epoch)
		}
		if c, there := f.Cases[id]; there && c.Epoch < epoch {
			v.add(id, "", fmt.Sprintf("stands at epoch %d and its record reached %d", c.Epoch, epoch))
		}
	}
	type seen struct {
		who  string
		what uuid.UUID
	}
	last := map[seen]Event{}
	for _, e := range history {
		if e.Kind != KindView {
			continue
		}
		v.Checked++
		k := seen{e.Who, e.Case}
		// Reads that overlap may answer in either order.
		if before, there := last[k]; there && e.From.After(before.At) && e.Epoch < before.Epoch {
			v.add(e.Case, e.Who, fmt.Sprintf("saw epoch %d and later %d", before.Epoch, e.Epoch))
		}
		if before, there := last[k]; !there || e.At.After(before.At) {
			last[k] = e
		}
	}
	return v
}
