package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// Which direction is better.
const (
	Lower  = "lower"
	Higher = "higher"
)

// Metric is one figure. Ratio is value/baseline; both are null where there is no baseline.
type Metric struct {
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	Value    float64  `json:"value"`
	Baseline *float64 `json:"baseline"`
	Ratio    *float64 `json:"ratio"`
	Better   string   `json:"better"`
}

// Report is what a benchmark prints, the same for all of them.
type Report struct {
	Name    string         `json:"name"`
	Commit  string         `json:"commit"`
	Machine string         `json:"machine"`
	Params  map[string]any `json:"params"`
	Metrics []Metric       `json:"metrics"`
}

// add enters a figure without a baseline.
func (r *Report) add(name, unit string, value float64, better string) {
	r.Metrics = append(r.Metrics, Metric{Name: name, Unit: unit, Value: value, Better: better})
}

// against enters a figure beside its baseline.
func (r *Report) against(name, unit string, value, baseline float64, better string) {
	m := Metric{Name: name, Unit: unit, Value: value, Baseline: &baseline, Better: better}
	if baseline != 0 {
		ratio := value / baseline
		m.Ratio = &ratio
	}
	r.Metrics = append(r.Metrics, m)
}

// Get finds a metric by its name.
func (r *Report) Get(name string) (Metric, bool) {
	for _, m := range r.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// WriteJSON prints the one object and nothing else.
func (r *Report) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// WriteTable prints it for people.
func (r *Report) WriteTable(w io.Writer) error {
	fmt.Fprintf(w, "%s, commit %s, %s\n", r.Name, r.Commit, r.Machine)
	params, err := json.Marshal(r.Params)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s\n\n", params)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "metric\tvalue\tunit\tbaseline\tratio\tbetter\t\n")
	for _, m := range r.Metrics {
		baseline, ratio := "–", "–"
		if m.Baseline != nil {
			baseline = figure(*m.Baseline)
		}
		if m.Ratio != nil {
			ratio = fmt.Sprintf("%.2f", *m.Ratio)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t\n", m.Name, figure(m.Value), m.Unit, baseline, ratio, m.Better)
	}
	return t.Flush()
}

func figure(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%.0f", v)
	case v >= 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
