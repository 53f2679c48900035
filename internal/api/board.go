package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) GetBoard(ctx context.Context, in contract.GetBoardRequestObject) (contract.GetBoardResponseObject, error) {
	out, err := s.Care.GetBoard(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetBoard200JSONResponse(out), nil
}

func (s *server) DeclineOffer(ctx context.Context, in contract.DeclineOfferRequestObject) (contract.DeclineOfferResponseObject, error) {
	out, err := s.Care.DeclineOffer(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.DeclineOffer200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) TakeCharge(ctx context.Context, in contract.TakeChargeRequestObject) (contract.TakeChargeResponseObject, error) {
	out, err := s.Care.TakeCharge(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.TakeCharge200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) AssignConsultation(ctx context.Context, in contract.AssignConsultationRequestObject) (contract.AssignConsultationResponseObject, error) {
	out, err := s.Care.AssignConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AssignConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) WidenConsultation(ctx context.Context, in contract.WidenConsultationRequestObject) (contract.WidenConsultationResponseObject, error) {
	out, err := s.Care.WidenConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.WidenConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) MergeConsultation(ctx context.Context, in contract.MergeConsultationRequestObject) (contract.MergeConsultationResponseObject, error) {
	out, err := s.Care.MergeConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.MergeConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) ConvertToWritten(ctx context.Context, in contract.ConvertToWrittenRequestObject) (contract.ConvertToWrittenResponseObject, error) {
	out, err := s.Care.ConvertToWritten(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ConvertToWritten200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}
