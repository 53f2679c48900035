package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ClaimConsultation is the doctor's answer. Exactly one wins: the row lock orders the claims and the compare-and-set decides;
// the others get 409 already_claimed with the winner's name. A doctor whom another consultation keeps busy gets 409
// doctor_busy. Claiming what one already holds under the same claim changes nothing.
func (s *Service) ClaimConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EpochRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "claimConsultation", id, in, hospital, func(ch *change) error {
		return s.claim(ctx, ch, a, in.Epoch)
	})
	if store.Violates(err, "consultations_one_per_doctor") {
		err = problem.New(http.StatusConflict, "doctor_busy", nil)
		if c, found := s.st.Q().GetConsultation(ctx, id); found == nil {
			err = problem.Conflict("doctor_busy", s.current(ctx, s.st.Q(), c))
		}
	}
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

func (s *Service) claim(ctx context.Context, ch *change, a identity.Actor, epoch int64) error {
	if ch.c.State != string(consult.StateOffered) {
		switch {
		case ch.c.DoctorID == nil:
			return ch.conflict(ctx, "no_longer_waiting", nil)
		case ch.sight.holder && consult.HoldsDoctor(consult.State(ch.c.State)) && ch.c.Epoch == epoch+1:
			return nil
		}
		now := s.current(ctx, ch.q, ch.c)
		return problem.New(http.StatusConflict, "already_claimed", problem.Args{"doctor": value(now.DoctorName)}).With(now)
	}
	if epoch != ch.c.Epoch {
		return ch.conflict(ctx, "epoch_stale", nil)
	}
	departments, err := ch.audience(ctx)
	if err != nil {
		return err
	}
	own := consultantDepartments(a)
	if !slices.ContainsFunc(departments, func(d uuid.UUID) bool { return slices.Contains(own, d) }) {
		return problem.Forbidden()
	}
	if err := s.checkDoctor(ctx, ch.q, ch.c, a.UserID, ch.now); err != nil {
		return err
	}
	busy, err := ch.q.DoctorBusy(ctx, db.DoctorBusyParams{DoctorID: &a.UserID, ExceptID: ch.c.ID})
	if err != nil {
		return fmt.Errorf("busy: %w", err)
	}
	if busy {
		return ch.conflict(ctx, "doctor_busy", nil)
	}
	return s.grant(ctx, ch, a)
}

// grant gives the request to the doctor: the epoch rises, the rings end.
func (s *Service) grant(ctx context.Context, ch *change, a identity.Actor) error {
	if err := ch.q.ClaimOffer(ctx, db.ClaimOfferParams{ID: newID(), ConsultationID: ch.c.ID, Epoch: ch.c.Epoch, DoctorID: a.UserID, Now: ch.now}); err != nil {
		return fmt.Errorf("offer: %w", err)
	}
	waited := 0
	if ch.c.OfferedAt != nil {
		waited = int(ch.now.Sub(*ch.c.OfferedAt).Seconds())
	}
	if err := ch.step(ctx, consult.ActClaim, consult.RoleConsultant, "", map[string]any{"waitedSeconds": waited}); err != nil {
		return err
	}
	if err := ch.q.SetGranted(ctx, db.SetGrantedParams{ID: ch.c.ID, DoctorID: &a.UserID, Now: &ch.now}); err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	ch.c.DoctorID = &a.UserID
	if err := ch.stopRinging(ctx, "LOST", "claimed", a.Name); err != nil {
		return err
	}
	// The winner's other pages stop as well.
	ch.tell("ring.stop", store.Audience{Users: []uuid.UUID{a.UserID}}, ringStop{ConsultationID: ch.c.ID, Result: "claimed", DoctorName: a.Name})
	others, err := ch.q.WithdrawOffersOf(ctx, db.WithdrawOffersOfParams{DoctorID: a.UserID, Now: &ch.now, ExceptID: ch.c.ID})
	if err != nil {
		return fmt.Errorf("other rings: %w", err)
	}
	for _, other := range others {
		ch.tell("ring.stop", store.Audience{Users: []uuid.UUID{a.UserID}}, ringStop{ConsultationID: other, Result: "withdrawn"})
	}
	ch.inQueue("claimed")
	ch.duty = true
	return s.readyIfConsented(ctx, ch)
}

// ReleaseConsultation gives an accepted request back before the call, with a reason (G-RM-09). It is offered again under a
// new epoch and keeps its place; the doctor who gave it back is not rung for it.
func (s *Service) ReleaseConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EpochReasonRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkTerm(ReleaseReasons(), "reason", in.Reason); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "releaseConsultation", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		if err := ch.step(ctx, consult.ActRelease, consult.RoleConsultant, in.Reason, map[string]any{"reason": in.Reason}); err != nil {
			return err
		}
		// Who gave it back is not rung for it again.
		offer := newID()
		if err := ch.q.DeclineOffer(ctx, db.DeclineOfferParams{ID: offer, ConsultationID: ch.c.ID, Epoch: ch.c.Epoch, DoctorID: a.UserID, Now: ch.now,
			ReasonCode: in.Reason, NoteEnc: s.sealText("offers", "note_enc", offer, value(in.Note))}); err != nil {
			return fmt.Errorf("offer: %w", err)
		}
		return s.offerAgain(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	s.ringFreed(ctx, a.UserID)
	return s.view(ctx, a, id)
}

// offerAgain puts a request that was given back into the queue, where it keeps its place.
func (s *Service) offerAgain(ctx context.Context, ch *change) error {
	if _, err := s.endOpenCall(ctx, ch, endByDoctor); err != nil {
		return err
	}
	if err := ch.q.SetReleased(ctx, db.SetReleasedParams{ID: ch.c.ID, Now: ch.now}); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	ch.c.DoctorID = nil
	// What the doctor had begun to write is the doctor's own.
	if err := ch.q.RemoveDraft(ctx, ch.c.ID); err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	ch.inQueue("released")
	ch.duty = true
	return s.ringDepartment(ctx, ch)
}

// ringFreed rings a doctor who has become free for what waits. The command that freed him is done; a failure here only means
// that he sees the queue without a ring.
func (s *Service) ringFreed(ctx context.Context, doctor uuid.UUID) {
	_ = s.RingNewcomer(context.WithoutCancel(ctx), doctor)
}
