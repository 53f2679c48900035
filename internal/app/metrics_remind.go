package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// remindMetrics: what was reminded of in the last day, what became of the messages, what people answered, and what is to come in the next.
func remindMetrics(st *store.Store, log *slog.Logger) prometheus.Collector {
	descs := map[string]*prometheus.Desc{
		"planned":   prometheus.NewDesc("lianzhen_reminders_planned", "Appointments of which somebody is reminded in the next 24 hours.", []string{"status"}, nil),
		"reminders": prometheus.NewDesc("lianzhen_reminders_day", "Reminders of the last 24 hours: told, or skipped and why.", []string{"result"}, nil),
		"messages":  prometheus.NewDesc("lianzhen_reminder_messages_day", "Messages about appointments of the last 24 hours, by state; dead: given up.", []string{"state"}, nil),
		"answers":   prometheus.NewDesc("lianzhen_reminder_answers_day", "Answers of the last 24 hours, by side and answer.", []string{"answer"}, nil),
	}
	return collector{[]*prometheus.Desc{descs["planned"], descs["reminders"], descs["messages"], descs["answers"]}, func(out chan<- prometheus.Metric) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		rows, err := st.Q().ReminderFigures(ctx)
		if err != nil {
			log.Warn("reminder metrics", "error", err)
			return
		}
		for _, r := range rows {
			out <- prometheus.MustNewConstMetric(descs[r.What], prometheus.GaugeValue, float64(r.N), r.State)
		}
	}}
}
