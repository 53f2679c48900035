package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/panel"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// familiesKey in the table meta says that the family doctors' contracts are there.
const familiesKey = "demo.families"

// familyContract is one contract of the demo's team, with the plans that go with it. Days count back from today.
type familyContract struct {
	resident, how string
	guardian      string // who signs; empty: the resident
	relation      string
	ago, years    int // signed so many days ago
	personalised  []string
	terminated    int // so many days ago; 0: not
	draft         bool
	plans         []planned
	marks         []contract.RiskMarkInput
}

type planned struct {
	kind        string
	begun, last int // last contact so many days ago; 0: none yet
	by          contract.PlanContactInputKind
	note        string
	days        int // an interval of the resident's own
	why         string
}

// contracts are in every state, and plans of all three kinds of due.
func contracts() []familyContract {
	return []familyContract{
		{resident: "zhang-guilan", how: "DRAWN", ago: 300, years: 1, personalised: []string{"HOME_VISIT"}, plans: []planned{
			{kind: "HYPERTENSION", begun: 300, last: 118, by: "ROUND", note: "血压142/84，继续原方案"}, {kind: "DIABETES", begun: 300, last: 84, by: "CLINIC", note: "空腹血糖7.8"}}},
		{resident: "wang-deshun", how: "ELECTRONIC", ago: 100, years: 2, personalised: []string{"HOME_VISIT", "REHAB_GUIDE"}, plans: []planned{
			{kind: "HEART_FAILURE", begun: 100, last: 41, by: "VISIT", note: "双下肢轻度水肿，复查体重"}, {kind: "CORONARY", begun: 100, last: 60, by: "ROUND"}},
			marks: []contract.RiskMarkInput{{Code: "HANDICAPPED", Present: true, Evidence: new("残疾人证 听力二级（演示）")}}},
		{resident: "li-zhenhua", how: "PAPER_SCAN", guardian: "赵秀英", relation: "SPOUSE", ago: 200, years: 1, personalised: []string{"DEMENTIA_GUIDE"}, plans: []planned{
			{kind: "DEMENTIA_CARE", begun: 200, last: 86, by: "VISIT", note: "夜间游走，指导照护者"}, {kind: "STROKE", begun: 200, last: 12, by: "PHONE"}}},
		{resident: "zhao-fugui", how: "DRAWN", guardian: "赵丽", relation: "CHILD", ago: 60, years: 1, personalised: []string{"HOME_VISIT", "PRESSURE_CARE", "TUBE_CARE"}, plans: []planned{
			{kind: "PRESSURE_INJURY", begun: 60, last: 9, by: "VISIT", note: "骶尾部2期，换药", days: 5, why: "渗出较多，缩短换药间隔"}, {kind: "DISABLED_CARE", begun: 60, last: 25, by: "VISIT"}}},
		{resident: "wulan", how: "DRAWN", ago: 20, years: 3, plans: []planned{{kind: "HYPERTENSION", begun: 20}}},
		{resident: "sun-shuqin", how: "ELECTRONIC", ago: 395, years: 1, plans: []planned{{kind: "COPD", begun: 395, last: 131, by: "CLINIC"}}},
		{resident: "guo-meiling", how: "PAPER_SCAN", ago: 140, years: 1, personalised: []string{"REHAB_GUIDE"}, plans: []planned{{kind: "STROKE", begun: 140, last: 8, by: "VISIT"}}},
		{resident: "ren-guofu", how: "ELECTRONIC", ago: 250, years: 1, terminated: 45},
		{resident: "tian-yulin", draft: true, years: 1, personalised: []string{"HOME_VISIT", "PRESSURE_CARE"}},
	}
}

// seedFamilies makes the team and its contracts through the use-cases, with a clock that it sets, under the demo's lock.
func seedFamilies(ctx context.Context, st *store.Store, keeper *seal.Keeper, id *identity.Service, now time.Time) error {
	return st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockDemo(ctx); err != nil {
			return err
		}
		if _, err := q.MetaValue(ctx, familiesKey); !store.IsNone(err) {
			return err
		}
		quick, err := quickStore(ctx, st)
		if err != nil {
			return err
		}
		defer quick.Close()
		f := &families{today: consult.DateOf(now), end: now, people: actors()}
		if f.ink, err = signature(); err != nil {
			return err
		}
		files, err := care.New(care.Deps{Store: quick, Keeper: keeper, Identity: id})
		if err != nil {
			return err
		}
		if f.panel, err = panel.New(panel.Deps{Store: quick, Keeper: keeper, Files: files, Now: func() time.Time { return f.now }}); err != nil {
			return err
		}
		if err := f.tell(ctx); err != nil {
			return err
		}
		return q.SetMeta(ctx, db.SetMetaParams{Key: familiesKey, Value: f.today.String()})
	})
}

// families tells what a team did, day by day.
type families struct {
	panel  *panel.Service
	now    time.Time
	end    time.Time // the present
	today  consult.Date
	people map[string]identity.Actor
	ink    []byte
	team   uuid.UUID
}

// at sets the clock to a morning so many days ago, and never beyond the present.
func (f *families) at(ago int) consult.Date {
	day := f.today.AddDays(-ago)
	f.now = day.Start().Add(10 * time.Hour)
	if f.now.After(f.end) {
		f.now = f.end
	}
	return day
}

func date(d consult.Date) openapi_types.Date { return openapi_types.Date{Time: d.Time()} }

