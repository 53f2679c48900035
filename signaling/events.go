package signaling

import (
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// known is one row of the table of events: the only place that says which events there are.
type knownEvent struct {
	name     string
	critical bool // repeated until the page has acknowledged it
}

// eventTable lists the events in the order of PROTOCOL.md.
func eventTable() []knownEvent {
	return []knownEvent{
		{"queue.changed", false},
		{eventRing, true},
		{"ring.stop", true},
		{"consultation.changed", false},
		{"message.sent", false},
		{"duty.changed", false},
		{"panel.changed", false},
		{"presence.changed", false},
		{eventParticipant, false},
		{eventSlots, false},
		{eventCallEnded, true},
		{"call.moved", true},
		{"consultation.assigned", true},
		{"consultation.handover", true},
		{"dispatcher.alert", true},
		{"board.changed", false},
		{"appointment.changed", false},
		{"visit.changed", false},
		{"visit.alarm", false},
		{"bed.changed", false},
		{"round.changed", false},
		{eventRevoked, false},
	}
}

// Events that the hub itself acts on.
const (
	eventRing      = "ring"
	eventRevoked   = "session.revoked"
	eventCallEnded = "call.ended"
	// eventTaken is between nodes: sessions went to other sockets. It has no audience and no client sees it.
	eventTaken = "socket.taken"
)

// critical says whether an event is repeated until it is acknowledged. It is asked for each event, therefore a switch and
// no search; a test compares it with the table.
func critical(name string) bool {
	switch name {
	case eventRing, "ring.stop", eventCallEnded, "call.moved", "consultation.assigned", "consultation.handover", "dispatcher.alert":
		return true
	}
	return false
}

// taken is the data of eventTaken: the sockets are to be closed.
type taken struct {
	Sockets []Older `json:"sockets"`
}

// hears says whether an event for this audience is for the person, by the same rule as the index (Hub.audience).
func (w *who) hears(to store.Audience) bool {
	return slices.Contains(to.Users, w.user) || slices.Contains(to.AuthSessions, w.signIn) ||
		share(to.Departments, w.departments) || share(to.Organisations, w.organisations)
}

func share(a, b []uuid.UUID) bool {
	return slices.ContainsFunc(a, func(id uuid.UUID) bool { return slices.Contains(b, id) })
}
