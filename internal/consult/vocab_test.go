package consult

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestEveryTermHasBothLabels(t *testing.T) {
	code := regexp.MustCompile(`^[A-Z0-9][A-Z0-9_.]*$`)
	name := regexp.MustCompile(`^[A-Za-z]\w*$`) // of an operation or a table
	han := regexp.MustCompile(`\p{Han}`)
	if len(Vocabularies()) < 25 {
		t.Errorf("%d vocabularies", len(Vocabularies()))
	}
	for _, v := range Vocabularies() {
		terms := Terms(v)
		if len(terms) == 0 {
			t.Errorf("%s is empty", v)
		}
		for _, term := range terms {
			written := code.MatchString(term.Code) || slices.Contains(AuditLists(), v) && name.MatchString(term.Code)
			if !written || !han.MatchString(term.ZH) || term.EN == "" || han.MatchString(term.EN) {
				t.Errorf("%s: %+v", v, term)
			}
			if strings.TrimSpace(term.ZH) != term.ZH || strings.TrimSpace(term.EN) != term.EN {
				t.Errorf("%s: blanks around %+v", v, term)
			}
			if got, ok := Lookup(v, term.Code); !ok || got != term {
				t.Errorf("%s: %s not found", v, term.Code)
			}
		}
	}
	if Terms("nonsense") != nil || Label("nonsense", "X", ZH) != "X" {
		t.Error("an unknown vocabulary has terms")
	}
	wantCode(t, CheckCode(VocabOutcome, "ADJUST"), "")
	wantCode(t, CheckCode(VocabOutcome, "<script>"), CodeUnknownCode)
	wantCode(t, CheckCode("nonsense", "ADJUST"), CodeUnknownCode)
}

// The constants in Go and the files agree in both directions.
func TestConstantsAreInTheTables(t *testing.T) {
	check := func(v Vocabulary, codes ...string) {
		t.Helper()
		var want []string
		for _, term := range Terms(v) {
			want = append(want, term.Code)
		}
		slices.Sort(want)
		slices.Sort(codes)
		if !slices.Equal(want, codes) {
			t.Errorf("%s: table %v, constants %v", v, want, codes)
		}
	}
	check(VocabService, "REMOTE_CONSULT", "REMOTE_MDT", "REMOTE_DIAG", "REMOTE_ROUND", "ONLINE_REVISIT", "CHRONIC_MGMT",
		"REHAB_CARE_GUIDE", "MED_GUIDE", "HOME_VISIT", "HOME_BED_ROUND", "NET_NURSING", "PSY_SUPPORT", "PALLIATIVE_REMOTE",
		"TRAINING", "LECTURE", "HEALTH_ADVICE")
	check(VocabUrgency, string(Critical), string(Emergent), string(Urgent), string(Routine), string(Scheduled))
	check(VocabReason, string(ReasonChest), string(ReasonBreath), string(ReasonFall), string(ReasonSkin),
		string(ReasonConfusion), string(ReasonPain), string(ReasonStomach), string(ReasonBPSugar), string(ReasonOther))
	check(VocabConsentSigner, string(SignerSelf), string(SignerGuardian), string(SignerRelative), string(SignerEmergency))
	check(VocabConsentMethod, string(MethodHandwritten), string(MethodFingerprint), string(MethodCA), string(MethodSMS),
		string(MethodPaper), string(MethodVoiceVideo), string(MethodEmergency))
	check(VocabConsentTick, string(TickMedical), string(TickSensitive), string(TickProvision), string(TickRecording), string(TickTeaching))
	check(VocabAdoption, string(Adopted), string(Partly), string(Rejected))
	check(VocabAdviceKind, string(AdviceDrug), string(AdviceNonDrug), string(AdviceNursing), string(AdviceRehab), string(AdviceTest))
	check(VocabPhysicianLevel, string(LevelPhysician), string(LevelAssistant), string(LevelVillage))
	check(VocabVitalFlag, string(FlagNormal), string(FlagLow), string(FlagHigh), string(FlagCriticalLow),
		string(FlagCriticalHigh), string(FlagUnmeasurable))
	check(VocabVitalQualifier, string(Unmeasurable), string(AboveRange), string(BelowRange))
	check(VocabSex, string(SexUnknown), string(SexMale), string(SexFemale), string(SexNotStated))
	for _, r := range Terms(VocabRelation) {
		if GuardianRank(Relation(r.Code)) < 0 {
			t.Errorf("%s has no place in the order of guardians", r.Code)
		}
	}
	for _, r := range []Role{RoleNurse, RoleAttending, RoleConsultant, RoleDispatcher, RoleQC, RoleComplaint, RoleCountyAuthority,
		RoleLeagueAuthority, RoleRegionAuthority, RoleSysAdmin, RoleSecAdmin, RoleAuditor, RoleInterpreter, RoleHealthManager,
		RoleSocialWorker, RoleVolunteer, RoleNutritionist, RolePharmacist, RoleRehabTherapist, RoleResident, RoleGuardian,
		RoleCareWorker, RoleRevisitDoctor, RoleFamilyDoctor, RoleInstAdmin} {
		if !r.Valid() {
			t.Errorf("%s is in no table", r)
		}
	}
	if RoleSystem.Valid() || len(Roles()) != 25 {
		t.Errorf("%d roles, the program's own among them: %v", len(Roles()), RoleSystem.Valid())
	}
}

