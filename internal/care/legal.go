package care

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// route is one way in which a request can go: a department of a hospital, and the legal service that is possible there.
type route struct {
	department db.Department
	agreement  *uuid.UUID // in force and covering; in an overridden emergency any
	decision   consult.Decision
	preference int    // how well the department fits the reasons, 0 best, negative when it never stands in
	available  int    // eligible doctors who are present and free, where it was asked
	roster     roster // the doctors of all departments that were compared, where it was asked
}

// inviter is what the choice of the service knows of the inviting side.
type inviter struct {
	licence   consult.Licence
	primary   bool
	attending *consult.Attending
	submitter *uuid.UUID // the responsible attending doctor
}

// inviterNow loads the inviting side: its own medical licence, and the attending doctor who is responsible: the named one,
// else whoever is on duty (G-RM-03).
func (s *Service) inviterNow(ctx context.Context, q *db.Queries, org uuid.UUID, named *uuid.UUID, now time.Time) (inviter, error) {
	var side inviter
	day := consult.DateOf(now)
	o, err := q.CaseOrganisation(ctx, org)
	if err != nil {
		return side, fmt.Errorf("inviting institution: %w", err)
	}
	if info, ok := consult.InstitutionType(o.TypeCode); ok {
		side.primary = info.Primary
	}
	licences, err := q.CaseLicences(ctx, org)
	if err != nil {
		return side, fmt.Errorf("licences: %w", err)
	}
	side.licence, _ = medicalLicence(licences, day)
	side.submitter = named
	if side.submitter == nil {
		onDuty, err := q.AttendingOnDuty(ctx, db.AttendingOnDutyParams{OrganisationID: org, Now: now})
		if err != nil {
			return side, fmt.Errorf("attending doctor on duty: %w", err)
		}
		if len(onDuty) > 0 {
			side.submitter = &onDuty[0]
		}
	}
	if side.submitter != nil {
		held, err := q.ProfessionalLicencesOf(ctx, *side.submitter)
		if err != nil {
			return side, fmt.Errorf("licence of the attending doctor: %w", err)
		}
		side.attending = attendingLicence(held, day)
	}
	return side, nil
}

// serviceOfDuty is the service that a draft is begun with: what the inviting side alone allows. Submitting decides.
func (s *Service) serviceOfDuty(ctx context.Context, q *db.Queries, org uuid.UUID, now time.Time) (consult.ServiceType, error) {
	side, err := s.inviterNow(ctx, q, org, nil, now)
	if err != nil {
		return "", err
	}
	day := consult.DateOf(now)
	everything := []string{"02"}
	d := consult.DecideService(consult.Situation{Day: day, Urgency: consult.Routine, Department: "02", InviterLicence: side.licence, InviterPrimary: side.primary,
		Attending: side.attending, Invitee: consult.Invitee{Licence: consult.Licence{Held: true, From: day, To: day}, Departments: everything},
		Agreements: []consult.Agreement{{From: day, To: day, Services: []consult.ServiceType{consult.RemoteConsult, consult.RehabCareGuide}, Departments: everything}}})
	return d.Service, nil
}

// chooseRoute finds the hospital and the department: the named department, else the one that the reasons propose, among the
// hospitals with an agreement. The better service wins, then a department with a free doctor, since an answer now is worth
// more than the better fit later; only what is SCHEDULED goes by fit first. CRITICAL may go where an agreement of any kind
// exists. The error is the coded reason why nothing is possible.
func (s *Service) chooseRoute(ctx context.Context, q *db.Queries, org uuid.UUID, side inviter, urgency consult.Urgency, wanted *uuid.UUID, code string, now time.Time) (route, error) {
	agreements, err := q.AgreementsOfInviter(ctx, org)
	if err != nil {
		return route{}, fmt.Errorf("agreements: %w", err)
	}
	all, err := s.routes(ctx, q, agreements, side, urgency, code, now)
	if err != nil {
		return route{}, err
	}
	var routes []route
	var compared roster
	for _, r := range all {
		if wanted != nil && r.department.ID != *wanted || wanted == nil && r.preference < 0 {
			continue
		}
		r.preference = max(r.preference, 0)
		routes = append(routes, r)
		compared.departments = append(compared.departments, r.department.ID)
	}
	if len(routes) > 0 {
		if compared.doctors, err = s.doctorsFor(ctx, q, compared.departments, now); err != nil {
			return route{}, err
		}
	}
	for i := range routes {
		for _, doctor := range compared.doctors {
			if doctor.free() && slices.Contains(doctor.departments, routes[i].department.ID) {
				routes[i].available++
			}
		}
	}
	if len(routes) == 0 {
		if wanted != nil {
			return route{}, problem.Invalid(problem.Field{Path: "departmentId", Code: consult.CodeServiceNoAgreement})
		}
		return route{}, &consult.Refusal{Code: consult.CodeServiceNoAgreement}
	}
	slices.SortStableFunc(routes, func(x, y route) int {
		service, present, fitting := cmp.Compare(x.rank(), y.rank()), cmp.Compare(min(1, y.available), min(1, x.available)), cmp.Compare(x.preference, y.preference)
		if urgency == consult.Scheduled {
			return cmp.Or(service, fitting, present, cmp.Compare(y.available, x.available))
		}
		return cmp.Or(service, present, fitting, cmp.Compare(y.available, x.available))
	})
	best := routes[0]
	best.roster = compared
	if err := best.decision.Err(); err != nil {
		return best, err
	}
	return best, nil
}

