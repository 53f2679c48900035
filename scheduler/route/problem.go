package route

import (
	"errors"
	"fmt"
	"slices"
)

// Nowhere is a doctor's Start or End where there is none: the day begins at the first visit, or ends with the last.
const Nowhere = -1

// Anybody is a visit's Doctor where every doctor with the skills may go.
const Anybody = -1

// Window is a span of seconds, both ends included.
type Window struct{ From, To int64 }

// Always is the window that never closes.
func Always() Window { return Window{0, 1 << 40} }

// Break is a pause of Length seconds that begins within one of its windows. One that would begin after the day's work is left out.
type Break struct {
	ID      int64
	Windows []Window
	Length  int64
}

// Doctor is a visiting doctor, with her car and her day. VROOM calls it a vehicle.
type Doctor struct {
	ID         int64
	Start, End int      // places, or Nowhere
	Shift      Window   // hard: leaves Start not before From, is at End not after To
	Until      int64    // seconds; what is worked later, within the shift, is overtime. 0: none is
	Breaks     []Break  // in the order of their windows
	Skills     []int    // what she may do
	MaxVisits  int      // a day; 0: no limit
	Capacity   []int64  // per kind of load
	First      []int    // visits, by index, that are under way or promised as next: they stay first, in this order
	Begun      *int64   // when the first of First began, if it did
	Speed      *float64 // travel times are divided by it; nil: 1
}

// Visit is one stop. VROOM calls it a job.
type Visit struct {
	ID       int64
	Place    int
	Setup    int64    // seconds, not needed again at the same place
	Service  int64    // seconds
	Windows  []Window // in which it begins, in order; none: any time
	Skills   []int    // all of which the doctor needs
	Priority int      // 0 to 100: what is left out first is the lowest
	Load     []int64
	Doctor   int // index of the only doctor who may go, or Anybody
}

// Table holds travel times in seconds and, if known, distances in metres between places, row by row.
type Table struct {
	Places  int
	Seconds []int64
	Metres  []int64
}

func (t Table) seconds(from, to int) int64 { return t.Seconds[from*t.Places+to] }

func (t Table) metres(from, to int) int64 {
	if len(t.Metres) == 0 {
		return 0
	}
	return t.Metres[from*t.Places+to]
}

// Weights say what a second costs.
type Weights struct{ Travel, Waiting, Overtime int64 }

// Usual are the weights of a working day: waiting is a fifth as bad as driving (there is always something to write), overtime thrice.
func Usual() Weights { return Weights{Travel: 10, Waiting: 2, Overtime: 30} }

// Problem is a day to be planned.
type Problem struct {
	Doctors []Doctor
	Visits  []Visit
	Travel  Table
	Weights Weights   // zero: Usual
	Planned [][]int32 // the day as it was planned: for each doctor visits by index. Where a visit cannot stay it is placed anew
}

// ErrProblem is wrapped by every error about a problem that makes no sense.
var ErrProblem = errors.New("route: problem")

// limits keep every sum far from overflow.
const (
	maxPlaces  = 4096
	maxSeconds = int64(1) << 41
	maxLoads   = 16
)

// Check says what is wrong with a problem, or nil. Everything else in this package takes a checked problem.
func (p *Problem) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrProblem, fmt.Sprintf(format, args...))
	}
	n := p.Travel.Places
	if n < 0 || n > maxPlaces || len(p.Travel.Seconds) != n*n || (len(p.Travel.Metres) != 0 && len(p.Travel.Metres) != n*n) {
		return bad("the table of travel times is not square or too large (%d places)", n)
	}
	if len(p.Visits) > maxPlaces || len(p.Doctors) > maxPlaces {
		return bad("%d doctors and %d visits are more than a day holds", len(p.Doctors), len(p.Visits))
	}
	for _, w := range []int64{p.Weights.Travel, p.Weights.Waiting, p.Weights.Overtime} {
		if w < 0 || w > 1000 {
			return bad("weight %d", w)
		}
	}
	for i, s := range p.Travel.Seconds {
		if s < 0 || s > maxSeconds>>12 {
			return bad("travel time %d from place %d to %d", s, i/n, i%n)
		}
	}
	placed := map[int]int{}
	for d, doc := range p.Doctors {
		for _, at := range []int{doc.Start, doc.End} {
			if at != Nowhere && (at < 0 || at >= n) {
				return bad("doctor %d starts or ends at place %d of %d", doc.ID, at, n)
			}
		}
		if !sound(doc.Shift) {
			return bad("shift of doctor %d", doc.ID)
		}
		for _, b := range doc.Breaks {
			if b.Length < 0 || b.Length > maxSeconds || len(b.Windows) == 0 || !ordered(b.Windows) {
				return bad("break %d of doctor %d", b.ID, doc.ID)
			}
		}
		if doc.Speed != nil && !(*doc.Speed >= 0.01 && *doc.Speed <= 100) {
			return bad("speed of doctor %d", doc.ID)
		}
		if len(doc.Capacity) > maxLoads || doc.MaxVisits < 0 || doc.Until < 0 {
			return bad("capacity or number of visits of doctor %d", doc.ID)
		}
		for _, v := range doc.First {
			if v < 0 || v >= len(p.Visits) {
				return bad("doctor %d is on the way to visit %d, which there is not", doc.ID, v)
			}
			if _, twice := placed[v]; twice {
				return bad("visit %d is under way twice", p.Visits[v].ID)
			}
			placed[v] = d
		}
		if doc.Begun != nil && (len(doc.First) == 0 || *doc.Begun < 0 || *doc.Begun > maxSeconds) {
			return bad("doctor %d has begun a visit that is not named", doc.ID)
		}
	}
	for _, v := range p.Visits {
		if v.Place < 0 || v.Place >= n {
			return bad("visit %d is at place %d of %d", v.ID, v.Place, n)
		}
		if v.Setup < 0 || v.Service < 0 || v.Setup > maxSeconds>>8 || v.Service > maxSeconds>>8 || v.Priority < 0 || v.Priority > 100 || len(v.Load) > maxLoads {
			return bad("length, priority or load of visit %d", v.ID)
		}
		for _, l := range v.Load {
			if l < 0 {
				return bad("load of visit %d", v.ID)
			}
		}
		if !ordered(v.Windows) {
			return bad("windows of visit %d", v.ID)
		}
		if v.Doctor != Anybody && (v.Doctor < 0 || v.Doctor >= len(p.Doctors)) {
			return bad("visit %d is for doctor %d of %d", v.ID, v.Doctor, len(p.Doctors))
		}
	}
	if len(p.Planned) > len(p.Doctors) {
		return bad("a plan for %d doctors of %d", len(p.Planned), len(p.Doctors))
	}
	seen := make([]bool, len(p.Visits))
	for _, r := range p.Planned {
		for _, v := range r {
			if v < 0 || int(v) >= len(p.Visits) || seen[v] {
				return bad("visit %d is planned twice or there is none", v)
			}
			seen[v] = true
		}
	}
	return nil
}

func sound(w Window) bool { return w.From >= 0 && w.From <= w.To && w.To <= maxSeconds }

func ordered(ws []Window) bool {
	return !slices.ContainsFunc(ws, func(w Window) bool { return !sound(w) }) &&
		slices.IsSortedFunc(ws, func(a, b Window) int { return int(min(max(a.From-b.To, -1), 1)) })
}
