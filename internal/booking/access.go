package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// sight is how an actor stands to one appointment. The zero value sees nothing.
type sight struct {
	home  string // the actor's role on the resident's side
	staff bool   // sees the resident in it
	plans string // the actor's role in planning for the organisation that offers it
	made  string // the actor's role when the actor booked it with somebody else: at the organisation that offers it, or as the hospital doctor of a consultation

	talked bool // made as the hospital doctor of a consultation
}

// through says that the actor has it by a consultation alone, which has to be one in whose wrap-up they still are for more than reading ([led]).
func (v sight) through() bool { return v.talked && !v.offers() && v.home == "" }

func (v sight) any() bool { return v.home != "" || v.staff || v.plans != "" || v.made != "" }

// offers says that the actor stands on the side that offers it.
func (v sight) offers() bool { return v.staff || v.plans != "" }

// clinical says that the actor may read names in full and notes.
func (v sight) clinical() bool { return v.staff || v.home != "" && v.home != roleAdmin }

// role is the role in which the actor acts here.
func (v sight) role(a identity.Actor, c db.Appointment) string {
	switch {
	case v.staff:
		return roleIn(a, c.OrganisationID, practitioners())
	case v.home != "":
		return v.home
	case v.plans != "":
		return v.plans
	}
	return v.made
}

func roleIn(a identity.Actor, org uuid.UUID, roles []string) string {
	for _, r := range roles {
		if a.In(org, r) {
			return r
		}
	}
	return ""
}

// see decides who sees an appointment. Staff whose role has ended see it no more.
func see(a identity.Actor, c db.Appointment, staff []db.StaffOfRow) sight {
	v := sight{home: roleIn(a, c.ResidentOrgID, home()), plans: roleIn(a, c.OrganisationID, planners())}
	v.staff = roleIn(a, c.OrganisationID, practitioners()) != "" && slices.ContainsFunc(staff, func(s db.StaffOfRow) bool { return s.UserID == a.UserID })
	if c.BookedBy == a.UserID {
		v.made = roleIn(a, c.OrganisationID, practitioners())
		if v.made == "" && c.ConsultationID != nil && a.Has(roleConsultant) {
			v.made, v.talked = roleConsultant, true
		}
	}
	return v
}

// residentFor loads the institution of a resident for whom the actor may book: of the actor's own institution, or one with whom the actor, or
// the organisation that the actor plans for, has had to do. Anybody else gets 404.
func residentFor(ctx context.Context, q *db.Queries, a identity.Actor, resident uuid.UUID, now time.Time) (db.ResidentOrganisationRow, error) {
	r, err := q.ResidentOrganisation(ctx, resident)
	if err := one(err, "the resident"); err != nil {
		return r, err
	}
	if a.In(r.OrganisationID, home()...) {
		return r, nil
	}
	known, err := q.KnowsResident(ctx, db.KnowsResidentParams{ResidentID: resident, UserID: a.UserID, Today: today(now),
		Own: a.Organisations(append(planners(), roleConsultant, roleFamily)...), Planned: a.Organisations(planners()...)})
	if err != nil {
		return r, fmt.Errorf("who knows the resident: %w", err)
	}
	if !known || !a.Has(append(planners(), roleConsultant, roleFamily)...) {
		return r, problem.NotFound()
	}
	return r, nil
}

// kindFor loads a kind that the actor sees: of their organisations, or of one with an agreement in force with these or with more ([inWrapUp]).
func kindFor(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID, now time.Time, more ...uuid.UUID) (db.KindsVisibleRow, error) {
	rows, err := q.KindsVisible(ctx, db.KindsVisibleParams{Retired: true, ID: &id, Organisations: append(a.Organisations(everybody()...), more...), Today: today(now)})
	if err != nil {
		return db.KindsVisibleRow{}, fmt.Errorf("load the kind: %w", err)
	}
	if len(rows) != 1 {
		return db.KindsVisibleRow{}, problem.NotFound()
	}
	return rows[0], nil
}

// personFor finds the organisation in which the actor may see and set the hours of somebody: their own, or who plans there.
func personFor(ctx context.Context, q *db.Queries, a identity.Actor, user *uuid.UUID, organisation *uuid.UUID, now time.Time) (person db.PractitionersRow, org uuid.UUID, role string, err error) {
	who, roles := a.UserID, practitioners()
	if user != nil && *user != a.UserID {
		who, roles = *user, planners()
	}
	candidates := a.Organisations(roles...)
	if organisation != nil {
		if !slices.Contains(candidates, *organisation) {
			return person, org, "", problem.NotFound()
		}
		candidates = []uuid.UUID{*organisation}
	}
	for _, c := range candidates {
		rows, err := q.Practitioners(ctx, db.PractitionersParams{OrganisationID: c, Roles: practitioners(), Now: now, UserID: &who})
		if err != nil {
			return person, org, "", fmt.Errorf("who works there: %w", err)
		}
		if len(rows) == 1 {
			return rows[0], c, roleIn(a, c, roles), nil
		}
	}
	if user == nil { // an administrator without hours of their own
		return person, org, "", invalid("userId", "required")
	}
	return person, org, "", problem.NotFound()
}
