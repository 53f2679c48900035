package visits

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

const mostPhotos = 20

// writable: the record is written from the arrival on until it is signed.
func writable(v db.HomeVisit) bool {
	return v.State == string(consult.VisitArrived) || v.State == string(consult.VisitLeft)
}

// SaveVisitRecord keeps the record while it is written, with an event that says when the device wrote it. Error: 409 revision_stale with the
// visit as the server has it, so that a device that was away can show both.
func (s *Service) SaveVisitRecord(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.VisitRecordInput) (contract.Visit, error) {
	if err := require(a, goers()...); err != nil {
		return contract.Visit{}, err
	}
	if err := s.checkRecord(in.Content); err != nil {
		return contract.Visit{}, err
	}
	raw, err := json.Marshal(in.Content)
	if err != nil {
		return contract.Visit{}, fmt.Errorf("record: %w", err)
	}
	err = s.onVisit(ctx, a, cmd, "saveVisitRecord", id, in, func(c *change) error {
		if !c.sight.goes {
			return problem.Forbidden()
		}
		if !writable(c.v) {
			return c.conflict("no_longer_editable", nil)
		}
		if int(c.v.RecordRevision) != in.Revision {
			return c.recordStale()
		}
		if err := checkNext(c.v, in.Content); err != nil {
			return err
		}
		if _, err := c.device(in.At, c.v.ArrivedAt); err != nil {
			return err
		}
		c.v.RecordEnc = s.keep.Seal("home_visits", "record_enc", id, raw)
		c.v.RecordRevision++
		return c.event(ctx, "RECORDED", "", "", map[string]any{"revision": c.v.RecordRevision})
	})
	return s.reload(ctx, a, id, err)
}

// recordStale is revision_stale with the revision of the record.
func (c *change) recordStale() error {
	revision := int(c.v.RecordRevision)
	return problem.Conflict("revision_stale", contract.CurrentState{State: contract.State(c.was), Revision: &revision})
}

// checkRecord refuses codes and readings that cannot be; what is only incomplete is asked for at the signature.
func (s *Service) checkRecord(in contract.VisitRecordContent) error {
	if in.Outcome != nil && consult.CheckCode(consult.VocabOutcome, *in.Outcome) != nil {
		return invalid("content/outcome", "wrong_value")
	}
	readings := vitalsOf(value(in.Vitals))
	if len(readings) == 0 {
		return nil
	}
	if _, err := s.care.AssessVitals(readings); err != nil {
		p := problem.Of(err)
		for k := range p.Fields {
			p.Fields[k].Path = "content/vitals/" + strings.TrimPrefix(p.Fields[k].Path, "readings/")
		}
		return p
	}
	return nil
}

// checkNext refuses a next day that does not follow the visit, or lies beyond what a plan allows that the visit serves; without a plan, a year.
func checkNext(v db.HomeVisit, in contract.VisitRecordContent) error {
	if in.NextOn == nil || v.ArrivedAt == nil {
		return nil
	}
	held := consult.DateOf(*v.ArrivedAt)
	contact := consult.PlanContact{On: held, Next: consult.DateFromTime(in.NextOn.Time)}
	kinds := []consult.PlanKind{{Most: wantedWithin}}
	if len(v.Plans) > 0 {
		kinds = nil
	}
	for _, code := range v.Plans {
		if kind, known := consult.PlanKindByCode(code); known {
			kinds = append(kinds, kind)
		}
	}
	for _, kind := range kinds {
		for _, r := range consult.Refusals(kind.CheckContact(contact, held)) {
			return problem.Invalid(problem.Field{Path: "content/nextOn", Code: r.Code, Args: r.Args})
		}
	}
	return nil
}

// vitalsOf leaves out what is still being entered.
func vitalsOf(in []contract.VisitVital) []contract.VitalInput {
	var out []contract.VitalInput
	for _, v := range in {
		if v.Value == nil && v.Qualifier == nil {
			continue
		}
		out = append(out, contract.VitalInput{Code: v.Code, Value: v.Value, Qualifier: v.Qualifier, Confirmed: v.Confirmed, TakenAt: v.TakenAt})
	}
	return out
}

