package consult

import (
	"strings"
	"unicode"
)

// PhoneKind says what kind of telephone number it is.
type PhoneKind string

// The kinds of telephone numbers.
const (
	PhoneMobile   PhoneKind = "MOBILE"
	PhoneLandline PhoneKind = "LANDLINE"
	PhoneService  PhoneKind = "SERVICE" // 120, 12320, 400-…
)

// Phone is a telephone number in its one normal form, so that a keyed hash of it finds it again.
type Phone struct {
	Number    string // 13800001234, 0471-6946427, 120, 4008001234
	Extension string // digits, landline and 400 numbers only
	Kind      PhoneKind
}

// ParsePhone reads a mobile number, a landline number with its area code or a service number. It accepts spaces, dashes of
// every kind, brackets, +86 and an extension after 转, 分机, x, ext or #. Refusals: phone_format, phone_area_code (a landline
// number without its area code).
func ParsePhone(s string) (Phone, error) {
	main, extension := splitExtension(strings.ToLower(compact(s)))
	digits, ok := phoneDigits(main)
	if !ok || extension != "" && (!allDigits(extension) || len(extension) > 6) {
		return Phone{}, refuse(CodePhone)
	}
	switch {
	case len(digits) == 11 && digits[0] == '1' && digits[1] >= '3':
		if extension != "" {
			return Phone{}, refuse(CodePhone)
		}
		return Phone{Number: digits, Kind: PhoneMobile}, nil
	case isServiceNumber(digits):
		return Phone{Number: digits, Extension: extension, Kind: PhoneService}, nil
	case digits[0] == '0':
		area := 4
		if len(digits) > 1 && (digits[1] == '1' || digits[1] == '2') {
			area = 3
		}
		if local := len(digits) - area; local != 7 && local != 8 || digits[area] < '2' {
			return Phone{}, refuse(CodePhone)
		}
		return Phone{Number: digits[:area] + "-" + digits[area:], Extension: extension, Kind: PhoneLandline}, nil
	case (len(digits) == 7 || len(digits) == 8) && digits[0] >= '2':
		return Phone{}, refuse(CodePhoneAreaCode)
	}
	return Phone{}, refuse(CodePhone)
}

// ParseMobile is ParsePhone for a field that takes mobile numbers only (phone_not_mobile).
func ParseMobile(s string) (Phone, error) {
	p, err := ParsePhone(s)
	if err != nil {
		return p, err
	}
	if p.Kind != PhoneMobile {
		return Phone{}, refuse(CodePhoneMobile)
	}
	return p, nil
}

func splitExtension(s string) (main, extension string) {
	for _, mark := range []string{"转", "分机", "ext.", "ext", "x", "#"} {
		if m, e, found := strings.Cut(s, mark); found {
			return m, strings.TrimLeft(e, ":：")
		}
	}
	return s, ""
}

// phoneDigits drops separators and the country code.
func phoneDigits(s string) (string, bool) {
	plus := strings.HasPrefix(s, "+")
	var b strings.Builder
	for _, r := range strings.TrimPrefix(s, "+") {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Dash, r), r == 'ー', r == '(', r == ')', r == '.':
		default:
			return "", false
		}
	}
	d := b.String()
	local, had := strings.CutPrefix(d, "0086")
	if !had && (plus || len(d) == 13 && strings.HasPrefix(d, "861")) {
		if local, had = strings.CutPrefix(d, "86"); !had {
			return "", false // another country
		}
	}
	if had {
		if d = local; d != "" && d[0] != '0' && d[0] != '1' && d[0] != '4' && d[0] != '8' {
			d = "0" + d // +86 471 …: the area code's 0 is dropped abroad
		} else if len(d) >= 9 && len(d) <= 11 && (d[0] == '4' || d[0] == '8') && !isServiceNumber(d) {
			d = "0" + d
		} else if len(d) == 10 && d[0] == '1' {
			d = "0" + d // Beijing 10
		}
	}
	return d, d != ""
}

func isServiceNumber(d string) bool {
	switch len(d) {
	case 3:
		return strings.HasPrefix(d, "11") || d == "120" || d == "122"
	case 5:
		return strings.HasPrefix(d, "12") || strings.HasPrefix(d, "95") || strings.HasPrefix(d, "96")
	case 10:
		return strings.HasPrefix(d, "400") || strings.HasPrefix(d, "800")
	}
	return false
}

// Normal is the one form in which the number is stored and hashed.
func (p Phone) Normal() string {
	if p.Extension != "" {
		return p.Number + "转" + p.Extension
	}
	return p.Number
}

// Format is the form for people: 138 0000 1234, 0471-6946427 转 123.
func (p Phone) Format() string {
	s := p.Number
	if p.Kind == PhoneMobile && len(s) == 11 {
		s = s[:3] + " " + s[3:7] + " " + s[7:]
	}
	if p.Extension != "" {
		s += " 转 " + p.Extension
	}
	return s
}

// MaskPhone hides the middle of a number: 138****1234, 0471-*****27. Service numbers stay: they are nobody's.
func MaskPhone(s string) string {
	p, err := ParsePhone(s)
	if err != nil {
		n := len([]rune(s))
		return maskRunes(s, n/4, n/4)
	}
	switch p.Kind {
	case PhoneMobile:
		return maskRunes(p.Number, 3, 4)
	case PhoneLandline:
		return maskRunes(p.Number, strings.IndexByte(p.Number, '-')+1, 2)
	}
	return p.Number
}
