package cluster

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of a node. Without a registry they count for nobody.
type metrics struct {
	reg      prometheus.Registerer
	all      []prometheus.Collector
	terms    prometheus.Counter
	buried   prometheus.Counter
	requests *prometheus.CounterVec
	answers  *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, c *Cluster) *metrics {
	m := &metrics{
		reg: reg,
		terms: prometheus.NewCounter(prometheus.CounterOpts{Name: "lianzhen_node_rebirths_total",
			Help: "Times that this node found itself taken for dead and began anew."}),
		buried: prometheus.NewCounter(prometheus.CounterOpts{Name: "lianzhen_nodes_buried_total", Help: "Silent nodes that this node took for dead."}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lianzhen_node_requests_total",
			Help: "Requests of this node to others, by subject and outcome."}, []string{"subject", "outcome"}),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lianzhen_node_answers_total",
			Help: "Requests of other nodes to this one, by subject and outcome."}, []string{"subject", "outcome"}),
	}
	nodes := func(draining bool) func() float64 {
		return func() (n float64) {
			for _, node := range c.Nodes() {
				if node.Draining == draining {
					n++
				}
			}
			return n
		}
	}
	gauge := func(name, help, state string, value func() float64) prometheus.Collector {
		o := prometheus.GaugeOpts{Name: name, Help: help}
		if state != "" {
			o.ConstLabels = prometheus.Labels{"state": state}
		}
		return prometheus.NewGaugeFunc(o, value)
	}
	const help = "Nodes that live, as this one sees it, by state."
	m.all = []prometheus.Collector{m.terms, m.buried, m.requests, m.answers,
		gauge("lianzhen_nodes", help, "alive", nodes(false)), gauge("lianzhen_nodes", help, "draining", nodes(true)),
		gauge("lianzhen_call_leases", "Calls whose room this node carries, also those that nobody is in.", "", func() float64 { return float64(len(c.Leases())) })}
	if reg != nil {
		reg.MustRegister(m.all...)
	}
	return m
}

func (m *metrics) requested(subject string, err error) {
	outcome := "ok"
	switch {
	case errors.Is(err, ErrGone):
		outcome = "gone"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		outcome = "late"
	case err != nil:
		outcome = "failed"
	}
	m.requests.WithLabelValues(subject, outcome).Inc()
}

func (m *metrics) answered(subject, outcome string) {
	m.answers.WithLabelValues(subject, outcome).Inc()
}

func (m *metrics) unregister() {
	if m.reg == nil {
		return
	}
	for _, c := range m.all {
		m.reg.Unregister(c)
	}
}
