package signaling

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
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

// hello is the first frame.
type hello struct {
	Token  string `json:"token"`
	Locale string `json:"locale,omitempty"`
}

// parseHello reads the first frame. The detail is for close code 3501.
func parseHello(frame []byte) (hello, string) {
	m, detail := object(frame)
	if detail != "" {
		return hello{}, detail
	}
	if kind, _ := m.text("type"); kind != "hello" {
		return hello{}, detailUnknownType
	}
	for name := range m {
		if name != "type" && name != "token" && name != "locale" {
			return hello{}, detailUnknownField
		}
	}
	var h hello
	if fields := fill(m, &h); len(fields) > 0 || len(h.Token) > maxTicketBytes || len(h.Locale) > 35 {
		return hello{}, "wrong_value"
	}
	return h, ""
}

// request is a client's command, known to be well-formed but not yet validated.
type request struct {
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

// fieldsOf names the fields of the struct type T, in order.
func fieldsOf[T any]() []string {
	t := reflect.TypeFor[T]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return names
}
