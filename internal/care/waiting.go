package care

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// waitingView says where an offered request stands: its place in the department's queue, by when it will be answered, who
// was asked, and what happens next. Only what really happened or really will is said.
func (s *Service) waitingView(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation, now time.Time) (*contract.Waiting, error) {
	if c.State != string(consult.StateOffered) || c.DepartmentID == nil || c.OfferedAt == nil {
		return nil, nil
	}
	departments, err := q.AudienceDepartments(ctx, db.AudienceDepartmentsParams{ConsultationID: c.ID, Now: now})
	if err != nil {
		return nil, fmt.Errorf("audience: %w", err)
	}
	queue, err := q.QueueCandidates(ctx, db.QueueCandidatesParams{Departments: departments, Now: now, UserID: a.UserID})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	inOrder(queue, now)
	out := &contract.Waiting{DueAt: utc(c.AcceptDueAt), Steps: []contract.LadderStep{}}
	var own consult.Waiting
	for i, row := range queue {
		if row.Consultation.ID == c.ID {
			out.Ahead, out.Position, own = i, i+1, waitingOf(row)
		}
	}
	doctors, err := s.doctorsFor(ctx, q, departments, now)
	if err != nil {
		return nil, err
	}
	busy := 0
	for _, d := range doctors {
		if !d.here() {
			continue
		}
		out.Available++
		if d.busy {
			busy++
		}
	}
	out.Eligible = len(doctors)
	// A consultation that is going on takes a doctor as one that waits does.
	if by, ok := consult.Promise(now, own, out.Ahead+busy, out.Available, meanService); ok {
		by = by.UTC()
		out.PromiseBy = &by
	}
	return out, s.ladder(ctx, q, a, c, now, out)
}

// ladder fills in who is asked and the steps in words.
func (s *Service) ladder(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation, now time.Time, out *contract.Waiting) error {
	offers, err := q.OffersOf(ctx, db.OffersOfParams{ConsultationID: c.ID, Epoch: c.Epoch})
	if err != nil {
		return fmt.Errorf("offers: %w", err)
	}
	place, err := s.places(ctx, q, c)
	if err != nil {
		return err
	}
	step := func(code string, args map[string]string, at *time.Time, done, current bool) {
		out.Steps = append(out.Steps, contract.LadderStep{Code: code, Message: reason(a, code, args).Message, At: utc(at), Done: done, Current: current})
	}
	step("ladder_department", place, c.OfferedAt, true, false)
	var ringing, silent []string
	var rungAt *time.Time
	for _, o := range offers {
		switch {
		case o.Result == "PENDING" && o.ExpiresAt.After(now):
			ringing = append(ringing, o.DisplayName)
			if rungAt == nil {
				rungAt = &o.OfferedAt
			}
		case o.Result == "LAPSED" || o.Result == "PENDING":
			silent = append(silent, o.DisplayName)
		}
	}
	l := lang(a)
	if len(silent) > 0 {
		step("ladder_no_answer", map[string]string{"doctors": names(silent, l)}, nil, true, false)
	}
	switch {
	case len(ringing) > 0:
		out.DoctorName = &ringing[0]
		step("ladder_ringing", map[string]string{"doctors": names(ringing, l)}, rungAt, false, true)
	case out.Available > 0:
		step("ladder_all_busy", nil, nil, false, true)
	default:
		step("ladder_nobody", map[string]string{"phone": s.cfg.ConsultPhone}, nil, false, true)
	}
	step("ladder_newcomers", nil, nil, false, false)
	return nil
}

// places names the department and the hospital that were asked.
func (s *Service) places(ctx context.Context, q *db.Queries, c db.Consultation) (map[string]string, error) {
	d, err := q.CaseDepartment(ctx, *c.DepartmentID)
	if err != nil {
		return nil, fmt.Errorf("department: %w", err)
	}
	h, err := q.CaseOrganisation(ctx, d.OrganisationID)
	if err != nil {
		return nil, fmt.Errorf("hospital: %w", err)
	}
	return map[string]string{"name": d.Name, "hospital": h.Name}, nil
}

func names(list []string, l consult.Lang) string {
	if l == consult.EN {
		return strings.Join(list, ", ")
	}
	return strings.Join(list, "、")
}

// inAudience says whether one of the actor's departments is asked now.
func (s *Service) inAudience(ctx context.Context, q *db.Queries, a identity.Actor, c db.Consultation, now time.Time) (bool, error) {
	own := consultantDepartments(a)
	if len(own) == 0 {
		return false, nil
	}
	asked, err := q.AudienceDepartments(ctx, db.AudienceDepartmentsParams{ConsultationID: c.ID, Now: now})
	if err != nil {
		return false, fmt.Errorf("audience: %w", err)
	}
	return overlap(own, asked), nil
}

func overlap(a, b []uuid.UUID) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}
