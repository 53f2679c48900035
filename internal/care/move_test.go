package care_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// carried is a call on nodes: whoever reports of it says under which life and lease.
type carried struct {
	*caretest.World
	t               *testing.T
	c               contract.Consultation
	call, hers, his uuid.UUID
}

// life starts a node and gives it the call.
func (k *carried) life(name string) care.Origin {
	k.t.Helper()
	q, now := k.Store.Q(), k.Clock.Now()
	term := must(q.StartNode(k.t.Context(), db.StartNodeParams{Name: name, Now: &now, DeadAfter: 4}))(k.t)
	lease := must(q.TakeLease(k.t.Context(), db.TakeLeaseParams{CallID: k.call, NodeTerm: term}))(k.t)
	return care.Origin{NodeTerm: term, LeaseTerm: lease, Epoch: k.c.Epoch}
}

func onNodes(t *testing.T) *carried {
	w := caretest.New(t)
	k := &carried{World: w, t: t, c: w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))}
	hers := must(w.Care.GetTicket(t.Context(), w.Nurse, k.c.Id, contract.TicketRequest{}))(t)
	his := must(w.Care.GetTicket(t.Context(), w.Wang, k.c.Id, contract.TicketRequest{Epoch: &k.c.Epoch}))(t)
	k.call, k.hers, k.his = hers.CallId, hers.ParticipantId, his.ParticipantId
	return k
}

// both reports that both sides have been carried from one instant to another, under ids that begin with the origin's life.
func (k *carried) both(from care.Origin, start, seen time.Time, closed bool) {
	k.t.Helper()
	var list []care.MediaInterval
	for _, who := range []uuid.UUID{k.hers, k.his} {
		for _, kind := range []string{"connected", "media"} {
			id := uuid.NewSHA1(who, []byte{byte(from.NodeTerm), kind[0], byte(start.Unix())})
			list = append(list, care.MediaInterval{ID: id, From: from, Call: k.call, Participant: who, Kind: kind, Start: start, LastSeen: seen, Closed: closed})
		}
	}
	if err := k.Care.MediaPresence(k.t.Context(), list); err != nil {
		k.t.Fatal(err)
	}
}

