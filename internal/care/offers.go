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
	id          uuid.UUID
	name        string
	departments []uuid.UUID // of those that were asked about
	busy        bool        // another consultation holds him
	busySince   *time.Time
	idleSince   time.Time // when the last one ended; the zero time when there was none of late
	presence    PresenceState
	speaks      []string
	onDuty      bool // on the roster
	ringing     int  // rings that are on
}

func (d doctorNow) here() bool { return d.presence.Available() }
func (d doctorNow) free() bool { return d.here() && !d.busy }

// doctorsFor lists who may answer for the departments (G-RM-04) and how they stand.
func (s *Service) doctorsFor(ctx context.Context, q *db.Queries, departments []uuid.UUID, now time.Time) ([]doctorNow, error) {
	return s.askDoctors(ctx, q, db.EligibleDoctorsParams{Departments: departments, Now: now, Day: consult.DateOf(now).Time()})
}

func (s *Service) askDoctors(ctx context.Context, q *db.Queries, p db.EligibleDoctorsParams) ([]doctorNow, error) {
	rows, err := q.EligibleDoctors(ctx, p)
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
		out[i] = doctorNow{id: r.ID, name: r.DisplayName, departments: r.Departments, busy: r.Busy, busySince: r.BusySince, presence: known[r.ID],
			speaks: r.Languages, onDuty: r.OnDuty, ringing: int(r.Ringing)}
		if r.IdleSince.Unix() > 0 {
			out[i].idleSince = r.IdleSince
		}
	}
	return out, nil
}

// roster is who may answer for some departments, as they stood when a command asked. It is asked once a command, since nothing
// costs more, and handed on as far as the command's answer. The zero value knows no department.
type roster struct {
	departments []uuid.UUID
	doctors     []doctorNow
}

// of are those who may answer for some of the departments; ok=false when the roster is not of all of them.
func (r roster) of(departments []uuid.UUID) (doctors []doctorNow, ok bool) {
	for _, d := range departments {
		if !slices.Contains(r.departments, d) {
			return nil, false
		}
	}
	for _, d := range r.doctors {
		if d.departments = slices.DeleteFunc(slices.Clone(d.departments), func(id uuid.UUID) bool { return !slices.Contains(departments, id) }); len(d.departments) > 0 {
			doctors = append(doctors, d)
		}
	}
	return doctors, len(departments) > 0
}

// rosterOf gives the doctors of the departments from the roster, or asks and keeps them there.
func (s *Service) rosterOf(ctx context.Context, q *db.Queries, r *roster, departments []uuid.UUID, now time.Time) ([]doctorNow, error) {
	if doctors, ok := r.of(departments); ok {
		return doctors, nil
	}
	doctors, err := s.doctorsFor(ctx, q, departments, now)
	if err != nil {
		return nil, err
	}
	*r = roster{departments: slices.Clone(departments), doctors: doctors}
	return slices.Clone(doctors), nil
}

// idsOf are those of whom something is true.
func idsOf(doctors []doctorNow, is func(doctorNow) bool) []uuid.UUID {
	out := []uuid.UUID{}
	for _, d := range doctors {
		if is(d) {
			out = append(out, d.id)
		}
	}
	return out
}

// rings says that a request is rung at all: it waits, and it is no written question.
func rings(c db.Consultation) bool { return c.State == string(consult.StateOffered) && !written(c) }

