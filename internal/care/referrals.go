package care

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// referrable: from the grant on, also after the record was closed; what led to a referral is there to be read.
func referrable(c db.Consultation) bool {
	switch consult.State(c.State) {
	case consult.StateAccepted, consult.StateWaiting, consult.StateInProgress, consult.StateAbortedTech, consult.StateTerminatedUnsuitable,
		consult.StateToEmergency, consult.StateReportPending, consult.StateReported, consult.StateAdopted, consult.StateFollowUp, consult.StateArchived:
		return true
	}
	return false
}

// refers says who may refer: the bedside, and the doctor of the case.
func refers(v sight) bool { return v.care() || v.holder }

// CreateReferral refers a resident on (双向转诊). Up, to the side, to emergency care and to a hospice the resident leaves the inviting
// institution; DOWN leads back to it; between the areas of one institution and home both ends are its own. One referral of a
// direction is open at a time.
func (s *Service) CreateReferral(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ReferralInput) (contract.Referral, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return contract.Referral{}, err
	}
	made := newID()
	err := s.onConsultation(ctx, a, &cmd, "createReferral", id, in, refers, func(ch *change) error {
		if !referrable(ch.c) {
			return ch.conflict(ctx, "referral_not_now", nil)
		}
		row, err := s.checkedReferral(ctx, ch, in)
		if err != nil {
			return err
		}
		row.ID, row.CreatedBy, row.Now = made, a.UserID, ch.now
		row.ReasonEnc = s.sealText("referrals", "reason_enc", made, in.Reason)
		row.CloseDueOn = consult.DateOf(ch.now).AddDays(consult.ReferralClosingDays).Time()
		if err := ch.q.AddReferral(ctx, row); err != nil {
			return fmt.Errorf("refer: %w", err)
		}
		if err := ch.q.AddReferralStep(ctx, db.AddReferralStepParams{ID: newID(), ReferralID: made, Step: "REQUEST", ActorID: a.UserID, ActorRole: ch.role, Now: ch.now}); err != nil {
			return fmt.Errorf("refer: %w", err)
		}
		ch.touch("referral")
		return ch.record(ctx, eventReferred, map[string]any{"referralId": made, "direction": row.Direction, "greenChannel": row.GreenChannel})
	})
	if err != nil {
		return contract.Referral{}, err
	}
	if _, object, err := s.onceDone(ctx, a, cmd); err == nil && object {
		// A repetition: the newest of this direction is what the command made.
		list, err := s.referrals(ctx, a, db.ReferralsParams{ConsultationID: &id})
		if err != nil {
			return contract.Referral{}, err
		}
		for _, r := range list {
			if r.Id == made {
				return r, nil
			}
		}
		for _, r := range list {
			if r.Direction == in.Direction {
				return r, nil
			}
		}
	}
	return s.referral(ctx, a, made)
}

// onceDone says whether a command was registered.
func (s *Service) onceDone(ctx context.Context, a identity.Actor, cmd uuid.UUID) (*uuid.UUID, bool, error) {
	row, err := s.st.Q().CommandResult(ctx, db.CommandResultParams{UserID: a.UserID, CommandID: cmd})
	if err != nil {
		return nil, false, fmt.Errorf("look for the command: %w", err)
	}
	return row.ObjectID, true, nil
}

