package care_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// Ten doctors answer at the same instant: one wins, nine are told who.
func TestTenDoctorsClaimOneWins(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	doctors := make([]identity.Actor, 10)
	for i := range doctors {
		doctors[i] = w.Doctor(fmt.Sprintf("dr.race%d", i), fmt.Sprintf("医生%d", i), w.Hospital, 5, w.Departments["02"])
	}
	c := w.Submit(w.Nurse, w.Draft(w.Nurse, w.Resident).Id, "CRITICAL") // which rings everybody

	errs := make([]error, len(doctors))
	var start, end sync.WaitGroup
	start.Add(1)
	for i, d := range doctors {
		end.Go(func() {
			start.Wait()
			_, errs[i] = w.Care.ClaimConsultation(t.Context(), d, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch})
		})
	}
	start.Done()
	end.Wait()

	winner := -1
	for i, err := range errs {
		if err == nil {
			if winner >= 0 {
				t.Fatal("two doctors won")
			}
			winner = i
		}
	}
	if winner < 0 {
		t.Fatalf("nobody won: %v", errs)
	}
	for i, err := range errs {
		if i == winner {
			continue
		}
		p := refused(t, err, "already_claimed")
		is(t, "status", p.Status, 409)
		is(t, "the winner's name", *p.Current.DoctorName, doctors[winner].Name)
		is(t, "the winner's name in the sentence", p.Args["doctor"], doctors[winner].Name)
		is(t, "epoch", p.Current.Epoch, c.Epoch+1)
	}
	is(t, "claims on record", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'CLAIM'`, c.Id), 1)
	is(t, "rings still on", w.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1 AND result = 'PENDING'`, c.Id), 0)
	is(t, "lost rings", w.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1 AND result = 'LOST'`, c.Id), 11) // nine, Wang and Zhao
	is(t, "told to stop", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'ring.stop' AND payload->'data'->>'result' = 'claimed'
		AND payload->'data'->>'doctorName' = $1`, doctors[winner].Name), 2)
}

// One doctor answers two requests at the same instant: he gets one, and no two claims wait for one another for ever.
func TestDoctorHoldsOneAtATime(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	first, second := w.Offered(w.Nurse, w.Resident), w.Offered(w.Nurse, w.Second)
	errs := make([]error, 4)
	var end sync.WaitGroup
	for i, claim := range []struct {
		doctor identity.Actor
		c      contract.Consultation
	}{{w.Wang, first}, {w.Wang, second}, {w.Zhao, first}, {w.Zhao, second}} {
		end.Go(func() {
			_, errs[i] = w.Care.ClaimConsultation(t.Context(), claim.doctor, uuid.New(), claim.c.Id, contract.EpochRequest{})
		})
	}
	end.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		if p := problem.Of(err); p.Code != "doctor_busy" && p.Code != "already_claimed" {
			t.Errorf("refused with %v", err)
		}
	}
	is(t, "held", w.Count(`SELECT count(*) FROM consultations WHERE state = 'WAITING'`), won)
	is(t, "doctors who hold more than one", w.Count(`SELECT count(*) FROM (SELECT doctor_id FROM consultations WHERE doctor_id IS NOT NULL GROUP BY doctor_id HAVING count(*) > 1) x`), 0)
	if won == 0 || won > 2 {
		t.Errorf("%d claims won", won)
	}
}

func TestDoctorBusyIsSaidBeforeTheIndexSaysIt(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	first, second := w.Offered(w.Nurse, w.Resident), w.Offered(w.Nurse, w.Second)
	w.Claim(w.Wang, first)
	_, err := w.Care.ClaimConsultation(t.Context(), w.Wang, uuid.New(), second.Id, contract.EpochRequest{})
	is(t, "state", refused(t, err, "doctor_busy").Current.State, "OFFERED")
}

func TestClaimAsksForTheDoctorsLicence(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := w.Offered(w.Nurse, w.Resident)
	_, err := w.Care.ClaimConsultation(t.Context(), w.Junior, uuid.New(), c.Id, contract.EpochRequest{})
	refused(t, err, "service_doctor_years")
	w.Exec(`UPDATE professional_licences SET valid_to = $2 WHERE user_id = $1`, w.Zhao.UserID, caretest.Start().AddDate(0, 0, -1))
	_, err = w.Care.ClaimConsultation(t.Context(), w.Zhao, uuid.New(), c.Id, contract.EpochRequest{})
	refused(t, err, "service_doctor_licence")
	w.Exec(`UPDATE agreements SET terminated_at = $2 WHERE inviting_org_id = $1`, w.Home, caretest.Start())
	_, err = w.Care.ClaimConsultation(t.Context(), w.Wang, uuid.New(), c.Id, contract.EpochRequest{})
	refused(t, err, "service_no_agreement")

	// An emergency passes years and agreement, never the licence.
	w.Exec(`UPDATE consultations SET urgency = 'CRITICAL' WHERE id = $1`, c.Id)
	_, err = w.Care.ClaimConsultation(t.Context(), w.Zhao, uuid.New(), c.Id, contract.EpochRequest{})
	refused(t, err, "service_doctor_licence")
	w.Claim(w.Junior, c)
}

