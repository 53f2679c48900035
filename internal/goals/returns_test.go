package goals_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// TestAPeriodIsClosed: drafted, locked only when it is over, signed off, filed, verified; it never changes, a byte that does is found,
// and a correction is another version with its differences.
func TestAPeriodIsClosed(t *testing.T) {
	w := newTown(t)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(4 * time.Minute)
	w.Sign(w.Wang, c, w.Content())
	ctx := t.Context()
	draft, err := w.goals.CreateGoalSnapshot(ctx, w.HomeAdmin, uuid.New(), contract.GoalSnapshotInput{Kind: "M", Day: date("2026-03-10")})
	if err != nil || draft.State != "DRAFT" || draft.Over {
		t.Fatalf("%+v, %v", draft, err)
	}
	lock := func(id uuid.UUID) (contract.GoalSnapshot, error) {
		return w.goals.LockGoalSnapshot(ctx, w.HomeAdmin, uuid.New(), id)
	}
	if _, err := lock(draft.Id); problem.Of(err).Code != "period_not_over" {
		t.Errorf("locked before its end: %v", err)
	}
	w.Clock.Pass(30 * 24 * time.Hour)
	locked, err := lock(draft.Id)
	if err != nil || locked.State != "LOCKED" || locked.RowCount != 1 || locked.Digest == nil || len(locked.Figures) != 34 {
		t.Fatalf("%+v, %v", locked, err)
	}
	if _, err := lock(draft.Id); problem.Of(err).Code != "snapshot_state" {
		t.Errorf("locked twice: %v", err)
	}
	// The sheet of the frozen rows says what the sheet of the ledger said at that moment, column by column.
	row := func(params contract.ExportParams) []string {
		t.Helper()
		raw, _ := w.export(w.HomeAdmin, w.Home, "E3", "csv", params)
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		return rows[1]
	}
	live, frozen := row(contract.ExportParams{}), row(contract.ExportParams{SnapshotId: &draft.Id})
	if len(live) != 33 || len(frozen) != 35 || !slices.Equal(live, frozen[:33]) {
		t.Errorf("the frozen sheet differs from the ledger's:\n%q\n%q", frozen, live)
	}
	if _, err := w.goals.FileGoalSnapshot(ctx, w.HomeAdmin, uuid.New(), draft.Id, contract.ReceiptInput{Receipt: "R-1"}); problem.Of(err).Code != "snapshot_state" {
		t.Errorf("filed before it was signed off: %v", err)
	}
	if _, err := w.goals.SignGoalSnapshot(ctx, w.County, uuid.New(), draft.Id); problem.Of(err).Status != 403 {
		t.Errorf("signed off from above: %v", err)
	}
	if _, err := w.goals.SignGoalSnapshot(ctx, w.HomeAdmin, uuid.New(), draft.Id); err != nil {
		t.Fatal(err)
	}
	filed, err := w.goals.FileGoalSnapshot(ctx, w.HomeAdmin, uuid.New(), draft.Id, contract.ReceiptInput{Receipt: "R-1"})
	if err != nil || filed.State != "FILED" || filed.Receipt == nil || *filed.Receipt != "R-1" {
		t.Errorf("filed: %+v, %v", filed, err)
	}
	verify := func() contract.SnapshotVerification {
		t.Helper()
		v, err := w.goals.VerifyGoalSnapshot(ctx, w.County, draft.Id)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := verify(); !v.Intact || !v.Sealed || v.RowCount != 1 || len(v.Changes) != 0 {
		t.Errorf("verified: %+v", v)
	}

	// Later the opinion is adopted: what was filed stays, the verification says so, and a correction needs a reason.
	seen, err := w.Care.GetConsultation(ctx, w.Attending, c.Id)
	if err != nil {
		t.Fatal(err)
	}
	w.Adopt(w.Attending, seen)
	w.follow()
	if v := verify(); !v.Intact || len(v.Changes) == 0 {
		t.Errorf("what changed since is not told: %+v", v)
	}
	if now := row(contract.ExportParams{SnapshotId: &draft.Id}); !slices.Equal(now, frozen) || slices.Equal(row(contract.ExportParams{}), live) {
		t.Error("the frozen sheet follows the ledger")
	}
	again := contract.GoalSnapshotInput{Kind: "M", Day: date("2026-03-10")}
	if _, err := w.goals.CreateGoalSnapshot(ctx, w.HomeAdmin, uuid.New(), again); problem.Of(err).Code != "correction_reason" {
		t.Errorf("a correction without a reason: %v", err)
	}
	again.Reason = new("补记采纳")
	second, err := w.goals.CreateGoalSnapshot(ctx, w.HomeAdmin, uuid.New(), again)
	if err != nil || second.Version != 2 {
		t.Fatalf("%+v, %v", second, err)
	}
	w.Exec(`INSERT INTO adverse_events (id, organisation_id, type, grade, occurred_at, reported_at, reported_by, description_enc) VALUES ($1, $2, 'FALL', 'III', '2026-03-11 02:00Z', '2026-03-11 03:00Z', $3, '')`,
		uuid.New(), w.Home, w.Nurse.UserID)
	if second, err = lock(second.Id); err != nil || len(second.Differences) < 2 {
		t.Errorf("the correction's differences: %+v, %v", second.Differences, err)
	}

	if _, err := w.Store.Pool.Exec(ctx, `UPDATE snapshot_rows SET key = 'X' WHERE snapshot_id = $1`, draft.Id); err == nil {
		t.Error("a frozen row was changed")
	}
	if _, err := w.Store.Pool.Exec(ctx, `UPDATE snapshots SET figures = '[]' WHERE id = $1`, draft.Id); err == nil {
		t.Error("frozen figures were changed")
	}
	w.Exec(`ALTER TABLE snapshot_rows DISABLE TRIGGER append_only`)
	w.Exec(`UPDATE snapshot_rows SET content = jsonb_set(content, '{effective}', '999') WHERE snapshot_id = $1`, draft.Id)
	if v := verify(); v.Intact || !v.Sealed {
		t.Errorf("a changed row is not found: %+v", v)
	}
}

// TestAClosedMonthKeepsItsRules: locking a return closes the month. What older rules judged is judged by those in force first, and
// told; afterwards neither another ruling nor a late change of the record moves it to other rules.
func TestAClosedMonthKeepsItsRules(t *testing.T) {
	w := newTown(t)
	ctx := t.Context()
	w.Identify(w.Resident)
	set := func(name string, value int64, revision int) {
		t.Helper()
		if _, err := w.Care.SetRuleSetting(ctx, w.Sys, contract.RuleSettingInput{Name: name, Value: value, Revision: revision, Reason: "卫健委复函"}); err != nil {
			t.Fatal(err)
		}
	}
	judged := func(id uuid.UUID) contract.CountabilityView {
		t.Helper()
		v, err := w.Care.GetCountability(ctx, w.HomeAdmin, id)
		if err != nil || v.Answer == nil {
			t.Fatalf("%+v, %v", v, err)
		}
		return v
	}
	set("attending_by_video", 1, 0)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Join(w.Attending, c)
	talk.Talk(4 * time.Minute)
	c = w.Adopt(w.Attending, w.Sign(w.Wang, c, w.Content()))
	if v := judged(c.Id); !v.Answer.Countable || v.ClosedAt != nil {
		t.Fatalf("before: %+v", v.Answer.Rules)
	}
	w.Clock.Pass(30 * 24 * time.Hour)
	set("min_seconds", 300, 0)
	months, err := w.Care.ListCountMonths(ctx, w.HomeAdmin)
	if err != nil || len(months.Months) != 1 || months.Months[0].ByOthers != 1 || months.Months[0].Month != "2026-03" {
		t.Errorf("before the closing: %+v, %v", months, err)
	}
	draft, err := w.goals.CreateGoalSnapshot(ctx, w.HomeAdmin, uuid.New(), contract.GoalSnapshotInput{Kind: "M", Day: date("2026-03-10")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.goals.LockGoalSnapshot(ctx, w.County, uuid.New(), draft.Id); problem.Of(err).Status != 403 || w.Count("SELECT count(*) FROM countability_periods") != 0 {
		t.Errorf("closed from above: %v", err)
	}
	locked, err := w.goals.LockGoalSnapshot(ctx, w.HomeAdmin, uuid.New(), draft.Id)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range locked.Figures {
		if f.Code == "I-02" && (f.Numerator == nil || *f.Numerator != 0) {
			t.Errorf("what was frozen is not what the rules of the closing say: %+v", f)
		}
	}
	v := judged(c.Id)
	if v.ClosedAt == nil || v.ClosedRuleset == nil || *v.ClosedRuleset != v.Answer.Ruleset || len(v.Answer.Rules) != 1 || v.Answer.Rules[0] != "NC13" {
		t.Errorf("at the closing: %+v", v.Answer)
	}
	if months, err = w.Care.ListCountMonths(ctx, w.HomeAdmin); err != nil || months.Months[0].ClosedAt == nil || months.Months[0].ByOthers != 0 || len(months.Runs) != 1 ||
		months.Runs[0].Cause != "CLOSING" || len(months.Runs[0].Differences) != 1 || !months.Runs[0].Differences[0].Before || months.Runs[0].Differences[0].After {
		t.Errorf("after the closing: %+v, %v", months, err)
	}

	set("min_seconds", 120, 1)
	again, err := w.Care.ReevaluateCountability(ctx, w.HomeAdmin, contract.ReevaluationInput{Month: "2026-03", Apply: new(true)})
	if err != nil || !again.Closed || again.Judged != 0 || again.Applied {
		t.Errorf("judged again: %+v, %v", again, err)
	}
	for _, item := range c.Advice {
		if _, err := w.Care.CompleteAdvice(ctx, w.Nurse, uuid.New(), item.Id, contract.NoteRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if v := judged(c.Id); len(v.Answer.Rules) != 1 || v.Answer.Rules[0] != "NC13" {
		t.Errorf("by newer rules: %+v", v.Answer)
	}
}

// TestASampleIsDrawnAgain from the same seed.
func TestASampleIsDrawnAgain(t *testing.T) {
	w := newTown(t)
	for _, resident := range []uuid.UUID{w.Resident, w.Second} {
		c := w.Claim(w.Wang, w.Offered(w.Nurse, resident))
		talk := w.Connect(w.Nurse, w.Wang, c)
		talk.Talk(4 * time.Minute)
		w.Sign(w.Wang, c, w.Content())
	}
	w.follow()
	draw := func() contract.Sample {
		t.Helper()
		s, err := w.goals.DrawSample(t.Context(), w.County, uuid.New(), contract.SampleInput{SubjectId: w.Home, Kind: "M", Day: date("2026-03-10"), Size: 1, Seed: new("42"), Purpose: "季度抽查"})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first, second := draw(), draw()
	if first.Population != 2 || len(first.Rows) != 1 || first.Rows[0].Serial != second.Rows[0].Serial || first.PopulationHash != second.PopulationHash {
		t.Errorf("%+v\n%+v", first, second)
	}
	scored, err := w.goals.ScoreSample(t.Context(), w.County, first.Id, contract.SampleScore{Position: 1, Score: 85, Note: new("缺主诉")})
	if err != nil || scored.Scored != 1 || *scored.Rows[0].Score != 85 || *scored.Rows[0].Note != "缺主诉" {
		t.Errorf("%+v, %v", scored, err)
	}

	// It is concluded when every row has its score, and then stays.
	conclude := func(id uuid.UUID) error {
		_, err := w.goals.ConcludeSample(t.Context(), w.County, uuid.New(), id, contract.SampleConclusion{Conclusion: "总体良好"})
		return err
	}
	if err := conclude(second.Id); problem.Of(err).Code != "sample_unscored" {
		t.Errorf("concluded without scores: %v", err)
	}
	if err := conclude(first.Id); err != nil {
		t.Fatal(err)
	}
	seen, err := w.goals.GetSample(t.Context(), w.over, first.Id)
	if err != nil || seen.Conclusion == nil || *seen.Conclusion != "总体良好" || seen.ConcludedAt == nil || seen.Mean == nil || *seen.Mean != 85 || seen.Drawn != 1 {
		t.Errorf("%+v, %v", seen, err)
	}
	if _, err := w.goals.ScoreSample(t.Context(), w.County, first.Id, contract.SampleScore{Position: 1, Score: 100}); problem.Of(err).Code != "sample_concluded" {
		t.Errorf("a score changed after the conclusion: %v", err)
	}
}
