package care

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// causeReevaluation is the cause of an answer that changed because the rules did.
const causeReevaluation = "REEVALUATION"

// judgement is an answer of the countability rules with where it is attributed.
type judgement struct {
	consult.Countability
	settings consult.Settings
	county   string
	problem  string
}

// judgementOf asks the rules: those of the closed month, else those in force with the present settings.
func (s *Service) judgementOf(ctx context.Context, q *db.Queries, c db.Consultation, now time.Time) (judgement, error) {
	ruleset, closedSettings := "", (*consult.Settings)(nil)
	if c.EndedAt != nil {
		under, cfg, closed, err := closedUnder(ctx, q, c.InvitingOrgID, consult.DateOf(*c.EndedAt))
		if err != nil {
			return judgement{}, err
		}
		if closed {
			ruleset, closedSettings = under, &cfg
		}
	}
	f, err := s.loadFacts(ctx, q, c, closedSettings, now)
	if err != nil {
		return judgement{}, err
	}
	out := judgement{settings: f.Then.Settings, county: f.division, problem: f.problem}
	out.Countability = consult.EvaluateCountability(f.Facts, ruleset, out.settings, consult.DateOf(now))
	return out, nil
}

// judge evaluates a consultation that is over and keeps the answer when it is another one than the current: its row supersedes the
// current one, which stays as history. It is called with every change that is committed.
func (ch *change) judge(ctx context.Context) error {
	if !consult.Evaluable(consult.State(ch.c.State)) {
		return nil
	}
	c, err := ch.q.GetConsultation(ctx, ch.c.ID) // with what the change wrote
	if err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	j, err := ch.s.judgementOf(ctx, ch.q, c, ch.now)
	if err != nil {
		return err
	}
	if c.ProblemKey != j.problem {
		if err := ch.q.SetProblemKey(ctx, db.SetProblemKeyParams{ID: c.ID, ProblemKey: j.problem}); err != nil {
			return fmt.Errorf("judge: %w", err)
		}
	}
	changed, err := ch.s.keepJudgement(ctx, ch.q, c, j, ch.cause(), ch.now)
	if err != nil {
		return err
	}
	if changed {
		ch.touch("countability")
		if err := ch.s.rejudgeTwins(ctx, ch.q, c, j); err != nil {
			return err
		}
	}
	if !c.Judged {
		if err := ch.q.SetJudged(ctx, c.ID); err != nil {
			return fmt.Errorf("judge: %w", err)
		}
	}
	return nil
}

// cause is the event that made the consultation be judged anew.
func (ch *change) cause() string {
	if ch.last == "" {
		return causeReevaluation
	}
	return ch.last
}

// rejudgeTwins leaves to the sweep what this answer may make a duplicate, or no longer one.
func (s *Service) rejudgeTwins(ctx context.Context, q *db.Queries, c db.Consultation, j judgement) error {
	if c.EndedAt == nil || c.ReportedAt == nil {
		return nil
	}
	window := time.Duration(j.settings.Int("duplicate_hours")) * time.Hour
	const longest = 24 * time.Hour // a session that began within the window
	if err := q.RejudgeLaterTwins(ctx, db.RejudgeLaterTwinsParams{ResidentID: c.ResidentID, ID: c.ID, EndedAt: *c.EndedAt,
		Before: c.EndedAt.Add(window + longest), DepartmentID: c.DepartmentID}); err != nil {
		return fmt.Errorf("later ones: %w", err)
	}
	return nil
}

// keepJudgement stores an answer that differs from the current one, and says whether it did.
func (s *Service) keepJudgement(ctx context.Context, q *db.Queries, c db.Consultation, j judgement, cause string, now time.Time) (bool, error) {
	current, err := q.CurrentEvaluation(ctx, c.ID)
	if err != nil && !store.IsNone(err) {
		return false, fmt.Errorf("current evaluation: %w", err)
	}
	if err == nil {
		same, err := sameJudgement(ctx, q, current, c, j)
		if err != nil || same {
			return false, err
		}
		if err := q.SupersedeEvaluation(ctx, c.ID); err != nil {
			return false, fmt.Errorf("supersede the evaluation: %w", err)
		}
	}
	id := newID()
	row := db.AddEvaluationParams{ID: id, ConsultationID: c.ID, Ruleset: j.Ruleset, Settings: settingsJSON(j.settings), EvaluatedAt: now, Cause: cause,
		Bitmap: int32(j.Bitmap), Countable: j.Countable, Goal: j.Goal, InstitutionID: c.InvitingOrgID, ProviderID: c.InvitedOrgID, County: j.county,
		PeriodDay: periodDay(j.Day)}
	if err := q.AddEvaluation(ctx, row); err != nil {
		return false, fmt.Errorf("store the evaluation: %w", err)
	}
	for _, f := range j.Failed {
		if err := q.AddFailure(ctx, db.AddFailureParams{EvaluationID: id, Rule: f.Rule, Args: argsJSON(f.Args), Fixable: f.Fixable,
			FixableUntil: instant(f.Until), Approval: f.Approval, Mend: f.Mend}); err != nil {
			return false, fmt.Errorf("store the evaluation: %w", err)
		}
	}
	return true, nil
}

func sameJudgement(ctx context.Context, q *db.Queries, current db.CountabilityEvaluation, c db.Consultation, j judgement) (bool, error) {
	if current.Ruleset != j.Ruleset || current.Bitmap != int32(j.Bitmap) || current.Goal != j.Goal || current.County != j.county ||
		value(current.ProviderID) != value(c.InvitedOrgID) || !sameDay(current.PeriodDay, periodDay(j.Day)) || !sameJSON(current.Settings, settingsJSON(j.settings)) {
		return false, nil
	}
	failures, err := q.FailuresOf(ctx, []uuid.UUID{current.ID})
	if err != nil {
		return false, fmt.Errorf("reasons: %w", err)
	}
	return slices.EqualFunc(failures, j.Failed, func(a db.CountabilityFailure, b consult.Finding) bool {
		return a.Rule == b.Rule && a.Fixable == b.Fixable && a.Approval == b.Approval && a.Mend == b.Mend && sameJSON(a.Args, argsJSON(b.Args)) &&
			value(a.FixableUntil).Equal(value(instant(b.Until)))
	}), nil
}

func periodDay(d consult.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	day := d.Time()
	return &day
}

func sameDay(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return consult.DateFromTime(*a) == consult.DateFromTime(*b)
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	at := t.UTC().Truncate(time.Microsecond)
	return &at
}

func argsJSON(args map[string]string) []byte {
	if len(args) == 0 {
		return []byte("{}")
	}
	raw, _ := json.Marshal(args) // texts by name: cannot fail
	return raw
}

// judgedAtOnce is how many a sweep catches up with.
const judgedAtOnce = 20

// judgeOverdue judges what is over and has no answer yet, or whose answer another consultation changed: committing does.
func judgeOverdue(ch *change) (bool, error) {
	ch.last = causeReevaluation
	return true, nil
}
