package consult

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// model is the list of states that may follow each other, written down apart from the table of transitions: the
// vocabulary's own list, with cancel and to-emergency from every state before the call, hand-over, accepted → offered again,
// returned from the queue and from who answered, put off to a slot before the call begins, and decided on again after a
// correction.
var model = map[State][]State{
	StateDraft:                {StateSubmitted, StateVoided, StateCancelled, StateToEmergency},
	StateSubmitted:            {StateTriaged, StateReturned, StateCancelled, StateToEmergency},
	StateReturned:             {StateSubmitted, StateCancelled, StateToEmergency},
	StateTriaged:              {StateOffered, StateCancelled, StateToEmergency},
	StateOffered:              {StateOffered, StateAccepted, StateReturned, StateDeclined, StateExpired, StateCancelled, StateToEmergency},
	StateDeclined:             {StateOffered, StateClosedNoService, StateCancelled, StateToEmergency},
	StateExpired:              {StateOffered, StateClosedNoService, StateCancelled, StateToEmergency},
	StateAccepted:             {StateAccepted, StateScheduled, StateWaiting, StateReportPending, StateOffered, StateReturned, StateCancelled, StateToEmergency},
	StateScheduled:            {StateScheduled, StateWaiting, StateOffered, StateReturned, StateCancelled, StateToEmergency},
	StateWaiting:              {StateWaiting, StateScheduled, StateInProgress, StateNoShow, StateAbortedTech, StateOffered, StateReturned, StateCancelled, StateToEmergency},
	StateInProgress:           {StateInProgress, StateReportPending, StateAbortedTech, StateTerminatedUnsuitable, StateToEmergency},
	StateAbortedTech:          {StateAbortedTech, StateWaiting, StateReportPending, StateToEmergency},
	StateTerminatedUnsuitable: {StateReportPending},
	StateToEmergency:          {StateReportPending, StateClosedNoService},
	StateReportPending:        {StateReported},
	StateReported:             {StateReported, StateAdopted, StateFollowUp, StateArchived},
	StateAdopted:              {StateAdopted, StateFollowUp, StateArchived},
	StateFollowUp:             {StateFollowUp, StateAdopted, StateArchived},
	StateArchived:             {StateArchived, StateAdopted, StateFollowUp, StateSealed},
	StateSealed:               {StateArchived},
	StateNoShow:               {},
	StateCancelled:            {},
	StateClosedNoService:      {},
	StateVoided:               {},
}

func TestTableLeadsWhereTheModelSays(t *testing.T) {
	got := make(map[State][]State)
	for _, tr := range Transitions() {
		if !slices.Contains(got[tr.From], tr.To) {
			got[tr.From] = append(got[tr.From], tr.To)
		}
	}
	for _, s := range States() {
		want, ok := model[s]
		if !ok {
			t.Errorf("the model lacks %s", s)
		}
		want, have := slices.Clone(want), got[s]
		slices.Sort(want)
		slices.Sort(have)
		if !slices.Equal(want, have) {
			t.Errorf("%s leads to %v, want %v", s, have, want)
		}
		if Terminal(s) != (len(want) == 0) {
			t.Errorf("%s: terminal %v", s, Terminal(s))
		}
	}
	if len(model) != len(States()) {
		t.Errorf("%d states, model has %d", len(States()), len(model))
	}
}

func TestTransitionRows(t *testing.T) {
	used := make(map[Action]bool)
	for _, tr := range Transitions() {
		used[tr.Action] = true
		if !tr.From.Valid() || !tr.To.Valid() || !tr.Action.Valid() || len(tr.Roles) == 0 {
			t.Errorf("%+v", tr)
		}
		for _, r := range tr.Roles {
			if !r.Valid() && r != RoleSystem {
				t.Errorf("%s in %s: role %q", tr.Action, tr.From, r)
			}
		}
		switch taken := tr.Action == ActReturn && slices.Contains([]State{StateAccepted, StateScheduled, StateWaiting}, tr.From); {
		case taken, slices.Contains([]Action{ActClaim, ActAssign, ActRelease, ActHandOver}, tr.Action):
			if !tr.RaisesEpoch() {
				t.Errorf("%s in %s keeps the epoch", tr.Action, tr.From)
			}
		default:
			if tr.RaisesEpoch() {
				t.Errorf("%s in %s raises the epoch", tr.Action, tr.From)
			}
		}
	}
	for _, a := range Actions() {
		if !used[a] {
			t.Errorf("%s is in no transition", a)
		}
	}
}