func (s *Service) checkedReferral(ctx context.Context, ch *change, in contract.ReferralInput) (db.AddReferralParams, error) {
	row := db.AddReferralParams{ConsultationID: ch.c.ID, ResidentID: ch.c.ResidentID, Direction: in.Direction, Urgency: ch.c.Urgency,
		FromOrgID: ch.c.InvitingOrgID, ToName: strings.TrimSpace(value(in.ToName)), DepartmentCode: value(in.DepartmentCode)}
	var f form
	f.text("reason", in.Reason, 1, 1000)
	f.code("direction", consult.VocabDirection, in.Direction)
	if row.DepartmentCode != "" {
		if !s.codes().Current(consult.VocabDepartment, row.DepartmentCode) {
			f.add("departmentCode", "wrong_value")
		}
	}
	if in.GreenChannel != nil {
		row.GreenChannel, row.GreenRequestedAt = string(*in.GreenChannel), &ch.now
	}
	direction := consult.ReferralDirection(in.Direction)
	switch {
	case direction.FromHospital():
		if ch.c.InvitedOrgID == nil {
			f.add("direction", "referral_no_hospital")
			break
		}
		row.FromOrgID, row.ToOrgID, row.ToName = *ch.c.InvitedOrgID, &ch.c.InvitingOrgID, ""
	case direction.Within(), direction == consult.ReferHome && in.ToOrganisationId == nil && row.ToName == "":
		row.ToOrgID, row.ToName = &ch.c.InvitingOrgID, ""
	case in.ToOrganisationId != nil:
		places, err := s.places(ctx, ch.q, ch.c, ch.now)
		if err != nil {
			return row, err
		}
		if !slices.ContainsFunc(places, func(p db.ReferralPlacesRow) bool { return p.ID == *in.ToOrganisationId && p.ID != row.FromOrgID }) {
			f.add("toOrganisationId", "wrong_value")
		}
		row.ToOrgID, row.ToName = in.ToOrganisationId, ""
	case row.ToName == "":
		if ch.c.InvitedOrgID == nil {
			f.add("toName", "required")
		}
		row.ToOrgID = ch.c.InvitedOrgID
	}
	have, err := ch.q.Referrals(ctx, db.ReferralsParams{ConsultationID: &ch.c.ID, Desks: []uuid.UUID{ch.c.InvitingOrgID}, Bedsides: []uuid.UUID{}, Works: []uuid.UUID{}, Departments: []uuid.UUID{}})
	if err != nil {
		return row, fmt.Errorf("referrals: %w", err)
	}
	for _, h := range have {
		if h.Direction == in.Direction && consult.ReferralOpen(consult.ReferralState(h.State)) {
			f.add("direction", "referral_open")
		}
	}
	return row, f.err()
}

func (s *Service) places(ctx context.Context, q *db.Queries, c db.Consultation, now time.Time) ([]db.ReferralPlacesRow, error) {
	sides := []uuid.UUID{c.InvitingOrgID}
	if c.InvitedOrgID != nil {
		sides = append(sides, *c.InvitedOrgID)
	}
	list, err := q.ReferralPlaces(ctx, db.ReferralPlacesParams{Sides: sides, Day: consult.DateOf(now).Time()})
	if err != nil {
		return nil, fmt.Errorf("where to refer: %w", err)
	}
	return list, nil
}

// ListReferralPlaces gives where a resident may be referred to inside of this installation.
func (s *Service) ListReferralPlaces(ctx context.Context, a identity.Actor, in contract.ListReferralPlacesParams) ([]contract.ReferralPlace, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	c, v, err := s.readConsultation(ctx, q, a, in.ConsultationId, now)
	if err != nil {
		return nil, err
	}
	if !v.clinical() {
		return nil, problem.Forbidden()
	}
	list, err := s.places(ctx, q, c, now)
	if err != nil {
		return nil, err
	}
	out := make([]contract.ReferralPlace, len(list))
	for i, p := range list {
		out[i] = contract.ReferralPlace{Id: p.ID, Name: p.Name, Kind: p.Kind}
	}
	return out, nil
}

// referralRoles are those that stand on a side of a referral as a whole; a hospital doctor does by own cases and departments, and a family
// doctor by what was asked for from homes.
func referralRoles() []string {
	return []string{RoleNurse, RoleAttending, RoleFamilyDoctor, RoleDispatcher, RoleInstAdmin}
}

// ListReferrals gives the referrals that concern the caller, open ones first.
func (s *Service) ListReferrals(ctx context.Context, a identity.Actor, in contract.ListReferralsParams) ([]contract.Referral, error) {
	if err := require(a, append(referralRoles(), RoleConsultant)...); err != nil {
		return nil, err
	}
	return s.referrals(ctx, a, db.ReferralsParams{ConsultationID: in.ConsultationId, OpenOnly: value(in.OpenOnly)})
}

func (s *Service) referral(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Referral, error) {
	list, err := s.referrals(ctx, a, db.ReferralsParams{ID: &id})
	if err != nil {
		return contract.Referral{}, err
	}
	if len(list) != 1 {
		return contract.Referral{}, problem.NotFound()
	}
	return list[0], nil
}

