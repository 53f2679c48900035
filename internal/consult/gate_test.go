package consult

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// inOrder is a situation in which everything about the resident is in order as well.
func inOrder() Situation {
	s := lawful()
	s.Attending.Presence = InRoom
	s.ConsentValid, s.ResidentIdentified = true, true
	s.Invitee.Internet = Licence{Held: true, From: Date{2020, 1, 1}}
	s.Agreements[0].Services = []ServiceType{RemoteConsult, RemoteMDT, RemoteDiag, RemoteRound, PalliativeRemote, RehabCareGuide, OnlineRevisit, MedGuide}
	s.Doctor.Registered, s.Doctor.Authenticated, s.Doctor.Level = true, true, LevelPhysician
	s.Revisit = &Revisit{Decision: RevisitQualified, Date: Date{2026, 6, 1}, Diagnosis: "I10"}
	always := Licence{Held: true, From: Date{2020, 1, 1}}
	s.Visit = VisitFacts{Contract: always, Eligibility: []string{"AGED"}, HomeBed: &HomeBed{OpenedOn: Date{2026, 10, 15}, UntilOn: Date{2027, 1, 14}}, Insured: true, Tracked: true,
		Assessed: true, Nurse: &VisitingNurse{Licence: always, Registered: true, ClinicalSince: Date{2021, 10, 20}, TitleCode: "254"},
		Coverage: &Coverage{Residents: 100, Contracted: 61, ResidentsBefore: 100, ContractedBefore: 60, Special: 50, SpecialContracted: 40}}
	s.InviterDeclared, s.Invitee.Declared = Declarations{}, Declarations{}
	for _, d := range DeclarationsOf(true) {
		s.Invitee.Declared.Add(d.Code, Date{2026, 1, 1}, Date{2026, 12, 31})
		if slices.Contains(d.Parties, PartyInviter) {
			s.InviterDeclared.Add(d.Code, Date{2026, 1, 1}, Date{2026, 12, 31})
		}
	}
	asked := time.Date(2026, 10, 20, 1, 0, 0, 0, time.UTC)
	s.Process = &ProcessFacts{Declines: 1, Reasoned: 1, AnswerDue: asked, AnsweredAt: asked, Over: true, Signed: true, Adopted: true, RecordMonths: 180, ProcessMonths: 36}
	return s
}

// Which legal mode applies: the situations at the resident's side, row by row.
func TestWhichLegalModeApplies(t *testing.T) {
	telemedicine := []ServiceType{RemoteConsult, RemoteMDT, RemoteRound}
	bare := func() Situation { // a pure care home with nobody medical
		s := inOrder()
		s.InviterLicence, s.Attending, s.NursePresent = Licence{}, nil, false
		s.Revisit, s.Visit = nil, VisitFacts{Eligibility: []string{"AGED"}}
		return s
	}
	tests := []struct {
		name      string
		situation func() Situation
		permitted []ServiceType
		refused   []ServiceType
		counts    bool // what is permitted also counts
		at        Stage
	}{
		{"care home with its own licensed infirmary and a licensed doctor in the room", inOrder, telemedicine, nil, true, StageStart},
		{"the same in primary care with an assistant physician", func() Situation {
			s := inOrder()
			s.InviterPrimary, s.Attending.Level = true, LevelAssistant
			return s
		}, telemedicine, nil, true, StageStart},
		{"the same in primary care with a village doctor", func() Situation {
			s := inOrder()
			s.InviterPrimary, s.Attending.Level = true, LevelVillage
			return s
		}, telemedicine, nil, true, StageStart},
		{"own doctor joins by video only", func() Situation {
			s := inOrder()
			s.Attending.Presence = ByVideo
			return s
		}, telemedicine, nil, false, StageStart},
		{"own doctor joins by video only, and the authority ruled that it counts", func() Situation {
			s := inOrder()
			s.Attending.Presence, s.Settings = ByVideo, Settings{"attending_by_video": 1}
			return s
		}, telemedicine, nil, true, StageStart},
		{"nursing station or a nurse only, no doctor", func() Situation {
			s := inOrder()
			s.Attending, s.NursePresent = nil, true
			return s
		}, []ServiceType{OnlineRevisit, RehabCareGuide}, telemedicine, true, StageStart},
		{"pure care home with the practice site of a primary-care institution, whose doctor is on site", func() Situation {
			s := inOrder() // the inviter is the primary-care institution
			s.InviterPrimary, s.Attending.Level = true, LevelAssistant
			return s
		}, []ServiceType{RemoteConsult, ChronicMgmt}, nil, true, StageStart},
		{"the same, the care home itself as inviter", func() Situation {
			s := inOrder()
			s.InviterLicence = Licence{}
			return s
		}, nil, telemedicine, false, StageSubmit},
		{"pure care home, no medical presence, no earlier diagnosis", bare,
			[]ServiceType{HealthAdvice}, append(telemedicine, RehabCareGuide, ChronicMgmt, MedGuide), false, StageStart},
		{"the same: an online follow-up has no evidence to start with", bare, nil, []ServiceType{OnlineRevisit}, false, StageStart},
		{"the same: with a contract, a home visit", func() Situation {
			s := bare()
			s.Visit.Contract, s.Visit.Tracked, s.Visit.Insured = Licence{Held: true, From: Date{2026, 1, 1}}, true, true
			return s
		}, []ServiceType{HomeVisit}, telemedicine, true, StageStart},
		{"first visit, new symptom or changed condition, with the attending doctor", func() Situation {
			s := inOrder()
			s.NewCondition = true
			return s
		}, []ServiceType{RemoteConsult}, []ServiceType{OnlineRevisit}, true, StageStart},
		{"first visit, new symptom or changed condition, nurse alone", func() Situation {
			s := inOrder()
			s.NewCondition, s.Attending, s.NursePresent = true, nil, true
			return s
		}, nil, append(telemedicine, OnlineRevisit), false, StageStart},
		{"life-threatening emergency with nothing in order", func() Situation {
			s := bare()
			s.Urgency, s.Agreements, s.ConsentValid = Critical, nil, false
			return s
		}, []ServiceType{RemoteConsult, RehabCareGuide}, nil, false, StageStart},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.situation()
			if tt.name == "pure care home, no medical presence, no earlier diagnosis" {
				s.Agreements = nil
			}
			e := EvaluateGates(s, tt.at)
			for _, service := range tt.permitted {
				v := e.Of(service)
				if v.Possible != PossibleYes || v.Counts != tt.counts {
					t.Errorf("%s: %+v", service, v)
				}
				if v.Override != (s.Urgency == Critical) {
					t.Errorf("%s: override %v", service, v.Override)
				}
			}
			for _, service := range tt.refused {
				if v := e.Of(service); v.Possible != PossibleNo || v.Err(tt.at) == nil {
					t.Errorf("%s: %+v", service, v)
				}
			}
		})
	}
}

