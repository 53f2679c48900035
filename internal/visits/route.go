package visits

import (
	"context"
	"encoding/json"
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
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/scheduler/route"
	"github.com/lianzhen-health/lianzhen/scheduler/route/travel"
)

// How a day is planned.
const (
	dayBegins, dayEnds = 8 * time.Hour, 17*time.Hour + 30*time.Minute // where somebody has nothing booked earlier or later
	mayBeLate          = 30 * time.Minute                             // what was promised as a time may begin so much later
	routeRounds        = 3000
	routeFor           = 2 * time.Second
	mostWaiting        = 30 // waiting visits that are tried
	keepOrder          = 10 * 60 * 10
)

// frozen is a planned day as it is kept. Instants are Unix seconds.
type frozen struct {
	Leaves, Back int64
	Travel       int64
	Metres       int64
	Stops        []frozenStop
	Left         []frozenLeft
	Unplaced     []uuid.UUID
}

type frozenStop struct {
	Visit                 uuid.UUID
	Arrival, Begin, Leave int64
	Travel, Metres, Wait  int64
	Booked                bool
	Why                   []route.Reason
}

type frozenLeft struct {
	Visit uuid.UUID
	Why   route.ReasonCode
}

// GetVisitRoute gives the day as it was planned; without a plan the booked visits in the order of their times.
func (s *Service) GetVisitRoute(ctx context.Context, a identity.Actor, in contract.GetVisitRouteParams) (contract.VisitRoute, error) {
	user, _, err := s.whoseDay(ctx, a, in.UserId)
	if err != nil {
		return contract.VisitRoute{}, err
	}
	row, err := s.st.Q().RouteOf(ctx, db.RouteOfParams{UserID: user, Day: in.Day.Time})
	if store.IsNone(err) {
		return contract.VisitRoute{Day: in.Day, UserId: user, Stops: []contract.VisitRouteStop{}, Left: []contract.VisitRouteLeft{}, Unplaced: []openapi_types.UUID{}}, nil
	}
	if err != nil {
		return contract.VisitRoute{}, fmt.Errorf("route: %w", err)
	}
	var f frozen
	if err := json.Unmarshal(row.Route, &f); err != nil {
		return contract.VisitRoute{}, fmt.Errorf("route: %w", err)
	}
	return routeView(a, in.Day, user, f, &row.PlannedAt), nil
}

// whoseDay: one's own, or for who plans that of somebody who goes for the institution. It answers the institution as well.
func (s *Service) whoseDay(ctx context.Context, a identity.Actor, user *uuid.UUID) (uuid.UUID, uuid.UUID, error) {
	if err := require(a, append(goers(), planners()...)...); err != nil {
		return uuid.Nil, uuid.Nil, err
	}
	if user == nil || *user == a.UserID {
		orgs := a.Organisations(goers()...)
		if len(orgs) == 0 {
			return uuid.Nil, uuid.Nil, invalid("userId", "required")
		}
		if own := a.Organisations(doctors()...); len(own) > 0 {
			orgs = own
		}
		return a.UserID, orgs[0], nil
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return uuid.Nil, uuid.Nil, err
	}
	for _, org := range a.Organisations(append(planners(), roleFamily)...) {
		people, err := q.VisitStaff(ctx, db.VisitStaffParams{OrganisationID: org, Roles: goers(), Now: now})
		if err != nil {
			return uuid.Nil, uuid.Nil, fmt.Errorf("who goes: %w", err)
		}
		if slices.ContainsFunc(people, func(p db.VisitStaffRow) bool { return p.ID == *user }) {
			return *user, org, nil
		}
	}
	return uuid.Nil, uuid.Nil, problem.NotFound()
}

