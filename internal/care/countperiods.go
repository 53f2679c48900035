package care

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Why a month was judged anew.
const (
	runAsked   = "ASKED"
	runClosing = "CLOSING"
)

// Difference is a consultation whose answer another ruleset or other settings change.
type Difference struct {
	Consultation  uuid.UUID
	Serial        string
	Before, After consult.Countability // of Before only bitmap and countable are known
}

// reevaluatedAtOnce is how many consultations are read in one query; each is judged in a transaction of its own.
const reevaluatedAtOnce = 100

func monthOf(d consult.Date) time.Time {
	return consult.Date{Year: d.Year, Month: d.Month, Day: 1}.Time()
}

func monthName(month time.Time) string { return month.Format("2006-01") }

// closedUnder gives the ruleset and the settings of the institution's month when that is closed.
func closedUnder(ctx context.Context, q *db.Queries, institution uuid.UUID, day consult.Date) (ruleset string, cfg consult.Settings, closed bool, err error) {
	if day.IsZero() {
		return "", nil, false, nil
	}
	row, err := q.ClosedPeriod(ctx, db.ClosedPeriodParams{OrganisationID: institution, Month: monthOf(day)})
	if store.IsNone(err) {
		return "", nil, false, nil
	}
	if err != nil {
		return "", nil, false, fmt.Errorf("closed period: %w", err)
	}
	if err := json.Unmarshal(row.Settings, &cfg); err != nil {
		return "", nil, false, fmt.Errorf("settings of the closed period: %w", err)
	}
	return row.Ruleset, cfg, true, nil
}

// ReevaluatePeriod judges the consultations of an institution that ended in a month by the rules in force and lists those whose
// answer differs. With apply the new answers supersede the current ones; without, nothing is stored. A closed month keeps the rules
// of its closing: it is judged by those, so that only changes of the record, which were judged as they happened, could differ.
func (s *Service) ReevaluatePeriod(ctx context.Context, institution uuid.UUID, month consult.Date, apply bool) (out []Difference, judged int, err error) {
	since := monthOf(month)
	return s.reevaluateAll(ctx, apply, func(after uuid.UUID) ([]db.EvaluatedInPeriodRow, error) {
		return s.st.Q().EvaluatedInPeriod(ctx, db.EvaluatedInPeriodParams{InstitutionID: institution, Since: since, Before: since.AddDate(0, 1, 0),
			After: after, Most: reevaluatedAtOnce})
	})
}

// reevaluateAll judges what pages of consultations name, in the order of their ids.
func (s *Service) reevaluateAll(ctx context.Context, apply bool, page func(after uuid.UUID) ([]db.EvaluatedInPeriodRow, error)) (out []Difference, judged int, err error) {
	for after := uuid.Nil; ; {
		rows, err := page(after)
		if err != nil {
			return out, judged, fmt.Errorf("period: %w", err)
		}
		for _, r := range rows {
			d, err := s.reevaluate(ctx, r.ConsultationID, r.Serial, apply)
			if err != nil {
				return out, judged, err
			}
			judged++
			if d != nil {
				out = append(out, *d)
			}
		}
		if len(rows) < reevaluatedAtOnce {
			return out, judged, nil
		}
		after = rows[len(rows)-1].ConsultationID
	}
}

func (s *Service) reevaluate(ctx context.Context, id uuid.UUID, serial string, apply bool) (*Difference, error) {
	var out *Difference
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		out = nil
		c, err := q.LockConsultation(ctx, id)
		if err != nil {
			return fmt.Errorf("lock the consultation: %w", err)
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		current, err := q.CurrentEvaluation(ctx, id)
		if err != nil {
			return fmt.Errorf("current evaluation: %w", err)
		}
		j, err := s.judgementOf(ctx, q, c, now)
		if err != nil {
			return err
		}
		if current.Bitmap != int32(j.Bitmap) {
			out = &Difference{Consultation: id, Serial: serial, After: j.Countability,
				Before: consult.Countability{Ruleset: current.Ruleset, Bitmap: uint32(current.Bitmap), Countable: current.Countable, Goal: current.Goal}}
		}
		if !apply {
			return nil
		}
		ch := s.systemChange(q, c, now)
		return ch.commit(ctx) // judges
	})
	return out, err
}

