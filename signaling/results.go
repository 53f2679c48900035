package signaling

import "github.com/google/uuid"

// results remembers what a socket's commands came to, so that a repeated id is answered and not carried out. It belongs to
// its socket and is used under socket.mu. The zero value is ready.
type results struct {
	byID  map[uuid.UUID]*outcome
	order []uuid.UUID // finished ones, oldest first
	bytes int
}

// outcome is a command that runs or has run.
type outcome struct {
	hash  uint64 // of the whole frame
	again int    // repetitions that wait for the first to finish
	tail  []byte // of the result frame; nil while it runs
}

// verdict says what to do with a command.
type verdict uint8

const (
	carryOut verdict = iota
	answered         // the same command has been answered: send that again
	running          // the same command runs: its result will be sent once more
	reused           // the id was used for something else
)

// begin notes that a command has come.
func (r *results) begin(id uuid.UUID, hash uint64) (verdict, []byte) {
	if o, ok := r.byID[id]; ok {
		switch {
		case o.hash != hash:
			return reused, nil
		case o.tail == nil:
			o.again++
			return running, nil
		default:
			return answered, o.tail
		}
	}
	if r.byID == nil {
		r.byID = map[uuid.UUID]*outcome{}
	}
	r.byID[id] = &outcome{hash: hash}
	return carryOut, nil
}

// finish keeps the result and says how many times to send it. The oldest results are forgotten beyond the limits.
func (r *results) finish(id uuid.UUID, tail []byte) int {
	o := r.byID[id]
	o.tail = tail
	r.order = append(r.order, id)
	r.bytes += len(tail)
	for len(r.order) > maxRemembered || (r.bytes > maxRememberedBytes && len(r.order) > 1) {
		oldest := r.order[0]
		r.order = r.order[1:]
		r.bytes -= len(r.byID[oldest].tail)
		delete(r.byID, oldest)
	}
	return 1 + o.again
}
