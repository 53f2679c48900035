package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
)

// socket is a page's WebSocket as signaling/PROTOCOL.md wants it: it resumes on whichever node answers, keeps a position
// for each stream, acknowledges what is critical and says hello again when the server cannot go on.
type socket struct {
	p     *person
	heard chan frame // events for the person; the oldest is dropped when nobody listens

	mu        sync.Mutex
	conn      *websocket.Conn
	session   string
	resume    string
	positions []int64
	lineage   int64
	up        bool // welcomed or resumed, and not lost since
	deaf      bool // reads nothing: the device vanished
	wanted    string
	losses    int
}

// frame is what a server sends; fields that a kind does not have are zero.
type frame struct {
	Type      string          `json:"type"`
	Session   string          `json:"session"`
	Resume    string          `json:"resume"`
	Positions []int64         `json:"positions"`
	Replayed  int             `json:"replayed"`
	Reason    string          `json:"reason"`
	Stream    *int            `json:"stream"`
	Seq       int64           `json:"seq"`
	Prev      int64           `json:"prev"`
	Event     string          `json:"event"`
	Ack       bool            `json:"ack"`
	OK        bool            `json:"ok"`
	Data      json.RawMessage `json:"data"`
	Error     *struct {
		Code string `json:"code"`
	} `json:"error"`
}

// ring is the data of an invitation.
type ring struct {
	ConsultationID uuid.UUID `json:"consultationId"`
	OfferID        uuid.UUID `json:"offerId"`
	Epoch          int64     `json:"epoch"`
	Urgency        string    `json:"urgency"`
}

func newSocket(p *person) *socket { return &socket{p: p, heard: make(chan frame, 256)} }

// run keeps a socket until ctx ends.
func (s *socket) run(ctx context.Context) {
	wait := 100 * time.Millisecond
	for ctx.Err() == nil {
		began := time.Now()
		again := s.once(ctx)
		if !again {
			s.forget()
		}
		if time.Since(began) > 5*time.Second {
			wait = 100 * time.Millisecond
		}
		if !pause(ctx, rand.N(wait)+20*time.Millisecond) {
			return
		}
		wait = min(2*wait, 2*time.Second) // sooner than a page's 30 s, so that short rounds see resumes
	}
}

func (s *socket) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session, s.resume = "", ""
}

// connected says whether the person hears what happens.
func (s *socket) connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.up && !s.deaf
}

// once is the life of one connection; false says that its session cannot go on.
func (s *socket) once(ctx context.Context) (resumable bool) {
	node := s.p.w.site.pick(s.p)
	dialer := websocket.Dialer{
		NetDialContext: (&net.Dialer{Timeout: 3 * time.Second}).DialContext, HandshakeTimeout: 5 * time.Second, Subprotocols: []string{"lianzhen.v1"},
	}
	conn, res, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(node.base(), "http")+"/ws", nil)
	if res != nil {
		defer res.Body.Close()
	}
	if err != nil {
		return true
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer conn.Close()
	alive := time.Now()
	conn.SetPingHandler(func(text string) error {
		alive = time.Now()
		_ = conn.SetReadDeadline(alive.Add(deadAfter))
		return conn.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(5*time.Second))
	})
	_ = conn.SetReadDeadline(alive.Add(10 * time.Second))
	if !s.open(ctx, conn) {
		return true
	}
	for {
		var f frame
		if err := conn.ReadJSON(&f); err != nil {
			return s.lost(err, node.name)
		}
		if s.isDeaf() {
			s.lose(node.name, "deaf")
			hold(ctx, s) // the connection stays open and unread
			return true
		}
		_ = conn.SetReadDeadline(time.Now().Add(deadAfter))
		switch f.Type {
		case "welcome":
			s.welcome(f, node.name)
			s.setPresence()
		case "resumed":
			s.resumed(f, node.name)
			s.setPresence()
		case "reload":
			s.note(check.OpReload, f.Reason, node.name, nil)
			s.forget()
			if !s.open(ctx, conn) {
				return false
			}
		case "position":
			s.position(f, node.name)
		case "event":
			if hole := s.event(conn, f, node.name); hole {
				_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4000, "hole"), time.Now().Add(time.Second))
				s.lose(node.name, "hole")
				return true
			}
		}
	}
}

// deadAfter is when a client gives a silent server up: it pings every 20 s.
const deadAfter = 35 * time.Second

// hold keeps a deaf connection until the person hears again.
func hold(ctx context.Context, s *socket) {
	for s.isDeaf() && pause(ctx, 50*time.Millisecond) {
	}
}

// open sends the first frame.
func (s *socket) open(ctx context.Context, conn *websocket.Conn) bool {
	s.mu.Lock()
	s.conn = conn
	session, resume, positions := s.session, s.resume, slices.Clone(s.positions)
	s.mu.Unlock()
	var first any = map[string]any{"type": "resume", "session": session, "resume": resume, "positions": positions}
	if session == "" || resume == "" {
		token := s.p.bearer(ctx)
		if token == "" {
			return false
		}
		first = map[string]any{"type": "hello", "token": token}
	}
	return s.send(first)
}

// send writes a frame on the connection of now.
func (s *socket) send(v any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return false
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	return s.conn.WriteJSON(v) == nil
}

// command sends a command without waiting for its result.
func (s *socket) command(kind string, fields map[string]any) bool {
	v := map[string]any{"type": kind, "id": uuid.NewString()}
	for k, f := range fields {
		v[k] = f
	}
	return s.send(v)
}

