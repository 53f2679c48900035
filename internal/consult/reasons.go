package consult

import (
	"cmp"
	"slices"
	"strings"
)

// Reason is a chip that the nurse taps to say why she calls.
type Reason string

// The reason chips.
const (
	ReasonChest     Reason = "CHEST"
	ReasonBreath    Reason = "BREATH"
	ReasonFall      Reason = "FALL"
	ReasonSkin      Reason = "SKIN"
	ReasonConfusion Reason = "CONFUSION"
	ReasonPain      Reason = "PAIN"
	ReasonStomach   Reason = "STOMACH"
	ReasonBPSugar   Reason = "BP_SUGAR"
	ReasonOther     Reason = "OTHER"
)

// ReasonInfo is a chip with what it proposes.
type ReasonInfo struct {
	Term
	Department string  `json:"department"` // proposed department
	Urgency    Urgency `json:"urgency"`    // default urgency
}

var reasons = loadTable("reasons.csv", func(r record) ReasonInfo {
	return ReasonInfo{Term: r.labels(), Department: r.text("department"), Urgency: Urgency(r.text("urgency"))}
})

// Reasons lists the chips in the order in which they are shown.
func Reasons() []ReasonInfo { return reasons().all() }

// Info returns the chip's row.
func (r Reason) Info() (ReasonInfo, bool) { return reasons().get(string(r)) }

// Valid tells whether the chip exists.
func (r Reason) Valid() bool { _, ok := r.Info(); return ok }

// RedFlag is a sign of danger that is asked about.
type RedFlag string

// The red flags. The list and its measures are medical content: an installation has them signed off by its physicians.
const (
	FlagChestPain        RedFlag = "CHEST_PAIN"
	FlagDyspnoea         RedFlag = "DYSPNOEA"
	FlagSpO2Low          RedFlag = "SPO2_LOW"
	FlagConsciousness    RedFlag = "CONSCIOUSNESS"
	FlagStroke           RedFlag = "STROKE_SIGNS"
	FlagSeizure          RedFlag = "SEIZURE"
	FlagBleeding         RedFlag = "MAJOR_BLEEDING"
	FlagMelaena          RedFlag = "MELAENA"
	FlagFallInjury       RedFlag = "FALL_INJURY"
	FlagBPExtreme        RedFlag = "BP_EXTREME"
	FlagFeverChills      RedFlag = "FEVER_CHILLS"
	FlagGlucoseExtreme   RedFlag = "GLUCOSE_EXTREME"
	FlagUrinaryRetention RedFlag = "URINARY_RETENTION"
	FlagChoking          RedFlag = "CHOKING"
	FlagSelfHarm         RedFlag = "SELF_HARM"
)

// RedFlagInfo is a red flag with what to do at once.
type RedFlagInfo struct {
	Term
	Reasons    []Reason `json:"reasons"`     // the chips under which it is asked first; every flag can be reached from any chip
	Urgency    Urgency  `json:"urgency"`     // at least this
	Call120    bool     `json:"call_120"`    // the emergency sheet opens with 120
	MeasuresZH []string `json:"measures_zh"` // immediate measures for care-home staff, in order
	MeasuresEN []string `json:"measures_en"`
}

var redFlags = loadTable("red_flags.csv", func(r record) RedFlagInfo {
	info := RedFlagInfo{Term: r.labels(), Urgency: Urgency(r.text("urgency")), Call120: r.flag("call_120"),
		MeasuresZH: strings.Split(r.text("measures_zh"), "|"), MeasuresEN: strings.Split(r.text("measures_en"), "|")}
	for _, c := range r.list("reasons") {
		info.Reasons = append(info.Reasons, Reason(c))
	}
	return info
})

// RedFlags lists all red flags, gravest first. The lists within must not be written to.
func RedFlags() []RedFlagInfo { return redFlags().all() }

// Info returns the flag's row.
func (f RedFlag) Info() (RedFlagInfo, bool) { return redFlags().get(string(f)) }

// Valid tells whether the flag exists.
func (f RedFlag) Valid() bool { _, ok := f.Info(); return ok }

