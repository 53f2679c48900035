package signaling

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// who is what a socket keeps of the person behind it. It is never changed, only replaced.
type who struct {
	user, signIn               uuid.UUID
	roles                      []string
	organisations, departments []uuid.UUID // for events: care institutions of nurses and attendings, departments of doctors
}

func newWho(a identity.Actor) *who {
	w := &who{user: a.UserID, signIn: a.SessionID,
		organisations: a.Organisations(roleNurse, roleAttending), departments: a.Departments(roleConsultant)}
	for _, m := range a.Memberships {
		if !slices.Contains(w.roles, m.Role) {
			w.roles = append(w.roles, m.Role)
		}
	}
	return w
}

// may says whether one of the roles is held; without roles, everybody may.
func (w *who) may(roles []string) bool {
	return len(roles) == 0 || slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(w.roles, r) })
}

func (w *who) doctor() bool { return slices.Contains(w.roles, roleConsultant) }

// socket is one WebSocket. The session on it has its id when it was opened here, and another one when it was resumed.
type socket struct {
	hub  *Hub
	conn *websocket.Conn
	id   uuid.UUID
	from netip.Prefix // whom its address stands for

	mu sync.Mutex

	inbox      [][]byte // frames for the worker
	inboxBytes int
	pending    int  // frames received and not answered
	working    bool // there is a worker
	limiter    *rate.Limiter
	ackCredit  int // critical events that were sent: each allows one frame beyond the rate
	results    results
	slow       chan struct{}          // a seat for each slow command at work
	joins      map[uuid.UUID]*joining // by participant

	out      []frame // frames for the writer
	outBytes int     // theirs and that of the frame being written
	opening  int     // of these, bytes of the answer to the first frame and of what was missed
	writing  bool    // there is a writer
	held     bool    // the writer waits for the answer to the first frame
	pingDue  bool
	told     positions // the last number that the client was told of each stream
	unheard  []unheard // critical events without an ack

	closing     closeCode // 0 while open
	closeDetail string
	closeSent   bool
	gone        bool // the reader has ended
	cutOff      bool // a frame could not be written
	clientCode  int  // of the client's own close frame, 0 without one; the reader's

	timer  *time.Timer
	opened time.Time // or told to say hello after all
	pingAt time.Time
	pongBy time.Time // zero unless a ping is on its way

	greeted  bool      // the first frame has come
	reloaded bool      // a resume was answered with reload; the worker's
	session  uuid.UUID // Nil until there is one
	recorded bool      // there is a row of the session
	who      *who      // nil until the session is open
	checked  time.Time // when the sign-in was last checked
	expires  time.Time // of the access token
	locale   string
}

func (s *socket) whoami() *who {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.who
}

func (s *socket) leaving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone || s.closing != 0
}

// end is the end of the reader and so of the socket.
func (s *socket) end(cause error) {
	defer s.hub.work.Done()
	s.mu.Lock()
	if closed, ok := errors.AsType[*websocket.CloseError](cause); ok {
		s.clientCode = closed.Code
	}
	s.gone = true
	for _, j := range s.joins {
		j.stop()
	}
	s.dropQueue()
	s.inbox, s.inboxBytes, s.unheard = nil, 0, nil
	s.timer.Stop()
	code, label, recorded, session := websocket.CloseAbnormalClosure, "lost", s.recorded, s.session
	switch {
	case s.closeSent && !s.cutOff:
		code = int(s.closing)
		label = strconv.Itoa(code)
	case s.clientCode != 0:
		code, label = s.clientCode, "client"
	}
	if !s.greeted {
		s.hub.door.pass(s.from)
	}
	s.mu.Unlock()
	_ = s.conn.Close()
	s.hub.remove(s)
	s.hub.metrics.closes.WithLabelValues(label).Inc()
	if recorded {
		s.hub.record(session, s.id, code)
	}
}
