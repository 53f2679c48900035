package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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

// RoleGiven is what became of giving a role: the account that holds it, or the invitation that waits for the person.
type RoleGiven struct {
	Account    contract.UserAccount
	Invitation *contract.MembershipInvitation
}

// AddMembership gives somebody who has an account a further role: a doctor who practises at several institutions has one account. An
// administrator gives the roles that fit the own organisation, SYS_ADMIN any anywhere; nobody to oneself. Who belongs to that organisation and
// to no other holds the role at once; everybody else is invited and decides (see invitations.go), and a user name that nobody has is answered
// as one of elsewhere is. A doctor's role needs a licence of its kind in force, or one that is entered with it. Errors: 422 on the fields,
// own_account, roles_apart, invitations_many; 409 membership_held, invitation_open.
func (s *Service) AddMembership(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.MembershipInput) (RoleGiven, error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin); err != nil {
		return RoleGiven{}, err
	}
	if !a.Has(RoleSysAdmin) && !a.In(in.OrganisationId, RoleInstAdmin) {
		return RoleGiven{}, problem.NotFound()
	}
	if name := strings.TrimSpace(in.Username); name == "" || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }) {
		return RoleGiven{}, problem.Invalid(problem.Field{Path: "username", Code: "user_unknown"}) // nobody can have it, which tells nothing
	}
	id, _, err := s.create(ctx, a, cmd, "addMembership", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		p, err := findPerson(ctx, q, in.Username, now)
		switch {
		case err != nil:
			return err
		case p.id == a.UserID:
			return problem.New(http.StatusUnprocessableEntity, "own_account", nil)
		}
		if err := s.roleFits(ctx, q, a, in, now); err != nil {
			return err
		}
		switch {
		case !p.belongsOnlyTo(in.OrganisationId):
			return s.invite(ctx, q, a, id, p, in, now)
		case p.disabled: // which whoever administers the account sees in the list
			return problem.Invalid(problem.Field{Path: "username", Code: "user_unknown"})
		}
		if err := personMay(ctx, q, in, p, now); err != nil {
			return err
		}
		if err := giveRole(ctx, q, id, p.id, in, now); err != nil {
			return err
		}
		return s.audit(ctx, q, a, now, adminRole(a), "addMembership", "membership", &id, string(in.Role))
	})
	if err != nil {
		return RoleGiven{}, err
	}
	m, err := s.st.Q().MembershipByID(ctx, id)
	if store.IsNone(err) {
		v, err := s.invitation(ctx, id)
		return RoleGiven{Invitation: &v}, err
	}
	if err != nil {
		return RoleGiven{}, fmt.Errorf("load the membership: %w", err)
	}
	v, err := s.account(ctx, a, m.UserID)
	return RoleGiven{Account: v}, err
}

// person is whose user name was entered, with the roles that are held now or later; the zero id where nobody has it.
type person struct {
	id       uuid.UUID
	username string
	disabled bool
	held     []db.MembershipsHeldRow
}

// findPerson looks for an account and locks it. It asks the same questions where there is none.
func findPerson(ctx context.Context, q *db.Queries, username string, now time.Time) (person, error) {
	p := person{username: strings.ToLower(strings.TrimSpace(username))}
	user, err := q.UserByUsername(ctx, p.username)
	if err != nil && !store.IsNone(err) {
		return p, fmt.Errorf("load the account: %w", err)
	}
	if err == nil {
		p.id, p.disabled = user.ID, user.DisabledAt != nil
	}
	if _, err := q.LockAccount(ctx, p.id); err != nil && !store.IsNone(err) {
		return p, fmt.Errorf("lock the account: %w", err)
	}
	p.held, err = q.MembershipsHeld(ctx, db.MembershipsHeldParams{Users: []uuid.UUID{p.id}, Now: now})
	if err != nil {
		return p, fmt.Errorf("load memberships: %w", err)
	}
	return p, nil
}

// belongsOnlyTo says whether the person holds roles in one organisation and in no other.
func (p person) belongsOnlyTo(organisation uuid.UUID) bool {
	return len(p.held) > 0 && !slices.ContainsFunc(p.held, func(m db.MembershipsHeldRow) bool { return m.OrganisationID != organisation })
}

func giveRole(ctx context.Context, q *db.Queries, id, user uuid.UUID, in contract.MembershipInput, now time.Time) error {
	if l := in.Licence; l != nil {
		if err := q.InsertProfessionalLicence(ctx, db.InsertProfessionalLicenceParams{ID: newID(), UserID: user, OrganisationID: in.OrganisationId, Kind: string(l.Kind), Number: l.Number,
			TitleCode: l.TitleCode, IndependentSince: timePtr(l.IndependentSince), ValidFrom: dateOf(l.ValidFrom).Time(), ValidTo: timePtr(l.ValidTo)}); err != nil {
			return fmt.Errorf("enter the licence: %w", err)
		}
	}
	if err := q.InsertMembership(ctx, db.InsertMembershipParams{ID: id, UserID: user, OrganisationID: in.OrganisationId, DepartmentID: in.DepartmentId,
		Role: string(in.Role), ValidFrom: now}); err != nil {
		return fmt.Errorf("give the role: %w", err)
	}
	return nil
}

// roleFits judges what was entered against the organisation, and nothing of the person.
func (s *Service) roleFits(ctx context.Context, q *db.Queries, a identity.Actor, in contract.MembershipInput, now time.Time) error {
	org, err := q.OrganisationByID(ctx, in.OrganisationId)
	if err := one(err, "the organisation"); err != nil {
		return err
	}
	var f form
	role := string(in.Role)
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
		f.licence("licence/", *in.Licence, licenceKinds(role), consult.DateOf(now))
		if role == RoleConsultant && in.Licence.IndependentSince == nil {
			f.add("licence/independentSince", "required") // G-RM-04 counts from it
		}
	}
	return f.err()
}

// personMay judges a further role against what the person holds already: roles and licences.
func personMay(ctx context.Context, q *db.Queries, in contract.MembershipInput, p person, now time.Time) error {
	role := string(in.Role)
	for _, m := range p.held {
		if m.Role == role && m.OrganisationID == in.OrganisationId && value(m.DepartmentID) == value(in.DepartmentId) {
			return problem.New(http.StatusConflict, "membership_held", nil)
		}
		if m.Role != role && slices.Contains(apart(), m.Role) && slices.Contains(apart(), role) {
			return problem.New(http.StatusUnprocessableEntity, "roles_apart", nil)
		}
	}
	if len(p.held) >= maxMemberships {
		return problem.New(http.StatusUnprocessableEntity, "too_many", problem.Args{"max": fmt.Sprint(maxMemberships)})
	}
	if in.Licence != nil || role != RoleConsultant && role != RoleAttending && role != RoleFamilyDoctor {
		return nil
	}
	licences, err := q.ProfessionalLicencesOf(ctx, p.id)
	if err != nil {
		return fmt.Errorf("load licences: %w", err)
	}
	var f form
	if !slices.ContainsFunc(licences, func(l db.ProfessionalLicence) bool {
		return slices.Contains(licenceKinds(role), l.Kind) && licence(l.ValidFrom, l.ValidTo).ValidOn(consult.DateOf(now))
	}) {
		f.add("licence", "required")
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