// present says what state a doctor wants to be in; it is said again on each new socket.
func (s *socket) present(state string) {
	s.mu.Lock()
	s.wanted = state
	up := s.up
	s.mu.Unlock()
	if up {
		s.setPresence()
	}
}

func (s *socket) setPresence() {
	s.mu.Lock()
	state := s.wanted
	s.mu.Unlock()
	if state != "" {
		s.command("presence.set", map[string]any{"state": state})
	}
}

func (s *socket) note(op, code, node string, positions []int64) {
	s.mu.Lock()
	lineage := s.lineage
	s.mu.Unlock()
	s.p.w.history.add(check.Event{Kind: check.KindSession, Op: op, Who: s.p.name, User: s.p.id, Code: code, Node: node, Lineage: lineage, Positions: positions})
}

func (s *socket) welcome(f frame, node string) {
	s.mu.Lock()
	s.session, s.resume, s.positions = f.Session, f.Resume, slices.Clone(f.Positions)
	s.lineage = s.p.w.nextLineage()
	s.up = true
	s.p.w.history.add(check.Event{Kind: check.KindSession, Op: check.OpWelcome, Who: s.p.name, User: s.p.id, Node: node, Lineage: s.lineage,
		Positions: slices.Clone(f.Positions)})
	s.mu.Unlock()
}

func (s *socket) resumed(f frame, node string) {
	s.mu.Lock()
	s.session, s.resume = f.Session, f.Resume
	s.up = true
	s.mu.Unlock()
	s.note(check.OpResumed, caption(f.Replayed), node, nil)
}

func (s *socket) position(f frame, node string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range min(len(s.positions), len(f.Positions)) {
		s.positions[i] = max(s.positions[i], f.Positions[i])
	}
	s.p.w.history.add(check.Event{Kind: check.KindSession, Op: check.OpPosition, Who: s.p.name, User: s.p.id, Node: node, Lineage: s.lineage,
		Positions: slices.Clone(f.Positions)})
}

// begin writes into a new history where a client stands that was welcomed earlier.
func (s *socket) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lineage != 0 {
		s.p.w.history.add(check.Event{Kind: check.KindSession, Op: check.OpWelcome, Who: s.p.name, User: s.p.id, Lineage: s.lineage,
			Positions: slices.Clone(s.positions), Note: "at the beginning of the round"})
	}
}

// finish writes into a history that it ends while the client is connected.
func (s *socket) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.up && !s.deaf {
		s.p.w.history.add(check.Event{Kind: check.KindSession, Op: check.OpEnd, Who: s.p.name, User: s.p.id, Lineage: s.lineage})
	}
}

// event takes an event by the protocol's three rules, and says whether there is a hole.
func (s *socket) event(conn *websocket.Conn, f frame, node string) (hole bool) {
	if f.Stream == nil || f.Seq == 0 {
		return false // of no stream: nothing is promised about it
	}
	s.mu.Lock()
	known := int64(-1)
	if *f.Stream >= 0 && *f.Stream < len(s.positions) {
		known = s.positions[*f.Stream]
	}
	lineage := s.lineage
	s.mu.Unlock()
	if f.Seq > known && f.Prev != known {
		s.note(check.OpHole, f.Event, node, []int64{int64(*f.Stream), known, f.Prev, f.Seq})
		return true
	}
	if f.Seq > known {
		var about struct {
			ConsultationID uuid.UUID `json:"consultationId"`
		}
		_ = json.Unmarshal(f.Data, &about)
		// Handling and moving on are one step for whoever begins or ends a round in between.
		s.mu.Lock()
		s.p.w.history.add(check.Event{Kind: check.KindFrame, Who: s.p.name, User: s.p.id, Case: about.ConsultationID, Lineage: lineage,
			Stream: *f.Stream, Seq: f.Seq, Prev: f.Prev, Name: f.Event, Node: node})
		s.hand(f)
		s.positions[*f.Stream] = f.Seq
		s.mu.Unlock()
	}
	if f.Ack {
		s.mu.Lock()
		same := s.conn == conn
		s.mu.Unlock()
		if same {
			s.send(map[string]any{"type": "ack", "stream": *f.Stream, "seq": f.Seq})
		}
	}
	return false
}

// hand gives an event to the person.
func (s *socket) hand(f frame) {
	for {
		select {
		case s.heard <- f:
			return
		default:
		}
		select {
		case <-s.heard:
		default:
		}
	}
}

// lost records the end of a connection; false says that the session is over.
func (s *socket) lost(err error, node string) bool {
	code, resumable := "gone", true
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		code = caption(closed.Code)
		resumable = closed.Code < 3500 || closed.Code >= 4000
	}
	s.lose(node, code)
	if code == caption(3500) {
		s.p.forgetToken()
	}
	return resumable
}

func (s *socket) lose(node, code string) {
	s.mu.Lock()
	was := s.up
	s.up = false
	s.losses++
	s.mu.Unlock()
	if was {
		s.note(check.OpClosed, code, node, nil)
	}
}

// vanish makes the device stop reading without closing anything, or hear again.
func (s *socket) vanish(deaf bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = deaf
}

func (s *socket) isDeaf() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deaf
}

// drop closes the connection, as a page does that is reloaded.
func (s *socket) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		_ = s.conn.Close()
	}
}
