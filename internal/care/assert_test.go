package care_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func is[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// must takes the answer of a use-case that has to work: must(f())(t).
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// refused says that a use-case answered with a problem of this code.
func refused(t *testing.T, err error, code string) *problem.Problem {
	t.Helper()
	if err == nil {
		t.Fatalf("not refused, want %s", code)
	}
	p := problem.Of(err)
	if p.Code != code {
		t.Fatalf("refused with %v, want %s", err, code)
	}
	return p
}

func number(v float32) *float32 { return &v }

func qualifier(q contract.VitalQualifier) *contract.VitalQualifier { return &q }

func lower(s string) string { return strings.ToLower(s) }

func vital(c contract.Consultation, code string) contract.Vital {
	for _, v := range c.Vitals {
		if v.Code == code {
			return v
		}
	}
	return contract.Vital{}
}

// current is the step of the ladder that is going on.
func current(t *testing.T, c contract.Consultation) contract.LadderStep {
	t.Helper()
	if c.Waiting != nil {
		for _, s := range c.Waiting.Steps {
			if s.Current {
				return s
			}
		}
	}
	t.Fatalf("no step is going on: %+v", c.Waiting)
	return contract.LadderStep{}
}

func event(c contract.Consultation, kind string) *contract.Event {
	for i := range c.Timeline {
		if c.Timeline[i].Type == kind {
			return &c.Timeline[i]
		}
	}
	return nil
}

// errAway is what presence answers while Redis is away.
var errAway = errors.New("redis is away")
