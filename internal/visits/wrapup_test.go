package visits_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// onLine gives the world's doctor a call about the resident, who has a contract with the site's doctor; whoever may book takes times of this and the next day.
func (s *site) onLine(resident uuid.UUID) contract.Consultation {
	s.T.Helper()
	now, team := s.Clock.Now(), id()
	s.contracts.held[resident] = true
	s.Exec(`UPDATE appointment_kinds SET booked_by = '{NURSE,CONSULTANT,FAMILY_DOCTOR}' WHERE id = $1`, s.kind)
	s.Exec(`INSERT INTO fd_teams (id, organisation_id, name, created_by, created_at, updated_at) VALUES ($1, $2, '一队', $3, $4, $4)`, team, s.clinic, s.doctor.UserID, now)
	s.Exec(`INSERT INTO fd_team_members (id, team_id, user_id, part, since) VALUES ($1, $2, $3, 'LEADER', $4)`, id(), team, s.doctor.UserID, now)
	s.Exec(`INSERT INTO fd_contracts (id, number, resident_id, team_id, organisation_id, state, packages, items, starts_on, ends_on, ended_on, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 'DRAFT', '{BASIC}', '{EHR}', '2026-01-01', '2026-12-31', '2027-01-01', $6, $7, $7)`, id(), "JY"+team.String(), resident, team, s.clinic, s.doctor.UserID, now)
	s.Exec(`UPDATE fd_contracts SET state = 'SIGNED', signed_how = 'ELECTRONIC', signer_kind = 'SELF', system_number = 'N1', text_version = 'v1', text_hash = '\x00', text_enc = '\x00', signed_on = '2026-01-01',
		signed_at = $2, signed_by = $3 WHERE team_id = $1`, team, now, s.doctor.UserID)
	for _, who := range []identity.Actor{s.doctor, s.other} {
		caretest.Must[contract.AvailabilityRule](s.World)(s.book.AddAvailabilityRule(s.T.Context(), who, id(), contract.AvailabilityRuleInput{Recurrence: "FREQ=DAILY", StartsOn: day(now),
			FromMinute: 9 * 60, ToMinute: 12 * 60}))
	}
	return s.Claim(s.Wang, s.Offered(s.Nurse, resident))
}

func (s *site) free(a identity.Actor, consultation, resident uuid.UUID) (contract.SlotPage, error) {
	return s.book.FindSlots(s.T.Context(), a, contract.FindSlotsParams{KindId: s.kind, ConsultationId: &consultation, ResidentId: &resident, From: s.Clock.Now(), To: s.Clock.Now().AddDate(0, 0, 2)})
}

// The hospital doctor books the family doctor's time while the nurse is on the line; the family doctor judges, and the visit is booked by that.
func TestAVisitIsBookedInTheWrapUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	c := s.onLine(s.Resident)

	kinds := caretest.Must[[]contract.AppointmentKind](s.World)(s.book.ListAppointmentKinds(ctx, s.Wang, contract.ListAppointmentKindsParams{}))
	for _, k := range kinds {
		if k.Id == s.kind {
			t.Error("outside of a consultation the hospital doctor books nothing of the family doctors")
		}
	}
	page := caretest.Must[contract.SlotPage](s.World)(s.free(s.Wang, c.Id, s.Resident))
	if len(page.Slots) == 0 {
		t.Fatal("nothing is free")
	}
	for _, slot := range page.Slots {
		if slot.PractitionerId != s.doctor.UserID {
			t.Fatalf("%s is not of the team", slot.PractitionerName)
		}
	}
	wish := contract.HomeVisitBooking{KindId: s.kind, PractitionerId: s.doctor.UserID, StartsAt: page.Slots[0].StartsAt, Reason: "血压不稳，请上门复测"}
	cmd := id()
	var booked uuid.UUID
	for range 2 { // a repetition is the same answer
		got, err := s.v.BookHomeVisit(ctx, s.Wang, cmd, c.Id, wish)
		if err != nil || booked != uuid.Nil && got != booked {
			t.Fatal(got, err)
		}
		booked = got
	}
	if ap, err := s.book.GetAppointment(ctx, s.Wang, booked); err != nil || ap.Place != "HOME" || ap.ConsultationId == nil || ap.Note != nil {
		t.Fatalf("what the hospital doctor sees of it: %+v, %v", ap, err)
	}
	list := caretest.Must[[]contract.Appointment](s.World)(s.book.ListAppointments(ctx, s.Wang, contract.ListAppointmentsParams{From: s.Clock.Now(), To: s.Clock.Now().AddDate(0, 0, 2)}))
	if len(list) != 1 {
		t.Errorf("%d appointments are shown to who booked one", len(list))
	}
	if _, err := s.book.GetAppointment(ctx, s.Zhao, booked); problem.Of(err).Status != 404 {
		t.Errorf("another hospital doctor: %v", err)
	}

	v := s.only(s.doctor)
	if v.State != "REQUESTED" || v.AppointmentId == nil || *v.AppointmentId != booked || v.Source != "WRAP_UP" || v.LeadId == nil || *v.LeadId != s.doctor.UserID {
		t.Fatalf("it waits for the family doctor's judgement with its time: %+v", v)
	}
	_, err := s.step(s.doctor, v.Id, contract.VisitStep{Action: contract.VisitStepActionDEPART})
	refused(t, err, 409, "visit_step") // not judged: nobody sets out
	_, err = s.v.BookHomeVisit(ctx, s.Wang, id(), c.Id, contract.HomeVisitBooking{KindId: s.kind, PractitionerId: s.doctor.UserID, StartsAt: page.Slots[len(page.Slots)-1].StartsAt, Reason: "再约一次"})
	refused(t, err, 409, "visit_open")

	// Put off before it was judged: the visit follows.
	later := page.Slots[len(page.Slots)-1].StartsAt
	ap := caretest.Must[contract.Appointment](s.World)(s.book.RescheduleAppointment(ctx, s.Wang, id(), booked, contract.RescheduleInput{Revision: 1, StartsAt: later}))
	if n, err := s.v.Sweep(ctx); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	// The plan that it serves is the doctor's to name, among those of the resident.
	s.Exec(`INSERT INTO care_plans (id, resident_id, team_id, plan, begins_on, reason_enc, created_by, created_at, updated_at)
		SELECT $1, $2, id, 'HYPERTENSION', '2026-01-05', '', $3, $4, $4 FROM fd_teams WHERE organisation_id = $5`, id(), s.Resident, s.doctor.UserID, s.Clock.Now(), s.clinic)
	if whole := must(t)(s.v.GetVisit(ctx, s.doctor, v.Id)); !slices.Equal(value(whole.OpenPlans), []string{"HYPERTENSION"}) {
		t.Errorf("plans that it may serve: %v", value(whole.OpenPlans))
	}
	_, err = s.v.AssessVisit(ctx, s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"AGED"}, Plans: &[]string{"COPD"}})
	refused(t, err, 422, "invalid_request")
	v = must(t)(s.v.AssessVisit(ctx, s.doctor, id(), v.Id, contract.VisitAssessment{Eligibility: []string{"AGED"}, Plans: &[]string{"HYPERTENSION"}}))
	if !slices.Equal(v.Plans, []string{"HYPERTENSION"}) {
		t.Errorf("it serves %v", v.Plans)
	}
	if v.State != "BOOKED" || !v.StartsAt.Equal(ap.StartsAt) || !v.StartsAt.Equal(later) {
		t.Fatalf("judged, it is booked: %s at %v", v.State, v.StartsAt)
	}
}

