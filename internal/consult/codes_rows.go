package consult

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// codeColumns are the columns of a kind's file besides code, zh, en and rank.
func (k CodeKind) columns() []string {
	switch k {
	case CodesConditions:
		return []string{"aka", "initials"}
	case CodesDepartments:
		return []string{"parent"}
	case CodesDivisions:
		return []string{"parent", "level"}
	case CodesVitals:
		return []string{"loinc", "ucum", "decimals", "possible_low", "possible_high", "plausible_low", "plausible_high", "normal_low", "normal_high",
			"critical_low", "critical_high", "critical_urgency", "unmeasurable_urgency", "qualifiers", "options"}
	}
	return nil
}

// Columns are the headings of a kind's file in their order.
func (k CodeKind) Columns() []string {
	return append(append([]string{"code", "zh", "en"}, k.columns()...), "rank")
}

// needed are the columns that a file cannot leave out.
func (k CodeKind) needed() []string {
	switch k {
	case CodesConditions:
		return []string{"code", "zh"}
	case CodesDepartments:
		return []string{"code", "zh", "parent"}
	case CodesDivisions:
		return []string{"code", "zh", "parent", "level"}
	}
	return append([]string{"code", "zh"}, k.columns()...)
}

// Fields are the row's cells in the order of Columns.
func (r CodeRow) Fields(k CodeKind) []string {
	out := []string{r.Code, r.ZH, r.EN}
	for _, c := range k.columns() {
		out = append(out, r.More[c])
	}
	return append(out, strconv.Itoa(r.Rank))
}

// ShippedCodes are the rows that come with the program: version 1 of a table.
func ShippedCodes(k CodeKind) []CodeRow {
	file := map[CodeKind]string{CodesConditions: "conditions.csv", CodesVitals: "vitals.csv", CodesDepartments: "departments.csv", CodesDivisions: "divisions.csv"}[k]
	var out []CodeRow
	for i, r := range readRecords(file) {
		row := CodeRow{Code: r.text("code"), ZH: r.text("zh"), EN: r.text("en"), Rank: (i + 1) * rankStep, More: map[string]string{}}
		for _, c := range k.columns() {
			row.More[c] = r.text(c)
		}
		out = append(out, row)
	}
	return out
}

const (
	rankStep = 10
	// unranked codes stand behind those that have a place.
	unranked = 1_000_000
)

// CodeProblem is what is wrong with a row of a file. Line 1 is the heading; line 0 means the table as a whole.
type CodeProblem struct {
	Line   int
	Column string
	Code   string            // a code of the catalogue of sentences
	Args   map[string]string // codes and numbers
}

// The limits of a code table.
const (
	MostCodeRows  = 60_000 // the national list of diagnoses has some 34,000
	mostCodeRunes = 200
)

