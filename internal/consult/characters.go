package consult

import (
	"strings"
	"unicode"
)

// halfWidth turns a full-width form (U+FF01…U+FF5E, ideographic space) into its ASCII character.
func halfWidth(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFEE0
	case r == 0x3000:
		return ' '
	}
	return r
}

// compact drops spaces and turns full-width characters into half-width ones, as numbers come from input methods and
// photographs of forms.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		r = halfWidth(r)
		if unicode.IsSpace(r) || r == 0x200B || r == 0xFEFF {
			return -1
		}
		return r
	}, s)
}

// maskRunes keeps characters at both ends and puts a star for every other one.
func maskRunes(s string, head, tail int) string {
	r := []rune(s)
	for i := range r {
		if i >= head && i < len(r)-tail {
			r[i] = '*'
		}
	}
	return string(r)
}