func TestReleaseOffersAgainUnderANewEpoch(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	offered := w.Offered(w.Nurse, w.Resident)
	w.Clock.Pass(time.Minute)
	c := w.Claim(w.Wang, offered)
	must(w.Care.GetTicket(ctx, w.Nurse, c.Id, contract.TicketRequest{}))(t)
	_, err := w.Care.ReleaseConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: 0, Reason: "EMERGENCY_HERE"})
	is(t, "epoch", refused(t, err, "epoch_stale").Current.Epoch, int64(1))
	_, err = w.Care.ReleaseConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: 1, Reason: "BORED"})
	refused(t, err, "invalid_request")

	note := "院内抢救"
	c = must(w.Care.ReleaseConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: 1, Reason: "EMERGENCY_HERE", Note: &note}))(t)
	is(t, "state", c.State, "OFFERED")
	is(t, "epoch", c.Epoch, int64(2))
	is(t, "place in the queue", *c.OfferedAt, *offered.OfferedAt)
	if c.CallId != nil || c.Doctor != nil {
		t.Error("the call or the doctor stayed")
	}
	is(t, "rings of who gave it back", w.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1 AND epoch = 2 AND doctor_id = $2 AND result = 'PENDING'`, c.Id, w.Wang.UserID), 0)
	is(t, "rings of the colleague", w.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1 AND epoch = 2 AND doctor_id = $2 AND result = 'PENDING'`, c.Id, w.Zhao.UserID), 1)

	// The old grant is worth nothing any more.
	_, err = w.Care.GetTicket(ctx, w.Wang, c.Id, contract.TicketRequest{Epoch: &[]int64{1}[0]})
	refused(t, err, "epoch_stale")
	c = w.Claim(w.Zhao, c)
	is(t, "epoch", c.Epoch, int64(3))
}

// Every command of the grantee is refused under an old epoch, and to a colleague.
func TestStaleEpoch(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c)
	stale := c.Epoch - 1
	for name, try := range map[string]func(a identity.Actor, epoch int64) error{
		"claim": func(a identity.Actor, epoch int64) error {
			if a.UserID == w.Wang.UserID {
				epoch = 7 // his own claim, repeated under its epoch, is no error
			}
			_, err := w.Care.ClaimConsultation(ctx, a, uuid.New(), c.Id, contract.EpochRequest{Epoch: epoch})
			return err
		},
		"release": func(a identity.Actor, epoch int64) error {
			_, err := w.Care.ReleaseConsultation(ctx, a, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: epoch, Reason: "OTHER"})
			return err
		},
		"ticket": func(a identity.Actor, epoch int64) error {
			_, err := w.Care.GetTicket(ctx, a, c.Id, contract.TicketRequest{Epoch: &epoch})
			return err
		},
		"end call": func(a identity.Actor, epoch int64) error {
			_, err := w.Care.EndCall(ctx, a, uuid.New(), c.Id, contract.EpochRequest{Epoch: epoch})
			return err
		},
		"finish": func(a identity.Actor, epoch int64) error {
			_, err := w.Care.FinishConsultation(ctx, a, uuid.New(), c.Id, contract.EpochRequest{Epoch: epoch})
			return err
		},
		"draft": func(a identity.Actor, epoch int64) error {
			_, err := w.Care.SaveReportDraft(ctx, a, c.Id, contract.ReportDraftInput{Epoch: epoch})
			return err
		},
		"sign": func(a identity.Actor, epoch int64) error {
			_, err := w.Care.SignReport(ctx, a, uuid.New(), c.Id, contract.SignReportRequest{Epoch: epoch, Revision: 1, Password: caretest.Password})
			return err
		},
	} {
		for who, err := range map[string]error{"the holder": try(w.Wang, stale), "a colleague": try(w.Zhao, c.Epoch)} {
			p := problem.Of(err)
			if err == nil || p.Status != 409 || p.Current == nil || p.Current.Epoch != c.Epoch || p.Code != "epoch_stale" && p.Code != "already_claimed" {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
	}
}

func TestNewcomerIsRungAndTheWinnerIsNot(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	w.Presence.Set(w.Wang.UserID, care.PresenceOff)
	w.Presence.Set(w.Zhao.UserID, care.PresenceOff)
	w.Presence.Set(w.Gao.UserID, care.PresenceOff)
	c := w.Offered(w.Nurse, w.Resident)
	is(t, "available", c.Waiting.Available, 0)
	if c.Waiting.PromiseBy != nil {
		t.Error("a time was promised while nobody is there")
	}
	now := current(t, c)
	is(t, "step", now.Code, "ladder_nobody")
	is(t, "words", now.Message, "目前无医生在线，可拨打 0471-96120")

	w.Presence.Set(w.Wang.UserID, care.PresenceAvailable)
	for range 2 { // ringing twice changes nothing
		if err := w.Care.RingNewcomer(ctx, w.Wang.UserID); err != nil {
			t.Fatal(err)
		}
	}
	is(t, "rings", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'ring' AND payload->'to'->'users' ? $1`, w.Wang.UserID.String()), 1)
	c = must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	is(t, "asked", *c.Waiting.DoctorName, "王医生")

	// Who took one is not rung for another; when free again, he is.
	c = w.Claim(w.Wang, c)
	other := w.Offered(w.Nurse, w.Second)
	is(t, "rings while busy", w.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1`, other.Id), 0)
	must(w.Care.ReleaseConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: c.Epoch, Reason: "OTHER"}))(t)
	is(t, "rings when free", w.Count(`SELECT count(*) FROM offers WHERE consultation_id = $1 AND doctor_id = $2 AND result = 'PENDING'`, other.Id, w.Wang.UserID), 1)

	// Presence out of reach stops nobody.
	w.Presence.Fail(fmt.Errorf("redis is away"))
	w.Claim(w.Wang, other)
}
