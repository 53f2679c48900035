package consult

import "slices"

// PhysicianLevel is what a doctor's licence says: PHYSICIAN 执业医师, ASSISTANT_PHYSICIAN 执业助理医师, VILLAGE_DOCTOR 乡村医生.
type PhysicianLevel string

// The levels of a doctor's licence.
const (
	LevelPhysician PhysicianLevel = "PHYSICIAN"
	LevelAssistant PhysicianLevel = "ASSISTANT_PHYSICIAN"
	LevelVillage   PhysicianLevel = "VILLAGE_DOCTOR"
)

// IndependentYears is how long an invited doctor must have practised independently unless it is set otherwise (G-RM-04).
const IndependentYears = 3

// Licence is a dated permission. The zero Licence is none.
type Licence struct {
	Held bool
	From Date
	To   Date // zero: without a last day
}

// ValidOn tells whether the licence is in force on a day, its last day included.
func (l Licence) ValidOn(day Date) bool { return l.Held && day.Within(l.From, l.To) }

// Whereabouts is where the attending doctor is.
type Whereabouts string

// Where the attending doctor is.
const (
	NotYetThere Whereabouts = ""      // on duty, not checked in
	InRoom      Whereabouts = "ROOM"  // checked in at the resident's side
	ByVideo     Whereabouts = "VIDEO" // joins from elsewhere
)

// Attending is the doctor on duty at the resident's side.
type Attending struct {
	Licence  Licence
	Level    PhysicianLevel
	Presence Whereabouts
}

// Invitee is the invited hospital.
type Invitee struct {
	Licence     Licence
	Departments []string // 诊疗科目 on the licence
	Internet    Licence  // approval for internet care
	Declared    Declarations
}

// Agreement is a cooperation agreement between the two institutions (G-RM-06). Departments of none means none; there is no
// agreement over everything.
type Agreement struct {
	From           Date
	To             Date
	Services       []ServiceType
	Departments    []string
	ClausesMissing bool // one of the six clause groups is empty
}

// Covers tells whether the agreement is about the service in the department.
func (a Agreement) Covers(codes *Codes, s ServiceType, department string) bool {
	return slices.Contains(a.Services, s) && codes.Covers(a.Departments, department)
}

// InvitedDoctor is the doctor who would conduct the consultation, once known.
type InvitedDoctor struct {
	Licence          Licence
	Level            PhysicianLevel
	IndependentSince Date
	Registered       bool // at the institution, main or additional place
	Authenticated    bool // in person for this reception (G-IH-06)
}

// RevisitDecision is the doctor's judgement of the evidence of a follow-up.
type RevisitDecision string

// The judgements.
const (
	RevisitOpen      RevisitDecision = ""
	RevisitQualified RevisitDecision = "QUALIFIED"
	RevisitRefused   RevisitDecision = "REFUSED"
)

// Revisit is the evidence that a diagnosis was made in a physical institution (G-IH-03).
type Revisit struct {
	Decision  RevisitDecision
	Date      Date
	Diagnosis string // ICD-10
}

// HomeBed is a 家庭病床.
type HomeBed struct {
	OpenedOn  Date
	UntilOn   Date // the last day of its period, extensions included
	ClosedOn  Date // zero: open
	LastRound Date // zero: none yet
}

// OpenOn tells whether a bed is there on a day (G-HV-03): opened, within its period, and not closed. No bed is never open.
func (b *HomeBed) OpenOn(day Date) bool {
	return b != nil && day.Within(b.OpenedOn, b.UntilOn) && (b.ClosedOn.IsZero() || day.Before(b.ClosedOn))
}

// VisitFacts is what is known for services at home. The zero value knows of none of it.
type VisitFacts struct {
	Contract          Licence // family-doctor contract with a primary-care institution
	ContractException bool    // paid or assessed exception (G-HV-01)
	Eligibility       []string
	HomeBed           *HomeBed
	Insured           bool
	Nurse             *VisitingNurse
	Tracked           bool      // checked in where the visit is
	Assessed          bool      // before the first nursing visit
	RemoteArea        bool      // township, village or remote county (G-HV-10)
	Coverage          *Coverage // of the institution in which the resident lives; nil: not asked
}

// ChangedCondition tells whether a request is about a new symptom or a changed condition (G-IH-02, G-IH-05): a sign of danger is one,
// whatever was diagnosed before. A first visit without such a sign shows in the lack of evidence (G-IH-03).
func ChangedCondition(flags []RedFlag) bool { return len(flags) > 0 }

// AtHome tells whether somebody goes to the resident's home for a service.
func (s ServiceType) AtHome() bool {
	return s == HomeVisit || s == HomeBedRound || s == NetNursing
}

// NeedsContract tells whether a service rests on a contract with a family doctor (G-HV-01).
func (s ServiceType) NeedsContract() bool {
	return s == ChronicMgmt || s == HomeVisit || s == HomeBedRound
}

