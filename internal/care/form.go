package care

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// form collects everything that is wrong with a request, so that a person hears of it at once. Paths are JSON pointers
// without the leading slash. The zero form is ready.
type form struct{ fields []problem.Field }

// add refuses a field; arguments are name, value, name, value.
func (f *form) add(path, code string, args ...string) {
	field := problem.Field{Path: path, Code: code}
	for i := 0; i+1 < len(args); i += 2 {
		if field.Args == nil {
			field.Args = problem.Args{}
		}
		field.Args[args[i]] = args[i+1]
	}
	f.fields = append(f.fields, field)
}

// refuse adds the refusals of package consult that err holds.
func (f *form) refuse(path string, err error) {
	for _, r := range consult.Refusals(err) {
		f.fields = append(f.fields, problem.Field{Path: path, Code: r.Code, Args: r.Args})
	}
}

// text gives the trimmed text and refuses one that is too short, too long or holds control characters.
func (f *form) text(path, s string, least, most int) string {
	s = strings.TrimSpace(s)
	n := utf8.RuneCountInString(s)
	switch {
	case n == 0 && least > 0:
		f.add(path, "required")
	case n < least:
		f.add(path, "too_short", "min", strconv.Itoa(least))
	case n > most:
		f.add(path, "too_long", "max", strconv.Itoa(most))
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' || r == utf8.RuneError }):
		f.add(path, "wrong_type")
	}
	return s
}

// code refuses a code that its table lacks. The value is not repeated: it comes from outside.
func (f *form) code(path string, v consult.Vocabulary, code string) {
	if _, ok := consult.Lookup(v, code); !ok {
		f.add(path, "wrong_value")
	}
}

// phone gives a telephone number in its one form; an empty one stays empty.
func (f *form) phone(path, s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	p, err := consult.ParsePhone(s)
	f.refuse(path, err)
	return p.Normal()
}

// name gives a person's name in its one form.
func (f *form) name(path, s string) string {
	n, err := consult.NormaliseName(s)
	f.refuse(path, err)
	return n
}

// period refuses a last day before the first; an absent last day is none.
func (f *form) period(path string, from consult.Date, to *openapi_types.Date) {
	if to != nil && dateOf(*to).Before(from) {
		f.add(path, "period_order")
	}
}

// err is nil when nothing was refused.
func (f *form) err() error {
	if len(f.fields) == 0 {
		return nil
	}
	return problem.Invalid(f.fields...)
}

// revision32 is a revision as the database counts them. One beyond must not wrap around to one that exists.
func revision32(n int) int32 { return int32(min(n, math.MaxInt32)) }

// taken is the answer when another row has a value that must be unique.
func taken(path, code string) *problem.Problem {
	p := problem.New(http.StatusConflict, code, nil)
	p.Fields = []problem.Field{{Path: path, Code: code}}
	return p
}

// create carries out a command that makes one object: once, however often and however close together it arrives. The
// command is registered before the object is made, so that a twin waits for the outcome instead of colliding with it.
func (s *Service) create(ctx context.Context, a identity.Actor, cmd uuid.UUID, operation string, request any,
	do func(q *db.Queries, id uuid.UUID, now time.Time) error) (id uuid.UUID, repeated bool, err error) {
	for try := 1; ; try++ {
		err = s.st.Tx(ctx, func(q *db.Queries) error {
			id, repeated = newID(), false
			done, object, err := s.once(ctx, q, a, cmd, operation, request)
			if err != nil {
				return err
			}
			if done && object != nil {
				id, repeated = *object, true
				return nil
			}
			now, err := s.clock(ctx, q)
			if err != nil {
				return err
			}
			if err := s.answered(ctx, q, a, cmd, operation, request, id); err != nil {
				return err
			}
			return do(q, id, now)
		})
		if isTwin(err) && try < 3 {
			continue
		}
		return id, repeated, err
	}
}

// audit appends a change of the directory to the access log. Detail holds codes and numbers, never personal data.
func (s *Service) audit(ctx context.Context, q *db.Queries, a identity.Actor, now time.Time, role, action, objectType string, object *uuid.UUID, detail string) error {
	if detail == "" {
		detail = "OK"
	}
	err := q.AppendAudit(ctx, db.AppendAuditParams{ID: newID(), At: now, UserID: &a.UserID, Role: role, Action: action,
		ObjectType: objectType, ObjectID: object, Detail: detail})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// instant is the clock outside of a transaction.
func (s *Service) instant(ctx context.Context) (time.Time, error) { return s.clock(ctx, s.st.Q()) }

// one turns the answer of a query for one row into what leaves the use-case: no row is 404.
func one(err error, what string) error { return store.One(err, what) }

func dateOf(d openapi_types.Date) consult.Date { return consult.DateFromTime(d.Time) }

func dayOf(t time.Time) openapi_types.Date {
	return openapi_types.Date{Time: consult.DateFromTime(t).Time()}
}

func dayPtr(t *time.Time) *openapi_types.Date {
	if t == nil || t.IsZero() {
		return nil
	}
	d := dayOf(*t)
	return &d
}

func timePtr(d *openapi_types.Date) *time.Time {
	if d == nil {
		return nil
	}
	t := dateOf(*d).Time()
	return &t
}
