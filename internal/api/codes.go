package api

import (
	"bytes"
	"context"
	"net/url"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) ListCodeTables(ctx context.Context, _ contract.ListCodeTablesRequestObject) (contract.ListCodeTablesResponseObject, error) {
	out, err := s.Care.ListCodeTables(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListCodeTables200JSONResponse(out), nil
}

func (s *server) GetCodeTable(ctx context.Context, in contract.GetCodeTableRequestObject) (contract.GetCodeTableResponseObject, error) {
	out, err := s.Care.GetCodeTable(ctx, actor(ctx), in.Kind, in.Params)
	if err != nil {
		return nil, err
	}
	return contract.GetCodeTable200JSONResponse(out), nil
}

func (s *server) ReplaceCodeTable(ctx context.Context, in contract.ReplaceCodeTableRequestObject) (contract.ReplaceCodeTableResponseObject, error) {
	out, err := s.Care.ReplaceCodeTable(ctx, actor(ctx), in.Params.IdempotencyKey, in.Kind, in.Params, in.Body)
	if err != nil {
		return nil, err
	}
	return contract.ReplaceCodeTable200JSONResponse(out), nil
}

func (s *server) GetCodeTableFile(ctx context.Context, in contract.GetCodeTableFileRequestObject) (contract.GetCodeTableFileResponseObject, error) {
	name, content, err := s.Care.GetCodeTableFile(ctx, actor(ctx), in.Kind, in.Params.Version)
	if err != nil {
		return nil, err
	}
	disposition := "attachment; filename*=UTF-8''" + url.PathEscape(name)
	return contract.GetCodeTableFile200TextcsvResponse{Body: bytes.NewReader(content), ContentLength: int64(len(content)),
		Headers: contract.GetCodeTableFile200ResponseHeaders{ContentDisposition: &disposition}}, nil
}
