package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// Authenticator checks access tokens. It reads the sign-in, the account and the memberships in force now, and gives the
// instant at which the token expires. A problem with a status below 500 means that the token is no good; anything else
// that it could not be checked.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (identity.Actor, time.Time, error)
	// SignedIn reads the same for a sign-in whose token was checked before.
	SignedIn(ctx context.Context, user, signIn uuid.UUID) (identity.Actor, error)
	// MembershipsOfSignIns gives the memberships in force now in which each of these sign-ins acts; one without any is absent.
	MembershipsOfSignIns(ctx context.Context, signIns []uuid.UUID) (map[uuid.UUID][]identity.Membership, error)
}

// Tickets reads media tickets; see identity.Service.
type Tickets interface {
	OpenTicket(ctx context.Context, ticket string) (identity.Ticket, time.Time, error)
}

// Presence holds what doctors said about themselves and who has a socket. It never stops a session: errors are logged.
type Presence interface {
	// Set notes the state of a user; until is zero except for BACK_SOON.
	Set(ctx context.Context, user uuid.UUID, state string, until time.Time) error
	// Get gives the state of a user, OFF when nothing is known.
	Get(ctx context.Context, user uuid.UUID) (state string, until time.Time, err error)
	// Touch says that these users have a socket on this node. It holds for 45 s.
	Touch(ctx context.Context, users []uuid.UUID) error
	// Drop says that these users have no socket on this node any more.
	Drop(ctx context.Context, users []uuid.UUID) error
}

// Announcer tells every node that a doctor's presence changed: the doctor's own sockets (presence.changed) and the
// institutions that could call that doctor (duty.changed).
type Announcer interface {
	PresenceChanged(ctx context.Context, user uuid.UUID, state string, backAt *time.Time) error
}

// Published is a row of the outbox. Its envelope's Data is a json.RawMessage.
type Published struct {
	Shard    int16
	Seq      int64
	At       time.Time
	Envelope store.Envelope
	// Err is set when the row's payload could not be read; the row is counted and passed over.
	Err error
}

// Outbox reads the events that every node tells its sockets. Each shard is numbered in commit order without a gap.
type Outbox interface {
	// Heads gives the last number of each shard.
	Heads(ctx context.Context) (map[int16]int64, error)
	// Read gives rows of a shard after a number, in order, at most limit.
	Read(ctx context.Context, shard int16, after int64, limit int) ([]Published, error)
	// Listen calls wake once when it listens and then whenever there may be something new. It returns when ctx is done,
	// and with an error when it can no longer listen.
	Listen(ctx context.Context, wake func()) error
}

// Session is what the record of a session holds.
type Session struct {
	ID, SignIn, User uuid.UUID
	Expires          time.Time // of the access token
	Locale           string
}

// Older is a socket whose session goes on, on another one.
type Older struct {
	SignIn uuid.UUID `json:"signIn"`
	Socket uuid.UUID `json:"socket"`
}

// The answers of Sessions.Resumed beside a session.
var (
	// ErrSessionUnknown says that there is no such session or that the token is not one of its two.
	ErrSessionUnknown = errors.New("signaling: no session with this resume token")
	// ErrSessionExpired says that the session's last sign of life is too long ago.
	ErrSessionExpired = errors.New("signaling: session not resumed in time")
)

// Sessions keeps the record of sessions and of the socket that each is on, for all nodes.
type Sessions interface {
	// Opened notes a new session, whose first socket has its id, with the hash of its resume token.
	Opened(ctx context.Context, s Session, resume [32]byte) error
	// Resumed gives a session to a socket of this node, whatever node it was on, and rotates its token: next is good from now
	// on, given until one of its successors was used. An empty locale leaves the session's. Older is the socket of another node on which the
	// session is still open, as far as is known, or zero.
	Resumed(ctx context.Context, session, socket uuid.UUID, given, next [32]byte, locale string) (s Session, older Older, err error)
	// Taken tells the other nodes that these sockets have lost their sessions. There is at least one.
	Taken(ctx context.Context, list []Older) error
	// Renewed notes that the access token was renewed.
	Renewed(ctx context.Context, session uuid.UUID, expires time.Time) error
	// Closed notes the end of a socket, unless the session goes on, on another one.
	Closed(ctx context.Context, session, socket uuid.UUID, code int) error
	// Seen says once a minute that this node lives and so do the sessions it has open.
	Seen(ctx context.Context) error
}

// Config holds what an installation may set.
type Config struct {
	// Build is told in the welcome; a page reloads when it differs from its own and no call is on.
	Build string
	// Origins may open sockets beside the server's own, each as "https://host[:port]".
	Origins []string
}

// Deps are what the hub stands on. Logger, Metrics, Now, Newcomer and Rung may be left out.
type Deps struct {
	Auth     Authenticator
	Tickets  Tickets
	Calls    Calls
	Relay    Relay
	Presence Presence
	Announce Announcer
	Outbox   Outbox
	Sessions Sessions
	// Newcomer is called when a doctor has become available, so that requests that already wait ring there too.
	Newcomer func(ctx context.Context, user uuid.UUID) error
	// Rung is called when a device of a doctor has acknowledged a ring: it rang. It may be called several times for an offer,
	// since each of the doctor's pages rings.
	Rung    func(ctx context.Context, user, offer uuid.UUID) error
	Logger  *slog.Logger
	Metrics prometheus.Registerer
	Now     func() time.Time
	Config
}

func (d Deps) withDefaults() (Deps, error) {
	if d.Auth == nil || d.Tickets == nil || d.Calls == nil || d.Relay == nil || d.Presence == nil || d.Announce == nil ||
		d.Outbox == nil || d.Sessions == nil {
		return d, errors.New("signaling: Auth, Tickets, Calls, Relay, Presence, Announce, Outbox and Sessions are needed")
	}
	if d.Newcomer == nil {
		d.Newcomer = func(context.Context, uuid.UUID) error { return nil }
	}
	if d.Rung == nil {
		d.Rung = func(context.Context, uuid.UUID, uuid.UUID) error { return nil }
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return d, nil
}

// raw is data that is already JSON.
func raw(v any) (json.RawMessage, error) {
	switch v := v.(type) {
	case nil:
		return json.RawMessage("{}"), nil
	case json.RawMessage:
		if len(v) == 0 || string(v) == "null" {
			return json.RawMessage("{}"), nil
		}
		return v, nil
	default:
		return json.Marshal(v)
	}
}
