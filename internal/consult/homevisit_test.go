package consult

import (
	"slices"
	"testing"
	"time"
)

func TestVisitSteps(t *testing.T) {
	home, team, goes := VisitSide{Home: true}, VisitSide{Team: true}, VisitSide{Goes: true}
	for _, tt := range []struct {
		from  VisitState
		act   VisitAction
		side  VisitSide
		words string
		to    VisitState
		code  string
	}{
		{VisitRequested, VisitAssess, team, "", VisitAssessed, ""},
		{VisitRequested, VisitAssess, home, "", "", CodeVisitSide},
		{VisitRequested, VisitDecline, team, "", "", CodeReasonRequired},
		{VisitAssessed, VisitDecline, team, "不在服务区", VisitDeclined, ""},
		{VisitRequested, VisitBook, team, "", "", CodeVisitStep},
		{VisitAssessed, VisitBook, team, "", VisitBooked, ""},
		{VisitBooked, VisitBook, team, "", VisitBooked, ""},
		{VisitBooked, VisitUnbook, team, "", VisitAssessed, ""},
		{VisitEnRoute, VisitUnbook, team, "", "", CodeVisitStep},
		{VisitEnRoute, VisitUnbook, goes, "", "", CodeVisitStep},
		{VisitBooked, VisitDepart, team, "", "", CodeVisitSide},
		{VisitBooked, VisitDepart, goes, "", VisitEnRoute, ""},
		{VisitBooked, VisitArrive, goes, "", VisitArrived, ""},
		{VisitEnRoute, VisitArrive, goes, "", VisitArrived, ""},
		{VisitBooked, VisitLeave, goes, "", "", CodeVisitStep},
		{VisitArrived, VisitLeave, goes, "", VisitLeft, ""},
		{VisitArrived, VisitSign, goes, "", "", CodeVisitStep},
		{VisitLeft, VisitSign, goes, "", VisitDone, ""},
		{VisitLeft, VisitFail, goes, "无人", "", CodeVisitStep},
		{VisitEnRoute, VisitFail, goes, "", "", CodeReasonRequired},
		{VisitArrived, VisitFail, goes, "拒绝", VisitNotDone, ""},
		{VisitBooked, VisitCancel, home, "住院了", VisitCancelled, ""},
		{VisitEnRoute, VisitCancel, home, "住院了", "", CodeVisitStep},
		{VisitDone, VisitCancel, team, "x", "", CodeVisitStep},
	} {
		to, err := VisitStep(tt.from, tt.act, tt.side, tt.words)
		wantCode(t, err, tt.code)
		if tt.code == "" && to != tt.to {
			t.Errorf("%s %s: %s", tt.from, tt.act, to)
		}
	}
}

// Whatever is listed as possible is possible, what is over allows nothing, and every state but the first is reached.
func TestVisitActionsAgreeWithTheTable(t *testing.T) {
	reached := map[VisitState]bool{VisitRequested: true}
	for _, term := range Terms(VocabVisitState) {
		state := VisitState(term.Code)
		for _, side := range []VisitSide{{Home: true}, {Team: true}, {Goes: true}, {}} {
			actions := VisitActions(state, side)
			if VisitOver(state) && len(actions) > 0 || side == (VisitSide{}) && len(actions) > 0 {
				t.Errorf("%s allows %v to %+v", state, actions, side)
			}
			for _, act := range Terms(VocabVisitAction) {
				to, err := VisitStep(state, VisitAction(act.Code), side, "理由")
				if (err == nil) != slices.Contains(actions, VisitAction(act.Code)) {
					t.Errorf("%s %s %+v: %v", state, act.Code, side, err)
				}
				if err == nil {
					reached[to] = true
				}
			}
		}
		if !reached[state] && state != VisitRequested {
			defer func() {
				if !reached[state] {
					t.Errorf("%s is never reached", state)
				}
			}()
		}
	}
}

func TestWhenTwoGo(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 30, hour, 0, 0, 0, Shanghai()) }
	for _, tt := range []struct {
		start      time.Time
		first      bool
		conditions []string
		assessed   bool
		want       []string
	}{
		{at(9), false, []string{"I10", "F03"}, false, nil},
		{at(6), false, nil, false, []string{"LATE_HOUR"}},
		{at(18), false, nil, false, []string{"LATE_HOUR"}},
		{at(9), true, []string{"F20.9"}, true, []string{"FIRST_VISIT", "MENTAL_DISORDER", "ASSESSED"}},
	} {
		if got := TwoNeeded(tt.start, tt.first, tt.conditions, tt.assessed); !slices.Equal(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.start, got, tt.want)
		}
	}
}

func TestBedSteps(t *testing.T) {
	for _, tt := range []struct {
		from  BedState
		act   BedAction
		words string
		to    BedState
		code  string
	}{
		{BedApplied, BedOpens, "", "", CodeBedStep},
		{BedApplied, BedAssess, "", BedAssessed, ""},
		{BedApplied, BedReject, "", "", CodeReasonRequired},
		{BedAssessed, BedOpens, "", BedOpen, ""},
		{BedOpen, BedExtend, "", "", CodeReasonRequired},
		{BedOpen, BedExtend, "病情需要", BedOpen, ""},
		{BedOpen, BedCloses, "好转", BedClosed, ""},
		{BedClosed, BedExtend, "x", "", CodeBedStep},
		{BedRejected, BedAssess, "", "", CodeBedStep},
	} {
		to, err := BedStep(tt.from, tt.act, tt.words)
		wantCode(t, err, tt.code)
		if tt.code == "" && to != tt.to {
			t.Errorf("%s %s: %s", tt.from, tt.act, to)
		}
	}
	if got := BedActions(BedOpen); !slices.Equal(got, []BedAction{BedExtend, BedCloses}) {
		t.Errorf("open: %v", got)
	}
}

// A week after the later of opening and last round; a period of three months ends on the day before its day comes again, and in a short
// month as Go's calendar carries it.
func TestRoundsAndPeriods(t *testing.T) {
	if got := NextRound(Date{2026, 12, 28}, Date{}, 7); got != (Date{2027, 1, 4}) {
		t.Error(got)
	}
	if got := NextRound(Date{2026, 12, 28}, Date{2026, 12, 30}, 7); got != (Date{2027, 1, 6}) {
		t.Error(got)
	}
	if got := BedUntil(Date{2027, 11, 30}, 3); got != (Date{2028, 2, 29}) { // 30 February is 1 March in a leap year
		t.Error(got)
	}
	if got := BedUntil(Date{2026, 1, 15}, 3); got != (Date{2026, 4, 14}) {
		t.Error(got)
	}
}
