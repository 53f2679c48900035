package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// TestBadRequests: what does not fit the contract is refused with a stable code, names its field, and changes nothing.
func TestBadRequests(t *testing.T) {
	s := newSite(t)
	c := s.Draft(s.Nurse, s.Resident)
	at := "/api/v1/consultations/" + c.Id.String()
	before := s.Count(`SELECT count(*) FROM consultation_events`)
	for name, test := range map[string]struct {
		method, path string
		body         any
		status       int
		code         string
		field        string
		fieldCode    string
	}{
		"unknown field":      {http.MethodPost, at + "/submit", `{"urgency":"ROUTINE","priority":1}`, 422, "invalid_request", "priority", "unknown_field"},
		"unknown deep field": {http.MethodPost, at + "/vitals", `{"readings":[{"code":"SPO2","value":97,"colour":"red"}]}`, 422, "invalid_request", "readings/0/colour", "unknown_field"},
		"wrong type":         {http.MethodPost, at + "/vitals", `{"readings":[{"code":"SPO2","value":"high"}]}`, 422, "invalid_request", "readings/0/value", "wrong_type"},
		"wrong value":        {http.MethodPost, at + "/submit", `{"urgency":"NOW"}`, 422, "invalid_request", "urgency", "wrong_value"},
		"missing":            {http.MethodPost, at + "/submit", `{}`, 422, "invalid_request", "urgency", "required"},
		"too many":           {http.MethodPost, at + "/vitals", `{"readings":[` + strings.Repeat(`{"code":"SPO2","value":97},`, 20) + `{"code":"SPO2","value":97}]}`, 422, "invalid_request", "readings", "too_many"},
		"too long":           {http.MethodPost, at + "/messages", `{"id":"` + uuid.NewString() + `","body":"` + strings.Repeat("长", 1001) + `"}`, 422, "invalid_request", "body", "too_long"},
		"no JSON":            {http.MethodPost, at + "/submit", `{"urgency":`, 400, "malformed_body", "", ""},
		"no body":            {http.MethodPost, at + "/submit", nil, 400, "malformed_body", "", ""},
		"impossible vital":   {http.MethodPost, at + "/vitals", `{"readings":[{"code":"SPO2","value":140}]}`, 422, "invalid_request", "readings/0", "vital_impossible"},
		"implausible vital":  {http.MethodPost, at + "/vitals", `{"readings":[{"code":"PULSE","value":270}]}`, 422, "invalid_request", "readings/0", "vital_needs_confirmation"},
		"no id in the path":  {http.MethodGet, "/api/v1/consultations/no-id", nil, 404, "not_found", "", ""},
		"no id in a field":   {http.MethodPost, at + "/messages", `{"id":"7","body":"x"}`, 422, "invalid_request", "id", "wrong_type"},
		"no date":            {http.MethodGet, "/api/v1/consultations?from=yesterday", nil, 422, "invalid_request", "from", "wrong_type"},
		"no instant":         {http.MethodPost, at + "/vitals", `{"readings":[{"code":"SPO2","value":97,"takenAt":"noon"}]}`, 422, "invalid_request", "readings/0/takenAt", "wrong_type"},
		"no day in the year": {http.MethodPost, "/api/v1/residents", `{"name":"李玉兰","idType":"01","sex":"2","birthDate":"1941-02-30","ward":"一","bed":"9","capacity":"FULL","admittedOn":"2025-01-01"}`, 422, "invalid_request", "birthDate", "wrong_type"},
		"NUL in a text":      {http.MethodPost, at + "/vitals", `{"readings":[{"code":"SPO2","value":97,"device":"a\u0000b"}]}`, 400, "malformed_body", "", ""},
		"NUL in the query":   {http.MethodGet, "/api/v1/consultations?serviceType=%00", nil, 400, "malformed_body", "", ""},
		"bytes in the query": {http.MethodGet, "/api/v1/visits?states=%FF", nil, 400, "malformed_body", "", ""},
		"a name of bytes":    {http.MethodGet, "/api/v1/visits?%C3%28=1", nil, 400, "malformed_body", "", ""},
		"bytes in the path":  {http.MethodGet, "/api/v1/residents/%FF", nil, 400, "malformed_body", "", ""},
		"no such path":       {http.MethodGet, "/api/v1/nothing", nil, 404, "not_found", "", ""},
		"no such method":     {http.MethodDelete, at, nil, 405, "method_not_allowed", "", ""},
		"text as a photo":    {http.MethodPost, at + "/photos", []byte("this is no picture"), 415, "picture_format", "", ""},
		"large body":         {http.MethodPost, at + "/messages", `{"id":"` + uuid.NewString() + `","body":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "body_too_large", "", ""},
		"large photo":        {http.MethodPost, at + "/photos", bytes.Repeat([]byte{0xff}, 13<<20), 413, "body_too_large", "", ""},
	} {
		for _, language := range []string{"zh-CN", "en"} {
			got := s.send(s.Nurse, test.method, test.path, test.body, "Accept-Language", language)
			if got.status != test.status {
				t.Errorf("%s: status %d, want %d: %s", name, got.status, test.status, got.body)
				continue
			}
			p := got.problem()
			if test.code != "" && p.Code != test.code {
				t.Errorf("%s: code %s, want %s", name, p.Code, test.code)
			}
			if han := strings.ContainsAny(p.Message, "，。"); han == (language == "en") {
				t.Errorf("%s: the sentence is not in %s: %s", name, language, p.Message)
			}
			if test.field == "" {
				continue
			}
			if p.Fields == nil || (*p.Fields)[0].Field != test.field || test.fieldCode != "" && (*p.Fields)[0].Code != test.fieldCode {
				t.Errorf("%s: fields %s", name, got.body)
			}
		}
	}
	if after := s.Count(`SELECT count(*) FROM consultation_events`); after != before {
		t.Errorf("refused requests left %d events", after-before)
	}
}

// TestACommandIsCarriedOutOnce: the same key is the same command; another content under it is refused.
// TestStrangersCostLittle: who has no account can send little, and no answer is longer for the faults that it names.
func TestStrangersCostLittle(t *testing.T) {
	s := newSite(t)
	long := func(n int) string {
		var b strings.Builder
		b.WriteString(`{"username":"x","password":"y"`)
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":1`, i)
		}
		return b.String() + "}"
	}
	if got := s.send(identity.Actor{}, http.MethodPost, "/api/v1/auth/login", long(2000)); got.status != 413 || got.problem().Code != "body_too_large" {
		t.Errorf("a long stranger: %d %s", got.status, got.body)
	}
	for name, got := range map[string]reply{
		"a stranger":  s.send(identity.Actor{}, http.MethodPost, "/api/v1/auth/login", long(500)),
		"an employee": s.send(s.Nurse, http.MethodPost, "/api/v1/triage", long(50_000)),
	} {
		if fields := got.problem().Fields; got.status != 422 || fields == nil || len(*fields) != 50 || len(got.body) > 16<<10 {
			t.Errorf("%s: %d with %d bytes", name, got.status, len(got.body))
		}
	}
}