// SignForVisit takes the signature of the resident or the family that the visit took place. It may follow within the days in which proof can be
// added (NC22); then the record is judged anew. Errors: those of a drawn signature, 422 consent_staff_cannot_sign, 409 already_signed, visit_proof_late.
func (s *Service) SignForVisit(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.VisitSignature) (contract.Visit, error) {
	if err := require(a, goers()...); err != nil {
		return contract.Visit{}, err
	}
	ink, err := s.care.DrawnSignature(ctx, in.Png)
	if err != nil {
		return contract.Visit{}, err
	}
	err = s.onVisit(ctx, a, cmd, "signForVisit", id, in, func(c *change) error {
		if !c.sight.goes {
			return problem.Forbidden()
		}
		done := c.v.State == string(consult.VisitDone)
		if !writable(c.v) && !done {
			return c.conflict("no_longer_editable", nil)
		}
		if done && signedFor(c.v) {
			return c.conflict("already_signed", nil)
		}
		if done {
			settings, err := s.care.RuleSettingsOf(ctx, c.q, c.v.ResidentOrgID)
			if err != nil {
				return err
			}
			if c.now.After(c.v.LeftAt.AddDate(0, 0, int(settings.Int("visit_proof_days")))) {
				return c.conflict("visit_proof_late", nil)
			}
		}
		if _, err := c.device(in.At, c.v.ArrivedAt); err != nil {
			return err
		}
		if staff, err := c.isStaff(ctx, a, in.Name); err != nil {
			return err
		} else if staff {
			return invalid("name", consult.CodeConsentStaff)
		}
		picture, err := s.storePicture(ctx, c, a, "SIGNATURE", ink)
		if err != nil {
			return err
		}
		c.v.SignerKind, c.v.SignatureID = string(in.Kind), &picture
		c.v.SignerNameEnc = s.sealText("home_visits", "signer_name_enc", id, in.Name)
		if err := c.event(ctx, "SIGNED_FOR", "", "", map[string]any{"kind": in.Kind, "attachmentId": picture}); err != nil {
			return err
		}
		if !done {
			return nil
		}
		if err := c.save(ctx); err != nil { // before it is judged
			return err
		}
		return s.care.VisitProved(ctx, c.q, a, *c.v.ConsultationID, picture, ink.SHA256, c.now)
	})
	return s.reload(ctx, a, id, err)
}

// isStaff: the name is that of who leads the visit, goes along, or asks. The resident or the family signs, not who visited.
func (c *change) isStaff(ctx context.Context, a identity.Actor, name string) (bool, error) {
	var ids []uuid.UUID
	for _, p := range []*uuid.UUID{c.v.LeadID, c.v.SecondID} {
		if p != nil {
			ids = append(ids, *p)
		}
	}
	people, err := c.q.NamesOf(ctx, ids)
	if err != nil {
		return false, fmt.Errorf("who goes: %w", err)
	}
	same := func(other string) bool {
		return strings.Join(strings.Fields(name), "") == strings.Join(strings.Fields(other), "")
	}
	for _, p := range people {
		if same(p.DisplayName) {
			return true, nil
		}
	}
	return same(a.Name), nil
}

func (s *Service) storePicture(ctx context.Context, c *change, a identity.Actor, kind string, p care.Picture) (uuid.UUID, error) {
	id := newID()
	if err := c.q.PutBlob(ctx, db.PutBlobParams{Key: id.String(), Content: s.keep.Seal("blobs", "content", id, p.Content)}); err != nil {
		return id, fmt.Errorf("store the picture: %w", err)
	}
	if err := c.q.AddVisitAttachment(ctx, db.AddVisitAttachmentParams{ID: id, OrganisationID: c.v.ResidentOrgID, ResidentID: &c.v.ResidentID, VisitID: c.v.ID, Kind: kind,
		ContentType: p.ContentType, Size: int32(len(p.Content)), Width: int32(p.Width), Height: int32(p.Height), Sha256: p.SHA256[:], BlobKey: id.String(), CreatedBy: a.UserID, Now: c.now}); err != nil {
		return id, fmt.Errorf("store the picture: %w", err)
	}
	return id, nil
}

