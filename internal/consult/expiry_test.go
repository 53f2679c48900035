package consult

import "testing"

func TestExpiryStage(t *testing.T) {
	day := Date{2026, 11, 28}
	for _, c := range []struct {
		left    int
		stage   int
		reached bool
	}{{400, 0, false}, {91, 0, false}, {90, 90, true}, {61, 90, true}, {60, 60, true}, {31, 60, true}, {30, 30, true}, {1, 30, true}, {0, 30, true}, {-1, 0, true}, {-400, 0, true}} {
		ends := day.AddDays(c.left)
		if stage, reached := ExpiryStage(ends, day); stage != c.stage || reached != c.reached {
			t.Errorf("%d days left: %d %v", c.left, stage, reached)
		}
		if got := DaysLeft(ends, day); got != c.left {
			t.Errorf("%d days left: counted %d", c.left, got)
		}
	}
}