// Every rule that is asked: the situation that breaks it, what it does, and what mends it. Without the change the service is
// possible and counts, so nothing else can be the reason.
func TestEveryGate(t *testing.T) {
	over := Licence{Held: true, From: Date{2020, 1, 1}, To: Date{2026, 10, 19}}
	tests := []struct {
		rule    string
		service ServiceType
		change  func(*Situation)
		code    string
		at      Stage       // the earliest stage at which it stops the service; empty: never
		before  Possibility // at SUBMIT
		mend    string
	}{
		{"G-RM-01", RemoteConsult, func(s *Situation) { s.IndividualInvited = true }, CodeGateIndividual, StageSubmit, PossibleNo, "CHOOSE_OTHER_HOSPITAL"},
		{"G-RM-02", RemoteMDT, func(s *Situation) { s.InviterLicence = over }, CodeServiceInviterLicence, StageSubmit, PossibleNo, "ASK_ADMIN_LICENCE"},
		{"G-RM-02", RemoteConsult, func(s *Situation) { s.Invitee.Licence = over }, CodeServiceInviteeLicence, StageSubmit, PossibleNo, "CHOOSE_OTHER_HOSPITAL"},
		{"G-RM-02", OnlineRevisit, func(s *Situation) { s.Invitee.Departments = []string{"13"} }, CodeServiceInviteeDept, StageSubmit, PossibleNo, "CHOOSE_OTHER_HOSPITAL"},
		{"G-RM-02", RehabCareGuide, func(s *Situation) { s.Attending, s.NursePresent = nil, false }, CodeGateNoMedicalPerson, StageSubmit, PossibleNo, "BOOK_FACE_TO_FACE"},
		{"G-RM-03", RemoteConsult, func(s *Situation) { s.Attending = nil }, CodeServiceNoAttending, StageSubmit, PossibleNo, "ATTENDING_CHECK_IN"},
		{"G-RM-03", RemoteDiag, func(s *Situation) { s.Attending.Licence = over }, CodeServiceAttendingLicence, StageSubmit, PossibleNo, "ASK_ADMIN_LICENCE"},
		{"G-RM-03", PalliativeRemote, func(s *Situation) { s.Attending.Level = LevelVillage }, CodeServiceAttendingLevel, StageSubmit, PossibleNo, "ATTENDING_CHECK_IN"},
		{"G-RM-03", RemoteConsult, func(s *Situation) { s.Attending.Presence = NotYetThere }, CodeGateNotInRoom, "", PossibleYes, "ATTENDING_CHECK_IN"},
		{"G-RM-03", RemoteConsult, func(s *Situation) { s.Attending.Presence = ByVideo }, CodeGateByVideo, "", PossibleYes, "ATTENDING_CHECK_IN"},
		{"G-RM-04", RemoteConsult, func(s *Situation) { s.Doctor.IndependentSince = Date{2023, 10, 21} }, CodeServiceDoctorYears, StageAccept, PossibleIf, "CHOOSE_OTHER_DOCTOR"},
		{"G-RM-05", RemoteConsult, func(s *Situation) { s.Doctor.Licence = over }, CodeServiceDoctorLicence, StageAccept, PossibleIf, "CHOOSE_OTHER_DOCTOR"},
		{"G-RM-06", RemoteConsult, func(s *Situation) { s.Agreements = nil }, CodeServiceNoAgreement, StageSubmit, PossibleNo, "ASK_ADMIN_AGREEMENT"},
		{"G-RM-06", OnlineRevisit, func(s *Situation) { s.Agreements[0].To = Date{2026, 10, 19} }, CodeServiceAgreementDates, StageSubmit, PossibleNo, "ASK_ADMIN_AGREEMENT"},
		{"G-RM-06", MedGuide, func(s *Situation) { s.Agreements[0].Services = []ServiceType{RemoteConsult} }, CodeServiceAgreementScope, StageSubmit, PossibleNo, "ASK_ADMIN_AGREEMENT"},
		{"G-RM-06", RemoteConsult, func(s *Situation) { s.Agreements[0].ClausesMissing = true }, CodeGateClauses, StageSubmit, PossibleNo, "ASK_ADMIN_AGREEMENT"},
		{"G-RM-07", RemoteConsult, func(s *Situation) { s.ConsentValid = false }, CodeGateConsent, StageStart, PossibleIf, "SIGN_CONSENT"},
		{"G-RM-08", RemoteConsult, func(s *Situation) { s.InvitationIncomplete = true }, CodeGateInvitation, "", PossibleYes, "ADD_COMPLAINT"},
		{"G-RM-12", RemoteConsult, func(s *Situation) { s.ResidentIdentified = false }, CodeGateRealName, "", PossibleYes, "ADD_IDENTITY_NUMBER"},
		{"G-RM-13", RemoteConsult, func(s *Situation) { s.Emergency = &Emergency{PassedAt: time.Unix(0, 0)} }, CodeGateApproval, "", PossibleYes, "APPROVE_EMERGENCY"},
		{"G-IH-01", OnlineRevisit, func(s *Situation) { s.Invitee.Internet = over }, CodeGateNoInternet, StageSubmit, PossibleNo, "CHOOSE_OTHER_HOSPITAL"},
		{"G-IH-01", OnlineRevisit, func(s *Situation) { s.Doctor.Registered = false }, CodeGateNotRegistered, StageAccept, PossibleIf, "CHOOSE_OTHER_DOCTOR"},
		{"G-IH-01", OnlineRevisit, func(s *Situation) { s.Doctor.IndependentSince = Date{} }, CodeServiceDoctorYears, StageAccept, PossibleIf, "CHOOSE_OTHER_DOCTOR"},
		{"G-IH-02", OnlineRevisit, func(s *Situation) { s.NewCondition = true }, CodeGateFirstVisit, StageSubmit, PossibleNo, "BOOK_FACE_TO_FACE"},
		{"G-IH-03", OnlineRevisit, func(s *Situation) { s.Revisit.Decision = RevisitRefused }, CodeGateEvidenceRefused, StageSubmit, PossibleNo, "BOOK_FACE_TO_FACE"},
		{"G-IH-03", OnlineRevisit, func(s *Situation) { s.Revisit = nil }, CodeGateNoEvidence, StageStart, PossibleIf, "ADD_REVISIT_EVIDENCE"},
		{"G-IH-03", OnlineRevisit, func(s *Situation) { s.Revisit.Decision = RevisitOpen }, CodeGateUnjudged, StageStart, PossibleIf, "JUDGE_REVISIT_EVIDENCE"},
		{"G-IH-03", OnlineRevisit, func(s *Situation) { s.Revisit.Date = Date{2025, 10, 19} }, CodeGateEvidenceOld, "", PossibleYes, "ADD_REVISIT_EVIDENCE"},
		{"G-IH-04", OnlineRevisit, func(s *Situation) { s.EndedUnsuitable = true }, CodeGateNoDestination, StageClose, PossibleIf, "CHOOSE_DESTINATION"},
		{"G-IH-05", RemoteConsult, func(s *Situation) { s.NewCondition, s.Attending = true, nil }, CodeGateFirstVisitAlone, StageSubmit, PossibleNo, "BOOK_FACE_TO_FACE"},
		{"G-IH-06", OnlineRevisit, func(s *Situation) { s.Doctor.Authenticated = false }, CodeGateNotAuthed, StageStart, PossibleIf, "AUTHENTICATE_DOCTOR"},
		{"G-IH-07", OnlineRevisit, func(s *Situation) { s.ResidentIdentified = false }, CodeGateIdentity, StageStart, PossibleIf, "ADD_IDENTITY_NUMBER"},
		{"G-IH-09", OnlineRevisit, func(s *Situation) { s.UnreviewedPrescriptions = 1 }, CodeGatePrescription, "", PossibleYes, "REVIEW_PRESCRIPTION"},
		{"G-HV-01", HomeVisit, func(s *Situation) { s.Visit.Contract = over }, CodeGateNoContract, StageSubmit, PossibleNo, "SIGN_FAMILY_CONTRACT"},
		{"G-HV-01", ChronicMgmt, func(s *Situation) { s.Visit.Contract = Licence{} }, CodeGateNoContract, StageSubmit, PossibleNo, "SIGN_FAMILY_CONTRACT"},
		{"G-HV-02", HomeVisit, func(s *Situation) { s.Visit.Eligibility = VisitEligibility(nil, false, 79) }, CodeGateNotEligible, StageSubmit, PossibleNo, "BOOK_FACE_TO_FACE"},
		{"G-HV-03", HomeBedRound, func(s *Situation) { s.Visit.HomeBed = nil }, CodeGateNoHomeBed, StageSubmit, PossibleNo, "OPEN_HOME_BED"},
		{"G-HV-03", HomeBedRound, func(s *Situation) {
			s.Visit.HomeBed = &HomeBed{OpenedOn: Date{2026, 7, 20}, UntilOn: s.Day.AddDays(-1), LastRound: s.Day}
		}, CodeGateNoHomeBed, StageSubmit, PossibleNo, "OPEN_HOME_BED"},
		{"G-HV-03", HomeBedRound, func(s *Situation) { s.Visit.HomeBed.ClosedOn = s.Day }, CodeGateNoHomeBed, StageSubmit, PossibleNo, "OPEN_HOME_BED"},
		{"G-HV-03", HomeBedRound, func(s *Situation) { s.Visit.HomeBed.OpenedOn = Date{2026, 10, 12} }, CodeGateRoundOverdue, "", PossibleYes, "BOOK_HOME_VISIT"},
		{"G-HV-04", NetNursing, func(s *Situation) { s.Visit.Insured = false }, CodeGateNotInsured, "", PossibleYes, "ASK_ADMIN_INSURANCE"},
		{"G-HV-05", NetNursing, func(s *Situation) { s.Visit.Nurse.TitleCode = "255" }, CodeGateNurse, StageSubmit, PossibleNo, "CHOOSE_OTHER_NURSE"},
		{"G-HV-05", NetNursing, func(s *Situation) { s.Visit.Nurse.ClinicalSince = Date{2021, 10, 21} }, CodeGateNurse, StageSubmit, PossibleNo, "CHOOSE_OTHER_NURSE"},
		{"G-HV-05", NetNursing, func(s *Situation) { s.Visit.Nurse.Registered = false }, CodeGateNurse, StageSubmit, PossibleNo, "CHOOSE_OTHER_NURSE"},
		{"G-HV-06", HomeVisit, func(s *Situation) { s.Visit.Tracked = false }, CodeGateNoTracking, "", PossibleYes, "CHECK_IN_VISIT"},
		{"G-HV-07", NetNursing, func(s *Situation) { s.Visit.Assessed = false }, CodeGateNoAssessment, StageSubmit, PossibleNo, "ASSESS_FIRST"},
		{"G-HV-10", HomeVisit, func(s *Situation) { s.Doctor.Level = LevelAssistant }, CodeGateVisitingLevel, StageAccept, PossibleIf, "CHOOSE_OTHER_DOCTOR"},
		{"G-RM-09", RemoteConsult, func(s *Situation) { s.Process.Declines = 2 }, CodeGateUnreasoned, "", PossibleYes, ""},
		{"G-RM-10", RemoteConsult, func(s *Situation) { s.Process.Signed, s.Process.Adopted = false, false }, CodeGateUnsigned, "", PossibleYes, "SIGN_REPORT"},
		{"G-RM-10", RemoteConsult, func(s *Situation) { s.Process.Adopted = false }, CodeGateUnadopted, "", PossibleYes, "ADOPT_REPORT"},
		{"G-RM-11", RemoteMDT, func(s *Situation) { delete(s.InviterDeclared, "RECORD_KEEPING") }, CodeGateNotDeclared, "", PossibleYes, "DECLARE_FACTS"},
		{"G-RM-12", RemoteRound, func(s *Situation) { delete(s.Invitee.Declared, "EQUIPMENT") }, CodeGateNotDeclared, "", PossibleYes, "DECLARE_FACTS"},
		{"G-RM-14", RemoteConsult, func(s *Situation) { s.Process.AnsweredAt = s.Process.AnsweredAt.Add(time.Second) }, CodeGateAnswerLate, "", PossibleYes, ""},
		{"G-IH-08", OnlineRevisit, func(s *Situation) { delete(s.Invitee.Declared, "SHARED_RECORDS") }, CodeGateNotDeclared, "", PossibleYes, "DECLARE_FACTS"},
		{"G-IH-10", OnlineRevisit, func(s *Situation) { s.Process.RecordMonths = 179 }, CodeGateKeptShort, "", PossibleYes, "ASK_OPERATOR"},
		{"G-IH-10", OnlineRevisit, func(s *Situation) { s.Process.ProcessMonths = 35 }, CodeGateKeptShort, "", PossibleYes, "ASK_OPERATOR"},
		{"G-IH-11", OnlineRevisit, func(s *Situation) { s.Process.TraceBroken = true }, CodeGateTraceBroken, "", PossibleYes, "ASK_AUDITOR"},
		{"G-IH-11", OnlineRevisit, func(s *Situation) { delete(s.Invitee.Declared, "SUPERVISION_PORT") }, CodeGateNotDeclared, "", PossibleYes, "DECLARE_FACTS"},
		{"G-IH-12", OnlineRevisit, func(s *Situation) { delete(s.Invitee.Declared, "MANAGEMENT_SYSTEMS") }, CodeGateNotDeclared, "", PossibleYes, "DECLARE_FACTS"},
		{"G-IH-13", OnlineRevisit, func(s *Situation) { s.Process.Leaks = 1 }, CodeGateLeak, "", PossibleYes, "HANDLE_LEAK"},
		{"G-IH-14", OnlineRevisit, func(s *Situation) { s.Invitee.Declared["SECURITY_GRADE"] = over }, CodeGateNotDeclared, "", PossibleYes, "DECLARE_FACTS"},
		{"G-IH-15", OnlineRevisit, func(s *Situation) { delete(s.Invitee.Declared, "INCOME") }, CodeGateNotDeclared, "", PossibleYes, "DECLARE_FACTS"},
		{"G-HV-08", HomeVisit, func(s *Situation) { s.Visit.Coverage.ContractedBefore = 61 }, CodeGateCoverageFlat, "", PossibleYes, "SIGN_FAMILY_CONTRACT"},
		{"G-HV-09", HomeVisit, func(s *Situation) { s.Visit.Coverage.SpecialContracted = 39 }, CodeGateCoverageLow, "", PossibleYes, "SIGN_FAMILY_CONTRACT"},
	}
	newest := Rulesets(RulesetGates)[len(Rulesets(RulesetGates))-1].Version
	asked := map[string]bool{}
	for _, tt := range tests {
		asked[tt.rule] = true
		t.Run(tt.rule+" "+tt.code, func(t *testing.T) {
			for _, at := range stages {
				if v := evaluateGates(inOrder(), at, newest).Of(tt.service); v.Possible != PossibleYes || !v.Counts || len(v.Reasons) > 0 {
					t.Fatalf("in order, %s: %+v", at, v)
				}
			}
			s := inOrder()
			tt.change(&s)
			for _, at := range stages {
				v := evaluateGates(s, at, newest).Of(tt.service)
				i := slices.IndexFunc(v.Reasons, func(r RuleReason) bool { return r.Rule == tt.rule && r.Code == tt.code })
				if i < 0 {
					t.Fatalf("%s: no reason in %+v", at, v)
				}
				if v.Reasons[i].Mend != tt.mend {
					t.Errorf("mended by %q", v.Reasons[i].Mend)
				}
				stops := tt.at != "" && tt.at.Reached(at)
				if (v.Possible == PossibleNo) != stops || (v.Err(at) != nil) != stops {
					t.Errorf("%s: %+v", at, v)
				}
				if at == StageSubmit && v.Possible != tt.before {
					t.Errorf("before the call %s, want %s", v.Possible, tt.before)
				}
			}
		})
	}
	for _, r := range GateRules(newest) {
		if r.Check == "" || !asked[r.Rule] && r.Rule != "NC01" {
			t.Errorf("%s has no case", r.Rule)
		}
	}
}

