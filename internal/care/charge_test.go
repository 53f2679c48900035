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

// socket gives somebody a socket, and says how to close it.
func socket(w *caretest.World, a identity.Actor) (closed func()) {
	sign, id := uuid.New(), uuid.New()
	w.Exec(`INSERT INTO auth_sessions (id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $3::timestamptz + interval '1 day')`, sign, a.UserID, w.Clock.Now())
	w.Exec(`INSERT INTO signaling_sessions (id, auth_session_id, user_id, node, opened_at, last_seen_at) VALUES ($1, $2, $3, 'n', $4, $4::timestamptz + interval '1 hour')`,
		id, sign, a.UserID, w.Clock.Now())
	return func() { w.Exec(`UPDATE signaling_sessions SET closed_at = $2 WHERE id = $1`, id, w.Clock.Now()) }
}

// A request in charge of a dispatcher who is gone is given back, and the others are called; also when they had been called for
// it before.
func TestAChargeDoesNotOutliveTheDispatcher(t *testing.T) {
	t.Parallel()
	alerted := func(w *caretest.World, c contract.Consultation, who identity.Actor) int {
		return w.Count(`SELECT count(*) FROM outbox WHERE topic = 'dispatcher.alert' AND payload->'data'->>'reason' = 'LEFT'
			AND payload->'data'->>'consultationId' = $1 AND payload->'to'->'users' ? $2`, c.Id.String(), who.UserID.String())
	}
	for why, leave := range map[string]func(w *caretest.World, closeSocket func()){
		"AWAY": func(w *caretest.World, closeSocket func()) {
			closeSocket()
			sweepAfter(t, w, 110*time.Second)
		},
		"OFF_DUTY": func(w *caretest.World, _ func()) {
			w.Exec(`INSERT INTO duty_shifts (id, organisation_id, user_id, role, starts_at, ends_at) VALUES ($1, $2, $3, 'DISPATCHER', $4, $5)`,
				uuid.New(), w.Hospital, w.Desk.UserID, w.Clock.Now().Add(-time.Hour), w.Clock.Now().Add(2*time.Minute))
			sweepAfter(t, w, 110*time.Second)
		},
		"ROLE": func(w *caretest.World, _ func()) {
			sweepAfter(t, w, 110*time.Second)
			w.Exec(`UPDATE memberships SET valid_to = $2 WHERE user_id = $1`, w.Desk.UserID, w.Clock.Now().Add(10*time.Second))
		},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			w := caretest.New(t)
			other := w.User("desk.night", "夜班调度", "DISPATCHER", w.Hospital)
			closeSocket := socket(w, w.Desk)
			c := w.Offered(w.Nurse, w.Resident)
			c = must(w.Care.TakeCharge(t.Context(), w.Desk, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch}))(t)
			leave(w, closeSocket)
			if got := seen(t, w, w.Nurse, c.Id); got.Waiting.Dispatcher == nil || got.Waiting.Dispatcher.Name != "陶敏" || alerted(w, c, other) != 0 {
				t.Fatal("given back before its time")
			}
			sweepAfter(t, w, 15*time.Second)
			is(t, "the other is called", alerted(w, c, other), 1)
			is(t, "who left is not", alerted(w, c, w.Desk), 0)
			is(t, "by message, too", w.Count(`SELECT count(*) FROM notifications WHERE event = 'DISPATCHER_ALERT' AND $1 = ANY(users)`, other.UserID), 1)
			got := seen(t, w, w.Nurse, c.Id)
			if got.Waiting.Dispatcher.Name != "夜班调度" || !slices.Contains(codes(got), "ladder_dispatcher_alerted") {
				t.Errorf("the nurse sees %v, %v", got.Waiting.Dispatcher, codes(got))
			}
			is(t, "why, on record", (*event(got, "CHARGE_ENDED").Data)["reason"], any(why))
			sweepAfter(t, w, time.Minute)
			is(t, "once", w.Count(`SELECT count(*) FROM consultation_events WHERE type = 'CHARGE_ENDED'`), 1)
		})
	}
}

