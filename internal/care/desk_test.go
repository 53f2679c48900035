package care_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func TestBoard(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	w.Exec(`UPDATE residents SET usual_doctor_id = $1 WHERE id = $2`, w.Wang.UserID, w.Resident)
	calm := w.Offered(w.Nurse, w.Resident)
	w.Offered(w.StrangerNurse, w.StrangersResident) // another hospital's
	w.Clock.Pass(3 * time.Hour)
	late := w.Draft(w.Nurse, w.Second)
	w.Consent(w.Nurse, late.Id)
	late = w.Submit(w.Nurse, late.Id, "EMERGENT")
	sweepAfter(t, w, 11*time.Minute)
	must(w.Care.TakeCharge(ctx, w.Desk, uuid.New(), late.Id, contract.EpochRequest{}))(t)

	b := must(w.Care.GetBoard(ctx, w.Desk))(t)
	is(t, "rows", len(b.Rows), 2)
	first, second := b.Rows[0], b.Rows[1]
	is(t, "the latest first", first.Id, late.Id)
	is(t, "late by", first.LateBySeconds, 60)
	is(t, "not late yet", second.LateBySeconds, int((3*time.Hour + 11*time.Minute - 24*time.Hour).Seconds()))
	is(t, "step", first.LadderStep, 4)
	is(t, "in charge", first.Dispatcher.Name, "陶敏")
	is(t, "masked", first.Resident.Name, "乌****")
	is(t, "asked first", second.Asked[0].Name, "王医生")
	is(t, "no answer", second.Asked[0].Result, "LAPSED")
	if first.Complaint != nil || second.Complaint != nil {
		t.Error("free text on the board")
	}
	if first.NextStepAt != nil || second.NextStepAt == nil {
		t.Error("next steps")
	}
	is(t, "phone", *first.InstitutionPhone, "0471-1234567")
	is(t, "doctors", len(b.Doctors), 3) // not the junior
	w.Claim(w.Zhao, calm)
	b = must(w.Care.GetBoard(ctx, w.Desk))(t)
	is(t, "rows", len(b.Rows), 1)
	for _, d := range b.Doctors {
		is(t, d.Person.Name+" busy", d.Busy, d.Person.Id == w.Zhao.UserID)
	}

	for _, a := range []identity.Actor{w.Nurse, w.Wang, w.HospitalAdmin, w.Sys, w.County} {
		_, err := w.Care.GetBoard(ctx, a)
		refused(t, err, "forbidden")
	}
	far := w.User("desk.far", "远调度", "DISPATCHER", w.OtherHospital)
	is(t, "another hospital's board", len(must(w.Care.GetBoard(ctx, far))(t).Rows), 1)
	_, err := w.Care.GetConsultation(ctx, far, late.Id)
	refused(t, err, "not_found")
	card := must(w.Care.GetConsultation(ctx, w.Desk, late.Id))(t)
	if card.Complaint != nil || !card.Resident.Masked || card.Resident.Guardians != nil {
		t.Error("the dispatcher reads free text or a name")
	}
}

