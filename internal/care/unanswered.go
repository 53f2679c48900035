package care

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// DeclineRequest is the hospital's no to the whole request, with a reason that the bedside reads (G-RM-09). Who asked may ask
// another department or close it; after a day it is closed.
func (s *Service) DeclineRequest(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.DeclineRequest) (contract.Consultation, error) {
	if err := checkTerm(DeclineReasons(), "reason", in.Reason); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkLength("note", value(in.Note), 500); err != nil {
		return contract.Consultation{}, err
	}
	return s.atDesk(ctx, a, cmd, "declineRequest", id, in.Epoch, in, func(ch *change) error {
		if ch.c.InvitedOrgID == nil || !a.In(*ch.c.InvitedOrgID, RoleDispatcher) {
			return problem.Forbidden() // one that is merely asked as well does not answer for the hospital
		}
		if err := ch.step(ctx, consult.ActDecline, consult.RoleDispatcher, in.Reason, map[string]any{"reason": in.Reason}); err != nil {
			return err
		}
		if err := ch.q.SetEndNote(ctx, db.SetEndNoteParams{ID: ch.c.ID, EndCode: in.Reason,
			EndNoteEnc: s.sealText("consultations", "end_note_enc", ch.c.ID, value(in.Note))}); err != nil {
			return fmt.Errorf("decline: %w", err)
		}
		return s.withdraw(ctx, ch)
	})
}

// OfferAgain asks again for a request that was declined or that nobody answered. The time counts from now and the ladder begins
// at its first step. One that was declined goes to another department. Errors: 422 department_declined, and the coded
// reason why no service is possible.
func (s *Service) OfferAgain(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.OfferAgainRequest) (contract.Consultation, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleDispatcher); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "offerAgain", id, in, bedsideOrDesk, func(ch *change) error {
		return s.askAnew(ctx, ch, in.DepartmentId)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

func (s *Service) askAnew(ctx context.Context, ch *change, wanted *uuid.UUID) error {
	role := consult.Role(ch.role)
	if !can(ch.c, consult.ActOffer, role) {
		return ch.conflict(ctx, consult.CodeTransition, problem.Args{"state": ch.c.State, "action": string(consult.ActOffer)})
	}
	open, err := ch.q.OpenRequestOf(ctx, ch.c.ResidentID)
	switch {
	case err == nil:
		return requestOpen(open)
	case !store.IsNone(err):
		return fmt.Errorf("open request: %w", err)
	}
	urgency := consult.Urgency(ch.c.Urgency)
	if !written(ch.c) && urgency != consult.Critical {
		if err := atHome(ctx, ch); err != nil {
			return err
		}
	}
	declined := ch.c.State == string(consult.StateDeclined)
	side, err := s.inviterNow(ctx, ch.q, ch.c.InvitingOrgID, ch.c.SubmitterID, ch.now)
	if err != nil {
		return err
	}
	if err := s.aboutResident(ctx, ch.q, ch.c, &side, ch.now, wants(ch.c)); err != nil {
		return err
	}
	way, err := s.chooseRoute(ctx, ch.q, ch.c.InvitingOrgID, side, urgency, wanted, consult.ProposeDepartment(reasonChips(ch.c.Reasons)), consult.ServiceType(ch.c.ServiceWanted), ch.now)
	if err != nil {
		return err
	}
	if declined && ch.c.DepartmentID != nil && way.department.ID == *ch.c.DepartmentID {
		return problem.Invalid(problem.Field{Path: "departmentId", Code: "department_declined"})
	}
	if err := s.setRoute(ctx, ch, way); err != nil {
		return err
	}
	if ch.c.AcceptDueAt, err = acceptDue(ctx, ch.q, urgency, ch.now); err != nil {
		return err
	}
	if err := s.fromTheBottom(ctx, ch); err != nil {
		return err
	}
	if err := ch.q.SetEndNote(ctx, db.SetEndNoteParams{ID: ch.c.ID}); err != nil {
		return fmt.Errorf("ask again: %w", err)
	}
	if err := ch.q.AskDepartment(ctx, db.AskDepartmentParams{ConsultationID: ch.c.ID, DepartmentID: way.department.ID, Since: ch.now}); err != nil {
		return fmt.Errorf("audience: %w", err)
	}
	ch.departments = nil
	if err := ch.step(ctx, consult.ActOffer, role, "", map[string]any{"departmentId": ch.c.DepartmentID, "again": true}); err != nil {
		return err
	}
	ch.inQueue("offered")
	ch.duty = true
	if written(ch.c) {
		if err := s.promiseAnswer(ctx, ch); err != nil {
			return err
		}
		return s.remindWritten(ctx, ch)
	}
	return s.startLadder(ctx, ch)
}

// expire ends the waiting of a request that nobody answered within three times its target. CRITICAL and EMERGENT go on.
func (s *Service) expire(ctx context.Context, ch *change) (bool, error) {
	if ch.c.State != string(consult.StateOffered) || ch.c.OfferedAt == nil || ch.c.AcceptDueAt == nil {
		return false, nil
	}
	at := consult.ExpiresAt(consult.Urgency(ch.c.Urgency), *ch.c.OfferedAt, *ch.c.AcceptDueAt)
	if at.IsZero() || at.After(ch.now) {
		return false, nil
	}
	if err := ch.step(ctx, consult.ActExpire, consult.RoleSystem, "", map[string]any{"waitedSeconds": int(ch.now.Sub(*ch.c.OfferedAt) / time.Second)}); err != nil {
		return false, err
	}
	return true, s.withdraw(ctx, ch)
}

// closeUnasked closes what was declined or expired and nobody asked for again within a day.
func (s *Service) closeUnasked(ctx context.Context, ch *change) (bool, error) {
	st := consult.State(ch.c.State)
	if st != consult.StateDeclined && st != consult.StateExpired || ch.now.Sub(ch.c.UpdatedAt) < consult.NotTakenUp {
		return false, nil
	}
	if err := ch.step(ctx, consult.ActClose, consult.RoleSystem, endNotTakenUp, map[string]any{"reason": endNotTakenUp}); err != nil {
		return false, err
	}
	return true, s.closeAs(ctx, ch, endNotTakenUp, "")
}

// CloseConsultation closes without service what was declined or expired, or was handed to the emergency service before a doctor
// had answered.
func (s *Service) CloseConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.CodedReason) (contract.Consultation, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleDispatcher); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkReason(consult.VocabCloseReason, in.Reason, in.Note); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "closeConsultation", id, in, bedsideOrDesk, func(ch *change) error {
		if err := ch.step(ctx, consult.ActClose, consult.Role(ch.role), in.Reason, map[string]any{"reason": in.Reason}); err != nil {
			return err
		}
		return s.closeAs(ctx, ch, in.Reason, value(in.Note))
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// VoidConsultation voids a draft as an administrator, with a reason. What was submitted is a record and is never voided; it is
// cancelled, closed or judged instead.
func (s *Service) VoidConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.CodedReason) (contract.Consultation, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkReason(consult.VocabVoidReason, in.Reason, in.Note); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "voidConsultation", id, in, administrators, func(ch *change) error {
		ch.role = RoleInstAdmin
		if err := ch.step(ctx, consult.ActVoid, consult.RoleInstAdmin, in.Reason, map[string]any{"reason": in.Reason}); err != nil {
			return err
		}
		return s.closeAs(ctx, ch, in.Reason, value(in.Note))
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

func bedsideOrDesk(v sight) bool  { return v.care() || v.desk }
func administrators(v sight) bool { return v.admin }