// What only the institution can improve never stops anybody, never keeps a consultation from counting, and stands behind what people at the
// bedside can mend.
func TestRecordedReasons(t *testing.T) {
	newest := Rulesets(RulesetGates)[len(Rulesets(RulesetGates))-1].Version
	s := inOrder()
	s.InviterDeclared, s.Invitee.Declared = Declarations{}, Declarations{}
	s.InvitationIncomplete = true
	v := evaluateGates(s, StageStart, newest).Of(RemoteConsult)
	if v.Possible != PossibleYes || !v.Counts || v.Reasons[0].Code != CodeGateInvitation {
		t.Errorf("%+v", v)
	}
	lacking := map[string]string{}
	for _, r := range v.Reasons {
		if r.Code == CodeGateNotDeclared {
			lacking[r.Args["declaration"]] = r.Args["party"]
		}
	}
	if len(lacking) != 2 || lacking["EQUIPMENT"] != partyBoth || lacking["RECORD_KEEPING"] != partyBoth {
		t.Errorf("of a remote consultation %v", lacking)
	}
	s.InviterDeclared, s.Invitee.Declared, s.Process, s.Visit.Coverage = nil, nil, nil, nil
	for _, service := range []ServiceType{RemoteConsult, OnlineRevisit, HomeVisit} {
		for _, r := range evaluateGates(s, StageClose, newest).Of(service).Reasons {
			if r.Effect == EffectRecords {
				t.Errorf("%s: nothing is known, yet %s", service, r.Code)
			}
		}
	}
	s = inOrder()
	s.Visit.Coverage = &Coverage{Residents: 100, Contracted: 75, ResidentsBefore: 100, ContractedBefore: 90, Special: 1, SpecialContracted: 1}
	if v := evaluateGates(s, StageStart, newest).Of(HomeVisit); len(v.Reasons) != 0 {
		t.Errorf("high enough to stay: %+v", v.Reasons)
	}
}

