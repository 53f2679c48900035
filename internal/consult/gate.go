package consult

import (
	"cmp"
	"slices"
)

// Stage is when the gates are asked.
type Stage string

// The stages, in their order.
const (
	StageSubmit Stage = "SUBMIT" // before the call, and when it is asked for
	StageAccept Stage = "ACCEPT" // a doctor takes it
	StageStart  Stage = "START"  // the session begins
	StageClose  Stage = "CLOSE"  // the session is over
)

var stages = []Stage{StageSubmit, StageAccept, StageStart, StageClose}

// Reached tells whether a stage comes no later than another.
func (s Stage) Reached(at Stage) bool {
	return slices.Index(stages, s) <= slices.Index(stages, at)
}

// Effect is what a rule does that does not hold.
type Effect string

// The effects.
const (
	EffectBlocks Effect = "BLOCKS" // from the stage at which it is due the service is not possible
	EffectCounts Effect = "COUNTS" // the service may go on but will not count
	EffectWarns  Effect = "WARNS"  // people are told
	// EffectRecords: it is kept with the consultation for those who answer for the institution; nobody at the bedside could do anything.
	EffectRecords Effect = "RECORDS"
)

// Possibility is what can be said of a service.
type Possibility string

// The possibilities.
const (
	PossibleYes Possibility = "YES"
	PossibleIf  Possibility = "IF" // once what its reasons name is mended, before the stage at which that is due
	PossibleNo  Possibility = "NO"
)

// GateRule is one row of a ruleset. Each rule is asked of every request since the version 2026-11; a rule of an earlier one that has no Check
// was not.
type GateRule struct {
	Rule     string   // such as G-RM-03
	Check    string   // name of the check, empty for none
	Services []string // bases or service types to which it applies
	Due      Stage
	Effect   Effect
	Hard     bool // not even an emergency passes it: a licence on the answering side
	Mark     Provenance
	Source   string
	ZH, EN   string
}

// Applies tells whether the rule is about a service.
func (r GateRule) Applies(s ServiceType) bool {
	if slices.Contains(r.Services, string(s)) {
		return true
	}
	info, ok := s.Info()
	return ok && info.Basis != "" && slices.Contains(r.Services, info.Basis)
}

var gateRules = perVersion(RulesetGates, gatesFile, func(r record) GateRule {
	return GateRule{Rule: r.text("rule"), Check: r.text("check"), Services: r.list("services"), Due: Stage(r.text("due")), Effect: Effect(r.text("effect")),
		Hard: r.flag("hard"), Mark: Provenance(r.text("mark")), Source: r.text("source"), ZH: r.text("zh"), EN: r.text("en")}
})

// GateRules lists the rules of a version, in the order in which a person should hear of them.
func GateRules(version string) []GateRule { return slices.Clone(gateRules(version)) }

// RuleReason is a rule that does not hold, with the code of its sentence and of the button that mends it.
type RuleReason struct {
	Rule    string      `json:"rule"`    // such as G-RM-03
	Code    string      `json:"code"`    // a refusal code
	Service ServiceType `json:"service"` // the service that it is about
	// Hard: not even an emergency passes it.
	Hard   bool              `json:"hard,omitempty"`
	Args   map[string]string `json:"args,omitempty"`
	Due    Stage             `json:"due"`
	Effect Effect            `json:"effect"`
	Mark   Provenance        `json:"mark"`
	Mend   string            `json:"mend,omitempty"` // code of the button
}

// Refusal turns the reason into an error.
func (r RuleReason) Refusal() *Refusal { return &Refusal{Code: r.Code, Args: r.Args} }

// Verdict is what can be said of one service at a stage.
type Verdict struct {
	Service  ServiceType `json:"service"`
	Possible Possibility `json:"possible"`
	// Override: a CRITICAL request passes what would stop another. The approver may follow within emergency_hours.
	Override bool `json:"override,omitempty"`
	// Counts: nothing that is known at this stage keeps it from counting.
	Counts bool `json:"counts"`
	// Exemption under which a doctor of another institution acts (G-RM-05): CONSULTATION; empty where none is needed.
	Exemption string       `json:"exemption,omitempty"`
	Reasons   []RuleReason `json:"reasons,omitempty"`
}

// Evaluation is the answer of the gates: every service type, in the order of the vocabulary.
type Evaluation struct {
	Ruleset  string    `json:"ruleset"`
	Stage    Stage     `json:"stage"`
	Verdicts []Verdict `json:"verdicts"`
}

