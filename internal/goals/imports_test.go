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
