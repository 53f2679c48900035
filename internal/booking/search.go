package booking

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
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

// Bounds of a search.
const (
	longestSearch = 62 * 24 * time.Hour
	slotsListed   = 300
	// around is how far on either side of the longest visit something can lie that is in the way.
	around = 24 * time.Hour
)

// FindSlots gives the free starts of a kind, the earliest first. In a consultation those at home are the ones of the resident's family doctors.
func (s *Service) FindSlots(ctx context.Context, a identity.Actor, in contract.FindSlotsParams) (contract.SlotPage, error) {
	out := contract.SlotPage{Slots: []contract.BookableSlot{}, DaysOff: []contract.NamedDay{}, Practitioners: []contract.PersonRef{}}
	if err := require(a, everybody()...); err != nil {
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
	talk, err := s.talkOf(ctx, q, a, in)
	if err != nil {
		return out, err
	}
	k, err := kindFor(ctx, q, a, in.KindId, now, talk.houses...)
	if err != nil {
		return out, err
	}
	l := looking{kind: k.AppointmentKind}
	if in.MovingId != nil {
		if l, err = s.moving(ctx, q, a, *in.MovingId, in.KindId, l.kind); err != nil {
			return out, err
		}
	}
	var elsewhere []calendar.Span
	if in.ResidentId != nil {
		r, err := residentFor(ctx, q, a, *in.ResidentId, now)
		if err != nil {
			return out, err
		}
		name, err := s.keep.OpenText("residents", "name_enc", *in.ResidentId, r.NameEnc)
		if err != nil {
			return out, fmt.Errorf("name: %w", err)
		}
		masked := consult.MaskName(name)
		out.ResidentName, out.Ward, out.Bed = &masked, &r.Ward, &r.Bed
		if elsewhere, err = residentElsewhere(ctx, q, *in.ResidentId, in.From, in.To, now, l.except); err != nil {
			return out, err
		}
	}
	people, err := q.Practitioners(ctx, db.PractitionersParams{OrganisationID: k.AppointmentKind.OrganisationID, Roles: practitioners(), Now: now, UserID: in.PractitionerId})
	if err != nil {
		return out, fmt.Errorf("practitioners: %w", err)
	}
	if in.PractitionerId != nil && len(people) == 0 {
		return out, problem.NotFound()
	}
	if talk.on && k.AppointmentKind.Place == string(contract.AppointmentPlaceHOME) {
		if people, err = talk.familyDoctors(ctx, q, people, now); err != nil {
			return out, err
		}
	}
	limit := slotsListed
	if in.Limit != nil {
		limit = *in.Limit
	}
	found, err := s.free(ctx, q, l, people, in.From, in.To, now, elsewhere, limit+1)
	if err != nil {
		return out, err
	}
	for _, p := range people {
		if found.offering[p.ID] {
			out.Practitioners = append(out.Practitioners, contract.PersonRef{Id: p.ID, Name: p.DisplayName})
		}
	}
	out.More = len(found.slots) > limit
	for _, f := range found.slots[:min(limit, len(found.slots))] {
		out.Slots = append(out.Slots, f.view(k.AppointmentKind))
	}
	out.DaysOff, out.CalendarKnown = found.days.between(in.From, in.To)
	return out, nil
}

func checkPeriod(from, to time.Time) error {
	switch length := to.Sub(from); {
	case length <= 0:
		return invalid("to", "period_order")
	case length > longestSearch:
		return problem.Invalid(problem.Field{Path: "to", Code: "period_too_long", Args: problem.Args{"days": "62"}})
	}
	return nil
}

// foundSlot is a slot with whom it is.
type foundSlot struct {
	calendar.Slot
	with db.PractitionersRow
}

func (f foundSlot) view(k db.AppointmentKind) contract.BookableSlot {
	return contract.BookableSlot{PractitionerId: f.with.ID, PractitionerName: f.with.DisplayName, StartsAt: f.From.UTC(), EndsAt: f.To.UTC(),
		SeatsLeft: f.Seats, Capacity: int(k.Capacity)}
}

type found struct {
	slots    []foundSlot
	offering map[uuid.UUID]bool // who has hours for it in the period, full or not
	days     workdays
}

// looking is for what a free time is looked for.
type looking struct {
	kind          db.AppointmentKind
	before, after *int        // travel in minutes; nil: the kind's
	except        []uuid.UUID // appointments that give their time for it
}

// moving is a search for another time of an appointment that the actor sees: its own time is free for it, and its travel stays as it was found at
// booking.
func (s *Service) moving(ctx context.Context, q *db.Queries, a identity.Actor, id, kind uuid.UUID, k db.AppointmentKind) (looking, error) {
	c, staff, err := s.seen(ctx, q, a, id)
	if err != nil {
		return looking{}, err
	}
	if c.KindID != kind {
		return looking{}, invalid("movingId", "wrong_value")
	}
	l := looking{kind: k, except: []uuid.UUID{id}}
	for _, r := range staff {
		if r.Part == "LEAD" {
			before, after := int(r.TravelBefore), int(r.TravelAfter)
			l.before, l.after = &before, &after
		}
	}
	return l, nil
}

// free computes at most `most` slots of a kind with some people, the earliest first. It looks at the period piece by piece, each twice as
// long as the one before, and stops when it has enough: a page of near slots does not read a month of everybody's bookings.
func (s *Service) free(ctx context.Context, q *db.Queries, l looking, people []db.PractitionersRow, from, to, now time.Time,
	elsewhere []calendar.Span, most int) (found, error) {
	k, out := l.kind, found{offering: map[uuid.UUID]bool{}}
	var err error
	if out.days, err = readWorkdays(ctx, q, from, to); err != nil {
		return out, err
	}
	kind := kindOf(k, l.before, l.after)
	if earliest := now.Add(time.Duration(k.NoticeMinutes) * time.Minute); from.Before(earliest) {
		from = earliest
	}
	for piece := 2 * 24 * time.Hour; from.Before(to) && len(out.slots) < most; piece *= 2 {
		end := from.Add(piece)
		if end.After(to) {
			end = to
		}
		known, err := s.people(ctx, q, k, people, from, end, now, l.except)
		if err != nil {
			return out, err
		}
		var slots []foundSlot
		for i, p := range known {
			if len(p.Rules) > 0 || len(p.Exceptions) > 0 || k.Duty == string(calendar.DutyOffers) && len(p.Duty) > 0 {
				out.offering[people[i].ID] = true
			}
			for _, slot := range calendar.Free(p, kind, from, end, now, elsewhere, out.days.Workdays) {
				slots = append(slots, foundSlot{slot, people[i]})
			}
		}
		slices.SortStableFunc(slots, func(x, y foundSlot) int { return x.From.Compare(y.From) })
		out.slots = append(out.slots, slots...)
		from = end
	}
	out.slots = out.slots[:min(most, len(out.slots))]
	return out, nil
}

// kindOf is a kind as package calendar knows it; travel overrides the kind's.
func kindOf(k db.AppointmentKind, before, after *int) calendar.Kind {
	out := calendar.Kind{ID: k.ID, Place: k.Place, Length: int(k.Minutes), Step: int(k.StepMinutes), Before: int(k.BeforeMinutes), After: int(k.AfterMinutes),
		TravelBefore: int(k.TravelMinutes), TravelAfter: int(k.TravelMinutes), Notice: int(k.NoticeMinutes), HorizonDays: int(k.HorizonDays),
		Capacity: int(k.Capacity), Duty: calendar.Duty(k.Duty), Zone: consult.Shanghai()}
	if before != nil {
		out.TravelBefore = *before
	}
	if after != nil {
		out.TravelAfter = *after
	}
	return out
}

// people loads what is known of some people in a period, in their order. What is being moved is left out of what is taken.
func (s *Service) people(ctx context.Context, q *db.Queries, k db.AppointmentKind, who []db.PractitionersRow, from, to, now time.Time, except []uuid.UUID) ([]calendar.Person, error) {
	ids, at := make([]uuid.UUID, len(who)), make(map[uuid.UUID]int, len(who))
	for i, p := range who {
		ids[i], at[p.ID] = p.ID, i
	}
	out := make([]calendar.Person, len(who))
	since, before := from.Add(-around), to.Add(around)
	rules, err := q.RulesOf(ctx, db.RulesOfParams{Users: ids, OrganisationID: &k.OrganisationID, First: since, Last: before})
	if err != nil {
		return nil, fmt.Errorf("hours: %w", err)
	}
	for _, r := range rules {
		rule, err := ruleOf(r)
		if err != nil {
			return nil, err
		}
		p := &out[at[r.UserID]]
		p.Rules = append(p.Rules, rule)
	}
	exceptions, err := q.ExceptionsOf(ctx, db.ExceptionsOfParams{Users: ids, OrganisationID: &k.OrganisationID, Since: since, Before: before})
	if err != nil {
		return nil, fmt.Errorf("exceptions: %w", err)
	}
	for _, e := range exceptions {
		p := &out[at[e.UserID]]
		p.Exceptions = append(p.Exceptions, exceptionOf(e))
	}
	if k.Duty != string(calendar.DutyIgnored) {
		duties, err := q.DutiesOf(ctx, db.DutiesOfParams{Users: ids, Since: since, Before: before})
		if err != nil {
			return nil, fmt.Errorf("duties: %w", err)
		}
		for _, d := range duties {
			p := &out[at[d.UserID]]
			p.Duty = append(p.Duty, calendar.Span{From: d.StartsAt, To: d.EndsAt})
		}
	}
	if except == nil {
		except = []uuid.UUID{}
	}
	busy, err := q.BusyOf(ctx, db.BusyOfParams{Users: ids, Since: since, Before: before, Now: now, ExceptIds: except})
	if err != nil {
		return nil, fmt.Errorf("what is taken: %w", err)
	}
	for _, b := range busy {
		p := &out[at[b.UserID]]
		p.Busy = append(p.Busy, calendar.Busy{Span: calendar.Span{From: b.BusyFrom, To: b.BusyTo}, Session: b.Session, Kind: b.KindID, Start: b.StartsAt,
			Taken: int(b.Taken), Capacity: int(b.Capacity)})
	}
	return out, nil
}

func ruleOf(r db.AvailabilityRule) (calendar.Rule, error) {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return calendar.Rule{}, fmt.Errorf("zone of rule %s: %w", r.ID, err)
	}
	recurrence, err := calendar.ParseRecurrence(r.Recurrence)
	if err != nil {
		return calendar.Rule{}, fmt.Errorf("rule %s: %w", r.ID, err)
	}
	out := calendar.Rule{Zone: zone, Recurrence: recurrence, Start: consult.DateFromTime(r.StartsOn), From: int(r.FromMinute), To: int(r.ToMinute),
		Working: r.Days == string(contract.RuleDaysWORKING), Places: r.Places}
	if r.EndsOn != nil {
		out.End = consult.DateFromTime(*r.EndsOn)
	}
	return out, nil
}

