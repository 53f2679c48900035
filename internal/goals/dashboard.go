package goals

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// waitBounds are the upper ends of the histogram of waits in seconds, as in the query WriteMonthTallies.
func waitBounds() []int {
	return []int{60, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 14400, 28800, 86400}
}

// monthsShown are how many months a trend has.
const monthsShown = 12

func trendMarks() []string {
	return []string{"SUBMITTED", "COMPLETED", "COUNTABLE", "ANSWER_BASE", "ANSWER_IN_TIME", "ENDED", "REPORT_LATE"}
}

func sideOf(side *contract.GoalSide) string {
	if side != nil && *side == sideInvited {
		return sideInvited
	}
	return sideInviting
}

func periodIn(kind contract.GoalKind, day openapi_types.Date) (Period, error) {
	p, ok := PeriodOf(Kind(kind), consult.DateFromTime(day.Time))
	if !ok {
		return p, problem.Invalid(problem.Field{Path: "kind", Code: "wrong_value"})
	}
	return p, nil
}

// GetGoalDashboard gives the figures of a scope in a period.
func (s *Service) GetGoalDashboard(ctx context.Context, a identity.Actor, in contract.GetGoalDashboardParams) (out contract.GoalDashboard, err error) {
	err = s.st.Tx(ctx, func(q *db.Queries) (err error) {
		out, err = s.goalDashboard(ctx, q, a, in)
		return err
	})
	return out, err
}

func (s *Service) goalDashboard(ctx context.Context, q *db.Queries, a identity.Actor, in contract.GetGoalDashboardParams) (contract.GoalDashboard, error) {
	var out contract.GoalDashboard
	now, err := s.clock(ctx, q)
	if err != nil {
		return out, err
	}
	sc, err := s.look(ctx, q, a, in.OrganisationId)
	if err != nil {
		return out, err
	}
	p, err := periodIn(in.Kind, in.Day)
	if err != nil {
		return out, err
	}
	side := sideOf(in.Side)
	defs, err := s.loadDefinitions(ctx, q, p.Last())
	if err != nil {
		return out, err
	}
	periods := [...]Period{p, p.add(-1), yearBefore(p)}
	var counted [len(periods)]*figures
	for i, of := range periods {
		if i == 2 && of == periods[1] { // of a year, the period before is the year before
			counted[i] = counted[1]
			break
		}
		if counted[i], err = s.count(ctx, q, sc, of, side); err != nil {
			return out, err
		}
	}
	f := counted[0]
	out = contract.GoalDashboard{Scope: sc.GoalScope, Kind: in.Kind, First: day(p.First), Last: day(p.Last()), Label: p.String(), Side: contract.GoalSide(side), Note: Note,
		Definitions: defs.label(), Over: p.Over(now), EffectiveMinutes: int64(f.total["SUM_EFFECTIVE_SECONDS"]) / 60, Indicators: defs.indicators(sc, f, counted[1], counted[2]), Marks: map[string]int64{},
		Reasons: []contract.GoalReason{}, Children: []contract.GoalChild{}, Waits: []contract.GoalWait{}, Dimensions: []contract.GoalDimension{}, Tiles: []contract.GoalTile{}}
	for mark, n := range f.total {
		switch {
		case strings.HasPrefix(mark, "NC"):
			out.Reasons = append(out.Reasons, contract.GoalReason{Code: mark, N: int64(n), Fix: contract.GoalReasonFix(fixOf(mark))})
		case defs.ledger[mark]:
			out.Marks[mark] = int64(n)
		}
	}
	slices.SortFunc(out.Reasons, func(x, y contract.GoalReason) int {
		if x.N != y.N {
			return int(y.N - x.N)
		}
		return strings.Compare(x.Code, y.Code)
	})
	out.Waits = waits(f.total)
	if sc.Level != levelInstitution {
		out.Children = childrenOf(sc, f)
		tiles, err := tilesOf(ctx, s.st.Codes(), q, sc, p)
		if err != nil {
			return out, err
		}
		for _, t := range tiles {
			v := contract.GoalTile{Code: t.division.Code, NameZh: t.division.ZH, NameEn: t.division.EN, Institutions: t.institutions, Submitted: t.submitted, Countable: t.countable}
			v.OrganisationId = placeOf(sc, t.division.Code)
			if t.division.Parent != "" {
				v.Parent = &t.division.Parent
			}
			out.Tiles = append(out.Tiles, v)
		}
	} else if out.Dimensions, err = s.dimensions(ctx, q, sc, p, side); err != nil {
		return out, err
	}
	if out.Months, err = trend(ctx, q, sc, p, side); err != nil {
		return out, err
	}
	backlog, err := q.LedgerBacklog(ctx)
	if err != nil {
		return out, fmt.Errorf("backlog: %w", err)
	}
	out.Behind = int(backlog.Waiting)
	return out, nil
}

