package consult

import (
	"slices"
	"strings"
	"sync"
)

// Vocabulary names a code table, for listings and for labels.
type Vocabulary string

// The code tables. The ones without a type of their own are plain lists of terms in data/terms.csv.
const (
	VocabService        Vocabulary = "service_type"
	VocabUrgency        Vocabulary = "urgency"
	VocabRole           Vocabulary = "role"
	VocabInstitution    Vocabulary = "institution_type"
	VocabDepartment     Vocabulary = "department"
	VocabDivision       Vocabulary = "division"
	VocabCondition      Vocabulary = "condition"
	VocabState          Vocabulary = "state"
	VocabAction         Vocabulary = "action"
	VocabVital          Vocabulary = "vital"
	VocabReason         Vocabulary = "reason"
	VocabRedFlag        Vocabulary = "red_flag"
	VocabAuthorityLevel Vocabulary = "authority_level"
	VocabOutcome        Vocabulary = "outcome"
	VocabSex            Vocabulary = "sex"
	VocabIDType         Vocabulary = "id_type"
	VocabTitle          Vocabulary = "title"
	VocabAbility        Vocabulary = "ability"
	VocabEthnic         Vocabulary = "ethnic"
	VocabPhysicianLevel Vocabulary = "physician_level"
	VocabCertainty      Vocabulary = "certainty"
	VocabAdviceKind     Vocabulary = "advice_kind"
	VocabAdoption       Vocabulary = "adoption"
	VocabConsentSigner  Vocabulary = "consent_signer"
	VocabConsentMethod  Vocabulary = "consent_method"
	VocabRelation       Vocabulary = "relation"
	VocabCapacity       Vocabulary = "capacity"
	VocabVitalFlag      Vocabulary = "vital_flag"
	VocabVitalQualifier Vocabulary = "vital_qualifier"
	VocabGlucoseTiming  Vocabulary = "glucose_timing"
	VocabReportGap      Vocabulary = "report_gap"
	VocabRemoteExam     Vocabulary = "remote_exam"   // what can be examined over the distance
	VocabAdvicePhrase   Vocabulary = "advice_phrase" // often advised; the code begins with the kind and a dot
	VocabConsentTick    Vocabulary = "consent_tick"
	VocabIdentified     Vocabulary = "identified"
	VocabRuleMark       Vocabulary = "rule_mark"
	VocabGateStage      Vocabulary = "gate_stage"
	VocabGateEffect     Vocabulary = "gate_effect"
	VocabGoal           Vocabulary = "goal"
	VocabMend           Vocabulary = "mend"
	VocabFinding        Vocabulary = "complaint_finding"
	VocabCountRule      Vocabulary = "count_rule" // NC01 to NC24: why a consultation does not count
	VocabMendBy         Vocabulary = "mend_by"    // of each button who can press it and where
	VocabDeclaration    Vocabulary = "declaration"
	VocabParty          Vocabulary = "party"

	VocabMedSource        Vocabulary = "med_source"
	VocabMedFrequency     Vocabulary = "med_frequency"
	VocabMedRoute         Vocabulary = "med_route"
	VocabAllergyKind      Vocabulary = "allergy_kind"
	VocabSeverity         Vocabulary = "severity"
	VocabDirection        Vocabulary = "referral_direction"
	VocabReferralState    Vocabulary = "referral_state"
	VocabReferralAction   Vocabulary = "referral_action"
	VocabGreenChannel     Vocabulary = "green_channel"
	VocabComplaint        Vocabulary = "complaint_category"
	VocabAdverseType      Vocabulary = "adverse_type"
	VocabAdverseGrade     Vocabulary = "adverse_grade"
	VocabInfectionSign    Vocabulary = "infection_sign"
	VocabScale            Vocabulary = "risk_scale"
	VocabRiskLevel        Vocabulary = "risk_level"
	VocabQualityItem      Vocabulary = "quality_item"
	VocabDocumentCategory Vocabulary = "document_category"

	VocabVisitState       Vocabulary = "visit_state"
	VocabVisitAction      Vocabulary = "visit_action"
	VocabVisitSource      Vocabulary = "visit_source"
	VocabVisitEnd         Vocabulary = "visit_end"
	VocabVisitEligibility Vocabulary = "visit_eligibility"
	VocabVisitSigner      Vocabulary = "visit_signer"
	VocabVisitTwo         Vocabulary = "visit_two"
	VocabVisitAlarm       Vocabulary = "visit_alarm"
	VocabVisitEvent       Vocabulary = "visit_event"
	VocabBedState         Vocabulary = "bed_state"
	VocabBedAction        Vocabulary = "bed_action"
	VocabBedClose         Vocabulary = "bed_close"
)

