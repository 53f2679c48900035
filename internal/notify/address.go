package notify

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Policy says which addresses may be sent to. The zero policy allows https to public addresses.
type Policy struct {
	// AllowPrivate allows private networks and this machine, and plain http to this machine. Link-local addresses, where
	// clouds keep their credentials, stay forbidden.
	AllowPrivate bool
}

var errForbiddenAddress = errors.New("notify: the address is not allowed")

// Why an address is refused: codes of the catalogue.
const (
	codeAddressForm    = "notify_address_form"
	codeAddressPrivate = "notify_address_private"
)

// Check judges an address that somebody enters and gives its host, or the code of the refusal. A name is judged again, by
// what it resolves to, each time it is connected to.
func (p Policy) Check(raw string) (host, refusal string) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" || strings.ContainsAny(raw, " \t\r\n") {
		return "", codeAddressForm
	}
	ip, err := netip.ParseAddr(strings.Trim(u.Hostname(), "[]"))
	literal := err == nil
	local := literal && ip.Unmap().IsLoopback() || strings.EqualFold(u.Hostname(), "localhost")
	switch {
	case u.Scheme == "http" && local && p.AllowPrivate:
	case u.Scheme != "https":
		return "", codeAddressForm
	case literal && !p.allows(ip), local && !p.AllowPrivate:
		return "", codeAddressPrivate
	}
	return u.Host, ""
}

// reserved ranges that netip has no word for: shared address space, benchmarking, documentation, protocol assignments, the
// former private addresses of IPv6 (site-local), relay and tunnel prefixes, which can carry a private address inside.
func reserved() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
		netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
		netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
		netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
		netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("fec0::/10"),
	}
}

// allows judges the address that is about to be connected to.
func (p Policy) allows(ip netip.Addr) bool {
	ip = ip.Unmap()
	switch {
	case !ip.IsValid() || ip.Zone() != "" || ip.IsUnspecified() || ip.IsMulticast() || ip.IsLinkLocalUnicast():
		return false
	case ip.IsLoopback() || ip.IsPrivate():
		return p.AllowPrivate
	}
	for _, r := range reserved() {
		if r.Contains(ip) {
			return false
		}
	}
	return ip.IsGlobalUnicast()
}

// control refuses a connection to a forbidden address after the name was resolved, so that a name cannot change its mind
// between the check and the connection.
func (p Policy) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !p.allows(to.Addr()) {
		return fmt.Errorf("%w: %s", errForbiddenAddress, address)
	}
	return nil
}

// client makes the one HTTP client for everything that goes out: no proxy, no redirects, no cookies, bounded heads.
func (p Policy) client() *http.Client {
	dial := &net.Dialer{Timeout: 5 * time.Second, Control: p.control}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: nil, DialContext: dial.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 5 * time.Second,
			MaxIdleConns: 32, MaxIdleConnsPerHost: 4, MaxConnsPerHost: 32, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 16 << 10, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
