package signaling

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// who is what a socket keeps of the person behind it. It is never changed, only replaced.
type who struct {
	user, signIn               uuid.UUID
	roles                      []string
	organisations, departments []uuid.UUID // for events: care institutions of nurses and attendings, departments of doctors
}

func newWho(a identity.Actor) *who {
	w := &who{user: a.UserID, signIn: a.SessionID,
		organisations: a.Organisations(roleNurse, roleAttending), departments: a.Departments(roleConsultant)}
	for _, m := range a.Memberships {
		if !slices.Contains(w.roles, m.Role) {
			w.roles = append(w.roles, m.Role)
		}
	}
	return w
}

// may says whether one of the roles is held; without roles, everybody may.
func (w *who) may(roles []string) bool {
	return len(roles) == 0 || slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(w.roles, r) })
}

func (w *who) doctor() bool { return slices.Contains(w.roles, roleConsultant) }

// socket is one WebSocket and the session on it.
type socket struct {
	hub  *Hub
	conn *websocket.Conn
	id   uuid.UUID
	seq  uint64 // of the last frame written; the writer's

	mu sync.Mutex

	inbox      [][]byte // frames for the worker
	inboxBytes int
	pending    int  // frames received and not answered
	working    bool // there is a worker
	limiter    *rate.Limiter
	results    results
	slow       chan struct{} // a seat for each slow command at work

	out      []frame // frames for the writer
	outBytes int     // theirs and that of the frame being written
	writing  bool    // there is a writer
	held     bool    // the writer waits until the socket stands in the index
	pingDue  bool

	closing     closeCode // 0 while open
	closeDetail string
	closeSent   bool
	gone        bool // the reader has ended
	cutOff      bool // a frame could not be written
	clientCode  int  // of the client's own close frame, 0 without one; the reader's

	timer  *time.Timer
	opened time.Time
	pingAt time.Time
	pongBy time.Time // zero unless a ping is on its way

	greeted  bool // the first frame has come
	recorded bool // there is a row of the session
	who      *who // nil until the welcome
	token    string
	checked  time.Time // when the token was last checked
	expires  time.Time
	locale   string
}

func (s *socket) whoami() *who {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.who
}

// read is the socket's own goroutine. It ends when the connection does. It has no defer and calls little, because a deeper
// stack would make every idle socket cost 2 KB more.
func (s *socket) read() {
	for {
		kind, r, err := s.conn.NextReader()
		if err != nil {
			s.end(err)
			return
		}
		s.frame(kind, r)
	}
}

// frame takes one frame of the client. What is left unread the next NextReader passes over; an error shows there again.
func (s *socket) frame(kind int, r io.Reader) {
	if s.leaving() {
		return
	}
	if kind != websocket.TextMessage {
		s.notText()
		return
	}
	b, err := readFrame(r)
	switch {
	case err != nil:
	case len(b) > maxFrame:
		s.shut(closeFrameTooBig, "")
	default:
		s.receive(b)
	}
}

// readFrame reads a frame, but no more than shows that it is too long.
func readFrame(r io.Reader) ([]byte, error) {
	b := make([]byte, 0, 512)
	for {
		n, err := r.Read(b[len(b):min(cap(b), maxFrame+1)])
		b = b[:len(b)+n]
		switch {
		case err == io.EOF:
			return b, nil
		case err != nil || len(b) > maxFrame:
			return b, err
		case len(b) == cap(b):
			b = slices.Grow(b, len(b))
		}
	}
}

// notText refuses a binary frame.
func (s *socket) notText() {
	s.mu.Lock()
	defer s.mu.Unlock()
	code := closeBadFrame
	if !s.greeted {
		code = closeBadRequest
	}
	s.shutLocked(code, detailNotText)
}

func (s *socket) leaving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone || s.closing != 0
}

// receive hands a frame to the worker.
func (s *socket) receive(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing != 0 {
		return
	}
	if !s.allowed() || s.pending >= maxPending || s.inboxBytes+len(b) > maxPendingBytes {
		s.shutLocked(closeTooMany, "")
		return
	}
	s.greeted = true
	s.pending++
	s.inbox = append(s.inbox, b)
	s.inboxBytes += len(b)
	if !s.working {
		s.working = true
		s.hub.work.Go(s.work)
	}
}

// allowed counts a frame of the client against its rate. s.mu is held.
func (s *socket) allowed() bool {
	if !s.greeted {
		return true // the hello
	}
	if s.limiter == nil {
		s.limiter = rate.NewLimiter(commandRate, commandBurst)
	}
	return s.limiter.AllowN(s.hub.now(), 1)
}

// pingedByClient answers a ping, which counts like a command.
func (s *socket) pingedByClient(data string) error {
	s.mu.Lock()
	ok := s.closing == 0 && s.allowed()
	if !ok {
		s.shutLocked(closeTooMany, "")
	}
	s.mu.Unlock()
	if ok {
		_ = s.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
	}
	return nil
}

