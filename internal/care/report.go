package care

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// reportable: the grantee may write from the claim until the report is signed.
func reportable(st consult.State) bool {
	switch st {
	case consult.StateAccepted, consult.StateScheduled, consult.StateWaiting, consult.StateInProgress, consult.StateAbortedTech,
		consult.StateTerminatedUnsuitable, consult.StateReportPending:
		return true
	}
	return false
}

// signable: the session is over, signing ends it, or there is none to be.
func signable(c db.Consultation) bool {
	st := consult.State(c.State)
	return st == consult.StateInProgress || st == consult.StateAbortedTech || st == consult.StateReportPending || written(c) && st == consult.StateAccepted
}

// SaveReportDraft keeps the doctor's draft; revision 0 is the first save, any other names the revision that it replaces.
// Errors: 409 epoch_stale and revision_stale with the draft's present revision.
func (s *Service) SaveReportDraft(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.ReportDraftInput) (contract.ReportDraft, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.ReportDraft{}, err
	}
	sealed, err := s.sealDraft(id, in.Content)
	if err != nil {
		return contract.ReportDraft{}, err
	}
	var out contract.ReportDraft
	err = s.onConsultation(ctx, a, nil, "saveReportDraft", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		if !reportable(consult.State(ch.c.State)) && !amendable(ch.c) {
			return ch.conflict(ctx, "no_longer_editable", nil)
		}
		var rows int64
		if in.Revision == 0 {
			rows, err = ch.q.AddDraft(ctx, db.AddDraftParams{ConsultationID: ch.c.ID, AuthorID: a.UserID, ContentEnc: sealed, Now: ch.now})
		} else {
			rows, err = ch.q.SaveDraft(ctx, db.SaveDraftParams{ConsultationID: ch.c.ID, AuthorID: a.UserID, ContentEnc: sealed, Revision: revision32(in.Revision), Now: ch.now})
		}
		if err != nil {
			return fmt.Errorf("save the draft: %w", err)
		}
		if rows != 1 {
			return s.draftStale(ctx, ch)
		}
		out = contract.ReportDraft{Revision: in.Revision + 1, Content: in.Content, UpdatedAt: ch.now, Gaps: gapViews(a, s.draftGaps(ch.c, in.Content, ch.now))}
		return nil
	})
	return out, err
}

// draftStale is revision_stale with the revision of the draft.
func (s *Service) draftStale(ctx context.Context, ch *change) error {
	now := s.current(ctx, ch.q, ch.c)
	revision := 0
	if d, err := ch.q.CaseDraft(ctx, ch.c.ID); err == nil {
		revision = int(d.Revision)
	}
	now.Revision = &revision
	return problem.Conflict("revision_stale", now)
}

// sealDraft seals a draft as SaveReportDraft does.
func (s *Service) sealDraft(id uuid.UUID, content contract.ReportContent) ([]byte, error) {
	raw, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("draft: %w", err)
	}
	return s.keep.Seal("report_drafts", "content_enc", id, raw), nil
}

func (s *Service) openDraft(row db.ReportDraft) (contract.ReportContent, error) {
	var content contract.ReportContent
	raw, err := s.keep.Open("report_drafts", "content_enc", row.ConsultationID, row.ContentEnc)
	if err != nil {
		return content, fmt.Errorf("open the draft: %w", err)
	}
	if err := json.Unmarshal(raw, &content); err != nil {
		return content, fmt.Errorf("open the draft: %w", err)
	}
	return content, nil
}

func (s *Service) draftGaps(c db.Consultation, content contract.ReportContent, now time.Time) []consult.Gap {
	gaps := consult.Gaps(s.codes(), reportOf(c, content), consult.DateOf(now))
	if amendable(c) { // a follow-up that was signed before may have passed; the signature looks at it
		gaps = slices.DeleteFunc(gaps, func(g consult.Gap) bool { return g.Code == consult.GapFollowUpPast })
	}
	return gaps
}

