package consult

import (
	"slices"
	"time"
)

// VisitState is where a visit at home stands.
type VisitState string

// The states of a visit: 申请–已评估–已预约–出发–到达–已离开–已签记录, and its ends.
const (
	VisitRequested VisitState = "REQUESTED"
	VisitAssessed  VisitState = "ASSESSED" // to be booked
	VisitBooked    VisitState = "BOOKED"
	VisitEnRoute   VisitState = "EN_ROUTE"
	VisitArrived   VisitState = "ARRIVED"
	VisitLeft      VisitState = "LEFT" // done; the record is still to be signed
	VisitDone      VisitState = "DONE" // recorded and signed
	VisitNotDone   VisitState = "NOT_DONE"
	VisitDeclined  VisitState = "DECLINED"
	VisitCancelled VisitState = "CANCELLED"
)

// VisitAction is a step of a visit.
type VisitAction string

// The steps.
const (
	VisitAssess  VisitAction = "ASSESS"
	VisitDecline VisitAction = "DECLINE"
	VisitBook    VisitAction = "BOOK"
	VisitUnbook  VisitAction = "UNBOOK" // its appointment was cancelled: it is to be booked again
	VisitDepart  VisitAction = "DEPART"
	VisitArrive  VisitAction = "ARRIVE"
	VisitLeave   VisitAction = "LEAVE"
	VisitSign    VisitAction = "SIGN"
	VisitFail    VisitAction = "NOT_DONE"
	VisitCancel  VisitAction = "CANCEL"
	VisitBack    VisitAction = "BACK" // who set out is back; it moves no state, since the record may be signed before or after
)

// VisitSide is how somebody stands to a visit: on the resident's side, in the institution that visits, or as one of those who go.
type VisitSide struct{ Home, Team, Goes bool }

// visitEdge is one row of the table: who may take the step, and whether it needs words.
type visitEdge struct {
	from             []VisitState
	action           VisitAction
	to               VisitState
	home, team, goes bool
	words            bool
}

// visitEdges is the life of a visit. Who goes may arrive without having said that they left, and a visit that was begun is ended or
// found impossible, never cancelled: it was on the road.
func visitEdges() []visitEdge {
	before := []VisitState{VisitRequested, VisitAssessed, VisitBooked}
	return []visitEdge{
		{[]VisitState{VisitRequested}, VisitAssess, VisitAssessed, false, true, false, false},
		{[]VisitState{VisitRequested, VisitAssessed}, VisitDecline, VisitDeclined, false, true, false, true},
		{[]VisitState{VisitAssessed, VisitBooked}, VisitBook, VisitBooked, false, true, false, false},
		{[]VisitState{VisitBooked}, VisitUnbook, VisitAssessed, false, true, true, false},
		{[]VisitState{VisitBooked}, VisitDepart, VisitEnRoute, false, false, true, false},
		{[]VisitState{VisitBooked, VisitEnRoute}, VisitArrive, VisitArrived, false, false, true, false},
		{[]VisitState{VisitArrived}, VisitLeave, VisitLeft, false, false, true, false},
		{[]VisitState{VisitLeft}, VisitSign, VisitDone, false, false, true, false},
		{[]VisitState{VisitBooked, VisitEnRoute, VisitArrived}, VisitFail, VisitNotDone, false, false, true, true},
		{before, VisitCancel, VisitCancelled, true, true, false, true},
	}
}

// VisitStep gives the state after a step. It refuses with visit_step, visit_side or reason_required.
func VisitStep(from VisitState, act VisitAction, side VisitSide, words string) (VisitState, error) {
	for _, e := range visitEdges() {
		if e.action != act || !slices.Contains(e.from, from) {
			continue
		}
		if !e.allows(side) {
			return from, refuse(CodeVisitSide, "visit_action", string(act))
		}
		if e.words && isBlank(words) {
			return from, refuse(CodeReasonRequired)
		}
		return e.to, nil
	}
	return from, refuse(CodeVisitStep, "visit_state", string(from), "visit_action", string(act))
}

func (e visitEdge) allows(side VisitSide) bool {
	return e.home && side.Home || e.team && side.Team || e.goes && side.Goes
}

// VisitActions lists what somebody may do now.
func VisitActions(from VisitState, side VisitSide) []VisitAction {
	var out []VisitAction
	for _, e := range visitEdges() {
		if slices.Contains(e.from, from) && e.allows(side) && !slices.Contains(out, e.action) {
			out = append(out, e.action)
		}
	}
	return out
}

