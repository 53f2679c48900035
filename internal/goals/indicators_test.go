package goals_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// past is one consultation of the quarter, as the operational rows tell it. Minutes count from its submission; negative: never.
type past struct {
	state, urgency, service, department string
	resident                            uuid.UUID
	accepted, started, ended, reported  int
	declined, reasoned                  int
	consent, adoption                   string
	senior                              bool
	countable                           bool // otherwise NC13, or unjudged when it was not reported
	drill, aborted, terminated          bool
}

// enter writes a consultation and what stands around it.
func (w *town) enter(n int, p past) {
	w.T.Helper()
	id, at := uuid.New(), time.Date(2026, 2, 2+n, 1, 0, 0, 0, time.UTC)
	instant := func(minutes int) *time.Time {
		if minutes < 0 {
			return nil
		}
		t := at.Add(time.Duration(minutes) * time.Minute)
		return &t
	}
	var doctor, consent *uuid.UUID
	if p.accepted >= 0 {
		doctor = &w.Wang.UserID
		if p.senior {
			doctor = &w.Gao.UserID
		}
	}
	if p.consent != "" {
		c := uuid.New()
		consent = &c
		method := "DRAWN"
		if p.consent == "EMERGENCY" {
			method = "EMERGENCY_APPROVAL"
		}
		w.Exec(`INSERT INTO consents (id, resident_id, signer_kind, signer_name_enc, capacity, method, text_version, text_locale, text_hash, tick_medical, tick_sensitive, tick_provision, witness_id, signed_at, valid_until)
			VALUES ($1, $2, 'SELF', '', 'FULL', $3, '1', 'zh-CN', '', true, true, true, $4, $5, $6)`, c, p.resident, method, w.Nurse.UserID, at.Add(-time.Hour), at.AddDate(1, 0, 0))
	}
	var adopted *time.Time
	if p.adoption != "" {
		adopted = instant(p.reported + 10)
	}
	var closed *time.Time
	if p.ended < 0 {
		closed = instant(30)
	}
	outcome := ""
	if p.reported >= 0 {
		outcome = "ADJUST"
	}
	department := w.Departments["02"]
	if p.department != "" {
		department = w.Departments[p.department]
	}
	w.Exec(`INSERT INTO consultations (id, serial, resident_id, inviting_org_id, invited_org_id, department_id, consent_id, state, urgency, urgency_proposed, service_type, drill, created_by, submitter_id, doctor_id,
		reasons, complaint_enc, created_at, submitted_at, offered_at, accepted_at, started_at, ended_at, reported_at, adopted_at, closed_at, outcome_code, effective_seconds)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14, '{PAIN}', '\x00', $15, $15, $15, $16, $17, $18, $19, $20, $21, $22, 300)`,
		id, fmt.Sprintf("T-%02d", n), p.resident, w.Home, w.Hospital, department, consent, p.state, p.urgency, p.service, p.drill, w.Nurse.UserID, w.Attending.UserID, doctor, at,
		instant(p.accepted), instant(p.started), instant(p.ended), instant(p.reported), adopted, closed, outcome)
	for i := range p.declined {
		reason := ""
		if i < p.reasoned {
			reason = "BUSY"
		}
		w.Exec(`INSERT INTO offers (id, consultation_id, epoch, doctor_id, offered_at, expires_at, result, reason_code) VALUES ($1, $2, $3, $4, $5, $5, 'DECLINED', $6)`,
			uuid.New(), id, 100+i, w.Junior.UserID, at, reason)
	}
	event := func(seq int, from, to string) {
		w.Exec(`INSERT INTO consultation_events (id, consultation_id, seq, type, from_state, to_state, epoch, at) VALUES ($1, $2, $3, 'x', $4, $5, 0, $6)`, uuid.New(), id, seq, from, to, at)
	}
	if p.aborted {
		event(1, "ABORTED_TECH", "REPORT_PENDING")
	}
	if p.terminated {
		event(2, "IN_PROGRESS", "TERMINATED_UNSUITABLE")
	}
	if p.adoption != "" {
		report := uuid.New()
		w.Exec(`INSERT INTO reports (id, consultation_id, version, author_id, content_enc, digest, seal, seal_kid, signed_at) VALUES ($1, $2, 1, $3, '', '', '', '', $4)`, report, id, *doctor, instant(p.reported))
		w.Exec(`INSERT INTO advice_items (id, consultation_id, report_id, position, kind, text_enc, decision) VALUES ($1, $2, $3, 0, 'DRUG', '', $4)`, uuid.New(), id, report, p.adoption)
		w.Exec(`INSERT INTO adoptions (id, consultation_id, report_id, attending_id, content_enc, digest, seal, seal_kid, signed_at) VALUES ($1, $2, $3, $4, '', '', '', '', $5)`, uuid.New(), id, report, w.Attending.UserID, adopted)
	}
	if p.reported >= 0 {
		reasons := int64(1 << 12) // NC13
		if p.countable {
			reasons = 0
		}
		if p.drill {
			reasons = 1 << 18
		}
		w.Exec(`INSERT INTO judged_here VALUES ($1, $2, $3)`, id, p.countable, reasons)
	}
}

