package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListGoalScopes(ctx context.Context, _ contract.ListGoalScopesRequestObject) (contract.ListGoalScopesResponseObject, error) {
	out, err := s.Goals.ListGoalScopes(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListGoalScopes200JSONResponse(out), nil
}

func (s *server) GetGoalDashboard(ctx context.Context, in contract.GetGoalDashboardRequestObject) (contract.GetGoalDashboardResponseObject, error) {
	out, err := s.Goals.GetGoalDashboard(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetGoalDashboard200JSONResponse(out), nil
}

func (s *server) ListGoalRows(ctx context.Context, in contract.ListGoalRowsRequestObject) (contract.ListGoalRowsResponseObject, error) {
	out, err := s.Goals.ListGoalRows(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListGoalRows200JSONResponse(out), nil
}
