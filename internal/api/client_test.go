package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/api"
	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/goals"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/panel"
	"github.com/lianzhen-health/lianzhen/internal/remind"
	"github.com/lianzhen-health/lianzhen/internal/visits"
)

// site is the contract served over real HTTP on a world of its own.
type site struct {
	*caretest.World
	t      testing.TB
	url    string
	tokens map[uuid.UUID]string
}

func newSite(t testing.TB) *site {
	t.Helper()
	w := caretest.New(t)
	counted, err := goals.New(goals.Deps{Store: w.Store, Keeper: w.Keeper, Now: w.Clock.Now, Consultations: w.Care, Actors: w.Identity, Directory: w.Care, Months: w.Care})
	if err != nil {
		t.Fatal(err)
	}
	booked, err := booking.New(booking.Deps{Store: w.Store, Keeper: w.Keeper, Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	families, err := panel.New(panel.Deps{Store: w.Store, Keeper: w.Keeper, Files: w.Care, Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	visiting, err := visits.New(visits.Deps{Store: w.Store, Keeper: w.Keeper, Identity: w.Identity, Care: w.Care, Contracts: panel.Contracts{}, Appointments: booked, Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	w.Care.UseVisits(visiting)
	reminding, err := remind.New(remind.Deps{Store: w.Store, Keeper: w.Keeper, Booking: booked, Visits: visiting, Words: w.Notify, Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	h, err := api.New(api.Deps{
		Visits:  visiting,
		Remind:  reminding,
		Booking: booked,
		Checkpoint: func(ctx context.Context) (any, error) {
			made, _, err := audit.MakeCheckpoint(ctx, w.Store, w.Keeper)
			return made, err
		},
		Care: w.Care, Goals: counted, Panel: families, Identity: w.Identity, Log: slog.New(slog.DiscardHandler), Now: w.Clock.Now,
		Version: "test", Build: "test", ConsultPhone: "0471-0000000", MaxUpload: 12 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return &site{World: w, t: t, url: srv.URL, tokens: map[uuid.UUID]string{}}
}

// token signs somebody in, once.
func (s *site) token(a identity.Actor) string {
	s.t.Helper()
	if a.UserID == uuid.Nil {
		return ""
	}
	if known := s.tokens[a.UserID]; known != "" {
		return known
	}
	r := s.send(identity.Actor{}, http.MethodPost, "/api/v1/auth/login", contract.LoginRequest{Username: a.Username, Password: caretest.Password})
	var got contract.Session
	r.into(&got)
	s.tokens[a.UserID] = got.AccessToken
	return got.AccessToken
}

// reply is an answer that was read whole.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

func (r reply) into(v any) {
	r.t.Helper()
	if r.status >= 300 {
		r.t.Fatalf("status %d: %s", r.status, r.body)
	}
	if err := json.Unmarshal(r.body, v); err != nil {
		r.t.Fatalf("%v: %s", err, r.body)
	}
}

// problem reads a refusal.
func (r reply) problem() contract.Problem {
	r.t.Helper()
	var p contract.Problem
	if err := json.Unmarshal(r.body, &p); err != nil || p.Code == "" || p.Message == "" {
		r.t.Fatalf("status %d is no problem with a code and a sentence: %s", r.status, r.body)
	}
	return p
}

// send sends a request as somebody; the zero actor is nobody. A body that is a []byte goes as it is.
func (s *site) send(a identity.Actor, method, path string, body any, headers ...string) reply {
	s.t.Helper()
	var in io.Reader = http.NoBody
	kind := ""
	switch b := body.(type) {
	case nil:
	case []byte:
		in, kind = bytes.NewReader(b), "application/octet-stream"
	case string:
		in, kind = strings.NewReader(b), "application/json"
	default:
		text, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		in, kind = bytes.NewReader(text), "application/json"
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, in)
	if err != nil {
		s.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if method == http.MethodPost || method == http.MethodPut {
		req.Header.Set("Idempotency-Key", uuid.NewString())
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if token := s.token(a); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{t: s.t, status: res.StatusCode, header: res.Header, body: content}
}
