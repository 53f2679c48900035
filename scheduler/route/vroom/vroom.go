package vroom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/lianzhen-health/lianzhen/scheduler/route"
	"github.com/lianzhen-health/lianzhen/scheduler/route/travel"
)

// Input is a problem. Locations are [lon, lat].
type Input struct {
	Jobs      []Job              `json:"jobs"`
	Vehicles  []Vehicle          `json:"vehicles"`
	Shipments []json.RawMessage  `json:"shipments,omitempty"`
	Matrices  map[string]*Matrix `json:"matrices,omitempty"`
	Matrix    [][]int64          `json:"matrix,omitempty"` // before version 1.10
}

// Job is a visit.
type Job struct {
	ID            int64       `json:"id"`
	Description   string      `json:"description,omitempty"`
	Location      *[2]float64 `json:"location,omitempty"`
	LocationIndex *int        `json:"location_index,omitempty"`
	Setup         int64       `json:"setup,omitempty"`
	Service       int64       `json:"service,omitempty"`
	Amount        []int64     `json:"amount,omitempty"`
	Delivery      []int64     `json:"delivery,omitempty"`
	Pickup        []int64     `json:"pickup,omitempty"`
	Skills        []int       `json:"skills,omitempty"`
	Priority      int         `json:"priority,omitempty"`
	TimeWindows   [][2]int64  `json:"time_windows,omitempty"`
}

// Vehicle is a doctor with her day.
type Vehicle struct {
	ID            int64           `json:"id"`
	Description   string          `json:"description,omitempty"`
	Profile       string          `json:"profile,omitempty"`
	Start         *[2]float64     `json:"start,omitempty"`
	StartIndex    *int            `json:"start_index,omitempty"`
	End           *[2]float64     `json:"end,omitempty"`
	EndIndex      *int            `json:"end_index,omitempty"`
	Capacity      []int64         `json:"capacity,omitempty"`
	Skills        []int           `json:"skills,omitempty"`
	TimeWindow    *[2]int64       `json:"time_window,omitempty"`
	Breaks        []Break         `json:"breaks,omitempty"`
	SpeedFactor   *float64        `json:"speed_factor,omitempty"`
	MaxTasks      int             `json:"max_tasks,omitempty"`
	Steps         []PlannedStep   `json:"steps,omitempty"`
	Costs         json.RawMessage `json:"costs,omitempty"`
	MaxTravelTime *int64          `json:"max_travel_time,omitempty"`
	MaxDistance   *int64          `json:"max_distance,omitempty"`
}

// Break is a pause.
type Break struct {
	ID          int64      `json:"id"`
	TimeWindows [][2]int64 `json:"time_windows"`
	Service     int64      `json:"service,omitempty"`
	Description string     `json:"description,omitempty"`
}

// PlannedStep is a step of the day as it was planned.
type PlannedStep struct {
	Type string `json:"type"`
	ID   int64  `json:"id,omitempty"`
}

// Matrix holds travel times in seconds and distances in metres.
type Matrix struct {
	Durations [][]int64 `json:"durations,omitempty"`
	Distances [][]int64 `json:"distances,omitempty"`
	Costs     [][]int64 `json:"costs,omitempty"`
}

// ErrInput is wrapped by every error about an input: VROOM's code 2.
var ErrInput = errors.New("vroom: input")

// largest is how much is read: some thousand jobs with a matrix.
const largest = 64 << 20

// Read reads a problem.
func Read(r io.Reader) (*Input, error) {
	var in Input
	if err := json.NewDecoder(io.LimitReader(r, largest)).Decode(&in); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	return &in, nil
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInput, fmt.Sprintf(format, args...))
}

