package consult

import "time"

// ExpiryAlerts are how many days before a licence or an agreement ends its administrators are told, the farthest first: this project's
// own choice.
func ExpiryAlerts() []int { return []int{90, 60, 30} }

// ExpiryStage is the nearest alert that has been reached on a day: 90, 60 or 30 for what ends within so many days, 0 for what is over,
// and false for what ends later. The last day is one on which it still holds.
func ExpiryStage(ends, day Date) (stage int, reached bool) {
	if ends.Before(day) {
		return 0, true
	}
	for _, n := range ExpiryAlerts() {
		if !day.AddDays(n).Before(ends) {
			stage, reached = n, true
		}
	}
	return stage, reached
}

// DaysLeft is 0 on the last day and negative after it.
func DaysLeft(ends, day Date) int { return int(ends.Time().Sub(day.Time()) / (24 * time.Hour)) }
