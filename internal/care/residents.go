package care

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The kinds of look-up hashes.
const (
	lookupIdentity = "identity_number"
	lookupPhone    = "phone"
)

// idTypeOther is the kind of document that may lack a number; idTypeCard is checked by GB 11643.
const (
	idTypeCard  = "01"
	idTypeOther = "99"
)

// vitalsShown is how old a reading may be to be offered for reuse.
const vitalsShown = 24 * time.Hour

// draftsShown is how long a draft counts as on its way.
const draftsShown = 24 * time.Hour

// ListResidents gives the residents of the caller's institutions who have not left, by ward and bed. Who only administers
// the institution gets masked names.
func (s *Service) ListResidents(ctx context.Context, a identity.Actor) ([]contract.ResidentCard, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleInstAdmin); err != nil {
		return nil, err
	}
	now, err := s.instant(ctx)
	if err != nil {
		return nil, err
	}
	q := s.st.Q()
	rows, err := q.CurrentResidents(ctx, db.CurrentResidentsParams{Now: now, Organisations: a.Organisations(RoleNurse, RoleAttending, RoleInstAdmin)})
	if err != nil {
		return nil, fmt.Errorf("list residents: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.Resident.ID
	}
	open, err := openConsultations(ctx, q, ids, now)
	if err != nil {
		return nil, err
	}
	out := make([]contract.ResidentCard, len(rows))
	for i, r := range rows {
		if out[i], err = s.residentCard(r, open, !a.In(r.Resident.OrganisationID, RoleNurse, RoleAttending), now); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(x, y contract.ResidentCard) int {
		return cmp.Or(compareNatural(x.Ward, y.Ward), compareNatural(x.Bed, y.Bed), cmp.Compare(x.Id.String(), y.Id.String()))
	})
	return out, nil
}

// GetResident gives everything about a resident of the caller's institution; the read is logged.
func (s *Service) GetResident(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Resident, error) {
	if err := require(a, RoleNurse, RoleAttending); err != nil {
		return contract.Resident{}, err
	}
	var out contract.Resident
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		row, err := q.ResidentCardByID(ctx, db.ResidentCardByIDParams{ID: id, Now: now})
		if err := one(err, "the resident"); err != nil {
			return err
		}
		org := row.Resident.OrganisationID
		if !a.In(org, RoleNurse, RoleAttending) {
			return problem.NotFound()
		}
		if out, err = s.residentView(ctx, q, db.CurrentResidentsRow(row), false, now); err != nil {
			return err
		}
		return s.logAccess(ctx, q, a, bedsideRole(a, org), "getResident", "resident", id)
	})
	return out, err
}

// CreateResident enters a resident. A second current resident with the same identity number in the institution is refused
// with resident_exists.
func (s *Service) CreateResident(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.ResidentInput) (contract.Resident, error) {
	if err := require(a, RoleNurse, RoleInstAdmin); err != nil {
		return contract.Resident{}, err
	}
	org, err := institutionOf(a, in.OrganisationId)
	if err != nil {
		return contract.Resident{}, err
	}
	id, _, err := s.create(ctx, a, cmd, "createResident", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		r, err := checkResident(residentForm(in), nil, consult.DateOf(now))
		if err != nil {
			return err
		}
		err = q.InsertResident(ctx, db.InsertResidentParams{ID: id, OrganisationID: org, NameEnc: s.sealText("residents", "name_enc", id, r.name),
			IDType: r.idType, IdentityNumberEnc: s.sealText("residents", "identity_number_enc", id, r.identityNumber),
			IdentityNumberHmac: s.lookup(lookupIdentity, r.identityKey()), PhoneEnc: s.sealText("residents", "phone_enc", id, r.phone),
			PhoneHmac: s.lookup(lookupPhone, r.phone), Sex: r.sex, BirthDate: r.birth.Time(), EthnicCode: r.ethnic,
			PreferredLanguage: r.language, Ward: r.ward, Bed: r.bed, AbilityLevel: r.ability, Capacity: r.capacity,
			AllergiesEnc: s.sealText("residents", "allergies_enc", id, r.allergies), HearingImpaired: r.hearing,
			SightImpaired: r.sight, Risks: r.risks, ConditionCodes: r.conditions, AdmittedOn: r.admitted.Time()})
		if err != nil {
			return residentConflict(err)
		}
		if err := s.writeGuardians(ctx, q, id, r.guardians); err != nil {
			return err
		}
		return s.audit(ctx, q, a, now, bedsideRole(a, org), "createResident", "resident", &id, "")
	})
	if err != nil {
		return contract.Resident{}, err
	}
	return s.residentAfter(ctx, a, id)
}

