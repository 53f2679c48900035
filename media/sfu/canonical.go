package sfu

import (
	"fmt"
	"strings"
)

// canonical writes the offer for the WebRTC stack.
func (o *offer) canonical() string {
	var b strings.Builder
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, format, args...)
		b.WriteString("\r\n")
	}
	line("v=0")
	line("o=- 1 1 IN IP4 0.0.0.0")
	line("s=-")
	line("t=0 0")
	group := "a=group:BUNDLE"
	for i := range o.lines {
		group += " " + o.lines[i].mid
	}
	line("%s", group)
	for i := range o.lines {
		o.writeLine(line, &o.lines[i])
	}
	return b.String()
}

func (o *offer) writeLine(line func(string, ...any), l *offerLine) {
	if l.data {
		line("m=application 9 UDP/DTLS/SCTP webrtc-datachannel")
	} else {
		formats := ""
		for c := codecOpus; c < numCodecs; c++ {
			if c.media().media() != l.kind.media() || o.pt[c] == 0 {
				continue
			}
			formats += fmt.Sprintf(" %d", o.pt[c])
			if o.rtx[c] != 0 {
				formats += fmt.Sprintf(" %d", o.rtx[c])
			}
		}
		line("m=%s 9 UDP/TLS/RTP/SAVPF%s", l.kind.media(), formats)
	}
	line("c=IN IP4 0.0.0.0")
	line("a=mid:%s", l.mid)
	line("a=ice-ufrag:%s", o.ufrag)
	line("a=ice-pwd:%s", o.pwd)
	line("a=fingerprint:%s", o.fingerprint)
	line("a=setup:actpass")
	if l.data {
		line("a=sctp-port:5000")
		line("a=max-message-size:%d", maxEchoBytes)
		return
	}
	line("a=rtcp-mux")
	line("a=rtcp-rsize")
	line("a=%s", l.direction)
	for i, uri := range extensionURIs() {
		if o.ext[i] != 0 {
			line("a=extmap:%d %s", o.ext[i], uri)
		}
	}
	for c := codecOpus; c < numCodecs; c++ {
		if c.media().media() == l.kind.media() && o.pt[c] != 0 {
			o.writeCodec(line, c)
		}
	}
	if l.rtxSSRC != 0 {
		line("a=ssrc-group:FID %d %d", l.ssrc, l.rtxSSRC)
	}
	for _, ssrc := range []uint32{l.ssrc, l.rtxSSRC} {
		if ssrc != 0 {
			line("a=ssrc:%d cname:client", ssrc)
		}
	}
}

func (o *offer) writeCodec(line func(string, ...any), c codec) {
	capability := c.capability()
	_, name, _ := strings.Cut(capability.MimeType, "/")
	if capability.Channels > 0 {
		line("a=rtpmap:%d %s/%d/%d", o.pt[c], name, capability.ClockRate, capability.Channels)
	} else {
		line("a=rtpmap:%d %s/%d", o.pt[c], name, capability.ClockRate)
	}
	if capability.SDPFmtpLine != "" {
		line("a=fmtp:%d %s", o.pt[c], capability.SDPFmtpLine)
	}
	for _, feedback := range capability.RTCPFeedback {
		line("a=rtcp-fb:%d %s", o.pt[c], strings.TrimSpace(feedback.Type+" "+feedback.Parameter))
	}
	if o.rtx[c] != 0 {
		line("a=rtpmap:%d rtx/90000", o.rtx[c])
		line("a=fmtp:%d apt=%d", o.rtx[c], o.pt[c])
	}
}
