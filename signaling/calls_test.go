package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// seat is a person in a call.
type seat struct {
	person      person
	page        *client
	call        uuid.UUID
	participant uuid.UUID
	connection  uuid.UUID
}

// sit joins a call over a page and lets the media come up.
func (w *world) sit(call uuid.UUID, p person, page *client, name string) seat {
	w.t.Helper()
	s := w.answer(call, p, page, name)
	w.relay.rooms.Joined(call, s.participant, s.connection)
	return s
}

// answer joins a call without the media being up yet.
func (w *world) answer(call uuid.UUID, p person, page *client, name string) seat {
	w.t.Helper()
	ticket, participant := w.invite(call, p, name)
	var in joinedCall
	page.accepted("call.join", map[string]any{"ticket": ticket, "offer": "v=0"}, &in)
	if in.CallID != call || in.ParticipantID != participant || in.Answer != "answer to v=0" || in.Connection == uuid.Nil || len(in.Slots) != 1 {
		w.t.Fatalf("%+v", in)
	}
	return seat{p, page, call, participant, in.Connection}
}

// participant reads a call.participant event.
func (c *client) participant(what string, who seat) change {
	c.t.Helper()
	var in change
	if err := json.Unmarshal(c.event(eventParticipant).Data, &in); err != nil {
		c.t.Fatal(err)
	}
	if in.Change != what || in.ParticipantID != who.participant || in.Connection != who.connection || in.CallID != who.call ||
		in.UserID != who.person.actor.UserID || in.Name == "" || in.Role != who.person.actor.Memberships[0].Role {
		c.t.Fatalf("expected %s of %v, got %+v", what, who.participant, in)
	}
	return in
}

// slotsOf reads a call.slots event.
func (c *client) slotsOf(who seat) []Slot {
	c.t.Helper()
	var in slotsNow
	if err := json.Unmarshal(c.event(eventSlots).Data, &in); err != nil {
		c.t.Fatal(err)
	}
	if in.Connection != who.connection || in.CallID != who.call {
		c.t.Fatalf("slots of another connection: %+v", in)
	}
	return in.Slots
}

// mute gives the command and reads its result and the event about it, which come in either order.
func (c *client) mute(who seat, audio, video bool) (m change) {
	c.t.Helper()
	c.give(uuid.New(), "call.mute", map[string]any{"callId": who.call, "connection": who.connection, "audio": audio, "video": video})
	for range 2 {
		f := c.next()
		switch {
		case f.Type == "result" && f.OK:
		case f.Type == "event" && f.Event == eventParticipant:
			if err := json.Unmarshal(f.Data, &m); err != nil || m.Change != "muted" || m.Connection != who.connection {
				c.t.Fatalf("%s: %v", f.Data, err)
			}
		default:
			c.t.Fatalf("%+v", f)
		}
	}
	return m
}

func TestCall(t *testing.T) {
	w := onTCP(t)
	call := uuid.New()
	nurse, doctor := w.person(roleNurse), w.person(roleConsultant)
	n := w.sit(call, nurse, w.join(nurse), "李护士")
	n.page.participant("joined", n)

	d := w.sit(call, doctor, w.join(doctor), "王医生")
	n.page.participant("joined", d)
	d.page.participant("joined", d)
	d.page.participant("joined", n)

	slots := []Slot{{"3", "audio", n.participant.String()}, {"8", "video", n.participant.String()}, {"13", "screen", ""}}
	w.relay.rooms.Slots(call, d.participant, slots)
	if got := d.page.slotsOf(d); !slices.Equal(got, slots) {
		t.Fatalf("%+v", got)
	}

	if m := n.page.mute(n, true, false); !m.AudioMuted || m.VideoMuted {
		t.Fatalf("%+v", m)
	}
	if m := d.page.participant("muted", n); !m.AudioMuted || m.VideoMuted {
		t.Fatalf("%+v", m)
	}
	want := fmt.Sprintf("mute %s %s %s true false", call, n.participant, n.connection)
	if got := w.relay.seen(); !slices.Contains(got, want) {
		t.Fatalf("%v", got)
	}

	// Who comes later learns what was muted before.
	attending := w.person(roleAttending)
	a := w.sit(call, attending, w.join(attending), "陈医生")
	a.page.participant("joined", a)
	if m := a.page.participant("joined", n); !m.AudioMuted {
		t.Fatalf("%+v", m)
	}
	a.page.participant("joined", d)
	n.page.participant("joined", a)
	d.page.participant("joined", a)

	a.page.accepted("call.leave", map[string]any{"callId": call, "connection": a.connection}, nil)
	w.relay.rooms.Left(call, a.participant, a.connection, "left")
	for _, c := range []*client{a.page, n.page, d.page} {
		if l := c.participant("left", a); l.Reason != "left" {
			t.Fatalf("%+v", l)
		}
	}
	a.page.refused("not_found", "call.leave", map[string]any{"callId": call, "connection": a.connection})
}