// The only dispatcher has left: she is called where no screen is needed, and so are the administrators.
func TestTheOnlyDispatcherHasLeft(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	closeSocket := socket(w, w.Desk)
	c := w.Offered(w.Nurse, w.Resident)
	must(w.Care.TakeCharge(t.Context(), w.Desk, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch}))(t)
	closeSocket()
	sweepAfter(t, w, 3*time.Minute)
	is(t, "the same one", w.Count(`SELECT count(*) FROM notifications WHERE event = 'DISPATCHER_ALERT' AND $1 = ANY(users)`, w.Desk.UserID), 1)
	is(t, "administrators", w.Count(`SELECT count(*) FROM notifications WHERE event = 'NO_DISPATCHER' AND $1 = ANY(users) AND $2 = ANY(users)`,
		w.HospitalAdmin.UserID, w.HomeAdmin.UserID), 1)
}

// At a hospital without a dispatcher the ladder does not end in silence: the nurse sees whom to call, before and at the end, and
// the administrators are told once.
func TestAHospitalWithoutADispatcher(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	w.Exec(`DELETE FROM memberships WHERE user_id = $1`, w.Desk.UserID)
	w.Exec(`UPDATE organisations SET phone = '0471-7654321' WHERE id = $1`, w.Hospital)
	draft := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, draft.Id)
	c := w.Submit(w.Nurse, draft.Id, "EMERGENT")
	if !slices.Contains(codes(c), "ladder_to_nobody") {
		t.Fatalf("the end of the ladder is not told: %v", codes(c))
	}
	sweepAfter(t, w, 10*time.Minute)
	got := seen(t, w, w.Nurse, c.Id)
	i := slices.IndexFunc(got.Waiting.Steps, func(s contract.LadderStep) bool { return s.Code == "ladder_no_dispatcher" })
	if i < 0 {
		t.Fatalf("the nurse sees %v", codes(got))
	}
	is(t, "words", got.Waiting.Steps[i].Message, "青城医院没有调度员，已通知管理员；请拨打 0471-7654321")
	for range 3 {
		sweepAfter(t, w, time.Minute)
	}
	is(t, "administrators", w.Count(`SELECT count(*) FROM notifications WHERE event = 'NO_DISPATCHER' AND $1 = ANY(users) AND $2 = ANY(users)`,
		w.HospitalAdmin.UserID, w.HomeAdmin.UserID), 1)
	is(t, "on record", w.Count(`SELECT count(*) FROM consultation_events WHERE type = 'NO_DISPATCHER'`), 1)
}

// When everybody present has declined, the next step comes at once: here it is the partner hospital's, hours before its time.
func TestTheNextStepComesAtOnceWhenEverybodyDeclined(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	_, _, bao := partner(w)
	w.Presence.Set(w.Gao.UserID, care.PresenceOff)
	draft := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, draft.Id)
	general := w.Departments["02"]
	c := must(w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), draft.Id, contract.SubmitRequest{Urgency: "ROUTINE", DepartmentId: &general}))(t)
	here := ringing(t, w, c.Id)
	is(t, "somebody rings", len(here), 1)
	for len(here) > 0 && here[0] != "包医生" {
		doctor := map[string]identity.Actor{"王医生": w.Wang, "赵医生": w.Zhao}[here[0]]
		if slices.Contains(codes(seen(t, w, w.Nurse, c.Id)), "ladder_widened") {
			t.Fatal("asked wider while somebody is left")
		}
		must(w.Care.DeclineOffer(t.Context(), doctor, uuid.New(), c.Id, contract.DeclineRequest{Epoch: c.Epoch, Reason: "WITH_PATIENT"}))(t)
		here = ringing(t, w, c.Id)
	}
	rung(t, w, c.Id, "包医生")
	is(t, "why", w.Count(`SELECT count(*) FROM consultation_events WHERE type = 'WIDENED' AND data->>'by' = 'DECLINED' AND data->>'step' = '3'`), 1)
	// The last one declines too: a person is called.
	must(w.Care.DeclineOffer(t.Context(), bao, uuid.New(), c.Id, contract.DeclineRequest{Epoch: c.Epoch, Reason: "WITH_PATIENT"}))(t)
	rung(t, w, c.Id)
	is(t, "dispatcher", w.Count(`SELECT count(*) FROM consultation_events WHERE type = 'DISPATCHER_ALERTED' AND data->>'reason' = 'NOBODY'`), 1)
}

