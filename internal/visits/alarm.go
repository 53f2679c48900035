package visits

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The kinds of alarm.
const (
	alarmSOS     = "SOS"
	alarmOverdue = "OVERDUE"
)

// RaiseVisitAlarm is the one key for help. Pressed again while it stands it is the same alarm. Error: 409 visit_not_out.
func (s *Service) RaiseVisitAlarm(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.VisitAlarmInput) (contract.VisitAlarm, error) {
	if err := require(a, goers()...); err != nil {
		return contract.VisitAlarm{}, err
	}
	err := s.onVisit(ctx, a, cmd, "raiseVisitAlarm", id, in, func(c *change) error {
		if !c.sight.goes {
			return problem.Forbidden()
		}
		if !consult.VisitOnTheRoad(consult.VisitState(c.v.State)) && c.v.State != string(consult.VisitBooked) && c.v.State != string(consult.VisitLeft) && !watched(c.v) {
			return c.conflict("visit_not_out", nil)
		}
		return c.alarm(ctx, alarmSOS, in.Place)
	})
	if err != nil {
		return contract.VisitAlarm{}, err
	}
	alarms, err := s.alarms(ctx, a, nil)
	if err != nil {
		return contract.VisitAlarm{}, err
	}
	for _, al := range alarms {
		if al.VisitId == id && al.Kind == alarmSOS {
			return al, nil
		}
	}
	return contract.VisitAlarm{}, problem.NotFound() // somebody closed it meanwhile
}

// alarm raises one and tells those in charge at any hour; one of a kind stands at a time.
func (c *change) alarm(ctx context.Context, kind string, place *contract.GeoPoint) error {
	id := newID()
	sealed, metres := c.s.sealPlace("visit_alarms", "place_enc", id, place)
	n, err := c.q.AddAlarm(ctx, db.AddAlarmParams{ID: id, VisitID: c.v.ID, Kind: kind, RaisedBy: c.actor, Now: c.now, PlaceEnc: sealed, Metres: metres})
	if err != nil {
		return fmt.Errorf("alarm: %w", err)
	}
	if n == 0 {
		return nil
	}
	if err := c.event(ctx, "ALARM", "", "", map[string]any{"kind": kind, "alarmId": id}); err != nil {
		return err
	}
	who, err := c.q.PeopleInCharge(ctx, db.PeopleInChargeParams{OrganisationID: c.v.OrganisationID, Roles: planners(), Now: c.now})
	if err != nil {
		return fmt.Errorf("who is in charge: %w", err)
	}
	return notify.Enqueue(ctx, c.q, notify.Fact{Event: notify.VisitAlarm, Key: string(notify.VisitAlarm) + ":" + id.String(), Urgency: consult.Critical, Users: who, Present: true,
		Subject: c.v.ID, At: c.now})
}

// found: somebody in charge has found out that who is missed is well. Who has left is back; who is still out is expected a while later.
func (c *change) found(ctx context.Context) error {
	if consult.VisitOnTheRoad(consult.VisitState(c.v.State)) {
		until := c.now.Add(missedAfter)
		c.v.ExpectedBackAt = &until
	} else {
		c.v.BackAt = &c.now
	}
	return c.save(ctx)
}

// missed raises an alarm for everybody who is not back in time.
func (s *Service) missed(ctx context.Context) (int, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return 0, err
	}
	ids, err := q.OverdueVisits(ctx, now)
	if err != nil {
		return 0, fmt.Errorf("who is not back: %w", err)
	}
	did := 0
	for _, id := range ids {
		n, err := s.bySystem(ctx, id, func(c *change) (bool, error) {
			if c.v.BackAt != nil || c.v.ExpectedBackAt == nil || !c.v.ExpectedBackAt.Before(c.now) {
				return false, nil
			}
			return true, c.alarm(ctx, alarmOverdue, nil)
		})
		if err != nil {
			return did, err
		}
		did += n
	}
	return did, nil
}

