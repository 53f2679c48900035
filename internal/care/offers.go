package care

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// doctorNow is a doctor who may answer for a department, as he stands now.
type doctorNow struct {
	id       uuid.UUID
	name     string
	busy     bool // another consultation holds him
	presence PresenceState
}

func (d doctorNow) here() bool { return d.presence.Available() }
func (d doctorNow) free() bool { return d.here() && !d.busy }

// doctorsFor lists who may answer for the departments (G-RM-04) and how they stand.
func (s *Service) doctorsFor(ctx context.Context, q *db.Queries, departments []uuid.UUID, now time.Time) ([]doctorNow, error) {
	rows, err := q.EligibleDoctors(ctx, db.EligibleDoctorsParams{Departments: departments, Now: now, Day: consult.DateOf(now).Time()})
	if err != nil {
		return nil, fmt.Errorf("eligible doctors: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	known := s.presenceOf(ctx, ids)
	out := make([]doctorNow, len(rows))
	for i, r := range rows {
		out[i] = doctorNow{id: r.ID, name: r.DisplayName, busy: r.Busy, presence: known[r.ID]}
	}
	return out, nil
}

// ringDepartment rings everybody who is present, free and may answer. Ringing is an invitation, not a lock.
func (s *Service) ringDepartment(ctx context.Context, ch *change) error {
	departments, err := ch.audience(ctx)
	if err != nil {
		return err
	}
	doctors, err := s.doctorsFor(ctx, ch.q, departments, ch.now)
	if err != nil {
		return err
	}
	doctors = slices.DeleteFunc(doctors, func(d doctorNow) bool { return !d.free() })
	return s.ringDoctors(ctx, ch, doctors)
}

func (s *Service) ringDoctors(ctx context.Context, ch *change, doctors []doctorNow) error {
	if len(doctors) == 0 {
		return nil
	}
	resident, err := ch.q.CaseResident(ctx, ch.c.ResidentID)
	if err != nil {
		return fmt.Errorf("resident: %w", err)
	}
	home, err := ch.q.CaseOrganisation(ctx, ch.c.InvitingOrgID)
	if err != nil {
		return fmt.Errorf("institution: %w", err)
	}
	until, err := s.ringUntil(ctx, ch)
	if err != nil {
		return err
	}
	var rung []uuid.UUID
	for _, d := range doctors {
		offer, err := ch.q.AddOffer(ctx, db.AddOfferParams{ID: newID(), ConsultationID: ch.c.ID, Epoch: ch.c.Epoch, DoctorID: d.id, Now: ch.now, ExpiresAt: until})
		if store.IsNone(err) {
			continue // rings already, or declined
		}
		if err != nil {
			return fmt.Errorf("offer: %w", err)
		}
		rung = append(rung, d.id)
		ch.tell("ring", store.Audience{Users: []uuid.UUID{d.id}}, ring{ConsultationID: ch.c.ID, OfferID: offer, Epoch: ch.c.Epoch, Urgency: ch.c.Urgency,
			Bed: resident.Bed, Institution: home.Name, Reasons: ch.c.Reasons, ExpiresAt: until})
	}
	if len(rung) == 0 {
		return nil
	}
	return ch.record(ctx, eventRung, map[string]any{"doctors": rung, "expiresAt": until})
}

// ringUntil is when a ring lapses: with the accept target, and no sooner than a doctor needs to answer.
func (s *Service) ringUntil(ctx context.Context, ch *change) (time.Time, error) {
	until := ch.now.Add(consult.AnswerAllowance)
	if ch.c.OfferedAt != nil {
		due, err := acceptDue(ctx, ch.q, consult.Urgency(ch.c.Urgency), *ch.c.OfferedAt)
		if err != nil {
			return until, err
		}
		if due != nil && due.After(until) {
			until = *due
		}
	}
	return until.UTC(), nil
}

// stopRinging ends the rings of the consultation and tells those who were rung.
func (ch *change) stopRinging(ctx context.Context, result, wire, doctorName string) error {
	doctors, err := ch.q.ResolveOffers(ctx, db.ResolveOffersParams{ConsultationID: ch.c.ID, Result: result, Now: &ch.now})
	if err != nil {
		return fmt.Errorf("end the rings: %w", err)
	}
	if len(doctors) > 0 {
		ch.tell("ring.stop", store.Audience{Users: doctors}, ringStop{ConsultationID: ch.c.ID, Result: wire, DoctorName: doctorName})
	}
	return nil
}

// RingNewcomer rings a doctor who has just become available for everything that waits in the departments, most urgent first.
// It does nothing for a doctor who is not present, not free or may not answer. Each request is a transaction of its own.
func (s *Service) RingNewcomer(ctx context.Context, doctor uuid.UUID) error {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return err
	}
	departments, err := q.DepartmentsOfDoctor(ctx, db.DepartmentsOfDoctorParams{UserID: doctor, Now: now})
	if err != nil {
		return fmt.Errorf("departments of the doctor: %w", err)
	}
	if len(departments) == 0 {
		return nil
	}
	waiting, err := q.NotYetOffered(ctx, db.NotYetOfferedParams{Departments: departments, Now: now, DoctorID: doctor})
	if err != nil {
		return fmt.Errorf("what waits: %w", err)
	}
	for _, id := range waiting {
		err := s.st.Tx(ctx, func(q *db.Queries) error {
			c, err := q.LockConsultation(ctx, id)
			if err != nil {
				return fmt.Errorf("lock the consultation: %w", err)
			}
			if c.State != string(consult.StateOffered) {
				return nil
			}
			now, err := s.clock(ctx, q)
			if err != nil {
				return err
			}
			ch := s.systemChange(q, c, now)
			audience, err := ch.audience(ctx)
			if err != nil {
				return err
			}
			doctors, err := s.doctorsFor(ctx, q, audience, now)
			if err != nil {
				return err
			}
			doctors = slices.DeleteFunc(doctors, func(d doctorNow) bool { return d.id != doctor || !d.free() })
			if err := s.ringDoctors(ctx, ch, doctors); err != nil {
				return err
			}
			return ch.commit(ctx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (ch *change) tellLapsed(doctors []uuid.UUID) {
	ch.tell("ring.stop", store.Audience{Users: doctors}, ringStop{ConsultationID: ch.c.ID, Result: "lapsed"})
}
