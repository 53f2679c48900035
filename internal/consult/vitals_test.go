package consult

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func value(v float64) *float64 { return &v }

func TestCheckVital(t *testing.T) {
	tests := []struct {
		code    VitalCode
		value   float64
		flag    VitalFlag
		confirm bool
		refused string
	}{
		{VitalTemp, 36.5, FlagNormal, false, ""},
		{VitalTemp, 37.2, FlagNormal, false, ""},
		{VitalTemp, 37.3, FlagHigh, false, ""},
		{VitalTemp, 38.9, FlagHigh, false, ""},
		{VitalTemp, 39, FlagCriticalHigh, false, ""},
		{VitalTemp, 35.9, FlagLow, false, ""},
		{VitalTemp, 35, FlagLow, false, ""},
		{VitalTemp, 34.9, FlagCriticalLow, false, ""},
		{VitalTemp, 30, FlagCriticalLow, false, ""},
		{VitalTemp, 29.9, FlagCriticalLow, true, ""},
		{VitalTemp, 43.1, FlagCriticalHigh, true, ""},
		{VitalTemp, 46.1, "", false, CodeVitalImpossible},
		{VitalTemp, 365, "", false, CodeVitalImpossible},
		{VitalTemp, 36.55, "", false, CodeVitalDecimals},
		{VitalPulse, 60, FlagNormal, false, ""},
		{VitalPulse, 59, FlagLow, false, ""},
		{VitalPulse, 40, FlagCriticalLow, false, ""},
		{VitalPulse, 101, FlagHigh, false, ""},
		{VitalPulse, 131, FlagCriticalHigh, false, ""},
		{VitalPulse, 260, FlagCriticalHigh, true, ""},
		{VitalPulse, 0, "", false, CodeVitalImpossible},
		{VitalPulse, 72.5, "", false, CodeVitalDecimals},
		{VitalResp, 3, FlagCriticalLow, true, ""},
		{VitalResp, 25, FlagCriticalHigh, false, ""},
		{VitalSBP, 90, FlagLow, false, ""},
		{VitalSBP, 89, FlagCriticalLow, false, ""},
		{VitalSBP, 180, FlagHigh, false, ""},
		{VitalSBP, 181, FlagCriticalHigh, false, ""},
		{VitalSBP, 301, FlagCriticalHigh, true, ""},
		{VitalSBP, 371, "", false, CodeVitalImpossible},
		{VitalDBP, 75, FlagNormal, false, ""},
		{VitalSpO2, 94, FlagNormal, false, ""},
		{VitalSpO2, 90, FlagLow, false, ""},
		{VitalSpO2, 89, FlagCriticalLow, false, ""},
		{VitalSpO2, 49, FlagCriticalLow, true, ""},
		{VitalSpO2, 101, "", false, CodeVitalImpossible},
		{VitalGluCap, 3.9, FlagNormal, false, ""},
		{VitalGluCap, 3.8, FlagCriticalLow, false, ""},
		{VitalGluCap, 16.7, FlagHigh, false, ""},
		{VitalGluCap, 16.8, FlagCriticalHigh, false, ""},
		{VitalGluCap, 45, FlagCriticalHigh, true, ""},
		{VitalGluFast, 6.98, FlagNormal, false, ""},
		{VitalPain, 0, FlagNormal, false, ""},
		{VitalPain, 4, FlagHigh, false, ""},
		{VitalPain, 8, FlagCriticalHigh, false, ""},
		{VitalPain, 11, "", false, CodeVitalImpossible},
		{VitalGCS, 15, FlagNormal, false, ""},
		{VitalGCS, 13, FlagLow, false, ""},
		{VitalGCS, 12, FlagCriticalLow, false, ""},
		{VitalGCS, 2, "", false, CodeVitalImpossible},
		{VitalWeight, 55.5, FlagNormal, false, ""},
		{VitalTemp, math.NaN(), "", false, CodeVitalImpossible},
		{VitalTemp, math.Inf(1), "", false, CodeVitalImpossible},
		{VitalTemp, math.Inf(-1), "", false, CodeVitalImpossible},
		{VitalTemp, -36.5, "", false, CodeVitalImpossible},
		{"MOOD", 5, "", false, CodeVitalUnknown},
		{VitalConsc, 5, "", false, CodeVitalOption},
	}
	for _, tt := range tests {
		got, err := CheckVital(Reading{Code: tt.code, Value: value(tt.value)})
		wantCode(t, err, tt.refused)
		if got.Flag != tt.flag || got.NeedsConfirmation != tt.confirm {
			t.Errorf("%s %v: got %+v", tt.code, tt.value, got)
		}
		if tt.refused != "" {
			continue
		}
		got, err = CheckVital(Reading{Code: tt.code, Value: value(tt.value), Confirmed: true})
		if err != nil || got.NeedsConfirmation || got.Flag != tt.flag || *got.Value != tt.value {
			t.Errorf("%s %v confirmed: got %+v, %v", tt.code, tt.value, got, err)
		}
	}
}

