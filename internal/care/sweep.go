package care

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Times that are this project's choice.
const (
	// relaySilence is after how long without a checkpoint (one comes every 10 s) a relay is taken for dead.
	relaySilence = 30 * time.Second
	// sweepTime bounds how long one sweep goes on with rings and steps that are due; the next one comes a second later.
	sweepTime = 5 * time.Second
	// dueAtOnce is how many a query of what is due gives at most.
	dueAtOnce = 100
	// draftLife is how long a draft waits to be submitted.
	draftLife = 24 * time.Hour
	// commandMemory is how long a repeated command gets its first answer, outboxMemory how long events can be read again.
	commandMemory = 24 * time.Hour
	outboxMemory  = 24 * time.Hour
)

// Sweep does what time does: media of a dead relay ends, a seat is kept for 3 minutes and a consultation for 15, a request
// whose doctor vanished before the call is offered again, a charge of a dispatcher who is gone is given back, partners without an
// agreement are asked no more, rings lapse and the ladder climbs, what nobody answers expires, a slot that passed is a no-show,
// forgotten drafts are voided. It
// reports how many consultations it moved. Any number of nodes may call it at once: a row at which another one is at work is
// left to it, and every condition is looked at again under the lock. One failing consultation does not stop the others.
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
	left, err := q.ChargesLeft(ctx, db.ChargesLeftParams{Now: now, Before: now.Add(-chargeSilence)})
	list = list[:0]
	for _, l := range left {
		list = append(list, l.ID)
	}
	each(list, err, func(ch *change) (bool, error) { return s.giveBackCharge(ctx, ch) })
	list, err = q.AudienceWithoutAgreement(ctx, db.AudienceWithoutAgreementParams{Now: now, Day: consult.DateOf(now).Time()})
	each(list, err, func(ch *change) (bool, error) { return s.leavePartners(ctx, ch) })
	// A query gives a hundred: as long as there are as many and some of them move, the next ones are taken at once.
	for before, at := -1, now; before != moved && at.Sub(now) < sweepTime; {
		before = moved
		due, gone, more, err := s.dueRequests(ctx, q, now)
		each(due, err, func(ch *change) (bool, error) { return s.advance(ctx, ch, gone[ch.c.ID]) })
		if err != nil || !more {
			break
		}
		if at, err = s.clock(ctx, q); err != nil {
			errs = append(errs, err)
			break
		}
	}
	s.sweepLife(ctx, q, now, each)
	list, err = q.ForgottenDrafts(ctx, now.Add(-draftLife))
	each(list, err, func(ch *change) (bool, error) { return s.voidForgotten(ctx, ch) })
	list, err = q.Unjudged(ctx, judgedAtOnce)
	if err != nil {
		errs = append(errs, fmt.Errorf("sweep: %w", err))
	}
	for _, id := range list { // they do not move: their answer does
		if _, err := s.bySystem(ctx, id, judgeOverdue); err != nil {
			errs = append(errs, err)
		}
	}
	return moved, errors.Join(errs...)
}

// dueRequests are those of which a ring or a step is due, and the doctors who are rung and are gone; more says that there may be
// others.
func (s *Service) dueRequests(ctx context.Context, q *db.Queries, now time.Time) (due []uuid.UUID, gone map[uuid.UUID][]uuid.UUID, more bool, err error) {
	for _, ask := range []func() ([]uuid.UUID, error){
		func() ([]uuid.UUID, error) { return q.LapsedOffers(ctx, now) },
		func() ([]uuid.UUID, error) { return q.DueRings(ctx, &now) },
		func() ([]uuid.UUID, error) { return q.DueSteps(ctx, &now) },
	} {
		list, err := ask()
		if err != nil {
			return nil, nil, false, fmt.Errorf("due: %w", err)
		}
		more = more || len(list) >= dueAtOnce
		due = append(due, list...)
	}
	if gone, err = s.vanished(ctx, q, now); err != nil {
		return nil, nil, false, err
	}
	for id := range gone {
		due = append(due, id)
	}
	slices.SortFunc(due, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(due), gone, more, nil
}

// socketSilence is after how long without a sign of life a socket is taken for dead.
const socketSilence = 45 * time.Second

// vanished are the doctors who are rung and whose devices are gone, by request: presence does not know them, and no node has
// a socket of theirs. While presence is out of reach nobody is taken for gone.
func (s *Service) vanished(ctx context.Context, q *db.Queries, now time.Time) (map[uuid.UUID][]uuid.UUID, error) {
	ringing, err := q.RingingNow(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("who is rung: %w", err)
	}
	if len(ringing) == 0 {
		return nil, nil
	}
	users := make([]uuid.UUID, len(ringing))
	for i, r := range ringing {
		users[i] = r.DoctorID
	}
	patience, stop := context.WithTimeout(ctx, presencePatience)
	defer stop()
	known, err := s.presence.Of(patience, users)
	if err != nil || known == nil {
		return nil, nil
	}
	away := slices.DeleteFunc(users, func(id uuid.UUID) bool { return known[id].Connected })
	if len(away) == 0 {
		return nil, nil
	}
	sockets, err := q.SocketsOf(ctx, db.SocketsOfParams{Users: away, Since: now.Add(-socketSilence)})
	if err != nil {
		return nil, fmt.Errorf("sockets: %w", err)
	}
	gone := map[uuid.UUID][]uuid.UUID{}
	for _, r := range ringing {
		if slices.Contains(away, r.DoctorID) && !slices.Contains(sockets, r.DoctorID) {
			gone[r.ConsultationID] = append(gone[r.ConsultationID], r.DoctorID)
		}
	}
	return gone, nil
}

// bySystem is one transaction of the system on one consultation, unless somebody else is at work on it.
func (s *Service) bySystem(ctx context.Context, id uuid.UUID, do func(ch *change) (bool, error)) (did bool, err error) {
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		did = false
		c, err := q.LockFree(ctx, id)
		if store.IsNone(err) {
			return nil
		}
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

func (s *Service) voidForgotten(ctx context.Context, ch *change) (bool, error) {
	if ch.c.State != string(consult.StateDraft) || ch.now.Sub(ch.c.CreatedAt) < draftLife {
		return false, nil
	}
	if err := ch.step(ctx, consult.ActVoid, consult.RoleSystem, endDraftExpired, map[string]any{"reason": endDraftExpired}); err != nil {
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
