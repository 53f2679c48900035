package signaling

import "sync"

// backlog keeps the newest rows of each stream in memory, because those are what a page missed that lost its socket just
// now: when a node dies, its thousands of pages come at once and cost the database no reading.
type backlog struct {
	mu   sync.RWMutex
	rows [len(positions{})][]Published // each without a gap
}

// add takes the next row of its stream. After a gap it begins anew.
func (b *backlog) add(row Published) {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.rows[row.Shard]
	if n := len(list); n > 0 && list[n-1].Seq+1 != row.Seq {
		list = nil
	}
	if len(list) >= 2*backlogRows { // trimmed seldom, so that adding costs nothing
		list = append(make([]Published, 0, 2*backlogRows), list[len(list)-backlogRows:]...)
	}
	b.rows[row.Shard] = append(list, row)
}

// forget drops a stream whose numbers no longer mean the same.
func (b *backlog) forget(shard int16) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows[shard] = nil
}

// between gives the rows after a number up to another, if they are all there. The result is not to be changed.
func (b *backlog) between(shard int, after, upTo int64) ([]Published, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	list := b.rows[shard]
	if len(list) == 0 {
		return nil, false
	}
	first, last := list[0].Seq, list[len(list)-1].Seq
	if after+1 < first || upTo > last {
		return nil, false
	}
	return list[after+1-first : upTo+1-first : upTo+1-first], true
}
