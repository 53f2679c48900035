package consult

import "strings"

// CreditCode is a unified social credit code (GB 32100) that passed every check.
type CreditCode struct {
	Code         string // 18 characters, upper case
	Authority    string // registering authority: 1 organisation office, 5 civil affairs, 9 market regulation …
	Kind         string // kind of body within the authority
	Division     string // six digits, the division of registration
	Organisation string // nine characters, the organisation code (GB 11714)
}

// creditAlphabet leaves out I, O, S, V and Z.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ParseCreditCode checks length, characters, the check character of the organisation code within and the one of the whole.
// Refusals: credit_code_length, credit_code_characters, credit_code_organisation, credit_code_checksum.
func ParseCreditCode(s string) (CreditCode, error) {
	s = strings.ToUpper(compact(s))
	if len(s) != 18 {
		return CreditCode{}, refuse(CodeCreditLength)
	}
	for i := range len(s) {
		if strings.IndexByte(creditAlphabet, s[i]) < 0 {
			return CreditCode{}, refuse(CodeCreditCharacters)
		}
	}
	if !allDigits(s[2:8]) {
		return CreditCode{}, refuse(CodeCreditCharacters)
	}
	if organisationCheck(s[8:16]) != s[16] {
		return CreditCode{}, refuse(CodeCreditOrganisation)
	}
	if creditCheck(s[:17]) != s[17] {
		return CreditCode{}, refuse(CodeCreditChecksum)
	}
	return CreditCode{Code: s, Authority: s[:1], Kind: s[1:2], Division: s[2:8], Organisation: s[8:17]}, nil
}

// creditCheck computes the last character over the first 17; the weights are the powers of 3 modulo 31.
func creditCheck(s string) byte {
	sum, weight := 0, 1
	for i := range len(s) {
		sum += strings.IndexByte(creditAlphabet, s[i]) * weight
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31]
}

// organisationCheck computes the check character of GB 11714 over eight characters; a letter counts 10 for A to 35 for Z.
func organisationCheck(s string) byte {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		v := int(s[i] - '0')
		if !isDigit(s[i]) {
			v = int(s[i]-'A') + 10
		}
		sum += v * w
	}
	return "0X987654321"[sum%11]
}