// placeOf is whose figures are those of a division: its authority's, or its only institution's.
func placeOf(sc scope, division string) *uuid.UUID {
	var found []uuid.UUID
	for _, m := range sc.members {
		if m.RegionCode != division || m.Id == sc.Id {
			continue
		}
		if *m.Kind == kindAuthority {
			return &m.Id
		}
		found = append(found, m.Id)
	}
	if len(found) == 1 {
		return &found[0]
	}
	return nil
}

// fixOf says whether a consultation that fails a rule can still be mended, by the newest ruleset.
func fixOf(rule string) string {
	versions := consult.Rulesets(consult.RulesetCountability)
	for _, r := range consult.CountRules(versions[len(versions)-1].Version) {
		if r.Rule == rule {
			return r.Fix
		}
	}
	return "NO"
}

func yearBefore(p Period) Period { return Period{p.Kind, p.First.AddYears(-1)} }

func day(d consult.Date) openapi_types.Date { return openapi_types.Date{Time: d.Time()} }

func waits(m measures) []contract.GoalWait {
	out := []contract.GoalWait{}
	for i := range len(waitBounds()) + 1 {
		w := contract.GoalWait{N: int64(m[fmt.Sprintf("WAIT_%02d", i)])}
		if i < len(waitBounds()) {
			w.UnderSeconds = &waitBounds()[i]
		}
		out = append(out, w)
	}
	return out
}

// childrenOf lists what is directly below a scope; the scope's own figures, if any, come first.
func childrenOf(sc scope, f *figures) []contract.GoalChild {
	out := []contract.GoalChild{}
	list := append([]*place{}, sc.children...)
	slices.SortFunc(list, func(x, y *place) int { return strings.Compare(x.RegionCode+x.Name, y.RegionCode+y.Name) })
	for _, c := range list {
		m := f.children[c.Id]
		n := func(mark string) int64 { return int64(m[mark]) }
		out = append(out, contract.GoalChild{Scope: c.GoalScope, Submitted: n("SUBMITTED"), Completed: n("COMPLETED"), Countable: n("COUNTABLE"), NotCountable: n("NOT_COUNTABLE"),
			AnswerBase: n("ANSWER_BASE"), AnswerInTime: n("ANSWER_IN_TIME"), Ended: n("ENDED"), ReportLate: n("REPORT_LATE")})
	}
	return out
}

// trend gives the twelve months up to the end of the period, also the empty ones.
func trend(ctx context.Context, q *db.Queries, sc scope, p Period, side string) ([]contract.GoalMonth, error) {
	end := p.Before().Time()
	begin := end.AddDate(0, -monthsShown, 0)
	rows, err := q.TalliesByPeriod(ctx, db.TalliesByPeriodParams{Kind: string(Month), Since: begin, Before: end, Side: side, Members: sc.ids(), Marks: trendMarks()})
	if err != nil {
		return nil, fmt.Errorf("trend: %w", err)
	}
	by := map[time.Time]map[string]int64{}
	for _, r := range rows {
		if by[r.StartsOn] == nil {
			by[r.StartsOn] = map[string]int64{}
		}
		by[r.StartsOn][r.Mark] = r.N
	}
	out := make([]contract.GoalMonth, monthsShown)
	for i := range out {
		first := begin.AddDate(0, i, 0)
		n := by[first]
		out[i] = contract.GoalMonth{First: openapi_types.Date{Time: first}, Submitted: n["SUBMITTED"], Completed: n["COMPLETED"], Countable: n["COUNTABLE"],
			AnswerBase: n["ANSWER_BASE"], AnswerInTime: n["ANSWER_IN_TIME"], Ended: n["ENDED"], ReportLate: n["REPORT_LATE"]}
	}
	return out, nil
}

