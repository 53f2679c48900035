package booking

import (
	"context"
	"fmt"
	"net/http"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// releaseLeft cancels what is booked or held for residents who have moved out or died: nobody is reminded of it, and its time is offered on. What is
// under way is left to who is there. It reports how many it cancelled.
func (s *Service) releaseLeft(ctx context.Context) (int, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return 0, err
	}
	ids, err := q.BookedOfLeft(ctx, now)
	if err != nil {
		return 0, fmt.Errorf("booked for who has left: %w", err)
	}
	n := 0
	for _, id := range ids {
		var given []freed
		err := s.st.Tx(ctx, func(q *db.Queries) error {
			given = nil
			ch, err := s.changeOf(ctx, q, id)
			if err != nil {
				return err
			}
			ch.as = roleSystem
			if err := ch.cancel(ctx, contract.CancelAppointmentInput{Reason: contract.AppointmentCancelReasonRESIDENTLEFT}); err != nil {
				return err
			}
			given = ch.freed
			return ch.told.write(ctx, q)
		})
		switch {
		case err == nil:
			n++
			s.offerFreed(ctx, given)
		case problem.Of(err).Status != http.StatusConflict: // a conflict: somebody was faster, or the visit has begun
			return n, err
		}
	}
	return n, nil
}
