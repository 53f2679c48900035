package care_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// planned is a round of Wang over residents of Home, with what a test does to it.
type planned struct {
	*caretest.World
	t     *testing.T
	round contract.Round
}

func planRound(t *testing.T, w *caretest.World, residents ...uuid.UUID) *planned {
	t.Helper()
	in := contract.RoundInput{OrganisationId: w.Home, DoctorId: w.Wang.UserID, DepartmentId: w.Departments["02"], StartsAt: w.Clock.Now(), Minutes: 60}
	for _, r := range residents {
		in.Residents = append(in.Residents, contract.RoundResident{ResidentId: r})
	}
	p := &planned{World: w, t: t}
	p.round = must(w.Care.CreateRound(t.Context(), w.Nurse, uuid.New(), in))(t)
	return p
}

func (p *planned) step(a identity.Actor, in contract.RoundStep) contract.Round {
	p.t.Helper()
	p.round = must(p.Care.StepRound(p.t.Context(), a, uuid.New(), p.round.Id, in))(p.t)
	return p.round
}

func (p *planned) tryStep(a identity.Actor, in contract.RoundStep) error {
	_, err := p.Care.StepRound(p.t.Context(), a, uuid.New(), p.round.Id, in)
	return err
}

func (p *planned) next(a identity.Actor) contract.Round {
	p.t.Helper()
	return p.step(a, contract.RoundStep{Action: "NEXT", CurrentId: p.round.CurrentId})
}

func (p *planned) opened() *planned {
	p.t.Helper()
	p.step(p.Nurse, contract.RoundStep{Action: "OPEN"})
	p.step(p.Wang, contract.RoundStep{Action: "OPEN"})
	return p
}

func (p *planned) of(i int) contract.Consultation {
	p.t.Helper()
	return must(p.Care.GetConsultation(p.t.Context(), p.Nurse, *p.at(i).ConsultationId))(p.t)
}

func (p *planned) at(i int) contract.RoundEntry {
	p.t.Helper()
	return must(p.Care.GetRound(p.t.Context(), p.Nurse, p.round.Id))(p.t).Entries[i]
}

// consents gives the consent of residents beforehand.
func (p *planned) consents(entries ...int) *planned {
	p.t.Helper()
	for _, i := range entries {
		p.Consent(p.Nurse, *p.at(i).ConsultationId)
	}
	return p
}

