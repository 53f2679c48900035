package consult

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The session of the tests: 20 October 2026, 09:00 to 09:10 in Asia/Shanghai.
var (
	sessionStart = time.Date(2026, 10, 20, 1, 0, 0, 0, time.UTC)
	sessionEnd   = sessionStart.Add(10 * time.Minute)
	sessionDay   = Date{2026, 10, 20}
)

// counts is a consultation that counts, of a service that has a goal.
func counts(service ServiceType) Facts {
	whole := []Interval{{sessionStart, sessionEnd}}
	then := inOrder()
	then.Agreements[0].Services = append(then.Agreements[0].Services, service)
	f := Facts{Service: service, State: StateArchived, Urgency: Routine, Start: sessionStart, End: sessionEnd, Then: then,
		Consent: ConsentFacts{ValidAtStart: true}, MediaDoctor: whole, MediaResident: whole, CheckIns: whole, Adopted: true, Diagnose: "I10",
		Doctor: DoctorFacts{Took: true, Identified: true}, Revisit: &Revisit{Decision: RevisitQualified, Date: Date{2026, 5, 1}, Diagnosis: "I10"},
		Report:   &ReportFacts{SignedAt: sessionEnd.Add(5 * time.Minute), ByWhoTook: true, Characters: 120},
		Resident: ResidentFacts{Identified: true, Birth: Date{1940, 5, 1}, AdmittedOn: Date{2024, 1, 1}, Institution: true},
		Opened:   true, Area: "150102", ReportingArea: "150102", Events: 12}
	if f.atHome() {
		f.MediaDoctor, f.MediaResident, f.CheckIns = nil, nil, nil
		f.HomeProof = HomeProof{CheckedIn: true, CheckedOut: true, Recorded: true, SignedFor: true, Contract: true}
	}
	return f
}

func TestWhatCounts(t *testing.T) {
	for _, info := range ServiceTypes() {
		c := EvaluateCountability(counts(ServiceType(info.Code)), "", nil, sessionDay)
		if c.Countable != info.Countable || c.Goal != info.Goal || c.Day != sessionDay {
			t.Errorf("%s: %+v", info.Code, c)
		}
		if !info.Countable && c.Bitmap != 1 {
			t.Errorf("%s: bitmap %b", info.Code, c.Bitmap)
		}
	}
}

