package care_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// sweepAfter lets time pass and does what time does.
func sweepAfter(t *testing.T, w *caretest.World, d time.Duration) {
	t.Helper()
	w.Clock.Pass(d)
	must(w.Care.Sweep(t.Context()))(t)
}

// ringing are the names of those whom a request rings now, in alphabetical order.
func ringing(t *testing.T, w *caretest.World, id uuid.UUID) []string {
	t.Helper()
	rows, err := w.Store.Pool.Query(t.Context(), `SELECT u.display_name FROM offers o JOIN users u ON u.id = o.doctor_id
		WHERE o.consultation_id = $1 AND o.result = 'PENDING' ORDER BY u.display_name`, id)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := []string{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	return out
}

func rung(t *testing.T, w *caretest.World, id uuid.UUID, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if got := ringing(t, w, id); !slices.Equal(got, want) {
		t.Errorf("rings %v, want %v", got, want)
	}
}

func codes(c contract.Consultation) []string {
	out := []string{}
	if c.Waiting != nil {
		for _, s := range c.Waiting.Steps {
			out = append(out, s.Code)
		}
	}
	return out
}

func seen(t *testing.T, w *caretest.World, a identity.Actor, id uuid.UUID) contract.Consultation {
	t.Helper()
	c := must(w.Care.GetConsultation(t.Context(), a, id))(t)
	if c.Waiting != nil { // what was done is told in the order in which it was
		var before time.Time
		for _, s := range c.Waiting.Steps {
			if s.Done && s.At != nil && s.At.Before(before) {
				t.Errorf("%s stands after what came later: %v", s.Code, codes(c))
			}
			if s.Done && s.At != nil {
				before = *s.At
			}
		}
	}
	return c
}

// One doctor rings for 20 seconds, then the next; after both there is a pause, then a new round.
func TestOneDoctorAtATime(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	w.Exec(`UPDATE residents SET usual_doctor_id = $1 WHERE id = $2`, w.Zhao.UserID, w.Resident)
	c := w.Offered(w.Nurse, w.Resident)
	rung(t, w, c.Id, "赵医生") // the usual doctor comes first
	is(t, "told who", *c.Waiting.DoctorName, "赵医生")

	sweepAfter(t, w, 19*time.Second)
	rung(t, w, c.Id, "赵医生")
	sweepAfter(t, w, time.Second)
	rung(t, w, c.Id, "王医生")
	sweepAfter(t, w, 20*time.Second)
	rung(t, w, c.Id)
	c = seen(t, w, w.Nurse, c.Id)
	pause := current(t, c)
	is(t, "step", pause.Code, "ladder_paused")
	is(t, "until", *pause.DueAt, w.Clock.Now().Add(30*time.Minute)) // a twentieth of a day, at most half an hour
	sweepAfter(t, w, 30*time.Minute-time.Second)
	rung(t, w, c.Id)
	sweepAfter(t, w, time.Second)
	rung(t, w, c.Id, "赵医生")
	is(t, "the record says whom", (*event(seen(t, w, w.Nurse, c.Id), "RUNG").Data)["doctorNames"].([]string)[0], "赵医生")
}

// Who speaks the resident's language comes before who is idle longest, who comes before the others.
func TestRingOrder(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	// Wang held a case an hour ago; Zhao has been idle for longer.
	held := w.Claim(w.Wang, w.Offered(w.Nurse, w.Second))
	w.Connect(w.Nurse, w.Wang, held).Talk(time.Minute)
	w.Sign(w.Wang, held, w.Content())
	w.Clock.Pass(time.Hour)
	resident := w.ResidentOf(w.Home, "李大山", "105-1", "FULL")
	c := w.Offered(w.Nurse, resident)
	rung(t, w, c.Id, "赵医生")
	must(w.Care.CancelConsultation(t.Context(), w.Nurse, uuid.New(), c.Id, contract.ReasonRequest{Reason: "BETTER"}))(t)

	w.Exec(`UPDATE users SET languages = '{zh-CN,mn}' WHERE id = $1`, w.Wang.UserID)
	w.Exec(`UPDATE residents SET preferred_language = 'mn' WHERE id = $1`, resident)
	c = w.Offered(w.Nurse, resident)
	rung(t, w, c.Id, "王医生")

	// Who conducted most often within a year is the usual doctor, whatever the language.
	w.Exec(`UPDATE users SET languages = '{mn}' WHERE id = $1`, w.Zhao.UserID)
	again := w.Offered(w.Nurse, w.Second)
	rung(t, w, again.Id, "王医生")
	q := must(w.Care.GetQueue(t.Context(), w.Wang))(t)
	for _, item := range q.Waiting {
		is(t, "usual", item.Usual, item.Id == again.Id)
	}
}

// A device that vanishes ends the ring at once; the request goes on to the next, under the same epoch, once.
func TestVanishedDevice(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	w.Exec(`UPDATE residents SET usual_doctor_id = $1 WHERE id = $2`, w.Wang.UserID, w.Resident)
	c := w.Offered(w.Nurse, w.Resident)
	rung(t, w, c.Id, "王医生")
	w.Presence.Set(w.Wang.UserID, care.PresenceOff)
	socket := w.Socket(w.Wang) // presence lost him, but a node has his socket
	sweepAfter(t, w, time.Second)
	rung(t, w, c.Id, "王医生")
	w.Exec(`UPDATE signaling_sessions SET closed_at = $2 WHERE id = $1`, socket, w.Clock.Now())
	sweepAfter(t, w, time.Second)
	rung(t, w, c.Id, "赵医生")
	sweepAfter(t, w, time.Second)
	is(t, "rings on record", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'RUNG'`, c.Id), 2)
	got := seen(t, w, w.Nurse, c.Id)
	is(t, "epoch", got.Epoch, c.Epoch)
	if !slices.Contains(codes(got), "ladder_unreached") {
		t.Errorf("not said that the device is gone: %v", codes(got))
	}

	// While presence is out of reach, nobody is taken for gone.
	w.Presence.Set(w.Zhao.UserID, care.PresenceOff)
	w.Presence.Fail(errAway)
	sweepAfter(t, w, time.Second)
	rung(t, w, c.Id, "赵医生")
}

func TestRingIsDelivered(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Offered(w.Nurse, w.Resident)
	var offer, doctor uuid.UUID
	if err := w.Store.Pool.QueryRow(t.Context(), `SELECT id, doctor_id FROM offers WHERE consultation_id = $1`, c.Id).Scan(&offer, &doctor); err != nil {
		t.Fatal(err)
	}
	delivered := func() int {
		return w.Count(`SELECT count(*) FROM offers WHERE delivered_at IS NOT NULL`)
	}
	for who, id := range map[uuid.UUID]uuid.UUID{w.Gao.UserID: offer, doctor: uuid.New()} { // a stranger's word, an unknown ring
		if err := w.Care.OfferDelivered(t.Context(), who, id); err != nil {
			t.Fatal(err)
		}
	}
	is(t, "delivered", delivered(), 0)
	for range 2 {
		if err := w.Care.OfferDelivered(t.Context(), doctor, offer); err != nil {
			t.Fatal(err)
		}
	}
	is(t, "delivered", delivered(), 1)
	row := must(w.Care.GetBoard(t.Context(), w.Desk))(t).Rows[0]
	is(t, "the board says so", row.Asked[0].Delivered, true)
}

// Declining needs a reason; the next doctor rings at once, and who declined is not rung again but may still answer.
func TestDecline(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	w.Exec(`UPDATE residents SET usual_doctor_id = $1 WHERE id = $2`, w.Wang.UserID, w.Resident)
	w.Presence.Set(w.Gao.UserID, care.PresenceOff)
	c := w.Offered(w.Nurse, w.Resident)
	_, err := w.Care.DeclineOffer(ctx, w.Wang, uuid.New(), c.Id, contract.DeclineRequest{Epoch: c.Epoch, Reason: "BORED"})
	refused(t, err, "invalid_request")
	cmd, note := uuid.New(), "门诊还有三位"
	for range 2 { // repeated, it changes nothing
		got := must(w.Care.DeclineOffer(ctx, w.Wang, cmd, c.Id, contract.DeclineRequest{Epoch: c.Epoch, Reason: "WITH_PATIENT", Note: &note}))(t)
		if slices.Contains(got.Actions, "declineOffer") || !slices.Contains(got.Actions, "claimConsultation") {
			t.Errorf("actions %v", got.Actions)
		}
	}
	rung(t, w, c.Id, "赵医生")
	is(t, "declined on record", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'DECLINED'`, c.Id), 1)
	is(t, "told to stop", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'ring.stop' AND payload->'data'->>'result' = 'declined'`), 1)
	got := seen(t, w, w.Nurse, c.Id)
	i := slices.IndexFunc(got.Waiting.Steps, func(s contract.LadderStep) bool { return s.Code == "ladder_declined" })
	if i < 0 {
		t.Fatalf("not said: %v", codes(got))
	}
	is(t, "words", got.Waiting.Steps[i].Message, "王医生不能接诊：正在接诊病人")
	is(t, "the note is sealed", w.Count(`SELECT count(*) FROM offers WHERE position($1::bytea in note_enc) > 0`, []byte(note)), 0)

	other := w.Offered(w.Nurse, w.Second)
	for _, doctor := range []identity.Actor{w.Wang, w.Zhao} {
		must(w.Care.DeclineOffer(ctx, doctor, uuid.New(), other.Id, contract.DeclineRequest{Epoch: other.Epoch, Reason: "WITH_PATIENT"}))(t)
	}
	left := seen(t, w, w.Nurse, other.Id).Waiting
	if left.Available != 0 || left.PromiseBy != nil || left.Estimate != nil {
		t.Errorf("everybody declined, and the nurse is told: %d available, by %v", left.Available, left.PromiseBy)
	}

	sweepAfter(t, w, 20*time.Second)
	sweepAfter(t, w, 30*time.Minute) // a new round
	rung(t, w, c.Id, "赵医生")
	if err := w.Care.RingNewcomer(ctx, w.Wang.UserID); err != nil {
		t.Fatal(err)
	}
	rung(t, w, c.Id, "赵医生")
	w.Claim(w.Wang, c)
	_, err = w.Care.DeclineOffer(ctx, w.Zhao, uuid.New(), c.Id, contract.DeclineRequest{Epoch: c.Epoch, Reason: "OTHER"})
	is(t, "the winner", refused(t, err, "already_claimed").Args["doctor"], "王医生")
}

// Somebody who becomes free is rung with the first of the order that rings nobody yet.
func TestNewcomerGetsTheHeadOfTheOrder(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	for _, d := range []identity.Actor{w.Wang, w.Zhao, w.Gao} {
		w.Presence.Set(d.UserID, care.PresenceOff)
	}
	calm := w.Offered(w.Nurse, w.Resident)
	w.Clock.Pass(time.Minute)
	urgent := w.Draft(w.Nurse, w.Second)
	w.Consent(w.Nurse, urgent.Id)
	urgent = w.Submit(w.Nurse, urgent.Id, "URGENT")
	w.Clock.Pass(10 * time.Minute) // now the urgent one has used more of its target
	w.Presence.Set(w.Wang.UserID, care.PresenceAvailable)
	if err := w.Care.RingNewcomer(t.Context(), w.Wang.UserID); err != nil {
		t.Fatal(err)
	}
	rung(t, w, urgent.Id, "王医生")
	rung(t, w, calm.Id)
	w.Presence.Set(w.Zhao.UserID, care.PresenceAvailable)
	if err := w.Care.RingNewcomer(t.Context(), w.Zhao.UserID); err != nil {
		t.Fatal(err)
	}
	rung(t, w, calm.Id, "赵医生")
}

// partner makes a second hospital with an agreement and a doctor.
func partner(w *caretest.World) (uuid.UUID, uuid.UUID, identity.Actor) {
	hospital := w.Organisation("MEDICAL", "A100", "赛罕区医院")
	w.Licence(hospital, "MEDICAL_PRACTICE", "02", "03")
	department := w.Department(hospital, "02", "全科医疗科")
	agreement := w.Agreement(w.Home, hospital, []string{"REHAB_CARE_GUIDE"}, "02")
	return hospital, agreement, w.Doctor("dr.bao", "包医生", hospital, 9, department)
}

// The whole ladder of an EMERGENT request (target 10 min): department, related departments at 30 %, hospital at 60 %, partner
// hospitals at 90 %, dispatcher at 100 %. A partner's claim decides hospital, department, agreement and service anew.
func TestLadder(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	hospital, agreement, bao := partner(w)
	draft := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, draft.Id)
	general := w.Departments["02"]
	c := must(w.Care.SubmitConsultation(ctx, w.Nurse, uuid.New(), draft.Id, contract.SubmitRequest{Urgency: "EMERGENT", DepartmentId: &general}))(t)
	is(t, "service", c.ServiceType, "REMOTE_CONSULT")
	since := *c.OfferedAt
	coming := map[string]time.Time{}
	for _, s := range c.Waiting.Steps {
		if !s.Done && !s.Current && s.DueAt != nil {
			coming[s.Code] = *s.DueAt
		}
	}
	for code, at := range map[string]time.Duration{"ladder_to_related": 3 * time.Minute, "ladder_to_partners": 9 * time.Minute, "ladder_to_dispatcher": 10 * time.Minute} {
		if !coming[code].Equal(since.Add(at)) {
			t.Errorf("%s at %v, want %v (%v)", code, coming[code], since.Add(at), codes(c))
		}
	}
	if c.Waiting.Dispatcher != nil {
		t.Error("the dispatcher is named before being called")
	}
	_, err := w.Care.GetConsultation(ctx, w.Gao, c.Id)
	refused(t, err, "not_found")
	_, err = w.Care.GetConsultation(ctx, bao, c.Id)
	refused(t, err, "not_found")

	at := func(d time.Duration) contract.Consultation {
		t.Helper()
		sweepAfter(t, w, since.Add(d).Sub(w.Clock.Now()))
		return seen(t, w, w.Nurse, c.Id)
	}
	at(3*time.Minute - time.Second)
	is(t, "step", w.Count(`SELECT ladder_step FROM consultations WHERE id = $1`, c.Id), 0)
	got := at(3 * time.Minute)
	if !slices.Contains(ringing(t, w, c.Id), "高医生") || !slices.Contains(codes(got), "ladder_widened") {
		t.Errorf("related departments are not asked: %v %v", ringing(t, w, c.Id), codes(got))
	}
	seen(t, w, w.Gao, c.Id)
	at(9 * time.Minute)
	if !slices.Contains(ringing(t, w, c.Id), "包医生") {
		t.Errorf("partners are not asked: %v", ringing(t, w, c.Id))
	}
	is(t, "dispatcher not yet alerted", w.Count(`SELECT count(*) FROM consultation_events WHERE type = 'DISPATCHER_ALERTED'`), 0)
	got = at(10 * time.Minute)
	is(t, "alerted", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'dispatcher.alert' AND payload->'to'->'users' ? $1 AND payload->'data'->>'reason' = 'LATE'`, w.Desk.UserID.String()), 1)
	is(t, "dispatcher", got.Waiting.Dispatcher.Name, "陶敏")
	is(t, "phone", *got.Waiting.Dispatcher.Phone, "0471-1234567")
	steps := []string{}
	for _, e := range got.Timeline {
		if e.Type == "WIDENED" || e.Type == "DISPATCHER_ALERTED" {
			steps = append(steps, e.Type)
		}
	}
	is(t, "steps on record", len(steps), 3)

	held := w.Claim(bao, c)
	is(t, "hospital", held.InvitedOrg.Id, hospital)
	is(t, "service of the partner's agreement", held.ServiceType, "REHAB_CARE_GUIDE")
	is(t, "agreement", w.Count(`SELECT count(*) FROM consultations WHERE id = $1 AND agreement_id = $2`, c.Id, agreement), 1)
	back := must(w.Care.ReleaseConsultation(ctx, bao, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: held.Epoch, Reason: "OTHER"}))(t)
	is(t, "service again", back.ServiceType, "REMOTE_CONSULT")
	is(t, "department again", back.Department.Id, general)
	is(t, "place", *back.OfferedAt, since)

	// Without the agreement the partner cannot claim.
	w.Exec(`UPDATE agreements SET terminated_at = $2 WHERE id = $1`, agreement, w.Clock.Now())
	_, err = w.Care.ClaimConsultation(ctx, bao, uuid.New(), c.Id, contract.EpochRequest{Epoch: back.Epoch})
	refused(t, err, "service_no_agreement")
}

