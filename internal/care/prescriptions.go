package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// RolePharmacist reviews references to prescriptions that the own institution is asked about (G-IH-09).
const RolePharmacist = "PHARMACIST"

// The states of a reference that is reviewed here.
const (
	rxAsked    = "ASKED"
	rxApproved = "APPROVED"
	rxRejected = "REJECTED"
)

// prescriptionsShown is for how long a pharmacist sees what was decided.
const prescriptionsShown = 30 * 24 * time.Hour

// ListPrescriptions gives what the pharmacists of the caller's institutions are asked to review, the oldest first, and what they decided within
// thirty days. Names are masked.
func (s *Service) ListPrescriptions(ctx context.Context, a identity.Actor) ([]contract.PrescriptionTask, error) {
	if err := require(a, RolePharmacist); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	since := now.Add(-prescriptionsShown)
	rows, err := q.Prescriptions(ctx, db.PrescriptionsParams{Organisations: a.Organisations(RolePharmacist), Since: &since})
	if err != nil {
		return nil, fmt.Errorf("prescriptions: %w", err)
	}
	out := make([]contract.PrescriptionTask, len(rows))
	for i, r := range rows {
		if out[i], err = s.prescriptionTask(r, now); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) prescriptionTask(r db.PrescriptionsRow, now time.Time) (contract.PrescriptionTask, error) {
	out := contract.PrescriptionTask{Id: r.ID, State: contract.PrescriptionTaskState(r.RxState), Number: r.RxNumber, Institution: r.RxInstitution, Home: r.Home,
		Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), now), Sex: contract.Sex(r.Sex), Frequency: r.Frequency, Route: r.Route, Assessed: r.LongRxAssessed,
		AskedAt: r.CreatedAt.UTC(), AskedBy: r.EnteredByName}
	if r.RxSupplyWeeks != nil {
		weeks := int(*r.RxSupplyWeeks)
		out.SupplyWeeks = &weeks
	}
	if r.RxState != rxAsked {
		out.Pharmacist, out.DecidedAt = some(r.RxPharmacist), utc(r.RxReviewedAt)
	}
	name, err := s.openText("residents", "name_enc", r.ResidentID, r.ResidentNameEnc)
	if err != nil {
		return out, err
	}
	out.Resident = consult.MaskName(name)
	for _, f := range []struct {
		column string
		sealed []byte
		to     func(string)
	}{
		{"name_enc", r.NameEnc, func(t string) { out.Medicine = t }},
		{"dose_enc", r.DoseEnc, func(t string) { out.Dose = t }},
		{"note_enc", r.NoteEnc, func(t string) { out.Remark = some(t) }},
		{"rx_note_enc", r.RxNoteEnc, func(t string) { out.Note = some(t) }},
	} {
		text, err := s.openText("medications", f.column, r.ID, f.sealed)
		if err != nil {
			return out, err
		}
		f.to(text)
	}
	return out, nil
}

// GetPrescription opens one with what it is judged by: allergies, what else is taken, diagnoses. The look is in the access log of the resident.
func (s *Service) GetPrescription(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.PrescriptionCase, error) {
	if err := require(a, RolePharmacist); err != nil {
		return contract.PrescriptionCase{}, err
	}
	var out contract.PrescriptionCase
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		rows, err := q.Prescriptions(ctx, db.PrescriptionsParams{Organisations: a.Organisations(RolePharmacist), ID: &id, Since: &now})
		if err != nil {
			return fmt.Errorf("prescription: %w", err)
		}
		if len(rows) != 1 {
			return problem.NotFound()
		}
		if out.Task, err = s.prescriptionTask(rows[0], now); err != nil {
			return err
		}
		resident, err := q.CaseResident(ctx, rows[0].ResidentID)
		if err != nil {
			return fmt.Errorf("resident: %w", err)
		}
		var file contract.CareFile
		known, err := s.knownAllergies(ctx, q, resident, &file)
		if err != nil {
			return err
		}
		if err := s.listMedications(ctx, q, a, resident, known, now, &file); err != nil {
			return err
		}
		out.Allergies, out.AllergyText, out.Others, out.Warnings = file.Allergies, file.AllergyText, []contract.Medication{}, []contract.MedicationWarning{}
		if out.Allergies == nil {
			out.Allergies = []contract.Allergy{}
		}
		for _, m := range file.Medications {
			switch {
			case m.Id == id:
				out.Warnings = m.Warnings
			case m.StoppedOn == nil:
				out.Others = append(out.Others, m)
			}
		}
		out.Conditions = []contract.Term{}
		for _, code := range resident.ConditionCodes {
			c, _ := s.codes().Condition(code)
			out.Conditions = append(out.Conditions, contract.Term{Code: code, Zh: c.ZH, En: c.EN})
		}
		return s.logAccess(ctx, q, a, RolePharmacist, "getPrescription", "resident", resident.ID)
	})
	return out, err
}

// ReviewPrescription is the pharmacist's decision on a reference: approved, or sent back with what has to be clarified. The pharmacist holds a
// licence in force (pharmacist_licence). A decision stands; 409 already_done after it; 422 own_case
// for who entered it.
func (s *Service) ReviewPrescription(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.PrescriptionDecision) (contract.PrescriptionTask, error) {
	err := s.onRow(ctx, a, cmd, id, "reviewPrescription", "medication", in, []string{RolePharmacist}, func(q *db.Queries) (uuid.UUID, error) {
		row, err := q.LockMedication(ctx, id)
		return value(row.RxAskedID), err
	}, func(q *db.Queries, now time.Time) (int64, error) {
		row, err := q.LockMedication(ctx, id)
		if err != nil {
			return 0, fmt.Errorf("prescription: %w", err)
		}
		if row.CreatedBy == a.UserID {
			return 0, problem.New(http.StatusUnprocessableEntity, "own_case", nil)
		}
		held, err := q.ProfessionalLicencesOf(ctx, a.UserID)
		if err != nil {
			return 0, fmt.Errorf("licence of the pharmacist: %w", err)
		}
		today := consult.DateOf(now)
		if !slices.ContainsFunc(held, func(l db.ProfessionalLicence) bool {
			return l.Kind == RolePharmacist && licence(l.ValidFrom, l.ValidTo).ValidOn(today)
		}) {
			return 0, problem.New(http.StatusUnprocessableEntity, "pharmacist_licence", nil)
		}
		state, least := rxApproved, 0
		if in.Decision == contract.PrescriptionDecisionDecisionREJECT {
			state, least = rxRejected, 2
		}
		var f form
		note := f.text("note", value(in.Note), least, 300)
		if err := f.err(); err != nil {
			return 0, err
		}
		return q.ReviewPrescription(ctx, db.ReviewPrescriptionParams{ID: id, State: state, Pharmacist: a.Name, ReviewerID: a.UserID, Now: now,
			NoteEnc: s.sealText("medications", "rx_note_enc", id, note)})
	})
	if err != nil {
		return contract.PrescriptionTask{}, err
	}
	got, err := s.GetPrescription(ctx, a, id)
	return got.Task, err
}
