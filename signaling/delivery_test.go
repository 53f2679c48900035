package signaling

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// mark is an event that tells its number.
func mark(n int, to store.Audience) store.Envelope {
	return store.Envelope{Event: "message.sent", To: to, Data: map[string]int{"n": n}}
}

// marked reads the number of the next event.
func (c *client) marked() int {
	c.t.Helper()
	var in struct{ N int }
	if err := json.Unmarshal(c.event("message.sent").Data, &in); err != nil {
		c.t.Fatal(err)
	}
	return in.N
}

// Each socket gets the events of its audience and no other: departments reach doctors, organisations reach nurses and
// attendings, and somebody who is named twice hears it once.
func TestAudience(t *testing.T) {
	w := onTCP(t)
	home, hospital, cardiology, surgery := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	with := func(role string, org uuid.UUID, department *uuid.UUID) person {
		return w.signIn(identity.Actor{UserID: uuid.New(), SessionID: uuid.New(),
			Memberships: []identity.Membership{{Role: role, OrganisationID: org, DepartmentID: department}}})
	}
	people := map[string]person{
		"nurse":       with(roleNurse, home, nil),
		"attending":   with(roleAttending, home, &surgery), // a ward of the home is no department that is rung
		"elsewhere":   with(roleNurse, uuid.New(), nil),
		"heart":       with(roleConsultant, hospital, &cardiology),
		"surgeon":     with(roleConsultant, hospital, &surgery),
		"admin":       with("INST_ADMIN", home, nil),
		"doctor here": with(roleConsultant, home, nil),
	}
	pages := map[string]*client{}
	for name, p := range people {
		pages[name] = w.join(p)
	}
	second := w.join(people["nurse"]) // two sockets of one person
	n := 0
	check := func(to store.Audience, want ...string) {
		t.Helper()
		n++
		w.deliver(mark(n, to))
		for _, name := range want {
			if got := pages[name].marked(); got != n {
				t.Fatalf("%s got %d instead of %d", name, got, n)
			}
			if name == "nurse" && second.marked() != n {
				t.Fatal("the second socket of the nurse got another")
			}
		}
	}
	check(store.Audience{Organisations: []uuid.UUID{home}}, "nurse", "attending")
	check(store.Audience{Departments: []uuid.UUID{cardiology}}, "heart")
	check(store.Audience{Departments: []uuid.UUID{cardiology, surgery}}, "heart", "surgeon")
	check(store.Audience{Users: []uuid.UUID{people["admin"].actor.UserID}}, "admin")
	check(store.Audience{AuthSessions: []uuid.UUID{people["elsewhere"].actor.SessionID}}, "elsewhere")
	check(store.Audience{Users: []uuid.UUID{people["nurse"].actor.UserID, people["heart"].actor.UserID}, Organisations: []uuid.UUID{home},
		Departments: []uuid.UUID{cardiology}}, "nurse", "attending", "heart")
	check(store.Audience{})
	check(store.Audience{Users: []uuid.UUID{uuid.New()}})
	for _, c := range append([]*client{second}, pagesOf(pages)...) { // nobody has anything more
		c.accepted("token.renew", map[string]any{"token": c.tokenFor(w, people, pages, second)}, nil)
	}
}

func pagesOf(m map[string]*client) []*client {
	var list []*client
	for _, c := range m {
		list = append(list, c)
	}
	return list
}

// tokenFor finds the token of the person behind a page.
func (c *client) tokenFor(w *world, people map[string]person, pages map[string]*client, second *client) string {
	w.t.Helper()
	if c == second {
		return people["nurse"].token
	}
	for name, page := range pages {
		if page == c {
			return people[name].token
		}
	}
	w.t.Fatal("unknown page")
	return ""
}

func TestEventData(t *testing.T) {
	w := onTCP(t)
	p := w.person(roleNurse)
	c := w.join(p)
	to := store.Audience{Users: []uuid.UUID{p.actor.UserID}}
	for _, x := range []struct {
		data any
		want string
	}{
		{nil, `{}`}, {json.RawMessage(nil), `{}`}, {struct{}{}, `{}`}, {json.RawMessage(`{"a":1}`), `{"a":1}`}, {map[string]string{"b": "床"}, `{"b":"床"}`},
	} {
		w.deliver(store.Envelope{Event: "duty.changed", To: to, Data: x.data})
		if f := c.event("duty.changed"); string(f.Data) != x.want || f.At.IsZero() || f.At.Location() != time.UTC {
			t.Fatalf("%+v %s", f, f.Data)
		}
	}
}

func TestOutboxIsDeliveredOnceAndInOrder(t *testing.T) {
	w := onTCP(t)
	p := w.person(roleNurse)
	to := store.Audience{Users: []uuid.UUID{p.actor.UserID}}
	c := w.join(p)
	const events = 3*outboxBatch + 7
	go func() {
		for n := range events {
			w.outbox.append(mark(n, to))
		}
	}()
	for n := range events {
		if got := c.marked(); got != n {
			t.Fatalf("event %d came as number %d", got, n)
		}
	}
}