// dimensions are an institution's figures by service, doctor and hour. Doctors are named inside the institution only.
func (s *Service) dimensions(ctx context.Context, q *db.Queries, sc scope, p Period, side string) ([]contract.GoalDimension, error) {
	rows, err := q.LedgerByDimension(ctx, db.LedgerByDimensionParams{Side: side, OrganisationID: sc.Id, Since: p.First.Time(), Before: p.Before().Time()})
	if err != nil {
		return nil, fmt.Errorf("figures by service, doctor and hour: %w", err)
	}
	out := []contract.GoalDimension{}
	for _, r := range rows {
		if r.Dimension == "DOCTOR" && sc.authority {
			continue
		}
		out = append(out, contract.GoalDimension{Dimension: contract.GoalDimensionDimension(r.Dimension), Value: r.Value, Name: r.Name, Submitted: r.Submitted,
			Completed: r.Completed, Countable: r.Countable, NotCountable: r.NotCountable, ReportLate: r.LateReports})
	}
	return out, nil
}

// The size of a page of rows.
const (
	pageDefault = 50
	pageMost    = 200
)

// ListGoalRows gives the consultations behind a figure, newest first, and notes in the access log that they were opened.
func (s *Service) ListGoalRows(ctx context.Context, a identity.Actor, in contract.ListGoalRowsParams) (contract.GoalRowPage, error) {
	out := contract.GoalRowPage{Rows: []contract.GoalRow{}, Total: -1}
	p, err := periodIn(in.Kind, in.Day)
	if err != nil {
		return out, err
	}
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		sc, err := s.look(ctx, q, a, in.OrganisationId)
		if err != nil {
			return err
		}
		if err := q.PlanForArguments(ctx); err != nil {
			return err
		}
		ask, total, err := rowsAsked(ctx, q, in)
		if err != nil {
			return err
		}
		side := sideOf(in.Side)
		ask.Side, ask.Members, ask.Since, ask.Before = side, sc.ids(), p.First.Time(), p.Before().Time()
		size := ask.PageSize
		ask.PageSize++
		rows, err := q.LedgerPage(ctx, ask)
		if err != nil {
			return fmt.Errorf("rows of a figure: %w", err)
		}
		if len(rows) > int(size) {
			rows = rows[:size]
			last := rows[size-1].Ledger
			next := last.PeriodOn.Format(time.DateOnly) + last.ConsultationID.String()
			out.Next = &next
		}
		for _, r := range rows {
			out.Rows = append(out.Rows, goalRow(r, sc))
		}
		if total != "" {
			f, err := s.count(ctx, q, sc, p, side)
			if err != nil {
				return err
			}
			out.Total = int64(f.total[total])
		}
		return audit(ctx, q, a, sc.role(a), "LIST_GOAL_ROWS", "organisation", sc.Id)
	})
	return out, err
}