func TestTicketOfAnother(t *testing.T) {
	w := onTCP(t)
	call, nurse, thief := uuid.New(), w.person(roleNurse), w.person(roleNurse)
	ticket, _ := w.invite(call, nurse, "李护士")
	c := w.join(thief)
	c.refused("not_found", "call.join", map[string]any{"ticket": ticket, "offer": "v=0"})
	c.refused("media_ticket_invalid", "call.join", map[string]any{"ticket": "forged", "offer": "v=0"})
	stale, _ := w.invite(call, nurse, "李护士")
	w.auth.mu.Lock()
	old := w.auth.tickets[stale]
	old.Epoch = 0
	w.auth.tickets[stale] = old
	w.auth.mu.Unlock()
	w.join(nurse).refused("epoch_stale", "call.join", map[string]any{"ticket": stale, "offer": "v=0"})
	// A call that is no more, and one whose roster has somebody else's id.
	w.calls.mu.Lock()
	w.calls.rosters[call][0].User = uuid.New()
	w.calls.mu.Unlock()
	w.join(nurse).refused("not_found", "call.join", map[string]any{"ticket": ticket, "offer": "v=0"})
	w.calls.mu.Lock()
	delete(w.calls.rosters, call)
	w.calls.mu.Unlock()
	w.join(nurse).refused("not_found", "call.join", map[string]any{"ticket": ticket, "offer": "v=0"})
	if got := w.relay.seen(); len(got) != 0 {
		t.Fatalf("the relay was asked: %v", got)
	}
}

func TestConnectionOfAnother(t *testing.T) {
	w := onTCP(t)
	call, nurse, thief := uuid.New(), w.person(roleNurse), w.person(roleConsultant)
	n := w.sit(call, nurse, w.join(nurse), "李护士")
	c := w.join(thief)
	for _, fields := range []map[string]any{
		{"callId": call, "connection": n.connection}, {"callId": uuid.New(), "connection": n.connection}, {"callId": call, "connection": uuid.New()},
	} {
		c.refused("not_found", "call.leave", fields)
		fields["audio"], fields["video"] = true, true
		c.refused("not_found", "call.mute", fields)
	}
	n.page.participant("joined", n)
	n.page.refused("not_found", "call.leave", map[string]any{"callId": uuid.New(), "connection": n.connection})
	if got := w.relay.seen(); len(got) != 1 {
		t.Fatalf("%v", got)
	}
}

// codedError is a refusal of the relay as media makes them.
type codedError string

func (e codedError) Error() string { return "media: " + string(e) }
func (e codedError) Code() string  { return string(e) }

func TestRefusalsOfTheRelayKeepTheirCode(t *testing.T) {
	w := onTCP(t, func(d *Deps) { d.Logger = nil })
	c := w.join(w.person(roleNurse))
	for err, code := range map[error]string{
		codedError("media_room_full"):                                 "media_room_full",
		fmt.Errorf("join: %w", codedError("media_epoch_stale")):       "media_epoch_stale",
		errors.Join(codedError("media_closed"), errors.New("socket")): "media_closed",
		codedError("no_such_code"):                                    "internal",
		errors.New("out of memory"):                                   "internal",
	} {
		w.relay.mu.Lock()
		w.relay.fails = err
		w.relay.mu.Unlock()
		c.refused(code, "media.probe", map[string]any{"offer": "v=0"})
	}
}

// A page that was reloaded joins anew: the relay replaces its connection, and nobody hears of the old socket's end.
func TestReload(t *testing.T) {
	w := onTCP(t)
	call, nurse, doctor := uuid.New(), w.person(roleNurse), w.person(roleConsultant)
	n := w.sit(call, nurse, w.join(nurse), "李护士")
	d := w.sit(call, doctor, w.join(doctor), "王医生")
	n.page.participant("joined", n)
	n.page.participant("joined", d)
	d.page.participant("joined", d)
	d.page.participant("joined", n)

	n.page.leave()
	eventually(t, "the socket is gone", func() bool { return len(w.hub.all()) == 1 })
	if got := w.relay.seen(); len(got) != 2 {
		t.Fatalf("the relay was told of the lost socket: %v", got)
	}

	page := w.join(nurse)
	again := w.answer(call, nurse, page, "李护士")
	if again.participant != n.participant || again.connection == n.connection {
		t.Fatalf("%+v", again)
	}
	w.relay.rooms.Left(call, n.participant, n.connection, "replaced")
	w.relay.rooms.Joined(call, again.participant, again.connection)
	if l := d.page.participant("left", n); l.Reason != "replaced" {
		t.Fatalf("%+v", l)
	}
	d.page.participant("joined", again)
	page.participant("left", n)
	page.participant("joined", again)
	page.participant("joined", d)
}

