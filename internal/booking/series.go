package booking

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	"github.com/lianzhen-health/lianzhen/scheduler/calendar"
)

// maxOccurrences is how many appointments one series books.
const maxOccurrences = 60

// BookAppointmentSeries books every occurrence of a rule up to the horizon of its kind, all or none unless skipTaken. Errors as
// BookAppointment, and 422 recurrence_unsupported, zone_unknown, series_empty, too_many.
func (s *Service) BookAppointmentSeries(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.AppointmentSeriesInput) (contract.AppointmentSeries, error) {
	if err := require(a, everybody()...); err != nil {
		return contract.AppointmentSeries{}, err
	}
	plan, err := seriesPlan(in)
	if err != nil {
		return contract.AppointmentSeries{}, err
	}
	var skipped []contract.SkippedDay
	var failed wanted
	id, err := s.command(ctx, a, cmd, "bookAppointmentSeries", in, func(q *db.Queries) (uuid.UUID, error) {
		id := newID()
		skipped = []contract.SkippedDay{}
		now, err := s.clock(ctx, q)
		if err != nil {
			return id, err
		}
		single := contract.AppointmentInput{KindId: in.KindId, PractitionerId: in.PractitionerId, ResidentId: in.ResidentId, OutsideHours: in.OutsideHours}
		w, resident, err := s.wish(ctx, q, a, single, now)
		if err != nil {
			return id, err
		}
		days := plan.days(now, int(w.kind.HorizonDays))
		switch {
		case len(days) == 0:
			return id, invalid("recurrence", "series_empty")
		case len(days) > maxOccurrences:
			return id, problem.Invalid(problem.Field{Path: "recurrence", Code: "too_many", Args: problem.Args{"max": "60"}})
		}
		if err := w.lock(ctx, q); err != nil {
			return id, err
		}
		if now, err = s.clock(ctx, q); err != nil {
			return id, err
		}
		if err := q.InsertSeries(ctx, db.InsertSeriesParams{ID: id, KindID: w.kind.ID, ResidentID: w.resident, Zone: plan.zone.String(), Recurrence: plan.rule.String(),
			StartsOn: plan.first.Time(), StartMinute: int32(plan.minute), CreatedBy: a.UserID, Now: now}); err != nil {
			return id, fmt.Errorf("series: %w", err)
		}
		t := &told{}
		for _, day := range days {
			w.start = calendar.At(day, plan.minute, plan.zone).UTC()
			code, err := s.occurrence(ctx, q, a, w, resident.OrganisationID, id, day, in, now, t)
			switch {
			case err != nil && code == "", err != nil && !value(in.SkipTaken):
				failed = w
				return id, err
			case err != nil:
				skipped = append(skipped, contract.SkippedDay{Date: openapi_types.Date{Time: day.Time()}, Code: code, Message: problem.Sentence(a.Locale, code, nil)})
			}
		}
		if len(skipped) == len(days) {
			return id, invalid("recurrence", "series_empty")
		}
		return id, t.write(ctx, q)
	})
	if err != nil {
		if failed.start.IsZero() {
			return contract.AppointmentSeries{}, err
		}
		return contract.AppointmentSeries{}, s.refusedWith(ctx, err, failed)
	}
	out, err := s.series(ctx, a, id)
	if skipped != nil {
		out.Skipped = skipped
	}
	return out, err
}

// occurrence books one day of a series. A refusal that the person may live with has a code.
func (s *Service) occurrence(ctx context.Context, q *db.Queries, a identity.Actor, w wanted, home uuid.UUID, series uuid.UUID, day consult.Date,
	in contract.AppointmentSeriesInput, now time.Time, t *told) (code string, err error) {
	id := newID()
	g, err := s.grant(ctx, q, w, id, now, t)
	if err != nil {
		if p, ok := errors.AsType[*problem.Problem](err); ok && p.Status == http.StatusConflict {
			return p.Code, err
		}
		return "", err
	}
	on := day.Time()
	if err := g.insert(ctx, q, w, db.InsertAppointmentParams{ID: id, OrganisationID: w.kind.OrganisationID, ResidentOrgID: home, KindID: w.kind.ID, ResidentID: w.resident,
		Status: booked, Place: w.kind.Place, Reason: string(value(in.Reason)), NoteEnc: s.keep.SealText("appointments", "note_enc", id, strings.TrimSpace(value(in.Note))),
		SeriesID: &series, SeriesDay: &on, BookedBy: a.UserID, Now: now}); err != nil {
		return "", err
	}
	c, err := q.AppointmentByID(ctx, id)
	if err != nil {
		return "", fmt.Errorf("book: %w", err)
	}
	if err := event(ctx, q, c, actBook, "", booked, c.Revision, &a.UserID, bookingRole(a, home, w.kind.OrganisationID), now, map[string]any{"from": g.visit.From, "series": series}); err != nil {
		return "", err
	}
	t.about(c, w.staff(), booked, c.Revision, actBook)
	return "", nil
}

