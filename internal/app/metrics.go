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

// queueMetrics: how many requests wait, since when the oldest, and how long the last day's claims took.
func queueMetrics(st *store.Store, log *slog.Logger) prometheus.Collector {
	depth := prometheus.NewDesc("lianzhen_queue_depth", "Requests that wait for a doctor, by urgency.", []string{"urgency"}, nil)
	age := prometheus.NewDesc("lianzhen_queue_oldest_seconds", "How long the oldest request has waited, by urgency.", []string{"urgency"}, nil)
	claim := prometheus.NewDesc("lianzhen_claim_seconds", "Seconds from offer to claim in the last 24 hours, by urgency.", []string{"urgency"}, nil)
	return collector{[]*prometheus.Desc{depth, age, claim}, func(out chan<- prometheus.Metric) {
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
	}}
}
