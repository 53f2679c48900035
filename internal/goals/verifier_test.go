package goals_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/goals"
)

// A locked return in which anything was changed behind the program's back is found.
func TestVerifierFindsAChangedReturn(t *testing.T) {
	w := caretest.New(t)
	s, err := goals.New(goals.Deps{Store: w.Store, Keeper: w.Keeper, Now: w.Clock.Now, Months: w.Care})
	if err != nil {
		t.Fatal(err)
	}
	w.Offered(w.Nurse, w.Resident)
	w.Clock.Pass(40 * 24 * time.Hour)
	in := contract.GoalSnapshotInput{Kind: "M"}
	in.Day.Time = caretest.Start()
	made, err := s.CreateGoalSnapshot(t.Context(), w.HomeAdmin, uuid.New(), in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.LockGoalSnapshot(t.Context(), w.HomeAdmin, uuid.New(), made.Id); err != nil {
		t.Fatal(err)
	}
	faults := func() (n int) {
		checked, err := goals.NewVerifier(w.Store, w.Keeper).Verify(t.Context(), func(f audit.Fault) {
			n++
			if f.Code != audit.FaultSnapshot || f.Object != made.Id.String() || f.What == "" {
				t.Errorf("%+v", f)
			}
		})
		if err != nil || checked != 1 {
			t.Fatalf("%d were looked at, %v", checked, err)
		}
		return n
	}
	if n := faults(); n != 0 {
		t.Fatalf("%d faults in an untouched return", n)
	}
	for what, sql := range map[string][2]string{
		"a figure":   {`UPDATE snapshots SET figures = jsonb_set(figures, '{0,numerator}', '77')`, `UPDATE snapshots SET figures = (SELECT figures FROM kept)`},
		"the digest": {`UPDATE snapshots SET digest = set_byte(digest, 0, get_byte(digest, 0) # 1)`, `UPDATE snapshots SET digest = (SELECT digest FROM kept)`},
		"the seal":   {`UPDATE snapshots SET seal = set_byte(seal, 3, get_byte(seal, 3) # 1)`, `UPDATE snapshots SET seal = (SELECT seal FROM kept)`},
		"a row more": {`INSERT INTO snapshot_rows (snapshot_id, position, key, content) SELECT id, 1000, 'x', '{}' FROM snapshots`, `DELETE FROM snapshot_rows WHERE position = 1000`},
		"a row changed": {`UPDATE snapshot_rows SET content = jsonb_set(content, '{effective}', '99')`,
			`UPDATE snapshot_rows r SET content = k.content FROM kept_rows k WHERE k.snapshot_id = r.snapshot_id AND k.key = r.key`},
		"the period": {`UPDATE snapshots SET starts_on = starts_on + 31`, `UPDATE snapshots SET starts_on = (SELECT starts_on FROM kept)`},
	} {
		w.Exec(`CREATE TABLE IF NOT EXISTS kept AS TABLE snapshots`)
		w.Exec(`CREATE TABLE IF NOT EXISTS kept_rows AS TABLE snapshot_rows`)
		w.Exec(`SET session_replication_role = replica; ` + sql[0] + `; SET session_replication_role = origin`)
		if n := faults(); n != 1 {
			t.Errorf("%s: %d faults", what, n)
		}
		w.Exec(`SET session_replication_role = replica; ` + sql[1] + `; SET session_replication_role = origin`)
		if n := faults(); n != 0 {
			t.Fatalf("%s: %d faults after it was put back", what, n)
		}
	}
}
