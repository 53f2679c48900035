package booking

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/scheduler/calendar"
)

// Bounds of hours.
const (
	maxRules         = 100 // of one person
	longestException = 366 * 24 * time.Hour
	lookedAhead      = 366 * 24 * time.Hour // for appointments that a change of hours meets
)

func hourSetters() []string {
	return []string{roleNurse, roleAttending, roleConsultant, roleFamily, roleDispatcher, roleAdmin}
}

// GetAvailability gives the hours of one person, and what they come to.
func (s *Service) GetAvailability(ctx context.Context, a identity.Actor, in contract.GetAvailabilityParams) (contract.Availability, error) {
	out := contract.Availability{Rules: []contract.AvailabilityRule{}, Exceptions: []contract.AvailabilityException{}, Duties: []contract.TimeSpan{}, Open: []contract.TimeSpan{},
		DaysOff: []contract.NamedDay{}}
	if err := require(a, hourSetters()...); err != nil {
		return out, err
	}
	if err := checkPeriod(in.From, in.To); err != nil {
		return out, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return out, err
	}
	p, _, _, err := personFor(ctx, q, a, in.UserId, nil, now)
	if err != nil {
		return out, err
	}
	out.UserId, out.UserName = p.ID, p.DisplayName
	who := []uuid.UUID{p.ID}
	// A planner sees the hours at the organisations that they plan for; one's own are all.
	mine := a.Organisations(planners()...)
	visible := func(org uuid.UUID) bool { return p.ID == a.UserID || slices.Contains(mine, org) }
	rows, err := q.RulesOf(ctx, db.RulesOfParams{Users: who, First: today(in.From), Last: today(in.To).AddDate(10, 0, 0)})
	if err != nil {
		return out, fmt.Errorf("hours: %w", err)
	}
	var rules []calendar.Rule
	for _, r := range rows {
		if !visible(r.OrganisationID) {
			continue
		}
		rule, err := ruleOf(r)
		if err != nil {
			return out, err
		}
		rules = append(rules, rule)
		out.Rules = append(out.Rules, ruleView(r))
	}
	list, err := q.ExceptionsOf(ctx, db.ExceptionsOfParams{Users: who, Since: in.From, Before: in.To})
	if err != nil {
		return out, fmt.Errorf("exceptions: %w", err)
	}
	var exceptions []calendar.Exception
	for _, e := range list {
		if visible(e.OrganisationID) {
			exceptions = append(exceptions, exceptionOf(e))
			out.Exceptions = append(out.Exceptions, exceptionView(e))
		}
	}
	duties, err := q.DutiesOf(ctx, db.DutiesOfParams{Users: who, Since: in.From, Before: in.To})
	if err != nil {
		return out, fmt.Errorf("duties: %w", err)
	}
	for _, d := range duties {
		out.Duties = append(out.Duties, contract.TimeSpan{From: d.StartsAt.UTC(), To: d.EndsAt.UTC()})
	}
	days, err := readWorkdays(ctx, q, in.From, in.To)
	if err != nil {
		return out, err
	}
	for _, span := range calendar.Hours(rules, exceptions, "", in.From, in.To, days.Workdays) {
		out.Open = append(out.Open, contract.TimeSpan{From: span.From.UTC(), To: span.To.UTC()})
	}
	out.DaysOff, out.CalendarKnown = days.between(in.From, in.To)
	return out, nil
}

func ruleView(r db.AvailabilityRule) contract.AvailabilityRule {
	out := contract.AvailabilityRule{Id: r.ID, UserId: r.UserID, OrganisationId: r.OrganisationID, Zone: r.Zone, Recurrence: r.Recurrence,
		StartsOn: openapi_types.Date{Time: r.StartsOn}, FromMinute: int(r.FromMinute), ToMinute: int(r.ToMinute), Days: contract.RuleDays(r.Days), Places: placesView(r.Places)}
	if r.EndsOn != nil {
		out.EndsOn = &openapi_types.Date{Time: *r.EndsOn}
	}
	return out
}

