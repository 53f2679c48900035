package cluster

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Lease says who carries a call. Node.Term 0 is nobody.
type Lease struct {
	Call uuid.UUID
	Node Node
	// Term rises each time that the call changes hands.
	Term int64
	// Mine: this life has it. Alive: the life that has it goes on; not by a clock but because nobody has buried it.
	Mine, Alive bool
}

// Take gives the call to this node when nobody has it, or it has it already, and says who has it then. A draining node gets
// no new one.
func (c *Cluster) Take(ctx context.Context, call uuid.UUID) (Lease, error) {
	self := c.Self()
	q := c.Store.Q()
	term, err := q.TakeLease(ctx, db.TakeLeaseParams{CallID: call, NodeTerm: self.Term})
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.self.Term != self.Term { // this life ended meanwhile, and the lease with it
			return Lease{Call: call, Node: self, Term: term}, nil
		}
		c.held[call] = term
		return Lease{Call: call, Node: c.self, Term: term, Mine: true, Alive: true}, nil
	}
	if !store.IsNone(err) {
		return Lease{}, fmt.Errorf("take the call's lease: %w", err)
	}
	return c.Holder(ctx, call)
}

// Holder says who carries a call.
func (c *Cluster) Holder(ctx context.Context, call uuid.UUID) (Lease, error) {
	row, err := c.Store.Q().LeaseOf(ctx, call)
	if store.IsNone(err) {
		return Lease{Call: call}, nil
	}
	if err != nil {
		return Lease{}, fmt.Errorf("the call's lease: %w", err)
	}
	l := Lease{Call: call, Node: Node{Name: row.Node, Term: row.NodeTerm, Draining: row.Draining}, Term: row.Term, Alive: row.Alive}
	l.Mine = l.Alive && l.Node.Term == c.Self().Term
	return l, nil
}

// Held gives the fencing tokens of a call that this life has taken, as far as it knows. The database has the last word.
func (c *Cluster) Held(call uuid.UUID) (nodeTerm, leaseTerm int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	leaseTerm, ok = c.held[call]
	return c.self.Term, leaseTerm, ok
}

// Leases lists the calls that this life has taken, as far as it knows.
func (c *Cluster) Leases() []uuid.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.SortedFunc(maps.Keys(c.held), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
}

// Gone forgets a call that this node has given up.
func (c *Cluster) Gone(call uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, call)
}

// OwnLeases asks the database which calls this life has.
func (c *Cluster) OwnLeases(ctx context.Context) ([]uuid.UUID, error) {
	rows, err := c.Store.Q().LeasesOfNode(ctx, c.Self().Term)
	if err != nil {
		return nil, fmt.Errorf("own leases: %w", err)
	}
	list := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		list[i] = r.CallID
	}
	return list, nil
}

// refresh forgets those of some calls that are not in the database any more.
func (c *Cluster) refresh(ctx context.Context, calls []uuid.UUID) error {
	kept, err := c.OwnLeases(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, call := range calls {
		if !slices.Contains(kept, call) {
			delete(c.held, call)
		}
	}
	return nil
}
