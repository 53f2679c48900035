package sfu

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lianzhen-health/lianzhen/media/sfu/testclient"
)

// TestLedger walks a ledger through a call on a stopped clock. Times are seconds since the connection came up.
func TestLedger(t *testing.T) {
	t0 := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	at := func(seconds float64) time.Time { return t0.Add(time.Duration(seconds * float64(time.Second))) }
	l := ledger{room: "room", participant: "a"}
	var audio, video, screen meter
	meters := &[numKinds]*meter{&audio, &video, &screen}
	sample := func(now float64) []Interval { return l.sample(at(now), at(now), read(at(now), meters)) }
	packet := func(m *meter, now float64, size int) { m.add(size, at(now).UnixNano()) }
	expect := func(got []Interval, want ...Interval) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%d intervals %+v, want %d", len(got), got, len(want))
		}
		for i := range want {
			g := got[i]
			if g.Kind != want[i].Kind || !g.Start.Equal(want[i].Start) || !g.LastSeen.Equal(want[i].LastSeen) ||
				g.Closed != want[i].Closed || g.AudioBytes != want[i].AudioBytes || g.VideoBytes != want[i].VideoBytes ||
				g.AudioMuted != want[i].AudioMuted || g.VideoMuted != want[i].VideoMuted {
				t.Fatalf("interval %d is %+v, want %+v", i, g, want[i])
			}
		}
	}

	expect(l.open(at(0)), Interval{Kind: IntervalConnected, Start: at(0), LastSeen: at(0)})
	expect(sample(1))
	packet(&audio, 1.5, 100)
	packet(&audio, 1.9, 100)
	expect(sample(2), Interval{Kind: IntervalMedia, Start: at(1.5), LastSeen: at(1.9), AudioBytes: 200})
	packet(&video, 4, 1000)
	packet(&audio, 9.5, 100) // 5.5 s after the last audio, but video was there
	expect(sample(3))
	expect(sample(10), Interval{Kind: IntervalConnected, Start: at(0), LastSeen: at(10), AudioBytes: 300, VideoBytes: 1000})
	expect(sample(12), Interval{Kind: IntervalMedia, Start: at(1.5), LastSeen: at(9.5), AudioBytes: 300, VideoBytes: 1000})

	// Muting splits the interval at the last packet; both halves say how it was.
	packet(&audio, 12.5, 100)
	expect(l.mute(at(13), true, false, read(at(13), meters)),
		Interval{Kind: IntervalMedia, Start: at(1.5), LastSeen: at(12.5), Closed: true, AudioBytes: 400, VideoBytes: 1000},
		Interval{Kind: IntervalMedia, Start: at(12.5), LastSeen: at(12.5), AudioMuted: true})
	expect(l.mute(at(13), true, false, read(at(13), meters)))

	// The last packet ends it; the time of silence does not count.
	packet(&screen, 14, 50)
	expect(sample(18))
	expect(sample(19), Interval{Kind: IntervalMedia, Start: at(12.5), LastSeen: at(14), Closed: true, VideoBytes: 50, AudioMuted: true})
	expect(sample(20), Interval{Kind: IntervalConnected, Start: at(0), LastSeen: at(20), AudioBytes: 400, VideoBytes: 1050})

	// A mute while nothing arrives opens nothing; the next interval has the new state.
	expect(l.mute(at(21), false, true, read(at(21), meters)))
	packet(&audio, 22, 10)
	expect(sample(22.5), Interval{Kind: IntervalMedia, Start: at(22), LastSeen: at(22), AudioBytes: 10, VideoMuted: true})

	// The loop was held up for longer than the silence: two intervals, not one.
	packet(&audio, 40, 10)
	expect(sample(41),
		Interval{Kind: IntervalMedia, Start: at(22), LastSeen: at(22), Closed: true, AudioBytes: 10, VideoMuted: true},
		Interval{Kind: IntervalMedia, Start: at(40), LastSeen: at(40), AudioBytes: 10, VideoMuted: true},
		Interval{Kind: IntervalConnected, Start: at(0), LastSeen: at(41), AudioBytes: 420, VideoBytes: 1050})

	// Lost: the transport was last heard at 43, whatever the time is now.
	packet(&audio, 42, 10)
	expect(l.close(at(70), at(43), read(at(70), meters)),
		Interval{Kind: IntervalMedia, Start: at(40), LastSeen: at(42), Closed: true, AudioBytes: 20, VideoMuted: true},
		Interval{Kind: IntervalConnected, Start: at(0), LastSeen: at(43), Closed: true, AudioBytes: 430, VideoBytes: 1050})
}

