package bench

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// machine says in one line where a run took place.
func machine(ctx context.Context, pool *pgxpool.Pool, r redis.UniversalClient) string {
	var pg string
	if err := pool.QueryRow(ctx, "SHOW server_version").Scan(&pg); err != nil {
		pg = "unknown"
	}
	pg, _, _ = strings.Cut(pg, " ")
	version := "unknown"
	if info, err := r.Info(ctx, "server").Result(); err == nil {
		version = field(info, "redis_version:")
	}
	memory, _ := os.ReadFile("/proc/meminfo")
	return fmt.Sprintf("%d × %s, %s RAM, %s/%s, %s, PostgreSQL %s, Redis %s, load %.2f before",
		runtime.NumCPU(), processor(), field(string(memory), "MemTotal:"), runtime.GOOS, runtime.GOARCH, runtime.Version(), pg, version, loadAverage())
}

// loadAverage is how many processes waited for a processor over the last minute; 0 where the system does not say.
func loadAverage() float64 {
	text, _ := os.ReadFile("/proc/loadavg")
	now, _, _ := strings.Cut(string(text), " ")
	l, _ := strconv.ParseFloat(now, 64)
	return l
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	if name := strings.TrimLeft(field(string(text), "model name"), "\t: "); name != "" {
		return name
	}
	return "processor"
}

// field is the rest of the first line that begins with a name.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
