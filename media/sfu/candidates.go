package sfu

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// candidates are the attribute values for an answer, best first (RFC 8839, 5.1). Addresses of the host are looked up
// each time, because a pilot runs on laptops that change networks.
func (t *transport) candidates() []string {
	local := t.socket.LocalAddr().(*net.UDPAddr).AddrPort()
	addresses := t.advertised
	switch {
	case len(addresses) > 0:
	case !local.Addr().IsUnspecified():
		addresses = []netip.Addr{local.Addr().Unmap()}
	default:
		addresses = hostAddresses(local.Addr().Is4())
	}
	lines := make([]string, 0, len(addresses))
	for i, address := range addresses {
		const hostPreference, component = 126, 1
		priority := uint32(hostPreference)<<24 | uint32(0xffff-i)<<8 | (256 - component)
		lines = append(lines, fmt.Sprintf("%d %d udp %d %s %d typ host", i+1, component, priority, address, local.Port()))
	}
	return lines
}

// hostAddresses lists the unicast addresses of this host: IPv4 before IPv6, loopback last. Link-local IPv6 addresses
// mean nothing without a zone and are left out.
func hostAddresses(only4 bool) []netip.Addr {
	found, err := net.InterfaceAddrs()
	if err != nil {
		found = nil
	}
	addresses := []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	for _, address := range found {
		network, ok := address.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(network.IP)
		ip = ip.Unmap()
		if !ok || ip.IsLoopback() || ip.IsMulticast() || ip.Is6() && (only4 || ip.IsLinkLocalUnicast()) {
			continue
		}
		addresses = append(addresses, ip)
	}
	rank := func(ip netip.Addr) int {
		switch {
		case ip.IsLoopback():
			return 2
		case ip.Is6():
			return 1
		default:
			return 0
		}
	}
	slices.SortStableFunc(addresses, func(a, b netip.Addr) int { return rank(a) - rank(b) })
	return addresses
}
