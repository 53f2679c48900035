package goals

import (
	"context"
	"fmt"
	"slices"
	"strings"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// definitions are the indicators as they are defined on a day, with the targets that hold in an area.
type definitions struct {
	codes   *consult.Codes
	list    []db.IndicatorDefinition
	targets []db.IndicatorTarget
	ledger  map[string]bool // marks of the ledger's rows
}

func (s *Service) loadDefinitions(ctx context.Context, q *db.Queries, day consult.Date) (definitions, error) {
	d := definitions{codes: s.st.Codes()}
	var err error
	if d.list, err = q.IndicatorDefinitions(ctx, day.Time()); err != nil {
		return d, fmt.Errorf("indicator definitions: %w", err)
	}
	if d.targets, err = q.IndicatorTargets(ctx, day.Time()); err != nil {
		return d, fmt.Errorf("indicator targets: %w", err)
	}
	marks, err := q.LedgerMarks(ctx)
	if err != nil {
		return d, fmt.Errorf("marks: %w", err)
	}
	d.ledger = map[string]bool{}
	for _, m := range marks {
		d.ledger[m.Code] = true
	}
	return d, nil
}

// label names the definitions: the highest version and the newest day on which one of them began to hold.
func (d definitions) label() string {
	version, newest := int32(0), consult.Date{}
	for _, i := range d.list {
		version = max(version, i.Version)
		if from := consult.DateFromTime(i.ValidFrom); from.After(newest) {
			newest = from
		}
	}
	return fmt.Sprintf("v%d %s", version, newest)
}

// target is the one of the narrowest area that holds in a place; nil for none.
func (d definitions) target(code, region string) *db.IndicatorTarget {
	var best *db.IndicatorTarget
	for i, t := range d.targets {
		nation := t.RegionCode == "100000"
		if t.Indicator != code || !nation && !d.codes.DivisionWithin(region, t.RegionCode) {
			continue
		}
		if best == nil || best.RegionCode == "100000" && !nation || !nation && len(strings.TrimRight(t.RegionCode, "0")) > len(strings.TrimRight(best.RegionCode, "0")) {
			best = &d.targets[i]
		}
	}
	return best
}

// The states of an indicator (contract.IndicatorState).
const (
	stateOK            contract.IndicatorState = "OK"
	stateEmpty         contract.IndicatorState = "EMPTY"
	stateNoDenominator contract.IndicatorState = "NO_DENOMINATOR"
	stateNotRecorded   contract.IndicatorState = "NOT_RECORDED"
	stateNotEvaluated  contract.IndicatorState = "NOT_EVALUATED"
	stateOtherLevel    contract.IndicatorState = "OTHER_LEVEL"
	stateOtherPeriod   contract.IndicatorState = "OTHER_PERIOD"
)

// result is one indicator worked out.
type result struct {
	state                  contract.IndicatorState
	numerator, denominator float64
	value                  float64 // with stateOK
}

// tooShort says that an indicator is defined for longer periods only: what a year is asked for is no figure of a month. Longer periods than
// it is filed for only add up more.
func tooShort(def db.IndicatorDefinition, kind Kind) bool {
	for _, k := range def.Kinds {
		if (Period{Kind: Kind(k)}).months() <= (Period{Kind: kind}).months() {
			return false
		}
	}
	return true
}

// evaluate works an indicator out of what was counted. level is that of the scope.
func evaluate(def db.IndicatorDefinition, f *figures, level contract.GoalScopeLevel) result {
	m, known := f.total, f.known
	sum := func(marks []string) (n float64, all bool) {
		all = true
		for _, mark := range marks {
			n += m[mark]
			all = all && known[mark]
		}
		return n, all
	}
	num, numKnown := sum(def.Numerator)
	den, denKnown := sum(def.Denominator)
	r := result{numerator: num, denominator: den}
	evaluated := func(marks []string) bool {
		return slices.ContainsFunc(marks, func(mark string) bool {
			return strings.HasPrefix(mark, "COUNTABLE") || strings.HasPrefix(mark, "DISTINCT_") || mark == "CREDENTIALS_OK" || mark == "COUNTIES_SERVED"
		})
	}
	switch {
	case slices.Contains(def.Denominator, "COUNTIES") && level == levelInstitution:
		r.state = stateOtherLevel
	case tooShort(def, f.kind):
		r.state = stateOtherPeriod
	case !numKnown:
		r.state = stateNotRecorded
	case !denKnown:
		r.state = stateNoDenominator
	case evaluated(def.Numerator) && m["EVALUATED"] == 0 && m["COMPLETED_UNEVALUATED"] > 0:
		r.state = stateNotEvaluated
	case len(def.Denominator) == 0:
		r.state, r.value = stateOK, num
	case den == 0:
		r.state = stateEmpty
	default:
		r.state, r.value = stateOK, num/den
		if def.Unit == "PERCENT" || def.Unit == "PER_HUNDRED" {
			r.value *= 100
		}
	}
	return r
}

// indicators works out all of them; before and yearBefore are the measures of earlier periods, nil where they are not asked for.
func (d definitions) indicators(sc scope, f, before, yearBefore *figures) []contract.Indicator {
	out := make([]contract.Indicator, 0, len(d.list))
	for _, def := range d.list {
		r := evaluate(def, f, sc.Level)
		v := contract.Indicator{Code: def.Code, Version: int(def.Version), NameZh: def.NameZh, NameEn: def.NameEn, Unit: contract.IndicatorUnit(def.Unit), Kinds: def.Kinds,
			State: r.state, NumeratorZh: def.NumeratorZh, NumeratorEn: def.NumeratorEn, DenominatorZh: def.DenominatorZh, DenominatorEn: def.DenominatorEn,
			ExclusionsZh: def.ExclusionsZh, ExclusionsEn: def.ExclusionsEn, Marks: d.rows(def.Numerator), Base: d.rows(def.Denominator), Facts: factsOf(def, f)}
		if r.state == stateOK || r.state == stateEmpty || r.state == stateNoDenominator {
			v.Numerator = &r.numerator
		}
		if len(def.Denominator) > 0 && (r.state == stateOK || r.state == stateEmpty) {
			v.Denominator = &r.denominator
		}
		if r.state == stateOK {
			v.Value = &r.value
		}
		earlier := func(f *figures) *float64 {
			if f == nil {
				return nil
			}
			if e := evaluate(def, f, sc.Level); e.state == stateOK {
				return &e.value
			}
			return nil
		}
		v.Previous, v.YearBefore = earlier(before), earlier(yearBefore)
		if t := d.target(def.Code, sc.RegionCode); t != nil {
			v.Target = &contract.IndicatorTarget{Value: t.Value, Source: t.Source, Official: t.Official, RegionCode: t.RegionCode}
			if t.ValidTo != nil {
				v.Target.ValidTo = &openapi_types.Date{Time: *t.ValidTo}
			}
			if r.state == stateOK {
				met := r.value >= t.Value
				v.Target.Met = &met
			}
		}
		var imported []contract.ImportedNumber
		for _, mark := range append(slices.Clone(def.Numerator), def.Denominator...) {
			if from, ok := f.imported[mark]; ok {
				imported = append(imported, contract.ImportedNumber{Mark: mark, File: from.file, At: from.at})
			}
		}
		if imported != nil {
			v.Imported = &imported
		}
		out = append(out, v)
	}
	return out
}

// rows are those of the marks that a list of consultations can be made of.
func (d definitions) rows(marks []string) []string {
	stands := map[string]string{"DISTINCT_SERVED": "COUNTABLE", "DISTINCT_CHRONIC": "CHRONIC_SERVED", "SUM_START_SECONDS": "WAITED", "SUM_FIELDS_FILLED": "ENDED", "SUM_FIELDS_REQUIRED": "ENDED"}
	out := []string{}
	for _, m := range marks {
		if other, ok := stands[m]; ok {
			m = other
		}
		if d.ledger[m] || declines(m) {
			out = append(out, m)
		}
	}
	return out
}

// factsOf is what an indicator counts beside consultations, unless others own the number.
func factsOf(def db.IndicatorDefinition, f *figures) *string {
	for _, mark := range append(slices.Clone(def.Denominator), def.Numerator...) {
		if _, imported := f.imported[mark]; imported {
			return nil
		}
	}
	for _, mark := range def.Denominator {
		if _, ok := factOf(mark); ok {
			return &mark
		}
	}
	return nil
}
