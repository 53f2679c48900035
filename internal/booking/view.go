package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ListAppointments gives the appointments of a period that the caller sees, in order, with masked names.
func (s *Service) ListAppointments(ctx context.Context, a identity.Actor, in contract.ListAppointmentsParams) ([]contract.Appointment, error) {
	if err := require(a, everybody()...); err != nil {
		return nil, err
	}
	if err := checkPeriod(in.From, in.To); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.AppointmentsSeen(ctx, db.AppointmentsSeenParams{Since: in.From, Before: in.To, Ended: value(in.Ended), Now: now, ResidentID: in.ResidentId,
		PractitionerID: in.PractitionerId, Homes: a.Organisations(home()...), Planned: a.Organisations(planners()...), Practised: a.Organisations(practitioners()...), Consultant: a.Has(roleConsultant), UserID: a.UserID})
	if err != nil {
		return nil, fmt.Errorf("appointments: %w", err)
	}
	list := make([]db.AppointmentsByIDRow, len(rows))
	for i, r := range rows {
		list[i] = db.AppointmentsByIDRow(r)
	}
	return s.views(ctx, q, a, list, now, false)
}

// GetAppointment gives one appointment with its history; the read of the name is logged.
func (s *Service) GetAppointment(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Appointment, error) {
	if err := require(a, everybody()...); err != nil {
		return contract.Appointment{}, err
	}
	return s.view(ctx, a, id)
}

// view is one appointment in full for somebody who sees it; names are written out for who cares for the resident, which is logged.
func (s *Service) view(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.Appointment, error) {
	q := s.st.Q()
	c, staff, err := s.seen(ctx, q, a, id)
	if err != nil {
		return contract.Appointment{}, err
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.Appointment{}, err
	}
	rows, err := q.AppointmentsByID(ctx, []uuid.UUID{id})
	if err != nil {
		return contract.Appointment{}, fmt.Errorf("appointment: %w", err)
	}
	list, err := s.views(ctx, q, a, rows, now, true)
	if err != nil {
		return contract.Appointment{}, err
	}
	if len(list) != 1 {
		return contract.Appointment{}, problem.NotFound()
	}
	v := list[0]
	events, err := q.AppointmentEventsOf(ctx, id)
	if err != nil {
		return v, fmt.Errorf("events: %w", err)
	}
	history := make([]contract.AppointmentEvent, len(events))
	for i, e := range events {
		history[i] = contract.AppointmentEvent{Seq: int(e.Seq), Type: e.Type, FromStatus: e.FromStatus, ToStatus: e.ToStatus, Revision: int(e.Revision), Actor: e.ActorName, At: e.At.UTC()}
	}
	v.Events = &history
	if sight := see(a, c, staff); sight.clinical() {
		if err := q.AppendAccess(ctx, db.AppendAccessParams{ID: newID(), UserID: &a.UserID, Role: sight.role(a, c), Action: "getAppointment", ObjectType: "resident",
			ObjectID: &c.ResidentID}); err != nil {
			return v, fmt.Errorf("access log: %w", err)
		}
	}
	return v, nil
}

