package goals

import (
	"context"
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

func referralColumns() []column {
	return []column{{"转诊单号", "Referral", asText, 14}, {"方向", "Direction", asText, 14}, {"申请日期", "Asked", asInstant, 17}, {"老年人编号", "Resident (coded)", asText, 14}, {"诊断", "Diagnosis", asText, 22}, {"转出机构", "From", asText, 24}, {"转入机构", "To", asText, 24},
		{"科室", "Department", asText, 16}, {"紧急程度", "Urgency", asText, 8}, {"绿色通道类型", "Green channel", asText, 16}, {"接收日期", "Accepted", asInstant, 17}, {"到院日期", "Arrived", asInstant, 17}, {"状态", "State", asText, 12}, {"结局", "Outcome", asText, 30},
		{"回转日期", "Returned", asInstant, 17}, {"闭环天数", "Days to closure", asNumber, 10}}
}

func referralRows(ctx context.Context, x *exporting, t table) error {
	rows, err := x.q.ExportReferrals(ctx, db.ExportReferralsParams{Members: x.scope.ids(), Since: x.period.First.Time(), Until: x.period.Last().Time()})
	if err != nil {
		return fmt.Errorf("referrals: %w", err)
	}
	for _, r := range rows {
		to := r.ToOrg
		if to == "" {
			to = r.ToName
		}
		diagnosis, err := x.diagnosis(r.ReportID, r.ContentEnc, r.CreatedAt)
		if err != nil {
			return err
		}
		outcome, err := x.s.keep.OpenText("referrals", "outcome_enc", r.ID, r.OutcomeEnc)
		if err != nil {
			return fmt.Errorf("outcome of a referral: %w", err)
		}
		var days any
		for _, end := range []*time.Time{r.ReturnedAt, r.ArrivedAt} {
			if end != nil {
				days = int(end.Sub(r.CreatedAt) / (24 * time.Hour))
			}
		}
		if err := t.row(short(&r.ID), x.label(consult.VocabDirection, r.Direction), r.CreatedAt, coded(r.ResidentID), diagnosis, r.FromName, to, x.labelAt(consult.VocabDepartment, r.DepartmentCode, r.CreatedAt), x.label(consult.VocabUrgency, r.Urgency), x.label(consult.VocabGreenChannel, r.GreenChannel),
			when(r.AcceptedAt), when(r.ArrivedAt), x.label(consult.VocabReferralState, r.State), outcome, when(r.ReturnedAt), days); err != nil {
			return err
		}
	}
	return nil
}

func directoryColumns() []column {
	return []column{{"机构名称", "Institution", asText, 28}, {"类型", "Kind", asText, 16}, {"信用代码", "Credit code", asText, 22}, {"执业许可/备案号", "Licences", asText, 30}, {"诊疗科目", "Departments", asText, 24}, {"地址", "Address", asText, 40},
		{"电话", "Phone", asText, 16}, {"合作医院", "Hospital", asText, 24}, {"服务项目", "Services", asText, 40}, {"协议有效期起", "From", asDay, 12}, {"协议有效期止", "Until", asDay, 12}}
}

func directoryRows(ctx context.Context, x *exporting, t table) error {
	rows, err := x.q.ExportDirectory(ctx, db.ExportDirectoryParams{Members: x.scope.ids(), OnDay: x.period.Last().Time()})
	if err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	named := func(v consult.Vocabulary, list string) string {
		if list == "" {
			return ""
		}
		codes := strings.Split(list, ", ")
		for i, c := range codes {
			codes[i] = x.label(v, c)
		}
		return strings.Join(codes, x.say("、", ", "))
	}
	for _, r := range rows {
		if err := t.row(r.Name, x.label(consult.VocabInstitution, r.TypeCode), r.CreditCode, r.Licences, named(consult.VocabDepartment, r.Departments), r.Address, r.Phone, r.Hospital,
			named(consult.VocabService, r.Services), when(r.ValidFrom), when(r.ValidTo)); err != nil {
			return err
		}
	}
	return nil
}

func eventColumns() []column {
	return []column{{"编号", "No.", asText, 14}, {"类别", "What", asText, 10}, {"时间", "At", asInstant, 17}, {"类型", "Type", asText, 18}, {"等级", "Grade", asText, 6}, {"关联会诊", "Consultation", asText, 20},
		{"经过", "What happened", asText, 40}, {"措施", "Measures", asText, 40}, {"上报时间", "Reported", asInstant, 17}, {"结论", "Conclusion", asText, 30}, {"满意(关联会诊)", "Rating of the consultation", asNumber, 8},
		{"期限", "Due", asDay, 12}, {"办结时间", "Closed", asInstant, 17}}
}

func eventRows(ctx context.Context, x *exporting, t table) error {
	rows, err := x.q.ExportEvents(ctx, db.ExportEventsParams{Members: x.scope.ids(), Since: x.period.First.Time(), Until: x.period.Last().Time()})
	if err != nil {
		return fmt.Errorf("events and complaints: %w", err)
	}
	for _, r := range rows {
		table, columns := "adverse_events", [...]string{"description_enc", "measures_enc", "review_enc"}
		what, kind, grade := x.say("不良事件", "event"), consult.VocabAdverseType, x.label(consult.VocabAdverseGrade, r.Grade)
		if r.What == "COMPLAINT" {
			table, columns = "complaints", [...]string{"content_enc", "resolution_enc", ""}
			what, kind, grade = x.say("投诉", "complaint"), consult.VocabComplaint, ""
		}
		var texts [3]string
		for i, sealed := range [][]byte{r.StoryEnc, r.MeasuresEnc, r.ReviewEnc} {
			if texts[i], err = x.s.keep.OpenText(table, columns[i], r.ID, sealed); err != nil {
				return fmt.Errorf("an event or complaint: %w", err)
			}
		}
		if r.Finding != "" {
			texts[2] = x.label(consult.VocabFinding, r.Finding)
		}
		if err := t.row(short(&r.ID), what, r.At, x.label(kind, r.Code), grade, r.Serial, texts[0], texts[1], r.ReportedAt, texts[2], positive(r.Rating), when(r.DueOn), when(r.ClosedAt)); err != nil {
			return err
		}
	}
	return nil
}

func accessColumns() []column {
	return []column{{"时间", "At", asInstant, 17}, {"人员", "Person", asText, 14}, {"角色", "Role", asText, 14}, {"动作", "Action", asText, 24}, {"对象类型", "Object", asText, 16}, {"对象(脱敏)", "Object (coded)", asText, 16}, {"理由", "Reason", asText, 30}, {"结果", "Result", asText, 10}}
}

func accessRows(ctx context.Context, x *exporting, t table) error {
	p := db.ExportAccessesParams{OrganisationID: x.scope.Id, Since: x.period.First.Start(), Before: x.period.Before().Start(), Batch: exportBatch}
	for {
		rows, err := x.q.ExportAccesses(ctx, p)
		if err != nil {
			return fmt.Errorf("access log: %w", err)
		}
		for _, r := range rows {
			reason, err := x.s.keep.OpenText("access_log", "reason_enc", r.ID, r.ReasonEnc)
			if err != nil {
				return fmt.Errorf("reason of an access: %w", err)
			}
			if err := t.row(r.At, r.Person, x.label(consult.VocabRole, r.Role), x.label(consult.VocabAuditedAction, r.Action), x.label(consult.VocabAuditedObject, r.ObjectType), short(r.ObjectID), reason,
				consult.AuditedResult(r.Result, x.lang())); err != nil {
				return err
			}
			p.AfterID = r.ID
		}
		if len(rows) < exportBatch {
			return nil
		}
	}
}

// LOG: the consultation log with the filters of the page, through the same use-case and in the name of who asked.

func logColumns() []column {
	return []column{{"可计入", "Countable", asText, 10}, {"不计入原因代码", "Reason codes", asText, 18}, {"流水号", "Serial", asText, 20}, {"时间", "Created", asInstant, 17}, {"状态", "State", asText, 14}, {"紧急程度", "Urgency", asText, 8}, {"老年人", "Resident", asText, 10}, {"性别", "Sex", asText, 6}, {"年龄", "Age", asNumber, 6},
		{"床位", "Bed", asText, 8}, {"机构", "Institution", asText, 24}, {"医院", "Hospital", asText, 24}, {"科室", "Department", asText, 16}, {"医生", "Doctor", asText, 12}, {"护士", "Nurse", asText, 12}, {"原因", "Reasons", asText, 24},
		{"服务类型", "Service", asText, 18}, {"诊断", "Diagnosis", asText, 22}, {"结局", "Outcome", asText, 14}, {"等候(秒)", "Wait (s)", asNumber, 10}, {"有效时长(秒)", "Effective (s)", asNumber, 10}, {"同意", "Consent", asText, 6}, {"意见", "Opinion", asText, 6},
		{"采纳", "Adopted", asText, 6}, {"演练", "Drill", asText, 6}}
}

func logRows(ctx context.Context, x *exporting, t table) error {
	if x.s.consultations == nil {
		return fmt.Errorf("no consultation log was given")
	}
	// The log of this institution: what the person may see in others as well is not part of its sheet.
	who := x.actor
	who.Memberships = slices.DeleteFunc(slices.Clone(who.Memberships), func(m identity.Membership) bool { return m.OrganisationID != x.scope.Id })
	limit := 200
	in := contract.ListConsultationsParams{Limit: &limit}
	if f := x.params.Log; f != nil {
		in.From, in.To, in.State, in.Urgency, in.ServiceType, in.Q, in.DoctorId = f.From, f.To, f.State, f.Urgency, f.ServiceType, f.Q, f.DoctorId
		in.CountRule = f.CountRule
		if f.Countable != nil {
			in.Countable = new(contract.ListConsultationsParamsCountable(*f.Countable))
		}
	}
	for {
		page, err := x.s.consultations.ListConsultations(ctx, who, in)
		if err != nil {
			return fmt.Errorf("consultation log: %w", err)
		}
		for _, r := range page.Rows {
			reasons := make([]string, len(r.Reasons))
			for i, code := range r.Reasons {
				reasons[i] = x.label(consult.VocabReason, code)
			}
			var codes []string
			if r.CountRules != nil {
				codes = *r.CountRules
			}
			if err := t.row(x.counts(r.Countable, r.Drill != nil && *r.Drill), strings.Join(codes, " "), r.Serial, r.CreatedAt, x.label(consult.VocabState, string(r.State)), x.label(consult.VocabUrgency, string(r.Urgency)), r.ResidentName, x.sex(string(r.Sex)), r.Age, r.Bed, r.Institution,
				text(r.Hospital), text(r.Department), text(r.Doctor), text(r.Nurse), strings.Join(reasons, x.say("、", ", ")), x.label(consult.VocabService, r.ServiceType), text(r.Diagnosis),
				x.label(consult.VocabOutcome, text(r.Outcome)), whole(r.WaitSeconds), r.EffectiveSeconds, x.yes(r.Consent), x.yes(r.Reported), x.yes(r.Adopted), x.yes(r.Drill != nil && *r.Drill)); err != nil {
				return err
			}
		}
		if page.Next == nil {
			return nil
		}
		in.Cursor = page.Next
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func whole(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

// E1, E1b and E12 ---------------------------------------------------------------------------------------------------------

func selfCheckColumns() []column {
	return []column{{"序号", "No.", asNumber, 6}, {"检查类别", "Category", asText, 18}, {"检查项目", "Item", asText, 36}, {"检查内容", "What is looked at", asText, 40}, {"依据", "Basis", asText, 30}, {"自查结果", "Result", asText, 10}, {"存在问题", "Problem", asText, 36},
		{"系统自动取数(值)", "Figure", asRate, 12}, {"是否立行立改", "At once", asText, 10}, {"整改措施", "Measure", asText, 36}, {"责任人", "Owner", asText, 12}, {"整改期限", "Due", asDay, 12}, {"整改完成日期", "Done", asDay, 12},
		{"完成情况", "State", asText, 12}, {"证明材料编号", "Evidence", asText, 24}, {"备注", "Note", asText, 20}}
}

// selfCheckRows has a row for each item, and one more for each further finding that became of it.
func selfCheckRows(ctx context.Context, x *exporting, t table) error {
	list, _, err := x.figuresOf(ctx)
	if err != nil {
		return err
	}
	value := map[string]*float64{}
	for _, i := range list {
		value[i.Code] = i.Value
	}
	rows, err := x.q.SelfChecks(ctx, db.SelfChecksParams{OrganisationID: x.scope.Id, Year: int32(x.period.First.Year)})
	if err != nil {
		return fmt.Errorf("self-checks: %w", err)
	}
	findings, err := x.findingsOf(ctx, x.period.First.Year)
	if err != nil {
		return err
	}
	for _, r := range rows {
		var problem string
		if r.ID != nil {
			if problem, err = x.s.keep.OpenText("self_checks", "problem_enc", *r.ID, r.ProblemEnc); err != nil {
				return fmt.Errorf("self-check: %w", err)
			}
		}
		became := findings[r.Code]
		if len(became) == 0 {
			became = [][]any{{"", "", nil, nil, "", "", ""}}
		}
		for _, f := range became {
			cells := []any{int(r.Position), x.category(r.Category), x.say(r.ItemZh, r.ItemEn), x.say(r.ContentZh, r.ContentEn), r.Basis, x.checkResult(r.Result), problem, float(value[r.Indicator]), x.yes(r.Immediate)}
			if err := t.row(append(cells, f...)...); err != nil {
				return err
			}
		}
	}
	return nil
}

// findingsOf are an institution's findings of a year, by the item of the form from which they came: measure, owner, due day, done
// on, state, evidence, number.
func (x *exporting) findingsOf(ctx context.Context, year int) (map[string][][]any, error) {
	now, err := x.s.clock(ctx, x.q)
	if err != nil {
		return nil, err
	}
	rows, err := x.q.RectificationsOf(ctx, []uuid.UUID{x.scope.Id})
	if err != nil {
		return nil, fmt.Errorf("rectifications: %w", err)
	}
	out := map[string][][]any{}
	for _, r := range rows {
		if r.Item == nil || r.FoundOn.Year() != year {
			continue
		}
		v, err := x.s.rectificationView(r, now)
		if err != nil {
			return nil, err
		}
		out[*r.Item] = append(out[*r.Item], []any{text(v.Measure), v.Owner, v.DueOn.Time, dayOrNil(v.DoneOn), x.rectificationState(v), text(v.Evidence), v.Number})
	}
	return out, nil
}

func (x *exporting) category(code string) string {
	return map[string]string{"QUALIFICATION": x.say("机构资质", "qualification"), "MEDICAL": x.say("医疗卫生服务", "medical service"), "SYSTEM": x.say("制度标准", "rules"), "STAFF": x.say("人员队伍", "staff"),
		"REMOTE": x.say("信息化与远程协同", "remote service"), "INFECTION": x.say("感染与传染病防控", "infection"), "SAFETY": x.say("安全", "safety")}[code]
}

func (x *exporting) checkResult(code string) string {
	return map[string]string{"MET": x.say("符合", "met"), "PARTLY": x.say("部分", "partly"), "NOT_MET": x.say("不符合", "not met"), "NOT_APPLICABLE": x.say("不适用", "not applicable")}[code]
}

func rectificationColumns() []column {
	return []column{{"台账编号", "No.", asText, 16}, {"机构名称", "Institution", asText, 24}, {"发现层级", "Found by", asText, 12}, {"发现日期", "Found on", asDay, 12}, {"问题类别", "Category", asText, 18}, {"问题描述", "Finding", asText, 40},
		{"严重程度", "Severity", asText, 10}, {"整改方案", "Measure", asText, 40}, {"责任人", "Owner", asText, 12}, {"期限", "Due", asDay, 12}, {"进度%", "Progress %", asNumber, 8}, {"状态", "State", asText, 10}, {"完成日期", "Done", asDay, 12},
		{"复核人", "Verified by", asText, 12}, {"复核日期", "Verified on", asDay, 12}, {"复核结论", "Verdict", asText, 30}}
}

func rectificationRows(ctx context.Context, x *exporting, t table) error {
	now, err := x.s.clock(ctx, x.q)
	if err != nil {
		return err
	}
	for _, m := range x.scope.members {
		rows, err := x.q.RectificationsOf(ctx, []uuid.UUID{m.Id})
		if err != nil {
			return fmt.Errorf("rectifications: %w", err)
		}
		for _, r := range rows {
			v, err := x.s.rectificationView(r, now)
			if err != nil {
				return err
			}
			if err := t.row(v.Number, v.Organisation, x.level(string(v.FoundByLevel)), v.FoundOn.Time, x.category(v.Category), v.Finding, x.severity(string(v.Severity)), text(v.Measure), v.Owner, v.DueOn.Time, v.Progress,
				x.rectificationState(v), dayOrNil(v.DoneOn), text(v.VerifiedBy), dayOrNil(v.VerifiedOn), text(v.Verdict)); err != nil {
				return err
			}
		}
	}
	return nil
}

func dayOrNil(d *contract.GoalDay) any {
	if d == nil {
		return nil
	}
	return d.Time
}

func (x *exporting) level(code string) string {
	return map[string]string{"SELF": x.say("自查", "self-check"), "COUNTY": x.say("旗县核查", "county"), "LEAGUE": x.say("盟市抽查", "league"), "REGION": x.say("自治区抽查", "region")}[code]
}

func (x *exporting) severity(code string) string {
	return map[string]string{"MINOR": x.say("一般", "minor"), "MAJOR": x.say("较重", "major"), "CRITICAL": x.say("严重", "critical")}[code]
}

func (x *exporting) rectificationState(v contract.Rectification) string {
	if v.Overdue {
		return x.say("逾期", "overdue")
	}
	return map[string]string{"OPEN": x.say("未开始", "not begun"), "WORKING": x.say("整改中", "at work"), "DONE": x.say("已完成", "done"), "VERIFIED": x.say("已销号", "verified")}[string(v.State)]
}

func sampleColumns() []column {
	return []column{{"抽样种子", "Seed", asText, 22}, {"序号", "No.", asNumber, 6}, {"流水号", "Serial", asText, 20}, {"机构", "Institution", asText, 24}, {"服务类型", "Service", asText, 18}, {"是否计入", "Countable", asText, 10}, {"得分", "Score", asNumber, 8},
		{"扣分原因", "Why", asText, 40}, {"检查人", "Inspector", asText, 12}}
}

func sampleRows(ctx context.Context, x *exporting, t table) error {
	samples, err := x.q.SamplesOf(ctx, db.SamplesOfParams{OrganisationID: x.scope.Id})
	if err != nil {
		return fmt.Errorf("samples: %w", err)
	}
	for _, one := range samples {
		if p, _ := PeriodOf(Kind(one.Kind), consult.DateFromTime(one.StartsOn)); p != x.period {
			continue
		}
		rows, err := x.q.SampleRows(ctx, one.ID)
		if err != nil {
			return fmt.Errorf("rows of a sample: %w", err)
		}
		for _, r := range rows {
			note, err := x.s.keep.OpenText("sample_rows", "note_enc", r.ID, r.NoteEnc)
			if err != nil {
				return fmt.Errorf("note of a sample: %w", err)
			}
			if err := t.row(fmt.Sprint(one.Seed), int(r.Position), r.Serial, r.Institution, x.label(consult.VocabService, r.ServiceType), x.counts(r.Countable, r.Drill), small(r.Score), note, r.Inspector); err != nil {
				return err
			}
		}
	}
	return nil
}
