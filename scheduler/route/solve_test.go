package route_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lianzhen-health/lianzhen/scheduler/route"
)

// line is a table of places on a straight road, minutes apart.
func line(minutes ...int64) route.Table {
	t := route.Table{Places: len(minutes)}
	for _, a := range minutes {
		for _, b := range minutes {
			d := (a - b) * 60
			t.Seconds = append(t.Seconds, max(d, -d))
			t.Metres = append(t.Metres, max(d, -d)*10)
		}
	}
	return t
}

func hours(from, to float64) route.Window {
	return route.Window{From: int64(from * 3600), To: int64(to * 3600)}
}

func visit(id int64, place int, windows ...route.Window) route.Visit {
	return route.Visit{ID: id, Place: place, Service: 1800, Windows: windows, Doctor: route.Anybody}
}

func ids(p *route.Problem, visits []int32) []int64 {
	var all []int64
	for _, v := range visits {
		all = append(all, p.Visits[v].ID)
	}
	return all
}

func solve(t testing.TB, p *route.Problem, o route.Options) route.Plan {
	t.Helper()
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	plan := route.Solve(context.Background(), p, o)
	holds(t, p, plan)
	return plan
}

// holds proves a plan by itself, without the solver's clock: every visit once or left out, windows, shifts, skills, numbers.
func holds(t testing.TB, p *route.Problem, plan route.Plan) {
	t.Helper()
	times := map[int32]int{}
	for d, day := range plan.Days {
		doc := p.Doctors[d]
		now, place := day.Leaves, doc.Start
		if doc.Begun == nil && now < doc.Shift.From && len(doc.First) == 0 {
			t.Errorf("doctor %d leaves at %d, before the shift", d, now)
		}
		at := 0
		for _, s := range day.Stops {
			if s.Visit < 0 {
				b := doc.Breaks[s.Break]
				if s.Begin < s.Arrival || s.Leave != s.Begin+b.Length || !slices.ContainsFunc(b.Windows, func(w route.Window) bool { return w.From <= s.Begin && s.Begin <= w.To }) {
					t.Errorf("doctor %d: break %+v", d, s)
				}
				now = s.Leave
				continue
			}
			v := p.Visits[s.Visit]
			times[int32(s.Visit)]++
			underWay := at < len(doc.First)
			at++
			if v.Doctor != route.Anybody && v.Doctor != d {
				t.Errorf("visit %d goes to another doctor", s.Visit)
			}
			for _, skill := range v.Skills {
				if !slices.Contains(doc.Skills, skill) && !underWay {
					t.Errorf("visit %d needs skill %d", s.Visit, skill)
				}
			}
			if place != route.Nowhere && !(underWay && at == 1 && doc.Begun != nil) {
				if way := p.Travel.Seconds[place*p.Travel.Places+v.Place]; doc.Speed == nil && s.Begin < now+way {
					t.Errorf("visit %d begins at %d; she cannot be there before %d", s.Visit, s.Begin, now+way)
				}
			}
			if len(v.Windows) > 0 && !underWay && !slices.ContainsFunc(v.Windows, func(w route.Window) bool { return w.From <= s.Begin && s.Begin <= w.To }) {
				t.Errorf("visit %d begins at %d, outside %v", s.Visit, s.Begin, v.Windows)
			}
			setup := v.Setup
			if place == v.Place {
				setup = 0
			}
			if s.Leave < s.Begin+v.Service+setup && !underWay {
				t.Errorf("visit %d is cut short", s.Visit)
			}
			now, place = s.Leave, v.Place
		}
		if at != len(day.Visits) {
			t.Errorf("doctor %d has %d visits and %d stops", d, len(day.Visits), at)
		}
		if len(day.Visits) > len(doc.First) {
			if day.Ends > doc.Shift.To {
				t.Errorf("doctor %d is back at %d, after %d", d, day.Ends, doc.Shift.To)
			}
			if doc.MaxVisits > 0 && len(day.Visits) > doc.MaxVisits {
				t.Errorf("doctor %d has %d visits", d, len(day.Visits))
			}
		}
		for i, v := range doc.First {
			if i >= len(day.Visits) || day.Visits[i] != int32(v) {
				t.Errorf("doctor %d: what is under way was moved", d)
			}
		}
	}
	for _, l := range plan.Left {
		times[int32(l.Visit)]++
		if len(l.Reasons) != len(p.Doctors) {
			t.Errorf("visit %d is left out with %d reasons for %d doctors", l.Visit, len(l.Reasons), len(p.Doctors))
		}
	}
	for v := range p.Visits {
		if times[int32(v)] != 1 {
			t.Errorf("visit %d appears %d times", v, times[int32(v)])
		}
	}
}

