package care_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// code is the code of a refusal.
func refusedAs(err error) string {
	if err == nil {
		return ""
	}
	return problem.Of(err).Code
}

// An emergency access that the administrator does not accept ends at once, and requests at the same moment are counted one by one.
func TestBreakGlassIsBounded(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	serial, nobody, why := c.Serial, "LZ20200101-0001", "急诊送来，昏迷，需要过敏史"
	got := must(w.Care.OpenBreakGlass(ctx, w.StrangerDoctor, uuid.New(), contract.BreakGlassInput{Serial: &serial, Reason: why}))(t)
	must(w.Care.GetConsultation(ctx, w.StrangerDoctor, c.Id))(t)
	note := "没有急诊记录"
	done(t, w.Care.ReviewBreakGlass(ctx, w.HomeAdmin, uuid.New(), got.Id, contract.BreakGlassReview{Justified: false, Note: &note}))
	_, err := w.Care.GetBreakGlass(ctx, w.StrangerDoctor, got.Id)
	is(t, "the record", refusedAs(err), "not_found")
	_, err = w.Care.GetConsultation(ctx, w.StrangerDoctor, c.Id)
	is(t, "the consultation", refusedAs(err), "not_found")

	const tries = 20
	all := make(chan string, tries)
	for range tries {
		go func() {
			_, err := w.Care.OpenBreakGlass(ctx, w.StrangerDoctor, uuid.New(), contract.BreakGlassInput{Serial: &nobody, Reason: why})
			all <- refusedAs(err)
		}()
	}
	codes := map[string]int{}
	for range tries {
		codes[<-all]++
	}
	is(t, "searched", codes["not_found"], 9) // the tenth was the one above
	is(t, "refused", codes["break_glass_too_often"], tries-9)
}

// Every opening of a record is a row that the resident's institution and the reader's own see, with masked names and filters.
func TestAccessesAreSeen(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	for _, read := range []error{
		second(w.Care.GetConsultation(ctx, w.Wang, c.Id)), second(w.Care.ListMessages(ctx, w.Wang, c.Id)), second(w.Care.GetResident(ctx, w.Nurse, w.Resident)),
		second(w.Care.GetResident(ctx, w.Attending, w.Second)),
	} {
		if read != nil {
			t.Fatal(read)
		}
	}
	page := must(w.Care.ListAccesses(ctx, w.HomeAdmin, contract.ListAccessesParams{}))(t)
	actions := []string{}
	for _, r := range page.Rows {
		actions = append(actions, r.UserName+" "+r.Role+" "+r.Action+" "+r.ResidentName)
		if r.Emergency || r.UserOrganisation == nil || r.Bed == nil {
			t.Errorf("row %+v", r)
		}
	}
	for _, want := range []string{"王医生 CONSULTANT getConsultation 张**", "王医生 CONSULTANT listMessages 张**", "李护士 NURSE getResident 张**", "陈医生 ATTENDING getResident 乌****"} {
		if !slices.Contains(actions, want) {
			t.Errorf("no %q in %q", want, actions)
		}
	}
	// The hospital sees what its doctor opened, nothing else of the home; another home sees nothing.
	for _, r := range must(w.Care.ListAccesses(ctx, w.HospitalAdmin, contract.ListAccessesParams{}))(t).Rows {
		if *r.UserId != w.Wang.UserID {
			t.Errorf("the hospital sees %+v", r)
		}
	}
	stranger := w.User("admin.far", "远主任", "INST_ADMIN", w.Stranger)
	is(t, "another home", len(must(w.Care.ListAccesses(ctx, stranger, contract.ListAccessesParams{}))(t).Rows), 0)

	byResident := must(w.Care.ListAccesses(ctx, w.HomeAdmin, contract.ListAccessesParams{ResidentId: &w.Second}))(t)
	is(t, "of one resident", len(byResident.Rows), 1)
	byPerson := must(w.Care.ListAccesses(ctx, w.HomeAdmin, contract.ListAccessesParams{UserId: &w.Attending.UserID, ResidentId: &w.Second}))(t)
	is(t, "by one person", len(byPerson.Rows), 1)
	one := 1
	first := must(w.Care.ListAccesses(ctx, w.HomeAdmin, contract.ListAccessesParams{Limit: &one}))(t)
	next := must(w.Care.ListAccesses(ctx, w.HomeAdmin, contract.ListAccessesParams{Limit: &one, Cursor: first.Next}))(t)
	if first.Rows[0].Id == next.Rows[0].Id || first.Rows[0].At.Before(next.Rows[0].At) {
		t.Errorf("pages: %+v then %+v", first.Rows[0], next.Rows[0])
	}
}

func second[T any](_ T, err error) error { return err }

