package care

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The ladder of an unanswered request. Its timers are columns of the row (ladder_due_at, ring_due_at and the ends of its
// rings), compared with the database's clock by Sweep on any node; nothing is kept in memory.

// Why a dispatcher is alerted.
const (
	alertLate     = "LATE"     // the target has passed
	alertNobody   = "NOBODY"   // of those who are asked nobody is present
	alertCritical = "CRITICAL" // at once
	alertLeft     = "LEFT"     // who looked after it is gone
)

// Who asked wider.
const (
	byTimer      = "TIMER"
	byDispatcher = "DISPATCHER"
	byDeclined   = "DECLINED" // everybody present has declined
)

// targetOf is how long the request may wait. Without a deadline of its own it is measured as ROUTINE.
func targetOf(c db.Consultation) time.Duration {
	if c.AcceptDueAt != nil && c.OfferedAt != nil {
		return max(c.AcceptDueAt.Sub(*c.OfferedAt), time.Second)
	}
	return consult.AcceptTarget(consult.Routine, time.Time{}, time.Time{})
}

// startLadder begins the ladder, or goes on with it after a grant was given back: the timers count from the first offer, so
// that a request that comes back stands where its waiting puts it. CRITICAL alerts the dispatcher at once, and so does one that
// comes back after its target has passed.
func (s *Service) startLadder(ctx context.Context, ch *change) error {
	if !rings(ch.c) {
		return nil
	}
	ch.c.RingRound++
	ch.armLadder()
	why := ""
	switch {
	case consult.LadderStep(ch.c.LadderStep) == consult.StepDispatcher:
		why = alertLate // it is at the end of the ladder: no step is left that would call anybody
	case ch.c.Urgency == string(consult.Critical):
		why = alertCritical
	}
	if why != "" {
		if err := s.alertDispatcher(ctx, ch, why); err != nil {
			return err
		}
	}
	if err := s.ring(ctx, ch); err != nil {
		return err
	}
	return ch.saveLadder(ctx)
}

// armLadder sets the time of the next step.
func (ch *change) armLadder() {
	ch.c.LadderDueAt = nil
	if next, ok := consult.LadderStep(ch.c.LadderStep).Next(); ok && ch.c.OfferedAt != nil {
		due := next.Due(*ch.c.OfferedAt, targetOf(ch.c)).UTC()
		ch.c.LadderDueAt = &due
	}
}

// saveLadder has the ladder written with the change.
func (ch *change) saveLadder(context.Context) error {
	ch.ladder = true
	return nil
}

// advance does what time does to a waiting request: rings lapse, those of doctors who are gone at once; the next steps are
// taken; the next doctor is rung. It is told who of the doctors that ring is gone.
func (s *Service) advance(ctx context.Context, ch *change, gone []uuid.UUID) (bool, error) {
	if late, err := s.overdueWritten(ctx, ch); err != nil || late {
		return late, err
	}
	lapsed, err := s.lapse(ctx, ch, gone)
	if err != nil || !rings(ch.c) {
		return lapsed, err
	}
	climbed, err := s.climb(ctx, ch)
	if err != nil {
		return false, err
	}
	due := ch.c.RingDueAt == nil || !ch.c.RingDueAt.After(ch.now)
	if !lapsed && !climbed && !due {
		return false, nil
	}
	// A ring that ended early, since the device is gone, does not wait for its time.
	if due || climbed || lapsed && len(gone) > 0 {
		if err := s.ring(ctx, ch); err != nil {
			return false, err
		}
	}
	return true, ch.saveLadder(ctx)
}

// lapse ends rings whose time is over or whose doctor is gone; the request stays where it is.
func (s *Service) lapse(ctx context.Context, ch *change, gone []uuid.UUID) (bool, error) {
	if gone == nil {
		gone = []uuid.UUID{}
	}
	rows, err := ch.q.LapseOffers(ctx, db.LapseOffersParams{ConsultationID: ch.c.ID, Now: &ch.now, Gone: gone})
	if err != nil {
		return false, fmt.Errorf("lapse: %w", err)
	}
	if len(rows) == 0 {
		return false, nil
	}
	ended := map[string][]uuid.UUID{}
	all := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		why := "TIME"
		if r.Gone {
			why = "GONE"
		}
		ended[why], all[i] = append(ended[why], r.DoctorID), r.DoctorID
	}
	ch.tell("ring.stop", store.Audience{Users: all}, ringStop{ConsultationID: ch.c.ID, Result: "lapsed"})
	ch.touch("state")
	ch.board = "lapsed"
	for _, why := range []string{"TIME", "GONE"} {
		if len(ended[why]) == 0 {
			continue
		}
		if err := ch.record(ctx, eventRingLapsed, map[string]any{"doctors": ended[why], "reason": why}); err != nil {
			return false, err
		}
	}
	return true, nil
}

