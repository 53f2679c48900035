package problem

import (
	"errors"
	"fmt"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// Args fill the {placeholders} of a sentence.
type Args = map[string]string

// Field is a refusal of one field of a request; Path is a JSON pointer without its leading slash.
type Field struct {
	Path string
	Code string
	Args Args
}

// Problem is an error that a person can act on.
type Problem struct {
	Status            int // HTTP status
	Code              string
	Args              Args
	Fields            []Field
	Current           *contract.CurrentState // with 409: what the object is now
	Visit             *contract.Visit        // with 409 on a visit: what it is now
	RetryAfterSeconds int
	Alternatives      []contract.BookableSlot // with a slot that cannot be had: what can
	cause             error
}

// Error is for logs: the code and the cause, never a sentence for people.
func (p *Problem) Error() string {
	if p.cause != nil {
		return fmt.Sprintf("%s: %v", p.Code, p.cause)
	}
	return p.Code
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.cause }

// Because adds a cause for the log.
func (p *Problem) Because(err error) *Problem { q := *p; q.cause = err; return &q }

// With adds the present state of the object that refused.
func (p *Problem) With(c contract.CurrentState) *Problem { q := *p; q.Current = &c; return &q }

// Showing adds the visit as it is now.
func (p *Problem) Showing(v contract.Visit) *Problem { q := *p; q.Visit = &v; return &q }

// Offering adds what can be had instead.
func (p *Problem) Offering(slots []contract.BookableSlot) *Problem {
	q := *p
	q.Alternatives = slots
	return &q
}

// New makes a problem. Status is one of the http.Status constants.
func New(status int, code string, args Args) *Problem {
	return &Problem{Status: status, Code: code, Args: args}
}

// NotFound is the answer for unknown, foreign and expired ids alike.
func NotFound() *Problem { return New(404, "not_found", nil) }

// Forbidden says that none of the caller's roles may do this at all.
func Forbidden() *Problem { return New(403, "forbidden", nil) }

// Conflict is a lost compare-and-set.
func Conflict(code string, current contract.CurrentState) *Problem {
	return New(409, code, nil).With(current)
}

// Invalid refuses fields of a request.
func Invalid(fields ...Field) *Problem {
	return &Problem{Status: 422, Code: "invalid_request", Fields: fields}
}

// Of finds the problem in an error. A refusal of the domain becomes one with status 422; anything else is `internal`,
// with the error as its cause.
func Of(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if r, ok := errors.AsType[*consult.Refusal](err); ok {
		return &Problem{Status: 422, Code: r.Code, Args: r.Args, cause: err}
	}
	return New(500, "internal", nil).Because(err)
}
