package signaling

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// calls knows which connections of the relay this node's sockets made. A connection outlives the socket that made it: what
// concerns it then goes to all sockets of the same sign-in, of which one is the same page that has connected again. Pages
// recognise their own by the connection's id.
type calls struct {
	hub *Hub

	mu          sync.Mutex
	rooms       map[uuid.UUID]*room
	connections map[uuid.UUID]*connection
}

// room is a call with at least one connection. The roster is that of the newest join.
type room struct {
	roster map[uuid.UUID]Participant
	up     map[uuid.UUID]*connection // by participant; those that the relay said have joined
	bound  int                       // connections of this room, up or not
}

// connection is one join. It is up between the relay's Joined and Left.
type connection struct {
	id, call, participant uuid.UUID
	user, signIn          uuid.UUID
	socket                *socket // nil when it has ended
	since                 time.Time
	slots                 []Slot
	audioMuted            bool
	videoMuted            bool
}

func newCalls(h *Hub) *calls {
	return &calls{hub: h, rooms: map[uuid.UUID]*room{}, connections: map[uuid.UUID]*connection{}}
}

// bind notes that a socket's join was answered.
func (c *calls) bind(call uuid.UUID, roster []Participant, participant, id uuid.UUID, s *socket, w *who) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgetNeverUp()
	r := c.rooms[call]
	if r == nil {
		r = &room{up: map[uuid.UUID]*connection{}}
		c.rooms[call] = r
	}
	r.roster = make(map[uuid.UUID]Participant, len(roster))
	for _, p := range roster {
		r.roster[p.ID] = p
	}
	r.bound++
	x := &connection{id: id, call: call, participant: participant, user: w.user, since: c.hub.now()}
	x.hold(s, w)
	c.connections[id] = x
}

// hold gives the connection to a socket, unless that has ended meanwhile. calls.mu is held, so that calls.lost comes either
// before, and gone is set, or after.
func (x *connection) hold(s *socket, w *who) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.signIn, x.socket = w.signIn, s
	if s.gone {
		x.socket = nil
	}
}

// forgetNeverUp drops joins that never connected: the relay says nothing about those. c.mu is held.
func (c *calls) forgetNeverUp() {
	before := c.hub.now().Add(-neverUp)
	for _, x := range c.connections {
		if r := c.rooms[x.call]; r.up[x.participant] != x && x.since.Before(before) {
			c.forget(x)
		}
	}
}

// forget drops a connection, and its room with the last one. c.mu is held.
func (c *calls) forget(x *connection) {
	delete(c.connections, x.id)
	r := c.rooms[x.call]
	if r.up[x.participant] == x {
		delete(r.up, x.participant)
	}
	if r.bound--; r.bound == 0 {
		delete(c.rooms, x.call)
	}
}

// own gives the participant of a connection if it belongs to the person behind the socket. The socket takes the connection
// over: after a reconnection the first mute makes it the owner.
func (c *calls) own(call, id uuid.UUID, s *socket) (uuid.UUID, bool) {
	me := s.whoami()
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.connections[id]
	if x == nil || x.call != call || x.user != me.user {
		return uuid.Nil, false
	}
	x.hold(s, me)
	return x.participant, true
}

// leaving forgets a connection that is not up; of one that is, the relay will say that it left.
func (c *calls) leaving(id uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if x := c.connections[id]; x != nil && c.rooms[x.call].up[x.participant] != x {
		c.forget(x)
	}
}

// lost notes that a socket has ended. Its calls go on.
func (c *calls) lost(s *socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.connections {
		if x.socket == s {
			x.socket = nil
		}
	}
}

// has says whether this node knows of a connection in the call.
func (c *calls) has(call uuid.UUID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rooms[call] != nil
}

// ofSignIns gives the participants whose connections belong to these sign-ins.
func (c *calls) ofSignIns(signIns []uuid.UUID) []uuid.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []uuid.UUID
	for _, x := range c.connections {
		if slices.Contains(signIns, x.signIn) && !slices.Contains(list, x.participant) {
			list = append(list, x.participant)
		}
	}
	return list
}

// change is the data of call.participant.
type change struct {
	CallID        uuid.UUID `json:"callId"`
	ParticipantID uuid.UUID `json:"participantId"`
	Connection    uuid.UUID `json:"connection"`
	UserID        uuid.UUID `json:"userId"`
	Name          string    `json:"name"`
	Role          string    `json:"role"`
	Change        string    `json:"change"` // joined, left or muted
	AudioMuted    bool      `json:"audioMuted"`
	VideoMuted    bool      `json:"videoMuted"`
	Reason        string    `json:"reason,omitempty"` // with left, the relay's
}

