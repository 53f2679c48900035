package care

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// What happens to a waiting request when those who were to look after it are not there any more: its dispatcher, its hospital's
// last dispatcher, a partner hospital.

// chargeSilence is how long a dispatcher in charge may be without a socket (this project's choice).
const chargeSilence = 2 * time.Minute

// giveBackCharge takes a request back from a dispatcher who is gone, and calls the others: nobody would look after it while
// everybody believes that somebody does. When there is no other, the same one is called where no screen is needed, and the
// administrators are told.
func (s *Service) giveBackCharge(ctx context.Context, ch *change) (bool, error) {
	left, err := ch.q.ChargesLeft(ctx, db.ChargesLeftParams{ID: &ch.c.ID, Now: ch.now, Before: ch.now.Add(-chargeSilence)})
	if err != nil {
		return false, fmt.Errorf("is the dispatcher gone: %w", err)
	}
	if len(left) == 0 {
		return false, nil
	}
	gone := left[0].DispatcherID
	if err := ch.q.SetCharge(ctx, db.SetChargeParams{ID: ch.c.ID, Now: ch.now}); err != nil {
		return false, fmt.Errorf("charge: %w", err)
	}
	ch.c.DispatcherID = nil
	ch.touch("state")
	ch.board = "charge"
	if err := ch.record(ctx, eventChargeEnded, map[string]any{"users": []uuid.UUID{gone}, "reason": left[0].Why}); err != nil {
		return false, err
	}
	return true, s.alertDispatcher(ctx, ch, alertLeft, gone)
}

// alertAdministrators tells the administrators of the hospital, who can appoint a dispatcher, and of the institution, whose
// resident waits, that the ladder ends at nobody. The bedside is told so with a number to call.
func (s *Service) alertAdministrators(ctx context.Context, ch *change) error {
	if ch.c.DispatcherAlertedAt == nil {
		if err := ch.q.SetAlerted(ctx, db.SetAlertedParams{ID: ch.c.ID, Now: &ch.now}); err != nil {
			return fmt.Errorf("alert: %w", err)
		}
		ch.c.DispatcherAlertedAt = &ch.now
	}
	users, err := ch.q.AdministratorsOf(ctx, db.AdministratorsOfParams{Organisations: []uuid.UUID{*ch.c.InvitedOrgID, ch.c.InvitingOrgID}, Now: ch.now})
	if err != nil {
		return fmt.Errorf("administrators: %w", err)
	}
	ch.touch("state")
	ch.board = "alerted"
	if err := ch.alert(ctx, notify.NoDispatcher, users, false); err != nil {
		return err
	}
	return ch.record(ctx, eventNoDispatcher, map[string]any{"users": users})
}

// leavePartners takes partner hospitals out of the audience with which the institution has no agreement any more: they may not
// answer, and are told that it waits for them no longer.
func (s *Service) leavePartners(ctx context.Context, ch *change) (bool, error) {
	if ch.c.State != string(consult.StateOffered) || ch.c.InvitedOrgID == nil || ch.c.Urgency == string(consult.Critical) {
		return false, nil
	}
	left, err := ch.q.LeaveAudience(ctx, db.LeaveAudienceParams{ConsultationID: ch.c.ID, Hospital: *ch.c.InvitedOrgID, InvitingOrgID: ch.c.InvitingOrgID,
		Now: ch.now, Day: consult.DateOf(ch.now).Time()})
	if err != nil {
		return false, fmt.Errorf("audience: %w", err)
	}
	if len(left) == 0 {
		return false, nil
	}
	asked, err := ch.audience(ctx)
	if err != nil {
		return false, err
	}
	doctors, err := ch.q.WithdrawRingsOutside(ctx, db.WithdrawRingsOutsideParams{ConsultationID: ch.c.ID, Departments: asked, Now: ch.now})
	if err != nil {
		return false, fmt.Errorf("rings: %w", err)
	}
	if len(doctors) > 0 {
		ch.tell("ring.stop", store.Audience{Users: doctors}, ringStop{ConsultationID: ch.c.ID, Result: "withdrawn"})
	}
	ch.tell("queue.changed", store.Audience{Departments: left}, queueChanged{ConsultationID: ch.c.ID, Change: "withdrawn", Urgency: ch.c.Urgency})
	ch.inQueue("updated")
	ch.touch("state")
	ch.duty = true
	if err := ch.record(ctx, eventNarrowed, map[string]any{"departments": left}); err != nil {
		return false, err
	}
	if len(doctors) == 0 {
		return true, nil
	}
	if err := s.ring(ctx, ch); err != nil {
		return false, err
	}
	return true, ch.saveLadder(ctx)
}

// climbWithoutWaiting takes the next steps at once when nobody is left who could answer: everybody present has declined. It
// ends with the first step at which somebody new is asked; at the end of the ladder the dispatcher has been called.
func (s *Service) climbWithoutWaiting(ctx context.Context, ch *change) error {
	if !rings(ch.c) {
		return nil
	}
	for {
		left, err := s.someoneLeft(ctx, ch)
		if err != nil || left {
			return err
		}
		next, ok := consult.LadderStep(ch.c.LadderStep).Next()
		if !ok || next == consult.StepDispatcher {
			return nil
		}
		if _, err := s.widen(ctx, ch, next, byDeclined); err != nil {
			return err
		}
	}
}

// someoneLeft says whether somebody is present who is asked and has not declined.
func (s *Service) someoneLeft(ctx context.Context, ch *change) (bool, error) {
	asked, err := ch.audience(ctx)
	if err != nil {
		return false, err
	}
	doctors, err := s.doctorsFor(ctx, ch.q, asked, ch.now)
	if err != nil {
		return false, err
	}
	rung, err := ch.q.RingsOf(ctx, db.RingsOfParams{ConsultationID: ch.c.ID, Epoch: ch.c.Epoch})
	if err != nil {
		return false, fmt.Errorf("rings: %w", err)
	}
	return slices.ContainsFunc(doctors, func(d doctorNow) bool {
		return d.here() && !slices.ContainsFunc(rung, func(r db.RingsOfRow) bool { return r.DoctorID == d.id && r.Result == "DECLINED" })
	}), nil
}