func TestDeclarations(t *testing.T) {
	today := Date{2026, 10, 20}
	for _, tt := range []struct {
		dated, last Date
		refused     string
	}{
		{today, Date{2027, 10, 19}, ""},
		{today, Date{2027, 10, 20}, CodeDeclarationTerm},
		{Date{2025, 10, 21}, today, ""},
		{Date{2025, 10, 20}, Date{2026, 10, 19}, CodeDeclarationTerm},
		{Date{2026, 10, 21}, Date{2027, 1, 1}, CodeDeclarationDated},
	} {
		wantCode(t, CheckDeclaration(tt.dated, tt.last, today), tt.refused)
	}
	rules := map[string]bool{}
	for _, r := range GateRules(Rulesets(RulesetGates)[len(Rulesets(RulesetGates))-1].Version) {
		rules[r.Rule+" "+r.Check] = true
	}
	for _, d := range DeclarationsOf(true) {
		if !rules[d.Rule+" declared_"+strings.ToLower(d.Code)] {
			t.Errorf("%s is asked by no row of %s", d.Code, d.Rule)
		}
		if d.Hint.ZH == "" || d.Hint.EN == "" {
			t.Errorf("%s: what does the document show?", d.Code)
		}
	}
	if got := len(DeclarationsOf(false)); got != 2 {
		t.Errorf("a care home declares %d things", got)
	}
}