// UpdateResident replaces what is known of a resident, guarded by the revision. An absent identity number keeps the stored
// one, which the form shows masked only; a day of leaving ends the stay.
func (s *Service) UpdateResident(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.ResidentUpdate) (contract.Resident, error) {
	if err := require(a, RoleNurse, RoleInstAdmin); err != nil {
		return contract.Resident{}, err
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		old, err := q.LockResident(ctx, id)
		if err := one(err, "the resident"); err != nil {
			return err
		}
		if !a.In(old.OrganisationID, RoleNurse, RoleInstAdmin) {
			return problem.NotFound()
		}
		if in.OrganisationId != nil && *in.OrganisationId != old.OrganisationID {
			var f form
			f.add("organisationId", "wrong_value") // a move is a departure and an admission
			return f.err()
		}
		if int(old.Revision) != in.Revision {
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		number, err := s.openText("residents", "identity_number_enc", id, old.IdentityNumberEnc)
		if err != nil {
			return err
		}
		if !a.In(old.OrganisationID, RoleNurse, RoleAttending) {
			if in, err = s.keepUnseen(ctx, q, old, in); err != nil {
				return err
			}
		}
		r, err := checkResident(updateForm(in), &keptIdentity{old.IDType, number}, consult.DateOf(now))
		if err != nil {
			return err
		}
		if r.left != nil {
			open, err := openConsultations(ctx, q, []uuid.UUID{id}, now)
			if err != nil {
				return err
			}
			if o, ok := open[id]; ok && o.State != string(consult.StateDraft) {
				return problem.New(http.StatusConflict, "resident_in_consultation", nil)
			}
		}
		n, err := q.ChangeResident(ctx, db.ChangeResidentParams{ID: id, Revision: old.Revision, Now: now,
			NameEnc: s.sealText("residents", "name_enc", id, r.name), IDType: r.idType,
			IdentityNumberEnc:  s.sealText("residents", "identity_number_enc", id, r.identityNumber),
			IdentityNumberHmac: s.lookup(lookupIdentity, r.identityKey()), PhoneEnc: s.sealText("residents", "phone_enc", id, r.phone),
			PhoneHmac: s.lookup(lookupPhone, r.phone), Sex: r.sex, BirthDate: r.birth.Time(), EthnicCode: r.ethnic,
			PreferredLanguage: r.language, Ward: r.ward, Bed: r.bed, AbilityLevel: r.ability, Capacity: r.capacity,
			AllergiesEnc: s.sealText("residents", "allergies_enc", id, r.allergies), HearingImpaired: r.hearing,
			SightImpaired: r.sight, Risks: r.risks, ConditionCodes: r.conditions, AdmittedOn: r.admitted.Time(), LeftOn: r.left})
		if err != nil {
			return residentConflict(err)
		}
		if n != 1 {
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		if err := q.DeleteGuardians(ctx, id); err != nil {
			return fmt.Errorf("replace the guardians: %w", err)
		}
		if err := s.writeGuardians(ctx, q, id, r.guardians); err != nil {
			return err
		}
		return s.audit(ctx, q, a, now, bedsideRole(a, old.OrganisationID), "updateResident", "resident", &id, "")
	})
	if err != nil {
		return contract.Resident{}, err
	}
	return s.residentAfter(ctx, a, id)
}

// keepUnseen fills in what somebody who only administers was not shown and did not enter: an empty form of theirs must not
// delete allergies, telephone or guardians.
func (s *Service) keepUnseen(ctx context.Context, q *db.Queries, old db.Resident, in contract.ResidentUpdate) (contract.ResidentUpdate, error) {
	for _, kept := range []struct {
		field  **string
		column string
		sealed []byte
	}{{&in.Allergies, "allergies_enc", old.AllergiesEnc}, {&in.Phone, "phone_enc", old.PhoneEnc}} {
		if *kept.field != nil {
			continue
		}
		text, err := s.openText("residents", kept.column, old.ID, kept.sealed)
		if err != nil {
			return in, err
		}
		*kept.field = &text
	}
	if in.Guardians == nil {
		guardians, err := s.guardianViews(ctx, q, old.ID)
		if err != nil {
			return in, err
		}
		in.Guardians = &guardians
	}
	return in, nil
}

// residentAfter is the answer to a change: whole for the bedside, masked for who only administers.
func (s *Service) residentAfter(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Resident, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.Resident{}, err
	}
	row, err := q.ResidentCardByID(ctx, db.ResidentCardByIDParams{ID: id, Now: now})
	if err := one(err, "the resident"); err != nil {
		return contract.Resident{}, err
	}
	return s.residentView(ctx, q, db.CurrentResidentsRow(row), !a.In(row.Resident.OrganisationID, RoleNurse, RoleAttending), now)
}

