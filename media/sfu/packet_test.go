package sfu

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

func TestStartsStream(t *testing.T) {
	tests := []struct {
		name    string
		codec   codec
		payload []byte
		want    bool
	}{
		{"opus", codecOpus, []byte{0xfc}, true},
		{"opus, empty", codecOpus, nil, false},
		{"VP8 key frame", codecVP8, []byte{0x10, 0x00}, true},
		{"VP8 interframe", codecVP8, []byte{0x10, 0x01}, false},
		{"VP8 key frame, not its start", codecVP8, []byte{0x00, 0x00}, false},
		{"VP8 key frame, second partition", codecVP8, []byte{0x11, 0x00}, false},
		{"VP8 with 7 bit picture id", codecVP8, []byte{0x90, 0x80, 0x05, 0x00}, true},
		{"VP8 with 15 bit picture id", codecVP8, []byte{0x90, 0x80, 0x85, 0x01, 0x00}, true},
		{"VP8 with all extensions", codecVP8, []byte{0x90, 0xf0, 0x85, 0x01, 0x07, 0x20, 0x00}, true},
		{"VP8 with all extensions, interframe", codecVP8, []byte{0x90, 0xf0, 0x85, 0x01, 0x07, 0x20, 0x01}, false},
		{"VP8 descriptor only", codecVP8, []byte{0x90, 0xf0, 0x85, 0x01, 0x07, 0x20}, false},
		{"VP8 cut in the picture id", codecVP8, []byte{0x90, 0x80}, false},
		{"H.264 SPS", codecH264, []byte{0x67, 0x42, 0xe0}, true},
		{"H.264 aggregate with SPS", codecH264, []byte{0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68}, true},
		{"H.264 aggregate, SPS second", codecH264, []byte{0x78, 0, 1, 0x09, 0, 2, 0x67, 0x42}, true},
		{"H.264 aggregate without SPS", codecH264, []byte{0x78, 0, 1, 0x09, 0, 1, 0x68}, false},
		{"H.264 aggregate, size too large", codecH264, []byte{0x78, 0, 9, 0x67}, false},
		{"H.264 aggregate, size zero", codecH264, []byte{0x78, 0, 0, 0x67, 0x42}, false},
		{"H.264 fragment", codecH264, []byte{0x7c, 0x85, 0x00}, false},
		{"H.264 empty", codecH264, nil, false},
		{"unknown codec", codecNone, []byte{0x10, 0x00}, false},
	}
	for _, tt := range tests {
		if got := startsStream(tt.codec, tt.payload); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestAsksKeyFrame(t *testing.T) {
	marshal := func(packets ...rtcp.Packet) []byte {
		b, err := rtcp.Marshal(packets)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	report := &rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{SSRC: 7}}}
	pli := &rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: 7}
	fir := &rtcp.FullIntraRequest{SenderSSRC: 1, FIR: []rtcp.FIREntry{{SSRC: 6}, {SSRC: 7}}}
	for name, tt := range map[string]struct {
		b    []byte
		want bool
	}{
		"PLI":                 {marshal(pli), true},
		"FIR, second entry":   {marshal(fir), true},
		"compound":            {marshal(report, pli), true},
		"report":              {marshal(report), false},
		"PLI of another":      {marshal(&rtcp.PictureLossIndication{MediaSSRC: 6}), false},
		"REMB":                {marshal(&rtcp.ReceiverEstimatedMaximumBitrate{SSRCs: []uint32{7}}), false},
		"NACK":                {marshal(&rtcp.TransportLayerNack{MediaSSRC: 7, Nacks: []rtcp.NackPair{{PacketID: 1}}}), false},
		"cut":                 {marshal(pli)[:11], false},
		"garbage behind":      {append(marshal(pli), 1, 2, 3), true},
		"garbage in front":    {append([]byte{1, 2, 3, 4}, marshal(pli)...), false},
		"length out of range": {[]byte{0x81, 206, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 7}, false},
		"empty":               {nil, false},
	} {
		if got := asksKeyFrame(tt.b, 7); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// FuzzRTP feeds packets to the parser and compares it with Pion's, then through a source into a slot.
func FuzzRTP(f *testing.F) {
	seed := func(p rtp.Packet) {
		b, err := p.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	header := rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: 1, Timestamp: 2, SSRC: 3}
	seed(rtp.Packet{Header: header, Payload: []byte{0x10, 0, 1}})
	seed(rtp.Packet{Header: header, Payload: []byte{0x90, 0xf0, 0x85, 1, 7, 0x20, 0}})
	extended := header
	extended.PayloadType, extended.CSRC = 97, []uint32{1, 2}
	if err := extended.SetExtension(1, []byte{1, 2}); err != nil {
		f.Fatal(err)
	}
	seed(rtp.Packet{Header: extended, Payload: []byte{0x78, 0, 2, 0x67, 0x42}})
	padded := header
	padded.PayloadType, padded.Padding = 111, true
	seed(rtp.Packet{Header: padded, Payload: []byte{0xfc}, PaddingSize: 4})
	f.Add([]byte{0x80})
	f.Add([]byte{0xb0, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0xff, 0xff})

	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		p, ok := parseRTP(b)
		if ok {
			var want rtp.Packet
			if want.Unmarshal(b) == nil && (p.seq != want.SequenceNumber || p.timestamp != want.Timestamp ||
				p.payloadType != want.PayloadType || p.marker != want.Marker || !bytes.Equal(p.payload, want.Payload)) {
				t.Errorf("parsed %+v, want %+v", p, want)
			}
			for c := range numCodecs {
				startsStream(c, p.payload)
			}
		}
		writer := &recordingWriter{}
		for k := range numKinds {
			from, _ := bench(k, writer)
			from.forward(b)
			from.forward(b)
		}
		if writer.packets > int(numKinds) {
			t.Errorf("a repeated packet was forwarded")
		}
		if !bytes.Equal(b, before) {
			t.Error("the packet was changed")
		}
	})
}

