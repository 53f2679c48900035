package sfu

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// slow is an observer that blocks in its first call until it is released.
type slow struct {
	*record
	entered, release chan struct{}
}

func (s slow) Joined(room, participant string, id uuid.UUID) {
	if participant == "first" {
		close(s.entered)
		<-s.release
	}
	s.record.Joined(room, participant, id)
}

// TestDispatcherCoalesces: while the observer is busy, newer slot lists and newer interval states replace older ones,
// joins and leaves keep their order, and nothing of presence is lost.
func TestDispatcherCoalesces(t *testing.T) {
	o := slow{record: newRecord(), entered: make(chan struct{}), release: make(chan struct{})}
	d := newDispatcher(o)
	join := func(name string) { d.event(func(o Observer) { o.Joined("room", name, uuid.Nil) }) }
	join("first")
	<-o.entered
	who := subscriber{"room", "first"}
	ids := make([]uuid.UUID, 3)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7())
	}
	for round := range 100 {
		d.slotsChanged(who, []Slot{{Mid: "3", Participant: fmt.Sprint("p", round)}})
		for i, id := range ids {
			d.presence([]Interval{{ID: id, AudioBytes: uint64(round), Closed: i == 0 && round == 99}})
		}
		if round == 50 {
			join("second")
		}
	}
	d.presence(nil)
	d.close()
	close(o.release)
	<-d.done
	if want := []string{"joined room/first", "joined room/second"}; !slices.Equal(o.events, want) {
		t.Errorf("events %q, want %q", o.events, want)
	}
	if o.lists[who] != 1 || o.slots[who][0].Participant != "p99" {
		t.Errorf("%d slot lists, the last of %v", o.lists[who], o.slots[who])
	}
	if o.handed != len(ids) {
		t.Errorf("%d interval states were handed over, want %d", o.handed, len(ids))
	}
	for i, id := range ids {
		if got := o.intervals[id]; got.AudioBytes != 99 || got.Closed != (i == 0) {
			t.Errorf("interval %d is %+v", i, got)
		}
	}
}

// TestSlowObserverDoesNotStallMedia: packets flow and people join while the observer is stuck.
func TestSlowObserverDoesNotStallMedia(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	a, b := s.join("room", "a", 1), s.join("room", "b", 1)
	mid := s.seen.untilCarrying(t, "room", "a", "audio", "b")
	release, entered := make(chan struct{}), make(chan struct{})
	s.relay.dispatcher.event(func(Observer) { close(entered); <-release })
	<-entered
	b.send(0)
	a.hear(mid, "b")
	s.relay.Leave("room", "b", b.joined.Connection)
	if rooms := s.relay.Rooms(); len(rooms[0].Participants) != 1 {
		t.Errorf("rooms %v", rooms)
	}
	close(release)
	s.seen.untilEvent(t, "left room/b left")
}

// TestKeyFrameThrottle: any number of requests becomes one at once and one after each period.
func TestKeyFrameThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := make(chan time.Time, 100)
		k := newKeyFrames(500*time.Millisecond, func() { sent <- time.Now() })
		began := time.Now()
		for range 20 { // one second
			k.request()
			k.request()
			time.Sleep(50 * time.Millisecond)
		}
		synctest.Wait()
		var after []time.Duration
		for len(sent) > 0 {
			after = append(after, (<-sent).Sub(began))
		}
		if want := []time.Duration{0, 500 * time.Millisecond, time.Second}; !slices.Equal(after, want) {
			t.Errorf("requests after %v, want %v", after, want)
		}
		k.end()
		k.request()
		time.Sleep(time.Second)
		if synctest.Wait(); len(sent) != 0 {
			t.Error("a request was sent after the end")
		}
		k.end()
	})
}
