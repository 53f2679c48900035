package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"
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

// Who stands on the inviting side. It is an institution: as a rule every nurse and attending doctor of it. Where a specialist is called from a
// home (连线专家) by who makes the visit, it is the institution that visits, and of its people those two who go, who are kept with the consultation,
// and the doctor who is responsible for it; the family doctor who visits is then the inviting side's doctor (邀请方主管医师).

// bedsideRoles are the roles in which somebody may stand on the inviting side.
func bedsideRoles() []string { return []string{RoleNurse, RoleAttending, RoleFamilyDoctor} }

// inviting says as what the actor stands on the inviting side of a consultation; attending includes family.
func inviting(a identity.Actor, c db.Consultation) (nurse, attending, family bool) {
	org := c.InvitingOrgID
	if c.Visitors != nil {
		if !slices.Contains(inviters{visitors: c.Visitors}.with(c.SubmitterID), a.UserID) {
			return false, false, false
		}
		family = a.In(org, RoleFamilyDoctor)
	}
	return a.In(org, RoleNurse), family || a.In(org, RoleAttending), family
}

// VisitingRole is the role in which somebody stands on the inviting side of a consultation that was asked for from a home; "" in none.
func VisitingRole(a identity.Actor, c db.Consultation) string {
	nurse, attending, family := inviting(a, c)
	return sight{nurse: nurse, attending: attending, family: family}.role()
}

// answersFor says that somebody is of the inviting side by name: responsible for the request, or one of those who visit.
func answersFor(c db.Consultation, user uuid.UUID) bool {
	return value(c.SubmitterID) == user || slices.Contains(c.Visitors, user)
}

// invitingAudience is who of the inviting side is told what happens to a consultation.
func invitingAudience(c db.Consultation) store.Audience {
	if c.Visitors == nil {
		return store.Audience{Organisations: []uuid.UUID{c.InvitingOrgID}}
	}
	return store.Audience{Users: inviters{visitors: c.Visitors}.with(c.SubmitterID)}
}

// inviters is in whose name a consultation is begun.
type inviters struct {
	organisation uuid.UUID
	visitors     []uuid.UUID   // nil: the nurses and attending doctors of the organisation
	visit        *db.HomeVisit // from which it is asked for
}

func (i inviters) with(submitter *uuid.UUID) []uuid.UUID {
	people := slices.Clone(i.visitors)
	if submitter != nil && !slices.Contains(people, *submitter) {
		people = append(people, *submitter)
	}
	return people
}

// invites says in whose name the actor may ask for a resident: of the resident's own institution for its nurses and attending doctors, at a
// visit or not; else of the institution that visits, for who is on that visit and works there. Everybody else gets 404; a visit that is not of
// this resident, or not the actor's, is 422 on visitId.
func invites(ctx context.Context, q *db.Queries, a identity.Actor, resident db.Resident, visit *uuid.UUID) (inviters, error) {
	own := a.In(resident.OrganisationID, RoleNurse, RoleAttending)
	by := inviters{organisation: resident.OrganisationID}
	if visit == nil {
		if !own {
			return by, problem.NotFound()
		}
		return by, nil
	}
	v, err := q.VisitByID(ctx, *visit)
	if err != nil && !store.IsNone(err) {
		return by, fmt.Errorf("visit: %w", err)
	}
	mine := err == nil && v.ResidentID == resident.ID && (value(v.LeadID) == a.UserID || value(v.SecondID) == a.UserID)
	switch {
	case own && !mine:
		return by, problem.Invalid(problem.Field{Path: "visitId", Code: "wrong_value"})
	case !own && (!mine || !a.In(v.OrganisationID, bedsideRoles()...)):
		return by, problem.NotFound()
	}
	by.visit = &v
	if own {
		return by, nil
	}
	by.organisation = v.OrganisationID
	for _, id := range []*uuid.UUID{v.LeadID, v.SecondID} {
		if id != nil {
			by.visitors = append(by.visitors, *id)
		}
	}
	return by, nil
}

