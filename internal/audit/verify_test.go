package audit_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/audit"
)

// protected are the tables that an intruder may want to change.
var protected = []string{"consultation_events", "reports", "adoptions", "attachments", "blobs", "consents", "access_log", "chain_entries", "chain_heads", "chain_checkpoints"}

// Every byte that is changed behind the program's back is found, by its name, and nothing else is blamed.
func TestVerifyFindsWhatWasChanged(t *testing.T) {
	r := newRecord(t)
	if n := r.chain(); n == 0 {
		t.Fatal("nothing was chained")
	}
	checkpoint, made, err := audit.MakeCheckpoint(t.Context(), r.Store, r.Keeper)
	if err != nil || !made {
		t.Fatalf("checkpoint: %v, made %v", err, made)
	}
	whole := r.verify(audit.Options{Checkpoint: &checkpoint})
	if !whole.OK || whole.Found != 0 || whole.Waiting != 0 {
		t.Fatalf("untouched: %+v", whole)
	}
	for _, kind := range []string{"event", "report", "adoption", "attachment", "blob", "consent", "access", "seal", "file"} {
		if whole.Checked[kind] == 0 {
			t.Errorf("no %s was looked at", kind)
		}
	}
	intruder, intrude := r.intruder()
	for _, table := range protected {
		intrude(fmt.Sprintf("CREATE TABLE kept_%s AS TABLE %s", table, table))
	}
	flip := func(column string, at int) string {
		return fmt.Sprintf("%[1]s = set_byte(%[1]s, %[2]d, get_byte(%[1]s, %[2]d) # 1)", column, at)
	}
	last := "(SELECT seq FROM chain_heads WHERE organisation_id = '" + r.Home.String() + "')"
	home := "organisation_id = '" + r.Home.String() + "'"
	for _, c := range []struct {
		name string
		sql  []string
		want []string // codes, each at least once; no others
	}{
		{"an event's type", []string{"UPDATE consultation_events SET type = overlay(type placing 'X' from 1 for 1) WHERE seq = 2"}, []string{"changed"}},
		{"an event's data", []string{`UPDATE consultation_events SET data = data || '{"x": 1}' WHERE seq = 3`}, []string{"changed"}},
		{"an event's instant", []string{"UPDATE consultation_events SET at = at - interval '1 microsecond' WHERE seq = 4"}, []string{"changed"}},
		{"an event's actor", []string{"UPDATE consultation_events SET actor_id = NULL WHERE seq = 2"}, []string{"changed"}},
		{"an event is taken out", []string{"DELETE FROM consultation_events WHERE seq = 3"}, []string{"gone"}},
		{"a report's content", []string{"UPDATE reports SET " + flip("content_enc", 60)}, []string{"unreadable"}},
		{"a report's nonce", []string{"UPDATE reports SET " + flip("content_enc", 20)}, []string{"unreadable"}},
		{"a report's digest", []string{"UPDATE reports SET " + flip("digest", 0)}, []string{"changed", "digest"}},
		{"a report's seal", []string{"UPDATE reports SET " + flip("seal", 5)}, []string{"changed", "seal"}},
		{"a report's author", []string{"UPDATE reports SET author_id = '" + r.Zhao.UserID.String() + "'"}, []string{"changed"}},
		{"a report is taken out", []string{"DELETE FROM reports"}, []string{"gone"}},
		{"an adoption's content", []string{"UPDATE adoptions SET " + flip("content_enc", 50)}, []string{"unreadable"}},
		{"an adoption's instant", []string{"UPDATE adoptions SET signed_at = signed_at + interval '1 day'"}, []string{"changed"}},
		{"a photo's stored bytes", []string{"UPDATE blobs SET " + flip("content", 90) + " WHERE key = (SELECT blob_key FROM attachments WHERE kind = 'PHOTO')"}, []string{"changed", "file"}},
		{"a photo's hash", []string{"UPDATE attachments SET " + flip("sha256", 1) + " WHERE kind = 'PHOTO'"}, []string{"changed", "file"}},
		{"a photo's file is taken out", []string{"DELETE FROM blobs WHERE key = (SELECT blob_key FROM attachments WHERE kind = 'PHOTO')"}, []string{"gone", "file"}},
		{"one photo in the place of another", []string{`UPDATE blobs SET content = (SELECT b.content FROM blobs b JOIN attachments a ON a.blob_key = b.key WHERE a.kind = 'SIGNATURE')
			WHERE key = (SELECT blob_key FROM attachments WHERE kind = 'PHOTO')`}, []string{"changed", "file"}},
		{"who signed a consent", []string{"UPDATE consents SET signer_kind = 'LEGAL_GUARDIAN'"}, []string{"changed"}},
		{"the name under a consent", []string{"UPDATE consents SET " + flip("signer_name_enc", 45)}, []string{"unreadable"}},
		{"a tick of a consent", []string{"UPDATE consents SET tick_recording = NOT tick_recording"}, []string{"changed"}},
		{"a consent's validity", []string{"UPDATE consents SET valid_until = valid_until + interval '1 year'"}, []string{"changed"}},
		{"a withdrawal that nobody recorded", []string{"UPDATE consents SET withdrawn_at = now()"}, []string{"unchained"}},
		{"who read", []string{"UPDATE access_log SET user_id = '" + r.Zhao.UserID.String() + "' WHERE action = 'getResident'"}, []string{"changed"}},
		{"what a reader got", []string{"UPDATE access_log SET result = 'OK ' WHERE action = 'getResident'"}, []string{"changed"}},
		{"an access is taken out", []string{"DELETE FROM access_log WHERE action = 'getResident'"}, []string{"gone"}},
		{"an access is slipped in", []string{"INSERT INTO access_log (id, action, object_type) VALUES ('00000000-0000-0000-0000-000000000001', 'getResident', 'resident')"}, []string{"unchained"}},
		{"an event is moved to another consultation", []string{"UPDATE consultation_events SET consultation_id = '00000000-0000-0000-0000-000000000002' WHERE seq = 2"}, []string{"gone"}},
		{"an entry's commitment", []string{"UPDATE chain_entries SET " + flip("commitment", 3) + " WHERE seq = 2 AND " + home}, []string{"link", "changed"}},
		{"an entry's hash", []string{"UPDATE chain_entries SET " + flip("hash", 3) + " WHERE seq = 2 AND " + home}, []string{"link"}},
		{"an entry's salt", []string{"UPDATE chain_entries SET salt = NULL WHERE seq = 2 AND " + home}, []string{"link"}},
		{"an entry speaks for fewer columns", []string{"INSERT INTO chain_shapes (kind, columns) VALUES ('event', '{id}')",
			"UPDATE chain_entries SET shape = (SELECT max(id) FROM chain_shapes) WHERE kind = 'event' AND seq = 1 AND " + home}, []string{"link", "changed"}},
		{"an entry is taken out", []string{"DELETE FROM chain_entries WHERE seq = 2 AND " + home}, []string{"gap", "unchained"}},
		{"a tail is cut off", []string{"DELETE FROM chain_entries WHERE seq = " + last + " AND " + home}, []string{"head", "unchained", "cut"}},
		{"a tail is cut off, with its head", []string{"DELETE FROM chain_entries WHERE seq = " + last + " AND " + home,
			"UPDATE chain_heads h SET seq = seq - 1, hash = (SELECT e.hash FROM chain_entries e WHERE e.organisation_id = h.organisation_id AND e.seq = h.seq - 1) WHERE " + home}, []string{"unchained", "cut"}},
		{"a chain's head", []string{"DELETE FROM chain_heads WHERE " + home}, []string{"head"}},
		{"a checkpoint", []string{"UPDATE chain_checkpoints SET at = at, content = convert_to(replace(convert_from(content, 'UTF8'), '\"previous\":\"\"', '\"previous\":\"00\"'), 'UTF8')"}, []string{"checkpoint"}},
	} {
		for _, sql := range c.sql {
			intrude(sql)
		}
		got := r.verify(audit.Options{})
		codes := map[string]int{}
		for _, f := range got.Faults {
			codes[f.Code]++
			if f.What == "" {
				t.Errorf("%s: a fault without words: %+v", c.name, f)
			}
		}
		for _, code := range c.want {
			if codes[code] == 0 {
				t.Errorf("%s: no fault %q in %v", c.name, code, got.Faults)
			}
			delete(codes, code)
		}
		if got.OK || len(codes) > 0 {
			t.Errorf("%s: also %v, OK %v", c.name, codes, got.OK)
		}
		for _, table := range protected {
			if _, err := intruder.Exec(t.Context(), fmt.Sprintf("DELETE FROM %[1]s; INSERT INTO %[1]s SELECT * FROM kept_%[1]s", table)); err != nil {
				t.Fatal(err)
			}
		}
		if again := r.verify(audit.Options{Checkpoint: &checkpoint}); !again.OK {
			t.Fatalf("%s: after everything was put back: %+v", c.name, again.Faults)
		}
	}
}

