package care

import (
	"context"
	"fmt"
	"net/http"
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

// ListRules gives every rule in force with its source, whether it is switched on and its thresholds, as they stand for the
// installation or for a division.
func (s *Service) ListRules(ctx context.Context, a identity.Actor, in contract.ListRulesParams) (contract.RulesPage, error) {
	if err := require(a, RoleInstAdmin, RoleSysAdmin, RoleRegCounty, RoleRegLeague, RoleRegRegion); err != nil {
		return contract.RulesPage{}, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.RulesPage{}, err
	}
	return s.rulesPage(ctx, q, a, value(in.Jurisdiction), now)
}

func (s *Service) rulesPage(ctx context.Context, q *db.Queries, a identity.Actor, jurisdiction string, now time.Time) (contract.RulesPage, error) {
	if err := checkJurisdiction(jurisdiction); err != nil {
		return contract.RulesPage{}, err
	}
	day := consult.DateOf(now)
	out := contract.RulesPage{Jurisdiction: jurisdiction, Rulesets: []contract.RulesetRef{}, Rules: []contract.Rule{}, Changes: []contract.RuleSettingChange{},
		Note: problem.Sentence(a.Locale, "rules_note", nil), MayChange: a.Has(RoleSysAdmin)}
	stored, err := q.RuleSettings(ctx)
	if err != nil {
		return out, fmt.Errorf("settings of the rules: %w", err)
	}
	settings := settingsIn(stored, jurisdiction)
	of := func(rule string, first bool) []contract.RuleSetting {
		list := []contract.RuleSetting{}
		for _, info := range consult.SettingInfos() {
			if first && info.Rule == rule {
				list = append(list, settingView(a, info, settings, stored, jurisdiction))
			}
		}
		return list
	}
	for _, kind := range []consult.RulesetKind{consult.RulesetGates, consult.RulesetCountability} {
		current := consult.RulesetOn(kind, day)
		for _, r := range consult.Rulesets(kind) {
			out.Rulesets = append(out.Rulesets, contract.RulesetRef{Kind: contract.RulesetRefKind(kind), Version: r.Version, From: openapi_types.Date{Time: r.From.Time()},
				Name: consult.Term{ZH: r.ZH, EN: r.EN}.Label(lang(a)), Current: r.Version == current.Version})
		}
	}
	seen := map[string]bool{}
	for _, r := range consult.GateRules(consult.RulesetOn(consult.RulesetGates, day).Version) {
		view := contract.Rule{Rule: r.Rule, Kind: "GATES", Text: consult.Term{ZH: r.ZH, EN: r.EN}.Label(lang(a)), Source: r.Source, Mark: contract.RuleMark(r.Mark),
			Unconfirmed: r.Mark.Unconfirmed(), On: settings.RuleOn(r.Rule), KeptBy: "RECORD", Settings: of(r.Rule, !seen[r.Rule]), Services: labels(a, r)}
		if r.Check != "" {
			due, effect := contract.RuleDue(r.Due), contract.RuleEffect(r.Effect)
			view.KeptBy, view.Due, view.Effect, view.Hard = "GATE", &due, &effect, &r.Hard
		}
		seen[r.Rule] = true
		out.Rules = append(out.Rules, view)
	}
	for _, r := range consult.CountRules(consult.RulesetOn(consult.RulesetCountability, day).Version) {
		out.Rules = append(out.Rules, contract.Rule{Rule: r.Rule, Kind: "COUNTABILITY", Text: consult.Term{ZH: r.ZH, EN: r.EN}.Label(lang(a)), Source: r.Source,
			Mark: contract.RuleMark(r.Mark), Unconfirmed: r.Mark.Unconfirmed(), On: settings.RuleOn(r.Rule), KeptBy: "COUNT", Settings: of(r.Rule, true)})
	}
	changes, err := q.RuleSettingChanges(ctx)
	if err != nil {
		return out, fmt.Errorf("changes of the rules: %w", err)
	}
	for _, c := range changes {
		why, err := s.openText("rule_setting_changes", "reason_enc", c.ID, c.ReasonEnc)
		if err != nil {
			return out, err
		}
		out.Changes = append(out.Changes, contract.RuleSettingChange{Name: c.Name, Jurisdiction: c.Jurisdiction, OldValue: c.OldValue, NewValue: c.NewValue, Reason: why,
			At: c.ChangedAt.UTC(), By: c.DisplayName})
	}
	return out, nil
}

// labels are the services to which a rule applies, in words.
func labels(a identity.Actor, r consult.GateRule) *[]string {
	out := []string{}
	for _, info := range consult.ServiceTypes() {
		if r.Applies(consult.ServiceType(info.Code)) {
			out = append(out, info.Label(lang(a)))
		}
	}
	return &out
}

func settingView(a identity.Actor, info consult.SettingInfo, settings consult.Settings, stored []db.RuleSetting, jurisdiction string) contract.RuleSetting {
	out := contract.RuleSetting{Name: info.Name, Label: consult.Term{ZH: info.ZH, EN: info.EN}.Label(lang(a)), Bool: info.Bool, Default: info.Default, Min: info.Min,
		Max: info.Max, Value: settings.Int(info.Name), Inherited: true, Mark: contract.RuleSettingMark(info.Mark), Unconfirmed: info.Mark.Unconfirmed(),
		SwitchesRule: info.SwitchesRule}
	for _, r := range stored {
		if r.Jurisdiction == jurisdiction && r.Name == info.Name {
			out.Revision, out.Inherited = int(r.Revision), false
		}
	}
	return out
}

func checkJurisdiction(code string) error {
	if _, ok := consult.DivisionByCode(code); code != "" && !ok {
		return problem.Invalid(problem.Field{Path: "jurisdiction", Code: "wrong_value"})
	}
	return nil
}

// SetRuleSetting changes a threshold or a switch, with the ruling that it follows. The change is kept for good; consultations that
// are judged from then on, and open months that are re-evaluated, go by it. Errors: 409 revision_stale.
func (s *Service) SetRuleSetting(ctx context.Context, a identity.Actor, in contract.RuleSettingInput) (contract.RulesPage, error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return contract.RulesPage{}, err
	}
	if err := checkJurisdiction(in.Jurisdiction); err != nil {
		return contract.RulesPage{}, err
	}
	if err := consult.CheckSetting(in.Name, in.Value); err != nil {
		return contract.RulesPage{}, onField(err, "value")
	}
	if blank(in.Reason) {
		return contract.RulesPage{}, missing("reason")
	}
	if err := checkLength("reason", in.Reason, 500); err != nil {
		return contract.RulesPage{}, err
	}
	var out contract.RulesPage
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		if err := q.LockRuleSettings(ctx); err != nil {
			return fmt.Errorf("settings of the rules: %w", err)
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		before, err := s.ruleSettings(ctx, q, in.Jurisdiction)
		if err != nil {
			return err
		}
		rows, err := q.PutRuleSetting(ctx, db.PutRuleSettingParams{Jurisdiction: in.Jurisdiction, Name: in.Name, Value: in.Value, Now: now, UserID: a.UserID,
			Revision: revision32(in.Revision)})
		if err != nil {
			return fmt.Errorf("set: %w", err)
		}
		if rows != 1 {
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		id := newID()
		if err := q.AddRuleSettingChange(ctx, db.AddRuleSettingChangeParams{ID: id, Jurisdiction: in.Jurisdiction, Name: in.Name, OldValue: before.Int(in.Name),
			NewValue: in.Value, ReasonEnc: s.sealText("rule_setting_changes", "reason_enc", id, strings.TrimSpace(in.Reason)), Now: now, UserID: a.UserID}); err != nil {
			return fmt.Errorf("set: %w", err)
		}
		detail := fmt.Sprintf("%s %s %d>%d", in.Jurisdiction, in.Name, before.Int(in.Name), in.Value)
		if err := s.audit(ctx, q, a, now, RoleSysAdmin, "setRuleSetting", "rule_setting", &id, strings.TrimSpace(detail)); err != nil {
			return err
		}
		out, err = s.rulesPage(ctx, q, a, in.Jurisdiction, now)
		return err
	})
	return out, err
}

