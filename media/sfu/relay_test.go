package sfu

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/lianzhen-health/lianzhen/media/sfu/testclient"
)

// TestEverybodyReceivesEverybody proves the whole path with real clients over loopback UDP: each participant's audio and
// video arrive at each other participant, on the m-lines that the slot lists name.
func TestEverybodyReceivesEverybody(t *testing.T) {
	for _, size := range []int{2, 6} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			registry := prometheus.NewRegistry()
			s := newStage(t, Config{Metrics: registry}, quickTiming(), nil)
			members := map[string]*member{}
			for i := range size {
				name := fmt.Sprintf("p%d", i)
				members[name] = s.join("room", name, 1)
				members[name].send(testclient.Audio, testclient.Video)
			}
			for name, m := range members {
				for other := range members {
					if other == name {
						continue
					}
					m.hear(s.seen.untilCarrying(t, "room", name, "audio", other), other)
					m.hear(s.seen.untilCarrying(t, "room", name, "video", other), other)
				}
			}
			if got := testutil.ToFloat64(s.relay.metrics.peers); got != float64(size) {
				t.Errorf("lianzhen_media_peers is %v, want %d", got, size)
			}
			if n, err := testutil.GatherAndCount(registry, "lianzhen_media_packets_total", "lianzhen_media_bytes_total",
				"lianzhen_media_rooms", "lianzhen_media_joins_total", "lianzhen_media_pli_total"); err != nil || n != 15 {
				t.Errorf("%d series, %v", n, err)
			}
		})
	}
}

// run reads n packets of an m-line and checks that they are one stream without a gap.
func (m *member) run(mid string, n int, last *rtp.Packet) *rtp.Packet {
	m.s.t.Helper()
	ctx := ctxFor(m.s.t)
	for range n {
		packet, err := m.Next(ctx, mid)
		if err != nil {
			m.s.t.Fatal(err)
		}
		if last != nil {
			if packet.SSRC != last.SSRC || packet.SequenceNumber != last.SequenceNumber+1 {
				m.s.t.Fatalf("stream %d number %d follows stream %d number %d", packet.SSRC, packet.SequenceNumber,
					last.SSRC, last.SequenceNumber)
			}
			if int32(packet.Timestamp-last.Timestamp) <= 0 {
				m.s.t.Fatalf("timestamp %d follows %d", packet.Timestamp, last.Timestamp)
			}
		}
		last = packet
	}
	return last
}

func TestThirdParticipantDoesNotDisturb(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	a, b := s.join("room", "a", 1), s.join("room", "b", 1)
	for _, m := range []*member{a, b} {
		m.PC.OnSignalingStateChange(func(state webrtc.SignalingState) { t.Errorf("signaling state became %v", state) })
	}
	local, remote := a.PC.LocalDescription().SDP, a.PC.RemoteDescription().SDP
	b.send(testclient.Audio, testclient.Video)
	audio := s.seen.untilCarrying(t, "room", "a", "audio", "b")
	video := s.seen.untilCarrying(t, "room", "a", "video", "b")
	lastAudio, lastVideo := a.run(audio, 10, nil), a.run(video, 5, nil)

	c := s.join("room", "c", 1)
	c.send(testclient.Audio, testclient.Video)
	a.hear(s.seen.untilCarrying(t, "room", "a", "audio", "c"), "c")
	lastAudio, lastVideo = a.run(audio, 10, lastAudio), a.run(video, 5, lastVideo)

	s.relay.Leave("room", "c", c.joined.Connection)
	s.seen.untilEvent(t, "left room/c left")
	s.seen.until(t, "c's slots are empty", func() bool { return s.seen.carrying("room", "a", "audio", "c") == "" })
	a.run(audio, 10, lastAudio)
	a.run(video, 5, lastVideo)

	if a.PC.LocalDescription().SDP != local || a.PC.RemoteDescription().SDP != remote {
		t.Error("a's descriptions changed")
	}
	if a.PC.SignalingState() != webrtc.SignalingStateStable {
		t.Errorf("signaling state %v", a.PC.SignalingState())
	}
}