// A masked value is shown for a reason, which stands in the log; without one it is refused.
func TestUnmask(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	_, err := w.Care.Unmask(ctx, w.HomeAdmin, w.Resident, contract.UnmaskRequest{Field: "NAME", Reason: " "})
	is(t, "without a reason", refusedAs(err), "invalid_request")
	is(t, "not noted", w.Count(`SELECT count(*) FROM access_log WHERE action = 'unmask'`), 0)
	got := must(w.Care.Unmask(ctx, w.HomeAdmin, w.Resident, contract.UnmaskRequest{Field: "NAME", Reason: "家属来电核对姓名"}))(t)
	is(t, "name", got.Value, "张秀英")
	page := must(w.Care.ListAccesses(ctx, w.HomeAdmin, contract.ListAccessesParams{ResidentId: &w.Resident}))(t)
	if len(page.Rows) != 1 || page.Rows[0].Action != "unmask" || page.Rows[0].Reason == nil || *page.Rows[0].Reason != "家属来电核对姓名" {
		t.Errorf("log: %+v", page.Rows)
	}
	is(t, "sealed in the database", w.Count(`SELECT count(*) FROM access_log WHERE reason_enc IS NOT NULL AND position('家属' in encode(reason_enc, 'escape')) > 0`), 0)
	_, err = w.Care.Unmask(ctx, w.HospitalAdmin, w.Resident, contract.UnmaskRequest{Field: "NAME", Reason: "想知道这是谁"})
	is(t, "a stranger", refusedAs(err), "not_found")
}

// In an emergency a doctor without a relationship opens a record, for an hour and for reading only; everything is noted, the
// administrators are told and review it once.
func TestBreakGlass(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	doctor := w.StrangerDoctor // of a hospital that has nothing to do with the home
	_, err := w.Care.GetConsultation(ctx, doctor, c.Id)
	is(t, "before", refusedAs(err), "not_found")

	open := func(a identity.Actor, in contract.BreakGlassInput) (contract.BreakGlassRecord, error) {
		return w.Care.OpenBreakGlass(ctx, a, uuid.New(), in)
	}
	serial, nobody := c.Serial, "LZ20200101-0001"
	why := "急诊送来，昏迷，需要过敏史"
	_, err = open(doctor, contract.BreakGlassInput{Serial: &serial, Reason: "看看"})
	is(t, "too short a reason", refusedAs(err), "invalid_request")
	_, err = open(doctor, contract.BreakGlassInput{Reason: why})
	is(t, "for nobody", refusedAs(err), "invalid_request")
	_, err = open(w.Nurse, contract.BreakGlassInput{Serial: &serial, Reason: why})
	is(t, "her own resident", refusedAs(err), "break_glass_needless")
	_, err = open(doctor, contract.BreakGlassInput{Serial: &nobody, Reason: why})
	is(t, "nobody", refusedAs(err), "not_found")
	is(t, "searches are noted", w.Count(`SELECT count(*) FROM access_log WHERE action = 'openBreakGlass' AND result = 'NOT_FOUND' AND user_id = $1`, doctor.UserID), 1)

	got, err := open(doctor, contract.BreakGlassInput{Serial: &serial, Reason: why})
	if err != nil {
		t.Fatal(err)
	}
	is(t, "name", got.Resident.Card.Name, "张秀英")
	is(t, "allergies", got.Resident.Allergies, "青霉素")
	is(t, "until", got.ExpiresAt.Sub(got.OpenedAt), care.BreakGlassFor)
	seen := must(w.Care.GetConsultation(ctx, doctor, c.Id))(t)
	is(t, "may do nothing", len(seen.Actions), 0)
	_, err = w.Care.SendMessage(ctx, doctor, uuid.New(), c.Id, contract.MessageInput{Id: uuid.New(), Body: "您好"})
	is(t, "may not write", refusedAs(err), "forbidden")
	_, err = w.Care.GetBreakGlass(ctx, w.Wang, got.Id)
	is(t, "somebody else's", refusedAs(err), "not_found")

	admins := w.Count(`SELECT cardinality(users) FROM notifications WHERE event = 'BREAK_GLASS' AND subject_id = $1 AND users @> ARRAY[$2::uuid]`, got.Id, w.HomeAdmin.UserID)
	is(t, "administrators told", admins, 1)
	marked := true
	log := must(w.Care.ListAccesses(ctx, w.HomeAdmin, contract.ListAccessesParams{Emergency: &marked}))(t)
	is(t, "noted: opening, two readings", len(log.Rows), 3)
	list := must(w.Care.ListBreakGlass(ctx, w.HomeAdmin))(t)
	if len(list) != 1 || list[0].Reason != why || list[0].ResidentName != "张**" || !list[0].InForce || list[0].Justified != nil || list[0].Opened != 3 {
		t.Errorf("to be reviewed: %+v", list)
	}

	w.Clock.Pass(care.BreakGlassFor + time.Second)
	_, err = w.Care.GetConsultation(ctx, doctor, c.Id)
	is(t, "after an hour", refusedAs(err), "not_found")
	_, err = w.Care.GetBreakGlass(ctx, doctor, got.Id)
	is(t, "after an hour", refusedAs(err), "not_found")

	review := func(a identity.Actor, in contract.BreakGlassReview) string {
		return refusedAs(w.Care.ReviewBreakGlass(ctx, a, uuid.New(), got.Id, in))
	}
	is(t, "another institution", review(w.HospitalAdmin, contract.BreakGlassReview{Justified: true}), "not_found")
	is(t, "without a word why not", review(w.HomeAdmin, contract.BreakGlassReview{Justified: false}), "invalid_request")
	note := "没有急诊记录"
	is(t, "reviewed", review(w.HomeAdmin, contract.BreakGlassReview{Justified: false, Note: &note}), "")
	is(t, "once", review(w.HomeAdmin, contract.BreakGlassReview{Justified: true}), "break_glass_reviewed")
	list = must(w.Care.ListBreakGlass(ctx, w.HomeAdmin))(t)
	if len(list) != 1 || list[0].Justified == nil || *list[0].Justified || *list[0].Note != note || *list[0].Reviewer != "孙主任" {
		t.Errorf("reviewed: %+v", list)
	}

	for range 8 {
		_, _ = open(doctor, contract.BreakGlassInput{Serial: &nobody, Reason: why})
	}
	_, err = open(doctor, contract.BreakGlassInput{Serial: &serial, Reason: why})
	is(t, "too often", refusedAs(err), "break_glass_too_often")
}

