package sfu

import (
	"sync"
	"sync/atomic"
	"time"
)

// keyFrames asks a source for key frames, at most once in a while. A request that comes too early is not lost; it is
// sent when the time is over. All requests of all subscribers in between are one.
type keyFrames struct {
	every time.Duration
	send  func()

	armed atomic.Bool // a request is under way; checked without the lock because waiting slots ask with every packet
	mu    sync.Mutex
	next  time.Time
	timer *time.Timer
	ended bool
}

func newKeyFrames(every time.Duration, send func()) *keyFrames {
	return &keyFrames{every: every, send: send}
}

// through replaces how requests are sent.
func (k *keyFrames) through(send func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.send = send
}

// request never blocks; the request is sent from another goroutine.
func (k *keyFrames) request() {
	if !k.armed.CompareAndSwap(false, true) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		return
	}
	k.timer = time.AfterFunc(time.Until(k.next), k.fire)
}

func (k *keyFrames) fire() {
	k.mu.Lock()
	if k.ended {
		k.mu.Unlock()
		return
	}
	k.next = time.Now().Add(k.every)
	k.armed.Store(false)
	send := k.send
	k.mu.Unlock()
	send()
}

// end stops all further requests.
func (k *keyFrames) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended = true
	if k.timer != nil {
		k.timer.Stop()
	}
}
