package visits

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// change is one transaction on one locked visit.
type change struct {
	s     *Service
	q     *db.Queries
	v     db.HomeVisit // as it is to be
	was   string       // its state before
	sight sight
	now   time.Time
	at    *time.Time     // the device's time, where it differs
	by    identity.Actor // who carries out the command
	actor *uuid.UUID     // nil: the system
	role  string
	also  []store.Envelope        // what is told of other visits and of appointments
	after []func(context.Context) // what comes after the commit
}

// onVisit carries out one command on one visit: lock, see, look for a repetition, do, save, note, tell.
func (s *Service) onVisit(ctx context.Context, a identity.Actor, cmd uuid.UUID, operation string, id uuid.UUID, request any, do func(c *change) error) error {
	keyed := struct {
		ID   uuid.UUID
		Body any
	}{id, request}
	var after []func(context.Context)
	_, err := s.command(ctx, a, cmd, operation, keyed, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		after = nil
		v, sees, err := s.lock(ctx, q, a, id)
		if err != nil {
			return id, err
		}
		c := &change{s: s, q: q, v: v, was: v.State, sight: sees, now: now, by: a, actor: &a.UserID, role: sees.role()}
		if err := do(c); err != nil {
			return id, err
		}
		after = c.after
		return id, c.commit(ctx)
	})
	if err == nil {
		for _, f := range after {
			f(ctx)
		}
	}
	return err
}

// may gives where a step leads by the table of package consult; what the state does not allow is 409 with it.
func (c *change) may(act consult.VisitAction, words string) (consult.VisitState, error) {
	to, err := consult.VisitStep(consult.VisitState(c.v.State), act, c.sight.side(), words)
	if err != nil {
		for _, r := range consult.Refusals(err) {
			if r.Code == consult.CodeVisitStep {
				return to, c.conflict(r.Code, r.Args)
			}
		}
	}
	return to, err
}

// step moves the visit, with one event.
func (c *change) step(ctx context.Context, act consult.VisitAction, words string, data map[string]any) error {
	to, err := c.may(act, words)
	if err != nil {
		return err
	}
	from := c.v.State
	c.v.State = string(to)
	return c.event(ctx, string(act), from, c.v.State, data)
}

func (c *change) event(ctx context.Context, kind, from, to string, data map[string]any) error {
	return addEvent(ctx, c.q, db.AddHomeEventParams{ObjectID: c.v.ID, Type: kind, FromState: from, ToState: to, ActorID: c.actor, ActorRole: c.role, DeviceAt: c.at, Now: c.now}, data)
}

func addEvent(ctx context.Context, q *db.Queries, p db.AddHomeEventParams, data map[string]any) error {
	if data == nil {
		data = map[string]any{}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event %s: %w", p.Type, err)
	}
	p.ID, p.Data = newID(), raw
	if err := q.AddHomeEvent(ctx, p); err != nil {
		return fmt.Errorf("event %s: %w", p.Type, err)
	}
	return nil
}

// commit saves by compare-and-set and tells both sides. The outbox comes last.
func (c *change) commit(ctx context.Context) error {
	if err := c.save(ctx); err != nil {
		return err
	}
	return store.Append(ctx, c.q, c.v.ID, append(c.also, c.envelope("visit.changed"))...)
}

func (c *change) save(ctx context.Context) error {
	v := c.v
	rows, err := c.q.SaveVisit(ctx, db.SaveVisitParams{State: v.State, Eligibility: v.Eligibility, ExceptionEnc: v.ExceptionEnc, AssessmentEnc: v.AssessmentEnc, Two: v.Two,
		TwoWhy: v.TwoWhy, Plans: v.Plans, Minutes: v.Minutes, Priority: v.Priority, AssessedBy: v.AssessedBy, AssessedAt: v.AssessedAt, AppointmentID: v.AppointmentID, BookedAt: v.BookedAt, LeadID: v.LeadID,
		SecondID: v.SecondID, StartsAt: v.StartsAt, EndsAt: v.EndsAt, DepartedAt: v.DepartedAt, ArrivedAt: v.ArrivedAt, ArrivedHeardAt: v.ArrivedHeardAt, ArrivalEnc: v.ArrivalEnc,
		ArrivalMetres: v.ArrivalMetres, LeftAt: v.LeftAt, LeftHeardAt: v.LeftHeardAt, DepartureEnc: v.DepartureEnc, DepartureMetres: v.DepartureMetres, RoadMetres: v.RoadMetres,
		InsuranceNo: v.InsuranceNo, EndCode: v.EndCode, EndNoteEnc: v.EndNoteEnc, RecordEnc: v.RecordEnc, RecordRevision: v.RecordRevision, SignerKind: v.SignerKind,
		SignerNameEnc: v.SignerNameEnc, SignatureID: v.SignatureID, NextOn: v.NextOn, ConsultationID: v.ConsultationID, ExpectedBackAt: v.ExpectedBackAt, BackAt: v.BackAt,
		Now: c.now, ID: v.ID, Revision: v.Revision})
	if err != nil {
		return fmt.Errorf("save the visit: %w", err)
	}
	if rows != 1 {
		return c.conflict("revision_stale", nil)
	}
	c.v.Revision++
	return nil
}

// visitChanged is the data of the event that sockets get; see signaling/PROTOCOL.md.
type visitChanged struct {
	VisitID  uuid.UUID `json:"visitId"`
	State    string    `json:"state"`
	Revision int32     `json:"revision"`
}

func (c *change) envelope(event string) store.Envelope {
	to := store.Audience{Organisations: []uuid.UUID{c.v.ResidentOrgID, c.v.OrganisationID}}
	for _, p := range []*uuid.UUID{c.v.LeadID, c.v.SecondID} {
		if p != nil {
			to.Users = append(to.Users, *p)
		}
	}
	return store.Envelope{Event: event, To: to, Data: visitChanged{VisitID: c.v.ID, State: c.v.State, Revision: c.v.Revision}}
}

// conflict is 409 with what the visit is now.
func (c *change) conflict(code string, args problem.Args) error {
	revision := int(c.v.Revision)
	return problem.New(http.StatusConflict, code, args).With(contract.CurrentState{State: contract.State(c.was), Revision: &revision})
}

// The bounds of a device's time: what a clock may be ahead, and how long a device may have been away.
const (
	clockAhead = 5 * time.Minute
	awayFor    = 7 * 24 * time.Hour
)

// device takes over the device's time of a step. It lies not before what happened earlier.
func (c *change) device(at *time.Time, after ...*time.Time) (time.Time, error) {
	if at == nil {
		return c.now, nil
	}
	t := at.UTC().Truncate(time.Millisecond)
	if t.After(c.now.Add(clockAhead)) || t.Before(c.now.Add(-awayFor)) {
		return t, invalid("at", "visit_time")
	}
	for _, earlier := range after {
		if earlier != nil && t.Before(*earlier) {
			return t, invalid("at", "visit_time_order")
		}
	}
	if t.After(c.now) {
		t = c.now
	}
	c.at = &t
	return t, nil
}
