package sfu

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/lianzhen-health/lianzhen/media/sfu/testclient"
)

// browserOffer is an offer as Chromium writes it: many codecs and extensions, candidates, attributes of no interest.
func browserOffer() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("v=0")
	line("o=- 4611731400430051336 2 IN IP4 127.0.0.1")
	line("s=-")
	line("t=0 0")
	line("a=group:BUNDLE 0 1 2 3 4 5 6 7 8 9 10 11 12 13")
	line("a=extmap-allow-mixed")
	line("a=msid-semantic: WMS")
	for i := range offerLines {
		audio := lineKind(i) == kindAudio
		if audio {
			line("m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126")
		} else {
			line("m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 103 104 107 108 109 114 45 46 117 118")
		}
		line("c=IN IP4 0.0.0.0")
		line("a=rtcp:9 IN IP4 0.0.0.0")
		line("a=candidate:3024312 1 udp 2122260223 6d1f.local 51130 typ host generation 0 network-id 1")
		line("a=ice-ufrag:Zk3J")
		line("a=ice-pwd:q8+/1hbsYkzGmZ2hIpWwn3oR")
		line("a=ice-options:trickle")
		line("a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF")
		line("a=setup:actpass")
		line("a=mid:%d", i)
		line("a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level")
		line("a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time")
		line("a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01")
		line("a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid")
		if i < ownLines {
			line("a=sendonly")
			line("a=msid:- 0e2b3d0%d", i)
		} else {
			line("a=recvonly")
		}
		line("a=rtcp-mux")
		line("a=rtcp-rsize")
		if audio {
			line("a=rtpmap:111 opus/48000/2")
			line("a=rtcp-fb:111 transport-cc")
			line("a=fmtp:111 minptime=10;useinbandfec=1")
			line("a=rtpmap:63 red/48000/2")
			line("a=fmtp:63 111/111")
			line("a=rtpmap:9 G722/8000")
			line("a=rtpmap:110 telephone-event/48000")
		} else {
			line("a=rtpmap:96 VP8/90000")
			line("a=rtcp-fb:96 goog-remb")
			line("a=rtcp-fb:96 nack pli")
			line("a=rtpmap:97 rtx/90000")
			line("a=fmtp:97 apt=96")
			line("a=rtpmap:98 VP9/90000")
			line("a=fmtp:98 profile-id=0")
			line("a=rtpmap:103 H264/90000")
			line("a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f")
			line("a=rtpmap:107 H264/90000")
			line("a=fmtp:107 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f")
			line("a=rtpmap:108 rtx/90000")
			line("a=fmtp:108 apt=107")
			line("a=rtpmap:45 AV1/90000")
			line("a=rtpmap:117 ulpfec/90000")
		}
		if i < ownLines {
			if !audio {
				line("a=ssrc-group:FID %d %d", 1000+i, 2000+i)
			}
			line("a=ssrc:%d cname:W4R6Zp6d", 1000+i)
			line("a=ssrc:%d msid:- 0e2b3d0%d", 1000+i, i)
			if !audio {
				line("a=ssrc:%d cname:W4R6Zp6d", 2000+i)
				line("a=ssrc:%d msid:- 0e2b3d0%d", 2000+i, i)
			}
		}
	}
	return b.String()
}

func TestParseOffer(t *testing.T) {
	o, err := parseOffer(browserOffer())
	if err != nil {
		t.Fatal(err)
	}
	if want := [numCodecs]uint8{codecOpus: 111, codecVP8: 96, codecH264: 107}; o.pt != want {
		t.Errorf("payload types %v, want %v", o.pt, want)
	}
	if want := [numCodecs]uint8{codecVP8: 97, codecH264: 108}; o.rtx != want {
		t.Errorf("retransmissions %v, want %v", o.rtx, want)
	}
	if want := [2]uint8{3, 4}; o.ext != want {
		t.Errorf("extensions %v, want %v", o.ext, want)
	}
	if l := o.lines[1]; l.ssrc != 1001 || l.rtxSSRC != 2001 || l.mid != "1" || l.direction != "sendonly" {
		t.Errorf("camera line %+v", l)
	}
	text := o.canonical()
	for _, foreign := range []string{"candidate", "VP9", "AV1", "red/", "goog-remb", "audio-level", "W4R6Zp6d", "msid"} {
		if strings.Contains(text, foreign) {
			t.Errorf("%q reaches the WebRTC stack", foreign)
		}
	}
	again, err := parseOffer(text)
	if err != nil {
		t.Fatalf("the canonical offer is refused: %v", err)
	}
	if again.canonical() != text {
		t.Error("the canonical offer is not stable")
	}
}

