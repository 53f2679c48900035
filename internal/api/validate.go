package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// Bounds of JSON bodies, in bytes; a consent with a drawn signature is the largest. Strangers have nothing long to say.
const (
	maxBody       = 1 << 20
	maxPublicBody = 8 << 10
)

// maxFields is how many wrong fields are named in one answer, which would otherwise be many times as long as the request.
const maxFields = 50

// gate lets a request through when its caller may use the operation and it fits the contract, in this order, so that
// somebody without an account learns nothing about the contract.
type gate struct {
	router    routers.Router
	rules     map[string]Access // by operation
	maxUpload int64
}

func newGate(spec *openapi3.T, maxUpload int64) (*gate, error) {
	formats()
	ops, err := Operations(spec)
	if err != nil {
		return nil, err
	}
	rules := make(map[string]Access, len(ops))
	for _, o := range ops {
		rules[o.ID] = o.Access
	}
	router, err := gorillamux.NewRouter(spec)
	if err != nil {
		return nil, err
	}
	return &gate{router: router, rules: rules, maxUpload: maxUpload}, nil
}

func (v *gate) wrap(next http.Handler, refuse func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, params, err := v.router.FindRoute(r)
		switch {
		case errors.Is(err, routers.ErrMethodNotAllowed):
			refuse(w, r, problem.New(http.StatusMethodNotAllowed, "method_not_allowed", nil))
			return
		case err != nil:
			refuse(w, r, problem.NotFound())
			return
		}
		operation := capital(route.Operation.OperationID)
		if err := admit(r.Context(), operation, v.rules[operation]); err != nil {
			refuse(w, r, err)
			return
		}
		upload := isUpload(route.Operation)
		limit := int64(maxBody)
		switch {
		case upload:
			limit = v.maxUpload
		case v.rules[operation].Public:
			limit = maxPublicBody
		}
		if r.ContentLength > limit {
			refuse(w, r, bodyTooLarge(limit))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if err := textual(r, upload); err != nil {
			refuse(w, r, refusal(err, limit))
			return
		}
		input := &openapi3filter.RequestValidationInput{
			Request: r, PathParams: params, Route: route,
			Options: &openapi3filter.Options{
				ExcludeRequestBody: upload,
				MultiError:         true,
				AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, // admit has decided
			},
		}
		if err := openapi3filter.ValidateRequest(context.WithoutCancel(r.Context()), input); err != nil {
			refuse(w, r, refusal(err, limit))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// errNUL: text with the character U+0000, which no database column takes and no person types. errNoText: bytes that are not UTF-8.
var (
	errNUL    = errors.New("a NUL character in the path, in the query or in the body")
	errNoText = errors.New("the path or the query is not UTF-8")
)

// textual refuses what no database column takes as text, in the path, in the query and in the body of a request that is no upload, which it
// reads. JSON that is not UTF-8 needs no refusal: its reader replaces such bytes.
func textual(r *http.Request, upload bool) error {
	query, _ := url.ParseQuery(r.URL.RawQuery) // what cannot be read is the validator's to refuse
	texts := []string{r.URL.Path}
	for name, values := range query {
		texts = append(append(texts, name), values...)
	}
	for _, text := range texts {
		if strings.ContainsRune(text, 0) {
			return errNUL
		}
		if !utf8.ValidString(text) {
			return errNoText
		}
	}
	if upload || r.Body == nil {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if bytes.Contains(body, []byte(`\u0000`)) {
		return errNUL
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

func isUpload(op *openapi3.Operation) bool {
	return op.RequestBody != nil && op.RequestBody.Value.Content.Get("application/octet-stream") != nil
}

func bodyTooLarge(limit int64) *problem.Problem {
	return problem.New(http.StatusRequestEntityTooLarge, "body_too_large", problem.Args{"max": size(limit)})
}

func size(n int64) string {
	if n >= 1<<20 {
		return strconv.FormatInt(n>>20, 10) + " MiB"
	}
	return strconv.FormatInt(n>>10, 10) + " KiB"
}

// formats are the contract's string formats that the validator does not check by itself. It keeps them for the whole
// program, so that setting them again changes nothing.
var formats = sync.OnceFunc(func() {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewCallbackValidator(uuid.Validate))
	openapi3.DefineStringFormatValidator("date", openapi3.NewCallbackValidator(layout(time.DateOnly)))
	openapi3.DefineStringFormatValidator("date-time", openapi3.NewCallbackValidator(layout(time.RFC3339)))
})

func layout(l string) func(string) error {
	return func(s string) error { _, err := time.Parse(l, s); return err }
}

// refusal turns the validator's errors into one problem that names each field.
func refusal(err error, limit int64) error {
	if bad, ok := errors.AsType[*contract.InvalidParamFormatError](err); ok {
		return problem.Invalid(problem.Field{Path: bad.ParamName, Code: "wrong_type"}).Because(err)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return bodyTooLarge(limit)
	}
	if wrongPath(err) {
		return problem.NotFound()
	}
	var fields []problem.Field
	collect(err, "", &fields)
	if len(fields) == 0 {
		return problem.New(http.StatusBadRequest, "malformed_body", nil).Because(err)
	}
	p := problem.Invalid(fields...)
	p.Status = http.StatusUnprocessableEntity
	return p.Because(err)
}

// wrongPath says that a path names an id that cannot be one: nobody's, like an unknown one.
func wrongPath(err error) bool {
	switch e := err.(type) {
	case openapi3.MultiError:
		return slices.ContainsFunc(e, wrongPath)
	case *openapi3filter.RequestError:
		return e.Parameter != nil && e.Parameter.In == openapi3.ParameterInPath
	}
	return false
}

func collect(err error, where string, out *[]problem.Field) {
	if len(*out) >= maxFields {
		return
	}
	switch e := err.(type) {
	case openapi3.MultiError:
		for _, one := range e {
			collect(one, where, out)
		}
	case *openapi3filter.RequestError:
		if e.Parameter != nil {
			where = e.Parameter.Name
			if e.Err == nil || errors.Is(e.Err, openapi3filter.ErrInvalidRequired) {
				*out = append(*out, problem.Field{Path: where, Code: "required"})
				return
			}
			before := len(*out)
			collect(e.Err, where, out)
			if len(*out) == before {
				*out = append(*out, problem.Field{Path: where, Code: "wrong_type"})
			}
			return
		}
		if e.Err != nil {
			collect(e.Err, where, out)
		}
	case *openapi3.SchemaError:
		*out = append(*out, schemaField(e, where))
	default:
		if inner := errors.Unwrap(err); inner != nil {
			collect(inner, where, out)
		}
	}
}

// schemaField names what one schema keyword refused.
func schemaField(e *openapi3.SchemaError, where string) problem.Field {
	path := strings.Join(e.JSONPointer(), "/")
	if where != "" {
		path = strings.TrimSuffix(where+"/"+path, "/")
	}
	f := problem.Field{Path: path, Code: "wrong_type"}
	s := e.Schema
	switch e.SchemaField {
	case "required":
		f.Code = "required"
	case "properties", "additionalProperties":
		name := lastQuoted(e.Reason)
		f.Path = strings.TrimPrefix(path+"/"+name, "/")
		f.Code, f.Args = "unknown_field", problem.Args{"name": name}
	case "enum":
		f.Code = "wrong_value"
	case "maxLength":
		f.Code, f.Args = "too_long", problem.Args{"max": uintText(s.MaxLength)}
	case "minLength":
		if s.MinLength == 1 {
			f.Code = "required"
		} else {
			f.Code, f.Args = "too_short", problem.Args{"min": strconv.FormatUint(s.MinLength, 10)}
		}
	case "maxItems":
		f.Code, f.Args = "too_many", problem.Args{"max": uintText(s.MaxItems)}
	case "minItems":
		f.Code, f.Args = "too_few", problem.Args{"min": strconv.FormatUint(s.MinItems, 10)}
	case "minimum", "maximum":
		f.Code, f.Args = "out_of_range", problem.Args{"min": floatText(s.Min), "max": floatText(s.Max)}
	}
	return f
}

func uintText(n *uint64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatUint(*n, 10)
}

func floatText(n *float64) string {
	if n == nil {
		return "–"
	}
	return strconv.FormatFloat(*n, 'f', -1, 64)
}

// lastQuoted gives the name in `property "x" is unsupported`.
func lastQuoted(reason string) string {
	parts := strings.Split(reason, `"`)
	if len(parts) < 2 {
		return ""
	}
	return parts[len(parts)-2]
}
