package care

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const maxMedications = 60 // that a resident takes at a time

// AddMedication enters what a resident takes. A match with a registered allergy, by name or class, is refused until a reason is
// given; a possible cross reaction is a warning only. A prescription is a reference to what was written and reviewed elsewhere.
func (s *Service) AddMedication(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.MedicationInput) (contract.CareFile, error) {
	var f form
	name, dose := f.text("name", in.Name, 1, 100), f.text("dose", in.Dose, 1, 60)
	f.code("source", consult.VocabMedSource, in.Source)
	f.code("frequency", consult.VocabMedFrequency, in.Frequency)
	f.code("route", consult.VocabMedRoute, in.Route)
	note, why := f.text("note", value(in.Note), 0, 300), f.text("allergyReason", value(in.AllergyReason), 0, 300)
	if in.Frequency == "OTHER" && note == "" {
		f.add("note", "required")
	}
	f.period("expiresOn", dateOf(in.StartedOn), in.ExpiresOn)
	return s.atBedside(ctx, a, cmd, id, "addMedication", in, func(q *db.Queries, r db.Resident, row uuid.UUID, now time.Time) error {
		if dateOf(in.StartedOn).After(consult.DateOf(now)) {
			f.add("startedOn", "wrong_value")
		}
		p := db.AddMedicationParams{ID: row, ResidentID: r.ID, Source: in.Source, NameEnc: s.sealText("medications", "name_enc", row, name),
			DoseEnc: s.sealText("medications", "dose_enc", row, dose), Frequency: in.Frequency, Route: in.Route, NoteEnc: s.sealText("medications", "note_enc", row, note),
			StartedOn: dateOf(in.StartedOn).Time(), ExpiresOn: timePtr(in.ExpiresOn), CreatedBy: a.UserID, Now: now}
		if ref := in.Prescription; ref != nil {
			if err := s.prescription(ctx, q, &f, r.OrganisationID, *ref, now, &p); err != nil {
				return err
			}
		}
		known, err := s.knownAllergies(ctx, q, r, nil)
		if err != nil {
			return err
		}
		for _, m := range consult.MatchAllergies(name, known) {
			if m.Grade == consult.AllergyCross {
				continue
			}
			if why == "" {
				f.add("allergyReason", consult.CodeMedicineAllergy, "allergy", m.Allergy)
			}
			p.AllergyOverrideEnc = s.sealText("medications", "allergy_override_enc", row, why)
			break
		}
		if err := f.err(); err != nil {
			return err
		}
		n, err := q.CountMedications(ctx, r.ID)
		if err != nil {
			return fmt.Errorf("count the medicines: %w", err)
		}
		if n >= maxMedications {
			return problem.New(http.StatusUnprocessableEntity, "too_many", problem.Args{"max": fmt.Sprint(maxMedications)})
		}
		if err := q.AddMedication(ctx, p); err != nil {
			return fmt.Errorf("medicine: %w", err)
		}
		return nil
	})
}

// prescription checks a reference and writes it into the row: reviewed where it was written, or to be reviewed by a pharmacist who is asked.
func (s *Service) prescription(ctx context.Context, q *db.Queries, f *form, home uuid.UUID, ref contract.PrescriptionRef, now time.Time, p *db.AddMedicationParams) error {
	weeks := value(ref.SupplyWeeks)
	err := consult.CheckPrescription(consult.PrescriptionRef{Number: ref.Number, Institution: ref.Institution, Pharmacist: value(ref.Pharmacist),
		ReviewedAt: value(ref.ReviewedAt), Asked: ref.ReviewOrgId != nil, SupplyWeeks: weeks, Assessed: value(ref.Assessed)}, now)
	for _, r := range consult.Refusals(err) {
		field := "prescription"
		if r.Code != consult.CodeRxReview {
			field = "prescription/supplyWeeks"
		}
		f.add(field, r.Code, flat(r.Args)...)
	}
	p.RxNumber, p.RxInstitution, p.LongRxAssessed = strings.TrimSpace(ref.Number), strings.TrimSpace(ref.Institution), value(ref.Assessed)
	if ref.ReviewOrgId == nil {
		p.RxPharmacist, p.RxReviewedAt = strings.TrimSpace(value(ref.Pharmacist)), utc(ref.ReviewedAt)
	} else {
		places, err := q.PharmacistPlaces(ctx, db.PharmacistPlacesParams{OrganisationID: home, Day: consult.DateOf(now).Time(), Now: now})
		if err != nil {
			return fmt.Errorf("who reviews prescriptions: %w", err)
		}
		if !slices.ContainsFunc(places, func(o db.PharmacistPlacesRow) bool { return o.ID == *ref.ReviewOrgId }) {
			f.add("prescription/reviewOrgId", "wrong_value")
		}
		p.RxState, p.RxAskedID = rxAsked, ref.ReviewOrgId
	}
	if weeks > 0 && weeks <= consult.LongestSupplyWeeks {
		w := int16(weeks)
		p.RxSupplyWeeks = &w
	}
	return nil
}