// What was released stays as it was: a consultation was judged by it.
func TestReleasedRulesetsStay(t *testing.T) {
	for name, digest := range map[string]string{
		"gates_2026-01.csv":        "59df6fe2e9d055effd1f5401f0d96788176d345b72750de3c1aeecc8632cbea8",
		"countability_2026-01.csv": "e3ec0380a6fff49e29b33e974b1ddb354a38b4eb84819fac7edcc409c41efb7b",
		"gates_2026-11.csv":        "c84a5ce7ff189d9d4bd00d5bf649bff176af6f9a9613e9b73f3a88d44aec9ef2",
		"countability_2026-11.csv": "6e6d6e2ff5879e309ff4216d35ff847364cd619bcbe2c0ffde16219e064bc9fd",
	} {
		raw, err := files.ReadFile("data/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if got := sha256.Sum256(raw); hex.EncodeToString(got[:]) != digest {
			t.Errorf("%s was changed: write a new version instead", name)
		}
	}
}

func TestExceptionsOfTheGates(t *testing.T) {
	s := inOrder()
	s.Visit.Contract, s.Visit.ContractException = Licence{}, true
	if v := EvaluateGates(s, StageStart).Of(HomeVisit); v.Possible != PossibleYes {
		t.Errorf("an assessed exception stands for a contract: %+v", v)
	}
	s = inOrder()
	s.Doctor.Level, s.Visit.RemoteArea = LevelAssistant, true
	if v := EvaluateGates(s, StageStart).Of(HomeVisit); v.Possible != PossibleYes {
		t.Errorf("an assistant physician visits in a township: %+v", v)
	}
	s = inOrder()
	s.IndividualInvited, s.InviterInternet = true, Licence{Held: true, From: Date{2020, 1, 1}}
	if v := EvaluateGates(s, StageStart).Of(RemoteConsult); v.Possible != PossibleYes || v.Exemption != "CONSULTATION" {
		t.Errorf("an internet hospital invites a doctor: %+v", v)
	}
	one := 1
	if got := VisitEligibility(&one, true, 80); !slices.Equal(got, []string{"DISABLED", "CHRONIC", "AGED"}) {
		t.Errorf("eligible as %v", got)
	}
	at := time.Date(2026, 10, 20, 1, 0, 0, 0, time.UTC)
	for _, late := range []time.Duration{24 * time.Hour, 24*time.Hour + 1} {
		s = inOrder()
		s.Emergency = &Emergency{PassedAt: at, ApprovedAt: at.Add(late)}
		if got := EvaluateGates(s, StageClose).Of(RemoteConsult).Counts; got != (late == 24*time.Hour) {
			t.Errorf("approved after %v: %v", late, got)
		}
	}
}