func TestOutboxAwayForAWhileLosesNothing(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleNurse)
		to := store.Audience{Users: []uuid.UUID{p.actor.UserID}}
		c := w.join(p)
		frames := c.answering()
		w.outbox.append(mark(0, to))
		<-frames
		w.outbox.fail(errAway)
		for n := range 5 {
			w.outbox.append(mark(n+1, to))
			pass(time.Minute)
		}
		w.outbox.fail(nil)
		from := time.Now()
		for n := range 5 {
			var in struct{ N int }
			if err := json.Unmarshal((<-frames).Data, &in); err != nil || in.N != n+1 {
				t.Fatalf("%d %v", in.N, err)
			}
		}
		if d := time.Since(from); d > retryMax+pollEvery {
			t.Fatalf("it took %v to come back", d)
		}
		// Listening works again as well, else this would wait for the poll.
		pass(retryMax)
		from = time.Now()
		w.outbox.append(mark(6, to))
		<-frames
		if d := time.Since(from); d != 0 {
			t.Fatalf("an event waited %v", d)
		}
	})
}

func TestMissedEventsMakeEverybodyConnectAgain(t *testing.T) {
	for name, harm := range map[string]func(o *fakeOutbox){
		"pruned before it was read": func(o *fakeOutbox) {
			o.rows = append(o.rows, make([]Published, 5)...)
			o.first = int64(len(o.rows))
		},
		"a row is missing": func(o *fakeOutbox) {
			last := int64(len(o.rows))
			o.rows = append(o.rows, Published{Seq: last + 2, Envelope: mark(0, store.Audience{})})
		},
		"an older database": func(o *fakeOutbox) { o.rows = o.rows[:1] },
	} {
		t.Run(name, func(t *testing.T) {
			virtually(t, func(t *testing.T, w *world) {
				w.hub.Logger = testingLogger()
				for n := range 3 {
					w.outbox.append(mark(n, store.Audience{}))
				}
				c := w.join(w.person(roleNurse))
				pass(pollEvery)
				w.outbox.mu.Lock()
				harm(w.outbox)
				w.outbox.mu.Unlock()
				if reason := c.closed(closeDisconnected); reason != "disconnected: reload" {
					t.Fatal(reason)
				}
			})
		})
	}
}

// A row that nobody can read is passed over; those after it come.
func TestUnreadableEvent(t *testing.T) {
	w := onTCP(t, func(d *Deps) { d.Logger = nil })
	p := w.person(roleNurse)
	c := w.join(p)
	w.outbox.mu.Lock()
	w.outbox.rows = append(w.outbox.rows, Published{Seq: 1, Err: fmt.Errorf("invalid character")})
	w.outbox.mu.Unlock()
	w.outbox.append(mark(1, store.Audience{Users: []uuid.UUID{p.actor.UserID}}))
	if n := c.marked(); n != 1 {
		t.Fatal(n)
	}
}

func TestShutdown(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		const sockets = 200
		at := make(chan time.Duration, sockets)
		from := time.Now()
		for range sockets {
			frames := w.join(w.person(roleNurse)).answering()
			go func() {
				for f := range frames {
					if f.Type == "close" && f.Seq == uint64(closeShutdown) {
						at <- time.Since(from)
					}
				}
			}()
		}
		silent := w.dial().answering() // before its hello
		if err := w.hub.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if f := <-silent; f.Type != "close" || f.Seq != uint64(closeShutdown) {
			t.Fatalf("%+v", f)
		}
		if len(at) != sockets {
			t.Fatalf("%d of %d were told", len(at), sockets)
		}
		var list []time.Duration
		for range sockets {
			list = append(list, <-at)
		}
		slices.Sort(list)
		window := sockets * drainPerSocket
		if list[sockets-1] > window+time.Second || list[sockets-1]-list[0] < window/2 {
			t.Fatalf("told between %v and %v", list[0], list[sockets-1])
		}
		if err := w.hub.Close(t.Context()); err != nil {
			t.Fatal("second Close:", err)
		}
		if res := w.get(upgradeHeader()); res.StatusCode != 503 || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Fatalf("%d after Close", res.StatusCode)
		}
		if n := len(w.sessions.open); n != 0 {
			t.Fatalf("%d sessions are open on record", n)
		}
	})
}

func TestShutdownWithinItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := onPipes(t)
		p := w.person(roleNurse)
		w.join(p) // never reads
		w.deliver(mark(1, store.Audience{Users: []uuid.UUID{p.actor.UserID}}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		from := time.Now()
		if err := w.hub.Close(ctx); err != context.DeadlineExceeded {
			t.Fatal(err)
		}
		if d := time.Since(from); d != time.Second {
			t.Fatalf("took %v", d)
		}
		w.close()
	})
}
