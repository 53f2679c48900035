package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) GetDuty(ctx context.Context, in contract.GetDutyRequestObject) (contract.GetDutyResponseObject, error) {
	out, err := s.Care.GetDuty(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetDuty200JSONResponse(out), nil
}

func (s *server) GetWorklist(ctx context.Context, in contract.GetWorklistRequestObject) (contract.GetWorklistResponseObject, error) {
	out, err := s.Care.GetWorklist(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetWorklist200JSONResponse(out), nil
}

func (s *server) GetQueue(ctx context.Context, in contract.GetQueueRequestObject) (contract.GetQueueResponseObject, error) {
	out, err := s.Care.GetQueue(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetQueue200JSONResponse(out), nil
}

func (s *server) ClaimConsultation(ctx context.Context, in contract.ClaimConsultationRequestObject) (contract.ClaimConsultationResponseObject, error) {
	out, err := s.Care.ClaimConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ClaimConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) ReleaseConsultation(ctx context.Context, in contract.ReleaseConsultationRequestObject) (contract.ReleaseConsultationResponseObject, error) {
	out, err := s.Care.ReleaseConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ReleaseConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}
