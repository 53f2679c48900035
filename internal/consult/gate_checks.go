package consult

import (
	"slices"
	"strconv"
	"time"
)

// gateChecks are the checks by the name that a ruleset gives them. Each is nil when its rule holds, or when the situation says
// nothing about it yet.
var gateChecks = map[string]func(Situation, ServiceType) *Refusal{
	"invited_as_institution": invitedAsInstitution,
	"invitee_licence":        inviteeLicence,
	"invitee_department":     inviteeDepartment,
	"doctor_licence":         doctorLicence,
	"agreement_in_force":     agreementInForce,
	"agreement_clauses":      agreementClauses,
	"inviter_licence":        inviterLicence,
	"medical_person":         medicalPerson,
	"attending_available":    attendingAvailable,
	"attending_in_room":      attendingInRoom,
	"first_visit_attended":   firstVisitAttended,
	"doctor_years":           doctorYears,
	"consent":                consentGiven,
	"invitation_minimum":     invitationMinimum,
	"resident_real_name":     residentRealName,
	"emergency_approval":     emergencyApproval,
	"internet_approval":      internetApproval,
	"doctor_registered":      doctorRegistered,
	"not_first_visit":        notFirstVisit,
	"evidence_not_refused":   evidenceNotRefused,
	"evidence_qualified":     evidenceQualified,
	"evidence_recent":        evidenceRecent,
	"unsuitable_destination": unsuitableDestination,
	"doctor_authenticated":   doctorAuthenticated,
	"resident_identity":      residentIdentity,
	"prescription_reviewed":  prescriptionReviewed,
	"family_contract":        familyContract,
	"visit_eligible":         visitEligible,
	"home_bed_open":          homeBedOpen,
	"home_bed_interval":      homeBedInterval,
	"visit_insurance":        visitInsurance,
	"nurse_qualified":        nurseQualified,
	"visit_tracking":         visitTracking,
	"first_assessment":       firstAssessment,
	"visiting_doctor_level":  visitingDoctorLevel,
	"service_counts":         serviceCounts,
	"declines_reasoned":      declinesReasoned,
	"answered_in_time":       answeredInTime,
	"opinion_signed":         opinionSigned,
	"opinion_adopted":        opinionAdopted,
	"kept_long":              keptLong,
	"process_traced":         processTraced,
	"leaks_handled":          leaksHandled,
	"coverage_rises":         coverageRises,
	"special_covered":        specialCovered,

	"declared_equipment":          declared("EQUIPMENT"),
	"declared_record_keeping":     declared("RECORD_KEEPING"),
	"declared_shared_records":     declared("SHARED_RECORDS"),
	"declared_supervision_port":   declared("SUPERVISION_PORT"),
	"declared_management_systems": declared("MANAGEMENT_SYSTEMS"),
	"declared_security_grade":     declared("SECURITY_GRADE"),
	"declared_income":             declared("INCOME"),
}

// G-RM-01: an institution and its department are invited; individual doctors only by an internet hospital. Who does not act for the invited
// institution would be invited in person.
func invitedAsInstitution(s Situation, _ ServiceType) *Refusal {
	if s.IndividualInvited && !s.InviterInternet.ValidOn(s.Day) {
		return refuse(CodeGateIndividual)
	}
	return nil
}

// G-RM-02: a dated licence of the inviting side.
func inviterLicence(s Situation, _ ServiceType) *Refusal {
	if !s.InviterLicence.ValidOn(s.Day) {
		return refuse(CodeServiceInviterLicence)
	}
	return nil
}

// G-RM-02: non-medical bodies run no telemedicine; guidance needs at least a nurse or a doctor at the bedside.
func medicalPerson(s Situation, _ ServiceType) *Refusal {
	if !s.NursePresent && s.Attending == nil {
		return refuse(CodeGateNoMedicalPerson)
	}
	return nil
}