func TestQualifiers(t *testing.T) {
	tests := []struct {
		reading Reading
		flag    VitalFlag
		refused string
	}{
		{Reading{Code: VitalSBP, Qualifier: Unmeasurable}, FlagUnmeasurable, ""},
		{Reading{Code: VitalGluCap, Qualifier: AboveRange}, FlagCriticalHigh, ""},
		{Reading{Code: VitalGluCap, Qualifier: BelowRange}, FlagCriticalLow, ""},
		{Reading{Code: VitalSpO2, Qualifier: AboveRange}, "", CodeVitalQualifier},
		{Reading{Code: VitalBMI, Qualifier: Unmeasurable}, "", CodeVitalQualifier},
		{Reading{Code: VitalTemp, Qualifier: "BROKEN"}, "", CodeVitalQualifier},
		{Reading{Code: VitalTemp}, "", CodeVitalMissing},
		{Reading{Code: VitalTemp, Value: value(36.5), Qualifier: AboveRange}, "", CodeVitalBoth},
		{Reading{Code: VitalTemp, Option: "A"}, "", CodeVitalOption},
		{Reading{Code: VitalConsc, Option: "A"}, FlagNormal, ""},
		{Reading{Code: VitalConsc, Option: "V"}, FlagCriticalLow, ""},
		{Reading{Code: VitalConsc, Option: "U"}, FlagCriticalLow, ""},
		{Reading{Code: VitalConsc, Option: "X"}, "", CodeVitalOption},
		{Reading{Code: VitalConsc}, "", CodeVitalOption},
		{Reading{Code: VitalConsc, Option: "A", Qualifier: Unmeasurable}, "", CodeVitalOption},
	}
	for _, tt := range tests {
		got, err := CheckVital(tt.reading)
		wantCode(t, err, tt.refused)
		if got.Flag != tt.flag {
			t.Errorf("%+v: got %+v", tt.reading, got)
		}
	}
}

func TestUnconfirmedInWords(t *testing.T) {
	a, _ := CheckVital(Reading{Code: VitalTemp, Value: value(44)})
	r := Refusals(a.Unconfirmed())
	if len(r) != 1 || r[0].Sentence(ZH) != "体温不在常见范围（30至43），确认无误吗？" {
		t.Errorf("got %v", r)
	}
	a, _ = CheckVital(Reading{Code: VitalTemp, Value: value(37)})
	if err := a.Unconfirmed(); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestCheckVitals(t *testing.T) {
	sbp := func(v float64) Reading { return Reading{Code: VitalSBP, Value: value(v)} }
	dbp := func(v float64) Reading { return Reading{Code: VitalDBP, Value: value(v)} }
	tests := []struct {
		name    string
		in      []Reading
		n       int
		refused string
	}{
		{"nothing", nil, 0, ""},
		{"a pair", []Reading{sbp(130), dbp(80)}, 2, ""},
		{"turned round", []Reading{dbp(130), sbp(80)}, 2, CodeVitalPressure},
		{"equal", []Reading{sbp(100), dbp(100)}, 2, CodeVitalPressure},
		{"one half", []Reading{sbp(130)}, 1, CodeVitalPressureHalf},
		{"other half", []Reading{dbp(80)}, 1, CodeVitalPressureHalf},
		{"systolic only, diastolic could not be heard", []Reading{sbp(60), {Code: VitalDBP, Qualifier: Unmeasurable}}, 2, ""},
		{"half of it wrong", []Reading{sbp(1300), dbp(80)}, 1, CodeVitalImpossible},
		{"twice", []Reading{{Code: VitalTemp, Value: value(36)}, {Code: VitalTemp, Value: value(37)}}, 1, CodeVitalTwice},
		{"two faults", []Reading{{Code: VitalTemp}, {Code: "MOOD"}}, 0, CodeVitalMissing + "," + CodeVitalUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := CheckVitals(tt.in)
			wantCode(t, err, tt.refused)
			if len(got) != tt.n {
				t.Errorf("got %+v", got)
			}
		})
	}
	got, err := CheckVitals([]Reading{sbp(95), dbp(90)})
	if err != nil || !got[0].NeedsConfirmation {
		t.Errorf("narrow pulse pressure: %+v, %v", got, err)
	}
	got, err = CheckVitals([]Reading{sbp(95), {Code: VitalDBP, Value: value(90), Confirmed: true}})
	if err != nil || got[0].NeedsConfirmation {
		t.Errorf("narrow pulse pressure, confirmed: %+v, %v", got, err)
	}
	wantCode(t, CheckBloodPressure(120, 80), "")
	wantCode(t, CheckBloodPressure(80, 80), CodeVitalPressure)
	wantCode(t, CheckBloodPressure(math.NaN(), 80), CodeVitalPressure)
}

