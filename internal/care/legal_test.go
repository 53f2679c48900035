package care_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// Where a request goes: to the department that the reasons ask for, at a hospital with an agreement, where somebody is there.
func TestWhereARequestGoes(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	// A second hospital with an agreement, whose general practitioner is there.
	near := w.Organisation("MEDICAL", "A100", "近邻医院")
	w.Licence(near, "MEDICAL_PRACTICE", "02")
	general := w.Department(near, "02", "全科医疗科")
	w.Agreement(w.Home, near, []string{"REMOTE_CONSULT"}, "02")
	w.Doctor("dr.near", "邻医生", near, 5, general)
	w.Presence.Set(w.Wang.UserID, care.PresenceOff)
	w.Presence.Set(w.Zhao.UserID, care.PresenceOff)
	w.Presence.Set(w.Gao.UserID, care.PresenceOff)

	hospital := func(reason string, urgency contract.Urgency, department *uuid.UUID) string {
		t.Helper()
		resident := w.ResidentOf(w.Home, "赵某", "9-1", "FULL")
		c := w.Draft(w.Nurse, resident, reason)
		w.Consent(w.Nurse, c.Id)
		c = must(w.Care.SubmitConsultation(ctx, w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: urgency, DepartmentId: department}))(t)
		return c.InvitedOrg.Name + " " + c.Department.Code
	}
	is(t, "nobody at the one, somebody at the other", hospital("OTHER", "ROUTINE", nil), "近邻医院 02")
	is(t, "an answer now is better than the chip's department later", hospital("BP_SUGAR", "ROUTINE", nil), "近邻医院 02")
	is(t, "an urgent one goes where somebody is", hospital("CHEST", "EMERGENT", nil), "近邻医院 02")
	cardiology := w.Departments["0304"]
	is(t, "the department that was named", hospital("CHEST", "EMERGENT", &cardiology), "青城医院 0304")
	w.Presence.Set(w.Zhao.UserID, care.PresenceAvailable)
	is(t, "the department of the chip", hospital("CHEST", "EMERGENT", nil), "青城医院 0304")
	is(t, "a department that no hospital has", hospital("BREATH", "EMERGENT", nil)[len("青城医院 "):], "02")

	// A department of a hospital without an agreement is no answer.
	c := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, c.Id)
	var foreign uuid.UUID
	if err := w.Store.Pool.QueryRow(ctx, `SELECT id FROM departments WHERE organisation_id = $1`, w.OtherHospital).Scan(&foreign); err != nil {
		t.Fatal(err)
	}
	_, err := w.Care.SubmitConsultation(ctx, w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE", DepartmentId: &foreign})
	is(t, "field", refused(t, err, "invalid_request").Fields[0].Path, "departmentId")
}

// The server says which service is possible before anybody dials (G-RM-02, 03, 06), each refusal with its code.
func TestWhichServiceIsPossible(t *testing.T) {
	t.Parallel()
	type world = *caretest.World
	for name, try := range map[string]struct {
		edit    func(w world)
		service string
		code    string
	}{
		"attending on duty": {edit: func(world) {}, service: "REMOTE_CONSULT"},
		"nobody on duty":    {edit: func(w world) { w.Exec(`DELETE FROM duty_shifts`) }, service: "REHAB_CARE_GUIDE"},
		"attending's membership has ended": {edit: func(w world) {
			w.Exec(`UPDATE memberships SET valid_to = valid_from WHERE user_id = $1`, w.Attending.UserID)
		}, service: "REHAB_CARE_GUIDE"},
		"attending's licence has ended": {edit: func(w world) {
			w.Exec(`UPDATE professional_licences SET valid_to = valid_from WHERE user_id = $1`, w.Attending.UserID)
		}, service: "REHAB_CARE_GUIDE"},
		"an assistant physician in a home": {edit: func(w world) {
			w.Exec(`UPDATE professional_licences SET kind = 'ASSISTANT_PHYSICIAN' WHERE user_id = $1`, w.Attending.UserID)
		}, service: "REHAB_CARE_GUIDE"},
		"no medical licence of the home":   {edit: func(w world) { w.Exec(`DELETE FROM licences WHERE organisation_id = $1`, w.Home) }, service: "REHAB_CARE_GUIDE"},
		"agreement without the service":    {edit: func(w world) { w.Exec(`UPDATE agreements SET service_types = '{REHAB_CARE_GUIDE}'`) }, service: "REHAB_CARE_GUIDE"},
		"no agreement":                     {edit: func(w world) { w.Exec(`DELETE FROM agreements WHERE inviting_org_id = $1`, w.Home) }, code: "service_no_agreement"},
		"agreement terminated":             {edit: func(w world) { w.Exec(`UPDATE agreements SET terminated_at = $1`, caretest.Start()) }, code: "service_no_agreement"},
		"agreement for another department": {edit: func(w world) { w.Exec(`UPDATE agreements SET department_codes = '{21}'`) }, code: "service_agreement_scope"},
		"hospital without a licence": {edit: func(w world) {
			w.Exec(`UPDATE licences SET valid_to = valid_from WHERE organisation_id = $1`, w.Hospital)
		}, code: "service_invitee_unlicensed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := caretest.New(t)
			c := w.Draft(w.Nurse, w.Resident)
			w.Consent(w.Nurse, c.Id)
			try.edit(w)
			c, err := w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE"})
			if try.code != "" {
				p := refused(t, err, try.code)
				if problem.Sentence("zh-CN", p.Code, p.Args) == problem.Sentence("zh-CN", "internal", nil) {
					t.Errorf("no sentence for %s", p.Code)
				}
				is(t, "submitted", w.Count(`SELECT count(*) FROM consultations WHERE state <> 'DRAFT'`), 0)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			is(t, "service", c.ServiceType, try.service)
		})
	}
}

// An attending doctor who submits is responsible; a hospital's licence is asked for even in an emergency.
func TestResponsibleSubmitterAndHardGates(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	second := w.User("dr.lin", "林医生", "ATTENDING", w.Home)
	w.Professional(second, "PHYSICIAN", w.Home, 4)
	c := w.Draft(second, w.Resident)
	w.Consent(second, c.Id)
	c = w.Submit(second, c.Id, "ROUTINE")
	is(t, "submitter", c.Submitter.Id, second.UserID)

	w.Exec(`UPDATE licences SET valid_to = valid_from WHERE organisation_id = $1`, w.Hospital)
	grave := w.Draft(w.Nurse, w.Second)
	_, err := w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), grave.Id, contract.SubmitRequest{Urgency: "CRITICAL"})
	refused(t, err, "service_invitee_unlicensed")
}
