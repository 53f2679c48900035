package timers_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"github.com/lianzhen-health/lianzhen/scheduler/timers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs ticks and gives a function that stops them and waits.
func start(t *testing.T, log *slog.Logger, r prometheus.Registerer, ticks ...timers.Tick) (stop func()) {
	t.Helper()
	x, err := timers.New(log, r, ticks...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- x.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// pass lets virtual time pass, and everything happen that is due.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestEveryInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		stop := start(t, nil, nil, timers.Tick{Name: "sweep", Every: time.Second, Run: func(context.Context) error {
			at = append(at, time.Now())
			return nil
		}})
		from := time.Now()
		pass(10 * time.Second)
		stop()
		if len(at) < 9 || len(at) > 10 {
			t.Fatalf("%d runs in ten seconds", len(at))
		}
		if d := at[0].Sub(from); d >= time.Second {
			t.Fatalf("the first run came after %v", d)
		}
		for i := 1; i < len(at); i++ {
			if d := at[i].Sub(at[i-1]); d != time.Second {
				t.Fatalf("run %d came after %v", i, d)
			}
		}
	})
}

func TestSlowRunDelaysOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quick, slow, running := 0, 0, 0
		stop := start(t, nil, nil,
			timers.Tick{Name: "slow", Every: time.Second, Limit: 5 * time.Second, Run: func(ctx context.Context) error {
				running++
				if running > 1 {
					t.Error("two runs at once")
				}
				<-ctx.Done()
				running--
				slow++
				return ctx.Err()
			}},
			timers.Tick{Name: "quick", Every: time.Second, Run: func(context.Context) error { quick++; return nil }})
		pass(21 * time.Second)
		stop()
		if quick < 20 || slow < 4 || slow > 5 {
			t.Fatalf("%d quick and %d slow runs", quick, slow)
		}
	})
}

func TestFailuresAndPanicsAreCountedAndSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg, n, enough := prometheus.NewRegistry(), 0, make(chan struct{})
		var text bytes.Buffer
		stop := start(t, slog.New(slog.NewTextHandler(&text, nil)), reg, timers.Tick{Name: "sweep", Every: time.Second,
			Run: func(context.Context) error {
				n++
				switch {
				case n <= 10:
					return errors.New("database away")
				case n == 11:
					panic("index out of range")
				case n == 14:
					close(enough)
				}
				return nil
			}})
		<-enough
		synctest.Wait()
		stop()
		want := `
# HELP lianzhen_timer_runs_total Runs of timers by result: ok, error or panic.
# TYPE lianzhen_timer_runs_total counter
lianzhen_timer_runs_total{result="error",timer="sweep"} 10
lianzhen_timer_runs_total{result="ok",timer="sweep"} 3
lianzhen_timer_runs_total{result="panic",timer="sweep"} 1
`
		if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "lianzhen_timer_runs_total"); err != nil {
			t.Error(err)
		}
		if failed, again := strings.Count(text.String(), "timers: failed"), strings.Count(text.String(), "works again"); failed != 1 || again != 1 {
			t.Errorf("said %d times that it failed and %d times that it works again:\n%s", failed, again, text.String())
		}
	})
}

func TestStopsCleanly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, ended := make(chan struct{}), false
		stop := start(t, nil, nil, timers.Tick{Name: "sweep", Every: time.Second, Run: func(ctx context.Context) error {
			close(began)
			<-ctx.Done()
			ended = true
			return ctx.Err()
		}})
		<-began
		stop()
		if !ended {
			t.Fatal("Run returned before the tick did")
		}
	})
}

func TestWrongTicksAreRefused(t *testing.T) {
	run := func(context.Context) error { return nil }
	for _, ticks := range [][]timers.Tick{
		{{Name: "", Every: time.Second, Run: run}},
		{{Name: "a", Run: run}},
		{{Name: "a", Every: time.Second}},
		{{Name: "a", Every: time.Second, Run: run}, {Name: "a", Every: time.Second, Run: run}},
	} {
		if _, err := timers.New(nil, nil, ticks...); err == nil {
			t.Errorf("accepted: %+v", ticks)
		}
	}
}
