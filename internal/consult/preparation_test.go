package consult

import (
	"slices"
	"strings"
	"testing"
)

// Each row of the table is asked for by its place and plan, and by no other.
func TestPreparation(t *testing.T) {
	all := []string{"ONLINE", "CLINIC", "INSTITUTION", "HOME"}
	for _, c := range []struct {
		name  string
		facts PreparationFacts
		want  string
	}{
		{"a video without consent", PreparationFacts{Place: "ONLINE"}, "CONSENT READINGS MEDICINES LATEST ROOM DEVICE FAMILY"},
		{"a video with consent", PreparationFacts{Place: "ONLINE", Consent: true}, "READINGS MEDICINES LATEST ROOM DEVICE FAMILY"},
		{"a visit at home of a wound", PreparationFacts{Place: "HOME", Plans: []string{"PRESSURE_INJURY"}}, "READINGS MEDICINES LATEST WOUND DOCUMENTS DOOR FAMILY"},
		{"the clinic with diabetes: fasting", PreparationFacts{Place: "CLINIC", Plans: []string{"DIABETES"}}, "READINGS MEDICINES LATEST FASTING SUGAR_LOG DOCUMENTS WAY FAMILY"},
		{"a video with diabetes: no fasting", PreparationFacts{Place: "ONLINE", Plans: []string{"DIABETES"}, Consent: true}, "READINGS MEDICINES LATEST SUGAR_LOG ROOM DEVICE FAMILY"},
		{"the institution with two plans", PreparationFacts{Place: "INSTITUTION", Plans: []string{"STROKE", "HEART_FAILURE"}}, "READINGS MEDICINES LATEST PRESSURE_LOG WEIGHT CARER DOCUMENTS ROOM FAMILY"},
	} {
		if got := strings.Join(Prepare(c.facts), " "); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	for _, p := range preparations().all() {
		for _, plan := range p.Plans {
			if _, ok := PlanKindByCode(plan); !ok {
				t.Errorf("%s: no plan %s", p.Code, plan)
			}
		}
		places := p.Places
		if len(places) == 0 {
			places = all
		}
		for _, place := range places {
			if !slices.Contains(all, place) {
				t.Errorf("%s: no place %s", p.Code, place)
			}
			if f := (PreparationFacts{Place: place, Plans: p.Plans}); !slices.Contains(Prepare(f), p.Code) {
				t.Errorf("%s is not asked for at %s", p.Code, place)
			}
		}
	}
}
