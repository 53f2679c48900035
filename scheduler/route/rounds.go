package route

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// The numbers of string removal as its authors give them, but for the temperatures, which are relative to the mean leg here.
const (
	meanRemoved   = 10.0
	longestString = 10.0
	blinkRate     = 0.01
	warm, cold    = 1.0, 0.01
)

// rounds takes neighbouring visits out and puts them back, accepts a worse day with a falling chance, and ends with the best.
func (s *search) rounds(ctx context.Context, n int) {
	s.neighbours()
	current := s.total()
	best, bestDays, bestOut := current, clone(s.days), slices.Clone(s.out)
	leg := s.meanLeg()
	heat := warm * leg
	fall := math.Pow(cold/warm, 1/float64(n))
	for range n {
		if ctx.Err() != nil {
			break
		}
		days, costs, out := s.shallow()
		s.ruin()
		s.recreate()
		now := s.total()
		if float64(now) < float64(current)-heat*math.Log(s.rng.Float64()) {
			current = now
			if now < best {
				best, bestDays, bestOut = now, clone(s.days), slices.Clone(s.out)
			}
		} else {
			s.restore(days, costs, out)
		}
		heat *= fall
	}
	s.restore(bestDays, nil, bestOut)
	s.improve(ctx)
}

func clone(days [][]int32) [][]int32 {
	all := make([][]int32, len(days))
	for i := range days {
		all[i] = slices.Clone(days[i])
	}
	return all
}

// shallow keeps the days as they are: ruin and recreate make new slices of those that they change.
func (s *search) shallow() ([][]int32, []int64, []int32) {
	return slices.Clone(s.days), slices.Clone(s.cost), slices.Clone(s.out)
}

func (s *search) restore(days [][]int32, costs []int64, out []int32) {
	for d, day := range days {
		if costs == nil {
			s.note(d, day)
			continue
		}
		s.days[d], s.cost[d] = day, costs[d]
		for i, v := range day {
			s.where[v] = place{d, i}
		}
	}
	s.out = out
	for _, v := range out {
		s.where[v] = place{-1, 0}
	}
}

func (s *search) neighbours() {
	n := len(s.p.Visits)
	s.near = make([][]int32, n)
	for v := range n {
		row := make([]int32, n)
		for w := range n {
			row[w] = int32(w)
		}
		here := s.p.Visits[v].Place
		slices.SortStableFunc(row, func(a, b int32) int {
			return cmp.Compare(s.p.Travel.seconds(here, s.p.Visits[a].Place), s.p.Travel.seconds(here, s.p.Visits[b].Place))
		})
		s.near[v] = row
	}
}

func (s *search) meanLeg() float64 {
	legs := 0
	var sum int64
	for d, day := range s.days {
		if len(day) > 0 {
			legs += len(day) + 1
			sum += s.cost[d]
		}
	}
	if legs == 0 {
		return 1
	}
	return max(1, float64(sum)/float64(legs))
}

// ruin takes strings of visits out of days that lie near one visit.
func (s *search) ruin() {
	placed, busy := 0, 0
	for d, day := range s.days {
		if free := len(day) - s.head(d); free > 0 {
			placed += free
			busy++
		}
	}
	if busy == 0 {
		return
	}
	longest := min(longestString, float64(placed)/float64(busy))
	most := max(1, 4*min(meanRemoved, float64(placed)/2)/(1+longest)-1)
	strings := int(1 + s.rng.Float64()*most)
	seed := s.rng.IntN(len(s.p.Visits))
	ruined := make([]bool, len(s.days))
	for _, v := range s.near[seed] {
		if strings == 0 {
			break
		}
		w := s.where[v]
		if w.day < 0 || ruined[w.day] || w.at < s.head(w.day) {
			continue
		}
		ruined[w.day] = true
		strings--
		s.cut(w, longest)
	}
}

// cut takes a string out of one day that holds a given visit, sometimes sparing a stretch in its middle.
func (s *search) cut(w place, longest float64) {
	day, head := s.days[w.day], s.head(w.day)
	free := len(day) - head
	length := int(1 + s.rng.Float64()*min(float64(free), longest))
	length = min(length, free)
	spare := 0
	if length > 1 && length < free && s.rng.IntN(2) == 0 {
		for spare = 1; length+spare < free && s.rng.Float64() > 0.01; {
			if s.rng.IntN(2) == 0 {
				break
			}
			spare++
		}
	}
	span := length + spare
	first := max(head, w.at-span+1)
	last := min(w.at, len(day)-span)
	from := first + s.rng.IntN(last-first+1)
	keepFrom := from + length
	if spare > 0 {
		keepFrom = from + 1 + s.rng.IntN(length-1)
	}
	rest := make([]int32, 0, len(day)+1)
	for i, v := range day {
		if i < from || i >= from+span || (i >= keepFrom && i < keepFrom+spare) {
			rest = append(rest, v)
			continue
		}
		s.out = append(s.out, v)
		s.where[v] = place{-1, 0}
	}
	if _, ok := s.price(w.day, rest); !ok { // possible only with these visits between: leave the day
		s.out = s.out[:len(s.out)-(len(day)-len(rest))]
		s.note(w.day, day)
		return
	}
	s.note(w.day, rest)
}

// recreate puts what is left out back, in one of four orders; the most urgent always first.
func (s *search) recreate() {
	key := make([]int64, len(s.p.Visits))
	switch r := s.rng.IntN(11); {
	case r < 4:
		for i := range key {
			key[i] = int64(s.rng.Uint32())
		}
	case r < 8: // the narrowest windows first
		for i, v := range s.p.Visits {
			for _, w := range v.Windows {
				key[i] += w.To - w.From
			}
			if len(v.Windows) == 0 {
				key[i] = maxSeconds
			}
		}
	case r < 10: // the farthest first
		for i := range key {
			key[i] = -s.far(i)
		}
	default:
		for i := range key {
			key[i] = s.far(i)
		}
	}
	slices.SortStableFunc(s.out, func(a, b int32) int {
		if c := cmp.Compare(s.p.Visits[b].Priority, s.p.Visits[a].Priority); c != 0 {
			return c
		}
		return cmp.Compare(key[a], key[b])
	})
	left := s.out[:0:0]
	for _, v := range s.out {
		if at, ok := s.cheapest(v, blinkRate); ok {
			s.put(v, at)
			continue
		}
		left = append(left, v)
	}
	s.out = left
}

// far is how far a visit is from where its nearest doctor begins.
func (s *search) far(v int) int64 {
	best := int64(math.MaxInt64)
	for i := range s.p.Doctors {
		if at := s.p.Doctors[i].Start; at != Nowhere {
			best = min(best, s.p.Travel.seconds(at, s.p.Visits[v].Place))
		}
	}
	return best
}
