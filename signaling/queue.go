package signaling

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

// frameKind is the type of a frame to the client.
type frameKind uint8

const (
	frameWelcome frameKind = iota
	frameResult
	frameEvent
)

func (k frameKind) String() string {
	switch k {
	case frameWelcome:
		return "welcome"
	case frameResult:
		return "result"
	default:
		return "event"
	}
}

// frame waits to be written. The tail is everything after the sequence number and may be shared with other sockets: it is
// never changed.
type frame struct {
	kind frameKind
	tail []byte
}

func (f frame) size() int { return len(f.tail) + frameOverhead }

// tail makes the shared part of a frame of v, which must marshal to a JSON object that is not empty.
func tail(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return b[1:], nil // the writer puts {"type":…,"seq":…, in front
}

// push queues a frame. A client that lets more than maxQueue wait is closed as slow, and what waits is given up.
func (s *socket) push(f frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone || s.closing != 0 {
		return
	}
	if s.outBytes+f.size() > maxQueue {
		s.dropQueue()
		s.shutLocked(closeSlow, "")
		return
	}
	s.out = append(s.out, f)
	s.outBytes += f.size()
	s.hub.metrics.queue.Add(float64(f.size()))
	s.startWriter()
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
	s.held = false
	s.inbox, s.inboxBytes = nil, 0
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

// write empties the queue and ends. There is at most one writer at a time, so the sequence number is its own.
func (s *socket) write() {
	for {
		s.mu.Lock()
		var f frame
		var ping, last bool
		switch {
		case s.gone || s.cutOff:
			s.writing = false
			s.mu.Unlock()
			return
		case s.pingDue && s.closing == 0:
			s.pingDue, ping = false, true
		case len(s.out) > 0:
			f = s.out[0]
			s.out = s.out[1:]
			if len(s.out) == 0 {
				s.out = nil
			}
		case s.closing != 0 && !s.closeSent:
			s.closeSent, last = true, true
		default:
			s.writing = false
			s.mu.Unlock()
			return
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
	s.seq++
	buf, ok := s.hub.frames.Get().(*[]byte)
	if !ok {
		buf = new([]byte)
	}
	b := append((*buf)[:0], `{"type":"`...)
	b = append(b, f.kind.String()...)
	b = append(b, `","seq":`...)
	b = strconv.AppendUint(b, s.seq, 10)
	b = append(b, ',')
	b = append(b, f.tail...)
	_ = s.conn.SetWriteDeadline(time.Now().Add(writeWait))
	err := s.conn.WriteMessage(websocket.TextMessage, b)
	s.hub.metrics.frames.WithLabelValues("out", f.kind.String()).Inc()
	if cap(b) <= maxFrame {
		*buf = b
		s.hub.frames.Put(buf)
	}
	return err
}
