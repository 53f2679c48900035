package remind

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// longestPeriod is of how many days letters are asked for at once.
const longestPeriod = 62

// openingMinutes is within how many minutes a list that is read again was opened once.
const openingMinutes = 10

// sides are the organisations of whose residents, or whose appointments, somebody looks after reminders.
func sides(a identity.Actor) (homes, offering []uuid.UUID) {
	return a.Organisations(roleNurse, roleAttending), a.Organisations(roleFamily)
}

// letters reads the booked appointments whose families no message reaches.
func (s *Service) letters(ctx context.Context, q *db.Queries, a identity.Actor, p db.AppointmentsForLettersParams) ([]contract.ReminderLetter, []db.AppointmentsForLettersRow, error) {
	p.Homes, p.Offering = sides(a)
	rows, err := q.AppointmentsForLetters(ctx, p)
	if err != nil {
		return nil, nil, fmt.Errorf("appointments for letters: %w", err)
	}
	residents := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		residents[i] = r.ResidentID
	}
	phones, err := notify.FamilyPhones(ctx, q, s.keep, residents)
	if err != nil {
		return nil, nil, err
	}
	out, kept := []contract.ReminderLetter{}, []db.AppointmentsForLettersRow{}
	for _, r := range rows {
		l := contract.ReminderLetter{AppointmentId: r.ID, Revision: int(r.Revision), Ward: r.Ward, Bed: r.Bed, Institution: r.HomeName, Phone: r.HomePhone, StartsAt: r.StartsAt.UTC(),
			Place: contract.AppointmentPlace(r.Place), Who: r.LeadName, Confirmed: &r.Confirmed}
		switch {
		case phones[r.ResidentID] == "":
			l.Why = contract.ReminderLetterWhyNOPHONE
		case !r.Gateway:
			l.Why = contract.ReminderLetterWhyNOGATEWAY
		case r.Failed:
			l.Why = contract.ReminderLetterWhyFAILED
		default:
			continue
		}
		if l.ResidentName, err = s.keep.OpenText("residents", "name_enc", r.ResidentID, r.NameEnc); err != nil {
			return nil, nil, fmt.Errorf("name: %w", err)
		}
		if r.PrintedAt != nil {
			at := r.PrintedAt.UTC()
			l.PrintedAt = &at
		}
		out, kept = append(out, l), append(kept, r)
	}
	return out, kept, nil
}

// ListReminderLetters gives the booked appointments of a period whose families no message reaches: no telephone of family or resident is on file, no gateway is set up, or
// the message was given up. Names are written out for the letter; that the list was opened is noted in the log of accesses.
func (s *Service) ListReminderLetters(ctx context.Context, a identity.Actor, in contract.ListReminderLettersParams) ([]contract.ReminderLetter, error) {
	if err := require(a, roleNurse, roleAttending, roleFamily); err != nil {
		return nil, err
	}
	first, last := consult.DateFromTime(in.From.Time), consult.DateFromTime(in.To.Time)
	switch {
	case last.Before(first):
		return nil, problem.Invalid(problem.Field{Path: "to", Code: "period_order"})
	case first.AddDays(longestPeriod).Before(last):
		return nil, problem.Invalid(problem.Field{Path: "to", Code: "date_too_far"})
	}
	out, kept, err := s.letters(ctx, s.st.Q(), a, db.AppointmentsForLettersParams{Since: first.Start(), Before: last.AddDays(1).Start(), Ids: []uuid.UUID{}})
	if err != nil {
		return nil, err
	}
	if err := s.noteOpening(ctx, a, kept); err != nil {
		return nil, err
	}
	return out, nil
}

// noteOpening notes in the log of accesses that somebody opened the list, once for each house whose residents stand in it: the page reads it again by
// itself. For whom a letter was made stands there resident by resident (MarkLettersPrinted).
func (s *Service) noteOpening(ctx context.Context, a identity.Actor, rows []db.AppointmentsForLettersRow) error {
	const action = "listReminderLetters"
	q, noted := s.st.Q(), map[uuid.UUID]bool{}
	for _, r := range rows {
		if noted[r.ResidentOrgID] {
			continue
		}
		noted[r.ResidentOrgID] = true
		lately, err := q.OpenedLately(ctx, db.OpenedLatelyParams{OrganisationID: &r.ResidentOrgID, UserID: &a.UserID, Action: action, Minutes: openingMinutes})
		if err != nil {
			return fmt.Errorf("access log: %w", err)
		}
		if lately {
			continue
		}
		role := roleIn(a, r.ResidentOrgID, roleNurse, roleAttending)
		if role == "" {
			role = roleFamily
		}
		if err := q.AppendAccess(ctx, db.AppendAccessParams{ID: newID(), UserID: &a.UserID, Role: role, Action: action, ObjectType: "organisation", ObjectID: &r.ResidentOrgID}); err != nil {
			return fmt.Errorf("access log: %w", err)
		}
	}
	return nil
}

