package visits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// sight is how somebody stands to a visit or bed. The zero value sees nothing.
type sight struct {
	home  string // own role on the resident's side
	team  string // own role in the institution that visits
	goes  bool   // is one of those who go, and still works there
	asked bool   // a hospital doctor of whose consultation it came
}

func (v sight) any() bool { return v.home != "" || v.team != "" || v.goes || v.asked }

// clinical says that names in full, addresses and clinical words may be read.
func (v sight) clinical() bool {
	return v.home == roleNurse || v.home == roleAttending || slices.Contains(doctors(), v.team) || v.goes || v.asked
}

func (v sight) side() consult.VisitSide {
	return consult.VisitSide{Home: v.home != "", Team: v.team != "" && v.team != roleNurse, Goes: v.goes}
}

func (v sight) role() string {
	switch {
	case v.team != "":
		return v.team
	case v.home != "":
		return v.home
	case v.asked:
		return roleConsultant
	}
	return ""
}

func roleIn(a identity.Actor, org uuid.UUID, roles ...string) string {
	for _, r := range roles {
		if a.In(org, r) {
			return r
		}
	}
	return ""
}

// homeSide and teamSide are the roles that see what concerns the residents of an institution, or the visits that it makes.
func homeSide() []string { return []string{roleAttending, roleNurse, roleAdmin} }
func teamSide() []string { return []string{roleFamily, roleAttending, roleDispatcher, roleAdmin} }

// see decides how somebody stands to a visit. A nurse of the visiting institution sees those on which she goes.
func (s *Service) see(ctx context.Context, q *db.Queries, a identity.Actor, v db.HomeVisit) (sight, error) {
	out := sight{home: roleIn(a, v.ResidentOrgID, homeSide()...), team: roleIn(a, v.OrganisationID, teamSide()...)}
	mine := v.LeadID != nil && *v.LeadID == a.UserID || v.SecondID != nil && *v.SecondID == a.UserID
	if mine && roleIn(a, v.OrganisationID, goers()...) != "" {
		out.goes = true
		if out.team == "" {
			out.team = roleNurse
		}
	}
	if !out.any() && a.Has(roleConsultant) && v.SourceConsultationID != nil {
		c, err := q.GetConsultation(ctx, *v.SourceConsultationID)
		if err != nil {
			return out, fmt.Errorf("consultation of the visit: %w", err)
		}
		out.asked = c.DoctorID != nil && *c.DoctorID == a.UserID
	}
	return out, nil
}

func seeBed(a identity.Actor, b db.HomeBed) sight {
	return sight{home: roleIn(a, b.ResidentOrgID, homeSide()...), team: roleIn(a, b.OrganisationID, teamSide()...)}
}

// lock takes a visit's row and says how the actor stands to it: 404 where not at all.
func (s *Service) lock(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.HomeVisit, sight, error) {
	v, err := q.LockVisit(ctx, id)
	if err := one(err, "the visit"); err != nil {
		return v, sight{}, err
	}
	sees, err := s.see(ctx, q, a, v)
	if err == nil && !sees.any() {
		err = problem.NotFound()
	}
	return v, sees, err
}

// residentFor loads a resident for whom the actor may ask for a visit: of the own institution, or one whom the own institution may visit.
func (s *Service) residentFor(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, now time.Time) (db.ResidentForVisitRow, error) {
	r, err := q.ResidentForVisit(ctx, id)
	if err := one(err, "the resident"); err != nil {
		return r, err
	}
	if a.In(r.OrganisationID, roleNurse, roleAttending, roleFamily) {
		return r, nil
	}
	for _, org := range a.Organisations(doctors()...) {
		ok, err := q.Serves(ctx, db.ServesParams{MedicalID: org, HomeID: r.OrganisationID, Day: consult.DateOf(now).Time()})
		if err != nil {
			return r, fmt.Errorf("who serves the house: %w", err)
		}
		if ok {
			return r, nil
		}
	}
	return r, problem.NotFound()
}

// visitorsOf chooses the institution that visits: the named one, if it serves the house; else the actor's own; else the only one; of
// several the one whose family doctors look after the resident.
func (s *Service) visitorsOf(ctx context.Context, q *db.Queries, a identity.Actor, resident, home uuid.UUID, named *uuid.UUID, now time.Time) (uuid.UUID, error) {
	all, err := q.VisitingOrganisations(ctx, db.VisitingOrganisationsParams{HomeID: home, Day: consult.DateOf(now).Time()})
	if err != nil {
		return uuid.Nil, fmt.Errorf("who serves the house: %w", err)
	}
	switch {
	case named != nil:
		if slices.ContainsFunc(all, func(o db.VisitingOrganisationsRow) bool { return o.ID == *named }) {
			return *named, nil
		}
		return uuid.Nil, invalid("organisationId", "visit_not_served")
	case len(all) == 0:
		return uuid.Nil, problem.New(422, "visit_not_served", nil)
	}
	for _, o := range all {
		if o.ID != home && a.In(o.ID, doctors()...) || o.ID == home && a.In(home, roleFamily) {
			return o.ID, nil
		}
	}
	medical := slices.DeleteFunc(slices.Clone(all), func(o db.VisitingOrganisationsRow) bool { return o.ID == home })
	if len(medical) == 1 {
		return medical[0].ID, nil
	}
	if len(all) == 1 {
		return all[0].ID, nil
	}
	org, err := q.FamilyLinkVisitors(ctx, db.FamilyLinkVisitorsParams{HomeID: home, ResidentID: resident, Day: consult.DateOf(now).Time()})
	if err != nil {
		return uuid.Nil, fmt.Errorf("who looks after the resident: %w", err)
	}
	return org, nil
}
