package tlscert

import (
	"net"
	"net/netip"
	"os"
	"strings"
)

// MachineHosts gives the names and addresses by which browsers on the local network reach this machine: localhost, the
// host's name (also below .local, as multicast DNS has it), every address of its interfaces but link-local ones, and extra.
func MachineHosts(extra ...string) []string {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	if name, err := os.Hostname(); err == nil && isName(name) {
		name = strings.ToLower(name)
		hosts = append(hosts, name)
		if !strings.Contains(name, ".") {
			hosts = append(hosts, name+".local")
		}
	}
	addresses, _ := net.InterfaceAddrs()
	for _, a := range addresses {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		if ip := prefix.Addr().Unmap(); ip.IsGlobalUnicast() || ip.IsLoopback() {
			hosts = append(hosts, ip.WithZone("").String())
		}
	}
	for _, h := range extra {
		if _, err := netip.ParseAddr(h); err == nil || isName(h) {
			hosts = append(hosts, strings.ToLower(h))
		}
	}
	return sorted(hosts)
}

// isName accepts what can stand in a certificate as a DNS name.
func isName(s string) bool {
	if s == "" || len(s) > 253 || strings.Trim(s, ".-") != s {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return true
}
