package paper

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/carlos7ags/folio/font"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// typeface holds, for one document, fonts of exactly the characters that it uses.
type typeface struct {
	fonts   []*font.EmbeddedFont // by the place of the file
	of      map[rune]int         // which of them has a character
	missing map[rune]bool        // no font has it
}

// always are characters that a document may need beyond what it says: the numbers of pages, and the code points of what no font has.
const always = " 0123456789ABCDEF〔〕U+"

// typeface makes the fonts for texts.
func (f *Fonts) typeface(texts []string) (*typeface, error) {
	t := &typeface{of: map[rune]int{}, missing: map[rune]bool{}}
	used := map[rune]bool{}
	for _, text := range append(texts, always) {
		for _, r := range norm.NFC.String(text) {
			if r = inked(r); r != 0 {
				used[r] = true
			}
		}
	}
	var buffer sfnt.Buffer
	taken := make([][]glyph, len(f.files))
	for _, r := range slices.Sorted(maps.Keys(used)) {
		if err := f.place(&buffer, t, taken, r); err != nil {
			return nil, err
		}
	}
	t.fonts = make([]*font.EmbeddedFont, len(f.files))
	for i, glyphs := range taken {
		if len(glyphs) == 0 {
			continue
		}
		src, err := f.source(i)
		if err != nil {
			return nil, err
		}
		face, err := font.ParseFont(fontOf(fmt.Sprintf("LianzhenText%d", i+1), src, glyphs))
		if err != nil {
			return nil, fmt.Errorf("font of a document: %w", err)
		}
		t.fonts[i] = font.NewEmbeddedFont(face)
	}
	return t, nil
}

// place finds the first font that has a character and reads its outline. The first font must be readable; one of the others that is not is
// passed over.
func (f *Fonts) place(buffer *sfnt.Buffer, t *typeface, taken [][]glyph, r rune) error {
	for i := range max(len(f.files), 1) {
		src, err := f.source(i)
		if err != nil && i == 0 {
			return err
		}
		if err != nil {
			break
		}
		index, err := src.font.GlyphIndex(buffer, r)
		if err != nil || index == 0 {
			continue
		}
		segments, err := src.font.LoadGlyph(buffer, index, thousand, nil)
		if err != nil {
			continue
		}
		advance, err := src.font.GlyphAdvance(buffer, index, thousand, xfont.HintingNone)
		if err != nil {
			continue
		}
		taken[i] = append(taken[i], glyph{rune: r, advance: advance.Round(), outline: slices.Clone(segments)})
		t.of[r] = i
		return nil
	}
	t.missing[r] = true
	return nil
}

// inked is a character as it is set: every space as a plain one, and 0 for what has no ink, such as marks of direction.
func inked(r rune) rune {
	switch {
	case r == '\t' || unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
		return 0
	}
	return r
}

// piece is text in one font.
type piece struct {
	text string
	font *font.EmbeddedFont
}

// pieces cuts a line where another font has to stand in; what none has becomes its code point.
func (t *typeface) pieces(line string) []piece {
	var out []piece
	add := func(s string, f *font.EmbeddedFont) {
		if n := len(out); n > 0 && out[n-1].font == f {
			out[n-1].text += s
			return
		}
		out = append(out, piece{s, f})
	}
	for _, r := range norm.NFC.String(line) {
		if r = inked(r); r == 0 {
			continue
		}
		if i, ok := t.of[r]; ok {
			add(string(r), t.fonts[i])
		} else {
			add(fmt.Sprintf("〔U+%04X〕", r), t.fonts[t.of['0']])
		}
	}
	return out
}

// lines are the lines of a text, without empty ones at its ends.
func lines(text string) []string {
	return strings.Split(strings.Trim(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n"), "\n")
}
