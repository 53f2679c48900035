package consult

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"sync"
)

// VitalCode names a vital sign or measure.
type VitalCode string

// The vitals.
const (
	VitalTemp    VitalCode = "TEMP"
	VitalPulse   VitalCode = "PULSE"
	VitalResp    VitalCode = "RESP"
	VitalSBP     VitalCode = "SBP"
	VitalDBP     VitalCode = "DBP"
	VitalSpO2    VitalCode = "SPO2"
	VitalGluCap  VitalCode = "GLU_CAP"
	VitalGluFast VitalCode = "GLU_FAST"
	VitalHbA1c   VitalCode = "HBA1C"
	VitalWeight  VitalCode = "WEIGHT"
	VitalHeight  VitalCode = "HEIGHT"
	VitalBMI     VitalCode = "BMI"
	VitalWaist   VitalCode = "WAIST"
	VitalPain    VitalCode = "PAIN"
	VitalGCS     VitalCode = "GCS"
	VitalConsc   VitalCode = "CONSC"
)

// Qualifier stands in the place of a number: a device or a person could not give one.
type Qualifier string

// The qualifiers.
const (
	Unmeasurable Qualifier = "UNMEASURABLE" // 测不出
	AboveRange   Qualifier = "HI"
	BelowRange   Qualifier = "LO"
)

// VitalFlag says how a value stands to what is normal for an elderly person.
type VitalFlag string

// The flags.
const (
	FlagNormal       VitalFlag = "NORMAL"
	FlagLow          VitalFlag = "LOW"
	FlagHigh         VitalFlag = "HIGH"
	FlagCriticalLow  VitalFlag = "CRITICAL_LOW"
	FlagCriticalHigh VitalFlag = "CRITICAL_HIGH"
	FlagUnmeasurable VitalFlag = "UNMEASURABLE"
)

// Abnormal tells whether a screen marks the value.
func (f VitalFlag) Abnormal() bool { return f != FlagNormal && f != "" }

// CriticalValue tells whether the flag alone asks for a doctor soon.
func (f VitalFlag) CriticalValue() bool {
	return f == FlagCriticalLow || f == FlagCriticalHigh || f == FlagUnmeasurable
}

// VitalSpec is a row of the table of vitals. Bounds are included; values are in UCUM units.
type VitalSpec struct {
	Term
	LOINC    string `json:"loinc"`
	UCUM     string `json:"ucum"`
	Decimals int    `json:"decimals"`
	// Outside Possible a value is refused, outside Plausible the nurse is asked whether it is right.
	PossibleLow   float64 `json:"possible_low"`
	PossibleHigh  float64 `json:"possible_high"`
	PlausibleLow  float64 `json:"plausible_low"`
	PlausibleHigh float64 `json:"plausible_high"`
	// Outside Normal a value is LOW or HIGH; at or beyond Critical it is CRITICAL_LOW or CRITICAL_HIGH. Absent bounds are nil.
	NormalLow    *float64 `json:"normal_low,omitempty"`
	NormalHigh   *float64 `json:"normal_high,omitempty"`
	CriticalLow  *float64 `json:"critical_low,omitempty"`
	CriticalHigh *float64 `json:"critical_high,omitempty"`
	// CriticalUrgency is what a critical value proposes, UnmeasurableUrgency what 测不出 proposes; empty proposes nothing.
	CriticalUrgency     Urgency     `json:"critical_urgency,omitempty"`
	UnmeasurableUrgency Urgency     `json:"unmeasurable_urgency,omitempty"`
	Qualifiers          []Qualifier `json:"qualifiers,omitempty"`
	// Options makes it a coded vital (CONSC): the reading is one of them and not a number.
	Options []Term `json:"options,omitempty"`
}