// A page whose media goes on without a socket reads how its call stands, and hears the rest as events.
func TestStateOfACall(t *testing.T) {
	w := onTCP(t)
	call, nurse, doctor := uuid.New(), w.person(roleNurse), w.person(roleConsultant)
	d := w.sit(call, doctor, w.join(doctor), "王医生")
	d.page.participant("joined", d)
	d.page.leave()
	eventually(t, "the socket is gone", func() bool { return len(w.hub.all()) == 0 })

	n := w.sit(call, nurse, w.join(nurse), "李护士") // unheard by the doctor
	n.page.participant("joined", n)
	n.page.participant("joined", d)
	n.page.mute(n, true, false)
	slots := []Slot{{"3", "audio", n.participant.String()}}
	w.relay.rooms.Slots(call, d.participant, slots)

	later := doctor.actor
	later.SessionID = uuid.New()
	page := w.join(w.signIn(later)) // he has signed in again, too
	of := map[string]any{"callId": call, "connection": d.connection}
	var state CallState
	page.accepted("call.state", of, &state)
	if state.CallID != call || state.Connection != d.connection || !slices.Equal(state.Slots, slots) || len(state.Participants) != 2 || state.Order == 0 {
		t.Fatalf("%+v", state)
	}
	for _, p := range state.Participants {
		if p.AudioMuted != (p.ParticipantID == n.participant) || p.Name == "" || p.Role == "" {
			t.Fatalf("%+v", p)
		}
	}
	w.relay.rooms.Slots(call, d.participant, nil) // it is told to the sign-in that asked
	if got := page.slotsOf(d); len(got) != 0 {
		t.Fatalf("%+v", got)
	}

	stranger := w.join(w.person(roleConsultant))
	stranger.refused("not_found", "call.state", of)
	page.refused("not_found", "call.state", map[string]any{"callId": uuid.New(), "connection": d.connection})
	page.refused("not_found", "call.state", map[string]any{"callId": call, "connection": uuid.New()})
}

func TestRevocation(t *testing.T) {
	w := onTCP(t)
	call, nurse, doctor := uuid.New(), w.person(roleNurse), w.person(roleConsultant)
	n := w.sit(call, nurse, w.join(nurse), "李护士")
	d := w.sit(call, doctor, w.join(doctor), "王医生")
	n.page.participant("joined", n)
	n.page.participant("joined", d)
	second := w.join(nurse)
	elsewhere := nurse.actor
	elsewhere.SessionID = uuid.New()
	other := w.join(w.signIn(elsewhere))

	w.outbox.append(store.Envelope{Event: eventRevoked, To: store.Audience{AuthSessions: []uuid.UUID{nurse.actor.SessionID}}, Data: struct{}{}})
	for _, c := range []*client{n.page, second} {
		c.event(eventRevoked)
		c.closed(closeRevoked)
	}
	other.accepted("token.renew", map[string]any{"token": other.tokenOf(w, elsewhere.SessionID)}, nil)
	eventually(t, "the media is ended", func() bool { return slices.Contains(w.relay.seen(), "kick "+n.participant.String()) })
	if slices.Contains(w.relay.seen(), "kick "+d.participant.String()) {
		t.Fatal("the other participant was kicked")
	}
}

// tokenOf finds the token of a sign-in.
func (c *client) tokenOf(w *world, signIn uuid.UUID) string {
	w.auth.mu.Lock()
	defer w.auth.mu.Unlock()
	for token, g := range w.auth.tokens {
		if g.actor.SessionID == signIn {
			return token
		}
	}
	c.t.Fatal("no token")
	return ""
}

// The media of a sign-in is ended also when its socket was lost before.
func TestRevocationWithoutASocket(t *testing.T) {
	w := onTCP(t)
	nurse := w.person(roleNurse)
	n := w.sit(uuid.New(), nurse, w.join(nurse), "李护士")
	n.page.leave()
	eventually(t, "the socket is gone", func() bool { return len(w.hub.all()) == 0 })
	w.deliver(store.Envelope{Event: eventRevoked, To: store.Audience{AuthSessions: []uuid.UUID{nurse.actor.SessionID}}})
	if !slices.Contains(w.relay.seen(), "kick "+n.participant.String()) {
		t.Fatalf("%v", w.relay.seen())
	}
}

