package care

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// SubmitConsultation calls the doctor: draft → submitted → triaged → offered in one transaction, then it rings. A written question
// (书面会诊) rings nobody and is promised an answer by a time of its own; it passes the same gates and refuses what is too urgent. The server
// proposes the urgency anew; the choice may be above it freely and below it with a reason. Refusals: consent_required (never
// for CRITICAL), visit_not_there where those who visit have left, request_open with the id of the resident's other request, and the coded reason why no service is possible.
func (s *Service) SubmitConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.SubmitRequest) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkLength("urgencyReason", value(in.UrgencyReason), 300); err != nil {
		return contract.Consultation{}, err
	}
	var resident uuid.UUID
	var doctors *roster
	err := s.onConsultation(ctx, a, &cmd, "submitConsultation", id, in, bedside, func(ch *change) error {
		resident, doctors = ch.c.ResidentID, &ch.roster
		return s.submit(ctx, ch, in)
	})
	if gatesRefused(err) {
		if kept := s.keepRefusal(ctx, a, id, consult.StageSubmit, string(in.Urgency), in.DepartmentId); kept != nil {
			return contract.Consultation{}, errors.Join(err, kept)
		}
	}
	if store.Violates(err, "consultations_one_open_per_resident") {
		if open, found := s.st.Q().OpenRequestOf(ctx, resident); found == nil {
			err = requestOpen(open)
		}
	}
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.viewWith(ctx, a, id, doctors)
}

func requestOpen(id uuid.UUID) error {
	return problem.New(http.StatusConflict, "request_open", problem.Args{"id": id.String()})
}

func (s *Service) submit(ctx context.Context, ch *change, in contract.SubmitRequest) error {
	// The table says first whether there is anything to submit.
	if !consult.May(consult.State(ch.c.State), consult.ActSubmit, consult.Role(ch.role)) {
		return ch.conflict(ctx, consult.CodeTransition, problem.Args{"state": ch.c.State, "action": string(consult.ActSubmit)})
	}
	open, err := ch.q.OpenRequestOf(ctx, ch.c.ResidentID)
	switch {
	case err == nil:
		return requestOpen(open)
	case !store.IsNone(err):
		return fmt.Errorf("open request: %w", err)
	}
	proposed, err := s.proposeFor(ctx, ch.q, ch.c.ID, ch.c.Reasons, ch.c.RedFlags)
	if err != nil {
		return err
	}
	urgency, why := consult.Urgency(in.Urgency), value(in.UrgencyReason)
	if err := stillThere(ctx, ch, urgency, in.Mode); err != nil {
		return err
	}
	if blank(why) {
		if why, err = s.openText("consultations", "urgency_reason_enc", ch.c.ID, ch.c.UrgencyReasonEnc); err != nil {
			return err
		}
	}
	if in.AskedAt != nil && blank(why) && proposed.MoreUrgentThan(urgency) {
		urgency = proposed // a device without network could not show it
	}
	if err := consult.CheckUrgencyChoice(proposed, urgency, why); err != nil {
		return onField(err, "urgencyReason")
	}
	ch.c.Urgency = string(urgency)

	consent, err := s.standingConsent(ctx, ch.q, ch.c, ch.now)
	if err != nil {
		return err
	}
	if consent == nil && urgency != consult.Critical {
		return problem.New(http.StatusUnprocessableEntity, "consent_required", nil)
	}
	var named *uuid.UUID
	if ch.sight.attending {
		named = ch.actor
	}
	// Who checked in yesterday over the draft of today is not taken for being there.
	if err := ch.q.EndStaleCheckIns(ctx, db.EndStaleCheckInsParams{ConsultationID: ch.c.ID, Before: ch.now.Add(-checkInLapses)}); err != nil {
		return fmt.Errorf("check-ins: %w", err)
	}
	if named, err = s.accompanying(ctx, ch.q, named, ch.c, ch.now); err != nil {
		return err
	}
	side, err := s.inviterNow(ctx, ch.q, ch.c.InvitingOrgID, named, ch.now)
	if err != nil {
		return err
	}
	if err := s.aboutResident(ctx, ch.q, ch.c, &side, ch.now, consult.ServiceType(value(in.ServiceType))); err != nil {
		return err
	}
	wanted := in.DepartmentId
	if wanted == nil {
		wanted = ch.c.DepartmentID
	}
	way, err := s.chooseRoute(ctx, ch.q, ch.c.InvitingOrgID, side, urgency, wanted, consult.ProposeDepartment(reasonChips(ch.c.Reasons)),
		consult.ServiceType(value(in.ServiceType)), ch.now)
	if err != nil {
		return err
	}
	ch.roster = way.roster
	var due, answer *time.Time
	ch.c.Mode = string(contract.ModeONLINE)
	if value(in.Mode) == contract.SubmitRequestModeWRITTEN {
		if err := consult.CheckWritten(urgency); err != nil {
			return onField(err, "mode")
		}
		ch.c.Mode = string(contract.ModeWRITTEN)
		if answer, err = answerDue(ctx, ch.q, urgency, ch.now); err != nil {
			return err
		}
		due = answer
	} else if due, err = acceptDue(ctx, ch.q, urgency, ch.now); err != nil {
		return err
	}
	set := db.SetSubmittedParams{ID: ch.c.ID, Urgency: string(urgency), UrgencyProposed: string(proposed),
		UrgencyReasonEnc: s.sealText("consultations", "urgency_reason_enc", ch.c.ID, why), ServiceType: string(way.decision.Service),
		SubmitterID: side.submitter, InvitedOrgID: &way.department.OrganisationID, DepartmentID: &way.department.ID, AgreementID: way.agreement,
		AcceptDueAt: due, ReportDueAt: answer, Mode: ch.c.Mode, Now: &ch.now}
	if consent != nil {
		set.ConsentID = &consent.ID
	}
	if urgency != consult.Critical {
		set.ServiceWanted = value(in.ServiceType)
	}
	if err := ch.q.SetSubmitted(ctx, set); err != nil {
		return fmt.Errorf("submit: %w", err)
	}
	if err := askedBefore(ctx, ch, in.AskedAt); err != nil {
		return err
	}
	ch.c.ServiceType, ch.c.InvitedOrgID, ch.c.DepartmentID, ch.c.OfferedAt = set.ServiceType, set.InvitedOrgID, set.DepartmentID, &ch.now
	ch.c.SubmitterID, ch.c.AgreementID, ch.c.AcceptDueAt, ch.c.ServiceWanted = set.SubmitterID, set.AgreementID, due, set.ServiceWanted
	situation, err := s.situationWith(ctx, ch.q, ch.c, side, ch.now)
	if err != nil {
		return err
	}
	verdict, err := ch.keepGates(ctx, situation, consult.StageSubmit)
	if err != nil {
		return err
	}
	if err := verdict.Err(consult.StageSubmit); err != nil {
		return err
	}
	if ch.c.State == string(consult.StateReturned) {
		if err := s.resubmitted(ctx, ch); err != nil {
			return err
		}
	}
	if err := s.applied(ctx, ch); err != nil {
		return err
	}
	return s.offerSubmitted(ctx, ch, way, proposed, consent == nil)
}

