package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// What the hub stands on, in memory.

// fakeAuth knows tokens and tickets.
type fakeAuth struct {
	mu      sync.Mutex
	tokens  map[string]fakeGrant
	signIns map[uuid.UUID]identity.Actor // by sign-in, as it was put last
	tickets map[string]identity.Ticket
	broken  error
	asked   int
	gate    chan struct{} // when set, Authenticate waits for it
}

type fakeGrant struct {
	actor   identity.Actor
	expires time.Time
}

func newFakeAuth() *fakeAuth {
	return &fakeAuth{tokens: map[string]fakeGrant{}, signIns: map[uuid.UUID]identity.Actor{}, tickets: map[string]identity.Ticket{}}
}

func (f *fakeAuth) put(token string, a identity.Actor, expires time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tokens[token] = fakeGrant{a, expires}
	f.signIns[a.SessionID] = a
}

// revoke ends a sign-in.
func (f *fakeAuth) revoke(signIn uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.signIns, signIn)
}

func (f *fakeAuth) SignedIn(_ context.Context, user, signIn uuid.UUID) (identity.Actor, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken != nil {
		return identity.Actor{}, f.broken
	}
	a, ok := f.signIns[signIn]
	if !ok || a.UserID != user {
		return identity.Actor{}, problem.New(http.StatusUnauthorized, "session_revoked", nil)
	}
	return a, nil
}

func (f *fakeAuth) MembershipsOfSignIns(_ context.Context, signIns []uuid.UUID) (map[uuid.UUID][]identity.Membership, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	held := map[uuid.UUID][]identity.Membership{}
	for _, id := range signIns {
		if a, ok := f.signIns[id]; ok {
			held[id] = a.Memberships
		}
	}
	return held, f.broken
}

func (f *fakeAuth) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = err
}

func (f *fakeAuth) Authenticate(ctx context.Context, token string) (identity.Actor, time.Time, error) {
	f.mu.Lock()
	gate := f.gate
	f.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return identity.Actor{}, time.Time{}, ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.broken != nil {
		return identity.Actor{}, time.Time{}, f.broken
	}
	g, ok := f.tokens[token]
	if !ok || !time.Now().Before(g.expires) {
		return identity.Actor{}, time.Time{}, problem.New(http.StatusUnauthorized, "unauthenticated", nil)
	}
	return g.actor, g.expires, nil
}

func (f *fakeAuth) OpenTicket(_ context.Context, ticket string) (identity.Ticket, time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, ok := f.tickets[ticket]
	if !ok {
		return identity.Ticket{}, time.Time{}, problem.New(http.StatusUnprocessableEntity, "media_ticket_invalid", nil)
	}
	return t, time.Now().Add(time.Minute), nil
}

type fakeCalls struct {
	mu      sync.Mutex
	rosters map[uuid.UUID][]Participant
	ended   map[uuid.UUID]bool
}

func (f *fakeCalls) Roster(_ context.Context, call uuid.UUID) ([]Participant, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r, ok := f.rosters[call]; ok {
		return slices.Clone(r), nil
	}
	return nil, problem.NotFound()
}

func (f *fakeCalls) Authorise(_ context.Context, t identity.Ticket) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended[t.Room] {
		return problem.New(http.StatusConflict, "call_ended", nil)
	}
	if t.Epoch != 1 {
		return problem.New(http.StatusConflict, "epoch_stale", nil)
	}
	return nil
}

// invite puts somebody on the roster of a call and gives a ticket.
func (w *world) invite(call uuid.UUID, p person, name string) (ticket string, participant uuid.UUID) {
	ticket, participant = uuid.NewString(), uuid.New()
	w.calls.mu.Lock()
	for _, there := range w.calls.rosters[call] {
		if there.User == p.actor.UserID {
			participant = there.ID
		}
	}
	if !slices.ContainsFunc(w.calls.rosters[call], func(x Participant) bool { return x.ID == participant }) {
		w.calls.rosters[call] = append(w.calls.rosters[call],
			Participant{ID: participant, User: p.actor.UserID, Name: name, Role: p.actor.Memberships[0].Role})
	}
	w.calls.mu.Unlock()
	w.auth.mu.Lock()
	w.auth.tickets[ticket] = identity.Ticket{Room: call, Participant: participant, User: p.actor.UserID, Epoch: 1}
	w.auth.mu.Unlock()
	return ticket, participant
}

type fakePresence struct {
	mu    sync.Mutex
	said  map[uuid.UUID]presenceNow
	here  map[uuid.UUID]bool
	touch int
}

func newFakePresence() *fakePresence {
	return &fakePresence{said: map[uuid.UUID]presenceNow{}, here: map[uuid.UUID]bool{}}
}

func (f *fakePresence) Set(_ context.Context, user uuid.UUID, state string, until time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.said[user] = presence(state, until)
	return nil
}

func (f *fakePresence) Get(_ context.Context, user uuid.UUID) (string, time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, ok := f.said[user]
	if !ok {
		return stateOff, time.Time{}, nil
	}
	var until time.Time
	if p.BackAt != nil {
		until = *p.BackAt
	}
	return p.State, until, nil
}