// reportOf is the domain's form of what the doctor wrote.
func reportOf(c db.Consultation, in contract.ReportContent) consult.Report {
	r := consult.Report{ConsultationID: c.ID.String(), Version: 1, Service: consult.ServiceType(c.ServiceType),
		Assessment: strings.TrimSpace(value(in.Assessment)), Outcome: consult.Outcome(value(in.Outcome)), Limits: strings.TrimSpace(value(in.Limits)),
		EffectiveSeconds: int64(c.EffectiveSeconds), StartedAt: value(c.StartedAt), EndedAt: value(c.EndedAt)}
	if c.DoctorID != nil {
		r.AuthorID = c.DoctorID.String()
	}
	r.Examined, r.Examination = value(in.Examined), strings.TrimSpace(value(in.Examination))
	r.Diagnoses = diagnosesOf(value(in.Diagnoses))
	for _, item := range value(in.Advice) {
		r.Advice = append(r.Advice, adviceOf(item))
	}
	if in.Referral != nil {
		r.Referral = &consult.ReferralAdvice{Destination: value(in.Referral.Destination), Within: value(in.Referral.Within), Note: strings.TrimSpace(value(in.Referral.Note))}
	}
	if in.FollowUpOn != nil {
		r.FollowUp = consult.DateFromTime(in.FollowUpOn.Time)
	}
	return r
}

// diagnosesOf is the domain's form of diagnoses. One without a word on its certainty counts as probable.
func diagnosesOf(in []contract.Diagnosis) []consult.Diagnosis {
	var out []consult.Diagnosis
	for _, d := range in {
		certainty := consult.Certainty(value(d.Certainty))
		if certainty == "" || certainty == "PROVISIONAL" {
			certainty = "PROBABLE"
		}
		out = append(out, consult.Diagnosis{Code: value(d.Code), Text: strings.TrimSpace(d.Text), Certainty: certainty})
	}
	return out
}

func diagnosisViews(in []consult.Diagnosis) []contract.Diagnosis {
	out := []contract.Diagnosis{}
	for _, d := range in {
		certainty := contract.DiagnosisCertainty(d.Certainty)
		if certainty == "PROBABLE" {
			certainty = "PROVISIONAL"
		}
		out = append(out, contract.Diagnosis{Code: some(d.Code), Text: d.Text, Certainty: &certainty})
	}
	return out
}

func adviceOf(in contract.AdviceInput) consult.AdviceItem {
	return consult.AdviceItem{Kind: consult.AdviceKind(in.Kind), Text: strings.TrimSpace(in.Text), AdviceDetail: consult.AdviceDetail{
		Dose: strings.TrimSpace(value(in.Dose)), Route: value(in.Route), Frequency: value(in.Frequency), Days: value(in.Days)}}
}

// contentOf is the contract's form of a signed report.
func contentOf(r consult.Report) contract.ReportContent {
	outcome := string(r.Outcome)
	diagnoses, advice := diagnosisViews(r.Diagnoses), []contract.AdviceInput{}
	for _, item := range r.Advice {
		advice = append(advice, contract.AdviceInput{Kind: contract.AdviceInputKind(item.Kind), Text: item.Text, Dose: some(item.Dose), Route: some(item.Route),
			Frequency: some(item.Frequency), Days: some(item.Days)})
	}
	out := contract.ReportContent{Examination: some(r.Examination), Assessment: some(r.Assessment), Diagnoses: &diagnoses, Advice: &advice, Outcome: &outcome, Limits: some(r.Limits)}
	if !r.FollowUp.IsZero() {
		out.FollowUpOn = &openapi_types.Date{Time: r.FollowUp.Time()}
	}
	if len(r.Examined) > 0 {
		out.Examined = &r.Examined
	}
	if r.Referral != nil {
		out.Referral = &contract.ReferralAdvice{Destination: some(r.Referral.Destination), Within: some(r.Referral.Within), Note: some(r.Referral.Note)}
	}
	return out
}

