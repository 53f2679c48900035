package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// world is a hub with everything around it replaced by what the test controls.
type world struct {
	t        testing.TB
	hub      *Hub
	auth     *fakeAuth
	relay    *fakeRelay
	calls    *fakeCalls
	presence *fakePresence
	outbox   *fakeOutbox
	sessions *fakeSessions
	announce *fakeAnnounce
	newcomer chan uuid.UUID
	reg      *prometheus.Registry
	server   *http.Server
	network  string // pipe or tcp
	dialer   func(ctx context.Context) (net.Conn, error)
	stopRun  func()
}

// network decides what carries the bytes: real TCP on loopback, or pipes for tests on virtual time, which cannot wait for a
// real network. The WebSocket and HTTP implementations are the real ones in both.
type option func(*Deps)

func onTCP(t testing.TB, opts ...option) *world {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { noLeaks(t, before) })
	w := newWorld(t, opts)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.network = "tcp"
	w.dialer = func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
	}
	w.serve(l)
	t.Cleanup(w.close)
	return w
}

// noLeaks waits until every goroutine has ended that was not there before. A query that was broken off may take a while: its
// connection is closed in the background.
func noLeaks(t testing.TB, before goleak.Option) {
	t.Helper()
	end := time.Now().Add(20 * time.Second)
	err := goleak.Find(before)
	for err != nil && time.Now().Before(end) {
		err = goleak.Find(before) // looks for a moment
	}
	if err != nil {
		t.Error(err)
	}
}

// onPipes is for use within synctest.Test. The caller closes it.
func onPipes(t testing.TB, opts ...option) *world {
	t.Helper()
	w := newWorld(t, opts)
	l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	w.network = "pipe"
	w.dialer = l.dial
	w.serve(l)
	return w
}

func newWorld(t testing.TB, opts []option) *world {
	t.Helper()
	w := &world{
		t: t, auth: newFakeAuth(), relay: newFakeRelay(), calls: &fakeCalls{rosters: map[uuid.UUID][]Participant{}},
		presence: newFakePresence(), outbox: newFakeOutbox(), sessions: newFakeSessions(),
		announce: &fakeAnnounce{}, newcomer: make(chan uuid.UUID, 16), reg: prometheus.NewRegistry(),
	}
	w.relay.rooms = NewRooms(w.publish, nil, nil)
	d := Deps{
		Auth: w.auth, Tickets: w.auth, Calls: w.calls, Relay: w.relay, Presence: w.presence, Announce: w.announce, Outbox: w.outbox,
		Sessions: w.sessions, Metrics: w.reg, Config: Config{Build: "test", Origins: []string{"https://desk.example"}},
		Newcomer: func(_ context.Context, user uuid.UUID) error {
			w.newcomer <- user
			return nil
		},
		Logger: slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	for _, o := range opts {
		o(&d)
	}
	var err error
	if w.hub, err = New(d); err != nil {
		t.Fatal(err)
	}
	return w
}

// testLog makes errors in the log visible; after the test it says nothing.
type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	defer func() { _ = recover() }()
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

func (w *world) serve(l net.Listener) {
	w.server = &http.Server{Handler: w.hub.Handler(), ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = w.server.Serve(l)
	}()
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		var work sync.WaitGroup
		work.Go(func() { _ = w.relay.rooms.Run(ctx) })
		_ = w.hub.Run(ctx)
		work.Wait()
	}()
	w.stopRun = func() {
		cancel()
		<-ran
		_ = w.server.Close()
		<-served
	}
}

func (w *world) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := w.hub.Close(ctx); err != nil {
		w.t.Error("close:", err)
	}
	w.stopRun()
}

// pipeListener accepts net.Pipe connections, which know deadlines but have no buffer at all.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "127.0.0.1:1" }

