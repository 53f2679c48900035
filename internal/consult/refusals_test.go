package consult

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// declaredCodes reads the Code… constants out of the files that hold them, so that a new one cannot be forgotten.
func declaredCodes(t *testing.T) map[string]string {
	t.Helper()
	codes := make(map[string]string)
	for _, file := range []string{"refusals.go", "gate_codes.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		collectCodes(t, f, codes)
	}
	return codes
}

func collectCodes(t *testing.T, f *ast.File, codes map[string]string) {
	t.Helper()
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Names) != 1 || !strings.HasPrefix(v.Names[0].Name, "Code") {
			return true
		}
		value, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		codes[v.Names[0].Name] = value
		return true
	})
}

func TestEveryCodeHasItsSentences(t *testing.T) {
	codes := declaredCodes(t)
	if len(codes) < 70 {
		t.Fatalf("found %d codes only", len(codes))
	}
	snake := regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)
	han := regexp.MustCompile(`\p{Han}`)
	var listed []string
	for _, s := range Catalogue() {
		if !snake.MatchString(s.Code) {
			t.Errorf("%q is not snake_case", s.Code)
		}
		if slices.Contains(listed, s.Code) {
			t.Errorf("%q stands twice", s.Code)
		}
		listed = append(listed, s.Code)
		if !han.MatchString(s.ZH) || s.EN == "" || han.MatchString(s.EN) {
			t.Errorf("%s: sentences %q, %q", s.Code, s.ZH, s.EN)
		}
	}
	for name, code := range codes {
		if !slices.Contains(listed, code) {
			t.Errorf("%s (%s) has no sentence", name, code)
		}
	}
	for _, code := range listed {
		if regexp.MustCompile(`^nc\d\d(_|$)`).MatchString(code) {
			continue // see TestEveryReason
		}
		if !slices.Contains(sortedValues(codes), code) {
			t.Errorf("sentence for %q, which no rule uses", code)
		}
	}
}

func sortedValues(m map[string]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// Every call of refuse in the package gives exactly the arguments that the sentences of its code name.
func TestPlaceholdersAreFilled(t *testing.T) {
	codes := declaredCodes(t)
	placeholder := regexp.MustCompile(`\{(\w+)\}`)
	names := func(text string) []string {
		var out []string
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
		return out
	}
	sentences := make(map[string]Sentence)
	for _, s := range Catalogue() {
		sentences[s.Code] = s
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if id, ok := call.Fun.(*ast.Ident); !ok || id.Name != "refuse" {
				return true
			}
			calls++
			code, ok := call.Args[0].(*ast.Ident)
			if !ok {
				t.Errorf("%s: refuse without a constant code", file)
				return true
			}
			if len(call.Args)%2 != 1 {
				t.Errorf("%s: %s: a name without a value", file, code.Name)
			}
			var given []string
			for i := 1; i < len(call.Args); i += 2 {
				name, err := strconv.Unquote(call.Args[i].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				given = append(given, name)
			}
			s := sentences[codes[code.Name]]
			for _, text := range []string{s.ZH, s.EN} {
				for _, want := range names(text) {
					if !slices.Contains(given, want) {
						t.Errorf("%s: %s is refused without {%s}", file, s.Code, want)
					}
				}
			}
			return true
		})
	}
	if calls < 70 {
		t.Fatalf("saw %d calls of refuse only", calls)
	}
}

func TestRefusalInWords(t *testing.T) {
	_, err := Next(StateCancelled, ActClaim)
	var r *Refusal
	if !errors.As(err, &r) {
		t.Fatalf("got %v", err)
	}
	if got, want := r.Error(), "transition_not_allowed action=CLAIM state=CANCELLED"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := r.Sentence(ZH), "会诊目前为“已取消”，不能接诊"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := r.Sentence(EN), `The consultation is "Cancelled"; "Answer" is not possible now`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (&Refusal{Code: "of_another_package"}).Sentence(EN); got != "of_another_package" {
		t.Errorf("got %q", got)
	}
}

func TestRefusalsFlattens(t *testing.T) {
	a, b := refuse(CodePhone), refuse(CodeNameEmpty)
	got := Refusals(errors.Join(a, errors.Join(b, errors.New("other"))))
	if len(got) != 2 || got[0] != a || got[1] != b {
		t.Errorf("got %v", got)
	}
	if Refusals(nil) != nil {
		t.Error("nil has refusals")
	}
}

// codesOf gives the codes in an error, for the table tests of this package.
func codesOf(err error) []string {
	var out []string
	for _, r := range Refusals(err) {
		out = append(out, r.Code)
	}
	return out
}

// wantCode fails unless the error is exactly one refusal with the code, or nil when the code is empty.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	got := strings.Join(codesOf(err), ",")
	if got != code || (err == nil) != (code == "") {
		t.Errorf("got %q (%v), want %q", got, err, code)
	}
}
