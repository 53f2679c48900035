package care

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// rolesIn are the roles that fit an organisation of a kind, and that its administrator may give. A primary-care institution may invite and
// so has attending doctors.
func rolesIn(kind string) []string {
	switch kind {
	case kindCare:
		return []string{RoleNurse, RoleAttending, RolePharmacist, RoleInstAdmin, RoleQC, RoleComplaint}
	case kindMedical:
		return []string{RoleConsultant, RoleAttending, RoleFamilyDoctor, RoleNurse, RolePharmacist, RoleDispatcher, RoleInstAdmin, RoleQC, RoleComplaint}
	}
	return nil
}

// fits says whether a role can be held in an organisation of a kind at all: authorities supervise; the system's administrator belongs to
// any.
func fits(role, kind string) bool {
	switch role {
	case RoleSysAdmin, RoleSecAdmin, RoleAuditor:
		return true
	case RoleRegCounty, RoleRegLeague, RoleRegRegion:
		return kind == kindAuthority
	}
	return slices.Contains(rolesIn(kind), role)
}

// ListUsers gives the accounts with a role in the caller's organisation, to SYS_ADMIN and SEC_ADMIN all. An administrator sees the roles in
// the own organisation only.
func (s *Service) ListUsers(ctx context.Context, a identity.Actor) ([]contract.UserAccount, error) {
	if err := require(a, RoleSysAdmin, RoleSecAdmin, RoleInstAdmin); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.Accounts(ctx, db.AccountsParams{Everything: a.Has(RoleSysAdmin, RoleSecAdmin), Own: a.Organisations(RoleInstAdmin), Now: now})
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return accountViews(ctx, q, a, rows, now)
}

// CreateUser opens an account with one role and a temporary password, which is shown once. An administrator does so in the
// own organisation and gives the roles that fit it; SYS_ADMIN anywhere. A CONSULTANT needs a department and a physician's
// licence, an ATTENDING or a FAMILY_DOCTOR a doctor's licence.
func (s *Service) CreateUser(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.UserInput) (contract.UserCreated, error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin); err != nil {
		return contract.UserCreated{}, err
	}
	password, hash, err := s.id.NewPassword(ctx)
	if err != nil {
		return contract.UserCreated{}, fmt.Errorf("draw a password: %w", err)
	}
	id, repeated, err := s.create(ctx, a, cmd, "createUser", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		return s.enterUser(ctx, q, a, id, in, hash, now)
	})
	if err != nil {
		return contract.UserCreated{}, err
	}
	out, err := s.account(ctx, a, id)
	if err != nil {
		return contract.UserCreated{}, err
	}
	if repeated {
		password = "" // it was shown once
	}
	return contract.UserCreated{User: out, TemporaryPassword: password}, nil
}

// enterUser writes an account. An organisation that the caller does not administer is unknown.
func (s *Service) enterUser(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, in contract.UserInput, hash string, now time.Time) error {
	if !a.Has(RoleSysAdmin) && !a.In(in.OrganisationId, RoleInstAdmin) {
		return problem.NotFound()
	}
	org, err := q.OrganisationByID(ctx, in.OrganisationId)
	if err := one(err, "the organisation"); err != nil {
		return err
	}
	name, err := checkUser(ctx, q, a, in, org, consult.DateOf(now))
	if err != nil {
		return err
	}
	if err := q.InsertAccount(ctx, db.InsertAccountParams{ID: id, Username: in.Username, DisplayName: name, PasswordHash: hash,
		MustChangePassword: true, Locale: "zh-CN"}); err != nil {
		if store.Violates(err, "users_username_key") {
			return taken("username", "username_taken")
		}
		return fmt.Errorf("open the account: %w", err)
	}
	if in.Languages != nil {
		if err := q.SetLanguages(ctx, db.SetLanguagesParams{ID: id, Languages: *in.Languages}); err != nil {
			return fmt.Errorf("enter the languages: %w", err)
		}
	}
	if err := q.InsertMembership(ctx, db.InsertMembershipParams{ID: newID(), UserID: id, OrganisationID: org.ID, DepartmentID: in.DepartmentId,
		Role: string(in.Role), ValidFrom: now}); err != nil {
		return fmt.Errorf("give the role: %w", err)
	}
	if l := in.Licence; l != nil {
		if err := q.InsertProfessionalLicence(ctx, db.InsertProfessionalLicenceParams{ID: newID(), UserID: id, OrganisationID: org.ID,
			Kind: string(l.Kind), Number: l.Number, TitleCode: l.TitleCode, IndependentSince: timePtr(l.IndependentSince),
			ValidFrom: dateOf(l.ValidFrom).Time(), ValidTo: timePtr(l.ValidTo)}); err != nil {
			return fmt.Errorf("enter the licence: %w", err)
		}
	}
	return s.audit(ctx, q, a, now, adminRole(a), "createUser", "user", &id, string(in.Role))
}

