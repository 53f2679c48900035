package care

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// What package visits needs of the record: pictures, the registry as the rules see it, and the entry of a signed visit as a consultation.

// Picture is one that was decoded and encoded anew.
type Picture struct {
	ContentType   string
	Content       []byte
	Width, Height int
	SHA256        [32]byte
}

func exported(p picture) Picture {
	return Picture{ContentType: p.contentType, Content: p.content, Width: p.width, Height: p.height, SHA256: p.sha256}
}

// Photo reads a photo as AddPhoto does.
func (s *Service) Photo(ctx context.Context, in io.Reader) (Picture, error) {
	raw, err := readPhoto(in)
	if err != nil {
		return Picture{}, err
	}
	p, err := s.inPlace(ctx, raw, decodePhoto)
	return exported(p), err
}

// DrawnSignature reads a drawn signature; one without ink is refused.
func (s *Service) DrawnSignature(ctx context.Context, raw []byte) (Picture, error) {
	p, err := s.inPlace(ctx, raw, decodeSignature)
	return exported(p), err
}

// AssessVitals judges readings as AddVitals does, without storing them.
func (s *Service) AssessVitals(readings []contract.VitalInput) ([]consult.Assessment, error) {
	return assess(s.codes(), readings)
}

// LicenceOf is a licence as the rules see it.
func LicenceOf(from time.Time, to *time.Time) consult.Licence { return licence(from, to) }

// RuleSettingsOf are the settings of the rules where an institution lies.
func (s *Service) RuleSettingsOf(ctx context.Context, q *db.Queries, org uuid.UUID) (consult.Settings, error) {
	o, err := q.CaseOrganisation(ctx, org)
	if err != nil {
		return nil, fmt.Errorf("institution: %w", err)
	}
	return s.ruleSettings(ctx, q, o.RegionCode)
}

// VisitingDoctor is who visits, and whether the institution lies where an assistant physician may (G-HV-10); nil where nobody holds a
// physician's licence.
func (s *Service) VisitingDoctor(ctx context.Context, q *db.Queries, user, org uuid.UUID, day consult.Date) (*consult.InvitedDoctor, bool, error) {
	held, err := q.ProfessionalLicencesOf(ctx, user)
	if err != nil {
		return nil, false, fmt.Errorf("licence of the visiting doctor: %w", err)
	}
	o, err := q.CaseOrganisation(ctx, org)
	if err != nil {
		return nil, false, fmt.Errorf("institution: %w", err)
	}
	info, _ := consult.InstitutionType(o.TypeCode)
	return invitedDoctor(held, day), info.Primary, nil
}

// ResidentReady says whether a consent of the resident stands, and whether the identity is on file.
func (s *Service) ResidentReady(ctx context.Context, q *db.Queries, resident uuid.UUID, at time.Time) (consented, known bool, err error) {
	r, err := q.CaseResident(ctx, resident)
	if err != nil {
		return false, false, fmt.Errorf("resident: %w", err)
	}
	consent, err := s.standingConsent(ctx, q, db.Consultation{ResidentID: resident}, at)
	return consent != nil, identified(r), err
}

// VisitEntry is a visit whose record is signed.
type VisitEntry struct {
	ID      uuid.UUID // of the consultation that it becomes
	Visit   db.HomeVisit
	Author  identity.Actor
	Reason  string
	Content contract.VisitRecordContent
	Vitals  []contract.VitalInput
	// Pictures are photos and signature: what they were is in the chain of events by their digests.
	Pictures []db.Attachment
	Factor   FactorUse // what VisitFactor gave
	Now      time.Time
}

