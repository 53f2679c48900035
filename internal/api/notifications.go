package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) GetNotificationSettings(ctx context.Context, _ contract.GetNotificationSettingsRequestObject) (contract.GetNotificationSettingsResponseObject, error) {
	out, err := s.Care.GetNotificationSettings(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetNotificationSettings200JSONResponse(out), nil
}

func (s *server) SaveNotificationSettings(ctx context.Context, in contract.SaveNotificationSettingsRequestObject) (contract.SaveNotificationSettingsResponseObject, error) {
	out, err := s.Care.SaveNotificationSettings(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SaveNotificationSettings200JSONResponse(out), nil
}

func (s *server) TestMyNotifications(ctx context.Context, in contract.TestMyNotificationsRequestObject) (contract.TestMyNotificationsResponseObject, error) {
	if err := s.Care.TestMyNotifications(ctx, actor(ctx), *in.Body); err != nil {
		return nil, err
	}
	return contract.TestMyNotifications202Response{}, nil
}

func (s *server) ListMyNotifications(ctx context.Context, _ contract.ListMyNotificationsRequestObject) (contract.ListMyNotificationsResponseObject, error) {
	out, err := s.Care.ListMyNotifications(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListMyNotifications200JSONResponse(out), nil
}

func (s *server) CreatePushSubscription(ctx context.Context, in contract.CreatePushSubscriptionRequestObject) (contract.CreatePushSubscriptionResponseObject, error) {
	out, err := s.Care.CreatePushSubscription(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreatePushSubscription201JSONResponse(out), nil
}

func (s *server) DeletePushSubscription(ctx context.Context, in contract.DeletePushSubscriptionRequestObject) (contract.DeletePushSubscriptionResponseObject, error) {
	if err := s.Care.DeletePushSubscription(ctx, actor(ctx), in.Id); err != nil {
		return nil, err
	}
	return contract.DeletePushSubscription204Response{}, nil
}

func (s *server) ListNotificationChannels(ctx context.Context, _ contract.ListNotificationChannelsRequestObject) (contract.ListNotificationChannelsResponseObject, error) {
	out, err := s.Care.ListNotificationChannels(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListNotificationChannels200JSONResponse(out), nil
}

func (s *server) CreateNotificationChannel(ctx context.Context, in contract.CreateNotificationChannelRequestObject) (contract.CreateNotificationChannelResponseObject, error) {
	out, err := s.Care.CreateNotificationChannel(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateNotificationChannel201JSONResponse(out), nil
}

func (s *server) UpdateNotificationChannel(ctx context.Context, in contract.UpdateNotificationChannelRequestObject) (contract.UpdateNotificationChannelResponseObject, error) {
	out, err := s.Care.UpdateNotificationChannel(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.UpdateNotificationChannel200JSONResponse(out), nil
}

func (s *server) TestNotificationChannel(ctx context.Context, in contract.TestNotificationChannelRequestObject) (contract.TestNotificationChannelResponseObject, error) {
	out, err := s.Care.TestNotificationChannel(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.TestNotificationChannel200JSONResponse(out), nil
}

func (s *server) ListNotificationDeliveries(ctx context.Context, in contract.ListNotificationDeliveriesRequestObject) (contract.ListNotificationDeliveriesResponseObject, error) {
	out, err := s.Care.ListNotificationDeliveries(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListNotificationDeliveries200JSONResponse(out), nil
}

func (s *server) RetryNotificationDelivery(ctx context.Context, in contract.RetryNotificationDeliveryRequestObject) (contract.RetryNotificationDeliveryResponseObject, error) {
	out, err := s.Care.RetryNotificationDelivery(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.RetryNotificationDelivery200JSONResponse(out), nil
}
