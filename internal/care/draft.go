package care

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// CreateConsultation makes a draft with an id that the client chose, so that a tablet without network can begin. The same id
// for the same resident is the same draft; another one is not found. Who asks from a home in the name of the institution that visits is looked
// up in invites. Errors: 404 for a foreign resident, 409 visit_not_there, 422 resident_left.
func (s *Service) CreateConsultation(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.ConsultationInput) (contract.Consultation, error) {
	const operation = "createConsultation"
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkChips(in.Reasons, in.RedFlags); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkLength("complaint", value(in.Complaint), 2000); err != nil {
		return contract.Consultation{}, err
	}
	if len(in.Reasons) == 0 {
		return contract.Consultation{}, missing("reasons")
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		done, _, err := s.once(ctx, q, a, cmd, operation, in)
		if err != nil || done {
			return err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		resident, err := q.CaseResident(ctx, in.ResidentId)
		if err := one(err, "the resident"); err != nil {
			return err
		}
		by, err := invites(ctx, q, a, resident, in.VisitId)
		if err != nil {
			return err
		}
		c, _, err := s.readConsultation(ctx, q, a, in.Id, now)
		switch {
		case err == nil && c.ResidentID == in.ResidentId:
			return s.answered(ctx, q, a, cmd, operation, in, c.ID)
		case err == nil:
			return problem.New(http.StatusConflict, "id_taken", nil)
		case problem.Of(err).Code != "not_found":
			return err
		}
		if resident.LeftOn != nil && !consult.DateFromTime(*resident.LeftOn).After(consult.DateOf(now)) {
			return problem.New(http.StatusUnprocessableEntity, "resident_left", nil)
		}
		if err := by.there(); err != nil {
			return err
		}
		if c, err = s.insertDraft(ctx, q, a, in, by, resident, now); err != nil {
			return err
		}
		v, err := s.see(ctx, q, a, c, now)
		if err != nil {
			return err
		}
		ch := s.change(q, c, v, now, a)
		if err := by.link(ctx, ch); err != nil {
			return err
		}
		if err := ch.record(ctx, eventCreated, map[string]any{"reasons": in.Reasons, "redFlags": in.RedFlags, "drill": c.Drill}); err != nil {
			return err
		}
		ch.touch("state")
		if err := s.answered(ctx, q, a, cmd, operation, in, c.ID); err != nil {
			return err
		}
		return ch.commit(ctx)
	})
	switch {
	case isTwin(err), store.Violates(err, "consultations_pkey"):
		// The twin that won, or somebody else's: reading it tells which.
	case err != nil:
		return contract.Consultation{}, err
	}
	b, err := s.caseFor(ctx, a, in.Id, nil)
	if err != nil {
		return contract.Consultation{}, err
	}
	return b.out, nil
}

func (s *Service) insertDraft(ctx context.Context, q *db.Queries, a identity.Actor, in contract.ConsultationInput, by inviters, resident db.Resident, now time.Time) (db.Consultation, error) {
	urgency, _ := consult.ProposeUrgency(reasonChips(in.Reasons), redFlags(in.RedFlags), nil)
	serial, err := nextSerial(ctx, q, now)
	if err != nil {
		return db.Consultation{}, err
	}
	// Until it is submitted the service is what the duty rota allows; submitting decides.
	service, err := s.serviceOfDuty(ctx, q, by.organisation, now)
	if err != nil {
		return db.Consultation{}, err
	}
	flags := in.RedFlags
	if flags == nil {
		flags = []string{}
	}
	if err := q.CreateDraft(ctx, db.CreateDraftParams{ID: in.Id, Serial: serial, ResidentID: resident.ID, InvitingOrgID: by.organisation, Visitors: by.visitors,
		Urgency: string(urgency), ServiceType: string(service), Drill: value(in.Drill), CreatedBy: a.UserID, Reasons: in.Reasons, RedFlags: flags,
		ComplaintEnc: s.sealText("consultations", "complaint_enc", in.Id, value(in.Complaint)), Now: now}); err != nil {
		return db.Consultation{}, fmt.Errorf("create the draft: %w", err)
	}
	return q.GetConsultation(ctx, in.Id)
}

