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

const (
	stoppedShown = 90 // days for which a stopped medicine is still listed
	trendShown   = 90 * 24 * time.Hour
	trendPoints  = 60 // of one code, the newest
)

// GetCareFile gives what surrounds the resident's care: medicines with their warnings, allergies, assessments, documents, trends. It is
// for the bedside of the resident's institution; the read is logged.
func (s *Service) GetCareFile(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.CareFile, error) {
	if err := require(a, RoleNurse, RoleAttending); err != nil {
		return contract.CareFile{}, err
	}
	var out contract.CareFile
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		resident, err := s.residentAtBedside(ctx, q, a, id)
		if err != nil {
			return err
		}
		if out, err = s.careFile(ctx, q, a, resident, now); err != nil {
			return err
		}
		return s.logAccess(ctx, q, a, bedsideRole(a, resident.OrganisationID), "getCareFile", "resident", id)
	})
	return out, err
}

// GetCaseCareFile is GetCareFile through a consultation, also for the doctors who see it.
func (s *Service) GetCaseCareFile(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.CareFile, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return contract.CareFile{}, err
	}
	var out contract.CareFile
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		c, v, err := s.readConsultation(ctx, q, a, id, now)
		if err != nil {
			return err
		}
		if !v.clinical() {
			return problem.Forbidden()
		}
		resident, err := q.CaseResident(ctx, c.ResidentID)
		if err != nil {
			return fmt.Errorf("resident: %w", err)
		}
		if out, err = s.careFile(ctx, q, a, resident, now); err != nil {
			return err
		}
		return s.logAccess(ctx, q, a, v.role(), "getCareFile", "consultation", id)
	})
	return out, err
}

// residentAtBedside loads a resident of an institution in which the actor is at the bedside.
func (s *Service) residentAtBedside(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.Resident, error) {
	row, err := q.CaseResident(ctx, id)
	if err := one(err, "the resident"); err != nil {
		return row, err
	}
	if !a.In(row.OrganisationID, RoleNurse, RoleAttending) {
		return row, problem.NotFound()
	}
	return row, nil
}

// atBedside carries out a command that adds to a resident's care file and gives the file back.
func (s *Service) atBedside(ctx context.Context, a identity.Actor, cmd, resident uuid.UUID, operation string, in any,
	do func(q *db.Queries, r db.Resident, id uuid.UUID, now time.Time) error) (contract.CareFile, error) {
	if err := require(a, RoleNurse, RoleAttending); err != nil {
		return contract.CareFile{}, err
	}
	request := struct {
		ID   uuid.UUID
		Body any
	}{resident, in}
	if _, err := s.residentAtBedside(ctx, s.st.Q(), a, resident); err != nil {
		return contract.CareFile{}, err
	}
	_, _, err := s.create(ctx, a, cmd, operation, request, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		r, err := q.LockResident(ctx, resident)
		if err := one(err, "the resident"); err != nil {
			return err
		}
		if r.LeftOn != nil {
			return problem.New(http.StatusConflict, "resident_left", nil)
		}
		if err := do(q, r, id, now); err != nil {
			return err
		}
		return s.audit(ctx, q, a, now, bedsideRole(a, r.OrganisationID), operation, "resident", &resident, "")
	})
	if err != nil {
		return contract.CareFile{}, err
	}
	return s.careFileAfter(ctx, a, resident)
}

// careFileAfter is the answer to a change.
func (s *Service) careFileAfter(ctx context.Context, a identity.Actor, resident uuid.UUID) (contract.CareFile, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.CareFile{}, err
	}
	row, err := s.residentAtBedside(ctx, q, a, resident)
	if err != nil {
		return contract.CareFile{}, err
	}
	return s.careFile(ctx, q, a, row, now)
}

func (s *Service) careFile(ctx context.Context, q *db.Queries, a identity.Actor, r db.Resident, now time.Time) (contract.CareFile, error) {
	out := contract.CareFile{Medications: []contract.Medication{}, Allergies: []contract.Allergy{}, Assessments: []contract.Assessment{},
		Documents: []contract.Document{}, Trends: []contract.Trend{}, CanEdit: r.LeftOn == nil && a.In(r.OrganisationID, RoleNurse, RoleAttending), Reviewers: []contract.OrgRef{}, ServerTime: now}
	if out.CanEdit {
		places, err := q.PharmacistPlaces(ctx, db.PharmacistPlacesParams{OrganisationID: r.OrganisationID, Day: consult.DateOf(now).Time(), Now: now})
		if err != nil {
			return out, fmt.Errorf("who reviews prescriptions: %w", err)
		}
		for _, p := range places {
			out.Reviewers = append(out.Reviewers, contract.OrgRef{Id: p.ID, Name: p.Name})
		}
	}
	known, err := s.knownAllergies(ctx, q, r, &out)
	if err != nil {
		return out, err
	}
	if err := s.listMedications(ctx, q, a, r, known, now, &out); err != nil {
		return out, err
	}
	if err := s.listAssessments(ctx, q, r, now, &out); err != nil {
		return out, err
	}
	documents, err := q.CaseDocuments(ctx, &r.ID)
	if err != nil {
		return out, fmt.Errorf("documents: %w", err)
	}
	for _, d := range documents {
		out.Documents = append(out.Documents, documentView(db.Attachment{ID: d.ID, Kind: d.Kind, Category: d.Category, ContentType: d.ContentType, Size: d.Size,
			Width: d.Width, Height: d.Height, Sha256: d.Sha256, ScanState: d.ScanState, CreatedAt: d.CreatedAt, ThumbnailKey: d.ThumbnailKey}, d.CreatedByName))
	}
	return out, s.listTrends(ctx, q, r, now, &out)
}

