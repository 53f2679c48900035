package care

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The kinds of organisations.
const (
	kindCare      = "CARE"
	kindMedical   = "MEDICAL"
	kindAuthority = "AUTHORITY"
)

// ListOrganisations gives all to SYS_ADMIN and SEC_ADMIN; INST_ADMIN sees the own ones and those with an agreement.
func (s *Service) ListOrganisations(ctx context.Context, a identity.Actor) ([]contract.Organisation, error) {
	if err := require(a, RoleSysAdmin, RoleSecAdmin, RoleInstAdmin); err != nil {
		return nil, err
	}
	q := s.st.Q()
	var rows []db.Organisation
	var err error
	if a.Has(RoleSysAdmin, RoleSecAdmin) {
		rows, err = q.AllOrganisations(ctx)
	} else {
		rows, err = q.OrganisationsAround(ctx, a.Organisations(RoleInstAdmin))
	}
	if err != nil {
		return nil, fmt.Errorf("list organisations: %w", err)
	}
	return s.organisationViews(ctx, q, a, rows)
}

// CreateOrganisation enters an organisation with its licences. A medical institution's departments are those named, or
// without any those of its licences; their names come from the national list.
func (s *Service) CreateOrganisation(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.OrganisationInput) (contract.Organisation, error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return contract.Organisation{}, err
	}
	row, licences, departments, err := checkOrganisation(s.codes(), in)
	if err != nil {
		return contract.Organisation{}, err
	}
	id, _, err := s.create(ctx, a, cmd, "createOrganisation", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		row.ID = id
		if in.ReportingParentId != nil {
			parent, err := q.OrganisationByID(ctx, *in.ReportingParentId)
			if err != nil && !store.IsNone(err) {
				return fmt.Errorf("load the reporting parent: %w", err)
			}
			if err != nil || parent.Kind != kindAuthority {
				var f form
				f.add("reportingParentId", "parent_not_authority")
				return f.err()
			}
		}
		if err := q.InsertOrganisation(ctx, row); err != nil {
			if store.Violates(err, "organisations_credit_code_key") {
				return taken("creditCode", "credit_code_taken")
			}
			return fmt.Errorf("enter the organisation: %w", err)
		}
		for _, l := range licences {
			l.ID, l.OrganisationID = newID(), id
			if err := q.InsertLicence(ctx, l); err != nil {
				return fmt.Errorf("enter a licence: %w", err)
			}
		}
		for _, code := range departments {
			d, _ := s.codes().Department(code)
			if err := q.InsertDepartment(ctx, db.InsertDepartmentParams{ID: newID(), OrganisationID: id, Code: code, Name: d.ZH, Phone: row.Phone}); err != nil {
				return fmt.Errorf("enter a department: %w", err)
			}
		}
		return s.audit(ctx, q, a, now, RoleSysAdmin, "createOrganisation", "organisation", &id, "")
	})
	if err != nil {
		return contract.Organisation{}, err
	}
	q := s.st.Q()
	made, err := q.OrganisationByID(ctx, id)
	if err := one(err, "the organisation"); err != nil {
		return contract.Organisation{}, err
	}
	views, err := s.organisationViews(ctx, q, a, []db.Organisation{made})
	if err != nil {
		return contract.Organisation{}, err
	}
	return views[0], nil
}

