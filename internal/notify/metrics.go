package notify

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// The results of attempts, as the metric names them.
const (
	resultDelivered = "delivered"
	resultRetry     = "retry"
	resultDead      = "dead"
	resultGone      = "gone"
)

type metrics struct {
	attempts *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	answer   *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer, st *store.Store, log *slog.Logger) *metrics {
	m := &metrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianzhen_notify_attempts_total", Help: "Attempts to send a notification by channel and result: delivered, retry, dead or gone."},
			[]string{"channel", "result"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lianzhen_notify_seconds", Help: "Seconds from when a notification was due to when the provider took it, by channel.",
			Buckets: []float64{.25, .5, 1, 2, 5, 10, 30, 60, 300, 1800}}, []string{"channel"}),
		answer: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lianzhen_notify_answer_seconds", Help: "Seconds that a provider took for its answer, by channel.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2, 5, 10}}, []string{"channel"}),
	}
	if r != nil {
		r.MustRegister(m.attempts, m.seconds, m.answer, &figures{st: st, log: log,
			waiting: prometheus.NewDesc("lianzhen_notify_waiting", "Messages that wait, by channel.", []string{"channel"}, nil),
			late:    prometheus.NewDesc("lianzhen_notify_late_seconds", "By how much the message that is due longest is late, by channel; negative: nothing is due.", []string{"channel"}, nil),
			dead:    prometheus.NewDesc("lianzhen_notify_dead_letters", "Messages of the last day that were given up, by channel.", []string{"channel"}, nil)})
	}
	return m
}

// figures are what the database knows when it is asked.
type figures struct {
	st                  *store.Store
	log                 *slog.Logger
	waiting, late, dead *prometheus.Desc
}

func (f *figures) Describe(out chan<- *prometheus.Desc) {
	out <- f.waiting
	out <- f.late
	out <- f.dead
}

func (f *figures) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	rows, err := f.st.Q().NotifyFigures(ctx)
	if err != nil {
		f.log.Warn("notification metrics", "error", err)
		return
	}
	for _, r := range rows {
		out <- prometheus.MustNewConstMetric(f.waiting, prometheus.GaugeValue, float64(r.Waiting), r.Channel)
		out <- prometheus.MustNewConstMetric(f.late, prometheus.GaugeValue, r.LateSeconds, r.Channel)
		out <- prometheus.MustNewConstMetric(f.dead, prometheus.GaugeValue, float64(r.Dead), r.Channel)
	}
}