// MarkLettersPrinted notes that letters were printed, each once for the present time of its appointment. An id that is not on the caller's list is 404.
func (s *Service) MarkLettersPrinted(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.PrintedLetters) error {
	if err := require(a, roleNurse, roleAttending, roleFamily); err != nil {
		return err
	}
	_, err := store.Command{User: a.UserID, ID: cmd, Operation: "markLettersPrinted", Request: in}.Once(ctx, s.st.Tx, func(q *db.Queries) (uuid.UUID, error) {
		now, err := s.clock(ctx, q)
		if err != nil {
			return uuid.Nil, err
		}
		_, rows, err := s.letters(ctx, q, a, db.AppointmentsForLettersParams{Since: now.AddDate(0, 0, -1), Before: now.AddDate(2, 0, 0), Ids: in.Appointments})
		if err != nil {
			return uuid.Nil, err
		}
		for _, id := range in.Appointments {
			i := slices.IndexFunc(rows, func(r db.AppointmentsForLettersRow) bool { return r.ID == id })
			if i < 0 {
				return uuid.Nil, problem.NotFound()
			}
			r := rows[i]
			n, err := q.AddAppointmentReminder(ctx, db.AddAppointmentReminderParams{ID: newID(), AppointmentID: id, Kind: letter, Revision: r.Revision, State: "TOLD", StartsAt: r.StartsAt,
				MadeBy: &a.UserID, Now: now})
			if err != nil {
				return uuid.Nil, fmt.Errorf("letter: %w", err)
			}
			if n == 0 {
				continue
			}
			role := roleIn(a, r.ResidentOrgID, roleNurse, roleAttending)
			if role == "" {
				role = roleFamily
			}
			if err := audit(ctx, q, a, now, role, "markLettersPrinted", "resident", r.ResidentID); err != nil {
				return uuid.Nil, err
			}
		}
		return uuid.Nil, nil
	})
	return err
}

func (s *Service) callBacks(ctx context.Context, q *db.Queries, a identity.Actor, id *uuid.UUID, now time.Time) ([]db.CallBacksRow, error) {
	p := db.CallBacksParams{Now: now, ID: id}
	p.Homes, p.Offering = sides(a)
	rows, err := q.CallBacks(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("families to be called: %w", err)
	}
	return rows, nil
}

// ListCallBacks gives the families who asked to be called about another time, the oldest first, with the number on file.
func (s *Service) ListCallBacks(ctx context.Context, a identity.Actor) ([]contract.CallBack, error) {
	if err := require(a, roleNurse, roleAttending, roleFamily); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := s.callBacks(ctx, q, a, nil, now)
	if err != nil {
		return nil, err
	}
	residents := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		residents[i] = r.ResidentID
	}
	phones, err := notify.FamilyPhones(ctx, q, s.keep, residents)
	if err != nil {
		return nil, err
	}
	out := make([]contract.CallBack, len(rows))
	for i, r := range rows {
		name, err := s.keep.OpenText("residents", "name_enc", r.ResidentID, r.NameEnc)
		if err != nil {
			return nil, fmt.Errorf("name: %w", err)
		}
		out[i] = contract.CallBack{Id: r.ID, AppointmentId: r.AppointmentID, ResidentName: consult.MaskName(name), Ward: r.Ward, Bed: r.Bed, StartsAt: r.StartsAt.UTC(),
			Place: contract.AppointmentPlace(r.Place), Who: r.LeadName, At: r.At.UTC()}
		if p := phones[r.ResidentID]; p != "" {
			out[i].Phone = &p
		}
	}
	return out, nil
}

// CloseCallBack notes that the family was called; said again it changes nothing.
func (s *Service) CloseCallBack(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) error {
	if err := require(a, roleNurse, roleAttending, roleFamily); err != nil {
		return err
	}
	_, err := store.Command{User: a.UserID, ID: cmd, Operation: "closeCallBack", Request: id}.Once(ctx, s.st.Tx, func(q *db.Queries) (uuid.UUID, error) {
		now, err := s.clock(ctx, q)
		if err != nil {
			return id, err
		}
		rows, err := s.callBacks(ctx, q, a, &id, now)
		if err != nil {
			return id, err
		}
		if len(rows) != 1 {
			return id, problem.NotFound()
		}
		n, err := q.CloseCallBack(ctx, db.CloseCallBackParams{ID: id, DoneBy: &a.UserID, Now: &now})
		if err != nil {
			return id, fmt.Errorf("called back: %w", err)
		}
		if n == 0 { // somebody else has called already
			return id, nil
		}
		return id, audit(ctx, q, a, now, a.Memberships[0].Role, "closeCallBack", "resident", rows[0].ResidentID)
	})
	return err
}
