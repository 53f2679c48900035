package consult

import (
	"testing"
	"time"
)

func TestExpiresAt(t *testing.T) {
	at := time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC)
	tests := []struct {
		urgency Urgency
		target  time.Duration
		want    time.Duration // after it was offered, 0 for never
	}{
		{Routine, 24 * time.Hour, 72 * time.Hour},
		{Urgent, 2 * time.Hour, 6 * time.Hour},
		{Emergent, 10 * time.Minute, 0},
		{Critical, 3 * time.Minute, 0},
		{Scheduled, 0, 0},
	}
	for _, tt := range tests {
		var want time.Time
		if tt.want > 0 {
			want = at.Add(tt.want)
		}
		if got := ExpiresAt(tt.urgency, at, at.Add(tt.target)); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", tt.urgency, got, want)
		}
	}
}

func TestLateEntry(t *testing.T) {
	ended := time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC)
	tests := []struct {
		after  time.Duration
		rescue bool
		want   bool
	}{
		{24 * time.Hour, false, false},
		{24*time.Hour + time.Second, false, true},
		{6 * time.Hour, true, false},
		{6*time.Hour + time.Second, true, true},
		{7 * time.Hour, false, false},
	}
	for _, tt := range tests {
		if got := LateEntry(ended, ended.Add(tt.after), tt.rescue, nil); got != tt.want {
			t.Errorf("%v after, rescue %v: %v", tt.after, tt.rescue, got)
		}
	}
	if LateEntry(ended, ended.Add(30*time.Hour), false, Settings{"late_hours": 48}) || !LateEntry(ended, ended.Add(3*time.Hour), true, Settings{"late_hours_emergency": 2}) {
		t.Error("the installation's own limits are not kept")
	}
	if LateEntry(time.Time{}, ended, false, nil) {
		t.Error("late without an end")
	}
}

func TestCheckSlot(t *testing.T) {
	now := time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC)
	tests := []struct {
		name     string
		from, to time.Duration
		code     string
	}{
		{"tomorrow", 24 * time.Hour, 24*time.Hour + 20*time.Minute, ""},
		{"begins just now", -time.Minute, 20 * time.Minute, ""},
		{"over", -time.Hour, -30 * time.Minute, CodeSlot},
		{"too short", time.Hour, time.Hour + 4*time.Minute, CodeSlot},
		{"too long", time.Hour, 6 * time.Hour, CodeSlot},
		{"backwards", 2 * time.Hour, time.Hour, CodeSlot},
		{"too far", 91 * 24 * time.Hour, 91*24*time.Hour + 20*time.Minute, CodeSlot},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantCode(t, CheckSlot(now.Add(tt.from), now.Add(tt.to), now), tt.code) })
	}
}

func TestCheckUnseal(t *testing.T) {
	sealed := time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		in   Unsealing
		code string
	}{
		{"three years", Unsealing{Basis: UnsealThreeYears, At: sealed.AddDate(3, 0, 0)}, ""},
		{"a second early", Unsealing{Basis: UnsealThreeYears, At: sealed.AddDate(3, 0, 0).Add(-time.Second)}, CodeUnsealEarly},
		{"both sides", Unsealing{Basis: UnsealBothSides, At: sealed, InstitutionSide: "a", OtherSide: "b"}, ""},
		{"one side", Unsealing{Basis: UnsealBothSides, At: sealed, InstitutionSide: "a"}, CodeUnsealBasis},
		{"order", Unsealing{Basis: UnsealOrder, At: sealed, Order: "2026-1"}, ""},
		{"order without a number", Unsealing{Basis: UnsealOrder, At: sealed, Order: " "}, CodeUnsealBasis},
		{"no basis", Unsealing{At: sealed.AddDate(9, 0, 0)}, CodeUnsealBasis},
	}
	for _, tt := range tests {
		tt.in.SealedAt = sealed
		t.Run(tt.name, func(t *testing.T) { wantCode(t, CheckUnseal(tt.in), tt.code) })
	}
}

func TestEvidence(t *testing.T) {
	today := Date{2026, 3, 10}
	wantCode(t, CheckEvidence(nil, Date{2026, 3, 11}, today, "I10"), CodeEvidenceFuture)
	wantCode(t, CheckEvidence(nil, today, today, "nothing"), CodeEvidenceNoCode)
	wantCode(t, CheckEvidence(nil, today, today, "I10"), "")
	if EvidenceOld(Date{2025, 3, 10}, today, nil) || !EvidenceOld(Date{2025, 3, 9}, today, nil) || !EvidenceOld(Date{2025, 9, 9}, today, Settings{"revisit_months": 6}) {
		t.Error("twelve months")
	}
}

// Only the time in which the attending doctor was checked in and the tablet was carried counts (G-RM-03).
func TestAttendingPresence(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 10, 1, minute, 0, 0, time.UTC) }
	in := []Interval{{at(2), at(6)}, {at(8), at(20)}}
	tablet := []Interval{{at(0), at(4)}, {at(5), at(10)}}
	if got := AttendingPresence(in, tablet); got != 5*time.Minute {
		t.Errorf("%v", got)
	}
	if AttendingPresence(in, nil) != 0 || AttendingPresence(nil, tablet) != 0 {
		t.Error("one side alone counts")
	}
}

func TestLifecycleListsExist(t *testing.T) {
	for _, v := range LifecycleLists() {
		if len(Terms(v)) == 0 {
			t.Errorf("%s is empty", v)
		}
	}
	for _, o := range OutcomesElsewhere() {
		if !o.Valid() {
			t.Errorf("%s is no outcome", o)
		}
	}
}
