package consult

import (
	"fmt"
	"slices"
	"sync"
)

type edge struct {
	from   State
	action Action
}

type stateMachine struct {
	list []Transition
	rows map[edge]Transition
}

// machine indexes the table once.
var machine = sync.OnceValue(func() *stateMachine {
	m := &stateMachine{list: transitions(), rows: make(map[edge]Transition)}
	for _, t := range m.list {
		e := edge{t.From, t.Action}
		if _, twice := m.rows[e]; twice {
			panic(fmt.Sprintf("consult: two transitions for %s in %s", t.Action, t.From))
		}
		m.rows[e] = t
	}
	return m
})

// Transitions returns the whole table.
func Transitions() []Transition {
	out := slices.Clone(machine().list)
	for i := range out {
		out[i].Roles = slices.Clone(out[i].Roles)
	}
	return out
}

// transitions is the state machine as data. EXPIRED and DECLINED are verdicts on the whole request; a single invitation that
// lapses or is refused changes its offer and leaves the state at OFFERED. What is lacking shows when a doctor reads the card, so
// a request is returned from the queue and from the hands of who answered as well, and one that was answered can be put off to a
// slot until its call begins.
func transitions() []Transition {
	var (
		requesters = []Role{RoleNurse, RoleAttending, RoleFamilyDoctor}
		doctors    = []Role{RoleConsultant, RoleRevisitDoctor, RoleFamilyDoctor}
		desk       = []Role{RoleDispatcher, RoleSystem}
		records    = []Role{RoleQC, RoleComplaint, RoleInstAdmin}
		system     = []Role{RoleSystem}
	)
	who := func(groups ...[]Role) []Role {
		var out []Role
		for _, g := range groups {
			for _, r := range g {
				if !slices.Contains(out, r) {
					out = append(out, r)
				}
			}
		}
		return out
	}

	t := []Transition{
		// The request.
		{From: StateDraft, Action: ActSubmit, To: StateSubmitted, Roles: requesters},
		{From: StateReturned, Action: ActSubmit, To: StateSubmitted, Roles: requesters},
		{From: StateDraft, Action: ActVoid, To: StateVoided, Roles: who(requesters, records, system), NeedsReason: true},
		{From: StateSubmitted, Action: ActReturn, To: StateReturned, Roles: desk, Guard: GuardReturnable, NeedsReason: true},
		{From: StateSubmitted, Action: ActTriage, To: StateTriaged, Roles: desk},

		// The queue.
		{From: StateTriaged, Action: ActOffer, To: StateOffered, Roles: desk},
		{From: StateDeclined, Action: ActOffer, To: StateOffered, Roles: who(requesters, desk)},
		{From: StateExpired, Action: ActOffer, To: StateOffered, Roles: who(requesters, desk)},
		{From: StateOffered, Action: ActReturn, To: StateReturned, Roles: who(doctors, desk), Guard: GuardReturnable, NeedsReason: true},
		{From: StateOffered, Action: ActDecline, To: StateDeclined, Roles: who(doctors, desk), NeedsReason: true}, // G-RM-09
		{From: StateOffered, Action: ActExpire, To: StateExpired, Roles: desk, Guard: GuardMayExpire},
		{From: StateDeclined, Action: ActClose, To: StateClosedNoService, Roles: who(requesters, desk), NeedsReason: true},
		{From: StateExpired, Action: ActClose, To: StateClosedNoService, Roles: who(requesters, desk), NeedsReason: true},

		// The grant.
		{From: StateOffered, Action: ActClaim, To: StateAccepted, Roles: doctors, Grant: GrantGiven},
		{From: StateOffered, Action: ActAssign, To: StateAccepted, Roles: []Role{RoleDispatcher}, Grant: GrantGiven},
		{From: StateAccepted, Action: ActSchedule, To: StateScheduled, Roles: who(doctors, desk), Guard: GuardPlannable},
		{From: StateWaiting, Action: ActSchedule, To: StateScheduled, Roles: who(doctors, desk), Guard: GuardPlannable},
		{From: StateScheduled, Action: ActSchedule, To: StateScheduled, Roles: who(doctors, desk), Guard: GuardPlannable, NeedsReason: true},
		{From: StateAccepted, Action: ActReady, To: StateWaiting, Roles: who(requesters, doctors, system), Guard: GuardCall},
		{From: StateScheduled, Action: ActReady, To: StateWaiting, Roles: who(requesters, doctors, system), Guard: GuardCall},

		// The written question: answered by a report, without a call.
		{From: StateOffered, Action: ActConvert, To: StateOffered, Roles: []Role{RoleDispatcher}, Guard: GuardMayWait},
		{From: StateAccepted, Action: ActFinish, To: StateReportPending, Roles: doctors, Guard: GuardWritten},

		// The call.
		{From: StateWaiting, Action: ActStart, To: StateInProgress, Roles: who(doctors, system), Guard: GuardMayStart}, // G-IH-03
		{From: StateWaiting, Action: ActNoShow, To: StateNoShow, Roles: who(doctors, desk), Guard: GuardUnbegun, NeedsReason: true},
		{From: StateWaiting, Action: ActAbortTech, To: StateAbortedTech, Roles: who(doctors, system), Guard: GuardGranted},
		{From: StateInProgress, Action: ActAbortTech, To: StateAbortedTech, Roles: who(doctors, system), Guard: GuardGranted},
		{From: StateAbortedTech, Action: ActResume, To: StateWaiting, Roles: who(requesters, doctors, system), Guard: GuardGranted},
		{From: StateInProgress, Action: ActTerminateUnsuitable, To: StateTerminatedUnsuitable, Roles: doctors, NeedsReason: true}, // G-IH-04
		{From: StateInProgress, Action: ActFinish, To: StateReportPending, Roles: doctors, Guard: GuardGranted},
		{From: StateAbortedTech, Action: ActFinish, To: StateReportPending, Roles: who(doctors, system), Guard: GuardGranted},
		{From: StateTerminatedUnsuitable, Action: ActFinish, To: StateReportPending, Roles: who(doctors, system), Guard: GuardGranted},
		{From: StateToEmergency, Action: ActFinish, To: StateReportPending, Roles: who(doctors, system), Guard: GuardGranted},
		{From: StateToEmergency, Action: ActClose, To: StateClosedNoService, Roles: who(requesters, desk), Guard: GuardNotGranted, NeedsReason: true},

		// The record.
		{From: StateReportPending, Action: ActSignReport, To: StateReported, Roles: doctors, Guard: GuardGranted},
		{From: StateReported, Action: ActAdopt, To: StateAdopted, Roles: []Role{RoleAttending, RoleFamilyDoctor}}, // G-RM-10
		{From: StateReported, Action: ActOpenFollowUp, To: StateFollowUp, Roles: who(requesters, doctors, system), Guard: GuardNoAdoption},
		{From: StateReported, Action: ActArchive, To: StateArchived, Roles: who(doctors, requesters, records, system), Guard: GuardNoAdoption},
		{From: StateAdopted, Action: ActOpenFollowUp, To: StateFollowUp, Roles: who(requesters, doctors, system)},
		{From: StateAdopted, Action: ActArchive, To: StateArchived, Roles: who(requesters, records, system)},
		{From: StateFollowUp, Action: ActArchive, To: StateArchived, Roles: who(requesters, records, system)},
		{From: StateArchived, Action: ActSeal, To: StateSealed, Roles: records, NeedsReason: true},
		{From: StateSealed, Action: ActUnseal, To: StateArchived, Roles: records, NeedsReason: true},
	}

	for _, s := range beforeCall() {
		t = append(t, Transition{From: s, Action: ActCancel, To: StateCancelled,
			Roles: who(requesters, []Role{RoleDispatcher}), NeedsReason: true})
	}
	for _, s := range append(beforeCall(), StateInProgress, StateAbortedTech) {
		t = append(t, Transition{From: s, Action: ActToEmergency, To: StateToEmergency,
			Roles: who(requesters, doctors, []Role{RoleCareWorker, RoleDispatcher})})
	}
	for _, s := range []State{StateAccepted, StateScheduled, StateWaiting} {
		t = append(t, Transition{From: s, Action: ActRelease, To: StateOffered,
			Roles: who(doctors, desk), Grant: GrantTaken, Guard: GuardGranted, NeedsReason: true})
	}
	for _, s := range []State{StateAccepted, StateScheduled, StateWaiting, StateInProgress, StateAbortedTech} {
		t = append(t, Transition{From: s, Action: ActHandOver, To: s,
			Roles: who(doctors, []Role{RoleDispatcher}), Grant: GrantMoved, Guard: GuardGranted, NeedsReason: true})
	}
	for _, s := range []State{StateAccepted, StateScheduled, StateWaiting} {
		t = append(t, Transition{From: s, Action: ActReturn, To: StateReturned, Roles: who(doctors, []Role{RoleDispatcher}),
			Grant: GrantTaken, Guard: GuardReturnable, NeedsReason: true})
	}
	// A correction is a new signed version; the state stays, and adoption is per version.
	for _, s := range []State{StateReported, StateAdopted, StateFollowUp, StateArchived} {
		t = append(t, Transition{From: s, Action: ActAmend, To: s, Roles: doctors, Guard: GuardGranted, NeedsReason: true})
	}
	t = append(t, Transition{From: StateArchived, Action: ActOpenFollowUp, To: StateFollowUp, Roles: system, Guard: GuardNoAdoption})
	for _, s := range []State{StateAdopted, StateFollowUp, StateArchived} {
		t = append(t, Transition{From: s, Action: ActAdopt, To: StateAdopted, Roles: []Role{RoleAttending, RoleFamilyDoctor}, Guard: GuardUnadopted})
	}
	return t
}