// ReadCodes reads the records of a file (the first is the heading) as the next version of a table whose newest rows are given: a row
// without a rank keeps the one that its code has. It gives the rows and all that is wrong; with a problem there is no version.
func ReadCodes(k CodeKind, records [][]string, newest []CodeRow) ([]CodeRow, []CodeProblem) {
	var problems []CodeProblem
	wrong := func(line int, column, code string, args ...string) {
		p := CodeProblem{Line: line, Column: column, Code: code, Args: map[string]string{}}
		for i := 0; i+1 < len(args); i += 2 {
			p.Args[args[i]] = args[i+1]
		}
		problems = append(problems, p)
	}
	if len(records) == 0 {
		records = [][]string{nil}
	}
	at := map[string]int{}
	for i, name := range records[0] {
		at[strings.ToLower(strings.Trim(name, " \t\ufeff"))] = i
	}
	for _, name := range k.needed() {
		if _, ok := at[name]; !ok {
			wrong(1, name, "code_column", "column", name)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	if len(records) > MostCodeRows+1 {
		wrong(0, "", "code_too_many", "most", strconv.Itoa(MostCodeRows))
		return nil, problems
	}
	before := make(map[string]CodeRow, len(newest))
	for _, r := range newest {
		before[r.Code] = r
	}
	var rows []CodeRow
	lineOf := map[string]int{}
	for i, fields := range records[1:] {
		line := i + 2
		text := func(column string) string {
			if j, ok := at[column]; ok && j < len(fields) {
				return strings.TrimSpace(fields[j])
			}
			return ""
		}
		if !slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" }) {
			continue
		}
		r := CodeRow{Code: text("code"), ZH: text("zh"), EN: text("en"), More: map[string]string{}}
		old, known := before[r.Code]
		for _, c := range k.columns() {
			if _, ok := at[c]; ok {
				r.More[c] = text(c)
			} else {
				r.More[c] = old.More[c] // a column that may be left out says nothing new
			}
		}
		r.Rank = unranked
		if known {
			r.Rank = old.Rank
		}
		if s := text("rank"); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 || n > 10*unranked {
				wrong(line, "rank", "wrong_value")
			}
			r.Rank = n
		}
		if !k.pattern().MatchString(r.Code) {
			wrong(line, "code", "code_form")
		} else if first, twice := lineOf[r.Code]; twice {
			wrong(line, "code", "code_twice", "line", strconv.Itoa(first))
		} else {
			lineOf[r.Code] = line
		}
		if r.ZH == "" {
			wrong(line, "zh", "required")
		}
		for column, value := range map[string]string{"zh": r.ZH, "en": r.EN} {
			if len([]rune(value)) > mostCodeRunes {
				wrong(line, column, "too_long", "max", strconv.Itoa(mostCodeRunes))
			}
		}
		if k == CodesVitals {
			problemsOfVital(r, func(column, code string, args ...string) { wrong(line, column, code, args...) })
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		wrong(0, "", "code_no_rows")
	}
	has := make(map[string]CodeRow, len(rows))
	for _, r := range rows {
		has[r.Code] = r
	}
	for _, r := range rows {
		line := lineOf[r.Code]
		parent, found := has[r.More["parent"]]
		switch k {
		case CodesDepartments:
			if r.More["parent"] != "" && (!found || parent.Code == r.Code || parent.More["parent"] != "" || !strings.HasPrefix(r.Code, parent.Code)) {
				wrong(line, "parent", "code_parent")
			}
		case CodesDivisions:
			above := map[string]string{"REGION": "", "LEAGUE": "REGION", "COUNTY": "LEAGUE"}
			level, ok := above[r.More["level"]]
			if !ok {
				wrong(line, "level", "wrong_value")
			} else if level == "" && r.More["parent"] != "" || level != "" && (!found || parent.More["level"] != level) {
				wrong(line, "parent", "code_parent")
			}
		}
	}
	if k == CodesVitals {
		for _, own := range ShippedCodes(k) {
			if _, ok := has[own.Code]; !ok {
				wrong(0, "code", "code_of_program", "vital", own.Code)
			}
		}
	}
	slices.SortStableFunc(problems, func(a, b CodeProblem) int { return a.Line - b.Line })
	return rows, problems
}

var codePatterns = map[CodeKind]*regexp.Regexp{
	CodesConditions:  regexp.MustCompile(`^[A-Z][0-9]{2}(\.[0-9xX][0-9A-Za-z]{0,7})?([+†*][0-9A-Z.*]{0,10})?$`),
	CodesVitals:      regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,19}$`),
	CodesDepartments: regexp.MustCompile(`^[0-9]{2}([0-9]{2})?$`),
	CodesDivisions:   regexp.MustCompile(`^15[0-9]{4}$`),
}

func (k CodeKind) pattern() *regexp.Regexp { return codePatterns[k] }

// problemsOfVital checks a row of the vitals. What triage stands on (unit, decimals, critical bounds, the urgency they propose, options)
// is a rule of the program for the vitals that it knows: a file may not say otherwise.
func problemsOfVital(r CodeRow, wrong func(column, code string, args ...string)) {
	if !validLOINC(r.More["loinc"]) {
		wrong("loinc", "code_loinc")
	}
	number := func(column string, needed bool) (float64, bool) {
		s := r.More[column]
		if s == "" {
			if needed {
				wrong(column, "required")
			}
			return 0, false
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || v < -1e6 || v > 1e6 || v != v {
			wrong(column, "wrong_value")
			return 0, false
		}
		return v, true
	}
	coded := r.More["options"] != ""
	if d, err := strconv.Atoi(r.More["decimals"]); err != nil || d < 0 || d > 3 {
		wrong("decimals", "wrong_value")
	}
	order := []string{"possible_low", "plausible_low", "normal_low", "normal_high", "plausible_high", "possible_high"}
	last, lastColumn := 0.0, ""
	for _, column := range order {
		v, ok := number(column, !coded && strings.HasPrefix(column, "p"))
		if ok && lastColumn != "" && v < last {
			wrong(column, "code_bounds", "column", lastColumn)
		}
		if ok {
			last, lastColumn = v, column
		}
	}
	number("critical_low", false)
	number("critical_high", false)
	for _, column := range []string{"critical_urgency", "unmeasurable_urgency"} {
		if u := r.More[column]; u != "" && !Urgency(u).Valid() {
			wrong(column, "wrong_value")
		}
	}
	for q := range strings.SplitSeq(r.More["qualifiers"], ";") {
		if q != "" && !slices.Contains([]Qualifier{Unmeasurable, AboveRange, BelowRange}, Qualifier(q)) {
			wrong("qualifiers", "wrong_value")
		}
	}
	for o := range strings.SplitSeq(r.More["options"], ";") {
		if o != "" && strings.Count(o, ":") != 2 {
			wrong("options", "wrong_value")
		}
	}
	for _, own := range ShippedCodes(CodesVitals) {
		if own.Code != r.Code {
			continue
		}
		for _, column := range []string{"ucum", "decimals", "critical_low", "critical_high", "critical_urgency", "unmeasurable_urgency", "options"} {
			if own.More[column] != r.More[column] {
				wrong(column, "code_rule", "value", own.More[column])
			}
		}
	}
}

// validLOINC checks the form of a LOINC code and its check digit (modulus 10, as in ISO/IEC 7812).
func validLOINC(code string) bool {
	digits, check, ok := strings.Cut(code, "-")
	if !ok || len(digits) < 1 || len(digits) > 7 || len(check) != 1 {
		return false
	}
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return int(check[0])-'0' == (10-sum%10)%10
}

// CodeDifference is what a new version changes.
type CodeDifference struct {
	Added, Retired []CodeRow
	Changed        []CodeChange
}

// CodeChange is a row that says something else than before.
type CodeChange struct{ Before, After CodeRow }

// Empty says that nothing changes but perhaps the order.
func (d CodeDifference) Empty() bool { return len(d.Added)+len(d.Changed)+len(d.Retired) == 0 }

// CompareCodes says what leads from the rows of one version to those of the next, each list by code.
func CompareCodes(before, after []CodeRow) CodeDifference {
	var d CodeDifference
	old := make(map[string]CodeRow, len(before))
	for _, r := range before {
		old[r.Code] = r
	}
	for _, r := range after {
		was, known := old[r.Code]
		switch {
		case !known:
			d.Added = append(d.Added, r)
		case !was.Same(r):
			d.Changed = append(d.Changed, CodeChange{was, r})
		}
		delete(old, r.Code)
	}
	for _, r := range before {
		if _, gone := old[r.Code]; gone {
			d.Retired = append(d.Retired, r)
		}
	}
	byCode := func(a, b CodeRow) int { return strings.Compare(a.Code, b.Code) }
	slices.SortFunc(d.Added, byCode)
	slices.SortFunc(d.Retired, byCode)
	slices.SortFunc(d.Changed, func(a, b CodeChange) int { return byCode(a.After, b.After) })
	return d
}

// The rows as the program uses them. A row has passed ReadCodes or comes with the program.

func (r CodeRow) term() Term { return Term{r.Code, r.ZH, r.EN} }

func (r CodeRow) list(column string) []string {
	if r.More[column] == "" {
		return nil
	}
	return strings.Split(r.More[column], ";")
}

func conditionOf(r CodeRow) Condition {
	return Condition{Term: r.term(), Aka: r.list("aka"), initials: r.list("initials")}
}

func departmentOf(r CodeRow) Department { return Department{Term: r.term(), Parent: r.More["parent"]} }

func divisionOf(r CodeRow) Division {
	return Division{Term: r.term(), Parent: r.More["parent"], Level: r.More["level"]}
}

func vitalOf(r CodeRow) VitalSpec {
	bound := func(column string) *float64 {
		v, err := strconv.ParseFloat(r.More[column], 64)
		if err != nil {
			return nil
		}
		return &v
	}
	number := func(column string) float64 {
		if v := bound(column); v != nil {
			return *v
		}
		return 0
	}
	decimals, _ := strconv.Atoi(r.More["decimals"])
	v := VitalSpec{Term: r.term(), LOINC: r.More["loinc"], UCUM: r.More["ucum"], Decimals: decimals,
		PossibleLow: number("possible_low"), PossibleHigh: number("possible_high"), PlausibleLow: number("plausible_low"), PlausibleHigh: number("plausible_high"),
		NormalLow: bound("normal_low"), NormalHigh: bound("normal_high"), CriticalLow: bound("critical_low"), CriticalHigh: bound("critical_high"),
		CriticalUrgency: Urgency(r.More["critical_urgency"]), UnmeasurableUrgency: Urgency(r.More["unmeasurable_urgency"])}
	for _, q := range r.list("qualifiers") {
		v.Qualifiers = append(v.Qualifiers, Qualifier(q))
	}
	for _, o := range r.list("options") {
		parts := strings.SplitN(o, ":", 3)
		v.Options = append(v.Options, Term{parts[0], parts[1], parts[2]})
	}
	return v
}
