package goals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Reminders of deadlines: of tasks of campaigns, and of what is to be mended. This project's own choice of days.

// overdueStage is the stage of a deadline whose day is over.
const overdueStage = -1

// stageOf is how near a deadline is: the least of 14, 7, 3 and 1 days within which it lies, -1 when its day is over, 0 when there is
// nothing to say yet. A stage that nobody could be told of, since no server ran, is not made up for: only the present one counts.
func stageOf(due, today consult.Date) int {
	left := daysLeft(due, today)
	if left < 0 {
		return overdueStage
	}
	for _, stage := range []int{1, 3, 7, 14} {
		if left <= stage {
			return stage
		}
	}
	return 0
}

// daysLeft is 0 on the day itself and negative after it.
func daysLeft(due, today consult.Date) int {
	return int(due.Time().Sub(today.Time()) / (24 * time.Hour))
}

// The hours of the local day in which people are reminded.
const (
	remindFrom  = 8
	remindUntil = 18
)

// deadline is one of an organisation; either a task or a rectification.
type deadline struct {
	organisation        uuid.UUID
	task, rectification *uuid.UUID
	due                 consult.Date
}

// said names what is said about a deadline, once.
type said struct {
	organisation, of uuid.UUID
	due              consult.Date
	stage            int
}

func (d deadline) at(stage int) said {
	of := d.task
	if of == nil {
		of = d.rectification
	}
	return said{d.organisation, *of, d.due, stage}
}

// Remind tells those who have to act of deadlines that come near and of those that are over, each stage once, by day. It gives the
// number of reminders. Several nodes may run it at once.
func (s *Service) Remind(ctx context.Context) (int64, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return 0, err
	}
	if hour := now.In(consult.DateOf(now).Start().Location()).Hour(); hour < remindFrom || hour >= remindUntil {
		return 0, nil
	}
	today := consult.DateOf(now)
	people, err := q.DeadlinePeople(ctx, now)
	if err != nil {
		return 0, fmt.Errorf("whom to remind: %w", err)
	}
	deadlines, err := deadlinesOf(ctx, s.st.Codes(), q, people, today)
	if err != nil {
		return 0, err
	}
	known, err := q.RemindersSaid(ctx, today.AddDays(-400).Time())
	if err != nil {
		return 0, fmt.Errorf("what was said of deadlines: %w", err)
	}
	before := make(map[said]bool, len(known))
	for _, k := range known {
		before[said{k.OrganisationID, k.Of, consult.DateFromTime(k.DueOn), int(k.Days)}] = true
	}
	var told int64
	for _, one := range people {
		var due []deadline
		for _, d := range deadlines {
			if stage := stageOf(d.due, today); d.organisation == one.OrganisationID && stage != 0 && !before[d.at(stage)] {
				due = append(due, d)
			}
		}
		n, err := s.tell(ctx, one.People, due, today, now)
		told += n
		if err != nil {
			return told, err
		}
	}
	return told, nil
}

// deadlinesOf are all that are near or over, of organisations that have somebody to be told.
func deadlinesOf(ctx context.Context, codes *consult.Codes, q *db.Queries, people []db.DeadlinePeopleRow, today consult.Date) ([]deadline, error) {
	rows, err := campaignTasks(ctx, q, today)
	if err != nil {
		return nil, err
	}
	organisations := make([]uuid.UUID, len(people))
	for i, p := range people {
		organisations[i] = p.OrganisationID
	}
	done, err := q.CampaignReports(ctx, organisations)
	if err != nil {
		return nil, fmt.Errorf("reports of tasks: %w", err)
	}
	var out []deadline
	for _, p := range people {
		h := taskHolder{codes: codes, id: p.OrganisationID, level: levelOf(p.Kind, p.TypeCode), kind: contract.GoalScopeKind(p.Kind), region: p.RegionCode, joined: consult.DateOf(p.CreatedAt)}
		for _, t := range tasksOf(rows, done, h, today) {
			if t.State != "DONE" {
				out = append(out, deadline{organisation: p.OrganisationID, task: &t.Id, due: consult.DateFromTime(t.DueOn.Time)})
			}
		}
	}
	findings, err := q.RectificationsDue(ctx, today.AddDays(14).Time())
	if err != nil {
		return nil, fmt.Errorf("what is to be mended: %w", err)
	}
	for _, r := range findings {
		out = append(out, deadline{organisation: r.OrganisationID, rectification: &r.ID, due: consult.DateFromTime(r.DueOn)})
	}
	return out, nil
}

// tell writes the reminders of one organisation and the facts of which its people are told, in one transaction.
func (s *Service) tell(ctx context.Context, people []uuid.UUID, due []deadline, today consult.Date, now time.Time) (told int64, err error) {
	if len(due) == 0 {
		return 0, nil
	}
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		told = 0
		for _, d := range due {
			id, stage := newID(), stageOf(d.due, today)
			n, err := q.AddReminder(ctx, db.AddReminderParams{ID: id, OrganisationID: d.organisation, TaskID: d.task, RectificationID: d.rectification, DueOn: d.due.Time(), Days: int16(stage), Now: now})
			if err != nil {
				return fmt.Errorf("remind of a deadline: %w", err)
			}
			if n == 0 { // another node has just said it
				continue
			}
			event := notify.DeadlineSoon
			if stage == overdueStage {
				event = notify.DeadlineOverdue
			}
			if err := notify.Enqueue(ctx, q, notify.Fact{Event: event, Users: people, Subject: id, At: now}); err != nil {
				return err
			}
			told++
		}
		return nil
	})
	return told, err
}

// sortTodo puts what is most pressing first; what has no day stands last.
func sortTodo(list []contract.GoalTodo) {
	pressing := func(t contract.GoalTodo) int {
		if t.Days == nil {
			return 1 << 20
		}
		return *t.Days
	}
	slices.SortStableFunc(list, func(x, y contract.GoalTodo) int { return pressing(x) - pressing(y) })
}
