package signaling

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// virtually runs a test on pipes and virtual time, where waiting costs nothing and durations are exact.
func virtually(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := onPipes(t)
		defer w.close()
		test(t, w)
	})
}

// pass lets virtual time pass, and everything happen that is due.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestHelloTimeout(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		c := w.dial()
		from := time.Now()
		if reason := c.closed(closeBadRequest); reason != "bad_request: no_hello" {
			t.Fatal(reason)
		}
		if d := time.Since(from); d != helloWait {
			t.Fatalf("closed after %v", d)
		}
	})
}

func TestPingAndPong(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		c := w.join(w.person(roleNurse))
		from := time.Now()
		var at []time.Duration
		answer := c.ws.PingHandler()
		c.ws.SetPingHandler(func(data string) error {
			at = append(at, time.Since(from))
			if len(at) == 4 {
				return nil // falls silent
			}
			return answer(data)
		})
		c.closed(closeNoPong)
		if want := []time.Duration{pingEvery, 2 * pingEvery, 3 * pingEvery, 4 * pingEvery}; !slices.Equal(at, want) {
			t.Fatalf("pings after %v", at)
		}
		if d := time.Since(from); d != 4*pingEvery+pongWait {
			t.Fatalf("closed after %v", d)
		}
	})
}

// answering reads in the background as a browser does, which answers pings by itself, and passes frames on.
func (c *client) answering() <-chan heard {
	frames := make(chan heard, 64)
	go func() {
		defer close(frames)
		for {
			var f heard
			if err := c.ws.ReadJSON(&f); err != nil {
				if closed, ok := err.(*websocket.CloseError); ok {
					frames <- heard{Type: "close", Seq: uint64(closed.Code)}
				}
				return
			}
			frames <- f
		}
	}()
	return frames
}

func TestExpiredTokenEndsTheSocketUnlessRenewed(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleNurse)
		c := w.join(p)
		from := time.Now()
		frames := c.answering()
		pass(14 * time.Minute)
		renewed := uuid.NewString()
		w.auth.put(renewed, p.actor, time.Now().Add(15*time.Minute))
		c.give(uuid.New(), "token.renew", map[string]any{"token": renewed})
		if f := <-frames; !f.OK {
			t.Fatalf("%+v", f.Error)
		}
		pass(14 * time.Minute) // beyond the first token's life
		if f := <-frames; f.Type != "close" || f.Seq != uint64(closeTokenExpired) {
			t.Fatalf("%+v", f)
		}
		if d, want := time.Since(from), 29*time.Minute+expiryGrace; d != want {
			t.Fatalf("closed after %v, expected %v", d, want)
		}
	})
}

func TestCommandWithAnExpiredTokenIsRefused(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		c := w.join(w.person(roleConsultant))
		frames := c.answering()
		pass(15*time.Minute + time.Second)
		c.give(uuid.New(), "presence.get", nil)
		if f := <-frames; f.OK || f.Error.Code != "unauthenticated" {
			t.Fatalf("%+v", f)
		}
	})
}

// Memberships are those in force now: a role that ended is refused, a department that was added is heard.
func TestMembershipsAreLookedAtAgain(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleConsultant)
		c := w.join(p)
		frames := c.answering()
		give := func() heard {
			c.give(uuid.New(), "presence.get", nil)
			return <-frames
		}
		if f := give(); !f.OK {
			t.Fatalf("%+v", f.Error)
		}
		department := uuid.New()
		changed := identity.Actor{UserID: p.actor.UserID, SessionID: p.actor.SessionID,
			Memberships: []identity.Membership{{Role: roleConsultant, OrganisationID: uuid.New(), DepartmentID: &department}}}
		w.auth.put(p.token, changed, time.Now().Add(15*time.Minute))
		w.deliver(store.Envelope{Event: "queue.changed", To: store.Audience{Departments: []uuid.UUID{department}}})
		pass(stillKnown)
		if f := give(); !f.OK {
			t.Fatalf("%+v", f.Error)
		}
		w.deliver(store.Envelope{Event: "queue.changed", To: store.Audience{Departments: p.actor.Departments()}})
		w.deliver(store.Envelope{Event: "duty.changed", To: store.Audience{Departments: []uuid.UUID{department}}})
		if f := <-frames; f.Event != "duty.changed" {
			t.Fatalf("%+v", f)
		}
		w.auth.put(p.token, identity.Actor{UserID: p.actor.UserID, SessionID: p.actor.SessionID}, time.Now().Add(15*time.Minute))
		pass(stillKnown)
		if f := give(); f.OK || f.Error.Code != "forbidden" {
			t.Fatalf("%+v", f)
		}
		// When they cannot be looked at, what was known stands.
		w.auth.put(p.token, p.actor, time.Now().Add(15*time.Minute))
		pass(stillKnown)
		if f := give(); !f.OK {
			t.Fatalf("%+v", f.Error)
		}
		w.auth.fail(errAway)
		pass(stillKnown)
		if f := give(); !f.OK {
			t.Fatalf("%+v", f.Error)
		}
	})
}

