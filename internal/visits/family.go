package visits

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// How many links a resident's family has at a time, and how often one link asks in a day: this project's choice.
const (
	maxFamilyLinks    = 5
	maxFamilyRequests = 3
)

// roleGuardian is the role of a family in events; it has no account.
const roleGuardian = string(consult.RoleGuardian)

// CreateFamilyLink makes a link by which the family of a resident asks for visits. The token is told this once, and only its hash is kept; it is no command that
// is repeated by its key, since the answer cannot be given twice. Errors: 404 where the caller may not ask for visits themselves, 422 visit_not_served, too_many.
func (s *Service) CreateFamilyLink(ctx context.Context, a identity.Actor, resident uuid.UUID, in contract.FamilyLinkInput) (contract.FamilyLink, error) {
	if err := require(a, roleNurse, roleAttending, roleFamily); err != nil {
		return contract.FamilyLink{}, err
	}
	token, hash := notify.Token()
	id := newID()
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		r, err := s.residentFor(ctx, q, a, resident, now)
		if err != nil {
			return err
		}
		if r.LeftOn != nil {
			return problem.New(http.StatusUnprocessableEntity, "resident_left", nil)
		}
		org, err := s.askedByFamily(ctx, q, a, r, in.OrganisationId, now)
		if err != nil {
			return err
		}
		n, err := q.LiveFamilyLinks(ctx, db.LiveFamilyLinksParams{ResidentID: resident, Now: now})
		if err != nil {
			return fmt.Errorf("links: %w", err)
		}
		if n >= maxFamilyLinks {
			return problem.New(http.StatusUnprocessableEntity, "too_many", problem.Args{"max": "5"})
		}
		if err := q.AddFamilyLink(ctx, db.AddFamilyLinkParams{ID: id, ResidentID: resident, ResidentOrgID: r.OrganisationID, OrganisationID: org, TokenHash: hash, Label: string(value(in.Relation)),
			CreatedBy: a.UserID, Now: now, ExpiresAt: now.AddDate(0, 0, in.Days)}); err != nil {
			return fmt.Errorf("link: %w", err)
		}
		return s.auditLink(ctx, q, a, r.OrganisationID, now, "createFamilyLink", id)
	})
	if err != nil {
		return contract.FamilyLink{}, err
	}
	list, err := s.familyLinks(ctx, resident, &id)
	if err != nil || len(list) != 1 {
		return contract.FamilyLink{}, fmt.Errorf("read the link: %w", err)
	}
	list[0].Token = &token
	return list[0], nil
}

// askedByFamily is who is asked through a link: who was named, or who looks after the resident.
func (s *Service) askedByFamily(ctx context.Context, q *db.Queries, a identity.Actor, r db.ResidentForVisitRow, named *uuid.UUID, now time.Time) (uuid.UUID, error) {
	if named != nil {
		return s.visitorsOf(ctx, q, a, r.ID, r.OrganisationID, named, now)
	}
	org, err := q.FamilyLinkVisitors(ctx, db.FamilyLinkVisitorsParams{HomeID: r.OrganisationID, ResidentID: r.ID, Day: consult.DateOf(now).Time()})
	if store.IsNone(err) {
		return org, problem.New(http.StatusUnprocessableEntity, "visit_not_served", nil)
	}
	if err != nil {
		return org, fmt.Errorf("who looks after the resident: %w", err)
	}
	return org, nil
}

func (s *Service) auditLink(ctx context.Context, q *db.Queries, a identity.Actor, home uuid.UUID, now time.Time, action string, id uuid.UUID) error {
	role := roleIn(a, home, roleAttending, roleNurse, roleFamily)
	if role == "" {
		role = roleFamily
	}
	if err := q.AppendAudit(ctx, db.AppendAuditParams{ID: newID(), At: now, UserID: &a.UserID, Role: role, ObjectType: "family_link", ObjectID: &id, Detail: "OK", Action: action}); err != nil {
		return fmt.Errorf("note the act: %w", err)
	}
	return nil
}

// ListFamilyLinks gives the links of a resident for whom the caller may ask for visits, also those that are over.
func (s *Service) ListFamilyLinks(ctx context.Context, a identity.Actor, resident uuid.UUID) ([]contract.FamilyLink, error) {
	if err := require(a, roleNurse, roleAttending, roleFamily); err != nil {
		return nil, err
	}
	now, err := s.clock(ctx, s.st.Q())
	if err != nil {
		return nil, err
	}
	if _, err := s.residentFor(ctx, s.st.Q(), a, resident, now); err != nil {
		return nil, err
	}
	return s.familyLinks(ctx, resident, nil)
}