// Difference is a consultation whose answer another ruleset or other settings change.
type Difference struct {
	Consultation  uuid.UUID
	Serial        string
	Before, After consult.Countability // of Before only bitmap and countable are known
}

// reevaluatedAtOnce is how many consultations are judged in one transaction.
const reevaluatedAtOnce = 100

// ReevaluatePeriod judges the consultations of an institution that ended in a month by the rules in force and lists those whose
// answer differs. With apply the new answers supersede the current ones; without, nothing is stored. A closed month keeps the rules
// of its closing: it is judged by those, so that only changes of the record, which were judged as they happened, could differ.
func (s *Service) ReevaluatePeriod(ctx context.Context, institution uuid.UUID, month consult.Date, apply bool) (out []Difference, judged int, err error) {
	since := monthOf(month)
	before := since.AddDate(0, 1, 0)
	after := uuid.Nil
	for {
		rows, err := s.st.Q().EvaluatedInPeriod(ctx, db.EvaluatedInPeriodParams{InstitutionID: institution, Since: since, Before: before, After: after, Most: reevaluatedAtOnce})
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

// ReevaluateCountability judges an open month of the caller's institutions and lists what differs.
func (s *Service) ReevaluateCountability(ctx context.Context, a identity.Actor, in contract.ReevaluationInput) (contract.Reevaluation, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.Reevaluation{}, err
	}
	month, err := consult.ParseDate(in.Month + "-01")
	if err != nil {
		return contract.Reevaluation{}, onField(err, "month")
	}
	out := contract.Reevaluation{Month: in.Month, Differences: []contract.CountDifference{}}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return out, err
	}
	for _, org := range a.Organisations(RoleInstAdmin) {
		_, _, closed, err := closedUnder(ctx, q, org, month)
		if err != nil {
			return out, err
		}
		if closed {
			out.Closed = true
			continue
		}
		found, judged, err := s.ReevaluatePeriod(ctx, org, month, value(in.Apply))
		if err != nil {
			return out, err
		}
		out.Judged += judged
		for _, d := range found {
			out.Differences = append(out.Differences, contract.CountDifference{ConsultationId: d.Consultation, Serial: d.Serial, Before: d.Before.Countable, After: d.After.Countable,
				RulesBefore: consult.RulesOfBitmap(d.Before.Bitmap), RulesAfter: consult.RulesOfBitmap(d.After.Bitmap)})
		}
		org := org
		detail := fmt.Sprintf("%s judged %d differ %d apply %t", in.Month, judged, len(found), value(in.Apply))
		if err := s.audit(ctx, q, a, now, RoleInstAdmin, "reevaluateCountability", "organisation", &org, detail); err != nil {
			return out, err
		}
	}
	out.Applied = value(in.Apply) && !out.Closed
	slices.SortFunc(out.Differences, func(x, y contract.CountDifference) int { return strings.Compare(x.Serial, y.Serial) })
	return out, nil
}
