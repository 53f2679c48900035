package care

import (
	"context"
	"slices"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// defaultLanguage is what a resident speaks unless somebody says otherwise.
const defaultLanguage = "zh-CN"

// residentLanguages are the languages in which a resident may want to be spoken to.
func residentLanguages() []contract.Term {
	return []contract.Term{
		{Code: defaultLanguage, Zh: "普通话", En: "Mandarin"},
		{Code: "mn", Zh: "蒙古语", En: "Mongolian"},
		{Code: "dialect", Zh: "本地方言", En: "Local dialect"},
		{Code: "sign", Zh: "手语", En: "Sign language"},
		{Code: "other", Zh: "其他", En: "Other"},
	}
}

// residentRisks are what everybody at the bedside must know at a glance.
func residentRisks() []contract.Term {
	return []contract.Term{
		{Code: "FALL", Zh: "跌倒", En: "Fall"},
		{Code: "BED_FALL", Zh: "坠床", En: "Fall from bed"},
		{Code: "CHOKING", Zh: "噎食", En: "Choking"},
		{Code: "ASPIRATION", Zh: "误吸", En: "Aspiration"},
		{Code: "SCALD", Zh: "烫伤", En: "Scald"},
		{Code: "PRESSURE_INJURY", Zh: "压力性损伤", En: "Pressure injury"},
		{Code: "WANDERING", Zh: "走失", En: "Wandering"},
		{Code: "DEMENTIA", Zh: "失智", En: "Dementia"},
		{Code: "SELF_HARM", Zh: "自伤", En: "Self-harm"},
		{Code: "TUBE", Zh: "留置管路", En: "Tube or catheter"},
		{Code: "OXYGEN", Zh: "吸氧", En: "Oxygen"},
	}
}

func hasTerm(terms []contract.Term, code string) bool {
	return slices.ContainsFunc(terms, func(t contract.Term) bool { return t.Code == code })
}

// GetCatalogue gives the whole vocabulary with Chinese and English labels, and every sentence that the server can say.
func (s *Service) GetCatalogue(_ context.Context, a identity.Actor) (contract.Catalogue, error) {
	out := contract.Catalogue{
		Urgencies: terms(consult.VocabUrgency), States: terms(consult.VocabState), ServiceTypes: terms(consult.VocabService),
		Outcomes: terms(consult.VocabOutcome), Departments: s.codeTerms(consult.CodesDepartments), Roles: terms(consult.VocabRole),
		Titles: terms(consult.VocabTitle), CancelReasons: CancelReasons(), ReleaseReasons: ReleaseReasons(), DeclineReasons: DeclineReasons(),
		AdviceKinds: terms(consult.VocabAdviceKind), Risks: residentRisks(), AbilityLevels: terms(consult.VocabAbility),
		Relations: terms(consult.VocabRelation), Languages: residentLanguages(),
		InstitutionTypes: append(terms(consult.VocabInstitution), terms(consult.VocabAuthorityLevel)...),
		Divisions:        s.codeTerms(consult.CodesDivisions), EmergencySteps: EmergencySteps(), Sentences: problem.Sentences(), Lists: map[string][]contract.Term{},
		ConsentMethods: terms(consult.VocabConsentMethod), MedSources: terms(consult.VocabMedSource), MedFrequencies: terms(consult.VocabMedFrequency),
		MedRoutes: terms(consult.VocabMedRoute), AllergyKinds: terms(consult.VocabAllergyKind), Severities: terms(consult.VocabSeverity),
		DocumentCategories: terms(consult.VocabDocumentCategory), RiskScales: scaleTerms(), RiskLevels: terms(consult.VocabRiskLevel),
		ReferralDirections: terms(consult.VocabDirection), ReferralStates: terms(consult.VocabReferralState), ReferralActions: terms(consult.VocabReferralAction),
		GreenChannels: terms(consult.VocabGreenChannel), ComplaintCategories: terms(consult.VocabComplaint), AdverseTypes: terms(consult.VocabAdverseType),
		AdverseGrades: terms(consult.VocabAdverseGrade), InfectionSigns: terms(consult.VocabInfectionSign), QualityItems: qualityTerms(),
		Reasons: []contract.ReasonTerm{}, RedFlags: []contract.RedFlagTerm{}, Vitals: []contract.VitalTerm{},
	}
	for _, v := range slices.Concat(consult.LifecycleLists(), consult.RuleLists(), consult.FamilyLists(), consult.VisitLists(), consult.BookingLists(), consult.RoundLists(), consult.AuditLists()) {
		out.Lists[string(v)] = terms(v)
	}
	for _, r := range consult.Reasons() {
		flags := []string{}
		for _, f := range consult.RedFlagsFor(consult.Reason(r.Code)) {
			flags = append(flags, f.Code)
		}
		out.Reasons = append(out.Reasons, contract.ReasonTerm{Code: r.Code, Zh: r.ZH, En: r.EN, DepartmentCode: r.Department,
			Urgency: contract.Urgency(r.Urgency), RedFlags: flags})
	}
	for _, f := range consult.RedFlags() {
		out.RedFlags = append(out.RedFlags, contract.RedFlagTerm{Code: f.Code, Zh: f.ZH, En: f.EN, Urgency: contract.Urgency(f.Urgency),
			MeasuresZh: f.MeasuresZH, MeasuresEn: f.MeasuresEN})
	}
	for _, v := range s.codes().Vitals() {
		if v.Options != nil {
			continue // a reading on the wire is a number or a qualifier
		}
		out.Vitals = append(out.Vitals, vitalTerm(v, lang(a)))
	}
	return out, nil
}

// conditionsShown is how many diagnoses one search gives.
const conditionsShown = 20

// SearchConditions finds diagnoses by code, Chinese name, pinyin initials or English word.
func (s *Service) SearchConditions(_ context.Context, _ identity.Actor, in contract.SearchConditionsParams) ([]contract.Term, error) {
	out := []contract.Term{}
	for _, c := range s.codes().SearchConditions(in.Q, conditionsShown) {
		t := contract.Term{Code: c.Code, Zh: c.ZH, En: c.EN}
		if len(c.Aka) > 0 {
			t.Hint = &c.Aka[0]
		}
		out = append(out, t)
	}
	return out, nil
}

func terms(v consult.Vocabulary) []contract.Term {
	list := consult.Terms(v)
	out := make([]contract.Term, len(list))
	for i, t := range list {
		out[i] = contract.Term{Code: t.Code, Zh: t.ZH, En: t.EN}
	}
	return out
}

// codeTerms are the terms of a replaceable table with the pinyin initials by which they are found, those that are retired behind the others:
// they are read, and not chosen any more.
func (s *Service) codeTerms(k consult.CodeKind) []contract.Term {
	codes := s.codes()
	var out []contract.Term
	add := func(list []consult.Term, retired *bool) {
		for _, t := range list {
			out = append(out, contract.Term{Code: t.Code, Zh: t.ZH, En: t.Label(consult.EN), Initials: some(initials(t.ZH)), Retired: retired})
		}
	}
	yes := true
	add(codes.Terms(k.Vocabulary()), nil)
	add(codes.Retired(k), &yes)
	return out
}

func vitalTerm(v consult.VitalSpec, l consult.Lang) contract.VitalTerm {
	out := contract.VitalTerm{Code: v.Code, Zh: v.ZH, En: v.EN, Loinc: some(v.LOINC), Unit: v.UCUM, UnitLabel: unitLabel(v.UCUM, l),
		Decimals: v.Decimals, PlausibleLow: float32(v.PlausibleLow), PlausibleHigh: float32(v.PlausibleHigh),
		PossibleLow: float32(v.PossibleLow), PossibleHigh: float32(v.PossibleHigh), NormalLow: narrow(v.NormalLow),
		NormalHigh: narrow(v.NormalHigh), Qualifiers: []contract.VitalQualifier{}}
	for _, q := range v.Qualifiers {
		out.Qualifiers = append(out.Qualifiers, contract.VitalQualifier(q))
	}
	return out
}

func qualityTerms() []contract.QualityItem {
	var out []contract.QualityItem
	for _, t := range consult.QualityItems() {
		out = append(out, contract.QualityItem{Code: t.Code, Zh: t.ZH, En: t.EN, Points: t.Points})
	}
	return out
}

func scaleTerms() []contract.ScaleTerm {
	var out []contract.ScaleTerm
	for _, t := range consult.Scales() {
		term := contract.ScaleTerm{Code: t.Code, Zh: t.ZH, En: t.EN, Scored: t.Scored}
		if t.Scored {
			term.Low, term.High = &t.Low, &t.High
		}
		out = append(out, term)
	}
	return out
}

func narrow(v *float64) *float32 {
	if v == nil {
		return nil
	}
	n := float32(*v)
	return &n
}

// unitLabel is a UCUM unit as people write it.
func unitLabel(ucum string, l consult.Lang) string {
	switch ucum {
	case "Cel":
		return "℃"
	case "mm[Hg]":
		return "mmHg"
	case "kg/m2":
		return "kg/m²"
	case "/min":
		if l == consult.ZH {
			return "次/分"
		}
	case "{score}":
		if l == consult.ZH {
			return "分"
		}
		return "points"
	}
	return ucum
}
