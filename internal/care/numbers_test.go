package care

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"张三": "zs", "乌兰其其格": "wlqqg", "阿拉坦·巴图": "altbt", "曾国华": "zgh", "单小雨": "sxy", "Maria Ivanova": "mi", "": ""} {
		if got := initials(name); got != want {
			t.Errorf("%s: %q, wanted %q", name, got, want)
		}
	}
}

func TestNaturalOrder(t *testing.T) {
	beds := []string{"2-10", "10-1", "2-9", "2-09", "A1", "", "1-02", "1-2b", "东楼3"}
	slices.SortStableFunc(beds, compareNatural)
	want := []string{"", "1-02", "1-2b", "2-9", "2-09", "2-10", "10-1", "A1", "东楼3"}
	if !slices.Equal(beds, want) {
		t.Errorf("%q", beds)
	}
}

func TestCursorRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(0, maxCursorMicros).Draw(t, "at")).UTC()
		id := uuid.New()
		gotAt, gotID, ok := readCursor(cursorOf(at, id))
		if !ok || !gotAt.Equal(at) || gotID != id {
			t.Fatalf("%v %v %v", gotAt, gotID, ok)
		}
	})
	for _, bad := range []string{"", "x", "AAAA", cursorOf(time.UnixMicro(-5), uuid.New()), cursorOf(time.UnixMicro(maxCursorMicros+1), uuid.New()), cursorOf(time.Now(), uuid.New()) + "AA"} {
		if _, _, ok := readCursor(bad); ok {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestQueueOrderIsThatOfTheDomain(t *testing.T) {
	now := time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var rows []db.QueueCandidatesRow
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			u := rapid.SampledFrom(consult.Urgencies()).Draw(t, "urgency")
			since := now.Add(-time.Duration(rapid.IntRange(0, 100_000).Draw(t, "waited")) * time.Second)
			row := db.QueueCandidatesRow{Consultation: db.Consultation{ID: uuid.New(), Urgency: u.Code, OfferedAt: &since}}
			if u.AcceptTarget > 0 {
				seconds := int32(u.AcceptTarget / time.Second)
				row.AcceptSeconds = &seconds
			} else {
				due := since.Add(time.Hour)
				row.Consultation.AcceptDueAt = &due
			}
			rows = append(rows, row)
		}
		rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		inOrder(rows, now)
		for i := 1; i < len(rows); i++ {
			if !consult.Less(waitingOf(rows[i-1]), waitingOf(rows[i]), now) {
				t.Fatalf("place %d before %d", i-1, i)
			}
		}
	})
}
