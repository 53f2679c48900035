package route

import (
	"context"
	"slices"
)

// longest is how many visits are relocated together.
const longest = 3

// improve makes the local moves until none helps: one to three visits to another place, in either direction (or-opt); a stretch of a
// day turned round (2-opt); the tails of two days exchanged (2-opt*).
func (s *search) improve(ctx context.Context) {
	for moved := true; moved && ctx.Err() == nil; {
		moved = s.relocate() || s.exchangeTails() || s.turn()
	}
}

// relocate takes the first move of a stretch that helps.
func (s *search) relocate() bool {
	for a := range s.days {
		for i := s.head(a); i < len(s.days[a]); i++ {
			for k := 1; k <= longest && i+k <= len(s.days[a]); k++ {
				if s.moveStretch(a, i, k) {
					return true
				}
			}
		}
	}
	return false
}

func (s *search) moveStretch(a, i, k int) bool {
	day := s.days[a]
	stretch := slices.Clone(day[i : i+k])
	rest := append(slices.Clone(day[:i]), day[i+k:]...)
	restCost, ok := s.price(a, rest)
	if !ok {
		return false // a day can be possible only with a visit between, where breaks are taken
	}
	for b := range s.days {
		if slices.ContainsFunc(stretch, func(v int32) bool { return !s.may[b][v] }) {
			continue
		}
		into := s.days[b]
		if a == b {
			into = rest
		}
		for turned := range 2 {
			if turned == 1 {
				if k == 1 {
					break
				}
				slices.Reverse(stretch)
			}
			for at := s.head(b); at <= len(into); at++ {
				if a == b && at == i && turned == 0 {
					continue
				}
				s.buf = append(append(append(s.buf[:0], into[:at]...), stretch...), into[at:]...)
				c, ok := s.price(b, s.buf)
				if !ok {
					continue
				}
				gain := s.cost[a] - c
				if a != b {
					gain = s.cost[a] + s.cost[b] - restCost - c
				}
				if gain >= s.least {
					if a != b {
						s.note(a, rest)
					}
					s.note(b, slices.Clone(s.buf))
					return true
				}
			}
		}
		if k > 1 {
			slices.Reverse(stretch)
		}
	}
	return false
}

func (s *search) exchangeTails() bool {
	for a := range s.days {
		for b := a + 1; b < len(s.days); b++ {
			for i := s.head(a); i <= len(s.days[a]); i++ {
				for j := s.head(b); j <= len(s.days[b]); j++ {
					if s.swapTails(a, i, b, j) {
						return true
					}
				}
			}
		}
	}
	return false
}

func (s *search) swapTails(a, i, b, j int) bool {
	da, db := s.days[a], s.days[b]
	if i == len(da) && j == len(db) {
		return false
	}
	for _, v := range da[i:] {
		if !s.may[b][v] {
			return false
		}
	}
	for _, v := range db[j:] {
		if !s.may[a][v] {
			return false
		}
	}
	s.buf = append(append(s.buf[:0], da[:i]...), db[j:]...)
	ca, ok := s.price(a, s.buf)
	if !ok || s.cost[a]+s.cost[b]-ca < s.least {
		return false
	}
	s.buf2 = append(append(s.buf2[:0], db[:j]...), da[i:]...)
	cb, ok := s.price(b, s.buf2)
	if !ok || s.cost[a]+s.cost[b]-ca-cb < s.least {
		return false
	}
	na, nb := slices.Clone(s.buf), slices.Clone(s.buf2)
	s.note(a, na)
	s.note(b, nb)
	return true
}

func (s *search) turn() bool {
	for d, day := range s.days {
		for i := s.head(d); i < len(day); i++ {
			for j := i + 2; j <= len(day); j++ {
				s.buf = append(s.buf[:0], day...)
				slices.Reverse(s.buf[i:j])
				if c, ok := s.price(d, s.buf); ok && s.cost[d]-c >= s.least {
					s.note(d, slices.Clone(s.buf))
					return true
				}
			}
		}
	}
	return false
}
