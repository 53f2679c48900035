package consult

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// file gives the shipped rows of a kind as the records of a file, with some lines changed: the new cells by code and column.
func file(k CodeKind, change map[string]map[string]string, more ...[]string) [][]string {
	out := [][]string{k.Columns()}
	for _, r := range ShippedCodes(k) {
		fields := r.Fields(k)
		for column, value := range change[r.Code] {
			fields[slices.Index(k.Columns(), column)] = value
		}
		if change[r.Code] != nil && len(change[r.Code]) == 0 {
			continue // left out
		}
		out = append(out, fields)
	}
	return append(out, more...)
}

func TestShippedTablesReadBack(t *testing.T) {
	for _, k := range CodeKinds() {
		before := ShippedCodes(k)
		rows, problems := ReadCodes(k, file(k, nil), before)
		if len(problems) > 0 {
			t.Errorf("%s: the program's own file is refused: %+v", k, problems)
		}
		if d := CompareCodes(before, rows); !d.Empty() || len(rows) != len(before) {
			t.Errorf("%s: %d rows of %d, difference %+v", k, len(rows), len(before), d)
		}
	}
}

func TestReadCodesSaysWhatIsWrong(t *testing.T) {
	out := map[string]string{}
	for _, c := range []struct {
		name    string
		kind    CodeKind
		records [][]string
		want    string // line column code of each problem
	}{
		{"empty", CodesConditions, nil, "1 code code_column, 1 zh code_column"},
		{"only a heading", CodesConditions, [][]string{{"code", "zh"}}, "0  code_no_rows"},
		{"a byte order mark and capitals in the heading", CodesConditions, [][]string{{"\ufeffCode", "ZH"}, {"I10", "高血压"}}, ""},
		{"official code with six characters", CodesConditions, [][]string{{"code", "zh"}, {"I10.x00x002", "高血压病1级"}, {"A17.805+G01*", "结核性脑膜炎"}}, ""},
		{"form", CodesConditions, [][]string{{"code", "zh"}, {"高血压", "I10"}, {"i10", "高血压"}}, "2 code code_form, 3 code code_form"},
		{"twice", CodesConditions, [][]string{{"code", "zh"}, {"I10", "高血压"}, {}, {"I10", "高血压病"}}, "4 code code_twice"},
		{"no name", CodesConditions, [][]string{{"code", "zh"}, {"I10", " "}}, "2 zh required"},
		{"long name", CodesConditions, [][]string{{"code", "zh"}, {"I10", strings.Repeat("病", 201)}}, "2 zh too_long"},
		{"rank", CodesConditions, [][]string{{"code", "zh", "rank"}, {"I10", "高血压", "first"}}, "2 rank wrong_value"},
		{"department without its parent", CodesDepartments, [][]string{{"code", "zh", "parent"}, {"0304", "心血管内科", "03"}}, "2 parent code_parent"},
		{"department below a stranger", CodesDepartments, [][]string{{"code", "zh", "parent"}, {"03", "内科", ""}, {"04", "外科", ""}, {"0304", "心血管内科", "04"}}, "4 parent code_parent"},
		{"department below itself", CodesDepartments, [][]string{{"code", "zh", "parent"}, {"03", "内科", "03"}}, "2 parent code_parent"},
		{"division of another province", CodesDivisions, [][]string{{"code", "zh", "parent", "level"}, {"110000", "北京市", "", "REGION"}}, "2 code code_form"},
		{"county below the region", CodesDivisions, [][]string{{"code", "zh", "parent", "level"}, {"150000", "内蒙古自治区", "", "REGION"}, {"150102", "新城区", "150000", "COUNTY"}}, "3 parent code_parent"},
		{"level", CodesDivisions, [][]string{{"code", "zh", "parent", "level"}, {"150000", "内蒙古自治区", "", "省"}}, "2 level wrong_value"},
		{"vital of the program left out", CodesVitals, file(CodesVitals, map[string]map[string]string{"TEMP": out}), "0 code code_of_program"},
		{"check digit", CodesVitals, file(CodesVitals, map[string]map[string]string{"TEMP": {"loinc": "8310-6"}}), "2 loinc code_loinc"},
		{"a triage bound", CodesVitals, file(CodesVitals, map[string]map[string]string{"SPO2": {"critical_low": "80"}}), "7 critical_low code_rule"},
		{"bounds in the wrong order", CodesVitals, file(CodesVitals, map[string]map[string]string{"TEMP": {"normal_low": "47"}}),
			"2 normal_high code_bounds"},
		{"a bound that is no number", CodesVitals, file(CodesVitals, map[string]map[string]string{"TEMP": {"plausible_low": "NaN"}}), "2 plausible_low wrong_value"},
		{"a vital more", CodesVitals, file(CodesVitals, nil, strings.Split("CHOL,总胆固醇,Cholesterol,14647-2,mmol/L,2,0.1,50,1,20,,,,,,,,,", ",")), ""},
	} {
		_, problems := ReadCodes(c.kind, c.records, ShippedCodes(c.kind))
		var got []string
		for _, p := range problems {
			got = append(got, strings.Join([]string{itoa(p.Line), p.Column, p.Code}, " "))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, s, c.want)
		}
	}
}

func itoa(n int) string { return decimal(float64(n)) }

