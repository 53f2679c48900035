package sfu

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// A client's offer has exactly these m-lines, in this order, all in one BUNDLE group with rtcp-mux:
//
//	0        audio   sendonly   microphone
//	1        video   sendonly   camera
//	2        video   sendonly   shared screen
//	3 – 7    audio   recvonly   one per other participant
//	8 – 12   video   recvonly   one per other participant
//	13       video   recvonly   the screen that somebody shares
//
// A sending line may be "inactive" when the device has no such source; it then carries nothing for the life of the
// connection. A source that comes later (a camera that is switched on) is put on its sendonly line with replaceTrack.
//
// What the WebRTC stack gets to see is not this text but a new offer written from the values below. Candidates are left
// out, because an ICE-lite agent learns its peer's address from the peer's checks; so are simulcast, FEC, other codecs
// and other header extensions, which keeps negotiation cheap and gives a hostile client nothing to play with.
const (
	ownLines   = int(numKinds)
	slotLines  = 2*maxSeats + 1
	offerLines = ownLines + slotLines
)

// offer is the part of a session description that the relay uses.
type offer struct {
	lines       []offerLine
	ufrag, pwd  string
	fingerprint string
	// payload types by codec, 0 where the codec is not offered on every line of its media type
	pt, rtx [numCodecs]uint8
	// header extension ids in the order of extensionURIs, 0 where not offered
	ext [2]uint8
}

// offerLine is one m-line.
type offerLine struct {
	mid       string
	kind      kind
	data      bool   // a data channel; only in a network self-test
	direction string // sendonly, recvonly or inactive
	// stream of a sendonly line and of its retransmissions, 0 where none
	ssrc, rtxSSRC uint32
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrOfferMalformed, fmt.Sprintf(format, args...))
}

// parseOffer reads a participant's offer. Its error is ErrOfferMalformed or ErrCodecUnsupported.
func parseOffer(text string) (*offer, error) {
	description, err := parseDescription(text)
	if err != nil {
		return nil, err
	}
	if n := len(description.MediaDescriptions); n != offerLines {
		return nil, malformed("%d m-lines instead of %d", n, offerLines)
	}
	o := &offer{}
	for i, media := range description.MediaDescriptions {
		line := offerLine{kind: lineKind(i), direction: direction(description, media)}
		own := i < ownLines
		switch {
		case media.MediaName.Media != line.kind.media().String():
			return nil, malformed("m-line %d is %q", i, media.MediaName.Media)
		case own && line.direction != "sendonly" && line.direction != "inactive":
			return nil, malformed("m-line %d is %s instead of sendonly", i, line.direction)
		case !own && line.direction != "recvonly":
			return nil, malformed("m-line %d is %s instead of recvonly", i, line.direction)
		}
		if line.direction == "sendonly" {
			if line.ssrc, line.rtxSSRC, err = streams(media); err != nil {
				return nil, err
			}
		}
		o.lines = append(o.lines, line)
	}
	return o, o.fill(description)
}

// parseProbeOffer reads the offer of a network self-test: one m-line, either a data channel or a sendonly audio track.
func parseProbeOffer(text string) (*offer, error) {
	description, err := parseDescription(text)
	if err != nil {
		return nil, err
	}
	if n := len(description.MediaDescriptions); n != 1 {
		return nil, malformed("%d m-lines instead of 1", n)
	}
	media := description.MediaDescriptions[0]
	line := offerLine{kind: kindAudio, direction: direction(description, media)}
	switch {
	case media.MediaName.Media == "application":
		line.data = true
	case media.MediaName.Media == "audio" && line.direction == "sendonly":
		if line.ssrc, line.rtxSSRC, err = streams(media); err != nil {
			return nil, err
		}
	default:
		return nil, malformed("a self-test offers a data channel or sendonly audio")
	}
	o := &offer{lines: []offerLine{line}}
	return o, o.fill(description)
}

// lineKind is the layout: what the i-th m-line is for.
func lineKind(i int) kind {
	switch {
	case i < ownLines:
		return kind(i)
	case i < ownLines+maxSeats:
		return kindAudio
	case i < ownLines+2*maxSeats:
		return kindVideo
	default:
		return kindScreen
	}
}

func parseDescription(text string) (*sdp.SessionDescription, error) {
	if len(text) > maxOfferBytes {
		return nil, malformed("%d bytes are more than %d", len(text), maxOfferBytes)
	}
	description := &sdp.SessionDescription{}
	if err := description.UnmarshalString(text); err != nil {
		return nil, malformed("%v", err)
	}
	return description, nil
}

// fill reads what the lines have in common: transport, codecs and header extensions.
func (o *offer) fill(description *sdp.SessionDescription) error {
	if _, lite := description.Attribute("ice-lite"); lite {
		return malformed("both sides are ICE-lite")
	}
	if err := o.fillTransport(description); err != nil {
		return err
	}
	if err := o.fillStreams(); err != nil {
		return err
	}
	if err := o.fillExtensions(description); err != nil {
		return err
	}
	return o.fillCodecs(description)
}

