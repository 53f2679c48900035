package embedded_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/embedded"
)

// ownerEnv turns the test binary into an owner of servers that a test can kill.
const ownerEnv = "LIANZHEN_TEST_OWNER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerEnv); dir != "" {
		os.Exit(own(dir))
	}
	os.Exit(m.Run())
}

// own starts both servers, prints their process numbers and waits to be killed.
func own(dir string) int {
	pg, err := embedded.StartPostgres(context.Background(), embedded.Options{Dir: dir + "/pg"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	redis, err := embedded.StartRedis(context.Background(), embedded.Options{Dir: dir + "/redis"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(pg.PID(), redis.PID())
	select {
	case err := <-pg.Done():
		fmt.Fprintln(os.Stderr, err)
	case err := <-redis.Done():
		fmt.Fprintln(os.Stderr, err)
	}
	return 1
}