// plan is a rule with the time of day and the zone.
type plan struct {
	rule   calendar.Recurrence
	first  consult.Date
	minute int
	zone   *time.Location
}

func seriesPlan(in contract.AppointmentSeriesInput) (plan, error) {
	p := plan{first: consult.DateFromTime(in.StartsOn.Time), minute: in.StartMinute, zone: consult.Shanghai()}
	var err error
	if in.Zone != nil {
		if p.zone, err = time.LoadLocation(*in.Zone); err != nil || *in.Zone == "Local" || *in.Zone == "" {
			return p, invalid("zone", "zone_unknown")
		}
	}
	if p.rule, err = calendar.ParseRecurrence(in.Recurrence); err != nil {
		return p, invalid("recurrence", "recurrence_unsupported")
	}
	return p, nil
}

// days are the occurrences that are still to come, up to a number of days after today.
func (p plan) days(now time.Time, horizon int) []consult.Date {
	last := consult.DateOf(now).AddDays(horizon)
	return slices.DeleteFunc(p.rule.Days(p.first, p.first, last, maxOccurrences+1), func(d consult.Date) bool { return !calendar.At(d, p.minute, p.zone).After(now) })
}

// GetAppointmentSeries gives a series with those of its appointments that the caller sees; 404 when there is none.
func (s *Service) GetAppointmentSeries(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.AppointmentSeries, error) {
	if err := require(a, everybody()...); err != nil {
		return contract.AppointmentSeries{}, err
	}
	return s.series(ctx, a, id)
}

func (s *Service) series(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.AppointmentSeries, error) {
	q := s.st.Q()
	row, err := q.SeriesByID(ctx, id)
	if err := one(err, "the series"); err != nil {
		return contract.AppointmentSeries{}, err
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.AppointmentSeries{}, err
	}
	members, err := q.SeriesAppointments(ctx, &id)
	if err != nil {
		return contract.AppointmentSeries{}, fmt.Errorf("series: %w", err)
	}
	ids := make([]uuid.UUID, len(members))
	for i, m := range members {
		ids[i] = m.ID
	}
	list, err := s.visible(ctx, q, a, ids, now)
	if err != nil {
		return contract.AppointmentSeries{}, err
	}
	if len(list) == 0 {
		return contract.AppointmentSeries{}, problem.NotFound()
	}
	return contract.AppointmentSeries{Id: id, Recurrence: row.Recurrence, Zone: row.Zone, StartsOn: openapi_types.Date{Time: row.StartsOn}, StartMinute: int(row.StartMinute),
		SplitFrom: row.SplitFrom, Appointments: list, Skipped: []contract.SkippedDay{}}, nil
}

// several says that a scope names more than the appointment itself.
func several(c db.Appointment, scope *contract.AppointmentScope) bool {
	return c.SeriesID != nil && !c.Detached && scope != nil && *scope != contract.AppointmentScopeTHIS
}

// members are the occurrences that a scope names, in order: from the appointment's own day on, or all that have not begun. What was moved alone
// stays as it was moved.
func (ch *change) members(ctx context.Context, scope contract.AppointmentScope) ([]db.Appointment, error) {
	since := *ch.c.SeriesDay
	if scope == contract.AppointmentScopeALL {
		since = time.Time{}.AddDate(1, 0, 0)
	}
	list, err := ch.q.LockSeriesFrom(ctx, db.LockSeriesFromParams{SeriesID: ch.c.SeriesID, Since: since, Now: ch.now})
	if err != nil {
		return nil, fmt.Errorf("series: %w", err)
	}
	if len(list) == 0 {
		return nil, ch.refused()
	}
	return list, nil
}

