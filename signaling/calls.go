package signaling

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// The socket's side of a call: any socket on any node gives the commands, the node that carries the call's room (see Rooms)
// carries them out, and what happens there comes back to every socket of a connection's sign-in as an event of the outbox.

// Participant is somebody who belongs to a call, joined or not.
type Participant struct {
	ID   uuid.UUID `json:"id"`
	User uuid.UUID `json:"user"`
	Name string    `json:"name"`
	Role string    `json:"role"`
}

// Calls knows who belongs to a call. Errors are problems: not_found, call_ended, epoch_stale.
type Calls interface {
	// Authorise says whether a ticket that was issued still holds now that it is used.
	Authorise(ctx context.Context, t identity.Ticket) error
	// Roster lists who belongs to a call, joined or not.
	Roster(ctx context.Context, call uuid.UUID) ([]Participant, error)
}

// Slot is one receiving m-line of a subscriber and whom it carries now.
type Slot struct {
	Mid  string `json:"mid"`
	Kind string `json:"kind"` // audio, video or screen
	// Participant is empty when the slot carries nobody.
	Participant string `json:"participantId"`
}

// Join is a page's wish to be in a call, with what its node found out: the ticket is its user's and held when it was looked
// at. The relay checks it again.
type Join struct {
	Ticket      string        `json:"ticket"`
	Offer       string        `json:"offer"`
	Call        uuid.UUID     `json:"call"`
	Participant uuid.UUID     `json:"participant"`
	User        uuid.UUID     `json:"user"`
	SignIn      uuid.UUID     `json:"signIn"`
	Epoch       int64         `json:"epoch"`
	Roster      []Participant `json:"roster"`
}

// Joined is the relay's answer to an offer.
type Joined struct {
	Answer     string    `json:"answer"`
	Connection uuid.UUID `json:"connection"`
	Slots      []Slot    `json:"slots"`
}

// Seat is a connection as a page names it, and who the page is.
type Seat struct {
	Call       uuid.UUID `json:"call"`
	Connection uuid.UUID `json:"connection"`
	User       uuid.UUID `json:"user"`
	SignIn     uuid.UUID `json:"signIn"`
}

// Relay carries out what pages ask of calls, on whichever node carries the call's room. Errors are problems, or have a method
// Code() string with a code of the catalogue; both reach the client with that code. A connection that is not the user's is
// not_found.
type Relay interface {
	// Probe is the network self-test with the relay of this node.
	Probe(ctx context.Context, offer string) (answer string, err error)
	// Join waits, as long as ctx allows, while the call's room is between two nodes.
	Join(ctx context.Context, j Join) (Joined, error)
	SetMuted(ctx context.Context, s Seat, audio, video bool) error
	Leave(ctx context.Context, s Seat) error
	State(ctx context.Context, s Seat) (CallState, error)
	// Revoked ends the connections of these sign-ins in the rooms of this node. It does not wait for another node.
	Revoked(signIns []uuid.UUID)
	// Ended closes the call's room if this node carries it.
	Ended(call uuid.UUID)
}

// callCommands are the rows of the registry that concern calls.
func callCommands() []*command {
	inCall := []string{roleNurse, roleAttending, roleFamily, roleConsultant}
	join := define("call.join", inCall, (*Hub).joinCall)
	join.slow = true
	return []*command{
		join,
		define("call.mute", inCall, (*Hub).muteCall),
		define("call.leave", inCall, (*Hub).leaveCall),
		define("call.state", inCall, (*Hub).callState),
	}
}

// callJoin brings a media ticket and the client's one offer.
type callJoin struct {
	Ticket string `json:"ticket"`
	Offer  string `json:"offer"`
}

func (in *callJoin) validate() []problem.Field { return atMost("ticket", in.Ticket, maxTicketBytes) }

type joinedCall struct {
	CallID        uuid.UUID `json:"callId"`
	ParticipantID uuid.UUID `json:"participantId"`
	Connection    uuid.UUID `json:"connection"`
	Answer        string    `json:"answer"`
	Slots         []Slot    `json:"slots"`
}

