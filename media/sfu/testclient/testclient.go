// Package testclient is a participant without a browser: it makes the offer that the relay wants, sends recognisable
// packets and hands out what it receives per m-line. Tests and load generators use it; the product does not.
//
// Its packets carry a tag, so that a receiver can tell whose they are. Its video is not decodable, but frames begin and
// refresh like VP8's or H.264's: a key frame first, then whenever the other side asks for one.
package testclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// The sending m-lines, by index and mid.
const (
	Audio = iota
	Video
	Screen
)

// Receiving m-lines by mid.
const (
	FirstAudioSlot = 3
	FirstVideoSlot = 8
	ScreenSlot     = 13
)

// Options change what the client is able to do.
type Options struct {
	// Tag marks the client's packets.
	Tag string
	// Video is the MIME type of the camera and the screen; empty means VP8.
	Video string
	// VideoCodecs are the MIME types that the client offers; empty means VP8 and H.264.
	VideoCodecs []string
	// Settings changes the WebRTC engine before the connection is made, for example its SRTP profiles.
	Settings func(*webrtc.SettingEngine)
}

// Client is one PeerConnection in the relay's layout.
type Client struct {
	PC *webrtc.PeerConnection

	tag    string
	tracks [3]*webrtc.TrackLocalStaticRTP
	key    [3]atomic.Bool // a key frame is wanted
	keys   [3]atomic.Uint64

	connected chan struct{}
	closed    chan struct{}
	states    sync.Once
	ends      sync.Once

	mu        sync.Mutex
	streams   map[string]chan *rtp.Packet
	closing   bool
	receivers []*webrtc.RTPReceiver // whose RTCP is being read
	wg        sync.WaitGroup
}

// received is how many packets of an m-line may wait for Next; more are dropped.
const received = 4096

// New makes a client with its fourteen m-lines.
func New(options Options) (*Client, error) {
	if options.Video == "" {
		options.Video = webrtc.MimeTypeVP8
	}
	if len(options.VideoCodecs) == 0 {
		options.VideoCodecs = []string{webrtc.MimeTypeVP8, webrtc.MimeTypeH264}
	}
	api, err := newAPI(options)
	if err != nil {
		return nil, err
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	c := &Client{
		PC: pc, tag: options.Tag, connected: make(chan struct{}), closed: make(chan struct{}),
		streams: map[string]chan *rtp.Packet{},
	}
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			c.states.Do(func() { close(c.connected) })
		case webrtc.PeerConnectionStateClosed, webrtc.PeerConnectionStateFailed:
			c.ends.Do(func() { close(c.closed) })
		}
	})
	pc.OnTrack(c.receive)
	if err := c.addLines(options.Video); err != nil {
		return nil, errors.Join(err, pc.Close())
	}
	return c, nil
}

func newAPI(options Options) (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	opus := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
		},
		PayloadType: 111,
	}
	if err := media.RegisterCodec(opus, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	number := webrtc.PayloadType(100)
	for _, mime := range options.VideoCodecs {
		fmtp := ""
		if strings.EqualFold(mime, webrtc.MimeTypeH264) {
			fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
		}
		for _, codec := range []webrtc.RTPCodecCapability{
			{MimeType: mime, ClockRate: 90000, SDPFmtpLine: fmtp, RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack", Parameter: "pli"}}},
			{MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: fmt.Sprintf("apt=%d", number)},
		} {
			parameters := webrtc.RTPCodecParameters{RTPCodecCapability: codec, PayloadType: number}
			if strings.EqualFold(codec.MimeType, webrtc.MimeTypeRTX) {
				parameters.PayloadType = number + 1
			}
			if err := media.RegisterCodec(parameters, webrtc.RTPCodecTypeVideo); err != nil {
				return nil, err
			}
		}
		number += 2
	}
	registry := &interceptor.Registry{}
	if err := webrtc.ConfigureNack(media, registry); err != nil {
		return nil, err
	}
	if err := webrtc.ConfigureRTCPReports(registry); err != nil {
		return nil, err
	}
	if err := webrtc.ConfigureTWCCHeaderExtensionSender(media, registry); err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{}
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetInterfaceFilter(func(name string) bool { return strings.HasPrefix(name, "lo") })
	settings.SetHostAcceptanceMinWait(0)
	if options.Settings != nil {
		options.Settings(&settings)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry),
		webrtc.WithSettingEngine(settings)), nil
}

func (c *Client) addLines(video string) error {
	mimes := [3]string{webrtc.MimeTypeOpus, video, video}
	for i, mime := range mimes {
		capability := webrtc.RTPCodecCapability{MimeType: mime, ClockRate: 90000}
		if i == Audio {
			capability.ClockRate, capability.Channels = 48000, 2
		} else if strings.EqualFold(mime, webrtc.MimeTypeH264) {
			capability.SDPFmtpLine = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
		}
		track, err := webrtc.NewTrackLocalStaticRTP(capability, fmt.Sprintf("own-%d", i), "own")
		if err != nil {
			return err
		}
		transceiver, err := c.PC.AddTransceiverFromTrack(track,
			webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			return err
		}
		c.tracks[i] = track
		c.key[i].Store(true)
		c.wg.Go(func() { c.feedback(i, transceiver.Sender()) })
	}
	for i := FirstAudioSlot; i <= ScreenSlot; i++ {
		media := webrtc.RTPCodecTypeAudio
		if i >= FirstVideoSlot {
			media = webrtc.RTPCodecTypeVideo
		}
		if _, err := c.PC.AddTransceiverFromKind(media,
			webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			return err
		}
	}
	return nil
}

