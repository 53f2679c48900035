package care

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Times that are this project's choice.
const (
	// relaySilence is after how long without a checkpoint (one comes every 10 s) a relay is taken for dead.
	relaySilence = 30 * time.Second
	// draftLife is how long a draft waits to be submitted.
	draftLife = 24 * time.Hour
	// commandMemory is how long a repeated command gets its first answer, outboxMemory how long events can be read again.
	commandMemory = 24 * time.Hour
	outboxMemory  = 24 * time.Hour
)

// Sweep does what time does: media of a dead relay ends, a seat is kept for 3 minutes and a consultation for 15, a request
// whose doctor vanished before the call is offered again, rings lapse, forgotten drafts are voided. It reports how many consultations it moved. Any number of nodes may call it at once;
// every condition is looked at again under the lock. One failing consultation does not stop the others.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return 0, err
	}
	var errs []error
	if err := s.closeSilent(ctx, now.Add(-relaySilence)); err != nil {
		errs = append(errs, err)
	}
	moved := 0
	each := func(list []uuid.UUID, err error, do func(ch *change) (bool, error)) {
		if err != nil {
			errs = append(errs, fmt.Errorf("sweep: %w", err))
			return
		}
		for _, id := range list {
			did, err := s.bySystem(ctx, id, do)
			if err != nil {
				errs = append(errs, err)
			}
			if did {
				moved++
			}
		}
	}
	list, err := q.LostInProgress(ctx, now.Add(-consult.SeatReserved))
	each(list, err, func(ch *change) (bool, error) { return s.abortLost(ctx, ch) })
	list, err = q.LostTooLong(ctx, now.Add(-consult.Resumable))
	each(list, err, func(ch *change) (bool, error) { return s.finishLost(ctx, ch) })
	list, err = q.Abandoned(ctx, now.Add(-consult.SeatReserved))
	each(list, err, func(ch *change) (bool, error) { return s.releaseAbandoned(ctx, ch) })
	list, err = q.LapsedOffers(ctx, now)
	each(list, err, func(ch *change) (bool, error) { return s.lapse(ctx, ch) })
	list, err = q.ForgottenDrafts(ctx, now.Add(-draftLife))
	each(list, err, func(ch *change) (bool, error) { return s.voidForgotten(ctx, ch) })
	return moved, errors.Join(errs...)
}

// bySystem is one transaction of the system on one consultation.
func (s *Service) bySystem(ctx context.Context, id uuid.UUID, do func(ch *change) (bool, error)) (did bool, err error) {
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		c, err := q.LockConsultation(ctx, id)
		if err != nil {
			return fmt.Errorf("lock the consultation: %w", err)
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		ch := s.systemChange(q, c, now)
		if did, err = do(ch); err != nil || !did {
			return err
		}
		return ch.commit(ctx)
	})
	return did && err == nil, err
}

// abortLost gives the doctor's seat free; the consultation can still be resumed.
func (s *Service) abortLost(ctx context.Context, ch *change) (bool, error) {
	if ch.c.State != string(consult.StateInProgress) || ch.c.MediaLostAt == nil || ch.now.Sub(*ch.c.MediaLostAt) < consult.SeatReserved {
		return false, nil
	}
	ch.duty = true
	ch.inQueue("updated")
	return true, ch.step(ctx, consult.ActAbortTech, consult.RoleSystem, "", map[string]any{"lostAt": ch.c.MediaLostAt.UTC()})
}

// finishLost leaves the report to the doctor.
func (s *Service) finishLost(ctx context.Context, ch *change) (bool, error) {
	if ch.c.State != string(consult.StateAbortedTech) || ch.c.MediaLostAt == nil || ch.now.Sub(*ch.c.MediaLostAt) < consult.Resumable {
		return false, nil
	}
	if _, err := s.endOpenCall(ctx, ch, endNotResumed); err != nil {
		return false, err
	}
	return true, s.finish(ctx, ch, consult.RoleSystem, map[string]any{"reason": endNotResumed})
}

// releaseAbandoned takes a request back from a doctor who has had neither a socket nor a place in the call for as long as a
// seat is kept, so that the nurse does not wait for nobody.
func (s *Service) releaseAbandoned(ctx context.Context, ch *change) (bool, error) {
	gone, err := ch.q.IsAbandoned(ctx, db.IsAbandonedParams{ID: ch.c.ID, Before: ch.now.Add(-consult.SeatReserved)})
	if err != nil {
		return false, fmt.Errorf("is the doctor gone: %w", err)
	}
	if !gone {
		return false, nil
	}
	if err := ch.step(ctx, consult.ActRelease, consult.RoleSystem, endDoctorGone, map[string]any{"reason": endDoctorGone}); err != nil {
		return false, err
	}
	return true, s.offerAgain(ctx, ch)
}

// lapse ends rings whose time is over; the request stays where it is. Those who did not answer a CRITICAL request are rung
// again: it does not wait in silence.
func (s *Service) lapse(ctx context.Context, ch *change) (bool, error) {
	doctors, err := ch.q.LapseOffers(ctx, db.LapseOffersParams{ConsultationID: ch.c.ID, Now: &ch.now})
	if err != nil {
		return false, fmt.Errorf("lapse: %w", err)
	}
	if len(doctors) == 0 {
		return false, nil
	}
	ch.tellLapsed(doctors)
	ch.touch("state")
	if err := ch.record(ctx, eventRingLapsed, map[string]any{"doctors": doctors}); err != nil {
		return false, err
	}
	if ch.c.State == string(consult.StateOffered) && ch.c.Urgency == string(consult.Critical) {
		return true, s.ringDepartment(ctx, ch)
	}
	return true, nil
}

func (s *Service) voidForgotten(ctx context.Context, ch *change) (bool, error) {
	if ch.c.State != string(consult.StateDraft) || ch.now.Sub(ch.c.CreatedAt) < draftLife {
		return false, nil
	}
	if err := ch.step(ctx, consult.ActVoid, consult.RoleSystem, "", map[string]any{"reason": endDraftExpired}); err != nil {
		return false, err
	}
	return true, ch.q.SetClosed(ctx, db.SetClosedParams{ID: ch.c.ID, Now: &ch.now, EndCode: endDraftExpired})
}

// PruneCommands forgets the answers of commands older than a day.
func (s *Service) PruneCommands(ctx context.Context) (int64, error) {
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return 0, err
	}
	n, err := s.st.Q().PruneCommandResults(ctx, now.Add(-commandMemory))
	if err != nil {
		return 0, fmt.Errorf("prune the commands: %w", err)
	}
	return n, nil
}

// PruneOutbox forgets events older than a day; sockets that were away longer read everything anew.
func (s *Service) PruneOutbox(ctx context.Context) (int64, error) {
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return 0, err
	}
	n, err := s.st.Q().PruneOutbox(ctx, now.Add(-outboxMemory))
	if err != nil {
		return 0, fmt.Errorf("prune the outbox: %w", err)
	}
	return n, nil
}