// DisableUser closes an account and ends its sign-ins at once; nobody closes the own one.
func (s *Service) DisableUser(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.UserAccount, error) {
	err := s.onAccount(ctx, a, id, func(q *db.Queries) error { return s.id.Disable(ctx, q, a, id) })
	if err != nil {
		return contract.UserAccount{}, err
	}
	return s.account(ctx, a, id)
}

// ResetPassword gives an account a temporary password, enables it and ends its sign-ins. The own password is changed, not
// reset.
func (s *Service) ResetPassword(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.UserCreated, error) {
	if err := require(a, RoleSysAdmin, RoleSecAdmin, RoleInstAdmin); err != nil {
		return contract.UserCreated{}, err
	}
	if a.UserID == id {
		return contract.UserCreated{}, problem.New(http.StatusUnprocessableEntity, "own_account", nil)
	}
	password, hash, err := s.id.NewPassword(ctx)
	if err != nil {
		return contract.UserCreated{}, fmt.Errorf("draw a password: %w", err)
	}
	if err := s.onAccount(ctx, a, id, func(q *db.Queries) error { return s.id.ResetPassword(ctx, q, a, id, hash) }); err != nil {
		return contract.UserCreated{}, err
	}
	out, err := s.account(ctx, a, id)
	return contract.UserCreated{User: out, TemporaryPassword: password}, err
}

// onAccount carries out a change on an account that the caller may administer. An administrator may not touch an account that
// also works elsewhere or that supervises: a reset would hand it over. An auditor's account is administered by SEC_ADMIN alone.
func (s *Service) onAccount(ctx context.Context, a identity.Actor, id uuid.UUID, do func(*db.Queries) error) error {
	if err := require(a, RoleSysAdmin, RoleSecAdmin, RoleInstAdmin); err != nil {
		return err
	}
	return s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		if _, err := q.LockAccount(ctx, id); err != nil {
			return one(err, "the account")
		}
		held, err := q.MembershipsHeld(ctx, db.MembershipsHeldParams{Users: []uuid.UUID{id}, Now: now})
		if err != nil {
			return fmt.Errorf("load memberships: %w", err)
		}
		// 三权分立: whoever runs the system does not hold the account of whoever audits it.
		if a.Has(RoleSysAdmin) && !a.Has(RoleSecAdmin) && slices.ContainsFunc(held, func(m db.MembershipsHeldRow) bool { return m.Role == RoleAuditor }) {
			return problem.New(http.StatusForbidden, "account_of_auditor", nil)
		}
		if !a.Has(RoleSysAdmin, RoleSecAdmin) {
			own, elsewhere := false, false
			for _, m := range held {
				if a.In(m.OrganisationID, RoleInstAdmin) {
					own = true
				}
				if !a.In(m.OrganisationID, RoleInstAdmin) || !slices.Contains(rolesIn(m.OrganisationKind), m.Role) {
					elsewhere = true
				}
			}
			switch {
			case !own:
				return problem.NotFound()
			case elsewhere:
				return problem.New(http.StatusForbidden, "account_elsewhere", nil)
			}
		}
		return do(q)
	})
}

func adminRole(a identity.Actor) string {
	if a.Has(RoleSysAdmin) {
		return RoleSysAdmin
	}
	return RoleInstAdmin
}

