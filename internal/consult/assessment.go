package consult

import (
	"fmt"
	"strconv"
	"strings"
)

// Scale is a risk that is judged, or a score that is counted.
type Scale struct {
	Term
	Scored    bool
	Low, High int
	bands     []scaleBand // by their lowest score, ascending
}

type scaleBand struct {
	from  int
	level string
}

var scales = loadTable("risk_scales.csv", func(r record) Scale {
	s := Scale{Term: r.labels(), Scored: r.text("kind") == "SCORE"}
	if !s.Scored {
		return s
	}
	s.Low, s.High = int(r.number("low")), int(r.number("high"))
	for _, band := range r.list("bands") {
		from, level, _ := strings.Cut(band, ":")
		n, err := strconv.Atoi(from)
		if err != nil {
			panic(fmt.Sprintf("consult: %s: band %q", s.Code, band))
		}
		s.bands = append(s.bands, scaleBand{n, level})
	}
	return s
})

// Scales lists the risks and scores.
func Scales() []Scale { return scales().all() }

// RiskLevels are the levels of a risk that is judged without a score.
func RiskLevels() []string { return []string{"NONE", "LOW", "MEDIUM", "HIGH"} }

// Assess gives the level of an assessment: by the score for a scored scale, as chosen for a risk.
func Assess(scale string, score *int, chosen string) (level string, err error) {
	s, ok := scales().get(scale)
	if !ok {
		return "", refuse(CodeUnknownCode, "table", string(VocabScale))
	}
	if !s.Scored {
		for _, l := range RiskLevels() {
			if l == chosen {
				return l, nil
			}
		}
		return "", refuse(CodeUnknownCode, "table", string(VocabRiskLevel))
	}
	switch {
	case score == nil:
		return "", refuse(CodeScoreMissing, "scale", scale)
	case *score < s.Low || *score > s.High:
		return "", refuse(CodeScoreRange, "scale", scale, "low", strconv.Itoa(s.Low), "high", strconv.Itoa(s.High))
	}
	for _, b := range s.bands {
		if *score >= b.from {
			level = b.level
		}
	}
	return level, nil
}

// AssessmentMonths is after how many months an assessment is out of date: the project's own choice (W1).
const AssessmentMonths = 12

// AssessmentOld tells that an assessment of a day is out of date on another.
func AssessmentOld(assessed, today Date) bool {
	return DateFromTime(assessed.Time().AddDate(0, AssessmentMonths, 0)).Before(today)
}

// QualityItem is a line of the score sheet with the most points that it gives.
type QualityItem struct {
	Term
	Points int
}

// QualitySheet names the score sheet in force; a change of an item is a new sheet.
const QualitySheet = "2026-01"

// QualityPass is the total from which a report passes: the project's own choice.
const QualityPass = 80

var qualityItems = loadTable("quality_items.csv", func(r record) QualityItem {
	return QualityItem{Term: r.labels(), Points: int(r.number("points"))}
})

// QualityItems lists the lines of the sheet; their points add up to a hundred.
func QualityItems() []QualityItem { return qualityItems().all() }

// Mark adds up a filled score sheet. It refuses unknown items, points out of range and missing items.
func Mark(points map[string]int) (total int, passed bool, err error) {
	missing := 0
	for _, item := range qualityItems().rows {
		p, ok := points[item.Code]
		switch {
		case !ok:
			missing++
		case p < 0 || p > item.Points:
			return 0, false, refuse(CodeScoreRange, "scale", item.Label(ZH), "low", "0", "high", strconv.Itoa(item.Points))
		}
		total += p
	}
	for code := range points {
		if _, ok := qualityItems().get(code); !ok {
			return 0, false, refuse(CodeUnknownCode, "table", string(VocabQualityItem))
		}
	}
	if missing > 0 {
		return 0, false, refuse(CodeSheetIncomplete, "count", strconv.Itoa(missing))
	}
	return total, total >= QualityPass, nil
}
