package consult

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var monday = time.Date(2026, 10, 19, 8, 0, 0, 0, time.UTC)

func TestLess(t *testing.T) {
	ago := func(id string, u Urgency, d time.Duration) Waiting {
		info, _ := u.Info()
		return Waiting{ID: id, Urgency: u, Since: monday.Add(-d), Target: info.AcceptTarget}
	}
	tests := []struct {
		name          string
		first, second Waiting
	}{
		{"critical before everybody", ago("b", Critical, time.Second), ago("a", Emergent, time.Hour)},
		{"older critical first", ago("b", Critical, time.Minute), ago("a", Critical, time.Second)},
		{"the more urgent at the same wait", ago("b", Emergent, time.Minute), ago("a", Urgent, time.Minute)},
		{"a long wait overtakes", ago("b", Routine, 23*time.Hour), ago("a", Emergent, time.Minute)},
		{"9 of 10 minutes before 1 of 2 hours", ago("b", Emergent, 9*time.Minute), ago("a", Urgent, time.Hour)},
		{"equal share: the earlier offer", ago("b", Urgent, time.Hour), ago("a", Emergent, 5*time.Minute)},
		{"equal in all: by id", ago("a", Urgent, time.Hour), ago("b", Urgent, time.Hour)},
		{"offered in the future waits nothing", ago("b", Urgent, time.Second), ago("a", Urgent, -time.Hour)},
		{"no target counts as one second", Waiting{ID: "b", Since: monday.Add(-time.Minute)}, ago("a", Emergent, time.Minute)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !Less(tt.first, tt.second, monday) || Less(tt.second, tt.first, monday) {
				t.Errorf("%+v is not before %+v", tt.first, tt.second)
			}
		})
	}
}

func TestAcceptTarget(t *testing.T) {
	if got := AcceptTarget(Emergent, monday, time.Time{}); got != 10*time.Minute {
		t.Errorf("got %v", got)
	}
	if got := AcceptTarget(Scheduled, monday, monday.Add(5*time.Hour)); got != 5*time.Hour {
		t.Errorf("got %v", got)
	}
	if got := AcceptTarget(Scheduled, monday, monday.Add(-time.Hour)); got != time.Second {
		t.Errorf("got %v", got)
	}
	if got := AcceptTarget("NOW", monday, time.Time{}); got != 24*time.Hour {
		t.Errorf("got %v", got)
	}
}

func waitings() *rapid.Generator[Waiting] {
	return rapid.Custom(func(t *rapid.T) Waiting {
		return Waiting{
			ID:      fmt.Sprintf("%02d", rapid.IntRange(0, 30).Draw(t, "id")),
			Urgency: Urgency(rapid.SampledFrom(Urgencies()).Draw(t, "urgency").Code),
			// Few distinct values, so that ties are common; some absurd ones.
			Since: monday.Add(-rapid.OneOf(
				rapid.Map(rapid.IntRange(-3, 12), func(n int) time.Duration { return time.Duration(n) * 5 * time.Minute }),
				rapid.Map(rapid.Int64Range(-1e12, 1e12), func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }),
			).Draw(t, "waited")),
			Target: rapid.OneOf(rapid.SampledFrom([]time.Duration{0, 3 * time.Minute, 10 * time.Minute, 2 * time.Hour, 24 * time.Hour}),
				rapid.Map(rapid.Int64(), func(n int64) time.Duration { return time.Duration(n) })).Draw(t, "target"),
		}
	})
}

func TestLessIsAStrictOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := waitings().Draw(t, "a"), waitings().Draw(t, "b"), waitings().Draw(t, "c")
		ab, ba := Less(a, b, monday), Less(b, a, monday)
		if ab && ba {
			t.Fatal("each before the other")
		}
		if Less(a, a, monday) {
			t.Fatal("before itself")
		}
		if ab && Less(b, c, monday) && !Less(a, c, monday) {
			t.Fatal("not transitive")
		}
		// Two that tie are equal in all that the order looks at.
		if !ab && !ba && (a.ID != b.ID || a.Since.UnixMilli() != b.Since.UnixMilli()) {
			t.Fatalf("%+v and %+v tie", a, b)
		}
	})
}