func TestServiceTypes(t *testing.T) {
	for _, s := range ServiceTypes() {
		if s.Countable != (s.Goal != "") {
			t.Errorf("%s: goal %q, countable %v", s.Code, s.Goal, s.Countable)
		}
		if s.NeedsAdoption != strings.HasPrefix(s.Code, "REMOTE_") {
			t.Errorf("%s: adoption %v", s.Code, s.NeedsAdoption)
		}
	}
	if info, ok := RehabCareGuide.Info(); !ok || info.Goal != "G3" || info.NeedsAdoption {
		t.Errorf("%+v", info)
	}
}

func TestUrgencies(t *testing.T) {
	want := map[Urgency]time.Duration{Critical: 3 * time.Minute, Emergent: 10 * time.Minute, Urgent: 2 * time.Hour,
		Routine: 24 * time.Hour, Scheduled: 0}
	for i, u := range Urgencies() {
		if u.AcceptTarget != want[Urgency(u.Code)] || u.ReportTarget < 6*time.Hour {
			t.Errorf("%+v", u)
		}
		for j, v := range Urgencies() {
			if got := Urgency(u.Code).MoreUrgentThan(Urgency(v.Code)); got != (i < j) {
				t.Errorf("%s before %s: %v", u.Code, v.Code, got)
			}
		}
	}
	if LoweringNeedsReason(Urgent, Critical) || LoweringNeedsReason(Urgent, Urgent) || !LoweringNeedsReason(Urgent, Routine) {
		t.Error("raising is free, lowering is not")
	}
	wantCode(t, CheckUrgencyChoice(Urgent, Critical, ""), "")
	wantCode(t, CheckUrgencyChoice(Urgent, Routine, " "), CodeUrgencyLowered)
	wantCode(t, CheckUrgencyChoice(Urgent, Routine, "known, seen yesterday"), "")
	wantCode(t, CheckUrgencyChoice(Urgent, "NOW", ""), CodeUnknownCode)
}

func TestDivisions(t *testing.T) {
	levels := make(map[string]int)
	for _, d := range Divisions() {
		levels[d.Level]++
		if d.Parent != "" {
			if _, ok := DivisionByCode(d.Parent); !ok {
				t.Errorf("%s: parent %s", d.Code, d.Parent)
			}
		}
	}
	if levels["REGION"] != 1 || levels["LEAGUE"] != 12 || levels["COUNTY"] != 103 {
		t.Errorf("%v", levels)
	}
	for _, tt := range []struct {
		code, area string
		want       bool
	}{
		{"150102", "150102", true}, {"150102", "150100", true}, {"150102", "150000", true},
		{"150100", "150102", false}, {"152502", "150100", false}, {"110105", "150000", false}, {"", "", false},
	} {
		if got := DivisionWithin(tt.code, tt.area); got != tt.want {
			t.Errorf("%s within %s: %v", tt.code, tt.area, got)
		}
	}
}