// work carries out what waits, in order, and ends.
func (s *socket) work() {
	for {
		s.mu.Lock()
		if s.gone || len(s.inbox) == 0 {
			s.working, s.inbox = false, nil
			s.mu.Unlock()
			return
		}
		b := s.inbox[0]
		s.inbox = s.inbox[1:]
		s.inboxBytes -= len(b)
		known := s.who != nil
		s.mu.Unlock()
		if known {
			s.command(b)
		} else {
			s.hello(b)
			s.done()
		}
	}
}

// done counts a frame as answered.
func (s *socket) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending--
}

type welcome struct {
	Session    uuid.UUID `json:"session"`
	User       uuid.UUID `json:"user"`
	ServerTime time.Time `json:"serverTime"`
	Build      string    `json:"build"`
	ExpiresAt  time.Time `json:"expiresAt"`
}

// hello opens the session: the welcome is its first frame, and every event after the socket stands in the index follows.
func (s *socket) hello(b []byte) {
	h := s.hub
	h.metrics.frames.WithLabelValues("in", "hello").Inc()
	in, detail := parseHello(b)
	if detail != "" {
		s.shut(closeBadRequest, detail)
		return
	}
	ctx, cancel := context.WithTimeout(h.root, commandTime)
	defer cancel()
	select {
	case <-h.tailing: // before that, an event could pass unseen
	case <-ctx.Done():
		s.shut(closeDisconnected, "starting")
		return
	}
	actor, expires, err := h.Auth.Authenticate(ctx, in.Token)
	switch p := problem.Of(err); {
	case err == nil && actor.MustChangePassword:
		s.shut(closePassword, "")
		return
	case err == nil:
	case p.Status < http.StatusInternalServerError:
		s.shut(closeUnauthorized, "")
		return
	default:
		h.Logger.WarnContext(ctx, "signaling: token not checked", "error", err)
		s.shut(closeDisconnected, "unavailable")
		return
	}
	if err := h.Sessions.Opened(ctx, s.id, actor.SessionID, actor.UserID); err != nil {
		h.Logger.WarnContext(ctx, "signaling: session not recorded", "error", err)
	} else {
		s.mu.Lock()
		gone := s.gone
		s.recorded = !gone
		s.mu.Unlock()
		if gone {
			h.record(s.id, websocket.CloseAbnormalClosure)
			return
		}
	}
	if in.Locale == "" {
		in.Locale = actor.Locale
	}
	t, err := tail(welcome{Session: s.id, User: actor.UserID, ServerTime: h.now().UTC(), Build: h.Build, ExpiresAt: expires.UTC()})
	if err != nil {
		s.shut(closeDisconnected, "internal")
		return
	}
	s.mu.Lock()
	s.held = true
	s.locale = in.Locale
	s.mu.Unlock()
	s.push(frame{frameWelcome, t})
	s.known(in.Token, actor, expires)
	s.mu.Lock()
	s.held = false
	s.startWriter()
	s.mu.Unlock()
}

// known takes over what a checked token says and puts the socket into the index under it.
func (s *socket) known(token string, actor identity.Actor, expires time.Time) {
	w := newWho(actor)
	s.hub.place(s, w)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.hub.now()
	if s.who == nil {
		s.pingAt = now.Add(pingEvery)
	}
	s.who, s.token, s.checked, s.expires = w, token, now, expires
	s.rearm()
}

type result struct {
	ID    uuid.UUID `json:"id"`
	OK    bool      `json:"ok"`
	Data  any       `json:"data,omitempty"`
	Error *refusal  `json:"error,omitempty"`
}

// refusal is a problem as a result carries it.
type refusal struct {
	Code              string         `json:"code"`
	Message           string         `json:"message"`
	Args              problem.Args   `json:"args,omitempty"`
	Fields            []refusedField `json:"fields,omitempty"`
	RetryAfterSeconds int            `json:"retryAfterSeconds,omitempty"`
}

type refusedField struct {
	Field   string       `json:"field"`
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Args    problem.Args `json:"args,omitempty"`
}

func refuse(locale string, p *problem.Problem) *refusal {
	r := &refusal{Code: p.Code, Message: problem.Sentence(locale, p.Code, p.Args), Args: p.Args, RetryAfterSeconds: p.RetryAfterSeconds}
	for _, f := range p.Fields {
		r.Fields = append(r.Fields, refusedField{f.Path, f.Code, problem.Sentence(locale, f.Code, f.Args), f.Args})
	}
	return r
}

