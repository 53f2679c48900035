package care

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// route judges at the grant who answers: the doctor's licence, and where another department or hospital answers than was asked
// for also the agreement and the legal service, which the consultation then has.
func (s *Service) route(ctx context.Context, ch *change, doctor uuid.UUID, departments []uuid.UUID) error {
	if ch.c.DepartmentID != nil && slices.Contains(departments, *ch.c.DepartmentID) {
		return s.checkDoctor(ctx, ch, doctor)
	}
	held, err := ch.q.ProfessionalLicencesOf(ctx, doctor)
	if err != nil {
		return fmt.Errorf("licence of the doctor: %w", err)
	}
	var refused error = &consult.Refusal{Code: consult.CodeServiceNoAgreement}
	for _, d := range departments {
		department, err := ch.q.CaseDepartment(ctx, d)
		if err != nil {
			return fmt.Errorf("department: %w", err)
		}
		r, err := s.routeTo(ctx, ch, department, invitedDoctor(held, consult.DateOf(ch.now)))
		if err != nil {
			return err
		}
		if refused = r.decision.Err(); refused == nil {
			if err := s.setRoute(ctx, ch, r); err != nil {
				return err
			}
			return s.checkDoctor(ctx, ch, doctor)
		}
	}
	return refused
}

// routeTo decides what is possible in a department, with a named doctor or with nobody yet.
func (s *Service) routeTo(ctx context.Context, ch *change, department db.Department, doctor *consult.InvitedDoctor) (route, error) {
	day := consult.DateOf(ch.now)
	side, err := s.inviterNow(ctx, ch.q, ch.c.InvitingOrgID, ch.c.SubmitterID, ch.now)
	if err != nil {
		return route{}, err
	}
	if err := s.aboutResident(ctx, ch.q, ch.c, &side, ch.now, wants(ch.c)); err != nil {
		return route{}, err
	}
	agreements, err := s.agreementsOf(ctx, ch.q, ch.c.InvitingOrgID, side)
	if err != nil {
		return route{}, err
	}
	licences, err := ch.q.CaseLicences(ctx, department.OrganisationID)
	if err != nil {
		return route{}, fmt.Errorf("licences: %w", err)
	}
	situation := side.situation(day, consult.Urgency(ch.c.Urgency), department.Code)
	situation.Doctor, situation.Agreements = doctor, agreementsWith(agreements, department.OrganisationID, ch.now)
	situation.Invitee = inviteeOf(licences, day)
	r := route{department: department, decision: consult.DecideService(situation, consult.ServiceType(ch.c.ServiceWanted))}
	r.agreement = coveringAgreement(s.codes(), agreements, department.OrganisationID, r.decision, department.Code, ch.now)
	return r, nil
}

func (s *Service) setRoute(ctx context.Context, ch *change, r route) error {
	org, department := r.department.OrganisationID, r.department.ID
	ch.c.InvitedOrgID, ch.c.DepartmentID, ch.c.AgreementID, ch.c.ServiceType = &org, &department, r.agreement, string(r.decision.Service)
	if err := ch.q.SetRoute(ctx, db.SetRouteParams{ID: ch.c.ID, InvitedOrgID: &org, DepartmentID: &department, AgreementID: r.agreement,
		ServiceType: ch.c.ServiceType, Now: ch.now}); err != nil {
		return fmt.Errorf("route: %w", err)
	}
	if !r.decision.EmergencyOverride {
		return nil
	}
	codes := []string{}
	for _, reason := range r.decision.Reasons {
		if !slices.Contains(codes, reason.Code) {
			codes = append(codes, reason.Code)
		}
	}
	return ch.record(ctx, eventOverride, map[string]any{"passed": codes})
}

// routeBack makes the consultation one with the department that was asked for again. What has ceased to be possible there
// meanwhile is judged at the next grant.
func (s *Service) routeBack(ctx context.Context, ch *change) error {
	first, err := ch.q.AskedFirst(ctx, ch.c.ID)
	if store.IsNone(err) || err == nil && ch.c.DepartmentID != nil && *ch.c.DepartmentID == first {
		return nil
	}
	if err != nil {
		return fmt.Errorf("department asked for: %w", err)
	}
	department, err := ch.q.CaseDepartment(ctx, first)
	if err != nil {
		return fmt.Errorf("department: %w", err)
	}
	r, err := s.routeTo(ctx, ch, department, nil)
	if err != nil || r.decision.Service == "" {
		return err
	}
	return s.setRoute(ctx, ch, r)
}
