package care

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// The roles of those who look after quality and complaints.
const (
	RoleQC        = "QC"
	RoleComplaint = "COMPLAINT_OFFICER"
)

// ownOrganisation is the institution in which somebody acts in one of the roles: the named one, or the only one.
func ownOrganisation(a identity.Actor, named *uuid.UUID, roles ...string) (uuid.UUID, error) {
	own := a.Organisations(roles...)
	switch {
	case named != nil && slices.Contains(own, *named):
		return *named, nil
	case named != nil:
		return uuid.Nil, problem.NotFound()
	case len(own) == 1:
		return own[0], nil
	case len(own) == 0:
		return uuid.Nil, problem.Forbidden()
	}
	var f form
	f.add("organisationId", "required")
	return uuid.Nil, f.err()
}

// onRow carries out a command on one row of an institution: lock, authorise, look for a repetition, do, register, write the audit.
func (s *Service) onRow(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, operation, object string, in any, roles []string,
	lock func(q *db.Queries) (organisation uuid.UUID, err error), do func(q *db.Queries, now time.Time) (rows int64, err error)) error {
	if err := require(a, roles...); err != nil {
		return err
	}
	request := struct {
		ID   uuid.UUID
		Body any
	}{id, in}
	err := errTwin
	for try := 0; try < 2 && errors.Is(err, errTwin); try++ {
		err = s.st.Tx(ctx, func(q *db.Queries) error {
			org, err := lock(q)
			if err := one(err, object); err != nil {
				return err
			}
			if !a.In(org, roles...) {
				return problem.NotFound()
			}
			done, _, err := s.once(ctx, q, a, cmd, operation, request)
			if err != nil || done {
				return err
			}
			now, err := s.clock(ctx, q)
			if err != nil {
				return err
			}
			n, err := do(q, now)
			if err != nil {
				return err
			}
			if n != 1 {
				return problem.New(http.StatusConflict, "already_done", nil)
			}
			if err := s.answered(ctx, q, a, cmd, operation, request, id); err != nil {
				if isTwin(err) {
					return errTwin
				}
				return err
			}
			return s.audit(ctx, q, a, now, roleIn(a, org, roles), operation, object, &id, "")
		})
	}
	return err
}

// roleIn is the first of the roles that somebody has in an institution.
func roleIn(a identity.Actor, org uuid.UUID, roles []string) string {
	for _, r := range roles {
		if a.In(org, r) {
			return r
		}
	}
	return ""
}

// caseOf checks that a consultation that a form names is one of the institution; none is fine.
func (s *Service) caseOf(ctx context.Context, q *db.Queries, f *form, org uuid.UUID, id *uuid.UUID) error {
	if id == nil {
		return nil
	}
	c, err := q.GetConsultation(ctx, *id)
	if err := one(err, "the consultation"); err != nil && problem.Of(err).Code != "not_found" {
		return err
	}
	if err != nil || c.InvitingOrgID != org && value(c.InvitedOrgID) != org {
		f.add("consultationId", "wrong_value")
	}
	return nil
}

func complaintRoles() []string { return []string{RoleComplaint, RoleInstAdmin} }

// ListComplaints gives the complaints of the caller's institutions, open ones first.
func (s *Service) ListComplaints(ctx context.Context, a identity.Actor) ([]contract.Complaint, error) {
	if err := require(a, complaintRoles()...); err != nil {
		return nil, err
	}
	return s.complaints(ctx, a.Organisations(complaintRoles()...), nil)
}

