package app

import (
	"net/http"
	"slices"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/config"
	"github.com/lianzhen-health/lianzhen/internal/demo"
)

// The demo's password opens accounts on this machine only, with the demo setting or without: a database that a demo has
// filled keeps its accounts.
func TestDemoPasswordIsRefusedBeyondLoopback(t *testing.T) {
	t.Parallel()
	for listen, refused := range map[string]bool{"127.0.0.1:8443": false, "[::1]:8443": false, "localhost:8443": false,
		"0.0.0.0:8443": true, ":8443": true, "192.168.1.5:8443": true, "[::]:8443": true} {
		for _, on := range []bool{true, false} {
			if got := slices.Contains(refusedPasswords(&config.Config{Listen: listen, Demo: on}), demo.Password); got != refused {
				t.Errorf("listen %s: refused %v, want %v", listen, got, refused)
			}
		}
	}
}

// The address that a start prints is the one that answers. It is asked for while the server runs, when net/http has given a plain
// server a TLS configuration of its own making.
func TestPrintedAddressOfPlainHTTPAnswers(t *testing.T) {
	t.Parallel()
	s := &webServer{webDeps: webDeps{cfg: &config.Config{Listen: "127.0.0.1:0"}}, server: &http.Server{Handler: http.NotFoundHandler()}}
	address, err := s.listen()
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.serve() }()
	answer, err := http.Get("http://" + address.String()) // the server has begun
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if got, want := s.url(address), "http://"+address.String(); got != want {
		t.Errorf("prints %s, want %s", got, want)
	}
	if err := s.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
}
