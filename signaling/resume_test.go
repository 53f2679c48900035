package signaling

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// to is the audience of one person.
func (p person) to() store.Audience { return store.Audience{Users: []uuid.UUID{p.actor.UserID}} }

// A page that comes back gets what it missed and nothing else, in order, then what happens from then on.
func TestResume(t *testing.T) {
	w := onTCP(t)
	p, other := w.person(roleNurse), w.person(roleNurse)
	c := w.join(p)
	w.deliver(mark(1, p.to()))
	w.deliver(mark(2, other.to()))
	if n := c.marked(); n != 1 {
		t.Fatal(n)
	}
	c.leave()
	for n := 3; n < 8; n++ {
		to := p.to()
		if n%2 == 0 {
			to = other.to()
		}
		w.deliver(mark(n, to))
	}
	c = w.resume(c).resumed(3)
	w.deliver(mark(8, p.to()))
	for _, want := range []int{3, 5, 7, 8} {
		if n := c.marked(); n != want {
			t.Fatalf("%d instead of %d", n, want)
		}
	}
	c.accepted("token.renew", map[string]any{"token": p.token}, nil)
	c = w.resume(c).resumed(0) // nothing was missed
	c.accepted("token.renew", map[string]any{"token": p.token}, nil)
}

func TestResumeTakesTheSessionFromItsOlderSocket(t *testing.T) {
	w := onTCP(t)
	p := w.person(roleNurse)
	older := w.join(p)
	c := w.resume(older).resumed(0)
	older.closed(closeResumed)
	w.deliver(mark(1, p.to()))
	if n := c.marked(); n != 1 {
		t.Fatal(n)
	}
	// The end of the older socket is not that of the session.
	eventually(t, "the older socket has ended", func() bool { return len(w.hub.audienceOf(p.actor.UserID)) == 1 })
	w.sessions.mu.Lock()
	open := w.sessions.open[c.in]
	w.sessions.mu.Unlock()
	if !open {
		t.Fatal("the session was ended with its older socket")
	}
}

// The token before the newest is good until a successor of it was used: an answer may have been lost.
func TestResumeTokenIsRotated(t *testing.T) {
	w := onTCP(t)
	p := w.person(roleNurse)
	first := w.join(p)
	second := w.resume(first).resumed(0)
	if second.hold == first.hold {
		t.Fatal("the token was not rotated")
	}
	third := w.resume(first).resumed(0) // the answer to the second was lost, or is late
	second.closed(closeResumed)
	w.resume(second).resumed(0) // the second answer was the one that arrived
	w.resume(third).reloads(reloadUnknown)
	fourth := w.resume(second).resumed(0)
	w.resume(first).reloads(reloadUnknown)
	fifth := w.resume(fourth).resumed(0)
	w.resume(second).reloads(reloadUnknown)
	for _, hold := range []string{"", "x", strings.Repeat("A", 43), fifth.hold + "A", strings.ToUpper(fifth.hold), fifth.hold[:42]} {
		c := w.dial()
		c.send(map[string]any{"type": "resume", "session": fifth.in, "resume": hold, "positions": fifth.at})
		if hold == "" {
			c.closed(closeBadRequest)
		} else {
			c.reloads(reloadUnknown)
		}
	}
	stolen := w.dial() // the token opens its own session only
	stolen.send(map[string]any{"type": "resume", "session": uuid.New(), "resume": fifth.hold, "positions": fifth.at})
	stolen.reloads(reloadUnknown)
}