// Whoever cuts a tail with everything that it speaks for, and the checkpoints of the database, is found by a checkpoint that lies
// elsewhere.
func TestACheckpointOutsideFindsACutTail(t *testing.T) {
	r := newRecord(t)
	r.chain()
	checkpoint, _, err := audit.MakeCheckpoint(t.Context(), r.Store, r.Keeper)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(checkpoint, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	carried, err := audit.ReadCheckpoint(text)
	if err != nil {
		t.Fatal(err)
	}
	_, intrude := r.intruder()
	home := "organisation_id = '" + r.Home.String() + "'"
	intrude("DELETE FROM access_log WHERE id::text = (SELECT object FROM chain_entries WHERE kind = 'access' AND " + home + " ORDER BY seq DESC LIMIT 1)")
	intrude("DELETE FROM chain_entries WHERE seq = (SELECT seq FROM chain_heads WHERE " + home + ") AND " + home)
	intrude("UPDATE chain_heads h SET seq = seq - 1, hash = (SELECT e.hash FROM chain_entries e WHERE e.organisation_id = h.organisation_id AND e.seq = h.seq - 1) WHERE " + home)
	intrude("DELETE FROM chain_checkpoints")
	if got := r.verify(audit.Options{}); !got.OK {
		t.Fatalf("this test's cut leaves traces in the database itself: %+v", got.Faults)
	}
	got := r.verify(audit.Options{Checkpoint: &carried})
	if got.Found != 1 || got.Faults[0].Code != audit.FaultCut || !strings.Contains(got.Faults[0].What, "阳光颐养院") || !strings.Contains(got.Faults[0].What, "cut off") {
		t.Errorf("with the checkpoint: %+v", got.Faults)
	}

	forged := carried
	forged.Content = []byte(strings.Replace(string(forged.Content), `"seq":`, `"seq":1`, 1))
	if got := r.verify(audit.Options{Checkpoint: &forged}); got.Found != 1 || got.Faults[0].Code != audit.FaultCheckpoint {
		t.Errorf("a forged checkpoint: %+v", got.Faults)
	}
	other := newRecord(t)
	other.chain()
	foreign, _, err := audit.MakeCheckpoint(t.Context(), other.Store, other.Keeper)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.verify(audit.Options{Checkpoint: &foreign}); got.Found != 1 || got.Faults[0].Code != audit.FaultCheckpoint {
		t.Errorf("a checkpoint of another installation: %+v", got.Faults)
	}
	if _, err := audit.ReadCheckpoint([]byte(`{"checkpoint": {}}`)); err == nil {
		t.Error("read what is no checkpoint")
	}
}

// The database itself refuses what the program does not do.
func TestTheDatabaseRefusesChanges(t *testing.T) {
	r := newRecord(t)
	r.chain()
	if _, _, err := audit.MakeCheckpoint(t.Context(), r.Store, r.Keeper); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"UPDATE consultation_events SET type = 'X'", "DELETE FROM consultation_events", "UPDATE reports SET version = 2", "DELETE FROM reports",
		"UPDATE adoptions SET signed_at = now()", "DELETE FROM adoptions", "UPDATE attachments SET size = 1", "DELETE FROM attachments",
		"UPDATE blobs SET content = '\\x00'", "DELETE FROM blobs", "UPDATE consents SET relation = 'X'", "DELETE FROM consents",
		"UPDATE access_log SET result = 'X'", "DELETE FROM access_log", "UPDATE chain_entries SET kind = 'X'", "DELETE FROM chain_entries",
		"UPDATE chain_checkpoints SET kid = 'X'", "SET LOCAL lianzhen.reseal = 'on'; UPDATE reports SET version = 2",
		"SET LOCAL lianzhen.reseal = 'on'; UPDATE consultation_events SET type = 'X'",
	} {
		if _, err := r.Store.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("done: %s", sql)
		}
	}
}

// A consent's withdrawal is a link of its own, and undoing it is found.
func TestWithdrawalsAreChained(t *testing.T) {
	r := newRecord(t)
	r.chain()
	r.Exec("UPDATE consents SET withdrawn_at = now()")
	if n := r.chain(); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
	if got := r.verify(audit.Options{}); !got.OK || got.Checked["withdrawal"] != 1 {
		t.Errorf("after a withdrawal: %+v", got)
	}
	_, intrude := r.intruder()
	intrude("UPDATE consents SET withdrawn_at = NULL")
	if got := r.verify(audit.Options{}); got.Found != 1 || got.Faults[0].Kind != "withdrawal" {
		t.Errorf("after the withdrawal was undone: %+v", got.Faults)
	}
}

// Other packages bring what they keep.
func TestVerifiersAreAsked(t *testing.T) {
	r := newRecord(t)
	r.chain()
	got := r.verify(audit.Options{Verifiers: []audit.Verifier{stub{}}})
	if got.OK || got.Checked["stubs"] != 3 || got.Found != 1 || got.Faults[0].Code != audit.FaultSnapshot {
		t.Errorf("%+v", got)
	}
}
