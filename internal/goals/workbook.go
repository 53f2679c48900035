package goals

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// columnKind says how a value stands in a sheet.
type columnKind int

const (
	asText    columnKind = iota // also long identifiers: a spreadsheet would make 1.5E+17 of them
	asNumber                    // int, int64
	asRate                      // float64, two decimals
	asDay                       // consult.Date or time.Time: a true date
	asInstant                   // time.Time: a true date with time, Asia/Shanghai
)

// column is one column of a sheet.
type column struct {
	zh, en string
	kind   columnKind
	width  float64 // characters; 0: 14
}

// table writes the rows of one sheet, in the order of its columns. nil is an empty cell.
type table interface {
	row(values ...any) error
}

// safeText keeps a spreadsheet from taking a text for a formula: what begins like one, also in the wide letters of Chinese input, gets an
// apostrophe before it.
func safeText(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n", first) {
		return "'" + s
	}
	return s
}

// plain is a value as a spreadsheet program would write it to text; the digest of a sheet is taken over these.
func plain(v any, kind columnKind) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return safeText(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case consult.Date:
		return v.String()
	case time.Time:
		if kind == asDay {
			return v.Format(time.DateOnly)
		}
		return v.In(consult.Shanghai()).Format("2006-01-02 15:04:05")
	default:
		return fmt.Sprint(v)
	}
}

// digester hashes the rows of a sheet as they are written: fields by a unit separator, rows by a record separator.
type digester struct {
	sum     hash.Hash
	columns []column
	rows    int
}

func newDigester(columns []column) *digester { return &digester{sum: sha256.New(), columns: columns} }

func (d *digester) add(values []any) error {
	if len(values) != len(d.columns) {
		return fmt.Errorf("a row has %d values for %d columns", len(values), len(d.columns))
	}
	for i, v := range values {
		_, _ = io.WriteString(d.sum, plain(v, d.columns[i].kind)+"\x1f")
	}
	_, _ = io.WriteString(d.sum, "\x1e")
	d.rows++
	return nil
}

// csvTable is the twin of a sheet as UTF-8 with a byte order mark, so that Excel reads the characters right.
type csvTable struct {
	*digester
	out *csv.Writer
	buf *bufio.Writer
}

func newCSV(w io.Writer, columns []column, english bool) (*csvTable, error) {
	t := &csvTable{digester: newDigester(columns), buf: bufio.NewWriter(w)}
	if _, err := t.buf.WriteString("\ufeff"); err != nil {
		return nil, err
	}
	t.out = csv.NewWriter(t.buf)
	t.out.UseCRLF = true
	return t, t.out.Write(headings(columns, english))
}

func headings(columns []column, english bool) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		if out[i] = c.zh; english {
			out[i] = c.en
		}
	}
	return out
}

func (t *csvTable) row(values ...any) error {
	if err := t.add(values); err != nil {
		return err
	}
	record := make([]string, len(values))
	for i, v := range values {
		record[i] = plain(v, t.columns[i].kind)
	}
	return t.out.Write(record)
}

func (t *csvTable) close() error {
	t.out.Flush()
	if err := t.out.Error(); err != nil {
		return err
	}
	return t.buf.Flush()
}

// The sheets of a workbook.
const (
	coverSheet      = "封面"
	definitionSheet = "口径说明"
)

// workbook is a cover, one sheet of data that is written row by row through a temporary file, and the definitions.
type workbook struct {
	*digester
	file   *excelize.File
	data   *excelize.StreamWriter
	styles map[columnKind]int
	head   int
	next   int
}

