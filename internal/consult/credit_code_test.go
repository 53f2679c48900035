package consult

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseCreditCode(t *testing.T) {
	tests := []struct{ in, code string }{
		{"91110000802100433B", ""},
		{"91330100799655058B", ""},
		{"91440300708461136T", ""},
		{"91110000600037341L", ""},
		{"12150102MB1X00010D", ""},
		{"52152502MJY00001XP", ""},
		{"91150204MA0N00016J", ""},
		{" 9115 0204 ma0n 0001 6j ", ""},
		{"", CodeCreditLength},
		{"91150204MA0N00016", CodeCreditLength},
		{"9I150204MA0N00016J", CodeCreditCharacters},
		{"91150204MAON00016J", CodeCreditCharacters},
		{"9115020AMA0N00016J", CodeCreditCharacters},
		{"91150204MA0N00026J", CodeCreditOrganisation},
		{"91150205MA0N00016J", CodeCreditChecksum},
		{"91150204MA0N00016K", CodeCreditChecksum},
	}
	for _, tt := range tests {
		got, err := ParseCreditCode(tt.in)
		wantCode(t, err, tt.code)
		if tt.code == "" && (len(got.Code) != 18 || got.Authority+got.Kind+got.Division+got.Organisation+got.Code[17:] != got.Code) {
			t.Errorf("%q: got %+v", tt.in, got)
		}
	}
}

func TestCreditCodeFindsWrongCharacters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		org := rapid.StringOfN(rapid.RuneFrom([]rune(creditAlphabet)), 8, 8, -1).Draw(t, "organisation")
		s := "91" + rapid.StringMatching(`15[0-9]{4}`).Draw(t, "division") + org + string(organisationCheck(org))
		s += string(creditCheck(s))
		if _, err := ParseCreditCode(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		wrong := []byte(s)
		at := rapid.IntRange(0, 17).Draw(t, "at")
		wrong[at] = creditAlphabet[rapid.IntRange(0, len(creditAlphabet)-1).Draw(t, "character")]
		if _, err := ParseCreditCode(string(wrong)); string(wrong) != s && err == nil {
			t.Fatalf("%s taken for %s", wrong, s)
		}
		if _, err := ParseCreditCode(strings.ToLower(s)); err != nil {
			t.Fatalf("lower case: %v", err)
		}
	})
}