// TestIndicatorsByHand works all indicators of one quarter out from rows that can be counted on paper.
func TestIndicatorsByHand(t *testing.T) {
	w := newTown(t)
	// Whether a consultation counts is judged elsewhere; here it is what the table says.
	w.Exec(`CREATE TABLE judged_here (consultation uuid PRIMARY KEY, countable boolean, reasons bigint)`)
	w.Exec(`CREATE OR REPLACE VIEW evaluations AS SELECT j.consultation AS consultation_id, j.countable, j.reasons, '2026-01'::text AS ruleset FROM judged_here j`)
	w.Exec(`UPDATE professional_licences SET title_code = '232' WHERE user_id = $1`, w.Gao.UserID)
	w.Departments["5103"] = w.Department(w.Hospital, "5103", "蒙医科")
	// Three residents lived there all the time; one came on 1 March and one left on 1 February.
	late, gone := w.ResidentOf(w.Home, "新来", "104-1", "FULL"), w.ResidentOf(w.Home, "离开", "104-2", "FULL")
	w.Exec(`UPDATE residents SET admitted_on = '2026-03-01', condition_codes = '{}', ability_level = 0, birth_date = '1950-01-01' WHERE id = $1`, late)
	w.Exec(`UPDATE residents SET left_on = '2026-02-01', ability_level = 2 WHERE id = $1`, gone)
	w.Exec(`UPDATE residents SET condition_codes = '{F03,I10}', ability_level = 0 WHERE id = $1`, w.Dement)

	for n, p := range []past{
		{state: "ARCHIVED", urgency: "EMERGENT", service: "REMOTE_CONSULT", resident: w.Resident, accepted: 5, started: 7, ended: 20, reported: 30, declined: 2, reasoned: 1, consent: "VALID", adoption: "ADOPTED", senior: true, countable: true},
		{state: "ADOPTED", urgency: "CRITICAL", service: "REMOTE_CONSULT", resident: w.Resident, accepted: 4, started: 5, ended: 25, reported: 200, consent: "EMERGENCY", adoption: "PARTLY", countable: true},
		{state: "REPORTED", urgency: "ROUTINE", service: "ONLINE_REVISIT", department: "5103", resident: w.Second, accepted: 60, started: 70, ended: 80, reported: 100, consent: "VALID", countable: true},
		{state: "REPORTED", urgency: "ROUTINE", service: "CHRONIC_MGMT", resident: w.Second, accepted: 60, started: 62, ended: 80, reported: 2000, consent: "VALID"},
		{state: "ADOPTED", urgency: "ROUTINE", service: "REMOTE_CONSULT", resident: w.Dement, accepted: 10, started: 12, ended: 30, reported: 40, adoption: "REJECTED", aborted: true},
		{state: "REPORT_PENDING", urgency: "ROUTINE", service: "ONLINE_REVISIT", resident: w.Dement, accepted: 10, started: 12, ended: 30, reported: -1, consent: "VALID", terminated: true},
		{state: "CANCELLED", urgency: "ROUTINE", service: "REMOTE_CONSULT", resident: w.Resident, accepted: -1, started: -1, ended: -1, reported: -1},
		{state: "NO_SHOW", urgency: "SCHEDULED", service: "REMOTE_CONSULT", resident: w.Resident, accepted: 10, started: -1, ended: -1, reported: -1},
		{state: "EXPIRED", urgency: "EMERGENT", service: "REMOTE_CONSULT", resident: w.Resident, accepted: -1, started: -1, ended: -1, reported: -1},
		{state: "ARCHIVED", urgency: "EMERGENT", service: "REMOTE_CONSULT", resident: w.Resident, accepted: 1, started: 2, ended: 20, reported: 30, drill: true},
	} {
		w.enter(n, p)
	}
	w.surroundings()
	w.contracts(late)
	w.visits()
	w.follow()

	// what, numerator, denominator, value
	ok := map[string][3]float64{
		"I-01": {9, 0, 9}, "I-02": {3, 0, 3}, "I-03": {3, 5, 60},
		"I-04": {3, 3 + 31.0/90 + 31.0/90, 100 * 3 / (3 + 62.0/90)}, "I-05": {2, 5, 40}, "I-06": {1, 4, 25},
		"I-07": {7, 8, 87.5}, "I-08": {1, 2, 50}, "I-09": {1, 3, 100.0 / 3}, "I-10": {2, 4, 50},
		"I-11": {(2 + 1 + 10 + 2 + 2 + 2) * 60, 6, 190}, "I-12": {5, 7, 500.0 / 7}, "I-13": {1, 1, 100}, "I-14": {1, 6, 100.0 / 6},
		"I-15": {4, 6, 400.0 / 6}, "I-16": {3, 6, 50}, "I-17": {2, 3, 200.0 / 3}, "I-18": {5, 5, 100},
		"I-19": {1, 1, 100}, "I-20": {2, 4, 50}, "I-21": {1, 3, 100.0 / 3}, "I-22": {1, 2, 50}, "I-23": {1, 2, 50}, "I-24": {1, 1, 100}, "I-25": {0, 1, 0}, "I-26": {1, 2, 50}, "I-27": {1, 2, 50}, "I-28": {1, 2, 50},
		"I-29": {1, 3, 100.0 / 3}, "I-31": {1, 2, 50}, "I-32": {56, 66, 100 * 56.0 / 66}, "I-33": {2, 3, 200.0 / 3}, "I-34": {1, 2, 50},
	}
	other := map[string]contract.IndicatorState{"I-30": "OTHER_LEVEL"}
	d := w.dashboard(w.HomeAdmin, w.Home, "Q", "2026-03-31")
	if len(d.Indicators) != 34 {
		t.Fatalf("%d indicators", len(d.Indicators))
	}
	month, year := w.dashboard(w.HomeAdmin, w.Home, "M", "2026-02-28"), w.dashboard(w.HomeAdmin, w.Home, "Y", "2026-03-31")
	for n, i := range d.Indicators {
		if want := contract.IndicatorState("OTHER_PERIOD"); !strings.Contains(i.Kinds, "M") && month.Indicators[n].State != want && i.Code != "I-30" || month.Indicators[n].State == want && month.Indicators[n].Value != nil {
			t.Errorf("%s is for %s, and of a month it is %s", i.Code, i.Kinds, month.Indicators[n].State)
		}
		if i.Kinds == "Y" { // a quarter has none
			if i.Code != "I-30" && (i.State != "OTHER_PERIOD" || i.Value != nil || i.Target != nil && i.Target.Met != nil) {
				t.Errorf("%s is for the year, and of a quarter it is %s", i.Code, i.State)
			}
			i = year.Indicators[n]
		}
		want, counted := ok[i.Code]
		if !counted {
			if i.State != other[i.Code] || i.Value != nil {
				t.Errorf("%s is %s, want %s", i.Code, i.State, other[i.Code])
			}
			continue
		}
		if i.State != "OK" || !near(i.Numerator, want[0]) || want[1] > 0 && !near(i.Denominator, want[1]) || !near(i.Value, want[2]) {
			t.Errorf("%s %s is %s %v / %v = %v, want %v", i.Code, i.NameEn, i.State, show(i.Numerator), show(i.Denominator), show(i.Value), want)
		}
	}

	// The county adds numerators and denominators: another home without anything but a resident and its agreement.
	county := w.dashboard(w.County, w.Authority, "Q", "2026-03-31")
	for _, i := range county.Indicators {
		switch i.Code {
		case "I-19":
			if !near(i.Numerator, 2) || !near(i.Denominator, 2) {
				t.Errorf("I-19 of the county: %v / %v", show(i.Numerator), show(i.Denominator))
			}
		case "I-20":
			if !near(i.Numerator, 2) || !near(i.Denominator, 5) || !near(i.Value, 40) || i.Version != 2 {
				t.Errorf("I-20 of the county: v%d %v / %v", i.Version, show(i.Numerator), show(i.Denominator))
			}
		case "I-05":
			if !near(i.Numerator, 2) || !near(i.Denominator, 6) {
				t.Errorf("I-05 of the county: %v / %v", show(i.Numerator), show(i.Denominator))
			}
		}
	}
	for _, i := range w.dashboard(w.County, w.Authority, "Y", "2026-03-31").Indicators {
		if i.Code == "I-30" && (i.State != "OK" || !near(i.Value, 100)) {
			t.Errorf("I-30 of the county: %s %v", i.State, show(i.Value))
		}
	}
	w.elders(t)
	for _, kind := range []contract.GoalKind{"Q", "Y"} {
		w.opens(w.HomeAdmin, w.Home, kind)
		w.opens(w.County, w.Authority, kind)
	}
	if reasons := d.Reasons; len(reasons) != 1 || reasons[0].Code != "NC13" || reasons[0].N != 2 {
		t.Errorf("reasons: %+v", reasons)
	}
	// The rows behind what a numerator lacks.
	late2, err := w.goals.ListGoalRows(t.Context(), w.HomeAdmin, contract.ListGoalRowsParams{OrganisationId: &w.Home, Kind: "Q", Day: date("2026-03-31"), Mark: new("URGENT_OFFERED"), Without: new("URGENT_IN_TIME")})
	if err != nil || len(late2.Rows) != 2 {
		t.Errorf("urgent and late: %d, %v", len(late2.Rows), err)
	}
	if empty := w.dashboard(w.HomeAdmin, w.Home, "Q", "2025-03-31"); empty.Indicators[2].State != "EMPTY" || empty.Indicators[2].Value != nil {
		t.Errorf("a quarter without anything has a rate: %+v", empty.Indicators[2])
	}
}

