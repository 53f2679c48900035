package care

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
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
	// Decision and Reason are of an opinion without advice, where no item says it.
	Decision consult.AdoptionDecision `json:"decision,omitempty"`
	Reason   string                   `json:"reason,omitempty"`
	// FinalDiagnoses are the inviting side's own (最终诊断); it decides, whatever the opinion says.
	FinalDiagnoses []consult.Diagnosis `json:"final_diagnoses,omitempty"`
	FinalPlan      string              `json:"final_plan"`
	SignedAt       time.Time           `json:"signed_at"`
}

// AdoptReport is the inviting side's decision on every item of the opinion, signed with the password. Adopted and partly
// adopted items become the nurse's tasks. The final diagnoses are those of the opinion unless others are given. Errors: 422 with a
// field for each item without a decision or reason and for the final diagnoses, 409 when
// another version of the report has appeared; 422 both_sides for who wrote the opinion, whatever other role there is.
func (s *Service) AdoptReport(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.AdoptionInput) (contract.Consultation, error) {
	if err := require(a, RoleAttending, RoleFamilyDoctor); err != nil {
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
	return needsAdoption(c) && can(c, consult.ActAdopt, consult.RoleAttending)
}

// overall is the decision on the opinion as a whole: adopted when every item is, rejected when none is taken over; of an opinion
// without advice what was said of it.
func (r adoptionRecord) overall() consult.AdoptionDecision {
	counts := map[consult.AdoptionDecision]int{}
	for _, i := range r.Items {
		counts[i.Decision]++
	}
	switch {
	case len(r.Items) == 0:
		return r.Decision
	case counts[consult.Adopted] == len(r.Items):
		return consult.Adopted
	case counts[consult.Rejected] == len(r.Items):
		return consult.Rejected
	}
	return consult.Partly
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
	if slices.ContainsFunc(reports, func(r db.Report) bool { return r.AuthorID == a.UserID }) {
		return problem.New(http.StatusUnprocessableEntity, "both_sides", nil)
	}
	advice, err := ch.q.CaseAdvice(ctx, ch.c.ID)
	if err != nil {
		return fmt.Errorf("advice: %w", err)
	}
	signed, err := s.openReport(report)
	if err != nil {
		return err
	}
	record, err := s.decisions(a, in, report, signed, advice)
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
	factor, err := s.useFactor(ctx, ch, a, purposeSignature, "ADOPT_REPORT")
	if err != nil {
		return err
	}
	doc, err := s.signDocument(ctx, a.UserID, record)
	if err != nil {
		return err
	}
	id := newID()
	if err := ch.q.AddAdoption(ctx, db.AddAdoptionParams{ID: id, ConsultationID: ch.c.ID, ReportID: report.ID, AttendingID: a.UserID,
		ContentEnc: s.keep.Seal("adoptions", "content_enc", id, doc.canonical), Digest: doc.digest, Seal: doc.signature, SealKid: doc.keyID, Now: ch.now,
		Decision: string(record.overall()), Factor: factor.method, FactorAt: factor.at, Signer: doc.signer}); err != nil {
		return fmt.Errorf("store the adoption: %w", err)
	}
	if err := ch.step(ctx, consult.ActAdopt, consult.RoleAttending, "", map[string]any{"adopted": counts["ADOPTED"], "partly": counts["PARTLY"],
		"rejected": counts["REJECTED"], "version": int(report.Version), "factor": factor.method}); err != nil {
		return err
	}
	if err := ch.q.SetAdopted(ctx, db.SetAdoptedParams{ID: ch.c.ID, Now: &ch.now}); err != nil {
		return fmt.Errorf("adoption: %w", err)
	}
	ch.c.AdoptedAt = &ch.now
	if _, err := ch.askGates(ctx, consult.StageClose); err != nil {
		return err
	}
	ch.touch("adoption")
	ch.touch("advice")
	return s.settle(ctx, ch)
}

// decisions checks that every item of the report has exactly one decision, with its reason where one is needed.
func (s *Service) decisions(a identity.Actor, in contract.AdoptionInput, report db.Report, signed consult.Report, advice []db.CaseAdviceRow) (adoptionRecord, error) {
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
	if len(items) == 0 {
		record.Decision, record.Reason = consult.AdoptionDecision(value(in.Decision)), strings.TrimSpace(value(in.Reason))
		if record.Decision == "" {
			record.Decision = consult.Adopted
		}
		if err := consult.CheckAdoptionItem(consult.AdoptionItem{Decision: record.Decision, Reason: record.Reason}); err != nil {
			fields = append(fields, problem.Field{Path: "reason", Code: consult.CodeAdoptionReason})
		}
	}
	if record.FinalDiagnoses = signed.Diagnoses; in.FinalDiagnoses != nil {
		record.FinalDiagnoses = diagnosesOf(*in.FinalDiagnoses)
		for _, r := range consult.Refusals(consult.CheckAdoptedDiagnoses(s.codes(), record.FinalDiagnoses)) {
			fields = append(fields, problem.Field{Path: "finalDiagnoses", Code: r.Code, Args: r.Args})
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
