package signaling

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// The details of close codes 3501 and 3502. Nothing of the frame itself is repeated.
const (
	detailNotText      = "not_text"
	detailNotJSON      = "not_json"
	detailRepeated     = "repeated_field"
	detailUnknownType  = "unknown_type"
	detailUnknownField = "unknown_field"
	detailMissingID    = "missing_id"
	detailWrongValue   = "wrong_value"
	detailSecondResume = "second_resume"
	detailVisits       = "sessions"
)

// members are the fields of a client's frame, unread.
type members map[string]json.RawMessage

// object takes a JSON object apart. It refuses what encoding/json lets pass: invalid UTF-8, a field that stands twice, and
// anything after the object.
func object(frame []byte) (members, string) {
	if !utf8.Valid(frame) {
		return nil, detailNotJSON
	}
	dec := json.NewDecoder(bytes.NewReader(frame))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, detailNotJSON
	}
	m := members{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, detailNotJSON
		}
		name, ok := t.(string)
		if !ok {
			return nil, detailNotJSON
		}
		if _, twice := m[name]; twice {
			return nil, detailRepeated
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, detailNotJSON
		}
		m[name] = v
	}
	if _, err := dec.Token(); err != nil {
		return nil, detailNotJSON
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, detailNotJSON
	}
	return m, ""
}

// text reads a member that must be a string.
func (m members) text(name string) (string, bool) {
	v, ok := m[name]
	if !ok || len(v) == 0 || v[0] != '"' {
		return "", false
	}
	var s string
	return s, json.Unmarshal(v, &s) == nil
}

// id reads the command's id, in the usual form with hyphens only.
func (m members) id() (uuid.UUID, bool) {
	s, ok := m.text("id")
	if !ok || len(s) != 36 {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(s)
	return id, err == nil
}

// hello opens a session.
type hello struct {
	Token  string `json:"token"`
	Locale string `json:"locale,omitempty"`
}

func (in *hello) validate() []problem.Field {
	return append(atMost("token", in.Token, maxTicketBytes), atMost("locale", in.Locale, maxLocale)...)
}

// resume takes a session up again.
type resume struct {
	Session   uuid.UUID `json:"session"`
	Resume    string    `json:"resume"`
	Positions []int64   `json:"positions"`
	Locale    string    `json:"locale,omitempty"`
}

func (in *resume) validate() []problem.Field {
	if len(in.Positions) != len(positions{}) || slices.Min(in.Positions) < 0 {
		return []problem.Field{{Path: "positions", Code: "wrong_value"}}
	}
	return append(atMost("resume", in.Resume, maxTicketBytes), atMost("locale", in.Locale, maxLocale)...)
}

func (in *resume) positions() positions { return positions(in.Positions) }

// firstFrame is one of the two.
type firstFrame struct {
	hello  *hello
	resume *resume
}

// parseFirst reads the first frame. The detail is for close code 3501.
func parseFirst(frame []byte) (firstFrame, string) {
	m, detail := object(frame)
	if detail != "" {
		return firstFrame{}, detail
	}
	switch kind, _ := m.text("type"); kind {
	case "hello":
		in := new(hello)
		detail = m.read(in, fieldsOf[hello]())
		return firstFrame{hello: in}, detail
	case "resume":
		in := new(resume)
		detail = m.read(in, fieldsOf[resume]())
		return firstFrame{resume: in}, detail
	default:
		return firstFrame{}, detailUnknownType
	}
}

// read fills a frame that has no answer of its own in which wrong fields could be named.
func (m members) read(to any, fields []string) string {
	for name := range m {
		if name != "type" && !slices.Contains(fields, name) {
			return detailUnknownField
		}
	}
	if wrong := fill(m, to); len(wrong) > 0 {
		return detailWrongValue
	}
	return ""
}

// ack says that the page has handled a critical event. The fields are pointers, because zero is a stream.
type ack struct {
	Stream *int   `json:"stream"`
	Seq    *int64 `json:"seq"`
}

// request is a client's command, known to be well-formed but not yet validated, or an ack.
type request struct {
	ack     *ack
	command *command
	id      uuid.UUID
	members members
}

// parse reads a frame after the first. The detail is for close code 3502.
func (r registry) parse(frame []byte) (request, string) {
	m, detail := object(frame)
	if detail != "" {
		return request{}, detail
	}
	kind, _ := m.text("type")
	if kind == "ack" {
		in := new(ack)
		detail = m.read(in, fieldsOf[ack]())
		return request{ack: in}, detail
	}
	c, ok := r[kind]
	if !ok {
		return request{}, detailUnknownType
	}
	id, ok := m.id()
	if !ok {
		return request{}, detailMissingID
	}
	for name := range m {
		if !c.knows(name) {
			return request{}, detailUnknownField
		}
	}
	return request{command: c, id: id, members: m}, ""
}

// validator is a set of arguments with rules of its own.
type validator interface{ validate() []problem.Field }

// fill reads the members into the struct that to points to and tells which do not fit. A field is required unless its tag
// says omitempty; null is no value.
func fill(m members, to any) []problem.Field {
	var wrong []problem.Field
	v := reflect.ValueOf(to).Elem()
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		given, ok := m[name]
		if !ok {
			if options != "omitempty" {
				wrong = append(wrong, problem.Field{Path: name, Code: "required"})
			}
			continue
		}
		if string(given) == "null" || json.Unmarshal(given, v.Field(i).Addr().Interface()) != nil {
			wrong = append(wrong, problem.Field{Path: name, Code: "wrong_type"})
			continue
		}
		if s, isText := v.Field(i).Interface().(string); isText && s == "" && options != "omitempty" {
			wrong = append(wrong, problem.Field{Path: name, Code: "required"})
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	if rules, ok := to.(validator); ok {
		return rules.validate()
	}
	return nil
}

// fieldsOf names the fields of the struct type T, in order, those of embedded structs in their place.
func fieldsOf[T any]() []string {
	return fieldsOfType(reflect.TypeFor[T]())
}

func fieldsOfType(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			names = append(names, fieldsOfType(f.Type)...)
		} else {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			names = append(names, name)
		}
	}
	return names
}
