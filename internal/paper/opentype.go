package paper

import (
	"encoding/binary"
	"slices"
	"unicode/utf16"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The fonts of a document are written anew from outlines, glyph by glyph, as OpenType with CFF outlines (Adobe Technical Notes 5176, 5177): no
// subroutines and no hints, so that nothing has to be followed when they are embedded, and each character has a glyph of its own, so that its
// text is read back as it was written.

// glyph is a character with its outline in thousandths of the size.
type glyph struct {
	rune    rune
	advance int
	outline sfnt.Segments // y grows downwards
}

// fontOf makes a font of glyphs, which are sorted by character. Glyph 0 is empty.
func fontOf(name string, src *source, glyphs []glyph) []byte {
	n := len(glyphs) + 1
	strings := make([][]byte, 1, n)
	strings[0] = append(number(nil, 1000), opEndchar)
	box, metrics := bounds{}, be16(nil, 1000, 0)
	for _, g := range glyphs {
		program, left := charstring(g, &box)
		strings = append(strings, program)
		metrics = be16(metrics, g.advance, left)
	}
	return sfntOf(map[string][]byte{
		"CFF ": cff(name, box, strings), "cmap": cmap(glyphs), "hmtx": metrics, "name": names(name),
		"head": slices.Concat([]byte{0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x5F, 0x0F, 0x3C, 0xF5, 0, 3}, be16(nil, 1000), make([]byte, 16),
			be16(nil, box.left, box.bottom, box.right, box.top, 0, 8, 2, 0, 0)),
		"hhea": slices.Concat([]byte{0, 1, 0, 0}, be16(nil, src.ascent, -src.descent, 0, 1000, 0, 0, box.right, 1, 0, 0), make([]byte, 8), be16(nil, 0, n)),
		"maxp": be16([]byte{0, 0, 0x50, 0}, n),
		"post": slices.Concat([]byte{0, 3, 0, 0}, make([]byte, 28)),
	})
}

// bounds are the box around all outlines.
type bounds struct{ left, bottom, right, top int }

func (b *bounds) take(x, y int) {
	b.left, b.right, b.bottom, b.top = min(b.left, x), max(b.right, x), min(b.bottom, y), max(b.top, y)
}

// Operators of Type 2 charstrings.
const (
	opLine    = 5
	opCurve   = 8
	opEndchar = 14
	opMove    = 21
)

// charstring writes an outline as a Type 2 charstring, and gives its leftmost point.
func charstring(g glyph, box *bounds) (program []byte, left int) {
	out := number(nil, g.advance) // the width stands before the first operator
	x, y, seen := 0, 0, false
	to := func(px, py int) {
		out = number(number(out, px-x), py-y)
		x, y = px, py
		box.take(px, py)
		if !seen || px < left {
			left, seen = px, true
		}
	}
	point := func(p fixed.Point26_6) (int, int) { return p.X.Round(), -p.Y.Round() }
	for _, s := range g.outline {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			to(point(s.Args[0]))
			out = append(out, opMove)
		case sfnt.SegmentOpLineTo:
			to(point(s.Args[0]))
			out = append(out, opLine)
		case sfnt.SegmentOpQuadTo: // raised to a cubic, which is exact
			qx, qy := point(s.Args[0])
			px, py := point(s.Args[1])
			fx, fy := x, y
			to(fx+(qx-fx)*2/3, fy+(qy-fy)*2/3)
			to(px+(qx-px)*2/3, py+(qy-py)*2/3)
			to(px, py)
			out = append(out, opCurve)
		case sfnt.SegmentOpCubeTo:
			for _, a := range s.Args {
				to(point(a))
			}
			out = append(out, opCurve)
		}
	}
	return append(out, opEndchar), left
}

// number appends an operand of a charstring or a dictionary.
func number(to []byte, v int) []byte {
	switch {
	case v >= -107 && v <= 107:
		return append(to, byte(v+139))
	case v >= 108 && v <= 1131:
		v -= 108
		return append(to, byte(247+v>>8), byte(v))
	case v >= -1131 && v <= -108:
		v = -v - 108
		return append(to, byte(251+v>>8), byte(v))
	}
	return append(to, 28, byte(v>>8), byte(v))
}

