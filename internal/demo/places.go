package demo

// The keys of organisations.
const (
	region    = "region"
	league    = "league"
	xincheng  = "xincheng"
	saihan    = "saihan"
	sunshine  = "sunshine"
	kangning  = "kangning"
	qingcheng = "qingcheng"
	saihanyy  = "saihan-hospital" // the partner
	haidong   = "haidong"         // the family doctors
)

type licence struct {
	kind, number string
	departments  []string
	from         string
}

type organisation struct {
	key, kind, typeCode, name, credit, level, division, parent, address, phone string
	pilot                                                                      bool
	licences                                                                   []licence
	departments                                                                []string
}

func organisations() []organisation {
	return []organisation{
		{key: region, kind: "AUTHORITY", typeCode: "REGION", name: "内蒙古自治区卫生健康委员会（演示）", credit: "11150000MB1X10075U", division: "150000",
			address: "内蒙古自治区呼和浩特市新城区演示路1号", phone: "0471-6900001"},
		{key: league, kind: "AUTHORITY", typeCode: "LEAGUE", name: "呼和浩特市卫生健康委员会（演示）", credit: "11150100MB1X100676", division: "150100", parent: region,
			address: "呼和浩特市新城区演示路2号", phone: "0471-6900002"},
		{key: xincheng, kind: "AUTHORITY", typeCode: "COUNTY", name: "新城区卫生健康委员会", credit: "11150102MB1X10040B", division: "150102", parent: league,
			address: "呼和浩特市新城区演示路3号", phone: "0471-6900003"},
		{key: saihan, kind: "AUTHORITY", typeCode: "COUNTY", name: "赛罕区卫生健康委员会", credit: "11150105MB1X10059K", division: "150105", parent: league,
			address: "呼和浩特市赛罕区演示路4号", phone: "0471-6900004"},
		{key: sunshine, kind: "CARE", typeCode: "INTEGRATED", name: "阳光颐养院", credit: "52150102MJY1000103", division: "150102", parent: xincheng,
			address: "呼和浩特市新城区海拉尔东街88号阳光颐养院1号楼", phone: "0471-6910001", pilot: true,
			licences: []licence{{"CARE_FILING", "YL150102-2019-0031", nil, "2019-06-01"}, {"MEDICAL_PRACTICE", "PDY100311501021D4002", []string{"02", "03", "50"}, "2020-03-01"}}},
		{key: kangning, kind: "CARE", typeCode: "CARE_HOME", name: "康宁养老院", credit: "52150102MJY1000290", division: "150102", parent: xincheng,
			address: "呼和浩特市新城区成吉思汗大街166号康宁养老院", phone: "0471-6910002",
			licences: []licence{{"CARE_FILING", "YL150102-2021-0012", nil, "2021-09-01"}}},
		{key: qingcheng, kind: "MEDICAL", typeCode: "A100", name: "青城医院", credit: "12150105MB1X10032Q", level: "三级甲等", division: "150105", parent: league,
			address: "呼和浩特市赛罕区昭乌达路200号", phone: "0471-6920000", pilot: true,
			licences:    []licence{{"MEDICAL_PRACTICE", "PDY200421501051A1001", []string{"02", "03", "0303", "0304", "0310", "04", "13", "20", "21"}, "2015-01-01"}},
			departments: []string{"02", "0304", "0303", "0310", "20", "21"}},
		{key: saihanyy, kind: "MEDICAL", typeCode: "A100", name: "赛罕区医院", credit: "12150105MB1X20003G", level: "二级甲等", division: "150105", parent: saihan,
			address: "呼和浩特市赛罕区演示路88号", phone: "0471-6930000",
			licences:    []licence{{"MEDICAL_PRACTICE", "PDY200521501051A1002", []string{"02", "03", "20"}, "2016-01-01"}},
			departments: []string{"02"}},
		{key: haidong, kind: "MEDICAL", typeCode: "B100", name: "海东路社区卫生服务中心", credit: "12150102MB1X30009F", level: "未定级", division: "150102", parent: xincheng,
			address: "呼和浩特市新城区海拉尔东街99号", phone: "0471-6940010",
			licences: []licence{{"MEDICAL_PRACTICE", "PDY300121501021B1001", []string{"01", "02", "50"}, "2018-01-01"}}},
	}
}

