package consult

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// CountRule is one row of a countability ruleset: one of the 24 reasons why a consultation does not count.
type CountRule struct {
	Rule   string // NC01 … NC24
	Number int    // its bit: 1 … 24
	Check  string
	Mend   string // code of the button while it can still be mended
	Fix    string // NO, YES, APPROVAL (a quality officer with a reason) or SOMETIMES
	Mark   Provenance
	Source string
	ZH, EN string // the rule; its reason is the sentence of the code nc01 … nc24
}

type countRow struct {
	CountRule
	reasonZH, reasonEN string
}

var countRows = perVersion(RulesetCountability, countabilityFile, func(r record) countRow {
	n, err := strconv.Atoi(strings.TrimPrefix(r.text("rule"), "NC"))
	if err != nil {
		panic("consult: " + r.file + ": " + err.Error())
	}
	return countRow{CountRule{Rule: r.text("rule"), Number: n, Check: r.text("check"), Mend: r.text("mend"), Fix: r.text("fix"), Mark: Provenance(r.text("mark")),
		Source: r.text("source"), ZH: r.text("zh"), EN: r.text("en")}, r.text("reason_zh"), r.text("reason_en")}
})

func countRules(version string) []CountRule {
	var out []CountRule
	for _, r := range countRows(version) {
		out = append(out, r.CountRule)
	}
	return out
}

// CountRules lists the rules of a version in the order of their numbers.
func CountRules(version string) []CountRule { return countRules(version) }

// countabilitySentences are the reasons of all versions, the newest wording of each.
func countabilitySentences() []Sentence {
	versions := Rulesets(RulesetCountability)
	var out []Sentence
	for _, v := range slices.Backward(versions) {
		for _, r := range countRows(v.Version) {
			code := strings.ToLower(r.Rule)
			if !slices.ContainsFunc(out, func(s Sentence) bool { return s.Code == code }) {
				out = append(out, Sentence{code, r.reasonZH, r.reasonEN})
			}
		}
	}
	return append(out,
		Sentence{"nc13_characters", "书面意见共{characters}字，不足{needed}字", "The written opinion has {characters} characters, fewer than {needed}"},
		Sentence{"nc14_split", "由{serial}约出或在同一次通话中拆出，{hours}小时内同一老人同一科室只计最早一次", "It was made of {serial}, as its follow-up or in the same call: within {hours} hours the same resident and department count once"},
		Sentence{"nc13_not_opened", "受邀方作答前没有打开过会诊资料", "Nobody of the invited side opened the case before it was answered"})
}

// argWhy is the argument of a finding that tells which of a rule's conditions failed, where each has a sentence of its own:
// nc13_characters is that of NC13 with "characters".
const argWhy = "why"

// Facts are what a consultation is judged by. They are loaded as they stand now; what happened then is dated in them.
type Facts struct {
	Codes *Codes `json:"-"` // the code tables in force; nil: those of the program

	Service ServiceType
	State   State
	Urgency Urgency
	Written bool // answered without a call (store-and-forward)
	Drill   bool
	// Session: its start and end; zero when there was none.
	Start, End time.Time
	// ToEmergency: the resident was turned over to the emergency service; Unsuitable: ended as unsuitable for remote care.
	ToEmergency, Unsuitable bool

	// Then is the registry as it stood on the day of the start: licences, agreements, doctor, attending doctor, nurse.
	Then Situation

	Consent ConsentFacts

	// Media as the relay saw it: doctor's side, resident's side, and the attending doctor's own connection. CheckIns are the
	// attending's check-ins on the tablet.
	MediaDoctor, MediaResident, MediaAttending []Interval
	CheckIns                                   []Interval

	Doctor   DoctorFacts
	Revisit  *Revisit
	Report   *ReportFacts // the current signed version
	Adopted  bool
	Diagnose string // ICD-10 of the first diagnosis of the current report

	Resident ResidentFacts

	// Earlier is the serial of an earlier completed consultation of the same resident, goal, department and diagnosis within the
	// window; empty: none (NC14).
	Earlier string
	// SplitFrom is the serial of an earlier completed consultation of the same resident, goal and department within the window that made this
	// one, whatever the diagnosis; empty: none (NC14). What the records show of it: both were held in one call, or the doctor of this one had
	// been booked or entered for a follow-up of that day when the earlier one was written up. That somebody meant to split a session, and a
	// follow-up that was agreed by word alone, no record shows; QC says so by upholding NC20.
	SplitFrom string
	// Approved are the rules that a quality officer passed with a reason: NC14, NC15.
	Approved []string
	// Opened: somebody of the invited side opened the case, which a written question needs.
	Opened bool

	ChainBroken bool // the evidence chain does not verify (NC18)
	Upheld      bool // a complaint or a review found it false or unlawful (NC20)
	// Area: the division of the institution, and of the authority to which it reports; empty: none (NC21).
	Area, ReportingArea string
	HomeProof           HomeProof
	Events              int // rows of the event log
	// RecordingLost: a recording was made by consent and is not there (NC24). Nothing records sound or pictures of a call yet, so that none can
	// be lost; what a spoken consent recorded is a file of the case, whose loss the evidence chain finds (NC18).
	RecordingLost bool
}

