package goals

import (
	"slices"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// suppressBelow: a public sheet shows no count of fewer residents or cases, and no rate that is made of one.
const suppressBelow = 5

// forPublication are the sheets that there are in a public version: those of sums. The others show cases.
func forPublication(sheet string) bool {
	return slices.Contains([]string{"E2", "E7", "E8", "E9", "E10"}, sheet)
}

func small5(n float64) bool { return n > 0 && n < suppressBelow }

// hides tells whether a public sheet must not show a figure.
func (x *exporting) hides(i contract.Indicator) bool {
	few := func(n *float64) bool { return n != nil && small5(*n) }
	return x.public && (few(i.Numerator) || few(i.Denominator) || i.Unit == "COUNT" && few(i.Value))
}

func (x *exporting) notPublished() string {
	return x.say("小于5，不公开", "fewer than 5, not published")
}

// suppressed says which counts of a table are not shown; its last row is the sum of those before it. Small counts are not, and others with
// them as long as what is hidden could be found by subtracting what is shown from a sum: of a column, or of the goals G1 to G5 in a row.
func suppressed(rows []measures) []map[string]bool {
	hide := make([]map[string]bool, len(rows))
	marks := map[string]bool{}
	for i, m := range rows {
		hide[i] = map[string]bool{}
		for mark, n := range m {
			marks[mark] = true
			hide[i][mark] = small5(n)
		}
	}
	type cell struct {
		row  int
		mark string
	}
	at := func(c cell) float64 { return rows[c.row][c.mark] }
	// cover hides another addend, or the sum, and reports whether it had to.
	cover := func(parts []cell, sum cell) bool {
		if hide[sum.row][sum.mark] {
			return false
		}
		hidden, total, next := 0, 0.0, sum
		for _, c := range parts {
			switch {
			case hide[c.row][c.mark]:
				hidden++
				total += at(c)
			case at(c) > 0 && (next == sum || at(c) < at(next)):
				next = c
			}
		}
		if hidden == 0 || hidden > 1 && total >= suppressBelow {
			return false
		}
		hide[next.row][next.mark] = true
		return true
	}
	last := len(rows) - 1
	for again := true; again; {
		again = false
		for mark := range marks {
			var parts []cell
			for i := range last {
				parts = append(parts, cell{i, mark})
			}
			again = cover(parts, cell{last, mark}) || again
		}
		for i := range rows {
			var parts []cell
			for _, goal := range []string{"1", "2", "3", "4", "5"} {
				parts = append(parts, cell{i, "COUNTABLE_G" + goal})
			}
			again = cover(parts, cell{i, "COUNTABLE"}) || again
		}
	}
	return hide
}
