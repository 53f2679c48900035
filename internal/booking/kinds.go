package booking

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// ListAppointmentKinds gives what can be booked at the caller's organisations and at those with an agreement in force; in a consultation of the caller's
// also what the resident's house could book.
func (s *Service) ListAppointmentKinds(ctx context.Context, a identity.Actor, in contract.ListAppointmentKindsParams) ([]contract.AppointmentKind, error) {
	if err := require(a, everybody()...); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	talk, err := inWrapUp(ctx, q, a, in.ConsultationId)
	if err != nil {
		return nil, err
	}
	rows, err := q.KindsVisible(ctx, db.KindsVisibleParams{Retired: value(in.Retired), Organisations: append(a.Organisations(everybody()...), talk.houses...), Today: today(now)})
	if err != nil {
		return nil, fmt.Errorf("kinds: %w", err)
	}
	out := make([]contract.AppointmentKind, len(rows))
	for i, r := range rows {
		out[i] = kindView(a, r)
	}
	return out, nil
}

func kindView(a identity.Actor, r db.KindsVisibleRow) contract.AppointmentKind {
	k := r.AppointmentKind
	out := contract.AppointmentKind{Id: k.ID, OrganisationId: k.OrganisationID, OrganisationName: r.OrganisationName, Name: k.Name, Place: contract.AppointmentPlace(k.Place),
		ServiceType: k.ServiceType, Minutes: int(k.Minutes), StepMinutes: int(k.StepMinutes), BeforeMinutes: int(k.BeforeMinutes), AfterMinutes: int(k.AfterMinutes),
		TravelMinutes: int(k.TravelMinutes), NoticeMinutes: int(k.NoticeMinutes), HorizonDays: int(k.HorizonDays), FreeCancelMinutes: int(k.FreeCancelMinutes),
		Capacity: int(k.Capacity), Duty: contract.DutyEffect(k.Duty), BookedBy: []contract.Role{}, Revision: int(k.Revision), Retired: k.RetiredAt != nil,
		MayBook: k.RetiredAt == nil && a.Has(k.BookedBy...), MayChange: a.In(k.OrganisationID, planners()...)}
	for _, role := range k.BookedBy {
		out.BookedBy = append(out.BookedBy, contract.Role(role))
	}
	return out
}

// kindForm is a kind as it was entered, with what is absent filled in.
func kindForm(in contract.AppointmentKindInput) (db.AppointmentKind, error) {
	k := db.AppointmentKind{Name: strings.TrimSpace(in.Name), Place: string(in.Place), ServiceType: value(in.ServiceType), Minutes: int32(in.Minutes), StepMinutes: int32(in.Minutes),
		BeforeMinutes: int32(value(in.BeforeMinutes)), AfterMinutes: int32(value(in.AfterMinutes)), TravelMinutes: int32(value(in.TravelMinutes)),
		NoticeMinutes: int32(value(in.NoticeMinutes)), HorizonDays: int32(in.HorizonDays), FreeCancelMinutes: int32(value(in.FreeCancelMinutes)), Capacity: 1,
		Duty: string(contract.DutyEffectBLOCKS), BookedBy: []string{}}
	if in.StepMinutes != nil {
		k.StepMinutes = int32(*in.StepMinutes)
	}
	if in.Capacity != nil {
		k.Capacity = int32(*in.Capacity)
	}
	if in.Duty != nil {
		k.Duty = string(*in.Duty)
	}
	var fields []problem.Field
	refuse := func(path, code string) { fields = append(fields, problem.Field{Path: path, Code: code}) }
	if k.Name == "" {
		refuse("name", "required")
	}
	if k.ServiceType != "" && !slices.ContainsFunc(consult.ServiceTypes(), func(t consult.ServiceTypeInfo) bool { return string(t.Code) == k.ServiceType }) {
		refuse("serviceType", "wrong_value")
	}
	if k.TravelMinutes > 0 && k.Place != string(contract.AppointmentPlaceHOME) && k.Place != string(contract.AppointmentPlaceINSTITUTION) {
		refuse("travelMinutes", "travel_without_way")
	}
	for _, role := range in.BookedBy {
		if !slices.Contains(everybody(), string(role)) || slices.Contains(k.BookedBy, string(role)) {
			refuse("bookedBy", "wrong_value")
		}
		k.BookedBy = append(k.BookedBy, string(role))
	}
	if len(fields) > 0 {
		return k, problem.Invalid(fields...)
	}
	return k, nil
}

