package dossier_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/dossier"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// The export has everything of the resident in plain text, nothing of another, and a sealed manifest that fits.
func TestExport(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, c.Id)
	photo := caretest.Must[contract.Attachment](w)(w.Care.AddPhoto(ctx, w.Nurse, uuid.New(), c.Id, bytes.NewReader(caretest.Signature())))
	c = w.Claim(w.Wang, w.Submit(w.Nurse, c.Id, "ROUTINE"))
	caretest.Must[contract.Message](w)(w.Care.SendMessage(ctx, w.Nurse, uuid.New(), c.Id, contract.MessageInput{Id: uuid.New(), Body: "老人<今天>没有吃早饭"}))
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)
	w.Adopt(w.Attending, w.Sign(w.Wang, c, w.Content()))
	caretest.Must[contract.Consultation](w)(w.Care.GetConsultation(ctx, w.Attending, c.Id))
	other := w.Offered(w.Nurse, w.Second)
	// What a doctor only thinks so far, and who complained, are not the resident's to get.
	thought, phone := "可能是装病", "13800008888"
	next := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	draft := w.Content()
	draft.Assessment = &thought
	caretest.Must[contract.ReportDraft](w)(w.Care.SaveReportDraft(ctx, w.Wang, next.Id, contract.ReportDraftInput{Epoch: next.Epoch, Content: draft}))
	complainant := "隔壁的刘大爷"
	own, theirs := "家属来电说药没有送到", "家属在医院大厅与人争吵"
	for org, words := range map[uuid.UUID]string{w.Home: own, w.Hospital: theirs} {
		a := map[uuid.UUID]identity.Actor{w.Home: w.HomeAdmin, w.Hospital: w.HospitalAdmin}[org]
		caretest.Must[contract.Complaint](w)(w.Care.CreateComplaint(ctx, a, uuid.New(), contract.ComplaintInput{ConsultationId: &c.Id, Complainant: "FAMILY", Name: &complainant, Contact: &phone, Category: "WAITING", Content: words}))
	}

	write, err := w.Care.ExportResident(ctx, w.HomeAdmin, w.Resident, contract.ExportRequest{Reason: "本人书面申请"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := write(ctx, &out); err != nil {
		t.Fatal(err)
	}
	if n := w.Count(`SELECT count(*) FROM access_log WHERE action = 'exportResident' AND resident_id = $1 AND user_id = $2`, w.Resident, w.HomeAdmin.UserID); n != 1 {
		t.Errorf("noted %d times", n)
	}
	archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	content := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if content[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string][]string{
		"data/residents.json":     {`"张秀英"`, `"青霉素"`},
		"data/consultations.json": {`"今天说不舒服"`, c.Serial},
		"data/reports.json":       {"血压控制不佳", "I10"},
		"data/adoptions.json":     {"report_digest"},
		"data/chat_messages.json": {"没有吃早饭"}, "data/consents.json": {"张秀英"}, "data/access_log.json": {"getConsultation"},
		"data/consultation_events.json": {"SUBMIT"}, "data/media_intervals.json": {"audio_bytes"}, "data/guardians.json": nil, "data/complaints.json": {own},
		"index.html": {"张秀英", "血压控制不佳", "老人&lt;今天&gt;没有吃早饭", "files/" + photo.Id.String()},
	} {
		if want != nil && content[name] == nil {
			t.Errorf("no %s", name)
		}
		for _, s := range want {
			if !bytes.Contains(content[name], []byte(s)) {
				t.Errorf("%s lacks %q", name, s)
			}
		}
	}
	for name, b := range content {
		for _, foreign := range []string{other.Id.String(), other.Serial, w.Second.String(), theirs, thought, phone, complainant, "report_drafts", "_enc", "_hmac", "unreadable"} {
			if bytes.Contains(b, []byte(foreign)) {
				t.Errorf("%s holds %q", name, foreign)
			}
		}
	}
	var sealed dossier.Sealed
	var manifest dossier.Manifest
	if err := json.Unmarshal(content["manifest.json"], &sealed); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(sealed.Manifest, &manifest); err != nil {
		t.Fatal(err)
	}
	canonical, err := consult.CanonicalJSON(sealed.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(canonical)
	signature, err := hex.DecodeString(sealed.Signature)
	if err != nil || w.Keeper.VerifySeal(sealed.KID, digest[:], signature) != nil || manifest.Organisation != "阳光颐养院" {
		t.Errorf("the manifest's seal: %v", err)
	}
	files := 0
	for name, b := range content {
		if name == "manifest.json" {
			continue
		}
		sum := sha256.Sum256(b)
		if manifest.Files[name] != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: the manifest has another hash", name)
		}
		if strings.HasPrefix(name, "files/") {
			files++
		}
	}
	if files != 3 || len(manifest.Files) != len(content)-1 {
		t.Errorf("%d files, %d entries in the manifest of %d", files, len(manifest.Files), len(content))
	}
}

// A call in which another resident's consultation took part stays out, with its people.
func TestASharedCallStaysOut(t *testing.T) {
	w := caretest.New(t)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(time.Minute)
	other := w.Draft(w.Nurse, w.Second)
	w.Exec(`UPDATE call_consultations SET until = since + interval '1 minute' WHERE call_id = $1`, talk.Call)
	w.Exec(`INSERT INTO call_consultations (call_id, consultation_id, since) VALUES ($1, $2, now())`, talk.Call, other.Id)
	var out bytes.Buffer
	if err := dossier.Write(t.Context(), &out, w.Store, w.Keeper, dossier.About{Resident: w.Resident, At: w.Clock.Now()}); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.File {
		if f.Name == "data/calls.json" || f.Name == "data/participants.json" {
			t.Errorf("%s is in it", f.Name)
		}
	}
}
