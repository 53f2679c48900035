package sfu

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// source is one sending m-line of a participant. It exists as long as the connection, whether or not anything is sent.
// One goroutine reads its packets and writes them to the slots that carry it.
type source struct {
	kind   kind
	codecs [128]codec // by payload type
	now    func() time.Time
	meter  meter
	keys   *keyFrames
	// changed tells the control loop that packets began to arrive or that the codec is another one.
	changed func()

	// slots that carry the source; replaced, never modified, by the control loop.
	slots atomic.Pointer[[]*slot]
	// codec of the newest packet.
	codec atomic.Uint32

	// The reader goroutine's own.
	dedup  dedup
	header rtp.Header
	tally  tally // the control loop's own
}

func newSource(k kind, codecs [128]codec, every time.Duration, now func() time.Time, changed func()) *source {
	s := &source{kind: k, codecs: codecs, now: now, changed: changed}
	s.slots.Store(&[]*slot{})
	s.keys = newKeyFrames(every, func() {})
	return s
}

// run forwards what arrives on the track until its connection ends.
func (s *source) run(track *webrtc.TrackRemote) {
	readAll(func(b []byte) (int, error) {
		n, _, err := track.Read(b)
		return n, err
	}, s.forward)
}

// forward takes one packet to all slots. It allocates nothing.
func (s *source) forward(b []byte) {
	packet, ok := parseRTP(b)
	if !ok {
		return
	}
	c := s.codecs[packet.payloadType]
	if c == codecNone || c.media().media() != s.kind.media() || !s.dedup.accept(packet.seq) {
		return
	}
	now := s.now().UnixNano()
	// A packet of nothing but padding keeps its number in the stream but is no sign of a source: browsers send one on
	// every line, also on those without a track.
	if len(packet.payload) > 0 {
		begins := s.meter.add(len(b), now)
		if s.codec.Swap(uint32(c)) != uint32(c) || begins {
			s.changed()
		}
	}
	start := startsStream(c, packet.payload)
	for _, to := range *s.slots.Load() {
		if n := to.write(s, c, &packet, start, now); n > 0 {
			s.meter.outPackets.Add(1)
			s.meter.outBytes.Add(uint64(n))
		}
	}
}

// attach and detach belong to the control loop.
func (s *source) attach(to *slot) {
	slots := append(slices.Clone(*s.slots.Load()), to)
	s.slots.Store(&slots)
	if s.kind != kindAudio {
		s.keys.request()
	}
}

func (s *source) detach(from *slot) {
	slots := slices.DeleteFunc(slices.Clone(*s.slots.Load()), func(to *slot) bool { return to == from })
	s.slots.Store(&slots)
}

// askThrough makes key frame requests go out over pc for the track.
func (s *source) askThrough(pc *webrtc.PeerConnection, ssrc uint32, sent func()) {
	s.keys.through(func() {
		if pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}) == nil {
			sent()
		}
	})
}