func TestDepartments(t *testing.T) {
	for _, d := range shipped().Departments() {
		if len(d.Code) == 2 != (d.Parent == "") || d.Parent != "" && d.Code[:2] != d.Parent {
			t.Errorf("%+v", d)
		}
		if d.Parent != "" {
			if _, ok := DepartmentByCode(d.Parent); !ok {
				t.Errorf("%s has no parent %s", d.Code, d.Parent)
			}
		}
	}
	for _, tt := range []struct {
		licensed []string
		wanted   string
		covered  bool
	}{
		{[]string{"0304"}, "0304", true}, {[]string{"03"}, "0304", true}, {[]string{"0304"}, "03", false},
		{[]string{"0301", "0302"}, "0304", false}, {nil, "0304", false}, {[]string{"99"}, "99", false}, {[]string{""}, "03", false},
	} {
		if got := Covers(tt.licensed, tt.wanted); got != tt.covered {
			t.Errorf("%v covers %s: %v", tt.licensed, tt.wanted, got)
		}
	}
}

func TestSearchConditions(t *testing.T) {
	tests := []struct {
		q     string
		first string
	}{
		{"I10", "I10"}, {"i63", "I63.9"}, {"e11.", "E11.9"}, {"高血压", "I10"}, {"原发", "I10"}, {"慢阻肺", "J44.9"},
		{"褥疮", "L89"}, {"yfxgxy", "I10"}, {"YFX", "I10"}, {"gxb", "I25.1"}, {"mzf", "J44.9"}, {"lncd", "F00"},
		{"heart failure", "I50.9"}, {"Parkinson", "G20"}, {"failure", "I50.9"}, {"2型", "E11.9"}, {"  脑梗 ", "I63.9"},
	}
	for _, tt := range tests {
		got := SearchConditions(tt.q, 5)
		if len(got) == 0 || got[0].Code != tt.first {
			t.Errorf("%q: got %v, want %s first", tt.q, got, tt.first)
		}
	}
	for _, q := range []string{"zzzz", "不存在", "I99", "%"} {
		if got := SearchConditions(q, 5); len(got) != 0 {
			t.Errorf("%q: got %v", q, got)
		}
	}
	if got := SearchConditions("", 7); len(got) != 7 || got[0].Code != "I10" {
		t.Errorf("empty query: %v", got)
	}
	if got := SearchConditions("性", 3); len(got) != 3 {
		t.Errorf("limit: %v", got)
	}
	if got := SearchConditions("性", 0); got != nil {
		t.Errorf("no limit: %v", got)
	}
}

func TestConditionTable(t *testing.T) {
	icd := regexp.MustCompile(`^[A-Z][0-9]{2}(\.[0-9])?$`)
	initials := regexp.MustCompile(`^[a-z0-9]+$`)
	for _, c := range Conditions() {
		if !icd.MatchString(c.Code) || len(c.initials) != 1+len(c.Aka) {
			t.Errorf("%+v", c)
		}
		for i, name := range append([]string{c.ZH}, c.Aka...) {
			letters := 0
			for _, r := range name {
				if r >= '0' && r <= '9' || r >= 0x4E00 && r <= 0x9FFF {
					letters++
				}
			}
			if !initials.MatchString(c.initials[i]) || len(c.initials[i]) != letters {
				t.Errorf("%s %s: initials %q", c.Code, name, c.initials[i])
			}
		}
	}
}

// Whatever is typed, the search finds each diagnosis by its own code, name and initials, and returns no more than asked.
func TestSearchFindsWhatIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(Conditions()).Draw(t, "condition")
		for _, q := range []string{c.Code, c.ZH, c.initials[0], strings.ToUpper(c.EN)} {
			if got := SearchConditions(q, 100); !slices.ContainsFunc(got, func(h Condition) bool { return h.Code == c.Code }) {
				t.Fatalf("%q does not find %s", q, c.Code)
			}
		}
		limit := rapid.IntRange(-1, 10).Draw(t, "limit")
		if got := SearchConditions(rapid.String().Draw(t, "anything"), limit); len(got) > max(limit, 0) {
			t.Fatalf("%d of %d", len(got), limit)
		}
	})
}

func TestInstitutionTypes(t *testing.T) {
	for _, tt := range []struct {
		code, kind string
		primary    bool
	}{{"A100", "MEDICAL", false}, {"B100", "MEDICAL", true}, {"D400", "MEDICAL", true}, {"CARE_HOME", "CARE", false}} {
		if got, ok := InstitutionType(tt.code); !ok || got.Kind != tt.kind || got.Primary != tt.primary {
			t.Errorf("%s: %+v", tt.code, got)
		}
	}
	if _, ok := InstitutionType("Z999"); ok {
		t.Error("Z999 exists")
	}
}
