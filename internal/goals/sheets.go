package goals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// sheet is one of the exports E1 to E13, or the log as it is seen.
type sheet struct {
	code, zh, en string
	// level says for whom it is: an institution, an authority, or both ("").
	level   string
	columns []column
	// rows writes all rows; it reads what it needs with a snapshot of the job.
	rows func(ctx context.Context, x *exporting, t table) error
}

// exporting is one export that is being written.
type exporting struct {
	s       *Service
	q       *db.Queries
	scope   scope
	period  Period
	english bool
	now     time.Time // when it is written
	actor   identity.Actor
	params  contract.ExportParams
	// public: cells under 5 are suppressed.
	public bool
}

func (x *exporting) label(v consult.Vocabulary, code string) string {
	return x.labelAt(v, code, x.now)
}

// labelAt is what a code was called on the day of a record.
func (x *exporting) labelAt(v consult.Vocabulary, code string, at time.Time) string {
	if code == "" {
		return ""
	}
	return x.s.st.Codes().LabelAt(v, code, x.lang(), at)
}

func (x *exporting) lang() consult.Lang {
	if x.english {
		return consult.EN
	}
	return consult.ZH
}

func (x *exporting) say(zh, en string) string {
	if x.english {
		return en
	}
	return zh
}

// sheets lists every export.
func sheets() []sheet {
	return []sheet{
		{code: "E1", zh: "医养结合机构服务质量自查整改表（工作版）", en: "Self-check form (working layout)", level: "INSTITUTION", columns: selfCheckColumns(), rows: selfCheckRows},
		{code: "E1b", zh: "整改工作台账", en: "Rectification ledger", columns: rectificationColumns(), rows: rectificationRows},
		{code: "E2", zh: "医养结合机构服务质量提升行动汇总表（工作版）", en: "Summary table (working layout)", level: "AUTHORITY", columns: summaryColumns(), rows: summaryRows},
		{code: "E3", zh: "远程协同服务台账", en: "Consultation ledger", columns: consultationColumns(), rows: consultationRows},
		{code: "E4", zh: "不可计入明细及原因", en: "What does not count, and why", columns: failureColumns(), rows: failureRows},
		{code: "E5", zh: "双向转诊登记表", en: "Referrals", level: "INSTITUTION", columns: referralColumns(), rows: referralRows},
		{code: "E6", zh: "上门巡诊家庭病床台账", en: "Home visits", level: "INSTITUTION", columns: visitColumns(), rows: visitRows},
		{code: "E7", zh: "医养结合监测填报底稿", en: "Monitoring worksheet", columns: worksheetColumns(), rows: worksheetRows},
		{code: "E8", zh: "指标统计表", en: "Indicators", columns: indicatorColumns(), rows: indicatorRows},
		{code: "E9", zh: "示范创建佐证材料", en: "Evidence for demonstration", columns: evidenceColumns(), rows: evidenceRows},
		{code: "E10", zh: "机构与协议名录", en: "Institutions and agreements", level: "AUTHORITY", columns: directoryColumns(), rows: directoryRows},
		{code: "E11", zh: "不良事件与投诉登记", en: "Adverse events and complaints", level: "INSTITUTION", columns: eventColumns(), rows: eventRows},
		{code: "E12", zh: "抽查样本与评分表", en: "Inspection sample", level: "AUTHORITY", columns: sampleColumns(), rows: sampleRows},
		{code: "E13", zh: "审计与访问日志摘要", en: "Access log", level: "INSTITUTION", columns: accessColumns(), rows: accessRows},
		{code: "LOG", zh: "会诊台账", en: "Consultation log", level: "INSTITUTION", columns: logColumns(), rows: logRows},
	}
}

func sheetOf(code string) (sheet, bool) {
	i := slices.IndexFunc(sheets(), func(s sheet) bool { return s.code == code })
	if i < 0 {
		return sheet{}, false
	}
	return sheets()[i], true
}

// E3 and E4 -------------------------------------------------------------------------------------------------------------

