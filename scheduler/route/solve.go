package route

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Options say how long and how freely is searched.
type Options struct {
	Seed    uint64
	Rounds  int   // of taking visits out and putting them back; 0: only insertion and the local moves
	MinGain int64 // a day that was planned is changed only where that saves so much, in units of [Weights] times seconds
}

// leftOut is what one visit that is left out costs, for each point of priority and one more: more than any road.
const leftOut = int64(1) << 36

// search is the state of one run.
type search struct {
	p     *Problem
	may   [][]bool  // doctor, visit: skills and "only she"
	days  [][]int32 // the present plan
	cost  []int64   // of each day
	out   []int32   // left out
	buf   []int32   // scratch: a changed day
	buf2  []int32
	rng   *rand.Rand
	near  [][]int32 // for each visit the others, nearest first
	where []place   // of each visit
	least int64     // what a local move must gain
}

type place struct{ day, at int } // day -1: left out

// Solve plans a day. It keeps to what ctx allows: when it is done, the best plan so far is the answer.
func Solve(ctx context.Context, p *Problem, o Options) Plan {
	if p.Weights == (Weights{}) {
		q := *p
		q.Weights = Usual()
		p = &q
	}
	s := newSearch(p, o)
	s.begin()
	s.insertAll()
	s.improve(ctx)
	s.least = 1
	if o.Rounds > 0 && len(p.Visits) > 1 {
		s.rounds(ctx, o.Rounds)
	}
	return s.plan()
}

func newSearch(p *Problem, o Options) *search {
	s := &search{p: p, least: max(1, o.MinGain), rng: rand.New(rand.NewPCG(o.Seed, 0x6c69616e7a68656e))}
	s.may = make([][]bool, len(p.Doctors))
	s.days = make([][]int32, len(p.Doctors))
	s.cost = make([]int64, len(p.Doctors))
	for d := range p.Doctors {
		s.may[d] = make([]bool, len(p.Visits))
		for v := range p.Visits {
			s.may[d][v] = p.allowed(d, v)
		}
	}
	s.where = make([]place, len(p.Visits))
	return s
}

// allowed says whether a doctor may make a visit at all: skills, and a visit that is promised to one doctor.
func (p *Problem) allowed(d, v int) bool {
	visit := &p.Visits[v]
	if visit.Doctor != Anybody && visit.Doctor != d {
		return false
	}
	return !slices.ContainsFunc(visit.Skills, func(skill int) bool { return !slices.Contains(p.Doctors[d].Skills, skill) })
}

// begin takes over what is under way and, as far as it still holds, what was planned.
func (s *search) begin() {
	placed := make([]bool, len(s.p.Visits))
	for d := range s.p.Doctors {
		for _, v := range s.p.Doctors[d].First {
			s.days[d] = append(s.days[d], int32(v))
			placed[v] = true
		}
	}
	for d, planned := range s.p.Planned {
		for _, v := range planned {
			if placed[v] || !s.may[d][v] {
				continue
			}
			if _, ok := s.p.run(d, append(s.days[d], v), nil); ok {
				s.days[d] = append(s.days[d], v)
				placed[v] = true
			}
		}
	}
	for d := range s.days {
		s.note(d, s.days[d])
	}
	for v, is := range placed {
		if !is {
			s.out = append(s.out, int32(v))
			s.where[v] = place{-1, 0}
		}
	}
}

// note makes visits the day of a doctor and remembers what it costs.
func (s *search) note(d int, visits []int32) {
	s.days[d] = visits
	t, _ := s.p.run(d, visits, nil)
	s.cost[d] = t.cost(s.p.Weights)
	for i, v := range visits {
		s.where[v] = place{d, i}
	}
}

// head is how many visits of a day may not be moved.
func (s *search) head(d int) int { return len(s.p.Doctors[d].First) }

func (s *search) total() int64 {
	var sum int64
	for _, c := range s.cost {
		sum += c
	}
	for _, v := range s.out {
		sum += s.missing(v)
	}
	return sum
}

func (s *search) missing(v int32) int64 { return leftOut * int64(1+s.p.Visits[v].Priority) }

// price is what a changed day costs, and whether it is possible.
func (s *search) price(d int, visits []int32) (int64, bool) {
	t, ok := s.p.run(d, visits, nil)
	return t.cost(s.p.Weights), ok
}

// spot is a place to put a visit, and what that adds.
type spot struct {
	day, at int
	adds    int64
}

// cheapest looks for the best place for a visit; blink is the chance to overlook one, which helps rounds out of ruts.
func (s *search) cheapest(v int32, blink float64) (spot, bool) {
	best, found := spot{adds: math.MaxInt64}, false
	for d := range s.days {
		if !s.may[d][v] {
			continue
		}
		day := s.days[d]
		for at := s.head(d); at <= len(day); at++ {
			if blink > 0 && s.rng.Float64() < blink {
				continue
			}
			if found && s.leastDetour(d, at, v) >= best.adds {
				continue
			}
			s.buf = append(append(append(s.buf[:0], day[:at]...), v), day[at:]...)
			if c, ok := s.price(d, s.buf); ok && c-s.cost[d] < best.adds {
				best, found = spot{d, at, c - s.cost[d]}, true
			}
		}
	}
	return best, found
}

// leastDetour is a lower bound of what putting v at a place adds: the longer road, less the waiting that it may save.
func (s *search) leastDetour(d, at int, v int32) int64 {
	doc, day, t := &s.p.Doctors[d], s.days[d], &s.p.Travel
	if doc.Speed != nil || s.p.Weights.Waiting > 0 {
		return math.MinInt64
	}
	from, to := doc.Start, doc.End
	if at > 0 {
		from = s.p.Visits[day[at-1]].Place
	}
	if at < len(day) {
		to = s.p.Visits[day[at]].Place
	}
	here := s.p.Visits[v].Place
	var more int64
	if from != Nowhere {
		more += t.seconds(from, here)
	}
	if to != Nowhere {
		more += t.seconds(here, to)
	}
	if from != Nowhere && to != Nowhere && len(day) > 0 {
		more -= t.seconds(from, to)
	}
	return more * s.p.Weights.Travel
}

// insertAll puts what is left out where it costs least, the most urgent and cheapest first, until nothing fits any more.
func (s *search) insertAll() {
	for {
		bestAt, best := -1, spot{}
		for i, v := range s.out {
			sp, ok := s.cheapest(v, 0)
			if !ok {
				continue
			}
			if bestAt < 0 || s.before(v, sp, s.out[bestAt], best) {
				bestAt, best = i, sp
			}
		}
		if bestAt < 0 {
			return
		}
		v := s.out[bestAt]
		s.out = slices.Delete(s.out, bestAt, bestAt+1)
		s.put(v, best)
	}
}

func (s *search) before(a int32, at spot, b int32, than spot) bool {
	if pa, pb := s.p.Visits[a].Priority, s.p.Visits[b].Priority; pa != pb {
		return pa > pb
	}
	return at.adds < than.adds
}

func (s *search) put(v int32, at spot) {
	s.note(at.day, slices.Insert(slices.Clone(s.days[at.day]), at.at, v))
}
