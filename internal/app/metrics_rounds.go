package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// roundMetrics: rounds of today and those under way.
func roundMetrics(st *store.Store, log *slog.Logger) prometheus.Collector {
	desc := prometheus.NewDesc("lianzhen_rounds", "Rounds of today and those under way, by state.", []string{"state"}, nil)
	return collector{[]*prometheus.Desc{desc}, func(out chan<- prometheus.Metric) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		rows, err := st.Q().RoundFigures(ctx)
		if err != nil {
			log.Warn("round metrics", "error", err)
			return
		}
		for _, r := range rows {
			out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(r.N), r.State)
		}
	}}
}
