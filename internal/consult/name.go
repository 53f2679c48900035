package consult

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// interpunct joins the parts of a transcribed name: 阿拉坦·巴特尔.
const interpunct = '·'

// maxNameLength in characters.
const maxNameLength = 50

// NormaliseName gives a person's full name in its one form: • ‧ ． ・ and a point between Chinese characters become the
// interpunct, spaces vanish beside Chinese characters and become one space between Latin words. A name is one field:
// Mongolian names have no family name. Refusals: name_empty, name_too_long, name_characters, name_interpunct.
func NormaliseName(s string) (string, error) {
	name := pointsToInterpuncts(dropTightSpaces([]rune(strings.Join(strings.Fields(strings.Map(nameRune, s)), " "))))
	switch {
	case name == "":
		return "", refuse(CodeNameEmpty)
	case utf8.RuneCountInString(name) > maxNameLength:
		return "", refuse(CodeNameLength)
	}
	letters := 0
	for _, r := range name {
		switch {
		case unicode.Is(unicode.Han, r), unicode.Is(unicode.Latin, r):
			letters++
		case r == interpunct, r == ' ', r == '-', r == '\'', r == '.':
		default:
			return "", refuse(CodeNameCharacters)
		}
	}
	if letters == 0 {
		return "", refuse(CodeNameCharacters)
	}
	if strings.HasPrefix(name, "·") || strings.HasSuffix(name, "·") || strings.Contains(name, "··") {
		return "", refuse(CodeNameInterpunct)
	}
	return name, nil
}

// nameRune unifies the look-alikes of the interpunct, the apostrophe and the space, and drops invisible characters.
func nameRune(r rune) rune {
	switch r {
	case '•', '‧', '．', '・', '･', '∙', '⋅':
		return interpunct
	case '’', '‘', 'ʼ':
		return '\''
	case '\u200B', '\u200C', '\u200D', '\uFEFF':
		return -1
	}
	return halfWidth(r)
}

// dropTightSpaces removes the spaces beside Chinese characters and interpuncts.
func dropTightSpaces(runes []rune) []rune {
	out := make([]rune, 0, len(runes))
	for i, r := range runes {
		if r == ' ' && (i > 0 && joinsTight(runes[i-1]) || i < len(runes)-1 && joinsTight(runes[i+1])) {
			continue
		}
		out = append(out, r)
	}
	return out
}

// pointsToInterpuncts turns a point between two Chinese characters into the interpunct that was meant.
func pointsToInterpuncts(runes []rune) string {
	for i := 1; i < len(runes)-1; i++ {
		if runes[i] == '.' && unicode.Is(unicode.Han, runes[i-1]) && unicode.Is(unicode.Han, runes[i+1]) {
			runes[i] = interpunct
		}
	}
	return string(runes)
}

func joinsTight(r rune) bool { return unicode.Is(unicode.Han, r) || r == interpunct }

// MaskName keeps the first character and puts a star for each of the others: 张*, 乌****.
func MaskName(name string) string { return maskRunes(name, 1, 0) }
