package care

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ReturnRequest gives a request back to the bedside, saying what is lacking (退回补充): a doctor who is asked or holds it, or the
// dispatcher. Nothing that was entered is lost; the nurse completes it and submits it again. Never for CRITICAL, and not once a
// call has begun. Errors: 409 already_claimed and no_longer_waiting (to who does not hold it), epoch_stale, critical_stays,
// already_begun.
func (s *Service) ReturnRequest(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ReturnRequest) error {
	if err := require(a, RoleConsultant, RoleDispatcher); err != nil {
		return err
	}
	var f form
	for i, code := range in.Lacking {
		f.code(fmt.Sprintf("lacking/%d", i), consult.VocabLacking, code)
		if slices.Contains(in.Lacking[:i], code) {
			f.add(fmt.Sprintf("lacking/%d", i), "chosen_twice")
		}
	}
	if len(in.Lacking) == 0 {
		f.add("lacking", "required")
	}
	f.text("note", value(in.Note), 0, 500)
	if err := f.err(); err != nil {
		return err
	}
	var freed *uuid.UUID
	err := s.onConsultation(ctx, a, &cmd, "returnRequest", id, in, hospitalOrDesk, func(ch *change) error {
		freed = ch.c.DoctorID
		return s.giveBack(ctx, ch, a, in)
	})
	if err != nil {
		return err
	}
	if freed != nil {
		s.ringFreed(ctx, *freed)
	} else if a.Has(RoleConsultant) {
		s.ringFreed(ctx, a.UserID)
	}
	return nil
}

func (s *Service) giveBack(ctx context.Context, ch *change, a identity.Actor, in contract.ReturnRequest) error {
	role := consult.Role(RoleConsultant)
	switch {
	case in.Epoch != ch.c.Epoch:
		return ch.conflict(ctx, "epoch_stale", nil)
	case ch.sight.holder:
	case ch.sight.desk:
		role = consult.RoleDispatcher
	case ch.c.DoctorID != nil:
		return s.alreadyClaimed(ctx, ch)
	default:
		asked, err := s.inAudience(ctx, ch.q, a, ch.c, ch.now)
		if err != nil {
			return err
		}
		if !asked {
			return problem.Forbidden()
		}
	}
	ch.role = string(role)
	held := ch.c.DoctorID != nil
	if err := ch.step(ctx, consult.ActReturn, role, in.Lacking[0], map[string]any{"lacking": in.Lacking}); err != nil {
		return err
	}
	row := newID()
	if err := ch.q.AddReturn(ctx, db.AddReturnParams{ID: row, ConsultationID: ch.c.ID, Lacking: in.Lacking, ReturnedBy: a.UserID, Now: ch.now,
		NoteEnc: s.sealText("returns", "note_enc", row, value(in.Note))}); err != nil {
		return fmt.Errorf("return: %w", err)
	}
	if held {
		if err := s.letGo(ctx, ch); err != nil {
			return err
		}
	}
	if err := ch.alertBack(ctx, notify.Returned); err != nil {
		return err
	}
	return s.withdraw(ctx, ch)
}

// letGo takes a consultation from its doctor: the call ends, and what the doctor had begun to write goes with the doctor.
func (s *Service) letGo(ctx context.Context, ch *change) error {
	if _, err := s.endOpenCall(ctx, ch, endByDoctor); err != nil {
		return err
	}
	if err := ch.q.SetReleased(ctx, db.SetReleasedParams{ID: ch.c.ID, Now: ch.now}); err != nil {
		return fmt.Errorf("let go: %w", err)
	}
	ch.c.DoctorID, ch.c.AssignedBy = nil, nil
	if err := ch.q.RemoveDraft(ctx, ch.c.ID); err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	return nil
}

// resubmitted begins the ladder anew and notes that the request came again.
func (s *Service) resubmitted(ctx context.Context, ch *change) error {
	if err := ch.q.Resubmitted(ctx, db.ResubmittedParams{ConsultationID: ch.c.ID, Now: &ch.now}); err != nil {
		return fmt.Errorf("returns: %w", err)
	}
	return s.fromTheBottom(ctx, ch)
}

// fromTheBottom makes the time count from now and the ladder begin at its first step.
func (s *Service) fromTheBottom(ctx context.Context, ch *change) error {
	if err := ch.q.SetOfferedAgain(ctx, db.SetOfferedAgainParams{ID: ch.c.ID, Now: &ch.now, AcceptDueAt: ch.c.AcceptDueAt}); err != nil {
		return fmt.Errorf("ladder: %w", err)
	}
	ch.c.QueuedSince = nil
	ch.c.OfferedAt, ch.c.LadderStep, ch.c.RingRound, ch.c.LadderDueAt, ch.c.RingDueAt = &ch.now, 0, 0, nil, nil
	ch.c.PromiseBy, ch.c.DispatcherID, ch.c.DispatcherAlertedAt = nil, nil, nil
	return nil
}

func (b *caseView) returned(ctx context.Context) error {
	row, err := b.q.LatestReturn(ctx, b.c.ID)
	if store.IsNone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("returns: %w", err)
	}
	out := contract.Returned{Lacking: row.Lacking, By: row.DisplayName, At: row.ReturnedAt.UTC(), ResubmittedAt: utc(row.ResubmittedAt)}
	if b.full() {
		note, err := b.s.openText("returns", "note_enc", row.ID, row.NoteEnc)
		if err != nil {
			return err
		}
		out.Note = some(note)
	}
	b.out.Returned = &out
	return nil
}

// hospitalOrDesk: a doctor of the hospital that is asked, or its dispatcher.
func hospitalOrDesk(v sight) bool { return v.consultant || v.desk }
