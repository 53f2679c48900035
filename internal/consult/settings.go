package consult

import (
	"slices"
	"strconv"
	"sync"
)

// SettingInfo is a threshold or a switch of the rules that an installation may set, with the documented default.
type SettingInfo struct {
	Name         string
	Rule         string // such as NC13
	Bool         bool   // 0 or 1
	Default      int64
	Min, Max     int64
	Mark         Provenance
	ZH, EN       string
	SwitchesRule bool // turns the rule itself on or off
}

// ruleSwitch begins the name of the switch of a rule: on.NC21.
const ruleSwitch = "on."

var settingInfos = sync.OnceValue(func() []SettingInfo {
	var out []SettingInfo
	for _, r := range readRecords("rule_settings.csv") {
		out = append(out, SettingInfo{Name: r.text("name"), Rule: r.text("rule"), Bool: r.text("kind") == "BOOL", Default: r.number("default"),
			Min: r.number("min"), Max: r.number("max"), Mark: Provenance(r.text("mark")), ZH: r.text("zh"), EN: r.text("en")})
	}
	add := func(rule string, mark Provenance, zh, en string) {
		name := ruleSwitch + rule
		if !mark.Unconfirmed() || slices.ContainsFunc(out, func(s SettingInfo) bool { return s.Name == name }) {
			return
		}
		out = append(out, SettingInfo{Name: name, Rule: rule, Bool: true, Default: 1, Max: 1, Mark: mark, ZH: zh, EN: en, SwitchesRule: true})
	}
	for _, v := range Rulesets(RulesetGates) {
		for _, r := range gateRules(v.Version) {
			if r.Check != "" {
				add(r.Rule, r.Mark, r.ZH, r.EN)
			}
		}
	}
	for _, v := range Rulesets(RulesetCountability) {
		for _, r := range countRules(v.Version) {
			add(r.Rule, r.Mark, r.ZH, r.EN)
		}
	}
	return out
})

// SettingInfos lists what may be set: the thresholds, then a switch for each rule that has to be confirmed. A rule that stands
// in a statute cannot be switched off.
func SettingInfos() []SettingInfo { return slices.Clone(settingInfos()) }

// Setting finds one by its name.
func Setting(name string) (SettingInfo, bool) {
	for _, s := range settingInfos() {
		if s.Name == name {
			return s, true
		}
	}
	return SettingInfo{}, false
}

// CheckSetting refuses a name that does not exist (unknown_code) and a value out of its range (rule_setting_range).
func CheckSetting(name string, value int64) error {
	s, ok := Setting(name)
	switch {
	case !ok:
		return refuse(CodeUnknownCode, "table", "rule_setting")
	case value < s.Min || value > s.Max:
		return refuse(CodeSettingRange, "min", strconv.FormatInt(s.Min, 10), "max", strconv.FormatInt(s.Max, 10))
	}
	return nil
}

// Settings are the values that an installation or the authority of an area set; what they do not name has its default. The
// zero Settings are the defaults.
type Settings map[string]int64

// Int is a setting's value.
func (s Settings) Int(name string) int64 {
	if v, ok := s[name]; ok {
		return v
	}
	info, _ := Setting(name)
	return info.Default
}

// On is a setting's value as yes or no.
func (s Settings) On(name string) bool { return s.Int(name) != 0 }

// RuleOn tells whether a rule is applied: always unless it may be switched off and was.
func (s Settings) RuleOn(rule string) bool {
	if _, ok := s[ruleSwitch+rule]; !ok {
		return true
	}
	if _, switchable := Setting(ruleSwitch + rule); !switchable {
		return true
	}
	return s.On(ruleSwitch + rule)
}
