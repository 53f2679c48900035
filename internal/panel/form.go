package panel

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// form collects everything that is wrong with a request. Paths are JSON pointers without the leading slash.
type form struct{ fields []problem.Field }

func (f *form) add(path, code string, args problem.Args) {
	f.fields = append(f.fields, problem.Field{Path: path, Code: code, Args: args})
}

// refuse adds the refusals of package consult that err holds, each to the field that at names, or to path.
func (f *form) refuse(path string, err error, at ...func(code string) string) {
	for _, r := range consult.Refusals(err) {
		p := path
		for _, of := range at {
			if named := of(r.Code); named != "" {
				p = named
			}
		}
		f.fields = append(f.fields, problem.Field{Path: p, Code: r.Code, Args: r.Args})
	}
}

// text gives the trimmed text and refuses one that is too short, too long or holds control characters.
func (f *form) text(path, s string, least, most int) string {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0 && least > 0:
		f.add(path, "required", nil)
	case n < least:
		f.add(path, "too_short", problem.Args{"min": strconv.Itoa(least)})
	case n > most:
		f.add(path, "too_long", problem.Args{"max": strconv.Itoa(most)})
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' || r == utf8.RuneError }):
		f.add(path, "wrong_type", nil)
	}
	return s
}

func (f *form) code(path string, v consult.Vocabulary, code string) {
	if _, ok := consult.Lookup(v, code); !ok {
		f.add(path, "wrong_value", nil)
	}
}

func (f *form) err() error {
	if len(f.fields) == 0 {
		return nil
	}
	return problem.Invalid(f.fields...)
}

func require(a identity.Actor, roles ...string) error {
	if !a.Has(roles...) {
		return problem.Forbidden()
	}
	return nil
}

// one turns the answer of a query for one row into what leaves the use-case: no row is 404.
func one(err error, what string) error { return store.One(err, what) }

func conflict(code string, args problem.Args) error {
	return problem.New(http.StatusConflict, code, args)
}

// stale says that nothing was changed because somebody else changed it first.
func stale(rows int64, err error, what string) error {
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", what, err)
	case rows != 1:
		return conflict("revision_stale", nil)
	}
	return nil
}

// revision32 is a revision as the database counts them. One beyond must not wrap around to one that exists.
func revision32(n int) int32 { return int32(min(n, math.MaxInt32)) }

func dateOf(d openapi_types.Date) consult.Date { return consult.DateFromTime(d.Time) }

func day(d consult.Date) openapi_types.Date { return openapi_types.Date{Time: d.Time()} }

func dayPtr(d consult.Date) *openapi_types.Date {
	if d.IsZero() {
		return nil
	}
	v := day(d)
	return &v
}

// dated is a day of the database; none is the zero Date.
func dated(t *time.Time) consult.Date {
	if t == nil {
		return consult.Date{}
	}
	return consult.DateFromTime(*t)
}

// stored is a day for the database.
func stored(d consult.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	t := d.Time()
	return &t
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// some is a pointer to a value, nil for the zero value: absent fields of the contract.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
