package booking

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/scheduler/calendar"
)

// sameTrip is how long one waits at most at a house for the next resident of it, before one would rather come again: this project's choice.
const sameTrip = time.Hour

// called is a resident who is to be given a time.
type called struct {
	id          uuid.UUID
	row         db.HomesToVisitRow
	name        string
	house       uuid.UUID // where they are visited: the institution, or their own home
	lon, lat    float64
	placed      bool // on the map
	elsewhere   []calendar.Span
	refusal     string // why there can be none
	start       time.Time
	seats       int
	before      int // minutes of the way
	after       int
	hasProposal bool
}

// ProposeAppointments gives one free time for each of several residents with one person, none across another. Neighbours follow one another. Nothing
// is kept: booking decides. Errors: 404 for a kind, person or resident that is not the caller's to see.
func (s *Service) ProposeAppointments(ctx context.Context, a identity.Actor, in contract.ProposeAppointmentsParams) ([]contract.AppointmentProposal, error) {
	if err := require(a, everybody()...); err != nil {
		return nil, err
	}
	if err := checkPeriod(in.From, in.To); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	k, err := kindFor(ctx, q, a, in.KindId, now)
	if err != nil {
		return nil, err
	}
	kind := k.AppointmentKind
	if !a.Has(kind.BookedBy...) {
		return nil, problem.New(http.StatusForbidden, "booking_role", nil)
	}
	with, err := q.Practitioners(ctx, db.PractitionersParams{OrganisationID: kind.OrganisationID, Roles: practitioners(), Now: now, UserID: &in.PractitionerId})
	if err != nil {
		return nil, fmt.Errorf("practitioners: %w", err)
	}
	if len(with) != 1 {
		return nil, problem.NotFound()
	}
	people, err := s.called(ctx, q, a, kind, in, now)
	if err != nil {
		return nil, err
	}
	var from *spot
	if place, err := q.OrganisationPlace(ctx, kind.OrganisationID); err == nil {
		from = &spot{place.Lon, place.Lat}
	} else if !store.IsNone(err) {
		return nil, fmt.Errorf("place: %w", err)
	}
	if kind.Place == string(contract.AppointmentPlaceHOME) {
		people = neighbours(people, from)
	}
	known, err := s.people(ctx, q, kind, with, in.From, in.To, now, nil)
	if err != nil {
		return nil, err
	}
	days, err := readWorkdays(ctx, q, in.From, in.To)
	if err != nil {
		return nil, err
	}
	// Only who decides on this person's time may book less of the way than the kind has.
	shares := kind.TravelMinutes > 0 && kind.Capacity == 1 && wanted{kind: kind, lead: in.PractitionerId}.ordains(a)
	place(people, known[0], kindOf(kind, nil, nil), in.From, in.To, now, days.Workdays, shares)
	return proposals(a, people, kind, with[0]), nil
}

// spot is a place on the map, degrees.
type spot struct{ lon, lat float64 }