// FuzzRTCP feeds feedback to the parser and compares it with Pion's.
func FuzzRTCP(f *testing.F) {
	for _, packets := range [][]rtcp.Packet{
		{&rtcp.PictureLossIndication{MediaSSRC: 7}},
		{&rtcp.ReceiverReport{SSRC: 1}, &rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: 7}}}},
	} {
		b, err := rtcp.Marshal(packets)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{0x84, 206, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7})
	f.Fuzz(func(t *testing.T, b []byte) {
		got := asksKeyFrame(b, 7)
		packets, err := rtcp.Unmarshal(b)
		if err != nil {
			return // Pion refuses the whole compound for one bad part
		}
		want := false
		for _, packet := range packets {
			switch p := packet.(type) {
			case *rtcp.PictureLossIndication:
				want = want || p.MediaSSRC == 7
			case *rtcp.FullIntraRequest:
				for _, entry := range p.FIR {
					want = want || entry.SSRC == 7
				}
			}
		}
		if want && !got {
			t.Errorf("a request was missed in %x", b)
		}
	})
}

// recordingWriter stands for a bound track.
type recordingWriter struct {
	packets int
	last    rtp.Header
}

func (w *recordingWriter) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	w.packets++
	w.last = *h
	return 12 + len(payload), nil
}

func (w *recordingWriter) Write(b []byte) (int, error) { return len(b), nil }

// bench wires one source to one slot without a network. Payload types: 111 Opus, 96 VP8, 97 H.264.
func bench(k kind, w *recordingWriter) (*source, *slot) {
	var codecs [128]codec
	codecs[111], codecs[96], codecs[97] = codecOpus, codecVP8, codecH264
	from := newSource(k, codecs, time.Hour, time.Now, func() {})
	from.keys.end()
	to := &slot{kind: k, out: w, ssrc: 9, rewrite: newRewriter(k.clockRate(), 0)}
	to.pt = [numCodecs]uint8{codecOpus: 120, codecVP8: 121, codecH264: 122}
	to.carry(from)
	return from, to
}

func rawPacket(payloadType uint8, seq uint16, ts uint32, payload []byte) []byte {
	b, err := (&rtp.Packet{
		Header:  rtp.Header{Version: 2, PayloadType: payloadType, SequenceNumber: seq, Timestamp: ts, SSRC: 1},
		Payload: payload,
	}).Marshal()
	if err != nil {
		panic(err)
	}
	return b
}

