package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/scheduler/calendar"
)

// GetAppointmentFigures gives what organisations that the caller plans for offered and what became of it, by person, kind and week. Offered are the
// hours that rules and exceptions come to; taken is what of them appointments that were kept or not attended took, with the way and the writing up.
func (s *Service) GetAppointmentFigures(ctx context.Context, a identity.Actor, in contract.GetAppointmentFiguresParams) (contract.AppointmentFigures, error) {
	out := contract.AppointmentFigures{}
	if err := require(a, planners()...); err != nil {
		return out, err
	}
	first, last := consult.DateFromTime(in.From.Time), consult.DateFromTime(in.To.Time)
	from, to := first.Start(), last.AddDays(1).Start()
	if err := checkPeriod(from, to); err != nil {
		return out, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return out, err
	}
	organisations := a.Organisations(planners()...)
	counts, err := q.AppointmentCounts(ctx, db.AppointmentCountsParams{Organisations: organisations, Since: from, Before: to, Now: now})
	if err != nil {
		return out, fmt.Errorf("counts: %w", err)
	}
	out.Counts = make([]contract.AppointmentCount, len(counts))
	for i, c := range counts {
		out.Counts[i] = contract.AppointmentCount{PractitionerId: c.UserID, PractitionerName: c.DisplayName, KindId: c.KindID, KindName: c.KindName, Week: openapi_types.Date{Time: c.Week},
			Upcoming: int(c.Upcoming), Open: int(c.Open), Done: int(c.Done), NoShow: int(c.NoShow), Cancelled: int(c.Cancelled), CancelledLate: int(c.CancelledLate)}
	}
	absences, err := q.AppointmentAbsences(ctx, db.AppointmentAbsencesParams{Organisations: organisations, Since: from, Before: to})
	if err != nil {
		return out, fmt.Errorf("absences: %w", err)
	}
	out.Absences = make([]contract.AbsenceCount, len(absences))
	for i, r := range absences {
		out.Absences[i] = contract.AbsenceCount{PractitionerId: r.UserID, KindId: r.KindID, Absence: some(contract.AppointmentAbsence(r.Absence)), N: int(r.N)}
	}
	out.Hours, err = s.offered(ctx, q, organisations, from, to, now)
	return out, err
}

// offered gives the hours of everybody who has some, by week.
func (s *Service) offered(ctx context.Context, q *db.Queries, organisations []uuid.UUID, from, to, now time.Time) ([]contract.OfferedHours, error) {
	days, err := readWorkdays(ctx, q, from, to)
	if err != nil {
		return nil, err
	}
	names, rules, exceptions := map[uuid.UUID]string{}, map[uuid.UUID][]calendar.Rule{}, map[uuid.UUID][]calendar.Exception{}
	var order []uuid.UUID
	for _, org := range organisations {
		people, err := q.Practitioners(ctx, db.PractitionersParams{OrganisationID: org, Roles: practitioners(), Now: now})
		if err != nil {
			return nil, fmt.Errorf("practitioners: %w", err)
		}
		who := make([]uuid.UUID, len(people))
		for i, p := range people {
			who[i] = p.ID
			if _, known := names[p.ID]; !known {
				order, names[p.ID] = append(order, p.ID), p.DisplayName
			}
		}
		rows, err := q.RulesOf(ctx, db.RulesOfParams{Users: who, OrganisationID: &org, First: today(from), Last: today(to)})
		if err != nil {
			return nil, fmt.Errorf("hours: %w", err)
		}
		for _, r := range rows {
			rule, err := ruleOf(r)
			if err != nil {
				return nil, err
			}
			rules[r.UserID] = append(rules[r.UserID], rule)
		}
		list, err := q.ExceptionsOf(ctx, db.ExceptionsOfParams{Users: who, OrganisationID: &org, Since: from, Before: to})
		if err != nil {
			return nil, fmt.Errorf("exceptions: %w", err)
		}
		for _, e := range list {
			exceptions[e.UserID] = append(exceptions[e.UserID], exceptionOf(e))
		}
	}
	taken, err := q.TimeTaken(ctx, db.TimeTakenParams{Users: order, Organisations: organisations, Since: from, Before: to})
	if err != nil {
		return nil, fmt.Errorf("time taken: %w", err)
	}
	busy := map[uuid.UUID][]calendar.Span{}
	for _, t := range taken {
		busy[t.UserID] = append(busy[t.UserID], calendar.Span{From: t.TakenFrom, To: t.TakenTo})
	}
	out := []contract.OfferedHours{}
	for _, id := range order {
		open := calendar.Hours(rules[id], exceptions[id], "", from, to, days.Workdays)
		for week := weekOf(from); week.Start().Before(to); week = week.AddDays(7) {
			span := calendar.Span{From: week.Start(), To: week.AddDays(7).Start()}
			offered := common(open, []calendar.Span{span})
			if len(offered) == 0 {
				continue
			}
			out = append(out, contract.OfferedHours{PractitionerId: id, PractitionerName: names[id], Week: openapi_types.Date{Time: week.Time()},
				OfferedMinutes: total(offered), TakenMinutes: total(common(offered, busy[id]))})
		}
	}
	return out, nil
}

// weekOf is the Monday of an instant's week.
func weekOf(at time.Time) consult.Date {
	day := consult.DateOf(at)
	return day.AddDays(-(int(day.Time().Weekday()) + 6) % 7)
}

// common gives what lies in spans of both lists; within a list spans do not overlap.
func common(xs, ys []calendar.Span) []calendar.Span {
	var out []calendar.Span
	for _, x := range xs {
		for _, y := range ys {
			from, to := x.From, x.To
			if y.From.After(from) {
				from = y.From
			}
			if y.To.Before(to) {
				to = y.To
			}
			if from.Before(to) {
				out = append(out, calendar.Span{From: from, To: to})
			}
		}
	}
	slices.SortFunc(out, func(a, b calendar.Span) int { return a.From.Compare(b.From) })
	return out
}

func total(list []calendar.Span) int {
	var sum time.Duration
	for _, s := range list {
		sum += s.To.Sub(s.From)
	}
	return int(sum / time.Minute)
}
