package check

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// at is a number in a stream.
type at struct {
	stream int
	seq    int64
}

// lineage is what one client knew, from a welcome on, over however many sockets.
type lineage struct {
	who    string
	user   uuid.UUID
	begin  []int64
	known  []int64
	got    map[at]int
	frames int
	open   bool // it reached the end of the history
}

// Streams is I4: a client that was welcomed at some positions was told everything that was for it since, in order, once, and
// nothing that was not; or it was told to read everything again. Head is how far each stream had come when the history
// ended; who was connected then must know it all.
func Streams(history []Event, f Facts, head []int64) Verdict {
	v := Verdict{Invariant: "I4"}
	all := map[int64]*lineage{}
	var order []int64
	for _, e := range history {
		if e.Lineage == 0 {
			continue
		}
		l := all[e.Lineage]
		switch {
		case e.Kind == KindSession && e.Op == OpWelcome:
			all[e.Lineage] = &lineage{who: e.Who, user: e.User, begin: slices.Clone(e.Positions), known: slices.Clone(e.Positions), got: map[at]int{}}
			order = append(order, e.Lineage)
		case l == nil:
		case e.Kind == KindSession && e.Op == OpEnd:
			l.open = true
		case e.Kind == KindSession && e.Op == OpPosition:
			// The server says that nothing more is meant for the client up to here; the rows below prove it right or wrong.
			for i := range min(len(l.known), len(e.Positions)) {
				if e.Positions[i] < l.known[i] {
					v.add(e.Case, e.Who, fmt.Sprintf("a position went back (stream %d, from %d to %d)", i, l.known[i], e.Positions[i]))
				}
				l.known[i] = max(l.known[i], e.Positions[i])
			}
		case e.Kind == KindFrame:
			v.Checked++
			if what := l.frame(e); what != "" {
				v.add(e.Case, e.Who, what)
			}
		}
	}
	for _, n := range order {
		l := all[n]
		until := l.known
		if l.open {
			until = head
		}
		for _, p := range f.Outbox {
			if p.Stream >= len(l.begin) || p.Seq <= l.begin[p.Stream] || p.Stream >= len(until) || p.Seq > until[p.Stream] {
				continue
			}
			here := at{p.Stream, p.Seq}
			switch told := f.told(l.user, p); {
			case told && l.got[here] == 0:
				v.add(p.Case, l.who, fmt.Sprintf("was never told of %s (stream %d, number %d)", p.Name, p.Stream, p.Seq))
			case !told && l.got[here] > 0 && len(p.Sessions) == 0:
				v.add(p.Case, l.who, fmt.Sprintf("was told of %s (stream %d, number %d), which is not for this account", p.Name, p.Stream, p.Seq))
			}
			v.Checked++
		}
	}
	return v
}

// frame takes one frame that the client accepted. What it passed over (a repetition) is not in the history as a frame.
func (l *lineage) frame(e Event) string {
	if e.Stream < 0 || e.Stream >= len(l.known) {
		return fmt.Sprintf("got a frame of stream %d", e.Stream)
	}
	before := l.known[e.Stream]
	l.frames++
	l.got[at{e.Stream, e.Seq}]++
	switch {
	case e.Seq <= before:
		return fmt.Sprintf("took %s twice or out of order (stream %d, number %d after %d)", e.Name, e.Stream, e.Seq, before)
	case e.Prev > before:
		return fmt.Sprintf("took %s over a hole (stream %d, number %d names %d, known is %d)", e.Name, e.Stream, e.Seq, e.Prev, before)
	}
	l.known[e.Stream] = e.Seq
	return ""
}
