package signaling

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// The roles that commands name.
const (
	roleNurse      = "NURSE"
	roleAttending  = "ATTENDING"
	roleConsultant = "CONSULTANT"
)

// command is one row of the registry: the only place that says which commands there are, who may give them and what they
// take.
type command struct {
	name   string
	roles  []string // empty: every signed-in account
	fields []string
	slow   bool // waits for the media stack; runs beside the socket's other commands
	trusts bool // checks a token itself, therefore the socket's own need not be fresh
	run    func(h *Hub, ctx context.Context, s *socket, m members) (any, error)
}

func (c *command) knows(field string) bool {
	return field == "type" || field == "id" || slices.Contains(c.fields, field)
}

// registry holds the commands by name.
type registry map[string]*command

// define makes a row. T is the struct of the command's arguments; its JSON tags are the fields.
func define[T any](name string, roles []string, run func(*Hub, context.Context, *socket, *T) (any, error)) *command {
	return &command{name: name, roles: roles, fields: fieldsOf[T](),
		run: func(h *Hub, ctx context.Context, s *socket, m members) (any, error) {
			in := new(T)
			if wrong := fill(m, in); len(wrong) > 0 {
				return nil, problem.Invalid(wrong...)
			}
			return run(h, ctx, s, in)
		}}
}

// table lists the commands in the order of PROTOCOL.md.
func table() []*command {
	inCall := []string{roleNurse, roleAttending, roleConsultant}
	renew := define("token.renew", nil, (*Hub).renewToken)
	renew.trusts = true
	join := define("call.join", inCall, (*Hub).joinCall)
	join.slow = true
	probe := define("media.probe", nil, (*Hub).probeMedia)
	probe.slow = true
	return []*command{
		renew,
		define("presence.set", []string{roleConsultant}, (*Hub).setPresence),
		define("presence.get", []string{roleConsultant}, (*Hub).getPresence),
		join,
		define("call.mute", inCall, (*Hub).muteCall),
		define("call.leave", inCall, (*Hub).leaveCall),
		probe,
	}
}

func newRegistry() registry {
	r := registry{}
	for _, c := range table() {
		r[c.name] = c
	}
	return r
}

// Command describes a command for the authorisation matrix.
type Command struct {
	Name string
	// Roles may give it; empty means every signed-in account.
	Roles []string
	// Fields it takes beside type and id.
	Fields []string
}

// Commands lists every command, in the order of PROTOCOL.md.
func Commands() []Command {
	var list []Command
	for _, c := range table() {
		list = append(list, Command{Name: c.name, Roles: slices.Clone(c.roles), Fields: slices.Clone(c.fields)})
	}
	return list
}

// tokenRenew replaces the access token of the socket.
type tokenRenew struct {
	Token string `json:"token"`
}

func (in *tokenRenew) validate() []problem.Field { return atMost("token", in.Token, maxTicketBytes) }

type renewed struct {
	ExpiresAt time.Time `json:"expiresAt"`
}

