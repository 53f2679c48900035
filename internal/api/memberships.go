package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) AddMembership(ctx context.Context, in contract.AddMembershipRequestObject) (contract.AddMembershipResponseObject, error) {
	out, err := s.Care.AddMembership(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddMembership201JSONResponse(out), nil
}

func (s *server) EndMembership(ctx context.Context, in contract.EndMembershipRequestObject) (contract.EndMembershipResponseObject, error) {
	out, err := s.Care.EndMembership(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.EndMembership200JSONResponse(out), nil
}

func (s *server) ActAs(ctx context.Context, in contract.ActAsRequestObject) (contract.ActAsResponseObject, error) {
	a, err := s.Identity.ActAs(ctx, actor(ctx), in.Body.MembershipId)
	if err != nil {
		return nil, err
	}
	return contract.ActAs200JSONResponse(me(a)), nil
}
