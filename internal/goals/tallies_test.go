package goals_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestTalliesFollowByDifferences changes consultations at random, as late reports, corrections, voiding, drills, other residents and
// hospitals, re-evaluations and moves to another month, quarter and year do. After each step the tallies, which were moved by
// differences, are what a direct count of the ledger gives, and the ledger is what the operational rows say.
func TestTalliesFollowByDifferences(t *testing.T) {
	w := newTown(t)
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any will do, and it is printed
	r := rand.New(rand.NewPCG(seed, 0))   //nolint:gosec // to be told again
	pick := func(list ...any) any { return list[r.IntN(len(list))] }
	day := func() time.Time { // over three quarters and a change of year
		return time.Date(2025, 10, 20, 3, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(180*24*60)) * time.Minute)
	}
	var all []uuid.UUID
	enter := func() {
		id, at := uuid.New(), day()
		all = append(all, id)
		w.Exec(`INSERT INTO consultations (id, serial, resident_id, inviting_org_id, invited_org_id, department_id, state, urgency, urgency_proposed, service_type, created_by, doctor_id, reasons,
			created_at, submitted_at, offered_at, accepted_at, started_at, ended_at, reported_at, effective_seconds, judged)
			VALUES ($1, $2, $3, $4, $5, $6, 'ARCHIVED', $7, $7, $8, $9, $10, '{PAIN}', $11, $11, $11, $12, $13, $14, $15, $16, true)`,
			id, id.String(), pick(w.Resident, w.Second, w.Dement), pick(w.Home, w.PureHome), pick(w.Hospital, w.OtherHospital, nil), w.Departments["02"], pick("CRITICAL", "URGENT", "ROUTINE"),
			pick("REMOTE_CONSULT", "CHRONIC_MGMT", "ONLINE_REVISIT"), w.Nurse.UserID, w.Wang.UserID, at, at.Add(time.Minute), at.Add(time.Duration(r.IntN(7200)+60)*time.Second), at.Add(3*time.Hour),
			pick(at.Add(4*time.Hour), at.Add(60*time.Hour), nil), r.IntN(900))
	}
	for range 12 {
		enter()
	}
	set := func(what string, value func() any) func(uuid.UUID) {
		return func(id uuid.UUID) { w.Exec(`UPDATE consultations SET `+what+` = $2 WHERE id = $1`, id, value()) }
	}
	changes := map[string]func(id uuid.UUID){
		"enter":    func(uuid.UUID) { enter() },
		"judge":    w.judge(r),
		"again":    w.judge(r),
		"move":     set("ended_at", func() any { return day() }),
		"no end":   func(id uuid.UUID) { w.Exec(`UPDATE consultations SET ended_at = NULL WHERE id = $1`, id) },
		"report":   set("reported_at", func() any { return day() }),
		"void":     set("state", func() any { return "VOIDED" }),
		"archive":  set("state", func() any { return "ARCHIVED" }),
		"drill":    set("drill", func() any { return r.IntN(2) == 0 }),
		"hospital": set("invited_org_id", func() any { return pick(w.Hospital, w.OtherHospital, nil) }),
		"service":  set("service_type", func() any { return pick("REMOTE_CONSULT", "CHRONIC_MGMT", "ONLINE_REVISIT") }),
		"seconds": func(id uuid.UUID) {
			w.Exec(`UPDATE consultations SET effective_seconds = $2 WHERE id = $1 AND ended_at IS NOT NULL`, id, r.IntN(2000))
		},
		"nothing": set("request_revision", func() any { return r.IntN(100) + 1 }),
	}
	var names []string
	for name := range changes {
		names = append(names, name)
	}
	var told string
	for step := range 40 {
		for range r.IntN(4) + 1 {
			name := names[r.IntN(len(names))]
			changes[name](all[r.IntN(len(all))])
			told = fmt.Sprintf("%s, %s", told, name)
		}
		found, err := w.goals.CheckLedger(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !found.Right() {
			t.Fatalf("seed %d, step %d: %+v after%s", seed, step, found, told)
		}
		if w.Count(`SELECT count(*) FROM ledger_moves`) != 0 || w.Count(`SELECT count(*) FROM tallies WHERE n = 0`) != 0 {
			t.Fatalf("seed %d, step %d: something is left behind after%s", seed, step, told)
		}
	}
	before := w.tallies()
	if err := w.goals.RebuildLedger(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if after := w.tallies(); after != before || before == "" {
		t.Errorf("seed %d: a rebuild gives other tallies:\n%s\n%s", seed, before, after)
	}
}

// judge gives a consultation another evaluation, which counts or does not.
func (w *town) judge(r *rand.Rand) func(uuid.UUID) {
	return func(id uuid.UUID) {
		bitmap := []int{0, 0, 1 << 6, 1<<3 | 1<<14}[r.IntN(4)]
		w.Exec(`UPDATE countability_evaluations SET current = false WHERE consultation_id = $1 AND current`, id)
		w.Exec(`INSERT INTO countability_evaluations (id, consultation_id, ruleset, settings, evaluated_at, cause, bitmap, countable, goal, institution_id, county, current)
			SELECT $2, id, '2026-01', '{}', now(), 'REEVALUATION', $3::integer, $3::integer = 0, 'G1', inviting_org_id, '150102', true FROM consultations WHERE id = $1`, id, uuid.New(), bitmap)
	}
}
