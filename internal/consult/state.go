package consult

import "slices"

// State is where a consultation stands.
type State string

// The states.
const (
	StateDraft                State = "DRAFT"
	StateSubmitted            State = "SUBMITTED"
	StateReturned             State = "RETURNED"
	StateTriaged              State = "TRIAGED"
	StateOffered              State = "OFFERED"
	StateDeclined             State = "DECLINED"
	StateExpired              State = "EXPIRED"
	StateAccepted             State = "ACCEPTED"
	StateScheduled            State = "SCHEDULED"
	StateWaiting              State = "WAITING"
	StateInProgress           State = "IN_PROGRESS"
	StateAbortedTech          State = "ABORTED_TECH"
	StateTerminatedUnsuitable State = "TERMINATED_UNSUITABLE"
	StateToEmergency          State = "TO_EMERGENCY"
	StateReportPending        State = "REPORT_PENDING"
	StateReported             State = "REPORTED"
	StateAdopted              State = "ADOPTED"
	StateFollowUp             State = "FOLLOW_UP"
	StateArchived             State = "ARCHIVED"
	StateSealed               State = "SEALED"
	StateNoShow               State = "NO_SHOW"
	StateCancelled            State = "CANCELLED"
	StateClosedNoService      State = "CLOSED_NO_SERVICE"
	StateVoided               State = "VOIDED"
)

var states = loadTable("states.csv", record.labels)

// States lists all states in the order of a consultation's life.
func States() []State {
	rows := states().rows
	out := make([]State, len(rows))
	for i, r := range rows {
		out[i] = State(r.Code)
	}
	return out
}

// Valid tells whether the state exists.
func (s State) Valid() bool { _, ok := states().get(string(s)); return ok }

// Terminal tells whether nothing leads out of the state. ARCHIVED is not terminal: a dispute seals it and a correction
// amends it.
func Terminal(s State) bool {
	switch s {
	case StateNoShow, StateCancelled, StateClosedNoService, StateVoided:
		return true
	}
	return false
}

// HoldsDoctor tells whether a consultation in the state keeps its primary doctor busy, unless it is a written question. A
// doctor has at most one such consultation.
func HoldsDoctor(s State) bool {
	return s == StateAccepted || s == StateWaiting || s == StateInProgress
}

// BeforeCall tells whether the call has not begun, so that the request may still be cancelled.
func BeforeCall(s State) bool { return slices.Contains(beforeCall(), s) }

func beforeCall() []State {
	return []State{StateDraft, StateSubmitted, StateReturned, StateTriaged, StateOffered, StateDeclined, StateExpired,
		StateAccepted, StateScheduled, StateWaiting}
}

// Action is what somebody does to a consultation.
type Action string

// The actions.
const (
	ActSubmit              Action = "SUBMIT"
	ActReturn              Action = "RETURN"
	ActTriage              Action = "TRIAGE"
	ActOffer               Action = "OFFER"
	ActClaim               Action = "CLAIM"
	ActAssign              Action = "ASSIGN"  // a dispatcher gives it to a doctor
	ActConvert             Action = "CONVERT" // a dispatcher makes it a written question
	ActDecline             Action = "DECLINE"
	ActExpire              Action = "EXPIRE"
	ActSchedule            Action = "SCHEDULE"
	ActRelease             Action = "RELEASE"
	ActHandOver            Action = "HAND_OVER"
	ActReady               Action = "READY"
	ActStart               Action = "START"
	ActAbortTech           Action = "ABORT_TECH"
	ActResume              Action = "RESUME"
	ActFinish              Action = "FINISH"
	ActTerminateUnsuitable Action = "TERMINATE_UNSUITABLE"
	ActToEmergency         Action = "TO_EMERGENCY"
	ActSignReport          Action = "SIGN_REPORT"
	ActAdopt               Action = "ADOPT"
	ActOpenFollowUp        Action = "OPEN_FOLLOW_UP"
	ActArchive             Action = "ARCHIVE"
	ActAmend               Action = "AMEND"
	ActSeal                Action = "SEAL"
	ActUnseal              Action = "UNSEAL"
	ActNoShow              Action = "NO_SHOW"
	ActCancel              Action = "CANCEL"
	ActClose               Action = "CLOSE"
	ActVoid                Action = "VOID"
)

