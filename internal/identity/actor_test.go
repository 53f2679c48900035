package identity

import (
	"slices"
	"testing"

	"github.com/google/uuid"
)

func TestActor(t *testing.T) {
	home, hospital, foreign := uuid.New(), uuid.New(), uuid.New()
	heart, general := uuid.New(), uuid.New()
	a := Actor{Memberships: []Membership{
		{Role: "NURSE", OrganisationID: home},
		{Role: "INST_ADMIN", OrganisationID: home},
		{Role: "CONSULTANT", OrganisationID: hospital, DepartmentID: &heart},
		{Role: "CONSULTANT", OrganisationID: hospital, DepartmentID: &general},
		{Role: "REHAB_THERAPIST", OrganisationID: hospital, DepartmentID: &general},
	}}
	if !a.Has("NURSE") || !a.Has("QC", "CONSULTANT") || a.Has("QC") || !a.Has() || (Actor{}).Has() {
		t.Error("Has")
	}
	if got := a.Organisations(); !slices.Equal(got, []uuid.UUID{home, hospital}) {
		t.Errorf("Organisations: %v", got)
	}
	if got := a.Organisations("CONSULTANT"); !slices.Equal(got, []uuid.UUID{hospital}) {
		t.Errorf("Organisations of a role: %v", got)
	}
	if got := a.Organisations("QC"); got == nil || len(got) != 0 {
		t.Errorf("no organisation must be an empty list, which a query takes for none: %v", got)
	}
	if got := a.Departments("CONSULTANT"); !slices.Equal(got, []uuid.UUID{heart, general}) {
		t.Errorf("Departments: %v", got)
	}
	if got := a.Departments("REHAB_THERAPIST"); !slices.Equal(got, []uuid.UUID{general}) {
		t.Errorf("Departments of a role: %v", got)
	}
	if !a.In(home, "NURSE") || a.In(hospital, "NURSE") || !a.In(hospital) || a.In(foreign) {
		t.Error("In")
	}
	if a.RoleIn(home) != "NURSE" || a.RoleIn(foreign) != "" {
		t.Error("RoleIn")
	}
	if a.RoleForDepartment(general) != "CONSULTANT" || a.RoleForDepartment(foreign) != "" {
		t.Error("RoleForDepartment")
	}
}
