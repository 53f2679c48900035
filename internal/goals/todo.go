package goals

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// mendSoon is how many days before its day a finding stands in the list of what is to be done.
const mendSoon = 14

// ListGoalTodo gives what the caller's own organisations have to do now, the most pressing first.
func (s *Service) ListGoalTodo(ctx context.Context, a identity.Actor) ([]contract.GoalTodo, error) {
	q := s.st.Q()
	_, all, err := s.places(ctx, q, a)
	if err != nil {
		return nil, err
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	today := consult.DateOf(now)
	out := []contract.GoalTodo{}
	var own []uuid.UUID
	for _, p := range all {
		if !p.Own {
			continue
		}
		own = append(own, p.Id)
		for _, part := range []func(context.Context, *db.Queries, identity.Actor, scope, consult.Date) ([]contract.GoalTodo, error){s.tasksTodo, s.findingsTodo} {
			sc, err := s.look(ctx, q, a, &p.Id)
			if err != nil {
				return nil, err
			}
			list, err := part(ctx, q, a, sc, today)
			if err != nil {
				return nil, err
			}
			out = append(out, list...)
		}
	}
	returns, err := q.ReturnsOnTheirWay(ctx, own)
	if err != nil {
		return nil, fmt.Errorf("returns on their way: %w", err)
	}
	for _, r := range returns {
		p, _ := PeriodOf(Kind(r.Kind), consult.DateFromTime(r.StartsOn))
		if r.State == "DRAFT" && !p.Over(now) {
			continue
		}
		kind := map[string]contract.GoalTodoKind{"DRAFT": "LOCK", "LOCKED": "SIGN", "SIGNED": "FILE"}[r.State]
		out = append(out, contract.GoalTodo{Kind: kind, Id: r.ID, OrganisationId: r.OrganisationID, Organisation: r.Organisation, NameZh: p.Chinese(), NameEn: p.String()})
	}
	sortTodo(out)
	return out, nil
}

// todoOn fills in the day of something that is to be done.
func todoOn(v contract.GoalTodo, due openapi_types.Date, today consult.Date) contract.GoalTodo {
	left := daysLeft(consult.DateFromTime(due.Time), today)
	v.DueOn, v.Days = &due, &left
	return v
}

func (s *Service) tasksTodo(ctx context.Context, q *db.Queries, _ identity.Actor, sc scope, today consult.Date) ([]contract.GoalTodo, error) {
	tasks, err := s.tasks(ctx, q, sc)
	if err != nil {
		return nil, err
	}
	var out []contract.GoalTodo
	for _, t := range tasks {
		if t.State == "SOON" || t.State == "OVERDUE" {
			out = append(out, todoOn(contract.GoalTodo{Kind: "TASK", Id: t.Id, OrganisationId: sc.Id, Organisation: sc.Name, NameZh: t.NameZh, NameEn: t.NameEn, Export: some(t.Export)}, t.DueOn, today))
		}
	}
	return out, nil
}

// findingsTodo: an institution mends what is due within two weeks; what is done is confirmed by the authority right above, by the one
// that found it, or of what the institution found itself by a colleague.
func (s *Service) findingsTodo(ctx context.Context, q *db.Queries, a identity.Actor, sc scope, today consult.Date) ([]contract.GoalTodo, error) {
	rows, err := q.RectificationsOf(ctx, sc.ids())
	if err != nil {
		return nil, fmt.Errorf("rectifications: %w", err)
	}
	above := map[uuid.UUID]bool{}
	for _, m := range sc.members {
		above[m.Id] = m.ParentId != nil && *m.ParentId == sc.Id
	}
	var out []contract.GoalTodo
	for _, r := range rows {
		v := contract.GoalTodo{Kind: "RECTIFY", Id: r.ID, OrganisationId: r.OrganisationID, Organisation: r.Organisation, NameZh: r.Number, NameEn: r.Number}
		switch {
		case r.State == "OPEN" || r.State == "WORKING":
			if r.OrganisationID == sc.Id && daysLeft(consult.DateFromTime(r.DueOn), today) <= mendSoon {
				out = append(out, todoOn(v, openapi_types.Date{Time: r.DueOn}, today))
			}
		case mayVerify(r, a, sc) && (!sc.authority || above[r.OrganisationID] || r.FoundByLevel == string(sc.Level)):
			v.Kind = "VERIFY"
			out = append(out, v)
		}
	}
	return out, nil
}