// nextSerial is what people read out: LZ, the day in Asia/Shanghai, and the number within it.
func nextSerial(ctx context.Context, q *db.Queries, now time.Time) (string, error) {
	day := consult.DateOf(now)
	n, err := q.NextSerial(ctx, day.Time())
	if err != nil {
		return "", fmt.Errorf("serial number: %w", err)
	}
	return fmt.Sprintf("LZ%04d%02d%02d-%04d", day.Year, day.Month, day.Day, n), nil
}

// UpdateRequest changes reasons, red flags, complaint, urgency and department from draft until the report is signed. The
// section's revision guards it: revision_stale with the present one. The urgency is proposed anew by the server; choosing one
// below the proposal, or below the present one after the request was submitted, needs a reason.
func (s *Service) UpdateRequest(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.RequestUpdate) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkChips(in.Reasons, in.RedFlags); err != nil {
		return contract.Consultation{}, err
	}
	if len(in.Reasons) == 0 {
		return contract.Consultation{}, missing("reasons")
	}
	err := s.onConsultation(ctx, a, nil, "updateRequest", id, in, bedside, func(ch *change) error {
		if !editable(consult.State(ch.c.State)) {
			return ch.conflict(ctx, "no_longer_editable", nil)
		}
		if in.Revision != int(ch.c.RequestRevision) {
			return ch.conflict(ctx, "revision_stale", nil)
		}
		return s.changeRequest(ctx, ch, in)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// editable: the form can be completed from draft until the report is signed.
func editable(st consult.State) bool {
	switch st {
	case consult.StateDraft, consult.StateSubmitted, consult.StateReturned, consult.StateTriaged, consult.StateOffered, consult.StateAccepted,
		consult.StateScheduled, consult.StateWaiting, consult.StateInProgress, consult.StateAbortedTech, consult.StateTerminatedUnsuitable,
		consult.StateToEmergency, consult.StateReportPending:
		return true
	}
	return false
}

func (s *Service) changeRequest(ctx context.Context, ch *change, in contract.RequestUpdate) error {
	proposed, err := s.proposeFor(ctx, ch.q, ch.c.ID, in.Reasons, in.RedFlags)
	if err != nil {
		return err
	}
	before := consult.Urgency(ch.c.Urgency)
	chosen := before
	switch {
	case in.Urgency != nil:
		chosen = consult.Urgency(*in.Urgency)
	case proposed.MoreUrgentThan(before) && proposed.MoreUrgentThan(consult.Urgency(ch.c.UrgencyProposed)):
		chosen = proposed // what was entered since asks for more than was weighed; raising is free
	case ch.c.State == string(consult.StateDraft) && value(in.UrgencyReason) == "" && ch.c.Urgency == ch.c.UrgencyProposed:
		chosen = proposed // nobody chose yet
	}
	why := value(in.UrgencyReason)
	if err := checkLength("urgencyReason", why, 300); err != nil {
		return err
	}
	kept := chosen == before && ch.c.UrgencyReasonEnc != nil && why == ""
	if !kept {
		if err := consult.CheckUrgencyChoice(proposed, chosen, why); err != nil {
			return onField(err, "urgencyReason")
		}
		if ch.c.State != string(consult.StateDraft) {
			if err := consult.CheckUrgencyChoice(before, chosen, why); err != nil {
				return onField(err, "urgencyReason")
			}
		}
	}
	reasonEnc := ch.c.UrgencyReasonEnc
	if !kept {
		reasonEnc = s.sealText("consultations", "urgency_reason_enc", ch.c.ID, why)
	}
	complaint := ch.c.ComplaintEnc
	if in.Complaint != nil {
		if err := checkLength("complaint", *in.Complaint, 2000); err != nil {
			return err
		}
		complaint = s.sealText("consultations", "complaint_enc", ch.c.ID, *in.Complaint)
	}
	department, err := s.changedDepartment(ctx, ch, in.DepartmentId)
	if err != nil {
		return err
	}
	due := ch.c.AcceptDueAt
	switch tooUrgent := consult.CheckWritten(chosen) != nil; {
	case ch.c.OfferedAt == nil || chosen == before:
	case written(ch.c) && !tooUrgent:
		if due, err = answerDue(ctx, ch.q, chosen, *ch.c.OfferedAt); err != nil {
			return err
		}
		if err := ch.q.SetAnswerDue(ctx, db.SetAnswerDueParams{ID: ch.c.ID, Due: due}); err != nil {
			return fmt.Errorf("promise: %w", err)
		}
	default:
		if due, err = acceptDue(ctx, ch.q, chosen, *ch.c.OfferedAt); err != nil {
			return err
		}
	}
	flags := in.RedFlags
	if flags == nil {
		flags = []string{}
	}
	rows, err := ch.q.UpdateRequestSection(ctx, db.UpdateRequestSectionParams{ID: ch.c.ID, Revision: ch.c.RequestRevision, Reasons: in.Reasons, RedFlags: flags,
		ComplaintEnc: complaint, Urgency: string(chosen), UrgencyProposed: string(proposed), UrgencyReasonEnc: reasonEnc,
		DepartmentID: department, AcceptDueAt: due, Now: ch.now})
	if err != nil {
		return fmt.Errorf("change the request: %w", err)
	}
	if rows != 1 {
		return ch.conflict(ctx, "revision_stale", nil)
	}
	ch.c.RequestRevision++
	ch.c.Urgency, ch.c.AcceptDueAt = string(chosen), due
	ch.c.DepartmentID = department
	ch.touch("request")
	if err := ch.record(ctx, eventRequestChanged, map[string]any{"reasons": in.Reasons, "redFlags": flags, "revision": ch.c.RequestRevision}); err != nil {
		return err
	}
	return s.reprioritised(ctx, ch, before, proposed)
}

// reprioritised says that the urgency of a request changed; while it waits, the ladder goes by the new target, and rings again
// when the urgency was raised. A written question that became too urgent to wait for an answer is called after all.
func (s *Service) reprioritised(ctx context.Context, ch *change, before, proposed consult.Urgency) error {
	if ch.c.State != string(consult.StateDraft) {
		ch.inQueue("updated")
	}
	after := consult.Urgency(ch.c.Urgency)
	if after == before {
		return nil
	}
	if err := ch.record(ctx, eventUrgencyChanged, map[string]any{"from": string(before), "to": string(after), "proposed": string(proposed)}); err != nil {
		return err
	}
	waits := ch.c.State == string(consult.StateOffered) || ch.c.State == string(consult.StateAccepted)
	if written(ch.c) && waits && consult.CheckWritten(after) != nil {
		return s.callAfterAll(ctx, ch)
	}
	if !rings(ch.c) {
		return nil
	}
	if after.MoreUrgentThan(before) {
		return s.startLadder(ctx, ch)
	}
	ch.armLadder()
	return ch.saveLadder(ctx)
}

// changedDepartment checks another department for the request; after submitting it can no longer be changed here.
func (s *Service) changedDepartment(ctx context.Context, ch *change, wanted *uuid.UUID) (*uuid.UUID, error) {
	if wanted == nil || ch.c.DepartmentID != nil && *ch.c.DepartmentID == *wanted {
		return ch.c.DepartmentID, nil
	}
	if ch.c.State != string(consult.StateDraft) {
		return nil, ch.conflict(ctx, "department_fixed", nil)
	}
	d, err := ch.q.CaseDepartment(ctx, *wanted)
	if store.IsNone(err) || err == nil && !d.Active {
		return nil, problem.Invalid(problem.Field{Path: "departmentId", Code: "wrong_value"})
	}
	if err != nil {
		return nil, fmt.Errorf("department: %w", err)
	}
	return wanted, nil
}

// acceptDue is until when a request of an urgency should be accepted, nil when the urgency has no target.
func acceptDue(ctx context.Context, q *db.Queries, u consult.Urgency, offered time.Time) (*time.Time, error) {
	t, err := q.UrgencyTarget(ctx, string(u))
	if err != nil {
		return nil, fmt.Errorf("target of %s: %w", u, err)
	}
	if t.AcceptSeconds == nil {
		return nil, nil
	}
	due := offered.Add(time.Duration(*t.AcceptSeconds) * time.Second)
	return &due, nil
}

// onField turns a refusal of the domain into one of a field of the request.
func onField(err error, path string) error {
	if r := consult.Refusals(err); len(r) > 0 {
		fields := make([]problem.Field, len(r))
		for i, one := range r {
			fields[i] = problem.Field{Path: path, Code: one.Code, Args: one.Args}
		}
		return problem.Invalid(fields...).Because(err)
	}
	return err
}