func (f *families) tell(ctx context.Context) error {
	f.at(400)
	team, err := f.panel.CreateTeam(ctx, f.people["admin.fang"], idOf("command", "team"), contract.FdTeamInput{Name: "海东路第一家庭医生团队", Phone: new("0471-6940011"), Members: []contract.FdTeamMember{
		{UserId: idOf("user", "dr.su"), Part: "LEADER"}, {UserId: idOf("user", "nurse.qi"), Part: "NURSE"}, {UserId: idOf("user", "dr.meng"), Part: "PUBLIC_HEALTH"}}})
	if err != nil {
		return fmt.Errorf("the team: %w", err)
	}
	f.team = team.Id
	for _, c := range contracts() {
		if err := f.contract(ctx, c); err != nil {
			return fmt.Errorf("contract of %s: %w", c.resident, err)
		}
	}
	if _, err := f.panel.TellEndings(ctx); err != nil {
		return err
	}
	return f.recall(ctx)
}

func (f *families) contract(ctx context.Context, c familyContract) error {
	doctor, resident := f.people["dr.su"], idOf("resident", c.resident)
	day := f.at(c.ago)
	in := contract.FdContractInput{ResidentId: resident, TeamId: f.team, Packages: []string{"BASIC"}, Items: []string{"EHR", "ELDER_CHECK", "CHRONIC_FOLLOW_UP", "BASIC_CARE", "REFERRAL"}, StartsOn: date(day),
		EndsOn: date(day.AddYears(c.years).AddDays(-1))}
	if len(c.personalised) > 0 {
		in.Packages, in.Items = append(in.Packages, "PERSONALISED"), append(in.Items, c.personalised...)
	}
	made, err := f.panel.CreateContract(ctx, doctor, uuid.New(), in)
	if err != nil || c.draft {
		return err
	}
	sign := contract.FdContractSigning{How: contract.FdContractSigningHow(c.how), SignerKind: "SELF"}
	switch sign.How {
	case "PAPER_SCAN":
		if made, err = f.panel.AddContractFile(ctx, doctor, uuid.New(), made.Id, bytes.NewReader(f.ink)); err != nil {
			return err
		}
	case "DRAWN":
		sign.SignaturePng = &f.ink
	default:
		sign.SystemNumber = new("QY-" + made.Number)
	}
	if c.guardian != "" {
		sign.SignerKind, sign.SignerName, sign.Relation = "LEGAL_GUARDIAN", &c.guardian, &c.relation
	}
	text, err := f.panel.GetContractText(ctx, doctor, made.Id)
	if err != nil {
		return err
	}
	sign.TextVersion, sign.TextHash, sign.Revision = text.Version, text.Hash, made.Revision
	if made, err = f.panel.SignContract(ctx, doctor, uuid.New(), made.Id, sign); err != nil {
		return err
	}
	for _, m := range c.marks {
		if _, err := f.panel.SetRiskMark(ctx, doctor, uuid.New(), resident, m); err != nil {
			return err
		}
	}
	for _, p := range c.plans {
		if err := f.plan(ctx, doctor, resident, p); err != nil {
			return fmt.Errorf("%s: %w", p.kind, err)
		}
	}
	if c.terminated > 0 {
		f.at(c.terminated)
		_, err = f.panel.EndContract(ctx, doctor, uuid.New(), made.Id, contract.FdContractEnd{Code: new("MOVED"), Note: new("家属拟接回外旗县居住"), Revision: made.Revision})
	}
	return err
}

func (f *families) plan(ctx context.Context, doctor identity.Actor, resident uuid.UUID, p planned) error {
	in := contract.CarePlanInput{Plan: p.kind, BeginsOn: date(f.at(p.begun))}
	if p.days > 0 {
		in.Days, in.Reason = &p.days, &p.why
	}
	care, err := f.panel.AddCarePlan(ctx, doctor, uuid.New(), resident, in)
	if err != nil || p.last == 0 {
		return err
	}
	for _, plan := range care.Plans {
		if plan.Plan != p.kind {
			continue
		}
		contact := contract.PlanContactInput{Kind: p.by, HeldOn: date(f.at(p.last))}
		if p.note != "" {
			contact.Note = &p.note
		}
		if _, err := f.panel.NoteContact(ctx, f.people["nurse.qi"], uuid.New(), plan.Id, contact); err != nil {
			return err
		}
	}
	return nil
}

// recall is under way: one was reached, the others are still to be called.
func (f *families) recall(ctx context.Context) error {
	f.at(2)
	nurse := f.people["nurse.qi"]
	made, err := f.panel.CreateRecall(ctx, nurse, uuid.New(), contract.RecallInput{TeamId: f.team, Name: "慢病逾期随访电话通知", DueOn: date(f.today.AddDays(5)), Residents: []contract.RecallResident{
		{ResidentId: idOf("resident", "zhang-guilan")}, {ResidentId: idOf("resident", "wang-deshun")}, {ResidentId: idOf("resident", "zhao-fugui")}}})
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	f.at(1)
	for _, c := range *made.Calls {
		if c.ResidentId == idOf("resident", "wang-deshun") {
			_, err = f.panel.NoteCall(ctx, nurse, uuid.New(), c.Id, contract.RecallResult{Result: "REACHED", Note: new("女儿接听，同意本周上门"), Revision: c.Revision})
		}
	}
	return err
}