func exceptionOf(e db.AvailabilityException) calendar.Exception {
	return calendar.Exception{Span: calendar.Span{From: e.StartsAt, To: e.EndsAt}, Closed: e.Effect == string(contract.ExceptionEffectCLOSED), Places: e.Places}
}

func residentElsewhere(ctx context.Context, q *db.Queries, resident uuid.UUID, from, to, now time.Time, except []uuid.UUID) ([]calendar.Span, error) {
	if except == nil {
		except = []uuid.UUID{}
	}
	rows, err := q.ResidentElsewhere(ctx, db.ResidentElsewhereParams{ResidentID: resident, Since: from.Add(-around), Before: to.Add(around), Now: now, ExceptIds: except})
	if err != nil {
		return nil, fmt.Errorf("what the resident has: %w", err)
	}
	out := make([]calendar.Span, len(rows))
	for i, r := range rows {
		out[i] = calendar.Span{From: r.StartsAt, To: r.EndsAt}
	}
	return out, nil
}

// workdays is the statutory calendar with the names of its days.
type workdays struct {
	consult.Workdays
	names map[consult.Date]string
}

func readWorkdays(ctx context.Context, q *db.Queries, from, to time.Time) (workdays, error) {
	w := workdays{Workdays: consult.Workdays{Off: map[consult.Date]bool{}, Years: map[int]bool{}}, names: map[consult.Date]string{}}
	rows, err := q.WorkdaysBetween(ctx, db.WorkdaysBetweenParams{First: time.Date(consult.DateOf(from).Year, 1, 1, 0, 0, 0, 0, time.UTC),
		Last: time.Date(consult.DateOf(to).Year, 12, 31, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return w, fmt.Errorf("working days: %w", err)
	}
	for _, r := range rows {
		day := consult.DateFromTime(r.Date)
		w.Off[day], w.Years[day.Year], w.names[day] = r.IsOff, true, r.Name
	}
	return w, nil
}

// between names the days of a period that differ from the week, and says whether every year of it is known.
func (w workdays) between(from, to time.Time) (out []contract.NamedDay, known bool) {
	out, known = []contract.NamedDay{}, true
	for day := consult.DateOf(from); !day.After(consult.DateOf(to)); day = day.AddDays(1) {
		known = known && w.Years[day.Year]
		if off, ok := w.Off[day]; ok {
			out = append(out, contract.NamedDay{Date: openapi_types.Date{Time: day.Time()}, IsOff: off, Name: w.names[day]})
		}
	}
	return out, known
}

// alternativesShown is how many free slots a refusal offers.
const alternativesShown = 3

// refusedWith adds alternatives to a refused booking: the nearest with the same person, then with others. Without any the refusal stands as
// it is, and so it does when they cannot be found out.
func (s *Service) refusedWith(ctx context.Context, err error, w wanted) error {
	p := problem.Of(err)
	if p.Status != http.StatusConflict || !slices.Contains([]string{"slot_taken", "resident_taken", "slot_not_offered", "hold_lapsed"}, p.Code) {
		return err
	}
	q := s.st.Q()
	now, clockErr := s.clock(ctx, q)
	if clockErr != nil {
		return err
	}
	people, lookErr := q.Practitioners(ctx, db.PractitionersParams{OrganisationID: w.kind.OrganisationID, Roles: practitioners(), Now: now})
	if lookErr != nil {
		return err
	}
	var chosen []foundSlot
	for _, days := range []int{2, 14} { // mostly something is free nearby
		from, to := w.start.AddDate(0, 0, -(days+1)/2), w.start.AddDate(0, 0, days)
		elsewhere, lookErr := residentElsewhere(ctx, q, w.resident, from, to, now, w.except)
		if lookErr != nil {
			return err
		}
		chosen = chosen[:0]
		for _, same := range []bool{true, false} {
			who := slices.DeleteFunc(slices.Clone(people), func(r db.PractitionersRow) bool { return (r.ID == w.lead) != same })
			if len(chosen) == alternativesShown || len(who) == 0 {
				continue
			}
			f, lookErr := s.free(ctx, q, looking{kind: w.kind, before: w.before, after: w.after, except: w.except}, who, from, to, now, elsewhere, 5000)
			if lookErr != nil {
				return err
			}
			f.slots = slices.DeleteFunc(f.slots, func(x foundSlot) bool { return same && x.From.Equal(w.current) })
			slices.SortStableFunc(f.slots, func(x, y foundSlot) int { return cmp.Compare(x.From.Sub(w.start).Abs(), y.From.Sub(w.start).Abs()) })
			chosen = append(chosen, f.slots[:min(alternativesShown-len(chosen), len(f.slots))]...)
		}
		if len(chosen) == alternativesShown {
			break
		}
	}
	slices.SortStableFunc(chosen, func(x, y foundSlot) int { return x.From.Compare(y.From) })
	list := []contract.BookableSlot{}
	for _, c := range chosen {
		list = append(list, c.view(w.kind))
	}
	return p.Offering(list)
}
