package care

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// eventsSince is how old an adverse event may be that is reported.
const eventsSince = 365 * 24 * time.Hour

func eventRoles() []string     { return []string{RoleQC, RoleInstAdmin, RoleAttending, RoleNurse} }
func reviewRoles() []string    { return []string{RoleQC, RoleInstAdmin} }
func suspicionRoles() []string { return []string{RoleInstAdmin, RoleAttending, RoleNurse} }

// ListAdverseEvents gives the adverse events of the caller's institutions, those that nobody has looked at first. Who is not at the
// bedside gets masked names.
func (s *Service) ListAdverseEvents(ctx context.Context, a identity.Actor) ([]contract.AdverseEvent, error) {
	if err := require(a, eventRoles()...); err != nil {
		return nil, err
	}
	return s.adverseEvents(ctx, a, a.Organisations(eventRoles()...), nil)
}

func (s *Service) adverseEvents(ctx context.Context, a identity.Actor, orgs []uuid.UUID, id *uuid.UUID) ([]contract.AdverseEvent, error) {
	rows, err := s.st.Q().AdverseEvents(ctx, db.AdverseEventsParams{Organisations: orgs, ID: id})
	if err != nil {
		return nil, fmt.Errorf("adverse events: %w", err)
	}
	out := make([]contract.AdverseEvent, len(rows))
	for i, r := range rows {
		v := contract.AdverseEvent{Id: r.ID, ConsultationId: r.ConsultationID, Serial: some(r.Serial), Bed: some(r.Bed), Type: r.Type, Grade: r.Grade,
			OccurredAt: r.OccurredAt.UTC(), ReportedAt: r.ReportedAt.UTC(), ReportedBy: r.ReportedByName,
			InTime: r.ReportedAt.Sub(r.OccurredAt) <= consult.AdverseReportWithin, ReviewedAt: utc(r.ReviewedAt), ReviewedBy: some(r.ReviewedByName)}
		if r.ResidentID != nil {
			name, err := s.openText("residents", "name_enc", *r.ResidentID, r.NameEnc)
			if err != nil {
				return nil, err
			}
			if !a.In(r.OrganisationID, RoleNurse, RoleAttending) {
				name = consult.MaskName(name)
			}
			v.ResidentName = some(name)
		}
		for _, f := range []struct {
			column string
			sealed []byte
			to     func(string)
		}{
			{"description_enc", r.DescriptionEnc, func(t string) { v.Description = t }},
			{"measures_enc", r.MeasuresEnc, func(t string) { v.Measures = some(t) }},
			{"review_enc", r.ReviewEnc, func(t string) { v.Review = some(t) }},
		} {
			text, err := s.openText("adverse_events", f.column, r.ID, f.sealed)
			if err != nil {
				return nil, err
			}
			f.to(text)
		}
		out[i] = v
	}
	return out, nil
}

// ReportAdverseEvent enters an adverse event with its grade. It should be reported within 24 h (I-27); a later one is taken and says so.
func (s *Service) ReportAdverseEvent(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.AdverseEventInput) (contract.AdverseEvent, error) {
	if err := require(a, eventRoles()...); err != nil {
		return contract.AdverseEvent{}, err
	}
	org, err := ownOrganisation(a, in.OrganisationId, eventRoles()...)
	if err != nil {
		return contract.AdverseEvent{}, err
	}
	id, _, err := s.create(ctx, a, cmd, "reportAdverseEvent", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		var f form
		f.code("type", consult.VocabAdverseType, in.Type)
		f.code("grade", consult.VocabAdverseGrade, in.Grade)
		description, measures := f.text("description", in.Description, 1, 2000), f.text("measures", value(in.Measures), 0, 2000)
		occurred := in.OccurredAt.UTC()
		if occurred.After(now) || occurred.Before(now.Add(-eventsSince)) {
			f.add("occurredAt", "wrong_value")
		}
		if err := s.caseOf(ctx, q, &f, org, in.ConsultationId); err != nil {
			return err
		}
		if err := s.residentOfForm(ctx, q, &f, org, in.ResidentId, in.ConsultationId); err != nil {
			return err
		}
		if err := f.err(); err != nil {
			return err
		}
		if err := q.AddAdverseEvent(ctx, db.AddAdverseEventParams{ID: id, OrganisationID: org, ConsultationID: in.ConsultationId, ResidentID: in.ResidentId,
			Type: in.Type, Grade: in.Grade, OccurredAt: occurred, Now: now, ReportedBy: a.UserID,
			DescriptionEnc: s.sealText("adverse_events", "description_enc", id, description),
			MeasuresEnc:    s.sealText("adverse_events", "measures_enc", id, measures)}); err != nil {
			return fmt.Errorf("adverse event: %w", err)
		}
		return s.audit(ctx, q, a, now, roleIn(a, org, eventRoles()), "reportAdverseEvent", "adverse_event", &id, in.Grade)
	})
	if err != nil {
		return contract.AdverseEvent{}, err
	}
	return s.oneAdverseEvent(ctx, a, org, id)
}