func TestRateLimit(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		c := w.join(w.person(roleConsultant))
		for range commandBurst {
			c.accepted("presence.get", nil, nil)
		}
		pass(time.Second)
		for range commandRate {
			c.accepted("presence.get", nil, nil)
		}
		c.give(uuid.New(), "presence.get", nil)
		c.closed(closeTooMany)
	})
}

func TestPingsOfTheClientCount(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		c := w.join(w.person(roleNurse))
		frames := c.answering()
		for range commandBurst + 1 {
			if err := c.ws.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		if f := <-frames; f.Seq != uint64(closeTooMany) {
			t.Fatalf("%+v", f)
		}
	})
}

// A pipe has no buffer, so a client that does not read stops the writer at its first frame.
func TestSlowReader(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p, q := w.person(roleNurse), w.person(roleNurse)
		slow, quick := w.join(p), w.join(q)
		both := store.Audience{Users: []uuid.UUID{p.actor.UserID, q.actor.UserID}}
		data := strings.Repeat("x", 60<<10)
		frames := quick.answering()
		from := time.Now()
		for range 20 { // 1.2 MB
			w.deliver(store.Envelope{Event: "message.sent", To: both, Data: data})
			if f := <-frames; f.Event != "message.sent" { // nobody waits for the slow one
				t.Fatalf("%+v", f)
			}
		}
		synctest.Wait()
		if time.Since(from) != 0 {
			t.Fatal("the quick reader was delayed")
		}
		if n := w.queued(); n > 64<<10 {
			t.Fatalf("%d bytes still wait for a client that was given up", n)
		}
		slow.next() // the frame that was being written
		slow.closed(closeSlow)
		synctest.Wait()
		if n := w.queued(); n != 0 {
			t.Fatalf("%d bytes wait for nobody", n)
		}
	})
}

func (w *world) queued() int {
	families, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "lianzhen_signaling_queue_bytes" {
			return int(f.GetMetric()[0].GetGauge().GetValue())
		}
	}
	return -1
}

func TestClientThatNeverReadsIsCutOff(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleNurse)
		w.join(p)
		w.deliver(store.Envelope{Event: "duty.changed", To: store.Audience{Users: []uuid.UUID{p.actor.UserID}}})
		pass(writeWait)
		if n := len(w.hub.all()); n != 0 {
			t.Fatalf("%d sockets are left after the write deadline", n)
		}
	})
}

// The close frame is followed by a moment for the answer, not by more.
func TestClientThatIgnoresTheCloseIsCutOff(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		c := w.join(w.person(roleNurse))
		c.sendText(`{"type":"nonsense"}`)
		c.ws.SetCloseHandler(func(int, string) error { return nil })
		c.next2(t)
		if n := len(w.hub.all()); n != 1 {
			t.Fatalf("%d sockets", n)
		}
		pass(linger)
		if n := len(w.hub.all()); n != 0 {
			t.Fatalf("%d sockets are left", n)
		}
	})
}

// next2 reads the close frame without answering or closing.
func (c *client) next2(t *testing.T) {
	t.Helper()
	if _, _, err := c.ws.ReadMessage(); !websocket.IsCloseError(err, int(closeBadFrame)) {
		t.Fatal(err)
	}
}

func TestAttendance(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleConsultant)
		user := p.actor.UserID
		c := w.join(p)
		synctest.Wait() // until the arrival has been looked at
		c.accepted("presence.set", map[string]any{"state": stateAvailable}, nil)
		if got := <-w.newcomer; got != user {
			t.Fatal(got)
		}
		synctest.Wait()
		if !w.presence.connected(user) {
			t.Fatal("not connected")
		}
		// A reload is neither a departure nor an arrival.
		c.leave()
		pass(goneAfter / 2)
		c = w.join(p)
		frames := c.answering()
		pass(3 * goneAfter)
		if !w.presence.connected(user) || len(w.announce.seen()) != 1 || len(w.newcomer) != 0 {
			t.Fatalf("a reload was announced: %v", w.announce.seen())
		}
		w.presence.mu.Lock()
		touches := w.presence.touch
		w.presence.mu.Unlock()
		pass(touchEvery)
		w.presence.mu.Lock()
		if w.presence.touch <= touches {
			t.Error("no sign of life")
		}
		w.presence.mu.Unlock()
		// A departure is announced once it lasts.
		c.leave()
		for range frames {
		}
		pass(goneAfter + attendanceTick)
		if w.presence.connected(user) || len(w.announce.seen()) != 2 {
			t.Fatalf("announced: %v", w.announce.seen())
		}
		// Whoever comes back and is available by an earlier statement rings again.
		w.join(p)
		if got := <-w.newcomer; got != user {
			t.Fatal(got)
		}
		if n := len(w.announce.seen()); n != 3 {
			t.Fatalf("announced: %v", w.announce.seen())
		}
	})
}
