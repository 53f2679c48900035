package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/app"
	"github.com/lianzhen-health/lianzhen/internal/bench"
)

// The test binary is also the server of the run, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		c := app.Console{Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv}
		os.Exit(app.Exit(c, "bench", app.Bench(context.Background(), c, os.Args[2:])))
	}
	os.Exit(m.Run())
}

// A run so small that its figures mean nothing: every phase works, nothing is granted twice and nothing is lost.
func TestDispatch(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	report, err := bench.Dispatch(t.Context(), bench.Options{Sockets: 24, Doctors: 6, Waiting: 8, Workers: 3, Duration: 300 * time.Millisecond, Warm: 2, Samples: 6,
		Hands: 2, Missed: 3, Commit: "test", Server: []string{program, "bench", "dispatch-server"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, least := range map[string]float64{"requests_per_second": 0.01, "submit_to_ring_p50": 0.01, "submit_to_ring_p99": 0.01, "click_to_grant_p50": 0.01,
		"click_to_grant_p99": 0.01, "resume_storm": 0.001, "events_delivered": 1, "row_changes_per_request": 1} {
		if m, ok := report.Get(name); !ok || m.Value < least {
			t.Errorf("%s is %+v", name, m)
		}
	}
	if m, ok := report.Get("requests_per_second"); !ok || m.Baseline == nil || m.Ratio == nil {
		t.Errorf("no baseline: %+v", m)
	}
	for _, name := range []string{"duplicates", "lost", "resumes_refused"} {
		if m, ok := report.Get(name); !ok || m.Value != 0 {
			t.Errorf("%s is %+v", name, m)
		}
	}
	var text bytes.Buffer
	if err := report.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	var top map[string]json.RawMessage
	var metrics []map[string]json.RawMessage
	if err := json.Unmarshal(text.Bytes(), &top); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(top["metrics"], &metrics); err != nil {
		t.Fatal(err)
	}
	if got := keys(top); got != "commit machine metrics name params" {
		t.Error(got)
	}
	for _, m := range metrics {
		if got := keys(m); got != "baseline better name ratio unit value" {
			t.Error(got)
		}
	}
	text.Reset()
	if err := report.WriteTable(&text); err != nil || !strings.Contains(text.String(), "requests_per_second") {
		t.Errorf("%v\n%s", err, &text)
	}
}

func keys(m map[string]json.RawMessage) string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestDispatchRefusesNonsense(t *testing.T) {
	for _, change := range []func(*bench.Options){
		func(o *bench.Options) { o.Doctors = 0 },
		func(o *bench.Options) { o.Sockets = o.Doctors },
		func(o *bench.Options) { o.Workers = o.Doctors + 1 },
		func(o *bench.Options) { o.Duration = 0 },
		func(o *bench.Options) { o.Server = nil },
	} {
		o := bench.Defaults()
		o.Server = []string{"none"}
		change(&o)
		if _, err := bench.Dispatch(t.Context(), o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
