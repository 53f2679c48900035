package care

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// sealText seals a free text for a column; nothing stays nothing.
func (s *Service) sealText(table, column string, row uuid.UUID, text string) []byte {
	return s.keep.SealText(table, column, row, strings.TrimSpace(text))
}

// openText opens what sealText sealed.
func (s *Service) openText(table, column string, row uuid.UUID, sealed []byte) (string, error) {
	text, err := s.keep.OpenText(table, column, row, sealed)
	if err != nil {
		return "", fmt.Errorf("open %s.%s: %w", table, column, err)
	}
	return text, nil
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

func lang(a identity.Actor) consult.Lang {
	if strings.HasPrefix(a.Locale, "en") {
		return consult.EN
	}
	return consult.ZH
}

// reason is a coded sentence for a person.
func reason(a identity.Actor, code string, args map[string]string) contract.Reason {
	r := contract.Reason{Code: code, Message: problem.Sentence(a.Locale, code, args)}
	if len(args) > 0 {
		r.Args = &args
	}
	return r
}

// exact reads a JSON number that the contract carries as float32 as the decimal that the person typed.
func exact(v *float32) *float64 {
	if v == nil {
		return nil
	}
	f, err := strconv.ParseFloat(strconv.FormatFloat(float64(*v), 'g', -1, 32), 64)
	if err != nil {
		return nil
	}
	return &f
}

// checkLength refuses a text of more than limit characters; callers besides the HTTP gate exist.
func checkLength(field, text string, limit int) error {
	if utf8.RuneCountInString(text) > limit {
		return problem.Invalid(problem.Field{Path: field, Code: "too_long", Args: problem.Args{"max": strconv.Itoa(limit)}})
	}
	return nil
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

func missing(field string) error {
	return problem.Invalid(problem.Field{Path: field, Code: "required"})
}
