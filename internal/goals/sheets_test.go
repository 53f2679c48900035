package goals

import (
	"slices"
	"strings"
	"testing"
)

// The columns of each sheet that the policy names; a name after a slash is how the sheet says it.
func TestHeadingsOfTheSheets(t *testing.T) {
	for code, want := range map[string]string{
		"E1":  "序号,检查类别,检查项目,检查内容,依据,自查结果,存在问题,系统自动取数(值),是否立行立改,整改措施,责任人,整改期限,整改完成日期,完成情况,证明材料编号,备注",
		"E1b": "台账编号,机构名称,发现层级,发现日期,问题类别,问题描述,严重程度,整改方案,责任人,期限,进度%,状态,完成日期,复核人,复核日期,复核结论",
		"E2":  "序号,旗县/单位,医养结合机构数,已自查数,自查率/自查率(%),已核查数,发现问题数,立行立改数,限期整改数,已整改数,整改率/整改率(%),逾期数,违法违规处置数,开展远程协同服务机构数,签订合作协议数,远程诊疗指导人次,在线复诊人次,慢病管理人次,康复护理指导人次,上门巡诊/家庭病床人次,可计入合计,紧急响应达标率/紧急响应达标率(%),满意度/满意度(%),不良事件数,备注",
		"E3":  "流水号,日期,开始,结束,有效时长(分),邀请机构,旗县,受邀机构,科室,服务类型,目标,紧急程度,老年人编号(脱敏),性别,年龄,能力等级,主要诊断(ICD-10),邀请方医师,受邀方医师,职称,执业证号(脱敏),知情同意编号,协议编号,结局,诊疗意见编号,出具时间,采纳情况,转诊,满意度,是否计入,不计入原因代码,原因说明,存证哈希",
		"E4":  "流水号,原因代码,原因,可否补救,补救期限,责任人,状态",
		"E5":  "转诊单号,方向,申请日期,老年人编号,诊断,转出机构,转入机构,科室,紧急程度,绿色通道类型,接收日期,到院日期,结局,回转日期,闭环天数",
		"E6":  "编号,类型,签约协议号,建床日期,撤床日期,预约日期,到访时间,离开时间,地点,家庭医生,随行护士/随行,生命体征/生命体征(项),处置,下次日期,签字,保险单号,距离km",
		"E7":  "指标代码,指标名称,数值,单位,取数口径,期间,填报状态,填报人,填报时间,回执",
		"E8":  "指标代码,指标名称,分子,分母,率(%)/率(%)或值,目标,目标来源,上期,同比/去年同期,达标",
		"E9":  "条目,标准原文,指标/事实,数值,期间,佐证编号",
		"E10": "机构名称,类型,信用代码,执业许可/备案号,诊疗科目,地址,电话,合作医院,服务项目,协议有效期/协议有效期止",
		"E11": "编号,时间,类型,等级,关联会诊,经过,措施,上报时间,结论,满意/满意(关联会诊)",
		"E12": "抽样种子,序号,流水号,得分,扣分原因,检查人",
		"E13": "时间,人员,角色,动作,对象(脱敏),理由,结果",
	} {
		s, ok := sheetOf(code)
		if !ok {
			t.Errorf("no sheet %s", code)
			continue
		}
		has := headings(s.columns, false)
		for _, name := range strings.Split(want, ",") {
			_, other, _ := strings.Cut(name, "/")
			if !slices.Contains(has, name) && !slices.Contains(has, other) {
				t.Errorf("%s lacks %s", code, name)
			}
		}
		for _, c := range s.columns {
			if c.zh == "" || c.en == "" {
				t.Errorf("%s: a heading is missing: %+v", code, c)
			}
		}
	}
	if has := headings(logColumns(), false); has[0] != "可计入" || has[1] != "不计入原因代码" {
		t.Errorf("the log begins with %v", has[:2])
	}
}

// What a public table hides cannot be found by subtraction.
func TestSuppressedCells(t *testing.T) {
	for _, tt := range []struct {
		name   string
		counts []float64 // the last is the sum
		hidden []int
	}{
		{"nothing is small", []float64{7, 9, 16}, nil},
		{"nothing is there", []float64{0, 0, 0}, nil},
		{"one small row takes another with it", []float64{3, 9, 7, 19}, []int{0, 2}},
		{"a row of none hides nothing", []float64{3, 0, 7, 10}, []int{0, 2}},
		{"only one row has any", []float64{4, 0, 0, 4}, []int{0, 3}},
		{"two that are one each", []float64{1, 1, 8, 10}, []int{0, 1, 2}},
		{"two that make enough", []float64{4, 3, 8, 15}, []int{0, 1}},
	} {
		rows := make([]measures, len(tt.counts))
		for i, n := range tt.counts {
			rows[i] = measures{"EVENTS": n}
		}
		for i, h := range suppressed(rows) {
			if h["EVENTS"] != slices.Contains(tt.hidden, i) {
				t.Errorf("%s: row %d hidden: %v", tt.name, i, h["EVENTS"])
			}
		}
	}
	goals := measures{"COUNTABLE_G1": 2, "COUNTABLE_G2": 30, "COUNTABLE_G3": 9, "COUNTABLE": 41}
	if h := suppressed([]measures{goals, goals})[0]; !h["COUNTABLE_G1"] || !h["COUNTABLE_G3"] || h["COUNTABLE_G2"] || h["COUNTABLE"] {
		t.Errorf("the goals of a row: %v", h)
	}
}
