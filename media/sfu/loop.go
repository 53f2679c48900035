package sfu

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/pion/webrtc/v4"
)

// epochMemory is how long the epoch of an empty room is remembered, so that a ticket of an earlier epoch does not open
// it again. Tickets live much shorter.
const epochMemory = time.Hour

// floor is the remembered epoch of an empty room.
type floor struct {
	epoch int64
	until time.Time
}

// state is what the control loop owns.
type state struct {
	rooms  map[string]*room
	floors map[string]floor
	joins  uint64
	peers  int
}

// operation is a function for the control loop and the sign that it has run.
type operation struct {
	run  func(*state)
	done chan struct{}
}

// do runs f on the control loop and waits for it. f must not block. It returns ctx's error when the loop did not take f
// in time, and ErrClosed when the relay was closed before.
func (r *Relay) do(ctx context.Context, f func(*state)) error {
	op := operation{run: f, done: make(chan struct{})}
	select {
	case r.operations <- op:
	case <-ctx.Done():
		return ctx.Err()
	case <-r.loopDone:
		return ErrClosed
	}
	select {
	case <-op.done:
		return nil
	case <-r.loopDone:
	}
	select {
	case <-op.done:
		return nil
	default:
		return ErrClosed
	}
}

// post runs f on the control loop without waiting for it. It is for callbacks of connections and readers.
func (r *Relay) post(f func(*state)) {
	select {
	case r.operations <- operation{run: f}:
	case <-r.loopDone:
	}
}

// loop owns the rooms until stop is closed, then closes them.
func (r *Relay) loop() {
	defer close(r.loopDone)
	s := &state{rooms: map[string]*room{}, floors: map[string]floor{}}
	ticker := time.NewTicker(r.timing.tick)
	defer ticker.Stop()
	for {
		select {
		case op := <-r.operations:
			op.run(s)
			if op.done != nil {
				close(op.done)
			}
		case <-ticker.C:
			r.tick(s)
		case <-r.stop:
			for _, rm := range s.rooms {
				r.empty(s, rm, ReasonRoomClosed)
			}
			return
		}
	}
}

// roomFor returns the room, or one that is not yet listed.
func (s *state) roomFor(name string) *room {
	if rm, ok := s.rooms[name]; ok {
		return rm
	}
	return &room{name: name, epoch: s.floors[name].epoch, peers: map[string]*peer{}}
}

// seat lists a negotiated peer in its room. An older connection of the participant ends in the same step.
func (r *Relay) seat(s *state, p *peer, g Grant) ([]Slot, error) {
	rm := s.roomFor(g.Room)
	if err := rm.admits(g, r.config.MaxParticipants); err != nil {
		return nil, err
	}
	now := r.config.Now()
	if old, ok := rm.peers[g.Participant]; ok {
		r.end(s, old, now, ReasonReplaced)
	}
	rm.epoch = max(rm.epoch, g.Epoch)
	s.joins++
	p.order = s.joins
	p.deadline = now.Add(r.timing.connect)
	p.ledger = ledger{room: p.room, participant: p.participant, connection: p.id}
	rm.peers[p.participant] = p
	s.rooms[rm.name] = rm
	delete(s.floors, rm.name)
	s.peers++
	r.arrange(rm)
	r.gauge(s)
	r.config.Logger.Info("media: joining", "connection", p.id)
	return p.shown, nil
}

// connectionChanged looks at a peer's connection after one of its state changes. The states themselves may be reported
// out of order, therefore the present one is asked for.
func (r *Relay) connectionChanged(s *state, p *peer) {
	rm := s.rooms[p.room]
	if rm == nil || rm.peers[p.participant] != p {
		return
	}
	now := r.config.Now()
	switch p.pc.ConnectionState() {
	case webrtc.PeerConnectionStateConnected:
		p.healthy = true
		if p.state == peerConnecting {
			r.up(rm, p, now)
		}
	case webrtc.PeerConnectionStateDisconnected:
		p.healthy = false
		p.lastSeen = now.Add(-r.timing.disconnected)
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		r.drop(s, rm, p, ReasonLost)
	}
}