// TestReloadReplaces: a participant joins again. The others' slots keep carrying them, as one stream.
func TestReloadReplaces(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	a, b := s.join("room", "a", 1), s.join("room", "b", 1)
	stop := b.send(testclient.Audio, testclient.Video)
	audio := s.seen.untilCarrying(t, "room", "a", "audio", "b")
	video := s.seen.untilCarrying(t, "room", "a", "video", "b")
	lastAudio, lastVideo := a.run(audio, 5, nil), a.run(video, 3, nil)
	stop()

	s.seen.mu.Lock()
	lists := s.seen.lists[subscriber{"room", "a"}]
	s.seen.mu.Unlock()
	again := s.join("room", "b", 2)
	select {
	case <-b.Closed():
	case <-time.After(patience):
		t.Fatal("the older connection is still open")
	}
	// What the older connection had sent comes first; the newer continues it.
	again.send(testclient.Audio, testclient.Video)
	a.run(audio, a.Pending(audio)+10, lastAudio)
	a.run(video, a.Pending(video)+5, lastVideo)

	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if got := s.seen.lists[subscriber{"room", "a"}]; got != lists {
		t.Errorf("a was given %d new slot lists", got-lists)
	}
	want := []string{"joined room/a", "joined room/b", "left room/b replaced", "joined room/b"}
	if !slices.Equal(s.seen.events, want) {
		t.Errorf("events %q, want %q", s.seen.events, want)
	}
}

func TestLateLeaveOfReplacedConnection(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	old := s.join("room", "a", 1)
	s.join("room", "a", 1)
	s.relay.Leave("room", "a", old.joined.Connection)
	if err := s.relay.SetMuted("room", "a", old.joined.Connection, true, false); !errors.Is(err, ErrConnectionUnknown) {
		t.Errorf("SetMuted of a replaced connection: %v", err)
	}
	if rooms := s.relay.Rooms(); len(rooms) != 1 || len(rooms[0].Participants) != 1 {
		t.Errorf("rooms %v", rooms)
	}
}

// TestSeatIsKeptForReturn: whoever comes back gets the m-lines they had, also when somebody came in between.
func TestSeatIsKeptForReturn(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	s.join("room", "a", 1)
	b := s.join("room", "b", 1)
	before := s.seen.untilCarrying(t, "room", "a", "audio", "b")
	s.relay.Leave("room", "b", b.joined.Connection)
	s.seen.until(t, "b's slots are empty", func() bool { return s.seen.carrying("room", "a", "audio", "b") == "" })
	s.join("room", "c", 1)
	s.join("room", "b", 1)
	if after := s.seen.untilCarrying(t, "room", "a", "audio", "b"); after != before {
		t.Errorf("b was on m-line %s and is on %s", before, after)
	}
}

func TestRefusals(t *testing.T) {
	s := newStage(t, Config{MaxParticipants: 2}, quickTiming(), nil)
	s.join("room", "a", 5)
	s.join("room", "b", 5)
	good := offerOf(t, newClient(t, testclient.Options{}))
	vp9 := offerOf(t, newClient(t, testclient.Options{Video: webrtc.MimeTypeVP9, VideoCodecs: []string{webrtc.MimeTypeVP9}}))
	before := fmt.Sprint(s.relay.Rooms())
	tests := []struct {
		name, ticket, offer string
		want                *Error
		code                string
	}{
		{"forged ticket", "nonsense", good, ErrTicketInvalid, "media_ticket_invalid"},
		{"ticket without room", "/a/1", good, ErrTicketInvalid, "media_ticket_invalid"},
		{"ticket without participant", "room//1", good, ErrTicketInvalid, "media_ticket_invalid"},
		{"expired ticket", "room/a/5/expired", good, ErrTicketExpired, "media_ticket_expired"},
		{"stale epoch", "room/a/4", good, ErrEpochStale, "media_epoch_stale"},
		{"full room", "room/c/5", good, ErrRoomFull, "media_room_full"},
		{"empty offer", "other/a/1", "", ErrOfferMalformed, "media_offer_malformed"},
		{"no known video codec", "other/a/1", vp9, ErrCodecUnsupported, "media_codec_unsupported"},
		{"malformed reload", "room/a/6", good[:len(good)/2], ErrOfferMalformed, "media_offer_malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.relay.Join(ctxFor(t), tt.ticket, tt.offer)
			if !errors.Is(err, tt.want) || Code(err) != tt.code {
				t.Errorf("error %v with code %s, want %s", err, Code(err), tt.code)
			}
		})
	}
	if after := fmt.Sprint(s.relay.Rooms()); after != before {
		t.Errorf("rooms were %s and are %s", before, after)
	}
	if _, err := s.relay.Join(context.Background(), "room/a/5", good); err != nil {
		t.Errorf("the present epoch is refused: %v", err)
	}
}

