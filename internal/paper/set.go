package paper

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/carlos7ags/folio/barcode"
	"github.com/carlos7ags/folio/document"
	"github.com/carlos7ags/folio/layout"
)

// Sizes in points.
const (
	margin      = 48.0
	bodySize    = 9.5
	smallSize   = 8.0
	headingSize = 12.0
	titleSize   = 18.0
	codeSize    = 92.0
	leading     = 1.45
)

func ink() layout.Color   { return layout.Gray(0.08) }
func muted() layout.Color { return layout.Gray(0.38) }
func rule() layout.Color  { return layout.Gray(0.72) }
func shade() layout.Color { return layout.Gray(0.95) }

// Set gives the document as a PDF. It waits for others that are being set; an error wraps ErrNoFont where no font is installed.
func (f *Fonts) Set(ctx context.Context, d Document) ([]byte, error) {
	done, err := f.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	face, err := f.typeface(d.texts())
	if err != nil {
		return nil, fmt.Errorf("set the document: %w", err)
	}
	s := &setting{face: face}
	doc := document.NewDocument(document.PageSizeA4)
	doc.Info = document.Info{Title: d.Title, Subject: d.Subject, Creator: "Lianzhen", CreationDate: d.At.UTC(), ModDate: d.At.UTC(), Language: d.Language}
	doc.SetMargins(layout.Margins{Top: margin, Right: margin, Bottom: margin, Left: margin})
	doc.SetPdfA(document.PdfAConfig{Level: document.PdfA2U})
	doc.SetTagged(true)
	doc.SetAutoBookmarks(true)
	doc.SetHeaderElement(func(document.PageContext) layout.Element { return s.edge(d.Left, d.Right, true) })
	doc.SetFooterElement(func(c document.PageContext) layout.Element {
		return s.edge(d.Foot, d.PageOf(c.PageIndex+1, c.TotalPages), false)
	})
	doc.Add(s.title(d.Title, d.Subtitle))
	for _, b := range d.Blocks {
		if e := s.block(b); e != nil {
			doc.Add(e)
		}
	}
	var out bytes.Buffer
	if s.err == nil {
		_, s.err = doc.WriteToWithContext(ctx, &out, document.WriteOptions{Deterministic: true})
	}
	if s.err != nil {
		return nil, fmt.Errorf("set the document: %w", s.err)
	}
	return out.Bytes(), nil
}

// setting sets blocks; the first error stays.
type setting struct {
	face *typeface
	err  error
}

type style struct {
	size  float64
	color layout.Color
}

func (s *setting) runs(line string, look style) []layout.TextRun {
	pieces := s.face.pieces(line)
	runs := make([]layout.TextRun, len(pieces))
	for i, p := range pieces {
		runs[i] = layout.NewRunEmbedded(p.text, p.font, look.size).WithColor(look.color)
	}
	return runs
}

func (s *setting) paragraph(line string, look style) *layout.Paragraph {
	return layout.NewStyledParagraph(s.runs(line, look)...).SetLeading(leading)
}

// text is a text of several lines.
func (s *setting) text(text string, look style) *layout.Div {
	box := layout.NewDiv()
	for _, l := range lines(text) {
		if strings.TrimSpace(l) == "" {
			l = " "
		}
		box.Add(s.paragraph(l, look))
	}
	return box
}

// edge is the head or the foot of a page.
func (s *setting) edge(left, right string, head bool) layout.Element {
	look := style{smallSize, muted()}
	line := layout.SolidBorder(0.5, rule())
	borders := layout.CellBorders{Top: line}
	if head {
		borders = layout.CellBorders{Bottom: line}
	}
	t := layout.NewTable().SetColumnUnitWidths([]layout.UnitValue{layout.Pct(66), layout.Pct(34)})
	row := t.AddRow()
	row.AddCellElement(s.paragraph(left, look)).SetBorders(borders).SetPaddingSides(layout.Padding{Top: 3, Bottom: 4})
	row.AddCellElement(s.paragraph(right, look).SetAlign(layout.AlignRight)).SetBorders(borders).SetPaddingSides(layout.Padding{Top: 3, Bottom: 3})
	return t
}

func (s *setting) title(title, subtitle string) layout.Element {
	box := layout.NewDiv().SetSpaceAfter(8)
	h := layout.NewHeading(title, layout.H1)
	h.SetRuns(s.runs(title, style{titleSize, ink()})).SetAlign(layout.AlignCenter)
	box.Add(h)
	if subtitle != "" {
		box.Add(s.paragraph(subtitle, style{bodySize, muted()}).SetAlign(layout.AlignCenter))
	}
	return box
}

func (s *setting) block(b Block) layout.Element {
	switch b := b.(type) {
	case Heading:
		h := layout.NewHeading(string(b), layout.H2)
		h.SetRuns(s.runs(string(b), style{headingSize, ink()}))
		return layout.NewDiv().Add(h).SetSpaceAfter(3)
	case Text:
		return s.manner(b)
	case Facts:
		if t := s.facts(b); t != nil {
			return t
		}
	case Table:
		return s.table(b)
	case Signature:
		return s.signature(b)
	case Check:
		return s.check(b)
	}
	return nil
}

