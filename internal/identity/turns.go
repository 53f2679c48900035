package identity

import (
	"context"
	"sync"

	"github.com/google/uuid"
)

// turns lets one attempt on an account run at a time; accounts do not wait for one another. The zero value works.
type turns struct {
	mu   sync.Mutex
	open map[uuid.UUID]*turn
}

type turn struct {
	place chan struct{}
	users int // that hold or wait
}

// take waits for the account's turn; the caller calls done.
func (t *turns) take(ctx context.Context, account uuid.UUID) (done func(), err error) {
	t.mu.Lock()
	if t.open == nil {
		t.open = map[uuid.UUID]*turn{}
	}
	one := t.open[account]
	if one == nil {
		one = &turn{place: make(chan struct{}, 1)}
		t.open[account] = one
	}
	one.users++
	t.mu.Unlock()

	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if one.users--; one.users == 0 {
			delete(t.open, account)
		}
	}
	select {
	case one.place <- struct{}{}:
		return func() { <-one.place; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
