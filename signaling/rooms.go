package signaling

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// Rooms are the calls whose media this node carries: who is up, what is muted, and what each connection receives. What changes
// is told to the sign-in of every connection through the outbox, so that it reaches sockets on any node and is replayed to one
// that was away for a moment. The events of a call are written in the order in which they happened; while the database is away
// they wait.
type Rooms struct {
	publish Publish
	log     *slog.Logger
	now     func() time.Time

	mu          sync.Mutex
	rooms       map[uuid.UUID]*room
	connections map[uuid.UUID]*connection
	waiting     []told
	flight      int // of waiting, being written; they stay as they are
	wake        chan struct{}
	idle        chan struct{} // closed while nothing waits
}

// Publish writes events of a call to the outbox in one transaction. ErrNotCarried says that this node does not carry the call
// any more, so that it has nothing to say about it.
type Publish func(ctx context.Context, call uuid.UUID, events []store.Envelope) error

// ErrNotCarried is an answer of Publish.
var ErrNotCarried = errors.New("signaling: the call is not carried by this node")

const (
	// publishBatch is how many events of a call are written at once.
	publishBatch = 64
	// maxWaiting bounds the events that wait for the database, about 4 MB.
	maxWaiting = 8192
	// publishTime is for one try.
	publishTime = 5 * time.Second
)

// told is an event that waits to be written.
type told struct {
	call       uuid.UUID
	connection uuid.UUID // whose slots they are
	event      store.Envelope
}

// room is a call with at least one connection. The roster is that of the newest join.
type room struct {
	roster map[uuid.UUID]Participant
	up     map[uuid.UUID]*connection // by participant; those that the relay said have joined
	bound  int                       // connections of this room, up or not
	order  uint64                    // of the last event
}

// connection is one join. It is up between the relay's Joined and Left.
type connection struct {
	id, call, participant uuid.UUID
	user, signIn          uuid.UUID
	since                 time.Time
	slots                 []Slot
	audioMuted            bool
	videoMuted            bool
}

// NewRooms makes an empty set. It writes nothing before Run. The logger and the clock may be nil.
func NewRooms(publish Publish, log *slog.Logger, now func() time.Time) *Rooms {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if now == nil {
		now = time.Now
	}
	r := &Rooms{publish: publish, log: log, now: now, rooms: map[uuid.UUID]*room{}, connections: map[uuid.UUID]*connection{},
		wake: make(chan struct{}, 1), idle: make(chan struct{})}
	close(r.idle)
	return r
}

// Bind notes a join that the relay answered.
func (r *Rooms) Bind(j Join, answer Joined) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgetNeverUp()
	rm := r.rooms[j.Call]
	if rm == nil {
		rm = &room{up: map[uuid.UUID]*connection{}}
		r.rooms[j.Call] = rm
	}
	rm.roster = make(map[uuid.UUID]Participant, len(j.Roster))
	for _, p := range j.Roster {
		rm.roster[p.ID] = p
	}
	rm.bound++
	r.connections[answer.Connection] = &connection{id: answer.Connection, call: j.Call, participant: j.Participant, user: j.User,
		signIn: j.SignIn, since: r.now(), slots: slices.Clone(answer.Slots)}
}

// forgetNeverUp drops joins that never connected: the relay says nothing about those. r.mu is held.
func (r *Rooms) forgetNeverUp() {
	before := r.now().Add(-neverUp)
	for _, x := range r.connections {
		if rm := r.rooms[x.call]; rm.up[x.participant] != x && x.since.Before(before) {
			r.forget(x)
		}
	}
}

// forget drops a connection, and its room with the last one. r.mu is held.
func (r *Rooms) forget(x *connection) {
	delete(r.connections, x.id)
	rm := r.rooms[x.call]
	if rm.up[x.participant] == x {
		delete(rm.up, x.participant)
	}
	if rm.bound--; rm.bound == 0 {
		delete(r.rooms, x.call)
	}
}

// Drop forgets a call that another node carries from now on, with what waits to be told of it.
func (r *Rooms) Drop(call uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.connections {
		if x.call == call {
			r.forget(x)
		}
	}
	rest := slices.DeleteFunc(slices.Clone(r.waiting[r.flight:]), func(t told) bool { return t.call == call })
	r.waiting = append(r.waiting[:r.flight:r.flight], rest...)
	r.settle()
}

// Participant gives the participant of a connection if it belongs to the person who names it, whose page's sign-in gets its
// events from then on: after a reconnection with a new sign-in the first command moves it. Otherwise it is not_found.
func (r *Rooms) Participant(s Seat) (uuid.UUID, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.own(s)
	if x == nil {
		return uuid.Nil, problem.NotFound()
	}
	return x.participant, nil
}