// VisitOver says that nothing more happens to a visit.
func VisitOver(s VisitState) bool {
	return s == VisitDone || s == VisitNotDone || s == VisitDeclined || s == VisitCancelled
}

// VisitOnTheRoad says that people are out: whoever is, is missed when they do not come back.
func VisitOnTheRoad(s VisitState) bool { return s == VisitEnRoute || s == VisitArrived }

// ByFamily says that a visit was not done for the family's reasons; I-21 leaves those out.
func ByFamily(code string) bool {
	return slices.Contains([]string{"REFUSED", "NOBODY_HOME", "IN_HOSPITAL", "DIED", "FAMILY"}, code)
}

// TwoNeeded is why a visit should be made by two: in the evening or at night, a first visit to somebody who lives at home alone, somebody
// with a mental or behavioural disorder (ICD-10 F), or because an assessment said so. No rule of the country was found; this is the
// project's own choice, to be confirmed by the institution. It warns and does not refuse.
func TwoNeeded(start time.Time, first bool, conditions []string, assessed bool) []string {
	var why []string
	const morning, evening = 7, 18
	if hour := start.In(Shanghai()).Hour(); hour < morning || hour >= evening {
		why = append(why, "LATE_HOUR")
	}
	if first {
		why = append(why, "FIRST_VISIT")
	}
	if slices.ContainsFunc(conditions, func(c string) bool { return len(c) > 0 && c[0] == 'F' && c != "F03" && c != "F01.9" }) {
		why = append(why, "MENTAL_DISORDER")
	}
	if assessed {
		why = append(why, "ASSESSED")
	}
	return why
}

// BedState is where a home bed stands.
type BedState string

// The states of a home bed: 申请–已评估–已建床–已撤床 (G-HV-03).
const (
	BedApplied  BedState = "APPLIED"
	BedAssessed BedState = "ASSESSED" // fit: agreement and consent are to be signed
	BedOpen     BedState = "OPEN"
	BedRejected BedState = "REJECTED"
	BedClosed   BedState = "CLOSED"
)

// BedAction is a step of a home bed.
type BedAction string

// The steps.
const (
	BedAssess BedAction = "ASSESS"
	BedReject BedAction = "REJECT"
	BedOpens  BedAction = "OPEN"
	BedExtend BedAction = "EXTEND"
	BedCloses BedAction = "CLOSE"
)

// BedStep gives the state after a step. An application is answered by the institution's doctors, and so is everything after it.
// It refuses with bed_step or reason_required.
func BedStep(from BedState, act BedAction, words string) (BedState, error) {
	for _, e := range []struct {
		from  BedState
		act   BedAction
		to    BedState
		words bool
	}{
		{BedApplied, BedAssess, BedAssessed, false},
		{BedApplied, BedReject, BedRejected, true},
		{BedAssessed, BedReject, BedRejected, true},
		{BedAssessed, BedOpens, BedOpen, false},
		{BedOpen, BedExtend, BedOpen, true},
		{BedOpen, BedCloses, BedClosed, true},
	} {
		if e.from != from || e.act != act {
			continue
		}
		if e.words && isBlank(words) {
			return from, refuse(CodeReasonRequired)
		}
		return e.to, nil
	}
	return from, refuse(CodeBedStep, "bed_state", string(from), "bed_action", string(act))
}

// BedActions lists what may be done to a bed now.
func BedActions(from BedState) []BedAction {
	var out []BedAction
	for _, act := range []BedAction{BedAssess, BedReject, BedOpens, BedExtend, BedCloses} {
		if _, err := BedStep(from, act, string(act)); err == nil {
			out = append(out, act)
		}
	}
	return out
}

// NextRound is the last day of the interval after the opening or the last round, whichever is later (G-HV-03).
func NextRound(opened, last Date, intervalDays int) Date {
	if last.After(opened) {
		opened = last
	}
	return opened.AddDays(intervalDays)
}

// BedUntil is the last day of a bed's period: so many months after a day, less one day (G-HV-03).
func BedUntil(from Date, months int) Date {
	return DateFromTime(from.Time().AddDate(0, months, 0)).AddDays(-1)
}

// VisitLists are the lists of codes of visits and home beds.
func VisitLists() []Vocabulary {
	return []Vocabulary{VocabVisitState, VocabVisitAction, VocabVisitSource, VocabVisitEnd, VocabVisitEligibility, VocabVisitSigner, VocabVisitTwo, VocabVisitAlarm, VocabVisitEvent,
		VocabBedState, VocabBedAction, VocabBedClose}
}
