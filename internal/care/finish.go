package care

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// FinishConsultation says that the session is over; the report is pending. A running call ends.
func (s *Service) FinishConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EpochRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "finishConsultation", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		return s.finishByDoctor(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	s.ringFreed(ctx, a.UserID)
	return s.view(ctx, a, id)
}

func (s *Service) finishByDoctor(ctx context.Context, ch *change) error {
	if err := s.finish(ctx, ch, consult.RoleConsultant, nil); err != nil {
		return err
	}
	_, err := s.endOpenCall(ctx, ch, endFinished)
	return err
}

// finish moves to REPORT_PENDING: the doctor is free, the report has its own deadline. A written question passes the gates of the
// start here, as a call does when it begins: consent, and on what a follow-up rests.
func (s *Service) finish(ctx context.Context, ch *change, role consult.Role, data map[string]any) error {
	if written(ch.c) && ch.c.State == string(consult.StateAccepted) { // it has no start at which the gates were asked
		if err := mayStart(ch.c); err != nil {
			return err
		}
		if err := ch.mayStart(ctx); err != nil {
			return err
		}
	}
	if err := ch.step(ctx, consult.ActFinish, role, "", data); err != nil {
		return err
	}
	target, err := ch.q.UrgencyTarget(ctx, ch.c.Urgency)
	if err != nil {
		return fmt.Errorf("target of %s: %w", ch.c.Urgency, err)
	}
	due := ch.now.Add(time.Duration(target.ReportSeconds) * time.Second)
	if err := ch.q.SetEnded(ctx, db.SetEndedParams{ID: ch.c.ID, Now: ch.now, ReportDueAt: &due}); err != nil {
		return fmt.Errorf("finish: %w", err)
	}
	ch.c.EndedAt, ch.c.MediaLostAt = &ch.now, nil
	if _, err := ch.q.EndCheckIns(ctx, db.EndCheckInsParams{ConsultationID: ch.c.ID, Now: ch.now}); err != nil {
		return fmt.Errorf("check-ins: %w", err)
	}
	ch.inQueue("updated")
	ch.duty = true
	if _, err := ch.askGates(ctx, consult.StageClose); err != nil {
		return err
	}
	return s.countEffective(ctx, ch)
}