// A rule that has to be confirmed can be switched off; one of a statute cannot.
func TestSwitches(t *testing.T) {
	s := inOrder()
	s.Attending = nil
	s.Settings = Settings{"on.G-RM-03": 0, "on.G-IH-05": 0}
	if v := EvaluateGates(s, StageStart).Of(RemoteConsult); v.Possible != PossibleYes {
		t.Errorf("switched off: %+v", v)
	}
	s = inOrder()
	s.Agreements = nil
	s.Settings = Settings{"on.G-RM-06": 0}
	if v := EvaluateGates(s, StageStart).Of(RemoteConsult); v.Possible != PossibleNo {
		t.Errorf("a statute was switched off: %+v", v)
	}
	if _, ok := Setting("on.G-RM-06"); ok {
		t.Error("a statute has a switch")
	}
	s = inOrder()
	s.Doctor.IndependentSince = Date{2022, 1, 1}
	s.Settings = Settings{"independent_years": 5}
	if v := EvaluateGates(s, StageAccept).Of(RemoteConsult); v.Possible != PossibleNo || v.Reasons[0].Args["years"] != "5" {
		t.Errorf("five years: %+v", v)
	}
}

func TestSettings(t *testing.T) {
	for _, s := range SettingInfos() {
		if s.Default < s.Min || s.Default > s.Max || s.ZH == "" || s.EN == "" || s.Rule == "" {
			t.Errorf("%+v", s)
		}
		if s.SwitchesRule && !s.Mark.Unconfirmed() {
			t.Errorf("%s switches a statute", s.Name)
		}
		if got := (Settings{}).Int(s.Name); got != s.Default {
			t.Errorf("%s is %d", s.Name, got)
		}
		wantCode(t, CheckSetting(s.Name, s.Min), "")
		wantCode(t, CheckSetting(s.Name, s.Max+1), CodeSettingRange)
		wantCode(t, CheckSetting(s.Name, s.Min-1), CodeSettingRange)
	}
	wantCode(t, CheckSetting("no_such", 1), CodeUnknownCode)
}

