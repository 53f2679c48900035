package sfu

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/pion/ice/v4"
)

const (
	// socketBuffer is what the kernel may hold for the one socket in each direction. A burst of key frames in many
	// rooms must fit; the kernel caps the value at its own limit.
	socketBuffer = 4 << 20
	// maxReadErrors in a row mean that the socket is broken and not that one datagram was odd.
	maxReadErrors = 100
)

// socket is the one UDP socket of all connections. It keeps connections from disturbing each other.
//
// When a connection closes, Pion's multiplexer interrupts that connection's writes by a write deadline on the socket
// below, which every other connection's write of that instant would run into as well: a packet lost in another room.
// Writing a datagram does not block for longer than it takes to queue it, so that there is nothing to interrupt.
// And a read error makes the multiplexer end for good; here one is passed on only when the socket is closed or broken.
type socket struct{ *net.UDPConn }

// SetWriteDeadline implements net.PacketConn and does nothing.
func (socket) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline implements net.PacketConn and does nothing.
func (socket) SetDeadline(time.Time) error { return nil }

// ReadFromAddrPort implements ice.AddrPortReaderWriter.
func (s socket) ReadFromAddrPort(b []byte) (n int, from netip.AddrPort, err error) {
	for range maxReadErrors {
		n, from, err = s.ReadFromUDPAddrPort(b)
		if err == nil || errors.Is(err, net.ErrClosed) {
			break
		}
	}
	return n, from, err
}

// WriteToAddrPort implements ice.AddrPortReaderWriter.
func (s socket) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return s.WriteToUDPAddrPort(b, to)
}

// listen opens the one socket. An IPv4 address, also 0.0.0.0, is served by an IPv4 socket; an empty host or :: by both
// families where the system has them.
func listen(address string) (socket, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return socket{}, fmt.Errorf("sfu: UDP address %q is not host:port: %w", address, err)
	}
	network := "udp"
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
		network = "udp4"
	}
	resolved, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return socket{}, fmt.Errorf("sfu: UDP address %q: %w", address, err)
	}
	conn, err := net.ListenUDP(network, resolved)
	if err != nil {
		return socket{}, fmt.Errorf("sfu: listening on UDP %s: %w", address, err)
	}
	// Best effort: a smaller buffer costs packets in bursts, not correctness.
	_ = conn.SetReadBuffer(socketBuffer)
	_ = conn.SetWriteBuffer(socketBuffer)
	return socket{conn}, nil
}

// socketMux shows the WebRTC stack one local address per family, whatever the number of interfaces. An ICE-lite agent
// never sends from a particular address of its own and the socket finds a connection by the user fragment in the
// checks, so that more candidates inside the stack would only be more goroutines for each participant. Which addresses
// clients are told is decided in candidates.
type socketMux struct{ *ice.UDPMuxDefault }

// GetListenAddresses implements ice.UDPMux.
func (m socketMux) GetListenAddresses() []net.Addr {
	local, ok := m.LocalAddr().(*net.UDPAddr)
	if !ok || !local.IP.IsUnspecified() {
		return []net.Addr{m.LocalAddr()}
	}
	addresses := []net.Addr{&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: local.Port}}
	if local.IP.To4() == nil {
		addresses = append(addresses, &net.UDPAddr{IP: net.IPv6loopback, Port: local.Port})
	}
	return addresses
}
