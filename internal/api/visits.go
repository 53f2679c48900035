package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListVisits(ctx context.Context, in contract.ListVisitsRequestObject) (contract.ListVisitsResponseObject, error) {
	out, err := s.Visits.ListVisits(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListVisits200JSONResponse(out), nil
}

func (s *server) RequestVisit(ctx context.Context, in contract.RequestVisitRequestObject) (contract.RequestVisitResponseObject, error) {
	out, err := s.Visits.RequestVisit(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RequestVisit201JSONResponse(out), nil
}

func (s *server) GetVisit(ctx context.Context, in contract.GetVisitRequestObject) (contract.GetVisitResponseObject, error) {
	out, err := s.Visits.GetVisit(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetVisit200JSONResponse(out), nil
}

func (s *server) AssessVisit(ctx context.Context, in contract.AssessVisitRequestObject) (contract.AssessVisitResponseObject, error) {
	out, err := s.Visits.AssessVisit(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AssessVisit200JSONResponse(out), nil
}

func (s *server) BookVisit(ctx context.Context, in contract.BookVisitRequestObject) (contract.BookVisitResponseObject, error) {
	out, err := s.Visits.BookVisit(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.BookVisit200JSONResponse(out), nil
}

func (s *server) BookHomeVisit(ctx context.Context, in contract.BookHomeVisitRequestObject) (contract.BookHomeVisitResponseObject, error) {
	id, err := s.Visits.BookHomeVisit(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	out, err := s.Booking.GetAppointment(ctx, actor(ctx), id)
	if err != nil {
		return nil, err
	}
	return contract.BookHomeVisit201JSONResponse(out), nil
}

func (s *server) StepVisit(ctx context.Context, in contract.StepVisitRequestObject) (contract.StepVisitResponseObject, error) {
	out, err := s.Visits.StepVisit(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.StepVisit200JSONResponse(out), nil
}

func (s *server) SaveVisitRecord(ctx context.Context, in contract.SaveVisitRecordRequestObject) (contract.SaveVisitRecordResponseObject, error) {
	out, err := s.Visits.SaveVisitRecord(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SaveVisitRecord200JSONResponse(out), nil
}

func (s *server) SignForVisit(ctx context.Context, in contract.SignForVisitRequestObject) (contract.SignForVisitResponseObject, error) {
	out, err := s.Visits.SignForVisit(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SignForVisit200JSONResponse(out), nil
}

func (s *server) AddVisitPhoto(ctx context.Context, in contract.AddVisitPhotoRequestObject) (contract.AddVisitPhotoResponseObject, error) {
	out, err := s.Visits.AddVisitPhoto(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, in.Params.At, in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddVisitPhoto201JSONResponse(out), nil
}

func (s *server) SignVisit(ctx context.Context, in contract.SignVisitRequestObject) (contract.SignVisitResponseObject, error) {
	out, err := s.Visits.SignVisit(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SignVisit200JSONResponse(out), nil
}

func (s *server) RaiseVisitAlarm(ctx context.Context, in contract.RaiseVisitAlarmRequestObject) (contract.RaiseVisitAlarmResponseObject, error) {
	out, err := s.Visits.RaiseVisitAlarm(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RaiseVisitAlarm201JSONResponse(out), nil
}

func (s *server) ListVisitAlarms(ctx context.Context, _ contract.ListVisitAlarmsRequestObject) (contract.ListVisitAlarmsResponseObject, error) {
	out, err := s.Visits.ListVisitAlarms(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListVisitAlarms200JSONResponse(out), nil
}

func (s *server) StepVisitAlarm(ctx context.Context, in contract.StepVisitAlarmRequestObject) (contract.StepVisitAlarmResponseObject, error) {
	out, err := s.Visits.StepVisitAlarm(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.StepVisitAlarm200JSONResponse(out), nil
}

func (s *server) GetVisitRoute(ctx context.Context, in contract.GetVisitRouteRequestObject) (contract.GetVisitRouteResponseObject, error) {
	out, err := s.Visits.GetVisitRoute(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetVisitRoute200JSONResponse(out), nil
}

func (s *server) PlanVisitRoute(ctx context.Context, in contract.PlanVisitRouteRequestObject) (contract.PlanVisitRouteResponseObject, error) {
	out, err := s.Visits.PlanVisitRoute(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.PlanVisitRoute200JSONResponse(out), nil
}

func (s *server) GetResidentHome(ctx context.Context, in contract.GetResidentHomeRequestObject) (contract.GetResidentHomeResponseObject, error) {
	out, err := s.Visits.GetResidentHome(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetResidentHome200JSONResponse(out), nil
}

func (s *server) SaveResidentHome(ctx context.Context, in contract.SaveResidentHomeRequestObject) (contract.SaveResidentHomeResponseObject, error) {
	out, err := s.Visits.SaveResidentHome(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SaveResidentHome200JSONResponse(out), nil
}

func (s *server) GetOrganisationPlace(ctx context.Context, in contract.GetOrganisationPlaceRequestObject) (contract.GetOrganisationPlaceResponseObject, error) {
	out, err := s.Visits.GetOrganisationPlace(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetOrganisationPlace200JSONResponse(out), nil
}

func (s *server) SaveOrganisationPlace(ctx context.Context, in contract.SaveOrganisationPlaceRequestObject) (contract.SaveOrganisationPlaceResponseObject, error) {
	out, err := s.Visits.SaveOrganisationPlace(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SaveOrganisationPlace200JSONResponse(out), nil
}

func (s *server) ListHomeBeds(ctx context.Context, in contract.ListHomeBedsRequestObject) (contract.ListHomeBedsResponseObject, error) {
	out, err := s.Visits.ListHomeBeds(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListHomeBeds200JSONResponse(out), nil
}

func (s *server) ApplyForHomeBed(ctx context.Context, in contract.ApplyForHomeBedRequestObject) (contract.ApplyForHomeBedResponseObject, error) {
	out, err := s.Visits.ApplyForHomeBed(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ApplyForHomeBed201JSONResponse(out), nil
}

func (s *server) GetHomeBed(ctx context.Context, in contract.GetHomeBedRequestObject) (contract.GetHomeBedResponseObject, error) {
	out, err := s.Visits.GetHomeBed(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetHomeBed200JSONResponse(out), nil
}

func (s *server) StepHomeBed(ctx context.Context, in contract.StepHomeBedRequestObject) (contract.StepHomeBedResponseObject, error) {
	out, err := s.Visits.StepHomeBed(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.StepHomeBed200JSONResponse(out), nil
}
