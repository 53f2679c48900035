package panel_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func problemCode(err error) string {
	if err == nil {
		return ""
	}
	return problem.Of(err).Code
}

// standing is how a resident's plan stands in the panel of the team: due and days late.
func (w *village) standing(resident uuid.UUID, plan string) (contract.CarePlanDue, int) {
	w.T.Helper()
	got, err := w.panel.GetPanel(w.T.Context(), w.su)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, r := range got.Residents {
		for _, p := range r.Plans {
			if r.ResidentId == resident && p.Plan == plan {
				return p.Due, p.Late
			}
		}
	}
	w.T.Fatalf("no plan %s in the panel", plan)
	return "", 0
}

func TestWhatIsDue(t *testing.T) {
	w := newVillage(t)
	ctx := t.Context()
	begin := w.today()
	w.signed(w.su, w.team, w.Resident)
	_, err := w.panel.AddCarePlan(ctx, w.su, uuid.New(), w.Second, contract.CarePlanInput{Plan: "HYPERTENSION", BeginsOn: day(begin)})
	if problemCode(err) != "not_found" { // no contract: nobody of the team knows this resident
		t.Errorf("a plan without a contract: %v", err)
	}
	care, err := w.panel.AddCarePlan(ctx, w.su, uuid.New(), w.Resident, contract.CarePlanInput{Plan: "HYPERTENSION", BeginsOn: day(begin.AddDays(10))})
	if err != nil || len(care.Plans) != 1 || !slices.Equal(care.Suggested, []string{"ELDER_CHECK"}) {
		t.Fatalf("plans %+v, suggested %v, %v", care.Plans, care.Suggested, err)
	}
	_, err = w.panel.AddCarePlan(ctx, w.su, uuid.New(), w.Resident, contract.CarePlanInput{Plan: "HYPERTENSION", BeginsOn: day(begin)})
	wantCode(t, err, "plan_exists")
	plan := care.Plans[0].Id
	stands := func(what string, due contract.CarePlanDue, late int) {
		t.Helper()
		if d, n := w.standing(w.Resident, "HYPERTENSION"); d != due || n != late {
			t.Errorf("%s: %s, %d days late; want %s, %d", what, d, n, due, late)
		}
	}
	stands("ten days before the first day", "DUE", -10)
	w.pass(11)
	stands("never seen", "OVERDUE", 1)
	note := func(kind contract.PlanContactInputKind, held consult.Date, next *consult.Date) {
		t.Helper()
		in := contract.PlanContactInput{Kind: kind, HeldOn: day(held), Note: new("血压 150/90")}
		if next != nil {
			in.NextOn = new(day(*next))
		}
		if _, err := w.panel.NoteContact(ctx, w.qi, uuid.New(), plan, in); err != nil {
			t.Fatal(err)
		}
	}
	note("VISIT", w.today(), nil)
	stands("seen today", "LATER", -90)
	note("VISIT", w.today(), new(w.today().AddDays(14)))
	stands("not under control", "DUE", -14)
	w.pass(20)
	stands("and not seen in time", "OVERDUE", 6)

	// A consultation of the right service about the right diagnosis counts by itself; another one does not.
	consulted := func(service, diagnosis string) {
		w.Exec(`INSERT INTO consultations (id, serial, resident_id, inviting_org_id, state, urgency, urgency_proposed, service_type, created_by, complaint_enc, submitted_at, ended_at, reported_at, problem_key)
			VALUES ($1, $2, $3, $4, 'REPORTED', 'ROUTINE', 'ROUTINE', $5, $6, '\x00', $7, $7, $7, $8)`, uuid.New(), uuid.NewString(), w.Resident, w.Home, service, w.Nurse.UserID, w.Clock.Now(), diagnosis)
	}
	consulted("CHRONIC_MGMT", "E11.9")
	consulted("REHAB_CARE_GUIDE", "I10")
	stands("consulted about something else", "OVERDUE", 6)
	consulted("CHRONIC_MGMT", "I10")
	stands("consulted about it", "LATER", -90)

	// A visit counts for the plans that it was for, with the day that was set at the bedside; its record is no second contact.
	w.pass(3)
	w.visited("HYPERTENSION", w.today().AddDays(21))
	stands("visited at home", "LATER", -21)

	// The institution's interval, then one of the resident's own with its reason.
	_, err = w.panel.SetPlanInterval(ctx, w.boss, contract.PlanIntervalInput{Plan: "HYPERTENSION", Days: 1000})
	wantCode(t, err, "plan_interval")
	if _, err = w.panel.SetPlanInterval(ctx, w.boss, contract.PlanIntervalInput{Plan: "HYPERTENSION", Days: 60}); err != nil {
		t.Fatal(err)
	}
	_, err = w.panel.SetPlanInterval(ctx, w.boss, contract.PlanIntervalInput{Plan: "HYPERTENSION", Days: 50, Revision: 7})
	wantCode(t, err, "revision_stale")
	w.pass(25)
	note("CLINIC", w.today(), nil)
	stands("by the institution's interval", "LATER", -60)
	_, err = w.panel.UpdateCarePlan(ctx, w.su, plan, contract.CarePlanUpdate{Days: new(30), Revision: 1})
	wantCode(t, err, "required")
	if _, err = w.panel.UpdateCarePlan(ctx, w.su, plan, contract.CarePlanUpdate{Days: new(30), Reason: "血压未达标", Revision: 1}); err != nil {
		t.Fatal(err)
	}
	stands("by the resident's own", "LATER", -30)
	closed, err := w.panel.UpdateCarePlan(ctx, w.su, plan, contract.CarePlanUpdate{Close: new(true), Reason: "改由专科随访", Revision: 2})
	if err != nil || closed.Plans[0].State != "CLOSED" || len(closed.Contacts) != 5 {
		t.Errorf("closed: %+v, %d contacts, %v", closed.Plans, len(closed.Contacts), err)
	}
	_, err = w.panel.NoteContact(ctx, w.qi, uuid.New(), plan, contract.PlanContactInput{Kind: "PHONE", HeldOn: day(w.today())})
	wantCode(t, err, "plan_closed")
}

