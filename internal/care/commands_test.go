package care_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// A command that comes twice is carried out once and answered twice; the same id for something else is refused.
func TestRepeatedCommands(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, c.Id)
	events := func() int {
		return w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1`, c.Id)
	}

	cmd := uuid.New()
	readings := contract.VitalsInput{Readings: []contract.VitalInput{{Code: "PULSE", Value: number(80)}}}
	must(w.Care.AddVitals(ctx, w.Nurse, cmd, c.Id, readings))(t)
	before := events()
	again := must(w.Care.AddVitals(ctx, w.Nurse, cmd, c.Id, readings))(t)
	is(t, "readings", len(again.Vitals), 1)
	is(t, "events", events(), before)
	readings.Readings[0].Value = number(81)
	_, err := w.Care.AddVitals(ctx, w.Nurse, cmd, c.Id, readings)
	refused(t, err, "command_reused")
	_, err = w.Care.SubmitConsultation(ctx, w.Nurse, cmd, c.Id, contract.SubmitRequest{Urgency: "ROUTINE"})
	refused(t, err, "command_reused")
	other := w.Draft(w.Nurse, w.Second)
	_, err = w.Care.AddVitals(ctx, w.Nurse, cmd, other.Id, contract.VitalsInput{Readings: []contract.VitalInput{{Code: "PULSE", Value: number(80)}}})
	refused(t, err, "command_reused")

	// The same tap arriving several times at once.
	cmd = uuid.New()
	var end sync.WaitGroup
	errs := make([]error, 5)
	for i := range errs {
		end.Go(func() {
			_, errs[i] = w.Care.SubmitConsultation(ctx, w.Nurse, cmd, c.Id, contract.SubmitRequest{Urgency: "ROUTINE"})
		})
	}
	end.Wait()
	for _, err := range errs {
		if err != nil {
			t.Errorf("a repetition was refused: %v", err)
		}
	}
	is(t, "submissions", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'SUBMIT'`, c.Id), 1)

	cmd = uuid.New()
	must(w.Care.ClaimConsultation(ctx, w.Wang, cmd, c.Id, contract.EpochRequest{}))(t)
	must(w.Care.ClaimConsultation(ctx, w.Wang, cmd, c.Id, contract.EpochRequest{}))(t)
	is(t, "claims", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'CLAIM'`, c.Id), 1)

	message := contract.MessageInput{Id: uuid.New(), Body: "好的"}
	cmd = uuid.New()
	for range 2 {
		must(w.Care.SendMessage(ctx, w.Nurse, cmd, c.Id, message))(t)
	}
	is(t, "messages", len(must(w.Care.ListMessages(ctx, w.Nurse, c.Id))(t)), 1)
}

func TestDraftIDIsTheClients(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	in := contract.ConsultationInput{Id: uuid.New(), ResidentId: w.Resident, Reasons: []string{"CHEST"}, RedFlags: []string{}}
	first := must(w.Care.CreateConsultation(ctx, w.Nurse, uuid.New(), in))(t)
	again := must(w.Care.CreateConsultation(ctx, w.Nurse, uuid.New(), in))(t)
	is(t, "serial", again.Serial, first.Serial)
	is(t, "urgency of the chip", first.Urgency, "EMERGENT")

	in.ResidentId = w.Second
	_, err := w.Care.CreateConsultation(ctx, w.Nurse, uuid.New(), in)
	refused(t, err, "id_taken")
	in.ResidentId = w.StrangersResident
	_, err = w.Care.CreateConsultation(ctx, w.Nurse, uuid.New(), in)
	refused(t, err, "not_found")
	_, err = w.Care.CreateConsultation(ctx, w.StrangerNurse, uuid.New(), in) // an id that exists elsewhere
	refused(t, err, "not_found")

	for name, bad := range map[string]contract.ConsultationInput{
		"unknown chip":     {Id: uuid.New(), ResidentId: w.Resident, Reasons: []string{"HUNGER"}},
		"chip twice":       {Id: uuid.New(), ResidentId: w.Resident, Reasons: []string{"FALL", "FALL"}},
		"unknown red flag": {Id: uuid.New(), ResidentId: w.Resident, Reasons: []string{"FALL"}, RedFlags: []string{"X"}},
		"no chip":          {Id: uuid.New(), ResidentId: w.Resident},
		"long complaint":   {Id: uuid.New(), ResidentId: w.Resident, Reasons: []string{"FALL"}, Complaint: text(strings.Repeat("疼", 2001))},
	} {
		if _, err := w.Care.CreateConsultation(ctx, w.Nurse, uuid.New(), bad); err == nil || problem.Of(err).Status != 422 {
			t.Errorf("%s: %v", name, err)
		}
	}
	is(t, "drafts", w.Count(`SELECT count(*) FROM consultations`), 1)
}

func text(s string) *string { return &s }

func TestRevisionOfTheForm(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Draft(w.Nurse, w.Resident, "CHEST")
	is(t, "revision", c.RequestRevision, 1)
	c = must(w.Care.UpdateRequest(ctx, w.Nurse, c.Id, contract.RequestUpdate{Revision: 1, Reasons: []string{"CHEST"}, RedFlags: []string{}, Complaint: text("胸口闷两小时")}))(t)
	is(t, "revision", c.RequestRevision, 2)
	_, err := w.Care.UpdateRequest(ctx, w.Attending, c.Id, contract.RequestUpdate{Revision: 1, Reasons: []string{"FALL"}, RedFlags: []string{}})
	p := refused(t, err, "revision_stale")
	is(t, "status", p.Status, 409)
	is(t, "present revision", *p.Current.Revision, 2)
	_, err = w.Care.UpdateRequest(ctx, w.Attending, c.Id, contract.RequestUpdate{Revision: 1<<32 + 2, Reasons: []string{"FALL"}, RedFlags: []string{}})
	refused(t, err, "revision_stale") // it does not wrap around

	// Lowering needs a reason, raising does not.
	routine, critical := contract.Urgency("ROUTINE"), contract.Urgency("CRITICAL")
	_, err = w.Care.UpdateRequest(ctx, w.Nurse, c.Id, contract.RequestUpdate{Revision: 2, Reasons: []string{"CHEST"}, RedFlags: []string{}, Urgency: &routine})
	is(t, "field", refused(t, err, "invalid_request").Fields[0].Code, "urgency_lowered_without_reason")
	c = must(w.Care.UpdateRequest(ctx, w.Nurse, c.Id, contract.RequestUpdate{Revision: 2, Reasons: []string{"CHEST"}, RedFlags: []string{}, Urgency: &routine, UrgencyReason: text("老毛病，已服药缓解")}))(t)
	is(t, "urgency", c.Urgency, "ROUTINE")
	is(t, "reason", *c.UrgencyReason, "老毛病，已服药缓解")

	w.Consent(w.Nurse, c.Id)
	c = w.Submit(w.Nurse, c.Id, "ROUTINE")
	is(t, "queue changes", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'queue.changed' AND payload->'data'->>'change' = 'updated'`), 0)
	c = must(w.Care.UpdateRequest(ctx, w.Nurse, c.Id, contract.RequestUpdate{Revision: c.RequestRevision, Reasons: []string{"CHEST"}, RedFlags: []string{}, Urgency: &critical}))(t)
	is(t, "urgency", c.Urgency, "CRITICAL")
	if event(c, "URGENCY_CHANGED") == nil {
		t.Error("the change of urgency is not on record")
	}
	is(t, "queue changes", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'queue.changed' AND payload->'data'->>'change' = 'updated' AND payload->'data'->>'urgency' = 'CRITICAL'`), 1)
	_, err = w.Care.UpdateRequest(ctx, w.Nurse, c.Id, contract.RequestUpdate{Revision: c.RequestRevision, Reasons: []string{"CHEST"}, RedFlags: []string{}, Urgency: &routine})
	refused(t, err, "invalid_request")
	// A red flag entered while it waits raises by itself.
	second := w.Offered(w.Nurse, w.Second)
	second = must(w.Care.UpdateRequest(ctx, w.Nurse, second.Id, contract.RequestUpdate{Revision: second.RequestRevision, Reasons: []string{"OTHER"}, RedFlags: []string{"CONSCIOUSNESS"}}))(t)
	is(t, "urgency", second.Urgency, "CRITICAL")

	// After the report is signed the form is closed.
	c = w.Claim(w.Zhao, must(w.Care.GetConsultation(ctx, w.Zhao, c.Id))(t))
	w.Connect(w.Nurse, w.Zhao, c)
	c = w.Sign(w.Zhao, c, w.Content())
	_, err = w.Care.UpdateRequest(ctx, w.Nurse, c.Id, contract.RequestUpdate{Revision: c.RequestRevision, Reasons: []string{"CHEST"}, RedFlags: []string{}})
	refused(t, err, "no_longer_editable")
}

func TestReadings(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Draft(w.Nurse, w.Resident)
	for name, bad := range map[string]struct {
		readings []contract.VitalInput
		field    string
		code     string
	}{
		"impossible":       {[]contract.VitalInput{{Code: "TEMP", Value: number(88)}}, "readings/0", "vital_impossible"},
		"unusual":          {[]contract.VitalInput{{Code: "PULSE", Value: number(80)}, {Code: "TEMP", Value: number(29.5)}}, "readings/1", "vital_needs_confirmation"},
		"unknown":          {[]contract.VitalInput{{Code: "MOOD", Value: number(1)}}, "readings/0", "vital_unknown"},
		"nothing":          {[]contract.VitalInput{{Code: "TEMP"}}, "readings/0", "vital_missing_value"},
		"half a pressure":  {[]contract.VitalInput{{Code: "SBP", Value: number(120)}}, "readings/0", "vital_pressure_incomplete"},
		"pressure swapped": {[]contract.VitalInput{{Code: "SBP", Value: number(80)}, {Code: "DBP", Value: number(120)}}, "readings/1", "vital_pressure_order"},
		"twice":            {[]contract.VitalInput{{Code: "TEMP", Value: number(36.5)}, {Code: "TEMP", Value: number(36.6)}}, "readings/1", "vital_twice"},
		"too precise":      {[]contract.VitalInput{{Code: "PULSE", Value: number(80.5)}}, "readings/0", "vital_decimals"},
	} {
		_, err := w.Care.AddVitals(ctx, w.Nurse, uuid.New(), c.Id, contract.VitalsInput{Readings: bad.readings})
		p := problem.Of(err)
		if err == nil || len(p.Fields) == 0 || p.Fields[0].Path != bad.field || p.Fields[0].Code != bad.code {
			t.Errorf("%s: %v %+v", name, err, p.Fields)
		}
		if len(p.Fields) > 0 && (problem.Sentence("en", p.Fields[0].Code, nil) == problem.Sentence("en", "internal", nil)) {
			t.Errorf("%s: no sentence for %s", name, p.Fields[0].Code)
		}
	}
	future := w.Clock.Now().AddDate(0, 0, 1)
	_, err := w.Care.AddVitals(ctx, w.Nurse, uuid.New(), c.Id, contract.VitalsInput{Readings: []contract.VitalInput{{Code: "TEMP", Value: number(36.5), TakenAt: &future}}})
	is(t, "field", refused(t, err, "invalid_request").Fields[0].Code, "vital_time")
	is(t, "stored", w.Count(`SELECT count(*) FROM vitals`), 0)

	yes := true
	c = must(w.Care.AddVitals(ctx, w.Nurse, uuid.New(), c.Id, contract.VitalsInput{Readings: []contract.VitalInput{
		{Code: "TEMP", Value: number(29.5), Confirmed: &yes}, {Code: "SPO2", Value: number(85)}, {Code: "GLU_CAP", Qualifier: qualifier("HI")}}}))(t)
	is(t, "unusual and confirmed", vital(c, "TEMP").Confirmed, true)
	is(t, "glucose", vital(c, "GLU_CAP").Flag, "CRITICAL_HIGH")
	is(t, "raised by the saturation", c.Urgency, "CRITICAL")
}

func TestTriageProposal(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	english := w.Nurse
	english.Locale = "en"
	p := must(w.Care.ProposeTriage(t.Context(), english, contract.TriageInput{Reasons: []string{"CHEST"}, RedFlags: []string{"CHEST_PAIN"},
		Readings: []contract.VitalInput{{Code: "SPO2", Value: number(84)}, {Code: "TEMP"}}}))(t)
	is(t, "urgency", p.Urgency, "CRITICAL")
	is(t, "department", p.DepartmentCode, "0304")
	for _, g := range p.Grounds {
		if strings.ContainsAny(g.Message, "{}") || g.Message == "" {
			t.Errorf("ground %s: %q", g.Code, g.Message)
		}
	}
	_, err := w.Care.ProposeTriage(t.Context(), w.Wang, contract.TriageInput{})
	refused(t, err, "forbidden")
}

// A resident has one request on its way, however many tablets ask at once.
func TestOneOpenRequestPerResident(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	first, second := w.Draft(w.Nurse, w.Resident), w.Draft(w.Attending, w.Resident)
	w.Consent(w.Nurse, first.Id)
	errs := make([]error, 2)
	var end sync.WaitGroup
	for i, try := range []struct {
		who identity.Actor
		id  uuid.UUID
	}{{w.Nurse, first.Id}, {w.Attending, second.Id}} {
		end.Go(func() {
			_, errs[i] = w.Care.SubmitConsultation(t.Context(), try.who, uuid.New(), try.id, contract.SubmitRequest{Urgency: "ROUTINE"})
		})
	}
	end.Wait()
	won, lost := first.Id, errs[1]
	if errs[0] != nil {
		won, lost = second.Id, errs[0]
	}
	p := refused(t, lost, "request_open")
	is(t, "the open request", p.Args["id"], won.String())
	is(t, "open", w.Count(`SELECT count(*) FROM consultations WHERE state = 'OFFERED'`), 1)
}