func (o *offer) fillTransport(description *sdp.SessionDescription) error {
	group, _ := description.Attribute("group")
	bundled := strings.Fields(group)
	if len(bundled) == 0 || bundled[0] != "BUNDLE" {
		return malformed("no BUNDLE group")
	}
	inBundle := make(map[string]bool, len(bundled))
	for _, mid := range bundled[1:] {
		inBundle[mid] = true
	}
	for i, media := range description.MediaDescriptions {
		mid, _ := media.Attribute("mid")
		if !isToken(mid, 1, 16, "-_.") || !inBundle[mid] {
			return malformed("m-line %d has no usable mid in the BUNDLE group", i)
		}
		delete(inBundle, mid) // so that a repeated mid is refused
		if _, mux := media.Attribute("rtcp-mux"); !mux && !o.lines[i].data {
			return malformed("m-line %d has no rtcp-mux", i)
		}
		if _, only := media.Attribute("bundle-only"); media.MediaName.Port.Value == 0 && !only {
			return malformed("m-line %d is rejected", i)
		}
		if setup := attribute(description, media, "setup"); setup != "actpass" && setup != "active" {
			return malformed("m-line %d has setup %q; the relay is the DTLS server", i, setup)
		}
		o.lines[i].mid = mid
	}
	first := description.MediaDescriptions[0]
	o.ufrag = attribute(description, first, "ice-ufrag")
	o.pwd = attribute(description, first, "ice-pwd")
	o.fingerprint = attribute(description, first, "fingerprint")
	if !isToken(o.ufrag, 4, 256, "+/") || !isToken(o.pwd, 22, 256, "+/") {
		return malformed("no usable ICE credentials")
	}
	algorithm, digest, _ := strings.Cut(o.fingerprint, " ")
	if !isToken(algorithm, 5, 8, "-") || !isToken(digest, 32, 256, ":") {
		return malformed("no usable certificate fingerprint")
	}
	return nil
}

// fillStreams refuses a stream number that appears twice.
func (o *offer) fillStreams() error {
	seen := map[uint32]bool{}
	for _, line := range o.lines {
		for _, ssrc := range []uint32{line.ssrc, line.rtxSSRC} {
			if ssrc != 0 && seen[ssrc] {
				return malformed("a stream appears twice")
			}
			seen[ssrc] = true
		}
	}
	return nil
}

func (o *offer) fillExtensions(description *sdp.SessionDescription) error {
	uris := extensionURIs()
	for _, media := range description.MediaDescriptions {
		for _, value := range values(media, "extmap") {
			number, rest, _ := strings.Cut(value, " ")
			number, _, _ = strings.Cut(number, "/")
			uri, _, _ := strings.Cut(rest, " ")
			for i := range uris {
				if uri != uris[i] {
					continue
				}
				id, err := strconv.ParseUint(number, 10, 8)
				if err != nil || id < 1 || id > 14 || o.ext[i] != 0 && o.ext[i] != uint8(id) {
					return malformed("header extension id %q", number)
				}
				o.ext[i] = uint8(id)
			}
		}
	}
	if o.ext[0] != 0 && o.ext[0] == o.ext[1] {
		return malformed("two header extensions share an id")
	}
	return nil
}

// fillCodecs finds the payload types. A codec counts when every line of its media type has it under the same number,
// because the lines share one transport and the relay sends any source on any of them.
func (o *offer) fillCodecs(description *sdp.SessionDescription) error {
	started := map[string]bool{}
	for i, media := range description.MediaDescriptions {
		if o.lines[i].data {
			return nil
		}
		pt, rtx := lineCodecs(media)
		name := media.MediaName.Media
		for c := codecOpus; c < numCodecs; c++ {
			if c.media().media().String() != name {
				continue
			}
			if !started[name] {
				o.pt[c], o.rtx[c] = pt[c], rtx[c]
				continue
			}
			if o.pt[c] != pt[c] {
				o.pt[c], o.rtx[c] = 0, 0
			}
			if o.rtx[c] != rtx[c] {
				o.rtx[c] = 0
			}
		}
		started[name] = true
	}
	if started["audio"] && o.pt[codecOpus] == 0 {
		return fmt.Errorf("%w: no Opus", ErrCodecUnsupported)
	}
	if started["video"] && o.pt[codecVP8] == 0 && o.pt[codecH264] == 0 {
		return fmt.Errorf("%w: neither VP8 nor H.264 constrained baseline", ErrCodecUnsupported)
	}
	seen := map[uint8]bool{0: false}
	for c := codecOpus; c < numCodecs; c++ {
		for _, number := range []uint8{o.pt[c], o.rtx[c]} {
			if seen[number] {
				return malformed("payload type %d means two things", number)
			}
			seen[number] = number != 0
		}
	}
	return nil
}

