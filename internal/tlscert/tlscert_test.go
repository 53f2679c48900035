package tlscert_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/tlscert"
)

// machine is a clock and a list of hosts that a test changes.
type machine struct {
	time  time.Time
	hosts []string
	log   bytes.Buffer
}

func newMachine() *machine {
	return &machine{time: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), hosts: []string{"localhost", "127.0.0.1"}}
}

func (m *machine) now() time.Time { return m.time }

func (m *machine) open(t *testing.T, dir string) *tlscert.Local {
	t.Helper()
	l, err := tlscert.OpenLocal(dir, func() []string { return slices.Clone(m.hosts) }, m.now, slog.New(slog.NewTextHandler(&m.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func leaf(t *testing.T, certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *x509.Certificate {
	t.Helper()
	pair, err := certificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf
}

// A browser that trusts the authority accepts the server by name and by address.
func TestLocalAuthorityServesABrowser(t *testing.T) {
	m := newMachine()
	m.time = time.Now()
	l := m.open(t, t.TempDir())
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	server.Listener = tls.NewListener(server.Listener, tlscert.Config(l.Certificate))
	server.Start()
	defer server.Close()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(l.AuthorityPEM()) {
		t.Fatal("the authority's PEM holds no certificate")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		res, err := client.Get("https://" + net.JoinHostPort(host, port))
		if err != nil {
			t.Fatal(err)
		}
		if served := res.TLS.PeerCertificates[0]; !served.Equal(leaf(t, l.Certificate)) {
			t.Error("another certificate was served")
		}
		_ = res.Body.Close()
	}
}

func TestLocalKeepsAuthorityAndCertificateOverRestarts(t *testing.T) {
	m, dir := newMachine(), filepath.Join(t.TempDir(), "tls")
	first := m.open(t, dir)
	m.time = m.time.Add(time.Hour)
	second := m.open(t, dir)
	if !first.Authority().Equal(second.Authority()) || !leaf(t, first.Certificate).Equal(leaf(t, second.Certificate)) {
		t.Error("a restart made new certificates")
	}
	files, err := filepath.Glob(dir + "/*")
	if err != nil || len(files) != 2 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f, info.Mode(), err)
		}
	}
}

func TestLocalRenewsTheCertificateAndKeepsTheAuthority(t *testing.T) {
	m := newMachine()
	l := m.open(t, t.TempDir())
	made := leaf(t, l.Certificate)
	if life := made.NotAfter.Sub(made.NotBefore); life > 397*24*time.Hour {
		t.Errorf("the certificate is good for %v, more than browsers accept", life)
	}
	for _, c := range []struct {
		name   string
		change func()
		fresh  bool
	}{
		{"nothing changed", func() { m.time = m.time.Add(2 * time.Minute) }, false},
		{"a new address", func() { m.time = m.time.Add(2 * time.Minute); m.hosts = append(m.hosts, "192.168.1.20", "fd00::20") }, true},
		{"an address is gone", func() { m.time = m.time.Add(2 * time.Minute); m.hosts = m.hosts[:2] }, false},
		{"a new name", func() { m.time = m.time.Add(2 * time.Minute); m.hosts = append(m.hosts, "home.local") }, true},
		{"shortly before the last month", func() { m.time = made.NotAfter.Add(-31 * 24 * time.Hour) }, false},
		{"in the last month", func() { m.time = m.time.Add(7 * 24 * time.Hour) }, true},
		{"the clock is set back", func() { m.time = made.NotBefore.Add(-time.Hour) }, true},
	} {
		before := leaf(t, l.Certificate)
		c.change()
		// The clock that goes back passes no check time, so ask as a restart does.
		if m.time.Before(before.NotBefore) {
			l = m.open(t, t.TempDir())
		}
		after := leaf(t, l.Certificate)
		if before.Equal(after) == c.fresh {
			t.Errorf("%s: new certificate %v, want %v", c.name, !before.Equal(after), c.fresh)
		}
		if err := after.CheckSignatureFrom(l.Authority()); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, h := range m.hosts {
			if err := after.VerifyHostname(h); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

func TestLocalNeverReplacesADamagedAuthority(t *testing.T) {
	m, dir := newMachine(), t.TempDir()
	m.open(t, dir)
	path := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := tlscert.OpenLocal(dir, func() []string { return m.hosts }, m.now, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "restore it from a backup") {
		t.Fatalf("got %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "damaged" {
		t.Errorf("the file was touched: %q %v", text, err)
	}
}

func TestLocalReplacesADamagedServerCertificate(t *testing.T) {
	m, dir := newMachine(), t.TempDir()
	before := leaf(t, m.open(t, dir).Certificate)
	if err := os.WriteFile(filepath.Join(dir, "server.pem"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if after := leaf(t, m.open(t, dir).Certificate); after.Equal(before) {
		t.Error("the damaged certificate is still in use")
	}
}

// copyPair writes a certificate and key as an operator does.
func copyPair(t *testing.T, from, cert, key string, changed time.Time) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(from, "server.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{cert, key} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFilesAreReadAgain(t *testing.T) {
	m, one, two, dir := newMachine(), t.TempDir(), t.TempDir(), t.TempDir()
	first, second := leaf(t, m.open(t, one).Certificate), leaf(t, m.open(t, two).Certificate)
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	copyPair(t, one, cert, key, m.time)
	f, err := tlscert.LoadFiles(cert, key, m.now, slog.New(slog.NewTextHandler(&m.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if !leaf(t, f.Certificate).Equal(first) {
		t.Fatal("not the certificate of the file")
	}
	copyPair(t, two, cert, key, m.time.Add(time.Minute))
	if !leaf(t, f.Certificate).Equal(first) {
		t.Error("the files are looked at on every handshake")
	}
	m.time = m.time.Add(time.Minute)
	if !leaf(t, f.Certificate).Equal(second) {
		t.Error("the new certificate is not in use")
	}
	if err := os.WriteFile(cert, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.time = m.time.Add(time.Minute)
	if !leaf(t, f.Certificate).Equal(second) || !strings.Contains(m.log.String(), "the old one stays") {
		t.Errorf("a damaged file: log %s", &m.log)
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	m, one, dir := newMachine(), t.TempDir(), t.TempDir()
	made := leaf(t, m.open(t, one).Certificate)
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if _, err := tlscert.LoadFiles(cert, key, m.now, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), cert) {
		t.Errorf("missing files: %v", err)
	}
	copyPair(t, one, cert, key, m.time)
	m.time = made.NotAfter.Add(time.Hour)
	if _, err := tlscert.LoadFiles(cert, key, m.now, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "ended on") {
		t.Errorf("an ended certificate: %v", err)
	}
}

func TestMachineHosts(t *testing.T) {
	hosts := tlscert.MachineHosts("Lianzhen.Example.cn", "203.0.113.7", "not a name")
	for _, want := range []string{"localhost", "127.0.0.1", "::1", "lianzhen.example.cn", "203.0.113.7"} {
		if !slices.Contains(hosts, want) {
			t.Errorf("%v lacks %s", hosts, want)
		}
	}
	if slices.Contains(hosts, "not a name") || !slices.IsSorted(hosts) || len(slices.Compact(slices.Clone(hosts))) != len(hosts) {
		t.Errorf("%v", hosts)
	}
	if _, err := tlscert.OpenLocal(t.TempDir(), func() []string { return hosts }, time.Now, slog.New(slog.DiscardHandler)); err != nil {
		t.Error("these hosts make no certificate:", err)
	}
}

func TestTheDownloadHoldsNoKey(t *testing.T) {
	w := httptest.NewRecorder()
	newMachine().open(t, t.TempDir()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ca.crt", nil))
	if text := w.Body.String(); strings.Contains(text, "PRIVATE") || strings.Count(text, "BEGIN CERTIFICATE") != 1 ||
		w.Header().Get("Content-Type") != "application/x-x509-ca-cert" {
		t.Errorf("%v\n%s", w.Header(), text)
	}
}
