package care_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// counted is a consultation that counts, adopted.
func counted(t *testing.T, w *caretest.World) contract.Consultation {
	t.Helper()
	w.Identify(w.Resident)
	videoCounts(t, w)
	c := accompanied(t, w, w.Resident)
	c = w.Adopt(w.Attending, must(w.Care.GetConsultation(t.Context(), w.Attending, c.Id))(t))
	is(t, "counts", rules(answer(t, w, w.HomeAdmin, c.Id)), "")
	return c
}

// What the hash chain says of a record decides whether it counts (NC18): an event that was changed behind the program's back is found by
// the proof, which the sweep follows; put back, it counts again.
func TestABrokenRecordDoesNotCount(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := counted(t, w)
	chain, err := audit.NewSequencer(w.Store, w.Keeper, "one", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	must(chain.Run(ctx))(t)
	if _, _, err := audit.MakeCheckpoint(ctx, w.Store, w.Keeper); err != nil {
		t.Fatal(err)
	}
	proof := must(w.Care.ProveRecord(ctx, w.HomeAdmin, c.Id))(t)
	if !proof.Holds || proof.Entries == 0 || proof.CoveredAt == nil || len(proof.Faults) != 0 {
		t.Errorf("untouched: %+v", proof)
	}
	is(t, "audited", w.Count(`SELECT count(*) FROM access_log WHERE action = 'proveRecord' AND object_id = $1`, c.Id), 1)
	_, err = w.Care.ProveRecord(ctx, w.StrangerNurse, c.Id)
	refused(t, err, "not_found")

	conn, err := pgx.ConnectConfig(ctx, w.Store.Pool.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	intrude := func(sql string) {
		t.Helper()
		if tag, err := conn.Exec(ctx, sql, c.Id); err != nil || tag.RowsAffected() != 1 {
			t.Fatalf("%s: %v, %v", sql, tag, err)
		}
	}
	if _, err := conn.Exec(ctx, "SET session_replication_role = replica"); err != nil {
		t.Fatal(err)
	}
	intrude(`UPDATE consultation_events SET at = at - interval '1 hour' WHERE consultation_id = $1 AND type = 'START'`)
	is(t, "nobody has looked", rules(answer(t, w, w.HomeAdmin, c.Id)), "")
	if err := w.Care.ProveDoubted(ctx, []uuid.UUID{c.Id}); err != nil {
		t.Fatal(err)
	}
	must(w.Care.Sweep(ctx))(t)
	is(t, "found", rules(answer(t, w, w.HomeAdmin, c.Id)), "NC18")
	v := must(w.Care.GetCountability(ctx, w.HomeAdmin, c.Id))(t)
	if v.Proof == nil || v.Proof.Holds || len(v.Proof.Faults) != 1 || v.Proof.Faults[0].Message != "有内容与入链时不一致" {
		t.Errorf("in words: %+v", v.Proof)
	}
	intrude(`UPDATE consultation_events SET at = at + interval '1 hour' WHERE consultation_id = $1 AND type = 'START'`)
	if err := w.Care.ProveDoubted(ctx, nil); err != nil { // the next proof of everything found nothing
		t.Fatal(err)
	}
	must(w.Care.Sweep(ctx))(t)
	is(t, "put back", rules(answer(t, w, w.HomeAdmin, c.Id)), "")
}

// A complaint or a review that finds a service false keeps it from counting (NC20); one that finds it merely slow does not.
func TestWhatComplaintsAndReviewsFind(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := counted(t, w)
	officer := w.User("complaints", "投诉专员", "COMPLAINT_OFFICER", w.Home)
	complain := func(serial *string) contract.Complaint {
		return must(w.Care.CreateComplaint(ctx, w.Nurse, uuid.New(), contract.ComplaintInput{Complainant: "FAMILY", Category: "WAITING", Content: "没有见过医生", Serial: serial}))(t)
	}
	finish := func(id uuid.UUID, finding contract.ComplaintClosingFinding) error {
		_, err := w.Care.CloseComplaint(ctx, officer, uuid.New(), id, contract.ComplaintClosing{Resolution: "已核查", Finding: finding})
		must(w.Care.Sweep(ctx))(t)
		return err
	}
	_, err := w.Care.CreateComplaint(ctx, w.Nurse, uuid.New(), contract.ComplaintInput{Complainant: "FAMILY", Category: "WAITING", Content: "…", Serial: new("LZ19990101-0001")})
	if path, code := fieldOf(t, err); path != "serial" || code != "wrong_value" {
		t.Errorf("an unknown serial: %s %s", path, code)
	}
	about := complain(&c.Serial)
	is(t, "about", *about.Serial, c.Serial)
	if path, code := fieldOf(t, finish(complain(nil).Id, "FALSE_SERVICE")); path != "finding" || code != "complaint_about_nothing" {
		t.Errorf("a finding about nothing: %s %s", path, code)
	}
	if err := finish(complain(&c.Serial).Id, "FOUNDED"); err != nil {
		t.Fatal(err)
	}
	is(t, "founded, and it counts", rules(answer(t, w, w.HomeAdmin, c.Id)), "")
	if err := finish(about.Id, "FALSE_SERVICE"); err != nil {
		t.Fatal(err)
	}
	is(t, "false", rules(answer(t, w, w.HomeAdmin, c.Id)), "NC20")

	w.Clock.Pass(25 * time.Hour)
	second := accompanied(t, w, w.Resident)
	w.Adopt(w.Attending, must(w.Care.GetConsultation(ctx, w.Attending, second.Id))(t))
	is(t, "another counts", rules(answer(t, w, w.HomeAdmin, second.Id)), "")
	qc := w.User("qc.he", "质控医师", "QC", w.Hospital)
	today := caretest.Start().Add(25 * time.Hour)
	drawn := must(w.Care.SampleReports(ctx, qc, uuid.New(), contract.ReportSampleInput{From: day(today.Format(time.DateOnly)), To: day(today.Format(time.DateOnly)), Count: 1}))(t)
	marks := contract.QualityMarks{Scores: map[string]int{"IDENTITY": 0, "HISTORY": 0, "ASSESSMENT": 0, "DIAGNOSIS": 0, "ADVICE": 0, "LIMITS": 0, "FOLLOW_UP": 0, "TIMELINESS": 0}, FalseService: new(true)}
	_, err = w.Care.MarkReport(ctx, qc, uuid.New(), drawn[0].Id, marks)
	if path, _ := fieldOf(t, err); path != "comment" {
		t.Errorf("without a word: %s", path)
	}
	marks.Comment = new("通话录像显示床旁无人")
	if done := must(w.Care.MarkReport(ctx, qc, uuid.New(), drawn[0].Id, marks))(t); done.FalseService == nil || !*done.FalseService {
		t.Errorf("%+v", done)
	}
	must(w.Care.Sweep(ctx))(t)
	is(t, "found by the review", rules(answer(t, w, w.HomeAdmin, second.Id)), "NC20")
}
