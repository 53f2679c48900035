package consult

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseIdentityNumber(t *testing.T) {
	today := Date{2026, 10, 20}
	tests := []struct {
		in     string
		number string
		birth  string
		sex    Sex
		code   string
	}{
		// Samples of the standard.
		{"11010519491231002X", "11010519491231002X", "1949-12-31", SexFemale, ""},
		{"440524188001010014", "", "", "", CodeIDAge},
		// Synthetic numbers.
		{"150102194503150019", "150102194503150019", "1945-03-15", SexMale, ""},
		{"152502195007220020", "152502195007220020", "1950-07-22", SexFemale, ""},
		{"150724193811010137", "150724193811010137", "1938-11-01", SexMale, ""},
		{"150426195202290044", "150426195202290044", "1952-02-29", SexFemale, ""},
		{"152621194812310125", "152621194812310125", "1948-12-31", SexFemale, ""},
		// Other ways of writing.
		{" 110105 19491231 002x ", "11010519491231002X", "1949-12-31", SexFemale, ""},
		{"１５０１０２１９４５０３１５００１９", "150102194503150019", "1945-03-15", SexMale, ""},
		{"150102450315001", "150102194503150019", "1945-03-15", SexMale, ""},
		// Refused.
		{"", "", "", "", CodeIDLength},
		{"15010219450315001", "", "", "", CodeIDLength},
		{"1501021945031500199", "", "", "", CodeIDLength},
		{"15010219450315001A", "", "", "", CodeIDCharacters},
		{"1501021945X3150019", "", "", "", CodeIDCharacters},
		{"15010245031500X", "", "", "", CodeIDCharacters},
		{"990102194503150019", "", "", "", CodeIDProvince},
		{"150102194513150019", "", "", "", CodeIDBirthDate},
		{"150102195102290014", "", "", "", CodeIDBirthDate},
		{"150102194502300019", "", "", "", CodeIDBirthDate},
		{"150102202610210019", "", "", "", CodeIDFuture},
		{"150102189503150019", "", "", "", CodeIDAge},
		{"150102194503150018", "", "", "", CodeIDChecksum},
		{"150102194503150091", "", "", "", CodeIDChecksum},
	}
	for _, tt := range tests {
		got, err := ParseIdentityNumber(tt.in, today)
		wantCode(t, err, tt.code)
		if got.Number != tt.number || got.Birth.String() != tt.birth || got.Sex != tt.sex {
			t.Errorf("%q: got %+v", tt.in, got)
		}
	}
}

func TestIdentityNumberOfTheStandard1880(t *testing.T) {
	got, err := ParseIdentityNumber("440524188001010014", Date{1990, 1, 1})
	if err != nil || got.Sex != SexMale || got.Birth != (Date{1880, 1, 1}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// The check digit finds every single wrong digit and every swap of neighbours.
func TestIdentityNumberFindsTypingErrors(t *testing.T) {
	today := Date{2026, 10, 20}
	rapid.Check(t, func(t *rapid.T) {
		birth := Date{1930, 1, 1}.AddDays(rapid.IntRange(0, 30000).Draw(t, "day"))
		digits := rapid.SampledFrom([]string{"150102", "152502", "152621", "110105"}).Draw(t, "division") +
			strings.ReplaceAll(birth.String(), "-", "") +
			rapid.StringMatching(`[0-9]{3}`).Draw(t, "order")
		valid := digits + string(identityCheck(digits))
		parsed, err := ParseIdentityNumber(valid, today)
		if err != nil || parsed.Birth != birth {
			t.Fatalf("%s: %+v, %v", valid, parsed, err)
		}
		at := rapid.IntRange(0, 17).Draw(t, "at")
		wrong := []byte(valid)
		wrong[at] = rapid.SampledFrom([]byte("0123456789")).Draw(t, "digit")
		if wrong[at] != valid[at] {
			if _, err := ParseIdentityNumber(string(wrong), today); err == nil {
				t.Fatalf("%s taken for %s", wrong, valid)
			}
		}
		swap := []byte(valid)
		i := rapid.IntRange(0, 15).Draw(t, "swap")
		swap[i], swap[i+1] = swap[i+1], swap[i]
		if swap[i] != swap[i+1] {
			if _, err := ParseIdentityNumber(string(swap), today); err == nil {
				t.Fatalf("%s taken for %s", swap, valid)
			}
		}
	})
}

func TestParsersNeverPanicAndNeverRepeatTheInput(t *testing.T) {
	today := Date{2026, 10, 20}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9Xx +\-转]{0,24}`)).Draw(t, "s")
		for _, parse := range []func() error{
			func() error { _, err := ParseIdentityNumber(s, today); return err },
			func() error { _, err := ParseCreditCode(s); return err },
			func() error { _, err := ParsePhone(s); return err },
			func() error { _, err := NormaliseName(s); return err },
			func() error { _, err := ParseDate(s); return err },
		} {
			err := parse()
			if err == nil {
				continue
			}
			if len(Refusals(err)) != 1 {
				t.Fatalf("not one refusal: %v", err)
			}
			if r := Refusals(err)[0]; len(r.Args) != 0 {
				t.Fatalf("refusal of personal data with arguments: %v", r)
			}
		}
		_ = MaskName(s) + MaskIdentityNumber(s) + MaskPhone(s)
	})
}

func TestMaskIdentityNumber(t *testing.T) {
	for in, want := range map[string]string{
		"150102194503150019": "150***********0019",
		"150102450315001":    "150********5001",
		"E12345678":          "E1*****78",
		"护照甲乙":               "护**乙",
		"":                   "",
		"12":                 "**",
	} {
		if got := MaskIdentityNumber(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