func TestCancelAndEmergencyFromEveryStateBeforeTheCall(t *testing.T) {
	for _, s := range []State{StateDraft, StateSubmitted, StateReturned, StateTriaged, StateOffered, StateDeclined,
		StateExpired, StateAccepted, StateScheduled, StateWaiting} {
		if !BeforeCall(s) {
			t.Errorf("%s is not before the call", s)
		}
		for a, to := range map[Action]State{ActCancel: StateCancelled, ActToEmergency: StateToEmergency} {
			if got, err := Next(s, a); err != nil || got != to {
				t.Errorf("%s in %s: %s, %v", a, s, got, err)
			}
			if !May(s, a, RoleNurse) {
				t.Errorf("the nurse may not %s in %s", a, s)
			}
		}
	}
	for _, s := range []State{StateInProgress, StateReportPending, StateArchived, StateCancelled} {
		if _, err := Next(s, ActCancel); err == nil || BeforeCall(s) {
			t.Errorf("%s can be cancelled", s)
		}
	}
}

func TestHoldsDoctor(t *testing.T) {
	for _, s := range States() {
		want := s == "ACCEPTED" || s == "WAITING" || s == "IN_PROGRESS"
		if HoldsDoctor(s) != want {
			t.Errorf("%s: %v", s, HoldsDoctor(s))
		}
	}
}

