package telemetry

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ActHeader says of a command that it was written down on the person's device before it was sent, and when: RFC 3339. It changes nothing of what the
// command does; it is counted by it.
const ActHeader = "Lianzhen-Act"

// lateAfter is from when on an act counts as one that waited for the network, and longestWait the most that is believed of a device's clock.
const (
	lateAfter   = 10 * time.Second
	longestWait = 30 * 24 * time.Hour
)

// acts counts what devices send that was done there first:
// lianzhen_device_acts_total{verdict,late} and lianzhen_device_act_wait_seconds.
type acts struct {
	total *prometheus.CounterVec
	wait  prometheus.Histogram
}

func newActs(r prometheus.Registerer) acts {
	a := acts{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lianzhen_device_acts_total",
			Help: "Acts from the logs of devices by what became of them: applied, duplicate (sent again), conflict (somebody else was first), refused; late yes: it waited for the network."},
			[]string{"verdict", "late"}),
		wait: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "lianzhen_device_act_wait_seconds", Help: "Seconds from an act on a device to its answer, of those that were taken for the first time.",
			Buckets: []float64{1, 10, 60, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 72 * 3600, 168 * 3600}}),
	}
	r.MustRegister(a.total, a.wait)
	return a
}

// answered counts an act by its answer. What only says "not now" is no verdict: the device sends it again.
func (a acts) answered(r *http.Request, status int, now time.Time) {
	at, err := time.Parse(time.RFC3339, r.Header.Get(ActHeader))
	if err != nil || r.Method != http.MethodPost {
		return
	}
	waited := min(max(now.Sub(at), 0), longestWait)
	verdict := actVerdict(status, isRepetition(r.Context()))
	if verdict == "" {
		return
	}
	late := "no"
	if waited > lateAfter {
		late = "yes"
	}
	a.total.WithLabelValues(verdict, late).Inc()
	if verdict == "applied" {
		a.wait.Observe(waited.Seconds())
	}
}

func actVerdict(status int, repeated bool) string {
	switch {
	case status < 300 && repeated:
		return "duplicate"
	case status < 300:
		return "applied"
	case status == http.StatusConflict:
		return "conflict"
	case status == http.StatusUnauthorized, status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return ""
	}
	return "refused"
}

type repetitionKey struct{}

func withRepetition(ctx context.Context) context.Context {
	return context.WithValue(ctx, repetitionKey{}, new(bool))
}

// Repeated notes that the command of a request had been carried out before and was answered again. Without a request it notes nothing.
func Repeated(ctx context.Context) {
	if noted, ok := ctx.Value(repetitionKey{}).(*bool); ok {
		*noted = true
	}
}

func isRepetition(ctx context.Context) bool {
	noted, ok := ctx.Value(repetitionKey{}).(*bool)
	return ok && *noted
}
