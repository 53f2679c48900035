package sfu

import "encoding/binary"

// rtpPacket is what the relay needs of an RTP packet. The payload is a view of the read buffer; extensions,
// contributing sources and padding are left behind, for they mean nothing on another connection.
type rtpPacket struct {
	seq         uint16
	timestamp   uint32
	payloadType uint8
	marker      bool
	payload     []byte
}

// parseRTP reads a packet (RFC 3550, 5.1) without allocating. ok is false for anything that is not one.
func parseRTP(b []byte) (p rtpPacket, ok bool) {
	if len(b) < 12 || b[0]>>6 != 2 {
		return p, false
	}
	end := 12 + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 { // extension: 16 bits of profile, 16 bits of length in words
		if len(b) < end+4 {
			return p, false
		}
		end += 4 + 4*int(binary.BigEndian.Uint16(b[end+2:]))
	}
	if len(b) < end {
		return p, false
	}
	payload := b[end:]
	if b[0]&0x20 != 0 { // padding: the last byte counts itself
		if len(payload) == 0 {
			return p, false
		}
		padding := int(payload[len(payload)-1])
		if padding == 0 || padding > len(payload) {
			return p, false
		}
		payload = payload[:len(payload)-padding]
	}
	return rtpPacket{
		seq:         binary.BigEndian.Uint16(b[2:]),
		timestamp:   binary.BigEndian.Uint32(b[4:]),
		payloadType: b[1] & 0x7f,
		marker:      b[1]&0x80 != 0,
		payload:     payload,
	}, true
}

// startsStream reports whether a decoder that has seen nothing can begin with this packet: any audio packet, or the
// first packet of a video key frame.
func startsStream(c codec, payload []byte) bool {
	switch c {
	case codecOpus:
		return len(payload) > 0
	case codecVP8:
		return startsVP8KeyFrame(payload)
	case codecH264:
		return startsH264KeyFrame(payload)
	default:
		return false
	}
}

// startsVP8KeyFrame reads the payload descriptor (RFC 7741, 4.2) and the frame header's key bit (4.3).
func startsVP8KeyFrame(p []byte) bool {
	if len(p) < 2 || p[0]&0x10 == 0 || p[0]&0x07 != 0 { // not the start of partition 0
		return false
	}
	extended, n := p[0]&0x80 != 0, 1
	if extended {
		bits := p[n]
		n++
		if bits&0x80 != 0 { // picture id, one or two bytes
			if n >= len(p) {
				return false
			}
			if p[n]&0x80 != 0 {
				n++
			}
			n++
		}
		if bits&0x40 != 0 { // TL0PICIDX
			n++
		}
		if bits&0x30 != 0 { // TID or KEYIDX
			n++
		}
	}
	return n < len(p) && p[n]&0x01 == 0
}

// startsH264KeyFrame looks for a sequence parameter set (RFC 6184, 5.4 and 5.7.1), which browsers send in front of
// every key frame and without which a new decoder cannot begin.
func startsH264KeyFrame(p []byte) bool {
	const sps, stapA = 7, 24
	if len(p) == 0 {
		return false
	}
	switch p[0] & 0x1f {
	case sps:
		return len(p) > 1
	case stapA:
		for p = p[1:]; len(p) > 2; {
			size := int(binary.BigEndian.Uint16(p))
			if size == 0 || size > len(p)-2 {
				return false
			}
			if p[2]&0x1f == sps {
				return true
			}
			p = p[2+size:]
		}
	}
	return false
}

// asksKeyFrame reports whether a compound RTCP packet asks for a key frame of ssrc, by picture loss indication
// (RFC 4585, 6.3.1) or full intra request (RFC 5104, 4.3.1). It stops at the first thing that is not RTCP.
func asksKeyFrame(b []byte, ssrc uint32) bool {
	const payloadFeedback, pli, fir = 206, 1, 4
	for len(b) >= 4 && b[0]>>6 == 2 {
		size := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
		if size > len(b) {
			return false
		}
		packet := b[:size]
		b = b[size:]
		if packet[1] != payloadFeedback || size < 12 {
			continue
		}
		switch packet[0] & 0x1f {
		case pli:
			if binary.BigEndian.Uint32(packet[8:]) == ssrc {
				return true
			}
		case fir:
			for entry := packet[12:]; len(entry) >= 8; entry = entry[8:] {
				if binary.BigEndian.Uint32(entry) == ssrc {
					return true
				}
			}
		}
	}
	return false
}
