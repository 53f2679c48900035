package audit_test

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestMain(m *testing.M) {
	testdb.Main(m, testdb.Migrate(os.DirFS("../store/migrations"), func(ctx context.Context, dsn string) error {
		_, err := store.Migrate(ctx, dsn)
		return err
	}))
}

// record is a world with one consultation from the draft to the adoption, a photo, and readers of it.
type record struct {
	*caretest.World
	consultation contract.Consultation
}

func newRecord(t *testing.T) *record {
	t.Helper()
	w := caretest.New(t)
	c := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, c.Id)
	caretest.Must[contract.Attachment](w)(w.Care.AddPhoto(t.Context(), w.Nurse, uuid.New(), c.Id, bytes.NewReader(caretest.Signature())))
	c = w.Claim(w.Wang, w.Submit(w.Nurse, c.Id, "ROUTINE"))
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)
	c = w.Adopt(w.Attending, w.Sign(w.Wang, c, w.Content()))
	for _, reader := range []func() error{
		func() error { _, err := w.Care.GetConsultation(t.Context(), w.Attending, c.Id); return err },
		func() error { _, err := w.Care.GetResident(t.Context(), w.Nurse, w.Resident); return err },
	} {
		if err := reader(); err != nil {
			t.Fatal(err)
		}
	}
	return &record{w, c}
}

func (r *record) sequencer(node string) *audit.Sequencer {
	r.T.Helper()
	s, err := audit.NewSequencer(r.Store, r.Keeper, node, nil, nil)
	if err != nil {
		r.T.Fatal(err)
	}
	return s
}

// chain appends what waits.
func (r *record) chain() int {
	r.T.Helper()
	n, err := r.sequencer("one").Run(r.T.Context())
	if err != nil {
		r.T.Fatal(err)
	}
	return n
}

func (r *record) verify(o audit.Options) audit.Result {
	r.T.Helper()
	result, err := audit.Verify(r.T.Context(), r.Store, r.Keeper, o)
	if err != nil {
		r.T.Fatal(err)
	}
	return result
}

// intruder is a connection for which no trigger fires.
func (r *record) intruder() (conn *pgx.Conn, run func(sql string, args ...any)) {
	r.T.Helper()
	conn, err := pgx.ConnectConfig(r.T.Context(), r.Store.Pool.Config().ConnConfig)
	if err != nil {
		r.T.Fatal(err)
	}
	r.T.Cleanup(func() { _ = conn.Close(context.Background()) })
	run = func(sql string, args ...any) {
		r.T.Helper()
		tag, err := conn.Exec(r.T.Context(), sql, args...)
		if err != nil {
			r.T.Fatalf("%s: %v", sql, err)
		}
		if (tag.Update() || tag.Delete() || tag.Insert()) && tag.RowsAffected() == 0 {
			r.T.Fatalf("%s: touched nothing", sql)
		}
	}
	run("SET session_replication_role = replica")
	return conn, run
}
