package architecture_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/lianzhen-health/lianzhen"

// pkg is one package of the module, by its path inside the module.
type pkg struct {
	path, name, dir string
	files, tests    []string // with their folder
	imports         []string // of ours
}

// packages loads the module's packages. Those that do not compile are still loaded; the compiler reports them.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Name,Dir,GoFiles,TestGoFiles,XTestGoFiles,Imports", "./...")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal("go list:", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var found struct {
			ImportPath, Name, Dir                       string
			GoFiles, TestGoFiles, XTestGoFiles, Imports []string
		}
		if err := dec.Decode(&found); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		p := pkg{path: inModule(found.ImportPath), name: found.Name, dir: found.Dir}
		for _, f := range found.GoFiles {
			p.files = append(p.files, filepath.Join(found.Dir, f))
		}
		for _, f := range append(found.TestGoFiles, found.XTestGoFiles...) {
			p.tests = append(p.tests, filepath.Join(found.Dir, f))
		}
		for _, i := range found.Imports {
			if i == module || strings.HasPrefix(i, module+"/") {
				p.imports = append(p.imports, inModule(i))
			}
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}

func inModule(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

func parse(t *testing.T, file string, mode parser.Mode) (*token.FileSet, *ast.File) {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, mode)
	if err != nil {
		t.Fatal(err)
	}
	return set, f
}

// How many bytes a package comment has at least: a name and a phrase are less. A command says what it does.
const (
	essayLeast   = 200
	commandLeast = 80
)

func TestEachPackageSaysWhatHolds(t *testing.T) {
	for _, p := range packages(t) {
		var written []string // not generated
		for _, f := range p.files {
			if _, tree := parse(t, f, parser.PackageClauseOnly|parser.ParseComments); !ast.IsGenerated(tree) {
				written = append(written, f)
			}
		}
		doc := filepath.Join(p.dir, "doc.go")
		switch {
		case len(p.files) > 0 && len(written) == 0:
			continue // a generated package is explained where its source is
		case len(written) == 1:
			doc = written[0]
		case len(written) == 0:
			continue // tests alone
		}
		if !slices.Contains(written, doc) {
			t.Errorf("package %s has no doc.go", p.path)
			continue
		}
		_, tree := parse(t, doc, parser.PackageClauseOnly|parser.ParseComments)
		least := essayLeast
		if p.name == "main" {
			least = commandLeast
		}
		if text := tree.Doc.Text(); len(text) < least {
			t.Errorf("package %s: its package comment has %d bytes; say what always holds in it", p.path, len(text))
		}
	}
}

func TestNoTestSleepsOrIsSkipped(t *testing.T) {
	for _, p := range packages(t) {
		for _, file := range p.tests {
			set, tree := parse(t, file, parser.SkipObjectResolution)
			for _, found := range sleepsAndSkips(tree) {
				t.Errorf("%s: %s", set.Position(found.pos), found.what)
			}
		}
	}
}

type finding struct {
	pos  token.Pos
	what string
}

// sleepsAndSkips finds time.Sleep outside of synctest bubbles, where the clock is not real, and every form of skipping.
func sleepsAndSkips(tree *ast.File) []finding {
	var all []finding
	ast.Inspect(tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch selector(call.Fun) {
		case "synctest.Test", "synctest.Run":
			return false
		case "time.Sleep":
			all = append(all, finding{call.Pos(), "a test sleeps: wait for a condition, or use testing/synctest"})
		case "t.Skip", "t.Skipf", "t.SkipNow", "b.Skip", "b.Skipf", "b.SkipNow", "f.Skip", "f.Skipf", "f.SkipNow", "testing.Short":
			all = append(all, finding{call.Pos(), "a test is skipped: a capability that is missing is a failure"})
		}
		return true
	})
	return all
}

func selector(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return x.Name + "." + s.Sel.Name
}

func TestTheSleepFinderFinds(t *testing.T) {
	const source = `package x
func TestA(t *testing.T) { time.Sleep(1); t.Skip("no"); if testing.Short() { t.SkipNow() } }
func TestB(t *testing.T) { synctest.Test(t, func(t *testing.T) { time.Sleep(1) }) }`
	tree, err := parser.ParseFile(token.NewFileSet(), "x_test.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	if found := sleepsAndSkips(tree); len(found) != 4 {
		t.Errorf("found %d, want 4: %v", len(found), found)
	}
}
