package signaling

import "time"

// A socket has one timer, which is set to the next of its deadlines: the first frame, the next ping, the pong, the end of
// its token's grace, the repetition of a critical event. With each ping it tells the client how far the streams are.

// deadline gives the next instant at which due has something to do. s.mu is held.
func (s *socket) deadline() time.Time {
	if s.who == nil {
		return s.opened.Add(helloWait)
	}
	next := s.pingAt
	if !s.pongBy.IsZero() {
		next = s.pongBy
	}
	if end := s.expires.Add(expiryGrace); end.Before(next) {
		next = end
	}
	if again := s.nextAck(); !again.IsZero() && again.Before(next) {
		next = again
	}
	return next
}

// rearm sets the timer anew. s.mu is held.
func (s *socket) rearm() {
	if s.gone || s.closing != 0 {
		return
	}
	s.timer.Reset(max(s.deadline().Sub(s.hub.now()), 0))
}

// due acts on the deadlines that have passed.
func (s *socket) due() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return
	}
	if s.closing != 0 { // it had its time to take leave
		_ = s.conn.Close()
		return
	}
	now := s.hub.now()
	switch {
	case s.who == nil:
		if s.greeted { // the hello is being looked at, which has its own time limit
			return
		}
		if !now.Before(s.opened.Add(helloWait)) {
			s.shutLocked(closeBadRequest, "no_hello")
			return
		}
	case !now.Before(s.expires.Add(expiryGrace)):
		s.shutLocked(closeTokenExpired, "")
		return
	case !s.pongBy.IsZero() && !now.Before(s.pongBy):
		s.shutLocked(closeNoPong, "")
		return
	case s.repeat(now):
		s.shutLocked(closeNoAck, "")
		return
	case s.pongBy.IsZero() && !now.Before(s.pingAt):
		s.tellPosition()
		s.pingDue = true
		// Should the writer be stuck, its own deadline ends the socket; until then the timer has nothing to add.
		s.pongBy = now.Add(writeWait + pongWait)
		s.startWriter()
	}
	s.rearm()
}

// pinged notes that a ping has left.
func (s *socket) pinged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.pongBy.IsZero() {
		s.pongBy = s.hub.now().Add(pongWait)
		s.rearm()
	}
}

// ponged is called by the reader.
func (s *socket) ponged(string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.pongBy.IsZero() {
		s.pongBy = time.Time{}
		s.pingAt = s.hub.now().Add(pingEvery)
		s.rearm()
	}
	return nil
}