// visited writes a visit that was made and signed, as package visits leaves it.
func (w *village) visited(plan string, next consult.Date) {
	w.T.Helper()
	kind, appointment, record, now := uuid.New(), uuid.New(), uuid.New(), w.Clock.Now()
	w.Exec(`INSERT INTO appointment_kinds (id, organisation_id, name, place, minutes, step_minutes, horizon_days, booked_by, created_at) VALUES ($1, $2, '上门', 'HOME', 30, 30, 60, '{FAMILY_DOCTOR}', $3)`, kind, w.centre, now)
	w.Exec(`INSERT INTO appointments (id, organisation_id, resident_org_id, kind_id, resident_id, status, place, starts_at, ends_at, session, seat, capacity, free_until, booked_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 'FULFILLED', 'HOME', $6, $7, $1, 1, 1, $6, $8, $6, $6)`, appointment, w.centre, w.Home, kind, w.Resident, now, now.Add(time.Hour), w.su.UserID)
	w.Exec(`INSERT INTO consultations (id, serial, resident_id, inviting_org_id, state, urgency, urgency_proposed, service_type, mode, created_by, doctor_id, complaint_enc, submitted_at, ended_at, reported_at, problem_key)
		VALUES ($1, $2, $3, $4, 'REPORTED', 'SCHEDULED', 'SCHEDULED', 'HOME_VISIT', 'VISIT', $5, $5, '\x00', $6, $6, $6, 'I10')`, record, record.String(), w.Resident, w.centre, w.su.UserID, now)
	w.Exec(`INSERT INTO home_visits (id, number, kind, state, resident_id, resident_org_id, organisation_id, source, plans, reason_enc, wanted_from, wanted_to, appointment_id, lead_id, starts_at, ends_at, arrived_at, left_at,
			next_on, consultation_id, created_by, created_at, updated_at)
		VALUES ($1, $2, 'HOME_VISIT', 'DONE', $3, $4, $5, 'PLAN', $6, '\x00', $7, $7, $8, $9, $10, $11, $10, $11, $12, $13, $9, $10, $10)`, uuid.New(), uuid.NewString(), w.Resident, w.Home, w.centre, []string{plan},
		w.today().Time(), appointment, w.su.UserID, now, now.Add(30*time.Minute), next.Time(), record)
}

