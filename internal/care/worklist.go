package care

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// followUpsShown is how many days ahead follow-ups are listed.
const followUpsShown = 14

// GetWorklist gives what waits for the caller. The bedside: today's drafts and requests on their way, advice to carry out,
// follow-ups; an attending doctor also opinions to adopt; who visits the same of what they asked for from homes. A hospital doctor: what is held, reports to sign, own follow-ups.
func (s *Service) GetWorklist(ctx context.Context, a identity.Actor) (contract.Worklist, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return contract.Worklist{}, err
	}
	var out contract.Worklist
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		today := consult.DateOf(now)
		orgs, works := a.Organisations(RoleNurse, RoleAttending), a.Organisations(bedsideRoles()...)

		active, err := q.WorklistActive(ctx, db.WorklistActiveParams{Organisations: orgs, UserID: a.UserID, Works: works, DraftsSince: today.Start()})
		if err != nil {
			return fmt.Errorf("worklist: %w", err)
		}
		toAdopt, err := q.WorklistToAdopt(ctx, db.WorklistToAdoptParams{Organisations: a.Organisations(RoleAttending), UserID: a.UserID, Works: a.Organisations(RoleAttending, RoleFamilyDoctor),
			Services: adoptedServices()})
		if err != nil {
			return fmt.Errorf("worklist: %w", err)
		}
		tasks, err := q.WorklistTasks(ctx, db.WorklistTasksParams{Organisations: orgs, UserID: a.UserID, Works: works, Services: adoptedServices()})
		if err != nil {
			return fmt.Errorf("worklist: %w", err)
		}
		var pending []uuid.UUID
		var doctor *uuid.UUID
		if a.Has(RoleConsultant) {
			doctor = &a.UserID
			held, err := q.WorklistHeld(ctx, db.WorklistHeldParams{DoctorID: a.UserID, States: []string{string(consult.StateAccepted),
				string(consult.StateScheduled), string(consult.StateWaiting), string(consult.StateInProgress), string(consult.StateAbortedTech)}})
			if err != nil {
				return fmt.Errorf("worklist: %w", err)
			}
			active = append(active, held...)
			if pending, err = q.WorklistHeld(ctx, db.WorklistHeldParams{DoctorID: a.UserID, States: []string{
				string(consult.StateReportPending), string(consult.StateTerminatedUnsuitable)}}); err != nil {
				return fmt.Errorf("worklist: %w", err)
			}
		}
		followUps, err := q.WorklistFollowUps(ctx, db.WorklistFollowUpsParams{Until: today.AddDays(followUpsShown).Time(), Organisations: orgs, UserID: a.UserID, Works: works, Doctor: doctor})
		if err != nil {
			return fmt.Errorf("worklist: %w", err)
		}

		out = contract.Worklist{ServerTime: now, Tasks: []contract.AdviceTask{}, FollowUps: []contract.FollowUp{}}
		if out.Active, err = s.logRows(ctx, q, active, false, now); err != nil {
			return err
		}
		if out.ToAdopt, err = s.logRows(ctx, q, toAdopt, false, now); err != nil {
			return err
		}
		if out.ReportsPending, err = s.logRows(ctx, q, pending, false, now); err != nil {
			return err
		}
		for _, t := range tasks {
			v, err := s.taskOf(t)
			if err != nil {
				return err
			}
			out.Tasks = append(out.Tasks, v)
		}
		if out.ConsentTasks, err = s.consentTasks(ctx, q, a, now); err != nil {
			return err
		}
		for _, f := range followUps {
			v, err := s.followUpOf(f)
			if err != nil {
				return err
			}
			out.FollowUps = append(out.FollowUps, v)
		}
		return nil
	})
	return out, err
}

// adoptedServices are the service types whose opinion the inviting side must adopt (G-RM-10).
func adoptedServices() []string {
	out := []string{}
	for _, t := range consult.ServiceTypes() {
		if t.NeedsAdoption {
			out = append(out, t.Code)
		}
	}
	return out
}

func (s *Service) taskOf(t db.WorklistTasksRow) (contract.AdviceTask, error) {
	name, err := s.openText("residents", "name_enc", t.ResidentID, t.NameEnc)
	if err != nil {
		return contract.AdviceTask{}, err
	}
	said, err := s.openAdvice("advice_items", t.ID, t.Kind, t.TextEnc, t.DetailEnc)
	if err != nil {
		return contract.AdviceTask{}, err
	}
	why, err := s.openText("advice_items", "decision_reason_enc", t.ID, t.DecisionReasonEnc)
	if err != nil {
		return contract.AdviceTask{}, err
	}
	urgency := contract.Urgency(t.Urgency)
	return contract.AdviceTask{ConsultationId: t.ConsultationID, Serial: t.Serial, ResidentName: name, Bed: t.Bed, Urgency: &urgency,
		Advice: contract.AdviceItem{Id: t.ID, Kind: t.Kind, Text: said.Text, Dose: some(said.Dose), Route: some(said.Route),
			Frequency: some(said.Frequency), Days: some(said.Days), ReadBackBy: some(t.Reader), ReadBackAt: utc(t.ReadBackAt), Decision: contract.AdviceItemDecision(t.Decision),
			DecisionReason: some(why), DecidedBy: some(t.DecidedByName), DecidedAt: t.DecidedAt, Executable: true}}, nil
}

func (s *Service) followUpOf(f db.WorklistFollowUpsRow) (contract.FollowUp, error) {
	name, err := s.openText("residents", "name_enc", f.ResidentID, f.NameEnc)
	if err != nil {
		return contract.FollowUp{}, err
	}
	note, err := s.openText("follow_ups", "note_enc", f.ID, f.NoteEnc)
	if err != nil {
		return contract.FollowUp{}, err
	}
	return contract.FollowUp{Id: f.ID, ConsultationId: f.ConsultationID, ResidentId: f.ResidentID, ResidentName: name, Bed: some(f.Bed),
		DueOn: dayOf(f.DueOn), State: contract.FollowUpState(f.State), Note: some(note), DoneAt: f.DoneAt}, nil
}