func (l *pipeListener) dial(context.Context) (net.Conn, error) {
	a, b := net.Pipe()
	select {
	case l.conns <- b:
		return a, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// person is an account with one sign-in and its token.
type person struct {
	actor identity.Actor
	token string
}

func (w *world) person(roles ...string) person {
	a := identity.Actor{UserID: uuid.New(), SessionID: uuid.New(), Locale: "zh-CN"}
	for _, r := range roles {
		m := identity.Membership{Role: r, OrganisationID: uuid.New()}
		if r == roleConsultant {
			department := uuid.New()
			m.DepartmentID = &department
		}
		a.Memberships = append(a.Memberships, m)
	}
	return w.signIn(a)
}

func (w *world) signIn(a identity.Actor) person {
	p := person{actor: a, token: uuid.NewString()}
	w.auth.put(p.token, a, time.Now().Add(15*time.Minute))
	return p
}

// client is a page.
type client struct {
	t    testing.TB
	ws   *websocket.Conn
	at   positions     // of the streams, as the page has been told them
	hold string        // the newest resume token
	in   uuid.UUID     // its session
	wait time.Duration // for a frame; 0 on virtual time, where a test that waits for ever is a deadlock that synctest reports
}

// patience limits the next read.
func (c *client) patience() {
	var end time.Time
	if c.wait > 0 {
		end = time.Now().Add(c.wait)
	}
	_ = c.ws.SetReadDeadline(end)
}

// dial opens a socket without saying hello.
func (w *world) dial() *client {
	w.t.Helper()
	d := websocket.Dialer{
		Subprotocols:   []string{subprotocol},
		NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return w.dialer(ctx) },
	}
	ws, res, err := d.DialContext(context.Background(), "ws://server.example/ws", nil)
	if err != nil {
		w.t.Fatal("dial:", err)
	}
	_ = res.Body.Close()
	c := &client{t: w.t, ws: ws}
	if w.network == "tcp" {
		c.wait = time.Minute
		w.t.Cleanup(func() { _ = ws.Close() })
	}
	return c
}

// join opens a socket and says hello.
func (w *world) join(p person) *client {
	w.t.Helper()
	c := w.dial()
	c.send(map[string]any{"type": "hello", "token": p.token, "locale": "en"})
	if f := c.next(); f.Type != "welcome" || f.User != p.actor.UserID {
		w.t.Fatalf("not a welcome: %+v", f)
	}
	return c
}

// resume opens a socket for a page that lost its own, and sends what the page knows as the first frame.
func (w *world) resume(page *client) *client {
	w.t.Helper()
	c := w.dial()
	c.t, c.at, c.hold, c.in = page.t, page.at, page.hold, page.in
	c.send(map[string]any{"type": "resume", "session": c.in, "resume": c.hold, "positions": c.at})
	return c
}

// resumed reads the answer to a resume, which must say that so many events were missed.
func (c *client) resumed(missed int) *client {
	c.t.Helper()
	if f := c.next(); f.Type != "resumed" || f.Replayed != missed || f.Session != c.in {
		c.t.Fatalf("not resumed with %d events: %+v", missed, f)
	}
	return c
}

// reloads reads the answer to a resume, which must be that the page is to read everything again for this reason.
func (c *client) reloads(reason string) *client {
	c.t.Helper()
	if f := c.next(); f.Type != "reload" || f.Reason != reason {
		c.t.Fatalf("expected reload %s, got %+v", reason, f)
	}
	return c
}

func (c *client) send(v any) {
	c.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		c.t.Fatal(err)
	}
	c.sendText(string(b))
}

func (c *client) sendText(s string) {
	c.t.Helper()
	if err := c.ws.WriteMessage(websocket.TextMessage, []byte(s)); err != nil {
		c.t.Fatal("send:", err)
	}
}

// heard is any frame of the server.
type heard struct {
	Type       string    `json:"type"`
	Stream     int       `json:"stream"`
	Seq        uint64    `json:"seq"`
	Prev       uint64    `json:"prev"`
	Ack        bool      `json:"ack"`
	Positions  positions `json:"positions"`
	Resume     string    `json:"resume"`
	Replayed   int       `json:"replayed"`
	Reason     string    `json:"reason"`
	Session    uuid.UUID `json:"session"`
	User       uuid.UUID `json:"user"`
	ServerTime time.Time `json:"serverTime"`
	Build      string    `json:"build"`
	ExpiresAt  time.Time `json:"expiresAt"`
	ID         uuid.UUID `json:"id"`
	OK         bool      `json:"ok"`
	Event      string    `json:"event"`
	At         time.Time `json:"at"`
	Data       json.RawMessage
	Error      *refusal `json:"error"`
}

