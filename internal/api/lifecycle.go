package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ReturnRequest(ctx context.Context, in contract.ReturnRequestRequestObject) (contract.ReturnRequestResponseObject, error) {
	if err := s.Care.ReturnRequest(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body); err != nil {
		return nil, err
	}
	return contract.ReturnRequest204Response{}, nil
}

func (s *server) ScheduleConsultation(ctx context.Context, in contract.ScheduleConsultationRequestObject) (contract.ScheduleConsultationResponseObject, error) {
	out, err := s.Care.ScheduleConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ScheduleConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) RecordNoShow(ctx context.Context, in contract.RecordNoShowRequestObject) (contract.RecordNoShowResponseObject, error) {
	out, err := s.Care.RecordNoShow(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RecordNoShow200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) AbortCall(ctx context.Context, in contract.AbortCallRequestObject) (contract.AbortCallResponseObject, error) {
	out, err := s.Care.AbortCall(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AbortCall200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) TerminateUnsuitable(ctx context.Context, in contract.TerminateUnsuitableRequestObject) (contract.TerminateUnsuitableResponseObject, error) {
	out, err := s.Care.TerminateUnsuitable(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.TerminateUnsuitable200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) DeclineRequest(ctx context.Context, in contract.DeclineRequestRequestObject) (contract.DeclineRequestResponseObject, error) {
	out, err := s.Care.DeclineRequest(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.DeclineRequest200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) OfferAgain(ctx context.Context, in contract.OfferAgainRequestObject) (contract.OfferAgainResponseObject, error) {
	out, err := s.Care.OfferAgain(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.OfferAgain200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) CloseConsultation(ctx context.Context, in contract.CloseConsultationRequestObject) (contract.CloseConsultationResponseObject, error) {
	out, err := s.Care.CloseConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CloseConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) VoidConsultation(ctx context.Context, in contract.VoidConsultationRequestObject) (contract.VoidConsultationResponseObject, error) {
	out, err := s.Care.VoidConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.VoidConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}
