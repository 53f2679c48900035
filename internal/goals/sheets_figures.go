package goals

import (
	"context"
	"fmt"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// figuresOf are the indicators of an export's scope and period, and those of the period before and of the year before, in the same order.
func (x *exporting) figuresOf(ctx context.Context) (now []contract.Indicator, earlier [2][]contract.Indicator, err error) {
	defs, err := x.s.loadDefinitions(ctx, x.q, x.period.Last())
	if err != nil {
		return nil, earlier, err
	}
	var counted [3]*figures
	for i, of := range []Period{x.period, x.period.add(-1), yearBefore(x.period)} {
		if counted[i], err = x.s.counted(ctx, x.scope, of, sideInviting); err != nil {
			return nil, earlier, err
		}
	}
	for i := range earlier {
		earlier[i] = defs.indicators(x.scope, counted[i+1], nil, nil)
	}
	return defs.indicators(x.scope, counted[0], counted[1], counted[2]), earlier, nil
}

func indicatorColumns() []column {
	return []column{{"指标代码", "Code", asText, 10}, {"指标名称", "Indicator", asText, 34}, {"分子", "Numerator", asRate, 12}, {"分母", "Denominator", asRate, 12}, {"率(%)或值", "Value", asRate, 12},
		{"目标", "Target", asRate, 10}, {"目标来源", "Source of the target", asText, 40}, {"上期", "Before", asRate, 10}, {"去年同期", "Year before", asRate, 10}, {"达标", "Met", asText, 8}, {"说明", "Note", asText, 24}}
}

func indicatorRows(ctx context.Context, x *exporting, t table) error {
	list, earlier, err := x.figuresOf(ctx)
	if err != nil {
		return err
	}
	for n, i := range list {
		var target, source, met any
		if i.Target != nil {
			target, source = i.Target.Value, i.Target.Source
			if i.Target.Met != nil {
				met = x.yes(*i.Target.Met)
			}
		}
		num, den, value := float(i.Numerator), float(i.Denominator), float(i.Value)
		note := x.stateNote(i)
		before, year := float(i.Previous), float(i.YearBefore)
		if hide := x.hides(i); hide || x.hides(earlier[0][n]) {
			before = nil
		}
		if hide := x.hides(i); hide || x.hides(earlier[1][n]) {
			year = nil
		}
		if x.hides(i) {
			num, den, value, met, note = nil, nil, nil, nil, x.notPublished()
		}
		if err := t.row(i.Code, x.say(i.NameZh, i.NameEn), num, den, value, target, source, before, year, met, note); err != nil {
			return err
		}
	}
	return nil
}

func float(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

func (x *exporting) stateNote(i contract.Indicator) string {
	note := map[contract.IndicatorState]string{stateEmpty: x.say("本期无", "none in this period"), stateNoDenominator: x.say("分母未提供", "denominator not provided"),
		stateNotRecorded: x.say("本版本未记录", "not recorded in this version"), stateNotEvaluated: x.say("尚未评估", "not evaluated yet"), stateOtherLevel: x.say("不适用于本级", "not at this level"),
		stateOtherPeriod: x.say("按更长期间统计", "counted for longer periods")}[i.State]
	if i.Imported != nil {
		for _, n := range *i.Imported {
			note += fmt.Sprintf(" IMPORTED %s %s", n.File, consult.DateOf(n.At))
		}
	}
	return note
}

func worksheetColumns() []column {
	return []column{{"指标代码", "Code", asText, 10}, {"指标名称", "Indicator", asText, 34}, {"数值", "Value", asRate, 12}, {"单位", "Unit", asText, 10}, {"取数口径", "How it is counted", asText, 60}, {"期间", "Period", asText, 12},
		{"填报状态", "Filed", asText, 10}, {"填报人", "By", asText, 10}, {"填报时间", "At", asInstant, 17}, {"回执", "Receipt", asText, 16}}
}

func worksheetRows(ctx context.Context, x *exporting, t table) error {
	list, _, err := x.figuresOf(ctx)
	if err != nil {
		return err
	}
	for _, i := range list {
		unit := map[contract.IndicatorUnit]string{"COUNT": x.say("次", "count"), "PERCENT": "%", "PER_HUNDRED": x.say("每百人", "per 100"), "SECONDS": x.say("秒", "s")}[i.Unit]
		how := x.say(i.NumeratorZh, i.NumeratorEn)
		if den := x.say(i.DenominatorZh, i.DenominatorEn); den != "" {
			how += " ÷ " + den
		}
		if note := x.stateNote(i); note != "" {
			how += "（" + note + "）"
		}
		value := float(i.Value)
		if x.hides(i) {
			value, how = nil, how+"（"+x.notPublished()+"）"
		}
		if err := t.row(i.Code, x.say(i.NameZh, i.NameEn), value, unit, how, x.period.String(), "", "", nil, ""); err != nil {
			return err
		}
	}
	return nil
}

func evidenceColumns() []column {
	return []column{{"条目", "Item", asText, 20}, {"标准原文", "Criterion", asText, 50}, {"指标/事实", "Indicator or fact", asText, 34}, {"数值", "Value", asRate, 12}, {"期间", "Period", asText, 12}, {"佐证编号", "Evidence", asText, 12}}
}

// evidenceRows: what the record store can show of the criteria for demonstration units.
func evidenceRows(ctx context.Context, x *exporting, t table) error {
	list, _, err := x.figuresOf(ctx)
	if err != nil {
		return err
	}
	by := map[string]contract.Indicator{}
	for _, i := range list {
		by[i.Code] = i
	}
	for _, c := range []struct{ item, criterion, code string }{
		{"签约服务", "签约率、家庭医生签约率高于全区平均水平", "I-19"}, {"签约服务", "特殊困难老年人家庭医生签约覆盖率", "I-20"}, {"远程协同", "利用互联网技术开展远程服务", "I-02"},
		{"远程协同", "数据准确并能有效用于指导实际工作", "I-32"}, {"响应", "急病早发现、小病能处理、大病易转诊", "I-09"}, {"转诊", "双向转诊机制顺畅", "I-23"}, {"绿色通道", "就医绿色通道普遍建立", "I-25"},
		{"上门服务", "开展上门巡诊、家庭病床", "I-21"}, {"满意度", "入住老年人及家属满意度达到95%以上", "I-22"}, {"慢病管理", "慢病有管理", "I-06"}, {"失能失智", "入住失能、失智老年人占比", "I-33"},
	} {
		i := by[c.code]
		value, note := float(i.Value), x.stateNote(i)
		if x.hides(i) {
			value, note = nil, x.notPublished()
		}
		if err := t.row(c.item, c.criterion, x.say(i.NameZh, i.NameEn)+" "+note, value, x.period.String(), c.code); err != nil {
			return err
		}
	}
	return nil
}

func summaryColumns() []column {
	var out []column
	for _, c := range [][2]string{{"序号", "No."}, {"单位", "Area"}, {"医养结合机构数", "Institutions"}, {"已自查数", "Self-checked"}, {"自查率(%)", "Self-check rate (%)"}, {"已核查数", "Verified on the spot"}, {"发现问题数", "Findings"}, {"立行立改数", "Mended at once"},
		{"限期整改数", "To be mended"}, {"已整改数", "Mended"}, {"整改率(%)", "Mended (%)"}, {"逾期数", "Overdue"}, {"违法违规处置数", "Found unlawful"}, {"开展远程协同服务机构数", "Institutions with remote services"}, {"签订合作协议数", "Institutions with agreements"},
		{"远程诊疗指导人次", "G1"}, {"慢病管理人次", "G2"}, {"康复护理指导人次", "G3"}, {"在线复诊人次", "G4"}, {"上门巡诊/家庭病床人次", "G5"}, {"可计入合计", "Countable"}, {"紧急响应达标率(%)", "Urgent in time (%)"},
		{"满意度(%)", "Satisfaction (%)"}, {"不良事件数", "Adverse events"}, {"备注", "Note"}} {
		kind := asNumber
		switch c[0] {
		case "单位", "备注":
			kind = asText
		case "自查率(%)", "整改率(%)", "紧急响应达标率(%)", "满意度(%)":
			kind = asRate
		}
		out = append(out, column{c[0], c[1], kind, 12})
	}
	out[1].width = 28
	return out
}

// summaryRows gives a row for each area below an authority, and their sum.
func summaryRows(ctx context.Context, x *exporting, t table) error {
	f, err := x.s.counted(ctx, x.scope, x.period, sideInviting)
	if err != nil {
		return err
	}
	work, err := x.q.SummaryOfWork(ctx, db.SummaryOfWorkParams{Members: x.scope.ids(), Year: int32(x.period.First.Year), Since: x.period.First.Time(), Until: x.period.Last().Time(), Today: consult.DateOf(x.now).Time()})
	if err != nil {
		return fmt.Errorf("self-checks and rectifications: %w", err)
	}
	active, err := x.q.TalliesOfMembers(ctx, db.TalliesOfMembersParams{Kind: string(x.period.Kind), StartsOn: x.period.First.Time(), Side: sideInviting, Marks: []string{"SUBMITTED"}})
	if err != nil {
		return fmt.Errorf("active institutions: %w", err)
	}
	for _, r := range work {
		child := x.scope.groups[r.OrganisationID].Id
		f.add(child, "CHECKED", float64(r.Checked))
		f.add(child, "FINDINGS", float64(r.Findings))
		f.add(child, "AT_ONCE", float64(r.AtOnce))
		f.add(child, "LIMITED", float64(r.Limited))
		f.add(child, "MENDED", float64(r.Mended))
		f.add(child, "OVERDUE", float64(r.Overdue))
		f.add(child, "VERIFIED", float64(r.Verified))
		f.add(child, "UNLAWFUL", float64(r.Unlawful))
	}
	for _, r := range active {
		if g := x.scope.groups[r.OrganisationID]; g != nil {
			f.add(g.Id, "REMOTE_ACTIVE", 1)
		}
	}
	children := childrenOf(x.scope, f)
	rows := make([]measures, len(children)+1) // the last is the sum
	for i, c := range children {
		if rows[i] = f.children[c.Scope.Id]; rows[i] == nil {
			rows[i] = measures{}
		}
	}
	rows[len(children)] = f.total
	hide := make([]map[string]bool, len(rows))
	if x.public {
		hide = suppressed(rows)
	}
	for i, m := range rows {
		name := x.say("合计", "Total")
		if i < len(children) {
			name = children[i].Scope.Name
		}
		v := func(mark string) any {
			if hide[i][mark] {
				return nil
			}
			return int64(m[mark])
		}
		rate := func(part, whole string) any {
			if m[whole] == 0 || hide[i][part] || hide[i][whole] {
				return nil
			}
			return 100 * m[part] / m[whole]
		}
		if err := t.row(i+1, name, v("CARE_ACTIVE"), v("CHECKED"), rate("CHECKED", "CARE_ACTIVE"), v("VERIFIED"), v("FINDINGS"), v("AT_ONCE"), v("LIMITED"), v("MENDED"), rate("MENDED", "FINDINGS"), v("OVERDUE"), v("UNLAWFUL"),
			v("REMOTE_ACTIVE"), v("CARE_WITH_AGREEMENT"), v("COUNTABLE_G1"), v("COUNTABLE_G2"), v("COUNTABLE_G3"), v("COUNTABLE_G4"), v("COUNTABLE_G5"), v("COUNTABLE"),
			rate("URGENT_IN_TIME", "URGENT_OFFERED"), rate("RATINGS_GOOD", "RATINGS"), v("EVENTS"), ""); err != nil {
			return err
		}
	}
	return nil
}