var actions = loadTable("actions.csv", record.labels)

// Actions lists all actions.
func Actions() []Action {
	rows := actions().rows
	out := make([]Action, len(rows))
	for i, r := range rows {
		out[i] = Action(r.Code)
	}
	return out
}

// Valid tells whether the action exists.
func (a Action) Valid() bool { _, ok := actions().get(string(a)); return ok }

// Grant says what an action does to the grant, the right of one doctor to conduct the consultation.
type Grant string

// What an action does to the grant.
const (
	GrantKept  Grant = ""      // the grant stays as it is
	GrantGiven Grant = "GIVEN" // a doctor gets it: the epoch rises
	GrantTaken Grant = "TAKEN" // nobody has it any more: the epoch rises
	GrantMoved Grant = "MOVED" // another doctor gets it: the epoch rises
)

// Guard is a condition under which a transition is open, beyond state and role.
type Guard string

// The guards.
const (
	GuardNone       Guard = ""
	GuardGranted    Guard = "GRANTED"     // a doctor holds the grant
	GuardNotGranted Guard = "NOT_GRANTED" // nobody holds it: there is nobody who could write a report
	GuardNoAdoption Guard = "NO_ADOPTION" // the service type needs no adoption by the inviting side
	GuardCall       Guard = "CALL"        // a doctor holds the grant and there is to be a call
	GuardWritten    Guard = "WRITTEN"     // a doctor holds the grant of a written question
	GuardMayWait    Guard = "MAY_WAIT"    // neither CRITICAL nor written already
	GuardMayExpire  Guard = "MAY_EXPIRE"  // CRITICAL waits until somebody answers
	GuardReturnable Guard = "RETURNABLE"  // not CRITICAL, and no call has begun
	GuardUnbegun    Guard = "UNBEGUN"     // a doctor holds the grant of a call that has not begun
	GuardPlannable  Guard = "PLANNABLE"   // the same, and it is not CRITICAL
	GuardMayStart   Guard = "MAY_START"   // a doctor holds the grant, the gates were asked now and let it through; an online follow-up has evidence that qualifies (G-IH-03)
	GuardUnadopted  Guard = "UNADOPTED"   // the newest signed version was not adopted yet
)

// Transition is one row of the state machine.
type Transition struct {
	From        State
	Action      Action
	To          State
	Roles       []Role // who may; RoleSystem is a timer or the relay
	Grant       Grant
	Guard       Guard
	NeedsReason bool // the actor says why, and it is kept with the event
}

// RaisesEpoch tells whether the transition changes the holder of the grant.
func (t Transition) RaisesEpoch() bool { return t.Grant != GrantKept }

// Position is what the state machine knows of a consultation.
type Position struct {
	State   State
	Epoch   int64 // fencing token of the grant; 0 until the first claim
	Granted bool  // a doctor holds the grant
	Service ServiceType
	// Cleared: the gates of the start were asked now and let the service through (Verdict.Cleared).
	Cleared bool
	// Critical requests are never made a written question, and a Written one is answered without a call.
	Critical, Written bool
	// Begun: both sides were connected at least once.
	Begun bool
	// Qualified: the doctor judged the evidence of an earlier diagnosis as good for an online follow-up (G-IH-03).
	Qualified bool
	// Adopted: the inviting side decided on the newest signed version.
	Adopted bool
}

// Find returns the row for an action in a state.
func Find(from State, a Action) (Transition, bool) {
	t, ok := machine().rows[edge{from, a}]
	if ok {
		t.Roles = slices.Clone(t.Roles)
	}
	return t, ok
}

