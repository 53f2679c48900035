package care

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// countFacts are the facts of one consultation, and where it is attributed.
type countFacts struct {
	consult.Facts
	division string // of the inviting institution
	problem  string // what it was about, for finding duplicates
}

// loadFacts gathers what the countability rules look at. The registry is read as it stands and judged on the day of the start. closed are
// the settings of the closed month to which it belongs, nil when that is open.
func (s *Service) loadFacts(ctx context.Context, q *db.Queries, c db.Consultation, closed *consult.Settings, now time.Time) (countFacts, error) {
	f := countFacts{Facts: consult.Facts{Codes: s.codes(), Service: consult.ServiceType(c.ServiceType), State: consult.State(c.State), Urgency: consult.Urgency(c.Urgency),
		Written: written(c), Drill: c.Drill, Start: value(c.StartedAt), End: value(c.EndedAt), Adopted: c.AdoptedAt != nil}}
	if f.Start.IsZero() && c.EndedAt != nil {
		f.Start = value(c.AcceptedAt)
	}
	begun := f.Start
	if begun.IsZero() {
		begun = now
	}
	var err error
	if f.Then, err = s.situationOf(ctx, q, c, begun); err != nil {
		return f, err
	}
	if closed != nil {
		f.Then.Settings = *closed
	}
	for _, load := range []func(context.Context, *db.Queries, db.Consultation, *countFacts) error{s.processFacts, s.consentFacts, s.mediaFacts, s.reportFacts, s.personFacts, s.visitFacts, s.areaFacts} {
		if err := load(ctx, q, c, &f); err != nil {
			return f, err
		}
	}
	return f, s.duplicateFacts(ctx, q, c, &f)
}