// residentOfForm checks that a resident whom a form names lives in the institution, or that the institution asked for the resident's consultation
// that the form names, from a home; none is fine.
func (s *Service) residentOfForm(ctx context.Context, q *db.Queries, f *form, org uuid.UUID, id, consultation *uuid.UUID) error {
	if id == nil {
		return nil
	}
	r, err := q.CaseResident(ctx, *id)
	if err := one(err, "the resident"); err != nil && problem.Of(err).Code != "not_found" {
		return err
	}
	known := err == nil && r.OrganisationID == org
	if err == nil && !known && consultation != nil {
		c, err := q.GetConsultation(ctx, *consultation)
		if err != nil && !store.IsNone(err) {
			return fmt.Errorf("consultation: %w", err)
		}
		known = err == nil && c.InvitingOrgID == org && c.ResidentID == r.ID
	}
	if !known {
		f.add("residentId", "wrong_value")
	}
	return nil
}

func (s *Service) oneAdverseEvent(ctx context.Context, a identity.Actor, org, id uuid.UUID) (contract.AdverseEvent, error) {
	list, err := s.adverseEvents(ctx, a, []uuid.UUID{org}, &id)
	if err != nil {
		return contract.AdverseEvent{}, err
	}
	if len(list) != 1 {
		return contract.AdverseEvent{}, problem.NotFound()
	}
	return list[0], nil
}

// ReviewAdverseEvent writes down what was learnt from an event, once.
func (s *Service) ReviewAdverseEvent(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.ReasonText) (contract.AdverseEvent, error) {
	var org uuid.UUID
	err := s.onRow(ctx, a, cmd, id, "reviewAdverseEvent", "adverse_event", in, reviewRoles(), func(q *db.Queries) (uuid.UUID, error) {
		row, err := q.LockAdverseEvent(ctx, id)
		org = row.OrganisationID
		return org, err
	}, func(q *db.Queries, now time.Time) (int64, error) {
		return q.ReviewAdverseEvent(ctx, db.ReviewAdverseEventParams{ID: id, Now: &now, ReviewedBy: &a.UserID,
			ReviewEnc: s.sealText("adverse_events", "review_enc", id, in.Reason)})
	})
	if err != nil {
		return contract.AdverseEvent{}, err
	}
	return s.oneAdverseEvent(ctx, a, org, id)
}

// ListSuspicions gives the suspected notifiable diseases of the caller's institutions, what is due first.
func (s *Service) ListSuspicions(ctx context.Context, a identity.Actor) ([]contract.Suspicion, error) {
	if err := require(a, suspicionRoles()...); err != nil {
		return nil, err
	}
	return s.suspicions(ctx, a, a.Organisations(suspicionRoles()...), nil)
}

func (s *Service) suspicions(ctx context.Context, a identity.Actor, orgs []uuid.UUID, id *uuid.UUID) ([]contract.Suspicion, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.Suspicions(ctx, db.SuspicionsParams{Organisations: orgs, ID: id})
	if err != nil {
		return nil, fmt.Errorf("suspicions: %w", err)
	}
	out := make([]contract.Suspicion, len(rows))
	for i, r := range rows {
		name, err := s.openText("residents", "name_enc", r.ResidentID, r.NameEnc)
		if err != nil {
			return nil, err
		}
		if !a.In(r.OrganisationID, RoleNurse, RoleAttending) {
			name = consult.MaskName(name)
		}
		ended := now
		if r.ResolvedAt != nil {
			ended = *r.ResolvedAt
		}
		v := contract.Suspicion{Id: r.ID, ConsultationId: r.ConsultationID, Serial: some(r.Serial), ResidentName: name, Bed: r.Bed, Signs: r.Signs,
			Within: contract.SuspicionWithin(r.Class), SuspectedAt: r.SuspectedAt.UTC(), DueAt: r.DueAt.UTC(), NotedBy: r.NotedByName,
			State: contract.SuspicionState(r.State), Receipt: some(r.Receipt), ResolvedAt: utc(r.ResolvedAt), ResolvedBy: some(r.ResolvedByName), Late: ended.After(r.DueAt)}
		disease, err := s.openText("notifiable_suspicions", "disease_enc", r.ID, r.DiseaseEnc)
		if err != nil {
			return nil, err
		}
		words, err := s.openText("notifiable_suspicions", "resolution_enc", r.ID, r.ResolutionEnc)
		if err != nil {
			return nil, err
		}
		v.Disease, v.Resolution = some(disease), some(words)
		out[i] = v
	}
	return out, nil
}

