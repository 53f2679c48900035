package care

import (
	"context"
	"fmt"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// GetSnapshot gives what a page shows of the moment in one answer. The positions of the event streams are read first: what
// committed before them is in the lists, and what committed since is told by the socket, so that both together have no hole.
func (s *Service) GetSnapshot(ctx context.Context, a identity.Actor) (contract.Snapshot, error) {
	q := s.st.Q()
	heads, err := q.OutboxHeads(ctx)
	if err != nil {
		return contract.Snapshot{}, fmt.Errorf("positions: %w", err)
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.Snapshot{}, err
	}
	out := contract.Snapshot{ServerTime: now, Positions: make([]int64, store.Shards)}
	for _, h := range heads {
		out.Positions[h.Shard] = h.Last
	}
	if a.Has(RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant) {
		list, err := s.GetWorklist(ctx, a)
		if err != nil {
			return contract.Snapshot{}, err
		}
		out.Worklist = &list
	}
	if a.Has(RoleConsultant) {
		list, err := s.GetQueue(ctx, a)
		if err != nil {
			return contract.Snapshot{}, err
		}
		out.Queue = &list
	}
	if a.Has(bedsideRoles()...) {
		strip, err := s.GetDuty(ctx, a)
		if err != nil {
			return contract.Snapshot{}, err
		}
		out.Duty = &strip
	}
	if a.Has(RoleDispatcher) {
		board, err := s.GetBoard(ctx, a)
		if err != nil {
			return contract.Snapshot{}, err
		}
		out.Board = &board
	}
	return out, nil
}
