package sfu

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the relay's collectors. Packet and byte counts are kept in the meters of the tracks and added here by the
// control loop, so that readers on different processors do not share a counter.
type metrics struct {
	registry prometheus.Registerer
	rooms    prometheus.Gauge
	peers    prometheus.Gauge
	joins    *prometheus.CounterVec
	pli      prometheus.Counter
	packets  [2][numKinds]prometheus.Counter
	bytes    [2][numKinds]prometheus.Counter

	all []prometheus.Collector
}

// directions of metrics.packets and metrics.bytes
const (
	directionIn = iota
	directionOut
)

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	labels := []string{"direction", "kind"}
	packets := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "lianzhen_media_packets_total", Help: "RTP packets received from and sent to participants.",
	}, labels)
	bytes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "lianzhen_media_bytes_total", Help: "RTP bytes received from and sent to participants.",
	}, labels)
	m := &metrics{
		registry: registry,
		rooms: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "lianzhen_media_rooms", Help: "Rooms with at least one participant.",
		}),
		peers: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "lianzhen_media_peers", Help: "Participants whose connection is being made or up.",
		}),
		joins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianzhen_media_joins_total", Help: "Answered and refused joins by result code.",
		}, []string{"result"}),
		pli: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lianzhen_media_pli_total", Help: "Key frame requests sent to participants.",
		}),
	}
	for direction, name := range []string{"in", "out"} {
		for k := range numKinds {
			m.packets[direction][k] = packets.WithLabelValues(name, k.String())
			m.bytes[direction][k] = bytes.WithLabelValues(name, k.String())
		}
	}
	m.all = []prometheus.Collector{m.rooms, m.peers, m.joins, m.pli, packets, bytes}
	if registry == nil {
		return m, nil
	}
	for i, collector := range m.all {
		if err := registry.Register(collector); err != nil {
			for _, registered := range m.all[:i] {
				registry.Unregister(registered)
			}
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) unregister() {
	if m.registry == nil {
		return
	}
	for _, collector := range m.all {
		m.registry.Unregister(collector)
	}
}

func (m *metrics) joined(err error) {
	result := "ok"
	if err != nil {
		result = Code(err)
	}
	m.joins.WithLabelValues(result).Inc()
}

// tally adds what a meter has gained since the last tally.
type tally struct {
	in, out struct{ packets, bytes uint64 }
}

func (t *tally) add(to *metrics, k kind, m *meter) {
	count := func(counter prometheus.Counter, seen *uint64, now uint64) {
		counter.Add(float64(now - *seen))
		*seen = now
	}
	count(to.packets[directionIn][k], &t.in.packets, m.packets.Load())
	count(to.bytes[directionIn][k], &t.in.bytes, m.bytes.Load())
	count(to.packets[directionOut][k], &t.out.packets, m.outPackets.Load())
	count(to.bytes[directionOut][k], &t.out.bytes, m.outBytes.Load())
}
