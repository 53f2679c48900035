package care_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func kinds(c contract.Consultation) []string {
	var out []string
	for _, e := range c.Timeline {
		out = append(out, e.Type)
	}
	return out
}

// A doctor gives a request back for want of material; the nurse reads what is lacking, completes it and asks again; nothing of
// what was entered is lost, the time counts anew, and the doctor's hands are empty.
func TestReturnedAndSubmittedAgain(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	held := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	if !slices.Contains(held.Actions, "returnRequest") {
		t.Fatalf("actions %v", held.Actions)
	}
	note := "请量血压并拍左踝照片"
	in := contract.ReturnRequest{Epoch: held.Epoch, Lacking: []string{"VITALS", "PHOTOS"}, Note: &note}
	err := w.Care.ReturnRequest(ctx, w.Wang, uuid.New(), held.Id, contract.ReturnRequest{Epoch: held.Epoch, Lacking: []string{"NONSENSE"}})
	refused(t, err, "invalid_request")
	err = w.Care.ReturnRequest(ctx, w.Wang, uuid.New(), held.Id, contract.ReturnRequest{Epoch: held.Epoch + 1, Lacking: in.Lacking})
	refused(t, err, "epoch_stale")
	done(t, w.Care.ReturnRequest(ctx, w.Wang, uuid.New(), held.Id, in))

	c := must(w.Care.GetConsultation(ctx, w.Nurse, held.Id))(t)
	if c.State != "RETURNED" || c.Doctor != nil || c.Returned == nil || !slices.Equal(c.Returned.Lacking, in.Lacking) || *c.Returned.Note != note ||
		!slices.Contains(c.Actions, "submitConsultation") || !slices.Contains(c.Actions, "addVitals") {
		t.Fatalf("%+v %v", c.Returned, c.Actions)
	}
	list := must(w.Care.GetWorklist(ctx, w.Nurse))(t)
	if !slices.ContainsFunc(list.Active, func(r contract.LogRow) bool { return r.Id == c.Id }) {
		t.Error("the nurse does not find it")
	}
	w.Clock.Pass(30 * time.Minute)
	again := w.Submit(w.Nurse, c.Id, "ROUTINE")
	if again.State != "OFFERED" || !again.OfferedAt.Equal(w.Clock.Now()) || again.Returned.ResubmittedAt == nil || *again.Complaint != *held.Complaint {
		t.Errorf("%s offered at %v", again.State, again.OfferedAt)
	}
	if got := w.Claim(w.Wang, again); got.State != "WAITING" || got.Epoch != held.Epoch+2 {
		t.Errorf("%s epoch %d", got.State, got.Epoch)
	}

	// From the queue: by who is asked and by the dispatcher; a critical one by nobody.
	second := w.Offered(w.Nurse, w.Second)
	done(t, w.Care.ReturnRequest(ctx, w.Desk, uuid.New(), second.Id, contract.ReturnRequest{Epoch: second.Epoch, Lacking: []string{"OTHER"}}))
	critical := w.Submit(w.Nurse, w.Draft(w.Nurse, w.Dement).Id, "CRITICAL")
	err = w.Care.ReturnRequest(ctx, w.Desk, uuid.New(), critical.Id, contract.ReturnRequest{Epoch: critical.Epoch, Lacking: []string{"OTHER"}})
	refused(t, err, consult.CodeCriticalStays)
}

