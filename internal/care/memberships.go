package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
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

// maxMemberships is how many roles one account may hold.
const maxMemberships = 20

// apart are the roles of which one person holds one at most (三权分立).
func apart() []string { return []string{RoleSysAdmin, RoleSecAdmin, RoleAuditor} }

// AddMembership gives somebody who has an account a further role, in the same or in another organisation: a doctor who practises at
// several institutions has one account. An administrator gives the roles that fit the own organisation, SYS_ADMIN any anywhere; nobody to
// oneself. A doctor's role needs a licence of its kind in force, or one that is entered with it. Errors: 422 on the fields, own_account,
// roles_apart; 409 membership_held.
func (s *Service) AddMembership(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.MembershipInput) (contract.UserAccount, error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin); err != nil {
		return contract.UserAccount{}, err
	}
	if !a.Has(RoleSysAdmin) && !a.In(in.OrganisationId, RoleInstAdmin) {
		return contract.UserAccount{}, problem.NotFound()
	}
	id, _, err := s.create(ctx, a, cmd, "addMembership", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		org, err := q.OrganisationByID(ctx, in.OrganisationId)
		if err := one(err, "the organisation"); err != nil {
			return err
		}
		user, err := q.UserByUsername(ctx, strings.ToLower(strings.TrimSpace(in.Username)))
		if store.IsNone(err) || err == nil && user.DisabledAt != nil {
			return problem.Invalid(problem.Field{Path: "username", Code: "user_unknown"})
		}
		if err != nil {
			return fmt.Errorf("load the account: %w", err)
		}
		if user.ID == a.UserID {
			return problem.New(http.StatusUnprocessableEntity, "own_account", nil)
		}
		if _, err := q.LockAccount(ctx, user.ID); err != nil {
			return one(err, "the account")
		}
		if err := s.mayHold(ctx, q, a, in, org, user.ID, now); err != nil {
			return err
		}
		if l := in.Licence; l != nil {
			if err := q.InsertProfessionalLicence(ctx, db.InsertProfessionalLicenceParams{ID: newID(), UserID: user.ID, OrganisationID: org.ID, Kind: string(l.Kind), Number: l.Number,
				TitleCode: l.TitleCode, IndependentSince: timePtr(l.IndependentSince), ValidFrom: dateOf(l.ValidFrom).Time(), ValidTo: timePtr(l.ValidTo)}); err != nil {
				return fmt.Errorf("enter the licence: %w", err)
			}
		}
		if err := q.InsertMembership(ctx, db.InsertMembershipParams{ID: id, UserID: user.ID, OrganisationID: org.ID, DepartmentID: in.DepartmentId,
			Role: string(in.Role), ValidFrom: now}); err != nil {
			return fmt.Errorf("give the role: %w", err)
		}
		return s.audit(ctx, q, a, now, adminRole(a), "addMembership", "membership", &id, string(in.Role))
	})
	if err != nil {
		return contract.UserAccount{}, err
	}
	m, err := s.st.Q().MembershipByID(ctx, id)
	if err := one(err, "the membership"); err != nil {
		return contract.UserAccount{}, err
	}
	return s.account(ctx, a, m.UserID)
}

