package demo

type guardian struct {
	name, relation, phone string
	legal                 bool
}

type resident struct {
	key, home, name, identity, ward, bed string
	ethnic, language, capacity           string
	ability                              int
	hearing, sight                       bool
	allergies                            string
	risks, conditions                    []string
	guardians                            []guardian
	doctor                               string // usual doctor
	vitals                               []reading
}

type reading struct {
	code  string
	value float64
}

func residents() []resident {
	return []resident{
		{key: "zhang-guilan", home: sunshine, name: "张桂兰", identity: "152502195007220020", ward: "一区", bed: "1-02", ethnic: "01", ability: 1,
			risks: []string{"FALL"}, conditions: []string{"I10", "E11.9"}, doctor: "dr.wang",
			guardians: []guardian{{"周建国", "CHILD", "13847100001", false}},
			vitals:    []reading{{"TEMP", 36.5}, {"PULSE", 76}, {"RESP", 17}, {"SBP", 142}, {"DBP", 84}, {"SPO2", 96}, {"GLU_CAP", 8.4}}},
		{key: "wang-deshun", home: sunshine, name: "王德顺", identity: "150102194503150019", ward: "一区", bed: "1-05", ethnic: "01", ability: 2, hearing: true,
			risks: []string{"FALL", "ASPIRATION"}, conditions: []string{"I25.1", "I50.9"}, allergies: "青霉素", doctor: "dr.zhao",
			guardians: []guardian{{"王晓梅", "CHILD", "13847100002", false}},
			vitals:    []reading{{"TEMP", 36.7}, {"PULSE", 88}, {"RESP", 20}, {"SBP", 128}, {"DBP", 74}, {"SPO2", 93}}},
		{key: "wulan", home: sunshine, name: "乌兰其其格", identity: "150426195202290044", ward: "一区", bed: "1-08", ethnic: "02", language: "mn", ability: 1,
			risks: []string{"FALL"}, conditions: []string{"M17.9", "I10"}, allergies: "磺胺类", doctor: "dr.gao",
			guardians: []guardian{{"巴特尔", "CHILD", "13947100003", false}},
			vitals:    []reading{{"TEMP", 36.4}, {"PULSE", 70}, {"SBP", 136}, {"DBP", 80}, {"SPO2", 97}}},
		{key: "li-zhenhua", home: sunshine, name: "李振华", identity: "150724193811010137", ward: "一区", bed: "1-11", ethnic: "01", ability: 3, capacity: "NONE",
			risks: []string{"DEMENTIA", "WANDERING", "CHOKING"}, conditions: []string{"G30.9", "I69.3"}, doctor: "dr.gao",
			guardians: []guardian{{"赵秀英", "SPOUSE", "13847100004", true}, {"李明", "CHILD", "13847100014", false}},
			vitals:    []reading{{"TEMP", 36.6}, {"PULSE", 82}, {"SBP", 132}, {"DBP", 76}}},
		{key: "liu-yuzhen", home: sunshine, name: "刘玉珍", identity: "152621194812310125", ward: "二区", bed: "2-01", ethnic: "01", ability: 2, sight: true,
			risks: []string{"FALL", "BED_FALL"}, conditions: []string{"H40.9", "M81.9", "E11.9"}, doctor: "dr.wang",
			guardians: []guardian{{"孙志强", "CHILD", "13847100005", false}},
			vitals:    []reading{{"TEMP", 36.3}, {"PULSE", 72}, {"SBP", 150}, {"DBP", 86}, {"SPO2", 95}, {"GLU_CAP", 11.9}}},
		{key: "zhao-fugui", home: sunshine, name: "赵福贵", identity: "150102194110080216", ward: "二区", bed: "2-03", ethnic: "01", ability: 4, capacity: "LIMITED",
			risks: []string{"PRESSURE_INJURY", "ASPIRATION", "TUBE"}, conditions: []string{"I69.3", "L89", "R13"}, doctor: "dr.gao",
			guardians: []guardian{{"赵丽", "CHILD", "13847100006", true}},
			vitals:    []reading{{"TEMP", 37.1}, {"PULSE", 92}, {"RESP", 21}, {"SBP", 118}, {"DBP", 70}, {"SPO2", 94}}},
		{key: "sun-shuqin", home: sunshine, name: "孙淑琴", identity: "150103193905120324", ward: "二区", bed: "2-06", ethnic: "03", ability: 1,
			conditions: []string{"J44.9"}, risks: []string{"OXYGEN"}, doctor: "dr.wang",
			guardians: []guardian{{"马海龙", "CHILD", "13847100007", false}},
			vitals:    []reading{{"TEMP", 36.5}, {"PULSE", 86}, {"RESP", 22}, {"SPO2", 91}}},
		{key: "chen-jianguo", home: sunshine, name: "陈建国", identity: "150105194706200433", ward: "二区", bed: "2-09", ethnic: "01", ability: 0,
			conditions: []string{"I10", "N40"}, guardians: []guardian{{"陈涛", "CHILD", "13847100008", false}}},
		{key: "he-xiuying", home: sunshine, name: "何秀英", identity: "150202193609010541", ward: "三区", bed: "3-02", ethnic: "11", ability: 3, hearing: true,
			risks: []string{"FALL", "PRESSURE_INJURY"}, conditions: []string{"S72.0", "M80.9"}, guardians: []guardian{{"那文军", "CHILD", "13847100009", false}}},
		{key: "zhou-qiming", home: sunshine, name: "周启明", identity: "150102195404180655", ward: "三区", bed: "3-04", ethnic: "01", ability: 1,
			conditions: []string{"G20", "F32.9"}, risks: []string{"FALL", "SELF_HARM"}, guardians: []guardian{{"吴敏", "SPOUSE", "13847100010", false}}},
		{key: "batu", home: sunshine, name: "阿拉坦·巴图", identity: "152327194311270710", ward: "三区", bed: "3-07", ethnic: "02", language: "mn", ability: 2,
			conditions: []string{"I48", "I63.9"}, risks: []string{"FALL", "ASPIRATION"}, doctor: "dr.zhao", guardians: []guardian{{"萨仁", "CHILD", "13947100011", false}}},
		{key: "ma-fengxia", home: sunshine, name: "马凤霞", identity: "150121194908030823", ward: "三区", bed: "3-10", ethnic: "03", ability: 1,
			conditions: []string{"E03.9", "K59.0"}, guardians: []guardian{{"马小军", "CHILD", "13847100012", false}}},

		{key: "guo-meiling", home: kangning, name: "郭美玲", identity: "150102194602140924", ward: "东楼", bed: "101", ethnic: "01", ability: 2,
			risks: []string{"FALL"}, conditions: []string{"I69.3"}, guardians: []guardian{{"郭强", "CHILD", "13847100013", false}},
			vitals: []reading{{"TEMP", 36.4}, {"PULSE", 78}, {"SBP", 138}, {"DBP", 82}}},
		{key: "tian-yulin", home: kangning, name: "田玉林", identity: "15010419400730101X", ward: "东楼", bed: "103", ethnic: "01", ability: 3, hearing: true,
			risks: []string{"PRESSURE_INJURY"}, conditions: []string{"L89"}, guardians: []guardian{{"田芳", "CHILD", "13847100015", false}}},
		{key: "gao-shuhua", home: kangning, name: "高淑华", identity: "150105195109251122", ward: "西楼", bed: "202", ethnic: "01", ability: 1,
			conditions: []string{"M17.9"}, guardians: []guardian{{"林峰", "CHILD", "13847100016", false}}},
		{key: "ren-guofu", home: kangning, name: "任国福", identity: "152801193712061230", ward: "西楼", bed: "205", ethnic: "01", ability: 2, sight: true,
			conditions: []string{"H25.9", "I10"}, risks: []string{"FALL"}, guardians: []guardian{{"任静", "CHILD", "13847100017", false}}},
	}
}
