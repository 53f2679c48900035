package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) Unmask(ctx context.Context, in contract.UnmaskRequestObject) (contract.UnmaskResponseObject, error) {
	out, err := s.Care.Unmask(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.Unmask200JSONResponse(out), nil
}

func (s *server) ListAccesses(ctx context.Context, in contract.ListAccessesRequestObject) (contract.ListAccessesResponseObject, error) {
	out, err := s.Care.ListAccesses(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListAccesses200JSONResponse(out), nil
}

func (s *server) ListBreakGlass(ctx context.Context, _ contract.ListBreakGlassRequestObject) (contract.ListBreakGlassResponseObject, error) {
	out, err := s.Care.ListBreakGlass(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.ListBreakGlass200JSONResponse(out), nil
}

func (s *server) OpenBreakGlass(ctx context.Context, in contract.OpenBreakGlassRequestObject) (contract.OpenBreakGlassResponseObject, error) {
	out, err := s.Care.OpenBreakGlass(ctx, actor(ctx), in.Params.IdempotencyKey, *in.Body)
	if err != nil {
		return nil, err
	}
	return contract.OpenBreakGlass201JSONResponse(out), nil
}

func (s *server) GetBreakGlass(ctx context.Context, in contract.GetBreakGlassRequestObject) (contract.GetBreakGlassResponseObject, error) {
	out, err := s.Care.GetBreakGlass(ctx, actor(ctx), in.Id)
	if err != nil {
		return nil, err
	}
	return contract.GetBreakGlass200JSONResponse(out), nil
}

func (s *server) ReviewBreakGlass(ctx context.Context, in contract.ReviewBreakGlassRequestObject) (contract.ReviewBreakGlassResponseObject, error) {
	if err := s.Care.ReviewBreakGlass(ctx, actor(ctx), in.Params.IdempotencyKey, in.Id, *in.Body); err != nil {
		return nil, err
	}
	return contract.ReviewBreakGlass204Response{}, nil
}

func (s *server) ListAudit(ctx context.Context, in contract.ListAuditRequestObject) (contract.ListAuditResponseObject, error) {
	page, err := s.Care.ListAudit(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ListAudit200JSONResponse(page), nil
}

func (s *server) ExportAudit(ctx context.Context, in contract.ExportAuditRequestObject) (contract.ExportAuditResponseObject, error) {
	text, err := s.Care.ExportAudit(ctx, actor(ctx), in.Params)
	if err != nil {
		return nil, err
	}
	return contract.ExportAudit200TextcsvResponse{Body: bytes.NewReader(text), ContentLength: int64(len(text))}, nil
}

func (s *server) GetCheckpoint(ctx context.Context, _ contract.GetCheckpointRequestObject) (contract.GetCheckpointResponseObject, error) {
	made, err := s.Checkpoint(ctx)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	raw, err := json.Marshal(made)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	var out contract.Checkpoint
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return contract.GetCheckpoint200JSONResponse(out), nil
}

// ExportResident streams: what goes wrong after the first byte ends the connection, so that the file is seen to be incomplete.
func (s *server) ExportResident(ctx context.Context, in contract.ExportResidentRequestObject) (contract.ExportResidentResponseObject, error) {
	export, err := s.Care.ExportResident(ctx, actor(ctx), in.Id, *in.Body)
	if err != nil {
		return nil, err
	}
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(export(context.WithoutCancel(ctx), writer)) }()
	name := `attachment; filename="resident-` + in.Id.String() + `.zip"`
	return contract.ExportResident200ApplicationzipResponse{Body: reader, Headers: contract.ExportResident200ResponseHeaders{ContentDisposition: &name}}, nil
}

func (s *server) AskVerification(ctx context.Context, in contract.AskVerificationRequestObject) (contract.AskVerificationResponseObject, error) {
	if err := s.Care.AskVerification(ctx, actor(ctx), in.Params.IdempotencyKey); err != nil {
		return nil, err
	}
	return contract.AskVerification204Response{}, nil
}
