package consult

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func on(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestContractOnADay(t *testing.T) {
	signed := ContractStanding{Stored: ContractSigned, Starts: on("2026-01-01"), Ends: on("2026-12-31")}
	ended := signed
	ended.Stored, ended.TerminatedOn = ContractTerminated, on("2026-06-10")
	draft := ContractStanding{Stored: ContractDraft, Starts: on("2026-01-01"), Ends: on("2026-12-31")}
	for _, c := range []struct {
		contract ContractStanding
		day      string
		want     ContractState
		inForce  bool
	}{
		{draft, "2026-05-01", ContractDraft, false},
		{signed, "2025-12-31", ContractPending, false},
		{signed, "2026-01-01", ContractInForce, true},
		{signed, "2026-10-02", ContractInForce, true},
		{signed, "2026-10-03", ContractExpiring, true}, // 89 days left
		{signed, "2026-12-31", ContractExpiring, true},
		{signed, "2027-01-01", ContractExpired, false},
		{ended, "2026-06-09", ContractInForce, true},
		{ended, "2026-06-10", ContractTerminated, false},
		{ended, "2027-06-10", ContractTerminated, false},
	} {
		if got := c.contract.On(on(c.day)); got != c.want || c.contract.InForce(on(c.day)) != c.inForce {
			t.Errorf("%s on %s: %s, want %s", c.contract.Stored, c.day, got, c.want)
		}
	}
}

// A team is told at 90, 60 and 30 days, once each; one that was away hears of the nearest only.
func TestContractAlerts(t *testing.T) {
	c := ContractStanding{Stored: ContractSigned, Starts: on("2026-01-01"), Ends: on("2026-12-31")}
	told, heard := 0, []int{}
	for day := on("2026-01-01"); !day.After(on("2027-02-01")); day = day.AddDays(1) {
		if n := c.AlertDue(day, told); n > 0 {
			if day.AddDays(n) != c.Ends {
				t.Errorf("told of %d days on %s", n, day)
			}
			told, heard = n, append(heard, n)
		}
	}
	if !slices.Equal(heard, []int{90, 60, 30}) {
		t.Errorf("told at %v", heard)
	}
	if n := c.AlertDue(on("2026-12-20"), 0); n != 30 {
		t.Errorf("eleven days before the end: %d", n)
	}
	if n := c.AlertDue(on("2027-01-01"), 0); n != 0 {
		t.Errorf("after the end: %d", n)
	}
}

func TestContractSteps(t *testing.T) {
	c := ContractStanding{Stored: ContractSigned, Starts: on("2026-01-01"), Ends: on("2026-12-31")}
	for _, row := range []struct {
		stored ContractState
		day    string
		act    ContractAction
		to     ContractState
		code   string
	}{
		{ContractDraft, "2026-01-01", ContractSign, ContractSigned, ""},
		{ContractDraft, "2026-01-01", ContractVoid, ContractVoided, ""},
		{ContractDraft, "2026-01-01", ContractTerminate, "", CodeContractStep},
		{ContractSigned, "2026-03-01", ContractSign, "", CodeContractStep},
		{ContractSigned, "2026-03-01", ContractRenew, "", CodeContractStep}, // too early
		{ContractSigned, "2026-11-01", ContractRenew, ContractSigned, ""},
		{ContractSigned, "2027-02-01", ContractRenew, ContractSigned, ""},
		{ContractSigned, "2026-03-01", ContractTerminate, ContractTerminated, ""},
		{ContractSigned, "2027-02-01", ContractTerminate, "", CodeContractStep},
		{ContractVoided, "2026-03-01", ContractSign, "", CodeContractStep},
	} {
		c.Stored = row.stored
		to, err := ContractStep(c, row.act, on(row.day))
		wantCode(t, err, row.code)
		if row.code == "" && to != row.to {
			t.Errorf("%s %s on %s: %s", row.stored, row.act, row.day, to)
		}
	}
}

func TestContractTerm(t *testing.T) {
	today := on("2026-03-10")
	for _, c := range []struct{ starts, ends, code string }{
		{"2026-03-10", "2027-03-09", ""},
		{"2026-03-10", "2029-03-09", ""},
		{"2026-03-10", "2029-03-10", CodeContractTerm},
		{"2026-03-10", "2026-03-10", CodeContractOrder},
		{"2026-02-07", "2027-02-06", ""},
		{"2026-02-06", "2027-02-05", CodeContractStart}, // coverage is not made up
		{"2026-07-08", "2027-07-07", ""},
		{"2026-07-09", "2027-07-08", CodeContractStart},
	} {
		wantCode(t, CheckTerm(on(c.starts), on(c.ends), today), c.code)
	}
	wantCode(t, CheckPackages([]Package{PackageBasic}, []string{"EHR"}), "")
	wantCode(t, CheckPackages([]Package{PackageBasic, PackagePersonalised}, []string{"EHR", "HOME_VISIT"}), "")
	wantCode(t, CheckPackages([]Package{PackagePersonalised}, []string{"HOME_VISIT"}), CodeContractBasic)
	wantCode(t, CheckPackages([]Package{PackageBasic, PackagePersonalised}, []string{"EHR"}), CodeContractItems)
	wantCode(t, CheckPackages([]Package{PackageBasic}, []string{"EHR", "HOME_VISIT"}), CodeUnknownCode)
}

func TestWhoSignsAContract(t *testing.T) {
	today := on("2026-03-10")
	sign := func(change func(*ContractSigning)) error {
		s := ContractSigning{How: SignedDrawn, Drawn: true, On: today, Starts: today}
		s.Signer, s.Capacity = SignerSelf, CapacityFull
		change(&s)
		return CheckContractSigning(s, today)
	}
	guardian := func(s *ContractSigning, r Relation) {
		s.Signer, s.Capacity, s.Relation = SignerGuardian, CapacityNone, r
	}
	for name, c := range map[string]struct {
		change func(*ContractSigning)
		code   string
	}{
		"in person":                     {func(*ContractSigning) {}, ""},
		"without capacity":              {func(s *ContractSigning) { s.Capacity = CapacityLimited }, CodeConsentCapacity},
		"by the spouse as guardian":     {func(s *ContractSigning) { guardian(s, RelationSpouse) }, ""},
		"by a child out of order":       {func(s *ContractSigning) { guardian(s, RelationChild) }, CodeConsentOrder},
		"by a child in order":           {func(s *ContractSigning) { guardian(s, RelationChild); s.NoCloserGuardian = true }, ""},
		"by a guardian of the capable":  {func(s *ContractSigning) { guardian(s, RelationSpouse); s.Capacity = CapacityFull }, CodeConsentGuardianless},
		"by a relative":                 {func(s *ContractSigning) { s.Signer, s.Relation = SignerRelative, RelationChild }, CodeConsentCapacity},
		"by somebody of the staff":      {func(s *ContractSigning) { guardian(s, RelationSpouse); s.SignerIsStaff = true }, CodeConsentStaff},
		"without a drawing":             {func(s *ContractSigning) { s.Drawn = false }, CodeContractProof},
		"on paper without a scan":       {func(s *ContractSigning) { s.How = SignedPaper }, CodeContractProof},
		"on paper":                      {func(s *ContractSigning) { s.How, s.Scanned = SignedPaper, true }, ""},
		"electronically, no number":     {func(s *ContractSigning) { s.How, s.Number = SignedElectronic, " " }, CodeContractProof},
		"electronically":                {func(s *ContractSigning) { s.How, s.Number = SignedElectronic, "QY-1" }, ""},
		"by fax":                        {func(s *ContractSigning) { s.How = "FAX" }, CodeUnknownCode},
		"tomorrow":                      {func(s *ContractSigning) { s.On, s.Starts = today.AddDays(1), today.AddDays(1) }, CodeContractEarly},
		"after it began":                {func(s *ContractSigning) { s.Starts = today.AddDays(-1) }, CodeContractEarly},
		"on paper, before it began":     {func(s *ContractSigning) { s.On = today.AddDays(-5); s.Starts = today.AddDays(-5) }, ""},
		"on paper, longer ago than may": {func(s *ContractSigning) { s.On = today.AddDays(-32) }, CodeContractEarly},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, sign(c.change), c.code) })
	}
}

