package booking

import (
	"context"
	"fmt"
	"net/http"
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

// The sides that answer, and their answers. An answer is for the time that its revision names: who moves the appointment asks everybody again.
const (
	sideFamily      = string(contract.AppointmentSideFAMILY)
	sideInstitution = string(contract.AppointmentSideINSTITUTION)
	sideDoctor      = string(contract.AppointmentSideDOCTOR)
	saysYes         = string(contract.AppointmentAnswerKindCONFIRMED)
	saysNo          = string(contract.AppointmentAnswerKindCANCELLED)
	saysCall        = string(contract.AppointmentAnswerKindCALLBACK)

	actAnswer  = "answer"
	actingHome = string(consult.RoleGuardian) // the role of a family in events; it has no account
)

// side is for whom somebody with this sight answers: the resident's side for the house, everybody else for those who go.
func (v sight) side() string {
	switch {
	case v.staff:
		return sideDoctor
	case v.home != "":
		return sideInstitution
	}
	return sideDoctor // who plans for those who go, or booked for them
}

// AcknowledgeAppointment is the confirmation, in one tap, of who was reminded: the doctor, or the house of the resident. Said again it changes nothing.
// Errors: 409 appointment_state, revision_stale.
func (s *Service) AcknowledgeAppointment(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.Revision) (contract.Appointment, error) {
	err := s.on(ctx, a, cmd, "acknowledgeAppointment", id, in, &in.Revision, nil, func(ch *change) error {
		return ch.answer(ctx, ch.sight.side(), saysYes)
	})
	if err != nil {
		return contract.Appointment{}, err
	}
	return s.view(ctx, a, id)
}

// answer writes down what one side says about the appointment at its present time.
func (ch *change) answer(ctx context.Context, side, says string) error {
	if ch.c.Status != booked {
		return ch.refused()
	}
	n, err := ch.q.AddAnswer(ctx, db.AddAnswerParams{ID: newID(), AppointmentID: ch.c.ID, Revision: ch.c.Revision, Side: side, Answer: says, UserID: ch.actor(), Now: ch.now})
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if n == 0 { // said before
		return nil
	}
	if err := event(ctx, ch.q, ch.c, actAnswer, ch.c.Status, ch.c.Status, ch.c.Revision, ch.actor(), ch.role(), ch.now, map[string]any{"side": side, "answer": says}); err != nil {
		return err
	}
	ch.told.about(ch.c, userIDs(ch.staff), ch.c.Status, ch.c.Revision, actAnswer)
	return nil
}

// FamilyAnswers is what a family says through its link; who calls has judged the link. A cancellation frees the time for who waits. What was said before
// is not said twice. Errors: 409 appointment_changed where the family saw an earlier time, appointment_state, appointment_under_way.
func (s *Service) FamilyAnswers(ctx context.Context, id uuid.UUID, revision int, says contract.AppointmentAnswerKind, reason contract.AppointmentCancelReason) error {
	var given []freed
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		given = nil
		ch, err := s.changeOf(ctx, q, id)
		if err != nil {
			return err
		}
		ch.as = actingHome
		if ch.c.Status == cancelled && string(says) == saysNo {
			return nil
		}
		if int32(revision) != ch.c.Revision {
			return problem.New(http.StatusConflict, "appointment_changed", nil)
		}
		if err := ch.answer(ctx, sideFamily, string(says)); err != nil {
			return err
		}
		if string(says) == saysNo {
			if err := ch.cancel(ctx, contract.CancelAppointmentInput{Reason: reason}); err != nil {
				return err
			}
		}
		if string(says) != saysYes {
			if err := ch.tellOfFamily(ctx, string(says)); err != nil {
				return err
			}
		}
		given = ch.freed
		return ch.told.write(ctx, q)
	})
	if err == nil {
		s.offerFreed(ctx, given)
	}
	return err
}

// tellOfFamily tells those who have to act: the nurses of the house, who goes, and who booked.
func (ch *change) tellOfFamily(ctx context.Context, says string) error {
	people, err := ch.q.NursesToRemind(ctx, db.NursesToRemindParams{OrganisationID: ch.c.ResidentOrgID, Now: ch.now})
	if err != nil {
		return fmt.Errorf("nurses: %w", err)
	}
	people = append(append(people, userIDs(ch.staff)...), ch.c.BookedBy)
	slices.SortFunc(people, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	return notify.Enqueue(ctx, ch.q, notify.Fact{Event: notify.FamilyAnswer, Key: fmt.Sprintf("%s:%s:%d:%s", notify.FamilyAnswer, ch.c.ID, ch.c.Revision, says), Users: slices.Compact(people),
		Subject: ch.c.ID, Epoch: int64(ch.c.Revision), At: ch.now})
}

// changeOf locks the people and the row of an appointment for somebody whom the caller has judged.
func (s *Service) changeOf(ctx context.Context, q *db.Queries, id uuid.UUID) (*change, error) {
	c, err := q.AppointmentByID(ctx, id)
	if err := one(err, "the appointment"); err != nil {
		return nil, err
	}
	staff, err := q.StaffOf(ctx, []uuid.UUID{id})
	if err != nil {
		return nil, fmt.Errorf("staff: %w", err)
	}
	if err := q.LockBooking(ctx, db.LockBookingParams{Doctors: userIDs(staff), Residents: []uuid.UUID{c.ResidentID}}); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if c, err = q.LockAppointment(ctx, id); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	return &change{s: s, q: q, c: c, staff: staff, now: now, told: &told{}}, nil
}

// Release cancels, in the caller's transaction, an appointment that was taken away from a visit; the caller has judged who may. What is over already
// stays as it is. The envelopes are for the caller's outbox rows, and afterwards is to be called once the transaction is committed.
func (s *Service) Release(ctx context.Context, q *db.Queries, a identity.Actor, role string, id uuid.UUID) (told []store.Envelope, afterwards func(context.Context), err error) {
	ch, err := s.changeOf(ctx, q, id)
	if err != nil {
		return nil, nil, err
	}
	if ch.c.Status != held && ch.c.Status != booked && ch.c.Status != arrived {
		return nil, func(context.Context) {}, nil
	}
	ch.a, ch.as = a, role
	if err := ch.cancel(ctx, contract.CancelAppointmentInput{Reason: contract.AppointmentCancelReasonVISITENDED}); err != nil {
		return nil, nil, err
	}
	return ch.told.list, func(ctx context.Context) { s.offerFreed(ctx, ch.freed) }, nil
}

// answers shapes what was answered, by appointment.
func answers(ctx context.Context, q *db.Queries, ids []uuid.UUID) (map[uuid.UUID][]contract.AppointmentAnswer, error) {
	rows, err := q.AnswersOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	out := map[uuid.UUID][]contract.AppointmentAnswer{}
	for _, r := range rows {
		out[r.AppointmentID] = append(out[r.AppointmentID], contract.AppointmentAnswer{Id: r.ID, Side: contract.AppointmentSide(r.Side), Answer: contract.AppointmentAnswerKind(r.Answer),
			At: r.At.UTC(), DoneAt: utc(r.DoneAt)})
	}
	return out, nil
}
