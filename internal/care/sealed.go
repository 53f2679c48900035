package care

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// sealedPiece is one thing that was sealed, with the digest of what it held.
type sealedPiece struct {
	Kind   string    `json:"kind"` // REPORT, ADOPTION, CONSENT, ATTACHMENT, VITALS, MESSAGES, EVENTS
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Digest string    `json:"digest"` // SHA-256, hex
}

// sealedList is what the system's seal is put on.
type sealedList struct {
	ConsultationID string        `json:"consultation_id"`
	Serial         string        `json:"serial"`
	SealedAt       time.Time     `json:"sealed_at"`
	Pieces         []sealedPiece `json:"pieces"`
}

// SealRecord closes a record in a dispute (封存): in the presence of both sides, who are named, with a reason. From then on
// nothing of it is changed or added; what it held is listed with digests under the system's seal. A record in follow-up is
// archived first. Errors: 422 wrong_password and the fields, 409 transition_not_allowed.
func (s *Service) SealRecord(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.SealRequest) (contract.Consultation, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.Consultation{}, err
	}
	var f form
	reason, institution, other := f.text("reason", in.Reason, 1, 500), f.text("institutionSide", in.InstitutionSide, 1, 100), f.text("otherSide", in.OtherSide, 1, 100)
	relation := f.text("otherRelation", in.OtherRelation, 1, 50)
	if err := s.personAgain(ctx, a, id, in.Password, administrators); err != nil {
		return contract.Consultation{}, err
	}
	if err := f.err(); err != nil {
		return contract.Consultation{}, err
	}
	in.Password = ""
	err := s.onConsultation(ctx, a, &cmd, "sealRecord", id, in, administrators, func(ch *change) error {
		ch.role = RoleInstAdmin
		if ch.c.State == string(consult.StateFollowUp) {
			if err := ch.step(ctx, consult.ActArchive, consult.RoleInstAdmin, "", nil); err != nil {
				return err
			}
		}
		if err := ch.step(ctx, consult.ActSeal, consult.RoleInstAdmin, reason, nil); err != nil {
			return err
		}
		if err := ch.settle(ctx); err != nil { // the list holds the events up to the sealing
			return err
		}
		list, err := s.whatIsSealed(ctx, ch)
		if err != nil {
			return err
		}
		doc, err := s.signDocument(ctx, a.UserID, list)
		if err != nil {
			return err
		}
		row := newID()
		if err := ch.q.AddSeal(ctx, db.AddSealParams{ID: row, ConsultationID: ch.c.ID, ReasonEnc: s.sealText("seals", "reason_enc", row, reason),
			InstitutionSideEnc: s.sealText("seals", "institution_side_enc", row, institution), OtherSideEnc: s.sealText("seals", "other_side_enc", row, other),
			OtherRelation: relation, ListEnc: s.keep.Seal("seals", "list_enc", row, doc.canonical), Digest: doc.digest, Seal: doc.signature, SealKid: doc.keyID,
			Pieces: int32(len(list.Pieces)), SealedBy: a.UserID, Now: ch.now}); err != nil {
			return fmt.Errorf("seal: %w", err)
		}
		return nil
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// whatIsSealed lists the pieces of a record with their digests.
func (s *Service) whatIsSealed(ctx context.Context, ch *change) (sealedList, error) {
	list := sealedList{ConsultationID: ch.c.ID.String(), Serial: ch.c.Serial, SealedAt: ch.now.UTC().Truncate(time.Millisecond), Pieces: []sealedPiece{}}
	add := func(kind string, id uuid.UUID, at time.Time, digest []byte) {
		list.Pieces = append(list.Pieces, sealedPiece{Kind: kind, ID: id.String(), At: at.UTC().Truncate(time.Millisecond), Digest: hex.EncodeToString(digest)})
	}
	reports, err := ch.q.CaseReports(ctx, ch.c.ID)
	if err != nil {
		return list, fmt.Errorf("reports: %w", err)
	}
	for _, r := range reports {
		add("REPORT", r.ID, r.SignedAt, r.Digest)
	}
	adoptions, err := ch.q.CaseAdoptions(ctx, ch.c.ID)
	if err != nil {
		return list, fmt.Errorf("adoptions: %w", err)
	}
	for _, r := range adoptions {
		add("ADOPTION", r.ID, r.SignedAt, r.Digest)
	}
	if ch.c.ConsentID != nil {
		consent, err := ch.q.ConsentByID(ctx, *ch.c.ConsentID)
		if err != nil {
			return list, fmt.Errorf("consent: %w", err)
		}
		add("CONSENT", consent.ID, consent.SignedAt, consent.TextHash)
	}
	photos, err := ch.q.CasePhotos(ctx, &ch.c.ID)
	if err != nil {
		return list, fmt.Errorf("photos: %w", err)
	}
	for _, p := range photos {
		add("ATTACHMENT", p.ID, p.CreatedAt, p.Sha256)
	}
	vitals, err := ch.q.CaseVitals(ctx, &ch.c.ID)
	if err != nil {
		return list, fmt.Errorf("vitals: %w", err)
	}
	messages, err := ch.q.CaseMessages(ctx, ch.c.ID)
	if err != nil {
		return list, fmt.Errorf("messages: %w", err)
	}
	words := make([]string, len(messages))
	for i, m := range messages {
		if words[i], err = s.openText("chat_messages", "body_enc", m.ID, m.BodyEnc); err != nil {
			return list, err
		}
	}
	events, err := ch.q.CaseEvents(ctx, ch.c.ID)
	if err != nil {
		return list, fmt.Errorf("events: %w", err)
	}
	for _, part := range []struct {
		kind string
		of   any
		n    int
	}{{"VITALS", vitals, len(vitals)}, {"MESSAGES", words, len(words)}, {"EVENTS", events, len(events)}} {
		if part.n == 0 {
			continue
		}
		raw, err := json.Marshal(part.of)
		if err != nil {
			return list, fmt.Errorf("seal: %w", err)
		}
		sum := sha256.Sum256(raw)
		add(part.kind, ch.c.ID, ch.now, sum[:])
	}
	return list, nil
}

// UnsealRecord opens a sealed record by rule (医疗纠纷预防和处理条例 24): three years without a claim, both sides present, or an
// order. Errors: 422 unseal_too_early and unseal_basis, 409 transition_not_allowed.
func (s *Service) UnsealRecord(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.UnsealRequest) (contract.Consultation, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.Consultation{}, err
	}
	var f form
	f.code("basis", consult.VocabUnsealBasis, in.Basis)
	institution, other := f.text("institutionSide", value(in.InstitutionSide), 0, 100), f.text("otherSide", value(in.OtherSide), 0, 100)
	order, note := f.text("order", value(in.Order), 0, 100), f.text("note", value(in.Note), 0, 500)
	if err := s.personAgain(ctx, a, id, in.Password, administrators); err != nil {
		return contract.Consultation{}, err
	}
	if err := f.err(); err != nil {
		return contract.Consultation{}, err
	}
	in.Password = ""
	err := s.onConsultation(ctx, a, &cmd, "unsealRecord", id, in, administrators, func(ch *change) error {
		ch.role = RoleInstAdmin
		row, err := ch.q.OpenSeal(ctx, ch.c.ID)
		if store.IsNone(err) {
			return ch.conflict(ctx, consult.CodeTransition, problem.Args{"state": ch.c.State, "action": string(consult.ActUnseal)})
		}
		if err != nil {
			return fmt.Errorf("seal: %w", err)
		}
		err = consult.CheckUnseal(consult.Unsealing{Basis: consult.UnsealBasis(in.Basis), SealedAt: row.SealedAt, At: ch.now, InstitutionSide: institution,
			OtherSide: other, Order: order})
		if err != nil {
			return onField(err, "basis")
		}
		if err := ch.step(ctx, consult.ActUnseal, consult.RoleInstAdmin, in.Basis, map[string]any{"basis": in.Basis}); err != nil {
			return err
		}
		words, err := json.Marshal(unsealing{InstitutionSide: institution, OtherSide: other, Order: order, Note: note})
		if err != nil {
			return fmt.Errorf("unseal: %w", err)
		}
		if err := ch.q.Unseal(ctx, db.UnsealParams{ID: row.ID, Basis: in.Basis, NoteEnc: s.keep.Seal("seals", "unseal_note_enc", row.ID, words),
			UnsealedBy: &a.UserID, Now: &ch.now}); err != nil {
			return fmt.Errorf("unseal: %w", err)
		}
		return nil
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// unsealing is who was present and on what a record was opened.
type unsealing struct {
	InstitutionSide, OtherSide, Order, Note string
}

// ListSealed gives the records of the administrator's organisations that are or were sealed, newest first, names masked.
func (s *Service) ListSealed(ctx context.Context, a identity.Actor) ([]contract.SealedRecord, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return nil, err
	}
	q := s.st.Q()
	rows, err := q.SealedOf(ctx, a.Organisations(RoleInstAdmin))
	if err != nil {
		return nil, fmt.Errorf("sealed records: %w", err)
	}
	out := []contract.SealedRecord{}
	for _, r := range rows {
		name, err := s.openText("residents", "name_enc", r.ResidentID, r.NameEnc)
		if err != nil {
			return nil, err
		}
		view, err := s.sealView(r.Seal, r.SealedByName, r.UnsealedByName)
		if err != nil {
			return nil, err
		}
		out = append(out, contract.SealedRecord{ConsultationId: r.Seal.ConsultationID, Serial: r.Serial, ResidentName: consult.MaskName(name),
			Institution: r.Institution, Seal: view})
	}
	return out, nil
}

// seals shows the sealings of a record: to the inviting side, to the administrators of both, and to the doctor.
func (b *caseView) seals(ctx context.Context) error {
	rows, err := b.q.SealsOf(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("seals: %w", err)
	}
	if len(rows) == 0 || !b.v.admin && !b.named() {
		return nil
	}
	list := make([]contract.RecordSeal, len(rows))
	for i, r := range rows {
		if list[i], err = b.s.sealView(r.Seal, r.SealedByName, r.UnsealedByName); err != nil {
			return err
		}
	}
	b.out.Seals = &list
	return nil
}

func (s *Service) sealView(r db.Seal, by, openedBy string) (contract.RecordSeal, error) {
	out := contract.RecordSeal{Id: r.ID, SealedAt: r.SealedAt.UTC(), SealedBy: by, OtherRelation: r.OtherRelation, Digest: hex.EncodeToString(r.Digest),
		UnsealBasis: some(r.UnsealBasis), UnsealedAt: utc(r.UnsealedAt), UnsealedBy: some(openedBy), Pieces: []contract.SealedPiece{}}
	for _, text := range []struct {
		column string
		sealed []byte
		to     *string
	}{{"reason_enc", r.ReasonEnc, &out.Reason}, {"institution_side_enc", r.InstitutionSideEnc, &out.InstitutionSide}, {"other_side_enc", r.OtherSideEnc, &out.OtherSide}} {
		open, err := s.openText("seals", text.column, r.ID, text.sealed)
		if err != nil {
			return out, err
		}
		*text.to = open
	}
	canonical, err := s.keep.Open("seals", "list_enc", r.ID, r.ListEnc)
	if err != nil {
		return out, fmt.Errorf("open the sealed list: %w", err)
	}
	var list sealedList
	if err := json.Unmarshal(canonical, &list); err != nil {
		return out, fmt.Errorf("open the sealed list: %w", err)
	}
	for _, p := range list.Pieces {
		out.Pieces = append(out.Pieces, contract.SealedPiece{Kind: p.Kind, Digest: p.Digest, At: p.At})
	}
	sum := sha256.Sum256(canonical)
	if !slices.Equal(sum[:], r.Digest) || s.keep.VerifySeal(r.SealKid, r.Digest, r.Seal) != nil {
		return out, fmt.Errorf("seal %s: the list does not fit its seal", r.ID)
	}
	if r.UnsealNoteEnc != nil {
		raw, err := s.keep.Open("seals", "unseal_note_enc", r.ID, r.UnsealNoteEnc)
		if err != nil {
			return out, fmt.Errorf("open the unsealing: %w", err)
		}
		var u unsealing
		if err := json.Unmarshal(raw, &u); err != nil {
			return out, fmt.Errorf("open the unsealing: %w", err)
		}
		out.UnsealPresent, out.UnsealOrder, out.UnsealNote = some(joinWords(u.InstitutionSide, u.OtherSide)), some(u.Order), some(u.Note)
	}
	return out, nil
}

func joinWords(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + "、" + b
}
