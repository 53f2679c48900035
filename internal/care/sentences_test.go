package care_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// Every code with which this package refuses has a sentence in both languages.
func TestCodesHaveSentences(t *testing.T) {
	code := regexp.MustCompile(`(?:\.add\([^,\n]+, |taken\([^,\n]+, |problem\.New\([^,\n]+, |Field\{Path: [^,\n]+, Code: )"([a-z_0-9]+)"`)
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(text), -1) {
			found++
			if !problem.Known(m[1]) {
				t.Errorf("%s: %s has no sentence", name, m[1])
			}
		}
	}
	if found < 60 {
		t.Errorf("only %d codes found", found)
	}
}

// Every event of a record, a transition or not, has its name in the catalogue, from which the pages take it.
func TestEventsHaveNames(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	events := []string{}
	for _, a := range consult.Actions() {
		events = append(events, string(a))
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\bevent[A-Z]\w*\s*=\s*"([A-Z_]+)"`).FindAllStringSubmatch(string(text), -1) {
			events = append(events, m[1])
		}
	}
	if len(events) < 65 {
		t.Errorf("only %d events found", len(events))
	}
	for _, e := range events {
		if !problem.Known("event_" + strings.ToLower(e)) {
			t.Errorf("%s has no name", e)
		}
	}
}
