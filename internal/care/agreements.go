package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
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

// ListAgreements gives the cooperation agreements of the caller's organisations, past and present; SYS_ADMIN sees all.
func (s *Service) ListAgreements(ctx context.Context, a identity.Actor) ([]contract.Agreement, error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin); err != nil {
		return nil, err
	}
	now, err := s.instant(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.st.Q().AgreementsOf(ctx, db.AgreementsOfParams{Everything: a.Has(RoleSysAdmin), Own: a.Organisations(RoleInstAdmin)})
	if err != nil {
		return nil, fmt.Errorf("list agreements: %w", err)
	}
	out := make([]contract.Agreement, len(rows))
	for i, r := range rows {
		out[i] = agreementView(r, now)
	}
	return out, nil
}

// CreateAgreement enters a cooperation agreement with its six clause groups (G-RM-06). The invited side is a medical
// institution whose licence covers the departments.
func (s *Service) CreateAgreement(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.AgreementInput) (contract.Agreement, error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return contract.Agreement{}, err
	}
	id, _, err := s.create(ctx, a, cmd, "createAgreement", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		return s.enterAgreement(ctx, q, a, id, in, now)
	})
	if err != nil {
		return contract.Agreement{}, err
	}
	now, err := s.instant(ctx)
	if err != nil {
		return contract.Agreement{}, err
	}
	made, err := s.st.Q().AgreementNamed(ctx, id)
	if err := one(err, "the agreement"); err != nil {
		return contract.Agreement{}, err
	}
	return agreementView(db.AgreementsOfRow(made), now), nil
}

// enterAgreement writes an agreement.
func (s *Service) enterAgreement(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, in contract.AgreementInput, now time.Time) error {
	row, err := checkAgreement(s.codes(), in)
	if err != nil {
		return err
	}
	if err := checkParties(ctx, s.codes(), q, in); err != nil {
		return err
	}
	row.ID = id
	if err := q.InsertAgreement(ctx, row); err != nil {
		if store.Violates(err, "agreements_number_key") {
			return taken("number", "agreement_number_taken")
		}
		return fmt.Errorf("enter the agreement: %w", err)
	}
	return s.audit(ctx, q, a, now, RoleSysAdmin, "createAgreement", "agreement", &id, "")
}

// TerminateAgreement ends an agreement before its last day, by an administrator of either side: from the day on there is none, today at
// once. What was done under it stays. The reason is kept in the access log. 409 agreement_over where it is over before that day or
// was ended already.
func (s *Service) TerminateAgreement(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.AgreementEnd) (contract.Agreement, error) {
	if err := require(a, RoleInstAdmin); err != nil {
		return contract.Agreement{}, err
	}
	request := struct {
		ID uuid.UUID
		In contract.AgreementEnd
	}{id, in}
	_, _, err := s.create(ctx, a, cmd, "terminateAgreement", request, func(q *db.Queries, _ uuid.UUID, now time.Time) error {
		g, err := q.AgreementNamed(ctx, id)
		if err := one(err, "the agreement"); err != nil {
			return err
		}
		if !a.In(g.InvitingOrgID, RoleInstAdmin) && !a.In(g.InvitedOrgID, RoleInstAdmin) {
			return problem.NotFound()
		}
		day, today := dateOf(in.On), consult.DateOf(now)
		if day.Before(today) {
			return problem.Invalid(problem.Field{Path: "on", Code: "day_past"})
		}
		end := db.TerminateAgreementParams{ID: id, Last: day.AddDays(-1).Time()}
		if day == today || !consult.DateFromTime(g.ValidFrom).Before(day) {
			end.AtOnce, end.Last = &now, g.ValidTo
		}
		n := int64(0)
		if !consult.DateFromTime(g.ValidTo).Before(day) {
			if n, err = q.TerminateAgreement(ctx, end); err != nil {
				return fmt.Errorf("end the agreement: %w", err)
			}
		}
		if n == 0 {
			return problem.New(http.StatusConflict, "agreement_over", nil)
		}
		return s.audit(ctx, q, a, now, RoleInstAdmin, "terminateAgreement", "agreement", &id, string(in.Reason)+" "+day.String())
	})
	if err != nil {
		return contract.Agreement{}, err
	}
	now, err := s.instant(ctx)
	if err != nil {
		return contract.Agreement{}, err
	}
	row, err := s.st.Q().AgreementNamed(ctx, id)
	if err := one(err, "the agreement"); err != nil {
		return contract.Agreement{}, err
	}
	return agreementView(db.AgreementsOfRow(row), now), nil
}

