package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListColleagues(ctx context.Context, in contract.ListColleaguesRequestObject) (contract.ListColleaguesResponseObject, error) {
	out, err := s.Care.ListColleagues(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ListColleagues200JSONResponse(out), nil
}

func (s *server) OfferHandOver(ctx context.Context, in contract.OfferHandOverRequestObject) (contract.OfferHandOverResponseObject, error) {
	out, err := s.Care.OfferHandOver(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.OfferHandOver200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) AnswerHandOver(ctx context.Context, in contract.AnswerHandOverRequestObject) (contract.AnswerHandOverResponseObject, error) {
	out, err := s.Care.AnswerHandOver(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AnswerHandOver200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) GetApplication(ctx context.Context, in contract.GetApplicationRequestObject) (contract.GetApplicationResponseObject, error) {
	out, err := s.Care.GetApplication(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetApplication200JSONResponse(out), nil
}

func (s *server) SaveApplication(ctx context.Context, in contract.SaveApplicationRequestObject) (contract.SaveApplicationResponseObject, error) {
	out, err := s.Care.SaveApplication(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SaveApplication200JSONResponse(out), nil
}