// lists holds data/terms*.csv by vocabulary.
var lists = sync.OnceValue(func() map[Vocabulary]*table[Term] {
	rows := make(map[Vocabulary][]Term)
	for _, r := range slices.Concat(readRecords("terms.csv"), readRecords("terms_surroundings.csv"), readRecords("terms_family.csv"), readRecords("terms_visits.csv"), readRecords("terms_audit.csv")) {
		v := Vocabulary(r.text("vocabulary"))
		rows[v] = append(rows[v], r.labels())
	}
	out := make(map[Vocabulary]*table[Term], len(rows))
	for v, terms := range rows {
		out[v] = newTable(terms)
	}
	return out
})

// typed gives the terms of the tables that have a type of their own.
var typed = sync.OnceValue(func() map[Vocabulary]*table[Term] {
	return map[Vocabulary]*table[Term]{
		VocabService:     newTable(serviceTypes().terms()),
		VocabUrgency:     newTable(urgencies().terms()),
		VocabRole:        newTable(roles().terms()),
		VocabInstitution: newTable(institutionTypes().terms()),
		VocabDepartment:  newTable(shipped().departments.terms()),
		VocabDivision:    newTable(shipped().divisions.terms()),
		VocabCondition:   newTable(shipped().conditions.terms()),
		VocabState:       newTable(states().terms()),
		VocabAction:      newTable(actions().terms()),
		VocabVital:       newTable(shipped().vitals.terms()),
		VocabReason:      newTable(reasons().terms()),
		VocabRedFlag:     newTable(redFlags().terms()),

		VocabInfectionSign: newTable(infectionSigns().terms()),
		VocabScale:         newTable(scales().terms()),
		VocabQualityItem:   newTable(qualityItems().terms()),

		VocabDeclaration: newTable(declarations().terms()),
		VocabPackageItem: newTable(packageItems().terms()),
		VocabPlanKind:    newTable(planKinds().terms()),
		VocabPreparation: newTable(preparations().terms()),
	}
})

func vocabulary(v Vocabulary) *table[Term] {
	if t, ok := lists()[v]; ok {
		return t
	}
	return typed()[v]
}

