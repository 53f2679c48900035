package signaling

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// The first frame opens a session or takes one up again. Until it is answered nothing else is written (socket.held): what
// happens meanwhile waits behind the answer.

// ResumeToken is the secret that takes a session up again. Only its hash leaves the memory of the node that made it.
type ResumeToken [32]byte

// Hash is what the record of a session keeps.
func (t ResumeToken) Hash() [32]byte { return sha256.Sum256(t[:]) }

func (t ResumeToken) text() string { return base64.RawURLEncoding.EncodeToString(t[:]) }

func newResumeToken() ResumeToken {
	var t ResumeToken
	_, _ = rand.Read(t[:]) // never fails
	return t
}

// readResumeToken takes a token from a frame.
func readResumeToken(text string) (t ResumeToken, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != len(t) {
		return t, false
	}
	return ResumeToken(b), true
}

// open takes the first frame.
func (s *socket) open(b []byte) {
	in, detail := parseFirst(b)
	if detail != "" {
		s.hub.metrics.frames.WithLabelValues("in", "bad").Inc()
		s.shut(closeBadRequest, detail)
		return
	}
	ctx, cancel := context.WithTimeout(s.hub.root, commandTime)
	defer cancel()
	if in.hello != nil {
		s.hub.metrics.frames.WithLabelValues("in", "hello").Inc()
		s.hello(ctx, *in.hello)
		return
	}
	s.hub.metrics.frames.WithLabelValues("in", "resume").Inc()
	outcome := s.resume(ctx, *in.resume)
	s.hub.metrics.resumes.WithLabelValues(outcome).Inc()
}

// tailed waits until the hub follows the outbox: before that an event could pass unseen.
func (s *socket) tailed(ctx context.Context) bool {
	select {
	case <-s.hub.tailing:
		return true
	case <-ctx.Done():
		s.shut(closeDisconnected, "starting")
		return false
	}
}

// admitted closes the socket of somebody who may not have one, by what the check of the sign-in said.
func (s *socket) admitted(ctx context.Context, actor identity.Actor, err error) bool {
	switch p := problem.Of(err); {
	case err == nil && (actor.MustChangePassword || actor.FactorDue != ""):
		s.shut(closePassword, "")
	case err == nil:
		return true
	case p.Status < http.StatusInternalServerError:
		s.shut(closeUnauthorized, "")
	default:
		s.hub.Logger.WarnContext(ctx, "signaling: sign-in not checked", "error", err)
		s.shut(closeDisconnected, "unavailable")
	}
	return false
}

// hello opens a session.
func (s *socket) hello(ctx context.Context, in hello) {
	h := s.hub
	if !s.tailed(ctx) {
		return
	}
	actor, expires, err := h.Auth.Authenticate(ctx, in.Token)
	if !s.admitted(ctx, actor, err) {
		return
	}
	if !s.visits(actor.SessionID, actor.UserID) {
		return
	}
	if in.Locale == "" {
		in.Locale = actor.Locale
	}
	token := newResumeToken()
	session := Session{ID: s.id, SignIn: actor.SessionID, User: actor.UserID, Expires: expires, Locale: in.Locale}
	if err := h.Sessions.Opened(ctx, session, token.Hash()); err != nil {
		h.Logger.WarnContext(ctx, "signaling: session not recorded", "error", err)
		session.ID = uuid.Nil // nothing to resume and nothing to end
	}
	h.door.visited(s.id, actor.SessionID, actor.UserID, h.now())
	if !s.begin(session) {
		return
	}
	at := s.known(actor, expires)
	t, err := tail(welcome{Session: s.id, User: actor.UserID, ServerTime: h.now().UTC(), Build: h.Build, ExpiresAt: expires.UTC(),
		Resume: token.text(), Positions: at})
	if err != nil {
		s.shut(closeDisconnected, "internal")
		return
	}
	s.release(frame{kind: frameWelcome, tail: t}, at, nil)
}

// visits says that none of these has come too often; otherwise the socket is closed.
func (s *socket) visits(who ...uuid.UUID) bool {
	for _, id := range who {
		if !s.hub.door.mayVisit(id, s.hub.now()) {
			s.shut(closeTooMany, detailVisits)
			return false
		}
	}
	return true
}