func (s *Service) referrals(ctx context.Context, a identity.Actor, p db.ReferralsParams) ([]contract.Referral, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.Referrals(ctx, s.visibleReferrals(a, p))
	if err != nil {
		return nil, fmt.Errorf("referrals: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	steps, err := q.ReferralSteps(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("steps of the referrals: %w", err)
	}
	out := make([]contract.Referral, len(rows))
	for i, r := range rows {
		if out[i], err = s.referralView(a, r, now); err != nil {
			return nil, err
		}
		for _, step := range steps {
			if step.ReferralID == r.ID {
				out[i].Steps = append(out[i].Steps, contract.ReferralDone{Step: step.Step, By: step.ActorName, At: step.At.UTC()})
			}
		}
	}
	return out, nil
}

// visibleReferrals narrows a question to what the actor may see.
func (s *Service) visibleReferrals(a identity.Actor, p db.ReferralsParams) db.ReferralsParams {
	p.Desks, p.Bedsides, p.Works = a.Organisations(RoleDispatcher, RoleInstAdmin), a.Organisations(RoleNurse, RoleAttending), a.Organisations(bedsideRoles()...)
	p.UserID, p.Departments = a.UserID, []uuid.UUID{}
	if a.Has(RoleConsultant) {
		p.DoctorID, p.Departments = &a.UserID, consultantDepartments(a)
	}
	return p
}

// referralSide is where the actor stands: at an end that is outside of this installation the sender acknowledges.
func referralSide(a identity.Actor, from uuid.UUID, to *uuid.UUID) consult.ReferralSide {
	works := func(org uuid.UUID) bool { return a.In(org, append(referralRoles(), RoleConsultant)...) }
	side := consult.ReferralSide{Sends: works(from)}
	side.Receives = to != nil && works(*to) || to == nil && side.Sends
	return side
}

func (s *Service) referralView(a identity.Actor, r db.ReferralsRow, now time.Time) (contract.Referral, error) {
	name, err := s.openText("residents", "name_enc", r.ResidentID, r.NameEnc)
	if err != nil {
		return contract.Referral{}, err
	}
	state := consult.ReferralState(r.State)
	open := consult.ReferralOpen(state)
	out := contract.Referral{Id: r.ID, ConsultationId: r.ConsultationID, Serial: r.Serial, Direction: r.Direction, State: r.State, From: r.FromName, To: r.ToDisplay,
		DepartmentCode: some(r.DepartmentCode), Department: some(s.codes().LabelAt(consult.VocabDepartment, r.DepartmentCode, lang(a), r.CreatedAt)), ResidentName: name, Bed: r.Bed, Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), now),
		Sex: contract.Sex(r.Sex), Urgency: contract.Urgency(r.Urgency), GreenChannel: some(r.GreenChannel), GreenMetAt: utc(r.GreenMetAt),
		RefusedByPatient: some(r.RefusedByPatient), CreatedBy: r.CreatedByName, CreatedAt: r.CreatedAt.UTC(), CloseDueOn: dayOf(r.CloseDueOn),
		Late: open && consult.DateFromTime(r.CloseDueOn).Before(consult.DateOf(now)), Actions: []string{}, Steps: []contract.ReferralDone{}}
	for _, act := range consult.ReferralActions(state, referralSide(a, r.FromOrgID, r.ToOrgID), r.GreenRequestedAt != nil && r.GreenMetAt == nil) {
		out.Actions = append(out.Actions, string(act))
	}
	// Of what those who visit asked for they alone read at their institution, whoever else stands on its side by a desk.
	reads := func(org uuid.UUID) bool {
		if r.Visitors != nil && org == r.InvitingOrgID {
			return slices.Contains(inviters{visitors: r.Visitors}.with(r.SubmitterID), a.UserID) && a.In(org, bedsideRoles()...)
		}
		return a.In(org, RoleNurse, RoleAttending, RoleConsultant)
	}
	if !reads(r.FromOrgID) && (r.ToOrgID == nil || !reads(*r.ToOrgID)) {
		out.ResidentName = consult.MaskName(name)
		return out, nil
	}
	for _, f := range []struct {
		column string
		sealed []byte
		to     **string
	}{{"reason_enc", r.ReasonEnc, &out.Reason}, {"refusal_enc", r.RefusalEnc, &out.Refusal}, {"outcome_enc", r.OutcomeEnc, &out.Outcome}, {"green_note_enc", r.GreenNoteEnc, &out.GreenNote}} {
		text, err := s.openText("referrals", f.column, r.ID, f.sealed)
		if err != nil {
			return out, err
		}
		*f.to = some(text)
	}
	return out, nil
}