// opens looks at the rows behind every figure of a dashboard: there are some, and as many as the figure says where each counts once.
func (w *town) opens(a identity.Actor, org uuid.UUID, kind contract.GoalKind) {
	w.T.Helper()
	for _, i := range w.dashboard(a, org, kind, "2026-03-31").Indicators {
		if i.State != "OK" || i.Code == "I-20" { // its elders have a list of their own
			continue
		}
		for part, of := range map[string]struct {
			n     *float64
			marks []string
			met   *bool
		}{"numerator": {i.Numerator, i.Marks, new(true)}, "denominator": {i.Denominator, i.Base, nil}} {
			switch {
			case of.n == nil:
			case len(of.marks) > 0:
				page, err := w.goals.ListGoalRows(w.T.Context(), a, contract.ListGoalRowsParams{OrganisationId: &org, Kind: kind, Day: date("2026-03-31"), Mark: &of.marks[0]})
				if err != nil || (len(page.Rows) > 0) != (*of.n > 0) || page.Total >= 0 && page.Total != int64(len(page.Rows)) {
					w.T.Errorf("%s %s: %d rows of %d behind %v: %v", i.Code, part, len(page.Rows), page.Total, *of.n, err)
				}
			case i.Facts == nil:
				w.T.Errorf("%s %s: nothing opens", i.Code, part)
			default:
				rows, page := w.facts(a, org, kind, contract.GoalFactBase(*i.Facts), of.met)
				if i.Code != "I-04" && len(rows) != int(*of.n) || len(rows) == 0 && *of.n > 0 || page.Imported {
					w.T.Errorf("%s %s: %d rows behind %v", i.Code, part, len(rows), *of.n)
				}
				for _, r := range rows {
					if of.met != nil && !*r.Met || a.Username == w.County.Username && (r.Bed != nil || r.ConsultationId != nil || r.Opens) {
						w.T.Errorf("%s %s: %+v", i.Code, part, r)
					}
				}
			}
		}
	}
}

