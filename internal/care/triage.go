package care

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ProposeTriage computes the urgency and the department for what the nurse has entered so far, and where submitting would send
// the request now; nothing is stored. Readings that are not yet acceptable are left out rather than refused: she may still be
// typing.
func (s *Service) ProposeTriage(ctx context.Context, a identity.Actor, in contract.TriageInput) (contract.TriageProposal, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.TriageProposal{}, err
	}
	if err := checkChips(in.Reasons, in.RedFlags); err != nil {
		return contract.TriageProposal{}, err
	}
	var assessed []consult.Assessment
	for _, r := range in.Readings {
		if v, err := s.codes().CheckVital(reading(r)); err == nil {
			assessed = append(assessed, v)
		}
	}
	urgency, grounds := consult.ProposeUrgency(reasonChips(in.Reasons), redFlags(in.RedFlags), assessed)
	out := contract.TriageProposal{Urgency: contract.Urgency(urgency), DepartmentCode: consult.ProposeDepartment(reasonChips(in.Reasons)),
		Grounds: make([]contract.Reason, 0, len(grounds))}
	for _, g := range grounds {
		out.Grounds = append(out.Grounds, groundReason(s.codes(), a, g))
	}
	if in.Urgency != nil {
		if !consult.Urgency(*in.Urgency).Valid() {
			return contract.TriageProposal{}, problem.Invalid(problem.Field{Path: "urgency", Code: "wrong_value"})
		}
		urgency = consult.Urgency(*in.Urgency)
	}
	var err error
	out.Route, err = s.routeShown(ctx, a, urgency, in.DepartmentId, out.DepartmentCode)
	return out, err
}

// routeShown is the choice that submitting would make now, by the same rule; nil when no service is possible.
func (s *Service) routeShown(ctx context.Context, a identity.Actor, urgency consult.Urgency, wanted *uuid.UUID, code string) (*contract.TriageRoute, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	home := atWork(a)
	var named *uuid.UUID
	if a.In(home.OrganisationID, RoleAttending, RoleFamilyDoctor) {
		named = &a.UserID
	}
	side, err := s.inviterNow(ctx, q, home.OrganisationID, named, now)
	if err != nil {
		return nil, err
	}
	way, err := s.chooseRoute(ctx, q, home.OrganisationID, side, urgency, wanted, code, "", now)
	switch {
	case len(consult.Refusals(err)) > 0, err != nil && problem.Of(err).Status == http.StatusUnprocessableEntity:
		return nil, nil
	case err != nil:
		return nil, err
	}
	hospital, err := q.CaseOrganisation(ctx, way.department.OrganisationID)
	if err != nil {
		return nil, fmt.Errorf("hospital: %w", err)
	}
	return &contract.TriageRoute{DepartmentId: way.department.ID, Code: way.department.Code, Name: way.department.Name, Hospital: hospital.Name,
		ServiceType: string(way.decision.Service), Available: way.available}, nil
}

func groundReason(codes *consult.Codes, a identity.Actor, g consult.Ground) contract.Reason {
	l := lang(a)
	args := map[string]string{"code": g.Code, "urgency": string(g.Urgency)}
	switch g.Kind {
	case consult.GroundRedFlag:
		args["what"] = consult.Label(consult.VocabRedFlag, g.Code, l)
		return reason(a, "triage_red_flag", args)
	case consult.GroundVital:
		args["what"] = codes.Label(consult.VocabVital, g.Code, l)
		args["flag"] = consult.Label(consult.VocabVitalFlag, string(g.Flag), l)
		return reason(a, "triage_vital", args)
	case consult.GroundVitals:
		return reason(a, "triage_vitals", args)
	}
	args["what"] = consult.Label(consult.VocabReason, g.Code, l)
	return reason(a, "triage_reason", args)
}

// proposeFor computes the urgency of a stored request: chips, red flags and the newest reading of each vital.
func (s *Service) proposeFor(ctx context.Context, q *db.Queries, id uuid.UUID, reasons, flags []string) (consult.Urgency, error) {
	rows, err := q.CaseVitals(ctx, &id)
	if err != nil {
		return "", fmt.Errorf("vitals: %w", err)
	}
	var assessed []consult.Assessment
	seen := map[string]bool{}
	for _, v := range rows {
		if seen[v.Code] {
			continue
		}
		seen[v.Code] = true
		r := consult.Reading{Code: consult.VitalCode(v.Code), Qualifier: consult.Qualifier(v.Qualifier), Confirmed: true}
		if v.HasValue {
			r.Value = &v.Value
		}
		if assessment, err := s.codes().CheckVital(r); err == nil {
			assessed = append(assessed, assessment)
		}
	}
	u, _ := consult.ProposeUrgency(reasonChips(reasons), redFlags(flags), assessed)
	return u, nil
}

// checkChips refuses unknown reasons and red flags and repeated ones.
func checkChips(reasons, flags []string) error {
	var fields []problem.Field
	seen := map[string]bool{}
	check := func(path string, i int, code string, known bool) {
		switch {
		case !known:
			fields = append(fields, problem.Field{Path: path + "/" + strconv.Itoa(i), Code: "unknown_code", Args: problem.Args{"code": code}})
		case seen[path+code]:
			fields = append(fields, problem.Field{Path: path + "/" + strconv.Itoa(i), Code: "chosen_twice"})
		}
		seen[path+code] = true
	}
	for i, r := range reasons {
		check("reasons", i, r, consult.Reason(r).Valid())
	}
	for i, f := range flags {
		check("redFlags", i, f, consult.RedFlag(f).Valid())
	}
	if len(fields) > 0 {
		return problem.Invalid(fields...)
	}
	return nil
}

func reasonChips(codes []string) []consult.Reason {
	out := make([]consult.Reason, len(codes))
	for i, c := range codes {
		out[i] = consult.Reason(c)
	}
	return out
}

func redFlags(codes []string) []consult.RedFlag {
	out := make([]consult.RedFlag, len(codes))
	for i, c := range codes {
		out[i] = consult.RedFlag(c)
	}
	return out
}

func reading(in contract.VitalInput) consult.Reading {
	return consult.Reading{Code: consult.VitalCode(in.Code), Value: exact(in.Value), Qualifier: consult.Qualifier(value(in.Qualifier)),
		Confirmed: value(in.Confirmed)}
}