// rowsAsked reads the conditions. total names the mark whose tally is the number of rows, "" when several conditions meet.
func rowsAsked(ctx context.Context, q *db.Queries, in contract.ListGoalRowsParams) (ask db.LedgerPageParams, total string, err error) {
	ask = db.LedgerPageParams{MarkBit: -1, WithoutBit: -1, ReasonBit: -1, Hour: -1, PageSize: pageDefault, DoctorID: in.DoctorId}
	var wrong []problem.Field
	marks, err := q.LedgerMarks(ctx)
	if err != nil {
		return ask, "", fmt.Errorf("marks: %w", err)
	}
	find := func(field, code string) (source string, bit int32) {
		for _, m := range marks {
			if m.Code == code {
				return m.Source, int32(m.Bit)
			}
		}
		wrong = append(wrong, problem.Field{Path: field, Code: "wrong_value"})
		return "", -1
	}
	total = "SUBMITTED"
	if in.Mark != nil && *in.Mark != "" {
		total = *in.Mark
		if declines(total) { // so many declines, of fewer consultations
			ask.Declined, ask.Reasoned, total = true, total == "SUM_DECLINES_REASONED", ""
		} else if source, bit := find("mark", *in.Mark); source == "reasons" {
			ask.ReasonBit = bit
		} else {
			ask.MarkBit = bit
		}
	}
	if in.Without != nil && *in.Without != "" {
		total = ""
		source, bit := find("without", *in.Without)
		if source == "reasons" {
			wrong = append(wrong, problem.Field{Path: "without", Code: "wrong_value"})
		}
		ask.WithoutBit = bit
	}
	if in.ServiceType != nil {
		ask.Service, total = *in.ServiceType, ""
	}
	if in.DoctorId != nil {
		total = ""
	}
	if in.Hour != nil {
		ask.Hour, total = int32(*in.Hour), ""
	}
	if in.Limit != nil {
		ask.PageSize = int32(min(max(*in.Limit, 1), pageMost))
	}
	if in.Cursor != nil {
		on, id, ok := readCursor(*in.Cursor)
		if !ok {
			wrong = append(wrong, problem.Field{Path: "cursor", Code: "wrong_value"})
		}
		ask.AfterOn, ask.AfterID = &on, id
	}
	if wrong != nil {
		return ask, "", problem.Invalid(wrong...)
	}
	return ask, total, nil
}

// declines says that a mark adds up declines: its rows are the consultations that were declined, with a reason or by anybody (I-08).
func declines(mark string) bool { return mark == "SUM_DECLINES" || mark == "SUM_DECLINES_REASONED" }

func readCursor(s string) (time.Time, uuid.UUID, bool) {
	const dayLen = len(time.DateOnly)
	if len(s) <= dayLen {
		return time.Time{}, uuid.Nil, false
	}
	on, err := time.Parse(time.DateOnly, s[:dayLen])
	id, wrong := uuid.Parse(s[dayLen:])
	return on, id, err == nil && wrong == nil
}

func goalRow(r db.LedgerPageRow, sc scope) contract.GoalRow {
	l := r.Ledger
	v := contract.GoalRow{Id: l.ConsultationID, Serial: l.Serial, Day: openapi_types.Date{Time: l.PeriodOn}, Institution: r.Institution, ServiceType: l.ServiceType, Goal: l.Goal,
		Urgency: contract.Urgency(l.Urgency), State: contract.State(l.State), Mode: l.Mode, SubmittedAt: l.SubmittedAt, EndedAt: l.EndedAt, AnswerSeconds: number(l.AnswerSeconds),
		ReportSeconds: number(l.ReportSeconds), Countable: l.Countable, Reasons: reasonsOf(l.Reasons), Opens: !sc.authority}
	if r.Hospital != "" {
		v.Hospital = &r.Hospital
	}
	if l.DepartmentCode != "" {
		v.Department = &l.DepartmentCode
	}
	if r.Doctor != "" && !sc.authority {
		v.Doctor = &r.Doctor
	}
	if seconds := int(l.EffectiveSeconds); seconds > 0 {
		v.EffectiveSeconds = &seconds
	}
	if l.Ruleset != "" {
		v.Ruleset = &l.Ruleset
	}
	return v
}

func number(n *int32) *int {
	if n == nil {
		return nil
	}
	v := int(*n)
	return &v
}

// reasonsOf names the bits of a map of reasons: NC01 to NC24.
func reasonsOf(bits int64) []string { return consult.RulesOfBitmap(uint32(bits)) }
