package consult

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Everything that the code writes into the log of accesses has its words: operations of the contract that are named in the packages which
// write there, and actions with names of their own.
func TestAuditedActionsHaveWords(t *testing.T) {
	contract, err := os.ReadFile("../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	operations := map[string]bool{}
	for _, m := range regexp.MustCompile(`operationId: (\w+)`).FindAllSubmatch(contract, -1) {
		operations[string(m[1])] = true
	}
	literal := regexp.MustCompile(`"(\w+)"`)
	own := regexp.MustCompile(`(?:\b[Aa]udit\(ctx|\blog\w*\(ctx|\b[Aa]ction: )[^\n"]*(?:"", )?"([A-Za-z]\w+)"`)
	found := map[string]string{}
	for _, dir := range []string{"care", "booking", "goals", "panel", "remind", "visits", "keys", "retention", "identity", "dossier"} {
		err := filepath.WalkDir(filepath.Join("..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range literal.FindAllStringSubmatch(string(text), -1) {
				if operations[m[1]] {
					found[m[1]] = path
				}
			}
			for _, m := range own.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = path
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	delete(found, "EXPORT_") // with the code of a sheet behind it
	for _, sheet := range strings.Fields("E1 E1b E2 E3 E4 E5 E6 E7 E8 E9 E10 E11 E12 E13 LOG") {
		found["EXPORT_"+sheet] = "goals"
	}
	delete(found, "IMPORT_") // with what a workbook has
	for _, what := range strings.Fields("STAFF RESIDENTS AGREEMENTS") {
		found["IMPORT_"+what] = "goals"
	}
	if len(found) < 190 {
		t.Errorf("only %d actions found", len(found))
	}
	for action, path := range found {
		if _, ok := Lookup(VocabAuditedAction, action); !ok {
			if _, object := Lookup(VocabAuditedObject, action); object {
				continue // the action is a variable, whose values are operations
			}
			t.Errorf("%s (%s) has no words", action, path)
		}
	}
	if got := AuditedResult("CONSULTANT", ZH) + AuditedResult("OK", EN) + AuditedResult("seed 7", ZH); got != "会诊医师（受邀方）Doneseed 7" {
		t.Error(got)
	}
}
