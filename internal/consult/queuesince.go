package consult

import "time"

// MostQueuedBack is how far back a request that was made without network counts in the queue: the project's own choice. Longer ago,
// somebody else would have been called by telephone.
const MostQueuedBack = 30 * time.Minute

// QueueSince is from when a request counts in the queue that was made on a device without network. The device's word is taken only
// within bounds, so that nobody gets ahead of others by it: not in the future, not more than MostQueuedBack before the server received
// it, and not before the server last heard of something else about the resident, because the network was there then.
func QueueSince(asked, received, lastHeard time.Time) time.Time {
	since := asked
	if earliest := received.Add(-MostQueuedBack); since.Before(earliest) {
		since = earliest
	}
	if since.Before(lastHeard) {
		since = lastHeard
	}
	if since.After(received) {
		since = received
	}
	return since
}
