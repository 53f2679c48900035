package consult

import (
	"slices"
	"strconv"
)

// PlanKind is a reason to see a resident again and again, with its interval.
type PlanKind struct {
	Term
	Conditions  []string      // diagnoses that ask for it
	Groups      []RiskGroup   // groups that ask for it
	FromAge     int           // age that asks for it; 0: none
	Days        int           // between two contacts
	Least, Most int           // what an interval may be set to, days
	Services    []ServiceType // consultations that count as done, with one of the diagnoses
	Source      string
	Mark        Provenance
}

var planKinds = loadTable("care_plans.csv", func(r record) PlanKind {
	k := PlanKind{Term: r.labels(), Conditions: r.list("conditions"), FromAge: int(r.number("age")), Days: int(r.number("days")), Least: int(r.number("least")),
		Most: int(r.number("most")), Source: r.text("source"), Mark: Provenance(r.text("mark"))}
	for _, g := range r.list("groups") {
		k.Groups = append(k.Groups, RiskGroup(g))
	}
	for _, s := range r.list("services") {
		k.Services = append(k.Services, ServiceType(s))
	}
	return k
})

// PlanKinds lists the plans, those of the national services first.
func PlanKinds() []PlanKind { return planKinds().all() }

// PlanKindByCode finds a plan.
func PlanKindByCode(code string) (PlanKind, bool) { return planKinds().get(code) }

// Suggested are the plans that a resident's records ask for on a day.
func Suggested(f RiskFacts, day Date) []PlanKind {
	groups := f.Groups(day)
	var out []PlanKind
	for _, k := range planKinds().rows {
		if overlaps(f.Conditions, k.Conditions) || slices.ContainsFunc(k.Groups, func(g RiskGroup) bool { return slices.Contains(groups, g) }) ||
			k.FromAge > 0 && AgeAt(f.Birth, day) >= k.FromAge {
			out = append(out, k)
		}
	}
	return out
}

// CheckInterval refuses an interval beyond what the plan's data allow (plan_interval).
func (k PlanKind) CheckInterval(days int) error {
	if days < k.Least || days > k.Most {
		return refuse(CodePlanInterval, "least", strconv.Itoa(k.Least), "most", strconv.Itoa(k.Most))
	}
	return nil
}

// Served tells whether a finished consultation counts as a contact of the plan: one of its services with one of its diagnoses. The
// first diagnosis of the report decides.
func (k PlanKind) Served(service ServiceType, diagnosis string) bool {
	return slices.Contains(k.Services, service) && slices.Contains(k.Conditions, diagnosis)
}

// PlanDue is how a plan stands on a day.
type PlanDue string

// How a plan stands.
const (
	PlanOverdue PlanDue = "OVERDUE"
	PlanSoon    PlanDue = "DUE"
	PlanLater   PlanDue = "LATER"
)

// PlanContact is one contact: the day, and the day that was set for the next where it differs from the interval (a pressure that is
// not under control is measured again in two weeks).
type PlanContact struct {
	On, Next Date
}

// planLead is how many days before its day a plan shows as due: a quarter of the interval, at most two weeks.
func planLead(days int) int { return min(14, max(1, days/4)) }

// NextDue is the next day on which a resident is to be seen: what the last contact set, else one interval after it; without any
// contact the day on which the plan begins.
func NextDue(begins Date, days int, last PlanContact) Date {
	switch {
	case last.On.IsZero():
		return begins
	case !last.Next.IsZero():
		return last.Next
	}
	return last.On.AddDays(days)
}

// Due says how a plan with a next day stands on a day.
func Due(next Date, days int, today Date) PlanDue {
	switch {
	case next.Before(today):
		return PlanOverdue
	case !next.After(today.AddDays(planLead(days))):
		return PlanSoon
	}
	return PlanLater
}

// CheckContact judges a contact that is noted on a day: it lies not in the future and not before the plan may look back
// (contact_day), and the next day follows within the plan's bounds (contact_next).
func (k PlanKind) CheckContact(c PlanContact, today Date) error {
	if c.On.After(today) || c.On.Before(today.AddDays(-ContactLateDays)) {
		return refuse(CodeContactDay, "days", strconv.Itoa(ContactLateDays))
	}
	if !c.Next.IsZero() && (!c.Next.After(c.On) || c.Next.After(c.On.AddDays(k.Most))) {
		return refuse(CodeContactNext, "most", strconv.Itoa(k.Most))
	}
	return nil
}

// ContactLateDays is how long ago a contact may lie that is noted by hand: the project's own choice, so that a plan can begin with what
// was done elsewhere.
const ContactLateDays = 400