// own finds a connection for its user. r.mu is held.
func (r *Rooms) own(s Seat) *connection {
	x := r.connections[s.Connection]
	if x == nil || x.call != s.Call || x.user != s.User {
		return nil
	}
	x.signIn = s.SignIn
	return x
}

// Leaving forgets a connection that is not up; of one that is, the relay will say that it left.
func (r *Rooms) Leaving(id uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x := r.connections[id]; x != nil && r.rooms[x.call].up[x.participant] != x {
		r.forget(x)
	}
}

// Has says whether there is a connection in the call.
func (r *Rooms) Has(call uuid.UUID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rooms[call] != nil
}

// Count is the number of calls with a connection that is up.
func (r *Rooms) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, rm := range r.rooms {
		if len(rm.up) > 0 {
			n++
		}
	}
	return n
}

// OfSignIns gives the participants whose connections belong to these sign-ins.
func (r *Rooms) OfSignIns(signIns []uuid.UUID) []uuid.UUID {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []uuid.UUID
	for _, x := range r.connections {
		if slices.Contains(signIns, x.signIn) && !slices.Contains(list, x.participant) {
			list = append(list, x.participant)
		}
	}
	return list
}

// Present is somebody whose media is up.
type Present struct {
	ParticipantID uuid.UUID `json:"participantId"`
	Connection    uuid.UUID `json:"connection"`
	UserID        uuid.UUID `json:"userId"`
	Name          string    `json:"name"`
	Role          string    `json:"role"`
	AudioMuted    bool      `json:"audioMuted"`
	VideoMuted    bool      `json:"videoMuted"`
}

func (rm *room) present(x *connection) Present {
	p := rm.roster[x.participant]
	return Present{ParticipantID: x.participant, Connection: x.id, UserID: x.user, Name: p.Name, Role: p.Role,
		AudioMuted: x.audioMuted, VideoMuted: x.videoMuted}
}

// change is the data of call.participant.
type change struct {
	CallID uuid.UUID `json:"callId"`
	Order  uint64    `json:"order"`
	Present
	Change string `json:"change"`           // joined, left or muted
	Reason string `json:"reason,omitempty"` // with left, the relay's
}

func (rm *room) change(x *connection, what, reason string) change {
	return change{CallID: x.call, Order: rm.order, Present: rm.present(x), Change: what, Reason: reason}
}

// slotsNow is the data of call.slots.
type slotsNow struct {
	CallID     uuid.UUID `json:"callId"`
	Order      uint64    `json:"order"`
	Connection uuid.UUID `json:"connection"`
	Slots      []Slot    `json:"slots"`
}

// CallState is how a call stands for one connection. Events of the call whose order is not above this one are part of it
// already.
type CallState struct {
	CallID       uuid.UUID `json:"callId"`
	Connection   uuid.UUID `json:"connection"`
	Order        uint64    `json:"order"`
	Participants []Present `json:"participants"`
	Slots        []Slot    `json:"slots"`
}

// State tells how the call of a connection stands; not_found when it is not the person's.
func (r *Rooms) State(s Seat) (CallState, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.own(s)
	if x == nil {
		return CallState{}, problem.NotFound()
	}
	rm := r.rooms[x.call]
	state := CallState{CallID: x.call, Connection: x.id, Order: rm.order, Participants: []Present{}, Slots: slices.Clone(x.slots)}
	for _, other := range rm.everybody() {
		state.Participants = append(state.Participants, rm.present(other))
	}
	if state.Slots == nil {
		state.Slots = []Slot{}
	}
	return state, nil
}

// The names of the events of a call.
const (
	eventParticipant = "call.participant"
	eventSlots       = "call.slots"
)

// everybody gives the connections that are up, always in the same order.
func (rm *room) everybody() []*connection {
	list := make([]*connection, 0, len(rm.up))
	for _, x := range rm.up {
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b *connection) int {
		return cmp.Or(a.since.Compare(b.since), slices.Compare(a.id[:], b.id[:]))
	})
	return list
}

// tell queues an event about x for the sign-ins of some connections. r.mu is held.
func (r *Rooms) tell(rm *room, x *connection, what, reason string, to ...*connection) {
	rm.order++
	r.queue(told{call: x.call, event: store.Envelope{Event: eventParticipant, To: signInsOf(to), Data: rm.change(x, what, reason)}})
}

