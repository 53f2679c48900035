package visits_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// talking is a centre whose doctor calls from the home, two minutes into the call.
func talking(t *testing.T) (*centre, contract.Consultation) {
	c := newCentre(t)
	c.Agreement(c.clinic, c.Hospital, []string{"REMOTE_CONSULT"}, "02")
	c.arrive()
	draft := ok[contract.Consultation](t)(c.call(c.doctor, id(), c.Resident))
	c.Consent(c.doctor, draft.Id)
	held := c.Claim(c.Wang, c.Submit(c.doctor, draft.Id, "ROUTINE"))
	talk := c.Connect(c.doctor, c.Wang, held)
	talk.Talk(2 * time.Minute)
	return c, held
}

func (c *centre) until(of contract.Consultation) *time.Time {
	c.T.Helper()
	list := ok[contract.CheckIns](c.T)(c.Care.ListCheckIns(c.T.Context(), c.doctor, of.Id))
	if len(list.CheckIns) != 1 {
		c.T.Fatalf("who was there: %+v", list.CheckIns)
	}
	return list.CheckIns[0].Until
}

// Nobody is at the resident's side after the time at which their own device says that they left, whenever the server hears of it, nor by a visit
// that was ended as not done.
func TestNobodyIsThereWhoHasLeft(t *testing.T) {
	t.Parallel()
	c, held := talking(t)
	left := c.Clock.Now().Add(-time.Minute) // in the middle of the call
	c.Clock.Pass(20 * time.Minute)
	must(t)(c.step(c.doctor, c.visit.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE, At: &left}))
	if until := c.until(held); until == nil || !until.Equal(left.Truncate(time.Millisecond)) {
		t.Errorf("left at %v, there until %v", left, until)
	}
}

func TestNobodyIsThereByAVisitThatWasNotDone(t *testing.T) {
	t.Parallel()
	c, held := talking(t)
	must(t)(c.step(c.doctor, c.visit.Id, contract.VisitStep{Action: contract.VisitStepActionNOTDONE, Code: ptr("OTHER"), Words: ptr("家属拒绝")}))
	if until := c.until(held); until == nil {
		t.Error("still there")
	}
}