func (h *Hub) joinCall(ctx context.Context, s *socket, in *callJoin) (any, error) {
	t, _, err := h.Tickets.OpenTicket(ctx, in.Ticket)
	if err != nil {
		return nil, err
	}
	me := s.whoami()
	if t.User != me.user { // like any foreign object: it is not there
		return nil, problem.NotFound()
	}
	if err := h.Calls.Authorise(ctx, t); err != nil {
		return nil, err
	}
	roster, err := h.Calls.Roster(ctx, t.Room)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(roster, func(p Participant) bool { return p.ID == t.Participant && p.User == me.user }) {
		return nil, problem.NotFound()
	}
	ctx, done, err := s.onlyJoin(ctx, t.Participant)
	if err != nil {
		return nil, err
	}
	defer done()
	joined, err := h.Relay.Join(ctx, Join{Ticket: in.Ticket, Offer: in.Offer, Call: t.Room, Participant: t.Participant, User: t.User,
		SignIn: me.signIn, Epoch: t.Epoch, Roster: roster})
	if err != nil {
		return nil, err
	}
	if err := h.stillJoins(ctx, s, t); err != nil {
		seat := Seat{Call: t.Room, Connection: joined.Connection, User: me.user, SignIn: me.signIn}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTime)
		defer cancel()
		if err := h.Relay.Leave(ctx, seat); err != nil { // without the answer the connection never comes up and is dropped by itself
			h.Logger.DebugContext(ctx, "signaling: seat not given back", "error", err)
		}
		return nil, err
	}
	if joined.Slots == nil {
		joined.Slots = []Slot{}
	}
	return joinedCall{CallID: t.Room, ParticipantID: t.Participant, Connection: joined.Connection, Answer: joined.Answer, Slots: joined.Slots}, nil
}

// joining is a join that is under way.
type joining struct {
	stop context.CancelFunc
	over chan struct{} // closed when it has ended
}

// onlyJoin makes the newest join of a participant the only one of this socket: an earlier one is given up, and has ended before
// the newer begins. Otherwise one that had to wait, for a call that was between two nodes, would put the newer connection out. A
// join ends with its socket too, since nobody waits for its answer; the page gives it again where it resumes.
func (s *socket) onlyJoin(ctx context.Context, participant uuid.UUID) (context.Context, func(), error) {
	ctx, stop := context.WithCancel(ctx)
	mine := &joining{stop: stop, over: make(chan struct{})}
	s.mu.Lock()
	earlier := s.joins[participant]
	if s.joins == nil {
		s.joins = map[uuid.UUID]*joining{}
	}
	s.joins[participant] = mine
	if s.gone {
		stop()
	}
	s.mu.Unlock()
	done := func() {
		stop()
		s.mu.Lock()
		if s.joins[participant] == mine {
			delete(s.joins, participant)
		}
		s.mu.Unlock()
		close(mine.over)
	}
	if earlier != nil {
		earlier.stop()
		select {
		case <-earlier.over:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		done()
		return nil, nil, err
	}
	return ctx, done, nil
}

// stillJoins asks again once the connection has its seat: when the call ended, the grant changed hands or the person signed
// out everywhere while the relay was answering, the event that ends connections came too early to find this one.
func (h *Hub) stillJoins(ctx context.Context, s *socket, t identity.Ticket) error {
	if err := ctx.Err(); err != nil { // given up
		return err
	}
	if err := h.Calls.Authorise(ctx, t); err != nil {
		return err
	}
	me := s.whoami()
	if _, err := h.Auth.SignedIn(ctx, me.user, me.signIn); err != nil && problem.Of(err).Status < http.StatusInternalServerError {
		return err
	}
	return nil
}

// seat is a connection as this socket names it.
func (s *socket) seat(call, connection uuid.UUID) Seat {
	me := s.whoami()
	return Seat{Call: call, Connection: connection, User: me.user, SignIn: me.signIn}
}

// callMute tells what the participant has muted. It changes no packet: the client itself stops sending.
type callMute struct {
	CallID     uuid.UUID `json:"callId"`
	Connection uuid.UUID `json:"connection"`
	Audio      bool      `json:"audio"`
	Video      bool      `json:"video"`
}

func (h *Hub) muteCall(ctx context.Context, s *socket, in *callMute) (any, error) {
	return nil, h.Relay.SetMuted(ctx, s.seat(in.CallID, in.Connection), in.Audio, in.Video)
}

type callLeave struct {
	CallID     uuid.UUID `json:"callId"`
	Connection uuid.UUID `json:"connection"`
}

// leaveCall ends one connection. The call and the consultation go on.
func (h *Hub) leaveCall(ctx context.Context, s *socket, in *callLeave) (any, error) {
	return nil, h.Relay.Leave(ctx, s.seat(in.CallID, in.Connection))
}

type callStateOf struct {
	CallID     uuid.UUID `json:"callId"`
	Connection uuid.UUID `json:"connection"`
}

// callState tells a page whose media went on without a socket how its call stands.
func (h *Hub) callState(ctx context.Context, s *socket, in *callStateOf) (any, error) {
	state, err := h.Relay.State(ctx, s.seat(in.CallID, in.Connection))
	if err != nil {
		return nil, err
	}
	return state, nil
}
