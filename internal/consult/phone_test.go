package consult

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParsePhone(t *testing.T) {
	tests := []struct {
		in, normal string
		kind       PhoneKind
		code       string
	}{
		{"13800001234", "13800001234", PhoneMobile, ""},
		{"138 0000 1234", "13800001234", PhoneMobile, ""},
		{"+86 138-0000-1234", "13800001234", PhoneMobile, ""},
		{"8613800001234", "13800001234", PhoneMobile, ""},
		{"008613800001234", "13800001234", PhoneMobile, ""},
		{"１３８００００１２３４", "13800001234", PhoneMobile, ""},
		{"0471—6946427", "0471-6946427", PhoneLandline, ""},
		{"0471-6946427", "0471-6946427", PhoneLandline, ""},
		{"(0471) 6946427", "0471-6946427", PhoneLandline, ""},
		{"（0471）6946427转123", "0471-6946427转123", PhoneLandline, ""},
		{"0471 6946427 转 123", "0471-6946427转123", PhoneLandline, ""},
		{"0471-6946427x8", "0471-6946427转8", PhoneLandline, ""},
		{"010-65251234", "010-65251234", PhoneLandline, ""},
		{"+86 471 6946427", "0471-6946427", PhoneLandline, ""},
		{"+86 10 65251234", "010-65251234", PhoneLandline, ""},
		{"120", "120", PhoneService, ""},
		{"12320", "12320", PhoneService, ""},
		{"400-800-1234", "4008001234", PhoneService, ""},
		{"", "", "", CodePhone},
		{"6946427", "", "", CodePhoneAreaCode},
		{"12800001234", "", "", CodePhone},
		{"1380000123", "", "", CodePhone},
		{"138000012345", "", "", CodePhone},
		{"13800001234转1", "", "", CodePhone},
		{"0471-694642", "", "", CodePhone},
		{"0471-1946427", "", "", CodePhone},
		{"0471-6946427转", "0471-6946427", PhoneLandline, ""},
		{"0471-6946427转1234567", "", "", CodePhone},
		{"+1 202 555 0100", "", "", CodePhone},
		{"0", "", "", CodePhone},
		{"138o0001234", "", "", CodePhone},
		{"１３８a", "", "", CodePhone},
	}
	for _, tt := range tests {
		got, err := ParsePhone(tt.in)
		wantCode(t, err, tt.code)
		if got.Kind != tt.kind || got.Normal() != tt.normal {
			t.Errorf("%q: got %+v", tt.in, got)
		}
	}
	if p, _ := ParsePhone("13800001234"); p.Format() != "138 0000 1234" {
		t.Errorf("got %q", p.Format())
	}
	if p, _ := ParsePhone("0471 6946427x123"); p.Format() != "0471-6946427 转 123" {
		t.Errorf("got %q", p.Format())
	}
}

func TestParseMobile(t *testing.T) {
	_, err := ParseMobile("0471-6946427")
	wantCode(t, err, CodePhoneMobile)
	_, err = ParseMobile("x")
	wantCode(t, err, CodePhone)
	p, err := ParseMobile("138 0000 1234")
	wantCode(t, err, "")
	if p.Number != "13800001234" {
		t.Errorf("got %+v", p)
	}
}

func TestMaskPhone(t *testing.T) {
	for in, want := range map[string]string{
		"13800001234": "138****1234", "138 0000 1234": "138****1234", "0471-6946427": "0471-*****27",
		"0471-6946427转123": "0471-*****27", "120": "120", "not a phone": "no*******ne", "": "",
	} {
		if got := MaskPhone(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// The normal form of a number and its form for people both read back as the same number.
func TestPhoneNormalIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`1[3-9][0-9]{9}|0[3-9][0-9]{2}-?[2-9][0-9]{6,7}(转[0-9]{1,4})?|0(10|2[0-9])[2-9][0-9]{7}|400[0-9]{7}`).Draw(t, "phone")
		p, err := ParsePhone(s)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		for _, form := range []string{p.Normal(), p.Format()} {
			if again, err := ParsePhone(form); err != nil || again != p {
				t.Fatalf("%q → %+v, %q → %+v, %v", s, p, form, again, err)
			}
		}
	})
}