// PrescriptionMissing tells whether a report whose outcome is a prescription lacks the reference to one that a pharmacist reviewed
// since the session began (G-IH-09): nothing is prescribed here, so what was prescribed has to be named.
func PrescriptionMissing(outcome string, reviewed int) bool {
	return (outcome == "NEW_RX" || outcome == "RENEW_RX") && reviewed == 0
}

// Situation is what the gates look at. What is not known has its zero value; a rule about it then does not hold.
type Situation struct {
	Codes      *Codes `json:"-"` // the code tables in force; nil: those of the program
	Day        Date   // in Asia/Shanghai
	Urgency    Urgency
	Department string
	// Inviter: the medical institution that asks: the care institution's own licence, or that of the primary-care institution
	// whose practice site stands in it; none for a pure care home.
	InviterLicence  Licence
	InviterPrimary  bool    // a 基层医疗卫生机构, see InstitutionInfo.Primary
	InviterInternet Licence // the inviter is an internet hospital
	InviterDeclared Declarations
	// IndividualInvited: the doctor is no consultant of the invited institution, and so would be invited in person.
	IndividualInvited bool
	NursePresent      bool       // a registered nurse is with the resident
	Attending         *Attending // nil: no doctor on duty
	Written           bool       // a question that is answered without a call
	Agreements        []Agreement
	Invitee           Invitee
	Doctor            *InvitedDoctor // nil: not yet known, judged at the claim

	ConsentValid         bool
	ResidentIdentified   bool // identity number on file and checked
	InvitationIncomplete bool // not a word or reading on the condition
	// NewCondition: a first visit, a new symptom or a changed condition, see ChangedCondition.
	NewCondition            bool
	Revisit                 *Revisit
	EndedUnsuitable         bool
	DestinationNamed        bool
	UnreviewedPrescriptions int
	Emergency               *Emergency
	Process                 *ProcessFacts // nil: nothing has happened yet
	Visit                   VisitFacts

	Settings Settings
}

// Decision is which service is possible now.
type Decision struct {
	// Service is the one to be offered: the wanted one, empty when none may be given.
	Service ServiceType `json:"service,omitempty"`
	// EmergencyOverride: CRITICAL passed rules that would have stopped another request. It is logged with the reasons, and
	// the approver follows within EmergencyApprovalWithin.
	EmergencyOverride bool `json:"emergency_override,omitempty"`
	// Reasons why the better service, or any, is not possible; also those that an emergency passed.
	Reasons []RuleReason `json:"reasons,omitempty"`
}

// Err is nil when a service can be offered, else the first reason against the least demanding service.
func (d Decision) Err() error {
	if d.Service != "" {
		return nil
	}
	for _, hard := range []bool{true, false} {
		for _, r := range slices.Backward(d.Reasons) {
			if r.Hard == hard {
				return r.Refusal()
			}
		}
	}
	return refuse(CodeServiceNoAgreement)
}

// DecideService chooses the legal service at the time of asking. A nurse alone is not a remote consultation (G-RM-03): without
// an attending doctor the service is rehabilitation and nursing guidance. CRITICAL is refused only where the invited hospital
// or doctor holds no valid licence; everything else is passed with EmergencyOverride when no service would be possible. A
// wanted service is the only one that is tried, unless it is an emergency.
func DecideService(s Situation, wanted ...ServiceType) Decision {
	order := []ServiceType{RemoteConsult, RehabCareGuide}
	if len(wanted) > 0 && wanted[0] != "" && s.Urgency != Critical {
		order = wanted[:1]
	}
	var d Decision
	rules := gateRules(RulesetOn(RulesetGates, s.Day).Version)
	for _, service := range order {
		failed := judge(s, service, StageSubmit, rules).Reasons
		failed = slices.DeleteFunc(failed, func(r RuleReason) bool { return !s.stops(r) })
		d.Reasons = append(d.Reasons, failed...)
		if len(failed) == 0 {
			d.Service = service
			return d
		}
	}
	hard := slices.ContainsFunc(d.Reasons, func(r RuleReason) bool { return r.Hard })
	if s.Urgency == Critical && !hard {
		d.Service, d.EmergencyOverride = emergencyService(d.Reasons), true
	}
	return d
}

// stops tells whether a reason stands against a service when the request is decided: what is due then, and all that is known of
// a doctor who is named already.
func (s Situation) stops(r RuleReason) bool {
	return r.blocks(StageSubmit) || s.Doctor != nil && r.blocks(StageAccept)
}

// emergencyService names what an overridden emergency is: a remote consultation when only the agreement is missing, nursing
// guidance when the inviting side could not have asked for one.
func emergencyService(reasons []RuleReason) ServiceType {
	for _, r := range reasons {
		if r.Service == RemoteConsult && r.Rule != "G-RM-06" {
			return RehabCareGuide
		}
	}
	return RemoteConsult
}
