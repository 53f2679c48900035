package care

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// amendable: a signed report can be corrected by who signed it, until the record is sealed.
func amendable(c db.Consultation) bool { return can(c, consult.ActAmend, consult.RoleConsultant) }

// AmendReport signs a correction: a new version, with why, beside the one that it corrects, which stays. The inviting side
// decides on the new version again; what of the old one was not carried out is superseded, and what stands unchanged in
// the new one and was carried out stays so. Errors: those of SignReport, 422 nothing_changed, 409 record_sealed.
func (s *Service) AmendReport(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.AmendReportRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	var f form
	reason := f.text("reason", in.Reason, 1, 500)
	if err := s.personAgain(ctx, a, id, in.Password, hospital); err != nil {
		return contract.Consultation{}, err
	}
	if err := f.err(); err != nil {
		return contract.Consultation{}, err
	}
	in.Password = ""
	err := s.onConsultation(ctx, a, &cmd, "amendReport", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		if !amendable(ch.c) {
			return ch.conflict(ctx, consult.CodeTransition, problem.Args{"state": ch.c.State, "action": string(consult.ActAmend)})
		}
		return s.amend(ctx, ch, a, in.Revision, reason)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

func (s *Service) amend(ctx context.Context, ch *change, a identity.Actor, revision int, reason string) error {
	draft, err := ch.q.CaseDraft(ctx, ch.c.ID)
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("draft: %w", err)
	}
	if err != nil || int(draft.Revision) != revision || draft.AuthorID != a.UserID {
		return s.draftStale(ctx, ch)
	}
	content, err := s.openDraft(draft)
	if err != nil {
		return err
	}
	earlier, err := ch.q.CaseReports(ctx, ch.c.ID)
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	if len(earlier) == 0 {
		return ch.conflict(ctx, "report_changed", nil)
	}
	last, err := s.openReport(earlier[len(earlier)-1])
	if err != nil {
		return err
	}
	report := reportOf(ch.c, content)
	report.Version, report.CorrectionReason = last.Version+1, reason
	if sameReport(last, report) {
		return problem.New(http.StatusUnprocessableEntity, "nothing_changed", nil)
	}
	if err := refuseGaps(amendGaps(s.codes(), last, report, consult.DateOf(ch.now))); err != nil {
		return err
	}
	factor, err := s.useFactor(ctx, ch, a, purposeSignature, "AMEND_REPORT")
	if err != nil {
		return err
	}
	if err := ch.step(ctx, consult.ActAmend, consult.RoleConsultant, reason, map[string]any{"version": report.Version, "outcome": string(report.Outcome),
		"advice": len(report.Advice), "factor": factor.method}); err != nil {
		return err
	}
	if _, err = s.storeReport(ctx, ch, a, report, lateEntry{}, factor); err != nil {
		return err
	}
	if err := ch.q.SetAmended(ctx, db.SetAmendedParams{ID: ch.c.ID, OutcomeCode: string(report.Outcome), Now: ch.now}); err != nil {
		return fmt.Errorf("amend: %w", err)
	}
	ch.c.AdoptedAt = nil
	if report.FollowUp != last.FollowUp {
		if err := s.moveFollowUp(ctx, ch, a, report); err != nil {
			return err
		}
	}
	if err := ch.alertReport(ctx); err != nil {
		return err
	}
	ch.touch("report")
	ch.touch("advice")
	return s.settle(ctx, ch)
}

// amendGaps are the gaps of a correction. A follow-up that stands as it was signed may meanwhile have passed, and
// a code have been retired.
func amendGaps(codes *consult.Codes, last, report consult.Report, today consult.Date) []consult.Gap {
	return slices.DeleteFunc(consult.Gaps(codes, report, today), func(g consult.Gap) bool {
		kept := g.Code == consult.GapDiagnosisCode && slices.ContainsFunc(last.Diagnoses, func(d consult.Diagnosis) bool { return d.Code == report.Diagnoses[g.Index].Code })
		return kept || g.Code == consult.GapFollowUpPast && report.FollowUp == last.FollowUp
	})
}

// sameReport says that two versions tell the same.
func sameReport(x, y consult.Report) bool {
	a, errA := json.Marshal(contentOf(x))
	b, errB := json.Marshal(contentOf(y))
	return errA == nil && errB == nil && string(a) == string(b)
}

// moveFollowUp puts the follow-up of the corrected report in the place of the open ones.
func (s *Service) moveFollowUp(ctx context.Context, ch *change, a identity.Actor, report consult.Report) error {
	if err := ch.q.CancelFollowUps(ctx, ch.c.ID); err != nil {
		return fmt.Errorf("follow-ups: %w", err)
	}
	if report.FollowUp.IsZero() {
		return nil
	}
	if err := ch.q.AddFollowUp(ctx, db.AddFollowUpParams{ID: newID(), ConsultationID: ch.c.ID, ResidentID: ch.c.ResidentID,
		OrganisationID: ch.c.InvitingOrgID, DoctorID: a.UserID, DueOn: report.FollowUp.Time(), Now: ch.now}); err != nil {
		return fmt.Errorf("follow-up: %w", err)
	}
	return nil
}

// refuseGaps is 422 report_incomplete with a field for each gap.
func refuseGaps(gaps []consult.Gap) error {
	if len(gaps) == 0 {
		return nil
	}
	p := problem.New(http.StatusUnprocessableEntity, consult.CodeReportGaps, problem.Args{"count": strconv.Itoa(len(gaps))})
	for _, g := range gaps {
		p.Fields = append(p.Fields, problem.Field{Path: gapPath(g), Code: gapCode(g)})
	}
	return p
}
