package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) GetCatalogue(ctx context.Context, in contract.GetCatalogueRequestObject) (contract.GetCatalogueResponseObject, error) {
	out, err := s.Care.GetCatalogue(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetCatalogue200JSONResponse(out), nil
}

func (s *server) SearchConditions(ctx context.Context, in contract.SearchConditionsRequestObject) (contract.SearchConditionsResponseObject, error) {
	out, err := s.Care.SearchConditions(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.SearchConditions200JSONResponse(out), nil
}

func (s *server) ListOrganisations(ctx context.Context, in contract.ListOrganisationsRequestObject) (contract.ListOrganisationsResponseObject, error) {
	out, err := s.Care.ListOrganisations(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListOrganisations200JSONResponse(out), nil
}

func (s *server) CreateOrganisation(ctx context.Context, in contract.CreateOrganisationRequestObject) (contract.CreateOrganisationResponseObject, error) {
	out, err := s.Care.CreateOrganisation(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateOrganisation201JSONResponse(out), nil
}

func (s *server) ListAgreements(ctx context.Context, in contract.ListAgreementsRequestObject) (contract.ListAgreementsResponseObject, error) {
	out, err := s.Care.ListAgreements(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListAgreements200JSONResponse(out), nil
}

func (s *server) CreateAgreement(ctx context.Context, in contract.CreateAgreementRequestObject) (contract.CreateAgreementResponseObject, error) {
	out, err := s.Care.CreateAgreement(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateAgreement201JSONResponse(out), nil
}

func (s *server) ListUsers(ctx context.Context, in contract.ListUsersRequestObject) (contract.ListUsersResponseObject, error) {
	out, err := s.Care.ListUsers(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListUsers200JSONResponse(out), nil
}

func (s *server) CreateUser(ctx context.Context, in contract.CreateUserRequestObject) (contract.CreateUserResponseObject, error) {
	out, err := s.Care.CreateUser(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateUser201JSONResponse(out), nil
}

func (s *server) TerminateAgreement(ctx context.Context, in contract.TerminateAgreementRequestObject) (contract.TerminateAgreementResponseObject, error) {
	out, err := s.Care.TerminateAgreement(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.TerminateAgreement200JSONResponse(out), nil
}

func (s *server) AddProfessionalLicence(ctx context.Context, in contract.AddProfessionalLicenceRequestObject) (contract.AddProfessionalLicenceResponseObject, error) {
	out, err := s.Care.AddProfessionalLicence(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddProfessionalLicence201JSONResponse(out), nil
}

func (s *server) EndProfessionalLicence(ctx context.Context, in contract.EndProfessionalLicenceRequestObject) (contract.EndProfessionalLicenceResponseObject, error) {
	out, err := s.Care.EndProfessionalLicence(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.EndProfessionalLicence200JSONResponse(out), nil
}

func (s *server) DisableUser(ctx context.Context, in contract.DisableUserRequestObject) (contract.DisableUserResponseObject, error) {
	out, err := s.Care.DisableUser(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.DisableUser200JSONResponse(out), nil
}

func (s *server) ResetPassword(ctx context.Context, in contract.ResetPasswordRequestObject) (contract.ResetPasswordResponseObject, error) {
	out, err := s.Care.ResetPassword(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ResetPassword200JSONResponse(out), nil
}

func (s *server) ListDutyShifts(ctx context.Context, in contract.ListDutyShiftsRequestObject) (contract.ListDutyShiftsResponseObject, error) {
	out, err := s.Care.ListDutyShifts(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListDutyShifts200JSONResponse(out), nil
}

func (s *server) CreateDutyShift(ctx context.Context, in contract.CreateDutyShiftRequestObject) (contract.CreateDutyShiftResponseObject, error) {
	out, err := s.Care.CreateDutyShift(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateDutyShift201JSONResponse(out), nil
}

func (s *server) DeleteDutyShift(ctx context.Context, in contract.DeleteDutyShiftRequestObject) (contract.DeleteDutyShiftResponseObject, error) {
	if err := s.Care.DeleteDutyShift(ctx, actor(ctx), in.Id); err != nil {
		return nil, err
	}
	return contract.DeleteDutyShift204Response{}, nil
}

func (s *server) SetAdmitsYounger(ctx context.Context, in contract.SetAdmitsYoungerRequestObject) (contract.SetAdmitsYoungerResponseObject, error) {
	out, err := s.Care.SetAdmitsYounger(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SetAdmitsYounger200JSONResponse(out), nil
}

func (s *server) AddLicence(ctx context.Context, in contract.AddLicenceRequestObject) (contract.AddLicenceResponseObject, error) {
	out, err := s.Care.AddLicence(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddLicence200JSONResponse(out), nil
}

func (s *server) SetPracticeSite(ctx context.Context, in contract.SetPracticeSiteRequestObject) (contract.SetPracticeSiteResponseObject, error) {
	out, err := s.Care.SetPracticeSite(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SetPracticeSite200JSONResponse(out), nil
}

func (s *server) ListExpiries(ctx context.Context, _ contract.ListExpiriesRequestObject) (contract.ListExpiriesResponseObject, error) {
	out, err := s.Care.ListExpiries(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListExpiries200JSONResponse(out), nil
}

func (s *server) DeclareDuty(ctx context.Context, in contract.DeclareDutyRequestObject) (contract.DeclareDutyResponseObject, error) {
	out, err := s.Care.DeclareDuty(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.DeclareDuty200JSONResponse(out), nil
}