// gapPath is the field of the content that a gap is about.
func gapPath(g consult.Gap) string {
	i := strconv.Itoa(g.Index)
	switch g.Code {
	case consult.GapAssessment:
		return "assessment"
	case consult.GapDiagnosis:
		return "diagnoses"
	case consult.GapDiagnosisCode:
		return "diagnoses/" + i + "/code"
	case consult.GapDiagnosisText:
		return "diagnoses/" + i + "/text"
	case consult.GapDiagnosisCertainty:
		return "diagnoses/" + i + "/certainty"
	case consult.GapDiagnosisGuidance:
		return "diagnoses/" + i
	case consult.GapAdvice:
		return "advice"
	case consult.GapAdviceKind, consult.GapAdviceDrug:
		return "advice/" + i + "/kind"
	case consult.GapAdviceText:
		return "advice/" + i + "/text"
	case consult.GapAdviceHow:
		return "advice/" + i + "/frequency"
	case consult.GapExamination, consult.GapExaminationCode:
		return "examined"
	case consult.GapReferral:
		return "referral/destination"
	case consult.GapReferralUrgency:
		return "referral/within"
	case consult.GapOutcome:
		return "outcome"
	case consult.GapFollowUp, consult.GapFollowUpPast:
		return "followUpOn"
	case consult.GapLimits:
		return "limits"
	}
	return ""
}

func gapCode(g consult.Gap) string { return "gap_" + strings.ToLower(g.Code) }

func gapViews(a identity.Actor, gaps []consult.Gap) []contract.FieldProblem {
	out := make([]contract.FieldProblem, len(gaps))
	for i, g := range gaps {
		out[i] = contract.FieldProblem{Field: gapPath(g), Code: gapCode(g), Message: problem.Sentence(a.Locale, gapCode(g), nil)}
	}
	return out
}

// SignReport freezes the named revision of the draft as the signed opinion (G-RM-10). The author is the grantee, was
// carried by the relay in this consultation if it ever was in progress (医师法 24: no document without seeing the
// patient oneself), and is asked for the password again; the password is checked before any lock. Gaps answer 422
// report_incomplete with a field each. In progress, signing finishes the session first.
func (s *Service) SignReport(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.SignReportRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	if err := s.personAgain(ctx, a, id, in.Password, hospital); err != nil {
		return contract.Consultation{}, err
	}
	in.Password = "" // no trace of it in the hash of the request
	finished := false
	err := s.onConsultation(ctx, a, &cmd, "signReport", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		if !signable(ch.c) {
			return ch.conflict(ctx, consult.CodeTransition, problem.Args{"state": ch.c.State, "action": string(consult.ActSignReport)})
		}
		finished = ch.c.State != string(consult.StateReportPending)
		return s.sign(ctx, ch, a, in.Revision, strings.TrimSpace(value(in.LateReason)))
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	if finished {
		s.ringFreed(ctx, a.UserID)
	}
	return s.view(ctx, a, id)
}

// personAgain asks for the password of somebody who sees the consultation; a stranger learns nothing from it.
func (s *Service) personAgain(ctx context.Context, a identity.Actor, id uuid.UUID, password string, may func(sight) bool) error {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return err
	}
	_, v, err := s.readConsultation(ctx, q, a, id, now)
	if err != nil {
		return err
	}
	if !may(v) {
		return problem.Forbidden()
	}
	return s.id.VerifyPassword(ctx, a, password)
}

// lateEntry says that a report was signed after its limit (补记), and why.
type lateEntry struct {
	late   bool
	reason string
}

