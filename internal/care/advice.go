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

// executable says whether the nurse may carry an item out now: adopted or partly adopted; at once in a CRITICAL consultation
// (adopted after) unless it was rejected, and in a service that needs no adoption.
func executable(c db.Consultation, decision string, done bool) bool {
	switch {
	case done:
		return false
	case decision == string(consult.Adopted), decision == string(consult.Partly):
		return true
	case decision == string(consult.Rejected):
		return false
	}
	return c.Urgency == string(consult.Critical) || !needsAdoption(c)
}

// CompleteAdvice ticks an item as carried out. Errors: 404 for a foreign item, 409 already_done, 422 advice_not_executable.
func (s *Service) CompleteAdvice(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.NoteRequest) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	item, err := s.st.Q().AdviceByID(ctx, id)
	if store.IsNone(err) {
		return contract.Consultation{}, problem.NotFound()
	}
	if err != nil {
		return contract.Consultation{}, fmt.Errorf("advice: %w", err)
	}
	request := struct {
		Advice uuid.UUID
		In     contract.NoteRequest
	}{id, in}
	err = s.onConsultation(ctx, a, &cmd, "completeAdvice", item.ConsultationID, request, bedside, func(ch *change) error {
		item, err := ch.q.AdviceByID(ctx, id)
		if err != nil {
			return fmt.Errorf("advice: %w", err)
		}
		if item.ExecutedAt != nil {
			return ch.conflict(ctx, "already_done", nil)
		}
		newest, err := newestReport(ctx, ch.q, ch.c.ID)
		if err != nil {
			return err
		}
		if item.ReportID != newest || !executable(ch.c, item.Decision, false) {
			return problem.New(http.StatusUnprocessableEntity, "advice_not_executable", nil)
		}
		rows, err := ch.q.ExecuteAdvice(ctx, db.ExecuteAdviceParams{ID: id, ExecutedBy: &a.UserID, Now: &ch.now,
			ExecutionNoteEnc: s.sealText("advice_items", "execution_note_enc", id, value(in.Note))})
		if err != nil {
			return fmt.Errorf("carry out: %w", err)
		}
		if rows != 1 {
			return ch.conflict(ctx, "already_done", nil)
		}
		ch.touch("advice")
		if err := ch.record(ctx, eventAdviceDone, map[string]any{"adviceId": id, "kind": item.Kind}); err != nil {
			return err
		}
		return s.settle(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, item.ConsultationID)
}

// CompleteFollowUp closes a follow-up. The resident's institution may, and the doctor's side of the consultation.
func (s *Service) CompleteFollowUp(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.NoteRequest) (contract.FollowUp, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return contract.FollowUp{}, err
	}
	row, err := s.st.Q().FollowUpByID(ctx, id)
	if store.IsNone(err) {
		return contract.FollowUp{}, problem.NotFound()
	}
	if err != nil {
		return contract.FollowUp{}, fmt.Errorf("follow-up: %w", err)
	}
	request := struct {
		FollowUp uuid.UUID
		In       contract.NoteRequest
	}{id, in}
	err = s.onConsultation(ctx, a, &cmd, "completeFollowUp", row.ConsultationID, request, follower, func(ch *change) error {
		rows, err := ch.q.FinishFollowUp(ctx, db.FinishFollowUpParams{ID: id, DoneBy: &a.UserID, Now: &ch.now,
			NoteEnc: s.sealText("follow_ups", "note_enc", id, value(in.Note))})
		if err != nil {
			return fmt.Errorf("follow-up: %w", err)
		}
		if rows != 1 {
			return ch.conflict(ctx, "already_done", nil)
		}
		ch.touch("state")
		if err := ch.record(ctx, eventFollowUpDone, map[string]any{"followUpId": id}); err != nil {
			return err
		}
		return s.settle(ctx, ch)
	})
	if err != nil {
		return contract.FollowUp{}, err
	}
	q := s.st.Q()
	if row, err = q.FollowUpByID(ctx, id); err != nil {
		return contract.FollowUp{}, fmt.Errorf("follow-up: %w", err)
	}
	resident, err := q.CaseResident(ctx, row.ResidentID)
	if err != nil {
		return contract.FollowUp{}, fmt.Errorf("resident: %w", err)
	}
	return s.followUpView(row, resident, false)
}

// follower: the bedside, or the doctor whose consultation it is.
func follower(v sight) bool { return v.care() || v.holder }

// settle moves a finished consultation on: to follow-up while advice is to be carried out or a follow-up is due, to the
// archive when nothing is left.
func (s *Service) settle(ctx context.Context, ch *change) error {
	st := consult.State(ch.c.State)
	if st != consult.StateAdopted && st != consult.StateFollowUp && (st != consult.StateReported && st != consult.StateArchived || needsAdoption(ch.c)) {
		return nil
	}
	open, err := s.openTasks(ctx, ch)
	if err != nil {
		return err
	}
	if open > 0 {
		if st == consult.StateFollowUp {
			return nil
		}
		return ch.step(ctx, consult.ActOpenFollowUp, consult.RoleSystem, "", map[string]any{"open": open})
	}
	if st == consult.StateArchived {
		return nil
	}
	if err := ch.step(ctx, consult.ActArchive, consult.RoleSystem, "", nil); err != nil {
		return err
	}
	if err := ch.q.SetClosed(ctx, db.SetClosedParams{ID: ch.c.ID, Now: &ch.now}); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}

// newestReport is the version that holds; the zero id before any was signed.
func newestReport(ctx context.Context, q *db.Queries, id uuid.UUID) (uuid.UUID, error) {
	reports, err := q.CaseReports(ctx, id)
	if err != nil {
		return uuid.Nil, fmt.Errorf("reports: %w", err)
	}
	if len(reports) == 0 {
		return uuid.Nil, nil
	}
	return reports[len(reports)-1].ID, nil
}

func (s *Service) openTasks(ctx context.Context, ch *change) (int, error) {
	advice, err := ch.q.CaseAdvice(ctx, ch.c.ID)
	if err != nil {
		return 0, fmt.Errorf("advice: %w", err)
	}
	followUps, err := ch.q.CaseFollowUps(ctx, ch.c.ID)
	if err != nil {
		return 0, fmt.Errorf("follow-ups: %w", err)
	}
	n := 0
	newest, err := newestReport(ctx, ch.q, ch.c.ID)
	if err != nil {
		return 0, err
	}
	for _, row := range advice {
		if row.ReportID == newest && executable(ch.c, row.Decision, row.ExecutedAt != nil) {
			n++
		}
	}
	for _, f := range followUps {
		if f.State == "OPEN" {
			n++
		}
	}
	return n, nil
}
