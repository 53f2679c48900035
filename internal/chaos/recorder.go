package chaos

import (
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
)

// recorder keeps the history of a round and writes it out as JSON lines.
type recorder struct {
	mu     sync.Mutex
	events []check.Event
	n      int64
	out    *json.Encoder
}

// newRecorder writes to out as well, which may be nil.
func newRecorder(out io.Writer) *recorder {
	r := &recorder{}
	if out != nil {
		r.out = json.NewEncoder(out)
	}
	return r
}

// add records an event; one without a time happened now.
func (r *recorder) add(e check.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	e.N = r.n
	if e.At.IsZero() {
		e.At = time.Now()
	}
	r.events = append(r.events, e)
	if r.out != nil {
		_ = r.out.Encode(e) // a full disk must not end the run; the verdict needs memory only
	}
}

// history gives what was recorded since the last take and forgets it.
func (r *recorder) history() []check.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

func (r *recorder) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = nil
}