// facts reads all pages, two rows each.
func (w *town) facts(a identity.Actor, org uuid.UUID, kind contract.GoalKind, base contract.GoalFactBase, met *bool) (all []contract.GoalFact, page contract.GoalFactPage) {
	w.T.Helper()
	ask := contract.ListGoalFactsParams{OrganisationId: &org, Kind: kind, Day: date("2026-03-31"), Base: base, Met: met, Limit: new(2)}
	for more := true; more; more = page.Next != nil {
		var err error
		if page, err = w.goals.ListGoalFacts(w.T.Context(), a, ask); err != nil {
			w.T.Fatalf("%s: %v", base, err)
		}
		all, ask.Cursor = append(all, page.Rows...), page.Next
	}
	return all, page
}

// elders looks at the rows behind I-20: as many as the figure says, without a name, with beds inside of the institution only.
func (w *town) elders(t *testing.T) {
	t.Helper()
	for who, want := range map[*identity.Actor][2]int{&w.HomeAdmin: {4, 2}, &w.County: {5, 2}} {
		org := w.Home
		if who == &w.County {
			org = w.Authority
		}
		var rows []contract.CoverageRow
		page, err := w.goals.ListCoverageRows(t.Context(), *who, contract.ListCoverageRowsParams{OrganisationId: &org, Kind: "Q", Day: date("2026-03-31"), Limit: new(3)})
		for rows = page.Rows; err == nil && page.Next != nil; rows = append(rows, page.Rows...) {
			page, err = w.goals.ListCoverageRows(t.Context(), *who, contract.ListCoverageRowsParams{OrganisationId: &org, Kind: "Q", Day: date("2026-03-31"), Limit: new(3), Cursor: page.Next})
		}
		covered := 0
		for _, r := range rows {
			if r.Covered {
				covered++
			}
			if (r.Bed != nil) != (who == &w.HomeAdmin) {
				t.Errorf("%s sees the bed %v", who.Name, r.Bed)
			}
		}
		if err != nil || len(rows) != want[0] || covered != want[1] || page.Total != want[0] || page.Covered != want[1] {
			t.Errorf("%s sees %d elders, %d covered, of %d and %d: %v", who.Name, len(rows), covered, page.Total, page.Covered, err)
		}
		lacking, err := w.goals.ListCoverageRows(t.Context(), *who, contract.ListCoverageRowsParams{OrganisationId: &org, Kind: "Q", Day: date("2026-03-31"), Covered: new(false)})
		if err != nil || len(lacking.Rows) != want[0]-want[1] {
			t.Errorf("%s: %d without a contract, %v", who.Name, len(lacking.Rows), err)
		}
	}
}

