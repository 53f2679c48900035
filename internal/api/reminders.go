package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// The family's page is open to everybody who has its link; tries are bounded per address, apart from those to sign in.

func (s *server) OpenFamilyPage(ctx context.Context, in contract.OpenFamilyPageRequestObject) (contract.OpenFamilyPageResponseObject, error) {
	if err := s.families.allow(httpRequest(ctx)); err != nil {
		return nil, err
	}
	out, err := s.Remind.OpenFamilyPage(ctx, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.OpenFamilyPage200JSONResponse(out), nil
}

func (s *server) AnswerFamilyPage(ctx context.Context, in contract.AnswerFamilyPageRequestObject) (contract.AnswerFamilyPageResponseObject, error) {
	if err := s.families.allow(httpRequest(ctx)); err != nil {
		return nil, err
	}
	out, err := s.Remind.AnswerFamilyPage(ctx, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AnswerFamilyPage200JSONResponse(out), nil
}

func (s *server) RequestFamilyVisit(ctx context.Context, in contract.RequestFamilyVisitRequestObject) (contract.RequestFamilyVisitResponseObject, error) {
	if err := s.families.allow(httpRequest(ctx)); err != nil {
		return nil, err
	}
	out, err := s.Remind.RequestFamilyVisit(ctx, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RequestFamilyVisit200JSONResponse(out), nil
}

func (s *server) ListFamilyLinks(ctx context.Context, in contract.ListFamilyLinksRequestObject) (contract.ListFamilyLinksResponseObject, error) {
	out, err := s.Visits.ListFamilyLinks(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.ListFamilyLinks200JSONResponse(out), nil
}

func (s *server) CreateFamilyLink(ctx context.Context, in contract.CreateFamilyLinkRequestObject) (contract.CreateFamilyLinkResponseObject, error) {
	out, err := s.Visits.CreateFamilyLink(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateFamilyLink201JSONResponse(out), nil
}

func (s *server) RevokeFamilyLink(ctx context.Context, in contract.RevokeFamilyLinkRequestObject) (contract.RevokeFamilyLinkResponseObject, error) {
	out, err := s.Visits.RevokeFamilyLink(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.RevokeFamilyLink200JSONResponse(out), nil
}

func (s *server) ListReminderLetters(ctx context.Context, in contract.ListReminderLettersRequestObject) (contract.ListReminderLettersResponseObject, error) {
	out, err := s.Remind.ListReminderLetters(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListReminderLetters200JSONResponse(out), nil
}

func (s *server) MarkLettersPrinted(ctx context.Context, in contract.MarkLettersPrintedRequestObject) (contract.MarkLettersPrintedResponseObject, error) {
	if err := s.Remind.MarkLettersPrinted(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body); err != nil {
		return nil, err
	}
	return contract.MarkLettersPrinted204Response{}, nil
}

func (s *server) ListCallBacks(ctx context.Context, _ contract.ListCallBacksRequestObject) (contract.ListCallBacksResponseObject, error) {
	out, err := s.Remind.ListCallBacks(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListCallBacks200JSONResponse(out), nil
}

func (s *server) CloseCallBack(ctx context.Context, in contract.CloseCallBackRequestObject) (contract.CloseCallBackResponseObject, error) {
	if err := s.Remind.CloseCallBack(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id); err != nil {
		return nil, err
	}
	return contract.CloseCallBack204Response{}, nil
}

func (s *server) GetReminderSettings(ctx context.Context, _ contract.GetReminderSettingsRequestObject) (contract.GetReminderSettingsResponseObject, error) {
	out, err := s.Remind.GetReminderSettings(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetReminderSettings200JSONResponse(out), nil
}

func (s *server) SaveReminderSettings(ctx context.Context, in contract.SaveReminderSettingsRequestObject) (contract.SaveReminderSettingsResponseObject, error) {
	out, err := s.Remind.SaveReminderSettings(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SaveReminderSettings200JSONResponse(out), nil
}
