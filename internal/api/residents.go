package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListResidents(ctx context.Context, in contract.ListResidentsRequestObject) (contract.ListResidentsResponseObject, error) {
	out, err := s.Care.ListResidents(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListResidents200JSONResponse(out), nil
}

func (s *server) CreateResident(ctx context.Context, in contract.CreateResidentRequestObject) (contract.CreateResidentResponseObject, error) {
	out, err := s.Care.CreateResident(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateResident201JSONResponse(out), nil
}

func (s *server) GetResident(ctx context.Context, in contract.GetResidentRequestObject) (contract.GetResidentResponseObject, error) {
	out, err := s.Care.GetResident(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetResident200JSONResponse(out), nil
}

func (s *server) UpdateResident(ctx context.Context, in contract.UpdateResidentRequestObject) (contract.UpdateResidentResponseObject, error) {
	out, err := s.Care.UpdateResident(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.UpdateResident200JSONResponse(out), nil
}
