package api

import (
	"bytes"
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListTeams(ctx context.Context, _ contract.ListTeamsRequestObject) (contract.ListTeamsResponseObject, error) {
	out, err := s.Panel.ListTeams(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListTeams200JSONResponse(out), nil
}

func (s *server) CreateTeam(ctx context.Context, in contract.CreateTeamRequestObject) (contract.CreateTeamResponseObject, error) {
	out, err := s.Panel.CreateTeam(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateTeam201JSONResponse(out), nil
}

func (s *server) UpdateTeam(ctx context.Context, in contract.UpdateTeamRequestObject) (contract.UpdateTeamResponseObject, error) {
	out, err := s.Panel.UpdateTeam(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.UpdateTeam200JSONResponse(out), nil
}

func (s *server) ListCandidates(ctx context.Context, in contract.ListCandidatesRequestObject) (contract.ListCandidatesResponseObject, error) {
	out, err := s.Panel.ListCandidates(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListCandidates200JSONResponse(out), nil
}

func (s *server) ListContracts(ctx context.Context, in contract.ListContractsRequestObject) (contract.ListContractsResponseObject, error) {
	out, err := s.Panel.ListContracts(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListContracts200JSONResponse(out), nil
}

func (s *server) CreateContract(ctx context.Context, in contract.CreateContractRequestObject) (contract.CreateContractResponseObject, error) {
	out, err := s.Panel.CreateContract(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateContract201JSONResponse(out), nil
}

func (s *server) GetContract(ctx context.Context, in contract.GetContractRequestObject) (contract.GetContractResponseObject, error) {
	out, err := s.Panel.GetContract(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetContract200JSONResponse(out), nil
}

func (s *server) UpdateContract(ctx context.Context, in contract.UpdateContractRequestObject) (contract.UpdateContractResponseObject, error) {
	out, err := s.Panel.UpdateContract(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.UpdateContract200JSONResponse(out), nil
}

func (s *server) GetContractText(ctx context.Context, in contract.GetContractTextRequestObject) (contract.GetContractTextResponseObject, error) {
	out, err := s.Panel.GetContractText(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetContractText200JSONResponse(out), nil
}

func (s *server) GetContractFile(ctx context.Context, in contract.GetContractFileRequestObject) (contract.GetContractFileResponseObject, error) {
	kind, content, err := s.Panel.GetContractFile(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	keep, sandbox, as := "private, no-store", "default-src 'none'; sandbox", disposition(kind)
	return contract.GetContractFile200ApplicationoctetStreamResponse{
		Body: bytes.NewReader(content), ContentLength: int64(len(content)),
		Headers: contract.GetContractFile200ResponseHeaders{ContentType: &kind, ContentDisposition: &as, CacheControl: &keep, ContentSecurityPolicy: &sandbox},
	}, nil
}

func (s *server) AddContractFile(ctx context.Context, in contract.AddContractFileRequestObject) (contract.AddContractFileResponseObject, error) {
	out, err := s.Panel.AddContractFile(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddContractFile201JSONResponse(out), nil
}

func (s *server) SignContract(ctx context.Context, in contract.SignContractRequestObject) (contract.SignContractResponseObject, error) {
	out, err := s.Panel.SignContract(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SignContract200JSONResponse(out), nil
}

func (s *server) RenewContract(ctx context.Context, in contract.RenewContractRequestObject) (contract.RenewContractResponseObject, error) {
	out, err := s.Panel.RenewContract(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.RenewContract201JSONResponse(out), nil
}

func (s *server) EndContract(ctx context.Context, in contract.EndContractRequestObject) (contract.EndContractResponseObject, error) {
	out, err := s.Panel.EndContract(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.EndContract200JSONResponse(out), nil
}

func (s *server) GetCoverage(ctx context.Context, _ contract.GetCoverageRequestObject) (contract.GetCoverageResponseObject, error) {
	out, err := s.Panel.GetCoverage(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetCoverage200JSONResponse(out), nil
}

func (s *server) GetPanel(ctx context.Context, _ contract.GetPanelRequestObject) (contract.GetPanelResponseObject, error) {
	out, err := s.Panel.GetPanel(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetPanel200JSONResponse(out), nil
}

func (s *server) ListPlanIntervals(ctx context.Context, _ contract.ListPlanIntervalsRequestObject) (contract.ListPlanIntervalsResponseObject, error) {
	out, err := s.Panel.ListPlanIntervals(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListPlanIntervals200JSONResponse(out), nil
}

func (s *server) SetPlanInterval(ctx context.Context, in contract.SetPlanIntervalRequestObject) (contract.SetPlanIntervalResponseObject, error) {
	out, err := s.Panel.SetPlanInterval(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SetPlanInterval200JSONResponse(out), nil
}

func (s *server) GetFamilyCare(ctx context.Context, in contract.GetFamilyCareRequestObject) (contract.GetFamilyCareResponseObject, error) {
	out, err := s.Panel.GetFamilyCare(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetFamilyCare200JSONResponse(out), nil
}

func (s *server) SetRiskMark(ctx context.Context, in contract.SetRiskMarkRequestObject) (contract.SetRiskMarkResponseObject, error) {
	out, err := s.Panel.SetRiskMark(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SetRiskMark200JSONResponse(out), nil
}

func (s *server) AddCarePlan(ctx context.Context, in contract.AddCarePlanRequestObject) (contract.AddCarePlanResponseObject, error) {
	out, err := s.Panel.AddCarePlan(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.AddCarePlan201JSONResponse(out), nil
}

func (s *server) UpdateCarePlan(ctx context.Context, in contract.UpdateCarePlanRequestObject) (contract.UpdateCarePlanResponseObject, error) {
	out, err := s.Panel.UpdateCarePlan(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.UpdateCarePlan200JSONResponse(out), nil
}

func (s *server) NoteContact(ctx context.Context, in contract.NoteContactRequestObject) (contract.NoteContactResponseObject, error) {
	out, err := s.Panel.NoteContact(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.NoteContact201JSONResponse(out), nil
}

func (s *server) ListRecalls(ctx context.Context, _ contract.ListRecallsRequestObject) (contract.ListRecallsResponseObject, error) {
	out, err := s.Panel.ListRecalls(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListRecalls200JSONResponse(out), nil
}

func (s *server) CreateRecall(ctx context.Context, in contract.CreateRecallRequestObject) (contract.CreateRecallResponseObject, error) {
	out, err := s.Panel.CreateRecall(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateRecall201JSONResponse(out), nil
}

func (s *server) GetRecall(ctx context.Context, in contract.GetRecallRequestObject) (contract.GetRecallResponseObject, error) {
	out, err := s.Panel.GetRecall(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetRecall200JSONResponse(out), nil
}

func (s *server) NoteCall(ctx context.Context, in contract.NoteCallRequestObject) (contract.NoteCallResponseObject, error) {
	out, err := s.Panel.NoteCall(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.NoteCall200JSONResponse(out), nil
}

func (s *server) ListCoverageRows(ctx context.Context, in contract.ListCoverageRowsRequestObject) (contract.ListCoverageRowsResponseObject, error) {
	out, err := s.Goals.ListCoverageRows(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListCoverageRows200JSONResponse(out), nil
}