func TestEndedCallClosesTheRoom(t *testing.T) {
	w := onTCP(t)
	call, nurse := uuid.New(), w.person(roleNurse)
	n := w.sit(call, nurse, w.join(nurse), "李护士")
	n.page.participant("joined", n)
	ended := func(id uuid.UUID) store.Envelope {
		return store.Envelope{Event: eventCallEnded, To: store.Audience{Users: []uuid.UUID{nurse.actor.UserID}},
			Data: map[string]any{"callId": id, "consultationId": uuid.New(), "reason": "ended"}}
	}
	w.deliver(ended(call))
	n.page.event(eventCallEnded)
	if !slices.Contains(w.relay.seen(), "close "+call.String()) {
		t.Fatalf("%v", w.relay.seen())
	}
	w.relay.rooms.Left(call, n.participant, n.connection, "room_closed")
	n.page.participant("left", n)
	elsewhere := uuid.New()
	w.deliver(ended(elsewhere)) // a call of another node
	if slices.Contains(w.relay.seen(), "close "+elsewhere.String()) {
		t.Fatal("a room of another node was closed here")
	}
	if r := w.relay.rooms; len(r.rooms) != 0 || len(r.connections) != 0 {
		t.Fatalf("%d rooms and %d connections are remembered", len(r.rooms), len(r.connections))
	}
}

// Whoever is joining while the call ends or the sign-in is revoked gets no seat: the event that ends connections found none.
func TestJoinLosesAgainstTheEnd(t *testing.T) {
	for code, end := range map[string]func(w *world, call uuid.UUID, p person){
		"call_ended": func(w *world, call uuid.UUID, _ person) {
			w.calls.mu.Lock()
			w.calls.ended = map[uuid.UUID]bool{call: true}
			w.calls.mu.Unlock()
		},
		"session_revoked": func(w *world, _ uuid.UUID, p person) { w.auth.revoke(p.actor.SessionID) },
	} {
		t.Run(code, func(t *testing.T) {
			virtually(t, func(t *testing.T, w *world) {
				gate := make(chan struct{})
				w.relay.gate = gate
				call, nurse := uuid.New(), w.person(roleNurse)
				page := w.join(nurse)
				ticket, participant := w.invite(call, nurse, "李护士")
				frames := page.answering()
				page.give(uuid.New(), "call.join", map[string]any{"ticket": ticket, "offer": "v=0"})
				synctest.Wait() // the relay is at work
				end(w, call, nurse)
				close(gate)
				if f := <-frames; f.Error == nil || f.Error.Code != code {
					t.Fatalf("%+v", f)
				}
				left := func(s string) bool { return strings.HasPrefix(s, "leave "+call.String()+" "+participant.String()) }
				if !slices.ContainsFunc(w.relay.seen(), left) {
					t.Fatalf("the seat is kept: %v", w.relay.seen())
				}
				w.relay.rooms.mu.Lock()
				defer w.relay.rooms.mu.Unlock()
				if n := len(w.relay.rooms.connections); n != 0 {
					t.Fatalf("%d connections remembered", n)
				}
			})
		})
	}
}

// A join that has to wait, for a call between two nodes, is given up when the page joins anew, and when its socket ends: carried
// out later, it would put the newer connection out.
func TestTheNewestJoinOfAParticipantIsTheOnlyOne(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		gate := make(chan struct{})
		w.relay.gate = gate
		call, nurse := uuid.New(), w.person(roleNurse)
		page := w.join(nurse)
		ticket, _ := w.invite(call, nurse, "李护士")
		frames := page.answering()
		join := func(offer string) uuid.UUID {
			id := uuid.New()
			page.give(id, "call.join", map[string]any{"ticket": ticket, "offer": offer})
			synctest.Wait()
			return id
		}
		first := join("first")
		second := join("second")
		if f := <-frames; f.ID != first || f.Error == nil || f.Error.Code != "unavailable" {
			t.Fatalf("the earlier: %+v", f)
		}
		close(gate)
		if f := <-frames; f.ID != second || !f.OK {
			t.Fatalf("the newer: %+v", f)
		}
		w.relay.mu.Lock()
		w.relay.gate = make(chan struct{})
		w.relay.mu.Unlock()
		join("third")
		_ = page.ws.Close()
		synctest.Wait()
		w.relay.mu.Lock()
		busy := w.relay.busy
		w.relay.mu.Unlock()
		if got := w.relay.seen(); busy != 0 || !slices.Equal(got, []string{"join second"}) {
			t.Fatalf("%d joins under way; %v", busy, got)
		}
	})
}