func TestACommandIsCarriedOutOnce(t *testing.T) {
	s := newSite(t)
	c := s.Draft(s.Nurse, s.Resident)
	key := uuid.NewString()
	at := "/api/v1/consultations/" + c.Id.String() + "/vitals"
	body := `{"readings":[{"code":"SPO2","value":97}]}`
	for range 2 {
		var got contract.Consultation
		s.send(s.Nurse, http.MethodPost, at, body, "Idempotency-Key", key).into(&got)
		if len(got.Vitals) != 1 {
			t.Fatalf("%d readings", len(got.Vitals))
		}
	}
	if p := s.send(s.Nurse, http.MethodPost, at, `{"readings":[{"code":"SPO2","value":88}]}`, "Idempotency-Key", key); p.status != 409 || p.problem().Code != "command_reused" {
		t.Errorf("%d %s", p.status, p.body)
	}
}

// TestTokensThatAreNone: a forged or foreign token gives nothing, and the cookie never appears in a body.
func TestTokensThatAreNone(t *testing.T) {
	s := newSite(t)
	good := s.token(s.Nurse)
	for name, token := range map[string]string{"garbage": "abc", "cut": good[:len(good)-4], "none": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."} {
		if r := s.send(identity.Actor{}, http.MethodGet, "/api/v1/me", nil, "Authorization", "Bearer "+token); r.status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	r := s.send(identity.Actor{}, http.MethodPost, "/api/v1/auth/login", contract.LoginRequest{Username: s.Nurse.Username, Password: caretest.Password})
	cookie := r.header.Get("Set-Cookie")
	for _, want := range []string{"lz_refresh=", "HttpOnly", "SameSite=Strict", "Path=/api/v1/auth"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q lacks %s", cookie, want)
		}
	}
	value, _, _ := strings.Cut(strings.TrimPrefix(cookie, "lz_refresh="), ";")
	if value == "" || bytes.Contains(r.body, []byte(value)) {
		t.Error("the refresh token is in the body")
	}
	if foreign := s.send(identity.Actor{}, http.MethodPost, "/api/v1/auth/refresh", nil, "Cookie", "lz_refresh="+value, "Origin", "https://evil.example"); foreign.status != http.StatusForbidden || foreign.problem().Code != "origin_refused" {
		t.Errorf("another site refreshed: %d %s", foreign.status, foreign.body)
	}
}

// FuzzRequestBody sends anything to every command as its right caller: the server never fails by itself.
func FuzzRequestBody(f *testing.F) {
	s := newSite(f)
	ours := settle(s, s.Nurse, s.Wang, s.Home, s.Resident, s.Second)
	people := map[string]identity.Actor{"NURSE": s.Nurse, "ATTENDING": s.Attending, "CONSULTANT": s.Wang, "INST_ADMIN": s.HomeAdmin, "SYS_ADMIN": s.Sys}
	rows := matrix()
	var commands []int
	ops := operations(f)
	for i, o := range ops {
		r := rows[o.ID]
		// Signing in is slow by design, and changing the caller's own password would end the test.
		if r.body == nil || o.Access.Public || o.Access.SignedIn || o.ID == "SignReport" || o.ID == "AdoptReport" {
			continue
		}
		commands = append(commands, i)
		body, raw := r.input(s, ours).([]byte)
		if !raw {
			var err error
			if body, err = json.Marshal(r.input(s, ours)); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(uint8(len(commands)-1), body)
	}
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		s.t = t
		o := ops[commands[int(n)%len(commands)]]
		var in any = string(body)
		if o.ID == "AddPhoto" {
			in = body
		}
		got := s.send(people[o.Access.Roles[0]], o.Method, rows[o.ID].path(o, ours), in)
		if got.status >= 500 {
			t.Fatalf("%s: %d %s", o.ID, got.status, got.body)
		}
		if got.status >= 400 {
			got.problem()
		}
	})
}