func TestVitalTable(t *testing.T) {
	for _, v := range Vitals() {
		if v.Options != nil {
			continue
		}
		if !(v.PossibleLow <= v.PlausibleLow && v.PlausibleLow < v.PlausibleHigh && v.PlausibleHigh <= v.PossibleHigh) {
			t.Errorf("%s: possible and plausible", v.Code)
		}
		bounds := []float64{v.PossibleLow}
		for _, b := range []*float64{v.CriticalLow, v.NormalLow, v.NormalHigh, v.CriticalHigh} {
			if b != nil {
				bounds = append(bounds, *b)
			}
		}
		bounds = append(bounds, v.PossibleHigh)
		for i := 1; i < len(bounds); i++ {
			if bounds[i-1] > bounds[i] {
				t.Errorf("%s: bounds %v", v.Code, bounds)
			}
		}
		if (v.CriticalLow != nil || v.CriticalHigh != nil) && !v.CriticalUrgency.Valid() {
			t.Errorf("%s: critical without an urgency", v.Code)
		}
		if !strings.Contains(v.LOINC, "-") || v.UCUM == "" {
			t.Errorf("%s: LOINC %q, UCUM %q", v.Code, v.LOINC, v.UCUM)
		}
	}
}

// A value that is not refused is stored with the vital's decimals, and flags follow the values' order.
func TestVitalFlagsAreMonotone(t *testing.T) {
	level := map[VitalFlag]int{FlagCriticalLow: 0, FlagLow: 1, FlagNormal: 2, FlagHigh: 3, FlagCriticalHigh: 4}
	var numeric []VitalSpec
	for _, v := range Vitals() {
		if v.Options == nil {
			numeric = append(numeric, v)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		spec := rapid.SampledFrom(numeric).Draw(t, "vital")
		scale := math.Pow10(spec.Decimals)
		draw := func(name string) float64 {
			return float64(rapid.IntRange(int(spec.PossibleLow*scale), int(spec.PossibleHigh*scale)).Draw(t, name)) / scale
		}
		x, y := draw("x"), draw("y")
		if x > y {
			x, y = y, x
		}
		if x < spec.PossibleLow {
			x = spec.PossibleLow
		}
		a, errA := CheckVital(Reading{Code: VitalCode(spec.Code), Value: &x})
		b, errB := CheckVital(Reading{Code: VitalCode(spec.Code), Value: &y})
		if y < spec.PossibleLow {
			return
		}
		if errA != nil || errB != nil {
			t.Fatalf("%s %v, %v: %v, %v", spec.Code, x, y, errA, errB)
		}
		if level[a.Flag] > level[b.Flag] {
			t.Fatalf("%s: %v is %s, %v is %s", spec.Code, x, a.Flag, y, b.Flag)
		}
		if *a.Value != x || *b.Value != y {
			t.Fatalf("%v became %v, %v became %v", x, *a.Value, y, *b.Value)
		}
	})
}