// contracts writes family-doctor contracts. At the end of the quarter four residents of the home are special: three by their age, and
// the one who came on 1 March by a certificate of disability, set by hand. A contract of two of them is in force on that day; that of
// the third was terminated the day before, that of the fourth is not signed. The resident who left had one too.
func (w *town) contracts(handicapped uuid.UUID) {
	centre := w.Organisation("MEDICAL", "B100", "社区卫生服务中心")
	team, doctor := uuid.New(), w.User("fd.su", "苏医生", "FAMILY_DOCTOR", centre).UserID
	at := time.Date(2026, 2, 1, 1, 0, 0, 0, time.UTC)
	w.Exec(`INSERT INTO fd_teams (id, organisation_id, name, created_by, created_at, updated_at) VALUES ($1, $2, '第一团队', $3, $4, $4)`, team, centre, doctor, at)
	w.Exec(`INSERT INTO risk_marks (id, resident_id, code, set_on, set_by, set_at) VALUES ($1, $2, 'HANDICAPPED', '2026-03-20', $3, $4)`, uuid.New(), handicapped, doctor, at)
	sign := func(resident uuid.UUID, state, starts, ends, ended string) {
		var signed, terminated *time.Time
		var how *string
		if state != "DRAFT" {
			signed, how = &at, new("DRAWN")
		}
		if state == "TERMINATED" {
			terminated = &at
		}
		w.Exec(`INSERT INTO fd_contracts (id, number, resident_id, team_id, organisation_id, state, packages, items, starts_on, ends_on, ended_on, signed_how, signed_at, text_hash, terminated_at, created_by, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, '{BASIC}', '{EHR}', $7, $8, $9, $10, $11, '\x00', $12, $13, $14, $14)`, uuid.New(), uuid.NewString(), resident, team, centre, state, starts, ends, ended, how, signed, terminated, doctor, at)
	}
	sign(w.Resident, "SIGNED", "2026-02-01", "2027-01-31", "2027-02-01")
	sign(w.Second, "TERMINATED", "2026-02-01", "2027-01-31", "2026-03-31")
	sign(w.Dement, "DRAFT", "2026-02-01", "2027-01-31", "2027-02-01")
	sign(handicapped, "SIGNED", "2026-03-31", "2027-03-30", "2027-03-31")
}

