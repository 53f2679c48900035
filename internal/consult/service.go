package consult

import (
	"slices"
	"strconv"
)

// PhysicianLevel is what a doctor's licence says: PHYSICIAN 执业医师, ASSISTANT_PHYSICIAN 执业助理医师, VILLAGE_DOCTOR 乡村医生.
type PhysicianLevel string

// The levels of a doctor's licence.
const (
	LevelPhysician PhysicianLevel = "PHYSICIAN"
	LevelAssistant PhysicianLevel = "ASSISTANT_PHYSICIAN"
	LevelVillage   PhysicianLevel = "VILLAGE_DOCTOR"
)

// IndependentYears is how long an invited doctor must have practised independently (G-RM-04).
const IndependentYears = 3

// Licence is a dated permission. The zero Licence is none.
type Licence struct {
	Held bool
	From Date
	To   Date // zero: without a last day
}

// ValidOn tells whether the licence is in force on a day, its last day included.
func (l Licence) ValidOn(day Date) bool { return l.Held && day.Within(l.From, l.To) }

// Attending is the doctor on duty at the resident's side.
type Attending struct {
	Licence Licence
	Level   PhysicianLevel
}

// Invitee is the invited hospital.
type Invitee struct {
	Licence     Licence
	Departments []string // 诊疗科目 on the licence
}

// Agreement is a cooperation agreement between the two institutions (G-RM-06). Departments of none means none; there is no
// agreement over everything.
type Agreement struct {
	From        Date
	To          Date
	Services    []ServiceType
	Departments []string
}

// Covers tells whether the agreement is about the service in the department.
func (a Agreement) Covers(s ServiceType, department string) bool {
	return slices.Contains(a.Services, s) && Covers(a.Departments, department)
}

// InvitedDoctor is the doctor who would conduct the consultation, once known.
type InvitedDoctor struct {
	Licence          Licence
	IndependentSince Date
}

// Situation is what the choice of the legal service looks at.
type Situation struct {
	Day        Date // in Asia/Shanghai
	Urgency    Urgency
	Department string
	// Inviter: the care institution's own medical licence; none for a pure care home.
	InviterLicence Licence
	InviterPrimary bool       // a 基层医疗卫生机构, see InstitutionInfo.Primary
	Attending      *Attending // nil: no doctor on duty
	Agreements     []Agreement
	Invitee        Invitee
	Doctor         *InvitedDoctor // nil: not yet known, judged at the claim
}

// RuleReason is a rule that does not hold, with the code of its sentence.
type RuleReason struct {
	Rule    string      `json:"rule"`    // such as G-RM-03
	Code    string      `json:"code"`    // a refusal code
	Service ServiceType `json:"service"` // the service that it rules out
	// Hard: not even an emergency passes it.
	Hard bool              `json:"hard,omitempty"`
	Args map[string]string `json:"args,omitempty"`
}

// Refusal turns the reason into an error.
func (r RuleReason) Refusal() *Refusal { return &Refusal{Code: r.Code, Args: r.Args} }

// Decision is which service is possible now.
type Decision struct {
	// Service is the one to be offered: REMOTE_CONSULT, else REHAB_CARE_GUIDE, empty when neither may be given.
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

// gate is one rule: which service needs it, and whether it holds.
type gate struct {
	rule string
	hard bool // a licence on the answering side: stays in an emergency
	// guidance: REHAB_CARE_GUIDE needs it as well as REMOTE_CONSULT.
	guidance bool
	check    func(Situation, ServiceType) *Refusal
}

// gates is the table of rules, in the order in which a person should hear of them.
func gates() []gate {
	return []gate{
		{rule: "G-RM-02", hard: true, guidance: true, check: inviteeLicence},
		{rule: "G-RM-02", hard: true, guidance: true, check: inviteeDepartment},
		{rule: "G-RM-05", hard: true, guidance: true, check: doctorLicence},
		{rule: "G-RM-06", guidance: true, check: agreementInForce},
		{rule: "G-RM-02", check: inviterLicence},
		{rule: "G-RM-03", check: attendingPresent},
		{rule: "G-RM-04", check: doctorYears},
	}
}

// DecideService chooses the legal service. A nurse alone is not a remote consultation (G-RM-03): without an attending doctor
// the service is rehabilitation and nursing guidance. CRITICAL is refused only where the invited hospital or doctor holds
// no valid licence; everything else is passed with EmergencyOverride when no service would be possible.
func DecideService(s Situation) Decision {
	var d Decision
	for _, service := range []ServiceType{RemoteConsult, RehabCareGuide} {
		failed := failedGates(s, service)
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

func failedGates(s Situation, service ServiceType) []RuleReason {
	var out []RuleReason
	for _, g := range gates() {
		if service == RehabCareGuide && !g.guidance {
			continue
		}
		if r := g.check(s, service); r != nil {
			out = append(out, RuleReason{Rule: g.rule, Code: r.Code, Args: r.Args, Service: service, Hard: g.hard})
		}
	}
	return out
}

func inviterLicence(s Situation, _ ServiceType) *Refusal {
	if !s.InviterLicence.ValidOn(s.Day) {
		return refuse(CodeServiceInviterLicence)
	}
	return nil
}

func attendingPresent(s Situation, _ ServiceType) *Refusal {
	switch {
	case s.Attending == nil:
		return refuse(CodeServiceNoAttending)
	case !s.Attending.Licence.ValidOn(s.Day):
		return refuse(CodeServiceAttendingLicence)
	case s.Attending.Level != LevelPhysician && !s.InviterPrimary:
		return refuse(CodeServiceAttendingLevel)
	}
	return nil
}

func inviteeLicence(s Situation, _ ServiceType) *Refusal {
	if !s.Invitee.Licence.ValidOn(s.Day) {
		return refuse(CodeServiceInviteeLicence)
	}
	return nil
}

func inviteeDepartment(s Situation, _ ServiceType) *Refusal {
	if !Covers(s.Invitee.Departments, s.Department) {
		return refuse(CodeServiceInviteeDept, "department", s.Department)
	}
	return nil
}

func agreementInForce(s Situation, service ServiceType) *Refusal {
	if len(s.Agreements) == 0 {
		return refuse(CodeServiceNoAgreement)
	}
	inForce := false
	for _, a := range s.Agreements {
		if !s.Day.Within(a.From, a.To) {
			continue
		}
		inForce = true
		if a.Covers(service, s.Department) {
			return nil
		}
	}
	if !inForce {
		return refuse(CodeServiceAgreementDates)
	}
	return refuse(CodeServiceAgreementScope, "service", string(service), "department", s.Department)
}

func doctorLicence(s Situation, _ ServiceType) *Refusal {
	if s.Doctor != nil && !s.Doctor.Licence.ValidOn(s.Day) {
		return refuse(CodeServiceDoctorLicence)
	}
	return nil
}

func doctorYears(s Situation, _ ServiceType) *Refusal {
	if s.Doctor == nil {
		return nil
	}
	since := s.Doctor.IndependentSince
	if since.IsZero() || since.AddYears(IndependentYears).After(s.Day) {
		return refuse(CodeServiceDoctorYears, "years", strconv.Itoa(IndependentYears))
	}
	return nil
}
