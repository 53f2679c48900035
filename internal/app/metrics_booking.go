package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// bookingMetrics: how much is booked, what ended how in the last day, and who waits for a slot.
func bookingMetrics(st *store.Store, log *slog.Logger) prometheus.Collector {
	descs := map[string]*prometheus.Desc{
		"upcoming": prometheus.NewDesc("lianzhen_appointments_upcoming", "Appointments that are to come, by status; HELD are kept until they are confirmed.", []string{"status"}, nil),
		"ended":    prometheus.NewDesc("lianzhen_appointments_ended_day", "Appointments that ended in the last 24 hours, by status.", []string{"status"}, nil),
		"waiting":  prometheus.NewDesc("lianzhen_waiting_list", "Residents who wait for a slot, by status.", []string{"status"}, nil),
	}
	return collector{[]*prometheus.Desc{descs["upcoming"], descs["ended"], descs["waiting"]}, func(out chan<- prometheus.Metric) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		rows, err := st.Q().BookingFigures(ctx)
		if err != nil {
			log.Warn("booking metrics", "error", err)
			return
		}
		for _, r := range rows {
			out <- prometheus.MustNewConstMetric(descs[r.What], prometheus.GaugeValue, float64(r.N), r.Status)
		}
	}}
}