// ring goes on with the rings of a request that waits. CRITICAL rings everybody who is free, at once and again. Any other
// request rings one doctor at a time, and one more for each step that it climbed; when everybody was rung once it rests for
// consult.RoundPause. Ringing is an invitation, not a lock. The caller saves the ladder.
func (s *Service) ring(ctx context.Context, ch *change) error {
	if !rings(ch.c) {
		return nil
	}
	asked, err := ch.audience(ctx)
	if err != nil {
		return err
	}
	doctors, err := s.rosterOf(ctx, ch.q, &ch.roster, asked, ch.now)
	if err != nil {
		return err
	}
	before, err := ch.q.RingsOf(ctx, db.RingsOfParams{ConsultationID: ch.c.ID, Epoch: ch.c.Epoch})
	if err != nil {
		return fmt.Errorf("rings: %w", err)
	}
	last := map[uuid.UUID]db.RingsOfRow{}
	pending, next := 0, ch.now.Add(consult.RingTime)
	for _, r := range before {
		last[r.DoctorID] = r
		if r.Result == "PENDING" {
			pending++
			if r.ExpiresAt.Before(next) {
				next = r.ExpiresAt
			}
		}
	}
	// Who declined is not rung again and answers nobody's waiting.
	if !slices.ContainsFunc(doctors, func(d doctorNow) bool { return d.here() && last[d.id].Result != "DECLINED" }) {
		if err := s.alertDispatcher(ctx, ch, alertNobody); err != nil {
			return err
		}
		if err := ch.alertRung(ctx, idsOf(doctors, func(d doctorNow) bool { return d.onDuty })); err != nil {
			return err
		}
	}
	if ch.c.Urgency == string(consult.Critical) {
		if err := ch.alertPage(ctx, idsOf(doctors, func(doctorNow) bool { return true })); err != nil {
			return err
		}
	}
	free := slices.DeleteFunc(doctors, func(d doctorNow) bool {
		r, rung := last[d.id]
		return !d.free() || rung && (r.Result == "PENDING" || r.Result == "DECLINED")
	})
	if ch.c.Urgency == string(consult.Critical) {
		ch.c.RingRound++
		due := ch.now.Add(consult.RingFor(consult.Critical, false, 0))
		ch.c.RingDueAt = &due
		return s.ringDoctors(ctx, ch, free, due)
	}
	if pending > int(ch.c.LadderStep) {
		ch.c.RingDueAt = &next
		return nil
	}
	turn := slices.DeleteFunc(slices.Clone(free), func(d doctorNow) bool {
		r, rung := last[d.id]
		return rung && r.Round >= ch.c.RingRound
	})
	switch {
	case len(turn) > 0:
		d, usual, err := s.firstOf(ctx, ch, turn, last)
		if err != nil {
			return err
		}
		due := ch.now.Add(consult.RingFor(consult.Urgency(ch.c.Urgency), usual, targetOf(ch.c)))
		ch.c.RingDueAt = &due
		return s.ringDoctors(ctx, ch, []doctorNow{d}, due)
	case pending > 0:
		ch.c.RingDueAt = &next
	default: // everybody was rung once, or is busy
		ch.c.RingRound++
		due := ch.now.Add(consult.RoundPause(targetOf(ch.c)))
		ch.c.RingDueAt = &due
	}
	return nil
}

// firstOf is whom a request rings next, and whether that is the resident's usual doctor. Who has just been asked comes first,
// and who was never rung before who was rung in an earlier round.
func (s *Service) firstOf(ctx context.Context, ch *change, turn []doctorNow, last map[uuid.UUID]db.RingsOfRow) (doctorNow, bool, error) {
	if newly := slices.DeleteFunc(slices.Clone(turn), func(d doctorNow) bool { return !overlap(d.departments, ch.newly) }); len(newly) > 0 {
		turn = newly
	}
	if fresh := slices.DeleteFunc(slices.Clone(turn), func(d doctorNow) bool { _, rung := last[d.id]; return rung }); len(fresh) > 0 {
		turn = fresh
	}
	card, err := ch.ringCard(ctx)
	if err != nil {
		return doctorNow{}, false, err
	}
	list := make([]consult.Candidate, len(turn))
	for i, d := range turn {
		list[i] = consult.Candidate{ID: d.id.String(), Usual: d.id == card.UsualDoctor, Speaks: slices.Contains(d.speaks, card.PreferredLanguage),
			OnDuty: d.onDuty, Ringing: d.ringing, Idle: d.idleSince}
	}
	consult.RingOrder(list)
	i := slices.IndexFunc(turn, func(d doctorNow) bool { return d.id.String() == list[0].ID })
	return turn[i], list[0].Usual, nil
}