func (s *Service) familyLinks(ctx context.Context, resident uuid.UUID, id *uuid.UUID) ([]contract.FamilyLink, error) {
	rows, err := s.st.Q().FamilyLinksOf(ctx, db.FamilyLinksOfParams{ResidentID: resident, ID: id})
	if err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	out := make([]contract.FamilyLink, len(rows))
	for i, r := range rows {
		out[i] = contract.FamilyLink{Id: r.ID, Relation: some(contract.FamilyRelation(r.Label)), OrganisationName: r.OrganisationName, CreatedAt: r.CreatedAt.UTC(), CreatedByName: r.CreatedByName,
			ExpiresAt: r.ExpiresAt.UTC(), RevokedAt: utc(r.RevokedAt), LastUsedAt: utc(r.LastUsedAt)}
	}
	return out, nil
}

// RevokeFamilyLink ends a link at once. One that is revoked already stays as it is.
func (s *Service) RevokeFamilyLink(ctx context.Context, a identity.Actor, cmd, id uuid.UUID) (contract.FamilyLink, error) {
	if err := require(a, roleNurse, roleAttending, roleFamily); err != nil {
		return contract.FamilyLink{}, err
	}
	var resident uuid.UUID
	_, err := s.command(ctx, a, cmd, "revokeFamilyLink", id, func(q *db.Queries, now time.Time) (uuid.UUID, error) {
		l, err := q.FamilyLinkByID(ctx, id)
		if err := one(err, "the link"); err != nil {
			return id, err
		}
		if _, err := s.residentFor(ctx, q, a, l.ResidentID, now); err != nil {
			return id, err
		}
		n, err := q.RevokeFamilyLink(ctx, db.RevokeFamilyLinkParams{ID: id, Now: &now, RevokedBy: &a.UserID})
		if err != nil {
			return id, fmt.Errorf("revoke the link: %w", err)
		}
		if n == 0 {
			return id, nil
		}
		return id, s.auditLink(ctx, q, a, l.ResidentOrgID, now, "revokeFamilyLink", id)
	})
	if err != nil {
		return contract.FamilyLink{}, err
	}
	l, err := s.st.Q().FamilyLinkByID(ctx, id)
	if err != nil {
		return contract.FamilyLink{}, fmt.Errorf("read the link: %w", err)
	}
	resident = l.ResidentID
	list, err := s.familyLinks(ctx, resident, &id)
	if err != nil || len(list) != 1 {
		return contract.FamilyLink{}, fmt.Errorf("read the link: %w", err)
	}
	return list[0], nil
}

// FamilyLinkPage is what the page behind a link shows: how the resident is called, and what became of what was asked for. An unknown, revoked or expired
// link, and one of a resident who has left, is 404 link_over.
func (s *Service) FamilyLinkPage(ctx context.Context, token string, lang consult.Lang) (contract.FamilyPage, error) {
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return contract.FamilyPage{}, err
	}
	l, err := familyLink(ctx, q, token, now)
	if err != nil {
		return contract.FamilyPage{}, err
	}
	name, err := s.openText("residents", "name_enc", l.ResidentID, l.NameEnc)
	if err != nil {
		return contract.FamilyPage{}, err
	}
	out := contract.FamilyPage{Name: consult.ResidentCourtesy(name, l.Sex, l.EthnicCode, lang), Institution: l.HomeName, Phone: some(l.HomePhone), MayRequest: new(true)}
	v, err := q.VisitOfFamilyLink(ctx, l.ID)
	switch {
	case store.IsNone(err):
		return out, nil
	case err != nil:
		return out, fmt.Errorf("visit of the family: %w", err)
	}
	out.MayRequest = nil
	state := map[string]contract.FamilyVisitState{string(consult.VisitRequested): contract.FamilyVisitStateASKED, string(consult.VisitAssessed): contract.FamilyVisitStateASSESSED,
		string(consult.VisitBooked): contract.FamilyVisitStateBOOKED}[v.State]
	out.Visit = &contract.FamilyVisit{State: state, WantedFrom: openapi_types.Date{Time: v.WantedFrom}, WantedTo: openapi_types.Date{Time: v.WantedTo}, StartsAt: utc(v.StartsAt)}
	return out, nil
}

func familyLink(ctx context.Context, q *db.Queries, token string, now time.Time) (db.FamilyLinkByTokenRow, error) {
	l, err := q.FamilyLinkByToken(ctx, db.FamilyLinkByTokenParams{TokenHash: notify.TokenHash(token), Now: now})
	if store.IsNone(err) {
		return l, problem.New(http.StatusNotFound, "link_over", nil)
	}
	if err != nil {
		return l, fmt.Errorf("link: %w", err)
	}
	return l, nil
}

