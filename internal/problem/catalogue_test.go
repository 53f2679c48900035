package problem_test

import (
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// The catalogue is put together when it is first asked, and panics when two files say the same code: better here than on a page.
func TestEveryCodeStandsOnce(t *testing.T) {
	for _, s := range problem.Sentences() {
		if s.Code == "" || s.Zh == "" || s.En == "" {
			t.Errorf("%+v lacks a language", s)
		}
	}
}
