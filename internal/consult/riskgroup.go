package consult

import "slices"

// RiskGroup is why a resident is looked after with priority: the eligibility reasons of G-HV-02.
type RiskGroup string

// The groups (失能、失智、慢性病、高龄、残疾 and 特殊困难).
const (
	GroupDisabled    RiskGroup = "DISABLED"
	GroupDementia    RiskGroup = "DEMENTIA"
	GroupChronic     RiskGroup = "CHRONIC"
	GroupAged80      RiskGroup = "AGED_80"
	GroupHandicapped RiskGroup = "HANDICAPPED"
	GroupDifficulty  RiskGroup = "SPECIAL_DIFFICULTY"
)

// AgedFrom is the age from which a resident is of high age.
const AgedFrom = 80

// DementiaConditions are the diagnoses of dementia.
func DementiaConditions() []string { return []string{"F00", "F01.9", "F03", "G30.9"} }

// ChronicConditions are the diagnoses that make a resident chronically ill; the ledger counts by the same list.
func ChronicConditions() []string {
	return []string{"I10", "I11.9", "I20.9", "I25.1", "I25.2", "I48", "I50.9", "I69.3", "E11.9", "E11.2", "E11.4", "E11.5", "E78.5", "J44.9", "N18.9", "M81.9", "G20",
		"G30.9", "F01.9", "F03"}
}

// RiskFacts are what the records say of a resident.
type RiskFacts struct {
	Ability    *int // 0 able to 4; nil: not assessed
	Birth      Date
	Conditions []string
	Marks      []RiskGroup // set by hand and still standing
}

// Groups are a resident's groups on a day: those that the records show, and those that were set by hand because no record shows
// them. Set by hand counts also where a record is there: a level of ability may be older than what the doctor sees.
func (f RiskFacts) Groups(day Date) []RiskGroup {
	has := map[RiskGroup]bool{
		GroupDisabled: f.Ability != nil && *f.Ability >= 1,
		GroupDementia: overlaps(f.Conditions, DementiaConditions()),
		GroupChronic:  overlaps(f.Conditions, ChronicConditions()),
		GroupAged80:   !f.Birth.IsZero() && AgeAt(f.Birth, day) >= AgedFrom,
	}
	out := []RiskGroup{}
	for _, g := range []RiskGroup{GroupDisabled, GroupDementia, GroupChronic, GroupAged80, GroupHandicapped, GroupDifficulty} {
		if has[g] || slices.Contains(f.Marks, g) {
			out = append(out, g)
		}
	}
	return out
}

func overlaps(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// SpecialGroups are those whose coverage by contracts is measured (I-20): disabled, demented, aged 80 and over, handicapped, in
// special difficulty. Chronic disease alone is none of them.
func SpecialGroups() []RiskGroup {
	return []RiskGroup{GroupDisabled, GroupDementia, GroupAged80, GroupHandicapped, GroupDifficulty}
}

// Special tells whether somebody of these groups is one of the elders of I-20.
func Special(groups []RiskGroup) bool {
	return slices.ContainsFunc(groups, func(g RiskGroup) bool { return slices.Contains(SpecialGroups(), g) })
}

// HomeVisitFacts are what the gates of a home visit look at.
type HomeVisitFacts struct {
	Contract bool // a family-doctor contract is in force
	// Exception: why a visit is made without a contract, assessed beforehand or paid for; empty: none.
	Exception string
	Groups    []RiskGroup
}

// CheckHomeVisit says what stands against a home visit: no contract in force and no assessed exception (G-HV-01), no eligibility
// reason (G-HV-02). An exception stands for both: it was assessed.
func CheckHomeVisit(f HomeVisitFacts) []*Refusal {
	out := []*Refusal{}
	if !isBlank(f.Exception) {
		return out
	}
	if !f.Contract {
		out = append(out, refuse(CodeVisitContract))
	}
	if len(f.Groups) == 0 {
		out = append(out, refuse(CodeVisitEligible))
	}
	return out
}
