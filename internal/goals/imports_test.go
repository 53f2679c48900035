package goals_test

import (
	"bytes"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/lianzhen-health/lianzhen/internal/contract"
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