func (s *Service) sign(ctx context.Context, ch *change, a identity.Actor, revision int, why string) error {
	draft, err := ch.q.CaseDraft(ctx, ch.c.ID)
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("draft: %w", err)
	}
	if err != nil || int(draft.Revision) != revision || draft.AuthorID != a.UserID {
		return s.draftStale(ctx, ch)
	}
	if ch.c.StartedAt != nil {
		had, err := ch.q.HadMedia(ctx, db.HadMediaParams{ConsultationID: ch.c.ID, UserID: a.UserID})
		if err != nil {
			return fmt.Errorf("presence of the author: %w", err)
		}
		if !had {
			return problem.New(http.StatusUnprocessableEntity, "report_without_presence", nil)
		}
	}
	content, err := s.openDraft(draft)
	if err != nil {
		return err
	}
	if err := refuseGaps(s.draftGaps(ch.c, content, ch.now)); err != nil {
		return err
	}
	settings, err := s.RuleSettingsOf(ctx, ch.q, ch.c.InvitingOrgID)
	if err != nil {
		return err
	}
	late := lateEntry{late: consult.LateEntry(value(ch.c.EndedAt), ch.now, ch.c.HandedOverAt != nil, settings)}
	if late.late {
		if late.reason = why; why == "" {
			return problem.Invalid(problem.Field{Path: "lateReason", Code: consult.CodeLateReason})
		}
	}
	factor, err := s.useFactor(ctx, ch, a, purposeSignature, "SIGN_REPORT")
	if err != nil {
		return err
	}
	if ch.c.State != string(consult.StateReportPending) {
		if err := s.finishByDoctor(ctx, ch); err != nil {
			return err
		}
	}
	report, err := s.storeReport(ctx, ch, a, reportOf(ch.c, content), late, factor)
	if err != nil {
		return err
	}
	if err := ch.step(ctx, consult.ActSignReport, consult.RoleConsultant, "", map[string]any{"version": report.Version, "outcome": string(report.Outcome),
		"advice": len(report.Advice), "late": late.late, "factor": factor.method}); err != nil {
		return err
	}
	if err := ch.alertReport(ctx); err != nil {
		return err
	}
	if err := ch.q.SetReported(ctx, db.SetReportedParams{ID: ch.c.ID, Now: &ch.now, OutcomeCode: string(report.Outcome)}); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if !report.FollowUp.IsZero() {
		if err := ch.q.AddFollowUp(ctx, db.AddFollowUpParams{ID: newID(), ConsultationID: ch.c.ID, ResidentID: ch.c.ResidentID,
			OrganisationID: ch.c.InvitingOrgID, DoctorID: a.UserID, DueOn: report.FollowUp.Time(), Now: ch.now}); err != nil {
			return fmt.Errorf("follow-up: %w", err)
		}
	}
	if _, err := ch.askGates(ctx, consult.StageClose); err != nil {
		return err
	}
	ch.touch("report")
	ch.touch("advice")
	ch.inQueue("updated")
	return s.settle(ctx, ch)
}

