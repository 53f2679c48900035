package goals

import (
	"fmt"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// Kind is the length of a period.
type Kind string

// The periods that are counted and filed.
const (
	Month   Kind = "M"
	Quarter Kind = "Q"
	Year    Kind = "Y"
)

// Period is a month, quarter or year of local days.
type Period struct {
	Kind  Kind
	First consult.Date
}

// PeriodOf is the period of a kind in which a day lies; false for an unknown kind.
func PeriodOf(k Kind, day consult.Date) (Period, bool) {
	first := consult.Date{Year: day.Year, Month: day.Month, Day: 1}
	switch k {
	case Month:
	case Quarter:
		first.Month -= (first.Month - 1) % 3
	case Year:
		first.Month = time.January
	default:
		return Period{}, false
	}
	return Period{k, first}, day.Real()
}

func (p Period) months() int { return map[Kind]int{Month: 1, Quarter: 3, Year: 12}[p.Kind] }

// Next is the period that follows.
func (p Period) Next() Period { return p.add(1) }

// add moves by whole periods.
func (p Period) add(n int) Period {
	return Period{p.Kind, consult.DateFromTime(p.First.Time().AddDate(0, n*p.months(), 0))}
}

// Before is the first day after the period.
func (p Period) Before() consult.Date { return p.Next().First }

// Last is the last day of the period.
func (p Period) Last() consult.Date { return p.Before().AddDays(-1) }

// Over tells whether the period has ended by an instant.
func (p Period) Over(now time.Time) bool { return !consult.DateOf(now).Before(p.Before()) }

// String gives 2026-03, 2026-Q1 or 2026.
func (p Period) String() string {
	switch p.Kind {
	case Quarter:
		return fmt.Sprintf("%d-Q%d", p.First.Year, (int(p.First.Month)+2)/3)
	case Year:
		return fmt.Sprint(p.First.Year)
	default:
		return p.First.String()[:7]
	}
}

// Chinese gives 2026年3月, 2026年第1季度 or 2026年.
func (p Period) Chinese() string {
	switch p.Kind {
	case Quarter:
		return fmt.Sprintf("%d年第%d季度", p.First.Year, (int(p.First.Month)+2)/3)
	case Year:
		return fmt.Sprintf("%d年", p.First.Year)
	default:
		return fmt.Sprintf("%d年%d月", p.First.Year, p.First.Month)
	}
}

// DayOf is a day of the calendar.
func DayOf(year int, month time.Month, day int) consult.Date {
	return consult.Date{Year: year, Month: month, Day: day}
}
