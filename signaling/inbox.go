package signaling

import (
	"io"
	"slices"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// Frames of the client: the reader takes them off the wire and within their limits, a worker carries them out in order.

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

// receive hands a frame to the worker.
func (s *socket) receive(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing != 0 {
		return
	}
	// Acks of what is unheard may wait beside the commands.
	if !s.allowed() || s.pending >= maxPending+len(s.unheard) || s.inboxBytes+len(b) > maxPendingBytes {
		s.shutLocked(closeTooMany, "")
		return
	}
	if !s.greeted {
		s.greeted = true
		s.hub.door.pass(s.from)
	}
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
		return true // the first one
	}
	if s.limiter == nil {
		s.limiter = rate.NewLimiter(commandRate, commandBurst)
	}
	if s.limiter.AllowN(s.hub.now(), 1) {
		return true
	}
	if s.ackCredit > 0 {
		s.ackCredit--
		return true
	}
	return false
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
			s.open(b)
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
