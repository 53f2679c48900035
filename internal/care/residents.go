package care

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
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
	id, _, err := s.create(ctx, a, cmd, "createResident", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		return s.enterResident(ctx, q, a, id, in, now)
	})
	if err != nil {
		return contract.Resident{}, err
	}
	return s.residentAfter(ctx, a, id)
}

// enterResident writes a resident of the named institution, or the caller's only one.
func (s *Service) enterResident(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, in contract.ResidentInput, now time.Time) error {
	org, err := institutionOf(a, in.OrganisationId)
	if err != nil {
		return err
	}
	r, err := checkResident(s.codes(), residentForm(in), nil, consult.DateOf(now))
	if err != nil {
		return err
	}
	if err := s.identityFree(ctx, q, org, id, r); err != nil {
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
		r, err := checkResident(s.codes(), updateForm(in), &keptIdentity{old.IDType, number}, consult.DateOf(now))
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
		if err := s.identityFree(ctx, q, old.OrganisationID, id, r); err != nil {
			return err
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

// identityFree refuses the identity number of another current resident of the institution, under whichever look-up key it is stored: the
// unique index compares hashes of one key only, and while keys are rotated there are two. Who writes the same number waits here.
func (s *Service) identityFree(ctx context.Context, q *db.Queries, org, id uuid.UUID, r checkedResident) error {
	if r.identityNumber == "" || r.left != nil {
		return nil
	}
	if err := q.LockIdentity(ctx, s.keep.LookupOldest(lookupIdentity, r.identityKey())); err != nil {
		return fmt.Errorf("look for the identity number: %w", err)
	}
	twin, err := q.ResidentOfIdentity(ctx, db.ResidentOfIdentityParams{OrganisationID: org, Hashes: s.keep.Lookups(lookupIdentity, r.identityKey()), Self: id})
	switch {
	case err != nil:
		return fmt.Errorf("look for the identity number: %w", err)
	case twin:
		return taken("identityNumber", "resident_exists")
	}
	return nil
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
