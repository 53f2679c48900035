package sfu

import (
	"errors"
	"strings"
	"sync"

	"github.com/pion/webrtc/v4"
)

// slot is one receiving m-line of a subscriber: a local track that is bound once and then carries one source after the
// other.
type slot struct {
	kind   kind
	id     string
	stream string // audio and video of the same seat share it, so that the browser synchronises them
	mid    string

	// Set when the track is bound, before the answer is given out.
	out  webrtc.TrackLocalWriter
	ssrc uint32
	pt   [numCodecs]uint8

	// The control loop's own: the source that should be carried, for comparing.
	carried *source

	// Held for the arithmetic of one packet. Two readers meet here only while the source is being changed.
	mu      sync.Mutex
	source  *source
	codec   codec
	rewrite rewriter
}

var errNoCodec = errors.New("no codec for the slot")

// Bind implements webrtc.TrackLocal. It chooses the codec that Pion describes the stream with; what is sent is each
// source's own.
func (s *slot) Bind(to webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	var chosen webrtc.RTPCodecParameters
	s.pt = [numCodecs]uint8{}
	for _, parameters := range to.CodecParameters() {
		_, name, _ := strings.Cut(parameters.MimeType, "/")
		rtpmap := strings.ToLower(name) + "/90000"
		if s.kind == kindAudio {
			rtpmap = strings.ToLower(name) + "/48000/2"
		}
		c := matchCodec(rtpmap, parameters.SDPFmtpLine)
		if c == codecNone || s.pt[c] != 0 {
			continue
		}
		s.pt[c] = uint8(parameters.PayloadType)
		if chosen.PayloadType == 0 || c == codecVP8 {
			chosen = parameters
		}
	}
	if chosen.PayloadType == 0 {
		return chosen, errNoCodec
	}
	s.out = to.WriteStream()
	s.ssrc = uint32(to.SSRC())
	s.rewrite = newRewriter(s.kind.clockRate(), uint16(s.ssrc))
	return chosen, nil
}

// Unbind implements webrtc.TrackLocal. Writing after it fails harmlessly.
func (s *slot) Unbind(webrtc.TrackLocalContext) error { return nil }

// ID implements webrtc.TrackLocal.
func (s *slot) ID() string { return s.id }

// RID implements webrtc.TrackLocal; a slot has no simulcast.
func (s *slot) RID() string { return "" }

// StreamID implements webrtc.TrackLocal.
func (s *slot) StreamID() string { return s.stream }

// Kind implements webrtc.TrackLocal.
func (s *slot) Kind() webrtc.RTPCodecType { return s.kind.media() }

// carry changes the source; nil empties the slot. It belongs to the control loop.
func (s *slot) carry(from *source) {
	if s.carried == from {
		return
	}
	if s.carried != nil {
		s.carried.detach(s)
	}
	s.carried = from
	s.mu.Lock()
	s.source = from
	s.rewrite.cut()
	s.mu.Unlock()
	if from != nil {
		from.attach(s)
	}
}

// write sends a packet of the source to the subscriber and returns the bytes sent. It runs on the source's reader.
func (s *slot) write(from *source, c codec, p *rtpPacket, start bool, now int64) int {
	s.mu.Lock()
	if s.source != from || s.pt[c] == 0 {
		s.mu.Unlock()
		return 0
	}
	if s.codec != c {
		s.codec = c
		s.rewrite.cut()
	}
	first := !s.rewrite.running
	seq, ts, ok := s.rewrite.next(p.seq, p.timestamp, start, now)
	s.mu.Unlock()
	if !ok {
		if first {
			from.keys.request()
		}
		return 0
	}
	h := &from.header
	h.Version = 2
	h.Marker = p.marker || first && s.kind == kindAudio // a new talk spurt: the jitter buffer may start over
	h.PayloadType = s.pt[c]
	h.SequenceNumber = seq
	h.Timestamp = ts
	h.SSRC = s.ssrc
	h.Extension, h.ExtensionProfile, h.Extensions = false, 0, h.Extensions[:0]
	n, err := s.out.WriteRTP(h, p.payload)
	if err != nil {
		return 0
	}
	return n
}

// readFeedback answers the subscriber's requests for key frames until the connection ends.
func (s *slot) readFeedback(sender *webrtc.RTPSender) {
	readAll(func(b []byte) (int, error) {
		n, _, err := sender.Read(b)
		return n, err
	}, s.feedback)
}

func (s *slot) feedback(b []byte) {
	if !asksKeyFrame(b, s.ssrc) {
		return
	}
	s.mu.Lock()
	from := s.source
	s.mu.Unlock()
	if from != nil {
		from.keys.request()
	}
}
