package chaos

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
	"github.com/lianzhen-health/lianzhen/internal/consult"
)

func TestPlan(t *testing.T) {
	all, err := plan(Options{Duration: time.Minute})
	if err != nil || len(all) != 15 {
		t.Fatalf("%d rounds, %v; want all fifteen", len(all), err)
	}
	two, err := plan(Options{Duration: time.Minute, Only: []string{"F3", "F1"}})
	if err != nil || len(two) != 2 || two[0].faults[0].Name != "F1" {
		t.Fatalf("%v, %v", two, err)
	}
	if _, err := plan(Options{Only: []string{"F16"}}); err == nil {
		t.Fatal("a fault that there is not was planned")
	}
	want := map[string]bool{"F1": true, "F2": true, "F3": true, "F4": true, "F8": true, "F9": true, "F12": true}
	rounds, err := plan(Options{Short: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rounds {
		for _, f := range r.faults {
			if !want[f.Name] || f.Needs != nil || f.Sentinel {
				t.Errorf("%s is not for every machine", f.Name)
			}
			delete(want, f.Name)
		}
	}
	if len(want) > 0 {
		t.Errorf("not in the short run: %v", want)
	}
}

func TestEveryFaultSaysWhatMustHold(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Faults() {
		if f.Name == "" || f.Title == "" || f.Holds == "" || f.Inject == nil || f.Hold <= 0 || f.Rest <= 0 || seen[f.Name] {
			t.Errorf("%q is not complete, or there are two", f.Name)
		}
		seen[f.Name] = true
	}
}

func TestTheTableTellsAViolationWithItsCase(t *testing.T) {
	id := uuid.New()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	r := result{faults: Faults()[:1], bouts: 2, took: time.Minute,
		history: []check.Event{{Kind: check.KindAct, Op: check.OpClaim, Who: "chaos.doctor.1", Case: id, At: at, Outcome: check.OK},
			{Kind: check.KindAct, Op: check.OpClaim, Who: "chaos.doctor.2", Case: uuid.New(), At: at, Outcome: check.OK}},
		facts:    check.Facts{Steps: map[uuid.UUID][]check.Step{id: {{Seq: 1, Type: "CREATED", To: "DRAFT", At: at}}}},
		verdicts: []check.Verdict{{Invariant: "I1", Checked: 5}, {Invariant: "I2", Checked: 3, Violations: []check.Violation{{Case: id, What: "two winners"}}}, {Invariant: "I7"}}}
	var out bytes.Buffer
	progress(&out, r)
	text := out.String()
	for _, part := range []string{"VIOLATED I2: two winners", id.String(), "chaos.doctor.1 claim", "RECORD 1 CREATED"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
	if strings.Contains(text, "chaos.doctor.2") {
		t.Errorf("another case is shown:\n%s", text)
	}
	out.Reset()
	if err := table(&out, []result{r}, []string{"F15: no disk"}); !errors.Is(err, ErrViolated) {
		t.Errorf("the table says %v", err)
	}
	for _, part := range []string{"3 ✗1", "–", "not run: F15: no disk", "1 violations"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not in\n%s", part, out.String())
		}
	}
	r.verdicts[1].Violations = nil
	if err := table(&out, []result{r}, nil); err != nil {
		t.Error(err)
	}
}

func TestTheHistoryIsWrittenAsLines(t *testing.T) {
	var out bytes.Buffer
	r := newRecorder(&out)
	r.add(check.Event{Kind: check.KindAct, Op: check.OpClaim, Epoch: 3})
	r.add(check.Event{Kind: check.KindFault, Op: "flushall"})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var e check.Event
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &e) != nil || e.N != 1 || e.Op != check.OpClaim || e.Epoch != 3 || e.At.IsZero() {
		t.Fatalf("%q", lines)
	}
	if got := r.history(); len(got) != 2 {
		t.Fatalf("%d events", len(got))
	}
	r.forget()
	if got := r.history(); len(got) != 0 {
		t.Fatalf("%d events after forgetting", len(got))
	}
}

func TestOtherRoundsCasesAreLeftOut(t *testing.T) {
	here, before := uuid.New(), uuid.New()
	got := ofTheRound([]check.Event{{Kind: check.KindAct, Op: check.OpCreate, Case: here}, {Kind: check.KindAct, Op: check.OpClaim, Case: here},
		{Kind: check.KindAct, Op: check.OpClaim, Case: before}, {Kind: check.KindFrame, Case: before}, {Kind: check.KindFault}})
	if len(got) != 4 {
		t.Fatalf("%d events are left", len(got))
	}
}

func TestInventedIdentityNumbersAreValid(t *testing.T) {
	for i := range 60 {
		birth := time.Date(1940, 1, 1+i%28, 0, 0, 0, 0, time.UTC)
		number := identityNumber(birth, 901+2*(i%49))
		if _, err := consult.ParseIdentityNumber(number, consult.DateOf(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))); err != nil {
			t.Errorf("%s: %v", number, err)
		}
	}
}