func TestAssign(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Offered(w.Nurse, w.Resident)
	w.Presence.Set(w.Gao.UserID, care.PresenceOff)
	phone := true
	for code, in := range map[string]contract.AssignRequest{
		"doctor_not_there": {DoctorId: w.Gao.UserID},
		"invalid_request":  {DoctorId: w.StrangerDoctor.UserID, ConfirmedByPhone: &phone},
		"epoch_stale":      {Epoch: 3, DoctorId: w.Wang.UserID},
	} {
		_, err := w.Care.AssignConsultation(ctx, w.Desk, uuid.New(), c.Id, in)
		refused(t, err, code)
	}
	got := must(w.Care.AssignConsultation(ctx, w.Desk, uuid.New(), c.Id, contract.AssignRequest{DoctorId: w.Gao.UserID, ConfirmedByPhone: &phone}))(t)
	is(t, "state", got.State, "WAITING")
	is(t, "epoch", got.Epoch, c.Epoch+1)
	is(t, "doctor", got.Doctor.Name, "高医生")
	is(t, "assigned by", *got.AssignedBy, "陶敏")
	is(t, "department that answers", got.Department.Id, w.Departments["0310"])
	rung(t, w, c.Id)
	is(t, "told", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'consultation.assigned' AND payload->'to'->'users' ? $1
		AND payload->'data'->>'assignedBy' = '陶敏'`, w.Gao.UserID.String()), 1)
	e := event(got, "ASSIGNED")
	if e == nil || *e.FromState != "OFFERED" || *e.ToState != "WAITING" && *e.ToState != "ACCEPTED" || *e.ActorRole != "DISPATCHER" {
		t.Errorf("event %+v", e)
	}
	mine := must(w.Care.GetQueue(ctx, w.Gao))(t).Mine
	is(t, "mine", len(mine), 1)
	is(t, "assigned by", *mine[0].AssignedBy, "陶敏")

	// A busy doctor is refused, and who was assigned may give it back: the request stands where it was.
	other := w.Offered(w.Nurse, w.Second)
	_, err := w.Care.AssignConsultation(ctx, w.Desk, uuid.New(), other.Id, contract.AssignRequest{DoctorId: w.Gao.UserID, ConfirmedByPhone: &phone})
	refused(t, err, "doctor_busy")
	back := must(w.Care.ReleaseConsultation(ctx, w.Gao, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: got.Epoch, Reason: "EMERGENCY_HERE"}))(t)
	is(t, "department again", back.Department.Id, w.Departments["02"])
	if back.AssignedBy != nil {
		t.Error("still assigned")
	}
	_, err = w.Care.AssignConsultation(ctx, w.Desk, uuid.New(), c.Id, contract.AssignRequest{Epoch: c.Epoch, DoctorId: w.Wang.UserID})
	refused(t, err, "epoch_stale")
}

func TestWidenByHand(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	partner(w)
	c := w.Offered(w.Nurse, w.Resident)
	got := must(w.Care.WidenConsultation(ctx, w.Desk, uuid.New(), c.Id, contract.EpochRequest{}))(t)
	if asked := ringing(t, w, c.Id); len(asked) != 2 { // beside the first now somebody of 0304 or 0310
		t.Errorf("rings %v", asked)
	}
	is(t, "by whom", (*event(got, "WIDENED").Data)["by"].(string), "DISPATCHER")
	must(w.Care.WidenConsultation(ctx, w.Desk, uuid.New(), c.Id, contract.EpochRequest{}))(t)
	if !slices.Contains(ringing(t, w, c.Id), "包医生") {
		t.Errorf("rings %v", ringing(t, w, c.Id))
	}
	_, err := w.Care.WidenConsultation(ctx, w.Desk, uuid.New(), c.Id, contract.EpochRequest{})
	refused(t, err, "nothing_wider")
	card := must(w.Care.GetConsultation(ctx, w.Desk, c.Id))(t)
	if slices.Contains(card.Actions, "widenConsultation") || !slices.Contains(card.Actions, "assignConsultation") {
		t.Errorf("actions %v", card.Actions)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	first, double := w.Offered(w.Nurse, w.Resident), w.Offered(w.Nurse, w.Second)
	foreign := w.Offered(w.PureNurse, w.PureResident) // same hospital, another institution
	for _, into := range []uuid.UUID{double.Id, foreign.Id, uuid.New()} {
		_, err := w.Care.MergeConsultation(ctx, w.Desk, uuid.New(), double.Id, contract.MergeRequest{Why: contract.SAMEPERSON, Into: into})
		refused(t, err, "merge_not_possible")
	}
	// An urgent request does not vanish into one that may wait.
	w.Exec(`UPDATE consultations SET urgency = 'ROUTINE' WHERE id = $1`, first.Id)
	w.Exec(`UPDATE consultations SET urgency = 'EMERGENT' WHERE id = $1`, double.Id)
	_, err := w.Care.MergeConsultation(ctx, w.Desk, uuid.New(), double.Id, contract.MergeRequest{Why: contract.SAMEPERSON, Into: first.Id})
	refused(t, err, "merge_not_possible")
	w.Exec(`UPDATE consultations SET urgency = 'EMERGENT' WHERE id = $1`, first.Id)
	cmd := uuid.New()
	for range 2 {
		got := must(w.Care.MergeConsultation(ctx, w.Desk, cmd, double.Id, contract.MergeRequest{Why: contract.SAMEPERSON, Into: first.Id}))(t)
		is(t, "state", got.State, "CANCELLED")
		is(t, "end code", *got.EndCode, "MERGED")
		is(t, "into", *got.MergedInto, first.Id)
	}
	rung(t, w, double.Id)
	is(t, "linked from the other side", (*event(seen(t, w, w.Nurse, first.Id), "MERGED").Data)["from"].(string), double.Id.String())
	is(t, "state of the other", seen(t, w, w.Nurse, first.Id).State, "OFFERED")
	// What is over is no target.
	_, err = w.Care.MergeConsultation(ctx, w.Desk, uuid.New(), first.Id, contract.MergeRequest{Why: contract.SAMEPERSON, Into: double.Id})
	refused(t, err, "merge_not_possible")
}

// A written question keeps its case card and its place, rings nobody, keeps nobody busy, and is answered by a signed report
// without a call.
func TestWrittenQuestion(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Offered(w.Nurse, w.Resident)
	note := "请医生今天书面答复"
	got := must(w.Care.ConvertToWritten(ctx, w.Desk, uuid.New(), c.Id, contract.ConvertRequest{Note: &note}))(t)
	is(t, "mode", got.Mode, contract.ModeWRITTEN)
	is(t, "state", got.State, "OFFERED")
	is(t, "place", *got.OfferedAt, *c.OfferedAt)
	rung(t, w, c.Id)
	is(t, "step", current(t, seen(t, w, w.Nurse, c.Id)).Code, "ladder_written")
	messages := must(w.Care.ListMessages(ctx, w.Nurse, c.Id))(t)
	is(t, "told", messages[0].Body, note)
	_, err := w.Care.ConvertToWritten(ctx, w.Desk, uuid.New(), c.Id, contract.ConvertRequest{})
	refused(t, err, "already_written")
	inCharge := func() int {
		return int(w.Count(`SELECT count(*) FROM consultations WHERE id = $1 AND dispatcher_id = $2`, c.Id, w.Desk.UserID))
	}
	is(t, "who converted is in charge", inCharge(), 1)
	is(t, "no alert stands", w.Count(`SELECT count(*) FROM unnest(ARRAY['RING', 'CRITICAL_PAGE', 'DISPATCHER_ALERT']) AS alert WHERE notification_live(alert, $1, 0, $2)`,
		c.Id, w.Wang.UserID), 0)
	sweepAfter(t, w, 48*time.Hour)
	rung(t, w, c.Id)
	is(t, "nobody took it in time: it is everybody's at the desk again", inCharge(), 0)
	is(t, "alerted", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'DISPATCHER_ALERTED' AND data->>'reason' = 'LATE'`, c.Id), 1)
	if err := w.Care.RingNewcomer(ctx, w.Wang.UserID); err != nil {
		t.Fatal(err)
	}
	rung(t, w, c.Id)

	// Claimed beside a call.
	call := w.Claim(w.Wang, w.Offered(w.Nurse, w.Second))
	held := w.Claim(w.Wang, c)
	is(t, "state", held.State, "ACCEPTED")
	_, err = w.Care.GetTicket(ctx, w.Wang, c.Id, contract.TicketRequest{Epoch: &held.Epoch})
	refused(t, err, "call_not_possible")
	_, err = w.Care.FinishConsultation(ctx, w.Wang, uuid.New(), call.Id, contract.EpochRequest{Epoch: call.Epoch})
	refused(t, err, "transition_not_allowed") // a call that has not begun is not finished
	sweepAfter(t, w, 10*time.Minute)
	signed := w.Sign(w.Wang, held, w.Content())
	is(t, "state", signed.State, "REPORTED")
	if signed.StartedAt != nil || signed.EffectiveSeconds != 0 || len(signed.Participants) != 0 {
		t.Error("a call is on record")
	}
	is(t, "adopted", w.Adopt(w.Attending, signed).State, "FOLLOW_UP")

	critical := w.Submit(w.Nurse, w.Draft(w.Nurse, w.Dement).Id, "CRITICAL")
	_, err = w.Care.ConvertToWritten(ctx, w.Desk, uuid.New(), critical.Id, contract.ConvertRequest{})
	refused(t, err, "never_for_critical")
}