// institutionOf is where somebody enters a resident: the named institution, or the only one.
func institutionOf(a identity.Actor, named *uuid.UUID) (uuid.UUID, error) {
	var own []uuid.UUID
	for _, m := range a.Memberships {
		if m.OrganisationKind == kindCare && (m.Role == RoleNurse || m.Role == RoleInstAdmin) && !slices.Contains(own, m.OrganisationID) {
			own = append(own, m.OrganisationID)
		}
	}
	switch {
	case named != nil && slices.Contains(own, *named):
		return *named, nil
	case named != nil:
		return uuid.Nil, problem.NotFound()
	case len(own) == 1:
		return own[0], nil
	case len(own) == 0:
		return uuid.Nil, problem.Forbidden()
	}
	var f form
	f.add("organisationId", "required")
	return uuid.Nil, f.err()
}

// bedsideRole is the role in which somebody acts in a care institution, the most responsible first.
func bedsideRole(a identity.Actor, org uuid.UUID) string {
	for _, role := range []string{RoleAttending, RoleNurse, RoleInstAdmin} {
		if a.In(org, role) {
			return role
		}
	}
	return ""
}

func residentConflict(err error) error {
	if store.Violates(err, "residents_identity") {
		return taken("identityNumber", "resident_exists")
	}
	return fmt.Errorf("write the resident: %w", err)
}

// lookup is the keyed hash of a value; nothing has none.
func (s *Service) lookup(kind, normalised string) []byte {
	if normalised == "" {
		return nil
	}
	return s.keep.Lookup(kind, normalised)
}