// A division that is renamed, one that is dissolved and a new one: names by the day of the record, nothing lost for what refers to them.
func TestNewVersionOfATable(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	rows, problems := ReadCodes(CodesDivisions, append([][]string{{"code", "zh", "en", "parent", "level"},
		{"150104", "玉泉新区", "Yuquan New District", "150100", "COUNTY"}, {"150190", "和林新区", "", "150100", "COUNTY"}},
		slices.DeleteFunc(file(CodesDivisions, nil)[1:], func(f []string) bool { return f[0] == "150104" || f[0] == "150125" })...), ShippedCodes(CodesDivisions))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	d := CompareCodes(ShippedCodes(CodesDivisions), rows)
	if len(d.Added) != 1 || d.Added[0].Code != "150190" || len(d.Changed) != 1 || d.Changed[0].Before.ZH != "玉泉区" || len(d.Retired) != 1 || d.Retired[0].Code != "150125" {
		t.Fatalf("difference %+v", d)
	}
	h := CodeHistory{Versions: []CodeVersion{{1, day("2024-01-01")}, {2, day("2027-01-01")}}}
	for _, r := range ShippedCodes(CodesDivisions) {
		s := CodeSpan{CodeRow: r, First: 1}
		if r.Code == "150104" || r.Code == "150125" {
			s.Last = 1
		}
		h.Spans = append(h.Spans, s)
	}
	for _, r := range append(d.Added, d.Changed[0].After) {
		h.Spans = append(h.Spans, CodeSpan{CodeRow: r, First: 2})
	}

	before, after := NewCodes(map[CodeKind]CodeHistory{CodesDivisions: h}, day("2026-12-31")), NewCodes(map[CodeKind]CodeHistory{CodesDivisions: h}, day("2027-01-01"))
	for _, c := range []struct {
		codes    *Codes
		code     string
		current  bool
		now      string
		in2026   string
		in2027   string
		in2020   string // before the first version
		ofHohhot bool
	}{
		{before, "150104", true, "玉泉区", "玉泉区", "玉泉新区", "玉泉区", true},
		{after, "150104", true, "玉泉新区", "玉泉区", "玉泉新区", "玉泉区", true},
		{before, "150125", true, "武川县", "武川县", "武川县", "武川县", true},
		{after, "150125", false, "武川县", "武川县", "武川县", "武川县", true},
		{after, "150190", true, "和林新区", "和林新区", "和林新区", "和林新区", true},
		{after, "159999", false, "159999", "159999", "159999", "159999", false},
	} {
		at := func(s string) string { return c.codes.LabelAt(VocabDivision, c.code, ZH, day(s)) }
		if got := c.codes.Current(VocabDivision, c.code); got != c.current {
			t.Errorf("%s current: %v", c.code, got)
		}
		if c.codes.Label(VocabDivision, c.code, ZH) != c.now || at("2026-06-01") != c.in2026 || at("2027-06-01") != c.in2027 || at("2020-01-01") != c.in2020 {
			t.Errorf("%s is called %s now, %s in 2026, %s in 2027, %s in 2020", c.code, c.codes.Label(VocabDivision, c.code, ZH), at("2026-06-01"), at("2027-06-01"), at("2020-01-01"))
		}
		if got := c.codes.DivisionWithin(c.code, "150100"); got != c.ofHohhot {
			t.Errorf("%s within 呼和浩特市: %v", c.code, got)
		}
	}
	if _, known := before.Division("150190"); known {
		t.Error("a code of a later version is known before it is in force")
	}
	if got := after.Label(VocabDivision, "150190", EN); got != "和林新区" {
		t.Errorf("without an English name: %q", got)
	}
	for _, d := range after.Divisions() {
		if d.Code == "150125" {
			t.Error("a retired division is listed")
		}
	}
	if len(after.Retired(CodesDivisions)) != 1 || len(after.Terms(VocabDivision)) != len(after.Divisions()) {
		t.Error("retired codes are not kept apart")
	}
	// The kinds without a history are the shipped ones.
	if !after.Covers([]string{"03"}, "0304") || len(after.SearchConditions("gxy", 3)) == 0 {
		t.Error("the other tables are gone")
	}
}

func TestVitalsByTheTableInForce(t *testing.T) {
	rows, problems := ReadCodes(CodesVitals, file(CodesVitals, map[string]map[string]string{"TEMP": {"normal_high": "37"}},
		strings.Split("CHOL,总胆固醇,Cholesterol,14647-2,mmol/L,2,0.1,50,1,20,,5.2,,,,,,,", ",")), ShippedCodes(CodesVitals))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	h := CodeHistory{Versions: []CodeVersion{{Number: 2}}}
	for _, r := range rows {
		h.Spans = append(h.Spans, CodeSpan{CodeRow: r, First: 2})
	}
	codes := NewCodes(map[CodeKind]CodeHistory{CodesVitals: h}, time.Time{})
	value := 37.1
	if a, err := codes.CheckVital(Reading{Code: VitalTemp, Value: &value}); err != nil || a.Flag != FlagHigh {
		t.Errorf("37.1 by the new table: %+v %v", a, err)
	}
	if a, err := CheckVital(Reading{Code: VitalTemp, Value: &value}); err != nil || a.Flag != FlagNormal {
		t.Errorf("37.1 by the shipped table: %+v %v", a, err)
	}
	odd := 25.0
	a, err := codes.CheckVital(Reading{Code: "CHOL", Value: &odd})
	if err != nil || a.Flag != FlagHigh || a.Unconfirmed() == nil {
		t.Errorf("a vital that the program does not know: %+v %v", a, err)
	}
	if _, err := CheckVital(Reading{Code: "CHOL", Value: &odd}); err == nil {
		t.Error("the shipped table knows CHOL")
	}
}