// PlanVisitRoute plans somebody's day: what is booked keeps its time, what is under way its place, and of what waits for an appointment it says
// what would fit in where, at what price. Nothing is booked by it.
func (s *Service) PlanVisitRoute(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.VisitRouteRequest) (contract.VisitRoute, error) {
	user, org, err := s.whoseDay(ctx, a, in.UserId)
	if err != nil {
		return contract.VisitRoute{}, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.VisitRoute{}, err
	}
	day := dayStart(in.Day.Time)
	if day.Before(now.AddDate(0, 0, -1)) || day.After(now.AddDate(0, 0, 62)) {
		return contract.VisitRoute{}, invalid("day", "visit_time")
	}
	end := day.AddDate(0, 0, 1)
	mine, err := q.Visits(ctx, db.VisitsParams{Visiting: []uuid.UUID{org}, Homes: []uuid.UUID{}, Works: []uuid.UUID{}, Me: user, Goes: &user, Since: &day, Before: &end, Most: pageSize,
		States: []string{string(consult.VisitBooked), string(consult.VisitEnRoute), string(consult.VisitArrived), string(consult.VisitLeft), string(consult.VisitDone)}})
	if err != nil {
		return contract.VisitRoute{}, fmt.Errorf("visits of the day: %w", err)
	}
	waiting, err := q.Visits(ctx, db.VisitsParams{Visiting: []uuid.UUID{org}, Homes: []uuid.UUID{}, Works: []uuid.UUID{}, Me: user, States: []string{string(consult.VisitAssessed)}, Most: mostWaiting})
	if err != nil {
		return contract.VisitRoute{}, fmt.Errorf("waiting visits: %w", err)
	}
	waiting = slices.DeleteFunc(waiting, func(r db.VisitsRow) bool {
		d := consult.DateFromTime(in.Day.Time)
		return d.Before(consult.DateFromTime(r.HomeVisit.WantedFrom)) || consult.DateFromTime(r.HomeVisit.WantedTo).Before(d)
	})
	f, err := s.plan(ctx, q, org, day, now, append(mine, waiting...))
	if err != nil {
		return contract.VisitRoute{}, err
	}
	raw, err := json.Marshal(f)
	if err != nil {
		return contract.VisitRoute{}, fmt.Errorf("route: %w", err)
	}
	_, err = s.command(ctx, a, cmd, "planVisitRoute", in, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		return user, q.SaveRoute(ctx, db.SaveRouteParams{UserID: user, Day: in.Day.Time, OrganisationID: org, Route: raw, Now: now})
	})
	if err != nil {
		return contract.VisitRoute{}, err
	}
	return routeView(a, in.Day, user, f, &now), nil
}

// plan asks the solver. Places of residents leave only to the institution's own route server, if there is one.
func (s *Service) plan(ctx context.Context, q *db.Queries, org uuid.UUID, day, now time.Time, rows []db.VisitsRow) (frozen, error) {
	f := frozen{Stops: []frozenStop{}, Left: []frozenLeft{}, Unplaced: []uuid.UUID{}}
	var places []travel.Place
	start := route.Nowhere
	base, err := q.OrganisationPlace(ctx, org)
	switch {
	case err == nil:
		start = 0
		places = append(places, travel.Place{Name: org.String(), Lon: base.Lon, Lat: base.Lat})
	case !store.IsNone(err):
		return f, fmt.Errorf("place of the institution: %w", err)
	}
	p := &route.Problem{Doctors: []route.Doctor{{Start: start, End: start, Shift: route.Window{From: int64(dayBegins.Seconds()), To: int64((24 * time.Hour).Seconds()) - 1},
		Until: int64(dayEnds.Seconds())}}, Planned: [][]int32{{}}}
	var planned []db.VisitsRow
	since := func(t time.Time) int64 { return max(0, int64(t.Sub(day).Seconds())) }
	for _, r := range rows {
		point, err := s.openPlace("resident_homes", "place_enc", r.HomeVisit.ResidentID, r.PlaceEnc, nil)
		if err != nil {
			return f, err
		}
		if point == nil {
			f.Unplaced = append(f.Unplaced, r.HomeVisit.ID)
			continue
		}
		v := route.Visit{ID: int64(len(planned)), Place: len(places), Service: int64(r.HomeVisit.Minutes) * 60, Priority: int(r.HomeVisit.Priority), Doctor: route.Anybody}
		places = append(places, travel.Place{Name: r.HomeVisit.ResidentID.String(), Lon: point.Lon, Lat: point.Lat})
		if at := r.HomeVisit.StartsAt; at != nil {
			v.Windows = []route.Window{{From: since(*at), To: since(at.Add(mayBeLate))}}
			v.Service = max(60, int64(r.HomeVisit.EndsAt.Sub(*at).Seconds()))
			v.Priority = 100
			p.Doctors[0].Shift.From = min(p.Doctors[0].Shift.From, max(0, since(*at)-3600))
		}
		if r.HomeVisit.ArrivedAt != nil { // it has begun or is over: it stays first
			if len(p.Doctors[0].First) == 0 {
				begun := since(*r.HomeVisit.ArrivedAt)
				p.Doctors[0].Begun = &begun
				p.Doctors[0].Shift.From = min(p.Doctors[0].Shift.From, begun)
			}
			p.Doctors[0].First = append(p.Doctors[0].First, len(planned))
			if left := r.HomeVisit.LeftAt; left != nil {
				v.Service = max(60, int64(left.Sub(*r.HomeVisit.ArrivedAt).Seconds()))
			}
		} else if r.HomeVisit.StartsAt != nil {
			p.Planned[0] = append(p.Planned[0], int32(len(planned)))
		}
		p.Visits = append(p.Visits, v)
		planned = append(planned, r)
	}
	if today := consult.DateOf(now) == consult.DateOf(day); today && len(p.Doctors[0].First) == 0 {
		p.Doctors[0].Shift.From = max(p.Doctors[0].Shift.From, since(now))
	}
	if p.Travel, err = s.travel.Table(ctx, places); err != nil {
		return f, fmt.Errorf("travel times: %w", err)
	}
	if err := p.Check(); err != nil {
		return f, fmt.Errorf("plan the day: %w", err)
	}
	limited, stop := context.WithTimeout(ctx, routeFor)
	defer stop()
	return freeze(f, route.Solve(limited, p, route.Options{Seed: 1, Rounds: routeRounds, MinGain: keepOrder}), planned, day), nil
}

