package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListMessages(ctx context.Context, in contract.ListMessagesRequestObject) (contract.ListMessagesResponseObject, error) {
	out, err := s.Care.ListMessages(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ListMessages200JSONResponse(out), nil
}

func (s *server) SendMessage(ctx context.Context, in contract.SendMessageRequestObject) (contract.SendMessageResponseObject, error) {
	out, err := s.Care.SendMessage(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SendMessage201JSONResponse(out), nil
}

func (s *server) GetTicket(ctx context.Context, in contract.GetTicketRequestObject) (contract.GetTicketResponseObject, error) {
	out, err := s.Care.GetTicket(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.GetTicket200JSONResponse(out), nil
}

func (s *server) EndCall(ctx context.Context, in contract.EndCallRequestObject) (contract.EndCallResponseObject, error) {
	out, err := s.Care.EndCall(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.EndCall200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}

func (s *server) FinishConsultation(ctx context.Context, in contract.FinishConsultationRequestObject) (contract.FinishConsultationResponseObject, error) {
	out, err := s.Care.FinishConsultation(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.FinishConsultation200JSONResponse{ConsultationJSONResponse: contract.ConsultationJSONResponse(out)}, nil
}