// One call, three residents: each has a record of its own with the seconds that were theirs; the one who lacks a consent cannot become
// the present one and nothing changes when it is tried; both sides move on, and what each signs comes later.
func TestARoundIsOneCallWithARecordForEach(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	third := w.ResidentOf(w.Home, "李桂香", "104-1", "FULL")
	p := planRound(t, w, w.Resident, w.Second, third).consents(0, 2)
	is(t, "state", p.round.State, "PLANNED")
	if blocks := p.at(1).Blocks; len(blocks) == 0 || blocks[0].Code != "consent_required" || blocks[0].Mend == nil {
		t.Fatalf("the missing consent is not shown: %v", blocks)
	}
	if blocks := p.at(0).Blocks; len(blocks) != 0 {
		t.Fatalf("blocked: %v", blocks)
	}
	refused(t, p.tryStep(w.Nurse, contract.RoundStep{Action: "NEXT"}), "round_not_opened")
	p.opened()
	p.next(w.Nurse)
	is(t, "round", p.round.State, "RUNNING")
	first := p.of(0)
	is(t, "state", first.State, "WAITING")
	is(t, "holder", first.Doctor.Id, w.Wang.UserID)
	is(t, "round of the consultation", *first.RoundId, p.round.Id)
	is(t, "rings", w.Count(`SELECT count(*) FROM offers WHERE result <> 'CLAIMED'`), 0)

	talk := w.Connect(w.Nurse, w.Wang, first)
	talk.Talk(90 * time.Second)
	is(t, "state", p.of(0).State, "IN_PROGRESS")

	err := p.tryStep(w.Wang, contract.RoundStep{Action: "NEXT", CurrentId: p.round.CurrentId})
	refused(t, err, "consent_required")
	is(t, "nothing changed", p.of(0).State, "IN_PROGRESS")
	p.step(w.Nurse, contract.RoundStep{Action: "SKIP", EntryId: &p.round.Entries[1].Id, Reason: new("NO_CONSENT")})
	is(t, "skipped", p.at(1).State, "SKIPPED")
	is(t, "draft", p.of(1).State, "DRAFT")

	p.next(w.Wang) // the doctor moves on, without redialling
	talk.Talk(60 * time.Second)
	one, two := p.of(0), p.of(2)
	is(t, "first", one.State, "REPORT_PENDING")
	is(t, "second", two.State, "IN_PROGRESS")
	is(t, "the same call", *two.CallId, talk.Call)
	if one.CallId != nil {
		t.Error("the first is still in the call")
	}
	is(t, "seconds of the first", one.EffectiveSeconds, 90)
	is(t, "seconds of the second", two.EffectiveSeconds, 60)
	is(t, "states", p.at(0).State, "DONE")
	is(t, "states", p.at(2).State, "NOW")

	// The one who lacked a consent gives it and comes after all.
	p.consents(1)
	p.step(w.Wang, contract.RoundStep{Action: "RESTORE", EntryId: &p.round.Entries[1].Id})
	p.next(w.Nurse)
	talk.Talk(30 * time.Second)
	p.step(w.Wang, contract.RoundStep{Action: "END", CurrentId: p.round.CurrentId})
	is(t, "round", p.round.State, "DONE")
	talk.Talk(time.Second) // the relay's last word
	for i, want := range []int{90, 31, 60} {
		is(t, "seconds", p.of(i).EffectiveSeconds, want)
		is(t, "state", p.of(i).State, "REPORT_PENDING")
	}
	is(t, "calls", w.Count(`SELECT count(*) FROM calls`), 1)
	is(t, "open calls", w.Count(`SELECT count(*) FROM calls WHERE ended_at IS NULL`), 0)
	_, err = w.Care.CallParticipants(ctx, talk.Call)
	refused(t, err, "call_ended")

	// Each report is finished afterwards, in any order.
	list := must(w.Care.GetWorklist(ctx, w.Wang))(t)
	is(t, "my open reports", len(list.ReportsPending), 3)
	for _, i := range []int{2, 0} {
		signed := w.Sign(w.Wang, p.of(i), w.Content())
		is(t, "signed", signed.State, "REPORTED")
	}
	is(t, "the third waits", p.of(1).State, "REPORT_PENDING")
	if !p.at(1).ReportPending || p.at(0).ReportPending {
		t.Error("the list does not say whose report is open")
	}
}

// Both tap at the same moment: the round moves by one.
func TestBothTapAndItMovesOnce(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	third := w.ResidentOf(w.Home, "李桂香", "104-1", "FULL")
	p := planRound(t, w, w.Resident, w.Second, third).consents(0, 1, 2).opened()
	p.next(w.Nurse)
	talk := w.Connect(w.Nurse, w.Wang, p.of(0))
	talk.Talk(10 * time.Second)
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i, who := range []identity.Actor{w.Nurse, w.Wang} {
		group.Go(func() { errs[i] = p.tryStep(who, contract.RoundStep{Action: "NEXT", CurrentId: p.round.CurrentId}) })
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("moved %v", errs)
	}
	for _, err := range errs {
		if err != nil {
			refused(t, err, "round_moved")
		}
	}
	is(t, "second", p.at(1).State, "NOW")
	is(t, "third", p.at(2).State, "NOT_YET")

	// The same command sent again moves nothing.
	cmd, in := uuid.New(), contract.RoundStep{Action: "NEXT", CurrentId: p.atCurrent()}
	for range 2 {
		must(w.Care.StepRound(t.Context(), w.Nurse, cmd, p.round.Id, in))(t)
	}
	is(t, "third", p.at(2).State, "NOW")
	is(t, "second", p.at(1).State, "DONE")
}

func (p *planned) atCurrent() *uuid.UUID {
	p.t.Helper()
	return must(p.Care.GetRound(p.t.Context(), p.Nurse, p.round.Id))(p.t).CurrentId
}

