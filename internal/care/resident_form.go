package care

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// keptIdentity is the document that is stored for a resident.
type keptIdentity struct{ idType, number string }

// checkedResident is a form that passed every check.
type checkedResident struct {
	name, idType, identityNumber, phone, sex, ethnic, language, ward, bed, capacity, allergies string
	birth, admitted                                                                            consult.Date
	left                                                                                       *time.Time
	ability                                                                                    *int16
	hearing, sight                                                                             bool
	risks, conditions                                                                          []string
	guardians                                                                                  []contract.Guardian
}

// identityKey is what an identity document is looked up by: numbers of different kinds do not match.
func (r checkedResident) identityKey() string {
	if r.identityNumber == "" {
		return ""
	}
	return r.idType + ":" + r.identityNumber
}

// residentForm gives both forms one shape.
func residentForm(in contract.ResidentInput) contract.ResidentUpdate {
	return contract.ResidentUpdate{AbilityLevel: in.AbilityLevel, AdmittedOn: in.AdmittedOn, Allergies: in.Allergies, Bed: in.Bed,
		BirthDate: in.BirthDate, Capacity: in.Capacity, ConditionCodes: in.ConditionCodes, EthnicCode: in.EthnicCode,
		Guardians: in.Guardians, HearingImpaired: in.HearingImpaired, IdType: contract.ResidentUpdateIdType(in.IdType),
		IdentityNumber: in.IdentityNumber, Name: in.Name, Phone: in.Phone, PreferredLanguage: in.PreferredLanguage,
		Risks: in.Risks, Sex: in.Sex, SightImpaired: in.SightImpaired, Ward: in.Ward}
}

func updateForm(in contract.ResidentUpdate) contract.ResidentUpdate { return in }

// checkResident judges the whole form. kept is the stored document when a resident is changed.
func checkResident(codes *consult.Codes, in contract.ResidentUpdate, kept *keptIdentity, today consult.Date) (checkedResident, error) {
	var f form
	r := checkedResident{name: f.name("name", in.Name), idType: string(in.IdType), sex: string(in.Sex), phone: f.phone("phone", value(in.Phone)),
		ward: f.text("ward", in.Ward, 0, 30), bed: f.text("bed", in.Bed, 1, 20), allergies: f.text("allergies", value(in.Allergies), 0, 500),
		capacity: string(in.Capacity), ethnic: value(in.EthnicCode), language: cmp.Or(value(in.PreferredLanguage), defaultLanguage),
		birth: dateOf(in.BirthDate), admitted: dateOf(in.AdmittedOn), hearing: value(in.HearingImpaired), sight: value(in.SightImpaired),
		left: timePtr(in.LeftOn)}
	f.code("sex", consult.VocabSex, r.sex)
	f.code("capacity", consult.VocabCapacity, r.capacity)
	if r.ethnic != "" {
		f.code("ethnicCode", consult.VocabEthnic, r.ethnic)
	}
	if !hasTerm(residentLanguages(), r.language) {
		f.add("preferredLanguage", "wrong_value")
	}
	if in.AbilityLevel != nil {
		if *in.AbilityLevel < 0 || *in.AbilityLevel > 4 {
			f.add("abilityLevel", "out_of_range", "min", "0", "max", "4")
		}
		level := int16(*in.AbilityLevel)
		r.ability = &level
	}
	switch {
	case r.birth.After(today):
		f.add("birthDate", "birth_date_future")
	case consult.AgeAt(r.birth, today) > 130:
		f.add("birthDate", "birth_date_age")
	}
	f.identity(&r, in.IdentityNumber, kept, today)
	switch {
	case r.admitted.Before(r.birth):
		f.add("admittedOn", "admitted_before_birth")
	case r.admitted.After(today):
		f.add("admittedOn", "day_in_future")
	}
	if in.LeftOn != nil {
		switch left := dateOf(*in.LeftOn); {
		case left.Before(r.admitted):
			f.add("leftOn", "left_before_admitted")
		case left.After(today):
			f.add("leftOn", "day_in_future")
		}
	}
	r.risks = f.list("risks", value(in.Risks), 20, func(c string) bool { return hasTerm(residentRisks(), c) })
	r.conditions = f.list("conditionCodes", value(in.ConditionCodes), 30, func(c string) bool { _, ok := codes.Condition(c); return ok })
	if n := len(value(in.Guardians)); n > 5 {
		f.add("guardians", "too_many", "max", "5")
	}
	for i, g := range value(in.Guardians) {
		at := "guardians/" + strconv.Itoa(i) + "/"
		phone := f.phone(at+"phone", value(g.Phone))
		f.code(at+"relation", consult.VocabRelation, g.Relation)
		r.guardians = append(r.guardians, contract.Guardian{Name: f.name(at+"name", g.Name), Relation: g.Relation, Phone: some(phone), IsGuardian: g.IsGuardian})
	}
	return r, f.err()
}

// identity checks the document. The number of an identity card carries birth date and sex, which must be those of the form.
func (f *form) identity(r *checkedResident, given *string, kept *keptIdentity, today consult.Date) {
	if _, ok := consult.Lookup(consult.VocabIDType, r.idType); !ok {
		f.add("idType", "wrong_value")
		return
	}
	number := strings.TrimSpace(value(given))
	if number == "" && kept != nil && kept.idType == r.idType {
		number = kept.number
	}
	switch {
	case number == "" && r.idType != idTypeOther:
		f.add("identityNumber", "required")
	case number == "":
	case r.idType == idTypeCard:
		n, err := consult.ParseIdentityNumber(number, today)
		f.refuse("identityNumber", err)
		if err != nil {
			return
		}
		r.identityNumber = n.Number
		if n.Birth != r.birth {
			f.add("birthDate", "birth_date_differs")
		}
		if string(n.Sex) != r.sex {
			f.add("sex", "sex_differs")
		}
	default:
		number = strings.ToUpper(strings.Join(strings.Fields(number), ""))
		plain := strings.IndexFunc(number, func(c rune) bool {
			return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '-' && !('一' <= c && c <= '龥')
		}) < 0
		if n := len([]rune(number)); !plain || n < 3 || n > 30 {
			f.add("identityNumber", "identity_document")
			return
		}
		r.identityNumber = number
	}
}

// list refuses too many values and unknown ones, and gives each of the others once.
func (f *form) list(path string, codes []string, most int, known func(string) bool) []string {
	out := []string{}
	if len(codes) > most {
		f.add(path, "too_many", "max", strconv.Itoa(most))
		return out
	}
	for i, c := range codes {
		switch {
		case !known(c):
			f.add(path+"/"+strconv.Itoa(i), "wrong_value")
		case !slices.Contains(out, c):
			out = append(out, c)
		}
	}
	return out
}
