package consult

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func assess(t testing.TB, readings ...Reading) []Assessment {
	t.Helper()
	var out []Assessment
	for _, r := range readings {
		a, err := CheckVital(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

func TestReasonsAndRedFlags(t *testing.T) {
	if len(Reasons()) != 9 {
		t.Errorf("%d chips", len(Reasons()))
	}
	for _, r := range Reasons() {
		if _, ok := DepartmentByCode(r.Department); !ok || !r.Urgency.Valid() {
			t.Errorf("%+v", r)
		}
		if len(RedFlagsFor(Reason(r.Code))) == 0 {
			t.Errorf("%s asks about no red flag", r.Code)
		}
	}
	if len(RedFlagsFor(ReasonOther)) != len(RedFlags()) {
		t.Error("OTHER does not ask about all")
	}
	last := Critical
	for _, f := range RedFlags() {
		if !f.Urgency.MoreUrgentThan(Routine) || f.Urgency.MoreUrgentThan(last) {
			t.Errorf("%s: urgency %s after %s", f.Code, f.Urgency, last)
		}
		last = f.Urgency
		if f.Urgency == Critical && !f.Call120 {
			t.Errorf("%s threatens life and does not call 120", f.Code)
		}
		if len(f.Reasons) == 0 || len(f.MeasuresZH) < 3 || len(f.MeasuresZH) != len(f.MeasuresEN) {
			t.Errorf("%s: %d chips, %d and %d measures", f.Code, len(f.Reasons), len(f.MeasuresZH), len(f.MeasuresEN))
		}
		for _, r := range f.Reasons {
			if !r.Valid() {
				t.Errorf("%s: chip %q", f.Code, r)
			}
		}
		for i := range f.MeasuresZH {
			if n := utf8.RuneCountInString(f.MeasuresZH[i]); n < 4 || n > 50 || len(f.MeasuresEN[i]) > 120 {
				t.Errorf("%s: measure %q / %q", f.Code, f.MeasuresZH[i], f.MeasuresEN[i])
			}
			if strings.Contains(f.MeasuresZH[i], "120") != strings.Contains(f.MeasuresEN[i], "120") {
				t.Errorf("%s: only one language calls 120: %q", f.Code, f.MeasuresZH[i])
			}
		}
	}
	for _, f := range []RedFlag{FlagChestPain, FlagDyspnoea, FlagSpO2Low, FlagConsciousness, FlagStroke, FlagSeizure, FlagBleeding,
		FlagMelaena, FlagFallInjury, FlagBPExtreme, FlagFeverChills, FlagGlucoseExtreme, FlagUrinaryRetention, FlagChoking, FlagSelfHarm} {
		if !f.Valid() {
			t.Errorf("%s is not in the table", f)
		}
	}
	if len(RedFlags()) != 15 {
		t.Errorf("%d red flags", len(RedFlags()))
	}
}

func TestProposeUrgency(t *testing.T) {
	tests := []struct {
		name    string
		reasons []Reason
		flags   []RedFlag
		vitals  []Reading
		want    Urgency
		grounds string
	}{
		{"nothing", nil, nil, nil, Routine, ""},
		{"skin", []Reason{ReasonSkin}, nil, nil, Routine, ""},
		{"fall", []Reason{ReasonFall}, nil, nil, Urgent, "REASON:FALL"},
		{"the gravest chip counts", []Reason{ReasonSkin, ReasonFall, ReasonChest}, nil, nil, Emergent, "REASON:CHEST REASON:FALL"},
		{"red flag", []Reason{ReasonSkin}, []RedFlag{FlagBleeding}, nil, Critical, "RED_FLAG:MAJOR_BLEEDING"},
		{"red flag said twice", nil, []RedFlag{FlagSeizure, FlagSeizure}, nil, Critical, "RED_FLAG:SEIZURE"},
		{"one value a little high", []Reason{ReasonBPSugar}, nil, []Reading{{Code: VitalSBP, Value: value(160)}}, Routine, ""},
		{"two values a little off", nil, nil, []Reading{{Code: VitalSBP, Value: value(160)}, {Code: VitalTemp, Value: value(37.8)}}, Urgent, "VITALS:COUNT"},
		{"critical pulse", nil, nil, []Reading{{Code: VitalPulse, Value: value(140)}}, Emergent, "VITAL:PULSE"},
		{"saturation is a red flag by itself", nil, nil, []Reading{{Code: VitalSpO2, Value: value(85)}}, Critical, "RED_FLAG:SPO2_LOW VITAL:SPO2"},
		{"glucose HI", nil, nil, []Reading{{Code: VitalGluCap, Qualifier: AboveRange}}, Emergent, "RED_FLAG:GLUCOSE_EXTREME VITAL:GLU_CAP"},
		{"not alert", nil, nil, []Reading{{Code: VitalConsc, Option: "P"}}, Critical, "RED_FLAG:CONSCIOUSNESS VITAL:CONSC"},
		{"no pressure to be had", nil, nil, []Reading{{Code: VitalSBP, Qualifier: Unmeasurable}}, Emergent, "VITAL:SBP"},
		{"weight could not be taken", nil, nil, []Reading{{Code: VitalWeight, Qualifier: Unmeasurable}}, Routine, ""},
		{"severe pain", []Reason{ReasonSkin}, nil, []Reading{{Code: VitalPain, Value: value(9)}}, Urgent, "VITAL:PAIN"},
		{"unknown codes", []Reason{"DREAM"}, []RedFlag{"OMEN"}, nil, Routine, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, grounds := ProposeUrgency(tt.reasons, tt.flags, assess(t, tt.vitals...))
			var names []string
			for _, g := range grounds {
				names = append(names, string(g.Kind)+":"+g.Code)
			}
			if got != tt.want || strings.Join(names, " ") != tt.grounds {
				t.Errorf("got %s for %v", got, names)
			}
		})
	}
}

func TestProposeDepartment(t *testing.T) {
	for _, tt := range []struct {
		reasons []Reason
		want    string
	}{{nil, "02"}, {[]Reason{"DREAM"}, "02"}, {[]Reason{ReasonChest, ReasonSkin}, "0304"}, {[]Reason{ReasonSkin}, "13"}} {
		if got := ProposeDepartment(tt.reasons); got != tt.want {
			t.Errorf("%v: got %s", tt.reasons, got)
		}
	}
}

// More grounds never lower the proposal, and the proposal is the gravest ground.
func TestProposalOnlyRises(t *testing.T) {
	var chips []Reason
	for _, r := range Reasons() {
		chips = append(chips, Reason(r.Code))
	}
	var flags []RedFlag
	for _, f := range RedFlags() {
		flags = append(flags, RedFlag(f.Code))
	}
	rapid.Check(t, func(t *rapid.T) {
		reasons := rapid.SliceOfN(rapid.SampledFrom(chips), 0, 3).Draw(t, "reasons")
		some := rapid.SliceOfN(rapid.SampledFrom(flags), 0, 2).Draw(t, "flags")
		vitals := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Assessment {
			spec := rapid.SampledFrom(Vitals()).Draw(t, "vital")
			flag := rapid.SampledFrom([]VitalFlag{FlagNormal, FlagLow, FlagHigh, FlagCriticalLow, FlagCriticalHigh, FlagUnmeasurable}).Draw(t, "flag")
			return Assessment{Code: VitalCode(spec.Code), Flag: flag}
		}), 0, 4).Draw(t, "vitals")
		u, grounds := ProposeUrgency(reasons, some, vitals)
		want := Routine
		for _, g := range grounds {
			if g.Urgency.MoreUrgentThan(want) {
				want = g.Urgency
			}
		}
		if u != want {
			t.Fatalf("%s for %+v", u, grounds)
		}
		if !slices.IsSortedFunc(grounds, func(a, b Ground) int { return a.Urgency.rank() - b.Urgency.rank() }) {
			t.Fatalf("grounds out of order: %+v", grounds)
		}
		more, _ := ProposeUrgency(append(reasons, rapid.SampledFrom(chips).Draw(t, "chip")),
			append(some, rapid.SampledFrom(flags).Draw(t, "flag")), vitals)
		if u.MoreUrgentThan(more) {
			t.Fatalf("fell from %s to %s", u, more)
		}
	})
}
