package care

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// life shows what happened to a consultation besides the way that most of them go. The events say what there is to ask for, so
// that an ordinary one costs nothing.
func (b *caseView) life(ctx context.Context) error {
	for _, part := range []struct {
		event string
		show  func(context.Context) error
	}{{string(consult.ActReturn), b.returned}, {string(consult.ActTerminateUnsuitable), b.termination},
		{string(consult.ActSeal), b.seals}, {eventHandOverAsked, b.handOver}, {eventAttendingIn, b.checkIns}, {eventEvidence, b.evidence}, {eventRoundTurn, b.round}, {eventFromVisit, b.visit}} {
		if !slices.ContainsFunc(b.out.Timeline, func(e contract.Event) bool { return e.Type == part.event }) {
			continue
		}
		if err := part.show(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sweepLife does what time does to what was planned and to what nobody answered.
func (s *Service) sweepLife(ctx context.Context, q *db.Queries, now time.Time, each func([]uuid.UUID, error, func(*change) (bool, error))) {
	list, err := q.SlotsOver(ctx, now.Add(-consult.SlotGrace))
	each(list, err, func(ch *change) (bool, error) { return s.missedSlot(ctx, ch) })
	list, err = q.Unanswered(ctx, now)
	each(list, err, func(ch *change) (bool, error) { return s.expire(ctx, ch) })
	list, err = q.NotTakenUp(ctx, now.Add(-consult.NotTakenUp))
	each(list, err, func(ch *change) (bool, error) { return s.closeUnasked(ctx, ch) })
}