// next reads a frame and checks its place in its stream.
func (c *client) next() heard {
	c.t.Helper()
	c.patience()
	kind, b, err := c.ws.ReadMessage()
	if err != nil {
		c.t.Fatal("read:", err)
	}
	var f heard
	if err := json.Unmarshal(b, &f); err != nil || kind != websocket.TextMessage {
		c.t.Fatalf("frame %s: %v", b, err)
	}
	if err := c.follow(f); err != nil {
		c.t.Fatalf("%v: %s", err, b)
	}
	return f
}

// follow keeps the positions of the streams as a page does. A frame that leaves a hole is an error.
func (c *client) follow(f heard) error {
	switch f.Type {
	case "welcome":
		c.at, c.hold, c.in = f.Positions, f.Resume, f.Session
	case "resumed":
		c.hold = f.Resume
	case "position":
		for k, n := range f.Positions {
			if n < c.at[k] {
				return fmt.Errorf("stream %d went back from %d to %d", k, c.at[k], n)
			}
		}
		c.at = f.Positions
	case "event":
		if int64(f.Seq) > c.at[f.Stream] {
			if int64(f.Prev) != c.at[f.Stream] {
				return fmt.Errorf("stream %d is at %d, the event follows %d", f.Stream, c.at[f.Stream], f.Prev)
			}
			c.at[f.Stream] = int64(f.Seq)
		}
	}
	return nil
}

// event reads the next frame, which must be this event.
func (c *client) event(name string) heard {
	c.t.Helper()
	f := c.next()
	if f.Type != "event" || f.Event != name {
		c.t.Fatalf("expected the event %s, got %+v %s", name, f, f.Data)
	}
	return f
}

// do gives a command and reads its result, which must be the next frame.
func (c *client) do(command string, fields map[string]any) heard {
	c.t.Helper()
	id := uuid.New()
	c.give(id, command, fields)
	f := c.next()
	if f.Type != "result" || f.ID != id {
		c.t.Fatalf("expected a result, got %+v", f)
	}
	return f
}

func (c *client) give(id uuid.UUID, command string, fields map[string]any) {
	c.t.Helper()
	m := map[string]any{"type": command, "id": id}
	maps.Copy(m, fields)
	c.send(m)
}

// refused reads the result of a command that must be refused with a code.
func (c *client) refused(code, command string, fields map[string]any) heard {
	c.t.Helper()
	f := c.do(command, fields)
	if f.OK || f.Error == nil || f.Error.Code != code || f.Error.Message == "" {
		c.t.Fatalf("%s: expected %s, got %+v %+v", command, code, f, f.Error)
	}
	return f
}

// accepted reads the result of a command that must be carried out.
func (c *client) accepted(command string, fields map[string]any, into any) {
	c.t.Helper()
	f := c.do(command, fields)
	if !f.OK || f.Error != nil {
		c.t.Fatalf("%s: refused: %+v", command, f.Error)
	}
	if into != nil {
		if err := json.Unmarshal(f.Data, into); err != nil {
			c.t.Fatal(err)
		}
	}
}

// closed reads until the server's close frame, which must have the code, and gives the reason.
func (c *client) closed(code closeCode) string {
	c.t.Helper()
	c.patience()
	for {
		_, b, err := c.ws.ReadMessage()
		if err == nil {
			c.t.Logf("before the close: %.200s", b)
			continue
		}
		closed, ok := errors.AsType[*websocket.CloseError](err)
		if !ok || closed.Code != int(code) {
			c.t.Fatalf("expected close %d, got %v", code, err)
		}
		if want := code.name(); closed.Text != want && !strings.HasPrefix(closed.Text, want+": ") {
			c.t.Fatalf("close %d has the reason %q", code, closed.Text)
		}
		_ = c.ws.Close()
		return closed.Text
	}
}

// leave closes the socket from the page's side.
func (c *client) leave() { _ = c.ws.Close() }

// eventually waits for a condition that another goroutine brings about.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	end := time.NewTimer(20 * time.Second)
	defer end.Stop()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-end.C:
			t.Fatal("never: ", what)
		case <-look.C:
		}
	}
}

// get asks the handler without a socket.
func (w *world) get(header http.Header) *http.Response {
	r := httptest.NewRequest(http.MethodGet, "http://server.example/ws", nil)
	r.Header = header
	rec := httptest.NewRecorder()
	w.hub.Handler().ServeHTTP(rec, r)
	return rec.Result()
}
