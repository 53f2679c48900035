package remind_test

import (
	"context"
	"os"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestMain(m *testing.M) {
	testdb.Main(m, testdb.Migrate(os.DirFS("../store/migrations"), func(ctx context.Context, dsn string) error {
		_, err := store.Migrate(ctx, dsn)
		return err
	}))
}
