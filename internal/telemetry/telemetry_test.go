package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/lianzhen-health/lianzhen/internal/telemetry"
)

type fixture struct {
	server *httptest.Server
	log    *bytes.Buffer
	reg    *prometheus.Registry
	done   sync.WaitGroup // handlers; a hijacked one is not waited for by the server
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{log: &bytes.Buffer{}, reg: telemetry.NewRegistry("test")}
	logger, err := telemetry.NewLogger(f.log, slog.LevelInfo, "json")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /residents/{id}", func(w http.ResponseWriter, r *http.Request) {
		logger.InfoContext(r.Context(), "inside")
		_, _ = io.WriteString(w, "ok")
	})
	mux.HandleFunc("GET /quiet", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic(errors.New("张三 13800000000")) })
	mux.HandleFunc("GET /late", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "half")
		var none []string
		_ = none[len(r.Method)]
	})
	mux.HandleFunc("GET /hijack", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		_ = conn.Close()
	})
	copied := http.NewServeMux()
	copied.HandleFunc("GET /copied/{id}", func(http.ResponseWriter, *http.Request) {})
	inner := telemetry.Route(copied)
	mux.Handle("/copied/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r.Clone(r.Context())) }))
	m := telemetry.NewHTTP(telemetry.HTTPOptions{Logger: logger, Registry: f.reg, Quiet: []string{"/quiet"}})
	wrapped := m.Wrap(mux)
	f.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.done.Add(1)
		defer f.done.Done()
		wrapped.ServeHTTP(w, r)
	}))
	t.Cleanup(f.server.Close)
	return f
}

func (f *fixture) get(t *testing.T, path, id string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(telemetry.RequestIDHeader, id)
	res, err := f.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res, string(body)
}

// text ends the server, so that all handlers have returned, and gives the log.
func (f *fixture) text() string {
	f.server.Close()
	f.done.Wait()
	return f.log.String()
}

// lines is text, decoded.
func (f *fixture) lines(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for dec := json.NewDecoder(strings.NewReader(f.text())); dec.More(); {
		var line map[string]any
		if err := dec.Decode(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	return all
}

func TestAccessLogNamesTheRouteAndNoPerson(t *testing.T) {
	f := newFixture(t)
	res, _ := f.get(t, "/residents/110101193001010015?name=张三", "client-id-123")
	if got := res.Header.Get(telemetry.RequestIDHeader); got != "client-id-123" {
		t.Errorf("reply carries id %q", got)
	}
	text := f.text()
	lines := f.lines(t)
	if len(lines) != 2 || lines[0]["request_id"] != "client-id-123" || lines[1]["request_id"] != "client-id-123" {
		t.Fatalf("log: %s", text)
	}
	if got := lines[1]; got["route"] != "/residents/{id}" || got["status"] != 200.0 || got["method"] != "GET" || got["bytes"] != 2.0 {
		t.Errorf("line: %v", got)
	}
	for _, personal := range []string{"1930", "张三", "127.0.0.1"} {
		if strings.Contains(text, personal) {
			t.Errorf("the log contains %q: %s", personal, text)
		}
	}
}

func TestStrangeRequestIDsAreReplaced(t *testing.T) {
	f := newFixture(t)
	for _, id := range []string{"", "short", strings.Repeat("x", 65), `with"quote"`, "with space"} {
		res, _ := f.get(t, "/quiet", id)
		if got := res.Header.Get(telemetry.RequestIDHeader); got == id || len(got) != 16 {
			t.Errorf("id %q became %q", id, got)
		}
	}
	if lines := f.lines(t); len(lines) != 0 {
		t.Errorf("quiet route was logged: %v", lines)
	}
}

func TestRoutesBecomeFewLabels(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/residents/1", "/residents/2", "/nothing/1", "/nothing/2", "/copied/7"} {
		f.get(t, path, "")
	}
	f.text()
	want := map[string]uint64{"/residents/{id}": 2, "(none)": 2, "/copied/{id}": 1}
	families, err := f.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "lianzhen_http_request_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "route" {
					if n := m.GetHistogram().GetSampleCount(); n != want[l.GetValue()] {
						t.Errorf("route %s counted %d times, want %d", l.GetValue(), n, want[l.GetValue()])
					}
					delete(want, l.GetValue())
				}
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("never counted: %v", want)
	}
}