// ListVisitAlarms gives the alarms that stand, the oldest first.
func (s *Service) ListVisitAlarms(ctx context.Context, a identity.Actor) ([]contract.VisitAlarm, error) {
	if err := require(a, append(goers(), planners()...)...); err != nil {
		return nil, err
	}
	return s.alarms(ctx, a, nil)
}

func (s *Service) alarms(ctx context.Context, a identity.Actor, id *uuid.UUID) ([]contract.VisitAlarm, error) {
	rows, err := s.st.Q().OpenAlarms(ctx, db.OpenAlarmsParams{Organisations: a.Organisations(planners()...), Works: a.Organisations(), Me: a.UserID, ID: id})
	if err != nil {
		return nil, fmt.Errorf("alarms: %w", err)
	}
	out := []contract.VisitAlarm{}
	for _, r := range rows {
		v := contract.VisitAlarm{Id: r.ID, VisitId: r.VisitID, Number: r.Number, Kind: contract.VisitAlarmKind(r.Kind), RaisedAt: r.RaisedAt.UTC(), Who: r.LeadName,
			ExpectedBackAt: utc(r.ExpectedBackAt), TakenBy: some(r.TakenName), TakenAt: utc(r.TakenAt)}
		if v.Place, err = s.openPlace("visit_alarms", "place_enc", r.ID, r.PlaceEnc, r.Metres); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// StepVisitAlarm takes the next step of an alarm: TAKE says who looks after it, CLOSE that it is over, in words. Errors: 409 alarm_taken, 422 on words.
func (s *Service) StepVisitAlarm(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.VisitAlarmStep) ([]contract.VisitAlarm, error) {
	if err := require(a, planners()...); err != nil {
		return nil, err
	}
	words := strings.TrimSpace(value(in.Words))
	if in.Action == contract.VisitAlarmStepActionCLOSE && words == "" {
		return nil, invalid("words", "required")
	}
	keyed := struct {
		ID   uuid.UUID
		Body contract.VisitAlarmStep
	}{id, in}
	_, err := s.command(ctx, a, cmd, "stepVisitAlarm", keyed, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		rows, err := q.OpenAlarms(ctx, db.OpenAlarmsParams{Organisations: a.Organisations(planners()...), Works: []uuid.UUID{}, Me: uuid.Nil, ID: &id})
		if err != nil {
			return id, fmt.Errorf("alarm: %w", err)
		}
		if len(rows) != 1 {
			return id, problem.NotFound()
		}
		visit := rows[0].VisitID
		v, err := q.LockVisit(ctx, visit)
		if err != nil {
			return id, fmt.Errorf("visit: %w", err)
		}
		c := &change{s: s, q: q, v: v, was: v.State, now: now, actor: &a.UserID, role: roleIn(a, rows[0].OrganisationID, planners()...)}
		var n int64
		if in.Action == contract.VisitAlarmStepActionTAKE {
			n, err = q.TakeAlarm(ctx, db.TakeAlarmParams{UserID: &a.UserID, Now: &now, ID: id})
		} else {
			n, err = q.CloseAlarm(ctx, db.CloseAlarmParams{UserID: &a.UserID, Now: &now, NoteEnc: s.sealText("visit_alarms", "note_enc", id, words), ID: id})
		}
		if err != nil {
			return id, fmt.Errorf("alarm: %w", err)
		}
		if n == 0 {
			return id, problem.New(http.StatusConflict, "alarm_taken", nil)
		}
		if err := c.event(ctx, "ALARM_"+string(in.Action), "", "", map[string]any{"alarmId": id}); err != nil {
			return id, err
		}
		if in.Action == contract.VisitAlarmStepActionCLOSE && rows[0].Kind == alarmOverdue {
			if err := c.found(ctx); err != nil {
				return id, err
			}
		}
		return id, store.Append(ctx, q, visit, c.envelope("visit.alarm"))
	})
	if err != nil {
		return nil, err
	}
	return s.alarms(ctx, a, nil)
}
