package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListConsultations(ctx context.Context, in contract.ListConsultationsRequestObject) (contract.ListConsultationsResponseObject, error) {
	out, err := s.Care.ListConsultations(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListConsultations200JSONResponse(out), nil
}

func (s *server) ListUrgencyTargets(ctx context.Context, in contract.ListUrgencyTargetsRequestObject) (contract.ListUrgencyTargetsResponseObject, error) {
	out, err := s.Care.ListUrgencyTargets(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListUrgencyTargets200JSONResponse(out), nil
}

func (s *server) SetUrgencyTarget(ctx context.Context, in contract.SetUrgencyTargetRequestObject) (contract.SetUrgencyTargetResponseObject, error) {
	out, err := s.Care.SetUrgencyTarget(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SetUrgencyTarget200JSONResponse(out), nil
}
