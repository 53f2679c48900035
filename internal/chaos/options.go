package chaos

import (
	"io"
	"time"
)

// Options of a run.
type Options struct {
	Binary   string        // the server
	Skewed   string        // the server built with a clock that can be set wrong; empty: F11 does not run
	Seed     uint64        // of everything random
	Duration time.Duration // of each round, quiescence apart
	Only     []string      // names of faults; empty: all
	Short    bool          // the rounds of `make test`, which take about two minutes
	Nurses   int
	Doctors  int
	Dir      string // where histories go as JSON lines; empty: nowhere
	Out      io.Writer
}