// Every command of the desk, and a doctor's no: repeated by its id it is carried out once, with another content it is refused,
// and under an epoch that has passed it is refused with the present one.
func TestDeskCommandsOnceAndFenced(t *testing.T) {
	t.Parallel()
	ops := map[string]func(w *caretest.World, cmd, id uuid.UUID, epoch int64) error{
		"decline": func(w *caretest.World, cmd, id uuid.UUID, epoch int64) error {
			_, err := w.Care.DeclineOffer(w.T.Context(), w.Wang, cmd, id, contract.DeclineRequest{Epoch: epoch, Reason: "OTHER"})
			return err
		},
		"take charge": func(w *caretest.World, cmd, id uuid.UUID, epoch int64) error {
			_, err := w.Care.TakeCharge(w.T.Context(), w.Desk, cmd, id, contract.EpochRequest{Epoch: epoch})
			return err
		},
		"widen": func(w *caretest.World, cmd, id uuid.UUID, epoch int64) error {
			_, err := w.Care.WidenConsultation(w.T.Context(), w.Desk, cmd, id, contract.EpochRequest{Epoch: epoch})
			return err
		},
		"assign": func(w *caretest.World, cmd, id uuid.UUID, epoch int64) error {
			_, err := w.Care.AssignConsultation(w.T.Context(), w.Desk, cmd, id, contract.AssignRequest{Epoch: epoch, DoctorId: w.Zhao.UserID})
			return err
		},
		"merge": func(w *caretest.World, cmd, id uuid.UUID, epoch int64) error {
			into := w.Count(`SELECT count(*) FROM consultations WHERE id <> $1`, id)
			if into == 0 {
				w.Offered(w.Nurse, w.Second)
			}
			var other uuid.UUID
			if err := w.Store.Pool.QueryRow(w.T.Context(), `SELECT id FROM consultations WHERE id <> $1`, id).Scan(&other); err != nil {
				return err
			}
			_, err := w.Care.MergeConsultation(w.T.Context(), w.Desk, cmd, id, contract.MergeRequest{Why: contract.SAMEPERSON, Epoch: epoch, Into: other})
			return err
		},
		"convert": func(w *caretest.World, cmd, id uuid.UUID, epoch int64) error {
			_, err := w.Care.ConvertToWritten(w.T.Context(), w.Desk, cmd, id, contract.ConvertRequest{Epoch: epoch})
			return err
		},
	}
	for name, op := range ops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := caretest.New(t)
			c := w.Offered(w.Nurse, w.Resident)
			colleague := w.Doctor("dr.first", "前医生", w.Hospital, 5, w.Departments["02"])
			held := w.Claim(colleague, c)
			_, err := w.Care.ReleaseConsultation(t.Context(), colleague, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: held.Epoch, Reason: "OTHER"})
			if err != nil {
				t.Fatal(err)
			}
			now := held.Epoch + 1
			p := problem.Of(op(w, uuid.New(), c.Id, held.Epoch))
			if p.Code != "epoch_stale" || p.Current == nil || p.Current.Epoch != now {
				t.Fatalf("stale: %v", p)
			}
			cmd := uuid.New()
			if err := op(w, cmd, c.Id, now); err != nil {
				t.Fatal(err)
			}
			events := w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1`, c.Id)
			if err := op(w, cmd, c.Id, now); err != nil {
				t.Errorf("repeated: %v", err)
			}
			is(t, "events after the repetition", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1`, c.Id), events)
			refused(t, op(w, cmd, c.Id, now+1), "command_reused")
			is(t, "events after the refusal", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1`, c.Id), events)
		})
	}
}

// While a doctor claims and a dispatcher assigns and converts at the same instant, one of them wins.
func TestClaimAgainstTheDesk(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Offered(w.Nurse, w.Resident)
	done := make(chan error, 3)
	go func() {
		_, err := w.Care.ClaimConsultation(t.Context(), w.Wang, uuid.New(), c.Id, contract.EpochRequest{})
		done <- err
	}()
	go func() {
		_, err := w.Care.AssignConsultation(t.Context(), w.Desk, uuid.New(), c.Id, contract.AssignRequest{DoctorId: w.Zhao.UserID})
		done <- err
	}()
	go func() {
		_, err := w.Care.AssignConsultation(t.Context(), w.Desk, uuid.New(), c.Id, contract.AssignRequest{DoctorId: w.Gao.UserID})
		done <- err
	}()
	won := 0
	for range cap(done) {
		err := <-done
		if err == nil {
			won++
		} else if code := problem.Of(err).Code; code != "already_claimed" {
			t.Errorf("refused with %v", err)
		}
	}
	is(t, "winners", won, 1)
	is(t, "epoch", w.Count(`SELECT epoch FROM consultations WHERE id = $1`, c.Id), 1)
}

// twoLooks lets the bedside look twice at the same moment, before anything is told, and wants the same to be told to both.
func twoLooks(t *testing.T, w *caretest.World, id uuid.UUID) *time.Time {
	t.Helper()
	tx := must(w.Store.Pool.Begin(t.Context()))(t)
	defer func() { _ = tx.Rollback(context.Background()) }()
	must(tx.Exec(t.Context(), `SELECT 1 FROM consultations WHERE id = $1 FOR UPDATE`, id))(t)
	type look struct {
		by  *time.Time
		err error
	}
	looks := make(chan look, 2)
	for range cap(looks) {
		go func() {
			c, err := w.Care.GetConsultation(t.Context(), w.Nurse, id)
			if err != nil {
				looks <- look{err: err}
				return
			}
			looks <- look{by: c.Waiting.PromiseBy}
		}()
	}
	for w.Count(`SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()`) < cap(looks) {
		if t.Context().Err() != nil {
			t.Fatal(t.Context().Err())
		}
	}
	must[any](nil, tx.Rollback(t.Context()))(t)
	first, second := <-looks, <-looks
	if first.err != nil || second.err != nil || first.by == nil || second.by == nil || !first.by.Equal(*second.by) {
		t.Fatalf("told %+v and %+v", first, second)
	}
	return first.by
}

// The time that the bedside was told stays until it has passed, and the doctors see the same; the ranges are kept beside what
// then happened.
func TestWhatIsToldOfTimeIsKept(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Offered(w.Nurse, w.Resident)
	told := *c.Waiting.PromiseBy
	e := *c.Waiting.Estimate
	if e.FromSeconds != 0 || e.ToSeconds != 60 {
		t.Errorf("two free doctors: %+v", e)
	}
	w.Clock.Pass(time.Minute)
	is(t, "told again", *seen(t, w, w.Nurse, c.Id).Waiting.PromiseBy, told)
	is(t, "told the doctors", *must(w.Care.GetQueue(t.Context(), w.Wang))(t).Waiting[0].PromiseBy, told)
	is(t, "told the desk", *must(w.Care.GetBoard(t.Context(), w.Desk))(t).Rows[0].PromiseBy, told)
	is(t, "ranges", w.Count(`SELECT count(*) FROM wait_estimates`), 1)
	w.Clock.Pass(told.Sub(w.Clock.Now()) + time.Second)
	seen(t, w, w.Wang, c.Id) // a doctor's look tells the bedside nothing
	is(t, "still the old one", w.Count(`SELECT count(*) FROM consultations WHERE promise_by = $1`, told), 1)
	later := *twoLooks(t, w, c.Id)
	if !later.After(w.Clock.Now()) {
		t.Errorf("promised %v, it is %v", later, w.Clock.Now())
	}
	w.Claim(w.Wang, c)
	is(t, "what happened", w.Count(`SELECT count(*) FROM wait_estimates WHERE consultation_id = $1 AND taken_at = $2`, c.Id, w.Clock.Now()), w.Count(`SELECT count(*) FROM wait_estimates`))

	// Both doctors there, one in a consultation; the second request waits for nobody, the third for somebody.
	w.Presence.Set(w.Gao.UserID, care.PresenceOff)
	second := w.Offered(w.Nurse, w.Second)
	w.Claim(w.Zhao, second)
	third := w.Offered(w.Nurse, w.ResidentOf(w.Home, "李大山", "105-1", "FULL"))
	if e := *third.Waiting.Estimate; e.FromSeconds < 60 || e.ToSeconds <= e.FromSeconds || e.ToSeconds > 3600 {
		t.Errorf("both busy: %+v", e)
	}
}

// What step 3 shows is what submitting does.
func TestTheRouteShownIsTheRouteTaken(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	shown := func(reasons ...string) *contract.TriageRoute {
		t.Helper()
		return must(w.Care.ProposeTriage(ctx, w.Nurse, contract.TriageInput{Reasons: reasons, RedFlags: []string{}, Readings: []contract.VitalInput{}}))(t).Route
	}
	w.Presence.Set(w.Wang.UserID, care.PresenceOff)
	w.Presence.Set(w.Zhao.UserID, care.PresenceOff)
	r := shown("OTHER")
	is(t, "who is there answers", r.DepartmentId, w.Departments["0310"])
	is(t, "taken", w.Offered(w.Nurse, w.Resident).Department.Id, r.DepartmentId)
	w.Presence.Set(w.Wang.UserID, care.PresenceAvailable)
	r = shown("OTHER")
	is(t, "the better fit", r.DepartmentId, w.Departments["02"])
	is(t, "hospital", r.Hospital, "青城医院")
	is(t, "service", r.ServiceType, "REMOTE_CONSULT")
	is(t, "taken", w.Offered(w.Nurse, w.Second).Department.Id, r.DepartmentId)
	geriatrics := w.Departments["0310"]
	chosen := must(w.Care.ProposeTriage(ctx, w.Nurse, contract.TriageInput{Reasons: []string{"OTHER"}, RedFlags: []string{}, Readings: []contract.VitalInput{}, DepartmentId: &geriatrics}))(t)
	is(t, "the chosen one", chosen.Route.DepartmentId, geriatrics)
	w.Exec(`UPDATE agreements SET terminated_at = $1`, w.Clock.Now())
	if r := shown("OTHER"); r != nil {
		t.Errorf("a route without an agreement: %+v", r)
	}
}

// Who was reached by phone has ten minutes to come to a screen; then the request is offered again.
func TestAssignedByPhoneHasTime(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Offered(w.Nurse, w.Resident)
	w.Presence.Set(w.Gao.UserID, care.PresenceOff)
	phone := true
	must(w.Care.AssignConsultation(t.Context(), w.Desk, uuid.New(), c.Id, contract.AssignRequest{DoctorId: w.Gao.UserID, ConfirmedByPhone: &phone}))(t)
	sweepAfter(t, w, 9*time.Minute)
	is(t, "state", seen(t, w, w.Nurse, c.Id).State, "WAITING")
	sweepAfter(t, w, time.Minute)
	is(t, "state", seen(t, w, w.Nurse, c.Id).State, "OFFERED")
}

// Written questions that wait long do not stand before those who wait for a call.
func TestWrittenQuestionsStandBehind(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	for _, d := range []identity.Actor{w.Wang, w.Zhao, w.Gao} {
		w.Presence.Set(d.UserID, care.PresenceOff)
	}
	question := w.Offered(w.Nurse, w.Resident)
	must(w.Care.ConvertToWritten(ctx, w.Desk, uuid.New(), question.Id, contract.ConvertRequest{}))(t)
	w.Clock.Pass(72 * time.Hour)
	call := w.Offered(w.Nurse, w.Second)
	is(t, "ahead", call.Waiting.Ahead, 0)
	w.Presence.Set(w.Wang.UserID, care.PresenceAvailable)
	if err := w.Care.RingNewcomer(ctx, w.Wang.UserID); err != nil {
		t.Fatal(err)
	}
	rung(t, w, call.Id, "王医生")
	rung(t, w, question.Id)
	list := must(w.Care.GetQueue(ctx, w.Wang))(t).Waiting
	is(t, "first", list[0].Id, call.Id)
	is(t, "last", list[1].Id, question.Id)
}