// AddVisitPhoto stores one picture of the visit, as care.AddPhoto does for a consultation; at is when the device took it, nil: now.
func (s *Service) AddVisitPhoto(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, at *time.Time, in io.Reader) (contract.Attachment, error) {
	if err := require(a, goers()...); err != nil {
		return contract.Attachment{}, err
	}
	q := s.st.Q()
	v, err := q.VisitByID(ctx, id) // asked before the work of decoding, and again under the lock
	if err := one(err, "the visit"); err != nil {
		return contract.Attachment{}, err
	}
	if sees, err := s.see(ctx, q, a, v); err != nil {
		return contract.Attachment{}, err
	} else if !sees.any() {
		return contract.Attachment{}, problem.NotFound()
	} else if !sees.goes {
		return contract.Attachment{}, problem.Forbidden()
	}
	picture, err := s.care.Photo(ctx, in)
	if err != nil {
		return contract.Attachment{}, err
	}
	err = s.onVisit(ctx, a, cmd, "addVisitPhoto", id, picture.SHA256, func(c *change) error {
		if !c.sight.goes {
			return problem.Forbidden()
		}
		if !writable(c.v) {
			return c.conflict("no_longer_editable", nil)
		}
		photos, err := c.q.VisitPhotos(ctx, id)
		if err != nil {
			return fmt.Errorf("photos: %w", err)
		}
		if len(photos) >= mostPhotos {
			return problem.New(http.StatusUnprocessableEntity, "too_many", problem.Args{"max": strconv.Itoa(mostPhotos)})
		}
		if _, err := c.device(at, c.v.ArrivedAt); err != nil {
			return err
		}
		stored, err := s.storePicture(ctx, c, a, "PHOTO", picture)
		if err != nil {
			return err
		}
		return c.event(ctx, "PHOTO_ADDED", "", "", map[string]any{"attachmentId": stored})
	})
	if err != nil {
		return contract.Attachment{}, s.lost(ctx, a, id, err)
	}
	photos, err := s.st.Q().VisitPhotos(ctx, id)
	if err != nil {
		return contract.Attachment{}, fmt.Errorf("photos: %w", err)
	}
	for _, p := range slices.Backward(photos) {
		if string(p.Sha256) == string(picture.SHA256[:]) {
			return attachmentView(p), nil
		}
	}
	return contract.Attachment{}, problem.NotFound()
}

