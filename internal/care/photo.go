package care

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// AddPhoto stores one picture of the case, decoded, turned upright, scaled to 2048 px and encoded anew, so that position and
// other metadata are gone. It is read and decoded before any lock is taken. Errors: those of readPhoto and decodePhoto, 422 too_many.
func (s *Service) AddPhoto(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in io.Reader) (contract.Attachment, error) {
	const operation = "addPhoto"
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Attachment{}, err
	}
	// Asked before the work of decoding, so that a stranger cannot make the server do it; asked again under the lock.
	if now, err := s.clock(ctx, s.st.Q()); err != nil {
		return contract.Attachment{}, err
	} else if _, v, err := s.readConsultation(ctx, s.st.Q(), a, id, now); err != nil {
		return contract.Attachment{}, err
	} else if !bedside(v) {
		return contract.Attachment{}, problem.Forbidden()
	}
	raw, err := readPhoto(in)
	if err != nil {
		return contract.Attachment{}, err
	}
	photo, err := s.inPlace(ctx, raw, decodePhoto)
	if err != nil {
		return contract.Attachment{}, err
	}
	var stored db.Attachment
	request := struct {
		ID     uuid.UUID
		SHA256 [32]byte
	}{id, photo.sha256}
	err = errTwin
	for try := 0; try < 2 && errors.Is(err, errTwin); try++ {
		err = s.st.Tx(ctx, func(q *db.Queries) error {
			c, v, now, err := s.lockConsultation(ctx, q, (*db.Queries).LockConsultation, a, id)
			if err != nil {
				return err
			}
			if !bedside(v) {
				return problem.Forbidden()
			}
			done, object, err := s.once(ctx, q, a, cmd, operation, request)
			if err != nil {
				return err
			}
			if done {
				stored, err = q.AttachmentByID(ctx, value(object))
				return err
			}
			ch := s.change(q, c, v, now, a)
			if !editable(consult.State(c.State)) {
				return ch.conflict(ctx, "no_longer_editable", nil)
			}
			n, err := q.CountPhotos(ctx, &c.ID)
			if err != nil {
				return fmt.Errorf("count the photos: %w", err)
			}
			if n >= maxPhotosPerCase {
				return problem.New(http.StatusUnprocessableEntity, "too_many", problem.Args{"max": fmt.Sprint(maxPhotosPerCase)})
			}
			if stored, err = s.storePicture(ctx, ch, a, "PHOTO", photo); err != nil {
				return err
			}
			ch.touch("photos")
			if err := ch.record(ctx, eventPhotoAdded, map[string]any{"attachmentId": stored.ID}); err != nil {
				return err
			}
			if err := s.answered(ctx, q, a, cmd, operation, request, stored.ID); err != nil {
				if isTwin(err) {
					return errTwin
				}
				return err
			}
			return ch.commit(ctx)
		})
	}
	if err != nil {
		return contract.Attachment{}, err
	}
	return attachmentView(stored), nil
}

// storePicture seals a picture into the blobs and makes its row.
func (s *Service) storePicture(ctx context.Context, ch *change, a identity.Actor, kind string, p picture) (db.Attachment, error) {
	id := newID()
	key := id.String()
	if err := ch.q.PutBlob(ctx, db.PutBlobParams{Key: key, Content: s.keep.Seal("blobs", "content", id, p.content)}); err != nil {
		return db.Attachment{}, fmt.Errorf("store the picture: %w", err)
	}
	row := db.Attachment{ID: id, OrganisationID: ch.c.InvitingOrgID, ResidentID: &ch.c.ResidentID, ConsultationID: &ch.c.ID, Kind: kind,
		ContentType: p.contentType, Size: int32(len(p.content)), Width: int32(p.width), Height: int32(p.height), Sha256: p.sha256[:],
		BlobKey: key, CreatedBy: a.UserID, CreatedAt: ch.now}
	err := ch.q.AddAttachment(ctx, db.AddAttachmentParams{ID: id, OrganisationID: row.OrganisationID, ResidentID: row.ResidentID,
		ConsultationID: row.ConsultationID, Kind: kind, ContentType: row.ContentType, Size: row.Size, Width: row.Width, Height: row.Height,
		Sha256: row.Sha256, BlobKey: key, CreatedBy: a.UserID, Now: ch.now})
	if err != nil {
		return db.Attachment{}, fmt.Errorf("store the picture: %w", err)
	}
	return row, nil
}

func attachmentView(r db.Attachment) contract.Attachment {
	sum := hex.EncodeToString(r.Sha256)
	return contract.Attachment{Id: r.ID, Kind: contract.AttachmentKind(r.Kind), ContentType: r.ContentType, Size: int(r.Size),
		Width: int(r.Width), Height: int(r.Height), Sha256: &sum, CreatedAt: r.CreatedAt.UTC()}
}

// GetAttachment opens a picture for somebody who may see what it belongs to: the resident's own institution, or a doctor
// through a consultation that he may see. Administrators see no pictures.
func (s *Service) GetAttachment(ctx context.Context, a identity.Actor, id uuid.UUID) (string, []byte, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleConsultant, string(consult.RoleFamilyDoctor)); err != nil {
		return "", nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return "", nil, err
	}
	row, err := q.AttachmentByID(ctx, id)
	if store.IsNone(err) {
		return "", nil, problem.NotFound()
	}
	if err != nil {
		return "", nil, fmt.Errorf("attachment: %w", err)
	}
	role, err := s.attachmentRole(ctx, q, a, row, now.UTC())
	if err != nil {
		return "", nil, err
	}
	sealed, err := q.GetBlob(ctx, row.BlobKey)
	if err != nil {
		return "", nil, fmt.Errorf("content of the attachment: %w", err)
	}
	content, err := s.keep.Open("blobs", "content", row.ID, sealed)
	if err != nil {
		return "", nil, fmt.Errorf("content of the attachment: %w", err)
	}
	if err := s.logAccess(ctx, q, a, role, "getAttachment", "attachment", row.ID); err != nil {
		return "", nil, err
	}
	return row.ContentType, content, nil
}
