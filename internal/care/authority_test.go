package care_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

func taken(name string) contract.MedicationInput {
	in := contract.MedicationInput{Source: "OTHER_HOSPITAL", Name: name, Dose: "5 mg", Frequency: "QD", Route: "ORAL"}
	in.StartedOn.Time = caretest.Start().AddDate(0, 0, -3)
	return in
}

// A prescription that was written elsewhere is entered by the bedside and reviewed by a pharmacist of the hospital that is asked: with a licence,
// once, seen by nobody else, and until then the doctor's outcome lacks its review (G-IH-09).
func TestAPharmacistReviews(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	pharmacist := w.User("rx.hospital", "丁药师", "PHARMACIST", w.Hospital)
	foreign := w.User("rx.far", "远药师", "PHARMACIST", w.OtherHospital)
	file := must(w.Care.GetCareFile(ctx, w.Nurse, w.Resident))(t)
	if len(file.Reviewers) != 1 || file.Reviewers[0].Id != w.Hospital {
		t.Fatalf("who can be asked: %+v", file.Reviewers)
	}
	in := taken("氨氯地平片")
	in.Prescription = &contract.PrescriptionRef{Number: "CF-1", Institution: "青城医院", ReviewOrgId: &w.OtherHospital}
	_, err := w.Care.AddMedication(ctx, w.Nurse, uuid.New(), w.Resident, in)
	if path, code := fieldOf(t, err); path != "prescription/reviewOrgId" || code != "wrong_value" {
		t.Errorf("a hospital without an agreement: %s %s", path, code)
	}
	in.Prescription.ReviewOrgId = &w.Hospital
	file = must(w.Care.AddMedication(ctx, w.Nurse, uuid.New(), w.Resident, in))(t)
	rx := file.Medications[0]
	is(t, "state", rx.Prescription.State, "ASKED")
	is(t, "said", rx.Warnings[0].Code, "rx_asked")
	other := taken("青霉素V钾片")
	other.AllergyReason = new("医师知道")
	other.Prescription = &contract.PrescriptionRef{Number: "CF-2", Institution: "青城医院", ReviewOrgId: &w.Hospital}
	bad := must(w.Care.AddMedication(ctx, w.Nurse, uuid.New(), w.Resident, other))(t).Medications[0].Id

	list := must(w.Care.ListPrescriptions(ctx, pharmacist))(t)
	if len(list) != 2 || list[0].Id != rx.Id || list[0].Medicine != "氨氯地平片" || list[0].Resident == "张桂兰" {
		t.Fatalf("%+v", list)
	}
	is(t, "of another hospital", len(must(w.Care.ListPrescriptions(ctx, foreign))(t)), 0)
	decide := func(a identity.Actor, id uuid.UUID, d string, note *string) (contract.PrescriptionTask, error) {
		return w.Care.ReviewPrescription(ctx, a, uuid.New(), id, contract.PrescriptionDecision{Decision: contract.PrescriptionDecisionDecision(d), Note: note})
	}
	_, err = w.Care.GetPrescription(ctx, foreign, rx.Id)
	refused(t, err, "not_found")
	_, err = decide(foreign, rx.Id, "APPROVE", nil)
	refused(t, err, "not_found")
	_, err = decide(w.Attending, rx.Id, "APPROVE", nil)
	refused(t, err, "forbidden")
	_, err = decide(pharmacist, rx.Id, "APPROVE", nil)
	refused(t, err, "pharmacist_licence")
	w.Professional(pharmacist, "PHARMACIST", w.Hospital, 8)

	asked := must(w.Care.GetPrescription(ctx, pharmacist, bad))(t)
	is(t, "the other one beside it", asked.Others[0].Name, "氨氯地平片")
	is(t, "the allergy", asked.Warnings[0].Code, "allergy_same")
	is(t, "looked at", w.Count(`SELECT count(*) FROM access_log WHERE user_id = $1 AND action = 'getPrescription' AND object_id = $2`, pharmacist.UserID, w.Resident), 1)
	_, err = decide(pharmacist, bad, "REJECT", nil)
	if path, _ := fieldOf(t, err); path != "note" {
		t.Errorf("sent back without a word: %v", err)
	}
	is(t, "sent back", must(decide(pharmacist, bad, "REJECT", new("青霉素过敏，请医师更换")))(t).State, "REJECTED")
	is(t, "approved", must(decide(pharmacist, rx.Id, "APPROVE", nil))(t).State, "APPROVED")
	_, err = decide(pharmacist, rx.Id, "REJECT", new("再想想"))
	refused(t, err, "already_done")

	file = must(w.Care.GetCareFile(ctx, w.Nurse, w.Resident))(t)
	for _, m := range file.Medications {
		switch m.Id {
		case rx.Id:
			is(t, "by", *m.Prescription.Pharmacist, "丁药师")
		case bad:
			is(t, "why", *m.Prescription.Note, "青霉素过敏，请医师更换")
			is(t, "first of all", m.Warnings[0].Severe, true)
		}
	}
	is(t, "only what was approved counts as reviewed", w.Count(`SELECT count(*) FROM medications WHERE resident_id = $1 AND rx_reviewed_at IS NOT NULL AND rx_state IN ('', 'APPROVED')`, w.Resident), 1)
}