// TestEpochOutlivesRoom: a ticket of an earlier epoch does not open a room again that everybody has left.
func TestEpochOutlivesRoom(t *testing.T) {
	c := newClock()
	s := newStage(t, Config{}, quickTiming(), c)
	a := s.join("room", "a", 7)
	s.relay.Leave("room", "a", a.joined.Connection)
	offer := offerOf(t, newClient(t, testclient.Options{}))
	if _, err := s.relay.Join(ctxFor(t), "room/b/6", offer); !errors.Is(err, ErrEpochStale) {
		t.Fatalf("error %v", err)
	}
	c.advance(epochMemory)
	eventually(t, "the epoch to be forgotten", func() (forgotten bool) {
		s.relay.act(func(st *state) { forgotten = len(st.floors) == 0 })
		return forgotten
	})
}

// TestHigherEpochKeepsOthers: the grant changes hands; whoever is in the room stays.
func TestHigherEpochKeepsOthers(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	a := s.join("room", "nurse", 1)
	s.join("room", "doctor1", 1)
	d2 := s.join("room", "doctor2", 2)
	d2.send(testclient.Audio)
	a.hear(s.seen.untilCarrying(t, "room", "nurse", "audio", "doctor2"), "doctor2")
	if rooms := s.relay.Rooms(); len(rooms[0].Participants) != 3 || rooms[0].Epoch != 2 {
		t.Errorf("rooms %v", rooms)
	}
}

func TestKickAndCloseRoom(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	a1, a2 := s.join("one", "a", 1), s.join("two", "a", 1)
	b := s.join("two", "b", 1)
	s.relay.Kick("a")
	s.seen.untilEvent(t, "left one/a kicked")
	s.seen.untilEvent(t, "left two/a kicked")
	s.relay.CloseRoom("two")
	s.seen.untilEvent(t, "left two/b room_closed")
	for _, m := range []*member{a1, a2, b} {
		select {
		case <-m.Closed():
		case <-time.After(patience):
			t.Fatal("a client was not told")
		}
	}
	if rooms := s.relay.Rooms(); len(rooms) != 0 {
		t.Errorf("rooms %v", rooms)
	}
	s.relay.CloseRoom("unknown")
	s.relay.Kick("unknown")
	s.relay.Leave("unknown", "unknown", uuid.New())
}

// TestClosedPage: a browser that closes its page says so by DTLS and is gone at once, but it has not "left".
func TestClosedPage(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	a := s.join("room", "a", 1)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	s.seen.untilEvent(t, "left room/a lost")
}

// TestSilentLoss: the network goes away without a word. The connection ends after the two ICE times.
func TestSilentLoss(t *testing.T) {
	quick := quickTiming()
	quick.disconnected, quick.failed = 200*time.Millisecond, 200*time.Millisecond
	s := newStage(t, Config{}, quick, nil)
	client := newClient(t, testclient.Options{Tag: "a"})
	joined, err := s.relay.Join(ctxFor(t), "room/a/1", offerOf(t, client))
	if err != nil {
		t.Fatal(err)
	}
	answer, cut := throughWire(t, s.relay, joined.Answer)
	if err := client.Answer(answer); err != nil {
		t.Fatal(err)
	}
	s.seen.untilEvent(t, "joined room/a")
	cut()
	s.seen.untilEvent(t, "left room/a lost")
}

