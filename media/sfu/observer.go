package sfu

import (
	"container/list"
	"sync"

	"github.com/google/uuid"
)

// dispatcher calls the observer, one call after the other, from its own goroutine. Putting something in never blocks.
//
// What waits is bounded by what exists: one slot list for each subscriber, one state for each interval, and the joins
// and leaves themselves. A slot list moves to the end of the queue when it is replaced, so that it never names somebody
// whose Joined is still waiting; an interval's state is replaced where it stands.
type dispatcher struct {
	observer Observer

	mu      sync.Mutex
	wake    *sync.Cond
	queue   *list.List // of *notice
	slots   map[subscriber]*list.Element
	waiting map[uuid.UUID]*notice // intervals that are in the queue
	closed  bool

	done chan struct{}
}

type subscriber struct{ room, participant string }

// notice is one waiting call. Exactly one of its three contents is set.
type notice struct {
	call      func(Observer)
	slots     []Slot
	who       subscriber
	intervals []Interval
}

func newDispatcher(o Observer) *dispatcher {
	d := &dispatcher{
		observer: o, queue: list.New(), slots: map[subscriber]*list.Element{}, waiting: map[uuid.UUID]*notice{},
		done: make(chan struct{}),
	}
	d.wake = sync.NewCond(&d.mu)
	go d.run()
	return d
}

// event queues a join or a leave.
func (d *dispatcher) event(call func(Observer)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue.PushBack(&notice{call: call})
	d.wake.Signal()
}

// slotsChanged queues a subscriber's slot list in place of one that still waits.
func (d *dispatcher) slotsChanged(who subscriber, slots []Slot) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if old, ok := d.slots[who]; ok {
		d.queue.Remove(old)
	}
	d.slots[who] = d.queue.PushBack(&notice{slots: slots, who: who})
	d.wake.Signal()
}

// presence queues intervals.
func (d *dispatcher) presence(intervals []Interval) {
	if len(intervals) == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, interval := range intervals {
		d.put(interval)
	}
	d.wake.Signal()
}

func (d *dispatcher) put(interval Interval) {
	if n, ok := d.waiting[interval.ID]; ok {
		for i := range n.intervals {
			if n.intervals[i].ID == interval.ID {
				n.intervals[i] = interval
				return
			}
		}
	}
	var last *notice
	if back := d.queue.Back(); back != nil {
		last, _ = back.Value.(*notice)
	}
	if last == nil || last.intervals == nil {
		last = &notice{}
		d.queue.PushBack(last)
	}
	last.intervals = append(last.intervals, interval)
	d.waiting[interval.ID] = last
}

// close lets the goroutine end when the queue is empty.
func (d *dispatcher) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.wake.Signal()
}

func (d *dispatcher) run() {
	defer close(d.done)
	for {
		n := d.pop()
		switch {
		case n == nil:
			return
		case n.call != nil:
			n.call(d.observer)
		case n.intervals != nil:
			d.observer.Presence(n.intervals)
		default:
			d.observer.Slots(n.who.room, n.who.participant, n.slots)
		}
	}
}

// pop waits for the next notice; nil means closed and empty.
func (d *dispatcher) pop() *notice {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.queue.Len() == 0 {
		if d.closed {
			return nil
		}
		d.wake.Wait()
	}
	n, _ := d.queue.Remove(d.queue.Front()).(*notice)
	if n.slots != nil {
		delete(d.slots, n.who)
	}
	for _, interval := range n.intervals {
		delete(d.waiting, interval.ID)
	}
	return n
}