// Up to eight stops are compared with trying everything: the plan holds, it is never better than everything (then the counting would be
// wrong), it places as many visits, and it is the optimum in nearly all cases.
func TestAgainstTryingEverything(t *testing.T) {
	cases, optimal := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		p := small(rt)
		if err := p.Check(); err != nil {
			rt.Fatal(err)
		}
		plan := route.Solve(context.Background(), p, route.Options{Seed: 7, Rounds: 300})
		holds(t, p, plan)
		if t.Failed() {
			rt.FailNow()
		}
		least := everything(p)
		var got int64
		for _, d := range plan.Days {
			got += d.Travel
		}
		for _, l := range plan.Left {
			got += missing * int64(1+p.Visits[l.Visit].Priority)
		}
		if got < least {
			rt.Fatalf("the plan costs %d, and no order costs less than %d", got, least)
		}
		if got/missing != least/missing {
			rt.Fatalf("left out: %d, and %d would do", got/missing, least/missing)
		}
		cases++
		if got == least {
			optimal++
		}
	})
	t.Logf("optimal in %d of %d", optimal, cases)
	if optimal*100 < cases*95 {
		t.Errorf("optimal in only %d of %d", optimal, cases)
	}
}

const missing = int64(1) << 30

func small(rt *rapid.T) *route.Problem {
	doctors := rapid.IntRange(1, 2).Draw(rt, "doctors")
	n := rapid.IntRange(1, 9-doctors).Draw(rt, "visits")
	x := rapid.SliceOfN(rapid.Int64Range(0, 60), n+1, n+1).Draw(rt, "x")
	y := rapid.SliceOfN(rapid.Int64Range(0, 60), n+1, n+1).Draw(rt, "y")
	p := &route.Problem{Weights: route.Weights{Travel: 1}, Travel: route.Table{Places: n + 1}}
	for i := range n + 1 {
		for j := range n + 1 {
			p.Travel.Seconds = append(p.Travel.Seconds, 60*int64(math.Hypot(float64(x[i]-x[j]), float64(y[i]-y[j]))))
		}
	}
	for range doctors {
		d := route.Doctor{Start: 0, End: 0, Shift: hours(8, 17), Skills: []int{1}}
		if rapid.Bool().Draw(rt, "limit") {
			d.MaxVisits = rapid.IntRange(1, n).Draw(rt, "most")
		}
		p.Doctors = append(p.Doctors, d)
	}
	if doctors == 2 && rapid.Bool().Draw(rt, "skill") {
		p.Doctors[1].Skills = []int{1, 2}
	}
	for i := range n {
		v := route.Visit{ID: int64(i), Place: i + 1, Service: rapid.Int64Range(5, 60).Draw(rt, "service") * 60, Doctor: route.Anybody}
		v.Priority = rapid.SampledFrom([]int{0, 0, 50}).Draw(rt, "priority")
		if rapid.Bool().Draw(rt, "window") {
			from := rapid.Int64Range(8, 15).Draw(rt, "from") * 3600
			v.Windows = []route.Window{{From: from, To: from + rapid.Int64Range(0, 4).Draw(rt, "width")*1800}}
		}
		if rapid.IntRange(0, 3).Draw(rt, "special") == 0 {
			v.Skills = []int{2}
		}
		p.Visits = append(p.Visits, v)
	}
	return p
}