// A request that comes back after its target has passed has no step of the ladder left: the dispatcher is called again.
func TestGivenBackLateCallsTheDispatcher(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	draft := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, draft.Id)
	c := w.Submit(w.Nurse, draft.Id, "EMERGENT")
	alerts := func() int {
		return w.Count(`SELECT count(*) FROM outbox WHERE topic = 'dispatcher.alert' AND payload->'data'->>'consultationId' = $1`, c.Id.String())
	}
	sweepAfter(t, w, 11*time.Minute)
	is(t, "late", alerts(), 1)
	held := w.Claim(w.Wang, c)
	back := must(w.Care.ReleaseConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: held.Epoch, Reason: "OTHER"}))(t)
	is(t, "given back late", alerts(), 2)
	must(w.Care.TakeCharge(ctx, w.Desk, uuid.New(), c.Id, contract.EpochRequest{Epoch: back.Epoch}))(t)
	held = w.Claim(w.Zhao, back)
	must(w.Care.ReleaseConsultation(ctx, w.Zhao, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: held.Epoch, Reason: "OTHER"}))(t)
	is(t, "somebody is in charge", alerts(), 2)
}

// Once somebody has answered, the other hospitals that were asked lose sight of the case, of everything that comes of it, and of
// the news; given back, they see it again. The losers of the race are told who won.
func TestOtherHospitalsLoseSight(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	hospital, _, bao := partner(w)
	desk := w.User("desk.bai", "白调度", "DISPATCHER", hospital)
	c := w.Offered(w.Nurse, w.Resident)
	for range 2 {
		must(w.Care.WidenConsultation(ctx, w.Desk, uuid.New(), c.Id, contract.EpochRequest{}))(t)
	}
	seen(t, w, bao, c.Id)
	seen(t, w, desk, c.Id)

	held := w.Claim(w.Wang, c)
	seen(t, w, w.Zhao, c.Id)
	seen(t, w, w.Desk, c.Id)
	for _, a := range []identity.Actor{bao, desk} {
		_, err := w.Care.GetConsultation(ctx, a, c.Id)
		refused(t, err, "not_found")
	}
	is(t, "in the log", len(must(w.Care.ListConsultations(ctx, bao, contract.ListConsultationsParams{}))(t).Rows), 0)
	_, err := w.Care.ClaimConsultation(ctx, bao, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch})
	is(t, "who won", refused(t, err, "already_claimed").Args["doctor"], "王医生")
	_, err = w.Care.TakeCharge(ctx, desk, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch})
	refused(t, err, "already_claimed")
	_, err = w.Care.ClaimConsultation(ctx, w.StrangerDoctor, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch})
	refused(t, err, "not_found")

	news := func() int {
		return w.Count(`SELECT count(*) FROM outbox WHERE payload->'to'->'departments' @> to_jsonb(ARRAY(SELECT id FROM departments WHERE organisation_id = $1))`, hospital)
	}
	before := news()
	w.Connect(w.Nurse, w.Wang, held)
	is(t, "news of a foreign case", news(), before)
	sweepAfter(t, w, 16*time.Minute)
	_, err = w.Care.ClaimConsultation(ctx, bao, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch})
	refused(t, err, "not_found")

	// Given back it is everybody's again, also the news of it.
	other := w.Offered(w.Nurse, w.Second)
	for range 2 {
		must(w.Care.WidenConsultation(ctx, w.Desk, uuid.New(), other.Id, contract.EpochRequest{}))(t)
	}
	taken := w.Claim(bao, other)
	_, err = w.Care.GetConsultation(ctx, w.Zhao, other.Id)
	refused(t, err, "not_found")
	before = news()
	must(w.Care.ReleaseConsultation(ctx, bao, uuid.New(), other.Id, contract.EpochReasonRequest{Epoch: taken.Epoch, Reason: "OTHER"}))(t)
	seen(t, w, w.Zhao, other.Id)
	seen(t, w, bao, other.Id)
	if news() == before {
		t.Error("not told of what was given back")
	}
}