func (s *Service) complaints(ctx context.Context, orgs []uuid.UUID, id *uuid.UUID) ([]contract.Complaint, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.Complaints(ctx, db.ComplaintsParams{Organisations: orgs, ID: id})
	if err != nil {
		return nil, fmt.Errorf("complaints: %w", err)
	}
	today := consult.DateOf(now)
	calendar, err := s.workdays(ctx, q, today.AddYears(-1), today.AddYears(1))
	if err != nil {
		return nil, err
	}
	out := make([]contract.Complaint, len(rows))
	for i, r := range rows {
		due := consult.DateFromTime(r.DueOn)
		v := contract.Complaint{Id: r.ID, Organisation: r.OrganisationName, ConsultationId: r.ConsultationID, Serial: some(r.Serial), Complainant: r.Complainant,
			Category: r.Category, SeveralDepartments: r.SeveralDepartments, ReceivedAt: r.ReceivedAt.UTC(), ReceivedBy: r.ReceivedByName, DueOn: dayOf(r.DueOn),
			CalendarKnown: r.CalendarKnown, State: contract.ComplaintState(r.State), Finding: some(r.Finding), OnTheSpot: some(r.OnTheSpot), ClosedAt: utc(r.ClosedAt), ClosedBy: some(r.ClosedByName)}
		v.Late = due.Before(today)
		if r.ClosedAt != nil {
			v.Late = due.Before(consult.DateOf(*r.ClosedAt))
		} else {
			left := workdaysBetween(calendar, today, due)
			v.WorkingDaysLeft = &left
		}
		for _, f := range []struct {
			column string
			sealed []byte
			to     func(string)
		}{
			{"complainant_enc", r.ComplainantEnc, func(t string) { v.Name = some(t) }},
			{"contact_enc", r.ContactEnc, func(t string) { v.Contact = some(t) }},
			{"content_enc", r.ContentEnc, func(t string) { v.Content = t }},
			{"resolution_enc", r.ResolutionEnc, func(t string) { v.Resolution = some(t) }},
		} {
			text, err := s.openText("complaints", f.column, r.ID, f.sealed)
			if err != nil {
				return nil, err
			}
			f.to(text)
		}
		out[i] = v
	}
	return out, nil
}

// workdaysBetween counts the working days after one day up to another; negative when the other lies before.
func workdaysBetween(w consult.Workdays, from, to consult.Date) int {
	n := 0
	for d := from; d.Before(to); {
		d = d.AddDays(1)
		if w.Works(d) {
			n++
		}
	}
	for d := from; d.After(to); d = d.AddDays(-1) {
		if w.Works(d) {
			n--
		}
	}
	return n
}

// CreateComplaint writes down a complaint: whoever hears it first does (首诉负责). The answer is due after five working days, ten when
// several departments are involved, by the statutory calendar as it is known now.
func (s *Service) CreateComplaint(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.ComplaintInput) (contract.Complaint, error) {
	roles := append(complaintRoles(), RoleAttending, RoleNurse)
	if err := require(a, roles...); err != nil {
		return contract.Complaint{}, err
	}
	org, err := ownOrganisation(a, in.OrganisationId, roles...)
	if err != nil {
		return contract.Complaint{}, err
	}
	id, _, err := s.create(ctx, a, cmd, "createComplaint", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		var f form
		content := f.text("content", in.Content, 1, 2000)
		f.code("category", consult.VocabComplaint, in.Category)
		received := now
		if in.ReceivedAt != nil {
			received = in.ReceivedAt.UTC()
		}
		if received.After(now.Add(clockAhead)) || received.Before(now.AddDate(0, -3, 0)) {
			f.add("receivedAt", "wrong_value")
		}
		about, err := s.complaintAbout(ctx, q, &f, org, in)
		if err != nil {
			return err
		}
		if err := f.err(); err != nil {
			return err
		}
		day := consult.DateOf(received)
		calendar, err := s.workdays(ctx, q, day, day.AddYears(1))
		if err != nil {
			return err
		}
		due, known := calendar.ComplaintDue(received, value(in.SeveralDepartments))
		if err := q.AddComplaint(ctx, db.AddComplaintParams{ID: id, OrganisationID: org, ConsultationID: about, Complainant: string(in.Complainant),
			ComplainantEnc: s.sealText("complaints", "complainant_enc", id, value(in.Name)), ContactEnc: s.sealText("complaints", "contact_enc", id, value(in.Contact)),
			Category: in.Category, ContentEnc: s.sealText("complaints", "content_enc", id, content), SeveralDepartments: value(in.SeveralDepartments),
			ReceivedAt: received, ReceivedBy: a.UserID, DueOn: due.Time(), CalendarKnown: known}); err != nil {
			return fmt.Errorf("complaint: %w", err)
		}
		return s.audit(ctx, q, a, now, roleIn(a, org, roles), "createComplaint", "complaint", &id, "")
	})
	if err != nil {
		return contract.Complaint{}, err
	}
	return s.oneComplaint(ctx, org, id)
}