// After a reload the client says hello on the same socket, once and soon.
func TestHelloAfterReload(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleNurse)
		gone := &client{t: t, in: uuid.New(), hold: newResumeToken().text()}
		c := w.resume(gone).reloads(reloadUnknown)
		pass(helloWait - time.Second)
		c.send(map[string]any{"type": "hello", "token": p.token})
		if f := c.next(); f.Type != "welcome" {
			t.Fatalf("%+v", f)
		}
		w.deliver(mark(1, p.to()))
		if n := c.marked(); n != 1 {
			t.Fatal(n)
		}
		c = w.resume(gone).reloads(reloadUnknown)
		c.send(map[string]any{"type": "resume", "session": gone.in, "resume": gone.hold, "positions": gone.at})
		if reason := c.closed(closeBadRequest); reason != "bad_request: second_resume" {
			t.Fatal(reason)
		}
		c = w.resume(gone).reloads(reloadUnknown)
		if reason := c.closed(closeBadRequest); reason != "bad_request: no_hello" {
			t.Fatal(reason)
		}
		pass(linger)
		if w.hub.door.total != 0 {
			t.Fatalf("%d sockets stand at the door", w.hub.door.total)
		}
	})
}

func TestResumeInTime(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleNurse)
		c := w.join(p)
		c.leave()
		pass(resumeWindow - time.Second)
		c = w.resume(c).resumed(0)
		c.leave()
		pass(resumeWindow)
		w.resume(c).reloads(reloadExpired)
	})
}

// What cannot be told exactly is not told at all.
func TestGap(t *testing.T) {
	for name, x := range map[string]struct {
		missed func(w *world, p person)
		at     int64 // the client's position, when it is another one
		want   string
	}{
		"as many rows as are looked through": {missed: func(w *world, _ person) {
			for range maxReplayRows {
				w.outbox.append(mark(0, store.Audience{}))
			}
		}},
		"one more": {missed: func(w *world, _ person) {
			for range maxReplayRows + 1 {
				w.outbox.append(mark(0, store.Audience{}))
			}
		}, want: reloadGap},
		"too much": {missed: func(w *world, p person) {
			for range 18 {
				w.outbox.append(store.Envelope{Event: "message.sent", To: p.to(), Data: strings.Repeat("x", 60<<10)})
			}
		}, want: reloadGap},
		"pruned": {missed: func(w *world, p person) {
			for n := range 3 * backlogRows {
				w.outbox.append(mark(n, p.to()))
			}
			w.outbox.mu.Lock()
			w.outbox.first = 5
			w.outbox.mu.Unlock()
		}, want: reloadGap},
		"the client knows what does not exist": {missed: func(*world, person) {}, at: 7, want: reloadGap},
	} {
		t.Run(name, func(t *testing.T) {
			w := onTCP(t)
			p := w.person(roleNurse)
			c := w.join(p)
			c.leave()
			x.missed(w, p)
			w.deliver(mark(1, store.Audience{}))
			if x.at > 0 {
				c.at[0] = x.at
			}
			if x.want == "" {
				c.at[0]++ // the row of deliver
				w.resume(c).resumed(0)
				return
			}
			c = w.resume(c).reloads(x.want)
			c.send(map[string]any{"type": "hello", "token": p.token})
			if f := c.next(); f.Type != "welcome" {
				t.Fatalf("%+v", f)
			}
			w.deliver(mark(5, p.to()))
			if n := c.marked(); n != 5 {
				t.Fatal(n)
			}
		})
	}
}

// A node that is behind another one replays nothing that the client has, and tells the rest once it comes.
func TestResumeOnANodeThatIsBehind(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleNurse)
		c := w.join(p)
		frames := c.answering()
		w.outbox.fail(errAway)
		pass(pollEvery)
		for n := range 3 {
			w.outbox.append(mark(n, p.to()))
		}
		c.leave()
		for range frames {
		}
		c.at[0] = 2 // two of them were told by the other node
		w.outbox.mu.Lock()
		w.outbox.broken, w.outbox.readBroken = nil, errAway // heads can be read
		w.outbox.mu.Unlock()
		c = w.resume(c).resumed(0)
		w.outbox.mu.Lock()
		w.outbox.readBroken = nil
		w.outbox.mu.Unlock()
		if n := c.marked(); n != 2 {
			t.Fatal(n)
		}
	})
}