// An answered request is put off to a slot: the doctor is free until then, it cannot begin early, moves with a reason, and
// begins in its slot. One whose slot passes is a no-show, by the clock.
func TestPlanned(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	held := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	from := w.Clock.Now().Add(2 * time.Hour)
	slot := contract.ScheduleRequest{Epoch: held.Epoch, From: from, To: from.Add(20 * time.Minute)}
	c := must(w.Care.ScheduleConsultation(ctx, w.Wang, uuid.New(), held.Id, slot))(t)
	if c.State != "SCHEDULED" || c.Slot == nil || !c.Slot.From.Equal(from) || slices.Contains(c.Actions, "getTicket") {
		t.Fatalf("%s %+v %v", c.State, c.Slot, c.Actions)
	}
	_, err := w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{})
	refused(t, err, "slot_not_yet")
	// Free for others, but not for another slot at the same time.
	other := w.Claim(w.Wang, w.Offered(w.Nurse, w.Second))
	_, err = w.Care.ScheduleConsultation(ctx, w.Wang, uuid.New(), other.Id, contract.ScheduleRequest{Epoch: other.Epoch, From: from.Add(10 * time.Minute), To: from.Add(30 * time.Minute)})
	refused(t, err, "slot_taken")
	must(w.Care.ScheduleConsultation(ctx, w.Wang, uuid.New(), other.Id, contract.ScheduleRequest{Epoch: other.Epoch, From: from.Add(time.Hour), To: from.Add(80 * time.Minute)}))(t)
	// Another slot needs a reason.
	slot.From, slot.To = from.Add(20*time.Minute), from.Add(40*time.Minute)
	_, err = w.Care.ScheduleConsultation(ctx, w.Wang, uuid.New(), c.Id, slot)
	refused(t, err, "invalid_request")
	why := "RESIDENT"
	slot.Reason = &why
	must(w.Care.ScheduleConsultation(ctx, w.Wang, uuid.New(), c.Id, slot))(t)

	w.Clock.Pass(2*time.Hour + 5*time.Minute)
	open := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t)
	if !slices.Contains(open.Actions, "getTicket") || !slices.Contains(open.Actions, "recordNoShow") {
		t.Fatalf("actions %v", open.Actions)
	}
	talk := w.Connect(w.Nurse, w.Wang, open)
	talk.Talk(4 * time.Minute)
	if got := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t); got.State != "IN_PROGRESS" {
		t.Errorf("%s", got.State)
	}
	// The other slot passes while the doctor talks: nothing is recorded over a busy doctor; then it is.
	w.Clock.Pass(90 * time.Minute)
	sweep := func() contract.Consultation {
		t.Helper()
		if _, err := w.Care.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		return must(w.Care.GetConsultation(ctx, w.Nurse, other.Id))(t)
	}
	talk.Talk(time.Second)
	if got := sweep(); got.State != "SCHEDULED" {
		t.Fatalf("%s", got.State)
	}
	must(w.Care.FinishConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch}))(t)
	if got := sweep(); got.State != "NO_SHOW" || *got.EndCode != "SLOT_PASSED" {
		t.Errorf("%s %v", got.State, kinds(got))
	}
}

// Two consultations that are put to one time of their doctor at the same moment: one of them gets it.
func TestASlotIsGivenOnce(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	from, why := w.Clock.Now().Add(2*time.Hour), "RESIDENT"
	var planned []contract.Consultation
	for i, resident := range []uuid.UUID{w.Resident, w.Second} {
		c := w.Claim(w.Wang, w.Offered(w.Nurse, resident))
		at := from.Add(time.Duration(i) * time.Hour)
		planned = append(planned, must(w.Care.ScheduleConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.ScheduleRequest{Epoch: c.Epoch, From: at, To: at.Add(20 * time.Minute)}))(t))
	}
	for round := range 8 {
		at := from.Add(time.Duration(3+round) * time.Hour)
		all := make(chan string, len(planned))
		for _, c := range planned {
			go func() {
				_, err := w.Care.ScheduleConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.ScheduleRequest{Epoch: c.Epoch, From: at, To: at.Add(20 * time.Minute), Reason: &why})
				all <- refusedAs(err)
			}()
		}
		got := []string{<-all, <-all}
		slices.Sort(got)
		if got[0] != "" || got[1] != "slot_taken" {
			t.Fatalf("round %d: %q", round, got)
		}
	}
}

