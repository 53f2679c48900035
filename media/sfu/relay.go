package sfu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/google/uuid"
	"github.com/pion/webrtc/v4"
)

// Relay forwards media between the participants of rooms. Its methods may be called from any goroutine.
type Relay struct {
	config     Config
	timing     timing
	verifier   TicketVerifier
	transport  *transport
	metrics    *metrics
	dispatcher *dispatcher

	operations chan operation
	stop       chan struct{} // closed by Close: the loop shall end
	loopDone   chan struct{}

	mu     sync.Mutex
	closed bool
	calls  sync.WaitGroup // joins and probes that are under way
	work   sync.WaitGroup // connections that are being closed, and probes

	probes     chan struct{} // one element for each running probe
	closeOnce  sync.Once
	closedDone chan struct{} // everything has ended
}

// New opens the relay's socket and starts it. The relay lives until Close.
func New(cfg Config, v TicketVerifier, o Observer) (*Relay, error) {
	return newRelay(cfg, v, o, defaultTiming())
}

func newRelay(cfg Config, v TicketVerifier, o Observer, t timing) (*Relay, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(cfg.Metrics)
	if err != nil {
		return nil, fmt.Errorf("sfu: registering metrics: %w", err)
	}
	tr, err := newTransport(cfg, t)
	if err != nil {
		m.unregister()
		return nil, err
	}
	r := &Relay{
		config: cfg, timing: t, verifier: v, transport: tr, metrics: m, dispatcher: newDispatcher(o),
		operations: make(chan operation, 64), stop: make(chan struct{}), loopDone: make(chan struct{}),
		probes: make(chan struct{}, maxProbes), closedDone: make(chan struct{}),
	}
	go r.loop()
	return r, nil
}

// Addr is the UDP address that the relay listens on.
func (r *Relay) Addr() net.Addr { return r.transport.socket.LocalAddr() }

// Join answers a participant's offer. The connection begins to count, and Observer.Joined is called, when ICE and DTLS
// are up; one that is not up within 15 s is dropped silently.
//
// When the participant is already in the room, the older connection ends as ReasonReplaced in the same instant and the
// others keep their slots for the newer one. Errors are ErrTicketInvalid, ErrTicketExpired, ErrEpochStale, ErrRoomFull,
// ErrOfferMalformed, ErrCodecUnsupported, ErrClosed, or ctx's; a refused join changes nothing.
func (r *Relay) Join(ctx context.Context, ticket, offerSDP string) (Joined, error) {
	joined, err := r.join(ctx, ticket, offerSDP)
	r.metrics.joined(err)
	return joined, err
}

func (r *Relay) join(ctx context.Context, ticket, offerSDP string) (Joined, error) {
	if !r.enter() {
		return Joined{}, ErrClosed
	}
	defer r.calls.Done()
	grant, err := r.verify(ctx, ticket)
	if err != nil {
		return Joined{}, err
	}
	o, err := parseOffer(offerSDP)
	if err != nil {
		return Joined{}, err
	}
	// Refuse what is hopeless before the costly part; seat decides.
	var admitted error
	if err := r.do(ctx, func(s *state) { admitted = s.roomFor(grant.Room).admits(grant, r.config.MaxParticipants) }); err != nil {
		return Joined{}, err
	}
	if admitted != nil {
		return Joined{}, admitted
	}
	p := r.newPeer(grant, o)
	answer, err := p.negotiate(ctx, r.transport, o, r.metrics.pli.Inc)
	if err != nil {
		p.shutdown()
		return Joined{}, err
	}
	p.pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) {
		r.post(func(s *state) { r.connectionChanged(s, p) })
	})
	var slots []Slot
	var refused error
	if err = r.do(ctx, func(s *state) { slots, refused = r.seat(s, p, grant) }); err == nil {
		err = refused
	}
	if err != nil {
		p.shutdown()
		return Joined{}, err
	}
	return Joined{
		Answer: answer, Room: p.room, Participant: p.participant, Connection: p.id, Slots: slices.Clone(slots),
	}, nil
}

// verify reads a ticket and checks its time.
func (r *Relay) verify(ctx context.Context, ticket string) (Grant, error) {
	grant, err := r.verifier.VerifyTicket(ctx, ticket)
	var own *Error
	switch {
	case err != nil && ctx.Err() != nil:
		return Grant{}, ctx.Err()
	case errors.As(err, &own):
		return Grant{}, err
	case err != nil:
		return Grant{}, fmt.Errorf("%w: %w", ErrTicketInvalid, err)
	case grant.Room == "" || grant.Participant == "":
		return Grant{}, fmt.Errorf("%w: it names no room or no participant", ErrTicketInvalid)
	case !r.config.Now().Before(grant.Expires):
		return Grant{}, ErrTicketExpired
	}
	return grant, nil
}