func checkAgreement(codes *consult.Codes, in contract.AgreementInput) (db.InsertAgreementParams, error) {
	var f form
	row := db.InsertAgreementParams{Number: f.text("number", in.Number, 1, 60), InvitingOrgID: in.InvitingOrgId,
		InvitedOrgID: in.InvitedOrgId, ServiceTypes: []string{}, DepartmentCodes: f.departments(codes, "departmentCodes", in.DepartmentCodes),
		ValidFrom: dateOf(in.ValidFrom).Time(), ValidTo: dateOf(in.ValidTo).Time(),
		ClausePurpose: f.text("clauses/purpose", in.Clauses.Purpose, 1, 4000), ClauseConditions: f.text("clauses/conditions", in.Clauses.Conditions, 1, 4000),
		ClauseContent: f.text("clauses/content", in.Clauses.Content, 1, 4000), ClauseProcess: f.text("clauses/process", in.Clauses.Process, 1, 4000),
		ClauseRights: f.text("clauses/rights", in.Clauses.Rights, 1, 4000), ClauseLiability: f.text("clauses/liability", in.Clauses.Liability, 1, 4000)}
	f.period("validTo", dateOf(in.ValidFrom), &in.ValidTo)
	for i, t := range in.ServiceTypes {
		switch {
		case !consult.ServiceType(t).Valid():
			f.add("serviceTypes/"+strconv.Itoa(i), "wrong_value")
		case !slices.Contains(row.ServiceTypes, t):
			row.ServiceTypes = append(row.ServiceTypes, t)
		}
	}
	if len(in.ServiceTypes) == 0 {
		f.add("serviceTypes", "too_few", "min", "1")
	}
	if len(in.DepartmentCodes) == 0 {
		f.add("departmentCodes", "too_few", "min", "1")
	}
	if in.InvitingOrgId == in.InvitedOrgId {
		f.add("invitedOrgId", "agreement_with_itself")
	}
	return row, f.err()
}

func checkParties(ctx context.Context, codes *consult.Codes, q *db.Queries, in contract.AgreementInput) error {
	var f form
	kinds := map[uuid.UUID]string{}
	for _, party := range []struct {
		path string
		id   uuid.UUID
	}{{"invitingOrgId", in.InvitingOrgId}, {"invitedOrgId", in.InvitedOrgId}} {
		o, err := q.OrganisationByID(ctx, party.id)
		switch {
		case store.IsNone(err):
			f.add(party.path, "wrong_value")
		case err != nil:
			return fmt.Errorf("load a party: %w", err)
		}
		kinds[party.id] = o.Kind
	}
	if kinds[in.InvitingOrgId] == kindAuthority {
		f.add("invitingOrgId", "agreement_party_kind")
	}
	if k := kinds[in.InvitedOrgId]; k == kindCare || k == kindAuthority {
		f.add("invitedOrgId", "agreement_party_kind")
	}
	if kinds[in.InvitedOrgId] == kindMedical {
		licences, err := q.LicencesOf(ctx, []uuid.UUID{in.InvitedOrgId})
		if err != nil {
			return fmt.Errorf("load the licences: %w", err)
		}
		var licensed []string
		for _, l := range licences {
			if l.Kind == "MEDICAL_PRACTICE" || l.Kind == "CLINIC_FILING" {
				licensed = append(licensed, l.DepartmentCodes...)
			}
		}
		for i, code := range in.DepartmentCodes {
			if !codes.Covers(licensed, code) {
				f.add("departmentCodes/"+strconv.Itoa(i), "department_not_licensed", "code", code)
			}
		}
	}
	return f.err()
}

func agreementView(r db.AgreementsOfRow, now time.Time) contract.Agreement {
	today := consult.DateOf(now)
	var ended *openapi_types.Date
	if r.TerminatedAt != nil {
		ended = &openapi_types.Date{Time: consult.DateOf(*r.TerminatedAt).Time()}
	}
	return contract.Agreement{TerminatedOn: ended, Id: r.ID, Number: r.Number, InvitingOrgId: r.InvitingOrgID, InvitingOrgName: r.InvitingName,
		InvitedOrgId: r.InvitedOrgID, InvitedOrgName: r.InvitedName, ServiceTypes: r.ServiceTypes, DepartmentCodes: r.DepartmentCodes,
		ValidFrom: dayOf(r.ValidFrom), ValidTo: dayOf(r.ValidTo),
		InForce: r.TerminatedAt == nil && today.Within(consult.DateFromTime(r.ValidFrom), consult.DateFromTime(r.ValidTo)),
		Clauses: contract.Clauses{Purpose: r.ClausePurpose, Conditions: r.ClauseConditions, Content: r.ClauseContent,
			Process: r.ClauseProcess, Rights: r.ClauseRights, Liability: r.ClauseLiability}}
}