// Who enters the call while the visit leaves is either there until then or not at all.
func TestLeavingAndEnteringAtOnce(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	c.Agreement(c.clinic, c.Hospital, []string{"REMOTE_CONSULT"}, "02")
	c.arrive()
	draft := ok[contract.Consultation](t)(c.call(c.doctor, id(), c.Resident))
	c.Consent(c.doctor, draft.Id)
	held := c.Claim(c.Wang, c.Submit(c.doctor, draft.Id, "ROUTINE"))

	// The ticket's transaction has read the visit and not committed when the visit leaves: the row of the consultation is what it holds.
	left := make(chan error, 1)
	err := c.Store.Tx(t.Context(), func(q *db.Queries) error {
		if _, err := q.LockConsultation(t.Context(), held.Id); err != nil {
			return err
		}
		go func() {
			_, err := c.v.StepVisit(context.WithoutCancel(t.Context()), c.doctor, id(), c.visit.Id, contract.VisitStep{Action: contract.VisitStepActionLEAVE})
			left <- err
		}()
		if err := waiting(c, left); err != nil {
			return err
		}
		_, err := q.AddCheckIn(t.Context(), db.AddCheckInParams{ID: id(), ConsultationID: held.Id, UserID: c.doctor.UserID, Method: "VISIT", TakenBy: c.doctor.UserID, Now: c.Clock.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-left; err != nil {
		t.Fatal(err)
	}
	if until := c.until(held); until == nil {
		t.Error("who entered while the visit left is there for ever")
	}
}

// waiting comes back when the step waits for a lock, with the error that ends a step that does not.
func waiting(c *centre, done chan error) error {
	for {
		select {
		case err := <-done:
			done <- err
			return nil
		default:
		}
		if c.Count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0 {
			return nil
		}
	}
}

// A colleague of the centre who is not shown the consultation neither asks for visits nor books through it.
func TestColleaguesDoNotBookThroughAConsultationFromAHome(t *testing.T) {
	t.Parallel()
	c, held := talking(t)
	stayed := c.User("clinicnurse2", "红护士", "NURSE", c.clinic)
	day := day(c.Clock.Now().AddDate(0, 0, 1))
	for name, a := range map[string]identity.Actor{"a nurse": stayed, "an attending doctor": c.colleague, "a family doctor": c.other} {
		_, err := c.v.RequestVisit(t.Context(), a, id(), contract.VisitRequest{Kind: contract.HOMEVISIT, ResidentId: c.Resident, ConsultationId: &held.Id, Source: contract.VisitRequestSourceWRAPUP, Reason: "换药",
			WantedFrom: day, WantedTo: day})
		if p := problem.Of(err); err == nil || p.Status != 404 {
			t.Errorf("%s asks for a visit: %v", name, err)
		}
		_, err = c.v.BookHomeVisit(t.Context(), a, id(), held.Id, contract.HomeVisitBooking{KindId: c.kind, PractitionerId: c.doctor.UserID, StartsAt: c.Clock.Now().Add(24 * time.Hour), Reason: "换药"})
		if p := problem.Of(err); err == nil || p.Status != 404 {
			t.Errorf("%s books: %v", name, err)
		}
	}
}

// The house reads what was asked for, and no attachment of what was not.
func TestTheHouseSeesNoDraftOfTheCentre(t *testing.T) {
	t.Parallel()
	c, _ := talking(t)
	c.Exec(`UPDATE consultations SET state = 'ARCHIVED' WHERE resident_id = $1 AND visitors IS NOT NULL`, c.Resident)
	draft := ok[contract.Consultation](t)(c.call(c.doctor, id(), c.Resident))
	paper := ok[contract.Document](t)(c.Care.AddDocument(t.Context(), c.doctor, id(), draft.Id, contract.AddDocumentParams{Kind: "DOCUMENT", Category: ptr("LAB")}, bytes.NewReader(picture(t))))
	for name, a := range map[string]identity.Actor{"the house": c.Nurse, "a colleague": c.colleague} {
		if _, _, err := c.Care.GetAttachment(t.Context(), a, paper.Id); err == nil || problem.Of(err).Status != 404 {
			t.Errorf("%s opens a document of a draft: %v", name, err)
		}
	}
}

// No doctor is called to a home that those who visit have left; what can wait for a written answer is still asked, and what is critical goes on.
func TestNoDoctorIsCalledToAHomeThatWasLeft(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	c.Agreement(c.clinic, c.Hospital, []string{"REMOTE_CONSULT"}, "02")
	c.arrive()
	draft := ok[contract.Consultation](t)(c.call(c.doctor, id(), c.Resident))
	c.Consent(c.doctor, draft.Id)
	other := ok[contract.Consultation](t)(c.call(c.doctor, id(), c.Resident))
	asked := c.Submit(c.doctor, other.Id, "ROUTINE")
	c.leave()
	c.Exec(`UPDATE consultations SET state = 'DECLINED' WHERE id = $1`, asked.Id)
	_, again := c.Care.OfferAgain(t.Context(), c.doctor, id(), asked.Id, contract.OfferAgainRequest{})
	refused(t, again, 409, "visit_not_there")
	c.Exec(`UPDATE consultations SET state = 'CANCELLED' WHERE id = $1`, asked.Id)
	_, err := c.Care.SubmitConsultation(t.Context(), c.doctor, id(), draft.Id, contract.SubmitRequest{Urgency: "ROUTINE"})
	refused(t, err, 409, "visit_not_there")
	if _, err := c.Care.SubmitConsultation(t.Context(), c.doctor, id(), draft.Id, contract.SubmitRequest{Urgency: "ROUTINE", Mode: ptr(contract.SubmitRequestModeWRITTEN)}); err != nil && problem.Of(err).Code == "visit_not_there" {
		t.Errorf("asked in writing: %v", err)
	}
}

// Who stands in the home is of the inviting side, whoever of the two asked: neither the hospital's doctor in the same consultation, nor who approves it.
func TestBothWhoVisitAreTheInvitingSide(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	c.Agreement(c.clinic, c.Hospital, []string{"REMOTE_CONSULT"}, "02")
	c.arrive()
	department := c.Departments["02"]
	c.Professional(c.nurse, "PHYSICIAN", c.Hospital, 8)
	second := c.nurse
	second.Memberships = append(slices.Clone(second.Memberships), identity.Membership{ID: id(), Role: "CONSULTANT", OrganisationID: c.Hospital, DepartmentID: &department},
		identity.Membership{ID: id(), Role: "QC", OrganisationID: c.clinic})
	draft := ok[contract.Consultation](t)(c.call(c.doctor, id(), c.Resident))
	c.Consent(c.doctor, draft.Id)
	asked := c.Submit(c.doctor, draft.Id, "ROUTINE")
	_, err := c.Care.ClaimConsultation(t.Context(), second, id(), draft.Id, contract.EpochRequest{Epoch: asked.Epoch})
	refused(t, err, 422, "both_sides")
	_, err = c.Care.ApproveCountability(t.Context(), second, id(), draft.Id, contract.CountabilityApprovalInput{Code: "NC20", Reason: "已核实"})
	refused(t, err, 422, "own_case")
}

// A code that is typed after the visit has left says nothing of who is at the resident's side.
func TestNobodyChecksInAtAHomeThatWasLeft(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	c.arrive()
	draft := ok[contract.Consultation](t)(c.call(c.nurse, id(), c.Resident))
	in := func() error {
		code := ok[contract.CheckInCode](t)(c.Care.GetCheckInCode(t.Context(), c.doctor))
		_, err := c.Care.CheckIn(t.Context(), c.nurse, id(), draft.Id, contract.CheckInRequest{UserId: c.doctor.UserID, Method: "QR", Code: code.Code})
		return err
	}
	if err := in(); err != nil {
		t.Fatal(err)
	}
	c.Clock.Pass(time.Minute)
	c.leave()
	if until := c.until(draft); until == nil {
		t.Error("still there by the code")
	}
	refused(t, in(), 409, "visit_not_there")
}

// Who stands on the centre's side of a referral by a desk alone does not read what those who visit wrote, whatever else they are there.
func TestADeskReadsNoReasonOfWhoVisits(t *testing.T) {
	t.Parallel()
	c, held := talking(t)
	ok[contract.Referral](t)(c.Care.CreateReferral(t.Context(), c.doctor, id(), held.Id, contract.ReferralInput{Direction: "UP", Reason: "胸痛待查"}))
	desk := c.desk
	desk.Memberships = append(slices.Clone(desk.Memberships), identity.Membership{ID: id(), Role: "NURSE", OrganisationID: c.clinic}, identity.Membership{ID: id(), Role: "FAMILY_DOCTOR", OrganisationID: c.clinic})
	for name, x := range map[string]struct {
		by    identity.Actor
		reads bool
	}{"a desk": {desk, false}, "who visits": {c.nurse, true}, "the hospital's doctor": {c.Wang, true}} {
		list := ok[[]contract.Referral](t)(c.Care.ListReferrals(t.Context(), x.by, contract.ListReferralsParams{ConsultationId: &held.Id}))
		if len(list) != 1 || (list[0].Reason != nil) != x.reads {
			t.Errorf("%s: %+v", name, list)
		}
	}
	if list := ok[[]contract.Referral](t)(c.Care.ListReferrals(t.Context(), c.colleague, contract.ListReferralsParams{})); len(list) != 0 {
		t.Errorf("a colleague: %+v", list)
	}
}
