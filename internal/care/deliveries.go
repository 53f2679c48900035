package care

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ListNotificationDeliveries is the delivery log of the caller's organisations, newest first. A page begins after the row
// that the cursor names.
func (s *Service) ListNotificationDeliveries(ctx context.Context, a identity.Actor, in contract.ListNotificationDeliveriesParams) (contract.DeliveryPage, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.DeliveryPage{}, err
	}
	var f form
	p := db.DeliveriesParams{Organisations: a.Organisations(RoleInstAdmin), States: texts(in.State), Channels: texts(in.Channel),
		Events: texts(in.Event), PageSize: pageDefault}
	if in.From != nil {
		start := dateOf(*in.From).Start()
		p.Since = &start
	}
	if in.To != nil {
		end := dateOf(*in.To).AddDays(1).Start()
		p.Before = &end
	}
	if p.Since != nil && p.Before != nil && !p.Before.After(*p.Since) {
		f.add("to", "period_order")
	}
	if in.Limit != nil {
		if *in.Limit < 1 || *in.Limit > pageMost {
			f.add("limit", "out_of_range", "min", "1", "max", "200")
		} else {
			p.PageSize = int32(*in.Limit)
		}
	}
	if in.Cursor != nil {
		at, id, ok := readCursor(*in.Cursor)
		if !ok {
			f.add("cursor", "wrong_value")
		}
		p.AfterAt, p.AfterID = &at, id
	}
	if err := f.err(); err != nil {
		return contract.DeliveryPage{}, err
	}
	size := int(p.PageSize)
	p.PageSize++ // one more tells whether there is another page
	rows, err := s.st.Q().Deliveries(ctx, p)
	if err != nil {
		return contract.DeliveryPage{}, fmt.Errorf("page of the delivery log: %w", err)
	}
	out := contract.DeliveryPage{Rows: []contract.NotificationDelivery{}}
	if len(rows) > size {
		rows = rows[:size]
		last := rows[size-1]
		out.Next = some(cursorOf(last.CreatedAt, last.ID))
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, deliveryView(a, r))
	}
	return out, nil
}

// RetryNotificationDelivery takes a dead letter of the caller's organisation up again. Its id stays, so that a provider that
// did take it can tell.
func (s *Service) RetryNotificationDelivery(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.NotificationDelivery, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.NotificationDelivery{}, err
	}
	var out contract.NotificationDelivery
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		row, err := q.LockDelivery(ctx, id)
		if err := one(err, "the delivery"); err != nil {
			return err
		}
		if row.OrganisationID == nil || !a.In(*row.OrganisationID, RoleInstAdmin) {
			return problem.NotFound()
		}
		if row.State != "DEAD" {
			return problem.New(http.StatusConflict, "notify_not_dead", nil)
		}
		if row.ErrorCode == notify.CodeNotPlanned {
			out, err = s.planAnew(ctx, q, a, row, now)
			return err
		}
		if err := q.RetryDelivery(ctx, db.RetryDeliveryParams{ID: id, Now: now}); err != nil {
			if store.Violates(err, "notification_deliveries_series") {
				return problem.New(http.StatusConflict, "notify_on_its_way", nil)
			}
			return fmt.Errorf("retry: %w", err)
		}
		if err := s.audit(ctx, q, a, now, RoleInstAdmin, "retryNotificationDelivery", "notification_delivery", &id, ""); err != nil {
			return err
		}
		rows, err := q.Deliveries(ctx, db.DeliveriesParams{Organisations: a.Organisations(RoleInstAdmin), States: []string{}, Channels: []string{},
			Events: []string{}, ID: &id, PageSize: 1})
		if err != nil || len(rows) != 1 {
			return fmt.Errorf("read the delivery: %w", err)
		}
		out = deliveryView(a, rows[0])
		return nil
	})
	return out, err
}

// planAnew takes up a fact of which no messages could be made: the messages are made now, and its dead letters go.
func (s *Service) planAnew(ctx context.Context, q *db.Queries, a identity.Actor, dead db.LockDeliveryRow, now time.Time) (contract.NotificationDelivery, error) {
	rows, err := q.Deliveries(ctx, db.DeliveriesParams{Organisations: a.Organisations(RoleInstAdmin), States: []string{}, Channels: []string{},
		Events: []string{}, ID: &dead.ID, PageSize: 1})
	if err != nil || len(rows) != 1 {
		return contract.NotificationDelivery{}, fmt.Errorf("read the delivery: %w", err)
	}
	if _, err := q.PlanAnew(ctx, db.PlanAnewParams{ID: dead.NotificationID, ErrorCode: notify.CodeNotPlanned}); err != nil {
		return contract.NotificationDelivery{}, fmt.Errorf("plan anew: %w", err)
	}
	rows[0].State, rows[0].ErrorCode = "WAITING", ""
	return deliveryView(a, rows[0]), s.audit(ctx, q, a, now, RoleInstAdmin, "retryNotificationDelivery", "notification_delivery", &dead.ID, "")
}

func deliveryView(a identity.Actor, r db.DeliveriesRow) contract.NotificationDelivery {
	out := contract.NotificationDelivery{Id: r.ID, Event: contract.NotifyEvent(r.Event), Channel: contract.NotifyChannel(r.Channel),
		ChannelName: some(r.ChannelName), UserId: r.UserID, UserName: some(r.UserName), Family: some(r.Family), State: contract.DeliveryState(r.State), Round: int(r.Round),
		Attempts: int(r.Attempts), CreatedAt: r.CreatedAt, SentAt: r.SentAt, ErrorCode: some(r.ErrorCode)}
	if r.Urgency != "" {
		urgency := contract.Urgency(r.Urgency)
		out.Urgency = &urgency
	}
	switch notify.Event(r.Event) {
	case notify.SwapRequest, notify.SwapAnswer, notify.BreakGlass, notify.Test:
	default:
		out.ConsultationId = r.SubjectID
	}
	switch r.State {
	case "WAITING", "RETRYING":
		out.DueAt = &r.DueAt
	}
	if r.Status != nil {
		status := int(*r.Status)
		out.Status = &status
	}
	if r.ErrorCode != "" {
		out.Error = some(problem.Sentence(a.Locale, r.ErrorCode, nil))
	}
	return out
}