// TestNeverConnects: an answer that nobody uses holds its place for the connect time only, and nobody hears of it.
func TestNeverConnects(t *testing.T) {
	c := newClock()
	s := newStage(t, Config{}, quickTiming(), c)
	s.join("room", "a", 1)
	if _, err := s.relay.Join(ctxFor(t), "room/b/1", offerOf(t, newClient(t, testclient.Options{}))); err != nil {
		t.Fatal(err)
	}
	if rooms := s.relay.Rooms(); len(rooms[0].Participants) != 2 {
		t.Fatalf("rooms %v", rooms)
	}
	c.advance(defaultTiming().connect)
	eventually(t, "the place to be free", func() bool { return len(s.relay.Rooms()[0].Participants) == 1 })
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if want := []string{"joined room/a"}; !slices.Equal(s.seen.events, want) {
		t.Errorf("events %q, want %q", s.seen.events, want)
	}
}

// TestForeignCodec: a subscriber that cannot decode a source hears it and has an empty video slot.
func TestForeignCodec(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	vp8 := s.join("room", "vp8", 1, testclient.Options{VideoCodecs: []string{webrtc.MimeTypeVP8}})
	both := s.join("room", "both", 1)
	h264 := s.join("room", "h264", 1, testclient.Options{Video: webrtc.MimeTypeH264})
	s.seen.untilCarrying(t, "room", "vp8", "video", "h264") // nothing is known before the first packet
	h264.send(testclient.Audio, testclient.Video)
	vp8.hear(s.seen.untilCarrying(t, "room", "vp8", "audio", "h264"), "h264")
	both.hear(s.seen.untilCarrying(t, "room", "both", "video", "h264"), "h264")
	s.seen.until(t, "the slot is empty", func() bool { return s.seen.carrying("room", "vp8", "video", "h264") == "" })
}

// TestScreen: the screen slot carries whoever shares, and is empty again five seconds after the last packet.
func TestScreen(t *testing.T) {
	c := newClock()
	s := newStage(t, Config{}, quickTiming(), c)
	a, b := s.join("room", "a", 1), s.join("room", "b", 1)
	stopA := a.send(testclient.Screen)
	b.hear(s.seen.untilCarrying(t, "room", "b", "screen", "a"), "a")
	s.seen.mu.Lock()
	if mid := s.seen.carrying("room", "a", "screen", "a"); mid != "" {
		t.Error("a receives the own screen")
	}
	s.seen.mu.Unlock()
	stopA()
	eventually(t, "the screen to be gone", func() bool {
		c.advance(time.Second)
		s.seen.mu.Lock()
		defer s.seen.mu.Unlock()
		return s.seen.carrying("room", "b", "screen", "a") == ""
	})
	b.send(testclient.Screen)
	a.hear(s.seen.untilCarrying(t, "room", "a", "screen", "b"), "b")
}

// TestKeyFrames: a new subscriber makes the relay ask, and a subscriber's own request is passed on.
func TestKeyFrames(t *testing.T) {
	quick := quickTiming()
	quick.keyFrame = time.Millisecond
	s := newStage(t, Config{}, quick, nil)
	a := s.join("room", "a", 1)
	a.send(testclient.Video)
	b := s.join("room", "b", 1)
	mid := s.seen.untilCarrying(t, "room", "b", "video", "a")
	first, err := b.Next(ctxFor(t), mid)
	if err != nil {
		t.Fatal(err)
	}
	if _, key := testclient.Tag(first); !key {
		t.Error("the first packet of the slot is no key frame")
	}
	before := a.KeyFrameRequests(testclient.Video)
	if before == 0 {
		t.Error("nobody asked for a key frame")
	}
	b.askKeyFrame(mid, first.SSRC)
	ctx := ctxFor(t)
	for {
		packet, err := b.Next(ctx, mid)
		if err != nil {
			t.Fatal(err)
		}
		if _, key := testclient.Tag(packet); key && a.KeyFrameRequests(testclient.Video) > before {
			return
		}
	}
}

