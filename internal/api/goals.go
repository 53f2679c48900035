package api

import (
	"context"
	"net/url"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListGoalScopes(ctx context.Context, _ contract.ListGoalScopesRequestObject) (contract.ListGoalScopesResponseObject, error) {
	out, err := s.Goals.ListGoalScopes(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListGoalScopes200JSONResponse(out), nil
}

func (s *server) GetGoalDashboard(ctx context.Context, in contract.GetGoalDashboardRequestObject) (contract.GetGoalDashboardResponseObject, error) {
	out, err := s.Goals.GetGoalDashboard(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetGoalDashboard200JSONResponse(out), nil
}

func (s *server) ListGoalFacts(ctx context.Context, in contract.ListGoalFactsRequestObject) (contract.ListGoalFactsResponseObject, error) {
	out, err := s.Goals.ListGoalFacts(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListGoalFacts200JSONResponse(out), nil
}

func (s *server) ListGoalRows(ctx context.Context, in contract.ListGoalRowsRequestObject) (contract.ListGoalRowsResponseObject, error) {
	out, err := s.Goals.ListGoalRows(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListGoalRows200JSONResponse(out), nil
}

func (s *server) ListGoalSnapshots(ctx context.Context, in contract.ListGoalSnapshotsRequestObject) (contract.ListGoalSnapshotsResponseObject, error) {
	out, err := s.Goals.ListGoalSnapshots(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListGoalSnapshots200JSONResponse(out), nil
}

func (s *server) CreateGoalSnapshot(ctx context.Context, in contract.CreateGoalSnapshotRequestObject) (contract.CreateGoalSnapshotResponseObject, error) {
	out, err := s.Goals.CreateGoalSnapshot(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateGoalSnapshot201JSONResponse(out), nil
}

func (s *server) GetGoalSnapshot(ctx context.Context, in contract.GetGoalSnapshotRequestObject) (contract.GetGoalSnapshotResponseObject, error) {
	out, err := s.Goals.GetGoalSnapshot(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetGoalSnapshot200JSONResponse(out), nil
}

func (s *server) LockGoalSnapshot(ctx context.Context, in contract.LockGoalSnapshotRequestObject) (contract.LockGoalSnapshotResponseObject, error) {
	out, err := s.Goals.LockGoalSnapshot(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.LockGoalSnapshot200JSONResponse(out), nil
}

func (s *server) SignGoalSnapshot(ctx context.Context, in contract.SignGoalSnapshotRequestObject) (contract.SignGoalSnapshotResponseObject, error) {
	out, err := s.Goals.SignGoalSnapshot(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id)
	if err != nil {
		return nil, err
	}
	return contract.SignGoalSnapshot200JSONResponse(out), nil
}

func (s *server) FileGoalSnapshot(ctx context.Context, in contract.FileGoalSnapshotRequestObject) (contract.FileGoalSnapshotResponseObject, error) {
	out, err := s.Goals.FileGoalSnapshot(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.FileGoalSnapshot200JSONResponse(out), nil
}

func (s *server) VerifyGoalSnapshot(ctx context.Context, in contract.VerifyGoalSnapshotRequestObject) (contract.VerifyGoalSnapshotResponseObject, error) {
	out, err := s.Goals.VerifyGoalSnapshot(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.VerifyGoalSnapshot200JSONResponse(out), nil
}

func (s *server) ListCampaignTasks(ctx context.Context, in contract.ListCampaignTasksRequestObject) (contract.ListCampaignTasksResponseObject, error) {
	out, err := s.Goals.ListCampaignTasks(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListCampaignTasks200JSONResponse(out), nil
}

func (s *server) ReportCampaignTask(ctx context.Context, in contract.ReportCampaignTaskRequestObject) (contract.ReportCampaignTaskResponseObject, error) {
	out, err := s.Goals.ReportCampaignTask(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ReportCampaignTask200JSONResponse(out), nil
}

func (s *server) GetSelfCheck(ctx context.Context, in contract.GetSelfCheckRequestObject) (contract.GetSelfCheckResponseObject, error) {
	out, err := s.Goals.GetSelfCheck(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetSelfCheck200JSONResponse(out), nil
}

func (s *server) SaveSelfCheckItem(ctx context.Context, in contract.SaveSelfCheckItemRequestObject) (contract.SaveSelfCheckItemResponseObject, error) {
	out, err := s.Goals.SaveSelfCheckItem(ctx, actor(ctx), *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.SaveSelfCheckItem200JSONResponse(out), nil
}

func (s *server) ListRectifications(ctx context.Context, in contract.ListRectificationsRequestObject) (contract.ListRectificationsResponseObject, error) {
	out, err := s.Goals.ListRectifications(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListRectifications200JSONResponse(out), nil
}

func (s *server) CreateRectification(ctx context.Context, in contract.CreateRectificationRequestObject) (contract.CreateRectificationResponseObject, error) {
	out, err := s.Goals.CreateRectification(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.CreateRectification201JSONResponse(out), nil
}

func (s *server) UpdateRectification(ctx context.Context, in contract.UpdateRectificationRequestObject) (contract.UpdateRectificationResponseObject, error) {
	out, err := s.Goals.UpdateRectification(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.UpdateRectification200JSONResponse(out), nil
}

func (s *server) VerifyRectification(ctx context.Context, in contract.VerifyRectificationRequestObject) (contract.VerifyRectificationResponseObject, error) {
	out, err := s.Goals.VerifyRectification(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.VerifyRectification200JSONResponse(out), nil
}

func (s *server) ListSamples(ctx context.Context, in contract.ListSamplesRequestObject) (contract.ListSamplesResponseObject, error) {
	out, err := s.Goals.ListSamples(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListSamples200JSONResponse(out), nil
}

func (s *server) DrawSample(ctx context.Context, in contract.DrawSampleRequestObject) (contract.DrawSampleResponseObject, error) {
	out, err := s.Goals.DrawSample(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.DrawSample201JSONResponse(out), nil
}

func (s *server) GetSample(ctx context.Context, in contract.GetSampleRequestObject) (contract.GetSampleResponseObject, error) {
	out, err := s.Goals.GetSample(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetSample200JSONResponse(out), nil
}

func (s *server) ScoreSample(ctx context.Context, in contract.ScoreSampleRequestObject) (contract.ScoreSampleResponseObject, error) {
	out, err := s.Goals.ScoreSample(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ScoreSample200JSONResponse(out), nil
}

func (s *server) ListExports(ctx context.Context, _ contract.ListExportsRequestObject) (contract.ListExportsResponseObject, error) {
	out, err := s.Goals.ListExports(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListExports200JSONResponse(out), nil
}

func (s *server) RequestExport(ctx context.Context, in contract.RequestExportRequestObject) (contract.RequestExportResponseObject, error) {
	out, err := s.Goals.RequestExport(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.RequestExport201JSONResponse(out), nil
}

func (s *server) ListExportSheets(ctx context.Context, _ contract.ListExportSheetsRequestObject) (contract.ListExportSheetsResponseObject, error) {
	out, err := s.Goals.ListExportSheets(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListExportSheets200JSONResponse(out), nil
}

func (s *server) CancelExport(ctx context.Context, in contract.CancelExportRequestObject) (contract.CancelExportResponseObject, error) {
	out, err := s.Goals.CancelExport(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.CancelExport200JSONResponse(out), nil
}

func (s *server) GetExportFile(ctx context.Context, in contract.GetExportFileRequestObject) (contract.GetExportFileResponseObject, error) {
	name, content, size, err := s.Goals.GetExportFile(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	disposition, sandbox := "attachment; filename*=UTF-8''"+url.PathEscape(name), "default-src 'none'; sandbox"
	return contract.GetExportFile200ApplicationoctetStreamResponse{Body: content, ContentLength: size,
		Headers: contract.GetExportFile200ResponseHeaders{ContentDisposition: &disposition, ContentSecurityPolicy: &sandbox}}, nil
}

func (s *server) ImportNumbers(ctx context.Context, in contract.ImportNumbersRequestObject) (contract.ImportNumbersResponseObject, error) {
	out, err := s.Goals.ImportNumbers(ctx, actor(ctx), in.Params.IdempotencyKey, in.Params, in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ImportNumbers200JSONResponse(out), nil
}

func (s *server) ListGoalTodo(ctx context.Context, _ contract.ListGoalTodoRequestObject) (contract.ListGoalTodoResponseObject, error) {
	out, err := s.Goals.ListGoalTodo(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListGoalTodo200JSONResponse(out), nil
}

func (s *server) GetRectification(ctx context.Context, in contract.GetRectificationRequestObject) (contract.GetRectificationResponseObject, error) {
	out, err := s.Goals.GetRectification(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetRectification200JSONResponse(out), nil
}

func (s *server) ConcludeSample(ctx context.Context, in contract.ConcludeSampleRequestObject) (contract.ConcludeSampleResponseObject, error) {
	out, err := s.Goals.ConcludeSample(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ConcludeSample200JSONResponse(out), nil
}

func (s *server) ListImports(ctx context.Context, _ contract.ListImportsRequestObject) (contract.ListImportsResponseObject, error) {
	out, err := s.Goals.ListImports(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListImports200JSONResponse(out), nil
}

func (s *server) GetImportTemplate(ctx context.Context, in contract.GetImportTemplateRequestObject) (contract.GetImportTemplateResponseObject, error) {
	name, content, size, err := s.Goals.GetImportTemplate(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	disposition := "attachment; filename*=UTF-8''" + url.PathEscape(name)
	return contract.GetImportTemplate200ApplicationoctetStreamResponse{Body: content, ContentLength: size,
		Headers: contract.GetImportTemplate200ResponseHeaders{ContentDisposition: &disposition}}, nil
}