func freeze(f frozen, plan route.Plan, rows []db.VisitsRow, day time.Time) frozen {
	d := plan.Days[0]
	at := func(seconds int64) int64 { return day.Unix() + seconds }
	if len(d.Stops) > 0 {
		f.Leaves, f.Back, f.Travel, f.Metres = at(d.Leaves), at(d.Ends), d.Travel, d.Metres
	}
	for i, stop := range d.Stops {
		if stop.Visit < 0 {
			continue
		}
		f.Stops = append(f.Stops, frozenStop{Visit: rows[stop.Visit].HomeVisit.ID, Arrival: at(stop.Arrival), Begin: at(stop.Begin), Leave: at(stop.Leave), Travel: stop.Travel,
			Metres: stop.Metres, Wait: stop.Wait, Booked: rows[stop.Visit].HomeVisit.StartsAt != nil, Why: d.Why[i]})
	}
	for _, l := range plan.Left {
		f.Left = append(f.Left, frozenLeft{Visit: rows[l.Visit].HomeVisit.ID, Why: l.Reasons[0].Code})
	}
	return f
}

func routeView(a identity.Actor, day openapi_types.Date, user uuid.UUID, f frozen, planned *time.Time) contract.VisitRoute {
	unix := func(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
	out := contract.VisitRoute{Day: day, UserId: user, PlannedAt: utc(planned), Stops: []contract.VisitRouteStop{}, Left: []contract.VisitRouteLeft{}, Unplaced: f.Unplaced,
		TravelSeconds: int(f.Travel), Metres: int(f.Metres)}
	if out.Unplaced == nil {
		out.Unplaced = []openapi_types.UUID{}
	}
	if len(f.Stops) > 0 {
		leaves, back := unix(f.Leaves), unix(f.Back)
		out.Leaves, out.Back = &leaves, &back
	}
	for _, st := range f.Stops {
		stop := contract.VisitRouteStop{VisitId: st.Visit, Arrival: unix(st.Arrival), Begin: unix(st.Begin), Leave: unix(st.Leave), TravelSeconds: int(st.Travel), Metres: int(st.Metres),
			WaitSeconds: int(st.Wait), Booked: st.Booked, Reasons: []contract.RouteReason{}}
		for _, why := range st.Why {
			stop.Reasons = append(stop.Reasons, reasonView(a, why))
		}
		out.Stops = append(out.Stops, stop)
	}
	for _, l := range f.Left {
		out.Left = append(out.Left, contract.VisitRouteLeft{VisitId: l.Visit, Reason: reasonView(a, route.Reason{Code: l.Why})})
	}
	return out
}

// reasonView is a reason with its sentence: route_detour, route_window_kept … of the catalogue.
func reasonView(a identity.Actor, r route.Reason) contract.RouteReason {
	code := "route_" + strings.ToLower(string(r.Code))
	seconds := int(r.Seconds)
	return contract.RouteReason{Code: string(r.Code), Seconds: &seconds, Message: problem.Sentence(a.Locale, code, problem.Args{"minutes": fmt.Sprint((r.Seconds + 30) / 60)})}
}