func consultationColumns() []column {
	return []column{{"流水号", "Serial", asText, 20}, {"日期", "Day", asDay, 12}, {"开始", "Start", asInstant, 17}, {"结束", "End", asInstant, 17},
		{"有效时长(分)", "Effective minutes", asRate, 10}, {"邀请机构", "Institution", asText, 24}, {"旗县", "County", asText, 14}, {"受邀机构", "Hospital", asText, 24},
		{"科室", "Department", asText, 16}, {"服务类型", "Service", asText, 18}, {"目标", "Goal", asText, 6}, {"紧急程度", "Urgency", asText, 8},
		{"老年人编号(脱敏)", "Resident (coded)", asText, 14}, {"性别", "Sex", asText, 6}, {"年龄", "Age", asNumber, 6}, {"能力等级", "Ability level", asNumber, 8},
		{"主要诊断(ICD-10)", "Diagnosis (ICD-10)", asText, 22}, {"邀请方医师", "Attending doctor", asText, 12}, {"受邀方医师", "Consulting doctor", asText, 12}, {"职称", "Title", asText, 12},
		{"执业证号(脱敏)", "Licence (masked)", asText, 18}, {"知情同意编号", "Consent", asText, 14}, {"协议编号", "Agreement", asText, 18}, {"结局", "Outcome", asText, 14},
		{"诊疗意见编号", "Opinion", asText, 24}, {"出具时间", "Signed at", asInstant, 17}, {"采纳情况", "Adoption", asText, 10}, {"转诊", "Referral", asText, 6},
		{"满意度", "Rating", asNumber, 8}, {"是否计入", "Countable", asText, 10}, {"不计入原因代码", "Reason codes", asText, 18}, {"原因说明", "Reasons", asText, 40}, {"存证哈希", "Digest", asText, 40}}
}

// exportBatch is how many consultations are held in memory at a time.
const exportBatch = 2000

// eachConsultation visits the consultations of a scope, institution by institution, oldest first.
func (x *exporting) eachConsultation(ctx context.Context, failed bool, visit func(db.ExportConsultationsRow) error) error {
	for _, m := range x.scope.members {
		p := db.ExportConsultationsParams{OrganisationID: m.Id, Since: x.period.First.Time(), Before: x.period.Before().Time(), Failed: failed, Batch: exportBatch}
		for {
			rows, err := x.q.ExportConsultations(ctx, p)
			if err != nil {
				return fmt.Errorf("consultations of %s: %w", m.Id, err)
			}
			for _, r := range rows {
				if err := visit(r); err != nil {
					return err
				}
			}
			if len(rows) < exportBatch {
				break
			}
			last := rows[len(rows)-1]
			p.AfterOn, p.AfterID = last.PeriodOn, last.ConsultationID
		}
	}
	return nil
}

func consultationRows(ctx context.Context, x *exporting, t table) error {
	return x.eachConsultation(ctx, false, func(r db.ExportConsultationsRow) error {
		diagnosis, err := x.diagnosis(r.ReportID, r.ContentEnc, r.PeriodOn)
		if err != nil {
			return err
		}
		var opinion any
		if r.ReportVersion > 0 {
			opinion = fmt.Sprintf("%s-R%d", r.Serial, r.ReportVersion)
		}
		attending, doctor := r.Attending, r.Doctor
		if x.scope.authority { // without persons
			attending, doctor = "", ""
		}
		return t.row(r.Serial, r.PeriodOn, when(r.StartedAt), when(r.EndedAt), float64(r.EffectiveSeconds)/60, r.Institution, x.labelAt(consult.VocabDivision, r.RegionCode, r.PeriodOn), r.Hospital,
			x.labelAt(consult.VocabDepartment, r.DepartmentCode, r.PeriodOn), x.label(consult.VocabService, r.ServiceType), r.Goal, x.label(consult.VocabUrgency, r.Urgency),
			coded(r.ResidentID), x.sex(r.Sex), consult.AgeAt(consult.DateFromTime(r.BirthDate), consult.DateFromTime(r.PeriodOn)), small(r.AbilityLevel), diagnosis,
			attending, doctor, x.title(r.DoctorTitle), maskedLicence(r.Licence), short(r.ConsentID), r.Agreement, x.label(consult.VocabOutcome, r.OutcomeCode),
			opinion, when(r.ReportedAt), x.adoption(r.Adoption), x.yes(r.Referred), positive(r.Rating), x.counts(r.Countable, r.Drill), strings.Join(reasonsOf(r.Reasons), " "),
			x.reasons(r.Reasons), hexOf(r.Digest))
	})
}

func failureColumns() []column {
	return []column{{"流水号", "Serial", asText, 20}, {"日期", "Day", asDay, 12}, {"邀请机构", "Institution", asText, 24}, {"服务类型", "Service", asText, 18}, {"原因代码", "Code", asText, 8},
		{"原因", "Reason", asText, 36}, {"可否补救", "Can be mended", asText, 10}, {"补救期限", "Until", asInstant, 17}, {"责任人", "Owner", asText, 12}, {"状态", "State", asText, 14}, {"规则集", "Ruleset", asText, 14}}
}