func (r *Relay) newPeer(g Grant, o *offer) *peer {
	p := &peer{id: uuid.Must(uuid.NewV7()), room: g.Room, participant: g.Participant, slots: newSlots(o)}
	changed := func() {
		r.post(func(s *state) {
			if rm, listed := s.find(p.room, p.participant, p.id); listed != nil {
				r.arrange(rm)
			}
		})
	}
	codecs := o.codecByPayloadType()
	for k := range numKinds {
		p.sources[k] = newSource(k, codecs, r.timing.keyFrame, r.config.Now, changed)
	}
	return p
}

// SetMuted records that the participant has muted the microphone or switched off the camera. It is a statement for the
// record and changes no packet. The error is ErrConnectionUnknown or ErrClosed.
func (r *Relay) SetMuted(roomName, participant string, connection uuid.UUID, audio, video bool) error {
	found := false
	err := r.do(context.Background(), func(s *state) {
		_, p := s.find(roomName, participant, connection)
		if p == nil {
			return
		}
		found = true
		now := r.config.Now()
		r.dispatcher.presence(p.ledger.mute(now, audio, video, read(now, p.meters())))
	})
	if err == nil && !found {
		return ErrConnectionUnknown
	}
	return err
}

// Leave ends that connection. It does nothing when the connection has gone or was replaced.
func (r *Relay) Leave(roomName, participant string, connection uuid.UUID) {
	r.act(func(s *state) {
		if rm, p := s.find(roomName, participant, connection); p != nil {
			r.drop(s, rm, p, ReasonLeft)
		}
	})
}

// Kick ends the participant's connections in all rooms: they have signed out everywhere.
func (r *Relay) Kick(participant string) {
	r.act(func(s *state) {
		for _, rm := range s.rooms {
			if p := rm.peers[participant]; p != nil {
				r.drop(s, rm, p, ReasonKicked)
			}
		}
	})
}

// CloseRoom ends all connections of a room. A later join with a ticket of the room's epoch or a newer one opens it anew;
// to prevent that is the ticket issuer's affair.
func (r *Relay) CloseRoom(roomName string) {
	r.act(func(s *state) {
		if rm := s.rooms[roomName]; rm != nil {
			r.empty(s, rm, ReasonRoomClosed)
		}
	})
}

// act runs f on the control loop; on a closed relay there is nothing left to act on.
func (r *Relay) act(f func(*state)) { _ = r.do(context.Background(), f) }

// RoomInfo describes a room that has participants.
type RoomInfo struct {
	Room         string
	Epoch        int64
	Participants []string // sorted; connecting ones included
}

// Rooms lists the rooms, sorted by name.
func (r *Relay) Rooms() []RoomInfo {
	var rooms []RoomInfo
	r.act(func(s *state) {
		for name, rm := range s.rooms {
			info := RoomInfo{Room: name, Epoch: rm.epoch}
			for participant := range rm.peers {
				info.Participants = append(info.Participants, participant)
			}
			slices.Sort(info.Participants)
			rooms = append(rooms, info)
		}
	})
	slices.SortFunc(rooms, func(a, b RoomInfo) int {
		if a.Room < b.Room {
			return -1
		}
		return 1
	})
	return rooms
}

// enter counts a join or a probe in, unless the relay is closed.
func (r *Relay) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.calls.Add(1)
	return true
}

// Close ends all connections as ReasonRoomClosed, hands the final presence to the observer and waits until everything
// has ended, or for ctx. It may be called again, also to wait longer.
func (r *Relay) Close(ctx context.Context) error {
	r.closeOnce.Do(func() {
		r.mu.Lock()
		r.closed = true
		r.mu.Unlock()
		close(r.stop)
		go func() {
			defer close(r.closedDone)
			<-r.loopDone
			r.dispatcher.close()
			r.calls.Wait()
			r.work.Wait()
			r.transport.close()
			r.metrics.unregister()
			<-r.dispatcher.done
		}()
	})
	select {
	case <-r.closedDone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("sfu: closing: %w", ctx.Err())
	}
}
