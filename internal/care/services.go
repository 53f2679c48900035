package care

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// offered is the verdict on one service and the department in which it is best possible, nil when there is none to ask.
type offered struct {
	consult.Verdict
	department *db.Department
	agreement  *uuid.UUID
}

// GetServices says of every service type whether it is possible for the consultation as it stands, if what, or why not. A draft is
// judged as it would be submitted; afterwards the stage that comes next is the one that is asked.
func (s *Service) GetServices(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.GetServicesParams) (contract.ServiceOptions, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return contract.ServiceOptions{}, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.ServiceOptions{}, err
	}
	c, v, err := s.readConsultation(ctx, q, a, id, now)
	if err != nil {
		return contract.ServiceOptions{}, err
	}
	if !v.clinical() {
		return contract.ServiceOptions{}, problem.Forbidden()
	}
	stage := nextStage(consult.State(c.State))
	out := contract.ServiceOptions{Stage: contract.ServiceOptionsStage(stage), Ruleset: consult.RulesetOn(consult.RulesetGates, consult.DateOf(now)).Version,
		Services: []contract.ServiceOption{}}
	var services []offered
	if stage == consult.StageSubmit {
		if in.Urgency != nil {
			c.Urgency = string(*in.Urgency)
		}
		if services, err = s.draftServices(ctx, q, a, c, in.DepartmentId, now); err != nil {
			return out, err
		}
		out.Chosen = some(chosenService(services))
		if out.Written, err = writtenOption(ctx, q, a, consult.Urgency(c.Urgency), out.Chosen != nil, now); err != nil {
			return out, err
		}
	} else {
		situation, err := s.situationOf(ctx, q, c, now)
		if err != nil {
			return out, err
		}
		for _, verdict := range consult.EvaluateGates(situation, stage).Verdicts {
			services = append(services, offered{Verdict: verdict})
		}
		out.Chosen = some(c.ServiceType)
	}
	hospitals := map[uuid.UUID]string{}
	for _, o := range services {
		option := s.serviceOption(a, o.Verdict)
		if o.department != nil {
			name, known := hospitals[o.department.OrganisationID]
			if !known {
				h, err := q.CaseOrganisation(ctx, o.department.OrganisationID)
				if err != nil {
					return out, fmt.Errorf("hospital: %w", err)
				}
				name = h.Name
				hospitals[o.department.OrganisationID] = name
			}
			option.DepartmentId, option.Department, option.Hospital = &o.department.ID, &o.department.Name, &name
		}
		out.Services = append(out.Services, option)
	}
	return out, nil
}

// writtenOption says whether a draft may go as a written question: a service has to be possible, and it must be able to wait.
func writtenOption(ctx context.Context, q *db.Queries, a identity.Actor, u consult.Urgency, service bool, now time.Time) (*contract.WrittenOption, error) {
	due, err := answerDue(ctx, q, u, now)
	if err != nil {
		return nil, err
	}
	out := contract.WrittenOption{Possible: service, AnswerSeconds: int(due.Sub(now) / time.Second)}
	for _, r := range consult.Refusals(consult.CheckWritten(u)) {
		out.Possible, out.Code, out.Message = false, &r.Code, some(problem.Sentence(a.Locale, r.Code, r.Args))
	}
	return &out, nil
}

// nextStage is the stage that is asked next in a state.
func nextStage(st consult.State) consult.Stage {
	switch st {
	case consult.StateDraft, consult.StateReturned:
		return consult.StageSubmit
	case consult.StateSubmitted, consult.StateTriaged, consult.StateOffered, consult.StateDeclined, consult.StateExpired:
		return consult.StageAccept
	case consult.StateAccepted, consult.StateScheduled, consult.StateWaiting, consult.StateInProgress, consult.StateAbortedTech:
		return consult.StageStart
	}
	return consult.StageClose
}

// draftServices judges a request that was not yet made for every department to which it could go, and keeps of each service the
// best answer: possible before possible if, then what would count, then what fits.
func (s *Service) draftServices(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation, wanted *uuid.UUID, now time.Time) ([]offered, error) {
	var named *uuid.UUID
	if _, attending, _ := inviting(a, c); attending {
		named = &a.UserID
	}
	named, err := s.accompanying(ctx, q, named, c, now)
	if err != nil {
		return nil, err
	}
	side, err := s.inviterNow(ctx, q, c.InvitingOrgID, named, now)
	if err != nil {
		return nil, err
	}
	if err := s.aboutResident(ctx, q, c, &side, now, consult.ChronicMgmt); err != nil {
		return nil, err
	}
	urgency := consult.Urgency(c.Urgency)
	base := side.situation(consult.DateOf(now), urgency, "")
	if err := s.residentSituation(ctx, q, c, now, &base); err != nil {
		return nil, err
	}
	agreements, err := s.agreementsOf(ctx, q, c.InvitingOrgID, side)
	if err != nil {
		return nil, err
	}
	if wanted == nil {
		wanted = c.DepartmentID
	}
	routes, err := s.routes(ctx, q, agreements, side, urgency, consult.ProposeDepartment(reasonChips(c.Reasons)), now)
	if err != nil {
		return nil, err
	}
	routes = slices.DeleteFunc(routes, func(r route) bool {
		return wanted != nil && r.department.ID != *wanted || wanted == nil && r.preference < 0
	})
	slices.SortStableFunc(routes, func(x, y route) int { return cmp.Compare(x.preference, y.preference) })
	best := map[consult.ServiceType]offered{}
	if len(routes) == 0 {
		base.Department = consult.ProposeDepartment(reasonChips(c.Reasons))
		for _, verdict := range consult.EvaluateGates(base, consult.StageSubmit).Verdicts {
			best[verdict.Service] = offered{Verdict: verdict}
		}
	}
	for _, r := range routes {
		situation := base
		situation.Department, situation.Invitee, situation.Agreements = r.department.Code, r.invitee, agreementsWith(agreements, r.department.OrganisationID, now)
		for _, verdict := range consult.EvaluateGates(situation, consult.StageSubmit).Verdicts {
			have, ok := best[verdict.Service]
			if !ok || better(verdict, have.Verdict) {
				best[verdict.Service] = offered{Verdict: verdict, department: &r.department, agreement: r.agreement}
			}
		}
	}
	var out []offered
	for _, info := range consult.ServiceTypes() {
		out = append(out, best[consult.ServiceType(info.Code)])
	}
	return out, nil
}