// What no machine can see is declared by the institution itself, for a year at most. Until then the record says so to who answers for the institution,
// and to nobody at the bedside; and it stands in no one's way.
func TestDutiesAreDeclared(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	w.Clock.Pass(280 * 24 * time.Hour) // the rules of November
	w.Exec(`UPDATE duty_shifts SET ends_at = ends_at + interval '1 year'`)
	day := func(year int, month time.Month, d int) openapi_types.Date {
		return openapi_types.Date{Time: time.Date(year, month, d, 0, 0, 0, 0, time.UTC)}
	}
	lacking := func(who identity.Actor, id uuid.UUID) string {
		out := ""
		for _, g := range must(w.Care.GetCountability(ctx, who, id))(t).Gates {
			if g.Stage != "ACCEPT" {
				continue
			}
			for _, r := range g.Reasons {
				if r.Code == consult.CodeGateNotDeclared {
					out += r.Rule + " "
				}
			}
		}
		return out
	}
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	is(t, "goes on", c.State, "WAITING")
	is(t, "to the administrator", lacking(w.HomeAdmin, c.Id), "G-RM-11 G-RM-12 ")
	is(t, "to the nurse", lacking(w.Nurse, c.Id), "")

	in := contract.DeclarationInput{Code: "RECORD_KEEPING", Document: "归档制度2026-1号", DatedOn: day(2026, 3, 1), ValidTo: day(2027, 3, 1)}
	_, err := w.Care.DeclareDuty(ctx, w.HomeAdmin, uuid.New(), w.Home, in)
	if path, code := fieldOf(t, err); path != "validTo" || code != consult.CodeDeclarationTerm {
		t.Errorf("longer than a year: %s %s", path, code)
	}
	in.ValidTo = day(2027, 2, 28)
	_, err = w.Care.DeclareDuty(ctx, w.HospitalAdmin, uuid.New(), w.Home, in)
	refused(t, err, "not_found")
	in.Code = "SECURITY_GRADE"
	_, err = w.Care.DeclareDuty(ctx, w.HomeAdmin, uuid.New(), w.Home, in)
	if path, _ := fieldOf(t, err); path != "code" {
		t.Errorf("a care home declares what is a hospital's: %v", err)
	}
	for _, code := range []string{"RECORD_KEEPING", "EQUIPMENT"} {
		in.Code = code
		must(w.Care.DeclareDuty(ctx, w.HomeAdmin, uuid.New(), w.Home, in))(t)
		must(w.Care.DeclareDuty(ctx, w.HospitalAdmin, uuid.New(), w.Hospital, in))(t)
	}
	d := w.Claim(w.Zhao, w.Offered(w.Nurse, w.Second))
	is(t, "all in order", lacking(w.HomeAdmin, d.Id), "")
	for _, o := range must(w.Care.ListOrganisations(ctx, w.HomeAdmin))(t) {
		for _, d := range o.Declarations {
			if d.Code == "EQUIPMENT" && (o.Id == w.Home) != d.InForce && o.Id != w.Hospital {
				t.Errorf("%s: %+v", o.Name, d)
			}
		}
	}
	ends := 0
	for _, e := range must(w.Care.ListExpiries(ctx, w.HomeAdmin))(t) {
		if e.Kind == "DECLARATION" && e.OrganisationId == w.Home {
			ends++
		}
	}
	is(t, "of which it is reminded", ends, 2)
}
