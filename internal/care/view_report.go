package care

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/store"
)

// report fills in the draft (its author only), the signed versions, the advice, its adoption and the follow-ups.
func (b *caseView) report(ctx context.Context) error {
	b.versions = map[uuid.UUID]int{}
	b.out.Reports, b.out.Advice = []contract.Report{}, []contract.AdviceItem{}
	f := b.file
	for _, part := range []struct {
		there bool
		read  func(context.Context) error
	}{{f.HasDraft && b.v.holder, b.draft}, {f.HasReports, b.reports}, {f.HasAdvice, b.advice}, {f.HasAdoption, b.adoption}, {f.HasFollowUps, b.followUps}} {
		if !part.there {
			continue
		}
		if err := part.read(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *caseView) reports(ctx context.Context) error {
	rows, err := b.q.CaseReports(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	for _, r := range rows {
		if err := b.load(ctx, []uuid.UUID{r.AuthorID}); err != nil {
			return err
		}
		signed, err := b.s.openReport(r)
		if err != nil {
			return err
		}
		content := contentOf(signed)
		if !b.full() {
			content = withoutText(b.s.codes(), signed, r.SignedAt)
		}
		b.out.Reports = append(b.out.Reports, contract.Report{Id: r.ID, Version: int(r.Version), Author: b.person(r.AuthorID, RoleConsultant),
			Content: content, Digest: hex.EncodeToString(r.Digest), SealNote: b.s.sealNote(b.a, r.Signer), SignedAt: r.SignedAt.UTC(),
			Late: some(r.Late), Factor: some(r.Factor), FactorAt: utc(r.FactorAt)})
		if shown := &b.out.Reports[len(b.out.Reports)-1]; b.full() {
			why, err := b.s.openText("reports", "late_reason_enc", r.ID, r.LateReasonEnc)
			if err != nil {
				return err
			}
			shown.CorrectionReason, shown.LateReason = some(signed.CorrectionReason), some(why)
		}
		b.versions[r.ID] = int(r.Version)
	}
	if b.c.EndedAt != nil && len(rows) == 0 {
		settings, err := b.s.RuleSettingsOf(ctx, b.q, b.c.InvitingOrgID)
		if err != nil {
			return err
		}
		late := consult.LateAfter(*b.c.EndedAt, b.c.HandedOverAt != nil, settings)
		b.out.ReportLateAfter = &late
	}
	return nil
}

// withoutText is what an administrator sees of a report: codes and days.
func withoutText(codes *consult.Codes, r consult.Report, at time.Time) contract.ReportContent {
	full := contentOf(r)
	diagnoses := []contract.Diagnosis{}
	for _, d := range r.Diagnoses {
		if _, known := codes.Condition(d.Code); known {
			diagnoses = append(diagnoses, contract.Diagnosis{Code: some(d.Code), Text: codes.LabelAt(consult.VocabCondition, d.Code, consult.ZH, at)})
		}
	}
	return contract.ReportContent{Outcome: full.Outcome, FollowUpOn: full.FollowUpOn, Diagnoses: &diagnoses}
}

func (b *caseView) draft(ctx context.Context) error {
	row, err := b.q.CaseDraft(ctx, b.c.ID)
	if store.IsNone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	if row.AuthorID != b.a.UserID {
		return nil
	}
	content, err := b.s.openDraft(row)
	if err != nil {
		return err
	}
	b.out.ReportDraft = &contract.ReportDraft{Revision: int(row.Revision), Content: content, UpdatedAt: row.UpdatedAt.UTC(),
		Gaps: gapViews(b.a, b.s.draftGaps(b.c, content, b.now))}
	return nil
}

func (b *caseView) advice(ctx context.Context) error {
	rows, err := b.q.CaseAdvice(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("advice: %w", err)
	}
	for _, r := range rows {
		item := contract.AdviceItem{Id: r.ID, Kind: r.Kind, Decision: contract.AdviceItemDecision(r.Decision), DecidedBy: some(r.Decider),
			DecidedAt: utc(r.DecidedAt), Executable: executable(b.c, r.Decision, r.ExecutedAt != nil), ExecutedBy: some(r.Executor), ExecutedAt: utc(r.ExecutedAt)}
		item.Version = b.versions[r.ReportID]
		item.Superseded = item.Version < len(b.out.Reports)
		item.Executable = item.Executable && !item.Superseded
		b.facts.executable = b.facts.executable || item.Executable
		b.facts.unread = b.facts.unread || item.Executable && r.ReadBackAt == nil
		item.ReadBackBy, item.ReadBackAt = some(r.Reader), utc(r.ReadBackAt)
		if b.full() {
			said, err := b.s.openAdvice("advice_items", r.ID, r.Kind, r.TextEnc, r.DetailEnc)
			if err != nil {
				return err
			}
			item.Text, item.Dose, item.Route, item.Frequency, item.Days = said.Text, some(said.Dose), some(said.Route), some(said.Frequency), some(said.Days)
			why, err := b.s.openText("advice_items", "decision_reason_enc", r.ID, r.DecisionReasonEnc)
			if err != nil {
				return err
			}
			note, err := b.s.openText("advice_items", "execution_note_enc", r.ID, r.ExecutionNoteEnc)
			if err != nil {
				return err
			}
			item.DecisionReason, item.ExecutionNote = some(why), some(note)
		}
		b.out.Advice = append(b.out.Advice, item)
	}
	return nil
}

func (b *caseView) adoption(ctx context.Context) error {
	row, err := b.q.CaseAdoption(ctx, b.c.ID)
	if store.IsNone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("adoption: %w", err)
	}
	if err := b.load(ctx, []uuid.UUID{row.AttendingID}); err != nil {
		return err
	}
	record, err := b.s.openAdoption(row)
	if err != nil {
		return err
	}
	out := contract.Adoption{Attending: b.person(row.AttendingID, RoleAttending), Digest: hex.EncodeToString(row.Digest), SealNote: b.s.sealNote(b.a, row.Signer), SignedAt: row.SignedAt.UTC(),
		ReportId: row.ReportID, Version: b.versions[row.ReportID], Factor: some(row.Factor), FactorAt: utc(row.FactorAt),
		Decision: contract.AdoptionDecision(row.Decision), FinalDiagnoses: []contract.Diagnosis{}}
	if b.full() {
		out.FinalPlan, out.FinalDiagnoses, out.Reason = record.FinalPlan, diagnosisViews(record.FinalDiagnoses), some(record.Reason)
	}
	b.out.Adoption = &out
	return nil
}

func (b *caseView) followUps(ctx context.Context) error {
	rows, err := b.q.CaseFollowUps(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("follow-ups: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	list := make([]contract.FollowUp, len(rows))
	for i, r := range rows {
		if list[i], err = b.s.followUpView(r, b.file.Resident, !b.named()); err != nil {
			return err
		}
		b.facts.followUps = b.facts.followUps || r.State == "OPEN"
	}
	b.out.FollowUps = &list
	return nil
}