// up is the moment in which a connection begins to count.
func (r *Relay) up(rm *room, p *peer, now time.Time) {
	p.state = peerUp
	p.lastSeen = now
	r.dispatcher.event(func(o Observer) { o.Joined(p.room, p.participant, p.id) })
	r.dispatcher.presence(p.ledger.open(now))
	p.shown = nil // hand the list over once more, now that the client surely has its answer
	r.arrange(rm)
	r.config.Logger.Info("media: joined", "connection", p.id)
}

// end closes a connection without looking at the others.
func (r *Relay) end(s *state, p *peer, now time.Time, reason string) {
	was := p.state
	p.state = peerGone
	for _, to := range p.slots {
		to.carry(nil)
	}
	if was == peerUp {
		if p.healthy {
			p.lastSeen = now
		}
		r.dispatcher.presence(p.ledger.close(now, p.lastSeen, read(now, p.meters())))
		r.dispatcher.event(func(o Observer) { o.Left(p.room, p.participant, p.id, reason) })
	}
	r.tally(p)
	s.peers--
	r.work.Go(p.shutdown)
	r.config.Logger.Info("media: left", "connection", p.id, "reason", reason, "joined", was == peerUp)
}

// drop ends a connection and lets the others know.
func (r *Relay) drop(s *state, rm *room, p *peer, reason string) {
	delete(rm.peers, p.participant)
	r.end(s, p, r.config.Now(), reason)
	r.settle(s, rm)
}

// empty ends all connections of a room.
func (r *Relay) empty(s *state, rm *room, reason string) {
	for _, p := range rm.inOrder() {
		delete(rm.peers, p.participant)
		r.end(s, p, r.config.Now(), reason)
	}
	r.settle(s, rm)
}

// settle follows every departure.
func (r *Relay) settle(s *state, rm *room) {
	r.arrange(rm)
	if len(rm.peers) == 0 {
		delete(s.rooms, rm.name)
		s.floors[rm.name] = floor{epoch: rm.epoch, until: r.config.Now().Add(epochMemory)}
	}
	r.gauge(s)
}

func (r *Relay) arrange(rm *room) {
	for _, p := range rm.arrange(r.config.Now()) {
		if p.state == peerUp { // the others get their list with the answer
			r.dispatcher.slotsChanged(subscriber{p.room, p.participant}, p.shown)
		}
	}
}

// tick samples presence, drops what never connected and forgets old epochs.
func (r *Relay) tick(s *state) {
	now := r.config.Now()
	for _, rm := range s.rooms {
		for _, p := range rm.inOrder() {
			r.tally(p)
			switch {
			case p.state == peerConnecting && !now.Before(p.deadline):
				r.drop(s, rm, p, ReasonLost)
			case p.state == peerUp:
				if p.healthy {
					p.lastSeen = now
				}
				r.dispatcher.presence(p.ledger.sample(now, p.lastSeen, read(now, p.meters())))
			}
		}
		r.arrange(rm) // a screen may have gone silent
	}
	for name, f := range s.floors {
		if !now.Before(f.until) {
			delete(s.floors, name)
		}
	}
}

func (r *Relay) tally(p *peer) {
	for k, from := range p.sources {
		from.tally.add(r.metrics, kind(k), &from.meter)
	}
}

func (r *Relay) gauge(s *state) {
	r.metrics.rooms.Set(float64(len(s.rooms)))
	r.metrics.peers.Set(float64(s.peers))
}

// find returns the connection if it is the participant's present one.
func (s *state) find(roomName, participant string, connection uuid.UUID) (*room, *peer) {
	rm := s.rooms[roomName]
	if rm == nil {
		return nil, nil
	}
	if p := rm.peers[participant]; p != nil && p.id == connection {
		return rm, p
	}
	return nil, nil
}
