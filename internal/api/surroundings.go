package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) SendConsentCode(ctx context.Context, in contract.SendConsentCodeRequestObject) (contract.SendConsentCodeResponseObject, error) {
	out, err := s.Care.SendConsentCode(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SendConsentCode201JSONResponse(out), nil
}

func (s *server) WithdrawConsent(ctx context.Context, in contract.WithdrawConsentRequestObject) (contract.WithdrawConsentResponseObject, error) {
	out, err := s.Care.WithdrawConsent(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.WithdrawConsent200JSONResponse(out), nil
}

func (s *server) AddDocument(ctx context.Context, in contract.AddDocumentRequestObject) (contract.AddDocumentResponseObject, error) {
	out, err := s.Care.AddDocument(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, in.Params, in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddDocument201JSONResponse(out), nil
}

func (s *server) GetCareFile(ctx context.Context, in contract.GetCareFileRequestObject) (contract.GetCareFileResponseObject, error) {
	out, err := s.Care.GetCareFile(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetCareFile200JSONResponse(out), nil
}

func (s *server) GetCaseCareFile(ctx context.Context, in contract.GetCaseCareFileRequestObject) (contract.GetCaseCareFileResponseObject, error) {
	out, err := s.Care.GetCaseCareFile(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetCaseCareFile200JSONResponse(out), nil
}

func (s *server) AddMedication(ctx context.Context, in contract.AddMedicationRequestObject) (contract.AddMedicationResponseObject, error) {
	out, err := s.Care.AddMedication(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddMedication201JSONResponse(out), nil
}

func (s *server) ChangeMedication(ctx context.Context, in contract.ChangeMedicationRequestObject) (contract.ChangeMedicationResponseObject, error) {
	out, err := s.Care.ChangeMedication(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ChangeMedication200JSONResponse(out), nil
}

func (s *server) AddAllergy(ctx context.Context, in contract.AddAllergyRequestObject) (contract.AddAllergyResponseObject, error) {
	out, err := s.Care.AddAllergy(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddAllergy201JSONResponse(out), nil
}

func (s *server) EndAllergy(ctx context.Context, in contract.EndAllergyRequestObject) (contract.EndAllergyResponseObject, error) {
	out, err := s.Care.EndAllergy(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.EndAllergy200JSONResponse(out), nil
}

func (s *server) AddAssessment(ctx context.Context, in contract.AddAssessmentRequestObject) (contract.AddAssessmentResponseObject, error) {
	out, err := s.Care.AddAssessment(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddAssessment201JSONResponse(out), nil
}

func (s *server) ListPrescriptions(ctx context.Context, _ contract.ListPrescriptionsRequestObject) (contract.ListPrescriptionsResponseObject, error) {
	out, err := s.Care.ListPrescriptions(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListPrescriptions200JSONResponse(out), nil
}

func (s *server) GetPrescription(ctx context.Context, in contract.GetPrescriptionRequestObject) (contract.GetPrescriptionResponseObject, error) {
	out, err := s.Care.GetPrescription(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetPrescription200JSONResponse(out), nil
}

func (s *server) ReviewPrescription(ctx context.Context, in contract.ReviewPrescriptionRequestObject) (contract.ReviewPrescriptionResponseObject, error) {
	out, err := s.Care.ReviewPrescription(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ReviewPrescription200JSONResponse(out), nil
}