// mayHold judges a further role against the organisation, what is held already, and the licences.
func (s *Service) mayHold(ctx context.Context, q *db.Queries, a identity.Actor, in contract.MembershipInput, org db.Organisation, user uuid.UUID, now time.Time) error {
	role := string(in.Role)
	held, err := q.MembershipsHeld(ctx, db.MembershipsHeldParams{Users: []uuid.UUID{user}, Now: now})
	if err != nil {
		return fmt.Errorf("load memberships: %w", err)
	}
	for _, m := range held {
		if m.Role == role && m.OrganisationID == org.ID && value(m.DepartmentID) == value(in.DepartmentId) {
			return problem.New(http.StatusConflict, "membership_held", nil)
		}
		if m.Role != role && slices.Contains(apart(), m.Role) && slices.Contains(apart(), role) {
			return problem.New(http.StatusUnprocessableEntity, "roles_apart", nil)
		}
	}
	if len(held) >= maxMemberships {
		return problem.New(http.StatusUnprocessableEntity, "too_many", problem.Args{"max": fmt.Sprint(maxMemberships)})
	}
	var f form
	today := consult.DateOf(now)
	switch {
	case !a.Has(RoleSysAdmin) && !slices.Contains(rolesIn(org.Kind), role), !fits(role, org.Kind):
		f.add("role", "role_not_here")
	case !org.Active:
		f.add("organisationId", "wrong_value")
	}
	if in.DepartmentId != nil {
		d, err := q.DepartmentByID(ctx, *in.DepartmentId)
		if err != nil && !store.IsNone(err) {
			return fmt.Errorf("load the department: %w", err)
		}
		if err != nil || d.OrganisationID != org.ID {
			f.add("departmentId", "wrong_value")
		}
	}
	if role == RoleConsultant && in.DepartmentId == nil {
		f.add("departmentId", "required")
	}
	if in.Licence != nil {
		f.licence("licence/", *in.Licence, licenceKinds(role), today)
		if role == RoleConsultant && in.Licence.IndependentSince == nil {
			f.add("licence/independentSince", "required") // G-RM-04 counts from it
		}
		return f.err()
	}
	if role == RoleConsultant || role == RoleAttending || role == RoleFamilyDoctor {
		licences, err := q.ProfessionalLicencesOf(ctx, user)
		if err != nil {
			return fmt.Errorf("load licences: %w", err)
		}
		if !slices.ContainsFunc(licences, func(l db.ProfessionalLicence) bool {
			return slices.Contains(licenceKinds(role), l.Kind) && licence(l.ValidFrom, l.ValidTo).ValidOn(today)
		}) {
			f.add("licence", "required")
		}
	}
	return f.err()
}

// EndMembership ends a role at once; what was done in it stays. The administrator of its organisation does so, or SYS_ADMIN, who does not end
// an auditor's; nobody ends the own. The reason is kept in the access log. 409 membership_over where it has ended before.
func (s *Service) EndMembership(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.MembershipEnd) (contract.UserAccount, error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin); err != nil {
		return contract.UserAccount{}, err
	}
	request := struct {
		ID uuid.UUID
		In contract.MembershipEnd
	}{id, in}
	_, _, err := s.create(ctx, a, cmd, "endMembership", request, func(q *db.Queries, _ uuid.UUID, now time.Time) error {
		m, err := q.MembershipByID(ctx, id)
		if err := one(err, "the membership"); err != nil {
			return err
		}
		switch {
		case !a.Has(RoleSysAdmin) && !a.In(m.OrganisationID, RoleInstAdmin):
			return problem.NotFound()
		case m.UserID == a.UserID:
			return problem.New(http.StatusUnprocessableEntity, "own_account", nil)
		case m.Role == RoleAuditor, !a.Has(RoleSysAdmin) && !slices.Contains(rolesIn(m.OrganisationKind), m.Role):
			return problem.New(http.StatusForbidden, "account_of_auditor", nil)
		}
		n, err := q.EndMembership(ctx, db.EndMembershipParams{ID: id, Now: now})
		if err != nil {
			return fmt.Errorf("end the role: %w", err)
		}
		if n == 0 {
			return problem.New(http.StatusConflict, "membership_over", nil)
		}
		return s.audit(ctx, q, a, now, adminRole(a), "endMembership", "membership", &id, string(in.Reason))
	})
	if err != nil {
		return contract.UserAccount{}, err
	}
	m, err := s.st.Q().MembershipByID(ctx, id)
	if err := one(err, "the membership"); err != nil {
		return contract.UserAccount{}, err
	}
	return s.account(ctx, a, m.UserID)
}
