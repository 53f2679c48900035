package care

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// change is one transaction on one locked consultation. Steps, events and the ladder are kept as they happen and written once,
// by settle: the row is locked, so nobody else can see what was between, and a row that is written five times costs five times as
// much. What others are to be told is kept until commit, because the outbox comes last.
type change struct {
	s     *Service
	q     *db.Queries
	c     db.Consultation // as it is after what was done so far, as far as state, epoch and doctor go
	sight sight
	now   time.Time
	actor *uuid.UUID // nil: the system
	role  string
	// waited says that it was offered when the change began.
	waited bool
	// cleared says that the gates of the start were asked in this change and let it through.
	cleared bool

	last   string            // event that was written last
	moved  *consult.Position // where the row stands in the database while steps are not yet written
	ladder bool              // the ladder is to be written
	events db.AppendEventsParams

	sections    []string
	queue       string
	duty        bool
	board       string      // what changed for the dispatchers, when not the queue
	newly       []uuid.UUID // departments that a step of the ladder has just asked
	departments []uuid.UUID // of the audience; nil: not yet asked
	card        *db.RingCardRow
	roster      roster
	more        []store.Envelope
	counted     bool       // effective time is another than before
	round       *uuid.UUID // of which it is a turn: it rings nobody
}

func (s *Service) change(q *db.Queries, c db.Consultation, v sight, now time.Time, a identity.Actor) *change {
	return &change{s: s, q: q, c: c, sight: v, now: now, actor: &a.UserID, role: v.role(), waited: c.State == string(consult.StateOffered)}
}

func (s *Service) systemChange(q *db.Queries, c db.Consultation, now time.Time) *change {
	return &change{s: s, q: q, c: c, now: now, role: string(consult.RoleSystem), waited: c.State == string(consult.StateOffered)}
}

// step applies one action of the state machine: the table decides, and exactly one event says so; settle carries it out by
// compare-and-set. What the present state does not allow is 409 with that state.
func (ch *change) step(ctx context.Context, act consult.Action, role consult.Role, reason string, data map[string]any) error {
	return ch.stepAs(ctx, act, string(act), role, reason, data)
}

// stepAs is step with an event of another name than the action's.
func (ch *change) stepAs(ctx context.Context, act consult.Action, kind string, role consult.Role, reason string, data map[string]any) error {
	from := positionOf(ch.c)
	from.Cleared = ch.cleared
	to, err := consult.Step(from, act, role, reason)
	if err != nil {
		if r, ok := errors.AsType[*consult.Refusal](err); ok {
			switch r.Code {
			case consult.CodeTransition, consult.CodeWritten, consult.CodeNotWritten, consult.CodeNeverCritical, consult.CodeCriticalStays, consult.CodeBegun,
				consult.CodeAlreadyAdopted:
				return ch.conflict(ctx, r.Code, r.Args)
			}
		}
		return err
	}
	if ch.moved == nil {
		ch.moved = &from
	}
	ch.c.State, ch.c.Epoch = string(to.State), to.Epoch
	ch.touch("state")
	return ch.event(kind, string(from.State), string(to.State), data)
}

// settle writes what was done so far: the compare-and-set of the steps, the ladder, and the events in their order. Commit does
// it; whoever asks the database about the present state or the events of this consultation before must do it first.
func (ch *change) settle(ctx context.Context) error {
	if ch.moved != nil {
		from, state := *ch.moved, ch.c.State
		rows, err := ch.q.MoveConsultation(ctx, db.MoveConsultationParams{ID: ch.c.ID, FromState: string(from.State), FromEpoch: from.Epoch,
			ToState: state, ToEpoch: ch.c.Epoch, Now: ch.now, LadderStep: ch.c.LadderStep, LadderDueAt: ch.c.LadderDueAt,
			RingDueAt: ch.c.RingDueAt, RingRound: ch.c.RingRound})
		if err != nil {
			return fmt.Errorf("%s to %s: %w", from.State, state, err)
		}
		if rows != 1 {
			return ch.conflict(ctx, consult.CodeTransition, problem.Args{"state": string(from.State), "action": state})
		}
	} else if ch.ladder {
		if err := ch.q.SetLadder(ctx, db.SetLadderParams{ID: ch.c.ID, LadderStep: ch.c.LadderStep, LadderDueAt: ch.c.LadderDueAt,
			RingDueAt: ch.c.RingDueAt, RingRound: ch.c.RingRound}); err != nil {
			return fmt.Errorf("ladder: %w", err)
		}
	}
	if len(ch.events.Types) > 0 {
		ch.events.ConsultationID, ch.events.ActorID, ch.events.ActorRole, ch.events.At = ch.c.ID, ch.actor, ch.role, ch.now
		if err := ch.q.AppendEvents(ctx, ch.events); err != nil {
			return fmt.Errorf("events: %w", err)
		}
	}
	ch.moved, ch.ladder, ch.events = nil, false, db.AppendEventsParams{}
	return nil
}