// sendingTakes is how long a device may take to send what it kept, once it reaches the server: a draft that is older was begun with the network there.
const sendingTakes = 5 * time.Minute

// askedBefore keeps when a request was made that could not be sent at once, and from when it counts in the queue. The promise of an answer
// counts from when the server received it: nobody can answer what they do not know of.
func askedBefore(ctx context.Context, ch *change, asked *time.Time) error {
	if asked == nil {
		return nil
	}
	heard, err := ch.q.LastHeardOf(ctx, db.LastHeardOfParams{ResidentID: ch.c.ResidentID, Request: ch.c.ID, SentSince: ch.now.Add(-sendingTakes)})
	if err != nil {
		return fmt.Errorf("last heard of the resident: %w", err)
	}
	at := asked.UTC().Truncate(time.Millisecond)
	if at.After(ch.now) {
		at = ch.now
	}
	since := consult.QueueSince(at, ch.now, heard)
	if err := ch.q.SetAsked(ctx, db.SetAskedParams{ID: ch.c.ID, AskedAt: &at, QueuedSince: &since}); err != nil {
		return fmt.Errorf("when it was asked: %w", err)
	}
	ch.c.AskedAt, ch.c.QueuedSince = &at, &since
	return nil
}

// queuedSince is from when a request counts in the queue.
func queuedSince(c db.Consultation) time.Time {
	if c.QueuedSince != nil {
		return *c.QueuedSince
	}
	return value(c.OfferedAt)
}

// answerDue is until when a written question of an urgency is promised to be answered.
func answerDue(ctx context.Context, q *db.Queries, u consult.Urgency, asked time.Time) (*time.Time, error) {
	target, err := q.UrgencyTarget(ctx, string(u))
	if err != nil {
		return nil, fmt.Errorf("target of %s: %w", u, err)
	}
	due := asked.Add(time.Duration(target.ReportSeconds) * time.Second).UTC()
	return &due, nil
}

// offerSubmitted writes the three steps, what an emergency passed, and rings.
func (s *Service) offerSubmitted(ctx context.Context, ch *change, way route, proposed consult.Urgency, noConsent bool) error {
	role := consult.Role(ch.role)
	err := ch.step(ctx, consult.ActSubmit, role, "", map[string]any{"serviceType": ch.c.ServiceType, "invitedOrgId": ch.c.InvitedOrgID,
		"departmentId": ch.c.DepartmentID, "agreementId": ch.c.AgreementID, "submitterId": ch.c.SubmitterID, "mode": ch.c.Mode, "askedAt": utc(ch.c.AskedAt)})
	if err != nil {
		return err
	}
	if way.decision.EmergencyOverride || noConsent {
		codes := []string{}
		for _, r := range way.decision.Reasons {
			if way.decision.EmergencyOverride && !slices.Contains(codes, r.Code) {
				codes = append(codes, r.Code)
			}
		}
		if noConsent {
			codes = append(codes, "consent_required")
		}
		if err := ch.record(ctx, eventOverride, map[string]any{"passed": codes}); err != nil {
			return err
		}
	}
	if err := ch.step(ctx, consult.ActTriage, consult.RoleSystem, "", map[string]any{"urgency": ch.c.Urgency, "proposed": string(proposed)}); err != nil {
		return err
	}
	if err := ch.q.AskDepartment(ctx, db.AskDepartmentParams{ConsultationID: ch.c.ID, DepartmentID: *ch.c.DepartmentID, Since: ch.now}); err != nil {
		return fmt.Errorf("audience: %w", err)
	}
	if err := ch.step(ctx, consult.ActOffer, consult.RoleSystem, "", map[string]any{"departmentId": ch.c.DepartmentID}); err != nil {
		return err
	}
	ch.inQueue("offered")
	ch.duty = true
	if ch.round != nil { // its doctor has accepted already
		return nil
	}
	if written(ch.c) {
		return s.remindWritten(ctx, ch)
	}
	return s.startLadder(ctx, ch)
}
