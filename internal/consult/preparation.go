package consult

import "slices"

// VocabPreparation names what is prepared for an appointment.
const VocabPreparation Vocabulary = "preparation"

// BookingLists are the vocabularies of appointments.
func BookingLists() []Vocabulary { return []Vocabulary{VocabPreparation} }

// Preparation is something to have ready before an appointment, and for which: the project's own choice, by place and by what the plan of the
// resident follows.
type Preparation struct {
	Term
	Places  []string // ONLINE, CLINIC, INSTITUTION, HOME; empty: any
	Plans   []string // kinds of care plans; empty: any
	Without string   // CONSENT: only while there is no valid consent
}

var preparations = loadTable("preparation.csv", func(r record) Preparation {
	return Preparation{Term: r.labels(), Places: r.list("places"), Plans: r.list("plans"), Without: r.text("without")}
})

// PreparationFacts are what the list of one appointment follows from.
type PreparationFacts struct {
	Place   string
	Plans   []string
	Consent bool // to remote care, valid at the appointment
}

// Prepare lists the codes of what is to be ready for an appointment, in the order in which it is done.
func Prepare(f PreparationFacts) []string {
	out := []string{}
	for _, p := range preparations().all() {
		switch {
		case len(p.Places) > 0 && !slices.Contains(p.Places, f.Place):
		case len(p.Plans) > 0 && !slices.ContainsFunc(p.Plans, func(plan string) bool { return slices.Contains(f.Plans, plan) }):
		case p.Without == "CONSENT" && f.Consent:
		default:
			out = append(out, p.Code)
		}
	}
	return out
}
