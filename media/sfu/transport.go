package sfu

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

const (
	// replayWindow is how many packets late SRTP accepts; as far back as slots can make use of.
	replayWindow = reorder
	// keepAlive is how often ICE sends an indication on a silent connection.
	keepAlive = 2 * time.Second
)

// transport is what all connections share: the socket, the certificate and the settings of the WebRTC stack.
type transport struct {
	socket      socket
	mux         socketMux
	advertised  []netip.Addr
	settings    webrtc.SettingEngine
	media       *webrtc.MediaEngine
	certificate certificate
}

func newTransport(cfg Config, t timing) (*transport, error) {
	media, err := newMediaEngine()
	if err != nil {
		return nil, fmt.Errorf("sfu: registering codecs: %w", err)
	}
	s, err := listen(cfg.UDPAddr)
	if err != nil {
		return nil, err
	}
	logs := pionLogs{cfg.Logger}
	mux := socketMux{ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: s, Logger: logs.NewLogger("udp-mux")})}
	tr := &transport{socket: s, mux: mux, advertised: cfg.Advertised, media: media}
	if tr.settings, err = newSettings(mux, logs, t); err != nil {
		return nil, errors.Join(err, mux.Close())
	}
	if _, err := tr.certificate.current(time.Now()); err != nil {
		return nil, errors.Join(err, mux.Close())
	}
	return tr, nil
}

func newSettings(mux ice.UDPMux, logs logging.LoggerFactory, t timing) (webrtc.SettingEngine, error) {
	s := webrtc.SettingEngine{LoggerFactory: logs}
	s.SetLite(true)
	s.SetICEUDPMux(mux)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.SetICETimeouts(t.disconnected, t.failed, keepAlive)
	// As server the relay's preference decides, and AES-GCM is several times cheaper than AES-CM with HMAC-SHA1.
	if err := s.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return s, err
	}
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM,
		dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	// ICE has proved the client's address before DTLS begins, therefore the cookie exchange would prove nothing more.
	s.SetDTLSInsecureSkipHelloVerify(true)
	s.SetSRTPReplayProtectionWindow(replayWindow)
	// Readers start with the connection; waiting for a first packet would lose a track whose first packet is odd.
	s.SetFireOnTrackBeforeFirstRTP(true)
	// Data channels exist in self-tests only.
	s.SetSCTPMaxMessageSize(maxEchoBytes)
	s.SetSCTPMaxReceiveBufferSize(maxEchoBacklog)
	return s, nil
}

func (t *transport) newPeerConnection(rtx rtxTable) (*webrtc.PeerConnection, error) {
	interceptors, err := newInterceptors(rtx, t.settings.LoggerFactory)
	if err != nil {
		return nil, err
	}
	certificate, err := t.certificate.current(time.Now())
	if err != nil {
		return nil, err
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(t.media), webrtc.WithSettingEngine(t.settings),
		webrtc.WithInterceptorRegistry(interceptors))
	return api.NewPeerConnection(webrtc.Configuration{
		Certificates: []webrtc.Certificate{certificate},
		BundlePolicy: webrtc.BundlePolicyMaxBundle,
		SDPSemantics: webrtc.SDPSemanticsUnifiedPlan,
	})
}

// answer negotiates o on pc and returns the complete answer.
func (t *transport) answer(ctx context.Context, pc *webrtc.PeerConnection, o *offer) (string, error) {
	gathered := webrtc.GatheringCompletePromise(pc)
	err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.canonical()})
	if err != nil {
		return "", malformed("%v", err)
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", malformed("%v", err)
	}
	if err := pc.SetLocalDescription(answer); err != nil {
		if errors.Is(err, errNoCodec) {
			return "", fmt.Errorf("%w: %w", ErrCodecUnsupported, err)
		}
		return "", malformed("%v", err)
	}
	// The stack's own candidates exist only so that the socket knows the connection; see socketMux.
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	description := &sdp.SessionDescription{}
	if err := description.UnmarshalString(answer.SDP); err != nil {
		return "", fmt.Errorf("sfu: reading the answer: %w", err)
	}
	first := description.MediaDescriptions[0]
	for _, candidate := range t.candidates() {
		first.WithValueAttribute("candidate", candidate)
	}
	first.WithPropertyAttribute("end-of-candidates")
	text, err := description.Marshal()
	if err != nil {
		return "", fmt.Errorf("sfu: writing the answer: %w", err)
	}
	return string(text), nil
}

func (t *transport) close() { _ = t.mux.Close() }

// certificate is the self-signed DTLS certificate that all connections share. It is renewed well before it expires;
// connections that were made with the older one keep it.
type certificate struct {
	mu    sync.Mutex
	value *webrtc.Certificate
}

// renewBefore is how much validity a certificate must have left to be used for a new connection.
const renewBefore = 7 * 24 * time.Hour

func (c *certificate) current(now time.Time) (webrtc.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.value != nil && c.value.Expires().Sub(now) > renewBefore {
		return *c.value, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return webrtc.Certificate{}, fmt.Errorf("sfu: making a DTLS key: %w", err)
	}
	made, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return webrtc.Certificate{}, fmt.Errorf("sfu: making a DTLS certificate: %w", err)
	}
	c.value = made
	return *made, nil
}