var vitals = sync.OnceValue(func() *table[VitalSpec] {
	f := func(v float64) *float64 { return &v }
	device := []Qualifier{Unmeasurable, AboveRange, BelowRange}
	hand := []Qualifier{Unmeasurable}
	return newTable([]VitalSpec{
		{Term: Term{"TEMP", "体温", "Temperature"}, LOINC: "8310-5", UCUM: "Cel", Decimals: 1,
			PossibleLow: 20, PossibleHigh: 46, PlausibleLow: 30, PlausibleHigh: 43,
			NormalLow: f(36), NormalHigh: f(37.2), CriticalLow: f(34.9), CriticalHigh: f(39),
			CriticalUrgency: Emergent, Qualifiers: device},
		{Term: Term{"PULSE", "脉搏/心率", "Pulse / heart rate"}, LOINC: "8867-4", UCUM: "/min",
			PossibleLow: 1, PossibleHigh: 350, PlausibleLow: 20, PlausibleHigh: 250,
			NormalLow: f(60), NormalHigh: f(100), CriticalLow: f(40), CriticalHigh: f(131),
			CriticalUrgency: Emergent, UnmeasurableUrgency: Emergent, Qualifiers: device},
		{Term: Term{"RESP", "呼吸", "Respiratory rate"}, LOINC: "9279-1", UCUM: "/min",
			PossibleLow: 1, PossibleHigh: 120, PlausibleLow: 4, PlausibleHigh: 60,
			NormalLow: f(12), NormalHigh: f(20), CriticalLow: f(8), CriticalHigh: f(25),
			CriticalUrgency: Emergent, UnmeasurableUrgency: Emergent, Qualifiers: hand},
		{Term: Term{"SBP", "收缩压", "Systolic pressure"}, LOINC: "8480-6", UCUM: "mm[Hg]",
			PossibleLow: 20, PossibleHigh: 370, PlausibleLow: 50, PlausibleHigh: 300,
			NormalLow: f(100), NormalHigh: f(149), CriticalLow: f(89), CriticalHigh: f(181),
			CriticalUrgency: Emergent, UnmeasurableUrgency: Emergent, Qualifiers: device},
		{Term: Term{"DBP", "舒张压", "Diastolic pressure"}, LOINC: "8462-4", UCUM: "mm[Hg]",
			PossibleLow: 5, PossibleHigh: 250, PlausibleLow: 20, PlausibleHigh: 200,
			NormalLow: f(60), NormalHigh: f(89), CriticalLow: f(39), CriticalHigh: f(120),
			CriticalUrgency: Emergent, UnmeasurableUrgency: Emergent, Qualifiers: device},
		{Term: Term{"SPO2", "血氧饱和度", "Oxygen saturation"}, LOINC: "59408-5", UCUM: "%",
			PossibleLow: 1, PossibleHigh: 100, PlausibleLow: 50, PlausibleHigh: 100,
			NormalLow: f(94), CriticalLow: f(89),
			CriticalUrgency: Critical, UnmeasurableUrgency: Urgent, Qualifiers: []Qualifier{Unmeasurable, BelowRange}},
		{Term: Term{"GLU_CAP", "指血血糖", "Capillary glucose"}, LOINC: "14743-9", UCUM: "mmol/L", Decimals: 1,
			PossibleLow: 0.1, PossibleHigh: 100, PlausibleLow: 1, PlausibleHigh: 40,
			NormalLow: f(3.9), NormalHigh: f(11.1), CriticalLow: f(3.8), CriticalHigh: f(16.8),
			CriticalUrgency: Emergent, Qualifiers: device},
		{Term: Term{"GLU_FAST", "空腹血糖（静脉）", "Fasting glucose (venous)"}, LOINC: "14771-0", UCUM: "mmol/L", Decimals: 2,
			PossibleLow: 0.1, PossibleHigh: 100, PlausibleLow: 1, PlausibleHigh: 40,
			NormalLow: f(3.9), NormalHigh: f(7), CriticalLow: f(3.89), CriticalHigh: f(16.71),
			CriticalUrgency: Emergent},
		{Term: Term{"HBA1C", "糖化血红蛋白", "Haemoglobin A1c"}, LOINC: "4548-4", UCUM: "%", Decimals: 1,
			PossibleLow: 2, PossibleHigh: 25, PlausibleLow: 3, PlausibleHigh: 20,
			NormalLow: f(4), NormalHigh: f(8), Qualifiers: []Qualifier{AboveRange, BelowRange}},
		{Term: Term{"WEIGHT", "体重", "Weight"}, LOINC: "29463-7", UCUM: "kg", Decimals: 1,
			PossibleLow: 10, PossibleHigh: 400, PlausibleLow: 25, PlausibleHigh: 200, Qualifiers: hand},
		{Term: Term{"HEIGHT", "身高", "Height"}, LOINC: "8302-2", UCUM: "cm", Decimals: 1,
			PossibleLow: 50, PossibleHigh: 260, PlausibleLow: 120, PlausibleHigh: 210, Qualifiers: hand},
		{Term: Term{"BMI", "体质指数", "Body mass index"}, LOINC: "39156-5", UCUM: "kg/m2", Decimals: 1,
			PossibleLow: 5, PossibleHigh: 150, PlausibleLow: 10, PlausibleHigh: 60, NormalLow: f(20), NormalHigh: f(26.9)},
		{Term: Term{"WAIST", "腰围", "Waist"}, LOINC: "8280-0", UCUM: "cm", Decimals: 1,
			PossibleLow: 20, PossibleHigh: 300, PlausibleLow: 40, PlausibleHigh: 180, Qualifiers: hand},
		{Term: Term{"PAIN", "疼痛评分（NRS）", "Pain score (NRS)"}, LOINC: "72514-3", UCUM: "{score}",
			PossibleHigh: 10, PlausibleHigh: 10, NormalHigh: f(3), CriticalHigh: f(8),
			CriticalUrgency: Urgent, Qualifiers: hand},
		{Term: Term{"GCS", "格拉斯哥昏迷评分", "Glasgow coma scale"}, LOINC: "9269-2", UCUM: "{score}",
			PossibleLow: 3, PossibleHigh: 15, PlausibleLow: 3, PlausibleHigh: 15, NormalLow: f(15), CriticalLow: f(12),
			CriticalUrgency: Critical, Qualifiers: hand},
		{Term: Term{"CONSC", "意识（AVPU）", "Consciousness (AVPU)"}, LOINC: "67775-7", UCUM: "",
			CriticalUrgency: Critical,
			Options: []Term{{"A", "清醒", "Alert"}, {"V", "呼之能应", "Responds to voice"},
				{"P", "疼痛有反应", "Responds to pain"}, {"U", "无反应", "Unresponsive"}}},
	})
})

