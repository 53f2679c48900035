package signaling

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// rings is a ring of an offer.
func rings(offer uuid.UUID, p person) store.Envelope {
	return store.Envelope{Event: eventRing, To: p.to(), Data: map[string]any{"offerId": offer}}
}

func (c *client) ack(f heard) {
	c.send(map[string]any{"type": "ack", "stream": f.Stream, "seq": f.Seq})
}

// A critical event is repeated as it was until it is acknowledged, and after a while the socket is given up.
func TestCriticalEventIsRepeated(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleConsultant)
		c := w.join(p)
		from := time.Now()
		w.deliver(mark(1, p.to()))
		w.deliver(rings(uuid.New(), p))
		w.deliver(mark(2, p.to()))
		c.marked()
		first := c.event(eventRing)
		c.marked()
		if !first.Ack || first.Seq != 2 || first.Prev != 1 {
			t.Fatalf("%+v", first)
		}
		for i := range int(ackWait/ackEvery) - 1 {
			f := c.event(eventRing)
			if d := time.Since(from); d != time.Duration(i+1)*ackEvery {
				t.Fatalf("repetition %d after %v", i+1, d)
			}
			if f.Seq != first.Seq || f.Prev != first.Prev || f.Stream != first.Stream || !f.Ack || !f.At.Equal(first.At) {
				t.Fatalf("%+v is repeated as %+v", first, f)
			}
		}
		c.closed(closeNoAck)
		if d := time.Since(from); d != ackWait {
			t.Fatalf("given up after %v", d)
		}
		// A client that has handled it all the same is not told again on a resume; one that has not is.
		w.resume(c).resumed(0)
		c.at[0] = 1
		again := w.resume(c).resumed(2)
		again.ack(again.event(eventRing))
		again.marked()
	})
}

func TestAckedEventIsNotRepeated(t *testing.T) {
	rung := make(chan [2]uuid.UUID, 8)
	synctest.Test(t, func(t *testing.T) {
		w := onPipes(t, func(d *Deps) {
			d.Rung = func(_ context.Context, user, offer uuid.UUID) error {
				rung <- [2]uuid.UUID{user, offer}
				return nil
			}
		})
		defer w.close()
		p, offer := w.person(roleConsultant), uuid.New()
		c := w.join(p)
		w.deliver(rings(offer, p))
		f := c.event(eventRing)
		c.ack(f)
		synctest.Wait()
		if got := <-rung; got != [2]uuid.UUID{p.actor.UserID, offer} {
			t.Fatal(got)
		}
		c.ack(f) // what nobody waits for is passed over
		c.send(map[string]any{"type": "ack", "stream": 99, "seq": -5})
		w.deliver(store.Envelope{Event: "ring.stop", To: p.to(), Data: struct{}{}})
		c.ack(c.event("ring.stop"))
		pass(ackWait + time.Second)
		c.accepted("presence.get", nil, nil) // the next frame is its result
		if len(rung) != 0 {
			t.Fatal("another ring was noted")
		}
		// A repetition that already waits is taken back.
		w.deliver(rings(offer, p))
		c.event(eventRing)
		pass(ackEvery)
		c.ack(c.event(eventRing))
		pass(ackEvery)
		c.accepted("presence.get", nil, nil)
	})
}

// Each critical event allows one frame beyond the rate, and no more.
func TestAcksDoNotCountAgainstTheRate(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleConsultant)
		c := w.join(p)
		const events = 3 * commandBurst
		for range events {
			w.outbox.append(store.Envelope{Event: "ring.stop", To: p.to(), Data: struct{}{}})
		}
		synctest.Wait()
		for range events {
			c.ack(c.event("ring.stop"))
		}
		for range commandBurst {
			c.accepted("presence.get", nil, nil)
		}
		c.give(uuid.New(), "presence.get", nil)
		c.closed(closeTooMany)
	})
}

func TestBadAcks(t *testing.T) {
	w := onTCP(t)
	for frame, detail := range map[string]string{
		`{"type":"ack"}`: detailWrongValue, `{"type":"ack","stream":1}`: detailWrongValue, `{"type":"ack","stream":"1","seq":1}`: detailWrongValue,
		`{"type":"ack","stream":1,"seq":1.5}`: detailWrongValue, `{"type":"ack","stream":null,"seq":1}`: detailWrongValue,
		`{"type":"ack","stream":1,"seq":1,"id":"x"}`: detailUnknownField, `{"type":"ack","stream":1,"seq":1,"seq":2}`: detailRepeated,
	} {
		c := w.join(w.person(roleNurse))
		c.sendText(frame)
		if reason := c.closed(closeBadFrame); reason != "bad_frame: "+detail {
			t.Errorf("%s: %s", frame, reason)
		}
	}
}

// With each ping the client learns how far the streams are, if that is news.
func TestPositions(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		p := w.person(roleNurse)
		c := w.join(p)
		frames := c.answering()
		for range 3 {
			w.deliver(mark(1, store.Audience{})) // for nobody
		}
		pass(pingEvery - time.Second)
		if len(frames) != 0 {
			t.Fatalf("%+v", <-frames)
		}
		pass(time.Second)
		if f := <-frames; f.Type != "position" || f.Positions != (positions{3}) {
			t.Fatalf("%+v", f)
		}
		w.deliver(mark(2, p.to()))
		if f := <-frames; f.Seq != 4 || f.Prev != 3 {
			t.Fatalf("%+v", f)
		}
		pass(3 * pingEvery)
		if len(frames) != 0 { // nothing new
			t.Fatalf("%+v", <-frames)
		}
	})
}