type agreement struct {
	key, number, inviting, invited string
	services, departments          []string
}

func agreements() []agreement {
	return []agreement{
		{"sunshine-qingcheng", "QC-YG-2025-001", sunshine, qingcheng,
			[]string{"REMOTE_CONSULT", "REMOTE_MDT", "REMOTE_ROUND", "CHRONIC_MGMT", "REHAB_CARE_GUIDE", "ONLINE_REVISIT"}, []string{"02", "0304", "0303", "0310", "20", "21"}},
		{"sunshine-saihan", "SH-YG-2025-003", sunshine, saihanyy, []string{"REMOTE_CONSULT", "REHAB_CARE_GUIDE"}, []string{"02"}},
		{"kangning-qingcheng", "QC-KN-2025-002", kangning, qingcheng, []string{"REHAB_CARE_GUIDE"}, []string{"02", "0310", "21"}},
		{"sunshine-haidong", "HD-YG-2025-011", sunshine, haidong, []string{"HOME_VISIT", "HOME_BED_ROUND"}, []string{"02"}},
		{"haidong-qingcheng", "QC-HD-2025-004", haidong, qingcheng, []string{"REMOTE_CONSULT", "REHAB_CARE_GUIDE"}, []string{"02", "0304", "0303", "0310", "20", "21"}},
		{"kangning-haidong", "HD-KN-2025-012", kangning, haidong, []string{"HOME_VISIT", "HOME_BED_ROUND"}, []string{"02"}},
	}
}

type declaration struct{ organisation, code, document, by string }

func declarations() []declaration {
	return []declaration{
		{sunshine, "EQUIPMENT", "阳光颐养院〔2026〕12号 远程设备清单", "admin.sun"},
		{sunshine, "RECORD_KEEPING", "阳光颐养院病历管理制度 第3版", "admin.sun"},
		{qingcheng, "EQUIPMENT", "青医信〔2026〕8号 远程医疗设备与网络清单", "admin.he"},
		{qingcheng, "RECORD_KEEPING", "青医病案〔2026〕5号", "admin.he"},
		{qingcheng, "SHARED_RECORDS", "电子病历系统验收报告 2026-031", "admin.he"},
		{qingcheng, "SUPERVISION_PORT", "监管平台机构编号 15-0105-0072", "admin.he"},
		{qingcheng, "MANAGEMENT_SYSTEMS", "青医〔2026〕17号 互联网诊疗管理制度汇编", "admin.he"},
		{qingcheng, "SECURITY_GRADE", "等保备案 15010543001-21001，2026年测评报告", "admin.he"},
		{qingcheng, "INCOME", "青医人〔2026〕4号 薪酬分配办法", "admin.he"},
	}
}

type prescription struct {
	resident, number, institution, medicine, dose, frequency, asked, by string
	weeks                                                               int16
}

func prescriptions() []prescription {
	return []prescription{
		{"zhang-guilan", "CF-QC-000317", "青城医院", "苯磺酸氨氯地平片", "5 mg", "QD", qingcheng, "nurse.li", 4},
		{"wulan", "CF-QC-000322", "青城医院", "磺胺甲噁唑片", "0.5 g", "BID", qingcheng, "nurse.li", 1},
	}
}

type post struct{ organisation, department, role string }

type account struct {
	username, name string
	posts          []post // the first one is shown beside the account
	licence        *professional
	languages      []string // nil: Mandarin
	phone          string
}

type professional struct{ kind, number, title, category, scope, since, from string }