// views shapes appointments; full writes names and notes out for who cares for the resident.
func (s *Service) views(ctx context.Context, q *db.Queries, a identity.Actor, rows []db.AppointmentsByIDRow, now time.Time, full bool) ([]contract.Appointment, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.Appointment.ID
	}
	all, err := q.StaffOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("staff: %w", err)
	}
	said, err := answers(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	staff := map[uuid.UUID][]db.StaffOfRow{}
	for _, r := range all {
		staff[r.AppointmentID] = append(staff[r.AppointmentID], r)
	}
	out := make([]contract.Appointment, len(rows))
	for i, r := range rows {
		c := r.Appointment
		v := see(a, c, staff[c.ID])
		name, err := s.keep.OpenText("residents", "name_enc", c.ResidentID, r.NameEnc)
		if err != nil {
			return nil, fmt.Errorf("name: %w", err)
		}
		clear := full && v.clinical()
		if !clear {
			name = consult.MaskName(name)
		}
		o := contract.Appointment{Id: c.ID, OrganisationId: c.OrganisationID, OrganisationName: r.OrganisationName, KindId: c.KindID, KindName: r.KindName, ResidentId: c.ResidentID,
			ResidentName: name, Ward: r.Ward, Bed: r.Bed, ResidentOrganisationId: c.ResidentOrgID, ResidentOrganisationName: r.ResidentOrgName,
			Status: contract.AppointmentStatus(statusAt(c, now)), Revision: int(c.Revision), Place: contract.AppointmentPlace(c.Place), StartsAt: c.StartsAt.UTC(), EndsAt: c.EndsAt.UTC(),
			Capacity: int(c.Capacity), Staff: []contract.AppointmentStaff{}, ConsultationId: c.ConsultationID, SeriesId: c.SeriesID, Detached: c.Detached, FreeUntil: c.FreeUntil.UTC(),
			CancelledLate: c.CancelledLate, BookedByName: r.BookedByName, CreatedAt: c.CreatedAt.UTC(), May: []contract.AppointmentMay{},
			Reason: some(contract.AppointmentReason(c.Reason)), CancelReason: some(contract.AppointmentCancelReason(c.CancelReason)), Absence: some(contract.AppointmentAbsence(c.Absence)), HoldExpiresAt: utc(c.HoldExpiresAt), EndedAt: utc(c.EndedAt)}
		if c.SeriesDay != nil {
			o.SeriesDay = &openapi_types.Date{Time: *c.SeriesDay}
		}
		if list := said[c.ID]; list != nil {
			o.Answers = &list
		}
		if side := v.side(); o.Status == contract.AppointmentStatusBOOKED && !slices.ContainsFunc(said[c.ID], func(w contract.AppointmentAnswer) bool {
			return string(w.Side) == side && w.Answer == contract.AppointmentAnswerKindCONFIRMED
		}) {
			o.May = append(o.May, contract.AppointmentMayACKNOWLEDGE)
		}
		for _, p := range staff[c.ID] {
			o.Staff = append(o.Staff, contract.AppointmentStaff{UserId: p.UserID, Name: p.DisplayName, Part: contract.AppointmentStaffPart(p.Part), BlockedFrom: p.BlockedFrom.UTC(),
				BlockedTo: p.BlockedTo.UTC(), TravelBefore: int(p.TravelBefore), TravelAfter: int(p.TravelAfter)})
		}
		if clear {
			for _, f := range []struct {
				column string
				sealed []byte
				to     **string
			}{{"note_enc", c.NoteEnc, &o.Note}, {"cancel_note_enc", c.CancelNoteEnc, &o.CancelNote}} {
				text, err := s.keep.OpenText("appointments", f.column, c.ID, f.sealed)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", f.column, err)
				}
				*f.to = some(text)
			}
		}
		for _, t := range transitions() {
			if t.may(v, c, now) {
				o.May = append(o.May, t.contract)
			}
		}
		if v.through() {
			talk, err := led(ctx, q, a, c.ConsultationID)
			if err != nil {
				return nil, err
			}
			if !talk.on {
				o.May = []contract.AppointmentMay{}
			}
		}
		out[i] = o
	}
	return out, nil
}

// visible gives those of some appointments that the actor sees, in order, with masked names.
func (s *Service) visible(ctx context.Context, q *db.Queries, a identity.Actor, ids []uuid.UUID, now time.Time) ([]contract.Appointment, error) {
	rows, err := q.AppointmentsByID(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("appointments: %w", err)
	}
	staff, err := q.StaffOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("staff: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(r db.AppointmentsByIDRow) bool {
		mine := slices.DeleteFunc(slices.Clone(staff), func(m db.StaffOfRow) bool { return m.AppointmentID != r.Appointment.ID })
		return !see(a, r.Appointment, mine).any()
	})
	return s.views(ctx, q, a, rows, now, false)
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