// command takes a frame after the first as far as it can without waiting for a slow command.
func (s *socket) command(b []byte) {
	h := s.hub
	req, detail := h.registry.parse(b)
	if detail != "" {
		h.metrics.frames.WithLabelValues("in", "bad").Inc()
		s.done()
		s.shut(closeBadFrame, detail)
		return
	}
	c := req.command
	h.metrics.frames.WithLabelValues("in", c.name).Inc()
	s.mu.Lock()
	v, earlier := s.results.begin(req.id, maphash.Bytes(h.seed, b))
	locale := s.locale
	s.mu.Unlock()
	switch v {
	case answered:
		s.push(frame{frameResult, earlier})
		s.done()
		return
	case running:
		s.done()
		return
	case reused:
		p := problem.New(http.StatusConflict, "command_reused", nil)
		if t, err := tail(result{ID: req.id, Error: refuse(locale, p)}); err == nil {
			s.push(frame{frameResult, t})
		}
		s.done()
		return
	}
	if !c.slow {
		s.carryOut(req, locale)
		return
	}
	if s.slow == nil { // the worker's alone
		s.slow = make(chan struct{}, maxSlow)
	}
	seats := s.slow
	h.work.Go(func() {
		seats <- struct{}{}
		defer func() { <-seats }()
		if s.leaving() { // nobody waits for the answer
			s.done()
			return
		}
		s.carryOut(req, locale)
	})
}

// carryOut runs a command and answers it.
func (s *socket) carryOut(req request, locale string) {
	defer s.done()
	h := s.hub
	ctx, cancel := context.WithTimeout(h.root, commandTime)
	defer cancel()
	from := time.Now()
	data, err := s.run(ctx, req)
	res := result{ID: req.id, OK: err == nil, Data: data}
	outcome := "ok"
	if err != nil {
		p := refusalOf(err)
		if p.Status >= http.StatusInternalServerError {
			h.Logger.ErrorContext(ctx, "signaling: command failed", "command", req.command.name, "error", err)
		}
		res.Data, res.Error, outcome = nil, refuse(locale, p), p.Code
	}
	h.metrics.commands.WithLabelValues(req.command.name, outcome).Inc()
	h.metrics.seconds.WithLabelValues(req.command.name).Observe(time.Since(from).Seconds())
	t, err := tail(res)
	if err != nil {
		h.Logger.ErrorContext(ctx, "signaling: result not written", "command", req.command.name, "error", err)
		t, _ = tail(result{ID: req.id, Error: refuse(locale, problem.New(http.StatusInternalServerError, "internal", nil))})
	}
	s.mu.Lock()
	times := s.results.finish(req.id, t)
	s.mu.Unlock()
	for range times {
		s.push(frame{frameResult, t})
	}
}

// run checks that the command may be given now, and gives it. A panic in it is an internal error of this one command.
func (s *socket) run(ctx context.Context, req request) (data any, err error) {
	defer func() {
		if r := recover(); r != nil {
			s.hub.Logger.ErrorContext(ctx, "signaling: panic", "command", req.command.name, "panic", r, "stack", string(debug.Stack()))
			data, err = nil, problem.New(http.StatusInternalServerError, "internal", nil)
		}
	}()
	if !req.command.trusts {
		if err := s.recheck(ctx); err != nil {
			return nil, err
		}
	}
	if !s.whoami().may(req.command.roles) {
		return nil, problem.Forbidden()
	}
	return req.command.run(s.hub, ctx, s, req.members)
}

// recheck looks at the sign-in and its memberships again when that was not done just now. When they cannot be looked at,
// what was known stands: the token has not expired by much, and revocation arrives as an event.
func (s *socket) recheck(ctx context.Context) error {
	s.mu.Lock()
	token, fresh := s.token, s.hub.now().Sub(s.checked) < stillKnown
	s.mu.Unlock()
	if fresh {
		return nil
	}
	actor, expires, err := s.hub.Auth.Authenticate(ctx, token)
	switch {
	case err == nil:
		s.mu.Lock()
		same := s.token == token // unless it was renewed meanwhile
		s.mu.Unlock()
		if same {
			s.known(token, actor, expires)
		}
		return nil
	case problem.Of(err).Status < http.StatusInternalServerError:
		return err
	default:
		s.hub.Logger.WarnContext(ctx, "signaling: memberships not checked", "error", err)
		return nil
	}
}

// refusalOf turns an error of a command into a problem. An error that brings a code of the catalogue keeps it.
func refusalOf(err error) *problem.Problem {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	var coded interface{ Code() string }
	if errors.As(err, &coded) && problem.Known(coded.Code()) {
		return problem.New(http.StatusUnprocessableEntity, coded.Code(), nil).Because(err)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return problem.New(http.StatusServiceUnavailable, "unavailable", nil).Because(err)
	}
	return problem.Of(err)
}

// end is the end of the reader and so of the socket.
func (s *socket) end(cause error) {
	defer s.hub.work.Done()
	s.mu.Lock()
	if closed, ok := errors.AsType[*websocket.CloseError](cause); ok {
		s.clientCode = closed.Code
	}
	s.gone = true
	s.dropQueue()
	s.inbox, s.inboxBytes = nil, 0
	s.timer.Stop()
	code, label, recorded := websocket.CloseAbnormalClosure, "lost", s.recorded
	switch {
	case s.closeSent && !s.cutOff:
		code = int(s.closing)
		label = strconv.Itoa(code)
	case s.clientCode != 0:
		code, label = s.clientCode, "client"
	}
	s.mu.Unlock()
	_ = s.conn.Close()
	s.hub.remove(s)
	s.hub.metrics.closes.WithLabelValues(label).Inc()
	if recorded {
		s.hub.record(s.id, code)
	}
}
