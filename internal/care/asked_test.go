package care_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// A request that was made without network waits from then on, within bounds, and is answered for from when it was received.
func TestARequestMadeWithoutNetworkKeepsItsTime(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	for _, d := range []identity.Actor{w.Wang, w.Zhao, w.Gao} {
		w.Presence.Set(d.UserID, care.PresenceOff)
	}
	submit := func(resident uuid.UUID, asked *time.Time) contract.Consultation {
		t.Helper()
		c := w.Draft(w.Nurse, resident)
		w.Consent(w.Nurse, c.Id)
		return must(w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE", AskedAt: asked}))(t)
	}
	third := w.ResidentOf(w.Home, "李玉兰", "103-1", "FULL")
	asked, long := w.Clock.Now(), w.Clock.Now().Add(-5*time.Hour)
	w.Clock.Pass(15 * time.Minute)
	online := submit(w.Second, nil)
	w.Clock.Pass(5 * time.Minute)
	received := w.Clock.Now()
	kept := submit(w.Resident, &asked)
	claimed := submit(third, &long)

	is(t, "asked", *kept.AskedAt, asked)
	is(t, "received", *kept.SubmittedAt, received)
	is(t, "promised from its receipt", kept.OfferedAt.Equal(received), true)
	is(t, "asked long ago, as the tablet says", *claimed.AskedAt, long)
	list := must(w.Care.GetQueue(t.Context(), w.Wang))(t).Waiting
	is(t, "waiting", len(list), 3)
	for i, want := range []struct {
		id    uuid.UUID
		since time.Time
	}{{claimed.Id, received.Add(-30 * time.Minute)}, {kept.Id, asked}, {online.Id, received.Add(-5 * time.Minute)}} {
		is(t, "in its place", list[i].Id, want.id)
		is(t, "waits since", list[i].OfferedAt.Equal(want.since), true)
	}
	is(t, "nobody is ahead of who claims the most", must(w.Care.GetConsultation(t.Context(), w.Nurse, claimed.Id))(t).Waiting.Ahead, 0)
	is(t, "the last", must(w.Care.GetConsultation(t.Context(), w.Nurse, online.Id))(t).Waiting.Ahead, 2)
}

// A device without network cannot show what the server proposes: the graver of both holds, and it is not refused for want of a reason.
func TestTheGraverUrgencyHoldsForARequestMadeWithoutNetwork(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Draft(w.Nurse, w.Resident, "CHEST")
	w.Consent(w.Nurse, c.Id)
	asked := w.Clock.Now()
	got := must(w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE", AskedAt: &asked}))(t)
	is(t, "as proposed", got.Urgency, got.UrgencyProposed)
	is(t, "not as chosen", got.Urgency != "ROUTINE", true)
}

// A draft that was begun with the network there was not asked for before it: the device's word takes nobody further back.
func TestADraftThatTheServerKnowsWasNotAskedForBefore(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Draft(w.Nurse, w.Resident)
	begun := w.Clock.Now()
	w.Consent(w.Nurse, c.Id)
	w.Clock.Pass(20 * time.Minute)
	asked := w.Clock.Now().Add(-29 * time.Minute)
	must(w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE", AskedAt: &asked}))(t)
	is(t, "waits since it was begun", w.Count(`SELECT count(*) FROM consultations WHERE id = $1 AND queued_since = $2`, c.Id, begun), 1)
}
