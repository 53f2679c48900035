package goals

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// handmade packs a workbook whose sheet and shared strings are written by hand.
func handmade(t *testing.T, sheet, texts string) []byte {
	t.Helper()
	const main, office, pkg = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`, `http://schemas.openxmlformats.org/officeDocument/2006/relationships`, `http://schemas.openxmlformats.org/package/2006/`
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, content := range map[string]string{
		"[Content_Types].xml": `<Types xmlns="` + pkg + `content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":     `<Relationships xmlns="` + pkg + `relationships"><Relationship Id="rId1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook xmlns="` + main + `" xmlns:r="` + office + `"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="` + pkg + `relationships"><Relationship Id="rId1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + office + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<worksheet xmlns="` + main + `"><sheetData>` + sheet + `</sheetData></worksheet>`,
		"xl/sharedStrings.xml":     `<sst xmlns="` + main + `">` + texts + `</sst>`,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestNoTextIsAFormula(t *testing.T) {
	for _, s := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(A1)", "\t=1", "\r=1", "\n=1"} {
		if got := safeText(s); got != "'"+s {
			t.Errorf("%q stands as %q", s, got)
		}
	}
	for _, s := range []string{"", "张秀英", "1-1", "\xff=1"} {
		if got := safeText(s); got != s {
			t.Errorf("%q stands as %q", s, got)
		}
	}
}

// A small file must not become gigabytes: neither by rows that end in the last column there can be, nor by a long text that many
// cells name.
func TestSmallWorkbooksStaySmall(t *testing.T) {
	const head = `<row r="1"><c r="A1" t="s"><v>0</v></c></row>`
	wide := handmade(t, head+`<row r="2"><c r="A2"><v>7</v></c><c r="XFD2"><v>1</v></c></row><row r="3"><c r="XFD3"><v>1</v></c></row>`, `<si><t>数值</t></si>`)
	g, err := readGrid(wide, []string{"数值"})
	if err != nil {
		t.Fatal(err)
	}
	if len(g.rows) != 2 || g.at(0, "数值") != "7" || g.at(1, "数值") != "" {
		t.Fatalf("%d rows", len(g.rows))
	}
	for _, r := range g.rows {
		if cap(r) > 8 {
			t.Errorf("a row keeps %d cells", cap(r))
		}
	}
	long := strings.Repeat("长", mostCellBytes)
	for name, text := range map[string]string{"a text": `<si><t>` + long + `</t></si>`, "pieces": `<si>` + strings.Repeat(`<r><t>`+long[:6000]+`</t></r>`, 2) + `</si>`} {
		_, err := readGrid(handmade(t, head+`<row r="2"><c r="A2" t="s"><v>1</v></c></row>`, `<si><t>数值</t></si>`+text), []string{"数值"})
		if err == nil || problem.Of(err).Code != "import_unreadable" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
