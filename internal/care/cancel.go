package care

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// CancelConsultation takes a request back before the call; a draft is voided.
func (s *Service) CancelConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ReasonRequest) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkTerm(CancelReasons(), "reason", in.Reason); err != nil {
		return contract.Consultation{}, err
	}
	var freed *uuid.UUID
	err := s.onConsultation(ctx, a, &cmd, "cancelConsultation", id, in, bedside, func(ch *change) error {
		freed = nil
		act := consult.ActCancel
		if ch.c.State == string(consult.StateDraft) {
			act = consult.ActVoid
		}
		if err := ch.step(ctx, act, consult.Role(ch.role), in.Reason, map[string]any{"reason": in.Reason}); err != nil {
			return err
		}
		if ch.c.DoctorID != nil {
			freed = ch.c.DoctorID
		}
		if _, err := s.endOpenCall(ctx, ch, endCancelled); err != nil {
			return err
		}
		if err := ch.q.SetClosed(ctx, db.SetClosedParams{ID: ch.c.ID, Now: &ch.now, EndCode: in.Reason,
			EndNoteEnc: s.sealText("consultations", "end_note_enc", ch.c.ID, value(in.Note))}); err != nil {
			return fmt.Errorf("cancel: %w", err)
		}
		return s.withdraw(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	if freed != nil {
		s.ringFreed(ctx, *freed)
	}
	return s.view(ctx, a, id)
}

// withdraw takes a request out of the queue: the rings end and the departments no longer see it, but are told.
func (s *Service) withdraw(ctx context.Context, ch *change) error {
	if _, err := ch.audience(ctx); err != nil {
		return err
	}
	if err := ch.stopRinging(ctx, "WITHDRAWN", "withdrawn", ""); err != nil {
		return err
	}
	if err := ch.q.EndAudience(ctx, db.EndAudienceParams{ConsultationID: ch.c.ID, Until: &ch.now}); err != nil {
		return fmt.Errorf("audience: %w", err)
	}
	ch.inQueue("withdrawn")
	ch.duty = true
	return nil
}

// LogEmergencyStep writes down the times of the emergency sheet. TO_EMERGENCY hands the case over: with a doctor's grant the
// report is pending, without one the request is closed.
func (s *Service) LogEmergencyStep(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EmergencyStepRequest) (contract.Consultation, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	step := string(in.Step)
	if err := checkTerm(EmergencySteps(), "step", step); err != nil {
		return contract.Consultation{}, err
	}
	if step == "MEASURE" && blank(value(in.Measure)) { // with TO_EMERGENCY: who took over, and where to
		return contract.Consultation{}, missing("measure")
	}
	if err := checkLength("measure", value(in.Measure), 200); err != nil {
		return contract.Consultation{}, err
	}
	var freed *uuid.UUID
	err := s.onConsultation(ctx, a, &cmd, "logEmergencyStep", id, in, func(v sight) bool { return v.care() || v.holder }, func(ch *change) error {
		freed = nil
		if !editable(consult.State(ch.c.State)) {
			return ch.conflict(ctx, "no_longer_editable", nil)
		}
		data := map[string]any{"step": step}
		if in.At != nil {
			if in.At.After(ch.now.Add(clockAhead)) {
				return problem.Invalid(problem.Field{Path: "at", Code: "vital_time"})
			}
			data["deviceAt"] = in.At.UTC()
		}
		if m := value(in.Measure); !blank(m) {
			// Free text: sealed even inside the event, under the consultation.
			data["measure"] = base64.StdEncoding.EncodeToString(s.sealText("consultation_events", "measure", ch.c.ID, m))
		}
		ch.touch("state")
		if step != "TO_EMERGENCY" {
			err := ch.atMost(maxEmergencySteps, func() (int64, error) {
				return ch.q.CountEvents(ctx, db.CountEventsParams{ConsultationID: ch.c.ID, Type: eventEmergencyStep})
			})
			if err != nil {
				return err
			}
			return ch.record(ctx, eventEmergencyStep, data)
		}
		if err := ch.step(ctx, consult.ActToEmergency, consult.Role(ch.role), "", data); err != nil {
			return err
		}
		freed = ch.c.DoctorID
		return s.toEmergency(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	if freed != nil {
		s.ringFreed(ctx, *freed)
	}
	return s.view(ctx, a, id)
}

func (s *Service) toEmergency(ctx context.Context, ch *change) error {
	if err := ch.q.SetHandedOver(ctx, db.SetHandedOverParams{ID: ch.c.ID, Now: &ch.now}); err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	ch.c.HandedOverAt = &ch.now
	if _, err := s.endOpenCall(ctx, ch, endToEmergency); err != nil {
		return err
	}
	if ch.c.DoctorID != nil {
		if err := ch.stopRinging(ctx, "WITHDRAWN", "withdrawn", ""); err != nil {
			return err
		}
		ch.duty = true
		return s.finish(ctx, ch, consult.RoleSystem, nil)
	}
	if err := ch.q.SetClosed(ctx, db.SetClosedParams{ID: ch.c.ID, Now: &ch.now, EndCode: endToEmergency}); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return s.withdraw(ctx, ch)
}
