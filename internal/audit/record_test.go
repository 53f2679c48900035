package audit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/audit"
)

// A record is proved by itself: what is broken in it is found, another record of the same chain is not blamed for it, and the doubts of
// the proof of everything name the same record.
func TestARecordIsProved(t *testing.T) {
	r := newRecord(t)
	other := r.Claim(r.Zhao, r.Offered(r.Nurse, r.Second))
	r.Connect(r.Nurse, r.Zhao, other).Talk(4 * time.Minute)
	r.Sign(r.Zhao, other, r.Content())
	prove := func(id uuid.UUID) audit.Proof {
		t.Helper()
		p, err := audit.ProveRecord(t.Context(), r.Store.Q(), r.Keeper, id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := prove(r.consultation.Id); p.Found != 0 || p.Waiting == 0 || p.Entries != 0 {
		t.Errorf("before anything was chained: %+v", p)
	}
	r.chain()
	if p := prove(r.consultation.Id); p.Found != 0 || p.Waiting != 0 || p.Entries < 10 || p.CoveredAt != nil {
		t.Errorf("before the first checkpoint: %+v", p)
	}
	if _, made, err := audit.MakeCheckpoint(t.Context(), r.Store, r.Keeper); err != nil || !made {
		t.Fatalf("checkpoint: %v, %v", made, err)
	}
	for _, id := range []uuid.UUID{r.consultation.Id, other.Id} {
		if p := prove(id); p.Found != 0 || p.CoveredAt == nil || len(p.Codes()) != 0 {
			t.Fatalf("covered: %+v", p)
		}
	}

	intruder, intrude := r.intruder()
	for _, table := range protected {
		intrude(fmt.Sprintf("CREATE TABLE kept_%s AS TABLE %s", table, table))
	}
	mine := "consultation_id = '" + r.consultation.Id.String() + "'"
	subject := "subject = '" + r.consultation.Id.String() + "'"
	event := "SELECT object FROM chain_entries WHERE kind = 'event' AND " + subject + " ORDER BY seq LIMIT 1 OFFSET 2"
	for _, c := range []struct {
		name string
		sql  []string
		want []string // codes of the record's proof
		also bool     // the other record cannot be proved either
	}{
		{"an event's data", []string{`UPDATE consultation_events SET data = data || '{"x": 1}' WHERE seq = 3 AND ` + mine}, []string{"changed"}, false},
		{"an event is taken out", []string{"DELETE FROM consultation_events WHERE seq = 3 AND " + mine}, []string{"gone"}, false},
		{"the last event is taken out", []string{"DELETE FROM consultation_events WHERE seq = (SELECT max(seq) FROM consultation_events WHERE " + mine + ") AND " + mine}, []string{"gone"}, false},
		{"an event is taken out with its entry's subject", []string{"UPDATE chain_entries SET subject = NULL WHERE object = (" + event + ")",
			"DELETE FROM consultation_events WHERE seq = 3 AND " + mine}, []string{"gone"}, false},
		{"an event is slipped in", []string{"INSERT INTO consultation_events (id, consultation_id, seq, type, epoch) SELECT '00000000-0000-0000-0000-000000000003'::uuid, consultation_id, max(seq) + 1, 'JOINED', 0 FROM consultation_events WHERE " + mine + " GROUP BY 1, 2"}, []string{"unchained"}, false},
		{"an event is moved here", []string{"UPDATE consultation_events SET " + mine + ", seq = 1000 WHERE consultation_id = '" + other.Id.String() + "' AND seq = 3"}, []string{"changed", "gone"}, true},
		{"a report's digest", []string{"UPDATE reports SET digest = sha256('x') WHERE " + mine}, []string{"changed", "digest"}, false},
		{"an adoption is taken out", []string{"DELETE FROM adoptions WHERE " + mine}, []string{"gone"}, false},
		{"a photo's file", []string{"UPDATE blobs SET content = content || '\\x00' WHERE key = (SELECT blob_key FROM attachments WHERE kind = 'PHOTO')"}, []string{"changed", "file"}, false},
		{"a consent's validity", []string{"UPDATE consents SET valid_until = valid_until + interval '1 year' WHERE " + mine}, []string{"changed"}, false},
		{"an entry's commitment", []string{"UPDATE chain_entries SET commitment = sha256('x') WHERE object = (" + event + ")"}, []string{"changed", "link"}, false},
		{"an entry is taken out", []string{"DELETE FROM chain_entries WHERE object = (" + event + ")"}, []string{"gap", "unchained"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, sql := range c.sql {
				intrude(sql)
			}
			if got := prove(r.consultation.Id); !slices.Equal(got.Codes(), c.want) || got.Found < len(c.want) {
				t.Errorf("found %v, want %v: %+v", got.Codes(), c.want, got.Faults)
			}
			if got := prove(other.Id); (got.Found > 0) != c.also {
				t.Errorf("the other record: %+v", got.Faults)
			}
			var doubts audit.Doubts
			r.verify(audit.Options{Told: doubts.Tell})
			records, err := doubts.Records(t.Context(), r.Store.Q())
			if err != nil || !slices.Contains(records, r.consultation.Id) {
				t.Errorf("in doubt are %v, %v", records, err)
			}
			for _, table := range protected {
				if _, err := intruder.Exec(t.Context(), fmt.Sprintf("DELETE FROM %[1]s; INSERT INTO %[1]s SELECT * FROM kept_%[1]s", table)); err != nil {
					t.Fatal(err)
				}
			}
			if got := prove(r.consultation.Id); got.Found != 0 {
				t.Fatalf("after everything was put back: %+v", got.Faults)
			}
		})
	}
}

// A chain that was calculated anew from some entry on does not fit the checkpoint: the records whose entries lie between it and the
// checkpoint before cannot be proved; older ones can.
func TestAChainThatWasCalculatedAnew(t *testing.T) {
	r := newRecord(t)
	r.chain()
	if _, _, err := audit.MakeCheckpoint(t.Context(), r.Store, r.Keeper); err != nil {
		t.Fatal(err)
	}
	later := r.Claim(r.Zhao, r.Offered(r.Nurse, r.Second))
	r.chain()
	if _, made, err := audit.MakeCheckpoint(t.Context(), r.Store, r.Keeper); err != nil || !made {
		t.Fatal(made, err)
	}
	_, intrude := r.intruder()
	intrude("DELETE FROM consultation_events WHERE seq = 2 AND consultation_id = '" + later.Id.String() + "'")
	intrude("UPDATE consultation_events SET seq = seq - 1 WHERE seq > 2 AND consultation_id = '" + later.Id.String() + "'")
	intrude("DELETE FROM chain_entries WHERE organisation_id = $1 AND seq > (SELECT min(seq) FROM chain_entries WHERE subject = $2) - 1", r.Home, later.Id)
	intrude("UPDATE chain_heads h SET seq = x.seq, hash = x.hash FROM (SELECT seq, hash FROM chain_entries WHERE organisation_id = $1 ORDER BY seq DESC LIMIT 1) x WHERE h.organisation_id = $1", r.Home)
	intrude("INSERT INTO chain_pending (kind, object) SELECT 'event', id::text FROM consultation_events WHERE consultation_id = $1 ORDER BY seq", later.Id)
	intrude("INSERT INTO chain_pending (kind, object) SELECT 'consent', consent_id::text FROM consultations WHERE id = $1", later.Id)
	intrude("INSERT INTO chain_pending (kind, object) SELECT 'attachment', id::text FROM attachments WHERE consultation_id = $1", later.Id)
	intrude("INSERT INTO chain_pending (kind, object) SELECT 'blob', blob_key FROM attachments WHERE consultation_id = $1", later.Id)
	r.chain()
	p, err := audit.ProveRecord(t.Context(), r.Store.Q(), r.Keeper, later.Id)
	if err != nil || !slices.Contains(p.Codes(), audit.FaultCut) {
		t.Errorf("calculated anew: %v, %v", p.Codes(), err)
	}
	if p, err := audit.ProveRecord(t.Context(), r.Store.Q(), r.Keeper, r.consultation.Id); err != nil || p.Found != 0 || p.CoveredAt == nil {
		t.Errorf("the older record: %+v, %v", p, err)
	}
	var doubts audit.Doubts
	r.verify(audit.Options{Told: doubts.Tell})
	records, err := doubts.Records(t.Context(), r.Store.Q())
	if err != nil || !slices.Contains(records, later.Id) || slices.Contains(records, r.consultation.Id) {
		t.Errorf("in doubt are %v, %v", records, err)
	}
}
