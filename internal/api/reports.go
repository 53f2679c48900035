package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) SaveReportDraft(ctx context.Context, in contract.SaveReportDraftRequestObject) (contract.SaveReportDraftResponseObject, error) {
	out, err := s.Care.SaveReportDraft(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SaveReportDraft200JSONResponse(out), nil
}

func (s *server) SignReport(ctx context.Context, in contract.SignReportRequestObject) (contract.SignReportResponseObject, error) {
	out, err := s.Care.SignReport(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SignReport200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) AdoptReport(ctx context.Context, in contract.AdoptReportRequestObject) (contract.AdoptReportResponseObject, error) {
	out, err := s.Care.AdoptReport(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AdoptReport200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) ReadBackAdvice(ctx context.Context, in contract.ReadBackAdviceRequestObject) (contract.ReadBackAdviceResponseObject, error) {
	out, err := s.Care.ReadBackAdvice(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ReadBackAdvice200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) AskReadBack(ctx context.Context, in contract.AskReadBackRequestObject) (contract.AskReadBackResponseObject, error) {
	out, err := s.Care.AskReadBack(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AskReadBack200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) ConfirmReadBack(ctx context.Context, in contract.ConfirmReadBackRequestObject) (contract.ConfirmReadBackResponseObject, error) {
	out, err := s.Care.ConfirmReadBack(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ConfirmReadBack200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) CompleteAdvice(ctx context.Context, in contract.CompleteAdviceRequestObject) (contract.CompleteAdviceResponseObject, error) {
	out, err := s.Care.CompleteAdvice(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CompleteAdvice200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) CompleteFollowUp(ctx context.Context, in contract.CompleteFollowUpRequestObject) (contract.CompleteFollowUpResponseObject, error) {
	out, err := s.Care.CompleteFollowUp(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CompleteFollowUp200JSONResponse(out), nil
}
