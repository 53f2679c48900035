package problem

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"sync"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

//go:embed sentences/*.csv
var files embed.FS

var load = sync.OnceValue(func() map[string]contract.Term {
	all := map[string]contract.Term{}
	add := func(t contract.Term) {
		if _, twice := all[t.Code]; twice {
			panic("problem: code stands twice in the catalogue: " + t.Code)
		}
		if t.Zh == "" || t.En == "" {
			panic("problem: code without a sentence in both languages: " + t.Code)
		}
		all[t.Code] = t
	}
	names, err := fs.Glob(files, "sentences/*.csv")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		f, err := files.Open(name)
		if err != nil {
			panic(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			panic(fmt.Errorf("%s: %w", name, err))
		}
		for _, r := range rows[1:] {
			add(contract.Term{Code: r[0], Zh: r[1], En: r[2]})
		}
	}
	for _, s := range consult.Catalogue() {
		add(contract.Term{Code: s.Code, Zh: s.ZH, En: s.EN})
	}
	return all
})

// Sentences gives the whole catalogue, by code.
func Sentences() []contract.Term {
	all := load()
	list := make([]contract.Term, 0, len(all))
	for _, t := range all {
		list = append(list, t)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Code < list[j].Code })
	return list
}

// Known says whether a code stands in the catalogue.
func Known(code string) bool { _, ok := load()[code]; return ok }

// Sentence gives the sentence of a code in a locale ("en…" is English, everything else Chinese) with its placeholders
// filled; arguments that are codes of the vocabulary are written as their labels. An unknown code gives the sentence of
// `internal`.
func Sentence(locale, code string, args Args) string {
	t, ok := load()[code]
	if !ok {
		t = load()["internal"]
	}
	s, lang := t.Zh, consult.ZH
	if strings.HasPrefix(locale, "en") {
		s, lang = t.En, consult.EN
	}
	for k, v := range consult.LabelArgs(args, lang) {
		s = strings.ReplaceAll(s, "{"+k+"}", v)
	}
	return s
}

// Contract gives the problem as it leaves the server.
func (p *Problem) Contract(locale, requestID string) contract.Problem {
	out := contract.Problem{Code: p.Code, Message: Sentence(locale, p.Code, p.Args), RequestId: requestID, Current: p.Current, Visit: p.Visit}
	if len(p.Args) > 0 {
		out.Args = &p.Args
	}
	if p.RetryAfterSeconds > 0 {
		out.RetryAfterSeconds = &p.RetryAfterSeconds
	}
	if p.Alternatives != nil {
		out.Alternatives = &p.Alternatives
	}
	if len(p.Fields) > 0 {
		list := make([]contract.FieldProblem, len(p.Fields))
		for i, f := range p.Fields {
			list[i] = contract.FieldProblem{Field: f.Path, Code: f.Code, Message: Sentence(locale, f.Code, f.Args)}
			if len(f.Args) > 0 {
				list[i].Args = &f.Args
			}
		}
		out.Fields = &list
	}
	return out
}