func newWorkbook(title string, columns []column, english bool) (_ *workbook, err error) {
	w := &workbook{digester: newDigester(columns), file: excelize.NewFile(), styles: map[columnKind]int{}, next: 2}
	defer func() {
		if err != nil {
			_ = w.file.Close()
		}
	}()
	if err := w.file.SetSheetName("Sheet1", coverSheet); err != nil {
		return nil, err
	}
	for _, name := range []string{title, definitionSheet} {
		if _, err := w.file.NewSheet(name); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{coverSheet, title, definitionSheet} {
		landscape, a4, zero, one := "landscape", 9, 0, 1
		if err := w.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, FitToHeight: &zero, FitToWidth: &one}); err != nil {
			return nil, err
		}
		fit := true
		if err := w.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
			return nil, err
		}
	}
	if err := w.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + title + "'!$1:$1", Scope: title}); err != nil {
		return nil, err
	}
	font := &excelize.Font{Family: "宋体", Size: 10}
	for kind, format := range map[columnKind]string{asText: "@", asNumber: "0", asRate: "0.00", asDay: "yyyy-mm-dd", asInstant: "yyyy-mm-dd hh:mm"} {
		if w.styles[kind], err = w.file.NewStyle(&excelize.Style{Font: font, CustomNumFmt: &format}); err != nil {
			return nil, err
		}
	}
	bold := &excelize.Font{Family: "宋体", Size: 10, Bold: true}
	if w.head, err = w.file.NewStyle(&excelize.Style{Font: bold, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
		Border: []excelize.Border{{Type: "bottom", Style: 1, Color: "000000"}}}); err != nil {
		return nil, err
	}
	if w.data, err = w.file.NewStreamWriter(title); err != nil {
		return nil, err
	}
	if err := w.data.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	for i, c := range columns {
		width := c.width
		if width == 0 {
			width = 14
		}
		if err := w.data.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	return w, w.line(w.data, 1, w.head, headings(columns, english)...)
}

// line writes one row of texts with a style.
func (w *workbook) line(to *excelize.StreamWriter, n, style int, texts ...string) error {
	cells := make([]any, len(texts))
	for i, t := range texts {
		cells[i] = excelize.Cell{StyleID: style, Value: safeText(t)}
	}
	at, err := excelize.CoordinatesToCellName(1, n)
	if err != nil {
		return err
	}
	return to.SetRow(at, cells)
}

func (w *workbook) row(values ...any) error {
	if err := w.add(values); err != nil {
		return err
	}
	cells := make([]any, len(values))
	for i, v := range values {
		kind := w.columns[i].kind
		switch x := v.(type) {
		case nil:
			continue
		case string:
			if x == "" {
				continue
			}
			v = safeText(x)
		case consult.Date:
			v = x.Time()
		case time.Time:
			if kind == asInstant { // a spreadsheet knows no zone: the local clock is written as it stands
				local := x.In(consult.Shanghai())
				v = time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
			}
		}
		cells[i] = excelize.Cell{StyleID: w.styles[kind], Value: v}
	}
	at, err := excelize.CoordinatesToCellName(1, w.next)
	if err != nil {
		return err
	}
	w.next++
	return w.data.SetRow(at, cells)
}

// finish writes cover and definitions, and the whole to out.
func (w *workbook) finish(out io.Writer, cover [][2]string, definitions [][]string) error {
	defer func() { _ = w.file.Close() }() // removes the temporary file
	if err := w.data.Flush(); err != nil {
		return err
	}
	lines := func(sheet string, widths []float64, rows [][]string, header bool) error {
		to, err := w.file.NewStreamWriter(sheet)
		if err != nil {
			return err
		}
		for i, width := range widths {
			if err := to.SetColWidth(i+1, i+1, width); err != nil {
				return err
			}
		}
		for i, r := range rows {
			style := w.styles[asText]
			if header && i == 0 {
				style = w.head
			}
			if err := w.line(to, i+1, style, r...); err != nil {
				return err
			}
		}
		return to.Flush()
	}
	first := make([][]string, len(cover))
	for i, c := range cover {
		first[i] = []string{c[0], c[1]}
	}
	if err := lines(coverSheet, []float64{24, 70}, first, false); err != nil {
		return err
	}
	if err := lines(definitionSheet, []float64{12, 30, 50, 50, 40, 16}, definitions, true); err != nil {
		return err
	}
	return w.file.Write(out)
}
