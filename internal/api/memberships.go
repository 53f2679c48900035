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
	if out.Invitation != nil {
		return contract.AddMembership202JSONResponse(*out.Invitation), nil
	}
	return contract.AddMembership201JSONResponse(out.Account), nil
}

func (s *server) ListMembershipInvitations(ctx context.Context, _ contract.ListMembershipInvitationsRequestObject) (contract.ListMembershipInvitationsResponseObject, error) {
	out, err := s.Care.ListMembershipInvitations(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListMembershipInvitations200JSONResponse(out), nil
}

func (s *server) WithdrawMembershipInvitation(ctx context.Context, in contract.WithdrawMembershipInvitationRequestObject) (contract.WithdrawMembershipInvitationResponseObject, error) {
	out, err := s.Care.WithdrawMembershipInvitation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.WithdrawMembershipInvitation200JSONResponse(out), nil
}

func (s *server) ListMyInvitations(ctx context.Context, _ contract.ListMyInvitationsRequestObject) (contract.ListMyInvitationsResponseObject, error) {
	out, err := s.Care.ListMyInvitations(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListMyInvitations200JSONResponse(out), nil
}

func (s *server) AnswerInvitation(ctx context.Context, in contract.AnswerInvitationRequestObject) (contract.AnswerInvitationResponseObject, error) {
	out, err := s.Care.AnswerInvitation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, in.Body.Accept)
	if err != nil {
		return nil, err
	}
	return contract.AnswerInvitation200JSONResponse(out), nil
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