// The auditor reads the whole log, masked and without reasons, and exports it as a spreadsheet that runs nothing; the export is in the log.
// No clinical page opens to the auditor, and nobody else reads this one.
func TestAuditor(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Offered(w.Nurse, w.Resident)
	must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t)
	must(w.Care.Unmask(ctx, w.Nurse, w.Resident, contract.UnmaskRequest{Field: "NAME", Reason: "家属来电核对身份"}))(t)
	w.Exec(`UPDATE users SET display_name = '=HYPERLINK("x")' WHERE id = $1`, w.Attending.UserID)
	w.Exec(`UPDATE users SET display_name = '＝SUM(1)' WHERE id = $1`, w.Zhao.UserID)
	must(w.Care.DisableUser(ctx, w.HomeAdmin, w.Attending.UserID))(t)
	must(w.Care.DisableUser(ctx, w.HospitalAdmin, w.Zhao.UserID))(t)
	for _, a := range []identity.Actor{w.Sys, w.Security, w.HomeAdmin, w.Nurse, w.County} {
		_, err := w.Care.ListAudit(ctx, a, contract.ListAuditParams{})
		refused(t, err, "forbidden")
	}
	_, err := w.Care.GetConsultation(ctx, w.Auditor, c.Id)
	refused(t, err, "forbidden")

	_, err = w.Care.ResetPassword(ctx, w.Sys, w.Auditor.UserID)
	refused(t, err, "account_of_auditor")

	page := must(w.Care.ListAudit(ctx, w.Auditor, contract.ListAuditParams{}))(t)
	seen := map[string]contract.AuditRow{}
	for _, r := range page.Rows {
		seen[r.Action] = r
	}
	if r := seen["unmask"]; r.UserName != w.Nurse.Name || r.Object != consult.MaskName("张秀英") {
		t.Errorf("%+v", r)
	}
	if r := seen["getConsultation"]; r.UserName != w.Wang.Name || r.Object != c.Serial+" "+consult.MaskName("张秀英") {
		t.Errorf("%+v", r)
	}
	if r := seen["ACCOUNT_DISABLED"]; r.UserName != w.HomeAdmin.Name {
		t.Errorf("%+v", r)
	}
	kind, most := contract.AuditKind("SECURITY"), 1
	first := must(w.Care.ListAudit(ctx, w.Auditor, contract.ListAuditParams{Kind: &kind, Limit: &most}))(t)
	if len(first.Rows) != 1 || first.Rows[0].ObjectType != "user" && first.Rows[0].ObjectType != "auth_session" {
		t.Fatalf("%+v", first.Rows)
	}
	text := string(must(w.Care.ExportAudit(ctx, w.Auditor, contract.ExportAuditParams{}))(t))
	if strings.Contains(text, "核对身份") || strings.Contains(text, "张秀英") || !strings.Contains(text, `"'=HYPERLINK(""x"")"`) || !strings.Contains(text, ",'＝SUM(1),") {
		t.Errorf("%s", text)
	}
	if !strings.Contains(text, ",护士,查看脱敏信息,老年人,") || !strings.Contains(text, ",停用账号,账号,") || strings.Contains(text, "unmask") || strings.Contains(text, "NURSE") {
		t.Errorf("codes instead of words: %s", text)
	}
	if n := w.Count(`SELECT count(*) FROM access_log WHERE action = 'exportAudit' AND user_id = $1`, w.Auditor.UserID); n != 1 {
		t.Errorf("the export is noted %d times", n)
	}
}
