package care

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
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

// GetCountability gives the current answer, its history, the gates that were asked, and what quality control approved. The reasons
// of approvals are read by the inviting institution alone.
func (s *Service) GetCountability(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.CountabilityView, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant, RoleInstAdmin, RoleQC); err != nil {
		return contract.CountabilityView{}, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.CountabilityView{}, err
	}
	c, v, err := s.readConsultation(ctx, q, a, id, now)
	if err != nil {
		return contract.CountabilityView{}, err
	}
	if !v.clinical() && !v.oversees() {
		return contract.CountabilityView{}, problem.Forbidden()
	}
	return s.countabilityView(ctx, q, a, c, v, now)
}

func (s *Service) countabilityView(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation, v sight, now time.Time) (contract.CountabilityView, error) {
	out := contract.CountabilityView{Over: consult.Evaluable(consult.State(c.State)), History: []contract.CountabilityAnswer{}, Gates: []contract.GateRecord{},
		Approvals: []contract.CountabilityApproval{}, Note: problem.Sentence(a.Locale, "count_note", nil), MayApprove: a.In(c.InvitingOrgID, RoleInstAdmin, RoleQC)}
	if c.EndedAt != nil {
		kept, err := q.ClosedPeriod(ctx, db.ClosedPeriodParams{OrganisationID: c.InvitingOrgID, Month: monthOf(consult.DateOf(*c.EndedAt))})
		if err != nil && !store.IsNone(err) {
			return out, fmt.Errorf("closed period: %w", err)
		}
		if err == nil {
			out.ClosedAt, out.ClosedRuleset = utc(&kept.ClosedAt), &kept.Ruleset
		}
	}
	var err error
	if out.Proof, err = lastProof(ctx, q, a, c.ID); err != nil {
		return out, err
	}
	rows, err := q.EvaluationsOf(ctx, c.ID)
	if err != nil {
		return out, fmt.Errorf("evaluations: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	failures, err := q.FailuresOf(ctx, ids)
	if err != nil {
		return out, fmt.Errorf("reasons: %w", err)
	}
	names := map[uuid.UUID]string{}
	for _, r := range rows {
		answer, err := s.answerView(ctx, q, a, r, failures, names, now)
		if err != nil {
			return out, err
		}
		out.History = append(out.History, answer)
		if r.Current {
			out.Answer = &answer
		}
	}
	if out.Gates, err = s.gateRecords(ctx, q, a, c.ID, v.oversees()); err != nil {
		return out, err
	}
	approvals, err := q.ApprovalsOf(ctx, c.ID)
	if err != nil {
		return out, fmt.Errorf("approvals: %w", err)
	}
	for _, p := range approvals {
		view := contract.CountabilityApproval{Code: p.Code, By: p.DisplayName, At: p.ApprovedAt.UTC()}
		if v.care() || a.In(c.InvitingOrgID, RoleInstAdmin, RoleQC) {
			why, err := s.openText("countability_approvals", "reason_enc", p.ID, p.ReasonEnc)
			if err != nil {
				return out, err
			}
			view.Reason = some(why)
		}
		out.Approvals = append(out.Approvals, view)
	}
	return out, nil
}

func (s *Service) answerView(ctx context.Context, q *db.Queries, a identity.Actor, r db.CountabilityEvaluation, failures []db.CountabilityFailure,
	names map[uuid.UUID]string, now time.Time) (contract.CountabilityAnswer, error) {
	out := contract.CountabilityAnswer{Id: r.ID, Ruleset: r.Ruleset, EvaluatedAt: r.EvaluatedAt.UTC(), Cause: r.Cause, Countable: r.Countable, Current: r.Current,
		Goal: some(r.Goal), County: some(r.County), Failed: []contract.CountFinding{}, Rules: consult.RulesOfBitmap(uint32(r.Bitmap))}
	if r.PeriodDay != nil {
		out.PeriodDay = &openapi_types.Date{Time: *r.PeriodDay}
	}
	name := func(id uuid.UUID) (*string, error) {
		if _, known := names[id]; !known {
			o, err := q.CaseOrganisation(ctx, id)
			if err != nil {
				return nil, fmt.Errorf("institution: %w", err)
			}
			names[id] = o.Name
		}
		n := names[id]
		return &n, nil
	}
	var err error
	if out.Institution, err = name(r.InstitutionID); err != nil {
		return out, err
	}
	if r.ProviderID != nil {
		if out.Provider, err = name(*r.ProviderID); err != nil {
			return out, err
		}
	}
	marks := map[string]consult.Provenance{}
	for _, rule := range consult.CountRules(r.Ruleset) {
		marks[rule.Rule] = rule.Mark
	}
	for _, f := range failures {
		if f.EvaluationID != r.ID {
			continue
		}
		finding, err := findingView(a, f, marks[f.Rule], r.Current, now)
		if err != nil {
			return out, err
		}
		out.Failed = append(out.Failed, finding)
	}
	return out, nil
}

func findingView(a identity.Actor, f db.CountabilityFailure, mark consult.Provenance, current bool, now time.Time) (contract.CountFinding, error) {
	var args map[string]string
	if err := json.Unmarshal(f.Args, &args); err != nil {
		return contract.CountFinding{}, fmt.Errorf("reason %s: %w", f.Rule, err)
	}
	fixable := current && consult.Finding{Fixable: f.Fixable, Until: value(f.FixableUntil)}.FixableAt(now)
	out := contract.CountFinding{Rule: f.Rule, Message: problem.Sentence(a.Locale, consult.Finding{Rule: f.Rule, Args: args}.Code(), args), Fixable: fixable, Approval: f.Approval,
		Mark: contract.CountFindingMark(mark), Unconfirmed: mark.Unconfirmed()}
	if fixable {
		out.FixableUntil = utc(f.FixableUntil)
		out.Mend = some(f.Mend)
		out.MendLabel = some(consult.Label(consult.VocabMend, f.Mend, lang(a)))
	}
	return out, nil
}

// gateRecords are the answers of the gates; what only an institution can improve is for those who answer for one.
func (s *Service) gateRecords(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, oversees bool) ([]contract.GateRecord, error) {
	rows, err := q.GateEvaluations(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("gates: %w", err)
	}
	out := make([]contract.GateRecord, len(rows))
	for i, r := range rows {
		var record gateRecord
		if err := json.Unmarshal(r.Result, &record); err != nil {
			return nil, fmt.Errorf("gates: %w", err)
		}
		out[i] = contract.GateRecord{Stage: contract.GateRecordStage(r.Stage), Ruleset: r.Ruleset, At: r.At.UTC(), Service: r.ServiceType,
			Possible: contract.GateRecordPossible(r.Possible), Override: r.Override, Reasons: []contract.GateReason{}}
		for _, reason := range record.Verdict.Reasons {
			if reason.Effect != consult.EffectRecords || oversees {
				out[i].Reasons = append(out[i].Reasons, s.gateReason(a, reason))
			}
		}
	}
	return out, nil
}

// ApproveCountability is a decision of quality control of the inviting institution, with its reason: a duplicate (NC14) or a late
// report (NC15) is passed, or what a complaint or a review found is upheld (NC20). The consultation is judged anew. 409
// not_to_be_approved when the rule does not fail or cannot be passed, and when it was decided already; 422 own_case
// for who asked, submitted or answered.
func (s *Service) ApproveCountability(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.CountabilityApprovalInput) (contract.CountabilityView, error) {
	if err := require(a, RoleInstAdmin, RoleQC); err != nil {
		return contract.CountabilityView{}, err
	}
	code := string(in.Code)
	switch {
	case blank(in.Reason):
		return contract.CountabilityView{}, missing("reason")
	case !slices.Contains([]string{"NC14", "NC15", "NC20"}, code):
		return contract.CountabilityView{}, problem.Invalid(problem.Field{Path: "code", Code: "wrong_value"})
	}
	if err := checkLength("reason", in.Reason, 500); err != nil {
		return contract.CountabilityView{}, err
	}
	inviting := func(v sight) bool { return v.oversees() }
	err := s.onConsultation(ctx, a, &cmd, "approveCountability", id, in, inviting, func(ch *change) error {
		if !a.In(ch.c.InvitingOrgID, RoleInstAdmin, RoleQC) {
			return problem.Forbidden()
		}
		if ch.c.CreatedBy == a.UserID || answersFor(ch.c, a.UserID) || value(ch.c.DoctorID) == a.UserID {
			return problem.New(http.StatusUnprocessableEntity, "own_case", nil)
		}
		j, err := s.judgementOf(ctx, ch.q, ch.c, ch.now)
		if err != nil {
			return err
		}
		passed := slices.ContainsFunc(j.Failed, func(f consult.Finding) bool { return f.Rule == code && f.Approval && f.FixableAt(ch.now) })
		if code != "NC20" && !passed || !consult.Evaluable(consult.State(ch.c.State)) {
			return problem.New(http.StatusConflict, "not_to_be_approved", nil)
		}
		approval := newID()
		rows, err := ch.q.AddApproval(ctx, db.AddApprovalParams{ID: approval, ConsultationID: ch.c.ID, Code: code, ApprovedBy: a.UserID, ApprovedAt: ch.now,
			ReasonEnc: s.sealText("countability_approvals", "reason_enc", approval, strings.TrimSpace(in.Reason))})
		if err != nil {
			return fmt.Errorf("approve: %w", err)
		}
		if rows != 1 {
			return problem.New(http.StatusConflict, "not_to_be_approved", nil)
		}
		ch.touch("countability")
		return ch.record(ctx, eventCountApproved, map[string]any{"rule": code})
	})
	if err != nil {
		return contract.CountabilityView{}, err
	}
	return s.GetCountability(ctx, a, id)
}