// SignVisit signs the record of who leads the visit: the password again and the second factor of who has one or has to have one, gaps refused
// with a field each. The visit becomes a consultation of mode VISIT with this report. Errors: 422 visit_incomplete with fields,
// second_factor_required, second_factor_not_enrolled and those of the proof, 409 revision_stale.
func (s *Service) SignVisit(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.SignVisitRequest) (contract.Visit, error) {
	if err := require(a, goers()...); err != nil {
		return contract.Visit{}, err
	}
	v, err := s.st.Q().VisitByID(ctx, id)
	if err := one(err, "the visit"); err != nil {
		return contract.Visit{}, err
	}
	if sees, err := s.see(ctx, s.st.Q(), a, v); err != nil {
		return contract.Visit{}, err
	} else if !sees.any() {
		return contract.Visit{}, problem.NotFound()
	}
	if err := s.id.VerifyPassword(ctx, a, in.Password); err != nil {
		return contract.Visit{}, err
	}
	// A code is used up by being checked: not for what is refused anyway, nor again for a command that was carried out.
	var used care.FactorUse
	if v.State == string(consult.VisitLeft) {
		ready, err := s.signable(v, a, in.Revision)
		if err != nil {
			return contract.Visit{}, err
		}
		if ready {
			if used, err = s.care.VisitFactor(ctx, a, in.Proof); err != nil {
				return contract.Visit{}, err
			}
		}
	}
	in.Password, in.Proof = "", nil // no trace of them in the hash of the request
	err = s.onVisit(ctx, a, cmd, "signVisit", id, in, func(c *change) error {
		if c.v.LeadID == nil || *c.v.LeadID != a.UserID || !c.sight.goes {
			return problem.Forbidden()
		}
		if c.v.State == string(consult.VisitLeft) && int(c.v.RecordRevision) != in.Revision {
			return c.recordStale()
		}
		content, err := s.openRecord(c.v)
		if err != nil {
			return err
		}
		if c.v.State == string(consult.VisitLeft) {
			if err := complete(content); err != nil {
				return err
			}
			if err := checkNext(c.v, *content); err != nil {
				return err
			}
			if !used.Asked() { // it was not to be signed a moment ago
				return problem.New(http.StatusUnprocessableEntity, "second_factor_required", nil)
			}
		}
		return c.sign(ctx, a, content, used)
	})
	return s.reload(ctx, a, id, err)
}

// signable says whether the lead could sign the record as it stands, and what is missing in it. Who may not is refused under the lock.
func (s *Service) signable(v db.HomeVisit, a identity.Actor, revision int) (bool, error) {
	if v.LeadID == nil || *v.LeadID != a.UserID || int(v.RecordRevision) != revision {
		return false, nil
	}
	content, err := s.openRecord(v)
	if err != nil {
		return false, err
	}
	if err := complete(content); err != nil {
		return false, err
	}
	return true, checkNext(v, *content)
}

// complete refuses a record without what a reader needs: findings, a diagnosis where a doctor visited, what was done or advised, the outcome.
func complete(in *contract.VisitRecordContent) error {
	var fields []problem.Field
	add := func(path string) { fields = append(fields, problem.Field{Path: path, Code: "required"}) }
	if in == nil {
		in = &contract.VisitRecordContent{}
	}
	if strings.TrimSpace(value(in.Findings)) == "" {
		add("findings")
	}
	if strings.TrimSpace(value(in.Done)) == "" && len(value(in.Advice)) == 0 {
		add("done")
	}
	if in.Outcome == nil {
		add("outcome")
	}
	for i, d := range value(in.Diagnoses) {
		if strings.TrimSpace(d.Text) == "" {
			add("diagnoses/" + strconv.Itoa(i) + "/text")
		}
	}
	if len(fields) == 0 {
		return nil
	}
	p := problem.New(http.StatusUnprocessableEntity, "visit_incomplete", nil)
	p.Fields = fields
	return p
}

func (c *change) sign(ctx context.Context, a identity.Actor, content *contract.VisitRecordContent, used care.FactorUse) error {
	record := newID()
	if err := c.step(ctx, consult.VisitSign, "", map[string]any{"consultationId": record}); err != nil {
		return err
	}
	if content.NextOn != nil {
		next := content.NextOn.Time
		c.v.NextOn = &next
	}
	reason, err := c.s.openText("home_visits", "reason_enc", c.v.ID, c.v.ReasonEnc)
	if err != nil {
		return err
	}
	c.v.ConsultationID = &record
	photos, err := c.q.VisitPhotos(ctx, c.v.ID)
	if err != nil {
		return fmt.Errorf("photos: %w", err)
	}
	entry := care.VisitEntry{ID: record, Visit: c.v, Author: a, Reason: reason, Content: *content, Vitals: vitalsOf(value(content.Vitals)), Pictures: photos, Factor: used, Now: c.now}
	// The consultation comes first: the visit refers to it. The visit is saved before it is judged, since what counts is read from it.
	return c.s.care.EnterVisit(ctx, c.q, entry, func() error { return c.save(ctx) })
}
