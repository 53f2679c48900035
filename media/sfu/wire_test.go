package sfu

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/pion/rtcp"
)

func addresses(texts ...string) (list []netip.Addr) {
	for _, text := range texts {
		list = append(list, netip.MustParseAddr(text))
	}
	return list
}

func (m *member) askKeyFrame(_ string, ssrc uint32) {
	m.s.t.Helper()
	if err := m.PC.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}); err != nil {
		m.s.t.Fatal(err)
	}
}

// throughWire puts a UDP forwarder between a client and the relay and returns the answer that leads to it. cut makes
// the forwarder drop everything, as a network does that goes away.
func throughWire(t *testing.T, relay *Relay, answer string) (rewritten string, cut func()) {
	t.Helper()
	listen := func() *net.UDPConn {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	near, far := listen(), listen()
	var mu sync.Mutex
	var client netip.AddrPort
	down := false
	server := relay.Addr().(*net.UDPAddr).AddrPort()
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 2000)
		for {
			n, from, err := near.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			mu.Lock()
			client = from
			if !down {
				_, _ = far.WriteToUDPAddrPort(buf[:n], server)
			}
			mu.Unlock()
		}
	})
	wg.Go(func() {
		buf := make([]byte, 2000)
		for {
			n, err := far.Read(buf)
			if err != nil {
				return
			}
			mu.Lock()
			if !down {
				_, _ = near.WriteToUDPAddrPort(buf[:n], client)
			}
			mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
		wg.Wait()
	})
	old := fmt.Sprintf(" %d typ host", server.Port())
	if !strings.Contains(answer, old) {
		t.Fatalf("no candidate with the relay's port in %s", answer)
	}
	rewritten = strings.ReplaceAll(answer, old, fmt.Sprintf(" %d typ host", near.LocalAddr().(*net.UDPAddr).Port))
	return rewritten, func() {
		mu.Lock()
		defer mu.Unlock()
		down = true
	}
}