func (s *Service) writeGuardians(ctx context.Context, q *db.Queries, resident uuid.UUID, list []contract.Guardian) error {
	for i, g := range list {
		id := newID()
		err := q.InsertGuardian(ctx, db.InsertGuardianParams{ID: id, ResidentID: resident, NameEnc: s.sealText("guardians", "name_enc", id, g.Name),
			Relation: g.Relation, PhoneEnc: s.sealText("guardians", "phone_enc", id, value(g.Phone)),
			IsGuardian: g.IsGuardian == nil || *g.IsGuardian, Position: int16(i)})
		if err != nil {
			return fmt.Errorf("write a guardian: %w", err)
		}
	}
	return nil
}

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
func checkResident(in contract.ResidentUpdate, kept *keptIdentity, today consult.Date) (checkedResident, error) {
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
	r.conditions = f.list("conditionCodes", value(in.ConditionCodes), 30, func(c string) bool { _, ok := consult.ConditionByCode(c); return ok })
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

// openConsultations gives for each resident the request, or else the young draft, that is on its way.
func openConsultations(ctx context.Context, q *db.Queries, residents []uuid.UUID, now time.Time) (map[uuid.UUID]db.OpenConsultationsOfRow, error) {
	rows, err := q.OpenConsultationsOf(ctx, db.OpenConsultationsOfParams{Residents: residents, DraftsSince: now.Add(-draftsShown)})
	if err != nil {
		return nil, fmt.Errorf("load what is on its way: %w", err)
	}
	out := make(map[uuid.UUID]db.OpenConsultationsOfRow, len(rows))
	for _, r := range rows {
		if _, better := out[r.ResidentID]; !better {
			out[r.ResidentID] = r
		}
	}
	return out, nil
}

func (s *Service) residentCard(row db.CurrentResidentsRow, open map[uuid.UUID]db.OpenConsultationsOfRow, masked bool, now time.Time) (contract.ResidentCard, error) {
	r := row.Resident
	name, err := s.openText("residents", "name_enc", r.ID, r.NameEnc)
	if err != nil {
		return contract.ResidentCard{}, err
	}
	c := contract.ResidentCard{Id: r.ID, Name: name, Masked: masked, Initials: initials(name), Sex: contract.Sex(r.Sex),
		Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), now), Ward: r.Ward, Bed: r.Bed, Risks: r.Risks,
		ConditionCodes: r.ConditionCodes, HearingImpaired: r.HearingImpaired, SightImpaired: r.SightImpaired,
		PreferredLanguage: r.PreferredLanguage, ConsentValid: row.ConsentValid, FollowUpDueOn: dayPtr(&row.FollowUpDueOn)}
	if r.AbilityLevel != nil {
		level := int(*r.AbilityLevel)
		c.AbilityLevel = &level
	}
	if row.PortraitID != uuid.Nil && !masked {
		c.PortraitId = &row.PortraitID
	}
	if !row.LastConsultationAt.IsZero() {
		c.LastConsultationAt = &row.LastConsultationAt
	}
	if o, ok := open[r.ID]; ok {
		state := contract.State(o.State)
		c.OpenConsultationId, c.OpenState = &o.ID, &state
	}
	if masked {
		c.Name, c.Initials = consult.MaskName(name), ""
	}
	return c, nil
}

// recentShown is how many earlier consultations a resident's page lists.
const recentShown = 10

func (s *Service) residentView(ctx context.Context, q *db.Queries, row db.CurrentResidentsRow, masked bool, now time.Time) (contract.Resident, error) {
	r := row.Resident
	open, err := openConsultations(ctx, q, []uuid.UUID{r.ID}, now)
	if err != nil {
		return contract.Resident{}, err
	}
	card, err := s.residentCard(row, open, masked, now)
	if err != nil {
		return contract.Resident{}, err
	}
	out := contract.Resident{Card: card, IdType: r.IDType, BirthDate: dayOf(r.BirthDate), EthnicCode: some(r.EthnicCode), Capacity: contract.Capacity(r.Capacity),
		AdmittedOn: dayOf(r.AdmittedOn), LeftOn: dayPtr(r.LeftOn), Revision: int(r.Revision), Guardians: []contract.Guardian{},
		LatestVitals: []contract.Vital{}, Consents: []contract.Consent{}, RecentConsultations: []contract.LogRow{}}
	number, err := s.openText("residents", "identity_number_enc", r.ID, r.IdentityNumberEnc)
	if err != nil {
		return out, err
	}
	out.IdentityMasked = some(consult.MaskIdentityNumber(number))
	phone, err := s.openText("residents", "phone_enc", r.ID, r.PhoneEnc)
	if err != nil {
		return out, err
	}
	if masked {
		// An administrator keeps the register, not the record.
		out.Phone = some(consult.MaskPhone(phone))
		return out, nil
	}
	out.Phone = some(phone)
	if out.Allergies, err = s.openText("residents", "allergies_enc", r.ID, r.AllergiesEnc); err != nil {
		return out, err
	}
	if out.Guardians, err = s.guardianViews(ctx, q, r.ID); err != nil {
		return out, err
	}
	vitals, err := q.NewestVitalsOf(ctx, db.NewestVitalsOfParams{ResidentID: r.ID, Since: now.Add(-vitalsShown)})
	if err != nil {
		return out, fmt.Errorf("load the vitals: %w", err)
	}
	for _, v := range vitals {
		out.LatestVitals = append(out.LatestVitals, newestVital(db.NewestVitalsOfConsultationsRow(v)))
	}
	sortAbnormalFirst(out.LatestVitals)
	consents, err := q.ConsentsOf(ctx, r.ID)
	if err != nil {
		return out, fmt.Errorf("load the consents: %w", err)
	}
	for _, c := range consents {
		v, err := s.consentOf(c, now)
		if err != nil {
			return out, err
		}
		out.Consents = append(out.Consents, v)
	}
	recent, err := q.RecentConsultationsOf(ctx, db.RecentConsultationsOfParams{ResidentID: r.ID, PageSize: recentShown})
	if err != nil {
		return out, fmt.Errorf("load earlier consultations: %w", err)
	}
	out.RecentConsultations, err = s.logRows(ctx, q, recent, false, now)
	return out, err
}