// Unsuitable for remote care: ended at once, with a destination that the bedside reads; a short note is signed after.
func TestTerminatedAsUnsuitable(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	in := contract.TerminateRequest{Epoch: c.Epoch, Reason: "CHANGED", Destination: "EMERGENCY_DEPARTMENT", Place: "市第一医院急诊", GoWithin: "NOW"}
	_, err := w.Care.TerminateUnsuitable(ctx, w.Wang, uuid.New(), c.Id, in)
	refused(t, err, consult.CodeTransition) // no call is on
	w.Connect(w.Nurse, w.Wang, c).Talk(90 * time.Second)
	_, err = w.Care.TerminateUnsuitable(ctx, w.Wang, uuid.New(), c.Id, contract.TerminateRequest{Epoch: c.Epoch, Reason: "CHANGED", Destination: "EMERGENCY_DEPARTMENT", Place: "  ", GoWithin: "NOW"})
	refused(t, err, "invalid_request")
	_, err = w.Care.TerminateUnsuitable(ctx, w.Zhao, uuid.New(), c.Id, in)
	refused(t, err, "epoch_stale")
	must(w.Care.TerminateUnsuitable(ctx, w.Wang, uuid.New(), c.Id, in))(t)

	got := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	if got.State != "REPORT_PENDING" || got.CallId != nil || got.ReportDueAt == nil || !slices.Contains(kinds(got), "TERMINATE_UNSUITABLE") {
		t.Fatalf("%s %v", got.State, kinds(got))
	}
	if got.Termination == nil || *got.Termination.Place != in.Place || got.Termination.GoWithin != "NOW" || got.Termination.By != w.Wang.Name {
		t.Errorf("%+v", got.Termination)
	}
	// An administrator reads codes, not where exactly.
	if admin := must(w.Care.GetConsultation(ctx, w.HomeAdmin, c.Id))(t); admin.Termination == nil || admin.Termination.Place != nil {
		t.Errorf("%+v", admin.Termination)
	}
	assessment, outcome, limits := "意识改变，需急诊检查", "UNSUITABLE", "仅视频所见"
	signed := w.Sign(w.Wang, must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t), contract.ReportContent{Assessment: &assessment, Outcome: &outcome, Limits: &limits})
	if signed.State != "REPORTED" {
		t.Errorf("%s", signed.State)
	}
}

// A call that does not serve is interrupted by hand, resumed by calling again, and otherwise ends with the report pending.
func TestAbortedAndResumed(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(2 * time.Minute)
	abort := contract.EpochCodedReason{Epoch: c.Epoch, Reason: "NO_SOUND"}
	got := must(w.Care.AbortCall(ctx, w.Wang, uuid.New(), c.Id, abort))(t)
	if got.State != "ABORTED_TECH" || got.CallId != nil || got.PausedSince == nil || !slices.Contains(got.Actions, "getTicket") {
		t.Fatalf("%s %v", got.State, got.Actions)
	}
	w.Clock.Pass(time.Minute)
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(time.Minute)
	if got := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t); got.State != "IN_PROGRESS" || got.EffectiveSeconds != 180 {
		t.Fatalf("%s %d s", got.State, got.EffectiveSeconds)
	}
	must(w.Care.AbortCall(ctx, w.Wang, uuid.New(), c.Id, abort))(t)
	w.Clock.Pass(consult.Resumable + time.Second)
	if _, err := w.Care.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if got := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t); got.State != "REPORT_PENDING" {
		t.Errorf("%s", got.State)
	}
}