// positionOf is what the state machine looks at.
func positionOf(c db.Consultation) consult.Position {
	return consult.Position{State: consult.State(c.State), Epoch: c.Epoch, Granted: c.DoctorID != nil, Service: consult.ServiceType(c.ServiceType),
		Critical: c.Urgency == string(consult.Critical), Written: written(c), Begun: c.StartedAt != nil, Qualified: c.QualifiedAt != nil,
		Adopted: c.AdoptedAt != nil}
}

// can says whether the role may do the action to the consultation as it is now, guards included; the gates of the start are asked
// when it comes to it.
func can(c db.Consultation, act consult.Action, role consult.Role) bool {
	position := positionOf(c)
	position.Cleared = true
	_, err := consult.Step(position, act, role, string(act))
	return err == nil
}

// written says that the consultation is a question that is answered by a report, without a call.
func written(c db.Consultation) bool { return c.Mode == string(contract.ModeWRITTEN) }

// record writes an event that is no transition.
func (ch *change) record(_ context.Context, kind string, data map[string]any) error {
	return ch.event(kind, "", "", data)
}

func (ch *change) event(kind, from, to string, data map[string]any) error {
	if data == nil {
		data = map[string]any{}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event %s: %w", kind, err)
	}
	e := &ch.events
	e.Ids, e.Types, e.Froms, e.Tos = append(e.Ids, newID()), append(e.Types, kind), append(e.Froms, from), append(e.Tos, to)
	e.Epochs, e.Data = append(e.Epochs, ch.c.Epoch), append(e.Data, string(raw))
	ch.last = kind
	return nil
}

// touch names a section of the consultation that changed.
func (ch *change) touch(section string) {
	if !slices.Contains(ch.sections, section) {
		ch.sections = append(ch.sections, section)
	}
}

// inQueue says how the doctors' queue changed: offered, claimed, released, withdrawn or updated.
func (ch *change) inQueue(what string) { ch.queue = what }

// tell keeps one more envelope for commit.
func (ch *change) tell(event string, to store.Audience, data any) {
	ch.more = append(ch.more, store.Envelope{Event: event, To: to, Data: data})
}

// audience gives the departments that may see the request now; asked once, so that those are told from whom it is withdrawn. A
// change to what waits neither before nor after it concerns the hospital that answers alone.
func (ch *change) audience(ctx context.Context) ([]uuid.UUID, error) {
	if ch.departments == nil {
		list, err := ch.q.AudienceDepartments(ctx, db.AudienceDepartmentsParams{ConsultationID: ch.c.ID, Now: ch.now})
		if !ch.waited && ch.c.State != string(consult.StateOffered) && ch.c.InvitedOrgID != nil {
			list, err = ch.q.AudienceOfHospital(ctx, db.AudienceOfHospitalParams{ConsultationID: ch.c.ID, Hospital: *ch.c.InvitedOrgID, Now: ch.now})
		}
		if err != nil {
			return nil, fmt.Errorf("audience: %w", err)
		}
		ch.departments = list
	}
	return ch.departments, nil
}

// ringCard is what a ring says, read once.
func (ch *change) ringCard(ctx context.Context) (db.RingCardRow, error) {
	if ch.card == nil {
		r, err := ch.q.RingCard(ctx, db.RingCardParams{ResidentID: ch.c.ResidentID, OrganisationID: ch.c.InvitingOrgID, Visitors: ch.c.Visitors, Now: ch.now})
		if err != nil {
			return r, fmt.Errorf("what a ring says: %w", err)
		}
		ch.card = &r
	}
	return *ch.card, nil
}

// commit settles, judges what is over by the countability rules, and writes the outbox rows. Those are the last statement of the
// transaction.
func (ch *change) commit(ctx context.Context) error {
	if err := ch.settle(ctx); err != nil {
		return err
	}
	if err := ch.judge(ctx); err != nil {
		return err
	}
	departments, err := ch.audience(ctx)
	if err != nil {
		return err
	}
	board := cmp.Or(ch.queue, ch.board)
	var whom db.WhomToTellRow
	if len(ch.sections) > 0 || board != "" || ch.duty {
		if whom, err = ch.q.WhomToTell(ctx, db.WhomToTellParams{ConsultationID: ch.c.ID, Board: board != "", Duty: ch.duty, Hospital: ch.c.InvitedOrgID,
			Departments: departments, Now: ch.now, Day: consult.DateOf(ch.now).Time()}); err != nil {
			return fmt.Errorf("whom to tell: %w", err)
		}
	}
	var out []store.Envelope
	to := invitingAudience(ch.c)
	to.Departments, to.Users = departments, append(to.Users, whom.Users...)
	for _, section := range ch.sections {
		out = append(out, store.Envelope{Event: "consultation.changed", To: to, Data: consultationChanged{
			ConsultationID: ch.c.ID, State: ch.c.State, Epoch: ch.c.Epoch, Section: section}})
	}
	if ch.queue != "" && len(departments) > 0 {
		out = append(out, store.Envelope{Event: "queue.changed", To: store.Audience{Departments: departments},
			Data: queueChanged{ConsultationID: ch.c.ID, Change: ch.queue, Urgency: ch.c.Urgency}})
	}
	if len(whom.Desk) > 0 {
		out = append(out, store.Envelope{Event: "board.changed", To: store.Audience{Users: whom.Desk}, Data: boardChanged{ConsultationID: ch.c.ID, Change: board}})
	}
	out = append(out, ch.more...)
	if ch.duty && ch.c.InvitedOrgID != nil {
		out = append(out, store.Envelope{Event: "duty.changed", To: store.Audience{Organisations: whom.Inviters}, Data: struct{}{}})
	}
	return store.Append(ctx, ch.q, ch.c.ID, out...)
}