// NoteSuspicion writes down the answers of the screening. The clock of two or of 24 hours runs from the suspicion (传染病防治法).
func (s *Service) NoteSuspicion(ctx context.Context, a identity.Actor, cmd uuid.UUID, in contract.SuspicionInput) (contract.Suspicion, error) {
	if err := require(a, RoleNurse, RoleAttending); err != nil {
		return contract.Suspicion{}, err
	}
	resident, err := s.residentAtBedside(ctx, s.st.Q(), a, in.ResidentId)
	if err != nil {
		return contract.Suspicion{}, err
	}
	org := resident.OrganisationID
	id, _, err := s.create(ctx, a, cmd, "noteSuspicion", in, func(q *db.Queries, id uuid.UUID, now time.Time) error {
		var f form
		class, err := consult.Screen(in.Signs)
		f.refuse("signs", err)
		disease := f.text("disease", value(in.Disease), 0, 60)
		since := now
		if in.SuspectedAt != nil {
			since = in.SuspectedAt.UTC()
		}
		if since.After(now.Add(clockAhead)) || since.Before(now.AddDate(0, 0, -7)) {
			f.add("suspectedAt", "wrong_value")
		}
		if err := s.caseOf(ctx, q, &f, org, in.ConsultationId); err != nil {
			return err
		}
		if err := f.err(); err != nil {
			return err
		}
		if err := q.AddSuspicion(ctx, db.AddSuspicionParams{ID: id, OrganisationID: org, ConsultationID: in.ConsultationId, ResidentID: resident.ID, Signs: in.Signs,
			Class: string(class), DiseaseEnc: s.sealText("notifiable_suspicions", "disease_enc", id, disease), SuspectedAt: since,
			DueAt: since.Add(class.Within()), NotedBy: a.UserID}); err != nil {
			return fmt.Errorf("suspicion: %w", err)
		}
		return s.audit(ctx, q, a, now, bedsideRole(a, org), "noteSuspicion", "notifiable_suspicion", &id, string(class))
	})
	if err != nil {
		return contract.Suspicion{}, err
	}
	return s.oneSuspicion(ctx, a, org, id)
}

func (s *Service) oneSuspicion(ctx context.Context, a identity.Actor, org, id uuid.UUID) (contract.Suspicion, error) {
	list, err := s.suspicions(ctx, a, []uuid.UUID{org}, &id)
	if err != nil {
		return contract.Suspicion{}, err
	}
	if len(list) != 1 {
		return contract.Suspicion{}, problem.NotFound()
	}
	return list[0], nil
}

// ResolveSuspicion writes down the receipt of the network report, or why the suspicion was not confirmed.
func (s *Service) ResolveSuspicion(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.SuspicionResolution) (contract.Suspicion, error) {
	var org uuid.UUID
	err := s.onRow(ctx, a, cmd, id, "resolveSuspicion", "notifiable_suspicion", in, suspicionRoles(), func(q *db.Queries) (uuid.UUID, error) {
		row, err := q.LockSuspicion(ctx, id)
		org = row.OrganisationID
		return org, err
	}, func(q *db.Queries, now time.Time) (int64, error) {
		var f form
		receipt, least := "", 0
		if in.State == "REPORTED" {
			receipt = f.text("receipt", value(in.Receipt), 1, 60)
		} else {
			least = 1
		}
		words := f.text("words", value(in.Words), least, 500)
		if err := f.err(); err != nil {
			return 0, err
		}
		return q.ResolveSuspicion(ctx, db.ResolveSuspicionParams{ID: id, State: string(in.State), Receipt: receipt,
			ResolutionEnc: s.sealText("notifiable_suspicions", "resolution_enc", id, words), Now: &now, ResolvedBy: &a.UserID})
	})
	if err != nil {
		return contract.Suspicion{}, err
	}
	return s.oneSuspicion(ctx, a, org, id)
}