// ConsentFacts are what NC03 asks.
type ConsentFacts struct {
	// ValidAtStart: signed by who may, with the three ticks, before the start and not withdrawn.
	ValidAtStart bool
	// Emergency: it went under an emergency approval; nil: it did not.
	Emergency *Emergency
	// AfterwardsAt is when a full consent followed; zero: not yet.
	AfterwardsAt time.Time
}

// DoctorFacts are what NC08 and NC10 ask beyond the registry.
type DoctorFacts struct {
	Took       bool // a doctor took it
	Identified bool // signed in with an own account and asked for again at the signature, or by second factor at reception
}

// ReportFacts are the signed opinion.
type ReportFacts struct {
	SignedAt   time.Time // of the first version
	ByWhoTook  bool      // the author took part: by media, or took the written question
	Characters int       // of assessment and advice
}

// ResidentFacts are what NC10 and NC17 ask.
type ResidentFacts struct {
	Identified  bool
	Birth       Date
	AdmittedOn  Date
	LeftOn      Date // zero: still there
	Contracted  bool // a contracted elder who lives elsewhere
	YoungerToo  bool // the institution admits others than the aged
	Institution bool // in the registry of the inviting institution
}

// HomeProof is the evidence of a visit at home (NC22).
type HomeProof struct {
	CheckedIn, CheckedOut, Recorded bool
	SignedFor                       bool // by the resident or the family
	Contract                        bool // contract or open bed
	Backdated                       bool // the arrival lies before the assessment or the booking (NC16)
}

func (p HomeProof) complete() bool {
	return p.CheckedIn && p.CheckedOut && p.Recorded && p.SignedFor && p.Contract
}

// Finding is a rule that fails.
type Finding struct {
	Rule   string            `json:"rule"` // NC01 … NC24
	Number int               `json:"number"`
	Args   map[string]string `json:"args,omitempty"` // for the sentence
	// Fixable: something can still be done about it, until Until (zero: as long as the period is open).
	Fixable bool      `json:"fixable"`
	Until   time.Time `json:"until"`
	// Approval: what can be done is a quality officer's approval with a reason.
	Approval bool       `json:"approval,omitempty"`
	Mend     string     `json:"mend,omitempty"`
	Mark     Provenance `json:"mark"`
}

// Code is the code of the finding's sentence.
func (f Finding) Code() string {
	if why := f.Args[argWhy]; why != "" {
		return strings.ToLower(f.Rule) + "_" + why
	}
	return strings.ToLower(f.Rule)
}

// FixableAt tells whether it can still be mended at an instant.
func (f Finding) FixableAt(now time.Time) bool {
	return f.Fixable && (f.Until.IsZero() || now.Before(f.Until))
}

// Countability is the answer of the rules.
type Countability struct {
	Ruleset   string
	Countable bool
	Bitmap    uint32 // bit n-1: rule NCn fails
	Goal      string // G1…G5, empty where the service has none
	Day       Date   // of the end of the session in Asia/Shanghai; zero without a session
	Failed    []Finding
}

// EvaluateCountability judges a consultation by a version of the rules; an empty version is the one in force on the day on
// which the session ended, or on today without a session.
func EvaluateCountability(f Facts, version string, cfg Settings, today Date) Countability {
	out := Countability{Countable: true}
	day := today
	if !f.End.IsZero() {
		out.Day = DateOf(f.End)
		day = out.Day
	}
	if version == "" {
		version = RulesetOn(RulesetCountability, day).Version
	}
	out.Ruleset = version
	if info, ok := f.Service.Info(); ok {
		out.Goal = info.Goal
	}
	f.Then.Settings = cfg
	for _, r := range countRules(version) {
		if !cfg.RuleOn(r.Rule) {
			continue
		}
		failed := countChecks[r.Check](f, cfg)
		if failed == nil {
			continue
		}
		failed.Rule, failed.Number, failed.Mark = r.Rule, r.Number, r.Mark
		if failed.Fixable {
			failed.Mend = r.Mend
		}
		out.Failed = append(out.Failed, *failed)
		out.Bitmap |= 1 << (r.Number - 1)
		out.Countable = false
	}
	return out
}

// Evaluable tells whether there is anything to judge in a state: the session is over, or there will be none.
func Evaluable(s State) bool {
	switch s {
	case StateReportPending, StateReported, StateAdopted, StateFollowUp, StateArchived, StateSealed, StateNoShow, StateCancelled,
		StateClosedNoService, StateVoided, StateTerminatedUnsuitable, StateToEmergency:
		return true
	}
	return false
}

// RulesOfBitmap names the rules that fail in a bitmap.
func RulesOfBitmap(bitmap uint32) []string {
	out := []string{}
	for n := 1; n <= CountRuleNumbers; n++ {
		if bitmap&(1<<(n-1)) != 0 {
			out = append(out, NCName(n))
		}
	}
	return out
}

// CountRuleNumbers is how many reasons there are.
const CountRuleNumbers = 24

// NCName is the name of a rule by its number: NC01.
func NCName(n int) string {
	s := strconv.Itoa(n)
	if n < 10 {
		s = "0" + s
	}
	return "NC" + s
}

// RuleBit is the bit of a rule in a bitmap, 0 for a name that is none.
func RuleBit(rule string) uint32 {
	n, err := strconv.Atoi(strings.TrimPrefix(rule, "NC"))
	if err != nil || n < 1 || n > CountRuleNumbers || NCName(n) != rule {
		return 0
	}
	return 1 << (n - 1)
}
