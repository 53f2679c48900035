package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ConfirmSignIn(ctx context.Context, in contract.ConfirmSignInRequestObject) (contract.ConfirmSignInResponseObject, error) {
	g, err := s.Identity.ConfirmSignIn(ctx, actor(ctx), *in.Body, httpRequest(ctx).UserAgent())
	if err != nil {
		return nil, err
	}
	return contract.ConfirmSignIn200JSONResponse{SessionJSONResponse: s.session(ctx, g)}, nil
}

func (s *server) GetSecondFactor(ctx context.Context, _ contract.GetSecondFactorRequestObject) (contract.GetSecondFactorResponseObject, error) {
	f, err := s.Identity.Factors(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	out := contract.GetSecondFactor200JSONResponse{Enrolled: f.Enrolled(), Required: f.AtActs, AtSignIn: f.AtSignIn, TotpSince: f.TOTPSince,
		RecoveryLeft: f.RecoveryLeft, Keys: []contract.SecurityKey{}, KeysPossible: f.KeysPossible}
	for _, k := range f.Keys {
		out.Keys = append(out.Keys, contract.SecurityKey{Id: k.ID, Name: k.Name, Since: k.Since.UTC(), LastUsedAt: k.LastUsedAt, Refused: k.Refused})
	}
	return out, nil
}

func (s *server) BeginTotp(ctx context.Context, in contract.BeginTotpRequestObject) (contract.BeginTotpResponseObject, error) {
	secret, uri, err := s.Identity.BeginTOTP(ctx, actor(ctx), *in.Body)
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

func (s *server) RemoveTotp(ctx context.Context, in contract.RemoveTotpRequestObject) (contract.RemoveTotpResponseObject, error) {
	if err := s.Identity.RemoveTOTP(ctx, actor(ctx), *in.Body); err != nil {
		return nil, err
	}
	return contract.RemoveTotp204Response{}, nil
}

func (s *server) RenewRecoveryCodes(ctx context.Context, in contract.RenewRecoveryCodesRequestObject) (contract.RenewRecoveryCodesResponseObject, error) {
	codes, err := s.Identity.RenewRecovery(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RenewRecoveryCodes200JSONResponse{Codes: codes}, nil
}

func (s *server) BeginKeyCheck(ctx context.Context, _ contract.BeginKeyCheckRequestObject) (contract.BeginKeyCheckResponseObject, error) {
	out, err := s.Identity.BeginKeyCheck(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.BeginKeyCheck200JSONResponse(out), nil
}

func (s *server) BeginKey(ctx context.Context, in contract.BeginKeyRequestObject) (contract.BeginKeyResponseObject, error) {
	out, err := s.Identity.BeginKey(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.BeginKey200JSONResponse(out), nil
}

func (s *server) AddKey(ctx context.Context, in contract.AddKeyRequestObject) (contract.AddKeyResponseObject, error) {
	codes, err := s.Identity.AddKey(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddKey200JSONResponse{Codes: codes}, nil
}

func (s *server) RenameKey(ctx context.Context, in contract.RenameKeyRequestObject) (contract.RenameKeyResponseObject, error) {
	if err := s.Identity.RenameKey(ctx, actor(ctx), in.Id, in.Body.Name); err != nil {
		return nil, err
	}
	return contract.RenameKey204Response{}, nil
}

func (s *server) RemoveKey(ctx context.Context, in contract.RemoveKeyRequestObject) (contract.RemoveKeyResponseObject, error) {
	if err := s.Identity.RemoveKey(ctx, actor(ctx), in.Id, *in.Body); err != nil {
		return nil, err
	}
	return contract.RemoveKey204Response{}, nil
}

func (s *server) CheckSecondFactor(ctx context.Context, in contract.CheckSecondFactorRequestObject) (contract.CheckSecondFactorResponseObject, error) {
	if err := s.Care.CheckSecondFactor(ctx, actor(ctx), in.Id, *in.Body); err != nil {
		return nil, err
	}
	return contract.CheckSecondFactor204Response{}, nil
}

func (s *server) SetFactorRules(ctx context.Context, in contract.SetFactorRulesRequestObject) (contract.SetFactorRulesResponseObject, error) {
	out, err := s.Care.SetFactorRules(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SetFactorRules200JSONResponse{Rules: out}, nil
}

func (s *server) ResetSecondFactor(ctx context.Context, in contract.ResetSecondFactorRequestObject) (contract.ResetSecondFactorResponseObject, error) {
	out, err := s.Care.ResetSecondFactor(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ResetSecondFactor200JSONResponse(out), nil
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
