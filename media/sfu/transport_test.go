package sfu

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/webrtc/v4"

	"github.com/lianzhen-health/lianzhen/media/sfu/testclient"
)

// TestSRTPProfile: the relay is the DTLS server and takes AES-GCM whatever the client's order of preference.
func TestSRTPProfile(t *testing.T) {
	const gcm128, gcm256, cm = dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80
	for _, tt := range []struct {
		name   string
		offers []dtls.SRTPProtectionProfile
		want   dtls.SRTPProtectionProfile
	}{
		{"GCM only", []dtls.SRTPProtectionProfile{gcm128}, gcm128},
		{"CM first, as browsers rank it", []dtls.SRTPProtectionProfile{cm, gcm256, gcm128}, gcm128},
		{"GCM 256 and CM", []dtls.SRTPProtectionProfile{cm, gcm256}, gcm256},
		{"CM only", []dtls.SRTPProtectionProfile{cm}, cm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t, Config{}, quickTiming(), nil)
			chosen := make(chan dtls.SRTPProtectionProfile, 10)
			s.relay.transport.settings.SetDTLSServerHelloMessageHook(func(hello handshake.MessageServerHello) handshake.Message {
				for _, e := range hello.Extensions {
					if srtp, ok := e.(*extension.UseSRTP); ok {
						chosen <- srtp.ProtectionProfiles[0]
					}
				}
				return &hello
			})
			options := testclient.Options{Settings: func(e *webrtc.SettingEngine) { e.SetSRTPProtectionProfiles(tt.offers...) }}
			a, b := s.join("room", "a", 1, options), s.join("room", "b", 1, options)
			a.send(testclient.Audio)
			b.hear(s.seen.untilCarrying(t, "room", "b", "audio", "a"), "a")
			if got := <-chosen; got != tt.want {
				t.Errorf("profile %#x, want %#x", got, tt.want)
			}
			if !strings.Contains(a.joined.Answer, "a=setup:passive") || strings.Contains(a.joined.Answer, "a=setup:active") {
				t.Error("the answer does not make the client the DTLS client")
			}
		})
	}
}

// TestAnswer checks what a browser depends on in the text of the answer.
func TestAnswer(t *testing.T) {
	s := newStage(t, Config{Advertised: addresses("192.0.2.7", "2001:db8::7")}, quickTiming(), nil)
	client := newClient(t, testclient.Options{})
	joined, err := s.relay.Join(ctxFor(t), "room/a/1", offerOf(t, client))
	if err != nil {
		t.Fatal(err)
	}
	port := s.relay.Addr().(*net.UDPAddr).Port
	for _, line := range []string{
		"a=ice-lite", "a=end-of-candidates", "a=group:BUNDLE 0 1 2 3 4 5 6 7 8 9 10 11 12 13",
		fmt.Sprintf("a=candidate:1 1 udp 2130706431 192.0.2.7 %d typ host", port),
		fmt.Sprintf("a=candidate:2 1 udp 2130706175 2001:db8::7 %d typ host", port),
		"a=fmtp:111 " + fmtpOpus, "a=fmtp:102 " + fmtpH264, "a=fmtp:103 apt=102", "a=fmtp:101 apt=100",
		"a=rtcp-fb:100 nack pli", "a=rtcp-fb:100 transport-cc",
		"a=msid:seat-0 seat-0-audio", "a=msid:seat-0 seat-0-video", "a=msid:seat-4 seat-4-video", "a=msid:screen screen-screen",
	} {
		if !strings.Contains(joined.Answer, "\r\n"+line+"\r\n") {
			t.Errorf("the answer has no line %q", line)
		}
	}
	if n := strings.Count(joined.Answer, "a=candidate:"); n != 2 {
		t.Errorf("%d candidates", n)
	}
	if n := strings.Count(joined.Answer, "a=recvonly"); n != ownLines {
		t.Errorf("%d receiving lines", n)
	}
	if n := strings.Count(joined.Answer, "a=sendonly"); n != slotLines {
		t.Errorf("%d sending lines", n)
	}
	var kinds []string
	for i, slot := range joined.Slots {
		if slot.Mid != fmt.Sprint(i+ownLines) || slot.Participant != "" {
			t.Errorf("slot %d is %+v", i, slot)
		}
		kinds = append(kinds, slot.Kind)
	}
	if got, want := strings.Join(kinds, " "), strings.Repeat("audio ", 5)+strings.Repeat("video ", 5)+"screen"; got != want {
		t.Errorf("slots %s, want %s", got, want)
	}
}

func TestHostAddresses(t *testing.T) {
	for _, only4 := range []bool{true, false} {
		list := hostAddresses(only4)
		if !slices.Contains(list, netip.MustParseAddr("127.0.0.1")) {
			t.Errorf("no loopback in %v", list)
		}
		for _, address := range list {
			if address.IsUnspecified() || address.IsMulticast() || address.IsLinkLocalUnicast() && address.Is6() ||
				only4 && !address.Is4() {
				t.Errorf("%v is advertised", address)
			}
		}
	}
}

