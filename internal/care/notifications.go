package care

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func away() error { return problem.New(http.StatusServiceUnavailable, "internal", nil) }

func (s *Service) GetNotificationSettings(context.Context, identity.Actor) (out contract.NotificationSettings, err error) {
	return out, away()
}

func (s *Service) SaveNotificationSettings(context.Context, identity.Actor, contract.NotificationSettingsInput) (out contract.NotificationSettings, err error) {
	return out, away()
}

func (s *Service) TestMyNotifications(context.Context, identity.Actor, contract.NotificationTestRequest) error {
	return away()
}

func (s *Service) ListMyNotifications(context.Context, identity.Actor) (out []contract.NotificationDelivery, err error) {
	return out, away()
}

func (s *Service) CreatePushSubscription(context.Context, identity.Actor, contract.PushSubscriptionInput) (out contract.PushSubscription, err error) {
	return out, away()
}

func (s *Service) DeletePushSubscription(context.Context, identity.Actor, uuid.UUID) error {
	return away()
}

func (s *Service) ListNotificationChannels(context.Context, identity.Actor) (out []contract.NotificationChannel, err error) {
	return out, away()
}

func (s *Service) CreateNotificationChannel(context.Context, identity.Actor, uuid.UUID, contract.NotificationChannelInput) (out contract.NotificationChannel, err error) {
	return out, away()
}

func (s *Service) UpdateNotificationChannel(context.Context, identity.Actor, uuid.UUID, contract.NotificationChannelUpdate) (out contract.NotificationChannel, err error) {
	return out, away()
}

func (s *Service) TestNotificationChannel(context.Context, identity.Actor, uuid.UUID, contract.ChannelTestRequest) (out contract.ChannelTest, err error) {
	return out, away()
}

func (s *Service) ListNotificationDeliveries(context.Context, identity.Actor, contract.ListNotificationDeliveriesParams) (out contract.DeliveryPage, err error) {
	return out, away()
}

func (s *Service) RetryNotificationDelivery(context.Context, identity.Actor, uuid.UUID) (out contract.NotificationDelivery, err error) {
	return out, away()
}

func (s *Service) CopyDutyWeek(context.Context, identity.Actor, uuid.UUID, contract.CopyWeekRequest) (out contract.CopiedWeek, err error) {
	return out, away()
}

func (s *Service) ListShiftColleagues(context.Context, identity.Actor, uuid.UUID) (out []contract.ShiftColleague, err error) {
	return out, away()
}

func (s *Service) ListDutySwaps(context.Context, identity.Actor, contract.ListDutySwapsParams) (out []contract.DutySwap, err error) {
	return out, away()
}

func (s *Service) RequestDutySwap(context.Context, identity.Actor, uuid.UUID, contract.DutySwapInput) (out contract.DutySwap, err error) {
	return out, away()
}

func (s *Service) AcceptDutySwap(context.Context, identity.Actor, uuid.UUID, uuid.UUID) (out contract.DutySwap, err error) {
	return out, away()
}

func (s *Service) DeclineDutySwap(context.Context, identity.Actor, uuid.UUID, uuid.UUID) (out contract.DutySwap, err error) {
	return out, away()
}

func (s *Service) WithdrawDutySwap(context.Context, identity.Actor, uuid.UUID, uuid.UUID) (out contract.DutySwap, err error) {
	return out, away()
}
