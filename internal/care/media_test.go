package care_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// The nurse is cut off: after 3 minutes the doctor's seat is free, after 15 the report is pending; in between she may come
// back. Nothing but the relay's evidence counts as effective time.
func TestThreeClocks(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(2 * time.Minute)
	now := func() contract.Consultation { return must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t) }
	sweep := func() int { return must(w.Care.Sweep(ctx))(t) }

	talk.Lose(talk.Nurse)
	lost := now()
	is(t, "state", lost.State, "IN_PROGRESS")
	if lost.PausedSince == nil {
		t.Fatal("nobody noticed that a side is gone")
	}
	talk.Talk(2*time.Minute + 59*time.Second) // the doctor stays
	is(t, "moved", sweep(), 0)
	talk.Return(talk.Nurse)
	if now().PausedSince != nil {
		t.Error("still paused")
	}
	is(t, "effective seconds", now().EffectiveSeconds, 120)
	talk.Talk(time.Minute)
	is(t, "effective seconds", now().EffectiveSeconds, 180)

	talk.Lose(talk.Nurse)
	w.Clock.Pass(3 * time.Minute)
	is(t, "moved", sweep(), 1)
	is(t, "moved again", sweep(), 0)
	is(t, "state", now().State, "ABORTED_TECH")
	is(t, "epoch", now().Epoch, c.Epoch)

	// Both are back before the 15 minutes are over: it goes on. (The doctor's connection was given up as dead meanwhile.)
	talk.Return(talk.Doctor)
	talk.Return(talk.Nurse)
	is(t, "state", now().State, "IN_PROGRESS")
	is(t, "started", *now().StartedAt, *lost.StartedAt)

	talk.Lose(talk.Nurse)
	w.Clock.Pass(3 * time.Minute)
	sweep()
	other := w.Claim(w.Wang, w.Offered(w.Nurse, w.Second)) // the seat is free
	w.Exec(`UPDATE signaling_sessions SET last_seen_at = $2 WHERE id = $1`, w.Socket(w.Wang), w.Clock.Now().Add(time.Hour))
	_, err := w.Care.GetTicket(ctx, w.Wang, c.Id, contract.TicketRequest{Epoch: &c.Epoch})
	refused(t, err, "doctor_busy")
	talk.Return(talk.Doctor)
	talk.Return(talk.Nurse)
	is(t, "state while the doctor is with somebody else", now().State, "ABORTED_TECH")
	w.Clock.Pass(12 * time.Minute)
	sweep()
	ended := now()
	is(t, "state", ended.State, "REPORT_PENDING")
	if ended.CallId != nil || ended.ReportDueAt == nil {
		t.Error("the call is open or the report has no deadline")
	}
	is(t, "the other consultation", must(w.Care.GetConsultation(ctx, w.Nurse, other.Id))(t).State, "WAITING")
	_, err = w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{})
	refused(t, err, "call_not_possible")
}