// begin notes the session that is now this socket's, unless the socket has ended meanwhile.
func (s *socket) begin(session Session) bool {
	s.mu.Lock()
	gone := s.gone
	if !gone {
		s.session, s.recorded, s.locale = session.ID, session.ID != uuid.Nil, session.Locale
		s.held = true
	}
	s.mu.Unlock()
	if gone && session.ID != uuid.Nil {
		s.hub.record(session.ID, s.id, websocket.CloseAbnormalClosure)
	}
	return !gone
}

// resume takes a session up again, or says that the client is to begin anew. It gives the outcome, for the metrics.
func (s *socket) resume(ctx context.Context, in resume) string {
	h := s.hub
	if s.reloaded { // the worker's
		s.shut(closeBadRequest, detailSecondResume)
		return "refused"
	}
	if !s.tailed(ctx) {
		return "unavailable"
	}
	given, ok := readResumeToken(in.Resume)
	if !ok || !h.door.mayGuess(s.from, h.now()) {
		h.door.failed(s.from, h.now())
		return s.reload(reloadUnknown)
	}
	if !s.visits(in.Session) {
		return "refused"
	}
	next := newResumeToken()
	session, older, err := h.Sessions.Resumed(ctx, in.Session, s.id, given.Hash(), next.Hash(), in.Locale)
	switch {
	case errors.Is(err, ErrSessionUnknown):
		h.door.failed(s.from, h.now())
		return s.reload(reloadUnknown)
	case errors.Is(err, ErrSessionExpired):
		return s.reload(reloadExpired)
	case err != nil:
		h.Logger.WarnContext(ctx, "signaling: session not taken up", "error", err)
		s.shut(closeDisconnected, "unavailable")
		return "unavailable"
	}
	h.door.visited(session.ID, session.SignIn, session.User, h.now())
	if older != (Older{}) {
		h.tellTaken(older)
	}
	if !s.begin(session) {
		return "lost"
	}
	actor, err := h.Auth.SignedIn(ctx, session.User, session.SignIn)
	if !s.admitted(ctx, actor, err) {
		return "refused"
	}
	now := h.now()
	if now.Sub(session.Expires) > resumeWindow+expiryGrace { // a session does not live on resume tokens alone
		return s.reload(reloadExpired)
	}
	expires := session.Expires
	if expires.Before(now) {
		expires = now // to be renewed within the grace
	}
	upTo := s.known(actor, expires)
	missed, err := h.missed(ctx, s.whoami(), in.positions(), upTo)
	switch {
	case errors.Is(err, errGap):
		return s.reload(reloadGap)
	case err != nil:
		h.Logger.WarnContext(ctx, "signaling: missed events not read", "error", err)
		s.shut(closeDisconnected, "unavailable")
		return "unavailable"
	}
	t, err := tail(resumed{Session: session.ID, User: actor.UserID, ServerTime: now.UTC(), Build: h.Build, ExpiresAt: expires.UTC(),
		Resume: next.text(), Replayed: len(missed)})
	if err != nil {
		s.shut(closeDisconnected, "internal")
		return "internal"
	}
	h.metrics.replayed.Add(float64(len(missed)))
	s.release(frame{kind: frameResumed, tail: t}, in.positions(), missed)
	return "resumed"
}

// reload undoes what the resume has done so far and waits for a hello instead.
func (s *socket) reload(reason string) string {
	s.reloaded = true
	h := s.hub
	t, err := tail(reload{Reason: reason})
	if err != nil {
		s.shut(closeDisconnected, "internal")
		return "internal"
	}
	h.displace(s)
	s.mu.Lock()
	session := s.session
	s.session, s.recorded, s.who, s.expires = uuid.Nil, false, nil, time.Time{}
	s.dropQueue()
	if !s.gone && s.closing == 0 {
		h.door.enterAgain(s.from)
		s.greeted, s.opened = false, h.now()
	}
	s.rearm()
	s.mu.Unlock()
	if session != uuid.Nil {
		h.record(session, s.id, int(closeDisconnected))
	}
	s.release(frame{kind: frameReload, tail: t}, positions{}, nil)
	return reason
}

// known takes over what a checked sign-in says and puts the socket into the index under it. It gives the positions from
// which on the socket hears.
func (s *socket) known(actor identity.Actor, expires time.Time) positions {
	w := newWho(actor)
	at := s.hub.place(s, w)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.hub.now()
	if s.who == nil {
		s.pingAt = now.Add(pingEvery)
	}
	s.who, s.checked = w, now
	if expires.After(s.expires) { // a check that began before the token was renewed takes nothing back
		s.expires = expires
	}
	s.rearm()
	return at
}
