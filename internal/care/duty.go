package care

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// GetDuty is the strip over the nurse's home: the attending doctor on duty, the service that is possible and why not a
// better one, and for each department that an agreement in force covers who is there, how many wait, and by when a routine
// request would be answered. The promise is absent while nobody eligible is present.
func (s *Service) GetDuty(ctx context.Context, a identity.Actor) (contract.Duty, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Duty{}, err
	}
	var out contract.Duty
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		home := atWork(a)
		out = contract.Duty{ServerTime: now, OrganisationName: home.OrganisationName, OrganisationAddress: home.OrganisationAddress,
			ConsultPhone: s.cfg.ConsultPhone, Notes: []contract.Reason{}, Departments: []contract.DutyDepartment{}}
		if out.Attending, err = s.attendingNow(ctx, q, a, home, now); err != nil {
			return err
		}
		agreed, err := q.DepartmentsAgreed(ctx, db.DepartmentsAgreedParams{OrganisationID: home.OrganisationID, Day: consult.DateOf(now).Time()})
		if err != nil {
			return fmt.Errorf("load the departments: %w", err)
		}
		possible, decision, err := s.possibleDepartments(ctx, q, home.OrganisationID, agreed, now)
		if err != nil {
			return err
		}
		out.ServiceType = string(decision.Service)
		said := map[string]bool{}
		for _, r := range decision.Reasons {
			if !said[r.Code] {
				said[r.Code] = true
				out.Notes = append(out.Notes, reason(a, r.Code, r.Args))
			}
		}
		out.Departments, err = s.dutyDepartments(ctx, q, a, possible, now)
		return err
	})
	return out, err
}

// atWork is where somebody asks for consultations: as nurse or attending doctor, else as the family doctor who visits.
func atWork(a identity.Actor) identity.Membership {
	if m := firstMembership(a, RoleNurse, RoleAttending); m.Role != "" {
		return m
	}
	return firstMembership(a, RoleFamilyDoctor)
}

// firstMembership is where somebody with one of the roles works.
func firstMembership(a identity.Actor, roles ...string) identity.Membership {
	for _, m := range a.Memberships {
		if slices.Contains(roles, m.Role) {
			return m
		}
	}
	return identity.Membership{}
}

func (s *Service) attendingNow(ctx context.Context, q *db.Queries, a identity.Actor, home identity.Membership, now time.Time) (*contract.Person, error) {
	ids, err := q.AttendingOnDuty(ctx, db.AttendingOnDutyParams{OrganisationID: home.OrganisationID, Now: now})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	people, err := q.CasePeople(ctx, db.CasePeopleParams{Ids: ids[:1], Day: consult.DateOf(now).Time()})
	if err != nil || len(people) == 0 {
		return nil, err
	}
	p := people[0]
	return &contract.Person{Id: p.ID, Name: p.DisplayName, Role: RoleAttending, TitleCode: some(p.TitleCode),
		Title: titleOf(a, p.TitleCode), Organisation: some(home.OrganisationName)}, nil
}

func titleOf(a identity.Actor, code string) *string {
	if code == "" {
		return nil
	}
	return some(consult.Label(consult.VocabTitle, code, lang(a)))
}

// possibleDepartments keeps the departments in which a service is possible now, each once, and gives the decision for the
// best of them. Without any it is the decision for an institution without an agreement, which has the reasons.
func (s *Service) possibleDepartments(ctx context.Context, q *db.Queries, org uuid.UUID, agreed []db.DepartmentsAgreedRow, now time.Time) ([]db.DepartmentsAgreedRow, consult.Decision, error) {
	day := consult.DateOf(now)
	side, err := s.inviterNow(ctx, q, org, nil, now)
	if err != nil {
		return nil, consult.Decision{}, err
	}
	agreements, err := s.agreementsOf(ctx, q, org, side)
	if err != nil {
		return nil, consult.Decision{}, err
	}
	invitees := map[uuid.UUID]consult.Invitee{}
	var out []db.DepartmentsAgreedRow
	var best consult.Decision
	for i, d := range agreed {
		if slices.ContainsFunc(agreed[:i], func(o db.DepartmentsAgreedRow) bool { return o.ID == d.ID }) {
			continue // under a second agreement
		}
		invitee, known := invitees[d.OrganisationID]
		if !known {
			licences, err := q.CaseLicences(ctx, d.OrganisationID)
			if err != nil {
				return nil, best, fmt.Errorf("licences: %w", err)
			}
			invitee = inviteeOf(licences, day)
			invitees[d.OrganisationID] = invitee
		}
		situation := side.situation(day, consult.Routine, d.Code)
		situation.Invitee, situation.Agreements = invitee, agreementsWith(agreements, d.OrganisationID, now)
		decision := consult.DecideService(situation)
		if decision.Service == "" {
			continue
		}
		out = append(out, d)
		if best.Service == "" || decision.Service == consult.RemoteConsult && best.Service != consult.RemoteConsult {
			best = decision
		}
	}
	if best.Service == "" {
		best = consult.Decision{Reasons: []consult.RuleReason{{Rule: "G-RM-06", Code: consult.CodeServiceNoAgreement}}}
	}
	return out, best, nil
}