// The data stand for themselves: every rule of the list exists, names a check that there is, a source and both languages; every
// button has a label.
func TestRulesets(t *testing.T) {
	for _, kind := range []RulesetKind{RulesetGates, RulesetCountability} {
		if len(Rulesets(kind)) == 0 {
			t.Fatalf("no ruleset of %s", kind)
		}
	}
	used := map[string]bool{}
	for _, v := range Rulesets(RulesetGates) {
		for _, r := range GateRules(v.Version) {
			used[r.Rule] = true
			if r.Check != "" && gateChecks[r.Check] == nil {
				t.Errorf("%s: no check %q", r.Rule, r.Check)
			}
			if r.Check != "" && (!slices.Contains(stages, r.Due) || !slices.Contains([]Effect{EffectBlocks, EffectCounts, EffectWarns, EffectRecords}, r.Effect)) {
				t.Errorf("%s: due %q, effect %q", r.Rule, r.Due, r.Effect)
			}
			if r.Source == "" || r.ZH == "" || r.EN == "" || !slices.Contains([]Provenance{MarkStatute, MarkUnsure, MarkOwnChoice}, r.Mark) {
				t.Errorf("%+v", r)
			}
			if r.Check != "" && !slices.ContainsFunc(ServiceTypes(), func(s ServiceTypeInfo) bool { return r.Applies(ServiceType(s.Code)) }) {
				t.Errorf("%s applies to nothing", r.Rule)
			}
		}
	}
	for prefix, last := range map[string]int{"G-RM-": 14, "G-IH-": 15, "G-HV-": 10} {
		for n := 1; n <= last; n++ {
			if name := prefix + NCName(n)[2:]; !used[name] {
				t.Errorf("%s is missing", name)
			}
		}
	}
	for _, r := range gateReasons().rows {
		if r.mend != "" {
			if _, ok := Lookup(VocabMend, r.mend); !ok {
				t.Errorf("%s: no label for %s", r.Code, r.mend)
			}
		}
	}
	for _, mend := range Terms(VocabMend) {
		if by, ok := Lookup(VocabMendBy, mend.Code); !ok || by.ZH == "" || by.EN == "" {
			t.Errorf("%s: nobody is named who can mend it", mend.Code)
		}
	}
	for _, v := range Rulesets(RulesetCountability) {
		for _, r := range CountRules(v.Version) {
			if _, ok := Lookup(VocabMendBy, r.Mend); !ok && r.Mend != "" {
				t.Errorf("%s: nobody is named for %s", r.Rule, r.Mend)
			}
		}
	}
	if got := RulesetOn(RulesetGates, Date{2019, 1, 1}).Version; got != Rulesets(RulesetGates)[0].Version {
		t.Errorf("before the first version: %s", got)
	}
}