func TestResumeNeedsTheSignIn(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleNurse)
		c := w.join(p)
		changed := p.actor
		changed.MustChangePassword = true
		w.auth.put(p.token, changed, time.Now().Add(time.Minute))
		w.resume(c).closed(closePassword)
		w.auth.put(p.token, p.actor, time.Now().Add(time.Minute))
		w.auth.fail(errAway)
		w.resume(c).closed(closeDisconnected)
		w.auth.fail(nil)
		w.sessions.mu.Lock()
		w.sessions.broken = errAway
		w.sessions.mu.Unlock()
		w.resume(c).closed(closeDisconnected)
		w.sessions.mu.Lock()
		w.sessions.broken = nil
		w.sessions.mu.Unlock()
		w.auth.revoke(p.actor.SessionID)
		w.resume(c).closed(closeUnauthorized)
		if n := len(w.hub.audienceOf(p.actor.UserID)); n != 1 {
			t.Fatalf("%d sockets stand in the index", n)
		}
	})
}

// Who gets what is decided by the memberships in force when the page comes back.
func TestReplayIsForWhomOneIsNow(t *testing.T) {
	w := onTCP(t)
	before, now := uuid.New(), uuid.New()
	p := w.person(roleConsultant)
	p.actor.Memberships[0].DepartmentID = &before
	p = w.signIn(p.actor)
	c := w.join(p)
	c.leave()
	w.deliver(mark(1, store.Audience{Departments: []uuid.UUID{before}}))
	w.deliver(mark(2, store.Audience{Departments: []uuid.UUID{now}}))
	moved := p.actor
	moved.Memberships = []identity.Membership{{Role: roleConsultant, OrganisationID: uuid.New(), DepartmentID: &now}}
	w.auth.put(p.token, moved, time.Now().Add(time.Hour))
	c = w.resume(c).resumed(1)
	if n := c.marked(); n != 2 {
		t.Fatal(n)
	}
}

// The access token goes on as it was: one that has expired meanwhile is renewed within the grace.
func TestExpiryAfterResume(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleConsultant)
		short := func() { w.auth.put(p.token, p.actor, time.Now().Add(time.Minute)) }
		short()
		c := w.join(p)
		c.leave()
		pass(90 * time.Second)
		c = w.resume(c).resumed(0)
		c.refused("unauthenticated", "presence.get", nil)
		short()
		c.accepted("token.renew", map[string]any{"token": p.token}, nil)
		c.accepted("presence.get", nil, nil)
		c.leave()
		pass(90 * time.Second)
		c = w.resume(c).resumed(0)
		from := time.Now()
		c.closed(closeTokenExpired)
		if d := time.Since(from); d != expiryGrace {
			t.Fatalf("closed after %v", d)
		}
		for range 2 { // a session does not live on resume tokens alone
			pass(time.Minute)
			c = w.resume(c)
			if f := c.next(); f.Type == "reload" && f.Reason == reloadExpired {
				return
			}
			c.leave()
		}
		t.Fatal("still resumed, long after the token has expired")
	})
}

func TestLocaleOfTheResume(t *testing.T) {
	w := onTCP(t)
	p := w.person(roleNurse)
	c := w.dial()
	c.send(map[string]any{"type": "hello", "token": p.token, "locale": "en"})
	c.next()
	said := func(locale string) {
		t.Helper()
		f := c.refused("forbidden", "presence.get", nil)
		if want := problem.Sentence(locale, "forbidden", nil); f.Error.Message != want {
			t.Fatalf("%q instead of %q", f.Error.Message, want)
		}
	}
	said("en")
	c = w.resume(c).resumed(0)
	said("en")
	next := w.dial()
	next.at = c.at
	next.in = c.in
	next.send(map[string]any{"type": "resume", "session": c.in, "resume": c.hold, "positions": c.at, "locale": "zh-CN"})
	c = next.resumed(0)
	said("zh-CN")
	c = w.resume(c).resumed(0)
	said("zh-CN")
}