// TestChurn: connections that end in all ways at all moments, several at once. That nothing is left behind is checked by
// the relay's Close and, at the end of all tests, by goleak.
func TestChurn(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for round := range 8 {
				name := fmt.Sprintf("p%d", worker)
				client, err := testclient.New(testclient.Options{Tag: name})
				if err != nil {
					t.Error(err)
					return
				}
				offer, err := client.Offer(context.Background())
				if err != nil {
					t.Error(err)
				}
				joined, err := s.relay.Join(context.Background(), fmt.Sprintf("room%d/%s/1", worker/2, name), offer)
				if err != nil {
					t.Error(err)
				}
				if round%4 != 0 {
					if err := client.Answer(joined.Answer); err != nil {
						t.Error(err)
					}
					select {
					case <-client.Connected():
					case <-time.After(patience):
						t.Error("not connected")
					}
				}
				ctx, cancel := context.WithCancel(context.Background())
				client.Send(ctx, testclient.Audio, testclient.Video)
				switch round % 4 {
				case 1:
					s.relay.Leave(joined.Room, name, joined.Connection)
				case 2:
					wg.Go(func() { s.relay.Kick(name) })
				}
				cancel()
				if err := client.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s.relay.Kick("p0")
}

func TestCloseTwice(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	a := s.join("room", "a", 1)
	b, err := s.relay.Join(ctxFor(t), "room/b/1", offerOf(t, newClient(t, testclient.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.relay.Close(ctxFor(t)); err != nil {
			t.Fatal(err)
		}
	}
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if want := []string{"joined room/a", "left room/a room_closed"}; !slices.Equal(s.seen.events, want) {
		t.Errorf("events %q, want %q", s.seen.events, want)
	}
	for _, interval := range s.seen.intervals {
		if !interval.Closed {
			t.Errorf("interval was not closed: %+v", interval)
		}
	}
	if _, err := s.relay.Join(ctxFor(t), "room/a/1", ""); !errors.Is(err, ErrClosed) {
		t.Errorf("Join: %v", err)
	}
	if _, err := s.relay.Probe(ctxFor(t), ""); !errors.Is(err, ErrClosed) {
		t.Errorf("Probe: %v", err)
	}
	if err := s.relay.SetMuted("room", "a", a.joined.Connection, true, true); !errors.Is(err, ErrClosed) {
		t.Errorf("SetMuted: %v", err)
	}
	s.relay.Leave("room", "b", b.Connection)
	if rooms := s.relay.Rooms(); rooms != nil {
		t.Errorf("rooms %v", rooms)
	}
}

// TestCloseDoesNotWaitForAnObserverForEver: the caller's deadline holds; a second Close can wait for the rest.
func TestCloseDoesNotWaitForAnObserverForEver(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	release := make(chan struct{})
	entered := make(chan struct{})
	s.relay.dispatcher.event(func(Observer) { close(entered); <-release })
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.relay.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v", err)
	}
	close(release)
	if err := s.relay.Close(ctxFor(t)); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestConfiguration(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no port":        {UDPAddr: "127.0.0.1"},
		"unknown host":   {UDPAddr: "no such host:1"},
		"too many":       {UDPAddr: "127.0.0.1:0", MaxParticipants: 7},
		"too few":        {UDPAddr: "127.0.0.1:0", MaxParticipants: 1},
		"bad advertised": {UDPAddr: "127.0.0.1:0", Advertised: addresses("0.0.0.0")},
	} {
		if relay, err := New(cfg, tickets{time.Now}, newRecord()); err == nil {
			t.Errorf("%s is accepted", name)
			_ = relay.Close(context.Background())
		}
	}
	registry := prometheus.NewRegistry()
	one, err := New(Config{UDPAddr: "127.0.0.1:0", Metrics: registry}, tickets{time.Now}, newRecord())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{UDPAddr: "127.0.0.1:0", Metrics: registry}, tickets{time.Now}, newRecord()); err == nil {
		t.Error("two relays share a registry")
	}
	if _, err := New(Config{UDPAddr: one.Addr().String()}, tickets{time.Now}, newRecord()); err == nil {
		t.Error("two relays share a port")
	} else if !strings.Contains(err.Error(), one.Addr().String()) {
		t.Errorf("the error does not name the address: %v", err)
	}
	if err := one.Close(ctxFor(t)); err != nil {
		t.Fatal(err)
	}
	again, err := New(Config{UDPAddr: "127.0.0.1:0", Metrics: registry}, tickets{time.Now}, newRecord())
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	if err := again.Close(ctxFor(t)); err != nil {
		t.Fatal(err)
	}
}