// ClosePeriod keeps for an institution's month the rules in force now, within a transaction of the caller. A month that is closed
// already stays as it is.
func (s *Service) ClosePeriod(ctx context.Context, q *db.Queries, institution uuid.UUID, month consult.Date, now time.Time) error {
	settings, err := s.ruleSettingsOf(ctx, q, institution)
	if err != nil {
		return err
	}
	last := consult.DateFromTime(monthOf(month).AddDate(0, 1, -1))
	if err := q.CloseCountabilityPeriod(ctx, db.CloseCountabilityPeriodParams{OrganisationID: institution, Month: monthOf(month),
		Ruleset: consult.RulesetOn(consult.RulesetCountability, last).Version, Settings: settingsJSON(settings), ClosedAt: now}); err != nil {
		return fmt.Errorf("close the period: %w", err)
	}
	return nil
}

// CloseMonth closes an institution's month for good: the rules in force now are kept for it, and what other rules judged is judged by
// them, so that no two consultations of a closed month go by different rules. Asked again it goes on where it was broken off.
func (s *Service) CloseMonth(ctx context.Context, by, institution uuid.UUID, month consult.Date) error {
	var kept db.CountabilityPeriod
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		if err := s.ClosePeriod(ctx, q, institution, month, now); err != nil {
			return err
		}
		kept, err = q.ClosedPeriod(ctx, db.ClosedPeriodParams{OrganisationID: institution, Month: monthOf(month)})
		return err
	})
	if err != nil {
		return fmt.Errorf("close %s: %w", monthName(monthOf(month)), err)
	}
	found, judged, err := s.reevaluateAll(ctx, true, func(after uuid.UUID) ([]db.EvaluatedInPeriodRow, error) {
		rows, err := s.st.Q().JudgedByOthers(ctx, db.JudgedByOthersParams{InstitutionID: institution, Since: kept.Month, Before: kept.Month.AddDate(0, 1, 0),
			Ruleset: kept.Ruleset, Settings: kept.Settings, After: after, Most: reevaluatedAtOnce})
		out := make([]db.EvaluatedInPeriodRow, len(rows))
		for i, r := range rows {
			out[i] = db.EvaluatedInPeriodRow(r)
		}
		return out, err
	})
	if err != nil {
		return fmt.Errorf("close %s: %w", monthName(kept.Month), err)
	}
	if judged == 0 {
		return nil
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		return keepRun(ctx, q, db.AddCountRunParams{ID: newID(), OrganisationID: institution, Month: kept.Month, Cause: runClosing, Judged: int32(judged), RunAt: now, RunBy: by}, found)
	})
}

// keepRun keeps what a re-evaluation changed.
func keepRun(ctx context.Context, q *db.Queries, run db.AddCountRunParams, found []Difference) error {
	if err := q.AddCountRun(ctx, run); err != nil {
		return fmt.Errorf("keep the re-evaluation: %w", err)
	}
	for _, d := range found {
		if err := q.AddCountRunDifference(ctx, db.AddCountRunDifferenceParams{RunID: run.ID, ConsultationID: d.Consultation,
			Before: int32(d.Before.Bitmap), After: int32(d.After.Bitmap)}); err != nil {
			return fmt.Errorf("keep the re-evaluation: %w", err)
		}
	}
	return nil
}

// ReevaluateCountability judges an open month of the caller's institutions and lists what differs. What is applied is kept with its
// list of differences; both, looking and applying, are in the audit.
func (s *Service) ReevaluateCountability(ctx context.Context, a identity.Actor, in contract.ReevaluationInput) (contract.Reevaluation, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.Reevaluation{}, err
	}
	month, err := consult.ParseDate(in.Month + "-01")
	if err != nil {
		return contract.Reevaluation{}, onField(err, "month")
	}
	out := contract.Reevaluation{Month: in.Month, Differences: []contract.CountDifference{}}
	apply := value(in.Apply)
	for _, org := range a.Organisations(RoleInstAdmin) {
		_, _, closed, err := closedUnder(ctx, s.st.Q(), org, month)
		if err != nil {
			return out, err
		}
		if closed {
			out.Closed = true
			continue
		}
		found, judged, err := s.ReevaluatePeriod(ctx, org, month, apply)
		if err != nil {
			return out, err
		}
		out.Judged += judged
		for _, d := range found {
			out.Differences = append(out.Differences, countDifference(d.Consultation, d.Serial, d.Before.Bitmap, d.After.Bitmap))
		}
		out.Applied = apply
		if err := s.st.Tx(ctx, func(q *db.Queries) error {
			now, err := s.clock(ctx, q)
			if err != nil {
				return err
			}
			if apply && judged > 0 {
				if err := keepRun(ctx, q, db.AddCountRunParams{ID: newID(), OrganisationID: org, Month: monthOf(month), Cause: runAsked, Judged: int32(judged), RunAt: now, RunBy: a.UserID}, found); err != nil {
					return err
				}
			}
			detail := fmt.Sprintf("%s judged %d differ %d apply %t", in.Month, judged, len(found), apply)
			return s.audit(ctx, q, a, now, RoleInstAdmin, "reevaluateCountability", "organisation", &org, detail)
		}); err != nil {
			return out, err
		}
	}
	slices.SortFunc(out.Differences, func(x, y contract.CountDifference) int { return strings.Compare(x.Serial, y.Serial) })
	return out, nil
}