// A partner's agreement ends while a request waits there: it rings nobody there any more, is in nobody's queue there, and they
// are told. The hospital that was asked keeps it.
func TestAPartnerWithoutAnAgreementIsAskedNoMore(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	hospital, agreement, bao := partner(w)
	for _, d := range []identity.Actor{w.Wang, w.Zhao, w.Gao} {
		w.Presence.Set(d.UserID, care.PresenceOff)
	}
	draft := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, draft.Id)
	general := w.Departments["02"]
	c := must(w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), draft.Id, contract.SubmitRequest{Urgency: "EMERGENT", DepartmentId: &general}))(t)
	sweepAfter(t, w, 9*time.Minute)
	rung(t, w, c.Id, "包医生")
	is(t, "in the partner's queue", len(must(w.Care.GetQueue(t.Context(), bao))(t).Waiting), 1)

	w.Exec(`UPDATE agreements SET terminated_at = $2 WHERE id = $1`, agreement, w.Clock.Now())
	sweepAfter(t, w, time.Second)
	rung(t, w, c.Id)
	is(t, "in the partner's queue", len(must(w.Care.GetQueue(t.Context(), bao))(t).Waiting), 0)
	_, err := w.Care.GetConsultation(t.Context(), bao, c.Id)
	refused(t, err, "not_found")
	is(t, "told to stop", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'ring.stop' AND payload->'data'->>'result' = 'withdrawn' AND payload->'to'->'users' ? $1`, bao.UserID.String()), 1)
	is(t, "told", w.Count(`SELECT count(*) FROM outbox o, departments d WHERE o.topic = 'queue.changed' AND o.payload->'data'->>'change' = 'withdrawn'
		AND d.organisation_id = $1 AND o.payload->'to'->'departments' ? d.id::text`, hospital), 1)
	is(t, "on record", w.Count(`SELECT count(*) FROM consultation_events WHERE type = 'NARROWED'`), 1)
	is(t, "asked still", len(must(w.Care.GetQueue(t.Context(), w.Wang))(t).Waiting), 1)
	sweepAfter(t, w, time.Minute)
	is(t, "once", w.Count(`SELECT count(*) FROM consultation_events WHERE type = 'NARROWED'`), 1)
	rung(t, w, c.Id)
}

// A sweep does what is due to the end, not to the hundredth.
func TestASweepGoesOnUntilNothingIsDue(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	first := w.Offered(w.Nurse, w.Resident)
	w.Exec(`INSERT INTO residents SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'identity_hmac', NULL, 'bed', 'x' || n))).*
		FROM residents r, generate_series(1, 110) n WHERE r.id = $1`, w.Second)
	w.Exec(`INSERT INTO consultations SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'resident_id', r.id, 'serial', r.bed))).*
		FROM consultations c, residents r WHERE c.id = $1 AND r.bed LIKE 'x%'`, first.Id)
	w.Exec(`UPDATE consultations SET ladder_due_at = $1`, w.Clock.Now().Add(time.Minute))
	n := w.Count(`SELECT count(*) FROM consultations`)
	sweepAfter(t, w, 2*time.Minute)
	is(t, "all were done", w.Count(`SELECT count(*) FROM consultations WHERE ladder_due_at > $1`, w.Clock.Now()), n)
	is(t, "many", n > 100, true)
}
