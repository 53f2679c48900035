package consult

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// CodeKind names one of the code tables that an installation may replace: the official lists of diagnoses, vitals, departments and
// divisions change, and the program's own are only their first version.
type CodeKind string

// The replaceable tables.
const (
	CodesConditions  CodeKind = "CONDITION"  // ICD-10, 国家临床版
	CodesVitals      CodeKind = "VITAL"      // LOINC and UCUM of what is measured
	CodesDepartments CodeKind = "DEPARTMENT" // 医疗机构诊疗科目名录
	CodesDivisions   CodeKind = "DIVISION"   // GB/T 2260, Inner Mongolia
)

// CodeKinds lists them in the order in which people read them.
func CodeKinds() []CodeKind {
	return []CodeKind{CodesConditions, CodesVitals, CodesDepartments, CodesDivisions}
}

// Vocabulary is the name of the table among all vocabularies.
func (k CodeKind) Vocabulary() Vocabulary { return Vocabulary(strings.ToLower(string(k))) }

// replaceable says which replaceable table a vocabulary is.
func replaceable(v Vocabulary) (CodeKind, bool) {
	for _, k := range CodeKinds() {
		if k.Vocabulary() == v {
			return k, true
		}
	}
	return "", false
}

// CodeRow is a row of a replaceable table as its file has it. EN may be empty: the official lists have no English.
type CodeRow struct {
	Code, ZH, EN string
	Rank         int               // place in the list; equal ranks by code
	More         map[string]string // the other columns of the kind, none of them absent
}

// Same tells whether two rows say the same; where they stand in the list does not matter.
func (r CodeRow) Same(other CodeRow) bool {
	return r.Code == other.Code && r.ZH == other.ZH && r.EN == other.EN && maps.Equal(r.More, other.More)
}

// CodeSpan is a row and the versions of its table that have it.
type CodeSpan struct {
	CodeRow
	First int
	Last  int // the last version with it; 0: it is in the newest
}

// CodeVersion is one version of a replaceable table: in force from an instant until the next one is.
type CodeVersion struct {
	Number    int
	ValidFrom time.Time
}

// CodeHistory is a replaceable table with all its versions, by number.
type CodeHistory struct {
	Versions []CodeVersion
	Spans    []CodeSpan
}

// At is the number of the version that is in force at an instant; before the first one was, the first.
func (h CodeHistory) At(t time.Time) int {
	n := 0
	for _, v := range h.Versions {
		if n == 0 || !v.ValidFrom.After(t) {
			n = v.Number
		}
	}
	return n
}

// Rows are the rows of a version in the order of the list.
func (h CodeHistory) Rows(version int) []CodeRow {
	var out []CodeRow
	for _, s := range h.Spans {
		if s.First <= version && (s.Last == 0 || s.Last >= version) {
			out = append(out, s.CodeRow)
		}
	}
	slices.SortStableFunc(out, func(a, b CodeRow) int { return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Code, b.Code)) })
	return out
}

// Codes are the replaceable code tables as they are in force at one moment. It never changes; the zero pointer is the tables that come
// with the program. Codes that a newer version retired are still known, so that what was recorded with them can be read, but are
// not listed, found or accepted for anything new.
type Codes struct {
	conditions  *codeTable[Condition]
	vitals      *codeTable[VitalSpec]
	departments *codeTable[Department]
	divisions   *codeTable[Division]
	names       map[CodeKind]map[string][]dated
}

// codeTable is a table of the living rows first and the retired ones behind them.
type codeTable[V coded] struct {
	*table[V]
	living int
}

func (t *codeTable[V]) all() []V { return slices.Clone(t.rows[:t.living]) }

func (t *codeTable[V]) current(code string) (V, bool) {
	if i, ok := t.index[code]; ok && i < t.living {
		return t.rows[i], true
	}
	var none V
	return none, false
}

// dated is what a code is called from an instant on.
type dated struct {
	from time.Time
	term Term
}

// NewCodes gives the tables that are in force at an instant. A kind without a history is the shipped one.
func NewCodes(histories map[CodeKind]CodeHistory, at time.Time) *Codes {
	c := &Codes{names: map[CodeKind]map[string][]dated{}}
	for _, k := range CodeKinds() {
		h, ok := histories[k]
		if !ok {
			h = shippedHistory(k)
		}
		c.names[k] = h.names()
		switch k {
		case CodesConditions:
			c.conditions = tableAt(h, at, conditionOf)
		case CodesVitals:
			c.vitals = tableAt(h, at, vitalOf)
		case CodesDepartments:
			c.departments = tableAt(h, at, departmentOf)
		case CodesDivisions:
			c.divisions = tableAt(h, at, divisionOf)
		}
	}
	return c
}

func tableAt[V coded](h CodeHistory, at time.Time, parse func(CodeRow) V) *codeTable[V] {
	version := h.At(at)
	var rows []V
	has := map[string]bool{}
	for _, r := range h.Rows(version) {
		rows, has[r.Code] = append(rows, parse(r)), true
	}
	t := &codeTable[V]{living: len(rows)}
	// Of a code that was retired more than once, the last that was said.
	gone := slices.Clone(h.Spans)
	slices.SortStableFunc(gone, func(a, b CodeSpan) int { return cmp.Compare(b.First, a.First) })
	for _, s := range gone {
		if s.First <= version && !has[s.Code] {
			rows, has[s.Code] = append(rows, parse(s.CodeRow)), true
		}
	}
	t.table = newTable(rows)
	return t
}

func (h CodeHistory) names() map[string][]dated {
	out := map[string][]dated{}
	from := map[int]time.Time{}
	for _, v := range h.Versions {
		from[v.Number] = v.ValidFrom
	}
	spans := slices.Clone(h.Spans)
	slices.SortStableFunc(spans, func(a, b CodeSpan) int { return cmp.Compare(a.First, b.First) })
	for _, s := range spans {
		out[s.Code] = append(out[s.Code], dated{from[s.First], Term{s.Code, s.ZH, s.EN}})
	}
	return out
}

