package signaling

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
)

// unheard is a critical event that was written and not yet acknowledged.
type unheard struct {
	frame
	first, next time.Time // written for the first time; to be repeated at
}

// expectAck notes that a critical event is about to be written. s.mu is held.
func (s *socket) expectAck(f frame) {
	now := s.hub.now()
	s.ackCredit++
	s.unheard = append(s.unheard, unheard{frame: f, first: now, next: now.Add(ackEvery)})
	if len(s.unheard) > maxUnheard {
		s.shutLocked(closeNoAck, "")
		return
	}
	s.rearm()
}

// acked takes the client's word that it has handled an event.
func (s *socket) acked(a ack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.unheard, func(u unheard) bool { return int(u.stream) == *a.Stream && u.seq == *a.Seq })
	if i < 0 {
		return
	}
	f := s.unheard[i].frame
	if s.unheard = slices.Delete(s.unheard, i, i+1); len(s.unheard) == 0 {
		s.unheard = nil
	}
	if s.who != nil {
		user := s.who.user
		s.hub.work.Go(func() { s.hub.rang(user, f.tail) })
	}
}

// rang passes on that a device rang, when that is what was acknowledged.
func (h *Hub) rang(user uuid.UUID, tail []byte) {
	var e struct {
		Event string `json:"event"`
		Data  struct {
			OfferID uuid.UUID `json:"offerId"`
		} `json:"data"`
	}
	if err := json.Unmarshal(append([]byte{'{'}, tail...), &e); err != nil || e.Event != eventRing || e.Data.OfferID == uuid.Nil {
		return
	}
	ctx, cancel := context.WithTimeout(h.root, commandTime)
	defer cancel()
	if err := h.Rung(ctx, user, e.Data.OfferID); err != nil {
		h.Logger.WarnContext(ctx, "signaling: ring not noted as delivered", "error", err)
	}
}

// nextAck gives the instant at which something is to be repeated; zero when nothing is. s.mu is held.
func (s *socket) nextAck() time.Time {
	var next time.Time
	for _, u := range s.unheard {
		if next.IsZero() || u.next.Before(next) {
			next = u.next
		}
	}
	return next
}

// repeat queues again what the client has not acknowledged for a while, and says whether it has been silent too long. s.mu
// is held.
func (s *socket) repeat(now time.Time) (silent bool) {
	for i := range s.unheard {
		u := &s.unheard[i]
		if now.Sub(u.first) >= ackWait {
			return true
		}
		if now.Before(u.next) {
			continue
		}
		u.next = now.Add(ackEvery)
		if end := u.first.Add(ackWait); u.next.After(end) {
			u.next = end
		}
		f := u.frame
		f.again = true
		s.ackCredit++
		s.hub.metrics.repeats.Inc()
		s.pushLocked(f)
		if s.closing != 0 { // its queue was full
			return false
		}
	}
	return false
}