// Problem turns an input into a problem of package route. Where it brings no matrix, roads says how long journeys take.
func (in *Input) Problem(ctx context.Context, roads travel.Matrix) (*route.Problem, error) {
	if len(in.Vehicles) == 0 {
		return nil, refuse("no vehicles")
	}
	if len(in.Shipments) > 0 {
		return nil, refuse("shipments are not planned")
	}
	p := &route.Problem{Weights: route.Weights{Travel: 1}} // as VROOM counts
	places, err := in.places(ctx, p, roads)
	if err != nil {
		return nil, err
	}
	byID := map[int64]int{}
	for i, j := range in.Jobs {
		if _, twice := byID[j.ID]; twice {
			return nil, refuse("job %d twice", j.ID)
		}
		byID[j.ID] = i
		at, err := places(j.Location, j.LocationIndex)
		if err != nil || at == route.Nowhere {
			return nil, refuse("job %d has no location", j.ID)
		}
		load, err := j.load()
		if err != nil {
			return nil, err
		}
		p.Visits = append(p.Visits, route.Visit{ID: j.ID, Place: at, Setup: j.Setup, Service: j.Service, Windows: windows(j.TimeWindows),
			Skills: j.Skills, Priority: j.Priority, Load: load, Doctor: route.Anybody})
	}
	for _, v := range in.Vehicles {
		doctor, err := v.doctor(places)
		if err != nil {
			return nil, err
		}
		var planned []int32
		for _, s := range v.Steps {
			if s.Type != "job" {
				continue
			}
			i, ok := byID[s.ID]
			if !ok {
				return nil, refuse("vehicle %d: step with job %d, which there is not", v.ID, s.ID)
			}
			planned = append(planned, int32(i))
		}
		p.Doctors = append(p.Doctors, doctor)
		p.Planned = append(p.Planned, planned)
	}
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	return p, nil
}

func (j *Job) load() ([]int64, error) {
	if len(j.Delivery) > 0 && len(j.Pickup) > 0 {
		return nil, refuse("job %d: delivery and pickup in one", j.ID)
	}
	if len(j.Amount) > 0 {
		return j.Amount, nil
	}
	return append(j.Delivery, j.Pickup...), nil // one of them is empty
}

func (v *Vehicle) doctor(places func(*[2]float64, *int) (int, error)) (route.Doctor, error) {
	if len(v.Costs) > 0 || v.MaxTravelTime != nil || v.MaxDistance != nil {
		return route.Doctor{}, refuse("vehicle %d: costs, max_travel_time and max_distance are not planned with", v.ID)
	}
	d := route.Doctor{ID: v.ID, Shift: route.Always(), Skills: v.Skills, MaxVisits: v.MaxTasks, Capacity: v.Capacity, Speed: v.SpeedFactor}
	var err1, err2 error
	d.Start, err1 = places(v.Start, v.StartIndex)
	d.End, err2 = places(v.End, v.EndIndex)
	if err1 != nil || err2 != nil || (d.Start == route.Nowhere && d.End == route.Nowhere) {
		return d, refuse("vehicle %d needs a start or an end", v.ID)
	}
	if v.TimeWindow != nil {
		d.Shift = route.Window{From: v.TimeWindow[0], To: v.TimeWindow[1]}
	}
	for _, b := range v.Breaks {
		d.Breaks = append(d.Breaks, route.Break{ID: b.ID, Windows: windows(b.TimeWindows), Length: b.Service})
	}
	return d, nil
}

func windows(pairs [][2]int64) []route.Window {
	var ws []route.Window
	for _, w := range pairs {
		ws = append(ws, route.Window{From: w[0], To: w[1]})
	}
	return ws
}

