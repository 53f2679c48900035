package signaling

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// refresh looks at the memberships of everybody here, with one query for all. A membership that has ended, or begun, changes
// nothing in the outbox, so it is found by asking.
func (h *Hub) refresh(ctx context.Context) {
	type known struct {
		s *socket
		w *who
	}
	var list []known
	var signIns []uuid.UUID
	h.mu.RLock()
	for s, w := range h.sockets {
		if w != nil {
			list = append(list, known{s, w})
			signIns = append(signIns, w.signIn)
		}
	}
	h.mu.RUnlock()
	if len(signIns) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	held, err := h.Auth.MembershipsOfSignIns(ctx, signIns)
	if err != nil {
		if ctx.Err() == nil {
			h.Logger.WarnContext(ctx, "signaling: memberships not looked at", "error", err)
		}
		return
	}
	for _, k := range list {
		w := newWho(identity.Actor{UserID: k.w.user, SessionID: k.w.signIn, Memberships: held[k.w.signIn]})
		if !w.same(k.w) {
			k.s.become(k.w, w)
		}
	}
}

// same says whether two allow the same.
func (w *who) same(other *who) bool {
	return equal(w.roles, other.roles) && equal(w.organisations, other.organisations) && equal(w.departments, other.departments)
}

// equal compares lists without regard to their order; nothing stands twice in them.
func equal[T comparable](a, b []T) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(x T) bool { return !slices.Contains(b, x) })
}

// become gives the socket to the same person with other memberships, unless that was done meanwhile by a command.
func (s *socket) become(was, now *who) {
	if !s.hub.swap(s, was, now) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.who == was {
		s.who = now
	}
}
