package sfu

import (
	"strconv"
	"strings"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/logging"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// kind is what a track shows; it is also the order of a client's sending m-lines.
type kind uint8

const (
	kindAudio kind = iota
	kindVideo
	kindScreen
	numKinds
)

func (k kind) String() string {
	switch k {
	case kindAudio:
		return "audio"
	case kindVideo:
		return "video"
	default:
		return "screen"
	}
}

// media is the m-line type of the kind.
func (k kind) media() webrtc.RTPCodecType {
	if k == kindAudio {
		return webrtc.RTPCodecTypeAudio
	}
	return webrtc.RTPCodecTypeVideo
}

func (k kind) clockRate() uint32 {
	if k == kindAudio {
		return 48000
	}
	return 90000
}

// codec is one of the few that the relay forwards. VP8 is for browsers, H.264 constrained baseline where VP8 is absent.
type codec uint8

const (
	codecNone codec = iota
	codecOpus
	codecVP8
	codecH264
	numCodecs
)

// The format parameters as the relay writes them into offers for its own stack, and therefore into answers: in-band
// FEC always, discontinuous transmission because the weakest links are uplinks of care homes.
const (
	fmtpOpus = "minptime=10;useinbandfec=1;usedtx=1"
	fmtpH264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
)

func (c codec) media() kind {
	if c == codecOpus {
		return kindAudio
	}
	return kindVideo
}

func (c codec) capability() webrtc.RTPCodecCapability {
	switch c {
	case codecOpus:
		return webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: fmtpOpus,
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: "transport-cc"}},
		}
	case codecVP8:
		return webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: videoFeedback()}
	default:
		return webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: 90000, SDPFmtpLine: fmtpH264, RTCPFeedback: videoFeedback(),
		}
	}
}

func videoFeedback() []webrtc.RTCPFeedback {
	return []webrtc.RTCPFeedback{
		{Type: "transport-cc"}, {Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"},
	}
}

// matchCodec recognises a codec by an offer's rtpmap and fmtp values.
func matchCodec(rtpmap, fmtp string) codec {
	switch strings.ToLower(rtpmap) {
	case "opus/48000/2":
		return codecOpus
	case "vp8/90000":
		return codecVP8
	case "h264/90000":
		if constrainedBaseline(fmtp) {
			return codecH264
		}
	}
	return codecNone
}

// constrainedBaseline reports whether H.264 parameters mean packetization mode 1 and the constrained baseline profile:
// profile_idc 0x42 with constraint_set1 (RFC 6184, table 5). The level is free, because it is asymmetric.
func constrainedBaseline(fmtp string) bool {
	var mode, profile string
	for _, parameter := range strings.Split(fmtp, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		switch strings.ToLower(key) {
		case "packetization-mode":
			mode = value
		case "profile-level-id":
			profile = value
		}
	}
	if mode != "1" || len(profile) != 6 || profile[:2] != "42" {
		return false
	}
	constraints, err := strconv.ParseUint(profile[2:4], 16, 8)
	return err == nil && constraints&0x40 != 0
}

// Header extensions that the relay understands on what clients send.
func extensionURIs() []string { return []string{sdp.TransportCCURI, sdp.SDESMidURI} }

// newMediaEngine registers the codecs with their retransmission formats. The payload type numbers here are only keys:
// a client's offer brings its own.
func newMediaEngine() (*webrtc.MediaEngine, error) {
	engine := &webrtc.MediaEngine{}
	number := webrtc.PayloadType(96)
	for _, c := range []codec{codecOpus, codecVP8, codecH264} {
		parameters := webrtc.RTPCodecParameters{RTPCodecCapability: c.capability(), PayloadType: number}
		if err := engine.RegisterCodec(parameters, c.media().media()); err != nil {
			return nil, err
		}
		number++
		if c == codecOpus {
			continue
		}
		rtx := webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeRTX, ClockRate: 90000,
				SDPFmtpLine: "apt=" + strconv.Itoa(int(parameters.PayloadType)),
			},
			PayloadType: number,
		}
		if err := engine.RegisterCodec(rtx, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, err
		}
		number++
	}
	for _, uri := range extensionURIs() {
		for _, media := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			err := engine.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, media,
				webrtc.RTPTransceiverDirectionRecvonly)
			if err != nil {
				return nil, err
			}
		}
	}
	return engine, nil
}

// newInterceptors builds a peer's chain, from the network inwards: the payload type of retransmissions, then Pion's
// NACK, reports and transport-wide feedback.
func newInterceptors(rtx rtxTable, logs logging.LoggerFactory) (*interceptor.Registry, error) {
	responder, err := nack.NewResponderInterceptor(nack.WithResponderLoggerFactory(logs))
	if err != nil {
		return nil, err
	}
	generator, err := nack.NewGeneratorInterceptor(nack.WithGeneratorLoggerFactory(logs))
	if err != nil {
		return nil, err
	}
	receiverReports, err := report.NewReceiverInterceptor(report.WithReceiverLoggerFactory(logs))
	if err != nil {
		return nil, err
	}
	senderReports, err := report.NewSenderInterceptor(report.WithSenderLoggerFactory(logs))
	if err != nil {
		return nil, err
	}
	feedback, err := twcc.NewSenderInterceptor(twcc.WithLoggerFactory(logs))
	if err != nil {
		return nil, err
	}
	registry := &interceptor.Registry{}
	registry.Add(retransmitFactory{rtx})
	registry.Add(responder)
	registry.Add(generator)
	registry.Add(receiverReports)
	registry.Add(senderReports)
	registry.Add(feedback)
	return registry, nil
}
