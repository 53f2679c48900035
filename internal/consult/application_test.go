package consult

import (
	"slices"
	"testing"
)

func TestProposedPurposes(t *testing.T) {
	for _, r := range Reasons() {
		got := ProposePurposes([]Reason{Reason(r.Code)})
		if len(got) == 0 || slices.ContainsFunc(got, func(code string) bool { return CheckCode(VocabPurpose, code) != nil }) {
			t.Errorf("%s: %v", r.Code, got)
		}
	}
	for _, c := range []struct {
		reasons []Reason
		want    []string
	}{
		{nil, []string{"TREATMENT"}},
		{[]Reason{ReasonBPSugar}, []string{"MEDICATION", "CHRONIC"}},
		{[]Reason{ReasonSkin, ReasonChest}, []string{"DIAGNOSIS", "TREATMENT", "NURSING"}}, // the order of the list, each once
	} {
		if got := ProposePurposes(c.reasons); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.reasons, got, c.want)
		}
	}
}

func TestTitleServes(t *testing.T) {
	for _, c := range []struct {
		title, wanted string
		want          bool
	}{
		{"", "", true}, {"234", "", true}, {"231", "232", true}, {"232", "232", true},
		{"233", "232", false}, {"", "233", false}, {"234", "233", false}, {"231", "999", false},
	} {
		if got := TitleServes(c.title, c.wanted); got != c.want {
			t.Errorf("%q for %q: %v", c.title, c.wanted, got)
		}
	}
	for _, code := range WantedTitles() {
		wantCode(t, CheckCode(VocabTitle, code), "")
	}
}

func TestWrittenCanWait(t *testing.T) {
	for u, code := range map[Urgency]string{Critical: CodeWrittenUrgent, Emergent: CodeWrittenUrgent, Urgent: "", Routine: "", Scheduled: ""} {
		wantCode(t, CheckWritten(u), code)
	}
}

// A written question has nobody to accompany: whether the attending doctor is in the room is not asked, that there is one is.
func TestWrittenNeedsNobodyInTheRoom(t *testing.T) {
	s := inOrder()
	s.Written, s.Attending.Presence = true, NotYetThere
	if v := EvaluateGates(s, StageStart).Of(RemoteConsult); v.Possible != PossibleYes || !v.Counts {
		t.Errorf("%+v", v)
	}
	s.Attending = nil
	if v := EvaluateGates(s, StageStart).Of(RemoteConsult); v.Possible != PossibleNo {
		t.Errorf("without an attending doctor: %+v", v)
	}
}
