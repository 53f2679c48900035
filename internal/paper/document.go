package paper

import "time"

// Document is what is set: a head and a foot on each page, and blocks one after the other.
type Document struct {
	Language        string // of its text, a BCP 47 tag
	Title, Subtitle string
	Left, Right     string                    // above the line of every page
	Foot            string                    // at the foot of every page
	PageOf          func(page, of int) string // beside it
	At              time.Time                 // stands in the file as when it was made
	Subject         string                    // stands in the file
	Blocks          []Block
}

// Block is one of Heading, Text, Facts, Table, Signature and Check.
type Block interface{ block() }

// Heading begins a section.
type Heading string

// Manner is how a text is set.
type Manner int

// The manners of a text.
const (
	Plain  Manner = iota
	Quiet         // smaller and grey
	Notice        // in a frame, to be read first
	Strong        // a heading within a section
	Digest        // a hash, which may break anywhere
)

// Text is a text of one or more lines.
type Text struct {
	Text   string
	Manner Manner
}

// Fact is a label with its value.
type Fact struct{ Label, Value string }

// Facts are labels with values, in one or two columns; those without a value are left out.
type Facts struct {
	Columns int // 1 or 2; 0 is 2
	Rows    []Fact
}

// Table has a row of headings, which is repeated on each page.
type Table struct {
	Head   []string
	Widths []float64 // relative; nil: equal
	Rows   [][]string
}

// Signature is who signed what when, in a frame that is not torn by the end of a page.
type Signature struct {
	Rows   []Fact
	Digest string // hexadecimal
	Note   string // what the signature is, and is not
}

// Check is a QR code with what is said of it.
type Check struct {
	Code  string // what the code says
	Lines []string
}

func (Heading) block()   {}
func (Text) block()      {}
func (Facts) block()     {}
func (Table) block()     {}
func (Signature) block() {}
func (Check) block()     {}

// texts are all texts of a document.
func (d Document) texts() []string {
	out := []string{d.Title, d.Subtitle, d.Left, d.Right, d.Foot, d.PageOf(1, 1)}
	for _, b := range d.Blocks {
		switch b := b.(type) {
		case Heading:
			out = append(out, string(b))
		case Text:
			out = append(out, b.Text)
		case Facts:
			out = append(out, factTexts(b.Rows)...)
		case Table:
			out = append(out, b.Head...)
			for _, r := range b.Rows {
				out = append(out, r...)
			}
		case Signature:
			out = append(append(out, b.Note, "SHA-256 "+b.Digest, colon), factTexts(b.Rows)...)
		case Check:
			out = append(out, b.Lines...)
		}
	}
	return out
}

func factTexts(rows []Fact) (out []string) {
	for _, f := range rows {
		out = append(out, f.Label, f.Value)
	}
	return out
}

// colon stands between the label and the value of a signature.
const colon = "："
