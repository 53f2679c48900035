package consult

import (
	"fmt"
	"strconv"
	"sync"
	"time"
	_ "time/tzdata" // Asia/Shanghai must exist on a machine without a zone database
)

// Date is a day of the calendar without a zone: a birth date, the last day of a licence. The zero Date is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

var shanghai = sync.OnceValue(func() *time.Location {
	l, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(fmt.Sprintf("consult: embedded zone database: %v", err))
	}
	return l
})

// Shanghai is the zone in which days, periods and deadlines are counted.
func Shanghai() *time.Location { return shanghai() }

// DateOf is the day on which an instant falls in Asia/Shanghai.
func DateOf(t time.Time) Date {
	y, m, d := t.In(shanghai()).Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-10-20" and refuses anything else, days that do not exist included (date_format).
func ParseDate(s string) (Date, error) {
	if len(s) == len("2006-01-02") && s[4] == '-' && s[7] == '-' {
		y, ey := strconv.ParseUint(s[:4], 10, 16)
		m, em := strconv.ParseUint(s[5:7], 10, 8)
		d, ed := strconv.ParseUint(s[8:], 10, 8)
		date := Date{int(y), time.Month(m), int(d)}
		if ey == nil && em == nil && ed == nil && date.Real() {
			return date, nil
		}
	}
	return Date{}, refuse(CodeDateFormat)
}

// Real tells whether the day exists in the calendar, years 1 to 9999.
func (d Date) Real() bool {
	if d.Year < 1 || d.Year > 9999 {
		return false
	}
	t := d.Time()
	return t.Year() == d.Year && t.Month() == d.Month && t.Day() == d.Day
}

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Time is midnight UTC of the day, the form in which a database DATE travels.
func (d Date) Time() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// DateFromTime is the day written in the time itself, whatever its zone: the inverse of Time.
func DateFromTime(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Start is the instant at which the day begins in Asia/Shanghai.
func (d Date) Start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, shanghai()) }

// AddYears moves the date by whole years; 29 February becomes 1 March in a year without it.
func (d Date) AddYears(n int) Date { return DateFromTime(d.Time().AddDate(n, 0, 0)) }

// AddDays moves the date by days.
func (d Date) AddDays(n int) Date { return DateFromTime(d.Time().AddDate(0, 0, n)) }

// Before tells whether d is an earlier day than e.
func (d Date) Before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

// After tells whether d is a later day than e.
func (d Date) After(e Date) bool { return e.Before(d) }

// String gives "2026-10-20", and "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText gives the same form as String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the form of String; empty is no date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// AgeAt is the age in full years on a day. Who was born on 29 February turns a year older on 1 March in other years. Before
// the birth the age is negative.
func AgeAt(birth, on Date) int {
	age := on.Year - birth.Year
	if on.Month < birth.Month || on.Month == birth.Month && on.Day < birth.Day {
		age--
	}
	return age
}

// AgeAtInstant is the age in full years on the day of the instant in Asia/Shanghai.
func AgeAtInstant(birth Date, at time.Time) int { return AgeAt(birth, DateOf(at)) }

// Within tells whether a day lies between two days, both included; an absent last day means without end.
func (d Date) Within(from, to Date) bool {
	return !d.Before(from) && (to.IsZero() || !d.After(to))
}
