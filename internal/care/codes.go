package care

import (
	"slices"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// CancelReasons are why a request is taken back before the call.
func CancelReasons() []contract.Term {
	return []contract.Term{
		{Code: "BETTER", Zh: "老人情况好转", En: "The resident is better"},
		{Code: "WENT_TO_HOSPITAL", Zh: "已送医院", En: "Taken to hospital"},
		{Code: "SEEN_ON_SITE", Zh: "本机构医师已处理", En: "Seen by our own doctor"},
		{Code: "REFUSED", Zh: "老人或家属不同意", En: "The resident or the family declined"},
		{Code: "WAITED_TOO_LONG", Zh: "等待太久", En: "Waited too long"},
		{Code: "BY_MISTAKE", Zh: "点错了", En: "Tapped by mistake"},
		{Code: "DUPLICATE", Zh: "重复申请", En: "Requested twice"},
		{Code: "OTHER", Zh: "其他", En: "Other"},
	}
}

// ReleaseReasons are why a doctor gives an accepted request back (G-RM-09: declining needs a reason).
func ReleaseReasons() []contract.Term {
	return []contract.Term{
		{Code: "OTHER_DEPARTMENT", Zh: "不属于本专科", En: "Not my specialty"},
		{Code: "EMERGENCY_HERE", Zh: "院内有急症", En: "An emergency in the hospital"},
		{Code: "CONNECTION", Zh: "网络或设备有问题", En: "Network or device trouble"},
		{Code: "BY_MISTAKE", Zh: "点错了", En: "Tapped by mistake"},
		{Code: "OTHER", Zh: "其他", En: "Other"},
	}
}

// DeclineReasons are why a doctor who is asked says no (G-RM-09).
func DeclineReasons() []contract.Term {
	return []contract.Term{
		{Code: "WITH_PATIENT", Zh: "正在接诊病人", En: "With a patient"},
		{Code: "EMERGENCY_HERE", Zh: "院内有急症", En: "An emergency in the hospital"},
		{Code: "OTHER_DEPARTMENT", Zh: "不属于本专科", En: "Not my specialty"},
		{Code: "CONNECTION", Zh: "网络或设备有问题", En: "Network or device trouble"},
		{Code: "OTHER", Zh: "其他", En: "Other"},
	}
}

// EmergencySteps are the times that the emergency sheet writes down.
func EmergencySteps() []contract.Term {
	return []contract.Term{
		{Code: "SHEET_OPENED", Zh: "打开急救单", En: "Emergency sheet opened"},
		{Code: "CALLED_120", Zh: "已拨打120", En: "120 called"},
		{Code: "MEASURE", Zh: "已采取措施", En: "Measure taken"},
		{Code: "AMBULANCE_ARRIVED", Zh: "救护车到达", En: "Ambulance arrived"},
		{Code: "TO_EMERGENCY", Zh: "转急救", En: "Handed over to emergency care"},
	}
}

// checkTerm refuses a code that a list of terms does not have.
func checkTerm(terms []contract.Term, field, code string) error {
	if slices.ContainsFunc(terms, func(t contract.Term) bool { return t.Code == code }) {
		return nil
	}
	return problem.Invalid(problem.Field{Path: field, Code: "unknown_code", Args: problem.Args{"code": code}})
}

// The events of a consultation besides its transitions, whose events carry the code of the action (consult.Action). Each has
// its sentence under "event_" and the code in lower case.
const (
	eventCreated        = "CREATED"
	eventRequestChanged = "REQUEST_CHANGED"
	eventUrgencyChanged = "URGENCY_CHANGED"
	eventVitalsAdded    = "VITALS_ADDED"
	eventPhotoAdded     = "PHOTO_ADDED"
	eventConsentGiven   = "CONSENT_GIVEN"
	eventConsentOver    = "CONSENT_WITHDRAWN"
	eventDocumentAdded  = "DOCUMENT_ADDED"
	eventReferred       = "REFERRED"
	eventReferralStep   = "REFERRAL_STEP"
	eventRatingLink     = "RATING_LINK"
	eventRated          = "RATED"
	eventOverride       = "EMERGENCY_OVERRIDE" // a gate that an emergency passed
	eventCountApproved  = "COUNT_APPROVED"     // quality control passed a rule of countability
	eventEmergencyStep  = "EMERGENCY_STEP"
	eventRung           = "RUNG"
	eventRingLapsed     = "RING_LAPSED"
	eventDeclined       = "DECLINED"
	eventWidened        = "WIDENED"
	eventAlerted        = "DISPATCHER_ALERTED"
	eventNoDispatcher   = "NO_DISPATCHER" // the hospital has none: the administrators are told
	eventCharge         = "CHARGE_TAKEN"
	eventChargeEnded    = "CHARGE_ENDED" // the dispatcher in charge is gone
	eventNarrowed       = "NARROWED"     // a partner is asked no more
	eventAssigned       = "ASSIGNED"
	eventMerged         = "MERGED"
	eventConverted      = "CONVERTED"
	eventCallOpened     = "CALL_OPENED"
	eventCallEnded      = "CALL_ENDED"
	eventJoined         = "JOINED"
	eventLeft           = "LEFT"
	eventMediaLost      = "MEDIA_LOST"
	eventMediaBack      = "MEDIA_BACK"
	eventAdviceDone     = "ADVICE_DONE"
	eventHandOverAsked  = "HAND_OVER_ASKED" // a colleague is asked to take it over; HAND_OVER is the grant's moving

	eventHandOverDeclined  = "HAND_OVER_DECLINED"
	eventHandOverWithdrawn = "HAND_OVER_WITHDRAWN"

	eventOnline         = "TO_CALL"         // what was asked in writing is called: it became too urgent
	eventReadBackAsked  = "READ_BACK_ASKED" // the doctor on the line asked to hear the advice
	eventReadBack       = "READ_BACK"       // 复述
	eventFollowUpDone   = "FOLLOW_UP_DONE"
	eventAttendingIn    = "ATTENDING_IN"
	eventAttendingOut   = "ATTENDING_OUT"
	eventEvidence       = "EVIDENCE_ADDED"
	eventEvidenceJudged = "EVIDENCE_JUDGED"
	eventVisitArrived   = "VISIT_ARRIVED"
	eventVisitLeft      = "VISIT_LEFT"
	eventVisitProof     = "VISIT_PROOF_ADDED"
	eventFromVisit      = "FROM_VISIT" // asked for from a visit at home
	eventRoundTurn      = "ROUND_TURN" // of a round: it is this resident's turn
)

// Why a call or a consultation ended, where no person chose a reason from a list.
const (
	endByDoctor     = "DOCTOR"
	endFinished     = "FINISHED"
	endCancelled    = "CANCELLED"
	endToEmergency  = "TO_EMERGENCY"
	endNotResumed   = "NOT_RESUMED"
	endNoConsent    = "CONSENT_WITHDRAWN"
	endDraftExpired = "DRAFT_EXPIRED"
	endDoctorGone   = "DOCTOR_GONE"
	endMerged       = "MERGED"
	endNoShow       = "NO_SHOW"
	endTechnical    = "TECHNICAL"
	endNotTakenUp   = "NOT_TAKEN_UP"
	endRoundOff     = "ROUND_OFF"    // the round was called off, or goes without the resident
	endRoundPaused  = "ROUND_PAUSED" // the round was interrupted
)