// accounts are everybody who can sign in, with the password Password.
func accounts() []account {
	return []account{
		{"nurse.li", "李护士", []post{{sunshine, "", "NURSE"}}, &professional{"NURSE", "201515010200031", "253", "护理", "", "", "2015-07-01"}, nil, ""},
		{"dr.chen", "陈医生", []post{{sunshine, "", "ATTENDING"}}, &professional{"PHYSICIAN", "110150102000312", "233", "临床", "内科专业", "2012-09-01", "2012-09-01"}, nil, ""},
		{"dr.wang", "王医生", []post{{qingcheng, "02", "CONSULTANT"}}, &professional{"PHYSICIAN", "110150105000457", "232", "临床", "全科医学专业", "2009-08-01", "2009-08-01"}, nil, ""},
		{"dr.zhao", "赵医生", []post{{qingcheng, "0304", "CONSULTANT"}, {qingcheng, "02", "CONSULTANT"}}, &professional{"PHYSICIAN", "110150105000528", "231", "临床", "内科专业", "1998-08-01", "1998-08-01"}, []string{"zh-CN", "mn"}, ""},
		{"dr.gao", "高医生", []post{{qingcheng, "0310", "CONSULTANT"}}, &professional{"PHYSICIAN", "110150105000633", "232", "临床", "内科专业", "2011-08-01", "2011-08-01"}, []string{"zh-CN", "mn"}, ""},
		{"desk.tao", "陶敏", []post{{qingcheng, "", "DISPATCHER"}}, nil, nil, "13947120001"},
		{"dr.bao", "包医生", []post{{saihanyy, "02", "CONSULTANT"}}, &professional{"PHYSICIAN", "110150105000718", "233", "临床", "全科医学专业", "2014-08-01", "2014-08-01"}, []string{"zh-CN", "mn"}, ""},
		{"nurse.wu", "吴护士", []post{{kangning, "", "NURSE"}}, &professional{"NURSE", "201815010200077", "254", "护理", "", "", "2018-07-01"}, nil, ""},
		{"admin.sun", "孙管理员", []post{{sunshine, "", "INST_ADMIN"}}, nil, nil, ""},
		{"admin.he", "何管理员", []post{{qingcheng, "", "INST_ADMIN"}}, nil, nil, ""},
		{"dr.su", "苏医生", []post{{haidong, "", "FAMILY_DOCTOR"}}, &professional{"PHYSICIAN", "110150102000819", "233", "临床", "全科医学专业", "2011-09-01", "2011-09-01"}, []string{"zh-CN", "mn"}, ""},
		{"nurse.qi", "齐护士", []post{{haidong, "", "NURSE"}}, &professional{"NURSE", "201215010200093", "253", "护理", "", "", "2012-07-01"}, nil, ""},
		{"dr.meng", "孟医生", []post{{haidong, "", "FAMILY_DOCTOR"}}, &professional{"PHYSICIAN", "110150102000907", "233", "公共卫生", "公共卫生类别专业", "2014-08-01", "2014-08-01"}, nil, ""},
		{"admin.fang", "方主任", []post{{haidong, "", "INST_ADMIN"}}, nil, nil, ""},
		{"rx.ding", "丁药师", []post{{qingcheng, "", "PHARMACIST"}}, &professional{"PHARMACIST", "YS15010500119", "243", "药学", "", "", "2013-05-01"}, nil, ""},
		{"qc.tong", "佟主任", []post{{qingcheng, "", "QC"}}, nil, nil, ""},
		{"qc.lin", "林护士长", []post{{sunshine, "", "QC"}}, nil, nil, ""},
		{"complaints.yu", "于专员", []post{{sunshine, "", "COMPLAINT_OFFICER"}}, nil, nil, ""},
		{"county.bai", "白科长", []post{{xincheng, "", "REG_COUNTY"}}, nil, nil, ""},
		{"league.ao", "敖科长", []post{{league, "", "REG_LEAGUE"}}, nil, nil, ""},
		{"region.sa", "萨处长", []post{{region, "", "REG_REGION"}}, nil, nil, ""},
		{"sys", "系统管理员", []post{{region, "", "SYS_ADMIN"}}, nil, nil, ""},
		{"sec.yang", "杨安全员", []post{{region, "", "SEC_ADMIN"}}, nil, nil, ""},
		{"audit.lu", "陆审计员", []post{{region, "", "AUDITOR"}}, nil, nil, ""},
	}
}

// duties is the weekly round: the attending doctor always, from eight to eight, so that the demo is never without.
type duty struct {
	username, organisation, role string
	from, hours                  int
}

func duties() []duty {
	return []duty{
		{"dr.chen", sunshine, "ATTENDING", 8, 24},
		{"nurse.li", sunshine, "NURSE", 8, 12},
		{"nurse.wu", kangning, "NURSE", 8, 12},
		{"dr.wang", qingcheng, "CONSULTANT", 8, 10},
		{"desk.tao", qingcheng, "DISPATCHER", 8, 24},
	}
}
