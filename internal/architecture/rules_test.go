package architecture_test

import (
	"slices"
	"strings"
	"testing"
)

// rank orders the parts of the program: a part may import parts of a higher number, and itself. The arrows of the design:
// main → app → {api, signaling, scheduler, media, …} → {care, goals, panel} → {identity, audit, notify} → store → seal → consult.
// Commands and tests' servers stand beside it.
func rank() map[string]int {
	return map[string]int{
		"":                   0, // main.go
		"internal/app":       10,
		"internal/chaos":     12, // stands beside the program and uses it from outside, as its clients do
		"internal/bench":     14, // loads the demo's year
		"internal/demo":      15,
		"internal/api":       20,
		"internal/fhir":      20,
		"signaling":          20,
		"scheduler":          20,
		"scheduler/route":    70, // pure
		"media":              20,
		"internal/remind":    26,
		"internal/visits":    28,
		"internal/care":      30,
		"internal/goals":     30,
		"internal/booking":   30,
		"internal/panel":     30,
		"internal/keys":      35,
		"internal/identity":  40,
		"internal/audit":     40,
		"internal/dossier":   40,
		"internal/retention": 38,
		"internal/notify":    40,
		"internal/cluster":   40,
		"internal/store":     50,
		"internal/seal":      60,
		"internal/problem":   65, // the catalogue of sentences; consult brings its own
		"internal/consult":   70,
		"scheduler/calendar": 68, // pure: booking stands on it
		"internal/contract":  70, // generated shapes
		"internal/malware":   80,
		"internal/pdfpage":   80,
		"internal/paper":     80, // sets documents; knows nothing of what they say
		"internal/config":    80,
		"internal/telemetry": 90,
	}
}

// onlyFor lists parts that few may import: what starts processes, opens ports or embeds the pages belongs to the wiring,
// and the tests' servers to tests.
func onlyFor() map[string][]string {
	return map[string][]string{
		"internal/embedded":      {"", "internal/app", "internal/bench", "internal/testdb", "internal/chaos"},
		"internal/tlscert":       {"", "internal/app"},
		"internal/testdb":        {"internal/care/caretest"}, // and its own command, and test files, which are not looked at
		"internal/care/caretest": {},                         // worlds for tests
		"web":                    {"", "internal/app"},
		"internal/architecture":  {},
	}
}

// never lists what the order of ranks allows and the design does not.
func never() map[string][]string {
	return map[string][]string{
		"media":            {"internal/care", "internal/store", "internal/consult", "internal/contract", "internal/problem", "internal/identity", "internal/seal"},
		"internal/consult": {"internal/config", "internal/telemetry"}, // pure functions, no other import of ours
	}
}

// part is the longest known part that holds a package: "media/sfu" belongs to "media".
func part(pkg string) (string, bool) {
	for p := pkg; ; {
		if _, ok := rank()[p]; ok && (p != "" || pkg == "") {
			return p, true
		}
		if _, ok := onlyFor()[p]; ok {
			return p, true
		}
		i := strings.LastIndexByte(p, '/')
		if i < 0 {
			return "", false
		}
		p = p[:i]
	}
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		from, ok := part(p.path)
		if !ok {
			t.Errorf("package %s has no place: give its part a rank in %s", p.path, "internal/architecture/rules_test.go")
			continue
		}
		for _, imported := range p.imports {
			to, ok := part(imported)
			if !ok || from == to {
				continue // an unknown part is reported above
			}
			if why := forbidden(from, to); why != "" {
				t.Errorf("%s imports %s: %s", p.path, imported, why)
			}
		}
	}
}

// forbidden says why a part may not import another, or nothing.
func forbidden(from, to string) string {
	if users, limited := onlyFor()[to]; limited {
		if !slices.Contains(users, from) {
			return "only " + strings.Join(append(users, "tests"), ", ") + " may"
		}
		return ""
	}
	if slices.Contains(never()[from], to) {
		return "the design forbids it"
	}
	rankFrom, ranked := rank()[from]
	if ranked && rankFrom >= rank()[to] {
		return "imports point the other way"
	}
	return ""
}

// The rules themselves are checked, so that a slip in the table does not allow everything.
func TestTheRulesRefuse(t *testing.T) {
	for _, pair := range [][2]string{
		{"media", "internal/care"}, {"media", "internal/consult"}, {"media", "internal/store"}, {"media", "signaling"}, {"signaling", "media"}, {"scheduler", "signaling"},
		{"internal/care", "internal/goals"}, {"internal/goals", "internal/care"}, {"internal/booking", "internal/care"}, {"scheduler/calendar", "internal/store"}, {"internal/goals", "internal/api"}, {"internal/panel", "internal/care"}, {"internal/goals", "internal/panel"},
		{"signaling", "scheduler"}, {"internal/store", "internal/care"}, {"internal/consult", "internal/telemetry"}, {"internal/consult", "internal/store"},
		{"internal/care", "internal/api"}, {"internal/api", "internal/app"}, {"internal/care", "internal/testdb"}, {"internal/api", "internal/embedded"},
		{"internal/telemetry", "internal/config"}, {"internal/seal", "internal/store"}, {"internal/embedded", "internal/testdb"},
	} {
		if forbidden(pair[0], pair[1]) == "" {
			t.Errorf("%s may import %s", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{
		{"", "internal/app"}, {"internal/app", "media"}, {"signaling", "internal/care"}, {"internal/care", "internal/store"}, {"media", "internal/telemetry"},
		{"internal/api", "internal/identity"}, {"internal/testdb", "internal/embedded"}, {"internal/store", "internal/seal"}, {"internal/seal", "internal/consult"},
	} {
		if why := forbidden(pair[0], pair[1]); why != "" {
			t.Errorf("%s may not import %s: %s", pair[0], pair[1], why)
		}
	}
}

func TestNoPackageIsADrawer(t *testing.T) {
	drawers := []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "lib"}
	for _, p := range packages(t) {
		if slices.Contains(drawers, p.name) {
			t.Errorf("package %s: its name says nothing about what it holds", p.path)
		}
	}
}