// commitAll commits several in the order in which outbox rows may be written, so that two transactions never wait for one another.
func commitAll(ctx context.Context, changes []*change) error {
	slices.SortStableFunc(changes, func(x, y *change) int { return cmp.Compare(x.c.ID[15]%store.Shards, y.c.ID[15]%store.Shards) })
	for _, ch := range changes {
		if err := ch.commit(ctx); err != nil {
			return err
		}
	}
	return nil
}

// conflict is 409 with what the consultation is now.
func (ch *change) conflict(ctx context.Context, code string, args problem.Args) error {
	p := problem.New(http.StatusConflict, code, args)
	return p.With(ch.s.current(ctx, ch.q, ch.c))
}

// atEpoch refuses a command of a grantee that was given under another grant.
func (ch *change) atEpoch(ctx context.Context, epoch int64) error {
	if epoch != ch.c.Epoch || !ch.sight.holder {
		return ch.conflict(ctx, "epoch_stale", nil)
	}
	return nil
}

// current is the present state for a refusal; the holder's name is a colleague's, not a resident's.
func (s *Service) current(ctx context.Context, q *db.Queries, c db.Consultation) contract.CurrentState {
	revision := int(c.RequestRevision)
	out := contract.CurrentState{State: contract.State(c.State), Epoch: c.Epoch, Revision: &revision}
	if c.DoctorID != nil {
		if people, err := q.CasePeople(ctx, db.CasePeopleParams{Ids: []uuid.UUID{*c.DoctorID}, Day: consult.DateOf(dayOfCase(c)).Time()}); err == nil && len(people) == 1 {
			out.DoctorName = &people[0].DisplayName
		}
	}
	return out
}

// The data of the events that sockets get; see signaling/PROTOCOL.md.
type (
	consultationChanged struct {
		ConsultationID uuid.UUID `json:"consultationId"`
		State          string    `json:"state"`
		Epoch          int64     `json:"epoch"`
		Section        string    `json:"section"`
	}
	queueChanged struct {
		ConsultationID uuid.UUID `json:"consultationId"`
		Change         string    `json:"change"`
		Urgency        string    `json:"urgency"`
	}
	ring struct {
		ConsultationID uuid.UUID `json:"consultationId"`
		OfferID        uuid.UUID `json:"offerId"`
		Epoch          int64     `json:"epoch"`
		Urgency        string    `json:"urgency"`
		Bed            string    `json:"bed"`
		Institution    string    `json:"institution"`
		Reasons        []string  `json:"reasons"`
		ExpiresAt      time.Time `json:"expiresAt"`
	}
	ringStop struct {
		ConsultationID uuid.UUID `json:"consultationId"`
		Result         string    `json:"result"`
		DoctorName     string    `json:"doctorName,omitempty"`
	}
	boardChanged struct {
		ConsultationID uuid.UUID `json:"consultationId"`
		Change         string    `json:"change"`
	}
	dispatcherAlert struct {
		ConsultationID uuid.UUID `json:"consultationId"`
		Urgency        string    `json:"urgency"`
		Reason         string    `json:"reason"`
	}
	assigned struct {
		ConsultationID uuid.UUID `json:"consultationId"`
		Epoch          int64     `json:"epoch"`
		Urgency        string    `json:"urgency"`
		AssignedBy     string    `json:"assignedBy"`
	}
	handOverAsked struct {
		ConsultationID uuid.UUID `json:"consultationId"`
		Epoch          int64     `json:"epoch"`
		Urgency        string    `json:"urgency"`
		From           string    `json:"from"`
	}
	messageSent struct {
		ConsultationID uuid.UUID `json:"consultationId"`
		MessageID      uuid.UUID `json:"messageId"`
		SenderID       uuid.UUID `json:"senderId"`
	}
	callEnded struct {
		CallID         uuid.UUID `json:"callId"`
		ConsultationID uuid.UUID `json:"consultationId"`
		Reason         string    `json:"reason"`
	}
)

// What one consultation may hold of things that people add without end.
const (
	maxMessages       = 1000
	maxEmergencySteps = 200
)

// atMost refuses one more than most of what count counts.
func (ch *change) atMost(most int64, count func() (int64, error)) error {
	n, err := count()
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	if n >= most {
		return problem.New(http.StatusUnprocessableEntity, "too_many", problem.Args{"max": strconv.FormatInt(most, 10)})
	}
	return nil
}
