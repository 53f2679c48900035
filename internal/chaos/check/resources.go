package check

import (
	"fmt"

	"github.com/google/uuid"
)

// Sample is what a node says of itself in its metrics.
type Sample struct {
	Node       string
	Goroutines int
	Files      int
	Sockets    int // open sockets of clients: each has a goroutine and a file
	Resident   int64
	Drift      float64 // of the queue's index, as the node last saw it
}

// Slack is how much more than before a quiet system may hold: pools of connections grow to their bounds and stay.
const slack = 96

// Leaks is I10: after everybody has become quiet the nodes hold no more goroutines and files than before, beyond those of
// the sockets that are open and a slack for pools.
func Leaks(before, after []Sample) Verdict {
	v := Verdict{Invariant: "I10"}
	if len(before) == 0 || len(after) == 0 {
		v.Note = "no node gave its figures"
		return v
	}
	sum := func(list []Sample, of func(Sample) int) int {
		n := 0
		for _, s := range list {
			n += of(s) - s.Sockets
		}
		return n
	}
	for name, of := range map[string]func(Sample) int{"goroutines": func(s Sample) int { return s.Goroutines }, "files": func(s Sample) int { return s.Files }} {
		v.Checked++
		if b, a := sum(before, of), sum(after, of); a > b+slack {
			v.add(uuid.Nil, "", fmt.Sprintf("%d %s before, %d after, on all nodes and without those of open sockets", b, name, a))
		}
	}
	return v
}

// Entry is one place in the queue: a request before one department.
type Entry struct {
	Case, Department uuid.UUID
	Urgency          string
	SinceMS          int64
}

// Standing is the queue's index beside the queue.
type Standing struct {
	Kept    bool // a generation is pointed to and says that it is kept
	Indexed []Entry
	Queued  []Entry // what PostgreSQL says
}

// Index is I9: once everything is quiet the index is kept, holds exactly what waits, and the node that keeps it sees no difference.
func Index(s Standing, after []Sample) Verdict {
	v := Verdict{Invariant: "I9", Checked: 1 + len(s.Queued)}
	if !s.Kept {
		v.add(uuid.Nil, "", "nobody keeps an index")
		return v
	}
	indexed := map[Entry]bool{}
	for _, e := range s.Indexed {
		indexed[e] = true
	}
	for _, e := range s.Queued {
		if !indexed[e] {
			v.add(e.Case, "", fmt.Sprintf("waits (%s, department %s) and is not in the index like this", e.Urgency, e.Department))
		}
		delete(indexed, e)
	}
	for e := range indexed {
		v.add(e.Case, "", fmt.Sprintf("is in the index (%s, department %s) and does not wait like this", e.Urgency, e.Department))
	}
	for _, n := range after {
		if n.Drift != 0 {
			v.add(uuid.Nil, n.Node, fmt.Sprintf("says that the index differs from the queue by %g", n.Drift))
		}
	}
	return v
}
