package care

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// adoptionRecord is what the attending doctor signs (G-RM-10): the decision on each item, and the final plan.
type adoptionRecord struct {
	ConsultationID string                 `json:"consultation_id"`
	ReportID       string                 `json:"report_id"`
	ReportDigest   string                 `json:"report_digest"`
	AttendingID    string                 `json:"attending_id"`
	Items          []consult.AdoptionItem `json:"items"`
	FinalPlan      string                 `json:"final_plan"`
	SignedAt       time.Time              `json:"signed_at"`
}

// AdoptReport is the inviting side's decision on every item of the opinion, signed with the password. Adopted and partly
// adopted items become the nurse's tasks. Errors: 422 with a field for each item without a decision or reason, 409 when
// another version of the report has appeared.
func (s *Service) AdoptReport(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.AdoptionInput) (contract.Consultation, error) {
	if err := require(a, RoleAttending); err != nil {
		return contract.Consultation{}, err
	}
	if err := s.personAgain(ctx, a, id, in.Password, attendings); err != nil {
		return contract.Consultation{}, err
	}
	in.Password = ""
	err := s.onConsultation(ctx, a, &cmd, "adoptReport", id, in, attendings, func(ch *change) error {
		if !adoptable(ch.c) {
			return ch.conflict(ctx, consult.CodeTransition, problem.Args{"state": ch.c.State, "action": string(consult.ActAdopt)})
		}
		return s.adopt(ctx, ch, a, in)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

func adoptable(c db.Consultation) bool {
	return c.State == string(consult.StateReported) && needsAdoption(c)
}

func needsAdoption(c db.Consultation) bool {
	info, ok := consult.ServiceType(c.ServiceType).Info()
	return !ok || info.NeedsAdoption
}

func (s *Service) adopt(ctx context.Context, ch *change, a identity.Actor, in contract.AdoptionInput) error {
	reports, err := ch.q.CaseReports(ctx, ch.c.ID)
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	if len(reports) == 0 || reports[len(reports)-1].ID != in.ReportId {
		return ch.conflict(ctx, "report_changed", nil)
	}
	report := reports[len(reports)-1]
	advice, err := ch.q.CaseAdvice(ctx, ch.c.ID)
	if err != nil {
		return fmt.Errorf("advice: %w", err)
	}
	record, err := s.decisions(a, in, report, advice)
	if err != nil {
		return err
	}
	record.ConsultationID, record.SignedAt = ch.c.ID.String(), ch.now.Truncate(time.Millisecond)
	counts := map[string]int{}
	for i, item := range in.Items {
		counts[string(item.Decision)]++
		rows, err := ch.q.DecideAdvice(ctx, db.DecideAdviceParams{ID: item.AdviceId, Decision: string(item.Decision), DecidedBy: &a.UserID, Now: &ch.now,
			DecisionReasonEnc: s.sealText("advice_items", "decision_reason_enc", item.AdviceId, record.Items[i].Reason)})
		if err != nil {
			return fmt.Errorf("decide: %w", err)
		}
		if rows != 1 {
			return ch.conflict(ctx, "already_done", nil)
		}
	}
	canonical, err := consult.CanonicalJSON(record)
	if err != nil {
		return fmt.Errorf("adoption: %w", err)
	}
	digest := sha256.Sum256(canonical)
	sealed, kid := s.keep.Sign(digest[:])
	id := newID()
	if err := ch.q.AddAdoption(ctx, db.AddAdoptionParams{ID: id, ConsultationID: ch.c.ID, ReportID: report.ID, AttendingID: a.UserID,
		ContentEnc: s.keep.Seal("adoptions", "content_enc", id, canonical), Digest: digest[:], Seal: sealed, SealKid: kid, Now: ch.now}); err != nil {
		return fmt.Errorf("store the adoption: %w", err)
	}
	if err := ch.step(ctx, consult.ActAdopt, consult.RoleAttending, "", map[string]any{"adopted": counts["ADOPTED"], "partly": counts["PARTLY"],
		"rejected": counts["REJECTED"]}); err != nil {
		return err
	}
	if err := ch.q.SetAdopted(ctx, db.SetAdoptedParams{ID: ch.c.ID, Now: &ch.now}); err != nil {
		return fmt.Errorf("adoption: %w", err)
	}
	ch.touch("adoption")
	ch.touch("advice")
	return s.settle(ctx, ch)
}

// decisions checks that every item of the report has exactly one decision, with its reason where one is needed.
func (s *Service) decisions(a identity.Actor, in contract.AdoptionInput, report db.Report, advice []db.CaseAdviceRow) (adoptionRecord, error) {
	record := adoptionRecord{ReportID: report.ID.String(), ReportDigest: fmt.Sprintf("%x", report.Digest), AttendingID: a.UserID.String(),
		FinalPlan: strings.TrimSpace(value(in.FinalPlan)), Items: []consult.AdoptionItem{}}
	var items []consult.AdviceItem
	for _, row := range advice {
		if row.ReportID == report.ID {
			items = append(items, consult.AdviceItem{ID: row.ID.String(), Kind: consult.AdviceKind(row.Kind)})
		}
	}
	var fields []problem.Field
	for i, item := range in.Items {
		decided := consult.AdoptionItem{AdviceID: item.AdviceId.String(), Decision: consult.AdoptionDecision(item.Decision), Reason: strings.TrimSpace(value(item.Reason))}
		record.Items = append(record.Items, decided)
		for _, r := range consult.Refusals(consult.CheckAdoptionItem(decided)) {
			field := "decision"
			if r.Code == consult.CodeAdoptionReason {
				field = "reason"
			}
			fields = append(fields, problem.Field{Path: "items/" + strconv.Itoa(i) + "/" + field, Code: r.Code, Args: r.Args})
		}
	}
	if len(fields) == 0 {
		for _, r := range consult.Refusals(consult.CheckAdoption(items, record.Items)) {
			fields = append(fields, problem.Field{Path: "items", Code: r.Code, Args: r.Args})
		}
	}
	if len(fields) > 0 {
		return record, problem.Invalid(fields...)
	}
	return record, nil
}

func (s *Service) openAdoption(row db.Adoption) (adoptionRecord, error) {
	var record adoptionRecord
	canonical, err := s.keep.Open("adoptions", "content_enc", row.ID, row.ContentEnc)
	if err != nil {
		return record, fmt.Errorf("open adoption %s: %w", row.ID, err)
	}
	if err := json.Unmarshal(canonical, &record); err != nil {
		return record, fmt.Errorf("open adoption %s: %w", row.ID, err)
	}
	return record, nil
}
