package consult_test

import (
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

func TestQueueSince(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 10, 9, minute, 0, 0, time.UTC) }
	never := time.Unix(0, 0)
	for name, c := range map[string]struct{ asked, received, heard, want time.Time }{
		"its own time":                    {at(20), at(40), never, at(20)},
		"no more than half an hour back":  {at(0), at(59), never, at(29)},
		"exactly half an hour":            {at(10), at(40), never, at(10)},
		"not before something else":       {at(20), at(40), at(33), at(33)},
		"something else long ago":         {at(20), at(40), at(5), at(20)},
		"not in the future":               {at(50), at(40), never, at(40)},
		"something else in the same step": {at(20), at(40), at(41), at(40)},
	} {
		if got := consult.QueueSince(c.asked, c.received, c.heard); !got.Equal(c.want) {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}
