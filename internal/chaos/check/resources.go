package check

import "fmt"

// Sample is what a node says of itself in its metrics.
type Sample struct {
	Node       string
	Goroutines int
	Files      int
	Sockets    int // open sockets of clients: each has a goroutine and a file
	Resident   int64
	Drift      float64 // queue index against PostgreSQL
	HasIndex   bool    // the node reports a drift
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
			v.add([16]byte{}, "", fmt.Sprintf("%d %s before, %d after, on all nodes and without those of open sockets", b, name, a))
		}
	}
	return v
}

// Index is I9: once everything is quiet, each node that has a view of the queue's index says that it is the queue.
func Index(after []Sample) Verdict {
	v := Verdict{Invariant: "I9"}
	for _, s := range after {
		if !s.HasIndex {
			continue
		}
		v.Checked++
		if s.Drift != 0 {
			v.add([16]byte{}, s.Node, fmt.Sprintf("the index differs from the queue by %g", s.Drift))
		}
	}
	if v.Checked == 0 {
		v.Note = "no node reports an index"
	}
	return v
}
