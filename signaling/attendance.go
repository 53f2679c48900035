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

// arrived is called by a worker when the first socket of a user on this node is there. A doctor who is available by an
// earlier statement is so again from now on.
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
		if state, _, err := h.Presence.Get(ctx, w.user); err == nil && state != stateOff {
			h.announce(w.user)
		}
	})
}

// announce tells the others how a doctor's presence is now. One announcement of a doctor runs at a time, and one that is
// asked for meanwhile follows with what is true then, so that the last word is the newest. The caller runs under h.work.
func (h *Hub) announce(user uuid.UUID) {
	h.newsMu.Lock()
	defer h.newsMu.Unlock()
	if _, runs := h.news[user]; runs {
		h.news[user] = true
		return
	}
	h.news[user] = false
	h.work.Go(func() {
		for again := true; again; again = h.moreNews(user) {
			h.announceNow(user)
		}
	})
}

// moreNews says whether another announcement was asked for; otherwise this was the last.
func (h *Hub) moreNews(user uuid.UUID) bool {
	h.newsMu.Lock()
	defer h.newsMu.Unlock()
	if h.news[user] {
		h.news[user] = false
		return true
	}
	delete(h.news, user)
	return false
}

func (h *Hub) announceNow(user uuid.UUID) {
	ctx, cancel := context.WithTimeout(h.root, commandTime)
	defer cancel()
	state, until, err := h.Presence.Get(ctx, user)
	if err != nil {
		h.Logger.WarnContext(ctx, "signaling: presence not announced", "error", err)
		return
	}
	p := presence(state, until)
	if err := h.Announce.PresenceChanged(ctx, user, p.State, p.BackAt); err != nil {
		h.Logger.WarnContext(ctx, "signaling: presence not announced", "error", err)
	}
	h.mu.RLock()
	here := len(h.users[user]) > 0
	h.mu.RUnlock()
	if !here || p.State != stateAvailable {
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
	touched, seen, refreshed := h.now(), h.now(), h.now()
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
		if now.Sub(refreshed) >= refreshEvery {
			refreshed = now
			h.refresh(ctx)
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
		if state, _, err := h.Presence.Get(ctx, doctor); err != nil || state == stateOff {
			continue
		}
		h.mu.RLock() // Close waits for h.work, to which nothing from outside of it may be added then
		if !h.closed {
			h.announce(doctor)
		}
		h.mu.RUnlock()
	}
}

// record notes the end of a session's socket, also while the hub is closing.
func (h *Hub) record(session, socket uuid.UUID, code int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.root), recordTime)
	defer cancel()
	if err := h.Sessions.Closed(ctx, session, socket, code); err != nil {
		h.Logger.WarnContext(ctx, "signaling: end of session not recorded", "error", err)
	}
}
