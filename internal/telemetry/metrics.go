package telemetry

import (
	"crypto/subtle"
	"net"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// NewRegistry makes a registry with the collectors of the Go runtime and of the process, and the metric
// lianzhen_build_info that carries the version.
func NewRegistry(version string) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "lianzhen_build_info", Help: "1; the version is in the label.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build)
	return reg
}

// MetricsAccess says who may read the metrics. They name no person but tell how busy each part is.
type MetricsAccess struct {
	// Open lets everybody who reaches the listener read: for a listener of its own that is not public.
	Open bool
	// Token, when set, lets a reader with "Authorization: Bearer TOKEN" in from anywhere.
	Token Secret
}

// MetricsHandler serves a registry. Without Open and without the token only a direct request from this machine is
// answered, and everybody else gets 404. A proxy on this machine makes strangers look local, so a request that says that it
// was forwarded is not direct; behind a proxy that does not say so, give the metrics a listener of their own.
func MetricsHandler(reg *prometheus.Registry, access MetricsAccess) http.Handler {
	serve := promhttp.HandlerFor(reg, promhttp.HandlerOpts{Registry: reg})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !access.allows(r) {
			http.NotFound(w, r)
			return
		}
		serve.ServeHTTP(w, r)
	})
}

func (a MetricsAccess) allows(r *http.Request) bool {
	if a.Open {
		return true
	}
	if sent, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && a.Token != "" {
		return subtle.ConstantTimeCompare([]byte(sent), []byte(a.Token.Reveal())) == 1
	}
	for _, forwarded := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(forwarded) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}