func exceptionView(e db.AvailabilityException) contract.AvailabilityException {
	return contract.AvailabilityException{Id: e.ID, UserId: e.UserID, OrganisationId: e.OrganisationID, Effect: contract.ExceptionEffect(e.Effect),
		Reason: contract.ExceptionReason(e.Reason), StartsAt: e.StartsAt.UTC(), EndsAt: e.EndsAt.UTC(), Places: placesView(e.Places)}
}

func placesView(list []string) []contract.AppointmentPlace {
	out := make([]contract.AppointmentPlace, len(list))
	for i, p := range list {
		out[i] = contract.AppointmentPlace(p)
	}
	return out
}

func placesOf(list *[]contract.AppointmentPlace) []string {
	out := []string{}
	for _, p := range value(list) {
		if !slices.Contains(out, string(p)) {
			out = append(out, string(p))
		}
	}
	return out
}

// AddAvailabilityRule enters recurring hours. Errors: 422 recurrence_unsupported, zone_unknown, period_order, too_many.
func (s *Service) AddAvailabilityRule(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.AvailabilityRuleInput) (contract.AvailabilityRule, error) {
	if err := require(a, hourSetters()...); err != nil {
		return contract.AvailabilityRule{}, err
	}
	row, err := ruleForm(in)
	if err != nil {
		return contract.AvailabilityRule{}, err
	}
	id, err := s.command(ctx, a, cmd, "addAvailabilityRule", in, func(q *db.Queries) (uuid.UUID, error) {
		id := newID()
		now, err := s.clock(ctx, q)
		if err != nil {
			return id, err
		}
		p, org, role, err := personFor(ctx, q, a, in.UserId, in.OrganisationId, now)
		if err != nil {
			return id, err
		}
		if err := lockPerson(ctx, q, p.ID); err != nil {
			return id, err
		}
		n, err := q.CountRules(ctx, db.CountRulesParams{UserID: p.ID, Today: today(now)})
		if err != nil {
			return id, fmt.Errorf("count: %w", err)
		}
		if n >= maxRules {
			return id, problem.New(http.StatusUnprocessableEntity, "too_many", problem.Args{"max": strconv.Itoa(maxRules)})
		}
		row.ID, row.UserID, row.OrganisationID, row.CreatedBy, row.Now = id, p.ID, org, a.UserID, now
		if err := q.InsertRule(ctx, row); err != nil {
			return id, fmt.Errorf("hours: %w", err)
		}
		return id, s.audit(ctx, q, a, now, role, "addAvailabilityRule", "user", p.ID)
	})
	if err != nil {
		return contract.AvailabilityRule{}, err
	}
	r, err := s.st.Q().RuleByID(ctx, id)
	if err := one(err, "the rule"); err != nil {
		return contract.AvailabilityRule{}, err
	}
	return ruleView(r), nil
}

// ruleForm checks hours as they were entered.
func ruleForm(in contract.AvailabilityRuleInput) (db.InsertRuleParams, error) {
	row := db.InsertRuleParams{Zone: value(in.Zone), StartsOn: in.StartsOn.Time, FromMinute: int32(in.FromMinute), ToMinute: int32(in.ToMinute), Days: string(contract.RuleDaysWORKING),
		Places: placesOf(in.Places)}
	var fields []problem.Field
	refuse := func(path, code string) { fields = append(fields, problem.Field{Path: path, Code: code}) }
	if row.Zone == "" {
		row.Zone = consult.Shanghai().String()
	}
	if _, err := time.LoadLocation(row.Zone); err != nil || row.Zone == "Local" {
		refuse("zone", "zone_unknown")
	}
	recurrence, err := calendar.ParseRecurrence(in.Recurrence)
	switch {
	case errors.Is(err, calendar.ErrRecurrence), recurrence.Count > 0:
		refuse("recurrence", "recurrence_unsupported")
	case err != nil:
		return row, err
	}
	row.Recurrence = recurrence.String()
	if in.ToMinute <= in.FromMinute {
		refuse("toMinute", "period_order")
	}
	if in.EndsOn != nil {
		if in.EndsOn.Before(in.StartsOn.Time) {
			refuse("endsOn", "period_order")
		}
		row.EndsOn = &in.EndsOn.Time
	}
	if in.Days != nil {
		row.Days = string(*in.Days)
	}
	if len(fields) > 0 {
		return row, problem.Invalid(fields...)
	}
	return row, nil
}