func (r *room) change(x *connection, what, reason string) change {
	p := r.roster[x.participant]
	return change{CallID: x.call, ParticipantID: x.participant, Connection: x.id, UserID: x.user, Name: p.Name, Role: p.Role,
		Change: what, AudioMuted: x.audioMuted, VideoMuted: x.videoMuted, Reason: reason}
}

// slotsNow is the data of call.slots.
type slotsNow struct {
	CallID     uuid.UUID `json:"callId"`
	Connection uuid.UUID `json:"connection"`
	Slots      []Slot    `json:"slots"`
}

func (x *connection) slotsNow() slotsNow {
	return slotsNow{CallID: x.call, Connection: x.id, Slots: slices.Clone(x.slots)}
}

// The names of the events of a call.
const (
	eventParticipant = "call.participant"
	eventSlots       = "call.slots"
)

// tell sends an event to whoever holds the connections. c.mu is held: events of a call leave in the order in which they
// happened.
func (c *calls) tell(event string, data any, to ...*connection) {
	f, err := eventFrame(event, c.hub.now(), data)
	if err != nil {
		c.hub.Logger.Error("signaling: event not written", "event", event, "error", err)
		return
	}
	told := map[*socket]bool{}
	for _, x := range to {
		sockets := []*socket{x.socket}
		if x.socket == nil {
			sockets = c.hub.ofSignIn(x.signIn)
		}
		for _, s := range sockets {
			if !told[s] {
				told[s] = true
				s.push(f)
			}
		}
	}
}

// everybody gives the connections that are up, always in the same order.
func (r *room) everybody() []*connection {
	list := make([]*connection, 0, len(r.up))
	for _, x := range r.up {
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b *connection) int {
		return cmp.Or(a.since.Compare(b.since), slices.Compare(a.id[:], b.id[:]))
	})
	return list
}

// muted tells the call what somebody muted.
func (c *calls) muted(call, participant, id uuid.UUID, audio, video bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.connections[id]
	if x == nil {
		return
	}
	x.audioMuted, x.videoMuted = audio, video
	if r := c.rooms[call]; r.up[participant] == x {
		c.tell(eventParticipant, r.change(x, "muted", ""), r.everybody()...)
	}
}

// greet tells a new session how its sign-in's connections without a socket stand: what happened since was not heard.
func (c *calls) greet(s *socket) {
	me := s.whoami()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.connections {
		r := c.rooms[x.call]
		if x.socket != nil || x.signIn != me.signIn || r.up[x.participant] != x {
			continue
		}
		here := *x
		here.socket = s
		for _, other := range r.everybody() {
			c.tell(eventParticipant, r.change(other, "joined", ""), &here)
		}
		c.tell(eventSlots, x.slotsNow(), &here)
	}
}

// CallEvents takes what the relay observes; internal/app hands it on. It is called from one goroutine, in order, and does
// not block.
type CallEvents struct{ calls *calls }

// CallEvents gives the side of the hub that faces the relay's observer.
func (h *Hub) CallEvents() CallEvents { return CallEvents{h.calls} }

// Joined says that a connection is up. Everybody in the call learns it, and the newcomer who else is there.
func (e CallEvents) Joined(call, participant, id uuid.UUID) {
	c := e.calls
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.connections[id]
	if x == nil || x.call != call || x.participant != participant {
		return // of a socket that left before the media came up
	}
	r := c.rooms[call]
	r.up[participant] = x
	all := r.everybody()
	c.tell(eventParticipant, r.change(x, "joined", ""), all...)
	for _, other := range all {
		if other != x {
			c.tell(eventParticipant, r.change(other, "joined", ""), x)
		}
	}
}

// Left says that a connection which had joined is gone, with the relay's reason. Its own page learns it as well.
func (e CallEvents) Left(call, participant, id uuid.UUID, reason string) {
	c := e.calls
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.connections[id]
	if x == nil || x.call != call || x.participant != participant {
		return
	}
	r := c.rooms[call]
	told := append(r.everybody(), x)
	c.tell(eventParticipant, r.change(x, "left", reason), told...)
	c.forget(x)
}

// Slots says what the receiving m-lines of a participant's connection carry now.
func (e CallEvents) Slots(call, participant uuid.UUID, slots []Slot) {
	c := e.calls
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[call]
	if r == nil || r.up[participant] == nil {
		return
	}
	x := r.up[participant]
	x.slots = slices.Clone(slots)
	c.tell(eventSlots, x.slotsNow(), x)
}
