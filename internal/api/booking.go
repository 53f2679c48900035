package api

import (
	"context"
	"strings"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListAppointmentKinds(ctx context.Context, in contract.ListAppointmentKindsRequestObject) (contract.ListAppointmentKindsResponseObject, error) {
	out, err := s.Booking.ListAppointmentKinds(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListAppointmentKinds200JSONResponse(out), nil
}

func (s *server) CreateAppointmentKind(ctx context.Context, in contract.CreateAppointmentKindRequestObject) (contract.CreateAppointmentKindResponseObject, error) {
	out, err := s.Booking.CreateAppointmentKind(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateAppointmentKind201JSONResponse(out), nil
}

func (s *server) UpdateAppointmentKind(ctx context.Context, in contract.UpdateAppointmentKindRequestObject) (contract.UpdateAppointmentKindResponseObject, error) {
	out, err := s.Booking.UpdateAppointmentKind(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.UpdateAppointmentKind200JSONResponse(out), nil
}

func (s *server) GetAvailability(ctx context.Context, in contract.GetAvailabilityRequestObject) (contract.GetAvailabilityResponseObject, error) {
	out, err := s.Booking.GetAvailability(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetAvailability200JSONResponse(out), nil
}

func (s *server) AddAvailabilityRule(ctx context.Context, in contract.AddAvailabilityRuleRequestObject) (contract.AddAvailabilityRuleResponseObject, error) {
	out, err := s.Booking.AddAvailabilityRule(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddAvailabilityRule201JSONResponse(out), nil
}

func (s *server) EndAvailabilityRule(ctx context.Context, in contract.EndAvailabilityRuleRequestObject) (contract.EndAvailabilityRuleResponseObject, error) {
	out, err := s.Booking.EndAvailabilityRule(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.EndAvailabilityRule200JSONResponse(out), nil
}

func (s *server) AddAvailabilityException(ctx context.Context, in contract.AddAvailabilityExceptionRequestObject) (contract.AddAvailabilityExceptionResponseObject, error) {
	out, err := s.Booking.AddAvailabilityException(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddAvailabilityException201JSONResponse(out), nil
}

func (s *server) RemoveAvailabilityException(ctx context.Context, in contract.RemoveAvailabilityExceptionRequestObject) (contract.RemoveAvailabilityExceptionResponseObject, error) {
	if err := s.Booking.RemoveAvailabilityException(ctx, actor(ctx), in.Id); err != nil {
		return nil, err
	}
	return contract.RemoveAvailabilityException204Response{}, nil
}

func (s *server) FindSlots(ctx context.Context, in contract.FindSlotsRequestObject) (contract.FindSlotsResponseObject, error) {
	out, err := s.Booking.FindSlots(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.FindSlots200JSONResponse(out), nil
}

func (s *server) ListAppointments(ctx context.Context, in contract.ListAppointmentsRequestObject) (contract.ListAppointmentsResponseObject, error) {
	out, err := s.Booking.ListAppointments(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListAppointments200JSONResponse(out), nil
}

func (s *server) BookAppointment(ctx context.Context, in contract.BookAppointmentRequestObject) (contract.BookAppointmentResponseObject, error) {
	out, err := s.Booking.BookAppointment(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.BookAppointment201JSONResponse(out), nil
}

func (s *server) GetAppointment(ctx context.Context, in contract.GetAppointmentRequestObject) (contract.GetAppointmentResponseObject, error) {
	out, err := s.Booking.GetAppointment(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetAppointment200JSONResponse(out), nil
}

func (s *server) ConfirmAppointment(ctx context.Context, in contract.ConfirmAppointmentRequestObject) (contract.ConfirmAppointmentResponseObject, error) {
	out, err := s.Booking.ConfirmAppointment(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ConfirmAppointment200JSONResponse(out), nil
}

func (s *server) RescheduleAppointment(ctx context.Context, in contract.RescheduleAppointmentRequestObject) (contract.RescheduleAppointmentResponseObject, error) {
	out, err := s.Booking.RescheduleAppointment(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RescheduleAppointment200JSONResponse(out), nil
}

func (s *server) CancelAppointment(ctx context.Context, in contract.CancelAppointmentRequestObject) (contract.CancelAppointmentResponseObject, error) {
	out, err := s.Booking.CancelAppointment(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CancelAppointment200JSONResponse(out), nil
}

func (s *server) AcknowledgeAppointment(ctx context.Context, in contract.AcknowledgeAppointmentRequestObject) (contract.AcknowledgeAppointmentResponseObject, error) {
	out, err := s.Booking.AcknowledgeAppointment(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AcknowledgeAppointment200JSONResponse(out), nil
}

func (s *server) RecordAppointmentOutcome(ctx context.Context, in contract.RecordAppointmentOutcomeRequestObject) (contract.RecordAppointmentOutcomeResponseObject, error) {
	out, err := s.Booking.RecordAppointmentOutcome(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RecordAppointmentOutcome200JSONResponse(out), nil
}

func (s *server) BookAppointmentSeries(ctx context.Context, in contract.BookAppointmentSeriesRequestObject) (contract.BookAppointmentSeriesResponseObject, error) {
	out, err := s.Booking.BookAppointmentSeries(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.BookAppointmentSeries201JSONResponse(out), nil
}

func (s *server) GetAppointmentSeries(ctx context.Context, in contract.GetAppointmentSeriesRequestObject) (contract.GetAppointmentSeriesResponseObject, error) {
	out, err := s.Booking.GetAppointmentSeries(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetAppointmentSeries200JSONResponse(out), nil
}

func (s *server) ListWaiting(ctx context.Context, in contract.ListWaitingRequestObject) (contract.ListWaitingResponseObject, error) {
	out, err := s.Booking.ListWaiting(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListWaiting200JSONResponse(out), nil
}

func (s *server) JoinWaitingList(ctx context.Context, in contract.JoinWaitingListRequestObject) (contract.JoinWaitingListResponseObject, error) {
	out, err := s.Booking.JoinWaitingList(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.JoinWaitingList201JSONResponse(out), nil
}

func (s *server) LeaveWaitingList(ctx context.Context, in contract.LeaveWaitingListRequestObject) (contract.LeaveWaitingListResponseObject, error) {
	out, err := s.Booking.LeaveWaitingList(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.LeaveWaitingList200JSONResponse(out), nil
}

func (s *server) ListCalendarFeeds(ctx context.Context, _ contract.ListCalendarFeedsRequestObject) (contract.ListCalendarFeedsResponseObject, error) {
	out, err := s.Booking.ListCalendarFeeds(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListCalendarFeeds200JSONResponse(out), nil
}

func (s *server) CreateCalendarFeed(ctx context.Context, in contract.CreateCalendarFeedRequestObject) (contract.CreateCalendarFeedResponseObject, error) {
	out, err := s.Booking.CreateCalendarFeed(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateCalendarFeed201JSONResponse(out), nil
}

func (s *server) RevokeCalendarFeed(ctx context.Context, in contract.RevokeCalendarFeedRequestObject) (contract.RevokeCalendarFeedResponseObject, error) {
	if err := s.Booking.RevokeCalendarFeed(ctx, actor(ctx), in.Id); err != nil {
		return nil, err
	}
	return contract.RevokeCalendarFeed204Response{}, nil
}

func (s *server) ReadCalendar(ctx context.Context, in contract.ReadCalendarRequestObject) (contract.ReadCalendarResponseObject, error) {
	text, err := s.Booking.ReadCalendar(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	return contract.ReadCalendar200TextcalendarResponse{Body: strings.NewReader(text), ContentLength: int64(len(text))}, nil
}

func (s *server) TickPreparation(ctx context.Context, in contract.TickPreparationRequestObject) (contract.TickPreparationResponseObject, error) {
	out, err := s.Booking.TickPreparation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.TickPreparation200JSONResponse(out), nil
}

func (s *server) ListPreparations(ctx context.Context, in contract.ListPreparationsRequestObject) (contract.ListPreparationsResponseObject, error) {
	out, err := s.Booking.ListPreparations(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListPreparations200JSONResponse(out), nil
}

func (s *server) ProposeAppointments(ctx context.Context, in contract.ProposeAppointmentsRequestObject) (contract.ProposeAppointmentsResponseObject, error) {
	out, err := s.Booking.ProposeAppointments(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ProposeAppointments200JSONResponse(out), nil
}

func (s *server) GetAppointmentFigures(ctx context.Context, in contract.GetAppointmentFiguresRequestObject) (contract.GetAppointmentFiguresResponseObject, error) {
	out, err := s.Booking.GetAppointmentFigures(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetAppointmentFigures200JSONResponse(out), nil
}