func countDifference(id uuid.UUID, serial string, before, after uint32) contract.CountDifference {
	return contract.CountDifference{ConsultationId: id, Serial: serial, Before: before == 0, After: after == 0,
		RulesBefore: consult.RulesOfBitmap(before), RulesAfter: consult.RulesOfBitmap(after)}
}

// monthsShown is how far back the months of an institution are listed.
const monthsShown = 18

// ListCountMonths gives the months of the caller's institutions, by which rules they were judged, and what re-evaluations changed.
func (s *Service) ListCountMonths(ctx context.Context, a identity.Actor) (contract.CountMonths, error) {
	out := contract.CountMonths{Months: []contract.CountMonth{}, Runs: []contract.CountRun{}}
	if err := require(a, RoleInstAdmin); err != nil {
		return out, err
	}
	q, orgs := s.st.Q(), a.Organisations(RoleInstAdmin)
	now, err := s.clock(ctx, q)
	if err != nil {
		return out, err
	}
	since := monthOf(consult.DateOf(now)).AddDate(0, -monthsShown, 0)
	judgedBy, err := q.JudgedBy(ctx, db.JudgedByParams{Organisations: orgs, Since: since})
	if err != nil {
		return out, fmt.Errorf("rules of the months: %w", err)
	}
	months, err := q.CountMonths(ctx, db.CountMonthsParams{Organisations: orgs, Since: since})
	if err != nil {
		return out, fmt.Errorf("months: %w", err)
	}
	settings := map[uuid.UUID]consult.Settings{}
	for _, org := range orgs {
		if settings[org], err = s.ruleSettingsOf(ctx, q, org); err != nil {
			return out, err
		}
	}
	for _, m := range months {
		v := contract.CountMonth{Organisation: m.Organisation, Month: monthName(m.Month), Judged: int(m.Judged), Countable: int(m.Countable), ClosedAt: utc(m.ClosedAt), ClosedRuleset: m.ClosedRuleset}
		if m.ClosedAt == nil {
			v.ByOthers = judgedByOthers(judgedBy, m.InstitutionID, m.Month, settingsJSON(settings[m.InstitutionID]))
		}
		out.Months = append(out.Months, v)
	}
	out.Runs, err = countRuns(ctx, q, orgs)
	return out, err
}

// judgedByOthers counts the consultations of an open month that were judged by other rules or settings than those in force. In a month
// in which a version begins, both are.
func judgedByOthers(rows []db.JudgedByRow, institution uuid.UUID, month time.Time, settings []byte) int {
	first := consult.DateFromTime(month)
	inForce := []string{consult.RulesetOn(consult.RulesetCountability, first).Version,
		consult.RulesetOn(consult.RulesetCountability, consult.DateFromTime(month.AddDate(0, 1, -1))).Version}
	n := 0
	for _, r := range rows {
		if r.InstitutionID == institution && r.Month.Equal(month) && (!slices.Contains(inForce, r.Ruleset) || !sameJSON(r.Settings, settings)) {
			n += int(r.Judged)
		}
	}
	return n
}

func countRuns(ctx context.Context, q *db.Queries, orgs []uuid.UUID) ([]contract.CountRun, error) {
	rows, err := q.CountRuns(ctx, orgs)
	if err != nil {
		return nil, fmt.Errorf("re-evaluations: %w", err)
	}
	out, ids := make([]contract.CountRun, len(rows)), make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
		out[i] = contract.CountRun{Id: r.ID, Organisation: r.Organisation, Month: monthName(r.Month), Cause: contract.CountRunCause(r.Cause), Judged: int(r.Judged),
			At: r.RunAt.UTC(), By: r.DisplayName, Differences: []contract.CountDifference{}}
	}
	differences, err := q.CountRunDifferences(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("differences: %w", err)
	}
	for _, d := range differences {
		i := slices.Index(ids, d.RunID)
		out[i].Differences = append(out[i].Differences, countDifference(d.ConsultationID, d.Serial, uint32(d.Before), uint32(d.After)))
	}
	return out, nil
}
