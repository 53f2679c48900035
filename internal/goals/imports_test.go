package goals_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// What is no number, or none that a figure could be worked out from, is refused line by line; one NaN in the table would keep every
// dashboard above from being shown.
func TestOnlyNumbersAreImported(t *testing.T) {
	w := newTown(t)
	const credit, mark = "12150102MB1X00010D", "BEDS"
	w.Exec(`UPDATE organisations SET credit_code = $2 WHERE id = $1`, w.Home, credit)
	f := excelize.NewFile()
	rows := [][]any{{"统一社会信用代码", "期间", "指标", "数值"}}
	months := []string{"2026-01", "2026-02", "2026-03", "2026-04", "2026-05"}
	for i, n := range []string{"NaN", "Inf", "-1", "1e300", "十"} {
		rows = append(rows, []any{credit, months[i], mark, n})
	}
	for i, r := range rows {
		at, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", at, &r); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	got, err := w.goals.ImportNumbers(t.Context(), w.HomeAdmin, uuid.New(), contract.ImportNumbersParams{What: "DENOMINATORS"}, &out)
	if err != nil {
		t.Fatal(err)
	}
	wrong := map[int]string{}
	for _, p := range got.Problems {
		wrong[p.Row] = p.Code
	}
	for line := 2; line <= 6; line++ {
		if wrong[line] != "import_number" {
			t.Errorf("line %d: %q", line, wrong[line])
		}
	}
	if n := w.Count(`SELECT count(*) FROM imported_values`); n != 0 || got.Written != 0 {
		t.Errorf("%d numbers were entered", n)
	}
}

// TestTheTemplateIsRead: what is downloaded, filled in and sent back is read, listed, and nobody else's list has it.
func TestTheTemplateIsRead(t *testing.T) {
	w := newTown(t)
	const credit = "12150102MB1X00010D"
	w.Exec(`UPDATE organisations SET credit_code = $2 WHERE id = $1`, w.Home, credit)
	name, content, _, err := w.goals.GetImportTemplate(t.Context(), w.HomeAdmin, contract.GetImportTemplateParams{What: "DENOMINATORS"})
	if err != nil || name != "外部数据导入模板.xlsx" {
		t.Fatalf("%q, %v", name, err)
	}
	f, err := excelize.OpenReader(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetSheetRow(f.GetSheetList()[0], "A2", &[]any{credit, "2026-03", "BEDS", 80}); err != nil {
		t.Fatal(err)
	}
	var filled bytes.Buffer
	if err := f.Write(&filled); err != nil {
		t.Fatal(err)
	}
	file := filled.Bytes()
	read := func(dry bool) contract.ImportResult {
		t.Helper()
		got, err := w.goals.ImportNumbers(t.Context(), w.HomeAdmin, uuid.New(), contract.ImportNumbersParams{What: "DENOMINATORS", DryRun: &dry, FileName: new("床位.xlsx")}, bytes.NewReader(file))
		if err != nil || len(got.Problems) != 0 || got.Rows != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		return got
	}
	if got := read(true); got.Written != 0 {
		t.Errorf("a dry run wrote %d", got.Written)
	}
	if got := read(false); got.Written != 1 {
		t.Errorf("%d written", got.Written)
	}
	if list, err := w.goals.ListImports(t.Context(), w.HomeAdmin); err != nil || len(list) != 1 || list[0].FileName != "床位.xlsx" || list[0].Rows != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := w.goals.ListImports(t.Context(), w.County); err != nil || len(list) != 0 {
		t.Errorf("somebody else's: %+v, %v", list, err)
	}
}

// oneSheet is a workbook with one sheet.
func oneSheet(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		at, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", at, &r); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// imported reads a workbook of master data and gives what is wrong as "line column code".
func (w *town) imported(a identity.Actor, cmd uuid.UUID, what contract.ImportNumbersParamsWhat, dry bool, file []byte) (contract.ImportResult, []string) {
	w.T.Helper()
	got, err := w.goals.ImportNumbers(w.T.Context(), a, cmd, contract.ImportNumbersParams{What: what, DryRun: &dry}, bytes.NewReader(file))
	if err != nil {
		w.T.Fatalf("%s: %v", what, err)
	}
	wrong := []string{}
	for _, p := range got.Problems {
		if p.Message == "" || p.Message == p.Code {
			w.T.Errorf("%s has no sentence", p.Code)
		}
		wrong = append(wrong, fmt.Sprintf("%d %s %s", p.Row, p.Column, p.Code))
	}
	return got, wrong
}

// TestMasterDataAreImported: people with their licences, residents and agreements are judged row by row as the pages' are, also against one
// another; nothing is written while one row is wrong or in a dry run, and all of it at once afterwards.
func TestMasterDataAreImported(t *testing.T) {
	w := newTown(t)
	const home, hospital = "12150102MB1X00010D", "12150102MB1X00029A"
	w.Exec(`UPDATE organisations SET credit_code = $2 WHERE id = $1`, w.Home, home)
	w.Exec(`UPDATE organisations SET credit_code = $2 WHERE id = $1`, w.Hospital, hospital)

	residents := []any{"统一社会信用代码", "姓名", "证件类型", "证件号码", "性别", "出生日期", "民族", "电话", "病区", "床位", "能力等级", "行为能力", "诊断", "过敏史", "入住日期", "监护人", "与老人关系", "监护人电话"}
	good := []any{"", "王秀兰", "", "150102194103070028", "", "", "", "", "一病区", "201-1", "2", "FULL", "I10、E11.9", "青霉素", 46023, "王强", consult.Terms(consult.VocabRelation)[0].Label(consult.ZH), "13800000000"}
	wrongDay, twin := slices.Clone(good), slices.Clone(good)
	wrongDay[1], wrongDay[3], wrongDay[14], wrongDay[12] = "李桂英", "150102193905120045", "去年", "Q99.999"
	twin[1] = "王秀蓝"
	before := w.Count(`SELECT count(*) FROM residents`)
	got, wrong := w.imported(w.HomeAdmin, uuid.New(), "RESIDENTS", false, oneSheet(t, residents, good, wrongDay, twin))
	if !slices.Contains(wrong, "3 入住日期 import_day") || !slices.ContainsFunc(wrong, func(s string) bool { return strings.HasPrefix(s, "3 诊断 ") }) || !slices.Contains(wrong, "4 证件号码 resident_exists") || got.Written != 0 || got.Rows != 3 {
		t.Errorf("%q, %d written of %d", wrong, got.Written, got.Rows)
	}
	file := oneSheet(t, residents, good)
	if got, wrong := w.imported(w.HomeAdmin, uuid.New(), "RESIDENTS", true, file); len(wrong) != 0 || got.Written != 0 || w.Count(`SELECT count(*) FROM residents`) != before {
		t.Errorf("a dry run: %q, %d written", wrong, got.Written)
	}
	if got, wrong := w.imported(w.HomeAdmin, uuid.New(), "RESIDENTS", false, file); len(wrong) != 0 || got.Written != 1 {
		t.Errorf("%q, %d written", wrong, got.Written)
	}
	if n := w.Count(`SELECT count(*) FROM residents WHERE organisation_id = $1 AND bed = '201-1' AND birth_date = '1941-03-07' AND sex = '2' AND admitted_on = '2026-01-01' AND condition_codes = '{I10,E11.9}'`, w.Home); n != 1 {
		t.Errorf("%d such residents", n)
	}

	staff := []any{"统一社会信用代码", "用户名", "姓名", "角色", "科室", "执业类别", "执业证号", "职称", "独立执业起始日", "有效期起", "有效期止"}
	attending := []any{home, "Att.Bao", "包医生", "ATTENDING", "", "执业医师", "110150102000123", "233", "", "2020-01-01", "2030-12-31"}
	stranger := slices.Clone(attending)
	stranger[0], stranger[1] = hospital, "att.other"
	bare := []any{home, "att.bare", "无证", "ATTENDING", "", "", "", "", "", "", ""}
	if _, wrong := w.imported(w.HomeAdmin, uuid.New(), "STAFF", true, oneSheet(t, staff, attending, attending, stranger, bare)); !slices.Contains(wrong, "3 用户名 username_taken") || !slices.Contains(wrong, "4 统一社会信用代码 import_unknown_organisation") ||
		!slices.Contains(wrong, "5 执业类别 required") {
		t.Errorf("%q", wrong)
	}
	cmd, people := uuid.New(), oneSheet(t, staff, attending)
	got, wrong = w.imported(w.HomeAdmin, cmd, "STAFF", false, people)
	if len(wrong) != 0 || got.Written != 1 || got.Accounts == nil || (*got.Accounts)[0].Username != "att.bao" || (*got.Accounts)[0].TemporaryPassword == "" {
		t.Errorf("%q, %+v", wrong, got)
	}
	if again, wrong := w.imported(w.HomeAdmin, cmd, "STAFF", false, people); len(wrong) != 0 || again.Accounts != nil {
		t.Errorf("the same command tells passwords again: %q, %+v", wrong, again)
	}
	if n := w.Count(`SELECT count(*) FROM users u JOIN memberships m ON m.user_id = u.id JOIN professional_licences l ON l.user_id = u.id
		WHERE u.username = 'att.bao' AND u.must_change_password AND u.password_hash <> '' AND m.role = 'ATTENDING' AND m.organisation_id = $1 AND l.number = '110150102000123' AND l.valid_to = '2030-12-31'`, w.Home); n != 1 {
		t.Errorf("%d such people", n)
	}

	// Whoever works elsewhere keeps the account and is asked; whoever works here is no new person.
	elsewhere := slices.Clone(attending)
	elsewhere[1] = w.Gao.Username
	for _, dry := range []bool{true, false} {
		got, wrong = w.imported(w.HomeAdmin, uuid.New(), "STAFF", dry, oneSheet(t, staff, elsewhere))
		if len(wrong) != 0 || got.Invited == nil || !slices.Equal(*got.Invited, []string{w.Gao.Username}) || got.Accounts != nil && len(*got.Accounts) > 0 {
			t.Errorf("%q, %+v", wrong, got)
		}
	}
	if n := w.Count(`SELECT count(*) FROM membership_invitations WHERE user_id = $1 AND organisation_id = $2 AND role = 'ATTENDING' AND state = 'OPEN'`, w.Gao.UserID, w.Home); n != 1 {
		t.Errorf("%d invitations", n)
	}
	if n := w.Count(`SELECT count(*) FROM memberships WHERE user_id = $1 AND organisation_id = $2`, w.Gao.UserID, w.Home); n != 0 {
		t.Error("an import gave a role to somebody of elsewhere")
	}

	agreements := []any{"协议编号", "邀请方信用代码", "受邀方信用代码", "服务类型", "诊疗科目", "有效期起", "有效期止", "合作目的", "合作条件", "合作内容", "合作流程", "权利义务", "责任分担"}
	one := []any{"XY-2026-88", home, hospital, "REMOTE_CONSULT、CHRONIC_MGMT", "02", "2026-01-01", "2027/12/31", "目的", "条件", "内容", "流程", "权利", "责任"}
	empty := slices.Clone(one)
	empty[0], empty[12], empty[3] = "XY-2026-89", "", "会诊费"
	if _, wrong := w.imported(w.Sys, uuid.New(), "AGREEMENTS", false, oneSheet(t, agreements, one, empty, one)); !slices.Contains(wrong, "3 服务类型 import_code") || !slices.ContainsFunc(wrong, func(s string) bool { return strings.HasPrefix(s, "3 责任分担 ") }) ||
		!slices.Contains(wrong, "4 协议编号 agreement_number_taken") {
		t.Errorf("%q", wrong)
	}
	if got, wrong := w.imported(w.Sys, uuid.New(), "AGREEMENTS", false, oneSheet(t, agreements, one)); len(wrong) != 0 || got.Written != 1 || w.Count(`SELECT count(*) FROM agreements WHERE number = 'XY-2026-88' AND service_types = '{REMOTE_CONSULT,CHRONIC_MGMT}' AND valid_to = '2027-12-31'`) != 1 {
		t.Errorf("%q, %d written", wrong, got.Written)
	}

	for what, who := range map[contract.ImportNumbersParamsWhat]identity.Actor{"AGREEMENTS": w.HomeAdmin, "RESIDENTS": w.Sys, "STAFF": w.County} {
		if _, err := w.goals.ImportNumbers(t.Context(), who, uuid.New(), contract.ImportNumbersParams{What: what}, bytes.NewReader(file)); problem.Of(err).Status != 403 {
			t.Errorf("%s imports %s: %v", who.Username, what, err)
		}
	}
	if list, err := w.goals.ListImports(t.Context(), w.HomeAdmin); err != nil || len(list) != 3 {
		t.Errorf("%+v, %v", list, err)
	}
}
