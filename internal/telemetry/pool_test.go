package telemetry_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/lianzhen-health/lianzhen/internal/telemetry"
)

var _ telemetry.PoolStat = (*pgxpool.Stat)(nil)

type poolStat struct{}

func (poolStat) AcquiredConns() int32           { return 3 }
func (poolStat) IdleConns() int32               { return 4 }
func (poolStat) TotalConns() int32              { return 8 }
func (poolStat) MaxConns() int32                { return 10 }
func (poolStat) AcquireCount() int64            { return 100 }
func (poolStat) AcquireDuration() time.Duration { return 1500 * time.Millisecond }
func (poolStat) EmptyAcquireCount() int64       { return 5 }
func (poolStat) CanceledAcquireCount() int64    { return 1 }

func TestPoolCollector(t *testing.T) {
	const want = `
# HELP lianzhen_db_acquire_seconds_total Seconds spent on getting connections.
# TYPE lianzhen_db_acquire_seconds_total counter
lianzhen_db_acquire_seconds_total 1.5
# HELP lianzhen_db_connections Connections to the database, by what they do.
# TYPE lianzhen_db_connections gauge
lianzhen_db_connections{state="idle"} 4
lianzhen_db_connections{state="opening"} 1
lianzhen_db_connections{state="used"} 3
`
	c := telemetry.PoolCollector(func() poolStat { return poolStat{} })
	if err := testutil.CollectAndCompare(c, strings.NewReader(want), "lianzhen_db_acquire_seconds_total", "lianzhen_db_connections"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.CollectAndLint(c); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}
