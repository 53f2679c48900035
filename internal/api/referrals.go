package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) CreateReferral(ctx context.Context, in contract.CreateReferralRequestObject) (contract.CreateReferralResponseObject, error) {
	out, err := s.Care.CreateReferral(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateReferral201JSONResponse(out), nil
}

func (s *server) ListReferrals(ctx context.Context, in contract.ListReferralsRequestObject) (contract.ListReferralsResponseObject, error) {
	out, err := s.Care.ListReferrals(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListReferrals200JSONResponse(out), nil
}

func (s *server) StepReferral(ctx context.Context, in contract.StepReferralRequestObject) (contract.StepReferralResponseObject, error) {
	out, err := s.Care.StepReferral(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.StepReferral200JSONResponse(out), nil
}

func (s *server) ListReferralPlaces(ctx context.Context, in contract.ListReferralPlacesRequestObject) (contract.ListReferralPlacesResponseObject, error) {
	out, err := s.Care.ListReferralPlaces(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListReferralPlaces200JSONResponse(out), nil
}