// dutyDepartments says for each department who is there, how many wait and what a routine request is promised.
func (s *Service) dutyDepartments(ctx context.Context, q *db.Queries, a identity.Actor, departments []db.DepartmentsAgreedRow, now time.Time) ([]contract.DutyDepartment, error) {
	ids := make([]uuid.UUID, len(departments))
	for i, d := range departments {
		ids[i] = d.ID
	}
	day := consult.DateOf(now)
	doctors, err := q.DoctorsOf(ctx, db.DoctorsOfParams{Departments: ids, Now: now, Day: day.Time(),
		IndependentBefore: day.AddYears(-consult.IndependentYears).Time()})
	if err != nil {
		return nil, fmt.Errorf("load the doctors: %w", err)
	}
	people := make([]uuid.UUID, len(doctors))
	for i, d := range doctors {
		people[i] = d.ID
	}
	calls, err := q.DoctorsInCall(ctx, people)
	if err != nil {
		return nil, fmt.Errorf("who is in a call: %w", err)
	}
	queues, err := q.WaitingByDepartment(ctx, db.WaitingByDepartmentParams{Departments: ids, Now: now})
	if err != nil {
		return nil, fmt.Errorf("who waits: %w", err)
	}
	target, err := q.UrgencyTarget(ctx, string(consult.Routine))
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	presence := s.presenceOf(ctx, people)
	onDuty, err := s.onDutyByRoster(ctx, q, ids, now)
	if err != nil {
		return nil, err
	}
	out := make([]contract.DutyDepartment, len(departments))
	for i, d := range departments {
		v := contract.DutyDepartment{DepartmentId: d.ID, Code: d.Code, Name: d.Name, Hospital: d.Hospital, Phone: some(d.Phone), Doctors: []contract.DutyDoctor{}}
		for _, w := range queues {
			if w.DepartmentID == d.ID {
				v.Waiting = int(w.Waiting)
			}
		}
		busy := 0
		for _, p := range doctors {
			if p.DepartmentID != d.ID {
				continue
			}
			here, inCall := presence[p.ID], slices.Contains(calls, p.ID)
			doctor := contract.DutyDoctor{Presence: shownPresence(here, inCall), Person: contract.Person{Id: p.ID, Name: p.DisplayName, Role: RoleConsultant,
				TitleCode: some(p.TitleCode), Title: titleOf(a, p.TitleCode), Organisation: some(d.Hospital), Department: some(d.Name)}}
			if until, ok := onDuty[p.ID]; ok {
				doctor.OnDutyUntil = &until
			}
			if doctor.Presence == PresenceBackSoon {
				doctor.BackAt = here.BackAt
			}
			if here.Available() {
				v.Available++
				if inCall {
					busy++
				}
			}
			v.Doctors = append(v.Doctors, doctor)
		}
		slices.SortStableFunc(v.Doctors, func(x, y contract.DutyDoctor) int { // who is on duty first
			switch {
			case x.OnDutyUntil != nil && y.OnDutyUntil == nil:
				return -1
			case x.OnDutyUntil == nil && y.OnDutyUntil != nil:
				return 1
			}
			return 0
		})
		// A consultation that is going on takes a doctor as one that waits does.
		w := consult.Waiting{Urgency: consult.Routine, Since: now, Target: time.Duration(value(target.AcceptSeconds)) * time.Second}
		if by, ok := consult.Promise(now, w, v.Waiting+busy, v.Available, meanService); ok {
			v.PromiseBy = &by
		}
		if err := s.dutyEstimate(ctx, q, &v, now); err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// dutyEstimate says how long a routine request to the department would probably wait.
func (s *Service) dutyEstimate(ctx context.Context, q *db.Queries, v *contract.DutyDepartment, now time.Time) error {
	if v.Available == 0 {
		return nil
	}
	of := []uuid.UUID{v.DepartmentId}
	doctors, err := s.doctorsFor(ctx, q, of, now)
	if err != nil {
		return err
	}
	e, ok, err := s.estimate(ctx, q, doctors, of, v.Waiting, now)
	if err == nil && ok {
		v.Estimate = &e
	}
	return err
}

// shownPresence is what others see of a doctor. Who says AVAILABLE without a socket to ring is OFF.
func shownPresence(p PresenceState, inCall bool) contract.Presence {
	switch {
	case inCall:
		return PresenceInCall
	case p.Available():
		return PresenceAvailable
	case p.State == PresenceBackSoon:
		return PresenceBackSoon
	}
	return PresenceOff
}
