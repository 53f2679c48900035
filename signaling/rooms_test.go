package signaling

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// written is what rooms have published.
type written struct {
	mu     sync.Mutex
	fails  error
	tries  int
	events []store.Envelope
}

// fail decides how the database answers from now on.
func (w *written) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fails = err
}

func (w *written) publish(_ context.Context, _ uuid.UUID, events []store.Envelope) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tries++
	if w.fails != nil {
		return w.fails
	}
	w.events = append(w.events, events...)
	return nil
}

// names are the events, in order, with the participant whom they are about.
func (w *written) names() (list []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		switch d := e.Data.(type) {
		case change:
			list = append(list, d.Change+" "+d.Name)
		case slotsNow:
			list = append(list, "slots")
		}
	}
	return list
}

// seated is somebody who has been bound to a call.
func seated(r *Rooms, call uuid.UUID, name string) Seat {
	s := Seat{Call: call, Connection: uuid.New(), User: uuid.New(), SignIn: uuid.New()}
	participant := uuid.NewSHA1(call, []byte(name))
	r.Bind(Join{Call: call, Participant: participant, User: s.User, SignIn: s.SignIn, Roster: []Participant{
		{ID: uuid.NewSHA1(call, []byte("li")), Name: "li"}, {ID: uuid.NewSHA1(call, []byte("wang")), Name: "wang"},
	}}, Joined{Connection: s.Connection})
	return s
}

// inside runs a test with rooms on virtual time.
func inside(t *testing.T, test func(t *testing.T, r *Rooms, w *written)) {
	synctest.Test(t, func(t *testing.T) {
		w := &written{}
		r := NewRooms(w.publish, nil, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = r.Run(ctx)
		}()
		test(t, r, w)
		cancel()
		<-done
	})
}

// While the database is away events wait; then they are written in the order in which they happened, and of what a connection
// receives only the newest.
func TestCallEventsWaitForTheDatabase(t *testing.T) {
	inside(t, func(t *testing.T, r *Rooms, w *written) {
		call := uuid.New()
		li, wang := seated(r, call, "li"), seated(r, call, "wang")
		w.fail(errors.New("away"))
		r.Joined(call, uuid.NewSHA1(call, []byte("li")), li.Connection)
		synctest.Wait() // it is being tried
		r.Joined(call, uuid.NewSHA1(call, []byte("wang")), wang.Connection)
		for range 3 {
			r.Slots(call, uuid.NewSHA1(call, []byte("li")), []Slot{{Mid: "3", Kind: "audio"}})
		}
		r.Muted(li.Connection, true, false)
		pass(time.Minute)
		if w.tries < 3 || len(w.events) != 0 {
			t.Fatalf("%d tries, %v", w.tries, w.names())
		}
		w.fail(nil)
		if err := r.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []string{"joined li", "joined wang", "joined li", "slots", "muted li"}; !slices.Equal(w.names(), want) {
			t.Fatalf("%v, want %v", w.names(), want)
		}
		state, err := r.State(li)
		if err != nil || len(state.Participants) != 2 || len(state.Slots) != 1 {
			t.Fatalf("%+v %v", state, err)
		}
		last, ok := w.events[4].Data.(change)
		if !ok || last.Order != state.Order {
			t.Fatalf("the newest event has the order %d, the state %d", last.Order, state.Order)
		}
	})
}

// Only who carries a call speaks for it: what is refused as not carried is dropped, and so is what waits when it is given up.
func TestNobodySpeaksForACallOfAnotherNode(t *testing.T) {
	inside(t, func(t *testing.T, r *Rooms, w *written) {
		call, other := uuid.New(), uuid.New()
		w.fail(ErrNotCarried)
		li := seated(r, call, "li")
		r.Joined(call, uuid.NewSHA1(call, []byte("li")), li.Connection)
		if err := r.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.fail(errors.New("away"))
		wang := seated(r, other, "wang")
		r.Joined(other, uuid.NewSHA1(other, []byte("wang")), wang.Connection)
		synctest.Wait()
		r.Muted(li.Connection, true, true) // waits behind the other call
		r.Drop(call)
		if r.Has(call) || r.Count() != 1 {
			t.Fatal("the call is remembered")
		}
		w.fail(nil)
		if err := r.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []string{"joined wang"}; !slices.Equal(w.names(), want) {
			t.Fatalf("%v, want %v", w.names(), want)
		}
		if _, err := r.State(li); err == nil {
			t.Fatal("a connection of a call that was given up")
		}
	})
}