// Vitals lists the table of vitals. The bounds must not be written to.
func Vitals() []VitalSpec { return vitals().all() }

// VitalByCode finds a vital.
func VitalByCode(code VitalCode) (VitalSpec, bool) { return vitals().get(string(code)) }

// Reading is what was measured: a value, a qualifier in its place, or an option of a coded vital.
type Reading struct {
	Code      VitalCode
	Value     *float64  // nil when there is no number
	Qualifier Qualifier // empty when there is a number
	Option    string    // coded vitals only
	Confirmed bool      // the nurse was asked and says that an unusual value is right
}

// Assessment is what the table says about a reading.
type Assessment struct {
	Code      VitalCode `json:"code"`
	Flag      VitalFlag `json:"flag"`
	Value     *float64  `json:"value,omitempty"` // rounded to the vital's decimals, so that every node stores the same number
	Qualifier Qualifier `json:"qualifier,omitempty"`
	Option    string    `json:"option,omitempty"`
	// NeedsConfirmation: outside the plausible range and not yet confirmed. Unconfirmed refuses it in words.
	NeedsConfirmation bool `json:"needs_confirmation,omitempty"`
}

// Unconfirmed returns vital_needs_confirmation when the nurse has not yet been asked about an unusual value, else nil.
func (a Assessment) Unconfirmed() error {
	if !a.NeedsConfirmation {
		return nil
	}
	spec, _ := VitalByCode(a.Code)
	return refuse(CodeVitalConfirm, "vital", string(a.Code), "low", decimal(spec.PlausibleLow), "high", decimal(spec.PlausibleHigh))
}

// CheckVital judges one reading. Refusals: vital_unknown, vital_missing_value, vital_value_and_qualifier,
// vital_qualifier_not_allowed, vital_option, vital_decimals, vital_impossible. A value that is merely unusual is no error:
// see Assessment.NeedsConfirmation.
func CheckVital(r Reading) (Assessment, error) {
	spec, ok := VitalByCode(r.Code)
	if !ok {
		return Assessment{}, refuse(CodeVitalUnknown)
	}
	vital := string(r.Code)
	if spec.Options != nil {
		return checkCoded(spec, r)
	}
	switch {
	case r.Option != "":
		return Assessment{}, refuse(CodeVitalOption, "vital", vital)
	case r.Value != nil && r.Qualifier != "":
		return Assessment{}, refuse(CodeVitalBoth, "vital", vital)
	case r.Value == nil && r.Qualifier == "":
		return Assessment{}, refuse(CodeVitalMissing, "vital", vital)
	case r.Qualifier != "":
		if !slices.Contains(spec.Qualifiers, r.Qualifier) {
			return Assessment{}, refuse(CodeVitalQualifier, "vital", vital)
		}
		return Assessment{Code: r.Code, Qualifier: r.Qualifier, Flag: qualifierFlag(r.Qualifier)}, nil
	}
	v := *r.Value
	if math.IsNaN(v) || v < spec.PossibleLow || v > spec.PossibleHigh {
		return Assessment{}, refuse(CodeVitalImpossible, "vital", vital,
			"low", decimal(spec.PossibleLow), "high", decimal(spec.PossibleHigh))
	}
	scale := math.Pow10(spec.Decimals)
	rounded := math.Round(v*scale) / scale
	if math.Abs(rounded-v) > 1e-9 {
		return Assessment{}, refuse(CodeVitalDecimals, "vital", vital, "decimals", strconv.Itoa(spec.Decimals))
	}
	return Assessment{Code: r.Code, Value: &rounded, Flag: spec.flag(rounded),
		NeedsConfirmation: !r.Confirmed && (rounded < spec.PlausibleLow || rounded > spec.PlausibleHigh)}, nil
}

