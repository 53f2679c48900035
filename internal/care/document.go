package care

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Scanner is asked whether a file is infected before it is stored.
type Scanner interface {
	Scan(ctx context.Context, content []byte) (infected bool, err error)
}

// FirstPager draws the first page of a PDF as a picture.
type FirstPager interface {
	FirstPage(ctx context.Context, pdf []byte) (jpeg []byte, err error)
}

const (
	maxDocumentsPerCase = 30
	thumbnailSide       = 320
	thumbnailQuality    = 75
	pdfTail             = 2048 // bytes at the end in which a PDF says that it is whole
)

// document is a file that was looked at: a picture encoded anew, or bytes whose content is what its type says.
type document struct {
	picture
	thumbnail []byte
	scanState string
	scannedAt *time.Time
}

// documentsTakable: from the draft until the record is closed, as long as a consent may be taken or the case be changed.
func documentsTakable(c db.Consultation) bool {
	return editable(consult.State(c.State)) || consentTakableOf(c)
}

// AddDocument stores one file of the case: a document, the scan of a signed consent, or the recording of a spoken one. Its type is
// judged by its content; pictures are decoded and encoded anew, so that nothing of the original file is left; a PDF that carries
// programs or files is refused. It is read, judged and scanned before any lock is taken. Errors: 413 body_too_large, 415
// document_format, 422 picture_broken, picture_too_large, document_active, document_infected, too_many, 503 scan_unavailable.
func (s *Service) AddDocument(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.AddDocumentParams, body io.Reader) (contract.Document, error) {
	const operation = "addDocument"
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Document{}, err
	}
	kind, category := string(in.Kind), ""
	if kind == "DOCUMENT" {
		category = value(in.Category)
		if _, ok := consult.Lookup(consult.VocabDocumentCategory, category); !ok {
			return contract.Document{}, problem.Invalid(problem.Field{Path: "category", Code: "wrong_value"})
		}
	}
	if now, err := s.clock(ctx, s.st.Q()); err != nil {
		return contract.Document{}, err
	} else if _, v, err := s.readConsultation(ctx, s.st.Q(), a, id, now); err != nil {
		return contract.Document{}, err
	} else if !bedside(v) {
		return contract.Document{}, problem.Forbidden()
	}
	file, err := s.readDocument(ctx, kind, body)
	if err != nil {
		return contract.Document{}, err
	}
	request := struct {
		ID             uuid.UUID
		Kind, Category string
		SHA256         [32]byte
	}{id, kind, category, file.sha256}
	stored := newID()
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
				stored = value(object)
				return nil
			}
			ch := s.change(q, c, v, now, a)
			if !documentsTakable(c) {
				return ch.conflict(ctx, "no_longer_editable", nil)
			}
			if err := ch.atMost(maxDocumentsPerCase, func() (int64, error) { return q.CountDocuments(ctx, &c.ID) }); err != nil {
				return err
			}
			if err := s.storeDocument(ctx, ch, a, stored, kind, category, file); err != nil {
				return err
			}
			ch.touch("photos")
			if err := ch.record(ctx, eventDocumentAdded, map[string]any{"attachmentId": stored, "kind": kind, "category": category}); err != nil {
				return err
			}
			if err := s.answered(ctx, q, a, cmd, operation, request, stored); err != nil {
				if isTwin(err) {
					return errTwin
				}
				return err
			}
			return ch.commit(ctx)
		})
	}
	if err != nil {
		return contract.Document{}, err
	}
	row, err := s.st.Q().AttachmentByID(ctx, stored)
	if err := one(err, "the document"); err != nil {
		return contract.Document{}, err
	}
	return documentView(row, a.Name), nil
}

// readDocument reads, judges and scans a file.
func (s *Service) readDocument(ctx context.Context, kind string, body io.Reader) (document, error) {
	raw, err := readPhoto(body)
	if err != nil {
		return document{}, err
	}
	out := document{scanState: "OFF"}
	if s.scanner != nil {
		infected, err := s.scanner.Scan(ctx, raw)
		switch {
		case err != nil:
			return out, problem.New(http.StatusServiceUnavailable, "scan_unavailable", nil).Because(err)
		case infected:
			return out, problem.New(http.StatusUnprocessableEntity, "document_infected", nil)
		}
		now, err := s.instant(ctx)
		if err != nil {
			return out, err
		}
		out.scanState, out.scannedAt = "CLEAN", &now
	}
	if kind == "CONSENT_RECORDING" {
		contentType := recordingType(raw)
		if contentType == "" {
			return out, problem.New(http.StatusUnsupportedMediaType, "recording_format", nil)
		}
		out.picture = picture{contentType: contentType, content: raw, sha256: sha256.Sum256(raw)}
		return out, nil
	}
	if bytes.HasPrefix(raw, []byte("%PDF-")) {
		if err := checkPDF(raw); err != nil {
			return out, err
		}
		out.picture = picture{contentType: "application/pdf", content: raw, sha256: sha256.Sum256(raw)}
		out.thumbnail = s.firstPage(ctx, raw)
		return out, nil
	}
	if decode, _ := decoderOf(raw); decode == nil {
		return out, problem.New(http.StatusUnsupportedMediaType, "document_format", nil)
	}
	if out.picture, err = s.inPlace(ctx, raw, decodePhoto); err != nil {
		return out, err
	}
	out.thumbnail, err = thumbnailOf(out.picture)
	return out, err
}

// recordingType judges a recording by its first bytes.
func recordingType(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte("\x1a\x45\xdf\xa3")):
		return "video/webm"
	case bytes.HasPrefix(raw, []byte("OggS")):
		return "audio/ogg"
	case len(raw) > 12 && string(raw[4:8]) == "ftyp":
		return "video/mp4"
	}
	return ""
}

