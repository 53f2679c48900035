package retention_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/retention"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// record is one consultation of a resident to the end, with a photo, messages and readers.
func record(w *caretest.World, doctor identity.Actor, resident uuid.UUID) contract.Consultation {
	w.T.Helper()
	ctx := w.T.Context()
	c := w.Draft(w.Nurse, resident)
	w.Consent(w.Nurse, c.Id)
	caretest.Must[contract.Attachment](w)(w.Care.AddPhoto(ctx, w.Nurse, uuid.New(), c.Id, bytes.NewReader(caretest.Signature())))
	c = w.Claim(doctor, w.Submit(w.Nurse, c.Id, "ROUTINE"))
	caretest.Must[contract.Message](w)(w.Care.SendMessage(ctx, w.Nurse, uuid.New(), c.Id, contract.MessageInput{Id: uuid.New(), Body: "您好"}))
	w.Connect(w.Nurse, doctor, c).Talk(4 * time.Minute)
	c = w.Adopt(w.Attending, w.Sign(doctor, c, w.Content()))
	if _, err := w.Care.GetConsultation(ctx, w.Attending, c.Id); err != nil {
		w.T.Fatal(err)
	}
	return c
}

func chain(w *caretest.World) {
	w.T.Helper()
	s, err := audit.NewSequencer(w.Store, w.Keeper, "one", nil, nil)
	if err != nil {
		w.T.Fatal(err)
	}
	if _, err := s.Run(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
}

func verify(w *caretest.World) audit.Result {
	w.T.Helper()
	r, err := audit.Verify(w.T.Context(), w.Store, w.Keeper, audit.Options{})
	if err != nil {
		w.T.Fatal(err)
	}
	return r
}

func purge(w *caretest.World, now time.Time, dry bool) map[string]retention.Item {
	w.T.Helper()
	r, err := retention.Purge(w.T.Context(), w.Store, w.Keeper, retention.Options{Now: now, DryRun: dry, Batch: 2})
	if err != nil || len(r.Broken) > 0 {
		w.T.Fatal(r.Broken, err)
	}
	out := map[string]retention.Item{}
	for _, i := range r.Items {
		name := i.What
		if i.What == "record" && i.Class != "B" {
			name += " " + i.Class
		}
		out[name] = i
	}
	return out
}

// Records go as a whole when their time is over, and only then; what is sealed, who still lives there, and what inpatient records ask
// for stay. The chain holds before and after, and what went is named by a sealed manifest.
func TestRecords(t *testing.T) {
	w := caretest.New(t)
	gone, sealed, stays, inpatient := w.Resident, w.Second, w.Dement, w.ResidentOf(w.Home, "赵六", "9", "FULL")
	over := record(w, w.Wang, gone)
	held := record(w, w.Zhao, sealed)
	w.Exec(`INSERT INTO retention_services (service_type, class) VALUES ('TEST_INPATIENT', 'A')`)
	long := record(w, w.Wang, inpatient)
	w.Exec(`UPDATE consultations SET service_type = 'TEST_INPATIENT' WHERE id = $1`, long.Id)
	w.Exec(`UPDATE consultations SET state = 'SEALED' WHERE id = $1`, held.Id)
	left := caretest.Start().AddDate(0, 0, 10)
	w.Exec(`UPDATE residents SET left_on = $2 WHERE id = ANY ($1)`, []uuid.UUID{gone, sealed, inpatient}, left)
	chain(w)

	if i := purge(w, left.AddDate(14, 11, 0), false)["record"]; i.Count != 0 {
		t.Errorf("before their time: %+v", i)
	}
	due := left.AddDate(15, 1, 0)
	dry := purge(w, due, true)
	if i := dry["record"]; i.Count != 1 || i.Held != 1 || i.Rows["reports"] != 1 || i.Rows["blobs"] != 2 || i.Rows["access_log"] != 0 {
		t.Errorf("dry run: %+v", i)
	}
	if n := w.Count(`SELECT count(*) FROM residents WHERE id = $1`, gone); n != 1 {
		t.Fatal("the dry run deleted something")
	}
	accesses := w.Count(`SELECT count(*) FROM access_log WHERE resident_id = $1`, gone)
	if i := purge(w, due, false)["record"]; i.Count != 1 || i.Rows["reports"] != 1 {
		t.Errorf("purge: %+v", i)
	}
	for table, n := range dry["record"].Rows {
		if table != "residents" && n == 0 {
			t.Errorf("%s: none", table)
		}
	}
	for what, sql := range map[string]string{
		"resident": `SELECT count(*) FROM residents WHERE id = $1`, "consultations": `SELECT count(*) FROM consultations WHERE resident_id = $1`,
		"consents": `SELECT count(*) FROM consents WHERE resident_id = $1`, "attachments": `SELECT count(*) FROM attachments WHERE resident_id = $1`,
	} {
		if n := w.Count(sql, gone); n != 0 {
			t.Errorf("%s: %d are left", what, n)
		}
	}
	if n := w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1`, over.Id); n != 0 {
		t.Errorf("%d events are left", n)
	}
	if n := w.Count(`SELECT count(*) FROM blobs b WHERE NOT EXISTS (SELECT 1 FROM attachments a WHERE a.blob_key = b.key)`); n != 0 {
		t.Errorf("%d files belong to nobody", n)
	}
	if n := w.Count(`SELECT count(*) FROM residents WHERE id = ANY ($1)`, []uuid.UUID{sealed, stays, inpatient}); n != 3 {
		t.Errorf("%d of the others are there", n)
	}
	chain(w)
	if got := verify(w); !got.OK || got.Checked["manifest"] < 2 { // the record's, and those of what was older than three years
		t.Errorf("after the purge: %+v", got)
	}
	if n := w.Count(`SELECT count(*) FROM chain_entries e WHERE salt IS NOT NULL AND EXISTS (SELECT 1 FROM chain_entries x WHERE x.kind = 'tombstone' AND x.object = e.kind || '/' || e.object)`); n != 0 {
		t.Errorf("%d salts of purged rows are left", n)
	}
	if n := w.Count(`SELECT count(*) FROM access_log WHERE resident_id = $1`, gone); accesses == 0 || n != 0 && n != accesses {
		t.Errorf("%d accesses of %d", n, accesses)
	}
	before := w.Count(`SELECT count(*) FROM purge_manifests`)
	if i := purge(w, left.AddDate(29, 11, 0), false)["record A"]; i.Count != 0 {
		t.Errorf("the inpatient record before 30 years: %+v", i)
	}
	if i := purge(w, left.AddDate(30, 1, 0), false)["record A"]; i.Count != 1 || !i.Cutoff.Equal(left.AddDate(30, 1, 0).AddDate(-30, 0, 0)) {
		t.Errorf("the inpatient record after 30 years: %+v", i)
	}
	// Each manifest names the class by which it went.
	for class, want := range map[string]int{"A": 1, "B": 1} {
		if n := w.Count(`SELECT count(*) FROM purge_manifests WHERE convert_from(content, 'UTF8')::jsonb ->> 'what' = 'record' AND convert_from(content, 'UTF8')::jsonb ->> 'class' = $1`, class); n != want {
			t.Errorf("%d manifests of class %s, of %d", n, class, before)
		}
	}
	chain(w)
	if got := verify(w); !got.OK {
		t.Errorf("after the second purge: %+v", got.Faults)
	}

	// A row that somebody deletes under a tombstone of his own is not covered by it.
	w.Exec(`DO $$ BEGIN SET LOCAL lianzhen.purge = 'on'; DELETE FROM consultation_events WHERE id = (SELECT id FROM consultation_events ORDER BY id LIMIT 1); END $$`)
	w.Exec(`INSERT INTO chain_pending (kind, object) SELECT 'tombstone', 'event/' || e.object FROM chain_entries e WHERE e.kind = 'event' AND e.salt IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM consultation_events c WHERE c.id::text = e.object)`)
	chain(w)
	got := verify(w)
	if got.OK {
		t.Error("a deletion without a manifest was not found")
	}
	for _, f := range got.Faults {
		if f.Code != audit.FaultGone {
			t.Errorf("also %+v", f)
		}
	}
}

// Messages, accesses and logs go after times of their own; those of a sealed record stay.
func TestTables(t *testing.T) {
	w := caretest.New(t)
	record(w, w.Wang, w.Resident)
	held := record(w, w.Zhao, w.Second)
	w.Exec(`UPDATE consultations SET state = 'SEALED' WHERE id = $1`, held.Id)
	chain(w)
	start := caretest.Start()
	soon := purge(w, start.AddDate(2, 11, 0), false)
	if soon["chat_messages"].Count != 0 || soon["access_log"].Count != 0 || w.Count(`SELECT count(*) FROM notifications`) != 0 {
		t.Errorf("after less than three years: %+v", soon)
	}
	later := purge(w, start.AddDate(3, 1, 0), false)
	if i := later["chat_messages"]; i.Count != 1 || i.Held != 1 || i.Class != "C" {
		t.Errorf("messages after three years: %+v", i)
	}
	if n := w.Count(`SELECT count(*) FROM chat_messages WHERE consultation_id = $1`, held.Id); n != 1 {
		t.Errorf("%d messages of the sealed record", n)
	}
	all := w.Count(`SELECT count(*) FROM access_log`)
	of := w.Count(`SELECT count(*) FROM access_log WHERE resident_id = $1`, w.Second)
	last := purge(w, time.Now().AddDate(15, 1, 0), false)
	if i := last["access_log"]; i.Count != int64(all-of) || i.Held != int64(of) || of == 0 || i.Count == 0 {
		t.Errorf("accesses after 15 years: %+v, of %d with %d sealed", i, all, of)
	}
	chain(w)
	if got := verify(w); !got.OK {
		t.Errorf("after the purge: %+v", got.Faults)
	}
}

// One process purges at a time.
func TestOneAtATime(t *testing.T) {
	w := caretest.New(t)
	err := w.Store.Purging(t.Context(), func() error {
		_, err := retention.Purge(t.Context(), w.Store, w.Keeper, retention.Options{Now: caretest.Start()})
		return err
	})
	if err != store.ErrPurging {
		t.Errorf("got %v", err)
	}
}
