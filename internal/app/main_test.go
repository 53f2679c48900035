package app

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

// serveEnv makes the test binary the program itself, so that tests can kill real processes of the code under test.
const serveEnv = "LIANZHEN_TEST_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) == "" {
		testdb.Main(m)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	c := Console{Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv}
	if err := Serve(ctx, c, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