// TestLedgerAccountsForEverything: whatever arrives and whenever it is muted, the closed media intervals of a connection
// do not overlap, contain every packet's time, add up to all bytes, and have no silence of five seconds inside.
func TestLedgerAccountsForEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
		l := ledger{}
		var audio, video, screen meter
		meters := &[numKinds]*meter{&audio, &video, &screen}
		final := map[[16]byte]Interval{}
		var order [][16]byte
		take := func(intervals []Interval) {
			for _, i := range intervals {
				if old, known := final[i.ID]; !known {
					order = append(order, i.ID)
				} else if old.Closed {
					t.Fatal("a closed interval changed")
				} else if i.LastSeen.Before(old.LastSeen) && i.Kind == IntervalMedia {
					t.Fatal("an interval shrank")
				}
				final[i.ID] = i
			}
		}
		take(l.open(now))
		var arrivals []time.Time
		var bytes uint64
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 999).Draw(t, "wait")) * time.Millisecond)
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2, 3:
				m := rapid.SampledFrom(meters[:]).Draw(t, "track")
				m.add(100, now.UnixNano())
				arrivals, bytes = append(arrivals, now), bytes+100
			case 4:
				take(l.mute(now, rapid.Bool().Draw(t, "audio"), rapid.Bool().Draw(t, "video"), read(now, meters)))
			case 5:
				for range rapid.IntRange(0, 8).Draw(t, "silence") {
					now = now.Add(time.Second)
					take(l.sample(now, now, read(now, meters)))
				}
			}
			take(l.sample(now, now, read(now, meters)))
		}
		take(l.close(now, now, read(now, meters)))
		var last time.Time
		var sum uint64
		covered := 0
		for _, id := range order {
			i := final[id]
			if !i.Closed {
				t.Fatalf("interval was never closed: %+v", i)
			}
			if i.Kind != IntervalMedia {
				continue
			}
			if i.Start.Before(last) || i.LastSeen.Before(i.Start) {
				t.Fatalf("interval %+v begins before %v or ends before it begins", i, last)
			}
			last = i.LastSeen
			sum += i.AudioBytes + i.VideoBytes
			previous := i.Start
			for covered < len(arrivals) && !arrivals[covered].After(i.LastSeen) {
				if arrivals[covered].Before(i.Start) {
					t.Fatalf("a packet at %v lies in no interval", arrivals[covered])
				}
				if arrivals[covered].Sub(previous) >= mediaGap {
					t.Fatalf("interval %+v contains a silence", i)
				}
				previous = arrivals[covered]
				covered++
			}
		}
		if sum != bytes || covered != len(arrivals) {
			t.Fatalf("%d bytes of %d and %d packets of %d are accounted for", sum, bytes, covered, len(arrivals))
		}
	})
}

