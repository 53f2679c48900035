package goals_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/goals"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// town is a world whose homes report to a county, and that to a league.
type town struct {
	*caretest.World
	goals  *goals.Service
	league uuid.UUID
	over   identity.Actor // of the league
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{World: caretest.New(t)}
	var err error
	w.goals, err = goals.New(goals.Deps{Store: w.Store, Keeper: w.Keeper, Now: w.Clock.Now, Consultations: w.Care, Actors: w.Identity, Directory: w.Care, Months: w.Care})
	if err != nil {
		t.Fatal(err)
	}
	w.league = w.Organisation("AUTHORITY", "LEAGUE", "呼和浩特市卫生健康委员会")
	w.Exec(`UPDATE organisations SET region_code = '150100' WHERE id = $1`, w.league)
	w.Exec(`UPDATE organisations SET reporting_parent_id = $1 WHERE id = $2`, w.league, w.Authority)
	w.Exec(`UPDATE organisations SET reporting_parent_id = $1 WHERE id IN ($2, $3)`, w.Authority, w.Home, w.PureHome)
	w.over = w.User("league.su", "苏处长", "REG_LEAGUE", w.league)
	return w
}

func (w *town) follow() {
	w.T.Helper()
	if _, err := w.goals.Follow(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
}

func date(s string) contract.GoalDay {
	var d contract.GoalDay
	if err := d.UnmarshalText([]byte(s)); err != nil {
		panic(err)
	}
	return d
}

func (w *town) dashboard(a identity.Actor, org uuid.UUID, kind contract.GoalKind, day string) contract.GoalDashboard {
	w.T.Helper()
	d, err := w.goals.GetGoalDashboard(w.T.Context(), a, contract.GetGoalDashboardParams{OrganisationId: &org, Kind: kind, Day: date(day)})
	if err != nil {
		w.T.Fatal(err)
	}
	return d
}

// TestTheLedgerFollows tells a story through the use-cases: each step reaches the ledger through the queue, the same as a rebuild
// would write, and what the ledger lost or got wrong is named.
func TestTheLedgerFollows(t *testing.T) {
	w := newTown(t)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.follow()
	d := w.dashboard(w.HomeAdmin, w.Home, "M", "2026-03-10")
	if d.Marks["SUBMITTED"] != 1 || d.Marks["ACCEPTED"] != 1 || d.Marks["STARTED"] != 0 {
		t.Errorf("after the claim: %v", d.Marks)
	}
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(4 * time.Minute)
	c = w.Sign(w.Wang, c, w.Content())
	c = w.Adopt(w.Attending, c)
	other := w.Offered(w.Nurse, w.Second)
	if _, err := w.Care.CancelConsultation(t.Context(), w.Nurse, uuid.New(), other.Id, contract.ReasonRequest{Reason: "BETTER"}); err != nil {
		t.Fatal(err)
	}
	if n := w.Count(`SELECT count(*) FROM ledger WHERE consultation_id = $1`, other.Id); n != 0 {
		t.Fatalf("the follower has run by itself")
	}
	w.follow()
	d = w.dashboard(w.HomeAdmin, w.Home, "M", "2026-03-10")
	for mark, n := range map[string]int64{"SUBMITTED": 2, "CANCELLED": 1, "OFFERED": 1, "STARTED": 1, "ENDED": 1, "COMPLETED": 1, "CONSENT_VALID": 1, "REPORT_IN_TIME": 1, "ADOPTED": 1, "ADOPTION_RECORDED": 1} {
		if d.Marks[mark] != n {
			t.Errorf("%s is %d, want %d", mark, d.Marks[mark], n)
		}
	}
	rows, err := w.goals.ListGoalRows(t.Context(), w.HomeAdmin, contract.ListGoalRowsParams{OrganisationId: &w.Home, Kind: "M", Day: date("2026-03-31"), Mark: new("ADOPTED")})
	if err != nil || len(rows.Rows) != 1 || rows.Rows[0].Id != c.Id || rows.Total != 1 || !rows.Rows[0].Opens {
		t.Errorf("rows behind ADOPTED: %+v, %v", rows, err)
	}
	// What a hospital gave is counted on its own side and never added.
	given, err := w.goals.GetGoalDashboard(t.Context(), w.HospitalAdmin, contract.GetGoalDashboardParams{Kind: "Q", Day: date("2026-02-01"), Side: new(contract.GoalSide("INVITED"))})
	if err != nil || given.Marks["COMPLETED"] != 1 {
		t.Errorf("what the hospital gave: %v, %v", given.Marks, err)
	}
	if asked := w.dashboard(w.HospitalAdmin, w.Hospital, "Q", "2026-02-01"); asked.Marks["SUBMITTED"] != 0 {
		t.Errorf("the hospital asked for nothing: %v", asked.Marks)
	}

	before := w.tallies()
	if err := w.goals.RebuildLedger(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if after := w.tallies(); after != before || before == "" {
		t.Errorf("a rebuild gives other tallies:\n%s\n%s", before, after)
	}
	if found, err := w.goals.CheckLedger(t.Context()); err != nil || !found.Right() {
		t.Errorf("a rebuilt ledger differs: %+v, %v", found, err)
	}
	w.Exec(`UPDATE ledger SET declines = declines + 1 WHERE consultation_id = $1`, c.Id)
	w.Exec(`DELETE FROM ledger WHERE consultation_id = $1`, other.Id)
	w.Exec(`UPDATE consultations SET failed_rules = coalesce(failed_rules, 0) # 5 WHERE id IN ($1, $2)`, c.Id, other.Id)
	if found, err := w.goals.CheckLedger(t.Context()); err != nil || len(found.Consultations) != 2 || found.Tallies == 0 || len(found.Answers) != 2 {
		t.Errorf("two rows are wrong, and what was counted of them, and two answers: %+v, %v", found, err)
	}
	if err := w.goals.RebuildLedger(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if found, err := w.goals.CheckLedger(t.Context()); err != nil || !found.Right() {
		t.Errorf("a rebuild does not mend: %+v, %v", found, err)
	}
}

// tallies is everything that was counted, as text.
func (w *town) tallies() string {
	w.T.Helper()
	var all string
	if err := w.Store.Pool.QueryRow(w.T.Context(), `SELECT coalesce(string_agg(concat_ws(' ', kind, starts_on, organisation_id, side, mark, n), E'\n'
		ORDER BY kind, starts_on, organisation_id, side, mark), '') FROM tallies`).Scan(&all); err != nil {
		w.T.Fatal(err)
	}
	return all
}

// TestWhoSeesFigures: an institution its own, an authority what reports to it and without persons.
func TestWhoSeesFigures(t *testing.T) {
	w := newTown(t)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.follow()
	for _, a := range []identity.Actor{w.County, w.over} {
		rows, err := w.goals.ListGoalRows(t.Context(), a, contract.ListGoalRowsParams{OrganisationId: &w.Home, Kind: "M", Day: date("2026-03-01")})
		if err != nil || len(rows.Rows) != 1 || rows.Rows[0].Id != c.Id || rows.Rows[0].Doctor != nil || rows.Rows[0].Opens {
			t.Errorf("%s: %+v, %v", a.Username, rows, err)
		}
	}
	if n := w.Count(`SELECT count(*) FROM access_log WHERE action = 'LIST_GOAL_ROWS' AND object_id = $1`, w.Home); n != 2 {
		t.Errorf("%d openings of rows are in the access log", n)
	}
	for name, try := range map[string]struct {
		who identity.Actor
		org uuid.UUID
	}{"a stranger": {w.County, w.Stranger}, "the level above": {w.County, w.league}, "another institution": {w.HomeAdmin, w.PureHome}, "unknown": {w.HomeAdmin, uuid.New()}} {
		_, err := w.goals.GetGoalDashboard(t.Context(), try.who, contract.GetGoalDashboardParams{OrganisationId: &try.org, Kind: "M", Day: date("2026-03-01")})
		if problem.Of(err).Code != "not_found" {
			t.Errorf("%s: %v", name, err)
		}
	}
	league := w.dashboard(w.over, w.league, "Y", "2026-12-31")
	if league.Marks["SUBMITTED"] != 1 || len(league.Children) != 1 || league.Children[0].Scope.Id != w.Authority || league.Children[0].Submitted != 1 || len(league.Tiles) != 9 {
		t.Errorf("the league: %v, %+v, %d tiles", league.Marks, league.Children, len(league.Tiles))
	}
}
