package api

import (
	"bytes"
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ProposeTriage(ctx context.Context, in contract.ProposeTriageRequestObject) (contract.ProposeTriageResponseObject, error) {
	out, err := s.Care.ProposeTriage(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ProposeTriage200JSONResponse(out), nil
}

func (s *server) GetConsentText(ctx context.Context, in contract.GetConsentTextRequestObject) (contract.GetConsentTextResponseObject, error) {
	out, err := s.Care.GetConsentText(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetConsentText200JSONResponse(out), nil
}

func (s *server) CreateConsultation(ctx context.Context, in contract.CreateConsultationRequestObject) (contract.CreateConsultationResponseObject, error) {
	out, err := s.Care.CreateConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateConsultation201JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) GetConsultation(ctx context.Context, in contract.GetConsultationRequestObject) (contract.GetConsultationResponseObject, error) {
	out, err := s.Care.GetConsultation(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) UpdateRequest(ctx context.Context, in contract.UpdateRequestRequestObject) (contract.UpdateRequestResponseObject, error) {
	out, err := s.Care.UpdateRequest(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.UpdateRequest200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) AddVitals(ctx context.Context, in contract.AddVitalsRequestObject) (contract.AddVitalsResponseObject, error) {
	out, err := s.Care.AddVitals(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddVitals200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) AddPhoto(ctx context.Context, in contract.AddPhotoRequestObject) (contract.AddPhotoResponseObject, error) {
	out, err := s.Care.AddPhoto(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddPhoto201JSONResponse(out), nil
}

func (s *server) GetAttachment(ctx context.Context, in contract.GetAttachmentRequestObject) (contract.GetAttachmentResponseObject, error) {
	open := s.Care.GetAttachment
	if in.Params.Thumbnail != nil && *in.Params.Thumbnail {
		open = s.Care.GetThumbnail
	}
	kind, content, err := open(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	keep, sandbox, as := "private, max-age=86400, immutable", "default-src 'none'; sandbox", disposition(kind)
	return contract.GetAttachment200ApplicationoctetStreamResponse{
		Body: bytes.NewReader(content), ContentLength: int64(len(content)),
		Headers: contract.GetAttachment200ResponseHeaders{ContentType: &kind, ContentDisposition: &as, CacheControl: &keep, ContentSecurityPolicy: &sandbox},
	}, nil
}

// disposition shows pictures, which were encoded anew, and hands everything else over as a file: no page opens it.
func disposition(contentType string) string {
	switch contentType {
	case "image/jpeg", "image/png":
		return "inline"
	case "application/pdf":
		return `attachment; filename="document.pdf"`
	case "audio/ogg":
		return `attachment; filename="recording.ogg"`
	case "video/mp4":
		return `attachment; filename="recording.mp4"`
	}
	return `attachment; filename="recording.webm"`
}

func (s *server) GiveConsent(ctx context.Context, in contract.GiveConsentRequestObject) (contract.GiveConsentResponseObject, error) {
	out, err := s.Care.GiveConsent(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.GiveConsent200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) SubmitConsultation(ctx context.Context, in contract.SubmitConsultationRequestObject) (contract.SubmitConsultationResponseObject, error) {
	out, err := s.Care.SubmitConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SubmitConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) CancelConsultation(ctx context.Context, in contract.CancelConsultationRequestObject) (contract.CancelConsultationResponseObject, error) {
	out, err := s.Care.CancelConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CancelConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) LogEmergencyStep(ctx context.Context, in contract.LogEmergencyStepRequestObject) (contract.LogEmergencyStepResponseObject, error) {
	out, err := s.Care.LogEmergencyStep(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.LogEmergencyStep200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}