// Each reason has a consultation that fails it, and that one alone; what passes is one that counts, and the cases at the border.
func TestEveryReason(t *testing.T) {
	minutes := func(from, to int) []Interval {
		return []Interval{{sessionStart.Add(time.Duration(from) * time.Minute), sessionStart.Add(time.Duration(to) * time.Minute)}}
	}
	expired := Licence{Held: true, From: Date{2020, 1, 1}, To: Date{2026, 10, 19}}
	written := func(f *Facts) {
		f.Written, f.MediaDoctor, f.MediaResident, f.CheckIns = true, nil, nil, nil
	}
	emergency := func(f *Facts) {
		f.Urgency, f.Consent = Critical, ConsentFacts{Emergency: &Emergency{PassedAt: sessionStart, ApprovedAt: sessionStart.Add(time.Hour)}, AfterwardsAt: sessionStart.Add(24 * time.Hour)}
	}
	tests := []struct {
		rule    string // fails, empty: it counts
		name    string
		service ServiceType
		change  func(*Facts)
		fixable bool
		mend    string
	}{
		{"NC01", "training", Training, func(*Facts) {}, false, ""},
		{"NC01", "psychological support", PsySupport, func(*Facts) {}, false, ""},
		{"NC02", "cancelled", RemoteConsult, func(f *Facts) { f.State, f.Start, f.End = StateCancelled, time.Time{}, time.Time{} }, false, ""},
		{"NC02", "adopted, and its state does not say so", RemoteConsult, func(f *Facts) { f.State = StateReported }, true, "COMPLETE_RECORD"},
		{"NC02", "voided after the session", RemoteConsult, func(f *Facts) { f.State = StateVoided }, false, ""},
		{"NC11", "waits for its report, and is not told twice", RehabCareGuide, func(f *Facts) { f.State, f.Report = StateReportPending, nil }, true, "SIGN_REPORT"},
		{"NC12", "waits for its adoption, and is not told twice", RemoteConsult, func(f *Facts) { f.State, f.Adopted = StateReported, false }, true, "ADOPT_REPORT"},
		{"", "a follow-up is complete when it is reported", OnlineRevisit, func(f *Facts) { f.State, f.Adopted = StateReported, false }, false, ""},
		{"", "sealed in a dispute", RemoteConsult, func(f *Facts) { f.State = StateSealed }, false, ""},
		{"NC03", "no consent", RemoteConsult, func(f *Facts) { f.Consent = ConsentFacts{} }, false, ""},
		{"NC03", "emergency approved late", RehabCareGuide, func(f *Facts) { emergency(f); f.Consent.Emergency.ApprovedAt = sessionStart.Add(25 * time.Hour) }, true, "APPROVE_EMERGENCY"},
		{"NC03", "no consent afterwards", RehabCareGuide, func(f *Facts) { emergency(f); f.Consent.AfterwardsAt = time.Time{} }, true, "APPROVE_EMERGENCY"},
		{"NC03", "consent afterwards a day and a minute later", RehabCareGuide, func(f *Facts) { emergency(f); f.Consent.AfterwardsAt = sessionStart.Add(24*time.Hour + time.Minute) }, true, "APPROVE_EMERGENCY"},
		{"NC03", "emergency approval of what was none", RehabCareGuide, func(f *Facts) { emergency(f); f.Urgency = Urgent }, false, ""},
		{"", "emergency approved in time", RehabCareGuide, emergency, false, ""},
		{"NC04", "no agreement", RemoteConsult, func(f *Facts) { f.Then.Agreements = nil }, false, ""},
		{"NC04", "an agreement over other services", RemoteConsult, func(f *Facts) { f.Then.Agreements[0].Services = []ServiceType{OnlineRevisit} }, false, ""},
		{"NC04", "a clause missing", RemoteConsult, func(f *Facts) { f.Then.Agreements[0].ClausesMissing = true }, false, ""},
		{"", "a family doctor needs none", ChronicMgmt, func(f *Facts) { f.Then.Agreements = nil }, false, ""},
		{"NC05", "inviter's licence over", RemoteConsult, func(f *Facts) { f.Then.InviterLicence = expired }, false, ""},
		{"", "an online follow-up has no inviter", OnlineRevisit, func(f *Facts) { f.Then.InviterLicence = Licence{} }, false, ""},
		{"NC06", "invitee's licence over", RemoteConsult, func(f *Facts) { f.Then.Invitee.Licence = expired }, false, ""},
		{"NC06", "department not licensed", RemoteConsult, func(f *Facts) { f.Then.Invitee.Departments = []string{"13"} }, false, ""},
		{"NC06", "not approved for internet care", OnlineRevisit, func(f *Facts) { f.Then.Invitee.Internet = Licence{} }, false, ""},
		{"NC07", "nobody checked in", RemoteConsult, func(f *Facts) { f.CheckIns = nil }, false, ""},
		{"NC07", "less than half", RemoteConsult, func(f *Facts) { f.CheckIns = minutes(0, 4) }, false, ""},
		{"NC07", "by video only", RemoteConsult, func(f *Facts) { f.CheckIns, f.MediaAttending = nil, minutes(0, 10) }, false, ""},
		{"NC07", "an assistant physician outside primary care", RemoteRound, func(f *Facts) { f.Then.Attending.Level = LevelAssistant }, false, ""},
		{"", "half of the time", RemoteConsult, func(f *Facts) { f.CheckIns = minutes(5, 60) }, false, ""},
		{"", "an assistant physician in primary care", RemoteRound, func(f *Facts) { f.Then.Attending.Level, f.Then.InviterPrimary = LevelAssistant, true }, false, ""},
		{"", "guidance needs nobody", RehabCareGuide, func(f *Facts) { f.CheckIns, f.Then.Attending = nil, nil }, false, ""},
		{"NC08", "doctor's licence over", RemoteConsult, func(f *Facts) { f.Then.Doctor.Licence = expired }, false, ""},
		{"NC08", "two years", RemoteConsult, func(f *Facts) { f.Then.Doctor.IndependentSince = Date{2024, 10, 20} }, false, ""},
		{"NC08", "not registered online", OnlineRevisit, func(f *Facts) { f.Then.Doctor.Registered = false }, false, ""},
		{"NC08", "nobody", RemoteConsult, func(f *Facts) { f.Then.Doctor = nil }, false, ""},
		{"", "a consultant of elsewhere need not be registered", RemoteConsult, func(f *Facts) { f.Then.Doctor.Registered = false }, false, ""},
		{"NC09", "no evidence", OnlineRevisit, func(f *Facts) { f.Revisit = nil }, false, ""},
		{"NC09", "evidence refused", OnlineRevisit, func(f *Facts) { f.Revisit.Decision = RevisitRefused }, false, ""},
		{"NC09", "another disease", OnlineRevisit, func(f *Facts) { f.Diagnose = "E11.9" }, false, ""},
		{"", "the same disease in other words", OnlineRevisit, func(f *Facts) { f.Diagnose, f.Revisit.Diagnosis = "E11.5", "E11.9" }, false, ""},
		{"NC10", "resident not identified", RemoteConsult, func(f *Facts) { f.Resident.Identified = false }, false, ""},
		{"NC10", "doctor not identified", OnlineRevisit, func(f *Facts) { f.Doctor.Identified = false }, false, ""},
		{"NC11", "no report", RehabCareGuide, func(f *Facts) { f.Report = nil }, true, "SIGN_REPORT"},
		{"NC11", "signed by somebody who was not there", RemoteConsult, func(f *Facts) { f.Report.ByWhoTook = false }, true, "SIGN_REPORT"},
		{"NC12", "not adopted", RemoteConsult, func(f *Facts) { f.Adopted = false }, true, "ADOPT_REPORT"},
		{"NC13", "two minutes and 59 seconds", RemoteConsult, func(f *Facts) {
			f.MediaDoctor = []Interval{{sessionStart, sessionStart.Add(179 * time.Second)}}
		}, false, ""},
		{"", "three minutes", RemoteConsult, func(f *Facts) { f.MediaDoctor = minutes(0, 3) }, false, ""},
		{"", "one minute when unsuitable", OnlineRevisit, func(f *Facts) { f.MediaDoctor, f.Unsuitable = minutes(0, 1), true }, false, ""},
		{"NC13", "less than a minute when unsuitable", OnlineRevisit, func(f *Facts) {
			f.MediaDoctor, f.Unsuitable = []Interval{{sessionStart, sessionStart.Add(59 * time.Second)}}, true
		}, false, ""},
		{"", "a written question", RemoteConsult, func(f *Facts) { written(f); f.Report.Characters = 50 }, false, ""},
		{"NC13", "a short answer in writing", RemoteConsult, func(f *Facts) { written(f); f.Report.Characters = 49 }, false, ""},
		{"NC13", "an answer without looking", RemoteConsult, func(f *Facts) { written(f); f.Opened = false }, false, ""},
		{"NC14", "once more within a day", RemoteConsult, func(f *Facts) { f.Earlier = "LZ20261020-0001" }, true, "ASK_QC_APPROVAL"},
		{"", "once more, approved", RemoteConsult, func(f *Facts) { f.Earlier, f.Approved = "LZ20261020-0001", []string{"NC14"} }, false, ""},
		{"NC15", "a day and a second later", RemoteConsult, func(f *Facts) { f.Report.SignedAt = sessionEnd.Add(24*time.Hour + time.Second) }, true, "ASK_QC_APPROVAL"},
		{"", "a day later", RemoteConsult, func(f *Facts) { f.Report.SignedAt = sessionEnd.Add(24 * time.Hour) }, false, ""},
		{"", "late and approved", RemoteConsult, func(f *Facts) {
			f.Report.SignedAt, f.Approved = sessionEnd.AddDate(0, 0, 7), []string{"NC15"}
		}, false, ""},
		{"NC15", "after a week never", RemoteConsult, func(f *Facts) {
			f.Report.SignedAt, f.Approved = sessionEnd.AddDate(0, 0, 7).Add(time.Second), []string{"NC15"}
		}, false, ""},
		{"NC15", "seven hours after a rescue", RehabCareGuide, func(f *Facts) { f.ToEmergency = true; f.Report.SignedAt = sessionEnd.Add(7 * time.Hour) }, true, "ASK_QC_APPROVAL"},
		{"NC16", "an arrival before the visit was assessed", HomeVisit, func(f *Facts) { f.HomeProof.Backdated = true }, false, ""},
		{"NC16", "a visit without check-in", HomeVisit, func(f *Facts) { f.Then.Settings = nil; f.HomeProof = HomeProof{} }, false, ""},
		{"NC17", "admitted the day after", RemoteConsult, func(f *Facts) { f.Resident.AdmittedOn = Date{2026, 10, 21} }, false, ""},
		{"NC17", "left the day before", RemoteConsult, func(f *Facts) { f.Resident.LeftOn = Date{2026, 10, 19} }, false, ""},
		{"NC17", "59 years old", RemoteConsult, func(f *Facts) { f.Resident.Birth = Date{1966, 10, 21} }, false, ""},
		{"", "60 years old that day", RemoteConsult, func(f *Facts) { f.Resident.Birth = Date{1966, 10, 20} }, false, ""},
		{"", "where younger people live too", RemoteConsult, func(f *Facts) { f.Resident.Birth, f.Resident.YoungerToo = Date{1990, 1, 1}, true }, false, ""},
		{"", "a contracted elder at home", HomeVisit, func(f *Facts) { f.Resident.Institution, f.Resident.Contracted = false, true }, false, ""},
		{"NC18", "the chain is broken", RemoteConsult, func(f *Facts) { f.ChainBroken = true }, false, ""},
		{"NC19", "a drill", RemoteConsult, func(f *Facts) { f.Drill = true }, false, ""},
		{"NC20", "upheld", RemoteConsult, func(f *Facts) { f.Upheld = true }, false, ""},
		{"NC21", "another league", RemoteConsult, func(f *Facts) { f.ReportingArea = "150200" }, false, ""},
		{"NC21", "an unknown division", RemoteConsult, func(f *Facts) { f.Area = "110101" }, false, ""},
		{"", "reports to the region itself", RemoteConsult, func(f *Facts) { f.Area, f.ReportingArea = "150781", "150000" }, false, ""},
		{"NC22", "no signature", HomeVisit, func(f *Facts) { f.HomeProof.SignedFor = false }, true, "ADD_VISIT_PROOF"},
		{"NC22", "no contract", HomeBedRound, func(f *Facts) { f.HomeProof.Contract = false }, true, "ADD_VISIT_PROOF"},
		{"NC23", "a nurse with too few years", NetNursing, func(f *Facts) { f.Then.Visit.Nurse.ClinicalSince = Date{2022, 1, 1} }, false, ""},
		{"NC24", "no log", RemoteConsult, func(f *Facts) { f.Events = 0 }, false, ""},
		{"NC24", "a recording is lost", RemoteConsult, func(f *Facts) { f.RecordingLost = true }, false, ""},
	}
	failed := map[string]bool{}
	for _, tt := range tests {
		failed[tt.rule] = true
		t.Run(tt.rule+" "+tt.name, func(t *testing.T) {
			f := counts(tt.service)
			tt.change(&f)
			c := EvaluateCountability(f, "", nil, sessionDay)
			if tt.rule == "" {
				if !c.Countable || c.Bitmap != 0 {
					t.Fatalf("%+v", c.Failed)
				}
				return
			}
			names := RulesOfBitmap(c.Bitmap)
			if tt.rule == "NC16" { // a visit that was not checked in cannot be proved either
				names = slices.DeleteFunc(names, func(n string) bool { return n == "NC22" })
			}
			if c.Countable || !slices.Equal(names, []string{tt.rule}) {
				t.Fatalf("%v", names)
			}
			got := c.Failed[0]
			if got.Rule != tt.rule || got.Fixable != tt.fixable || got.Mend != tt.mend || got.Approval != (tt.mend == "ASK_QC_APPROVAL") {
				t.Errorf("%+v", got)
			}
			checkFindingSentence(t, got)
		})
	}
	// A call that the server never saw is too short and unattended as well.
	f := counts(RemoteConsult)
	f.MediaDoctor, f.MediaResident = nil, nil
	if c := EvaluateCountability(f, "", nil, sessionDay); !slices.Equal(RulesOfBitmap(c.Bitmap), []string{"NC07", "NC13", "NC16"}) {
		t.Errorf("backdated: %v", RulesOfBitmap(c.Bitmap))
	}
	for n := 1; n <= CountRuleNumbers; n++ {
		if !failed[NCName(n)] {
			t.Errorf("%s has no case", NCName(n))
		}
	}
}

