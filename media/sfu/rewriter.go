package sfu

import "time"

const (
	// reorder is how many packets late a packet may be and still be forwarded.
	reorder = 1024
	// maxSilence bounds the timestamp step at a change of source; a step of half the number space would look like a
	// step back.
	maxSilence = time.Hour
)

// rewriter makes one continuous RTP stream out of one source after another. Within a source the distances between
// sequence numbers and between timestamps are kept, so that loss and reordering stay visible to the receiver. Between
// two sources the sequence number advances by one and the timestamp by the time that passed.
//
// It is plain arithmetic: no lock, no clock, no allocation. Every number it returns is new, which the receiver's
// decryption depends on (an AES-GCM nonce is made of the sequence number); it relies on its input having no
// duplicates, see [dedup].
type rewriter struct {
	clockRate uint32

	// The newest packet written, in the numbers of the stream, and when it was.
	written bool
	seq     uint16
	ts      uint32
	at      int64

	// The source: what to add to its numbers, its newest sequence number, and how far back it may reach without
	// touching the numbers of the source before it.
	running  bool
	seqDelta uint16
	tsDelta  uint32
	newest   uint16
	reach    uint16
}

// newRewriter begins a stream at seq. The first number is kept in the lower half, so that the loss of the first packets
// cannot put the receiver's rollover counter out of step (RFC 3711, 3.3.1).
func newRewriter(clockRate uint32, seq uint16) rewriter {
	return rewriter{clockRate: clockRate, seq: seq & 0x7fff}
}

// cut ends the source. The next packet that starts a stream begins a new one.
func (r *rewriter) cut() { r.running = false }

// next returns the stream's numbers for a packet of the source. start says that a decoder could begin with this packet;
// now is the time in nanoseconds. ok is false when the packet must not be forwarded: no source is running and this
// packet cannot start one, or it is older than the source's first.
func (r *rewriter) next(seq uint16, ts uint32, start bool, now int64) (outSeq uint16, outTS uint32, ok bool) {
	if !r.running {
		if !start {
			return 0, 0, false
		}
		r.begin(seq, ts, now)
		return r.seq, r.ts, true
	}
	if ahead := seq - r.newest; ahead != 0 && ahead < 0x8000 {
		r.newest = seq
		r.reach = uint16(min(int(r.reach)+int(ahead), reorder))
		r.seq, r.ts, r.at = seq+r.seqDelta, ts+r.tsDelta, now
	} else if behind := r.newest - seq; behind > r.reach {
		return 0, 0, false
	}
	return seq + r.seqDelta, ts + r.tsDelta, true
}

func (r *rewriter) begin(seq uint16, ts uint32, now int64) {
	step := uint32(1)
	if r.written {
		silence := min(max(time.Duration(now-r.at), 0), maxSilence)
		step = max(uint32(int64(silence)*int64(r.clockRate)/int64(time.Second)), 1)
	}
	r.seq++
	r.ts += step
	r.at = now
	r.seqDelta, r.tsDelta = r.seq-seq, r.ts-ts
	r.newest, r.reach = seq, 0
	r.written, r.running = true, true
}

// dedup remembers the last packets of a source and refuses repetitions and what is too old to judge. A packet can
// arrive twice, once late and once as its retransmission, possibly with other contents; two different packets under
// one outgoing number would break AES-GCM.
type dedup struct {
	started bool
	newest  uint16
	seen    [reorder / 64]uint64
}

// accept reports whether seq is new.
func (d *dedup) accept(seq uint16) bool {
	if !d.started {
		d.started, d.newest = true, seq
		d.seen[seq%reorder/64] |= 1 << (seq % 64)
		return true
	}
	if ahead := seq - d.newest; ahead != 0 && ahead < 0x8000 {
		if ahead >= reorder {
			d.seen = [reorder / 64]uint64{}
		} else {
			for skipped := d.newest + 1; skipped != seq; skipped++ {
				d.seen[skipped%reorder/64] &^= 1 << (skipped % 64)
			}
		}
		d.newest = seq
		d.seen[seq%reorder/64] |= 1 << (seq % 64)
		return true
	}
	if d.newest-seq >= reorder {
		return false
	}
	word, bit := &d.seen[seq%reorder/64], uint64(1)<<(seq%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}