// G-RM-03: a licensed doctor of the inviting side; an assistant physician or village doctor in primary care only.
func attendingAvailable(s Situation, _ ServiceType) *Refusal {
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

// G-RM-03: accompanying (陪同) is being in the room. By video it may go on, but counts only where the authority has ruled so.
func attendingInRoom(s Situation, service ServiceType) *Refusal {
	if attendingAvailable(s, service) != nil || s.Written {
		return nil // said already; a written question has nobody to accompany, its responsible doctor stands for it
	}
	switch s.Attending.Presence {
	case InRoom:
		return nil
	case ByVideo:
		if s.Settings.On("attending_by_video") {
			return nil
		}
		return refuse(CodeGateByVideo)
	}
	return refuse(CodeGateNotInRoom)
}

// G-IH-05: what may not be an online follow-up is seen in person or together with the attending doctor.
func firstVisitAttended(s Situation, service ServiceType) *Refusal {
	if s.NewCondition && attendingAvailable(s, service) != nil {
		return refuse(CodeGateFirstVisitAlone)
	}
	return nil
}

// G-RM-02: a dated licence of the invited side.
func inviteeLicence(s Situation, _ ServiceType) *Refusal {
	if !s.Invitee.Licence.ValidOn(s.Day) {
		return refuse(CodeServiceInviteeLicence)
	}
	return nil
}

// G-RM-02: the department is on the licence.
func inviteeDepartment(s Situation, _ ServiceType) *Refusal {
	if !s.Codes.Covers(s.Invitee.Departments, s.Department) {
		return refuse(CodeServiceInviteeDept, "department", s.Department)
	}
	return nil
}

// G-RM-06: an agreement between the two, in force, over the service and the department.
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
		if a.Covers(s.Codes, service, s.Department) {
			return nil
		}
	}
	if !inForce {
		return refuse(CodeServiceAgreementDates)
	}
	return refuse(CodeServiceAgreementScope, "service", string(service), "department", s.Department)
}

// G-RM-06: the six clause groups.
func agreementClauses(s Situation, service ServiceType) *Refusal {
	lacking := false
	for _, a := range s.Agreements {
		if s.Day.Within(a.From, a.To) && a.Covers(s.Codes, service, s.Department) {
			if !a.ClausesMissing {
				return nil
			}
			lacking = true
		}
	}
	if lacking {
		return refuse(CodeGateClauses)
	}
	return nil
}

// G-RM-05: the doctor's licence.
func doctorLicence(s Situation, _ ServiceType) *Refusal {
	if s.Doctor != nil && !s.Doctor.Licence.ValidOn(s.Day) {
		return refuse(CodeServiceDoctorLicence)
	}
	return nil
}

// G-RM-04, G-IH-01: years of independent practice.
func doctorYears(s Situation, _ ServiceType) *Refusal {
	if s.Doctor == nil {
		return nil
	}
	years := int(s.Settings.Int("independent_years"))
	since := s.Doctor.IndependentSince
	if since.IsZero() || since.AddYears(years).After(s.Day) {
		return refuse(CodeServiceDoctorYears, "years", strconv.Itoa(years))
	}
	return nil
}

// G-RM-07: a consent, or in an emergency the approval (G-RM-13).
func consentGiven(s Situation, _ ServiceType) *Refusal {
	if !s.ConsentValid {
		return refuse(CodeGateConsent)
	}
	return nil
}

// G-RM-08: reason, purpose, time, summary and specialty. The chips give reason and purpose, the request itself the time, the
// department the specialty; what may lack is any word or reading on the condition. Then both are told and the doctor may return the
// request; a doctor who has answered is not kept from a bedside for the want of a sentence.
func invitationMinimum(s Situation, _ ServiceType) *Refusal {
	if s.InvitationIncomplete {
		return refuse(CodeGateInvitation)
	}
	return nil
}

// G-RM-12: real-name management.
func residentRealName(s Situation, _ ServiceType) *Refusal {
	if !s.ResidentIdentified {
		return refuse(CodeGateRealName)
	}
	return nil
}

