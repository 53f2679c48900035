package care

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// What a dispatcher does to a request that waits. Each command names the epoch, so that one which was given while the request
// changed hands is refused with the present state.

// atDesk carries out a dispatcher's command on a request that waits.
func (s *Service) atDesk(ctx context.Context, a identity.Actor, cmd uuid.UUID, operation string, id uuid.UUID, epoch int64, request any, do func(ch *change) error) (contract.Consultation, error) {
	if err := require(a, RoleDispatcher); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, operation, id, request, desk, func(ch *change) error {
		ch.role = RoleDispatcher
		switch {
		case ch.c.State != string(consult.StateOffered) && ch.c.DoctorID == nil:
			return ch.conflict(ctx, "no_longer_waiting", nil)
		case ch.c.State != string(consult.StateOffered):
			return s.alreadyClaimed(ctx, ch)
		case epoch != ch.c.Epoch:
			return ch.conflict(ctx, "epoch_stale", nil)
		}
		return do(ch)
	})
	if err := s.oneEach(ctx, id, err); err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// TakeCharge says who of the dispatchers looks after a request. A colleague may take over; the bedside is told the name.
func (s *Service) TakeCharge(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EpochRequest) (contract.Consultation, error) {
	return s.atDesk(ctx, a, cmd, "takeCharge", id, in.Epoch, in, func(ch *change) error {
		if ch.c.DispatcherID != nil && *ch.c.DispatcherID == a.UserID {
			return nil
		}
		return s.takeCharge(ctx, ch, a)
	})
}

func (s *Service) takeCharge(ctx context.Context, ch *change, a identity.Actor) error {
	if err := ch.q.SetCharge(ctx, db.SetChargeParams{ID: ch.c.ID, DispatcherID: &a.UserID, Now: ch.now}); err != nil {
		return fmt.Errorf("take charge: %w", err)
	}
	ch.c.DispatcherID = &a.UserID
	ch.touch("state")
	ch.board = "charge"
	return ch.record(ctx, eventCharge, map[string]any{"users": []uuid.UUID{a.UserID}})
}

// WidenConsultation asks the next departments of the ladder now instead of at their time; 409 nothing_wider when all are asked.
func (s *Service) WidenConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EpochRequest) (contract.Consultation, error) {
	return s.atDesk(ctx, a, cmd, "widenConsultation", id, in.Epoch, in, func(ch *change) error {
		for step := consult.LadderStep(ch.c.LadderStep); ; {
			next, ok := step.Next()
			if !ok || next == consult.StepDispatcher {
				return ch.conflict(ctx, "nothing_wider", nil)
			}
			wider, err := s.widen(ctx, ch, next, byDispatcher)
			if err != nil {
				return err
			}
			if wider {
				break
			}
			step = next
		}
		if written(ch.c) {
			ch.c.LadderDueAt, ch.c.RingDueAt = nil, nil
		}
		if err := s.ring(ctx, ch); err != nil {
			return err
		}
		return ch.saveLadder(ctx)
	})
}

// AssignConsultation gives a request to a doctor who is present and free, or who was reached by phone (confirmedByPhone). The
// doctor must be able to answer for a department that is asked or belongs to a hospital of the dispatcher, with the licence
// and the agreement that a claim needs; he sees who assigned it and may give it back. Errors: 409 doctor_not_there and
// doctor_busy, 422 with the coded reason why no service is possible.
func (s *Service) AssignConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.AssignRequest) (contract.Consultation, error) {
	var silenced []uuid.UUID
	out, err := s.atDesk(ctx, a, cmd, "assignConsultation", id, in.Epoch, in, func(ch *change) (err error) {
		silenced, err = s.assign(ctx, ch, a, in)
		return err
	})
	if err == nil {
		s.ringOn(ctx, silenced)
	}
	return out, err
}

