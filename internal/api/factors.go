package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) GetSecondFactor(ctx context.Context, _ contract.GetSecondFactorRequestObject) (contract.GetSecondFactorResponseObject, error) {
	f, err := s.Identity.Factors(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetSecondFactor200JSONResponse{Enrolled: f.Enrolled(), Required: f.Required, TotpSince: f.TOTPSince, RecoveryLeft: f.RecoveryLeft}, nil
}

func (s *server) BeginTotp(ctx context.Context, in contract.BeginTotpRequestObject) (contract.BeginTotpResponseObject, error) {
	secret, uri, err := s.Identity.BeginTOTP(ctx, actor(ctx), in.Body.Password)
	if err != nil {
		return nil, err
	}
	return contract.BeginTotp200JSONResponse{Secret: secret, Uri: uri}, nil
}

func (s *server) ConfirmTotp(ctx context.Context, in contract.ConfirmTotpRequestObject) (contract.ConfirmTotpResponseObject, error) {
	codes, err := s.Identity.ConfirmTOTP(ctx, actor(ctx), in.Body.Code)
	if err != nil {
		return nil, err
	}
	return contract.ConfirmTotp200JSONResponse{Codes: codes}, nil
}

func (s *server) RemoveSecondFactor(ctx context.Context, in contract.RemoveSecondFactorRequestObject) (contract.RemoveSecondFactorResponseObject, error) {
	if err := s.Identity.RemoveFactors(ctx, actor(ctx), in.Body.Password, string(in.Body.Method), in.Body.Code); err != nil {
		return nil, err
	}
	return contract.RemoveSecondFactor204Response{}, nil
}

func (s *server) CheckSecondFactor(ctx context.Context, in contract.CheckSecondFactorRequestObject) (contract.CheckSecondFactorResponseObject, error) {
	if err := s.Care.CheckSecondFactor(ctx, actor(ctx), in.Id, *in.Body); err != nil {
		return nil, err
	}
	return contract.CheckSecondFactor204Response{}, nil
}

func (s *server) RequireSecondFactor(ctx context.Context, in contract.RequireSecondFactorRequestObject) (contract.RequireSecondFactorResponseObject, error) {
	if err := s.Care.RequireSecondFactor(ctx, actor(ctx), in.Id, *in.Body); err != nil {
		return nil, err
	}
	return contract.RequireSecondFactor204Response{}, nil
}

func (s *server) SetCheckInPin(ctx context.Context, in contract.SetCheckInPinRequestObject) (contract.SetCheckInPinResponseObject, error) {
	if err := s.Care.SetCheckInPin(ctx, actor(ctx), *in.Body); err != nil {
		return nil, err
	}
	return contract.SetCheckInPin204Response{}, nil
}

func (s *server) GetCheckInCode(ctx context.Context, _ contract.GetCheckInCodeRequestObject) (contract.GetCheckInCodeResponseObject, error) {
	out, err := s.Care.GetCheckInCode(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetCheckInCode200JSONResponse(out), nil
}