func TestPanicIsAnsweredLoggedAndSecretive(t *testing.T) {
	f := newFixture(t)
	res, body := f.get(t, "/panic", "")
	if res.StatusCode != 500 || strings.TrimSpace(body) != `{"code":"internal"}` {
		t.Errorf("answer %d %s", res.StatusCode, body)
	}
	if res, _ := f.get(t, "/residents/1", ""); res.StatusCode != 200 {
		t.Error("the server did not go on")
	}
	text := f.text()
	if strings.Contains(text, "138") || strings.Contains(text, "张三") || !strings.Contains(text, "telemetry_test.go") {
		t.Errorf("log: %s", text)
	}
	if n, err := testutil.GatherAndCount(f.reg, "lianzhen_http_panics_total"); err != nil || n != 1 {
		t.Errorf("counted %d %v", n, err)
	}
	if lines := f.lines(t); lines[1]["status"] != 500.0 {
		t.Errorf("access line: %v", lines[1])
	}
}

func TestPanicAfterTheHeadCutsTheReply(t *testing.T) {
	f := newFixture(t)
	res, err := f.server.Client().Get(f.server.URL + "/late")
	if err == nil {
		_, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	if err == nil {
		t.Error("half a reply looks whole")
	}
	if text := f.text(); !strings.Contains(text, "index out of range") {
		t.Errorf("log: %s", text)
	}
}

func TestHijackPassesThrough(t *testing.T) {
	f := newFixture(t)
	conn, err := net.Dial("tcp", f.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /hijack HTTP/1.1\r\nHost: x\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 101") {
		t.Fatalf("%q %v", answer, err)
	}
	if lines := f.lines(t); len(lines) != 1 || lines[0]["status"] != 101.0 {
		t.Errorf("log: %v", lines)
	}
}

func TestSecretIsNeverShown(t *testing.T) {
	const word = "hunter2"
	s := telemetry.Secret(word)
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%s", "%q", "%x", "%X", "%#v", "%+v", "%d"} {
		fmt.Fprintf(&out, verb+" ", s)
		fmt.Fprintf(&out, verb+" ", struct{ S telemetry.Secret }{s})
	}
	for _, format := range []string{"json", "text"} {
		logger, err := telemetry.NewLogger(&out, slog.LevelInfo, format)
		if err != nil {
			t.Fatal(err)
		}
		logger.Info("m", "secret", s, "in", struct{ S telemetry.Secret }{s})
	}
	encoded, err := json.Marshal(map[string]any{"s": s})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	if text := out.String(); strings.Contains(text, word) || strings.Contains(text, fmt.Sprintf("%x", word)) {
		t.Errorf("shown: %s", text)
	}
	if s.Reveal() != word {
		t.Error("Reveal does not give it")
	}
}

func TestMetricsAreForThisMachine(t *testing.T) {
	reg := telemetry.NewRegistry("v1")
	ask := func(access telemetry.MetricsAccess, from string, header ...string) int {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = from
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		telemetry.MetricsHandler(reg, access).ServeHTTP(w, r)
		if w.Code == 200 && !strings.Contains(w.Body.String(), `lianzhen_build_info{version="v1"} 1`) {
			t.Errorf("no build info: %.200s", w.Body)
		}
		return w.Code
	}
	local, remote := "127.0.0.1:5", "192.0.2.7:5"
	token := telemetry.MetricsAccess{Token: "t0k"}
	for _, c := range []struct {
		name string
		got  int
		want int
	}{
		{"local", ask(telemetry.MetricsAccess{}, local), 200},
		{"local IPv6", ask(telemetry.MetricsAccess{}, "[::1]:5"), 200},
		{"remote", ask(telemetry.MetricsAccess{}, remote), 404},
		{"forwarded", ask(telemetry.MetricsAccess{}, local, "X-Forwarded-For", "192.0.2.7"), 404},
		{"remote with token", ask(token, remote, "Authorization", "Bearer t0k"), 200},
		{"remote with wrong token", ask(token, remote, "Authorization", "Bearer no"), 404},
		{"remote with an empty token that is not set", ask(telemetry.MetricsAccess{}, remote, "Authorization", "Bearer "), 404},
		{"own listener", ask(telemetry.MetricsAccess{Open: true}, remote), 200},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.name, c.got, c.want)
		}
	}
}
