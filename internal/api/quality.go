package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) RateConsultation(ctx context.Context, in contract.RateConsultationRequestObject) (contract.RateConsultationResponseObject, error) {
	out, err := s.Care.RateConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RateConsultation201JSONResponse(out), nil
}

func (s *server) CreateRatingLink(ctx context.Context, in contract.CreateRatingLinkRequestObject) (contract.CreateRatingLinkResponseObject, error) {
	out, err := s.Care.CreateRatingLink(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateRatingLink201JSONResponse(out), nil
}

func (s *server) ExchangeRatingLink(ctx context.Context, in contract.ExchangeRatingLinkRequestObject) (contract.ExchangeRatingLinkResponseObject, error) {
	out, err := s.Care.ExchangeRatingLink(ctx, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ExchangeRatingLink200JSONResponse(out), nil
}

func (s *server) RateByLink(ctx context.Context, in contract.RateByLinkRequestObject) (contract.RateByLinkResponseObject, error) {
	if err := s.Care.RateByLink(ctx, *in.Body); err != nil {
		return nil, err
	}
	return contract.RateByLink204Response{}, nil
}

func (s *server) ListComplaints(ctx context.Context, in contract.ListComplaintsRequestObject) (contract.ListComplaintsResponseObject, error) {
	out, err := s.Care.ListComplaints(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListComplaints200JSONResponse(out), nil
}

func (s *server) CreateComplaint(ctx context.Context, in contract.CreateComplaintRequestObject) (contract.CreateComplaintResponseObject, error) {
	out, err := s.Care.CreateComplaint(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateComplaint201JSONResponse(out), nil
}

func (s *server) CloseComplaint(ctx context.Context, in contract.CloseComplaintRequestObject) (contract.CloseComplaintResponseObject, error) {
	out, err := s.Care.CloseComplaint(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CloseComplaint200JSONResponse(out), nil
}

func (s *server) GetWorkdays(ctx context.Context, in contract.GetWorkdaysRequestObject) (contract.GetWorkdaysResponseObject, error) {
	out, err := s.Care.GetWorkdays(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetWorkdays200JSONResponse(out), nil
}

func (s *server) SetWorkdays(ctx context.Context, in contract.SetWorkdaysRequestObject) (contract.SetWorkdaysResponseObject, error) {
	out, err := s.Care.SetWorkdays(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SetWorkdays200JSONResponse(out), nil
}

func (s *server) ListAdverseEvents(ctx context.Context, in contract.ListAdverseEventsRequestObject) (contract.ListAdverseEventsResponseObject, error) {
	out, err := s.Care.ListAdverseEvents(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListAdverseEvents200JSONResponse(out), nil
}

func (s *server) ReportAdverseEvent(ctx context.Context, in contract.ReportAdverseEventRequestObject) (contract.ReportAdverseEventResponseObject, error) {
	out, err := s.Care.ReportAdverseEvent(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ReportAdverseEvent201JSONResponse(out), nil
}

func (s *server) ReviewAdverseEvent(ctx context.Context, in contract.ReviewAdverseEventRequestObject) (contract.ReviewAdverseEventResponseObject, error) {
	out, err := s.Care.ReviewAdverseEvent(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ReviewAdverseEvent200JSONResponse(out), nil
}

func (s *server) ListSuspicions(ctx context.Context, in contract.ListSuspicionsRequestObject) (contract.ListSuspicionsResponseObject, error) {
	out, err := s.Care.ListSuspicions(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListSuspicions200JSONResponse(out), nil
}

func (s *server) NoteSuspicion(ctx context.Context, in contract.NoteSuspicionRequestObject) (contract.NoteSuspicionResponseObject, error) {
	out, err := s.Care.NoteSuspicion(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.NoteSuspicion201JSONResponse(out), nil
}

func (s *server) ResolveSuspicion(ctx context.Context, in contract.ResolveSuspicionRequestObject) (contract.ResolveSuspicionResponseObject, error) {
	out, err := s.Care.ResolveSuspicion(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ResolveSuspicion200JSONResponse(out), nil
}

func (s *server) ListQualityReviews(ctx context.Context, in contract.ListQualityReviewsRequestObject) (contract.ListQualityReviewsResponseObject, error) {
	out, err := s.Care.ListQualityReviews(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListQualityReviews200JSONResponse(out), nil
}

func (s *server) SampleReports(ctx context.Context, in contract.SampleReportsRequestObject) (contract.SampleReportsResponseObject, error) {
	out, err := s.Care.SampleReports(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SampleReports201JSONResponse(out), nil
}

func (s *server) MarkReport(ctx context.Context, in contract.MarkReportRequestObject) (contract.MarkReportResponseObject, error) {
	out, err := s.Care.MarkReport(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.MarkReport200JSONResponse(out), nil
}
