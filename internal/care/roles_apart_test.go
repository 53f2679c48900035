package care_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// also gives somebody one more role, and the person as signed in afterwards.
func also(t *testing.T, w *caretest.World, a identity.Actor, role string, org uuid.UUID, department *uuid.UUID) identity.Actor {
	t.Helper()
	w.Exec(`INSERT INTO memberships (id, user_id, organisation_id, department_id, role, valid_from) VALUES ($1, $2, $3, $4, $5, $6)`,
		uuid.New(), a.UserID, org, department, role, caretest.Start().AddDate(-1, 0, 0))
	return must(w.Identity.SignedIn(t.Context(), a.UserID, a.SessionID))(t)
}

// acting is the person in one role alone.
func acting(t *testing.T, w *caretest.World, a identity.Actor, role string) identity.Actor {
	t.Helper()
	for _, m := range a.Held {
		if m.Role == role {
			return must(w.Identity.ActAs(t.Context(), a, &m.ID))(t)
		}
	}
	t.Fatalf("%s is no %s", a.Username, role)
	return a
}

// Who works on both sides is one of them in a consultation: neither the invited doctor of an own request, nor who decides on an own opinion,
// in whichever role the sign-in acts.
func TestOnePersonIsNotBothSides(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	department := w.Departments["02"]
	chen := also(t, w, w.Attending, "CONSULTANT", w.Hospital, &department)
	answers := acting(t, w, chen, "CONSULTANT")
	for _, c := range []contract.Consultation{w.Offered(acting(t, w, chen, "ATTENDING"), w.Second), w.Offered(w.Nurse, w.Resident)} { // own; submitted in the own name
		_, err := w.Care.ClaimConsultation(ctx, answers, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch})
		refused(t, err, "both_sides")
	}

	third := w.ResidentOf(w.Home, "李桂香", "104-1", "FULL")
	c := w.Claim(w.Wang, w.Offered(w.Nurse, third))
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)
	c = w.Sign(w.Wang, c, w.Content())
	wang := acting(t, w, also(t, w, w.Wang, "ATTENDING", w.Home, nil), "ATTENDING")
	_, err := w.Care.AdoptReport(ctx, wang, uuid.New(), c.Id, caretest.AdoptAll(c))
	refused(t, err, "both_sides")
	w.Adopt(w.Attending, c)
}

// Nor does a colleague hand a consultation over to who asked for it.
func TestWhoAskedDoesNotTakeOver(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	department := w.Departments["02"]
	w.Professional(w.Attending, "PHYSICIAN", w.Hospital, 8)
	chen := acting(t, w, also(t, w, w.Attending, "CONSULTANT", w.Hospital, &department), "CONSULTANT")
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident)) // the attending doctor answers for it
	must(w.Care.OfferHandOver(ctx, w.Wang, uuid.New(), c.Id, contract.HandOverRequest{Epoch: c.Epoch, DoctorId: chen.UserID, Reason: "SHIFT_END"}))(t)
	_, err := w.Care.AnswerHandOver(ctx, chen, uuid.New(), c.Id, contract.HandOverAnswer{Epoch: c.Epoch, Answer: "ACCEPT"})
	refused(t, err, "both_sides")
}

// Nobody goes on with a round in a role that has ended: there is no record in the name of a doctor who has left, and the place of a nurse who
// has left falls to who is at the bedside.
func TestARoundGoesOnWithThoseWhoAreStillThere(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	p := planRound(t, w, w.Resident, w.Second).consents(0, 1).opened()
	left := `UPDATE memberships SET valid_to = $1 WHERE user_id = $2`
	w.Exec(left, w.Clock.Now(), w.Nurse.UserID)
	refused(t, p.tryStep(w.Wang, contract.RoundStep{Action: "NEXT"}), "round_nurse_gone")
	other := w.User("nurse.zhao", "赵护士", "NURSE", w.Home)
	must(w.Care.StepRound(t.Context(), other, uuid.New(), p.round.Id, contract.RoundStep{Action: "NEXT"}))(t)
	is(t, "in whose name", w.Count(`SELECT count(*) FROM rounds WHERE nurse_id = $1`, other.UserID), 1)
	is(t, "who asked", w.Count(`SELECT count(*) FROM consultation_events WHERE to_state = 'SUBMITTED' AND actor_id = $1`, other.UserID), 1)
	now := must(w.Care.GetRound(t.Context(), other, p.round.Id))(t)
	w.Connect(other, w.Wang, must(w.Care.GetConsultation(t.Context(), other, *now.Entries[0].ConsultationId))(t)).Talk(90 * time.Second)
	w.Exec(left, w.Clock.Now(), w.Wang.UserID)
	refused(t, p.tryStep(other, contract.RoundStep{Action: "NEXT", CurrentId: now.CurrentId}), "round_doctor_gone")
}

// Nobody passes what they did themselves, as quality control or as a pharmacist.
func TestNobodyPassesTheirOwn(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := consulted(w, w.Resident)
	for _, who := range []identity.Actor{w.Nurse, w.Attending, w.Wang} {
		quality := acting(t, w, also(t, w, who, "QC", w.Home, nil), "QC")
		_, err := w.Care.ApproveCountability(ctx, quality, uuid.New(), c.Id, contract.CountabilityApprovalInput{Code: "NC20", Reason: "自己批"})
		refused(t, err, "own_case")
	}

	both := also(t, w, w.Attending, "PHARMACIST", w.Hospital, nil)
	in := taken("氨氯地平片")
	in.Prescription = &contract.PrescriptionRef{Number: "CF-1", Institution: "青城医院", ReviewOrgId: &w.Hospital}
	rx := must(w.Care.AddMedication(ctx, w.Attending, uuid.New(), w.Resident, in))(t).Medications[0].Id
	w.Professional(w.Attending, "PHARMACIST", w.Hospital, 8)
	pharmacist := acting(t, w, both, "PHARMACIST")
	_, err := w.Care.ReviewPrescription(ctx, pharmacist, uuid.New(), rx, contract.PrescriptionDecision{Decision: "APPROVE"})
	refused(t, err, "own_case")
}
