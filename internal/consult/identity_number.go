package consult

import (
	"strings"
	"time"
)

// IdentityNumber is a resident identity number (GB 11643) that passed every check.
type IdentityNumber struct {
	Number string // 18 characters, upper-case X
	Birth  Date
	Sex    Sex // SexMale or SexFemale
}

// ParseIdentityNumber checks a number of 18 characters, or turns an old one of 15 digits into 18. Spaces are dropped and
// full-width characters are accepted. The first two digits must be a known province; the division itself is not compared,
// since elders carry numbers of divisions that were abolished. Refusals: identity_number_length, _characters, _province,
// _birth_date, _future, _age, _checksum.
func ParseIdentityNumber(s string, today Date) (IdentityNumber, error) {
	s = strings.ToUpper(compact(s))
	switch len(s) {
	case 15:
		if !allDigits(s) {
			return IdentityNumber{}, refuse(CodeIDCharacters)
		}
		s = s[:6] + "19" + s[6:]
		s += string(identityCheck(s))
	case 18:
		if !allDigits(s[:17]) || !isDigit(s[17]) && s[17] != 'X' {
			return IdentityNumber{}, refuse(CodeIDCharacters)
		}
	default:
		return IdentityNumber{}, refuse(CodeIDLength)
	}
	if !knownProvince(s[:2]) {
		return IdentityNumber{}, refuse(CodeIDProvince)
	}
	birth := Date{number(s[6:10]), time.Month(number(s[10:12])), number(s[12:14])}
	switch {
	case !birth.Real():
		return IdentityNumber{}, refuse(CodeIDBirthDate)
	case birth.After(today):
		return IdentityNumber{}, refuse(CodeIDFuture)
	case AgeAt(birth, today) > maxAge:
		return IdentityNumber{}, refuse(CodeIDAge)
	case identityCheck(s[:17]) != s[17]:
		return IdentityNumber{}, refuse(CodeIDChecksum)
	}
	sex := SexFemale
	if (s[16]-'0')%2 == 1 {
		sex = SexMale
	}
	return IdentityNumber{Number: s, Birth: birth, Sex: sex}, nil
}

// maxAge in years; beyond it a birth date is taken for a typing error.
const maxAge = 130

// identityCheck computes the last character over 17 digits.
func identityCheck(digits string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// knownProvince tells whether the two digits begin the numbers of a province-level division: 81 and 82 Hong Kong and Macao,
// 71 and 83 Taiwan.
func knownProvince(p string) bool {
	switch p {
	case "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
		"41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65",
		"71", "81", "82", "83":
		return true
	}
	return false
}

// MaskIdentityNumber keeps the first three and the last four characters, so that neither county nor birth date shows. Shorter
// document numbers keep a quarter at each end.
func MaskIdentityNumber(s string) string {
	n := len([]rune(s))
	if n >= 15 {
		return maskRunes(s, 3, 4)
	}
	return maskRunes(s, n/4, n/4)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return len(s) > 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number reads digits that were checked before.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}
