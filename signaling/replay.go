package signaling

import (
	"context"
	"errors"
	"fmt"
)

// errGap says that what a client missed cannot be told exactly.
var errGap = errors.New("signaling: missed events are not all there")

// missed gives the events between the positions that a client knows and those at which its socket began to hear: everything
// that is for the person by the memberships in force now, in the order of each stream. It is errGap when rows are no longer
// there, when there are too many, and when the client knows of rows that do not exist.
func (h *Hub) missed(ctx context.Context, w *who, known, upTo positions) ([]frame, error) {
	var rows int64
	ahead := false
	for k := range known {
		rows += max(upTo[k]-known[k], 0)
		ahead = ahead || known[k] > upTo[k]
	}
	if rows > maxReplayRows {
		return nil, errGap
	}
	if ahead { // this node has not read yet what another one has told, or the database was restored
		heads, err := h.Outbox.Heads(ctx)
		if err != nil {
			return nil, fmt.Errorf("heads of the outbox: %w", err)
		}
		for k := range known {
			if known[k] > upTo[k] && known[k] > heads[int16(k)] {
				return nil, errGap
			}
		}
	}
	var frames []frame
	size := 0
	for k := range known {
		err := h.rows(ctx, k, known[k], upTo[k], func(row Published) error {
			if row.Err != nil || !w.hears(row.Envelope.To) {
				return nil
			}
			f, err := rowFrame(row)
			if err != nil {
				return err
			}
			if size += f.size(); size > maxReplayBytes {
				return errGap
			}
			frames = append(frames, f)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return frames, nil
}

// rows passes over the rows of a stream after a number up to another, from memory or else from the outbox.
func (h *Hub) rows(ctx context.Context, shard int, after, upTo int64, each func(Published) error) error {
	if upTo <= after {
		return nil
	}
	if list, ok := h.backlog.between(shard, after, upTo); ok {
		for _, row := range list {
			if err := each(row); err != nil {
				return err
			}
		}
		return nil
	}
	for after < upTo {
		list, err := h.Outbox.Read(ctx, int16(shard), after, int(min(upTo-after, outboxBatch)))
		if err != nil {
			return fmt.Errorf("read the outbox: %w", err)
		}
		if len(list) == 0 {
			return errGap
		}
		for _, row := range list {
			if row.Seq != after+1 {
				return errGap
			}
			after = row.Seq
			if err := each(row); err != nil {
				return err
			}
		}
	}
	return nil
}
