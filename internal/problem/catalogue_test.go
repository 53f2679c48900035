package problem_test

import (
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// Reading the catalogue refuses a code that stands twice, whatever file it is in; every sentence is there in both languages.
func TestCatalogue(t *testing.T) {
	all := problem.Sentences()
	if len(all) < 500 {
		t.Fatalf("%d sentences", len(all))
	}
	for _, s := range all {
		if s.Zh == "" || s.En == "" {
			t.Errorf("%s lacks a language", s.Code)
		}
	}
}
