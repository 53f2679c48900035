package consult

import "time"

// Workdays is the statutory calendar as far as it is known: days that differ from Monday to Friday, and for which years they are.
type Workdays struct {
	Off   map[Date]bool // true: a day off; false: a make-up working day
	Years map[int]bool  // years whose arrangement is known
}

// Works tells whether people work on a day: by the calendar, else Monday to Friday.
func (w Workdays) Works(d Date) bool {
	if off, ok := w.Off[d]; ok {
		return !off
	}
	day := d.Time().Weekday()
	return day != time.Saturday && day != time.Sunday
}

// After gives the n-th working day after a day. Known is false when a year on the way has no arrangement, so that weekends alone
// were counted and the deadline may move.
func (w Workdays) After(d Date, n int) (due Date, known bool) {
	known = true
	for due = d; n > 0; {
		due = due.AddDays(1)
		known = known && w.Years[due.Year]
		if w.Works(due) {
			n--
		}
	}
	return due, known && w.Years[d.Year]
}

// Working days for the answer to a complaint (医疗机构投诉管理办法): five, ten when several departments are involved.
const (
	ComplaintDays        = 5
	ComplaintDaysSeveral = 10
)

// ComplaintDue is the last day for the answer to a complaint that was received at an instant.
func (w Workdays) ComplaintDue(received time.Time, several bool) (due Date, known bool) {
	n := ComplaintDays
	if several {
		n = ComplaintDaysSeveral
	}
	return w.After(DateOf(received), n)
}

// AdverseReportWithin is how soon an adverse event should be reported: the measure of I-27.
const AdverseReportWithin = 24 * time.Hour

// Suspicion is a class of notifiable disease by its clock.
type Suspicion string

// The classes (传染病防治法, 2025): A, managed as A, new or unexplained, and outbreaks within two hours, others within a day.
const (
	Within2Hours  Suspicion = "WITHIN_2H"
	Within24Hours Suspicion = "WITHIN_24H"
)

// Within is the time for the report.
func (s Suspicion) Within() time.Duration {
	if s == Within2Hours {
		return 2 * time.Hour
	}
	return 24 * time.Hour
}

// InfectionSign is a question of the screening.
type InfectionSign struct {
	Term
	Class Suspicion `json:"class"`
}

var infectionSigns = loadTable("infection_signs.csv", func(r record) InfectionSign {
	return InfectionSign{Term: r.labels(), Class: Suspicion(r.text("class"))}
})

// InfectionSigns lists the signs, the most pressing first.
func InfectionSigns() []InfectionSign { return infectionSigns().all() }

// Screen gives the class of the signs that were found: the shortest clock of any. It refuses unknown signs and none.
func Screen(signs []string) (Suspicion, error) {
	if len(signs) == 0 {
		return "", refuse(CodeSignsNeeded)
	}
	class := Within24Hours
	for _, code := range signs {
		s, ok := infectionSigns().get(code)
		if !ok {
			return "", refuse(CodeUnknownCode, "table", string(VocabInfectionSign))
		}
		if s.Class == Within2Hours {
			class = Within2Hours
		}
	}
	return class, nil
}