// NC14 since 2026-11: a part of a service that was split is no second one, unless quality control passes it; before, only the same diagnosis was one.
func TestASplitServiceCountsOnce(t *testing.T) {
	for _, tt := range []struct {
		version, name string
		change        func(*Facts)
		code          string // of the finding; empty: it counts
	}{
		{"2026-01", "split, under the former rules", func(f *Facts) { f.SplitFrom = "LZ20261020-0001" }, ""},
		{"2026-11", "split", func(f *Facts) { f.SplitFrom = "LZ20261020-0001" }, "nc14_split"},
		{"2026-11", "split and passed", func(f *Facts) { f.SplitFrom, f.Approved = "LZ20261020-0001", []string{"NC14"} }, ""},
		{"2026-11", "the same diagnosis as well", func(f *Facts) { f.SplitFrom, f.Earlier = "LZ20261020-0001", "LZ20261020-0001" }, "nc14"},
		{"2026-11", "once more", func(f *Facts) { f.Earlier = "LZ20261020-0001" }, "nc14"},
		{"2026-11", "alone", func(*Facts) {}, ""},
	} {
		f := counts(RemoteConsult)
		tt.change(&f)
		c := EvaluateCountability(f, tt.version, nil, sessionDay)
		if c.Countable != (tt.code == "") {
			t.Errorf("%s: %+v", tt.name, c.Failed)
			continue
		}
		if tt.code == "" {
			continue
		}
		if got := c.Failed[0]; len(c.Failed) != 1 || got.Code() != tt.code || !got.Fixable || !got.Approval || got.Mend != "ASK_QC_APPROVAL" {
			t.Errorf("%s: %+v", tt.name, c.Failed)
		}
		checkFindingSentence(t, c.Failed[0])
	}
}