// The cross-multiplied integers say the same as exact fractions, and every product fits a double.
func TestLessAgreesWithFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := waitings().Draw(t, "a").Key(monday), waitings().Draw(t, "b").Key(monday)
		for _, product := range []int64{a.WaitedMS * b.TargetS, b.WaitedMS * a.TargetS} {
			if product < 0 || product >= 1<<53 {
				t.Fatalf("product %d", product)
			}
		}
		if a.Critical != b.Critical {
			return
		}
		cmp := big.NewRat(a.WaitedMS, a.TargetS).Cmp(big.NewRat(b.WaitedMS, b.TargetS))
		if cmp > 0 && !a.Less(b) || cmp < 0 && !b.Less(a) {
			t.Fatalf("%+v, %+v: fractions say %d", a, b, cmp)
		}
	})
}

func TestSortingIsTheSameFromAnyStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		queue := rapid.SliceOfNDistinct(waitings(), 0, 20, func(w Waiting) string { return w.ID }).Draw(t, "queue")
		byOrder := func(x, y Waiting) int {
			switch {
			case Less(x, y, monday):
				return -1
			case Less(y, x, monday):
				return 1
			}
			return 0
		}
		one, other := slices.Clone(queue), rapid.Permutation(queue).Draw(t, "other")
		slices.SortFunc(one, byOrder)
		slices.SortFunc(other, byOrder)
		if !slices.Equal(one, other) {
			t.Fatalf("%v\n%v", one, other)
		}
	})
}

func TestPromise(t *testing.T) {
	emergent := Waiting{ID: "a", Urgency: Emergent, Since: monday, Target: 10 * time.Minute}
	routine := Waiting{ID: "b", Urgency: Routine, Since: monday, Target: 24 * time.Hour}
	tests := []struct {
		name             string
		now              time.Time
		w                Waiting
		ahead, available int
		mean             time.Duration
		by               time.Time
		ok               bool
	}{
		{"next, a doctor present", monday, emergent, 0, 1, 12 * time.Minute, monday.Add(3 * time.Minute), true},
		{"rounded up", monday.Add(time.Second), emergent, 0, 1, 12 * time.Minute, monday.Add(4 * time.Minute), true},
		{"one before it, two doctors", monday, routine, 1, 2, 12 * time.Minute, monday.Add(3 * time.Minute), true},
		{"two before it, two doctors", monday, routine, 2, 2, 12 * time.Minute, monday.Add(15 * time.Minute), true},
		{"five before it, two doctors", monday, routine, 5, 2, 12 * time.Minute, monday.Add(27 * time.Minute), true},
		{"no later than the target", monday, emergent, 5, 1, 12 * time.Minute, monday.Add(10 * time.Minute), true},
		{"a number that would overflow", monday, routine, 1 << 62, 1, time.Hour, monday.Add(24 * time.Hour), true},
		{"nobody there", monday, emergent, 0, 0, 12 * time.Minute, time.Time{}, false},
		{"deadline passed", monday.Add(10 * time.Minute), emergent, 0, 3, 12 * time.Minute, time.Time{}, false},
		{"critical", monday, Waiting{Urgency: Critical, Since: monday, Target: 3 * time.Minute}, 0, 5, time.Minute, time.Time{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			by, ok := Promise(tt.now, tt.w, tt.ahead, tt.available, tt.mean)
			if ok != tt.ok || !by.Equal(tt.by) {
				t.Errorf("got %v, %v", by, ok)
			}
		})
	}
}

func TestPromiseIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := waitings().Draw(t, "w")
		w.Target = min(max(w.Target, 0), 48*time.Hour)
		ahead := rapid.IntRange(-1, 50).Draw(t, "ahead")
		available := rapid.IntRange(-1, 8).Draw(t, "available")
		mean := time.Duration(rapid.IntRange(-1, 60).Draw(t, "mean")) * time.Minute
		by, ok := Promise(monday, w, ahead, available, mean)
		if !ok {
			if w.Urgency != Critical && available > 0 && w.Since.Add(w.Target).After(monday) {
				t.Fatal("no promise without a reason")
			}
			return
		}
		if w.Urgency == Critical || available <= 0 {
			t.Fatal("a promise that must not be made")
		}
		if !by.After(monday) || by.After(w.Since.Add(w.Target)) {
			t.Fatalf("promised %v", by)
		}
		later, _ := Promise(monday, w, ahead+rapid.IntRange(0, 20).Draw(t, "more"), available, mean)
		if later.Before(by) {
			t.Fatal("a longer queue is promised an earlier time")
		}
		sooner, _ := Promise(monday, w, ahead, available+1, mean)
		if sooner.After(by) {
			t.Fatal("another doctor makes it later")
		}
	})
}