func lockPerson(ctx context.Context, q *db.Queries, user uuid.UUID) error {
	if err := q.LockBooking(ctx, db.LockBookingParams{Doctors: []uuid.UUID{user}, Residents: []uuid.UUID{}}); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// mayChange says in which role the actor changes an entry of somebody's hours; 404 when in none.
func mayChange(a identity.Actor, user, organisation uuid.UUID) (string, error) {
	role := roleIn(a, organisation, planners())
	if user == a.UserID && role == "" {
		role = roleIn(a, organisation, practitioners())
	}
	if role == "" {
		return "", problem.NotFound()
	}
	return role, nil
}

// EndAvailabilityRule sets the last day of a rule; one before its first takes it away. What stays booked outside of hours is listed.
func (s *Service) EndAvailabilityRule(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.LastDay) (contract.AffectedAppointments, error) {
	out := contract.AffectedAppointments{Id: id, Affected: []contract.Appointment{}}
	if err := require(a, hourSetters()...); err != nil {
		return out, err
	}
	if r, err := s.st.Q().RuleByID(ctx, id); err == nil {
		if _, err := mayChange(a, r.UserID, r.OrganisationID); err != nil {
			return out, err
		}
	}
	var user uuid.UUID
	_, err := s.command(ctx, a, cmd, "endAvailabilityRule", struct {
		ID   uuid.UUID
		Body contract.LastDay
	}{id, in}, func(q *db.Queries) (uuid.UUID, error) {
		r, err := q.LockRule(ctx, id)
		if err := one(err, "the rule"); err != nil {
			return id, err
		}
		role, err := mayChange(a, r.UserID, r.OrganisationID)
		if err != nil {
			return id, err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return id, err
		}
		user = r.UserID
		if in.LastDay.Before(r.StartsOn) {
			err = q.DeleteRule(ctx, id)
		} else {
			err = q.EndRule(ctx, db.EndRuleParams{ID: id, EndsOn: &in.LastDay.Time})
		}
		if err != nil {
			return id, fmt.Errorf("end the rule: %w", err)
		}
		return id, s.audit(ctx, q, a, now, role, "endAvailabilityRule", "user", r.UserID)
	})
	if err != nil || user == uuid.Nil {
		return out, err
	}
	out.Affected, err = s.outside(ctx, a, user)
	return out, err
}

// AddAvailabilityException enters added hours or leave. What is booked in a leave is listed. Errors: 422 period_order, period_too_long.
func (s *Service) AddAvailabilityException(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.AvailabilityExceptionInput) (contract.AffectedAppointments, error) {
	out := contract.AffectedAppointments{Affected: []contract.Appointment{}}
	if err := require(a, hourSetters()...); err != nil {
		return out, err
	}
	switch length := in.EndsAt.Sub(in.StartsAt); {
	case length <= 0:
		return out, invalid("endsAt", "period_order")
	case length > longestException:
		return out, problem.Invalid(problem.Field{Path: "endsAt", Code: "period_too_long", Args: problem.Args{"days": "366"}})
	}
	var user uuid.UUID
	id, err := s.command(ctx, a, cmd, "addAvailabilityException", in, func(q *db.Queries) (uuid.UUID, error) {
		id := newID()
		now, err := s.clock(ctx, q)
		if err != nil {
			return id, err
		}
		p, org, role, err := personFor(ctx, q, a, in.UserId, in.OrganisationId, now)
		if err != nil {
			return id, err
		}
		if err := lockPerson(ctx, q, p.ID); err != nil { // a booking that looks at the hours now finishes first
			return id, err
		}
		user = p.ID
		if err := q.InsertException(ctx, db.InsertExceptionParams{ID: id, UserID: p.ID, OrganisationID: org, Effect: string(in.Effect), Reason: string(in.Reason),
			StartsAt: in.StartsAt, EndsAt: in.EndsAt, Places: placesOf(in.Places), CreatedBy: a.UserID, Now: now}); err != nil {
			return id, fmt.Errorf("exception: %w", err)
		}
		return id, s.audit(ctx, q, a, now, role, "addAvailabilityException", "user", p.ID)
	})
	if err != nil {
		return out, err
	}
	out.Id = id
	if user == uuid.Nil || in.Effect == contract.ExceptionEffectOPEN {
		return out, nil
	}
	out.Affected, err = s.outside(ctx, a, user)
	return out, err
}

// RemoveAvailabilityException takes an exception away.
func (s *Service) RemoveAvailabilityException(ctx context.Context, a identity.Actor, id uuid.UUID) error {
	if err := require(a, hourSetters()...); err != nil {
		return err
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		e, err := q.LockException(ctx, id)
		if err := one(err, "the exception"); err != nil {
			return err
		}
		role, err := mayChange(a, e.UserID, e.OrganisationID)
		if err != nil {
			return err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		if err := q.DeleteException(ctx, id); err != nil {
			return fmt.Errorf("exception: %w", err)
		}
		return s.audit(ctx, q, a, now, role, "removeAvailabilityException", "user", e.UserID)
	})
}

// outside lists what is booked with somebody outside of their hours as they are now, as far as the actor sees it.
func (s *Service) outside(ctx context.Context, a identity.Actor, user uuid.UUID) ([]contract.Appointment, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	upcoming, err := q.UpcomingOf(ctx, db.UpcomingOfParams{UserID: user, Since: now, Before: now.Add(lookedAhead), Now: now})
	if err != nil {
		return nil, fmt.Errorf("upcoming: %w", err)
	}
	if len(upcoming) == 0 {
		return []contract.Appointment{}, nil
	}
	who := []uuid.UUID{user}
	rows, err := q.RulesOf(ctx, db.RulesOfParams{Users: who, First: today(now), Last: today(now.Add(lookedAhead))})
	if err != nil {
		return nil, fmt.Errorf("hours: %w", err)
	}
	list, err := q.ExceptionsOf(ctx, db.ExceptionsOfParams{Users: who, Since: now, Before: now.Add(lookedAhead)})
	if err != nil {
		return nil, fmt.Errorf("exceptions: %w", err)
	}
	days, err := readWorkdays(ctx, q, now, now.Add(lookedAhead))
	if err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	for _, c := range upcoming {
		var rules []calendar.Rule
		for _, r := range rows {
			if r.OrganisationID != c.OrganisationID {
				continue
			}
			rule, err := ruleOf(r)
			if err != nil {
				return nil, err
			}
			rules = append(rules, rule)
		}
		var exceptions []calendar.Exception
		for _, e := range list {
			if e.Effect == string(contract.ExceptionEffectCLOSED) || e.OrganisationID == c.OrganisationID {
				exceptions = append(exceptions, exceptionOf(e))
			}
		}
		visit := calendar.Span{From: c.StartsAt, To: c.EndsAt}
		hours := calendar.Hours(rules, exceptions, c.Place, visit.From, visit.To, days.Workdays)
		if !slices.ContainsFunc(hours, func(h calendar.Span) bool { return h.Holds(visit) }) {
			ids = append(ids, c.ID)
		}
	}
	return s.visible(ctx, q, a, ids, now)
}
