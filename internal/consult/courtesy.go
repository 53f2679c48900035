package consult

import "strings"

// Family names of two characters, and the most frequent of one (公安部《二〇二〇年全国姓名报告》 and its supplement). Who has none of them may have no family
// name at all, as Mongolian names have none: nothing is then cut off a name that is not one.
const (
	familyNamesOfTwo = "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 令狐 慕容 司徒 夏侯 呼延 端木 长孙 宇文 独孤 南宫 闻人 轩辕"
	familyNames      = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文樊兰殷施洪翟安颜倪牛温芦季俞章鲁葛伍申尤毕聂柴焦纪管岳齐单冉路关解柯曲包耿欧左时庞温蓝蒲盛涂祝霍宫柳滕简裴苗凌宁费车靳岑闵詹刁翁池阎游谷辛褚"
)

// Surname gives the family name of a person, or nothing where the name has none that is known.
func Surname(name string) string {
	runes := []rune(name)
	if len(runes) < 2 || strings.ContainsRune(name, interpunct) || len(runes) > 4 {
		return ""
	}
	if two := string(runes[:2]); len(runes) > 2 && strings.Contains(familyNamesOfTwo, two) {
		return two
	}
	if len(runes) < 4 && strings.ContainsRune(familyNames, runes[0]) {
		return string(runes[:1])
	}
	return ""
}

// ResidentCourtesy is how a page for a family speaks of a resident: family name and title, 张女士, and without a known family name no name at all.
// Sex is a code of GB/T 2261.1; ethnic a code of GB/T 3304, 02 is Mongolian.
func ResidentCourtesy(name, sex, ethnic string, lang Lang) string {
	surname := Surname(name)
	if ethnic == "02" {
		surname = ""
	}
	title, known := map[string][2]string{"1": {"先生", "Mr "}, "2": {"女士", "Ms "}}[sex]
	if !known {
		title = [2]string{"老人家", "Mr/Ms "}
	}
	switch {
	case surname == "" && lang == EN:
		return "your relative"
	case surname == "":
		return "您家老人"
	case lang == EN:
		return title[1] + surname
	}
	return surname + title[0]
}

// StaffCourtesy is how a page for a family speaks of who comes: 王医生, 李护士; a name without a known family name is written out.
func StaffCourtesy(name string, nurse bool, lang Lang) string {
	if surname := Surname(name); surname != "" {
		name = surname
	}
	switch {
	case lang == EN && nurse:
		return "Nurse " + name
	case lang == EN:
		return "Dr " + name
	case nurse:
		return name + "护士"
	}
	return name + "医生"
}