// ChangeMedication verifies an entry, which somebody else does than who made it, or stops it. What was stopped or verified stays so.
func (s *Service) ChangeMedication(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.MedicationChange) (contract.CareFile, error) {
	const operation = "changeMedication"
	resident, err := s.onEntry(ctx, a, cmd, id, operation, in, func(q *db.Queries) (uuid.UUID, error) {
		row, err := q.LockMedication(ctx, id)
		return row.ResidentID, err
	}, func(q *db.Queries, now time.Time) error {
		row, err := q.LockMedication(ctx, id)
		if err != nil {
			return fmt.Errorf("medicine: %w", err)
		}
		var n int64
		switch in.Act {
		case "VERIFY":
			if row.CreatedBy == a.UserID {
				return problem.New(http.StatusUnprocessableEntity, "verify_by_another", nil)
			}
			n, err = q.VerifyMedication(ctx, db.VerifyMedicationParams{ID: id, VerifiedBy: &a.UserID, Now: &now})
		default:
			day := consult.DateOf(now)
			if in.StoppedOn != nil {
				day = dateOf(*in.StoppedOn)
			}
			var f form
			if day.After(consult.DateOf(now)) || day.Before(consult.DateFromTime(row.StartedOn)) {
				f.add("stoppedOn", "wrong_value")
			}
			why := f.text("reason", value(in.Reason), 1, 300)
			if err := f.err(); err != nil {
				return err
			}
			at := day.Time()
			n, err = q.StopMedication(ctx, db.StopMedicationParams{ID: id, StoppedOn: &at, StopReasonEnc: s.sealText("medications", "stop_reason_enc", id, why), Now: now})
		}
		if err != nil {
			return fmt.Errorf("medicine: %w", err)
		}
		if n != 1 {
			return problem.New(http.StatusConflict, "already_done", nil)
		}
		return nil
	})
	if err != nil {
		return contract.CareFile{}, err
	}
	return s.careFileAfter(ctx, a, resident)
}

// onEntry carries out a command on one entry of a care file: lock, authorise, look for a repetition, do, register.
func (s *Service) onEntry(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, operation string, in any,
	lock func(q *db.Queries) (resident uuid.UUID, err error), do func(q *db.Queries, now time.Time) error) (uuid.UUID, error) {
	if err := require(a, RoleNurse, RoleAttending); err != nil {
		return uuid.Nil, err
	}
	request := struct {
		ID   uuid.UUID
		Body any
	}{id, in}
	var resident uuid.UUID
	err := errTwin
	for try := 0; try < 2 && errors.Is(err, errTwin); try++ {
		err = s.st.Tx(ctx, func(q *db.Queries) error {
			owner, err := lock(q)
			if err := one(err, "the entry"); err != nil {
				return err
			}
			r, err := s.residentAtBedside(ctx, q, a, owner)
			if err != nil {
				return err
			}
			resident = owner
			done, _, err := s.once(ctx, q, a, cmd, operation, request)
			if err != nil || done {
				return err
			}
			now, err := s.clock(ctx, q)
			if err != nil {
				return err
			}
			if err := do(q, now); err != nil {
				return err
			}
			if err := s.answered(ctx, q, a, cmd, operation, request, id); err != nil {
				if isTwin(err) {
					return errTwin
				}
				return err
			}
			return s.audit(ctx, q, a, now, bedsideRole(a, r.OrganisationID), operation, "resident", &owner, "")
		})
	}
	return resident, err
}