// CreateAppointmentKind enters what an organisation of the caller offers. Errors: 422 for fields, 409 kind_name_taken.
func (s *Service) CreateAppointmentKind(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.AppointmentKindInput) (contract.AppointmentKind, error) {
	if err := require(a, planners()...); err != nil {
		return contract.AppointmentKind{}, err
	}
	org, err := organisationOf(a, in.OrganisationId, planners())
	if err != nil {
		return contract.AppointmentKind{}, err
	}
	id, err := s.command(ctx, a, cmd, "createAppointmentKind", in, func(q *db.Queries) (uuid.UUID, error) {
		id := newID()
		k, err := kindForm(in)
		if err != nil {
			return id, err
		}
		now, err := s.clock(ctx, q)
		if err != nil {
			return id, err
		}
		if err := q.InsertKind(ctx, db.InsertKindParams{ID: id, OrganisationID: org, Name: k.Name, Place: k.Place, ServiceType: k.ServiceType, Minutes: k.Minutes,
			StepMinutes: k.StepMinutes, BeforeMinutes: k.BeforeMinutes, AfterMinutes: k.AfterMinutes, TravelMinutes: k.TravelMinutes, NoticeMinutes: k.NoticeMinutes,
			HorizonDays: k.HorizonDays, FreeCancelMinutes: k.FreeCancelMinutes, Capacity: k.Capacity, Duty: k.Duty, BookedBy: k.BookedBy, Now: now}); err != nil {
			return id, kindConflict(err)
		}
		return id, s.audit(ctx, q, a, now, roleIn(a, org, planners()), "createAppointmentKind", "appointment_kind", id)
	})
	if err != nil {
		return contract.AppointmentKind{}, err
	}
	return s.kind(ctx, a, id)
}

func kindConflict(err error) error {
	if store.Violates(err, "appointment_kinds_name") {
		p := problem.New(http.StatusConflict, "kind_name_taken", nil)
		p.Fields = []problem.Field{{Path: "name", Code: "kind_name_taken"}}
		return p
	}
	return fmt.Errorf("kind: %w", err)
}

func (s *Service) kind(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.AppointmentKind, error) {
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return contract.AppointmentKind{}, err
	}
	r, err := kindFor(ctx, s.st.Q(), a, id, now)
	if err != nil {
		return contract.AppointmentKind{}, err
	}
	return kindView(a, r), nil
}

// UpdateAppointmentKind changes what is offered from now on, or takes it off the offer. Errors: 409 revision_stale, kind_name_taken.
func (s *Service) UpdateAppointmentKind(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.AppointmentKindUpdate) (contract.AppointmentKind, error) {
	if err := require(a, planners()...); err != nil {
		return contract.AppointmentKind{}, err
	}
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		old, err := q.KindByID(ctx, id)
		if err := one(err, "the kind"); err != nil {
			return err
		}
		if !a.In(old.OrganisationID, planners()...) {
			return problem.NotFound()
		}
		k, err := kindForm(in.Kind)
		if err != nil {
			return err
		}
		n, err := q.UpdateKind(ctx, db.UpdateKindParams{ID: id, Name: k.Name, Place: k.Place, ServiceType: k.ServiceType, Minutes: k.Minutes, StepMinutes: k.StepMinutes,
			BeforeMinutes: k.BeforeMinutes, AfterMinutes: k.AfterMinutes, TravelMinutes: k.TravelMinutes, NoticeMinutes: k.NoticeMinutes, HorizonDays: k.HorizonDays,
			FreeCancelMinutes: k.FreeCancelMinutes, Capacity: k.Capacity, Duty: k.Duty, BookedBy: k.BookedBy, Retired: value(in.Retired), Now: &now, Revision: int32(in.Revision)})
		if err != nil {
			return kindConflict(err)
		}
		if n != 1 {
			return problem.New(http.StatusConflict, "revision_stale", nil)
		}
		return s.audit(ctx, q, a, now, roleIn(a, old.OrganisationID, planners()), "updateAppointmentKind", "appointment_kind", id)
	})
	if err != nil {
		return contract.AppointmentKind{}, err
	}
	return s.kind(ctx, a, id)
}

// organisationOf is the organisation in which somebody acts in one of the roles: the named one, or the only one.
func organisationOf(a identity.Actor, named *uuid.UUID, roles []string) (uuid.UUID, error) {
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
	return uuid.Nil, invalid("organisationId", "required")
}
