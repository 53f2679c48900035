package consult

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNormaliseName(t *testing.T) {
	tests := []struct{ in, want, code string }{
		{"张三", "张三", ""},
		{" 张 三 ", "张三", ""},
		{"张　三", "张三", ""},
		{"乌兰其其格", "乌兰其其格", ""},
		{"阿拉坦·巴特尔", "阿拉坦·巴特尔", ""},
		{"阿拉坦•巴特尔", "阿拉坦·巴特尔", ""},
		{"阿拉坦‧巴特尔", "阿拉坦·巴特尔", ""},
		{"阿拉坦．巴特尔", "阿拉坦·巴特尔", ""},
		{"阿拉坦.巴特尔", "阿拉坦·巴特尔", ""},
		{"阿拉坦 . 巴特尔", "阿拉坦·巴特尔", ""},
		{"阿拉坦 · 巴特尔", "阿拉坦·巴特尔", ""},
		{"𫖯㛃𠅤", "𫖯㛃𠅤", ""}, // outside the basic plane
		{"John  O’Brien", "John O'Brien", ""},
		{"Ａnna-Maria J. Sørensen", "Anna-Maria J. Sørensen", ""},
		{"", "", CodeNameEmpty},
		{" \u200B ", "", CodeNameEmpty},
		{strings.Repeat("张", 50), strings.Repeat("张", 50), ""},
		{strings.Repeat("张", 51), "", CodeNameLength},
		{"张3", "", CodeNameCharacters},
		{"张<b>", "", CodeNameCharacters},
		{"张\n三\x00", "", CodeNameCharacters},
		{"-", "", CodeNameCharacters},
		{"·", "", CodeNameCharacters},
		{"·张", "", CodeNameInterpunct},
		{"张·", "", CodeNameInterpunct},
		{"张··三", "", CodeNameInterpunct},
	}
	for _, tt := range tests {
		got, err := NormaliseName(tt.in)
		wantCode(t, err, tt.code)
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestMaskName(t *testing.T) {
	for in, want := range map[string]string{"张三": "张*", "乌兰其其格": "乌****", "𫖯㛃": "𫖯*", "": "", "张": "张"} {
		if got := MaskName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestNameProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("乌兰其格张·•．. aBé-'")))).Draw(t, "s")
		if m := MaskName(s); utf8.RuneCountInString(m) != utf8.RuneCountInString(s) {
			t.Fatalf("mask of %q has another length", s)
		}
		name, err := NormaliseName(s)
		if err != nil {
			return
		}
		if again, err := NormaliseName(name); err != nil || again != name {
			t.Fatalf("%q → %q → %q, %v", s, name, again, err)
		}
	})
}
