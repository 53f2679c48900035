package signaling

import (
	"cmp"
	"context"
	"encoding/json"
	"hash/maphash"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// index finds sockets by an id. The order of a list is the order in which the sockets came.
type index map[uuid.UUID][]*socket

func (x index) add(s *socket, ids ...uuid.UUID) {
	for _, id := range ids {
		x[id] = append(x[id], s)
	}
}

func (x index) remove(s *socket, ids ...uuid.UUID) {
	for _, id := range ids {
		list := x[id]
		i := slices.Index(list, s)
		switch {
		case i < 0:
		case len(list) == 1:
			delete(x, id)
		default:
			x[id] = slices.Delete(list, i, i+1)
		}
	}
}

// Hub holds this node's sockets.
type Hub struct {
	Deps
	registry registry
	metrics  *metrics
	seed     maphash.Seed
	frames   sync.Pool // *[]byte, for frames on their way out
	writes   sync.Pool // of gorilla
	work     sync.WaitGroup
	root     context.Context // of all commands; ends when Close gives up
	cancel   context.CancelFunc
	tailing  chan struct{} // closed when the outbox is followed

	newsMu sync.Mutex
	news   map[uuid.UUID]bool // doctors who are being announced; true when there is something newer

	mu            sync.RWMutex
	closed        bool
	drained       chan struct{} // closed when Close has told every socket
	sockets       map[*socket]*who
	users         index
	signIns       index
	organisations index
	departments   index
	absent        map[uuid.UUID]absence // users whose last socket ended just now
}

// absence is a user who has no socket any more, and perhaps has one again in a moment.
type absence struct {
	since  time.Time
	doctor bool
}

// New makes a hub. It delivers nothing before Run.
func New(d Deps) (*Hub, error) {
	d, err := d.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Hub{
		Deps: d, registry: newRegistry(), seed: maphash.MakeSeed(), tailing: make(chan struct{}), drained: make(chan struct{}),
		sockets: map[*socket]*who{}, users: index{}, signIns: index{}, organisations: index{}, departments: index{},
		absent: map[uuid.UUID]absence{}, news: map[uuid.UUID]bool{},
	}
	if h.metrics, err = newMetrics(d.Metrics, h); err != nil {
		return nil, err
	}
	h.root, h.cancel = context.WithCancel(context.Background())
	return h, nil
}

func (h *Hub) now() time.Time { return h.Now() }

// admit takes a new socket in, unless the hub is closed, and starts its reader.
func (h *Hub) admit(s *socket) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.sockets[s] = nil
	h.work.Add(1)
	go s.read() // and not work.Go: its frame would make the reader's stack grow from 2 to 4 KB
	return true
}

// place puts a socket into the index, or moves it when its memberships have changed. A sign-in with too many sockets loses
// its oldest.
func (h *Hub) place(s *socket, w *who) {
	h.mu.Lock()
	was, ok := h.sockets[s]
	if !ok || h.closed { // it has ended already
		h.mu.Unlock()
		return
	}
	arrived := false
	if was != nil {
		h.unlist(s, was)
	} else {
		_, pausing := h.absent[w.user]
		arrived = len(h.users[w.user]) == 0 && !pausing
		delete(h.absent, w.user)
	}
	h.sockets[s] = w
	h.users.add(s, w.user)
	h.signIns.add(s, w.signIn)
	h.organisations.add(s, w.organisations...)
	h.departments.add(s, w.departments...)
	var oldest *socket
	if list := h.signIns[w.signIn]; len(list) > maxPerSignIn {
		oldest = list[0]
		h.unlist(oldest, h.sockets[oldest])
		delete(h.sockets, oldest)
	}
	h.mu.Unlock()
	if oldest != nil {
		oldest.shut(closeReplaced, "")
	}
	if arrived {
		h.arrived(w)
	}
}

// unlist takes a socket out of the index. h.mu is held.
func (h *Hub) unlist(s *socket, w *who) {
	h.users.remove(s, w.user)
	h.signIns.remove(s, w.signIn)
	h.organisations.remove(s, w.organisations...)
	h.departments.remove(s, w.departments...)
}

// remove takes a socket out for good.
func (h *Hub) remove(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.sockets[s]
	delete(h.sockets, s)
	if w == nil {
		return
	}
	h.unlist(s, w)
	if len(h.users[w.user]) == 0 {
		h.absent[w.user] = absence{since: h.now(), doctor: w.doctor()}
	}
}

type event struct {
	Event string          `json:"event"`
	At    time.Time       `json:"at"`
	Data  json.RawMessage `json:"data"`
}

