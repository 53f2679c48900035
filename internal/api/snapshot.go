package api

import (
	"context"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func (s *server) GetSnapshot(ctx context.Context, _ contract.GetSnapshotRequestObject) (contract.GetSnapshotResponseObject, error) {
	out, err := s.Care.GetSnapshot(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return contract.GetSnapshot200JSONResponse(out), nil
}
