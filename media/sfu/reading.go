package sfu

import (
	"errors"
	"io"
)

const (
	// readBuffer holds the largest packet that a path of 1500 bytes can carry.
	readBuffer = 1500
	// maxBadPackets in a row end a stream.
	maxBadPackets = 100
)

// readAll gives each packet of a stream to handle until the stream ends. The packet is valid during the call only.
//
// The WebRTC stack returns an error also for a packet that it cannot parse or whose payload type was not negotiated.
// That is the fault of one packet and must not silence the stream; only many in a row do.
func readAll(read func([]byte) (int, error), handle func([]byte)) {
	buf := make([]byte, readBuffer)
	for bad := 0; bad < maxBadPackets; {
		n, err := read(buf)
		switch {
		case err == nil:
			bad = 0
			handle(buf[:n])
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrClosedPipe):
			return
		default:
			bad++
		}
	}
}