// eventFrame makes the frame of an event, to be shared by all who get it.
func eventFrame(name string, at time.Time, data any) (frame, error) {
	d, err := raw(data)
	if err != nil {
		return frame{}, err
	}
	t, err := tail(event{Event: name, At: at.UTC(), Data: d})
	return frame{frameEvent, t}, err
}

// Events that the hub itself acts on.
const (
	eventRevoked   = "session.revoked"
	eventCallEnded = "call.ended"
)

// Deliver tells an event to the sockets of its audience on this node, once each.
func (h *Hub) Deliver(e store.Envelope) { h.deliver(e, h.now()) }

func (h *Hub) deliver(e store.Envelope, at time.Time) {
	sockets := h.audience(e.To)
	if len(sockets) > 0 {
		f, err := eventFrame(e.Event, at, e.Data)
		if err != nil {
			h.Logger.Error("signaling: event not written", "event", e.Event, "error", err)
			return
		}
		for _, s := range sockets {
			s.push(f)
		}
	}
	switch e.Event {
	case eventRevoked:
		for _, s := range sockets {
			s.shut(closeRevoked, "")
		}
		h.Relay.Revoked(e.To.AuthSessions)
	case eventCallEnded:
		h.endCall(e.Data)
	}
}

// endCall closes the call's room: End call ends the media too, whatever the pages do.
func (h *Hub) endCall(data any) {
	var in struct {
		CallID uuid.UUID `json:"callId"`
	}
	d, err := raw(data)
	if err == nil {
		err = json.Unmarshal(d, &in)
	}
	if err != nil || in.CallID == uuid.Nil {
		h.Logger.Error("signaling: ended call without its id", "error", err)
		return
	}
	h.Relay.Ended(in.CallID)
}

// audience finds the sockets that an event is for, each once.
func (h *Hub) audience(to store.Audience) []*socket {
	h.mu.RLock()
	defer h.mu.RUnlock()
	lists := make([][]*socket, 0, 4)
	add := func(x index, ids []uuid.UUID) {
		for _, id := range ids {
			if list := x[id]; len(list) > 0 {
				lists = append(lists, list)
			}
		}
	}
	add(h.users, to.Users)
	add(h.departments, to.Departments)
	add(h.organisations, to.Organisations)
	add(h.signIns, to.AuthSessions)
	switch len(lists) {
	case 0:
		return nil
	case 1:
		return slices.Clone(lists[0])
	}
	once := map[*socket]struct{}{}
	for _, list := range lists {
		for _, s := range list {
			once[s] = struct{}{}
		}
	}
	return slices.Collect(maps.Keys(once))
}

// all gives every socket, also those that have not said hello.
func (h *Hub) all() []*socket {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Collect(maps.Keys(h.sockets))
}

// reload makes every client connect again and read everything again.
func (h *Hub) reload(why string) {
	for _, s := range h.all() {
		s.shut(closeDisconnected, why)
	}
}

// Close refuses new sockets, closes those that are open with 3001, spread over a moment so that they do not all come back
// at once, and waits until every goroutine has ended. When ctx ends first, it cuts what is left and returns ctx's error. It
// may be called again.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	first := !h.closed
	h.closed = true
	h.mu.Unlock()
	if first {
		h.drain(ctx)
		close(h.drained)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-h.drained
		h.work.Wait()
	}()
	select {
	case <-done:
		h.cancel()
		h.metrics.unregister()
		return nil
	case <-ctx.Done():
		h.cancel()
		for _, s := range h.all() {
			_ = s.conn.Close()
		}
		// Nothing waits for a network any more; only what ignores its context can still be at work.
		wait := time.NewTimer(cutWait)
		defer wait.Stop()
		select {
		case <-done:
		case <-wait.C:
		}
		h.metrics.unregister()
		return ctx.Err()
	}
}

// drain tells every socket, each at an instant of its own.
func (h *Hub) drain(ctx context.Context) {
	type leave struct {
		s  *socket
		at time.Duration
	}
	sockets := h.all()
	window := min(time.Duration(len(sockets))*drainPerSocket, maxDrain)
	if end, ok := ctx.Deadline(); ok {
		window = min(window, max(time.Until(end)/2, 0))
	}
	leaves := make([]leave, len(sockets))
	for i, s := range sockets {
		leaves[i] = leave{s: s}
		if window > 0 {
			leaves[i].at = rand.N(window)
		}
	}
	slices.SortFunc(leaves, func(a, b leave) int { return cmp.Compare(a.at, b.at) })
	from := time.Now()
	for _, l := range leaves {
		wait := time.NewTimer(time.Until(from.Add(l.at)))
		select {
		case <-wait.C:
		case <-ctx.Done(): // everybody at once, then
		}
		wait.Stop()
		l.s.shut(closeShutdown, "")
	}
}