// there refuses to ask from a home in which nobody is.
func (i inviters) there() error {
	if i.visit != nil && i.visit.State != string(consult.VisitArrived) {
		return problem.New(http.StatusConflict, "visit_not_there", nil)
	}
	return nil
}

// stillThere refuses to call a doctor to a home that those who visit have left meanwhile: nobody would be with the resident. A written question and
// CRITICAL go on.
func stillThere(ctx context.Context, ch *change, urgency consult.Urgency, mode *contract.SubmitRequestMode) error {
	if urgency == consult.Critical || value(mode) == contract.SubmitRequestModeWRITTEN {
		return nil
	}
	return atHome(ctx, ch)
}

// atHome refuses, of what was asked for from a home, that anybody is there once the visit has left. The consultation is locked, so that a visit that is
// leaving has either ended who was there or waits to do so.
func atHome(ctx context.Context, ch *change) error {
	if ch.c.Visitors == nil {
		return nil
	}
	v, err := ch.q.VisitCalledFrom(ctx, ch.c.ID)
	if err != nil {
		return fmt.Errorf("visit: %w", err)
	}
	return inviters{visit: &v}.there()
}

// link says of a draft from which visit it is asked for. A doctor who visits is then the one who accompanies.
func (i inviters) link(ctx context.Context, ch *change) error {
	if i.visit == nil {
		return nil
	}
	if err := ch.q.LinkVisitConsultation(ctx, db.LinkVisitConsultationParams{ConsultationID: ch.c.ID, VisitID: i.visit.ID}); err != nil {
		return fmt.Errorf("link the visit: %w", err)
	}
	return ch.record(ctx, eventFromVisit, map[string]any{"visitId": i.visit.ID})
}

func (b *caseView) visit(ctx context.Context) error {
	id, err := b.q.VisitOfCall(ctx, b.c.ID)
	if err != nil && !store.IsNone(err) {
		return fmt.Errorf("visit: %w", err)
	}
	if err == nil {
		b.out.VisitId = &id
	}
	return nil
}

// home says where the resident is visited, whom the request is from: the ambulance is sent there. In a home of the own there is no bed.
func (b *caseView) home(ctx context.Context) (string, error) {
	if b.c.Visitors == nil {
		return "", nil
	}
	r := &b.file.Resident
	where, err := b.q.WhereVisited(ctx, r.ID)
	if err != nil {
		return "", fmt.Errorf("where the resident is visited: %w", err)
	}
	if where.AddressEnc == nil {
		return strings.Join([]string{where.HouseAddress, where.House, r.Ward, r.Bed}, " "), nil
	}
	r.Ward, r.Bed = "", ""
	address, err := b.s.openText("resident_homes", "address_enc", r.ID, where.AddressEnc)
	if err != nil {
		return "", err
	}
	note, err := b.s.openText("resident_homes", "note_enc", r.ID, where.NoteEnc)
	return strings.TrimSpace(address + " " + note), err
}

// visitingDoctor is who of those who visit answers for a request, where nobody is named: the doctor, who leads first; nil where only nurses go.
func visitingDoctor(ctx context.Context, q *db.Queries, c db.Consultation, now time.Time) (*uuid.UUID, error) {
	if c.Visitors == nil {
		return nil, nil
	}
	doctors, err := q.VisitingDoctors(ctx, db.VisitingDoctorsParams{Visitors: c.Visitors, OrganisationID: c.InvitingOrgID, Now: now})
	if err != nil {
		return nil, fmt.Errorf("the doctor who visits: %w", err)
	}
	if len(doctors) == 0 {
		return nil, nil
	}
	return &doctors[0], nil
}

// visitorThere says whether the doctor who answers for a request from a home has arrived there and not left.
func visitorThere(ctx context.Context, q *db.Queries, c db.Consultation, at time.Time) (bool, error) {
	if c.Visitors == nil {
		return false, nil
	}
	v, err := q.VisitCalledFrom(ctx, c.ID)
	if err != nil {
		return false, fmt.Errorf("visit: %w", err)
	}
	doctor := c.SubmitterID
	if doctor == nil {
		if doctor, err = visitingDoctor(ctx, q, c, at); err != nil {
			return false, err
		}
	}
	return doctor != nil && isThere(v, *doctor), nil
}

