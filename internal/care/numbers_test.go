package care

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
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

func TestSuppression(t *testing.T) {
	row := func(submitted, accepted, reported, cancelled, inTarget, minutes int64) contract.StatisticsRow {
		return statisticsRow(db.CountConsultationsRow{Submitted: submitted, Accepted: accepted, Reported: reported, Cancelled: cancelled,
			AcceptedInTarget: inTarget, EffectiveMinutes: minutes})
	}
	t.Run("what follows from a visible cell is hidden too", func(t *testing.T) {
		r := row(40, 30, 28, 10, 21, 300)
		suppress(&r)
		if r.Submitted.Suppressed || r.Accepted.Suppressed || r.Cancelled.Suppressed || r.AcceptedInTarget.Suppressed || r.EffectiveMinutes.Suppressed {
			t.Errorf("%+v", r)
		}
		if !r.Reported.Suppressed || r.Reported.Value != nil {
			t.Error("28 of 30 reported tells of two that were not")
		}
	})
	t.Run("small", func(t *testing.T) {
		r := row(4, 4, 4, 0, 4, 40)
		suppress(&r)
		for _, c := range []contract.Count{r.Submitted, r.Accepted, r.Reported, r.Cancelled, *r.AcceptedInTarget, *r.EffectiveMinutes} {
			if !c.Suppressed || c.Value != nil {
				t.Errorf("%+v", r)
			}
		}
	})
	// No visible cell is under the bound, and none that is visible differs from a visible whole by 1 to 4 cases.
	rapid.Check(t, func(t *rapid.T) {
		submitted := rapid.Int64Range(0, 60).Draw(t, "submitted")
		accepted := rapid.Int64Range(0, submitted).Draw(t, "accepted")
		cancelled := rapid.Int64Range(0, submitted-accepted).Draw(t, "cancelled")
		reported := rapid.Int64Range(0, accepted).Draw(t, "reported")
		inTarget := rapid.Int64Range(0, accepted).Draw(t, "inTarget")
		r := row(submitted, accepted, reported, cancelled, inTarget, accepted*8)
		suppress(&r)
		cells := map[string]contract.Count{"submitted": r.Submitted, "accepted": r.Accepted, "reported": r.Reported, "cancelled": r.Cancelled, "inTarget": *r.AcceptedInTarget}
		for name, c := range cells {
			if c.Suppressed != (c.Value == nil) {
				t.Fatalf("%s is half hidden", name)
			}
			if !c.Suppressed && *c.Value < 5 {
				t.Fatalf("%s shows %d", name, *c.Value)
			}
		}
		for _, p := range [][2]string{{"submitted", "accepted"}, {"submitted", "cancelled"}, {"submitted", "reported"}, {"submitted", "inTarget"}, {"accepted", "reported"}, {"accepted", "inTarget"}} {
			whole, part := cells[p[0]], cells[p[1]]
			if whole.Suppressed || part.Suppressed {
				continue
			}
			if rest := *whole.Value - *part.Value; rest > 0 && rest < 5 {
				t.Fatalf("%s minus %s is %d", p[0], p[1], rest)
			}
		}
		if r.Accepted.Suppressed && !r.EffectiveMinutes.Suppressed {
			t.Fatal("minutes of hidden cases")
		}
	})
}

func TestWholeMonths(t *testing.T) {
	from, to := wholeMonths(consult.Date{Year: 2026, Month: 1, Day: 31}, consult.Date{Year: 2026, Month: 2, Day: 3})
	if from.String() != "2026-01-01" || to.String() != "2026-02-28" {
		t.Error(from, to)
	}
}
