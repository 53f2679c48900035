package care

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// TerminateUnsuitable ends at once a consultation that is unsuitable for remote care (G-IH-04, 终止并引导线下): the call ends, the
// bedside reads where the resident goes and by when, and a short note is left to sign. Errors: 422 without a destination and
// a place, 409 epoch_stale and transition_not_allowed unless a call is on.
func (s *Service) TerminateUnsuitable(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.TerminateRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	var f form
	f.code("reason", consult.VocabUnsuitable, in.Reason)
	f.code("destination", consult.VocabDestination, in.Destination)
	f.code("goWithin", consult.VocabGoWithin, in.GoWithin)
	place := f.text("place", in.Place, 1, 200)
	f.text("note", value(in.Note), 0, 500)
	if err := f.err(); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "terminateUnsuitable", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		if err := ch.step(ctx, consult.ActTerminateUnsuitable, consult.RoleConsultant, in.Reason, map[string]any{"reason": in.Reason,
			"destination": in.Destination, "goWithin": in.GoWithin}); err != nil {
			return err
		}
		if err := ch.q.AddTermination(ctx, db.AddTerminationParams{ConsultationID: ch.c.ID, Reason: in.Reason, Destination: in.Destination,
			PlaceEnc: s.sealText("terminations", "place_enc", ch.c.ID, place), GoWithin: in.GoWithin,
			NoteEnc: s.sealText("terminations", "note_enc", ch.c.ID, value(in.Note)), TerminatedBy: a.UserID, Now: ch.now}); err != nil {
			return fmt.Errorf("terminate: %w", err)
		}
		if err := ch.alertBack(ctx, notify.Terminated); err != nil {
			return err
		}
		return s.finishByDoctor(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	s.ringFreed(ctx, a.UserID)
	return s.view(ctx, a, id)
}

// AbortCall says that the connection does not serve: the call ends, the doctor is free, and for 15 minutes either side can
// resume by calling again; then the report is pending.
func (s *Service) AbortCall(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EpochCodedReason) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkReason(consult.VocabAbortReason, in.Reason, in.Note); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "abortCall", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		if err := ch.step(ctx, consult.ActAbortTech, consult.RoleConsultant, in.Reason, map[string]any{"reason": in.Reason}); err != nil {
			return err
		}
		if _, err := s.endOpenCall(ctx, ch, endTechnical); err != nil {
			return err
		}
		if ch.c.MediaLostAt == nil {
			if err := ch.q.SetMediaLost(ctx, db.SetMediaLostParams{ID: ch.c.ID, LostAt: &ch.now, Now: ch.now}); err != nil {
				return fmt.Errorf("abort: %w", err)
			}
			ch.c.MediaLostAt = &ch.now
		}
		if !blank(value(in.Note)) {
			if err := s.tellBedside(ctx, ch, a, *in.Note); err != nil {
				return err
			}
		}
		ch.duty = true
		ch.inQueue("updated")
		return s.countEffective(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	s.ringFreed(ctx, a.UserID)
	return s.view(ctx, a, id)
}

func (b *caseView) termination(ctx context.Context) error {
	row, err := b.q.TerminationOf(ctx, b.c.ID)
	if store.IsNone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("termination: %w", err)
	}
	out := contract.Termination{Reason: row.Reason, Destination: row.Destination, GoWithin: row.GoWithin, By: row.DisplayName, At: row.TerminatedAt.UTC()}
	if b.full() {
		place, err := b.s.openText("terminations", "place_enc", b.c.ID, row.PlaceEnc)
		if err != nil {
			return err
		}
		note, err := b.s.openText("terminations", "note_enc", b.c.ID, row.NoteEnc)
		if err != nil {
			return err
		}
		out.Place, out.Note = some(place), some(note)
	}
	b.out.Termination = &out
	return nil
}