// G-IH-07: the patient's true identity.
func residentIdentity(s Situation, _ ServiceType) *Refusal {
	if !s.ResidentIdentified {
		return refuse(CodeGateIdentity)
	}
	return nil
}

// G-RM-13: who passed as an emergency is approved afterwards.
func emergencyApproval(s Situation, _ ServiceType) *Refusal {
	if s.Emergency != nil && !s.Emergency.Approved(s.Settings) {
		return refuse(CodeGateApproval, "hours", strconv.FormatInt(s.Settings.Int("emergency_hours"), 10))
	}
	return nil
}

// Emergency is a CRITICAL consultation that passed a gate or went without consent.
type Emergency struct {
	PassedAt   time.Time
	ApprovedAt time.Time // zero: not yet
}

// Approved tells whether the approver came in time (G-RM-13).
func (e Emergency) Approved(cfg Settings) bool {
	return !e.ApprovedAt.IsZero() && e.ApprovedAt.Sub(e.PassedAt) <= time.Duration(cfg.Int("emergency_hours"))*time.Hour
}

// G-IH-01: an institution approved for internet care.
func internetApproval(s Situation, _ ServiceType) *Refusal {
	if !s.Invitee.Internet.ValidOn(s.Day) {
		return refuse(CodeGateNoInternet)
	}
	return nil
}

// G-IH-01, G-RM-05: online, the doctor is registered at the institution.
func doctorRegistered(s Situation, _ ServiceType) *Refusal {
	if s.Doctor != nil && !s.Doctor.Registered {
		return refuse(CodeGateNotRegistered)
	}
	return nil
}

// G-IH-02: no first visit.
func notFirstVisit(s Situation, _ ServiceType) *Refusal {
	if s.NewCondition {
		return refuse(CodeGateFirstVisit)
	}
	return nil
}

// G-IH-03: what the doctor refused is no follow-up.
func evidenceNotRefused(s Situation, _ ServiceType) *Refusal {
	if s.Revisit != nil && s.Revisit.Decision == RevisitRefused {
		return refuse(CodeGateEvidenceRefused)
	}
	return nil
}

// G-IH-03: no start without evidence that the doctor judged.
func evidenceQualified(s Situation, _ ServiceType) *Refusal {
	switch {
	case s.Revisit == nil:
		return refuse(CodeGateNoEvidence)
	case s.Revisit.Decision == RevisitOpen:
		return refuse(CodeGateUnjudged)
	}
	return nil
}

// G-IH-03: the look-back is this project's choice and only a warning.
func evidenceRecent(s Situation, _ ServiceType) *Refusal {
	if s.Revisit != nil && !s.Revisit.Date.IsZero() && EvidenceOld(s.Revisit.Date, s.Day, s.Settings) {
		return refuse(CodeGateEvidenceOld, "months", strconv.Itoa(EvidenceMonths(s.Settings)))
	}
	return nil
}

// G-IH-04: ended as unsuitable, with a destination.
func unsuitableDestination(s Situation, _ ServiceType) *Refusal {
	if s.EndedUnsuitable && !s.DestinationNamed {
		return refuse(CodeGateNoDestination)
	}
	return nil
}

// G-IH-06: the doctor in person, before each reception.
func doctorAuthenticated(s Situation, _ ServiceType) *Refusal {
	if s.Doctor != nil && !s.Doctor.Authenticated {
		return refuse(CodeGateNotAuthed)
	}
	return nil
}

// G-IH-09: a pharmacist's review.
func prescriptionReviewed(s Situation, _ ServiceType) *Refusal {
	if s.UnreviewedPrescriptions > 0 {
		return refuse(CodeGatePrescription)
	}
	return nil
}

// G-HV-01: a contract, or an assessed exception.
func familyContract(s Situation, _ ServiceType) *Refusal {
	if !s.Visit.Contract.ValidOn(s.Day) && !s.Visit.ContractException {
		return refuse(CodeGateNoContract)
	}
	return nil
}