// Guesses of an address are counted; others are not hindered, and whoever is throttled begins anew.
func TestGuessesAreThrottled(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleNurse)
		c := w.join(p)
		from := network("pipe")
		for range guessBurst {
			w.hub.door.failed(from, time.Now())
		}
		w.resume(c).reloads(reloadUnknown)
		pass(2 * time.Second)
		w.resume(c).resumed(0)
		if !w.hub.door.mayGuess(network("192.0.2.1:1"), time.Now()) {
			t.Fatal("another address is throttled as well")
		}
	})
}

// A page that comes again and again is slowed down; a ward behind one address that comes back at once is not, however large.
func TestComingTooOftenIsRefused(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		for range 2 * visitBurst { // a hundred and twenty people behind one address
			p := w.person(roleNurse)
			w.resume(w.join(p)).resumed(0)
		}
		c := w.join(w.person(roleNurse))
		for range visitBurst - 1 {
			c = w.resume(c).resumed(0)
		}
		again := w.resume(c)
		if reason := again.closed(closeTooMany); reason != "too_many: sessions" {
			t.Fatal(reason)
		}
		pass(2 * time.Second)
		w.resume(c).resumed(0)

		p := w.person(roleConsultant)
		for range visitBurst {
			w.join(p)
		}
		late := w.dial()
		late.send(map[string]any{"type": "hello", "token": p.token, "locale": "zh-CN"})
		late.closed(closeTooMany)
		pass(2 * time.Second)
		w.join(p)
	})
}

func TestVisitsOfAnAccount(t *testing.T) {
	d, now, account := newDoor(), time.Now(), uuid.New()
	for range accountBurst { // each on a device of its own
		if !d.mayVisit(account, now) {
			t.Fatal("refused before its time")
		}
		d.visited(uuid.New(), uuid.New(), account, now)
	}
	if d.mayVisit(account, now) || !d.mayVisit(account, now.Add(time.Second)) || !d.mayVisit(uuid.New(), now) {
		t.Fatal("the account's limit")
	}
	for range maxVisiting {
		d.visited(uuid.New(), uuid.New(), uuid.New(), now)
	}
	if n := len(d.visits); n != maxVisiting {
		t.Fatalf("%d are remembered", n)
	}
	d.visited(uuid.New(), uuid.New(), uuid.New(), now.Add(guessMemory+time.Second))
	if n := len(d.visits); n != 3 {
		t.Fatalf("%d are remembered after a while", n)
	}
}

func TestDoor(t *testing.T) {
	d := newDoor()
	one := network("192.0.2.1:1")
	for range maxStrangersOfOne {
		if c := d.enter(one); c != nobody {
			t.Fatal(c)
		}
	}
	if d.enter(network("192.0.2.1:2")) != address {
		t.Fatal("one more of an address was let in")
	}
	if d.enter(network("192.0.2.2:1")) != nobody {
		t.Fatal("another address was not let in")
	}
	d.pass(one)
	if d.enter(one) != nobody {
		t.Fatal("nobody comes after one that left")
	}
	many := newDoor()
	for i := range maxStrangers {
		if c := many.enter(network(fmt.Sprintf("[2001:db8:%x::1]:1", i))); c != nobody {
			t.Fatal(c)
		}
	}
	if many.enter(one) != everybody {
		t.Fatal("one more was let in")
	}
	if network("[2001:db8::1]:1") != network("[2001:db8::2]:2") || network("[2001:db8::1]:1") == network("[2001:db8:1::1]:1") ||
		network("[::ffff:192.0.2.1]:1") != one || network("nonsense") == one {
		t.Fatal("addresses are told apart wrongly")
	}
	// The table of those who guessed is bounded; newcomers beyond it share a limit.
	now := time.Now()
	for i := range maxGuessing + guessBurst {
		many.failed(network(fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255)), now)
	}
	if len(many.guesses) != maxGuessing || many.mayGuess(one, now) {
		t.Fatalf("%d addresses are remembered", len(many.guesses))
	}
	many.failed(one, now.Add(guessMemory+time.Second))
	if len(many.guesses) != 1 {
		t.Fatalf("%d addresses are remembered after a while", len(many.guesses))
	}
}