// Next returns the state to which an action leads. It refuses with transition_not_allowed.
func Next(from State, a Action) (State, error) {
	t, ok := machine().rows[edge{from, a}]
	if !ok {
		return from, refuse(CodeTransition, "state", string(from), "action", string(a))
	}
	return t.To, nil
}

// May tells whether the role may do the action in the state.
func May(from State, a Action, r Role) bool {
	t, ok := machine().rows[edge{from, a}]
	return ok && slices.Contains(t.Roles, r)
}

// Step applies an action to a position: the table, the role, the guard and the reason. It refuses with
// transition_not_allowed, role_not_allowed, no_doctor_assigned, report_required, adoption_required, already_written,
// not_written, never_for_critical, critical_stays, already_begun, revisit_not_qualified, gates_not_passed, already_adopted or reason_required and then returns the
// position unchanged.
func Step(p Position, a Action, r Role, reason string) (Position, error) {
	t, ok := machine().rows[edge{p.State, a}]
	if !ok {
		return p, refuse(CodeTransition, "state", string(p.State), "action", string(a))
	}
	if !slices.Contains(t.Roles, r) {
		return p, refuse(CodeRole, "role", string(r), "action", string(a))
	}
	if err := t.Guard.check(p); err != nil {
		return p, err
	}
	if t.NeedsReason && isBlank(reason) {
		return p, refuse(CodeReasonRequired, "action", string(a))
	}
	p.State = t.To
	if t.RaisesEpoch() {
		p.Epoch++
		p.Granted = t.Grant != GrantTaken
	}
	switch a {
	case ActConvert:
		p.Written = true
	case ActStart:
		p.Begun, p.Cleared = true, false // another start asks the gates again
	case ActAdopt:
		p.Adopted = true
	case ActSignReport, ActAmend:
		p.Adopted = false
	}
	return p, nil
}

func (g Guard) check(p Position) error {
	switch g {
	case GuardGranted, GuardCall, GuardWritten, GuardUnbegun, GuardPlannable, GuardMayStart:
		switch {
		case !p.Granted:
			return refuse(CodeNoDoctor)
		case (g == GuardCall || g == GuardUnbegun || g == GuardPlannable) && p.Written:
			return refuse(CodeWritten)
		case (g == GuardUnbegun || g == GuardPlannable) && p.Begun:
			return refuse(CodeBegun)
		case g == GuardPlannable && p.Critical:
			return refuse(CodeCriticalStays)
		case g == GuardMayStart && p.Service == OnlineRevisit && !p.Qualified:
			return refuse(CodeNotQualified)
		case g == GuardWritten && !p.Written:
			return refuse(CodeNotWritten)
		case g == GuardMayStart && !p.Cleared:
			return refuse(CodeGatesNotPassed)
		}
	case GuardMayWait:
		switch {
		case p.Critical:
			return refuse(CodeNeverCritical)
		case p.Written:
			return refuse(CodeWritten)
		}
	case GuardMayExpire, GuardReturnable:
		switch {
		case p.Critical:
			return refuse(CodeCriticalStays)
		case g == GuardReturnable && p.Begun:
			return refuse(CodeBegun)
		}
	case GuardUnadopted:
		if p.Adopted {
			return refuse(CodeAlreadyAdopted)
		}
	case GuardNotGranted:
		if p.Granted {
			return refuse(CodeReportRequired)
		}
	case GuardNoAdoption:
		if info, ok := p.Service.Info(); !ok || info.NeedsAdoption {
			return refuse(CodeAdoptionRequired, "service", string(p.Service))
		}
	}
	return nil
}

// Actionable lists what the role may do in the state, in the order of the actions.
func Actionable(s State, r Role) []Action {
	var out []Action
	for _, a := range Actions() {
		if May(s, a, r) {
			out = append(out, a)
		}
	}
	return out
}