// TestSlotWaitsForKeyFrame covers what a slot does at the start, at a change of codec and at a change of source.
func TestSlotWaitsForKeyFrame(t *testing.T) {
	w := &recordingWriter{}
	from, to := bench(kindVideo, w)
	expect := func(packets int, payloadType uint8) {
		t.Helper()
		if w.packets != packets || w.last.PayloadType != payloadType {
			t.Fatalf("%d packets, the last of type %d; want %d of %d", w.packets, w.last.PayloadType, packets, payloadType)
		}
	}
	from.forward(rawPacket(96, 1, 1, []byte{0x10, 1}))
	expect(0, 0)
	from.forward(rawPacket(96, 2, 2, []byte{0x10, 0}))
	expect(1, 121)
	from.forward(rawPacket(97, 3, 3, []byte{0x41, 0})) // another codec, no key frame
	expect(1, 121)
	from.forward(rawPacket(97, 4, 4, []byte{0x67, 0}))
	expect(2, 122)
	if w.last.SequenceNumber != 2 {
		t.Errorf("number %d after the change of codec", w.last.SequenceNumber)
	}
	from.forward(rawPacket(111, 5, 5, []byte{0xfc})) // audio on a video line
	from.forward(rawPacket(50, 6, 6, []byte{0}))     // nothing that was negotiated
	from.forward([]byte{0x80, 96})
	expect(2, 122)

	if !from.meter.live(time.Now()) || from.meter.packets.Load() != 4 {
		t.Errorf("%d packets were counted", from.meter.packets.Load())
	}

	other, _ := bench(kindVideo, &recordingWriter{})
	other.forward(rawPacket(97, 899, 7, nil)) // padding
	if other.meter.packets.Load() != 0 || other.codec.Load() != 0 {
		t.Error("padding counts as media")
	}
	to.carry(other)
	from.forward(rawPacket(97, 7, 7, []byte{0x67, 0}))
	expect(2, 122)
	other.forward(rawPacket(97, 900, 7, []byte{0x41, 0}))
	expect(2, 122)
	other.forward(rawPacket(97, 901, 7, []byte{0x67, 0}))
	expect(3, 122)
	if w.last.SequenceNumber != 3 {
		t.Errorf("number %d after the change of source", w.last.SequenceNumber)
	}
	to.pt[codecH264] = 0 // a subscriber that did not negotiate it
	other.forward(rawPacket(97, 902, 8, []byte{0x67, 0}))
	expect(3, 122)
	to.carry(nil)
	to.carry(nil)
	other.forward(rawPacket(96, 903, 9, []byte{0x10, 0}))
	expect(3, 122)
}

// TestReadAllForgivesSinglePackets: a client's odd packet does not end its stream, an endless row of them does.
func TestReadAllForgivesSinglePackets(t *testing.T) {
	odd := errors.New("odd packet")
	for _, tt := range []struct {
		name    string
		results []error // nil is a good packet; after the last the stream is odd for ever
		want    int
	}{
		{"ends", []error{nil, nil, io.EOF, nil}, 2},
		{"is closed", []error{nil, io.ErrClosedPipe, nil}, 1},
		{"odd ones between", []error{nil, odd, odd, nil, odd, nil, io.EOF}, 3},
		{"odd for ever", []error{nil}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calls, handled := 0, 0
			readAll(func(b []byte) (int, error) {
				calls++
				if calls > len(tt.results) {
					return 0, odd
				}
				return 7, tt.results[calls-1]
			}, func(b []byte) {
				if handled++; len(b) != 7 {
					t.Errorf("%d bytes", len(b))
				}
			})
			if handled != tt.want {
				t.Errorf("%d packets, want %d", handled, tt.want)
			}
		})
	}
}

// TestRetransmissionsKeepTheirCodec: what the NACK responder repeats under the payload type of the bound codec leaves
// under the payload type of the codec that the slot carries.
func TestRetransmissionsKeepTheirCodec(t *testing.T) {
	var table rtxTable
	table[96], table[97] = 106, 107
	made, err := retransmitFactory{table}.NewInterceptor("")
	if err != nil {
		t.Fatal(err)
	}
	var sent []rtp.Header
	network := interceptor.RTPWriterFunc(func(h *rtp.Header, _ []byte, _ interceptor.Attributes) (int, error) {
		sent = append(sent, *h)
		return 1, nil
	})
	w := made.BindLocalStream(&interceptor.StreamInfo{SSRC: 1, SSRCRetransmission: 2}, network)
	write := func(ssrc uint32, payloadType uint8) int {
		sent = nil
		h := rtp.Header{SSRC: ssrc, PayloadType: payloadType}
		if _, err := w.Write(&h, nil, nil); err != nil {
			t.Fatal(err)
		}
		if h.PayloadType != payloadType {
			t.Error("the responder's header was changed")
		}
		if len(sent) == 0 {
			return -1
		}
		return int(sent[0].PayloadType)
	}
	for i, step := range []struct {
		ssrc uint32
		pt   uint8
		want int
	}{
		{2, 106, -1}, // nothing was sent that could be repeated
		{1, 96, 96}, {2, 106, 106},
		{1, 97, 97}, {2, 106, 107},
		{1, 98, 98}, {2, 106, -1}, // a codec without retransmissions
	} {
		if got := write(step.ssrc, step.pt); got != step.want {
			t.Errorf("step %d: payload type %d, want %d", i, got, step.want)
		}
	}
	plain := made.BindLocalStream(&interceptor.StreamInfo{SSRC: 1}, network)
	if _, err := plain.Write(&rtp.Header{SSRC: 1, PayloadType: 111}, nil, nil); err != nil || sent[0].PayloadType != 111 {
		t.Error("a stream without retransmissions was touched")
	}
}