// StepReferral takes one step of the closed loop: compare-and-set on state and revision, a step row, and an event of the
// consultation. A sealed consultation (封存, 医疗纠纷预防和处理条例 24) gets no event, since nothing of it may be added or changed until it
// is unsealed. The step itself is not refused: the resident is on the way or lies in another house, where care goes on and has to be
// written down when it happens. It stands with the referral, which is a record of its own, with who took it and when. Errors: 409 referral_changed, 422 referral_step, referral_side, reason_required.
func (s *Service) StepReferral(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ReferralStepInput) (contract.Referral, error) {
	const operation = "stepReferral"
	if err := require(a, append(referralRoles(), RoleConsultant)...); err != nil {
		return contract.Referral{}, err
	}
	if err := consult.CheckCode(consult.VocabReferralAction, in.Action); err != nil {
		return contract.Referral{}, problem.Invalid(problem.Field{Path: "action", Code: "wrong_value"})
	}
	seen, err := s.referral(ctx, a, id)
	if err != nil {
		return contract.Referral{}, err
	}
	request := struct {
		ID   uuid.UUID
		Body contract.ReferralStepInput
	}{id, in}
	err = errTwin
	for try := 0; try < 2 && errors.Is(err, errTwin); try++ {
		err = s.st.Tx(ctx, func(q *db.Queries) error {
			c, err := q.LockConsultation(ctx, seen.ConsultationId)
			if err != nil {
				return fmt.Errorf("lock the consultation: %w", err)
			}
			row, err := q.LockReferral(ctx, id)
			if err != nil {
				return fmt.Errorf("lock the referral: %w", err)
			}
			done, _, err := s.once(ctx, q, a, cmd, operation, request)
			if err != nil || done {
				return err
			}
			now, err := s.clock(ctx, q)
			if err != nil {
				return err
			}
			role, err := s.takeStep(ctx, q, a, row, in, now)
			if err != nil {
				return err
			}
			if err := s.answered(ctx, q, a, cmd, operation, request, id); err != nil {
				if isTwin(err) {
					return errTwin
				}
				return err
			}
			ch := &change{s: s, q: q, c: c, now: now, actor: &a.UserID, role: role, waited: c.State == string(consult.StateOffered)}
			ch.touch("referral")
			if c.State == string(consult.StateSealed) {
				return ch.commit(ctx)
			}
			if err := ch.record(ctx, eventReferralStep, map[string]any{"referralId": id, "step": in.Action}); err != nil {
				return err
			}
			return ch.commit(ctx)
		})
	}
	if err != nil {
		return contract.Referral{}, err
	}
	return s.referral(ctx, a, id)
}

func (s *Service) takeStep(ctx context.Context, q *db.Queries, a identity.Actor, row db.Referral, in contract.ReferralStepInput, now time.Time) (role string, err error) {
	words := strings.TrimSpace(value(in.Words))
	act := consult.ReferralAction(in.Action)
	to, err := consult.ReferralStep(consult.ReferralState(row.State), act, referralSide(a, row.FromOrgID, row.ToOrgID), words)
	if err != nil {
		return "", err
	}
	next := db.MoveReferralParams{ID: row.ID, FromState: row.State, Revision: row.Revision, State: string(to), Now: now, AcceptedAt: row.AcceptedAt,
		RefusedAt: row.RefusedAt, RefusedByPatient: row.RefusedByPatient, RefusalEnc: row.RefusalEnc, ArrivedAt: row.ArrivedAt, ClosedAt: row.ClosedAt,
		OutcomeEnc: row.OutcomeEnc, ReturnedAt: row.ReturnedAt, GreenMetAt: row.GreenMetAt, GreenNoteEnc: row.GreenNoteEnc}
	switch act {
	case consult.ReferralAccept:
		next.AcceptedAt = &now
	case consult.ReferralRefuse, consult.ReferralDeclined:
		next.RefusedAt, next.RefusedByPatient = &now, act == consult.ReferralDeclined
		next.RefusalEnc = s.sealText("referrals", "refusal_enc", row.ID, words)
	case consult.ReferralArrive:
		next.ArrivedAt = &now
	case consult.ReferralGreenMet:
		if row.GreenRequestedAt == nil || row.GreenMetAt != nil {
			return "", problem.New(http.StatusConflict, "already_done", nil)
		}
		next.GreenMetAt, next.GreenNoteEnc = &now, s.sealText("referrals", "green_note_enc", row.ID, words)
	case consult.ReferralClose:
		next.ClosedAt, next.OutcomeEnc = &now, s.sealText("referrals", "outcome_enc", row.ID, words)
	case consult.ReferralReturn:
		next.ReturnedAt = &now
	}
	n, err := q.MoveReferral(ctx, next)
	if err != nil {
		return "", fmt.Errorf("referral: %w", err)
	}
	if n != 1 {
		return "", problem.New(http.StatusConflict, "revision_stale", nil)
	}
	role = RoleConsultant
	for _, r := range referralRoles() {
		if a.In(row.FromOrgID, r) || row.ToOrgID != nil && a.In(*row.ToOrgID, r) {
			role = r
			break
		}
	}
	if err := q.AddReferralStep(ctx, db.AddReferralStepParams{ID: newID(), ReferralID: row.ID, Step: in.Action, ActorID: a.UserID, ActorRole: role, Now: now}); err != nil {
		return "", fmt.Errorf("step of the referral: %w", err)
	}
	return role, nil
}
