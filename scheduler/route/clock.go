package route

// Stop is a visit or a break as it is planned.
type Stop struct {
	Visit   int   // index, or -1 for a break
	Break   int   // index among the doctor's breaks, or -1
	Travel  int64 // seconds on the way here
	Metres  int64
	Arrival int64 // instants in seconds
	Wait    int64 // until it may begin
	Begin   int64
	Leave   int64
	Late    int64 // seconds after the last window; only what is under way may be late
}

// tally is what a doctor's day costs.
type tally struct{ travel, waiting, overtime, metres, end int64 }

func (t tally) cost(w Weights) int64 {
	return t.travel*w.Travel + t.waiting*w.Waiting + t.overtime*w.Overtime
}

// clock runs a doctor's day.
type clock struct {
	p      *Problem
	doc    *Doctor
	now    int64
	place  int
	paused int // breaks taken
	sum    tally
	stops  *[]Stop // where to write down what happens; nil while searching
}

// drive is the time between two places for this doctor.
func (c *clock) drive(from, to int) int64 {
	if from == Nowhere || to == Nowhere {
		return 0
	}
	s := c.p.Travel.seconds(from, to)
	if c.doc.Speed != nil {
		s = int64(float64(s) / *c.doc.Speed)
	}
	return s
}

// run plays a day through: a doctor's visits in this order. It answers false as soon as something hard is broken. Every
// visit begins as early as it may; breaks are taken where they cost least: in time that is waited anyhow, else as late as their
// windows allow.
func (p *Problem) run(d int, visits []int32, stops *[]Stop) (tally, bool) {
	doc := &p.Doctors[d]
	c := clock{p: p, doc: doc, now: doc.Shift.From, place: doc.Start, stops: stops}
	if len(visits) == 0 {
		return tally{end: c.now}, true
	}
	head := len(visits) <= len(doc.First) // nothing but what is under way: that is never refused
	if !head && (doc.MaxVisits > 0 && len(visits) > doc.MaxVisits || !p.fits(doc, visits)) {
		return tally{}, false
	}
	for i, v := range visits {
		if !c.visit(i, int(v)) {
			return tally{}, false
		}
	}
	c.home()
	return c.sum, head || c.sum.end <= doc.Shift.To
}

// fits says whether the loads of a day fit into the car.
func (p *Problem) fits(doc *Doctor, visits []int32) bool {
	for k, most := range doc.Capacity {
		var sum int64
		for _, v := range visits {
			if l := p.Visits[v].Load; k < len(l) {
				sum += l[k]
			}
		}
		if sum > most {
			return false
		}
	}
	return true
}

func (c *clock) visit(i, index int) bool {
	v := &c.p.Visits[index]
	head := i < len(c.doc.First)
	if head && i == 0 && c.doc.Begun != nil { // it has begun: she is there
		c.note(Stop{Visit: index, Break: -1, Arrival: *c.doc.Begun, Begin: *c.doc.Begun, Leave: max(*c.doc.Begun+v.Setup+v.Service, c.now)})
		c.now, c.place = max(*c.doc.Begun+v.Setup+v.Service, c.now), v.Place
		return true
	}
	way, metres := c.drive(c.place, v.Place), int64(0)
	if c.place != Nowhere {
		metres = c.p.Travel.metres(c.place, v.Place)
	}
	// A break whose last moment would pass on the way is taken before she leaves.
	for c.paused < len(c.doc.Breaks) && c.now+way > lastFrom(c.doc.Breaks[c.paused].Windows) {
		if !c.pause() {
			if !head {
				return false
			}
			c.paused++ // what is under way has eaten it
		}
	}
	arrival := c.now + way
	begin, open := opening(v.Windows, arrival)
	// A break is taken on arrival when it fits into the waiting, or when it would be too late after the visit.
	setup := v.Setup
	if c.place == v.Place {
		setup = 0
	}
	pausedHere := false
	c.now = arrival
	for c.paused < len(c.doc.Breaks) {
		b := &c.doc.Breaks[c.paused]
		at, ok := opening(b.Windows, c.now)
		if !ok {
			if head {
				c.paused++
				continue
			}
			return false
		}
		free := open && begin > arrival && at+b.Length <= begin
		if !free && begin+setup+v.Service <= lastFrom(b.Windows) {
			break
		}
		if head && !free {
			break
		}
		if !c.pause() {
			return false
		}
		pausedHere = true
		begin, open = opening(v.Windows, c.now)
	}
	var late int64
	if !open {
		if !head {
			return false
		}
		begin = max(c.now, arrival)
		late = begin - v.Windows[len(v.Windows)-1].To
	}
	wait := begin - c.now
	if i == 0 && !pausedHere {
		c.sum.waiting -= wait // she simply leaves later
	}
	c.sum.travel += way
	c.sum.metres += metres
	c.sum.waiting += wait
	c.now, c.place = begin+setup+v.Service, v.Place
	c.note(Stop{Visit: index, Break: -1, Travel: way, Metres: metres, Arrival: arrival, Wait: wait, Begin: begin, Leave: c.now, Late: late})
	return head || c.now <= c.doc.Shift.To
}

// pause takes the next break here.
func (c *clock) pause() bool {
	b := &c.doc.Breaks[c.paused]
	at, ok := opening(b.Windows, c.now)
	if !ok {
		return false
	}
	c.note(Stop{Visit: -1, Break: c.paused, Arrival: c.now, Wait: at - c.now, Begin: at, Leave: at + b.Length})
	c.sum.waiting += at - c.now
	c.now = at + b.Length
	c.paused++
	return true
}

func (c *clock) home() {
	way := c.drive(c.place, c.doc.End)
	if c.doc.End != Nowhere {
		c.sum.metres += c.p.Travel.metres(c.place, c.doc.End)
	}
	c.sum.travel += way
	c.sum.end = c.now + way
	if c.doc.Until > 0 && c.sum.end > c.doc.Until {
		c.sum.overtime = c.sum.end - c.doc.Until
	}
}

func (c *clock) note(s Stop) {
	if c.stops != nil {
		*c.stops = append(*c.stops, s)
	}
}

// opening is the first instant not before t that lies in one of the windows.
func opening(ws []Window, t int64) (int64, bool) {
	if len(ws) == 0 {
		return t, true
	}
	for i := range ws {
		if t <= ws[i].To {
			return max(t, ws[i].From), true
		}
	}
	return 0, false
}

func lastFrom(ws []Window) int64 { return ws[len(ws)-1].To }
