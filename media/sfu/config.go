package sfu

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
)

// Config says where the relay listens and whom it reports to. The zero value of every field but UDPAddr is usable.
type Config struct {
	// UDPAddr is the one UDP address for everybody, "host:port". An empty host listens on all addresses of both
	// families, port 0 picks a free port; see [Relay.Addr].
	UDPAddr string
	// Advertised are the addresses written into answers. Empty means this host's own: loopback and LAN addresses, or
	// the one address that UDPAddr names.
	Advertised []netip.Addr
	// MaxParticipants in a room, from 2 to 6. 0 means 6.
	MaxParticipants int
	// Logger gets connection ids, reasons and codes; never an address and never a session description. nil discards.
	Logger *slog.Logger
	// Metrics is where the relay registers its collectors until Close. nil registers none.
	Metrics prometheus.Registerer
	// Now is the clock of tickets, presence and timestamps. nil means time.Now.
	Now func() time.Time
}

// Limits that are part of the protocol between a browser and the relay.
const (
	// maxSeats is the number of other people that a subscriber can receive.
	maxSeats = 5
	// maxParticipants follows from maxSeats.
	maxParticipants = maxSeats + 1
	// maxOfferBytes bounds a session description; signaling frames have the same bound.
	maxOfferBytes = 64 << 10
	// maxProbes is how many network self-tests may run at the same time.
	maxProbes = 64
)

// timing holds every duration of the relay, so that tests can shorten them.
type timing struct {
	connect      time.Duration // from the answer to ICE and DTLS up, else the connection is dropped
	probe        time.Duration // life of a network self-test
	disconnected time.Duration // without any packet: ICE says disconnected
	failed       time.Duration // after that: ICE says failed and the connection is lost
	tick         time.Duration // presence sampling; must stay below mediaGap
	keyFrame     time.Duration // at most one key frame request per source in this time
}

// defaultTiming: a connection is lost 30 s after its last packet. The first 10 s of them are not yet "disconnected",
// because an idle browser that talks to an ICE-lite agent may be silent for up to 6 s between its consent checks.
func defaultTiming() timing {
	return timing{
		connect:      15 * time.Second,
		probe:        15 * time.Second,
		disconnected: 10 * time.Second,
		failed:       20 * time.Second,
		tick:         time.Second,
		keyFrame:     500 * time.Millisecond,
	}
}

func (c Config) withDefaults() (Config, error) {
	switch {
	case c.MaxParticipants == 0:
		c.MaxParticipants = maxParticipants
	case c.MaxParticipants < 2 || c.MaxParticipants > maxParticipants:
		return c, fmt.Errorf("sfu: MaxParticipants %d is not between 2 and %d", c.MaxParticipants, maxParticipants)
	}
	for _, addr := range c.Advertised {
		if !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() {
			return c, fmt.Errorf("sfu: %q cannot be advertised; give a unicast address such as 192.0.2.7", addr)
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

// Grant is what a ticket says: who may be in which room, at which epoch of the room, and until when the ticket may be
// used. A connection that was made in time outlives its ticket.
type Grant struct {
	Room        string
	Participant string
	Epoch       int64
	Expires     time.Time
}

// TicketVerifier checks a ticket's signature and reads it. Any error means [ErrTicketInvalid] unless it already is one
// of this package's errors. Expiry is checked by the relay.
type TicketVerifier interface {
	VerifyTicket(ctx context.Context, ticket string) (Grant, error)
}

// Slot is one receiving m-line of a subscriber and whom it carries now.
type Slot struct {
	// Mid is the m-line's identification tag in the offer.
	Mid string
	// Kind is "audio", "video" or "screen".
	Kind string
	// Participant is empty when the slot carries nobody.
	Participant string
}

// Joined is the answer to an offer.
type Joined struct {
	// Answer is the complete session description; no candidate follows later.
	Answer      string
	Room        string
	Participant string
	// Connection names this connection in SetMuted, Leave and the Observer's calls.
	Connection uuid.UUID
	// Slots are the subscriber's receiving m-lines in the order of the offer. Changes, and the whole list once more
	// when the connection is up, come by Observer.Slots.
	Slots []Slot
}

// Interval is a stretch of presence. It is handed over several times under the same ID, each time replacing the last.
type Interval struct {
	ID          uuid.UUID
	Room        string
	Participant string
	// Connection is the connection that the interval was measured on.
	Connection uuid.UUID
	// Kind is "connected" or "media".
	Kind string
	// Start and LastSeen are UTC. LastSeen - Start is the interval's length; for "media" both are packet arrivals.
	Start    time.Time
	LastSeen time.Time
	// Closed intervals never change again.
	Closed bool
	// AudioBytes and VideoBytes are RTP bytes that arrived in the interval; a shared screen counts as video.
	AudioBytes uint64
	VideoBytes uint64
	// AudioMuted and VideoMuted hold for the whole of a "media" interval; they are false in "connected" ones.
	AudioMuted bool
	VideoMuted bool
}

// Interval kinds.
const (
	IntervalConnected = "connected"
	IntervalMedia     = "media"
)

// Reasons given to Observer.Left.
const (
	ReasonLeft       = "left"        // Relay.Leave
	ReasonReplaced   = "replaced"    // the same participant joined again
	ReasonKicked     = "kicked"      // Relay.Kick
	ReasonLost       = "lost"        // no packet for 30 s, or the client's transport closed without Leave
	ReasonRoomClosed = "room_closed" // Relay.CloseRoom or Relay.Close
)

// Observer learns what happens in rooms. Its methods are called one after the other from one goroutine of the relay and
// may call back into the relay.
type Observer interface {
	// Joined: ICE and DTLS of a connection are up.
	Joined(room, participant string, connection uuid.UUID)
	// Left: a connection that had joined is gone, with one of the Reason constants.
	Left(room, participant string, connection uuid.UUID, reason string)
	// Slots: what this subscriber's receiving m-lines carry, complete, on every change while it is connected.
	Slots(room, participant string, slots []Slot)
	// Presence: insert or replace these intervals by ID.
	Presence(intervals []Interval)
}
