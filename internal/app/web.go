package app

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/lianzhen-health/lianzhen/internal/api"
	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/config"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/goals"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/panel"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/remind"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/telemetry"
	"github.com/lianzhen-health/lianzhen/internal/tlscert"
	"github.com/lianzhen-health/lianzhen/internal/visits"
	"github.com/lianzhen-health/lianzhen/signaling"
	"github.com/lianzhen-health/lianzhen/web"
)

type webDeps struct {
	cfg      *config.Config
	log      *slog.Logger
	registry *prometheus.Registry
	store    *store.Store
	redis    redis.UniversalClient
	keeper   *seal.Keeper
	care     *care.Service
	goals    *goals.Service
	booking  *booking.Service
	panel    *panel.Service
	visits   *visits.Service
	remind   *remind.Service
	identity *identity.Service
	hub      *signaling.Hub
	demo     []contract.DemoAccount
	build    string
	node     string
}

// webServer serves pages, contract, sockets, health and metrics on one listener, and metrics on a second when asked for.
type webServer struct {
	webDeps
	server  *http.Server
	https   bool         // the server's TLSConfig does not tell: net/http sets one while it serves plain HTTP, too
	metrics *http.Server // nil: on the main listener
	ln      net.Listener
	metrLn  net.Listener
	stopped atomic.Bool
}

