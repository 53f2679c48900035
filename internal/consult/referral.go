package consult

import "slices"

// ReferralDirection is where a referral leads, such as UP.
type ReferralDirection string

// The directions.
const (
	ReferUp        ReferralDirection = "UP"
	ReferDown      ReferralDirection = "DOWN"
	ReferLateral   ReferralDirection = "LATERAL"
	ReferCareToMed ReferralDirection = "CARE_TO_MED"
	ReferMedToCare ReferralDirection = "MED_TO_CARE"
	ReferEmergency ReferralDirection = "EMERGENCY"
	ReferHospice   ReferralDirection = "HOSPICE"
	ReferHome      ReferralDirection = "HOME"
)

// FromHospital tells that the resident leaves the hospital for the inviting institution; in every other direction the resident
// leaves the inviting institution.
func (d ReferralDirection) FromHospital() bool { return d == ReferDown }

// Within tells that both sides are the inviting institution.
func (d ReferralDirection) Within() bool { return d == ReferCareToMed || d == ReferMedToCare }

// ReferralState is where a referral stands.
type ReferralState string

// The states (申请–接收–拒收–到院–办结–回转).
const (
	ReferralRequested ReferralState = "REQUESTED"
	ReferralAccepted  ReferralState = "ACCEPTED"
	ReferralRefused   ReferralState = "REFUSED"
	ReferralArrived   ReferralState = "ARRIVED"
	ReferralClosed    ReferralState = "CLOSED"
	ReferralReturned  ReferralState = "RETURNED"
)

// ReferralAction is a step of a referral.
type ReferralAction string

// The steps.
const (
	ReferralAccept   ReferralAction = "ACCEPT"
	ReferralRefuse   ReferralAction = "REFUSE"
	ReferralDeclined ReferralAction = "DECLINED_BY_PATIENT"
	ReferralArrive   ReferralAction = "ARRIVE"
	ReferralGreenMet ReferralAction = "GREEN_MET"
	ReferralClose    ReferralAction = "CLOSE"
	ReferralReturn   ReferralAction = "RETURN"
)

// ReferralSide is who stands where.
type ReferralSide struct{ Sends, Receives bool }

// referralEdge is one row of the table: where it leads, which side may take it, whether it needs words.
type referralEdge struct {
	from           ReferralState
	action         ReferralAction
	to             ReferralState
	sends, receive bool
	words          bool
}

// referralEdges is the closed loop: the receiver answers and acknowledges the arrival and the end; the sender acknowledges the
// return. The patient's no may be noted by either side until the arrival.
func referralEdges() []referralEdge {
	return []referralEdge{
		{ReferralRequested, ReferralAccept, ReferralAccepted, false, true, false},
		{ReferralRequested, ReferralRefuse, ReferralRefused, false, true, true},
		{ReferralRequested, ReferralDeclined, ReferralRefused, true, true, false},
		{ReferralAccepted, ReferralDeclined, ReferralRefused, true, true, false},
		{ReferralRequested, ReferralGreenMet, ReferralRequested, false, true, false},
		{ReferralAccepted, ReferralGreenMet, ReferralAccepted, false, true, false},
		{ReferralAccepted, ReferralArrive, ReferralArrived, false, true, false},
		{ReferralArrived, ReferralGreenMet, ReferralArrived, false, true, false},
		{ReferralArrived, ReferralClose, ReferralClosed, false, true, true},
		{ReferralArrived, ReferralReturn, ReferralReturned, true, false, false},
		{ReferralClosed, ReferralReturn, ReferralReturned, true, false, false},
	}
}

// ReferralStep gives the state after a step. It refuses with referral_step, referral_side or reason_required.
func ReferralStep(from ReferralState, act ReferralAction, side ReferralSide, words string) (ReferralState, error) {
	for _, e := range referralEdges() {
		if e.from != from || e.action != act {
			continue
		}
		if !(e.sends && side.Sends || e.receive && side.Receives) {
			return from, refuse(CodeReferralSide, "referral_action", string(act))
		}
		if e.words && isBlank(words) {
			return from, refuse(CodeReasonRequired)
		}
		return e.to, nil
	}
	return from, refuse(CodeReferralStep, "referral_state", string(from), "referral_action", string(act))
}

// ReferralActions lists what a side may do now. A green channel is met once, and only where one was asked for.
func ReferralActions(from ReferralState, side ReferralSide, greenOpen bool) []ReferralAction {
	var out []ReferralAction
	for _, e := range referralEdges() {
		if e.from != from || !(e.sends && side.Sends || e.receive && side.Receives) || e.action == ReferralGreenMet && !greenOpen || slices.Contains(out, e.action) {
			continue
		}
		out = append(out, e.action)
	}
	return out
}

// ReferralClosingDays is how many days after its beginning a referral should be closed: the project's own choice, see I-23.
const ReferralClosingDays = 7

// ReferralOpen tells that a referral still waits for somebody.
func ReferralOpen(s ReferralState) bool {
	return s == ReferralRequested || s == ReferralAccepted || s == ReferralArrived
}
