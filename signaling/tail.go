package signaling

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Run follows the outbox and keeps presence until ctx ends. Sockets get their welcome once it follows.
func (h *Hub) Run(ctx context.Context) error {
	wake := make(chan struct{}, 1)
	var work sync.WaitGroup
	work.Go(func() { h.listen(ctx, wake) })
	work.Go(func() { h.tail(ctx, wake) })
	work.Go(func() { h.attend(ctx) })
	work.Wait()
	return nil
}

// listen keeps a listening connection. Without one the tail goes on by polling.
func (h *Hub) listen(ctx context.Context, wake chan<- struct{}) {
	var again backoff
	for ctx.Err() == nil {
		err := h.Outbox.Listen(ctx, func() {
			again.reset()
			select {
			case wake <- struct{}{}:
			default: // one is enough
			}
		})
		if ctx.Err() != nil {
			return
		}
		h.Logger.WarnContext(ctx, "signaling: not listening for events, polling only", "error", err)
		again.wait(ctx)
	}
}

// tail reads what every shard has beyond its cursor and delivers it, in the order of the shard. It begins at the heads, and
// afterwards a cursor moves only over rows that were delivered: a database that is away for a while loses nothing.
func (h *Hub) tail(ctx context.Context, wake <-chan struct{}) {
	var again backoff
	for {
		heads, err := h.Outbox.Heads(ctx)
		if err == nil {
			h.start(heads)
			break
		}
		if ctx.Err() != nil {
			return
		}
		h.Logger.WarnContext(ctx, "signaling: outbox not read", "error", err)
		again.wait(ctx)
	}
	again.reset()
	close(h.tailing)
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-poll.C:
		}
		if err := h.catchUp(ctx); err != nil {
			if ctx.Err() != nil {
				return
			}
			h.Logger.WarnContext(ctx, "signaling: outbox not read", "error", err)
			again.wait(ctx)
			continue
		}
		again.reset()
	}
}

// catchUp delivers everything there is.
func (h *Hub) catchUp(ctx context.Context) error {
	heads, err := h.Outbox.Heads(ctx)
	if err != nil {
		return err
	}
	for shard, head := range heads {
		at := h.delivered[shard].Load()
		if head < at {
			// The database is an older one than before: nothing that pages have read can be relied on.
			h.Logger.WarnContext(ctx, "signaling: outbox went back", "shard", shard, "from", at, "to", head)
			h.lose(shard, head)
			continue
		}
		for at < head {
			rows, err := h.Outbox.Read(ctx, shard, at, outboxBatch)
			if err != nil {
				return err
			}
			if len(rows) == 0 { // pruned before it was read
				h.Logger.WarnContext(ctx, "signaling: outbox events missed", "shard", shard, "from", at, "to", head)
				h.lose(shard, head)
				break
			}
			for _, row := range rows {
				if row.Seq != at+1 {
					h.Logger.WarnContext(ctx, "signaling: outbox events missed", "shard", shard, "from", at, "to", row.Seq)
					h.lose(shard, row.Seq-1)
				}
				at = row.Seq
				h.metrics.delivered.Inc()
				h.metrics.lag.Set(h.now().Sub(row.At).Seconds())
				if row.Err != nil {
					h.Logger.ErrorContext(ctx, "signaling: outbox event not understood", "shard", shard, "seq", row.Seq, "error", row.Err)
				}
				h.deliver(row)
			}
		}
	}
	return nil
}

// backoff waits longer each time, with full jitter.
type backoff struct{ last time.Duration }

func (b *backoff) reset() { b.last = 0 }

func (b *backoff) wait(ctx context.Context) {
	b.last = min(max(b.last*2, retryFirst), retryMax)
	t := time.NewTimer(rand.N(b.last) + time.Millisecond)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