// RequestByFamily asks for a visit through a link. It is assessed like every request; created_by is who gave the link. Errors: 404 link_over; 409 visit_open;
// 422 visit_not_served and for fields; 429 family_requests_enough.
func (s *Service) RequestByFamily(ctx context.Context, in contract.FamilyVisitRequest) error {
	err := s.st.Tx(ctx, func(q *db.Queries) error {
		now, err := s.clock(ctx, q)
		if err != nil {
			return err
		}
		l, err := familyLink(ctx, q, in.Token, now)
		if err != nil {
			return err
		}
		if _, err := q.FamilyLinkByID(ctx, l.ID); err != nil { // its row is locked, so that its requests are counted
			return fmt.Errorf("link: %w", err)
		}
		row, err := s.familyWish(ctx, q, l, in, now)
		if err != nil {
			return err
		}
		if err := q.AddVisit(ctx, row); err != nil {
			return fmt.Errorf("ask for a visit: %w", err)
		}
		if err := addEvent(ctx, q, db.AddHomeEventParams{ObjectID: row.ID, Type: "REQUEST", ToState: string(consult.VisitRequested), ActorRole: roleGuardian, Now: now},
			map[string]any{"kind": row.Kind, "source": row.Source, "link": l.ID}); err != nil {
			return err
		}
		if err := q.UsedFamilyLink(ctx, db.UsedFamilyLinkParams{ID: l.ID, Now: &now}); err != nil {
			return fmt.Errorf("link: %w", err)
		}
		people, err := q.DoctorsToAsk(ctx, db.DoctorsToAskParams{OrganisationID: l.OrganisationID, Now: now})
		if err != nil {
			return fmt.Errorf("whom to tell: %w", err)
		}
		if !slices.Contains(people, l.CreatedBy) {
			people = append(people, l.CreatedBy)
		}
		if err := notify.Enqueue(ctx, q, notify.Fact{Event: notify.FamilyRequest, Users: people, Subject: row.ID, At: now}); err != nil {
			return err
		}
		c := change{s: s, q: q, v: db.HomeVisit{ID: row.ID, State: string(consult.VisitRequested), ResidentOrgID: row.ResidentOrgID, OrganisationID: row.OrganisationID, Revision: 1}}
		return store.Append(ctx, q, row.ID, c.envelope("visit.changed"))
	})
	if store.Violates(err, "home_visits_one_open") {
		return problem.New(http.StatusConflict, "visit_open", nil)
	}
	return err
}

// familyWish is the row of a request through a link.
func (s *Service) familyWish(ctx context.Context, q *db.Queries, l db.FamilyLinkByTokenRow, in contract.FamilyVisitRequest, now time.Time) (db.AddVisitParams, error) {
	today := consult.DateOf(now)
	from, to := consult.DateFromTime(in.WantedFrom.Time), consult.DateFromTime(in.WantedTo.Time)
	none := db.AddVisitParams{}
	switch {
	case strings.TrimSpace(in.Reason) == "":
		return none, invalid("reason", "required")
	case to.Before(from):
		return none, invalid("wantedTo", "period_order")
	case to.Before(today):
		return none, invalid("wantedTo", "date_past")
	case today.AddDays(wantedWithin).Before(to):
		return none, invalid("wantedTo", "date_too_far")
	}
	n, err := q.FamilyRequestsSince(ctx, db.FamilyRequestsSinceParams{Link: l.ID, Since: now.Add(-24 * time.Hour)})
	if err != nil {
		return none, fmt.Errorf("requests: %w", err)
	}
	if n >= maxFamilyRequests {
		return none, problem.New(http.StatusTooManyRequests, "family_requests_enough", nil)
	}
	serves, err := q.Serves(ctx, db.ServesParams{MedicalID: l.OrganisationID, HomeID: l.ResidentOrgID, Day: today.Time()})
	if err != nil {
		return none, fmt.Errorf("who serves the house: %w", err)
	}
	if !serves {
		return none, problem.New(http.StatusUnprocessableEntity, "visit_not_served", nil)
	}
	row := db.AddVisitParams{ID: newID(), Kind: string(contract.HOMEVISIT), ResidentID: l.ResidentID, ResidentOrgID: l.ResidentOrgID, OrganisationID: l.OrganisationID, Source: "FAMILY",
		Plans: []string{}, WantedFrom: from.Time(), WantedTo: to.Time(), Minutes: 30, FamilyLinkID: &l.ID, CreatedBy: l.CreatedBy, Now: now}
	row.ReasonEnc = s.sealText("home_visits", "reason_enc", row.ID, in.Reason)
	row.Number, err = number(ctx, q, "SM", now)
	return row, err
}