func (k *carried) joined(from care.Origin) {
	k.t.Helper()
	for _, who := range []uuid.UUID{k.hers, k.his} {
		if err := k.Care.MediaJoined(k.t.Context(), from, k.call, who, uuid.New()); err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *carried) now() contract.Consultation {
	k.t.Helper()
	return must(k.Care.GetConsultation(k.t.Context(), k.Nurse, k.c.Id))(k.t)
}

func (k *carried) moved() int {
	return k.Count(`SELECT count(*) FROM outbox WHERE topic = 'call.moved' AND payload->'to'->'users' ? $1 AND payload->'to'->'users' ? $2`,
		k.Nurse.UserID.String(), k.Wang.UserID.String())
}

// The node of a call dies: its intervals end at last seen for good, the call is told to be moved once, and what the dead node still
// says when it comes back changes nothing. The other node's time is added, the time between is not.
func TestACallMovesFromADeadNode(t *testing.T) {
	t.Parallel()
	k := onNodes(t)
	ctx := t.Context()
	one := k.life("one")
	start := k.Clock.Now()
	k.joined(one)
	k.both(one, start, start, false)
	k.Clock.Pass(time.Minute)
	k.both(one, start, k.Clock.Now(), false)
	is(t, "effective seconds", k.now().EffectiveSeconds, 60)

	// Alive, it keeps the call whoever asks.
	is(t, "moved from the living", must(k.Care.MoveCall(ctx, k.call, 0, care.MovedNodeLost))(t), false)
	k.Clock.Pass(20 * time.Second) // of which nothing was reported
	k.Exec(`UPDATE nodes SET lost = true WHERE term = $1`, one.NodeTerm)
	is(t, "moved", must(k.Care.MoveCall(ctx, k.call, 0, care.MovedNodeLost))(t), true)
	is(t, "moved again", must(k.Care.MoveCall(ctx, k.call, 0, care.MovedNodeLost))(t), false)
	is(t, "told", k.moved(), 1)
	lost := k.now()
	is(t, "state", lost.State, "IN_PROGRESS")
	if lost.PausedSince == nil || lost.CallId == nil || *lost.CallId != k.call {
		t.Fatal("not paused in the same call")
	}

	// The node was only paused. It believes that it carries the call.
	k.both(one, start, k.Clock.Now(), false)
	k.both(one, k.Clock.Now(), k.Clock.Now().Add(time.Second), false)
	k.joined(one)
	if err := k.Care.MediaLeft(ctx, one, k.call, k.hers, uuid.New(), "lost"); err != nil {
		t.Fatal(err)
	}
	is(t, "effective seconds", k.now().EffectiveSeconds, 60)
	if k.now().PausedSince == nil {
		t.Fatal("a stale node ended the pause")
	}
	is(t, "joined", k.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'JOINED'`, k.c.Id), 2)

	two := k.life("two")
	if two.LeaseTerm <= one.LeaseTerm {
		t.Fatalf("terms %d, then %d", one.LeaseTerm, two.LeaseTerm)
	}
	again := k.Clock.Now()
	k.joined(two)
	k.both(two, again, again, false)
	k.both(one, start, again.Add(time.Hour), true) // late words again
	k.Clock.Pass(30 * time.Second)
	k.both(two, again, k.Clock.Now(), false)
	back := k.now()
	is(t, "state", back.State, "IN_PROGRESS")
	is(t, "effective seconds", back.EffectiveSeconds, 90)
	if back.PausedSince != nil {
		t.Error("still paused")
	}
}

// A node that drains gives the call up while its media goes on: it ends what it had begun and begins nothing.
func TestACallMovesFromADrainingNode(t *testing.T) {
	t.Parallel()
	k := onNodes(t)
	ctx := t.Context()
	one := k.life("one")
	start := k.Clock.Now()
	k.joined(one)
	k.both(one, start, start, false)
	k.Clock.Pass(time.Minute)
	is(t, "moved by another", must(k.Care.MoveCall(ctx, k.call, one.NodeTerm+100, care.MovedDraining))(t), false)
	is(t, "moved", must(k.Care.MoveCall(ctx, k.call, one.NodeTerm, care.MovedDraining))(t), true)
	is(t, "told", k.moved(), 1)
	if k.now().PausedSince != nil {
		t.Fatal("paused, although media flows")
	}
	two := k.life("two")
	there := k.Clock.Now()
	k.both(two, there, there, false)
	k.Clock.Pass(2 * time.Second)
	k.both(one, start, k.Clock.Now(), true) // the old connections end: both overlap
	k.both(one, k.Clock.Now(), k.Clock.Now().Add(time.Hour), false)
	k.Clock.Pass(8 * time.Second)
	k.both(two, there, k.Clock.Now(), false)
	is(t, "effective seconds", k.now().EffectiveSeconds, 70)
	is(t, "pauses", k.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'MEDIA_LOST'`, k.c.Id), 0)
}

// A connection that was made under an earlier grant begins nothing on the doctor's side, whatever its node believes.
func TestTheTicketsEpochFencesWhatIsRecorded(t *testing.T) {
	t.Parallel()
	k := onNodes(t)
	one := k.life("one")
	stale := one
	stale.Epoch--
	k.joined(stale)
	k.both(stale, k.Clock.Now(), k.Clock.Now().Add(time.Minute), false)
	is(t, "intervals of the doctor", k.Count(`SELECT count(*) FROM media_intervals WHERE participant_id = $1`, k.his), 0)
	is(t, "intervals of the nurse", k.Count(`SELECT count(*) FROM media_intervals WHERE participant_id = $1`, k.hers), 2)
	is(t, "state", k.now().State, "WAITING")
}

// What a crash left of a program that knew no nodes is closed at the start; what nodes answer for is left alone.
func TestAStartTouchesNoOtherNodesIntervals(t *testing.T) {
	t.Parallel()
	k := onNodes(t)
	one := k.life("one")
	k.both(one, k.Clock.Now(), k.Clock.Now(), false)
	if err := k.Care.CloseOpenMediaAfterCrash(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.Clock.Pass(time.Hour)
	if _, err := k.Care.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	is(t, "open intervals", k.Count(`SELECT count(*) FROM media_intervals WHERE NOT closed`), 4)
}
