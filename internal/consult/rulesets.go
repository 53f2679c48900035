package consult

import (
	"fmt"
	"slices"
	"sync"
)

// RulesetKind is what a ruleset is about.
type RulesetKind string

// The kinds.
const (
	RulesetGates        RulesetKind = "GATES"
	RulesetCountability RulesetKind = "COUNTABILITY"
	gatesFile                       = "gates_%s.csv"
	countabilityFile                = "countability_%s.csv"
)

// Provenance says how sure the program is of a rule's source. K and D carry a note on every screen on which they are switched on: to
// be confirmed by the hospital and the authority.
type Provenance string

// The marks.
const (
	MarkStatute   Provenance = "STATUTE" // a statute, a regulation or a policy document whose text was read
	MarkUnsure    Provenance = "K"       // known from practice; to be compared with the official text
	MarkOwnChoice Provenance = "D"       // this project's own choice
)

// Unconfirmed says that the rule has to be confirmed by the hospital and the authority.
func (m Provenance) Unconfirmed() bool { return m != MarkStatute }

// RulesetInfo is a dated version of the rules. A version is never changed once a period was closed under it; a change is a
// new version with files of its own.
type RulesetInfo struct {
	Kind    RulesetKind
	Version string
	From    Date // the first day on which it is in force
	ZH, EN  string
}

var rulesets = sync.OnceValue(func() []RulesetInfo {
	var out []RulesetInfo
	for _, r := range readRecords("rulesets.csv") {
		from, err := ParseDate(r.text("valid_from"))
		if err != nil {
			panic(fmt.Sprintf("consult: rulesets.csv: %v", err))
		}
		out = append(out, RulesetInfo{Kind: RulesetKind(r.text("kind")), Version: r.text("version"), From: from, ZH: r.text("zh"), EN: r.text("en")})
	}
	slices.SortStableFunc(out, func(a, b RulesetInfo) int {
		switch {
		case a.From.Before(b.From):
			return -1
		case b.From.Before(a.From):
			return 1
		}
		return 0
	})
	return out
})

// Rulesets lists all versions of a kind, oldest first.
func Rulesets(kind RulesetKind) []RulesetInfo {
	return slices.DeleteFunc(slices.Clone(rulesets()), func(r RulesetInfo) bool { return r.Kind != kind })
}

// RulesetOn is the version in force on a day; before the first one it is the first.
func RulesetOn(kind RulesetKind, day Date) RulesetInfo {
	all := Rulesets(kind)
	found := all[0]
	for _, r := range all {
		if !r.From.After(day) {
			found = r
		}
	}
	return found
}

// perVersion reads a file of each version of a kind once.
func perVersion[V any](kind RulesetKind, file string, parse func(record) V) func(version string) []V {
	all := sync.OnceValue(func() map[string][]V {
		out := map[string][]V{}
		for _, r := range Rulesets(kind) {
			for _, line := range readRecords(fmt.Sprintf(file, r.Version)) {
				out[r.Version] = append(out[r.Version], parse(line))
			}
		}
		return out
	})
	return func(version string) []V { return all()[version] }
}

// RuleLists are the vocabularies in which rules are shown.
func RuleLists() []Vocabulary {
	return []Vocabulary{VocabRuleMark, VocabGateStage, VocabGateEffect, VocabGoal, VocabCountRule, VocabFinding, VocabMendBy, VocabDeclaration}
}
