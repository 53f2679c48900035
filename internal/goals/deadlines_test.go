package goals

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

func TestStagesOfADeadline(t *testing.T) {
	due := DayOf(2026, time.March, 31)
	for left, want := range map[int]int{30: 0, 15: 0, 14: 14, 8: 14, 7: 7, 4: 7, 3: 3, 2: 3, 1: 1, 0: 1, -1: -1, -40: -1} {
		if got := stageOf(due, due.AddDays(-left)); got != want {
			t.Errorf("%d days before: stage %d, want %d", left, got, want)
		}
	}
}

// What campaigns ask of whom, and when it is near or over; what was due before an organisation joined is not asked of it, unless it
// was reported all the same.
func TestTasksOfAnOrganisation(t *testing.T) {
	yearly := db.CampaignTasksRow{ID: uuid.New(), NameZh: "自查自纠", Level: "INSTITUTION", RegionCode: "150000", Opens: "01-01", Due: "03-31", SafeDays: 1, StartsOn: DayOf(2023, time.January, 1).Time()}
	once := yearly
	ends := DayOf(2027, time.December, 31).Time()
	once.ID, once.RegionCode, once.Opens, once.Due, once.EndsOn = uuid.New(), "100000", "2025-10-01", "2027-12-31", &ends
	home := taskHolder{id: uuid.New(), level: levelInstitution, kind: "CARE", region: "150102", joined: DayOf(2020, time.January, 1)}
	report := db.CampaignReport{TaskID: yearly.ID, OrganisationID: home.id, DueOn: DayOf(2026, time.March, 31).Time(), DoneOn: DayOf(2026, time.March, 20).Time()}
	with := func(change func(*taskHolder)) taskHolder { h := home; change(&h); return h }
	for name, c := range map[string]struct {
		task  db.CampaignTasksRow
		done  []db.CampaignReport
		who   taskHolder
		today consult.Date
		want  map[string]string // due day: state
	}{
		"between two years":           {yearly, nil, home, DayOf(2026, time.November, 20), map[string]string{"2026-03-31": "OVERDUE", "2027-03-31": "LATER"}},
		"open":                        {yearly, nil, home, DayOf(2026, time.February, 1), map[string]string{"2025-03-31": "OVERDUE", "2026-03-31": "OPEN", "2027-03-31": "LATER"}},
		"near":                        {yearly, nil, home, DayOf(2026, time.March, 20), map[string]string{"2026-03-31": "SOON", "2027-03-31": "LATER", "2025-03-31": "OVERDUE"}},
		"on the day":                  {yearly, nil, home, DayOf(2026, time.March, 31), map[string]string{"2026-03-31": "SOON", "2027-03-31": "LATER", "2025-03-31": "OVERDUE"}},
		"reported":                    {yearly, []db.CampaignReport{report}, home, DayOf(2026, time.November, 20), map[string]string{"2026-03-31": "DONE", "2027-03-31": "LATER"}},
		"joined after":                {yearly, nil, with(func(h *taskHolder) { h.joined = DayOf(2026, time.April, 1) }), DayOf(2026, time.November, 20), map[string]string{"2027-03-31": "LATER"}},
		"joined on the day":           {yearly, nil, with(func(h *taskHolder) { h.joined = DayOf(2026, time.March, 31) }), DayOf(2026, time.November, 20), map[string]string{"2026-03-31": "OVERDUE", "2027-03-31": "LATER"}},
		"joined after, yet reported":  {yearly, []db.CampaignReport{report}, with(func(h *taskHolder) { h.joined = DayOf(2026, time.April, 1) }), DayOf(2026, time.November, 20), map[string]string{"2026-03-31": "DONE", "2027-03-31": "LATER"}},
		"another's report":            {yearly, []db.CampaignReport{report}, with(func(h *taskHolder) { h.id = uuid.New() }), DayOf(2026, time.November, 20), map[string]string{"2026-03-31": "OVERDUE", "2027-03-31": "LATER"}},
		"a hospital":                  {yearly, nil, with(func(h *taskHolder) { h.kind = "MEDICAL" }), DayOf(2026, time.February, 1), map[string]string{}},
		"an authority":                {yearly, nil, with(func(h *taskHolder) { h.level = levelCounty }), DayOf(2026, time.February, 1), map[string]string{}},
		"elsewhere":                   {yearly, nil, with(func(h *taskHolder) { h.region = "230102" }), DayOf(2026, time.February, 1), map[string]string{}},
		"once, everywhere":            {once, nil, with(func(h *taskHolder) { h.region = "230102" }), DayOf(2026, time.November, 20), map[string]string{"2027-12-31": "OPEN"}},
		"before the campaign's start": {yearly, nil, home, DayOf(2023, time.January, 10), map[string]string{"2023-03-31": "OPEN", "2024-03-31": "LATER"}},
	} {
		got := map[string]string{}
		for _, v := range tasksOf([]db.CampaignTasksRow{c.task}, c.done, c.who, c.today) {
			got[v.DueOn.Format(time.DateOnly)] = string(v.State)
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		for due, state := range c.want {
			if got[due] != state {
				t.Errorf("%s: %s is %q, want %s", name, due, got[due], state)
			}
		}
	}
}
