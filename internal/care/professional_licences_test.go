package care_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

func service(t *testing.T, w *caretest.World) string {
	t.Helper()
	c := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, c.Id)
	c = must(w.Care.SubmitConsultation(t.Context(), w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE"}))(t)
	must(w.Care.CancelConsultation(t.Context(), w.Nurse, uuid.New(), c.Id, contract.ReasonRequest{Reason: "BETTER"}))(t)
	return string(c.ServiceType)
}

// A suspended licence is none to the gates from that day on; the next one makes its owner a doctor again.
func TestALicenceIsSuspendedAndRenewed(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	is(t, "before", service(t, w), "REMOTE_CONSULT")
	held := func() []contract.HeldLicence {
		for _, u := range must(w.Care.ListUsers(ctx, w.HomeAdmin))(t) {
			if u.Id == w.Attending.UserID {
				return u.Licences
			}
		}
		return nil
	}
	first := held()[0]
	today := day(w.Clock.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly))
	suspend := contract.ProfessionalLicenceEnd{On: today, Reason: "SUSPENDED"}
	_, err := w.Care.EndProfessionalLicence(ctx, w.HospitalAdmin, uuid.New(), first.Id, suspend)
	refused(t, err, "not_found")
	_, err = w.Care.EndProfessionalLicence(ctx, w.HomeAdmin, uuid.New(), first.Id, contract.ProfessionalLicenceEnd{On: day("1990-01-01"), Reason: "SUSPENDED"})
	refused(t, err, "invalid_request")
	cmd := uuid.New()
	for range 2 { // the second is a repetition
		must(w.Care.EndProfessionalLicence(ctx, w.HomeAdmin, cmd, first.Id, suspend))(t)
	}
	_, err = w.Care.EndProfessionalLicence(ctx, w.HomeAdmin, uuid.New(), first.Id, suspend)
	refused(t, err, "licence_over")
	is(t, "in force", held()[0].InForce, false)
	is(t, "the reason is kept", w.Count(`SELECT count(*) FROM access_log WHERE action = 'endProfessionalLicence' AND object_id = $1 AND result LIKE 'SUSPENDED 2026-%'`, first.Id), 1)
	is(t, "suspended", service(t, w), "REHAB_CARE_GUIDE")

	next := contract.ProfessionalLicenceAddition{Licence: contract.ProfessionalLicenceInput{Kind: "PHYSICIAN", Number: "110150105000777", ValidFrom: today}}
	_, err = w.Care.AddProfessionalLicence(ctx, w.HospitalAdmin, uuid.New(), w.Attending.UserID, next)
	refused(t, err, "not_found")
	wrong := next
	wrong.Licence.Kind = "NURSE"
	_, err = w.Care.AddProfessionalLicence(ctx, w.HomeAdmin, uuid.New(), w.Attending.UserID, wrong)
	fields(t, err, map[string]string{"licence/kind": "licence_not_for_role"})
	made := must(w.Care.AddProfessionalLicence(ctx, w.HomeAdmin, uuid.New(), w.Attending.UserID, next))(t)
	is(t, "licences", len(made.Licences), 2)
	is(t, "renewed", service(t, w), "REMOTE_CONSULT")
}

// A consultant whose licence was entered wrongly never held it: no ring reaches them.
func TestAConsultantsLicenceThatWasEnteredWrongly(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Offered(w.Nurse, w.Resident)
	for _, u := range must(w.Care.ListUsers(ctx, w.HospitalAdmin))(t) {
		if u.Id == w.Wang.UserID {
			is(t, "in force", must(w.Care.EndProfessionalLicence(ctx, w.HospitalAdmin, uuid.New(), u.Licences[0].Id,
				contract.ProfessionalLicenceEnd{On: day("2026-03-10"), Reason: "WRONG"}))(t).Licences[0].InForce, false)
		}
	}
	if _, err := w.Care.ClaimConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch}); err == nil {
		t.Error("accepted without a licence")
	}
	next := contract.ProfessionalLicenceAddition{Licence: contract.ProfessionalLicenceInput{Kind: "PHYSICIAN", Number: "110150105000777", ValidFrom: day("2015-01-01")}}
	_, err := w.Care.AddProfessionalLicence(ctx, w.HospitalAdmin, uuid.New(), w.Wang.UserID, next)
	fields(t, err, map[string]string{"licence/independentSince": "required"})
}

// Either side ends an agreement: today at once, later by its last day; never in the past, and once.
func TestAnAgreementIsTerminated(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	g := must(w.Care.ListAgreements(ctx, w.HomeAdmin))(t)[0]
	end := func(on string) contract.AgreementEnd { return contract.AgreementEnd{On: day(on), Reason: "MUTUAL"} }
	_, err := w.Care.TerminateAgreement(ctx, w.Nurse, uuid.New(), g.Id, end("2026-03-10"))
	refused(t, err, "forbidden")
	_, err = w.Care.TerminateAgreement(ctx, w.User("admin.far", "远管理", "INST_ADMIN", w.Stranger), uuid.New(), g.Id, end("2026-03-10"))
	refused(t, err, "not_found")
	_, err = w.Care.TerminateAgreement(ctx, w.HomeAdmin, uuid.New(), g.Id, end("2026-03-09"))
	fields(t, err, map[string]string{"on": "day_past"})
	later := must(w.Care.TerminateAgreement(ctx, w.HospitalAdmin, uuid.New(), g.Id, end("2026-04-01")))(t)
	is(t, "still in force", later.InForce, true)
	is(t, "last day", later.ValidTo.Format(time.DateOnly), "2026-03-31")
	_, err = w.Care.TerminateAgreement(ctx, w.HomeAdmin, uuid.New(), g.Id, end("2026-05-01"))
	refused(t, err, "agreement_over")
	is(t, "service", service(t, w), "REMOTE_CONSULT")

	cmd := uuid.New()
	for range 2 {
		now := must(w.Care.TerminateAgreement(ctx, w.HomeAdmin, cmd, g.Id, end("2026-03-10")))(t)
		is(t, "in force", now.InForce, false)
		is(t, "ended", now.TerminatedOn.Format(time.DateOnly), "2026-03-10")
	}
	_, err = w.Care.TerminateAgreement(ctx, w.HospitalAdmin, uuid.New(), g.Id, end("2026-03-10"))
	refused(t, err, "agreement_over")
	is(t, "the reason is kept", w.Count(`SELECT count(*) FROM access_log WHERE action = 'terminateAgreement' AND object_id = $1`, g.Id), 2)
	c := w.Draft(w.Nurse, w.Second)
	w.Consent(w.Nurse, c.Id)
	_, err = w.Care.SubmitConsultation(ctx, w.Nurse, uuid.New(), c.Id, contract.SubmitRequest{Urgency: "ROUTINE"})
	refused(t, err, "service_no_agreement")
}