func TestParseOfferRefusals(t *testing.T) {
	replace := func(old, new string) string {
		text := browserOffer()
		if !strings.Contains(text, old) {
			t.Fatalf("no %q in the offer", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	everywhere := func(old, new string) string { return strings.ReplaceAll(browserOffer(), old, new) }
	lastLine := strings.LastIndex(browserOffer(), "m=video")
	tests := []struct {
		name, text string
		want       error
	}{
		{"not SDP", "hello", ErrOfferMalformed},
		{"too long", browserOffer() + strings.Repeat("a=x\r\n", maxOfferBytes/5), ErrOfferMalformed},
		{"a line too few", browserOffer()[:lastLine], ErrOfferMalformed},
		{"a line too many", browserOffer() + browserOffer()[lastLine:], ErrOfferMalformed},
		{"wrong kind", replace("m=audio 9", "m=video 9"), ErrOfferMalformed},
		{"data channel", replace("m=audio 9", "m=application 9"), ErrOfferMalformed},
		{"own line receives", replace("a=sendonly", "a=sendrecv"), ErrOfferMalformed},
		{"own line has no direction", replace("a=sendonly\r\n", ""), ErrOfferMalformed},
		{"slot sends", replace("a=recvonly", "a=sendonly"), ErrOfferMalformed},
		{"slot is inactive", replace("a=recvonly", "a=inactive"), ErrOfferMalformed},
		{"no bundle", replace("a=group:BUNDLE", "a=group:LS"), ErrOfferMalformed},
		{"line outside the bundle", replace(" 12 13", " 12"), ErrOfferMalformed},
		{"mid twice", replace("a=mid:13", "a=mid:12"), ErrOfferMalformed},
		{"mid with odd characters", everywhere(":13\r\n", ":1\t3\r\n"), ErrOfferMalformed},
		{"rejected line", replace("m=audio 9", "m=audio 0"), ErrOfferMalformed},
		{"no rtcp-mux", replace("a=rtcp-mux\r\n", ""), ErrOfferMalformed},
		{"DTLS server", replace("a=setup:actpass", "a=setup:passive"), ErrOfferMalformed},
		{"ICE-lite", replace("a=extmap-allow-mixed", "a=ice-lite"), ErrOfferMalformed},
		{"no user fragment", everywhere("a=ice-ufrag:Zk3J\r\n", ""), ErrOfferMalformed},
		{"short password", everywhere("q8+/1hbsYkzGmZ2hIpWwn3oR", "q8"), ErrOfferMalformed},
		{"no fingerprint", everywhere("a=fingerprint:sha-256", "a=x:"), ErrOfferMalformed},
		{"odd fingerprint", everywhere("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 %"), ErrOfferMalformed},
		{"no stream", replace("a=ssrc:1000 cname:W4R6Zp6d\r\na=ssrc:1000 msid:- 0e2b3d00\r\n", ""), ErrOfferMalformed},
		{"two streams on a line", replace("a=ssrc:1000 cname:W4R6Zp6d", "a=ssrc:1009 cname:x\r\na=ssrc:1000 cname:x"), ErrOfferMalformed},
		{"stream on two lines", everywhere("1001", "1000"), ErrOfferMalformed},
		{"stream zero", everywhere("ssrc:1000", "ssrc:0"), ErrOfferMalformed},
		{"odd stream", everywhere("ssrc:1000", "ssrc:x"), ErrOfferMalformed},
		{"odd stream group", replace("FID 1001 2001", "FID 1001 x"), ErrOfferMalformed},
		{"extension id 0", everywhere("extmap:3 ", "extmap:0 "), ErrOfferMalformed},
		{"extension id changes", replace("extmap:3 ", "extmap:5 "), ErrOfferMalformed},
		{"two extensions, one id", everywhere("extmap:3 ", "extmap:4 "), ErrOfferMalformed},
		{"one payload type, two meanings", everywhere("apt=96", "apt=107"), nil}, // the retransmissions are dropped
		{"no Opus", everywhere("opus/48000/2", "speex/16000"), ErrCodecUnsupported},
		{"Opus missing on one line", replace("a=rtpmap:111 opus/48000/2\r\n", ""), ErrCodecUnsupported},
		{"no video codec", strings.ReplaceAll(everywhere("VP8/90000", "H265/90000"), "mode=1", "mode=2"), ErrCodecUnsupported},
		{"VP8 only", everywhere("H264/90000", "H265/90000"), nil},
		{"H.264 only", everywhere("VP8/90000", "H265/90000"), nil},
		{"no camera", replace("a=sendonly", "a=inactive"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := parseOffer(tt.text)
			if !errors.Is(err, tt.want) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if tt.want == nil {
				if _, err := parseOffer(o.canonical()); err != nil {
					t.Errorf("the canonical offer is refused: %v", err)
				}
			}
		})
	}
}

func TestConstrainedBaseline(t *testing.T) {
	for fmtp, want := range map[string]bool{
		"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f": true,
		"profile-level-id=42E034; packetization-mode=1":                          true,
		"packetization-mode=1;profile-level-id=42001f":                           false, // baseline, not constrained
		"packetization-mode=0;profile-level-id=42e01f":                           false,
		"packetization-mode=1;profile-level-id=64001f":                           false,
		"packetization-mode=1;profile-level-id=42zz1f":                           false,
		"packetization-mode=1":                                                   false,
		"":                                                                       false,
	} {
		if got := constrainedBaseline(fmtp); got != want {
			t.Errorf("%q: %v", fmtp, got)
		}
	}
}

// FuzzOffer feeds session descriptions to Join, negotiation included. Whatever happens, it is an answer or one of the
// two refusals, and a refused offer leaves no room behind.
func FuzzOffer(f *testing.F) {
	client, err := testclient.New(testclient.Options{})
	if err != nil {
		f.Fatal(err)
	}
	offer, err := client.Offer(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	if err := client.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(offer)
	f.Add(browserOffer())
	f.Add("")
	f.Add("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n")
	relay, err := New(Config{UDPAddr: "127.0.0.1:0"}, tickets{time.Now}, newRecord())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = relay.Close(context.Background()) })
	f.Fuzz(func(t *testing.T, offer string) {
		joined, err := relay.Join(context.Background(), "room/a/1", offer)
		switch {
		case err == nil:
			var description webrtc.SessionDescription
			description.Type, description.SDP = webrtc.SDPTypeAnswer, joined.Answer
			if _, err := description.Unmarshal(); err != nil || len(joined.Slots) != slotLines {
				t.Errorf("answer %q: %v", joined.Answer, err)
			}
			relay.Leave(joined.Room, joined.Participant, joined.Connection)
		case !errors.Is(err, ErrOfferMalformed) && !errors.Is(err, ErrCodecUnsupported):
			t.Errorf("error %v", err)
		}
		if rooms := relay.Rooms(); len(rooms) != 0 {
			t.Errorf("rooms %v", rooms)
		}
		if _, err := relay.Probe(context.Background(), offer); err != nil && !errors.Is(err, ErrOfferMalformed) &&
			!errors.Is(err, ErrCodecUnsupported) && !errors.Is(err, ErrProbeBusy) {
			t.Errorf("probe: error %v", err)
		}
	})
}
