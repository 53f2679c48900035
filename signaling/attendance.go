package signaling

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Attendance is who has a socket on this node. It is told to Presence, which adds up the nodes; a doctor who comes, goes or
// says something is announced to the institutions.

// arrived is called when the first socket of a user on this node is there. A doctor who is available by an earlier
// statement is so again from now on.
func (h *Hub) arrived(w *who) {
	h.work.Go(func() {
		ctx, cancel := context.WithTimeout(h.root, commandTime)
		defer cancel()
		if err := h.Presence.Touch(ctx, []uuid.UUID{w.user}); err != nil {
			h.Logger.WarnContext(ctx, "signaling: presence not kept", "error", err)
		}
		if !w.doctor() {
			return
		}
		state, until, err := h.Presence.Get(ctx, w.user)
		if err != nil || state == stateOff {
			return
		}
		h.announceNow(ctx, w.user, presence(state, until))
	})
}

// announce tells the others, beside the command that changed the state. The caller runs under h.work.
func (h *Hub) announce(user uuid.UUID, p presenceNow) {
	h.work.Go(func() {
		ctx, cancel := context.WithTimeout(h.root, commandTime)
		defer cancel()
		h.announceNow(ctx, user, p)
	})
}

func (h *Hub) announceNow(ctx context.Context, user uuid.UUID, p presenceNow) {
	if err := h.Announce.PresenceChanged(ctx, user, p.State, p.BackAt); err != nil {
		h.Logger.WarnContext(ctx, "signaling: presence not announced", "error", err)
	}
	if p.State != stateAvailable {
		return
	}
	if err := h.Newcomer(ctx, user); err != nil {
		h.Logger.WarnContext(ctx, "signaling: waiting requests not rung", "error", err)
	}
}

// attend keeps presence and the record of sessions up to date until ctx ends.
func (h *Hub) attend(ctx context.Context) {
	tick := time.NewTicker(attendanceTick)
	defer tick.Stop()
	h.seen(ctx)
	touched, seen := h.now(), h.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := h.now()
		h.departed(ctx, now)
		if now.Sub(touched) >= touchEvery {
			touched = now
			h.touch(ctx)
		}
		if now.Sub(seen) >= seenEvery {
			seen = now
			h.seen(ctx)
		}
	}
}

func (h *Hub) seen(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	if err := h.Sessions.Seen(ctx); err != nil && ctx.Err() == nil {
		h.Logger.WarnContext(ctx, "signaling: sessions not kept", "error", err)
	}
}

func (h *Hub) touch(ctx context.Context) {
	h.mu.RLock()
	users := slices.Collect(maps.Keys(h.users))
	h.mu.RUnlock()
	if len(users) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	if err := h.Presence.Touch(ctx, users); err != nil {
		h.Logger.WarnContext(ctx, "signaling: presence not kept", "error", err)
	}
}

// departed announces the doctors whose last socket has been gone for a while; a page that was only reloaded is back by
// then.
func (h *Hub) departed(ctx context.Context, now time.Time) {
	h.mu.Lock()
	var users, doctors []uuid.UUID
	for user, a := range h.absent {
		if now.Sub(a.since) < goneAfter {
			continue
		}
		delete(h.absent, user)
		users = append(users, user)
		if a.doctor {
			doctors = append(doctors, user)
		}
	}
	h.mu.Unlock()
	if len(users) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	if err := h.Presence.Drop(ctx, users); err != nil {
		h.Logger.WarnContext(ctx, "signaling: presence not dropped", "error", err)
	}
	for _, doctor := range doctors {
		state, until, err := h.Presence.Get(ctx, doctor)
		if err != nil || state == stateOff {
			continue
		}
		p := presence(state, until)
		if err := h.Announce.PresenceChanged(ctx, doctor, p.State, p.BackAt); err != nil {
			h.Logger.WarnContext(ctx, "signaling: presence not announced", "error", err)
		}
	}
}

// record notes the end of a session, also while the hub is closing.
func (h *Hub) record(session uuid.UUID, code int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.root), recordTime)
	defer cancel()
	if err := h.Sessions.Closed(ctx, session, code); err != nil {
		h.Logger.WarnContext(ctx, "signaling: end of session not recorded", "error", err)
	}
}