func TestTooManyStrangers(t *testing.T) {
	w := onTCP(t)
	for range maxStrangersOfOne {
		w.hub.door.enter(network("192.0.2.1:1")) // where httptest's requests come from
	}
	if res := w.get(upgradeHeader()); res.StatusCode != 429 || res.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatal(res.StatusCode)
	}
	w.hub.door.pass(network("192.0.2.1:1"))
	for i := range maxStrangers {
		w.hub.door.enter(network(fmt.Sprintf("[2001:db8:%x::1]:1", i)))
	}
	if res := w.get(upgradeHeader()); res.StatusCode != 503 {
		t.Fatal(res.StatusCode)
	}
}

// Sockets are counted until their first frame, or their end without one.
func TestStrangersAreCounted(t *testing.T) {
	w := onTCP(t)
	count := func(n int) {
		t.Helper()
		eventually(t, fmt.Sprintf("%d strangers", n), func() bool {
			w.hub.door.mu.Lock()
			defer w.hub.door.mu.Unlock()
			return w.hub.door.total == n
		})
	}
	silent := []*client{w.dial(), w.dial()}
	count(2)
	w.join(w.person(roleNurse))
	count(2)
	silent[0].leave()
	count(1)
	silent[1].sendText("nonsense")
	silent[1].closed(closeBadRequest)
	count(0)
	w.get(upgradeHeader()) // an upgrade that fails, since the recorder cannot be hijacked
	count(0)
}

// A membership that ends while nothing else happens ends what it allowed.
func TestEndedMembershipEndsItsEvents(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleConsultant)
		c := w.join(p)
		frames := c.answering()
		department := store.Audience{Departments: p.actor.Departments()}
		w.deliver(mark(1, department))
		if f := <-frames; f.Event != "message.sent" {
			t.Fatalf("%+v", f)
		}
		without := p.actor
		without.Memberships = nil
		w.auth.put(p.token, without, time.Now().Add(time.Hour))
		pass(refreshEvery + attendanceTick)
		w.deliver(mark(2, department))
		if n := len(frames); n != 0 {
			t.Fatalf("%d frames came for an ended membership: %+v", n, <-frames)
		}
		c.give(uuid.New(), "presence.get", nil)
		if f := <-frames; f.OK || f.Error.Code != "forbidden" {
			t.Fatalf("%+v", f)
		}
		w.auth.put(p.token, p.actor, time.Now().Add(time.Hour)) // and one that begins brings its events
		pass(refreshEvery + attendanceTick)
		for len(frames) > 0 {
			<-frames // a position
		}
		w.deliver(mark(3, department))
		if f := <-frames; f.Event != "message.sent" {
			t.Fatalf("%+v", f)
		}
	})
}

func TestBacklog(t *testing.T) {
	var b backlog
	add := func(from, to int64) {
		for n := from; n <= to; n++ {
			b.add(Published{Shard: 3, Seq: n})
		}
	}
	is := func(after, upTo int64, want bool) {
		t.Helper()
		rows, ok := b.between(3, after, upTo)
		if ok != want {
			t.Fatalf("rows after %d up to %d: %v", after, upTo, ok)
		}
		if ok && (len(rows) != int(upTo-after) || rows[0].Seq != after+1) {
			t.Fatalf("%d rows from %d", len(rows), rows[0].Seq)
		}
	}
	is(0, 1, false)
	add(11, 20)
	is(10, 20, true)
	is(9, 20, false)
	is(10, 21, false)
	is(15, 17, true)
	held, _ := b.between(3, 10, 20)
	add(21, 20+4*backlogRows)
	is(20+3*backlogRows, 20+4*backlogRows, true)
	is(10, 20, false)
	if i := slices.IndexFunc(held, func(p Published) bool { return p.Seq < 11 || p.Seq > 20 }); i >= 0 {
		t.Fatalf("what was given out has changed: %d", held[i].Seq)
	}
	add(100_000, 100_001) // a gap
	is(99_999, 100_001, true)
	is(20+4*backlogRows, 100_001, false)
	b.forget(3)
	is(99_999, 100_001, false)
}