func (f *fakePresence) Touch(_ context.Context, users []uuid.UUID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.touch++
	for _, u := range users {
		f.here[u] = true
	}
	return nil
}

func (f *fakePresence) Drop(_ context.Context, users []uuid.UUID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, u := range users {
		delete(f.here, u)
	}
	return nil
}

func (f *fakePresence) connected(user uuid.UUID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.here[user]
}

type fakeAnnounce struct {
	mu  sync.Mutex
	log []string
}

func (f *fakeAnnounce) PresenceChanged(_ context.Context, user uuid.UUID, state string, _ *time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, user.String()+" "+state)
	return nil
}

func (f *fakeAnnounce) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.log)
}

// fakeSessions is the record of sessions in memory.
type fakeSessions struct {
	mu     sync.Mutex
	open   map[uuid.UUID]bool
	closed map[uuid.UUID]int
	rows   map[uuid.UUID]*fakeSession
	broken error
}

type fakeSession struct {
	Session
	socket     uuid.UUID
	previous   [32]byte
	successors [][32]byte
	seen       time.Time
}

func newFakeSessions() *fakeSessions {
	return &fakeSessions{open: map[uuid.UUID]bool{}, closed: map[uuid.UUID]int{}, rows: map[uuid.UUID]*fakeSession{}}
}

func (f *fakeSessions) Opened(_ context.Context, s Session, resume [32]byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[s.ID] = true
	f.rows[s.ID] = &fakeSession{Session: s, socket: s.ID, successors: [][32]byte{resume}}
	return nil
}

func (f *fakeSessions) Resumed(_ context.Context, session, socket uuid.UUID, given, next [32]byte, locale string) (Session, Older, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken != nil {
		return Session{}, Older{}, f.broken
	}
	row := f.rows[session]
	switch {
	case row == nil || given != row.previous && !slices.Contains(row.successors, given):
		return Session{}, Older{}, ErrSessionUnknown
	case !f.open[session] && time.Since(row.seen) >= resumeWindow:
		return Session{}, Older{}, ErrSessionExpired
	}
	if given != row.previous {
		row.successors = nil
	}
	row.socket, row.previous, row.successors = socket, given, append(row.successors, next)
	if locale != "" {
		row.Locale = locale
	}
	f.open[session] = true
	return row.Session, Older{}, nil
}

func (f *fakeSessions) Taken(context.Context, []Older) error { return nil }

func (f *fakeSessions) Renewed(_ context.Context, session uuid.UUID, expires time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rows[session].Expires = expires
	return nil
}

func (f *fakeSessions) Closed(_ context.Context, session, socket uuid.UUID, code int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if row := f.rows[session]; row.socket == socket {
		delete(f.open, session)
		f.closed[session] = code
		row.seen = time.Now()
	}
	return nil
}

func (f *fakeSessions) Seen(context.Context) error { return nil }

func (f *fakeSessions) code(session uuid.UUID) (int, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.closed[session]
	return c, ok
}

// deliver writes an event and waits until the hub has queued it.
func (w *world) deliver(e store.Envelope) {
	w.t.Helper()
	seq := w.outbox.append(e)
	if w.network == "pipe" {
		synctest.Wait()
		return
	}
	eventually(w.t, "the event is delivered", func() bool { return w.hub.delivered[0].Load() >= seq })
}

// fakeOutbox is a shard in memory.
type fakeOutbox struct {
	mu         sync.Mutex
	rows       []Published
	first      int64 // rows before it were pruned
	broken     error
	readBroken error // of Read alone
	wakes      chan struct{}
}

var errAway = errors.New("the database is away")

func newFakeOutbox() *fakeOutbox { return &fakeOutbox{wakes: make(chan struct{}, 1)} }

func (f *fakeOutbox) append(e store.Envelope) int64 {
	f.mu.Lock()
	b, _ := json.Marshal(e.Data)
	e.Data = json.RawMessage(b)
	seq := int64(len(f.rows)) + 1
	f.rows = append(f.rows, Published{Seq: seq, At: time.Now(), Envelope: e})
	f.mu.Unlock()
	select {
	case f.wakes <- struct{}{}:
	default:
	}
	return seq
}

func (f *fakeOutbox) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = err
}

func (f *fakeOutbox) Heads(context.Context) (map[int16]int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return map[int16]int64{0: int64(len(f.rows))}, f.broken
}

func (f *fakeOutbox) Read(_ context.Context, _ int16, after int64, limit int) ([]Published, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := errors.Join(f.broken, f.readBroken); err != nil {
		return nil, err
	}
	rows := slices.Clone(f.rows[max(after, f.first):])
	return rows[:min(len(rows), limit)], nil
}

func (f *fakeOutbox) Listen(ctx context.Context, wake func()) error {
	for {
		wake()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.wakes:
		}
		f.mu.Lock()
		err := f.broken
		f.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

var _ io.Writer = testLog{}

func testingLogger() *slog.Logger { return slog.New(slog.DiscardHandler) }

// upgradeHeader is that of a proper request.
func upgradeHeader() http.Header {
	return http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": {subprotocol}}
}
