package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// actPrepare is the event of a tick. It changes neither status nor revision: no calendar shows it.
const actPrepare = "prepare"

// preparers are who has things ready for an appointment: the bedside.
func preparers() []string { return []string{roleNurse, roleAttending} }

// ListPreparations gives the appointments of a day of the caller's residents with what is to be ready, in order.
func (s *Service) ListPreparations(ctx context.Context, a identity.Actor, in contract.ListPreparationsParams) ([]contract.Preparation, error) {
	if err := require(a, preparers()...); err != nil {
		return nil, err
	}
	day := consult.DateFromTime(in.Day.Time)
	return s.preparations(ctx, a, db.AppointmentsToPrepareParams{Since: day.Start(), Before: day.AddDays(1).Start()})
}

func (s *Service) preparations(ctx context.Context, a identity.Actor, p db.AppointmentsToPrepareParams) ([]contract.Preparation, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	p.Homes, p.Now = a.Organisations(preparers()...), now
	rows, err := q.AppointmentsToPrepare(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("preparations: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.Appointment.ID
	}
	ticks, err := q.PreparationTicks(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("preparations: %w", err)
	}
	people, err := q.StaffOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("staff: %w", err)
	}
	out := make([]contract.Preparation, len(rows))
	for i, r := range rows {
		c := r.Appointment
		name, err := s.keep.OpenText("residents", "name_enc", c.ResidentID, r.NameEnc)
		if err != nil {
			return nil, fmt.Errorf("name: %w", err)
		}
		out[i] = contract.Preparation{AppointmentId: c.ID, KindName: r.KindName, Place: contract.AppointmentPlace(c.Place), StartsAt: c.StartsAt.UTC(), EndsAt: c.EndsAt.UTC(),
			Status: contract.AppointmentStatus(statusAt(c, now)), ResidentId: c.ResidentID, ResidentName: name, Ward: r.Ward, Bed: r.Bed,
			OrganisationName: r.OrganisationName, Staff: []string{}, Items: []contract.PreparationItem{}}
		for _, m := range people {
			if m.AppointmentID == c.ID {
				out[i].Staff = append(out[i].Staff, m.DisplayName)
			}
		}
		for _, code := range prepares(r) {
			item := contract.PreparationItem{Item: code}
			for _, t := range ticks {
				if t.AppointmentID == c.ID && t.Item == code {
					item.Done, item.By, item.At = true, &t.DisplayName, utc(&t.ChangedAt)
				}
			}
			out[i].Items = append(out[i].Items, item)
		}
	}
	return out, nil
}

func prepares(r db.AppointmentsToPrepareRow) []string {
	return consult.Prepare(consult.PreparationFacts{Place: r.Appointment.Place, Plans: r.Plans, Consent: r.Consented})
}

// TickPreparation ticks one thing, or takes the tick away. Errors: 404 for an appointment that is not of the caller's residents; 409
// appointment_state when it is over; 422 for something that it does not need.
func (s *Service) TickPreparation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.PreparationTick) (contract.Preparation, error) {
	if err := require(a, preparers()...); err != nil {
		return contract.Preparation{}, err
	}
	// A day that has no end: the appointment itself is asked for.
	one := db.AppointmentsToPrepareParams{ID: &id, Since: time.Unix(0, 0), Before: time.Unix(0, 0).AddDate(500, 0, 0)}
	err := s.on(ctx, a, cmd, "tickPreparation", id, in, nil, nil, func(ch *change) error {
		if roleIn(a, ch.c.ResidentOrgID, preparers()) == "" {
			return problem.NotFound()
		}
		p := one
		p.Homes, p.Now = []uuid.UUID{ch.c.ResidentOrgID}, ch.now
		rows, err := ch.q.AppointmentsToPrepare(ctx, p)
		if err != nil {
			return fmt.Errorf("preparation: %w", err)
		}
		if len(rows) != 1 {
			return ch.refused()
		}
		if !slices.Contains(prepares(rows[0]), in.Item) {
			return invalid("item", "wrong_value")
		}
		n, err := ch.q.TickPreparation(ctx, db.TickPreparationParams{AppointmentID: id, Item: in.Item, Done: in.Done, ChangedBy: a.UserID, Now: ch.now})
		if err != nil || n == 0 {
			return err
		}
		if err := event(ctx, ch.q, ch.c, actPrepare, ch.c.Status, ch.c.Status, ch.c.Revision, &a.UserID, ch.sight.home, ch.now, map[string]any{"item": in.Item, "done": in.Done}); err != nil {
			return err
		}
		ch.told.about(ch.c, userIDs(ch.staff), ch.c.Status, ch.c.Revision, actPrepare)
		return nil
	})
	if err != nil {
		return contract.Preparation{}, err
	}
	list, err := s.preparations(ctx, a, one)
	if err != nil {
		return contract.Preparation{}, err
	}
	if len(list) != 1 {
		return contract.Preparation{}, problem.NotFound()
	}
	return list[0], nil
}
