package care

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// DeclineOffer is a doctor's no, with a reason (G-RM-09). The request stays in the queue, where the doctor still sees it and
// may claim it after all, and rings the next one; when everybody present has declined, the next step of the ladder comes at
// once. The doctor is not rung for it again and is rung for what waits besides.
// Errors: 409 already_claimed, no_longer_waiting and epoch_stale with the present state.
func (s *Service) DeclineOffer(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.DeclineRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkTerm(DeclineReasons(), "reason", in.Reason); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkLength("note", value(in.Note), 500); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "declineOffer", id, in, hospital, func(ch *change) error {
		return s.decline(ctx, ch, a, in)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	s.ringFreed(ctx, a.UserID)
	return s.view(ctx, a, id)
}

func (s *Service) decline(ctx context.Context, ch *change, a identity.Actor, in contract.DeclineRequest) error {
	switch {
	case ch.c.State != string(consult.StateOffered) && ch.c.DoctorID == nil:
		return ch.conflict(ctx, "no_longer_waiting", nil)
	case ch.c.State != string(consult.StateOffered):
		return s.alreadyClaimed(ctx, ch)
	case in.Epoch != ch.c.Epoch:
		return ch.conflict(ctx, "epoch_stale", nil)
	}
	asked, err := ch.audience(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(consultantDepartments(a), func(d uuid.UUID) bool { return slices.Contains(asked, d) }) {
		return problem.Forbidden()
	}
	before, err := ch.q.OfferTo(ctx, db.OfferToParams{ConsultationID: ch.c.ID, Epoch: ch.c.Epoch, DoctorID: a.UserID})
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("offer: %w", err)
	}
	if err == nil && before.Result == "DECLINED" {
		return nil
	}
	offer, rang := newID(), err == nil && before.Result == "PENDING"
	if err == nil {
		offer = before.ID
	}
	if _, err := ch.q.DeclineRing(ctx, db.DeclineRingParams{ID: offer, ConsultationID: ch.c.ID, Epoch: ch.c.Epoch, DoctorID: a.UserID, Now: ch.now,
		ReasonCode: in.Reason, NoteEnc: s.sealText("offers", "note_enc", offer, value(in.Note))}); err != nil {
		return fmt.Errorf("decline: %w", err)
	}
	if err := ch.record(ctx, eventDeclined, map[string]any{"doctor": a.UserID, "reason": in.Reason}); err != nil {
		return err
	}
	ch.touch("state")
	ch.board = "declined"
	step := ch.c.LadderStep
	if err := s.climbWithoutWaiting(ctx, ch); err != nil {
		return err
	}
	climbed := ch.c.LadderStep != step
	if rang {
		ch.tell("ring.stop", store.Audience{Users: []uuid.UUID{a.UserID}}, ringStop{ConsultationID: ch.c.ID, Result: "declined"})
	}
	if !climbed && (!rang || ch.c.Urgency == string(consult.Critical)) {
		return nil // nobody new is to be rung: for a CRITICAL request everybody is already
	}
	if err := s.ring(ctx, ch); err != nil {
		return err
	}
	return ch.saveLadder(ctx)
}