// ringDoctors rings them all until an instant.
func (s *Service) ringDoctors(ctx context.Context, ch *change, doctors []doctorNow, until time.Time) error {
	if len(doctors) == 0 {
		return nil
	}
	card, err := ch.ringCard(ctx)
	if err != nil {
		return err
	}
	until = until.UTC()
	var rung []uuid.UUID
	for _, d := range doctors {
		offer, err := ch.q.AddOffer(ctx, db.AddOfferParams{ID: newID(), ConsultationID: ch.c.ID, Epoch: ch.c.Epoch, DoctorID: d.id, Now: ch.now,
			ExpiresAt: until, Round: ch.c.RingRound})
		if store.IsNone(err) {
			continue // rings already, or declined
		}
		if err != nil {
			return fmt.Errorf("offer: %w", err)
		}
		rung = append(rung, d.id)
		ch.tell("ring", store.Audience{Users: []uuid.UUID{d.id}}, ring{ConsultationID: ch.c.ID, OfferID: offer, Epoch: ch.c.Epoch, Urgency: ch.c.Urgency,
			Bed: card.Bed, Institution: card.Institution, Reasons: ch.c.Reasons, ExpiresAt: until})
	}
	if len(rung) == 0 {
		return nil
	}
	ch.touch("state")
	ch.board = "rung"
	if err := ch.alertRung(ctx, rung); err != nil {
		return err
	}
	return ch.record(ctx, eventRung, map[string]any{"doctors": rung, "expiresAt": until, "round": ch.c.RingRound, "step": ch.c.LadderStep})
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

// headsTried is how many of the first in the order are looked at for a doctor who has become free.
const headsTried = 8

// RingNewcomer rings a doctor who has become available or free with the first of what waits in the departments that rings
// nobody yet, or else with the very first. It does nothing for a doctor who is not present, not free, rung already, or may not
// answer. What the order suggests is checked under the row lock.
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
	heads, err := s.heads(ctx, q, departments, now, headsTried)
	if err != nil || len(heads) == 0 {
		return err
	}
	rows, err := q.MayRing(ctx, db.MayRingParams{Ids: heads, Departments: departments, DoctorID: doctor, Now: now})
	if err != nil {
		return fmt.Errorf("what may ring: %w", err)
	}
	for _, silentOnly := range []bool{true, false} {
		for _, id := range heads {
			i := slices.IndexFunc(rows, func(r db.MayRingRow) bool { return r.ID == id })
			if i < 0 || silentOnly && rows[i].Rings && !rows[i].Critical {
				continue
			}
			done, err := s.ringWith(ctx, id, doctor, silentOnly)
			if err != nil || done {
				return err
			}
		}
	}
	return nil
}

// ringWith rings the doctor with one request. done: nothing more is to be done for the doctor.
func (s *Service) ringWith(ctx context.Context, id, doctor uuid.UUID, silentOnly bool) (done bool, err error) {
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		done = false
		c, err := q.LockConsultation(ctx, id)
		if store.IsNone(err) {
			return nil // the index is behind
		}
		if err != nil {
			return fmt.Errorf("lock the consultation: %w", err)
		}
		if !rings(c) {
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
		doctors, err := s.askDoctors(ctx, q, db.EligibleDoctorsParams{Departments: audience, Now: now, Day: consult.DateOf(now).Time(), Alone: &doctor})
		if err != nil {
			return err
		}
		if len(doctors) == 0 {
			return nil // no longer asked for this one
		}
		// CRITICAL rings over everything else.
		if !doctors[0].free() || doctors[0].ringing > 0 && c.Urgency != string(consult.Critical) {
			done = true
			return nil
		}
		before, err := q.RingsOf(ctx, db.RingsOfParams{ConsultationID: id, Epoch: c.Epoch})
		if err != nil {
			return fmt.Errorf("rings: %w", err)
		}
		for _, r := range before {
			if r.DoctorID == doctor && r.Result == "DECLINED" || r.Result == "PENDING" && silentOnly && c.Urgency != string(consult.Critical) {
				return nil
			}
		}
		done = true
		until := now.Add(consult.RingFor(consult.Urgency(c.Urgency), false, targetOf(c)))
		if err := s.ringDoctors(ctx, ch, doctors, until); err != nil {
			return err
		}
		return ch.commit(ctx)
	})
	return done && err == nil, err
}

// ringFreed rings a doctor who has become free for what waits. The command that freed him is done; a failure here only means
// that he sees the queue without a ring.
func (s *Service) ringFreed(ctx context.Context, doctor uuid.UUID) {
	_ = s.RingNewcomer(context.WithoutCancel(ctx), doctor)
}

// ringOn goes on with requests of which the last ring ended because the doctor took another one. They are looked at again at
// their time anyway.
func (s *Service) ringOn(ctx context.Context, requests []uuid.UUID) {
	if len(requests) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx)
	silent, err := s.st.Q().RingingElsewhere(ctx, requests)
	if err != nil {
		return
	}
	for _, id := range silent {
		_, _ = s.bySystem(ctx, id, func(ch *change) (bool, error) {
			if !rings(ch.c) {
				return false, nil
			}
			if err := s.ring(ctx, ch); err != nil {
				return false, err
			}
			return true, ch.saveLadder(ctx)
		})
	}
}

// OfferDelivered notes that a device of the doctor showed the ring. What does not ring the doctor now is passed over.
func (s *Service) OfferDelivered(ctx context.Context, doctor, offer uuid.UUID) error {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return err
	}
	if err := q.OfferDelivered(ctx, db.OfferDeliveredParams{ID: offer, DoctorID: doctor, Now: &now}); err != nil {
		return fmt.Errorf("ring delivered: %w", err)
	}
	return nil
}