// Of is the verdict on one service; an unknown service is not possible.
func (e Evaluation) Of(s ServiceType) Verdict {
	for _, v := range e.Verdicts {
		if v.Service == s {
			return v
		}
	}
	return Verdict{Service: s, Possible: PossibleNo}
}

// Cleared tells whether the service may go on at the stage.
func (v Verdict) Cleared() bool { return v.Possible != PossibleNo }

// Err is nil when the service may go on, else the first reason that stops it.
func (v Verdict) Err(at Stage) error {
	if v.Cleared() {
		return nil
	}
	for _, r := range v.Reasons {
		if r.blocks(at) {
			return r.Refusal()
		}
	}
	return refuse(CodeGatesNotPassed)
}

// blocks tells whether the reason stops the service at a stage.
func (r RuleReason) blocks(at Stage) bool { return r.Effect == EffectBlocks && r.Due.Reached(at) }

// weight orders what a person should hear: what stops it now, what will stop it, what keeps it from counting, what is to be known.
func (r RuleReason) weight(at Stage) int {
	switch {
	case r.blocks(at):
		return 0
	case r.Effect == EffectBlocks:
		return 1
	case r.Effect == EffectCounts:
		return 2
	case r.Effect == EffectWarns:
		return 3
	}
	return 4
}

// EvaluateGates judges every service type in a situation at a stage by the ruleset of the day.
func EvaluateGates(s Situation, at Stage) Evaluation {
	return evaluateGates(s, at, RulesetOn(RulesetGates, s.Day).Version)
}

func evaluateGates(s Situation, at Stage, version string) Evaluation {
	e := Evaluation{Ruleset: version, Stage: at}
	for _, info := range ServiceTypes() {
		e.Verdicts = append(e.Verdicts, judge(s, ServiceType(info.Code), at, gateRules(e.Ruleset)))
	}
	return e
}

// judge asks every rule that applies to the service. A blocking rule that is not yet due makes the service possible only if it
// is mended; one that is due makes it impossible, unless an emergency passes it.
func judge(s Situation, service ServiceType, at Stage, rules []GateRule) Verdict {
	v := Verdict{Service: service, Possible: PossibleYes, Counts: true}
	hard := false
	for _, rule := range rules {
		if rule.Check == "" || !rule.Applies(service) || !s.Settings.RuleOn(rule.Rule) {
			continue
		}
		refused := gateChecks[rule.Check](s, service)
		if refused == nil {
			continue
		}
		r := RuleReason{Rule: rule.Rule, Code: refused.Code, Args: refused.Args, Service: service, Hard: rule.Hard, Due: rule.Due, Effect: rule.Effect,
			Mark: rule.Mark, Mend: mendOf(refused.Code)}
		v.Reasons = append(v.Reasons, r)
		switch {
		case r.blocks(at):
			v.Possible = PossibleNo
			hard = hard || r.Hard
		case r.Effect == EffectBlocks && v.Possible == PossibleYes:
			v.Possible = PossibleIf
		}
		if r.Effect == EffectBlocks || r.Effect == EffectCounts {
			v.Counts = false
		}
	}
	slices.SortStableFunc(v.Reasons, func(x, y RuleReason) int { return cmp.Compare(x.weight(at), y.weight(at)) })
	if v.Possible == PossibleNo && s.Urgency == Critical && !hard && answersEmergency(service) {
		v.Possible, v.Override = PossibleYes, true // never delayed: logged with its approver
	}
	if info, ok := service.Info(); ok && info.Basis == "TELEMEDICINE" {
		v.Exemption = "CONSULTATION"
	}
	return v
}

// answersEmergency: a live contact with a doctor; nothing else is an answer to an emergency.
func answersEmergency(s ServiceType) bool { return s == RemoteConsult || s == RehabCareGuide }

// gateReason is the sentence and the button of a reason.
type gateReason struct {
	Term
	mend string
}

var gateReasons = loadTable("gate_reasons.csv", func(r record) gateReason { return gateReason{r.labels(), r.text("mend")} })

func mendOf(code string) string {
	r, _ := gateReasons().get(code)
	return r.mend
}

func gateSentences() []Sentence {
	var out []Sentence
	for _, r := range gateReasons().rows {
		out = append(out, Sentence{r.Code, r.ZH, r.EN})
	}
	return out
}
