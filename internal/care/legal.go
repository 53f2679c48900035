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
	invitee    consult.Invitee
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
	internet  consult.Licence
	site      *uuid.UUID // the institution that practises inside a care home without a licence of its own, and invites for it
	settings  consult.Settings
	codes     *consult.Codes
	// Of the resident, where one is known: a new symptom or a changed condition, and a contract with a family doctor.
	changed bool
	visit   consult.VisitFacts
}

// inviterNow loads the inviting side: its own medical licence, and the attending doctor who is responsible: the named one,
// else whoever is on duty (G-RM-03).
func (s *Service) inviterNow(ctx context.Context, q *db.Queries, org uuid.UUID, named *uuid.UUID, now time.Time) (inviter, error) {
	side := inviter{codes: s.codes()}
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
	if side.settings, err = s.ruleSettings(ctx, q, o.RegionCode); err != nil {
		return side, err
	}
	if own, _ := medicalLicence(licences, day); !own.ValidOn(day) {
		if licences, err = s.practiceSite(ctx, q, org, day, licences, &side); err != nil {
			return side, err
		}
	}
	side.licence, _ = medicalLicence(licences, day)
	side.internet = inviteeOf(licences, day).Internet
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

// practiceSite takes the licences of the primary-care institution that practises inside the institution, where there is one.
func (s *Service) practiceSite(ctx context.Context, q *db.Queries, org uuid.UUID, day consult.Date, own []db.Licence, side *inviter) ([]db.Licence, error) {
	site, err := q.PracticeSiteOf(ctx, db.PracticeSiteOfParams{CareOrgID: org, Day: day.Time()})
	if store.IsNone(err) {
		return own, nil
	}
	if err != nil {
		return nil, fmt.Errorf("practice site: %w", err)
	}
	o, err := q.CaseOrganisation(ctx, site)
	if err != nil {
		return nil, fmt.Errorf("practice site: %w", err)
	}
	if info, ok := consult.InstitutionType(o.TypeCode); ok {
		side.primary = info.Primary
	}
	side.site = &site
	licences, err := q.CaseLicences(ctx, site)
	if err != nil {
		return nil, fmt.Errorf("licences: %w", err)
	}
	return licences, nil
}

// serviceOfDuty is the service that a draft is begun with: what the inviting side alone allows. Submitting decides.
func (s *Service) serviceOfDuty(ctx context.Context, q *db.Queries, org uuid.UUID, now time.Time) (consult.ServiceType, error) {
	side, err := s.inviterNow(ctx, q, org, nil, now)
	if err != nil {
		return "", err
	}
	day := consult.DateOf(now)
	everything := []string{"02"}
	situation := side.situation(day, consult.Routine, "02")
	situation.Invitee = consult.Invitee{Licence: consult.Licence{Held: true, From: day, To: day}, Departments: everything}
	situation.Agreements = []consult.Agreement{{From: day, To: day, Services: []consult.ServiceType{consult.RemoteConsult, consult.RehabCareGuide}, Departments: everything}}
	d := consult.DecideService(situation)
	return d.Service, nil
}

// chooseRoute finds the hospital and the department: the named department, else the one that the reasons propose, among the
// hospitals with an agreement. The better service wins, then a department with a free doctor, since an answer now is worth
// more than the better fit later; only what is SCHEDULED goes by fit first. CRITICAL may go where an agreement of any kind
// exists. A service that was asked for by name is the only one considered; empty leaves the choice to the rules. The error is the
// coded reason why nothing is possible.
func (s *Service) chooseRoute(ctx context.Context, q *db.Queries, org uuid.UUID, side inviter, urgency consult.Urgency, wanted *uuid.UUID, code string, service consult.ServiceType, now time.Time) (route, error) {
	agreements, err := s.agreementsOf(ctx, q, org, side)
	if err != nil {
		return route{}, err
	}
	all, err := s.routes(ctx, q, agreements, side, urgency, code, now, service)
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
	case r.decision.Service == consult.RehabCareGuide:
		return 1
	}
	return 0
}

// routes are the departments of all hospitals with which there is an agreement of any kind, each with what is possible there.
func (s *Service) routes(ctx context.Context, q *db.Queries, agreements []db.Agreement, side inviter, urgency consult.Urgency, code string, now time.Time, service ...consult.ServiceType) ([]route, error) {
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
		invitee := inviteeOf(licences, day)
		for _, d := range departments {
			if d.OrganisationID != hospital {
				continue
			}
			r := route{department: d, invitee: invitee, preference: fit(s.codes(), d.Code, code, urgency)}
			situation := side.situation(day, urgency, d.Code)
			situation.Invitee, situation.Agreements = invitee, agreementsWith(agreements, hospital, now)
			r.decision = consult.DecideService(situation, service...)
			r.agreement = coveringAgreement(s.codes(), agreements, hospital, r.decision, d.Code, now)
			out = append(out, r)
		}
	}
	return out, nil
}