// lineCodecs finds the first payload type of each known codec on a line, and its retransmission's.
func lineCodecs(media *sdp.MediaDescription) (pt, rtx [numCodecs]uint8) {
	names, parameters := map[string]string{}, map[string]string{}
	for _, value := range values(media, "rtpmap") {
		number, name, _ := strings.Cut(value, " ")
		names[number] = strings.TrimSpace(name)
	}
	for _, value := range values(media, "fmtp") {
		number, line, _ := strings.Cut(value, " ")
		parameters[number] = line
	}
	for _, format := range media.MediaName.Formats {
		number, err := strconv.ParseUint(format, 10, 7)
		if err != nil || number == 0 {
			continue
		}
		if c := matchCodec(names[format], parameters[format]); c != codecNone && pt[c] == 0 {
			pt[c] = uint8(number)
		}
	}
	for _, format := range media.MediaName.Formats {
		number, err := strconv.ParseUint(format, 10, 7)
		if err != nil || number == 0 || !strings.EqualFold(names[format], "rtx/90000") {
			continue
		}
		for c := codecVP8; c < numCodecs; c++ {
			if pt[c] != 0 && rtx[c] == 0 && parameters[format] == "apt="+strconv.Itoa(int(pt[c])) {
				rtx[c] = uint8(number)
			}
		}
	}
	return pt, rtx
}

// streams reads the stream of a sending line and its retransmission stream.
func streams(media *sdp.MediaDescription) (ssrc, rtx uint32, err error) {
	var numbers []uint32
	for _, value := range values(media, "ssrc") {
		text, _, _ := strings.Cut(value, " ")
		number, parseErr := strconv.ParseUint(text, 10, 32)
		if parseErr != nil || number == 0 {
			return 0, 0, malformed("ssrc %q", text)
		}
		if len(numbers) == 0 || numbers[len(numbers)-1] != uint32(number) {
			numbers = append(numbers, uint32(number))
		}
	}
	repairs := map[uint32]uint32{}
	for _, value := range values(media, "ssrc-group") {
		fields := strings.Fields(value)
		if len(fields) != 3 || fields[0] != "FID" {
			continue
		}
		base, baseErr := strconv.ParseUint(fields[1], 10, 32)
		repair, repairErr := strconv.ParseUint(fields[2], 10, 32)
		if baseErr != nil || repairErr != nil || base == 0 || repair == 0 || base == repair {
			return 0, 0, malformed("ssrc-group %q", value)
		}
		repairs[uint32(repair)] = uint32(base)
	}
	for _, number := range numbers {
		base, isRepair := repairs[number]
		switch {
		case isRepair && (ssrc == 0 || base == ssrc):
			rtx = number
		case ssrc == 0 || ssrc == number:
			ssrc = number
		default:
			return 0, 0, malformed("more than one stream on a line")
		}
	}
	if ssrc == 0 {
		return 0, 0, malformed("a sending line declares no stream")
	}
	if repairs[rtx] != ssrc {
		rtx = 0
	}
	return ssrc, rtx, nil
}

// codecByPayloadType is what the client's packets carry.
func (o *offer) codecByPayloadType() (table [128]codec) {
	for c := codecOpus; c < numCodecs; c++ {
		if o.pt[c] != 0 {
			table[o.pt[c]] = c
		}
	}
	return table
}

// retransmissions is the payload type table for what the relay sends to the client.
func (o *offer) retransmissions() (table rtxTable) {
	for c := codecOpus; c < numCodecs; c++ {
		if o.pt[c] != 0 {
			table[o.pt[c]] = o.rtx[c]
		}
	}
	return table
}

// direction is the m-line's, else the session's, else sendrecv (RFC 8866, 6.7).
func direction(description *sdp.SessionDescription, media *sdp.MediaDescription) string {
	names := []string{"sendonly", "recvonly", "inactive", "sendrecv"}
	for _, name := range names {
		if _, ok := media.Attribute(name); ok {
			return name
		}
	}
	for _, name := range names {
		if _, ok := description.Attribute(name); ok {
			return name
		}
	}
	return "sendrecv"
}

// attribute is the m-line's, else the session's.
func attribute(description *sdp.SessionDescription, media *sdp.MediaDescription, key string) string {
	if value, ok := media.Attribute(key); ok {
		return value
	}
	value, _ := description.Attribute(key)
	return value
}

func values(media *sdp.MediaDescription, key string) []string {
	var all []string
	for _, a := range media.Attributes {
		if a.Key == key {
			all = append(all, a.Value)
		}
	}
	return all
}

// isToken reports whether s has least to most bytes, all of them letters, digits or in extra.
func isToken(s string, least, most int, extra string) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte(extra, c) >= 0:
		default:
			return false
		}
	}
	return true
}
