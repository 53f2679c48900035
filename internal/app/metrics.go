package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// collector makes a collector of a list of descriptions and a function that measures them.
type collector struct {
	descs   []*prometheus.Desc
	measure func(out chan<- prometheus.Metric)
}

func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		out <- d
	}
}
func (c collector) Collect(out chan<- prometheus.Metric) { c.measure(out) }

// calibrationDays is how far back the ranges that were shown are compared with what happened.
const calibrationDays = 7

// queueMetrics: how many requests wait, since when the oldest, how long the last day's claims took, and how true the ranges were
// that the bedside was shown: of those that came true, half should lie below the lower bound and nine of ten below the upper.
func queueMetrics(st *store.Store, log *slog.Logger) prometheus.Collector {
	depth := prometheus.NewDesc("lianzhen_queue_depth", "Requests that wait for a doctor, by urgency.", []string{"urgency"}, nil)
	age := prometheus.NewDesc("lianzhen_queue_oldest_seconds", "How long the oldest request has waited, by urgency.", []string{"urgency"}, nil)
	claim := prometheus.NewDesc("lianzhen_claim_seconds", "Seconds from offer to claim in the last 24 hours, by urgency.", []string{"urgency"}, nil)
	shown := prometheus.NewDesc("lianzhen_wait_estimates", "Ranges of waiting time that were shown in the last 7 days for requests that were then taken.", nil, nil)
	within := prometheus.NewDesc("lianzhen_wait_estimate_within_ratio",
		"Share of those requests that were taken before the bound of the range: from should be near 0.5, to near 0.9.", []string{"bound"}, nil)
	return collector{[]*prometheus.Desc{depth, age, claim, shown, within}, func(out chan<- prometheus.Metric) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		waiting, err := st.Q().QueueFigures(ctx)
		if err != nil {
			log.Warn("queue metrics", "error", err)
			return
		}
		for _, w := range waiting {
			out <- prometheus.MustNewConstMetric(depth, prometheus.GaugeValue, float64(w.Waiting), w.Urgency)
			out <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, w.OldestSeconds, w.Urgency)
		}
		claims, err := st.Q().ClaimFigures(ctx)
		if err != nil {
			log.Warn("claim metrics", "error", err)
			return
		}
		for _, c := range claims {
			out <- prometheus.MustNewConstSummary(claim, uint64(c.Claims), c.Seconds, map[float64]float64{0.5: c.Median, 0.9: c.P90}, c.Urgency)
		}
		since := time.Now().AddDate(0, 0, -calibrationDays)
		told, err := st.Q().Calibration(ctx, &since)
		if err != nil {
			log.Warn("estimate metrics", "error", err)
			return
		}
		out <- prometheus.MustNewConstMetric(shown, prometheus.GaugeValue, float64(told.Shown))
		if told.Shown > 0 {
			out <- prometheus.MustNewConstMetric(within, prometheus.GaugeValue, float64(told.BelowFrom)/float64(told.Shown), "from")
			out <- prometheus.MustNewConstMetric(within, prometheus.GaugeValue, float64(told.BelowTo)/float64(told.Shown), "to")
		}
	}}
}
