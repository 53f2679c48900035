package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// Bounds of an expansion.
const (
	MaxCount    = 500 // COUNT of a rule
	MaxInterval = 99
	MaxYears    = 30 // how far an expansion goes after its first day
)

// ErrRecurrence says that a text is no rule, or one that this package does not carry out.
var ErrRecurrence = errors.New("calendar: not a supported recurrence rule")

// Freq is the unit in which a rule repeats.
type Freq string

// The units. Days are the smallest: the time of day is beside the rule.
const (
	Daily   Freq = "DAILY"
	Weekly  Freq = "WEEKLY"
	Monthly Freq = "MONTHLY"
	Yearly  Freq = "YEARLY"
)

// WeekdayNum is a weekday, with N the n-th of its month (-1: the last one); N is 0 for every one.
type WeekdayNum struct {
	N   int
	Day time.Weekday
}

// Recurrence is a rule of RFC 5545 (3.3.10) on days: FREQ, INTERVAL, COUNT or UNTIL, BYDAY, BYMONTHDAY, BYMONTH and WKST.
type Recurrence struct {
	Freq       Freq
	Interval   int // 1 and more
	Count      int // 0: not bounded by a number
	Until      consult.Date
	ByDay      []WeekdayNum
	ByMonthDay []int // 1 to 31, or -1 (the last) to -31
	ByMonth    []int
	WeekStart  time.Weekday // Monday unless WKST says otherwise
}

func weekdays() map[string]time.Weekday {
	return map[string]time.Weekday{"MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday, "TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday, "SU": time.Sunday}
}

// ParseRecurrence reads the value of an RRULE. What it does not carry out exactly it refuses (ErrRecurrence).
func ParseRecurrence(text string) (Recurrence, error) {
	r := Recurrence{Interval: 1, WeekStart: time.Monday}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(text)), "RRULE:"), ";") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || value == "" || seen[name] {
			return r, fmt.Errorf("%w: %q", ErrRecurrence, part)
		}
		seen[name] = true
		if err := r.set(name, value); err != nil {
			return r, err
		}
	}
	return r, r.check()
}

func (r *Recurrence) set(name, value string) error {
	var err error
	switch name {
	case "FREQ":
		r.Freq = Freq(value)
	case "INTERVAL":
		r.Interval, err = number(value, 1, MaxInterval)
	case "COUNT":
		r.Count, err = number(value, 1, MaxCount)
	case "UNTIL":
		var day time.Time
		if day, err = time.Parse("20060102", value); err == nil {
			r.Until = consult.DateFromTime(day)
		}
	case "WKST":
		day, ok := weekdays()[value]
		if !ok {
			return fmt.Errorf("%w: WKST=%s", ErrRecurrence, value)
		}
		r.WeekStart = day
	case "BYDAY":
		for item := range strings.SplitSeq(value, ",") {
			var d WeekdayNum
			if len(item) < 2 {
				return fmt.Errorf("%w: BYDAY=%s", ErrRecurrence, value)
			}
			day, ok := weekdays()[item[len(item)-2:]]
			if n := item[:len(item)-2]; ok && n != "" {
				d.N, err = signed(n, 5)
			}
			if !ok || err != nil {
				return fmt.Errorf("%w: BYDAY=%s", ErrRecurrence, value)
			}
			d.Day = day
			r.ByDay = append(r.ByDay, d)
		}
	case "BYMONTHDAY":
		r.ByMonthDay, err = numbers(value, func(s string) (int, error) { return signed(s, 31) })
	case "BYMONTH":
		r.ByMonth, err = numbers(value, func(s string) (int, error) { return number(s, 1, 12) })
	default:
		return fmt.Errorf("%w: %s", ErrRecurrence, name)
	}
	if err != nil {
		return fmt.Errorf("%w: %s=%s", ErrRecurrence, name, value)
	}
	return nil
}

func (r *Recurrence) check() error {
	ordinal := slices.ContainsFunc(r.ByDay, func(d WeekdayNum) bool { return d.N != 0 })
	switch {
	case r.Freq != Daily && r.Freq != Weekly && r.Freq != Monthly && r.Freq != Yearly:
		return fmt.Errorf("%w: FREQ", ErrRecurrence)
	case r.Count > 0 && !r.Until.IsZero():
		return fmt.Errorf("%w: COUNT and UNTIL", ErrRecurrence)
	case ordinal && r.Freq != Monthly && r.Freq != Yearly, r.Freq == Weekly && len(r.ByMonthDay) > 0:
		return fmt.Errorf("%w: days of a month in a shorter unit", ErrRecurrence)
	case r.Freq == Yearly && len(r.ByMonth) == 0 && (len(r.ByDay) > 0 || len(r.ByMonthDay) > 0):
		return fmt.Errorf("%w: days of a year without BYMONTH", ErrRecurrence)
	}
	return nil
}

func number(s string, least, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most || s[0] == '+' {
		return 0, ErrRecurrence
	}
	return n, nil
}

