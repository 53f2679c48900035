package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// planBatch is how many facts one transaction plans.
const planBatch = 20

// planTries is how often a fact is tried to be planned before it is a dead letter; with the pauses that is some four minutes.
const planTries = 8

// Plan turns facts into deliveries: for each person each channel that the person chose and can be reached by, and each group
// robot of the departments. It gives the number of facts that it dealt with. Several nodes may plan at once. When the facts of a
// batch cannot be planned together, each is planned alone, so that one that cannot be keeps nobody else; that one is tried again
// at growing distances and is then a dead letter.
func (s *Service) Plan(ctx context.Context) (planned int, err error) {
	ids, err := s.planSome(ctx, nil)
	if err == nil || len(ids) == 0 || ctx.Err() != nil {
		return len(ids), err
	}
	s.log.WarnContext(ctx, "notifications: not planned together, now one by one", "error", err)
	for _, id := range ids {
		_, err := s.planSome(ctx, &id)
		if err != nil && ctx.Err() == nil {
			err = s.notPlanned(ctx, id, err)
		}
		if err != nil {
			return planned, err
		}
		planned++
	}
	return planned, nil
}

// planSome plans the oldest facts, or one, in one transaction, and says which it tried.
func (s *Service) planSome(ctx context.Context, only *uuid.UUID) (ids []uuid.UUID, err error) {
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		ids = nil
		now, err := s.clock(ctx)
		if err != nil {
			return err
		}
		facts, err := q.NotificationsToPlan(ctx, db.NotificationsToPlanParams{Now: now, ID: only, Batch: planBatch})
		if err != nil {
			return fmt.Errorf("facts to plan: %w", err)
		}
		for _, f := range facts {
			ids = append(ids, f.ID)
		}
		for _, f := range facts {
			if f.Live {
				if err := s.plan(ctx, q, f, now); err != nil {
					return err
				}
			}
			if err := q.NotificationPlanned(ctx, db.NotificationPlannedParams{ID: f.ID, Now: now}); err != nil {
				return fmt.Errorf("plan: %w", err)
			}
		}
		return nil
	})
	return ids, err
}

// notPlanned notes that a fact could not be planned, and gives it up after the last try.
func (s *Service) notPlanned(ctx context.Context, id uuid.UUID, cause error) error {
	return s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx)
		if err != nil {
			return err
		}
		tries, err := q.PlanFailed(ctx, id)
		switch {
		case store.IsNone(err): // another node has planned it after all
			return nil
		case err != nil:
			return fmt.Errorf("note a fact that cannot be planned: %w", err)
		case tries < planTries:
			s.log.WarnContext(ctx, "notifications: a fact cannot be planned", "fact", id, "try", tries, "error", cause)
			if err := q.PlanLater(ctx, db.PlanLaterParams{ID: id, PlanAfter: now.Add(retryAfter("", tries))}); err != nil {
				return fmt.Errorf("plan later: %w", err)
			}
			return nil
		}
		s.log.ErrorContext(ctx, "notifications: a fact is given up", "fact", id, "error", cause)
		if err := q.AddDeadFact(ctx, db.AddDeadFactParams{ID: id, Now: now, ErrorCode: CodeNotPlanned}); err != nil {
			return fmt.Errorf("dead letter: %w", err)
		}
		if err := q.NotificationPlanned(ctx, db.NotificationPlannedParams{ID: id, Now: now}); err != nil {
			return fmt.Errorf("dead letter: %w", err)
		}
		return nil
	})
}

func (s *Service) plan(ctx context.Context, q *db.Queries, f db.NotificationsToPlanRow, now time.Time) error {
	people, err := q.PeopleToNotify(ctx, db.PeopleToNotifyParams{Users: f.Users, Event: f.Event, Now: now})
	if err != nil {
		return fmt.Errorf("whom to notify: %w", err)
	}
	browsers, err := q.PushSubscriptionsOf(ctx, f.Users)
	if err != nil {
		return fmt.Errorf("push subscriptions: %w", err)
	}
	for _, p := range people {
		if err := s.planPerson(ctx, q, f, p, browsers, now); err != nil {
			return err
		}
	}
	if f.ResidentID != nil {
		if err := s.planFamily(ctx, q, f, now); err != nil {
			return err
		}
	}
	robots, err := q.RobotsFor(ctx, db.RobotsForParams{Event: f.Event, Departments: f.Departments, Organisations: f.Organisations})
	if err != nil {
		return fmt.Errorf("group robots: %w", err)
	}
	for _, r := range robots {
		channel := ChannelOf(r.Kind)
		err := q.AddDelivery(ctx, db.AddDeliveryParams{ID: uuid.Must(uuid.NewV7()), NotificationID: f.ID, OrganisationID: &r.OrganisationID,
			Channel: channel, ChannelID: &r.ID, Series: seriesOf(f, r.ID), AtAnyHour: true, DueAt: due(f, channel), Now: now})
		if err != nil {
			return fmt.Errorf("plan for a group: %w", err)
		}
	}
	return nil
}

func (s *Service) planPerson(ctx context.Context, q *db.Queries, f db.NotificationsToPlanRow, p db.PeopleToNotifyRow, browsers []db.PushSubscription, now time.Time) error {
	event := Event(f.Event)
	onDuty := p.OnDuty || f.Present
	sms, push := event.Default()
	if p.Sms != nil {
		sms = *p.Sms
	}
	if p.Push != nil {
		push = *p.Push
	}
	if onDuty && event.AlwaysOnDuty() {
		sms, push = true, true
	}
	any := onDuty && pressing(urgencyOf(f.Urgency))
	add := func(d db.AddDeliveryParams, target uuid.UUID) error {
		d.ID, d.NotificationID, d.UserID, d.Series, d.AtAnyHour, d.Now = uuid.Must(uuid.NewV7()), f.ID, &p.ID, seriesOf(f, target), any, now
		if p.OrganisationID != uuid.Nil {
			d.OrganisationID = &p.OrganisationID
		}
		d.DueAt = due(f, d.Channel)
		if !any {
			d.DueAt = quietHours{p.QuietFrom, p.QuietTo}.after(d.DueAt)
		}
		if err := q.AddDelivery(ctx, d); err != nil {
			return fmt.Errorf("plan for a person: %w", err)
		}
		return nil
	}
	var errs error
	if sms && p.HasPhone && p.SmsChannelID != uuid.Nil {
		errs = errors.Join(errs, add(db.AddDeliveryParams{Channel: SMS, ChannelID: &p.SmsChannelID}, p.ID))
	}
	for _, b := range browsers {
		if push && b.UserID == p.ID {
			errs = errors.Join(errs, add(db.AddDeliveryParams{Channel: Push, SubscriptionID: &b.ID}, b.ID))
		}
	}
	return errs
}

func due(f db.NotificationsToPlanRow, channel string) time.Time {
	return f.CreatedAt.Add(firstDelay(Event(f.Event), channel, urgencyOf(f.Urgency)))
}

// seriesOf names what is one alert for one recipient: of a repeating event the request and the grant, of any other the fact.
// Target is the person for SMS, the browser, or the group's robot.
func seriesOf(f db.NotificationsToPlanRow, target uuid.UUID) string {
	if Event(f.Event).repeats() && f.SubjectID != nil {
		return fmt.Sprintf("%s:%s:%d:%s", Event(f.Event).class(), f.SubjectID, f.Epoch, target)
	}
	return fmt.Sprintf("%s:%s", f.ID, target)
}
