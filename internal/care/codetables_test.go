package care_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// An administrator downloads a table, changes it, tries it, and replaces the one in force; what was recorded keeps its names.
func TestCodeTableIsReplaced(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Offered(w.Nurse, w.Resident)
	c = w.Claim(w.Wang, c)
	w.Connect(w.Nurse, w.Wang, c)
	c = w.Sign(w.Wang, c, w.Content())
	diagnosis := func(a identity.Actor) string {
		t.Helper()
		return (*must(w.Care.GetConsultation(ctx, a, c.Id))(t).Reports[0].Content.Diagnoses)[0].Text
	}
	code, name := *(*w.Content().Diagnoses)[0].Code, diagnosis(w.HomeAdmin)
	w.Exec(`UPDATE residents SET condition_codes = '{E79.0}' WHERE id = $1`, w.Second)

	_, file, err := w.Care.GetCodeTableFile(ctx, w.Sys, "CONDITION", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(file), "\ufeffcode,zh,en,aka,initials,rank\n") {
		t.Fatalf("file begins %q", file[:60])
	}
	records := must(csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff")))).ReadAll())(t)
	records = slices.DeleteFunc(records, func(r []string) bool { return r[0] == "E79.0" || r[0] == "M10.9" })
	for _, r := range records {
		if r[0] == code {
			r[1] = "改名的诊断"
		}
	}
	records = append(records, []string{"Z74.1", "需要个人照料", "", "", "", ""})
	var changed bytes.Buffer
	if err := csv.NewWriter(&changed).WriteAll(records); err != nil {
		t.Fatal(err)
	}
	replace := func(content []byte, in contract.ReplaceCodeTableParams, cmd uuid.UUID) (contract.CodeTableCheck, error) {
		return w.Care.ReplaceCodeTable(ctx, w.Sys, cmd, "CONDITION", in, bytes.NewReader(content))
	}

	// As spreadsheets in China save it.
	gb := must(simplifiedchinese.GB18030.NewEncoder().Bytes(changed.Bytes()))(t)
	check := must(replace(gb, contract.ReplaceCodeTableParams{DryRun: ptr(true)}, uuid.New()))(t)
	if len(check.Problems) > 0 || check.Added != 1 || check.Changed != 1 || check.Retired != 2 || check.RetiredInUse != 1 || check.Base != 1 || check.Written != nil {
		t.Fatalf("dry run %+v", check)
	}
	if first := check.Changes[0]; first.Code != "E79.0" || first.What != "RETIRED" || len(first.Uses) != 1 || first.Uses[0] != (contract.CodeUse{What: "RESIDENTS", N: 1}) {
		t.Errorf("what is in use stands first: %+v", first)
	}
	is(t, "versions after a dry run", w.Count(`SELECT count(*) FROM code_versions WHERE kind = 'CONDITION'`), 1)

	in := contract.ReplaceCodeTableParams{Base: ptr(1), FileName: ptr("国家临床版.csv")}
	_, err = replace(gb, contract.ReplaceCodeTableParams{}, uuid.New())
	fields(t, err, map[string]string{"base": "required"})
	_, err = replace(gb, in, uuid.New())
	is(t, "count in the refusal", refused(t, err, "codes_in_use").Args["n"], "1")
	in.RetireUsed = ptr(true)
	in.ValidFrom = dayp("2026-03-09")
	_, err = replace(gb, in, uuid.New())
	fields(t, err, map[string]string{"validFrom": "code_valid_from"})
	in.ValidFrom = nil
	_, err = replace([]byte("code,zh\nI10,\n"), in, uuid.New())
	fields(t, err, map[string]string{"rows/2": "required"})
	_, err = replace([]byte("code,zh\n\"I10"), in, uuid.New())
	refused(t, err, "code_file_unreadable")
	_, err = replace(file, in, uuid.New())
	refused(t, err, "code_table_same")

	w.Clock.Pass(time.Hour)
	cmd := uuid.New()
	done := must(replace(gb, in, cmd))(t)
	is(t, "new version", *done.Written, 2)
	is(t, "repeated", *must(replace(gb, in, cmd))(t).Written, 2)
	_, err = replace(file, in, uuid.New())
	refused(t, err, "code_table_moved")

	// Old records keep the name of their day; new ones cannot use what was retired; what has it still shows it.
	is(t, "the signed diagnosis", diagnosis(w.HomeAdmin), name)
	found := func(q string) []string {
		out := []string{}
		for _, term := range must(w.Care.SearchConditions(ctx, w.Wang, contract.SearchConditionsParams{Q: q}))(t) {
			out = append(out, term.Code)
		}
		return out
	}
	if got := found("gmdzd"); !slices.Equal(got, []string{code}) { // 改名的诊断
		t.Errorf("by the initials of the new name: %v", got)
	}
	if got := found("xygrzl"); !slices.Equal(got, []string{"Z74.1"}) {
		t.Errorf("by the initials of a name without any in the file: %v", got)
	}
	if got := found("E79"); len(got) != 0 {
		t.Errorf("a retired code is found: %v", got)
	}
	card := must(w.Care.GetResident(ctx, w.Nurse, w.Second))(t).Card
	is(t, "a resident's condition", card.ConditionCodes[0], "E79.0")
	is(t, "its name", w.Store.Codes().Label(consult.VocabCondition, "E79.0", consult.ZH), "高尿酸血症")

	table := must(w.Care.ListCodeTables(ctx, w.Sys))(t)[0]
	if v := table.Versions[0]; table.Version != 2 || v.FileName != "国家临床版.csv" || v.Added != 1 || v.MadeBy == nil || table.Versions[1].MadeBy != nil {
		t.Errorf("versions %+v", table)
	}
	page := must(w.Care.GetCodeTable(ctx, w.Sys, "CONDITION", contract.GetCodeTableParams{Q: ptr("gns"), Version: ptr(1)}))(t)
	if len(page.Rows) != 1 || page.Rows[0].Code != "E79.0" {
		t.Errorf("by initials in version 1: %+v", page)
	}
	_, err = w.Care.GetCodeTable(ctx, w.Sys, "CONDITION", contract.GetCodeTableParams{Version: ptr(3)})
	refused(t, err, "not_found")
	is(t, "audited", w.Count(`SELECT count(*) FROM access_log WHERE action = 'replaceCodeTable' AND result = 'CONDITION 2 +1 ~1 -2' AND user_id = $1`, w.Sys.UserID), 1)

	// Another process reads it; what was written stays as it is.
	other, err := store.Open(ctx, w.Store.Pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	is(t, "in another process", other.Codes().Label(consult.VocabCondition, code, consult.ZH), "改名的诊断")
	for _, sql := range []string{`DELETE FROM code_rows WHERE code = 'I10'`, `UPDATE code_rows SET zh = '别的' WHERE code = 'I10'`, `UPDATE code_rows SET last_version = NULL WHERE code = 'E79.0'`, `DELETE FROM code_versions`} {
		if _, err := w.Store.Pool.Exec(ctx, sql); err == nil {
			t.Errorf("not refused: %s", sql)
		}
	}
}

func TestDepartmentsAndDivisionsThatAreReplaced(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	edit := func(kind contract.CodeKind, change func(string) string, use bool) contract.CodeTableCheck {
		t.Helper()
		_, file, err := w.Care.GetCodeTableFile(ctx, w.Sys, kind, nil)
		if err != nil {
			t.Fatal(err)
		}
		return must(w.Care.ReplaceCodeTable(ctx, w.Sys, uuid.New(), kind, contract.ReplaceCodeTableParams{Base: ptr(1), RetireUsed: &use}, strings.NewReader(change(string(file)))))(t)
	}
	// The hospital's geriatrics department is retired from the list: its licence and agreement hold, nobody new gets it.
	check := edit("DEPARTMENT", func(s string) string {
		lines := slices.DeleteFunc(strings.Split(s, "\n"), func(l string) bool { return strings.HasPrefix(l, "0310,") })
		return strings.Join(append(lines[:len(lines)-1], "0388,安宁内科,,03,"), "\n")
	}, true)
	if check.Retired != 1 || check.Added != 1 {
		t.Fatalf("%+v", check)
	}
	codes := w.Store.Codes()
	if !codes.Covers([]string{"0310"}, "0310") || codes.Current(consult.VocabDepartment, "0310") || !codes.Covers([]string{"03"}, "0388") {
		t.Error("a retired department does not hold any more, or a new one is not covered by its parent")
	}
	in := hospital()
	(*in.Licences)[0].DepartmentCodes = []string{"0310", "0388"}
	_, err := w.Care.CreateOrganisation(ctx, w.Sys, uuid.New(), in)
	fields(t, err, map[string]string{"licences/0/departmentCodes/0": "wrong_value"})
	(*in.Licences)[0].DepartmentCodes = []string{"0388"}
	made := must(w.Care.CreateOrganisation(ctx, w.Sys, uuid.New(), in))(t)
	is(t, "the new department", made.Departments[0].Name, "安宁内科")

	edit("DIVISION", func(s string) string { return strings.Replace(s, "150104,玉泉区", "150104,玉泉新区", 1) }, false)
	catalogue := must(w.Care.GetCatalogue(ctx, w.Nurse))(t)
	for _, term := range catalogue.Divisions {
		if term.Code == "150104" && (term.Zh != "玉泉新区" || *term.Initials != "yqxq") {
			t.Errorf("division in the catalogue: %+v", term)
		}
	}
	last := catalogue.Departments[len(catalogue.Departments)-1]
	if last.Code != "0310" || last.Retired == nil || !*last.Retired {
		t.Errorf("a retired department is read and not chosen: %+v", last)
	}
	for _, a := range []identity.Actor{w.HomeAdmin, w.Nurse, w.County} {
		_, err := w.Care.ListCodeTables(ctx, a)
		refused(t, err, "forbidden")
		_, err = w.Care.ReplaceCodeTable(ctx, a, uuid.New(), "DIVISION", contract.ReplaceCodeTableParams{DryRun: ptr(true)}, strings.NewReader("code"))
		refused(t, err, "forbidden")
	}
}