// RedFlagsFor lists the flags that are asked about under a chip; OTHER asks about all.
func RedFlagsFor(r Reason) []RedFlagInfo {
	var out []RedFlagInfo
	for _, f := range redFlags().rows {
		if r == ReasonOther || slices.Contains(f.Reasons, r) {
			out = append(out, f)
		}
	}
	return out
}

// RedFlagsFromVitals are the flags that the numbers alone prove: saturation below 90 %, glucose below 3.9 or above
// 16.7 mmol/L, a resident who is not alert. The others need something seen or heard.
func RedFlagsFromVitals(vitals []Assessment) []RedFlag {
	var out []RedFlag
	add := func(f RedFlag) {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	for _, a := range vitals {
		critical := a.Flag == FlagCriticalLow || a.Flag == FlagCriticalHigh
		switch {
		case a.Code == VitalSpO2 && a.Flag == FlagCriticalLow:
			add(FlagSpO2Low)
		case (a.Code == VitalGluCap || a.Code == VitalGluFast) && critical:
			add(FlagGlucoseExtreme)
		case (a.Code == VitalConsc || a.Code == VitalGCS) && a.Flag == FlagCriticalLow:
			add(FlagConsciousness)
		}
	}
	return out
}

// GroundKind says what raised the urgency.
type GroundKind string

// The kinds of grounds.
const (
	GroundRedFlag GroundKind = "RED_FLAG"
	GroundVital   GroundKind = "VITAL"
	GroundReason  GroundKind = "REASON"
	// GroundVitals is the sum: two or more vitals outside the normal range, none of them critical. Its code is COUNT.
	GroundVitals GroundKind = "VITALS"
)

// Ground is one reason for a proposed urgency.
type Ground struct {
	Kind    GroundKind `json:"kind"`
	Code    string     `json:"code"`           // the chip, the red flag or the vital
	Flag    VitalFlag  `json:"flag,omitempty"` // of a vital
	Urgency Urgency    `json:"urgency"`        // what this ground alone proposes
}

// abnormalTogether is how many merely abnormal vitals make a request URGENT.
const abnormalTogether = 2

// ProposeUrgency takes the most urgent of what the chips, the red flags and the vitals ask for, ROUTINE when nothing does,
// and says why: every ground that asks for more than ROUTINE, gravest first. Unknown chips and flags propose nothing.
func ProposeUrgency(reasons []Reason, flags []RedFlag, vitals []Assessment) (Urgency, []Ground) {
	var grounds []Ground
	seen := make(map[RedFlag]bool)
	for _, f := range append(slices.Clone(flags), RedFlagsFromVitals(vitals)...) {
		if info, ok := f.Info(); ok && !seen[f] {
			seen[f] = true
			grounds = append(grounds, Ground{Kind: GroundRedFlag, Code: string(f), Urgency: info.Urgency})
		}
	}
	abnormal := 0
	for _, a := range vitals {
		spec, _ := VitalByCode(a.Code)
		u := spec.CriticalUrgency
		switch {
		case a.Flag == FlagUnmeasurable:
			u = spec.UnmeasurableUrgency
		case !a.Flag.CriticalValue():
			if a.Flag.Abnormal() {
				abnormal++
			}
			continue
		}
		if u != "" {
			grounds = append(grounds, Ground{Kind: GroundVital, Code: string(a.Code), Flag: a.Flag, Urgency: u})
		}
	}
	if abnormal >= abnormalTogether {
		grounds = append(grounds, Ground{Kind: GroundVitals, Code: "COUNT", Urgency: Urgent})
	}
	for _, r := range reasons {
		if info, ok := r.Info(); ok && info.Urgency.MoreUrgentThan(Routine) {
			grounds = append(grounds, Ground{Kind: GroundReason, Code: string(r), Urgency: info.Urgency})
		}
	}
	slices.SortStableFunc(grounds, func(a, b Ground) int { return cmp.Compare(a.Urgency.rank(), b.Urgency.rank()) })
	if len(grounds) == 0 {
		return Routine, nil
	}
	return grounds[0].Urgency, grounds
}

// ProposeDepartment is the department of the first chip, general practice without one.
func ProposeDepartment(reasons []Reason) string {
	for _, r := range reasons {
		if info, ok := r.Info(); ok {
			return info.Department
		}
	}
	info, _ := ReasonOther.Info()
	return info.Department
}