// storeReport writes the canonical form, its digest and its signature, and one row for each item of advice.
func (s *Service) storeReport(ctx context.Context, ch *change, a identity.Actor, report consult.Report, late lateEntry, factor factorUsed) (consult.Report, error) {
	report.SignedAt, report.AuthorID = ch.now, a.UserID.String()
	earlier, err := ch.q.CaseReports(ctx, ch.c.ID)
	if err != nil {
		return report, fmt.Errorf("reports: %w", err)
	}
	report.Version = len(earlier) + 1
	items := make([]uuid.UUID, len(report.Advice))
	for i := range report.Advice {
		items[i] = newID()
		report.Advice[i].ID = items[i].String()
	}
	canonical, err := consult.CanonicalReport(report)
	if err != nil {
		return report, fmt.Errorf("report: %w", err)
	}
	doc, err := s.signCanonical(ctx, a.UserID, canonical)
	if err != nil {
		return report, err
	}
	id := newID()
	if err := ch.q.AddReport(ctx, db.AddReportParams{ID: id, ConsultationID: ch.c.ID, Version: int32(report.Version), AuthorID: a.UserID,
		ContentEnc: s.keep.Seal("reports", "content_enc", id, canonical), Digest: doc.digest, Seal: doc.signature, SealKid: doc.keyID, Now: ch.now,
		Late: late.late, LateReasonEnc: s.sealText("reports", "late_reason_enc", id, late.reason), Factor: factor.method, FactorAt: factor.at,
		Signer: doc.signer}); err != nil {
		return report, fmt.Errorf("store the report: %w", err)
	}
	done, err := s.doneBefore(ctx, ch, earlier)
	if err != nil {
		return report, err
	}
	if len(earlier) == 0 {
		if done, err = s.readInCall(ctx, ch); err != nil {
			return report, err
		}
	}
	for i, item := range report.Advice {
		if err := ch.q.AddAdvice(ctx, db.AddAdviceParams{ID: items[i], ConsultationID: ch.c.ID, ReportID: id, Position: int16(i), Kind: string(item.Kind),
			TextEnc: s.sealText("advice_items", "text_enc", items[i], item.Text), DetailEnc: s.sealDetail("advice_items", items[i], item.AdviceDetail)}); err != nil {
			return report, fmt.Errorf("store the advice: %w", err)
		}
		if old, ok := done[item.Said()]; ok {
			old.ID = items[i]
			if err := ch.q.CarriedOver(ctx, old); err != nil {
				return report, fmt.Errorf("store the advice: %w", err)
			}
		}
	}
	if err := ch.q.RemoveDraft(ctx, ch.c.ID); err != nil {
		return report, fmt.Errorf("remove the draft: %w", err)
	}
	return report, nil
}

// doneBefore are the items of the version before that were read back or carried out, by what they say.
func (s *Service) doneBefore(ctx context.Context, ch *change, earlier []db.Report) (map[consult.AdviceItem]db.CarriedOverParams, error) {
	done := map[consult.AdviceItem]db.CarriedOverParams{}
	if len(earlier) == 0 {
		return done, nil
	}
	rows, err := ch.q.CaseAdvice(ctx, ch.c.ID)
	if err != nil {
		return nil, fmt.Errorf("advice: %w", err)
	}
	for _, r := range rows {
		if r.ReportID != earlier[len(earlier)-1].ID || r.ExecutedAt == nil && r.ReadBackAt == nil {
			continue
		}
		item, err := s.openAdvice("advice_items", r.ID, r.Kind, r.TextEnc, r.DetailEnc)
		if err != nil {
			return nil, err
		}
		done[item] = db.CarriedOverParams{ExecutedBy: r.ExecutedBy, ExecutedAt: r.ExecutedAt, ReadBackBy: r.ReadBackBy, ReadBackAt: r.ReadBackAt}
	}
	return done, nil
}

// errBrokenEvidence: what was signed is not what stands there.
var errBrokenEvidence = errors.New("care: the evidence is broken")

// openReport opens a signed report and proves that it is still what was signed: the digest and the seal must fit.
func (s *Service) openReport(row db.Report) (consult.Report, error) {
	var r consult.Report
	canonical, err := s.keep.Open("reports", "content_enc", row.ID, row.ContentEnc)
	if err != nil {
		return r, fmt.Errorf("open report %s: %w", row.ID, err)
	}
	digest := sha256.Sum256(canonical)
	if string(digest[:]) != string(row.Digest) {
		return r, fmt.Errorf("report %s: the digest does not fit the content: %w", row.ID, errBrokenEvidence)
	}
	if err := s.verifySigned(row.Signer, row.AuthorID, row.SealKid, row.Digest, row.Seal); err != nil {
		return r, fmt.Errorf("report %s: %w: %w", row.ID, errBrokenEvidence, err)
	}
	if err := json.Unmarshal(canonical, &r); err != nil {
		return r, fmt.Errorf("open report %s: %w", row.ID, err)
	}
	return r, nil
}
