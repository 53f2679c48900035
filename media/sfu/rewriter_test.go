package sfu

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRewriterTable(t *testing.T) {
	type packet struct {
		cut     bool
		seq     uint16
		ts      uint32
		start   bool
		at      time.Duration
		wantSeq uint16 // relative to the first number of the stream
		wantTS  uint32 // relative to the first timestamp
		refused bool
	}
	tests := map[string][]packet{
		"waits for a start": {
			{seq: 9, ts: 90, refused: true},
			{seq: 10, ts: 100, start: true},
			{seq: 11, ts: 110, wantSeq: 1, wantTS: 10},
		},
		"keeps gaps and late packets of a source": {
			{seq: 10, ts: 100, start: true},
			{seq: 13, ts: 130, wantSeq: 3, wantTS: 30},
			{seq: 11, ts: 110, wantSeq: 1, wantTS: 10},
			{seq: 14, ts: 140, wantSeq: 4, wantTS: 40},
		},
		"refuses what is older than the source's first": {
			{seq: 10, ts: 100, start: true},
			{seq: 9, ts: 90, refused: true},
			{seq: 11, ts: 110, wantSeq: 1, wantTS: 10},
			{seq: 9, ts: 90, refused: true},
		},
		"a source's numbers wrap": {
			{seq: 65534, ts: 0xffffff00, start: true},
			{seq: 65535, ts: 0xffffff80, wantSeq: 1, wantTS: 0x80},
			{seq: 1, ts: 0x80, wantSeq: 3, wantTS: 0x180},
			{seq: 0, ts: 0, wantSeq: 2, wantTS: 0x100},
		},
		"a change of source continues by one and by the time that passed": {
			{seq: 10, ts: 100, start: true},
			{seq: 11, ts: 3100, wantSeq: 1, wantTS: 3000, at: time.Second},
			{cut: true, seq: 50000, ts: 7, refused: true, at: time.Second},
			{seq: 50001, ts: 8, start: true, wantSeq: 2, wantTS: 93000, at: 2 * time.Second},
			{seq: 50002, ts: 9, wantSeq: 3, wantTS: 93001, at: 2 * time.Second},
			{seq: 50000, ts: 7, refused: true, at: 2 * time.Second},
		},
		"a change of source at the same instant still moves the timestamp": {
			{seq: 10, ts: 100, start: true},
			{cut: true, seq: 10, ts: 100, start: true, wantSeq: 1, wantTS: 1},
		},
		"a clock that steps back does not move the timestamp back": {
			{seq: 10, ts: 100, start: true, at: time.Hour},
			{cut: true, seq: 10, ts: 100, start: true, wantSeq: 1, wantTS: 1},
		},
		"a very long silence is a bounded step": {
			{seq: 10, ts: 100, start: true},
			{cut: true, seq: 10, ts: 100, start: true, wantSeq: 1, wantTS: 90000 * 3600, at: 1000 * time.Hour},
		},
	}
	for name, packets := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRewriter(90000, 65530) // kept in the lower half of the number space
			firstSeq, firstTS := (uint16(65530)&0x7fff)+1, uint32(1)
			for i, p := range packets {
				if p.cut {
					r.cut()
				}
				seq, ts, ok := r.next(p.seq, p.ts, p.start, int64(p.at))
				if ok == p.refused {
					t.Fatalf("packet %d: forwarded %v, want %v", i, ok, !p.refused)
				}
				if ok && (seq-firstSeq != p.wantSeq || ts-firstTS != p.wantTS) {
					t.Fatalf("packet %d: number +%d, timestamp +%d, want +%d and +%d", i, seq-firstSeq, ts-firstTS, p.wantSeq, p.wantTS)
				}
			}
		})
	}
}

// TestRewriterContinuity drives a stream through random sources with loss, reordering and repetition and checks what a
// receiver depends on: no number comes twice, a change of source leaves no gap and does not move time back, and within a
// source distances are those of the source.
func TestRewriterContinuity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := rapid.SampledFrom([]uint32{48000, 90000}).Draw(t, "clock")
		r := newRewriter(clock, uint16(rapid.Uint32().Draw(t, "first")))
		used := map[uint16]int{} // out number → when it was used, to allow reuse after a full cycle
		sent := 0
		now := int64(0)
		var top uint16
		var topTS uint32
		any := false
		for range rapid.IntRange(1, 6).Draw(t, "sources") {
			r.cut()
			var seen dedup
			base, baseTS := uint16(rapid.Uint32().Draw(t, "seq")), rapid.Uint32().Draw(t, "ts")
			var firstIn, firstOut uint16
			var firstInTS, firstOutTS uint32
			started := false
			for range rapid.IntRange(0, 40).Draw(t, "packets") {
				now += int64(rapid.IntRange(0, 50_000_000).Draw(t, "wait"))
				step := rapid.IntRange(-8, 12).Draw(t, "step")
				seq, ts := base+uint16(step), baseTS+uint32(step*300)
				if step > 0 {
					base, baseTS = seq, ts
				}
				if !seen.accept(seq) {
					continue
				}
				out, outTS, ok := r.next(seq, ts, rapid.Bool().Draw(t, "start"), now)
				if !ok {
					continue
				}
				if at, again := used[out]; again && sent-at < 30000 {
					t.Fatalf("number %d was used twice", out)
				}
				sent++
				used[out] = sent
				if !started {
					if any && out != top+1 {
						t.Fatalf("change of source: number %d after %d", out, top)
					}
					if any && int32(outTS-topTS) <= 0 {
						t.Fatalf("change of source: timestamp %d after %d", outTS, topTS)
					}
					started, firstIn, firstOut, firstInTS, firstOutTS = true, seq, out, ts, outTS
				}
				if out-firstOut != seq-firstIn || outTS-firstOutTS != ts-firstInTS {
					t.Fatalf("distances within the source changed")
				}
				if !any || int16(out-top) > 0 {
					top, topTS, any = out, outTS, true
				}
			}
		}
	})
}

// TestDedupModel compares the bitmap with a set.
func TestDedupModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d dedup
		model := map[int]bool{}
		newest := rapid.IntRange(0, 65535).Draw(t, "first")
		model[newest] = true
		if !d.accept(uint16(newest)) {
			t.Fatal("the first packet was refused")
		}
		for range rapid.IntRange(0, 300).Draw(t, "packets") {
			n := newest + rapid.OneOf(rapid.IntRange(-20, 20), rapid.IntRange(-2000, 3000)).Draw(t, "step")
			if n < 0 {
				continue
			}
			want := !model[n] && newest-n < reorder
			if got := d.accept(uint16(n)); got != want {
				t.Fatalf("packet %d with newest %d: accepted %v, want %v", n, newest, got, want)
			}
			if want {
				model[n] = true
			}
			newest = max(newest, n)
		}
	})
}