func (h *Hub) renewToken(ctx context.Context, s *socket, in *tokenRenew) (any, error) {
	actor, expires, err := h.Auth.Authenticate(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	if was := s.whoami(); actor.UserID != was.user || actor.SessionID != was.signIn {
		return nil, problem.New(403, "token_of_another", nil)
	}
	s.known(in.Token, actor, expires)
	return renewed{ExpiresAt: expires.UTC()}, nil
}

// presenceSet is a doctor's own statement. Minutes belong to BACK_SOON alone.
type presenceSet struct {
	State   string `json:"state"`
	Minutes *int   `json:"minutes,omitempty"`
}

func (in *presenceSet) validate() []problem.Field {
	limits := problem.Args{"min": "1", "max": strconv.Itoa(presenceMax)}
	switch in.State {
	case stateAvailable, stateOff:
		if in.Minutes != nil {
			return []problem.Field{{Path: "minutes", Code: "wrong_value"}}
		}
	case stateBackSoon:
		switch {
		case in.Minutes == nil:
			return []problem.Field{{Path: "minutes", Code: "required"}}
		case *in.Minutes < 1 || *in.Minutes > presenceMax:
			return []problem.Field{{Path: "minutes", Code: "out_of_range", Args: limits}}
		}
	default:
		return []problem.Field{{Path: "state", Code: "wrong_value"}}
	}
	return nil
}

// The presence states that a doctor can be in by choice.
const (
	stateAvailable = "AVAILABLE"
	stateBackSoon  = "BACK_SOON"
	stateOff       = "OFF"
)

type presenceNow struct {
	State  string     `json:"state"`
	BackAt *time.Time `json:"backAt"`
}

func presence(state string, until time.Time) presenceNow {
	p := presenceNow{State: state}
	if state == stateBackSoon && !until.IsZero() {
		until = until.UTC()
		p.BackAt = &until
	}
	return p
}

func (h *Hub) setPresence(ctx context.Context, s *socket, in *presenceSet) (any, error) {
	var until time.Time
	if in.Minutes != nil {
		until = h.now().Add(time.Duration(*in.Minutes) * time.Minute).Truncate(time.Second)
	}
	user := s.whoami().user
	if err := h.Presence.Set(ctx, user, in.State, until); err != nil {
		return nil, err
	}
	h.announce(user)
	return presence(in.State, until), nil
}

type presenceGet struct{}

func (h *Hub) getPresence(ctx context.Context, s *socket, _ *presenceGet) (any, error) {
	state, until, err := h.Presence.Get(ctx, s.whoami().user)
	if err != nil {
		return nil, err
	}
	return presence(state, until), nil
}

// mediaProbe is the network self-test.
type mediaProbe struct {
	Offer string `json:"offer"`
}

type probed struct {
	Answer string `json:"answer"`
}

func (h *Hub) probeMedia(ctx context.Context, _ *socket, in *mediaProbe) (any, error) {
	answer, err := h.Relay.Probe(ctx, in.Offer)
	if err != nil {
		return nil, err
	}
	return probed{Answer: answer}, nil
}

// atMost refuses a text of more than limit bytes, which no honest client sends.
func atMost(path, text string, limit int) []problem.Field {
	if len(text) <= limit {
		return nil
	}
	return []problem.Field{{Path: path, Code: "too_long", Args: problem.Args{"max": strconv.Itoa(limit)}}}
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
	i := slices.IndexFunc(roster, func(p Participant) bool { return p.ID == t.Participant && p.User == me.user })
	if i < 0 {
		return nil, problem.NotFound()
	}
	joined, err := h.Relay.Join(ctx, in.Ticket, in.Offer)
	if err != nil {
		return nil, err
	}
	h.calls.bind(t.Room, roster, t.Participant, joined.Connection, s, me)
	if err := h.stillJoins(ctx, s, t); err != nil {
		h.Relay.Leave(t.Room.String(), t.Participant.String(), joined.Connection)
		h.calls.leaving(joined.Connection)
		return nil, err
	}
	slots := joined.Slots
	if slots == nil {
		slots = []Slot{}
	}
	return joinedCall{CallID: t.Room, ParticipantID: t.Participant, Connection: joined.Connection, Answer: joined.Answer, Slots: slots}, nil
}

// stillJoins asks again once the connection has its seat: when the call ended, the grant changed hands or the person signed
// out everywhere while the relay was answering, the event that ends connections came too early to find this one.
func (h *Hub) stillJoins(ctx context.Context, s *socket, t identity.Ticket) error {
	if err := h.Calls.Authorise(ctx, t); err != nil {
		return err
	}
	s.mu.Lock()
	token := s.token
	s.mu.Unlock()
	if _, _, err := h.Auth.Authenticate(ctx, token); err != nil && problem.Of(err).Status < http.StatusInternalServerError {
		return err
	}
	return nil
}

// callMute tells what the participant has muted. It changes no packet: the client itself stops sending.
type callMute struct {
	CallID     uuid.UUID `json:"callId"`
	Connection uuid.UUID `json:"connection"`
	Audio      bool      `json:"audio"`
	Video      bool      `json:"video"`
}

func (h *Hub) muteCall(_ context.Context, s *socket, in *callMute) (any, error) {
	participant, ok := h.calls.own(in.CallID, in.Connection, s)
	if !ok {
		return nil, problem.NotFound()
	}
	if err := h.Relay.SetMuted(in.CallID.String(), participant.String(), in.Connection, in.Audio, in.Video); err != nil {
		return nil, err
	}
	h.calls.muted(in.CallID, participant, in.Connection, in.Audio, in.Video)
	return nil, nil
}

type callLeave struct {
	CallID     uuid.UUID `json:"callId"`
	Connection uuid.UUID `json:"connection"`
}

// leaveCall ends one connection. The call and the consultation go on.
func (h *Hub) leaveCall(_ context.Context, s *socket, in *callLeave) (any, error) {
	participant, ok := h.calls.own(in.CallID, in.Connection, s)
	if !ok {
		return nil, problem.NotFound()
	}
	h.Relay.Leave(in.CallID.String(), participant.String(), in.Connection)
	h.calls.leaving(in.Connection)
	return nil, nil
}
