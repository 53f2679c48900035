package care

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// surnameInitial knows family names whose first letter differs from the commoner reading of the character.
func surnameInitial(r rune) (byte, bool) {
	switch r {
	case '曾', '查', '翟':
		return 'z', true
	case '单':
		return 's', true
	case '仇':
		return 'q', true
	case '解', '冼':
		return 'x', true
	case '区':
		return 'o', true
	case '朴':
		return 'p', true
	case '乐', '员':
		return 'y', true
	case '缪':
		return 'm', true
	case '秘':
		return 'b', true
	}
	return 0, false
}

// initials gives the pinyin initials of a name in lower case, by which nurses search: 张三 → zs, 乌兰其其格 → wlqqg. Of Latin
// words it takes the first letters.
func initials(name string) string {
	args := pinyin.NewArgs()
	args.Style = pinyin.FirstLetter
	var b strings.Builder
	start := true
	for i, r := range name {
		switch {
		case unicode.Is(unicode.Han, r):
			if c, ok := surnameInitial(r); ok && i == 0 {
				b.WriteByte(c)
			} else if p := pinyin.SinglePinyin(r, args); len(p) > 0 {
				b.WriteString(p[0])
			}
			start = true
		case unicode.IsLetter(r):
			if start {
				b.WriteRune(unicode.ToLower(r))
			}
			start = false
		default:
			start = true
		}
	}
	return b.String()
}

// compareNatural orders texts with numbers as people do: 2-9 before 2-10.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if len(x) != len(y) {
				return len(x) - len(y)
			}
			if c := strings.Compare(x, y); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