// better compares two answers about the same service.
func better(x, y consult.Verdict) bool {
	rank := func(v consult.Verdict) int {
		switch {
		case v.Possible == consult.PossibleYes && !v.Override:
			return 0
		case v.Possible == consult.PossibleIf:
			return 1
		case v.Override:
			return 2
		}
		return 3
	}
	return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(len(x.Reasons), len(y.Reasons))) < 0
}

// chosenService is the service that the rules choose for a draft: a remote consultation, else guidance, empty when neither is
// possible.
func chosenService(services []offered) string {
	for _, service := range []consult.ServiceType{consult.RemoteConsult, consult.RehabCareGuide} {
		for _, o := range services {
			if o.Service == service && o.Cleared() && !o.Override {
				return string(service)
			}
		}
	}
	for _, o := range services {
		if o.Override {
			return string(o.Service)
		}
	}
	return ""
}

func (s *Service) serviceOption(a identity.Actor, v consult.Verdict) contract.ServiceOption {
	out := contract.ServiceOption{Service: string(v.Service), Label: consult.Label(consult.VocabService, string(v.Service), lang(a)),
		Possible: contract.ServiceOptionPossible(v.Possible), Override: v.Override, Counts: v.Counts, Exemption: some(v.Exemption), Reasons: []contract.GateReason{}}
	for _, r := range v.Reasons {
		if r.Effect != consult.EffectRecords { // nobody at the bedside can do anything about it
			out.Reasons = append(out.Reasons, s.gateReason(a, r))
		}
	}
	return out
}

func (s *Service) gateReason(a identity.Actor, r consult.RuleReason) contract.GateReason {
	args := maps.Clone(r.Args)
	if code, ok := args["department"]; ok {
		args["department"] = s.codes().Label(consult.VocabDepartment, code, lang(a))
	}
	out := contract.GateReason{Rule: r.Rule, Code: r.Code, Message: problem.Sentence(a.Locale, r.Code, args), Hard: r.Hard, Due: contract.GateReasonDue(r.Due),
		Effect: contract.GateReasonEffect(r.Effect), Mark: contract.GateReasonMark(r.Mark), Unconfirmed: r.Mark.Unconfirmed(), Mend: some(r.Mend)}
	if r.Mend != "" {
		label := consult.Label(consult.VocabMend, r.Mend, lang(a))
		out.MendLabel = &label
	}
	return out
}

// keepRefusal keeps what the gates said to somebody whom they stopped; the transaction of the command itself is undone. A draft is
// judged as it would have been submitted.
func (s *Service) keepRefusal(ctx context.Context, a identity.Actor, id uuid.UUID, at consult.Stage, urgency string, wanted *uuid.UUID) error {
	return s.st.Tx(ctx, func(q *db.Queries) error {
		c, v, now, err := s.lockConsultation(ctx, q, (*db.Queries).LockConsultation, a, id)
		if err != nil {
			return err
		}
		ch := s.change(q, c, v, now, a)
		if at != consult.StageSubmit {
			_, err := ch.askGates(ctx, at)
			return err
		}
		c.Urgency = cmp.Or(urgency, c.Urgency)
		services, err := s.draftServices(ctx, q, a, c, wanted, now)
		if err != nil {
			return err
		}
		settings, err := s.ruleSettingsOf(ctx, q, c.InvitingOrgID)
		if err != nil {
			return err
		}
		verdicts := make([]consult.Verdict, len(services))
		for i, o := range services {
			verdicts[i] = o.Verdict
		}
		return ch.storeGates(ctx, consult.Evaluation{Ruleset: consult.RulesetOn(consult.RulesetGates, consult.DateOf(now)).Version, Stage: at, Verdicts: verdicts}, settings)
	})
}

func (s *Service) ruleSettingsOf(ctx context.Context, q *db.Queries, org uuid.UUID) (consult.Settings, error) {
	o, err := q.CaseOrganisation(ctx, org)
	if err != nil {
		return nil, fmt.Errorf("institution: %w", err)
	}
	return s.ruleSettings(ctx, q, o.RegionCode)
}

// gatesRefused tells whether a command was stopped by a rule, not by the state, a field or a revision.
func gatesRefused(err error) bool {
	_, other := errors.AsType[*problem.Problem](err)
	return err != nil && !other && len(consult.Refusals(err)) > 0
}