var (
	usernameForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{2,63}$`)
	physicianForm = regexp.MustCompile(`^[0-9]{15}$`)          // 医师执业证书编码
	licenceForm   = regexp.MustCompile(`^[0-9A-Za-z-]{6,40}$`) // other certificates have no single form
)

// checkUser judges the whole form and gives the name in its one form.
func checkUser(ctx context.Context, q *db.Queries, a identity.Actor, in contract.UserInput, org db.Organisation, today consult.Date) (string, error) {
	var f form
	if !usernameForm.MatchString(in.Username) {
		f.add("username", "username_form")
	}
	name := f.name("name", in.Name)
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
			return "", fmt.Errorf("load the department: %w", err)
		}
		if err != nil || d.OrganisationID != org.ID {
			f.add("departmentId", "wrong_value")
		}
	}
	for i, l := range value(in.Languages) {
		if !hasTerm(residentLanguages(), l) {
			f.add("languages/"+strconv.Itoa(i), "unknown_code", "code", l)
		}
	}
	if role == RoleConsultant {
		if in.DepartmentId == nil {
			f.add("departmentId", "required")
		}
		if in.Licence != nil && in.Licence.IndependentSince == nil {
			f.add("licence/independentSince", "required") // G-RM-04 counts from it
		}
	}
	if in.Licence == nil {
		if role == RoleConsultant || role == RoleAttending || role == RoleFamilyDoctor || role == RolePharmacist {
			f.add("licence", "required")
		}
		return name, f.err()
	}
	f.licence("licence/", *in.Licence, licenceKinds(role), today)
	return name, f.err()
}

func (s *Service) account(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.UserAccount, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.UserAccount{}, err
	}
	row, err := q.SignInUser(ctx, id)
	if err := one(err, "the account"); err != nil {
		return contract.UserAccount{}, err
	}
	views, err := accountViews(ctx, q, a, []db.User{row}, now)
	if err != nil {
		return contract.UserAccount{}, err
	}
	return views[0], nil
}

func accountViews(ctx context.Context, q *db.Queries, a identity.Actor, rows []db.User, now time.Time) ([]contract.UserAccount, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, u := range rows {
		ids[i] = u.ID
	}
	held, err := q.MembershipsHeld(ctx, db.MembershipsHeldParams{Users: ids, Now: now})
	if err != nil {
		return nil, fmt.Errorf("load memberships: %w", err)
	}
	licences, err := q.LicencesOfPeople(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load licences: %w", err)
	}
	factors, err := q.FactorsHeld(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("second factors: %w", err)
	}
	out := make([]contract.UserAccount, len(rows))
	place := make(map[uuid.UUID]int, len(rows))
	for i, u := range rows {
		place[u.ID] = i
		out[i] = contract.UserAccount{Id: u.ID, Username: u.Username, Name: u.DisplayName, Roles: []contract.Membership{}, Licences: []contract.HeldLicence{},
			MustChangePassword: u.MustChangePassword, Disabled: u.DisabledAt != nil, SecondFactor: slices.Contains(factors, u.ID), CreatedAt: &u.CreatedAt}
	}
	for _, m := range held {
		if !a.Has(RoleSysAdmin, RoleSecAdmin) && !a.In(m.OrganisationID, RoleInstAdmin) {
			continue
		}
		v := &out[place[m.UserID]]
		v.Roles = append(v.Roles, contract.Membership{Id: &m.ID, Role: contract.Role(m.Role), OrganisationId: m.OrganisationID, OrganisationName: m.OrganisationName,
			OrganisationKind: contract.MembershipOrganisationKind(m.OrganisationKind), OrganisationAddress: some(m.OrganisationAddress),
			DepartmentId: m.DepartmentID, DepartmentName: some(m.DepartmentName)})
	}
	for user, held := range licenceViews(licences, consult.DateOf(now)) {
		out[place[user]].Licences = held
	}
	for _, l := range licences {
		if v := &out[place[l.UserID]]; v.LicenceMasked == nil && licence(l.ValidFrom, l.ValidTo).ValidOn(consult.DateOf(now)) {
			v.TitleCode, v.LicenceMasked = some(l.TitleCode), some(consult.MaskIdentityNumber(l.Number))
		}
	}
	return out, nil
}