func TestJoinThatNeverConnectsIsForgotten(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		call, nurse := uuid.New(), w.person(roleNurse)
		page := w.join(nurse)
		first := w.answer(call, nurse, page, "李护士")
		frames := page.answering()
		pass(neverUp + time.Second)
		ticket, _ := w.invite(call, nurse, "李护士")
		page.give(uuid.New(), "call.join", map[string]any{"ticket": ticket, "offer": "v=0"})
		<-frames
		w.relay.rooms.mu.Lock()
		_, remembered := w.relay.rooms.connections[first.connection]
		n := len(w.relay.rooms.connections)
		w.relay.rooms.mu.Unlock()
		if remembered || n != 1 {
			t.Fatalf("%d connections remembered", n)
		}
		page.give(uuid.New(), "call.leave", map[string]any{"callId": call, "connection": first.connection})
		if f := <-frames; f.OK {
			t.Fatal("left a forgotten connection")
		}
	})
}

// What the relay says of connections that this hub does not know touches nobody.
func TestUnknownConnections(t *testing.T) {
	w := onTCP(t)
	nurse := w.person(roleNurse)
	page := w.join(nurse)
	call := uuid.New()
	s := w.answer(call, nurse, page, "李护士")
	e := w.relay.rooms
	e.Joined(call, s.participant, uuid.New())
	e.Joined(uuid.New(), s.participant, s.connection)
	e.Left(call, s.participant, uuid.New(), "lost")
	e.Slots(uuid.New(), s.participant, nil)
	e.Slots(call, s.participant, nil) // its media is not up
	page.refused("forbidden", "presence.get", nil)
}

// fakeRelay answers every offer, as if all calls were carried here.
type fakeRelay struct {
	rooms *Rooms

	mu    sync.Mutex
	gate  chan struct{} // when set, joins and probes wait for it
	busy  int
	most  int // at the same time
	log   []string
	fails error
}

func newFakeRelay() *fakeRelay { return &fakeRelay{} }

// publish is what the rooms write.
func (w *world) publish(_ context.Context, _ uuid.UUID, events []store.Envelope) error {
	for _, e := range events {
		w.outbox.append(e)
	}
	return nil
}

func (f *fakeRelay) note(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, fmt.Sprintf(format, args...))
}

func (f *fakeRelay) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.log)
}

func (f *fakeRelay) wait(ctx context.Context) error {
	f.mu.Lock()
	gate, err := f.gate, f.fails
	f.busy++
	f.most = max(f.most, f.busy)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.busy--
	}()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

func (f *fakeRelay) Join(ctx context.Context, j Join) (Joined, error) {
	if err := f.wait(ctx); err != nil {
		return Joined{}, err
	}
	f.note("join %s", j.Offer)
	answer := Joined{Answer: "answer to " + j.Offer, Connection: uuid.New(), Slots: []Slot{{Mid: "3", Kind: "audio"}}}
	f.rooms.Bind(j, answer)
	return answer, nil
}

func (f *fakeRelay) Probe(ctx context.Context, offer string) (string, error) {
	if err := f.wait(ctx); err != nil {
		return "", err
	}
	f.note("probe %s", offer)
	return "answer to " + offer, nil
}

func (f *fakeRelay) SetMuted(_ context.Context, s Seat, audio, video bool) error {
	participant, err := f.rooms.Participant(s)
	if err != nil {
		return err
	}
	f.note("mute %s %s %s %v %v", s.Call, participant, s.Connection, audio, video)
	f.rooms.Muted(s.Connection, audio, video)
	return nil
}

func (f *fakeRelay) Leave(_ context.Context, s Seat) error {
	participant, err := f.rooms.Participant(s)
	if err != nil {
		return err
	}
	f.note("leave %s %s %s", s.Call, participant, s.Connection)
	f.rooms.Leaving(s.Connection)
	return nil
}

func (f *fakeRelay) State(_ context.Context, s Seat) (CallState, error) { return f.rooms.State(s) }

func (f *fakeRelay) Revoked(signIns []uuid.UUID) {
	for _, participant := range f.rooms.OfSignIns(signIns) {
		f.note("kick %s", participant)
	}
}

func (f *fakeRelay) Ended(call uuid.UUID) {
	if f.rooms.Has(call) {
		f.note("close %s", call)
	}
}
