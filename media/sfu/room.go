package sfu

import (
	"cmp"
	"slices"
	"time"
)

// room is a set of connections, at most one per participant. Everything here runs on the control loop.
type room struct {
	name  string
	epoch int64 // the highest that was seen
	peers map[string]*peer
}

func (rm *room) inOrder() []*peer {
	peers := make([]*peer, 0, len(rm.peers))
	for _, p := range rm.peers {
		peers = append(peers, p)
	}
	slices.SortFunc(peers, func(a, b *peer) int { return cmp.Compare(a.order, b.order) })
	return peers
}

// admits checks a grant against the room. A participant who is already here does not need a free place.
func (rm *room) admits(g Grant, limit int) error {
	if g.Epoch < rm.epoch {
		return ErrEpochStale
	}
	if _, here := rm.peers[g.Participant]; !here && len(rm.peers) >= limit {
		return ErrRoomFull
	}
	return nil
}

// arrange brings every subscriber's seats and slots in line with who is here. It may be called at any time and as often
// as one likes; it returns the subscribers whose slot list has changed.
func (rm *room) arrange(now time.Time) (changed []*peer) {
	order := rm.inOrder()
	for _, subscriber := range order {
		rm.arrangeSeats(subscriber, order)
		rm.arrangeSlots(subscriber, order, now)
		list := rm.slotList(subscriber)
		if !slices.Equal(list, subscriber.shown) {
			subscriber.shown = list
			changed = append(changed, subscriber)
		}
	}
	return changed
}

// arrangeSeats frees the seats of those who have gone and seats those who are up. Somebody whose connection was replaced
// keeps the seat while the new connection is made.
func (rm *room) arrangeSeats(subscriber *peer, order []*peer) {
	for i := range subscriber.seats {
		s := &subscriber.seats[i]
		if s.participant != "" && rm.peers[s.participant] == nil {
			s.last, s.participant = s.participant, ""
		}
	}
	for _, other := range order {
		if other != subscriber && other.state == peerUp {
			subscriber.take(other.participant)
		}
	}
}

// take gives the participant a seat: the one they have, the one they had, one that nobody had, any.
func (p *peer) take(participant string) {
	best, rank := -1, 0
	for i, s := range p.seats {
		r := 0
		switch {
		case s.participant == participant:
			return
		case s.participant != "":
			continue
		case s.last == participant:
			r = 3
		case s.last == "":
			r = 2
		default:
			r = 1
		}
		if r > rank {
			best, rank = i, r
		}
	}
	if best >= 0 {
		p.seats[best].participant = participant
	}
}

func (rm *room) arrangeSlots(subscriber *peer, order []*peer, now time.Time) {
	for i, s := range subscriber.seats {
		var audio, video *source
		other := rm.peers[s.participant]
		if subscriber.state == peerUp && other != nil && other.state == peerUp {
			audio, video = other.sources[kindAudio], other.sources[kindVideo]
		}
		subscriber.audioSlot(i).carry(audio)
		subscriber.videoSlot(i).carry(video)
	}
	var screen *source
	if presenter := presenter(subscriber, order, now); presenter != nil && subscriber.state == peerUp {
		screen = presenter.sources[kindScreen]
	}
	subscriber.screenSlot().carry(screen)
}

// presenter is whose screen the subscriber sees: of all others whose screen is being sent, the one who began last.
func presenter(subscriber *peer, order []*peer, now time.Time) *peer {
	var latest *peer
	var began int64
	for _, other := range order {
		if other == subscriber || other.state != peerUp {
			continue
		}
		m := &other.sources[kindScreen].meter
		if first := m.first.Load(); m.live(now) && (latest == nil || first > began) {
			latest, began = other, first
		}
	}
	return latest
}

// slotList is what the subscriber's slots show. A video slot is empty when the source's codec means nothing to the
// subscriber.
func (rm *room) slotList(subscriber *peer) []Slot {
	list := make([]Slot, len(subscriber.slots))
	for i, s := range subscriber.slots {
		list[i] = Slot{Mid: s.mid, Kind: s.kind.String()}
	}
	for i, s := range subscriber.seats {
		list[i].Participant = s.participant
		if other := rm.peers[s.participant]; other != nil && subscriber.videoSlot(i).understands(other.sources[kindVideo]) {
			list[maxSeats+i].Participant = s.participant
		}
	}
	if screen := subscriber.screenSlot(); screen.carried != nil && screen.understands(screen.carried) {
		for name, other := range rm.peers {
			if other.sources[kindScreen] == screen.carried {
				list[2*maxSeats].Participant = name
			}
		}
	}
	return list
}

// understands reports whether the slot's subscriber negotiated the source's codec, or the source has none yet.
func (s *slot) understands(from *source) bool {
	c := codec(from.codec.Load())
	return c == codecNone || s.pt[c] != 0
}