// places fills the table of a problem and answers what finds a place in it.
func (in *Input) places(ctx context.Context, p *route.Problem, roads travel.Matrix) (func(*[2]float64, *int) (int, error), error) {
	if m, err := in.custom(); err != nil {
		return nil, err
	} else if m != nil {
		var err error
		if p.Travel, err = m.table(); err != nil {
			return nil, err
		}
		return func(_ *[2]float64, index *int) (int, error) {
			switch {
			case index == nil:
				return route.Nowhere, nil
			case *index < 0 || *index >= p.Travel.Places:
				return 0, refuse("index %d of a matrix with %d rows", *index, p.Travel.Places)
			}
			return *index, nil
		}, nil
	}
	var all []travel.Place
	index := map[[2]float64]int{}
	add := func(l *[2]float64) {
		if l == nil {
			return
		}
		if _, ok := index[*l]; !ok {
			index[*l] = len(all)
			all = append(all, travel.Place{Lon: l[0], Lat: l[1]})
		}
	}
	for _, v := range in.Vehicles {
		add(v.Start)
		add(v.End)
	}
	for _, j := range in.Jobs {
		add(j.Location)
	}
	if len(all) > 1024 {
		return nil, refuse("%d places are more than a day holds", len(all))
	}
	var err error
	if p.Travel, err = roads.Table(ctx, all); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	return func(l *[2]float64, _ *int) (int, error) {
		if l == nil {
			return route.Nowhere, nil
		}
		return index[*l], nil
	}, nil
}

// custom is the matrix that the input brings, or nil.
func (in *Input) custom() (*Matrix, error) {
	if in.Matrix != nil {
		return &Matrix{Durations: in.Matrix}, nil
	}
	if len(in.Matrices) == 0 {
		return nil, nil
	}
	profile := ""
	for i, v := range in.Vehicles {
		if i > 0 && v.Profile != profile {
			return nil, refuse("vehicles of different profiles")
		}
		profile = v.Profile
	}
	if profile == "" {
		profile = "car"
	}
	m := in.Matrices[profile]
	if m == nil || m.Costs != nil {
		return nil, refuse("no durations for profile %q, or costs of their own", profile)
	}
	return m, nil
}

func (m *Matrix) table() (route.Table, error) {
	n := len(m.Durations)
	t := route.Table{Places: n}
	for _, row := range m.Durations {
		if len(row) != n {
			return t, refuse("the matrix is not square")
		}
		t.Seconds = append(t.Seconds, row...)
	}
	if m.Distances == nil {
		return t, nil
	}
	for _, row := range m.Distances {
		if len(row) != n {
			return t, refuse("the matrix of distances is not square")
		}
		t.Metres = append(t.Metres, row...)
	}
	return t, nil
}

// Output is a plan. Times are seconds.
type Output struct {
	Code       int          `json:"code"`
	Error      string       `json:"error,omitempty"`
	Summary    *Summary     `json:"summary,omitempty"`
	Unassigned []Unassigned `json:"unassigned,omitempty"`
	Routes     []Route      `json:"routes,omitempty"`
}

// Summary adds the routes up.
type Summary struct {
	Cost        int64 `json:"cost"`
	Routes      int   `json:"routes"`
	Unassigned  int   `json:"unassigned"`
	Setup       int64 `json:"setup"`
	Service     int64 `json:"service"`
	Duration    int64 `json:"duration"`
	WaitingTime int64 `json:"waiting_time"`
	Priority    int64 `json:"priority"`
	Distance    int64 `json:"distance,omitempty"`
	Violations  []any `json:"violations"`
}

// Unassigned is a job that fits nowhere; Reasons, by vehicle, are ours.
type Unassigned struct {
	ID            int64       `json:"id"`
	Type          string      `json:"type"`
	Location      *[2]float64 `json:"location,omitempty"`
	LocationIndex *int        `json:"location_index,omitempty"`
	Description   string      `json:"description,omitempty"`
	Reasons       []string    `json:"reasons"`
}

// Route is one vehicle's day.
type Route struct {
	Vehicle     int64  `json:"vehicle"`
	Description string `json:"description,omitempty"`
	Cost        int64  `json:"cost"`
	Setup       int64  `json:"setup"`
	Service     int64  `json:"service"`
	Duration    int64  `json:"duration"`
	WaitingTime int64  `json:"waiting_time"`
	Priority    int64  `json:"priority"`
	Distance    int64  `json:"distance,omitempty"`
	Steps       []Step `json:"steps"`
	Violations  []any  `json:"violations"`
}