// show queues what a connection receives. What waits of it is replaced, since only the newest counts. r.mu is held.
func (r *Rooms) show(rm *room, x *connection) {
	rm.order++
	i := slices.IndexFunc(r.waiting[r.flight:], func(t told) bool { return t.connection == x.id })
	if i >= 0 {
		i += r.flight
		r.waiting = append(r.waiting[:i:i], r.waiting[i+1:]...)
	}
	r.queue(told{call: x.call, connection: x.id, event: store.Envelope{Event: eventSlots, To: signInsOf([]*connection{x}),
		Data: slotsNow{CallID: x.call, Order: rm.order, Connection: x.id, Slots: slices.Clone(x.slots)}}})
}

func signInsOf(list []*connection) store.Audience {
	var to store.Audience
	for _, x := range list {
		if !slices.Contains(to.AuthSessions, x.signIn) {
			to.AuthSessions = append(to.AuthSessions, x.signIn)
		}
	}
	return to
}

// queue adds an event. r.mu is held.
func (r *Rooms) queue(t told) {
	if len(r.waiting) >= maxWaiting {
		r.log.Error("signaling: event of a call given up, too many wait for the database", "event", t.event.Event, "call", t.call)
		return
	}
	r.waiting = append(r.waiting, t)
	r.settle()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// settle keeps idle in line with what waits. r.mu is held.
func (r *Rooms) settle() {
	closed := false
	select {
	case <-r.idle:
		closed = true
	default:
	}
	switch empty := len(r.waiting) == 0; {
	case empty && !closed:
		close(r.idle)
	case !empty && closed:
		r.idle = make(chan struct{})
	}
}

// take gives the events of the call that waits longest, in order, and marks them as being written.
func (r *Rooms) take() (call uuid.UUID, events []store.Envelope) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == 0 {
		return uuid.Nil, nil
	}
	call = r.waiting[0].call
	var first, rest []told
	for _, t := range r.waiting {
		if t.call == call && len(first) < publishBatch {
			first = append(first, t)
			events = append(events, t.event)
		} else {
			rest = append(rest, t)
		}
	}
	r.waiting, r.flight = append(first, rest...), len(first)
	return call, events
}

func (r *Rooms) written() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting, r.flight = slices.Clone(r.waiting[r.flight:]), 0
	r.settle()
}

// Run writes until ctx ends.
func (r *Rooms) Run(ctx context.Context) error {
	for {
		call, events := r.take()
		if events == nil {
			select {
			case <-ctx.Done():
				return nil
			case <-r.wake:
			}
			continue
		}
		var again backoff
		for {
			try, cancel := context.WithTimeout(ctx, publishTime)
			err := r.publish(try, call, events)
			cancel()
			if err == nil || errors.Is(err, ErrNotCarried) {
				break
			}
			if ctx.Err() != nil {
				return nil
			}
			r.log.WarnContext(ctx, "signaling: events of a call not written yet", "error", err)
			again.wait(ctx)
		}
		r.written()
	}
}

// Flush waits until everything is written.
func (r *Rooms) Flush(ctx context.Context) error {
	for {
		r.mu.Lock()
		idle, empty := r.idle, len(r.waiting) == 0
		r.mu.Unlock()
		if empty {
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return errors.New("events of calls were still being written")
		}
	}
}

// Joined, Left and Slots take what the relay observes. They are called from one goroutine, in order, and do not block.

// Joined says that a connection is up. Everybody in the call learns it, and the newcomer who else is there.
func (r *Rooms) Joined(call, participant, id uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.connections[id]
	if x == nil || x.call != call || x.participant != participant {
		return // of a page that left before the media came up
	}
	rm := r.rooms[call]
	rm.up[participant] = x
	all := rm.everybody()
	r.tell(rm, x, "joined", "", all...)
	for _, other := range all {
		if other != x {
			r.tell(rm, other, "joined", "", x)
		}
	}
}

// Left says that a connection which had joined is gone, with the relay's reason. Its own page learns it as well.
func (r *Rooms) Left(call, participant, id uuid.UUID, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.connections[id]
	if x == nil || x.call != call || x.participant != participant {
		return
	}
	rm := r.rooms[call]
	r.tell(rm, x, "left", reason, append(rm.everybody(), x)...)
	r.forget(x)
}

// Slots says what the receiving m-lines of a participant's connection carry now.
func (r *Rooms) Slots(call, participant uuid.UUID, slots []Slot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rm := r.rooms[call]
	if rm == nil || rm.up[participant] == nil {
		return
	}
	x := rm.up[participant]
	x.slots = slices.Clone(slots)
	r.show(rm, x)
}

// Muted tells the call what somebody muted.
func (r *Rooms) Muted(id uuid.UUID, audio, video bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.connections[id]
	if x == nil {
		return
	}
	x.audioMuted, x.videoMuted = audio, video
	if rm := r.rooms[x.call]; rm.up[x.participant] == x {
		r.tell(rm, x, "muted", "", rm.everybody()...)
	}
}