// TestAllAddresses: the relay listens on everything, as in production, and a client reaches it.
func TestAllAddresses(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0"} {
		t.Run(address, func(t *testing.T) {
			s := newStage(t, Config{UDPAddr: address}, quickTiming(), nil)
			a, b := s.join("room", "a", 1), s.join("room", "b", 1)
			a.send(testclient.Audio)
			b.hear(s.seen.untilCarrying(t, "room", "b", "audio", "a"), "a")
			if !strings.Contains(a.joined.Answer, " 127.0.0.1 ") {
				t.Error("loopback is not advertised")
			}
		})
	}
}

// TestSocketIgnoresDeadlines: a connection that closes must not abort the writes of the others.
func TestSocketIgnoresDeadlines(t *testing.T) {
	s, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	to := s.LocalAddr().(*net.UDPAddr).AddrPort()
	for _, set := range []func(time.Time) error{s.SetWriteDeadline, s.SetDeadline} {
		if err := set(time.Now().Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.WriteToAddrPort([]byte("hello"), to); err != nil {
			t.Errorf("write: %v", err)
		}
	}
	buf := make([]byte, 100)
	if n, from, err := s.ReadFromAddrPort(buf); err != nil || string(buf[:n]) != "hello" || from != to {
		t.Errorf("read %q from %v: %v", buf[:n], from, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.ReadFromAddrPort(buf); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read after close: %v", err)
	}
}

func TestCertificateIsRenewed(t *testing.T) {
	var c certificate
	now := time.Now()
	first, err := c.current(now)
	if err != nil {
		t.Fatal(err)
	}
	if same, _ := c.current(now); !same.Equals(first) {
		t.Error("the certificate is not shared")
	}
	if later, _ := c.current(first.Expires().Add(-renewBefore)); later.Equals(first) {
		t.Error("the certificate was not renewed")
	}
	// One that has expired is replaced.
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	old, err := webrtc.NewCertificate(key, x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: now.Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	c.value = old
	if fresh, _ := c.current(now); !fresh.Expires().After(now) {
		t.Error("an expired certificate is used")
	}
}

// probeClient makes the client's side of a self-test.
func probeClient(t *testing.T) *webrtc.PeerConnection {
	t.Helper()
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetInterfaceFilter(func(name string) bool { return strings.HasPrefix(name, "lo") })
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	return pc
}

func (s *stage) probe(pc *webrtc.PeerConnection) {
	s.t.Helper()
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		s.t.Fatal(err)
	}
	<-gathered
	answer, err := s.relay.Probe(ctxFor(s.t), pc.LocalDescription().SDP)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		s.t.Fatal(err)
	}
}

func TestProbeEchoes(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	pc := probeClient(t)
	channel, err := pc.CreateDataChannel("test", nil)
	if err != nil {
		t.Fatal(err)
	}
	back := make(chan string, 2)
	channel.OnOpen(func() {
		_ = channel.SendText(strings.Repeat("x", maxEchoBytes)) // comes back
		_ = channel.Send([]byte("hello"))
	})
	channel.OnMessage(func(m webrtc.DataChannelMessage) {
		if m.IsString != (len(m.Data) == maxEchoBytes) {
			t.Error("text became binary, or the reverse")
		}
		back <- string(m.Data)
	})
	s.probe(pc)
	for _, want := range []string{strings.Repeat("x", maxEchoBytes), "hello"} {
		select {
		case got := <-back:
			if got != want {
				t.Errorf("echo %q, want %q", got, want)
			}
		case <-time.After(patience):
			t.Fatal("no echo")
		}
	}
	if n := len(s.relay.probes); n != 1 {
		t.Errorf("%d probes are running", n)
	}
	if err := pc.GracefulClose(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the closed probe to end", func() bool { return len(s.relay.probes) == 0 })
	if s.relay.Rooms() != nil {
		t.Error("a probe is in a room")
	}
}

func TestProbeEndsByItself(t *testing.T) {
	quick := quickTiming()
	quick.probe = 300 * time.Millisecond
	s := newStage(t, Config{}, quick, nil)
	pc := probeClient(t)
	closed := make(chan struct{}, 1)
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateClosed {
			closed <- struct{}{}
		}
	})
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio,
		webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	s.probe(pc)
	eventually(t, "the probe to end", func() bool { return len(s.relay.probes) == 0 })
	if pc.ConnectionState() == webrtc.PeerConnectionStateConnected {
		select {
		case <-closed:
		case <-time.After(patience):
			t.Fatal("the client was not told")
		}
	}
}

func TestProbeRefusals(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	room := offerOf(t, newClient(t, testclient.Options{}))
	for _, offer := range []string{"", "v=0", room} {
		if _, err := s.relay.Probe(ctxFor(t), offer); !errors.Is(err, ErrOfferMalformed) {
			t.Errorf("error %v", err)
		}
	}
	for range maxProbes {
		s.relay.probes <- struct{}{}
	}
	pc := probeClient(t)
	if _, err := pc.CreateDataChannel("test", nil); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.relay.Probe(context.Background(), offer.SDP); !errors.Is(err, ErrProbeBusy) {
		t.Errorf("error %v", err)
	}
}
