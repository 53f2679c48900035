package signaling

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of the sockets of this node. Labels are names of this protocol, never what a client sent.
type metrics struct {
	registerer prometheus.Registerer
	all        []prometheus.Collector

	frames    *prometheus.CounterVec   // direction, type
	closes    *prometheus.CounterVec   // code
	queue     prometheus.Gauge         // bytes
	commands  *prometheus.CounterVec   // command, result
	seconds   *prometheus.HistogramVec // command
	resumes   *prometheus.CounterVec   // outcome
	replayed  prometheus.Counter
	repeats   prometheus.Counter
	delivered prometheus.Counter
	lag       prometheus.Gauge
}

func newMetrics(r prometheus.Registerer, h *Hub) (*metrics, error) {
	m := &metrics{
		registerer: r,
		frames: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianzhen_signaling_frames_total", Help: "Frames of sockets by direction (in, out) and type.",
		}, []string{"direction", "type"}),
		closes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianzhen_signaling_closes_total",
			Help: "Ended sockets by the code they were closed with; client when the client closed, lost when the connection broke.",
		}, []string{"code"}),
		queue: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "lianzhen_signaling_queue_bytes", Help: "Bytes that wait to be written to all sockets.",
		}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianzhen_signaling_commands_total", Help: "Commands carried out, by result: ok or the code of the refusal.",
		}, []string{"command", "result"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lianzhen_signaling_command_seconds", Help: "Seconds from the start of a command to its result.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"command"}),
		resumes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianzhen_signaling_resumes_total", Help: "Resumes by outcome: resumed, a reason of reload, or what else ended them.",
		}, []string{"outcome"}),
		replayed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lianzhen_signaling_replayed_events_total", Help: "Events that clients had missed and were told on a resume.",
		}),
		repeats: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lianzhen_signaling_repeated_events_total", Help: "Critical events that were written again for want of an ack.",
		}),
		delivered: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lianzhen_signaling_outbox_events_total", Help: "Outbox events that this node has read.",
		}),
		lag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "lianzhen_signaling_outbox_lag_seconds", Help: "Age of the newest outbox event when this node read it.",
		}),
	}
	sockets := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "lianzhen_signaling_sockets", Help: "Open sockets, those before their hello included.",
	}, func() float64 {
		h.mu.RLock()
		defer h.mu.RUnlock()
		return float64(len(h.sockets))
	})
	m.all = []prometheus.Collector{sockets, m.frames, m.closes, m.queue, m.commands, m.seconds, m.resumes, m.replayed,
		m.repeats, m.delivered, m.lag}
	if r == nil {
		return m, nil
	}
	var errs []error
	for _, c := range m.all {
		errs = append(errs, r.Register(c))
	}
	return m, errors.Join(errs...)
}

func (m *metrics) unregister() {
	if m.registerer == nil {
		return
	}
	for _, c := range m.all {
		m.registerer.Unregister(c)
	}
}