func checkCoded(spec VitalSpec, r Reading) (Assessment, error) {
	if r.Value != nil || r.Qualifier != "" || !slices.ContainsFunc(spec.Options, func(t Term) bool { return t.Code == r.Option }) {
		return Assessment{}, refuse(CodeVitalOption, "vital", string(r.Code))
	}
	flag := FlagCriticalLow // below alert, any change of consciousness is a red flag
	if r.Option == spec.Options[0].Code {
		flag = FlagNormal
	}
	return Assessment{Code: r.Code, Option: r.Option, Flag: flag}, nil
}

func qualifierFlag(q Qualifier) VitalFlag {
	switch q {
	case AboveRange:
		return FlagCriticalHigh
	case BelowRange:
		return FlagCriticalLow
	}
	return FlagUnmeasurable
}

func (s VitalSpec) flag(v float64) VitalFlag {
	switch {
	case s.CriticalLow != nil && v <= *s.CriticalLow:
		return FlagCriticalLow
	case s.CriticalHigh != nil && v >= *s.CriticalHigh:
		return FlagCriticalHigh
	case s.NormalLow != nil && v < *s.NormalLow:
		return FlagLow
	case s.NormalHigh != nil && v > *s.NormalHigh:
		return FlagHigh
	}
	return FlagNormal
}

// decimal writes a bound as a person would.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// CheckVitals judges the readings of one measurement together: each by itself, no vital twice (vital_twice), and the blood
// pressure as a pair: systolic above diastolic (vital_pressure_order), neither alone (vital_pressure_incomplete; 测不出
// counts as given). A pulse pressure below 10 mmHg asks for confirmation. The error joins every refusal, see Refusals; the
// assessments are those of the readings that passed, in their order.
func CheckVitals(readings []Reading) ([]Assessment, error) {
	var (
		out  []Assessment
		errs []error
		at   = make(map[VitalCode]int)
	)
	for _, r := range readings {
		if _, twice := at[r.Code]; twice {
			errs = append(errs, refuse(CodeVitalTwice, "vital", string(r.Code)))
			continue
		}
		a, err := CheckVital(r)
		if err != nil {
			if _, known := VitalByCode(r.Code); known {
				at[r.Code] = -1
			}
			errs = append(errs, err)
			continue
		}
		at[r.Code] = len(out)
		out = append(out, a)
	}
	s, hasS := at[VitalSBP]
	d, hasD := at[VitalDBP]
	switch {
	case hasS && !hasD:
		errs = append(errs, refuse(CodeVitalPressureHalf, "vital", string(VitalSBP), "other_vital", string(VitalDBP)))
	case hasD && !hasS:
		errs = append(errs, refuse(CodeVitalPressureHalf, "vital", string(VitalDBP), "other_vital", string(VitalSBP)))
	case hasS && hasD && s >= 0 && d >= 0 && out[s].Value != nil && out[d].Value != nil:
		switch diff := *out[s].Value - *out[d].Value; {
		case diff <= 0:
			errs = append(errs, refuse(CodeVitalPressure, "vital", string(VitalDBP), "other_vital", string(VitalSBP)))
		case diff < narrowPulsePressure && !confirmed(readings, VitalSBP) && !confirmed(readings, VitalDBP):
			out[s].NeedsConfirmation = true
		}
	}
	return out, errors.Join(errs...)
}

// narrowPulsePressure in mmHg; a smaller difference is more often a typing error than a finding.
const narrowPulsePressure = 10

func confirmed(readings []Reading, code VitalCode) bool {
	return slices.ContainsFunc(readings, func(r Reading) bool { return r.Code == code && r.Confirmed })
}

// CheckBloodPressure compares two values in mmHg (vital_pressure_order).
func CheckBloodPressure(systolic, diastolic float64) error {
	if !(systolic > diastolic) {
		return refuse(CodeVitalPressure, "vital", string(VitalDBP), "other_vital", string(VitalSBP))
	}
	return nil
}