// climb takes the steps whose time has come.
func (s *Service) climb(ctx context.Context, ch *change) (bool, error) {
	climbed := false
	for ch.c.LadderDueAt != nil && !ch.c.LadderDueAt.After(ch.now) {
		next, ok := consult.LadderStep(ch.c.LadderStep).Next()
		if !ok {
			break
		}
		if _, err := s.widen(ctx, ch, next, byTimer); err != nil {
			return false, err
		}
		climbed = true
	}
	return climbed, nil
}

// widen takes one step: its departments are asked, or the dispatcher is alerted. A step that nobody new can be asked at is
// passed over in silence. It says whether somebody new was asked or alerted.
func (s *Service) widen(ctx context.Context, ch *change, step consult.LadderStep, by string) (bool, error) {
	ch.c.LadderStep = int16(step)
	ch.armLadder()
	if step == consult.StepDispatcher {
		return true, s.alertDispatcher(ctx, ch, alertLate)
	}
	plan, err := s.ladderPlan(ctx, ch.q, ch.c, ch.now)
	if err != nil {
		return false, err
	}
	departments := plan[step]
	if len(departments) == 0 {
		return false, nil
	}
	if _, err := ch.audience(ctx); err != nil {
		return false, err
	}
	for _, d := range departments {
		if err := ch.q.AskDepartment(ctx, db.AskDepartmentParams{ConsultationID: ch.c.ID, DepartmentID: d, Since: ch.now, Step: int16(step)}); err != nil {
			return false, fmt.Errorf("ask wider: %w", err)
		}
		ch.departments = append(ch.departments, d)
	}
	ch.newly = append(ch.newly, departments...)
	ch.inQueue("offered")
	ch.touch("state")
	ch.duty = true
	ch.c.RingDueAt = &ch.now
	return true, ch.record(ctx, eventWidened, map[string]any{"step": int(step), "departments": departments, "by": by})
}

// ladderPlan says which departments each step would newly ask now: those that stand in for the one that was asked for, the
// rest of its hospital, and partner hospitals with an agreement in force that covers service and department, and a licence.
func (s *Service) ladderPlan(ctx context.Context, q *db.Queries, c db.Consultation, now time.Time) (map[consult.LadderStep][]uuid.UUID, error) {
	steps, err := q.AudienceSteps(ctx, db.AudienceStepsParams{ConsultationID: c.ID, Now: now})
	if err != nil {
		return nil, fmt.Errorf("audience: %w", err)
	}
	return s.planOf(ctx, q, c, steps, now)
}

