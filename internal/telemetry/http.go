package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// noRoute stands for every request that matches no route, so that strangers cannot make metric labels.
const noRoute = "(none)"

// HTTP is the outermost middleware: request id, access log, metrics and the last resort for panics.
type HTTP struct {
	log      *slog.Logger
	quiet    map[string]bool
	failed   func(http.ResponseWriter, *http.Request)
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
	panics   prometheus.Counter
	acts     acts
}

// HTTPOptions are the parts of [NewHTTP].
type HTTPOptions struct {
	Logger   *slog.Logger
	Registry prometheus.Registerer
	// Failed writes the answer to a request whose handler panicked, when nothing has been written yet: status 500 and the
	// code "internal". Nil writes a JSON object with that code alone.
	Failed func(http.ResponseWriter, *http.Request)
	// Quiet are route templates, such as "/healthz", whose successes are logged at debug level only.
	Quiet []string
}

// NewHTTP makes the middleware and registers its metrics:
// lianzhen_http_request_seconds{method,route,status}, lianzhen_http_requests_in_flight and lianzhen_http_panics_total, and those of acts of devices.
func NewHTTP(o HTTPOptions) *HTTP {
	m := &HTTP{
		log: o.Logger, failed: o.Failed, quiet: map[string]bool{},
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lianzhen_http_request_seconds", Help: "Seconds from the request's head to the end of its handler, by route template.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "route", "status"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "lianzhen_http_requests_in_flight", Help: "Requests whose handlers have not returned.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lianzhen_http_panics_total", Help: "Handlers that panicked.",
		}),
	}
	if m.failed == nil {
		m.failed = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(`{"code":"internal"}` + "\n"))
		}
	}
	for _, route := range o.Quiet {
		m.quiet[route] = true
	}
	o.Registry.MustRegister(m.seconds, m.inFlight, m.panics)
	m.acts = newActs(o.Registry)
	return m
}

type routeKey struct{}

// Wrap puts the middleware around the whole server's handler. The route is the pattern that a [http.ServeMux] inside
// matched; one that sees a copy of the request needs [Route] around it.
func (m *HTTP) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := acceptRequestID(r.Header.Get(RequestIDHeader))
		w.Header().Set(RequestIDHeader, id)
		route := new(string)
		ctx := withRepetition(context.WithValue(WithRequestID(r.Context(), id), routeKey{}, route))
		r = r.WithContext(ctx)
		rec := &recorder{ResponseWriter: w}
		m.inFlight.Inc()
		defer m.inFlight.Dec()
		defer func() {
			caught := recover()
			if caught != nil && caught != http.ErrAbortHandler {
				m.panics.Inc()
				m.log.ErrorContext(ctx, "handler panicked", "route", template(r, *route), "panic", kindOf(caught), "stack", string(debug.Stack()))
				if rec.status == 0 {
					m.failed(rec, r)
				} else {
					caught = http.ErrAbortHandler // the reply has begun: cut it, so that nobody takes it for whole
				}
			}
			m.finish(ctx, r, template(r, *route), rec, time.Since(start))
			if caught == http.ErrAbortHandler {
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

// Route tells the middleware which pattern matched when a handler in between has copied the request.
func Route(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// After as well as before: a ServeMux writes the pattern into the request while it serves.
		defer noteRoute(r)
		noteRoute(r)
		next.ServeHTTP(w, r)
	})
}

func noteRoute(r *http.Request) {
	if route, ok := r.Context().Value(routeKey{}).(*string); ok && r.Pattern != "" {
		*route = r.Pattern
	}
}

// template is the matched pattern's path, without method and host.
func template(r *http.Request, noted string) string {
	pattern := noted
	if pattern == "" {
		pattern = r.Pattern
	}
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return noRoute
}

// kindOf keeps what a panic says out of the log unless it is the runtime's own: a message may quote what a user sent.
func kindOf(caught any) string {
	type runtimeError interface {
		error
		RuntimeError()
	}
	switch v := caught.(type) {
	case runtimeError:
		return v.Error()
	case error:
		return "error"
	default:
		return "value"
	}
}

func (m *HTTP) finish(ctx context.Context, r *http.Request, route string, rec *recorder, took time.Duration) {
	status, method := rec.status, r.Method
	if status == 0 {
		status = http.StatusOK
	}
	m.acts.answered(r, status, time.Now())
	m.seconds.WithLabelValues(methodLabel(method), route, strconv.Itoa(status)).Observe(took.Seconds())
	level := slog.LevelInfo
	if m.quiet[route] && status < 400 {
		level = slog.LevelDebug
	}
	m.log.LogAttrs(ctx, level, "request", slog.String("method", methodLabel(method)), slog.String("route", route), slog.Int("status", status),
		slog.Int64("bytes", rec.bytes), slog.Float64("ms", float64(took.Microseconds())/1000))
}

// methodLabel keeps made-up methods from making metric labels.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "OTHER"
}