// isThere says that somebody has arrived by a visit and not left.
func isThere(v db.HomeVisit, who uuid.UUID) bool {
	return v.State == string(consult.VisitArrived) && (value(v.LeadID) == who || value(v.SecondID) == who)
}

// checkInVisit is the method of a check-in that the visit proves: who checked in at a home and calls from there is there.
const checkInVisit = "VISIT"

// checkInAtHome notes that the doctor who visits is at the resident's side: the visit says that they arrived and have not left, and it is their
// own device that calls. As of every check-in, only the time counts in which the relay carried that device.
func (s *Service) checkInAtHome(ctx context.Context, ch *change) error {
	if ch.c.Visitors == nil || !ch.sight.attending || !accompanied(ch.c) {
		return nil
	}
	v, err := ch.q.VisitCalledFrom(ctx, ch.c.ID)
	if err != nil {
		return fmt.Errorf("visit: %w", err)
	}
	if !isThere(v, *ch.actor) {
		return nil
	}
	row := newID()
	n, err := ch.q.AddCheckIn(ctx, db.AddCheckInParams{ID: row, ConsultationID: ch.c.ID, UserID: *ch.actor, Method: checkInVisit, TakenBy: *ch.actor, Now: ch.now})
	if err != nil {
		return fmt.Errorf("check in at the home: %w", err)
	}
	if n == 0 {
		return nil // there already
	}
	ch.touch("call")
	return ch.record(ctx, eventAttendingIn, map[string]any{"users": []uuid.UUID{*ch.actor}, "method": checkInVisit, "checkInId": row})
}

// LeftHome ends the presence of those who were at a resident's side by a visit of an institution, in the caller's transaction, which has locked the
// visit: at the time at which they left by their own device, which the server may hear of later. Whoever enters a call meanwhile holds the row of
// its consultation: each is waited for, so that nobody is found there after the visit has left.
func (s *Service) LeftHome(ctx context.Context, q *db.Queries, a identity.Actor, visit, by uuid.UUID, at time.Time) error {
	calls, err := q.ConsultationsOfVisit(ctx, visit)
	if err != nil {
		return fmt.Errorf("what was asked for from a visit: %w", err)
	}
	for _, id := range calls {
		if _, err := q.LockConsultation(ctx, id); err != nil {
			return fmt.Errorf("lock the consultation: %w", err)
		}
	}
	rows, err := q.CheckInsOfVisit(ctx, visit)
	if err != nil {
		return fmt.Errorf("who is there by a visit: %w", err)
	}
	for _, r := range rows {
		ch, err := s.asideOf(ctx, q, a, r.ConsultationID, a.RoleIn(by))
		if err != nil {
			return err
		}
		until := at
		switch {
		case until.Before(r.Since):
			until = r.Since
		case until.After(ch.now):
			until = ch.now
		}
		n, err := q.EndCheckIn(ctx, db.EndCheckInParams{ID: r.ID, ConsultationID: ch.c.ID, Now: &until})
		if err != nil {
			return fmt.Errorf("check out: %w", err)
		}
		if n == 0 {
			continue
		}
		ch.touch("call")
		if err := ch.record(ctx, eventAttendingOut, map[string]any{"checkInId": r.ID, "until": until.UTC()}); err != nil {
			return err
		}
		if err := ch.commit(ctx); err != nil {
			return err
		}
	}
	return nil
}

// asideOf locks a consultation for what follows for it from what somebody does elsewhere, whether or not they see it; role is theirs there.
func (s *Service) asideOf(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, role string) (*change, error) {
	c, err := q.LockConsultation(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("lock the consultation: %w", err)
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	v, err := s.see(ctx, q, a, c, now)
	if err != nil {
		return nil, err
	}
	ch := s.change(q, c, v, now, a)
	if ch.role == "" {
		ch.role = role
	}
	return ch, nil
}