// feedback notes requests for key frames.
func (c *Client) feedback(line int, sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			if _, ok := packet.(*rtcp.PictureLossIndication); ok {
				c.keys[line].Add(1)
				c.key[line].Store(true)
			}
		}
	}
}

// KeyFrameRequests is how many key frame requests have arrived for a sending line.
func (c *Client) KeyFrameRequests(line int) uint64 { return c.keys[line].Load() }

// Offer returns the complete offer.
func (c *Client) Offer(ctx context.Context) (string, error) {
	gathered := webrtc.GatheringCompletePromise(c.PC)
	offer, err := c.PC.CreateOffer(nil)
	if err != nil {
		return "", err
	}
	if err := c.PC.SetLocalDescription(offer); err != nil {
		return "", err
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return c.PC.LocalDescription().SDP, nil
}

// Answer takes the relay's answer and so begins to connect.
func (c *Client) Answer(answer string) error {
	return c.PC.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
}

// Connected is closed when ICE and DTLS are up.
func (c *Client) Connected() <-chan struct{} { return c.connected }

// Closed is closed when the connection has ended or failed.
func (c *Client) Closed() <-chan struct{} { return c.closed }

func (c *Client) receive(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	mid := receiver.RTPTransceiver().Mid()
	stream := c.stream(mid)
	c.mu.Lock()
	if c.closing { // nobody waits for a goroutine that begins now
		c.mu.Unlock()
		return
	}
	c.receivers = append(c.receivers, receiver)
	c.wg.Go(func() {
		for {
			if _, _, err := receiver.ReadRTCP(); err != nil {
				return
			}
		}
	})
	c.mu.Unlock()
	for {
		packet, _, err := track.ReadRTP()
		if errors.Is(err, io.EOF) || err != nil && packet == nil {
			return
		}
		select {
		case stream <- packet:
		default:
		}
	}
}

func (c *Client) stream(mid string) chan *rtp.Packet {
	c.mu.Lock()
	defer c.mu.Unlock()
	stream, ok := c.streams[mid]
	if !ok {
		stream = make(chan *rtp.Packet, received)
		c.streams[mid] = stream
	}
	return stream
}

// Next returns the next packet that arrived on a receiving m-line.
func (c *Client) Next(ctx context.Context, mid string) (*rtp.Packet, error) {
	select {
	case packet := <-c.stream(mid):
		return packet, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("no packet on m-line %s: %w", mid, ctx.Err())
	}
}

// Pending is how many packets of an m-line wait for Next.
func (c *Client) Pending(mid string) int { return len(c.stream(mid)) }

// SendAudio sends one Opus packet with the client's tag.
func (c *Client) SendAudio(seq uint16, timestamp uint32) error {
	return c.tracks[Audio].WriteRTP(&rtp.Packet{
		Header:  rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: timestamp},
		Payload: append([]byte{0xfc}, c.tag...),
	})
}

// SendFrame sends a frame of one packet on a video line, a key frame when one is wanted. key tells which it was.
func (c *Client) SendFrame(line int, seq uint16, timestamp uint32) (key bool, err error) {
	key = c.key[line].Swap(false)
	var payload []byte
	if strings.EqualFold(c.tracks[line].Codec().MimeType, webrtc.MimeTypeH264) {
		payload = []byte{0x41, 0}
		if key {
			payload = []byte{0x67, 0x42}
		}
	} else {
		payload = []byte{0x10, 1}
		if key {
			payload = []byte{0x10, 0}
		}
	}
	return key, c.tracks[line].WriteRTP(&rtp.Packet{
		Header:  rtp.Header{Version: 2, Marker: true, SequenceNumber: seq, Timestamp: timestamp},
		Payload: append(payload, c.tag...),
	})
}

// Tag returns whose packet it is, and for video whether it is a key frame. It knows only packets of this package.
func Tag(packet *rtp.Packet) (tag string, key bool) {
	switch p := packet.Payload; {
	case len(p) > 0 && p[0] == 0xfc:
		return string(p[1:]), false
	case len(p) > 1 && p[0] == 0x10:
		return string(p[2:]), p[1] == 0
	case len(p) > 1:
		return string(p[2:]), p[0] == 0x67
	default:
		return "", false
	}
}

// Send keeps sending on the given lines until ctx ends: audio every 20 ms, video every 40 ms.
func (c *Client) Send(ctx context.Context, lines ...int) {
	c.wg.Go(func() {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for n := uint32(1); ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-c.closed:
				return
			case <-ticker.C:
			}
			for _, line := range lines {
				switch {
				case line == Audio:
					_ = c.SendAudio(uint16(n), n*960)
				case n%2 == 0:
					_, _ = c.SendFrame(line, uint16(n/2), n*1800)
				}
			}
		}
	})
}

// Close ends the connection and waits for the client's goroutines.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()
	err := c.PC.GracefulClose()
	c.ends.Do(func() { close(c.closed) })
	// A receiver that started in the instant in which it was stopped has an RTCP stream that nothing closes. A deadline that has
	// passed ends its reader too.
	c.mu.Lock()
	for _, receiver := range c.receivers {
		_ = receiver.SetReadDeadline(time.Unix(1, 0))
	}
	c.mu.Unlock()
	c.wg.Wait()
	return err
}