func (s *Service) guardianViews(ctx context.Context, q *db.Queries, resident uuid.UUID) ([]contract.Guardian, error) {
	rows, err := q.ResidentGuardians(ctx, resident)
	if err != nil {
		return nil, fmt.Errorf("load the guardians: %w", err)
	}
	out := make([]contract.Guardian, len(rows))
	for i, g := range rows {
		name, err := s.openText("guardians", "name_enc", g.ID, g.NameEnc)
		if err != nil {
			return nil, err
		}
		phone, err := s.openText("guardians", "phone_enc", g.ID, g.PhoneEnc)
		if err != nil {
			return nil, err
		}
		out[i] = contract.Guardian{Name: name, Relation: g.Relation, Phone: some(phone), IsGuardian: &g.IsGuardian}
	}
	return out, nil
}

func (s *Service) consentOf(c db.ConsentsOfRow, now time.Time) (contract.Consent, error) {
	signer, err := s.openText("consents", "signer_name_enc", c.ID, c.SignerNameEnc)
	if err != nil {
		return contract.Consent{}, err
	}
	ticks := []string{}
	for _, t := range []struct {
		code string
		set  bool
	}{{"medical", c.TickMedical}, {"sensitive", c.TickSensitive}, {"provision", c.TickProvision}, {"recording", c.TickRecording}, {"teaching", c.TickTeaching}} {
		if t.set {
			ticks = append(ticks, t.code)
		}
	}
	return contract.Consent{Id: c.ID, SignerKind: c.SignerKind, SignerName: some(signer), Relation: some(c.Relation), Method: c.Method,
		TextVersion: c.TextVersion, TextHash: hex.EncodeToString(c.TextHash), Ticks: ticks, SignatureId: c.SignatureAttachmentID,
		Witness: some(c.WitnessName), SignedAt: c.SignedAt, ValidUntil: c.ValidUntil, WithdrawnAt: c.WithdrawnAt,
		Valid: c.WithdrawnAt == nil && c.ValidUntil.After(now)}, nil
}

// newestVital is a reading as the page shows it.
func newestVital(v db.NewestVitalsOfConsultationsRow) contract.Vital {
	out := contract.Vital{Id: v.ID, Code: v.Code, Unit: v.Unit, Flag: v.Flag, Confirmed: v.Confirmed, Position: some(v.Position),
		Device: some(v.Device), Source: v.Source, TakenAt: v.TakenAt, TakenBy: some(v.TakenByName)}
	if v.Value != nil {
		number := float32(*v.Value)
		out.Value = &number
	}
	if v.Qualifier != "" {
		qualifier := contract.VitalQualifier(v.Qualifier)
		out.Qualifier = &qualifier
	}
	return out
}

// sortAbnormalFirst puts critical readings first, then other abnormal ones, then the table's order.
func sortAbnormalFirst(list []contract.Vital) {
	rank := func(v contract.Vital) int {
		switch f := consult.VitalFlag(v.Flag); {
		case f.CriticalValue():
			return 0
		case f.Abnormal():
			return 1
		}
		return 2
	}
	order := map[string]int{}
	for i, v := range consult.Vitals() {
		order[v.Code] = i
	}
	slices.SortStableFunc(list, func(a, b contract.Vital) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(order[a.Code], order[b.Code]))
	})
}