// only is the one visit there is.
func (s *site) only(a identity.Actor) contract.Visit {
	s.T.Helper()
	page := caretest.Must[contract.VisitPage](s.World)(s.v.ListVisits(s.T.Context(), a, contract.ListVisitsParams{}))
	if len(page.Visits) != 1 {
		s.T.Fatalf("%d visits", len(page.Visits))
	}
	return page.Visits[0]
}

func TestWhoIsRefusedInTheWrapUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	asked := s.request(s.Nurse, s.Resident)
	c := s.onLine(s.Resident)
	at := caretest.Must[contract.SlotPage](s.World)(s.free(s.Wang, c.Id, s.Resident)).Slots[0].StartsAt
	wish := func(with identity.Actor) contract.HomeVisitBooking {
		return contract.HomeVisitBooking{KindId: s.kind, PractitionerId: with.UserID, StartsAt: at, Reason: "复查"}
	}
	for name, one := range map[string]struct {
		by     identity.Actor
		with   identity.Actor
		status int
		code   string
	}{
		"another hospital doctor":      {s.Zhao, s.doctor, 404, "not_found"},
		"a nurse of another house":     {s.StrangerNurse, s.doctor, 404, "not_found"},
		"who plans for the hospital":   {s.HospitalAdmin, s.doctor, 403, "forbidden"},
		"somebody outside of the team": {s.Wang, s.other, 422, "invalid"},
	} {
		_, err := s.v.BookHomeVisit(ctx, one.by, id(), c.Id, wish(one.with))
		if p := problem.Of(err); err == nil || p.Status != one.status {
			t.Errorf("%s: %v, want %d", name, err, one.status)
		}
	}
	if _, err := s.free(s.Zhao, c.Id, s.Resident); problem.Of(err).Status != 404 {
		t.Errorf("free times for another hospital doctor: %v", err)
	}
	s.contracts.held[s.Resident] = false
	_, err := s.v.BookHomeVisit(ctx, s.Wang, id(), c.Id, wish(s.doctor))
	refused(t, err, 422, "gate_no_family_contract")
	s.contracts.held[s.Resident] = true

	// What was asked for before gets the time; taken meanwhile, others are offered and nothing is kept.
	taken := s.appointment(s.Dement, at, s.doctor, nil)
	_, err = s.v.BookHomeVisit(ctx, s.Wang, id(), c.Id, wish(s.doctor))
	if p := problem.Of(err); p.Code != "slot_taken" || len(p.Alternatives) == 0 {
		t.Fatalf("a time that was taken: %v with %d others", err, len(p.Alternatives))
	}
	if v := s.only(s.doctor); v.AppointmentId != nil {
		t.Fatal("the visit has a time that was refused")
	}
	s.Exec(`UPDATE appointment_staff SET live = false WHERE appointment_id = $1`, taken)
	s.Exec(`UPDATE appointments SET status = 'CANCELLED', ended_at = $2 WHERE id = $1`, taken, s.Clock.Now())
	booked, err := s.v.BookHomeVisit(ctx, s.Nurse, id(), c.Id, wish(s.doctor))
	if err != nil {
		t.Fatal(err)
	}
	if v := s.only(s.doctor); v.Id != asked.Id || v.AppointmentId == nil || *v.AppointmentId != booked {
		t.Fatalf("the visit that was asked for has no time: %+v", v)
	}
	// Not wanted after all: the time is free again.
	must(t)(s.step(s.doctor, asked.Id, contract.VisitStep{Action: contract.VisitStepActionDECLINE, Words: ptr("已住院")}))
	if ap, err := s.book.GetAppointment(ctx, s.Nurse, booked); err != nil || ap.Status != "CANCELLED" {
		t.Fatalf("%s, %v", ap.Status, err)
	}
	_, err = s.v.BookHomeVisit(ctx, s.Wang, id(), c.Id, wish(s.doctor))
	if err != nil {
		t.Fatalf("the time that was given back: %v", err)
	}
}