// rehabilitation never stands in for another department.
const rehabilitation = "21"

// fit says how well a department answers for the one that the reasons propose: itself, its parent, for CRITICAL the
// emergency department, general practice, geriatrics, any other; -1 for those that never stand in.
func fit(codes *consult.Codes, have, wanted string, urgency consult.Urgency) int {
	const emergency, general, geriatrics = "20", "02", "0310"
	parent := ""
	if d, ok := codes.Department(wanted); ok {
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

func agreementsWith(rows []db.Agreement, hospital uuid.UUID, at time.Time) []consult.Agreement {
	var out []consult.Agreement
	for _, g := range rows {
		if g.InvitedOrgID != hospital || ended(g, at) {
			continue
		}
		a := consult.Agreement{From: consult.DateFromTime(g.ValidFrom), To: consult.DateFromTime(g.ValidTo), Departments: g.DepartmentCodes, ClausesMissing: clausesMissing(g)}
		for _, t := range g.ServiceTypes {
			a.Services = append(a.Services, consult.ServiceType(t))
		}
		out = append(out, a)
	}
	return out
}

// clausesMissing: one of the six clause groups says nothing (G-RM-06).
func clausesMissing(g db.Agreement) bool {
	return slices.ContainsFunc([]string{g.ClausePurpose, g.ClauseConditions, g.ClauseContent, g.ClauseProcess, g.ClauseRights, g.ClauseLiability}, blank)
}

// coveringAgreement is the agreement under which the service is given, else in an overridden emergency the newest of any kind.
func coveringAgreement(codes *consult.Codes, rows []db.Agreement, hospital uuid.UUID, d consult.Decision, department string, at time.Time) *uuid.UUID {
	var any *uuid.UUID
	for _, g := range rows {
		if g.InvitedOrgID != hospital {
			continue
		}
		if any == nil {
			any = &g.ID
		}
		if !inForce(g, at) {
			continue
		}
		for _, a := range agreementsWith([]db.Agreement{g}, hospital, at) {
			if a.Covers(codes, d.Service, department) {
				return &g.ID
			}
		}
	}
	if d.EmergencyOverride {
		return any
	}
	return nil
}

// checkDoctor asks the gates again when the doctor is known, and keeps the answer (G-RM-02, 04, 05, 06, G-IH-01). What the inviting
// side has lost since it asked makes the service another one, where another is possible. An emergency passes all but the
// licences.
func (s *Service) checkDoctor(ctx context.Context, ch *change, doctor uuid.UUID) error {
	if ch.c.InvitedOrgID == nil || ch.c.DepartmentID == nil {
		return &consult.Refusal{Code: consult.CodeServiceNoAgreement}
	}
	asked := ch.c
	asked.DoctorID = &doctor
	situation, err := s.situationOf(ctx, ch.q, asked, ch.now)
	if err != nil {
		return err
	}
	verdict := consult.EvaluateGates(situation, consult.StageAccept).Of(consult.ServiceType(ch.c.ServiceType))
	if !verdict.Cleared() {
		if err := s.otherService(ctx, ch, situation, verdict); err != nil {
			return err
		}
	}
	_, err = ch.keepGates(ctx, situation, consult.StageAccept)
	return err
}

// otherService is tried when the inviting side alone stands in the way; what the invited side lacks refuses the doctor.
func (s *Service) otherService(ctx context.Context, ch *change, situation consult.Situation, verdict consult.Verdict) error {
	refused := verdict.Err(consult.StageAccept)
	for _, r := range verdict.Reasons {
		invited := r.Hard || r.Rule == "G-RM-04" || r.Rule == "G-RM-06"
		if invited && r.Effect == consult.EffectBlocks && r.Due.Reached(consult.StageAccept) {
			return r.Refusal()
		}
	}
	decision := consult.DecideService(situation)
	if decision.Service == "" || decision.Service == consult.ServiceType(ch.c.ServiceType) {
		return refused
	}
	department, err := ch.q.CaseDepartment(ctx, *ch.c.DepartmentID)
	if err != nil {
		return fmt.Errorf("department: %w", err)
	}
	return s.setRoute(ctx, ch, route{department: department, agreement: ch.c.AgreementID, decision: decision})
}

// invitedDoctor is the physician's licence that is best for the day; none held gives one that is never in force.
func invitedDoctor(rows []db.ProfessionalLicence, day consult.Date) *consult.InvitedDoctor {
	best := &consult.InvitedDoctor{}
	for _, r := range rows {
		if r.Kind != "PHYSICIAN" {
			continue
		}
		d := consult.InvitedDoctor{Licence: licence(r.ValidFrom, r.ValidTo), Level: consult.LevelPhysician}
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