// An emergency of the ward: the round is interrupted, the doctor answers it, and the round goes on with the same resident.
func TestAnEmergencyInterruptsARound(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	third := w.ResidentOf(w.Home, "李桂香", "104-1", "FULL")
	p := planRound(t, w, w.Resident, w.Second).consents(0, 1).opened()
	p.next(w.Nurse)
	talk := w.Connect(w.Nurse, w.Wang, p.of(0))
	talk.Talk(40 * time.Second)

	urgent := w.Draft(w.Nurse, third)
	urgent = w.Submit(w.Nurse, urgent.Id, "CRITICAL")
	_, err := w.Care.ClaimConsultation(ctx, w.Wang, uuid.New(), urgent.Id, contract.EpochRequest{Epoch: urgent.Epoch})
	refused(t, err, "doctor_busy")
	p.step(w.Wang, contract.RoundStep{Action: "PAUSE", CurrentId: p.round.CurrentId, Reason: new("EMERGENCY")})
	is(t, "paused", p.round.State, "PAUSED")
	held := p.of(0)
	is(t, "state", held.State, "ABORTED_TECH")
	if held.CallId != nil {
		t.Error("the call goes on")
	}
	refused(t, p.tryStep(w.Nurse, contract.RoundStep{Action: "NEXT", CurrentId: p.round.CurrentId}), "round_step")
	urgent = must(w.Care.ClaimConsultation(ctx, w.Wang, uuid.New(), urgent.Id, contract.EpochRequest{Epoch: urgent.Epoch}))(t)
	other := w.Connect(w.Nurse, w.Wang, urgent)
	other.Talk(2 * time.Minute)
	p.step(w.Nurse, contract.RoundStep{Action: "RESUME"})
	refused(t, p.tryStep(w.Nurse, contract.RoundStep{Action: "NEXT", CurrentId: p.round.CurrentId}), "doctor_busy")
	must(w.Care.FinishConsultation(ctx, w.Wang, uuid.New(), urgent.Id, contract.EpochRequest{Epoch: urgent.Epoch}))(t)

	is(t, "whose turn", p.at(0).State, "NOW")
	again := w.Connect(w.Nurse, w.Wang, p.of(0))
	if again.Call == talk.Call {
		t.Error("the call that ended was opened again")
	}
	again.Talk(20 * time.Second)
	is(t, "state", p.of(0).State, "IN_PROGRESS")
	is(t, "seconds of both calls", p.of(0).EffectiveSeconds, 60)
	p.next(w.Nurse)
	again.Talk(15 * time.Second)
	is(t, "seconds of the next", p.of(1).EffectiveSeconds, 15)
	is(t, "seconds of the first", p.of(0).EffectiveSeconds, 60)
	emergency := must(w.Care.GetConsultation(ctx, w.Nurse, urgent.Id))(t)
	is(t, "seconds of the emergency", emergency.EffectiveSeconds, 120)
}