// Two nodes that sweep at once take each step once.
func TestManyNodesTakeEachStepOnce(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Offered(w.Nurse, w.Resident)
	w.Exec(`UPDATE consultations SET ladder_due_at = $2 WHERE id = $1`, c.Id, w.Clock.Now())
	done := make(chan error, 4)
	for range cap(done) {
		node := w.Node()
		go func() { _, err := node.Sweep(t.Context()); done <- err }()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	is(t, "widened", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'WIDENED'`, c.Id), 1)
}

// When nobody who is asked is present, a person is told at once, and the bedside who.
func TestNobodyPresentAlertsTheDispatcher(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	for _, d := range []identity.Actor{w.Wang, w.Zhao, w.Gao} {
		w.Presence.Set(d.UserID, care.PresenceOff)
	}
	// Of two dispatchers the one on the roster is called.
	night := w.User("desk.night", "夜班调度", "DISPATCHER", w.Hospital)
	w.Exec(`INSERT INTO duty_shifts (id, organisation_id, user_id, role, starts_at, ends_at) VALUES ($1, $2, $3, 'DISPATCHER', $4, $5)`,
		uuid.New(), w.Hospital, night.UserID, w.Clock.Now().Add(-time.Hour), w.Clock.Now().Add(time.Hour))
	w.Exec(`UPDATE users SET phone_enc = $2 WHERE id = $1`, night.UserID, w.Keeper.SealText("users", "phone_enc", night.UserID, "13947120001"))
	c := w.Offered(w.Nurse, w.Resident)
	is(t, "dispatcher", c.Waiting.Dispatcher.Name, "夜班调度")
	is(t, "phone", *c.Waiting.Dispatcher.Phone, "13947120001")
	if c.Waiting.Estimate != nil || c.Waiting.PromiseBy != nil {
		t.Error("a time is told while nobody is there")
	}
	is(t, "alerted", w.Count(`SELECT count(*) FROM consultation_events WHERE type = 'DISPATCHER_ALERTED' AND data->>'reason' = 'NOBODY'
		AND data->'users' = jsonb_build_array($1::text)`, night.UserID.String()), 1)
	sweepAfter(t, w, 31*time.Minute)
	is(t, "once", w.Count(`SELECT count(*) FROM consultation_events WHERE type = 'DISPATCHER_ALERTED'`), 1)
}

func TestCriticalRingsEverybodyAndCallsThePerson(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Submit(w.Nurse, w.Draft(w.Nurse, w.Resident).Id, "CRITICAL")
	rung(t, w, c.Id, "王医生", "赵医生")
	is(t, "dispatcher", c.Waiting.Dispatcher.Name, "陶敏")
	if c.Waiting.Estimate != nil || c.Waiting.PromiseBy != nil {
		t.Error("a number for CRITICAL")
	}
	must(w.Care.DeclineOffer(t.Context(), w.Wang, uuid.New(), c.Id, contract.DeclineRequest{Reason: "EMERGENCY_HERE"}))(t)
	rung(t, w, c.Id, "赵医生")
	sweepAfter(t, w, consult.PageTime)
	if got := ringing(t, w, c.Id); !slices.Contains(got, "赵医生") || slices.Contains(got, "王医生") {
		t.Errorf("rings %v", got)
	}
}

// A request that is raised while it waits goes by the new target at once.
func TestRaisedUrgencyShortensTheLadder(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Offered(w.Nurse, w.Resident)
	w.Clock.Pass(4 * time.Minute)
	raised := contract.Urgency("EMERGENT")
	must(w.Care.UpdateRequest(t.Context(), w.Nurse, c.Id, contract.RequestUpdate{Revision: c.RequestRevision, Reasons: []string{"OTHER"}, RedFlags: []string{}, Urgency: &raised}))(t)
	sweepAfter(t, w, time.Second)
	is(t, "step", w.Count(`SELECT ladder_step FROM consultations WHERE id = $1`, c.Id), 1)
}

// What a doctor speaks is entered with the account, in the catalogue's codes.
func TestLanguagesOfADoctor(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	department := w.Departments["02"]
	in := contract.UserInput{Username: "dr.meng", Name: "蒙医生", OrganisationId: w.Hospital, DepartmentId: &department, Role: "CONSULTANT",
		Licence: &contract.ProfessionalLicenceInput{Kind: "PHYSICIAN", Number: "110150105000999", TitleCode: "233"}, Languages: &[]string{"zh-CN", "mn"}}
	in.Licence.ValidFrom.Time = caretest.Start().AddDate(-5, 0, 0)
	since := in.Licence.ValidFrom
	in.Licence.IndependentSince = &since
	made := must(w.Care.CreateUser(t.Context(), w.HospitalAdmin, uuid.New(), in))(t)
	is(t, "speaks", w.Count(`SELECT count(*) FROM users WHERE id = $1 AND languages = '{zh-CN,mn}'`, made.User.Id), 1)
	in.Username, in.Languages = "dr.other", &[]string{"klingon"}
	_, err := w.Care.CreateUser(t.Context(), w.HospitalAdmin, uuid.New(), in)
	is(t, "field", refused(t, err, "invalid_request").Fields[0].Path, "languages/0")
}
