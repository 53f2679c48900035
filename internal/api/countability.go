package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) GetServices(ctx context.Context, in contract.GetServicesRequestObject) (contract.GetServicesResponseObject, error) {
	out, err := s.Care.GetServices(ctx, actor(ctx), in.Id, in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetServices200JSONResponse(out), nil
}

func (s *server) GetCountability(ctx context.Context, in contract.GetCountabilityRequestObject) (contract.GetCountabilityResponseObject, error) {
	out, err := s.Care.GetCountability(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetCountability200JSONResponse(out), nil
}

func (s *server) ProveRecord(ctx context.Context, in contract.ProveRecordRequestObject) (contract.ProveRecordResponseObject, error) {
	out, err := s.Care.ProveRecord(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ProveRecord200JSONResponse(out), nil
}

func (s *server) ApproveCountability(ctx context.Context, in contract.ApproveCountabilityRequestObject) (contract.ApproveCountabilityResponseObject, error) {
	out, err := s.Care.ApproveCountability(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ApproveCountability200JSONResponse(out), nil
}

func (s *server) ListRules(ctx context.Context, in contract.ListRulesRequestObject) (contract.ListRulesResponseObject, error) {
	out, err := s.Care.ListRules(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListRules200JSONResponse(out), nil
}

func (s *server) SetRuleSetting(ctx context.Context, in contract.SetRuleSettingRequestObject) (contract.SetRuleSettingResponseObject, error) {
	out, err := s.Care.SetRuleSetting(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SetRuleSetting200JSONResponse(out), nil
}

func (s *server) ReevaluateCountability(ctx context.Context, in contract.ReevaluateCountabilityRequestObject) (contract.ReevaluateCountabilityResponseObject, error) {
	out, err := s.Care.ReevaluateCountability(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ReevaluateCountability200JSONResponse(out), nil
}

func (s *server) ListCountMonths(ctx context.Context, _ contract.ListCountMonthsRequestObject) (contract.ListCountMonthsResponseObject, error) {
	out, err := s.Care.ListCountMonths(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListCountMonths200JSONResponse(out), nil
}
