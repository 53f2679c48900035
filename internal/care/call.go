package care

import (
	"context"
	"errors"
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

// The two sides of a call.
const (
	sideCare    = "CARE"
	sideMedical = "MEDICAL"
)

// CallParticipant is somebody who belongs to a call, connected or not.
type CallParticipant struct {
	ID, User  uuid.UUID
	Name      string
	Role      string
	Side      string // CARE or MEDICAL
	Connected bool
}

// GetTicket gives a media ticket for the consultation's call and opens the call, or a new one after End call. The inviting
// side needs no epoch; the grantee names his own. Errors: 409 epoch_stale, call_not_possible and doctor_busy (who resumes
// while another consultation holds him), 422 consent_required and the code of a gate that does not let it start.
func (s *Service) GetTicket(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.TicketRequest) (contract.Ticket, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return contract.Ticket{}, err
	}
	var ticket identity.Ticket
	var started time.Time
	err := s.onConsultation(ctx, a, nil, "getTicket", id, in, func(v sight) bool { return v.care() || v.consultant }, func(ch *change) error {
		if !ch.sight.care() && !ch.sight.holder {
			return ch.conflict(ctx, "epoch_stale", nil)
		}
		if ch.sight.holder && !ch.sight.care() {
			if in.Epoch == nil {
				return missing("epoch")
			}
			if err := ch.atEpoch(ctx, *in.Epoch); err != nil {
				return err
			}
		}
		if err := s.checkInAtHome(ctx, ch); err != nil {
			return err
		}
		if err := s.callPossible(ctx, ch); err != nil {
			return err
		}
		call, err := s.openCall(ctx, ch)
		if err != nil {
			return err
		}
		side, role := sideCare, RoleNurse
		switch {
		case !ch.sight.care():
			side, role = sideMedical, RoleConsultant
		case ch.sight.attending:
			role = RoleAttending
		}
		seat, err := ch.q.EnsureParticipant(ctx, db.EnsureParticipantParams{ID: newID(), CallID: call.ID, UserID: a.UserID, Side: side, Role: role, Now: ch.now})
		if err != nil {
			return fmt.Errorf("participant: %w", err)
		}
		ticket = identity.Ticket{Room: call.ID, Participant: seat, User: a.UserID, Epoch: ch.c.Epoch}
		started = call.StartedAt.UTC()
		return nil
	})
	if gatesRefused(err) {
		if kept := s.keepRefusal(ctx, a, id, consult.StageStart, "", nil); kept != nil {
			return contract.Ticket{}, errors.Join(err, kept)
		}
	}
	if store.Violates(err, "consultations_one_open_per_resident") {
		err = problem.New(http.StatusConflict, "call_not_possible", nil)
	}
	if err := s.oneEach(ctx, id, err); err != nil {
		return contract.Ticket{}, err
	}
	token, expires, err := s.id.IssueTicket(ctx, ticket)
	if err != nil {
		return contract.Ticket{}, fmt.Errorf("ticket: %w", err)
	}
	people, err := s.CallParticipants(ctx, ticket.Room)
	if err != nil {
		return contract.Ticket{}, err
	}
	out := contract.Ticket{CallId: ticket.Room, ParticipantId: ticket.Participant, Ticket: token, ExpiresAt: expires.UTC(), Epoch: ticket.Epoch,
		StartedAt: started, Participants: make([]contract.Participant, len(people))}
	for i, p := range people {
		out.Participants[i] = contract.Participant{Id: p.ID, UserId: p.User, Name: p.Name, Role: p.Role, Side: contract.ParticipantSide(p.Side), Connected: &p.Connected}
	}
	return out, nil
}

// callPossible: accepted (with a consent), planned for now, waiting, in progress or paused.
func (s *Service) callPossible(ctx context.Context, ch *change) error {
	if written(ch.c) {
		return ch.conflict(ctx, "call_not_possible", nil)
	}
	if err := s.notWithdrawn(ctx, ch); err != nil {
		return err
	}
	if err := mayStart(ch.c); err != nil {
		return err
	}
	switch consult.State(ch.c.State) {
	case consult.StateAccepted:
		if err := s.readyIfConsented(ctx, ch); err != nil {
			return err
		}
		if ch.c.State == string(consult.StateAccepted) {
			return problem.New(http.StatusUnprocessableEntity, "consent_required", nil)
		}
		return ch.mayStart(ctx)
	case consult.StateScheduled:
		if err := s.beginPlanned(ctx, ch); err != nil {
			return err
		}
		return ch.mayStart(ctx)
	case consult.StateWaiting:
		return ch.mayStart(ctx)
	case consult.StateInProgress:
		return nil
	case consult.StateAbortedTech:
		busy, err := ch.q.DoctorBusy(ctx, db.DoctorBusyParams{DoctorID: ch.c.DoctorID, ExceptID: ch.c.ID})
		if err != nil {
			return fmt.Errorf("busy: %w", err)
		}
		if busy {
			return ch.conflict(ctx, "doctor_busy", nil)
		}
		return nil
	}
	return ch.conflict(ctx, "call_not_possible", nil)
}

