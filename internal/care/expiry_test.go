package care_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// Licences and agreements are told of 90, 60 and 30 days before they end and when they have, each once; what is renewed is not.
func TestExpiries(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	at := func(days int) time.Time { return caretest.Start().AddDate(0, 0, days) }
	w.Exec(`UPDATE licences SET valid_to = NULL`)
	w.Exec(`UPDATE agreements SET valid_to = $1`, at(500))
	w.Exec(`UPDATE professional_licences SET valid_to = NULL`)
	w.Exec(`UPDATE licences SET valid_to = $2 WHERE organisation_id = $1`, w.Home, at(95))
	w.Exec(`UPDATE agreements SET valid_to = $2 WHERE inviting_org_id = $1`, w.Home, at(59))
	w.Exec(`UPDATE professional_licences SET valid_to = $2 WHERE user_id = $1`, w.Wang.UserID, at(-2))
	agreements := w.Count(`SELECT count(*) FROM agreements WHERE inviting_org_id = $1`, w.Home)

	list := func(a identity.Actor) map[string]contract.Expiry {
		t.Helper()
		out := map[string]contract.Expiry{}
		for _, e := range must(w.Care.ListExpiries(ctx, a))(t) {
			out[string(e.Kind)] = e
		}
		return out
	}
	mine := list(w.HomeAdmin)
	if e := mine["AGREEMENT"]; len(mine) != 1 || e.Days != 59 || e.Stage != 60 || *e.Other != "青城医院" {
		t.Errorf("the home's administrator sees %+v", mine)
	}
	theirs := list(w.HospitalAdmin)
	if e := theirs["PROFESSIONAL"]; len(theirs) != 2 || e.Days != -2 || e.Stage != 0 || e.Person == nil {
		t.Errorf("the hospital's administrator sees %+v", theirs)
	}
	_, err := w.Care.ListExpiries(ctx, w.Nurse)
	refused(t, err, "forbidden")

	told := func() int {
		t.Helper()
		return int(must(w.Care.TellExpiries(ctx))(t))
	}
	is(t, "told", told(), agreements+1)
	is(t, "told again at once", told(), 0)
	is(t, "the doctor", w.Count(`SELECT count(*) FROM notifications WHERE event = 'EXPIRY' AND users @> ARRAY[$1::uuid]`, w.Wang.UserID), 1)
	is(t, "both sides of the agreement", w.Count(`SELECT count(*) FROM notifications WHERE event = 'EXPIRY' AND users @> ARRAY[$1::uuid, $2::uuid]`, w.HomeAdmin.UserID, w.HospitalAdmin.UserID), agreements)
	w.Clock.Pass(5 * 24 * time.Hour) // the home's licence: 90 days left
	licences := w.Count(`SELECT count(DISTINCT kind) FROM licences WHERE organisation_id = $1`, w.Home)
	is(t, "told of the licence", told(), licences)
	w.Clock.Pass(12 * time.Hour) // night
	w.Exec(`DELETE FROM expiry_reminders`)
	is(t, "told at night", told(), 0)

	for range licences {
		kind := ""
		if err := w.Store.Pool.QueryRow(ctx, `SELECT kind FROM expiring WHERE organisation_id = $1 AND kind = 'LICENCE' LIMIT 1`, w.Home).Scan(&kind); err != nil {
			t.Fatal(err)
		}
		what := ""
		if err := w.Store.Pool.QueryRow(ctx, `SELECT what FROM expiring WHERE organisation_id = $1 AND kind = 'LICENCE' LIMIT 1`, w.Home).Scan(&what); err != nil {
			t.Fatal(err)
		}
		cmd := uuid.New()
		in := contract.Licence{Kind: contract.LicenceKind(what), Number: "续 1", DepartmentCodes: []string{"02"}, ValidFrom: day("2026-06-01"), ValidTo: dayp("2030-05-31")}
		made := must(w.Care.AddLicence(ctx, w.Sys, cmd, w.Home, in))(t)
		again := must(w.Care.AddLicence(ctx, w.Sys, cmd, w.Home, in))(t)
		is(t, "licences after the repetition", len(again.Licences), len(made.Licences))
	}
	if _, still := list(w.HomeAdmin)["LICENCE"]; still {
		t.Error("a licence that is renewed is still in the list")
	}
}

func TestPracticeSites(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	clinic := w.Organisation("MEDICAL", "B100", "海东路社区卫生服务中心")
	w.Licence(clinic, "MEDICAL_PRACTICE", "02", "03")
	set := func(a identity.Actor, org, medical uuid.UUID, from string, to *string) (contract.Organisation, error) {
		in := contract.PracticeSiteInput{MedicalOrgId: medical, ValidFrom: day(from)}
		if to != nil {
			in.ValidTo = dayp(*to)
		}
		return w.Care.SetPracticeSite(ctx, a, uuid.New(), org, in)
	}
	for _, a := range []identity.Actor{w.HomeAdmin, w.Nurse} {
		_, err := set(a, w.PureHome, clinic, "2026-01-01", nil)
		refused(t, err, "forbidden")
	}
	_, err := set(w.Sys, w.PureHome, w.Hospital, "2026-01-01", nil)
	fields(t, err, map[string]string{"medicalOrgId": "practice_site_primary"})
	_, err = set(w.Sys, w.Hospital, clinic, "2026-01-01", nil)
	fields(t, err, map[string]string{"medicalOrgId": "only_care"})
	_, err = set(w.Sys, w.PureHome, clinic, "2026-01-01", ptr("2025-12-31"))
	fields(t, err, map[string]string{"validTo": "period_order"})
	_, err = set(w.Sys, uuid.New(), clinic, "2026-01-01", nil)
	refused(t, err, "not_found")

	made := must(set(w.Sys, w.PureHome, clinic, "2026-01-01", nil))(t)
	if len(made.PracticeSites) != 1 || made.PracticeSites[0].MedicalOrgName != "海东路社区卫生服务中心" || made.PracticeSites[0].ValidTo != nil {
		t.Fatalf("%+v", made.PracticeSites)
	}
	_, err = set(w.Sys, w.PureHome, clinic, "2026-06-01", nil)
	fields(t, err, map[string]string{"validFrom": "practice_site_overlap"})
	made = must(set(w.Sys, w.PureHome, clinic, "2026-01-01", ptr("2026-05-31")))(t)
	is(t, "the last day", made.PracticeSites[0].ValidTo.String(), "2026-05-31")
	is(t, "sites", len(must(set(w.Sys, w.PureHome, clinic, "2026-06-01", nil))(t).PracticeSites), 2)

	younger := func(org uuid.UUID) (contract.Organisation, error) {
		return w.Care.SetAdmitsYounger(ctx, w.Sys, uuid.New(), org, contract.AdmitsYounger{AdmitsYounger: true})
	}
	is(t, "admits younger", must(younger(w.PureHome))(t).AdmitsYounger, true)
	_, err = younger(w.Hospital)
	fields(t, err, map[string]string{"admitsYounger": "only_care"})
	is(t, "audited", w.Count(`SELECT count(*) FROM access_log WHERE action IN ('setPracticeSite', 'setAdmitsYounger') AND object_id = $1`, w.PureHome), 4)
}