func TestStep(t *testing.T) {
	offered := Position{State: StateOffered, Service: RemoteConsult}
	held := Position{State: StateAccepted, Epoch: 1, Granted: true, Service: RemoteConsult}
	at := func(p Position, s State) Position { p.State = s; return p }
	cleared := func(p Position) Position { p.Cleared = true; return p }
	guide := Position{State: StateReported, Epoch: 1, Granted: true, Service: RehabCareGuide}
	begun := func(p Position) Position { p.Begun = true; return p }
	revisit := func(p Position, qualified bool) Position { p.Service, p.Qualified = OnlineRevisit, qualified; return p }
	adopted := func(p Position) Position { p.Adopted = true; return p }
	tests := []struct {
		name   string
		from   Position
		action Action
		role   Role
		reason string
		want   Position
		code   string
	}{
		{"claim", offered, ActClaim, RoleConsultant, "", held, ""},
		{"nurse claims", offered, ActClaim, RoleNurse, "", offered, CodeRole},
		{"start without the gates", at(held, StateWaiting), ActStart, RoleSystem, "", at(held, StateWaiting), CodeGatesNotPassed},
		{"start", Position{State: StateWaiting, Epoch: 1, Granted: true, Service: RemoteConsult, Cleared: true}, ActStart, RoleSystem, "",
			Position{State: StateInProgress, Epoch: 1, Granted: true, Service: RemoteConsult, Begun: true}, ""},
		{"claim twice", held, ActClaim, RoleConsultant, "", held, CodeTransition},
		{"release", held, ActRelease, RoleConsultant, "called away", Position{State: StateOffered, Epoch: 2, Service: RemoteConsult}, ""},
		{"release without a reason", held, ActRelease, RoleConsultant, " \u3000", held, CodeReasonRequired},
		{"hand over in the call", at(held, StateInProgress), ActHandOver, RoleConsultant, "end of duty",
			Position{State: StateInProgress, Epoch: 2, Granted: true, Service: RemoteConsult}, ""},
		{"emergency before a doctor", offered, ActToEmergency, RoleCareWorker, "", at(offered, StateToEmergency), ""},
		{"no report without a doctor", at(offered, StateToEmergency), ActFinish, RoleConsultant, "", at(offered, StateToEmergency), CodeNoDoctor},
		{"closed without a doctor", at(offered, StateToEmergency), ActClose, RoleNurse, "taken to hospital", at(offered, StateClosedNoService), ""},
		{"no closing over a doctor", at(held, StateToEmergency), ActClose, RoleNurse, "taken to hospital", at(held, StateToEmergency), CodeReportRequired},
		{"consultation needs adoption", at(held, StateReported), ActArchive, RoleSystem, "", at(held, StateReported), CodeAdoptionRequired},
		{"guidance needs none", guide, ActArchive, RoleSystem, "", at(guide, StateArchived), ""},
		{"unknown service needs adoption", Position{State: StateReported}, ActArchive, RoleSystem, "", Position{State: StateReported}, CodeAdoptionRequired},
		{"nobody signs for a doctor", at(held, StateReportPending), ActSignReport, RoleNurse, "", at(held, StateReportPending), CodeRole},
		{"correction keeps the state", at(held, StateAdopted), ActAmend, RoleConsultant, "wrong date", at(held, StateAdopted), ""},
		{"returned from the doctor's hands", held, ActReturn, RoleConsultant, "no vitals", Position{State: StateReturned, Epoch: 2, Service: RemoteConsult}, ""},
		{"critical is not returned", Position{State: StateOffered, Critical: true}, ActReturn, RoleDispatcher, "no vitals", Position{State: StateOffered, Critical: true}, CodeCriticalStays},
		{"critical does not expire", Position{State: StateOffered, Critical: true}, ActExpire, RoleSystem, "", Position{State: StateOffered, Critical: true}, CodeCriticalStays},
		{"no slot once begun", begun(at(held, StateWaiting)), ActSchedule, RoleConsultant, "", begun(at(held, StateWaiting)), CodeBegun},
		{"no no-show once begun", begun(at(held, StateWaiting)), ActNoShow, RoleConsultant, "nobody", begun(at(held, StateWaiting)), CodeBegun},
		{"a follow-up without evidence does not start", revisit(at(held, StateWaiting), false), ActStart, RoleSystem, "", revisit(at(held, StateWaiting), false), CodeNotQualified},
		{"a follow-up with evidence starts", cleared(revisit(at(held, StateWaiting), true)), ActStart, RoleSystem, "", begun(revisit(at(held, StateInProgress), true)), ""},
		{"decided once per version", adopted(at(held, StateFollowUp)), ActAdopt, RoleAttending, "", adopted(at(held, StateFollowUp)), CodeAlreadyAdopted},
		{"a correction is decided on again", at(held, StateArchived), ActAdopt, RoleAttending, "", adopted(at(held, StateAdopted)), ""},
		{"sealed is not corrected", at(held, StateSealed), ActAmend, RoleConsultant, "wrong date", at(held, StateSealed), CodeTransition},
		{"unknown action", held, "EXPLODE", RoleSystem, "", held, CodeTransition},
		{"unknown state", Position{State: "NOWHERE"}, ActClaim, RoleConsultant, "", Position{State: "NOWHERE"}, CodeTransition},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Step(tt.from, tt.action, tt.role, tt.reason)
			wantCode(t, err, tt.code)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestActionable(t *testing.T) {
	if got := Actionable(StateOffered, RoleConsultant); !slices.Equal(got, []Action{ActReturn, ActClaim, ActDecline, ActToEmergency}) {
		t.Errorf("consultant: %v", got)
	}
	if got := Actionable(StateOffered, RoleNurse); !slices.Equal(got, []Action{ActToEmergency, ActCancel}) {
		t.Errorf("nurse: %v", got)
	}
	for _, s := range States() {
		if Terminal(s) {
			for _, r := range Roles() {
				if got := Actionable(s, Role(r.Code)); got != nil {
					t.Errorf("%s in %s: %v", r.Code, s, got)
				}
			}
		}
	}
	if Actionable(StateOffered, RoleInterpreter) != nil || Actionable(StateOffered, RoleAuditor) != nil {
		t.Error("a bystander may act")
	}
}

// Callers cannot change the table through what they were handed.
func TestTableIsACopy(t *testing.T) {
	Transitions()[0].Roles[0] = RoleVolunteer
	row, _ := Find(StateOffered, ActClaim)
	row.Roles[0] = RoleVolunteer
	if May(StateOffered, ActClaim, RoleVolunteer) || May(StateDraft, ActSubmit, RoleVolunteer) {
		t.Error("the table was changed from outside")
	}
}

// A random walk against a model that remembers only who was claimed and what came before.
func TestRandomWalk(t *testing.T) {
	roleSet := []Role{RoleNurse, RoleAttending, RoleConsultant, RoleFamilyDoctor, RoleDispatcher, RoleQC, RoleSystem,
		RoleCareWorker, RoleVolunteer, RoleSysAdmin}
	services := []ServiceType{RemoteConsult, RehabCareGuide, OnlineRevisit}
	rapid.Check(t, func(t *rapid.T) {
		p := Position{State: StateDraft, Service: rapid.SampledFrom(services).Draw(t, "service"), Critical: rapid.Bool().Draw(t, "critical"),
			Qualified: rapid.Bool().Draw(t, "qualified")}
		var (
			claims, changes int64
			held            bool
			reported        bool
			adopted         bool
			redecide        bool // there is a newer version than the one decided on
			written, called bool
		)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			p.Cleared = rapid.Bool().Draw(t, "cleared")
			before := p
			role := rapid.SampledFrom(roleSet).Draw(t, "role")
			action := rapid.SampledFrom(Actions()).Draw(t, "action")
			if can := Actionable(p.State, role); len(can) > 0 && rapid.IntRange(0, 9).Draw(t, "sensible") > 0 {
				action = rapid.SampledFrom(can).Draw(t, "possible")
			}
			reason := rapid.SampledFrom([]string{"", "because"}).Draw(t, "reason")
			next, err := Step(p, action, role, reason)
			if err != nil {
				if next != before {
					t.Fatalf("refused %s changed %+v to %+v", action, before, next)
				}
				continue
			}
			p = next
			if Terminal(before.State) {
				t.Fatalf("%s led out of %s", action, before.State)
			}
			if !slices.Contains(model[before.State], p.State) {
				t.Fatalf("%s led from %s to %s", action, before.State, p.State)
			}
			switch action {
			case ActClaim, ActAssign:
				if held {
					t.Fatal("claimed twice")
				}
				claims, changes, held = claims+1, changes+1, true
			case ActRelease:
				changes, held = changes+1, false
			case ActReturn:
				if called || p.Critical {
					t.Fatal("returned what had begun, or a critical one")
				}
				if held {
					changes, held = changes+1, false
				}
			case ActSchedule, ActNoShow:
				if called || written {
					t.Fatalf("%s of a call that had begun, or of a written question", action)
				}
			case ActExpire:
				if p.Critical {
					t.Fatal("a critical request expired")
				}
			case ActHandOver:
				changes++
			case ActConvert:
				if written || p.Critical || before.State != StateOffered || role != RoleDispatcher {
					t.Fatalf("converted in %s by %s", before.State, role)
				}
				written = true
			case ActStart:
				if p.Service == OnlineRevisit && !p.Qualified {
					t.Fatal("an online follow-up started without evidence")
				}
				called = true
				if !before.Cleared {
					t.Fatal("started past the gates")
				}
			case ActSignReport:
				reported = true
			case ActAmend:
				redecide = true
			case ActAdopt:
				if adopted && !redecide {
					t.Fatal("decided twice on one version")
				}
				adopted, redecide = true, false
			}
			if p.Written != written {
				t.Fatalf("written %v, want %v", p.Written, written)
			}
			if written && (p.State == StateWaiting || p.State == StateInProgress) {
				t.Fatalf("a written question in %s", p.State)
			}
			if action == ActFinish && before.State == StateAccepted && !written {
				t.Fatal("finished before it began")
			}
			if p.Epoch != changes || p.Granted != held {
				t.Fatalf("after %s: epoch %d, granted %v; want %d, %v", action, p.Epoch, p.Granted, changes, held)
			}
			switch p.State {
			case StateAccepted, StateScheduled, StateWaiting, StateInProgress, StateAbortedTech, StateReportPending, StateReported:
				if claims == 0 || !held {
					t.Fatalf("%s without a claim", p.State)
				}
				if written && called {
					t.Fatal("a written question was called")
				}
			case StateFollowUp, StateArchived, StateSealed:
				if !reported {
					t.Fatalf("%s without a report", p.State)
				}
				if p.Service == RemoteConsult && !adopted {
					t.Fatalf("%s without adoption", p.State)
				}
			case StateClosedNoService:
				if held {
					t.Fatal("closed over a doctor's head")
				}
			}
		}
	})
}

// From wherever a consultation stands, there is a way to an end.
func TestNoDeadEnds(t *testing.T) {
	reaches := make(map[State]bool)
	for _, s := range States() {
		reaches[s] = Terminal(s) || s == StateArchived
	}
	for range States() {
		for _, tr := range Transitions() {
			if reaches[tr.To] {
				reaches[tr.From] = true
			}
		}
	}
	for s, ok := range reaches {
		if !ok {
			t.Errorf("%s leads to no end", s)
		}
	}
}
