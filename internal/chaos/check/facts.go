package check

import (
	"time"

	"github.com/google/uuid"
)

// Facts is what the database holds of the cases of a history.
type Facts struct {
	Now     time.Time // the database's clock when they were read
	Cases   map[uuid.UUID]Case
	Steps   map[uuid.UUID][]Step // in the order of their numbers
	Offers  []Offer
	Outbox  []Published // of the time since the history began, by shard and number
	Members map[uuid.UUID][]Member
	Targets map[string]time.Duration
	Proof   *Proof // nil: not asked for
}

// Proof is what the program's own verification of the hash chain found.
type Proof struct {
	Entries int64
	Waiting int64    // rows that were not chained long after they were written
	Faults  []string // in words
}

// Case is a consultation as it stands.
type Case struct {
	State  string
	Epoch  int64
	Doctor uuid.UUID
	Asked  int // departments that may see it now
}

// Step is one event of a record.
type Step struct {
	Seq      int
	Type     string
	From, To string // states, empty when it is no transition
	Epoch    int64
	Actor    uuid.UUID // zero: the system
	Doctor   uuid.UUID // whom a dispatcher gave it to
	At       time.Time // of the transaction's clock
}

// granted says whether the step gives the request to a doctor, and to whom.
func (s Step) granted() (uuid.UUID, bool) {
	if s.From != "OFFERED" || s.To != "ACCEPTED" {
		return uuid.Nil, false
	}
	if s.Doctor != uuid.Nil {
		return s.Doctor, true
	}
	return s.Actor, true
}

// Offer is a ring.
type Offer struct {
	Case     uuid.UUID
	Epoch    int64
	Doctor   uuid.UUID
	Offered  time.Time
	Expires  time.Time
	Resolved time.Time // zero while it rings
	Result   string
}

// Published is an outbox row with its audience.
type Published struct {
	Stream                            int
	Seq                               int64
	Name                              string
	Case                              uuid.UUID
	Users, Departments, Organisations []uuid.UUID
	Sessions                          []uuid.UUID
	At                                time.Time
}

// Member is a role of a user.
type Member struct {
	Organisation, Department uuid.UUID // no department: zero
	Role                     string
}

// told says whether a user must be told of a row: users by name, doctors by department, nurses and attending doctors by
// institution. Rows for single sign-ins are not decided here.
func (f Facts) told(user uuid.UUID, p Published) bool {
	for _, u := range p.Users {
		if u == user {
			return true
		}
	}
	for _, m := range f.Members[user] {
		switch m.Role {
		case "CONSULTANT":
			for _, d := range p.Departments {
				if d == m.Department {
					return true
				}
			}
		case "NURSE", "ATTENDING":
			for _, o := range p.Organisations {
				if o == m.Organisation {
					return true
				}
			}
		}
	}
	return false
}