func TestRecall(t *testing.T) {
	w := newVillage(t)
	ctx := t.Context()
	for _, r := range []uuid.UUID{w.Resident, w.Second} {
		w.signed(w.su, w.team, r)
	}
	care, err := w.panel.AddCarePlan(ctx, w.su, uuid.New(), w.Resident, contract.CarePlanInput{Plan: "HYPERTENSION", BeginsOn: day(w.today())})
	if err != nil {
		t.Fatal(err)
	}
	in := contract.RecallInput{TeamId: w.team, Name: "高血压随访", DueOn: day(w.today().AddDays(7)), Residents: []contract.RecallResident{
		{ResidentId: w.Resident, PlanIds: &[]uuid.UUID{care.Plans[0].Id}}, {ResidentId: w.Second}}}
	foreign := in
	foreign.Residents = []contract.RecallResident{{ResidentId: w.Dement}}
	_, err = w.panel.CreateRecall(ctx, w.qi, uuid.New(), foreign)
	wantCode(t, err, "wrong_value")
	made, err := w.panel.CreateRecall(ctx, w.qi, uuid.New(), in)
	if err != nil || made.Total != 2 || made.Todo != 2 || len(*made.Calls) != 2 {
		t.Fatalf("recall: %+v, %v", made, err)
	}
	if _, err := w.panel.GetRecall(ctx, w.other, made.Id); problemCode(err) != "not_found" {
		t.Errorf("another team reads it: %v", err)
	}
	call := func(resident uuid.UUID, result contract.RecallResultResult) contract.Recall {
		t.Helper()
		for _, c := range *made.Calls {
			if c.ResidentId == resident {
				if made, err = w.panel.NoteCall(ctx, w.qi, uuid.New(), c.Id, contract.RecallResult{Result: result, Revision: c.Revision}); err != nil {
					t.Fatal(err)
				}
				return made
			}
		}
		t.Fatal("not on the list")
		return made
	}
	call(w.Second, "NOT_REACHED")
	if got := call(w.Resident, "BOOKED"); got.ClosedAt != nil || (*got.Calls)[0].ResidentId != w.Second {
		t.Errorf("who was not reached is still to be called: %+v", got)
	}
	if got := call(w.Second, "REACHED"); got.ClosedAt == nil || got.Reached != 1 || got.Booked != 1 {
		t.Errorf("everybody was called: %+v", got)
	}
	c := (*made.Calls)[0]
	_, err = w.panel.NoteCall(ctx, w.qi, uuid.New(), c.Id, contract.RecallResult{Result: "REACHED", Revision: c.Revision - 1})
	wantCode(t, err, "revision_stale")
}

// The database and package consult say the same of every resident, also of those whom somebody marked by hand.
func TestGroupsAgree(t *testing.T) {
	w := newVillage(t)
	ctx := t.Context()
	on := w.today()
	n := 0
	for _, birth := range []string{"1946-03-10", "1946-03-11", "1944-02-29", "1960-01-01"} {
		for _, ability := range []*int{nil, new(0), new(2)} {
			for _, conditions := range []string{"{}", "{F00}", "{I10,W19}", "{F03,L89}"} {
				for _, mark := range []string{"", "HANDICAPPED", "DISABLED", "DEMENTIA", "CHRONIC", "SPECIAL_DIFFICULTY"} {
					var got []string
					var special bool
					marks := "{" + mark + "}"
					if err := w.Store.Pool.QueryRow(ctx, `SELECT risk_groups($1::smallint, $2::text[], $3::date, $4::text[], $5::date), special_need($1::smallint, $2::text[], $3::date, $4::text[], $5::date)`, ability, conditions, birth, marks, on.Time()).Scan(&got, &special); err != nil {
						t.Fatal(err)
					}
					born, err := consult.ParseDate(birth)
					if err != nil {
						t.Fatal(err)
					}
					facts := consult.RiskFacts{Ability: ability, Birth: born, Conditions: strings.FieldsFunc(conditions, func(r rune) bool { return strings.ContainsRune("{},", r) })}
					if mark != "" {
						facts.Marks = []consult.RiskGroup{consult.RiskGroup(mark)}
					}
					var want []string
					for _, g := range facts.Groups(on) {
						want = append(want, string(g))
					}
					if !slices.Equal(got, want) || special != consult.Special(facts.Groups(on)) {
						t.Errorf("%s %v %s %s: the database says %v, in special need %t, the rules %v", birth, ability, conditions, mark, got, special, want)
					}
					n++
				}
			}
		}
	}
	if n != 288 {
		t.Errorf("%d cases", n)
	}
	w.signed(w.su, w.team, w.Resident)
	_, err := w.panel.SetRiskMark(ctx, w.Nurse, uuid.New(), w.Resident, contract.RiskMarkInput{Code: "HANDICAPPED", Present: true})
	wantCode(t, err, "required") // the certificate
	care, err := w.panel.SetRiskMark(ctx, w.Nurse, uuid.New(), w.Resident, contract.RiskMarkInput{Code: "HANDICAPPED", Present: true, Evidence: new("残疾人证 15010219400501")})
	if err != nil || !slices.ContainsFunc(care.Groups, func(g contract.RiskGroupView) bool {
		return g.Code == "HANDICAPPED" && !g.Recorded && *g.Evidence != ""
	}) {
		t.Fatalf("groups: %+v, %v", care.Groups, err)
	}
	coverage, err := w.panel.GetCoverage(ctx, w.boss)
	if err != nil || len(coverage) != 1 || coverage[0].Special != 3 || coverage[0].Covered != 1 || coverage[0].Contracted != 1 {
		t.Errorf("coverage: %+v, %v", coverage, err)
	}
}