// The relay's node dies in the middle: the call moves to the same resident, and what comes late counts for whose turn it was.
func TestARoundSurvivesItsNode(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	p := planRound(t, w, w.Resident, w.Second).consents(0, 1).opened()
	p.next(w.Nurse)
	k := &carried{World: w, t: t, c: p.of(0)}
	hers := must(w.Care.GetTicket(ctx, w.Nurse, k.c.Id, contract.TicketRequest{}))(t)
	his := must(w.Care.GetTicket(ctx, w.Wang, k.c.Id, contract.TicketRequest{Epoch: &k.c.Epoch}))(t)
	k.call, k.hers, k.his = hers.CallId, hers.ParticipantId, his.ParticipantId
	one := k.life("one")
	start := w.Clock.Now()
	k.joined(one)
	k.both(one, start, start, false)
	w.Clock.Pass(25 * time.Second) // the checkpoint of these seconds comes after the change
	p.next(w.Wang)
	w.Clock.Pass(5 * time.Second)
	k.both(one, start, w.Clock.Now(), false)
	is(t, "seconds of the first", p.of(0).EffectiveSeconds, 25)
	is(t, "seconds of the second", p.of(1).EffectiveSeconds, 5)

	w.Exec(`UPDATE nodes SET lost = true WHERE term = $1`, one.NodeTerm)
	is(t, "moved", must(w.Care.MoveCall(ctx, k.call, 0, care.MovedNodeLost))(t), true)
	is(t, "the present resident is named", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'call.moved' AND payload->'data'->>'consultationId' = $1`, p.of(1).Id.String()), 1)
	if p.of(1).PausedSince == nil {
		t.Error("nobody noticed")
	}
	is(t, "the first is over", p.of(0).State, "REPORT_PENDING")

	second := p.of(1)
	again := must(w.Care.GetTicket(ctx, w.Wang, second.Id, contract.TicketRequest{Epoch: &second.Epoch}))(t)
	is(t, "the same call", again.CallId, k.call)
	is(t, "the same seat", again.ParticipantId, k.his)
	k.c = second
	two := k.life("two")
	back := w.Clock.Now().Add(10 * time.Second)
	w.Clock.Pass(10 * time.Second)
	k.joined(two)
	k.both(two, back, back, false)
	w.Clock.Pass(20 * time.Second)
	k.both(two, back, w.Clock.Now(), false)
	is(t, "seconds of the second", p.of(1).EffectiveSeconds, 25)
	is(t, "seconds of the first", p.of(0).EffectiveSeconds, 25)
	if p.of(1).PausedSince != nil {
		t.Error("still paused")
	}
}

// Who sees a round, who plans it for whom, and what a plan takes.
func TestWhoPlansRounds(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	p := planRound(t, w, w.Resident, w.Second)
	for _, stranger := range []identity.Actor{w.StrangerNurse, w.StrangerDoctor, w.PureNurse, w.Gao} {
		_, err := w.Care.GetRound(ctx, stranger, p.round.Id)
		refused(t, err, "not_found")
		_, err = w.Care.StepRound(ctx, stranger, uuid.New(), p.round.Id, contract.RoundStep{Action: "OPEN"})
		refused(t, err, "not_found")
	}
	for _, who := range []struct {
		a    identity.Actor
		name string
	}{{w.Nurse, "张秀英"}, {w.Wang, "张秀英"}, {w.Desk, "张**"}} {
		seen := must(w.Care.GetRound(ctx, who.a, p.round.Id))(t)
		is(t, "name for "+who.a.Name, seen.Entries[0].Name, who.name)
		if (seen.Entries[0].ConsultationId != nil) != (who.a.UserID == w.Nurse.UserID) {
			t.Errorf("%s: the draft is the bedside's alone", who.a.Name)
		}
	}
	in := contract.RoundInput{OrganisationId: w.Home, DoctorId: w.Wang.UserID, DepartmentId: w.Departments["02"], StartsAt: w.Clock.Now().Add(30 * time.Minute), Minutes: 30,
		Residents: []contract.RoundResident{{ResidentId: w.Dement}}}
	_, err := w.Care.CreateRound(ctx, w.Desk, uuid.New(), in)
	refused(t, err, "slot_taken")
	in.DoctorId, in.DepartmentId = w.Zhao.UserID, w.Departments["0304"]
	_, err = w.Care.CreateRound(ctx, w.Wang, uuid.New(), in)
	refused(t, err, "invalid_request") // a doctor plans own rounds
	_, err = w.Care.CreateRound(ctx, w.StrangerNurse, uuid.New(), in)
	refused(t, err, "not_found")
	in.Residents = []contract.RoundResident{{ResidentId: w.StrangersResident}}
	_, err = w.Care.CreateRound(ctx, w.Desk, uuid.New(), in)
	refused(t, err, "invalid_request")
	in.Residents = []contract.RoundResident{{ResidentId: w.Dement}}
	other := must(w.Care.CreateRound(ctx, w.Desk, uuid.New(), in))(t)

	// A planned consultation cannot have the time of a round.
	c := w.Claim(w.Zhao, w.Offered(w.Nurse, w.ResidentOf(w.Home, "李桂香", "104-1", "FULL")))
	_, err = w.Care.ScheduleConsultation(ctx, w.Zhao, uuid.New(), c.Id, contract.ScheduleRequest{Epoch: c.Epoch, From: in.StartsAt.Add(5 * time.Minute), To: in.StartsAt.Add(15 * time.Minute)})
	refused(t, err, "slot_taken")

	// The drafts of a round outlive the day, and go with it when it is called off.
	w.Clock.Pass(23*time.Hour + 30*time.Minute)
	moved := must(w.Care.UpdateRound(ctx, w.Nurse, uuid.New(), p.round.Id, contract.RoundUpdate{Revision: p.round.Revision, DoctorId: w.Wang.UserID, DepartmentId: w.Departments["02"],
		StartsAt: w.Clock.Now().Add(24 * time.Hour), Minutes: 45, Residents: []contract.RoundResident{{ResidentId: w.Second}}}))(t)
	is(t, "residents", len(moved.Entries), 1)
	is(t, "whose", moved.Entries[0].ResidentId, w.Second)
	w.Clock.Pass(2 * time.Hour)
	must(w.Care.Sweep(ctx))(t)
	draft := func(id uuid.UUID) string {
		return string(must(w.Care.GetConsultation(ctx, w.Nurse, id))(t).State)
	}
	is(t, "who left the list", draft(*p.round.Entries[0].ConsultationId), "VOIDED")
	is(t, "who stays", draft(*moved.Entries[0].ConsultationId), "DRAFT")
	off := must(w.Care.StepRound(ctx, w.Desk, uuid.New(), p.round.Id, contract.RoundStep{Action: "CANCEL", Reason: new("DOCTOR")}))(t)
	is(t, "state", off.State, "CANCELLED")
	is(t, "draft", draft(*moved.Entries[0].ConsultationId), "VOIDED")
	_, err = w.Care.StepRound(ctx, w.Zhao, uuid.New(), other.Id, contract.RoundStep{Action: "CANCEL", Reason: new("NOBODY")})
	refused(t, err, "invalid_request")
	events := w.Count(`SELECT count(*) FROM round_events WHERE round_id = $1 AND type IN ('PLAN', 'CHANGE', 'CANCEL')`, p.round.Id)
	is(t, "events", events, 3)
}

// Options name who is due and why, masked for who is not at the bedside.
func TestRoundOptions(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	w.Care.UsePlans(plansOf{w.Second: {"HYPERTENSION"}})
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(5 * time.Minute)
	c = must(w.Care.FinishConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch}))(t)
	w.Sign(w.Wang, c, w.Content()) // with a follow-up in a week
	day := caretest.Start().AddDate(0, 0, 6)
	out := must(w.Care.GetRoundOptions(ctx, w.Nurse, contract.GetRoundOptionsParams{Day: &openapi_types.Date{Time: day}}))(t)
	why := map[uuid.UUID][]string{}
	for _, r := range out.Residents {
		why[r.Id] = r.Why
	}
	if !slices.Equal(why[w.Resident], []string{"FOLLOW_UP"}) || !slices.Equal(why[w.Second], []string{"PLAN"}) || len(why[w.Dement]) != 0 {
		t.Errorf("why is %v", why)
	}
	if !slices.ContainsFunc(out.Doctors, func(d contract.RoundDoctor) bool { return d.Id == w.Gao.UserID }) {
		t.Error("a doctor of the hospital is missing")
	}
	his := must(w.Care.GetRoundOptions(ctx, w.Wang, contract.GetRoundOptionsParams{OrganisationId: &w.Home}))(t)
	if len(his.Doctors) != 1 || his.Doctors[0].Id != w.Wang.UserID {
		t.Errorf("he plans for %v", his.Doctors)
	}
	is(t, "masked", his.Residents[0].Name, consult.MaskName("张秀英"))
	_, err := w.Care.GetRoundOptions(ctx, w.Wang, contract.GetRoundOptionsParams{OrganisationId: &w.Stranger})
	refused(t, err, "not_found")
}

// However residents follow one another in a call, the seconds of the call are given to each once: the times of two never overlap, and together
// they are those of the call.
func TestSecondsOfACallAreGivenOnce(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx, start := t.Context(), caretest.Start()
	draw := rand.New(rand.NewPCG(1, 2))
	type drawn struct {
		ids   []uuid.UUID
		sides [2][]consult.Interval
		last  time.Time
	}
	var calls []drawn
	batch := &pgx.Batch{}
	consultation := func() uuid.UUID {
		id := uuid.New()
		batch.Queue(`INSERT INTO consultations (id, serial, resident_id, inviting_org_id, state, urgency, urgency_proposed, service_type, created_by, created_at) VALUES ($1, $2, $3, $4, 'DRAFT', 'ROUTINE', 'ROUTINE', 'REMOTE_ROUND', $5, $6)`,
			id, id.String(), w.Resident, w.Home, w.Nurse.UserID, start)
		return id
	}
	var call uuid.UUID
	for range 60 {
		call = uuid.New()
		var d drawn
		batch.Queue(`INSERT INTO calls (id, started_at) VALUES ($1, $2)`, call, start)
		at := start
		for turns := 1 + draw.IntN(6); turns > 0; turns-- {
			until := at.Add(time.Duration(1+draw.IntN(120)) * time.Second)
			id, end := consultation(), &until
			if turns == 1 {
				end = nil
			}
			batch.Queue(`INSERT INTO call_consultations (call_id, consultation_id, since, until) VALUES ($1, $2, $3, $4)`, call, id, at, end)
			d.ids, at, d.last = append(d.ids, id), until, until
		}
		for side, who := range []identity.Actor{w.Nurse, w.Wang} {
			seat, from := uuid.New(), start
			batch.Queue(`INSERT INTO participants (id, call_id, user_id, side, role, invited_at) VALUES ($1, $2, $3, $4, $5, $6)`, seat, call, who.UserID, []string{"CARE", "MEDICAL"}[side], []string{"NURSE", "CONSULTANT"}[side], start)
			for range draw.IntN(6) {
				from = from.Add(time.Duration(draw.IntN(60)) * time.Second)
				to := from.Add(time.Duration(draw.IntN(200)) * time.Second)
				batch.Queue(`INSERT INTO media_intervals (id, participant_id, kind, started_at, last_seen_at, closed) VALUES ($1, $2, 'media', $3, $4, true)`, uuid.New(), seat, from, to)
				d.sides[side], from = append(d.sides[side], consult.Interval{From: from, To: to}), to
			}
		}
		calls = append(calls, d)
	}
	extra := consultation()
	if err := w.Store.Pool.SendBatch(ctx, batch).Close(); err != nil {
		t.Fatal(err)
	}
	for _, d := range calls {
		var given []consult.Interval
		var sum time.Duration
		for _, id := range d.ids {
			own := map[string][]consult.Interval{}
			for _, r := range must(w.Store.Q().CaseIntervals(ctx, id))(t) {
				if r.LastSeenAt.Before(r.StartedAt) {
					t.Fatalf("an interval runs backwards: %v", r)
				}
				own[r.Side] = append(own[r.Side], consult.Interval{From: r.StartedAt, To: r.LastSeenAt})
			}
			both := consult.Intersect(own["CARE"], own["MEDICAL"])
			if overlap := consult.Total(consult.Intersect(given, both)); overlap > 0 {
				t.Fatalf("%v belongs to two", overlap)
			}
			given, sum = append(given, both...), sum+consult.Total(both)
		}
		is(t, "seconds given", sum, consult.Total(consult.Intersect(d.sides[0], d.sides[1])))
	}
	_, err := w.Store.Pool.Exec(ctx, `INSERT INTO call_consultations (call_id, consultation_id, since) VALUES ($1, $2, $3)`, call, extra, calls[len(calls)-1].last.Add(time.Hour))
	if !store.Violates(err, "call_consultations_one_at_a_time") {
		t.Errorf("a call is about two at a time: %v", err)
	}
}

type plansOf map[uuid.UUID][]string

func (p plansOf) PlansDue(context.Context, *db.Queries, []uuid.UUID, consult.Date) (map[uuid.UUID][]string, error) {
	return p, nil
}