// planOf is ladderPlan for who is known to be asked now.
func (s *Service) planOf(ctx context.Context, q *db.Queries, c db.Consultation, asked []db.AudienceStepsRow, now time.Time) (map[consult.LadderStep][]uuid.UUID, error) {
	wanted, ok := askedFirst(asked)
	if !ok {
		return nil, nil
	}
	side, err := s.inviterNow(ctx, q, c.InvitingOrgID, c.SubmitterID, now)
	if err != nil {
		return nil, err
	}
	if err := s.aboutResident(ctx, q, c, &side, now, wants(c)); err != nil {
		return nil, err
	}
	agreements, err := s.agreementsOf(ctx, q, c.InvitingOrgID, side)
	if err != nil {
		return nil, err
	}
	urgency := consult.Urgency(c.Urgency)
	routes, err := s.routes(ctx, q, agreements, side, urgency, wanted.Code, now, consult.ServiceType(c.ServiceWanted))
	if err != nil {
		return nil, err
	}
	plan := map[consult.LadderStep][]uuid.UUID{}
	for _, r := range routes {
		if r.decision.Service == "" || slices.ContainsFunc(asked, func(a db.AudienceStepsRow) bool { return a.DepartmentID == r.department.ID }) {
			continue
		}
		stands := r.preference >= 0
		switch same := r.department.OrganisationID == wanted.OrganisationID; {
		case same && consult.Related(r.department.Code, wanted.Code):
			plan[consult.StepRelated] = append(plan[consult.StepRelated], r.department.ID)
		case same && (stands || r.department.Code != rehabilitation):
			plan[consult.StepHospital] = append(plan[consult.StepHospital], r.department.ID)
		case !same && stands:
			plan[consult.StepPartners] = append(plan[consult.StepPartners], r.department.ID)
		}
	}
	return plan, nil
}

// askedFirst is the department that a request went to: it is asked as long as the request waits.
func askedFirst(asked []db.AudienceStepsRow) (first db.AudienceStepsRow, ok bool) {
	for _, a := range asked {
		if a.Step == int16(consult.StepDepartment) && (!ok || a.Since.Before(first.Since)) {
			first, ok = a, true
		}
	}
	return first, ok
}

// alertDispatcher calls the dispatchers of the hospital: those whom the roster has on duty, without any all of them. Before
// the target has passed it is done once; at the target, and when the one in charge has left, it is done again unless somebody has
// taken charge. Where there is no dispatcher, or no other than the one who left, the administrators are told.
func (s *Service) alertDispatcher(ctx context.Context, ch *change, why string, left ...uuid.UUID) error {
	again := why == alertLate || why == alertLeft
	if ch.c.InvitedOrgID == nil || ch.c.DispatcherID != nil || ch.c.DispatcherAlertedAt != nil && !again {
		return nil
	}
	people, err := s.dispatchersOf(ctx, ch.q, *ch.c.InvitedOrgID, ch.now, left...)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		if why == alertNobody && !consult.Urgency(ch.c.Urgency).MoreUrgentThan(consult.Urgent) {
			return nil // it has time until the end of the ladder: administrators are no dispatchers
		}
		if err := s.alertAdministrators(ctx, ch); err != nil {
			return err
		}
		if people, err = s.dispatchersOf(ctx, ch.q, *ch.c.InvitedOrgID, ch.now); err != nil || len(people) == 0 {
			return err
		}
	}
	users := make([]uuid.UUID, len(people))
	for i, p := range people {
		users[i] = p.ID
	}
	if err := ch.q.SetAlerted(ctx, db.SetAlertedParams{ID: ch.c.ID, Now: &ch.now}); err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	ch.c.DispatcherAlertedAt = &ch.now
	ch.touch("state")
	ch.board = "alerted"
	if err := ch.alertDispatchers(ctx, users, why); err != nil {
		return err
	}
	ch.tell("dispatcher.alert", store.Audience{Users: users}, dispatcherAlert{ConsultationID: ch.c.ID, Urgency: ch.c.Urgency, Reason: why})
	return ch.record(ctx, eventAlerted, map[string]any{"users": users, "reason": why})
}

// dispatchersOf are a hospital's dispatchers on duty, without any on the roster all of them; not those who left.
func (s *Service) dispatchersOf(ctx context.Context, q *db.Queries, hospital uuid.UUID, now time.Time, left ...uuid.UUID) ([]db.DispatchersOfRow, error) {
	people, err := q.DispatchersOf(ctx, db.DispatchersOfParams{Organisations: []uuid.UUID{hospital}, Now: now})
	if err != nil {
		return nil, fmt.Errorf("dispatchers: %w", err)
	}
	people = slices.DeleteFunc(people, func(p db.DispatchersOfRow) bool { return slices.Contains(left, p.ID) })
	if i := slices.IndexFunc(people, func(p db.DispatchersOfRow) bool { return !p.OnDuty }); i > 0 {
		people = people[:i]
	}
	return people, nil
}