// Leave, End call and Finish are three acts.
func TestEndCallIsNotFinish(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(time.Minute)
	seen := must(w.Care.EndCall(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch}))(t)
	is(t, "state", seen.State, "IN_PROGRESS")
	if seen.CallId != nil || seen.PausedSince == nil {
		t.Error("the call is open or its clock does not run")
	}
	is(t, "told", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'call.ended' AND payload->'to'->'users' ? $1 AND payload->'to'->'users' ? $2`,
		w.Nurse.UserID.String(), w.Wang.UserID.String()), 1)
	_, err := w.Care.CallParticipants(ctx, talk.Call)
	refused(t, err, "call_ended")
	_, err = w.Care.EndCall(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch})
	refused(t, err, "call_ended")

	// What the relay's old room still reports is evidence, not a return.
	talk.Lose(talk.Doctor)
	again := w.Connect(w.Nurse, w.Wang, c)
	if again.Call == talk.Call {
		t.Error("the ended call was opened again")
	}
	again.Talk(time.Minute)
	seen = must(w.Care.FinishConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch}))(t)
	is(t, "state", seen.State, "REPORT_PENDING")
	is(t, "effective seconds of both calls", seen.EffectiveSeconds, 120)
	again.Talk(time.Second) // a late checkpoint counts and moves nothing
	seen = must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t)
	is(t, "state", seen.State, "REPORT_PENDING")
	is(t, "effective seconds", seen.EffectiveSeconds, 121)
}

// The server is killed in the middle of a call: everything is there when it starts again, and what the relay last saw counts.
func TestCrashInTheMiddleOfACall(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(90 * time.Second)
	before := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)

	w.Clock.Pass(20 * time.Second) // nobody reports
	w.Care = w.Node()
	if err := w.Care.CloseOpenMediaAfterCrash(ctx); err != nil {
		t.Fatal(err)
	}
	after := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	is(t, "state", after.State, "IN_PROGRESS")
	is(t, "epoch", after.Epoch, before.Epoch)
	is(t, "call", *after.CallId, *before.CallId)
	is(t, "effective seconds", after.EffectiveSeconds, 90)
	is(t, "events kept", after.Timeline[len(before.Timeline)-1].Seq, len(before.Timeline))
	if after.PausedSince == nil {
		t.Error("nobody noticed that the relay is gone")
	}
	is(t, "open intervals", w.Count(`SELECT count(*) FROM media_intervals WHERE NOT closed`), 0)

	// The pages reload and join again: the same call goes on.
	talk.Return(talk.Nurse)
	talk.Return(talk.Doctor)
	after = must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	is(t, "state", after.State, "IN_PROGRESS")
	if after.PausedSince != nil {
		t.Error("still paused")
	}
}

// A relay that dies without a word is noticed by its silence.
func TestSilentRelay(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(time.Minute)
	w.Clock.Pass(29 * time.Second)
	must(w.Care.Sweep(t.Context()))(t)
	if must(w.Care.GetConsultation(t.Context(), w.Nurse, c.Id))(t).PausedSince != nil {
		t.Error("given up too early")
	}
	w.Clock.Pass(2 * time.Second)
	must(w.Care.Sweep(t.Context()))(t)
	if must(w.Care.GetConsultation(t.Context(), w.Nurse, c.Id))(t).PausedSince == nil {
		t.Error("nobody noticed")
	}
	talk.Talk(time.Second) // it was only slow
	if must(w.Care.GetConsultation(t.Context(), w.Nurse, c.Id))(t).PausedSince != nil {
		t.Error("its next checkpoint was not believed")
	}
}

// The doctor answers and vanishes before the call: the nurse does not wait for nobody.
func TestDoctorWhoVanished(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	socket := w.Socket(w.Wang)
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	sees := func() { w.Exec(`UPDATE signaling_sessions SET last_seen_at = $2 WHERE id = $1`, socket, w.Clock.Now()) }
	w.Clock.Pass(10 * time.Minute)
	sees() // reading the case takes as long as it takes
	is(t, "moved", must(w.Care.Sweep(ctx))(t), 0)
	w.Exec(`UPDATE signaling_sessions SET closed_at = $2 WHERE id = $1`, socket, w.Clock.Now())
	w.Clock.Pass(2 * time.Minute)
	is(t, "moved", must(w.Care.Sweep(ctx))(t), 0)
	w.Presence.Set(w.Wang.UserID, care.PresenceOff)
	w.Clock.Pass(time.Minute)
	is(t, "moved", must(w.Care.Sweep(ctx))(t), 1)
	c = must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	is(t, "state", c.State, "OFFERED")
	is(t, "epoch", c.Epoch, int64(2))
	is(t, "asked", *c.Waiting.DoctorName, "赵医生")
	is(t, "actor", c.Timeline[len(c.Timeline)-2].Type, "RELEASE")
}

func TestTicketsHoldTheGrant(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	_, err := w.Care.GetTicket(ctx, w.Wang, c.Id, contract.TicketRequest{})
	refused(t, err, "invalid_request") // the grantee names the epoch
	his := must(w.Care.GetTicket(ctx, w.Wang, c.Id, contract.TicketRequest{Epoch: &c.Epoch}))(t)
	hers := must(w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{}))(t)
	is(t, "participants", len(hers.Participants), 2)
	again := must(w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{}))(t)
	is(t, "the same seat", again.ParticipantId, hers.ParticipantId)
	is(t, "calls opened", w.Count(`SELECT count(*) FROM calls`), 1)

	ticket, _, err := w.Identity.OpenTicket(ctx, his.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	is(t, "room", ticket.Room, his.CallId)
	seat := must(w.Care.AuthoriseTicket(ctx, ticket))(t)
	is(t, "seat", seat.Side, "MEDICAL")
	_, err = w.Care.AuthoriseTicket(ctx, identity.Ticket{Room: ticket.Room, Participant: hers.ParticipantId, User: w.Wang.UserID, Epoch: 1})
	refused(t, err, "not_found")
	_, err = w.Care.AuthoriseTicket(ctx, identity.Ticket{Room: uuid.New(), Participant: ticket.Participant, User: ticket.User, Epoch: 1})
	refused(t, err, "not_found")
	must(w.Care.ReleaseConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: c.Epoch, Reason: "OTHER"}))(t)
	_, err = w.Care.AuthoriseTicket(ctx, ticket)
	refused(t, err, "call_ended")
}

// The relay may name calls and participants that nobody knows.
func TestUnknownMedia(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	ticket := must(w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{}))(t)
	for _, call := range []uuid.UUID{uuid.New(), ticket.CallId} {
		if err := w.Care.MediaJoined(ctx, care.Origin{}, call, uuid.New(), uuid.New()); err != nil {
			t.Error(err)
		}
		if err := w.Care.MediaPresence(ctx, []care.MediaInterval{{ID: uuid.New(), Call: call, Participant: uuid.New(), Kind: "connected", Start: w.Clock.Now(), LastSeen: w.Clock.Now().Add(-time.Hour)}}); err != nil {
			t.Error(err)
		}
		if err := w.Care.MediaLeft(ctx, care.Origin{}, call, uuid.New(), uuid.New(), "lost"); err != nil {
			t.Error(err)
		}
	}
	is(t, "intervals", w.Count(`SELECT count(*) FROM media_intervals`), 0)
}

func TestForgottenDraftsRingsAndMemory(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	draft := w.Draft(w.Nurse, w.Resident)
	calm := w.Offered(w.Nurse, w.Second)
	resident := w.ResidentOf(w.Home, "李大山", "105-1", "FULL")
	grave := w.Draft(w.Nurse, resident)
	grave = w.Submit(w.Nurse, grave.Id, "CRITICAL")
	rings := func(id uuid.UUID, result string) int {
		return w.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1 AND result = $2`, id, result)
	}
	is(t, "rings", rings(grave.Id, "PENDING"), 2)
	w.Clock.Pass(181 * time.Second)
	must(w.Care.Sweep(ctx))(t)
	is(t, "a critical request goes on ringing, and rings further", rings(grave.Id, "PENDING"), 3)
	is(t, "rung twice", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'RUNG'`, grave.Id), 2)

	w.Clock.Pass(24 * time.Hour)
	must(w.Care.Sweep(ctx))(t)
	is(t, "rings", rings(calm.Id, "LAPSED"), 2)
	seen := must(w.Care.GetConsultation(ctx, w.Nurse, calm.Id))(t)
	is(t, "state after the rings", seen.State, "OFFERED")
	if !slices.ContainsFunc(seen.Waiting.Steps, func(s contract.LadderStep) bool { return s.Code == "ladder_no_answer" && s.Done }) {
		t.Errorf("nobody is said not to have answered: %+v", seen.Waiting.Steps)
	}
	seen = must(w.Care.GetConsultation(ctx, w.Nurse, draft.Id))(t)
	is(t, "state", seen.State, "VOIDED")
	is(t, "reason", *seen.EndCode, "DRAFT_EXPIRED")

	w.Exec(`UPDATE command_results SET created_at = $1`, w.Clock.Now().Add(-25*time.Hour))
	w.Exec(`UPDATE outbox SET created_at = $1`, w.Clock.Now().Add(-25*time.Hour))
	if n := must(w.Care.PruneCommands(ctx))(t); n == 0 {
		t.Error("no command was forgotten")
	}
	if n := must(w.Care.PruneOutbox(ctx))(t); n == 0 {
		t.Error("no event was forgotten")
	}
}
