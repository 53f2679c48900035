package consult

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// drugClass is a group of medicines whose members share allergies, with words by which a member is known.
type drugClass struct {
	Term
	members []string // parts of names, lower case
	crosses []string // classes in which a cross reaction is possible
}

var drugClasses = loadTable("drug_classes.csv", func(r record) drugClass {
	return drugClass{Term: r.labels(), members: r.list("members"), crosses: r.list("crosses")}
})

// classesOf lists the classes to which a name of a medicine, or the name of the class itself, belongs.
func classesOf(name string) []drugClass {
	name = fold(name)
	var out []drugClass
	for _, c := range drugClasses().rows {
		known := strings.Contains(name, strings.TrimSuffix(fold(c.ZH), "类")) || strings.Contains(name, fold(c.EN))
		if known || slices.ContainsFunc(c.members, func(m string) bool { return strings.Contains(name, m) }) {
			out = append(out, c)
		}
	}
	return out
}

// fold makes names comparable: lower case, without blanks.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// AllergyGrade is how close a medicine is to an allergy.
type AllergyGrade string

// The grades, closest first.
const (
	AllergySame  AllergyGrade = "SAME"  // the name itself
	AllergyClass AllergyGrade = "CLASS" // a medicine of the same class
	AllergyCross AllergyGrade = "CROSS" // a class with possible cross reactions
)

// AllergyMatch says that a medicine matches a registered allergy.
type AllergyMatch struct {
	Allergy string // as it was registered
	Grade   AllergyGrade
	Class   string // code of the class of the medicine, empty with SAME
}

// noAllergy are free texts that say there is none.
var noAllergy = []string{"无", "没有", "否认", "未发现", "不详", "无过敏", "none", "no", "nka", "unknown"}

// SplitAllergies takes a free text of allergies apart ("青霉素、海鲜；花粉"). What says that there is none is left out.
func SplitAllergies(text string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、,，;；。/\n|", r) }) {
		part = strings.TrimSpace(part)
		bare := strings.TrimSuffix(strings.TrimSuffix(fold(part), "史"), "过敏")
		if part == "" || slices.Contains(noAllergy, bare) || strings.HasPrefix(bare, "无") || strings.HasPrefix(bare, "否认") || strings.HasPrefix(bare, "no known") {
			continue
		}
		out = append(out, part)
	}
	return out
}

// MatchAllergies compares a medicine with registered allergies, in their order. It warns rather too often than too seldom:
// names match when one holds the other, classes by data/drug_classes.csv.
func MatchAllergies(medicine string, allergies []string) []AllergyMatch {
	name := fold(medicine)
	mine := classesOf(medicine)
	var out []AllergyMatch
	for _, a := range allergies {
		bare := strings.TrimSuffix(strings.TrimSuffix(fold(a), "史"), "过敏")
		bare = strings.TrimSuffix(strings.TrimPrefix(bare, "对"), "类")
		if bare == "" || name == "" {
			continue
		}
		if strings.Contains(name, bare) || strings.Contains(bare, name) {
			out = append(out, AllergyMatch{Allergy: a, Grade: AllergySame})
			continue
		}
		if m, ok := matchClass(mine, classesOf(bare)); ok {
			m.Allergy = a
			out = append(out, m)
		}
	}
	return out
}

func matchClass(mine, theirs []drugClass) (AllergyMatch, bool) {
	cross := AllergyMatch{}
	for _, m := range mine {
		for _, t := range theirs {
			if m.Code == t.Code {
				return AllergyMatch{Grade: AllergyClass, Class: m.Code}, true
			}
			if slices.Contains(t.crosses, m.Code) {
				cross = AllergyMatch{Grade: AllergyCross, Class: m.Code}
			}
		}
	}
	return cross, cross.Grade != ""
}

// DrugClassLabel is the label of a class of medicines.
func DrugClassLabel(code string, l Lang) string {
	if c, ok := drugClasses().get(code); ok {
		return c.Label(l)
	}
	return code
}

// Limits of a supply (长期处方管理规范): four weeks, up to twelve for a stable chronic disease after an assessment.
const (
	UsualSupplyWeeks   = 4
	LongestSupplyWeeks = 12
)

// PrescriptionRef refers to a prescription that was written elsewhere (G-IH-09), and reviewed there or by a pharmacist who is asked here. Nothing is
// prescribed here.
type PrescriptionRef struct {
	Number, Institution, Pharmacist string
	ReviewedAt                      time.Time // zero: not reviewed
	Asked                           bool      // a pharmacist is asked to review it
	SupplyWeeks                     int       // 0: not said
	Assessed                        bool      // evaluated and informed for more than four weeks
}

// CheckPrescription judges a reference: complete with its review or with who is asked for it, no longer than twelve weeks, above four only after an assessment.
// An empty reference is fine.
func CheckPrescription(p PrescriptionRef, now time.Time) error {
	if p == (PrescriptionRef{}) {
		return nil
	}
	switch {
	case p.SupplyWeeks > LongestSupplyWeeks || p.SupplyWeeks < 0:
		return refuse(CodeSupplyTooLong, "max", "12")
	case isBlank(p.Number) || isBlank(p.Institution) || !p.Asked && (isBlank(p.Pharmacist) || p.ReviewedAt.IsZero() || p.ReviewedAt.After(now.Add(clockSkew))):
		return refuse(CodeRxReview)
	case p.SupplyWeeks > UsualSupplyWeeks && !p.Assessed:
		return refuse(CodeSupplyAssessment, "weeks", "4")
	}
	return nil
}