// everything tries every order of every choice of visits for every doctor.
func everything(p *route.Problem) int64 {
	best := int64(math.MaxInt64)
	var without int64
	for _, v := range p.Visits {
		without += missing * int64(1+v.Priority)
	}
	used := make([]bool, len(p.Visits))
	var go1 func(d int, place int, now, cost int64, visits int)
	go1 = func(d int, place int, now, cost int64, visits int) {
		doc := p.Doctors[d]
		home := p.Travel.Seconds[place*p.Travel.Places+doc.End]
		if now+home <= doc.Shift.To || visits == 0 {
			total := cost
			if visits > 0 {
				total += home
			}
			if d+1 < len(p.Doctors) {
				go1(d+1, p.Doctors[d+1].Start, p.Doctors[d+1].Shift.From, total, 0)
			} else {
				best = min(best, total)
			}
		}
		if doc.MaxVisits > 0 && visits == doc.MaxVisits {
			return
		}
		for i, v := range p.Visits {
			if used[i] || slices.ContainsFunc(v.Skills, func(s int) bool { return !slices.Contains(doc.Skills, s) }) {
				continue
			}
			way := p.Travel.Seconds[place*p.Travel.Places+v.Place]
			begin := now + way
			if len(v.Windows) > 0 {
				begin = max(begin, v.Windows[0].From)
				if begin > v.Windows[0].To {
					continue
				}
			}
			if begin+v.Service > doc.Shift.To {
				continue
			}
			used[i] = true
			go1(d, v.Place, begin+v.Service, cost+way-missing*int64(1+v.Priority), visits+1)
			used[i] = false
		}
	}
	go1(0, p.Doctors[0].Start, p.Doctors[0].Shift.From, without, 0)
	return best
}

func TestTheSameSeedGivesTheSamePlan(t *testing.T) {
	p := &route.Problem{Travel: line(0, 5, 9, 14, 20, 26, 31), Doctors: []route.Doctor{{Shift: hours(8, 17)}, {Shift: hours(8, 17), Start: 6, End: 6}}}
	for i := range 6 {
		p.Visits = append(p.Visits, visit(int64(i), i+1))
	}
	first := solve(t, p, route.Options{Seed: 3, Rounds: 200})
	for range 3 {
		again := solve(t, p, route.Options{Seed: 3, Rounds: 200})
		for d := range first.Days {
			if !slices.Equal(first.Days[d].Visits, again.Days[d].Visits) {
				t.Fatalf("doctor %d: %v, and then %v", d, first.Days[d].Visits, again.Days[d].Visits)
			}
		}
	}
}

// A break is taken where it costs nothing: while she waits for a window anyhow.
func TestABreakIsTakenWhileWaiting(t *testing.T) {
	p := &route.Problem{Travel: line(0, 10, 20), Doctors: []route.Doctor{{Shift: hours(8, 17), Breaks: []route.Break{{ID: 1, Windows: []route.Window{hours(11.5, 13)}, Length: 3600}}}},
		Visits: []route.Visit{visit(1, 1, hours(8, 9)), visit(2, 2, hours(14, 14.5))}}
	plan := solve(t, p, route.Options{})
	stops := plan.Days[0].Stops
	if len(stops) != 3 || stops[1].Break != 0 || stops[1].Leave > stops[2].Begin {
		t.Fatalf("stops %+v", stops)
	}
}

// Where a day is full the break is not given up; the visit is.
func TestABreakIsNotGivenUp(t *testing.T) {
	p := &route.Problem{Travel: line(0, 10), Doctors: []route.Doctor{{Shift: hours(8, 13.5), Breaks: []route.Break{{ID: 1, Windows: []route.Window{hours(12, 12)}, Length: 3600}}}}}
	for i := range 9 {
		p.Visits = append(p.Visits, visit(int64(i), 1))
	}
	plan := solve(t, p, route.Options{Rounds: 50})
	if got := len(plan.Days[0].Visits); got != 7 { // 08:10 to 11:40, a break at 12:00, none fits between 13:00 and the way home but at the same place
		t.Errorf("%d visits: %+v", got, plan.Days[0].Stops)
	}
}

