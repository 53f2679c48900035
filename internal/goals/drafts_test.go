package goals_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// Two people of an institution who begin the same return at the same moment work on one draft.
func TestOneDraftForAll(t *testing.T) {
	w := newTown(t)
	type begun struct {
		id  uuid.UUID
		err error
	}
	const people = 6
	ready, all := make(chan struct{}), make(chan begun, people)
	for range people {
		go func() {
			<-ready
			v, err := w.goals.CreateGoalSnapshot(t.Context(), w.HomeAdmin, uuid.New(), contract.GoalSnapshotInput{Kind: "M", Day: date("2026-02-01")})
			all <- begun{v.Id, err}
		}()
	}
	close(ready)
	drafts := map[uuid.UUID]bool{}
	for range people {
		one := <-all
		if one.err != nil {
			t.Error(one.err)
		}
		drafts[one.id] = true
	}
	if len(drafts) != 1 {
		t.Errorf("%d drafts", len(drafts))
	}
}
