package care

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// maxEvidence is how many pieces of evidence one consultation may have.
const maxEvidence = 10

// AddEvidence enters evidence of a definite diagnosis in a physical institution (G-IH-03), with a photo of it. The doctor judges
// it before an online follow-up may start. Errors: 422 on the fields, too_many.
func (s *Service) AddEvidence(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EvidenceInput) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "addEvidence", id, in, bedside, func(ch *change) error {
		if !editable(consult.State(ch.c.State)) {
			return ch.conflict(ctx, "no_longer_editable", nil)
		}
		var f form
		f.code("type", consult.VocabEvidence, in.Type)
		institution := f.text("issuingInstitution", in.IssuingInstitution, 1, 100)
		if err := consult.CheckEvidence(s.codes(), dateOf(in.Dated), consult.DateOf(ch.now), in.DiagnosisCode); err != nil {
			path := "dated"
			if consult.Refusals(err)[0].Code == consult.CodeEvidenceNoCode {
				path = "diagnosisCode"
			}
			f.refuse(path, err)
		}
		if in.AttachmentId != nil {
			photo, err := ch.q.AttachmentByID(ctx, *in.AttachmentId)
			if err != nil && !store.IsNone(err) {
				return fmt.Errorf("attachment: %w", err)
			}
			if err != nil || photo.ConsultationID == nil || *photo.ConsultationID != ch.c.ID {
				f.add("attachmentId", "wrong_value")
			}
		}
		if err := f.err(); err != nil {
			return err
		}
		if err := ch.atMost(maxEvidence, func() (int64, error) { return ch.q.CountEvidence(ctx, ch.c.ID) }); err != nil {
			return err
		}
		row := newID()
		if err := ch.q.AddEvidence(ctx, db.AddEvidenceParams{ID: row, ConsultationID: ch.c.ID, ResidentID: ch.c.ResidentID, Type: in.Type,
			IssuingInstitution: institution, Dated: dateOf(in.Dated).Time(), DiagnosisCode: in.DiagnosisCode, AttachmentID: in.AttachmentId,
			AddedBy: a.UserID, Now: ch.now}); err != nil {
			return fmt.Errorf("evidence: %w", err)
		}
		ch.touch("request")
		return ch.record(ctx, eventEvidence, map[string]any{"evidenceId": row, "type": in.Type, "diagnosis": in.DiagnosisCode})
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// JudgeEvidence is the doctor's judgement (G-IH-03). Without a piece that qualifies an online follow-up does not start; the
// judgement may be changed until it has. Errors: 404 for a foreign piece, 409 epoch_stale and already_begun.
func (s *Service) JudgeEvidence(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EvidenceJudgement) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkLength("note", value(in.Note), 500); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "judgeEvidence", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		if !judgeable(ch.c) {
			return ch.conflict(ctx, consult.CodeBegun, nil)
		}
		n, err := ch.q.JudgeEvidence(ctx, db.JudgeEvidenceParams{ID: in.EvidenceId, ConsultationID: ch.c.ID, Decision: string(in.Decision), JudgedBy: &a.UserID,
			Now: &ch.now, NoteEnc: s.sealText("revisit_evidence", "note_enc", in.EvidenceId, value(in.Note))})
		if err != nil {
			return fmt.Errorf("judge: %w", err)
		}
		if n == 0 {
			return problem.NotFound()
		}
		rows, err := ch.q.EvidenceOf(ctx, ch.c.ID)
		if err != nil {
			return fmt.Errorf("evidence: %w", err)
		}
		ch.c.QualifiedAt = nil
		for _, r := range rows {
			if r.Decision == "QUALIFIED" {
				ch.c.QualifiedAt = r.JudgedAt
			}
		}
		if err := ch.q.SetQualified(ctx, db.SetQualifiedParams{ID: ch.c.ID, QualifiedAt: ch.c.QualifiedAt, Now: ch.now}); err != nil {
			return fmt.Errorf("judge: %w", err)
		}
		ch.touch("request")
		return ch.record(ctx, eventEvidenceJudged, map[string]any{"evidenceId": in.EvidenceId, "decision": string(in.Decision)})
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// judgeable: in the doctor's hands and not begun.
func judgeable(c db.Consultation) bool {
	switch consult.State(c.State) {
	case consult.StateAccepted, consult.StateScheduled, consult.StateWaiting:
		return c.StartedAt == nil
	}
	return false
}

// mayStart refuses the call of an online follow-up whose evidence was not judged as good (G-IH-03).
func mayStart(c db.Consultation) error {
	if c.ServiceType == string(consult.OnlineRevisit) && c.QualifiedAt == nil {
		return problem.New(http.StatusUnprocessableEntity, consult.CodeNotQualified, nil)
	}
	return nil
}

func (b *caseView) evidence(ctx context.Context) error {
	rows, err := b.q.EvidenceOf(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	var settings consult.Settings
	if len(rows) > 0 {
		if settings, err = b.s.RuleSettingsOf(ctx, b.q, b.c.InvitingOrgID); err != nil {
			return err
		}
	}
	list := make([]contract.Evidence, len(rows))
	for i, r := range rows {
		list[i] = contract.Evidence{Id: r.ID, Type: r.Type, IssuingInstitution: r.IssuingInstitution, Dated: dayOf(r.Dated), DiagnosisCode: r.DiagnosisCode,
			Diagnosis: some(b.s.codes().LabelAt(consult.VocabCondition, r.DiagnosisCode, lang(b.a), r.AddedAt)), AttachmentId: r.AttachmentID, Old: consult.EvidenceOld(consult.DateFromTime(r.Dated), consult.DateOf(b.now), settings),
			OldAfterMonths: consult.EvidenceMonths(settings),
			JudgedBy:       some(r.Judge), JudgedAt: utc(r.JudgedAt)}
		if r.Decision != "" {
			d := contract.EvidenceDecision(r.Decision)
			list[i].Decision = &d
		}
		if b.full() {
			note, err := b.s.openText("revisit_evidence", "note_enc", r.ID, r.NoteEnc)
			if err != nil {
				return err
			}
			list[i].Note = some(note)
		}
	}
	b.out.Evidence, b.facts.evidence = &list, len(list) > 0
	return nil
}