func TestPriorityDecidesWhatIsLeftOut(t *testing.T) {
	p := &route.Problem{Travel: line(0, 5, 60), Doctors: []route.Doctor{{Shift: hours(8, 11)}}}
	near, far := visit(1, 1, hours(9, 9)), visit(2, 2, hours(9, 9))
	far.Priority = 80
	p.Visits = []route.Visit{near, far}
	plan := solve(t, p, route.Options{Rounds: 20})
	if got := ids(p, plan.Days[0].Visits); !slices.Equal(got, []int64{2}) {
		t.Fatalf("visited %v", got)
	}
	if plan.Left[0].Reasons[0].Code != route.NoTimeLeft {
		t.Errorf("left out for %v", plan.Left[0].Reasons)
	}
}

// Each reason of a visit that is left out has its case.
func TestWhyAVisitIsLeftOut(t *testing.T) {
	other := visit(1, 1)
	other.Doctor = 1
	skilled := visit(1, 1)
	skilled.Skills = []int{5}
	heavy := visit(1, 1)
	heavy.Load = []int64{4}
	for _, c := range []struct {
		name  string
		visit route.Visit
		more  []route.Visit
		want  route.ReasonCode
	}{
		{"another doctor's", other, nil, route.OtherDoctor},
		{"skill", skilled, nil, route.SkillMissing},
		{"too early", visit(1, 1, hours(5, 6)), nil, route.OutsideShift},
		{"too heavy", heavy, nil, route.DoesNotFitLoad},
		{"enough", visit(1, 1), []route.Visit{visit(2, 1, hours(9, 9)), visit(3, 1, hours(10, 10))}, route.EnoughVisits},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &route.Problem{Travel: line(0, 5), Visits: append([]route.Visit{c.visit}, c.more...),
				Doctors: []route.Doctor{{Shift: hours(8, 17), MaxVisits: 2, Capacity: []int64{3}}, {Shift: hours(0, 0)}}}
			for i := range c.more {
				p.Visits[i+1].Priority = 10
			}
			plan := solve(t, p, route.Options{})
			if len(plan.Left) != 1 || plan.Left[0].Reasons[0].Code != c.want {
				t.Errorf("left out: %+v", plan.Left)
			}
		})
	}
}

// A day that is replanned leaves what is under way where it is, though it has become late, and finds a place for what was added.
func TestReplanningLeavesWhatIsUnderWay(t *testing.T) {
	begun := int64(10 * 3600)
	p := &route.Problem{Travel: line(0, 10, 20, 30, 12), Doctors: []route.Doctor{{Shift: hours(10, 17), First: []int{2, 0}, Begun: &begun}},
		Visits:  []route.Visit{visit(1, 1, hours(8, 9)), visit(2, 2), visit(3, 3, hours(8, 9)), visit(4, 4)},
		Planned: [][]int32{{2, 0, 1}}}
	plan := solve(t, p, route.Options{Rounds: 100, Seed: 2})
	day := plan.Days[0]
	if got := ids(p, day.Visits); !slices.Equal(got[:2], []int64{3, 1}) || len(got) != 4 {
		t.Fatalf("order %v", got)
	}
	if day.Stops[0].Begin != begun || day.Stops[1].Late <= 0 {
		t.Errorf("stops %+v", day.Stops)
	}
	if day.Why[1][0].Code != route.UnderWay || !slices.ContainsFunc(day.Why[1], func(r route.Reason) bool { return r.Code == route.Late }) {
		t.Errorf("why %+v", day.Why[1])
	}
}

