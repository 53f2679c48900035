package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// PoolStat is what a database pool tells about itself; *pgxpool.Stat has these methods.
type PoolStat interface {
	AcquiredConns() int32
	IdleConns() int32
	TotalConns() int32
	MaxConns() int32
	AcquireCount() int64
	AcquireDuration() time.Duration
	EmptyAcquireCount() int64
	CanceledAcquireCount() int64
}

// poolCollector asks the pool each time the metrics are read.
type poolCollector[S PoolStat] struct {
	stat                                            func() S
	conns, limit, acquires, waits, cancels, seconds *prometheus.Desc
}

// PoolCollector gives the metrics of a database pool: lianzhen_db_connections{state}, lianzhen_db_connections_max,
// lianzhen_db_acquires_total, lianzhen_db_acquire_waits_total, lianzhen_db_acquire_cancels_total and
// lianzhen_db_acquire_seconds_total. Register it as PoolCollector(pool.Stat).
func PoolCollector[S PoolStat](stat func() S) prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("lianzhen_db_"+name, help, labels, nil)
	}
	return &poolCollector[S]{
		stat:     stat,
		conns:    desc("connections", "Connections to the database, by what they do.", "state"),
		limit:    desc("connections_max", "Connections that the pool may open."),
		acquires: desc("acquires_total", "Connections handed out."),
		waits:    desc("acquire_waits_total", "Connections that were waited for, because none was idle."),
		cancels:  desc("acquire_cancels_total", "Waits that were given up."),
		seconds:  desc("acquire_seconds_total", "Seconds spent on getting connections."),
	}
}

// Describe implements [prometheus.Collector].
func (c *poolCollector[S]) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements [prometheus.Collector].
func (c *poolCollector[S]) Collect(ch chan<- prometheus.Metric) {
	s := c.stat()
	gauge := func(d *prometheus.Desc, v int32, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	counter := func(d *prometheus.Desc, v float64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v)
	}
	gauge(c.conns, s.AcquiredConns(), "used")
	gauge(c.conns, s.IdleConns(), "idle")
	gauge(c.conns, max(0, s.TotalConns()-s.AcquiredConns()-s.IdleConns()), "opening")
	gauge(c.limit, s.MaxConns())
	counter(c.acquires, float64(s.AcquireCount()))
	counter(c.waits, float64(s.EmptyAcquireCount()))
	counter(c.cancels, float64(s.CanceledAcquireCount()))
	counter(c.seconds, s.AcquireDuration().Seconds())
}