// listTrends gives the readings of each code in time, the newest trendPoints of each.
func (s *Service) listTrends(ctx context.Context, q *db.Queries, r db.Resident, now time.Time, out *contract.CareFile) error {
	rows, err := q.VitalTrends(ctx, db.VitalTrendsParams{ResidentID: r.ID, Since: now.Add(-trendShown)})
	if err != nil {
		return fmt.Errorf("trends: %w", err)
	}
	points := map[string][]contract.TrendPoint{}
	for _, v := range rows { // newest first
		if len(points[v.Code]) < trendPoints {
			points[v.Code] = append(points[v.Code], contract.TrendPoint{At: v.TakenAt.UTC(), Value: float32(v.Value), Flag: v.Flag})
		}
	}
	for _, v := range s.codes().Vitals() {
		if list := points[v.Code]; len(list) > 1 {
			slices.Reverse(list)
			out.Trends = append(out.Trends, contract.Trend{Code: v.Code, Points: list})
		}
	}
	return nil
}

// AddAssessment enters a judged risk or a counted score of a day.
func (s *Service) AddAssessment(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.AssessmentInput) (contract.CareFile, error) {
	level, err := consult.Assess(in.Scale, in.Score, value(in.Level))
	var f form
	for _, r := range consult.Refusals(err) {
		field := "scale"
		switch r.Code {
		case consult.CodeScoreRange, consult.CodeScoreMissing:
			field = "score"
		case consult.CodeUnknownCode:
			if _, ok := consult.Lookup(consult.VocabScale, in.Scale); ok {
				field = "level"
			}
		}
		f.add(field, r.Code, flat(r.Args)...)
	}
	note := f.text("note", value(in.Note), 0, 300)
	return s.atBedside(ctx, a, cmd, id, "addAssessment", in, func(q *db.Queries, r db.Resident, row uuid.UUID, now time.Time) error {
		if day := dateOf(in.AssessedOn); day.After(consult.DateOf(now)) || day.Before(consult.DateFromTime(r.BirthDate)) {
			f.add("assessedOn", "wrong_value")
		}
		if err := f.err(); err != nil {
			return err
		}
		p := db.AddAssessmentParams{ID: row, ResidentID: r.ID, Scale: in.Scale, Level: level, NoteEnc: s.sealText("risk_assessments", "note_enc", row, note),
			AssessedOn: dateOf(in.AssessedOn).Time(), AssessedBy: a.UserID, Now: now}
		if scale, _ := consult.Lookup(consult.VocabScale, in.Scale); scale.Code != "" && in.Score != nil && scored(in.Scale) {
			n := int16(*in.Score)
			p.Score = &n
		}
		if err := q.AddAssessment(ctx, p); err != nil {
			return fmt.Errorf("assessment: %w", err)
		}
		return nil
	})
}

func scored(scale string) bool {
	return slices.ContainsFunc(consult.Scales(), func(s consult.Scale) bool { return s.Code == scale && s.Scored })
}

func (s *Service) listAssessments(ctx context.Context, q *db.Queries, r db.Resident, now time.Time, out *contract.CareFile) error {
	rows, err := q.AssessmentsOf(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("assessments: %w", err)
	}
	today := consult.DateOf(now)
	byScale := map[string]db.AssessmentsOfRow{}
	for _, v := range rows {
		byScale[v.Scale] = v
	}
	out.AssessmentMissing = true
	for _, scale := range consult.Scales() {
		v, ok := byScale[scale.Code]
		if !ok {
			continue
		}
		note, err := s.openText("risk_assessments", "note_enc", v.ID, v.NoteEnc)
		if err != nil {
			return err
		}
		old := consult.AssessmentOld(consult.DateFromTime(v.AssessedOn), today)
		out.AssessmentMissing = out.AssessmentMissing && old
		view := contract.Assessment{Id: v.ID, Scale: v.Scale, Level: v.Level, Note: some(note), AssessedOn: dayOf(v.AssessedOn), AssessedBy: v.AssessedByName, Old: old}
		if v.Score != nil {
			n := int(*v.Score)
			view.Score = &n
		}
		out.Assessments = append(out.Assessments, view)
	}
	return nil
}
