package signaling

import "sync/atomic"

// cursors are how far the hub has delivered each stream: every row up to there stands in the queues of those it is for. The
// tail alone moves them.
type cursors [len(positions{})]atomic.Int64

func (c *cursors) read() positions {
	var p positions
	for k := range c {
		p[k] = c[k].Load()
	}
	return p
}

// tellPosition queues how far the streams are. All that is not for this client is passed over in that way; what is for it
// stands in the queue already, since the cursors move after the rows were queued. s.mu is held.
func (s *socket) tellPosition() {
	at := s.hub.delivered.read()
	if told := s.told; !told.raise(at) {
		return
	}
	s.pushLocked(frame{kind: framePosition, upTo: &at})
}
