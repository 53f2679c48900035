package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

// nodes are hubs on one real database, each with its own records, as servers have it.
type nodes struct {
	t    testing.TB
	st   *store.Store
	auth *fakeAuth
	list []*nodeOf
	made int
}

// nodeOf is one of them. Once it is dead it writes nothing more, as a process that was killed.
type nodeOf struct {
	*world
	dead atomic.Bool
}

var errDead = errors.New("this process was killed")

// mortal is the record of sessions as a process keeps it that may be killed.
type mortal struct {
	*Records
	dead *atomic.Bool
}

func (m mortal) Closed(ctx context.Context, session, socket uuid.UUID, code int) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Records.Closed(ctx, session, socket, code)
}

func newNodes(t testing.TB, n int) *nodes {
	t.Helper()
	before := goleak.IgnoreCurrent()
	ns := &nodes{t: t, auth: newFakeAuth()}
	ns.st = &store.Store{Pool: testdb.New(t)}
	t.Cleanup(func() {
		for _, x := range ns.list {
			x.close()
		}
		ns.st.Pool.Close()
		noLeaks(t, before)
	})
	for range n {
		ns.list = append(ns.list, ns.start())
	}
	return ns
}

// start makes a new node.
func (ns *nodes) start() *nodeOf {
	ns.t.Helper()
	ns.made++
	n := &nodeOf{}
	records := NewRecords(ns.st, fmt.Sprintf("node-%d", ns.made))
	n.world = newWorld(ns.t, []option{func(d *Deps) {
		d.Auth, d.Tickets, d.Outbox, d.Announce, d.Sessions = ns.auth, ns.auth, records, records, mortal{records, &n.dead}
		d.Logger = slog.New(slog.DiscardHandler)
	}})
	n.auth = ns.auth
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		ns.t.Fatal(err)
	}
	n.network = "tcp"
	n.dialer = func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
	}
	n.serve(l)
	return n
}

// kill ends a node without a word to anybody, and starts another one in its place.
func (ns *nodes) kill(i int) {
	ns.t.Helper()
	n := ns.list[i]
	n.dead.Store(true)
	for _, s := range n.hub.all() {
		_ = s.conn.NetConn().Close()
	}
	n.close()
	ns.list[i] = ns.start()
}

// person registers somebody in the database.
func (ns *nodes) person(t testing.TB, role string) person {
	t.Helper()
	p := ns.list[0].person(role)
	ns.insert(t, `INSERT INTO users (id, username, display_name, password_hash) VALUES ($1, $2, '王医生', '-')`, p.actor.UserID, p.actor.UserID.String())
	ns.insert(t, `INSERT INTO auth_sessions (id, user_id, expires_at) VALUES ($1, $2, now() + interval '1 day')`, p.actor.SessionID, p.actor.UserID)
	return p
}

func (ns *nodes) insert(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := ns.st.Pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(sql, err)
	}
}

