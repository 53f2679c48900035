package check

import (
	"time"

	"github.com/google/uuid"
)

// Kinds of events.
const (
	KindAct     = "act"     // a command over HTTP and its answer
	KindView    = "view"    // a read of one consultation
	KindQueue   = "queue"   // a read of a doctor's queue
	KindFrame   = "frame"   // an event frame on a socket
	KindSession = "session" // the life of a socket
	KindFault   = "fault"   // what was done to the servers
)

// Outcomes of acts.
const (
	OK      = "ok"
	Refused = "refused" // the server said no, with a code
	Unknown = "unknown" // no answer, or one that says nothing
)

// Operations of acts that the checkers know. Done hands a case over to 120, which ends the doctor's part.
const (
	OpCreate  = "create"
	OpConsent = "consent"
	OpSubmit  = "submit"
	OpUpdate  = "update"
	OpCancel  = "cancel"
	OpClaim   = "claim"
	OpRelease = "release"
	OpDecline = "decline"
	OpDone    = "done"
	OpAssign  = "assign" // by a dispatcher to Target
	OpWiden   = "widen"
	OpCharge  = "take charge"
)

// Operations of sessions.
const (
	OpWelcome = "welcome" // a new lineage begins at Positions
	OpResumed = "resumed" // the lineage goes on
	OpReload  = "reload"  // the server says that it cannot go on; the client begins anew
	OpHole    = "hole"    // a frame whose prev is not what the client has; it resumes
	OpClosed  = "closed"  // with Code
	OpEnd     = "end"     // the history ends here, with the client connected
	// OpPosition is the server's word that nothing more is meant for the client up to Positions.
	OpPosition = "position"
)

// Event is one line of a history. Times are the machine's clock, which clients and database share.
type Event struct {
	N    int64     `json:"n"`
	From time.Time `json:"from,omitzero"` // when it began
	At   time.Time `json:"at"`            // when it ended
	Who  string    `json:"who"`
	User uuid.UUID `json:"user,omitzero"`
	Kind string    `json:"kind"`
	Op   string    `json:"op,omitempty"`

	Case    uuid.UUID `json:"case,omitzero"`
	Key     uuid.UUID `json:"key,omitzero"`
	Target  uuid.UUID `json:"target,omitzero"` // the doctor of an assignment
	Epoch   int64     `json:"epoch,omitempty"` // what the command named, or what the view showed
	State   string    `json:"state,omitempty"`
	Holder  string    `json:"holder,omitempty"` // name of the doctor whom a view shows
	Outcome string    `json:"outcome,omitempty"`
	Code    string    `json:"code,omitempty"`
	Status  int       `json:"status,omitempty"`
	Tries   int       `json:"tries,omitempty"`
	Doubt   bool      `json:"doubt,omitempty"`  // an earlier try may have arrived although this answer says no
	Replay  bool      `json:"replay,omitempty"` // a repetition of an act that was answered before
	Retry   bool      `json:"retry,omitempty"`  // an error that came with a time to try again

	Waiting []Place `json:"waiting,omitempty"`

	Lineage   int64   `json:"lineage,omitempty"` // one life of a client's knowledge, across sockets and nodes
	Stream    int     `json:"stream"`
	Seq       int64   `json:"seq,omitempty"`
	Prev      int64   `json:"prev,omitempty"`
	Name      string  `json:"name,omitempty"` // of the event that a frame carries
	Positions []int64 `json:"positions,omitempty"`
	Node      string  `json:"node,omitempty"`
	Note      string  `json:"note,omitempty"`
}

// Place is one row of a queue as a doctor saw it.
type Place struct {
	Case    uuid.UUID     `json:"case"`
	Urgency string        `json:"urgency"`
	Since   time.Time     `json:"since"`
	Target  time.Duration `json:"target"`
}

// Verdict is what a checker found.
type Verdict struct {
	Invariant  string
	Checked    int // how many things it looked at
	Violations []Violation
	Note       string // why it looked at nothing, or how far
}

// Violation is one thing that must not be.
type Violation struct {
	Case uuid.UUID // zero when it is about no single case
	Who  string
	What string
}

func (v *Verdict) add(c uuid.UUID, who, what string) {
	v.Violations = append(v.Violations, Violation{Case: c, Who: who, What: what})
}
