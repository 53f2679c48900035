package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/demo"
	"github.com/lianzhen-health/lianzhen/media/sfu/testclient"
)

// page is a browser without a screen: it keeps a socket on some living node, resumes on another when that dies, and joins its
// call again when its media is lost or the call has moved.
type page struct {
	t     testing.TB
	in    *installation
	name  string
	first *process // where it connects first
	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup
	again chan struct{} // join again

	mu        sync.Mutex
	token     string
	node      *process
	ws        *websocket.Conn
	ready     bool // a welcome or a resumed has come
	session   uuid.UUID
	resume    string
	positions []int64
	waiting   map[uuid.UUID]chan frame
	events    []frame
	resumes   int

	consultation uuid.UUID // whose call it is in
	epoch        *int64
	seat         joined
	media        *testclient.Client
	joins        int
	left         bool // it does not join again
	sending      context.CancelFunc
}

type joined struct {
	CallID        uuid.UUID `json:"callId"`
	ParticipantID uuid.UUID `json:"participantId"`
	Connection    uuid.UUID `json:"connection"`
	Answer        string    `json:"answer"`
}

type refusal struct {
	Code string `json:"code"`
}

// open signs somebody in and connects to a node.
func (in *installation) open(name string, at *process) *page {
	in.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &page{t: in.t, in: in, name: name, first: at, ctx: ctx, stop: cancel, again: make(chan struct{}, 1), waiting: map[uuid.UUID]chan frame{}}
	in.t.Cleanup(p.close)
	var session contract.Session
	p.must(http.MethodPost, "/api/v1/auth/login", contract.LoginRequest{Username: name, Password: demo.Password}, &session)
	p.mu.Lock()
	p.token = session.AccessToken
	p.mu.Unlock()
	p.work.Go(p.stay)
	p.work.Go(p.mind)
	eventually(in.t, name+" is connected", func() bool { return p.up() })
	return p
}

func (p *page) close() {
	p.stop()
	p.mu.Lock()
	ws, media := p.ws, p.media
	p.mu.Unlock()
	if ws != nil {
		_ = ws.Close()
	}
	p.work.Wait()
	if media != nil {
		_ = media.Close()
	}
}

func (p *page) up() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready
}

// at is the node to talk to: the one of the socket, or the first that lives.
func (p *page) at() *process {
	p.mu.Lock()
	node := p.node
	p.mu.Unlock()
	for _, n := range append([]*process{node, p.first}, p.in.nodes...) {
		if n != nil && n.alive() {
			return n
		}
	}
	return p.first
}

// call sends one HTTP request.
func (p *page) call(method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute) // a password is dear, and dearer with the race detector
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.at().url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if in == nil {
		req.Body = http.NoBody
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", uuid.NewString())
	}
	p.mu.Lock()
	token := p.token
	p.mu.Unlock()
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, content)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(content, out)
}

func (p *page) must(method, path string, in, out any) {
	p.t.Helper()
	if err := p.call(method, path, in, out); err != nil {
		p.t.Fatal(p.name, ": ", err)
	}
}

// stay keeps a socket until the page closes.
func (p *page) stay() {
	for p.ctx.Err() == nil {
		if err := p.connect(); err != nil && p.ctx.Err() == nil {
			pause(p.ctx, 100*time.Millisecond)
		}
	}
}

// connect opens one socket and reads it to its end.
func (p *page) connect() error {
	node := p.at()
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	ws, res, err := (&websocket.Dialer{Subprotocols: []string{"lianzhen.v1"}}).DialContext(ctx, "ws"+strings.TrimPrefix(node.url, "http")+"/ws", nil)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	p.mu.Lock()
	p.node, p.ws = node, ws
	opening := map[string]any{"type": "hello", "token": p.token}
	if p.resume != "" {
		opening = map[string]any{"type": "resume", "session": p.session, "resume": p.resume, "positions": p.positions}
	}
	p.mu.Unlock()
	defer p.disconnected(ws)
	if err := p.send(opening); err != nil {
		return err
	}
	for {
		var f frame
		if err := ws.ReadJSON(&f); err != nil {
			return err
		}
		if err := p.hear(f); err != nil {
			return err
		}
	}
}

func (p *page) disconnected(ws *websocket.Conn) {
	_ = ws.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ready = false
	for id, answer := range p.waiting {
		close(answer)
		delete(p.waiting, id)
	}
}

// frame is any frame of the server.
type frame struct {
	Type      string          `json:"type"`
	ID        uuid.UUID       `json:"id"`
	OK        bool            `json:"ok"`
	Error     *refusal        `json:"error"`
	Session   uuid.UUID       `json:"session"`
	Resume    string          `json:"resume"`
	Positions []int64         `json:"positions"`
	Stream    int             `json:"stream"`
	Seq       int64           `json:"seq"`
	Prev      int64           `json:"prev"`
	Event     string          `json:"event"`
	Ack       bool            `json:"ack"`
	Data      json.RawMessage `json:"data"`
}

