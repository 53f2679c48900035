package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ReturnRequest(ctx context.Context, in contract.ReturnRequestRequestObject) (contract.ReturnRequestResponseObject, error) {
	if err := s.Care.ReturnRequest(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body); err != nil {
		return nil, err
	}
	return contract.ReturnRequest204Response{}, nil
}

func (s *server) ScheduleConsultation(ctx context.Context, in contract.ScheduleConsultationRequestObject) (contract.ScheduleConsultationResponseObject, error) {
	out, err := s.Care.ScheduleConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ScheduleConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) RecordNoShow(ctx context.Context, in contract.RecordNoShowRequestObject) (contract.RecordNoShowResponseObject, error) {
	out, err := s.Care.RecordNoShow(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RecordNoShow200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) AbortCall(ctx context.Context, in contract.AbortCallRequestObject) (contract.AbortCallResponseObject, error) {
	out, err := s.Care.AbortCall(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AbortCall200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) TerminateUnsuitable(ctx context.Context, in contract.TerminateUnsuitableRequestObject) (contract.TerminateUnsuitableResponseObject, error) {
	out, err := s.Care.TerminateUnsuitable(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.TerminateUnsuitable200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) DeclineRequest(ctx context.Context, in contract.DeclineRequestRequestObject) (contract.DeclineRequestResponseObject, error) {
	out, err := s.Care.DeclineRequest(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.DeclineRequest200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) OfferAgain(ctx context.Context, in contract.OfferAgainRequestObject) (contract.OfferAgainResponseObject, error) {
	out, err := s.Care.OfferAgain(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.OfferAgain200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) CloseConsultation(ctx context.Context, in contract.CloseConsultationRequestObject) (contract.CloseConsultationResponseObject, error) {
	out, err := s.Care.CloseConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CloseConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) VoidConsultation(ctx context.Context, in contract.VoidConsultationRequestObject) (contract.VoidConsultationResponseObject, error) {
	out, err := s.Care.VoidConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.VoidConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) AmendReport(ctx context.Context, in contract.AmendReportRequestObject) (contract.AmendReportResponseObject, error) {
	out, err := s.Care.AmendReport(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AmendReport200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) SealRecord(ctx context.Context, in contract.SealRecordRequestObject) (contract.SealRecordResponseObject, error) {
	out, err := s.Care.SealRecord(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SealRecord200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) UnsealRecord(ctx context.Context, in contract.UnsealRecordRequestObject) (contract.UnsealRecordResponseObject, error) {
	out, err := s.Care.UnsealRecord(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.UnsealRecord200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) ListSealed(ctx context.Context, _ contract.ListSealedRequestObject) (contract.ListSealedResponseObject, error) {
	out, err := s.Care.ListSealed(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListSealed200JSONResponse(out), nil
}

func (s *server) CheckIn(ctx context.Context, in contract.CheckInRequestObject) (contract.CheckInResponseObject, error) {
	out, err := s.Care.CheckIn(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CheckIn200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) CheckOut(ctx context.Context, in contract.CheckOutRequestObject) (contract.CheckOutResponseObject, error) {
	out, err := s.Care.CheckOut(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CheckOut200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) AddEvidence(ctx context.Context, in contract.AddEvidenceRequestObject) (contract.AddEvidenceResponseObject, error) {
	out, err := s.Care.AddEvidence(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddEvidence200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) JudgeEvidence(ctx context.Context, in contract.JudgeEvidenceRequestObject) (contract.JudgeEvidenceResponseObject, error) {
	out, err := s.Care.JudgeEvidence(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.JudgeEvidence200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) ListCheckIns(ctx context.Context, in contract.ListCheckInsRequestObject) (contract.ListCheckInsResponseObject, error) {
	out, err := s.Care.ListCheckIns(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ListCheckIns200JSONResponse(out), nil
}