// rank orders by the service: a remote consultation, guidance, an overridden emergency, nothing.
func (r route) rank() int {
	switch {
	case r.decision.Service == "":
		return 3
	case r.decision.EmergencyOverride:
		return 2
	case r.decision.Service == consult.RemoteConsult:
		return 0
	}
	return 1
}

// routes are the departments of all hospitals with which there is an agreement of any kind, each with what is possible there.
func (s *Service) routes(ctx context.Context, q *db.Queries, agreements []db.Agreement, side inviter, urgency consult.Urgency, code string, now time.Time) ([]route, error) {
	day := consult.DateOf(now)
	hospitals := []uuid.UUID{}
	for _, g := range agreements {
		if !slices.Contains(hospitals, g.InvitedOrgID) {
			hospitals = append(hospitals, g.InvitedOrgID)
		}
	}
	departments, err := q.HospitalDepartments(ctx, hospitals)
	if err != nil {
		return nil, fmt.Errorf("departments: %w", err)
	}
	var out []route
	for _, hospital := range hospitals {
		licences, err := q.CaseLicences(ctx, hospital)
		if err != nil {
			return nil, fmt.Errorf("licences: %w", err)
		}
		invitee := consult.Invitee{}
		invitee.Licence, invitee.Departments = medicalLicence(licences, day)
		for _, d := range departments {
			if d.OrganisationID != hospital {
				continue
			}
			r := route{department: d, preference: fit(d.Code, code, urgency)}
			situation := consult.Situation{Day: day, Urgency: urgency, Department: d.Code, InviterLicence: side.licence, InviterPrimary: side.primary,
				Attending: side.attending, Invitee: invitee, Agreements: agreementsWith(agreements, hospital)}
			r.decision = consult.DecideService(situation)
			r.agreement = coveringAgreement(agreements, hospital, r.decision, d.Code, day)
			out = append(out, r)
		}
	}
	return out, nil
}

// rehabilitation never stands in for another department.
const rehabilitation = "21"

// fit says how well a department answers for the one that the reasons propose: itself, its parent, for CRITICAL the
// emergency department, general practice, geriatrics, any other; -1 for those that never stand in.
func fit(have, wanted string, urgency consult.Urgency) int {
	const emergency, general, geriatrics = "20", "02", "0310"
	parent := ""
	if d, ok := consult.DepartmentByCode(wanted); ok {
		parent = d.Parent
	}
	switch {
	case have == wanted:
		return 0
	case parent != "" && have == parent:
		return 1
	case have == emergency && urgency == consult.Critical:
		return 2
	case have == general:
		return 3
	case have == geriatrics:
		return 4
	case have == emergency:
		return 5
	case have == rehabilitation:
		return -1
	case urgency == consult.Critical:
		return 6
	}
	return -1
}

// medicalLicence is the licence under which an institution practises on a day, and the departments on it. Without one in
// force it is the newest, so that the reason can say so.
func medicalLicence(rows []db.Licence, day consult.Date) (consult.Licence, []string) {
	var best consult.Licence
	var departments []string
	for _, r := range rows {
		if r.Kind != "MEDICAL_PRACTICE" && r.Kind != "CLINIC_FILING" {
			continue
		}
		l := licence(r.ValidFrom, r.ValidTo)
		switch {
		case l.ValidOn(day) && best.ValidOn(day):
			departments = append(departments, r.DepartmentCodes...)
		case l.ValidOn(day), !best.Held:
			best, departments = l, slices.Clone(r.DepartmentCodes)
		}
	}
	return best, departments
}

func licence(from time.Time, to *time.Time) consult.Licence {
	l := consult.Licence{Held: true, From: consult.DateFromTime(from)}
	if to != nil {
		l.To = consult.DateFromTime(*to)
	}
	return l
}