// surroundings writes what stands beside consultations in the quarter.
func (w *town) surroundings() {
	at := time.Date(2026, 2, 10, 2, 0, 0, 0, time.UTC)
	var consultation, other uuid.UUID
	for serial, to := range map[string]*uuid.UUID{"T-00": &consultation, "T-02": &other} {
		if err := w.Store.Pool.QueryRow(w.T.Context(), `SELECT id FROM consultations WHERE serial = $1`, serial).Scan(to); err != nil {
			w.T.Fatal(err)
		}
	}
	for i, score := range []int{5, 3} {
		w.Exec(`INSERT INTO satisfaction_ratings (id, consultation_id, organisation_id, rater, score, channel, created_at) VALUES ($1, $2, $3, $4, $5, 'TABLET', $6)`,
			uuid.New(), consultation, w.Home, []string{"RESIDENT", "FAMILY"}[i], score, at)
	}
	refer := func(from, to uuid.UUID, direction, state, green string, arrived, accepted, met *time.Time, patient bool) {
		var asked *time.Time
		if green != "" {
			asked = &at
		}
		var refused *time.Time
		if state == "REFUSED" {
			refused = &at
		}
		w.Exec(`INSERT INTO referrals (id, consultation_id, resident_id, direction, state, from_org_id, to_org_id, urgency, reason_enc, green_channel, green_requested_at, green_met_at, created_by, created_at, close_due_on,
			accepted_at, arrived_at, refused_at, refused_by_patient, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'ROUTINE', '', $8, $9, $10, $11, $12, '2026-02-20', $13, $14, $15, $16, $12)`,
			uuid.New(), consultation, w.Resident, direction, state, from, to, green, asked, met, w.Nurse.UserID, at, accepted, arrived, refused, patient)
	}
	soon, late := at.Add(48*time.Hour), at.Add(8*24*time.Hour)
	refer(w.Home, w.Hospital, "UP", "ARRIVED", "BED", &soon, nil, &late, false)
	refer(w.Home, w.Hospital, "UP", "ARRIVED", "", &late, nil, nil, false)
	refer(w.Home, w.Hospital, "UP", "REFUSED", "", nil, nil, nil, true)
	refer(w.Hospital, w.Home, "DOWN", "ACCEPTED", "", nil, &soon, nil, false)
	for _, hours := range []int{2, 30} {
		w.Exec(`INSERT INTO adverse_events (id, organisation_id, type, grade, occurred_at, reported_at, reported_by, description_enc) VALUES ($1, $2, 'FALL', 'III', $3, $4, $5, '')`,
			uuid.New(), w.Home, at, at.Add(time.Duration(hours)*time.Hour), w.Nurse.UserID)
	}
	for _, closed := range []*time.Time{&soon, nil} {
		state := "OPEN"
		if closed != nil {
			state = "CLOSED"
		}
		w.Exec(`INSERT INTO complaints (id, organisation_id, complainant, category, content_enc, received_at, received_by, due_on, calendar_known, state, closed_at) VALUES ($1, $2, 'FAMILY', 'x', '', $3, $4, '2026-02-20', true, $5, $6)`,
			uuid.New(), w.Home, at, w.Nurse.UserID, state, closed)
	}
	for i, done := range []string{"2026-02-15", "2026-03-15"} {
		w.Exec(`INSERT INTO rectifications (id, number, organisation_id, found_by_level, found_on, category, severity, finding_enc, owner_enc, due_on, progress, state, done_on, verified_on, created_by, created_at)
			VALUES ($1, $2, $3, 'SELF', '2026-02-01', 'STAFF', 'MINOR', '', '', '2026-02-28', 100, 'VERIFIED', $4, $4, $5, $6)`, uuid.New(), fmt.Sprint("ZG-", i), w.Home, done, w.HomeAdmin.UserID, at)
	}
}