func checkOrganisation(codes *consult.Codes, in contract.OrganisationInput) (db.InsertOrganisationParams, []db.InsertLicenceParams, []string, error) {
	var f form
	row := db.InsertOrganisationParams{Kind: string(in.Kind), TypeCode: in.TypeCode, Level: f.text("level", value(in.Level), 0, 20),
		Name: f.text("name", in.Name, 2, 100), RegionCode: in.RegionCode, ReportingParentID: in.ReportingParentId,
		Address: f.text("address", in.Address, 0, 200), Phone: f.phone("phone", in.Phone)}
	switch row.Kind {
	case kindCare, kindMedical:
		if t, ok := consult.InstitutionType(in.TypeCode); !ok || t.Kind != row.Kind {
			f.add("typeCode", "wrong_value")
		}
		if row.Phone == "" && strings.TrimSpace(in.Phone) == "" {
			f.add("phone", "required")
		}
		if row.Kind == kindCare && row.Address == "" {
			f.add("address", "required") // it is read out to 120
		}
	case kindAuthority:
		f.code("typeCode", consult.VocabAuthorityLevel, in.TypeCode)
	default:
		f.add("kind", "wrong_value")
	}
	if code := strings.TrimSpace(value(in.CreditCode)); code != "" {
		c, err := consult.ParseCreditCode(code)
		f.refuse("creditCode", err)
		row.CreditCode = &c.Code
	}
	if !codes.Current(consult.VocabDivision, in.RegionCode) {
		f.add("regionCode", "wrong_value")
	}

	var licences []db.InsertLicenceParams
	var licensed []string
	for i, l := range value(in.Licences) {
		at := "licences/" + strconv.Itoa(i) + "/"
		if row.Kind == kindAuthority {
			f.add("licences", "licence_of_authority")
			break
		}
		if !slices.Contains([]string{"MEDICAL_PRACTICE", "CLINIC_FILING", "CARE_FILING", "INTERNET_HOSPITAL"}, string(l.Kind)) {
			f.add(at+"kind", "wrong_value")
		}
		codes := f.departments(codes, at+"departmentCodes", l.DepartmentCodes)
		if l.Kind == "MEDICAL_PRACTICE" || l.Kind == "CLINIC_FILING" {
			licensed = append(licensed, codes...)
		}
		f.period(at+"validTo", dateOf(l.ValidFrom), l.ValidTo)
		licences = append(licences, db.InsertLicenceParams{Kind: string(l.Kind), Number: f.text(at+"number", l.Number, 1, 40),
			DepartmentCodes: codes, ValidFrom: dateOf(l.ValidFrom).Time(), ValidTo: timePtr(l.ValidTo)})
	}

	departments := f.departments(codes, "departmentCodes", value(in.DepartmentCodes))
	for i, code := range departments {
		if !codes.Covers(licensed, code) {
			f.add("departmentCodes/"+strconv.Itoa(i), "department_not_licensed", "code", code)
		}
	}
	if len(departments) == 0 && row.Kind == kindMedical {
		slices.Sort(licensed)
		departments = slices.Compact(licensed)
	}
	return row, licences, departments, f.err()
}

// departments refuses codes that the national list lacks and gives each of the others once.
func (f *form) departments(tables *consult.Codes, path string, codes []string) []string {
	out := []string{}
	for i, c := range codes {
		switch {
		case !tables.Current(consult.VocabDepartment, c):
			f.add(path+"/"+strconv.Itoa(i), "wrong_value")
		case !slices.Contains(out, c):
			out = append(out, c)
		}
	}
	return out
}

func (s *Service) organisationViews(ctx context.Context, q *db.Queries, a identity.Actor, rows []db.Organisation) ([]contract.Organisation, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, o := range rows {
		ids[i] = o.ID
	}
	licences, err := q.LicencesOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load licences: %w", err)
	}
	departments, err := q.DepartmentsOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load departments: %w", err)
	}
	rules, err := factorRules(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	sites, err := q.PracticeSitesOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load practice sites: %w", err)
	}
	declared, err := q.DeclarationsOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load declarations: %w", err)
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	today := consult.DateOf(now)
	out := make([]contract.Organisation, len(rows))
	for i, o := range rows {
		v := contract.Organisation{Id: o.ID, Kind: contract.OrganisationKind(o.Kind), TypeCode: o.TypeCode, Name: o.Name,
			CreditCode: o.CreditCode, Level: some(o.Level), RegionCode: o.RegionCode, ReportingParentId: o.ReportingParentID,
			Address: o.Address, Phone: o.Phone, Active: o.Active, AdmitsYounger: o.AdmitsYounger, Licences: []contract.Licence{}, Departments: []contract.Department{},
			PracticeSites: []contract.PracticeSite{}, FactorRules: []contract.FactorRule{}, Declarations: declarationViews(a, o, declared, today)}
		if a.Has(RoleSysAdmin, RoleSecAdmin) || a.In(o.ID, RoleInstAdmin) {
			v.FactorRules = rules[o.ID]
		}
		for _, l := range licences {
			if l.OrganisationID == o.ID {
				v.Licences = append(v.Licences, contract.Licence{Kind: contract.LicenceKind(l.Kind), Number: l.Number,
					DepartmentCodes: l.DepartmentCodes, ValidFrom: dayOf(l.ValidFrom), ValidTo: dayPtr(l.ValidTo)})
			}
		}
		for _, d := range departments {
			if d.OrganisationID == o.ID {
				v.Departments = append(v.Departments, contract.Department{Id: d.ID, Code: d.Code, Name: d.Name, Phone: some(d.Phone)})
			}
		}
		for _, p := range sites {
			if p.CareOrgID == o.ID || p.MedicalOrgID == o.ID {
				v.PracticeSites = append(v.PracticeSites, contract.PracticeSite{CareOrgId: p.CareOrgID, CareOrgName: p.CareName, MedicalOrgId: p.MedicalOrgID, MedicalOrgName: p.MedicalName,
					ValidFrom: dayOf(p.ValidFrom), ValidTo: dayPtr(p.ValidTo)})
			}
		}
		out[i] = v
	}
	return out, nil
}
