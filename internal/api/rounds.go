package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListRounds(ctx context.Context, in contract.ListRoundsRequestObject) (contract.ListRoundsResponseObject, error) {
	out, err := s.Care.ListRounds(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListRounds200JSONResponse(out), nil
}

func (s *server) GetRoundOptions(ctx context.Context, in contract.GetRoundOptionsRequestObject) (contract.GetRoundOptionsResponseObject, error) {
	out, err := s.Care.GetRoundOptions(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetRoundOptions200JSONResponse(out), nil
}

func (s *server) CreateRound(ctx context.Context, in contract.CreateRoundRequestObject) (contract.CreateRoundResponseObject, error) {
	out, err := s.Care.CreateRound(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateRound201JSONResponse(out), nil
}

func (s *server) GetRound(ctx context.Context, in contract.GetRoundRequestObject) (contract.GetRoundResponseObject, error) {
	out, err := s.Care.GetRound(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetRound200JSONResponse(out), nil
}

func (s *server) UpdateRound(ctx context.Context, in contract.UpdateRoundRequestObject) (contract.UpdateRoundResponseObject, error) {
	out, err := s.Care.UpdateRound(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.UpdateRound200JSONResponse(out), nil
}

func (s *server) StepRound(ctx context.Context, in contract.StepRoundRequestObject) (contract.StepRoundResponseObject, error) {
	out, err := s.Care.StepRound(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.StepRound200JSONResponse(out), nil
}
