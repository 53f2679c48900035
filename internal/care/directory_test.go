package care_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func day(s string) openapi_types.Date {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return openapi_types.Date{Time: t}
}

func dayp(s string) *openapi_types.Date { d := day(s); return &d }

func ptr[T any](v T) *T { return &v }

// fields says that a form was refused with exactly these codes, by path, each with its sentence in both languages.
func fields(t *testing.T, err error, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	if err != nil {
		p := problem.Of(err)
		if p.Code != "invalid_request" {
			t.Fatalf("refused with %v", err)
		}
		for _, f := range p.Fields {
			got[f.Path] = f.Code
			for _, locale := range []string{"zh-CN", "en"} {
				if s := problem.Sentence(locale, f.Code, f.Args); !problem.Known(f.Code) || strings.Contains(s, "{") {
					t.Errorf("%s %s: %q", locale, f.Code, s)
				}
			}
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("refused %v, want %v", got, want)
	}
}

func hospital() contract.OrganisationInput {
	return contract.OrganisationInput{Kind: "MEDICAL", TypeCode: "B100", Name: "海东路社区卫生服务中心", CreditCode: ptr("12150102MB1X00010D"), RegionCode: "150102",
		Address: "海东路9号", Phone: "0471 6946427",
		Licences: &[]contract.Licence{{Kind: "MEDICAL_PRACTICE", Number: "PDY0001", DepartmentCodes: []string{"02", "0304", "50"}, ValidFrom: day("2020-01-01")}}}
}

func TestOrganisationForm(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	for name, c := range map[string]struct {
		change func(*contract.OrganisationInput)
		want   map[string]string
	}{
		"credit code":       {func(in *contract.OrganisationInput) { in.CreditCode = ptr("12150102MB1X00010E") }, map[string]string{"creditCode": "credit_code_checksum"}},
		"short credit code": {func(in *contract.OrganisationInput) { in.CreditCode = ptr("1215") }, map[string]string{"creditCode": "credit_code_length"}},
		"type of another kind": {func(in *contract.OrganisationInput) { in.TypeCode = "CARE_HOME" },
			map[string]string{"typeCode": "wrong_value"}},
		"region":  {func(in *contract.OrganisationInput) { in.RegionCode = "999999" }, map[string]string{"regionCode": "wrong_value"}},
		"phone":   {func(in *contract.OrganisationInput) { in.Phone = "6946427" }, map[string]string{"phone": "phone_area_code"}},
		"licence": {func(in *contract.OrganisationInput) { (*in.Licences)[0].ValidTo = dayp("2019-12-31") }, map[string]string{"licences/0/validTo": "period_order"}},
		"department not on the licence": {func(in *contract.OrganisationInput) { in.DepartmentCodes = &[]string{"02", "20"} },
			map[string]string{"departmentCodes/1": "department_not_licensed"}},
		"parent": {func(in *contract.OrganisationInput) { in.ReportingParentId = &w.Home }, map[string]string{"reportingParentId": "parent_not_authority"}},
		"all at once": {func(in *contract.OrganisationInput) {
			in.Name, in.RegionCode, in.Phone = " ", "1", ""
			(*in.Licences)[0].DepartmentCodes = []string{"99"}
		}, map[string]string{"name": "required", "regionCode": "wrong_value", "phone": "required", "licences/0/departmentCodes/0": "wrong_value"}},
		"an authority has no licence": {func(in *contract.OrganisationInput) { in.Kind, in.TypeCode = "AUTHORITY", "COUNTY" }, map[string]string{"licences": "licence_of_authority"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := hospital()
			c.change(&in)
			_, err := w.Care.CreateOrganisation(t.Context(), w.Sys, uuid.New(), in)
			fields(t, err, c.want)
		})
	}
	is(t, "organisations", w.Count(`SELECT count(*) FROM organisations WHERE name LIKE '海东路%'`), 0)
}

func TestOrganisationsAndWhoSeesThem(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	in := hospital()
	in.ReportingParentId = &w.Authority
	cmd := uuid.New()
	made := must(w.Care.CreateOrganisation(ctx, w.Sys, cmd, in))(t)
	is(t, "phone", made.Phone, "0471-6946427")
	is(t, "departments of the licence", len(made.Departments), 3)
	is(t, "name of a department", made.Departments[1].Name, "心血管内科")
	again := must(w.Care.CreateOrganisation(ctx, w.Sys, cmd, in))(t)
	is(t, "the repetition's object", again.Id, made.Id)
	in.Name = "另一家"
	_, err := w.Care.CreateOrganisation(ctx, w.Sys, cmd, in)
	refused(t, err, "command_reused")
	_, err = w.Care.CreateOrganisation(ctx, w.Sys, uuid.New(), in)
	is(t, "field", refused(t, err, "credit_code_taken").Fields[0].Path, "creditCode")

	names := func(a identity.Actor) []string {
		t.Helper()
		out := []string{}
		for _, o := range must(w.Care.ListOrganisations(ctx, a))(t) {
			out = append(out, o.Name)
		}
		slices.Sort(out)
		return out
	}
	if got := names(w.HomeAdmin); !slices.Equal(got, []string{"阳光颐养院", "青城医院"}) {
		t.Errorf("an administrator sees %v", got)
	}
	if got := names(w.HospitalAdmin); !slices.Equal(got, []string{"康宁养老院", "阳光颐养院", "青城医院"}) {
		t.Errorf("the hospital's administrator sees %v", got)
	}
	is(t, "the system administrator sees", len(names(w.Sys)), 7)
	for _, a := range []identity.Actor{w.Nurse, w.Attending, w.Wang, w.County} {
		_, err := w.Care.ListOrganisations(ctx, a)
		refused(t, err, "forbidden")
	}
	_, err = w.Care.CreateOrganisation(ctx, w.HomeAdmin, uuid.New(), hospital())
	refused(t, err, "forbidden")
}

func TestAgreements(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	good := func() contract.AgreementInput {
		return contract.AgreementInput{Number: "QC-2026-7", InvitingOrgId: w.Stranger, InvitedOrgId: w.Hospital, ServiceTypes: []string{"REMOTE_CONSULT"},
			DepartmentCodes: []string{"02", "0304"}, ValidFrom: day("2026-01-01"), ValidTo: day("2026-12-31"),
			Clauses: contract.Clauses{Purpose: "甲", Conditions: "乙", Content: "丙", Process: "丁", Rights: "戊", Liability: "己"}}
	}
	in := good()
	in.ServiceTypes, in.DepartmentCodes, in.ValidTo, in.Clauses.Liability = []string{"MAGIC"}, []string{"02", "7777"}, day("2025-01-01"), "  "
	_, err := w.Care.CreateAgreement(ctx, w.Sys, uuid.New(), in)
	fields(t, err, map[string]string{"serviceTypes/0": "wrong_value", "departmentCodes/1": "wrong_value", "validTo": "period_order", "clauses/liability": "required"})
	in = good()
	in.InvitedOrgId, in.InvitingOrgId = w.Home, w.Authority
	_, err = w.Care.CreateAgreement(ctx, w.Sys, uuid.New(), in)
	fields(t, err, map[string]string{"invitedOrgId": "agreement_party_kind", "invitingOrgId": "agreement_party_kind"})
	in = good()
	in.DepartmentCodes = []string{"13"}
	_, err = w.Care.CreateAgreement(ctx, w.Sys, uuid.New(), in)
	fields(t, err, map[string]string{"departmentCodes/0": "department_not_licensed"})
	in = good()
	in.InvitedOrgId = in.InvitingOrgId
	_, err = w.Care.CreateAgreement(ctx, w.Sys, uuid.New(), in)
	fields(t, err, map[string]string{"invitedOrgId": "agreement_with_itself"})

	made := must(w.Care.CreateAgreement(ctx, w.Sys, uuid.New(), good()))(t)
	is(t, "in force", made.InForce, true)
	is(t, "name", made.InvitedOrgName, "青城医院")
	_, err = w.Care.CreateAgreement(ctx, w.Sys, uuid.New(), good())
	refused(t, err, "agreement_number_taken")
	is(t, "agreements of the home", len(must(w.Care.ListAgreements(ctx, w.HomeAdmin))(t)), 1)
	is(t, "agreements of the hospital", len(must(w.Care.ListAgreements(ctx, w.HospitalAdmin))(t)), 3)
	is(t, "all agreements", len(must(w.Care.ListAgreements(ctx, w.Sys))(t)), 4)
	w.Clock.Pass(400 * 24 * time.Hour)
	for _, g := range must(w.Care.ListAgreements(ctx, w.Sys))(t) {
		if g.Id == made.Id && g.InForce {
			t.Error("in force after its last day")
		}
	}
}

func physician() *contract.ProfessionalLicenceInput {
	return &contract.ProfessionalLicenceInput{Kind: "PHYSICIAN", Number: "110150105000999", TitleCode: "232", IndependentSince: dayp("2015-01-01"), ValidFrom: day("2015-01-01")}
}

func TestAccountForm(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	doctor := func() contract.UserInput {
		return contract.UserInput{Username: "dr.sun", Name: "孙医生", OrganisationId: w.Hospital, Role: "CONSULTANT", DepartmentId: ptr(w.Departments["02"]), Licence: physician()}
	}
	nurse := func() contract.UserInput {
		return contract.UserInput{Username: "nurse.he", Name: "贺护士", OrganisationId: w.Home, Role: "NURSE"}
	}
	for name, c := range map[string]struct {
		by     identity.Actor
		in     contract.UserInput
		change func(*contract.UserInput)
		want   map[string]string
	}{
		"a consultant needs department and licence": {w.HospitalAdmin, doctor(), func(in *contract.UserInput) { in.DepartmentId, in.Licence = nil, nil },
			map[string]string{"departmentId": "required", "licence": "required"}},
		"a nurse's licence does not make a consultant": {w.HospitalAdmin, doctor(), func(in *contract.UserInput) { in.Licence.Kind, in.Licence.Number = "NURSE", "201515010200031" },
			map[string]string{"licence/kind": "licence_not_for_role"}},
		"years": {w.HospitalAdmin, doctor(), func(in *contract.UserInput) { in.Licence.IndependentSince = nil }, map[string]string{"licence/independentSince": "required"}},
		"licence": {w.HospitalAdmin, doctor(), func(in *contract.UserInput) {
			in.Licence.Number, in.Licence.TitleCode, in.Licence.ValidTo, in.Licence.IndependentSince = "12", "999", dayp("2014-01-01"), dayp("2030-01-01")
		}, map[string]string{"licence/number": "licence_number", "licence/titleCode": "wrong_value", "licence/validTo": "period_order", "licence/independentSince": "day_in_future"}},
		"a department of another hospital": {w.Sys, doctor(), func(in *contract.UserInput) { in.OrganisationId = w.OtherHospital }, map[string]string{"departmentId": "wrong_value"}},
		"names":                            {w.HomeAdmin, nurse(), func(in *contract.UserInput) { in.Username, in.Name = "A", "x9" }, map[string]string{"username": "username_form", "name": "name_characters"}},
		"an administrator makes no system administrator": {w.HomeAdmin, nurse(), func(in *contract.UserInput) { in.Role = "SYS_ADMIN" }, map[string]string{"role": "role_not_here"}},
		"nor an authority":                {w.HomeAdmin, nurse(), func(in *contract.UserInput) { in.Role = "REG_COUNTY" }, map[string]string{"role": "role_not_here"}},
		"no consultants in a home":        {w.HomeAdmin, nurse(), func(in *contract.UserInput) { in.Role = "CONSULTANT" }, map[string]string{"role": "role_not_here", "departmentId": "required", "licence": "required"}},
		"no authority role in a hospital": {w.Sys, nurse(), func(in *contract.UserInput) { in.OrganisationId, in.Role = w.Hospital, "REG_COUNTY" }, map[string]string{"role": "role_not_here"}},
		"an attending needs a licence":    {w.HomeAdmin, nurse(), func(in *contract.UserInput) { in.Role = "ATTENDING" }, map[string]string{"licence": "required"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.change != nil {
				c.change(&c.in)
			}
			_, err := w.Care.CreateUser(t.Context(), c.by, uuid.New(), c.in)
			fields(t, err, c.want)
		})
	}
	// A primary institution invites too: it has doctors on site, nurses with a licence, and somebody at the hospital's dispatch desk.
	for role, licence := range map[contract.Role]*contract.ProfessionalLicenceInput{
		"ATTENDING": physician(), "DISPATCHER": nil, "NURSE": {Kind: "NURSE", Number: "201515010200031", ValidFrom: day("2015-01-01")}} {
		made := must(w.Care.CreateUser(t.Context(), w.HospitalAdmin, uuid.New(), contract.UserInput{Username: "new." + strings.ToLower(string(role)), Name: "孙新",
			OrganisationId: w.Hospital, Role: role, Licence: licence}))(t)
		is(t, "role", made.User.Roles[0].Role, role)
		is(t, "licence", made.User.LicenceMasked != nil, licence != nil)
	}
	in := nurse()
	in.OrganisationId = w.PureHome
	_, err := w.Care.CreateUser(t.Context(), w.HomeAdmin, uuid.New(), in)
	refused(t, err, "not_found")
	_, err = w.Care.CreateUser(t.Context(), w.Nurse, uuid.New(), nurse())
	refused(t, err, "forbidden")
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	in := contract.UserInput{Username: "nurse.he", Name: "贺护士", OrganisationId: w.Home, Role: "NURSE"}
	cmd := uuid.New()
	made := must(w.Care.CreateUser(ctx, w.HomeAdmin, cmd, in))(t)
	if made.TemporaryPassword == "" || !made.User.MustChangePassword || made.User.Roles[0].Role != "NURSE" {
		t.Errorf("%+v", made)
	}
	again := must(w.Care.CreateUser(ctx, w.HomeAdmin, cmd, in))(t)
	is(t, "the password of a repetition", again.TemporaryPassword, "")
	is(t, "the account of a repetition", again.User.Id, made.User.Id)
	_, err := w.Care.CreateUser(ctx, w.HomeAdmin, uuid.New(), in)
	refused(t, err, "username_taken")
	grant := must(w.Identity.Login(ctx, "nurse.he", made.TemporaryPassword, "test"))(t)
	is(t, "must change", grant.Actor.MustChangePassword, true)

	t.Run("who sees whom", func(t *testing.T) {
		for _, u := range must(w.Care.ListUsers(ctx, w.HomeAdmin))(t) {
			if len(u.Roles) == 0 || u.Roles[0].OrganisationId != w.Home {
				t.Errorf("%+v", u)
			}
			if u.LicenceMasked != nil && !strings.Contains(*u.LicenceMasked, "*") {
				t.Errorf("licence %s", *u.LicenceMasked)
			}
		}
		is(t, "accounts of the home", len(must(w.Care.ListUsers(ctx, w.HomeAdmin))(t)), 4)
		is(t, "all accounts", len(must(w.Care.ListUsers(ctx, w.Sys))(t)), w.Count(`SELECT count(*) FROM users`))
		// Who works there no longer is not shown.
		w.Exec(`UPDATE memberships SET valid_to = $1 WHERE user_id = $2`, w.Clock.Now().Add(-time.Second), w.Nurse.UserID)
		is(t, "after a leave", len(must(w.Care.ListUsers(ctx, w.HomeAdmin))(t)), 3)
		_, err := w.Care.DisableUser(ctx, w.HomeAdmin, w.Nurse.UserID)
		refused(t, err, "not_found")
	})
	t.Run("foreign accounts are out of reach", func(t *testing.T) {
		for _, id := range []uuid.UUID{w.PureNurse.UserID, w.Wang.UserID, w.Sys.UserID, uuid.New()} {
			_, err := w.Care.DisableUser(ctx, w.HomeAdmin, id)
			refused(t, err, "not_found")
			_, err = w.Care.ResetPassword(ctx, w.HomeAdmin, id)
			refused(t, err, "not_found")
		}
		// Somebody who also works elsewhere cannot be taken over by a reset.
		w.Exec(`INSERT INTO memberships (id, user_id, organisation_id, role, valid_from) VALUES ($1, $2, $3, 'INST_ADMIN', $4)`,
			uuid.New(), w.PureNurse.UserID, w.Home, caretest.Start())
		_, err := w.Care.ResetPassword(ctx, w.HomeAdmin, w.PureNurse.UserID)
		refused(t, err, "account_elsewhere")
	})
	t.Run("disable and enable", func(t *testing.T) {
		out := must(w.Care.DisableUser(ctx, w.HomeAdmin, made.User.Id))(t)
		is(t, "disabled", out.Disabled, true)
		if _, _, err := w.Identity.Authenticate(ctx, grant.AccessToken); err == nil {
			t.Error("the sign-in outlived the account")
		}
		out = must(w.Care.DisableUser(ctx, w.HomeAdmin, made.User.Id))(t)
		is(t, "still disabled", out.Disabled, true)
		reset := must(w.Care.ResetPassword(ctx, w.HomeAdmin, made.User.Id))(t)
		is(t, "disabled after the reset", reset.User.Disabled, false)
		must(w.Identity.Login(ctx, "nurse.he", reset.TemporaryPassword, "test"))(t)
	})
	t.Run("nobody disables or resets the own account", func(t *testing.T) {
		_, err := w.Care.DisableUser(ctx, w.Sys, w.Sys.UserID)
		refused(t, err, "cannot_disable_self")
		_, err = w.Care.ResetPassword(ctx, w.Sys, w.Sys.UserID)
		refused(t, err, "own_account")
	})
}

func TestDutyShifts(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	start := caretest.Start().AddDate(0, 0, 40)
	shift := func(a identity.Actor, role contract.Role, from, to time.Time) contract.DutyShiftInput {
		return contract.DutyShiftInput{UserId: a.UserID, Role: role, StartsAt: from, EndsAt: to}
	}
	for name, c := range map[string]struct {
		in   contract.DutyShiftInput
		want map[string]string
	}{
		"backwards":         {shift(w.Nurse, "NURSE", start, start), map[string]string{"endsAt": "period_order"}},
		"too long":          {shift(w.Nurse, "NURSE", start, start.Add(49*time.Hour)), map[string]string{"endsAt": "shift_too_long"}},
		"over":              {shift(w.Nurse, "NURSE", start.AddDate(-1, 0, 0), start.AddDate(-1, 0, 1)), map[string]string{"endsAt": "shift_past"}},
		"somebody else's":   {shift(w.Wang, "CONSULTANT", start, start.Add(time.Hour)), map[string]string{"userId": "not_in_role_here"}},
		"not in that role":  {shift(w.Nurse, "ATTENDING", start, start.Add(time.Hour)), map[string]string{"userId": "not_in_role_here"}},
		"no role of a duty": {shift(w.HomeAdmin, "INST_ADMIN", start, start.Add(time.Hour)), map[string]string{"role": "wrong_value"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Care.CreateDutyShift(ctx, w.HomeAdmin, uuid.New(), c.in)
			fields(t, err, c.want)
		})
	}
	made := must(w.Care.CreateDutyShift(ctx, w.HomeAdmin, uuid.New(), shift(w.Attending, "ATTENDING", start, start.Add(12*time.Hour))))(t)
	is(t, "name", made.UserName, "陈医生")
	_, err := w.Care.CreateDutyShift(ctx, w.HomeAdmin, uuid.New(), shift(w.Attending, "ATTENDING", start.Add(11*time.Hour), start.Add(20*time.Hour)))
	refused(t, err, "shift_overlap")
	must(w.Care.CreateDutyShift(ctx, w.HomeAdmin, uuid.New(), shift(w.Attending, "ATTENDING", start.Add(12*time.Hour), start.Add(20*time.Hour))))(t)

	t.Run("of many at once one gets in", func(t *testing.T) {
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = w.Care.CreateDutyShift(ctx, w.HomeAdmin, uuid.New(), shift(w.Nurse, "NURSE", start, start.Add(8*time.Hour)))
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				refused(t, err, "shift_overlap")
			}
		}
		is(t, "entered", won, 1)
	})
	t.Run("the same command many times is one shift", func(t *testing.T) {
		cmd, ids := uuid.New(), make([]uuid.UUID, 6)
		in := shift(w.Nurse, "NURSE", start.AddDate(0, 0, 1), start.AddDate(0, 0, 2))
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				out, err := w.Care.CreateDutyShift(ctx, w.HomeAdmin, cmd, in)
				if err != nil {
					t.Error(err)
				}
				ids[i] = out.Id
			})
		}
		wg.Wait()
		for _, id := range ids {
			is(t, "shift", id, ids[0])
		}
	})
	t.Run("who sees the roster", func(t *testing.T) {
		period := contract.ListDutyShiftsParams{From: start, To: start.Add(24 * time.Hour)}
		is(t, "the nurse", len(must(w.Care.ListDutyShifts(ctx, w.Nurse, period))(t)), 3)
		is(t, "another home", len(must(w.Care.ListDutyShifts(ctx, w.PureNurse, period))(t)), 0)
		_, err := w.Care.ListDutyShifts(ctx, w.County, period)
		refused(t, err, "forbidden")
		_, err = w.Care.ListDutyShifts(ctx, w.Nurse, contract.ListDutyShiftsParams{From: start, To: start})
		fields(t, err, map[string]string{"to": "period_order"})
	})
	t.Run("delete", func(t *testing.T) {
		refused(t, w.Care.DeleteDutyShift(ctx, w.HospitalAdmin, made.Id), "not_found")
		refused(t, w.Care.DeleteDutyShift(ctx, w.HomeAdmin, uuid.New()), "not_found")
		refused(t, w.Care.DeleteDutyShift(ctx, w.Nurse, made.Id), "forbidden")
		if err := w.Care.DeleteDutyShift(ctx, w.HomeAdmin, made.Id); err != nil {
			t.Error(err)
		}
		refused(t, w.Care.DeleteDutyShift(ctx, w.HomeAdmin, made.Id), "not_found")
		later := must(w.Care.ListDutyShifts(ctx, w.Nurse, contract.ListDutyShiftsParams{From: start, To: start.Add(24 * time.Hour)}))(t)
		w.Clock.Pass(60 * 24 * time.Hour)
		refused(t, w.Care.DeleteDutyShift(ctx, w.HomeAdmin, later[0].Id), "shift_past")
	})
}

