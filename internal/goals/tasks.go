package goals

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// soonDays before its safe day a task is shown as near.
const soonDays = 30

// dueDays are the days on which a task is due around a year; a task of every year has one for each.
func dueDays(due string, years ...int) []consult.Date {
	var out []consult.Date
	if d, err := consult.ParseDate(due); err == nil {
		return []consult.Date{d}
	}
	for _, y := range years {
		if d, err := consult.ParseDate(fmt.Sprintf("%04d-%s", y, due)); err == nil {
			out = append(out, d)
		}
	}
	return out
}

// ListCampaignTasks gives what the campaigns in force ask of an organisation, from the tasks of last year that were not done to
// those of the next.
func (s *Service) ListCampaignTasks(ctx context.Context, a identity.Actor, in contract.ListCampaignTasksParams) ([]contract.CampaignTask, error) {
	q := s.st.Q()
	sc, err := s.look(ctx, q, a, in.OrganisationId)
	if err != nil {
		return nil, err
	}
	return s.tasks(ctx, q, sc)
}

func (s *Service) tasks(ctx context.Context, q *db.Queries, sc scope) ([]contract.CampaignTask, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	today := consult.DateOf(now)
	rows, err := campaignTasks(ctx, q, today)
	if err != nil {
		return nil, err
	}
	done, err := q.CampaignReports(ctx, []uuid.UUID{sc.Id})
	if err != nil {
		return nil, fmt.Errorf("reports of tasks: %w", err)
	}
	joined, err := q.OrganisationJoined(ctx, sc.Id)
	if err != nil {
		return nil, fmt.Errorf("since when an organisation is here: %w", err)
	}
	return tasksOf(rows, done, taskHolder{codes: s.st.Codes(), id: sc.Id, level: sc.Level, kind: *sc.Kind, region: sc.RegionCode, joined: consult.DateOf(joined)}, today), nil
}

// campaignTasks are those of the campaigns in force around a day.
func campaignTasks(ctx context.Context, q *db.Queries, today consult.Date) ([]db.CampaignTasksRow, error) {
	rows, err := q.CampaignTasks(ctx, db.CampaignTasksParams{Since: today.AddDays(-30).Time(), Until: today.AddYears(1).Time()})
	if err != nil {
		return nil, fmt.Errorf("tasks: %w", err)
	}
	return rows, nil
}

// taskHolder is an organisation of which campaigns ask something.
type taskHolder struct {
	codes  *consult.Codes
	id     uuid.UUID
	level  contract.GoalScopeLevel
	kind   contract.GoalScopeKind
	region string
	joined consult.Date // what was due before that day is not asked of it
}

// asked tells whether a task is one of the organisation's: of its level and its area, and of institutions only those that care.
func (h taskHolder) asked(r db.CampaignTasksRow) bool {
	return r.Level == string(h.level) && (h.level != levelInstitution || h.kind == "CARE") && (r.RegionCode == "100000" || h.codes.DivisionWithin(h.region, r.RegionCode))
}

// tasksOf are what campaigns ask of an organisation around a day, by due day. done are reports of any organisations.
func tasksOf(rows []db.CampaignTasksRow, done []db.CampaignReport, h taskHolder, today consult.Date) []contract.CampaignTask {
	out := []contract.CampaignTask{}
	for _, r := range rows {
		if !h.asked(r) {
			continue
		}
		for _, due := range dueDays(r.Due, today.Year-1, today.Year, today.Year+1) {
			begins := consult.DateFromTime(r.StartsOn)
			if due.Before(begins) || r.EndsOn != nil && due.After(consult.DateFromTime(*r.EndsOn)) || due.Before(today.AddDays(-366)) || due.After(today.AddYears(2)) {
				continue
			}
			reported := slices.IndexFunc(done, func(d db.CampaignReport) bool {
				return d.TaskID == r.ID && d.OrganisationID == h.id && consult.DateFromTime(d.DueOn) == due
			})
			if reported < 0 && due.Before(h.joined) {
				continue
			}
			v := contract.CampaignTask{Id: r.ID, CampaignZh: r.CampaignZh, CampaignEn: r.CampaignEn, Source: r.Source, NameZh: r.NameZh, NameEn: r.NameEn, Level: contract.CampaignTaskLevel(r.Level),
				ReceiverZh: r.ReceiverZh, ReceiverEn: r.ReceiverEn, DueOn: day(due), SafeOn: day(due.AddDays(-int(r.SafeDays))), Export: r.Export}
			for _, opens := range dueDays(r.Opens, due.Year) {
				opensOn := day(opens)
				v.OpensOn = &opensOn
			}
			switch {
			case reported >= 0:
				doneOn := openapi_types.Date{Time: done[reported].DoneOn}
				v.State, v.DoneOn, v.Receipt = "DONE", &doneOn, some(done[reported].Receipt)
			case today.After(due):
				v.State = "OVERDUE"
			case !today.Before(due.AddDays(-int(r.SafeDays) - soonDays)):
				v.State = "SOON"
			case v.OpensOn == nil || !today.Before(consult.DateFromTime(v.OpensOn.Time)):
				v.State = "OPEN"
			default:
				v.State = "LATER"
			}
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(x, y contract.CampaignTask) int {
		return cmp.Or(x.DueOn.Compare(y.DueOn.Time), strings.Compare(x.NameZh, y.NameZh))
	})
	return out
}

// ReportCampaignTask notes that a task was done, with the receipt.
func (s *Service) ReportCampaignTask(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.TaskReport) ([]contract.CampaignTask, error) {
	request := struct {
		ID   uuid.UUID
		Body any
	}{id, in}
	_, err := s.command(ctx, a, cmd, "reportCampaignTask", request, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		sc, err := s.look(ctx, q, a, in.OrganisationId)
		if err != nil {
			return id, err
		}
		if err := ownScope(sc); err != nil {
			return id, err
		}
		list, err := s.tasks(ctx, q, sc)
		if err != nil {
			return id, err
		}
		if !slices.ContainsFunc(list, func(t contract.CampaignTask) bool { return t.Id == id && t.DueOn.Equal(in.DueOn.Time) }) {
			return id, problem.NotFound()
		}
		if consult.DateFromTime(in.DoneOn.Time).After(consult.DateOf(now)) {
			return id, problem.Invalid(problem.Field{Path: "doneOn", Code: "day_in_future"})
		}
		if err := q.AddCampaignReport(ctx, db.AddCampaignReportParams{TaskID: id, OrganisationID: sc.Id, DueOn: in.DueOn.Time, DoneOn: in.DoneOn.Time, Receipt: strings.TrimSpace(text(in.Receipt)),
			DoneBy: a.UserID, Now: now}); err != nil {
			return id, fmt.Errorf("note the task: %w", err)
		}
		return id, audit(ctx, q, a, sc.role(a), "TASK_DONE", "campaign_task", id)
	})
	if err != nil {
		return nil, err
	}
	return s.ListCampaignTasks(ctx, a, contract.ListCampaignTasksParams{OrganisationId: in.OrganisationId})
}