func failureRows(ctx context.Context, x *exporting, t table) error {
	return x.eachConsultation(ctx, true, func(r db.ExportConsultationsRow) error {
		var until map[string]time.Time
		if err := json.Unmarshal([]byte(r.MendUntil), &until); err != nil {
			return fmt.Errorf("until when reasons can be mended: %w", err)
		}
		for _, code := range reasonsOf(r.Reasons) {
			var last any
			if at, ok := until[code]; ok {
				last = at
			}
			owner := r.Attending
			if r.Doctor != "" && (code == "NC11" || code == "NC15") { // the report is the consulting doctor's
				owner = r.Doctor
			}
			if x.scope.authority { // without persons
				owner = ""
			}
			if err := t.row(r.Serial, r.PeriodOn, r.Institution, x.label(consult.VocabService, r.ServiceType), code, x.label(consult.VocabCountRule, code), x.mendable(code), last, owner, x.label(consult.VocabState, r.State), r.Ruleset); err != nil {
				return err
			}
		}
		return nil
	})
}

// mendable says which reasons can still be mended later, as the ruleset has it.
func (x *exporting) mendable(code string) string {
	switch fixOf(code) {
	case "YES":
		return x.say("可以", "yes")
	case "SOMETIMES":
		return x.say("视情况", "sometimes")
	case "APPROVAL":
		return x.say("经质控批准", "by approval")
	}
	return x.say("不可以", "no")
}

// diagnosis is the code of the first diagnosis of a signed report with what the code means; what the doctor wrote stays sealed.
func (x *exporting) diagnosis(report *uuid.UUID, content []byte, at time.Time) (string, error) {
	if report == nil {
		return "", nil
	}
	raw, err := x.s.keep.Open("reports", "content_enc", *report, content)
	if err != nil {
		return "", fmt.Errorf("open report %s: %w", *report, err)
	}
	var r struct{ Diagnoses []struct{ Code string } }
	if json.Unmarshal(raw, &r) != nil || len(r.Diagnoses) == 0 || r.Diagnoses[0].Code == "" {
		return "", nil
	}
	code := r.Diagnoses[0].Code
	return strings.TrimSpace(code + " " + strings.TrimPrefix(x.labelAt(consult.VocabCondition, code, at), code)), nil
}

// The forms of single values.

func when(t *time.Time) any {
	if t == nil {
		return nil
	}
	return *t
}

func small(n *int16) any {
	if n == nil {
		return nil
	}
	return int(*n)
}

func positive(n int32) any {
	if n <= 0 {
		return nil
	}
	return int(n)
}

// coded stands for a resident in sheets: the same person has the same code, and nobody finds the person by it.
func coded(id uuid.UUID) string { return "R" + strings.ToUpper(id.String()[28:]) }

func short(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return strings.ToUpper(id.String()[24:])
}

func hexOf(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return fmt.Sprintf("%x", b)
}

// maskedLicence keeps the first and last four characters.
func maskedLicence(s string) string {
	if len(s) <= 8 {
		return s
	}
	return s[:4] + strings.Repeat("*", len(s)-8) + s[len(s)-4:]
}

func (x *exporting) sex(code string) string {
	return map[string]string{"1": x.say("男", "male"), "2": x.say("女", "female"), "9": x.say("未说明", "not stated")}[code]
}

func (x *exporting) yes(b bool) string {
	if b {
		return x.say("是", "yes")
	}
	return x.say("否", "no")
}

func (x *exporting) title(code string) string {
	return map[string]string{"231": x.say("主任医师", "chief physician"), "232": x.say("副主任医师", "associate chief physician"), "233": x.say("主治医师", "attending physician"),
		"234": x.say("医师", "physician"), "235": x.say("医士", "assistant physician")}[code]
}

func (x *exporting) adoption(code string) string {
	return map[string]string{"ADOPTED": x.say("采纳", "adopted"), "PARTLY": x.say("部分采纳", "partly"), "REJECTED": x.say("不采纳", "not adopted")}[code]
}

func (x *exporting) counts(countable *bool, drill bool) string {
	switch {
	case drill:
		return x.say("演练", "drill")
	case countable == nil:
		return x.say("待评估", "not evaluated")
	case *countable:
		return x.say("计入", "countable")
	}
	return x.say("不计入", "not countable")
}

func (x *exporting) reasons(bits int64) string {
	var out []string
	for _, code := range reasonsOf(bits) {
		out = append(out, x.label(consult.VocabCountRule, code))
	}
	return strings.Join(out, x.say("；", "; "))
}