// EnterVisit makes a consultation of mode VISIT of a signed visit: its readings, its report, and one event for each step of the way, in the
// caller's transaction. linked is called when the row is there and before it is judged, so that the visit can refer to it.
func (s *Service) EnterVisit(ctx context.Context, q *db.Queries, e VisitEntry, linked func() error) error {
	v := e.Visit
	serial, err := nextSerial(ctx, q, e.Now)
	if err != nil {
		return err
	}
	row := db.EnterVisitParams{ID: e.ID, Serial: serial, ResidentID: v.ResidentID, InvitingOrgID: v.ResidentOrgID, InvitedOrgID: &v.OrganisationID, ServiceType: v.Kind,
		CreatedBy: v.CreatedBy, DoctorID: &e.Author.UserID, ComplaintEnc: s.sealText("consultations", "complaint_enc", e.ID, e.Reason), SubmittedAt: v.CreatedAt,
		AcceptedAt: v.AssessedAt, StartedAt: v.ArrivedAt, EndedAt: v.LeftAt, Now: e.Now}
	consent, err := s.standingConsent(ctx, q, db.Consultation{ID: e.ID, ResidentID: v.ResidentID}, value(v.ArrivedAt))
	if err != nil {
		return err
	}
	if consent != nil {
		row.ConsentID = &consent.ID
	}
	if err := q.EnterVisit(ctx, row); err != nil {
		return fmt.Errorf("enter the visit: %w", err)
	}
	if err := linked(); err != nil {
		return err
	}
	c, err := q.GetConsultation(ctx, e.ID)
	if err != nil {
		return fmt.Errorf("enter the visit: %w", err)
	}
	role := RoleNurse
	if e.Author.In(v.OrganisationID, string(consult.RoleFamilyDoctor)) {
		role = string(consult.RoleFamilyDoctor)
	} else if e.Author.In(v.OrganisationID, RoleAttending) {
		role = RoleAttending
	}
	ch := &change{s: s, q: q, c: c, now: e.Now, actor: &e.Author.UserID, role: role}
	for _, step := range []struct {
		kind     string
		at, head *time.Time
	}{{eventVisitArrived, v.ArrivedAt, v.ArrivedHeardAt}, {eventVisitLeft, v.LeftAt, v.LeftHeardAt}} {
		if err := ch.record(ctx, step.kind, map[string]any{"visitId": v.ID, "number": v.Number, "at": step.at.UTC(), "heardAt": step.head.UTC(), "pictures": digests(e.Pictures)}); err != nil {
			return err
		}
	}
	if err := s.visitVitals(ctx, ch, e); err != nil {
		return err
	}
	report := visitReport(c, e.Content)
	settings, err := s.RuleSettingsOf(ctx, q, v.ResidentOrgID)
	if err != nil {
		return err
	}
	late := lateEntry{late: consult.LateEntry(value(v.LeftAt), e.Now, false, settings)}
	if report, err = s.storeReport(ctx, ch, e.Author, report, late, e.Factor.used); err != nil {
		return err
	}
	if err := ch.step(ctx, consult.ActSignReport, consult.RoleFamilyDoctor, "", map[string]any{"version": report.Version, "outcome": string(report.Outcome), "advice": len(report.Advice), "late": late.late}); err != nil {
		return err
	}
	if err := q.SetReported(ctx, db.SetReportedParams{ID: c.ID, Now: &e.Now, OutcomeCode: string(report.Outcome)}); err != nil {
		return fmt.Errorf("report of the visit: %w", err)
	}
	ch.touch("report")
	return ch.commit(ctx)
}

func (s *Service) visitVitals(ctx context.Context, ch *change, e VisitEntry) error {
	if len(e.Vitals) == 0 {
		return nil
	}
	assessed, err := assess(s.codes(), e.Vitals)
	if err != nil {
		return err
	}
	codes := make([]string, len(assessed))
	for i, a := range assessed {
		codes[i] = string(a.Code)
		if e.Vitals[i].TakenAt == nil {
			e.Vitals[i].TakenAt = e.Visit.ArrivedAt
		}
		if err := addVital(ctx, ch, e.Author, s.codes(), a, e.Vitals[i], "vitals"); err != nil {
			return err
		}
	}
	return ch.record(ctx, eventVitalsAdded, map[string]any{"codes": codes})
}

// visitReport is the record of a visit in the form of an opinion: what was found and done, the diagnoses, the advice.
func visitReport(c db.Consultation, in contract.VisitRecordContent) consult.Report {
	assessment := strings.TrimSpace(value(in.Findings))
	if done := strings.TrimSpace(value(in.Done)); done != "" {
		assessment += "\n" + done
	}
	return reportOf(c, contract.ReportContent{Assessment: &assessment, Diagnoses: in.Diagnoses, Advice: in.Advice, Outcome: in.Outcome, FollowUpOn: in.NextOn})
}

// VisitProved judges a visit's consultation anew after proof was added to the visit: an attachment, by its id and digest.
func (s *Service) VisitProved(ctx context.Context, q *db.Queries, a identity.Actor, id, attachment uuid.UUID, digest [sha256.Size]byte, now time.Time) error {
	c, err := q.LockConsultation(ctx, id)
	if store.IsNone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("lock the consultation: %w", err)
	}
	ch := &change{s: s, q: q, c: c, now: now, actor: &a.UserID, role: a.RoleIn(value(c.InvitedOrgID))}
	if err := ch.record(ctx, eventVisitProof, map[string]any{"attachmentId": attachment, "sha256": hex.EncodeToString(digest[:])}); err != nil {
		return err
	}
	return ch.commit(ctx)
}

func digests(pictures []db.Attachment) []string {
	out := make([]string, len(pictures))
	for i, p := range pictures {
		out[i] = hex.EncodeToString(p.Sha256)
	}
	return out
}