// offset appends an operand of a dictionary that has the same size whatever its value.
func offset(to []byte, v int) []byte { return binary.BigEndian.AppendUint32(append(to, 29), uint32(v)) }

// cff writes a CID-keyed font whose CIDs are its glyphs.
func cff(name string, box bounds, charstrings [][]byte) []byte {
	n := len(charstrings)
	private := []byte{139, 20, 139, 21} // defaultWidthX 0, nominalWidthX 0
	charset := be16([]byte{2}, 1, n-2)
	selects := be16(append(be16([]byte{3}, 1, 0), 0), n)
	programs := index(charstrings...)
	top := func(charsetAt, selectAt, programsAt, arrayAt int) []byte {
		d := append(number(number(number(nil, 391), 392), 0), 12, 30) // ROS Adobe Identity 0
		d = append(number(number(number(number(d, box.left), box.bottom), box.right), box.top), 5)
		d = append(offset(d, n), 12, 34)
		d = append(offset(d, charsetAt), 15)
		d = append(offset(d, selectAt), 12, 37)
		d = append(offset(d, programsAt), 17)
		return append(offset(d, arrayAt), 12, 36)
	}
	array := func(privateAt int) []byte { return index(append(offset(offset(nil, len(private)), privateAt), 18)) }
	before := slices.Concat([]byte{1, 0, 4, 4}, index([]byte(name)))
	after := slices.Concat(index([]byte("Adobe"), []byte("Identity")), index())
	charsetAt := len(before) + len(index(top(0, 0, 0, 0))) + len(after)
	selectAt := charsetAt + len(charset)
	programsAt := selectAt + len(selects)
	arrayAt := programsAt + len(programs)
	privateAt := arrayAt + len(array(0))
	return slices.Concat(before, index(top(charsetAt, selectAt, programsAt, arrayAt)), after, charset, selects, programs, array(privateAt), private)
}

// index writes an INDEX of CFF.
func index(objects ...[]byte) []byte {
	if len(objects) == 0 {
		return []byte{0, 0}
	}
	out, at := append(be16(nil, len(objects)), 4), uint32(1)
	out = binary.BigEndian.AppendUint32(out, at)
	for _, o := range objects {
		at += uint32(len(o))
		out = binary.BigEndian.AppendUint32(out, at)
	}
	for _, o := range objects {
		out = append(out, o...)
	}
	return out
}

// cmap maps characters to glyphs (format 12).
func cmap(glyphs []glyph) []byte {
	out := slices.Concat(be16(nil, 0, 1, 3, 10), []byte{0, 0, 0, 12}, be16(nil, 12, 0))
	for _, v := range []int{16 + 12*len(glyphs), 0, len(glyphs)} {
		out = binary.BigEndian.AppendUint32(out, uint32(v))
	}
	for i, g := range glyphs {
		for _, v := range []int{int(g.rune), int(g.rune), i + 1} {
			out = binary.BigEndian.AppendUint32(out, uint32(v))
		}
	}
	return out
}

// names says the PostScript name of the font.
func names(name string) []byte {
	text := utf16.Encode([]rune(name))
	out := be16(nil, 0, 1, 18, 3, 1, 0x409, 6, 2*len(text), 0)
	for _, u := range text {
		out = binary.BigEndian.AppendUint16(out, u)
	}
	return out
}

// sfntOf puts tables into a file.
func sfntOf(tables map[string][]byte) []byte {
	tags := []string{}
	for tag := range tables {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	out := be16([]byte("OTTO"), len(tags), 128, 3, 16*len(tags)-128)
	at := len(out) + 16*len(tags)
	var body []byte
	for _, tag := range tags {
		table := tables[tag]
		padded := slices.Concat(table, make([]byte, (4-len(table)%4)%4))
		sum := uint32(0)
		for i := 0; i < len(padded); i += 4 {
			sum += binary.BigEndian.Uint32(padded[i:])
		}
		out = append(out, tag...)
		for _, v := range []uint32{sum, uint32(at + len(body)), uint32(len(table))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		body = append(body, padded...)
	}
	return append(out, body...)
}

// be16 appends numbers of 16 bits.
func be16(to []byte, values ...int) []byte {
	for _, v := range values {
		to = binary.BigEndian.AppendUint16(to, uint16(v))
	}
	return to
}