func (s *Service) assign(ctx context.Context, ch *change, a identity.Actor, in contract.AssignRequest) ([]uuid.UUID, error) {
	asked, err := ch.audience(ctx)
	if err != nil {
		return nil, err
	}
	own, err := ch.q.DepartmentsOfHospitals(ctx, a.Organisations(RoleDispatcher))
	if err != nil {
		return nil, fmt.Errorf("departments: %w", err)
	}
	doctors, err := s.doctorsFor(ctx, ch.q, append(slices.Clone(asked), own...), ch.now)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(doctors, func(d doctorNow) bool { return d.id == in.DoctorId })
	if i < 0 {
		return nil, problem.Invalid(problem.Field{Path: "doctorId", Code: "not_in_role_here"})
	}
	d, byPhone := doctors[i], value(in.ConfirmedByPhone)
	if !d.here() && !byPhone {
		return nil, ch.conflict(ctx, "doctor_not_there", problem.Args{"doctor": d.name})
	}
	// The department that was asked for answers if it can, then one that is asked, then any.
	slices.SortStableFunc(d.departments, func(x, y uuid.UUID) int {
		rank := func(id uuid.UUID) int {
			switch {
			case ch.c.DepartmentID != nil && id == *ch.c.DepartmentID:
				return 0
			case slices.Contains(asked, id):
				return 1
			}
			return 2
		}
		return rank(x) - rank(y)
	})
	silenced, err := s.grant(ctx, ch, granted{doctor: d.id, name: d.name, departments: d.departments, action: consult.ActAssign, event: eventAssigned,
		role: consult.RoleDispatcher, assignedBy: &a.UserID, data: map[string]any{"doctor": d.id, "byPhone": byPhone}})
	if err != nil {
		return nil, err
	}
	if ch.c.DepartmentID != nil && !slices.Contains(asked, *ch.c.DepartmentID) {
		if err := ch.q.AskDepartment(ctx, db.AskDepartmentParams{ConsultationID: ch.c.ID, DepartmentID: *ch.c.DepartmentID, Since: ch.now,
			Step: int16(consult.StepDispatcher)}); err != nil {
			return nil, fmt.Errorf("audience: %w", err)
		}
	}
	ch.tell("consultation.assigned", store.Audience{Users: []uuid.UUID{d.id}}, assigned{ConsultationID: ch.c.ID, Epoch: ch.c.Epoch,
		Urgency: ch.c.Urgency, AssignedBy: a.Name})
	return silenced, nil
}

// MergeConsultation closes a request that is a duplicate of another of the same institution; both records link to one another and
// say why, and the other one goes on. A resident has one open request, so two requests are always of two residents: they are one
// only when the person was entered twice, or when a resident was picked by mistake. Two people who both need a doctor (whatever
// they ate together) have a request, a case and a record each, and are never merged; the dispatcher says which it is. Error: 409
// merge_not_possible when the other is of another institution, unknown to the dispatcher, or over.
func (s *Service) MergeConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.MergeRequest) (contract.Consultation, error) {
	if in.Why != contract.SAMEPERSON && in.Why != contract.WRONGRESIDENT {
		return contract.Consultation{}, problem.Invalid(problem.Field{Path: "why", Code: "wrong_value"})
	}
	return s.atDesk(ctx, a, cmd, "mergeConsultation", id, in.Epoch, in, func(ch *change) error {
		other, err := ch.q.LockConsultation(ctx, in.Into)
		if err != nil && !store.IsNone(err) {
			return fmt.Errorf("lock the other consultation: %w", err)
		}
		goesOn := err == nil && other.ID != ch.c.ID && other.InvitingOrgID == ch.c.InvitingOrgID && slices.Equal(other.Visitors, ch.c.Visitors) && other.SubmittedAt != nil &&
			other.MergedInto == nil && takesIn(other, ch.c)
		if goesOn {
			if goesOn, err = s.dispatches(ctx, ch.q, a, other, ch.now); err != nil {
				return err
			}
		}
		if !goesOn {
			return ch.conflict(ctx, "merge_not_possible", nil)
		}
		return s.merge(ctx, ch, other, string(in.Why))
	})
}

// takesIn says that a request may take a double of it in: it waits, or its call is not over, and nobody waits longer for it.
func takesIn(other, double db.Consultation) bool {
	state := consult.State(other.State)
	return (state == consult.StateOffered || consult.HoldsDoctor(state)) && !written(other) &&
		!consult.Urgency(double.Urgency).MoreUrgentThan(consult.Urgency(other.Urgency))
}

func (s *Service) merge(ctx context.Context, ch *change, other db.Consultation, why string) error {
	if err := ch.step(ctx, consult.ActCancel, consult.RoleDispatcher, endMerged, map[string]any{"reason": endMerged}); err != nil {
		return err
	}
	if err := ch.q.SetMerged(ctx, db.SetMergedParams{ID: ch.c.ID, MergedInto: &other.ID}); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if err := ch.q.SetClosed(ctx, db.SetClosedParams{ID: ch.c.ID, Now: &ch.now, EndCode: endMerged}); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if err := ch.record(ctx, eventMerged, map[string]any{"into": other.ID, "reason": why}); err != nil {
		return err
	}
	if err := s.withdraw(ctx, ch); err != nil {
		return err
	}
	into := &change{s: s, q: ch.q, c: other, sight: ch.sight, now: ch.now, actor: ch.actor, role: ch.role}
	ch.tell("consultation.changed", invitingAudience(other), consultationChanged{
		ConsultationID: other.ID, State: other.State, Epoch: other.Epoch, Section: "state"})
	if err := into.record(ctx, eventMerged, map[string]any{"from": ch.c.ID, "reason": why}); err != nil {
		return err
	}
	return into.settle(ctx)
}

