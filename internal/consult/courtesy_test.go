package consult

import "testing"

func TestCourtesy(t *testing.T) {
	for _, c := range []struct{ name, sex, ethnic, zh, en string }{
		{"张秀英", "2", "01", "张女士", "Ms 张"},
		{"欧阳建国", "1", "01", "欧阳先生", "Mr 欧阳"},
		{"刘大", "9", "01", "刘老人家", "Mr/Ms 刘"},
		{"乌云其木格", "2", "02", "您家老人", "your relative"},
		{"白音", "1", "02", "您家老人", "your relative"}, // no family name, whatever its first character
		{"阿拉坦·巴特尔", "1", "", "您家老人", "your relative"},
		{"其木格", "2", "", "您家老人", "your relative"},
	} {
		if zh, en := ResidentCourtesy(c.name, c.sex, c.ethnic, ZH), ResidentCourtesy(c.name, c.sex, c.ethnic, EN); zh != c.zh || en != c.en {
			t.Errorf("%s: %s, %s", c.name, zh, en)
		}
	}
	for _, c := range []struct {
		name   string
		nurse  bool
		zh, en string
	}{{"王建国", false, "王医生", "Dr 王"}, {"李娜", true, "李护士", "Nurse 李"}, {"其木格", false, "其木格医生", "Dr 其木格"}} {
		if zh, en := StaffCourtesy(c.name, c.nurse, ZH), StaffCourtesy(c.name, c.nurse, EN); zh != c.zh || en != c.en {
			t.Errorf("%s: %s, %s", c.name, zh, en)
		}
	}
}
