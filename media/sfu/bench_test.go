package sfu

import (
	"context"
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/media/sfu/testclient"
)

// TestForwardDoesNotAllocate pins the relay's own part of the packet path to zero allocations.
func TestForwardDoesNotAllocate(t *testing.T) {
	for k, packet := range map[kind][]byte{
		kindAudio: rawPacket(111, 1, 1, make([]byte, 100)),
		kindVideo: rawPacket(96, 1, 1, append([]byte{0x10, 0}, make([]byte, 1000)...)),
	} {
		from, _ := bench(k, &recordingWriter{})
		seq := uint16(0)
		if n := testing.AllocsPerRun(1000, func() {
			seq++
			packet[2], packet[3] = byte(seq>>8), byte(seq)
			from.forward(packet)
		}); n != 0 {
			t.Errorf("%v: %v allocations a packet", k, n)
		}
	}
}

// BenchmarkForward is the relay's own part of a packet's path in a 1:1 room: parse, refuse repetitions, count, rewrite.
func BenchmarkForward(b *testing.B) {
	w := &recordingWriter{}
	from, _ := bench(kindVideo, w)
	packet := rawPacket(96, 1, 1, append([]byte{0x10, 0}, make([]byte, 1000)...))
	b.ReportAllocs()
	seq := uint16(0)
	for b.Loop() {
		seq++
		packet[2], packet[3] = byte(seq>>8), byte(seq)
		from.forward(packet)
	}
	if w.packets == 0 {
		b.Fatal("nothing was forwarded")
	}
}

// BenchmarkRoomOfTwo is a packet's whole path through a 1:1 room over loopback UDP, from one client's WriteRTP to the
// other's ReadRTP: ICE, SRTP both ways, Pion's interceptors. Allocations include both clients'.
func BenchmarkRoomOfTwo(b *testing.B) {
	seen := newRecord()
	relay, err := New(Config{UDPAddr: "127.0.0.1:0"}, tickets{time.Now}, seen)
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	clients := make([]*testclient.Client, 2)
	for i, name := range []string{"a", "b"} {
		client, err := testclient.New(testclient.Options{Tag: name})
		if err != nil {
			b.Fatal(err)
		}
		clients[i] = client
		offer, err := client.Offer(ctx)
		if err != nil {
			b.Fatal(err)
		}
		joined, err := relay.Join(ctx, "room/"+name+"/1", offer)
		if err != nil {
			b.Fatal(err)
		}
		if err := client.Answer(joined.Answer); err != nil {
			b.Fatal(err)
		}
		<-client.Connected()
	}
	var mid string
	for mid == "" {
		seen.mu.Lock()
		changed := seen.changed
		mid = seen.carrying("room", "b", "audio", "a")
		seen.mu.Unlock()
		if mid == "" {
			<-changed
		}
	}
	b.ReportAllocs()
	seq := uint16(0)
	for b.Loop() {
		seq++
		if err := clients[0].SendAudio(seq, uint32(seq)*960); err != nil {
			b.Fatal(err)
		}
		if _, err := clients[1].Next(ctx, mid); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	for _, client := range clients {
		_ = client.Close()
	}
	if err := relay.Close(ctx); err != nil {
		b.Fatal(err)
	}
}