func (s *Service) oneComplaint(ctx context.Context, org, id uuid.UUID) (contract.Complaint, error) {
	list, err := s.complaints(ctx, []uuid.UUID{org}, &id)
	if err != nil {
		return contract.Complaint{}, err
	}
	if len(list) != 1 {
		return contract.Complaint{}, problem.NotFound()
	}
	return list[0], nil
}

// complaintAbout is the consultation that a complaint is about, by its id or by its serial; nil: none that is known.
func (s *Service) complaintAbout(ctx context.Context, q *db.Queries, f *form, org uuid.UUID, in contract.ComplaintInput) (*uuid.UUID, error) {
	if serial := strings.TrimSpace(value(in.Serial)); serial != "" && in.ConsultationId == nil {
		id, err := q.ConsultationBySerial(ctx, strings.ToUpper(serial))
		if err != nil && !store.IsNone(err) {
			return nil, fmt.Errorf("the consultation: %w", err)
		}
		var named form
		if err == nil {
			err = s.caseOf(ctx, q, &named, org, &id)
		} else {
			named.add("serial", "wrong_value")
			err = nil
		}
		if named.err() != nil {
			f.add("serial", "wrong_value")
		}
		return &id, err
	}
	return in.ConsultationId, s.caseOf(ctx, q, f, org, in.ConsultationId)
}

// CloseComplaint writes down the answer and what was found. That the service was false or unlawful keeps the consultation from counting
// for good (NC20); it is judged anew by the sweep.
func (s *Service) CloseComplaint(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ComplaintClosing) (contract.Complaint, error) {
	var org uuid.UUID
	var about *uuid.UUID
	err := s.onRow(ctx, a, cmd, id, "closeComplaint", "complaint", in, complaintRoles(), func(q *db.Queries) (uuid.UUID, error) {
		row, err := q.LockComplaint(ctx, id)
		org, about = row.OrganisationID, row.ConsultationID
		return org, err
	}, func(q *db.Queries, now time.Time) (int64, error) {
		var f form
		words := f.text("resolution", in.Resolution, 1, 2000)
		f.code("finding", consult.VocabFinding, string(in.Finding))
		if in.Finding == contract.FALSESERVICE && about == nil {
			f.add("finding", "complaint_about_nothing")
		}
		if err := f.err(); err != nil {
			return 0, err
		}
		if in.Finding == contract.FALSESERVICE {
			if err := q.JudgeAgain(ctx, []uuid.UUID{*about}); err != nil {
				return 0, fmt.Errorf("judge again: %w", err)
			}
		}
		return q.CloseComplaint(ctx, db.CloseComplaintParams{ID: id, ResolutionEnc: s.sealText("complaints", "resolution_enc", id, words),
			OnTheSpot: value(in.OnTheSpot), Finding: string(in.Finding), Now: &now, ClosedBy: &a.UserID})
	})
	if err != nil {
		return contract.Complaint{}, err
	}
	return s.oneComplaint(ctx, org, id)
}

// workdays reads the statutory calendar of the years between two days.
func (s *Service) workdays(ctx context.Context, q *db.Queries, first, last consult.Date) (consult.Workdays, error) {
	w := consult.Workdays{Off: map[consult.Date]bool{}, Years: map[int]bool{}}
	rows, err := q.WorkdaysBetween(ctx, db.WorkdaysBetweenParams{First: consult.Date{Year: first.Year, Month: time.January, Day: 1}.Time(),
		Last: consult.Date{Year: last.Year, Month: time.December, Day: 31}.Time()})
	if err != nil {
		return w, fmt.Errorf("working days: %w", err)
	}
	for _, r := range rows {
		day := consult.DateFromTime(r.Date)
		w.Off[day], w.Years[day.Year] = r.IsOff, true
	}
	return w, nil
}

