package consult

import (
	"errors"
	"math"
	"slices"
	"strconv"
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

// Vitals lists the shipped table of vitals. The bounds must not be written to.
func Vitals() []VitalSpec { return shipped().Vitals() }

// VitalByCode finds a vital of the shipped table.
func VitalByCode(code VitalCode) (VitalSpec, bool) { return shipped().Vital(code) }

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

	low, high float64 // the plausible range
}

// Unconfirmed returns vital_needs_confirmation when the nurse has not yet been asked about an unusual value, else nil.
func (a Assessment) Unconfirmed() error {
	if !a.NeedsConfirmation {
		return nil
	}
	return refuse(CodeVitalConfirm, "vital", string(a.Code), "low", decimal(a.low), "high", decimal(a.high))
}

// CheckVital judges one reading. Refusals: vital_unknown, vital_missing_value, vital_value_and_qualifier,
// vital_qualifier_not_allowed, vital_option, vital_decimals, vital_impossible. A value that is merely unusual is no error:
// see Assessment.NeedsConfirmation.
func CheckVital(r Reading) (Assessment, error) { return shipped().CheckVital(r) }

// CheckVital is the same by the table in force.
func (c *Codes) CheckVital(r Reading) (Assessment, error) {
	spec, ok := c.or().vitals.current(string(r.Code))
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
	return Assessment{Code: r.Code, Value: &rounded, Flag: spec.flag(rounded), low: spec.PlausibleLow, high: spec.PlausibleHigh,
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
func CheckVitals(readings []Reading) ([]Assessment, error) { return shipped().CheckVitals(readings) }

// CheckVitals is the same by the table in force.
func (c *Codes) CheckVitals(readings []Reading) ([]Assessment, error) {
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
		a, err := c.CheckVital(r)
		if err != nil {
			if _, known := c.Vital(r.Code); known {
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
