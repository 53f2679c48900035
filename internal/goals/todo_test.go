package goals_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// todo is what somebody has to do, in words.
func (w *town) todo(a identity.Actor) []string {
	w.T.Helper()
	list, err := w.goals.ListGoalTodo(w.T.Context(), a)
	if err != nil {
		w.T.Fatal(err)
	}
	out := []string{}
	for _, v := range list {
		out = append(out, string(v.Kind)+" "+v.NameEn)
	}
	return out
}

func (w *town) remind() int64 {
	w.T.Helper()
	n, err := w.goals.Remind(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	return n
}

// TestADeadlineIsToldOnce: those who have to act are told at each stage, once, by day; whoever has done it is told no more, and what
// waits to be sent about it is not sent.
func TestADeadlineIsToldOnce(t *testing.T) {
	w := newTown(t)
	w.Exec(`DELETE FROM campaign_tasks WHERE level <> 'INSTITUTION'`)
	w.Exec(`UPDATE organisations SET created_at = '2026-01-05'`)
	self := w.Count(`SELECT count(*) FROM campaign_tasks WHERE due = '03-31'`)
	if self == 0 {
		t.Fatal("no yearly self-check")
	}
	at := func(day string, hour int) {
		t.Helper()
		on, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Pass(on.Add(time.Duration(hour-8) * time.Hour).Sub(w.Clock.Now())) // of Hohhot
	}
	facts := func(event string) int {
		return w.Count(`SELECT count(*) FROM notifications WHERE event = $1 AND users @> ARRAY[$2::uuid]`, event, w.HomeAdmin.UserID)
	}
	at("2026-03-16", 9)
	if n := w.remind(); n != 0 {
		t.Errorf("told %d times 15 days before", n)
	}
	at("2026-03-17", 6)
	if n := w.remind(); n != 0 {
		t.Errorf("told %d times in the night", n)
	}
	at("2026-03-17", 9)
	w.remind()
	if n := facts("DEADLINE_SOON"); n != 1 {
		t.Fatalf("told %d times 14 days before", n)
	}
	if got := w.todo(w.HomeAdmin); !slices.Equal(got, []string{"TASK Self-check"}) {
		t.Errorf("to do: %v", got)
	}
	for _, day := range []string{"2026-03-18", "2026-03-24", "2026-03-25", "2026-03-28", "2026-03-30", "2026-03-31"} {
		at(day, 10)
		w.remind()
		w.remind()
	}
	if n := facts("DEADLINE_SOON"); n != 4 { // 14, 7, 3, 1
		t.Errorf("told %d times before the day", n)
	}
	at("2026-04-01", 9)
	w.remind()
	at("2026-04-20", 9)
	if w.remind(); facts("DEADLINE_OVERDUE") != 1 {
		t.Errorf("told %d times after the day", facts("DEADLINE_OVERDUE"))
	}
	live := func() int {
		return w.Count(`SELECT count(*) FROM notifications WHERE notification_live(event, subject_id, epoch, NULL) AND event LIKE 'DEADLINE%' AND users @> ARRAY[$1::uuid]`, w.HomeAdmin.UserID)
	}
	if live() == 0 {
		t.Error("nothing stands of what is not done")
	}
	tasks, err := w.goals.ListCampaignTasks(t.Context(), w.HomeAdmin, contract.ListCampaignTasksParams{})
	if err != nil || len(tasks) == 0 || tasks[0].State != "OVERDUE" {
		t.Fatalf("%+v, %v", tasks, err)
	}
	if _, err := w.goals.ReportCampaignTask(t.Context(), w.HomeAdmin, uuid.New(), tasks[0].Id, contract.TaskReport{DueOn: tasks[0].DueOn, DoneOn: date("2026-04-20")}); err != nil {
		t.Fatal(err)
	}
	if n := live(); n != 0 {
		t.Errorf("%d messages stand about what is done", n)
	}
	if got := w.todo(w.HomeAdmin); len(got) != 0 {
		t.Errorf("still to do: %v", got)
	}
}

// TestAFindingIsMended: entered, worked on, done with evidence, sent back, done again, confirmed by somebody else; its course stays.
func TestAFindingIsMended(t *testing.T) {
	w := newTown(t)
	w.Exec(`DELETE FROM campaign_tasks`)
	ctx := t.Context()
	enter := func(a identity.Actor) contract.Rectification {
		t.Helper()
		v, err := w.goals.CreateRectification(ctx, a, uuid.New(), contract.RectificationInput{OrganisationId: &w.Home, Category: "STAFF", Severity: "MINOR", Finding: "证照未上墙", Owner: "孙主任", DueOn: date("2026-03-15")})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	update := func(v contract.Rectification, in contract.RectificationUpdate) (contract.Rectification, error) {
		in.Revision = v.Revision
		return w.goals.UpdateRectification(ctx, w.HomeAdmin, v.Id, in)
	}
	verify := func(a identity.Actor, id uuid.UUID, accepted bool) error {
		_, err := w.goals.VerifyRectification(ctx, a, uuid.New(), id, contract.RectificationVerdict{Accepted: accepted, Verdict: "看过现场"})
		return err
	}
	code := func(err error) string { return problem.Of(err).Code }

	v := enter(w.County)
	if v.FoundByLevel != "COUNTY" || !slices.Contains(w.todo(w.HomeAdmin), "RECTIFY "+v.Number) {
		t.Errorf("%+v; to do: %v", v, w.todo(w.HomeAdmin))
	}
	if w.remind(); w.Count(`SELECT count(*) FROM notifications WHERE event = 'DEADLINE_SOON' AND users @> ARRAY[$1::uuid]`, w.HomeAdmin.UserID) != 1 {
		t.Error("the home is not told of what is due in some days")
	}
	if _, err := update(v, contract.RectificationUpdate{Progress: 10, DueOn: new(date("2026-05-01"))}); code(err) != "rectification_due_fixed" {
		t.Errorf("what the county set was put off: %v", err)
	}
	if _, err := update(v, contract.RectificationUpdate{Progress: 100}); code(err) != "invalid_request" {
		t.Errorf("done without evidence: %v", err)
	}
	v, err := update(v, contract.RectificationUpdate{Progress: 100, Evidence: new("照片3张")})
	if err != nil || v.State != "DONE" || v.Verifiable {
		t.Fatalf("%+v, %v", v, err)
	}
	if err := verify(w.HomeAdmin, v.Id, true); code(err) != "rectification_own" {
		t.Errorf("who did it confirmed it: %v", err)
	}
	if got := w.todo(w.County); !slices.Contains(got, "VERIFY "+v.Number) {
		t.Errorf("the county has to do: %v", got)
	}
	if got := w.todo(w.over); slices.Contains(got, "VERIFY "+v.Number) {
		t.Errorf("the league is asked for what the county confirms: %v", got)
	}
	if err := verify(w.County, v.Id, false); err != nil {
		t.Fatal(err)
	}
	v, err = w.goals.GetRectification(ctx, w.HomeAdmin, v.Id)
	if err != nil || v.State != "WORKING" || !v.Editable {
		t.Fatalf("sent back: %+v, %v", v, err)
	}
	if v, err = update(v, contract.RectificationUpdate{Progress: 100, Evidence: new("照片5张")}); err != nil {
		t.Fatal(err)
	}
	if err := verify(w.County, v.Id, true); err != nil {
		t.Fatal(err)
	}
	v, err = w.goals.GetRectification(ctx, w.County, v.Id)
	if err != nil || v.State != "VERIFIED" || v.Editable || v.Steps == nil {
		t.Fatalf("%+v, %v", v, err)
	}
	course := []string{}
	for _, s := range *v.Steps {
		note := ""
		if s.Note != nil {
			note = *s.Note
		}
		course = append(course, string(s.Kind)+" "+s.By+" "+note)
	}
	want := []string{"VERIFIED " + w.County.Name + " 看过现场", "DONE " + w.HomeAdmin.Name + " 照片5张", "RETURNED " + w.County.Name + " 看过现场", "DONE " + w.HomeAdmin.Name + " 照片3张", "ENTERED " + w.County.Name + " "}
	if !slices.Equal(course, want) {
		t.Errorf("course: %q", course)
	}

	// What the home found itself it may put off, and a colleague may confirm it.
	own := enter(w.HomeAdmin)
	if own, err = update(own, contract.RectificationUpdate{Progress: 0, DueOn: new(date("2026-05-01"))}); err != nil || !own.DueOn.Equal(date("2026-05-01").Time) {
		t.Fatalf("put off: %+v, %v", own, err)
	}
	if own, err = update(own, contract.RectificationUpdate{Progress: 100, Evidence: new("制度文本")}); err != nil {
		t.Fatal(err)
	}
	colleague := w.User("admin.two", "副院长", "INST_ADMIN", w.Home)
	if err := verify(colleague, own.Id, true); err != nil {
		t.Error(err)
	}
	if _, err := w.goals.GetRectification(ctx, w.User("admin.else", "别家院长", "INST_ADMIN", w.PureHome), own.Id); code(err) != "not_found" {
		t.Errorf("another home sees it: %v", err)
	}

	// What a problem of the form became stands beside it in the form's sheet.
	if _, err := w.goals.SaveSelfCheckItem(ctx, w.HomeAdmin, contract.SelfCheckItemInput{Year: 2026, Code: "P1", Result: "NOT_MET", Problem: new("注册将到期")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.goals.CreateRectification(ctx, w.HomeAdmin, uuid.New(), contract.RectificationInput{Item: new("P1"), Category: "STAFF", Severity: "MINOR", Finding: "注册将到期", Measure: new("办理延续"), Owner: "孙主任", DueOn: date("2026-04-01")}); err != nil {
		t.Fatal(err)
	}
	raw, _ := w.export(w.HomeAdmin, w.Home, "E1", "xlsx", contract.ExportParams{})
	var row map[string]xcell
	for _, r := range readBook(t, raw).sheet(2).rows {
		if r["存在问题"].text == "注册将到期" {
			row = r
		}
	}
	if row["整改措施"].text != "办理延续" || row["责任人"].text != "孙主任" || row["整改期限"].format != "yyyy-mm-dd" || row["完成情况"].text != "未开始" {
		t.Errorf("the form's row: %+v", row)
	}
}
