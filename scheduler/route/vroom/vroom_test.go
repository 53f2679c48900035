package vroom_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/lianzhen-health/lianzhen/scheduler/route"
	"github.com/lianzhen-health/lianzhen/scheduler/route/travel"
	"github.com/lianzhen-health/lianzhen/scheduler/route/vroom"
)

func plan(t *testing.T, text string) (vroom.Output, error) {
	t.Helper()
	in, err := vroom.Read(strings.NewReader(text))
	if err != nil {
		return vroom.Output{}, err
	}
	p, err := in.Problem(t.Context(), travel.Rural())
	if err != nil {
		return vroom.Output{}, err
	}
	return in.Output(p, route.Solve(t.Context(), p, route.Options{Seed: 1, Rounds: 100})), nil
}

// The example with a matrix of VROOM's documentation, whose order and cost are known from there.
const example = `{"vehicles":[{"id":0,"start_index":0,"end_index":7}],
 "jobs":[{"id":1,"location_index":1},{"id":2,"location_index":2},{"id":3,"location_index":3},{"id":4,"location_index":4},{"id":5,"location_index":5},{"id":6,"location_index":6}],
 "matrix":[[0,2104,197,959,1975,436,418,1299],[2103,0,2255,2812,1455,2539,1685,3152],[197,2256,0,762,2172,633,570,1102],
 [959,2813,762,0,2934,1395,1127,340],[1975,1456,2172,2934,0,2020,2169,3274],[435,2539,632,1394,2019,0,853,1734],
 [418,1686,570,1127,2169,854,0,1467],[1299,3153,1102,340,3274,1735,1467,0]]}`

func TestTheDocumentedExample(t *testing.T) {
	out, err := plan(t, example)
	if err != nil {
		t.Fatal(err)
	}
	var order []int64
	for _, s := range out.Routes[0].Steps {
		if s.Type == "job" {
			order = append(order, *s.ID)
		}
	}
	if out.Summary.Cost != 7268 || !slices.Equal(order, []int64{5, 4, 1, 6, 2, 3}) {
		t.Errorf("cost %d, order %v", out.Summary.Cost, order)
	}
}

func TestADayInVROOMsFormat(t *testing.T) {
	out, err := plan(t, `{
	 "vehicles":[{"id":7,"description":"高娃","start":[111.75,40.84],"end":[111.75,40.84],"time_window":[28800,61200],"skills":[1],"max_tasks":3,
	   "breaks":[{"id":9,"time_windows":[[43200,46800]],"service":3600}]}],
	 "jobs":[{"id":1,"location":[111.80,40.84],"service":1800,"setup":300,"time_windows":[[32400,36000]],"priority":10,"skills":[1]},
	         {"id":2,"location":[111.70,40.84],"service":1800,"time_windows":[[50400,54000]]},
	         {"id":3,"location":[111.70,40.80],"service":1800,"skills":[2]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, s := range out.Routes[0].Steps {
		types = append(types, s.Type)
	}
	if !slices.Equal(types, []string{"start", "job", "break", "job", "end"}) {
		t.Errorf("steps %v", types)
	}
	if len(out.Unassigned) != 1 || out.Unassigned[0].ID != 3 || !slices.Equal(out.Unassigned[0].Reasons, []string{"SKILL_MISSING"}) {
		t.Errorf("unassigned %+v", out.Unassigned)
	}
	s := out.Summary
	if s.Routes != 1 || s.Setup != 300 || s.Service != 2*1800+3600 || s.Priority != 10 || s.Duration == 0 || s.Distance == 0 {
		t.Errorf("summary %+v", s)
	}
	first := out.Routes[0].Steps[1]
	if first.Arrival != 32400 || first.WaitingTime != 0 || len(first.Reasons) == 0 {
		t.Errorf("first stop %+v", first)
	}
	if _, err := json.Marshal(out); err != nil {
		t.Error(err)
	}
}

// What is not planned with is refused, so that no plan looks right and is wrong.
func TestWhatIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":       `{}`,
		"no json":       `{"vehicles":[`,
		"shipments":     `{"vehicles":[{"id":1,"start":[1,1]}],"shipments":[{}]}`,
		"no start":      `{"vehicles":[{"id":1}]}`,
		"job twice":     `{"vehicles":[{"id":1,"start":[1,1]}],"jobs":[{"id":1,"location":[1,1]},{"id":1,"location":[1,1]}]}`,
		"no location":   `{"vehicles":[{"id":1,"start":[1,1]}],"jobs":[{"id":1}]}`,
		"nowhere":       `{"vehicles":[{"id":1,"start":[1,91]}],"jobs":[{"id":1,"location":[1,1]}]}`,
		"index":         `{"vehicles":[{"id":1,"start_index":1}],"matrix":[[0]]}`,
		"not square":    `{"vehicles":[{"id":1,"start_index":0}],"matrix":[[0,1]]}`,
		"negative":      `{"vehicles":[{"id":1,"start_index":0}],"matrix":[[0,-1],[1,0]]}`,
		"profiles":      `{"vehicles":[{"id":1,"start_index":0,"profile":"car"},{"id":2,"start_index":0,"profile":"bike"}],"matrices":{"car":{"durations":[[0]]},"bike":{"durations":[[0]]}}}`,
		"max distance":  `{"vehicles":[{"id":1,"start":[1,1],"max_distance":5}]}`,
		"both ways":     `{"vehicles":[{"id":1,"start":[1,1]}],"jobs":[{"id":1,"location":[1,1],"pickup":[1],"delivery":[1]}]}`,
		"unknown step":  `{"vehicles":[{"id":1,"start":[1,1],"steps":[{"type":"job","id":4}]}]}`,
		"empty windows": `{"vehicles":[{"id":1,"start":[1,1],"breaks":[{"id":1,"time_windows":[]}]}]}`,
		"window turned": `{"vehicles":[{"id":1,"start":[1,1]}],"jobs":[{"id":1,"location":[1,1],"time_windows":[[5,4]]}]}`,
	} {
		if _, err := plan(t, text); !errors.Is(err, vroom.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if out := vroom.Failed(vroom.ErrInput); out.Code != 2 || out.Error == "" {
		t.Errorf("%+v", out)
	}
}

// Whatever is read, the program answers: with a plan or with an error.
func FuzzRead(f *testing.F) {
	f.Add(example)
	f.Add(`{"vehicles":[{"id":1,"start":[111.7,40.8],"time_window":[0,90],"breaks":[{"id":1,"time_windows":[[0,50]],"service":10}],"steps":[{"type":"job","id":1}]}],"jobs":[{"id":1,"location":[111.7,40.9],"time_windows":[[0,9],[20,90]]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		in, err := vroom.Read(strings.NewReader(text))
		if err != nil || len(in.Jobs) > 12 || len(in.Vehicles) > 4 {
			return
		}
		p, err := in.Problem(t.Context(), travel.Rural())
		if err != nil {
			return
		}
		in.Output(p, route.Solve(t.Context(), p, route.Options{Seed: 1, Rounds: 5}))
	})
}