// VisitEligibility is why a resident may be visited (G-HV-02): DISABLED, CHRONIC, AGED; none when there is no reason. ability
// is the level of GB/T 42195, nil when not assessed.
func VisitEligibility(ability *int, chronic bool, age int) []string {
	var out []string
	if ability != nil && *ability >= 1 {
		out = append(out, "DISABLED")
	}
	if chronic {
		out = append(out, "CHRONIC")
	}
	const aged = 80
	if age >= aged {
		out = append(out, "AGED")
	}
	return out
}

// G-HV-02: whom home visits are for.
func visitEligible(s Situation, _ ServiceType) *Refusal {
	if len(s.Visit.Eligibility) == 0 {
		return refuse(CodeGateNotEligible)
	}
	return nil
}

// G-HV-03: assessed, agreed, opened, and within its period, which an extension lengthens.
func homeBedOpen(s Situation, _ ServiceType) *Refusal {
	if !s.Visit.HomeBed.OpenOn(s.Day) {
		return refuse(CodeGateNoHomeBed)
	}
	return nil
}

// G-HV-03: the interval of rounds.
func homeBedInterval(s Situation, _ ServiceType) *Refusal {
	bed := s.Visit.HomeBed
	if bed == nil {
		return nil
	}
	last := bed.OpenedOn
	if bed.LastRound.After(last) {
		last = bed.LastRound
	}
	days := int(s.Settings.Int("home_bed_round_days"))
	if last.AddDays(days).Before(s.Day) {
		return refuse(CodeGateRoundOverdue, "days", strconv.Itoa(days))
	}
	return nil
}

// G-HV-04: insurance of who visits.
func visitInsurance(s Situation, _ ServiceType) *Refusal {
	if !s.Visit.Insured {
		return refuse(CodeGateNotInsured)
	}
	return nil
}

// VisitingNurse is a nurse who gives care at home.
type VisitingNurse struct {
	Licence       Licence
	Registered    bool // at this institution
	ClinicalSince Date
	TitleCode     string // GB/T 8561
}

// eligible: registered here, with the years, 护师 or above.
func (n *VisitingNurse) eligible(day Date, cfg Settings) bool {
	return n != nil && n.Licence.ValidOn(day) && n.Registered && !n.ClinicalSince.IsZero() &&
		!n.ClinicalSince.AddYears(int(cfg.Int("nurse_years"))).After(day) && slices.Contains([]string{"251", "252", "253", "254"}, n.TitleCode)
}

// G-HV-05: the nurse.
func nurseQualified(s Situation, _ ServiceType) *Refusal {
	if !s.Visit.Nurse.eligible(s.Day, s.Settings) {
		return refuse(CodeGateNurse, "years", strconv.FormatInt(s.Settings.Int("nurse_years"), 10))
	}
	return nil
}

// G-HV-06: a check-in where the visit is.
func visitTracking(s Situation, _ ServiceType) *Refusal {
	if !s.Visit.Tracked {
		return refuse(CodeGateNoTracking)
	}
	return nil
}

// G-HV-07: an assessment before the first nursing visit.
func firstAssessment(s Situation, _ ServiceType) *Refusal {
	if !s.Visit.Assessed {
		return refuse(CodeGateNoAssessment)
	}
	return nil
}

// G-HV-10: an assistant physician visits in townships, villages and remote areas only.
func visitingDoctorLevel(s Situation, _ ServiceType) *Refusal {
	if s.Doctor != nil && s.Doctor.Level != "" && s.Doctor.Level != LevelPhysician && !s.Visit.RemoteArea {
		return refuse(CodeGateVisitingLevel)
	}
	return nil
}

// NC01: what is no consultation does not count.
func serviceCounts(_ Situation, service ServiceType) *Refusal {
	if info, ok := service.Info(); !ok || !info.Countable {
		return refuse(CodeGateNotCounted)
	}
	return nil
}