func TestContractText(t *testing.T) {
	p := ContractParties{Number: "JY20260310-0001", Resident: "张秀英", Sex: "2", Birth: "1940-05-01", Home: "阳光颐养院", Organisation: "社区卫生服务中心", Team: "第一团队", Leader: "苏医生",
		From: on("2026-03-10"), To: on("2027-03-09"), Items: []string{"HOME_VISIT", "EHR", "CHRONIC_FOLLOW_UP"}}
	text, err := RenderContract(ContractTextVersion, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"张秀英", "JY20260310-0001", "自 2026-03-10 起至 2027-03-09 止", "- 高血压、糖尿病等慢性病随访（每年不少于4次）", "- 上门巡诊", "【个性化签约服务包】"} {
		if !strings.Contains(text.Body, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
	if strings.ContainsAny(text.Body, "{}") || strings.Contains(text.Body, "家庭病床") {
		t.Errorf("blanks are left, or what was not chosen stands there:\n%s", text.Body)
	}
	p.Items = []string{"EHR"}
	other, err := RenderContract(ContractTextVersion, p)
	if err != nil || other.Hash == text.Hash || len(other.Hash) != 64 {
		t.Errorf("another content has the hash %s, %v", other.Hash, err)
	}
	_, err = RenderContract("1999-01", p)
	wantCode(t, err, CodeContractText)
}

func TestRiskGroups(t *testing.T) {
	day := on("2026-03-31")
	ability := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		facts RiskFacts
		want  string
	}{
		"young and well":         {RiskFacts{Birth: on("1950-01-01"), Ability: ability(0)}, ""},
		"not assessed":           {RiskFacts{Birth: on("1950-01-01")}, ""},
		"mildly disabled":        {RiskFacts{Birth: on("1950-01-01"), Ability: ability(1)}, "DISABLED"},
		"demented":               {RiskFacts{Birth: on("1950-01-01"), Conditions: []string{"F00"}}, "DEMENTIA"},
		"vascular dementia":      {RiskFacts{Birth: on("1950-01-01"), Conditions: []string{"F01.9"}}, "DEMENTIA CHRONIC"},
		"hypertension":           {RiskFacts{Birth: on("1950-01-01"), Conditions: []string{"I10", "W19"}}, "CHRONIC"},
		"a fall is not chronic":  {RiskFacts{Birth: on("1950-01-01"), Conditions: []string{"W19"}}, ""},
		"80 today":               {RiskFacts{Birth: on("1946-03-31")}, "AGED_80"},
		"80 tomorrow":            {RiskFacts{Birth: on("1946-04-01")}, ""},
		"handicapped by hand":    {RiskFacts{Birth: on("1950-01-01"), Marks: []RiskGroup{GroupHandicapped}}, "HANDICAPPED"},
		"disabled by hand":       {RiskFacts{Birth: on("1950-01-01"), Ability: ability(0), Marks: []RiskGroup{GroupDisabled}}, "DISABLED"},
		"everything":             {RiskFacts{Birth: on("1930-01-01"), Ability: ability(4), Conditions: []string{"F03"}, Marks: []RiskGroup{GroupDifficulty, GroupHandicapped}}, "DISABLED DEMENTIA CHRONIC AGED_80 HANDICAPPED SPECIAL_DIFFICULTY"},
		"marks outside of any":   {RiskFacts{Birth: on("1950-01-01"), Marks: []RiskGroup{"NONSENSE"}}, ""},
		"born on a leap day":     {RiskFacts{Birth: on("1944-02-29")}, "AGED_80"},
		"without any birth date": {RiskFacts{}, ""},
	} {
		var got []string
		for _, g := range c.facts.Groups(day) {
			got = append(got, string(g))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
	if Special([]RiskGroup{GroupChronic}) || !Special([]RiskGroup{GroupChronic, GroupAged80}) || Special(nil) {
		t.Error("who is special")
	}
}

// G-HV-01, G-HV-02.
func TestHomeVisitGate(t *testing.T) {
	for name, c := range map[string]struct {
		facts HomeVisitFacts
		codes string
	}{
		"contract and reason":   {HomeVisitFacts{Contract: true, Groups: []RiskGroup{GroupAged80}}, ""},
		"no contract":           {HomeVisitFacts{Groups: []RiskGroup{GroupAged80}}, CodeVisitContract},
		"no reason":             {HomeVisitFacts{Contract: true}, CodeVisitEligible},
		"neither":               {HomeVisitFacts{}, CodeVisitContract + " " + CodeVisitEligible},
		"an assessed exception": {HomeVisitFacts{Exception: "术后换药，已评估"}, ""},
		"an empty exception":    {HomeVisitFacts{Exception: "  ", Contract: true}, CodeVisitEligible},
	} {
		var got []string
		for _, r := range CheckHomeVisit(c.facts) {
			got = append(got, r.Code)
		}
		if strings.Join(got, " ") != c.codes {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPlansAreData(t *testing.T) {
	for _, k := range PlanKinds() {
		if k.Days < k.Least || k.Days > k.Most || k.Least < 1 || k.Source == "" || k.Mark == "" {
			t.Errorf("%s: %+v", k.Code, k)
		}
		if len(k.Conditions)+len(k.Groups)+k.FromAge == 0 {
			t.Errorf("%s: nothing asks for it", k.Code)
		}
		for _, c := range k.Conditions {
			if _, ok := ConditionByCode(c); !ok {
				t.Errorf("%s names the unknown diagnosis %s", k.Code, c)
			}
		}
		for _, g := range k.Groups {
			if _, ok := Lookup(VocabRiskGroup, string(g)); !ok {
				t.Errorf("%s names the unknown group %s", k.Code, g)
			}
		}
		for _, s := range k.Services {
			if !s.Valid() {
				t.Errorf("%s names the unknown service %s", k.Code, s)
			}
		}
		wantCode(t, k.CheckInterval(k.Least), "")
		wantCode(t, k.CheckInterval(k.Least-1), CodePlanInterval)
		wantCode(t, k.CheckInterval(k.Most+1), CodePlanInterval)
	}
	pressure, _ := PlanKindByCode("HYPERTENSION")
	if !pressure.Served(ChronicMgmt, "I10") || pressure.Served(ChronicMgmt, "E11.9") || pressure.Served(RehabCareGuide, "I10") || pressure.Served(ChronicMgmt, "") {
		t.Error("what counts as a contact for hypertension")
	}
	var got []string
	for _, k := range Suggested(RiskFacts{Birth: on("1945-01-01"), Conditions: []string{"I10", "F03"}}, on("2026-03-10")) {
		got = append(got, k.Code)
	}
	if strings.Join(got, " ") != "HYPERTENSION ELDER_CHECK DEMENTIA_CARE" {
		t.Errorf("suggested: %v", got)
	}
}

func TestNextDue(t *testing.T) {
	begins := on("2026-01-05")
	for name, c := range map[string]struct {
		days       int
		last, next string // of the contact
		want       string
	}{
		"never seen":                     {90, "", "", "2026-01-05"},
		"once seen":                      {90, "2026-01-10", "", "2026-04-10"},
		"over the end of February":       {30, "2026-02-10", "", "2026-03-12"},
		"over a leap day":                {30, "2028-02-10", "", "2028-03-11"},
		"not under control: two weeks":   {90, "2026-01-10", "2026-01-24", "2026-01-24"},
		"seen before the plan was begun": {90, "2025-12-01", "", "2026-03-01"},
	} {
		var last PlanContact
		if c.last != "" {
			last.On = on(c.last)
		}
		if c.next != "" {
			last.Next = on(c.next)
		}
		if got := NextDue(begins, c.days, last); got != on(c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for _, c := range []struct {
		next string
		days int
		want PlanDue
	}{
		{"2026-03-09", 90, PlanOverdue}, {"2026-03-10", 90, PlanSoon}, {"2026-03-24", 90, PlanSoon}, {"2026-03-25", 90, PlanLater},
		{"2026-03-11", 7, PlanSoon}, {"2026-03-12", 7, PlanLater}, {"2026-03-17", 30, PlanSoon}, {"2026-03-18", 30, PlanLater},
	} {
		if got := Due(on(c.next), c.days, on("2026-03-10")); got != c.want {
			t.Errorf("%s every %d days: %s", c.next, c.days, got)
		}
	}
	pressure, _ := PlanKindByCode("HYPERTENSION")
	today := on("2026-03-10")
	wantCode(t, pressure.CheckContact(PlanContact{On: today}, today), "")
	wantCode(t, pressure.CheckContact(PlanContact{On: today.AddDays(1)}, today), CodeContactDay)
	wantCode(t, pressure.CheckContact(PlanContact{On: today.AddDays(-401)}, today), CodeContactDay)
	wantCode(t, pressure.CheckContact(PlanContact{On: today, Next: today}, today), CodeContactNext)
	wantCode(t, pressure.CheckContact(PlanContact{On: today, Next: today.AddDays(366)}, today), CodeContactNext)
}

// However a plan is followed, it is late only after its day, and another contact never brings the next day forward when the
// interval is kept.
func TestDueNeverRunsBackwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begins := on("2026-01-01").AddDays(rapid.IntRange(0, 400).Draw(t, "begins"))
		days := rapid.IntRange(1, 365).Draw(t, "days")
		first := begins.AddDays(rapid.IntRange(-100, 400).Draw(t, "first"))
		second := first.AddDays(rapid.IntRange(0, 400).Draw(t, "second"))
		one, two := NextDue(begins, days, PlanContact{On: first}), NextDue(begins, days, PlanContact{On: second})
		if two.Before(one) {
			t.Fatalf("seen on %s and %s: next %s and %s", first, second, one, two)
		}
		if Due(one, days, one) == PlanOverdue || Due(one, days, one.AddDays(1)) != PlanOverdue {
			t.Fatalf("late on the wrong day")
		}
	})
}