// A written question is short in characters, or was answered without looking; neither is told in seconds.
func TestSentencesOfAWrittenQuestion(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Facts)
		zh, en string
	}{
		{"short", func(f *Facts) { f.Report.Characters = 12 }, "书面意见共12字，不足50字", "The written opinion has 12 characters, fewer than 50"},
		{"not opened", func(f *Facts) { f.Opened = false }, "受邀方作答前没有打开过会诊资料", "Nobody of the invited side opened the case before it was answered"},
		{"a call", func(f *Facts) { f.Written, f.MediaResident = false, f.MediaDoctor[:0] }, "有效时长0秒，不足180秒", "The effective time was 0 s, less than 180 s"},
	} {
		f := counts(RemoteConsult)
		f.Written = true
		tt.change(&f)
		c := EvaluateCountability(f, "", nil, sessionDay)
		i := slices.IndexFunc(c.Failed, func(f Finding) bool { return f.Rule == "NC13" })
		if i < 0 {
			t.Fatalf("%s: %+v", tt.name, c.Failed)
		}
		r := Refusal{Code: c.Failed[i].Code(), Args: c.Failed[i].Args}
		if zh, en := r.Sentence(ZH), r.Sentence(EN); zh != tt.zh || en != tt.en {
			t.Errorf("%s: %q, %q", tt.name, zh, en)
		}
	}
}

