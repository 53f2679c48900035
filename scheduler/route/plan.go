package route

// Plan is a planned day.
type Plan struct {
	Days []Day // one for each doctor, in the problem's order
	Left []Left
}

// Day is what one doctor does.
type Day struct {
	Visits   []int32 // indices, in order
	Stops    []Stop  // visits and breaks
	Why      [][]Reason
	Leaves   int64 // when she leaves Start: as late as the first visit allows
	Ends     int64
	Travel   int64 // seconds
	Waiting  int64
	Overtime int64
	Metres   int64
	Cost     int64
}

// Left is a visit that fits nowhere, and why: one reason for each doctor.
type Left struct {
	Visit   int
	Reasons []Reason // by doctor
}

// Reason is a code with its arguments in seconds; the sentences are with whoever shows them.
type Reason struct {
	Code    ReasonCode
	Seconds int64
}

// ReasonCode says why a stop is where it is, or why a visit is not.
type ReasonCode string

// Of a stop.
const (
	Detour     ReasonCode = "DETOUR"      // adds so many seconds to the road
	WindowKept ReasonCode = "WINDOW_KEPT" // begins so many seconds before its window ends
	Waits      ReasonCode = "WAITS"       // the doctor waits so long for the window
	UnderWay   ReasonCode = "UNDER_WAY"   // stays where it is
	Late       ReasonCode = "LATE"        // is under way, and so much after its window
)

// Of a visit that is left out.
const (
	OtherDoctor    ReasonCode = "OTHER_DOCTOR"  // it is promised to another doctor
	SkillMissing   ReasonCode = "SKILL_MISSING" // she may not do it
	OutsideShift   ReasonCode = "OUTSIDE_SHIFT" // even alone it does not fit into her shift and its windows
	NoTimeLeft     ReasonCode = "NO_TIME_LEFT"  // it fits between none of her other visits
	EnoughVisits   ReasonCode = "ENOUGH_VISITS" // she has as many visits as she makes in a day
	DoesNotFitLoad ReasonCode = "DOES_NOT_FIT"  // the car is full
)

func (s *search) plan() Plan {
	plan := Plan{Days: make([]Day, len(s.days))}
	for d, visits := range s.days {
		plan.Days[d] = s.p.day(d, visits)
	}
	for _, v := range s.out {
		left := Left{Visit: int(v)}
		for d := range s.days {
			left.Reasons = append(left.Reasons, Reason{Code: s.p.whyNot(d, int(v), s.days[d])})
		}
		plan.Left = append(plan.Left, left)
	}
	return plan
}

func (p *Problem) day(d int, visits []int32) Day {
	var stops []Stop
	t, _ := p.run(d, visits, &stops)
	day := Day{Visits: visits, Stops: stops, Ends: t.end, Travel: t.travel, Waiting: t.waiting, Overtime: t.overtime, Metres: t.metres,
		Cost: t.cost(p.Weights), Leaves: p.Doctors[d].Shift.From}
	if len(stops) == 0 {
		return day
	}
	first := &stops[0]
	if first.Visit >= 0 && (p.Doctors[d].Begun == nil || len(p.Doctors[d].First) == 0) {
		first.Arrival += first.Wait // she leaves later instead of waiting there
		first.Wait = 0
		day.Leaves = first.Arrival - first.Travel
	}
	at := 0
	for i := range stops {
		if stops[i].Visit < 0 {
			day.Why = append(day.Why, nil)
			continue
		}
		day.Why = append(day.Why, p.why(d, visits, at, stops[i]))
		at++
	}
	return day
}

// why explains a stop.
func (p *Problem) why(d int, visits []int32, at int, stop Stop) []Reason {
	doc := &p.Doctors[d]
	c := clock{p: p, doc: doc}
	here := p.Visits[visits[at]].Place
	before, after := doc.Start, doc.End
	if at > 0 {
		before = p.Visits[visits[at-1]].Place
	}
	if at+1 < len(visits) {
		after = p.Visits[visits[at+1]].Place
	}
	var reasons []Reason
	if at < len(doc.First) {
		reasons = append(reasons, Reason{Code: UnderWay})
	}
	detour := c.drive(before, here) + c.drive(here, after) - c.drive(before, after)
	reasons = append(reasons, Reason{Detour, detour})
	if stop.Late > 0 {
		return append(reasons, Reason{Late, stop.Late})
	}
	for _, w := range p.Visits[visits[at]].Windows {
		if stop.Begin >= w.From && stop.Begin <= w.To {
			reasons = append(reasons, Reason{WindowKept, w.To - stop.Begin})
			break
		}
	}
	if stop.Wait > 0 {
		reasons = append(reasons, Reason{Waits, stop.Wait})
	}
	return reasons
}

// whyNot explains why a doctor cannot make a visit beside the others of her day.
func (p *Problem) whyNot(d, v int, day []int32) ReasonCode {
	doc, visit := &p.Doctors[d], &p.Visits[v]
	if visit.Doctor != Anybody && visit.Doctor != d {
		return OtherDoctor
	}
	if !p.allowed(d, v) {
		return SkillMissing
	}
	alone := append(append([]int32(nil), day[:min(len(doc.First), len(day))]...), int32(v))
	if !p.fits(doc, alone) {
		return DoesNotFitLoad
	}
	if doc.MaxVisits > 0 && len(day) >= doc.MaxVisits {
		return EnoughVisits
	}
	if _, ok := p.run(d, alone, nil); !ok {
		return OutsideShift
	}
	if !p.fits(doc, append(append([]int32(nil), day...), int32(v))) {
		return DoesNotFitLoad
	}
	return NoTimeLeft
}