func near(v *float64, want float64) bool { return v != nil && *v-want < 1e-6 && want-*v < 1e-6 }

func show(v *float64) string {
	if v == nil {
		return "nothing"
	}
	return fmt.Sprintf("%.4f", *v)
}

// visits enters visits at home: one done and signed for, one done that only a carer signed for, one that staff did not make; what the family
// refused and what is not of the period is not counted.
func (w *town) visits() {
	w.T.Helper()
	kind := uuid.New()
	w.Exec(`INSERT INTO appointment_kinds (id, organisation_id, name, place, minutes, step_minutes, horizon_days, booked_by, created_at) VALUES ($1, $2, '上门', 'HOME', 40, 10, 60, '{FAMILY_DOCTOR}', now())`, kind, w.Home)
	for n, v := range []struct {
		state, end string
		signer     string
		day        string
	}{{"DONE", "", "RESIDENT", "2026-02-03"}, {"DONE", "", "CARER", "2026-02-10"}, {"NOT_DONE", "STAFF", "", "2026-02-17"}, {"NOT_DONE", "REFUSED", "", "2026-02-24"},
		{"CANCELLED", "FAMILY", "", "2026-03-03"}, {"DONE", "", "FAMILY", "2026-04-07"}} {
		id, ap := uuid.New(), uuid.New()
		w.Exec(`INSERT INTO appointments (id, organisation_id, resident_org_id, kind_id, resident_id, status, place, starts_at, ends_at, session, seat, capacity, free_until, booked_by, created_at, updated_at)
			VALUES ($1, $2, $2, $3, $4, 'FULFILLED', 'HOME', $5::date + time '09:00', $5::date + time '10:00', $1, 1, 1, now(), $6, now(), now())`, ap, w.Home, kind, w.Resident, v.day, w.Nurse.UserID)
		var record, signature any
		if v.state == "DONE" {
			record = uuid.New()
			w.Exec(`INSERT INTO consultations (id, serial, resident_id, inviting_org_id, state, urgency, urgency_proposed, service_type, mode, created_by) VALUES ($1, $2, $3, $4, 'REPORTED', 'ROUTINE', 'ROUTINE', 'HOME_VISIT', 'VISIT', $5)`,
				record, "SM-"+v.day, w.Resident, w.Home, w.Nurse.UserID)
		}
		if v.signer != "" {
			picture := uuid.New()
			signature = picture
			w.Exec(`INSERT INTO attachments (id, organisation_id, resident_id, kind, content_type, size, width, height, sha256, blob_key, created_by) VALUES ($1, $2, $3, 'SIGNATURE', 'image/png', 1, 1, 1, $4, '', $5)`,
				picture, w.Home, w.Resident, picture[:], w.Nurse.UserID)
		}
		w.Exec(`INSERT INTO home_visits (id, number, kind, state, resident_id, resident_org_id, organisation_id, source, reason_enc, wanted_from, wanted_to, appointment_id, lead_id, starts_at, ends_at, arrived_at, left_at,
				end_code, consultation_id, signature_id, signer_kind, created_by, created_at, updated_at)
			VALUES ($1, $2, 'HOME_VISIT', $3, $4, $5, $5, 'NURSE', '', $6, $6, $7, $8, $6::date + time '09:00', $6::date + time '10:00', $6::date + time '09:05', $6::date + time '09:40', $9, $10, $11, $12, $8, now(), now())`,
			id, "SM-"+string(rune('A'+n)), v.state, w.Resident, w.Home, v.day, ap, w.Attending.UserID, v.end, record, signature, v.signer)
	}
}
