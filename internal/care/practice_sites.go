package care

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// onOrganisation changes an organisation, once for each command, under its lock, and gives it as it then is.
func (s *Service) onOrganisation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, operation, detail string, request any, do func(q *db.Queries, o db.Organisation, now time.Time) error) (contract.Organisation, error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return contract.Organisation{}, err
	}
	keyed := struct {
		ID   uuid.UUID
		Body any
	}{id, request}
	_, _, err := s.create(ctx, a, cmd, operation, keyed, func(q *db.Queries, _ uuid.UUID, now time.Time) error {
		o, err := q.LockOrganisation(ctx, id)
		if err := one(err, "the organisation"); err != nil {
			return err
		}
		if err := do(q, o, now); err != nil {
			return err
		}
		return s.audit(ctx, q, a, now, RoleSysAdmin, operation, "organisation", &id, detail)
	})
	if err != nil {
		return contract.Organisation{}, err
	}
	q := s.st.Q()
	o, err := q.OrganisationByID(ctx, id)
	if err := one(err, "the organisation"); err != nil {
		return contract.Organisation{}, err
	}
	views, err := s.organisationViews(ctx, q, a, []db.Organisation{o})
	if err != nil {
		return contract.Organisation{}, err
	}
	return views[0], nil
}

// SetAdmitsYounger says whether a care institution admits others than the aged (NC17).
func (s *Service) SetAdmitsYounger(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.AdmitsYounger) (contract.Organisation, error) {
	return s.onOrganisation(ctx, a, cmd, id, "setAdmitsYounger", fmt.Sprint(in.AdmitsYounger), in, func(q *db.Queries, o db.Organisation, now time.Time) error {
		if o.Kind != kindCare {
			return problem.Invalid(problem.Field{Path: "admitsYounger", Code: "only_care"})
		}
		if err := q.SetAdmitsYounger(ctx, db.SetAdmitsYoungerParams{ID: id, AdmitsYounger: in.AdmitsYounger, Now: now}); err != nil {
			return fmt.Errorf("set: %w", err)
		}
		return nil
	})
}

// AddLicence enters a licence of an organisation, as a rule one that follows one that ends.
func (s *Service) AddLicence(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.Licence) (contract.Organisation, error) {
	return s.onOrganisation(ctx, a, cmd, id, "addLicence", string(in.Kind), in, func(q *db.Queries, o db.Organisation, _ time.Time) error {
		var f form
		if o.Kind == kindAuthority {
			f.add("kind", "licence_of_authority")
		}
		f.period("validTo", dateOf(in.ValidFrom), in.ValidTo)
		row := db.InsertLicenceParams{ID: newID(), OrganisationID: id, Kind: string(in.Kind), Number: f.text("number", in.Number, 1, 40),
			DepartmentCodes: f.departments(s.codes(), "departmentCodes", in.DepartmentCodes), ValidFrom: dateOf(in.ValidFrom).Time(), ValidTo: timePtr(in.ValidTo)}
		if err := f.err(); err != nil {
			return err
		}
		if err := q.InsertLicence(ctx, row); err != nil {
			return fmt.Errorf("enter a licence: %w", err)
		}
		return nil
	})
}

// SetPracticeSite says that a primary-care institution practises inside a care institution (执业站点, 家庭医生工作站) from a day on, and
// with validTo until when. The same pair and first day again changes the last day.
func (s *Service) SetPracticeSite(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.PracticeSiteInput) (contract.Organisation, error) {
	detail := in.MedicalOrgId.String() + " " + dateOf(in.ValidFrom).String()
	return s.onOrganisation(ctx, a, cmd, id, "setPracticeSite", detail, in, func(q *db.Queries, o db.Organisation, _ time.Time) error {
		var f form
		if o.Kind != kindCare {
			f.add("medicalOrgId", "only_care")
		}
		medical, err := q.OrganisationByID(ctx, in.MedicalOrgId)
		if err := one(err, "the institution that practises"); err != nil {
			f.add("medicalOrgId", "wrong_value")
		} else if t, ok := consult.InstitutionType(medical.TypeCode); medical.Kind != kindMedical || !ok || !t.Primary {
			f.add("medicalOrgId", "practice_site_primary")
		}
		from := dateOf(in.ValidFrom)
		f.period("validTo", from, in.ValidTo)
		sites, err := q.PracticeSitesOf(ctx, []uuid.UUID{id})
		if err != nil {
			return fmt.Errorf("practice sites: %w", err)
		}
		for _, site := range sites {
			begins := consult.DateFromTime(site.ValidFrom)
			if site.CareOrgID != id || site.MedicalOrgID != in.MedicalOrgId || begins == from {
				continue
			}
			endsBefore := site.ValidTo != nil && consult.DateFromTime(*site.ValidTo).Before(from)
			beginsAfter := in.ValidTo != nil && dateOf(*in.ValidTo).Before(begins)
			if !endsBefore && !beginsAfter {
				f.add("validFrom", "practice_site_overlap")
			}
		}
		if err := f.err(); err != nil {
			return err
		}
		if err := q.SetPracticeSite(ctx, db.SetPracticeSiteParams{CareOrgID: id, MedicalOrgID: in.MedicalOrgId, ValidFrom: from.Time(), ValidTo: timePtr(in.ValidTo)}); err != nil {
			return fmt.Errorf("set a practice site: %w", err)
		}
		return nil
	})
}