// The sentence of a finding has no placeholder left and no argument too many, in both languages.
func checkFindingSentence(t *testing.T, f Finding) {
	t.Helper()
	i := slices.IndexFunc(Catalogue(), func(s Sentence) bool { return s.Code == f.Code() })
	if i < 0 {
		t.Fatalf("no sentence for %s", f.Code())
	}
	for _, text := range []string{Catalogue()[i].ZH, Catalogue()[i].EN} {
		var named []string
		for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(text, -1) {
			named = append(named, m[1])
		}
		for arg := range f.Args {
			if arg != argWhy && f.Args["refusal"] == "" && !slices.Contains(named, arg) {
				t.Errorf("%s: %s is not in %q", f.Rule, arg, text)
			}
		}
		for _, name := range named {
			if f.Args[name] == "" {
				t.Errorf("%s: nothing for {%s}", f.Rule, name)
			}
		}
	}
	for _, l := range []Lang{ZH, EN} {
		if s := (&Refusal{Code: f.Code(), Args: f.Args}).Sentence(l); strings.Contains(s, "{") {
			t.Errorf("%q", s)
		}
	}
}

func TestUntilWhenAGapCanBeMended(t *testing.T) {
	f := counts(RehabCareGuide)
	f.Report, f.State = nil, StateReportPending
	c := EvaluateCountability(f, "", nil, sessionDay)
	i := slices.IndexFunc(c.Failed, func(f Finding) bool { return f.Rule == "NC11" })
	never := sessionEnd.AddDate(0, 0, 7)
	if i < 0 || !c.Failed[i].FixableAt(never.Add(-time.Second)) || c.Failed[i].FixableAt(never) {
		t.Errorf("%+v", c.Failed)
	}
	visit := counts(HomeVisit)
	visit.HomeProof.CheckedOut = false
	c = EvaluateCountability(visit, "", Settings{"visit_proof_days": 2}, sessionDay)
	if got := c.Failed[0]; !got.Until.Equal(sessionEnd.AddDate(0, 0, 2)) {
		t.Errorf("%+v", got)
	}
}

