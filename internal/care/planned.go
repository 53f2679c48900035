package care

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ScheduleConsultation puts what was answered off to a slot, or moves it to another one with a reason. Until then the doctor is
// free for others; the bedside sees the time. Errors: 422 slot_not_possible; 409 epoch_stale, slot_taken (the doctor has
// another at that time), resident_taken (the resident has), already_begun, critical_stays.
func (s *Service) ScheduleConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ScheduleRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant, RoleDispatcher); err != nil {
		return contract.Consultation{}, err
	}
	var doctor *uuid.UUID
	err := s.onConsultation(ctx, a, &cmd, "scheduleConsultation", id, in, hospitalOrDesk, func(ch *change) error {
		doctor = ch.c.DoctorID
		role, err := ch.holderOrDesk(ctx, in.Epoch)
		if err != nil {
			return err
		}
		return s.schedule(ctx, ch, role, in)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	if doctor != nil {
		s.ringFreed(ctx, *doctor)
	}
	return s.view(ctx, a, id)
}

func (s *Service) schedule(ctx context.Context, ch *change, role consult.Role, in contract.ScheduleRequest) error {
	if err := consult.CheckSlot(in.From, in.To, ch.now); err != nil {
		return onField(err, "from")
	}
	reason := value(in.Reason)
	if ch.c.State == string(consult.StateScheduled) {
		if _, ok := consult.Lookup(consult.VocabRescheduleReason, reason); !ok {
			return problem.Invalid(problem.Field{Path: "reason", Code: "required"})
		}
	}
	if err := ch.step(ctx, consult.ActSchedule, role, reason, map[string]any{"from": in.From.UTC(), "to": in.To.UTC(), "reason": reason}); err != nil {
		return err
	}
	if err := ch.slotFree(ctx, ch.c.DoctorID, in.From, in.To); err != nil {
		return err
	}
	elsewhere, err := ch.q.ResidentElsewhere(ctx, db.ResidentElsewhereParams{ResidentID: ch.c.ResidentID, Since: in.From, Before: in.To, Now: ch.now,
		ExceptIds: []uuid.UUID{ch.c.ID}})
	if err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	if len(elsewhere) > 0 {
		return ch.conflict(ctx, "resident_taken", nil)
	}
	if _, err := s.endOpenCall(ctx, ch, endByDoctor); err != nil {
		return err
	}
	if err := ch.q.SetSlot(ctx, db.SetSlotParams{ID: ch.c.ID, SlotFrom: &in.From, SlotTo: &in.To, Now: ch.now}); err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	ch.c.SlotFrom, ch.c.SlotTo = &in.From, &in.To
	ch.inQueue("updated")
	ch.duty = true
	return nil
}

// slotFree takes the locks of a doctor and of the resident and refuses a time that the doctor has planned or that is booked: two may not
// find the same time free; neither may a booking.
func (ch *change) slotFree(ctx context.Context, doctor *uuid.UUID, from, to time.Time) error {
	doctors := []uuid.UUID{}
	if doctor != nil {
		doctors = append(doctors, *doctor)
	}
	if err := ch.q.LockBooking(ctx, db.LockBookingParams{Doctors: doctors, Residents: []uuid.UUID{ch.c.ResidentID}}); err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	if doctor == nil {
		return nil
	}
	if _, err := ch.q.LockUser(ctx, *doctor); err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	taken, err := ch.q.SlotTaken(ctx, db.SlotTakenParams{DoctorID: doctor, ExceptID: ch.c.ID, SlotFrom: from, SlotTo: to})
	if err == nil && !taken {
		taken, err = ch.q.AcrossPlan(ctx, db.AcrossPlanParams{DoctorID: *doctor, Now: ch.now, SlotFrom: from, SlotTo: to})
	}
	if err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	if taken {
		return ch.conflict(ctx, "slot_taken", nil)
	}
	return nil
}

// slotOpen says that a planned consultation may begin: shortly before its slot, and later.
func slotOpen(c db.Consultation, now time.Time) bool {
	return c.State == string(consult.StateScheduled) && c.SlotFrom != nil && !now.Before(c.SlotFrom.Add(-consult.SlotEarly))
}

// beginPlanned brings a planned consultation to its call.
func (s *Service) beginPlanned(ctx context.Context, ch *change) error {
	if !slotOpen(ch.c, ch.now) {
		return ch.conflict(ctx, "slot_not_yet", slotTime(ch.c))
	}
	ok, err := s.consented(ctx, ch.q, ch.c, ch.now)
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(http.StatusUnprocessableEntity, "consent_required", nil)
	}
	if err := s.freeToBegin(ctx, ch); err != nil {
		return err
	}
	return s.readyPlanned(ctx, ch)
}

func slotTime(c db.Consultation) problem.Args {
	return problem.Args{"time": value(c.SlotFrom).In(consult.Shanghai()).Format("2006-01-02 15:04")}
}