// AddAllergy enters an allergy.
func (s *Service) AddAllergy(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.AllergyInput) (contract.CareFile, error) {
	var f form
	substance, reaction := f.text("substance", in.Substance, 1, 60), f.text("reaction", value(in.Reaction), 0, 200)
	f.code("kind", consult.VocabAllergyKind, in.Kind)
	f.code("severity", consult.VocabSeverity, in.Severity)
	return s.atBedside(ctx, a, cmd, id, "addAllergy", in, func(q *db.Queries, r db.Resident, row uuid.UUID, now time.Time) error {
		if in.NotedOn != nil && dateOf(*in.NotedOn).After(consult.DateOf(now)) {
			f.add("notedOn", "wrong_value")
		}
		have, err := q.AllergiesOf(ctx, r.ID)
		if err != nil {
			return fmt.Errorf("allergies: %w", err)
		}
		for _, x := range have {
			text, err := s.openText("allergies", "substance_enc", x.ID, x.SubstanceEnc)
			if err != nil {
				return err
			}
			if text == substance {
				f.add("substance", "chosen_twice")
			}
		}
		if err := f.err(); err != nil {
			return err
		}
		if err := q.AddAllergy(ctx, db.AddAllergyParams{ID: row, ResidentID: r.ID, Kind: in.Kind, SubstanceEnc: s.sealText("allergies", "substance_enc", row, substance),
			ReactionEnc: s.sealText("allergies", "reaction_enc", row, reaction), Severity: in.Severity, NotedOn: timePtr(in.NotedOn), CreatedBy: a.UserID, Now: now}); err != nil {
			return fmt.Errorf("allergy: %w", err)
		}
		return nil
	})
}

// EndAllergy takes an allergy off the list that was found to be none; the row stays.
func (s *Service) EndAllergy(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ReasonText) (contract.CareFile, error) {
	resident, err := s.onEntry(ctx, a, cmd, id, "endAllergy", in, func(q *db.Queries) (uuid.UUID, error) {
		row, err := q.LockAllergy(ctx, id)
		return row.ResidentID, err
	}, func(q *db.Queries, now time.Time) error {
		n, err := q.EndAllergy(ctx, db.EndAllergyParams{ID: id, EndedBy: &a.UserID, Now: &now, EndReasonEnc: s.sealText("allergies", "end_reason_enc", id, in.Reason)})
		if err != nil {
			return fmt.Errorf("allergy: %w", err)
		}
		if n != 1 {
			return problem.New(http.StatusConflict, "already_done", nil)
		}
		return nil
	})
	if err != nil {
		return contract.CareFile{}, err
	}
	return s.careFileAfter(ctx, a, resident)
}

// knownAllergies are the structured ones and those of the register's free text, to be matched; out, when given, shows them.
func (s *Service) knownAllergies(ctx context.Context, q *db.Queries, r db.Resident, out *contract.CareFile) ([]string, error) {
	rows, err := q.AllergiesOf(ctx, r.ID)
	if err != nil {
		return nil, fmt.Errorf("allergies: %w", err)
	}
	var known []string
	for _, x := range rows {
		substance, err := s.openText("allergies", "substance_enc", x.ID, x.SubstanceEnc)
		if err != nil {
			return nil, err
		}
		known = appendNew(known, substance)
		if out == nil {
			continue
		}
		reaction, err := s.openText("allergies", "reaction_enc", x.ID, x.ReactionEnc)
		if err != nil {
			return nil, err
		}
		out.Allergies = append(out.Allergies, contract.Allergy{Id: x.ID, Kind: x.Kind, Substance: substance, Reaction: some(reaction), Severity: x.Severity,
			NotedOn: dayPtr(x.NotedOn), CreatedBy: x.CreatedByName, CreatedAt: x.CreatedAt.UTC()})
	}
	text, err := s.openText("residents", "allergies_enc", r.ID, r.AllergiesEnc)
	if err != nil {
		return nil, err
	}
	if out != nil {
		out.AllergyText = text
	}
	for _, word := range consult.SplitAllergies(text) {
		known = appendNew(known, word)
	}
	return known, nil
}

