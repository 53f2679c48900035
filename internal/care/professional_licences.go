package care

import (
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
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// licenceKinds are the kinds of licence with which a role is held; of a role that needs none, any.
func licenceKinds(role string) []string {
	switch role {
	case RoleConsultant:
		return []string{"PHYSICIAN"}
	case RoleAttending, RoleFamilyDoctor: // G-HV-10: assistants and village doctors visit
		return []string{"PHYSICIAN", "ASSISTANT_PHYSICIAN", "VILLAGE_DOCTOR"}
	case RoleNurse:
		return []string{"NURSE"}
	case RolePharmacist:
		return []string{"PHARMACIST"}
	}
	return []string{"PHYSICIAN", "ASSISTANT_PHYSICIAN", "VILLAGE_DOCTOR", "NURSE", "PHARMACIST", "THERAPIST"}
}

// licence judges the fields of a professional licence.
func (f *form) licence(path string, l contract.ProfessionalLicenceInput, kinds []string, today consult.Date) {
	if !slices.Contains(kinds, string(l.Kind)) {
		f.add(path+"kind", "licence_not_for_role")
	}
	shape := licenceForm
	if l.Kind == "PHYSICIAN" || l.Kind == "ASSISTANT_PHYSICIAN" {
		shape = physicianForm
	}
	if !shape.MatchString(l.Number) {
		f.add(path+"number", "licence_number")
	}
	if l.TitleCode != "" {
		f.code(path+"titleCode", consult.VocabTitle, l.TitleCode)
	}
	if l.IndependentSince != nil && dateOf(*l.IndependentSince).After(today) {
		f.add(path+"independentSince", "day_in_future")
	}
	f.period(path+"validTo", dateOf(l.ValidFrom), l.ValidTo)
}

// AddProfessionalLicence enters a further professional licence of somebody: the next one after one that ends, or the right one after one that was
// entered wrongly. Whoever may give the person an account there may do so; it is registered where the person works. The old one keeps
// its days.
func (s *Service) AddProfessionalLicence(ctx context.Context, a identity.Actor, cmd, user uuid.UUID, in contract.ProfessionalLicenceAddition) (contract.UserAccount, error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin); err != nil {
		return contract.UserAccount{}, err
	}
	request := struct {
		User uuid.UUID
		In   contract.ProfessionalLicenceAddition
	}{user, in}
	_, _, err := s.create(ctx, a, cmd, "addProfessionalLicence", request, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		if _, err := q.LockAccount(ctx, user); err != nil {
			return one(err, "the account")
		}
		held, err := q.MembershipsHeld(ctx, db.MembershipsHeldParams{Users: []uuid.UUID{user}, Now: now})
		if err != nil {
			return fmt.Errorf("load memberships: %w", err)
		}
		// Where the person works and the caller administers: the named institution, else the first.
		var org uuid.UUID
		var kinds []string
		consultant, mine := false, false
		for _, m := range held {
			if !a.Has(RoleSysAdmin) && !a.In(m.OrganisationID, RoleInstAdmin) {
				continue
			}
			mine = true
			if in.OrganisationId != nil && *in.OrganisationId != m.OrganisationID || org != uuid.Nil && org != m.OrganisationID {
				continue
			}
			org = m.OrganisationID
			kinds = append(kinds, licenceKinds(m.Role)...)
			consultant = consultant || m.Role == RoleConsultant
		}
		var f form
		switch {
		case !mine:
			return problem.NotFound()
		case org == uuid.Nil:
			f.add("organisationId", "wrong_value")
			return f.err()
		}
		l := in.Licence
		f.licence("licence/", l, kinds, consult.DateOf(now))
		if consultant && l.Kind == "PHYSICIAN" && l.IndependentSince == nil {
			f.add("licence/independentSince", "required") // G-RM-04 counts from it
		}
		if err := f.err(); err != nil {
			return err
		}
		if err := q.InsertProfessionalLicence(ctx, db.InsertProfessionalLicenceParams{ID: id, UserID: user, OrganisationID: org, Kind: string(l.Kind), Number: l.Number,
			TitleCode: l.TitleCode, IndependentSince: timePtr(l.IndependentSince), ValidFrom: dateOf(l.ValidFrom).Time(), ValidTo: timePtr(l.ValidTo)}); err != nil {
			return fmt.Errorf("enter the licence: %w", err)
		}
		return s.audit(ctx, q, a, now, adminRole(a), "addProfessionalLicence", "professional_licence", &id, string(l.Kind))
	})
	if err != nil {
		return contract.UserAccount{}, err
	}
	return s.account(ctx, a, user)
}

// EndProfessionalLicence ends or suspends a professional licence: from the day on it holds no more, for any gate. One that was entered wrongly never
// held. The reason is kept in the access log. Whoever administers the institution at which it is registered may do so; 409 licence_over
// where it has ended before.
func (s *Service) EndProfessionalLicence(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ProfessionalLicenceEnd) (contract.UserAccount, error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin); err != nil {
		return contract.UserAccount{}, err
	}
	request := struct {
		ID uuid.UUID
		In contract.ProfessionalLicenceEnd
	}{id, in}
	_, _, err := s.create(ctx, a, cmd, "endProfessionalLicence", request, func(q *db.Queries, _ uuid.UUID, now time.Time) error {
		l, err := q.ProfessionalLicence(ctx, id)
		if err := one(err, "the licence"); err != nil {
			return err
		}
		if !a.Has(RoleSysAdmin) && !a.In(l.OrganisationID, RoleInstAdmin) {
			return problem.NotFound()
		}
		from, day := consult.DateFromTime(l.ValidFrom), dateOf(in.On)
		switch {
		case in.Reason == "WRONG":
			day = from
		case day.Before(from):
			return problem.Invalid(problem.Field{Path: "on", Code: "period_order"})
		}
		n, err := q.EndProfessionalLicence(ctx, db.EndProfessionalLicenceParams{ID: id, Last: day.AddDays(-1).Time()})
		if err != nil {
			return fmt.Errorf("end the licence: %w", err)
		}
		if n == 0 {
			return problem.New(http.StatusConflict, "licence_over", nil)
		}
		return s.audit(ctx, q, a, now, adminRole(a), "endProfessionalLicence", "professional_licence", &id, string(in.Reason)+" "+day.String())
	})
	if err != nil {
		return contract.UserAccount{}, err
	}
	l, err := s.st.Q().ProfessionalLicence(ctx, id)
	if err := one(err, "the licence"); err != nil {
		return contract.UserAccount{}, err
	}
	return s.account(ctx, a, l.UserID)
}

// licenceViews gives the licences of people as an administrator sees them, the newest first.
func licenceViews(rows []db.ProfessionalLicence, today consult.Date) map[uuid.UUID][]contract.HeldLicence {
	out := map[uuid.UUID][]contract.HeldLicence{}
	for _, r := range rows {
		v := contract.HeldLicence{Id: r.ID, OrganisationId: r.OrganisationID, Kind: r.Kind, Number: consult.MaskIdentityNumber(r.Number), TitleCode: some(r.TitleCode),
			ValidFrom: dayOf(r.ValidFrom), InForce: licence(r.ValidFrom, r.ValidTo).ValidOn(today)}
		if r.ValidTo != nil {
			last := dayOf(*r.ValidTo)
			v.ValidTo = &last
		}
		out[r.UserID] = append(out[r.UserID], v)
	}
	return out
}