// Vocabularies lists the names of all code tables in alphabetical order.
func Vocabularies() []Vocabulary {
	var out []Vocabulary
	for v := range lists() {
		out = append(out, v)
	}
	for v := range typed() {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// Terms returns the entries of a code table in its own order, nil for an unknown table.
func Terms(v Vocabulary) []Term {
	t := vocabulary(v)
	if t == nil {
		return nil
	}
	return t.all()
}

// Lookup finds one code in a code table.
func Lookup(v Vocabulary, code string) (Term, bool) {
	t := vocabulary(v)
	if t == nil {
		return Term{}, false
	}
	return t.get(code)
}

// Label returns the label of a code, and the code itself when the table does not have it.
func Label(v Vocabulary, code string, l Lang) string {
	if t, ok := Lookup(v, code); ok {
		return t.Label(l)
	}
	return code
}

// CheckCode refuses a code that the table does not have (unknown_code). The value is not repeated in the refusal: it comes
// from outside and may hold anything.
func CheckCode(v Vocabulary, code string) error {
	if _, ok := Lookup(v, code); !ok {
		return refuse(CodeUnknownCode, "table", string(v))
	}
	return nil
}

// ServiceType is a kind of service in the law's sense, such as REMOTE_CONSULT.
type ServiceType string

// The service types.
const (
	RemoteConsult    ServiceType = "REMOTE_CONSULT"
	RemoteMDT        ServiceType = "REMOTE_MDT"
	RemoteDiag       ServiceType = "REMOTE_DIAG"
	RemoteRound      ServiceType = "REMOTE_ROUND"
	OnlineRevisit    ServiceType = "ONLINE_REVISIT"
	ChronicMgmt      ServiceType = "CHRONIC_MGMT"
	RehabCareGuide   ServiceType = "REHAB_CARE_GUIDE"
	MedGuide         ServiceType = "MED_GUIDE"
	HomeVisit        ServiceType = "HOME_VISIT"
	HomeBedRound     ServiceType = "HOME_BED_ROUND"
	NetNursing       ServiceType = "NET_NURSING"
	PsySupport       ServiceType = "PSY_SUPPORT"
	PalliativeRemote ServiceType = "PALLIATIVE_REMOTE"
	Training         ServiceType = "TRAINING"
	Lecture          ServiceType = "LECTURE"
	HealthAdvice     ServiceType = "HEALTH_ADVICE"
)

// ServiceTypeInfo is what the table says about a service type.
type ServiceTypeInfo struct {
	Term
	Basis         string `json:"basis"`          // legal basis: TELEMEDICINE, INTERNET_CARE, FAMILY_DOCTOR, HOME_BED, NURSING, PHARMACY, NONE
	Goal          string `json:"goal"`           // G1…G5, empty when the service serves none of the counted goals
	Countable     bool   `json:"countable"`      // false: NC01_SERVICE_TYPE, whatever else holds
	NeedsAdoption bool   `json:"needs_adoption"` // the inviting side must record what it adopted (G-RM-10)
}

var serviceTypes = loadTable("service_types.csv", func(r record) ServiceTypeInfo {
	return ServiceTypeInfo{Term: r.labels(), Basis: r.text("basis"), Goal: r.text("goal"),
		Countable: r.flag("countable"), NeedsAdoption: r.flag("adoption")}
})

// ServiceTypes lists all service types.
func ServiceTypes() []ServiceTypeInfo { return serviceTypes().all() }

// Info returns the table's row of the service type.
func (s ServiceType) Info() (ServiceTypeInfo, bool) { return serviceTypes().get(string(s)) }

// Valid tells whether the table has the service type.
func (s ServiceType) Valid() bool { _, ok := s.Info(); return ok }

// Role is what a person is in an organisation.
type Role string

// The roles. RoleSystem is the program itself (timers, recovery); it is in no table and nobody can be given it.
const (
	RoleResident        Role = "RESIDENT"
	RoleGuardian        Role = "GUARDIAN"
	RoleCareWorker      Role = "CARE_WORKER"
	RoleNurse           Role = "NURSE"
	RoleAttending       Role = "ATTENDING"
	RoleConsultant      Role = "CONSULTANT"
	RoleRevisitDoctor   Role = "REVISIT_DOCTOR"
	RoleFamilyDoctor    Role = "FAMILY_DOCTOR"
	RoleRehabTherapist  Role = "REHAB_THERAPIST"
	RolePharmacist      Role = "PHARMACIST"
	RoleNutritionist    Role = "NUTRITIONIST"
	RoleHealthManager   Role = "HEALTH_MANAGER"
	RoleSocialWorker    Role = "SOCIAL_WORKER"
	RoleVolunteer       Role = "VOLUNTEER"
	RoleDispatcher      Role = "DISPATCHER"
	RoleInstAdmin       Role = "INST_ADMIN"
	RoleQC              Role = "QC"
	RoleComplaint       Role = "COMPLAINT_OFFICER"
	RoleCountyAuthority Role = "REG_COUNTY"
	RoleLeagueAuthority Role = "REG_LEAGUE"
	RoleRegionAuthority Role = "REG_REGION"
	RoleSysAdmin        Role = "SYS_ADMIN"
	RoleSecAdmin        Role = "SEC_ADMIN"
	RoleAuditor         Role = "AUDITOR"
	RoleInterpreter     Role = "INTERPRETER"
	RoleSystem          Role = "SYSTEM"
)

// RoleInfo is what the table says about a role.
type RoleInfo struct {
	Term
	Kind string `json:"kind"` // FAMILY, CARE, DOCTOR, ALLIED, OFFICE, AUTHORITY, SYSTEM
}

var roles = loadTable("roles.csv", func(r record) RoleInfo {
	return RoleInfo{Term: r.labels(), Kind: r.text("kind")}
})

// Roles lists the roles that an organisation can give to a person.
func Roles() []RoleInfo { return roles().all() }

// Info returns the table's row of the role.
func (r Role) Info() (RoleInfo, bool) { return roles().get(string(r)) }

// Valid tells whether the role can be given to a person.
func (r Role) Valid() bool { _, ok := r.Info(); return ok }

// InstitutionInfo describes a type of organisation.
type InstitutionInfo struct {
	Term
	Kind    string `json:"kind"`    // MEDICAL (WS 218 code) or CARE (project code)
	Primary bool   `json:"primary"` // 基层医疗卫生机构: an assistant physician or village doctor may accompany (G-RM-03)
}

var institutionTypes = loadTable("institution_types.csv", func(r record) InstitutionInfo {
	return InstitutionInfo{Term: r.labels(), Kind: r.text("kind"), Primary: r.flag("primary")}
})

// InstitutionTypes lists the types of medical institutions and of care institutions.
func InstitutionTypes() []InstitutionInfo { return institutionTypes().all() }

// InstitutionType finds a type of organisation by its code.
func InstitutionType(code string) (InstitutionInfo, bool) { return institutionTypes().get(code) }

// Department is a 诊疗科目 of the national list, code without the dot (0304).
type Department struct {
	Term
	Parent string `json:"parent"` // the two-digit department, empty at the top
}

// DepartmentByCode finds a department of the shipped list.
func DepartmentByCode(code string) (Department, bool) { return shipped().Department(code) }

// Covers is Codes.Covers by the shipped list.
func Covers(licensed []string, wanted string) bool { return shipped().Covers(licensed, wanted) }

// Division is an administrative division of Inner Mongolia (GB/T 2260). An organisation's reporting parent is a field of
// its own and is not derived from it.
type Division struct {
	Term
	Parent string `json:"parent"`
	Level  string `json:"level"` // REGION, LEAGUE, COUNTY
}

// Divisions lists the shipped divisions by code: the region, its 12 leagues and cities and their 103 counties and banners.
func Divisions() []Division { return shipped().Divisions() }

// DivisionByCode finds a division of the shipped list.
func DivisionByCode(code string) (Division, bool) { return shipped().Division(code) }

// DivisionWithin is Codes.DivisionWithin by the shipped list.
func DivisionWithin(code, area string) bool { return shipped().DivisionWithin(code, area) }

// Outcome is how a consultation came out, such as ADJUST; the list is the vocabulary "outcome".
type Outcome string

// Valid tells whether the outcome is in the list.
func (o Outcome) Valid() bool { _, ok := Lookup(VocabOutcome, string(o)); return ok }

// Sex is a code of GB/T 2261.1.
type Sex string

// The codes of GB/T 2261.1.
const (
	SexUnknown   Sex = "0"
	SexMale      Sex = "1"
	SexFemale    Sex = "2"
	SexNotStated Sex = "9"
)

// Condition is a diagnosis of the ICD-10 list for the elderly.
type Condition struct {
	Term
	Aka      []string `json:"aka,omitempty"` // colloquial names, Chinese
	initials []string // pinyin initials of the name and of each colloquial name
}

// Conditions lists the shipped diagnoses in the order of the list, commonest groups first.
func Conditions() []Condition { return shipped().Conditions() }

// ConditionByCode finds a diagnosis of the shipped list by its ICD-10 code.
func ConditionByCode(code string) (Condition, bool) { return shipped().Condition(code) }

// SearchConditions finds diagnoses by the beginning of the code ("i6", "I63.9"), a part of a Chinese name, the beginning of
// pinyin initials ("gxy") or the beginning of an English word. Better kinds of match come first, then the list's order.
// An empty query gives the head of the list; limit below 1 gives nothing.
func SearchConditions(q string, limit int) []Condition { return shipped().SearchConditions(q, limit) }

// SearchConditions is the same in the table in force.
func (c *Codes) SearchConditions(q string, limit int) []Condition {
	q = strings.ToLower(strings.Join(strings.Fields(q), " "))
	var hits [matchKinds][]Condition
	for _, one := range c.or().conditions.rows[:c.or().conditions.living] {
		if k := one.match(q); k < matchKinds {
			hits[k] = append(hits[k], one)
		}
	}
	var out []Condition
	for _, h := range hits {
		for _, c := range h {
			if len(out) >= limit {
				return out
			}
			out = append(out, c)
		}
	}
	return out
}

// Kinds of match, best first; matchKinds means none.
const (
	matchCode = iota
	matchStart
	matchPart
	matchPartOfInitials
	matchKinds
)

func (c Condition) match(q string) int {
	if strings.HasPrefix(strings.ToLower(c.Code), q) {
		return matchCode
	}
	best := matchKinds
	for _, name := range append([]string{c.ZH}, c.Aka...) {
		switch i := strings.Index(strings.ToLower(name), q); {
		case i == 0:
			best = min(best, matchStart)
		case i > 0:
			best = min(best, matchPart)
		}
	}
	bare := strings.ReplaceAll(q, " ", "")
	for _, initials := range c.initials {
		switch i := strings.Index(initials, bare); {
		case i == 0:
			best = min(best, matchStart)
		case i > 0:
			best = min(best, matchPartOfInitials)
		}
	}
	switch en := strings.ToLower(c.EN); {
	case strings.HasPrefix(en, q):
		best = min(best, matchStart)
	case strings.Contains(en, " "+q), strings.Contains(en, "("+q):
		best = min(best, matchPart)
	}
	return best
}