// called loads the residents in the order in which they were named.
func (s *Service) called(ctx context.Context, q *db.Queries, a identity.Actor, kind db.AppointmentKind, in contract.ProposeAppointmentsParams, now time.Time) ([]*called, error) {
	rows, err := q.HomesToVisit(ctx, in.ResidentIds)
	if err != nil {
		return nil, fmt.Errorf("homes: %w", err)
	}
	var out []*called
	for _, id := range in.ResidentIds {
		resident, err := residentFor(ctx, q, a, id, now)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(rows, func(r db.HomesToVisitRow) bool { return r.ID == id })
		if i < 0 || slices.ContainsFunc(out, func(c *called) bool { return c.id == id }) {
			continue
		}
		c := &called{id: id, row: rows[i], house: rows[i].OrganisationID}
		if c.name, err = s.keep.OpenText("residents", "name_enc", id, c.row.NameEnc); err != nil {
			return nil, fmt.Errorf("name: %w", err)
		}
		if c.row.OwnHome {
			c.house = id
			text, err := s.keep.OpenText("resident_homes", "place_enc", id, c.row.PlaceEnc)
			if err != nil {
				return nil, fmt.Errorf("place: %w", err)
			}
			c.lon, c.lat, c.placed = onMap(text)
		} else if at, err := q.OrganisationPlace(ctx, c.row.OrganisationID); err == nil {
			c.lon, c.lat, c.placed = at.Lon, at.Lat, true
		} else if !store.IsNone(err) {
			return nil, fmt.Errorf("place: %w", err)
		}
		bound, err := q.Bound(ctx, db.BoundParams{ResidentOrg: resident.OrganisationID, Organisation: kind.OrganisationID, Today: today(now)})
		if err != nil {
			return nil, fmt.Errorf("agreement: %w", err)
		}
		switch {
		case resident.LeftOn != nil:
			c.refusal = "resident_left"
		case !bound:
			c.refusal = "booking_no_agreement"
		}
		if c.elsewhere, err = residentElsewhere(ctx, q, id, in.From, in.To, now, nil); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func onMap(text string) (lon, lat float64, ok bool) {
	x, y, found := strings.Cut(text, ",")
	lon, err1 := strconv.ParseFloat(x, 64)
	lat, err2 := strconv.ParseFloat(y, 64)
	return lon, lat, found && err1 == nil && err2 == nil
}

// neighbours orders people by houses, each next the nearest to the one before, beginning at a place; houses that are not on the map come last, together.
// The order of a day's road is package route's; this only keeps those together who are seen on one way.
func neighbours(list []*called, at *spot) []*called {
	left, out := slices.Clone(list), make([]*called, 0, len(list))
	for len(left) > 0 {
		best := 0
		for i, c := range left {
			if nearer(c, left[best], at) {
				best = i
			}
		}
		house := left[best].house
		for _, c := range left {
			if c.house == house {
				out = append(out, c)
			}
		}
		if left[best].placed {
			at = &spot{left[best].lon, left[best].lat}
		}
		left = slices.DeleteFunc(left, func(c *called) bool { return c.house == house })
	}
	return out
}

func nearer(a, b *called, at *spot) bool {
	if a.placed != b.placed {
		return a.placed
	}
	if !a.placed || at == nil {
		return false // as they were named
	}
	// A degree of longitude is about 0.77 of one of latitude where this is used; only the order matters.
	square := func(c *called) float64 {
		x, y := (c.lon-at.lon)*0.77, c.lat-at.lat
		return x*x + y*y
	}
	return square(a) < square(b)
}

// place gives each in turn the first free time after the one before, else the first of the period. With shares two of the same house follow one another without a
// way between them.
func place(list []*called, who calendar.Person, kind calendar.Kind, from, to, now time.Time, days consult.Workdays, shares bool) {
	busy := who.Busy
	var made []*called
	// What is proposed already takes time, and only in a kind for several may another join it.
	taken := func() []calendar.Busy {
		out := slices.Clone(busy)
		for i, c := range made {
			k := kind
			k.TravelBefore, k.TravelAfter = c.before, c.after
			session := uuid.UUID{15: byte(i + 1)}
			same := slices.IndexFunc(out, func(b calendar.Busy) bool { return kind.Capacity > 1 && b.Kind == kind.ID && b.Start.Equal(c.start) })
			if same >= 0 {
				out[same].Taken++
				continue
			}
			out = append(out, calendar.Busy{Span: k.Blocked(c.start), Session: session, Kind: kind.ID, Start: c.start, Taken: 1, Capacity: kind.Capacity})
		}
		return out
	}
	for _, c := range list {
		if c.refusal != "" {
			continue
		}
		var last *called
		if len(made) > 0 {
			last = made[len(made)-1]
		}
		if shares && last != nil && last.house == c.house && follow(last, c, who, kind, now, days, taken) {
			made = append(made, c)
			continue
		}
		who.Busy = taken()
		slots := calendar.Free(who, kind, from, to, now, c.elsewhere, days)
		if len(slots) == 0 {
			c.refusal = "nothing_free"
			continue
		}
		chosen := slots[0]
		if last != nil {
			if i := slices.IndexFunc(slots, func(s calendar.Slot) bool { return !s.From.Before(last.start) }); i >= 0 {
				chosen = slots[i]
			}
		}
		c.start, c.seats, c.before, c.after, c.hasProposal = chosen.From, chosen.Seats, kind.TravelBefore, kind.TravelAfter, true
		made = append(made, c)
	}
}

// follow puts one right after the one before at the same house, when that is soon enough.
func follow(last, c *called, who calendar.Person, kind calendar.Kind, now time.Time, days consult.Workdays, taken func() []calendar.Busy) bool {
	after := last.after
	last.after = 0
	k := kind
	k.TravelBefore = 0
	who.Busy = taken()
	end := k.Visit(last.start).To
	for _, s := range calendar.Free(who, k, end, end.Add(sameTrip), now, c.elsewhere, days) {
		c.start, c.seats, c.before, c.after, c.hasProposal = s.From, s.Seats, 0, kind.TravelAfter, true
		return true
	}
	last.after = after
	return false
}

// proposals shapes what was found, in the order of the times; who got none comes last.
func proposals(a identity.Actor, list []*called, kind db.AppointmentKind, with db.PractitionersRow) []contract.AppointmentProposal {
	slices.SortStableFunc(list, func(x, y *called) int {
		switch {
		case x.hasProposal != y.hasProposal:
			if x.hasProposal {
				return -1
			}
			return 1
		default:
			return x.start.Compare(y.start)
		}
	})
	out := make([]contract.AppointmentProposal, len(list))
	for i, c := range list {
		out[i] = contract.AppointmentProposal{ResidentId: c.id, ResidentName: consult.MaskName(c.name), Home: c.row.Home, Bed: c.row.Bed}
		if !c.hasProposal {
			message := problem.Sentence(a.Locale, c.refusal, nil)
			out[i].Code, out[i].Message = &c.refusal, &message
			continue
		}
		end := c.start.Add(time.Duration(kind.Minutes) * time.Minute)
		out[i].Slot = &contract.BookableSlot{PractitionerId: with.ID, PractitionerName: with.DisplayName, StartsAt: c.start.UTC(), EndsAt: end.UTC(), SeatsLeft: c.seats, Capacity: int(kind.Capacity)}
		if c.before != int(kind.TravelMinutes) {
			out[i].TravelBeforeMinutes = &c.before
		}
		if c.after != int(kind.TravelMinutes) {
			out[i].TravelAfterMinutes = &c.after
		}
	}
	return out
}
