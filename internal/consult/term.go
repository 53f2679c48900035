package consult

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed data
var files embed.FS

// Lang is a language of the catalogue and of the code tables.
type Lang string

// The languages in which every label and sentence exists.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

// Term is one entry of a code table: a stable ASCII code with its labels.
type Term struct {
	Code string `json:"code"`
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// Label returns the term in the language; any language but English gives Chinese, and so does a term that has no English.
func (t Term) Label(l Lang) string {
	if l == EN && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

// term makes every row type that embeds Term a coded row.
func (t Term) term() Term { return t }

type coded interface{ term() Term }

// table is an ordered code table with an index. It is built once and never changes; all hands out copies.
type table[V coded] struct {
	rows  []V
	index map[string]int
}

func (t *table[V]) all() []V { return slices.Clone(t.rows) }

func (t *table[V]) get(code string) (V, bool) {
	i, ok := t.index[code]
	if !ok {
		var zero V
		return zero, false
	}
	return t.rows[i], true
}

func (t *table[V]) terms() []Term {
	out := make([]Term, len(t.rows))
	for i, r := range t.rows {
		out[i] = r.term()
	}
	return out
}

func newTable[V coded](rows []V) *table[V] {
	t := &table[V]{rows: rows, index: make(map[string]int, len(rows))}
	for i, r := range rows {
		code := r.term().Code
		if _, twice := t.index[code]; twice {
			panic(fmt.Sprintf("consult: code %q stands twice in a table", code))
		}
		t.index[code] = i
	}
	return t
}

// record is one line of an embedded CSV file, by column name.
type record struct {
	file    string
	columns map[string]int
	fields  []string
}

func (r record) text(column string) string {
	i, ok := r.columns[column]
	if !ok {
		panic(fmt.Sprintf("consult: %s has no column %q", r.file, column))
	}
	return r.fields[i]
}

func (r record) flag(column string) bool {
	v, err := strconv.ParseBool(r.text(column))
	if err != nil {
		panic(fmt.Sprintf("consult: %s: column %s: %v", r.file, column, err))
	}
	return v
}

func (r record) number(column string) int64 {
	v, err := strconv.ParseInt(r.text(column), 10, 64)
	if err != nil {
		panic(fmt.Sprintf("consult: %s: column %s: %v", r.file, column, err))
	}
	return v
}

func (r record) list(column string) []string {
	s := r.text(column)
	if s == "" {
		return nil
	}
	return strings.Split(s, ";")
}

func (r record) labels() Term {
	return Term{Code: r.text("code"), ZH: r.text("zh"), EN: r.text("en")}
}

// readRecords reads an embedded CSV file whose first line names the columns. A broken file is a broken build, hence panic.
func readRecords(name string) []record {
	f, err := files.Open("data/" + name)
	if err != nil {
		panic(fmt.Sprintf("consult: %v", err))
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		panic(fmt.Sprintf("consult: %s: %d lines, %v", name, len(rows), err))
	}
	columns := make(map[string]int, len(rows[0]))
	for i, c := range rows[0] {
		columns[c] = i
	}
	out := make([]record, 0, len(rows)-1)
	for _, fields := range rows[1:] {
		out = append(out, record{file: name, columns: columns, fields: fields})
	}
	return out
}

// loadTable returns a constructor that reads the file on its first call.
func loadTable[V coded](name string, parse func(record) V) func() *table[V] {
	return sync.OnceValue(func() *table[V] {
		records := readRecords(name)
		rows := make([]V, len(records))
		for i, r := range records {
			rows[i] = parse(r)
		}
		return newTable(rows)
	})
}