// Step is a start, a job, a break or an end; Reasons, of jobs, are ours.
type Step struct {
	Type          string      `json:"type"`
	ID            *int64      `json:"id,omitempty"`
	Description   string      `json:"description,omitempty"`
	Location      *[2]float64 `json:"location,omitempty"`
	LocationIndex *int        `json:"location_index,omitempty"`
	Setup         int64       `json:"setup"`
	Service       int64       `json:"service"`
	WaitingTime   int64       `json:"waiting_time"`
	Arrival       int64       `json:"arrival"`
	Duration      int64       `json:"duration"` // on the road so far
	Distance      int64       `json:"distance,omitempty"`
	Violations    []any       `json:"violations"`
	Reasons       []Reason    `json:"reasons,omitempty"`
}

// Reason is a route.Reason.
type Reason struct {
	Code    string `json:"code"`
	Seconds int64  `json:"seconds,omitempty"`
}

// Failed is the output for an error.
func Failed(err error) Output {
	code := 1
	if errors.Is(err, ErrInput) {
		code = 2
	}
	return Output{Code: code, Error: err.Error()}
}

// Output writes a plan of the input's problem.
func (in *Input) Output(p *route.Problem, plan route.Plan) Output {
	out := Output{Summary: &Summary{Unassigned: len(plan.Left), Violations: []any{}}}
	for _, l := range plan.Left {
		j := in.Jobs[l.Visit]
		u := Unassigned{ID: j.ID, Type: "job", Location: j.Location, LocationIndex: j.LocationIndex, Description: j.Description}
		for _, r := range l.Reasons {
			u.Reasons = append(u.Reasons, string(r.Code))
		}
		out.Unassigned = append(out.Unassigned, u)
	}
	for d, day := range plan.Days {
		if len(day.Visits) == 0 {
			continue
		}
		r := in.route(p, d, day)
		s := out.Summary
		s.Routes++
		s.Cost += r.Cost
		s.Setup += r.Setup
		s.Service += r.Service
		s.Duration += r.Duration
		s.WaitingTime += r.WaitingTime
		s.Priority += r.Priority
		s.Distance += r.Distance
		out.Routes = append(out.Routes, r)
	}
	return out
}

func (in *Input) route(p *route.Problem, d int, day route.Day) Route {
	v := in.Vehicles[d]
	r := Route{Vehicle: v.ID, Description: v.Description, Cost: day.Cost, Duration: day.Travel, WaitingTime: day.Waiting, Distance: day.Metres, Violations: []any{}}
	if p.Doctors[d].Start != route.Nowhere {
		r.Steps = append(r.Steps, Step{Type: "start", Location: v.Start, LocationIndex: v.StartIndex, Arrival: day.Leaves, Violations: []any{}})
	}
	var road, metres int64
	place := p.Doctors[d].Start
	for i, stop := range day.Stops {
		road += stop.Travel
		metres += stop.Metres
		step := Step{Arrival: stop.Arrival, WaitingTime: stop.Wait, Duration: road, Distance: metres, Violations: []any{}}
		if stop.Visit < 0 {
			b := v.Breaks[stop.Break]
			step.Type, step.ID, step.Description, step.Service = "break", &b.ID, b.Description, b.Service
		} else {
			j := in.Jobs[stop.Visit]
			step.Type, step.ID, step.Description, step.Service = "job", &j.ID, j.Description, j.Service
			step.Location, step.LocationIndex = j.Location, j.LocationIndex
			if at := p.Visits[stop.Visit].Place; at != place {
				step.Setup, place = j.Setup, at
			}
			for _, why := range day.Why[i] {
				step.Reasons = append(step.Reasons, Reason{string(why.Code), why.Seconds})
			}
			r.Setup += step.Setup
			r.Priority += int64(j.Priority)
		}
		r.Service += step.Service
		r.Steps = append(r.Steps, step)
	}
	if p.Doctors[d].End != route.Nowhere {
		r.Steps = append(r.Steps, Step{Type: "end", Location: v.End, LocationIndex: v.EndIndex, Arrival: day.Ends, Duration: day.Travel, Distance: day.Metres, Violations: []any{}})
	}
	r.Steps = slices.Clip(r.Steps)
	return r
}