// attendingLicence is the best licence of an attending doctor; nil when it is no doctor's at all.
func attendingLicence(rows []db.ProfessionalLicence, day consult.Date) *consult.Attending {
	levels := map[string]consult.PhysicianLevel{"PHYSICIAN": consult.LevelPhysician, "ASSISTANT_PHYSICIAN": consult.LevelAssistant, "VILLAGE_DOCTOR": consult.LevelVillage}
	var best *consult.Attending
	for _, r := range rows {
		level, ok := levels[r.Kind]
		if !ok {
			continue
		}
		at := consult.Attending{Licence: licence(r.ValidFrom, r.ValidTo), Level: level}
		if best == nil || !best.Licence.ValidOn(day) && at.Licence.ValidOn(day) ||
			at.Licence.ValidOn(day) && best.Level != consult.LevelPhysician && level == consult.LevelPhysician {
			best = &at
		}
	}
	return best
}

func agreementsWith(rows []db.Agreement, hospital uuid.UUID) []consult.Agreement {
	var out []consult.Agreement
	for _, g := range rows {
		if g.InvitedOrgID != hospital || g.TerminatedAt != nil {
			continue
		}
		a := consult.Agreement{From: consult.DateFromTime(g.ValidFrom), To: consult.DateFromTime(g.ValidTo), Departments: g.DepartmentCodes}
		for _, t := range g.ServiceTypes {
			a.Services = append(a.Services, consult.ServiceType(t))
		}
		out = append(out, a)
	}
	return out
}

// coveringAgreement is the agreement under which the service is given, else in an overridden emergency the newest of any kind.
func coveringAgreement(rows []db.Agreement, hospital uuid.UUID, d consult.Decision, department string, day consult.Date) *uuid.UUID {
	var any *uuid.UUID
	for _, g := range rows {
		if g.InvitedOrgID != hospital {
			continue
		}
		if any == nil {
			any = &g.ID
		}
		if !inForce(g, day) {
			continue
		}
		for _, a := range agreementsWith([]db.Agreement{g}, hospital) {
			if a.Covers(d.Service, department) {
				return &g.ID
			}
		}
	}
	if d.EmergencyOverride {
		return any
	}
	return nil
}

// checkDoctor asks again at the claim, when the doctor is known (G-RM-02, 04, 05, 06). An emergency passes all but the
// licences.
func (s *Service) checkDoctor(ctx context.Context, q *db.Queries, c db.Consultation, doctor uuid.UUID, now time.Time) error {
	if c.InvitedOrgID == nil || c.DepartmentID == nil {
		return &consult.Refusal{Code: consult.CodeServiceNoAgreement}
	}
	day := consult.DateOf(now)
	department, err := q.CaseDepartment(ctx, *c.DepartmentID)
	if err != nil {
		return fmt.Errorf("department: %w", err)
	}
	licences, err := q.CaseLicences(ctx, *c.InvitedOrgID)
	if err != nil {
		return fmt.Errorf("licences: %w", err)
	}
	held, err := q.ProfessionalLicencesOf(ctx, doctor)
	if err != nil {
		return fmt.Errorf("licence of the doctor: %w", err)
	}
	side, err := s.inviterNow(ctx, q, c.InvitingOrgID, c.SubmitterID, now)
	if err != nil {
		return err
	}
	situation := consult.Situation{Day: day, Urgency: consult.Urgency(c.Urgency), Department: department.Code, InviterLicence: side.licence,
		InviterPrimary: side.primary, Attending: side.attending, Doctor: invitedDoctor(held, day)}
	situation.Invitee.Licence, situation.Invitee.Departments = medicalLicence(licences, day)
	if c.AgreementID != nil {
		g, err := q.AgreementByID(ctx, *c.AgreementID)
		if err != nil && !store.IsNone(err) {
			return fmt.Errorf("agreement: %w", err)
		}
		if err == nil {
			situation.Agreements = agreementsWith([]db.Agreement{g}, *c.InvitedOrgID)
		}
	}
	// The inviting side was judged when it submitted; only the invited side's rules are asked here.
	for _, r := range consult.DecideService(situation).Reasons {
		invited := r.Hard || r.Rule == "G-RM-04" || r.Rule == "G-RM-06" && string(r.Service) == c.ServiceType
		if invited && (r.Hard || c.Urgency != string(consult.Critical)) {
			return r.Refusal()
		}
	}
	return nil
}

// invitedDoctor is the physician's licence that is best for the day; none held gives one that is never in force.
func invitedDoctor(rows []db.ProfessionalLicence, day consult.Date) *consult.InvitedDoctor {
	best := &consult.InvitedDoctor{}
	for _, r := range rows {
		if r.Kind != "PHYSICIAN" {
			continue
		}
		d := consult.InvitedDoctor{Licence: licence(r.ValidFrom, r.ValidTo)}
		if r.IndependentSince != nil {
			d.IndependentSince = consult.DateFromTime(*r.IndependentSince)
		}
		if !best.Licence.ValidOn(day) || d.Licence.ValidOn(day) && !d.IndependentSince.IsZero() &&
			(best.IndependentSince.IsZero() || d.IndependentSince.Before(best.IndependentSince)) {
			best = &d
		}
	}
	return best
}