// ConvertToWritten makes a request a written question: it rings nobody any more, keeps its case card and its place, and is
// answered by a signed report without a call. Never for CRITICAL. Who converts is in charge; a question that nobody has taken
// by the time its answer is due alerts the dispatchers again. The note is told to the bedside as a message.
func (s *Service) ConvertToWritten(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ConvertRequest) (contract.Consultation, error) {
	if err := checkLength("note", value(in.Note), 500); err != nil {
		return contract.Consultation{}, err
	}
	return s.atDesk(ctx, a, cmd, "convertToWritten", id, in.Epoch, in, func(ch *change) error {
		if err := ch.stepAs(ctx, consult.ActConvert, eventConverted, consult.RoleDispatcher, "", nil); err != nil {
			return err
		}
		if err := ch.q.SetWritten(ctx, db.SetWrittenParams{ID: ch.c.ID, Now: ch.now}); err != nil {
			return fmt.Errorf("convert: %w", err)
		}
		ch.c.Mode, ch.c.LadderDueAt, ch.c.RingDueAt = string(contract.ModeWRITTEN), nil, nil
		if ch.c.DispatcherID == nil {
			if err := s.takeCharge(ctx, ch, a); err != nil {
				return err
			}
		}
		if err := s.promiseAnswer(ctx, ch); err != nil {
			return err
		}
		if err := s.remindWritten(ctx, ch); err != nil {
			return err
		}
		if err := ch.stopRinging(ctx, "WITHDRAWN", "withdrawn", ""); err != nil {
			return err
		}
		ch.inQueue("updated")
		ch.duty = true
		if blank(value(in.Note)) {
			return nil
		}
		return s.tellBedside(ctx, ch, a, *in.Note)
	})
}

// promiseAnswer sets by when a written question is to be answered, counted from now.
func (s *Service) promiseAnswer(ctx context.Context, ch *change) error {
	due, err := answerDue(ctx, ch.q, consult.Urgency(ch.c.Urgency), ch.now)
	if err != nil {
		return err
	}
	if err := ch.q.SetAnswerDue(ctx, db.SetAnswerDueParams{ID: ch.c.ID, Due: due}); err != nil {
		return fmt.Errorf("promise: %w", err)
	}
	ch.c.ReportDueAt, ch.c.AcceptDueAt = due, due
	return nil
}

// callAfterAll makes a written question that became too urgent a request that rings; from a doctor who had taken it to write it is
// taken back first, with what was written.
func (s *Service) callAfterAll(ctx context.Context, ch *change) error {
	if ch.c.State == string(consult.StateAccepted) {
		if err := ch.step(ctx, consult.ActRelease, consult.RoleSystem, "TOO_URGENT", map[string]any{"reason": "TOO_URGENT"}); err != nil {
			return err
		}
		if err := s.letGo(ctx, ch); err != nil {
			return err
		}
	}
	if err := ch.q.SetOnline(ctx, db.SetOnlineParams{ID: ch.c.ID, Now: ch.now}); err != nil {
		return fmt.Errorf("call after all: %w", err)
	}
	ch.c.Mode, ch.c.ReportDueAt = string(contract.ModeONLINE), nil
	if err := ch.record(ctx, eventOnline, map[string]any{"urgency": ch.c.Urgency}); err != nil {
		return err
	}
	ch.inQueue("updated")
	ch.duty = true
	return s.startLadder(ctx, ch)
}

// remindWritten sets when a written question that nobody has taken is the dispatchers' again.
func (s *Service) remindWritten(ctx context.Context, ch *change) error {
	target, err := ch.q.UrgencyTarget(ctx, ch.c.Urgency)
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	due := ch.now.Add(time.Duration(target.ReportSeconds) * time.Second).UTC()
	ch.c.LadderDueAt = &due
	return ch.saveLadder(ctx)
}

// overdueWritten gives a written question that nobody has taken in time back to all dispatchers.
func (s *Service) overdueWritten(ctx context.Context, ch *change) (bool, error) {
	if ch.c.State != string(consult.StateOffered) || !written(ch.c) || ch.c.LadderDueAt == nil || ch.c.LadderDueAt.After(ch.now) {
		return false, nil
	}
	if err := ch.q.SetCharge(ctx, db.SetChargeParams{ID: ch.c.ID, Now: ch.now}); err != nil {
		return false, fmt.Errorf("charge: %w", err)
	}
	ch.c.DispatcherID = nil
	if err := s.alertDispatcher(ctx, ch, alertLate); err != nil {
		return false, err
	}
	return true, s.remindWritten(ctx, ch)
}

// tellBedside leaves a message in the consultation's chat.
func (s *Service) tellBedside(ctx context.Context, ch *change, a identity.Actor, text string) error {
	id := newID()
	if err := ch.atMost(maxMessages, func() (int64, error) { return ch.q.CountMessages(ctx, ch.c.ID) }); err != nil {
		return err
	}
	if err := ch.q.AddMessage(ctx, db.AddMessageParams{ID: id, ConsultationID: ch.c.ID, SenderID: a.UserID,
		BodyEnc: s.sealText("chat_messages", "body_enc", id, text), Now: ch.now}); err != nil {
		return fmt.Errorf("message: %w", err)
	}
	ch.tell("message.sent", invitingAudience(ch.c), messageSent{ConsultationID: ch.c.ID, MessageID: id, SenderID: a.UserID})
	return nil
}
