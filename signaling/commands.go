package signaling

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// The roles that commands name.
const (
	roleNurse      = "NURSE"
	roleAttending  = "ATTENDING"
	roleFamily     = "FAMILY_DOCTOR" // who visits, in calls from a home
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
	renew := define("token.renew", nil, (*Hub).renewToken)
	renew.trusts = true
	probe := define("media.probe", nil, (*Hub).probeMedia)
	probe.slow = true
	list := []*command{
		renew,
		define("presence.set", []string{roleConsultant}, (*Hub).setPresence),
		define("presence.get", []string{roleConsultant}, (*Hub).getPresence),
	}
	return append(append(list, callCommands()...), probe)
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
	s.known(actor, expires)
	s.mu.Lock()
	session := s.session
	s.mu.Unlock()
	if session != uuid.Nil {
		if err := h.Sessions.Renewed(ctx, session, expires); err != nil {
			h.Logger.WarnContext(ctx, "signaling: renewed token not recorded", "error", err)
		}
	}
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