// hear deals with one frame of the server.
func (p *page) hear(f frame) error {
	switch f.Type {
	case "welcome", "resumed":
		p.mu.Lock()
		p.ready, p.session, p.resume = true, f.Session, f.Resume
		if f.Type == "welcome" {
			p.positions = f.Positions
		} else {
			p.resumes++
		}
		p.mu.Unlock()
	case "reload":
		p.mu.Lock()
		p.resume = ""
		hello := map[string]any{"type": "hello", "token": p.token}
		p.mu.Unlock()
		return p.send(hello)
	case "position":
		p.mu.Lock()
		p.positions = f.Positions
		p.mu.Unlock()
	case "result":
		p.mu.Lock()
		answer := p.waiting[f.ID]
		delete(p.waiting, f.ID)
		p.mu.Unlock()
		if answer != nil {
			answer <- f
		}
	case "event":
		p.mu.Lock()
		position := p.positions[f.Stream]
		p.mu.Unlock()
		switch {
		case f.Seq <= position: // it is here already
		case f.Prev != position:
			return fmt.Errorf("hole in stream %d: %d after %d, here is %d", f.Stream, f.Seq, f.Prev, position)
		default:
			p.happened(f)
			p.mu.Lock()
			p.positions[f.Stream] = f.Seq
			p.mu.Unlock()
		}
		if f.Ack {
			return p.send(map[string]any{"type": "ack", "stream": f.Stream, "seq": f.Seq})
		}
	}
	return nil
}

// happened deals with one event, once.
func (p *page) happened(e frame) {
	p.mu.Lock()
	p.events = append(p.events, e)
	p.mu.Unlock()
	if e.Event == "call.moved" {
		p.rejoin()
	}
}

// heard counts the events of a name.
func (p *page) heard(name string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		if e.Event == name {
			n++
		}
	}
	return n
}

func (p *page) send(v any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ws == nil {
		return errors.New("no socket")
	}
	_ = p.ws.SetWriteDeadline(time.Now().Add(5 * time.Second))
	return p.ws.WriteJSON(v)
}

// do gives a command and waits for its result.
func (p *page) do(command string, fields map[string]any, out any) error {
	id, answer := uuid.New(), make(chan frame, 1)
	p.mu.Lock()
	ready := p.ready
	if ready {
		p.waiting[id] = answer
	}
	p.mu.Unlock()
	if !ready {
		return errors.New("no session")
	}
	fields["type"], fields["id"] = command, id
	if err := p.send(fields); err != nil {
		return err
	}
	select {
	case r, ok := <-answer:
		switch {
		case !ok:
			return errors.New("the socket was lost")
		case !r.OK:
			return fmt.Errorf("%s: %s", command, r.Error.Code)
		case out != nil:
			return json.Unmarshal(r.Data, out)
		}
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

// rejoin asks for a new connection.
func (p *page) rejoin() {
	select {
	case p.again <- struct{}{}:
	default:
	}
}

// enter joins the consultation's call and from then on stays in it.
func (p *page) enter(consultation uuid.UUID, epoch *int64) {
	p.t.Helper()
	p.mu.Lock()
	p.consultation, p.epoch = consultation, epoch
	p.mu.Unlock()
	p.rejoin()
	eventually(p.t, p.name+" is in the call", func() bool { return p.joined() == 1 })
}

// joined is how many times a connection came up.
func (p *page) joined() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.joins
}

// mind joins whenever that is asked for, or the connection has ended.
func (p *page) mind() {
	var closed <-chan struct{}
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-p.again:
		case <-closed:
		}
		for {
			p.mu.Lock()
			left := p.left
			p.mu.Unlock()
			if left {
				break
			}
			err := p.join()
			if err == nil || p.ctx.Err() != nil {
				break
			}
			p.t.Logf("%s does not join yet: %v", p.name, err)
			pause(p.ctx, 200*time.Millisecond)
		}
		p.mu.Lock()
		closed = nil
		if p.media != nil && !p.left {
			closed = p.media.Closed()
		}
		p.mu.Unlock()
	}
}

// join makes a new connection and closes the one before when it is up.
func (p *page) join() error {
	p.mu.Lock()
	consultation, epoch := p.consultation, p.epoch
	p.mu.Unlock()
	var ticket contract.Ticket
	if err := p.call(http.MethodPost, "/api/v1/consultations/"+consultation.String()+"/ticket", contract.TicketRequest{Epoch: epoch}, &ticket); err != nil {
		return err
	}
	media, err := testclient.New(testclient.Options{Tag: p.name})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, 15*time.Second)
	defer cancel()
	var seat joined
	offer, err := media.Offer(ctx)
	if err == nil {
		err = p.do("call.join", map[string]any{"ticket": ticket.Ticket, "offer": offer}, &seat)
	}
	if err == nil {
		err = media.Answer(seat.Answer)
	}
	if err == nil {
		select {
		case <-media.Connected():
		case <-media.Closed():
			err = errors.New("media closed")
		case <-ctx.Done():
			err = errors.New("media does not connect")
		}
	}
	if err != nil {
		_ = media.Close()
		return err
	}
	sending, stop := context.WithCancel(p.ctx)
	media.Send(sending, testclient.Audio, testclient.Video)
	p.mu.Lock()
	old, silence := p.media, p.sending
	p.media, p.sending, p.seat = media, stop, seat
	p.joins++
	p.mu.Unlock()
	if old != nil {
		silence()
		_ = old.Close()
	}
	return nil
}

// hears waits until the present connection carries somebody's sound.
func (p *page) hears(who string) bool {
	p.mu.Lock()
	media := p.media
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(p.ctx, 200*time.Millisecond)
	defer cancel()
	packet, err := media.Next(ctx, fmt.Sprint(testclient.FirstAudioSlot))
	if err != nil {
		return false
	}
	tag, _ := testclient.Tag(packet)
	return tag == who
}

// lose cuts the socket and forgets the node, as if its packets went nowhere.
func (p *page) lose() {
	p.mu.Lock()
	ws := p.ws
	p.node = nil
	p.mu.Unlock()
	_ = ws.Close()
}

// leaveAlone lets the page's media end when it ends: it does not join again.
func (p *page) leaveAlone() {
	p.mu.Lock()
	p.left = true
	p.mu.Unlock()
}