func TestUrgencyTargets(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	list := must(w.Care.ListUrgencyTargets(ctx, w.Nurse))(t)
	is(t, "targets", len(list), 5)
	is(t, "first", list[0].Urgency, "CRITICAL")
	urgent := list[2]
	urgent.AcceptSeconds = ptr(3600)
	set := must(w.Care.SetUrgencyTarget(ctx, w.Sys, urgent))(t)
	is(t, "revision", set.Revision, urgent.Revision+1)
	_, err := w.Care.SetUrgencyTarget(ctx, w.Sys, urgent)
	refused(t, err, "revision_stale")
	is(t, "audited", w.Count(`SELECT count(*) FROM access_log WHERE action = 'setUrgencyTarget' AND user_id = $1 AND result = 'URGENT accept 7200>3600 report 86400>86400'`, w.Sys.UserID), 1)
	for _, c := range []struct {
		in   contract.UrgencyTarget
		want map[string]string
	}{
		{contract.UrgencyTarget{Urgency: "SOON", AcceptSeconds: ptr(5), ReportSeconds: 5, Revision: 1}, map[string]string{"urgency": "wrong_value"}},
		{contract.UrgencyTarget{Urgency: "URGENT", ReportSeconds: 0, Revision: 1}, map[string]string{"acceptSeconds": "required", "reportSeconds": "out_of_range"}},
		{contract.UrgencyTarget{Urgency: "SCHEDULED", AcceptSeconds: ptr(5), ReportSeconds: 5, Revision: 1}, map[string]string{"acceptSeconds": "target_by_slot"}},
	} {
		_, err := w.Care.SetUrgencyTarget(ctx, w.Sys, c.in)
		fields(t, err, c.want)
	}
	_, err = w.Care.SetUrgencyTarget(ctx, w.HomeAdmin, urgent)
	refused(t, err, "forbidden")
}

func TestCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	c := must(w.Care.GetCatalogue(t.Context(), w.Nurse))(t)
	for name, n := range map[string]int{"reasons": len(c.Reasons), "redFlags": len(c.RedFlags), "vitals": len(c.Vitals), "urgencies": len(c.Urgencies), "states": len(c.States),
		"services": len(c.ServiceTypes), "outcomes": len(c.Outcomes), "departments": len(c.Departments), "roles": len(c.Roles), "titles": len(c.Titles),
		"cancel": len(c.CancelReasons), "release": len(c.ReleaseReasons), "advice": len(c.AdviceKinds), "risks": len(c.Risks), "ability": len(c.AbilityLevels),
		"relations": len(c.Relations), "languages": len(c.Languages), "institutions": len(c.InstitutionTypes), "divisions": len(c.Divisions),
		"steps": len(c.EmergencySteps), "sentences": len(c.Sentences)} {
		if n == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	for _, v := range c.Vitals {
		if v.PossibleHigh <= v.PossibleLow || v.PlausibleHigh <= v.PlausibleLow || v.UnitLabel == "" {
			t.Errorf("%+v", v)
		}
	}
	found := must(w.Care.SearchConditions(t.Context(), w.Nurse, contract.SearchConditionsParams{Q: "gxy"}))(t)
	if len(found) == 0 || found[0].Zh == "" {
		t.Errorf("%+v", found)
	}
}
