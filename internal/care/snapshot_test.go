package care_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// Everybody gets the lists of the roles held, and positions that are those of the outbox before the lists were read.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	before := must(w.Care.GetSnapshot(ctx, w.Wang))(t)
	offered := w.Offered(w.Nurse, w.Resident)
	heads := must(w.Store.Q().OutboxHeads(ctx))(t)

	desk := w.Wang
	desk.Memberships = []identity.Membership{{Role: care.RoleDispatcher, OrganisationID: w.Wang.Memberships[0].OrganisationID}}
	nobody := identity.Actor{UserID: uuid.New()}
	for name, x := range map[string]struct {
		who                          identity.Actor
		worklist, queue, duty, board bool
	}{
		"nurse": {who: w.Nurse, worklist: true, duty: true}, "doctor": {who: w.Wang, worklist: true, queue: true},
		"dispatcher": {who: desk, board: true}, "without a role": {who: nobody},
	} {
		s := must(w.Care.GetSnapshot(ctx, x.who))(t)
		is(t, name+": worklist", s.Worklist != nil, x.worklist)
		is(t, name+": queue", s.Queue != nil, x.queue)
		is(t, name+": duty", s.Duty != nil, x.duty)
		is(t, name+": board", s.Board != nil, x.board)
		is(t, name+": streams", len(s.Positions), store.Shards)
		for _, h := range heads {
			is(t, name+": position", s.Positions[h.Shard], h.Last)
		}
	}
	moved := false
	for k, n := range must(w.Care.GetSnapshot(ctx, w.Nurse))(t).Positions {
		moved = moved || n > before.Positions[k]
	}
	if !moved {
		t.Error("a request was offered and no stream has moved")
	}
	if q := must(w.Care.GetSnapshot(ctx, w.Wang))(t).Queue; len(q.Waiting) != 1 || q.Waiting[0].Id != offered.Id {
		t.Errorf("queue %+v", q)
	}
}
