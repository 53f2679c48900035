package demo

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestMain(m *testing.M) {
	testdb.Main(m, testdb.Migrate(os.DirFS("../store/migrations"), func(ctx context.Context, dsn string) error {
		_, err := store.Migrate(ctx, dsn)
		return err
	}))
}

type world struct {
	st   *store.Store
	keep *seal.Keeper
	id   *identity.Service
}

func newWorld(t *testing.T) world {
	t.Helper()
	st, err := store.Open(t.Context(), testdb.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	keep, err := identity.OpenKeeper(t.Context(), st, seal.NewKEK())
	if err != nil {
		t.Fatal(err)
	}
	id, err := identity.New(st, keep, identity.Config{HashCost: identity.HashCost{MemoryKiB: 64, Passes: 1, Lanes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return world{st, keep, id}
}

// now is a fixed afternoon, so that every step of the stories lies at a known hour.
func now() time.Time { return time.Date(2026, 9, 17, 7, 20, 0, 0, time.UTC) }