// openCall gives the consultation's open call and makes one when there is none.
func (s *Service) openCall(ctx context.Context, ch *change) (db.Call, error) {
	call, err := ch.q.OpenCallOf(ctx, ch.c.ID)
	if err == nil {
		return call, nil
	}
	if !store.IsNone(err) {
		return call, fmt.Errorf("open call: %w", err)
	}
	call = db.Call{ID: newID(), StartedAt: ch.now}
	if err := ch.q.CreateCall(ctx, db.CreateCallParams{ID: call.ID, Now: ch.now}); err != nil {
		return call, fmt.Errorf("open a call: %w", err)
	}
	if err := ch.q.LinkCall(ctx, db.LinkCallParams{CallID: call.ID, ConsultationID: ch.c.ID, Now: ch.now}); err != nil {
		return call, fmt.Errorf("open a call: %w", err)
	}
	ch.touch("call")
	return call, ch.record(ctx, eventCallOpened, map[string]any{"callId": call.ID})
}

// EndCall ends the call for all. The consultation stays open and may be called again: only its clocks begin to run. Without
// an open call it is 409 call_ended.
func (s *Service) EndCall(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EpochRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "endCall", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		ended, err := s.endOpenCall(ctx, ch, endByDoctor)
		if err != nil {
			return err
		}
		if !ended {
			return ch.conflict(ctx, "call_ended", nil)
		}
		return s.followMedia(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// endOpenCall ends the consultation's call and says whether one was open; the relay's node closes the room when it reads
// call.ended.
func (s *Service) endOpenCall(ctx context.Context, ch *change, code string) (bool, error) {
	call, err := ch.q.OpenCallOf(ctx, ch.c.ID)
	if store.IsNone(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open call: %w", err)
	}
	people, err := ch.q.ParticipantsOfCall(ctx, call.ID)
	if err != nil {
		return false, fmt.Errorf("participants: %w", err)
	}
	if _, err := ch.q.EndCallRow(ctx, db.EndCallRowParams{ID: call.ID, Now: &ch.now, EndCode: code, EndedBy: ch.actor}); err != nil {
		return false, fmt.Errorf("end the call: %w", err)
	}
	if err := ch.q.UnlinkCall(ctx, db.UnlinkCallParams{CallID: call.ID, Now: &ch.now}); err != nil {
		return false, fmt.Errorf("end the call: %w", err)
	}
	users := make([]uuid.UUID, len(people))
	for i, p := range people {
		users[i] = p.UserID
	}
	ch.touch("call")
	ch.tell("call.ended", store.Audience{Users: users}, callEnded{CallID: call.ID, ConsultationID: ch.c.ID, Reason: code})
	return true, ch.record(ctx, eventCallEnded, map[string]any{"callId": call.ID, "reason": code})
}

// CallParticipants lists who belongs to a call. An unknown call is not_found, one that has ended call_ended.
func (s *Service) CallParticipants(ctx context.Context, call uuid.UUID) ([]CallParticipant, error) {
	q := s.st.Q()
	row, err := q.CallByID(ctx, call)
	if store.IsNone(err) {
		return nil, problem.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	if row.EndedAt != nil {
		return nil, problem.New(http.StatusConflict, "call_ended", nil)
	}
	rows, err := q.ParticipantsOfCall(ctx, call)
	if err != nil {
		return nil, fmt.Errorf("participants: %w", err)
	}
	out := make([]CallParticipant, len(rows))
	for i, r := range rows {
		out[i] = CallParticipant{ID: r.ID, User: r.UserID, Name: r.DisplayName, Role: r.Role, Side: r.Side, Connected: r.Connected}
	}
	return out, nil
}

// AuthoriseTicket says whether a ticket that was issued still holds when it is used: the call is open, the seat is the
// user's, and on the medical side the grant is still the one that the ticket names. Errors: not_found, call_ended,
// epoch_stale.
func (s *Service) AuthoriseTicket(ctx context.Context, t identity.Ticket) (CallParticipant, error) {
	people, err := s.CallParticipants(ctx, t.Room)
	if err != nil {
		return CallParticipant{}, err
	}
	for _, p := range people {
		if p.ID != t.Participant || p.User != t.User {
			continue
		}
		if p.Side == sideCare {
			return p, nil
		}
		q := s.st.Q()
		ids, err := q.ConsultationsOfCall(ctx, t.Room)
		if err != nil {
			return CallParticipant{}, fmt.Errorf("consultation of the call: %w", err)
		}
		var stale error
		for _, id := range ids {
			c, err := q.GetConsultation(ctx, id)
			if err != nil {
				return CallParticipant{}, fmt.Errorf("consultation of the call: %w", err)
			}
			if c.Epoch == t.Epoch && c.DoctorID != nil && *c.DoctorID == t.User {
				return p, nil
			}
			stale = problem.Conflict("epoch_stale", s.current(ctx, q, c))
		}
		if stale != nil {
			return CallParticipant{}, stale
		}
	}
	return CallParticipant{}, problem.NotFound()
}