// moveSeries moves several occurrences by as much as this one: to another time of the day, and in a weekly or daily rule by days. They become
// a series of their own; what came before keeps its rule, which ends the day before.
func (ch *change) moveSeries(ctx context.Context, in contract.RescheduleInput, failed *wanted) error {
	row, err := ch.q.SeriesByID(ctx, *ch.c.SeriesID)
	if err != nil {
		return fmt.Errorf("series: %w", err)
	}
	zone, err := time.LoadLocation(row.Zone)
	if err != nil {
		return fmt.Errorf("series: %w", err)
	}
	rule, err := calendar.ParseRecurrence(row.Recurrence)
	if err != nil {
		return fmt.Errorf("series: %w", err)
	}
	list, err := ch.members(ctx, *in.Scope)
	if err != nil {
		return err
	}
	target := in.StartsAt.In(zone)
	day, minute := consult.Date{Year: target.Year(), Month: target.Month(), Day: target.Day()}, target.Hour()*60+target.Minute()
	shift := int(day.Time().Sub(*ch.c.SeriesDay) / (24 * time.Hour))
	if shift != 0 && rule.Freq != calendar.Weekly && rule.Freq != calendar.Daily {
		return invalid("startsAt", "series_day_fixed")
	}
	later, err := ch.split(ctx, row, rule, list, shift, minute)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	// All move by as much, so in the right order none meets another that has not moved yet.
	if in.StartsAt.After(ch.c.StartsAt) {
		slices.Reverse(list)
	}
	for _, m := range list {
		staff, err := ch.q.StaffOf(ctx, []uuid.UUID{m.ID})
		if err != nil {
			return fmt.Errorf("staff: %w", err)
		}
		on := consult.DateFromTime(*m.SeriesDay).AddDays(shift)
		each := &change{s: ch.s, q: ch.q, c: m, staff: staff, sight: see(ch.a, m, staff), a: ch.a, now: ch.now, told: ch.told}
		one := in
		one.StartsAt = calendar.At(on, minute, zone).UTC()
		w, err := each.moved(ctx, one)
		if err != nil {
			return err
		}
		w.except, *failed = ids, w
		seriesDay := on.Time()
		if err := each.move(ctx, w, &later, &seriesDay, false); err != nil {
			return err
		}
		ch.freed = append(ch.freed, each.freed...)
	}
	return nil
}

// split makes a series of the occurrences that move, and ends the rule of those before.
func (ch *change) split(ctx context.Context, row db.AppointmentSeries, rule calendar.Recurrence, list []db.Appointment, shift, minute int) (uuid.UUID, error) {
	first, last := consult.DateFromTime(*list[0].SeriesDay), consult.DateFromTime(*list[len(list)-1].SeriesDay)
	later := rule
	later.Count, later.Until = 0, last.AddDays(shift)
	later.ByDay = nil
	for _, d := range rule.ByDay {
		later.ByDay = append(later.ByDay, calendar.WeekdayNum{N: d.N, Day: time.Weekday(((int(d.Day)+shift)%7 + 7) % 7)})
	}
	id := newID()
	if err := ch.q.InsertSeries(ctx, db.InsertSeriesParams{ID: id, KindID: row.KindID, ResidentID: row.ResidentID, Zone: row.Zone, Recurrence: later.String(),
		StartsOn: first.AddDays(shift).Time(), StartMinute: int32(minute), SplitFrom: &row.ID, CreatedBy: ch.a.UserID, Now: ch.now}); err != nil {
		return id, fmt.Errorf("split the series: %w", err)
	}
	before := rule
	before.Count, before.Until = 0, first.AddDays(-1)
	if err := ch.q.EndSeries(ctx, db.EndSeriesParams{ID: row.ID, Recurrence: before.String()}); err != nil {
		return id, fmt.Errorf("end the series: %w", err)
	}
	return id, nil
}

// cancelSeries cancels several occurrences and ends the rule.
func (ch *change) cancelSeries(ctx context.Context, in contract.CancelAppointmentInput) error {
	row, err := ch.q.SeriesByID(ctx, *ch.c.SeriesID)
	if err != nil {
		return fmt.Errorf("series: %w", err)
	}
	rule, err := calendar.ParseRecurrence(row.Recurrence)
	if err != nil {
		return fmt.Errorf("series: %w", err)
	}
	list, err := ch.members(ctx, *in.Scope)
	if err != nil {
		return err
	}
	for _, m := range list {
		staff, err := ch.q.StaffOf(ctx, []uuid.UUID{m.ID})
		if err != nil {
			return fmt.Errorf("staff: %w", err)
		}
		each := &change{s: ch.s, q: ch.q, c: m, staff: staff, sight: see(ch.a, m, staff), a: ch.a, now: ch.now, told: ch.told}
		if err := each.cancel(ctx, in); err != nil {
			return err
		}
		ch.freed = append(ch.freed, each.freed...)
	}
	rule.Count, rule.Until = 0, consult.DateFromTime(*list[0].SeriesDay).AddDays(-1)
	if err := ch.q.EndSeries(ctx, db.EndSeriesParams{ID: row.ID, Recurrence: rule.String()}); err != nil {
		return fmt.Errorf("end the series: %w", err)
	}
	return nil
}

// staffOfSeries are the people whose time an edit of a whole series touches.
func (s *Service) staffOfSeries(ctx context.Context, id uuid.UUID, scope *contract.AppointmentScope) ([]uuid.UUID, error) {
	c, err := s.st.Q().AppointmentByID(ctx, id)
	if err != nil || !several(c, scope) {
		return nil, nil // what cannot be loaded is refused where it is looked for
	}
	people, err := s.st.Q().SeriesStaff(ctx, c.SeriesID)
	if err != nil {
		return nil, fmt.Errorf("staff of the series: %w", err)
	}
	return people, nil
}