// GetWorkdays gives the arrangement of a year.
func (s *Service) GetWorkdays(ctx context.Context, a identity.Actor, in contract.GetWorkdaysParams) (contract.WorkdayYear, error) {
	if err := require(a, RoleSysAdmin, RoleInstAdmin, RoleComplaint, RoleNurse, RoleAttending, RoleConsultant, RoleFamilyDoctor, RoleDispatcher); err != nil {
		return contract.WorkdayYear{}, err
	}
	return s.workdayYear(ctx, s.st.Q(), in.Year)
}

func (s *Service) workdayYear(ctx context.Context, q *db.Queries, year int) (contract.WorkdayYear, error) {
	out := contract.WorkdayYear{Year: year, Days: []contract.Workday{}, Years: []int{}}
	rows, err := q.WorkdaysBetween(ctx, db.WorkdaysBetweenParams{First: consult.Date{Year: year, Month: time.January, Day: 1}.Time(),
		Last: consult.Date{Year: year, Month: time.December, Day: 31}.Time()})
	if err != nil {
		return out, fmt.Errorf("working days: %w", err)
	}
	out.Known = len(rows) > 0
	for _, r := range rows {
		out.Days, out.Source = append(out.Days, contract.Workday{Date: dayOf(r.Date), Name: r.Name, IsOffDay: r.IsOff}), some(r.Source)
	}
	years, err := q.WorkdayYears(ctx)
	if err != nil {
		return out, fmt.Errorf("years: %w", err)
	}
	for _, y := range years {
		out.Years = append(out.Years, int(y))
	}
	return out, nil
}

// SetWorkdays replaces the arrangement of a year, as it is published each autumn. Deadlines that were set before stay as they are.
func (s *Service) SetWorkdays(ctx context.Context, a identity.Actor, in contract.WorkdayInput) (contract.WorkdayYear, error) {
	if err := require(a, RoleSysAdmin); err != nil {
		return contract.WorkdayYear{}, err
	}
	var f form
	source := "导入"
	if in.Papers != nil && len(*in.Papers) > 0 {
		source = strings.Join(*in.Papers, " ")
	}
	seen := map[consult.Date]bool{}
	for i, d := range in.Days {
		day := dateOf(d.Date)
		switch {
		case day.Year != in.Year:
			f.add("days/"+strconv.Itoa(i)+"/date", "workday_other_year")
		case seen[day]:
			f.add("days/"+strconv.Itoa(i)+"/date", "chosen_twice")
		}
		seen[day] = true
		f.text("days/"+strconv.Itoa(i)+"/name", d.Name, 1, 40)
	}
	if err := f.err(); err != nil {
		return contract.WorkdayYear{}, err
	}
	var out contract.WorkdayYear
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		if err := q.ClearWorkdays(ctx, db.ClearWorkdaysParams{First: consult.Date{Year: in.Year, Month: time.January, Day: 1}.Time(),
			Last: consult.Date{Year: in.Year, Month: time.December, Day: 31}.Time()}); err != nil {
			return fmt.Errorf("working days: %w", err)
		}
		for _, d := range in.Days {
			if err := q.AddWorkday(ctx, db.AddWorkdayParams{Date: dateOf(d.Date).Time(), IsOff: d.IsOffDay, Name: d.Name, Source: source}); err != nil {
				return fmt.Errorf("working days: %w", err)
			}
		}
		if out, err = s.workdayYear(ctx, q, in.Year); err != nil {
			return err
		}
		return s.audit(ctx, q, a, now, RoleSysAdmin, "setWorkdays", "workdays", nil, strconv.Itoa(in.Year))
	})
	return out, err
}
