package care

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

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
	if err := s.checkJurisdiction(jurisdiction); err != nil {
		return contract.RulesPage{}, err
	}
	day := consult.DateOf(now)
	out := contract.RulesPage{Jurisdiction: jurisdiction, Rulesets: []contract.RulesetRef{}, Rules: []contract.Rule{}, Changes: []contract.RuleSettingChange{},
		Note: problem.Sentence(a.Locale, "rules_note", nil), MayChange: a.Has(RoleSysAdmin)}
	stored, err := q.RuleSettings(ctx)
	if err != nil {
		return out, fmt.Errorf("settings of the rules: %w", err)
	}
	settings := settingsIn(s.codes(), stored, jurisdiction)
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

func (s *Service) checkJurisdiction(code string) error {
	if code != "" && !s.codes().Current(consult.VocabDivision, code) {
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
	if err := s.checkJurisdiction(in.Jurisdiction); err != nil {
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
