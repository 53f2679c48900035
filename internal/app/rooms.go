package app

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/media/sfu"
	"github.com/lianzhen-health/lianzhen/signaling"
)

// local is the relay of this node in signaling's shapes, and the rooms that it carries.
type local struct {
	relay   *sfu.Relay
	rooms   *signaling.Rooms
	origins *origins
}

func (l local) join(ctx context.Context, j signaling.Join, from care.Origin) (signaling.Joined, error) {
	a, err := l.relay.Join(ctx, j.Ticket, j.Offer)
	if err != nil {
		return signaling.Joined{}, err
	}
	joined := signaling.Joined{Answer: a.Answer, Connection: a.Connection, Slots: slots(a.Slots)}
	l.origins.put(a.Connection, from) // before the client has the answer, and so before anything can be observed
	l.rooms.Bind(j, joined)
	return joined, nil
}

func (l local) setMuted(s signaling.Seat, audio, video bool) error {
	participant, err := l.rooms.Participant(s)
	if err != nil {
		return err
	}
	if err := l.relay.SetMuted(s.Call.String(), participant.String(), s.Connection, audio, video); err != nil {
		return err
	}
	l.rooms.Muted(s.Connection, audio, video)
	return nil
}

func (l local) leave(s signaling.Seat) error {
	participant, err := l.rooms.Participant(s)
	if err != nil {
		return err
	}
	l.relay.Leave(s.Call.String(), participant.String(), s.Connection)
	l.rooms.Leaving(s.Connection)
	return nil
}

// revoked ends the connections of sign-ins.
func (l local) revoked(signIns []uuid.UUID) {
	for _, participant := range l.rooms.OfSignIns(signIns) {
		l.relay.Kick(participant.String())
	}
}

// ended closes a call's room.
func (l local) ended(call uuid.UUID) {
	if l.rooms.Has(call) {
		l.relay.CloseRoom(call.String())
	}
}

// abandon closes every room without a word: the calls are another node's affair.
func (l local) abandon() {
	for _, rm := range l.relay.Rooms() {
		if call, err := uuid.Parse(rm.Room); err == nil {
			l.rooms.Drop(call)
		}
		l.relay.CloseRoom(rm.Room)
	}
}

// origins remembers on whose authority each connection was made, for as long as the relay may still report on it.
type origins struct {
	now func() time.Time

	mu   sync.Mutex
	list map[uuid.UUID]origin
}

type origin struct {
	care.Origin
	since time.Time
	up    bool // it joined; the relay says when it has left
}

// A connection that never comes up is dropped by the relay after 15 s, without a word.
const originOfNobody = time.Minute

func newOrigins(now func() time.Time) *origins {
	return &origins{now: now, list: map[uuid.UUID]origin{}}
}

func (o *origins) put(connection uuid.UUID, from care.Origin) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	for id, x := range o.list {
		if !x.up && now.Sub(x.since) > originOfNobody {
			delete(o.list, id)
		}
	}
	o.list[connection] = origin{Origin: from, since: now}
}

// of gives the origin of a connection that the relay reports on.
func (o *origins) of(connection uuid.UUID) care.Origin {
	o.mu.Lock()
	defer o.mu.Unlock()
	x, ok := o.list[connection]
	if ok && !x.up {
		x.up = true
		o.list[connection] = x
	}
	return x.Origin
}

// done forgets a connection of which everything has been reported.
func (o *origins) done(connection uuid.UUID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.list, connection)
}
