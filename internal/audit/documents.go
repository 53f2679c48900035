package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// document is one signed report or adoption.
type document struct {
	table, noun  string
	id           uuid.UUID
	sealed       []byte
	digest, seal []byte
	kid          string
}

// documents proves the digest and the seal of each signed report and adoption.
func (v *verification) documents(ctx context.Context) error {
	for after := uuid.Nil; ; {
		list, err := v.q.ReportsAfter(ctx, db.ReportsAfterParams{After: after, Batch: page})
		if err != nil {
			return err
		}
		for _, r := range list {
			v.report(r)
			after = r.ID
		}
		if len(list) < page {
			break
		}
	}
	for after := uuid.Nil; ; {
		list, err := v.q.AdoptionsAfter(ctx, db.AdoptionsAfterParams{After: after, Batch: page})
		if err != nil {
			return err
		}
		for _, a := range list {
			v.adoption(a)
			after = a.ID
		}
		if len(list) < page {
			return nil
		}
	}
}

func (v *verification) report(r db.Report) {
	v.document(document{"reports", "signed report", r.ID, r.ContentEnc, r.Digest, r.Seal, r.SealKid})
}

func (v *verification) adoption(a db.Adoption) {
	v.document(document{"adoptions", "signed adoption", a.ID, a.ContentEnc, a.Digest, a.Seal, a.SealKid})
}

func (v *verification) document(d document) {
	v.out.Checked["seal"]++
	f := Fault{Kind: d.table, Object: d.id.String()}
	plain, err := v.keep.Open(d.table, "content_enc", d.id, d.sealed)
	sum := sha256.Sum256(plain)
	switch {
	case err != nil:
		f.Code, f.What = FaultUnreadable, fmt.Sprintf("the %s %s %v", d.noun, d.id, errUnreadable)
	case !bytes.Equal(sum[:], d.digest):
		f.Code, f.What = FaultDigest, fmt.Sprintf("the %s %s is not what its digest says", d.noun, d.id)
	case v.keep.VerifySeal(d.kid, d.digest, d.seal) != nil:
		f.Code, f.What = FaultSeal, fmt.Sprintf("the system's seal of the %s %s does not fit", d.noun, d.id)
	default:
		return
	}
	v.fault(f)
}

// filesAtOnce is how many stored files are in memory at a time.
const filesAtOnce = 16

// files opens each stored file and compares it with what its row says.
func (v *verification) files(ctx context.Context) error {
	for after := uuid.Nil; ; {
		list, err := v.q.AttachmentBlobs(ctx, db.AttachmentBlobsParams{After: after, Batch: filesAtOnce})
		if err != nil {
			return err
		}
		for _, a := range list {
			after = a.ID
			v.file(a)
		}
		if len(list) < filesAtOnce {
			return nil
		}
	}
}

// file opens one stored file.
func (v *verification) file(a db.AttachmentBlobsRow) {
	v.out.Checked["file"]++
	f := Fault{Code: FaultFile, Kind: "attachment", Object: a.ID.String()}
	if a.Content == nil {
		f.What = fmt.Sprintf("the file of attachment %s is not there", a.ID)
		v.fault(f)
		return
	}
	plain, err := v.keep.Open("blobs", "content", a.ID, a.Content)
	sum := sha256.Sum256(plain)
	switch {
	case err != nil:
		f.What = fmt.Sprintf("the file of attachment %s %v", a.ID, errUnreadable)
	case !bytes.Equal(sum[:], a.Sha256):
		f.What = fmt.Sprintf("the file of attachment %s is not the one that was stored", a.ID)
	default:
		return
	}
	v.fault(f)
}
