package notify

import (
	"math/rand/v2"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// When messages are sent: this project's own choice of numbers, in one place.

// firstDelay is how long after the fact a channel is used. A page that rings needs no SMS beside it; the dearer and the more
// intrusive a channel, the longer a request has to have waited. CRITICAL goes everywhere at once.
// What comes back to the bedside leaves the tablet the time to show it: an opened page ends the message before it is sent.
func firstDelay(e Event, channel string, u consult.Urgency) time.Duration {
	if e == Returned || e == Terminated {
		return unseenFor
	}
	if e != Ring || channel == Push {
		return 0
	}
	switch u {
	case consult.Critical:
		return 0
	case consult.Emergent:
		return 20 * time.Second
	case consult.Urgent:
		return 5 * time.Minute
	}
	return time.Hour
}

// unseenFor is how long something stands unseen on the tablet before somebody is told elsewhere.
const unseenFor = 20 * time.Second

// repeatAfter is the distance from one message of a series to the next: it doubles with each round, up to eight times the
// first.
func repeatAfter(u consult.Urgency, round int32) time.Duration {
	first := time.Hour
	switch u {
	case consult.Critical:
		first = time.Minute
	case consult.Emergent:
		first = 2 * time.Minute
	case consult.Urgent:
		first = 10 * time.Minute
	}
	return first << min(max(round, 0), 3)
}

const (
	maxAttempts   = 8
	longestPause  = time.Hour // that a provider may ask for
	firstRetry    = 2 * time.Second
	longestRetry  = 10 * time.Minute
	urgentLongest = 30 * time.Second // between attempts for CRITICAL and EMERGENT
)

// retryAfter is the pause after an attempt that failed (1: the first): doubling, with up to a quarter more by chance.
func retryAfter(u consult.Urgency, attempt int32) time.Duration {
	d := min(firstRetry<<min(max(attempt-1, 0), 12), longestRetry)
	if pressing(u) {
		d = min(d, urgentLongest)
	}
	return d + rand.N(d/4+1)
}

// pressing says that quiet hours of people on duty give way.
func pressing(u consult.Urgency) bool { return u == consult.Critical || u == consult.Emergent }

// quietHours are minutes of the day in Asia/Shanghai, over midnight when from is later than to. Equal ends, and no ends, are
// no quiet hours.
type quietHours struct{ from, to *int16 }

// after gives the first instant at or after t at which the person may be disturbed.
func (h quietHours) after(t time.Time) time.Time {
	if h.from == nil || h.to == nil || *h.from == *h.to {
		return t
	}
	from, to := int(*h.from), int(*h.to)
	local := t.In(consult.Shanghai())
	minute := local.Hour()*60 + local.Minute()
	quiet := minute >= from && minute < to
	if from > to {
		quiet = minute >= from || minute < to
	}
	if !quiet {
		return t
	}
	end := time.Date(local.Year(), local.Month(), local.Day(), 0, to, 0, 0, local.Location())
	if !end.After(t) {
		end = time.Date(local.Year(), local.Month(), local.Day()+1, 0, to, 0, 0, local.Location())
	}
	return end.UTC()
}

// pushLife is for how long a push service keeps a message for a browser that is not there.
func pushLife(e Event, u consult.Urgency, round int32) time.Duration {
	if e.repeats() {
		return repeatAfter(u, round)
	}
	return 12 * time.Hour
}