func newWebServer(d webDeps) (*webServer, error) {
	s := &webServer{webDeps: d}
	certificates, authority, err := certificates(d.cfg, d.log)
	if err != nil {
		return nil, err
	}
	s.https = certificates != nil
	secure := s.https || d.cfg.PublicURL != nil && d.cfg.PublicURL.Scheme == "https"
	contractAPI, err := api.New(api.Deps{
		Care: d.care, Goals: d.goals, Booking: d.booking, Panel: d.panel, Visits: d.visits, Remind: d.remind, Identity: d.identity, Log: d.log, Now: time.Now, Version: Version(), Build: d.build,
		ConsultPhone: d.cfg.ConsultPhone, DemoAccounts: d.demo, Origins: d.cfg.AllowedOrigins(), SecureCookies: secure,
		MaxUpload: d.cfg.MaxUpload, PublicURL: publicURL(d.cfg),
		Checkpoint: func(ctx context.Context) (any, error) {
			made, _, err := audit.MakeCheckpoint(ctx, d.store, d.keeper)
			return made, err
		},
	})
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	mux.Handle("/api/", contractAPI)
	mux.Handle("GET /ws", d.hub.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", s.ready)
	if authority != nil {
		mux.Handle("GET /ca.crt", authority)
	}
	metrics := telemetry.MetricsHandler(d.registry, telemetry.MetricsAccess{Open: d.cfg.MetricsListen != "", Token: d.cfg.MetricsToken})
	if d.cfg.MetricsListen != "" {
		s.metrics = &http.Server{Handler: metrics, ReadHeaderTimeout: 10 * time.Second}
	} else {
		mux.Handle("GET /metrics", metrics)
	}
	mux.Handle("/", pages(web.FS(), time.Now()))

	watch := telemetry.NewHTTP(telemetry.HTTPOptions{
		Logger: d.log, Registry: d.registry, Quiet: []string{"/healthz", "/readyz", "/metrics", "/"},
		Failed: func(w http.ResponseWriter, r *http.Request) {
			api.Refuse(d.log, w, r, problem.New(http.StatusInternalServerError, "internal", nil))
		},
	})
	s.server = &http.Server{
		Handler:           harden(s.https, watch.Wrap(mux)),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute, // a photo over a poor line
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
	if s.https {
		s.server.TLSConfig = tlscert.Config(certificates)
	}
	return s, nil
}

// certificates gives what the settings name: nothing for plain HTTP, and the authority's download page when it is ours.
func certificates(cfg *config.Config, log *slog.Logger) (get func(*tls.ClientHelloInfo) (*tls.Certificate, error), authority http.Handler, err error) {
	switch cfg.TLS {
	case config.TLSFiles:
		f, err := tlscert.LoadFiles(cfg.TLSCert, cfg.TLSKey, time.Now, log)
		if err != nil {
			return nil, nil, err
		}
		return f.Certificate, nil, nil
	case config.TLSSelfSigned:
		hosts := func() []string { return tlscert.MachineHosts() }
		if cfg.PublicURL != nil {
			hosts = func() []string { return tlscert.MachineHosts(cfg.PublicURL.Hostname()) }
		}
		l, err := tlscert.OpenLocal(filepath.Join(cfg.DataDir, "tls"), hosts, time.Now, log)
		if err != nil {
			return nil, nil, err
		}
		return l.Certificate, l, nil
	}
	return nil, nil, nil
}

// ready says whether this node can answer now. Redis being away only slows it down.
func (s *webServer) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	state := map[string]string{"postgres": "ok", "redis": "ok", "status": "ready", "node": s.node}
	status := http.StatusOK
	if err := s.redis.Ping(ctx).Err(); err != nil {
		state["redis"] = "away"
	}
	if err := s.store.Pool.Ping(ctx); err != nil {
		state["postgres"], state["status"], status = "away", "not ready", http.StatusServiceUnavailable
	}
	if s.stopped.Load() {
		state["status"], status = "stopping", http.StatusServiceUnavailable
	}
	writeJSON(w, status, state)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// listen opens the ports.
func (s *webServer) listen() (net.Addr, error) {
	var err error
	if s.ln, err = net.Listen("tcp", s.cfg.Listen); err != nil {
		return nil, fmt.Errorf("listen on %s (another program, or another lianzhen? choose --listen): %w", s.cfg.Listen, err)
	}
	if s.metrics != nil {
		if s.metrLn, err = net.Listen("tcp", s.cfg.MetricsListen); err != nil {
			_ = s.ln.Close()
			return nil, fmt.Errorf("listen for metrics on %s: %w", s.cfg.MetricsListen, err)
		}
	}
	return s.ln.Addr(), nil
}

// serve answers until close.
func (s *webServer) serve() error {
	errs := make(chan error, 2)
	running := 1
	go func() {
		if s.https {
			errs <- s.server.ServeTLS(s.ln, "", "")
		} else {
			errs <- s.server.Serve(s.ln)
		}
	}()
	if s.metrics != nil {
		running++
		go func() { errs <- s.metrics.Serve(s.metrLn) }()
	}
	var first error
	for range running {
		if err := <-errs; err != nil && !errors.Is(err, http.ErrServerClosed) && first == nil {
			first = err
			_ = s.server.Close()
			if s.metrics != nil {
				_ = s.metrics.Close()
			}
		}
	}
	return first
}

// notReady makes /readyz say so, before anything stops.
func (s *webServer) notReady() { s.stopped.Store(true) }

// close ends both listeners and waits for requests that have begun.
func (s *webServer) close(ctx context.Context) error {
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.server.Close())
	}
	if s.metrics != nil {
		err = errors.Join(err, s.metrics.Shutdown(ctx))
	}
	return err
}

// publicURL is the address that was set for people to type; "" when none was.
func publicURL(cfg *config.Config) string {
	if cfg.PublicURL == nil {
		return ""
	}
	return cfg.PublicURL.String()
}

// url is what people type.
func (s *webServer) url(address net.Addr) string {
	if s.cfg.PublicURL != nil {
		return s.cfg.PublicURL.String()
	}
	scheme := "http"
	if s.https {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return scheme + "://" + address.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

var namedBuild = regexp.MustCompile(`<meta name="lianzhen-build" content="([0-9a-f]+)">`)

// buildID names the pages that are built in, as they name themselves: a page reloads when it differs from its own.
func buildID() string {
	index, err := fs.ReadFile(web.FS(), "index.html")
	if err != nil {
		return "none"
	}
	if named := namedBuild.FindSubmatch(index); named != nil {
		return string(named[1])
	}
	sum := sha256.Sum256(index)
	return hex.EncodeToString(sum[:6])
}