// shipped are the tables that come with the program.
var shipped = sync.OnceValue(func() *Codes { return NewCodes(nil, time.Time{}) })

func (c *Codes) or() *Codes {
	if c == nil {
		return shipped()
	}
	return c
}

func shippedHistory(k CodeKind) CodeHistory {
	h := CodeHistory{Versions: []CodeVersion{{Number: 1}}}
	for _, r := range ShippedCodes(k) {
		h.Spans = append(h.Spans, CodeSpan{CodeRow: r, First: 1})
	}
	return h
}

// Departments lists the departments in the order of the national list.
func (c *Codes) Departments() []Department { return c.or().departments.all() }

// Department finds a department, also a retired one.
func (c *Codes) Department(code string) (Department, bool) { return c.or().departments.get(code) }

// Covers tells whether a licence or an agreement over these departments includes the wanted one: by itself or by its
// parent (a licence for 03 内科 covers 0304), never a parent by its child.
func (c *Codes) Covers(licensed []string, wanted string) bool {
	d, ok := c.Department(wanted)
	if !ok {
		return false
	}
	return slices.Contains(licensed, wanted) || d.Parent != "" && slices.Contains(licensed, d.Parent)
}

// Divisions lists the region, its leagues and cities and their counties and banners.
func (c *Codes) Divisions() []Division { return c.or().divisions.all() }

// Division finds a division, also a retired one.
func (c *Codes) Division(code string) (Division, bool) { return c.or().divisions.get(code) }

// DivisionWithin tells whether a division is the area itself or lies in it.
func (c *Codes) DivisionWithin(code, area string) bool {
	for steps := 0; code != "" && steps < 4; steps++ { // region, league, county: a circle in the data ends too
		if code == area {
			return true
		}
		d, ok := c.Division(code)
		if !ok {
			return false
		}
		code = d.Parent
	}
	return false
}

// Conditions lists the diagnoses in the order of the list.
func (c *Codes) Conditions() []Condition { return c.or().conditions.all() }

// Condition finds a diagnosis by its ICD-10 code, also a retired one.
func (c *Codes) Condition(code string) (Condition, bool) { return c.or().conditions.get(code) }

// Vitals lists the table of vitals. The bounds must not be written to.
func (c *Codes) Vitals() []VitalSpec { return c.or().vitals.all() }

// Vital finds a vital, also a retired one.
func (c *Codes) Vital(code VitalCode) (VitalSpec, bool) { return c.or().vitals.get(string(code)) }

// Current tells whether a code may be entered now: the table has it and did not retire it. Vocabularies that are not replaceable have
// only such codes.
func (c *Codes) Current(v Vocabulary, code string) bool {
	c = c.or()
	var ok bool
	switch k, _ := replaceable(v); k {
	case CodesConditions:
		_, ok = c.conditions.current(code)
	case CodesVitals:
		_, ok = c.vitals.current(code)
	case CodesDepartments:
		_, ok = c.departments.current(code)
	case CodesDivisions:
		_, ok = c.divisions.current(code)
	default:
		_, ok = Lookup(v, code)
	}
	return ok
}

// Terms lists the entries of any vocabulary, of the replaceable ones those in force.
func (c *Codes) Terms(v Vocabulary) []Term {
	c = c.or()
	switch k, _ := replaceable(v); k {
	case CodesConditions:
		return c.conditions.terms()[:c.conditions.living]
	case CodesVitals:
		return c.vitals.terms()[:c.vitals.living]
	case CodesDepartments:
		return c.departments.terms()[:c.departments.living]
	case CodesDivisions:
		return c.divisions.terms()[:c.divisions.living]
	}
	return Terms(v)
}

// Retired lists the codes of a replaceable table that are still known but no longer in force.
func (c *Codes) Retired(k CodeKind) []Term {
	c = c.or()
	switch k {
	case CodesConditions:
		return c.conditions.terms()[c.conditions.living:]
	case CodesVitals:
		return c.vitals.terms()[c.vitals.living:]
	case CodesDepartments:
		return c.departments.terms()[c.departments.living:]
	case CodesDivisions:
		return c.divisions.terms()[c.divisions.living:]
	}
	return nil
}

// Label is what a code of any vocabulary is called now, and the code itself when no table has it.
func (c *Codes) Label(v Vocabulary, code string, l Lang) string {
	c = c.or()
	var t Term
	var ok bool
	switch k, _ := replaceable(v); k {
	case CodesConditions:
		t, ok = labelled(c.conditions, code)
	case CodesVitals:
		t, ok = labelled(c.vitals, code)
	case CodesDepartments:
		t, ok = labelled(c.departments, code)
	case CodesDivisions:
		t, ok = labelled(c.divisions, code)
	default:
		return Label(v, code, l)
	}
	if !ok {
		return code
	}
	return t.Label(l)
}

// LabelAt is what a code was called at an instant, by which a record of that day is read. Of what is older than the first version, the
// first name.
func (c *Codes) LabelAt(v Vocabulary, code string, l Lang, at time.Time) string {
	k, ok := replaceable(v)
	names := c.or().names[k][code]
	if !ok || len(names) == 0 {
		return c.Label(v, code, l)
	}
	name := names[0]
	for _, n := range names[1:] {
		if !n.from.After(at) {
			name = n
		}
	}
	return name.term.Label(l)
}

func labelled[V coded](t *codeTable[V], code string) (Term, bool) {
	row, ok := t.get(code)
	if !ok {
		return Term{}, false
	}
	return row.term(), true
}
