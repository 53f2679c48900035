package signaling

import (
	"slices"
	"time"

	"github.com/gorilla/websocket"
)

// The queue of frames to a client and its writer. A writer lives only while there is something to write, and there is at
// most one: what a client was told last in each stream (socket.told) is decided under the lock when a frame leaves the
// queue, so that the chain of prev has no hole by construction.

// push queues a frame. A client that lets more than maxQueue wait is closed as slow, and what waits is given up.
func (s *socket) push(f frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushLocked(f)
}

func (s *socket) pushLocked(f frame) {
	if s.gone || s.closing != 0 {
		return
	}
	if s.outBytes+f.size() > maxQueue+s.opening {
		s.dropQueue()
		s.shutLocked(closeSlow, "")
		return
	}
	s.out = append(s.out, f)
	s.outBytes += f.size()
	s.hub.metrics.queue.Add(float64(f.size()))
	s.startWriter()
}

// release lets the writer begin: with the answer to the first frame, then with what the client has missed since known, then
// with what came meanwhile. It says whether the socket was still there.
func (s *socket) release(answer frame, known positions, missed []frame) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone || s.closing != 0 {
		return false
	}
	s.told = known
	first := make([]frame, 0, 1+len(missed)+len(s.out))
	first = append(append(first, answer), missed...)
	bytes := 0
	for _, f := range first {
		bytes += f.size()
	}
	s.out = append(first, s.out...)
	s.outBytes += bytes
	s.opening = bytes // does not count against the limit
	s.hub.metrics.queue.Add(float64(bytes))
	s.held = false
	s.startWriter()
	return true
}

// dropQueue forgets what waits, except a frame that is being written. s.mu is held.
func (s *socket) dropQueue() {
	for _, f := range s.out {
		s.outBytes -= f.size()
		s.hub.metrics.queue.Sub(float64(f.size()))
	}
	s.out = nil
}

// shut closes the socket with a code once what waits has been written. The first code counts.
func (s *socket) shut(code closeCode, detail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shutLocked(code, detail)
}

func (s *socket) shutLocked(code closeCode, detail string) {
	if s.gone || s.closing != 0 {
		return
	}
	s.closing, s.closeDetail = code, detail
	if s.held { // nothing may come before the answer to the first frame
		s.dropQueue()
		s.held = false
	}
	s.inbox, s.inboxBytes, s.unheard = nil, 0, nil
	s.timer.Reset(writeWait + linger) // see due
	s.startWriter()
}

// startWriter makes sure that somebody writes. s.mu is held.
func (s *socket) startWriter() {
	if s.writing || s.held || s.gone {
		return
	}
	s.writing = true
	s.hub.work.Go(s.write)
}

// take gives the next frame that the client is to get, linked to what it was told before. s.mu is held.
func (s *socket) take() (frame, bool) {
	if s.held {
		return frame{}, false
	}
	for len(s.out) > 0 {
		f := s.out[0]
		s.out = s.out[1:]
		if s.link(&f) {
			return f, true
		}
		s.outBytes -= f.size()
		s.hub.metrics.queue.Sub(float64(f.size()))
	}
	s.out = nil
	return frame{}, false
}

// link puts a frame into its place of its stream, or says that it has none: the client was told of it already. s.mu is held.
func (s *socket) link(f *frame) bool {
	switch {
	case f.kind == framePosition:
		if !s.told.raise(*f.upTo) {
			return false
		}
		upTo := s.told
		f.upTo = &upTo
	case f.kind != frameEvent:
	case f.again:
		return slices.ContainsFunc(s.unheard, func(u unheard) bool { return u.stream == f.stream && u.seq == f.seq })
	case f.seq <= s.told[f.stream]:
		return false
	default:
		f.prev, s.told[f.stream] = s.told[f.stream], f.seq
		if f.ack {
			s.expectAck(*f)
		}
	}
	return true
}

// write empties the queue and ends.
func (s *socket) write() {
	for {
		s.mu.Lock()
		var f frame
		var ping, event, last bool
		switch {
		case s.gone || s.cutOff:
			s.writing = false
			s.mu.Unlock()
			return
		case s.pingDue && s.closing == 0:
			s.pingDue, ping = false, true
		default:
			if f, event = s.take(); event {
				break
			}
			if s.closing == 0 || s.closeSent {
				s.writing, s.opening = false, 0
				s.mu.Unlock()
				return
			}
			s.closeSent, last = true, true
		}
		code, detail := s.closing, s.closeDetail
		s.mu.Unlock()

		var err error
		switch {
		case ping:
			err = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
			s.pinged()
		case last:
			reason := code.name()
			if detail != "" {
				reason += ": " + detail
			}
			_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(int(code), reason), time.Now().Add(writeWait))
			// The reader goes on reading until the client has answered, or else what it still sends would reset the
			// connection and lose the close frame.
			_ = s.conn.SetReadDeadline(time.Now().Add(linger))
		default:
			err = s.writeFrame(f)
			s.mu.Lock()
			s.outBytes -= f.size()
			s.mu.Unlock()
			s.hub.metrics.queue.Sub(float64(f.size()))
		}
		if err != nil {
			// The reader notices, ends, and takes everything else with it.
			_ = s.conn.Close()
			s.mu.Lock()
			s.writing = false
			s.dropQueue()
			s.cutOff = true
			if s.closing == 0 {
				s.closing = closeDisconnected
			}
			s.mu.Unlock()
			return
		}
	}
}

func (s *socket) writeFrame(f frame) error {
	buf, ok := s.hub.frames.Get().(*[]byte)
	if !ok {
		buf = new([]byte)
	}
	b := appendFrame((*buf)[:0], f)
	_ = s.conn.SetWriteDeadline(time.Now().Add(writeWait))
	err := s.conn.WriteMessage(websocket.TextMessage, b)
	s.hub.metrics.frames.WithLabelValues("out", f.kind.String()).Inc()
	if cap(b) <= maxFrame {
		*buf = b
		s.hub.frames.Put(buf)
	}
	return err
}
