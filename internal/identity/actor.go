package identity

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Actor is a signed-in person with the memberships in force when the request came, all or the one that the sign-in chose to act in.
type Actor struct {
	UserID, SessionID      uuid.UUID
	Username, Name, Locale string
	MustChangePassword     bool         // may only change the password, read itself and sign out
	FactorDue              string       // what the sign-in waits for before anything else, one of the Factor constants; "" for nothing
	FactorResetAt          *time.Time   // an administrator took the second factor away, and nothing was set up since
	Memberships            []Membership // in which the sign-in acts
	Held                   []Membership // all that are in force
	ActingAs               *uuid.UUID   // the only one in which it acts; nil: in all
}

// What a sign-in waits for, where a role of the person asks for a second factor at sign-in.
const (
	FactorConfirm = "CONFIRM"
	FactorEnrol   = "ENROL" // none is set up
)

// Membership is a role in an organisation, for a doctor in a department. Role holds the codes of consult.Role.
type Membership struct {
	ID                                                      uuid.UUID
	Role                                                    string
	OrganisationID                                          uuid.UUID
	OrganisationName, OrganisationKind, OrganisationAddress string
	DepartmentID                                            *uuid.UUID
	DepartmentName                                          string
}

func (m Membership) of(roles []string) bool {
	return len(roles) == 0 || slices.Contains(roles, m.Role)
}

// Has says whether one of the roles is held anywhere; without roles, whether any is.
func (a Actor) Has(roles ...string) bool {
	return slices.ContainsFunc(a.Memberships, func(m Membership) bool { return m.of(roles) })
}

// Organisations gives the organisations in which one of the roles (without roles: any) is held, each once.
func (a Actor) Organisations(roles ...string) []uuid.UUID {
	list := []uuid.UUID{}
	for _, m := range a.Memberships {
		if m.of(roles) && !slices.Contains(list, m.OrganisationID) {
			list = append(list, m.OrganisationID)
		}
	}
	return list
}

// Departments gives the departments in which one of the roles (without roles: any) is held, each once.
func (a Actor) Departments(roles ...string) []uuid.UUID {
	list := []uuid.UUID{}
	for _, m := range a.Memberships {
		if m.DepartmentID != nil && m.of(roles) && !slices.Contains(list, *m.DepartmentID) {
			list = append(list, *m.DepartmentID)
		}
	}
	return list
}

// In says whether one of the roles (without roles: any) is held in the organisation.
func (a Actor) In(organisation uuid.UUID, roles ...string) bool {
	return slices.ContainsFunc(a.Memberships, func(m Membership) bool {
		return m.OrganisationID == organisation && m.of(roles)
	})
}

// RoleIn gives the longest-held role in the organisation, or "".
func (a Actor) RoleIn(organisation uuid.UUID) string {
	for _, m := range a.Memberships {
		if m.OrganisationID == organisation {
			return m.Role
		}
	}
	return ""
}

// RoleForDepartment gives the longest-held role in the department, or "".
func (a Actor) RoleForDepartment(department uuid.UUID) string {
	for _, m := range a.Memberships {
		if m.DepartmentID != nil && *m.DepartmentID == department {
			return m.Role
		}
	}
	return ""
}