// TestPresenceOfACall measures a real connection on a clock that the test sets.
func TestPresenceOfACall(t *testing.T) {
	c := newClock()
	s := newStage(t, Config{}, quickTiming(), c)
	up := c.Now()
	a := s.join("room", "a", 1)
	packets := uint16(0)
	packet := func() {
		t.Helper()
		packets++
		if err := a.SendAudio(packets, uint32(packets)*960); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the packet to arrive", func() (arrived bool) {
			s.relay.act(func(st *state) {
				_, p := st.find("room", "a", a.joined.Connection)
				arrived = p.sources[kindAudio].meter.packets.Load() == uint64(packets)
			})
			return arrived
		})
	}
	c.advance(2 * time.Second)
	packet()
	s.seen.until(t, "a media interval", func() bool { return len(s.seen.of("a", IntervalMedia)) == 1 })
	c.advance(3 * time.Second)
	packet()
	if err := s.relay.SetMuted("room", "a", a.joined.Connection, true, false); err != nil {
		t.Fatal(err)
	}
	s.seen.until(t, "the mute to split it", func() bool { return len(s.seen.of("a", IntervalMedia)) == 2 })
	c.advance(4 * time.Second)
	packet()
	c.advance(mediaGap)
	s.seen.until(t, "silence to end it", func() bool { return s.seen.of("a", IntervalMedia)[1].Closed })
	c.advance(10 * time.Second)
	s.seen.until(t, "a checkpoint", func() bool {
		return s.seen.of("a", IntervalConnected)[0].LastSeen.Equal(up.Add(24 * time.Second))
	})
	s.relay.Leave("room", "a", a.joined.Connection)
	s.seen.untilEvent(t, "left room/a left")

	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	connected, media := s.seen.of("a", IntervalConnected), s.seen.of("a", IntervalMedia)
	if len(connected) != 1 || len(media) != 2 {
		t.Fatalf("%d connected and %d media intervals", len(connected), len(media))
	}
	check := func(i Interval, from, to time.Duration, muted bool) {
		t.Helper()
		if !i.Closed || !i.Start.Equal(up.Add(from)) || !i.LastSeen.Equal(up.Add(to)) || i.AudioMuted != muted ||
			i.Room != "room" || i.Connection != a.joined.Connection {
			t.Errorf("interval %+v, want %v to %v", i, from, to)
		}
	}
	check(connected[0], 0, 24*time.Second, false)
	check(media[0], 2*time.Second, 5*time.Second, false)
	check(media[1], 5*time.Second, 9*time.Second, true)
	if media[0].AudioBytes != 2*media[1].AudioBytes || media[0].AudioBytes+media[1].AudioBytes != connected[0].AudioBytes {
		t.Errorf("bytes %d, %d and %d", media[0].AudioBytes, media[1].AudioBytes, connected[0].AudioBytes)
	}
}

// TestPresenceAfterReplacement: the older connection's intervals close and the newer has its own.
func TestPresenceAfterReplacement(t *testing.T) {
	s := newStage(t, Config{}, quickTiming(), nil)
	a := s.join("room", "a", 1)
	a.send(testclient.Audio, testclient.Video)
	s.seen.until(t, "media", func() bool { return len(s.seen.of("a", IntervalMedia)) == 1 })
	eventually(t, "audio and video to arrive", func() (arrived bool) {
		s.relay.act(func(st *state) {
			_, p := st.find("room", "a", a.joined.Connection)
			arrived = p.sources[kindAudio].meter.packets.Load() > 0 && p.sources[kindVideo].meter.packets.Load() > 0
		})
		return arrived
	})
	again := s.join("room", "a", 1)
	again.send(testclient.Audio)
	s.seen.until(t, "media of the newer", func() bool { return len(s.seen.of("a", IntervalMedia)) == 2 })
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	for kind, want := range map[string][]bool{IntervalConnected: {true, false}, IntervalMedia: {true, false}} {
		intervals := s.seen.of("a", kind)
		for i, closed := range want {
			if intervals[i].Closed != closed {
				t.Errorf("%s interval %d is closed: %v", kind, i, intervals[i].Closed)
			}
		}
	}
	if first := s.seen.of("a", IntervalMedia)[0]; first.AudioBytes == 0 || first.VideoBytes == 0 {
		t.Errorf("bytes are missing in %+v", first)
	}
}
