package care

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// StatisticsNote stands beside every figure: no authority has published a definition of these counts.
const StatisticsNote = "本系统口径，非官方统计口径"

// suppressBelow: an authority sees no count of fewer cases, and none from which one follows.
const suppressBelow = 5

// longestPeriod of a statistic, in years.
const longestPeriod = 5

// GetStatistics counts what was submitted between two local days, both included; drills do not count. A consultation counts
// for the inviting institution; a medical institution's own row counts those as well to which it was invited.
//
// An administrator gets one row for each own organisation. An authority gets one row for each organisation that reports to
// it, with everything that reports to that one, directly or not. For an authority the period is widened to whole months (the
// answer says so), because the difference of two periods that are a day apart would tell of single cases, and cells are
// suppressed, see suppress.
func (s *Service) GetStatistics(ctx context.Context, a identity.Actor, in contract.GetStatisticsParams) (contract.Statistics, error) {
	if err := require(a, RoleInstAdmin, RoleRegCounty, RoleRegLeague, RoleRegRegion); err != nil {
		return contract.Statistics{}, err
	}
	from, to := dateOf(in.From), dateOf(in.To)
	var f form
	switch {
	case to.Before(from):
		f.add("to", "period_order")
	case to.After(from.AddYears(longestPeriod)):
		f.add("to", "period_too_long", "days", "1826")
	}
	if err := f.err(); err != nil {
		return contract.Statistics{}, err
	}
	authorities := a.Organisations(RoleRegCounty, RoleRegLeague, RoleRegRegion)
	if len(authorities) > 0 {
		from, to = wholeMonths(from, to)
	}
	out := contract.Statistics{From: dayOf(from.Time()), To: dayOf(to.Time()), Note: StatisticsNote, Rows: []contract.StatisticsRow{}}
	q := s.st.Q()
	own := a.Organisations(RoleInstAdmin)
	count := func(roots []uuid.UUID, descend bool) ([]db.CountConsultationsRow, error) {
		rows, err := q.CountConsultations(ctx, db.CountConsultationsParams{Roots: roots, Descend: descend, Since: from.Start(), Before: to.AddDays(1).Start()})
		if err != nil {
			return nil, fmt.Errorf("statistics: %w", err)
		}
		return rows, nil
	}
	rows, err := count(own, false)
	if err != nil {
		return contract.Statistics{}, err
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, statisticsRow(r))
	}
	children, err := q.ReportingChildren(ctx, authorities)
	if err != nil {
		return contract.Statistics{}, fmt.Errorf("who reports: %w", err)
	}
	children = slices.DeleteFunc(children, func(id uuid.UUID) bool { return slices.Contains(own, id) })
	if rows, err = count(children, true); err != nil {
		return contract.Statistics{}, err
	}
	for _, r := range rows {
		row := statisticsRow(r)
		suppress(&row)
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// wholeMonths widens a period to whole months.
func wholeMonths(from, to consult.Date) (first, last consult.Date) {
	first = consult.Date{Year: from.Year, Month: from.Month, Day: 1}
	next := consult.DateFromTime(consult.Date{Year: to.Year, Month: to.Month, Day: 1}.Time().AddDate(0, 1, 0))
	return first, next.AddDays(-1)
}

func statisticsRow(r db.CountConsultationsRow) contract.StatisticsRow {
	inTarget, minutes := counted(r.AcceptedInTarget), counted(r.EffectiveMinutes)
	return contract.StatisticsRow{OrganisationId: r.ID, Organisation: r.Name, RegionCode: r.RegionCode, Submitted: counted(r.Submitted),
		Accepted: counted(r.Accepted), Reported: counted(r.Reported), Cancelled: counted(r.Cancelled),
		AcceptedInTarget: &inTarget, EffectiveMinutes: &minutes}
}

func counted(n int64) contract.Count {
	v := int(n)
	return contract.Count{Value: &v}
}

// suppress hides every cell under 5, and every cell that would give such a number away. The cells of a row are parts of one
// another (accepted and cancelled of submitted, reported and accepted-in-target of accepted), so a part is hidden as well
// when what its whole has beyond it is 1 to 4 cases: 20 accepted and 18 of them in target would publish the two that were
// late. A part is measured against every whole that stays visible. A whole that is hidden leaves at most one bound, never a
// number, since no row or column is totalled. Minutes are the sum over the accepted cases and go with them.
func suppress(row *contract.StatisticsRow) {
	cells := []*contract.Count{&row.Submitted, &row.Accepted, &row.Reported, &row.Cancelled, row.AcceptedInTarget}
	for _, c := range cells {
		if *c.Value < suppressBelow {
			hide(c)
		}
	}
	for _, pair := range []struct{ whole, part *contract.Count }{
		{&row.Submitted, &row.Accepted}, {&row.Submitted, &row.Cancelled}, {&row.Submitted, &row.Reported},
		{&row.Submitted, row.AcceptedInTarget}, {&row.Accepted, &row.Reported}, {&row.Accepted, row.AcceptedInTarget},
	} {
		if pair.whole.Suppressed || pair.part.Suppressed {
			continue
		}
		if rest := *pair.whole.Value - *pair.part.Value; rest > 0 && rest < suppressBelow {
			hide(pair.part)
		}
	}
	if row.Accepted.Suppressed || *row.EffectiveMinutes.Value < suppressBelow {
		hide(row.EffectiveMinutes)
	}
}

func hide(c *contract.Count) { c.Value, c.Suppressed = nil, true }