// People were told when somebody comes: the order is kept unless changing it gains what was asked.
func TestAPlannedDayIsOnlyReorderedForAGain(t *testing.T) {
	p := &route.Problem{Travel: line(0, 10, 20, 30), Doctors: []route.Doctor{{Shift: hours(8, 17)}}, Weights: route.Weights{Travel: 1},
		Visits: []route.Visit{visit(1, 1), visit(2, 2), visit(3, 3)}, Planned: [][]int32{{1, 0, 2}}} // 80 minutes of road instead of 60
	if got := ids(p, solve(t, p, route.Options{MinGain: 21 * 60}).Days[0].Visits); !slices.Equal(got, []int64{2, 1, 3}) {
		t.Errorf("order %v", got)
	}
	if got := solve(t, p, route.Options{MinGain: 20 * 60}).Days[0].Travel; got != 3600 {
		t.Errorf("%d seconds of road", got)
	}
}

func TestStopsSayWhatTheyCost(t *testing.T) {
	p := &route.Problem{Travel: line(0, 10, 20), Doctors: []route.Doctor{{Shift: hours(8, 17)}},
		Visits: []route.Visit{visit(1, 1, hours(8, 9)), visit(2, 2, hours(10, 11))}}
	day := solve(t, p, route.Options{}).Days[0]
	if day.Leaves != 8*3600 || day.Stops[0].Begin != 8*3600+600 {
		t.Errorf("leaves at %d", day.Leaves)
	}
	want := []route.Reason{{Code: route.Detour, Seconds: 20 * 60}, {Code: route.WindowKept, Seconds: 3600}, {Code: route.Waits, Seconds: 70 * 60}}
	if !slices.Equal(day.Why[1], want) {
		t.Errorf("why %+v", day.Why[1])
	}
}

// When time is up the best plan so far is the answer, and it holds.
func TestTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := &route.Problem{Travel: line(0, 5, 9), Doctors: []route.Doctor{{Shift: hours(8, 17)}}, Visits: []route.Visit{visit(1, 1), visit(2, 2)}}
	plan := route.Solve(ctx, p, route.Options{Rounds: 1 << 30})
	holds(t, p, plan)
	if len(plan.Days[0].Visits) != 2 {
		t.Errorf("%+v", plan)
	}
}

func TestProblemsThatMakeNoSenseAreRefused(t *testing.T) {
	good := func() *route.Problem {
		return &route.Problem{Travel: line(0, 5), Doctors: []route.Doctor{{Shift: hours(8, 17)}}, Visits: []route.Visit{visit(1, 1)}}
	}
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	zero := 0.0
	for name, spoil := range map[string]func(p *route.Problem){
		"place":          func(p *route.Problem) { p.Visits[0].Place = 2 },
		"start":          func(p *route.Problem) { p.Doctors[0].Start = -2 },
		"shift":          func(p *route.Problem) { p.Doctors[0].Shift = route.Window{From: 5, To: 4} },
		"table":          func(p *route.Problem) { p.Travel.Seconds = p.Travel.Seconds[1:] },
		"negative road":  func(p *route.Problem) { p.Travel.Seconds[1] = -1 },
		"windows":        func(p *route.Problem) { p.Visits[0].Windows = []route.Window{hours(10, 11), hours(9, 10)} },
		"priority":       func(p *route.Problem) { p.Visits[0].Priority = 101 },
		"doctor":         func(p *route.Problem) { p.Visits[0].Doctor = 1 },
		"under way":      func(p *route.Problem) { p.Doctors[0].First = []int{0, 0} },
		"planned":        func(p *route.Problem) { p.Planned = [][]int32{{0, 0}} },
		"standing still": func(p *route.Problem) { p.Doctors[0].Speed = &zero },
		"begun nothing":  func(p *route.Problem) { n := int64(1); p.Doctors[0].Begun = &n },
		"weights":        func(p *route.Problem) { p.Weights.Travel = -1 },
	} {
		p := good()
		spoil(p)
		if p.Check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