func signed(s string, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n == 0 || n > most || n < -most {
		return 0, ErrRecurrence
	}
	return n, nil
}

func numbers(value string, one func(string) (int, error)) ([]int, error) {
	var out []int
	for s := range strings.SplitSeq(value, ",") {
		n, err := one(s)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// String is the rule in its one form.
func (r Recurrence) String() string {
	names := map[time.Weekday]string{}
	for name, day := range weekdays() {
		names[day] = name
	}
	parts := []string{"FREQ=" + string(r.Freq)}
	add := func(name string, values []string) {
		if len(values) > 0 {
			parts = append(parts, name+"="+strings.Join(values, ","))
		}
	}
	if r.Interval > 1 {
		add("INTERVAL", []string{strconv.Itoa(r.Interval)})
	}
	if r.Count > 0 {
		add("COUNT", []string{strconv.Itoa(r.Count)})
	}
	if !r.Until.IsZero() {
		add("UNTIL", []string{r.Until.Time().Format("20060102")})
	}
	ints := func(list []int) (out []string) {
		for _, n := range list {
			out = append(out, strconv.Itoa(n))
		}
		return out
	}
	add("BYMONTH", ints(r.ByMonth))
	add("BYMONTHDAY", ints(r.ByMonthDay))
	var days []string
	for _, d := range r.ByDay {
		n := ""
		if d.N != 0 {
			n = strconv.Itoa(d.N)
		}
		days = append(days, n+names[d.Day])
	}
	add("BYDAY", days)
	if r.WeekStart != time.Monday {
		add("WKST", []string{names[r.WeekStart]})
	}
	return strings.Join(parts, ";")
}

// Days lists the days of the rule that begins at start within [from, to], at most `most` of them. The first day counts only when the rule
// names it.
func (r Recurrence) Days(start, from, to consult.Date, most int) []consult.Date {
	last := to
	if end := start.AddYears(MaxYears); end.Before(last) {
		last = end
	}
	if !r.Until.IsZero() && r.Until.Before(last) {
		last = r.Until
	}
	day, left := from, r.Count
	if r.Count > 0 || day.Before(start) { // a number is counted from the beginning
		day = start
	}
	var out []consult.Date
	for ; !day.After(last) && len(out) < most; day = day.AddDays(1) {
		if !r.Occurs(start, day) {
			continue
		}
		if r.Count > 0 {
			if left == 0 {
				break
			}
			left--
		}
		if !day.Before(from) {
			out = append(out, day)
		}
	}
	return out
}

// Occurs says whether the rule that begins at start names the day, COUNT aside.
func (r Recurrence) Occurs(start, day consult.Date) bool {
	if day.Before(start) || !r.Until.IsZero() && day.After(r.Until) {
		return false
	}
	if len(r.ByMonth) > 0 && !slices.Contains(r.ByMonth, int(day.Month)) {
		return false
	}
	s, d := start.Time(), day.Time()
	days := int(d.Sub(s) / (24 * time.Hour))
	switch r.Freq {
	case Daily:
		return days%r.Interval == 0 && r.onMonthDay(day, true) && r.onWeekday(day, true)
	case Weekly:
		back := int(s.Weekday()-r.WeekStart+7) % 7 // days since the week of the start began
		if (days+back)/7%r.Interval != 0 {
			return false
		}
		return r.onWeekday(day, s.Weekday() == d.Weekday())
	case Monthly:
		months := (day.Year-start.Year)*12 + int(day.Month) - int(start.Month)
		return months%r.Interval == 0 && r.inMonth(start, day)
	case Yearly:
		if (day.Year-start.Year)%r.Interval != 0 || len(r.ByMonth) == 0 && day.Month != start.Month {
			return false
		}
		return r.inMonth(start, day)
	}
	return false
}

func (r Recurrence) inMonth(start, day consult.Date) bool {
	if len(r.ByDay) == 0 && len(r.ByMonthDay) == 0 {
		return day.Day == start.Day // a month without that day has none
	}
	return r.onMonthDay(day, true) && r.onWeekday(day, true)
}

func monthLength(day consult.Date) int {
	return time.Date(day.Year, day.Month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func (r Recurrence) onMonthDay(day consult.Date, otherwise bool) bool {
	if len(r.ByMonthDay) == 0 {
		return otherwise
	}
	return slices.ContainsFunc(r.ByMonthDay, func(n int) bool {
		return n == day.Day || n < 0 && monthLength(day)+n+1 == day.Day
	})
}

func (r Recurrence) onWeekday(day consult.Date, otherwise bool) bool {
	if len(r.ByDay) == 0 {
		return otherwise
	}
	weekday := day.Time().Weekday()
	nth, fromEnd := (day.Day-1)/7+1, -((monthLength(day)-day.Day)/7 + 1)
	return slices.ContainsFunc(r.ByDay, func(d WeekdayNum) bool {
		return d.Day == weekday && (d.N == 0 || d.N == nth || d.N == fromEnd)
	})
}