func (s *Service) listMedications(ctx context.Context, q *db.Queries, a identity.Actor, r db.Resident, known []string, now time.Time, out *contract.CareFile) error {
	today := consult.DateOf(now)
	rows, err := q.MedicationsOf(ctx, db.MedicationsOfParams{ResidentID: r.ID, StoppedSince: today.AddDays(-stoppedShown).Time()})
	if err != nil {
		return fmt.Errorf("medicines: %w", err)
	}
	for _, m := range rows {
		v := contract.Medication{Id: m.ID, Source: m.Source, Frequency: m.Frequency, Route: m.Route, StartedOn: dayOf(m.StartedOn), StoppedOn: dayPtr(m.StoppedOn),
			ExpiresOn: dayPtr(m.ExpiresOn), VerifiedBy: some(m.VerifiedByName), VerifiedAt: utc(m.VerifiedAt), EnteredAt: m.CreatedAt.UTC(),
			CanVerify: out.CanEdit && m.VerifiedAt == nil && m.StoppedOn == nil && m.CreatedBy != a.UserID, Warnings: []contract.MedicationWarning{}}
		for _, f := range []struct {
			column string
			sealed []byte
			to     func(string)
		}{
			{"name_enc", m.NameEnc, func(t string) { v.Name = t }},
			{"dose_enc", m.DoseEnc, func(t string) { v.Dose = t }},
			{"note_enc", m.NoteEnc, func(t string) { v.Note = some(t) }},
			{"stop_reason_enc", m.StopReasonEnc, func(t string) { v.StopReason = some(t) }},
			{"allergy_override_enc", m.AllergyOverrideEnc, func(t string) { v.AllergyReason = some(t) }},
		} {
			text, err := s.openText("medications", f.column, m.ID, f.sealed)
			if err != nil {
				return err
			}
			f.to(text)
		}
		if m.RxNumber != "" {
			v.Prescription = &contract.Prescription{Number: m.RxNumber, Institution: m.RxInstitution, State: contract.PrescriptionState(cmp.Or(m.RxState, string(contract.PrescriptionStateELSEWHERE))),
				Pharmacist: some(m.RxPharmacist), ReviewedAt: utc(m.RxReviewedAt), Asked: some(m.RxAskedName), Assessed: some(m.LongRxAssessed)}
			note, err := s.openText("medications", "rx_note_enc", m.ID, m.RxNoteEnc)
			if err != nil {
				return err
			}
			v.Prescription.Note = some(note)
			if m.RxSupplyWeeks != nil {
				weeks := int(*m.RxSupplyWeeks)
				v.Prescription.SupplyWeeks = &weeks
			}
		}
		if m.StoppedOn == nil {
			v.Warnings = warningsOf(a, v, known, today)
		}
		out.Medications = append(out.Medications, v)
	}
	return nil
}

// warningsOf says what is to be looked at before a medicine is given, the gravest first.
func warningsOf(a identity.Actor, m contract.Medication, known []string, today consult.Date) []contract.MedicationWarning {
	out := []contract.MedicationWarning{}
	warn := func(severe bool, code string, args map[string]string) {
		out = append(out, contract.MedicationWarning{Code: code, Message: problem.Sentence(a.Locale, code, args), Severe: severe})
	}
	for _, match := range consult.MatchAllergies(m.Name, known) {
		args := map[string]string{"allergy": match.Allergy, "class": consult.DrugClassLabel(match.Class, lang(a))}
		switch match.Grade {
		case consult.AllergySame:
			warn(true, "allergy_same", args)
		case consult.AllergyClass:
			warn(true, "allergy_class", args)
		default:
			warn(false, "allergy_cross", args)
		}
	}
	if m.ExpiresOn != nil && dateOf(*m.ExpiresOn).Before(today) {
		warn(true, "medicine_expired", nil)
	}
	if m.Prescription != nil && value(m.Prescription.SupplyWeeks) > consult.UsualSupplyWeeks {
		warn(false, "rx_supply_long", map[string]string{"weeks": fmt.Sprint(*m.Prescription.SupplyWeeks)})
	}
	if m.Prescription != nil {
		switch m.Prescription.State {
		case contract.PrescriptionStateASKED:
			warn(false, "rx_asked", map[string]string{"place": value(m.Prescription.Asked)})
		case contract.PrescriptionStateREJECTED:
			warn(true, "rx_rejected", map[string]string{"pharmacist": value(m.Prescription.Pharmacist)})
		}
	}
	if m.VerifiedAt == nil {
		warn(false, "medicine_unverified", nil)
	}
	return out
}
