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
	door     *door
	seed     maphash.Seed
	frames   sync.Pool // *[]byte, for frames on their way out
	writes   sync.Pool // of gorilla
	work     sync.WaitGroup
	root     context.Context // of all commands; ends when Close gives up
	cancel   context.CancelFunc
	tailing  chan struct{} // closed when the outbox is followed

	delivered cursors // every row up to there stands in the queues of its audience
	backlog   backlog

	takenMu sync.Mutex
	taken   []Older // to be told to the other nodes
	telling bool    // somebody does

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
	// at is up to which row of each stream the audience was looked up in the index as it is now. The tail moves it under a
	// read lock, everybody else needs the lock to read it: so a socket that is placed hears what comes after, and no more.
	at positions
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
		absent: map[uuid.UUID]absence{}, news: map[uuid.UUID]bool{}, door: newDoor(),
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

// place puts a socket into the index, or moves it when its memberships have changed. From the positions that it gives on
// the socket hears what is for it. An older socket of the same session is closed, and a sign-in with too many sockets loses
// its oldest.
func (h *Hub) place(s *socket, w *who) positions {
	h.mu.Lock()
	was, ok := h.sockets[s]
	at := h.at
	if !ok || h.closed { // it has ended already
		h.mu.Unlock()
		return at
	}
	var older *socket
	arrived := false
	if was != nil {
		h.unlist(s, was)
	} else {
		if older = h.sameSession(s, w.signIn); older != nil {
			h.unlist(older, h.sockets[older])
			delete(h.sockets, older)
		}
		_, pausing := h.absent[w.user]
		arrived = len(h.users[w.user]) == 0 && !pausing && older == nil
		delete(h.absent, w.user)
	}
	h.list(s, w)
	var oldest *socket
	if list := h.signIns[w.signIn]; len(list) > maxPerSignIn {
		oldest = list[0]
		h.unlist(oldest, h.sockets[oldest])
		delete(h.sockets, oldest)
	}
	h.mu.Unlock()
	if older != nil {
		older.shut(closeResumed, "")
	}
	if oldest != nil {
		oldest.shut(closeReplaced, "")
	}
	if arrived {
		h.arrived(w)
	}
	return at
}

// swap moves a socket that stands in the index under was.
func (h *Hub) swap(s *socket, was, now *who) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sockets[s] != was || h.closed {
		return false
	}
	h.unlist(s, was)
	h.list(s, now)
	return true
}

// list puts a socket into the index. h.mu is held.
func (h *Hub) list(s *socket, w *who) {
	h.sockets[s] = w
	h.users.add(s, w.user)
	h.signIns.add(s, w.signIn)
	h.organisations.add(s, w.organisations...)
	h.departments.add(s, w.departments...)
}

// sameSession finds the socket on which a session was before. h.mu is held.
func (h *Hub) sameSession(s *socket, signIn uuid.UUID) *socket {
	if s.session == uuid.Nil { // set by the worker, which is the caller
		return nil
	}
	for _, other := range h.signIns[signIn] {
		if other != s && other.session == s.session {
			return other
		}
	}
	return nil
}

// displace takes a socket out of the index that is to say hello after all.
func (h *Hub) displace(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.sockets[s]
	if w == nil {
		return
	}
	h.sockets[s] = nil
	h.unlist(s, w)
	h.leaves(w)
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
	h.leaves(w)
}

// leaves notes that a user may have no socket any more. h.mu is held.
func (h *Hub) leaves(w *who) {
	if len(h.users[w.user]) == 0 {
		h.absent[w.user] = absence{since: h.now(), doctor: w.doctor()}
	}
}

// deliver tells a row of the outbox to the sockets of its audience on this node, once each, and moves the cursors over it.
// It is called by the tail alone.
func (h *Hub) deliver(row Published) {
	h.backlog.add(row)
	e := row.Envelope
	sockets := h.audience(row)
	if len(sockets) > 0 {
		if f, err := rowFrame(row); err != nil {
			h.Logger.Error("signaling: event not written", "event", e.Event, "error", err)
		} else {
			for _, s := range sockets {
				s.push(f)
			}
		}
	}
	h.delivered[row.Shard].Store(row.Seq)
	switch e.Event {
	case eventRevoked:
		for _, s := range sockets {
			s.shut(closeRevoked, "")
		}
		h.Relay.Revoked(e.To.AuthSessions)
	case eventCallEnded:
		h.endCall(e.Data)
	case eventTaken:
		h.closeTaken(e.Data)
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

// audience finds the sockets that a row is for, each once, and moves the position of the index over the row.
func (h *Hub) audience(row Published) []*socket {
	h.mu.RLock()
	defer h.mu.RUnlock()
	h.at[row.Shard] = row.Seq
	if row.Err != nil {
		return nil
	}
	to := row.Envelope.To
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

// start sets the cursors before a socket is placed.
func (h *Hub) start(heads map[int16]int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for shard, head := range heads {
		h.at[shard] = head
		h.delivered[shard].Store(head)
	}
}

// lose moves the cursors of a stream to where it goes on after rows that cannot be told. Every client that may have missed
// them is closed before a position could pass over them; it connects again and learns that it is to read everything.
func (h *Hub) lose(shard int16, to int64) {
	h.mu.Lock()
	h.at[shard] = to
	sockets := slices.Collect(maps.Keys(h.sockets))
	h.mu.Unlock()
	for _, s := range sockets {
		s.shut(closeDisconnected, "reload")
	}
	h.backlog.forget(shard)
	h.delivered[shard].Store(to)
}

// ofSignIn gives the sockets of a sign-in.
func (h *Hub) ofSignIn(id uuid.UUID) []*socket {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Clone(h.signIns[id])
}

// all gives every socket, also those that have not said hello.
func (h *Hub) all() []*socket {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Collect(maps.Keys(h.sockets))
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