// No path reaches IN_PROGRESS with a failed mandatory gate other than a CRITICAL one, whose answering side is licensed all the
// same: whatever changes between the stages, and whoever tries what in which order.
func TestNoPathAroundTheGates(t *testing.T) {
	forward := []Action{ActSubmit, ActTriage, ActOffer, ActClaim, ActReady, ActStart}
	started, stopped := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		service := rapid.SampledFrom([]ServiceType{RemoteConsult, RehabCareGuide, OnlineRevisit, ChronicMgmt, MedGuide}).Draw(t, "service")
		p := Position{State: StateDraft, Service: service, Critical: rapid.Bool().Draw(t, "critical")}
		for range 40 {
			s := anySituation(t)
			if p.Critical {
				s.Urgency = Critical
			}
			verdict := EvaluateGates(s, StageStart).Of(service)
			p.Cleared = verdict.Cleared()
			open := Transitions()
			open = slices.DeleteFunc(open, func(tr Transition) bool { return tr.From != p.State })
			if len(open) == 0 {
				return
			}
			tr := rapid.SampledFrom(open).Draw(t, "transition")
			onward := slices.IndexFunc(open, func(tr Transition) bool { return slices.Contains(forward, tr.Action) })
			if onward >= 0 && rapid.IntRange(0, 3).Draw(t, "onward") > 0 {
				tr = open[onward]
			}
			before := p.State
			next, err := Step(p, tr.Action, rapid.SampledFrom(tr.Roles).Draw(t, "role"), "because")
			if err != nil {
				if tr.Action == ActStart {
					stopped++
				}
				continue
			}
			p = next
			if p.State != StateInProgress || before == StateInProgress {
				continue
			}
			started++
			for _, r := range verdict.Reasons {
				if r.Effect == EffectBlocks && r.Due != StageClose && (!p.Critical || r.Hard) {
					t.Fatalf("in progress although %s %s", r.Rule, r.Code)
				}
			}
		}
	})
	if started == 0 || stopped == 0 {
		t.Errorf("%d started, %d were stopped: the walk proves nothing", started, stopped)
	}
}

// anySituation breaks any of what a gate looks at.
func anySituation(t *rapid.T) Situation {
	s := inOrder()
	s.Urgency = Routine
	for _, change := range []func(){
		func() { s.InviterLicence = Licence{} }, func() { s.Invitee.Licence = Licence{} }, func() { s.Invitee.Departments = nil },
		func() { s.Invitee.Internet = Licence{} }, func() { s.Agreements = nil }, func() { s.Attending = nil }, func() { s.ConsentValid = false },
		func() { s.ResidentIdentified = false }, func() { s.InvitationIncomplete = true }, func() { s.NewCondition = true }, func() { s.Revisit = nil },
		func() { s.Doctor.Licence = Licence{} }, func() { s.Doctor.IndependentSince = s.Day }, func() { s.Doctor.Registered = false },
		func() { s.Doctor.Authenticated = false }, func() { s.IndividualInvited = true }, func() { s.Visit = VisitFacts{} },
	} {
		if rapid.IntRange(0, 5).Draw(t, "break") == 0 {
			change()
		}
	}
	return s
}

// What is possible at a later stage was possible before: a rule that is due stays due.
func TestStagesOnlyAddRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySituation(t)
		s.Urgency = rapid.SampledFrom([]Urgency{Critical, Routine}).Draw(t, "urgency")
		for i := 1; i < len(stages); i++ {
			for _, later := range EvaluateGates(s, stages[i]).Verdicts {
				earlier := EvaluateGates(s, stages[i-1]).Of(later.Service)
				if later.Possible != PossibleNo && !later.Override && earlier.Possible == PossibleNo {
					t.Fatalf("%s: %s at %s, %s at %s", later.Service, earlier.Possible, stages[i-1], later.Possible, stages[i])
				}
			}
		}
	})
}
