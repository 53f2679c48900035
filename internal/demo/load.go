package demo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// ErrNotMarked says that a load was asked for in a database that is no demo.
var ErrNotMarked = errors.New("the database is not marked as a demo: nothing is loaded into it")

// The shape of a loaded year.
const (
	perInstitution   = 2500 // consultations a year, on average
	residentsOfHome  = 40
	doctorsOfLeague  = 40
	mostInstitutions = 2000
)

// load is a year that is made up: everything about consultation i follows from i, so that each table is written in one pass.
type load struct {
	keep  *seal.Keeper
	n     int
	homes int
	start time.Time // the first day of the year that ends today

	regions []consult.Division // counties
	leagues []consult.Division
}

// Load fills a demo with a year of n consultations by COPY. It writes once: a second load of the same size changes nothing and is
// refused by the keys. Triggers and foreign keys are left out where the database role may do so; the ledger is to be rebuilt after it.
func Load(ctx context.Context, st *store.Store, keeper *seal.Keeper, now time.Time, n int, progress func(table string, rows int64)) error {
	marked, err := Marked(ctx, st)
	if err != nil {
		return err
	}
	if !marked {
		return ErrNotMarked
	}
	if n < 1 || n > 20_000_000 {
		return fmt.Errorf("%d consultations: give 1 to 20,000,000", n)
	}
	l := &load{keep: keeper, n: n, homes: min(max(n/perInstitution, 4), mostInstitutions), start: consult.DateOf(now).AddDays(-364).Start()}
	for _, d := range consult.Divisions() {
		switch d.Level {
		case "COUNTY":
			l.regions = append(l.regions, d)
		case "LEAGUE":
			l.leagues = append(l.leagues, d)
		}
	}
	conn, err := pgx.ConnectConfig(ctx, st.Pool.Config().ConnConfig.Copy())
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SAVEPOINT role`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
			if _, err := tx.Exec(ctx, `ROLLBACK TO role`); err != nil {
				return err
			}
		}
		for _, t := range l.tables() {
			rows, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, &loadSource{of: t, at: -1})
			if err != nil {
				return fmt.Errorf("load %s: %w", t.name, err)
			}
			if progress != nil {
				progress(t.name, rows)
			}
		}
		return nil
	})
}

type loadTable struct {
	name    string
	columns []string
	rows    int
	row     func(i int) ([]any, error)
}

// loadSource gives the rows of a table to COPY; a nil row is left out.
type loadSource struct {
	of  loadTable
	at  int
	now []any
	err error
}

// Next implements pgx.CopyFromSource.
func (s *loadSource) Next() bool {
	for s.at++; s.at < s.of.rows; s.at++ {
		if s.now, s.err = s.of.row(s.at); s.now != nil || s.err != nil {
			return s.err == nil
		}
	}
	return false
}

// Values implements pgx.CopyFromSource.
func (s *loadSource) Values() ([]any, error) { return s.now, nil }

// Err implements pgx.CopyFromSource.
func (s *loadSource) Err() error { return s.err }

// only leaves out the consultations for which a table has no row.
func (l *load) only(has func(one) bool, row func(i int, o one) []any) func(int) ([]any, error) {
	return func(i int) ([]any, error) {
		o := l.one(i)
		if !has(o) {
			return nil, nil
		}
		return row(i, o), nil
	}
}

// events gives the steps of a consultation, most of them for those that were held.
func (l *load) events(each int) func(int) ([]any, error) {
	return func(i int) ([]any, error) {
		o, seq := l.one(i/each), i%each+1
		step := []struct {
			kind, from, to string
			at             time.Time
		}{{"SUBMIT", "DRAFT", "SUBMITTED", o.submitted}, {"CLAIM", "OFFERED", "ACCEPTED", o.accepted}, {"START", "WAITING", "IN_PROGRESS", o.started}, {"FINISH", "IN_PROGRESS", "REPORT_PENDING", o.ended},
			{"SIGN_REPORT", "REPORT_PENDING", "REPORTED", o.signed}}[seq-1]
		if step.at.IsZero() {
			return nil, nil
		}
		return []any{loadID(kindEvent, i), o.id, seq, step.kind, step.from, step.to, int64(1), "SYSTEM", step.at, []byte("{}")}, nil
	}
}

func loadID(kind byte, i int) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[8:], uint64(i)) //nolint:gosec // an index
	id[0], id[1], id[6], id[8] = 0x10, kind, 0x80, id[8]|0x80
	return id
}

// The kinds of ids.
const (
	kindAuthority byte = iota + 1
	kindHome
	kindHospital
	kindDepartment
	kindNurse
	kindAttending
	kindDoctor
	kindResident
	kindAgreement
	kindConsent
	kindReport
	kindAdoption
	kindEvent
	kindJudged
	kindLicence
)

// one is a consultation of the year.
type one struct {
	id                                          uuid.UUID
	home, doctor, resident                      int
	submitted, accepted, started, ended, signed time.Time
	adopted                                     time.Time
	state, urgency, service, end, outcome       string
	effective                                   int
	reasons                                     int32
}

func (o one) done() bool { return !o.signed.IsZero() }

func (l *load) one(i int) one {
	r := rand.New(rand.NewPCG(uint64(i), 0x6c6f6164)) //nolint:gosec // reproducible on purpose
	day := i * 365 / l.n
	at := l.start.AddDate(0, 0, day)
	hour := 7 + int(14*(r.Float64()+r.Float64())/2) // most in the late morning and the afternoon
	o := one{home: i % l.homes, submitted: at.Add(time.Duration(hour)*time.Hour + time.Duration(r.IntN(3600))*time.Second).UTC()}
	o.resident = o.home*residentsOfHome + r.IntN(residentsOfHome)
	o.doctor = (o.home%len(l.leagues))*doctorsOfLeague + r.IntN(doctorsOfLeague)
	binary.BigEndian.PutUint64(o.id[:8], uint64(o.submitted.UnixMilli())<<16|0x7000|uint64(r.IntN(4096))) //nolint:gosec // as a version 7
	binary.BigEndian.PutUint64(o.id[8:], 1<<63|uint64(i))                                                 //nolint:gosec // an index
	o.urgency = []string{"CRITICAL", "EMERGENT", "URGENT", "URGENT", "ROUTINE", "ROUTINE", "ROUTINE", "ROUTINE", "ROUTINE", "ROUTINE"}[r.IntN(10)]
	o.service = []string{"REMOTE_CONSULT", "REMOTE_CONSULT", "REMOTE_CONSULT", "CHRONIC_MGMT", "REHAB_CARE_GUIDE", "ONLINE_REVISIT"}[r.IntN(6)]
	switch p := r.IntN(100); {
	case p < 6:
		o.state, o.end = "CANCELLED", "BETTER"
		return o
	case p < 8:
		o.state = "CLOSED_NO_SERVICE"
		return o
	}
	wait := map[string]int{"CRITICAL": 120, "EMERGENT": 420, "URGENT": 2400, "ROUTINE": 9000}[o.urgency]
	o.accepted = o.submitted.Add(time.Duration(float64(wait)*r.ExpFloat64()*0.7) * time.Second)
	o.started = o.accepted.Add(time.Duration(20+r.IntN(400)) * time.Second)
	o.effective = 90 + r.IntN(1500)
	o.ended = o.started.Add(time.Duration(o.effective+30) * time.Second)
	o.signed = o.ended.Add(time.Duration(r.ExpFloat64()*5400) * time.Second)
	o.state, o.outcome = "ARCHIVED", []string{"ADJUST", "CONTINUE", "TEST_ADVISED", "FACE_TO_FACE", "NURSING_PLAN"}[r.IntN(5)]
	if o.service == "REMOTE_CONSULT" {
		o.adopted = o.signed.Add(time.Duration(10+r.IntN(7200)) * time.Second)
	}
	for code, share := range map[int]float64{3: 0.004, 4: 0.01, 7: 0.03, 12: 0.02, 13: 0.012, 14: 0.01, 15: 0.015} {
		if x := rand.New(rand.NewPCG(uint64(i), uint64(code))).Float64(); x < share { //nolint:gosec // reproducible on purpose
			o.reasons |= 1 << (code - 1)
		}
	}
	return o
}

func (l *load) authority(i int) (id uuid.UUID, d consult.Division, parent uuid.UUID, kind string) {
	if i < len(l.leagues) {
		return loadID(kindAuthority, i), l.leagues[i], idOf("organisation", region), "LEAGUE"
	}
	d = l.regions[i-len(l.leagues)]
	for j, g := range l.leagues {
		if g.Code == d.Parent {
			parent = loadID(kindAuthority, j)
		}
	}
	return loadID(kindAuthority, i), d, parent, "COUNTY"
}

func (l *load) county(home int) (uuid.UUID, consult.Division) {
	i := home % len(l.regions)
	return loadID(kindAuthority, len(l.leagues)+i), l.regions[i]
}

func (l *load) tables() []loadTable {
	hospitals, doctors, residents := len(l.leagues), len(l.leagues)*doctorsOfLeague, l.homes*residentsOfHome
	long, open := l.start.AddDate(-3, 0, 0), l.start.AddDate(4, 0, 0)
	organisations := len(l.leagues) + len(l.regions) + l.homes + hospitals
	sealed := func(table, column string, id uuid.UUID, text string) []byte {
		return l.keep.SealText(table, column, id, text)
	}
	content := func(o one) []byte {
		return []byte(`{"examined":["HISTORY","INSPECTION"],"assessment":"病情稳定，按计划随访","diagnoses":[{"code":"` + []string{"I10", "E11.9", "J44.9", "I50.9"}[o.effective%4] + `","text":"演示","certainty":"CONFIRMED"}],"limits":"未能查体","outcome":"` + o.outcome + `"}`)
	}
	signed := func(raw []byte) (digest, mark []byte, kid string) {
		sum := sha256.Sum256(raw)
		mark, kid = l.keep.Sign(sum[:])
		return sum[:], mark, kid
	}
	when := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return t
	}
	const events = 5
	return []loadTable{
		{"organisations", []string{"id", "kind", "type_code", "name", "region_code", "reporting_parent_id", "address", "phone"}, organisations, func(i int) ([]any, error) {
			if i < len(l.leagues)+len(l.regions) {
				id, d, parent, level := l.authority(i)
				return []any{id, "AUTHORITY", level, d.ZH + "卫生健康委员会（演示数据）", d.Code, parent, "", ""}, nil
			}
			if i -= len(l.leagues) + len(l.regions); i < l.homes {
				parent, d := l.county(i)
				return []any{loadID(kindHome, i), "CARE", "INTEGRATED", fmt.Sprintf("%s第%d颐养院", d.ZH, i/len(l.regions)+1), d.Code, parent, "演示地址", "0471-6900000"}, nil
			}
			i -= l.homes
			return []any{loadID(kindHospital, i), "MEDICAL", "A100", l.leagues[i].ZH + "中心医院（演示数据）", l.leagues[i].Code, loadID(kindAuthority, i), "演示地址", "0471-6900000"}, nil
		}},
		{"departments", []string{"id", "organisation_id", "code", "name"}, hospitals, func(i int) ([]any, error) {
			return []any{loadID(kindDepartment, i), loadID(kindHospital, i), "02", "全科医疗科"}, nil
		}},
		{"users", []string{"id", "username", "display_name", "password_hash"}, 2*l.homes + doctors, func(i int) ([]any, error) {
			switch {
			case i < l.homes:
				return []any{loadID(kindNurse, i), fmt.Sprintf("load.nurse.%d", i), fmt.Sprintf("护士%d", i), "!"}, nil
			case i < 2*l.homes:
				return []any{loadID(kindAttending, i-l.homes), fmt.Sprintf("load.attending.%d", i-l.homes), fmt.Sprintf("医师%d", i-l.homes), "!"}, nil
			}
			return []any{loadID(kindDoctor, i-2*l.homes), fmt.Sprintf("load.doctor.%d", i-2*l.homes), fmt.Sprintf("会诊医生%d", i-2*l.homes), "!"}, nil
		}},
		{"professional_licences", []string{"id", "user_id", "organisation_id", "kind", "number", "title_code", "independent_since", "valid_from"}, doctors, func(i int) ([]any, error) {
			return []any{loadID(kindLicence, i), loadID(kindDoctor, i), loadID(kindHospital, i/doctorsOfLeague), "PHYSICIAN", fmt.Sprintf("1101501020%05d", i), []string{"231", "232", "233", "233"}[i%4], long.AddDate(-6, 0, 0), long}, nil
		}},
		{"agreements", []string{"id", "number", "inviting_org_id", "invited_org_id", "service_types", "department_codes", "valid_from", "valid_to", "clause_purpose", "clause_conditions", "clause_content", "clause_process", "clause_rights", "clause_liability"},
			l.homes, func(i int) ([]any, error) {
				return []any{loadID(kindAgreement, i), fmt.Sprintf("LOAD-%d", i), loadID(kindHome, i), loadID(kindHospital, i%hospitals), []string{"REMOTE_CONSULT", "CHRONIC_MGMT", "REHAB_CARE_GUIDE", "ONLINE_REVISIT"}, []string{"02"}, long, open,
					"目的", "条件", "内容", "流程", "权利", "责任"}, nil
			}},
		{"residents", []string{"id", "organisation_id", "name_enc", "sex", "birth_date", "bed", "ability_level", "condition_codes", "admitted_on"}, residents, func(i int) ([]any, error) {
			id := loadID(kindResident, i)
			return []any{id, loadID(kindHome, i/residentsOfHome), sealed("residents", "name_enc", id, "演示老人"), []string{"1", "2"}[i%2], long.AddDate(-70-i%25, 0, -i%300), fmt.Sprintf("%d-%d", i%20+1, i%2+1), int16(i % 5),
				[][]string{{"I10"}, {"E11.9"}, {"J44.9", "I10"}, {"F03"}, {}}[i%5], long}, nil
		}},
		{"consents", []string{"id", "resident_id", "signer_kind", "signer_name_enc", "capacity", "method", "text_version", "text_locale", "text_hash", "tick_medical", "tick_sensitive", "tick_provision", "witness_id", "signed_at", "valid_until"},
			residents, func(i int) ([]any, error) {
				id := loadID(kindConsent, i)
				return []any{id, loadID(kindResident, i), "SELF", sealed("consents", "signer_name_enc", id, "演示老人"), "FULL", "DRAWN", "1", "zh-CN", []byte{}, true, true, true, loadID(kindNurse, i/residentsOfHome), long, open}, nil
			}},
		{"consultations", []string{"id", "serial", "resident_id", "inviting_org_id", "invited_org_id", "department_id", "agreement_id", "consent_id", "state", "epoch", "urgency", "urgency_proposed", "service_type", "created_by", "submitter_id",
			"doctor_id", "reasons", "complaint_enc", "created_at", "submitted_at", "offered_at", "accepted_at", "started_at", "ended_at", "reported_at", "adopted_at", "closed_at", "end_code", "outcome_code", "effective_seconds", "updated_at"},
			l.n, func(i int) ([]any, error) {
				o := l.one(i)
				var doctor any
				epoch := 0
				if !o.accepted.IsZero() {
					doctor, epoch = loadID(kindDoctor, o.doctor), 1
				}
				closed := o.signed
				if !o.done() {
					closed = o.submitted.Add(10 * time.Minute)
				}
				return []any{o.id, fmt.Sprintf("LZ%s-L%08d", o.submitted.Format("20060102"), i), loadID(kindResident, o.resident), loadID(kindHome, o.home), loadID(kindHospital, o.home%hospitals), loadID(kindDepartment, o.home%hospitals),
					loadID(kindAgreement, o.home), loadID(kindConsent, o.resident), o.state, epoch, o.urgency, o.urgency, o.service, loadID(kindNurse, o.home), loadID(kindAttending, o.home), doctor, []string{"PAIN"},
					sealed("consultations", "complaint_enc", o.id, "演示数据"), o.submitted, o.submitted, o.submitted, when(o.accepted), when(o.started), when(o.ended), when(o.signed), when(o.adopted), closed, o.end, o.outcome, o.effective, closed}, nil
			}},
		{"reports", []string{"id", "consultation_id", "version", "author_id", "content_enc", "digest", "seal", "seal_kid", "signed_at"}, l.n, l.only(func(o one) bool { return o.done() }, func(i int, o one) []any {
			id := loadID(kindReport, i)
			raw := content(o)
			digest, mark, kid := signed(raw)
			return []any{id, o.id, 1, loadID(kindDoctor, o.doctor), l.keep.Seal("reports", "content_enc", id, raw), digest, mark, kid, o.signed}
		})},
		{"adoptions", []string{"id", "consultation_id", "report_id", "attending_id", "content_enc", "digest", "seal", "seal_kid", "signed_at"}, l.n, l.only(func(o one) bool { return !o.adopted.IsZero() }, func(i int, o one) []any {
			id := loadID(kindAdoption, i)
			raw := []byte(`{"finalPlan":"按会诊意见执行"}`)
			digest, mark, kid := signed(raw)
			return []any{id, o.id, loadID(kindReport, i), loadID(kindAttending, o.home), l.keep.Seal("adoptions", "content_enc", id, raw), digest, mark, kid, o.adopted}
		})},
		{"consultation_events", []string{"id", "consultation_id", "seq", "type", "from_state", "to_state", "epoch", "actor_role", "at", "data"}, events * l.n, l.events(events)},
		{"countability_evaluations", []string{"id", "consultation_id", "ruleset", "settings", "evaluated_at", "cause", "bitmap", "countable", "goal", "institution_id", "provider_id", "county", "period_day", "current"}, l.n,
			l.only(func(o one) bool { return o.done() }, func(i int, o one) []any {
				_, county := l.county(o.home)
				goal := map[string]string{"REMOTE_CONSULT": "G1", "CHRONIC_MGMT": "G2", "REHAB_CARE_GUIDE": "G3", "ONLINE_REVISIT": "G4"}[o.service]
				return []any{loadID(kindJudged, i), o.id, "2026-01", []byte("{}"), o.signed, "loaded", o.reasons, o.reasons == 0, goal, loadID(kindHome, o.home), loadID(kindHospital, o.home%hospitals), county.Code, consult.DateOf(o.ended).Time(), true}
			})},
	}
}