// A request that is declined as a whole goes to another department; one that nobody answers expires and is asked again or
// closed, by a person or after a day by itself. A draft is voided by an administrator, what was submitted is not.
func TestDeclinedExpiredClosed(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Offered(w.Nurse, w.Resident)
	note := "本科室今日无人出诊"
	must(w.Care.DeclineRequest(ctx, w.Desk, uuid.New(), c.Id, contract.DeclineRequest{Epoch: c.Epoch, Reason: "OTHER_DEPARTMENT", Note: &note}))(t)
	got := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	if got.State != "DECLINED" || *got.EndNote != note || !slices.Contains(got.Actions, "offerAgain") || !slices.Contains(got.Actions, "closeConsultation") {
		t.Fatalf("%s %v", got.State, got.Actions)
	}
	_, err := w.Care.OfferAgain(ctx, w.Nurse, uuid.New(), c.Id, contract.OfferAgainRequest{})
	refused(t, err, "invalid_request")
	geriatrics := w.Departments["0310"]
	got = must(w.Care.OfferAgain(ctx, w.Nurse, uuid.New(), c.Id, contract.OfferAgainRequest{DepartmentId: &geriatrics}))(t)
	if got.State != "OFFERED" || got.Department.Id != geriatrics || got.EndCode != nil {
		t.Fatalf("%s %+v", got.State, got.Department)
	}
	sweep := func(id uuid.UUID) contract.Consultation {
		t.Helper()
		for range 3 {
			if _, err := w.Care.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		return must(w.Care.GetConsultation(ctx, w.Nurse, id))(t)
	}
	w.Clock.Pass(72*time.Hour - time.Minute)
	if got := sweep(c.Id); got.State != "OFFERED" {
		t.Fatalf("%s", got.State)
	}
	w.Clock.Pass(time.Minute)
	if got := sweep(c.Id); got.State != "EXPIRED" || !slices.Contains(got.Actions, "offerAgain") {
		t.Fatalf("%s %v", got.State, got.Actions)
	}
	got = must(w.Care.OfferAgain(ctx, w.Nurse, uuid.New(), c.Id, contract.OfferAgainRequest{}))(t)
	if got.State != "OFFERED" || !got.OfferedAt.Equal(w.Clock.Now()) {
		t.Fatalf("%s %v", got.State, got.OfferedAt)
	}
	w.Clock.Pass(72 * time.Hour)
	sweep(c.Id)
	w.Clock.Pass(consult.NotTakenUp)
	if got := sweep(c.Id); got.State != "CLOSED_NO_SERVICE" || *got.EndCode != "NOT_TAKEN_UP" {
		t.Errorf("%s %v", got.State, kinds(got))
	}

	second := w.Offered(w.Nurse, w.Second)
	must(w.Care.DeclineRequest(ctx, w.Desk, uuid.New(), second.Id, contract.DeclineRequest{Epoch: second.Epoch, Reason: "OTHER"}))(t)
	if got := must(w.Care.CloseConsultation(ctx, w.Nurse, uuid.New(), second.Id, contract.CodedReason{Reason: "ELSEWHERE"}))(t); got.State != "CLOSED_NO_SERVICE" {
		t.Errorf("%s", got.State)
	}
	draft := w.Draft(w.Nurse, w.Second)
	if got := must(w.Care.VoidConsultation(ctx, w.HomeAdmin, uuid.New(), draft.Id, contract.CodedReason{Reason: "TEST"}))(t); got.State != "VOIDED" {
		t.Errorf("%s", got.State)
	}
	_, err = w.Care.VoidConsultation(ctx, w.HomeAdmin, uuid.New(), second.Id, contract.CodedReason{Reason: "TEST"})
	refused(t, err, consult.CodeTransition)
}

// An emergency keeps its times as they were at the bedside, and who took over.
func TestEmergencyTimes(t *testing.T) {
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Submit(w.Nurse, w.Draft(w.Nurse, w.Resident).Id, "CRITICAL")
	at := w.Clock.Now()
	who := "呼市急救中心3号车，送市第一医院"
	for i, step := range []contract.EmergencyStepRequestStep{"CALLED_120", "AMBULANCE_ARRIVED", "TO_EMERGENCY"} {
		when := at.Add(time.Duration(i) * time.Minute)
		in := contract.EmergencyStepRequest{Step: step, At: &when}
		if step == "TO_EMERGENCY" {
			in.Measure = &who
		}
		w.Clock.Pass(time.Minute)
		must(w.Care.LogEmergencyStep(ctx, w.Nurse, uuid.New(), c.Id, in))(t)
	}
	got := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	e := got.Emergency
	if got.State != "TO_EMERGENCY" || e == nil || !e.CalledAt.Equal(at) || !e.ArrivedAt.Equal(at.Add(time.Minute)) || !e.HandedOverAt.Equal(at.Add(2*time.Minute)) || *e.HandedTo != who {
		t.Fatalf("%s %+v", got.State, e)
	}
	if w.Count(`SELECT count(*) FROM consultation_events WHERE data::text LIKE '%急救中心%'`) != 0 {
		t.Error("free text in an event")
	}
	if got := must(w.Care.CloseConsultation(ctx, w.Nurse, uuid.New(), c.Id, contract.CodedReason{Reason: "HANDED_TO_EMERGENCY"}))(t); got.State != "CLOSED_NO_SERVICE" {
		t.Errorf("%s", got.State)
	}
}

// lifecycleCalls are the operations of this file, as calls has the others.
func lifecycleCalls(ctx context.Context, w *caretest.World, c contract.Consultation) map[string]call {
	id, epoch := c.Id, c.Epoch
	from := w.Clock.Now().Add(time.Hour)
	all := amendCalls(ctx, w, c)
	maps.Copy(all, bedsideCalls(ctx, w, c))
	maps.Copy(all, map[string]call{
		"returnRequest": func(a identity.Actor) error {
			return w.Care.ReturnRequest(ctx, a, uuid.New(), id, contract.ReturnRequest{Epoch: epoch, Lacking: []string{"VITALS"}})
		},
		"scheduleConsultation": func(a identity.Actor) error {
			_, err := w.Care.ScheduleConsultation(ctx, a, uuid.New(), id, contract.ScheduleRequest{Epoch: epoch, From: from, To: from.Add(20 * time.Minute)})
			return err
		},
		"recordNoShow": func(a identity.Actor) error {
			_, err := w.Care.RecordNoShow(ctx, a, uuid.New(), id, contract.EpochCodedReason{Epoch: epoch, Reason: "NOBODY_CAME"})
			return err
		},
		"abortCall": func(a identity.Actor) error {
			_, err := w.Care.AbortCall(ctx, a, uuid.New(), id, contract.EpochCodedReason{Epoch: epoch, Reason: "NETWORK"})
			return err
		},
		"terminateUnsuitable": func(a identity.Actor) error {
			_, err := w.Care.TerminateUnsuitable(ctx, a, uuid.New(), id, contract.TerminateRequest{Epoch: epoch, Reason: "CHANGED", Destination: "OUTPATIENT", Place: "市医院", GoWithin: "TODAY"})
			return err
		},
		"declineRequest": func(a identity.Actor) error {
			_, err := w.Care.DeclineRequest(ctx, a, uuid.New(), id, contract.DeclineRequest{Epoch: epoch, Reason: "OTHER"})
			return err
		},
		"offerAgain": func(a identity.Actor) error {
			_, err := w.Care.OfferAgain(ctx, a, uuid.New(), id, contract.OfferAgainRequest{})
			return err
		},
		"closeConsultation": func(a identity.Actor) error {
			_, err := w.Care.CloseConsultation(ctx, a, uuid.New(), id, contract.CodedReason{Reason: "OTHER"})
			return err
		},
		"voidConsultation": func(a identity.Actor) error {
			_, err := w.Care.VoidConsultation(ctx, a, uuid.New(), id, contract.CodedReason{Reason: "TEST"})
			return err
		},
	})
	return all
}

func lifecycleAllowed() map[string][]string {
	doctor, desk, bedside := []string{"CONSULTANT"}, []string{"CONSULTANT", "DISPATCHER"}, []string{"NURSE", "ATTENDING", "DISPATCHER"}
	return map[string][]string{"returnRequest": desk, "scheduleConsultation": desk, "recordNoShow": desk, "abortCall": doctor, "terminateUnsuitable": doctor,
		"declineRequest": {"DISPATCHER"}, "offerAgain": bedside, "closeConsultation": bedside, "voidConsultation": {"INST_ADMIN"},
		"amendReport": doctor, "sealRecord": {"INST_ADMIN"}, "unsealRecord": {"INST_ADMIN"},
		"checkIn": {"NURSE", "ATTENDING"}, "addEvidence": {"NURSE", "ATTENDING"}, "judgeEvidence": doctor}
}