// checkPDF wants a whole PDF without programs and without files in it. Names inside compressed parts are not seen; therefore no
// page ever opens a PDF: it is handed over as a file.
func checkPDF(raw []byte) error {
	if !bytes.Contains(raw[max(0, len(raw)-pdfTail):], []byte("%%EOF")) {
		return problem.New(http.StatusUnprocessableEntity, "picture_broken", nil)
	}
	raw = unescapedNames(raw)
	for _, name := range []string{"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/RichMedia", "/XFA"} {
		for rest := raw; ; {
			i := bytes.Index(rest, []byte(name))
			if i < 0 {
				break
			}
			rest = rest[i+len(name):]
			if len(rest) == 0 || !isNameByte(rest[0]) {
				return problem.New(http.StatusUnprocessableEntity, "document_active", nil)
			}
		}
	}
	return nil
}

// unescapedNames writes #xx, with which a name may hide its letters (/J#53 is /JS), as the byte that it stands for.
func unescapedNames(raw []byte) []byte {
	if bytes.IndexByte(raw, '#') < 0 {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			if b, err := hex.DecodeString(string(raw[i+1 : i+3])); err == nil {
				out = append(out, b[0])
				i += 2
				continue
			}
		}
		out = append(out, raw[i])
	}
	return out
}

// isNameByte tells whether a byte goes on with a name of a PDF, so that /JSON is not taken for /JS.
func isNameByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '-' || b == '.'
}

// firstPage is the thumbnail of a PDF; nil where nobody draws it or it cannot be drawn, which is no reason to refuse the document. What was
// drawn is decoded and encoded anew like any other picture.
func (s *Service) firstPage(ctx context.Context, pdf []byte) []byte {
	if s.pages == nil {
		return nil
	}
	drawn, err := s.pages.FirstPage(ctx, pdf)
	if err != nil {
		return nil
	}
	page, err := s.inPlace(ctx, drawn, decodePhoto)
	if err != nil {
		return nil
	}
	small, err := thumbnailOf(page)
	if err != nil {
		return nil
	}
	return small
}

func thumbnailOf(p picture) ([]byte, error) {
	img, err := jpeg.Decode(bytes.NewReader(p.content))
	if err != nil {
		return nil, fmt.Errorf("thumbnail: %w", err)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, scaleDown(img, thumbnailSide), &jpeg.Options{Quality: thumbnailQuality}); err != nil {
		return nil, fmt.Errorf("thumbnail: %w", err)
	}
	return out.Bytes(), nil
}

// storeDocument seals the file and its thumbnail into the blobs and makes its row.
func (s *Service) storeDocument(ctx context.Context, ch *change, a identity.Actor, id uuid.UUID, kind, category string, file document) error {
	key, small := id.String(), ""
	if err := ch.q.PutBlob(ctx, db.PutBlobParams{Key: key, Content: s.keep.Seal("blobs", "content", id, file.content)}); err != nil {
		return fmt.Errorf("store the document: %w", err)
	}
	if file.thumbnail != nil {
		own := newID()
		small = own.String()
		if err := ch.q.PutBlob(ctx, db.PutBlobParams{Key: small, Content: s.keep.Seal("blobs", "content", own, file.thumbnail)}); err != nil {
			return fmt.Errorf("store the thumbnail: %w", err)
		}
	}
	err := ch.q.AddDocument(ctx, db.AddDocumentParams{ID: id, OrganisationID: ch.c.InvitingOrgID, ResidentID: &ch.c.ResidentID, ConsultationID: &ch.c.ID,
		Kind: kind, ContentType: file.contentType, Size: int32(len(file.content)), Width: int32(file.width), Height: int32(file.height),
		Sha256: file.sha256[:], BlobKey: key, CreatedBy: a.UserID, Now: ch.now, Category: category, ThumbnailKey: small,
		ScanState: file.scanState, ScannedAt: file.scannedAt})
	if err != nil {
		return fmt.Errorf("store the document: %w", err)
	}
	return nil
}

func documentView(r db.Attachment, by string) contract.Document {
	out := contract.Document{Id: r.ID, Kind: r.Kind, Category: r.Category, ContentType: r.ContentType, Size: int(r.Size), Sha256: hex.EncodeToString(r.Sha256),
		ScanState: contract.DocumentScanState(r.ScanState), CreatedAt: r.CreatedAt.UTC(), CreatedBy: by, HasThumbnail: some(r.ThumbnailKey != "")}
	if r.Width > 0 {
		w, h := int(r.Width), int(r.Height)
		out.Width, out.Height = &w, &h
	}
	return out
}

// GetThumbnail opens the small picture of an attachment, for who may see the attachment; 404 where there is none.
func (s *Service) GetThumbnail(ctx context.Context, a identity.Actor, id uuid.UUID) (string, []byte, error) {
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
	role, err := s.attachmentRole(ctx, q, a, row, now)
	if err != nil {
		return "", nil, err
	}
	if row.ThumbnailKey == "" {
		return "", nil, problem.NotFound()
	}
	sealed, err := q.GetBlob(ctx, row.ThumbnailKey)
	if err != nil {
		return "", nil, fmt.Errorf("thumbnail: %w", err)
	}
	own, err := uuid.Parse(row.ThumbnailKey)
	if err != nil {
		return "", nil, fmt.Errorf("thumbnail: %w", err)
	}
	content, err := s.keep.Open("blobs", "content", own, sealed)
	if err != nil {
		return "", nil, fmt.Errorf("thumbnail: %w", err)
	}
	if err := s.logAccess(ctx, q, a, role, "getAttachment", "attachment", row.ID); err != nil {
		return "", nil, err
	}
	return "image/jpeg", content, nil
}
