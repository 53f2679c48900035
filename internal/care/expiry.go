package care

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const (
	// expiryShown is for how many days something that is over stays in the list; expiryTold for how many it is told of.
	expiryShown, expiryTold = 365, 30
	// The hours of the local day in which people are told.
	expiryFrom, expiryUntil = 8, 18
)

// expiring is what ends by the first alert, of some organisations or of all.
func expiring(ctx context.Context, q *db.Queries, own []uuid.UUID, everything bool, today consult.Date, over int) ([]db.ExpiringRow, error) {
	rows, err := q.Expiring(ctx, db.ExpiringParams{Since: today.AddDays(-over).Time(), Until: today.AddDays(consult.ExpiryAlerts()[0]).Time(), Own: own, Everything: everything})
	if err != nil {
		return nil, fmt.Errorf("what expires: %w", err)
	}
	return rows, nil
}

// ListExpiries gives licences and agreements that end within 90 days or are over, and that nothing follows: INST_ADMIN those of the own
// organisations, SYS_ADMIN all.
func (s *Service) ListExpiries(ctx context.Context, a identity.Actor) ([]contract.Expiry, error) {
	if err := require(a, RoleInstAdmin, RoleSysAdmin); err != nil {
		return nil, err
	}
	now, err := s.instant(ctx)
	if err != nil {
		return nil, err
	}
	today := consult.DateOf(now)
	rows, err := expiring(ctx, s.st.Q(), a.Organisations(RoleInstAdmin), a.Has(RoleSysAdmin), today, expiryShown)
	if err != nil {
		return nil, err
	}
	out := make([]contract.Expiry, len(rows))
	for i, r := range rows {
		ends := consult.DateFromTime(r.EndsOn)
		stage, _ := consult.ExpiryStage(ends, today)
		out[i] = contract.Expiry{Kind: contract.ExpiryKind(r.Kind), Id: r.ID, OrganisationId: r.OrganisationID, Organisation: r.Organisation, Other: some(r.Other), Person: some(r.Person), UserId: r.UserID,
			What: some(r.What), Number: r.Number, EndsOn: dayOf(r.EndsOn), Days: consult.DaysLeft(ends, today), Stage: stage}
	}
	return out, nil
}

// TellExpiries tells administrators of licences and agreements that end within 90, 60 and 30 days or are over, each stage once, by day; the
// owner of a professional licence too. It gives how many were told of. Several nodes may do so at once.
func (s *Service) TellExpiries(ctx context.Context) (int64, error) {
	q := s.st.Q()
	now, err := s.instant(ctx)
	if err != nil {
		return 0, err
	}
	if hour := now.In(consult.Shanghai()).Hour(); hour < expiryFrom || hour >= expiryUntil {
		return 0, nil
	}
	today := consult.DateOf(now)
	rows, err := expiring(ctx, q, nil, true, today, expiryTold)
	if err != nil {
		return 0, err
	}
	known, err := q.ExpirySaid(ctx, today.AddDays(-expiryTold).Time())
	if err != nil {
		return 0, fmt.Errorf("what was said of expiries: %w", err)
	}
	type said struct {
		id   uuid.UUID
		ends consult.Date
		days int
	}
	before := map[said]bool{}
	for _, k := range known {
		before[said{k.SubjectID, consult.DateFromTime(k.EndsOn), int(k.Days)}] = true
	}
	var told int64
	for _, r := range rows {
		ends := consult.DateFromTime(r.EndsOn)
		stage, reached := consult.ExpiryStage(ends, today)
		if !reached || before[said{r.ID, ends, stage}] {
			continue
		}
		n, err := s.tellExpiry(ctx, r, stage, now)
		if err != nil {
			return told, err
		}
		told += n
	}
	return told, nil
}

func (s *Service) tellExpiry(ctx context.Context, r db.ExpiringRow, stage int, now time.Time) (told int64, err error) {
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		id := newID()
		n, err := q.AddExpiryReminder(ctx, db.AddExpiryReminderParams{ID: id, SubjectID: r.ID, EndsOn: r.EndsOn, Days: int16(stage), Now: now})
		if err != nil {
			return fmt.Errorf("remind of an expiry: %w", err)
		}
		if told = n; n == 0 { // another node has just said it
			return nil
		}
		whose := []uuid.UUID{r.OrganisationID}
		if r.OtherID != nil {
			whose = append(whose, *r.OtherID)
		}
		people, err := q.ExpiryPeople(ctx, db.ExpiryPeopleParams{Now: now, Organisations: whose})
		if err != nil {
			return fmt.Errorf("whom to tell: %w", err)
		}
		if r.UserID != nil {
			people = append(people, *r.UserID)
		}
		return notify.Enqueue(ctx, q, notify.Fact{Event: notify.Expiry, Users: people, Subject: id, At: now})
	})
	return told, err
}