// A consultation belongs to the day on which it ended in Asia/Shanghai.
func TestPeriodIsOfTheEnd(t *testing.T) {
	f := counts(RehabCareGuide)
	f.Start, f.End = time.Date(2026, 10, 31, 15, 55, 0, 0, time.UTC), time.Date(2026, 10, 31, 16, 5, 0, 0, time.UTC)
	f.MediaDoctor, f.MediaResident = []Interval{{f.Start, f.End}}, []Interval{{f.Start, f.End}}
	f.Report.SignedAt = f.End
	if c := EvaluateCountability(f, "", nil, Date{2026, 11, 28}); c.Day != (Date{2026, 11, 1}) || !c.Countable {
		t.Errorf("%+v", c)
	}
}

func TestCountabilitySettings(t *testing.T) {
	f := counts(RemoteConsult)
	f.CheckIns, f.MediaAttending = nil, f.MediaDoctor
	if c := EvaluateCountability(f, "", Settings{"attending_by_video": 1}, sessionDay); !c.Countable {
		t.Errorf("the authority ruled that video counts: %+v", c.Failed)
	}
	f.MediaAttending = nil
	if c := EvaluateCountability(f, "", Settings{"on.NC07": 0}, sessionDay); !c.Countable {
		t.Errorf("switched off: %+v", c.Failed)
	}
	f = counts(RemoteConsult)
	f.Consent = ConsentFacts{}
	if c := EvaluateCountability(f, "", Settings{"on.NC03": 0}, sessionDay); c.Countable {
		t.Error("a statute was switched off")
	}
}

func TestCountabilityData(t *testing.T) {
	for _, v := range Rulesets(RulesetCountability) {
		rules := CountRules(v.Version)
		if len(rules) != CountRuleNumbers {
			t.Fatalf("%s has %d rules", v.Version, len(rules))
		}
		for i, r := range rules {
			if r.Number != i+1 || r.Rule != NCName(i+1) || countChecks[r.Check] == nil || r.Source == "" || r.ZH == "" || r.EN == "" {
				t.Errorf("%+v", r)
			}
			if _, ok := Lookup(VocabMend, r.Mend); r.Mend != "" && !ok {
				t.Errorf("%s: no label for %s", r.Rule, r.Mend)
			}
		}
	}
	for rule, want := range map[string]uint32{"NC01": 1, "NC24": 1 << 23, "NC25": 0, "NC00": 0, "NC1": 0, "X": 0} {
		if got := RuleBit(rule); got != want {
			t.Errorf("bit of %s: %b", rule, got)
		}
	}
	if got := RulesOfBitmap(1<<23 | 1<<6); !slices.Equal(got, []string{"NC07", "NC24"}) {
		t.Errorf("%v", got)
	}
}

// The answer is the same whatever is evaluated twice, counts exactly without a failure, and the bitmap says the same as the list.
func TestCountabilityProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := counts(ServiceType(rapid.SampledFrom(ServiceTypes()).Draw(t, "service").Code))
		f.Then = anySituation(t)
		f.Drill, f.Adopted, f.Opened = rapid.Bool().Draw(t, "drill"), rapid.Bool().Draw(t, "adopted"), rapid.Bool().Draw(t, "opened")
		f.State = rapid.SampledFrom(States()).Draw(t, "state")
		if rapid.Bool().Draw(t, "no session") {
			f.Start, f.End = time.Time{}, time.Time{}
		}
		a, b := EvaluateCountability(f, "", nil, sessionDay), EvaluateCountability(f, "", nil, sessionDay)
		if a.Bitmap != b.Bitmap || a.Countable != (len(a.Failed) == 0) || len(RulesOfBitmap(a.Bitmap)) != len(a.Failed) {
			t.Fatalf("%+v", a)
		}
		for _, failed := range a.Failed {
			if failed.Mend != "" && !failed.Fixable {
				t.Fatalf("a button for what cannot be mended: %+v", failed)
			}
		}
		if f.End.IsZero() && a.Countable {
			t.Fatal("counts without a session")
		}
	})
}