// freeToBegin refuses while another consultation holds the doctor or the resident.
func (s *Service) freeToBegin(ctx context.Context, ch *change) error {
	busy, err := ch.q.DoctorBusy(ctx, db.DoctorBusyParams{DoctorID: ch.c.DoctorID, ExceptID: ch.c.ID})
	if err != nil {
		return fmt.Errorf("busy: %w", err)
	}
	if busy {
		return ch.conflict(ctx, "doctor_busy", nil)
	}
	open, err := ch.q.OpenRequestOf(ctx, ch.c.ResidentID)
	if err == nil && open != ch.c.ID {
		return requestOpen(open)
	}
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("open request: %w", err)
	}
	return nil
}

func (s *Service) readyPlanned(ctx context.Context, ch *change) error {
	if err := ch.step(ctx, consult.ActReady, consult.RoleSystem, "", nil); err != nil {
		return err
	}
	if err := ch.q.SetReadyAt(ctx, db.SetReadyAtParams{ID: ch.c.ID, Now: &ch.now}); err != nil {
		return fmt.Errorf("ready: %w", err)
	}
	ch.duty = true
	ch.inQueue("updated")
	return nil
}

// RecordNoShow says that nobody came: the doctor or the dispatcher, with a reason, before any call began. A planned one must
// have reached its slot.
func (s *Service) RecordNoShow(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EpochCodedReason) (contract.Consultation, error) {
	if err := require(a, RoleConsultant, RoleDispatcher); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkReason(consult.VocabNoShowReason, in.Reason, in.Note); err != nil {
		return contract.Consultation{}, err
	}
	var freed *uuid.UUID
	err := s.onConsultation(ctx, a, &cmd, "recordNoShow", id, in, hospitalOrDesk, func(ch *change) error {
		freed = ch.c.DoctorID
		role, err := ch.holderOrDesk(ctx, in.Epoch)
		if err != nil {
			return err
		}
		if ch.c.State == string(consult.StateScheduled) && ch.c.SlotFrom != nil {
			if ch.now.Before(*ch.c.SlotFrom) {
				return ch.conflict(ctx, "slot_not_yet", slotTime(ch.c))
			}
			if err := s.freeToBegin(ctx, ch); err != nil {
				return err
			}
			if err := s.readyPlanned(ctx, ch); err != nil {
				return err
			}
		}
		return s.noShow(ctx, ch, role, in.Reason, value(in.Note))
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	if freed != nil {
		s.ringFreed(ctx, *freed)
	}
	return s.view(ctx, a, id)
}

func (s *Service) noShow(ctx context.Context, ch *change, role consult.Role, reason, note string) error {
	if err := ch.step(ctx, consult.ActNoShow, role, reason, map[string]any{"reason": reason}); err != nil {
		return err
	}
	if _, err := s.endOpenCall(ctx, ch, endNoShow); err != nil {
		return err
	}
	return s.closeAs(ctx, ch, reason, note)
}

// missedSlot records a planned consultation whose slot has long passed as a no-show. While the doctor is in another
// consultation it is left for later.
func (s *Service) missedSlot(ctx context.Context, ch *change) (bool, error) {
	if ch.c.State != string(consult.StateScheduled) || ch.c.SlotTo == nil || ch.now.Sub(*ch.c.SlotTo) < consult.SlotGrace {
		return false, nil
	}
	if err := s.freeToBegin(ctx, ch); err != nil {
		if problem.Of(err).Status == http.StatusConflict {
			return false, nil
		}
		return false, err
	}
	if err := s.readyPlanned(ctx, ch); err != nil {
		return false, err
	}
	return true, s.noShow(ctx, ch, consult.RoleSystem, "SLOT_PASSED", "")
}

// closeAs ends a request for good and takes it out of the queue.
func (s *Service) closeAs(ctx context.Context, ch *change, code, note string) error {
	if err := ch.q.SetClosed(ctx, db.SetClosedParams{ID: ch.c.ID, Now: &ch.now, EndCode: code,
		EndNoteEnc: s.sealText("consultations", "end_note_enc", ch.c.ID, note)}); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return s.withdraw(ctx, ch)
}

// holderOrDesk is the role in which who holds the grant or the dispatcher acts; anybody else has a stale epoch.
func (ch *change) holderOrDesk(ctx context.Context, epoch int64) (consult.Role, error) {
	switch {
	case epoch != ch.c.Epoch || !ch.sight.holder && !ch.sight.desk:
		return "", ch.conflict(ctx, "epoch_stale", nil)
	case ch.sight.holder:
		return consult.RoleConsultant, nil
	}
	ch.role = RoleDispatcher
	return consult.RoleDispatcher, nil
}

// checkReason refuses a reason that its list does not have, and a note that is too long.
func checkReason(list consult.Vocabulary, code string, note *string) error {
	var f form
	f.code("reason", list, code)
	f.text("note", value(note), 0, 500)
	return f.err()
}

func slotView(c db.Consultation) *contract.Slot { return slotOf(c.SlotFrom, c.SlotTo) }

func slotOf(from, to *time.Time) *contract.Slot {
	if from == nil || to == nil {
		return nil
	}
	return &contract.Slot{From: from.UTC(), To: to.UTC()}
}
