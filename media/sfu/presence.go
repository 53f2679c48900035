package sfu

import (
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

const (
	// mediaGap is the silence that ends a media interval (presence counts while the last packet is younger).
	mediaGap = 5 * time.Second
	// checkpoint is how often an open interval is handed over.
	checkpoint = 10 * time.Second
)

// meter counts what arrives on one track. Its writer is the track's reader goroutine, its reader the control loop.
//
// The loop samples far more often than mediaGap, therefore a run of packets cannot end and another begin between two
// samples, and first and last describe the one run that matters.
type meter struct {
	first, last    atomic.Int64 // nanoseconds: the current run's first packet, and the last packet
	bytes, packets atomic.Uint64
	// what was written to subscribers from this track
	outBytes, outPackets atomic.Uint64
}

// add counts a packet and reports whether it begins a run.
func (m *meter) add(size int, now int64) (begins bool) {
	last := m.last.Load()
	begins = last == 0 || now-last >= int64(mediaGap)
	if begins {
		m.first.Store(now)
	}
	m.last.Store(now)
	m.bytes.Add(uint64(size))
	m.packets.Add(1)
	return begins
}

// live reports whether a packet arrived less than mediaGap ago.
func (m *meter) live(now time.Time) bool {
	last := m.last.Load()
	return last != 0 && now.UnixNano()-last < int64(mediaGap)
}

// reading is a meter's or several meters' state at one instant. Zero times mean that nothing has arrived.
type reading struct {
	first, last time.Time // the run that is live, and the newest packet of all
	audio       uint64    // bytes since the connection began
	video       uint64
}

// read takes the union of a connection's meters.
func read(now time.Time, meters *[numKinds]*meter) reading {
	var r reading
	for k, m := range meters {
		bytes := m.bytes.Load()
		if kind(k) == kindAudio {
			r.audio += bytes
		} else {
			r.video += bytes
		}
		last := m.last.Load()
		if last == 0 {
			continue
		}
		if at := time.Unix(0, last).UTC(); at.After(r.last) {
			r.last = at
		}
		if first := time.Unix(0, m.first.Load()).UTC(); m.live(now) && (r.first.IsZero() || first.Before(r.first)) {
			r.first = first
		}
	}
	return r
}

// ledger keeps the intervals of one connection. It is owned by the control loop and works on readings and times alone.
// Its methods return the intervals to hand over.
type ledger struct {
	room, participant      string
	connection             uuid.UUID
	audioMuted, videoMuted bool

	connected Interval
	media     Interval
	// counted are the bytes that closed media intervals already account for
	countedAudio, countedVideo uint64
	// when each open interval was last handed over
	connectedAt, mediaAt time.Time
}

func (l *ledger) fresh(kind string, start time.Time) Interval {
	return Interval{
		ID: uuid.Must(uuid.NewV7()), Room: l.room, Participant: l.participant, Connection: l.connection,
		Kind: kind, Start: start, LastSeen: start,
	}
}

// open begins the connection's presence.
func (l *ledger) open(now time.Time) []Interval {
	now = now.UTC()
	l.connected = l.fresh(IntervalConnected, now)
	l.connectedAt = now
	return []Interval{l.connected}
}

// sample brings the ledger up to date. seen is the time until which the transport was known to be up.
func (l *ledger) sample(now, seen time.Time, r reading) (changed []Interval) {
	now = now.UTC()
	changed = l.sampleMedia(now, r)
	if l.touchConnected(seen, r); now.Sub(l.connectedAt) >= checkpoint {
		l.connectedAt = now
		changed = append(changed, l.connected)
	}
	return changed
}

func (l *ledger) sampleMedia(now time.Time, r reading) (changed []Interval) {
	if l.mediaOpen() {
		resumed := !r.first.IsZero() && r.first.Sub(l.media.LastSeen) >= mediaGap
		if !resumed {
			l.touchMedia(r)
		}
		if resumed || now.Sub(r.last) >= mediaGap {
			changed = append(changed, l.closeMedia())
		}
	}
	switch {
	case !l.mediaOpen() && !r.first.IsZero():
		start := r.first
		if start.Before(l.media.LastSeen) { // never overlap the interval before
			start = l.media.LastSeen
		}
		changed = append(changed, l.openMedia(now, start, r))
	case l.mediaOpen() && now.Sub(l.mediaAt) >= checkpoint:
		l.mediaAt = now
		changed = append(changed, l.media)
	}
	return changed
}

// mute changes the mute state. An open media interval ends and the next begins at the same instant, the last packet.
func (l *ledger) mute(now time.Time, audio, video bool, r reading) (changed []Interval) {
	now = now.UTC()
	if audio == l.audioMuted && video == l.videoMuted {
		return nil
	}
	changed = l.sampleMedia(now, r)
	l.audioMuted, l.videoMuted = audio, video
	if l.mediaOpen() {
		changed = append(changed, l.closeMedia(), l.openMedia(now, l.media.LastSeen, r))
	}
	return changed
}

// close ends all intervals at what was last seen.
func (l *ledger) close(now, seen time.Time, r reading) (changed []Interval) {
	changed = l.sampleMedia(now.UTC(), r)
	if l.mediaOpen() {
		changed = append(changed, l.closeMedia())
	}
	l.touchConnected(seen, r)
	l.connected.Closed = true
	return append(changed, l.connected)
}

func (l *ledger) mediaOpen() bool { return l.media.ID != uuid.Nil && !l.media.Closed }

func (l *ledger) openMedia(now, start time.Time, r reading) Interval {
	l.media = l.fresh(IntervalMedia, start)
	l.media.AudioMuted, l.media.VideoMuted = l.audioMuted, l.videoMuted
	l.mediaAt = now
	l.touchMedia(r)
	return l.media
}

func (l *ledger) closeMedia() Interval {
	l.countedAudio += l.media.AudioBytes
	l.countedVideo += l.media.VideoBytes
	l.media.Closed = true
	return l.media
}

func (l *ledger) touchMedia(r reading) {
	if r.last.After(l.media.LastSeen) {
		l.media.LastSeen = r.last
	}
	l.media.AudioBytes = r.audio - l.countedAudio
	l.media.VideoBytes = r.video - l.countedVideo
}

func (l *ledger) touchConnected(seen time.Time, r reading) {
	seen = seen.UTC()
	if r.last.After(seen) {
		seen = r.last
	}
	if seen.Before(l.connected.Start) {
		seen = l.connected.Start
	}
	l.connected.LastSeen = seen
	l.connected.AudioBytes, l.connected.VideoBytes = r.audio, r.video
}
