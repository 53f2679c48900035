package paper

import (
	"testing"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
)

// What is written into a document's font is read by another program with the outlines of the installed one: nothing of a character may be
// missing on paper.
func TestOutlinesAreTheInstalledOnes(t *testing.T) {
	t.Parallel()
	fonts := NewFonts()
	src, err := fonts.source(0)
	if err != nil {
		t.Fatal(err)
	}
	var buffer sfnt.Buffer
	var glyphs []glyph
	for r := rune('一'); r < '一'+20_900; r += 83 { // some of all parts of the font
		i, err := src.font.GlyphIndex(&buffer, r)
		if err != nil || i == 0 {
			continue
		}
		segments, err := src.font.LoadGlyph(&buffer, i, thousand, nil)
		if err != nil {
			t.Fatal(err)
		}
		advance, err := src.font.GlyphAdvance(&buffer, i, thousand, xfont.HintingNone)
		if err != nil {
			t.Fatal(err)
		}
		glyphs = append(glyphs, glyph{r, advance.Round(), append(sfnt.Segments(nil), segments...)})
	}
	if len(glyphs) < 200 {
		t.Fatalf("%d glyphs", len(glyphs))
	}
	written, err := sfnt.Parse(fontOf("Test", src, glyphs))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range glyphs {
		i, err := written.GlyphIndex(&buffer, g.rune)
		if err != nil || i == 0 {
			t.Fatalf("%c: %d, %v", g.rune, i, err)
		}
		got, err := written.LoadGlyph(&buffer, i, thousand, nil)
		if err != nil {
			t.Fatalf("%c: %v", g.rune, err)
		}
		if len(got) < len(g.outline) {
			t.Errorf("%c has %d segments instead of %d", g.rune, len(got), len(g.outline))
			continue
		}
		for k, s := range g.outline {
			for a, p := range s.Args {
				if d := p.Sub(got[k].Args[a]); s.Op == got[k].Op && (d.X < -64 || d.X > 64 || d.Y < -64 || d.Y > 64) {
					t.Errorf("%c: point %d of segment %d is %v, not %v", g.rune, a, k, got[k].Args[a], p)
				}
			}
		}
		if advance, err := written.GlyphAdvance(&buffer, i, thousand, xfont.HintingNone); err != nil || advance.Round() != g.advance {
			t.Errorf("%c is %v wide, not %d", g.rune, advance, g.advance)
		}
	}
}