func (s *Service) processFacts(ctx context.Context, q *db.Queries, c db.Consultation, f *countFacts) error {
	events, err := q.EventFacts(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	f.Events, f.ToEmergency, f.Unsuitable = int(events.Events), events.ToEmergency, events.Unsuitable
	if f.ChainBroken, err = recordBroken(ctx, q, c.ID); err != nil {
		return err
	}
	approvals, err := q.ApprovalsOf(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("approvals: %w", err)
	}
	for _, a := range approvals {
		f.Approved = append(f.Approved, a.Code)
		f.Upheld = f.Upheld || a.Code == "NC20"
	}
	found, err := q.FoundFalse(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("complaints and reviews: %w", err)
	}
	f.Upheld = f.Upheld || found
	return nil
}

// consentFacts: a consent that covered the start; else, of an emergency, who approved it when and when the consent followed.
func (s *Service) consentFacts(ctx context.Context, q *db.Queries, c db.Consultation, f *countFacts) error {
	if f.Start.IsZero() {
		return nil
	}
	rows, err := q.ConsentsAround(ctx, db.ConsentsAroundParams{ResidentID: c.ResidentID, ConsultationID: &c.ID, InvitingOrgID: c.InvitingOrgID})
	if err != nil {
		return fmt.Errorf("consents: %w", err)
	}
	for _, r := range rows {
		if r.SignerKind == string(consult.SignerEmergency) {
			continue
		}
		switch {
		case consentValid(r, c.ID, f.Start):
			f.Consent.ValidAtStart = true
		case r.SignedAt.After(f.Start) && f.Consent.AfterwardsAt.IsZero() && consentValid(r, c.ID, r.SignedAt):
			f.Consent.AfterwardsAt = r.SignedAt
		}
	}
	if emergency, ok := approvalOf(rows, value(c.SubmittedAt)); ok && !f.Consent.ValidAtStart && f.Urgency == consult.Critical {
		f.Consent.Emergency = emergency
	}
	return nil
}

func (s *Service) mediaFacts(ctx context.Context, q *db.Queries, c db.Consultation, f *countFacts) error {
	rows, err := q.WhoTookPart(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	for _, r := range rows {
		i := consult.Interval{From: r.StartedAt, To: r.LastSeenAt}
		switch {
		case r.Side == sideMedical:
			f.MediaDoctor = append(f.MediaDoctor, i)
		default:
			f.MediaResident = append(f.MediaResident, i)
			if r.Role == RoleAttending {
				f.MediaAttending = append(f.MediaAttending, i)
			}
		}
	}
	checkIns, err := q.CheckInsOfConsultation(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("check-ins: %w", err)
	}
	for _, in := range checkIns {
		until := f.End
		if in.Until != nil {
			until = *in.Until
		}
		f.CheckIns = append(f.CheckIns, consult.Interval{From: in.Since, To: until})
	}
	return nil
}

func (s *Service) reportFacts(ctx context.Context, q *db.Queries, c db.Consultation, f *countFacts) error {
	rows, err := q.CaseReports(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	f.problem = problemOf(c, "")
	if len(rows) == 0 {
		return nil
	}
	current := rows[len(rows)-1]
	signed, err := s.openReport(current)
	if errors.Is(err, errBrokenEvidence) {
		f.ChainBroken = true
		f.Report = &consult.ReportFacts{SignedAt: rows[0].SignedAt}
		return nil
	}
	if err != nil {
		return err
	}
	texts := []string{signed.Assessment}
	for _, a := range signed.Advice {
		texts = append(texts, a.Text)
	}
	took, err := s.tookPart(ctx, q, c, current.AuthorID)
	if err != nil {
		return err
	}
	f.Report = &consult.ReportFacts{SignedAt: rows[0].SignedAt, ByWhoTook: took, Characters: consult.Characters(texts...)}
	if len(signed.Diagnoses) > 0 {
		f.Diagnose = signed.Diagnoses[0].Code
	}
	f.problem = problemOf(c, f.Diagnose)
	return nil
}

// problemOf is what makes two consultations of a resident the same thing: the diagnosis, without one the reasons.
func problemOf(c db.Consultation, diagnosis string) string {
	if diagnosis != "" {
		return diagnosis
	}
	reasons := slices.Clone(c.Reasons)
	slices.Sort(reasons)
	return "reasons:" + strings.Join(reasons, ",")
}

// tookPart: carried by the relay, or, of a written question or a visit, its doctor.
func (s *Service) tookPart(ctx context.Context, q *db.Queries, c db.Consultation, user uuid.UUID) (bool, error) {
	if written(c) || c.Mode == string(contract.ModeVISIT) {
		return c.DoctorID != nil && *c.DoctorID == user, nil
	}
	had, err := q.HadMedia(ctx, db.HadMediaParams{ConsultationID: c.ID, UserID: user})
	if err != nil {
		return false, fmt.Errorf("presence of the author: %w", err)
	}
	return had, nil
}

func (s *Service) personFacts(ctx context.Context, q *db.Queries, c db.Consultation, f *countFacts) error {
	r, err := q.CaseResident(ctx, c.ResidentID)
	if err != nil {
		return fmt.Errorf("resident: %w", err)
	}
	home, err := q.CaseOrganisation(ctx, c.InvitingOrgID)
	if err != nil {
		return fmt.Errorf("institution: %w", err)
	}
	f.Resident = consult.ResidentFacts{Identified: identified(r), Birth: consult.DateFromTime(r.BirthDate), AdmittedOn: consult.DateFromTime(r.AdmittedOn),
		YoungerToo: home.AdmitsYounger, Institution: r.OrganisationID == c.InvitingOrgID}
	if r.LeftOn != nil {
		f.Resident.LeftOn = consult.DateFromTime(*r.LeftOn)
	}
	// The doctor signs in with an account of one's own, whose licence stands in the registry, and is asked again at the signature.
	// Internet care asks for a second factor before each reception as well (G-IH-06).
	known := f.Then.Doctor != nil && f.Then.Doctor.Licence.Held
	f.Doctor = consult.DoctorFacts{Took: c.DoctorID != nil, Identified: known && (f.Service != consult.OnlineRevisit || f.Then.Doctor.Authenticated)}
	f.Revisit = f.Then.Revisit
	if written(c) && c.DoctorID != nil {
		if f.Opened, err = q.OpenedByDoctor(ctx, db.OpenedByDoctorParams{ConsultationID: &c.ID, UserID: c.DoctorID}); err != nil {
			return fmt.Errorf("who opened the case: %w", err)
		}
	}
	return nil
}

func (s *Service) areaFacts(ctx context.Context, q *db.Queries, c db.Consultation, f *countFacts) error {
	home, err := q.CaseOrganisation(ctx, c.InvitingOrgID)
	if err != nil {
		return fmt.Errorf("institution: %w", err)
	}
	f.Area, f.division = home.RegionCode, home.RegionCode
	if home.ReportingParentID == nil {
		return nil
	}
	parent, err := q.CaseOrganisation(ctx, *home.ReportingParentID)
	if err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	f.ReportingArea = parent.RegionCode
	return nil
}

// notReallyHeld are the rules whose failure means that an earlier consultation was none, so that a later one is no duplicate of it.
const notReallyHeld = 1<<(2-1) | 1<<(11-1) | 1<<(12-1) | 1<<(13-1) | 1<<(16-1) | 1<<(19-1)

func (s *Service) duplicateFacts(ctx context.Context, q *db.Queries, c db.Consultation, f *countFacts) error {
	if c.EndedAt == nil {
		return nil
	}
	goal := ""
	if info, ok := f.Service.Info(); ok {
		goal = info.Goal
	}
	window := time.Duration(f.Then.Settings.Int("duplicate_hours")) * time.Hour
	serial, err := q.EarlierTwin(ctx, db.EarlierTwinParams{ResidentID: c.ResidentID, ID: c.ID, EndedAt: *c.EndedAt, Since: f.Start.Add(-window),
		DepartmentID: c.DepartmentID, Goal: goal, Disqualifying: notReallyHeld, ProblemKey: f.problem})
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("duplicates: %w", err)
	}
	f.Earlier = serial
	f.SplitFrom, err = q.SplitFrom(ctx, db.SplitFromParams{ResidentID: c.ResidentID, ID: c.ID, EndedAt: *c.EndedAt, Since: f.Start.Add(-window),
		DepartmentID: c.DepartmentID, Goal: goal, Disqualifying: notReallyHeld, DoctorID: c.DoctorID, Day: consult.DateOf(f.Start).Time()})
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("split services: %w", err)
	}
	return nil
}