// publish writes an event to a stream.
func (ns *nodes) publish(t testing.TB, stream int, e store.Envelope) {
	t.Helper()
	var key uuid.UUID
	key[15] = byte(stream)
	err := ns.st.Tx(context.Background(), func(q *db.Queries) error { return store.Append(context.Background(), q, key, e) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestResumeOnAnotherNode(t *testing.T) {
	ns := newNodes(t, 2)
	a, b := ns.list[0], ns.list[1]
	p := ns.person(t, roleNurse)
	older := a.join(p)
	ns.publish(t, 3, mark(1, p.to()))
	older.marked()
	c := b.resume(older).resumed(0)
	older.closed(closeResumed) // the other node was told
	ns.publish(t, 3, mark(2, p.to()))
	if n := c.marked(); n != 2 {
		t.Fatal(n)
	}
	eventually(t, "the session is on the other node", func() bool {
		return value[int](t, ns.st.Pool, `SELECT count(*) FROM signaling_sessions WHERE id = $1 AND node = 'node-2' AND closed_at IS NULL AND resumes = 1`, c.in) == 1
	})
	// Back and forth: what one node is told of an older socket does not end a newer one.
	for range 4 {
		c = a.resume(c).resumed(0)
		c = b.resume(c).resumed(0)
	}
	c.accepted("token.renew", map[string]any{"token": p.token}, nil)
	c.leave()
	eventually(t, "the end is on record", func() bool {
		return value[int](t, ns.st.Pool, `SELECT count(*) FROM signaling_sessions WHERE id = $1 AND close_code = 1006`, c.in) == 1
	})
}

// A node is killed: its pages go on elsewhere with what they missed, also what was published while nobody heard them.
func TestKilledNode(t *testing.T) {
	ns := newNodes(t, 2)
	const pages = 20
	people, all := make([]person, pages), make([]*client, pages)
	for i := range all {
		people[i] = ns.person(t, roleNurse)
		all[i] = ns.list[0].join(people[i])
	}
	ns.kill(0)
	for i := range all {
		ns.publish(t, i, mark(i, people[i].to()))
	}
	for i, page := range all {
		c := ns.list[i%2].resume(page)
		if f := c.next(); f.Type != "resumed" { // with the event, or the event comes just now
			t.Fatalf("%+v", f)
		}
		if n := c.marked(); n != i {
			t.Fatalf("page %d was told %d", i, n)
		}
		c.leave()
	}
}

// A token that is used again and again, because its answers do not arrive, has the newest eight of its successors.
func TestSuccessorsOfAToken(t *testing.T) {
	ns := newNodes(t, 1)
	w, p := ns.list[0], ns.person(t, roleNurse)
	first := w.join(p)
	var list []*client
	for range 10 {
		list = append(list, w.resume(first).resumed(0))
	}
	for _, c := range list[:2] {
		w.resume(c).reloads(reloadUnknown)
	}
	used := w.resume(list[2]).resumed(0)
	for _, c := range append(list[3:], first) {
		w.resume(c).reloads(reloadUnknown)
	}
	w.resume(list[2]).resumed(0)
	w.resume(used).resumed(0)
}

func TestSessionsExpireOnRecord(t *testing.T) {
	ns := newNodes(t, 1)
	w, p := ns.list[0], ns.person(t, roleNurse)
	c := w.join(p)
	c.leave()
	eventually(t, "the end is on record", func() bool {
		return value[int](t, ns.st.Pool, `SELECT count(*) FROM signaling_sessions WHERE id = $1 AND closed_at IS NOT NULL`, c.in) == 1
	})
	ns.insert(t, `UPDATE signaling_sessions SET closed_at = now() - interval '121 seconds' WHERE id = $1`, c.in)
	w.resume(c).reloads(reloadExpired)
	ns.insert(t, `UPDATE signaling_sessions SET closed_at = now() - interval '115 seconds' WHERE id = $1`, c.in)
	c = w.resume(c).resumed(0)
	c.leave()
	eventually(t, "the end is on record", func() bool {
		return value[int](t, ns.st.Pool, `SELECT count(*) FROM signaling_sessions WHERE id = $1 AND closed_at IS NOT NULL`, c.in) == 1
	})
	// Of a node that died without a word the session is open; it was there up to a minute after it was last seen.
	ns.insert(t, `UPDATE signaling_sessions SET closed_at = NULL, last_seen_at = now() - interval '181 seconds' WHERE id = $1`, c.in)
	w.resume(c).reloads(reloadExpired)
	ns.insert(t, `UPDATE signaling_sessions SET closed_at = NULL, last_seen_at = now() - interval '175 seconds' WHERE id = $1`, c.in)
	w.resume(c).resumed(0)
	if n := value[int](t, ns.st.Pool, `SELECT count(*) FROM signaling_sessions WHERE octet_length(resume_hash) = 32 AND resume_hash <> previous_hash`); n != 1 {
		t.Fatal(n)
	}
}

// told is an event as a page heard it, or was to hear it.
type toldEvent struct {
	stream, n int
}

// listener is a page that may lose its socket at any moment.
type listener struct {
	person
	page  *client // what it knows; its socket may be gone
	up    bool
	heard []toldEvent
	due   []toldEvent // what its audience was sent
}

// history is the machine of the property test.
type history struct {
	ns    *nodes
	rt    *rapid.T
	pages []*listener
	n     int
}

// resume takes the session up and reads the answer. Resumes that the page has given up may reach their nodes at any time and
// take the session away; then it tries again.
func (h *history) resume(l *listener, node *nodeOf) {
	for {
		old := l.page
		c := node.resume(old)
		_ = c.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
		var f heard
		err := c.ws.ReadJSON(&f)
		_ = old.ws.Close()
		if websocket.IsCloseError(err, int(closeResumed)) {
			continue // before the answer was written
		}
		if err != nil || f.Type != "resumed" {
			h.rt.Fatalf("not resumed: %+v %v", f, err)
		}
		c.hold = f.Resume
		l.page, l.up = c, true
		return
	}
}

// hear reads one frame and notes an event; everything else only moves the positions.
func (h *history) hear(l *listener) {
	_ = l.page.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, b, err := l.page.ws.ReadMessage()
	if websocket.IsCloseError(err, int(closeResumed)) {
		h.resume(l, h.ns.list[0])
		return
	}
	if err != nil {
		h.rt.Fatalf("read: %v, heard %v of %v", err, l.heard, l.due)
	}
	var f heard
	if err := json.Unmarshal(b, &f); err != nil {
		h.rt.Fatalf("%s: %v", b, err)
	}
	if f.Type == "event" && int64(f.Seq) <= l.page.at[f.Stream] {
		h.rt.Fatalf("told twice: %s", b)
	}
	if err := l.page.follow(f); err != nil {
		h.rt.Fatalf("%v: %s", err, b)
	}
	switch f.Type {
	case "event":
		var in struct{ N int }
		if err := json.Unmarshal(f.Data, &in); err != nil {
			h.rt.Fatalf("%s: %v", b, err)
		}
		l.heard = append(l.heard, toldEvent{f.Stream, in.N})
		if f.Ack {
			_ = l.page.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"ack","stream":%d,"seq":%d}`, f.Stream, f.Seq))
		}
	case "position":
	default:
		h.rt.Fatalf("unexpected: %s", b)
	}
}

// catchUp hears everything there is.
func (h *history) catchUp(l *listener) {
	for len(l.heard) < len(l.due) {
		h.hear(l)
	}
	for k := range len(positions{}) {
		of := func(list []toldEvent) (numbers []int) {
			for _, e := range list {
				if e.stream == k {
					numbers = append(numbers, e.n)
				}
			}
			return numbers
		}
		if got, want := of(l.heard), of(l.due); !slices.Equal(got, want) {
			h.rt.Fatalf("stream %d: heard %v, sent were %v", k, got, want)
		}
	}
}

func (h *history) pick(what func(*listener) bool) *listener {
	var list []*listener
	for _, l := range h.pages {
		if what(l) {
			list = append(list, l)
		}
	}
	if len(list) == 0 {
		h.rt.Skip("nobody")
	}
	return rapid.SampledFrom(list).Draw(h.rt, "page")
}

func (h *history) node() *nodeOf {
	return h.ns.list[rapid.IntRange(0, len(h.ns.list)-1).Draw(h.rt, "node")]
}

func (h *history) actions() map[string]func(*rapid.T) {
	act := func(f func()) func(*rapid.T) {
		return func(rt *rapid.T) { h.rt = rt; f() }
	}
	up := func(l *listener) bool { return l.up }
	down := func(l *listener) bool { return !l.up }
	return map[string]func(*rapid.T){
		// Events for one, for several, and for nobody here.
		"publish": act(func() {
			var to store.Audience
			var for_ []*listener
			for _, l := range h.pages {
				switch rapid.IntRange(0, 3).Draw(h.rt, "by") {
				case 0:
					to.Users = append(to.Users, l.actor.UserID)
				case 1:
					to.Departments = append(to.Departments, l.actor.Departments(roleConsultant)...)
					to.Organisations = append(to.Organisations, l.actor.Organisations(roleNurse)...)
					to.AuthSessions = append(to.AuthSessions, l.actor.SessionID) // and once more
				default:
					continue
				}
				for_ = append(for_, l)
			}
			stream := rapid.IntRange(0, len(positions{})-1).Draw(h.rt, "stream")
			for range rapid.IntRange(1, 4).Draw(h.rt, "events") {
				h.n++
				e := mark(h.n, to)
				if h.n%5 == 0 {
					e.Event = "ring.stop" // a critical one
				}
				h.ns.publish(h.ns.t, stream, e)
				for _, l := range for_ {
					l.due = append(l.due, toldEvent{stream, h.n})
				}
			}
		}),
		"hear a part": act(func() {
			l := h.pick(func(l *listener) bool { return l.up && len(l.heard) < len(l.due) })
			for range rapid.IntRange(1, len(l.due)-len(l.heard)).Draw(h.rt, "events") {
				if len(l.heard) < len(l.due) {
					h.hear(l)
				}
			}
		}),
		"hear all": act(func() { h.catchUp(h.pick(up)) }),
		"lose the socket": act(func() {
			l := h.pick(up)
			l.page.leave()
			l.up = false
		}),
		"lose it without noticing": act(func() { // the server goes on thinking that it is there
			h.pick(up).up = false
		}),
		"resume": act(func() {
			h.resume(h.pick(down), h.node())
		}),
		// What was missed and what happens now meet on the way.
		"resume while much happens": act(func() {
			l := h.pick(down)
			var plan []toldEvent
			for range rapid.IntRange(5, 30).Draw(h.rt, "events") {
				h.n++
				plan = append(plan, toldEvent{rapid.IntRange(0, 2).Draw(h.rt, "stream"), h.n})
			}
			published := make(chan struct{})
			go func() {
				defer close(published)
				for _, e := range plan {
					h.ns.publish(h.ns.t, e.stream, mark(e.n, store.Audience{Users: []uuid.UUID{l.actor.UserID}}))
				}
			}()
			l.due = append(l.due, plan...)
			h.resume(l, h.node())
			<-published
		}),
		"resume and lose the answer": act(func() {
			l := h.pick(down)
			c := h.node().resume(l.page)
			_ = c.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
			_, _, _ = c.ws.ReadMessage() // the server has answered; the page never learns what
			c.leave()
		}),
		"resume and vanish at once": act(func() { h.node().resume(h.pick(down).page).leave() }),
		"kill a node": act(func() {
			if rapid.IntRange(0, 3).Draw(h.rt, "really") > 0 {
				return
			}
			h.ns.kill(rapid.IntRange(0, len(h.ns.list)-1).Draw(h.rt, "node"))
			for _, l := range h.pages { // every page may have been on it; those elsewhere resume from an open socket
				l.up = false
			}
		}),
	}
}

// TestHistoryHasNoHole: whatever is published, lost, resumed on whichever node and however often an answer to a resume is
// lost, a page hears exactly what its audience was sent, each event once and in the order of its stream. Between losses the
// chain of prev holds; never is the first frame anything but the answer to the resume.
func TestHistoryHasNoHole(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue { // each one takes a while with a real database
		if err := flag.Set("rapid.checks", "25"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set("rapid.checks", f.DefValue) })
	}
	ns := newNodes(t, 2)
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{ns: ns, rt: rt}
		for _, role := range []string{roleNurse, roleConsultant} {
			l := &listener{person: ns.person(t, role)}
			l.page, l.up = h.node().join(l.person), true
			h.pages = append(h.pages, l)
		}
		defer func() {
			for _, l := range h.pages {
				l.page.leave()
			}
		}()
		rt.Repeat(h.actions())
		h.rt = rt
		for _, l := range h.pages {
			if !l.up {
				h.resume(l, h.node())
			}
			h.catchUp(l)
		}
	})
}
