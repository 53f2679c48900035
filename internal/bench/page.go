package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// page is one client's end of a socket. It keeps its place in every stream, as PROTOCOL.md asks of pages, and counts what must not be.
type page struct {
	who    person
	server *server
	heard  *heard

	mu        sync.Mutex
	ws        *websocket.Conn
	session   string
	resume    string
	first     [store.Shards]int64 // positions of the welcome
	positions [store.Shards]int64
	got       map[mark]bool
	duplicate int // an event that the page had, and that was no repetition of an unacknowledged one
	holes     int
	reloads   int
	closed    error
	reading   chan struct{} // closed when the reader has ended
}

// mark names an event.
type mark struct {
	stream int
	seq    int64
}

// heard is when a doctor's socket first heard the ring of a consultation.
type heard struct {
	rings  sync.Map // consultation id to *ringing
	events atomic.Int64
}

type ringing struct {
	once  sync.Once
	at    time.Time
	epoch int64
	done  chan struct{}
}

func (h *heard) ring(id uuid.UUID) *ringing {
	r, _ := h.rings.LoadOrStore(id, &ringing{done: make(chan struct{})})
	return r.(*ringing)
}

// frame is any frame of the server.
type frame struct {
	Type      string          `json:"type"`
	Session   string          `json:"session"`
	Resume    string          `json:"resume"`
	Positions []int64         `json:"positions"`
	Stream    int             `json:"stream"`
	Seq       int64           `json:"seq"`
	Prev      int64           `json:"prev"`
	Event     string          `json:"event"`
	Ack       bool            `json:"ack"`
	OK        bool            `json:"ok"`
	Reason    string          `json:"reason"`
	Replayed  int             `json:"replayed"`
	Data      json.RawMessage `json:"data"`
	Error     json.RawMessage `json:"error"`
}

const openTime = 2 * time.Minute // for one socket among all, when all open at once

func (p *page) dial(ctx context.Context) error {
	d := websocket.Dialer{Subprotocols: []string{"lianzhen.v1"}, ReadBufferSize: 1024, WriteBufferSize: 512, HandshakeTimeout: openTime}
	ws, answer, err := d.DialContext(ctx, "ws://"+p.server.addr+"/ws", http.Header{})
	if err != nil {
		if answer != nil {
			if answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusServiceUnavailable {
				err = errCrowd // more pages of one address than the server lets in at once
			}
			return fmt.Errorf("open a socket: %s: %w", answer.Status, err)
		}
		return fmt.Errorf("open a socket: %w", err)
	}
	p.ws = ws
	return ws.SetReadDeadline(time.Now().Add(openTime))
}

// read reads one frame.
func (p *page) read() (f frame, err error) {
	_, text, err := p.ws.ReadMessage()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}

func (p *page) write(v any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.ws.SetWriteDeadline(time.Now().Add(openTime)); err != nil {
		return err
	}
	return p.ws.WriteJSON(v)
}

// errCrowd: the server lets no more in at present.
var errCrowd = errors.New("too many at once")

// retry tries f again, as pages do, while the server lets nobody in or closes the socket with a code that says so.
func (p *page) retry(ctx context.Context, f func() error) error {
	deadline := time.Now().Add(openTime)
	for pause := 250 * time.Millisecond; ; pause = min(2*pause, 4*time.Second) {
		err := f()
		var closed *websocket.CloseError
		again := errors.Is(err, errCrowd) || errors.As(err, &closed) && closed.Code < 3500
		if err == nil || !again || time.Now().After(deadline) {
			return err
		}
		if closed != nil {
			_ = p.ws.Close()
		}
		if err := sleep(ctx, time.Duration(rand.Int64N(int64(pause)))); err != nil {
			return err
		}
	}
}

// open says hello, again while the server has no time, and reads from then on. A doctor says that he is there.
func (p *page) open(ctx context.Context, doctor bool) error {
	return p.retry(ctx, func() error { return p.hello(ctx, doctor) })
}

func (p *page) hello(ctx context.Context, doctor bool) error {
	if err := p.dial(ctx); err != nil {
		return err
	}
	if err := p.write(map[string]any{"type": "hello", "token": p.who.token}); err != nil {
		return err
	}
	f, err := p.read()
	if err != nil {
		return fmt.Errorf("hello: %w", err)
	}
	if f.Type != "welcome" || len(f.Positions) != store.Shards {
		return fmt.Errorf("hello: not welcome but %+v", f)
	}
	p.session, p.resume = f.Session, f.Resume
	copy(p.first[:], f.Positions)
	p.positions = p.first
	p.got = map[mark]bool{}
	if doctor {
		id := newID().String()
		if err := p.write(map[string]any{"type": "presence.set", "id": id, "state": "AVAILABLE"}); err != nil {
			return err
		}
	}
	p.listen()
	return nil
}

// listen handles what comes until the socket ends.
func (p *page) listen() {
	_ = p.ws.SetReadDeadline(time.Time{})
	done := make(chan struct{})
	p.reading = done
	go func() {
		defer close(done)
		for {
			f, err := p.read()
			if err != nil {
				p.mu.Lock()
				p.closed = err
				p.mu.Unlock()
				return
			}
			if p.handle(f) {
				_ = p.write(map[string]any{"type": "ack", "stream": f.Stream, "seq": f.Seq})
			}
		}
	}()
}

// handle does what PROTOCOL.md says of an event, and says whether it is to be acknowledged.
func (p *page) handle(f frame) (ack bool) {
	at := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	switch f.Type {
	case "position":
		copy(p.positions[:], f.Positions)
		return false
	case "event":
	default:
		return false
	}
	m := mark{f.Stream, f.Seq}
	switch {
	case f.Stream < 0 || f.Stream >= store.Shards:
		p.holes++
		return false
	case p.got[m]:
		if !f.Ack {
			p.duplicate++
		}
		return f.Ack
	case f.Seq <= p.positions[f.Stream]:
		p.duplicate++
		return f.Ack
	case f.Prev != p.positions[f.Stream]:
		p.holes++
	}
	p.positions[f.Stream] = f.Seq
	p.got[m] = true
	p.heard.events.Add(1)
	if f.Event == "ring" {
		var data struct {
			ConsultationID uuid.UUID `json:"consultationId"`
			Epoch          int64     `json:"epoch"`
		}
		if json.Unmarshal(f.Data, &data) == nil {
			r := p.heard.ring(data.ConsultationID)
			r.once.Do(func() {
				r.at, r.epoch = at, data.Epoch
				close(r.done)
			})
		}
	}
	return f.Ack
}

// drop cuts the socket off without a word.
func (p *page) drop() {
	_ = p.ws.NetConn().Close()
	<-p.reading
}

// again resumes on a new socket, once more while the server has no time. It returns when the server has answered.
func (p *page) again(ctx context.Context) error {
	return p.retry(ctx, func() error { return p.resumeOnce(ctx) })
}

func (p *page) resumeOnce(ctx context.Context) error {
	if err := p.dial(ctx); err != nil {
		return err
	}
	if err := p.write(map[string]any{"type": "resume", "session": p.session, "resume": p.resume, "positions": p.positions}); err != nil {
		return err
	}
	f, err := p.read()
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	switch f.Type {
	case "resumed":
		p.resume = f.Resume
	case "reload":
		p.reloads++
		return fmt.Errorf("resume: reload %s", f.Reason)
	default:
		return fmt.Errorf("resume: %+v", f)
	}
	p.listen()
	return nil
}
