package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) CopyDutyWeek(ctx context.Context, in contract.CopyDutyWeekRequestObject) (contract.CopyDutyWeekResponseObject, error) {
	out, err := s.Care.CopyDutyWeek(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CopyDutyWeek200JSONResponse(out), nil
}

func (s *server) ListShiftColleagues(ctx context.Context, in contract.ListShiftColleaguesRequestObject) (contract.ListShiftColleaguesResponseObject, error) {
	out, err := s.Care.ListShiftColleagues(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ListShiftColleagues200JSONResponse(out), nil
}

func (s *server) ListDutySwaps(ctx context.Context, in contract.ListDutySwapsRequestObject) (contract.ListDutySwapsResponseObject, error) {
	out, err := s.Care.ListDutySwaps(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListDutySwaps200JSONResponse(out), nil
}

func (s *server) RequestDutySwap(ctx context.Context, in contract.RequestDutySwapRequestObject) (contract.RequestDutySwapResponseObject, error) {
	out, err := s.Care.RequestDutySwap(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RequestDutySwap201JSONResponse(out), nil
}

func (s *server) AcceptDutySwap(ctx context.Context, in contract.AcceptDutySwapRequestObject) (contract.AcceptDutySwapResponseObject, error) {
	out, err := s.Care.AcceptDutySwap(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.AcceptDutySwap200JSONResponse(out), nil
}

func (s *server) DeclineDutySwap(ctx context.Context, in contract.DeclineDutySwapRequestObject) (contract.DeclineDutySwapResponseObject, error) {
	out, err := s.Care.DeclineDutySwap(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.DeclineDutySwap200JSONResponse(out), nil
}

func (s *server) WithdrawDutySwap(ctx context.Context, in contract.WithdrawDutySwapRequestObject) (contract.WithdrawDutySwapResponseObject, error) {
	out, err := s.Care.WithdrawDutySwap(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.WithdrawDutySwap200JSONResponse(out), nil
}