func (s *setting) manner(b Text) layout.Element {
	switch b.Manner {
	case Quiet:
		return s.text(b.Text, style{smallSize, muted()}).SetSpaceAfter(3)
	case Strong:
		return s.text(b.Text, style{bodySize + 1, ink()}).SetSpaceBefore(4)
	case Digest:
		return s.digest(b.Text)
	case Notice:
		return s.text(b.Text, style{bodySize, ink()}).SetBorder(layout.SolidBorder(0.8, ink())).SetPadding(6).SetSpaceBefore(2).SetSpaceAfter(6)
	}
	return s.text(b.Text, style{bodySize, ink()}).SetSpaceAfter(3)
}

func (s *setting) digest(text string) *layout.Paragraph {
	return s.paragraph(text, style{smallSize - 1, muted()}).SetWordBreak("break-all")
}

// facts sets labels with values; nil where there are none.
func (s *setting) facts(b Facts) layout.Element {
	var rows []Fact
	for _, f := range b.Rows {
		if strings.TrimSpace(f.Value) != "" {
			rows = append(rows, f)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	columns := b.Columns
	if columns != 1 {
		columns = 2
	}
	widths := []layout.UnitValue{layout.Pct(18), layout.Pct(82)}
	if columns == 2 {
		widths = []layout.UnitValue{layout.Pct(15), layout.Pct(35), layout.Pct(15), layout.Pct(35)}
	}
	t := layout.NewTable().SetColumnUnitWidths(widths).SetBorderCollapse(true)
	for i := 0; i < len(rows); i += columns {
		row := t.AddRow()
		for c := range columns {
			f := Fact{}
			if i+c < len(rows) {
				f = rows[i+c]
			}
			s.cell(row, f.Label, style{smallSize, muted()}).SetBackground(shade())
			s.cell(row, f.Value, style{bodySize, ink()})
		}
	}
	return layout.NewDiv().Add(t).SetSpaceAfter(6)
}

func (s *setting) cell(row *layout.Row, text string, look style) *layout.Cell {
	if text == "" {
		text = " "
	}
	return row.AddCellElement(s.text(text, look)).SetBorders(layout.AllBorders(layout.SolidBorder(0.5, rule()))).
		SetPaddingSides(layout.Padding{Top: 2.5, Right: 4, Bottom: 2.5, Left: 4})
}

func (s *setting) table(b Table) layout.Element {
	widths := make([]layout.UnitValue, len(b.Head))
	sum := 0.0
	for i := range b.Head {
		if b.Widths == nil {
			sum++
		} else {
			sum += b.Widths[i]
		}
	}
	for i := range b.Head {
		w := 1.0
		if b.Widths != nil {
			w = b.Widths[i]
		}
		widths[i] = layout.Pct(100 * w / sum)
	}
	t := layout.NewTable().SetColumnUnitWidths(widths).SetBorderCollapse(true)
	head := t.AddHeaderRow()
	for _, h := range b.Head {
		s.cell(head, h, style{smallSize, muted()}).SetBackground(shade())
	}
	for _, r := range b.Rows {
		row := t.AddRow()
		for i := range b.Head {
			s.cell(row, r[i], style{bodySize - 0.5, ink()})
		}
	}
	return layout.NewDiv().Add(t).SetSpaceAfter(6)
}

func (s *setting) signature(b Signature) layout.Element {
	box := layout.NewDiv().SetBorder(layout.SolidBorder(0.8, rule())).SetPadding(6).SetSpaceBefore(4).SetSpaceAfter(8).SetKeepTogether(true)
	for _, f := range b.Rows {
		if f.Value != "" {
			box.Add(s.paragraph(f.Label+colon+f.Value, style{bodySize, ink()}))
		}
	}
	if b.Note != "" {
		box.Add(s.paragraph(b.Note, style{smallSize, ink()}))
	}
	if b.Digest != "" {
		box.Add(s.digest("SHA-256 " + b.Digest))
	}
	return box
}

func (s *setting) check(b Check) layout.Element {
	words := layout.NewDiv()
	for _, l := range b.Lines {
		words.Add(s.paragraph(l, style{smallSize, ink()}).SetWordBreak("break-all"))
	}
	if b.Code == "" {
		return words
	}
	qr, err := barcode.NewQRWithECC(b.Code, barcode.ECCLevelM)
	if err != nil {
		if s.err == nil {
			s.err = fmt.Errorf("code: %w", err)
		}
		return words
	}
	t := layout.NewTable().SetColumnUnitWidths([]layout.UnitValue{layout.Pt(codeSize + 12), layout.Pct(78)})
	row := t.AddRow()
	row.AddCellElement(layout.NewBarcodeElement(qr, codeSize).SetHeight(codeSize).SetAltText(b.Code)).SetBorders(layout.NoBorders())
	row.AddCellElement(words).SetBorders(layout.NoBorders()).SetVAlign(layout.VAlignMiddle)
	return layout.NewDiv().Add(t).SetKeepTogether(true).SetSpaceBefore(6)
}
